//! The form of a mail being written, as it is posted and as it is kept in a draft. Pure: it reads fields, not bodies.

use message::compose::Mailbox;
use message::recipients::{Wrong, recipients};
use message::{Charset, reply};
use serde::{Deserialize, Serialize};
use store::{AnswerKind, DraftAt, DraftOrigin, Lying};
use types::{AttachmentId, DraftId, Safeguard};

use crate::mail::MailId;

/// Longest text, bytes.
pub(super) const TEXT: usize = 1 << 20;
/// Longest subject, characters.
pub(super) const SUBJECT: usize = 500;
/// Most Message-IDs that a thread keeps.
const REFERENCES: usize = 60;

/// What a person writes; this is what a draft keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Fields {
    pub from: String,
    pub to: String,
    pub cc: String,
    pub bcc: String,
    pub subject: String,
    /// Lines end by LF.
    pub text: String,
    /// Whether it is sent in ISO-2022-JP.
    pub jis: bool,
    /// How its files are to be kept from others; `None`: as the rules say.
    pub safeguard: Option<Safeguard>,
    /// The Message-ID that is answered, without brackets.
    pub in_reply_to: Option<String>,
    /// The thread, the oldest first.
    pub references: Vec<String>,
}

/// The recipients of the three fields, and what is none.
#[derive(Debug, Default)]
pub(crate) struct Addressed {
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub bcc: Vec<Mailbox>,
    /// The field's name and what is wrong in it.
    pub wrong: Vec<(&'static str, Wrong)>,
}

impl Addressed {
    /// All of them, in the order of the fields.
    pub fn all(&self) -> impl Iterator<Item = &Mailbox> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

impl Fields {
    /// What a mail that is answered, forwarded or opened gives.
    pub fn of(found: &reply::Fields, from: String) -> Self {
        let typed = |people: &[Mailbox]| message::recipients::typed(people);
        Self {
            from,
            to: typed(&found.to),
            cc: typed(&found.cc),
            bcc: typed(&found.bcc),
            subject: found.subject.clone(),
            text: found.text.clone(),
            jis: found.charset == Charset::Iso2022Jp,
            in_reply_to: found.in_reply_to.clone(),
            references: found.references.clone(),
            safeguard: None,
        }
    }

    /// As a draft keeps it.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A struct of strings has a JSON form; nothing is what an empty draft reads back from.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads it back; what cannot be read is an empty form.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// The charset of the mail.
    pub fn charset(&self) -> Charset {
        if self.jis { Charset::Iso2022Jp } else { Charset::Utf8 }
    }

    /// The recipients as they are typed.
    pub fn addressed(&self) -> Addressed {
        let mut out = Addressed::default();
        for (name, typed) in [("to", &self.to), ("cc", &self.cc), ("bcc", &self.bcc)] {
            let read = recipients(typed);
            out.wrong.extend(read.wrong.into_iter().map(|wrong| (name, wrong)));
            match name {
                "to" => out.to = read.people,
                "cc" => out.cc = read.people,
                _ => out.bcc = read.people,
            }
        }
        out
    }

    /// The characters that the chosen charset does not hold.
    pub fn lost(&self) -> Vec<char> {
        if !self.jis {
            return Vec::new();
        }
        message::lost_characters(&[&*self.subject, &self.to, &self.cc, &self.bcc, &self.text].join("\n"))
    }

    /// Puts in place of those characters what people write instead.
    pub fn replace_lost(&mut self) {
        for field in [&mut self.subject, &mut self.to, &mut self.cc, &mut self.bcc, &mut self.text] {
            *field = message::replaced_for_jis(field);
        }
    }
}

/// What is asked of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Act {
    /// Keep it, and put it into Drafts.
    #[default]
    Save,
    /// Keep it, a script asks; the page stays.
    Autosave,
    /// Keep it, the page is being left.
    Leave,
    /// Go on to the check.
    Check,
    /// Take a file away.
    Detach(AttachmentId),
    /// Throw the draft away.
    Discard,
    /// Keep it in place of what another window saved.
    Overwrite,
    /// Replace what ISO-2022-JP cannot carry.
    Replace,
    /// Send in UTF-8 after all.
    Utf8,
}

impl Act {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "save" => Self::Save,
            "autosave" => Self::Autosave,
            "leave" => Self::Leave,
            "check" => Self::Check,
            "discard" => Self::Discard,
            "overwrite" => Self::Overwrite,
            "replace" => Self::Replace,
            "utf8" => Self::Utf8,
            _ => Self::Detach(AttachmentId(word.strip_prefix("detach:")?.parse().ok()?)),
        })
    }
}

/// The form as posted.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub fields: Fields,
    /// The draft and the version that the page showed; `None`: not kept yet.
    pub draft: Option<DraftId>,
    pub version: u32,
    pub origin: Option<DraftOrigin>,
    /// The message in Drafts from which it was opened.
    pub copy: Option<Lying>,
    /// Files of the original that go along, by the names of their parts.
    pub carry: Vec<String>,
    pub act: Act,
}

impl Form {
    /// Takes one field; `None`: it makes no sense.
    pub fn put(&mut self, name: &str, value: String) -> Option<()> {
        let fields = &mut self.fields;
        match name {
            "from" => fields.from = value,
            "to" => fields.to = value,
            "cc" => fields.cc = value,
            "bcc" => fields.bcc = value,
            "subject" => fields.subject = value.replace(['\r', '\n'], " "),
            "body" => fields.text = value.replace("\r\n", "\n").replace('\r', "\n"),
            "safeguard" if value.is_empty() => fields.safeguard = None,
            "safeguard" => fields.safeguard = Some(Safeguard::parse(&value)?),
            "charset" => fields.jis = value == "iso-2022-jp",
            "in_reply_to" if !value.is_empty() => fields.in_reply_to = Some(value),
            "references" => fields.references = value.split_whitespace().take(REFERENCES).map(str::to_owned).collect(),
            "draft" if !value.is_empty() => self.draft = Some(DraftId(value.parse().ok()?)),
            "version" if !value.is_empty() => self.version = value.parse().ok()?,
            "origin" if !value.is_empty() => self.origin = Some(origin_of(&value)?),
            "copy" if !value.is_empty() => self.copy = Some(value.parse::<MailId>().ok()?.0),
            "carry" => self.carry.push(value),
            "do" => self.act = Act::parse(&value)?,
            _ => {}
        }
        Some(())
    }

    /// The draft as the page knew it.
    pub fn at(&self) -> Option<DraftAt> {
        Some(DraftAt { id: self.draft?, version: self.version })
    }

    /// The mail whose files go along.
    pub fn source(&self) -> Option<MailId> {
        let forwarded = self.origin.filter(|origin| origin.kind == AnswerKind::Forward).map(|origin| origin.message);
        self.copy.or(forwarded).map(MailId)
    }
}

/// `reply:3.17`, `forward:3.17`.
fn origin_of(word: &str) -> Option<DraftOrigin> {
    let (kind, id) = word.split_once(':')?;
    let kind = match kind {
        "reply" => AnswerKind::Reply,
        "forward" => AnswerKind::Forward,
        _ => return None,
    };
    Some(DraftOrigin { message: id.parse::<MailId>().ok()?.0, kind })
}

/// The word that [`Form::put`] reads back.
pub(super) fn origin_word(origin: DraftOrigin) -> String {
    let kind = if origin.kind == AnswerKind::Reply { "reply" } else { "forward" };
    format!("{kind}:{}", MailId(origin.message))
}

#[cfg(test)]
mod tests {
    use types::{MailboxId, Uid};

    use super::*;

    fn form(fields: &[(&str, &str)]) -> Option<Form> {
        let mut form = Form::default();
        fields.iter().try_for_each(|(name, value)| form.put(name, (*value).to_owned())).map(|()| form)
    }

    #[test]
    fn a_form_is_read_and_a_draft_reads_back_what_it_kept() {
        let read = form(&[
            ("csrf", "x"),
            ("to", "a@b.example, 山田 <y@c.example>"),
            ("subject", "件名\r\nBcc: x@y.example"),
            ("body", "一行目\r\n二行目\r三行目"),
            ("charset", "iso-2022-jp"),
            ("safeguard", "zip"),
            ("references", "a@b c@d"),
            ("draft", "7"),
            ("version", "3"),
            ("origin", "forward:3.17"),
            ("carry", "2"),
            ("carry", "3"),
            ("do", "check"),
        ])
        .unwrap();
        assert_eq!(
            (read.fields.subject.as_str(), read.fields.text.as_str()),
            ("件名  Bcc: x@y.example", "一行目\n二行目\n三行目")
        );
        assert_eq!((read.at(), read.act), (Some(DraftAt { id: DraftId(7), version: 3 }), Act::Check));
        assert_eq!((read.carry.len(), read.source()), (2, Some(MailId::new(MailboxId(3), Uid(17)))));
        assert_eq!(read.origin.map(origin_word).as_deref(), Some("forward:3.17"));
        assert_eq!(read.fields.safeguard, Some(Safeguard::Zip));
        assert_eq!(Fields::from_bytes(&read.fields.to_bytes()), read.fields);
        assert_eq!(Fields::from_bytes(b"nonsense"), Fields::default());
    }

    #[test]
    fn fields_that_make_no_sense_are_refused() {
        for (name, value) in [
            ("draft", "x"),
            ("version", "-1"),
            ("origin", "keep:1.2"),
            ("origin", "reply:1"),
            ("copy", "1"),
            ("do", "fly"),
            ("safeguard", "none"),
            ("do", "detach:x"),
        ] {
            assert!(form(&[(name, value)]).is_none(), "{name}={value}");
        }
        assert_eq!(form(&[("do", "detach:12")]).unwrap().act, Act::Detach(AttachmentId(12)));
    }

    #[test]
    fn recipients_keep_their_fields_and_mistakes_name_theirs() {
        let fields =
            Fields { to: "a@b.example".into(), cc: "x".into(), bcc: "c@d.example".into(), ..Fields::default() };
        let read = fields.addressed();
        assert_eq!((read.all().count(), read.bcc.len(), read.wrong.len()), (2, 1, 1));
        assert_eq!(read.wrong[0].0, "cc");
    }

    #[test]
    fn characters_that_are_lost_are_named_and_replaced() {
        let mut fields =
            Fields { subject: "①の件".into(), text: "㈱青葉".into(), jis: true, ..Fields::default() };
        assert_eq!(fields.lost(), ['①', '㈱']);
        fields.replace_lost();
        assert_eq!((fields.subject.as_str(), fields.text.as_str(), fields.lost().len()), ("(1)の件", "(株)青葉", 0));
        assert!(Fields { jis: false, text: "①".into(), ..Fields::default() }.lost().is_empty());
    }
}
