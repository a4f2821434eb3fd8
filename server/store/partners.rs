//! 委託先: what a company knows of those to whom it entrusts My Numbers. The addresses stand in its list of that name, which rules ask; what is
//! kept here is beside an entry of it, and means nothing for an address that is not in the list.

use types::{TenantId, Timestamp, UserId};

/// The list that names them.
pub const PARTNERS_LIST: &str = "委託先";
/// Characters of a name and of a contract at most, and of a note.
pub const PARTNER_TEXT_MOST: usize = 200;

/// What is known of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partner {
    /// The key of its address ([`types::Address::key`]).
    pub entry: String,
    /// Its name.
    pub name: String,
    /// The name or number of the contract; empty: there is none.
    pub contract: String,
    /// The first moment of the contract.
    pub since: Option<Timestamp>,
    /// The moment behind its last day; `None`: it has no end.
    pub until: Option<Timestamp>,
    /// The day of the last check.
    pub checked: Option<Timestamp>,
    /// Who did it.
    pub checked_by: Option<UserId>,
    /// What it said; no number.
    pub note: String,
    /// From when the next check is overdue.
    pub due: Option<Timestamp>,
}

impl Partner {
    /// Whether a contract holds at this moment.
    #[must_use]
    pub fn has_contract(&self, now: Timestamp) -> bool {
        let begun = self.since.is_none_or(|since| since <= now);
        !self.contract.is_empty() && begun && self.until.is_none_or(|until| now < until)
    }
    /// Whether it was never checked, or not again in time.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.checked.is_none() || self.due.is_some_and(|due| due <= now)
    }
}

/// A change of what is known of one, with its row in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerChange {
    /// Whose.
    pub tenant: TenantId,
    /// Of which entry.
    pub entry: String,
    /// What is known from now on; `None`: nothing.
    pub partner: Option<Partner>,
    /// The event of the audit log.
    pub event: &'static str,
    /// By whom.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_holds_from_its_first_to_its_last_day_and_a_check_until_the_next_is_due() {
        let at = Timestamp;
        let contract = |contract: &str, since: Option<i64>, until: Option<i64>| Partner {
            contract: contract.into(),
            since: since.map(Timestamp),
            until: until.map(Timestamp),
            ..Partner::default()
        };
        let cases = [
            (contract("", None, None), false),
            (contract("A-1", None, None), true),
            (contract("A-1", Some(10), Some(11)), true),
            (contract("A-1", Some(11), None), false),
            (contract("A-1", None, Some(10)), false),
        ];
        for (partner, holds) in cases {
            assert_eq!(partner.has_contract(at(10)), holds, "{partner:?}");
        }
        let checked = |checked: Option<i64>, due: Option<i64>| Partner {
            checked: checked.map(Timestamp),
            due: due.map(Timestamp),
            ..Partner::default()
        };
        for (partner, overdue) in [
            (checked(None, Some(99)), true),
            (checked(Some(1), None), false),
            (checked(Some(1), Some(11)), false),
            (checked(Some(1), Some(10)), true),
        ] {
            assert_eq!(partner.is_overdue(at(10)), overdue, "{partner:?}");
        }
    }
}
