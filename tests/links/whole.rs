//! Rules that keep the whole message here, its text and its files: as a link and as a ZIP, by both doors.

use super::STRANGER;
use crate::rules::doors::{DOORS, PEN, under};
use crate::zips::OPENER;

fn rule(form: &str, domain: &str) -> String {
    format!(
        "[[rule]]\ncode = \"{}\"\nname = \"ためし\"\ndirection = \"out\"\nwhen = {{ recipients = \"{domain}\" }}\n\
         action = {{ encrypt = {{ form = \"{form}\", what = \"message\" }} }}\n",
        form.to_uppercase()
    )
}

#[test]
fn a_rule_keeps_the_text_of_a_mail_with_files_too_as_a_link_and_as_a_zip_by_both_doors() {
    let demo = under(&(rule("link", "yamada.example") + &rule("zip", "minato.example")));
    let program = r##"
BOSS, TEXT = "boss@minato.example", "今回の見積は百二十万円です。"
FILES = [("名簿.csv", "text/csv", FILE), ("b.pdf", "application/pdf", b"%PDF-1.4 x")]
def hidden(one):
    """Neither a word of the text nor a file or its name goes out."""
    raw = one.as_bytes()
    for part in one.walk():
        raw += part.get_payload(decode=True) or b""
    for word in (TEXT.encode(), "百二十万".encode(), base64.b64encode(TEXT.encode())[4:30], "名簿.csv".encode(), b"b.pdf", FILE[:20], base64.b64encode(FILE)[:40]):
        assert word not in raw, (word, one)
for round, door in enumerate(("SMTP", "browser")):
    subject = "見積の件 " + door
    if door == "SMTP":
        code, said = send("sato", *mail("sato", PARTNER + ", " + BOSS, cc="ito@aoba.example", subject=subject, text=TEXT, files=FILES))
        assert code == 250, said
    else:
        check = pen("sato").check(FILES, to=PARTNER + ", " + BOSS, cc="ito@aoba.example", subject=subject, body=TEXT)
        assert "リンクで送ります(メール全体、" in check.text() and "AES-256 の ZIP で送ります(メール全体)" in check.text(), check.text()
        assert pen("sato").tick(check).status == 303
    inside = inbox("ito")[-1][1]
    assert text(inside.get_payload()[0]).strip() == TEXT and [part.get_payload(decode=True) for part in inside.get_payload()[1:]] == [FILE, b"%PDF-1.4 x"], "colleagues get the mail itself"
    two = arrived(2 + 3 * round)[-2:]
    linked, packed = sorted(two, key=lambda one: one.is_multipart())
    for one in two:
        assert subject_of(one) == subject, one
        hidden(one)
    # the link leads to the whole: its text on a page, it and each file to be fetched
    files = opened(link_in(linked), 3 + 3 * round)
    shown = get(files).text()
    assert shown.index("メール全体") < shown.index("名簿.csv") < shown.index("b.pdf"), shown
    read = post(files + "/text")
    assert read.status == 200 and TEXT in read.text(), read
    whole = message_from_bytes(post(files + "/0").bytes)
    assert [part.get_payload(decode=True) for part in whole.walk() if part.get_filename()] == [FILE, b"%PDF-1.4 x"] and text(whole.get_payload()[0]).strip() == TEXT, whole
    assert post(files + "/1").bytes == FILE and post(files + "/2").bytes == b"%PDF-1.4 x"
    told = links_page().text()
    assert "メール全体" in told and "添付ファイルのみ" not in told, told
    # the ZIP holds it as a text beside the files
    said, name, archive = parts(packed)
    assert "AES-256" in said and TEXT not in said, said
    inner = opened_files(archive, password_told("sato"))
    assert sorted(inner) == ["b.pdf", "名簿.csv", "本文.txt"] and inner["名簿.csv"] == FILE and inner["b.pdf"] == b"%PDF-1.4 x", inner
    written = inner["本文.txt"].decode("utf-8-sig")
    assert TEXT in written and "件名: " + subject in written, written
"##;
    demo.python(&format!("{PEN}\n{DOORS}\n{STRANGER}\n{OPENER}\n{program}"));
}
