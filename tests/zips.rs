//! ZIPs through the front door: what a recipient outside gets and 7-Zip opens, what colleagues get, and what the sender alone is told.

use crate::house::Demo;
use crate::rules::doors::{DOORS, PEN, under};

const STRANGER: &str = include_str!("links/stranger.py");
/// A recipient with 7-Zip.
const OPENER: &str = include_str!("zips/opener.py");

/// One rule for all mail to the outside.
fn rule(action: &str) -> String {
    format!(
        "[[rule]]\ncode = \"ZIP\"\nname = \"ためし\"\ndirection = \"out\"\nwhen = {{ recipients = \"outside\" }}\naction = {action}\n"
    )
}

fn run(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{DOORS}\n{STRANGER}\n{OPENER}\n{program}"));
}

#[test]
fn files_go_as_a_zip_by_both_doors_and_seven_zip_opens_it_with_the_password_that_the_sender_is_told() {
    let demo = under(&rule("{ encrypt = \"zip\" }"));
    run(
        &demo,
        r##"
send_file(cc="ito@aoba.example")
one = arrived(1)[0]
assert subject_of(one) == "名簿の送付" and "sato@aoba.example" in one["From"] and "ito@aoba.example" in one["Cc"], one
said, name, archive = parts(one)
assert said.startswith("名簿をお送りします。") and "AES-256" in said and "メール以外の方法でお伝えします" in said, said
assert name == "添付ファイル.zip", name
raw = one.as_bytes()
for hidden in ("名簿.csv".encode(), FILE[:20], base64.b64encode(FILE)[:40]):
    assert hidden not in raw and hidden not in archive, hidden
# names are hidden, and the wrong password opens nothing
listed = seven_zip("l", archive)
assert listed.count("Path = ") == 2 and "Path = files.zip" in listed and "AES-256" in listed, listed
assert not opens(archive, "abcdefghjkmnpqrs")
secret = password_told("sato")
assert opened_files(archive, secret) == {"名簿.csv": FILE}

# the sender alone is told: by his page and by a notice
subject, notice = inbox("sato")[-1]
assert subject == "【ZIP のパスワード】名簿の送付" and secret in text(notice) and PARTNER in text(notice), (subject, text(notice))
assert secret not in raw.decode("utf-8", "replace")
page = pen("sato").get("/outgoing/passwords/" + zip_reference())
assert PARTNER in page.text() and "ito@" not in page.text(), page.text()
assert pen("ito").get("/outgoing/passwords/" + zip_reference()).status == 404
assert pen("suzuki").get("/outgoing/passwords/" + zip_reference()).status == 404
told = pen("sato").get("/outgoing").text()
assert "ZIP(AES-256)" in told and "ZIP で送信しました" in told and "AES-256 (AE-2): taro@yamada.example" in told and secret not in told, told
inside = inbox("ito")[-1][1]
assert inside.get_payload()[1].get_payload(decode=True) == FILE, "colleagues get the mail itself"
assert all(secret not in spoken(mail_) for _, mail_ in inbox("ito"))

# from the browser
check = pen("sato").check([("名簿.csv", "text/csv", FILE)], to=PARTNER, subject="browser", body="hello")
assert "AES-256 の ZIP で送ります" in check.text(), check.text()
assert pen("sato").tick(check).status == 303
said, _, archive = parts(arrived(2)[-1])
other = password_told("sato")
assert said.startswith("hello") and other != secret and opened_files(archive, other) == {"名簿.csv": FILE}
original = inbox("sato", "Sent")[-1][1]
assert original.get_payload()[1].get_payload(decode=True) == FILE, "the sent copy is the mail itself"

# no page of others, no log, no row and no index holds it
for words_ in (sekisho("trace", zip_reference()),):
    assert other not in words_ and "parcel.zipped" in words_, words_
indexed("sato", other)
for folder, _, files in os.walk(os.path.dirname(demo["config"])):
    for path in filter(os.path.isfile, (os.path.join(folder, file) for file in files)):
        content = open(path, "rb").read()
        for word in (secret, other):
            assert word.encode() not in content, path
"##,
    );
}

#[test]
fn a_mail_with_a_number_in_its_text_goes_into_the_zip_as_a_whole() {
    let demo = under(&rule("{ encrypt = \"zip\" }"));
    run(
        &demo,
        r##"
number = "1234 5678 9018"
code, said = send("sato", *mail("sato", PARTNER, bcc="boss@minato.example", subject="個人番号 %s の件" % number, text="個人番号は %s です。" % number, files=[("a.txt", "text/plain", b"one"), ("A.txt", "text/plain", b"two")]))
assert code == 250, said
mails = arrived(2)
secret = password_told("sato")
for one in mails:
    said, _, archive = parts(one)
    assert "●●●●" in subject_of(one) and "佐藤" in said and "minato" not in str(one["To"]) + said, one
    assert not digits(said) and not digits(subject_of(one)) and "個人番号は" not in said, one
    files = opened_files(archive, secret)
    assert sorted(files) == ["A (2).txt", "a.txt", "本文.txt"], files
    whole = files["本文.txt"].decode("utf-8-sig")
    assert "個人番号は %s です。" % number in whole and "件名: 個人番号 %s の件" % number in whole and "minato" not in whole, whole
"##,
    );
}

#[test]
fn what_was_signed_is_held_and_never_packed_and_what_waited_for_an_approver_is() {
    let demo = under(&rule("[ { hold = { approvers = [\"group:取扱担当者\"] } }, { encrypt = \"zip\" } ]"));
    let signed = under(&rule("{ encrypt = \"zip\" }"));
    run(
        &demo,
        r##"
send_file()
assert 'href="/outgoing/passwords/' not in pen("sato").get("/outgoing").body, "nothing was packed yet"
number = re.search(r'href="/approve/(\d+)"', pen("suzuki").get("/approve").body).group(1)
page = pen("suzuki").get("/approve/" + number)
assert "AES-256 の ZIP で送ります" in page.text(), page.text()
done = pen("suzuki").post("/approve/" + number, [(n, v) for n, v in page.fields() if n == "csrf"] + [("do", "approve")])
assert done.status == 303, done
_, _, archive = parts(arrived(1)[0])
assert opened_files(archive, password_told("sato")) == {"名簿.csv": FILE}
assert pen("suzuki").get("/outgoing/passwords/" + zip_reference()).status == 404, "the approver is not told"
assert all(password_told("sato") not in spoken(one) for _, one in inbox("suzuki"))
"##,
    );
    run(
        &signed,
        r##"
made = ("From: sato@aoba.example\r\nTo: taro@yamada.example\r\nSubject: signed\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"; micalg=pgp-sha256\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n")
code, said = send("sato", made, [PARTNER])
assert code == 250 and "held" in said, said
page = pen("suzuki").get("/approve")
number = re.search(r'href="/approve/(\d+)"', page.body).group(1)
assert "署名または暗号化されたメールは書き換えられない" in pen("suzuki").get("/approve/" + number).text()
arrived(0)
"##,
    );
}
