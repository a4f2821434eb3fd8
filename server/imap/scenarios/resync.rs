//! CONDSTORE and QRESYNC (RFC 7162): what is told with MODSEQs, and to those who come back.

use super::house::{Client, House};

const MAIL: &[u8] = b"Subject: a\r\n\r\nx\r\n";

/// A house with so many mails in INBOX; the MODSEQ of the first is 2, and so on.
fn house(mails: usize) -> House {
    let house = House::new();
    for _ in 0..mails {
        house.engine.deliver(MAIL, b"", vec![]);
    }
    house
}

async fn qresync(house: &House) -> Client {
    let mut client = house.client().await;
    assert_eq!(client.ok("ENABLE QRESYNC").await, ["* ENABLED QRESYNC"]);
    client
}

/// The lines about what is known: those of VANISHED and FETCH.
fn news(answer: &[String]) -> Vec<&str> {
    answer.iter().map(String::as_str).filter(|line| line.contains("VANISHED") || line.contains(" FETCH ")).collect()
}

#[tokio::test]
async fn each_command_that_knows_of_modseqs_enables_them() {
    for (command, answer) in [
        ("ENABLE CONDSTORE", "* ENABLED CONDSTORE"),
        ("FETCH 1 (MODSEQ)", "* 1 FETCH (MODSEQ (2))"),
        ("FETCH 1 (UID) (CHANGEDSINCE 1)", "* 1 FETCH (UID 1 MODSEQ (2))"),
        ("SEARCH MODSEQ 2", "* SEARCH 1 (MODSEQ 2)"),
        ("STATUS INBOX (HIGHESTMODSEQ)", "* STATUS INBOX (HIGHESTMODSEQ 2)"),
        ("STORE 1 (UNCHANGEDSINCE 2) +FLAGS (\\Flagged)", "* 1 FETCH (FLAGS (\\Flagged \\Recent) MODSEQ (3))"),
    ] {
        let house = house(1);
        let (mut client, mut other) = (house.inbox().await, house.inbox().await);
        let told = client.ok(command).await;
        assert!(told.contains(&"* OK [HIGHESTMODSEQ 2] Highest".to_owned()), "{command}: {told:?}");
        assert!(told.iter().any(|line| line == answer), "{command}: {told:?}");
        other.ok("STORE 1 FLAGS.SILENT (\\Seen)").await;
        let heard = client.ok("NOOP").await;
        assert!(heard[0].starts_with("* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ ("), "{command}: {heard:?}");
        assert_eq!(other.ok("FETCH 1 FLAGS").await, ["* 1 FETCH (FLAGS (\\Seen))"], "who asked for none is told none");
    }
}

#[tokio::test]
async fn a_select_tells_the_highest_modseq_and_takes_condstore() {
    let house = house(2);
    let mut client = house.client().await;
    let selected = client.ok("SELECT INBOX (CONDSTORE)").await;
    assert!(selected.contains(&"* OK [HIGHESTMODSEQ 3] Highest".to_owned()), "{selected:?}");
    assert_eq!(client.ok("STORE 2 +FLAGS.SILENT (\\Seen)").await, ["* 2 FETCH (MODSEQ (4))"]);
    assert_eq!(client.ok("STORE 2 +FLAGS.SILENT (\\Seen)").await, Vec::<String>::new());
    let read = client.ok("FETCH 1 BODY[TEXT]").await;
    assert_eq!(read, ["* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[TEXT] {3}\r\nx\r\n MODSEQ (5))"]);
    assert!(client.fails("SELECT INBOX (FOO)").await.starts_with("BAD"));
}

#[tokio::test]
async fn a_conditional_store_leaves_what_changed_and_names_it() {
    let house = house(4);
    let (mut client, mut other) = (house.inbox().await, house.inbox().await);
    other.ok("STORE 2,4 +FLAGS (\\Flagged)").await;
    let said = client.say("STORE 1:4 (UNCHANGEDSINCE 5) +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(
        said,
        [
            "* OK [HIGHESTMODSEQ 5] Highest",
            "* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent) MODSEQ (6))",
            "* 4 FETCH (UID 4 FLAGS (\\Flagged \\Recent) MODSEQ (6))",
            "* 1 FETCH (MODSEQ (7))",
            "* 3 FETCH (MODSEQ (7))",
            "OK [MODIFIED 2,4] Conditional STORE failed.",
        ]
    );
    assert_eq!(client.ok("FETCH 2:3 FLAGS").await[0], "* 2 FETCH (FLAGS (\\Flagged \\Recent))");
    let none = client.say("UID STORE 1:4 (UNCHANGEDSINCE 0) +FLAGS (\\Seen)").await;
    assert_eq!(none, ["OK [MODIFIED 1:4] Conditional STORE failed."]);
}

#[tokio::test]
async fn a_fetch_of_what_changed_tells_only_that_and_with_vanished_what_went() {
    let house = house(6);
    let (mut client, mut other) = (qresync(&house).await, house.inbox().await);
    client.ok("SELECT INBOX").await;
    other.ok("STORE 1,3,5 +FLAGS.SILENT (\\Deleted)").await;
    other.ok("UID EXPUNGE 1,5").await;
    other.ok("STORE 4 +FLAGS.SILENT (\\Seen)").await;
    assert_eq!(client.ok("NOOP").await[0], "* VANISHED 1,5");
    assert_eq!(
        client.ok("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 7 VANISHED)").await,
        [
            "* VANISHED (EARLIER) 1,5",
            "* 2 FETCH (UID 3 FLAGS (\\Deleted) MODSEQ (8))",
            "* 4 FETCH (UID 6 FLAGS (\\Seen) MODSEQ (11))",
        ]
    );
    assert_eq!(
        news(&client.ok("UID FETCH 4:* (UID) (CHANGEDSINCE 7 VANISHED)").await),
        ["* VANISHED (EARLIER) 5", "* 4 FETCH (UID 6 MODSEQ (11))"]
    );
    // nothing is remembered for who knows nothing, so all that is not there has gone
    assert_eq!(client.ok("UID FETCH 1:5 (UID) (CHANGEDSINCE 0 VANISHED)").await[0], "* VANISHED (EARLIER) 1,5");
    assert!(client.fails("FETCH 1 (UID) (CHANGEDSINCE 1 VANISHED)").await.starts_with("BAD"));
    assert!(client.fails("UID FETCH 1 (UID) (VANISHED)").await.starts_with("BAD"));
    let mut plain = house.inbox().await;
    assert!(plain.fails("UID FETCH 1 (UID) (CHANGEDSINCE 1 VANISHED)").await.starts_with("BAD"));
}

#[tokio::test]
async fn who_comes_back_is_told_what_went_and_what_changed() {
    let house = house(6);
    let mut other = house.inbox().await;
    other.ok("STORE 2,4 +FLAGS.SILENT (\\Deleted)").await;
    other.ok("EXPUNGE").await;
    other.ok("STORE 1 +FLAGS.SILENT (\\Seen)").await;
    house.engine.deliver(MAIL, b"", vec![]);
    let mut client = qresync(&house).await;
    let back = client.say("SELECT INBOX (QRESYNC (1001 7))").await;
    assert_eq!(
        news(&back),
        [
            "* VANISHED (EARLIER) 2,4",
            "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (11))",
            "* 5 FETCH (UID 7 FLAGS (\\Recent) MODSEQ (12))",
        ]
    );
    assert_eq!(back.last().unwrap(), "OK [READ-WRITE] SELECT completed.");
    assert!(back.contains(&"* OK [HIGHESTMODSEQ 12] Highest".to_owned()), "{back:?}");
    let some = client.ok("SELECT INBOX (QRESYNC (1001 7 1:3))").await;
    assert_eq!(news(&some), ["* VANISHED (EARLIER) 2", "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (11))"]);
    let pairs = client.ok("EXAMINE INBOX (QRESYNC (1001 11 1:6 (1,2 1,3)))").await;
    assert_eq!(news(&pairs), Vec::<&str>::new());
    let other_validity = client.ok("SELECT INBOX (QRESYNC (7 7))").await;
    assert_eq!(news(&other_validity), Vec::<&str>::new());
    // the server was set back: what such a client knows cannot be relied on
    let future = client.ok("SELECT INBOX (QRESYNC (1001 999))").await;
    assert_eq!(news(&future).len(), 6);
    assert_eq!(news(&future)[0], "* VANISHED (EARLIER) 2,4");
}

#[tokio::test]
async fn coming_back_needs_to_be_enabled_first() {
    let house = house(1);
    let mut client = house.client().await;
    assert_eq!(client.fails("SELECT INBOX (QRESYNC (1001 1))").await, "BAD QRESYNC is not enabled");
}

#[tokio::test]
async fn an_expunge_is_told_by_uid_with_the_modseq_to_come_back_with() {
    let house = house(5);
    let mut client = qresync(&house).await;
    client.ok("SELECT INBOX").await;
    assert_eq!(
        client.ok("STORE 1,2,5 +FLAGS (\\Deleted)").await[2],
        "* 5 FETCH (UID 5 FLAGS (\\Deleted \\Recent) MODSEQ (7))"
    );
    let expunged = client.say("UID EXPUNGE 2:5").await;
    assert_eq!(expunged, ["* VANISHED 2,5", "OK [HIGHESTMODSEQ 9] EXPUNGE completed."]);
    let moved = client.say("MOVE 2 Archive").await;
    assert_eq!(moved, ["* OK [COPYUID 1006 3 1] Moved UIDs.", "* VANISHED 3", "OK [HIGHESTMODSEQ 10] MOVE completed."]);
    assert_eq!(client.say("EXPUNGE").await.last().unwrap(), "OK [HIGHESTMODSEQ 11] EXPUNGE completed.");
    assert_eq!(client.say("EXPUNGE").await, ["OK EXPUNGE completed."]);
}
