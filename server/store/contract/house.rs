//! A small company for the contract tests, and the short words in which they speak.

use std::sync::Arc;

use types::{
    Address, Direction, Domain, Envelope, Flags, Language, MailboxId, Reference, SystemFlags, TenantId, Timestamp, Uid,
    UidSet, UserId,
};

use super::Place;
use crate::{
    Bytes, Change, Changed, Engine, Exit, FlagChange, FlagMode, Folder, Mailbox, MailboxRole, NewCopy, NewMail,
    NewMessage, NewParcel, NewSubmission, NewUser, Origin, ParcelState, Roles, SubmissionState, Want,
};

/// The moment at which all contract tests happen.
pub(super) const NOW: Timestamp = Timestamp(1_795_500_000_000);

/// A company with one domain, `example.jp`, over an engine.
pub struct House {
    /// The engine under test.
    pub engine: Arc<dyn Engine>,
    /// The company.
    pub tenant: TenantId,
    /// Its first person, `taro@example.jp`.
    pub taro: UserId,
}

impl House {
    /// Makes the company in an empty place.
    pub async fn build(place: &dyn Place) -> Self {
        Self::over(place.open().await).await
    }

    /// Makes the company in an empty engine.
    pub async fn over(engine: Arc<dyn Engine>) -> Self {
        let add = Change::AddTenant { name: "acme".into(), title: "Acme".into(), rules: String::new() };
        let Changed::Tenant(tenant) = engine.change_directory(add, None, NOW).await.unwrap() else {
            panic!("a tenant was expected")
        };
        let domain = Domain::parse("example.jp").unwrap();
        engine.change_directory(Change::AddDomain { domain, tenant }, None, NOW).await.unwrap();
        let mut house = Self { engine, tenant, taro: UserId(0) };
        house.taro = house.person("taro").await;
        house
    }

    /// Adds `local@example.jp`.
    pub async fn person(&self, local: &str) -> UserId {
        let new = NewUser {
            tenant: self.tenant,
            address: address(local),
            name: local.into(),
            roles: Roles::default(),
            credentials: None,
            language: Language::Ja,
        };
        let made = self.engine.change_directory(Change::AddUser(Box::new(new)), None, NOW).await.unwrap();
        let Changed::User(user) = made else { panic!("a person was expected") };
        user
    }

    /// The person's mailbox of this name.
    pub async fn named(&self, user: UserId, name: &str) -> Mailbox {
        let all = self.engine.mailboxes(user).await.unwrap();
        all.into_iter().find(|mailbox| mailbox.name == name).unwrap_or_else(|| panic!("no mailbox {name}"))
    }
    /// The number of Taro's mailbox of this name.
    pub async fn id(&self, name: &str) -> MailboxId {
        self.named(self.taro, name).await.id
    }
    /// The names of a person's mailboxes.
    pub async fn names(&self, user: UserId) -> Vec<String> {
        self.engine.mailboxes(user).await.unwrap().into_iter().map(|mailbox| mailbox.name).collect()
    }

    /// A mail of this text, sealed and not yet in any row.
    pub async fn mail(&self, text: &str) -> NewMail {
        let bytes = format!("Subject: contract\r\n\r\n{text}\r\n");
        let draft = self.engine.seal(self.tenant, bytes.as_bytes()).await.unwrap();
        NewMail { tenant: self.tenant, bytes: Bytes::New(draft), summary: text.into(), sensitive: false }
    }
    /// A message of this text and these flags, to be appended.
    pub async fn message(&self, text: &str, flags: Flags) -> NewMessage {
        NewMessage { mail: self.mail(text).await, flags, internal_date: NOW, saved: NOW }
    }
    /// Puts `count` messages into Taro's mailbox and answers their UIDs.
    pub async fn put(&self, mailbox: MailboxId, count: usize, flags: SystemFlags) -> Vec<Uid> {
        let mut messages = Vec::new();
        for i in 0..count {
            messages.push(self.message(&format!("mail {i}"), Flags::system(flags)).await);
        }
        let placed = self.engine.append(self.taro, mailbox, messages).await.unwrap();
        placed.into_iter().map(|place| place.uid).collect()
    }
    /// A copy of mail 0 of a posting for `owner`'s INBOX.
    pub fn copy(&self, owner: UserId, recipient: &str) -> NewCopy {
        NewCopy {
            mail: 0,
            owner,
            folder: Folder::Role(MailboxRole::Inbox),
            flags: Flags::default(),
            internal_date: NOW,
            saved: NOW,
            prefix: b"Return-Path: <>\r\n".to_vec(),
            cuts: Vec::new(),
            recipient: Some(address(recipient)),
        }
    }
    /// A submission of mail 0 with one parcel in `state`.
    pub fn submission(&self, number: u8, state: ParcelState) -> NewSubmission {
        let to = Address::parse("someone@elsewhere.example").unwrap();
        let approval = (state == ParcelState::Held).then(|| crate::NewApproval {
            approvers: vec![crate::Approver(self.taro)],
            deadline: NOW,
            then: "return".into(),
            message: String::new(),
            terms: crate::Terms::default(),
        });
        NewSubmission {
            tenant: self.tenant,
            author: Some(self.taro),
            origin: Origin::Author,
            from: Some(address("taro")),
            to: vec![to.clone()],
            reference: Reference::from_random([number, 1, 2, 3, 4]),
            mail: 0,
            prefix: Vec::new(),
            cuts: Vec::new(),
            state: SubmissionState::Judged,
            join_key: format!("join {number}"),
            form_key: None,
            at: NOW,
            verdict: "{}".into(),
            reply: None,
            release_at: None,
            draft: None,
            keep_in_sent: false,
            safeguard: None,
            parcels: vec![NewParcel::new(&Exit(()), vec![to], state, approval, Vec::new())],
        }
    }
    /// Delivers a mail to Taro's INBOX, with its entry in the journal.
    pub async fn deliver(&self) {
        let mut posting = crate::Posting::default();
        posting.mail(self.mail("delivered").await);
        posting.copies.push(self.copy(self.taro, "taro"));
        let (direction, envelope) = envelope();
        posting.journal.push(crate::NewJournal { mail: 0, direction, envelope, at: NOW });
        self.engine.post(posting).await.unwrap();
    }
    /// Changes flags of Taro's messages.
    pub async fn flag(&self, mailbox: MailboxId, uids: &[Uid], mode: FlagMode, system: SystemFlags) {
        let change = FlagChange { mode, flags: Flags::system(system), unchanged_since: None };
        self.engine.store_flags(self.taro, mailbox, &set(uids), change).await.unwrap();
    }
    /// The UIDs in Taro's mailbox.
    pub async fn uids(&self, mailbox: MailboxId) -> Vec<Uid> {
        self.engine.open_mailbox(self.taro, mailbox, false).await.unwrap().uids.iter().collect()
    }
    /// The plain bytes of Taro's message, without prefix.
    pub async fn bytes(&self, mailbox: MailboxId, uid: Uid) -> Vec<u8> {
        let rows = self.engine.messages(self.taro, mailbox, &set(&[uid]), Want::default()).await.unwrap();
        self.engine.read(rows[0].record, 0..u64::MAX).await.unwrap().into()
    }
}

/// `local@example.jp`
pub(super) fn address(local: &str) -> Address {
    Address::parse(&format!("{local}@example.jp")).unwrap()
}
/// A set of these.
pub(super) fn set(uids: &[Uid]) -> UidSet {
    uids.iter().copied().collect()
}
/// An envelope to Taro.
pub(super) fn envelope() -> (Direction, Envelope) {
    (Direction::In, Envelope { from: None, to: vec![address("taro")] })
}
