//! Mail addresses in running text, and what makes a postal code an address.

use crate::neighbours::Other;
use crate::{Class, Level, Reason, Secret};

/// Longest part of an address that is looked at, bytes (RFC 5321 4.5.3.1).
const LONGEST: usize = 254;

/// The mail addresses of a text.
pub(super) fn mail_addresses(text: &str) -> Vec<Other> {
    memchr::memchr_iter(b'@', text.as_bytes()).filter_map(|at| mail_address(text, at)).collect()
}

fn mail_address(text: &str, at: usize) -> Option<Other> {
    let bytes = text.as_bytes();
    let local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-'".contains(byte);
    let before = bytes.get(..at)?.iter().rev().take(LONGEST).take_while(|byte| local(byte)).count();
    let domain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let behind = bytes.get(at + 1..)?.iter().take(LONGEST).take_while(|byte| domain(byte)).count();
    let name = text.get(at + 1..at + 1 + behind)?.trim_end_matches(['.', '-']);
    let (_, last) = name.rsplit_once('.')?;
    if before == 0 || last.len() < 2 || !last.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let (start, end) = (at - before, at + 1 + name.len());
    let value = Secret::of_text(&text.get(start..end)?.to_ascii_lowercase());
    Some(Other { class: Class::MailAddress, level: Level::Certain, start, end, value, reason: Reason::Form })
}

/// Whether the text behind a postal code begins as an address does: within a few characters a prefecture, or a city with
/// a ward, a town or a village.
pub(super) fn begins_address(behind: &str) -> Option<bool> {
    let start: String = behind.chars().take(40).collect();
    let prefecture = ["東京都", "北海道", "京都府", "大阪府", "県"].iter().any(|name| start.contains(name));
    let city = ["市", "区", "町", "村", "郡"].iter().any(|name| start.contains(name));
    (city || prefecture).then_some(prefecture)
}
