//! A configuration profile for iPhone, iPad and Mac (com.apple.mail.managed). It holds no password: the device asks.

use std::sync::Arc;

use web::axum::extract::State;
use web::axum::http::{HeaderValue, header};
use web::{Answer, MailDoors, Trouble, Visit, askama};

use super::{Way, xml};
use crate::Webmail;

#[derive(askama::Template)]
#[template(path = "webmail/setup/profile.xml")]
struct Profile {
    id: String,
    profile_uuid: String,
    account_uuid: String,
    host: String,
    address: String,
    name: String,
    company: String,
    incoming: Way,
    outgoing: Way,
}

/// Whether a profile can be made: there is a way in and a way out.
pub(super) fn is_possible(doors: &MailDoors) -> bool {
    incoming(doors).is_some() && doors.best("smtp").is_some()
}

fn incoming(doors: &MailDoors) -> Option<Way> {
    doors.best("imap").or_else(|| doors.best("pop3")).map(Way::of)
}

/// The profile of who is signed in.
pub(super) async fn show(State(webmail): State<Arc<Webmail>>, visit: Visit) -> Answer {
    let doors = &webmail.doors;
    let incoming = incoming(doors).ok_or(Trouble::NotFound)?;
    let outgoing = doors.best("smtp").map(Way::of).ok_or(Trouble::NotFound)?;
    let user = webmail.auth.person(visit.identity())?;
    let directory = webmail.store.directory();
    let company = directory.tenants.get(&user.tenant).map(|tenant| tenant.title.clone()).unwrap_or_default();
    let address = user.address.to_string();
    let id = format!("{}.{}", doors.host, address.replace('@', "."));
    let profile = Profile {
        profile_uuid: uuid(&format!("profile {id}")),
        account_uuid: uuid(&format!("account {id}")),
        host: doors.host.clone(),
        name: user.name.clone(),
        company,
        address,
        id,
        incoming,
        outgoing,
    };
    let mut response = xml(&profile, "application/x-apple-aspen-config")?;
    let file = HeaderValue::from_static("attachment; filename=\"sekisho.mobileconfig\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    Ok(response)
}

/// A number for a name, always the same, so that a profile takes the place of the one before: FNV-1a over 128 bits in the
/// form of a UUID of version 8 (RFC 9562 5.8).
fn uuid(name: &str) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = name.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    let (version, variant) = (0xf_u128 << 76, 0b11_u128 << 62);
    let bits = hash & !version & !variant | 8 << 76 | 0b10 << 62;
    let digits = format!("{bits:032X}");
    let part = |from, to| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::askama::Template as _;

    #[test]
    fn a_name_has_one_number_of_the_right_form() {
        let one = uuid("profile a");
        assert_eq!((one.len(), &one[14..15]), (36, "8"));
        assert!("89AB".contains(&one[19..20]), "{one}");
        assert_eq!(one, uuid("profile a"));
        assert_ne!(one, uuid("account a"));
    }

    #[test]
    fn names_are_escaped_in_a_profile() {
        let way = || Way { protocol: "imap", port: 993, tls_first: true };
        let profile = Profile {
            id: "i".into(),
            profile_uuid: uuid("a"),
            account_uuid: uuid("b"),
            host: "mail.example.jp".into(),
            address: "a&b@example.jp".into(),
            name: "山田 <太郎> & \"花子\"".into(),
            company: "</string><key>Evil</key>".into(),
            incoming: way(),
            outgoing: way(),
        };
        let text = profile.render().unwrap();
        assert!(!text.contains("<太郎>") && !text.contains("Evil</key>") && !text.contains("a&b"), "{text}");
        assert!(text.contains("<integer>993</integer>") && text.contains("EmailTypeIMAP"), "{text}");
    }
}
