//! The rules as text: mistakes with their lines, the difference to the version in force, and putting them in force.

use inspect::review::RuleError;
use web::axum::extract::{Form, Multipart};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use super::{AROUND, Put, RuleTabs, RuleWords, deletions, in_force, mistakes, problem, put_in_force};
use crate::desk::Desk;
use crate::diff::{Line, diff, near_changes};
use crate::form::Fields;
use crate::frame::{Area, Frame};

#[derive(askama::Template)]
#[template(path = "admin/rules/edit.html")]
struct Edit {
    frame: Frame,
    tabs: RuleTabs,
    t: RuleWords,
    version: u32,
    text: String,
    errors: Vec<RuleError>,
}

#[derive(askama::Template)]
#[template(path = "admin/rules/check.html")]
pub(super) struct Check {
    frame: Frame,
    tabs: RuleTabs,
    t: RuleWords,
    version: u32,
    text: String,
    lines: Vec<Option<Line>>,
    changed: bool,
    comment: String,
    error: Option<&'static str>,
    /// That rules of the text delete mail, and did not yet.
    warning: Option<String>,
}

fn editor(desk: &Desk, text: String, errors: Vec<RuleError>) -> Edit {
    let (tabs, t) = (RuleTabs::new(desk.language()), RuleWords::new(desk.language()));
    Edit { frame: desk.frame(Area::Rules), tabs, t, version: in_force(desk).version, text, errors }
}

/// GET /t/{tenant}/rules/edit
pub(super) async fn show(desk: Desk) -> Answer {
    desk.manage()?;
    html(&editor(&desk, in_force(&desk).text.to_string(), Vec::new()))
}

/// POST /t/{tenant}/rules/edit: what is wrong, or what would change.
pub(super) async fn check(desk: Desk, Form(given): Form<Fields>) -> Answer {
    desk.manage()?;
    checked(&desk, as_typed(given.raw("text")))
}

/// POST /t/{tenant}/rules/again: from the comparison back to the editor, with the text.
pub(super) async fn again(desk: Desk, Form(given): Form<Fields>) -> Answer {
    desk.manage()?;
    html(&editor(&desk, as_typed(given.raw("text")), Vec::new()))
}

/// Browsers send the line ends of a text area as CRLF; the file has those of its version in force.
fn as_typed(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn checked(desk: &Desk, text: String) -> Answer {
    let errors = mistakes(desk, &text);
    if errors.is_empty() {
        return html(&comparison(desk, text, String::new(), None));
    }
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &editor(desk, text, errors))
}

pub(super) fn comparison(desk: &Desk, text: String, comment: String, error: Option<&'static str>) -> Check {
    let (rules, t) = (in_force(desk), RuleWords::new(desk.language()));
    let deletions = deletions(desk, &text);
    let lines = near_changes(diff(&rules.text, &text), AROUND);
    let changed = lines.iter().any(|line| matches!(line, Some(Line::Gone(_) | Line::New(_))));
    Check {
        frame: desk.frame(Area::Rules),
        tabs: RuleTabs::new(desk.language()),
        t,
        version: rules.version,
        lines: if changed { lines } else { Vec::new() },
        text,
        changed,
        comment,
        error,
        warning: (!deletions.is_empty()).then(|| t.deletes(&deletions.join(", "))),
    }
}

/// POST /t/{tenant}/rules/import: as [`check`], from a file.
pub(super) async fn import(desk: Desk, mut form: Multipart) -> Answer {
    desk.manage()?;
    let t = RuleWords::new(desk.language());
    while let Some(field) = form.next_field().await.map_err(|_| Trouble::BadRequest)? {
        if field.name() != Some("file") {
            continue;
        }
        let bytes = field.bytes().await.map_err(|_| Trouble::TooLarge)?;
        return match std::str::from_utf8(&bytes) {
            Ok(text) => checked(&desk, as_typed(text.trim_start_matches('\u{feff}'))),
            Err(_) => {
                let page = editor(&desk, in_force(&desk).text.to_string(), vec![problem(t.not_text())]);
                html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
            }
        };
    }
    Err(Trouble::BadRequest)
}

/// POST /t/{tenant}/rules/publish
pub(super) async fn publish(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = RuleWords::new(desk.language());
    let text = as_typed(given.raw("text"));
    let seen = given.get("version").parse().map_err(|_| Trouble::BadRequest)?;
    let comment: String = given.get("comment").chars().take(500).collect();
    let wrong = |text, error| {
        html_with(StatusCode::UNPROCESSABLE_ENTITY, &comparison(&desk, text, comment.clone(), Some(error)))
    };
    if comment.is_empty() {
        return wrong(text, t.comment_missing());
    }
    match put_in_force(&desk, &access, text.clone(), seen, &comment).await? {
        Put::Done(deletions) => see_with(&desk.path("rules"), &Toast::new(t.with_warning(t.published(), &deletions))),
        Put::Overtaken => wrong(text, t.overtaken()),
        Put::Wrong(errors) => html_with(StatusCode::UNPROCESSABLE_ENTITY, &editor(&desk, text, errors)),
    }
}
