//! What readers see, as cases.

use super::*;
use types::Limits;

fn seen(mail: &str, options: &Options<'_>) -> View {
    let limits = Limits::default();
    view(&Parsed::parse(mail.as_bytes(), &limits), options)
}

fn body(mail: &str, options: &Options<'_>) -> String {
    let document = seen(mail, options).document;
    let (_, content) = document.split_once("<body>").unwrap();
    content.strip_suffix("</body></html>\n").unwrap().to_owned()
}

fn read(mail: &str) -> String {
    let limits = Limits::default();
    text(&Parsed::parse(mail.as_bytes(), &limits), Forced::Automatic, None)
}

const ALTERNATIVE: &str = "Content-Type: multipart/alternative; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n文字\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>書式</p>\r\n--b--\r\n";

#[test]
fn the_form_that_the_author_meant_is_shown_unless_the_reader_prefers_text() {
    let view = seen(ALTERNATIVE, &Options::default());
    assert!(view.document.contains("<p>書式</p>") && !view.document.contains("文字"));
    assert!(view.is_html && view.has_other_form);
    let view = seen(ALTERNATIVE, &Options { prefer: Prefer::Text, ..Options::default() });
    assert!(view.document.contains("文字") && !view.document.contains("書式"));
    assert!(!view.is_html && view.has_other_form);
    assert_eq!(read(ALTERNATIVE), "文字");
}

#[test]
fn texts_of_a_mixed_mail_stand_one_after_the_other() {
    let mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n\
        --b\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>two</b>\r\n--b\r\n\r\nthree\r\n--b--\r\n";
    assert_eq!(
        body(mail, &Options::default()),
        "<div class=\"t\">one</div><hr><div class=\"h\"><b>two</b></div><hr><div class=\"t\">three</div>"
    );
    assert_eq!(read(mail), "one\n\ntwo\n\nthree");
}

#[test]
fn the_root_of_a_related_mail_is_shown_with_its_pictures() {
    let mail = "Content-Type: multipart/related; start=\"<r>\"; boundary=b\r\n\r\n\
        --b\r\nContent-Type: image/png\r\nContent-ID: <p>\r\n\r\nx\r\n--b\r\nContent-Type: text/html\r\nContent-ID: <r>\r\n\r\n<img src=cid:p>\r\n--b--\r\n";
    let cid = |id: &str| Some(format!("https://content.example/{id}"));
    let shown = body(mail, &Options { cid: &cid, ..Options::default() });
    assert_eq!(shown, "<div class=\"h\"><img src=\"https://content.example/p\"></div>");
}

#[test]
fn typed_text_becomes_lines_quotes_and_links() {
    let mail = "Content-Type: text/plain; charset=utf-8\r\n\r\n山田様\r\n<b>&\"\r\n> 引用\r\n>> 深い\r\nhttps://example.jp/a_(b)?c=d&e. (www.example.com)\r\n\
        連絡先:taro@example.jp、javascript:x ftp://x/\r\n";
    let shown = body(mail, &Options::default());
    let link =
        |href: &str, text: &str| format!("<a href=\"{href}\" target=\"_blank\" rel=\"noopener noreferrer\">{text}</a>");
    assert_eq!(
        shown,
        format!(
            "<div class=\"t\">山田様\n&lt;b&gt;&amp;&quot;<blockquote>引用<blockquote>深い</blockquote></blockquote>{}. ({})\n連絡先:{}、javascript:x ftp://x/</div>",
            link("https://example.jp/a_(b)?c=d&amp;e", "https://example.jp/a_(b)?c=d&amp;e"),
            link("http://www.example.com", "www.example.com"),
            link("mailto:taro@example.jp", "taro@example.jp"),
        )
    );
}

#[test]
fn a_flowed_text_is_joined_once_and_also_in_a_forced_charset() {
    let mail = "Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\none \r\ntwo\r\n > three\r\n";
    for charset in [Forced::Automatic, Forced::Utf8] {
        let shown = body(mail, &Options { charset, ..Options::default() });
        assert_eq!(shown, "<div class=\"t\">one two<blockquote>three</blockquote></div>", "{charset:?}");
    }
}

#[test]
fn the_reader_can_force_a_charset() {
    let limits = Limits::default();
    let mail = b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n\x95\x5c\x8e\xa6";
    let parsed = Parsed::parse(mail, &limits);
    let shown = |charset| view(&parsed, &Options { charset, ..Options::default() }).document;
    assert!(shown(Forced::ShiftJis).contains("表示"));
    assert!(!shown(Forced::EucJp).contains("表示"));
    assert_eq!(text(&parsed, Forced::ShiftJis, None), "表示");
    for charset in [Forced::Automatic, Forced::Utf8, Forced::Iso2022Jp, Forced::ShiftJis, Forced::EucJp] {
        assert_eq!(Forced::from_word(charset.word()), Some(charset));
    }
}

#[test]
fn those_who_decide_see_no_number_and_nothing_hidden() {
    let mask = |text: &str| text.replace("1234 5678 9018", "●●●● ●●●● ●●●●").replace("123456789018", "●●●● ●●●● ●●●●");
    let options = Options { mask: Some(&mask), ..Options::default() };
    let html =
        "Content-Type: text/html; charset=utf-8\r\n\r\n<p style=display:none>番号 <b>1234</b><i>56789018</i></p>";
    assert_eq!(body(html, &options), "<div class=\"h\"><p>番号 <b>●●●● ●●●● ●●●●</b><i></i></p></div>");
    let typed = "Content-Type: text/plain; charset=utf-8\r\n\r\n番号 1234 5678 9018\r\nhttps://x.example/123456789018";
    let shown = body(typed, &options);
    assert!(shown.contains("番号 ●●●● ●●●● ●●●●") && !shown.contains("9018"), "{shown}");
}

#[test]
fn the_document_has_its_language_its_theme_and_its_letters() {
    let text_mail = "Subject: x\r\n\r\nx";
    let html_mail = "Content-Type: text/html\r\n\r\nx";
    let dark = Options { theme: Theme::Dark, ..Options::default() };
    assert!(
        seen(text_mail, &Options { language: "en", ..dark })
            .document
            .starts_with("<!DOCTYPE html>\n<html lang=\"en\">")
    );
    assert!(seen(text_mail, &dark).document.contains("color-scheme:dark"));
    assert!(!seen(html_mail, &dark).document.contains("color-scheme:dark"));
    assert!(seen(html_mail, &Options { dark_html: true, ..dark }).document.contains("color-scheme:dark"));
    assert!(seen(text_mail, &Options { monospace: true, ..dark }).document.contains("monospace"));
    assert!(!seen(text_mail, &dark).document.contains("80ch"));
}

#[test]
fn long_lines_of_near_links_cost_no_square() {
    for text in [
        "http://".repeat(50_000),
        "a@".repeat(100_000),
        "www.".repeat(60_000),
        ">".repeat(200_000),
        "h".repeat(300_000),
        "(".repeat(100_000),
    ] {
        let mail = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{text}");
        assert!(seen(&mail, &Options::default()).document.len() > 1_000);
    }
}
