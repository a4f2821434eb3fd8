//! Keys and records without the DNS; that signatures hold is tried through the front door, by another verifier
//! (`tests/outgoing/signatures.rs`).

use store::{DkimAlgorithm, DkimKey, DkimState, NewDkimKey};
use types::{Domain, Timestamp};

use super::{Published, make, record};

/// 24 November 2026.
const AT: Timestamp = Timestamp(1_795_478_400_000);

fn key_of(new: &NewDkimKey) -> DkimKey {
    DkimKey {
        mark: [0; 16],
        domain: Domain::parse("aoba.example").unwrap(),
        selector: new.selector.clone(),
        algorithm: new.algorithm,
        public: new.public.clone(),
        state: DkimState::Waiting,
        made: AT,
        changed: AT,
    }
}

#[test]
fn a_pair_has_selectors_of_its_month_that_nobody_has() {
    let names = |taken: &[&str]| {
        let taken: Vec<String> = taken.iter().map(|name| (*name).to_owned()).collect();
        make::pair(&taken, AT).unwrap()
    };
    let pair = names(&["202610r"]);
    let [rsa, ed25519] = pair.as_slice() else { panic!("{pair:?}") };
    assert_eq!((rsa.selector.as_str(), ed25519.selector.as_str()), ("202611r", "202611e"));
    assert_eq!((rsa.algorithm, ed25519.algorithm), (DkimAlgorithm::Rsa, DkimAlgorithm::Ed25519));
    // SubjectPublicKeyInfo of 2,048 bits, and 32 bytes
    assert!(rsa.public.starts_with("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A") && rsa.public.len() == 392, "{}", rsa.public);
    assert_eq!(ed25519.public.len(), 44);
    assert!(!format!("{pair:?}").contains("48, 130"), "the private half is not shown");
    let next = names(&["202611r", "202611e", "202611r2"]);
    assert_eq!((next[0].selector.as_str(), next[1].selector.as_str()), ("202611r3", "202611e2"));
}

#[test]
fn a_record_is_known_however_it_is_written() {
    let public = "AAAA+BBBB/CCCC=";
    let new = |algorithm| NewDkimKey {
        selector: "s".into(),
        algorithm,
        public: public.into(),
        private: store::PrivateKey::new(Vec::new().into()),
    };
    let (rsa, ed25519) = (key_of(&new(DkimAlgorithm::Rsa)), key_of(&new(DkimAlgorithm::Ed25519)));
    for text in [
        rsa.record_text(),
        format!("v=DKIM1;k=rsa;p={public}"),
        format!(" v = DKIM1 ; t=s; p = {public} ;"),
        format!("p={public}"),
        "v=DKIM1; k=rsa; p=AAAA+BBBB/ CCCC=".to_owned(),
    ] {
        assert_eq!(record::judge(&rsa, vec![text.clone()]), Published::Yes, "{text}");
    }
    for text in [
        ed25519.record_text(),
        format!("v=DKIM2; p={public}"),
        "v=DKIM1; k=rsa; p=".to_owned(),
        format!("v=DKIM1; k=rsa; p={public}A"),
        "hello".to_owned(),
    ] {
        assert_eq!(record::judge(&rsa, vec![text.clone()]), Published::Other(text.clone()), "{text}");
    }
    assert_eq!(record::judge(&ed25519, vec!["old".into(), ed25519.record_text()]), Published::Yes, "one of two");
    assert_eq!(record::judge(&rsa, Vec::new()), Published::Missing);
    let wild = format!("\u{1b}[2J{}", "x".repeat(60_000));
    let shown = format!("\u{fffd}[2J{}", "x".repeat(296));
    assert_eq!(record::judge(&rsa, vec![wild]), Published::Other(shown), "it stands on pages and terminals");
}
