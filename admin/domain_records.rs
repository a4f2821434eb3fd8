//! A domain's page: the DNS records by which mail programs find this server (RFC 6186, 8314; autoconfig, autodiscover), and
//! those of the keys that sign its mail.

use std::sync::Arc;

use store::Role;
use types::Domain;
use web::axum::Router;
use web::axum::extract::{Path, State};
use web::axum::routing::get;
use web::{Answer, Trouble, Visit, askama, html};

use crate::Console;
use crate::domains::{frame, known};
use crate::frame::Frame;
use crate::signatures::{SignatureWords, Signatures};

web::catalogue! {
    /// Texts of a domain's page.
    pub struct RecordWords {
        title(name: &str): ja "ドメイン {name}", en "Domain {name}";
        finding: ja "メールソフトの自動設定", en "How mail programs find this server";
        hint: ja "次のレコードをDNSに登録すると、メールソフトはメールアドレスだけで設定されます。", en "With these records in the DNS, mail programs set themselves up from an address alone.";
        closed: ja "「.」は、その入口を使わないことを示します。", en "A target of \".\" says that a service is not offered.";
        back: ja "ドメインの一覧へ", en "To the list of domains";
    }
}

#[derive(askama::Template)]
#[template(path = "admin/domain_records.html")]
pub(crate) struct Records {
    frame: Frame,
    t: RecordWords,
    name: String,
    records: Vec<String>,
    dkim: Signatures,
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/domains/{name}", get(show))
}

/// The domain of a path, for operators and the administrators of its company.
pub(crate) fn seen(console: &Console, visit: &Visit, name: &str) -> Result<Domain, Trouble> {
    let domain = known(console, name)?;
    let user = console.auth.person(visit.identity())?;
    let tenant = console.store.directory().tenant_of(&domain);
    let seen = user.roles.has(Role::Operator) || (user.roles.has(Role::Admin) && tenant == Some(user.tenant));
    seen.then_some(domain).ok_or(Trouble::NotFound)
}

async fn show(State(console): State<Arc<Console>>, visit: Visit, Path(name): Path<String>) -> Answer {
    let domain = seen(&console, &visit, &name)?;
    let keys = console.outbound.dkim_keys(&domain).into_iter().map(|key| (key, None)).collect();
    let dkim = Signatures::new(SignatureWords::new(visit.page.language), visit.page.style, keys);
    html(&page(&console, visit, &domain, dkim)?)
}

pub(crate) fn page(console: &Console, visit: Visit, domain: &Domain, dkim: Signatures) -> Result<Records, Trouble> {
    let doors = &console.doors;
    // as zones have it
    let zone = domain.to_ascii();
    let mut records = doors.records(&zone);
    records.push(format!("_autodiscover._tcp.{zone}. IN SRV 0 1 443 {}.", doors.host));
    records.push(format!("autoconfig.{zone}. IN CNAME {}.", doors.host));
    records.push(format!("autodiscover.{zone}. IN CNAME {}.", doors.host));
    let t = RecordWords::new(visit.page.language);
    Ok(Records { frame: frame(console, visit)?, t, name: domain.to_string(), records, dkim })
}
