//! What is read in attachments is read once, over a real engine: a file that is not plain is the work of a child each
//! time that it is read, and these are counted.

use std::time::Duration;

use inspect::extract::{Kept, MailTexts as _};
use store::{
    Access, Bytes, Change, NewAgreedPassword, NewAttachment, NewDraft, NewJournal, NewMail, Origin, Posting, Read,
    Review, Secret, SubmissionState,
};
use types::{Address, Direction, Envelope, PolicyChange, RecordId, Timestamp};

use crate::passwords::Parties;
use crate::tests::Stage;
use crate::{Answer, Outcome, Submission};

const RTF: &str = "{\\rtf1 My Number 1234 5678 9018}";

/// A mail with `text` and a file that only a child may read.
fn mail(text: &str, file: &str) -> Vec<u8> {
    format!(
        "From: taro@example.jp\r\nTo: yamada@minato.example\r\nSubject: test\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{text}\r\n--b\r\n\
         Content-Type: application/octet-stream; name=a.rtf\r\nContent-Disposition: attachment; filename=a.rtf\r\n\r\n\
         {file}\r\n--b--\r\n"
    )
    .into_bytes()
}

impl Stage {
    async fn submission(&self, bytes: &[u8], texts: Kept) -> Submission {
        let address = |text| Address::parse(text).unwrap();
        let to = vec![address("yamada@minato.example")];
        Submission {
            origin: Origin::Author,
            tenant: self.house.tenant,
            author: Some(self.house.taro),
            envelope: Envelope { from: Some(address("taro@example.jp")), to },
            draft: self.store.seal(self.house.tenant, bytes).await.unwrap(),
            trace: Vec::new(),
            form_key: None,
            from_draft: None,
            keep_in_sent: true,
            safeguard: None,
            undo_for: Duration::ZERO,
            confirmed: Vec::new(),
            texts,
        }
    }

    /// Who writes to whom in its submissions.
    fn parties(&self) -> Parties {
        let address = |text| Address::parse(text).unwrap();
        let (from, to) = (Some(address("taro@example.jp")), vec![address("yamada@minato.example")]);
        Parties { tenant: self.house.tenant, from, to }
    }

    async fn record(&self, answer: &Answer) -> RecordId {
        self.house.engine.submission(answer.reference).await.unwrap().unwrap().record
    }

    async fn kept(&self, record: RecordId) -> Option<Vec<u8>> {
        self.house.engine.texts(record, self.outbound.edition()).await.unwrap()
    }
}

#[tokio::test]
async fn a_file_is_read_once_for_its_review_its_approver_and_the_index() {
    let stage = Stage::set().await;
    let bytes = mail("hold me", RTF);
    let answer = stage.outbound.submit(stage.submission(&bytes, Kept::default()).await).await.unwrap();
    assert_eq!((answer.outcome.clone(), stage.outbound.parts_read()), (Outcome::Held, 1));
    let record = stage.record(&answer).await;
    assert!(stage.kept(record).await.is_some());
    let parcel = stage.house.engine.held(None).await.unwrap()[0].parcel.id;
    let access: Access<Review, Read> = stage.authority.grant(Review(stage.house.tenant), None, 0);
    let (found, _) = stage.outbound.findings(&access, parcel).await.unwrap().unwrap();
    assert_eq!(found.len(), 1);
    let seen = stage.outbound.inspected_record(&stage.parties(), record, bytes.clone()).await.unwrap();
    assert!(seen.masked_text("2").contains("My Number"));
    let texts = stage.outbound.texts(record, bytes.into()).await.unwrap();
    let texts: Vec<&str> = texts.iter().flat_map(|part| &part.read.texts).map(|text| text.text.trim()).collect();
    assert!(texts.contains(&"hold me") && texts.iter().any(|text| text.contains("1234 5678 9018")), "{texts:?}");
    assert_eq!(stage.outbound.parts_read(), 1);
    assert_eq!(stage.house.engine.verify(false).await.unwrap().damage, []);
}

#[tokio::test]
async fn what_the_check_read_in_a_drafts_file_is_not_read_for_the_mail() {
    let stage = Stage::set().await;
    let draft = stage.store.create_draft(&stage.taro(), NewDraft::default(), crate::tests::NOW).await.unwrap();
    let bytes = stage.store.seal(stage.house.tenant, RTF.as_bytes()).await.unwrap();
    let file = NewAttachment { bytes, name: "a.rtf".into(), media_type: String::new() };
    let file = stage.store.attach(&stage.taro(), draft.id, file, crate::tests::NOW).await.unwrap();
    let edition = stage.outbound.edition();
    let known = async || {
        let texts = stage.store.attachment_texts(&stage.taro().reading(), draft.id, edition).await.unwrap();
        stage.outbound.kept(texts.into_iter().map(|(_, texts)| texts))
    };
    let seen = stage.outbound.inspected(&stage.parties(), mail("first", RTF), known().await).await.unwrap();
    let read = [(file.id, seen.kept().of_part("2").to_bytes())];
    stage.store.keep_attachment_texts(&stage.taro(), draft.id, edition, &read).await.unwrap();
    let again = stage.outbound.inspected(&stage.parties(), mail("hold me", RTF), known().await).await.unwrap();
    assert!(seen.fresh() && !again.fresh());
    let submission = stage.submission(&mail("hold me", RTF), again.kept().clone()).await;
    let answer = stage.outbound.submit(submission).await.unwrap();
    assert_eq!((answer.outcome.clone(), stage.outbound.parts_read()), (Outcome::Held, 1));
    assert!(stage.kept(stage.record(&answer).await).await.is_some(), "the mail has a record of its own");
    let changed =
        stage.outbound.inspected(&stage.parties(), mail("x", "{\\rtf1 another}"), known().await).await.unwrap();
    assert!(changed.fresh() && stage.outbound.parts_read() == 2, "another file is read");
}

#[tokio::test]
async fn mail_that_came_in_is_read_once_and_plain_mail_has_nothing_to_keep() {
    let stage = Stage::set().await;
    let (bytes, plain) = (mail("hello", RTF), b"Subject: x\r\n\r\nhello\r\n".to_vec());
    let mut records = Vec::new();
    for bytes in [&bytes, &plain] {
        let (mut posting, tenant) = (Posting::default(), stage.house.tenant);
        let new = Bytes::New(stage.store.seal(tenant, bytes).await.unwrap());
        let mail = posting.mail(NewMail { tenant, bytes: new, summary: Vec::new(), sensitive: true });
        let envelope = Envelope { from: None, to: vec![Address::parse("taro@example.jp").unwrap()] };
        posting.journal.push(NewJournal { mail, direction: Direction::In, envelope, at: crate::tests::NOW });
        records.push(stage.house.engine.post(posting).await.unwrap().records[0]);
    }
    let reviewed = async {
        while stage.house.engine.review_position(stage.house.tenant).await.unwrap() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), stage.outbound.review_arrivals(reviewed)).await.unwrap();
    assert!(stage.kept(records[0]).await.is_some() && stage.kept(records[1]).await.is_none());
    assert!(!stage.outbound.texts(records[1], plain.into()).await.unwrap().is_empty());
    let known = stage.outbound.known_texts(records[0], bytes.clone().into()).await.unwrap();
    assert!(known.is_some_and(|texts| texts.iter().any(|part| part.name.as_deref() == Some("a.rtf"))));
    stage.outbound.texts(records[0], bytes.into()).await.unwrap();
    assert_eq!(stage.outbound.parts_read(), 1);
}

#[tokio::test]
async fn a_review_past_its_time_goes_on_with_the_same_look() {
    let stage = Stage::set().await;
    let submission = stage.submission(&mail("hold me", RTF), Kept::default()).await;
    let mut work = stage.outbound.look(submission).await.unwrap();
    work.look = Some(stage.outbound.inspector.begin(work.bytes.to_vec(), Kept::default()));
    let answer = stage.outbound.accept_for_review(work).await.unwrap();
    assert_eq!(answer.outcome, Outcome::UnderReview);
    stage.outbound.review_waiting().await.unwrap();
    assert_eq!(stage.house.engine.held(None).await.unwrap().len(), 1);
    assert!(stage.house.engine.submissions(SubmissionState::Reviewing, None, 9).await.unwrap().is_empty());
    assert_eq!(stage.outbound.parts_read(), 1);
    assert!(stage.kept(stage.record(&answer).await).await.is_some());
}

/// A mail whose file is an archive under a password.
fn locked_mail() -> Vec<u8> {
    let zip = include_bytes!("../extract/tests/encrypted/zipcrypto.zip");
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("={byte:02X}")).collect::<String>() + "=\r\n";
    let file: String = zip.chunks(20).map(line).collect();
    format!(
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; \
         filename=a.zip\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{file}"
    )
    .into_bytes()
}

impl Stage {
    async fn change(&self, change: Change) {
        self.house.engine.change_directory(change, None, Timestamp(0)).await.unwrap();
    }

    /// Looks at [`locked_mail`] with what was read before: what is kept now, how many numbers were found, how many
    /// files were opened, and how many parts were read since the start.
    async fn look_at_locked(&self, known: &Kept) -> (Kept, (usize, usize, u64)) {
        let seen = self.outbound.inspected(&self.parties(), locked_mail(), known.clone()).await.unwrap();
        let closed = seen.not_inspected.len();
        assert_eq!((closed, seen.attachments[0].encrypted), (1 - seen.opened.len(), true));
        (seen.kept().clone(), (seen.findings.len(), seen.opened.len(), self.outbound.parts_read()))
    }
}

#[tokio::test]
async fn what_a_password_opened_is_used_no_longer_than_it_is_on_the_list() {
    let (stage, name) = (Stage::set().await, "partner".to_owned());
    let tenant = stage.house.tenant;
    let (kept, seen) = stage.look_at_locked(&Kept::default()).await;
    assert_eq!(seen, (0, 0, 1));
    let secret = Secret::new("aoba-2026".to_owned().into());
    let new = NewAgreedPassword { tenant, name: name.clone(), domain: None, group: None, secret };
    stage.change(Change::AddAgreedPassword(Box::new(new))).await;
    let (kept, seen) = stage.look_at_locked(&kept).await;
    assert_eq!(seen, (0, 0, 1), "no password is tried until the company wants it");
    let changes = vec![PolicyChange::TryPasswords(true)];
    stage.change(Change::ChangePolicies { tenant, changes }).await;
    let (kept, seen) = stage.look_at_locked(&kept).await;
    assert_eq!(seen, (1, 1, 2), "what was closed is read anew");
    let (kept, seen) = stage.look_at_locked(&kept).await;
    assert_eq!(seen, (1, 1, 2), "and once");
    stage.change(Change::RemoveAgreedPassword { tenant, name }).await;
    let (_, seen) = stage.look_at_locked(&kept).await;
    assert_eq!(seen, (0, 0, 2), "what it opened is closed again, as it was read without it a moment ago");
}

#[tokio::test]
async fn what_the_index_reads_in_many_mails_is_kept_together() {
    let stage = Stage::set().await;
    let mut mails = Vec::new();
    for text in ["one", "two"] {
        let (bytes, tenant) = (mail(text, RTF), stage.house.tenant);
        let mut posting = Posting::default();
        let new = Bytes::New(stage.store.seal(tenant, &bytes).await.unwrap());
        posting.mail(NewMail { tenant, bytes: new, summary: Vec::new(), sensitive: true });
        mails.push((stage.house.engine.post(posting).await.unwrap().records[0], bytes));
    }
    for (record, bytes) in &mails {
        assert!(!stage.outbound.gathered_texts(*record, bytes.as_slice().into()).await.unwrap().is_empty());
        assert!(stage.kept(*record).await.is_none());
    }
    stage.outbound.keep_gathered().await;
    for (record, bytes) in &mails {
        assert!(stage.kept(*record).await.is_some());
        stage.outbound.texts(*record, bytes.as_slice().into()).await.unwrap();
    }
    assert_eq!(stage.outbound.parts_read(), 1, "it is the same file");
    assert_eq!(stage.house.engine.verify(false).await.unwrap().damage, []);
}
