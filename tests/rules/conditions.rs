//! Conditions: of each a mail that it stops and one beside it that passes, by SMTP and in the browser. The engine is
//! one; what differs is who fills in the facts.

use std::fmt::Write as _;

use super::doors::{DOORS, PEN, under};
use crate::house::Demo;

/// One condition: its rule's code, what it asks, more keys of the rule, and the fields of a mail that it stops and of
/// one that it does not, as Python.
struct Case(&'static str, &'static str, &'static str, &'static str, &'static str);

/// Puts a rule for each case in force, beside a marker in the subject, and hands both mails of each in by `doors`.
fn all(cases: &[Case], doors: &[&str], before: &str) -> Demo {
    let mut rules = String::new();
    for Case(code, when, more, ..) in cases {
        let when =
            format!("{{ all = [ {{ wildcard = {{ any = \"case {code}.\", where = \"subject\" }} }}, {when} ] }}");
        writeln!(
            rules,
            "[[rule]]\ncode = \"{code}\"\ndirection = \"out\"\n{more}\nwhen = {when}\naction = \"block\"\n"
        )
        .unwrap();
    }
    let demo = under(&rules);
    let mut program = format!("{PEN}\n{DOORS}\n{before}\n");
    for Case(code, _, _, stopped, passes) in cases {
        for door in doors {
            for (fields, expected) in [(stopped, format!("{code:?}")), (passes, "None".to_owned())] {
                writeln!(
                    program,
                    "fields = dict(name='sato', to=PARTNER)\nfields.update({fields})\nfields['subject'] = 'case {code}. ' + \
                     fields.get('subject', '')\nfound = {door}(**fields)\nassert found == {expected}, ('{door}', {code:?}, found, {expected})"
                )
                .unwrap();
            }
        }
    }
    demo.python(&program);
    demo
}

const BOTH: [&str; 2] = ["by_smtp", "by_check"];

#[test]
fn what_a_mail_holds_stops_it_by_both_doors() {
    let cases = [
        Case(
            "NUMBER",
            "{ my_number = { count = 2, where = \"body\" } }",
            "",
            "dict(text='個人番号 123456789018、023456789013')",
            "dict(text='個人番号 123456789018')",
        ),
        Case(
            "CARD",
            "{ card = { count = 1 } }",
            "",
            "dict(text='カード番号 4111 1111 1111 1111')",
            "dict(text='4111 1111 1111 1112')",
        ),
        Case(
            "PHONE",
            "{ phone = { count = 2 } }",
            "",
            "dict(text='電話 03-3210-0001\\n電話 06-6210-0002')",
            "dict(text='電話 03-3210-0001')",
        ),
        Case(
            "ADDRESSES",
            "{ mail_address = { count = 2, where = \"attachment\" } }",
            "",
            "dict(files=[('a.csv', 'text/csv', b'a@b.example\\r\\nc@d.example\\r\\n')])",
            "dict(text='a@b.example c@d.example')",
        ),
        Case("WORD", "{ keyword = [\"極秘\"] }", "", "dict(text='【極 秘】です')", "dict(text='公開です')"),
        Case(
            "DICTIONARY",
            "{ keyword = \"本人確認語\" }",
            "",
            "dict(text='運転免許証の写しです')",
            "dict(text='写しです')",
        ),
        Case(
            "WILD",
            "{ wildcard = { any = \"社外*禁止\", where = [\"body\", \"html\"] } }",
            "",
            "dict(text='社外への持ち出し禁止')",
            "dict(text='社外へ')",
        ),
        Case("REGEX", "{ regex = '\\bPRJ-\\d{4}\\b' }", "", "dict(text='prj-2026 の件')", "dict(text='prj-26 の件')"),
        Case(
            "SUBJECT",
            "{ keyword = { any = [\"見積\"], where = \"subject\" } }",
            "",
            "dict(subject='お見積の件')",
            "dict(text='お見積の件')",
        ),
        Case("SIZE", "{ size = { min_kb = 30 } }", "", "dict(text='a b ' * 10000)", "dict(text='a b ' * 100)"),
    ];
    all(&cases, &BOTH, "");
}

#[test]
fn a_header_stops_a_mail_of_smtp() {
    let cases = [Case(
        "HEADER",
        "{ header = { name = \"x-class\", contains = \"secret\" } }",
        "",
        "dict(header=[('X-Class', 'Top Secret')])",
        "dict(header=[('X-Class', 'open')])",
    )];
    all(&cases, &["by_smtp"], "");
}

#[test]
fn attachments_stop_a_mail_by_both_doors() {
    let cases = [
        Case(
            "NAME",
            "{ attachment = { name = \"*名簿*.csv\" } }",
            "",
            "dict(files=[('顧客名簿 2026.CSV', 'text/csv', b'x')])",
            "dict(files=[('名簿.txt', 'text/plain', b'x')])",
        ),
        Case(
            "TYPE",
            "{ attachment = { type = \"pdf\" } }",
            "",
            "dict(files=[('写真.jpg', 'image/jpeg', b'%PDF-1.4\\n1 0 obj<<>>endobj\\ntrailer<<>>\\n%%EOF')])",
            "dict(files=[('a.pdf.txt', 'text/plain', b'x')])",
        ),
        Case(
            "PROGRAM",
            "{ attachment = { type = \"executable\" } }",
            "",
            "dict(files=[('setup.bat', 'text/plain', b'echo')])",
            "dict(files=[('setup.txt', 'text/plain', b'echo')])",
        ),
        Case(
            "WINDOWS",
            "{ attachment = { type = \"executable\" } }",
            "",
            "dict(files=[('a.dat', 'text/plain', b'MZ\\x90\\0\\3\\0')])",
            "dict(files=[('a.dat', 'text/plain', b'MZ is text')])",
        ),
        Case(
            "LINUX",
            "{ attachment = { type = \"executable\" } }",
            "",
            "dict(files=[('a.jpg', 'image/jpeg', b'\\x7fELF\\2\\1\\1\\0')])",
            "dict(files=[('a.jpg', 'image/jpeg', b'\\xff\\xd8\\xff')])",
        ),
        Case(
            "PACKED",
            "{ attachment = { type = \"executable\" } }",
            "",
            "dict(files=[('a.zip', 'application/zip', zipped('a.dat', b'MZ\\x90\\0\\3\\0'))])",
            "dict(files=[('a.zip', 'application/zip', zipped('page/app.js', b'MZ is text'))])",
        ),
        Case(
            "NAMED",
            "{ attachment = { type = \"executable\" } }",
            "",
            "dict(files=[('a.zip', 'application/zip', zipped('tool.jar', b'x'))])",
            "dict(files=[('a.zip', 'application/zip', zipped('tool.txt', b'x'))])",
        ),
        Case(
            "BIG",
            "{ attachment = { min_kb = 20 } }",
            "",
            "dict(files=[('a.txt', 'text/plain', b'a b ' * 6000)])",
            "dict(files=[('a.txt', 'text/plain', b'x')])",
        ),
        Case(
            "COUNT",
            "{ attachment = { count = 2 } }",
            "",
            "dict(files=[('a.txt', 'text/plain', b'x'), ('b.txt', 'text/plain', b'y')])",
            "dict(files=[('a.txt', 'text/plain', b'x')])",
        ),
        Case(
            "LOCKED",
            "{ attachment = { type = \"archive\", encrypted = true } }",
            "",
            "dict(files=[('a.zip', 'application/zip', locked())])",
            "dict(files=[('a.txt', 'text/plain', b'x')])",
        ),
        Case(
            "UNSEEN",
            "{ not_inspected = { reasons = [\"encrypted\"] } }",
            "",
            "dict(files=[('a.zip', 'application/zip', locked())])",
            "dict(files=[('a.zip', 'application/zip', b'PK\\x03\\x04\\x14\\x00\\x00\\x00\\x08\\x00torn')])",
        ),
        Case(
            "BROKEN",
            "{ not_inspected = { reasons = [\"broken\"] } }",
            "",
            "dict(files=[('a.zip', 'application/zip', b'PK\\x03\\x04\\x14\\x00\\x00\\x00\\x08\\x00torn')])",
            "dict(files=[('a.zip', 'application/zip', locked())])",
        ),
    ];
    let zipped = "def zipped(name, content):\n    import io, zipfile\n    out = io.BytesIO()\n    with zipfile.ZipFile(out, 'w') as archive:\n        archive.writestr(name, content)\n    return out.getvalue()\n";
    all(&cases, &BOTH, zipped);
}

#[test]
fn recipients_stop_a_mail_by_both_doors() {
    let cases = [
        Case("ADDRESS", "{ recipients = \"taro@yamada.example\" }", "", "{}", "dict(to='jiro@yamada.example')"),
        Case("DOMAIN", "{ recipients = \"yamada.example\" }", "", "{}", "dict(to='taro@yamada.sub.example')"),
        Case(
            "PEOPLE",
            "{ recipients = \"例え.jp\" }",
            "",
            "dict(to='taro@XN--R8JZ45G.jp')",
            "dict(to='taro@xn--fsq.jp')",
        ),
        Case(
            "SPELLED",
            "{ recipients = \"list:お得意先\" }",
            "",
            "dict(to='hanako@xn--r8jz45g.jp')",
            "dict(to='jiro@xn--r8jz45g.jp')",
        ),
        Case("LIST", "{ recipients_all = \"list:お得意先\" }", "", "{}", "dict(cc='jiro@yamada.example')"),
        Case(
            "ALL",
            "{ outside_recipients_all = \"list:お得意先\" }",
            "",
            "dict(cc='ito@aoba.example')",
            "dict(cc='ito@aoba.example, jiro@yamada.example')",
        ),
        Case(
            "NUMBER",
            "{ recipient_count = { min = 3, who = \"outside\" } }",
            "",
            "dict(cc='a@a.example', bcc='b@b.example')",
            "dict(cc='a@a.example, ito@aoba.example')",
        ),
        Case(
            "DOMAINS",
            "{ outside_domains = { in = \"to,cc\", min = 3 } }",
            "",
            "dict(cc='a@a.example, b@b.example')",
            "dict(cc='a@a.example', bcc='b@b.example')",
        ),
        Case(
            "TO-ALONE",
            "{ outside_domains = { in = \"to\", min = 2 } }",
            "",
            "dict(to='a@a.example, b@b.example')",
            "dict(to='a@a.example', cc='b@b.example, c@c.example', bcc='d@d.example')",
        ),
        Case(
            "CC-ALONE",
            "{ outside_addresses = { in = \"cc\", min = 2 } }",
            "",
            "dict(cc='a@a.example, b@a.example')",
            "dict(to='a@a.example, b@a.example', cc='c@a.example', bcc='d@a.example')",
        ),
        Case(
            "OPEN",
            "{ outside_addresses = { in = \"to,cc\", min = 3 } }",
            "",
            "dict(cc='a@yamada.example, b@yamada.example')",
            "dict(cc='a@yamada.example', bcc='b@yamada.example')",
        ),
        Case(
            "MANY",
            "{ outside_addresses = { in = \"all\", min = 3 } }",
            "",
            "dict(bcc='a@a.example, b@b.example')",
            "dict(bcc='a@a.example, ito@aoba.example')",
        ),
    ];
    all(&cases, &BOTH, "");
}

#[test]
fn a_first_contact_stops_a_mail_by_both_doors_until_mail_went_there() {
    let before = r#"
for name, to in (("sato", "known@yamada.example"), ("sato", "kana@xn--r8jz45g.jp"), ("ito", "colleague@yamada.example")):
    assert send(name, *mail(name, to))[0] == 250
"#;
    let cases = [
        Case(
            "FIRST",
            "{ first_contact = \"author\" }",
            "",
            "dict(to='new@yamada.example')",
            "dict(to='Known@Yamada.example')",
        ),
        Case(
            "OWN",
            "{ first_contact = \"author\" }",
            "",
            "dict(to='colleague@yamada.example')",
            "dict(to='known@yamada.example, suzuki@aoba.example')",
        ),
        Case(
            "COMPANY",
            "{ first_contact = \"company\" }",
            "",
            "dict(to='new@yamada.example')",
            "dict(to='colleague@yamada.example')",
        ),
    ];
    let demo = all(&cases, &BOTH, before);
    // what of it cannot be read back holds the mail, and the check before sending shows no page that would let it go
    demo.python(&format!(
        r#"{PEN}
{DOORS}
import os, sqlite3
mails = sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", "mail.db"))
schema, = mails.execute("SELECT sql FROM sqlite_schema WHERE name = 'correspondent'").fetchone()
def renewed(address, kind):
    """The table of who is known with its addresses changed."""
    mails.executescript("ALTER TABLE correspondent RENAME TO before; DROP INDEX correspondent_last; %s; CREATE INDEX correspondent_last ON "
        "correspondent (user, last); INSERT INTO correspondent SELECT user, %s, name, search, sent, last FROM before; DROP TABLE before"
        % (schema.replace("address TEXT    NOT NULL", "address TEXT NOT NULL" + kind), address))
renewed("address || '  '", " COLLATE RTRIM")
code, said = send("sato", *mail("sato", "known@yamada.example", subject="case FIRST."))
assert code == 250 and said.startswith("2.0.0 held for approval"), said
assert pen("sato").check(to="known@yamada.example", subject="case FIRST.", body="hello").status >= 500
renewed("trim(address)", "")
# whom mail went to in the spelling of machines is known in that of people
assert by_check("sato", to="kana@例え.jp", subject="case FIRST.") is None
assert by_check("sato", to="mana@例え.jp", subject="case FIRST.") == "FIRST"
assert by_smtp("sato", to="known@yamada.example", subject="case FIRST.") is None
assert by_check("sato", to="known@yamada.example", subject="case FIRST.") is None
"#
    ));
    assert_eq!(demo.good(&["held", "list"]).matches("REVIEW-FAILED").count(), 1);
}

#[test]
fn senders_stop_a_mail_by_both_doors() {
    let cases = [
        Case("PERSON", "{ recipients = \"outside\" }", "from = [\"sato@aoba.example\"]", "{}", "dict(name='ito')"),
        Case("GROUP", "{ recipients = \"outside\" }", "from = [\"group:取扱担当者\"]", "dict(name='suzuki')", "{}"),
        Case(
            "DEPARTMENT",
            "{ recipients = \"outside\" }",
            "from = [\"department:総務部\"]",
            "dict(name='suzuki')",
            "{}",
        ),
    ];
    let demo = all(&cases, &BOTH, "");
    // who signed in is who he is, also where he gives no sender, as programs do that send receipts (RFC 8098 3)
    demo.python(&format!(
        r#"{PEN}
{DOORS}
smtp = smtplib.SMTP("127.0.0.1", demo["submission"])
smtp.login("suzuki@aoba.example", password("suzuki"))
for code in ("GROUP", "DEPARTMENT"):
    try:
        smtp.sendmail("", [PARTNER], mail("suzuki", PARTNER, subject="case %s." % code)[0])
        raise AssertionError("it went")
    except smtplib.SMTPDataError as refused:
        assert refused.smtp_code == 550 and b"(rule %s)" % code.encode() in refused.smtp_error, refused
"#
    ));
}

#[test]
fn the_time_stops_a_mail_by_both_doors() {
    // the clock is the world's: what holds at any hour of any day, and what never does
    let cases = [
        Case(
            "EVER",
            "{ any = [ { time = { hours = \"09:00-18:00\" } }, { time = { hours = \"18:00-09:00\" } } ] }",
            "from = [\"sato@aoba.example\"]",
            "{}",
            "dict(name='ito')",
        ),
        Case(
            "DAYS",
            "{ all = [ { time = { days = [\"business\", \"sat\", \"sun\", \"holiday\"] } }, { not = { all = [ { time = { hours = \"00:00-12:00\" } }, { time = { hours = \"12:00-24:00\" } } ] } } ] }",
            "from = [\"sato@aoba.example\"]",
            "{}",
            "dict(name='ito')",
        ),
    ];
    all(&cases, &BOTH, "");
}
