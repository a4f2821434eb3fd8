//! The exchange of RFC 7677, and what must not open anything.

use std::num::NonZeroU32;

use proptest::prelude::*;
use ring::pbkdf2;
use store::{Role, Roles, UserChange};
use types::Limits;

use super::*;
use crate::tests::{NOW, Stage};

const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

/// What is kept of a password.
fn kept(password: &str, salt: &[u8], iterations: u32) -> (Vec<u8>, Credentials) {
    let mut salted = [0; 32];
    let rounds = NonZeroU32::new(iterations).unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, password.as_bytes(), &mut salted);
    let sign = |text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &salted), text).as_ref().to_vec();
    let client_key = sign(b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, &client_key).as_ref().to_vec();
    let server_key = sign(b"Server Key");
    (client_key, Credentials { argon2: String::new(), salt: salt.to_vec(), iterations, stored_key, server_key })
}

#[test]
fn the_exchange_of_rfc_7677_succeeds_and_no_other_does() {
    let (_, known) = kept("pencil", &STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap(), 4_096);
    let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    let scram = Scram {
        name: "user".into(),
        user: None,
        channel: "biws".into(),
        nonce: nonce.into(),
        client_first: "n=user,r=rOprNGfwEbeRWgbNEkqO".into(),
        server_first: format!("r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
    };
    let proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    let last = format!("c=biws,r={nonce},p={proof}");
    assert_eq!(scram.server_final(&Keys::of(&known), &last).unwrap(), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    for wrong in [
        last.replace("biws", "eSws"),
        last.replace("hNlF$k0", "hNlF$k1"),
        last.replace("dHzb", "dHzc"),
        format!("c=biws,r={nonce},x=y,p={proof}"),
        format!("c=biws,r={nonce}"),
        String::new(),
    ] {
        assert_eq!(scram.server_final(&Keys::of(&known), &wrong), None, "{wrong}");
    }
}

#[test]
fn a_first_message_is_read_strictly() {
    let name = |text: &str| ClientFirst::parse(text).map(|first| first.name);
    assert_eq!(name("n,,n=taro@example.jp,r=12345678").as_deref(), Some("taro@example.jp"));
    assert_eq!(name("y,a=a=2Cb=3D,n=a=2Cb=3D,r=12345678,x=ext").as_deref(), Some("a,b="));
    for broken in [
        "",
        "n",
        "n,,",
        "n,,n=a",
        "n,,n=a,r=short",
        "n,,m=x,n=a,r=12345678",
        "n,a=b,n=a,r=12345678",
        "n,,n=a=,r=12345678",
        "n,,n=a=41,r=12345678",
        "n,,n=,r=12345678",
    ] {
        assert_eq!(name(broken), None, "{broken}");
    }
}

#[test]
fn what_the_client_says_of_the_channel_must_be_so() {
    let fits = |flag: &str, binding| {
        let message = format!("{flag},,n=a,r=12345678");
        ClientFirst::parse(&message).unwrap().fits(binding)
    };
    let (offered, not_offered) = (Binding::None { offered: true }, Binding::None { offered: false });
    assert!(fits("n", offered) && fits("n", not_offered) && fits("y", not_offered));
    assert!(!fits("y", offered), "somebody took the offer out of the list");
    assert!(fits("p=tls-exporter", Binding::TlsExporter(&[1; 32])));
    assert!(!fits("n", Binding::TlsExporter(&[1; 32])) && !fits("p=tls-unique", Binding::TlsExporter(&[1; 32])));
    assert!(!fits("p=tls-exporter", offered));
}

/// Runs an exchange as a client does.
fn sign_in(auth: &Auth, name: &str, password: &str, binding: Binding<'_>) -> Result<Identity, AuthError> {
    let (header, material) = match binding {
        Binding::None { .. } => ("n,,", &[][..]),
        Binding::TlsExporter(material) => ("p=tls-exporter,,", material),
    };
    let bare = format!("n={name},r=abcdefgh");
    let scram = auth.scram(&format!("{header}{bare}"), binding, PEER, NOW)?;
    let challenge = scram.challenge().to_owned();
    let part = |prefix: &str| challenge.split(',').find_map(|part| part.strip_prefix(prefix)).unwrap().to_owned();
    let (salt, iterations) = (STANDARD.decode(part("s=")).unwrap(), part("i=").parse().unwrap());
    let (client_key, known) = kept(password, &salt, iterations);
    let channel = STANDARD.encode([header.as_bytes(), material].concat());
    let without_proof = format!("c={channel},r={}", part("r="));
    let signed = format!("{bare},{challenge},{without_proof}");
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &known.stored_key), signed.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(signature.as_ref()).map(|(a, b)| a ^ b).collect();
    let last = format!("{without_proof},p={}", STANDARD.encode(proof));
    let Proved { identity, server_final, .. } = auth.scram_end(scram, &last, PEER, NOW)?;
    let wanted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &known.server_key), signed.as_bytes());
    assert_eq!(server_final, format!("v={}", STANDARD.encode(wanted)), "the server proves that it knows the password");
    Ok(identity)
}

#[tokio::test]
async fn people_prove_their_password_and_wrong_ones_are_counted() {
    let stage = Stage::set(Limits { sign_in_failures: 2, ..Limits::default() }).await;
    let (auth, taro) = (&stage.auth, stage.house.taro);
    let credentials = password::credentials("correct horse").unwrap();
    let change = UserChange {
        credentials: Some(credentials),
        roles: Some(Roles::default().with(Role::User)),
        ..UserChange::default()
    };
    stage.change(taro, change).await;
    let offered = Binding::None { offered: true };
    assert_eq!(sign_in(auth, "taro@example.jp", "correct horse", offered).unwrap().user(), taro);
    let bound = Binding::TlsExporter(&[7; 32]);
    assert_eq!(sign_in(auth, "TARO@example.jp", "correct horse", bound).unwrap().user(), taro);
    let refused =
        |name: &str, password: &str| matches!(sign_in(auth, name, password, offered), Err(AuthError::Refused));
    assert!(refused("taro@example.jp", "wrong horse") && refused("nobody@example.jp", "correct horse"));
    let salt = |name: &str| {
        let scram = auth.scram(&format!("n,,n={name},r=abcdefgh"), offered, PEER, NOW).unwrap();
        scram.challenge().split(',').nth(1).unwrap().to_owned()
    };
    assert_eq!(salt("nobody@example.jp"), salt("nobody@example.jp"), "a name that nobody has looks like any other");
    assert_ne!(salt("nobody@example.jp"), salt("none@example.jp"));
    assert!(refused("taro@example.jp", "wrong horse"));
    assert!(matches!(sign_in(auth, "taro@example.jp", "correct horse", offered), Err(AuthError::TooMany(_))));
}

/// Taro with his own password and a second factor.
async fn with_factor(limits: Limits) -> Stage {
    let stage = Stage::set(limits).await;
    let taro = stage.house.taro;
    let credentials = Some(password::credentials("correct horse").unwrap());
    stage.change(taro, UserChange { credentials, ..UserChange::default() }).await;
    let new = store::NewSecondFactor {
        user: taro,
        secret: store::FactorSecret::new(vec![1; 20].into()),
        step: 0,
        codes: Vec::new(),
    };
    let set = store::Change::SetSecondFactor(Box::new(new));
    stage.house.engine.change_directory(set, None, NOW).await.unwrap();
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_second_factor_proves_one_of_the_passwords_of_his_programs() {
    let stage = with_factor(Limits::default()).await;
    let (auth, taro) = (&stage.auth, stage.house.taro);
    let prove = |password: &str| sign_in(auth, "taro@example.jp", password, Binding::None { offered: true });
    assert!(matches!(prove("correct horse"), Err(AuthError::Refused)), "there is none yet");
    let identity = stage.identity(taro);
    let add = async |name: &str| auth.add_app_password(&identity, name, "correct horse", PEER, NOW).await.unwrap();
    let (phone, desk) = (add("phone").await, add("desk").await);
    assert!(prove(&phone).is_ok() && prove(&desk).is_ok());
    assert!(matches!(prove("correct horse"), Err(AuthError::Refused)), "his own opens the browser alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_goes_on_with_the_own_password_closes_programs_and_not_the_browser() {
    let stage = with_factor(Limits { sign_in_failures: 2, ..Limits::default() }).await;
    let (auth, taro) = (&stage.auth, stage.house.taro);
    let identity = stage.identity(taro);
    let phone = auth.add_app_password(&identity, "phone", "correct horse", PEER, NOW).await.unwrap();
    let prove = |password: &str| sign_in(auth, "taro@example.jp", password, Binding::None { offered: true });
    // wrong passwords at the browser's door do not close the programs
    for _ in 0..2 {
        assert!(matches!(auth.prove("taro@example.jp", "wrong", PEER, NOW).await, Err(AuthError::Refused)));
    }
    assert!(matches!(auth.prove("taro@example.jp", "correct horse", PEER, NOW).await, Err(AuthError::TooMany(_))));
    assert!(prove(&phone).is_ok());
    let later = NOW.after(std::time::Duration::from_secs(600));
    // nor do the programs close the browser
    for _ in 0..2 {
        assert!(matches!(prove("correct horse"), Err(AuthError::Refused)));
    }
    assert!(matches!(prove(&phone), Err(AuthError::TooMany(_))), "they have tries like others");
    assert_eq!(auth.prove("taro@example.jp", "correct horse", PEER, later).await.unwrap().user(), taro);
}

proptest! {
    #[test]
    fn no_message_panics(text in "[npya=,r:2CD\\PC]{0,40}") {
        if let Some(first) = ClientFirst::parse(&text) {
            let fits = first.fits(Binding::None { offered: false });
            prop_assert_eq!(fits, first.header.starts_with("n,") || first.header.starts_with("y,"));
        }
    }
}
