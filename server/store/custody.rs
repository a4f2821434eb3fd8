//! Keeping specified personal information: mail that is handed over to the handlers' box, and its disposal for good, which
//! two people do together, or the company's rule does where that was switched on.

use types::{LedgerId, RecordId, TenantId, Timestamp, UserId};

use crate::{LedgerDocuments, LedgerDue, LedgerState};

/// Owner numbers below the negative of this one are those of handlers' boxes, above it those of companies.
pub(crate) const HANDLERS_BELOW: i64 = 1 << 40;

/// In whose name the handlers' box of a company lies. He is no person, so nobody signs in as him, and no company's owner
/// ([`crate::company_owner`]), so nothing of his is shared: no mail program ever lists it.
#[must_use]
pub fn handlers_owner(tenant: TenantId) -> UserId {
    UserId(-HANDLERS_BELOW - tenant.0)
}

/// The company whose handlers' box this owner has.
#[must_use]
pub fn handlers_of(owner: UserId) -> Option<TenantId> {
    (owner.0 < -HANDLERS_BELOW).then(|| TenantId(-HANDLERS_BELOW - owner.0))
}

/// All copies of a mail in people's and the company's mailboxes go, with tombstones, and one lies in the handlers' box
/// ([`crate::Posting::handed`]). Where no copy is left outside the box, nothing of the posting is written
/// ([`crate::StoreError::NotFound`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandOver {
    /// Whose box.
    pub tenant: TenantId,
    /// Which mail.
    pub record: RecordId,
    /// Who hands it over: his copy is the one that is kept.
    pub by: UserId,
    /// The present moment.
    pub at: Timestamp,
}

/// A line about a mail that is not disposed of, with the kind of its documents, as it was looked at.
pub type SeenLine = (LedgerId, Option<LedgerDocuments>);

/// A step towards the disposal of a mail in the ledger, with all lines that speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisposalStep {
    /// Somebody asks for it.
    Ask {
        /// The kind of the documents, as the certificate names them; no number.
        documents: String,
        /// Why; no number.
        reason: String,
    },
    /// A second person, or the one who asked, says no.
    Refuse,
    /// A second person says yes: everything of it is gone when this is done.
    Confirm {
        /// When the last backup that holds its key ends, as he knows it.
        backups_end: Option<Timestamp>,
    },
    /// The company's rule does it: the period of its documents is over, or it was kept for so many years. Nobody asks and nobody confirms.
    ByRule {
        /// So many years other mail is kept, as the certificate names them.
        years: Option<u32>,
        /// What is due; a mail of which one line is not any more stays.
        due: LedgerDue,
        /// All lines about the mail, the oldest first; where others are there when its turn comes it stays.
        seen: Vec<SeenLine>,
    },
}

impl DisposalStep {
    /// Whether the mail is gone when this is done.
    #[must_use]
    pub const fn disposes(&self) -> bool {
        matches!(self, Self::Confirm { .. } | Self::ByRule { .. })
    }
}

/// Who takes which step for which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposal {
    /// Whose ledger.
    pub tenant: TenantId,
    /// Which line.
    pub line: LedgerId,
    /// What is done.
    pub step: DisposalStep,
    /// By whom; `None`: by the company's rule.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposed {
    /// It is done.
    Done,
    /// The line is in another state than the step needs; nothing was written.
    OtherState(LedgerState),
    /// The one who asked would confirm; nothing was written.
    SamePerson,
    /// Something of it still waits to be decided or to leave; or, of a rule, an incident about it is not over. Nothing was written.
    UnderWay,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handlers_box_is_no_company_mailbox() {
        for tenant in [1, 7, 1 << 30].map(TenantId) {
            let owner = handlers_owner(tenant);
            assert_eq!((handlers_of(owner), crate::company_of(owner)), (Some(tenant), None));
            let company = crate::company_owner(tenant);
            assert_eq!((handlers_of(company), crate::company_of(company)), (None, Some(tenant)));
        }
        assert_eq!((handlers_of(UserId(5)), crate::company_of(UserId(5))), (None, None));
    }
}
