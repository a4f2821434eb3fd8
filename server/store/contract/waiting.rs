//! Promises about mail that its author can still take back: it waits durably, goes or comes back exactly once, and its
//! draft is out of sight meanwhile.

use std::time::Duration;

use types::{SubmissionId, SystemFlags, Timestamp};

use super::house::{NOW, set};
use super::{House, Place};
use crate::{
    AnswerKind, Bytes, Decision, Demands, DraftAt, DraftChange, DraftOrigin, DraftStep, Folder, Lying, MailboxRole,
    NewAttachment, NewDraft, NewMail, NewQueueRow, NewTimer, ParcelRef, ParcelRow, ParcelState, Posting, QueueFilter,
    StoreError, Telling, TimerKind,
};

fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

/// A mail that waits for thirty seconds, and its draft.
struct Waiting {
    draft: DraftAt,
    submission: SubmissionId,
}

fn step(house: &House, draft: DraftAt, version: Option<u32>, step: DraftStep) -> DraftChange {
    DraftChange { user: house.taro, draft: draft.id, version, step, at: NOW }
}

async fn sent(house: &House, number: u8, new: NewDraft) -> Waiting {
    let draft = house.engine.create_draft(house.taro, new, NOW).await.unwrap();
    let bytes = house.engine.seal(house.tenant, b"a file").await.unwrap();
    let file = NewAttachment { bytes, name: "名簿.csv".into(), media_type: "text/csv".into() };
    house.engine.attach(house.taro, draft.id, file, NOW).await.unwrap();
    house.engine.materialise(house.taro, draft, house.mail("draft").await.into(), NOW).await.unwrap();
    let mut posting = Posting::default();
    posting.mail(house.mail("waits").await);
    let mut submission = house.submission(number, ParcelState::Waiting);
    submission.form_key = Some(draft.form_key());
    (submission.release_at, submission.draft, submission.keep_in_sent) = (Some(later(30)), Some(draft.id), true);
    submission.safeguard = Some(types::Safeguard::Zip);
    let telling = Telling { people: vec!["sender".into()], reasons: vec!["why".into()] };
    let waits = |parcel: crate::NewParcel| parcel.telling(Some(telling.clone())).leaving(Some(later(45)));
    submission.parcels = submission.parcels.into_iter().map(waits).collect();
    posting.submissions.push(submission);
    posting.timers.push(NewTimer { kind: TimerKind::Release, parcel: ParcelRef::New(0, 0), due: later(30) });
    posting.drafts.push(step(house, draft, Some(draft.version), DraftStep::Leave));
    let submission = house.engine.post(posting).await.unwrap().submissions[0];
    Waiting { draft, submission }
}

/// What lets a mail go: its state, a copy in Sent, a queue row, the end of its draft.
fn release(house: &House, waiting: &Waiting, parcel: &ParcelRow) -> Posting {
    let mut posting = end(house, parcel, ParcelState::Released, MailboxRole::Sent);
    posting.queue.push(NewQueueRow {
        parcel: ParcelRef::Known(parcel.id),
        variant: None,
        demands: Demands::default(),
        recipient: parcel.recipients[0].clone(),
        due: NOW,
        expires: later(9_000),
    });
    posting.drafts.push(step(house, waiting.draft, None, DraftStep::Send));
    posting
}

/// What takes it back: its state, and the draft with a copy in Drafts.
fn recall(house: &House, waiting: &Waiting, parcel: &ParcelRow) -> Posting {
    let mut posting = end(house, parcel, ParcelState::Withdrawn, MailboxRole::Drafts);
    posting.drafts.push(step(house, waiting.draft, None, DraftStep::ComeBack(0)));
    posting
}

fn end(house: &House, parcel: &ParcelRow, to: ParcelState, folder: MailboxRole) -> Posting {
    let mut posting = Posting::default();
    let (tenant, bytes) = (house.tenant, Bytes::Known(parcel.submission.record));
    posting.mail(NewMail { tenant, bytes, summary: Vec::new(), sensitive: false });
    let expect = ParcelState::Waiting;
    let by = Some(house.taro);
    posting.decisions.push(Decision {
        parcel: parcel.id,
        expect,
        to,
        by,
        by_deadline: false,
        comment: String::new(),
        at: NOW,
    });
    let mut copy = house.copy(house.taro, "taro");
    (copy.folder, copy.recipient) = (Folder::Role(folder), None);
    posting.copies.push(copy);
    posting
}

async fn parcel(house: &House, waiting: &Waiting) -> ParcelRow {
    house.engine.parcels(waiting.submission).await.unwrap().remove(0)
}

async fn lying(house: &House, mailbox: &str) -> u32 {
    house.named(house.taro, mailbox).await.state.messages
}

/// A mail that waits outlives a restart with all that it needs to go; nothing of it is in the queue, and its timer is
/// claimed by one when its time has come, whoever puts deadlines off.
pub async fn a_mail_waits_through_a_restart(place: &dyn Place) {
    let house = House::build(place).await;
    let waiting = sent(&house, 1, NewDraft::default()).await;
    house.engine.close().await.unwrap();
    let house = House { engine: place.open().await, ..house };
    let row = parcel(&house, &waiting).await;
    assert_eq!((row.state, row.submission.release_at), (ParcelState::Waiting, Some(later(30))));
    assert_eq!((row.submission.draft, row.submission.keep_in_sent), (Some(waiting.draft.id), true));
    assert_eq!(row.submission.safeguard, Some(types::Safeguard::Zip));
    assert_eq!((row.telling.unwrap().people, row.release_at), (vec!["sender".to_owned()], Some(later(45))));
    let all = QueueFilter { all: true, ..QueueFilter::default() };
    assert!(house.engine.queue(None, &all).await.unwrap().is_empty());
    assert!(house.engine.held(None).await.unwrap().is_empty(), "nobody is asked to decide");
    assert_eq!(house.engine.postpone_timers(TimerKind::Deadline, later(3_600)).await.unwrap(), 0);
    assert_eq!(house.engine.next_timer().await.unwrap(), Some(later(30)));
    assert!(house.engine.claim_timers(9, later(29), later(60)).await.unwrap().is_empty());
    let (one, two) = tokio::join!(
        house.engine.claim_timers(9, later(30), later(60)),
        house.engine.claim_timers(9, later(30), later(60))
    );
    let claimed: Vec<_> = one.unwrap().into_iter().chain(two.unwrap()).collect();
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].kind, claimed[0].submission), (TimerKind::Release, waiting.submission));
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// While its mail waits nobody sees the draft; taken back, it is there as it was, under a new version and in Drafts,
/// and the form that was sent is not taken for sent.
pub async fn a_draft_is_out_of_sight_until_it_comes_back(place: &dyn Place) {
    let house = House::build(place).await;
    let new = NewDraft { fields: b"as it was".to_vec(), ..NewDraft::default() };
    let waiting = sent(&house, 1, new).await;
    let (engine, taro, draft) = (&house.engine, house.taro, waiting.draft);
    let hidden = |answer: Result<(), StoreError>| assert!(matches!(answer, Err(StoreError::NotFound(_))), "{answer:?}");
    hidden(engine.draft(taro, draft.id).await.map(drop));
    hidden(engine.save_draft(taro, draft, b"newer", NOW).await.map(drop));
    hidden(engine.discard_draft(taro, draft.id, NOW).await);
    hidden(engine.materialise(taro, draft, house.mail("copy").await.into(), NOW).await.map(drop));
    assert_eq!((engine.drafts(taro).await.unwrap().len(), lying(&house, "Drafts").await), (0, 0));
    let row = parcel(&house, &waiting).await;
    engine.post(recall(&house, &waiting, &row)).await.unwrap();
    let read = engine.draft(taro, draft.id).await.unwrap();
    assert_eq!((read.fields.as_slice(), read.head.at.version), (&b"as it was"[..], draft.version + 1));
    assert_eq!((read.attachments.len(), read.attachments[0].name.as_str()), (1, "名簿.csv"));
    assert_eq!((lying(&house, "Drafts").await, lying(&house, "Sent").await), (1, 0));
    assert_eq!(engine.draft_of_copy(taro, read.head.copy.unwrap()).await.unwrap(), Some(draft.id));
    assert!(engine.by_form_key(&draft.form_key()).await.unwrap().is_none());
    assert_eq!(engine.next_timer().await.unwrap(), None);
    assert_eq!(engine.verify(false).await.unwrap().damage, []);
}

/// What a mail answers is marked when it goes, not before.
pub async fn what_is_answered_is_marked_when_the_mail_goes(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let uid = house.put(inbox, 1, SystemFlags::SEEN).await[0];
    let origin = Some(DraftOrigin { message: Lying { mailbox: inbox, uid }, kind: AnswerKind::Reply });
    let waiting = sent(&house, 1, NewDraft { origin, ..NewDraft::default() }).await;
    let answered = async || {
        let rows = house.engine.flags(house.taro, inbox, &set(&[uid])).await.unwrap();
        rows[0].flags.system.contains(SystemFlags::ANSWERED)
    };
    assert!(!answered().await);
    let row = parcel(&house, &waiting).await;
    house.engine.post(release(&house, &waiting, &row)).await.unwrap();
    assert!(answered().await);
    assert_eq!((lying(&house, "Drafts").await, lying(&house, "Sent").await), (0, 1));
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Author and clock at the same moment, again and again: each mail goes whole or comes back whole.
pub async fn a_mail_goes_or_comes_back_once(place: &dyn Place) {
    let house = House::build(place).await;
    let (mut went, mut came) = (0, 0);
    for round in 0..24u8 {
        let waiting = sent(&house, round, NewDraft::default()).await;
        let row = parcel(&house, &waiting).await;
        let mut tasks = tokio::task::JoinSet::new();
        for turn in 0..4 {
            let goes = (turn + round) % 2 == 0;
            let posting = if goes { release(&house, &waiting, &row) } else { recall(&house, &waiting, &row) };
            let engine = house.engine.clone();
            tasks.spawn(async move { (goes, engine.post(posting).await) });
        }
        let mut won = Vec::new();
        for (goes, answer) in tasks.join_all().await {
            match answer {
                Ok(_) => won.push(goes),
                Err(error) => assert!(matches!(error, StoreError::Decided(_)), "{error:?}"),
            }
        }
        assert_eq!(won.len(), 1, "round {round}");
        (went, came) = if won[0] { (went + 1, came) } else { (went, came + 1) };
        let state = parcel(&house, &waiting).await.state;
        assert_eq!(state == ParcelState::Released, won[0]);
        assert_eq!(house.engine.draft(house.taro, waiting.draft.id).await.is_ok(), !won[0]);
    }
    let rows = house.engine.queue(None, &QueueFilter::default()).await.unwrap();
    assert_eq!(
        (rows.len(), lying(&house, "Sent").await, lying(&house, "Drafts").await),
        (went, count(went), count(came))
    );
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap()
}
