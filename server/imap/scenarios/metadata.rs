//! Annotations (RFC 5464, 9590) over the embedded engine: what is set is told, to others too.

use super::histories::on_disk;
use super::house::{Client, House};
use super::sharing::Stage;

/// The lines that come with NOOP, once there are some.
async fn heard<E: store::Engine>(_: &House<E>, client: &mut Client) -> Vec<String> {
    for _ in 0..100 {
        let lines = client.ok("NOOP").await;
        if !lines.is_empty() {
            return lines;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("nothing was told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn annotations_are_set_told_and_taken_away() {
    let (house, _) = on_disk().await;
    let mut client = house.client().await;
    let words = client.ok("CAPABILITY").await;
    assert!(words[0].contains(" METADATA LIST-METADATA "), "{words:?}");
    assert_eq!(client.ok("GETMETADATA INBOX /private/comment").await, ["* METADATA INBOX (/private/comment NIL)"]);
    client.ok("SETMETADATA INBOX (/private/comment \"mine\" /Shared/Comment {4+}\r\n見x /private/v/a \"1\")").await;
    client.ok("SETMETADATA INBOX (/private/v/a/b ~{3+}\r\na\0b /private/v {3+}\r\nlow)").await;
    assert_eq!(
        client.ok("GETMETADATA INBOX (/private/comment /shared/comment /private/none)").await,
        ["* METADATA INBOX (/private/comment \"mine\" /private/none NIL /shared/comment {4}\r\n見x)"]
    );
    for (options, answer) in
        [("(DEPTH 0)", "(/private/v \"low\")"), ("(DEPTH 1)", "(/private/v \"low\" /private/v/a \"1\")")]
    {
        let command = format!("GETMETADATA {options} INBOX /private/v");
        assert_eq!(client.ok(&command).await, [format!("* METADATA INBOX {answer}")]);
    }
    let all = client.ok("GETMETADATA (DEPTH infinity) INBOX (/private/v)").await;
    assert_eq!(all, ["* METADATA INBOX (/private/v \"low\" /private/v/a \"1\" /private/v/a/b ~{3}\r\na\0b)"]);
    // What is longer than asked for is left out and its length told; the options may stand behind the mailbox.
    let some = client.say("GETMETADATA INBOX (MAXSIZE 3) (/private/comment /private/v /shared/comment)").await;
    assert_eq!(some, ["* METADATA INBOX (/private/v \"low\")", "OK [METADATA LONGENTRIES 4] GETMETADATA completed."]);
    client.ok("SETMETADATA INBOX (/private/comment NIL)").await;
    assert_eq!(client.ok("GETMETADATA INBOX /private/comment").await, ["* METADATA INBOX (/private/comment NIL)"]);
    // The account has its own, and a mailbox that is renamed keeps its.
    client.ok("SETMETADATA \"\" (/private/vendor/x \"account\")").await;
    assert_eq!(
        client.ok("GETMETADATA \"\" /private/vendor/x").await,
        ["* METADATA \"\" (/private/vendor/x \"account\")"]
    );
    client.ok("CREATE work").await;
    client.ok("SETMETADATA work (/private/color \"red\")").await;
    client.ok("RENAME work play").await;
    assert_eq!(
        client.ok("LIST \"\" (play Sent) RETURN (METADATA (/private/color))").await,
        [
            "* LIST (\\HasNoChildren \\Sent) \"/\" Sent",
            "* METADATA Sent (/private/color NIL)",
            "* LIST (\\HasNoChildren) \"/\" play",
            "* METADATA play (/private/color \"red\")",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_session_annotates_is_told() {
    let (house, _) = on_disk().await;
    let (mut one, mut two, mut deaf) = (house.client().await, house.client().await, house.client().await);
    one.ok("SETMETADATA INBOX (/private/before \"x\")").await;
    assert_eq!(two.ok("ENABLE METADATA").await, ["* ENABLED METADATA"]);
    assert_eq!(two.ok("NOOP").await, Vec::<String>::new());
    one.ok("SETMETADATA INBOX (/private/b \"x\" /private/a \"y\")").await;
    assert_eq!(heard(&house, &mut two).await, ["* METADATA INBOX /private/a /private/b"]);
    two.ok("SETMETADATA INBOX (/private/a NIL)").await;
    assert_eq!(two.ok("NOOP").await, Vec::<String>::new(), "its own change is not told");
    two.send("i IDLE\r\n").await;
    assert_eq!(two.line().await, "+ idling");
    one.ok("SETMETADATA \"\" (/private/s \"x\")").await;
    assert_eq!(two.line().await, "* METADATA \"\" /private/s");
    one.ok("SETMETADATA Sent (/private/b NIL /private/c \"1\")").await;
    assert_eq!(two.line().await, "* METADATA Sent /private/c", "what was not there did not change");
    two.send("DONE\r\n").await;
    two.answer("i").await;
    // Only what is the server's, for those who asked for that alone; nothing for those who did not ask.
    deaf.ok("NOOP").await;
    let mut server = house.client().await;
    assert_eq!(server.ok("ENABLE METADATA-SERVER").await, ["* ENABLED METADATA-SERVER"]);
    one.ok("SETMETADATA INBOX (/private/b \"z\")").await;
    one.ok("SETMETADATA \"\" (/private/s \"z\")").await;
    assert_eq!(heard(&house, &mut server).await, ["* METADATA \"\" /private/s"]);
    assert_eq!(deaf.ok("NOOP").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn annotations_that_cannot_be_are_refused() {
    let (house, _) = on_disk().await;
    let mut client = house.client().await;
    let long = "x".repeat(64 * 1024 + 1);
    let many: Vec<String> = (0..101).map(|i| format!("/private/{i} \"x\"")).collect();
    for (command, answer) in [
        ("GETMETADATA nowhere /private/a".to_owned(), "NO [NONEXISTENT]"),
        ("SETMETADATA nowhere (/private/a \"x\")".to_owned(), "NO [NONEXISTENT]"),
        ("SETMETADATA \"\" (/shared/admin \"x\")".to_owned(), "NO [NOPERM]"),
        (format!("SETMETADATA INBOX (/private/a {{{}+}}\r\n{long})", long.len()), "NO [METADATA MAXSIZE 65536]"),
        (format!("SETMETADATA INBOX ({})", many.join(" ")), "NO [METADATA TOOMANY]"),
        ("SETMETADATA INBOX (/other/a \"x\")".to_owned(), "BAD"),
        ("SETMETADATA INBOX (/private \"x\")".to_owned(), "BAD"),
        ("GETMETADATA (DEPTH 7) INBOX /private/a".to_owned(), "BAD"),
        ("GETMETADATA INBOX".to_owned(), "BAD"),
    ] {
        let said = client.fails(&command).await;
        assert!(said.starts_with(answer), "{command:.60}: {said}");
    }
    let all = client.ok("GETMETADATA (DEPTH infinity) INBOX (/private /shared)").await;
    assert_eq!(all, Vec::<String>::new(), "nothing of what was refused is there");
    assert_eq!(house.connect().await.fails("GETMETADATA \"\" /private/a").await, "BAD Please sign in first");
}

/// RFC 5464 4.4.2, RFC 5465 5.6: of what others share the entries that its readers share.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_annotated_for_all_readers_of_a_shared_mailbox_is_told_to_them() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    let mut admin = stage.sign_in("admin@example.jp").await;
    let (mut enabled, mut jiro) = (stage.sign_in("hanako@example.jp").await, stage.sign_in("jiro@example.jp").await);
    for name in ["work", "closed"] {
        taro.ok(&format!("CREATE {name}")).await;
    }
    taro.ok("SETACL work hanako@example.jp lrw").await;
    taro.ok("SETACL closed hanako@example.jp l").await;
    admin.ok("CREATE Shared/info").await;
    admin.ok("SETACL Shared/info anyone lr").await;
    admin.ok("SETMETADATA Shared/info (/shared/before \"x\")").await;
    let set = "NOTIFY SET (mailboxes (\"Other Users/taro@example.jp/work\" \"Other Users/taro@example.jp/closed\" \
               Shared/info) (MailboxMetadataChange))";
    for client in [&mut hanako, &mut jiro] {
        client.ok(set).await;
    }
    assert_eq!(enabled.ok("ENABLE METADATA").await, ["* ENABLED METADATA"]);
    enabled.send("i IDLE\r\n").await;
    assert_eq!(enabled.line().await, "+ idling");
    // what is the owner's alone, and what may not be read, is nobody's to hear
    for (name, values) in [
        ("work", "/private/a \"x\""),
        ("closed", "/shared/a \"x\""),
        ("work", "/private/a \"y\" /shared/b \"x\" /shared/a \"x\""),
    ] {
        taro.ok(&format!("SETMETADATA {name} ({values})")).await;
    }
    for client in [&mut hanako, &mut enabled] {
        assert_eq!(client.line().await, "* METADATA \"Other Users/taro@example.jp/work\" /shared/a /shared/b");
    }
    // a reader's change is told to the others and the owner, and to herself in her other session
    taro.ok("NOTIFY SET (personal (MailboxMetadataChange))").await;
    hanako.ok("SETMETADATA \"Other Users/taro@example.jp/work\" (/shared/b NIL)").await;
    assert_eq!(taro.line().await, "* METADATA work /shared/b");
    assert_eq!(enabled.line().await, "* METADATA \"Other Users/taro@example.jp/work\" /shared/b");
    // the company's own
    admin.ok("SETMETADATA Shared/info (/shared/c \"x\")").await;
    for client in [&mut hanako, &mut jiro, &mut enabled] {
        assert_eq!(client.line().await, "* METADATA Shared/info /shared/c", "and nothing of the rest before");
    }
}
