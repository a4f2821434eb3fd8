//! One person: what is known of him, and changing it.

use store::{Change, Role, User, UserState};
use types::Language;
use web::axum::extract::{Form, Path};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use super::{RoleBox, UserWords, add, boxes, may_change, sent_boxes, sent_roles};
use crate::desk::Desk;
use crate::form::{Fields, Wrong};
use crate::frame::{Area, Frame};

#[derive(askama::Template)]
#[template(path = "admin/users/edit.html")]
pub(super) struct Edit {
    frame: Frame,
    t: UserWords,
    id: types::UserId,
    name: String,
    address: String,
    state: (&'static str, &'static str),
    active: bool,
    used: String,
    aliases: Vec<String>,
    /// Who decides held mail in his stead, in words.
    deputy: Option<String>,
    groups: Vec<String>,
    /// Whether he has a second factor, and how it stands in words.
    factor: (bool, String),
    given: Fields,
    wrong: Wrong,
    boxes: Vec<RoleBox>,
    /// Whether the visitor may change anything here; himself he cannot suspend or remove.
    open: bool,
    himself: bool,
}

/// GET /t/{tenant}/users/{id}
pub(super) async fn show(desk: Desk, Path((_, id)): Path<(String, i64)>) -> Answer {
    desk.read()?;
    let user = desk.person(id)?;
    html(&page(&desk, &user, None, Wrong::default()).await?)
}

/// The page, with what a form sent that was not taken.
pub(super) async fn page(desk: &Desk, user: &User, sent: Option<Fields>, wrong: Wrong) -> Result<Edit, Trouble> {
    let t = UserWords::new(desk.language());
    let boxes = match &sent {
        Some(fields) if fields.has("name") => sent_boxes(desk, t, fields),
        _ => boxes(desk, t, |role, _| user.roles.has(role)),
    };
    let mut given = known(desk, user);
    if let Some(sent) = &sent {
        for name in [
            "name",
            "department",
            "supervisor",
            "quota",
            "quota_messages",
            "language",
            "alias",
            "deputy",
            "deputy_from",
            "deputy_until",
        ] {
            if sent.has(name) {
                given.set(name, sent.raw(name));
            }
        }
    }
    let member = store::Member::User(user.id);
    let groups = desk.directory.groups.values().filter(|group| group.members.contains(&member));
    let mut groups: Vec<String> = groups.map(|group| group.name.clone()).collect();
    groups.sort();
    Ok(Edit {
        frame: desk.frame(Area::Users),
        id: user.id,
        name: user.name.clone(),
        address: user.address.to_string(),
        state: t.state_of(user.state, user.credentials.is_some()),
        active: user.state == UserState::Active,
        used: desk.style().size(desk.console.store.usage(user.id).await?.bytes),
        deputy: deputy(desk, t, user),
        factor: factor(desk, t, user),
        aliases: user.aliases.iter().map(ToString::to_string).collect(),
        open: may_change(desk, user),
        himself: user.id == desk.me.id,
        t,
        groups,
        given,
        wrong,
        boxes,
    })
}

fn deputy(desk: &Desk, t: UserWords, user: &User) -> Option<String> {
    let deputy = user.settings.deputy.filter(|deputy| deputy.until > desk.visit.now)?;
    let last = types::Timestamp(deputy.until.0 - 1);
    let (from, until) = (desk.style().day_long(deputy.from), desk.style().day_long(last));
    Some(t.deputy_now(&desk.name_of(deputy.user), &from, &until))
}

fn factor(desk: &Desk, t: UserWords, user: &User) -> (bool, String) {
    match &user.second_factor {
        Some(factor) => (true, t.factor_since(&desk.style().day_long(factor.made))),
        None if desk.console.auth.must_have_factor(user) => (false, t.factor_is_missing().to_owned()),
        None => (false, t.factor_off().to_owned()),
    }
}

/// The form's fields as they are known of a person.
fn known(desk: &Desk, user: &User) -> Fields {
    let mut given = Fields::default();
    let supervisor = user.supervisor.and_then(|id| desk.directory.users.get(&id));
    given.set("name", &user.name);
    given.set("department", &user.department);
    given.set("supervisor", supervisor.map(|user| user.address.to_string()).unwrap_or_default());
    given.set("quota", user.quota.map(|bytes| (bytes >> 20).to_string()).unwrap_or_default());
    given.set("quota_messages", user.message_quota.map(|most| most.to_string()).unwrap_or_default());
    given.set("language", if user.language == Language::En { "en" } else { "ja" });
    given
}

/// POST /t/{tenant}/users/{id}
pub(super) async fn save(desk: Desk, Path((_, id)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let user = desk.person(id)?;
    if !may_change(&desk, &user) {
        return Err(Trouble::NotAllowed);
    }
    let t = UserWords::new(desk.language());
    let mut wrong = Wrong::default();
    let mut change = add::described(&desk, t, &given, Some(&user), &mut wrong);
    if wrong.count() > 0 {
        return refused(&desk, &user, given, wrong).await;
    }
    let mut roles = sent_roles(&desk, &given, user.roles);
    // whoever administers cannot lock himself out by a slip
    if user.id == desk.me.id {
        for role in [Role::Admin, Role::Operator].into_iter().filter(|role| user.roles.has(*role)) {
            roles = roles.with(role);
        }
    }
    // roles end the person's sessions, so they are touched only when they differ
    change.roles = (roles != user.roles).then_some(roles);
    desk.console.store.change(&access, Change::SetUser(user.id, Box::new(change)), desk.visit.now).await?;
    see_with(&desk.path(&format!("users/{id}")), &Toast::new(t.saved()))
}

/// The page again with what is wrong.
pub(super) async fn refused(desk: &Desk, user: &User, given: Fields, wrong: Wrong) -> Answer {
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(desk, user, Some(given), wrong).await?)
}
