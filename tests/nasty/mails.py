"""Nasty mails of our own making, each named after what is odd about it: a name and its bytes, every line with CRLF."""
import pathlib

def b(text):
    return text if isinstance(text, bytes) else text.encode()


def lines(text):
    return b(text).replace(b"\n", b"\r\n")


def header(text):
    """A mail with this header alone and a short body."""
    return lines(text) + b"\r\nbody\r\n"


def typed(value):
    """A mail with this Content-Type."""
    return header(b"Subject: x\nContent-Type: " + b(value) + b"\n")


def mixed(rest, value="multipart/mixed; boundary=b", fields=""):
    """A multipart with this behind its header."""
    return lines(b"Subject: x\n" + b(fields) + b"Content-Type: " + b(value) + b"\n\n" + b(rest))


def headers():
    yield "no header at all", lines("\nbody\n")
    yield "header without its end", lines("Subject: x\nFrom: a@b.example\n")
    yield "header without its last line end", lines("Subject: x\nFrom: a@b.example")
    yield "first line is no field", lines("no field here\nSubject: x\n\nbody\n")
    yield "first line is folded", lines(" folded\nSubject: x\n\nbody\n")
    yield "line without a colon between", header("Subject: x\nno field here\nFrom: a@b.example\n")
    yield "empty body", lines("Subject: x\n\n")
    yield "only an empty line", lines("\n")
    yield "only From and Date", header("From: a@b.example\nDate: Mon, 7 Feb 1994 21:52:25 -0800\n")
    yield "every field empty", header("Date:\nSubject:\nFrom:\nSender:\nReply-To:\nTo:\nCc:\nBcc:\nIn-Reply-To:\nMessage-ID:\n")
    yield "every field blank", header("Date: \nSubject:  \nFrom: \t\nSender: \nTo: \nCc: \nIn-Reply-To: \nMessage-ID: \n")
    yield "subject of blanks on a folded line", header("Subject:\n  \n x\nFrom: a@b.example\n")
    yield "blank line of blanks in the header", header("Subject: x\n \nFrom: a@b.example\n")
    yield "folded by blanks and tabs", header("Subject: one\n two\n\tthree\n   four\nFrom: a\n @b.example\n")
    yield "no blank behind the colon", header("Subject:x\nFrom:a@b.example\nDate:Mon, 7 Feb 1994 21:52:25 -0800\n")
    yield "blanks before the colon", header("Subject : x\nFrom\t: a@b.example\n")
    yield "blanks behind values", header("Subject:   x  \t \nFrom: a@b.example  \nMessage-ID:  <1@a>  \n")
    yield "fields twice", header("Subject: one\nSubject: two\nFrom: a@b\nFrom: c@d\nTo: e@f\nTo: g@h\nDate: 1\nDate: 2\nMessage-ID: <1@a>\nMessage-ID: <2@a>\n")
    yield "fields in capitals", header("SUBJECT: x\nFROM: a@b\nmessage-id: <1@a>\nDATE: d\n")
    yield "date that is none", header("Date: yesterday (evening)\nSubject: x\n")
    yield "8-bit UTF-8", header("Subject: 見積書の件\nFrom: 山田太郎 <taro@b.example>\nTo: \"鈴木\" <hana@b.example>, c@d (佐藤)\n")
    yield "8-bit Shift_JIS", header("Subject: 表示\nFrom: 表 <a@b.example>\nTo: \"表\" <c@d>\n".encode("cp932"))
    yield "8-bit EUC-JP", header("Subject: 表示\nFrom: 表 <a@b.example>\n".encode("euc_jp"))
    yield "8-bit Latin", header("Subject: Gr\u00fc\u00dfe\nFrom: J\u00fcrgen <j@b.example>\n".encode("latin-1"))
    yield "raw ISO-2022-JP", header("Subject: 見積書\nFrom: 山田 <a@b.example>\nTo: c@d\n".encode("iso-2022-jp"))
    yield "8-bit in addresses and ids", header("From: 山田@b.example\nTo: a@例え.example\nMessage-ID: <見積@a>\nIn-Reply-To: <元@a>\n")
    yield "8-bit in the name of a field", header("件名: x\nSubject: y\n")
    yield "control characters", header(b"Subject: a\x01\x07\x7fb\nFrom: \"a\x02\" <a@b>\n")
    yield "subject over 1,000 bytes", header("Subject: " + "long " * 300 + "\nFrom: a@b.example\n")
    yield "one line of 40,000 bytes", header("Subject: " + "x" * 40_000 + "\nFrom: a@b.example\n")
    yield "quotes and backslashes in the subject", header("Subject: say \"hello\" \\ and \\\"\nFrom: a@b\n")
    yield "encoded words", header("Subject: =?UTF-8?B?6KaL56mN?= =?UTF-8?Q?=E6=9B=B8?=\nFrom: =?UTF-8?B?5bGx55Sw?= <a@b>\nTo: \"=?UTF-8?Q?a=2Cb?=\" <c@d>\n")
    yield "many ids", header("Subject: x\nIn-Reply-To: <1@a>\n <2@a>\n\t<3@a> (comment)\nMessage-ID: <1@a> (comment)\n")
    yield "id without brackets", header("Subject: x\nMessage-ID: 1@a\nIn-Reply-To: your message\n")
    yield "ends of lines within a thousand fields", header("Subject: x\n" + "".join(f"X-{n}: {n}\n" for n in range(1_000)))


ADDRESSES = [
    "a@b.example", "<a@b.example>", "Taro <a@b.example>", "\"Yamada, Taro\" <a@b>, c@d", "a@b (Taro)", "a@b (Taro (T) Y)", "(first) a@b", "(first) Taro <a@b> (last)",
    "Taro <a@b> (comment)", "a(x)@(y)b(z)", "a@b(x).c", "Taro (nick) Yamada <a@b>", "<a@b> (only comment)", "<(x)a@b(y)>", "a@b (one) (two)", "a@b (a \\) b)", "a@b (\"x\")",
    "a@b (unclosed", "\"unclosed <a@b>", "Taro <a@b", "Taro <a@b, c@d", "Taro a@b>", "Taro <>", "<>", "<a>", "a", "Taro Yamada", "Taro <a>", "\"a b\"@c", "\"a@b\"@c", "\"a\\\"b\\\\c\"@d",
    "\"a\\b\" <c@d>", "\"\" <a@b>", "\"\"@b", "@b", "a@", "<@b>", "<a@>", "a@b@c", "<a@b@c>", "a b@c", "a . b @ c . d", "a..b@c", ".a@b", "a.@b", "John Q. Public <a@b>", "a@[192.0.2.1]", "<a@[IPv6:::1]>",
    "<@x,@y:a@b>", "<@x:a@b>", "Taro <@x,@y:a@b>", "<@x a@b>", ",,a@b,,c@d,", ";", ",", "a@b;c@d", "a@b; c@d", "a@b c@d", "a@b <c@d>", "<a@b> <c@d>", "<a@b>c@d", "<a@b> c", "Taro <a@b> x, c@d",
    "Group: a@b, c@d;", "Group: a@b, c@d;, e@f", "Group:;", "undisclosed-recipients:;", "undisclosed-recipients:", "Group: a@b", "\"A group\": a@b;", "Group (c): a@b (d);", "A: a@b; B: c@d;", "A: B: a@b;;",
    "Group: Taro <a@b>, <c@d>;", "Group : ;", ": a@b;", "Group:a@b;c@d", "Group:,,;", "x <a@b>, Group: c@d;, e@f", "mailto:a@b", "<mailto:a@b>", "'Taro' <a@b>", "Taro[x] <a@b>", "Taro \\\"x <a@b>",
    "=?UTF-8?Q?a,b?= <c@d>", "=?UTF-8?B?6KGo?= =?UTF-8?B?6KGo?= <a@b>", "=?UTF-8?B?6KGo?=\n =?UTF-8?B?6KGo?= <a@b>", "Taro\n Yamada\n <a@b>", "\"Taro\n Yamada\" <a@b>", "a@b,\n c@d,\n\te@f", "a@b (x\n y)",
    "Taro < a @ b >", "<a @b>", "<a b@c>", "Taro<a@b>", "\"x\"<a@b>", "\"x\" y \"z\" <a@b>", "x\"y\"z <a@b>", "a@b.", "a@.b", "a@b..c", "a@-b", "a@b_c", "a+b=c@d", "a%b@c", "a!b@c", "<a@b>,", "a/b@c", "{a}@b", "a@b:c", "http://a/b", "a\tb <c@d>", "<<a@b>>", "((x)) <a@b>", "a@b\"c\"",
]  # fmt: skip


def addresses():
    for at, value in enumerate(ADDRESSES):
        yield f"address {at}: {value}"[:60].replace("\n", "/"), header(f"From: {value}\nSubject: x\n")
    yield "lists in every field", header("From: G: a@b;\nSender: c@d, e@f\nReply-To:\nTo: H:;, g@h\nCc: I: i@j (k)\nBcc: l@m\n")
    yield "sender and reply to that are no addresses", header("From: a@b\nSender: (nobody)\nReply-To: ,\n")
    yield "sender without from", header("Sender: a@b\nReply-To: c@d\n")
    yield "3,000 addresses", header("From: a@b\nTo: " + ",\n ".join(f"person{n}@b.example" for n in range(3_000)) + "\n")


TYPES = [
    "", " ", "text", "text/", "/plain", "/", ";", "text/plain charset=utf-8", "text plain", "text/plain;", "text/plain; charset", "text/plain; charset=", "text/plain; =x", "text/plain; charset=\"\"", "text/plain; charset=utf-8; charset=x",
    "TEXT/HTML; CHARSET=UTF-8", "text/plain; charset = utf-8", "text / plain ; charset=utf-8", "text/plain (a (b)) ; (c) charset=(d)utf-8(e)", "text/plain; charset=\"utf-8", "text/plain; charset=utf-8;;format=flowed", "text/plain;charset=utf-8;format=flowed;",
    "text/plain; name=\"a \\\"b\\\" c\"", "text/plain; name=\"a\\b\"", "text/plain; name=a b.txt", "text/plain; name=a=b", "text/plain; name=\"a;b\"", "text/plain; name=a;b=c", "text/plain; name=\"見積.txt\"", "text/plain; name=見積.txt",
    "text/plain; name==?UTF-8?B?6KGo?=.txt", "text/plain; name=\"=?UTF-8?B?6KGo?=\n =?UTF-8?B?6KGo?=\"", "text/plain;\n charset=utf-8;\n\tname=x", "text/x-y.z+w; a.b-c=d", "text/plain, text/html", "text/html text/plain", "text/plain;name=" + "n" * 1200,
    "application/octet-stream", "image/png; name=x.png", "x/y", "message/partial; id=\"x\"; number=1; total=2", "message/external-body; access-type=URL; URL=\"http://a/\"", "message/global", "message/delivery-status", "message/x", "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
    "text/plain; name*=UTF-8''%E8%A1%A8.txt", "text/plain; name*0=ab; name*1=cd", "text/plain; name*1=cd; name*0=ab", "text/plain; name*0=ab; name*2=ef", "text/plain; name*1=cd; name*2=ef", "text/plain; name*0*=UTF-8''%E8; name*1*=%A1%A8; name*2=\"x%.txt\"", "text/plain; name*0=a; name*1*=%41",
    "text/plain; name=old; name*=UTF-8''new", "text/plain; name*0=a; name*0=b", "text/plain; NAME*0=a; name*1=b", "text/plain; name*0=a; charset=utf-8; name*1=b", "text/plain; name*=x", "text/plain; name*x=y", "text/plain; name**=y", "text/plain; name*00=a; name*01=b", "text/plain; name*0*=UTF-8'ja'a; name*1=\"b c\"", "text/plain; a*0=x; b*0=y; a*1=z",
    "text/plain; charset=utf-8 (x)", "text/plain; charset=us-ascii\\x", "text/plain; charset='utf-8'", "text/plain; charset=utf-8, x=y", "text/plain x; charset=utf-8", "te(x)xt/plain", "\"text\"/\"plain\"", "text//plain", "text/plain/x; charset=utf-8", "tëxt/plain", "text/plain; n\u00e4me=x", "text\\/plain", "text/plain:charset=x", "multipart", "multipart/", "multipart/mixed", "multipart/mixed; boundary=", "multipart/mixed; boundary=\"\"",
]  # fmt: skip

OTHERS = [
    ("Content-Transfer-Encoding", ["", "BASE64", "base64 (x)", "(x) base64", "x-own", "quoted printable", "8bit;", "\"7bit\"", "base64, 7bit", "8-bit", "見"]),
    ("Content-Disposition", ["", "inline", "ATTACHMENT; FileName=a.txt", "attachment; filename=\"a b.txt\"; size=3", "; filename=a", "attachment filename=a", "attachment; filename*=UTF-8''%E8%A1%A8.txt", "attachment; filename*0=\"a\"; filename*1=\"b\"", "\"attachment\"; filename=a", "(x) attachment (y); (z) filename=a", "attachment;", "attachment; filename=見積.txt", "attachment; filename=a b.txt; x", "=x", "attachment; filename=\"x\r\n y\"; creation-date=\"Mon, 7 Feb 1994 21:52:25 -0800\""]),
    ("Content-Language", ["", "ja", "ja, en-GB", "ja en", "ja,,en", "(x) ja (y)", "\"ja\"", "ja, 見", ",", "ja; q=1"]),
    ("Content-ID", ["", "<1@a>", " <1@a> (x)", "1", "<1@a\n b>"]),
    ("Content-Description", ["", "a description", "=?UTF-8?B?6KGo?=", "見積", "a\n b  c", "\"quoted\"", "(comment) x"]),
    ("Content-Location", ["", "http://a/b", "http://a/\n b", "http://a/ b", "(x) y", "\"y\""]),
    ("Content-MD5", ["", "Q2hlY2sgSW50ZWdyaXR5IQ==", "Q2hl Y2s=", "(x) Q2hl"]),
]  # fmt: skip


def fields():
    for at, value in enumerate(TYPES):
        yield f"type {at}: {value}"[:60].replace("\n", "/"), typed(value)
    for name, values in OTHERS:
        for at, value in enumerate(values):
            yield f"{name} {at}: {value}"[:60].replace("\r", "").replace("\n", "/"), header(f"MIME-Version: 1.0\nSubject: x\n{name}: {value}\n".replace("\r\n", "\n"))
    yield "no MIME-Version and no type", header("Subject: x\nContent-Transfer-Encoding: base64\nContent-ID: <1>\nContent-Disposition: inline\n")
    yield "fields of a part twice", header("Content-Type: text/html\nContent-Type: text/plain; charset=utf-8\nContent-ID: <1>\nContent-ID: <2>\nContent-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: base64\nContent-Disposition: inline\nContent-Disposition: attachment\n")
    yield "200 parameters", typed("text/plain" + "".join(f"; p{n}={n}" for n in range(200)))


OPEN = "--b\n\nx\n"
MIXED = {
    "nothing behind the header": "",
    "boundary never comes": "no boundary at all\n",
    "closing boundary alone": "--b--\n",
    "one part": "--b\n\nx\n--b--\n",
    "never closed": OPEN,
    "never closed, no last line end": "--b\n\nx",
    "closed without a last line end": "--b\n\nx\n--b--",
    "blanks behind the boundary": "--b \t\n\nx\n--b-- \n",
    "text behind the boundary": "--b text\n\nx\n--b-- text\n",
    "longer than the boundary": "--bc\n\nx\n--b--\n",
    "blanks before the boundary": " --b\n\nx\n --b--\n",
    "three dashes": "---b\n\nx\n---b--\n",
    "no line between boundaries": "--b\n--b\n--b--\n",
    "empty parts": "--b\n\n--b\n\n\n--b\n\n\n\n--b--\n",
    "part without an empty line": "--b\nX: y\n--b--\n",
    "part whose header is text": "--b\ntext at once\nmore\n--b--\n",
    "part whose header ends with the mail": "--b\nContent-Type: text/html",
    "preamble and epilogue": "before\nbefore\n\n--b\n\nx\n--b--\n\nafter\nafter\n",
    "opened again when closed": "--b\n\nx\n--b--\n--b\n\ny\n--b--\n",
    "closed twice": "--b\n\nx\n--b--\n--b--\n",
    "lines end in LF within": "--b\n\nx\n--b--\n",
    "boundary in the text of a part": "--b\n\nsee --b here\n--b--\n",
    "nested": "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nx\n--c\nContent-Type: text/html\n\n<p>\n--c--\n--b\nContent-Type: image/png\n\nPNG\n--b--\n",
    "nested, inner never closed": "--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\nx\n--b\n\ny\n--b--\n",
    "nested, inner never opened": "--b\nContent-Type: multipart/x; boundary=c\n\nx\n--b\n\ny\n--b--\n",
    "nested, inner closed only": "--b\nContent-Type: multipart/x; boundary=c\n\n--c--\n--b\n\ny\n--b--\n",
    "nested, both with one boundary": "--b\nContent-Type: multipart/x; boundary=b\n\n--b\n\nx\n--b--\n--b--\n",
    "nested, inner begins like outer": "--b\nContent-Type: multipart/x; boundary=bb\n\n--bb\n\nx\n--bb--\n--b--\n",
    "nested, outer begins like inner": "--bb\nContent-Type: multipart/x; boundary=b\n\n--b\n\nx\n--b--\n--bb--\n",
    "nested, without a boundary": "--b\nContent-Type: multipart/x\n\n--c\n\nx\n--c--\n--b\n\ny\n--b--\n",
    "nested, outer closed within inner": "--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\nx\n--b--\n--c\n\ny\n--c--\n",
    "nested, epilogues": "--b\nContent-Type: multipart/x; boundary=c\n\npre\n--c\n\nx\n--c--\nepi\nepi\n--b--\nepi\n",
    "attached mail": "--b\nContent-Type: message/rfc822\n\nSubject: in\nFrom: in@b\n\nx\n--b--\n",
    "attached mail without a header": "--b\nContent-Type: message/rfc822\n\n\nx\n--b--\n",
    "attached mail without a body": "--b\nContent-Type: message/rfc822\n\nSubject: in\n\n--b--\n",
    "attached mail without the end of its header": "--b\nContent-Type: message/rfc822\n\nSubject: in\n--b--\n",
    "attached mail of nothing": "--b\nContent-Type: message/rfc822\n\n--b--\n",
    "attached mail in Base64": "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogaW4NCg0KeA0K\n--b--\n",
    "attached mail in an attached mail": "--b\nContent-Type: message/rfc822\n\nSubject: one\nContent-Type: message/rfc822\n\nSubject: two\n\nx\n--b\n\ny\n--b--\n",
    "attached mail of parts": "--b\nContent-Type: message/rfc822\n\nSubject: in\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c\nContent-Type: text/html\n\ny\n--c--\n--b--\n",
    "attached mail of parts that never close": "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--b\n\ny\n--b--\n",
    "attached mail of parts that never open": "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\nx\n--b--\n",
    "attached mail with groups": "--b\nContent-Type: message/rfc822\nContent-Description: d\n\nFrom: a@b (c)\nTo: G: x@y;\nBcc: h@i\nSubject: 見積\n\nx\n--b--\n",
    "message of another subtype": "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: x\n--b\nContent-Type: message/global\n\nSubject: in\n\nx\n--b--\n",
    "8-bit and long lines": "--b\nContent-Type: text/plain; charset=utf-8\n\n" + "見積" * 3_000 + "\n--b--\n",
}


def parts():
    for name, rest in MIXED.items():
        yield f"parts: {name}", mixed(rest)
    yield "parts: digest", mixed("--b\n\nSubject: in\n\nx\n--b\nContent-Type: text/plain\n\ny\n--b\nContent-Type: nonsense\n\nSubject: z\n\nz\n--b--\n", "multipart/digest; boundary=b")
    yield "parts: digest cut by its boundary", mixed("--b\n\nSubject: x\n--b--", "multipart/digest; boundary=b")
    yield "parts: digest in a digest", mixed("--b\nContent-Type: multipart/digest; boundary=c\n\n--c\n\nSubject: x\n\nx\n--c--\n--b\n\nSubject: y\n\ny\n--b--\n", "multipart/digest; boundary=b")
    yield "parts: boundary with blanks", mixed("--a b\n\nx\n--a b--\n", "multipart/mixed; boundary=\"a b\"")
    yield "parts: boundary with a blank at its end", mixed("--b\n\nx\n--b--\n", "multipart/mixed; boundary=\"b \"")
    yield "parts: boundary of signs", mixed("--=_'()+_,-./:=?\n\nx\n--=_'()+_,-./:=?--\n", "multipart/mixed; boundary=\"=_'()+_,-./:=?\"")
    yield "parts: boundary with signs, not quoted", mixed("--=_a:b\n\nx\n--=_a:b--\n", "multipart/mixed; boundary==_a:b")
    yield "parts: boundary that ends in dashes", mixed("--b--\n\nx\n--b----\n", "multipart/mixed; boundary=\"b--\"")
    yield "parts: boundary of 200 bytes", mixed("--" + "b" * 200 + "\n\nx\n--" + "b" * 200 + "--\n", "multipart/mixed; boundary=" + "b" * 200)
    yield "parts: boundary of 8 bits", mixed("--見\n\nx\n--見--\n", "multipart/mixed; boundary=\"見\"")
    yield "parts: boundary in pieces", mixed("--ab\n\nx\n--ab--\n", "multipart/mixed; boundary*0=a; boundary*1=b")
    yield "parts: boundary percent-encoded", mixed("--ab\n\nx\n--ab--\n", "multipart/mixed; boundary*=us-ascii''a%62")
    yield "parts: boundary twice", mixed("--b\n\nx\n--b--\n", "multipart/mixed; boundary=b; boundary=c")
    yield "parts: type in capitals", mixed("--B\n\nx\n--B--\n", "MULTIPART/MIXED; BOUNDARY=B; X=Y")
    yield "parts: in Base64 as a whole", mixed("--b\n\nx\n--b--\n", fields="Content-Transfer-Encoding: base64\n")
    yield "parts: with every field", mixed("--b\nContent-Type: application/pdf; name=a.pdf\nContent-ID: <1@a>\nContent-Description: d\nContent-Transfer-Encoding: base64\nContent-MD5: x==\nContent-Disposition: attachment; filename=a.pdf\nContent-Language: ja, en\nContent-Location: http://a/\n\nAAEC\n--b--\n",
        "multipart/related; boundary=b; type=\"text/html\"; start=\"<1@a>\"", "Content-Disposition: inline\nContent-Language: ja\nContent-Location: http://b/\nContent-ID: <0@a>\n")
    yield "parts: the mail is an attached mail", lines("Subject: out\nContent-Type: message/rfc822\n\nSubject: in\nFrom: a@b\n\nx\n")
    yield "parts: the mail is an attached mail of parts", lines("Subject: out\nContent-Type: message/rfc822\n\nSubject: in\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n\ny\n--b--\n")
    yield "parts: deep", lines("Subject: x\n" + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(10, 40)) + "\nx\n")
    yield "parts: attached mails, deep", lines("Content-Type: message/rfc822\n\n" * 30 + "Subject: x\n\nx\n")
    yield "parts: 1,500", mixed("--b\nContent-Type: text/html\n\nx\n" * 1_500 + "--b--\n")


PKCS7 = "MIAGCSqGSIb3DQEHAqCAMIACAQExADALBgkqhkiG9w0BBwGggAAAMQAAAAAA\n"


def sealed():
    text = "--s\nContent-Type: text/plain; charset=utf-8\n\nsigned text\n"
    signature = "--s\nContent-Type: application/pgp-signature; name=\"signature.asc\"\nContent-Description: OpenPGP digital signature\nContent-Disposition: attachment; filename=\"signature.asc\"\n\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n\n--s--\n"
    yield "signed by PGP", mixed("This is an OpenPGP/MIME signed message (RFC 4880 and 3156)\n" + text + signature, "multipart/signed; micalg=pgp-sha256; protocol=\"application/pgp-signature\";\n boundary=\"s\"", "From: a@b\n")
    yield "encrypted by PGP", mixed("This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\n--s\nContent-Type: application/pgp-encrypted\nContent-Description: PGP/MIME version identification\n\nVersion: 1\n\n--s\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\nContent-Description: OpenPGP encrypted message\nContent-Disposition: inline; filename=\"encrypted.asc\"\n\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n\n--s--\n",
        "multipart/encrypted; protocol=\"application/pgp-encrypted\";\n boundary=\"s\"", "From: a@b\n")
    smime = "--s\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"smime.p7s\"\n\n" + PKCS7 + "--s--\n"
    yield "signed by S/MIME", mixed("This is a cryptographically signed message in MIME format.\n\n" + text + smime, "multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=\"s\"")
    yield "signed by S/MIME, opaque", lines("Subject: x\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"smime.p7m\"\n\n" + PKCS7)
    yield "signed mail of parts in a list's footer", mixed("--b\nContent-Type: multipart/signed; boundary=s; protocol=\"application/pgp-signature\"\n\n--s\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\ntext\n--a\nContent-Type: text/html\n\n<p>\n--a--\n\n" + signature + "\n--b\nContent-Type: text/plain\n\n____\nlist\n--b--\n")
    yield "report", mixed("--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; x@y\nAction: failed\n\n--b\nContent-Type: text/rfc822-headers\n\nSubject: x\n\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\nx\n\n--b--\n", "multipart/report; report-type=delivery-status; boundary=b")


def transfer():
    def part(encoding, content):
        return f"--b\nContent-Type: application/x; name=a\nContent-Transfer-Encoding: {encoding}\n\n{content}\n"

    yield "transfer: Base64 of all kinds", mixed("".join(part("base64", content) for content in ["AAEC", "AAE=", "AA==", "AA", "A", "", "A A\tE\n=", "AAEC\n\nAAEC", "AAEC====", "AA==AAEC", "AA!EC", "AAEC\n--", "=", "見AAEC"]) + "--b--\n")
    yield "transfer: quoted-printable of all kinds", mixed("".join(part("quoted-printable", content) for content in ["a=3Db", "a=\nb", "a= \nb", "a=3db", "a=3", "a=", "a=zz", "a \nb\t", "=00=01", "", "a\n\nb", "見=E8=A6=8B", "a=\n", "=0D=0A"]) + "--b--\n")
    yield "transfer: of other names", mixed("".join(part(name, "a=3D") for name in ["7bit", "8bit", "binary", "BASE64", "Quoted-Printable"]) + "--b--\n")


def huge():
    yield "huge: one part of 3 MB", mixed("--b\nContent-Type: application/x\n\n" + "0123456789abcdef\n" * 180_000 + "--b\n\nx\n--b--\n")
    yield "huge: one line of 2 MB", lines("Subject: x\n\n" + "y" * 2_000_000 + "\n")
    yield "huge: a header of 300 KB", header("Subject: x\n" + "".join(f"X-{n}: {'z' * 900}\n" for n in range(330)) + "To: a@b\n")


def hostile():
    """Those of tests/hostile that are odd as mails; what is odd in HTML is the cleaner's."""
    folder = pathlib.Path(__file__).parent.parent / "hostile"
    for kind in ("charset", "header", "multipart", "name", "type"):
        for path in sorted((folder / kind).glob("*.eml")):
            yield f"hostile: {kind}/{path.stem}", path.read_bytes()


def mails():
    """All of them: a name and the bytes."""
    for kind in (headers, addresses, fields, parts, sealed, transfer, huge, hostile):
        yield from kind()
