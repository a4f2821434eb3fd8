//! What the sender must have looked at before he sends: each address outside, the subject, each attachment, each rule
//! that asks him to. There is
//! no way to tick all of them at once.

use std::collections::BTreeSet;

use store::AttachmentRow;
use types::{Address, AttachmentId};

/// A set of ticks, as the boxes of the check name them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ticks(BTreeSet<String>);

impl Ticks {
    /// The box of the subject.
    pub const SUBJECT: &'static str = "subject";

    /// The box of an address.
    pub fn of_address(address: &Address) -> String {
        format!("to:{}", address.key())
    }

    /// The box of a file.
    pub fn of_file(file: AttachmentId) -> String {
        format!("file:{file}")
    }

    /// The box of a rule.
    pub fn of_rule(code: &str) -> String {
        format!("rule:{code}")
    }

    /// All that a mail to these people with these files asks for, under these rules.
    pub fn required(outside: &[Address], files: &[AttachmentRow], rules: &[String]) -> Self {
        let addresses = outside.iter().map(Self::of_address);
        let files = files.iter().map(|file| Self::of_file(file.id));
        let rules = rules.iter().map(|code| Self::of_rule(code));
        Self(std::iter::once(Self::SUBJECT.to_owned()).chain(addresses).chain(files).chain(rules).collect())
    }

    pub fn put(&mut self, tick: String) {
        self.0.insert(tick);
    }

    pub fn has(&self, tick: &str) -> bool {
        self.0.contains(tick)
    }

    /// How many of `required` are not there.
    pub fn missing(&self, required: &Self) -> usize {
        required.0.difference(&self.0).count()
    }

    /// Whether something was ticked that is not there any more: the mail is not the one that was looked at.
    pub fn is_of_another(&self, required: &Self) -> bool {
        self.0.difference(&required.0).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use types::RecordId;

    use super::*;

    fn ticks(all: &[&str]) -> Ticks {
        Ticks(all.iter().map(|tick| (*tick).to_owned()).collect())
    }

    #[test]
    fn each_address_outside_the_subject_and_each_file_must_be_ticked() {
        let file = AttachmentRow {
            id: AttachmentId(7),
            name: "a".into(),
            media_type: "text/plain".into(),
            size: 1,
            record: RecordId(1),
        };
        let required = Ticks::required(&[Address::parse("Taro@B.example").unwrap()], &[file], &["OPEN".to_owned()]);
        let whole =
            ticks(&["subject", &Ticks::of_address(&Address::parse("Taro@b.example").unwrap()), "file:7", "rule:OPEN"]);
        assert_eq!(whole, required);
        for (given, missing, another) in [
            (ticks(&[]), 4, false),
            (ticks(&["subject", "file:7"]), 2, false),
            (ticks(&["subject", "file:8"]), 3, true),
            (ticks(&["subject", "rule:OTHER"]), 3, true),
            (whole, 0, false),
        ] {
            assert_eq!((given.missing(&required), given.is_of_another(&required)), (missing, another), "{given:?}");
        }
    }
}
