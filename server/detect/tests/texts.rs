//! Texts as people and programs write them, and the level that each of them deserves.

use detect::{Finding, Labels, Level, Place, Reason, Segment, find};

fn segment(place: Place, text: &str) -> Segment<'_> {
    Segment { place, part: "1", inner: "", name: None, text }
}

fn found(text: &str) -> Vec<Finding> {
    find(&[segment(Place::Body, text)], &Labels::default())
}

fn levels(text: &str) -> Vec<Level> {
    found(text).iter().map(|finding| finding.level).collect()
}

#[test]
fn a_label_that_belongs_to_the_number_makes_it_certain() {
    for text in [
        "個人番号(12桁): 1234-5678-9018",
        "個人番号：１２３４－５６７８－９０１８（本人）",
        "個人番号(マイナンバー)：a 123456789018",
        "個人番号 123456789018 電話番号: 090-1111-2222",
        "氏名 山田 MyNumber(123456789018) 離職日 2025年6月12日",
        "電話 03-1234-5678\n個人番号 1234 5678 9018\nFAX 03-1234-5679",
        "受付番号 12345 マイナンバー 1234 5678 9018",
        "カード番号 4111 1111 1111 1111 個人番号 1234 5678 9018",
        "生年月日 1974-02-12 1234 5678 9018 個人番号",
        "次の通りです。個人番号 123456\n789018となります。",
        "{\"name\":\"x\",\"my_number\":\"123456789018\",\"tel\":\"0312345678\"}",
        "<tel>0312345678</tel><個人番号>123456789018</個人番号>",
        "mynumber=123456789018&x=1",
        "> ﾏｲﾅﾝﾊﾞｰ 123456789018\n> 以上",
        "In case you need it, my number: 123456789018",
        "個人番号　電話\n1234 5678 9018　090-1234-5678",
    ] {
        assert_eq!(levels(text), [Level::Certain], "{text}");
    }
}

#[test]
fn other_signs_make_it_likely() {
    for text in [
        "氏名：山田\n生年月日：昭和50年1月2日\n電話：03-1234-5678\n番号 1234 5678 9018",
        "年末調整の件\n1234 5678 9018",
        "【個人番号】\n----------\n1234 5678 9018",
        "一二三四五六七八九〇一八",
        "①②③④⑤⑥⑦⑧⑨⓪①⑧",
        "https://a.example/?mynumber=123456789018",
    ] {
        assert_eq!(levels(text), [Level::Likely], "{text}");
    }
}

#[test]
fn a_number_alone_or_with_a_slip_of_the_pen_is_possible() {
    for text in ["123456789018", "以下です\n1234-5678-9018\n以上", "個人番号 123456789010"] {
        assert_eq!(levels(text), [Level::Possible], "{text}");
    }
    assert_eq!(found("個人番号 123456789010")[0].reasons, [Reason::WrongCheckDigit]);
}

#[test]
fn the_nearest_label_wins() {
    for text in [
        "マイナンバーカードの申請番号は 123456789018 です",
        "マイナンバー関係書類を発送しました。お問い合わせ番号：1234-5678-9018",
        "お支払いにマイナンバーは不要です。\n\n注文番号\n123456789018",
        "<mynumber></mynumber><order>123456789018</order>",
        "個人番号1234567890183",
        "個人番号 000000000000",
        "バックアップ\nbackup_202609201114.tar.gz",
    ] {
        assert_eq!(levels(text), [], "{text}");
    }
}

#[test]
fn a_label_speaks_for_the_list_that_follows() {
    for text in [
        "家族の番号です(マイナンバー)\n父 1234-5678-9018\n母 0234-5678-9013\n子 9832-0567-3214",
        "マイナンバーは1234-5678-9018、妻は0234-5678-9013、子は9832-0567-3214です。",
        "氏名　電話　個人番号\nA　090-1234-5678　123456789018\nB　090-1234-5679　023456789013\nC　03-1234-5678　983205673214",
        "氏名\u{1f}個人番号\u{1f}電話\nA\u{1f}123456789018\u{1f}1\nB\u{1f}0234-5678-9013\u{1f}2\nC\u{1f}983205673214\u{1f}3",
    ] {
        assert_eq!(levels(text), [Level::Certain; 3], "{text}");
    }
}

#[test]
fn a_column_speaks_for_itself() {
    let rows = "A1,山田,123456789018\nA2,鈴木,023456789013\nA3,佐藤,983205673214\n";
    assert_eq!(levels(rows), [Level::Likely; 3]);
    assert_eq!(levels(&rows.replace(',', "\u{1f}")), [Level::Likely; 3]);
    assert_eq!(found(&rows.replace(',', "\u{1f}"))[1].position, "row 2 column 3");
    let mut most_fail: String = (0..12).map(|at| format!("x\u{1f}1111111111{at:02}\n")).collect();
    most_fail.push_str("x\u{1f}123456789018\n");
    assert_eq!(levels(&most_fail), []);
}

#[test]
fn zeros_that_a_spreadsheet_dropped_are_put_back_under_a_heading() {
    let found = found("氏名\u{1f}マイナンバー\n山田\u{1f}23456789013\n");
    assert_eq!(found[0].value.reveal(), "023456789013");
    assert_eq!((found[0].level, found[0].reasons.contains(&Reason::ZeroPadded)), (Level::Certain, true));
    assert_eq!(levels("氏名\u{1f}電話\n山田\u{1f}23456789013\n"), []);
}

#[test]
fn a_form_with_a_digit_in_each_cell_is_read() {
    let digits: Vec<String> = "123456789018".chars().map(String::from).collect();
    assert_eq!(levels(&format!("個人番号\u{1f}{}", digits.join("\u{1f}"))), [Level::Certain]);
    assert_eq!(levels(&format!("数量\u{1f}{}", digits.join("\u{1f}"))), []);
}

#[test]
fn subject_and_file_name_speak_for_the_texts() {
    let labels = Labels::default();
    let body = || segment(Place::Body, "よろしくお願いします。\n123456789018");
    let subject = |text| segment(Place::Subject, text);
    assert_eq!(find(&[subject("個人番号の件"), body()], &labels)[0].level, Level::Certain);
    assert_eq!(find(&[subject("年末調整の件"), body()], &labels)[0].level, Level::Likely);
    assert_eq!(find(&[subject("ご注文の件"), body()], &labels), []);
    let named = Segment { name: Some("マイナンバー一覧.csv"), place: Place::Attachment, ..body() };
    assert_eq!(find(&[named], &labels)[0].reasons, [detect::Reason::CheckDigit, Reason::FileName, Reason::TestNumber]);
}

#[test]
fn the_same_number_in_two_places_is_one_finding() {
    let html = Segment { place: Place::Html, part: "2", inner: "", name: None, text: "個人番号 1234 5678 9018" };
    let found = find(&[segment(Place::Body, "123456789018"), html], &Labels::default());
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].place, found[0].part.as_str(), found[0].count), (&Place::Html, "2", 2));
    assert_eq!(found[0].also, [(Place::Body, "1".to_owned())]);
    assert_eq!(found[0].level, Level::Certain);
}
