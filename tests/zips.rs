//! ZIPs through the front door: what a recipient outside gets and 7-Zip opens, what colleagues get, and what the sender alone is told.

use crate::house::Demo;
use crate::rules::doors::{DOORS, PEN, under};

const STRANGER: &str = include_str!("links/stranger.py");
/// A recipient with 7-Zip.
pub const OPENER: &str = include_str!("zips/opener.py");

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

# and its page says what went out to whom, and how
copy = pen("sato").follow(pen("sato").get("/mail/by-uid/Sent/%d" % len(inbox("sato", "Sent"))))
assert "送信状況" in copy.text() and PARTNER in copy.text() and "ZIP(AES-256)" in copy.text(), copy.text()
assert "/outgoing/passwords/" + zip_reference() in copy.body, copy
timeline = pen("sato").get(html.unescape(re.search(r'href="(/outgoing\?before=[^"#]*)#', copy.body).group(1)))
assert timeline.body.find('id="s-' + zip_reference()) < timeline.body.find("名簿の送付"), "the page begins with it"

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
mails = all_arrived(PARTNER, "boss@minato.example")
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

#[test]
fn a_partner_gets_his_zip_under_the_password_that_was_agreed_with_him_and_others_under_one_of_their_own() {
    let demo = under(&rule("{ encrypt = \"zip\" }"));
    for (domain, name, secret) in
        [("yamada.example", "山田製作所 2026", "yamada-kakubetsu-26"), ("short.example", "短いもの", "abc")]
    {
        let add = ["passwords", "add", "--tenant", "aoba", "--domain", domain, name];
        assert!(demo.run_with(&add, &format!("{secret}\n")).status.success());
    }
    run(
        &demo,
        r##"
send_file(to="taro@yamada.example, boss@minato.example, x@short.example")
agreed, made = [], []
before = all_arrived(PARTNER, "boss@minato.example", "x@short.example")
for one in before:
    said, _, archive = parts(one)
    (agreed if "事前に取り決めたパスワードで開けます" in said else made).append(archive)
assert len(agreed) == 1 and made
secret = password_told("sato")
assert opened_files(agreed[0], "yamada-kakubetsu-26") == {"名簿.csv": FILE} and not opens(agreed[0], secret)
for archive in made:
    assert opened_files(archive, secret) == {"名簿.csv": FILE} and not opens(archive, "yamada-kakubetsu-26") and not opens(archive, "abc")
page = pen("sato").get("/outgoing/passwords/" + zip_reference()).text()
assert "「山田製作所 2026」で開けます" in page and "yamada-kakubetsu-26" not in page, page
assert "boss@minato.example, x@short.example" in page, page
# what opens his is in no notice
notices = [text(one) for subject, one in inbox("sato") if "ZIP のパスワード" in subject]
assert len(notices) == 1 and PARTNER not in notices[0] and "yamada-kakubetsu-26" not in notices[0], notices
# alone with a partner there is nothing to be told
send_file()
assert len(all_arrived(PARTNER)) == len(before) + 1
assert sum("ZIP のパスワード" in subject for subject, _ in inbox("sato")) == 1
"##,
    );
}

#[test]
fn a_sender_chooses_how_his_files_are_kept_and_weakens_no_rule() {
    let demo = under(
        "[[rule]]\ncode = \"LINK\"\nname = \"リンク\"\ndirection = \"out\"\nwhen = { all = [ { recipients = \"minato.example\" }, { attachment = { count = 1 } } ] }\naction = { encrypt = \"link\" }\n",
    );
    run(
        &demo,
        r##"
def chosen(how, to, subject, files=(("名簿.csv", "text/csv", FILE),)):
    page = pen("sato").get("/mail/compose")
    assert "添付の保護" in page.text() and "規則のとおり" in page.text(), page.text()
    check = pen("sato").follow(pen("sato").write(page, "check", list(files), to=to, subject=subject, body="hello", safeguard=how))
    assert check.status == 200, check
    return check
plain = chosen("", PARTNER, "plain")
assert "ZIP(AES-256)" not in plain.text()
pen("sato").tick(plain)
assert arrived(1)[0].get_payload()[1].get_payload(decode=True) == FILE

# ZIP where no rule asks for anything; the rule's link stays one, colleagues get the mail itself
mixed = chosen("zip", "taro@yamada.example, boss@minato.example, ito@aoba.example", "mixed")
assert "ZIP(AES-256)" in mixed.text() and "リンク" in mixed.text(), mixed.text()
assert pen("sato").tick(mixed).status == 303
linked, zipped = {}, {}
for one in arrived(3)[1:]:
    (zipped if one.is_multipart() else linked)["it"] = one
assert "確認コード" in words(linked["it"])
_, _, archive = parts(zipped["it"])
assert opened_files(archive, password_told("sato")) == {"名簿.csv": FILE}
inside = inbox("ito")[-1][1]
assert inside.get_payload()[1].get_payload(decode=True) == FILE
told = pen("sato").get("/outgoing").text()
for word in ("ZIP(AES-256)", "リンクで送信しました", "ZIP で送信しました"):
    assert word in told, (word, told)

# a link is stronger than nothing, too, and a text alone is sent as it is
link = chosen("link", PARTNER, "link")
pen("sato").tick(link)
assert "確認コード" in words(arrived(4)[-1])
bare = chosen("zip", PARTNER, "bare", files=())
pen("sato").tick(bare)
assert words(arrived(5)[-1]).strip() == "hello"
# TLS that nobody can prove stops the mail
tls = chosen("tls", PARTNER, "tls")
assert "認証された TLS" in tls.text()
pen("sato").tick(tls)
end = time.time() + 20
while "認証された TLS で送信できないため、止めています" not in pen("sato").get("/outgoing").text():
    assert time.time() < end, pen("sato").get("/outgoing").text()
    time.sleep(0.05)
arrived(5)
# the draft remembers the choice
page = pen("sato").get("/mail/compose")
saved = pen("sato").follow(pen("sato").write(page, "save", [], to=PARTNER, subject="draft", body="x", safeguard="link"))
assert saved.value("safeguard") == "link", saved
assert pen("sato").write(pen("sato").get("/mail/compose"), "save", [], to=PARTNER, safeguard="none").status == 400
"##,
    );
}

#[test]
fn a_company_says_how_files_go_to_a_domain_and_a_sender_is_bound_by_it_by_both_doors() {
    let demo = under("");
    demo.administer(&format!(
        r##"{PEN}
{DOORS}
{STRANGER}
{OPENER}
ito = Admin("ito")
page = "/t/aoba/safeguards"
ito.see(page, "添付の保護", "ドメインごとの設定はまだありません")
ito.do(page, page, domain="yamada.example", how="zip")
ito.do(page, page, domain="minato.example", how="link")
assert "ドメイン名の形式" in ito.do(page, page, 422, domain="no domain", how="zip").body
assert "送り方を選んで" in ito.do(page, page, 422, domain="x.example", how="none").body
ito.see(page, "yamada.example", "minato.example", "2件のドメイン")
ito.see("/t/aoba/audit?event=policies", "yamada.example (zip)")
assert "3~15桁" in ito.do(page, page + "/telephone", 422, telephone="call me").body
ito.do(page, page + "/telephone", telephone="03-1234-5678")
ito.see(page, "会社の代表電話", 'value="03-1234-5678"')
ito.see("/t/aoba/audit?event=policies", "代表電話: 03-1234-5678")
ito.do(page, page + "/telephone", telephone="")
assert 'value="03-1234-5678"' not in ito.see(page)
send_file(to="taro@yamada.example, boss@minato.example, x@other.example")
def came(mails):
    """The forms in which a mail came."""
    forms = {{}}
    for one in mails:
        if not one.is_multipart():
            forms["link"] = "確認コード" in words(one)
        elif one.get_payload()[1].get_content_type() == "application/zip":
            forms["zip"] = opened_files(parts(one)[2], password_told("sato")) == {{"名簿.csv": FILE}}
        else:
            forms["plain"] = one.get_payload()[1].get_payload(decode=True) == FILE
    return forms
assert came(arrived(3)) == {{"link": True, "zip": True, "plain": True}}
# from the browser: the check says before it is sent to whom it goes in which form
compose = pen("sato").write(pen("sato").get("/mail/compose"), "check", [("名簿.csv", "text/csv", FILE)], subject="browser", body="hello",
                            to="taro@yamada.example, boss@minato.example", cc="x@other.example, suzuki@aoba.example")
check = pen("sato").follow(compose)
forms = {{re.search(r'class="mono">([^<]*)<', one).group(1): re.findall(r'<span class="tag ok">([^<]*)</span>', one)
         for one in re.findall(r'<label class="tick">(?:(?!</label>).)*@(?:(?!</label>).)*</label>', check.body, re.S)}}
assert forms == {{"taro@yamada.example": ["ZIP(AES-256)"], "boss@minato.example": ["リンク"], "x@other.example": []}}, forms
assert pen("sato").tick(check).status == 303
assert came(arrived(6)[3:]) == {{"link": True, "zip": True, "plain": True}}
assert inbox("suzuki")[-1][1].get_payload()[1].get_payload(decode=True) == FILE
ito.do(page, page + "/remove", domain="yamada.example")
ito.do(page, page + "/remove", 404, domain="yamada.example")
send_file()
assert arrived(7)[-1].get_payload()[1].get_payload(decode=True) == FILE
check = pen("sato").check([("名簿.csv", "text/csv", FILE)], to=PARTNER, subject="browser", body="hello")
assert "ZIP(AES-256)" not in check.text() and pen("sato").tick(check).status == 303
assert arrived(8)[-1].get_payload()[1].get_payload(decode=True) == FILE
# a domain that is spelled as people have it, too
ito.do(page, page, domain="例え.jp", how="zip")
for to, is_bound in (("taro@xn--r8jz45g.jp", True), ("taro@xn--fsq.jp", False)):
    check = pen("sato").check([("名簿.csv", "text/csv", FILE)], to=to, subject="browser", body="hello")
    assert ("ZIP(AES-256)" in check.text()) == is_bound, (to, check.text())
"##
    ));
}

#[test]
fn a_password_is_mailed_to_the_same_recipients_only_where_that_was_switched_on_knowingly() {
    let demo = under(&rule("{ encrypt = \"zip\" }"));
    demo.administer(&format!(
        r##"{PEN}
{DOORS}
{STRANGER}
{OPENER}
ito = Admin("ito")
page = "/t/aoba/safeguards"
ito.see(page, "PPAP", "安全ではありません", "現在:送りません(推奨)。")
send_file()
first = password_told("sato")
assert first not in str(arrived(1)[0])
assert "チェックを入れてください" in ito.do(page, page + "/habit", 422, state="on").body
ito.see(page, "現在:送りません(推奨)。")
ito.do(page, page + "/habit", state="on", understood="1")
ito.see(page, "現在:同じ宛先へメールで送っています。安全ではありません。")
ito.see("/t/aoba/audit?event=policies", "ZIP のパスワードを同じ宛先へメールで送る(安全ではありません): する")
send_file(subject="旧来の方法")
secret = password_told("sato")
mails = arrived(3)[1:]
plain = next(one for one in mails if not one.is_multipart())
packed = next(one for one in mails if one.is_multipart())
assert subject_of(plain) == "【パスワードのお知らせ】旧来の方法" and "sato@aoba.example" in plain["From"] and secret in words(plain), plain
assert opened_files(parts(packed)[2], secret) == {{"名簿.csv": FILE}}
told = pen("sato").get("/outgoing").text()
assert "パスワードを同じ宛先へメールで送りました(会社の設定)" in told and secret not in told, told
ito.do(page, page + "/habit", state="off")
send_file()
mails = arrived(4)
assert mails[-1].is_multipart(), "no password is mailed any more"
"##
    ));
}
