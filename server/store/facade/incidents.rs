//! Incidents: read by those who keep the ledger, written by a company's handlers and administrators.

use types::{IncidentId, LedgerId, Timestamp};

use super::{Result, Store};
use crate::{
    Access, Exit, INCIDENT_LINES_MOST, INCIDENT_TEXT_MOST, INCIDENTS_MOST, Incident, IncidentChange, IncidentText,
    IncidentVersion, LinkRow, NewIncident, Read, Review, StoreError, TrailRow, Write,
};

impl Store {
    /// Writes down an incident about lines of the ledger.
    ///
    /// # Errors
    /// [`StoreError::Invalid`]: no line, too many, or too long a text; [`StoreError::NotFound`]: a line is not the company's.
    pub async fn make_incident(
        &self,
        access: &Access<Review, Write>,
        lines: Vec<LedgerId>,
        text: IncidentText,
        remind: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<IncidentId> {
        self.check(access)?;
        check_text(&text)?;
        let (tenant, by) = (access.what().0, access.holder());
        self.engine.make_incident(NewIncident { tenant, lines: checked(lines)?, text, by, at, remind }).await
    }
    /// Changes an incident.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`]: it is not as it was seen; [`StoreError::Invalid`] as for a new one,
    /// and where the report cannot go on so.
    pub async fn change_incident(
        &self,
        access: &Access<Review, Write>,
        incident: IncidentId,
        change: IncidentChange,
        remind: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<()> {
        self.check(access)?;
        let change = match change {
            IncidentChange::Text { before, state, text } => {
                check_text(&text)?;
                IncidentChange::Text { before, state, text }
            }
            IncidentChange::Lines(lines) => IncidentChange::Lines(checked(lines)?),
            IncidentChange::State { from, to, .. } if !from.leads_to(to) => {
                return Err(StoreError::Invalid(format!("{} does not lead to {}", from.word(), to.word())));
            }
            state @ IncidentChange::State { .. } => state,
        };
        self.engine.change_incident(access.what().0, incident, change, remind, access.holder(), at).await
    }
    /// An incident.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for another company's.
    pub async fn incident(&self, access: &Access<Review, Read>, incident: IncidentId) -> Result<Incident> {
        self.check(access)?;
        let found = self.engine.incident(access.what().0, incident).await?;
        found.ok_or_else(|| StoreError::NotFound(format!("incident {incident}")))
    }
    /// Incidents of a company, newest first, below `before`.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn incidents(
        &self,
        access: &Access<Review, Read>,
        before: Option<IncidentId>,
        most: u32,
    ) -> Result<Vec<Incident>> {
        self.check(access)?;
        self.engine.incidents(access.what().0, before, most.clamp(1, INCIDENTS_MOST)).await
    }
    /// The incidents that a line of the ledger is part of, oldest first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn incidents_of_line(&self, access: &Access<Review, Read>, line: LedgerId) -> Result<Vec<IncidentId>> {
        self.check(access)?;
        self.engine.incidents_of_line(access.what().0, line).await
    }
    /// The versions of an incident, newest first.
    ///
    /// # Errors
    /// As [`Self::incident`].
    pub async fn incident_versions(
        &self,
        access: &Access<Review, Read>,
        incident: IncidentId,
    ) -> Result<Vec<IncidentVersion>> {
        let found = self.incident(access, incident).await?;
        self.engine.incident_versions(found.id).await
    }
    /// The links by which the mail of a line is fetched, for the proof of how often it was.
    ///
    /// # Errors
    /// As [`Self::ledger_line`].
    pub async fn links_of_line(&self, access: &Access<Review, Read>, line: LedgerId) -> Result<Vec<LinkRow>> {
        let (line, _) = self.ledger_line(access, line).await?;
        match line.submission {
            Some(submission) => self.engine.links_of(submission).await,
            None => Ok(Vec::new()),
        }
    }
    /// What the timeline says of the mail of a line, for how it was kept from others on its way.
    ///
    /// # Errors
    /// As [`Self::ledger_line`].
    pub async fn trail_of_line(&self, access: &Access<Review, Read>, line: LedgerId) -> Result<Vec<TrailRow>> {
        let (line, _) = self.ledger_line(access, line).await?;
        match line.submission {
            Some(submission) => self.engine.trail(submission).await,
            None => Ok(Vec::new()),
        }
    }
    /// Incidents of all companies whose reminder is due, the oldest first, behind one that was due then.
    ///
    /// # Errors
    /// The database failed.
    pub async fn incidents_due(
        &self,
        _door: &Exit,
        now: Timestamp,
        after: Option<(Timestamp, IncidentId)>,
        most: u32,
    ) -> Result<Vec<Incident>> {
        self.engine.incidents_due(now, after, most.clamp(1, INCIDENTS_MOST)).await
    }
}

fn checked(mut lines: Vec<LedgerId>) -> Result<Vec<LedgerId>> {
    lines.sort_unstable();
    lines.dedup();
    match lines.len() {
        1..=INCIDENT_LINES_MOST => Ok(lines),
        _ => Err(StoreError::Invalid(format!("an incident is about 1 to {INCIDENT_LINES_MOST} lines"))),
    }
}

fn check_text(text: &IncidentText) -> Result<()> {
    let long = text.items.iter().any(|item| item.chars().count() > INCIDENT_TEXT_MOST);
    if long { Err(StoreError::Invalid(format!("an item has {INCIDENT_TEXT_MOST} characters at most"))) } else { Ok(()) }
}
