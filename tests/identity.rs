//! Pictures of identity documents: beside words such as 本人確認 they count like a My Number, whether or not anything can be
//! read in them, as files of a picture or as scanned pages; what comes in and what stays inside is entered, and the handlers know.

use crate::ledger::company_with;

/// The same picture as a camera or a scanner makes it: `drawn(kind)`.
pub const DRAWN: &str = include_str!("pictures/drawn.py");

/// No program reads pictures.
const WITHOUT_OCR: &str = "[extract]\ntesseract = \"\"\n";

/// A picture in which nothing can be read, as a mail has it, and what somebody's INBOX holds.
const TOOLS: &str = r#"
import base64, email, io, random, struct, zipfile, zlib
from email.message import EmailMessage
from email.header import decode_header, make_header
def picture(side=200):
    noise = random.Random(7)
    lines = b"".join(b"\0" + noise.randbytes(side * 3) for _ in range(side))
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
def with_picture(sender, to, subject, words="本人確認書類をお送りします。", side=200, kind="image/png"):
    content = picture(side) if kind == "image/png" else drawn(kind)
    encoded = base64.encodebytes(content).decode().replace("\n", "\r\n")
    return ("From: %s\r\nTo: %s\r\nSubject: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n"
            "--b\r\nContent-Type: %s; name=scan\r\nContent-Disposition: attachment; filename=scan\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n%s--b--\r\n" % (sender, to, subject, words, kind, encoded)).encode()
def made(subject, words="本人確認書類をお送りします。", html="", shown=b"", files=()):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "yamada@b.example", "saburo@aoba.example", subject
    mail.set_content(words)
    if html:
        mail.add_alternative(html, subtype="html")
        mail.get_payload()[1].add_related(shown, "image", "png", cid="<logo@b>")
    for name, kind, content in files:
        mail.add_attachment(content, *kind.split("/"), filename=name)
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
def outside_of(subject, **more):
    deliver("saburo@aoba.example", mail=made(subject, **more))
def signed(subject, mail):
    """The same with a signature beside it (RFC 8551 3.5.3), which nobody checks here."""
    inner = mail[mail.index(b"MIME-Version: 1.0\r\n"):]
    return ("From: yamada@b.example\r\nTo: saburo@aoba.example\r\nSubject: %s\r\nMIME-Version: 1.0\r\n" % subject).encode() + (
        b"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=s\r\n\r\n--s\r\n" + inner +
        b"\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Disposition: attachment; filename=smime.p7s\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nMIAGCSqGSIb3DQEHAqCA\r\n--s--\r\n")
def zipped(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()
def notices(name):
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login(name + "@aoba.example", PASSWORD)
    if imap.select("INBOX")[1] == [b"0"]:
        return []
    found = [email.message_from_bytes(part[1]) for part in imap.fetch("1:*", "(BODY.PEEK[])")[1] if isinstance(part, tuple)]
    told = [(str(make_header(decode_header(mail["Subject"] or ""))), mail) for mail in found if mail["Auto-Submitted"]]
    return [(subject, mail.get_payload(decode=True).decode()) for subject, mail in told]
def post(name, to, mail):
    smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
    smtp.login(name + "@aoba.example", PASSWORD)
    assert smtp.sendmail(name + "@aoba.example", [to], mail) == {}
PICTURES = "本人確認書類と思われる画像"
"#;

#[test]
fn a_picture_of_an_identity_document_from_outside_is_entered_and_told_to_the_handlers() {
    let house = company_with(WITHOUT_OCR);
    house.keep(&format!(
        "{DRAWN}{TOOLS}{}",
        r#"
outside = lambda subject, **more: deliver("saburo@aoba.example", mail=with_picture("yamada@b.example", "saburo@aoba.example", subject, **more))
outside("identity")
hanako = Admin("hanako")
hanako.see(line(hanako, "identity"), "取得(社外から)", PICTURES, "取扱担当者以外が受信", "三郎 さんの「受信トレイ」", "保管中")
(subject, text), = until("a notice", lambda: notices("hanako"))
assert subject.startswith("【お知らせ】社外から届いたメール"), subject
assert "identity" not in text and "本人確認書類をお送り" not in text, text
assert notices("saburo") == [], "who received it is not told by mail"
saburo = Browser(WEB)
assert saburo.sign_in("saburo@aoba.example").status == 303
page = saburo.get(saburo.get("/mail/by-uid/INBOX/1").headers["Location"]).body
for word in ("特定個人情報", "転送や保存をせず、「取扱担当者へ引き渡す」を押してください", "取扱担当者へ引き渡す</a>"):
    assert word in page, (word, page)
# without the words, or too small to be a document, a picture is a picture
outside("holiday", words="旅行の写真です。")
outside("icon", side=40)
for kind in ("image/jpeg", "application/pdf"):
    outside("a " + kind, kind=kind)
    hanako.see(line(hanako, "a " + kind), "取得(社外から)", PICTURES, "取扱担当者以外が受信")
# a page of them is no such paper where nothing speaks of one
outside("brochure", words="新製品のご案内です。", kind="application/pdf")
# a logo that the text shows is none either, however often the words stand beside it
outside_of("logo", html="<img src='cid:logo@b'>", shown=picture(52))
outside("last")
line(hanako, "last")
assert len(rows(hanako)) == 4 and len(notices("hanako")) == 4, hanako.get(LEDGER).body
for uid in (2, 3, 6):
    page = saburo.get(saburo.get("/mail/by-uid/INBOX/%d" % uid).headers["Location"]).body
    assert "scan" in page and "特定個人情報" not in page and "引き渡す" not in page, page
# whatever lies beside the picture or around it: a letter, a signature, an archive, a document, a mail, the text itself
card, letter = ("card.png", "image/png", picture()), ("letter.txt", "text/plain", b"hello")
outside_of("beside a letter", files=[letter, card])
deliver("saburo@aoba.example", mail=signed("signed", made("signed", files=[card])))
outside_of("in a ZIP", files=[letter, ("card.zip", "application/zip", zipped(("letter.txt", b"x"), ("card", picture())))])
outside_of("in a document", files=[("letter.docx", "application/octet-stream", zipped(
    ("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>"), ("word/media/image1.png", picture())))])
outside_of("in a mail", files=[("old.eml", "application/octet-stream", made("old", words="x", files=[card]))])
outside_of("in the text", html="<img src='cid:logo@b'>", shown=picture(316))
for subject in ("beside a letter", "signed", "in a ZIP", "in a document", "in a mail", "in the text"):
    hanako.see(line(hanako, subject), "取得(社外から)", PICTURES, "取扱担当者以外が受信")
assert len(rows(hanako)) == 10
"#
    ));
    assert!(house.good(&["verify"]).contains("All is well."));
}

#[test]
fn a_picture_of_an_identity_document_inside_is_entered_and_told_to_its_sender_and_the_handlers() {
    let house = company_with(WITHOUT_OCR);
    house.keep(&format!(
        "{DRAWN}{TOOLS}{}",
        r#"
post("saburo", "jiro@aoba.example", with_picture("saburo@aoba.example", "jiro@aoba.example", "inside"))
hanako = Admin("hanako")
hanako.see(line(hanako, "inside"), "社内", PICTURES, "社内 取扱担当者以外宛", "次郎 さんの「受信トレイ」")
for name in ("hanako", "shiro", "saburo"):
    told = until("a notice for " + name, lambda: notices(name))
    assert len(told) == 1 and "本人確認書類をお送り" not in told[0][1], told
assert notices("jiro") == []
jiro = Browser(WEB)
assert jiro.sign_in("jiro@aoba.example").status == 303
page = jiro.get(jiro.get("/mail/by-uid/INBOX/1").headers["Location"]).body
for word in ("特定個人情報", "収集の方法は、取扱担当者へご確認ください", "取扱担当者へ引き渡す"):
    assert word in page, (word, page)
for kind in ("image/jpeg", "application/pdf"):
    post("saburo", "jiro@aoba.example", with_picture("saburo@aoba.example", "jiro@aoba.example", "a " + kind, kind=kind))
    hanako.see(line(hanako, "a " + kind), "社内", PICTURES, "社内 取扱担当者以外宛")
until("notices for both", lambda: [len(notices(name)) for name in ("hanako", "saburo")] == [3, 3])
# to the handlers themselves nobody is told, and nothing of it is left out of the ledger but that
post("saburo", "hanako@aoba.example", with_picture("saburo@aoba.example", "hanako@aoba.example", "to the handler"))
assert rows(hanako, "?kind=inside") and len(rows(hanako)) == 3
"#
    ));
}
