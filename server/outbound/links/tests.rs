//! Links over a real engine with a clock moved by hand: the code goes to the address, opens once, and its sender hears of a lock.

use std::time::Duration;

use message::Parsed;
use message::charset::Forced;
use store::{
    Access, Account, AskedFrom, CODES_PER_HOUR, Change, Changed, CodeStep, Custody, LinkChange, LinkRow, NewLink,
    NewUser, Origin, PageFilter, PageStart, ParcelRef, ParcelState, Posting, QueueFilter, Roles, StoreError,
    SubmissionRef, Taking, Tried, Want, Write,
};
use types::{Address, Domain, Envelope, Language, Limits, Uid};

use super::Token;
use crate::tests::{NOW, Stage};
use crate::{CameBy, CollectionRequest, DecisionWord, OutboundError, Outcome, RequestProblem, Submission, Untreatable};

const HOUR: Duration = Duration::from_secs(3_600);

fn from() -> AskedFrom {
    AskedFrom { network: "203.0.113.0/24".into(), agent: "Firefox".into() }
}

impl Stage {
    /// A link for a partner that ends in fourteen days, and what leads to it.
    async fn linked(&self, number: u8) -> (Token, LinkRow) {
        let token = Token::fresh().unwrap();
        let mut posting = Posting::default();
        posting.mail(self.house.mail("stays here").await);
        posting.submissions.push(self.house.submission(number, ParcelState::Released));
        posting.links.push(NewLink {
            submission: SubmissionRef::New(0),
            parcel: ParcelRef::New(0, 0),
            recipient: Address::parse("partner@minato.example").unwrap(),
            token: token.hash(),
            whole: true,
            password: None,
            replies: false,
            downloads: 2,
            collection: None,
            at: NOW,
            expires: NOW.after(14 * 24 * HOUR),
        });
        self.house.engine.post(posting).await.unwrap();
        let link = self.outbound.link(token.as_str()).await.unwrap().expect("the link");
        (token, link)
    }

    /// The mails on their way to the partner, the last one last: reverse path and bytes.
    async fn on_their_way(&self) -> Vec<(Option<Address>, Vec<u8>)> {
        let filter = QueueFilter { all: true, ..QueueFilter::default() };
        let known = self.house.engine.queue(None, &filter).await.unwrap().len();
        let now = types::Clock::now(self.clock.as_ref());
        let claimed = self.house.engine.claim(known, now, now.after(Duration::from_millis(1))).await.unwrap();
        let mut mails = Vec::new();
        for row in claimed {
            assert_eq!(row.row.recipient.to_string(), "partner@minato.example");
            let bytes = self.outbound.bytes(&row).await.unwrap();
            mails.push((row.row.from, bytes));
        }
        self.clock.advance(Duration::from_millis(2));
        mails
    }

    /// The code in the last mail to the partner.
    async fn code(&self) -> String {
        let (path, bytes) = self.on_their_way().await.pop().expect("a mail");
        assert_eq!(path, None, "the null sender");
        let mail = Parsed::parse(&bytes, &Limits::default());
        assert_eq!(mail.header("Auto-Submitted").as_deref().map(str::trim), Some("auto-generated"));
        let text = message::view::text(&mail, Forced::default(), None);
        let code = text.lines().find_map(|line| line.strip_prefix("確認コード:")).expect("a code");
        code.split('(').next().unwrap().to_owned()
    }

    async fn opened(&self, link: &LinkRow, token: &Token, typed: &str) -> Tried {
        self.outbound.open_link(link, token.as_str(), typed, from()).await.unwrap()
    }

    async fn asked(&self, link: &LinkRow, token: &Token) -> CodeStep {
        self.outbound.send_code(link, token.as_str(), from(), Language::Ja).await.unwrap()
    }

    /// What the archive has of what was done to the links, the last one last.
    async fn archived(&self) -> Vec<String> {
        let rows = self.house.engine.journal_after(self.house.tenant, 0, 100).await.unwrap();
        let mut mails = Vec::new();
        for row in rows {
            let bytes = self.house.engine.read(row.record, 0..u64::MAX).await.unwrap();
            let mail = Parsed::parse(&bytes, &Limits::default());
            mails.push(message::view::text(&mail, Forced::default(), None));
        }
        mails
    }

    /// The subjects in Taro's INBOX.
    async fn taro_reads(&self) -> Vec<String> {
        let access: Access<Account, Write> = self.taro();
        let id = self.house.named(self.house.taro, "INBOX").await.id;
        let page = self.store.page(&access.reading(), id, PageStart::Newest, PageFilter::All, 50).await.unwrap();
        let subject = |row: &store::MessageRow| {
            message::Summary::from_bytes(row.summary.as_deref().unwrap_or_default()).unwrap().subject
        };
        page.rows.iter().map(subject).collect()
    }
}

#[tokio::test]
async fn a_code_goes_to_the_address_and_opens_the_link() {
    let stage = Stage::set().await;
    let (token, link) = stage.linked(1).await;
    assert!(stage.outbound.link("0123456789abcdef0123456789abcdef").await.unwrap().is_none());
    assert!(stage.outbound.link("no token").await.unwrap().is_none());
    assert_eq!(stage.asked(&link, &token).await, CodeStep::Stands);
    let code = stage.code().await;
    assert_eq!(code.chars().filter(char::is_ascii_digit).count(), 6, "{code}");
    let kept = stage.archived().await.pop().expect("it is archived");
    assert!(kept.contains("確認コード:*** ***(10分間有効)") && !kept.contains(&code), "{kept}");
    assert_eq!(stage.opened(&link, &token, &code).await, Tried::Open);
    assert!(matches!(stage.opened(&link, &token, &code).await, Tried::Wrong(_)), "once");
    let take = async || stage.outbound.take_file(&link, 0, from()).await.unwrap();
    assert_eq!([take().await, take().await, take().await], [Taking::Counted, Taking::Counted, Taking::UsedUp]);
    let own = stage.store.own_links(&stage.taro().reading(), link.submission.reference).await.unwrap().1;
    assert_eq!((own.len(), own[0].0.taken_in_all(), own[0].1.len()), (1, 2, 5));
}

#[tokio::test]
async fn a_code_and_a_link_end_with_their_time() {
    let stage = Stage::set().await;
    let (token, link) = stage.linked(1).await;
    assert_eq!(stage.asked(&link, &token).await, CodeStep::Stands);
    let code = stage.code().await;
    stage.clock.advance(Duration::from_secs(600));
    assert!(matches!(stage.opened(&link, &token, &code).await, Tried::Wrong(_)));
    stage.clock.advance(14 * 24 * HOUR);
    assert!(stage.outbound.link(token.as_str()).await.unwrap().is_none(), "as if there never was one");
    assert_eq!(stage.outbound.take_file(&link, 0, from()).await.unwrap(), Taking::Gone);
}

#[tokio::test]
async fn a_stopped_link_hands_out_nothing() {
    let stage = Stage::set().await;
    let (token, link) = stage.linked(1).await;
    let now = types::Clock::now(stage.clock.as_ref());
    let foreign: Access<Account, Write> = stage.authority.grant(Account(stage.hanako), None, 0);
    assert!(stage.store.change_own_link(&foreign, link.id, LinkChange::Stop, now).await.is_err(), "not hers");
    stage.store.change_own_link(&stage.taro(), link.id, LinkChange::Stop, now).await.unwrap();
    assert!(stage.outbound.link(token.as_str()).await.unwrap().is_none());
    assert_eq!(stage.opened(&link, &token, "000000").await, Tried::Gone);
    assert_eq!(stage.outbound.take_file(&link, 0, from()).await.unwrap(), Taking::Gone);
}

#[tokio::test]
async fn five_wrong_codes_lock_a_link_and_its_sender_is_told_once() {
    let stage = Stage::set().await;
    let (token, link) = stage.linked(1).await;
    stage.asked(&link, &token).await;
    let code = stage.code().await;
    for _ in 0..4 {
        assert!(matches!(stage.opened(&link, &token, "no").await, Tried::Wrong(_)));
    }
    assert!(matches!(stage.opened(&link, &token, "no").await, Tried::Locked { now: true, .. }));
    assert!(matches!(stage.opened(&link, &token, &code).await, Tried::Locked { now: false, .. }));
    assert_eq!(stage.taro_reads().await, ["【リンクの一時停止】contract"]);
    stage.clock.advance(Duration::from_secs(900));
    stage.asked(&link, &token).await;
    let code = stage.code().await;
    assert_eq!(stage.opened(&link, &token, &code).await, Tried::Open);
    assert_eq!(stage.taro_reads().await.len(), 1);
}

#[tokio::test]
async fn codes_are_sent_five_times_an_hour() {
    let stage = Stage::set().await;
    let (token, link) = stage.linked(1).await;
    for _ in 0..CODES_PER_HOUR {
        assert_eq!(stage.asked(&link, &token).await, CodeStep::Stands);
    }
    assert_eq!(stage.asked(&link, &token).await, CodeStep::TooMany);
    assert_eq!(stage.on_their_way().await.len(), 5);
    stage.clock.advance(HOUR);
    assert_eq!(stage.asked(&link, &token).await, CodeStep::Stands);
}

#[tokio::test]
async fn a_link_sent_anew_has_another_address() {
    let mut stage = Stage::set().await;
    let (token, link) = stage.linked(1).await;
    let refused = stage.outbound.renew_link(&stage.taro(), link.id).await;
    assert!(matches!(refused, Err(OutboundError::NoPage)), "{refused:?}");
    assert!(stage.outbound.link(token.as_str()).await.unwrap().is_some(), "it was not renewed");
    stage.outbound = stage.outbound.with_page(Some("https://dl.example.jp".into()));
    stage.outbound.renew_link(&stage.taro(), link.id).await.unwrap();
    assert!(stage.outbound.link(token.as_str()).await.unwrap().is_none());
    let (path, bytes) = stage.on_their_way().await.pop().expect("a mail");
    assert_eq!(path.map(|path| path.to_string()).as_deref(), Some("taro@example.jp"));
    let mail = Parsed::parse(&bytes, &Limits::default());
    let text = message::view::text(&mail, Forced::default(), None);
    assert!(!text.contains("stays here") && text.contains("partner@minato.example 宛てに6桁"), "{text}");
    let address = text.lines().find_map(|line| line.strip_prefix("受け取り:https://dl.example.jp/d/")).expect("a link");
    assert_eq!(stage.outbound.link(address).await.unwrap().map(|one| one.id), Some(link.id));
    let kept = stage.archived().await.pop().expect("it is archived");
    assert!(kept.contains(&format!("/d/{}\n", "*".repeat(32))) && !kept.contains(address), "{kept}");
}

#[tokio::test]
async fn a_link_that_was_stopped_or_has_ended_is_not_sent_anew() {
    let mut stage = Stage::set().await;
    stage.set_page(Some("https://dl.example.jp"));
    let now = || types::Clock::now(stage.clock.as_ref());
    let (token, link) = stage.linked(1).await;
    stage.store.change_own_link(&stage.taro(), link.id, LinkChange::Stop, now()).await.unwrap();
    let refused = stage.outbound.renew_link(&stage.taro(), link.id).await;
    assert!(matches!(refused, Err(OutboundError::Store(StoreError::Conflict(_)))), "{refused:?}");
    let more = LinkChange::Extend { expires: now().after(HOUR), downloads: 2 };
    stage.store.change_own_link(&stage.taro(), link.id, more, now()).await.unwrap();
    assert!(stage.outbound.link(token.as_str()).await.unwrap().is_some(), "its sender alone brings it back");
    stage.clock.advance(HOUR);
    let refused = stage.outbound.renew_link(&stage.taro(), link.id).await;
    assert!(matches!(refused, Err(OutboundError::Store(StoreError::Conflict(_)))), "{refused:?}");
    assert!(stage.on_their_way().await.is_empty() && stage.archived().await.is_empty(), "no mail went");
}

#[tokio::test]
async fn without_a_page_a_mail_that_should_go_as_a_link_is_held() {
    let mut stage = Stage::set().await;
    let text = "[[rule]]\ncode = \"LINK\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\naction = { encrypt = \"link\" }\n";
    let rules = Change::SetRules { tenant: stage.house.tenant, text: text.into(), by: None, reason: None, seen: None };
    stage.house.engine.change_directory(rules, None, NOW).await.unwrap();
    let queued = async |stage: &Stage| {
        let filter = QueueFilter { all: true, ..QueueFilter::default() };
        stage.house.engine.queue(None, &filter).await.unwrap().len()
    };
    let held = stage.send_and_wait(stage.draft().await, "hello", Duration::ZERO).await.unwrap();
    assert_eq!((held.outcome, queued(&stage).await), (Outcome::Held, 0));
    let case = &stage.store.own_held(&stage.taro().reading(), None, 9).await.unwrap()[0];
    let refused = stage.outbound.decide(case.part.id, DecisionWord::Approve, None, "").await;
    assert!(matches!(refused, Err(OutboundError::Untreatable(_))), "{refused:?}");
    stage.outbound = stage.outbound.with_page(Some("https://dl.example.jp".into()));
    stage.outbound.decide(case.part.id, DecisionWord::Approve, None, "").await.unwrap();
    let sent = stage.send_and_wait(stage.draft().await, "hello", Duration::ZERO).await.unwrap();
    assert_eq!((sent.outcome, queued(&stage).await), (Outcome::Sent, 2));
    let links = stage.store.own_links(&stage.taro().reading(), sent.reference).await.unwrap().1;
    assert_eq!(
        (links.len(), links[0].0.whole, links[0].0.downloads),
        (1, true, 5),
        "a mail without files stays as a whole"
    );
}

/// What opens a link goes by no weaker way than the link itself: its code, and its mail that is sent anew.
#[tokio::test]
async fn a_code_and_a_link_sent_anew_go_by_the_way_that_is_demanded_of_the_link() {
    let mut stage = Stage::set().await;
    stage.set_page(Some("https://dl.example.jp"));
    let text = "[[rule]]\ncode = \"LINK\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\n\
                action = [ { encrypt = \"link\" }, { tls = \"required\" } ]\n";
    let rules = Change::SetRules { tenant: stage.house.tenant, text: text.into(), by: None, reason: None, seen: None };
    stage.house.engine.change_directory(rules, None, NOW).await.unwrap();
    let mail = b"From: taro@example.jp\r\nSubject: x\r\n\r\nhello\r\n";
    let sent = stage.send_bytes(mail, &["partner@minato.example"], None).await;
    let (_, bytes) = stage.on_their_way().await.pop().expect("a mail");
    let text = message::view::text(&Parsed::parse(&bytes, &Limits::default()), Forced::default(), None);
    let token = text.lines().find_map(|line| line.strip_prefix("受け取り:https://dl.example.jp/d/")).expect("a link");
    let token = Token::parse(token).unwrap();
    let link = stage.outbound.link(token.as_str()).await.unwrap().expect("the link");
    assert_eq!(link.submission.reference, sent.reference);
    assert_eq!(stage.asked(&link, &token).await, CodeStep::Stands);
    stage.outbound.renew_link(&stage.taro(), link.id).await.unwrap();
    let claimed = stage.store.claim(&stage.outbound.exit, 9, NOW.after(HOUR), NOW.after(2 * HOUR)).await.unwrap();
    let ways: Vec<bool> = claimed.iter().map(|row| row.demands.verified_tls).collect();
    assert_eq!(ways, [true; 3], "the link, its code, and the link anew");
}

/// It went as a link that nobody could open: of its password nobody was told.
#[tokio::test]
async fn a_link_by_a_password_of_which_nobody_could_be_told_is_held() {
    let mut stage = Stage::set().await;
    stage.set_page(Some("https://dl.example.jp"));
    let text = "[[rule]]\ncode = \"LINK\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\n\
                action = { encrypt = { form = \"link\", identity = \"password\" } }\n";
    let rules = Change::SetRules { tenant: stage.house.tenant, text: text.into(), by: None, reason: None, seen: None };
    stage.house.engine.change_directory(rules, None, NOW).await.unwrap();
    let stranger = Address::parse("stranger@umi.example").unwrap();
    // what a group forwards has no author here
    let forwarded = Submission {
        origin: Origin::Forward,
        tenant: stage.house.tenant,
        author: None,
        envelope: Envelope { from: Some(stranger), to: vec![Address::parse("partner@minato.example").unwrap()] },
        draft: stage.store.seal(stage.house.tenant, b"Subject: x\r\n\r\nhello\r\n").await.unwrap(),
        trace: Vec::new(),
        form_key: None,
        from_draft: None,
        keep_in_sent: false,
        safeguard: None,
        undo_for: Duration::ZERO,
        confirmed: Vec::new(),
        texts: Default::default(),
    };
    assert_eq!(stage.outbound.submit(forwarded).await.unwrap().outcome, Outcome::Held);
    let held = stage.house.engine.held_cases(stage.house.tenant, None, 9).await.unwrap();
    assert!(held.len() == 1 && held[0].part.rules == ["LINK", "NOT-TREATED"], "{held:?}");
    let refused = stage.outbound.decide(held[0].part.id, DecisionWord::Approve, None, "").await;
    assert!(matches!(refused, Err(OutboundError::Untreatable(Untreatable::NobodyToTell))), "{refused:?}");
    assert!(stage.on_their_way().await.is_empty());
    // of a person's own mail he is told
    let mail = b"From: taro@example.jp\r\nSubject: x\r\n\r\nhello\r\n";
    let sent = stage.send_bytes(mail, &["partner@minato.example"], None).await;
    assert_eq!((sent.outcome, stage.on_their_way().await.len()), (Outcome::Sent, 1));
    assert_eq!(stage.taro_reads().await, ["【リンクのパスワード】x"]);
}

/// What a rule puts at the end of a mail stands at the end of that which brings the link, also when it is sent anew.
#[tokio::test]
async fn a_footer_stands_in_the_mail_that_brings_the_link() {
    let mut stage = Stage::set().await;
    stage.set_page(Some("https://dl.example.jp"));
    let rule = |code: &str, action: &str| {
        format!(
            "[[rule]]\ncode = \"{code}\"\ndirection = \"out\"\nwhen = {{ recipients = \"outside\" }}\naction = {action}\n"
        )
    };
    let text = rule("LINK", "{ encrypt = \"link\" }") + &rule("FOOT", "{ footer = { text = \"社外秘です。\" } }");
    let rules = Change::SetRules { tenant: stage.house.tenant, text, by: None, reason: None, seen: None };
    stage.house.engine.change_directory(rules, None, NOW).await.unwrap();
    let bytes = b"From: taro@example.jp\r\nTo: partner@minato.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n\
        --b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nstays\r\n--b--\r\n";
    let sent = stage.send_bytes(bytes, &["partner@minato.example"], None).await;
    assert_eq!(sent.outcome, Outcome::Sent);
    let links = stage.store.own_links(&stage.taro().reading(), sent.reference).await.unwrap().1;
    stage.outbound.renew_link(&stage.taro(), links[0].0.id).await.unwrap();
    let mails = stage.on_their_way().await;
    assert_eq!(mails.len(), 2);
    for (_, bytes) in mails {
        let text = message::view::text(&Parsed::parse(&bytes, &Limits::default()), Forced::default(), None);
        assert!(text.starts_with("hello\n") && text.trim_end().ends_with("\n\n社外秘です。"), "{text}");
        assert!(!text.contains("stays"), "{text}");
    }
    let trail = stage.house.engine.trail(links[0].0.submission.id).await.unwrap();
    assert!(trail.iter().any(|row| row.event == "parcel.footer_added"), "{trail:?}");
}

#[tokio::test]
async fn a_person_of_another_company_on_this_server_gets_a_link_too() {
    let mut stage = Stage::set().await;
    stage.outbound = stage.outbound.with_page(Some("https://dl.example.jp".into()));
    let change = async |change| stage.house.engine.change_directory(change, None, NOW).await.unwrap();
    let add = Change::AddTenant { name: "minato".into(), title: "Minato".into(), rules: String::new() };
    let Changed::Tenant(tenant) = change(add).await else { panic!("a tenant") };
    change(Change::AddDomain { domain: Domain::parse("minato.example").unwrap(), tenant }).await;
    let new = NewUser {
        tenant,
        address: Address::parse("yamada@minato.example").unwrap(),
        name: "山田".into(),
        roles: Roles::default(),
        credentials: None,
        language: Language::Ja,
    };
    let Changed::User(yamada) = change(Change::AddUser(Box::new(new))).await else { panic!("a person") };
    let text = "[[rule]]\ncode = \"LINK\"\ndirection = \"out\"\nwhen = { recipients = \"outside\" }\naction = { encrypt = \"link\" }\n";
    change(Change::SetRules { tenant: stage.house.tenant, text: text.into(), by: None, reason: None, seen: None })
        .await;
    let sent = stage.send_and_wait(stage.draft().await, "words that stay here", Duration::ZERO).await.unwrap();
    assert_eq!(sent.outcome, Outcome::Sent);
    let read = async |user| {
        let inbox = stage.house.named(user, "INBOX").await.id;
        let uids = [Uid(1)].into_iter().collect();
        let rows = stage.house.engine.messages(user, inbox, &uids, Want::default()).await.unwrap();
        String::from_utf8(stage.house.engine.read(rows[0].record, 0..u64::MAX).await.unwrap().to_vec()).unwrap()
    };
    assert!(read(stage.hanako).await.contains("words that stay here"), "colleagues get the mail itself");
    let his = read(yamada).await;
    let mail = Parsed::parse(his.as_bytes(), &Limits::default());
    let shown = message::view::text(&mail, Forced::default(), None);
    assert!(!his.contains("words that stay here") && shown.contains("https://dl.example.jp/d/"), "{shown}");
    let links = stage.store.own_links(&stage.taro().reading(), sent.reference).await.unwrap().1;
    assert_eq!(links.len(), 1);

    // each of several has his own, and their company's journal has each
    let (address, name, roles) = (Address::parse("mori@minato.example").unwrap(), "森".into(), Roles::default());
    let new = NewUser { tenant, address, name, roles, credentials: None, language: Language::Ja };
    change(Change::AddUser(Box::new(new))).await;
    let before = stage.house.engine.journal_after(tenant, 0, 100).await.unwrap().len();
    let to = ["yamada@minato.example", "mori@minato.example"];
    stage.send_bytes(b"From: taro@example.jp\r\nSubject: s\r\n\r\nhello\r\n", &to, None).await;
    let rows = stage.house.engine.journal_after(tenant, 0, 100).await.unwrap();
    let told: Vec<String> = rows[before..].iter().map(|row| row.envelope.to[0].to_string()).collect();
    assert_eq!((before, told.as_slice()), (1, &to.map(str::to_owned)[..]));
}

fn request(days: u32, note: &str) -> CollectionRequest {
    CollectionRequest {
        recipient: Address::parse("partner@minato.example").unwrap(),
        title: "本人確認書類".into(),
        note: note.into(),
        expected: vec!["表面".into(), "裏面".into()],
        days,
    }
}

#[tokio::test]
async fn a_request_for_files_goes_out_in_the_handlers_name_and_is_reminded_of_once() {
    let mut stage = Stage::set().await;
    stage.set_page(Some("https://dl.example.jp"));
    let custody: Access<Custody, Write> = stage.authority.grant(Custody(stage.house.tenant), Some(stage.house.taro), 0);
    let reference = stage.outbound.ask_for_files(&custody, request(5, "写しで結構です。")).await.unwrap();
    let (path, bytes) = stage.on_their_way().await.pop().expect("a mail");
    assert_eq!(path.map(|path| path.to_string()).as_deref(), Some("taro@example.jp"));
    let mail = Parsed::parse(&bytes, &Limits::default());
    let text = message::view::text(&mail, Forced::default(), None);
    assert!(text.contains("・表面") && text.contains("写しで結構です。"), "{text}");
    let token = text.lines().find_map(|line| line.strip_prefix("提出ページ:https://dl.example.jp/d/")).expect("a page");
    let kept = stage.archived().await.pop().expect("it is archived");
    assert!(kept.contains("本人確認書類") && !kept.contains(token), "{kept}");
    let link = stage.outbound.link(token).await.unwrap().expect("the link");
    assert_eq!((link.submission.reference, link.replies), (reference, true));
    let own = stage.store.own_links(&stage.taro().reading(), reference).await.unwrap().1;
    assert!(own.is_empty(), "it is the handlers', not one of his links");
    stage.outbound.remind_of_collections().await.unwrap();
    assert_eq!(stage.on_their_way().await.len(), 1, "not yet");
    stage.clock.advance(5 * 24 * HOUR - HOUR);
    stage.outbound.remind_of_collections().await.unwrap();
    let (_, bytes) = stage.on_their_way().await.pop().expect("a reminder");
    let mail = Parsed::parse(&bytes, &Limits::default());
    let text = message::view::text(&mail, Forced::default(), None);
    assert!(text.contains("期限が近づいております") && !text.contains("/d/"), "{text}");
    stage.outbound.remind_of_collections().await.unwrap();
    assert_eq!(stage.on_their_way().await.len(), 2, "once");
    // what comes back says how it came
    let (from, tls) = (from(), ("TLS1.3", "TLS_AES_256_GCM_SHA384".to_owned()));
    let over_tls = " with HTTPS\r\n (version=TLS1.3 cipher=TLS_AES_256_GCM_SHA384) id ";
    for (tls, with) in [(None, " with HTTP id "), (Some(&tls), over_tls)] {
        let (to, by) = (link.recipient.clone(), CameBy { from: &from, tls });
        let reply = stage.outbound.begin_reply(&link, to, ("", None), "", by).unwrap();
        let trace = String::from_utf8(reply.trace).unwrap();
        assert!(trace.starts_with("Received: from [203.0.113.0-24] by ") && trace.contains(with), "{trace}");
    }
}

/// The old address ended, and no mail told of another.
#[tokio::test]
async fn a_request_is_sent_again_in_the_name_of_a_handler_who_is_still_there_or_stays_as_it_is() {
    let mut stage = Stage::set().await;
    stage.set_page(Some("https://dl.example.jp"));
    let custody = |by: Option<types::UserId>| -> Access<Custody, Write> {
        let generation = by.map_or(0, |by| stage.store.directory().users[&by].generation);
        stage.authority.grant(Custody(stage.house.tenant), by, generation)
    };
    let leaving = stage.house.person("jiro").await;
    let reference = stage.outbound.ask_for_files(&custody(Some(leaving)), request(5, "")).await.unwrap();
    let address = |bytes: &[u8]| {
        let text = message::view::text(&Parsed::parse(bytes, &Limits::default()), Forced::default(), None);
        text.lines()
            .find_map(|line| line.strip_prefix("提出ページ:https://dl.example.jp/d/").map(str::to_owned))
            .unwrap()
    };
    let first = address(&stage.on_their_way().await.pop().expect("a mail").1);
    let link = stage.outbound.link(&first).await.unwrap().expect("the link");
    stage.house.engine.change_directory(Change::RemoveUser(leaving), None, NOW).await.unwrap();
    let refused = stage.outbound.ask_again(&custody(None), link.id).await;
    assert!(refused.is_err() && stage.outbound.link(&first).await.unwrap().is_some(), "{refused:?}");
    stage.outbound.ask_again(&custody(Some(stage.hanako)), link.id).await.unwrap();
    assert!(stage.outbound.link(&first).await.unwrap().is_none(), "the former ends with the mail of the new one");
    let (path, bytes) = stage.on_their_way().await.pop().expect("a mail");
    assert_eq!(path.map(|path| path.to_string()).as_deref(), Some("hanako@example.jp"));
    let again = stage.outbound.link(&address(&bytes)).await.unwrap().expect("the link");
    assert_eq!((again.id, again.submission.reference), (link.id, reference));
}

#[tokio::test]
async fn a_request_holds_no_number_and_goes_to_nobody_inside() {
    let mut stage = Stage::set().await;
    stage.set_page(Some("https://dl.example.jp"));
    let custody: Access<Custody, Write> = stage.authority.grant(Custody(stage.house.tenant), Some(stage.house.taro), 0);
    let inside = CollectionRequest { recipient: Address::parse("hanako@example.jp").unwrap(), ..request(5, "") };
    for (request, problem) in [
        (request(5, "個人番号 1234 5678 9018"), RequestProblem::Number),
        (request(0, ""), RequestProblem::Days),
        (request(91, ""), RequestProblem::Days),
        (request(5, &"x".repeat(2_001)), RequestProblem::TooLong),
        (CollectionRequest { title: " ".into(), ..request(5, "") }, RequestProblem::NoTitle),
        (inside, RequestProblem::Inside),
    ] {
        let refused = stage.outbound.ask_for_files(&custody, request).await;
        assert!(matches!(refused, Err(OutboundError::Request(why)) if why == problem), "{refused:?}");
    }
    assert!(stage.on_their_way().await.is_empty());
}
