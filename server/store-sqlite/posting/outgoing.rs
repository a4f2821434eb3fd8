//! Submissions, parcels, approvals, queue rows, timers, timelines, audit rows.

use sqlx::SqliteConnection;
use store::{Event, NewSubmission, ParcelRef, Posted, StoreError, SubmissionRef, SubmissionState};
use types::{ParcelId, SubmissionId};

use super::{Numbers, Ready, RecordInfo, Result, insert};
use crate::database::hex;
use crate::outgoing::words;

/// The numbers that the submissions and parcels of one posting got.
#[derive(Default)]
struct Given {
    submissions: Vec<SubmissionId>,
    parcels: Vec<Vec<ParcelId>>,
    reviewed: Vec<Vec<ParcelId>>,
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
    fn parcel(&self, place: ParcelRef) -> Result<i64> {
        let found = match place {
            ParcelRef::Known(id) => Some(id.0),
            ParcelRef::New(at, place) => self.parcels.get(at).and_then(|all| all.get(place)).map(|id| id.0),
            ParcelRef::Reviewed(at, place) => self.reviewed.get(at).and_then(|all| all.get(place)).map(|id| id.0),
        };
        Ok(found.ok_or_else(|| StoreError::Invalid(format!("there is no parcel {place:?}")))?)
    }
}

pub(super) async fn write(
    tx: &mut SqliteConnection,
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    numbers: &mut Numbers,
    posted: &mut [Posted],
    events: &mut Vec<Event>,
) -> Result<()> {
    let mut all = Vec::with_capacity(postings.len());
    for posting in postings {
        all.push(give(posting, numbers));
    }
    submissions(tx, postings, records, &all, events).await?;
    reviewed(tx, postings).await?;
    parcels(tx, postings, &all).await?;
    queue(tx, postings, &all, numbers, events).await?;
    timers(tx, postings, &all, events).await?;
    trail(tx, postings, &all).await?;
    audit(tx, postings).await?;
    for (posted, given) in posted.iter_mut().zip(all) {
        posted.submissions = given.submissions;
        posted.parcels = given.parcels.into_iter().chain(given.reviewed).collect();
    }
    Ok(())
}

fn give(posting: &Ready, numbers: &mut Numbers) -> Given {
    let mut given = Given::default();
    for row in &posting.posting.submissions {
        given.submissions.push(SubmissionId(numbers.next("submission")));
        given.parcels.push(row.parcels.iter().map(|_| ParcelId(numbers.next("parcel"))).collect());
    }
    for (_, row) in &posting.posting.reviewed {
        given.reviewed.push(row.parcels.iter().map(|_| ParcelId(numbers.next("parcel"))).collect());
    }
    given
}

async fn submissions(
    tx: &mut SqliteConnection,
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    all: &[Given],
    events: &mut Vec<Event>,
) -> Result<()> {
    let mut rows = Vec::new();
    for ((posting, records), given) in postings.iter().zip(records).zip(all) {
        for (row, id) in posting.posting.submissions.iter().zip(&given.submissions) {
            let record = records.get(row.mail);
            let record = record.ok_or_else(|| StoreError::Invalid(format!("there is no mail {}", row.mail)))?;
            if matches!(row.state, SubmissionState::New | SubmissionState::Reviewing) {
                events.push(Event::Submissions);
            }
            let cuts: Vec<(u64, u64)> = row.cuts.iter().map(|range| (range.start, range.end)).collect();
            rows.push((
                (id.0, row.tenant.0, row.author.map(|user| user.0), row.at.0, record.id.0),
                (words::origin(row.origin), row.from.as_ref(), serde_json::to_string(&row.to)?, row.reference),
                (hex(&row.prefix), serde_json::to_string(&cuts)?, words::submission_state(row.state), &row.join_key),
                (&row.form_key, &row.verdict, reply(row)?),
            ));
        }
    }
    insert(
        tx,
        "INSERT INTO submission (id, tenant, author, at, record, origin, sender, recipients, reference, prefix, cuts, \
         state, join_key, form_key, verdict, reply) SELECT value->>'$[0][0]', value->>'$[0][1]', value->>'$[0][2]', \
         value->>'$[0][3]', value->>'$[0][4]', value->>'$[1][0]', value->>'$[1][1]', value->>'$[1][2]', \
         value->>'$[1][3]', unhex(value->>'$[2][0]'), value->>'$[2][1]', value->>'$[2][2]', value->>'$[2][3]', \
         value->>'$[3][0]', value->>'$[3][1]', value->>'$[3][2]' FROM json_each($1)",
        &rows,
    )
    .await
}

fn reply(row: &NewSubmission) -> Result<Option<String>> {
    Ok(row.reply.as_ref().map(serde_json::to_string).transpose()?)
}

/// Submissions whose review has ended: only from `new` or `reviewing`, so that it ends once.
async fn reviewed(tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<()> {
    for (id, row) in postings.iter().flat_map(|posting| &posting.posting.reviewed) {
        let changed = sqlx::query(
            "UPDATE submission SET state = $1, verdict = $2, reply = coalesce(reply, $3), cuts = $4 \
             WHERE id = $5 AND state IN ('new', 'reviewing')",
        )
        .bind(words::submission_state(row.state))
        .bind(&row.verdict)
        .bind(reply(row)?)
        .bind(serde_json::to_string(&row.cuts.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>())?)
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

async fn parcels(tx: &mut SqliteConnection, postings: &[&Ready], all: &[Given]) -> Result<()> {
    let (mut parcels, mut approvals) = (Vec::new(), Vec::new());
    for (posting, given) in postings.iter().zip(all) {
        let new = posting.posting.submissions.iter().zip(&given.submissions).zip(&given.parcels);
        let new = new.map(|((row, id), parcels)| (row, *id, parcels));
        let reviewed = posting.posting.reviewed.iter().zip(&given.reviewed);
        let reviewed = reviewed.map(|((id, row), parcels)| (row, *id, parcels));
        for (row, submission, ids) in new.chain(reviewed) {
            for (parcel, id) in row.parcels.iter().zip(ids) {
                let (recipients, state, approval, rules) = parcel.parts();
                let (recipients, rules) = (serde_json::to_string(recipients)?, serde_json::to_string(rules)?);
                parcels.push((id.0, submission.0, recipients, state.word(), rules));
                if let Some(approval) = approval {
                    let approvers = serde_json::to_string(&approval.approvers)?;
                    let text = (&approval.then, &approval.message);
                    approvals.push((id.0, approvers, approval.deadline.0, text.0, text.1, row.tenant.0));
                }
            }
        }
    }
    insert(
        tx,
        "INSERT INTO parcel (id, submission, recipients, state, rules) SELECT value->>0, value->>1, value->>2, value->>3, \
         value->>4 FROM json_each($1)",
        &parcels,
    )
    .await?;
    insert(
        tx,
        "INSERT INTO approval (parcel, approvers, deadline, outcome, message, tenant) SELECT value->>0, value->>1, \
         value->>2, value->>3, value->>4, value->>5 FROM json_each($1)",
        &approvals,
    )
    .await
}

async fn queue(
    tx: &mut SqliteConnection,
    postings: &[&Ready],
    all: &[Given],
    numbers: &mut Numbers,
    events: &mut Vec<Event>,
) -> Result<()> {
    let mut rows = Vec::new();
    for (posting, given) in postings.iter().zip(all) {
        for row in &posting.posting.queue {
            let domain = row.recipient.domain();
            let parcel = given.parcel(row.parcel)?;
            rows.push((numbers.next("queue"), parcel, &row.recipient, domain, row.due.0, row.expires.0));
        }
    }
    if !rows.is_empty() {
        events.push(Event::Queue);
    }
    insert(
        tx,
        "INSERT INTO queue (id, parcel, recipient, domain, state, due, since, expires) SELECT value->>0, value->>1, \
         value->>2, value->>3, 'waiting', value->>4, value->>4, value->>5 FROM json_each($1)",
        &rows,
    )
    .await
}

async fn timers(tx: &mut SqliteConnection, postings: &[&Ready], all: &[Given], events: &mut Vec<Event>) -> Result<()> {
    let mut rows = Vec::new();
    for (posting, given) in postings.iter().zip(all) {
        for timer in &posting.posting.timers {
            rows.push((words::timer_kind(timer.kind), given.parcel(timer.parcel)?, timer.due.0));
        }
    }
    if !rows.is_empty() {
        events.push(Event::Timers);
    }
    insert(tx, "INSERT INTO timer (kind, parcel, due) SELECT value->>0, value->>1, value->>2 FROM json_each($1)", &rows)
        .await
}

async fn trail(tx: &mut SqliteConnection, postings: &[&Ready], all: &[Given]) -> Result<()> {
    let mut rows = Vec::new();
    for (posting, given) in postings.iter().zip(all) {
        for line in &posting.posting.trail {
            let parcel = line.parcel.map(|parcel| given.parcel(parcel)).transpose()?;
            let submission = given.submission(line.submission)?;
            rows.push((submission, parcel, line.at.0, line.event, &line.detail, u8::from(line.for_sender)));
        }
    }
    insert(
        tx,
        "INSERT INTO trail (submission, parcel, at, event, detail, for_sender) SELECT value->>0, value->>1, value->>2, \
         value->>3, value->>4, value->>5 FROM json_each($1)",
        &rows,
    )
    .await
}

async fn audit(tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<()> {
    let rows = postings.iter().flat_map(|posting| &posting.posting.audit);
    let rows: Vec<_> = rows
        .map(|row| (row.tenant.map(|t| t.0), row.actor.map(|u| u.0), row.at.0, row.event, &row.subject, &row.detail))
        .collect();
    insert(
        tx,
        "INSERT INTO audit (tenant, actor, at, event, subject, detail) SELECT value->>0, value->>1, value->>2, value->>3, \
         value->>4, value->>5 FROM json_each($1)",
        &rows,
    )
    .await
}
