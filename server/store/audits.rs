//! The audit log as one list, and the versions of a tenant's rules.

use types::{TenantId, Timestamp, UserId};

/// Most rows of one answer.
pub const AUDIT_MOST: u32 = 500;

/// Where a row of the audit log was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuditSource {
    /// Changes of people, domains, groups, rules.
    Directory,
    /// What happened to mail.
    Mail,
}

/// The place of a row in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditKey {
    /// When.
    pub at: Timestamp,
    /// Where it was written.
    pub source: AuditSource,
    /// Its number there.
    pub id: i64,
}

/// A row of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its place.
    pub key: AuditKey,
    /// The company; `None`: the server.
    pub tenant: Option<TenantId>,
    /// By whom; `None`: the system or the machine's own console.
    pub actor: Option<UserId>,
    /// The event's dotted name.
    pub event: String,
    /// What it concerns: a reference, an address, a number.
    pub subject: String,
    /// More, as JSON, or empty.
    pub detail: String,
}

/// Which rows are meant.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By this person.
    pub actor: Option<UserId>,
    /// Events whose name begins so; empty for all.
    pub event: String,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// What it concerns holds this text; empty for all.
    pub subject: String,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// The rows. There may be few or none though there are more: a page looks at a bounded number of rows.
    pub rows: Vec<AuditRow>,
    /// Where the next page begins; `None`: that was all.
    pub next: Option<AuditKey>,
}

/// A version of a tenant's rules without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesVersion {
    /// 1, 2, 3 …; the greatest is in force.
    pub version: u32,
    /// Who put it in force; `None`: the machine's own console.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}
