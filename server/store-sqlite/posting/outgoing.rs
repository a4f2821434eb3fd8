//! Submissions, parcels, approvals, queue rows, timers, timelines, audit rows.

use std::ops::Range;

use store::{Event, NewSubmission, ParcelRef, Posted, StoreError, SubmissionRef, SubmissionState};
use types::{ParcelId, SubmissionId};

use super::known::Numbers;
use super::links::LinkOf;
use super::notes::NoteOf;
use super::{Known, Ready, RecordInfo, Result, Rows};
use crate::outgoing::words;
use crate::sql;

/// The numbers that the submissions and parcels of one posting got.
#[derive(Default)]
struct Given {
    submissions: Vec<SubmissionId>,
    parcels: Vec<Vec<ParcelId>>,
    reviewed: Vec<Vec<ParcelId>>,
    variants: Vec<i64>,
}

impl Given {
    fn submission(&self, place: SubmissionRef) -> Result<i64> {
        match place {
            SubmissionRef::Known(id) => Ok(id.0),
            SubmissionRef::New(place) => {
                let id = self.submissions.get(place).map(|id| id.0);
                Ok(id.ok_or_else(|| StoreError::Invalid(format!("there is no submission {place}")))?)
            }
        }
    }
    fn variant(&self, place: usize) -> Result<i64> {
        let found = self.variants.get(place).copied();
        Ok(found.ok_or_else(|| StoreError::Invalid(format!("there is no variant {place}")))?)
    }
    fn parcel(&self, place: ParcelRef) -> Result<i64> {
        let found = match place {
            ParcelRef::Known(id) => Some(id.0),
            ParcelRef::New(at, place) => self.parcels.get(at).and_then(|all| all.get(place)).map(|id| id.0),
            ParcelRef::Reviewed(at, place) => self.reviewed.get(at).and_then(|all| all.get(place)).map(|id| id.0),
        };
        Ok(found.ok_or_else(|| StoreError::Invalid(format!("there is no parcel {place:?}")))?)
    }
}

pub(super) fn rows(
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    known: &mut Known,
    rows: &mut Rows,
    posted: &mut [Posted],
    events: &mut Vec<Event>,
) -> Result<()> {
    for ((posting, records), posted) in postings.iter().zip(records).zip(posted) {
        let given = give(posting, &mut known.numbers);
        submissions(posting, records, &given, rows, events)?;
        parcels(posting, &given, rows)?;
        variants(posting, records, &given, rows)?;
        outward(posting, &given, rows)?;
        queue(posting, &given, &mut known.numbers, rows, events)?;
        timers(posting, &given, rows, events)?;
        links(posting, &given, rows)?;
        notes(posting, records, &given, rows)?;
        trail(posting, &given, rows)?;
        audit(posting, rows)?;
        posted.submissions = given.submissions;
        posted.parcels = given.parcels.into_iter().chain(given.reviewed).collect();
    }
    Ok(())
}

fn give(posting: &Ready, numbers: &mut Numbers) -> Given {
    let mut given = Given::default();
    for row in &posting.posting.submissions {
        given.submissions.push(SubmissionId(numbers.submission.take()));
        given.parcels.push(row.parcels.iter().map(|_| ParcelId(numbers.parcel.take())).collect());
    }
    for (_, row) in &posting.posting.reviewed {
        given.reviewed.push(row.parcels.iter().map(|_| ParcelId(numbers.parcel.take())).collect());
    }
    given.variants.extend(posting.posting.variants.iter().map(|_| numbers.variant.take()));
    given
}

fn submissions(
    posting: &Ready,
    records: &[RecordInfo],
    given: &Given,
    rows: &mut Rows,
    events: &mut Vec<Event>,
) -> Result<()> {
    for (row, id) in posting.posting.submissions.iter().zip(&given.submissions) {
        let record = records.get(row.mail);
        let record = record.ok_or_else(|| StoreError::Invalid(format!("there is no mail {}", row.mail)))?;
        if matches!(row.state, SubmissionState::New | SubmissionState::Reviewing) {
            tell_once(events, Event::Submissions);
        }
        let (author, origin, to) = (row.author.map(|user| user.0), words::origin(row.origin), json(&row.to)?);
        let state = words::submission_state(row.state);
        rows.submissions.add(&(
            (id.0, row.tenant.0, author, row.at.0, record.id.0, origin, &row.from, to, row.reference),
            (state, &row.join_key, &row.form_key, &row.verdict, reply(row)?, cuts(&row.cuts)?),
            rows.bytes.add(&row.prefix),
            (row.release_at.map(|at| at.0), row.draft.map(|draft| draft.0), u8::from(row.keep_in_sent), row.safeguard),
        ))?;
    }
    Ok(())
}

fn json(value: &(impl serde::Serialize + ?Sized)) -> Result<String> {
    Ok(serde_json::to_string(value)?)
}

fn reply(row: &NewSubmission) -> Result<Option<String>> {
    row.reply.as_ref().map(json).transpose()
}

fn cuts(cuts: &[Range<u64>]) -> Result<String> {
    json(&cuts.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>())
}

/// One event for the whole batch is enough.
fn tell_once(events: &mut Vec<Event>, event: Event) {
    if !events.contains(&event) {
        events.push(event);
    }
}

/// Submissions whose review has ended: only from `new` or `reviewing`, so that it ends once.
pub(super) async fn reviews(tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
    for (id, row) in postings.iter().flat_map(|posting| &posting.posting.reviewed) {
        let changed = sql::query(
            "UPDATE submission SET state = $1, verdict = $2, reply = coalesce(reply, $3), cuts = $4 \
             WHERE id = $5 AND state IN ('new', 'reviewing')",
        )
        .bind(words::submission_state(row.state))
        .bind(&row.verdict)
        .bind(reply(row)?)
        .bind(cuts(&row.cuts)?)
        .bind(id.0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        if changed == 0 {
            return Err(StoreError::Decided("judged".into()).into());
        }
    }
    Ok(())
}

fn parcels(posting: &Ready, given: &Given, rows: &mut Rows) -> Result<()> {
    let new = posting.posting.submissions.iter().zip(&given.submissions).zip(&given.parcels);
    let new = new.map(|((row, id), parcels)| (row, *id, parcels));
    let reviewed = posting.posting.reviewed.iter().zip(&given.reviewed);
    let reviewed = reviewed.map(|((id, row), parcels)| (row, *id, parcels));
    for (row, submission, ids) in new.chain(reviewed) {
        for (parcel, id) in row.parcels.iter().zip(ids) {
            let (recipients, state, approval, codes) = parcel.parts();
            let telling = parcel.told().map(json).transpose()?;
            let leaves = parcel.leaves().map(|at| at.0);
            let treatment = Some(parcel.treatment()).filter(|one| !one.is_nothing()).map(json).transpose()?;
            let (recipients, codes) = (json(recipients)?, json(codes)?);
            rows.parcels.add(&(id.0, submission.0, recipients, state.word(), codes, telling, leaves, treatment))?;
            if let Some(approval) = approval {
                let approvers = json(&approval.approvers)?;
                let (deadline, tenant, author) = (approval.deadline.0, row.tenant.0, row.author.map(|user| user.0));
                let (then, message, terms) = (&approval.then, &approval.message, json(&approval.terms)?);
                rows.approvals.add(&(id.0, approvers, deadline, then, message, tenant, author, terms))?;
            }
        }
    }
    Ok(())
}

fn variants(posting: &Ready, records: &[RecordInfo], given: &Given, rows: &mut Rows) -> Result<()> {
    for (row, id) in posting.posting.variants.iter().zip(&given.variants) {
        let missing = |place| StoreError::Invalid(format!("there is no mail {place}"));
        let record = row.mail.map(|place| records.get(place).ok_or_else(|| missing(place))).transpose()?;
        let parcel = given.parcel(row.parcel)?;
        rows.variants.add(&(
            id,
            parcel,
            record.map(|record| record.id.0),
            rows.bytes.add(&row.prefix),
            cuts(&row.cuts)?,
        ))?;
    }
    Ok(())
}

fn outward(posting: &Ready, given: &Given, rows: &mut Rows) -> Result<()> {
    for row in &posting.posting.outward {
        let submission = given.submission(row.submission)?;
        rows.outward.add(&(row.tenant.0, row.fate.word(), row.at.0, submission, json(&row.rules)?))?;
    }
    Ok(())
}

fn queue(
    posting: &Ready,
    given: &Given,
    numbers: &mut Numbers,
    rows: &mut Rows,
    events: &mut Vec<Event>,
) -> Result<()> {
    for row in &posting.posting.queue {
        let (id, parcel, domain) = (numbers.queue.take(), given.parcel(row.parcel)?, row.recipient.domain());
        let variant = row.variant.map(|place| given.variant(place)).transpose()?;
        let (tls, route) = (u8::from(row.demands.verified_tls), &row.demands.route);
        rows.queue.add(&(id, parcel, &row.recipient, domain, row.due.0, row.expires.0, variant, tls, route))?;
    }
    if !posting.posting.queue.is_empty() {
        tell_once(events, Event::Queue);
    }
    Ok(())
}

fn timers(posting: &Ready, given: &Given, rows: &mut Rows, events: &mut Vec<Event>) -> Result<()> {
    for timer in &posting.posting.timers {
        rows.timers.add(&(words::timer_kind(timer.kind), given.parcel(timer.parcel)?, timer.due.0))?;
    }
    if !posting.posting.timers.is_empty() {
        tell_once(events, Event::Timers);
    }
    Ok(())
}

fn links(posting: &Ready, given: &Given, rows: &mut Rows) -> Result<()> {
    for link in &posting.posting.links {
        let (submission, parcel) = (given.submission(link.submission)?, given.parcel(link.parcel)?);
        rows.links.push(LinkOf { submission, parcel, link: link.clone() });
    }
    Ok(())
}

fn notes(posting: &Ready, records: &[RecordInfo], given: &Given, rows: &mut Rows) -> Result<()> {
    for note in &posting.posting.notes {
        let record = records.get(note.mail);
        let record = record.ok_or_else(|| StoreError::Invalid(format!("there is no mail {}", note.mail)))?;
        rows.notes.push(NoteOf { parcel: given.parcel(note.parcel)?, record: record.id.0 });
    }
    Ok(())
}

fn trail(posting: &Ready, given: &Given, rows: &mut Rows) -> Result<()> {
    for line in &posting.posting.trail {
        let parcel = line.parcel.map(|parcel| given.parcel(parcel)).transpose()?;
        let submission = given.submission(line.submission)?;
        rows.trail.add(&(submission, parcel, line.at.0, line.event, &line.detail, u8::from(line.for_sender)))?;
    }
    Ok(())
}

fn audit(posting: &Ready, rows: &mut Rows) -> Result<()> {
    for row in &posting.posting.audit {
        let (tenant, actor) = (row.tenant.map(|tenant| tenant.0), row.actor.map(|user| user.0));
        rows.audit.add(&(tenant, actor, row.at.0, row.event, &row.subject, &row.detail))?;
    }
    Ok(())
}
