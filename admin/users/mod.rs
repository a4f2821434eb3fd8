//! 利用者: the people of a company; list, add, change, suspend, set a password, remove.

mod acts;
mod add;
mod edit;
mod list;
mod words;

use std::sync::Arc;

use store::{Role, Roles, User};
use web::axum::Router;
use web::axum::routing::{get, post};

use crate::Console;
use crate::desk::Desk;
use crate::form::Fields;
pub(crate) use words::UserWords;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/users", get(list::show))
        .route("/t/{tenant}/users/add", get(add::ask).post(add::add))
        .route("/t/{tenant}/users/{id}", get(edit::show).post(edit::save))
        .route("/t/{tenant}/users/{id}/state", post(acts::state))
        .route("/t/{tenant}/users/{id}/password", post(acts::password))
        .route("/t/{tenant}/users/{id}/factor", post(acts::remove_factor))
        .route("/t/{tenant}/users/{id}/deputy", post(acts::deputy))
        .route("/t/{tenant}/users/{id}/aliases", post(acts::add_alias))
        .route("/t/{tenant}/users/{id}/aliases/remove", post(acts::remove_alias))
        .route("/t/{tenant}/users/{id}/remove", get(acts::ask_remove).post(acts::remove))
}

/// A role as a box to tick.
pub(crate) struct RoleBox {
    pub field: String,
    pub label: &'static str,
    pub ticked: bool,
    /// Whether this visitor may give and take it.
    pub open: bool,
}

fn field(word: &str) -> String {
    format!("role-{word}")
}

fn boxes(desk: &Desk, t: UserWords, ticked: impl Fn(Role, &str) -> bool) -> Vec<RoleBox> {
    let one = |(role, word): &(Role, &'static str)| RoleBox {
        field: field(word),
        label: t.role(*role),
        ticked: ticked(*role, word),
        open: *role != Role::Operator || desk.is_operator(),
    };
    Role::ALL.iter().filter(|(role, _)| *role != Role::User).map(one).collect()
}

fn sent_boxes(desk: &Desk, t: UserWords, fields: &Fields) -> Vec<RoleBox> {
    boxes(desk, t, |_, word| fields.has(&field(word)))
}

/// The roles that a form asks for. Only operators make operators and take that role away: others leave it as it was.
fn sent_roles(desk: &Desk, fields: &Fields, before: Roles) -> Roles {
    let operator = if desk.is_operator() { fields.has(&field("operator")) } else { before.has(Role::Operator) };
    let asked = Role::ALL.iter().filter(|(role, word)| match role {
        Role::User => true,
        Role::Operator => operator,
        _ => fields.has(&field(word)),
    });
    asked.fold(Roles::default(), |all, (role, _)| all.with(*role))
}

/// Whether the visitor may change this person: an operator's account only operators.
fn may_change(desk: &Desk, user: &User) -> bool {
    desk.is_operator() || !user.roles.has(Role::Operator)
}
