//! SORT and THREAD (RFC 5256, 5957, 5267).

use super::house::House;

/// Mails by (author, subject, day sent, Message-ID, References).
fn house(mails: &[(&str, &str, u32, &str, &str)]) -> House {
    let house = House::new();
    for (from, subject, day, id, references) in mails {
        let references = if references.is_empty() { String::new() } else { format!("References: {references}\r\n") };
        let mail = format!(
            "From: {from}\r\nSubject: {subject}\r\nDate: Mon, {day} Feb 2024 10:00:00 +0900\r\nMessage-ID: {id}\r\n{references}\r\nx\r\n"
        );
        house.engine.deliver(mail.as_bytes(), b"", vec![]);
    }
    house
}

fn letters() -> House {
    house(&[
        ("Zoe <a@x.example>", "Re: banana", 5, "<1@x>", ""),
        ("c@x.example", "Apple", 7, "<2@x>", ""),
        ("=?UTF-8?B?5bGx55Sw?= <b@x.example>", "[list] apple", 6, "<3@x>", ""),
        ("B@x.example", "banana", 1, "<4@x>", ""),
    ])
}

/// An order is kept; what came and went since is in it and out of it.
#[tokio::test]
async fn what_is_sorted_again_is_sorted_as_it_is_by_then() {
    let house = letters();
    let mut client = house.inbox().await;
    for (criteria, want) in [("SUBJECT", "2 3 1 4"), ("SUBJECT", "2 3 1 4"), ("REVERSE SUBJECT", "1 4 2 3")] {
        assert_eq!(client.ok(&format!("SORT ({criteria}) UTF-8 ALL")).await, [format!("* SORT {want}")], "{criteria}");
    }
    assert_eq!(client.ok("UID SORT (REVERSE SUBJECT) UTF-8 UID 2:4").await, ["* SORT 4 2 3"]);
    house.engine.deliver(b"Subject: avocado\r\n\r\nx\r\n", b"", vec![]);
    client.ok("NOOP").await;
    assert_eq!(client.ok("SORT (REVERSE SUBJECT) UTF-8 ALL").await, ["* SORT 1 4 5 2 3"]);
    assert_eq!(client.ok("SORT (SUBJECT) UTF-8 ALL").await, ["* SORT 2 3 5 1 4"]);
    client.ok("STORE 3 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    let mut other = house.inbox().await;
    for client in [&mut client, &mut other] {
        assert_eq!(client.ok("SORT (SUBJECT) UTF-8 ALL").await, ["* SORT 2 4 1 3"]);
        assert_eq!(client.ok("UID SORT (REVERSE SUBJECT) UTF-8 ALL").await, ["* SORT 1 4 5 2"]);
    }
}

#[tokio::test]
async fn messages_are_sorted_by_each_criterion() {
    let house = letters();
    let mut client = house.inbox().await;
    for (criteria, want) in [
        ("DATE", "4 1 3 2"),
        ("REVERSE DATE", "2 3 1 4"),
        ("SUBJECT", "2 3 1 4"),
        ("SUBJECT DATE", "3 2 4 1"),
        ("REVERSE SUBJECT REVERSE DATE", "1 4 2 3"),
        ("FROM", "1 3 4 2"),
        ("DISPLAYFROM", "4 2 1 3"),
        ("ARRIVAL", "1 2 3 4"),
        ("REVERSE ARRIVAL", "1 2 3 4"),
        ("SIZE", "2 4 1 3"),
    ] {
        assert_eq!(client.ok(&format!("SORT ({criteria}) UTF-8 ALL")).await, [format!("* SORT {want}")], "{criteria}");
    }
    client.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    assert_eq!(client.ok("SORT (DATE) UTF-8 SUBJECT apple").await, ["* SORT 2 1"]);
    assert_eq!(client.ok("UID SORT (DATE) UTF-8 SUBJECT apple").await, ["* SORT 3 2"]);
    assert_eq!(client.ok("SORT (DATE) UTF-8 SUBJECT cherry").await, ["* SORT"]);
    assert!(client.fails("SORT (DATE) X-FOO ALL").await.starts_with("NO [BADCHARSET"));
}

#[tokio::test]
async fn a_sort_is_answered_as_an_extended_search_in_its_order() {
    let house = letters();
    let mut client = house.inbox().await;
    for (command, want) in [
        ("UID SORT RETURN () (DATE) UTF-8 ALL", " UID ALL 4,1,3,2"),
        ("UID SORT RETURN (MIN MAX COUNT) (DATE) UTF-8 ALL", " UID MIN 4 MAX 2 COUNT 4"),
        ("SORT RETURN (PARTIAL 2:3) (REVERSE DATE) UTF-8 ALL", " PARTIAL (2:3 3,1)"),
        ("SORT RETURN (ALL) (ARRIVAL) UTF-8 ALL", " ALL 1:4"),
    ] {
        let line = client.ok(command).await.remove(0);
        assert!(line.starts_with("* ESEARCH (TAG \"t") && line.ends_with(&format!("\"){want}")), "{command}: {line}");
    }
    assert_eq!(client.ok("UID SORT RETURN (SAVE) (DATE) UTF-8 SUBJECT banana").await, Vec::<String>::new());
    assert_eq!(client.ok("UID SEARCH $").await, ["* SEARCH 1 4"]);
}

#[tokio::test]
async fn messages_are_put_into_threads() {
    let house = house(&[
        ("a@x.example", "plan", 1, "<1@x>", ""),
        ("b@x.example", "Re: plan", 2, "<2@x>", "<1@x>"),
        ("c@x.example", "Re: plan", 3, "<3@x>", "<1@x> <2@x>"),
        ("d@x.example", "Re: plan", 4, "<4@x>", "<1@x>"),
        ("e@x.example", "other", 5, "<5@x>", ""),
        ("f@x.example", "Fwd: plan", 6, "<6@x>", ""),
        ("g@x.example", "left", 7, "<7@x>", "<gone@x>"),
        ("h@x.example", "right", 8, "<8@x>", "<gone@x>"),
    ]);
    let mut client = house.inbox().await;
    for (algorithm, want) in [
        ("REFERENCES", "(1 (2 3)(4)(6))(5)((7)(8))"),
        ("REFS", "(1 (2 3)(4))(5)(6)((7)(8))"),
        ("ORDEREDSUBJECT", "(1 (2)(3)(4)(6))(5)(7)(8)"),
    ] {
        assert_eq!(client.ok(&format!("THREAD {algorithm} UTF-8 ALL")).await, [format!("* THREAD {want}")]);
    }
    client.ok("UID STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    assert_eq!(client.ok("UID THREAD REFS UTF-8 UID 2:4").await, ["* THREAD ((2 3)(4))"]);
    assert_eq!(client.ok("THREAD REFS UTF-8 UID 2:4").await, ["* THREAD ((1 2)(3))"]);
    assert_eq!(client.ok("THREAD REFERENCES UTF-8 SUBJECT nothing").await, ["* THREAD"]);
    assert!(client.fails("THREAD JWZ UTF-8 ALL").await.starts_with("BAD"));
}
