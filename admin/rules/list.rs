//! The rules in force, in words, each with its switch.

use inspect::review::{Mode, RuleSet, Told, with_mode};
use web::axum::extract::Form;
use web::{Answer, Toast, Trouble, askama, html, see_with};

use super::ready::{Set, sets};
use super::{Put, RuleTabs, RuleWords, in_force, in_one_line, put_in_force};
use crate::desk::Desk;
use crate::form::Fields;
use crate::frame::{Area, Frame};

const MODES: [Mode; 3] = [Mode::On, Mode::Record, Mode::Off];

/// A position of a switch.
struct Position {
    word: &'static str,
    label: &'static str,
    current: bool,
}

struct Row {
    code: String,
    name: String,
    mode: &'static str,
    modes: Vec<Position>,
    told: Told,
    message: String,
}

#[derive(askama::Template)]
#[template(path = "admin/rules/list.html")]
struct List {
    frame: Frame,
    tabs: RuleTabs,
    t: RuleWords,
    version: u32,
    rows: Vec<Row>,
    sets: Vec<Set>,
    unreadable: bool,
}

/// GET /t/{tenant}/rules
pub(super) async fn show(desk: Desk) -> Answer {
    desk.read()?;
    let t = RuleWords::new(desk.language());
    let rules = in_force(&desk);
    let parsed = RuleSet::parse(&rules.text);
    let rows = parsed.as_ref().map(|parsed| rows(&desk, t, parsed)).unwrap_or_default();
    let sets = parsed.as_ref().map(|parsed| sets(&desk, parsed)).unwrap_or_default();
    let (frame, tabs, version) = (desk.frame(Area::Rules), RuleTabs::new(desk.language()), rules.version);
    html(&List { frame, tabs, t, version, rows, sets, unreadable: parsed.is_err() })
}

fn rows(desk: &Desk, t: RuleWords, rules: &RuleSet) -> Vec<Row> {
    let told = rules.told(desk.language());
    let row = |(rule, told): (&inspect::review::Rule, Told)| Row {
        code: rule.code.clone(),
        name: if rule.name.is_empty() { rule.code.clone() } else { rule.name.clone() },
        mode: rule.mode.word(),
        modes: MODES
            .iter()
            .map(|mode| Position { word: mode.word(), label: t.mode(*mode), current: *mode == rule.mode })
            .collect(),
        told,
        message: rule.message.clone(),
    };
    rules.rules().iter().zip(told).map(row).collect()
}

/// POST /t/{tenant}/rules/mode: a new version of the text in which that rule's mode alone differs.
pub(super) async fn mode(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = RuleWords::new(desk.language());
    let mode = MODES.into_iter().find(|mode| mode.word() == given.get("mode")).ok_or(Trouble::BadRequest)?;
    let seen = given.get("version").parse().map_err(|_| Trouble::BadRequest)?;
    let (code, rules) = (given.get("code"), in_force(&desk));
    let parsed = RuleSet::parse(&rules.text).map_err(|_| Trouble::NotFound)?;
    let rule = parsed.rules().iter().find(|rule| rule.code == code).ok_or(Trouble::NotFound)?;
    let name = if rule.name.is_empty() { code } else { &rule.name };
    let said = match with_mode(&rules.text, code, mode) {
        None => t.mode_by_hand().to_owned(),
        Some(_) if rule.mode == mode => t.mode_set(name, t.mode(mode)),
        Some(text) => match put_in_force(&desk, &access, text, seen, &t.switched(code, t.mode(mode))).await? {
            Put::Done(deletions) => t.with_warning(&t.mode_set(name, t.mode(mode)), &deletions),
            Put::Overtaken => t.overtaken().to_owned(),
            Put::Wrong(errors) => in_one_line(&errors, desk.language()),
        },
    };
    see_with(&format!("{}#rule-{code}", desk.path("rules")), &Toast::new(said))
}
