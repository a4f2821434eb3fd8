//! Ready-made sets of rules: adding one leads to the comparison with the version in force, with the reason filled in;
//! nothing is in force before it is published there.

use inspect::review::{READY_SETS, ReadySet, RuleSet};
use web::axum::extract::Form;
use web::{Answer, Trouble, html};

use super::edit::comparison;
use super::{RuleWords, in_force};
use crate::desk::Desk;
use crate::form::Fields;

/// A set as the page of rules shows it.
pub(super) struct Set {
    pub id: &'static str,
    pub name: &'static str,
    /// When its rules match and what they do then.
    pub told: Vec<(String, String)>,
    pub codes: String,
    /// The company has all of it.
    pub there: bool,
}

/// All sets, beside these rules.
pub(super) fn sets(desk: &Desk, rules: &RuleSet) -> Vec<Set> {
    let told = |set: &ReadySet| {
        let told = RuleSet::parse(&set.text()).map(|rules| rules.told(desk.language())).unwrap_or_default();
        told.into_iter().map(|one| (one.when, one.action)).collect()
    };
    let shown = |set: &ReadySet| Set {
        id: set.id,
        name: set.name(desk.language()),
        told: told(set),
        codes: set.codes.join(", "),
        there: set.is_in(rules),
    };
    READY_SETS.iter().map(shown).collect()
}

/// POST /t/{tenant}/rules/ready: what would change, with the reason filled in.
pub(super) async fn add(desk: Desk, Form(given): Form<Fields>) -> Answer {
    desk.manage()?;
    let set = ReadySet::called(given.get("set")).ok_or(Trouble::NotFound)?;
    let text = set.added_to(&in_force(&desk).text).ok_or(Trouble::NotFound)?;
    let comment = RuleWords::new(desk.language()).set_added(set.name(desk.language()));
    html(&comparison(&desk, text, comment, None))
}
