//! 審査 → 規則: the rules in force in words, their switches, their text, their versions.

mod edit;
mod list;
mod pattern;
mod ready;
mod versions;
mod words;

use std::sync::Arc;

use inspect::review::{Mistake, RuleError, RuleSet, new_approvals_of_numbers, new_deletions};
use store::{Access, Change, Manage, RulesText, StoreError, Tenancy};
use web::axum::Router;
use web::axum::extract::DefaultBodyLimit;
use web::axum::routing::{get, post};
use web::{Language, Trouble};

use crate::Console;
use crate::desk::Desk;
pub(crate) use words::{RuleTabs, RuleWords};

/// Longest text of rules, bytes.
const MOST: usize = 256 * 1_024;
/// Unchanged lines that a comparison shows around a change.
const AROUND: usize = 3;

pub(crate) fn routes() -> Router<Arc<Console>> {
    let import = post(edit::import).layer(DefaultBodyLimit::max(MOST + 16 * 1_024));
    Router::new()
        .route("/t/{tenant}/rules", get(list::show))
        .route("/t/{tenant}/rules/mode", post(list::mode))
        .route("/t/{tenant}/rules/edit", get(edit::show).post(edit::check))
        .route("/t/{tenant}/rules/again", get(edit::show).post(edit::again))
        .route("/t/{tenant}/rules/import", import)
        .route("/t/{tenant}/rules/pattern", get(pattern::ask).post(pattern::run))
        .route("/t/{tenant}/rules/ready", post(ready::add))
        .route("/t/{tenant}/rules/publish", post(edit::publish))
        .route("/t/{tenant}/rules/export", get(versions::export))
        .route("/t/{tenant}/rules/versions", get(versions::list))
        .route("/t/{tenant}/rules/versions/{version}", get(versions::show).post(versions::restore))
}

/// The rules in force; version 0 and no text when the company has none.
fn in_force(desk: &Desk) -> RulesText {
    let rules = desk.directory.rules.get(&desk.tenant.id);
    rules.cloned().unwrap_or_else(|| RulesText { version: 0, text: Arc::from("") })
}

/// What came of putting rules in force.
enum Put {
    /// With the codes of the rules that delete mail from now on.
    Done(Vec<String>),
    /// Somebody changed them since the visitor looked.
    Overtaken,
    /// They are no good.
    Wrong(Vec<RuleError>),
}

/// What is wrong with a text of rules: also whom it names and the company does not have, mail that it would delete where the visitor
/// does not run the server, and approvals that the company has too few people for.
fn mistakes(desk: &Desk, text: &str) -> Vec<RuleError> {
    let t = RuleWords::new(desk.language());
    if text.len() > MOST {
        return vec![problem(t.too_big())];
    }
    match RuleSet::parse(text) {
        Ok(rules) => {
            let mut wrong = rules.unknown(|named| desk.console.outbound.has(&desk.directory, desk.tenant.id, named));
            if !desk.is_operator() {
                let not_yours = |code| RuleError { line: 0, code, problem: Mistake::NotYours };
                wrong.extend(deletions(desk, text).into_iter().map(not_yours));
            }
            if let Some(few) = desk.few_handlers() {
                let lacks = |code| RuleError { line: 0, code, problem: Mistake::Said(few.clone()) };
                wrong.extend(new_approvals_of_numbers(&in_force(desk).text, text).into_iter().map(lacks));
            }
            wrong
        }
        Err(errors) => errors.0,
    }
}

/// Codes of the rules of a text that delete mail, and did not yet.
fn deletions(desk: &Desk, text: &str) -> Vec<String> {
    new_deletions(&in_force(desk).text, text)
}

fn problem(text: &str) -> RuleError {
    RuleError { line: 0, code: String::new(), problem: Mistake::Said(text.to_owned()) }
}

/// Puts rules in force, with the reason. `seen` is the version that the visitor looked at: whoever changed the rules
/// since then is not overruled unseen.
async fn put_in_force(
    desk: &Desk,
    access: &Access<Tenancy, Manage>,
    text: String,
    seen: u32,
    comment: &str,
) -> Result<Put, Trouble> {
    // what is compared with is what was seen, and what the statement that writes asks for
    if in_force(desk).version != seen {
        return Ok(Put::Overtaken);
    }
    let wrong = mistakes(desk, &text);
    if !wrong.is_empty() {
        return Ok(Put::Wrong(wrong));
    }
    let deletions = deletions(desk, &text);
    let (by, reason) = (Some(desk.me.id), Some(inspect::mask_every_number(comment)));
    let change = Change::SetRules { tenant: desk.tenant.id, text, by, reason, seen: Some(seen) };
    match desk.console.store.change(access, change, desk.visit.now).await {
        Err(StoreError::Conflict(_)) => return Ok(Put::Overtaken),
        changed => changed?,
    };
    if !deletions.is_empty() {
        tracing::warn!(tenant = %desk.tenant.name, rules = ?deletions, "rules delete mail from now on without telling its sender");
    }
    Ok(Put::Done(deletions))
}

/// Mistakes in one line, for a note to the next page.
fn in_one_line(errors: &[RuleError], language: Language) -> String {
    errors.iter().map(|error| format!("{}: {}", error.code, error.problem.told(language))).collect::<Vec<_>>().join(" ")
}
