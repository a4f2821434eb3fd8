//! 監査ログ: who did what when, newest first, filtered; as a page and as CSV. It is read here, never changed.

mod detail;
mod words;

use std::sync::Arc;

use outbound::RuleNames;
use serde::Deserialize;
use store::{AUDIT_MOST, AuditFilter, AuditKey, AuditPage, AuditRow, AuditSource};
use types::{Address, GroupId, TenantId, Timestamp, UserId};
use web::axum::Router;
use web::axum::extract::Query;
use web::axum::routing::get;
use web::{Answer, Trouble, askama, html};

use crate::Console;
use crate::csv;
use crate::desk::Desk;
use crate::form::query;
use crate::frame::{Area, Frame};
pub(crate) use words::{AuditWords, EventWords};

/// Rows of a page.
const ROWS: u32 = 100;
/// Most rows of an export.
const EXPORTED: usize = 20_000;
/// Most pages that are looked at for one answer: a filter that matches little looks at many rows.
const PAGES: usize = 200;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/audit", get(show)).route("/t/{tenant}/audit.csv", get(export))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    range: String,
    who: String,
    event: String,
    subject: String,
    since: String,
    until: String,
    /// `1795478400000.m.17`: rows before this one.
    before: String,
}

impl Asked {
    /// The filter; `None`: nobody has this address.
    fn filter(&self, desk: &Desk) -> Option<AuditFilter> {
        let actor = match self.who.trim() {
            "" => None,
            text => Some(desk.directory.user_by_address(&Address::parse(text).ok()?)?.id),
        };
        Some(AuditFilter {
            actor,
            event: self.event.clone(),
            since: web::day_start(&self.since),
            until: web::day_end(&self.until),
            subject: self.subject.trim().to_owned(),
        })
    }

    fn key(&self) -> Result<Option<AuditKey>, Trouble> {
        if self.before.is_empty() {
            return Ok(None);
        }
        let parts: Vec<&str> = self.before.split('.').collect();
        let [at, source, id] = parts.as_slice() else { return Err(Trouble::NotFound) };
        let source = match *source {
            "d" => AuditSource::Directory,
            "m" => AuditSource::Mail,
            _ => return Err(Trouble::NotFound),
        };
        let (at, id) = (at.parse().map_err(|_| Trouble::NotFound)?, id.parse().map_err(|_| Trouble::NotFound)?);
        Ok(Some(AuditKey { at: Timestamp(at), source, id }))
    }

    fn query(&self, before: &str) -> String {
        query(&[
            ("range", &self.range),
            ("who", &self.who),
            ("event", &self.event),
            ("subject", &self.subject),
            ("since", &self.since),
            ("until", &self.until),
            ("before", before),
        ])
    }
}

fn word(key: AuditKey) -> String {
    let source = if key.source == AuditSource::Directory { "d" } else { "m" };
    format!("{}.{source}.{}", key.at.0, key.id)
}

async fn page(
    desk: &Desk,
    asked: &Asked,
    filter: &AuditFilter,
    from: Option<AuditKey>,
    most: u32,
) -> Result<AuditPage, Trouble> {
    let store = &desk.console.store;
    if asked.range == "all" {
        return Ok(store.audit_log_everywhere(&desk.server()?, filter, from, most).await?);
    }
    Ok(store.audit_log(&desk.read()?, filter, from, most).await?)
}

/// Pages until `most` rows are together or all were looked at.
async fn rows(
    desk: &Desk,
    asked: &Asked,
    filter: &AuditFilter,
    most: usize,
    page_rows: u32,
) -> Result<(Vec<AuditRow>, Option<AuditKey>), Trouble> {
    let (mut all, mut from) = (Vec::new(), asked.key()?);
    for _ in 0..PAGES {
        let page = page(desk, asked, filter, from, page_rows).await?;
        all.extend(page.rows);
        from = page.next;
        if from.is_none() || all.len() >= most {
            break;
        }
    }
    Ok((all, from))
}

/// A row as people read it.
struct Told {
    at: String,
    at_machine: String,
    by: String,
    company: String,
    what: String,
    event: String,
    subject: String,
    /// In words.
    detail: String,
    /// As it was written down.
    record: String,
}

fn told(desk: &Desk, t: AuditWords, rules: &RuleNames, row: &AuditRow) -> Told {
    let words = EventWords::new(desk.language());
    Told {
        at: desk.style().date_exact(row.key.at),
        at_machine: desk.style().date_machine(row.key.at),
        by: row.actor.map_or_else(|| t.system().to_owned(), |id| desk.name_of(id)),
        company: row
            .tenant
            .and_then(|id| desk.directory.tenants.get(&id))
            .map(|one| one.title.clone())
            .unwrap_or_default(),
        what: words.event(&row.event).unwrap_or(row.event.as_str()).to_owned(),
        event: row.event.clone(),
        subject: inspect::mask_every_number(&subject(desk, row)),
        detail: inspect::mask_every_number(&detail::told(t, rules, desk.style(), &row.detail)),
        record: inspect::mask_every_number(&row.detail),
    }
}

/// Numbers of people and groups as names, while they are there.
fn subject(desk: &Desk, row: &AuditRow) -> String {
    let named = match (row.event.split('.').next(), row.subject.parse::<i64>()) {
        (Some("user"), Ok(id)) => desk.directory.users.get(&UserId(id)).map(|user| user.address.to_string()),
        (Some("policies" | "tenant"), Ok(id)) => {
            desk.directory.tenants.get(&TenantId(id)).map(|tenant| tenant.title.clone())
        }
        (Some("group"), Ok(id)) => desk.directory.groups.get(&GroupId(id)).map(|group| group.name.clone()),
        _ => None,
    };
    named.unwrap_or_else(|| row.subject.clone())
}

#[derive(askama::Template)]
#[template(path = "admin/audit/list.html")]
struct Log {
    frame: Frame,
    t: AuditWords,
    asked: Asked,
    kinds: Vec<(&'static str, &'static str)>,
    operator: bool,
    unknown: bool,
    rows: Vec<Told>,
    older: Option<String>,
    export: String,
}

fn kinds(t: AuditWords) -> Vec<(&'static str, &'static str)> {
    vec![
        ("user.", t.kind_people()),
        ("session.", t.kind_sessions()),
        ("group.", t.kind_groups()),
        ("domain.", t.kind_domains()),
        ("rules.", t.kind_rules()),
        ("submission.", t.kind_submissions()),
        ("parcel.", t.kind_parcels()),
        ("arrival.", t.kind_arrivals()),
        ("held.", t.kind_held()),
        ("queue.", t.kind_queue()),
        ("ledger.", t.kind_ledger()),
        ("incident.", t.kind_incident()),
        ("audit.", t.kind_audit()),
    ]
}

/// GET /t/{tenant}/audit
async fn show(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    desk.read()?;
    let t = AuditWords::new(desk.language());
    let filter = asked.filter(&desk);
    let (found, next) = match &filter {
        Some(filter) => rows(&desk, &asked, filter, 1, ROWS).await?,
        None => (Vec::new(), None),
    };
    let rules = desk.rule_names();
    html(&Log {
        frame: desk.frame(Area::Audit),
        t,
        kinds: kinds(t),
        operator: desk.is_operator(),
        unknown: filter.is_none(),
        rows: found.iter().map(|row| told(&desk, t, &rules, row)).collect(),
        older: next.map(|key| format!("{}?{}", desk.path("audit"), asked.query(&word(key)))),
        export: format!("{}?{}", desk.path("audit.csv"), asked.query("")),
        asked,
    })
}

/// GET /t/{tenant}/audit.csv: the filtered rows as a file that spreadsheets open (UTF-8 with BOM); recorded.
async fn export(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let access = desk.read()?;
    let t = AuditWords::new(desk.language());
    let filter = asked.filter(&desk).ok_or(Trouble::NotFound)?;
    let (mut found, _) = rows(&desk, &asked, &filter, EXPORTED, AUDIT_MOST).await?;
    found.truncate(EXPORTED);
    let detail = serde_json::json!({ "rows": found.len(), "filter": inspect::mask_numbers(&asked.query("")) });
    desk.console.store.note_act(&access, "audit.exported", String::new(), detail.to_string(), desk.visit.now).await?;
    let heads = [t.when(), t.by(), t.company(), t.event(), t.name(), t.subject(), t.detail()];
    let mut text = csv::line(&heads);
    let rules = desk.rule_names();
    for row in &found {
        let one = told(&desk, t, &rules, row);
        let cells =
            [&one.at, &one.by, &one.company, &one.what, &one.event, &one.subject, &one.record].map(String::as_str);
        text += &csv::line(&cells);
    }
    Ok(csv::file("audit.csv", &text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_log_survives_the_link() {
        for source in [AuditSource::Directory, AuditSource::Mail] {
            let key = AuditKey { at: Timestamp(1_795_478_400_000), source, id: 17 };
            let asked = Asked { before: word(key), ..Asked::default() };
            assert_eq!(asked.key().unwrap(), Some(key));
        }
        assert!(Asked { before: "1.x.2".into(), ..Asked::default() }.key().is_err());
    }
}
