//! Lists that are ready after a restart.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use store::Engine;
use types::{Limits, MailboxId, SystemClock, Uid, UidSet, UserId};

use super::histories::on_disk;
use super::house::House;
use crate::at_rest::{self, AtRest};
use crate::cards::Lately;
use crate::orders::Place;
use crate::wire::sort::SortKey;
use crate::{Context, keep_ready};

/// The same server after a restart: the same store, an empty memory.
fn again(house: &House) -> Arc<Context> {
    let Context { store, auth, memory, .. } = &*house.context;
    Context::new(store.clone(), auth.clone(), Limits::default(), Arc::new(SystemClock), memory.clone(), None)
}

async fn within<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("it did not end")
}

#[tokio::test]
async fn after_a_restart_lists_that_were_looked_at_are_ready_and_nothing_else_is() {
    let house = House::new();
    for subject in ["banana", "apple", "cherry"] {
        house.engine.deliver(format!("Subject: {subject}\r\n\r\nsecret\r\n").as_bytes(), b"", vec![]);
    }
    let mut client = house.inbox().await;
    client.ok("FETCH 1:2 (ENVELOPE)").await;
    client.ok("SORT (SUBJECT) UTF-8 ALL").await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("lists");
    let access = || house.context.auth.console().server();
    within(keep_ready(house.context.clone(), access(), &file, ready(()))).await;
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, "lists 1\n1 1 1:3 SUBJECT\n", "numbers and nothing else");
    let resting = file.with_extension("orders");
    let bytes = std::fs::read(&resting).unwrap();
    assert!(bytes.starts_with(b"orders 1\n1 SUBJECT 3\n\x02\0\0\0"), "{}", bytes.escape_ascii());

    let after = again(&house);
    let there = async {
        while after.orders.keys(MailboxId(1)).is_empty() || after.cards.lately(1).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    within(keep_ready(after.clone(), access(), &file, there)).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written, "it stays so for the start after that");
    let uids: UidSet = [1, 2, 3].map(Uid).into_iter().collect();
    assert_eq!(after.cards.lately(3), [Lately { owner: UserId(1), mailbox: MailboxId(1), uids }]);
    let order = after.orders.get(MailboxId(1), SortKey::Subject).unwrap();
    assert_eq!(order.iter().map(|place| place.uid.0).collect::<Vec<_>>(), [2, 1, 3]);
    assert_eq!(std::fs::read(&resting).unwrap(), bytes);
}

/// The orders of INBOX that a file is taken for in which they lie.
async fn woken(house: &House, resting: &[AtRest]) -> Option<Vec<(u32, bool)>> {
    let dir = tempfile::tempdir().unwrap();
    let (file, context) = (dir.path().join("lists"), again(house));
    std::fs::write(&file, "lists 1\n1 1 1:3 \n").unwrap();
    at_rest::write(&file.with_extension("orders"), resting).unwrap();
    let cards = async {
        while context.cards.lately(1).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    within(keep_ready(context.clone(), house.context.auth.console().server(), &file, cards)).await;
    let order = context.orders.get(MailboxId(1), SortKey::Subject)?;
    Some(order.iter().map(|place| (place.uid.0, place.same)).collect())
}

#[tokio::test]
async fn orders_that_lay_in_a_file_are_there_at_once_unless_the_store_is_older() {
    let house = House::new();
    for subject in ["banana", "apple", "Re: apple"] {
        house.engine.deliver(format!("Subject: {subject}\r\n\r\nsecret\r\n").as_bytes(), b"", vec![]);
    }
    let order = |uids: &[u32]| {
        let places = uids.iter().map(|uid| Place { uid: Uid(*uid), same: *uid == 3 }).collect();
        AtRest { mailbox: MailboxId(1), key: SortKey::Subject, places }
    };
    assert_eq!(woken(&house, &[order(&[2, 3, 1])]).await, Some(vec![(2, false), (3, true), (1, false)]));
    assert_eq!(woken(&house, &[order(&[2, 3, 4, 1])]).await, None, "no message has had the UID 4");
    assert_eq!(woken(&house, &[AtRest { mailbox: MailboxId(9), ..order(&[1]) }]).await, None);
}

#[tokio::test]
async fn what_is_gone_stands_in_no_file() {
    let house = House::new();
    for subject in ["banana", "apple", "Re: apple", "cherry"] {
        house.engine.deliver(format!("Subject: {subject}\r\n\r\nsecret\r\n").as_bytes(), b"", vec![]);
    }
    let mut client = house.inbox().await;
    client.ok("FETCH 1:4 (ENVELOPE)").await;
    assert_eq!(client.ok("SORT (SUBJECT) UTF-8 ALL").await, ["* SORT 2 3 1 4"]);
    client.ok("STORE 2 +FLAGS (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("lists");
    within(keep_ready(house.context.clone(), house.context.auth.console().server(), &file, ready(()))).await;
    let resting = at_rest::take(&file.with_extension("orders")).unwrap();
    let left = resting[0].places.iter().map(|place| (place.uid.0, place.same)).collect::<Vec<_>>();
    assert_eq!(left, [(3, false), (1, false), (4, false)], "nor that its subject was that of another");
}

/// What lists, orders and threads say of a mailbox.
async fn looked(house: &House<impl Engine>, mailbox: &str) -> Vec<Vec<String>> {
    let mut client = house.client().await;
    client.ok(&format!("EXAMINE {mailbox}")).await;
    let mut said = Vec::new();
    for command in [
        "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)",
        "SORT (REVERSE SUBJECT) UTF-8 ALL",
        "SORT (DATE) UTF-8 ALL",
        "UID THREAD REFERENCES UTF-8 ALL",
        "UID THREAD ORDEREDSUBJECT UTF-8 ALL",
        "SEARCH TEXT secret",
    ] {
        said.push(client.ok(command).await);
    }
    said
}

/// Mailboxes of which the server remembers that they were looked at, of which it does not, and of which it remembers a part, or
/// more than there is: the first look after a start says of each what the last one before it said.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_look_after_a_restart_says_the_same_whether_or_not_it_was_made_ready() {
    let (house, _) = on_disk().await;
    let mut client = house.client().await;
    let names = ["ready", "new", "part", "more"];
    for name in names {
        client.ok(&format!("CREATE {name}")).await;
        // over a window of those that are made ready together, out of order
        for number in 0..1_100u32 {
            let (subject, reply) = (number * 7 % 1_000, number.saturating_sub(number % 3));
            let mail = format!(
                "Subject: Re: {subject:04} of {name}\r\nMessage-ID: <{number}@{name}>\r\nReferences: <{reply}@{name}>\r\n\r\nsecret {number}\r\n"
            );
            client.send(format!("a APPEND {name} () {{{}+}}\r\n{mail}\r\n", mail.len())).await;
        }
        for _ in 0..1_100 {
            client.answer("a").await;
        }
        client.ok(&format!("SELECT {name}")).await;
        client.ok("STORE 3,17 +FLAGS (\\Deleted)").await;
        client.ok("EXPUNGE").await;
    }
    let mut before = Vec::new();
    for name in names {
        before.push(looked(&house, name).await);
    }
    let mailboxes = house.engine.mailboxes(UserId(1)).await.unwrap();
    let id = |name: &str| mailboxes.iter().find(|mailbox| mailbox.name == name).unwrap().id;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("lists");
    let text = format!(
        "lists 1\n1 {} 1:1100 SUBJECT,DATE\n1 {} 400:900 SUBJECT\n1 {} 1:9000 DATE\n1 999999 1:100 DATE\n",
        id("ready"),
        id("part"),
        id("more")
    );
    std::fs::write(&file, text).unwrap();
    let after = House::over(house.engine.clone(), tempfile::tempdir().unwrap(), Limits::default());
    let made = async {
        while after.context.orders.keys(id("more")).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    within(keep_ready(after.context.clone(), house.context.auth.console().server(), &file, made)).await;
    let ready =
        |name: &str| after.context.cards.lately(9_000).iter().find(|of| of.mailbox == id(name)).map(|of| of.uids.len());
    assert_eq!(names.map(ready), [Some(1_098), None, Some(501), Some(1_098)]);
    for (name, said) in names.iter().zip(before) {
        assert_eq!(looked(&after, name).await, said, "{name}");
    }
}
