//! LIST, LSUB, STATUS, CREATE, DELETE, RENAME, SUBSCRIBE, SELECT.

use super::house::House;

#[tokio::test]
async fn the_six_mailboxes_are_listed_with_their_uses() {
    let house = House::new();
    let mut client = house.client().await;
    assert_eq!(
        client.ok("LIST \"\" \"*\"").await,
        [
            "* LIST (\\HasNoChildren \\Archive) \"/\" Archive",
            "* LIST (\\HasNoChildren \\Drafts) \"/\" Drafts",
            "* LIST (\\HasNoChildren) \"/\" INBOX",
            "* LIST (\\HasNoChildren \\Junk) \"/\" Junk",
            "* LIST (\\HasNoChildren \\Sent) \"/\" Sent",
            "* LIST (\\HasNoChildren \\Trash) \"/\" Trash",
        ]
    );
    assert_eq!(client.ok("LIST \"\" \"\"").await, ["* LIST (\\Noselect) \"/\" \"\""]);
    assert_eq!(client.ok("LIST \"\" inbox").await, ["* LIST (\\HasNoChildren) \"/\" INBOX"]);
    assert_eq!(client.ok("LIST (SPECIAL-USE) \"\" (S* INBOX)").await.len(), 1);
}

#[tokio::test]
async fn mailboxes_are_made_renamed_and_deleted_with_japanese_names() {
    let house = House::new();
    let mut client = house.client().await;
    client.ok("CREATE &U9ZfFVFI-/2024/").await;
    let listed = client.ok("LIST \"\" &U9ZfFVFI-*").await;
    assert_eq!(listed, ["* LIST (\\HasChildren) \"/\" &U9ZfFVFI-", "* LIST (\\HasNoChildren) \"/\" &U9ZfFVFI-/2024"]);
    assert!(client.fails("CREATE &U9ZfFVFI-").await.starts_with("NO [ALREADYEXISTS]"));
    client.ok("RENAME &U9ZfFVFI- \"old mail\"").await;
    assert_eq!(client.ok("LIST \"old mail/\" %").await, ["* LIST (\\HasNoChildren) \"/\" \"old mail/2024\""]);
    client.ok("DELETE \"old mail/2024\"").await;
    assert!(client.fails("DELETE \"old mail/2024\"").await.starts_with("NO [NONEXISTENT]"));
    assert!(client.fails("DELETE inbox").await.starts_with("NO [CANNOT]"));
    assert!(client.fails("SELECT nowhere").await.starts_with("NO [NONEXISTENT]"));
    assert!(client.fails("CREATE &broken").await.starts_with("BAD"));
}

#[tokio::test]
async fn subscriptions_are_shown_by_lsub_and_by_extended_list() {
    let house = House::new();
    let mut client = house.client().await;
    for name in ["Sent", "Drafts", "Trash", "Junk", "Archive"] {
        client.ok(&format!("UNSUBSCRIBE {name}")).await;
    }
    client.ok("CREATE a/b").await;
    client.ok("SUBSCRIBE a/b").await;
    assert_eq!(
        client.ok("LSUB \"\" *").await,
        ["* LSUB () \"/\" INBOX", "* LSUB (\\Noselect) \"/\" a", "* LSUB () \"/\" a/b"]
    );
    assert_eq!(client.ok("LSUB \"\" %").await, ["* LSUB () \"/\" INBOX", "* LSUB (\\Noselect) \"/\" a"]);
    assert_eq!(
        client.ok("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" % RETURN (STATUS (MESSAGES))").await,
        [
            "* LIST (\\HasNoChildren \\Subscribed) \"/\" INBOX",
            "* STATUS INBOX (MESSAGES 0)",
            "* LIST (\\HasChildren) \"/\" a (\"CHILDINFO\" (\"SUBSCRIBED\"))",
            "* STATUS a (MESSAGES 0)",
        ]
    );
}

#[tokio::test]
async fn select_examine_and_status_tell_the_counters() {
    let house = House::new();
    house.engine.deliver(b"Subject: a\r\n\r\nx\r\n", b"", vec![]);
    let mut client = house.client().await;
    let items = "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)";
    let status = "* STATUS INBOX (MESSAGES 1 RECENT 1 UIDNEXT 2 UIDVALIDITY 1001 UNSEEN 1)";
    assert_eq!(client.ok(&format!("STATUS inbox {items}")).await, [status]);
    let examined = client.say("EXAMINE INBOX").await;
    assert_eq!(
        examined,
        [
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
            "* OK [PERMANENTFLAGS ()] Read-only mailbox.",
            "* 1 EXISTS",
            "* 1 RECENT",
            "* OK [UNSEEN 1] First unseen.",
            "* OK [UIDVALIDITY 1001] UIDs valid",
            "* OK [UIDNEXT 2] Predicted next UID",
            "* OK [HIGHESTMODSEQ 2] Highest",
            "* OK [MAILBOXID (F1)] Ok",
            "OK [READ-ONLY] EXAMINE completed.",
        ]
    );
    assert!(client.fails("STORE 1 +FLAGS (\\Seen)").await.starts_with("NO [READ-ONLY]"));
    assert!(client.fails("EXPUNGE").await.starts_with("NO [READ-ONLY]"));
    assert_eq!(client.ok("FETCH 1 (BODY[TEXT])").await, ["* 1 FETCH (BODY[TEXT] {3}\r\nx\r\n)"]);
    assert_eq!(client.ok("FETCH 1 FLAGS").await, ["* 1 FETCH (FLAGS (\\Recent))"]);
    let selected = client.say("SELECT INBOX").await;
    assert_eq!(selected[0], "* OK [CLOSED] Previous mailbox closed.");
    assert!(selected.contains(&"* 1 RECENT".to_owned()));
    assert!(client.say("SELECT INBOX").await.contains(&"* 0 RECENT".to_owned()));
    client.ok("UNSELECT").await;
    assert_eq!(client.fails("CHECK").await, "BAD No mailbox selected");
}
