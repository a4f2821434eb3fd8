//! How pages name messages and places in a list: `3.17` is the message with UID 17 of mailbox 3, `1795478400000.17` a
//! place in its order. What does not parse is not found.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use store::{Lying, PageKey};
use types::{MailboxId, Timestamp, Uid};

/// A message, as it stands in URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailId(pub Lying);

impl MailId {
    /// The message `uid` of `mailbox`.
    #[must_use]
    pub fn new(mailbox: MailboxId, uid: Uid) -> Self {
        Self(Lying { mailbox, uid })
    }
}

impl fmt::Display for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.mailbox.0, self.0.uid.0)
    }
}

/// What stands in a URL and is neither a message nor a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NoId;

impl FromStr for MailId {
    type Err = NoId;
    fn from_str(text: &str) -> Result<Self, NoId> {
        let (mailbox, uid) = text.split_once('.').ok_or(NoId)?;
        let (mailbox, uid) = (mailbox.parse().map_err(|_| NoId)?, uid.parse().map_err(|_| NoId)?);
        Ok(Self::new(MailboxId(mailbox), Uid(uid)))
    }
}

impl<'de> Deserialize<'de> for MailId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A place in the order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub PageKey);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.at.0, self.0.uid.0)
    }
}

impl FromStr for Place {
    type Err = NoId;
    fn from_str(text: &str) -> Result<Self, NoId> {
        let (at, uid) = text.split_once('.').ok_or(NoId)?;
        let (at, uid) = (at.parse().map_err(|_| NoId)?, uid.parse().map_err(|_| NoId)?);
        Ok(Self(PageKey { at: Timestamp(at), uid: Uid(uid) }))
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_they_are_written() {
        let id = MailId::new(MailboxId(3), Uid(17));
        assert_eq!((id.to_string().as_str(), "3.17".parse()), ("3.17", Ok(id)));
        let place = Place(PageKey { at: Timestamp(1_795_478_400_000), uid: Uid(17) });
        assert_eq!(place.to_string().parse(), Ok(place));
        for wrong in ["", "3", "3.", ".1", "3.1.2", "3.x", "3.99999999999", "３.1", "3/1"] {
            assert_eq!(wrong.parse::<MailId>(), Err(NoId), "{wrong}");
        }
    }
}
