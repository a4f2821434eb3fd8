//! APPEND, FETCH, STORE, COPY, MOVE, EXPUNGE, SEARCH.

use super::house::House;

const MAIL: &str = "From: Hanako <hanako@example.com>\r\nTo: taro@example.jp\r\nBcc: x@example.com\r\n\
    Subject: =?UTF-8?B?6KaL56mN5pu4?=\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>x</b>\r\n--b--\r\n";

#[tokio::test]
async fn what_is_appended_is_fetched_to_the_byte() {
    let house = House::new();
    let mut client = house.inbox().await;
    let size = MAIL.len();
    client.send(&format!("a APPEND INBOX (\\Seen $x) \"17-Jul-1996 02:44:25 -0700\" {{{size}}}\r\n")).await;
    assert_eq!(client.line().await, "+ OK");
    client.send(&format!("{MAIL}\r\n")).await;
    let answer = client.answer("a").await;
    assert_eq!(answer.last().unwrap(), "OK [APPENDUID 1001 1] APPEND completed.");
    assert!(answer.contains(&"* 1 EXISTS".to_owned()), "{answer:?}");
    assert_eq!(
        client.ok("UID FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])").await,
        [format!(
            "* 1 FETCH (UID 1 FLAGS (\\Seen $x \\Recent) INTERNALDATE \"17-Jul-1996 18:44:25 +0900\" RFC822.SIZE {size} BODY[] {{{size}}}\r\n{MAIL})"
        )]
    );
    assert_eq!(
        client.ok("FETCH 1 (BODY[1] BODY.PEEK[2.MIME] BODY[3] BODY[HEADER.FIELDS (Subject)] BODY[]<5.7>)").await,
        ["* 1 FETCH (BODY[1] {5}\r\nhello BODY[2.MIME] {27}\r\nContent-Type: text/html\r\n\r\n BODY[3] {0}\r\n \
          BODY[HEADER.FIELDS (SUBJECT)] {37}\r\nSubject: =?UTF-8?B?6KaL56mN5pu4?=\r\n\r\n BODY[]<5> {7}\r\n Hanako)"]
    );
}

#[tokio::test]
async fn an_append_that_cannot_be_is_refused_before_its_bytes() {
    let house = House::new();
    let mut client = house.client().await;
    assert!(client.fails("APPEND nowhere {3}").await.starts_with("NO [TRYCREATE]"));
    assert!(client.fails("APPEND INBOX {99999999}").await.starts_with("NO [TOOBIG]"));
    assert!(client.fails("APPEND INBOX {5000000}").await.starts_with("NO [OVERQUOTA]"));
    assert!(client.fails("APPEND INBOX {0}").await.starts_with("NO"));
    assert!(client.fails("APPEND INBOX (\\Foo) {3}").await.starts_with("BAD"));
    assert!(client.append("nowhere", "Subject: a\r\n\r\nLOGOUT\r\n").await.starts_with("NO [TRYCREATE]"));
    assert!(client.fails("APPEND INBOX {3+}\r\nabc x{3}").await.starts_with("BAD"));
    client.ok("NOOP").await;
}

#[tokio::test]
async fn several_messages_are_appended_together_or_not_at_all() {
    let house = House::new();
    let mut client = house.client().await;
    let two = "APPEND Sent (\\Seen) {6+}\r\nA: b\r\n (\\Flagged) \" 1-Jan-2024 00:00:00 +0900\" {6+}\r\nC: d\r\n";
    assert_eq!(client.say(two).await, ["OK [APPENDUID 1002 1:2] APPEND completed."]);
    client.send("a APPEND Sent {6}\r\n").await;
    assert_eq!(client.line().await, "+ OK");
    client.send("E: f\r\n {6}\r\n").await;
    assert_eq!(client.line().await, "+ OK");
    client.send("G: h\r\n\r\n").await;
    assert_eq!(client.answer("a").await, ["OK [APPENDUID 1002 3:4] APPEND completed."]);
    for (broken, why) in [
        ("APPEND Sent {6+}\r\nA: b\r\n {0+}\r\n", "NO [CANNOT]"),
        ("APPEND Sent {6+}\r\nA: b\r\n (\\Foo) {0+}\r\n", "BAD"),
        ("APPEND Sent {6+}\r\nA: b\r\n {99999999}", "NO [TOOBIG]"),
        ("APPEND nowhere {6+}\r\nA: b\r\n {6+}\r\nC: d\r\n", "NO [TRYCREATE]"),
    ] {
        assert!(client.fails(broken).await.starts_with(why), "{broken}");
    }
    client.ok("SELECT Sent").await;
    assert_eq!(
        client.ok("FETCH 1:* (FLAGS BODY.PEEK[])").await[1..3],
        [
            "* 2 FETCH (FLAGS (\\Flagged \\Recent) BODY[] {6}\r\nC: d\r\n)",
            "* 3 FETCH (FLAGS (\\Recent) BODY[] {6}\r\nE: f\r\n)"
        ]
    );
    assert_eq!(client.ok("STATUS Sent (MESSAGES)").await, ["* STATUS Sent (MESSAGES 4)"]);
}

#[tokio::test]
async fn a_part_is_fetched_without_its_transfer_encoding() {
    let house = House::new();
    let mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n\
        --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n\
        --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: x-own\r\n\r\nzz\r\n--b--\r\n";
    house.engine.deliver(mail.as_bytes(), b"", vec![]);
    let mut client = house.inbox().await;
    for (item, want) in [
        ("BINARY.PEEK[1]", "BINARY[1] {3}\r\na=b"),
        ("BINARY.PEEK[1]<1.9>", "BINARY[1]<1> {2}\r\n=b"),
        ("BINARY.PEEK[2]<1.2>", "BINARY[2]<1> {2}\r\n\u{1}\u{2}"),
        ("BINARY.PEEK[2]", "BINARY[2] ~{3}\r\n\0\u{1}\u{2}"),
        ("BINARY.SIZE[2]", "BINARY.SIZE[2] 3"),
        ("BINARY.PEEK[9]", "BINARY[9] {0}\r\n"),
        ("BINARY.PEEK[]<0.12>", "BINARY[]<0> {12}\r\nContent-Type"),
    ] {
        assert_eq!(client.ok(&format!("FETCH 1 {item}")).await, [format!("* 1 FETCH ({want})")], "{item}");
    }
    assert!(client.fails("FETCH 1 BINARY[3]").await.starts_with("NO [UNKNOWN-CTE]"));
    let seen = client.ok("FETCH 1 BINARY[1]").await;
    assert_eq!(seen, ["* 1 FETCH (BINARY[1] {3}\r\na=b)"], "it was marked as seen before it failed");
    assert_eq!(client.ok("FETCH 1 FLAGS").await, ["* 1 FETCH (FLAGS (\\Seen \\Recent))"]);
}

#[tokio::test]
async fn a_large_part_is_fetched_without_its_encoding_as_a_small_one() {
    let content: String = (0..100_000).map(|line| format!("line {line}\r\n")).collect();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &content);
    let base64: String = base64.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line) + "\r\n").collect();
    let quoted = content.replace("00", "=30=\r\n0");
    let mail = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}\r\n\
        --b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}\r\n\
        --b\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n{content}\r\n\
        --b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{content}\0\r\n\
        --b\r\nContent-Transfer-Encoding: x-own\r\n\r\n{content}\r\n--b--\r\n"
    );
    let house = House::new();
    house.engine.deliver(mail.as_bytes(), b"", vec![]);
    let mut client = house.inbox().await;
    let size = content.len();
    for part in [1, 2, 3] {
        let answer = client.ok(&format!("FETCH 1 (BINARY.PEEK[{part}] BINARY.SIZE[{part}])")).await;
        let want = format!("* 1 FETCH (BINARY[{part}] {{{size}}}\r\n{content} BINARY.SIZE[{part}] {size})");
        assert!(answer == [want], "part {part}");
        for (from, count) in [(0, 10), (500_000, 400_000), (size - 5, 100), (size, 1)] {
            let answer = client.ok(&format!("FETCH 1 BINARY.PEEK[{part}]<{from}.{count}>")).await;
            let some = &content[from..(from + count).min(size)];
            let want = format!("* 1 FETCH (BINARY[{part}]<{from}> {{{}}}\r\n{some})", some.len());
            assert!(answer == [want], "part {part} from {from}");
        }
    }
    // NUL at its very end
    let answer = client.ok("FETCH 1 BINARY.PEEK[4]").await;
    assert!(answer == [format!("* 1 FETCH (BINARY[4] ~{{{}}}\r\n{content}\0)", size + 1)]);
    let answer = client.ok(&format!("FETCH 1 BINARY.PEEK[4]<0.{size}>")).await;
    assert!(answer == [format!("* 1 FETCH (BINARY[4]<0> {{{size}}}\r\n{content})")]);
    // what cannot be had is said before anything is sent
    let whole = "BODY.PEEK[] ".repeat(3);
    assert!(client.fails(&format!("FETCH 1 ({whole}BINARY.PEEK[5])")).await.starts_with("NO [UNKNOWN-CTE]"));
    assert!(client.fails(&format!("FETCH 1 ({whole}BINARY.SIZE[5])")).await.starts_with("NO [UNKNOWN-CTE]"));
}

#[tokio::test]
async fn what_is_asked_for_twice_is_told_once_and_bytes_as_often_as_they_are_asked_for() {
    let house = House::new();
    house.engine.deliver(b"A: b\r\n\r\nx", b"", vec![]);
    let mut client = house.inbox().await;
    for (asked, told) in [
        ("FLAGS UID FLAGS UID", "FLAGS (\\Recent) UID 1"),
        ("RFC822.SIZE UID RFC822.SIZE", "RFC822.SIZE 9 UID 1"),
        // a size for which the whole part is decoded
        ("BINARY.SIZE[1] UID BINARY.SIZE[1]", "BINARY.SIZE[1] 1 UID 1"),
        ("UID BODY.PEEK[TEXT] UID BODY.PEEK[TEXT]", "UID 1 BODY[TEXT] {1}\r\nx BODY[TEXT] {1}\r\nx"),
    ] {
        assert_eq!(client.ok(&format!("FETCH 1 ({asked})")).await, [format!("* 1 FETCH ({told})")]);
    }
}

#[tokio::test]
async fn of_a_header_without_end_so_much_is_read_as_the_limits_say() {
    let house = House::with_limits(types::Limits { header_bytes: 60, ..types::Limits::default() });
    let mail = format!("A: 1\r\n{}A: 9\r\n\r\nx", "B: 0123456789\r\n".repeat(10));
    house.engine.deliver(mail.as_bytes(), b"", vec![]);
    let mut client = house.inbox().await;
    for (section, want) in [
        ("HEADER.FIELDS (A)", "A: 1\r\n\r\n".to_owned()),
        ("HEADER.FIELDS.NOT (A)", "B: 0123456789\r\n".repeat(3) + "\r\n"),
        ("HEADER", mail[..mail.len() - 1].to_owned()),
    ] {
        let answer = client.ok(&format!("FETCH 1 BODY.PEEK[{section}]")).await;
        assert_eq!(answer, [format!("* 1 FETCH (BODY[{section}] {{{}}}\r\n{want})", want.len())]);
    }
}

/// NUL may not stand in a literal (RFC 3501 section 9, CHAR8), however often the mail is asked for, wherever it stands.
#[tokio::test]
async fn nul_is_never_sent_in_a_whole_mail() {
    let house = House::new();
    house.engine.deliver(b"A: b\r\n\r\nplain", b"", vec![]);
    house.engine.deliver(b"A: b\r\n\r\nx\0y", b"", vec![]);
    house.engine.deliver(b"A: b\r\n\r\nplain", b"P: \0\r\n", vec![]);
    let mut client = house.inbox().await;
    for _ in 0..3 {
        assert_eq!(client.ok("FETCH 1 BODY.PEEK[]").await, ["* 1 FETCH (BODY[] {13}\r\nA: b\r\n\r\nplain)"]);
        for (number, size) in [(2, 11), (3, 19)] {
            let told = client.ok(&format!("FETCH {number} BODY.PEEK[]")).await.concat();
            assert!(told.starts_with(&format!("* {number} FETCH (BODY[] {{{size}}}\r\n")), "{told:?}");
            assert!(!told.contains('\0'), "{told:?}");
        }
    }
}

#[tokio::test]
async fn a_binary_literal_is_taken_without_nul_and_refused_with_it() {
    let house = House::new();
    let mut client = house.client().await;
    let said = client.say("APPEND Sent ~{6+}\r\nA: b\r\n").await;
    assert_eq!(said, ["OK [APPENDUID 1002 1] APPEND completed."]);
    assert!(client.fails("APPEND Sent ~{6+}\r\nA: \0\r\n").await.starts_with("NO [UNKNOWN-CTE]"));
    assert_eq!(client.ok("STATUS Sent (MESSAGES)").await, ["* STATUS Sent (MESSAGES 1)"]);
}

/// mbsync, killed while it was sending, found two messages twice when it ran again: they were put in after it had
/// looked for them.
#[tokio::test]
async fn an_append_of_a_client_that_is_gone_is_not_put_in() {
    let house = House::new();
    let appends = "b APPEND Sent {5+}\r\nA: b\n\r\nc APPEND Sent {5+}\r\nA: c\n\r\n";
    let login = format!("a LOGIN taro@example.jp \"{}\"\r\n", super::house::PASSWORD);
    house.all_at_once(&format!("{login}{appends}")).await;
    let mut client = house.client().await;
    assert_eq!(client.ok("STATUS Sent (MESSAGES)").await, ["* STATUS Sent (MESSAGES 0)"]);
    let answers = house.all_at_once(&format!("{login}{appends}d LOGOUT\r\n")).await;
    assert!(answers.contains("c OK [APPENDUID 1002 2]"), "{answers}");
}

#[tokio::test]
async fn a_large_mail_streams_both_ways() {
    let house = House::new();
    let mut client = house.inbox().await;
    let mail = format!("Subject: big\r\n\r\n{}", "0123456789abcde\r\n".repeat(150_000));
    assert_eq!(client.append("INBOX", &mail).await, "OK [APPENDUID 1001 1] APPEND completed.");
    let answer = client.ok("FETCH 1 (BODY.PEEK[])").await;
    assert!(answer.iter().any(|line| *line == format!("* 1 FETCH (BODY[] {{{}}}\r\n{mail})", mail.len())));
}

#[tokio::test]
async fn trace_headers_stand_before_the_mail_and_what_is_cut_is_not_shown() {
    let house = House::new();
    let cut = MAIL.find("Bcc:").unwrap() as u64..MAIL.find("Subject:").unwrap() as u64;
    house.engine.deliver(MAIL.as_bytes(), b"Return-Path: <a@b>\r\n", vec![cut]);
    let mut client = house.inbox().await;
    let shown = format!("Return-Path: <a@b>\r\n{}", MAIL.replace("Bcc: x@example.com\r\n", ""));
    let answer = client.ok("FETCH 1 (RFC822.SIZE RFC822 ENVELOPE BODY[HEADER.FIELDS (RETURN-PATH BCC)])").await;
    let address = "((\"Hanako\" NIL \"hanako\" \"example.com\"))";
    assert_eq!(
        answer,
        [format!(
            "* 1 FETCH (RFC822.SIZE {size} FLAGS (\\Seen \\Recent) RFC822 {{{size}}}\r\n{shown} ENVELOPE (\"Mon, 7 Feb 1994 21:52:25 -0800\" \
             \"=?UTF-8?B?6KaL56mN5pu4?=\" {address} {address} {address} ((NIL NIL \"taro\" \"example.jp\")) NIL NIL NIL NIL) \
             BODY[HEADER.FIELDS (RETURN-PATH BCC)] {{22}}\r\nReturn-Path: <a@b>\r\n\r\n)",
            size = shown.len()
        )]
    );
}

#[tokio::test]
async fn store_tells_flags_unless_it_is_silent() {
    let house = House::new();
    for _ in 0..3 {
        house.engine.deliver(MAIL.as_bytes(), b"", vec![]);
    }
    let mut client = house.inbox().await;
    assert_eq!(
        client.ok("STORE 1:2 +FLAGS (\\Seen)").await,
        ["* 1 FETCH (FLAGS (\\Seen \\Recent))", "* 2 FETCH (FLAGS (\\Seen \\Recent))"]
    );
    assert_eq!(client.ok("UID STORE 3 FLAGS \\Flagged").await, ["* 3 FETCH (UID 3 FLAGS (\\Flagged \\Recent))"]);
    assert_eq!(client.ok("STORE 1:* -FLAGS.SILENT (\\Seen \\Flagged)").await, Vec::<String>::new());
    let answer = client.ok("STORE 1 +FLAGS ($Work)").await;
    assert_eq!(answer[0], "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work)");
    assert_eq!(answer[2], "* 1 FETCH (FLAGS ($Work \\Recent))");
    assert_eq!(client.ok("UID STORE 77 +FLAGS (\\Seen)").await, Vec::<String>::new());
    assert!(client.fails("STORE 4 +FLAGS (\\Seen)").await.starts_with("BAD"));
}

#[tokio::test]
async fn copy_move_and_uid_expunge_tell_the_uids() {
    let house = House::new();
    for _ in 0..4 {
        house.engine.deliver(MAIL.as_bytes(), b"", vec![]);
    }
    let mut client = house.inbox().await;
    let copied = client.say("COPY 1:2 Sent").await;
    assert_eq!(copied, ["OK [COPYUID 1002 1:2 1:2] COPY completed."]);
    let moved = client.say("UID MOVE 2:3 Archive").await;
    assert_eq!(moved, ["* OK [COPYUID 1006 2:3 1:2] Moved UIDs.", "* 3 EXPUNGE", "* 2 EXPUNGE", "OK MOVE completed."]);
    assert!(client.fails("COPY 1 nowhere").await.starts_with("NO [TRYCREATE]"));
    client.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(client.ok("UID EXPUNGE 4:9").await, ["* 2 EXPUNGE"]);
    assert_eq!(client.ok("CLOSE").await, Vec::<String>::new());
    assert_eq!(client.ok("STATUS INBOX (MESSAGES)").await, ["* STATUS INBOX (MESSAGES 0)"]);
}

#[tokio::test]
async fn search_finds_by_flags_dates_sizes_headers_and_text() {
    let house = House::new();
    house.engine.deliver(MAIL.as_bytes(), b"X-Trace: here\r\n", vec![]);
    house.engine.deliver(b"Subject: other\r\n\r\nplain\r\n", b"", vec![]);
    let mut client = house.inbox().await;
    client.ok("STORE 2 +FLAGS.SILENT (\\Seen)").await;
    for (key, want) in [
        ("ALL", "* SEARCH 1 2"),
        ("UNSEEN", "* SEARCH 1"),
        ("SENTON 7-Feb-1994", "* SEARCH 1"),
        ("SENTBEFORE 7-Feb-1994", "* SEARCH"),
        ("ON 17-Jul-1996", "* SEARCH 1 2"),
        ("LARGER 100", "* SEARCH 1"),
        ("FROM hanako", "* SEARCH 1"),
        ("CHARSET UTF-8 SUBJECT {9+}\r\n見積書", "* SEARCH 1"),
        ("SUBJECT {9+}\r\n見積書", "* SEARCH 1"),
        ("BODY hello", "* SEARCH 1"),
        ("NOT BODY hello", "* SEARCH 2"),
        ("TEXT other", "* SEARCH 2"),
        ("HEADER X-Trace \"\"", "* SEARCH 1"),
        ("OR SUBJECT other BODY hello", "* SEARCH 1 2"),
        ("2 SEEN", "* SEARCH 2"),
    ] {
        assert_eq!(client.ok(&format!("SEARCH {key}")).await, [want], "{key}");
    }
    house.engine.deliver(b"Subject: third\r\n\r\nx\r\n", b"", vec![]);
    client.ok("NOOP").await;
    client.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    assert_eq!(client.ok("UID SEARCH ALL").await, ["* SEARCH 2 3"]);
    assert!(client.fails("SEARCH CHARSET X-NO ALL").await.starts_with("NO [BADCHARSET ("));
}

#[tokio::test]
async fn structures_are_told() {
    let house = House::new();
    house.engine.deliver(MAIL.as_bytes(), b"", vec![]);
    let mut client = house.inbox().await;
    assert_eq!(
        client.ok("FETCH 1 BODY").await,
        ["* 1 FETCH (BODY ((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 5 0)\
          (\"text\" \"html\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 8 0) \"mixed\"))"]
    );
}
