//! The web listeners: webmail, console, content origin, and the redirect from plain HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use admin::Console;
use net::ByteBudget;
use web::auth::SessionKind;
use web::axum::Router;
use web::{MailDoors, Signer, Site, Urls, content_app, redirect_app};
use webmail::{Shelf, Webmail};

use super::config::Config;
use super::records::Names;
use super::rooms::Rooms;

/// The routers of the four listeners.
pub struct Sites {
    pub mail: Router,
    pub admin: Router,
    pub content: Router,
    pub http: Router,
}

impl Sites {
    /// Builds them over the rooms; `urls` are the addresses that people type, `doors` what mail programs connect to.
    pub fn build(
        config: &Config,
        rooms: &Rooms,
        urls: &Urls,
        doors: MailDoors,
        memory: &ByteBudget,
    ) -> anyhow::Result<Self> {
        let site = |kind| {
            Site::new(kind, rooms.auth.clone(), rooms.clock.clone(), urls.clone(), config.web.trusted_proxies.clone())
        };
        let webmail = Arc::new(Webmail {
            store: rooms.store.clone(),
            auth: rooms.auth.clone(),
            outbound: rooms.outbound.clone(),
            delivery: rooms.delivery.clone(),
            clock: rooms.clock.clone(),
            limits: rooms.limits.clone(),
            signer: Signer::new()?,
            memory: memory.clone(),
            urls: urls.clone(),
            shelf: Shelf::default(),
            doors: doors.clone(),
            index: rooms.index.clone(),
        });
        let console = Arc::new(Console {
            store: rooms.store.clone(),
            auth: rooms.auth.clone(),
            outbound: rooms.outbound.clone(),
            clock: rooms.clock.clone(),
            limits: rooms.limits.clone(),
            memory: memory.clone(),
            doors,
            names: Arc::new(Names::new(config)?),
            rehearsals: admin::Rehearsals::default(),
        });
        Ok(Self {
            mail: site(SessionKind::Mail).app(webmail::router(webmail.clone())),
            admin: site(SessionKind::Admin).app(admin::router(console)),
            content: content_app(urls, &config.web.trusted_proxies, webmail::content(webmail)),
            http: redirect_app(&urls.mail),
        })
    }
}

/// The three origins: as configured, else this server's name and the ports that are listened on. The console and the
/// content origin are on ports of their own, so the browser keeps them apart also without further names.
pub fn urls(config: &Config, listening: &[(String, SocketAddr)]) -> Urls {
    let port = |key: &str| listening.iter().find(|(name, _)| name == key).map(|(_, address)| address.port());
    let given = |url: &Option<String>, host: &str, key: &str| url.clone().unwrap_or_else(|| https(host, port(key)));
    let web = &config.web;
    Urls {
        mail: given(&web.mail_url, &config.hostname, "listen.web"),
        admin: given(&web.admin_url, &config.hostname, "listen.admin"),
        content: given(&web.content_url, &config.hostname, "listen.content"),
    }
}

/// What mail programs connect to: this server's name and the ports that are listened on.
pub fn doors(config: &Config, listening: &[(String, SocketAddr)]) -> MailDoors {
    MailDoors::new(config.hostname.clone(), |door| {
        let key = format!("listen.{}", door.name());
        listening.iter().find(|(name, _)| *name == key).map(|(_, address)| address.port())
    })
}

/// Where recipients outside find what stays here, as their mails name it. `None` when this server has no such page, or one on a
/// port that only the system chooses.
pub fn content_url(config: &Config) -> Option<String> {
    let port = config.listen.content.first()?.port();
    let url = match &config.web.content_url {
        Some(url) => url.clone(),
        None if port == 0 => return None,
        None => https(&config.hostname, Some(port)),
    };
    Some(url.trim_end_matches('/').to_owned())
}

/// Where webmail is, as notices name it: also a command beside the server writes some. `None` when this server has
/// no webmail, or one on a port that only the system chooses.
pub fn mail_url(config: &Config) -> Option<String> {
    let port = config.listen.web.first()?.port();
    let url = match &config.web.mail_url {
        Some(url) => url.clone(),
        None if port == 0 => return None,
        None => https(&config.hostname, Some(port)),
    };
    Some(url.trim_end_matches('/').to_owned())
}

fn https(host: &str, port: Option<u16>) -> String {
    match port {
        Some(443) | None => format!("https://{host}"),
        Some(port) => format!("https://{host}:{port}"),
    }
}
