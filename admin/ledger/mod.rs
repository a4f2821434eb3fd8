//! 特定個人情報の台帳: mail that likely holds My Numbers, what became of it and where it lies; for handlers, auditors and
//! administrators. As pages, as CSV, and on paper. No page of it holds a number or anything of what a mail says.

mod certificate;
mod disposal;
mod documents;
mod export;
mod kinds;
mod paper;
mod told;
mod words;

use std::sync::Arc;

use serde::Deserialize;
use store::{LedgerFilter, LedgerKind, LedgerState};
use types::LedgerId;
use web::axum::Router;
use web::axum::extract::{Path, Query};
use web::axum::routing::get;
use web::{Answer, Trouble, askama, html};

use crate::Console;
use crate::desk::{Desk, Keeper};
use crate::form::query;
use crate::frame::{Area, Frame};
use crate::incidents::IncidentWords;
use disposal::Offer;
use documents::{Choosing, DocumentWords};
use told::{Lying, Step, Told, told};
pub(crate) use words::LedgerWords;

/// The word in addresses for what is older than the company's years, and whatever else is due.
const DUE: &str = "due";
/// The word for what is due, also where the company has no such years.
const EXPIRED: &str = "expired";
/// The word for the order by the ends of periods.
const BY_DUE: &str = "due";

/// Rows of a page.
const ROWS: u32 = 50;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/ledger", get(list))
        .route("/t/{tenant}/ledger.csv", get(export::export))
        .route("/t/{tenant}/ledger/print", get(paper::list))
        .route("/t/{tenant}/ledger/{line}", get(show))
        .route("/t/{tenant}/ledger/{line}/print", get(paper::line))
        .merge(documents::routes())
        .merge(kinds::routes())
        .merge(disposal::routes())
        .merge(certificate::routes())
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    since: String,
    until: String,
    person: String,
    kind: String,
    state: String,
    /// Of the kind of this name.
    documents: String,
    order: String,
    /// Lines before this one.
    before: String,
}

impl Asked {
    /// `state=due` means what is kept for longer than the company wants, as a company that has a rule about years asks for it.
    fn filter(&self, desk: &Desk) -> Result<LedgerFilter, Trouble> {
        let policies = &desk.tenant.policies;
        if self.state == DUE && policies.ledger_years.is_none() {
            return Err(Trouble::NotFound);
        }
        let due = [DUE, EXPIRED].contains(&self.state.as_str());
        Ok(LedgerFilter {
            since: web::day_start(&self.since),
            until: web::day_end(&self.until),
            person: self.person.clone(),
            kind: LedgerKind::parse(&self.kind),
            state: LedgerState::parse(&self.state),
            resting: due,
            documents: Some(self.documents.clone()).filter(|name| !name.is_empty()),
            due: due.then(|| outbound::due_now(policies, desk.visit.now, false)),
            by_due: self.order == BY_DUE,
        })
    }
    fn before(&self) -> Result<Option<LedgerId>, Trouble> {
        match self.before.as_str() {
            "" => Ok(None),
            text => Ok(Some(LedgerId(text.parse().map_err(|_| Trouble::NotFound)?))),
        }
    }
    fn query(&self, before: &str) -> String {
        query(&[
            ("since", &self.since),
            ("until", &self.until),
            ("person", &self.person),
            ("kind", &self.kind),
            ("state", &self.state),
            ("documents", &self.documents),
            ("order", &self.order),
            ("before", before),
        ])
    }
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/list.html")]
struct List {
    frame: Frame,
    t: LedgerWords,
    /// Of incidents, which are made from lines.
    words: IncidentWords,
    /// Whether the visitor may make one.
    writes: bool,
    asked: Asked,
    kinds: Vec<(&'static str, &'static str)>,
    documents: DocumentWords,
    states: Vec<(&'static str, &'static str)>,
    /// The names of the kinds of documents.
    names: Vec<String>,
    rows: Vec<Told>,
    older: Option<String>,
    export: String,
    print: String,
    /// What is proposed for disposal, in words, and where that is.
    due: Option<(String, String)>,
    /// That what is older, or has a kind, goes by itself.
    goes: Vec<String>,
}

/// GET /t/{tenant}/ledger
async fn list(Keeper(desk): Keeper, Query(asked): Query<Asked>) -> Answer {
    let t = LedgerWords::new(desk.language());
    let found = desk.console.store.ledger_page(&desk.reviews()?, &asked.filter(&desk)?, asked.before()?, ROWS).await?;
    let last = found.last().filter(|_| found.len() == ROWS as usize);
    let rules = desk.rule_names();
    html(&List {
        frame: desk.frame(Area::Ledger),
        t,
        words: IncidentWords::new(desk.language()),
        writes: desk.write_reviews().is_ok(),
        kinds: LedgerKind::ALL.iter().map(|kind| (kind.word(), t.kind_of(*kind))).collect(),
        rows: found.iter().map(|line| told(&desk, t, &rules, line)).collect(),
        goes: goes(&desk, t),
        documents: DocumentWords::new(desk.language()),
        states: states(t),
        names: names(&desk, &asked),
        due: desk
            .tenant
            .policies
            .ledger_years
            .map(|years| (t.due(years), format!("{}?state={DUE}", desk.path("ledger")))),
        older: last.map(|line| format!("{}?{}", desk.path("ledger"), asked.query(&line.id.to_string()))),
        export: format!("{}?{}", desk.path("ledger.csv"), asked.query("")),
        print: format!("{}?{}", desk.path("ledger/print"), asked.query("")),
        asked,
    })
}

fn states(t: LedgerWords) -> Vec<(&'static str, &'static str)> {
    let states = LedgerState::ALL.iter().map(|state| (state.word(), t.state_of(*state).0));
    states.chain([(EXPIRED, t.expired())]).collect()
}

/// The kinds of the company, and the one that is asked for where it has that no more.
fn names(desk: &Desk, asked: &Asked) -> Vec<String> {
    let mut names: Vec<String> = desk.tenant.policies.document_kinds.iter().map(|kind| kind.name.clone()).collect();
    if !asked.documents.is_empty() && !names.contains(&asked.documents) {
        names.push(inspect::mask_every_number(&asked.documents));
    }
    names
}

fn goes(desk: &Desk, t: LedgerWords) -> Vec<String> {
    let policies = &desk.tenant.policies;
    if !policies.ledger_dispose {
        return Vec::new();
    }
    let years = policies.ledger_years.map(|years| t.goes(years));
    years.into_iter().chain([t.goes_kinds().to_owned()]).collect()
}

/// Writes down that these lines went out.
async fn note(desk: &Desk, event: &'static str, asked: &Asked, rows: Option<usize>) -> Result<(), Trouble> {
    let detail = serde_json::json!({ "rows": rows, "filter": inspect::mask_numbers(&asked.query("")) });
    let (access, now) = (desk.reviews()?, desk.visit.now);
    Ok(desk.console.store.note_review_act(&access, event, String::new(), detail.to_string(), now).await?)
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/line.html")]
struct LinePage {
    frame: Frame,
    t: LedgerWords,
    words: IncidentWords,
    writes: bool,
    incidents: Vec<types::IncidentId>,
    /// What is missing of its recipients who are 委託先.
    warnings: Vec<String>,
    line: Told,
    places: Vec<Lying>,
    steps: Vec<Step>,
    choosing: Choosing,
    disposal: Offer,
}

/// GET /t/{tenant}/ledger/{line}
async fn show(Keeper(desk): Keeper, Path((_, line)): Path<(String, i64)>) -> Answer {
    html(&line_page(&desk, LedgerId(line), None).await?)
}

/// A line; `error` is what was wrong with a step towards its disposal.
async fn line_page(desk: &Desk, line: LedgerId, error: Option<&'static str>) -> Result<LinePage, Trouble> {
    let (access, t) = (desk.reviews()?, LedgerWords::new(desk.language()));
    let (line, entries) = desk.console.store.ledger_line(&access, line).await?;
    let places = desk.console.store.ledger_places(&access, line.id).await?;
    Ok(LinePage {
        choosing: documents::choosing(desk, &line),
        disposal: disposal::offer(desk, &line, &entries, &places, error),
        frame: desk.frame(Area::Ledger),
        t,
        words: IncidentWords::new(desk.language()),
        writes: desk.write_reviews().is_ok(),
        incidents: desk.console.store.incidents_of_line(&access, line.id).await?,
        warnings: crate::partners::warnings(desk, &line.to).await?,
        line: told(desk, t, &desk.rule_names(), &line),
        places: told::places(desk, t, &places),
        steps: entries.iter().map(|entry| told::step(desk, t, entry)).collect(),
    })
}
