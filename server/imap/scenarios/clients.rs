//! What the programs of people do with mailboxes and keywords: names that Outlook and Apple's programs make, names of odd
//! characters, deep trees, and the keywords that mail programs share.

use super::histories::on_disk;
use super::house::Client;
use crate::wire::{name, write};

const MAIL: &str = "Subject: x\r\n\r\nx\r\n";

/// Names that Outlook (in English and Japanese) and the programs of iOS and macOS make.
const MADE: [&str; 22] = [
    "Sent Items",
    "Deleted Items",
    "Junk E-mail",
    "Outbox",
    "RSS Feeds",
    "Sync Issues (This computer only)/Conflicts",
    "Conversation History",
    "送信済みアイテム",
    "削除済みアイテム",
    "迷惑メール",
    "下書き",
    "RSS フィード",
    "同期の失敗 (このコンピューターのみ)/競合",
    "Sent Messages",
    "Deleted Messages",
    "Notes",
    "メモ",
    "INBOX/アーカイブ",
    "INBOX/Sent Messages",
    "Archives/2026",
    "Templates",
    "Apple Mail To Do",
];

/// Names of characters that mean something elsewhere.
const ODD: [&str; 22] = [
    "R&D",
    "&",
    "&-",
    "a&AGE-b",
    "100%",
    "a*b",
    "\"quoted\"",
    "back\\slash",
    "a.b.c",
    "~home",
    "#news",
    "(brackets) [square] {3}",
    "{3}",
    "NIL",
    "nil",
    " leading and trailing ",
    "inbox2",
    "emoji 📬",
    "見積/R&D 100%/ｶﾅ",
    "한국어",
    "it's",
    "a,b;c:d?",
];

/// A name as an argument: as a literal, so that every character may stand there.
fn argument(name: &str) -> String {
    let wire = name::encode(name);
    format!("{{{}+}}\r\n{wire}", wire.len())
}

/// A name as it is shown in an answer.
fn shown(name: &str) -> String {
    let mut out = Vec::new();
    write::mailbox(&mut out, name, false);
    String::from_utf8(out).unwrap()
}

async fn listed(client: &mut Client, name: &str) -> Option<String> {
    let end = format!(" \"/\" {}", shown(name));
    client.ok("LIST \"\" *").await.into_iter().find(|line| line.ends_with(&end))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_programs_make_live_a_whole_life() {
    let (house, _) = on_disk().await;
    let mut client = house.client().await;
    for name in MADE.into_iter().chain(ODD) {
        let (it, moved) = (argument(name), argument(&format!("移動/{name}")));
        client.ok(&format!("CREATE {it}")).await;
        assert!(client.fails(&format!("CREATE {it}")).await.starts_with("NO [ALREADYEXISTS]"), "{name}");
        client.ok(&format!("SUBSCRIBE {it}")).await;
        assert!(client.append(&it, MAIL).await.starts_with("OK [APPENDUID "), "{name}");
        let status = client.ok(&format!("STATUS {it} (MESSAGES)")).await;
        assert_eq!(status, [format!("* STATUS {} (MESSAGES 1)", shown(name))]);
        assert!(client.ok("LSUB \"\" *").await.contains(&format!("* LSUB () \"/\" {}", shown(name))), "{name}");
        assert!(client.ok(&format!("SELECT {it}")).await.contains(&"* 1 EXISTS".to_owned()), "{name}");
        client.ok("UNSELECT").await;
        client.ok(&format!("RENAME {it} {moved}")).await;
        assert_eq!(listed(&mut client, name).await, None, "{name}");
        assert!(listed(&mut client, &format!("移動/{name}")).await.unwrap().starts_with("* LIST (\\HasNoChildren) "));
        client.ok(&format!("UNSUBSCRIBE {moved}")).await;
        client.ok(&format!("DELETE {moved}")).await;
        assert!(client.fails(&format!("SELECT {moved}")).await.starts_with("NO [NONEXISTENT]"), "{name}");
    }
    // One form of a name: a decomposed が is the composed one, whoever writes it.
    client.ok(&format!("CREATE {}", argument("が"))).await;
    assert!(client.fails(&format!("CREATE {}", argument("か\u{3099}"))).await.starts_with("NO [ALREADYEXISTS]"));
    for none in ["a//b", "/a", "a\tb", "a\u{85}b"] {
        let said = client.fails(&format!("CREATE {}", argument(none))).await;
        assert!(said.starts_with("NO [CANNOT]") || said.starts_with("BAD"), "{none:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deep_trees_move_whole_and_what_lies_below_inbox_stays() {
    let (house, _) = on_disk().await;
    let mut client = house.client().await;
    let deep = |root: &str, levels: usize| format!("{root}{}", "/段".repeat(levels - 1));
    client.ok(&format!("CREATE {}", argument(&deep("root", 32)))).await;
    client.append(&argument(&deep("root", 32)), MAIL).await;
    assert!(client.fails(&format!("CREATE {}", argument(&deep("root", 33)))).await.starts_with("NO "));
    assert_eq!(client.ok("LIST \"\" root*").await.len(), 32, "the levels above are made too");
    assert_eq!(client.ok("LIST \"\" root/%").await.len(), 1);
    // the whole tree, or nothing of it
    client.ok("RENAME root other").await;
    assert_eq!(client.ok("LIST \"\" root*").await, Vec::<String>::new());
    let status = client.ok(&format!("STATUS {} (MESSAGES)", argument(&deep("other", 32)))).await;
    assert!(status[0].ends_with("(MESSAGES 1)"), "{status:?}");
    for (to, why) in [("other/within/itself", "into itself"), ("Sent", "onto another"), ("a/other", "too deep")] {
        assert!(client.fails(&format!("RENAME other {to}")).await.starts_with("NO "), "{why}");
    }
    assert_eq!(client.ok("LIST \"\" other*").await.len(), 32);
    // what has children stays as a level
    client.ok("DELETE other").await;
    assert_eq!(client.ok("LIST \"\" other").await, ["* LIST (\\HasChildren \\Noselect) \"/\" other"]);
    assert!(client.fails("SELECT other").await.starts_with("NO "));
    // RFC 3501 6.3.5: mailboxes below INBOX do not go along
    client.ok("CREATE INBOX/below").await;
    client.append("INBOX", MAIL).await;
    client.append("INBOX/below", MAIL).await;
    client.ok("RENAME INBOX moved").await;
    for (name, count) in [("INBOX", 0), ("moved", 1), ("INBOX/below", 1)] {
        let status = client.ok(&format!("STATUS {name} (MESSAGES)")).await;
        assert_eq!(status, [format!("* STATUS {name} (MESSAGES {count})")]);
    }
    assert!(client.fails("RENAME moved inbox").await.starts_with("NO "));
    assert!(client.fails("DELETE INBOX").await.starts_with("NO "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keywords_that_programs_share_are_kept_found_and_copied() {
    let (house, _) = on_disk().await;
    let mut client = house.client().await;
    let words = ["$Forwarded", "$MDNSent", "$Junk", "$NotJunk", "$Phishing", "NonJunk", "$SubmitPending", "weiß-nicht"];
    for word in words {
        if !word.is_ascii() {
            assert!(client.fails(&format!("APPEND INBOX ({word}) {{3}}")).await.starts_with("BAD"), "no atom");
            continue;
        }
        let said = client.say(&format!("APPEND INBOX ({word} \\Seen) {{{}+}}\r\n{MAIL}", MAIL.len())).await;
        assert!(said[0].starts_with("OK [APPENDUID "), "{said:?}");
    }
    let opened = client.ok("SELECT INBOX").await;
    let (flags, permanent) = (&opened[0], opened.iter().find(|line| line.contains("PERMANENTFLAGS")).unwrap());
    assert!(permanent.contains("\\*"), "new ones may be made");
    for (number, word) in words.into_iter().filter(|word| word.is_ascii()).enumerate() {
        let number = number + 1;
        assert!(flags.contains(word) && permanent.contains(word), "{flags}");
        assert_eq!(client.ok(&format!("SEARCH KEYWORD {}", word.to_lowercase())).await, [format!("* SEARCH {number}")]);
        let without = client.ok(&format!("SEARCH UNKEYWORD {word}")).await.remove(0);
        assert_eq!(without.split(' ').count(), 2 + 6, "{without}");
        assert!(client.ok(&format!("FETCH {number} FLAGS")).await[0].contains(word));
    }
    // a program that changes its mind
    client.ok("STORE 3 -FLAGS.SILENT ($Junk)").await;
    client.ok("STORE 3 +FLAGS.SILENT ($NotJunk $MDNSent)").await;
    assert_eq!(client.ok("SEARCH KEYWORD $NotJunk").await, ["* SEARCH 3 4"]);
    assert_eq!(client.ok("SEARCH KEYWORD $Junk").await, ["* SEARCH"]);
    client.ok("COPY 3 Sent").await;
    client.ok("UID MOVE 2 Archive").await;
    client.ok("LOGOUT").await;
    let mut client = house.client().await;
    for (mailbox, word, count) in [("Sent", "$NotJunk", 1), ("Sent", "$mdnsent", 1), ("Archive", "$MDNSent", 1)] {
        client.ok(&format!("EXAMINE {mailbox}")).await;
        let found = client.ok(&format!("SEARCH KEYWORD {word}")).await.remove(0);
        assert_eq!(found.split(' ').count(), 2 + count, "{mailbox} {word}: {found}");
    }
}
