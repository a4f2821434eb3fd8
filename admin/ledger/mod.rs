//! 特定個人情報の台帳: mail that likely holds My Numbers, what became of it and where it lies; for handlers, auditors and
//! administrators. As pages, as CSV, and on paper. No page of it holds a number or anything of what a mail says.

mod certificate;
mod disposal;
mod told;
mod words;

use std::sync::Arc;

use serde::Deserialize;
use store::{LEDGER_MOST, LedgerFilter, LedgerKind, LedgerLine, LedgerState};
use types::{LedgerId, Timestamp};
use web::axum::Router;
use web::axum::extract::{Path, Query};
use web::axum::routing::get;
use web::futures_util::stream::{self, StreamExt as _};
use web::{Answer, Trouble, askama, html};

use crate::Console;
use crate::csv;
use crate::desk::{Desk, Keeper};
use crate::form::query;
use crate::frame::{Area, Frame};
use crate::incidents::IncidentWords;
use disposal::Offer;
use told::{Lying, Step, Told, told};
pub(crate) use words::LedgerWords;

/// The word in addresses for what is proposed for disposal.
const DUE: &str = "due";

/// What came or was sent before is proposed for disposal; `None`: the company has no such rule.
fn due_before(desk: &Desk) -> Option<Timestamp> {
    outbound::years_before(desk.visit.now, desk.tenant.policies.ledger_years?)
}

/// Rows of a page.
const ROWS: u32 = 50;
/// Most rows on paper, which says so.
const ON_PAPER: usize = 5_000;
/// Lines of an export that are read at once.
const EXPORT_PAGE: u32 = 100;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/ledger", get(list))
        .route("/t/{tenant}/ledger.csv", get(export))
        .route("/t/{tenant}/ledger/print", get(print))
        .route("/t/{tenant}/ledger/{line}", get(show))
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
    /// Lines before this one.
    before: String,
}

impl Asked {
    /// `state=due` means what is kept for longer than the company wants.
    fn filter(&self, desk: &Desk) -> Result<LedgerFilter, Trouble> {
        let filter = LedgerFilter {
            since: web::day_start(&self.since),
            until: web::day_end(&self.until),
            person: self.person.clone(),
            kind: LedgerKind::parse(&self.kind),
            state: LedgerState::parse(&self.state),
            resting: false,
        };
        if self.state != DUE {
            return Ok(filter);
        }
        let due = due_before(desk).ok_or(Trouble::NotFound)?;
        let until = filter.until.map_or(due, |until| until.min(due));
        Ok(LedgerFilter { until: Some(until), resting: true, ..filter })
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
    rows: Vec<Told>,
    older: Option<String>,
    export: String,
    print: String,
    /// What is proposed for disposal, in words, and where that is.
    due: Option<(String, String)>,
    /// That what is older goes by itself.
    goes: Option<String>,
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
        goes: desk
            .tenant
            .policies
            .ledger_years
            .filter(|_| desk.tenant.policies.ledger_dispose)
            .map(|years| t.goes(years)),
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

/// The lines that paper shows, newest first.
async fn all(desk: &Desk, asked: &Asked) -> Result<Vec<LedgerLine>, Trouble> {
    let (access, filter) = (desk.reviews()?, asked.filter(desk)?);
    let (mut all, mut before) = (Vec::new(), None);
    while all.len() < ON_PAPER {
        let page = desk.console.store.ledger_page(&access, &filter, before, LEDGER_MOST).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        all.extend(page);
    }
    all.truncate(ON_PAPER);
    Ok(all)
}

/// GET /t/{tenant}/ledger.csv: all filtered lines with their history, page by page, and behind them how many they were;
/// recorded before the first goes out.
async fn export(Keeper(desk): Keeper, Query(asked): Query<Asked>) -> Answer {
    let filter = asked.filter(&desk)?;
    note(&desk, "ledger.exported", &asked, None).await?;
    let t = LedgerWords::new(desk.language());
    let head = stream::once(async move { Ok(csv::line(&heads(t))) });
    let begin = Some((None, 0));
    let pieces = stream::try_unfold(begin, move |at: Option<(Option<LedgerId>, usize)>| {
        let (desk, filter) = (desk.clone(), filter.clone());
        async move {
            let Some((before, written)) = at else { return Ok(None) };
            // judged anew for each page: who has lost the right meanwhile gets no more
            let lines = desk.console.store.ledger_page(&desk.reviews()?, &filter, before, EXPORT_PAGE).await?;
            let Some(last) = lines.last().map(|line| line.id) else {
                return Ok(Some((csv::line(&[&t.in_all(written)]), None)));
            };
            let text = in_csv(&desk, t, &lines).await?;
            Ok::<_, Trouble>(Some((text, Some((Some(last), written + lines.len())))))
        }
    });
    Ok(csv::stream("ledger.csv", head.chain(pieces)))
}

fn heads(t: LedgerWords) -> [&'static str; 13] {
    [
        t.number(),
        t.when(),
        t.kind(),
        t.reference(),
        t.from(),
        t.to(),
        t.subject(),
        t.certain(),
        t.likely(),
        t.rules(),
        t.outcome(),
        t.state(),
        t.history(),
    ]
}

async fn in_csv(desk: &Desk, t: LedgerWords, lines: &[LedgerLine]) -> Result<String, Trouble> {
    let (access, rules) = (desk.reviews()?, desk.rule_names());
    let mut text = String::new();
    for line in lines {
        let (_, entries) = desk.console.store.ledger_line(&access, line.id).await?;
        let one = told(desk, t, &rules, line);
        let (number, history) = (one.id.to_string(), told::history(desk, t, &entries));
        let (certain, likely) = (line.certain.to_string(), line.likely.to_string());
        text += &csv::line(&[
            &number,
            &one.at,
            one.kind,
            &one.reference,
            &one.from,
            &one.to,
            &one.subject,
            &certain,
            &likely,
            &one.rules,
            &one.outcome,
            one.state.0,
            &history,
        ]);
    }
    Ok(text)
}

async fn note(desk: &Desk, event: &'static str, asked: &Asked, rows: Option<usize>) -> Result<(), Trouble> {
    let detail = serde_json::json!({ "rows": rows, "filter": inspect::mask_numbers(&asked.query("")) });
    let (access, now) = (desk.reviews()?, desk.visit.now);
    Ok(desk.console.store.note_review_act(&access, event, String::new(), detail.to_string(), now).await?)
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/print.html")]
struct Paper {
    frame: Frame,
    t: LedgerWords,
    company: String,
    at: String,
    rows: Vec<Told>,
    cut_off: Option<String>,
}

/// GET /t/{tenant}/ledger/print: the filtered lines for paper; recorded.
async fn print(Keeper(desk): Keeper, Query(asked): Query<Asked>) -> Answer {
    let t = LedgerWords::new(desk.language());
    let (lines, rules) = (all(&desk, &asked).await?, desk.rule_names());
    note(&desk, "ledger.printed", &asked, Some(lines.len())).await?;
    html(&Paper {
        frame: desk.frame(Area::Ledger),
        t,
        company: desk.tenant.title.clone(),
        at: desk.style().date_exact(desk.visit.now),
        rows: lines.iter().map(|line| told(&desk, t, &rules, line)).collect(),
        cut_off: (lines.len() == ON_PAPER).then(|| t.most(ON_PAPER)),
    })
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/line.html")]
struct LinePage {
    frame: Frame,
    t: LedgerWords,
    words: IncidentWords,
    writes: bool,
    incidents: Vec<types::IncidentId>,
    line: Told,
    places: Vec<Lying>,
    steps: Vec<Step>,
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
        disposal: disposal::offer(desk, &line, &entries, &places, error),
        frame: desk.frame(Area::Ledger),
        t,
        words: IncidentWords::new(desk.language()),
        writes: desk.write_reviews().is_ok(),
        incidents: desk.console.store.incidents_of_line(&access, line.id).await?,
        line: told(desk, t, &desk.rule_names(), &line),
        places: told::places(desk, t, &places),
        steps: entries.iter().map(|entry| told::step(desk, t, entry)).collect(),
    })
}
