//! Promises about correspondents: written with what is released, found by name, reading and address.

use types::{Address, Timestamp, UserId};

use super::house::NOW;
use super::{House, Place};
use crate::{Correspondent, NewCorrespondent, Posting, needle};

fn to(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn new(user: UserId, address: &str, name: &str, at: i64) -> NewCorrespondent {
    NewCorrespondent { user, address: to(address), name: name.into(), at: Timestamp(NOW.0 + at) }
}

async fn post(house: &House, correspondents: Vec<NewCorrespondent>) {
    house.engine.post(Posting { correspondents, ..Posting::default() }).await.unwrap();
}

/// Sent mail makes an address known to its sender, counts, and keeps the last name given; in any case of letters.
pub async fn who_was_written_to_is_known(place: &dyn Place) {
    let house = House::build(place).await;
    let hanako = house.person("hanako").await;
    let taro = house.taro;
    post(&house, vec![new(taro, "A@x.example", "山田", 5), new(taro, "b@x.example", "", 5)]).await;
    post(&house, vec![new(taro, "a@x.example", "", 9), new(hanako, "c@x.example", "", 5)]).await;
    post(&house, vec![new(taro, "b@x.example", "B", 1), new(taro, "b@x.example", "", 2)]).await;
    let asked = [to("a@X.example"), to("b@x.example"), to("c@x.example")];
    let found = house.engine.known(taro, &asked).await.unwrap();
    let one = |address: &str, name: &str, sent, at: i64| Correspondent {
        address: to(address),
        name: name.into(),
        sent,
        last: Timestamp(NOW.0 + at),
    };
    assert_eq!(found, [one("a@x.example", "山田", 2, 9), one("b@x.example", "B", 3, 5)]);
    assert_eq!(house.engine.known(hanako, &asked[..2]).await.unwrap(), []);
    assert_eq!(house.engine.known(taro, &[]).await.unwrap(), []);
}

/// Of several people together those are known to whom any of them wrote, each address once.
pub async fn what_anybody_wrote_to_is_known_of_all(place: &dyn Place) {
    let house = House::build(place).await;
    let (hanako, taro) = (house.person("hanako").await, house.taro);
    post(&house, vec![new(taro, "A@x.example", "", 5), new(hanako, "a@x.example", "", 5)]).await;
    post(&house, vec![new(hanako, "b@x.example", "", 5)]).await;
    let asked = [to("a@X.example"), to("b@x.example"), to("c@x.example")];
    for (users, found) in
        [(&[taro, hanako][..], &["a@x.example", "b@x.example"][..]), (&[taro], &["a@x.example"]), (&[], &[])]
    {
        let known = house.engine.written_to(users, &asked).await.unwrap();
        assert_eq!(known, found.iter().map(|one| to(one)).collect::<Vec<_>>(), "{users:?}");
    }
    assert_eq!(house.engine.written_to(&[taro], &[]).await.unwrap(), []);
    // a domain is one in the spelling of people and of machines, whichever was written to and whichever is asked for
    post(&house, vec![new(taro, "a@例え.jp", "山田", 5), new(hanako, "a@xn--r8jz45g.jp", "", 5)]).await;
    for spelling in ["a@例え.jp", "a@xn--r8jz45g.jp"] {
        for users in [&[taro][..], &[hanako], &[taro, hanako]] {
            assert_eq!(house.engine.written_to(users, &[to(spelling)]).await.unwrap(), [to(spelling)], "{spelling}");
        }
        let known = house.engine.known(taro, &[to(spelling)]).await.unwrap();
        assert_eq!(known.iter().map(|one| (&*one.name, one.sent)).collect::<Vec<_>>(), [("山田", 1)], "{spelling}");
    }
}

/// They are found by beginnings of words and by any part of Japanese names, the last written to first.
pub async fn correspondents_are_found_as_people_look_for_them(place: &dyn Place) {
    let house = House::build(place).await;
    let taro = house.taro;
    let all = vec![
        new(taro, "yamada@minato.example", "山田 タロウ", 1),
        new(taro, "sato@minato.example", "", 3),
        new(taro, "100%_@y.example", "株式会社山田製作所", 2),
    ];
    post(&house, all).await;
    let find = async |typed: &str, most| -> Vec<String> {
        let found = house.engine.correspondents(taro, &needle(typed), most).await.unwrap();
        found.into_iter().map(|one| one.address.local().to_owned()).collect()
    };
    assert_eq!(find("", 9).await, ["sato", "100%_", "yamada"]);
    assert_eq!(find("", 1).await, ["sato"]);
    assert_eq!(find("山田", 9).await, ["100%_", "yamada"]);
    assert_eq!(find("たろう", 9).await, ["yamada"]);
    assert_eq!(find("Ｍinato", 9).await, ["sato", "yamada"]);
    assert_eq!(find("%", 9).await, Vec::<String>::new());
    assert_eq!(find("100%_", 9).await, ["100%_"]);
}

/// A posting that is refused makes nobody known.
pub async fn a_refused_posting_makes_nobody_known(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting { correspondents: vec![new(house.taro, "a@x.example", "", 1)], ..Posting::default() };
    posting.copies.push(house.copy(house.taro, "taro"));
    assert!(house.engine.post(posting).await.is_err(), "there is no mail 0");
    assert_eq!(house.engine.known(house.taro, &[to("a@x.example")]).await.unwrap(), []);
}
