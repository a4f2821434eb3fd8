//! Promises to the full-text index.

use types::{RecordId, TenantId};

use super::house::NOW;
use super::{House, Place};

/// Records come in the order in which they were written, each once, with their tenant and size; messages name them.
pub async fn records_are_told_in_their_order(place: &dyn Place) {
    let house = House::build(place).await;
    for _ in 0..3 {
        house.deliver().await;
    }
    let engine = &house.engine;
    let all = engine.records_after(RecordId(0), 100).await.unwrap();
    assert!(all.len() >= 3 && all.is_sorted_by(|a, b| a.record < b.record));
    for row in &all {
        assert_eq!(row.tenant, house.tenant);
        assert_eq!(engine.read(row.record, 0..u64::MAX).await.unwrap().len() as u64, row.size);
    }
    let mut one_by_one = Vec::new();
    let mut after = RecordId(0);
    while let [row] = engine.records_after(after, 1).await.unwrap().as_slice() {
        after = row.record;
        one_by_one.push(*row);
    }
    assert_eq!(one_by_one, all);
    let inbox = house.named(house.taro, "INBOX").await.id;
    let opened = engine.open_mailbox(house.taro, inbox, false).await.unwrap();
    let flags = engine.flags(house.taro, inbox, &opened.uids).await.unwrap();
    let rows = engine.messages(house.taro, inbox, &opened.uids, crate::Want::default()).await.unwrap();
    assert!(!rows.is_empty());
    assert!(flags.iter().map(|row| row.record).eq(rows.iter().map(|row| row.record)));
    let named = engine.records_of_messages().await.unwrap();
    assert!(named.is_sorted() && flags.iter().all(|row| named.contains(&row.record)));
    assert!(flags.iter().map(|row| row.cut).eq(rows.iter().map(|row| !row.cuts.is_empty())));
}

/// A tenant's key lasts, and is no other tenant's.
pub async fn an_index_has_a_key_of_its_own(place: &dyn Place) {
    let house = House::build(place).await;
    let key = house.engine.index_key(house.tenant).await.unwrap();
    assert_ne!(key.expose(), house.engine.index_key(TenantId(house.tenant.0 + 1)).await.unwrap().expose());
    let tenant = house.tenant;
    house.engine.close().await.unwrap();
    assert_eq!(place.open().await.index_key(tenant).await.unwrap().expose(), key.expose());
}

/// A text that stands in trace headers, in any case, finds its message; another's mailbox holds nothing.
pub async fn trace_headers_are_found(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = crate::Posting::default();
    for prefix in ["Received: from Alpha.Example\r\n", "Received: from beta.example\r\n", "X: =?UTF-8?B?YQ==?=\r\n"] {
        let mail = posting.mail(house.mail("traced").await);
        let copy = house.copy(house.taro, "taro");
        posting.copies.push(crate::NewCopy { mail, recipient: None, prefix: prefix.into(), ..copy });
    }
    house.engine.post(posting).await.unwrap();
    let inbox = house.named(house.taro, "INBOX").await.id;
    let opened = house.engine.open_mailbox(house.taro, inbox, false).await.unwrap();
    let uids: Vec<_> = opened.uids.iter().collect();
    let [alpha, _, encoded] = uids.as_slice() else { panic!("{uids:?}") };
    let found = house.engine.traced(house.taro, inbox, "alpha.example").await.unwrap();
    assert_eq!(found.iter().collect::<Vec<_>>(), [*alpha, *encoded], "encoded words may mean anything");
    let other = types::UserId(i64::MAX);
    assert!(house.engine.traced(other, inbox, "alpha").await.unwrap().is_empty());
}

/// Copies in Drafts that gave way, files of drafts and drafts that were thrown away are no mails of anybody's, also for an index that is
/// made anew; the copy that lies there is.
pub async fn what_drafts_left_is_no_mail(place: &dyn Place) {
    let house = House::build(place).await;
    let engine = &house.engine;
    let met = async || engine.records_after(RecordId(0), 99).await.unwrap().len();
    let mut made = Vec::new();
    for _ in 0..2 {
        let draft = engine.create_draft(house.taro, crate::NewDraft::default(), NOW).await.unwrap();
        let bytes = engine.seal(house.tenant, b"a file").await.unwrap();
        let file = crate::NewAttachment { bytes, name: "file".into(), media_type: "text/plain".into() };
        let file = engine.attach(house.taro, draft.id, file, NOW).await.unwrap();
        made.push((draft, file));
    }
    assert_eq!(met().await, 0, "files");
    for text in ["one", "two", "three"] {
        engine.materialise(house.taro, made[0].0, house.mail(text).await.into(), NOW).await.unwrap();
    }
    assert_eq!(met().await, 1, "the copy that lies there");
    engine.detach(house.taro, made[0].0.id, made[0].1.id, NOW).await.unwrap();
    for (draft, _) in &made {
        engine.discard_draft(house.taro, draft.id, NOW).await.unwrap();
    }
    assert_eq!(met().await, 0, "what was thrown away");
}
