//! Makes the compression dictionary from invented business mail:
//! `cargo run -p blobs --example dictionary server/blobs/mail.dict`
//!
//! A dictionary that has records is never made anew: a better one gets a new number and stands beside it.

use std::error::Error;
use std::fmt::Write as _;

/// Bytes of dictionary: small enough to stay in the processor's cache beside the mail.
const SIZE: usize = 32 << 10;
const MAILS: u64 = 6_000;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: dictionary FILE")?;
    let mails: Vec<Vec<u8>> = (0..MAILS).map(|seed| mail(&mut Dice(seed))).collect();
    let dictionary = zstd::dict::from_samples(&mails, SIZE)?;
    std::fs::write(&path, &dictionary)?;
    println!("{path}: {} bytes from {MAILS} mails", dictionary.len());
    Ok(())
}

/// A small generator (SplitMix64), so that the same dictionary comes out each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.below(of.len())).copied().unwrap_or_default()
    }
}

const FAMILIES: &[&str] = &[
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
    "林",
    "斎藤",
    "清水",
];
const GIVEN: &[&str] = &["太郎", "花子", "一郎", "健一", "美咲", "直樹", "由美", "大輔", "陽子", "誠"];
const FIRMS: &[&str] =
    &["株式会社関所商事", "有限会社山川製作所", "株式会社みなと物流", "東西電機株式会社", "あおば印刷株式会社"];
const ROOMS: &[&str] = &["営業部", "総務部", "経理部", "人事部", "開発部", "情報システム部", "購買課", "品質保証部"];
const SUBJECTS: &[&str] = &[
    "お見積書送付の件",
    "ご請求書の送付について",
    "打ち合わせ日程のご相談",
    "会議の議事録",
    "納期のご確認",
    "年末調整の書類について",
    "【重要】システムメンテナンスのお知らせ",
    "Re: ご注文の確認",
    "契約書のご確認のお願い",
    "出張申請の承認依頼",
    "FW: 障害報告",
    "ご挨拶",
];
const LINES: &[&str] = &[
    "いつも大変お世話になっております。",
    "お世話になっております。",
    "お疲れ様です。",
    "平素は格別のお引き立てを賜り、厚く御礼申し上げます。",
    "標題の件につきまして、下記のとおりご連絡いたします。",
    "添付ファイルをご確認くださいますようお願いいたします。",
    "お忙しいところ恐れ入りますが、ご確認のほどよろしくお願いいたします。",
    "ご不明な点がございましたら、お気軽にお問い合わせください。",
    "ご検討のほど、何卒よろしくお願い申し上げます。",
    "取り急ぎご連絡まで。",
    "ご返信をお待ちしております。",
    "以上、よろしくお願いいたします。",
    "下記の日程でご都合はいかがでしょうか。",
    "場所:本社 3階 第二会議室",
    "日時:来週月曜日 午前10時から",
    "金額:税込 円",
    "記",
    "納品は来月上旬を予定しております。",
    "お支払い期限は月末となっております。",
    "このメールは送信専用です。",
    "なお、本件は社外秘でお願いいたします。",
    "Thank you for your email.",
    "Please find the attached file.",
    "Best regards,",
    "Kind regards,",
];
const AGENTS: &[&str] = &[
    "User-Agent: Mozilla Thunderbird",
    "X-Mailer: Microsoft Outlook 16.0",
    "X-Mailer: Apple Mail (2.3774)",
    "X-Mailer: Becky! ver. 2.81",
    "X-Mailer: sekisho",
    "X-Originating-IP: [192.0.2.10]\r\nX-MS-Has-Attach: yes\r\nX-MS-TNEF-Correlator:",
];
const HOSTS: &[&str] = &["example.co.jp", "mail.example.jp", "example.com", "partner.example", "smtp.example.net"];
const DAYS: &[&str] = &["Mon", "Tue", "Wed", "Thu", "Fri"];
const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn mail(dice: &mut Dice) -> Vec<u8> {
    let charset = dice.one(&["UTF-8", "UTF-8", "ISO-2022-JP"]);
    let (from, to, subject) = (person(dice), person(dice), dice.one(SUBJECTS));
    let date = date(dice);
    let mut head = format!(
        "Received: from {} ({} [192.0.2.{}])\r\n\tby {} (Postfix) with ESMTPS id {:012X}\r\n\tfor <{}>; {date} (JST)\r\n",
        dice.one(HOSTS),
        dice.one(HOSTS),
        dice.below(250),
        dice.one(HOSTS),
        dice.next() >> 16,
        address(dice),
    );
    if dice.below(2) == 0 {
        let _ = write!(
            head,
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={}; s=default; t=1764000000;\r\n\t\
             h=From:To:Subject:Date:Message-ID:MIME-Version:Content-Type; bh={}=;\r\n\tb={}\r\n",
            dice.one(HOSTS),
            base64(&noise(dice, 30), 76),
            base64(&noise(dice, 64), 72).replace("\r\n", "\r\n\t"),
        );
    }
    for (name, who) in [("From", &from), ("To", &to)] {
        let _ = write!(head, "{name}: {} <{}>\r\n", word(who, charset), address(dice));
    }
    let _ = write!(
        head,
        "Subject: {}\r\nDate: {date}\r\nMessage-ID: <{:016x}.{:08x}@{}>\r\nMIME-Version: 1.0\r\n{}\r\n",
        word(subject, charset),
        dice.next(),
        dice.next() >> 32,
        dice.one(HOSTS),
        dice.one(AGENTS),
    );
    if dice.below(3) == 0 {
        let id = dice.next();
        let _ = write!(head, "In-Reply-To: <{id:016x}@example.co.jp>\r\nReferences: <{id:016x}@example.co.jp>\r\n");
    }
    let text = text(dice, &from, &to);
    let mut mail = head.into_bytes();
    mail.extend(content(dice, charset, &text));
    mail
}

fn content(dice: &mut Dice, charset: &str, text: &str) -> Vec<u8> {
    let plain = part("plain", charset, text, dice);
    let boundary = format!(
        "{}{:016x}",
        dice.one(&["----=_Part_", "------------", "----=_NextPart_000_", "000000000000"]),
        dice.next()
    );
    let html = format!(
        "<!DOCTYPE html>\r\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset={charset}\">\
         <style>p {{ margin: 0; }}</style></head>\r\n<body style=\"font-family: Meiryo, sans-serif; font-size: 10.5pt\">\
         <p>{}</p></body></html>\r\n",
        text.replace("\r\n", "</p>\r\n<p>")
    );
    let (kind, second) = match dice.below(4) {
        0 | 1 => return plain,
        2 => ("alternative", part("html", charset, &html, dice)),
        _ => ("mixed", attachment(dice)),
    };
    let mut out = format!(
        "Content-Type: multipart/{kind};\r\n boundary=\"{boundary}\"\r\n\r\nThis is a multi-part message in MIME format.\r\n"
    )
    .into_bytes();
    for part in [plain, second] {
        out.extend(format!("--{boundary}\r\n").into_bytes());
        out.extend(part);
        out.extend(b"\r\n");
    }
    out.extend(format!("--{boundary}--\r\n").into_bytes());
    out
}

fn part(kind: &str, charset: &str, text: &str, dice: &mut Dice) -> Vec<u8> {
    let (encoding, body) = match charset {
        "ISO-2022-JP" => ("7bit", encode(text)),
        _ if dice.below(2) == 0 => ("8bit", text.as_bytes().to_vec()),
        _ => ("base64", base64(text.as_bytes(), 76).into_bytes()),
    };
    let mut out =
        format!("Content-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n")
            .into_bytes();
    out.extend(body);
    out
}

fn attachment(dice: &mut Dice) -> Vec<u8> {
    let (kind, name) = [
        ("application/pdf", "見積書.pdf"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "一覧.xlsx"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "議事録.docx"),
        ("text/csv", "データ.csv"),
        ("image/png", "image001.png"),
    ]
    .get(dice.below(5))
    .copied()
    .unwrap_or_default();
    let name = word(name, "UTF-8");
    let bytes = noise(dice, 300);
    format!(
        "Content-Type: {kind};\r\n name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment;\r\n filename=\"{name}\"\r\n\r\n{}",
        base64(&bytes, 76)
    )
    .into_bytes()
}

fn text(dice: &mut Dice, from: &str, to: &str) -> String {
    let (firm, room) = (dice.one(FIRMS), dice.one(ROOMS));
    let mut text = format!("{}\r\n{} {}様\r\n\r\n", dice.one(FIRMS), dice.one(ROOMS), to);
    for _ in 0..4 + dice.below(10) {
        text.push_str(dice.one(LINES));
        text.push_str("\r\n");
    }
    let _ = write!(
        text,
        "\r\n-- \r\n{firm}\r\n{room} {from}\r\n〒100-000{}\r\nTEL: 03-0000-{:04} FAX: 03-0000-{:04}\r\nE-mail: {}\r\n",
        dice.below(10),
        dice.below(10_000),
        dice.below(10_000),
        address(dice)
    );
    if dice.below(3) == 0 {
        let _ = write!(text, "\r\n-----Original Message-----\r\n> {}\r\n> {}\r\n", dice.one(LINES), dice.one(LINES));
    }
    text
}

fn person(dice: &mut Dice) -> String {
    format!("{} {}", dice.one(FAMILIES), dice.one(GIVEN))
}

fn address(dice: &mut Dice) -> String {
    let name =
        dice.one(&["sato", "suzuki", "takahashi", "tanaka", "ito", "yamamoto", "info", "sales", "soumu", "keiri"]);
    format!("{name}@{}", dice.one(HOSTS))
}

fn date(dice: &mut Dice) -> String {
    let (day, month) = (dice.one(DAYS), dice.one(MONTHS));
    let (hour, minute, second) = (8 + dice.below(11), dice.below(60), dice.below(60));
    format!("{day}, {} {month} 2025 {hour:02}:{minute:02}:{second:02} +0900", 1 + dice.below(28))
}

/// An encoded word (RFC 2047).
fn word(text: &str, charset: &str) -> String {
    let bytes = if charset == "UTF-8" { text.as_bytes().to_vec() } else { encode(text) };
    format!("=?{charset}?B?{}?=", base64(&bytes, usize::MAX).trim_end())
}

/// ISO-2022-JP, made from EUC-JP by dropping the high bits between escape sequences.
fn encode(text: &str) -> Vec<u8> {
    let (mut out, mut wide) = (Vec::new(), false);
    for char in text.chars() {
        let mut buffer = [0; 4];
        let (euc, ..) = encoding_rs::EUC_JP.encode(char.encode_utf8(&mut buffer));
        if (euc.len() == 2) != wide {
            wide = !wide;
            out.extend_from_slice(if wide { b"\x1b$B" } else { b"\x1b(B" });
        }
        out.extend(euc.iter().map(|byte| byte & 0x7f));
    }
    if wide {
        out.extend_from_slice(b"\x1b(B");
    }
    out
}

fn noise(dice: &mut Dice, len: usize) -> Vec<u8> {
    (0..len).map(|_| dice.next() as u8).collect()
}

fn base64(bytes: &[u8], line: usize) -> String {
    use base64::Engine as _;
    let all = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines = all.as_bytes().chunks(line).map(|line| String::from_utf8_lossy(line));
    lines.map(|line| line.into_owned() + "\r\n").collect()
}
