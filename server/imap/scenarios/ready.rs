//! Lists that are ready after a restart.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use types::{Limits, MailboxId, SystemClock, Uid, UidSet, UserId};

use super::house::House;
use crate::cards::Lately;
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

    let after = again(&house);
    let there = async {
        while after.orders.keys(MailboxId(1)).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    within(keep_ready(after.clone(), access(), &file, there)).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written, "it stays so for the start after that");
    let uids: UidSet = [1, 2, 3].map(Uid).into_iter().collect();
    assert_eq!(after.cards.lately(3), [Lately { owner: UserId(1), mailbox: MailboxId(1), uids }]);
    let order = after.orders.get(MailboxId(1), SortKey::Subject).unwrap();
    assert_eq!(order.iter().map(|place| place.uid.0).collect::<Vec<_>>(), [2, 1, 3]);
}
