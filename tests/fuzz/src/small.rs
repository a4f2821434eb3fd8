//! The small grammars: charsets, addresses, sets of UIDs, rules; the body of DATA; messages of POP3; sealed records.

use std::collections::BTreeSet;

use types::{Address, Domain, Uid, UidSet};

/// The first byte says in what pieces the rest comes.
pub fn smtp_data(bytes: &[u8]) {
    let Some((piece, rest)) = bytes.split_first() else { return };
    smtp::fuzz::data(rest, usize::from(*piece % 16) + 1);
}

/// The first byte says in what pieces the rest is sent.
pub fn pop3_message(bytes: &[u8]) {
    let Some((piece, rest)) = bytes.split_first() else { return };
    pop3::fuzz::message(rest, usize::from(*piece % 16) + 1);
}

/// The first two bytes say which byte of the record is changed.
pub fn sealed(bytes: &[u8]) {
    let Some((at, rest)) = bytes.split_first_chunk::<2>() else { return };
    blobs::fuzz::sealed(rest, usize::from(u16::from_le_bytes(*at)));
}

/// Text in any charset that a mail may name, and encoded words.
pub fn charset(bytes: &[u8]) {
    for label in [None, Some("iso-2022-jp"), Some("shift_jis"), Some("euc-jp"), Some("utf-7"), Some("iso-8859-1")] {
        let _ = message::charset::decode(bytes, label);
    }
    let (label, text) = bytes.split_at(bytes.len().min(12));
    let _ = message::charset::decode(text, Some(&String::from_utf8_lossy(label)));
    let _ = message::decode_words(bytes);
}

/// An address is written as it can be read again.
pub fn address(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(address) = Address::parse(&text) {
        let again = Address::parse(&address.to_string()).expect("what is written can be read");
        assert_eq!(again.key(), address.key());
        assert!(!address.to_string().contains(['\r', '\n', '\0']), "{address:?}");
        if let Some(plain) = address.without_detail() {
            assert_eq!(plain.domain(), address.domain());
        }
    }
    if let Ok(domain) = Domain::parse(&text) {
        assert_eq!(Domain::parse(domain.as_str()).expect("what is written can be read"), domain);
    }
}

/// A set does what a plain set of numbers does.
pub fn uid_set(bytes: &[u8]) {
    let (mut set, mut plain) = (UidSet::new(), BTreeSet::new());
    for step in bytes.chunks_exact(3).take(200) {
        let (low, high) = (u32::from(step[1].min(step[2])) + 1, u32::from(step[1].max(step[2])) + 1);
        match step[0] % 3 {
            0 => {
                set.insert_run(low, high);
                plain.extend(low..=high);
            }
            1 => {
                set.insert(Uid(low));
                plain.insert(low);
            }
            _ => assert_eq!(set.remove(Uid(low)), plain.remove(&low)),
        }
    }
    assert_eq!(set.len(), plain.len());
    assert!(set.iter().map(|uid| uid.0).eq(plain.iter().copied()));
    for (place, uid) in plain.iter().enumerate() {
        let number = u32::try_from(place + 1).expect("few");
        assert_eq!((set.rank(Uid(*uid)), set.nth(number)), (Some(number), Some(Uid(*uid))));
    }
}

/// A file of rules is read or refused with words, and what is shown of it holds.
pub fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match review::RuleSet::parse(&text) {
        Ok(set) => assert!(set.rules().iter().all(|rule| !format!("{rule:?}").is_empty())),
        Err(errors) => assert!(!errors.to_string().is_empty()),
    }
}
