//! Ordinary business mail without any My Number: slips, orders, invoices, amounts, logs, and mail that talks of My
//! Numbers and holds none. Written before the detector was looked at.

use super::dice::Dice;
use super::numbers::{self, grouped, my_number};
use super::people::{self, closing, filler, opening, person};
use super::scene::{Block, Scene, Sure};

/// Where twelve digits come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twelve {
    /// As chance and each service make them: one in ten passes the check of a My Number.
    Natural,
    /// All of them pass it: harder than life.
    Passing,
}

impl Twelve {
    fn slip(self, dice: &mut Dice) -> String {
        if self == Self::Passing { my_number(dice) } else { numbers::slip(dice) }
    }

    fn any(self, dice: &mut Dice) -> String {
        if self == Self::Passing { my_number(dice) } else { dice.number(12) }
    }

    fn licence(self, dice: &mut Dice) -> String {
        if self == Self::Passing { my_number(dice) } else { numbers::licence(dice) }
    }
}

const ABOUT: [&str; 8] = [
    "マイナンバーカードの取得をお済ませください。",
    "マイナンバーの提出がまだの方は、総務部の窓口までお持ちください。メールでは送らないでください。",
    "個人番号の取扱いについては社内規程をご覧ください。",
    "マイナ保険証への切り替えに伴い、従来の保険証は使えなくなります。",
    "年末調整の書類は11月末までにご提出ください。",
    "マイナンバー研修の受講をお願いします。",
    "マイナンバー関係書類を本日発送いたしました。",
    "My Number must never be sent by e-mail.",
];

const FOOTERS: [&str; 4] = [
    "※本メールにマイナンバー（個人番号）を記載しないでください。",
    "弊社では個人番号を含む書類を電子メールで受け付けておりません。",
    "【ご注意】マイナンバー等の特定個人情報が含まれる場合は、直ちに削除のうえご連絡ください。",
    "This message may contain personal data (including My Number). If received in error, delete it.",
];

fn fours(number: &str, dice: &mut Dice) -> String {
    match dice.below(4) {
        0 => number.to_owned(),
        1 | 2 => grouped(number, &[4, 4, 4], "-"),
        _ => grouped(number, &[4, 4, 4], " "),
    }
}

type Draw = fn(&mut Dice, Twelve) -> (&'static str, Vec<Block>);

fn lines(subject: &'static str, text: String) -> (&'static str, Vec<Block>) {
    (subject, vec![Block::Lines(text.split('\n').map(str::to_owned).collect())])
}

/// The kinds of mail.
pub static KINDS: [(&str, Draw); 42] = [
    ("nothing but text", |d, _| {
        lines("打ち合わせの件", format!("{}に伺います。\n{}\n{}", numbers::date(d), filler(d), filler(d)))
    }),
    ("a parcel slip", |d, t| {
        let n = t.slip(d);
        let n = fours(&n, d);
        let label = *d.of(&[
            "お問い合わせ番号",
            "送り状番号",
            "伝票番号",
            "お問合せ伝票番号",
            "追跡番号",
            "荷物番号",
            "問合番号",
            "配送伝票No",
            "送り状No.",
        ]);
        let carrier = *d.of(&["ヤマト運輸", "佐川急便", "日本郵便（ゆうパック）", "西濃運輸", "福山通運"]);
        lines(
            "発送のお知らせ",
            format!("本日発送いたしました。\n配送会社：{carrier}\n{label}：{n}\nお届け予定：{}", numbers::date(d)),
        )
    }),
    ("a parcel slip in a sentence", |d, t| {
        let n = t.slip(d);
        let n = fours(&n, d);
        let text = match d.below(5) {
            0 => format!("クロネコさんで送りました。{n}で追えます。"),
            1 => format!("荷物は{n}です。明日の午前着の予定です。"),
            2 => format!("宅配便で発送済みです（{n}）。"),
            3 => format!("サンプルをお送りしました。番号は{n}、時間指定は14-16時です。"),
            _ => format!("発送しました。問い合わせは{n}までお願いします。"),
        };
        lines("サンプル発送", text)
    }),
    ("parcel slips in a table", |d, t| {
        let mut rows = vec![vec![
            "出荷日".to_owned(),
            "お届け先".into(),
            d.of(&["送り状番号", "伝票No", "追跡No", "問い合わせNo."]).to_string(),
            "個口".into(),
        ]];
        for _ in 0..d.from(3, 15) {
            rows.push(vec![numbers::date(d), people::company(d).into(), t.slip(d), d.from(1, 9).to_string()]);
        }
        ("出荷実績", vec![Block::Table(rows)])
    }),
    ("a parcel with papers about My Numbers", |d, t| {
        let n = t.slip(d);
        let n = fours(&n, d);
        lines("書類発送のご連絡", format!("{}\n簡易書留（{n}）でお送りしました。\nお問い合わせ番号：{n}", d.of(&ABOUT)))
    }),
    ("an order", |d, t| {
        let label = *d.of(&[
            "注文番号",
            "ご注文番号",
            "受注番号",
            "発注番号",
            "オーダーNo.",
            "注文ID",
            "PO番号",
            "発注書No",
            "注文No",
        ]);
        lines(
            "ご注文ありがとうございます",
            format!("{label}：{}\n商品：作業服 L\n数量：{}\n金額：{}円", t.any(d), d.from(1, 99), numbers::yen(d)),
        )
    }),
    ("an order by date", |d, _| {
        let n = format!("20{}{:02}{:02}{}", d.from(24, 27), d.from(1, 12), d.from(1, 28), d.digits(4));
        lines("ご注文の確認", format!("ご注文を承りました。\n{}{n}", d.of(&["注文番号 ", "No.", "番号：", "受付："])))
    }),
    ("an order in English", |d, t| {
        let label = *d.of(&[
            "Order number",
            "Order No.",
            "Your order",
            "PO",
            "Purchase order",
            "Confirmation number",
            "Reference",
            "Ref.",
            "Order ID",
        ]);
        lines("Your order", format!("Thank you for your order.\n{label}: {}\nTotal: JPY {}", t.any(d), numbers::yen(d)))
    }),
    ("an invoice", |d, t| {
        lines(
            "請求書送付のご案内",
            format!(
                "請求書番号：{}\n登録番号：T{}\nご請求金額：{}円\nお支払期限：{}",
                t.any(d),
                numbers::corporate(d),
                numbers::yen(d),
                numbers::date(d)
            ),
        )
    }),
    ("an invoice in English", |d, t| {
        lines(
            "Invoice",
            format!("Invoice no. {}\nAmount due: USD {}\nAccount {}", t.any(d), numbers::yen(d), d.number(10)),
        )
    }),
    ("a quotation", |d, t| {
        lines("お見積書", format!("見積番号 {}\n有効期限 {}\n税込 {}円", t.any(d), numbers::date(d), numbers::yen(d)))
    }),
    ("a ticket", |d, t| {
        let label = *d.of(&[
            "ケース番号",
            "問い合わせID",
            "インシデント番号",
            "Ticket",
            "Case",
            "チケット#",
            "案件番号",
            "サポートID",
            "Case ID",
        ]);
        lines("【サポート】お問い合わせ受付", format!("{label}: {}\n担当より折り返しご連絡いたします。", t.any(d)))
    }),
    ("a licence", |d, t| {
        let n = t.licence(d);
        let text = match d.below(4) {
            0 => format!("運転免許証　第{n}号"),
            1 => format!("免許証番号：{n}\n有効期限：{}", numbers::date(d)),
            2 => format!("レンタカーの予約に免許の番号が要るそうです。{n}です。"),
            _ => format!("driver's licence no. {n}"),
        };
        lines("車両利用申請", text)
    }),
    ("a corporate number", |d, _| {
        let n = numbers::corporate(d);
        let text = match d.below(4) {
            0 => format!("法人番号：{n}"),
            1 => format!("インボイス登録番号は T{n} です。"),
            2 => format!("法人番号（13桁） {}", grouped(&n, &[1, 4, 4, 4], "-")),
            _ => format!("T-{n}（適格請求書発行事業者）"),
        };
        lines("取引先登録", text)
    }),
    ("a company's registration", |d, t| {
        let n = t.any(d);
        let text = match d.below(3) {
            0 => format!("会社法人等番号　{}", grouped(&n, &[4, 2, 6], "-")),
            1 => format!("会社法人等番号：{n}"),
            _ => format!("登記簿の会社法人等番号は{n}です。商号・本店に変更はありません。"),
        };
        lines("登記事項証明書", text)
    }),
    ("a card", |d, _| {
        let n = numbers::card(d);
        let n = if d.chance(50) { grouped(&n, &[4, 4, 4], d.pick(&["-", " "])) } else { n };
        lines(
            "お支払い方法",
            format!(
                "{}{n}\n有効期限 {:02}/{}",
                d.of(&["カード番号：", "クレジットカード ", "VISA ", ""]),
                d.from(1, 12),
                d.from(26, 31)
            ),
        )
    }),
    ("telephones", |d, _| {
        let list: Vec<String> = (0..d.from(2, 8)).map(|_| format!("{}　{}", person(d), numbers::phone(d))).collect();
        lines("連絡先一覧", list.join("\n"))
    }),
    ("telephones with country", |d, _| {
        lines("contact", format!("Call me at +8190{} or 8190{}.", d.digits(8), d.digits(8)))
    }),
    ("a fax and two telephones in a row", |d, _| {
        lines(
            "移転のお知らせ",
            format!("TEL 03 {} {} FAX 03 {} {}", d.number(4), d.digits(4), d.number(4), d.digits(4)),
        )
    }),
    ("a meeting", |d, _| {
        let n = grouped(&d.number(11), &[3, 4, 4], " ");
        lines(
            "Web会議のご案内",
            format!(
                "ミーティングID: {n}\nパスコード: {}\nhttps://zoom.example/j/{}?pwd={}",
                d.digits(6),
                d.number(11),
                d.digits(12)
            ),
        )
    }),
    ("a meeting of twelve digits", |d, t| {
        let n = grouped(&t.any(d), &[3, 3, 3, 3], " ");
        lines(
            "Teams会議",
            format!("会議 ID: {n}\nパスコード: aB3x9Z\n電話会議 ID: {}#", grouped(&d.number(9), &[3, 3, 3], " ")),
        )
    }),
    ("bank accounts", |d, t| {
        let text = match d.below(3) {
            0 => format!("三井住友銀行 本店営業部 普通 {}\n口座名義 カ）アオゾラ", d.digits(7)),
            1 => format!("ゆうちょ銀行 記号 {} 番号 {}", d.number(5), d.digits(8)),
            _ => format!("口座番号 {}\n振込依頼人コード {}", d.digits(7), t.any(d)),
        };
        lines("お振込先", text)
    }),
    ("a table of amounts", |d, _| {
        let mut rows = vec![vec!["月".to_owned(), "売上".into(), "原価".into(), "経費".into(), "利益".into()]];
        for month in 1..=d.from(4, 12) {
            rows.push(vec![format!("{month}月"), d.number(4), d.number(4), d.number(4), d.number(4)]);
        }
        ("月次実績", vec![Block::Table(rows)])
    }),
    ("amounts of three columns", |d, _| {
        let rows: Vec<String> = (0..d.from(3, 9))
            .map(|at| format!("第{}週 {} {} {}", at + 1, d.number(4), d.number(4), d.number(4)))
            .collect();
        lines("週次集計", rows.join("\n"))
    }),
    ("large amounts", |d, t| lines("予算", format!("総額 {}円（うち設備 ¥{}）", t.any(d), t.any(d)))),
    ("years in a row", |d, _| {
        lines("推移", format!("2021 2022 2023\n{} {} {}\n2024 2025 2026", d.number(4), d.number(4), d.number(4)))
    }),
    ("EDI rows", |d, t| {
        let rows: Vec<String> = (0..d.from(5, 20))
            .map(|_| format!("D1{}{}{:08}  {}00000{}", t.any(d), d.digits(8), d.below(9999), d.digits(13), d.digits(4)))
            .collect();
        lines("EDIデータ", rows.join("\n"))
    }),
    ("a column of product codes", |d, t| {
        let mut rows = vec![vec![
            d.of(&["商品コード", "品番", "JANコード", "部品番号", "資材コード", "UPC"]).to_string(),
            "品名".into(),
            "数量".into(),
        ]];
        for _ in 0..d.from(3, 12) {
            rows.push(vec![
                if d.chance(50) { t.any(d) } else { d.number(13) },
                "部材".into(),
                d.from(1, 500).to_string(),
            ]);
        }
        ("在庫表", vec![Block::Table(rows)])
    }),
    ("a column that says nothing", |d, _| {
        let mut rows = vec![vec!["No".to_owned(), "キー".into(), "値".into()]];
        for at in 1..=d.from(8, 30) {
            rows.push(vec![at.to_string(), d.number(12), d.number(4)]);
        }
        ("抽出結果", vec![Block::Table(rows)])
    }),
    ("log lines", |d, t| {
        let rows: Vec<String> = (0..d.from(3, 15))
            .map(|_| {
                format!(
                    "2026-11-{:02}T{:02}:{:02}:{:02}Z INFO req={} rx={} tx={} took={}ms",
                    d.from(1, 28),
                    d.below(24),
                    d.below(60),
                    d.below(60),
                    t.any(d),
                    d.number(14),
                    d.number(12),
                    d.from(1, 900)
                )
            })
            .collect();
        lines("障害のログ", rows.join("\n"))
    }),
    ("timestamps", |d, _| {
        let stamp =
            |d: &mut Dice| format!("2026{:02}{:02}{:02}{:02}", d.from(1, 12), d.from(1, 28), d.below(24), d.below(60));
        lines("バックアップ結果", format!("backup_{}.tar.gz\n開始 {}\n終了 {}", stamp(d), stamp(d), stamp(d)))
    }),
    ("identifiers of machines", |d, t| {
        lines(
            "機器一覧",
            format!(
                "シリアル番号 {}\nMAC 00:1A:{}:{}\nUUID 550e8400-e29b-41d4-a716-{}\nSHA {}af{}9c",
                t.any(d),
                d.digits(2),
                d.digits(2),
                t.any(d),
                d.digits(12),
                t.any(d)
            ),
        )
    }),
    ("books", |d, _| {
        lines(
            "図書購入",
            format!(
                "ISBN 978{}\nISBN-13: 978-4-{}-{}-{}\nJAN 49{}",
                d.digits(10),
                d.digits(4),
                d.digits(4),
                d.digits(1),
                d.digits(11)
            ),
        )
    }),
    ("addresses with numbers", |d, t| {
        lines(
            "追跡用リンク",
            format!(
                "https://track.example/?no={}&lang=ja\nhttps://example.jp/p/{}/\n{}@sms.example",
                t.any(d),
                t.any(d),
                t.any(d)
            ),
        )
    }),
    ("a reservation", |d, t| {
        let label = *d.of(&[
            "予約番号",
            "確認番号",
            "承認番号",
            "受付番号",
            "会員番号",
            "お客様番号",
            "契約番号",
            "申込番号",
            "整理番号",
            "照会番号",
        ]);
        lines("ご予約の確認", format!("{label}　{}\n{}　1名\n{}円", t.any(d), numbers::date(d), numbers::yen(d)))
    }),
    ("a delivery slip as a form", |d, t| {
        let pairs = vec![
            ("伝票区分".to_owned(), "納品".to_owned()),
            ((*d.of(&["納品書番号", "管理番号", "取引番号", "製造番号", "ロット番号", "機番"])).to_owned(), t.any(d)),
            ("得意先".into(), people::company(d).into()),
            ("金額".into(), numbers::yen(d)),
        ];
        ("納品のご連絡", vec![Block::Pairs(pairs)])
    }),
    ("about My Numbers, with a slip", |d, t| {
        let n = t.slip(d);
        lines("総務からのお知らせ", format!("{}\n{}\n\nヤマトの送り状番号は{n}です。", d.of(&ABOUT), filler(d)))
    }),
    ("about My Numbers, with an application", |d, t| {
        let label = *d.of(&["受付番号", "申請番号", "お問い合わせ番号", "整理番号", "申請書ID"]);
        lines("マイナンバーカードの申請", format!("マイナンバーカードの申請を受け付けました。\n{label}：{}", t.any(d)))
    }),
    ("about My Numbers, without any number", |d, _| {
        lines(
            "マイナンバー提出のお願い",
            format!(
                "{}\n期限は{}です。12桁の番号をお手元にご用意ください。\n個人番号：\n氏名：",
                d.of(&ABOUT),
                numbers::date(d)
            ),
        )
    }),
    ("a footer about My Numbers, with an order", |d, t| {
        let footer = *d.of(&FOOTERS);
        lines(
            "ご注文の確認",
            format!(
                "ご注文番号：{}\n合計 {}円\n\n{}\n\n----------------------\n{footer}",
                t.any(d),
                numbers::yen(d),
                filler(d)
            ),
        )
    }),
    ("a footer about My Numbers, with a bare number", |d, t| {
        let footer = *d.of(&FOOTERS);
        lines(
            "Re: 確認",
            format!(
                "先ほどの件、{}で登録されています。\n{}\n\n-- \n{}\n{footer}",
                t.any(d),
                filler(d),
                people::company(d)
            ),
        )
    }),
    ("personnel, with other numbers", |d, t| {
        let text = match d.below(4) {
            0 => format!(
                "雇用保険被保険者番号 {}-{}-{}\n基礎年金番号 {}-{}",
                d.digits(4),
                d.digits(6),
                d.digits(1),
                d.digits(4),
                d.digits(6)
            ),
            1 => format!("社員番号 {}\n給与振込口座 {}\n月額 {}円", d.number(6), d.digits(7), numbers::yen(d)),
            2 => format!("健康保険 記号 {} 番号 {}\n保険者番号 {}", d.number(4), d.number(3), d.digits(8)),
            _ => format!("年末調整の書類を簡易書留で送りました。\nお問い合わせ番号 {}", t.slip(d)),
        };
        lines("人事の手続き", text)
    }),
];

/// A mail of the kind at `place` of [`KINDS`].
pub fn draw(dice: &mut Dice, place: usize, twelve: Twelve) -> Scene {
    let (context, write) = KINDS[place % KINDS.len()];
    let (subject, blocks) = write(dice, twelve);
    Scene {
        context,
        subject: subject.to_owned(),
        file: (*dice.of(&["資料", "data", "report", "一覧表", "20261012"])).to_owned(),
        opening: opening(dice),
        blocks,
        closing: closing(dice),
        numbers: 0,
        sure: Sure::No,
    }
}
