//! What CAPABILITY announces (RFC 9051 6.1.1), whole and in each state: a word more or less is a promise more or less.

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::house::{House, PASSWORD};
use crate::deflate::Deflate;

/// Before and after sign-in.
const ALWAYS: &str = "IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE IDLE";

/// After it; docs/protocols.md has a row for each.
const SIGNED_IN: &str = "NAMESPACE UIDPLUS UNSELECT MOVE CHILDREN LIST-EXTENDED LIST-STATUS SPECIAL-USE CREATE-SPECIAL-USE ACL RIGHTS=kxte \
     LIST-MYRIGHTS CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN PARTIAL STATUS=SIZE OBJECTID PREVIEW SAVEDATE REPLACE I18NLEVEL=1 METADATA \
     LIST-METADATA NOTIFY QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE SORT SORT=DISPLAY ESORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES \
     THREAD=REFS MULTIAPPEND BINARY UTF8=ACCEPT APPENDLIMIT=52428800";

/// What the command is answered, up to its tagged line.
async fn say(link: &mut (impl AsyncRead + AsyncWrite + Unpin), command: &str) -> Vec<String> {
    link.write_all(format!("a {command}\r\n").as_bytes()).await.unwrap();
    let mut told = Vec::new();
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(link.read_u8().await.unwrap());
        }
        told.push(String::from_utf8(line).unwrap().trim_end().to_owned());
        if told.last().unwrap().starts_with("a ") {
            return told;
        }
    }
}

#[tokio::test]
async fn each_state_announces_what_it_has_and_nothing_else() {
    let house = House::new();
    let (near, signed_in) = (format!("{ALWAYS} AUTH=SCRAM-SHA-256 AUTH=PLAIN"), format!("{ALWAYS} {SIGNED_IN}"));
    // from another machine without TLS nobody can sign in
    let mut afar = house.connect_from_afar().await;
    let words = format!("{ALWAYS} STARTTLS LOGINDISABLED");
    assert_eq!(afar.greeting, format!("* OK [CAPABILITY {words}] Sekisho ready."));
    assert_eq!(afar.ok("CAPABILITY").await, [format!("* CAPABILITY {words}")]);
    // from this one he can, whether or not TLS is there to begin
    let mut client = house.connect().await;
    assert_eq!(client.greeting, format!("* OK [CAPABILITY {near}] Sekisho ready."));
    assert_eq!(client.ok("CAPABILITY").await, [format!("* CAPABILITY {near}")]);
    let (mut plain, tls) = house.connect_for_tls().await;
    let capability = |words: &str| vec![format!("* CAPABILITY {words}"), "a OK CAPABILITY completed.".to_owned()];
    let words = near.replace(" AUTH=SCRAM-SHA-256 ", " STARTTLS AUTH=SCRAM-SHA-256 ");
    assert_eq!(say(&mut plain, "CAPABILITY").await, capability(&words));
    // under TLS a sign-in can be bound to it, and there is no second TLS
    say(&mut plain, "STARTTLS").await;
    let mut link = plain.start_tls_as_client(&tls, "mail.example.jp").await.unwrap();
    let words = format!("{ALWAYS} AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN");
    assert_eq!(say(&mut link, "CAPABILITY").await, capability(&words));
    let words = format!("{signed_in} COMPRESS=DEFLATE");
    let told = say(&mut link, &format!("LOGIN taro@example.jp \"{PASSWORD}\"")).await;
    assert!(told.last().unwrap().starts_with(&format!("a OK [CAPABILITY {words}] ")), "{told:?}");
    for before in ["NOOP", "ENABLE IMAP4rev2", "SELECT INBOX"] {
        say(&mut link, before).await;
        assert_eq!(say(&mut link, "CAPABILITY").await, capability(&words), "after {before}");
    }
    // what is compressed is not compressed again
    say(&mut link, "COMPRESS DEFLATE").await;
    let (mut deflate, mut told) = (Deflate::new(b""), BytesMut::new());
    link.write_all(&deflate.deflated(b"a CAPABILITY\r\n").unwrap()).await.unwrap();
    while !told.ends_with(b"completed.\r\n") {
        deflate.raw.extend_from_slice(&[link.read_u8().await.unwrap()]);
        while deflate.inflate(&mut told).unwrap() {}
    }
    assert_eq!(String::from_utf8(told.to_vec()).unwrap(), capability(&signed_in).join("\r\n") + "\r\n");
}
