//! The full-text index of the running server: it is there within a moment, survives kill -9, holds no plain text, and
//! its answers are those of a scan; webmail's search uses it.

use std::path::Path;

use crate::house::House;

/// Ways to deliver, to search and to wait.
const TOOLS: &str = r#"
import base64, imaplib, smtplib, time
def mail(subject, body, charset="utf-8", files=()):
    word = "=?%s?B?%s?=" % (charset, base64.b64encode(subject.encode(charset)).decode())
    head = "From: x@b.example\r\nTo: taro@aoba.example\r\nSubject: %s\r\nMIME-Version: 1.0\r\n" % word
    text = "Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n" % (
        charset, base64.b64encode(body.encode(charset)).decode())
    if not files:
        return head + text
    parts = "".join("--b\r\nContent-Type: text/csv; charset=utf-8; name=%s\r\nContent-Disposition: attachment; filename=%s\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n" % (name, name, base64.b64encode(data.encode()).decode()) for name, data in files)
    return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + text + parts + "--b--\r\n"
def deliver(*mails):
    smtp = smtplib.SMTP("127.0.0.1", SMTP)
    for one in mails:
        assert smtp.sendmail("x@b.example", ["taro@aoba.example"], one.encode()) == {}
def connect():
    imap = imaplib.IMAP4("127.0.0.1", IMAP)
    imap.login("taro@aoba.example", PASSWORD)
    imap.select("INBOX")
    return imap
def search(imap, key, text, charset="utf-8"):
    imap.literal = text.encode(charset)
    ok, found = imap.uid("SEARCH", "CHARSET", charset.upper(), key)
    assert ok == "OK", found
    return [int(uid) for uid in found[0].split()]
def until(what, look, seconds=30):
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, what
        time.sleep(0.05)
    return found
"#;

fn python(house: &House, program: &str) -> String {
    house.python(&format!("{TOOLS}{program}"))
}

/// Waits until everything that was delivered is indexed.
pub fn indexed(house: &House, at_least: i64) {
    let path = house.data().join("index/position");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let position = || std::fs::read_to_string(&path).ok().and_then(|text| text.split(' ').next()?.parse::<i64>().ok());
    while position().is_none_or(|position| position < at_least) {
        assert!(std::time::Instant::now() < end, "the index did not come to {at_least}: {:?}", position());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// All bytes below a folder.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => out.extend(bytes_below(&entry.path())),
            false => out.extend(std::fs::read(entry.path()).unwrap()),
        }
    }
    out
}

const MAILS: &str = r#"
deliver(
    mail("お見積りの件", "いつもお世話になっております。稟議書番号 hyoujun-kaisen をご参照ください。", "iso-2022-jp"),
    mail("Ｍｅｅｔｉｎｇ", "ﾃｽﾄ会議のご案内", files=[("plan.csv", "品名,数量\r\n青葉製作所向け部品,12\r\n")]),
    mail("年末調整", "個人番号 1234 5678 9018 を登録しました。"),
)
"#;

const QUESTIONS: &str = r#"
imap = connect()
for key, text, want, charset in [
    ("SUBJECT", "見積り", [1], "utf-8"), ("SUBJECT", "見積り", [1], "iso-2022-jp"), ("SUBJECT", "見積り", [1], "shift_jis"),
    ("BODY", "稟議書番号", [1], "euc-jp"), ("BODY", "oujun-kai", [1], "utf-8"), ("TEXT", "meeting", [2], "utf-8"),
    ("BODY", "テスト会議", [2], "utf-8"), ("BODY", "てすと", [2], "utf-8"), ("BODY", "青葉製作所", [2], "utf-8"),
    ("BODY", "123456789018", [], "utf-8"), ("BODY", "1234 5678 9018", [3], "utf-8"), ("BODY", "5678", [3], "utf-8"),
    ("BODY", "個人番号", [3], "utf-8"), ("FROM", "x@b", [1, 2, 3], "utf-8"), ("TEXT", "mail.aoba.example", [1, 2, 3], "utf-8"),
    ("BODY", "件", [], "utf-8"), ("TEXT", "件", [1], "utf-8"),
]:
    found = search(imap, key, text, charset)
    assert found == want, (key, text, found)
"#;

#[test]
fn a_search_is_right_before_and_after_the_index_and_the_owner_finds_his_number() {
    let mut house = House::start();
    python(&house, MAILS);
    python(&house, QUESTIONS);
    indexed(&house, 3);
    python(&house, QUESTIONS);
    let bytes = bytes_below(&house.data().join("index"));
    for word in ["見積", "hyoujun", "kaisen", "12345678", "SUBJECT"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word} stands in the index");
    }
    house.kill();
    house.serve();
    python(&house, "deliver(mail('もう一通', '見積り'))");
    python(&house, "imap = connect()\nassert search(imap, 'TEXT', '見積り') == [1, 4]");
    indexed(&house, 4);
    python(&house, "imap = connect()\nassert search(imap, 'TEXT', '見積り') == [1, 4]");
    let told = house.good(&["verify"]);
    assert!(told.contains("4 records compared with the index.") && told.contains("All is well."), "{told}");
}

#[test]
fn an_expunged_mail_is_found_no_more_and_a_damaged_index_heals() {
    let mut house = House::start();
    python(&house, MAILS);
    indexed(&house, 3);
    python(
        &house,
        "imap = connect()\nimap.uid('STORE', '1', '+FLAGS', '(\\\\Deleted)')\nimap.expunge()\n\
         assert search(imap, 'TEXT', '見積り') == []\nimap.uid('STORE', '2', '+FLAGS', '(\\\\Seen)')",
    );
    house.stop();
    let folder = house.data().join("index/1");
    for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|extension| extension == "seg") {
            std::fs::write(entry.path(), b"damaged").unwrap();
        }
    }
    let wrong = house.wrong(&["verify"]);
    assert!(wrong.contains("differ in the index"), "{wrong}");
    house.serve();
    python(
        &house,
        "imap = connect()\nassert search(imap, 'BODY', '青葉製作所') == [2]\nassert search(imap, 'BODY', '会議') == [2]",
    );
    house.good(&["reindex", "aoba"]);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !house.run(&["verify"]).status.success() {
        assert!(std::time::Instant::now() < end, "{}", house.wrong(&["verify"]));
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    house.stop();
    house.good(&["reindex"]);
    house.good(&["verify"]);
    assert!(house.wrong(&["reindex", "nobody"]).contains("there is no tenant nobody"));
}

/// Mails with a workbook, a text document, a PDF and an archive, one of them put in by IMAP; and questions about them.
const FILES: &str = r#"
import io, zipfile
def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
def xlsx(rows):
    cells = "".join("<row r='%d'>%s</row>" % (at, "".join("<c r='%s%d' t='inlineStr'><is><t>%s</t></is></c>" % (column, at, cell)
        for column, cell in zip("ABC", row))) for at, row in enumerate(rows, 1))
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    return zipped({
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'><Default Extension='rels' "
            "ContentType='application/vnd.openxmlformats-package.relationships+xml'/><Override PartName='/xl/workbook.xml' ContentType='" + kinds +
            "sheet.main+xml'/><Override PartName='/xl/worksheets/sheet1.xml' ContentType='" + kinds + "worksheet+xml'/></Types>",
        "_rels/.rels": "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r1' Type='" +
            office + "/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": "<workbook xmlns='%s' xmlns:r='%s'><sheets><sheet name='一覧' sheetId='1' r:id='r1'/></sheets></workbook>" % (main, office),
        "xl/_rels/workbook.xml.rels": "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r1' "
            "Type='" + office + "/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        "xl/worksheets/sheet1.xml": "<worksheet xmlns='%s'><sheetData>%s</sheetData></worksheet>" % (main, cells),
    })
def docx(text):
    return zipped({
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'><Override PartName='/word/document.xml' "
            "ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>",
        "word/document.xml": "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>" +
            text + "</w:t></w:r></w:p></w:body></w:document>",
    })
def pdf(text):
    page = b"BT /F1 12 Tf 72 700 Td (%s) Tj ET" % text.encode()
    things = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    out, places = b"%PDF-1.4\n", []
    for number, thing in enumerate(things, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)
def with_file(subject, name, data):
    return ("From: x@b.example\r\nTo: taro@aoba.example\r\nSubject: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\n\r\nsee file\r\n--b\r\nContent-Type: application/octet-stream; name=%s\r\nContent-Disposition: attachment; filename=%s\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n%s--b--\r\n" % (subject, name, name, base64.encodebytes(data).decode().replace("\n", "\r\n")))
MAILS = [
    with_file("sheet", "a.xlsx", xlsx([("氏名", "個人番号"), ("青葉太郎", "123456789018"), ("歩留り報告", "")])),
    with_file("document", "b.docx", docx("覚書 第七条 再委託の禁止")),
    with_file("paper", "c.pdf", pdf("Quarterly turbine inspection")),
    with_file("archive", "d.zip", zipped({"meisai-kaisen.csv": "品名,数量\r\n耐圧試験片,12\r\n", "inner.zip": zipped({"e.docx": docx("入れ子の仕様書")})})),
]
WORDS = [("歩留り", 1), ("再委託", 2), ("TURBINE", 3), ("耐圧試験", 4), ("isai-kaisen", 4), ("入れ子の仕様", 4), ("see file", 0),
    ("123456789018", 1), ("5678", 1), ("個人番号", 1), ("123456789017", None), ("xl/workbook", None), ("スプートニク", None)]
"#;

/// All of them are found, the fifth is a copy of the second.
const FOUND: &str = r#"
imap = connect()
for word, at in WORDS:
    want = {0: [1, 2, 3, 4, 5], 2: [2, 5], None: []}.get(at, [at])
    for key in ("BODY", "TEXT"):
        found = search(imap, key, word)
        assert found == want, (key, word, found)
"#;

fn with_files(house: &House, program: &str) {
    python(house, &format!("{FILES}{program}"));
}

#[test]
fn a_word_in_a_file_is_found_before_and_after_the_index_has_reached_its_mail() {
    let mut house = House::start();
    house.stop();
    // who holds the lock keeps the server from indexing
    let folder = house.data().join("index");
    let lock = std::fs::File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    house.serve();
    with_files(&house, "deliver(*MAILS)\nimap = connect()\nimap.append('INBOX', None, None, MAILS[1].encode())");
    with_files(&house, FOUND);
    assert!(!folder.join("position").exists(), "nothing is indexed");
    drop(lock);
    house.stop();
    house.serve();
    indexed(&house, 5);
    with_files(&house, FOUND);
    let compared = |house: &House| {
        let told = house.good(&["verify"]);
        assert!(told.contains("5 records compared with the index.") && told.contains("All is well."), "{told}");
    };
    compared(&house);
    house.stop();
    house.good(&["reindex"]);
    compared(&house);
    house.serve();
    with_files(&house, FOUND);
    // what the answers say without the mails themselves
    let bytes = bytes_below(&folder);
    for word in ["歩留り", "turbine", "12345678"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word} stands in the index");
    }
}

#[test]
fn webmail_finds_words_in_files_before_and_after_the_index() {
    let mut house = House::start();
    house.stop();
    let lock = std::fs::File::create(house.data().join("index/lock")).unwrap();
    lock.lock().unwrap();
    house.serve();
    with_files(&house, "deliver(*MAILS)");
    let questions = format!(
        "import base64\n{FILES}{}",
        r#"
import urllib.parse
b = Browser(WEB)
assert b.sign_in("taro@aoba.example").status == 303
for word, at in WORDS:
    body = b.get("/mail/search?" + urllib.parse.urlencode({"q": '"%s"' % word})).body
    want = {0: 4, None: 0}.get(at, 1)
    assert len(re.findall('<li class="row', body)) == want, (word, body)
"#
    );
    house.browse(&questions);
    drop(lock);
    house.stop();
    house.serve();
    indexed(&house, 4);
    house.browse(&questions);
}

#[test]
fn webmail_finds_in_bodies_and_files_and_says_what_it_does_not_understand() {
    let house = House::start();
    python(&house, MAILS);
    house.browse(
        r#"
import urllib.parse
b = Browser(WEB)
assert b.sign_in("taro@aoba.example").status == 303
def found(query):
    answer = b.get("/mail/search?" + urllib.parse.urlencode({"q": query}))
    assert answer.status == 200, answer
    return len(re.findall('<li class="row', answer.body)), answer.body
for query, want in [("hyoujun", 1), ("青葉製作所", 1), ("件名:見積り", 1), ("from:x@b", 3), ("from:x@b -会議", 2), ("添付:あり", 1),
                    ('"テスト会議"', 1), ("ない言葉", 0), ("hyoujun OR 会議", 2), ("期間:今日", 3), ("1234 5678 9018", 1), ("in:ごみ箱", 0)]:
    count, page = found(query)
    assert count == want, (query, count)
_, page = found("件名:見積り")
assert "<mark>見積り</mark>" in page and "件名: 見積り" in page, page
_, page = found("foo:bar")
assert "「foo」という条件はありません" in page and 'role="alert"' in page
_, page = found("<script>alert(1)</script>")
assert "<script>alert" not in page
assert "検索する言葉を入力してください" in b.get("/mail/search").body
assert 'role="search"' in b.get("/approve").body
"#,
    );
}

#[test]
fn results_come_in_pages_newest_first() {
    let house = House::start();
    python(&house, "deliver(*(mail('報告 %03d' % n, '定例の報告') for n in range(120)))");
    house.browse(
        r#"
b = Browser(WEB)
b.sign_in("taro@aoba.example")
seen, path = [], "/mail/search?q=%E5%A0%B1%E5%91%8A"
while path:
    page = b.get(path).body
    seen += re.findall(r'<mark>報告</mark> (\d\d\d)', page)
    more = re.search(r'href="([^"]*after=[^"]*)"', page)
    path = more and more.group(1).replace("&amp;", "&").replace("&#38;", "&")
assert seen == ["%03d" % n for n in reversed(range(120))], seen
"#,
    );
}
