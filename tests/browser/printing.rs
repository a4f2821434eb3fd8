//! What comes out of a printer: the facts of a page, without what leads elsewhere or does something, on as many sheets as they need.

use base64::Engine as _;
use serde_json::json;

use super::chrome::{Browser, Look};
use super::company::Company;
use crate::rules::doors::{DOORS, PEN};

const STRANGER: &str = include_str!("../links/stranger.py");
const RULES: &str = "[[rule]]\ncode = \"LINK\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\naction = { encrypt = \"link\" }\n";
/// Counts what a page's script prints.
const COUNTED: &str = "window.printed = 0; window.print = () => { window.printed += 1 }";
/// What can be seen of things that lead elsewhere or do something.
const HANDLES: &str = "return [...document.querySelectorAll('nav, header, button, a.button, input, select, textarea, summary')]
    .filter(one => one.checkVisibility() && one.getClientRects().length > 0 && one.type !== 'hidden').map(one => one.outerHTML.slice(0, 200))";

/// A sheet's width and height in points.
type Sheet = (u32, u32);
const UPRIGHT: Sheet = (595, 842);
const ON_ITS_SIDE: Sheet = (842, 595);
/// 12 mm, in points.
const MARGIN: u32 = 34;

/// What stands on paper of the page that is open, and its sheets, over whose edge nothing goes.
fn paper(browser: &Browser) -> (String, Vec<Sheet>) {
    // A4, unless the page says otherwise
    let wanted = json!({ "preferCSSPageSize": true, "paperWidth": 8.27, "paperHeight": 11.69 });
    let made = browser.session.cdp("Page.printToPDF", wanted);
    let bytes = base64::engine::general_purpose::STANDARD.decode(made["data"].as_str().unwrap()).unwrap();
    let sheets = sheets(&String::from_utf8_lossy(&bytes));
    let room = (sheets[0].0 - 2 * MARGIN) * 96 / 72;
    browser.look(Look { width: room, ..Look::DESK });
    let dark = json!([{ "name": "prefers-color-scheme", "value": "dark" }]);
    browser.session.cdp("Emulation.setEmulatedMedia", json!({ "media": "print", "features": dark }));
    let (text, handles) = (browser.text(), browser.session.script(HANDLES, &[]));
    let ink = browser.session.script("return getComputedStyle(document.querySelector('h1')).color", &[]);
    let wide = browser.session.script("return document.documentElement.scrollWidth", &[]);
    browser.session.cdp("Emulation.setEmulatedMedia", json!({ "media": "" }));
    browser.look(Look::DESK);
    assert_eq!(handles, json!([]), "on the paper of {}", browser.url());
    assert_eq!(ink, json!("rgb(26, 26, 26)"), "paper is white: {}", browser.url());
    assert!(wide.as_u64() <= Some(room.into()), "{wide} of {room} wide: {}", browser.url());
    (text, sheets)
}

/// The sheets of a PDF as Chromium writes it: `/MediaBox [0 0 595.92 842.88]`.
fn sheets(pdf: &str) -> Vec<Sheet> {
    let whole = |number: &str| number.split('.').next().unwrap().parse().unwrap();
    let boxes = pdf.split("/MediaBox [").skip(1).map(|rest| rest.split(']').next().unwrap());
    boxes
        .map(|one| {
            let sides: Vec<&str> = one.split(' ').collect();
            (whole(sides[2]), whole(sides[3]))
        })
        .collect()
}

fn prints_itself_once(browser: &Browser) {
    let printed = browser.session.script("return window.printed", &[]);
    assert_eq!(printed, json!(1), "{}", browser.url());
}

fn near(sheets: &[Sheet], size: Sheet) -> bool {
    sheets.iter().all(|one| one.0.abs_diff(size.0) < 3 && one.1.abs_diff(size.1) < 3)
}

/// A browser that counts what it is told to print.
fn counting(browser: Browser) -> Browser {
    browser.session.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": COUNTED }));
    browser
}

#[test]
fn the_proof_of_no_download_the_ledger_and_a_certificate_print_themselves_with_the_facts_alone() {
    let company = Company::start();
    let rules = company.demo.dir.path().join("rules.toml");
    std::fs::write(&rules, RULES).unwrap();
    company.demo.good(&["rules", "apply", rules.to_str().unwrap(), "--tenant", "aoba"]);
    let said = company.demo.administer(&format!(
        r##"{PEN}
{DOORS}
{STRANGER}
code, said = send("sato", *mail("sato", PARTNER, subject="見積書の送付", files=[("名簿.csv", "text/csv", FILE)]))
assert code == 250, said
link = link_in(arrived(1)[0])
for _ in range(3):
    enter(link, "000000")
proof = re.search(r'href="([^"]*/proof)"', links_page().body).group(1)
# sixty mails with a number, one of which two people dispose of
outside = smtplib.SMTP("127.0.0.1", demo["smtp"])
for number in range(60):
    made = "From: yamada@b.example\r\nSubject: no %02d\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n" % (number, "個人番号 " + SPACED)
    assert outside.sendmail("yamada@b.example", ["sato@aoba.example"], made.encode()) == {{}}
suzuki, tanaka, ledger = Admin("suzuki"), Admin("tanaka"), "/t/aoba/ledger"
end = time.time() + 30
while not (found := re.search(r'id="line-(\d+)"[^\n]*?>no 59</a>', suzuki.get(ledger).body)):
    assert time.time() < end, suzuki.get(ledger).body
    time.sleep(0.1)
line = ledger + "/" + found.group(1)
suzuki.do(line, line + "/dispose", do="ask", documents="扶養控除等申告書", reason="保存期間の満了")
tanaka.do(line, line + "/dispose", do="confirm", backups_end="2026-12-31")
print(proof, ledger, line)
"##
    ));
    let paths: Vec<&str> = said.split_whitespace().collect();
    let [proof, ledger, line] = paths[..] else { panic!("{said}") };

    let sato = counting(company.at_mail("sato", Look::DESK));
    sato.open(&company.mail(proof));
    sato.headed("ダウンロード 0件の記録");
    prints_itself_once(&sato);
    assert!(sato.has("リンクの状況"), "on the screen a way leads back");
    let (text, sheets) = paper(&sato);
    for fact in [
        "taro@yamada.example",
        "見積書の送付",
        "ダウンロードはありません",
        "本人確認の誤り: 3回",
        "停止日時",
        "作成日時",
        "リンクを発行",
    ] {
        assert!(text.contains(fact), "{fact}: {text}");
    }
    assert!(!text.contains("リンクの状況"), "{text}");
    assert!(sheets.len() == 1 && near(&sheets, UPRIGHT), "{sheets:?}");
    // without scripts it is the same paper, which a person prints by himself
    sato.allow_scripts(false);
    sato.open(&company.mail(proof));
    sato.allow_scripts(true);
    assert_eq!(paper(&sato).1, sheets);

    let suzuki = counting(company.at_console("suzuki", Look::DESK));
    suzuki.open(&company.admin(&format!("{line}/certificate")));
    suzuki.headed("特定個人情報 廃棄記録書");
    prints_itself_once(&suzuki);
    let (text, sheets) = paper(&suzuki);
    for fact in ["株式会社青葉製作所", "扶養控除等申告書", "保存期間の満了", "鈴木 美咲", "2026-12-31", "暗号鍵の消去"]
    {
        assert!(text.contains(fact), "{fact}: {text}");
    }
    assert!(sheets.len() == 1 && near(&sheets, UPRIGHT), "{sheets:?}");

    suzuki.open(&company.admin(&format!("{line}/print")));
    prints_itself_once(&suzuki);
    let (text, sheets) = paper(&suzuki);
    for fact in
        ["株式会社青葉製作所", "(廃棄済み)", "yamada@b.example", "取扱いの経過", "廃棄の申請", "鈴木 美咲", "田中 徹"]
    {
        assert!(text.contains(fact), "{fact}: {text}");
    }
    assert!((1..=2).contains(&sheets.len()) && near(&sheets, ON_ITS_SIDE), "{sheets:?}");

    suzuki.open(&company.admin(&format!("{ledger}/print")));
    prints_itself_once(&suzuki);
    let (text, sheets) = paper(&suzuki);
    assert!(text.contains("(廃棄済み)") && text.matches("yamada@b.example").count() == 60, "{text}");
    assert!((2..=5).contains(&sheets.len()) && near(&sheets, ON_ITS_SIDE), "{sheets:?}");
    let whole = "return [...document.querySelectorAll('thead')].map(one => getComputedStyle(one).display)
        .concat([...document.querySelectorAll('tbody tr')].map(one => getComputedStyle(one).breakInside))";
    suzuki.session.cdp("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    let styles = suzuki.session.script(whole, &[]);
    let styles: Vec<&str> = styles.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(styles[0] == "table-header-group" && styles[1..].iter().all(|one| *one == "avoid"), "{styles:?}");
    suzuki.session.cdp("Emulation.setEmulatedMedia", json!({ "media": "" }));

    // the console's own pages, by the browser's menu
    for (path, fact) in [(ledger, "no 58"), (line, "廃棄済み")] {
        suzuki.open(&company.admin(path));
        suzuki.see(fact);
        let (text, sheets) = paper(&suzuki);
        assert!(text.contains(fact) && !text.contains("サインアウト"), "{text}");
        assert!((1..=4).contains(&sheets.len()) && near(&sheets, ON_ITS_SIDE), "{path}: {sheets:?}");
    }
    sato.was_quiet();
    suzuki.was_quiet();
}
