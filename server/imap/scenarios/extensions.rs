//! What the extensions for phones and newer clients answer: SAVEDATE.

use super::house::House;

fn mail(subject: &str) -> String {
    format!("Subject: {subject}\r\n\r\nbody of {subject}\r\n")
}

#[tokio::test]
async fn a_message_knows_when_it_came_into_its_mailbox() {
    let house = House::new();
    house.engine.deliver(mail("old").as_bytes(), b"", vec![]);
    let mut client = house.inbox().await;
    assert!(client.ok("CAPABILITY").await[0].contains(" SAVEDATE "));
    // What came before save dates were kept has none; its INTERNALDATE (17-Jul-1996) stands for it in SEARCH.
    assert_eq!(client.ok("FETCH 1 (SAVEDATE UID)").await, ["* 1 FETCH (SAVEDATE NIL UID 1)"]);
    let dated = mail("dated");
    client.ok(&format!("APPEND INBOX \"02-Feb-1998 10:00:00 +0900\" {{{}+}}\r\n{dated}", dated.len())).await;
    let line = client.ok("FETCH 2 (INTERNALDATE SAVEDATE)").await.pop().unwrap();
    let (internal, saved) = line.split_once(" SAVEDATE ").unwrap();
    assert_eq!(internal, "* 2 FETCH (INTERNALDATE \" 2-Feb-1998 10:00:00 +0900\"");
    assert!(saved.starts_with('"') && !saved.contains("1998"), "{saved}");
    for (keys, found) in [
        ("SAVEDBEFORE 1-Jan-2000", "* SEARCH 1"),
        ("SAVEDON 17-Jul-1996", "* SEARCH 1"),
        ("SAVEDSINCE 1-Jan-2000", "* SEARCH 2"),
        ("SINCE 1-Jan-2000", "* SEARCH"),
        ("SAVEDATESUPPORTED", "* SEARCH 1 2"),
        ("NOT SAVEDATESUPPORTED", "* SEARCH"),
    ] {
        assert_eq!(client.ok(&format!("SEARCH {keys}")).await, [found], "{keys}");
    }
    // A copy came now, whatever is known of its original.
    client.ok("COPY 1 Archive").await;
    client.ok("SELECT Archive").await;
    assert_eq!(client.ok("SEARCH SAVEDSINCE 1-Jan-2000 BEFORE 1-Jan-2000").await, ["* SEARCH 1"]);
    assert!(client.fails("SEARCH SAVEDON").await.starts_with("BAD"));
    assert!(client.fails("FETCH 1 SAVEDATES").await.starts_with("BAD"));
}
