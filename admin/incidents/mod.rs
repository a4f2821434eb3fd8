//! 漏えい等事案: the nine items of a report about lines of the ledger, when it is due and where it stands. Those who keep
//! the ledger look, handlers and administrators write. No page of it holds a number.

mod change;
mod draft;
mod told;
mod words;

use std::sync::Arc;

use store::{Incident, IncidentText};
use types::{IncidentId, LedgerId};
use web::axum::Router;
use web::axum::extract::{Path, Query, RawQuery};
use web::axum::routing::{get, post};
use web::{Answer, Trouble, askama, html};

use crate::Console;
use crate::desk::{Desk, Keeper};
use crate::frame::{Area, Frame};
use told::{Clock, Item, Line, Link, Version};
pub(crate) use words::IncidentWords;

/// Rows of a page.
const ROWS: u32 = 50;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/incidents", get(list).post(change::make))
        .route("/t/{tenant}/incidents/new", get(begin))
        .route("/t/{tenant}/incidents/{incident}", get(show).post(change::save))
        .route("/t/{tenant}/incidents/{incident}/state", post(change::go_on))
        .route("/t/{tenant}/incidents/{incident}/lines", post(change::add_line))
        .route("/t/{tenant}/incidents/{incident}/print", get(print))
        .route("/t/{tenant}/incidents/{incident}/versions/{version}", get(version))
}

struct Row {
    id: i64,
    state: (&'static str, &'static str),
    known: String,
    due: Option<(String, (String, &'static str))>,
    outline: String,
    lines: usize,
}

#[derive(askama::Template)]
#[template(path = "admin/incidents/list.html")]
struct List {
    frame: Frame,
    t: IncidentWords,
    rows: Vec<Row>,
    older: Option<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    before: Option<i64>,
}

/// GET /t/{tenant}/incidents
async fn list(Keeper(desk): Keeper, Query(asked): Query<Asked>) -> Answer {
    let t = IncidentWords::new(desk.language());
    let found = desk.console.store.incidents(&desk.reviews()?, asked.before.map(IncidentId), ROWS).await?;
    let last = found.last().filter(|_| found.len() == ROWS as usize);
    let older = last.map(|last| format!("{}?before={}", desk.path("incidents"), last.id));
    let row = |incident: &Incident| Row {
        id: incident.id.0,
        state: t.state_of(incident.state),
        known: desk.style().date_long(incident.text.known),
        due: told::next_due(&desk, t, incident),
        outline: told::items(t, &incident.text).swap_remove(0).text.lines().next().unwrap_or_default().to_owned(),
        lines: incident.lines.len(),
    };
    html(&List { frame: desk.frame(Area::Ledger), t, rows: found.iter().map(row).collect(), older })
}

/// A form of the nine items, of one that is new or of one that is there.
#[derive(askama::Template)]
#[template(path = "admin/incidents/new.html")]
struct New {
    frame: Frame,
    t: IncidentWords,
    ids: Vec<i64>,
    known: (String, String),
    wrongful: bool,
    items: Vec<Item>,
    lines: Vec<Line>,
    links: Vec<Link>,
    error: Option<String>,
}

/// GET /t/{tenant}/incidents/new?line=7&line=9: drafted from these lines; nothing is written yet.
async fn begin(Keeper(desk): Keeper, RawQuery(query): RawQuery) -> Answer {
    desk.write_reviews()?;
    let query = query.unwrap_or_default();
    let lines = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "line");
    let lines: Option<Vec<i64>> = lines.map(|(_, value)| value.parse().ok()).collect();
    let mut lines = lines.ok_or(Trouble::NotFound)?;
    lines.sort_unstable();
    lines.dedup();
    if lines.len() > store::INCIDENT_LINES_MOST {
        return Err(Trouble::BadRequest);
    }
    html(&new_page(&desk, lines, None, None).await?)
}

async fn new_page(
    desk: &Desk,
    ids: Vec<i64>,
    given: Option<IncidentText>,
    error: Option<String>,
) -> Result<New, Trouble> {
    let t = IncidentWords::new(desk.language());
    let lines: Vec<LedgerId> = ids.iter().copied().map(LedgerId).collect();
    let gathered = draft::gather(desk, &lines).await?;
    let text = given.unwrap_or_else(|| gathered.text(desk, t));
    let error = error.or_else(|| ids.is_empty().then(|| t.no_lines().to_owned()));
    Ok(New {
        frame: desk.frame(Area::Ledger),
        t,
        ids,
        known: change::day_and_time(text.known),
        wrongful: text.wrongful,
        items: told::items(t, &text),
        lines: told::lines(desk, &gathered),
        links: told::links(desk, t, &gathered),
        error,
    })
}

#[derive(askama::Template)]
#[template(path = "admin/incidents/case.html")]
struct CasePage {
    frame: Frame,
    t: IncidentWords,
    id: i64,
    version: u32,
    state: (&'static str, &'static str),
    clocks: Vec<Clock>,
    known: (String, String),
    known_told: String,
    wrongful: bool,
    items: Vec<Item>,
    lines: Vec<Line>,
    links: Vec<Link>,
    versions: Vec<Version>,
    /// Where the report may go from here; nothing for those who may not write.
    steps: Vec<(&'static str, &'static str)>,
    from: &'static str,
    writes: bool,
    error: Option<String>,
}

/// GET /t/{tenant}/incidents/{incident}
async fn show(Keeper(desk): Keeper, Path((_, incident)): Path<(String, i64)>) -> Answer {
    html(&case_page(&desk, incident, None, None).await?)
}

async fn case_page(
    desk: &Desk,
    incident: i64,
    given: Option<IncidentText>,
    error: Option<String>,
) -> Result<CasePage, Trouble> {
    let (access, store, t) = (desk.reviews()?, &desk.console.store, IncidentWords::new(desk.language()));
    let incident = store.incident(&access, IncidentId(incident)).await?;
    let versions = store.incident_versions(&access, incident.id).await?;
    let gathered = draft::gather(desk, &incident.lines).await?;
    let writes = desk.write_reviews().is_ok();
    let next = store::IncidentState::ALL.into_iter().filter(|to| writes && incident.state.leads_to(*to));
    let text = given.unwrap_or_else(|| incident.text.clone());
    Ok(CasePage {
        frame: desk.frame(Area::Ledger),
        t,
        id: incident.id.0,
        version: incident.version,
        state: t.state_of(incident.state),
        clocks: told::clocks(desk, t, &incident),
        known: change::day_and_time(text.known),
        known_told: desk.style().date_long(text.known),
        wrongful: text.wrongful,
        items: told::items(t, &text),
        lines: told::lines(desk, &gathered),
        links: told::links(desk, t, &gathered),
        versions: told::versions(desk, t, &incident, &versions),
        steps: next.map(|to| (to.word(), t.mark(to))).collect(),
        from: incident.state.word(),
        writes,
        error,
    })
}

#[derive(askama::Template)]
#[template(path = "admin/incidents/print.html")]
struct Paper {
    frame: Frame,
    t: IncidentWords,
    id: i64,
    company: String,
    at: String,
    version: String,
    state: &'static str,
    known: String,
    clocks: Vec<Clock>,
    items: Vec<Item>,
    lines: Vec<Line>,
    links: Vec<Link>,
}

/// GET /t/{tenant}/incidents/{incident}/print: for paper; recorded.
async fn print(Keeper(desk): Keeper, Path((_, incident)): Path<(String, i64)>) -> Answer {
    html(&paper(&desk, incident, None).await?)
}

/// GET /t/{tenant}/incidents/{incident}/versions/{version}: an earlier version, as on paper; recorded.
async fn version(Keeper(desk): Keeper, Path((_, incident, version)): Path<(String, i64, u32)>) -> Answer {
    html(&paper(&desk, incident, Some(version)).await?)
}

async fn paper(desk: &Desk, incident: i64, version: Option<u32>) -> Result<Paper, Trouble> {
    let (access, store, t) = (desk.reviews()?, &desk.console.store, IncidentWords::new(desk.language()));
    let mut incident = store.incident(&access, IncidentId(incident)).await?;
    if let Some(version) = version {
        let all = store.incident_versions(&access, incident.id).await?;
        let found = all.into_iter().find(|one| one.version == version).ok_or(Trouble::NotFound)?;
        (incident.version, incident.text) = (found.version, found.text);
    }
    let (subject, detail) = (incident.id.to_string(), serde_json::json!({ "version": incident.version }));
    store.note_review_act(&access, "incident.printed", subject, detail.to_string(), desk.visit.now).await?;
    let gathered = draft::gather(desk, &incident.lines).await?;
    Ok(Paper {
        frame: desk.frame(Area::Ledger),
        t,
        id: incident.id.0,
        company: desk.tenant.title.clone(),
        at: desk.style().date_exact(desk.visit.now),
        version: t.version(incident.version),
        state: t.state_of(incident.state).0,
        known: desk.style().date_long(incident.text.known),
        clocks: told::clocks(desk, t, &incident),
        items: told::items(t, &incident.text),
        lines: told::lines(desk, &gathered),
        links: told::links(desk, t, &gathered),
    })
}
