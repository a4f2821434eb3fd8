//! That what comes out of the cleaner is safe: it is parsed again and every element, attribute, address and
//! declaration is held against lists that stand here by themselves, for our own hostile mails and for random soup.

use proptest::prelude::*;

use super::tree::{Data, Finished, ROOT};
use super::{Cleaned, Options, clean, parse, text};
use crate::{LeafRole, Parsed};
use types::Limits;

/// Every element that may stand; none of them runs, loads, embeds, submits or changes how others are parsed.
const ELEMENTS: &str = " html head body a abbr acronym address article aside b bdi bdo big blockquote br caption center \
    cite code col colgroup dd del dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img \
    ins kbd li main mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub sup table tbody td \
    tfoot th thead time tr tt u ul var wbr ";
/// Every attribute that may stand.
const ATTRIBUTES: &str = " title alt dir lang align valign bgcolor color width height border cellpadding cellspacing \
    hspace vspace colspan rowspan span scope nowrap size noshade face clear start value reversed type style href \
    target rel src ";

fn walk(tree: &Finished, mut look: impl FnMut(&Data)) {
    let mut stack = vec![ROOT];
    while let Some(id) = stack.pop() {
        look(tree.data(id));
        stack.extend(tree.children_backwards(id));
    }
}

/// Panics where the document holds anything that is not on the lists.
fn assert_safe(html: &str, origin: &str) {
    let tree = parse::parse(html).unwrap_or_else(|| panic!("{origin}: too much to parse again"));
    walk(&tree, |data| {
        let Data::Element(name, attrs) = data else { return };
        assert_eq!(&*name.ns, "http://www.w3.org/1999/xhtml", "{origin}: {}", name.local);
        assert!(ELEMENTS.contains(&format!(" {} ", name.local)), "{origin}: <{}>", name.local);
        for attr in attrs {
            let attr_name = &*attr.name.local;
            assert!(ATTRIBUTES.contains(&format!(" {attr_name} ")), "{origin}: {attr_name}");
            assert_value(attr_name, &attr.value, origin);
        }
    });
}

fn assert_value(name: &str, value: &str, origin: &str) {
    match name {
        "href" => assert!(
            ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| value.starts_with(scheme)),
            "{origin}: href={value}"
        ),
        "src" => {
            let pictures = ["png", "gif", "jpeg", "webp"].map(|kind| format!("data:image/{kind};base64,"));
            assert!(pictures.iter().any(|start| value.starts_with(start)), "{origin}: src={value}");
            assert!(!value.contains("tracker.invalid"), "{origin}: src={value}");
        }
        "style" => {
            let bad =
                ["url", "var(", "expression", "@", "image-set", "fixed", "sticky", "absolute", "\\", "/*", "<", "{"];
            for word in bad {
                assert!(!value.contains(word), "{origin}: style={value}");
            }
            assert!(!value.contains("tracker.invalid"), "{origin}: style={value}");
        }
        "target" => assert_eq!(value, "_blank", "{origin}"),
        "rel" => assert_eq!(value, "noopener noreferrer", "{origin}"),
        _ => {}
    }
}

/// Cleans, holds the result against the lists, and cleans again: nothing changes.
fn proven(html: &str, origin: &str) -> Cleaned {
    let options = Options::default();
    let cleaned = clean(html, &options);
    assert_safe(&cleaned.html, origin);
    let again = clean(&cleaned.html, &options);
    assert!(again.html == cleaned.html || cleaned.fell_back_to_text, "{origin}: {} -> {}", cleaned.html, again.html);
    let plain = clean(html, &Options { plain: true, mask: Some(&|text| text.replace("1234", "●●●●")), ..options });
    assert_safe(&plain.html, origin);
    assert!(!plain.html.contains("style=\"") || plain.fell_back_to_text, "{origin}");
    assert!(!plain.html.contains("1234"), "{origin}: {}", plain.html);
    let _ = text(html);
    cleaned
}

/// The folder of our own hostile mails.
fn hostile_mails() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/hostile");
    let mut out = Vec::new();
    for kind in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(kind).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|ext| ext == "eml") {
                out.push((file.display().to_string(), std::fs::read(&file).unwrap()));
            }
        }
    }
    out
}

#[test]
fn every_hostile_mail_comes_out_safe() {
    let mails = hostile_mails();
    assert!(mails.len() >= 300, "{} hostile mails", mails.len());
    let limits = Limits::default();
    let mut bodies = 0;
    for (name, mail) in &mails {
        for leaf in Parsed::parse(mail, &limits).leaves() {
            let Some(text) = leaf.text.filter(|_| leaf.role != LeafRole::Message) else { continue };
            bodies += usize::from(leaf.role == LeafRole::Html);
            proven(&text, name);
        }
    }
    assert!(bodies >= 200, "{bodies} bodies of HTML");
}

#[test]
fn what_people_write_stays() {
    for (html, right) in [
        (
            "<table width=600 bgcolor=#ffffff><tr><td style=\"padding:10px\"><b>見積</b><br>12,000円</td></tr></table>",
            "<table width=\"600\" bgcolor=\"#ffffff\"><tbody><tr><td style=\"padding:10px\"><b>見積</b><br>12,000円</td></tr></tbody></table>",
        ),
        (
            "<a href='https://example.jp/?a=1&b=2' onclick=x() target=_self>詳細</a>",
            "<a href=\"https://example.jp/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer\">詳細</a>",
        ),
        ("<body bgcolor=black text=white>x", "<div style=\"color:white;background-color:black\">x</div>"),
        ("<form action=https://x.example><input name=a>名前<button>送信</button></form>", "<div>名前送信</div>"),
        ("<p>a<table><tr><td>b</table>c", "<div>a<table><tbody><tr><td>b</td></tr></tbody></table>c</div>"),
        ("<xmp><b>x</b></xmp>", "<pre>&lt;b&gt;x&lt;/b&gt;</pre>"),
        ("<o:p>段落</o:p><![if !x]>y<![endif]>", "段落y"),
        ("<img src=data:image/png;base64,AAAA alt=図>", "<img alt=\"図\" src=\"data:image/png;base64,AAAA\">"),
        ("<img src=data:image/svg+xml;base64,AAAA>", "<img>"),
        ("<pre>\n\n a</pre>", "<pre>\n\n a</pre>"),
        ("<ul><li>1<li>2</ul>", "<ul><li>1</li><li>2</li></ul>"),
        ("a\u{202e}b&#0;c&#13;d", "ab\u{fffd}c d"),
    ] {
        assert_eq!(proven(html, html).html, right);
    }
}

#[test]
fn pictures_of_the_mail_get_the_address_that_the_caller_gives() {
    let options = Options {
        cid: &|id| (id == "1@x").then(|| "https://content.example/p/1?s=x".to_owned()),
        ..Options::default()
    };
    let cleaned = clean("<img src=\"cid:1@x\"><img src=cid:2@x><a href=cid:1@x>x</a>", &options);
    assert_eq!(
        cleaned.html,
        "<img src=\"https://content.example/p/1?s=x\"><img><a href=\"https://content.example/p/1?s=x\" \
         target=\"_blank\" rel=\"noopener noreferrer\">x</a>"
    );
    assert_eq!(cleaned.remote_images, 0);
}

#[test]
fn remote_images_are_counted_and_shown_only_through_the_callers_fetcher() {
    let html = "<body background=//t.example/0><img src=https://t.example/1><img srcset='https://t.example/2 2x'>\
        <td background=x><table background='http://t.example/3'><tr><td style='background:url(http://t.example/4)'>";
    assert_eq!(clean(html, &Options::default()).remote_images, 5);
    let fetched = |address: &str| Some(format!("https://content.example/i?u={}", address.len()));
    let shown = clean("<img src=//t.example/1>", &Options { remote_image: Some(&fetched), ..Options::default() });
    assert_eq!((shown.html.as_str(), shown.remote_images), ("<img src=\"https://content.example/i?u=19\">", 0));
}

#[test]
fn links_tell_where_they_lead_and_can_be_led_elsewhere() {
    let html =
        "<a href=https://evil.example/x>https://bank.<b>co.jp</b>/</a> <a href=mailto:a@b.example>問い合わせ</a>";
    let ask = |link: &super::Link| link.names_another_host.then(|| "/open?n=0".to_owned()).or(Some(link.href.clone()));
    let cleaned = clean(html, &Options { link: Some(&ask), ..Options::default() });
    assert_eq!(cleaned.links[0].host.as_deref(), Some("evil.example"));
    assert_eq!(cleaned.links[0].text, "https://bank.co.jp/");
    assert!(cleaned.links[0].names_another_host && !cleaned.links[1].names_another_host);
    assert!(cleaned.html.contains("href=\"/open?n=0\"") && !cleaned.html.contains("evil.example"));
}

/// Stands for `detect::mask_numbers`: twelve digits with anything but letters between them.
fn stars(text: &str) -> String {
    let digits: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).collect();
    let number = digits.windows(12).map(|twelve| twelve[0].0..twelve[11].0 + 1);
    match number.into_iter().find(|place| !text[place.clone()].contains(char::is_alphabetic)) {
        Some(place) => format!("{}●●●● ●●●● ●●●●{}", &text[..place.start], stars(&text[place.end..])),
        None => text.to_owned(),
    }
}

#[test]
fn numbers_are_masked_wherever_tags_stand_in_them() {
    let options = Options { mask: Some(&stars), plain: true, ..Options::default() };
    for (html, right) in [
        ("<p>番号<b>1234</b><span>5678</span>9018です", "<p>番号<b>●●●● ●●●● ●●●●</b><span></span>です</p>"),
        ("<p>1234 5678 9018", "<p>●●●● ●●●● ●●●●</p>"),
        ("<table><tr><td>1234<td>5678<td>9018<td>円", "●●●● ●●●● ●●●●"),
        ("12<!-- -->34<i></i>56<wbr>789018", "●●●● ●●●● ●●●●<i></i><wbr>"),
        ("a123456789018b123456789018c", "a●●●● ●●●● ●●●●b●●●● ●●●● ●●●●c"),
        ("<img alt='123456789018' title=\"1234 5678 9018\">", "<img alt=\"●●●● ●●●● ●●●●\" title=\"●●●● ●●●● ●●●●\">"),
        (
            "<a href='mailto:a@b.jp?body=1234%205678%209018'>x</a>",
            "<a target=\"_blank\" rel=\"noopener noreferrer\">x</a>",
        ),
        ("<a href='https://x.jp/?1234&56789018'>x</a>", "<a target=\"_blank\" rel=\"noopener noreferrer\">x</a>"),
        ("1234<br>5678<br>9018", "●●●● ●●●● ●●●●<br><br>"),
    ] {
        let html = clean(html, &options).html;
        assert!(html.contains(right), "{html}");
        assert!(!html.contains("9018") && !html.contains("5678"), "{html}");
    }
}

#[test]
fn what_is_too_large_or_too_tangled_is_shown_as_text() {
    for (name, html) in [
        ("depth", format!("{}text", "<div>".repeat(250))),
        ("nodes", "<p>text</p>".repeat(30_000)),
        ("bytes", format!("text<p title=\"{}\">", "x".repeat(900)).repeat(3_000)),
        ("input", "text ".repeat(4 << 20)),
    ] {
        let cleaned = clean(&html, &Options::default());
        assert!(cleaned.fell_back_to_text, "{name}");
        assert!(cleaned.html.contains("text"), "{name}");
        assert_safe(&cleaned.html, name);
    }
    assert!(!clean(&"<div>".repeat(150), &Options::default()).fell_back_to_text);
}

/// What costs the square of its length in a parser without a budget. The budget is one of work, counted by the
/// tree and the feeder; that these come back at all within a test's time shows that it holds.
#[test]
fn traps_end_within_their_budget() {
    let n = 20_000;
    for (name, html) in [
        ("deep", "<div>".repeat(n)),
        ("deep and closed", format!("{}{}", "<div>".repeat(n), "<p></p>".repeat(n))),
        ("formatting", (0..n).map(|i| format!("<font color={i}>")).collect::<String>() + &"<p>x".repeat(n)),
        ("formatting reopened", format!("<p>{}</p>{}", "<b><i><u>".repeat(300), "<p>x</p>".repeat(n))),
        (
            "attributes after each other",
            format!("<p {}>", (0..1_900).map(|i| format!("a{i} ")).collect::<String>()).repeat(100),
        ),
        ("attributes", format!("<p {}>x", (0..n).map(|i| format!("a{i} ")).collect::<String>())),
        ("attributes of body", (0..n).map(|i| format!("<body a{i}>")).collect()),
        ("misnested", "<a><b><p></a></b>".repeat(n)),
        ("tables", "<table>".repeat(n)),
        ("tables with text", "<table>x".repeat(n)),
        ("cells", format!("<table><tr>{}", "<td>".repeat(n))),
        ("templates", "<template>".repeat(n)),
        ("foreign", "<svg><desc>".repeat(n)),
        ("selects", "<select><option>".repeat(n)),
        ("entities", "&a".repeat(n)),
        ("open comment", format!("<!--{}", "- ".repeat(n))),
        ("comments", "<!-- x -->".repeat(n)),
        ("open attribute", format!("<p title=\"{}", "x ".repeat(n))),
        ("styles", format!("<p style=\"{}\">", "color:red;/*".repeat(n))),
        ("angle brackets", "<".repeat(n)),
        ("end tags", "</p>".repeat(n)),
        ("frames", "<frameset>".repeat(n)),
        ("nobr", "<nobr>".repeat(n)),
        ("forms", "<form><table></form>".repeat(n)),
    ] {
        assert_safe(&clean(&html, &Options::default()).html, name);
        let _ = text(&html);
    }
}

#[test]
fn the_text_of_html_reads_like_typed_text() {
    for (html, right) in [
        ("<p>一行目</p><p>二行目<br>三行目</p>", "一行目\n\n二行目\n三行目\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("<ul><li>甲<li>乙</ul><ol><li>x<li>y</ol>", "- 甲\n- 乙\n\n1. x\n2. y\n"),
        ("<p>x</p><blockquote><p>y</p><blockquote>z</blockquote></blockquote>w", "x\n\n> y\n>\n>> z\n\nw\n"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\tb\nc\n"),
        ("<style>p{}</style><script>x</script>a  b\n c", "a b c\n"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
    ] {
        let text = text(html);
        let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        assert_eq!(text, right, "{html}");
    }
}

/// Tokens from which random soup is cooked.
const SOUP: &[&str] = &[
    "<",
    ">",
    "/",
    "=",
    "\"",
    "'",
    " ",
    "\n",
    "&lt;",
    "&#60;",
    "&amp;",
    "\0",
    "x",
    "表",
    "<!--",
    "-->",
    "--!>",
    "<![CDATA[",
    "]]>",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "<caption>",
    "<colgroup>",
    "<col>",
    "<tbody>",
    "<a href='https://a.example/'>",
    "</a>",
    "<a>",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<font color=red>",
    "</font>",
    "<nobr>",
    "<li>",
    "<ul>",
    "</ul>",
    "<dd>",
    "<dt>",
    "<h1>",
    "<h2>",
    "</h1>",
    "<ruby>",
    "<rt>",
    "<rp>",
    "<pre>",
    "</pre>",
    "<listing>",
    "<xmp>",
    "</xmp>",
    "<plaintext>",
    "<svg>",
    "</svg>",
    "<math>",
    "</math>",
    "<mtext>",
    "<mglyph>",
    "<malignmark>",
    "<annotation-xml encoding='text/html'>",
    "<foreignObject>",
    "<desc>",
    "<title>",
    "</title>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<noscript>",
    "</noscript>",
    "<template>",
    "</template>",
    "<textarea>",
    "</textarea>",
    "<select>",
    "<option>",
    "<button>",
    "<form>",
    "</form>",
    "<input>",
    "<iframe>",
    "</iframe>",
    "<object>",
    "<img src=x onerror=alert(1)>",
    "<img src='//tracker.invalid/1'>",
    "<image>",
    "<br>",
    "</br>",
    "<hr>",
    "<body onload=alert(1)>",
    "<html>",
    "<head>",
    "<frameset>",
    "<p style='color:red;background:url(//tracker.invalid)'>",
    "<a href='javascript:alert(1)'>",
    "<center>",
    "<address>",
    "<section>",
    "<blockquote>",
    "<details>",
    "<marquee>",
    "<o:p>",
    "<span title='<img src=x onerror=alert(1)>'>",
    "</span>",
    "<!DOCTYPE html>",
    "<?xml ?>",
    "<base href='//tracker.invalid/'>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_soup_comes_out_safe(tokens in prop::collection::vec(prop::sample::select(SOUP), 0..30)) {
        let html = tokens.concat();
        proven(&html, &html);
    }

    #[test]
    fn random_text_comes_out_safe(html in "[<>/a-z \"'=&;#x\\\\:!-]{0,80}") {
        proven(&html, &html);
    }

    #[test]
    fn no_number_survives_a_mask(pieces in prop::collection::vec(prop::sample::select(vec![
        "1234", "5678", "9018", "<b>", "</b>", "<p>", "<br>", " ", "-", "<td>", "<table>", "<tr>", "</table>", "<i>", "x", "12345678", "<a href='tel:1'>",
    ]), 0..20)) {
        let html = pieces.concat();
        let options = Options { mask: Some(&stars), plain: true, ..Options::default() };
        let masked = clean(&html, &options).html;
        let tree = parse::parse(&masked).unwrap();
        let mut shown = String::new();
        walk(&tree, |data| if let Data::Text(text) = data { shown.push_str(text) });
        let run: String = shown.chars().filter(|c| !matches!(c, ' ' | '-' | '\n')).collect();
        let longest = run.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
        prop_assert!(longest < 12, "{} -> {}", html, masked);
    }
}
