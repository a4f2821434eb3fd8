//! Signing in, TLS, limits, time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use types::Limits;

use super::house::{Client, House, PASSWORD};

fn plain(password: &str) -> String {
    STANDARD.encode(format!("\0taro@example.jp\0{password}"))
}

#[tokio::test]
async fn people_sign_in_by_password_and_by_plain_with_and_without_an_initial_response() {
    let house = House::new().await;
    let mut client = house.connect().await;
    assert_eq!(client.fails("STAT").await, "Please sign in first");
    assert_eq!(client.fails("PASS x").await, "Please say USER first");
    for name in ["taro@example.jp", "nobody@example.jp"] {
        assert_eq!(client.ok(&format!("USER {name}")).await, "");
        assert_eq!(client.fails("PASS wrong").await, "[AUTH] The name or the password is wrong");
    }
    client.sign_in("TARO@example.jp").await;
    assert_eq!(client.ok("STAT").await, "0 0");
    for late in ["USER a", "PASS b", "AUTH PLAIN", "STLS", "UTF8"] {
        assert_eq!(client.fails(late).await, "Already signed in");
    }
    client.ok("QUIT").await;
    assert_eq!(client.line().await, "");

    let mut client = house.connect().await;
    client.ok(&format!("AUTH plain {}", plain(PASSWORD))).await;
    client.ok("QUIT").await;
    let mut client = house.connect().await;
    assert_eq!(client.say("AUTH PLAIN").await, "+ ");
    assert_eq!(client.fails("*").await, "Authentication cancelled");
    assert_eq!(client.say("AUTH PLAIN").await, "+ ");
    assert_eq!(client.fails(&plain("wrong")).await, "[AUTH] The name or the password is wrong");
    assert_eq!(client.fails("AUTH PLAIN !!").await, "Not a valid response");
    assert_eq!(client.fails("AUTH CRAM-MD5").await, "This mechanism is not supported");
    assert_eq!(client.fails("AUTH SCRAM-SHA-256-PLUS").await, "This mechanism is not supported");
    assert_eq!(client.lines("AUTH").await, ["SCRAM-SHA-256", "PLAIN"]);
}

#[tokio::test]
async fn what_can_be_done_is_told_before_and_after_signing_in() {
    let house = House::new().await;
    let always = ["TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER", "UTF8 USER"];
    let mut client = house.connect().await;
    let told = client.lines("CAPA").await;
    assert_eq!(told[..7], always);
    assert_eq!(told[7..], ["IMPLEMENTATION Sekisho", "USER", "SASL SCRAM-SHA-256 PLAIN"]);
    client.sign_in("taro@example.jp").await;
    assert_eq!(client.lines("CAPA").await[..7], always);
    assert_eq!(client.lines("CAPA").await.len(), 8);
    for unknown in ["APOP taro c4c9334bac560ecc979e58001b3e22fb", "LAST", "LANG"] {
        assert_eq!(client.fails(unknown).await, "This command is not known");
    }
}

#[tokio::test]
async fn nobody_signs_in_from_another_machine_without_tls() {
    let house = House::new().await;
    let mut client = house.connect_from_afar().await;
    let told = client.lines("CAPA").await;
    assert!(told.contains(&"STLS".to_owned()), "{told:?}");
    assert!(!told.iter().any(|word| word == "USER" || word.starts_with("SASL")), "{told:?}");
    assert!(client.lines("AUTH").await.is_empty());
    for command in ["USER taro@example.jp".to_owned(), format!("AUTH PLAIN {}", plain(PASSWORD)), "PASS x".to_owned()] {
        assert_eq!(client.fails(&command).await, "[SYS/PERM] Please use STLS first");
    }
}

#[tokio::test]
async fn tls_begins_with_stls_and_forgets_what_came_before() {
    let house = House::new().await;
    let (mut client, tls) = house.connect_for_tls().await;
    client.ok("USER taro@example.jp").await;
    // a command in the same packet, as a man in the middle would put it there
    client.send(&format!("STLS\r\nPASS {PASSWORD}\r\n")).await;
    assert_eq!(client.line().await, "+OK Begin TLS negotiation now.");
    let secure = client.stream.into_inner().start_tls_as_client(&tls, "mail.example.jp").await.unwrap();
    let mut client = Client { stream: tokio::io::BufReader::new(secure) };
    assert_eq!(client.fails(&format!("PASS {PASSWORD}")).await, "Please say USER first");
    let told = client.lines("CAPA").await;
    assert!(told.contains(&"SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN".to_owned()), "{told:?}");
    assert!(!told.contains(&"STLS".to_owned()));
    assert_eq!(client.fails("STLS").await, "TLS is not available");
    client.sign_in("taro@example.jp").await;

    let (mut client, _) = house.connect_for_tls().await;
    client.ok("UTF8").await;
    assert_eq!(client.fails("STLS").await, "TLS is not available", "RFC 6856 2.1");
}

#[tokio::test]
async fn wrong_passwords_are_counted_by_account_and_too_many_wrong_commands_end_the_session() {
    let house = House::with_limits(Limits { sign_in_failures: 3, errors: 5, ..Limits::default() }).await;
    let mut client = house.connect().await;
    for _ in 0..5 {
        client.ok("USER taro@example.jp").await;
        assert!(client.fails("PASS wrong").await.starts_with("[AUTH] "));
    }
    assert_eq!(client.line().await, "", "five wrong passwords end a session");
    // of this machine they are not counted further; those of another are
    let (peer, now) = ("192.0.2.7".parse().unwrap(), types::Timestamp::from_secs(0));
    for _ in 0..3 {
        house.context.auth.sign_in("taro@example.jp", "wrong", peer, now).await.unwrap_err();
    }
    let error = house.context.auth.sign_in("taro@example.jp", PASSWORD, peer, now).await.unwrap_err();
    let crate::error::Consequence::Answer(reply) = crate::Pop3Error::from(error).consequence() else { panic!() };
    let mut line = Vec::new();
    reply.write(&mut line);
    assert!(line.starts_with(b"-ERR [SYS/TEMP] Too many failed sign-ins"), "{line:?}");
}

#[tokio::test]
async fn a_line_without_end_and_a_silent_client_are_left() {
    let house = House::with_limits(Limits { sign_in_idle: 1, pop3_idle: 1, ..Limits::default() }).await;
    let mut client = house.connect().await;
    client.send(&"x".repeat(3_000)).await;
    assert_eq!(client.line().await, "-ERR [SYS/TEMP] The line is too long");
    assert_eq!(client.line().await, "");
    // no word: it would be taken for the answer to the next command
    assert_eq!(house.connect().await.line().await, "");
    house.put(&[b"A: b\r\n\r\n"]).await;
    let mut client = house.client().await;
    client.ok("DELE 1").await;
    assert_eq!(client.line().await, "");
    assert_eq!(house.client().await.ok("STAT").await, "1 8", "nothing went without QUIT");
}

#[tokio::test]
async fn commands_may_come_all_at_once_and_a_stop_is_told() {
    let house = House::new().await;
    house.put(&[b"A: b\r\n\r\n1\r\n"]).await;
    let mut client = house.connect().await;
    client.send(&format!("USER taro@example.jp\r\nPASS {PASSWORD}\r\nSTAT\r\nLIST\r\nTOP 1 0\r\nNOOP\r\n")).await;
    for line in
        ["+OK", "+OK Logged in.", "+OK 1 11", "+OK 1 messages (11 octets)", "1 11", ".", "+OK", "A: b", "", ".", "+OK"]
    {
        assert_eq!(client.line().await, line);
    }
    house.stop.ask();
    assert_eq!(client.line().await, "-ERR [SYS/TEMP] The server is shutting down");
}
