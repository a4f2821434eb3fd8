//! The ledger on paper: the lines that were asked for, or one of them, each with what was done with its mail. What is shown is
//! written down in the audit log.

use store::{LEDGER_MOST, LedgerAct, LedgerLine};
use types::LedgerId;
use web::axum::extract::{Path, Query};
use web::{Answer, Trouble, askama, html};

use super::documents::DocumentWords;
use super::told::{Lying, Step, Told, told};
use super::{Asked, LedgerWords, note};
use crate::desk::{Desk, Keeper};
use crate::frame::{Area, Frame};

/// Most lines of a paper, which says so.
const MOST: usize = 5_000;

/// A line with what was done since it was entered, of which the line itself tells.
struct Row {
    line: Told,
    steps: Vec<Step>,
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/print.html")]
struct List {
    frame: Frame,
    t: LedgerWords,
    documents: DocumentWords,
    company: String,
    at: String,
    rows: Vec<Row>,
    cut_off: Option<String>,
}

/// GET /t/{tenant}/ledger/print: the filtered lines, newest first.
pub(super) async fn list(Keeper(desk): Keeper, Query(asked): Query<Asked>) -> Answer {
    let t = LedgerWords::new(desk.language());
    let lines = newest(&desk, &asked).await?;
    note(&desk, "ledger.printed", &asked, Some(lines.len())).await?;
    let (access, rules) = (desk.reviews()?, desk.rule_names());
    let mut rows = Vec::with_capacity(lines.len());
    for line in &lines {
        let (_, entries) = desk.console.store.ledger_line(&access, line.id).await?;
        let since = entries.iter().filter(|entry| entry.act != LedgerAct::Entered);
        let steps = since.map(|entry| super::told::step(&desk, t, entry)).collect();
        rows.push(Row { line: told(&desk, t, &rules, line), steps });
    }
    html(&List {
        frame: desk.frame(Area::Ledger),
        t,
        documents: DocumentWords::new(desk.language()),
        company: desk.tenant.title.clone(),
        at: desk.style().date_exact(desk.visit.now),
        cut_off: (rows.len() == MOST).then(|| t.most(MOST)),
        rows,
    })
}

async fn newest(desk: &Desk, asked: &Asked) -> Result<Vec<LedgerLine>, Trouble> {
    let (access, filter) = (desk.reviews()?, asked.filter(desk)?);
    let (mut all, mut before) = (Vec::new(), None);
    while all.len() < MOST {
        let page = desk.console.store.ledger_page(&access, &filter, before, LEDGER_MOST).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        all.extend(page);
    }
    all.truncate(MOST);
    Ok(all)
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/print_line.html")]
struct Line {
    frame: Frame,
    t: LedgerWords,
    documents: DocumentWords,
    company: String,
    at: String,
    line: Told,
    places: Vec<Lying>,
    steps: Vec<Step>,
}

/// GET /t/{tenant}/ledger/{line}/print: what the page of a line says.
pub(super) async fn line(Keeper(desk): Keeper, Path((_, line)): Path<(String, i64)>) -> Answer {
    let (access, t) = (desk.reviews()?, LedgerWords::new(desk.language()));
    let (line, entries) = desk.console.store.ledger_line(&access, LedgerId(line)).await?;
    let places = desk.console.store.ledger_places(&access, line.id).await?;
    let (event, subject) = ("ledger.printed", line.reference.to_string());
    desk.console.store.note_review_act(&access, event, subject, "{}".to_owned(), desk.visit.now).await?;
    html(&Line {
        frame: desk.frame(Area::Ledger),
        t,
        documents: DocumentWords::new(desk.language()),
        company: desk.tenant.title.clone(),
        at: desk.style().date_exact(desk.visit.now),
        line: told(&desk, t, &desk.rule_names(), &line),
        places: super::told::places(&desk, t, &places),
        steps: entries.iter().map(|entry| super::told::step(&desk, t, entry)).collect(),
    })
}
