//! What is done to a mail when it is released, for one recipient. Rules add to it, a parcel carries it until its time has
//! come, and whatever waits in between (an approval, a confirmation, a delay) is bound to it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::LinkTerms;

/// What is done at release. Adding up is a join: the order in which rules speak, and how often, changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Treatment {
    /// Who inside gets a copy that no header names, in a rule's words: addresses, `group:NAME`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub bcc: BTreeSet<String>,
    /// Lines that stand before the header.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub headers: BTreeSet<HeaderLine>,
    /// Texts at the end of the body, in this order.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub footers: BTreeSet<Footer>,
    /// To and Cc are not shown.
    #[serde(skip_serializing_if = "is_false")]
    pub hide_recipients: bool,
    /// It goes over TLS to a host that proves its name, or not at all.
    #[serde(skip_serializing_if = "is_false")]
    pub verified_tls: bool,
    /// Through which of the configured next hops. Of two names the first by letters counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// How its content is kept from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
}

/// A line that is added to a header. Its name and value were checked where it was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeaderLine {
    /// The field's name.
    pub name: String,
    /// Its value, one line.
    pub value: String,
}

/// A text at the end of a body.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Footer {
    /// For plain text.
    pub text: String,
    /// For HTML; made from the text when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

/// An encryption; of two the stronger form counts, over the larger part of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Encryption {
    /// How.
    pub form: EncryptionForm,
    /// What.
    pub what: Encrypted,
    /// On which terms a link leads to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkTerms>,
}

/// How content is kept from others, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncryptionForm {
    /// An AES-256 ZIP.
    Zip,
    /// It stays here; the recipient gets a link.
    Link,
}

/// What of a mail is encrypted, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encrypted {
    /// Its attachments.
    Attachments,
    /// Attachments and texts.
    Whole,
}

impl Treatment {
    /// Whether nothing is done.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what another rule says.
    pub fn join(&mut self, other: &Self) {
        self.bcc.extend(other.bcc.iter().cloned());
        self.headers.extend(other.headers.iter().cloned());
        self.footers.extend(other.footers.iter().cloned());
        self.hide_recipients |= other.hide_recipients;
        self.verified_tls |= other.verified_tls;
        self.route = match (self.route.take(), &other.route) {
            (Some(own), Some(theirs)) => Some(own.min(theirs.clone())),
            (own, theirs) => own.or_else(|| theirs.clone()),
        };
        self.encryption = match (self.encryption, other.encryption) {
            (Some(own), Some(theirs)) => Some(own.both(theirs)),
            (own, theirs) => own.or(theirs),
        };
    }
}

impl Encryption {
    fn both(self, other: Self) -> Self {
        let link = match (self.link, other.link) {
            (Some(own), Some(theirs)) => Some(own.both(theirs)),
            (own, theirs) => own.or(theirs),
        };
        Self { form: self.form.max(other.form), what: self.what.max(other.what), link }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks it so")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_link() -> impl Strategy<Value = Option<LinkTerms>> {
        use crate::LinkIdentity::{Code, Password};
        let terms = (1..3u32, 1..3u32, any::<bool>(), any::<bool>());
        proptest::option::of(terms.prop_map(|(days, downloads, told, reply)| LinkTerms {
            days,
            downloads,
            identity: if told { Password } else { Code },
            reply,
        }))
    }

    fn any_treatment() -> impl Strategy<Value = Treatment> {
        let words = || proptest::collection::btree_set("[a-c]", 0..3);
        let encryption = prop_oneof![
            Just(None),
            (0..2usize, 0..2usize, any_link()).prop_map(|(form, what, link)| Some(Encryption {
                form: [EncryptionForm::Zip, EncryptionForm::Link][form],
                what: [Encrypted::Attachments, Encrypted::Whole][what],
                link,
            }))
        ];
        let route = proptest::option::of("[a-c]");
        (words(), words(), words(), any::<(bool, bool)>(), route, encryption).prop_map(
            |(bcc, headers, footers, (hide_recipients, verified_tls), route, encryption)| Treatment {
                bcc,
                headers: headers.into_iter().map(|name| HeaderLine { name, value: String::new() }).collect(),
                footers: footers.into_iter().map(|text| Footer { text, html: None }).collect(),
                hide_recipients,
                verified_tls,
                route,
                encryption,
            },
        )
    }

    fn joined<'a>(all: impl IntoIterator<Item = &'a Treatment>) -> Treatment {
        let mut sum = Treatment::default();
        all.into_iter().for_each(|one| sum.join(one));
        sum
    }

    proptest! {
        #[test]
        fn treatments_add_up_the_same_in_any_order_and_any_number(
            all in proptest::collection::vec(any_treatment(), 0..6), turn in 0usize..6, again in 0usize..6,
        ) {
            let sum = joined(&all);
            let mut other = all.clone();
            if !other.is_empty() {
                let by = turn % other.len();
                other.rotate_left(by);
                other.push(other[again % other.len()].clone());
            }
            prop_assert_eq!(&joined(&other), &sum);
            other.reverse();
            prop_assert_eq!(&joined(&other), &sum);
            // nothing that a rule asks for is lost
            for one in &all {
                prop_assert_eq!(&joined([&sum, one]), &sum);
            }
            let text = serde_json::to_string(&sum).unwrap();
            prop_assert_eq!(serde_json::from_str::<Treatment>(&text).unwrap(), sum);
        }
    }

    #[test]
    fn nothing_is_written_as_nothing() {
        let nothing = Treatment::default();
        assert!(nothing.is_nothing());
        assert_eq!(serde_json::to_string(&nothing).unwrap(), "{}");
    }
}
