//! Thunderbird's autoconfig (config-v1.1.xml), under the domain's own name and under `autoconfig.` before it; K-9, KMail and
//! others read it too.

use std::sync::Arc;

use serde::Deserialize;
use web::axum::extract::{Query, State};
use web::axum::http::{HeaderMap, header};
use web::{Answer, Trouble, askama};

use super::{Way, our_domain, ways, xml};
use crate::Webmail;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    emailaddress: String,
}

#[derive(askama::Template)]
#[template(path = "webmail/setup/config.xml")]
struct Config {
    domain: String,
    host: String,
    incoming: Vec<Way>,
    outgoing: Vec<Way>,
}

/// The file for the domain of the address, or for the name under which we were asked.
pub(super) async fn show(
    State(webmail): State<Arc<Webmail>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Answer {
    let directory = webmail.store.directory();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let names = [asked.emailaddress.as_str(), host.strip_prefix("autoconfig.").unwrap_or(host)];
    let domain = names.into_iter().find_map(|name| our_domain(&directory, name)).ok_or(Trouble::NotFound)?;
    let doors = &webmail.doors;
    let config = Config {
        domain: domain.to_string(),
        host: doors.host.clone(),
        incoming: ways(doors, &["imap", "pop3"]),
        outgoing: ways(doors, &["smtp"]),
    };
    xml(&config, "text/xml; charset=utf-8")
}
