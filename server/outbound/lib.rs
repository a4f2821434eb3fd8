//! The one door out: submission → inspect → act (send, hold, block, delete, notify), decided in memory and written
//! as one posting. Nothing else can make a parcel, for it holds the store's `Exit`. It speaks no protocol and
//! brings nothing to the next hop (`queue` does).

mod act;
mod approvers;
mod arrival_rules;
mod arrivals;
mod catalogue;
mod decide;
mod deputies;
mod dkim;
mod documents;
mod error;
mod escalate;
mod facts;
mod fates;
mod hand_over;
mod incident_days;
mod incidents;
mod labels;
mod ledger;
mod links;
mod looks;
mod names;
mod notices;
mod outward;
mod overseeing;
mod passwords;
mod preview;
mod reader_labels;
mod ready;
mod refused;
mod rehearse;
mod release;
mod retention;
mod rule_names;
mod rules;
mod safeguards;
mod stopped;
mod submission;
mod submit;
mod texts;
mod timers;
mod transit;
mod treat;
mod unknown;
mod waiting;
mod work;
mod zips;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use delivery::Delivery;
use inspect::Inspector;
use store::{Exit, Store};
use types::{Clock, Limits, Reference, TenantId, Timestamp, UserId};

pub use catalogue::{Notice, moment};
pub use decide::{Verdict as DecisionWord, unopened};
pub use deputies::{DeputyProblem, RuleApprover, deputy};
pub use dkim::{Published, TextRecords, record_needed_until};
pub use documents::{documents, due, due_now, years_after};
pub use error::OutboundError;
pub use incident_days::{ReportDays, days_left, first_reminder, next_reminder, report_days};
pub use labels::labels;
pub use links::{CameBy, CollectionRequest, LinkFace, REPLY_TEXT, Reply, RequestProblem, without};
pub use notices::PasswordChange;
pub use passwords::{AgreedList, Parties};
pub use preview::{Foreseen, Preview, Question, RuleTold};
pub use reader_labels::ReaderLabel;
pub use rehearse::{Past, Rehearsed};
pub use rule_names::RuleNames;
pub use submission::{Answer, Bounce, Outcome, Submission};
pub use treat::Untreatable;
pub use waiting::Recalled;
pub use zips::ZipTold;

/// Archives that are packed at once: each holds its files in memory twice over.
const PACKING: usize = 2;

/// Sends.
pub struct Outbound {
    store: Store,
    exit: Exit,
    inspector: Inspector,
    clock: Arc<dyn Clock>,
    limits: Arc<Limits>,
    hostname: String,
    mail_url: Option<String>,
    content_url: Option<String>,
    rules: Mutex<HashMap<TenantId, rules::Cached>>,
    labels: Mutex<HashMap<TenantId, labels::Cached>>,
    agreed: Mutex<HashMap<TenantId, passwords::Cached>>,
    signers: dkim::Signers,
    /// The names of the configured next hops.
    routes: Vec<String>,
    sent: Mutex<HashMap<UserId, (Timestamp, u32)>>,
    looks: looks::Looks,
    /// So many archives are packed at once.
    packing: tokio::sync::Semaphore,
    /// Whether mail that came in waits for its review.
    busy: tokio::sync::watch::Sender<bool>,
    /// Texts that wait to be kept.
    gathered: texts::Gathered,
    /// Who approves by the rules in force.
    approving: Mutex<overseeing::Approving>,
}

impl Outbound {
    /// The one of this process. `mail_url` is where people find webmail, without a slash at its end: notices lead
    /// there.
    #[must_use]
    pub fn new(
        delivery: &Delivery,
        exit: Exit,
        inspector: Inspector,
        clock: Arc<dyn Clock>,
        limits: Arc<Limits>,
        hostname: String,
        mail_url: Option<String>,
    ) -> Self {
        Self {
            store: delivery.store().clone(),
            exit,
            inspector,
            clock,
            limits,
            hostname,
            mail_url,
            content_url: None,
            rules: Mutex::new(HashMap::new()),
            labels: Mutex::new(HashMap::new()),
            agreed: Mutex::new(HashMap::new()),
            signers: dkim::Signers::default(),
            routes: Vec::new(),
            sent: Mutex::new(HashMap::new()),
            looks: looks::Looks::default(),
            packing: tokio::sync::Semaphore::new(PACKING),
            busy: tokio::sync::watch::Sender::new(false),
            gathered: texts::Gathered::default(),
            approving: Mutex::default(),
        }
    }

    /// Where recipients outside find what stays here, without a slash at its end; without it no link can be made.
    #[must_use]
    pub fn with_page(self, content_url: Option<String>) -> Self {
        Self { content_url, ..self }
    }

    /// The same, with next hops that rules may name.
    #[must_use]
    pub fn with_routes(self, routes: Vec<String>) -> Self {
        Self { routes, ..self }
    }

    /// A fresh reference.
    ///
    /// # Errors
    /// The machine gives no randomness.
    pub fn reference(&self) -> Result<Reference, OutboundError> {
        let mut bits = [0; 5];
        getrandom::fill(&mut bits).map_err(|_| OutboundError::NoRandomness)?;
        Ok(Reference::from_random(bits))
    }
}

impl std::fmt::Debug for Outbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbound")
    }
}

#[cfg(test)]
mod keeping;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod tests;
