//! Which of many rules act on a mail: each writes its code into the header of what it acts on, so that one mail by SMTP and
//! one from the browser show it for every recipient, and in the check before sending.

use std::fmt::Write as _;

use super::doors::{DOORS, PEN, ruled, under};
use crate::house::Demo;

/// A rule that marks what it acts on; `more` are keys of it beside `when`.
fn mark(code: &str, more: &str, when: &str) -> String {
    format!(
        "[[rule]]\ncode = \"{code}\"\n{more}\nwhen = {when}\naction = {{ header = {{ name = \"X-Rule-{code}\", value = \"1\" }} }}\n\n"
    )
}

/// Rules of mail to the outside, by code and condition.
fn marks(rules: &[(&str, &str)]) -> String {
    rules.iter().fold(String::new(), |all, (code, when)| all + &mark(code, "direction = \"out\"", when))
}

/// `expect(codes, **fields)` hands a mail in by both doors. `codes` are those of the rules that act on it: for the outside, or
/// by reader (`outside`, or a name inside), where it leaves in several forms as a list. `doors` are both, where one cannot write such a mail one. `arrived()` then looks at every mail.
const MARKS: &str = r#"
import glob, itertools, os
NUMBERS, WANTED = itertools.count(1), {}
def marked(mail):
    return {name.removeprefix("X-Rule-") for name in mail.keys() if name.startswith("X-Rule-")}
def expect(codes, name="sato", subject="", to=PARTNER, doors=("SMTP", "browser"), **fields):
    codes = codes if isinstance(codes, dict) else {"outside": codes}
    by_reader = {reader: all_ if isinstance(all_, list) else [all_] for reader, all_ in codes.items()}
    for door in doors:
        own = "%s %s %d" % (subject, door, next(NUMBERS))
        own = own.strip()
        WANTED[own] = by_reader
        if door == "SMTP":
            code, said = send(name, *mail(name, to, subject=own, **fields))
            assert code == 250 and said.startswith("2.0.0 accepted"), (own, said)
            continue
        typed = dict(fields, to=to, subject=own, body=fields.get("text", "hello"))
        files = typed.pop("files", ())
        typed.pop("text", None)
        page = pen(name).write(pen(name).get("/mail/compose"), "check", list(files), **typed)
        if page.to.startswith("/mail/compose/"):
            check = pen(name).get(page.to)
            told = set(re.findall(r"ヘッダー X-Rule-([A-Z0-9-]+) に", check.text()))
            assert told == set().union(*sum(by_reader.values(), [])), (own, told, by_reader)
            page = pen(name).tick(check)
        assert (page.status, page.to) == (303, "/mail"), (own, page)
def arrived():
    """Every mail has come to whom it was meant for, with the marks of just these rules."""
    subject = lambda mail: str(make_header(decode_header(mail["Subject"] or "")))
    files = lambda: glob.glob(os.path.join(demo["outside_mail"], "*"))
    wanted, end = sum(len(one.get("outside", [])) for one in WANTED.values()), time.time() + 60
    while len(files()) < wanted and time.time() < end:
        time.sleep(0.05)
    mails = [("outside", email.message_from_bytes(open(file, "rb").read())) for file in files()]
    for name in {reader for one in WANTED.values() for reader in one if reader != "outside"}:
        mails += [(name, one) for told, one in inbox(name) if told in WANTED]
    found = {own: {} for own in WANTED}
    for reader, one in mails:
        found[subject(one)].setdefault(reader, []).append(marked(one))
    in_order = lambda all_: {reader: sorted(map(sorted, sets)) for reader, sets in all_.items()}
    for own, by_reader in WANTED.items():
        assert in_order(found[own]) == in_order(by_reader), (own, found[own], by_reader)
"#;

fn run(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{DOORS}\n{MARKS}\n{program}"));
}

#[test]
fn each_class_of_number_is_told_from_the_others_by_both_doors() {
    let classes = [
        "card",
        "phone",
        "postal_address",
        "mail_address",
        "licence",
        "corporate_number",
        "pension",
        "health_insurance",
        "passport",
        "residence_card",
        "bank_account",
    ];
    let rules = classes.iter().fold(String::new(), |all, class| {
        let code = class.to_uppercase().replace('_', "-");
        all + &marks(&[(&code, &format!("{{ {class} = {{ where = \"body\" }} }}"))])
    });
    let levels = marks(&[
        ("MN", "{ my_number = {} }"),
        ("MN-POSSIBLE", "{ my_number = { level = \"possible\" } }"),
        ("MN-CERTAIN", "{ my_number = { level = \"certain\" } }"),
        ("MN-TWO", "{ my_number = { count = 2 } }"),
        ("PASSPORT-POSSIBLE", "{ passport = { level = \"possible\" } }"),
        ("PHONE-TWO", "{ phone = { count = 2 } }"),
    ]);
    run(
        &under(&(rules + &levels)),
        r##"
expect({"CARD"}, text="カード番号 4111-1111-1111-1111")
expect({"PHONE"}, text="TEL: 03-1234-5678")
expect({"POSTAL-ADDRESS"}, text="〒100-0001 東京都千代田区千代田1-1")
expect({"MAIL-ADDRESS"}, text="taro.sato@example.co.jp")
expect({"LICENCE"}, text="運転免許証 第309012345620号")
expect({"CORPORATE-NUMBER"}, text="法人番号 7123456789012")
expect({"PENSION"}, text="基礎年金番号 1234-567890")
expect({"HEALTH-INSURANCE"}, text="保険者番号 33120015")
expect({"PASSPORT", "PASSPORT-POSSIBLE"}, text="旅券番号 TR1234567")
expect({"RESIDENCE-CARD"}, text="在留カード AB12345678CD")
expect({"BANK-ACCOUNT"}, text="みずほ銀行 本店 普通 1234567")
# by level
expect({"PASSPORT-POSSIBLE"}, text="TR1234567")
expect({"MN-POSSIBLE"}, text="以下です\n1234-5678-9018\n以上")
expect({"MN-POSSIBLE", "MN"}, text="年末調整の件\n1234 5678 9018")
certain = {"MN-POSSIBLE", "MN", "MN-CERTAIN"}
expect(certain, text="個人番号 1234 5678 9018")
# by distinct count
expect({"PHONE"}, text="TEL 03-1234-5678\n電話 03 1234 5678")
expect({"PHONE", "PHONE-TWO"}, text="TEL 03-1234-5678\n電話 06-1234-5678")
expect(certain, text="個人番号 1234 5678 9018\n個人番号 123456789018")
expect(certain | {"MN-TWO"}, text="個人番号 1234 5678 9018\n個人番号 0234 5678 9013")
arrived()
"##,
    );
}

#[test]
fn headers_and_pictures_are_seen_by_both_doors() {
    let rules = marks(&[
        ("SECRET", "{ header = { name = \"subject\", contains = \"ＡＢＣ計画\" } }"),
        ("COPIED", "{ header = { name = \"Cc\" } }"),
        ("PICTURES", "{ attachment = { image_only = true } }"),
        ("PICTURE", "{ attachment = { type = \"image\" } }"),
    ]);
    run(
        &under(&rules),
        r##"
import io, struct, zipfile, zlib
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
picture, note = ("写真.png", "image/png", png), ("a.txt", "text/plain", b"x")
expect({"SECRET"}, subject="abc計画の件")
expect(set(), subject="計画の件", text="abc計画の件")
expect({"COPIED"}, cc="jiro@yamada.example")
expect({"PICTURES", "PICTURE"}, files=[picture, ("b.png", "image/png", png)])
expect({"PICTURES", "PICTURE"}, files=[picture, note])
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as archive:
    archive.writestr("a.txt", "x")
    archive.writestr("photo", png)
expect({"PICTURES"}, files=[note, ("a.zip", "application/zip", packed.getvalue())])
expect(set(), files=[note])
arrived()
"##,
    );
}

#[test]
fn where_something_stands_and_how_large_it_is_count_by_both_doors() {
    let spots = ["subject", "header", "body", "html", "attachment", "attachment-name"];
    let mut rules = String::new();
    for spot in spots {
        let code = spot.to_uppercase();
        rules += &marks(&[
            (&format!("MN-{code}"), &format!("{{ my_number = {{ where = \"{spot}\" }} }}")),
            (&format!("WORD-{code}"), &format!("{{ keyword = {{ any = [\"himitsu\"], where = \"{spot}\" }} }}")),
        ]);
    }
    let sizes = marks(&[
        ("SMALL", "{ size = { max_kb = 6 } }"),
        ("LARGE", "{ size = { min_kb = 6 } }"),
        ("FILE-MOST", "{ attachment = { max_kb = 2 } }"),
        ("FILE-LEAST", "{ attachment = { min_kb = 2 } }"),
    ]);
    run(
        &under(&(rules + &sizes)),
        r##"
number = "個人番号 123456789018"
file = lambda content=b"x", name="a.txt": [(name, "text/plain", content)]
least, small = {"SMALL", "FILE-MOST"}, {"SMALL"}
expect(small | {"MN-SUBJECT"}, subject=number)
expect(small | {"WORD-SUBJECT"}, subject="himitsu")
expect(small | {"MN-BODY", "WORD-BODY"}, text=number + " himitsu")
expect(least | {"MN-ATTACHMENT", "WORD-ATTACHMENT"}, files=file((number + " himitsu").encode()))
expect(least | {"MN-ATTACHMENT-NAME"}, files=file(name=number + ".txt"))
expect(least | {"WORD-ATTACHMENT-NAME"}, files=file(name="himitsu.txt"))
# any field of a header by SMTP; from the browser what its sender types there: names beside addresses
expect(small | {"MN-HEADER", "WORD-HEADER"}, doors=["SMTP"], header=[("X-Note", number), ("X-More", "himitsu")])
expect(small | {"MN-HEADER", "WORD-HEADER"}, doors=["browser"], to='"himitsu %s" <%s>' % (number, PARTNER))
# the browser writes no HTML: what looks like it is text
expect(small | {"MN-HTML", "WORD-HTML"}, doors=["SMTP"], html="<p>%s <b>himi</b>tsu</p>" % number)
expect(small | {"WORD-BODY"}, doors=["browser"], text="<p>himitsu</p>")
expect({"LARGE"}, text="some words\n" * 1000)
# to the byte, of the file as it is and not as it is encoded
for length, codes in ((2047, {"FILE-MOST"}), (2048, {"FILE-MOST", "FILE-LEAST"}), (2049, {"FILE-LEAST"})):
    expect(small | codes, files=file(b"x" * length))
arrived()
"##,
    );
}

#[test]
fn what_is_not_inspected_is_told_by_its_reason_by_both_doors() {
    let reasons = ["encrypted", "broken", "too_big", "unsupported", "image_only"];
    let rules = reasons.iter().fold(String::new(), |all, reason| {
        let code = reason.to_uppercase().replace('_', "-");
        all + &marks(&[(&code, &format!("{{ not_inspected = {{ reasons = [\"{reason}\"] }} }}"))])
    });
    let any = marks(&[("ANY", "{ not_inspected = {} }")]);
    let slow = "[[rule]]\ncode = \"SLOW\"\ndirection = \"out\"\nwhen = { not_inspected = { reasons = [\"too_slow\"] } }\naction = \"block\"\n";
    let mut demo = under(&(rules + &any + slow));
    let zips = r#"
import io, zipfile
def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()
def packed(content):
    return [("a.zip", "application/zip", content)]
"#;
    let reasons = r##"
unknown, deep = bytearray(zipped("a.txt", "x" * 40)), zipped("a.txt", "x")
for sign, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
    unknown[unknown.index(sign) + at] = 97
for _ in range(6):
    deep = zipped("more.zip", deep)
objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>",
    b"<</Length 28>>\nstream\nq 595 0 0 842 0 0 cm /I Do Q\nendstream",
    b"<</Subtype/Image/Width 1/Height 1/Filter/DCTDecode/Length 3>>\nstream\n\xff\xd8\xff\nendstream"]
scan, places = b"%PDF-1.4\n", []
for number, one in enumerate(objects, 1):
    places.append(len(scan))
    scan += b"%d 0 obj\n%s\nendobj\n" % (number, one)
table = len(scan)
scan += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
scan += b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % table
expect({"ENCRYPTED", "ANY"}, files=packed(locked()))
expect({"BROKEN", "ANY"}, files=packed(b"PK\x03\x04\x14\x00\x00\x00\x08\x00torn"))
expect({"UNSUPPORTED", "ANY"}, files=packed(bytes(unknown)))
expect({"TOO-BIG", "ANY"}, files=packed(deep))
expect({"IMAGE-ONLY"}, files=[("scan.pdf", "application/pdf", scan)])
expect(set(), files=packed(zipped("a.txt", "hello")))
arrived()
"##;
    run(&demo, &format!("{zips}{reasons}"));
    // a child that is stopped never ends
    demo.env.push(("SEKISHO_LIMITS__EXTRACT_SECONDS", "2".to_owned()));
    demo.serve_again();
    let slow = r##"
import signal
def stopped():
    server = open(os.path.join(os.path.dirname(demo["config"]), "data", "pid")).read().strip()
    end, children = time.time() + 30, []
    while not children:
        assert time.time() < end, "no child is ready"
        for status in glob.glob("/proc/[0-9]*/status"):
            try:
                if "PPid:\t%s\n" % server in open(status).read():
                    children.append(int(status.split("/")[2]))
            except OSError:
                pass
    for child in children:
        os.kill(child, signal.SIGSTOP)
for door in (by_smtp, by_check):
    file = packed(zipped("%s.txt" % door.__name__, "hello"))
    stopped()
    assert door("sato", to=PARTNER, files=file) == "SLOW"
    assert door("sato", to=PARTNER, files=file) is None, "the next child is fine"
"##;
    run(&demo, &format!("{zips}{slow}"));
}

#[test]
fn people_inside_and_outside_exceptions_and_modes_count_by_both_doors() {
    let inside = mark("GROUP", "direction = \"inside\"", "{ recipients = \"group:取扱担当者\" }")
        + &mark("DEPARTMENT", "direction = \"inside\"", "{ recipients = \"department:営業部\" }")
        + &mark("INSIDE", "direction = \"any\"", "{ recipients = \"inside\" }")
        + &mark("OUTSIDE", "direction = \"any\"", "{ recipients = \"outside\" }")
        + &mark("PERSON", "direction = \"inside\"", "{ recipients = \"watanabe@aoba.example\" }")
        + &mark("WITHIN", "direction = \"any\"", "{ recipients = \"group:全体\" }")
        + &mark("FROM-WITHIN", "direction = \"out\"\nfrom = [\"group:全体\"]", "{ recipients = \"outside\" }");
    let outside = marks(&[
        ("PARTNERS", "{ recipients = \"group:協力会社\" }"),
        ("LISTED", "{ recipients = \"list:お得意先\" }"),
        ("FEW", "{ recipient_count = { max = 2, who = \"outside\" } }"),
        ("SOME", "{ recipient_count = { min = 2, max = 3, who = \"outside\" } }"),
    ]) + &mark("SENDER", "direction = \"out\"\nfrom = [\"list:出向者\"]", "{ recipients = \"outside\" }");
    let modes = mark("UNLISTED", "direction = \"out\"\nexcept = [\"LISTED\"]", "{ recipients = \"outside\" }")
        + &mark("OFF", "direction = \"any\"\nmode = \"off\"", "{ recipients = [\"inside\", \"outside\"] }")
        + &mark("KEPT", "direction = \"out\"\nmode = \"record\"", "{ recipients = \"outside\" }")
        + &mark("AGAIN", "direction = \"out\"\nexcept = [\"OFF\", \"KEPT\"]", "{ recipients = \"outside\" }");
    let demo = Demo::start();
    for (name, kind, member) in
        [("出向者", "--list", "ito@aoba.example"), ("協力会社", "--member", "hanako@minato.example")]
    {
        let kind: &[&str] = if kind == "--list" { &["--list", "--member"] } else { &["--member"] };
        demo.good(&[&["group", "add", name, "--tenant", "aoba"], kind, &[member]].concat());
    }
    demo.good(&["alias", "add", "kikaku@aoba.example", "--user", "watanabe@aoba.example"]);
    // groups within a group, which lead back to it
    for (name, own, members) in [
        ("全体", "zentai@aoba.example", ["honsha@aoba.example", "c@minato.example"]),
        ("本社", "honsha@aoba.example", ["watanabe@aoba.example", "zentai@aoba.example"]),
    ] {
        let group = ["group", "add", name, "--tenant", "aoba", "--address", own];
        demo.good(&[&group[..], &["--member", members[0], "--member", members[1]]].concat());
    }
    run(
        &ruled(demo, &(inside + &outside + &modes)),
        r##"
expect({"suzuki": {"GROUP", "INSIDE"}}, to="suzuki@aoba.example")
expect({"takahashi": {"DEPARTMENT", "INSIDE"}}, to="takahashi@aoba.example")
# whom a rule names is meant by each of his addresses
for own in ("watanabe@aoba.example", "kikaku@aoba.example", "Watanabe+x@aoba.example"):
    expect({"watanabe": {"INSIDE", "WITHIN", "PERSON"}}, to=own)
# whom all outside recipients of a mail are listed for takes the other rule out; what is off or only recorded takes out nothing
always = {"OUTSIDE", "AGAIN"}
expect({"suzuki": {"GROUP", "INSIDE"}, "outside": always | {"LISTED", "FEW"}}, cc="suzuki@aoba.example")
expect([always | {"LISTED", "FEW", "SOME", "UNLISTED"}, always | {"FEW", "SOME", "UNLISTED"}], cc="a@minato.example")
expect(always | {"UNLISTED", "FEW", "SENDER"}, name="ito", to="a@minato.example")
expect(always | {"UNLISTED", "FEW", "FROM-WITHIN"}, name="watanabe", to="a@minato.example")
expect(always | {"UNLISTED", "FEW", "PARTNERS"}, to="hanako@minato.example")
# by a group at last: who is within it, here and elsewhere
expect({"watanabe": {"INSIDE", "WITHIN", "PERSON"}, "outside": always | {"UNLISTED", "FEW", "WITHIN"}}, to="honsha@aoba.example")
expect(always | {"UNLISTED", "SOME"}, to="a@minato.example", cc="b@minato.example", bcc="e@minato.example")
expect(always | {"UNLISTED"}, to="a@minato.example, b@minato.example", bcc="e@minato.example, d@minato.example")
arrived()
import sqlite3
mails = sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", "mail.db"))
told = [json.loads(row) for row, in mails.execute("SELECT detail FROM audit WHERE event = 'submission.judged'")]
assert len(told) == len(WANTED) and all("OFF" not in row["rules"] + row["recorded"] for row in told), told
kept = [row["recorded"] for row in told if "OUTSIDE" in row["rules"]]
assert kept == [["KEPT"]] * 16, told
"##,
    );
}

#[test]
fn hours_holidays_and_schedules_count_by_both_doors() {
    // Japan has holidays and weekends of its own (review::calendar): 1 January 2031 is a Wednesday
    let days = marks(&[
        ("OFFICE-HOURS", "{ time = { hours = \"09:00-18:00\" } }"),
        ("NIGHT", "{ time = { hours = \"18:00-09:00\" } }"),
        ("HOLIDAY", "{ time = { days = [\"holiday\"] } }"),
        ("WEEKEND", "{ time = { days = [\"sat\", \"sun\"] } }"),
        ("BUSINESS", "{ time = { days = [\"business\"] } }"),
        ("AT-WORK", "{ time = { days = [\"business\"], hours = \"09:00-18:00\" } }"),
    ]);
    let scheduled = [
        ("ONE-DAY", "{ from = \"2031-01-02\", until = \"2031-01-02\" }"),
        ("UNTIL", "{ until = \"2031-01-01\" }"),
        ("ON-DAYS", "{ from = \"2030-12-01\", days = [\"business\"], hours = \"09:00-18:00\" }"),
    ];
    let mut rules = days;
    for (code, active) in scheduled {
        rules += &mark(code, &format!("direction = \"out\"\nactive = {active}"), "{ recipients = \"outside\" }");
    }
    // outside of its schedule a rule takes no other out
    rules += &mark("BESIDE", "direction = \"out\"\nexcept = [\"ONE-DAY\"]", "{ recipients = \"outside\" }");
    let mut program = String::from(
        r#"
import datetime, math
def at(moment):
    """Puts the clock forward to a moment in Japan; whoever was signed in signs in anew."""
    ahead(math.ceil(datetime.datetime.fromisoformat(moment + ":00+09:00").timestamp() - time.time()))
    pens.clear()
"#,
    );
    for (moment, codes) in [
        ("2031-01-01T10:00", "OFFICE-HOURS HOLIDAY UNTIL BESIDE"),
        ("2031-01-02T08:50", "NIGHT BUSINESS ONE-DAY"),
        ("2031-01-02T09:00", "OFFICE-HOURS BUSINESS AT-WORK ONE-DAY ON-DAYS"),
        ("2031-01-02T18:00", "NIGHT BUSINESS ONE-DAY"),
        ("2031-01-03T00:00", "NIGHT BUSINESS BESIDE"),
        ("2031-01-04T10:00", "OFFICE-HOURS WEEKEND BESIDE"),
    ] {
        writeln!(program, "at({moment:?})\nexpect(set({codes:?}.split()))").unwrap();
    }
    program.push_str("arrived()\n");
    run(&ruled(Demo::start_on_a_clock(), &rules), &program);
}
