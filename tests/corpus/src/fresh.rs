//! A second corpus, mails written down one by one as people write them (`tests/corpus/fresh`), each number with what a
//! person would call it. This reads those pages and makes the mails; it knows nothing of the detector.
//!
//! A page holds cases: `## NAME: n1 certain, x1 quiet`, then the mail. Lines that begin with `@` say what follows:
//! `@subject TEXT`, `@subject-jis TEXT`, `@from NAME`, `@plain`, `@html`, `@file name="…"` (each with `type=`,
//! `charset=`, `transfer=`), `@mail` … `@end` for a mail in the mail, `@raw` for a mail with its own header.
//! `‹n1›` stands for a number and `‹n1 4-›` for one that is written in some way: see [`super::fresh_numbers`].

use super::encode::{Charset, base64_lines, encoded_words, quoted_printable, rfc2231};
use super::fresh_numbers::Numbers;
use super::scene::Sure;

/// The pages, with their names.
pub const PAGES: [(&str, &str); 5] = [
    ("hr", include_str!("../fresh/hr.txt")),
    ("forms", include_str!("../fresh/forms.txt")),
    ("letters", include_str!("../fresh/letters.txt")),
    ("harder", include_str!("../fresh/harder.txt")),
    ("business", include_str!("../fresh/business.txt")),
];

/// A number of a case and what a person would call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its name on the page.
    pub name: String,
    /// Its digits.
    pub digits: String,
    /// The least that it should be called.
    pub least: Sure,
    /// The most that it may be called.
    pub most: Sure,
}

/// A mail of the second corpus.
pub struct Fresh {
    /// Page and name.
    pub name: String,
    /// The bytes.
    pub mail: Vec<u8>,
    /// The numbers that stand in it.
    pub expected: Vec<Expected>,
}

/// All mails of the pages, in their order. A page that cannot be read gives none: the caller counts them.
#[must_use]
pub fn all() -> Vec<Fresh> {
    PAGES.iter().flat_map(|(page, text)| text.split("\n## ").filter_map(move |case| one(page, case))).collect()
}

fn one(page: &str, case: &str) -> Option<Fresh> {
    let case = case.strip_prefix("## ").unwrap_or(case);
    let (title, body) = case.split_once('\n')?;
    let (name, wants) = title.split_once(':')?;
    let name = format!("{page}/{name}");
    let mut numbers = Numbers::of(&name);
    let body = numbers.filled(body);
    let expected = wants.split(',').filter_map(|want| expected(want.trim(), &mut numbers)).collect();
    Some(Fresh { mail: Draft::read(&mut body.lines()).mail(&name), name, expected })
}

fn expected(want: &str, numbers: &mut Numbers) -> Option<Expected> {
    let (name, level) = want.split_once(' ')?;
    let (least, most) = match level {
        "certain" => (Sure::Certain, Sure::Certain),
        "likely+" => (Sure::Likely, Sure::Certain),
        "likely" => (Sure::Likely, Sure::Likely),
        "possible" => (Sure::Possible, Sure::Possible),
        "quiet" | "possible-" => (Sure::No, Sure::Possible),
        _ => (Sure::No, Sure::No),
    };
    Some(Expected { name: name.to_owned(), digits: numbers.digits(name), least, most })
}

/// A mail as the page says it.
#[derive(Default)]
struct Draft {
    subject: String,
    from: String,
    raw: Option<String>,
    parts: Vec<Part>,
}

struct Part {
    kind: String,
    options: String,
    text: String,
    inner: Option<Draft>,
}

impl Part {
    fn option(&self, name: &str) -> Option<&str> {
        let rest = self.options.split_once(&format!("{name}="))?.1;
        match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest.split(' ').next(),
        }
    }
}

impl Draft {
    /// The lines up to the end or to the `@end` that closes this mail.
    fn read<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Self {
        let mut draft = Self { subject: "ご連絡".to_owned(), ..Self::default() };
        let mut begun = false;
        while let Some(line) = lines.next() {
            let Some(directive) = line.strip_prefix('@') else {
                draft.line(line, &mut begun);
                continue;
            };
            let (word, rest) = directive.split_once(' ').unwrap_or((directive, ""));
            match word {
                "end" => break,
                "subject" => draft.subject = header_text(rest, Charset::Utf8),
                "subject-jis" => draft.subject = header_text(rest, Charset::Jis),
                "from" => draft.from = header_text(rest, Charset::Utf8),
                "raw" => draft.raw = Some(String::new()),
                "mail" => {
                    let inner = Some(Self::read(lines));
                    draft.parts.push(Part {
                        kind: "mail".to_owned(),
                        options: String::new(),
                        text: String::new(),
                        inner,
                    });
                }
                kind => {
                    let (kind, options) = (kind.to_owned(), rest.to_owned());
                    draft.parts.push(Part { kind, options, text: String::new(), inner: None });
                }
            }
            begun = !word.starts_with("subject") && word != "from";
        }
        draft
    }

    fn line(&mut self, line: &str, begun: &mut bool) {
        if !*begun {
            let (kind, options) = ("plain".to_owned(), String::new());
            self.parts.push(Part { kind, options, text: String::new(), inner: None });
            *begun = true;
        }
        let text = match (&mut self.raw, self.parts.last_mut()) {
            (Some(raw), _) => raw,
            (None, Some(part)) => &mut part.text,
            (None, None) => return,
        };
        text.push_str(line);
        text.push_str("\r\n");
    }

    fn mail(&self, seed: &str) -> Vec<u8> {
        if let Some(raw) = &self.raw {
            return raw.clone().into_bytes();
        }
        let from = if self.from.is_empty() { "=?UTF-8?B?5L2Q5Lyv?=" } else { &self.from };
        let mut out = format!(
            "From: {from} <saeki@wakaba.example>\r\nTo: <office@minato.example>\r\nSubject: {}\r\nDate: Thu, 26 Nov \
             2026 13:35:00 +0900\r\nMessage-ID: <fresh.{}@wakaba.example>\r\nMIME-Version: 1.0\r\n",
            self.subject,
            seed.replace('/', ".")
        )
        .into_bytes();
        match self.parts.as_slice() {
            [single] if single.kind != "file" && single.kind != "mail" => out.extend(entity(single, seed)),
            parts => out.extend(multipart(parts, seed)),
        }
        out
    }
}

fn multipart(parts: &[Part], seed: &str) -> Vec<u8> {
    let boundary = format!("=_{}_{}", seed.len(), parts.len());
    let shown = parts.iter().all(|part| part.kind == "plain" || part.kind == "html");
    let kind = if shown { "alternative" } else { "mixed" };
    let mut out = format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n\r\n").into_bytes();
    for part in parts {
        out.extend(format!("--{boundary}\r\n").bytes());
        out.extend(entity(part, &format!("{seed}.in")));
        out.extend(b"\r\n");
    }
    out.extend(format!("--{boundary}--\r\n").bytes());
    out
}

/// The header fields of the part, an empty line, its body.
fn entity(part: &Part, seed: &str) -> Vec<u8> {
    if let Some(inner) = &part.inner {
        let mut out = b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n".to_vec();
        out.extend(inner.mail(seed));
        return out;
    }
    let (label, bytes) = encoded(&part.text, part.option("charset").unwrap_or("utf-8"));
    let kind = part.option("type").unwrap_or(if part.kind == "html" { "text/html" } else { "text/plain" });
    let transfer = part.option("transfer").unwrap_or(if part.kind == "file" { "base64" } else { "8bit" });
    let body = match transfer {
        "base64" => base64_lines(&bytes).into_bytes(),
        "quoted-printable" => quoted_printable(&bytes).into_bytes(),
        _ => bytes,
    };
    let disposition = part
        .option("name")
        .map(|name| format!("Content-Disposition: attachment;\r\n {}\r\n", rfc2231("filename", name)))
        .unwrap_or_default();
    let mut out = format!("Content-Type: {kind}{label}\r\nContent-Transfer-Encoding: {transfer}\r\n{disposition}\r\n")
        .into_bytes();
    out.extend(body);
    out
}

/// The parameter that names the charset, and the text in it.
fn encoded(text: &str, charset: &str) -> (String, Vec<u8>) {
    let known = match charset {
        "iso-2022-jp" => Charset::Jis,
        "shift_jis" => Charset::ShiftJis,
        "euc-jp" => Charset::Euc,
        "utf-16" => {
            return (String::new(), format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect());
        }
        _ => Charset::Utf8,
    };
    (format!("; charset={charset}"), known.encode(text).unwrap_or_default())
}

fn header_text(text: &str, charset: Charset) -> String {
    match text.is_ascii() {
        true => text.to_owned(),
        false => encoded_words(text, charset, false, 11).unwrap_or_default(),
    }
}
