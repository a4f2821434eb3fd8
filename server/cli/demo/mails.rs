//! The demo's sample mail: some 200, in the charsets and forms that Japanese offices send.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use delivery::Arrival;
use encoding_rs::{Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8};
use message::compose::Mailbox;
use message::outgoing::{File, Outgoing, Stamp};
use store::{Bytes, MailboxRole, NewMail, NewMessage, User};
use types::{Address, Envelope, Flags, MailboxId, SystemFlags, Timestamp, UserId};

use super::super::rooms::Rooms;

/// How many.
const COUNT: usize = 200;
/// A mail every so many milliseconds, the newest now.
const APART_MS: i64 = 3_600_000;
/// So many of them are unread, the newest.
const UNREAD: usize = 40;

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

/// The people who have mail from the start.
const PEOPLE: [&str; 6] = ["sato", "takahashi", "suzuki", "tanaka", "ito", "watanabe"];

/// Puts the sample mail into the mailboxes, as it came over the last weeks, unless there is mail already.
pub async fn fill(rooms: &Rooms) -> anyhow::Result<()> {
    for (place, local) in PEOPLE.iter().enumerate() {
        let address = Address::parse(&format!("{local}@aoba.example"))?;
        let directory = rooms.store.directory();
        let Some(user) = directory.user_by_address(&address) else { continue };
        if rooms.store.usage(user.id).await?.messages > 0 {
            return Ok(());
        }
        let mut mails = Vec::new();
        for number in (place..COUNT).step_by(PEOPLE.len()) {
            mails.push(received(rooms, user, number).await?);
        }
        let inbox = mailbox(rooms, user.id, MailboxRole::Inbox).await?;
        rooms.store.append(&rooms.auth.console().write_account(user.id), inbox, mails).await?;
    }
    Ok(())
}

async fn mailbox(rooms: &Rooms, user: UserId, role: MailboxRole) -> anyhow::Result<MailboxId> {
    let all = rooms.store.mailboxes(&rooms.auth.console().read_account(user)).await?;
    let found = all.into_iter().find(|mailbox| mailbox.role == Some(role));
    Ok(found.ok_or_else(|| anyhow::anyhow!("a mailbox is missing"))?.id)
}

/// A mail that came some hours ago; the older ones are read.
async fn received(rooms: &Rooms, user: &User, number: usize) -> anyhow::Result<NewMessage> {
    let ago = i64::try_from(COUNT - number).unwrap_or(0) * APART_MS;
    let at = Timestamp(rooms.clock.now().0 - ago);
    let flags = if number + UNREAD < COUNT { SystemFlags::SEEN } else { SystemFlags::default() };
    message_of(rooms, user, &mail(number, &user.address, at), flags, at).await
}

async fn message_of(
    rooms: &Rooms,
    user: &User,
    bytes: &[u8],
    flags: SystemFlags,
    at: Timestamp,
) -> anyhow::Result<NewMessage> {
    let summary = message::Parsed::parse(bytes, &rooms.limits).summary().to_bytes();
    let draft = rooms.store.seal(user.tenant, bytes).await?;
    let mail = NewMail { tenant: user.tenant, bytes: Bytes::New(draft), summary, sensitive: true };
    Ok(NewMessage { mail, flags: Flags::system(flags), internal_date: at, saved: at })
}

/// A workbook whose hidden sheet 扶養 holds a My Number as a number, so that its leading zero is lost.
const MEIBO: &[u8] = include_bytes!("files/meibo.xlsx");
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// An archive with a forwarded mail, whose text holds another.
const HIKAE: &[u8] = include_bytes!("files/hikae.zip");

fn file(name: &str, kind: &str, bytes: &[u8]) -> File {
    File { name: name.to_owned(), content_type: kind.to_owned(), bytes: bytes.to_vec() }
}

/// 佐藤's draft『名簿の件』(demo.md step 3): a number in a hidden sheet, another in a mail in an archive, and the wrong name
/// above.
pub async fn prepare_draft(rooms: &Rooms) -> anyhow::Result<()> {
    let directory = rooms.store.directory();
    let Some(user) = directory.user_by_address(&Address::parse("sato@aoba.example")?) else { return Ok(()) };
    let drafts = mailbox(rooms, user.id, MailboxRole::Drafts).await?;
    let access = rooms.auth.console().write_account(user.id);
    let all = rooms.store.mailboxes(&rooms.auth.console().read_account(user.id)).await?;
    if all.iter().any(|mailbox| mailbox.id == drafts && mailbox.state.messages > 0) {
        return Ok(());
    }
    let mail = Outgoing {
        to: vec![Mailbox::new("山田 太郎", Address::parse("taro@yamada.example")?)],
        subject: "10月度名簿の送付".to_owned(),
        text: "山本様\n\nいつもお世話になっております。\n10月度の名簿をお送りします。ご確認をお願いいたします。\n\n佐藤 健一\n".to_owned(),
        files: vec![file("名簿.xlsx", SHEET, MEIBO), file("控え.zip", "application/zip", HIKAE)],
        ..Outgoing::default()
    };
    let at = rooms.clock.now();
    let from = Mailbox::new(user.name.clone(), user.address.clone());
    let bytes = mail.to_bytes(&from, &Stamp { date: at, message_id: "meibo@aoba.example", boundary: "demo-draft" });
    let flags = SystemFlags::DRAFT.union(SystemFlags::SEEN);
    rooms.store.append(&access, drafts, vec![message_of(rooms, user, &bytes, flags, at).await?]).await?;
    Ok(())
}

/// Somebody outside writes to 佐藤 while he looks: 山田製作所「送り状番号のご連絡」.
pub async fn arrive(rooms: &Rooms) -> anyhow::Result<()> {
    let to = Address::parse("sato@aoba.example")?;
    let Some(tenant) = rooms.store.directory().tenant_of(to.domain()) else { return Ok(()) };
    // the second subject, by the third sender
    let bytes = mail_of(SENDERS[2], SUBJECTS[1], COUNT, &to, rooms.clock.now());
    let draft = rooms.store.seal(tenant, &bytes).await?;
    let envelope = Envelope { from: Some(Address::parse(SENDERS[2].1)?), to: vec![to] };
    let arrival = Arrival { envelope, draft, trace: Vec::new(), reference: rooms.outbound.reference()? };
    rooms.delivery.arrive(arrival).await?;
    Ok(())
}

/// One mail; sender, subject, charset and form follow from its number.
fn mail(number: usize, to: &Address, at: Timestamp) -> Vec<u8> {
    let turn = number / PEOPLE.len();
    mail_of(SENDERS[(turn * 3 + number) % SENDERS.len()], SUBJECTS[(turn + number) % SUBJECTS.len()], number, to, at)
}

fn mail_of(
    (name, from): (&str, &str),
    (subject, text): (&str, &str),
    number: usize,
    to: &Address,
    at: Timestamp,
) -> Vec<u8> {
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
