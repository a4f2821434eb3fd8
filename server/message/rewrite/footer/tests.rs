use super::*;

fn footer(text: &str) -> Footer {
    Footer { text: text.into(), html: None }
}

fn with(mail: &str, text: &str) -> Result<String, NotAppended> {
    let mail = mail.replace('\n', "\r\n").into_bytes();
    with_bytes(&mail, &[footer(text)]).map(|bytes| String::from_utf8(bytes).unwrap())
}

fn with_bytes(mail: &[u8], footers: &[Footer]) -> Result<Vec<u8>, NotAppended> {
    with_footers(mail, footers, &Limits::default())
}

/// Every text that a reader of the mail is shown.
fn read(mail: &[u8]) -> Vec<String> {
    let parsed = Parsed::parse(mail, &Limits::default());
    parsed.leaves().into_iter().filter(|leaf| leaf.role != LeafRole::Attachment).filter_map(|leaf| leaf.text).collect()
}

const JA: &str = "本メールは社外秘です。";

#[test]
fn a_plain_text_keeps_its_charset_and_encoding_where_they_hold_the_footer() {
    let plain = with("Subject: s\n\nhello\n", "no forward").unwrap();
    assert_eq!(plain, "Subject: s\r\nContent-Transfer-Encoding: 7bit\r\n\r\nhello\r\n\r\nno forward\r\n");
    let cut_off = with("Subject: s\n\nhello", "no forward").unwrap();
    assert!(cut_off.ends_with("hello\r\n\r\nno forward\r\n"), "{cut_off}");
    let eight = with("Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n\nやあ\n", JA).unwrap();
    assert!(eight.contains("8bit") && eight.ends_with("やあ\r\n\r\n本メールは社外秘です。\r\n"), "{eight}");
    let quoted =
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=E3=81=82 =\nb\n";
    let quoted = with(quoted, JA).unwrap();
    assert!(quoted.is_ascii() && quoted.contains("quoted-printable"), "{quoted}");
    assert_eq!(read(quoted.as_bytes()), ["あ b\r\n\r\n本メールは社外秘です。\r\n"]);
    let base =
        with("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n44GC\n", JA).unwrap();
    assert!(base.is_ascii() && base.contains("base64"), "{base}");
    assert_eq!(read(base.as_bytes()), ["あ\r\n\r\n本メールは社外秘です。\r\n"]);
}

#[test]
fn iso_2022_jp_stays_itself_and_becomes_utf_8_for_what_it_does_not_hold() {
    let body = Charset::Iso2022Jp.encode("お世話になっております。\r\n");
    let head =
        b"Content-Type: text/plain; charset=ISO-2022-JP; format=flowed\r\nContent-Transfer-Encoding: 7bit\r\n\r\n";
    let mail = [&head[..], &body].concat();
    let same = with_bytes(&mail, &[footer(JA)]).unwrap();
    assert!(same.starts_with(b"Content-Type: text/plain; charset=ISO-2022-JP; format=flowed\r\n") && same.is_ascii());
    assert!(same.windows(body.len()).any(|part| part == body), "what was written stays as it is");
    assert_eq!(read(&same), ["お世話になっております。\r\n\r\n本メールは社外秘です。\r\n"]);
    let other = with_bytes(&mail, &[footer("㈱髙橋 😀")]).unwrap();
    let text = String::from_utf8(other.clone()).unwrap();
    assert!(text.contains("charset=UTF-8;\r\n format=\"flowed\"") && text.contains("base64"), "{text}");
    assert_eq!(read(&other), ["お世話になっております。\r\n\r\n㈱髙橋 😀\r\n"]);
    // cut off in the middle of a word
    let cut = [&head[..], &body[..9]].concat();
    let mended = with_bytes(&cut, &[footer(JA)]).unwrap();
    assert!(read(&mended)[0].ends_with("\r\n\r\n本メールは社外秘です。\r\n"), "{:?}", read(&mended));
}

#[test]
fn shift_jis_and_euc_stay_themselves() {
    for (label, encoding) in
        [("Shift_JIS", encoding_rs::SHIFT_JIS), ("EUC-JP", encoding_rs::EUC_JP), ("cp932", encoding_rs::SHIFT_JIS)]
    {
        let body = encoding.encode("ソ連の表\r\n").0.into_owned();
        let head = format!("Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        let mail = with_bytes(&[head.as_bytes(), &body].concat(), &[footer(JA)]).unwrap();
        assert!(mail.starts_with(head.as_bytes()));
        assert_eq!(read(&mail), ["ソ連の表\r\n\r\n本メールは社外秘です。\r\n"], "{label}");
    }
}

#[test]
fn both_forms_of_an_alternative_get_it_and_files_are_left_alone() {
    let mail = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\npreamble\n--m\n\
        Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nhello\n--a\n\
        Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html; charset=us-ascii\n\n<html><body>hello</body></html>\n--r\n\
        Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBO\n--r--\n--a--\n--m\n\
        Content-Type: text/plain; name=\"a.txt\"\nContent-Disposition: attachment\n\nfile\n--m\nContent-Type: text/plain\n\nlast\n--m--\nepilogue\n";
    let changed = with(mail, JA).unwrap();
    let texts = read(changed.as_bytes());
    assert!(texts.iter().any(|text| text == "hello\r\n\r\n本メールは社外秘です。\r\n"), "{texts:?}");
    let references: String = JA.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    assert!(changed.contains(&format!("hello<div>{references}</div>\r\n</body></html>")), "{changed}");
    assert!(texts.contains(&"last".to_owned()), "{texts:?}");
    assert!(
        changed.contains("\r\n\r\nfile\r\n--m\r\n")
            && changed.contains("iVBO\r\n--r--")
            && changed.ends_with("--m--\r\nepilogue\r\n")
    );
}

#[test]
fn a_mail_without_a_body_gets_one() {
    let file = "Subject: s\nMIME-Version: 1.0\nContent-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBE\n";
    let changed = with(file, JA).unwrap();
    let parsed = Parsed::parse(changed.as_bytes(), &Limits::default());
    assert_eq!((parsed.root().content_type().as_str(), parsed.root().children.len()), ("multipart/mixed", 2));
    assert_eq!((changed.matches("MIME-Version").count(), parsed.subject().as_str()), (1, "s"));
    let leaves = parsed.leaves();
    assert_eq!(leaves[0].text.as_deref(), Some("本メールは社外秘です。\r\n"));
    assert_eq!((leaves[1].name.as_deref(), leaves[1].bytes.as_ref()), (Some("a.pdf"), &b"%PD"[..]));
    let several = "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: application/pdf\n\nx\n--m--\n";
    let changed = with(several, "end").unwrap();
    assert_eq!(read(changed.as_bytes()), ["end\r\n"]);
    assert!(changed.contains("--m\r\nContent-Type: application/pdf\r\n\r\nx\r\n--m--"), "{changed}");
}

#[test]
fn a_second_time_adds_nothing() {
    let html =
        "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<html><body>x</body></html>\n";
    for mail in ["Subject: s\n\nhello\n", html] {
        let mail = mail.replace('\n', "\r\n").into_bytes();
        let footers = [footer("a\nb"), footer(JA)];
        let once = with_bytes(&mail, &footers).unwrap();
        assert_ne!(once, mail);
        assert_eq!(with_bytes(&once, &footers).unwrap(), once);
        assert_eq!(with_bytes(&once, &footers[..1]).unwrap(), once);
        let more = with_bytes(&once, &[footer("a\nb"), footer("c")]).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&more).matches("c</div>\r\n").count() + read(&more)[0].matches("\r\nc\r\n").count(),
            1
        );
    }
}

#[test]
fn what_is_broken_or_grows_too_large_is_not_sent() {
    let broken = "Content-Type: multipart/mixed\n\nno boundary\n";
    assert_eq!(with(broken, "x"), Err(NotAppended::Broken));
    let odd = "Content-Type: text/plain\nContent-Transfer-Encoding: x-unheard-of\n\nhello\n";
    assert_eq!(with(odd, "x"), Err(NotAppended::Broken));
    let cut = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n44G!\n";
    assert_eq!(with(cut, JA), Err(NotAppended::Broken));
    let limits = Limits { message_size: 40, ..Limits::default() };
    let big = with_footers(b"Subject: s\r\n\r\nhello\r\n", &[footer(&"x".repeat(50))], &limits);
    assert_eq!(big, Err(NotAppended::TooBig));
}

proptest::proptest! {
    #[test]
    fn no_mail_makes_it_panic_and_a_text_keeps_its_words(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), text in "\\PC{0,60}",
    ) {
        let _ = with_bytes(&bytes, &[footer(JA)]);
        let mail = format!("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n");
        let changed = with_bytes(mail.as_bytes(), &[footer(JA)]).unwrap();
        proptest::prop_assert!(read(&changed)[0].starts_with(text.as_str()) && read(&changed)[0].contains(JA));
    }
}
