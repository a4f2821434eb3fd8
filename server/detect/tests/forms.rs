//! Every written form of a My Number that mynumber.md (section 3) calls supported is found under a label, and
//! none of its neighbours (section 1.2) is taken for one. All numbers are made up by a generator.

#![allow(clippy::unwrap_used)]

use detect::{Labels, Level, Place, Segment, find, is_my_number, mask};

/// Numbers tried for each form and placement.
const NUMBERS: usize = 60;
/// Samples of each negative class.
const SAMPLES: usize = 400;

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.roll(10) as u8)).collect()
    }

    fn my_number(&mut self) -> String {
        let head = self.digits(11);
        ('0'..='9').map(|last| format!("{head}{last}")).find(|number| is_my_number(&values(number))).unwrap()
    }
}

fn values(number: &str) -> [u8; 12] {
    number.bytes().map(|b| b - b'0').collect::<Vec<_>>().try_into().unwrap()
}

fn levels(text: &str) -> Vec<(String, Level)> {
    let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text };
    let labels = thread_labels();
    find(&[body], &labels).iter().map(|found| (found.value.reveal().to_owned(), found.level)).collect()
}

fn thread_labels() -> Labels {
    thread_local!(static LABELS: Labels = Labels::default());
    LABELS.with(Clone::clone)
}

fn mapped(number: &str, signs: &str) -> String {
    let signs: Vec<&str> = signs.split(' ').collect();
    number.bytes().map(|b| signs[usize::from(b - b'0')]).collect()
}

fn joined(number: &str, size: usize, separator: &str) -> String {
    let groups: Vec<&str> = (0..number.len()).step_by(size).map(|at| &number[at..at + size]).collect();
    groups.join(separator)
}

type Form = (&'static str, fn(&str) -> String);

fn forms() -> Vec<Form> {
    vec![
        ("plain", |n| n.to_owned()),
        ("full width", |n| mapped(n, "０ １ ２ ３ ４ ５ ６ ７ ８ ９")),
        ("mixed width", |n| format!("{}{}", mapped(&n[..5], "０ １ ２ ３ ４ ５ ６ ７ ８ ９"), &n[5..])),
        ("mathematical", |n| mapped(n, "𝟎 𝟏 𝟐 𝟑 𝟒 𝟓 𝟔 𝟕 𝟖 𝟗")),
        ("arabic", |n| mapped(n, "٠ ١ ٢ ٣ ٤ ٥ ٦ ٧ ٨ ٩")),
        ("circled", |n| mapped(n, "⓪ ① ② ③ ④ ⑤ ⑥ ⑦ ⑧ ⑨")),
        ("negative circled", |n| mapped(n, "⓿ ❶ ❷ ❸ ❹ ❺ ❻ ❼ ❽ ❾")),
        ("keycaps", |n| n.chars().map(|c| format!("{c}\u{fe0f}\u{20e3}")).collect()),
        ("kanji", |n| mapped(n, "〇 一 二 三 四 五 六 七 八 九")),
        ("kanji fours", |n| {
            joined(n, 4, " ")
                .chars()
                .map(|c| {
                    if c == ' ' {
                        "　".into()
                    } else {
                        mapped(&c.to_string(), "〇 一 二 三 四 五 六 七 八 九")
                    }
                })
                .collect()
        }),
        ("daiji", |n| mapped(n, "零 壱 弐 参 肆 伍 陸 漆 捌 玖")),
        ("zero width", |n| joined(n, 3, "\u{200b}")),
        ("soft hyphen", |n| joined(n, 6, "\u{ad}")),
        ("hyphen", |n| joined(n, 4, "-")),
        ("space", |n| joined(n, 4, " ")),
        ("spaced hyphen", |n| joined(n, 4, " - ")),
        ("ideographic space", |n| joined(n, 4, "　")),
        ("no-break space", |n| joined(n, 4, "\u{a0}")),
        ("thin space", |n| joined(n, 4, "\u{2009}")),
        ("full-width hyphen", |n| joined(n, 4, "－")),
        ("long vowel", |n| joined(n, 4, "ー")),
        ("half-width long vowel", |n| joined(n, 4, "ｰ")),
        ("minus", |n| joined(n, 4, "−")),
        ("hyphen 2010", |n| joined(n, 4, "‐")),
        ("en dash", |n| joined(n, 4, "–")),
        ("em dash", |n| joined(n, 4, "—")),
        ("ruled line", |n| joined(n, 4, "─")),
        ("kanji one as dash", |n| joined(n, 4, "一")),
        ("middle dot", |n| joined(n, 4, "・")),
        ("full stop", |n| joined(n, 4, ".")),
        ("slash", |n| joined(n, 4, "/")),
        ("underscore", |n| joined(n, 4, "_")),
        ("pipe", |n| joined(n, 4, "|")),
        ("comma", |n| joined(n, 4, ", ")),
        ("brackets", |n| format!("({})", joined(n, 4, ")("))),
        ("corner brackets", |n| format!("「{}」", joined(n, 4, "」「"))),
        ("full width grouped", |n| {
            joined(n, 4, "-")
                .chars()
                .map(|c| {
                    if c == '-' {
                        "－".into()
                    } else {
                        mapped(&c.to_string(), "０ １ ２ ３ ４ ５ ６ ７ ８ ９")
                    }
                })
                .collect()
        }),
        ("six and six", |n| joined(n, 6, "-")),
        ("threes", |n| joined(n, 3, " ")),
        ("twos", |n| joined(n, 2, " ")),
        ("ones by space", |n| joined(n, 1, " ")),
        ("ones by pipe", |n| joined(n, 1, "|")),
        ("ones by cell", |n| joined(n, 1, "\u{1f}")),
        ("ones by line", |n| joined(n, 1, "\n")),
        ("line break", |n| format!("{}\n{}", &n[..7], &n[7..])),
        ("CRLF break", |n| format!("{}\r\n{}", &n[..6], &n[6..])),
        ("quoted break", |n| format!("{}\n> {}", &n[..6], &n[6..])),
        ("fours over a line", |n| format!("{} {}\n{}", &n[..4], &n[4..8], &n[8..])),
        ("fours quoted over a line", |n| format!("{}-{}-\n> > {}", &n[..4], &n[4..8], &n[8..])),
    ]
}

type Placement = (&'static str, fn(&str) -> String);

fn placements() -> Vec<Placement> {
    vec![
        ("directly before", |n| format!("マイナンバー：{n} です。")),
        ("80 characters before", |n| {
            format!(
                "私の個人番号は{}次の通りです。{n}\nよろしくお願いいたします。",
                "、ご確認をお願いしたく存じますが".repeat(4)
            )
        }),
        ("half width, on the line above", |n| format!("ﾏｲﾅﾝﾊﾞｰ\n{n}\n\n以上")),
        ("behind", |n| format!("{n} が私のマイナンバーです")),
        ("in English", |n| format!("My Number: {n}\nRegards,")),
        ("in a quoted reply", |n| format!("> 各位\n> 個人番号 {n}\n> 以上")),
    ]
}

#[test]
fn every_labelled_form_is_found() {
    let mut dice = Dice(1);
    for (form, write) in forms() {
        for (placement, place) in placements() {
            for _ in 0..NUMBERS {
                let number = dice.my_number();
                let text = place(&write(&number));
                let found = levels(&text);
                assert!(
                    found.iter().any(|(value, level)| *value == number && *level >= Level::Likely),
                    "{form}, {placement}: {text:?} gave {found:?}"
                );
            }
        }
    }
}

#[test]
fn every_form_is_masked_once_the_number_is_known() {
    let mut dice = Dice(2);
    for (form, write) in forms() {
        let number = dice.my_number();
        let labelled = format!("個人番号 {number}");
        let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text: &labelled };
        let found = find(&[body], &Labels::default());
        let masked = mask(&format!("件名 {} の件", write(&number)), &found);
        assert!(masked.contains("●●●● ●●●● ●●●●") && !masked.contains(&number[..3]), "{form}: {masked}");
    }
}

#[test]
fn an_unlabelled_number_is_possible_and_no_more() {
    let mut dice = Dice(3);
    let mut seen = 0;
    for _ in 0..SAMPLES {
        let number = dice.my_number();
        for text in [format!("以下です。\n{number}\n以上"), format!("以下です。\n{}\n以上", joined(&number, 4, "-"))]
        {
            let found = levels(&text);
            assert!(found.iter().all(|(_, level)| *level == Level::Possible), "{text}: {found:?}");
            seen += found.len();
        }
    }
    assert!(seen >= SAMPLES * 2 * 99 / 100, "{seen}");
}

#[test]
fn an_unlabelled_list_is_likely() {
    let mut dice = Dice(4);
    for count in [5, 30] {
        let list: Vec<String> = (0..count).map(|_| dice.my_number()).collect();
        let found = levels(&format!("一覧\n{}\n", list.join("\n")));
        assert_eq!(found.iter().filter(|(_, level)| *level == Level::Likely).count(), count, "{found:?}");
    }
}

type Neighbour = (&'static str, fn(&mut Dice) -> String);

fn neighbours() -> Vec<Neighbour> {
    vec![
        ("parcel, labelled", |d| format!("送り状番号：{}", joined(&d.my_number(), 4, "-"))),
        ("parcel, unlabelled", |d| joined(&d.digits(12), 4, "-")),
        ("parcel in a mail about My Numbers", |d| {
            format!("マイナンバー関係書類を発送しました。お問い合わせ番号：{}", joined(&d.my_number(), 4, "-"))
        }),
        ("parcel on the next line", |d| {
            format!("マイナンバー関係書類を発送しました。\nお問い合わせ番号：\n{}", d.my_number())
        }),
        ("order", |d| format!("ご注文番号 {}\nありがとうございます", d.my_number())),
        ("order by date", |d| format!("202610{:02}{}", d.roll(28) + 1, d.digits(4))),
        ("order in English", |d| format!("Your order number: {}", d.my_number())),
        ("invoice", |d| format!("invoice no. {}", d.my_number())),
        ("ticket", |d| format!("[Ticket {}] 障害の件", d.my_number())),
        ("licence", |d| format!("運転免許証 第{}号", d.my_number())),
        ("corporate number", |d| format!("法人番号 {}{}", d.roll(9) + 1, d.my_number())),
        ("corporate number, spaced", |d| format!("法人番号 {} {}", d.roll(9) + 1, joined(&d.my_number(), 4, " "))),
        ("corporate number and the law", |d| {
            format!("{}{}（マイナンバー法に基づく法人番号）", d.roll(9) + 1, d.my_number())
        }),
        ("invoice registration", |d| format!("登録番号：T{}{}", d.roll(9) + 1, d.my_number())),
        ("company registration", |d| {
            let n = d.my_number();
            format!("会社法人等番号 {}-{}-{}", &n[..4], &n[4..6], &n[6..])
        }),
        ("company registration, plain", |d| format!("会社法人等番号：{}", d.my_number())),
        ("card", |d| format!("4{}", joined(&d.digits(16), 4, "-").split_off(1))),
        ("card, spaced", |d| format!("カード番号 {}", joined(&d.digits(16), 4, " "))),
        ("card, amex", |d| {
            let n = d.digits(15);
            format!("{} {} {}", &n[..4], &n[4..10], &n[10..])
        }),
        ("JAN", |d| format!("JAN {}", d.digits(13))),
        ("mobile", |d| format!("090-{}-{}", d.digits(4), d.digits(4))),
        ("mobile abroad", |d| format!("TEL +8190{}", d.digits(8))),
        ("mobile abroad, grouped", |d| format!("+81-90-{}-{}", d.digits(4), d.digits(4))),
        ("two telephones", |d| format!("03-{}-{} 03-{}-{}", d.digits(4), d.digits(4), d.digits(4), d.digits(4))),
        ("UUID", |d| format!("550e8400-e29b-41d4-a716-{}", d.my_number())),
        ("hash", |d| format!("9f86d0{}a3", d.my_number())),
        ("URL", |d| format!("https://example.jp/track?no={}&x=1", d.my_number())),
        ("URL in a mail about My Numbers", |d| format!("マイナンバーの手続き https://example.jp/{}", d.my_number())),
        ("mail address", |d| format!("{}@example.jp", d.my_number())),
        ("Message-ID", |d| format!("<{}.7@host.example>", d.my_number())),
        ("time stamp", |d| format!("20261{}{:02}{:02}{:02}", d.roll(3), d.roll(28) + 1, d.roll(24), d.roll(60))),
        ("meeting", |d| format!("ミーティングID: {}", joined(&d.my_number(), 3, " "))),
        ("kanji amount", |d| format!("金{}円", mapped(&d.my_number(), "〇 一 二 三 四 五 六 七 八 九"))),
        ("amount", |d| format!("¥{}", d.my_number())),
        ("row of amounts", |d| joined(&d.digits(24), 4, " ")),
        ("cells of amounts", |d| joined(&d.digits(12), 4, "\u{1f}")),
        ("bank account", |d| format!("口座 {}", joined(&d.my_number(), 4, "-"))),
        ("decimal", |d| format!("0.{}", d.my_number())),
        ("log line", |d| format!("rx={} tx={}", d.digits(14), d.digits(13))),
        ("long run", |d| d.digits(20)),
        ("orders in a column", |d| {
            let rows: Vec<String> = (0..12).map(|at| format!("{at}\u{1f}{}", d.digits(12))).collect();
            format!("番号\u{1f}伝票番号\n{}", rows.join("\n"))
        }),
        ("random column", |d| {
            let rows: Vec<String> = (0..40).map(|at| format!("{at}\u{1f}{}", d.digits(12))).collect();
            format!("行\u{1f}値\n{}", rows.join("\n"))
        }),
    ]
}

#[test]
fn no_neighbour_is_likely() {
    let mut dice = Dice(5);
    for (class, write) in neighbours() {
        for _ in 0..SAMPLES {
            let text = format!("お世話になっております。\n\n{}\n\nよろしくお願いいたします。", write(&mut dice));
            let found = levels(&text);
            assert!(found.iter().all(|(_, level)| *level == Level::Possible), "{class}: {text} gave {found:?}");
        }
    }
}

#[test]
fn what_names_itself_something_else_is_not_even_possible() {
    let mut dice = Dice(6);
    for (class, write) in neighbours() {
        let silent = [
            "labelled",
            "order",
            "licence",
            "company",
            "URL",
            "UUID",
            "hash",
            "card",
            "abroad",
            "address",
            "Message-ID",
            "time stamp",
        ];
        if class.contains("unlabelled") || !silent.iter().any(|word| class.contains(word)) {
            continue;
        }
        for _ in 0..SAMPLES {
            let text = format!("お世話になっております。\n\n{}\n\n以上", write(&mut dice));
            assert_eq!(levels(&text), [], "{class}: {text}");
        }
    }
}
