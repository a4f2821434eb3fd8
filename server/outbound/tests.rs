//! Drafts of webmail that are sent, and who is known by it: through the door, over a real engine.

use std::sync::Arc;
use std::time::Duration;

use delivery::Delivery;
use inspect::Inspector;
use store::contract::House;
use store::{
    Access, Account, Authority, Change, DraftAt, GroupKind, Member, NewDraft, Origin, PageFilter, PageStart,
    ParcelState, Store, StoreError, Write,
};
use store_sqlite::{MasterKey, Mode, OpenConfig, SqliteEngine};
use types::{Address, Clock, Envelope, FixedClock, Limits, Safeguard, Timestamp, UserId};

use crate::{Answer, DecisionWord, Outbound, OutboundError, Outcome, Submission};

pub(crate) const NOW: Timestamp = Timestamp(1_795_500_000_000);
const RULES: &str = r#"
[[rule]]
code = "HOLD"
direction = "any"
when = { wildcard = "hold me" }
action = { hold = { approvers = ["hanako@example.jp"], hours = 8, then = "return" } }

[[rule]]
code = "BLOCK"
direction = "any"
when = { wildcard = "block me" }
action = "block"

[[rule]]
code = "OUTSIDE"
direction = "out"
when = { all = [ { wildcard = "ask for the outside" }, { recipients = "outside" } ] }
action = { hold = { approvers = ["hanako@example.jp"], hours = 8, then = "return" } }

[[rule]]
code = "LATER"
direction = "out"
when = { wildcard = "put off" }
action = { delay = { minutes = 10 } }

[[rule]]
code = "OWN"
direction = "out"
when = { wildcard = "look again" }
action = { self_review = { hours = 4 } }
message = "look at it yourself"

[[rule]]
code = "SLOWLY"
direction = "out"
when = { all = [ { wildcard = "look again" }, { recipients = "slow.example" } ] }
action = { delay = { minutes = 30 } }

[[rule]]
code = "PACK"
direction = "out"
when = { all = [ { wildcard = "pack me" }, { recipients = "outside" } ] }
action = { encrypt = "zip" }

[[rule]]
code = "TELL"
direction = "any"
when = { wildcard = "tell of me" }
action = { notify = ["hanako@example.jp"] }
approver_message = "look at it"
"#;

/// Holds what somebody sends.
const RULE_ABOUT: &str = r#"
[[rule]]
code = "ABOUT"
direction = "out"
from = ["WHOM"]
when = { recipients = "outside" }
action = { hold = { approvers = ["hanako@example.jp"] } }
"#;

/// A mail by Taro whose only file is a picture in its text (`related`), or lies beside it (`mixed`).
pub(crate) fn with_picture(kind: &str) -> Vec<u8> {
    format!(
        "From: taro@example.jp\r\nTo: yamada@minato.example\r\nSubject: picture\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/{kind}; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>hello<img src=cid:a@b>\r\n\
         --b\r\nContent-Type: image/png; name=a.png\r\nContent-ID: <a@b>\r\nContent-Disposition: inline\r\n\
         Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    .into_bytes()
}

/// The company `example.jp` with Taro, who writes, and Hanako, who approves.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    pub house: House,
    pub hanako: UserId,
    pub store: Store,
    pub authority: Authority,
    pub outbound: Outbound,
    pub clock: Arc<FixedClock>,
}

impl Stage {
    pub async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = OpenConfig {
            data_dir: folder.path().to_owned(),
            master_key: MasterKey::new([1; 32]),
            mode: Mode::Server,
            fatal: Arc::new(|why| panic!("{why}")),
        };
        let engine = SqliteEngine::open(config).await.unwrap();
        let house = House::over(engine.clone()).await;
        let hanako = house.person("hanako").await;
        let rules = Change::SetRules { tenant: house.tenant, text: RULES.into(), by: None, reason: None, seen: None };
        house.engine.change_directory(rules, None, NOW).await.unwrap();
        let (store, authority, entrance, exit) = store::open(engine);
        let (fixed, limits) = (Arc::new(FixedClock::new(NOW)), Arc::new(Limits::default()));
        let clock: Arc<dyn Clock> = fixed.clone();
        let delivery = Delivery::new(store.clone(), entrance, clock.clone(), limits.clone());
        let inspector = Inspector::new(limits.clone(), inspect::Texts::Here);
        let outbound = Outbound::new(&delivery, exit, inspector, clock, limits, "mail.example.jp".into(), None);
        Self { folder, house, hanako, store, authority, outbound, clock: fixed }
    }

    /// Where the data lie.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Where recipients outside find what stays here.
    pub fn set_page(&mut self, url: Option<&str>) {
        self.outbound.content_url = url.map(str::to_owned);
    }

    pub fn taro(&self) -> Access<Account, Write> {
        self.authority.grant(Account(self.house.taro), None, 0)
    }

    /// A draft that lies in Drafts.
    pub async fn draft(&self) -> DraftAt {
        let draft = self.store.create_draft(&self.taro(), NewDraft::default(), NOW).await.unwrap();
        let mail = self.house.mail("draft").await;
        self.store.materialise(&self.taro(), draft, mail.into(), NOW).await.unwrap();
        draft
    }

    /// Sends a draft as webmail does, with this text; it goes at once.
    async fn send(&self, draft: DraftAt, text: &str) -> Result<Answer, OutboundError> {
        self.send_and_wait(draft, text, Duration::ZERO).await
    }

    /// The same, and it can be taken back for so long.
    pub async fn send_and_wait(&self, draft: DraftAt, text: &str, undo_for: Duration) -> Result<Answer, OutboundError> {
        self.send_confirmed(draft, text, undo_for, &[]).await
    }

    /// The same by somebody who has done what these rules ask of him.
    pub async fn send_confirmed(
        &self,
        draft: DraftAt,
        text: &str,
        undo_for: Duration,
        confirmed: &[&str],
    ) -> Result<Answer, OutboundError> {
        let bytes = format!(
            "From: taro@example.jp\r\nTo: =?utf-8?q?123456789018?= <Yamada@minato.example>, hanako@example.jp\r\n\
             Subject: test\r\nMessage-ID: <{}@example.jp>\r\n\r\n{text}\r\n",
            draft.form_key().replace(' ', "-")
        );
        let to = ["yamada@minato.example", "hanako@example.jp"].map(|text| Address::parse(text).unwrap());
        let envelope = Envelope { from: Some(Address::parse("taro@example.jp").unwrap()), to: to.to_vec() };
        let draft_bytes = self.store.seal(self.house.tenant, bytes.as_bytes()).await.unwrap();
        let submission = Submission {
            origin: Origin::Author,
            tenant: self.house.tenant,
            author: Some(self.house.taro),
            envelope,
            draft: draft_bytes,
            trace: Vec::new(),
            form_key: Some(draft.form_key()),
            from_draft: Some(draft),
            keep_in_sent: true,
            safeguard: None,
            undo_for,
            confirmed: confirmed.iter().map(|code| (*code).to_owned()).collect(),
            texts: Default::default(),
        };
        self.outbound.submit(submission).await
    }

    /// Sends these bytes by Taro to these recipients, with his choice of how files are kept.
    pub async fn send_bytes(&self, bytes: &[u8], to: &[&str], safeguard: Option<Safeguard>) -> Answer {
        let submission = Submission { safeguard, ..self.by_taro(bytes, to).await };
        self.outbound.submit(submission).await.unwrap()
    }

    /// These bytes as Taro hands them in.
    pub async fn by_taro(&self, bytes: &[u8], to: &[&str]) -> Submission {
        let to = to.iter().map(|text| Address::parse(text).unwrap()).collect();
        Submission {
            origin: Origin::Author,
            tenant: self.house.tenant,
            author: Some(self.house.taro),
            envelope: Envelope { from: Some(Address::parse("taro@example.jp").unwrap()), to },
            draft: self.store.seal(self.house.tenant, bytes).await.unwrap(),
            trace: Vec::new(),
            form_key: None,
            from_draft: None,
            keep_in_sent: false,
            safeguard: None,
            undo_for: Duration::ZERO,
            confirmed: Vec::new(),
            texts: Default::default(),
        }
    }

    /// How many messages are in Taro's mailbox.
    pub async fn count(&self, mailbox: &str) -> usize {
        let id = self.house.id(mailbox).await;
        let page = self.store.page(&self.taro().reading(), id, PageStart::Newest, PageFilter::All, 50).await;
        page.unwrap().rows.len()
    }

    pub async fn is_there(&self, draft: DraftAt) -> bool {
        match self.store.draft(&self.taro().reading(), draft.id).await {
            Ok(_) => true,
            Err(StoreError::NotFound(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_sent_draft_ends_and_its_recipients_are_known() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    let answer = stage.send(draft, "hello").await.unwrap();
    assert_eq!(answer.outcome, Outcome::Sent);
    assert!(!stage.is_there(draft).await);
    assert_eq!((stage.count("Drafts").await, stage.count("Sent").await), (0, 1));
    let access = stage.taro().reading();
    let found = stage.store.suggest(&access, "minato", 9).await.unwrap();
    assert_eq!((found.len(), found[0].address.to_string().as_str()), (1, "yamada@minato.example"));
    assert_eq!(found[0].name, "", "a number is no name");
    let own = stage.store.own_sendings(&access, None, 9).await.unwrap();
    assert_eq!((own.len(), own[0].submission.reference), (1, answer.reference));
    assert_eq!(own[0].trail.len(), 1);
}

#[tokio::test]
async fn a_form_sent_twice_sends_one_mail() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    let (one, two) = tokio::join!(stage.send(draft, "hello"), stage.send(draft, "hello"));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.reference, one.outcome), (two.reference, two.outcome));
    assert_eq!(stage.send(draft, "hello").await.unwrap().reference, one.reference);
    assert_eq!(stage.count("Sent").await, 1);
    let access = stage.taro().reading();
    let row = stage.store.own_by_form_key(&access, &draft.form_key()).await.unwrap();
    assert_eq!(row.map(|row| row.reference), Some(one.reference));
    let hanako: Access<Account, Write> = stage.authority.grant(Account(stage.hanako), None, 0);
    assert!(stage.store.own_by_form_key(&hanako.reading(), &draft.form_key()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_draft_changed_in_another_window_is_not_sent() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    let saved = stage.store.save_draft(&stage.taro(), draft, b"newer", NOW).await.unwrap();
    let late = stage.send(draft, "hello").await;
    assert!(matches!(late, Err(OutboundError::Store(StoreError::Conflict(_)))), "{late:?}");
    assert!(stage.is_there(draft).await);
    assert_eq!(stage.count("Sent").await, 0);
    assert_eq!(stage.send(saved, "hello").await.unwrap().outcome, Outcome::Sent);
}

#[tokio::test]
async fn a_refused_mail_leaves_its_draft_and_nobody_known() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    assert!(matches!(stage.send(draft, "block me").await.unwrap().outcome, Outcome::Blocked(_)));
    assert!(stage.is_there(draft).await);
    assert_eq!((stage.count("Drafts").await, stage.count("Sent").await), (1, 0));
    let access = stage.taro().reading();
    assert!(stage.store.suggest(&access, "minato", 9).await.unwrap().is_empty());
    let mended = stage.store.save_draft(&stage.taro(), draft, b"mended", NOW).await.unwrap();
    assert_eq!(stage.send(mended, "hello").await.unwrap().outcome, Outcome::Sent);
    assert!(!stage.is_there(draft).await);
}

/// Who had another address, or gave none at all, sent past the rules about him.
#[tokio::test]
async fn a_rule_about_a_person_holds_whatever_sender_he_gives() {
    let stage = Stage::set().await;
    let (tenant, user) = (stage.house.tenant, stage.house.taro);
    let address = |text: &str| Address::parse(text).unwrap();
    let change = async |change| stage.house.engine.change_directory(change, None, NOW).await.map(drop).unwrap();
    change(Change::AddAlias { alias: address("sales@example.jp"), user }).await;
    for (kind, member) in
        [(GroupKind::Group, Member::User(user)), (GroupKind::List, Member::Address(address("taro@example.jp")))]
    {
        let name = "reps".to_owned();
        change(Change::AddGroup { tenant, kind, name, address: None, members: vec![member] }).await;
    }
    for whom in ["taro@example.jp", "example.jp", "group:reps", "list:reps"] {
        let text = RULE_ABOUT.replace("WHOM", whom);
        change(Change::SetRules { tenant, text, by: None, reason: None, seen: None }).await;
        for from in [Some("taro@example.jp"), Some("sales@example.jp"), None] {
            let own = from.unwrap_or("taro@example.jp");
            let bytes = format!("From: {own}\r\nTo: yamada@minato.example\r\nSubject: x\r\n\r\nhello\r\n");
            let mut mail = stage.by_taro(bytes.as_bytes(), &["yamada@minato.example"]).await;
            mail.envelope.from = from.map(address);
            assert_eq!(stage.outbound.submit(mail).await.unwrap().outcome, Outcome::Held, "{whom} {from:?}");
        }
    }
}

#[tokio::test]
async fn a_held_mail_is_no_draft_until_it_is_returned() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    assert_eq!(stage.send(draft, "hold me").await.unwrap().outcome, Outcome::Held);
    assert!(!stage.is_there(draft).await);
    assert_eq!(stage.count("Drafts").await, 0);
    let access = stage.taro().reading();
    let waits = stage.store.own_held(&access, None, 9).await.unwrap();
    assert_eq!(waits.len(), 1);
    assert!(stage.store.suggest(&access, "minato", 9).await.unwrap().is_empty(), "nothing has left yet");
    let parcel = waits[0].part.id;
    let hanako: Access<Account, Write> = stage.authority.grant(Account(stage.hanako), None, 0);
    assert_eq!(stage.store.awaiting(&hanako.reading(), NOW, None, 9).await.unwrap().len(), 1);
    let decided = stage.outbound.decide(parcel, DecisionWord::Return, Some(stage.hanako), "宛先").await.unwrap();
    assert_eq!(decided, ParcelState::Returned);
    assert_eq!(stage.count("Drafts").await, 1);
    let history = stage.store.own_decisions(&hanako.reading(), None, 9).await.unwrap();
    let approval = history[0].part.approval.as_ref().unwrap();
    assert_eq!(approval.decided.as_ref().unwrap().comment, "宛先");
}

#[tokio::test]
async fn an_approved_mail_makes_its_recipients_known() {
    let stage = Stage::set().await;
    stage.send(stage.draft().await, "hold me").await.unwrap();
    let access = stage.taro().reading();
    let parcel = stage.store.own_held(&access, None, 9).await.unwrap()[0].part.id;
    stage.outbound.decide(parcel, DecisionWord::Approve, Some(stage.hanako), "").await.unwrap();
    let known = [Address::parse("yamada@minato.example").unwrap()];
    assert_eq!(stage.store.known(&access, &known).await.unwrap().len(), 1);
    assert!(stage.store.own_held(&access, None, 9).await.unwrap().is_empty());
}
