//! What every page knows: language, look, who is signed in, the nonce and the token of this one answer.

use auth::{Session, SessionKind};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use types::{Language, Settings, Timestamp};

use crate::{CommonWords, Style, Trouble, csrf};

/// Who is signed in, for the head of the page.
#[derive(Debug, Clone)]
pub struct Who {
    /// Name for people.
    pub name: String,
    /// Primary address.
    pub address: String,
}

/// A word that a page says once, for ten seconds: 「保存しました」.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toast {
    /// The words.
    pub text: String,
    /// What takes the act back.
    pub undo: Option<Undo>,
    /// Said as a line at the head of the page, which stays until the next one.
    pub line: bool,
}

/// What takes back what was just done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Where a POST does it.
    pub path: String,
    /// Of a mail that was sent: for so many seconds, during which the toast stays; 0 for any other act.
    pub sending: u64,
}

impl Toast {
    /// Words alone.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), undo: None, line: false }
    }
    /// Words that stay at the head of the page until the next one.
    #[must_use]
    pub fn line(text: impl Into<String>) -> Self {
        Self { line: true, ..Self::new(text) }
    }
    /// The same with what takes the act back.
    #[must_use]
    pub fn with_undo(self, undo: Option<Undo>) -> Self {
        Self { undo, ..self }
    }
}

/// The context of one answer. Templates reach it as `frame.page`.
#[derive(Debug, Clone)]
pub struct Page {
    /// The reader's language.
    pub language: Language,
    /// The texts that all pages share.
    pub words: CommonWords,
    /// Writes dates, counts and sizes.
    pub style: Style,
    /// Webmail or console.
    pub kind: SessionKind,
    /// The nonce of script tags.
    pub nonce: String,
    /// The token of forms (field [`csrf::FIELD`], first in each); empty while nobody is signed in.
    pub csrf: String,
    /// Whether a script asks, so that the frame around the page is not wanted again.
    pub fragment: bool,
    /// Who is signed in.
    pub who: Option<Who>,
    /// His choices.
    pub settings: Settings,
    /// Path and query of the request.
    pub path: String,
    /// What the page before wants to have said.
    pub toast: Option<Toast>,
}

impl Page {
    /// The page of a reader who is not signed in (yet).
    ///
    /// # Errors
    /// [`Trouble::Bug`] when the machine gives no randomness.
    pub(crate) fn guest(kind: SessionKind, language: Language, now: Timestamp, path: String) -> Result<Self, Trouble> {
        Ok(Self {
            language,
            words: CommonWords::new(language),
            style: Style::new(language, now),
            kind,
            nonce: URL_SAFE_NO_PAD.encode(random()?),
            csrf: String::new(),
            fragment: false,
            who: None,
            settings: Settings::default(),
            path,
            toast: None,
        })
    }

    pub(crate) fn signed_in(
        &mut self,
        session: &Session,
        now: Timestamp,
        who: Who,
        language: Language,
        settings: Settings,
    ) -> Result<(), Trouble> {
        self.language = language;
        self.words = CommonWords::new(language);
        self.style = Style::new(language, now);
        self.csrf = csrf::token(session.form_key(), random()?);
        self.who = Some(who);
        self.settings = settings;
        Ok(())
    }

    /// The path of an asset.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        crate::asset(name)
    }

    /// Whether the console is meant, not webmail.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.kind == SessionKind::Admin
    }
}

fn random() -> Result<[u8; 16], Trouble> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Trouble::bug("the machine gives no randomness"))?;
    Ok(bytes)
}

/// The language that the browser prefers (RFC 9110 12.5.4): the first of ours that it names, else Japanese.
pub(crate) fn preferred(accept_language: &str) -> Language {
    for range in accept_language.split(',') {
        match range.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
            Some("ja") => return Language::Ja,
            Some("en") => return Language::En,
            _ => {}
        }
    }
    Language::Ja
}

/// Reads a language's word.
#[must_use]
pub fn language_of(word: &str) -> Option<Language> {
    match word {
        "ja" => Some(Language::Ja),
        "en" => Some(Language::En),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_first_known_language_is_taken() {
        for (header, language) in [
            ("", Language::Ja),
            ("ja-JP,ja;q=0.9,en;q=0.8", Language::Ja),
            ("en-US,en;q=0.9,ja;q=0.8", Language::En),
            ("fr,de;q=0.9,en;q=0.5", Language::En),
            ("fr", Language::Ja),
            ("日", Language::Ja),
        ] {
            assert_eq!(preferred(header), language, "{header}");
        }
    }
}
