//! A scene as a mail: the containers that its text may stand in.

use super::dice::Dice;
use super::encode::{Charset, base64_lines, encoded_words, quoted_printable, rfc2231, utf7};
use super::render::{self, Html, Layout};
use super::scene::Scene;

/// What numbers a container's rows hold, beside the text of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The whole text of the mail.
    Text,
    /// A short text: a subject, a name.
    Short,
}

type Make = fn(&Scene, &mut Dice) -> Option<Vec<u8>>;

/// A way to put a scene into a mail.
#[derive(Clone, Copy)]
pub struct Container {
    /// Its name in tables.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Makes the mail; none where the charset lacks a character.
    pub make: Make,
}

const fn text(name: &'static str, make: Make) -> Container {
    Container { name, holds: Holds::Text, make }
}

const fn short(name: &'static str, make: Make) -> Container {
    Container { name, holds: Holds::Short, make }
}

/// All containers.
pub static CONTAINERS: [Container; 44] = [
    text("text, UTF-8, 8bit", |s, d| Some(plain(s, &body(s, d), Charset::Utf8, Transfer::Eight))),
    text("text, UTF-8, Base64", |s, d| Some(plain(s, &body(s, d), Charset::Utf8, Transfer::Base64))),
    text("text, UTF-8, quoted-printable", |s, d| Some(plain(s, &body(s, d), Charset::Utf8, Transfer::Quoted))),
    text("text, ISO-2022-JP", |s, d| encodable(s, &body(s, d), Charset::Jis, Transfer::Eight)),
    text("text, ISO-2022-JP, Base64", |s, d| encodable(s, &body(s, d), Charset::Jis, Transfer::Base64)),
    text("text, Shift_JIS, 8bit", |s, d| encodable(s, &body(s, d), Charset::ShiftJis, Transfer::Eight)),
    text("text, Shift_JIS, Base64", |s, d| encodable(s, &body(s, d), Charset::ShiftJis, Transfer::Base64)),
    text("text, Shift_JIS, quoted-printable", |s, d| encodable(s, &body(s, d), Charset::ShiftJis, Transfer::Quoted)),
    text("text, EUC-JP", |s, d| encodable(s, &body(s, d), Charset::Euc, Transfer::Eight)),
    text("text, UTF-7", |s, d| {
        let coded = utf7(&body(s, d));
        Some(raw(&s.subject, "Content-Type: text/plain; charset=UTF-7\r\n", coded.as_bytes()))
    }),
    text("text, Shift_JIS without a label", |s, d| Some(raw(&s.subject, "", &Charset::ShiftJis.encode(&body(s, d))?))),
    text("text, UTF-8 without a label", |s, d| Some(raw(&s.subject, "", body(s, d).as_bytes()))),
    text("text, UTF-8 labelled ISO-8859-1", |s, d| {
        Some(raw(
            &s.subject,
            "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n",
            body(s, d).as_bytes(),
        ))
    }),
    text("text, format=flowed", |s, d| {
        let flowed = crlf(&body(s, d).split('\n').map(|line| wrapped(line, 66, " ")).collect::<Vec<_>>().join("\n"));
        let header =
            "Content-Type: text/plain; charset=UTF-8; format=flowed; delsp=yes\r\nContent-Transfer-Encoding: 8bit\r\n";
        Some(raw(&s.subject, header, flowed.as_bytes()))
    }),
    text("text, a quoted reply", |s, d| {
        let quoted: String = body(s, d).split('\n').map(|line| format!("> {line}\n")).collect();
        Some(plain(
            s,
            &format!("承知しました。\n\nOn 2026/11/05 9:12, Taro Sato wrote:\n{quoted}"),
            Charset::Utf8,
            Transfer::Eight,
        ))
    }),
    text("text, quoted twice", |s, d| {
        let quoted: String = body(s, d).split('\n').map(|line| format!("> > {line}\n")).collect();
        Some(plain(s, &format!("了解です。\n{quoted}"), Charset::Utf8, Transfer::Eight))
    }),
    text("text, lines wrapped at 72 columns", |s, d| {
        let wrapped = body(s, d).split('\n').map(|line| wrapped(line, 72, "")).collect::<Vec<_>>().join("\n");
        Some(plain(s, &wrapped, Charset::Utf8, Transfer::Eight))
    }),
    text("HTML", |s, _| Some(html(s, Html::Plain))),
    text("HTML, ISO-2022-JP", |s, _| {
        let bytes = Charset::Jis.encode(&crlf(&render::html(s, Html::Plain)))?;
        Some(raw(&s.subject, "Content-Type: text/html; charset=ISO-2022-JP\r\n", &bytes))
    }),
    text("HTML, digits in elements", |s, _| Some(html(s, Html::Tags))),
    text("HTML, character references", |s, _| Some(html(s, Html::References))),
    text("text and HTML", |s, d| {
        let parts = [
            part(
                "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n",
                &base64_lines(crlf(&body(s, d)).as_bytes()),
            ),
            part(
                "Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n",
                &base64_lines(render::html(s, Html::Plain).as_bytes()),
            ),
        ];
        Some(multipart(&s.subject, "alternative", &parts))
    }),
    text("attached text, Shift_JIS", |s, d| {
        let bytes = Charset::ShiftJis.encode(&crlf(&blocks(s, d)))?;
        Some(attached(s, &format!("{}.txt", s.file), "text/plain; charset=Shift_JIS", &bytes))
    }),
    text("attached text, UTF-16", |s, d| {
        let text = format!("\u{feff}{}", crlf(&blocks(s, d)));
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Some(attached(s, &format!("{}.txt", s.file), "text/plain", &bytes))
    }),
    text("attached CSV, UTF-8 with BOM", |s, _| {
        Some(attached(
            s,
            &format!("{}.csv", s.file),
            "text/csv",
            format!("\u{feff}{}", render::delimited(s, ',')).as_bytes(),
        ))
    }),
    text("attached CSV, Shift_JIS", |s, _| {
        let bytes = Charset::ShiftJis.encode(&render::delimited(s, ','))?;
        Some(attached(s, &format!("{}.csv", s.file), "application/octet-stream", &bytes))
    }),
    text("attached CSV, UTF-16", |s, _| {
        let text = format!("\u{feff}{}", render::delimited(s, '\t'));
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Some(attached(s, &format!("{}.csv", s.file), "text/csv", &bytes))
    }),
    text("attached TSV", |s, _| {
        Some(attached(
            s,
            &format!("{}.tsv", s.file),
            "text/tab-separated-values",
            render::delimited(s, '\t').as_bytes(),
        ))
    }),
    text("attached CSV by semicolons", |s, _| {
        Some(attached(s, &format!("{}.csv", s.file), "text/csv", render::delimited(s, ';').as_bytes()))
    }),
    text("attached HTML", |s, _| {
        Some(attached(
            s,
            &format!("{}.html", s.file),
            "text/html; charset=UTF-8",
            render::html(s, Html::Plain).as_bytes(),
        ))
    }),
    text("attached JSON", |s, _| {
        Some(attached(s, &format!("{}.json", s.file), "application/json", render::json(s, false).as_bytes()))
    }),
    text("attached JSON, escaped", |s, _| {
        Some(attached(s, &format!("{}.json", s.file), "application/json", render::json(s, true).as_bytes()))
    }),
    text("attached XML", |s, _| {
        Some(attached(s, &format!("{}.xml", s.file), "application/xml", render::xml(s).as_bytes()))
    }),
    text("attached vCard", |s, d| {
        let layout = Layout::draw(d);
        Some(attached(s, "contact.vcf", "text/vcard; charset=UTF-8", render::card(s, layout).as_bytes()))
    }),
    text("attached calendar", |s, d| {
        let layout = Layout::draw(d);
        Some(attached(s, "event.ics", "text/calendar; charset=UTF-8", render::calendar(s, layout).as_bytes()))
    }),
    text("attached mail", |s, d| {
        let inner = plain(s, &body(s, d), Charset::Utf8, Transfer::Base64);
        let text = "転送します。\r\n";
        let parts = [
            part("Content-Type: text/plain; charset=UTF-8\r\n", text),
            part(
                "Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n",
                &String::from_utf8_lossy(&inner),
            ),
        ];
        Some(multipart("Fwd: 転送", "mixed", &parts))
    }),
    text("attached mail in a mail", |s, d| {
        let inner = plain(s, &body(s, d), Charset::Utf8, Transfer::Base64);
        let rfc822 = |mail: &[u8]| part("Content-Type: message/rfc822\r\n", &String::from_utf8_lossy(mail));
        let middle = multipart("Fwd: 転送", "mixed", &[rfc822(&inner)]);
        Some(multipart("Fwd: Fwd: 転送", "mixed", &[rfc822(&middle)]))
    }),
    text("attached .eml", |s, d| {
        let inner = encodable(s, &body(s, d), Charset::Jis, Transfer::Eight)?;
        Some(attached(s, "forward.eml", "application/octet-stream", &inner))
    }),
    short("subject, UTF-8", |s, _| Some(titled(&encoded_words(&s.subject, Charset::Utf8, false, 9)?))),
    short("subject, ISO-2022-JP", |s, _| Some(titled(&encoded_words(&s.subject, Charset::Jis, false, 12)?))),
    short("subject, quoted", |s, _| Some(titled(&encoded_words(&s.subject, Charset::Utf8, true, 7)?))),
    short("display name", |s, _| {
        let name = encoded_words(&s.subject, Charset::Utf8, false, 10)?;
        Some(assembled(
            &format!("From: {name} <sato@aozora.example>\r\nSubject: test\r\nContent-Type: text/plain\r\n"),
            b"hello\r\n",
        ))
    }),
    short("file name, RFC 2231", |s, _| Some(with_file(&rfc2231("filename", &format!("{}.pdf", s.subject))))),
    short("file name, encoded word in quotes", |s, _| {
        let name = encoded_words(&format!("{}.txt", s.subject), Charset::Utf8, false, 9)?;
        Some(with_file(&format!("filename=\"{name}\"")))
    }),
];

#[derive(Debug, Clone, Copy)]
enum Transfer {
    Eight,
    Base64,
    Quoted,
}

fn body(scene: &Scene, dice: &mut Dice) -> String {
    render::lines(scene, Layout::draw(dice)).join("\n")
}

fn blocks(scene: &Scene, dice: &mut Dice) -> String {
    render::block_lines(scene, Layout::draw(dice)).join("\n")
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// The line in pieces of so many columns, where a wide character takes two.
fn wrapped(line: &str, columns: usize, soft: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for c in line.chars() {
        let width = if c.is_ascii() { 1 } else { 2 };
        if column + width > columns {
            out.push_str(soft);
            out.push('\n');
            column = 0;
        }
        column += width;
        out.push(c);
    }
    out
}

fn header_text(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    encoded_words(text, Charset::Utf8, false, 12).unwrap_or_default()
}

fn assembled(header: &str, body: &[u8]) -> Vec<u8> {
    let from = if header.starts_with("From:") { "" } else { "From: =?UTF-8?B?5L2Q6Jek?= <sato@aozora.example>\r\n" };
    let mut out = format!(
        "{from}To: <tanaka@hokuto.co.jp.example>\r\nDate: Thu, 05 Nov 2026 09:12:33 +0900\r\nMessage-ID: \
         <20261105091233.48@aozora.example>\r\nMIME-Version: 1.0\r\n{header}\r\n"
    )
    .into_bytes();
    out.extend_from_slice(body);
    out
}

fn raw(subject: &str, header: &str, body: &[u8]) -> Vec<u8> {
    assembled(&format!("Subject: {}\r\n{header}", header_text(subject)), body)
}

fn plain(scene: &Scene, text: &str, charset: Charset, transfer: Transfer) -> Vec<u8> {
    encodable(scene, text, charset, transfer).unwrap_or_default()
}

fn encodable(scene: &Scene, text: &str, charset: Charset, transfer: Transfer) -> Option<Vec<u8>> {
    let bytes = charset.encode(&crlf(text))?;
    let (word, body) = match transfer {
        Transfer::Eight => (if charset == Charset::Jis { "7bit" } else { "8bit" }, bytes),
        Transfer::Base64 => ("base64", base64_lines(&bytes).into_bytes()),
        Transfer::Quoted => ("quoted-printable", quoted_printable(&bytes).into_bytes()),
    };
    let header =
        format!("Content-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: {word}\r\n", charset.name());
    Some(raw(&scene.subject, &header, &body))
}

fn html(scene: &Scene, how: Html) -> Vec<u8> {
    let body = base64_lines(crlf(&render::html(scene, how)).as_bytes());
    raw(
        &scene.subject,
        "Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n",
        body.as_bytes(),
    )
}

fn part(header: &str, body: &str) -> String {
    format!("{header}\r\n{body}\r\n")
}

fn multipart(subject: &str, kind: &str, parts: &[String]) -> Vec<u8> {
    let boundary = format!("b{}{}", subject.len(), parts.iter().map(String::len).sum::<usize>());
    let mut body = String::new();
    for part in parts {
        body.push_str(&format!("--{boundary}\r\n{part}"));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    let header =
        format!("Subject: {}\r\nContent-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n", header_text(subject));
    assembled(&header, body.as_bytes())
}

/// The scene in an attachment, and a mail around it that says little.
fn attached(scene: &Scene, name: &str, content_type: &str, bytes: &[u8]) -> Vec<u8> {
    let text: Vec<String> = scene
        .opening
        .iter()
        .cloned()
        .chain(["添付の通りお送りします。".to_owned()])
        .chain(scene.closing.iter().cloned())
        .collect();
    let file = format!(
        "Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n {}\r\n",
        rfc2231("filename", name)
    );
    let parts = [
        part(
            "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n",
            &base64_lines(crlf(&text.join("\n")).as_bytes()),
        ),
        part(&file, &base64_lines(bytes)),
    ];
    multipart(&scene.subject, "mixed", &parts)
}

/// A mail of which only the subject matters.
fn titled(subject: &str) -> Vec<u8> {
    assembled(&format!("Subject: {subject}\r\nContent-Type: text/plain; charset=us-ascii\r\n"), b"see subject\r\n")
}

/// A mail of which only the name of its file matters.
fn with_file(name: &str) -> Vec<u8> {
    let file = format!("Content-Type: text/plain; charset=us-ascii\r\nContent-Disposition: attachment;\r\n {name}\r\n");
    multipart("file", "mixed", &[part("Content-Type: text/plain\r\n", "see file\r\n"), part(&file, "nothing\r\n")])
}
