//! Reminders of reports about incidents: a notice to the company's handlers, once each, in the posting that sets the next.

use store::{Incident, IncidentReminded, IncidentState, Posting, Role, StoreError, User, UserState};
use types::{TenantId, Timestamp};

use crate::incident_days::{next_reminder, report_days};
use crate::{Outbound, OutboundError, catalogue};

/// So many are looked at together.
const BATCH: u32 = 50;

impl Outbound {
    /// Reminds the handlers of each incident whose report is due.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn remind_of_incidents(&self) -> Result<(), OutboundError> {
        let (now, mut after) = (self.clock.now(), None);
        loop {
            let due = self.store.incidents_due(&self.exit, now, after, BATCH).await?;
            let Some(last) = due.last() else { return Ok(()) };
            after = Some((last.remind.unwrap_or(now), last.id));
            for incident in &due {
                match self.remind_of(incident, now).await {
                    // it was changed meanwhile: its next reminder is another
                    Ok(()) | Err(OutboundError::Store(StoreError::Conflict(_))) => {}
                    // it comes again at the next look, and keeps nobody else from being reminded
                    Err(error) => tracing::error!(%error, incident = incident.id.0, "a reminder of an incident failed"),
                }
            }
        }
    }

    async fn remind_of(&self, incident: &Incident, now: Timestamp) -> Result<(), OutboundError> {
        let Some(due) = incident.remind else { return Ok(()) };
        let days = report_days(incident.text.known, incident.text.wrongful);
        let until = if incident.state == IncidentState::Open { days.first } else { days.full };
        let first = incident.state == IncidentState::Open;
        let mut posting = Posting::default();
        for user in self.reminded(incident.tenant) {
            let notice = catalogue::incident_due(user.language, &incident.id.to_string(), first, until, now);
            self.put_notice(&mut posting, &user, now, notice).await?;
        }
        let next = next_reminder(&incident.text, incident.state, now);
        let (version, state) = (incident.version, incident.state);
        posting.incidents_reminded.push(IncidentReminded { incident: incident.id, due, version, state, next });
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// The handlers of a company; its administrators where there is none.
    fn reminded(&self, tenant: TenantId) -> Vec<std::sync::Arc<User>> {
        let directory = self.store.directory();
        let with = |role: Role| {
            let is = |user: &&std::sync::Arc<User>| {
                user.tenant == tenant && user.state == UserState::Active && user.roles.has(role)
            };
            directory.users.values().filter(is).cloned().collect::<Vec<_>>()
        };
        let handlers = with(Role::Handler);
        let mut all = if handlers.is_empty() { with(Role::Admin) } else { handlers };
        all.sort_by_key(|user| user.id);
        all
    }
}
