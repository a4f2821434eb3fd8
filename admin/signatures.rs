//! DKIM on a domain's page: its keys, the records that belong into the DNS and what stands there.

use std::sync::Arc;

use outbound::{Published, TextRecords, record_needed_until};
use serde::Deserialize;
use store::{Change, DkimAlgorithm, DkimKey, DkimState};
use types::Domain;
use web::axum::Router;
use web::axum::extract::{Form, Path, State};
use web::axum::routing::post;
use web::{Answer, Style, Toast, Trouble, Visit, html, see_with};

use crate::Console;
use crate::domain_records::{page, seen};

web::catalogue! {
    /// Texts of the part DKIM.
    pub struct SignatureWords {
        title: ja "送信ドメイン認証(DKIM)", en "Signatures on what leaves (DKIM)";
        about: ja "このドメインから送るメールに署名を付けます。受信側は、DNSに登録された鍵で、差出人のドメインが本物で、途中で書き換えられていないことを確かめます。",
            en "Mail from this domain is signed as it leaves. With the key in the DNS, whoever receives it can see that its domain is genuine and that nothing was changed on the way.";
        none: ja "鍵がないため、このドメインのメールには署名が付いていません。", en "There is no key, so mail from this domain is not signed.";
        make: ja "鍵を作る", en "Make keys";
        renew: ja "新しい鍵に替える", en "Change to new keys";
        renew_hint: ja "新しい鍵のレコードがDNSに現れるまでは、今の鍵で署名を続けます。", en "The keys of now go on signing until the records of the new ones stand in the DNS.";
        made: ja "鍵を作りました。次のレコードをDNSに登録してください。", en "The keys are made. Please add their records to the DNS.";
        exists: ja "DNSへの登録を待っている鍵があります。", en "There are keys that wait for their records.";
        too_many: ja "鍵が多すぎます。使い終わった鍵を削除してください。", en "There are too many keys. Please remove old ones.";
        waiting_hint: ja "DNSに登録されると、10分以内に自動で署名を始めます。", en "Within ten minutes of their records being in the DNS, these keys begin to sign.";
        check: ja "DNSを確かめる", en "Look in the DNS";
        selector(name: &str): ja "セレクター {name}", en "Selector {name}";
        rsa: ja "RSA 2048ビット", en "RSA, 2,048 bits";
        ed25519: ja "Ed25519", en "Ed25519";
        state: ja "状態", en "State";
        waiting: ja "DNSへの登録待ち", en "Waits for its record";
        signing: ja "署名中", en "Signs";
        retired(until: &str): ja "使用終了(レコードは{until}まで残してください)", en "No longer used (keep its record until {until})";
        in_dns: ja "DNS", en "DNS";
        published: ja "登録されています", en "Its record is there";
        missing: ja "レコードが見つかりません", en "No record is there";
        other(text: &str): ja "別の値が登録されています: {text}", en "Something else is there: {text}";
        unknown(why: &str): ja "DNSに問い合わせできません: {why}", en "The DNS did not answer: {why}";
        name: ja "名前(TXTレコード)", en "Name (TXT record)";
        value: ja "値", en "Value";
        start: ja "DNSを確かめずに署名を始める", en "Sign without looking in the DNS";
        started(name: &str): ja "{name} で署名を始めました。", en "{name} signs from now.";
        remove: ja "鍵を削除", en "Remove this key";
        removed(name: &str): ja "{name} を削除しました。", en "{name} has been removed.";
    }
}

/// A key as the page shows it.
pub(crate) struct Row {
    pub selector: String,
    pub algorithm: &'static str,
    pub state: String,
    /// What the DNS said, when it was asked.
    pub found: Option<String>,
    pub name: String,
    pub value: String,
    pub waiting: bool,
    pub signing: bool,
}

/// The part of the page.
pub(crate) struct Signatures {
    pub t: SignatureWords,
    pub rows: Vec<Row>,
    pub waiting: bool,
    pub error: Option<&'static str>,
}

impl Signatures {
    /// Of these keys, with what the DNS said of each as far as it was asked.
    pub fn new(t: SignatureWords, style: Style, keys: Vec<(DkimKey, Option<Published>)>) -> Self {
        let rows: Vec<Row> = keys.into_iter().map(|(key, found)| row(t, style, &key, found)).collect();
        Self { t, waiting: rows.iter().any(|row| row.waiting), rows, error: None }
    }
}

fn row(t: SignatureWords, style: Style, key: &DkimKey, found: Option<Published>) -> Row {
    let algorithm = match key.algorithm {
        DkimAlgorithm::Rsa => t.rsa(),
        DkimAlgorithm::Ed25519 => t.ed25519(),
    };
    let state = match key.state {
        DkimState::Waiting => t.waiting().to_owned(),
        DkimState::Signing => t.signing().to_owned(),
        DkimState::Retired => t.retired(&style.day_long(record_needed_until(key))),
    };
    let found = found.map(|published| match published {
        Published::Yes => t.published().to_owned(),
        Published::Missing => t.missing().to_owned(),
        Published::Other(text) => t.other(&text),
        Published::Unknown(why) => t.unknown(&why),
    });
    Row {
        selector: key.selector.clone(),
        algorithm,
        state,
        found,
        name: key.record_name(),
        value: key.record_text(),
        waiting: key.state == DkimState::Waiting,
        signing: key.state == DkimState::Signing,
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/domains/{name}/dkim/make", post(make))
        .route("/domains/{name}/dkim/check", post(check))
        .route("/domains/{name}/dkim/start", post(start))
        .route("/domains/{name}/dkim/remove", post(remove))
}

#[derive(Debug, Deserialize)]
struct Which {
    selector: String,
}

/// Makes a change as somebody who administers the company whose domain it is.
async fn change(console: &Console, visit: &Visit, domain: &Domain, change: Change) -> Result<(), Trouble> {
    let tenant = console.store.directory().tenant_of(domain).ok_or(Trouble::NotFound)?;
    let access = console.auth.manage_tenant_of(visit.identity(), tenant)?;
    console.store.change(&access, change, visit.now).await?;
    Ok(())
}

async fn make(State(console): State<Arc<Console>>, visit: Visit, Path(name): Path<String>) -> Answer {
    let domain = seen(&console, &visit, &name)?;
    let t = SignatureWords::new(visit.page.language);
    let waits = |key: &DkimKey| key.state == DkimState::Waiting;
    let keys = console.outbound.dkim_keys(&domain);
    let error = if keys.iter().any(waits) {
        Some(t.exists())
    } else if keys.len() + 2 > store::DKIM_KEYS_MOST {
        Some(t.too_many())
    } else {
        None
    };
    if error.is_some() {
        let mut part = Signatures::new(t, visit.page.style, keys.into_iter().map(|key| (key, None)).collect());
        part.error = error;
        return web::html_with(
            web::axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            &page(&console, visit, &domain, part)?,
        );
    }
    let made = console.outbound.new_dkim_keys(&domain).await?;
    change(&console, &visit, &domain, made).await?;
    see_with(&path(&domain), &Toast::new(t.made()))
}

async fn check(State(console): State<Arc<Console>>, visit: Visit, Path(name): Path<String>) -> Answer {
    let domain = seen(&console, &visit, &name)?;
    let tenant = console.store.directory().tenant_of(&domain).ok_or(Trouble::NotFound)?;
    console.auth.manage_tenant_of(visit.identity(), tenant)?;
    let by = console.auth.person(visit.identity())?.id;
    let found = console.outbound.follow_records(&*console.names, &domain, Some(by)).await?;
    // what begins to sign by this look is shown as it is by now
    let published = |key: &DkimKey| found.iter().find(|(of, _)| of.mark == key.mark).map(|(_, found)| found.clone());
    let keys = console.outbound.dkim_keys(&domain).into_iter();
    let keys = keys.map(|key| (published(&key), key)).map(|(found, key)| (key, found)).collect();
    let part = Signatures::new(SignatureWords::new(visit.page.language), visit.page.style, keys);
    html(&page(&console, visit, &domain, part)?)
}

async fn start(
    State(console): State<Arc<Console>>,
    visit: Visit,
    Path(name): Path<String>,
    Form(which): Form<Which>,
) -> Answer {
    let domain = seen(&console, &visit, &name)?;
    let waits = |key: &DkimKey| key.selector == which.selector && key.state == DkimState::Waiting;
    if !console.outbound.dkim_keys(&domain).iter().any(waits) {
        return Err(Trouble::NotFound);
    }
    let selectors = vec![which.selector.clone()];
    change(&console, &visit, &domain, Change::StartDkimKeys { domain: domain.clone(), selectors }).await?;
    let t = SignatureWords::new(visit.page.language);
    see_with(&path(&domain), &Toast::new(t.started(&which.selector)))
}

async fn remove(
    State(console): State<Arc<Console>>,
    visit: Visit,
    Path(name): Path<String>,
    Form(which): Form<Which>,
) -> Answer {
    let domain = seen(&console, &visit, &name)?;
    let selector = which.selector.clone();
    change(&console, &visit, &domain, Change::RemoveDkimKey { domain: domain.clone(), selector }).await?;
    let t = SignatureWords::new(visit.page.language);
    see_with(&path(&domain), &Toast::new(t.removed(&which.selector)))
}

fn path(domain: &Domain) -> String {
    format!("/domains/{domain}")
}

/// The DNS, as the console asks it.
pub type TextNames = Arc<dyn TextRecords>;
