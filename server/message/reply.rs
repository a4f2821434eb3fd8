//! What the compose form holds when it opens: a draft as it was left (by webmail, by an IMAP client, or given
//! back by an approver), a reply, a forward.

use types::Address;

use crate::Parsed;
use crate::attachments::{Attachment, attachments};
use crate::charset::Forced;
use crate::compose::Mailbox;
use crate::encode::Charset;
use crate::view;

/// Most bytes of text that are quoted.
const QUOTE: usize = 200 << 10;
/// Most Message-IDs of References: the first, and the last ones (RFC 5322 3.6.4 sets no bound, headers do).
const REFERENCES: usize = 50;

/// The fields of the compose form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// To.
    pub to: Vec<Mailbox>,
    /// Cc.
    pub cc: Vec<Mailbox>,
    /// Bcc.
    pub bcc: Vec<Mailbox>,
    /// Subject.
    pub subject: String,
    /// The text, lines ended by LF.
    pub text: String,
    /// The Message-ID that is answered, without brackets.
    pub in_reply_to: Option<String>,
    /// The Message-IDs of the thread without brackets, the oldest first.
    pub references: Vec<String>,
    /// The files of the mail that go along.
    pub files: Vec<Attachment>,
    /// The charset that a draft was written in.
    pub charset: Charset,
}

/// Opens a draft.
#[must_use]
pub fn draft(mail: &Parsed<'_>) -> Fields {
    let in_reply_to = mail.header("In-Reply-To").and_then(|text| id_of(&text));
    let leaves = mail.leaves();
    let jis =
        leaves.first().and_then(|leaf| leaf.charset.as_deref()).is_some_and(|c| c.eq_ignore_ascii_case("iso-2022-jp"));
    Fields {
        to: mailboxes(mail, "To"),
        cc: mailboxes(mail, "Cc"),
        bcc: mailboxes(mail, "Bcc"),
        subject: mail.subject(),
        text: view::text(mail, Forced::Automatic, None),
        references: mail.references(),
        in_reply_to,
        files: attachments(mail),
        charset: if jis { Charset::Iso2022Jp } else { Charset::Utf8 },
    }
}

/// Begins a reply by somebody whose addresses are `own`; `all` answers everybody. `attribution` is the line above
/// the quote, such as 「2026年11月24日(火) 15:32 山田 太郎 <…>:」.
#[must_use]
pub fn reply(mail: &Parsed<'_>, own: &[Address], all: bool, attribution: &str) -> Fields {
    let others = |people: Vec<Mailbox>| -> Vec<Mailbox> {
        people.into_iter().filter(|person| !own.contains(&person.address)).collect()
    };
    let authors = mailboxes(mail, "Reply-To");
    let authors = if authors.is_empty() { mailboxes(mail, "From") } else { authors };
    let is_own = !authors.is_empty() && authors.iter().all(|person| own.contains(&person.address));
    // Who answers his own mail goes on writing to the same people.
    let mut to = if is_own { mailboxes(mail, "To") } else { authors };
    let mut cc = Vec::new();
    if all {
        if !is_own {
            to.extend(others(mailboxes(mail, "To")));
        }
        cc = others(mailboxes(mail, "Cc"));
    }
    each_once(&mut to, &mut cc);
    Fields {
        to,
        cc,
        subject: prefixed("Re: ", &mail.subject(), &["re", "返信", "aw", "sv", "回复", "回覆", "答复"]),
        text: quoted(mail, attribution),
        in_reply_to: mail.message_id(),
        references: thread(mail),
        ..Fields::default()
    }
}

/// The words above a forwarded text, in the language of the writer.
#[derive(Debug, Clone, Copy)]
pub struct ForwardWords<'a> {
    /// The line that begins it, such as `---------- 転送メッセージ ----------`.
    pub heading: &'a str,
    /// 差出人
    pub from: &'a str,
    /// 日時
    pub date: &'a str,
    /// 件名
    pub subject: &'a str,
    /// 宛先
    pub to: &'a str,
    /// Cc
    pub cc: &'a str,
}

/// Begins a forward: the text below its heading, all files of the mail. `date` is the mail's date as people read it.
#[must_use]
pub fn forward(mail: &Parsed<'_>, words: &ForwardWords<'_>, date: &str) -> Fields {
    let mut text = format!("\n\n{}\n", words.heading);
    let list = |field: &str| {
        let people = mail.people(field).into_iter().take(100);
        let one = |p: crate::Person| if p.name.is_empty() { p.address } else { format!("{} <{}>", p.name, p.address) };
        people.map(one).collect::<Vec<_>>().join(", ")
    };
    let lines = [
        (words.from, list("From")),
        (words.date, date.to_owned()),
        (words.subject, mail.subject()),
        (words.to, list("To")),
        (words.cc, list("Cc")),
    ];
    for (word, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("{word}: {value}\n"));
    }
    text.push('\n');
    text.push_str(&body(mail));
    Fields {
        subject: prefixed("Fw: ", &mail.subject(), &["fw", "fwd", "転送", "wg", "tr", "转发", "轉寄"]),
        text,
        references: thread(mail),
        files: attachments(mail),
        ..Fields::default()
    }
}

/// The people of a field whose addresses are addresses.
fn mailboxes(mail: &Parsed<'_>, field: &str) -> Vec<Mailbox> {
    let people = mail.people(field).into_iter();
    people.filter_map(|p| Some(Mailbox::new(p.name, Address::parse(&p.address).ok()?))).collect()
}

/// Takes out of `cc` who is in `to`, and doubles.
fn each_once(to: &mut Vec<Mailbox>, cc: &mut Vec<Mailbox>) {
    let mut known = std::collections::HashSet::new();
    to.retain(|person| known.insert(person.address.clone()));
    cc.retain(|person| known.insert(person.address.clone()));
}

/// The subject with one prefix, however many of its kind it had: `RE: Re[2]: 返信:`.
fn prefixed(prefix: &str, subject: &str, known: &[&str]) -> String {
    let mut rest = subject.trim();
    while let Some((word, after)) = rest.split_once([':', '：']) {
        let word =
            word.trim().split(['[', '(']).next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit());
        if !known.iter().any(|known| word.to_lowercase() == *known) {
            break;
        }
        rest = after.trim_start();
    }
    format!("{prefix}{rest}")
}

/// The thread with this mail as its last.
fn thread(mail: &Parsed<'_>) -> Vec<String> {
    let mut ids = mail.references();
    if let Some(id) = mail.message_id() {
        ids.retain(|known| *known != id);
        ids.push(id);
    }
    if ids.len() > REFERENCES {
        ids.drain(1..ids.len() - REFERENCES + 1);
    }
    ids
}

fn id_of(text: &str) -> Option<String> {
    let id = text.split('<').nth(1)?.split('>').next()?.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

fn body(mail: &Parsed<'_>) -> String {
    let text = view::text(mail, Forced::Automatic, None);
    text.get(..text.floor_char_boundary(QUOTE)).unwrap_or_default().to_owned()
}

/// The text with `> ` before each line, below the attribution, with room above for the answer.
fn quoted(mail: &Parsed<'_>, attribution: &str) -> String {
    let mut out = format!("\n\n{attribution}\n");
    for line in body(mail).lines() {
        out.push_str(if line.starts_with('>') { ">" } else { "> " });
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outgoing::{File, Outgoing, Stamp};
    use types::{Limits, Timestamp};

    const MAIL: &str = "From: =?UTF-8?B?5bGx55Sw?= <yamada@x.example>\r\nTo: me@a.example, Suzuki <suzuki@a.example>\r\n\
        Cc: tanaka@a.example, me2@a.example, yamada@x.example\r\nSubject: RE: Re[2]: =?UTF-8?B?6KGo?=\r\nMessage-ID: <3@x>\r\n\
        References: <1@x> <2@x>\r\nIn-Reply-To: <2@x>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nお世話になります。\r\n> 前の文\r\n\r\n山田\r\n";

    fn with<T>(mail: &[u8], look: impl FnOnce(&Parsed<'_>) -> T) -> T {
        look(&Parsed::parse(mail, &Limits::default()))
    }

    fn addresses(people: &[Mailbox]) -> String {
        people.iter().map(|p| p.address.to_string()).collect::<Vec<_>>().join(" ")
    }

    fn own() -> Vec<Address> {
        ["me@a.example", "ME2@A.example"].map(|a| Address::parse(a).unwrap()).to_vec()
    }

    #[test]
    fn a_reply_goes_to_its_author_with_the_text_quoted() {
        let fields = with(MAIL.as_bytes(), |mail| reply(mail, &own(), false, "山田さん:"));
        assert_eq!((addresses(&fields.to).as_str(), fields.cc.len()), ("yamada@x.example", 0));
        assert_eq!(fields.subject, "Re: 表");
        assert_eq!(fields.text, "\n\n山田さん:\n> お世話になります。\n>> 前の文\n> \n> 山田\n");
        assert_eq!(fields.in_reply_to.as_deref(), Some("3@x"));
        assert_eq!(fields.references, ["1@x", "2@x", "3@x"]);
    }

    #[test]
    fn a_reply_to_all_leaves_out_oneself_and_doubles() {
        let fields = with(MAIL.as_bytes(), |mail| reply(mail, &own(), true, ""));
        assert_eq!(addresses(&fields.to), "yamada@x.example suzuki@a.example");
        assert_eq!(addresses(&fields.cc), "tanaka@a.example");
        let mail = MAIL.replace("Subject", "Reply-To: list@x.example\r\nSubject");
        let fields = with(mail.as_bytes(), |mail| reply(mail, &own(), true, ""));
        assert_eq!(addresses(&fields.to), "list@x.example suzuki@a.example");
        let mine = [Address::parse("yamada@x.example").unwrap()];
        let fields = with(MAIL.as_bytes(), |mail| reply(mail, &mine, false, ""));
        assert_eq!(addresses(&fields.to), "me@a.example suzuki@a.example");
    }

    #[test]
    fn a_forward_takes_text_and_files_along() {
        let words = ForwardWords {
            heading: "--- 転送 ---",
            from: "差出人",
            date: "日時",
            subject: "件名",
            to: "宛先",
            cc: "Cc",
        };
        let mail =
            MAIL.replace("RE: Re[2]:", "Fwd: FW:").replace("text/plain; charset=utf-8", "multipart/mixed; boundary=b");
        let mail = mail
            .replace("お世話になります。", "--b\r\n\r\nhello\r\n--b\r\nContent-Type: a/b; name=a.b\r\n\r\nx\r\n--b--");
        let fields = with(mail.as_bytes(), |mail| forward(mail, &words, "昨日"));
        assert_eq!(fields.subject, "Fw: 表");
        let start = "\n\n--- 転送 ---\n差出人: 山田 <yamada@x.example>\n日時: 昨日\n件名: Fwd: FW: 表\n宛先: me@a.example, Suzuki";
        assert!(fields.text.starts_with(start) && fields.text.ends_with("\n\nhello"), "{}", fields.text);
        assert_eq!(fields.files.len(), 1);
        assert!(fields.to.is_empty());
    }

    #[test]
    fn a_draft_opens_as_it_was_left() {
        let outgoing = Outgoing {
            to: vec![Mailbox::new("山田, 太郎", Address::parse("a@b.example").unwrap())],
            bcc: vec![Mailbox::from(Address::parse("c@b.example").unwrap())],
            subject: "件名".into(),
            text: "一行目\n\n> 引用\n-- \n署名".into(),
            in_reply_to: Some("2@x".into()),
            references: vec!["1@x".into(), "2@x".into()],
            files: vec![File { name: "名簿.csv".into(), content_type: "text/csv".into(), bytes: b"1".to_vec() }],
            ..Outgoing::default()
        };
        for charset in [Charset::Utf8, Charset::Iso2022Jp] {
            let outgoing = Outgoing { charset, ..outgoing.clone() };
            let stamp = Stamp { date: Timestamp::from_secs(0), message_id: "1@a", boundary: "0123456789abcdef" };
            let bytes = outgoing.to_bytes(&Mailbox::from(Address::parse("me@a.example").unwrap()), &stamp);
            let fields = with(&bytes, draft);
            assert_eq!((fields.to, fields.bcc, fields.subject), (outgoing.to, outgoing.bcc, outgoing.subject));
            assert_eq!(
                (fields.text, fields.in_reply_to, fields.references),
                (outgoing.text, outgoing.in_reply_to, outgoing.references)
            );
            assert_eq!((fields.files[0].name.as_str(), fields.charset), ("名簿.csv", charset));
        }
    }

    #[test]
    fn a_long_thread_keeps_its_beginning_and_its_end() {
        let ids: String = (0..3000).map(|i| format!("<{i}@x> ")).collect();
        let mail = format!("Message-ID: <last@x>\r\nReferences: {ids}\r\n\r\n");
        let references = with(mail.as_bytes(), thread);
        assert_eq!((references.len(), references[0].as_str()), (REFERENCES, "0@x"));
        assert_eq!(references.last().map(String::as_str), Some("last@x"));
    }
}
