//! Outlook's autodiscover in its plain form (MS-OXDSCLI, "POX"): the address comes in an XML document, the ports go back
//! in one. Only the address is read of it, by its element's name, so there is no XML parser to attack.

use std::sync::Arc;

use web::axum::extract::State;
use web::{Answer, Trouble, askama};

use super::{Way, our_domain, xml};
use crate::Webmail;

/// Longest request, bytes; Outlook's has some 350.
const MOST: usize = 16 * 1024;
/// Longest address (RFC 5321 4.5.3.1.3, and room for what is no address).
const ADDRESS: usize = 320;
const KIND: &str = "text/xml; charset=utf-8";

#[derive(askama::Template)]
#[template(path = "webmail/setup/autodiscover.xml")]
struct Settings {
    address: String,
    host: String,
    ways: Vec<Way>,
}

#[derive(askama::Template)]
#[template(path = "webmail/setup/autodiscover_error.xml")]
struct Refused {
    /// 600: not a request; 500: not our domain (MS-OXDSCLI 2.2.4.1.1.1).
    code: u16,
    message: &'static str,
}

/// A program that only looks whether there is something: it must POST.
pub(super) async fn hint() -> Answer {
    xml(&Refused { code: 600, message: "Invalid request" }, KIND)
}

/// The best way of each protocol for the domain of the address.
pub(super) async fn answer(State(webmail): State<Arc<Webmail>>, body: String) -> Answer {
    if body.len() > MOST {
        return Err(Trouble::TooLarge);
    }
    let Some(address) = address_in(&body) else { return hint().await };
    if our_domain(&webmail.store.directory(), &address).is_none() {
        return xml(&Refused { code: 500, message: "This domain is not served here" }, KIND);
    }
    let doors = &webmail.doors;
    let ways = ["imap", "pop3", "smtp"].iter().filter_map(|protocol| doors.best(protocol)).map(Way::of).collect();
    xml(&Settings { address, host: doors.host.clone(), ways }, KIND)
}

/// What stands in the element EMailAddress, if it may be an address.
fn address_in(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("<EMailAddress>")?;
    let (text, _) = rest.split_once("</EMailAddress>")?;
    let text = text.trim();
    let plain =
        text.len() <= ADDRESS && text.contains('@') && !text.chars().any(|c| c.is_control() || "<>&".contains(c));
    plain.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::askama::Template as _;

    #[test]
    fn an_address_is_found_and_nothing_else_is() {
        let request = |address: &str| {
            format!(
                "<?xml version=\"1.0\"?><Autodiscover><Request><EMailAddress>{address}</EMailAddress></Request></Autodiscover>"
            )
        };
        assert_eq!(address_in(&request(" taro@example.jp ")).as_deref(), Some("taro@example.jp"));
        for wrong in ["", "taro", "a@b&entity;", "a<b>@c", "a\n@b"] {
            assert_eq!(address_in(&request(wrong)), None, "{wrong}");
        }
        assert_eq!(address_in(&request(&format!("{}@b.jp", "a".repeat(400)))), None);
        assert_eq!(address_in("<EMailAddress>a@b.jp"), None);
    }

    #[test]
    fn what_stands_in_the_answer_is_escaped() {
        let address = "\"a\"'>&<x@b.jp".to_owned();
        let answer = Settings { address, host: "mail.<x>".into(), ways: Vec::new() };
        let text = answer.render().unwrap();
        assert!(!text.contains("<x") && !text.contains("&<"), "{text}");
        let way = Way { protocol: "imap", port: 993, tls_first: true };
        let answer = Settings { address: "a&b@c.jp".into(), host: "h&<".into(), ways: vec![way] };
        let text = answer.render().unwrap();
        assert!(!text.contains("h&<") && !text.contains("a&b"), "{text}");
        assert!(text.contains("<Port>993</Port>"), "{text}");
    }
}
