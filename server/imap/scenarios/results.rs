//! What the smaller extensions answer: ESEARCH, SEARCHRES, WITHIN, PARTIAL, STATUS, OBJECTID, PREVIEW, QUOTA, uses.

use super::house::House;

fn mail(subject: &str) -> String {
    format!("Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbody of {subject}\r\n")
}

/// Mails 1 to 6, of which 2, 3, 5 and 6 have a subject with x.
fn house() -> House {
    let house = House::new();
    for subject in ["a", "bx", "cx", "d", "ex", "fx"] {
        house.engine.deliver(mail(subject).as_bytes(), b"", vec![]);
    }
    house
}

/// The line without the tag of the command.
fn esearch(answer: &[String]) -> String {
    let (_, rest) = answer[0].split_once("* ESEARCH (TAG \"t").expect("an ESEARCH");
    rest.split_once("\")").unwrap().1.to_owned()
}

#[tokio::test]
async fn an_extended_search_answers_what_it_was_asked_for() {
    let house = house();
    let mut client = house.inbox().await;
    client.ok("STORE 1 +FLAGS (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    for (command, want) in [
        ("SEARCH RETURN () SUBJECT x", " ALL 1:2,4:5"),
        ("UID SEARCH RETURN (ALL) SUBJECT x", " UID ALL 2:3,5:6"),
        ("UID SEARCH RETURN (MIN MAX COUNT) SUBJECT x", " UID MIN 2 MAX 6 COUNT 4"),
        ("SEARCH RETURN (MIN COUNT) SUBJECT nothing", " COUNT 0"),
        ("SEARCH RETURN (ALL) SUBJECT nothing", ""),
        ("UID SEARCH RETURN (PARTIAL 2:3) SUBJECT x", " UID PARTIAL (2:3 3,5)"),
        ("UID SEARCH RETURN (COUNT PARTIAL -1:-2) SUBJECT x", " UID COUNT 4 PARTIAL (-1:-2 5:6)"),
        ("UID SEARCH RETURN (PARTIAL 9:12) SUBJECT x", " UID PARTIAL (9:12 NIL)"),
        ("UID SEARCH RETURN (MIN) SUBJECT x MODSEQ 1", " UID MIN 2 MODSEQ 3"),
        ("SEARCH RETURN (ALL) MODSEQ 6", " ALL 4:5 MODSEQ 7"),
    ] {
        let answer = client.ok(command).await;
        let line: Vec<String> = answer.iter().filter(|line| line.contains("ESEARCH")).cloned().collect();
        assert_eq!(esearch(&line), want, "{command}");
    }
    let tagged = client.ok("SEARCH RETURN (COUNT) ALL").await;
    assert!(tagged[0].starts_with("* ESEARCH (TAG \"t1"), "{tagged:?}");
    assert!(client.fails("SEARCH RETURN (ALL PARTIAL 1:2) ALL").await.starts_with("BAD"));
}

#[tokio::test]
async fn a_saved_result_stands_for_its_messages_in_every_command() {
    let house = house();
    let mut client = house.inbox().await;
    assert_eq!(client.ok("FETCH $ (UID)").await, Vec::<String>::new());
    assert_eq!(client.ok("SEARCH RETURN (SAVE) SUBJECT x").await, Vec::<String>::new());
    assert_eq!(client.ok("SEARCH $ UID 3:5").await, ["* SEARCH 3 5"]);
    assert_eq!(client.ok("UID STORE $ +FLAGS.SILENT (\\Deleted)").await, Vec::<String>::new());
    client.ok("UID EXPUNGE 2").await;
    assert_eq!(client.ok("FETCH $ (UID)").await, ["* 2 FETCH (UID 3)", "* 4 FETCH (UID 5)", "* 5 FETCH (UID 6)"]);
    assert_eq!(esearch(&client.ok("UID SEARCH RETURN (SAVE MIN) $").await), " UID MIN 3");
    assert_eq!(client.ok("UID SEARCH $").await, ["* SEARCH 3"]);
    assert_eq!(
        esearch(&client.ok("UID SEARCH RETURN (SAVE PARTIAL -1:-2) SUBJECT x").await),
        " UID PARTIAL (-1:-2 5:6)"
    );
    assert_eq!(client.ok("SEARCH NOT $").await, ["* SEARCH 1 2 3"]);
    let copied = client.say("COPY $ Sent").await;
    assert_eq!(copied, ["OK [COPYUID 1002 5:6 1:2] COPY completed."]);
    client.ok("SELECT INBOX").await;
    assert_eq!(client.ok("SEARCH $").await, ["* SEARCH"]);
}

#[tokio::test]
async fn a_search_counts_seconds_from_now() {
    let house = house();
    let mut client = house.inbox().await;
    client.append("INBOX", &mail("new")).await;
    assert_eq!(client.ok("SEARCH YOUNGER 3600").await, ["* SEARCH 7"]);
    assert_eq!(client.ok("SEARCH OLDER 3600").await, ["* SEARCH 1 2 3 4 5 6"]);
    assert!(client.fails("SEARCH OLDER 0").await.starts_with("BAD"));
}

#[tokio::test]
async fn a_fetch_tells_a_part_of_its_messages() {
    let house = house();
    let mut client = house.inbox().await;
    assert_eq!(client.ok("UID FETCH 1:* (UID) (PARTIAL -1:-2)").await, ["* 5 FETCH (UID 5)", "* 6 FETCH (UID 6)"]);
    assert_eq!(client.ok("UID FETCH 2:* (UID) (PARTIAL 1:1)").await, ["* 2 FETCH (UID 2)"]);
    assert_eq!(client.ok("UID FETCH 1:* (UID) (PARTIAL 7:9)").await, Vec::<String>::new());
    let changed = client.ok("UID FETCH 1:* (UID) (CHANGEDSINCE 4 PARTIAL 2:9)").await;
    assert_eq!(changed[1..], ["* 5 FETCH (UID 5 MODSEQ (6))", "* 6 FETCH (UID 6 MODSEQ (7))"]);
}

#[tokio::test]
async fn status_tells_sizes_limits_and_lasting_names() {
    let house = house();
    let mut client = house.inbox().await;
    client.ok("STORE 1:2 +FLAGS.SILENT (\\Deleted)").await;
    let size = 4 * mail("bx").len() + 2 * mail("a").len();
    assert_eq!(
        client.ok("STATUS INBOX (SIZE DELETED DELETED-STORAGE APPENDLIMIT MAILBOXID)").await,
        [format!("* STATUS INBOX (SIZE {size} DELETED 2 DELETED-STORAGE 1 APPENDLIMIT 52428800 MAILBOXID (F1))")]
    );
    let listed = client.ok("LIST \"\" INBOX RETURN (STATUS (SIZE MAILBOXID))").await;
    assert_eq!(listed[1], format!("* STATUS INBOX (SIZE {size} MAILBOXID (F1))"));
}

#[tokio::test]
async fn names_of_mailboxes_and_mails_last() {
    let house = house();
    let mut client = house.client().await;
    let made = client.say("CREATE work").await;
    assert_eq!(made, ["OK [MAILBOXID (F7)] CREATE completed."]);
    client.ok("RENAME work play").await;
    assert_eq!(client.ok("STATUS play (MAILBOXID)").await, ["* STATUS play (MAILBOXID (F7))"]);
    assert!(client.ok("SELECT INBOX").await.contains(&"* OK [MAILBOXID (F1)] Ok".to_owned()));
    client.ok("COPY 2 play").await;
    let here = client.ok("FETCH 2 (EMAILID THREADID)").await;
    assert_eq!(here, ["* 2 FETCH (EMAILID (M1) THREADID NIL)"], "it says neither who it is nor what it answers");
    assert_eq!(client.ok("SEARCH OR EMAILID M1 THREADID T1").await, ["* SEARCH 2"]);
    client.ok("SELECT play").await;
    assert_eq!(client.ok("FETCH 1 (EMAILID)").await, ["* 1 FETCH (EMAILID (M1))"]);
}

#[tokio::test]
async fn a_preview_is_the_beginning_of_the_text() {
    let house = House::new();
    house.engine.deliver(mail("a").as_bytes(), b"", vec![]);
    house.engine.deliver(mail("お知らせ").replace("body of", "本文").as_bytes(), b"", vec![]);
    let mut client = house.inbox().await;
    assert_eq!(client.ok("FETCH 1 (PREVIEW (LAZY) UID)").await, ["* 1 FETCH (PREVIEW \"body of a\" UID 1)"]);
    let text = "本文 お知らせ";
    assert_eq!(client.ok("FETCH 2 PREVIEW").await, [format!("* 2 FETCH (PREVIEW {{{}}}\r\n{text})", text.len())]);
    assert_eq!(client.ok("FETCH 1 FLAGS").await, ["* 1 FETCH (FLAGS (\\Recent))"], "a preview marks nothing as seen");
}

#[tokio::test]
async fn a_quota_root_tells_what_is_used_and_allowed() {
    let house = House::new();
    let mut client = house.client().await;
    client.append("INBOX", &"x".repeat(1_500)).await;
    assert_eq!(
        client.ok("GETQUOTAROOT INBOX").await,
        ["* QUOTAROOT INBOX \"\"", "* QUOTA \"\" (STORAGE 2 4096 MESSAGE 1 3000)"]
    );
    assert_eq!(client.ok("GETQUOTA \"\"").await, ["* QUOTA \"\" (STORAGE 2 4096 MESSAGE 1 3000)"]);
    assert!(client.fails("GETQUOTA other").await.starts_with("NO [NONEXISTENT]"));
    assert!(client.fails("SETQUOTA \"\" (STORAGE 5)").await.starts_with("BAD"));
}

#[tokio::test]
async fn a_mailbox_is_made_for_a_use_that_none_has() {
    let house = House::new();
    let mut client = house.client().await;
    assert!(client.fails("CREATE \"old mail\" (USE (\\Archive))").await.starts_with("NO [USEATTR]"));
    assert!(client.fails("CREATE x (USE (\\Important))").await.starts_with("NO [USEATTR]"));
    assert!(client.fails("CREATE x (USE (\\Archive \\Junk))").await.starts_with("NO [USEATTR]"));
    client.ok("DELETE Archive").await;
    client.ok("CREATE \"old mail\" (USE (\\Archive))").await;
    assert_eq!(client.ok("LIST \"\" \"old mail\"").await, ["* LIST (\\HasNoChildren \\Archive) \"/\" \"old mail\""]);
}
