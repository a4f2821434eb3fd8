//! Mails that hold My Numbers, in words that people use. They were written before the detector's lists were looked at:
//! whoever reads them knows what the number is.

use super::dice::Dice;
use super::numbers::{self, my_number};
use super::people::{self, closing, filler, opening, person};
use super::scene::{Block, Scene, Sure};

/// What people call a My Number when they mean nothing else.
const NAMES: [&str; 46] = [
    "マイナンバー",
    "マイナンバー",
    "個人番号",
    "個人番号",
    "ﾏｲﾅﾝﾊﾞｰ",
    "マイナンバ",
    "マイナンバ―",
    "マイナンバ-",
    "マイナンバｰ",
    "まいなんばー",
    "まいなんばあ",
    "マイナンバー番号",
    "マイナンバーの番号",
    "マイナンバー(個人番号)",
    "個人番号（マイナンバー）",
    "個人番号(12桁)",
    "マイナンバー12桁",
    "マイナンバーカードの番号",
    "マイナンバーカード裏面の番号",
    "マイナンバーカード記載の12桁の番号",
    "マイナカードの番号",
    "マイナカード番号",
    "マイナカード裏の12桁",
    "マイナの番号",
    "マイナ番号",
    "通知カードの番号",
    "個人番号通知書の番号",
    "個人ナンバー",
    "個人No.",
    "個人№",
    "個番",
    "個 人 番 号",
    "個　人　番　号",
    "マ イ ナ ン バ ー",
    "マイ ナンバー",
    "マイ・ナンバー",
    "マイナンバーNo",
    "MYナンバー",
    "Myナンバー",
    "MyNumber",
    "My Number",
    "my number",
    "MY NUMBER",
    "マイＮｏ",
    "社会保障・税番号",
    "税と社会保障の番号",
];

/// What people call it in English mails.
const WESTERN: [&str; 16] = [
    "My Number",
    "my number",
    "MyNumber",
    "My-Number",
    "\"My Number\"",
    "Individual Number",
    "individual number (My Number)",
    "Japanese My Number",
    "Japanese individual number",
    "My Number (kojin bango)",
    "kojin bangō",
    "My Number ID",
    "Japanese Social Security and Tax Number",
    "Japan Individual Number",
    "12-digit My Number",
    "My No.",
];

fn scene(context: &'static str, subject: &str, blocks: Vec<Block>, numbers: usize, dice: &mut Dice) -> Scene {
    Scene {
        context,
        subject: subject.to_owned(),
        file: (*dice.of(&["書類", "提出用", "送付資料", "data", "20261105", "別紙1", "回答", "一覧"])).to_owned(),
        opening: opening(dice),
        blocks,
        closing: closing(dice),
        numbers,
        sure: Sure::Certain,
    }
}

const QUIET_SUBJECTS: [&str; 10] = [
    "書類の件",
    "ご連絡",
    "Re: 先日の件",
    "提出します",
    "遅くなりました",
    "ご依頼の件について",
    "送付のご案内",
    "Re: Re: お願い",
    "【回答】ご照会の件",
    "手続きの件",
];

/// One sentence with the name and the number.
fn sentence(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let (name, who) = (*dice.of(&NAMES), person(dice));
    let n = write(&my_number(dice));
    let text = match dice.below(24) {
        0 => format!("{name}は{n}です。"),
        1 => format!("私の{name}は {n} です。ご確認ください。"),
        2 => format!("{name}：{n}"),
        3 => format!("{name}: {n}"),
        4 => format!("・{name} {n}"),
        5 => format!("{name}　{n}"),
        6 => format!("■{name}＝{n}"),
        7 => format!("{who}さんの{name}をお伝えします。{n}でした。"),
        8 => format!("お問い合わせいただいた{name}ですが、{n}で間違いありません。"),
        9 => format!("{name}を教えてとのことでしたので送ります→{n}"),
        10 => format!("妻の{name}（{n}）も登録をお願いします。"),
        11 => format!("{who}　{name}（{n}）　入社日 {}", numbers::date(dice)),
        12 => format!("【{name}】{n}"),
        13 => format!("[{name}] {n}"),
        14 => format!("{name}（{n}）の者です。"),
        15 => format!("{name}が変わりました。新しいのは{n}です。"),
        16 => format!("{name}につきましては、以下のとおりです。\n{n}"),
        17 => format!("{name}：\n\n{n}\n\n上記でお願いします。"),
        18 => format!("{n} ← {name}です"),
        19 => format!("{n}が私の{name}です。"),
        20 => format!("{name}を控えました。カードを見ながら入力しましたので間違いないと思います。\n{n}"),
        21 => format!("(1) 氏名　{who}\n(2) {name}　{n}\n(3) 生年月日　{}", numbers::birth(dice)),
        22 => format!("氏名／{who}／{name}／{n}"),
        _ => format!("ご質問の{name}は次のとおりです。\n　{n}\nなお、生年月日は{}です。", numbers::birth(dice)),
    };
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    if dice.chance(50) {
        lines.insert(0, filler(dice));
    }
    if dice.chance(50) {
        lines.push(filler(dice));
    }
    let subject = *dice.of(&QUIET_SUBJECTS);
    scene("a sentence", subject, vec![Block::Lines(lines)], 1, dice)
}

/// A form that was filled in.
fn form(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let name = *dice.of(&NAMES);
    let n = write(&my_number(dice));
    let mut pairs: Vec<(String, String)> = vec![("氏名".into(), person(dice))];
    let others = [
        ("フリガナ", "サトウ タロウ".to_owned()),
        ("生年月日", numbers::birth(dice)),
        ("社員番号", dice.number(6)),
        ("住所", people::address(dice)),
        ("電話番号", numbers::phone(dice)),
        ("メール", people::mail_address(dice)),
        ("基礎年金番号", format!("{}-{}", dice.digits(4), dice.digits(6))),
        ("雇用保険被保険者番号", format!("{}-{}-{}", dice.digits(4), dice.digits(6), dice.digits(1))),
        ("入社日", numbers::date(dice)),
        ("所属", people::section(dice).to_owned()),
        ("振込口座", format!("みずほ銀行 本店 普通 {}", dice.digits(7))),
        ("扶養", "あり（2名）".to_owned()),
        ("月額給与", format!("{}円", numbers::yen(dice))),
    ];
    let mut at = 0;
    for (label, value) in others {
        if dice.chance(50) {
            pairs.push((label.to_owned(), value));
            at = pairs.len();
        }
    }
    let place = dice.from(1, at.max(1));
    pairs.insert(place, (name.to_owned(), n));
    let subject = *dice.of(&[
        "入社時の提出事項",
        "登録フォームからの送信",
        "新入社員情報",
        "社会保険 資格取得",
        "ご登録ありがとうございます",
        "申込内容",
        "書類の件",
    ]);
    scene("a form", subject, vec![Block::Pairs(pairs)], 1, dice)
}

/// A table of people under headings.
fn roster(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let name = *dice.of(&NAMES);
    let rows = dice.from(1, 8);
    let mut head = vec!["氏名".to_owned()];
    let before = dice.from(0, 2);
    let others = ["社員番号", "生年月日", "電話番号", "所属", "入社日", "支払金額", "続柄"];
    let start = dice.below(others.len());
    let column = |at: usize| others[(start + at) % others.len()];
    for at in 0..before {
        head.push(column(at).to_owned());
    }
    head.push(name.to_owned());
    for at in before..before + dice.from(0, 2) {
        head.push(column(at).to_owned());
    }
    let mut table = vec![head.clone()];
    for _ in 0..rows {
        let cell = |heading: &String, dice: &mut Dice| match heading.as_str() {
            "氏名" => person(dice),
            "社員番号" => dice.number(5),
            "生年月日" => numbers::birth(dice),
            "電話番号" => numbers::phone(dice),
            "所属" => people::section(dice).to_owned(),
            "入社日" => numbers::date(dice),
            "支払金額" => numbers::yen(dice),
            "続柄" => (*dice.of(&["本人", "妻", "長男", "母"])).to_owned(),
            _ => write(&my_number(dice)),
        };
        table.push(head.iter().map(|heading| cell(heading, dice)).collect());
    }
    let subject = *dice.of(&["一覧表", "名簿の送付", "対象者リスト", "支払先一覧", "従業員データ", "扶養親族一覧"]);
    scene("a table", subject, vec![Block::Table(table)], rows, dice)
}

/// The members of a family, a line each.
fn family(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let name = *dice.of(&NAMES);
    let count = dice.from(2, 4);
    let people = ["本人", "妻", "長男", "長女"];
    let style = dice.below(4);
    let mut lines = vec![match dice.below(4) {
        0 => format!("家族の{name}をお送りします。"),
        1 => format!("扶養家族の{name}です。"),
        2 => format!("{name}は以下の通りです。"),
        _ => format!("ご依頼のありました{name}を記載します。"),
    }];
    if dice.chance(50) {
        lines.push(String::new());
    }
    for who in people.iter().take(count) {
        let n = write(&my_number(dice));
        lines.push(match style {
            0 => format!("{who}　{}　{}　{n}", person(dice), numbers::birth(dice)),
            1 => format!("{who}：{n}"),
            2 => format!("・{who}（{}） {n}", person(dice)),
            _ => format!("{who} {n}"),
        });
    }
    scene("a family", "扶養控除の書類", vec![Block::Lines(lines)], count, dice)
}

/// What the subject or the question before it names.
fn answered(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let name = *dice.of(&NAMES);
    let n = write(&my_number(dice));
    let (subject, lines) = match dice.below(4) {
        0 => (format!("{name}の件"), vec!["下記のとおりです。".to_owned(), String::new(), n]),
        1 => (
            "Re: 提出のお願い".to_owned(),
            vec![n, String::new(), "> お手数ですが、".to_owned(), format!("> {name}を本日中にご返信ください。")],
        ),
        2 => (
            "Re: 確認".to_owned(),
            vec![format!("> {name}を教えていただけますか。"), String::new(), n, String::new(), "です。".to_owned()],
        ),
        _ => (format!("{name}のご連絡（{}）", people::family(dice)), vec![format!("以下です。{n}"), filler(dice)]),
    };
    scene("a question answered", &subject, vec![Block::Lines(lines)], 1, dice)
}

/// An English mail.
fn english(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let name = *dice.of(&WESTERN);
    let n = write(&my_number(dice));
    let text = match dice.below(12) {
        0 => format!("My Japanese colleague's {name} is {n}."),
        1 => format!("Please find my {name} below.\n\n{n}"),
        2 => format!("{name}: {n}"),
        3 => format!("{name} - {n}"),
        4 => format!("As requested by HR, here is the {name} of the new employee: {n}"),
        5 => format!("Employee: {}\n{name}: {n}\nStart date: 2026-04-01", people::western_person(dice)),
        6 => format!("The {name} printed on the back of the card is {n}, valid until 2031."),
        7 => format!("I was told that payroll still needs my {name}. It is {n}."),
        8 => format!("{name}\n{n}"),
        9 => format!("Could you register {n} as my {name}?"),
        10 => format!("Name {}, {name} {n}, DOB 1984-05-06", people::western_person(dice)),
        _ => format!("{name} (for the year-end adjustment)\t{n}"),
    };
    let (opening, closing) = people::english(dice);
    let lines = text.split('\n').map(str::to_owned).collect();
    let subject = *dice.of(&["Documents", "Re: onboarding", "Payroll data", "Requested information", "New hire"]);
    let file = "information".to_owned();
    Scene {
        context: "an English mail",
        subject: subject.to_owned(),
        file,
        opening,
        blocks: vec![Block::Lines(lines)],
        closing,
        numbers: 1,
        sure: Sure::Certain,
    }
}

/// Other numbers with their own names stand around it.
fn among_others(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let name = *dice.of(&NAMES);
    let n = write(&my_number(dice));
    let others = [
        format!("受付番号：{}", dice.number(8)),
        format!("お客様番号　{}", dice.number(10)),
        format!("TEL {}", numbers::phone(dice)),
        format!("口座番号：普通 {}", dice.digits(7)),
        format!("請求書番号 INV-{}", dice.digits(8)),
        format!("法人番号：{}", numbers::corporate(dice)),
        format!("送り状番号：{}", numbers::grouped(&numbers::slip(dice), &[4, 4, 4], "-")),
        format!("免許証番号　{}", numbers::licence(dice)),
        format!("注文番号 {}", dice.number(12)),
        format!("カード番号 {}", numbers::grouped(&numbers::card(dice), &[4, 4, 4], "-")),
    ];
    let mut lines = vec!["次の内容で手続きをお願いします。".to_owned(), String::new()];
    let (first, second) = (dice.below(others.len()), dice.below(others.len()));
    lines.push(others[first].clone());
    lines.push(format!("{name}{}{n}", dice.of(&["：", " ", "　", ": "])));
    if second != first {
        lines.push(others[second].clone());
    }
    scene("beside other numbers", "手続きのお願い", vec![Block::Lines(lines)], 1, dice)
}

/// Papers about tax and pay that do not name the number: a person would say likely.
fn papers(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let n = write(&my_number(dice));
    let who = person(dice);
    let (subject, text) = match dice.below(9) {
        0 => ("年末調整について", format!("年末調整の書類です。\n氏名　{who}\n番号　{n}")),
        1 => ("源泉徴収票の件", format!("源泉徴収票の作成をお願いします。\n{who}　{n}")),
        2 => ("扶養控除等申告書", format!("申告書の控えを記載します。\n配偶者　{who}　{n}")),
        3 => (
            "入社手続き",
            format!("氏名：{who}\n生年月日：{}\n番号：{n}\n住所：{}", numbers::birth(dice), people::address(dice)),
        ),
        4 => ("支払調書用データ", format!("講師謝金の支払調書に使います。\n{who} 様　{n}")),
        5 => ("健康保険 被扶養者異動届", format!("被扶養者：{who}\n続柄：長女\n{n}")),
        6 => ("雇用保険の手続き", format!("離職票をお願いします。\n{who}\n{n}")),
        7 => ("給与支払報告書", format!("{who}（{}生）\n{n}", numbers::birth(dice))),
        _ => ("本人確認書類", format!("本人確認のため番号をお伝えします。\n{n}\n氏名 {who}")),
    };
    let lines = text.split('\n').map(str::to_owned).collect();
    Scene { sure: Sure::Likely, ..scene("papers of tax and pay", subject, vec![Block::Lines(lines)], 1, dice) }
}

/// Twelve digits that nothing describes but their number of digits and their use: a person would say likely.
fn described(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let n = write(&my_number(dice));
    let text = match dice.below(5) {
        0 => format!("市役所から届いたカードの裏に書いてある12桁の番号は{n}です。"),
        1 => format!("例の12桁の番号です。年末調整に使ってください。\n{n}"),
        2 => format!("役所に出す12桁の番号、{n}でした。税務署の書類にも必要とのことです。"),
        3 => format!("給与担当に渡すよう言われた12桁の数字: {n}"),
        _ => format!("住民票に載っていた12桁の番号を送ります。\n{n}\n社会保険の手続きに使ってください。"),
    };
    let lines = text.split('\n').map(str::to_owned).collect();
    Scene { sure: Sure::Likely, ..scene("described, not named", "番号の件", vec![Block::Lines(lines)], 1, dice) }
}

/// A list of numbers and nothing else: a person would say likely.
fn bare_list(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let count = dice.from(5, 12);
    let rows: Vec<Vec<String>> = (0..count).map(|_| vec![person(dice), write(&my_number(dice))]).collect();
    Scene {
        sure: Sure::Likely, ..scene("a list without names", "データ送付", vec![Block::Table(rows)], count, dice)
    }
}

/// A number alone.
fn alone(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let lines = vec!["お送りします。".to_owned(), String::new(), write(&my_number(dice))];
    Scene { sure: Sure::Possible, ..scene("a number alone", "ご連絡", vec![Block::Lines(lines)], 1, dice) }
}

/// A scene with My Numbers, written by `write`.
pub fn draw(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    match dice.below(20) {
        18 => papers(dice, write),
        19 => match dice.below(4) {
            0 => described(dice, write),
            1 | 2 => bare_list(dice, write),
            _ => alone(dice, write),
        },
        _ => named(dice, write),
    }
}

/// A scene in which something says what the numbers are.
pub fn named(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    match dice.below(18) {
        0..=4 => sentence(dice, write),
        5..=7 => form(dice, write),
        8..=10 => roster(dice, write),
        11 | 12 => family(dice, write),
        13 => answered(dice, write),
        14 | 15 => english(dice, write),
        _ => among_others(dice, write),
    }
}

/// A scene whose number may hold a line break: running text only.
pub fn running(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    match dice.below(4) {
        0 | 1 => sentence(dice, write),
        2 => answered(dice, write),
        _ => english(dice, write),
    }
}

/// A few words with a number, for a subject or a name.
pub fn short(dice: &mut Dice, write: fn(&str) -> String) -> Scene {
    let name = *dice.of(&NAMES);
    let n = write(&my_number(dice));
    let subject = match dice.below(5) {
        0 => format!("{name} {n}"),
        1 => format!("【ご連絡】{name}は{n}です"),
        2 => format!("{name}_{n}"),
        3 => format!("{} {name}（{n}）", people::family(dice)),
        _ => format!("{n}({name})"),
    };
    scene("a few words", &subject, Vec::new(), 1, dice)
}
