//! Writing mail in the browser with scripts switched off: drafts, files, the check before sending, and what becomes of
//! what is sent. The programs drive the pages of `sekisho demo` as a person would, through their forms.

use crate::house::Demo;

/// A person with a browser: `Pen`.
const PEN: &str = include_str!("compose/pen.py");

/// A file to the outside waits a minute (rule DELAY) on a clock that is put forward.
const MINUTE: &str = r#"
def after_its_minute(subject):
    """Its copies in Sent, which are not there before."""
    copies = lambda: [mail for one, mail in inbox("sato", "Sent") if one == subject]
    assert copies() == [], subject
    passes(60)
    end = time.monotonic() + 30
    while not (found := copies()):
        assert time.monotonic() < end, subject
        time.sleep(0.05)
    return found
"#;

fn write(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{MINUTE}\nsato = Pen('sato@aoba.example')\n{program}"));
}

#[test]
fn a_mail_to_the_outside_is_checked_and_sent_once() {
    let demo = Demo::start();
    write(
        &demo,
        r##"
# the fields that others rely on (DESIGN.md 7)
form = sato.get("/mail/compose")
assert {"to", "cc", "bcc", "subject", "body"} <= {name for name, _ in form.form("compose")} and 'name="attachments"' in form.body
check = sato.check(to="山田 太郎 <taro@yamada.example>, suzuki@aoba.example", bcc="secret@yamada.example",
                   subject="見積の件", body="山田様\nお世話になっております。")
said = check.text()
assert check.status == 200 and "すぐに送信されます" in said and "マイナンバー(個人番号)は見つかりませんでした" in said, check
assert "社外 2件・1ドメイン / 社内 1件" in said and "yamada.example" in said and "初めての宛先" in said, said
assert check.boxes() == ["to:taro@yamada.example", "to:secret@yamada.example", "subject"], check.boxes()
assert "disabled" not in re.search(r'<button id="send"[^>]*>', check.body).group(0), "scripts switch it off, the server does not"
for few in [[], ["subject"], check.boxes()[:2]]:
    again = sato.tick(check, few)
    assert again.status == 422 and "未確認の項目が" in again.text(), again
    assert again.body.count(" checked") == len(few), "what was ticked stays ticked"
import threading
both = []
one = lambda: both.append(sato.tick(check))
threads = [threading.Thread(target=one) for _ in range(2)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
both.append(sato.tick(check))
assert [(page.status, page.to) for page in both] == [(303, "/mail")] * 3, both
assert "送信しました" in sato.toast(both[2])
assert sato.folder("下書き")[1:] == [] and len(sato.folder("送信済み")) == 1
kept = sato.get("/mail/m/" + sato.folder("送信済み")[0]).text()
assert "secret@yamada.example" in kept, "the sender sees his Bcc"
assert len([subject for subject, _ in inbox("suzuki") if subject == "見積の件"]) == 1
"##,
    );
    let outside = demo.outside(1);
    assert!(outside.iter().all(|mail| !mail.contains("Bcc:")), "{outside:?}");
    assert_eq!(outside.iter().filter(|mail| mail.contains("To: ")).count(), outside.len());
    assert!(outside.len() <= 2, "one mail, at most a copy for each recipient: {outside:?}");
    write(
        &demo,
        r##"
check = sato.check(to="taro@yamada.example", subject="その後", body="山田様")
assert "送信 1回" in check.text() and "初めての宛先" not in check.text(), check
"##,
    );
}

#[test]
fn a_number_is_shown_by_its_place_only_and_the_mail_is_held() {
    write(
        &Demo::start(),
        r##"
files = [("名簿.csv", "text/csv", "氏名,個人番号\r\n佐藤,023456789013\r\n".encode()), ("023456789013.txt", "text/plain", b"x"), ("地図.txt", "text/plain", b"map")]
check = sato.check(files, to="taro@yamada.example", subject="個人番号 123456789018 の件", body="山本様\n個人番号は 1234-5678-9018 です。")
said = check.text()
assert check.status == 200 and "承認待ちになります" in said and "承認を依頼する" in said, check
assert "鈴木 美咲" in said and "田中 徹" in said and "期限" in said and "社外宛 マイナンバー" in said, said
assert "番号が 2件見つかりました" in said and "●●●● ●●●● ●●●●" in said, said
assert "名簿.csv" in said and "検出 1件" in said and "検出なし" in said, said
assert "宛名「山本様」" not in said or "異なります" in said
assert not digits(check.body), digits(check.body)
own = sato.get(re.search(r'href="(/mail/compose/\d+)"', check.body).group(1))
assert "1234-5678-9018" in own.value("body"), "the writer's own form shows what he wrote"
assert len(check.boxes()) == 5, check.boxes()
opened = sato.get(re.search(r'href="(/mail/compose/\d+/file/\d+)"', check.body).group(1))
assert opened.status == 303 and opened.to.startswith(demo["content_url"] + "/draft/"), opened
held = sato.tick(check)
assert (held.status, held.to) == (303, "/outgoing"), held
assert "承認を依頼しました" in sato.toast(held)
again = sato.tick(check)
assert (again.status, again.to) == (303, "/outgoing"), again
assert sato.get("/outgoing").text().count("の件") == 1
"##,
    );
}

#[test]
fn a_file_is_read_once_for_check_sending_and_approver_and_a_changed_one_anew() {
    let demo = Demo::start();
    write(
        &demo,
        r##"
rtf = lambda size: (r"{\rtf1 My Number 1234 5678 9018 ".encode() + b"x" * size)[:size - 1] + b"}"
check = sato.check([("a.rtf", "application/rtf", rtf(7001))], to="taro@yamada.example", subject="名簿", body="名簿です。")
assert "承認待ちになります" in check.text() and "検出 1件" in check.text(), check.text()
draft = re.search(r'href="/mail/compose/(\d+)"', check.body).group(1)
assert sato.get("/mail/compose/%s/check" % draft).text().count("検出 1件") == check.text().count("検出 1件")
# another text and another file: what was read in the first is not read again
other = sato.follow(sato.write(sato.get("/mail/compose/" + draft), "check", [("b.rtf", "application/rtf", rtf(7003))], subject="名簿2"))
assert "b.rtf" in other.text(), other.text()
held = sato.tick(other)
assert (held.status, held.to) == (303, "/outgoing"), held
suzuki = Pen("suzuki@aoba.example")
case = re.search(r'href="(/approve/\d+)"', suzuki.get("/approve").body).group(1)
assert "a.rtf" in suzuki.get(case).text()
assert "My Number" in suzuki.get(case + "/file/2").text()
assert "All is well" in sekisho("verify")
"##,
    );
    assert_eq!((demo.read_by_children(7001), demo.read_by_children(7003)), (1, 1));
}

#[test]
fn a_mail_that_a_rule_refuses_has_no_button_and_stays_a_draft() {
    write(
        &Demo::start(),
        r##"
numbers = ["123456789018", "023456789013", "123456789050", "983205673214", "465281266333", "548836529885", "000111111111", "111111111118", "222222222225", "999999999996", "123456789000"]
rows = "氏名,個人番号\r\n" + "".join("佐藤%d,%s\r\n" % pair for pair in enumerate(numbers))
check = sato.check([("名簿.csv", "text/csv", rows.encode())], to="taro@yamada.example", subject="名簿", body="名簿です。")
said = check.text()
assert "このメールは送信できません。" in said and "件含まれている可能性があります。下書きは保存されています。" in said, said
assert 'id="send"' not in check.body and "取扱担当者に相談" in said and "鈴木 美咲" in said, check
assert not digits(check.body)
forced = sato.tick(check)
assert forced.status == 422 and "このメールは送信できません" in forced.text(), forced
ask = re.search(r'href="(/mail/compose\?to=[^"]*)"', check.body).group(1)
assert "suzuki@aoba.example" in sato.get(html.unescape(ask)).value("to")
draft = sato.get(re.search(r'href="(/mail/compose/\d+)"', check.body).group(1))
assert draft.value("subject") == "名簿" and "名簿.csv" in draft.body
exe = sato.check([("a.exe", "application/octet-stream", b"MZ" + bytes(2000))], to="taro@yamada.example", subject="x", body="y")
assert "下書きは保存されています" in exe.text() and "情報システム部へご相談ください" in exe.text(), exe.text()
"##,
    );
}

#[test]
fn mail_to_colleagues_goes_without_a_check_unless_there_is_something_to_see() {
    write(
        &Demo::start(),
        r##"
sent = sato.write(sato.get("/mail/compose"), "check", to="suzuki@aoba.example", subject="会議", body="鈴木さん\n会議の件です。")
assert (sent.status, sent.to) == (303, "/mail"), sent
assert "会議" in [subject for subject, _ in inbox("suzuki")]
shown = sato.write(sato.get("/mail/compose"), "check", to="suzuki@aoba.example", subject="会議", body="資料を添付します。")
assert shown.to.endswith("/check"), shown
check = sato.follow(shown)
assert "ファイルが添付されていません" in check.text() and check.boxes() == ["subject"], check
assert sato.tick(check, []).status == 422
assert sato.tick(check).to == "/mail"
number = sato.check(to="takahashi@aoba.example", subject="連絡", body="個人番号 123456789018")
assert "番号が 1件見つかりました" not in number.text() or not digits(number.body)
"##,
    );
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_lost() {
    write(
        &Demo::start(),
        r##"
text = "一行目\n\n<b>&amp;\n" + "長" * 50
for to, word in [("", "宛先を入力してください"), ("taro", "に @ がありません"), ("taro@yamada", "ドメイン名に「.」がありません"),
                 ("nobody@aoba.example", "は社内にない宛先です"), ("a b@c.example", "途中に空白"), ("<x@y.example", "閉じていません")]:
    page = sato.write(sato.get("/mail/compose"), "check", to=to, subject="件<名", body=text)
    assert page.status == 422 and word in page.text() and 'role="alert"' in page.body and 'href="#to"' in page.body, (to, page)
    assert (page.value("to"), page.value("subject"), page.value("body")) == (to, "件<名", text), page.form("compose")
    assert page.value("draft"), "and it is kept as a draft"
jis = sato.write(sato.get("/mail/compose"), "check", to="suzuki@aoba.example", subject="①", body="㈱青葉 髙橋", charset="iso-2022-jp")
assert jis.status == 422 and "① ㈱ 髙" in jis.text(), jis
replaced = sato.follow(sato.write(jis, "replace"))
assert (replaced.value("subject"), replaced.value("body"), replaced.value("charset")) == ("(1)", "(株)青葉 高橋", "iso-2022-jp"), replaced
utf8 = sato.follow(sato.write(jis, "overwrite"))
assert sato.follow(sato.write(utf8, "utf8")).value("charset") == "utf-8"
assert sato.write(replaced, "check").status in (303, 409)
foreign = sato.write(sato.get("/mail/compose"), "check", **{"from": "suzuki@aoba.example", "to": "taro@yamada.example", "subject": "x", "body": "y"})
assert foreign.status == 422 and "ご自分のアドレス" in foreign.text(), foreign
long = sato.write(sato.get("/mail/compose"), "save", to="taro@yamada.example", body="x" * (1 << 20) + "y")
assert long.status == 422 and "本文が長すぎます" in long.text() and len(long.value("body")) == (1 << 20) + 1
many = sato.write(sato.get("/mail/compose"), "check", to=", ".join("p%d@yamada.example" % n for n in range(1001)), subject="x")
assert many.status == 422 and "1000件まで" in many.text(), many.text()[:500]
"##,
    );
}

#[test]
fn a_second_window_is_told_and_neither_loses_its_text() {
    write(
        &Demo::start(),
        r##"
first = sato.follow(sato.write(sato.get("/mail/compose"), "save", to="taro@yamada.example", subject="最初", body="一"))
second = sato.get("/mail/compose/" + first.value("draft"))
saved = sato.follow(sato.write(first, "save", body="一の窓"))
late = sato.write(second, "save", body="二の窓")
assert late.status == 409 and "別の画面で編集されています" in late.text(), late
assert late.value("body") == "二の窓" and sato.get("/mail/compose/" + first.value("draft")).value("body") == "一の窓"
auto = sato.write(second, "autosave", headers={"Sekisho-Fragment": "true"}, body="二の窓")
assert auto.status == 409 and 'id="saved"' in auto.body and "<textarea" not in auto.body, auto
kept = sato.follow(sato.write(late, "overwrite"))
assert kept.value("body") == "二の窓"
shown = sato.follow(sato.write(kept, "check"))
changed = sato.follow(sato.write(sato.get("/mail/compose/" + first.value("draft")), "save", body="三の窓"))
stale = sato.tick(shown)
assert stale.status == 409 and "もう一度ご確認ください" in stale.text() and "三の窓" in stale.text(), stale
fresh = sato.get("/mail/compose/%s/check" % first.value("draft"))
sato.write(changed, "save", [("あとから.txt", "text/plain", b"x")])
assert sato.tick(fresh).status == 409, "saved meanwhile"
files = sato.get("/mail/compose/%s/check" % first.value("draft"))
number = re.search(r"file:(\d+)", " ".join(files.boxes())).group(1)
gone = sato.post("/mail/compose/%s/files/%s/remove" % (first.value("draft"), number), [("csrf", first.value("csrf"))])
assert gone.status == 200
assert sato.tick(files).status == 409, "a file that was looked at is not there any more"
assert sato.tick(sato.get("/mail/compose/%s/check" % first.value("draft"))).to == "/mail"
"##,
    );
}

#[test]
fn files_come_and_go_without_scripts_and_too_large_ones_are_told() {
    write(
        &Demo::start_on_a_clock(),
        r##"
large = secrets.token_bytes(3 << 20)
page = sato.follow(sato.write(sato.get("/mail/compose"), "save", [("請求書.pdf", "application/pdf", large), ("../../表.csv", "text/csv", "あ".encode("shift_jis"))], to="taro@yamada.example", subject="請求書", body="山田様\n添付します。"))
assert "請求書.pdf" in page.body and "表.csv" in page.body and ".." not in page.text(), page.text()
assert "3 MB" in page.body or "3.0 MB" in page.body
detach = re.search(r'value="(detach:\d+)" aria-label="[^"]*表.csv', page.body).group(1)
page = sato.follow(sato.write(page, detach))
assert "請求書.pdf" in page.body and "表.csv" not in page.body
much = sato.write(page, "save", [("大.bin", "application/octet-stream", bytes(40 << 20))], body="山田様\n添付します。二通目")
assert much.status == 422 and "上限" in much.text() and much.value("body").endswith("二通目") and "大.bin" not in much.body, much.text()
again = sato.write(much, "save", [("半.bin", "application/octet-stream", bytes(35 << 20))])
assert again.status == 422 and "上限" in again.text(), again.text()
check = sato.follow(sato.write(again, "check"))
assert sato.tick(check).to == "/mail"
copies = after_its_minute("請求書")
parts = [part for part in copies[0].walk() if part.get_filename()]
assert len(copies) == 1 and [str(make_header(decode_header(part.get_filename()))) for part in parts] == ["請求書.pdf"]
assert parts[0].get_payload(decode=True) == large
script = sato.follow(sato.write(sato.get("/mail/compose"), "save", subject="x"))
one = sato.multipart("/mail/compose/%s/files" % script.value("draft"), [("csrf", script.value("csrf"))], [("一.txt", "text/plain", b"1")])
assert one.status == 200 and 'id="files"' in one.body and "一.txt" in one.body and "<form" not in one.body, one
refused = sato.multipart("/mail/compose/%s/files" % script.value("draft"), [("csrf", script.value("csrf"))], [("大.bin", "x/y", bytes(40 << 20))])
assert refused.status == 413, refused.status
"##,
    );
}

#[test]
fn drafts_live_in_drafts_for_other_clients_too() {
    write(
        &Demo::start_on_a_clock(),
        r##"
def drafts():
    return {subject: mail for subject, mail in inbox("sato", "Drafts")}
before = len(drafts())
assert sato.get("/mail/compose").status == 200 and len(drafts()) == before, "opening the form makes nothing"
auto = sato.write(sato.get("/mail/compose"), "autosave", headers={"Sekisho-Fragment": "true"}, to="taro@yamada.example", subject="自動保存", body="一")
assert auto.status == 200 and "下書きを保存しました" in auto.body and "<textarea" not in auto.body, auto
assert "自動保存" in drafts(), "the first save shows it to other clients"
number = re.search(r'id="draft" name="draft" value="(\d+)"', auto.body).group(1)
page = sato.get("/mail/compose/" + number)
sato.write(page, "autosave", headers={"Sekisho-Fragment": "true"}, body="二")
assert sato.get("/mail/compose/" + number).value("body") == "二"
page = sato.follow(sato.write(sato.get("/mail/compose/" + number), "save", bcc="x@yamada.example"))
mail = drafts()["自動保存"]
assert text(mail).strip() == "二" and mail["Bcc"] == "x@yamada.example", mail
assert sato.follow(sato.get("/mail/compose?draft=" + sato.folder("下書き")[0])).value("body") == "二"
gone = sato.write(page, "discard")
assert gone.to == "/mail" and "自動保存" not in drafts() and sato.get("/mail/compose/" + number).status == 404

from email.message import EmailMessage
other = EmailMessage()
other["From"], other["To"], other["Subject"] = "sato@aoba.example", "Taro <taro@yamada.example>", "別のソフトから"
other.set_content("本文です。\n")
other.add_attachment("a,b\n1,2\n".encode(), maintype="text", subtype="csv", filename="表.csv")
imap = imaplib.IMAP4("127.0.0.1", demo["imap"])
imap.login("sato@aoba.example", password("sato"))
assert imap.append("Drafts", r"(\Draft \Seen)", None, other.as_bytes())[0] == "OK"
page = sato.get("/mail/compose?draft=" + sato.folder("下書き")[0])
assert (page.value("to"), page.value("subject"), page.value("body").strip()) == ("Taro <taro@yamada.example>", "別のソフトから", "本文です。"), page.form("compose")
assert "表.csv" in page.body and page.value("carry"), page
kept = sato.follow(sato.write(page, "save", body="直しました。"))
assert "表.csv" in kept.body and list(drafts()).count("別のソフトから") == 1
twin = sato.write(page, "save", body="別の窓")
assert twin.status == 422 and twin.value("body") == "別の窓" and "元のメールがなくなった" in twin.text(), twin
assert twin.value("draft") != kept.value("draft"), "a draft of its own"
sato.write(twin, "discard")
check = sato.follow(sato.write(kept, "check"))
assert "表.csv" in check.text() and sato.tick(check).to == "/mail"
assert "別のソフトから" not in drafts()
[sent] = after_its_minute("別のソフトから")
assert [part.get_payload(decode=True) for part in sent.walk() if part.get_filename()] == [b"a,b\n1,2\n"]
received = sato.folder("受信トレイ")[0]
assert sato.get("/mail/compose?draft=" + received).status == 404, "only drafts are opened as drafts"
"##,
    );
}

#[test]
fn replies_and_forwards_begin_with_what_they_answer() {
    write(
        &Demo::start_on_a_clock(),
        r##"
mail = ("From: =?UTF-8?B?5bGx55Sw?= <yamada@yamada.example>\r\nTo: sato@aoba.example, suzuki@aoba.example\r\nCc: hanako@yamada.example\r\nSubject: Re: plan\r\n"
        "Message-ID: <plan@yamada.example>\r\nDate: Mon, 23 Nov 2026 14:05:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: text/csv; charset=shift_jis; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n" % base64.b64encode("表".encode("shift_jis")).decode())
smtp = smtplib.SMTP("127.0.0.1", demo["smtp"])
smtp.sendmail("yamada@yamada.example", ["sato@aoba.example"], mail.encode())
for _ in range(100):
    if any(subject == "Re: plan" for subject, _ in inbox("sato")):
        break
    time.sleep(0.1)
id = sato.folder("受信トレイ")[0]
reply = sato.get("/mail/compose?reply=" + id)
assert (reply.value("to"), reply.value("cc"), reply.value("subject")) == ("山田 <yamada@yamada.example>", "", "Re: plan"), reply.form("compose")
assert "2026年11月23日(月) 14:05 山田 <yamada@yamada.example>:\n> hello" in reply.value("body"), reply.value("body")
everybody = sato.get("/mail/compose?reply-all=" + id)
assert "suzuki@aoba.example" in everybody.value("to") and everybody.value("cc") == "hanako@yamada.example" and "sato@" not in everybody.value("to")
forward = sato.get("/mail/compose?forward=" + id)
assert forward.value("subject") == "Fw: Re: plan" and forward.value("to") == "" and "差出人: 山田" in forward.value("body") and "a.csv" in forward.body
check = sato.follow(sato.write(reply, "check", body="山田様\n承知しました。"))
assert sato.tick(check).to == "/mail"
sent = [m for subject, m in inbox("sato", "Sent") if subject == "Re: plan"][0]
assert sent["In-Reply-To"] == "<plan@yamada.example>" and "<plan@yamada.example>" in sent["References"], sent
check = sato.follow(sato.write(forward, "check", to="minato@minato.example"))
assert "a.csv" in check.text() and sato.tick(check).to == "/mail"
[sent] = after_its_minute("Fw: Re: plan")
assert [part.get_payload(decode=True) for part in sent.walk() if part.get_filename()] == ["表".encode("shift_jis")], "the file as it came"
without = sato.write(sato.get("/mail/compose?forward=" + id), "check", to="suzuki@aoba.example", body="鈴木さん")
row = sato.get("/mail/f/" + sato.folder_id("受信トレイ")).text()
assert "返信済み" in row and "転送済み" in row, row
assert sato.get("/mail/compose?to=a%40b.example").value("to") == "a@b.example"
assert sato.get("/mail/compose?reply=1.999999").status == 404 and sato.get("/mail/compose?reply=x").status == 400
"##,
    );
}

#[test]
fn a_returned_mail_opens_as_a_draft_and_others_see_nothing_of_it() {
    write(
        &Demo::start(),
        r##"
check = sato.check([("名簿.csv", "text/csv", "氏名,個人番号\r\n佐藤,023456789013\r\n".encode())], to="taro@yamada.example", cc="suzuki@aoba.example", subject="差し戻される名簿", body="山田様\n名簿です。")
assert sato.tick(check).to == "/outgoing"
suzuki = Pen("suzuki@aoba.example")
case = next(path for path in re.findall(r'href="(/approve/\d+)"', suzuki.get("/approve").body) if "差し戻される名簿" in suzuki.get(path).text())
assert suzuki.post(case, [("csrf", dict(suzuki.get(case).form("decide"))["csrf"]), ("do", "return"), ("comment", "宛先をご確認ください")]).status == 303
page = sato.get("/mail/compose?draft=" + sato.folder("下書き")[0])
assert page.value("subject") == "差し戻される名簿" and "名簿.csv" in page.body and page.value("to") == "taro@yamada.example", page.form("compose")
kept = sato.follow(sato.write(page, "save"))
draft = kept.value("draft")
file = re.search(r"/mail/compose/\d+/file/(\d+)", kept.body).group(1)
other = Pen("mori@midori.example")
csrf = other.get("/mail/compose").value("csrf")
for person in [suzuki, other]:
    csrf = person.get("/mail/compose").value("csrf")
    for path in ["", "/check", "/file/" + file]:
        assert person.get("/mail/compose/%s%s" % (draft, path)).status == 404, path
    assert person.post("/mail/compose/%s/send" % draft, [("csrf", csrf), ("version", kept.value("version")), ("ok", "subject")]).status == 404
    assert person.post("/mail/compose/%s/files/%s/remove" % (draft, file), [("csrf", csrf)]).status == 404
    assert person.multipart("/mail/compose/%s/files" % draft, [("csrf", csrf)], [("x.txt", "text/plain", b"x")]).status == 404
    for act in ["save", "autosave", "check", "discard", "overwrite", "detach:" + file]:
        mine = [("csrf", csrf), ("draft", draft), ("version", kept.value("version")), ("do", act)]
        assert person.multipart("/mail/compose", mine).status == 404, act
    copy = sato.folder("下書き")[0]
    assert person.get("/mail/compose?draft=" + copy).status == 404 and person.get("/mail/compose?forward=" + copy).status == 404
    stolen = [("csrf", csrf), ("origin", "forward:" + copy), ("carry", "2"), ("do", "save")]
    taken = person.multipart("/mail/compose", stolen)
    assert taken.status == 422 and "名簿.csv" not in taken.body, taken
assert sato.get("/mail/compose/" + draft).value("subject") == "差し戻される名簿"
without = sato.multipart("/mail/compose", [("draft", draft), ("version", kept.value("version")), ("do", "discard")])
assert without.status == 403, "a form without its token is refused"
"##,
    );
}

#[test]
fn recipients_are_suggested_and_marked_while_somebody_types() {
    write(
        &Demo::start(),
        r##"
found = sato.get("/mail/suggest?field=to&q=" + quote("鈴木"))
assert found.status == 200 and "suzuki@aoba.example" in found.body and 'role="option"' in found.body and 'id="suggest-to"' in found.body, found
assert "midori" not in sato.get("/mail/suggest?field=to&q=mori").body, "nobody of another company"
assert sato.get("/mail/suggest?field=x&q=a").status == 400
csrf = sato.get("/mail/compose").value("csrf")
chips = sato.post("/mail/compose/recipients", [("csrf", csrf), ("to", "new@yamada.example, 鈴木 <suzuki@aoba.example>"), ("cc", "wrong@"), ("bcc", "nobody@aoba.example")])
assert chips.status == 200 and "社外・初めて" in chips.text() and "@ の後が空です" in chips.text() and "社内にない" in chips.text(), chips
assert chips.text().count("社外") == 1 and "送信前の確認へ" in chips.text()
inside = sato.post("/mail/compose/recipients", [("csrf", csrf), ("to", "suzuki@aoba.example")])
assert "送信前の確認へ" not in inside.text(), inside
open = sato.post("/mail/compose/recipients", [("csrf", csrf), ("to", ", ".join("a@d%d.example" % n for n in range(6)))])
assert "Bcc をご検討ください" in open.text(), open
page = sato.get("/mail/compose?to=" + quote('"<script>alert(1)</script>" <x@y.example>'))
assert "<script>alert" not in page.body and "&#60;script" in page.body.replace("&lt;", "&#60;"), page
import gzip
check = sato.check([("f%d.txt" % n, "text/plain", bytes(100)) for n in range(10)], to=", ".join("p%d@d.example" % n for n in range(10)), subject="重さ", body="あ\n" * 20)
for name, page, raw, packed in [("compose", sato.get("/mail/compose"), 25 << 10, 7 << 10), ("check", check, 20 << 10, 5 << 10)]:
    weight = len(page.body.encode()), len(gzip.compress(page.body.encode(), 5))
    assert weight[0] <= raw and weight[1] <= packed, (name, weight)
    print(name, weight)
"##,
    );
}
