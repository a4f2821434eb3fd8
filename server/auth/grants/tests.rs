//! Roles open what they are for and nothing else; another company's things do not exist.

use store::{
    Approver, Change, Changed, NewApproval, NewMail, NewParcel, NewSubmission, NewUser, Origin, ParcelState, Posting,
    Roles, SubmissionState, UserChange,
};
use types::{Address, Domain, Language, Limits, Reference, Timestamp};

use super::*;
use crate::tests::{NOW, Stage};

impl Stage {
    /// The company with another beside it, `other.jp`.
    async fn of_two() -> (Self, TenantId) {
        let stage = Self::set(Limits::default()).await;
        let engine = &stage.house.engine;
        let add = Change::AddTenant { name: "other".into(), title: "Other".into(), rules: String::new() };
        let Changed::Tenant(other) = engine.change_directory(add, None, NOW).await.unwrap() else { panic!() };
        let domain = Domain::parse("other.jp").unwrap();
        engine.change_directory(Change::AddDomain { domain, tenant: other }, None, NOW).await.unwrap();
        (stage, other)
    }

    /// Somebody of the first company, or of the other, with these roles, signed in.
    async fn person(&self, address: &str, roles: &[Role]) -> Identity {
        let address = Address::parse(address).unwrap();
        let tenant = self.store.directory().tenant_of(address.domain()).unwrap();
        let roles = roles.iter().fold(Roles::default(), |all, role| all.with(*role));
        let name = address.local().to_owned();
        let new = NewUser { tenant, address, name, roles, credentials: None, language: Language::Ja };
        let made = self.house.engine.change_directory(Change::AddUser(Box::new(new)), None, NOW).await.unwrap();
        let Changed::User(user) = made else { panic!() };
        self.identity(user)
    }

    /// A held mail of this author that the approver may decide.
    async fn hold(&self, author: &Identity, approver: &Identity) -> ParcelId {
        let tenant = author.tenant();
        let bytes = self.store.seal(tenant, b"Subject: held\r\n\r\nheld\r\n").await.unwrap();
        let mut posting = Posting::default();
        let bytes = store::Bytes::New(bytes);
        let mail = posting.mail(NewMail { tenant, bytes, summary: Vec::new(), sensitive: true });
        let to = vec![Address::parse("someone@elsewhere.example").unwrap()];
        let approvers = vec![Approver(approver.user())];
        let (message, terms) = (String::new(), store::Terms::default());
        let approval = NewApproval { approvers, deadline: NOW, then: "return".into(), message, terms };
        let parcel = NewParcel::new(&self.exit, to.clone(), ParcelState::Held, Some(approval), Vec::new());
        posting.submissions.push(NewSubmission {
            tenant,
            author: Some(author.user()),
            origin: Origin::Author,
            from: None,
            to,
            reference: Reference::from_random([u8::try_from(author.user().0).unwrap(), 2, 3, 4, 5]),
            mail,
            prefix: Vec::new(),
            cuts: Vec::new(),
            state: SubmissionState::Judged,
            join_key: String::new(),
            form_key: None,
            at: NOW,
            verdict: "{}".into(),
            reply: None,
            release_at: None,
            draft: None,
            keep_in_sent: false,
            safeguard: None,
            parcels: vec![parcel],
        });
        self.store.send(&self.exit, posting).await.unwrap().parcels[0][0]
    }
}

/// What an answer was: granted, refused for want of a role, or as if it did not exist.
fn word<T>(answer: &Result<T, AuthError>) -> &'static str {
    match answer {
        Ok(_) => "granted",
        Err(AuthError::NotAllowed(_) | AuthError::Store(StoreError::NotPermitted)) => "refused",
        Err(AuthError::Store(StoreError::NotFound(_))) => "unknown",
        Err(_) => "otherwise",
    }
}

#[tokio::test]
async fn roles_open_what_they_are_for_and_nothing_else() {
    let (stage, other) = Stage::of_two().await;
    let here = stage.house.tenant;
    for (role, read, manage, reviews) in [
        (Role::User, "refused", "refused", "refused"),
        (Role::Approver, "refused", "refused", "refused"),
        (Role::Handler, "refused", "refused", "granted"),
        (Role::Auditor, "granted", "refused", "granted"),
        (Role::Admin, "granted", "granted", "granted"),
        (Role::Operator, "granted", "granted", "granted"),
    ] {
        let identity = stage.person(&format!("{role:?}@example.jp"), &[role]).await;
        assert_eq!(word(&stage.auth.read_tenant_of(&identity, here)), read, "{role:?}");
        assert_eq!(word(&stage.auth.manage_tenant_of(&identity, here)), manage, "{role:?}");
        assert_eq!(word(&stage.auth.read_reviews(&identity, here)), reviews, "{role:?}");
        let elsewhere = if role == Role::Operator { "granted" } else { "unknown" };
        assert_eq!(word(&stage.auth.read_tenant_of(&identity, other)), elsewhere, "{role:?}");
        assert_eq!(word(&stage.auth.manage_tenant_of(&identity, other)), elsewhere, "{role:?}");
        assert_eq!(word(&stage.auth.read_reviews(&identity, other)), elsewhere, "{role:?}");
        assert_eq!(word(&stage.auth.read_tenant_of(&identity, TenantId(i64::MAX))), "unknown", "{role:?}");
    }
}

#[tokio::test]
async fn held_mail_opens_for_its_approvers_and_handlers_and_not_for_its_author() {
    let (stage, _) = Stage::of_two().await;
    let author = stage.person("author@example.jp", &[Role::Handler]).await;
    let approver = stage.person("approver@example.jp", &[Role::Handler]).await;
    let parcel = stage.hold(&author, &approver).await;
    for (address, roles, expected) in [
        ("handler@example.jp", &[Role::Handler][..], "granted"),
        ("plain@example.jp", &[], "refused"),
        ("asked-elsewhere@example.jp", &[Role::Approver], "refused"),
        ("admin@example.jp", &[Role::Admin, Role::Auditor, Role::Operator], "refused"),
        ("handler@other.jp", &[Role::Handler, Role::Operator], "unknown"),
    ] {
        let identity = stage.person(address, roles).await;
        assert_eq!(word(&stage.auth.open_held(&identity, parcel, NOW).await), expected, "{address}");
    }
    assert_eq!(word(&stage.auth.open_held(&author, parcel, NOW).await), "refused");
    assert_eq!(word(&stage.auth.open_held(&approver, ParcelId(i64::MAX), NOW).await), "unknown");
    let access = stage.auth.open_held(&approver, parcel, NOW).await.unwrap();
    assert_eq!(stage.store.read_case(&access, 0..13).await.unwrap(), b"Subject: held");
    stage.store.note_opening(&access, "parcel.opened", "1", "{\"part\":\"1\"}".into(), NOW).await.unwrap();
    let auditor = stage.person("auditor@example.jp", &[Role::Auditor]).await;
    let log = stage.auth.read_tenant_of(&auditor, stage.house.tenant).unwrap();
    let filter = store::AuditFilter { event: "parcel.opened".into(), ..store::AuditFilter::default() };
    let rows = stage.store.audit_log(&log, &filter, None, 10).await.unwrap().rows;
    assert_eq!((rows.len(), rows[0].actor), (1, Some(approver.user())));
}

/// A deputy opens what its approver may, of mail with numbers as a handler only, and only in his time; the original is
/// for handlers alone.
#[tokio::test]
async fn held_mail_opens_for_deputies_in_their_time_and_as_it_is_for_handlers_only() {
    let stage = Stage::set(Limits::default()).await;
    let author = stage.person("author@example.jp", &[]).await;
    let approver = stage.person("approver@example.jp", &[]).await;
    let parcel = stage.hold(&author, &approver).await;
    let later = NOW.after(std::time::Duration::from_secs(60));
    for (address, roles, expected) in
        [("deputy@example.jp", &[][..], "refused"), ("other-deputy@example.jp", &[Role::Handler], "granted")]
    {
        let deputy = stage.person(address, roles).await;
        let stands = types::Deputy { user: deputy.user(), from: NOW, until: later };
        let settings = types::Settings { deputy: Some(stands), ..types::Settings::default() };
        let change = UserChange { settings: Some(settings), ..UserChange::default() };
        stage.change(approver.user(), change).await;
        let directory = stage.store.directory();
        for (at, stands_in) in [(NOW, true), (later, false)] {
            assert_eq!(directory.deputy_of(approver.user(), at), stands_in.then_some(deputy.user()));
            assert_eq!(directory.stands_in_for(deputy.user(), at).len(), usize::from(stands_in));
        }
        assert_eq!(word(&stage.auth.open_held(&deputy, parcel, NOW).await), expected, "{address}");
        assert_eq!(word(&stage.auth.open_original(&deputy, parcel, NOW).await), expected, "{address}");
    }
    // who was asked and is no handler any more does not look, unless he is asked because there is nobody else
    for (role, held) in [(None, "refused"), (Some(Role::Admin), "granted"), (Some(Role::Handler), "granted")] {
        let roles = Some(role.into_iter().fold(Roles::default(), |all, role| all.with(role)));
        stage.change(approver.user(), UserChange { roles, ..UserChange::default() }).await;
        let approver = stage.identity(approver.user());
        assert_eq!(word(&stage.auth.open_held(&approver, parcel, NOW).await), held, "{role:?}");
        let original = if role == Some(Role::Handler) { "granted" } else { "refused" };
        assert_eq!(word(&stage.auth.open_original(&approver, parcel, NOW).await), original, "{role:?}");
    }
}

/// The last of those who are asked is an operator, perhaps of another company: he sees what he is to decide, masked.
#[tokio::test]
async fn an_operator_of_another_company_who_is_asked_sees_what_he_is_asked_about() {
    let (stage, _) = Stage::of_two().await;
    let author = stage.person("author@example.jp", &[]).await;
    let operator = stage.person("operator@other.jp", &[Role::Operator, Role::Handler]).await;
    let parcel = stage.hold(&author, &operator).await;
    assert_eq!(word(&stage.auth.open_held(&operator, parcel, NOW).await), "granted");
    assert_eq!(word(&stage.auth.open_original(&operator, parcel, NOW).await), "refused", "no handler here");
    let account = stage.auth.read_account(&operator).unwrap();
    assert_eq!(stage.store.awaiting(&account, NOW, None, 9).await.unwrap().len(), 1, "it is in his list");
    let stranger = stage.person("stranger@other.jp", &[Role::Operator]).await;
    assert_eq!(word(&stage.auth.open_held(&stranger, parcel, NOW).await), "unknown");
    let nobody = stage.person("nobody@other.jp", &[]).await;
    let asked = stage.hold(&stage.person("writer@example.jp", &[]).await, &nobody).await;
    assert_eq!(word(&stage.auth.open_held(&nobody, asked, NOW).await), "unknown");
}

#[tokio::test]
async fn an_access_ends_when_its_holders_rights_change() {
    let stage = Stage::set(Limits::default()).await;
    let handler = stage.person("handler@example.jp", &[Role::Handler]).await;
    let author = stage.person("author@example.jp", &[]).await;
    let parcel = stage.hold(&author, &handler).await;
    let (list, mail) = (
        stage.auth.read_reviews(&handler, stage.house.tenant).unwrap(),
        stage.auth.open_held(&handler, parcel, NOW).await.unwrap(),
    );
    assert_eq!(stage.store.held_cases(&list, None, 9).await.unwrap().len(), 1);
    let change = UserChange { roles: Some(Roles::default()), ..UserChange::default() };
    stage.change(handler.user(), change).await;
    assert!(matches!(stage.store.held_cases(&list, None, 9).await, Err(StoreError::Stale)));
    assert!(matches!(stage.store.read_case(&mail, 0..9).await, Err(StoreError::Stale)));
    assert!(matches!(stage.auth.open_held(&handler, parcel, NOW).await, Err(AuthError::Refused)));
}

#[tokio::test]
async fn a_company_sees_only_its_own_sent_mail_and_queue() {
    let (stage, other) = Stage::of_two().await;
    let author = stage.person("author@example.jp", &[]).await;
    stage.hold(&author, &author).await;
    let admin = stage.person("admin@example.jp", &[Role::Admin]).await;
    let stranger = stage.person("admin@other.jp", &[Role::Admin]).await;
    let ours = stage.auth.read_tenant_of(&admin, stage.house.tenant).unwrap();
    let theirs = stage.auth.read_tenant_of(&stranger, other).unwrap();
    let sent = stage.store.sendings(&ours, None, 10).await.unwrap();
    assert_eq!(sent.len(), 1);
    let reference = sent[0].submission.reference;
    assert!(stage.store.sending(&ours, reference).await.is_ok());
    assert!(matches!(stage.store.sending(&theirs, reference).await, Err(StoreError::NotFound(_))));
    assert!(stage.store.sendings(&theirs, None, 10).await.unwrap().is_empty());
    let own = stage.auth.read_account(&author).unwrap();
    assert_eq!(stage.store.own_sendings(&own, None, 10).await.unwrap().len(), 1);
    let other = stage.auth.read_account(&admin).unwrap();
    assert!(stage.store.own_sendings(&other, None, 10).await.unwrap().is_empty());
}

/// A mailbox opens for its owner, for others as far as they were given rights, and to no role but for the company's own.
#[tokio::test]
async fn mailboxes_open_to_their_owner_and_to_those_who_were_given_rights() {
    let (stage, _) = Stage::of_two().await;
    let (taro, engine) = (stage.house.taro, &stage.house.engine);
    let inbox = stage.house.id("INBOX").await;
    let company = engine.create_company_mailbox(stage.house.tenant, "info").await.unwrap().id;
    let company_owner = store::company_owner(stage.house.tenant);
    let open = |identity: &Identity, owner, mailbox, letters: &str| {
        let needed = Rights::parse(letters).unwrap();
        word(&stage.auth.in_mailbox::<Read>(identity, owner, mailbox, needed))
    };
    for (role, name) in Role::ALL {
        let identity = stage.person(&format!("{name}@example.jp"), &[role]).await;
        let stranger = stage.person(&format!("{name}@other.jp"), &[role]).await;
        let administers = matches!(role, Role::Admin | Role::Operator);
        assert_eq!(open(&identity, taro, inbox, ""), "unknown", "{name}");
        assert_eq!(open(&identity, company_owner, company, "lkxa"), if administers { "granted" } else { "unknown" });
        assert_eq!(open(&identity, company_owner, company, "r"), if administers { "refused" } else { "unknown" });
        for (owner, mailbox) in [(taro, inbox), (company_owner, company), (identity.user(), inbox)] {
            assert_eq!(open(&stranger, owner, mailbox, ""), "unknown", "{name} of another company");
        }
    }
    let own = stage.identity(taro);
    assert_eq!(open(&own, taro, inbox, "lrswipkxtea"), "granted");
    let reader = stage.person("reader@example.jp", &[]).await;
    let (who, rights) =
        (store::Identifier::User(reader.user()), store::RightsChange::Set(Rights::parse("lrs").unwrap()));
    engine.set_rights(taro, inbox, who, Some(rights), None, NOW).await.unwrap();
    assert_eq!(open(&reader, taro, inbox, "lrs"), "granted");
    assert_eq!(open(&reader, taro, inbox, "w"), "refused");
    assert_eq!(open(&reader, company_owner, inbox, "l"), "unknown", "it is not the company's");
}

#[tokio::test]
async fn colleagues_groups_and_correspondents_are_suggested() {
    let (stage, _) = Stage::of_two().await;
    let taro = stage.identity(stage.house.taro);
    stage.person("hanako.yamada@example.jp", &[]).await;
    stage.person("yamada@other.jp", &[]).await;
    let address = |text: &str| Address::parse(text).unwrap();
    let group = Change::AddGroup {
        tenant: stage.house.tenant,
        kind: store::GroupKind::Group,
        name: "営業".into(),
        address: Some(address("eigyo@example.jp")),
        members: vec![store::Member::User(stage.house.taro)],
    };
    stage.house.engine.change_directory(group, None, NOW).await.unwrap();
    let new = |text: &str, name: &str, at| store::NewCorrespondent {
        user: stage.house.taro,
        address: address(text),
        name: name.into(),
        at: Timestamp(NOW.0 + at),
    };
    let correspondents = vec![new("yamada@minato.example", "山田 太郎", 1), new("hanako.yamada@example.jp", "?", 2)];
    stage.store.send(&stage.exit, Posting { correspondents, ..Posting::default() }).await.unwrap();
    let access = stage.auth.read_account(&taro).unwrap();
    let find = async |typed: &str| -> Vec<String> {
        let found = stage.store.suggest(&access, typed, 10).await.unwrap();
        found.into_iter().map(|one| format!("{} {} {:?}", one.name, one.address, one.kind)).collect()
    };
    let (hanako, yamada) =
        ("hanako.yamada hanako.yamada@example.jp Person", "山田 太郎 yamada@minato.example Correspondent");
    assert_eq!(find("yamada").await, [hanako, yamada]);
    assert_eq!(find("").await, [hanako, yamada]);
    assert_eq!(find("山田").await, [yamada]);
    assert_eq!(find("営").await, ["営業 eigyo@example.jp Group(1)"]);
    assert_eq!(find("ta").await, ["taro taro@example.jp Person"]);
    let known = stage.store.known(&access, &[address("yamada@minato.example"), address("new@minato.example")]).await;
    assert_eq!(known.unwrap().len(), 1);
}

#[tokio::test]
async fn the_handlers_box_is_for_handlers_and_a_disposal_for_those_who_keep_the_ledger() {
    let (stage, other) = Stage::of_two().await;
    let ours = stage.house.tenant;
    let cases = [
        ("handler", vec![Role::Handler], (true, true, true)),
        ("auditor", vec![Role::Auditor], (false, false, true)),
        ("admin", vec![Role::Admin], (false, false, true)),
        ("operator", vec![Role::Operator], (false, false, true)),
        ("approver", vec![Role::Approver, Role::User], (false, false, false)),
    ];
    for (name, roles, may) in cases {
        let identity = stage.person(&format!("{name}@example.jp"), &roles).await;
        let auth = &stage.auth;
        let has = (
            auth.open_custody(&identity).is_ok_and(|access| access.what() == Custody(ours)),
            auth.ask_disposal(&identity, ours).is_ok(),
            auth.confirm_disposal(&identity, ours).is_ok(),
        );
        assert_eq!(has, may, "{name}");
        assert_eq!(auth.open_custody_for_signed_url(identity.user()).is_ok(), may.0, "{name}");
        let elsewhere = (auth.ask_disposal(&identity, other), auth.confirm_disposal(&identity, other));
        assert!(matches!(elsewhere.0, Err(AuthError::Store(StoreError::NotFound(_)))), "{name}");
        assert_eq!(elsewhere.1.is_ok(), roles.contains(&Role::Operator), "{name}");
    }
}
