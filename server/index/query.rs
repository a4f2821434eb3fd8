//! What can be asked of the index, and the answer of one document: the meaning of a search, which the index only makes
//! faster.

use std::fmt;

use crate::document::{Document, Kept};
use crate::fold::folded;
use crate::tokens::HIDDEN;

/// What is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Header fields of one name.
    Header,
    /// Texts.
    Body,
    /// Header fields and texts.
    Text,
}

/// A question. Its `Debug` does not show what is sought.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Ask {
    /// Where to look.
    pub place: Place,
    /// The name of the field in capitals, for [`Place::Header`].
    pub name: String,
    /// What is sought, folded.
    pub sought: String,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Ask {
    /// A text in the fields of a name.
    #[must_use]
    pub fn header(name: &str, text: &str) -> Self {
        Self { place: Place::Header, name: name.to_ascii_uppercase(), sought: folded(text) }
    }
    /// A text in the texts.
    #[must_use]
    pub fn body(text: &str) -> Self {
        Self { place: Place::Body, name: String::new(), sought: folded(text) }
    }
    /// A text anywhere.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self { place: Place::Text, name: String::new(), sought: folded(text) }
    }

    /// Whether a whole mail answers with yes: what a search without an index finds.
    #[must_use]
    pub fn holds(&self, document: &Document) -> bool {
        let plain = |text: &str| folded(text);
        let kept = Kept {
            fields: document.fields.iter().map(|(name, value)| (name.clone(), plain(&value.text))).collect(),
            texts: document.texts.iter().map(|passage| plain(&passage.text)).collect(),
        };
        self.in_head(&kept.fields) != Answer::No || self.in_body(&kept.texts)
    }

    /// Whether header fields (name in capitals, value folded) hold it.
    #[must_use]
    pub fn is_in_fields(&self, fields: &[(String, String)]) -> bool {
        self.in_head(fields) != Answer::No
    }
    /// Whether texts (folded) hold it.
    #[must_use]
    pub fn is_in_texts(&self, texts: &[String]) -> bool {
        self.in_body(texts)
    }
    /// Whether it can only be in header fields of other names than those with which servers trace a mail.
    #[must_use]
    pub fn is_untraced(&self) -> bool {
        let written = ["SUBJECT", "FROM", "TO", "CC", "BCC", "SENDER", "REPLY-TO", "IN-REPLY-TO", "REFERENCES"];
        match self.place {
            Place::Header => written.contains(&self.name.as_str()),
            Place::Body => true,
            Place::Text => false,
        }
    }
    /// The longest part of what is sought without white space: a trace header that holds all of it holds this.
    #[must_use]
    pub fn longest_part(&self) -> &str {
        self.sought.split_whitespace().max_by_key(|part| part.len()).unwrap_or_default()
    }

    /// Whether the texts must be looked at.
    pub(crate) fn looks_at_texts(&self) -> bool {
        self.place != Place::Header
    }
    /// Whether the header must be looked at.
    pub(crate) fn looks_at_head(&self) -> bool {
        self.place != Place::Body
    }
    /// Whether hidden digits could matter to it.
    pub(crate) fn has_digits(&self) -> bool {
        self.sought.bytes().any(|b| b.is_ascii_digit())
    }
    /// Whether no kept text can answer it.
    pub(crate) fn is_beyond(&self) -> bool {
        self.sought.is_empty() || self.sought.contains(HIDDEN)
    }

    /// What kept header fields answer. A copy may not show Bcc, so what stands there is not sure.
    pub(crate) fn in_head<T: AsRef<str>>(&self, fields: &[(T, T)]) -> Answer {
        let mut answer = Answer::No;
        if !self.looks_at_head() {
            return answer;
        }
        for (name, value) in fields {
            let (name, value) = (name.as_ref(), value.as_ref());
            let here = self.place == Place::Text || name == self.name;
            if here && value.contains(&self.sought) {
                if name != "BCC" {
                    return Answer::Yes;
                }
                answer = Answer::Maybe;
            }
        }
        answer
    }
    /// What kept texts answer.
    pub(crate) fn in_body<T: AsRef<str>>(&self, texts: &[T]) -> bool {
        self.looks_at_texts() && texts.iter().any(|text| text.as_ref().contains(&self.sought))
    }
}

/// What the index knows of a mail and a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// It does not hold it.
    No,
    /// Only the mail itself can tell: it is not indexed yet, or what would tell is hidden or cut out.
    Maybe,
    /// It holds it.
    Yes,
}
