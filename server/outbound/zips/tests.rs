//! ZIPs over a real engine: what leaves, who is told of the password, and where no trace of it stands.

use std::io::{Cursor, Read as _};
use std::time::Duration;

use message::Parsed;
use message::charset::Forced;
use store::{
    Access, Account, Change, Changed, NewAgreedPassword, NewUser, PageFilter, PageStart, QueueFilter, Roles, Secret,
    StoreError, Want,
};
use types::{
    Address, Domain, Encrypted, Encryption, EncryptionForm, Language, Limits, PolicyChange, Safeguard, TenantId,
    Treatment, Uid, UserId,
};

use super::{can_be_made, is_zip};
use crate::tests::{NOW, Stage, with_picture};
use crate::{OutboundError, Outcome, Untreatable};

fn zip(what: Encrypted) -> Treatment {
    let encryption = Some(Encryption { form: EncryptionForm::Zip, what, link: None });
    Treatment { encryption, ..Treatment::default() }
}

#[test]
fn a_mail_that_cannot_be_packed_whole_and_untouched_is_none_for_a_zip() {
    assert!(is_zip(&zip(Encrypted::Attachments)) && !is_zip(&Treatment::default()));
    let mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n";
    let limits = Limits::default();
    for (mail, made) in [
        ("Subject: s\r\n\r\nhello\r\n".to_owned(), Ok(())),
        (format!("{mixed}Content-Type: application/pdf\r\n\r\nx\r\n--b--\r\n"), Ok(())),
        (
            format!("{mixed}Content-Type: application/pdf\r\nContent-Transfer-Encoding: x-odd\r\n\r\nx\r\n--b--\r\n"),
            Err(Untreatable::FilesBroken),
        ),
        (
            "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n".to_owned(),
            Err(Untreatable::Protected),
        ),
        (
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx\r\n".to_owned(),
            Err(Untreatable::Protected),
        ),
    ] {
        assert_eq!(can_be_made(mail.as_bytes(), &limits), made, "{mail}");
    }
    let small = Limits { message_size: 8_000, ..Limits::default() };
    let file = "x".repeat(6_000);
    let mail = format!("{mixed}Content-Type: application/pdf\r\n\r\n{file}\r\n--b--\r\n");
    assert_eq!(can_be_made(mail.as_bytes(), &small), Err(Untreatable::TooBig));
}

/// The files of an archive in an archive under a password.
fn opened(archive: &[u8], password: &str) -> Vec<(String, Vec<u8>)> {
    let mut outer = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut inner = Vec::new();
    outer.by_index_decrypt(0, password.as_bytes()).unwrap().read_to_end(&mut inner).unwrap();
    let mut inner = zip::ZipArchive::new(Cursor::new(inner)).unwrap();
    let mut files = Vec::new();
    for place in 0..inner.len() {
        let mut entry = inner.by_index(place).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.push((entry.name().unwrap().into_owned(), bytes));
    }
    files
}

impl Stage {
    async fn changed(&self, change: Change) -> Changed {
        self.house.engine.change_directory(change, None, NOW).await.unwrap()
    }

    async fn person_of(&self, tenant: TenantId, address: &str) -> UserId {
        let (address, name, roles) = (Address::parse(address).unwrap(), "x".into(), Roles::default());
        let new = NewUser { tenant, address, name, roles, credentials: None, language: Language::Ja };
        let Changed::User(user) = self.changed(Change::AddUser(Box::new(new))).await else { panic!("a person") };
        user
    }

    /// The records in somebody's INBOX, the first first.
    async fn records_of(&self, user: UserId) -> Vec<types::RecordId> {
        let (id, uids) = (self.house.named(user, "INBOX").await.id, (1..9).map(Uid).collect());
        let rows = self.house.engine.messages(user, id, &uids, Want::default()).await.unwrap();
        rows.iter().map(|row| row.record).collect()
    }

    /// The subjects and texts of somebody's INBOX.
    pub(crate) async fn inbox(&self, access: &Access<Account, store::Write>) -> Vec<(String, String)> {
        let id = self.house.named(access.what().0, "INBOX").await.id;
        let page = self.store.page(&access.reading(), id, PageStart::Newest, PageFilter::All, 50).await.unwrap();
        let mut all = Vec::new();
        for row in page.rows {
            let bytes = self.house.engine.read(row.record, 0..u64::MAX).await.unwrap();
            let mail = Parsed::parse(&bytes, &Limits::default());
            all.push((mail.subject(), message::view::text(&mail, Forced::default(), None)));
        }
        all
    }
}

#[tokio::test]
async fn the_sender_alone_is_told_what_opens_a_zip_and_no_trail_holds_it() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    let sent = stage.send_and_wait(draft, "pack me", Duration::ZERO).await.unwrap();
    assert_eq!(sent.outcome, Outcome::Sent);
    let (_, told) = stage.outbound.own_zips(&stage.taro().reading(), sent.reference).await.unwrap();
    let [one] = told.as_slice() else { panic!("one ZIP: {told:?}") };
    assert_eq!(one.recipients.iter().map(ToString::to_string).collect::<Vec<_>>(), ["yamada@minato.example"]);
    let password = one.password.as_ref().expect("a made one").reveal().to_owned();
    assert!(!format!("{told:?}").contains(&password));
    let hanako: Access<Account, store::Write> = stage.authority.grant(Account(stage.hanako), None, 0);
    let others = stage.outbound.own_zips(&hanako.reading(), sent.reference).await;
    assert!(matches!(others, Err(OutboundError::Store(StoreError::NotFound(_)))), "{others:?}");

    // what leaves has no text of his, and the file opens
    let claimed = stage.house.engine.claim(9, NOW, NOW.after(Duration::from_secs(60))).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let bytes = stage.outbound.bytes(&claimed[0]).await.unwrap();
    let mail = Parsed::parse(&bytes, &Limits::default());
    let text = message::view::text(&mail, Forced::default(), None);
    assert!(!String::from_utf8_lossy(&bytes).contains("pack me") && text.contains("AES-256"), "{text}");
    assert!(!String::from_utf8_lossy(&bytes).contains("123456789018"), "a name with a number is no name");
    let files = message::attachments::all_whole(&mail).unwrap();
    let inside = opened(&files[0].1, &password);
    assert_eq!(inside[0].0, "本文.txt");
    assert!(String::from_utf8_lossy(&inside[0].1).contains("pack me"));

    // the colleague inside has the mail itself, the sender his notice
    let hers = stage.inbox(&hanako).await;
    assert!(hers.iter().any(|(subject, text)| subject == "test" && text.contains("pack me")), "{hers:?}");
    assert!(hers.iter().all(|(_, text)| !text.contains(&password)));
    let his = stage.inbox(&stage.taro()).await;
    let notice = his.iter().find(|(subject, _)| subject == "【ZIP のパスワード】test").expect("a notice");
    assert!(notice.1.contains(&password) && notice.1.contains("yamada@minato.example"), "{notice:?}");

    let trail = stage.house.engine.trail(sent.submission).await.unwrap();
    let packed = trail.iter().find(|line| line.event == "parcel.zipped").expect("a line of the timeline");
    assert_eq!(packed.detail, "AES-256 (AE-2): yamada@minato.example");
    assert!(trail.iter().all(|line| !line.detail.contains(&password)));
    let all = QueueFilter { all: true, ..QueueFilter::default() };
    let queued = stage.house.engine.queue(None, &all).await.unwrap();
    assert_eq!(queued.len(), 1, "{queued:?}");
    assert_eq!(stage.house.engine.verify(true).await.unwrap().damage, []);
}

/// His choice was dropped without a word.
#[tokio::test]
async fn a_sender_who_chooses_a_zip_gets_one_of_a_picture_in_his_text() {
    let stage = Stage::set().await;
    let sent = stage.send_bytes(&with_picture("related"), &["yamada@minato.example"], Some(Safeguard::Zip)).await;
    assert_eq!(sent.outcome, Outcome::Sent);
    let (_, told) = stage.outbound.own_zips(&stage.taro().reading(), sent.reference).await.unwrap();
    let password = told[0].password.as_ref().expect("a made one").reveal().to_owned();
    let claimed = stage.house.engine.claim(9, NOW, NOW.after(Duration::from_secs(60))).await.unwrap();
    let bytes = stage.outbound.bytes(&claimed[0]).await.unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("iVBORw0KGgo"), "the picture is not beside it");
    let mail = Parsed::parse(&bytes, &Limits::default());
    let files = message::attachments::all_whole(&mail).unwrap();
    let inside = opened(&files[0].1, &password);
    assert_eq!(inside, [("a.png".to_owned(), b"\x89PNG\r\n\x1a\n".to_vec())]);
}

/// Only the last of them stood in their journal, and each recipient had the ZIP sealed once more.
#[tokio::test]
async fn another_company_here_gets_each_zip_sealed_once_and_journals_each_mail() {
    let stage = Stage::set().await;
    let add = Change::AddTenant { name: "minato".into(), title: "Minato".into(), rules: String::new() };
    let Changed::Tenant(minato) = stage.changed(add).await else { panic!("a tenant") };
    for domain in ["minato.example", "umi.example"] {
        stage.changed(Change::AddDomain { domain: Domain::parse(domain).unwrap(), tenant: minato }).await;
    }
    let (tenant, domain) = (stage.house.tenant, Domain::parse("umi.example").ok());
    let secret = Secret::new("umi-to-aoba-26".to_owned().into());
    let new = NewAgreedPassword { tenant, name: "umi".into(), domain, group: None, secret };
    stage.changed(Change::AddAgreedPassword(Box::new(new))).await;
    let changes = vec![PolicyChange::MailPasswords(true)];
    stage.changed(Change::ChangePolicies { tenant, changes }).await;
    let to = ["yamada@minato.example", "mori@minato.example", "kishi@umi.example", "a@other.example"];
    let mut records = Vec::new();
    let mut people = Vec::new();
    for address in &to[..3] {
        people.push(stage.person_of(minato, address).await);
    }
    let sent = stage.send_bytes(&with_picture("mixed"), &to, Some(Safeguard::Zip)).await;
    assert_eq!(sent.outcome, Outcome::Sent);
    for person in people {
        records.push(stage.records_of(person).await);
    }
    let [yamada, mori, kishi] = records.as_slice() else { panic!("three people") };
    assert_eq!((yamada.len(), mori.len(), kishi.len()), (2, 2, 1), "a ZIP, and a password that was made");
    assert!(yamada[0] == mori[0] && yamada[1] != mori[1] && kishi[0] != mori[0], "one record for one form");
    let rows = stage.house.engine.journal_after(minato, 0, 100).await.unwrap();
    let mut journalled: Vec<(types::RecordId, String)> = rows
        .iter()
        .map(|row| {
            let to: Vec<String> = row.envelope.to.iter().map(ToString::to_string).collect();
            (row.record, to.join(" "))
        })
        .collect();
    journalled.sort();
    let mut expected = vec![
        (yamada[0], "yamada@minato.example mori@minato.example".to_owned()),
        (yamada[1], to[0].to_owned()),
        (mori[1], to[1].to_owned()),
        (kishi[0], to[2].to_owned()),
    ];
    expected.sort();
    assert_eq!(journalled, expected);
    // its own company has what was written
    let own = stage.house.engine.journal_after(tenant, 0, 100).await.unwrap();
    assert_eq!((own.len(), own[0].envelope.to.len()), (1, 4));
    assert_eq!(stage.house.engine.verify(true).await.unwrap().damage, []);
}

#[tokio::test]
async fn no_file_under_the_data_folder_holds_a_password() {
    let stage = Stage::set().await;
    let draft = stage.draft().await;
    let sent = stage.send_and_wait(draft, "pack me", Duration::ZERO).await.unwrap();
    let (_, told) = stage.outbound.own_zips(&stage.taro().reading(), sent.reference).await.unwrap();
    let password = told[0].password.as_ref().expect("a made one").reveal().to_owned();
    stage.house.engine.close().await.unwrap();
    let mut folders = vec![stage.folder().to_owned()];
    let mut looked = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            looked += 1;
            assert!(!bytes.windows(16).any(|window| window == password.as_bytes()), "{}", path.display());
        }
    }
    assert!(looked >= 3, "{looked} files");
}
