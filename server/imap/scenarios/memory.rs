//! A store of one person in memory: enough of an engine to speak IMAP to. What it promises is what the contract
//! tests of `store` ask of every engine.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use blobs::{Intake, RecordKey, Segments};
use store::*;
use tokio::sync::broadcast;
use types::*;

pub(super) type Result<T> = std::result::Result<T, StoreError>;

#[derive(Clone)]
struct Mail {
    record: usize,
    flags: Flags,
    date: Timestamp,
    saved: Option<Timestamp>,
    created: ModSeq,
    modseq: ModSeq,
    prefix: Vec<u8>,
    cuts: Vec<Range<u64>>,
}

struct Folder {
    id: MailboxId,
    name: String,
    role: Option<MailboxRole>,
    subscribed: bool,
    validity: u32,
    next: u32,
    modseq: u64,
    mails: BTreeMap<u32, Mail>,
    gone: Vec<(u32, ModSeq, ModSeq)>,
    claimed: u32,
}

impl Folder {
    fn new(id: i64, name: &str, role: Option<MailboxRole>) -> Self {
        let (subscribed, mails) = (role.is_some(), BTreeMap::new());
        let (name, gone) = (name.to_owned(), Vec::new());
        let validity = 1_000 + u32::try_from(id).unwrap();
        Self { id: MailboxId(id), name, role, subscribed, validity, next: 1, modseq: 1, mails, gone, claimed: 0 }
    }
    fn tick(&mut self) -> ModSeq {
        self.modseq += 1;
        ModSeq(self.modseq)
    }
    fn put(&mut self, mut mail: Mail) -> Uid {
        let (uid, modseq) = (self.next, self.tick());
        (mail.created, mail.modseq) = (modseq, modseq);
        self.next += 1;
        self.mails.insert(uid, mail);
        Uid(uid)
    }
    fn take(&mut self, uid: u32) -> Option<Mail> {
        let mail = self.mails.remove(&uid)?;
        let at = self.tick();
        self.gone.push((uid, mail.created, at));
        Some(mail)
    }
    fn claim(&mut self, claim: bool) -> UidSet {
        let fresh: UidSet = self.mails.keys().filter(|uid| **uid > self.claimed).map(|uid| Uid(*uid)).collect();
        if claim {
            self.claimed = self.next - 1;
        }
        fresh
    }
}

struct State {
    folders: Vec<Folder>,
    records: Vec<(Vec<u8>, Vec<u8>)>,
    last_id: i64,
}

impl State {
    fn folder(&mut self, id: MailboxId) -> Result<&mut Folder> {
        self.folders.iter_mut().find(|folder| folder.id == id).ok_or_else(|| missing("the mailbox"))
    }
    fn named(&mut self, name: &str) -> Result<&mut Folder> {
        self.folders.iter_mut().find(|folder| folder.name == name).ok_or_else(|| missing(name))
    }
    fn mailbox(&self, folder: &Folder) -> Mailbox {
        let below = format!("{}/", folder.name);
        let having = |flag| folder.mails.values().filter(|mail| mail.flags.system.contains(flag)).count();
        Mailbox {
            id: folder.id,
            name: folder.name.clone(),
            role: folder.role,
            subscribed: folder.subscribed,
            selectable: true,
            has_children: self.folders.iter().any(|other| other.name.starts_with(&below)),
            state: MailboxState {
                uid_validity: UidValidity(folder.validity),
                uid_next: Uid(folder.next),
                highest_modseq: ModSeq(folder.modseq),
                messages: folder.mails.len() as u32,
                unseen: (folder.mails.len() - having(SystemFlags::SEEN)) as u32,
                deleted: having(SystemFlags::DELETED) as u32,
                size: folder.mails.values().map(|mail| self.records[mail.record].0.len() as u64).sum(),
            },
        }
    }
}

fn missing(what: &str) -> StoreError {
    StoreError::NotFound(what.to_owned())
}
fn row(uid: u32, mail: &Mail) -> FlagRow {
    FlagRow {
        uid: Uid(uid),
        modseq: mail.modseq,
        created: mail.created,
        flags: mail.flags.clone(),
        record: RecordId(mail.record as i64),
        cut: !mail.cuts.is_empty(),
    }
}

/// The engine.
pub struct Memory {
    state: Mutex<State>,
    directory: Arc<Directory>,
    events: Bell,
    segments: Segments,
    user: UserId,
}

impl Memory {
    /// The mailboxes of the one person of `directory`; large drafts go below `dir`.
    pub fn new(directory: Directory, user: UserId, dir: &std::path::Path) -> Arc<Self> {
        let roles = MailboxRole::ALL.iter().enumerate();
        let folders: Vec<Folder> =
            roles.map(|(i, (role, name, _))| Folder::new(i as i64 + 1, name, Some(*role))).collect();
        let state = State { last_id: folders.len() as i64, folders, records: Vec::new() };
        Arc::new(Self {
            state: Mutex::new(state),
            directory: Arc::new(directory),
            events: Bell::new(1_000),
            segments: Segments::open(dir).unwrap(),
            user,
        })
    }

    /// Delivers a mail to INBOX, with trace headers and cuts.
    pub fn deliver(&self, bytes: &[u8], prefix: &[u8], cuts: Vec<Range<u64>>) -> Uid {
        let summary = message::Parsed::parse(bytes, &Limits::default()).summary().to_bytes();
        let mut state = self.state();
        state.records.push((bytes.to_vec(), summary));
        let record = state.records.len() - 1;
        let mail = Mail {
            record,
            flags: Flags::default(),
            date: Timestamp::from_secs(837_596_665),
            saved: None,
            created: ModSeq(0),
            modseq: ModSeq(0),
            prefix: prefix.to_vec(),
            cuts,
        };
        let folder = state.named("INBOX").unwrap();
        let (uid, id) = (folder.put(mail), folder.id);
        drop(state);
        self.tell(id);
        uid
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
    fn tell(&self, mailbox: MailboxId) {
        self.events.tell(Event::Mailbox { user: self.user, mailbox, modseq: ModSeq(0) });
    }
    fn transfer(&self, from: MailboxId, uids: &UidSet, to: MailboxId, at: Timestamp, take: bool) -> Result<Moved> {
        let mut state = self.state();
        let mut pairs = Vec::new();
        for uid in uids.iter() {
            let source = state.folder(from)?;
            let mail = if take { source.take(uid.0) } else { source.mails.get(&uid.0).cloned() };
            let Some(mail) = mail else { continue };
            let mail = Mail { saved: Some(at), ..mail };
            pairs.push((uid, state.folder(to)?.put(mail)));
        }
        let uid_validity = UidValidity(state.folder(to)?.validity);
        drop(state);
        self.tell(from);
        self.tell(to);
        Ok(Moved { uid_validity, uids: pairs })
    }
}

pub(super) fn none<T>() -> Result<T> {
    Err(StoreError::Invalid("this engine has only mailboxes".to_owned()))
}

#[async_trait]
impl SessionEngine for Memory {
    async fn open_session(&self, _: SessionRow, _: SessionBounds) -> Result<()> {
        none()
    }
    async fn session(&self, _: SessionHash) -> Result<Option<SessionRow>> {
        none()
    }
    async fn sessions(&self, _: UserId) -> Result<Vec<SessionRow>> {
        none()
    }
    async fn touch_session(&self, _: SessionHash, _: Timestamp) -> Result<()> {
        none()
    }
    async fn end_sessions(&self, _: UserId, _: EndSessions) -> Result<u64> {
        none()
    }
    async fn note_sign_in(&self, _: SignIn, _: NewAudit) -> Result<Option<SignIn>> {
        none()
    }
    async fn sign_ins(&self, _: UserId, _: u32) -> Result<Vec<SignIn>> {
        none()
    }
    async fn note_access(&self, _: NewAudit) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl FactorEngine for Memory {
    async fn factor_secret(&self, _: UserId) -> Result<Option<store::FactorSecret>> {
        none()
    }
    async fn accept_step(&self, _: UserId, _: u64) -> Result<bool> {
        none()
    }
    async fn recovery_codes(&self, _: UserId) -> Result<u32> {
        none()
    }
    async fn use_recovery_code(&self, _: UserId, _: store::RecoveryHash, _: NewAudit) -> Result<Option<u32>> {
        none()
    }
    async fn app_passwords_used(&self, _: UserId) -> Result<Vec<(i64, Timestamp)>> {
        none()
    }
    async fn touch_app_password(&self, _: i64, _: Timestamp) -> Result<()> {
        none()
    }
}

#[async_trait]
impl Engine for Memory {
    async fn agreed_passwords(&self, _: TenantId) -> Result<Vec<([u8; 16], store::Secret)>> {
        none()
    }
    async fn dkim_private(&self, _: &types::Domain) -> Result<Vec<([u8; 16], store::PrivateKey)>> {
        none()
    }
    fn directory(&self) -> Arc<Directory> {
        self.directory.clone()
    }
    async fn begin(&self, tenant: TenantId, max: u64) -> Result<Writing> {
        Ok(Writing::new(tenant, KeyId(1), Intake::new(&self.segments, RecordKey::new([7; 32]), max)))
    }
    async fn seal(&self, tenant: TenantId, bytes: &[u8]) -> Result<Draft> {
        let mut writing = self.begin(tenant, u64::MAX).await?;
        writing.write(bytes).await?;
        writing.finish().await
    }
    async fn read(&self, record: RecordId, range: Range<u64>) -> Result<bytes::Bytes> {
        let state = self.state();
        let (bytes, _) = &state.records[record.0 as usize];
        Ok(bytes[range.start as usize..(range.end as usize).min(bytes.len())].to_vec().into())
    }
    async fn draft_bytes(&self, draft: &Draft) -> Result<Vec<u8>> {
        let blobs::Stored::Segment(place) = &draft.parts().2.stored else { return none() };
        Ok(self.segments.read_all(place, &RecordKey::new([7; 32])).await?.to_vec())
    }
    async fn usage(&self, _: UserId) -> Result<Usage> {
        let state = self.state();
        let mails = || state.folders.iter().flat_map(|folder| folder.mails.values());
        let bytes = mails().map(|mail| state.records[mail.record].0.len() as u64).sum();
        Ok(Usage { bytes, messages: mails().count() as u64 })
    }
    async fn mailboxes(&self, _: UserId) -> Result<Vec<Mailbox>> {
        let state = self.state();
        let mut all: Vec<Mailbox> = state.folders.iter().map(|folder| state.mailbox(folder)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }
    async fn create_mailbox(&self, _: UserId, name: &str, role: Option<MailboxRole>) -> Result<Mailbox> {
        let mut state = self.state();
        if state.named(name).is_ok() {
            return Err(StoreError::Exists(format!("the mailbox {name}")));
        }
        for (end, _) in name.match_indices('/').chain([(name.len(), "")]) {
            if state.named(&name[..end]).is_err() {
                state.last_id += 1;
                let folder = Folder::new(state.last_id, &name[..end], None);
                state.folders.push(folder);
            }
        }
        state.folders.last_mut().unwrap().role = role;
        let last = state.folders.last().unwrap();
        Ok(state.mailbox(last))
    }
    async fn rename_mailbox(&self, _: UserId, from: &str, to: &str) -> Result<()> {
        let mut state = self.state();
        if state.named(to).is_ok() {
            return Err(StoreError::Exists(format!("the mailbox {to}")));
        }
        state.named(from)?.name = to.to_owned();
        let below = format!("{from}/");
        for folder in &mut state.folders {
            if let Some(rest) = folder.name.strip_prefix(&below) {
                folder.name = format!("{to}/{rest}");
            }
        }
        Ok(())
    }
    async fn delete_mailbox(&self, _: UserId, name: &str) -> Result<()> {
        let mut state = self.state();
        if name == "INBOX" {
            return Err(StoreError::Invalid("INBOX cannot be deleted".to_owned()));
        }
        let id = state.named(name)?.id;
        state.folders.retain(|folder| folder.id != id);
        drop(state);
        self.tell(id);
        Ok(())
    }
    async fn subscribe(&self, _: UserId, name: &str, on: bool) -> Result<()> {
        self.state().named(name)?.subscribed = on;
        Ok(())
    }
    async fn open_mailbox(&self, _: UserId, mailbox: MailboxId, claim: bool) -> Result<Opened> {
        let mut state = self.state();
        let recent = state.folder(mailbox)?.claim(claim);
        let folder = state.folders.iter().find(|folder| folder.id == mailbox).unwrap();
        let unseen = |(_, mail): &(&u32, &Mail)| !mail.flags.system.contains(SystemFlags::SEEN);
        Ok(Opened {
            mailbox: state.mailbox(folder),
            uids: folder.mails.keys().map(|uid| Uid(*uid)).collect(),
            first_unseen: folder.mails.iter().find(unseen).map(|(uid, _)| Uid(*uid)),
            keywords: folder.mails.values().flat_map(|mail| mail.flags.keywords.clone()).collect(),
            recent,
        })
    }
    async fn changes_since(&self, _: UserId, mailbox: MailboxId, since: ModSeq, claim: bool) -> Result<Changes> {
        let mut state = self.state();
        let folder = state.folder(mailbox)?;
        let newer = folder.mails.iter().filter(|(_, mail)| mail.modseq > since);
        let rows = newer.map(|(uid, mail)| row(*uid, mail)).collect();
        let went = folder.gone.iter().filter(|(_, _, at)| *at > since);
        let (known, passing): (Vec<_>, Vec<_>) = went.partition(|(_, created, _)| *created <= since);
        let uids = |gone: Vec<&(u32, ModSeq, ModSeq)>| gone.into_iter().map(|(uid, _, _)| Uid(*uid)).collect();
        let (expunged, came_and_went) = (uids(known), uids(passing));
        let (modseq, complete) = (Some(ModSeq(folder.modseq)), since > ModSeq(0));
        Ok(Changes { modseq, rows, expunged, came_and_went, complete, recent: folder.claim(claim) })
    }
    async fn flags(&self, _: UserId, mailbox: MailboxId, uids: &UidSet) -> Result<Vec<FlagRow>> {
        let mut state = self.state();
        let mails = &state.folder(mailbox)?.mails;
        Ok(mails.iter().filter(|(uid, _)| uids.contains(Uid(**uid))).map(|(uid, mail)| row(*uid, mail)).collect())
    }
    async fn messages(&self, _: UserId, mailbox: MailboxId, uids: &UidSet, want: Want) -> Result<Vec<MessageRow>> {
        let mut state = self.state();
        let mails = state.folder(mailbox)?.mails.clone();
        let wanted = mails.into_iter().filter(|(uid, _)| uids.contains(Uid(*uid)));
        Ok(wanted
            .map(|(uid, mail)| MessageRow {
                uid: Uid(uid),
                modseq: mail.modseq,
                flags: mail.flags,
                internal_date: mail.date,
                saved: mail.saved,
                record: RecordId(mail.record as i64),
                record_size: state.records[mail.record].0.len() as u64,
                prefix: mail.prefix,
                cuts: mail.cuts,
                sensitive: false,
                summary: want.summary.then(|| state.records[mail.record].1.clone()),
            })
            .collect())
    }
    async fn append(&self, _: UserId, mailbox: MailboxId, messages: Vec<NewMessage>) -> Result<Vec<Placed>> {
        let mut placed = Vec::new();
        for new in messages {
            let Bytes::New(draft) = new.mail.bytes else { return none() };
            let bytes = match draft.plain() {
                Some(bytes) => bytes.to_vec(),
                None => self.draft_bytes(&draft).await?,
            };
            let mut state = self.state();
            state.records.push((bytes, new.mail.summary));
            let mail = Mail {
                record: state.records.len() - 1,
                flags: new.flags,
                date: new.internal_date,
                saved: Some(new.saved),
                created: ModSeq(0),
                modseq: ModSeq(0),
                prefix: Vec::new(),
                cuts: Vec::new(),
            };
            let folder = state.folder(mailbox)?;
            placed.push(Placed { mailbox, uid_validity: UidValidity(folder.validity), uid: folder.put(mail) });
        }
        self.tell(mailbox);
        Ok(placed)
    }
    async fn replace(
        &self,
        user: UserId,
        from: MailboxId,
        uid: Uid,
        to: MailboxId,
        message: NewMessage,
    ) -> Result<Placed> {
        if !self.state().folder(from)?.mails.contains_key(&uid.0) {
            return Err(missing("the message"));
        }
        let placed = self.append(user, to, vec![message]).await?.remove(0);
        self.state().folder(from)?.take(uid.0);
        self.tell(from);
        Ok(placed)
    }
    async fn store_flags(
        &self,
        _: UserId,
        mailbox: MailboxId,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<(Vec<FlagRow>, UidSet)> {
        let (mut rows, mut left) = (Vec::new(), UidSet::new());
        let mut state = self.state();
        let folder = state.folder(mailbox)?;
        let modseq = ModSeq(folder.modseq + 1);
        for (uid, mail) in folder.mails.iter_mut().filter(|(uid, _)| uids.contains(Uid(**uid))) {
            if change.unchanged_since.is_some_and(|since| mail.modseq > since) {
                left.insert(Uid(*uid));
                continue;
            }
            let flags = match change.mode {
                FlagMode::Replace => change.flags.clone(),
                FlagMode::Add => mail.flags.union(&change.flags),
                FlagMode::Remove => mail.flags.without(&change.flags),
            };
            if flags != mail.flags {
                (mail.flags, mail.modseq, folder.modseq) = (flags, modseq, modseq.0);
            }
            rows.push(row(*uid, mail));
        }
        drop(state);
        self.tell(mailbox);
        Ok((rows, left))
    }
    async fn copy(&self, _: UserId, from: MailboxId, uids: &UidSet, to: MailboxId, at: Timestamp) -> Result<Moved> {
        self.transfer(from, uids, to, at, false)
    }
    async fn move_to(&self, _: UserId, from: MailboxId, uids: &UidSet, to: MailboxId, at: Timestamp) -> Result<Moved> {
        self.transfer(from, uids, to, at, true)
    }
    async fn expunge(&self, _: UserId, mailbox: MailboxId, uids: Option<&UidSet>, _: Timestamp) -> Result<UidSet> {
        let mut state = self.state();
        let folder = state.folder(mailbox)?;
        let deleted = |(uid, mail): &(&u32, &Mail)| {
            mail.flags.system.contains(SystemFlags::DELETED) && uids.is_none_or(|uids| uids.contains(Uid(**uid)))
        };
        let gone: UidSet = folder.mails.iter().filter(deleted).map(|(uid, _)| Uid(*uid)).collect();
        for uid in gone.iter() {
            folder.take(uid.0);
        }
        drop(state);
        self.tell(mailbox);
        Ok(gone)
    }
    fn events(&self) -> broadcast::Receiver<Event> {
        self.events.all()
    }
    fn work(&self) -> broadcast::Receiver<Event> {
        self.events.work()
    }

    async fn reload_directory(&self) -> Result<()> {
        Ok(())
    }
    async fn close(&self) -> Result<()> {
        Ok(())
    }
    fn ingest_id(&self) -> IngestId {
        IngestId(0)
    }
    async fn change_directory(&self, _: Change, _: Option<UserId>, _: Timestamp) -> Result<Changed> {
        none()
    }
    async fn post(&self, _: Posting) -> Result<Posted> {
        none()
    }
    async fn claim(&self, _: usize, _: Timestamp, _: Timestamp) -> Result<Vec<Claimed>> {
        none()
    }
    async fn tls_seen(&self, _: &[types::Domain], _: Timestamp) -> Result<Vec<(types::Domain, bool)>> {
        none()
    }
    async fn next_due(&self) -> Result<Option<Timestamp>> {
        none()
    }
    async fn queue(&self, _: Option<TenantId>, _: &QueueFilter) -> Result<Vec<QueueRow>> {
        none()
    }
    async fn control_queue(
        &self,
        _: Option<TenantId>,
        _: &QueueFilter,
        _: QueueAction,
        _: Option<UserId>,
        _: Timestamp,
    ) -> Result<Vec<QueueId>> {
        none()
    }
    async fn submissions(&self, _: SubmissionState, _: Option<SubmissionId>, _: usize) -> Result<Vec<SubmissionRow>> {
        none()
    }
    async fn submission(&self, _: Reference) -> Result<Option<SubmissionRow>> {
        none()
    }
    async fn unanswered(&self, _: &str, _: Timestamp) -> Result<Option<SubmissionRow>> {
        none()
    }
    async fn by_form_key(&self, _: &str) -> Result<Option<SubmissionRow>> {
        none()
    }
    async fn mark_unanswered(&self, _: SubmissionId, _: Option<Timestamp>) -> Result<()> {
        none()
    }
    async fn parcels(&self, _: SubmissionId) -> Result<Vec<ParcelRow>> {
        none()
    }
    async fn held(&self, _: Option<TenantId>) -> Result<Vec<Held>> {
        none()
    }
    async fn held_parcel(&self, _: ParcelId) -> Result<Option<Held>> {
        none()
    }
    async fn trail(&self, _: SubmissionId) -> Result<Vec<TrailRow>> {
        none()
    }
    async fn claim_timers(&self, _: usize, _: Timestamp, _: Timestamp) -> Result<Vec<Timer>> {
        none()
    }
    async fn postpone_timers(&self, _: TimerKind, _: Timestamp) -> Result<u64> {
        none()
    }
    async fn next_timer(&self) -> Result<Option<Timestamp>> {
        none()
    }
    async fn verify(&self, _: bool) -> Result<VerifyReport> {
        none()
    }
}
