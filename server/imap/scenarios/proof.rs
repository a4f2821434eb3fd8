//! Signing in without sending the password: SCRAM-SHA-256, and bound to the connection (RFC 7677, 9266).

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::house::{House, PASSWORD};

const BARE: &str = "n=taro@example.jp,r=abcdefgh";

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

/// The client's last message to this challenge, and what the server must prove with.
fn answer(password: &str, channel: &[u8], challenge: &str) -> (String, String) {
    let part = |prefix: &str| challenge.split(',').find_map(|part| part.strip_prefix(prefix)).unwrap();
    let (salt, rounds) = (STANDARD.decode(part("s=")).unwrap(), part("i=").parse::<NonZeroU32>().unwrap());
    let mut salted = [0; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, password.as_bytes(), &mut salted);
    let client_key = sign(&salted, "Client Key");
    let stored = digest::digest(&digest::SHA256, &client_key);
    let without_proof = format!("c={},r={}", STANDARD.encode(channel), part("r="));
    let signed = format!("{BARE},{challenge},{without_proof}");
    let proof: Vec<u8> = client_key.iter().zip(sign(stored.as_ref(), &signed)).map(|(a, b)| a ^ b).collect();
    let server = sign(&sign(&salted, "Server Key"), &signed);
    (format!("{without_proof},p={}", STANDARD.encode(proof)), format!("v={}", STANDARD.encode(server)))
}

fn decoded(line: &str) -> String {
    String::from_utf8(STANDARD.decode(line.strip_prefix("+ ").expect(line)).unwrap()).unwrap()
}

#[tokio::test]
async fn people_sign_in_without_sending_their_password() {
    let house = House::new();
    for (password, works) in [(PASSWORD, true), ("wrong horse", false)] {
        let mut client = house.connect().await;
        let first = STANDARD.encode(format!("n,,{BARE}"));
        client.send(&format!("a AUTHENTICATE SCRAM-SHA-256 {first}\r\n")).await;
        let (last, proof) = answer(password, b"n,,", &decoded(&client.line().await));
        client.send(&format!("{}\r\n", STANDARD.encode(last))).await;
        if !works {
            assert!(client.answer("a").await[0].starts_with("NO [AUTHENTICATIONFAILED]"));
            continue;
        }
        assert_eq!(decoded(&client.line().await), proof, "the server knows the password too");
        client.send("\r\n").await;
        assert!(client.answer("a").await[0].starts_with("OK [CAPABILITY "));
        client.ok("SELECT INBOX").await;
    }
    let mut client = house.connect().await;
    let offered = client.ok("CAPABILITY").await.remove(0);
    assert!(offered.ends_with(" AUTH=SCRAM-SHA-256 AUTH=PLAIN"), "{offered}");
    assert!(client.fails("AUTHENTICATE SCRAM-SHA-256-PLUS bm9uZQ==").await.starts_with("NO [CANNOT]"));
    client.send("a AUTHENTICATE SCRAM-SHA-256\r\n*\r\n").await;
    assert_eq!(client.line().await, "+ ");
    assert_eq!(client.answer("a").await, ["BAD Authentication cancelled"]);
}

#[tokio::test]
async fn a_proof_is_bound_to_its_connection() {
    let house = House::new();
    for (flag, changed, works) in [("p=tls-exporter", 0, true), ("p=tls-exporter", 1, false), ("y", 0, false)] {
        let (mut plain, tls) = house.connect_for_tls().await;
        plain.write_all(b"a STARTTLS\r\n").await.unwrap();
        let mut answered = vec![0; b"a OK Begin TLS negotiation now.\r\n".len()];
        tokio::io::AsyncReadExt::read_exact(&mut plain, &mut answered).await.unwrap();
        let secure = plain.start_tls_as_client(&tls, "mail.example.jp").await.unwrap();
        let mut material = secure.tls_exporter().expect("TLS 1.3");
        material[0] ^= changed;
        let mut link = BufReader::new(secure);
        let mechanism = if flag == "y" { "SCRAM-SHA-256" } else { "SCRAM-SHA-256-PLUS" };
        let first = STANDARD.encode(format!("{flag},,{BARE}"));
        link.get_mut().write_all(format!("b AUTHENTICATE {mechanism} {first}\r\n").as_bytes()).await.unwrap();
        let mut line = String::new();
        link.read_line(&mut line).await.unwrap();
        if line.starts_with("+ ") {
            let channel = [format!("{flag},,").as_bytes(), &material].concat();
            let (last, _) = answer(PASSWORD, &channel, &decoded(line.trim_end()));
            link.get_mut().write_all(format!("{}\r\n\r\n", STANDARD.encode(last)).as_bytes()).await.unwrap();
            line.clear();
            link.read_line(&mut line).await.unwrap();
        }
        let expected = if works { "+ " } else { "b NO [AUTHENTICATIONFAILED]" };
        assert!(line.starts_with(expected), "{flag} {changed}: {line}");
    }
}
