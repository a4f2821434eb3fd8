//! NOTIFY (RFC 5465) over the embedded engine: what a client hears without asking, line by line.

use super::histories::on_disk;
use super::house::Client;

fn mail(subject: &str) -> String {
    format!("Subject: {subject}\r\n\r\nbody\r\n")
}

/// The lines that come, without the number of a UIDVALIDITY.
async fn lines(client: &mut Client, count: usize) -> Vec<String> {
    let mut out = Vec::new();
    for _ in 0..count {
        out.push(plain(&client.line().await));
    }
    out
}

fn plain(line: &str) -> String {
    let Some((before, rest)) = line.split_once("UIDVALIDITY ") else { return line.to_owned() };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    format!("{before}UIDVALIDITY v{}", &rest[digits..])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_told_of_all_its_mailboxes_without_asking() {
    let (house, _) = on_disk().await;
    let (mut one, mut two) = (house.client().await, house.client().await);
    assert!(one.ok("CAPABILITY").await[0].contains(" NOTIFY "));
    two.append("Sent", &mail("before")).await;
    one.ok("SELECT INBOX").await;
    let told = one
        .ok("NOTIFY SET STATUS (selected-delayed (MessageNew (FLAGS RFC822.SIZE) MessageExpunge FlagChange)) \
             (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange))")
        .await;
    let told: Vec<String> = told.iter().map(|line| plain(line)).collect();
    assert_eq!(told.len(), 5, "all but the one that is open: {told:?}");
    assert!(told.contains(&"* STATUS Sent (MESSAGES 1 UIDNEXT 2 UIDVALIDITY v UNSEEN 1)".to_owned()), "{told:?}");
    // The open mailbox, with what was asked for of each new message.
    two.append("INBOX", &mail("new")).await;
    let size = mail("new").len();
    assert_eq!(
        lines(&mut one, 3).await,
        ["* 1 EXISTS", "* 1 RECENT", &format!("* 1 FETCH (UID 1 FLAGS (\\Recent) RFC822.SIZE {size})")]
    );
    two.ok("SELECT INBOX").await;
    two.ok("STORE 1 +FLAGS.SILENT (\\Flagged)").await;
    assert_eq!(lines(&mut one, 1).await, ["* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent))"]);
    // Others: messages that come, go and change.
    two.append("Archive", &mail("a")).await;
    assert_eq!(lines(&mut one, 1).await, ["* STATUS Archive (MESSAGES 1 UIDNEXT 2 UIDVALIDITY v UNSEEN 1)"]);
    two.ok("SELECT Archive").await;
    two.ok("STORE 1 +FLAGS.SILENT (\\Seen \\Deleted)").await;
    assert_eq!(lines(&mut one, 1).await, ["* STATUS Archive (MESSAGES 1 UIDNEXT 2 UIDVALIDITY v UNSEEN 0)"]);
    two.ok("EXPUNGE").await;
    assert_eq!(lines(&mut one, 1).await, ["* STATUS Archive (MESSAGES 0 UIDNEXT 2 UIDVALIDITY v UNSEEN 0)"]);
    // Mailboxes themselves.
    for (command, line) in [
        ("CREATE &ZeVnLIqe-", "* LIST (\\HasNoChildren) \"/\" &ZeVnLIqe-"),
        ("SUBSCRIBE &ZeVnLIqe-", "* LIST (\\HasNoChildren \\Subscribed) \"/\" &ZeVnLIqe-"),
        ("RENAME &ZeVnLIqe- b", "* LIST (\\HasNoChildren \\Subscribed) \"/\" b (\"OLDNAME\" (&ZeVnLIqe-))"),
        ("UNSUBSCRIBE b", "* LIST (\\HasNoChildren) \"/\" b"),
        ("DELETE b", "* LIST (\\NonExistent) \"/\" b"),
        ("SETMETADATA Sent (/private/x \"1\")", "* METADATA Sent /private/x"),
        ("SETMETADATA \"\" (/private/x \"1\")", "* METADATA \"\" /private/x"),
    ] {
        two.ok(command).await;
        assert_eq!(lines(&mut one, 1).await, [line], "{command}");
    }
    // With MODSEQs for those who know them.
    one.ok("ENABLE CONDSTORE").await;
    two.append("Sent", &mail("b")).await;
    let line = lines(&mut one, 1).await.remove(0);
    assert!(line.starts_with("* STATUS Sent (MESSAGES 2 UIDNEXT 3 UIDVALIDITY v UNSEEN 2 HIGHESTMODSEQ "), "{line}");
    // A command in between is answered as ever.
    assert_eq!(one.ok("UID SEARCH ALL").await, ["* SEARCH 1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expunges_come_at_once_or_with_the_next_command() {
    let (house, _) = on_disk().await;
    let (mut now, mut later, mut other) = (house.client().await, house.client().await, house.client().await);
    for _ in 0..2 {
        other.append("INBOX", &mail("x")).await;
    }
    for (client, word) in [(&mut now, "selected"), (&mut later, "selected-delayed")] {
        client.ok("SELECT INBOX").await;
        let set = format!(
            "NOTIFY SET ({word} (MessageNew (UID BODY.PEEK[HEADER.FIELDS (Subject)]) MessageExpunge FlagChange))"
        );
        assert_eq!(client.ok(&set).await, Vec::<String>::new());
    }
    other.ok("SELECT INBOX").await;
    other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    for client in [&mut now, &mut later] {
        let line = client.line().await;
        assert!(line.starts_with("* 1 FETCH (UID 1 FLAGS (\\Deleted"), "{line}");
    }
    other.ok("EXPUNGE").await;
    assert_eq!(now.line().await, "* 1 EXPUNGE");
    // A new message is told of, and of it what was asked for; the other's numbers hold until it says something.
    other.append("INBOX", &mail("fresh")).await;
    for (client, number) in [(&mut now, 2), (&mut later, 3)] {
        assert_eq!(client.line().await, format!("* {number} EXISTS"));
        assert!(client.line().await.ends_with(" RECENT"));
        assert_eq!(
            client.line().await,
            format!("* {number} FETCH (UID 3 BODY[HEADER.FIELDS (SUBJECT)] {{{}}}", "Subject: fresh\r\n\r\n".len())
        );
        assert_eq!(lines(client, 3).await, ["Subject: fresh", "", ")"]);
    }
    assert_eq!(later.ok("FETCH 2 UID").await, ["* 2 FETCH (UID 2)"]);
    assert_eq!(later.ok("NOOP").await, ["* 1 EXPUNGE"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wants_to_hear_nothing_hears_nothing() {
    let (house, _) = on_disk().await;
    let (mut one, mut two) = (house.client().await, house.client().await);
    one.ok("SELECT INBOX").await;
    one.ok("NOTIFY SET (selected NONE) (mailboxes Sent NONE) (subtree Archive (MessageNew MessageExpunge)) (subscribed (MailboxName))").await;
    two.append("INBOX", &mail("x")).await;
    two.append("Sent", &mail("x")).await;
    two.append("Junk", &mail("x")).await;
    two.ok("CREATE unsubscribed").await;
    two.append("Archive", &mail("x")).await;
    assert!(one.line().await.starts_with("* STATUS Archive "), "the first line is the first of what was asked for");
    one.ok("NOTIFY SET (personal (MailboxName))").await;
    two.ok("CREATE a/b").await;
    assert_eq!(lines(&mut one, 2).await.len(), 2);
    one.ok("NOTIFY NONE").await;
    two.ok("DELETE a/b").await;
    two.append("Archive", &mail("x")).await;
    // RFC 5465 3.1: no kind of event, not of the open mailbox and with commands either.
    two.append("INBOX", &mail("x")).await;
    two.ok("SELECT INBOX").await;
    two.ok("STORE 1 +FLAGS (\\Flagged)").await;
    for command in ["NOOP", "CHECK", "UID SEARCH ALL", "UID STORE 9 +FLAGS (\\Seen)"] {
        let told = one.ok(command).await;
        assert!(told.iter().all(|line| line.starts_with("* SEARCH")), "{command}: {told:?}");
    }
    assert_eq!(idled(&mut one).await, Vec::<String>::new());
    // What it takes out itself it is told of, with what the numbers need.
    one.ok("SELECT INBOX").await;
    two.append("INBOX", &mail("x")).await;
    one.ok("STORE 2 +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(one.ok("NOOP").await, Vec::<String>::new());
    assert!(one.ok("EXPUNGE").await.contains(&"* 2 EXPUNGE".to_owned()));
    // A new NOTIFY tells at once what has come meanwhile.
    two.append("INBOX", &mail("x")).await;
    let told = one.ok("NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))").await;
    assert!(told.contains(&"* 3 EXISTS".to_owned()), "{told:?}");
}

/// What is told within an IDLE that ends at once.
async fn idled(client: &mut Client) -> Vec<String> {
    client.send("i IDLE\r\n").await;
    assert_eq!(client.line().await, "+ idling");
    client.send("DONE\r\n").await;
    let mut said = client.answer("i").await;
    said.pop();
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notify_that_cannot_be_is_refused() {
    let (house, _) = on_disk().await;
    let mut client = house.client().await;
    assert_eq!(
        client.fails("NOTIFY SET (personal (AnnotationChange MailboxName))").await,
        "NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange \
         ServerMetadataChange)] An event is not known"
    );
    for command in [
        "NOTIFY",
        "NOTIFY SET",
        "NOTIFY SET (personal (MessageNew))",
        "NOTIFY SET (selected (MailboxName))",
        "NOTIFY SOME",
    ] {
        assert!(client.fails(command).await.starts_with("BAD"), "{command}");
    }
    assert_eq!(house.connect().await.fails("NOTIFY NONE").await, "BAD Please sign in first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_of_ones_own_brings_to_light_is_told_with_what_was_asked_for() {
    let (house, _) = on_disk().await;
    let mut one = house.client().await;
    one.append("INBOX", &mail("first")).await;
    one.ok("SELECT INBOX").await;
    one.ok("NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge FlagChange))").await;
    let told = one.ok("MOVE 1 INBOX").await;
    assert!(told.iter().any(|line| line.contains("FETCH (UID 2 FLAGS (")), "{told:?}");
    let mut two = house.client().await;
    two.append("INBOX", &mail("second")).await;
    let told = one.ok("STORE 1 +FLAGS (\\Flagged)").await;
    assert!(told.iter().any(|line| line.contains("FETCH (UID 3 FLAGS (")), "{told:?}");
}
