//! What a company has decided for its people. Kept as JSON; what is missing or unknown falls back to the default, so
//! that an older program reads what a newer one wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Domain, Safeguard, UndoTime};

/// A company names so many partners at most.
pub const PARTNERS_MOST: usize = 500;

/// One company's policies; the default is what a fresh company starts with (rules-and-texts.md).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policies {
    /// How long mail sent from the browser can be taken back: the longest that a person may choose, and what holds
    /// for who has chosen nothing.
    pub undo: UndoTime,
    /// Whether the passwords that the company has agreed with others are tried on encrypted files (decision 032).
    pub try_passwords: bool,
    /// Whether the console names the approvers who have no deputy.
    pub approvers_need_deputy: bool,
    /// How files go to the people of these domains, beside what rules demand.
    pub partners: BTreeMap<Domain, Safeguard>,
    /// Whether the password that was made for a ZIP follows it by mail to the same recipients. Whoever reads one of the two
    /// mails reads the other: it is no protection, and off unless a company knowingly wants it.
    pub mail_passwords: bool,
    /// So many years after it came or was sent, mail in the ledger is proposed for disposal; `None`: never.
    pub ledger_years: Option<u32>,
}

impl Default for Policies {
    fn default() -> Self {
        let undo = UndoTime::default();
        Self {
            undo,
            try_passwords: false,
            approvers_need_deputy: true,
            partners: BTreeMap::new(),
            mail_passwords: false,
            ledger_years: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_company_lets_mail_be_taken_back_for_half_a_minute() {
        let fresh: Policies = serde_json::from_str("{}").unwrap();
        assert_eq!((fresh.undo.word(), &fresh), ("30", &Policies::default()));
        assert!(fresh.approvers_need_deputy);
        assert!(!fresh.try_passwords, "no password is tried unless the company wants it");
        assert!(!fresh.mail_passwords, "no password is mailed to those who get the ZIP");
        assert!(fresh.partners.is_empty());
        let later: Policies = serde_json::from_str(r#"{"undo":"5","later":true}"#).unwrap();
        assert_eq!(later.undo, UndoTime::Five);
    }
}
