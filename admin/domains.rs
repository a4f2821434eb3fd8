//! ドメイン: what this server receives for. An operator adds and removes; a tenant's administrator sees his own.

use std::sync::Arc;

use serde::Deserialize;
use store::{Change, Directory, Role, StoreError};
use types::{Domain, TenantId};
use web::axum::Router;
use web::axum::extract::{Form, Path, State};
use web::axum::http::StatusCode;
use web::axum::routing::get;
use web::{Answer, Toast, Trouble, Visit, askama, html, html_with, see_with};

use crate::Console;
use crate::frame::{Area, Frame};

web::catalogue! {
    /// Texts of the area ドメイン.
    pub struct DomainWords {
        title: ja "ドメイン", en "Domains";
        name: ja "ドメイン名", en "Domain";
        tenant: ja "テナント", en "Tenant";
        addresses: ja "アドレス", en "Addresses";
        count(n: usize): ja "{n}件のドメイン", en "{n} domains", one "One domain";
        none: ja "ドメインはまだありません。", en "There is no domain yet.";
        add: ja "ドメインを追加", en "Add a domain";
        added(name: &str): ja "{name} を追加しました。", en "{name} has been added.";
        bad_name: ja "ドメイン名の形式が正しくありません(例: example.co.jp)。", en "This is not a domain name (such as example.co.jp).";
        exists: ja "登録済みのドメインです。", en "This domain is there already.";
        remove: ja "削除", en "Remove";
        remove_of(name: &str): ja "{name} を削除", en "Remove {name}";
        remove_title: ja "ドメインの削除", en "Remove a domain";
        remove_question(name: &str): ja "{name} を削除します。このドメイン宛てのメールは届かなくなります。",
            en "{name} will be removed. Mail to it will no longer be received.";
        in_use: ja "このドメインのアドレスが残っているため、削除できません。", en "Addresses still use this domain, so it cannot be removed.";
        removed(name: &str): ja "{name} を削除しました。", en "{name} has been removed.";
    }
}

/// A row of the list.
struct Row {
    name: String,
    tenant: String,
    addresses: u64,
}

#[derive(askama::Template)]
#[template(path = "admin/domains.html")]
struct Domains {
    frame: Frame,
    t: DomainWords,
    rows: Vec<Row>,
    tenants: Vec<(TenantId, String)>,
    may_change: bool,
    given: Given,
    error: Option<&'static str>,
}

#[derive(askama::Template)]
#[template(path = "admin/domain_remove.html")]
struct Remove {
    frame: Frame,
    t: DomainWords,
    name: String,
    error: Option<&'static str>,
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/domains", get(list).post(add)).route("/domains/{name}/remove", get(ask).post(remove))
}

#[derive(Debug, Default, Deserialize)]
struct Given {
    name: String,
    tenant: i64,
}

async fn list(State(console): State<Arc<Console>>, visit: Visit) -> Answer {
    html(&page(&console, visit, Given::default(), None)?)
}

fn page(console: &Console, visit: Visit, given: Given, error: Option<&'static str>) -> Result<Domains, Trouble> {
    let user = console.auth.person(visit.identity())?;
    let may_change = user.roles.has(Role::Operator);
    if !may_change && !user.roles.has(Role::Admin) {
        return Err(Trouble::NotFound);
    }
    let directory = console.store.directory();
    let seen = |tenant: TenantId| may_change || tenant == user.tenant;
    let mut rows: Vec<Row> = directory
        .domains
        .values()
        .filter(|row| seen(row.tenant))
        .map(|row| Row {
            name: row.name.to_string(),
            tenant: title(&directory, row.tenant),
            addresses: used(&directory, &row.name),
        })
        .collect();
    rows.sort_by(|a, b| (&a.tenant, &a.name).cmp(&(&b.tenant, &b.name)));
    let mut tenants: Vec<_> = directory
        .tenants
        .values()
        .filter(|tenant| seen(tenant.id))
        .map(|tenant| (tenant.id, tenant.title.clone()))
        .collect();
    tenants.sort_by(|a, b| a.1.cmp(&b.1));
    let t = DomainWords::new(visit.page.language);
    let frame = frame(console, visit)?;
    Ok(Domains { frame, t, rows, tenants, may_change, given, error })
}

pub(crate) fn frame(console: &Console, visit: Visit) -> Result<Frame, Trouble> {
    let (home, directory) = (crate::desk::home(console, &visit)?, console.store.directory());
    let companies = crate::desk::companies(&*console.auth.person(visit.identity())?, &directory);
    let few_handlers = crate::desk::few_handlers(&directory, &home, visit.page.language);
    Ok(Frame { few_handlers, ..Frame::new(visit.page, Area::Domains, &home, &companies, true) })
}

fn title(directory: &Directory, tenant: TenantId) -> String {
    directory.tenants.get(&tenant).map(|tenant| tenant.title.clone()).unwrap_or_default()
}

fn used(directory: &Directory, domain: &Domain) -> u64 {
    let suffix = format!("@{domain}");
    directory.addresses.keys().filter(|address| address.ends_with(&suffix)).count() as u64
}

async fn add(State(console): State<Arc<Console>>, visit: Visit, Form(given): Form<Given>) -> Answer {
    let access = console.auth.manage_server(visit.identity())?;
    let t = DomainWords::new(visit.page.language);
    let wrong =
        |given, error| html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&console, visit.clone(), given, Some(error))?);
    let Some(domain) =
        Domain::parse(given.name.trim()).ok().filter(|domain| domain.as_str().contains('.') && !domain.is_literal())
    else {
        return wrong(given, t.bad_name());
    };
    let change = Change::AddDomain { domain: domain.clone(), tenant: TenantId(given.tenant) };
    if !console.store.directory().tenants.contains_key(&TenantId(given.tenant)) {
        return Err(Trouble::BadRequest);
    }
    match console.store.change_server(&access, change, visit.now).await {
        Ok(_) => see_with("/domains", &Toast::new(t.added(domain.as_str()))),
        Err(StoreError::Exists(_)) => wrong(given, t.exists()),
        Err(error) => Err(error.into()),
    }
}

/// The domain of a path, when it is there.
pub(crate) fn known(console: &Console, name: &str) -> Result<Domain, Trouble> {
    let domain = Domain::parse(name).map_err(|_| Trouble::NotFound)?;
    console.store.directory().domains.contains_key(&domain).then_some(domain).ok_or(Trouble::NotFound)
}

async fn ask(State(console): State<Arc<Console>>, visit: Visit, Path(name): Path<String>) -> Answer {
    console.auth.manage_server(visit.identity())?;
    let domain = known(&console, &name)?;
    html(&question(&console, visit, &domain, None)?)
}

fn question(console: &Console, visit: Visit, domain: &Domain, error: Option<&'static str>) -> Result<Remove, Trouble> {
    let t = DomainWords::new(visit.page.language);
    Ok(Remove { frame: frame(console, visit)?, t, name: domain.to_string(), error })
}

async fn remove(State(console): State<Arc<Console>>, visit: Visit, Path(name): Path<String>) -> Answer {
    let access = console.auth.manage_server(visit.identity())?;
    let domain = known(&console, &name)?;
    let t = DomainWords::new(visit.page.language);
    match console.store.change_server(&access, Change::RemoveDomain(domain.clone()), visit.now).await {
        Ok(_) => see_with("/domains", &Toast::new(t.removed(domain.as_str()))),
        Err(StoreError::Invalid(_)) => {
            html_with(StatusCode::UNPROCESSABLE_ENTITY, &question(&console, visit, &domain, Some(t.in_use()))?)
        }
        Err(error) => Err(error.into()),
    }
}
