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

proptest! {
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
