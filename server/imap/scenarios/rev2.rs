//! IMAP4rev2 (RFC 9051) and UTF8=ACCEPT (RFC 9755): what is told otherwise once it is enabled.

use super::house::House;

const MAIL: &[u8] = b"Subject: a\r\n\r\nx\r\n";

#[tokio::test]
async fn a_session_of_imap4rev2_hears_nothing_of_recent_and_searches_extended() {
    let house = House::new();
    house.engine.deliver(MAIL, b"", vec![]);
    let mut client = house.client().await;
    assert_eq!(client.ok("ENABLE IMAP4rev2").await, ["* ENABLED IMAP4rev2"]);
    assert_eq!(
        client.say("SELECT inbox").await,
        [
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
            "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags permitted.",
            "* 1 EXISTS",
            "* OK [UIDVALIDITY 1001] UIDs valid",
            "* OK [UIDNEXT 2] Predicted next UID",
            "* OK [HIGHESTMODSEQ 2] Highest",
            "* OK [MAILBOXID (F1)] Ok",
            "* LIST () \"/\" INBOX (\"OLDNAME\" (inbox))",
            "OK [READ-WRITE] SELECT completed.",
        ]
    );
    house.engine.deliver(MAIL, b"", vec![]);
    assert_eq!(client.ok("NOOP").await, ["* 2 EXISTS"]);
    assert_eq!(client.ok("FETCH 1:* FLAGS").await, ["* 1 FETCH (FLAGS ())", "* 2 FETCH (FLAGS ())"]);
    let found = client.ok("SEARCH SUBJECT a").await;
    assert!(found[0].starts_with("* ESEARCH (TAG \"t") && found[0].ends_with("\") ALL 1:2"), "{found:?}");
    let none = client.ok("UID SEARCH SUBJECT b").await;
    assert!(none[0].ends_with("\") UID"), "{none:?}");
    let mut other = house.inbox().await;
    assert_eq!(other.ok("FETCH 1 FLAGS").await, ["* 1 FETCH (FLAGS (\\Recent))"], "nothing was claimed");
}

#[tokio::test]
async fn names_are_utf_8_for_those_who_enabled_it_and_modified_utf_7_for_others() {
    let house = House::new();
    for word in ["IMAP4rev2", "UTF8=ACCEPT"] {
        let (mut client, mut old) = (house.client().await, house.client().await);
        assert_eq!(client.ok(&format!("ENABLE {word}")).await, [format!("* ENABLED {word}")]);
        client.ok("CREATE \"取引先/A&B \\\"x\\\"\"").await;
        client.ok("CREATE R&D").await;
        assert_eq!(
            client.ok("LIST \"\" (\"取引%\" \"取引先/*\" R&%)").await,
            [
                "* LIST (\\HasNoChildren) \"/\" R&D",
                "* LIST (\\HasChildren) \"/\" \"取引先\"",
                "* LIST (\\HasNoChildren) \"/\" \"取引先/A&B \\\"x\\\"\"",
            ]
        );
        assert_eq!(client.ok("STATUS \"取引先\" (MESSAGES)").await, ["* STATUS \"取引先\" (MESSAGES 0)"]);
        let listed = old.ok("LIST \"\" R*").await;
        assert_eq!(listed, ["* LIST (\\HasNoChildren) \"/\" R&-D"]);
        assert_eq!(old.ok("LIST \"\" &U9ZfFVFI-").await, ["* LIST (\\HasChildren) \"/\" &U9ZfFVFI-"]);
        for name in ["R&D", "\"取引先/A&B \\\"x\\\"\"", "\"取引先\""] {
            client.ok(&format!("DELETE {name}")).await;
        }
    }
}

/// RFC 9051 6.3.2 to 6.3.6 and 6.3.9.7: who wrote a name in another form than it is kept in hears of both.
#[tokio::test]
async fn a_mailbox_that_is_kept_under_another_form_of_its_name_is_told_with_both() {
    let house = House::new();
    let (mut client, mut old) = (house.client().await, house.client().await);
    client.ok("ENABLE IMAP4rev2").await;
    // a decomposed name, as macOS writes it, is kept composed
    for (asked, kept) in [("\"\u{30ab}\u{3099}\"", "\"\u{30ac}\""), ("inbox/b", "INBOX/b")] {
        let told = format!("* LIST () \"/\" {kept} (\"OLDNAME\" ({asked}))");
        assert_eq!(client.ok(&format!("CREATE {asked}")).await, [told.as_str()]);
        for open in ["SELECT", "EXAMINE"] {
            let selected = client.ok(&format!("{open} {asked}")).await;
            assert_eq!(selected.last().unwrap(), &told, "{selected:?}");
        }
        assert_eq!(client.ok(&format!("LIST \"\" {asked}")).await, [format!("* LIST (\\HasNoChildren) \"/\" {kept}")]);
        // either name of RENAME may be the one
        let moved = client.ok(&format!("RENAME {asked} z")).await;
        assert_eq!(moved, [format!("* LIST () \"/\" z (\"OLDNAME\" ({asked}))")]);
        assert_eq!(
            client.ok(&format!("RENAME z {asked}")).await,
            [format!("* LIST () \"/\" {kept} (\"OLDNAME\" (z))")]
        );
        let gone = client.ok(&format!("DELETE {asked}")).await;
        assert_eq!(gone, [format!("* LIST (\\NonExistent) \"/\" {kept} (\"OLDNAME\" ({asked}))")]);
    }
    let nothing: [&str; 0] = [];
    for (command, why) in [
        ("CREATE c", "as it was asked for"),
        ("RENAME c d", "as it was asked for"),
        ("DELETE d", "as it was asked for"),
        ("CREATE a/", "the level's end declares that others will follow and is to be ignored (6.3.4)"),
    ] {
        assert_eq!(client.ok(command).await, nothing, "{command}: {why}");
    }
    assert_eq!(client.ok("SELECT a/").await.last().unwrap(), "* LIST () \"/\" a");
    for command in ["CREATE inbox/d", "RENAME inbox/d inbox/e", "DELETE inbox/e"] {
        assert_eq!(old.ok(command).await, nothing, "IMAP4rev1 knows no such answer to {command}");
    }
}

#[tokio::test]
async fn a_mail_with_utf_8_in_its_header_is_appended_once_that_is_enabled() {
    let house = House::new();
    let mail = "Subject: 見積り\r\n\r\nx\r\n";
    let append = format!("APPEND INBOX UTF8 (~{{{}+}}\r\n{mail})", mail.len());
    let mut client = house.client().await;
    assert_eq!(client.fails(&append).await, "BAD UTF8=ACCEPT is not enabled");
    client.ok("ENABLE UTF8=ACCEPT").await;
    assert_eq!(client.say(&append).await, ["OK [APPENDUID 1001 1] APPEND completed."]);
    client.ok("SELECT INBOX").await;
    assert_eq!(client.ok("SEARCH SUBJECT \"見積\"").await, ["* SEARCH 1"]);
    assert!(client.fails("SEARCH CHARSET UTF-8 SUBJECT \"見積\"").await.starts_with("BAD"));
}
