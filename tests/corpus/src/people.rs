//! The people and companies of the mails, how they greet, and what they write besides. All are invented.

use super::dice::Dice;
use super::numbers;

const FAMILY: [(&str, &str); 24] = [
    ("佐藤", "sato"),
    ("鈴木", "suzuki"),
    ("高橋", "takahashi"),
    ("田中", "tanaka"),
    ("伊藤", "ito"),
    ("渡辺", "watanabe"),
    ("山本", "yamamoto"),
    ("中村", "nakamura"),
    ("小林", "kobayashi"),
    ("加藤", "kato"),
    ("吉田", "yoshida"),
    ("山田", "yamada"),
    ("松本", "matsumoto"),
    ("井上", "inoue"),
    ("木村", "kimura"),
    ("林", "hayashi"),
    ("清水", "shimizu"),
    ("三浦", "miura"),
    ("五十嵐", "igarashi"),
    ("一ノ瀬", "ichinose"),
    ("二階堂", "nikaido"),
    ("八木", "yagi"),
    ("千葉", "chiba"),
    ("九条", "kujo"),
];
const GIVEN: [&str; 16] = [
    "太郎",
    "花子",
    "一郎",
    "健二",
    "美咲",
    "直樹",
    "さくら",
    "翔太",
    "恵",
    "真由美",
    "隆",
    "彩",
    "大輔",
    "陽子",
    "拓海",
    "結衣",
];
const COMPANY: [&str; 14] = [
    "株式会社青空製作所",
    "有限会社みどり工務店",
    "合同会社ノースゲート",
    "医療法人あかつき会",
    "北斗運輸株式会社",
    "㈱つばさ商事",
    "社会福祉法人ひだまり",
    "桜井税理士法人",
    "やまと社会保険労務士事務所",
    "株式会社ブルーテック",
    "学校法人若竹学園",
    "さざなみ信用金庫",
    "ミナト物流株式会社",
    "オレンジ食品株式会社",
];
const SECTION: [&str; 10] = [
    "総務部",
    "人事課",
    "経理部",
    "営業一課",
    "購買部",
    "情報システム部",
    "物流課",
    "労務グループ",
    "管理本部",
    "品質保証部",
];
const CITY: [&str; 8] = [
    "東京都千代田区丸の内",
    "大阪府大阪市北区梅田",
    "愛知県名古屋市中区栄",
    "福岡県福岡市博多区寿町",
    "北海道札幌市中央区北一条西",
    "宮城県仙台市青葉区大手町",
    "神奈川県横浜市西区みなとみらい",
    "広島県広島市南区駅前通",
];

/// The family name.
pub fn family(dice: &mut Dice) -> &'static str {
    dice.of(&FAMILY).0
}

/// The name of a person.
pub fn person(dice: &mut Dice) -> String {
    format!("{}{}{}", dice.of(&FAMILY).0, dice.of(&["", " ", "　"]), dice.of(&GIVEN))
}

/// The name of a person in Western letters.
pub fn western_person(dice: &mut Dice) -> String {
    let family = dice.of(&FAMILY).1;
    let given = dice.of(&["Taro", "Hanako", "Ken", "Misaki", "Naoki", "Yui", "John", "Maria"]);
    format!("{given} {}{}", family[..1].to_uppercase(), &family[1..])
}

/// A company.
pub fn company(dice: &mut Dice) -> &'static str {
    dice.pick(&COMPANY)
}

/// A section of a company.
pub fn section(dice: &mut Dice) -> &'static str {
    dice.pick(&SECTION)
}

/// A postal code and an address.
pub fn address(dice: &mut Dice) -> String {
    let (city, a, b, c) = (dice.of(&CITY), dice.from(1, 9), dice.from(1, 30), dice.from(1, 20));
    let building = dice.of(&["", " センタービル5F", " 青葉タワー803", "　第一ビル２階"]);
    format!("〒{}-{} {city}{a}-{b}-{c}{building}", dice.number(3), dice.digits(4))
}

/// A mail address.
pub fn mail_address(dice: &mut Dice) -> String {
    let name = dice.of(&FAMILY).1;
    let host = dice.of(&[
        "aozora.example",
        "midori.example.jp",
        "hokuto.co.jp.example",
        "gmail.example",
        "tsubasa.example.com",
    ]);
    match dice.below(3) {
        0 => format!("{name}@{host}"),
        1 => format!("{name}{}@{host}", dice.digits(2)),
        _ => format!("t.{name}@{host}"),
    }
}

/// The first lines of a mail.
pub fn opening(dice: &mut Dice) -> Vec<String> {
    let mut lines = Vec::new();
    match dice.below(5) {
        0 => lines.push("各位".to_owned()),
        1 => lines.push(format!("{} {}様", company(dice), family(dice))),
        2 => lines.extend([company(dice).to_owned(), format!("{}　{}様", section(dice), family(dice))]),
        3 => lines.push(format!("{}さん", family(dice))),
        _ => lines.push("ご担当者様".to_owned()),
    }
    lines.push(String::new());
    let greeting = dice.of(&[
        "お世話になっております。",
        "いつもお世話になっております。",
        "お疲れ様です。",
        "おつかれさまです。",
        "平素より大変お世話になっております。",
        "先ほどはお電話にて失礼いたしました。",
        "ご無沙汰しております。",
    ]);
    lines.push((*greeting).to_owned());
    if dice.chance(70) {
        lines.push(format!("{}の{}です。", if dice.chance(50) { section(dice) } else { company(dice) }, family(dice)));
    }
    lines.push(String::new());
    lines
}

/// A sentence that says nothing of numbers.
pub fn filler(dice: &mut Dice) -> String {
    let lines = [
        "詳細は追ってご連絡いたします。",
        "ご多忙のところ恐れ入りますが、ご確認をお願いいたします。",
        "ご不明な点がございましたら、お気軽にお問い合わせください。",
        "来週の定例会議でご説明いたします。",
        "先日の打ち合わせではありがとうございました。",
        "添付の資料もあわせてご覧ください。",
        "原本は後日郵送いたします。",
        "お急ぎの場合は内線までお願いします。",
        "なお、金曜日は終日外出しております。",
        "進捗がありましたらお知らせください。",
        "念のため控えをお手元に保管してください。",
        "季節の変わり目ですので、どうぞご自愛ください。",
    ];
    (*dice.of(&lines)).to_owned()
}

/// The last lines of a mail with the signature.
pub fn closing(dice: &mut Dice) -> Vec<String> {
    let mut lines = vec![String::new()];
    let bye = [
        "以上、よろしくお願いいたします。",
        "どうぞよろしくお願い申し上げます。",
        "取り急ぎご連絡まで。",
        "よろしくお願いします。",
        "ご対応のほどお願いいたします。",
    ];
    lines.push((*dice.of(&bye)).to_owned());
    if dice.chance(80) {
        lines.push(String::new());
        lines.extend(signature(dice));
    }
    lines
}

fn signature(dice: &mut Dice) -> Vec<String> {
    let rule = *dice.of(&[
        "-- ",
        "--------------------------------",
        "━━━━━━━━━━━━━━━━",
        "==========================",
        "*****************",
        "＿＿＿＿＿＿＿＿＿＿",
    ]);
    let mut lines = vec![rule.to_owned(), company(dice).to_owned(), format!("{} {}", section(dice), person(dice))];
    if dice.chance(60) {
        lines.push(address(dice));
    }
    lines.push(match dice.below(3) {
        0 => format!("TEL: {} / FAX: {}", numbers::phone(dice), numbers::phone(dice)),
        1 => format!("電話 {}", numbers::phone(dice)),
        _ => format!("Tel {}  Mobile {}", numbers::phone(dice), numbers::phone(dice)),
    });
    lines.push(format!("E-mail: {}", mail_address(dice)));
    if dice.chance(30) {
        lines.push("https://www.aozora.example/".to_owned());
    }
    if rule != "-- " {
        lines.push(rule.to_owned());
    }
    lines
}

/// The first and last lines of an English mail.
pub fn english(dice: &mut Dice) -> (Vec<String>, Vec<String>) {
    let opening = match dice.below(4) {
        0 => format!("Hi {},", dice.of(&["Ken", "Naoki", "Ms. Tanaka", "team"])),
        1 => "Dear Sir or Madam,".to_owned(),
        2 => format!("Dear {}-san,", western_person(dice)),
        _ => "Hello,".to_owned(),
    };
    let closing = vec![
        String::new(),
        (*dice.of(&["Best regards,", "Kind regards,", "Thanks,", "Sincerely,"])).to_owned(),
        western_person(dice),
        format!("Tel: {}", numbers::phone(dice)),
    ];
    (vec![opening, String::new()], closing)
}
