//! Taking back what was just done: the inverse of an act as a sealed token in the toast's form, good for thirty seconds.
//! The server keeps nothing for it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use store::{FlagChange, FlagMode};
use types::{Flags, Keyword, MailboxId, SystemFlags, Timestamp, Uid, UidSet, UserId};
use web::{Signer, Trouble};

/// An act can be taken back so long (web-design 1.1).
const GOOD_FOR: Duration = Duration::from_secs(30);
/// Longest token; of an act on messages that lie too scattered no undo is offered.
const TOKEN_BYTES: usize = 1_200;
const PURPOSE: &str = "undo";

/// The inverse of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inverse {
    /// Back from where they were moved.
    Move {
        /// Where they lie now.
        from: MailboxId,
        /// Which, as runs.
        uids: Vec<(u32, u32)>,
        /// Where they belong.
        to: MailboxId,
    },
    /// Flags as they were.
    Mark {
        /// Where.
        mailbox: MailboxId,
        /// What to change.
        changes: Vec<Marked>,
    },
}

/// A change of flags as a token carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// Which, as runs.
    pub uids: Vec<(u32, u32)>,
    /// Added, else taken away.
    add: bool,
    system: u8,
    keywords: Vec<String>,
}

impl Marked {
    fn of(uids: &UidSet, change: &FlagChange) -> Self {
        let keywords = change.flags.keywords.iter().map(|keyword| keyword.as_str().to_owned()).collect();
        let add = change.mode == FlagMode::Add;
        Self { uids: uids.runs().to_vec(), add, system: change.flags.system.0, keywords }
    }

    /// The change for the store.
    #[must_use]
    pub fn change(&self) -> FlagChange {
        let keywords = self.keywords.iter().filter_map(|keyword| Keyword::parse(keyword)).collect();
        let mode = if self.add { FlagMode::Add } else { FlagMode::Remove };
        FlagChange { mode, flags: Flags { system: SystemFlags(self.system), keywords }, unchanged_since: None }
    }
}

impl Inverse {
    /// Of flag changes as the store answers them.
    #[must_use]
    pub fn of_marks(mailbox: MailboxId, changes: &[(UidSet, FlagChange)]) -> Self {
        Self::Mark { mailbox, changes: changes.iter().map(|(uids, change)| Marked::of(uids, change)).collect() }
    }
}

/// Runs as a set.
#[must_use]
pub fn uid_set(runs: &[(u32, u32)]) -> UidSet {
    let mut uids = UidSet::new();
    runs.iter().for_each(|(first, last)| uids.insert_run(*first, *last));
    uids
}

/// UIDs as a set.
pub fn set_of(uids: impl IntoIterator<Item = Uid>) -> UidSet {
    uids.into_iter().collect()
}

#[derive(Serialize, Deserialize)]
struct Token {
    user: UserId,
    until: Timestamp,
    inverse: Inverse,
}

/// The path to which a POST undoes it; `None` when it does not fit.
#[must_use]
pub fn path(signer: &Signer, user: UserId, inverse: Inverse, now: Timestamp) -> Option<String> {
    let json = serde_json::to_string(&Token { user, until: now.after(GOOD_FOR), inverse }).ok()?;
    let token = format!("{}.{}", URL_SAFE_NO_PAD.encode(&json), signer.seal(PURPOSE, &json));
    (token.len() <= TOKEN_BYTES).then(|| format!("/mail/undo/{token}"))
}

/// What a token undoes; `None`: its time is over.
///
/// # Errors
/// [`Trouble::NotFound`] when it is not ours or not his.
pub fn open(signer: &Signer, user: UserId, token: &str, now: Timestamp) -> Result<Option<Inverse>, Trouble> {
    let (text, seal) = token.split_once('.').ok_or(Trouble::NotFound)?;
    let json = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let json = json.filter(|json| signer.is_sealed(PURPOSE, json, seal)).ok_or(Trouble::NotFound)?;
    let token: Token = serde_json::from_str(&json).map_err(|_| Trouble::NotFound)?;
    if token.user != user {
        return Err(Trouble::NotFound);
    }
    Ok((now < token.until).then_some(token.inverse))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_478_400_000);

    fn token(signer: &Signer, inverse: &Inverse) -> String {
        let path = path(signer, UserId(7), inverse.clone(), NOW).unwrap();
        path.strip_prefix("/mail/undo/").unwrap().to_owned()
    }

    #[test]
    fn a_token_undoes_for_its_person_for_half_a_minute() {
        let signer = Signer::new().unwrap();
        let inverse = Inverse::Move { from: MailboxId(5), uids: vec![(3, 9)], to: MailboxId(1) };
        let token = token(&signer, &inverse);
        let later = |seconds| NOW.after(Duration::from_secs(seconds));
        assert_eq!(open(&signer, UserId(7), &token, later(29)).unwrap(), Some(inverse));
        assert_eq!(open(&signer, UserId(7), &token, later(30)).unwrap(), None);
        assert!(open(&signer, UserId(8), &token, NOW).is_err());
        assert!(open(&signer, UserId(7), &format!("{token}x"), NOW).is_err());
        assert!(open(&Signer::new().unwrap(), UserId(7), &token, NOW).is_err());
    }

    #[test]
    fn what_does_not_fit_is_not_offered() {
        let uids = (0..400).map(|n| (n * 2 + 1, n * 2 + 1)).collect();
        let inverse = Inverse::Move { from: MailboxId(5), uids, to: MailboxId(1) };
        assert_eq!(path(&Signer::new().unwrap(), UserId(7), inverse, NOW), None);
    }

    #[test]
    fn flags_come_back_as_they_were() {
        let flags = Flags { system: SystemFlags::SEEN, keywords: Keyword::parse("$Junk").into_iter().collect() };
        let change = FlagChange { mode: FlagMode::Remove, flags, unchanged_since: None };
        let Inverse::Mark { changes, .. } = Inverse::of_marks(MailboxId(1), &[(uid_set(&[(2, 4)]), change.clone())])
        else {
            panic!()
        };
        assert_eq!((uid_set(&changes[0].uids).len(), changes[0].change().flags), (3, change.flags));
    }
}
