//! Numbers that name things. Each is a type of its own, so that none is taken for another.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A tenant: a company on this server.
    TenantId(i64)
);
id!(
    /// A person with a mailbox.
    UserId(i64)
);
id!(
    /// A group or list of people and addresses.
    GroupId(i64)
);
id!(
    /// A mailbox (IMAP's word for a folder); never used again after it is deleted.
    MailboxId(i64)
);
id!(
    /// A record: the bytes of one mail of one tenant, shared by all its copies.
    RecordId(i64)
);
id!(
    /// The key that seals a record; lives in `keys.db` only.
    KeyId(i64)
);
id!(
    /// Something handed in to be sent.
    SubmissionId(i64)
);
id!(
    /// One fate of one submission: the same bytes and approval for 1..n recipients.
    ParcelId(i64)
);
id!(
    /// One recipient of one parcel on its way to the next hop.
    QueueId(i64)
);
id!(
    /// A form in which a parcel leaves that is not its submission's own.
    VariantId(i64)
);
id!(
    /// A line of a company's ledger of specified personal information.
    LedgerId(i64)
);
id!(
    /// An incident that a company writes down for its report.
    IncidentId(i64)
);
id!(
    /// A mail being written in the browser.
    DraftId(i64)
);
id!(
    /// A file attached to a draft.
    AttachmentId(i64)
);
id!(
    /// A link by which one recipient fetches what stays here.
    LinkId(i64)
);
id!(
    /// A timer row.
    TimerId(i64)
);
id!(
    /// One acceptance of one mail (one DATA); what makes a repeated delivery one copy.
    IngestId(i64)
);
id!(
    /// A message's number in its mailbox (RFC 3501 2.3.1.1): grows, never used again.
    Uid(u32)
);
id!(
    /// UIDVALIDITY of a mailbox (RFC 3501 2.3.1.1).
    UidValidity(u32)
);
id!(
    /// A mailbox's modification sequence (RFC 7162): grows with every change.
    ModSeq(u64)
);
