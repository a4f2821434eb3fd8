//! Signing in, states, limits, IDLE, and what one session hears of another.

use base64::Engine as _;
use store::{Change, Changed, Engine as _, FactorSecret, NewSecondFactor, NewUser, Role, Roles, UserChange, UserState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use types::{Address, Language, Limits, Timestamp, UserId};

use super::histories::on_disk;
use super::house::{House, PASSWORD};

#[tokio::test]
async fn people_sign_in_by_login_and_by_plain_with_and_without_an_initial_response() {
    let house = House::new();
    let mut client = house.connect().await;
    assert!(client.fails("LOGIN taro@example.jp wrong").await.starts_with("NO [AUTHENTICATIONFAILED]"));
    assert_eq!(client.fails("SELECT INBOX").await, "BAD Please sign in first");
    let last = client.say(&format!("LOGIN TARO@example.jp \"{PASSWORD}\"")).await.pop().unwrap();
    assert!(last.starts_with("OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ") && last.contains(" UIDPLUS "), "{last}");
    assert_eq!(client.fails("LOGIN a b").await, "BAD Already signed in");

    let response = base64::engine::general_purpose::STANDARD.encode(format!("\0taro@example.jp\0{PASSWORD}"));
    house.connect().await.ok(&format!("AUTHENTICATE PLAIN {response}")).await;
    let mut client = house.connect().await;
    client.send("a AUTHENTICATE PLAIN\r\n").await;
    assert_eq!(client.line().await, "+ ");
    client.send(&format!("{response}\r\n")).await;
    assert!(client.answer("a").await[0].starts_with("OK"));
    let mut client = house.connect().await;
    client.send("a AUTHENTICATE PLAIN\r\n*\r\n").await;
    assert_eq!(client.line().await, "+ ");
    assert_eq!(client.answer("a").await, ["BAD Authentication cancelled"]);
}

#[tokio::test]
async fn nobody_signs_in_from_another_machine_without_tls() {
    let house = House::new();
    let mut client = house.connect_from_afar().await;
    let offered = client.ok("CAPABILITY").await.remove(0);
    assert!(offered.contains(" STARTTLS") && offered.contains(" LOGINDISABLED"), "{offered}");
    assert!(!offered.contains("AUTH="), "{offered}");
    let response = base64::engine::general_purpose::STANDARD.encode(format!("\0taro@example.jp\0{PASSWORD}"));
    for command in [format!("LOGIN taro@example.jp \"{PASSWORD}\""), format!("AUTHENTICATE PLAIN {response}")] {
        let refused = client.fails(&command).await;
        assert!(refused.contains("TLS") || refused.contains("PRIVACYREQUIRED"), "{refused}");
    }
    assert_eq!(client.fails("SELECT INBOX").await, "BAD Please sign in first");
}

#[tokio::test]
async fn commands_may_come_all_at_once_and_are_answered_in_order() {
    let house = House::new();
    let mut client = house.connect().await;
    client
        .send(&format!("a LOGIN {{15+}}\r\ntaro@example.jp {{13}}\r\n{PASSWORD}\r\nb SELECT INBOX\r\nc LOGOUT\r\n"))
        .await;
    assert_eq!(client.line().await, "+ OK");
    assert!(client.answer("a").await[0].starts_with("OK"));
    assert_eq!(client.answer("b").await.last().unwrap(), "OK [READ-WRITE] SELECT completed.");
    assert_eq!(client.answer("c").await, ["* BYE Logging out", "OK LOGOUT completed."]);
    assert_eq!(client.line().await, "");
}

#[tokio::test]
async fn a_stranger_gets_a_hundredth_of_the_memory() {
    let house = House::new();
    let mut client = house.connect().await;
    client.send("a LOGIN {70000}\r\n").await;
    assert_eq!(client.answer("a").await, ["NO [TOOBIG] The literal is too long"]);
    client.send(&format!("a {}", "x".repeat(70_000))).await;
    assert_eq!(client.line().await, "* BYE The command is too long");
    let mut client = house.client().await;
    client.send(&format!("a SEARCH UID {}1\r\n", "1,".repeat(70_000))).await;
    assert_eq!(client.answer("a").await, ["BAD No mailbox selected"]);
}

#[tokio::test]
async fn too_many_wrong_commands_end_the_session() {
    let house = House::with_limits(Limits { errors: 2, ..Limits::default() });
    let mut client = house.connect().await;
    assert!(client.fails("FOO").await.starts_with("BAD"));
    client.send("\r\n").await;
    assert!(client.line().await.starts_with("* BAD"));
    client.send("a BAR\r\n").await;
    assert!(client.line().await.starts_with("a BAD"));
    assert_eq!(client.line().await, "* BYE Too many wrong commands");
}

#[tokio::test]
async fn too_many_wrong_passwords_end_the_session() {
    let house = House::with_limits(Limits { errors: 1, ..Limits::default() });
    let mut client = house.connect().await;
    assert!(client.fails("LOGIN taro@example.jp wrong").await.starts_with("NO [AUTHENTICATIONFAILED]"));
    client.send("a LOGIN taro@example.jp wrong\r\n").await;
    assert_eq!(client.line().await, "* BYE Too many wrong commands");
}

#[tokio::test]
async fn what_is_sent_before_the_handshake_is_thrown_away() {
    let house = House::new();
    let (mut plain, tls) = house.connect_for_tls().await;
    plain.write_all(b"a STARTTLS\r\nb LOGIN taro@example.jp x\r\n").await.unwrap();
    let wanted = b"a OK Begin TLS negotiation now.\r\n";
    let mut answer = vec![0; wanted.len()];
    plain.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, wanted);
    let mut secure = plain.start_tls_as_client(&tls, "mail.example.jp").await.unwrap();
    secure.write_all(b"c NOOP\r\nd STARTTLS\r\n").await.unwrap();
    let mut answer = vec![0; 19];
    secure.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"c OK NOOP completed");
}

#[tokio::test]
async fn a_silent_stranger_is_sent_away() {
    let house = House::with_limits(Limits { sign_in_idle: 0, ..Limits::default() });
    assert_eq!(house.connect().await.line().await, "* BYE Disconnected for inactivity");
}

#[tokio::test]
async fn a_stop_says_goodbye_to_those_who_wait() {
    let house = House::new();
    let (mut idle, mut quiet) = (house.inbox().await, house.client().await);
    idle.send("a IDLE\r\n").await;
    assert_eq!(idle.line().await, "+ idling");
    assert!(house.stop.finish(std::time::Duration::from_secs(5)).await);
    assert_eq!(idle.line().await, "* BYE The server is shutting down");
    assert_eq!(quiet.line().await, "* BYE The server is shutting down");
}

/// What ends a sign-in.
enum Ended {
    Rights,
    Suspended,
    Password,
    Factor,
    Gone,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_idles_is_sent_away_the_moment_his_sign_in_ends_wherever_he_is() {
    let (house, taro) = on_disk().await;
    let credentials = house.engine.directory().users[&taro].credentials.clone();
    let tenant = house.engine.directory().users[&taro].tenant;
    let change = async |change| house.engine.change_directory(change, None, Timestamp(0)).await.unwrap();
    let set = |user: UserId, what: UserChange| Change::SetUser(user, Box::new(what));
    let mut other = house.inbox().await;
    other.send("i IDLE\r\n").await;
    assert_eq!(other.line().await, "+ idling");
    for (n, ended) in
        [Ended::Rights, Ended::Suspended, Ended::Password, Ended::Factor, Ended::Gone].into_iter().enumerate()
    {
        let address = format!("person{n}@example.jp");
        let (name, roles, language) = (format!("{n}"), Roles::default(), Language::Ja);
        let (parsed, credentials) = (Address::parse(&address).unwrap(), credentials.clone());
        let new = NewUser { tenant, address: parsed, name, roles, credentials: credentials.clone(), language };
        let Changed::User(user) = change(Change::AddUser(Box::new(new))).await else { panic!("no person") };
        let mut waiting = Vec::new();
        for before in [&["SELECT INBOX"][..], &[], &["NOTIFY SET (inboxes (MessageNew MessageExpunge))"]] {
            let mut client = house.connect().await;
            client.ok(&format!("LOGIN {address} \"{PASSWORD}\"")).await;
            for command in before {
                client.ok(command).await;
            }
            waiting.push(client);
        }
        for client in waiting.iter_mut().take(2) {
            client.send("i IDLE\r\n").await;
            assert_eq!(client.line().await, "+ idling");
        }
        // a change that ends no sign-in, and one of somebody else
        change(set(user, UserChange { name: Some("another name".into()), ..UserChange::default() })).await;
        change(match ended {
            Ended::Rights => set(user, UserChange { roles: Some(roles.with(Role::Auditor)), ..UserChange::default() }),
            Ended::Suspended => set(user, UserChange { state: Some(UserState::Suspended), ..UserChange::default() }),
            Ended::Password => set(user, UserChange { credentials, ..UserChange::default() }),
            Ended::Factor => {
                let secret = FactorSecret::new(vec![1; 20].into());
                Change::SetSecondFactor(Box::new(NewSecondFactor { user, secret, step: 1, codes: Vec::new() }))
            }
            Ended::Gone => Change::RemoveUser(user),
        })
        .await;
        for (client, place) in waiting.iter_mut().zip(["INBOX", "nowhere", "NOTIFY"]) {
            let said = client.line().await;
            assert_eq!(said, "* BYE Your password or your rights have changed, please sign in again", "{n}: {place}");
            assert_eq!(client.line().await, "", "and nothing after it");
        }
    }
    other.send("DONE\r\n").await;
    assert_eq!(other.answer("i").await, ["OK IDLE completed."]);
}

#[tokio::test]
async fn an_idle_session_hears_of_mail_flags_and_expunges_at_once() {
    let house = House::new();
    house.engine.deliver(b"Subject: one\r\n\r\nx\r\n", b"", vec![]);
    let (mut idle, mut other) = (house.inbox().await, house.inbox().await);
    idle.send("a IDLE\r\n").await;
    assert_eq!(idle.line().await, "+ idling");
    house.engine.deliver(b"Subject: two\r\n\r\nx\r\n", b"", vec![]);
    assert_eq!(idle.line().await, "* 2 EXISTS");
    assert!(idle.line().await.ends_with(" RECENT"));
    other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(idle.line().await, "* 1 FETCH (UID 1 FLAGS (\\Deleted \\Recent))");
    other.ok("EXPUNGE").await;
    assert_eq!(idle.line().await, "* 1 EXPUNGE");
    idle.send("done\r\n").await;
    assert_eq!(idle.answer("a").await, ["OK IDLE completed."]);
}

#[tokio::test]
async fn numbers_hold_during_fetch_store_and_search_and_change_with_noop() {
    let house = House::new();
    for i in 0..3 {
        house.engine.deliver(format!("Subject: {i}\r\n\r\nx\r\n").as_bytes(), b"", vec![]);
    }
    let (mut one, mut two) = (house.inbox().await, house.inbox().await);
    two.ok("STORE 1 +FLAGS (\\Deleted)").await;
    assert_eq!(two.ok("EXPUNGE").await, ["* 1 EXPUNGE"]);
    let fetched = one.say("FETCH 3 (UID)").await;
    assert_eq!(fetched, ["* 3 FETCH (UID 3)", "OK FETCH completed."]);
    assert!(one.say("FETCH 1 (UID RFC822.SIZE)").await.last().unwrap().starts_with("NO [EXPUNGEISSUED]"));
    assert_eq!(one.ok("SEARCH ALL").await, ["* SEARCH 2 3"]);
    assert_eq!(one.ok("STORE 3 +FLAGS.SILENT (\\Flagged)").await, Vec::<String>::new());
    assert_eq!(one.ok("NOOP").await, ["* 1 EXPUNGE"]);
    assert_eq!(one.ok("FETCH 2 (UID FLAGS)").await, ["* 2 FETCH (UID 3 FLAGS (\\Flagged \\Recent))"]);
}

#[tokio::test]
async fn what_is_enabled_and_who_we_are_is_told() {
    let house = House::new();
    let mut client = house.client().await;
    assert_eq!(client.ok("ENABLE CONDSTORE X").await, ["* ENABLED CONDSTORE"]);
    assert_eq!(client.ok("ID NIL").await, ["* ID (\"name\" \"Sekisho\")"]);
    assert_eq!(
        client.ok("NAMESPACE").await,
        ["* NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) ((\"Shared/\" \"/\"))"]
    );
    assert!(client.ok("CAPABILITY").await[0].starts_with("* CAPABILITY IMAP4rev1 "));
    assert_eq!(client.fails("STARTTLS").await, "BAD TLS is not available");
}

#[tokio::test]
async fn a_session_whose_mailbox_was_deleted_is_sent_away() {
    let house = House::new();
    let (mut one, mut two) = (house.client().await, house.client().await);
    one.ok("CREATE a").await;
    one.ok("SELECT a").await;
    two.ok("SELECT a").await;
    two.ok("DELETE a").await;
    two.ok("NOOP").await;
    one.send("x NOOP\r\n").await;
    assert_eq!(one.line().await, "* BYE The selected mailbox was deleted");
}
