//! Collection requests through the front door: a handler asks, somebody outside hands in, the handlers alone have what came.

use crate::house::Demo;
use crate::outgoing::foreign::Outside;
use crate::rules::doors::{DOORS, PEN, ruled};

const STRANGER: &str = include_str!("links/stranger.py");

/// Handlers in the browser: suzuki is one.
const HANDLER: &str = r#"
def press(path, action, **fields):
    """Presses a button of a page of suzuki's; the page to which it leads."""
    page = pen("suzuki").get(path)
    assert page.status == 200, page
    csrf = re.search(r'name="csrf" value="([^"]*)"', page.body).group(1)
    done = pen("suzuki").post(action, [("csrf", csrf), *fields.items()])
    return done
def ask_for(recipient=PARTNER, title="本人確認書類のご提出", note="写しで結構です。", expected="マイナンバーカード 表面\nマイナンバーカード 裏面", days="14"):
    return press("/collections/new", "/collections/new", recipient=recipient, title=title, note=note, expected=expected, days=days)
def page_in(mail):
    return re.search(r"提出ページ:%s(/d/[a-p]{32})\n" % re.escape(ORIGIN), words(mail)).group(1)
def box_of(here, name="suzuki"):
    """Where what a request brought lies, as its page says."""
    return re.search(r'href="(/handlers/\d+)"', pen(name).get(here).body).group(1)
def opened_by(name, box):
    """What somebody gets who gives a reason for opening what a request brought."""
    csrf = re.search(r'name="csrf" value="([^"]*)"', pen(name).get("/settings").body).group(1)
    return pen(name).post(box, [("csrf", csrf), ("reason", "提出された書類の確認")])
def files_of(page):
    """The files of an opened mail by name, with their signed addresses."""
    found = re.findall(r'<a href="([^"]*/box/\d+/file/[^"]*)">(?:(?!</a>).)*<span class="name">([^<]*)</span>', page.body, re.S)
    return {html.unescape(name): html.unescape(href) for href, name in found}
def fetched(url):
    """Status and bytes of a signed address."""
    assert url.startswith(ORIGIN), url
    to = wire()
    to.request("GET", url[len(ORIGIN):], headers={"Host": ORIGIN.split("://")[1]})
    answer = to.getresponse()
    return answer.status, answer.read()
NUMBERS = "氏名,個人番号\r\n山田,123456789018\r\n".encode()
"#;

fn run(demo: &Demo, program: &str) {
    demo.python(&format!("{PEN}\n{DOORS}\n{STRANGER}\n{HANDLER}\n{program}"));
}

#[test]
fn a_handler_asks_for_files_and_they_reach_the_handlers_alone() {
    let demo = Demo::start();
    run(
        &demo,
        r##"
for page in ("/collections", "/collections/new"):
    assert pen("sato").get(page).status == 403, "for handlers alone"
done = ask_for()
assert done.status == 303 and done.to.startswith("/collections/"), done
here = done.to
assert "依頼を送りました" in pen("suzuki").toast(done)
one = arrived(1)[0]
assert subject_of(one) == "【ファイルご提出のお願い】本人確認書類のご提出" and "suzuki@aoba.example" in one["From"], one
for word in ("写しで結構です。", "・マイナンバーカード 表面", "taro@yamada.example 宛てに6桁", "期限:", "心当たりがない場合は開かずに、弊社までご連絡ください。"):
    assert word in words(one), (word, words(one))
seen = pen("suzuki").get(here).text()
assert "受付中" in seen and "まだ届いていません" in seen and PARTNER in seen, seen

link = page_in(one)
for path in ("", "/enter", "/files/x"):
    shown = get(link + path)
    assert shown.status in (200, 403) and "本人確認書類" not in shown.text(), "nothing of it before the code"
assert "ファイルのご提出" in get(link).text() and "株式会社青葉製作所" in get(link).text()
files = opened(link, 2)
page = get(files).text()
for word in ("本人確認書類のご提出", "写しで結構です。", "マイナンバーカード 裏面", "送信する"):
    assert word in page, (word, page)
card = b"\xff\xd8\xff" + os.urandom(200000)
assert post(files + "/0").status == 404 and post(files + "/text").status == 404, "nothing goes out by it"
before = {name: len(inbox(name)) for name in ("suzuki", "sato", "ito")}
done = reply(files, [("番号.csv", NUMBERS), ("表面.jpg", card)], "お送りします。")
assert done.status == 303 and "送信しました" in get(done.to).text(), done

# a notice without content, and no file in anybody's mailbox
for name in ("suzuki", "sato", "ito"):
    mails = inbox(name)
    assert len(mails) == before[name] + (1 if name == "suzuki" else 0), name
    assert all("123456789018" not in str(mail) and "番号.csv" not in str(mail) for _, mail in mails), name
assert inbox("suzuki")[-1][0] == "【受領】収集依頼「本人確認書類のご提出」"
imap = imaplib.IMAP4("127.0.0.1", demo["imap"])
imap.login("suzuki@aoba.example", password("suzuki"))
assert b"Handlers" not in b" ".join(line for line in imap.list()[1] if line), "no mail program lists the box"

seen = pen("suzuki").get(here)
assert "受領" in seen.text() and "ファイル 2件" in seen.text() and "127.0.0.0/24" in seen.text(), seen.text()
assert "受領" in pen("suzuki").get("/collections").text()

# the handlers open what came, byte for byte; nobody else, whatever he may do otherwise
box = box_of(here)
for name in ("suzuki", "tanaka"):
    page = opened_by(name, box)
    assert page.status == 200 and box_of(here, name) == box, page
    addresses = files_of(page)
    assert sorted(addresses) == ["番号.csv", "表面.jpg"], addresses
    assert {file: fetched(url) for file, url in addresses.items()} == {"番号.csv": (200, NUMBERS), "表面.jpg": (200, card)}
mine = files_of(opened_by("suzuki", box))["番号.csv"]
assert fetched(mine.split("?")[0])[0] == 404, "without its signature it opens nothing"
def shut_out(name):
    for path in (here, box, "/collections", "/handlers"):
        assert pen(name).get(path).status == 403, (name, path)
    refused = opened_by(name, box)
    assert refused.status == 403 and "番号.csv" not in refused.body, (name, refused)
for name in ("sato", "takahashi", "ito", "watanabe"):
    shut_out(name)
# who sent the request and is no handler any more is one of them, with the addresses that were made for him
sekisho("user", "set", "suzuki@aoba.example", "--role", "approver")
del pens["suzuki"]
shut_out("suzuki")
assert fetched(mine)[0] == 403
assert fetched(files_of(opened_by("tanaka", box))["番号.csv"]) == (200, NUMBERS)

stands_nowhere(link[3:].encode(), bits_of(link[3:]), NUMBERS, "山田,123456789018".encode(), base64.b64encode(NUMBERS)[:40], card[:40], card[-40:])
"##,
    );
    // what came has its line in the ledger, with the distinct number counted
    demo.until(|| {
        let said = demo.good(&["ledger", "list", "--tenant", "aoba", "--json"]);
        (said.contains("acquired") && said.contains("taro@yamada.example")).then_some(())
    });
}

#[test]
fn a_request_that_was_stopped_takes_nothing_and_five_wrong_codes_lock_it() {
    let demo = Demo::start();
    run(
        &demo,
        r##"
here = ask_for().to
link = page_in(arrived(1)[0])
never = get("/d/abcdefghijklmnopabcdefghijklmnop")
post(link + "/code")
code = code_in(arrived(2)[-1])
for left in (4, 3, 2, 1):
    assert "あと%d回" % left in enter(link, "000000" if code != "000 000" else "000001").text()
assert enter(link, "no").status == 429 and enter(link, code).status == 429
assert "一時停止" in pen("suzuki").get(here).text()
assert any(subject.startswith("【リンクの一時停止】") for subject, _ in inbox("suzuki")), inbox("suzuki")

here = ask_for(title="二通目").to
link = page_in(arrived(3)[-1])
files = opened(link, 4)
assert "依頼を停止しました" in pen("suzuki").toast(press(here, here + "/stop"))
assert get(link).bytes == never.bytes and reply(files, [("a.txt", b"a")]).bytes == never.bytes
assert "停止" in pen("suzuki").get(here).text() and "送り直せません" in pen("suzuki").toast(press(here, here + "/again"))
assert len(arrived(4)) == 4, "no mail went"
assert "期限を延長しました" in pen("suzuki").toast(press(here, here + "/extend", days="7"))
sekisho("tenant", "set", "aoba", "--telephone", "03-1234-5678")
assert "依頼を送り直しました" in pen("suzuki").toast(press(here, here + "/again"))
again = page_in(arrived(5)[-1])
assert "心当たりがない場合は開かずに、弊社代表電話(03-1234-5678)へご連絡ください。" in words(arrived(5)[-1])
assert again != link and get(link).bytes == never.bytes
assert reply(opened(again, 6), [("a.txt", b"a")]).status == 303
assert "ファイル 1件" in pen("suzuki").get(here).text()
assert post("/d/" + link[3:] + "/files/x/reply").status in (400, 403, 404)
"##,
    );
}

#[test]
fn a_request_says_what_is_wrong_with_it() {
    let demo = Demo::start();
    run(
        &demo,
        r##"
for fields, said in (
    ({"recipient": "no address"}, "メールアドレスを確認"),
    ({"recipient": "sato@aoba.example"}, "社内の方には依頼できません"),
    ({"title": " "}, "件名を入力"),
    ({"note": "個人番号 1234 5678 9018"}, "番号を除いて"),
    ({"days": "91"}, "1~90日後"),
):
    answer = ask_for(**fields)
    assert answer.status == 422 and said in answer.text(), (fields, answer)
arrived(0)
"##,
    );
}

/// Over plain HTTP, which names of this machine alone have, nothing says HTTPS (`links::files_come_back_by_a_link_where_its_rule_allows_it`).
#[test]
fn what_is_handed_in_comes_over_tls_and_its_record_says_so() {
    let rule = "[[rule]]\ncode = \"LINK\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\naction = { encrypt = { form = \"link\", reply = true } }\n";
    let (mut demo, outside) = (ruled(Demo::start(), rule), Outside::start(false));
    let config = demo.dir.path().join("sekisho.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("content_url = \"http:", "content_url = \"https:")).unwrap();
    demo.serve_towards(outside.port());
    let taken = outside.file("taken").display().to_string();
    run(
        &demo,
        &format!(
            r##"
def outside_mails():
    lines = open({taken:?}).read().splitlines() if os.path.exists({taken:?}) else []
    return [message_from_bytes(base64.b64decode(json.loads(line)["bytes"])) for line in lines]
here = ask_for().to
link = page_in(arrived(1)[0])
assert ORIGIN.startswith("https://") and "https://" + ORIGIN[8:] + link in words(arrived(1)[0])
in_clear = http.client.HTTPConnection("127.0.0.1", demo["content_port"], timeout=60)
in_clear.request("GET", link, headers={{"Host": ORIGIN[8:]}})
try:
    raise AssertionError("it was served in the clear: %s" % in_clear.getresponse().read())
except (http.client.HTTPException, OSError):
    pass
files = opened(link, 2)
done = reply(files, [("番号.csv", NUMBERS)])
assert done.status == 303 and "送信しました" in get(done.to).text(), done
assert wire().__class__ is http.client.HTTPSConnection
addresses = files_of(opened_by("suzuki", box_of(here)))
assert {{file: fetched(url) for file, url in addresses.items()}} == {{"番号.csv": (200, NUMBERS)}}

# the same way back by a link, whose mail its sender reads with its trace
code, said = send("sato", *mail("sato", PARTNER, subject="名簿の送付", files=[("名簿.csv", "text/csv", FILE)]))
assert code == 250, said
files = opened(link_in(arrived(3)[-1]), 4)
assert post(files + "/1").bytes == FILE and reply(files, [("b.csv", FILE)]).status == 303
came = inbox("sato")[-1][1]
assert re.search(r" with HTTPS\s+\(version=TLS1\.3 cipher=TLS_\w+\) id ", came["Received"]), came
"##
        ),
    );
}
