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

#[tokio::test]
async fn a_draft_is_saved_in_place_of_the_one_before() {
    let house = House::new();
    let (mut one, mut two) = (house.client().await, house.client().await);
    for subject in ["a", "b", "c"] {
        one.append("Drafts", &mail(subject)).await;
    }
    one.ok("SELECT Drafts").await;
    two.ok("SELECT Drafts").await;
    let text = mail("new");
    let literal = format!("{{{}+}}\r\n{text}", text.len());
    assert_eq!(
        one.say(&format!("REPLACE 2 Drafts (\\Draft) {literal}")).await,
        [
            "* OK [APPENDUID 1003 4] Replacement message ready.",
            "* 2 EXPUNGE",
            "* 3 EXISTS",
            "* 3 RECENT",
            "OK REPLACE completed."
        ]
    );
    assert_eq!(two.ok("NOOP").await, ["* 2 EXPUNGE", "* 3 EXISTS", "* 0 RECENT"]);
    assert_eq!(two.ok("FETCH 1:* (UID FLAGS)").await[2], "* 3 FETCH (UID 4 FLAGS (\\Draft))");
    // By UID, into another mailbox, told by UID once that is enabled; the literal waits for its turn.
    one.ok("ENABLE QRESYNC").await;
    one.send(&format!("r UID REPLACE 3 Archive {{{}}}\r\n", text.len())).await;
    assert_eq!(one.line().await, "+ OK");
    one.send(&format!("{text}\r\n")).await;
    let answer = one.answer("r").await;
    assert_eq!(answer[..2], ["* OK [APPENDUID 1006 1] Replacement message ready.", "* VANISHED 3"]);
    assert_eq!(answer[2], "OK [HIGHESTMODSEQ 7] REPLACE completed.");
    assert_eq!(one.ok("FETCH * (UID BODY.PEEK[])").await[0].matches("Subject: new").count(), 1);
    // The last message is `*`.
    assert!(one.say(&format!("REPLACE * Drafts {literal}")).await.contains(&"* VANISHED 4".to_owned()));
}

#[tokio::test]
async fn a_replace_that_cannot_be_is_refused_and_changes_nothing() {
    let house = House::new();
    let (mut one, mut two) = (house.client().await, house.client().await);
    let literal = format!("{{{}+}}\r\n{}", mail("x").len(), mail("x"));
    let replace = |what: &str| format!("{what} {literal}");
    assert_eq!(one.fails(&replace("REPLACE 1 Drafts")).await, "BAD No mailbox selected");
    one.append("Drafts", &mail("a")).await;
    one.append("Drafts", &mail("b")).await;
    one.ok("EXAMINE Drafts").await;
    assert!(one.fails(&replace("REPLACE 1 Drafts")).await.starts_with("NO [READ-ONLY]"));
    one.ok("SELECT Drafts").await;
    two.ok("SELECT Drafts").await;
    for (command, answer) in [
        ("REPLACE 3 Drafts", "BAD Invalid messageset"),
        ("UID REPLACE 9 Drafts", "NO [NONEXISTENT]"),
        ("REPLACE 1 Nowhere", "NO [TRYCREATE]"),
        ("REPLACE 1:2 Drafts", "BAD"),
        ("REPLACE 0 Drafts", "BAD"),
        ("REPLACE 1", "BAD"),
        ("UID REPLACE 1 Drafts (\\Foo)", "BAD"),
    ] {
        let said = one.fails(&replace(command)).await;
        assert!(said.starts_with(answer), "{command}: {said}");
    }
    // Two messages are one too many, and both are read past.
    let two_messages = format!("REPLACE 1 Drafts {literal} {literal}");
    assert_eq!(one.fails(&two_messages).await, "BAD REPLACE takes one message");
    // Somebody was quicker.
    two.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    two.ok("EXPUNGE").await;
    assert!(one.fails(&replace("UID REPLACE 1 Drafts")).await.starts_with("NO [NONEXISTENT]"));
    assert_eq!(two.ok("STATUS Drafts (MESSAGES UIDNEXT)").await, ["* STATUS Drafts (MESSAGES 1 UIDNEXT 3)"]);
    // What goes makes room for what comes, and no more than that: 4 MiB are allowed, and used already.
    let large = "x".repeat((4 << 20) - 1_000);
    assert!(two.append("Drafts", &large).await.starts_with("OK"));
    assert!(two.append("Drafts", &large).await.starts_with("NO [OVERQUOTA]"));
    two.ok("NOOP").await;
    assert!(
        two.fails(&format!("REPLACE 1 Drafts {{{}+}}\r\n{large}", large.len())).await.starts_with("NO [OVERQUOTA]")
    );
    two.ok(&format!("REPLACE 2 Drafts {{{}+}}\r\n{large}", large.len())).await;
}

#[tokio::test]
async fn texts_are_compared_without_case_width_and_marks() {
    let house = House::new();
    for subject in ["Émile ΟΔΟΣ", "ﾊﾟｿｺﾝ", "strasse", "STRAßE", "emile"] {
        let mail = format!("Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{subject}\r\n");
        house.engine.deliver(mail.as_bytes(), b"", vec![]);
    }
    let mut client = house.inbox().await;
    assert!(client.ok("CAPABILITY").await[0].contains(" I18NLEVEL=1 "));
    let literal = |text: &str| format!("{{{}+}}\r\n{text}", text.len());
    for (text, found) in [
        ("émile", "* SEARCH 1"),
        ("E\u{301}MILE", "* SEARCH 1"),
        ("emile", "* SEARCH 5"),
        ("e", "* SEARCH 1 3 4 5"),
        ("οδος", "* SEARCH 1"),
        ("パソコン", "* SEARCH 2"),
        ("ハソコン", "* SEARCH"),
        ("straße", "* SEARCH 4"),
    ] {
        assert_eq!(client.ok(&format!("SEARCH CHARSET UTF-8 SUBJECT {}", literal(text))).await, [found], "{text}");
        assert_eq!(client.ok(&format!("SEARCH CHARSET UTF-8 BODY {}", literal(text))).await, [found], "{text}");
    }
    assert_eq!(client.ok("SORT (SUBJECT) UTF-8 ALL").await, ["* SORT 5 1 3 4 2"]);
}

#[tokio::test]
async fn the_mails_of_a_thread_bear_its_name_wherever_they_lie() {
    let house = House::new();
    for header in
        ["Message-ID: <a@x>", "References: <a@x> <b@x>\r\nMessage-ID: <c@x>", "Message-ID: <z@x>", "Subject: alone"]
    {
        house.engine.deliver(format!("{header}\r\n\r\nx\r\n").as_bytes(), b"", vec![]);
    }
    let mut client = house.inbox().await;
    client.append("Sent", "In-Reply-To: <a@x>\r\n\r\nanswer\r\n").await;
    let fetched = client.ok("FETCH 1:* (THREADID)").await;
    let id =
        |line: &str| line.split_once("THREADID ").unwrap().1.trim_end_matches(')').trim_start_matches('(').to_owned();
    let ids: Vec<String> = fetched.iter().map(|line| id(line)).collect();
    assert!(ids[0].starts_with('T') && ids[0] == ids[1] && ids[0] != ids[2], "{ids:?}");
    assert_eq!(fetched[3], "* 4 FETCH (THREADID NIL)");
    assert_eq!(client.ok(&format!("SEARCH THREADID {}", ids[0])).await, ["* SEARCH 1 2"]);
    assert_eq!(client.ok(&format!("SEARCH NOT THREADID {}", ids[0])).await, ["* SEARCH 3 4"]);
    assert_eq!(client.ok("SEARCH THREADID T0").await, ["* SEARCH"]);
    client.ok("SELECT Sent").await;
    assert_eq!(id(&client.ok("FETCH 1 (UID THREADID)").await[0]), ids[0]);
    assert!(client.fails("SEARCH THREADID (").await.starts_with("BAD"));
}

#[tokio::test]
async fn no_more_messages_come_than_are_allowed() {
    let house = House::new();
    for _ in 0..2_998 {
        house.engine.deliver(b"a: b\r\n\r\n", b"", vec![]);
    }
    let mut client = house.inbox().await;
    assert!(client.ok("CAPABILITY").await[0].contains(" QUOTA=RES-MESSAGE "));
    assert!(client.fails("COPY 1:3 Archive").await.starts_with("NO [OVERQUOTA]"));
    let three = "{10+}\r\na: b\r\n\r\n{} {10+}\r\na: b\r\n\r\n{} {10+}\r\na: b\r\n\r\n{}".replace("{}", "xx");
    assert!(client.fails(&format!("APPEND INBOX {three}")).await.starts_with("NO [OVERQUOTA]"));
    assert_eq!(client.ok("GETQUOTA \"\"").await, ["* QUOTA \"\" (STORAGE 24 4096 MESSAGE 2998 3000)"]);
    client.ok("COPY 1:2 Archive").await;
    assert!(client.append("INBOX", "a: b\r\n\r\n").await.starts_with("NO [OVERQUOTA]"));
    assert!(client.fails("UID COPY 1 Archive").await.starts_with("NO [OVERQUOTA]"));
    // What adds nothing is done: moving, and putting one in place of another.
    client.ok("MOVE 1:2 Archive").await;
    client.ok("REPLACE 1 INBOX {8+}\r\na: b\r\n\r\n").await;
    client.ok("STORE 1:3 +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(client.ok("STATUS INBOX (DELETED)").await, ["* STATUS INBOX (DELETED 3)"]);
    client.ok("EXPUNGE").await;
    assert!(client.append("INBOX", "a: b\r\n\r\n").await.starts_with("OK"));
}
