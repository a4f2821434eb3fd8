//! Links through the front door: what a recipient outside gets, sees and fetches, what a scanner of links or a wrong recipient gets,
//! and what the sender sees and does.

mod times;
mod whole;

use crate::house::{Demo, text};
use crate::identity::DRAWN;
use crate::rules::doors::{DOORS, PEN, ruled, under};

/// Somebody outside, with the mails that arrived there.
pub const STRANGER: &str = include_str!("links/stranger.py");

/// One rule for all mail to the outside.
fn rule(action: &str) -> String {
    format!(
        "[[rule]]\ncode = \"LINK\"\nname = \"ためし\"\ndirection = \"out\"\nwhen = {{ recipients = \"outside\" }}\naction = {action}\n"
    )
}

fn run(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{DOORS}\n{STRANGER}\n{program}"));
}

const SEND: &str = r#"
def send_file(subject="名簿の送付", to=PARTNER, cc="", text="名簿をお送りします。"):
    code, said = send("sato", *mail("sato", to, cc=cc, subject=subject, text=text, files=[("名簿.csv", "text/csv", FILE)]))
    assert code == 250, said
"#;

#[test]
fn a_file_goes_as_a_link_by_both_doors_and_arrives_byte_for_byte() {
    let demo = under(&rule("{ encrypt = \"link\" }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file(cc="ito@aoba.example")
mail_ = arrived(1)[0]
assert subject_of(mail_) == "名簿の送付" and "sato@aoba.example" in mail_["From"] and "ito@aoba.example" in mail_["Cc"], mail_
said = words(mail_)
assert said.startswith("名簿をお送りします。") and "taro@yamada.example 宛てに6桁の確認コード" in said, said
assert "有効期限:" in said and "23:59" in said, said
assert "心当たりがない場合は開かずに、弊社までご連絡ください。リンクを開けない場合は" in said, "no telephone number is told"
inside = inbox("ito")[-1][1]
assert inside.is_multipart() and inside.get_payload()[1].get_payload(decode=True) == FILE, "colleagues get the mail itself"

link = link_in(mail_)
first = get(link)
assert first.status == 200 and first.headers["Content-Security-Policy"].startswith("default-src 'none'"), first
for word in ("株式会社青葉製作所", "佐藤", "ファイル 1件", "有効期限", "確認コードを送る"):
    assert word in first.text(), (word, first.text())
for word in ("名簿", "taro@", "yamada"):
    assert word not in first.text(), word
assert "has sent you files" in get(link, language="en-US,en").text()

files = opened(link, 2)
shown = get(files)
assert shown.status == 200 and "名簿.csv" in shown.text() and "残り 5回" in shown.text(), shown
taken = post(files + "/1")
assert taken.status == 200 and taken.bytes == FILE, taken
assert taken.headers["Content-Disposition"].startswith("attachment") and taken.headers["Content-Type"] == "application/octet-stream", taken.headers
assert "残り 4回" in get(files).text()

page = links_page()
told = page.text()
for word in ("taro@yamada.example", "受け取り可能", "ダウンロード 1回", "確認コードの発行 1回", "ダウンロード 「名簿.csv」", "127.0.0.0/24", "Firefox"):
    assert word in told, (word, told)
assert "ダウンロード 0件の証明" not in told, "something was taken"
assert pen("ito").get("/outgoing/links/" + reference()).status == 404, "the sender alone sees it"

# a list that is longer goes on behind the newest 500
[link_id] = re.findall(r'id="link-(\d+)"', page.body)
earlier = "/outgoing/links/%s/%s/earlier/%%d" % (reference(), link_id)
told = pen("sato").get(earlier % (1 << 40)).text()
for word in ("これより前の記録", "taro@yamada.example", "ダウンロード 「名簿.csv」", "確認コードを送信", "リンクを発行"):
    assert word in told, (word, told)
assert "ダウンロード" not in pen("sato").get(earlier % 1).text(), "nothing was before the first"
assert pen("ito").get(earlier % (1 << 40)).status == 404, "the sender alone sees it"

check = pen("sato").check([("名簿.csv", "text/csv", FILE)], to=PARTNER, subject="browser", body="hello")
assert "リンクで送ります" in check.text(), check.text()
sent = pen("sato").tick(check)
assert sent.status == 303, sent
mail_ = arrived(3)[-1]
assert subject_of(mail_) == "browser" and words(mail_).startswith("hello"), mail_
assert post(opened(link_in(mail_), 4) + "/1").bytes == FILE
original = inbox("sato", "Sent")[-1][1]
assert original.is_multipart(), "the sent copy is the mail itself"
assert "リンクで送信しました" in pen("sato").get("/outgoing").text()

# the page of the copy says what went out to whom, and how
copy = pen("sato").follow(pen("sato").get("/mail/by-uid/Sent/%d" % len(inbox("sato", "Sent"))))
went = re.search(r'<section class="went".*?</section>', copy.body, re.S).group(0)
assert PARTNER in went and '<span class="tag">リンク</span>' in went and "ZIP" not in went and "TLS" not in went, went
assert 'href="/outgoing/links/%s"' % reference() in went, went
assert PARTNER in pen("sato").get("/outgoing/links/" + reference()).text()

# neither what opens a link nor what it leads to stands anywhere in clear
token, other = (link_in(one)[3:] for one in (arrived(4)[0], arrived(4)[2]))
hidden = [FILE, FILE[:60], FILE[-60:], FILE.decode("cp932").encode()[:60], base64.b64encode(FILE)[:40], "部署\r\n佐藤 0".encode()]
stands_nowhere(token.encode(), other.encode(), bits_of(token), bits_of(other), *hidden)

# the company's telephone, once it tells one, in the sender's language; an empty one takes it out
for count, (telephone, language, told) in enumerate((
    ("03-1234-5678", "ja", "心当たりがない場合は開かずに、弊社代表電話(03-1234-5678)へご連絡ください。リンクを開けない場合は、このメールにご返信ください。"),
    ("+81 (3) 1234-5678", "en", "If you do not expect this, please do not open it but call our company (+81 (3) 1234-5678). If you cannot open"),
    ("", "ja", "心当たりがない場合は開かずに、弊社までご連絡ください。リンクを開けない場合は"),
), 5):
    sekisho("tenant", "set", "aoba", "--telephone", telephone)
    sekisho("user", "set", "sato@aoba.example", "--language", language)
    send_file()
    assert told in words(arrived(count)[-1]), (telephone, words(arrived(count)[-1]))
"##
        ),
    );
    let wrong = demo.run(&["tenant", "set", "aoba", "--telephone", "call me"]);
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("such as 03-1234-5678"), "{}", text(&wrong.stderr));
}

#[test]
fn a_scanner_of_links_and_a_wrong_recipient_with_the_mail_alone_get_nothing() {
    let demo = under(&rule("{ encrypt = \"link\" }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
link = link_in(arrived(1)[0])
def scan():
    for method in ("GET", "HEAD"):
        for path in ("", "/enter", "?lang=en", "/code", "/files/x", "/files/99999999999.x", "/files/x/1", "/files/x/text"):
            shown = ask(method, link + path)
            assert shown.status in (200, 403, 405), shown
            assert b"cp932" not in shown.bytes and FILE[:20] not in shown.bytes
for _ in range(3):
    scan()
assert len(arrived(1)) == 1, "no code was sent"
assert "記録 1件" in links_page().text() and "ダウンロード 0件の証明" in links_page().text()

# who has the mail but not the mailbox
for code in ("000000", "", "482913"):
    assert enter(link, code).status == 422, code
assert post(link + "/files/x/1").status == 403
import base64
for until in ("99999999999", "1", "-1", "x"):
    forged = until + "." + base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")
    assert post(link + "/files/" + forged + "/1").status == 403
    assert get(link + "/files/" + forged).status == 403
# a pass of one link opens no other
send_file()
other = link_in(arrived(2)[-1])
files = opened(other, 3)
assert post(files.replace(other, link) + "/1").status == 403
assert post(files + "/1").bytes == FILE
assert post(files + "/2").status == 404 and post(files + "/0").status == 404
told = links_page().text()
assert "ダウンロード 1回" in told, told

# of two recipients of one mail each has a link and a code of his own, and the code of the one does not open the link of the other
send_file(to=PARTNER + ", ken@yamada.example")
links = {{re.search(r"([^\s、]+) 宛てに6桁", words(one)).group(1): link_in(one) for one in arrived(5)[-2:]}}
assert sorted(links) == ["ken@yamada.example", PARTNER] and len(set(links.values())) == 2, links
codes = {{}}
for count, (whom, link) in enumerate(sorted(links.items())):
    assert post(link + "/code").status == 303
    sent = arrived(6 + count)[-1]
    assert sent["To"] == whom, sent
    codes[whom] = code_in(sent)
ken, taro = links["ken@yamada.example"], links[PARTNER]
assert codes["ken@yamada.example"] == codes[PARTNER] or (enter(ken, codes[PARTNER]).status, enter(taro, codes["ken@yamada.example"]).status) == (422, 422)
for whom, link in links.items():
    answer = enter(link, codes[whom])
    assert answer.status == 303 and post(answer.to.split("?")[0] + "/1").bytes == FILE, whom
"##
        ),
    );
}

#[test]
fn wrong_codes_lock_a_link_and_its_sender_is_told() {
    let demo = ruled(Demo::start_on_a_clock(), &rule("{ encrypt = \"link\" }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
link = link_in(arrived(1)[0])
post(link + "/code")
code = code_in(arrived(2)[-1])
for left in (4, 3, 2, 1):
    wrong = enter(link, "000000" if code != "000 000" else "000001")
    assert wrong.status == 422 and "あと%d回" % left in wrong.text(), wrong
assert enter(link, "no").status == 429
locked = enter(link, code)
assert locked.status == 429 and "開けません" in locked.text() and "確認" in locked.text(), locked
assert post(link + "/code").status == 429
subject, notice = inbox("sato")[-1]
assert subject == "【リンクの一時停止】名簿の送付" and "taro@yamada.example" in text(notice), (subject, text(notice))
told = links_page().text()
assert "一時停止" in told and told.count("本人確認の誤り") == 5, told
# codes are bounded too
send_file(to="ken@yamada.example")
other = link_in(arrived(3)[-1])
for number in range(5):
    assert post(other + "/code").status == 303, number
arrived(8)
assert post(other + "/code").status == 429
assert enter(other, code_in(arrived(8)[-1])).status == 303, "the last one counts"
# after 14 minutes it is locked as before, after 15 a fresh code opens it
ahead(14 * 60)
assert enter(link, code).status == 429 and post(link + "/code").status == 429
assert len(arrived(8)) == 8, "no code is sent"
ahead(15 * 60 + 1)
assert post(opened(link, 9) + "/1").bytes == FILE
"##
        ),
    );
}

#[test]
fn after_twenty_wrong_codes_in_a_day_nothing_opens_a_recipients_links_until_it_is_over() {
    let demo = ruled(Demo::start_on_a_clock(), &rule("{ encrypt = \"link\" }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
send_file(subject="二通目")
first, second = [link_in(one) for one in arrived(2)]
def sent_code(link, count):
    assert post(link + "/code").status == 303
    return code_in(arrived(count)[-1])
code = sent_code(first, 3)
bad = "000000" if code != "000 000" else "000001"
# on either link, in fives, as soon as each quarter of an hour is over
for turn, link in enumerate((first, second, first, second)):
    ahead(turn * 16 * 60)
    for left in (4, 3, 2, 1):
        wrong = enter(link, bad)
        assert wrong.status == 422 and "あと%d回" % left in wrong.text(), (turn, wrong)
    assert enter(link, bad).status == 429, turn
# the quarter of an hour is over, and the day is not: for the recipient, whichever link
ahead(5 * 3600)
for link in (first, second):
    assert post(link + "/code").status == 429 and enter(link, code).status == 429, link
# another recipient is not locked
send_file(to="ken@yamada.example")
other = link_in(arrived(4)[-1])
assert enter(other, sent_code(other, 5)).status == 303
ahead(24 * 3600 + 60)
assert enter(first, sent_code(first, 6)).status == 303, "the day is over"
told = [subject for subject, _ in inbox("sato") if subject.startswith("【リンクの一時停止】")]
assert len(told) == 4, told
"##
        ),
    );
}

#[test]
fn parallel_downloads_are_counted_each_once() {
    let demo = under(&rule("{ encrypt = { form = \"link\", downloads = 3 } }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
from concurrent.futures import ThreadPoolExecutor
send_file()
files = opened(link_in(arrived(1)[0]), 2)
with ThreadPoolExecutor(12) as pool:
    answers = list(pool.map(lambda _: post(files + "/1"), range(12)))
assert sorted(one.status for one in answers) == [200] * 3 + [409] * 9, answers
assert all(one.bytes == FILE for one in answers if one.status == 200)
assert "上限に達しました" in post(files + "/1").text()
assert links_page().text().count("ダウンロード 「名簿.csv」") == 3
assert "延長しました" in act("extend", days="30", downloads="4")
assert post(files + "/1").status == 200 and post(files + "/1").status == 409
"##
        ),
    );
}

#[test]
fn a_sender_stops_extends_renews_and_proves_that_nothing_was_taken() {
    let demo = under(&rule("{ encrypt = \"link\" }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
link = link_in(arrived(1)[0])
never = get("/d/abcdefghijklmnopabcdefghijklmnop")
assert never.status == 404 and "このリンクは使えません" in never.text(), never
files = opened(link, 2)
renew = re.search(r'action="([^"]*/renew)"', links_page().body).group(1)
assert "リンクを停止しました" in act("stop")
# the button is gone; who has its address from before gets no new link either, and outside nothing tells of it
csrf = re.search(r'name="csrf" value="([^"]*)"', links_page().body).group(1)
assert "送り直せません" in pen("sato").toast(pen("sato").post(renew, [("csrf", csrf)])) and len(arrived(2)) == 2
for path in ("", "/enter", files[len(link):]):
    gone = get(link + path)
    assert (gone.status, gone.bytes) == (never.status, never.bytes), "as if there never was one"
assert post(files + "/1").bytes == never.bytes and post(link + "/code").bytes == never.bytes
assert enter(link, "123456").bytes == never.bytes
page = links_page()
proof = pen("sato").get(re.search(r'href="([^"]*/proof)"', page.body).group(1))
said = proof.text()
for words_ in ("本システムの記録では、", "ファイルのダウンロードはありません。", "停止日時: 20", "確認コードの発行: 1回", "漏えい等に該当するか否かの判断を示すものではありません", "taro@yamada.example", "名簿の送付"):
    assert words_ in said, (words_, said)
assert pen("ito").get(re.search(r'href="([^"]*/proof)"', page.body).group(1)).status == 404

assert "延長しました" in act("extend", days="7", downloads="5") and get(link).status == 200
assert "日数は" in act("extend", days="0", downloads="5")
assert "新しいリンクを送りました" in act("renew")
again = arrived(3)[-1]
assert subject_of(again) == "名簿の送付" and "sato@aoba.example" in again["From"], again
assert get(link).bytes == never.bytes and post(files + "/1").bytes == never.bytes, "the former address ends"
assert post(opened(link_in(again), 4) + "/1").bytes == FILE
told = links_page().text()
for word in ("停止", "延長", "送り直し", "ダウンロード 「名簿.csv」"):
    assert word in told, (word, told)
assert pen("sato").get(re.search(r'href="([^"]*/proof)"', page.body).group(1)).status == 404, "something was taken"
"##
        ),
    );
}

#[test]
fn a_mail_with_a_number_in_its_text_stays_here_as_a_whole() {
    let demo = under(&rule("{ encrypt = \"link\" }"));
    run(
        &demo,
        r##"
number = "1234 5678 9018"
code, said = send("sato", *mail("sato", PARTNER, cc="ken@yamada.example", bcc="boss@minato.example", subject="個人番号 %s の件" % number, text="個人番号は %s です。" % number))
assert code == 250, said
mails = arrived(3)
for one in mails:
    assert "●●●●" in subject_of(one) and "佐藤" in words(one), one
    assert not digits(words(one)) and not digits(subject_of(one)) and "個人番号は" not in words(one), one
    assert "boss" not in str(one["To"]) + str(one["Cc"]) or "minato" in words(one), one
links = {re.search(r"([^\s、]+) 宛てに6桁", words(one)).group(1): link_in(one) for one in mails}
assert len(set(links.values())) == 3, "each has his own"
link = links[PARTNER]
files = opened(link, 4)
shown = get(files)
assert "メール全体" in shown.text(), shown
read = post(files + "/text")
assert read.status == 200 and number in read.text(), read
whole = post(files + "/0")
assert whole.status == 200 and b"boss@minato.example" not in whole.bytes, "Bcc is not shown"
assert message_from_bytes(whole.bytes).get_payload(decode=True).decode().strip() == "個人番号は %s です。" % number
told = links_page().text()
assert "ダウンロード 2回" in told and "ダウンロード 「メール全体」" in told, told
assert told.count("ダウンロード 0件の証明") == 2, "of the two others"
"##,
    );
}

#[test]
fn a_mail_of_very_many_texts_goes_as_a_link_as_a_whole_and_loses_nothing() {
    let demo = under(&rule("{ encrypt = \"link\" }"));
    run(
        &demo,
        r##"
files = [("%d" % number, "text/plain", ("text number %d." % number).encode()) for number in range(60)]
made, people = mail("sato", PARTNER, subject="多くの本文", files=files + [("名簿.csv", "text/csv", FILE)])
made = re.sub(rb"Content-Disposition: attachment;\s+filename=\"\d+\"", b"Content-Disposition: inline", made)
code, said = send("sato", made, people)
assert code == 250, said
one = arrived(1)[0]
assert "text number" not in words(one), words(one)
link = opened(link_in(one), 2)
whole = message_from_bytes(post(link + "/0").bytes)
texts = [part.get_payload(decode=True) for part in whole.walk() if part.get_content_type() == "text/plain"]
assert b"text number 59." in b"".join(texts) and any(part.get_payload(decode=True) == FILE for part in whole.walk())
"##,
    );
}

#[test]
fn what_waited_for_an_approver_goes_as_a_link() {
    let demo = under(&rule("[ { hold = { approvers = [\"group:取扱担当者\"] } }, { encrypt = \"link\" } ]"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
number = re.search(r'href="/approve/(\d+)"', pen("suzuki").get("/approve").body).group(1)
page = pen("suzuki").get("/approve/" + number)
assert "リンクで送ります" in page.text(), page.text()
done = pen("suzuki").post("/approve/" + number, [(n, v) for n, v in page.fields() if n == "csrf"] + [("do", "approve")])
assert done.status == 303, done
assert post(opened(link_in(arrived(1)[0]), 2) + "/1").bytes == FILE
"##
        ),
    );
}

#[test]
fn a_password_told_otherwise_opens_a_link() {
    let demo = ruled(Demo::start_on_a_clock(), &rule("{ encrypt = { form = \"link\", identity = \"password\" } }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
def told(subject, *people):
    """The passwords in the last notices by recipient, of which the sender alone has any."""
    found = {{}}
    for title, notice in inbox("sato")[-len(people):]:
        assert title == "【リンクのパスワード】" + subject, title
        found[re.search(r"(\S+) 宛てのリンク", text(notice)).group(1)] = re.search(r"パスワード:(\S+)", text(notice)).group(1)
    assert sorted(found) == sorted(people) and len(set(found.values())) == len(people), found
    return found
def each_opens_his_own(mails, passwords):
    """Each password opens one of the links, and none of the others."""
    opened_ = []
    for one in mails:
        assert "メール以外の方法でお伝えするパスワード" in words(one) and not any(word in words(one) for word in passwords.values()), one
        link = link_in(one)
        assert "パスワード" in get(link).text() and post(link + "/code").status == 404
        assert enter(link, "wrong").status == 422
        answers = {{whom: enter(link, word.upper()) for whom, word in passwords.items()}}
        assert sorted(answer.status for answer in answers.values()) == [303] + [422] * (len(mails) - 1), answers
        [(whom, answer)] = [(whom, answer) for whom, answer in answers.items() if answer.status == 303]
        assert post(answer.to.split("?")[0] + "/1").bytes == FILE
        opened_.append(whom)
    assert sorted(opened_) == sorted(passwords), opened_
KEN = "ken@yamada.example"
send_file(to=PARTNER + ", " + KEN)
each_opens_his_own(arrived(2), told("名簿の送付", PARTNER, KEN))
# from the browser
check = pen("sato").check([("名簿.csv", "text/csv", FILE)], to=PARTNER + ", " + KEN, subject="browser", body="hello")
assert "リンクで送ります" in check.text(), check.text()
assert pen("sato").tick(check).status == 303
each_opens_his_own(arrived(4)[2:], told("browser", PARTNER, KEN))
assert links_page().text().count("ダウンロード 「名簿.csv」") == 2
# a link that wrong ones have locked refuses the right one for 15 minutes, and takes it then
send_file(subject="locked")
link = link_in(arrived(5)[-1])
[password] = told("locked", PARTNER).values()
for left in (4, 3, 2, 1):
    assert enter(link, "wrong").status == 422, left
assert enter(link, "wrong").status == 429 and enter(link, password).status == 429
pens.clear()
ahead(14 * 60)
late = enter(link, password)
assert late.status == 429 and "開けません" in late.text(), late
ahead(15 * 60 + 1)
answer = enter(link, password)
assert answer.status == 303 and post(answer.to.split("?")[0] + "/1").bytes == FILE, answer
"##
        ),
    );
}

#[test]
fn a_fresh_company_sends_numbers_to_its_contractors_and_pictures_of_documents_as_links() {
    let demo = Demo::start_without_ocr();
    demo.good(&["group", "set", "委託先", "--list", "--tenant", "aoba", "--member", "zeirishi@kaikei.example"]);
    let program = r##"
import struct, zlib
def png(side):
    """A picture of noise."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + os.urandom(3 * side) for _ in range(side))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
code, said = send("suzuki", *mail("suzuki", "zeirishi@kaikei.example", subject="年末調整", text="添付します。", files=[("名簿.csv", "text/csv", "氏名,個人番号\r\n佐藤,123456789018\r\n".encode())]))
assert code == 250 and "held" not in said, said
# each file to the outside waits a minute
arrived(0)
passes(60)
one = arrived(1)[0]
assert "123456789018" not in str(one) and words(one).startswith("添付します。"), one
def acts():
    """What was done to that mail, as the ledger has it."""
    lines = [json.loads(line) for line in sekisho("ledger", "list", "--tenant", "aoba", "--json").splitlines()]
    [line] = [line for line in lines if line["kind"] == "sent" and line["to"] == ["zeirishi@kaikei.example"]]
    return [act["act"] for act in line["acts"]]
files = opened(link_in(one), 2)
assert "entered" in acts() and "downloaded" not in acts(), acts()
assert b"123456789018" in post(files + "/1").bytes
assert acts().count("downloaded") == 1, acts()
card = png(200)
code, said = send("sato", *mail("sato", PARTNER, subject="ご依頼の件", text="運転免許証の写しをお送りします。", files=[("写真.png", "image/png", card)]))
assert code == 250, said
passes(60)
assert post(opened(link_in(arrived(3)[-1]), 4) + "/1").bytes == card
# as a camera or a scanner makes it, too, by both doors
for count, (name, kind, door) in enumerate((("写真.jpg", "image/jpeg", "SMTP"), ("写し.pdf", "application/pdf", "browser"))):
    fields = dict(to=PARTNER, subject="ご依頼の件")
    card, said = drawn(kind), "運転免許証の写しをお送りします。"
    if door == "SMTP":
        assert send("sato", *mail("sato", text=said, files=[(name, kind, card)], **fields))[0] == 250
    else:
        check = pen("sato").check([(name, kind, card)], body=said, **fields)
        assert "本人確認書類の画像" in check.text() and "リンクで送ります" in check.text(), check.text()
        assert pen("sato").tick(check).status == 303
    passes(60)
    assert post(opened(link_in(arrived(5 + 2 * count)[-1]), 6 + 2 * count) + "/1").bytes == card, kind
# numbers to a contractor, written in the browser
files = [("名簿.csv", "text/csv", "氏名,個人番号\r\n佐藤,123456789018\r\n".encode())]
check = pen("suzuki").check(files, to="zeirishi@kaikei.example", subject="支払調書", body="添付します。")
assert "リンクで送ります" in check.text() and "承認待ちになります" not in check.text(), check.text()
assert pen("suzuki").tick(check).status == 303
passes(60)
one = arrived(9)[-1]
assert "123456789018" not in str(one) and b"123456789018" in post(opened(link_in(one), 10) + "/1").bytes, one
# anybody else's, or to anybody else, waits as before
code, said = send("sato", *mail("sato", "zeirishi@kaikei.example", text="個人番号 1234 5678 9018"))
assert "held" in said, said
code, said = send("suzuki", *mail("suzuki", "zeirishi@kaikei.example", cc=PARTNER, text="個人番号 1234 5678 9018"))
assert "held" in said, said
"##;
    run(&demo, &format!("{DRAWN}{program}"));
    demo.administer(
        r#"
suzuki = Admin("suzuki")
[line] = re.findall(r'<a href="(/t/aoba/ledger/\d+)"[^>]*>年末調整</a>', suzuki.see("/t/aoba/ledger?person=zeirishi"))
seen = re.sub("<[^>]*>", " ", suzuki.see(line, "台帳に記録", "ダウンロード"))
assert re.search(r"ダウンロード\s+システム\s+zeirishi@kaikei\.example", seen), seen
"#,
    );
}

#[test]
fn an_administrator_sees_the_links_of_a_mail_and_stops_them() {
    let demo = under(&rule("{ encrypt = \"link\" }"));
    demo.administer(&format!(
        r##"{PEN}
{DOORS}
{STRANGER}
{SEND}
send_file()
link = link_in(arrived(1)[0])
track = "/t/aoba/tracking/" + reference()
ito = Admin("ito")
seen = ito.get(track).body
assert PARTNER in seen and "受け取り可能" in seen and "名簿.csv" not in seen, seen
ito.do(track, re.search(r'action="([^"]*/links/\d+/stop)"', seen).group(1), 303)
assert get(link).status == 404 and "停止または期限切れ" in ito.get(track).body
assert "リンクを停止" in ito.get("/t/aoba/audit").body
"##
    ));
}

#[test]
fn files_come_back_by_a_link_where_its_rule_allows_it() {
    let demo = under(&rule("{ encrypt = { form = \"link\", reply = true } }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
files = opened(link_in(arrived(1)[0]), 2)
page = get(files)
assert "ファイルを送る" in page.text() and "佐藤" in page.text(), page.text()
nothing = reply(files, [])
assert nothing.status == 422 and "ファイルを選ぶか" in nothing.text(), nothing
large = os.urandom(3 << 20)
done = reply(files, [("返信 書類.pdf", b"%PDF-1.4 " + large), ("b.csv", FILE)], "ご確認ください。")
# the pass begins anew once all has come in
assert done.status == 303 and done.to.startswith(files.split("/files/")[0] + "/files/") and "/sent" in done.to, done
assert "送信しました" in get(done.to).text()
subject, came = inbox("sato")[-1]
assert subject == "Re: 名簿の送付" and PARTNER in came["From"] and came["Return-Path"] == "<%s>" % PARTNER, came
# the demo speaks plain HTTP to this machine, and nothing says otherwise (over TLS: tests/collections.rs)
assert " with HTTP id " in came["Received"] and "HTTPS" not in came["Received"], came
parts = list(came.walk())
assert text(parts[1]).strip() == "ご確認ください。", parts
assert [part.get_filename() for part in parts[2:]] == ["返信 書類.pdf", "b.csv"]
assert parts[2].get_payload(decode=True) == b"%PDF-1.4 " + large and parts[3].get_payload(decode=True) == FILE
told = links_page().text()
for word in ("返信ファイル 2件を受け取り", "返信ファイルを受け付け", "127.0.0.0/24"):
    assert word in told, (word, told)
# words alone are a reply too
assert reply(files, [], "届きました。").status == 303
alone = inbox("sato")[-1][1]
assert "届きました。" in [part.get_payload(decode=True).decode().strip() for part in alone.walk() if not part.is_multipart()], alone
# a forged pass, a stopped link
assert reply(files[:-3] + "xxx", [("a", b"a")]).status == 403
act("stop")
assert reply(files, [("a", b"a")]).status == 404
"##
        ),
    );
}

#[test]
fn without_room_nothing_comes_back_by_a_link_and_once_there_is_it_comes_once() {
    let (demo, shim) = Demo::start_on_a_disk();
    let demo = ruled(demo, &rule("{ encrypt = { form = \"link\", reply = true } }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
files = opened(link_in(arrived(1)[0]), 2)
before, large = len(inbox("sato")), os.urandom(3 << 20)
# small files go into the database, large ones into a file of their own before it
for full, sent in (("mail.db-wal", FILE), ("mail.db-wal", large), (".part", large)):
    with open({0:?} + ".new", "w") as file:
        file.write("write 28 %s\n" % full)
    os.rename({0:?} + ".new", {0:?})
    failed = reply(files, [("返信.bin", sent)])
    os.remove({0:?})
    assert failed.status == 507 and "ただいまファイルを受け取ることができません。時間をおいてもう一度お試しください。" in failed.text(), failed
    assert len(inbox("sato")) == before and get(files).status == 200
# nor is anything opened or handed out that could not be counted
link = files.split("/files/")[0]
with open({0:?} + ".new", "w") as file:
    file.write("write 28 mail.db-wal\n")
os.rename({0:?} + ".new", {0:?})
for refused in (post(link + "/code"), enter(link, "000000"), post(files + "/1"), post(files + "/all")):
    assert refused.status in (503, 507) and FILE[:20] not in refused.bytes, refused
os.remove({0:?})
arrived(2)
assert "ダウンロード 0件の証明" in links_page().text() and "本人確認の誤り" not in links_page().text()
done = reply(files, [("返信.bin", large)])
assert done.status == 303 and "送信しました" in get(done.to).text(), done
came = [mail for _, mail in inbox("sato")[before:]]
assert len(came) == 1 and [part.get_payload(decode=True) for part in came[0].walk() if part.get_filename()] == [large], came
assert links_page().text().count("返信ファイル 1件を受け取り") == 1
assert "All is well" in sekisho("verify")
"##,
            shim.order().display().to_string()
        ),
    );
}

#[test]
fn nothing_comes_back_by_a_link_whose_rule_does_not_allow_it() {
    let demo = under(&rule("{ encrypt = \"link\" }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
before = len(inbox("sato"))
files = opened(link_in(arrived(1)[0]), 2)
assert "ファイルを送る" not in get(files).text()
assert reply(files, [("a.txt", b"a")]).status == 404 and len(inbox("sato")) == before
"##
        ),
    );
}

#[test]
fn what_comes_back_is_bounded_and_inspected_as_mail_from_outside() {
    let incoming = "[[rule]]\ncode = \"IN\"\ndirection = \"in\"\nwhen = { my_number = { level = \"likely\", count = 1 } }\naction = { notify = [\"group:取扱担当者\"] }\n";
    let demo = under(&(rule("{ encrypt = { form = \"link\", reply = true } }") + incoming));
    run(
        &demo,
        &format!(
            r##"{SEND}
send_file()
files = opened(link_in(arrived(1)[0]), 2)
told = len(inbox("suzuki"))
assert reply(files, [("名簿.csv", "氏名,個人番号\r\n佐藤,123456789018\r\n".encode())]).status == 303
end = time.time() + 20
while len(inbox("suzuki")) == told and time.time() < end:
    time.sleep(0.1)
assert len(inbox("suzuki")) == told + 1 and "123456789018" not in str(inbox("suzuki")[-1][1]), "the handlers are told"
before = len(inbox("sato"))
many = reply(files, [("%d.txt" % number, b"x") for number in range(31)])
assert many.status == 413 and "多すぎます" in many.text(), many
big = reply(files, [("big.bin", b"x" * (40 << 20))])
assert big.status == 413 and "大きすぎる" in big.text(), big
assert len(inbox("sato")) == before, "nothing of it came"
for number in range(19):
    assert reply(files, [("%d.txt" % number, b"x")]).status == 303, number
last = reply(files, [("one more.txt", b"x")])
assert last.status == 409 and "上限に達しました" in last.text(), last
assert len(inbox("sato")) == before + 19
"##
        ),
    );
}

#[test]
fn all_files_come_as_one_zip_and_each_is_counted() {
    let demo = under(&rule("{ encrypt = { form = \"link\", downloads = 2 } }"));
    run(
        &demo,
        r##"
import io, zipfile
code, said = send("sato", *mail("sato", PARTNER, files=[("名簿.csv", "text/csv", FILE), ("b.pdf", "application/pdf", b"%PDF-1.4 x"), ("b.pdf", "application/pdf", b"%PDF-1.4 y")]))
assert code == 250, said
files = opened(link_in(arrived(1)[0]), 2)
assert "すべてダウンロード" in get(files).text()
taken = post(files + "/all")
assert taken.status == 200 and taken.headers["Content-Type"] == "application/zip", taken
archive = zipfile.ZipFile(io.BytesIO(taken.bytes))
assert archive.namelist() == ["名簿.csv", "b.pdf", "b (2).pdf"] and archive.read("名簿.csv") == FILE and archive.testzip() is None
assert get(files).text().count("残り 1回") == 3
assert post(files + "/1").bytes == FILE
rest = zipfile.ZipFile(io.BytesIO(post(files + "/all").bytes))
assert rest.namelist() == ["b.pdf", "b (2).pdf"], "what can still be taken"
assert post(files + "/all").status == 409
assert "ダウンロード 6回" in links_page().text()
assert post(files[:-3] + "xxx/all").status == 403
"##,
    );
}

/// A large upload over a slow line ends after the quarter of an hour for which the page was opened: who was let in at its beginning
/// is told at its end that it came, by a link and by a request for files alike.
#[test]
fn an_upload_outlives_the_pass_with_which_it_began() {
    let demo = ruled(Demo::start_on_a_clock(), &rule("{ encrypt = { form = \"link\", reply = true } }"));
    run(
        &demo,
        &format!(
            r##"{SEND}
import socket
def begun(files, name, content):
    """Sends an upload without its last bytes, once the server has let it in; what sends these and reads the answer."""
    head = ('--edge7f3k92qa\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\nContent-Type: text/csv\r\n\r\n' % name).encode()
    body = head + content + b"\r\n--edge7f3k92qa--\r\n"
    wire = socket.create_connection(("127.0.0.1", demo["content_port"]), timeout=60)
    lines = ["POST %s/reply HTTP/1.1" % files, "Host: content.localhost:%d" % demo["content_port"], "Accept-Language: ja",
             "User-Agent: Mozilla/5.0 (Windows NT 10.0) Firefox/130.0", "Content-Type: multipart/form-data; boundary=edge7f3k92qa",
             "Content-Length: %d" % len(body), "Expect: 100-continue"]
    wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    # the body is asked for by who has looked at the pass
    assert wire.recv(4096).startswith(b"HTTP/1.1 100 "), "it is let in"
    wire.sendall(body[:-100])
    def end():
        wire.sendall(body[-100:])
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        return Shown(answer)
    return end
send_file()
link = opened(link_in(arrived(1)[0]), 2)
csrf = re.search(r'name="csrf" value="([^"]*)"', pen("suzuki").get("/collections/new").body).group(1)
asked = pen("suzuki").post("/collections/new", [("csrf", csrf), ("recipient", PARTNER), ("title", "書類"), ("note", ""), ("expected", "写し"), ("days", "7")])
assert asked.status == 303, asked
request = opened(re.search(r"(/d/[a-p]{{32}})\n", words(arrived(3)[-1])).group(1), 4)
ends = [begun(files, name, FILE) for files, name in ((link, "返信.csv"), (request, "提出.csv"))]
ahead(16 * 60)
for files in (link, request):
    assert get(files).status == 403, "the pass is over"
    assert reply(files, [("late.txt", b"x")]).status == 403, "nobody begins with it any more"
for end in ends:
    done = end()
    assert done.status == 303 and "/sent" in done.to, done
    told = get(done.to)
    assert told.status == 200 and "送信しました" in told.text(), told
came = inbox("sato")[-1][1]
assert any(part.get_payload(decode=True) == FILE for part in came.walk()), "what was sent came whole"
assert "ファイル 1件" in pen("suzuki").get(asked.to).text()
"##
        ),
    );
}

/// However many take single files and all of them at once: what is counted is handed out, and nothing else. Whoever comes too late for one
/// gets those that are left.
#[test]
fn all_files_beside_single_ones_are_handed_out_as_often_as_they_are_counted() {
    let demo = under(&rule("{ encrypt = { form = \"link\", downloads = 1 } }"));
    run(
        &demo,
        r##"
import io, os, zipfile
from concurrent.futures import ThreadPoolExecutor
names = ["a.bin", "b.bin", "c.bin"]
contents = {name: os.urandom(300000) for name in names}
for round in range(4):
    code, said = send("sato", *mail("sato", PARTNER, files=[(name, "application/octet-stream", contents[name]) for name in names]))
    assert code == 250, said
    files = opened(link_in(arrived(2 * round + 1)[-1]), 2 * round + 2)
    doors = ["/all", "/2", "/all", "/1", "/all", "/3"]
    with ThreadPoolExecutor(len(doors)) as pool:
        answers = list(zip(doors, pool.map(lambda door: post(files + door), doors)))
    taken = []
    for door, answer in answers:
        assert answer.status in (200, 409), answer
        if answer.status == 200 and door == "/all":
            archive = zipfile.ZipFile(io.BytesIO(answer.bytes))
            assert archive.namelist(), "an empty ZIP is no download"
            assert all(archive.read(name) == contents[name] for name in archive.namelist())
            taken += archive.namelist()
        elif answer.status == 200:
            taken.append(names[int(door[1:]) - 1])
            assert answer.bytes == contents[taken[-1]]
    assert sorted(taken) == names, (round, taken)
    assert "ダウンロード 3回" in links_page().text()
"##,
    );
}

/// Who breaks off has had what was counted before its first byte went: the sender's list tells of a fetch too many rather than of one too few.
#[test]
fn a_zip_of_all_files_that_breaks_off_counts_as_a_download_of_each() {
    let demo = under(&rule("{ encrypt = { form = \"link\", downloads = 2 } }"));
    run(
        &demo,
        r##"
import io, os, zipfile
large = os.urandom(8 << 20)
code, said = send("sato", *mail("sato", PARTNER, files=[("large.bin", "application/octet-stream", large), ("small.txt", "text/plain", b"small")]))
assert code == 250, said
files = opened(link_in(arrived(1)[0]), 2)
to = http.client.HTTPConnection("127.0.0.1", demo["content_port"], timeout=60)
headers = {"Host": "content.localhost:%d" % demo["content_port"], "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0", "Content-Type": "application/x-www-form-urlencoded"}
to.request("POST", files + "/all", "", headers)
answer = to.getresponse()
assert answer.status == 200 and len(answer.read(65536)) == 65536
answer.close(); to.close()
assert get(files).text().count("残り 1回") == 2, "of both, also of the one of which no byte was read"
assert "ダウンロード 2回" in links_page().text()
again = zipfile.ZipFile(io.BytesIO(post(files + "/all").bytes))
assert again.read("large.bin") == large and again.read("small.txt") == b"small", "there is one more to try again"
assert post(files + "/all").status == 409
"##,
    );
}
