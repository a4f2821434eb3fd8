//! Ready-made sets of rules, switched on in the console; then they stop what they are for, by both doors.

use crate::house::Demo;

use super::doors::{DOORS, PEN};

#[test]
fn a_ready_made_set_is_compared_published_and_acts() {
    let demo = Demo::start();
    let sets = "first-contact free-mail many-recipients card";
    demo.administer(&format!(
        r##"
import html, re
ito = Admin("ito")
rules = "/t/aoba/rules"
for name in "my-number executable open-recipients attachments customer-list".split():
    own = re.search(r'<li id="ready-%s".*?</li>' % name, ito.get(rules).body, re.S).group(0)
    assert "追加済み" in own and "追加する" not in own, own
for name in {sets:?}.split():
    before = ito.get(rules).body
    assert re.search(r'id="ready-%s"(?:(?!</li>).)*追加する' % name, before, re.S), name
    page = ito.do(rules, rules + "/ready", 200, set=name)
    assert "変更点の確認" in page.body and ito.get(rules).body.count('class="tag ok"') == before.count('class="tag ok"'), "nothing is in force yet"
    fields = {{n: html.unescape(v) for n, v in re.findall(r'<input[^>]*name="(version|comment)"[^>]*value="([^"]*)"', page.body)}}
    fields["text"] = html.unescape(re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', page.body, re.S).group(1))
    assert "用意されたルール" in fields["comment"], fields["comment"]
    ito.do(rules, rules + "/publish", 303, **fields)
    assert re.search(r'id="ready-%s"(?:(?!</li>).)*追加済み' % name, ito.get(rules).body, re.S), name
assert "用意されたルール「クレジットカード番号」を追加" in ito.get(rules + "/versions").body
"##
    ));
    let text = demo.good(&["rules", "show", "--tenant", "aoba"]);
    for code in ["TO-OPEN", "DELAY", "FIRST", "FREE-MAIL", "MANY", "PI-LIST", "CARD-OUT", "MN-OUT"] {
        assert_eq!(text.matches(&format!("code = \"{code}\"")).count(), 1, "{code}");
    }
    demo.python(&format!(
        r##"{PEN}
{DOORS}
def by_smtp_said(**fields):
    code, said = send("sato", *mail("sato", **fields))
    assert code == 250, said
    return said
def expect(answer, words, **fields):
    said = by_smtp_said(**fields)
    assert said.startswith("2.0.0 " + answer), (said, fields)
    page = pen("sato").check(list(fields.pop("files", [])), body=fields.pop("text", "hello"), **dict(dict(subject="x"), **fields))
    assert words in page.text(), page.text()
own, held = "held until you confirm", "held for approval"
expect(own, "初めての社外宛先", to="new@yamada.example")
expect(own, "フリーメールの宛先", to="friend@gmail.com")
expect(own, "宛先の公開", to=", ".join("a@d%d.example" % n for n in range(5)))
expect(own, "社外への一斉送信", to="x@aoba.example".replace("x", "ito"), bcc=", ".join("b%d@yamada.example" % n for n in range(50)))
expect(held, "クレジットカード番号", to=PARTNER, text="カード番号 4111 1111 1111 1111")
# 4 domains or 19 addresses in To and Cc are no open list, 49 recipients not many
for fields in (dict(to=", ".join("a@d%d.example" % n for n in range(4))), dict(to=", ".join("c%d@yamada.example" % n for n in range(19)))):
    check = pen("sato").check(subject="x", body="hello", **fields)
    assert "宛先の公開" not in check.text() and "初めての社外宛先" in check.text(), check.text()
expect(own, "宛先の公開", to=", ".join("c%d@yamada.example" % n for n in range(10)), cc=", ".join("c%d@yamada.example" % n for n in range(10, 20)))
expect(own, "宛先の公開", to=", ".join("c%d@yamada.example" % n for n in range(50)))
check = pen("sato").check(to="ito@aoba.example", bcc=", ".join("b%d@yamada.example" % n for n in range(49)), subject="x", body="hello")
assert "社外への一斉送信" not in check.text() and "宛先の公開" not in check.text(), check.text()
# the sets of a fresh company
expect(held, "社外宛 マイナンバー", to=PARTNER, text="個人番号 1234 5678 9018")
import io, zipfile
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as archive:
    archive.writestr("a.dat", b"MZ\x90\0\3\0")
for name, content in (("setup.bat", b"echo"), ("a.dat", b"MZ\x90\0\3\0"), ("a", b"\x7fELF\2\1\1\0"), ("a.zip", packed.getvalue())):
    program = [(name, "text/plain", content)]
    code, said = send("sato", *mail("sato", PARTNER, files=program))
    assert code == 550 and "(rule EXE)" in said, (name, said)
    assert "実行形式のファイルは社外へ送信できません" in pen("sato").check(program, to=PARTNER, subject="x", body="hello").text(), name
# a file to the outside waits a minute, in which its sender takes it back
note = [("a.txt", "text/plain", b"x")]
assert pen("sato").tick(pen("sato").check(to=PARTNER, subject="first", body="hello")).to == "/mail", "he is known from now on"
assert by_smtp_said(to=PARTNER, subject="put off", files=note).startswith("2.0.0 accepted")
check = pen("sato").check(note, to=PARTNER, subject="put off too", body="hello")
assert "添付ありの社外メール" in check.text() and "1分後に送信" in check.text(), check.text()
assert pen("sato").tick(check).status == 303
page = pen("sato").get("/outgoing")
paths = set(re.findall(r'action="(/outgoing/recall/[^"]*)"', page.body))
assert len(paths) == 2 and len(re.findall("あと[0-9]+秒で送信されます", page.text())) == 2, page.text()
for path in paths:
    back = pen("sato").post(path, [field for field in page.fields() if field[0] == "csrf"])
    assert "送信を取り消しました" in pen("sato").toast(back), back
# a list of customers is recorded, and waits for the supervisor once the set is switched on
phones = [("名簿.csv", "text/csv", "".join("氏名%d,03-3210-%04d\r\n" % (n, n) for n in range(50)).encode())]
few = [("名簿.csv", "text/csv", "".join("氏名%d,03-3210-%04d\r\n" % (n, n) for n in range(49)).encode())]
def recorded():
    import os, sqlite3
    mails = sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", "mail.db"))
    row = mails.execute("SELECT detail FROM audit WHERE event = 'submission.judged' ORDER BY id DESC").fetchone()
    return json.loads(row[0])["recorded"]
addresses = lambda count: [("宛名.csv", "text/csv", "".join("氏名%d,person%d@customer.example\r\n" % (n, n) for n in range(count)).encode())]
# 50 of either kind are a list, 49 are not; the same one twice is one
twice = [("宛名.csv", "text/csv", addresses(49)[0][2] + b"again,person7@customer.example\r\n")]
for files, codes in ((phones, ["PI-LIST"]), (few, []), (addresses(50), ["PI-LIST"]), (addresses(49), []), (twice, [])):
    assert by_smtp_said(to=PARTNER, files=files).startswith("2.0.0 accepted")
    assert recorded() == codes, recorded()
    check = pen("sato").check(files, to=PARTNER, subject="customers", body="hello")
    assert "名簿らしい" not in check.text() and pen("sato").tick(check).status == 303, check.text()
    assert recorded() == codes, recorded()
"##
    ));
    demo.administer(
        r##"
ito, rules = Admin("ito"), "/t/aoba/rules"
version = re.search(r'name="version" value="(\d+)"', ito.get(rules).body).group(1)
ito.do(rules, rules + "/mode", code="PI-LIST", mode="on", version=version)
"##,
    );
    demo.python(&format!(
        r##"{PEN}
{DOORS}
phones = [("名簿.csv", "text/csv", "".join("氏名%d,03-3210-%04d\r\n" % (n, n) for n in range(50)).encode())]
code, said = send("sato", *mail("sato", PARTNER, files=phones))
assert code == 250 and said.startswith("2.0.0 held for approval"), said
check = pen("sato").check(phones, to=PARTNER, subject="customers", body="hello")
assert "名簿らしい添付" in check.text() and "高橋 誠" in check.text(), check.text()
assert pen("sato").tick(check).to == "/outgoing"
waiting = set(re.findall(r'href="/approve/(\d+)"', pen("takahashi").get("/approve").body))
assert len(waiting) == 3, "the card and both lists: %s" % waiting
"##
    ));
}
