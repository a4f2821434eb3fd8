//! Promises about shared mailboxes: rights, and what each reader has seen.

use std::collections::BTreeSet;

use types::{Address, Domain, Flags, Language, MailboxId, ModSeq, SystemFlags, Uid, UidSet, UserId};

use super::house::{NOW, set};
use super::{House, Place};
use crate::{
    Access, AuditFilter, Authority, Change, Changed, FlagChange, FlagMode, GroupKind, Identifier, InMailbox, Member,
    NewUser, Read, Right, Rights, RightsChange, Role, Roles, SeenOf, Store, StoreError, Tenancy, UserChange, Want,
    Write, company_owner,
};

/// A house whose Taro shares; `hanako` and `jiro` read.
struct Stage {
    house: House,
    store: Store,
    authority: Authority,
    hanako: UserId,
    jiro: UserId,
}

fn rights(letters: &str) -> Rights {
    Rights::parse(letters).unwrap()
}

impl Stage {
    async fn set(place: &dyn Place) -> Self {
        let house = House::build(place).await;
        let (hanako, jiro) = (house.person("hanako").await, house.person("jiro").await);
        let (store, authority, ..) = crate::open(house.engine.clone());
        Self { house, store, authority, hanako, jiro }
    }
    /// What `auth` would grant now.
    fn access<R: Right>(&self, user: UserId, mailbox: MailboxId) -> Access<InMailbox, R> {
        let directory = self.store.directory();
        let (person, shares) = (&directory.users[&user], self.store.shares());
        let share = shares.by_mailbox.get(&mailbox);
        let what = InMailbox {
            owner: share.map_or(user, |share| share.owner),
            mailbox,
            rights: shares.rights(&directory, person, mailbox),
        };
        self.authority.grant(what, Some(user), person.generation)
    }
    async fn give(&self, mailbox: MailboxId, who: Identifier, letters: &str) {
        let change = Some(RightsChange::Set(rights(letters)));
        self.house.engine.set_rights(self.house.taro, mailbox, who, change, None, NOW).await.unwrap();
    }
    /// The rights of a person, as letters.
    fn of(&self, user: UserId, mailbox: MailboxId) -> String {
        let directory = self.store.directory();
        self.store.shares().rights(&directory, &directory.users[&user], mailbox).letters().collect()
    }
    async fn flag(
        &self,
        user: UserId,
        mailbox: MailboxId,
        uids: &[Uid],
        mode: FlagMode,
        flags: SystemFlags,
    ) -> Flagged {
        let change = FlagChange { mode, flags: Flags::system(flags), unchanged_since: None };
        self.store.store_flags(&self.access::<Write>(user, mailbox), mailbox, &set(uids), change).await
    }
    /// The system flags and MODSEQs of all messages as somebody sees them.
    async fn shown(&self, user: UserId, mailbox: MailboxId) -> Vec<(u32, u8, u64)> {
        let mut all = UidSet::new();
        all.insert_run(1, 1_000);
        let rows = if user == self.house.taro {
            self.house.engine.flags(user, mailbox, &all).await.unwrap()
        } else {
            self.store.flags(&self.access::<Read>(user, mailbox), mailbox, &all).await.unwrap()
        };
        rows.into_iter().map(|row| (row.uid.0, row.flags.system.0, row.modseq.0)).collect()
    }
}

type Flagged = Result<(Vec<crate::FlagRow>, UidSet), StoreError>;

/// Rights are those of a person, of his groups and of everybody together; they last, and end when they are taken away.
pub async fn rights_are_kept_and_taken_away(place: &dyn Place) {
    let mut stage = Stage::set(place).await;
    let inbox = stage.house.id("INBOX").await;
    let group = Change::AddGroup {
        tenant: stage.house.tenant,
        kind: GroupKind::Group,
        name: "営業".into(),
        address: None,
        members: vec![Member::User(stage.hanako)],
    };
    let made = stage.house.engine.change_directory(group, None, NOW).await.unwrap();
    let Changed::Group(group) = made else { panic!("no group") };
    assert_eq!(stage.of(stage.hanako, inbox), "");
    stage.give(inbox, Identifier::Anyone, "l").await;
    stage.give(inbox, Identifier::Group(group), "rs").await;
    stage.give(inbox, Identifier::User(stage.hanako), "w").await;
    assert_eq!((stage.of(stage.hanako, inbox), stage.of(stage.jiro, inbox)), ("lrsw".into(), "l".into()));
    let set = async |change| {
        let who = Identifier::User(stage.hanako);
        stage.house.engine.set_rights(stage.house.taro, inbox, who, change, Some(stage.house.taro), NOW).await.unwrap();
    };
    set(Some(RightsChange::Add(rights("te")))).await;
    set(Some(RightsChange::Remove(rights("w")))).await;
    assert_eq!(stage.of(stage.hanako, inbox), "lrste");
    set(None).await;
    assert_eq!(stage.of(stage.hanako, inbox), "lrs");
    let no_members = Change::SetMembers(group, Vec::new());
    stage.house.engine.change_directory(no_members, None, NOW).await.unwrap();
    assert_eq!(stage.of(stage.hanako, inbox), "l");
    stage.house.engine.close().await.unwrap();
    stage.house.engine = place.open().await;
    let entries = stage.house.engine.shares().by_mailbox[&inbox].entries.clone();
    assert_eq!(entries, [(Identifier::Anyone, rights("l")), (Identifier::Group(group), rights("rs"))]);
    let other = stage.house.engine.set_rights(stage.jiro, inbox, Identifier::Anyone, None, None, NOW).await;
    assert!(matches!(other, Err(StoreError::NotFound(_))), "it is not Jiro's");
}

/// A mailbox that is made below another is shared as that one is; a rename takes the rights along.
pub async fn a_mailbox_has_the_rights_of_the_one_above_from_the_start(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let taro = stage.house.taro;
    let above = stage.house.engine.create_mailbox(taro, "a", None).await.unwrap().id;
    stage.give(above, Identifier::User(stage.hanako), "lrk").await;
    let below = stage.house.engine.create_mailbox(taro, "a/b", None).await.unwrap().id;
    let beside = stage.house.engine.create_mailbox(taro, "c", None).await.unwrap().id;
    assert_eq!((stage.of(stage.hanako, below), stage.of(stage.hanako, beside)), ("lrk".into(), String::new()));
    let made = stage.store.create_below(&stage.access(stage.hanako, above), "a/x").await.unwrap();
    assert_eq!(stage.of(stage.hanako, made.id), "lrk");
    let refused = stage.store.create_below(&stage.access(stage.hanako, above), "d").await;
    assert!(matches!(refused, Err(StoreError::NotPermitted)));
    stage.house.engine.rename_mailbox(taro, "a", "z").await.unwrap();
    assert_eq!(stage.of(stage.hanako, below), "lrk");
    // each is in the audit log, with the mailbox whose rights it has
    let log = stage.house.engine.audit_log(Some(stage.house.tenant), &AuditFilter::default(), None, 100).await.unwrap();
    let shared = |mailbox: MailboxId| {
        let mailbox = mailbox.to_string();
        log.rows.iter().filter(move |row| row.event == "mailbox.shared" && row.subject == mailbox)
    };
    for mailbox in [below, made.id] {
        let rows: Vec<&str> = shared(mailbox).map(|row| row.detail.as_str()).collect();
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert!(rows[0].contains(&format!("\"inherited_from\":{above}")), "{rows:?}");
    }
    assert_eq!(shared(beside).count(), 0);
}

/// Who sees which mailboxes is answered from what concerns him, and is what the rights say one by one.
pub async fn what_somebody_sees_is_what_his_rights_say(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let taro = stage.house.taro;
    let group = Change::AddGroup {
        tenant: stage.house.tenant,
        kind: GroupKind::Group,
        name: "営業".into(),
        address: None,
        members: vec![Member::User(stage.jiro)],
    };
    let made = stage.house.engine.change_directory(group, None, NOW).await.unwrap();
    let Changed::Group(group) = made else { panic!("no group") };
    let whom = [Identifier::Anyone, Identifier::User(stage.hanako), Identifier::Group(group), Identifier::User(taro)];
    for (name, (who, letters)) in ["a", "b", "c", "d"].into_iter().zip(whom.into_iter().zip(["l", "lr", "r", "lr"])) {
        let mailbox = stage.house.engine.create_mailbox(taro, name, None).await.unwrap().id;
        stage.give(mailbox, who, letters).await;
    }
    let before = stage.store.shares();
    let company = stage.house.engine.create_company_mailbox(stage.house.tenant, "Trash").await.unwrap();
    assert_eq!(company.role, None, "a company's mailbox is for no use of one person");
    assert_eq!(before.differing(&stage.store.shares()), [stage.house.tenant].into());
    let (directory, shares) = (stage.store.directory(), stage.store.shares());
    for user in [taro, stage.hanako, stage.jiro] {
        let person = &directory.users[&user];
        let seen: BTreeSet<MailboxId> =
            shares.visible(&directory, person).values().flat_map(|of| of.keys().copied()).collect();
        let others = shares.by_mailbox.iter().filter(|(_, share)| share.owner != user);
        let judged = others.map(|(id, _)| *id).filter(|id| shares.rights(&directory, person, *id).has(Rights::LOOKUP));
        assert_eq!(seen, judged.collect(), "{user}");
        assert!(shares.sees_any_of(&directory, person, taro), "something is shared with everybody");
    }
}

/// A reader's `\Seen` is his own, in flags, messages, counters and the first unseen.
pub async fn each_reader_has_his_own_seen(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let inbox = stage.house.id("INBOX").await;
    let uids = stage.house.put(inbox, 3, SystemFlags::SEEN).await;
    for reader in [stage.hanako, stage.jiro] {
        stage.give(inbox, Identifier::User(reader), "lrs").await;
    }
    stage.flag(stage.hanako, inbox, &uids[..2], FlagMode::Add, SystemFlags::SEEN).await.unwrap();
    let flags = async |user| stage.shown(user, inbox).await.iter().map(|row| row.1).collect::<Vec<_>>();
    assert_eq!(flags(stage.hanako).await, [1, 1, 0]);
    assert_eq!(flags(stage.jiro).await, [0, 0, 0]);
    assert_eq!(flags(stage.house.taro).await, [1, 1, 1]);
    let opened = stage.store.examine(&stage.access::<Read>(stage.hanako, inbox), inbox).await.unwrap();
    assert_eq!((opened.mailbox.state.unseen, opened.first_unseen), (1, Some(uids[2])));
    let access = stage.access::<Read>(stage.hanako, inbox);
    let rows = stage.store.messages(&access, inbox, &set(&uids), Want::default()).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.flags.system.0).collect::<Vec<_>>(), [1, 1, 0]);
    let account = |user: UserId| {
        let generation = stage.store.directory().users[&user].generation;
        stage.authority.grant(crate::Account(user), Some(user), generation)
    };
    let unseen = async |user| stage.store.shared_mailboxes(&account(user)).await.unwrap()[0].mailbox.state.unseen;
    assert_eq!((unseen(stage.hanako).await, unseen(stage.jiro).await), (1, 3));
    assert_eq!(stage.house.named(stage.house.taro, "INBOX").await.state.unseen, 0);
    stage.flag(stage.hanako, inbox, &uids[..1], FlagMode::Remove, SystemFlags::SEEN).await.unwrap();
    assert_eq!((flags(stage.hanako).await, unseen(stage.hanako).await), (vec![0, 1, 0], 2));
    stage.house.engine.remove(stage.house.taro, inbox, &set(&uids[1..2]), NOW).await.unwrap();
    assert_eq!((unseen(stage.hanako).await, unseen(stage.jiro).await), (2, 2));
    let left = stage.house.engine.seen(stage.hanako, inbox, SeenOf::All).await.unwrap();
    assert_eq!(left.len(), 1, "what went leaves nothing");
    assert_eq!(stage.house.engine.verify(false).await.unwrap().damage, []);
}

/// Each change of a reader's own `\Seen` has a MODSEQ of its own, above all before it; his sessions are told, nobody else's.
pub async fn what_a_reader_marks_is_told_since_any_modseq(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let inbox = stage.house.id("INBOX").await;
    let uids = stage.house.put(inbox, 3, SystemFlags::default()).await;
    for reader in [stage.hanako, stage.jiro] {
        stage.give(inbox, Identifier::User(reader), "lrs").await;
    }
    let modseq = async || stage.house.named(stage.house.taro, "INBOX").await.state.highest_modseq;
    let since = async |user, since: ModSeq| {
        let access = stage.access::<Read>(user, inbox);
        let changes = stage.store.changes_since(&access, inbox, since, false).await.unwrap();
        let rows: Vec<_> = changes.rows.iter().map(|row| (row.uid, row.flags.system.0, row.modseq)).collect();
        (rows, changes.modseq.unwrap())
    };
    let before = modseq().await;
    let (rows, _) = stage.flag(stage.hanako, inbox, &uids[1..2], FlagMode::Add, SystemFlags::SEEN).await.unwrap();
    let first = modseq().await;
    assert!(first > before && rows[0].modseq == first);
    assert_eq!(since(stage.hanako, before).await, (vec![(uids[1], 1, first)], first));
    assert_eq!(since(stage.hanako, first).await, (vec![], first));
    assert_eq!(since(stage.jiro, before).await, (vec![], first));
    // an owner's flag and a reader's, told together
    stage.house.flag(inbox, &uids[..1], FlagMode::Add, SystemFlags::FLAGGED).await;
    let second = modseq().await;
    assert_eq!(since(stage.hanako, before).await.0, [(uids[0], 4, second), (uids[1], 1, first)]);
    assert_eq!(since(stage.jiro, first).await.0, [(uids[0], 4, second)]);
    // what is there already is no change
    stage.flag(stage.hanako, inbox, &uids[1..2], FlagMode::Add, SystemFlags::SEEN).await.unwrap();
    assert_eq!(modseq().await, second);
    // UNCHANGEDSINCE counts both
    let change = |unchanged_since| FlagChange {
        mode: FlagMode::Remove,
        flags: Flags::system(SystemFlags::SEEN),
        unchanged_since: Some(unchanged_since),
    };
    let access = stage.access::<Write>(stage.hanako, inbox);
    let (_, left) = stage.store.store_flags(&access, inbox, &set(&uids[1..2]), change(before)).await.unwrap();
    assert_eq!(left, set(&uids[1..2]));
    let (rows, left) = stage.store.store_flags(&access, inbox, &set(&uids[1..2]), change(first)).await.unwrap();
    assert_eq!((rows.len(), rows[0].flags.system.0, left.len()), (1, 0, 0));
}

/// A STORE changes what its rights allow and leaves the rest; where they allow nothing it is refused.
pub async fn flags_change_as_far_as_rights_go(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let inbox = stage.house.id("INBOX").await;
    let uids = stage.house.put(inbox, 1, SystemFlags::FLAGGED).await;
    let all = SystemFlags::ALL.iter().fold(SystemFlags::default(), |all, (flag, _)| all.union(*flag));
    let (seen, flagged, deleted) = (SystemFlags::SEEN, SystemFlags::FLAGGED, SystemFlags::DELETED);
    for (letters, mode, flags, result) in [
        ("lrs", FlagMode::Add, all, Some(seen.union(flagged))),
        ("lrt", FlagMode::Replace, deleted, Some(deleted.union(flagged).union(seen))),
        ("lrs", FlagMode::Remove, seen.union(deleted), Some(deleted.union(flagged))),
        ("lrw", FlagMode::Replace, SystemFlags::ANSWERED, Some(deleted.union(SystemFlags::ANSWERED))),
        ("lr", FlagMode::Add, all, None),
        ("lrs", FlagMode::Add, deleted, None),
        ("lrw", FlagMode::Add, seen.union(deleted), None),
        ("lrste", FlagMode::Add, flagged, None),
        ("lrie", FlagMode::Replace, SystemFlags::default(), None),
    ] {
        stage.give(inbox, Identifier::User(stage.hanako), letters).await;
        let before = stage.shown(stage.hanako, inbox).await;
        let done = stage.flag(stage.hanako, inbox, &uids, mode, flags).await;
        match result {
            Some(result) => assert_eq!(done.unwrap().0[0].flags.system, result, "{letters} {mode:?}"),
            None => {
                assert!(matches!(done, Err(StoreError::NotPermitted)), "{letters} {mode:?}");
                assert_eq!(stage.shown(stage.hanako, inbox).await, before);
            }
        }
    }
    assert_eq!(stage.house.named(stage.house.taro, "INBOX").await.state.unseen, 1, "the owner has seen nothing");
    assert_eq!(stage.house.engine.verify(false).await.unwrap().damage, []);
}

/// COPY, MOVE, APPEND and REPLACE between owners: the copy has the flags that its reader sees, as far as he may set them
/// there; `\Seen` is his at both ends.
pub async fn copies_between_owners_bring_what_their_reader_sees(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let (inbox, own) = (stage.house.id("INBOX").await, stage.house.named(stage.hanako, "INBOX").await.id);
    let both = SystemFlags::SEEN.union(SystemFlags::FLAGGED);
    let uids = stage.house.put(inbox, 2, both).await;
    stage.give(inbox, Identifier::User(stage.hanako), "lrsite").await;
    stage.flag(stage.hanako, inbox, &uids[1..], FlagMode::Add, SystemFlags::SEEN).await.unwrap();
    let hers = || {
        let what = InMailbox { owner: stage.hanako, mailbox: own, rights: Rights::ALL };
        let generation = stage.store.directory().users[&stage.hanako].generation;
        stage.authority.grant::<_, Write>(what, Some(stage.hanako), generation)
    };
    let shared = || stage.access::<Write>(stage.hanako, inbox);
    let from = stage.access::<Read>(stage.hanako, inbox);
    stage.store.copy((&from, inbox), &set(&uids), (&hers(), own), NOW).await.unwrap();
    let mut all = UidSet::new();
    all.insert_run(1, 100);
    let flags = async |user, mailbox| -> Vec<u8> {
        let rows = stage.house.engine.flags(user, mailbox, &all).await.unwrap();
        rows.into_iter().map(|row| row.flags.system.0).collect()
    };
    assert_eq!(flags(stage.hanako, own).await, [SystemFlags::FLAGGED.0, both.0]);
    // back: she may not set \Flagged there
    let moved = stage.store.move_between((&hers(), own), &all, (&shared(), inbox), NOW).await.unwrap();
    assert_eq!(moved.uids.len(), 2);
    assert_eq!(flags(stage.hanako, own).await, []);
    assert_eq!(flags(stage.house.taro, inbox).await, [both.0, both.0, 0, 0]);
    let shown: Vec<u8> = stage.shown(stage.hanako, inbox).await.iter().map(|row| row.1).collect();
    assert_eq!(shown, [SystemFlags::FLAGGED.0, both.0, 0, SystemFlags::SEEN.0]);
    let message = stage.house.message("put in", Flags::system(both)).await;
    let placed = stage.store.append(&shared(), inbox, vec![message]).await.unwrap()[0];
    let message = stage.house.message("in its place", Flags::system(both)).await;
    let replaced = stage.store.replace((&shared(), inbox), placed.uid, (&shared(), inbox), message).await.unwrap();
    let shown = stage.shown(stage.hanako, inbox).await;
    assert_eq!((shown.len(), shown[4].0, shown[4].1), (5, replaced.uid.0, SystemFlags::SEEN.0));
    assert_eq!(stage.house.engine.verify(false).await.unwrap().damage, []);
}

/// An access that was granted before a right was taken away is refused for what needs it.
pub async fn a_right_that_was_taken_away_is_refused_at_once(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let inbox = stage.house.id("INBOX").await;
    let uids = stage.house.put(inbox, 1, SystemFlags::DELETED).await;
    stage.give(inbox, Identifier::User(stage.hanako), "lre").await;
    let (read, write) = (stage.access::<Read>(stage.hanako, inbox), stage.access::<Write>(stage.hanako, inbox));
    let row = stage.store.messages(&read, inbox, &set(&uids), Want::default()).await.unwrap().remove(0);
    stage.give(inbox, Identifier::User(stage.hanako), "lr").await;
    stage.store.flags(&read, inbox, &set(&uids)).await.unwrap();
    assert!(matches!(stage.store.expunge(&write, inbox, None, NOW).await, Err(StoreError::Stale)));
    let trash = stage.house.id("Trash").await;
    assert!(matches!(stage.store.flags(&read, trash, &set(&uids)).await, Err(StoreError::NotFound(_))));
    stage.give(inbox, Identifier::User(stage.hanako), "").await;
    assert!(matches!(stage.store.flags(&read, inbox, &set(&uids)).await, Err(StoreError::Stale)));
    assert!(
        matches!(stage.store.read(&read, &row, 0..1).await, Err(StoreError::Stale)),
        "nor the bytes of what was found"
    );
    // whoever calls another's mailbox his own reaches nothing
    let what = InMailbox { owner: stage.hanako, mailbox: inbox, rights: Rights::ALL };
    let generation = stage.store.directory().users[&stage.hanako].generation;
    let (read, write) = (
        stage.authority.grant(what, Some(stage.hanako), generation),
        stage.authority.grant(what, Some(stage.hanako), generation),
    );
    assert!(matches!(stage.store.flags::<InMailbox>(&read, inbox, &set(&uids)).await, Err(StoreError::NotFound(_))));
    assert_eq!(stage.store.rights_on(&read).unwrap(), []);
    let set_rights = stage.store.set_rights(&write, Identifier::Anyone, None, NOW).await;
    assert!(matches!(set_rights, Err(StoreError::NotFound(_))));
    assert_eq!(stage.house.uids(inbox).await, uids);
}

/// Another company's people have no right, whatever stands in the rows.
pub async fn nothing_is_shared_beyond_the_company(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let engine = &stage.house.engine;
    let add = Change::AddTenant { name: "other".into(), title: "Other".into(), rules: String::new() };
    let Changed::Tenant(tenant) = engine.change_directory(add, None, NOW).await.unwrap() else { panic!("no tenant") };
    let domain = Domain::parse("other.jp").unwrap();
    engine.change_directory(Change::AddDomain { domain, tenant }, None, NOW).await.unwrap();
    let new = NewUser {
        tenant,
        address: Address::parse("eve@other.jp").unwrap(),
        name: "eve".into(),
        roles: Roles::default().with(Role::Admin).with(Role::Operator),
        credentials: None,
        language: Language::En,
    };
    let made = engine.change_directory(Change::AddUser(Box::new(new)), None, NOW).await.unwrap();
    let Changed::User(eve) = made else { panic!("no person") };
    let inbox = stage.house.id("INBOX").await;
    stage.give(inbox, Identifier::Anyone, "lrswipkxtea").await;
    stage.give(inbox, Identifier::User(eve), "lrswipkxtea").await;
    let company = engine.create_company_mailbox(stage.house.tenant, "info").await.unwrap().id;
    assert_eq!((stage.of(eve, inbox), stage.of(eve, company)), (String::new(), String::new()));
    let directory = stage.store.directory();
    assert!(stage.store.shares().visible(&directory, &directory.users[&eve]).is_empty());
    assert_eq!(stage.of(stage.hanako, inbox), "lrswipkxtea");
}

/// A company's own mailboxes have no person as their owner; administrators make and share them without reading them.
pub async fn a_company_has_mailboxes_of_its_own(place: &dyn Place) {
    let stage = Stage::set(place).await;
    let tenant = stage.house.tenant;
    let change = UserChange { roles: Some(Roles::default().with(Role::Admin)), ..UserChange::default() };
    let change = Change::SetUser(stage.jiro, Box::new(change));
    stage.house.engine.change_directory(change, None, NOW).await.unwrap();
    let generation = stage.store.directory().users[&stage.hanako].generation;
    let manage = stage.authority.grant(Tenancy(tenant), Some(stage.hanako), generation);
    let made = stage.store.create_company_mailbox(&manage, "info", NOW).await.unwrap().id;
    let below = stage.store.create_company_mailbox(&manage, "info/2026", NOW).await.unwrap().id;
    for mailbox in [made, below] {
        assert_eq!(stage.of(stage.hanako, mailbox), "lrswipkxtea", "who made it may do everything");
        assert_eq!(stage.of(stage.jiro, mailbox), "lkxa", "an administrator sees and shares it");
    }
    assert_eq!(stage.store.shares().by_mailbox[&made].owner, company_owner(tenant));
    let message = stage.house.message("for all", Flags::system(SystemFlags::SEEN)).await;
    let placed = stage.store.append(&stage.access(stage.hanako, made), made, vec![message]).await.unwrap();
    assert_eq!(stage.shown(stage.hanako, made).await[0].1, SystemFlags::SEEN.0);
    let read = stage.store.flags(&stage.access::<Read>(stage.jiro, made), made, &set(&[placed[0].uid])).await;
    assert!(matches!(read, Err(StoreError::NotPermitted)));
    stage.store.delete_reached(&stage.access(stage.jiro, below)).await.unwrap();
    let gone = stage.store.delete_reached(&stage.access(stage.jiro, below)).await;
    assert!(matches!(gone, Err(StoreError::NotFound(_))));
    assert_eq!(stage.house.engine.verify(false).await.unwrap().damage, []);
}
