//! Whatever the text, the search neither fails nor says what cannot be.

use detect::{Labels, Level, Place, Segment, find, is_my_number, mask, mask_numbers};
use proptest::prelude::*;

thread_local!(static LABELS: Labels = Labels::default());

/// Pieces that texts about numbers are made of.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,13}",
        "[０-９]{1,12}",
        "[〇一二三四五六七八九]{1,12}",
        Just("123456789018".to_owned()),
        Just("1234-5678-9018".to_owned()),
        "[ \\-\\n\\t\u{1f}\u{3000}>|().,:\u{200b}@/+]{1,4}",
        Just("マイナンバー".to_owned()),
        Just("ﾏｲﾅﾝﾊﾞｰ：".to_owned()),
        Just("注文番号".to_owned()),
        Just("----------\n".to_owned()),
        Just("https://".to_owned()),
        "\\PC{0,6}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

/// What is found in a text, by value and level.
fn seen(text: &str) -> Vec<(String, Level)> {
    let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text };
    let found = LABELS.with(|labels| find(&[body], labels));
    found.iter().map(|finding| (finding.value.reveal().to_owned(), finding.level)).collect()
}

/// Digits in full width, and something invisible behind each of them.
fn rewritten(text: &str) -> [String; 2] {
    let wide = |c: char| c.to_digit(10).and_then(|value| char::from_u32(0xFF10 + value)).unwrap_or(c);
    let veiled = text.chars().flat_map(|c| std::iter::once(c).chain(c.is_ascii_digit().then_some('\u{200b}')));
    [text.chars().map(wide).collect(), veiled.collect()]
}

/// Texts that tempt a search to look at everything again and again, of about so many bytes.
fn tempting(size: usize) -> Vec<String> {
    [
        "1 ",
        "1",
        "1234 ",
        "1234-",
        "123456789018 ",
        "123456789018\n",
        "個人番号 ",
        "個人番号 1 ",
        "注文番号 1234 ",
        "\t",
        "1\u{1f}",
        "マイナ\u{200b}",
        "> ",
        "1-",
        "@1 ",
        "4111 1111 1111 1111 ",
        "03-1234-5678 ",
        "1234567 ",
        "個 ",
        "(1)",
        "年末調整 123456789018 ",
    ]
    .iter()
    .map(|piece| piece.repeat(size / piece.len()))
    .collect()
}

#[test]
fn no_text_is_looked_at_again_and_again() {
    for text in tempting(400_000) {
        let began = std::time::Instant::now();
        let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text: &text };
        let found = LABELS.with(|labels| find(std::slice::from_ref(&body), labels));
        let others = detect::neighbours(&[body]);
        let start: String = text.chars().take(12).collect();
        assert!(found.len() < 10 && others.len() < 10, "{start}");
        // an unoptimised build takes less than a second; looking at everything again would take hours
        assert!(began.elapsed().as_secs() < 60, "{start}: {:?}", began.elapsed());
    }
}

proptest! {
    #[test]
    fn another_way_to_write_the_digits_changes_nothing(
        head in prop::sample::select(vec!["個人番号：", "マイナンバーは", "控え ", "注文番号 ", "年末調整の書類です。\n", ""]),
        digits in "[0-9]{12}",
        between in prop::sample::select(vec!["", "-", " ", "　"]),
        tail in prop::sample::select(vec!["", " です。", "\n以上"]),
    ) {
        let groups = [&digits[..4], &digits[4..8], &digits[8..]].join(between);
        let text = format!("{head}{groups}{tail}");
        let plain = seen(&text);
        for other in rewritten(&groups) {
            prop_assert_eq!(&seen(&format!("{head}{other}{tail}")), &plain, "{}", other);
        }
        let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text: &text };
        let found = LABELS.with(|labels| find(&[body], labels));
        if found.iter().any(|finding| finding.level >= Level::Likely) {
            prop_assert!(!mask(&text, &found).chars().any(|c| c.is_ascii_digit()));
        }
    }

    #[test]
    fn findings_are_sound(texts in prop::collection::vec(text(), 1..4)) {
        let places = [Place::Subject, Place::Body, Place::Attachment];
        let segments: Vec<Segment> = texts
            .iter()
            .zip(places)
            .map(|(text, place)| Segment { place, part: "1", inner: "", name: Some("a.csv"), text })
            .collect();
        let found = LABELS.with(|labels| find(&segments, labels));
        for finding in &found {
            let digits: Vec<u8> = finding.value.reveal().bytes().map(|b| b - b'0').collect();
            let valid = <[u8; 12]>::try_from(digits).is_ok_and(|digits| is_my_number(&digits));
            prop_assert!(valid || finding.level == Level::Possible);
            let shown = format!("{finding:?}");
            prop_assert!(!shown.contains(finding.value.reveal()));
            prop_assert_eq!(found.iter().filter(|other| other.value == finding.value).count(), 1);
        }
        let first = texts.first().map_or("", String::as_str);
        let masked = mask(first, &found);
        for finding in found.iter().filter(|finding| finding.level >= Level::Likely) {
            prop_assert!(!masked.contains(finding.value.reveal()));
        }
        prop_assert!(mask_numbers(first).len() >= first.len() / 4);
    }

    #[test]
    fn nothing_makes_it_fail(text in "\\PC*") {
        let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text: &text };
        let found = LABELS.with(|labels| find(&[body], labels));
        prop_assert!(found.is_empty() || mask_numbers(&text).len() >= found.len());
    }
}
