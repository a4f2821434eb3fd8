//! Promises about the handlers' box: a mail is handed over with all its copies or not at all, once, and nobody but the
//! handlers reaches it there.

use types::{RecordId, SystemFlags, Uid, UserId};

use super::house::{NOW, set};
use super::ledger::entered;
use super::{House, Place};
use crate::{
    Event, FlagMode, HandOver, Identifier, LedgerAct, LedgerKeeper, LedgerKind, LedgerLine, LedgerState, NewLedgerAct,
    Posting, Rights, RightsChange, StoreError, Want, handlers_owner,
};

/// A mail for Taro and Hanako, of which Taro has another copy in Archive.
pub(super) async fn spread(house: &House, hanako: UserId) -> LedgerLine {
    let mut posting = Posting::default();
    posting.mail(house.mail("numbers").await);
    posting.copies = vec![house.copy(hanako, "hanako"), house.copy(house.taro, "taro")];
    posting.ledger.push(entered(house, 1, LedgerKind::Acquired));
    let record = house.engine.post(posting).await.unwrap().records[0];
    let (inbox, archive) = (house.id("INBOX").await, house.id("Archive").await);
    let uids = set(&house.uids(inbox).await);
    house.engine.copy(house.taro, inbox, &uids, archive, NOW).await.unwrap();
    house.engine.ledger_of_record(record).await.unwrap().remove(0)
}

pub(super) fn handed(house: &House, record: RecordId) -> Posting {
    let over = HandOver { tenant: house.tenant, record, by: house.taro, at: NOW };
    let actor = Some(house.taro);
    let act = NewLedgerAct { record, at: NOW, act: LedgerAct::HandedOver, actor, detail: String::new() };
    Posting { handed: vec![over], ledger_acts: vec![act], ..Posting::default() }
}

async fn keepers(house: &House, record: RecordId) -> Vec<(LedgerKeeper, u64)> {
    let places = house.engine.ledger_places(record).await.unwrap();
    places.copies.iter().map(|copy| (copy.owner, copy.messages)).collect()
}

/// All copies go, with tombstones for those who look; one lies in the box as if it had just come. What is handed over twice is
/// handed over once, and where nothing is left nothing is written.
pub async fn a_mail_is_handed_over_with_all_its_copies(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let line = spread(&house, hanako).await;
    let inbox = house.id("INBOX").await;
    house.flag(inbox, &house.uids(inbox).await, FlagMode::Add, SystemFlags::SEEN).await;
    let other = house.put(inbox, 1, SystemFlags::default()).await;
    let seen = house.engine.open_mailbox(house.taro, inbox, false).await.unwrap().mailbox.state.highest_modseq;
    let mut events = house.engine.events();
    house.engine.post(handed(&house, line.record)).await.unwrap();
    assert_eq!(keepers(&house, line.record).await, [(LedgerKeeper::Handlers, 1)]);
    assert_eq!(house.uids(inbox).await, other, "other mail stays");
    let changes = house.engine.changes_since(house.taro, inbox, seen, false).await.unwrap();
    assert_eq!(changes.expunged.len(), 1);
    assert_eq!(house.named(hanako, "INBOX").await.state.messages, 0);
    let handlers = handlers_owner(house.tenant);
    let boxes = house.engine.mailboxes(handlers).await.unwrap();
    assert_eq!((boxes.len(), boxes[0].state.messages, boxes[0].state.unseen), (1, 1, 1));
    let rows = house.engine.messages(handlers, boxes[0].id, &set(&[Uid(1)]), Want::default()).await.unwrap();
    assert_eq!((rows[0].record, rows[0].flags.system), (line.record, SystemFlags::default()));
    let now = house.engine.ledger_line(house.tenant, line.id).await.unwrap().unwrap();
    assert_eq!(now.state, LedgerState::HandedOver);
    assert!(matches!(house.engine.post(handed(&house, line.record)).await, Err(StoreError::NotFound(_))));
    assert_eq!(house.engine.ledger_history(line.id).await.unwrap().len(), 2);
    // a copy that comes later joins the one that is there
    let mut late = Posting::default();
    late.mail(crate::NewMail {
        tenant: house.tenant,
        bytes: crate::Bytes::Known(line.record),
        summary: Vec::new(),
        sensitive: true,
    });
    late.copies.push(house.copy(hanako, "hanako"));
    house.engine.post(late).await.unwrap();
    house.engine.post(handed(&house, line.record)).await.unwrap();
    assert_eq!(keepers(&house, line.record).await, [(LedgerKeeper::Handlers, 1)]);
    let mut made = 0;
    while let Ok(event) = events.try_recv() {
        made += usize::from(event == Event::Mailboxes { user: handlers });
    }
    assert_eq!(made, 1, "it is told of when it is made, and of nothing that moved otherwise");
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Whoever looks meanwhile finds all copies where they were, or one in the box.
pub async fn nobody_sees_a_hand_over_half_done(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let (taro, hanakos) = (LedgerKeeper::Person(house.taro), LedgerKeeper::Person(hanako));
    for _ in 0..10 {
        let line = spread(&house, hanako).await;
        let looking = async {
            loop {
                let found = keepers(&house, line.record).await;
                if found == [(LedgerKeeper::Handlers, 1)] {
                    return;
                }
                assert_eq!(found, [(taro, 1), (taro, 1), (hanakos, 1)]);
            }
        };
        let (posted, ()) = tokio::join!(house.engine.post(handed(&house, line.record)), looking);
        posted.unwrap();
    }
}

/// No person's list has it, it is not among what is shared, also when somebody wrote down a right on it.
pub async fn the_handlers_box_is_shared_with_nobody(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let line = spread(&house, hanako).await;
    house.engine.post(handed(&house, line.record)).await.unwrap();
    for person in [house.taro, hanako] {
        assert!(!house.names(person).await.iter().any(|name| name == "Handlers"));
    }
    let handlers = handlers_owner(house.tenant);
    let the_box = house.engine.mailboxes(handlers).await.unwrap()[0].id;
    let all = Some(RightsChange::Set(Rights::ALL));
    house.engine.set_rights(handlers, the_box, Identifier::Anyone, all, None, NOW).await.unwrap();
    assert!(!house.engine.shares().by_mailbox.contains_key(&the_box));
    house.engine.close().await.unwrap();
    let again = place.open().await;
    assert!(!again.shares().by_mailbox.contains_key(&the_box));
}
