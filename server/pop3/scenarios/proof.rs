//! Signing in without sending the password (RFC 5034, 7677), and bound to the connection (RFC 9266): a client of our own
//! that knows nothing of the server's code.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};
use tokio::io::BufReader;

use super::house::{Client, House, PASSWORD};

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
async fn people_prove_their_password_without_sending_it() {
    let house = House::new().await;
    for (password, works) in [(PASSWORD, true), ("wrong horse", false)] {
        let mut client = house.connect().await;
        let first = STANDARD.encode(format!("n,,{BARE}"));
        let challenge = client.say(&format!("AUTH SCRAM-SHA-256 {first}")).await;
        let (last, proof) = answer(password, b"n,,", &decoded(&challenge));
        let said = client.say(&STANDARD.encode(last)).await;
        if !works {
            assert_eq!(said, "-ERR [AUTH] The name or the password is wrong");
            assert_eq!(client.fails("STAT").await, "Please sign in first");
            continue;
        }
        assert_eq!(decoded(&said), proof, "the server knows the password too");
        client.ok("").await;
        assert_eq!(client.ok("STAT").await, "0 0");
    }
    let mut client = house.connect().await;
    assert_eq!(client.say("AUTH SCRAM-SHA-256").await, "+ ");
    assert_eq!(client.fails("*").await, "Authentication cancelled");
}

#[tokio::test]
async fn a_proof_is_bound_to_its_connection() {
    let house = House::new().await;
    for (changed, works) in [(0, true), (1, false)] {
        let (mut client, tls) = house.connect_for_tls().await;
        client.ok("STLS").await;
        let secure = client.stream.into_inner().start_tls_as_client(&tls, "mail.example.jp").await.unwrap();
        let mut material = secure.tls_exporter().expect("TLS 1.3");
        material[0] ^= changed;
        let mut client = Client { stream: BufReader::new(secure) };
        let first = STANDARD.encode(format!("p=tls-exporter,,{BARE}"));
        let challenge = client.say(&format!("AUTH SCRAM-SHA-256-PLUS {first}")).await;
        let channel = [b"p=tls-exporter,,".as_slice(), &material].concat();
        let (last, _) = answer(PASSWORD, &channel, &decoded(&challenge));
        let said = client.say(&STANDARD.encode(last)).await;
        assert!(said.starts_with(if works { "+ " } else { "-ERR [AUTH]" }), "{changed}: {said}");
    }
}
