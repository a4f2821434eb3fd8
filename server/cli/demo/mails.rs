//! The demo's sample mail: some 200, in the charsets and forms that Japanese offices send.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use delivery::Arrival;
use encoding_rs::{Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8};
use store::StoreError;
use types::{Address, Envelope, Timestamp};

use super::super::rooms::Rooms;

/// How many.
const COUNT: usize = 200;
/// A mail every so many milliseconds, the newest now.
const APART_MS: i64 = 3_600_000;

const SENDERS: [(&str, &str); 4] = [
    ("山田 太郎", "yamada@yamada.example"),
    ("みなと税理士法人 小林", "kobayashi@minato.example"),
    ("山田製作所 購買", "order@yamada.example"),
    ("展示会事務局", "info@expo.example"),
];
const SUBJECTS: [(&str, &str); 6] = [
    ("お見積もりの件", "いつもお世話になっております。\nお見積書をお送りします。ご確認をお願いいたします。"),
    ("送り状番号のご連絡", "本日発送いたしました。\n送り状番号:4012-3456-7890\nよろしくお願いいたします。"),
    ("打ち合わせの日程について", "来週火曜日の午後でご都合はいかがでしょうか。\n会場は本社3階です。"),
    ("月次資料のご送付", "今月分の資料をお送りします。\n不明な点がありましたらお知らせください。"),
    ("ご請求書の送付", "請求番号 202611240017 の請求書をお送りします。\nお支払期日は12月末日です。"),
    ("年末のご挨拶", "本年も大変お世話になりました。\n来年もどうぞよろしくお願いいたします。"),
];

/// Delivers the sample mail, unless there is mail already.
pub async fn deliver(rooms: &Rooms) -> anyhow::Result<()> {
    let people = ["sato", "takahashi", "suzuki", "tanaka", "ito", "watanabe"];
    let first = Address::parse("sato@aoba.example")?;
    let directory = rooms.store.directory();
    let Some(user) = directory.user_by_address(&first) else { return Ok(()) };
    if rooms.store.usage(user.id).await? > 0 {
        return Ok(());
    }
    let now = rooms.clock.now();
    let mut under_way = tokio::task::JoinSet::new();
    for number in 0..COUNT {
        let to = Address::parse(&format!("{}@aoba.example", people[number % people.len()]))?;
        let ago = i64::try_from(COUNT - number).unwrap_or(0) * APART_MS;
        let (_, from) = SENDERS[number % SENDERS.len()];
        let bytes = mail(number, &to, Timestamp(now.0 - ago));
        let draft = rooms.store.seal(user.tenant, &bytes).await?;
        let envelope = Envelope { from: Some(Address::parse(from)?), to: vec![to] };
        let arrival = Arrival { envelope, draft, trace: Vec::new(), reference: rooms.outbound.reference()? };
        let delivery = rooms.delivery.clone();
        under_way.spawn(async move { delivery.arrive(arrival).await });
    }
    while let Some(done) = under_way.join_next().await {
        done.map_err(|error| StoreError::Engine(error.to_string()))??;
    }
    Ok(())
}

/// One mail; its form follows from its number.
fn mail(number: usize, to: &Address, at: Timestamp) -> Vec<u8> {
    let (name, from) = SENDERS[number % SENDERS.len()];
    let (subject, text) = SUBJECTS[number % SUBJECTS.len()];
    let (charset, label) = [(ISO_2022_JP, "ISO-2022-JP"), (SHIFT_JIS, "Shift_JIS"), (UTF_8, "UTF-8")][number % 3];
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "From: {} <{from}>\r\nTo: <{to}>\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <demo-{number}@{}>\r\nMIME-Version: 1.0\r\n",
        word(charset, label, name),
        word(charset, label, subject),
        message::date::rfc5322(at, 9 * 60),
        from.rsplit_once('@').map_or("example", |(_, domain)| domain),
    );
    let text = text.replace('\n', "\r\n") + "\r\n";
    match number % 5 {
        3 => alternative(&mut out, charset, label, &text),
        4 => attached(&mut out, charset, label, &text),
        _ => part(&mut out, charset, label, "plain", &text),
    }
    out.into_bytes()
}

fn encoded(charset: &'static Encoding, text: &str) -> String {
    STANDARD.encode(charset.encode(text).0)
}

/// An encoded word (RFC 2047).
fn word(charset: &'static Encoding, label: &str, text: &str) -> String {
    format!("=?{label}?B?{}?=", encoded(charset, text))
}

/// A text part with its header.
fn part(out: &mut String, charset: &'static Encoding, label: &str, subtype: &str, text: &str) {
    let _ = write!(out, "Content-Type: text/{subtype}; charset={label}\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    lines(out, &encoded(charset, text));
}

/// Base64 in lines of 76.
fn lines(out: &mut String, text: &str) {
    for line in text.as_bytes().chunks(76) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push_str("\r\n");
    }
}

fn alternative(out: &mut String, charset: &'static Encoding, label: &str, text: &str) {
    out.push_str("Content-Type: multipart/alternative; boundary=\"demo-alt\"\r\n\r\n--demo-alt\r\n");
    part(out, charset, label, "plain", text);
    out.push_str("--demo-alt\r\n");
    let html = format!("<html><body><p>{}</p></body></html>\r\n", text.trim().replace("\r\n", "<br>"));
    part(out, charset, label, "html", &html);
    out.push_str("--demo-alt--\r\n");
}

fn attached(out: &mut String, charset: &'static Encoding, label: &str, text: &str) {
    out.push_str("Content-Type: multipart/mixed; boundary=\"demo-mix\"\r\n\r\n--demo-mix\r\n");
    part(out, charset, label, "plain", text);
    out.push_str("--demo-mix\r\nContent-Type: text/csv; charset=Shift_JIS\r\nContent-Transfer-Encoding: base64\r\n");
    out.push_str("Content-Disposition: attachment; filename=\"list.csv\"\r\n\r\n");
    lines(out, &encoded(SHIFT_JIS, "品番,数量\r\nA-100,12\r\nB-200,30\r\n"));
    out.push_str("--demo-mix--\r\n");
}
