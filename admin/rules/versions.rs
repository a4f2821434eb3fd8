//! The versions of the rules: who put which in force when and why; going back to one; the file to take away.

use store::{AUDIT_MOST, AuditFilter, RulesVersion};
use types::Timestamp;
use web::axum::extract::{Form, Path};
use web::axum::http::{HeaderValue, header};
use web::axum::response::IntoResponse as _;
use web::{Answer, Toast, Trouble, askama, html, see_with};

use super::{AROUND, Put, RuleTabs, RuleWords, in_force, in_one_line, put_in_force};
use crate::desk::Desk;
use crate::diff::{Line, diff, near_changes};
use crate::form::Fields;
use crate::frame::{Area, Frame};

struct Row {
    version: u32,
    current: bool,
    at: String,
    at_machine: String,
    by: String,
    comment: String,
}

#[derive(askama::Template)]
#[template(path = "admin/rules/versions.html")]
struct Versions {
    frame: Frame,
    tabs: RuleTabs,
    t: RuleWords,
    rows: Vec<Row>,
}

/// GET /t/{tenant}/rules/versions
pub(super) async fn list(desk: Desk) -> Answer {
    let access = desk.read()?;
    let t = RuleWords::new(desk.language());
    let versions = desk.console.store.rules_versions(&access).await?;
    let current = in_force(&desk).version;
    let style = desk.style();
    let mut rows = Vec::with_capacity(versions.len());
    for version in versions {
        rows.push(Row {
            version: version.version,
            current: version.version == current,
            at: style.date_short(version.at),
            at_machine: style.date_machine(version.at),
            by: version.by.map_or_else(|| t.machine().to_owned(), |id| desk.name_of(id)),
            comment: comment(&desk, &version).await?,
        });
    }
    let (frame, tabs) = (desk.frame(Area::Rules), RuleTabs::new(desk.language()));
    html(&Versions { frame, tabs, t, rows })
}

/// The reason that was given with a version; empty: none was. Its row of the audit log is of the version's own moment, and looked for there
/// alone: neither many versions nor a long log keep one from its reason.
async fn comment(desk: &Desk, version: &RulesVersion) -> Result<String, Trouble> {
    let subject = version.version.to_string();
    let until = Timestamp(version.at.0.saturating_add(1));
    let filter = AuditFilter {
        event: "rules.published".into(),
        since: Some(version.at),
        until: Some(until),
        subject: subject.clone(),
        ..AuditFilter::default()
    };
    let page = desk.console.store.audit_log(&desk.read()?, &filter, None, AUDIT_MOST).await?;
    let Some(row) = page.rows.into_iter().find(|row| row.subject == subject) else { return Ok(String::new()) };
    let detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap_or_default();
    Ok(detail.get("comment").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
}

#[derive(askama::Template)]
#[template(path = "admin/rules/version.html")]
struct Version {
    frame: Frame,
    tabs: RuleTabs,
    t: RuleWords,
    shown: u32,
    /// The one in force.
    version: u32,
    current: bool,
    at: String,
    by: String,
    text: String,
    lines: Vec<Option<Line>>,
}

/// GET /t/{tenant}/rules/versions/{version}
pub(super) async fn show(desk: Desk, Path((_, version)): Path<(String, u32)>) -> Answer {
    let access = desk.read()?;
    let t = RuleWords::new(desk.language());
    let (found, text) = desk.console.store.rules_version(&access, version).await?;
    let rules = in_force(&desk);
    let compared = diff(&rules.text, &text);
    let same = compared.iter().all(|line| matches!(line, Line::Same(_)));
    html(&Version {
        frame: desk.frame(Area::Rules),
        tabs: RuleTabs::new(desk.language()),
        t,
        shown: version,
        version: rules.version,
        current: version == rules.version,
        at: desk.style().date_long(found.at),
        by: found.by.map_or_else(|| t.machine().to_owned(), |id| desk.name_of(id)),
        lines: if same { Vec::new() } else { near_changes(compared, AROUND) },
        text,
    })
}

/// POST /t/{tenant}/rules/versions/{version}: the same text as a new version.
pub(super) async fn restore(desk: Desk, Path((_, version)): Path<(String, u32)>, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = RuleWords::new(desk.language());
    let (_, text) = desk.console.store.rules_version(&desk.read()?, version).await?;
    let seen = given.get("version").parse().map_err(|_| Trouble::BadRequest)?;
    let said = match put_in_force(&desk, &access, text, seen, &t.restored(version)).await? {
        Put::Done(deletions) => t.with_warning(t.published(), &deletions),
        Put::Overtaken => t.overtaken().to_owned(),
        Put::Wrong(errors) => in_one_line(&errors, desk.language()),
    };
    see_with(&desk.path("rules"), &Toast::new(said))
}

/// GET /t/{tenant}/rules/export
pub(super) async fn export(desk: Desk) -> Answer {
    desk.read()?;
    let rules = in_force(&desk);
    let mut response = rules.text.to_string().into_response();
    let headers = response.headers_mut();
    let name = format!("attachment; filename=\"rules-{}-{}.toml\"", desk.tenant.name, rules.version);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/toml; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Trouble::bug)?);
    Ok(response)
}
