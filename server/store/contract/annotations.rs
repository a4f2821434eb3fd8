//! Promises about annotations.

use super::{House, Place};
use crate::{ANNOTATIONS_MOST, AnnotationChange, AnnotationNews, StoreError};

fn set(entry: &str, value: &[u8]) -> AnnotationChange {
    AnnotationChange { entry: entry.to_owned(), value: Some(value.to_vec()) }
}
fn unset(entry: &str) -> AnnotationChange {
    AnnotationChange { entry: entry.to_owned(), value: None }
}

/// What is set is read, of each mailbox and of the account apart, also after a restart; what is taken away is gone.
pub async fn annotations_read_back_as_they_were_set(place: &dyn Place) {
    let mut house = House::build(place).await;
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    let value: Vec<u8> = (0..=255).collect();
    let changes = vec![set("/private/comment", b"mine"), set("/private/a/b", &value), set("/shared/comment", b"")];
    house.engine.annotate(house.taro, Some(inbox), changes).await.unwrap();
    house.engine.annotate(house.taro, None, vec![set("/private/comment", b"account")]).await.unwrap();
    house
        .engine
        .annotate(house.taro, Some(inbox), vec![set("/private/comment", b"yours"), unset("/shared/comment")])
        .await
        .unwrap();
    house.engine.close().await.unwrap();
    house.engine = place.open().await;
    let heads = house.engine.annotations(house.taro, Some(inbox)).await.unwrap();
    let heads: Vec<(&str, u64)> = heads.iter().map(|head| (head.entry.as_str(), head.size)).collect();
    assert_eq!(heads, [("/private/a/b", 256), ("/private/comment", 5)]);
    let all = ["/private/comment", "/shared/comment", "/private/a/b"].map(str::to_owned);
    let values = house.engine.annotation_values(house.taro, Some(inbox), &all).await.unwrap();
    assert_eq!(values, [("/private/a/b".to_owned(), value), ("/private/comment".to_owned(), b"yours".to_vec())]);
    let of_account = house.engine.annotation_values(house.taro, None, &all).await.unwrap();
    assert_eq!(of_account, [("/private/comment".to_owned(), b"account".to_vec())]);
    assert!(house.engine.annotations(house.taro, Some(trash)).await.unwrap().is_empty());
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
}

/// Changes are told in their order after any number, to their person alone; numbers never go back.
pub async fn changes_of_annotations_are_told_in_order(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let made = house.engine.create_mailbox(house.taro, "a", None).await.unwrap().id;
    let (_, start) = house.engine.annotation_news(house.taro, &[], 0).await.unwrap();
    let first = house.engine.annotate(house.taro, Some(made), vec![set("/private/x", b"1")]).await.unwrap();
    let second = house.engine.annotate(house.taro, None, vec![set("/private/y", b"2")]).await.unwrap();
    assert!(start < first && first < second);
    let news = |change, of, entry: &str| AnnotationNews { change, of, entry: entry.to_owned() };
    let (told, last) = house.engine.annotation_news(house.taro, &[], start).await.unwrap();
    assert_eq!((told, last), (vec![news(first, Some(made), "/private/x"), news(second, None, "/private/y")], second));
    let third = house.engine.annotate(house.taro, Some(made), vec![unset("/private/x")]).await.unwrap();
    let (told, last) = house.engine.annotation_news(house.taro, &[], second).await.unwrap();
    assert_eq!((told, last), (vec![news(third, Some(made), "/private/x")], third));
    assert!(house.engine.annotation_news(hanako, &[], 0).await.unwrap().0.is_empty());
    // of what is shared with her that which its readers share, of these mailboxes and of no others
    let (inbox, trash) = (house.id("INBOX").await, house.id("Trash").await);
    let both = || vec![set("/private/z", b"1"), set("/shared/z", b"2"), set("/sharedz/z", b"3")];
    for of in [made, inbox] {
        house.engine.annotate(house.taro, Some(of), both()).await.unwrap();
    }
    let hers = house.engine.annotate(hanako, None, vec![set("/private/h", b"1")]).await.unwrap();
    let beside = [(house.taro, inbox), (house.taro, trash)];
    let (told, last) = house.engine.annotation_news(hanako, &beside, third).await.unwrap();
    assert_eq!((told, last), (vec![news(hers - 1, Some(inbox), "/shared/z"), news(hers, None, "/private/h")], hers));
    house.engine.delete_mailbox(house.taro, "a").await.unwrap();
    let fourth = house.engine.annotate(house.taro, None, vec![set("/private/y", b"3")]).await.unwrap();
    assert!(fourth > third, "annotations that went with their mailbox take no number back");
}

/// They stay with their mailbox when it is renamed, and go with it.
pub async fn annotations_follow_their_mailbox(place: &dyn Place) {
    let house = House::build(place).await;
    let made = house.engine.create_mailbox(house.taro, "a/b", None).await.unwrap().id;
    house.engine.annotate(house.taro, Some(made), vec![set("/private/x", b"1")]).await.unwrap();
    house.engine.rename_mailbox(house.taro, "a/b", "c").await.unwrap();
    let id = house.named(house.taro, "c").await.id;
    assert_eq!(house.engine.annotations(house.taro, Some(id)).await.unwrap().len(), 1);
    house.engine.delete_mailbox(house.taro, "c").await.unwrap();
    let again = house.engine.create_mailbox(house.taro, "c", None).await.unwrap().id;
    assert!(house.engine.annotations(house.taro, Some(again)).await.unwrap().is_empty());
    let gone = house.engine.annotations(house.taro, Some(id)).await;
    assert!(matches!(gone, Err(StoreError::NotFound(_))));
}

/// More than may be are refused, all of them; another's mailbox has none.
pub async fn annotations_are_bounded_and_ones_own(place: &dyn Place) {
    let house = House::build(place).await;
    let inbox = house.id("INBOX").await;
    let many = |count: usize| (0..count).map(|i| set(&format!("/private/{i}"), b"x")).collect::<Vec<_>>();
    house.engine.annotate(house.taro, Some(inbox), many(ANNOTATIONS_MOST - 1)).await.unwrap();
    let two = vec![set("/private/one", b"x"), set("/private/two", b"x")];
    let refused = house.engine.annotate(house.taro, Some(inbox), two).await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
    assert_eq!(house.engine.annotations(house.taro, Some(inbox)).await.unwrap().len(), ANNOTATIONS_MOST - 1);
    let swapped = vec![unset("/private/0"), set("/private/one", b"x"), set("/private/two", b"x")];
    house.engine.annotate(house.taro, Some(inbox), swapped).await.unwrap();
    let hanako = house.person("hanako").await;
    let hidden =
        |answer: &Result<Vec<crate::AnnotationHead>, StoreError>| matches!(answer, Err(StoreError::NotFound(_)));
    assert!(hidden(&house.engine.annotations(hanako, Some(inbox)).await));
    let entries = ["/private/one".to_owned()];
    let read = house.engine.annotation_values(hanako, Some(inbox), &entries).await;
    assert!(matches!(read, Err(StoreError::NotFound(_))));
    let written = house.engine.annotate(hanako, Some(inbox), vec![set("/private/one", b"hers")]).await;
    assert!(matches!(written, Err(StoreError::NotFound(_))));
    let values = house.engine.annotation_values(house.taro, Some(inbox), &entries).await.unwrap();
    assert_eq!(values, [(entries[0].clone(), b"x".to_vec())]);
    // Many that were set and taken away cost no more than a few.
    for i in 0..30 {
        let gone = (0..50).map(|j| set(&format!("/private/{i}/{j}"), b"x"));
        let away = (0..50).map(|j| unset(&format!("/private/{i}/{j}")));
        house.engine.annotate(house.taro, None, gone.collect()).await.unwrap();
        house.engine.annotate(house.taro, None, away.collect()).await.unwrap();
    }
    assert!(house.engine.annotation_news(house.taro, &[], 0).await.unwrap().0.len() <= 1_000 + 50 + ANNOTATIONS_MOST);
}
