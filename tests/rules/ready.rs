//! Ready-made sets of rules, switched on in the console; then they stop what they are for, by both doors.

use crate::house::Demo;

use super::doors::{DOORS, PEN};

#[test]
fn a_ready_made_set_is_compared_published_and_acts() {
    let demo = Demo::start();
    let sets = "open-recipients attachments first-contact free-mail many-recipients customer-list card";
    demo.administer(&format!(
        r##"
import html, re
ito = Admin("ito")
rules = "/t/aoba/rules"
for name in "my-number executable".split():
    assert re.search(r'id="ready-%s".*?追加済み' % name, ito.get(rules).body, re.S), name
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
"##
    ));
}
