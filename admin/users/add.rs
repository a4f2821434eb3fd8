//! Adding a person.

use store::{Change, Changed, NewUser, Roles, StoreError, User, UserChange};
use types::{Address, Language, UserId};
use web::auth::AuthError;
use web::axum::extract::Form;
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, askama, html, html_with, language_of, see_with};

use super::{RoleBox, UserWords, sent_boxes, sent_roles};
use crate::desk::Desk;
use crate::form::{Fields, Wrong};
use crate::frame::{Area, Frame};

/// Longest name or department, characters.
const NAME: usize = 200;

#[derive(askama::Template)]
#[template(path = "admin/users/add.html")]
struct Add {
    frame: Frame,
    t: UserWords,
    given: Fields,
    wrong: Wrong,
    boxes: Vec<RoleBox>,
}

#[derive(askama::Template)]
#[template(path = "admin/users/made.html")]
struct Made {
    frame: Frame,
    t: UserWords,
    id: UserId,
    name: String,
    password: String,
}

/// GET /t/{tenant}/users/add
pub(super) async fn ask(desk: Desk) -> Answer {
    desk.manage()?;
    html(&form(&desk, Fields::default(), Wrong::default()))
}

fn form(desk: &Desk, given: Fields, wrong: Wrong) -> Add {
    let t = UserWords::new(desk.language());
    Add { frame: desk.frame(Area::Users), t, boxes: sent_boxes(desk, t, &given), given, wrong }
}

/// A person as the form describes him, but for address, roles and password.
pub(super) fn described(
    desk: &Desk,
    t: UserWords,
    given: &Fields,
    whose: Option<&User>,
    wrong: &mut Wrong,
) -> UserChange {
    for field in ["name", "department"] {
        if given.get(field).chars().count() > NAME {
            wrong.add(if field == "name" { "name" } else { "department" }, t.too_long());
        }
    }
    if given.get("name").is_empty() {
        wrong.add("name", t.name_missing());
    }
    UserChange {
        name: Some(given.get("name").to_owned()),
        department: Some(given.get("department").to_owned()),
        supervisor: Some(supervisor(desk, t, given, whose, wrong)),
        quota: Some(bound(t, given, "quota", wrong).map(|megabytes| megabytes << 20)),
        message_quota: Some(bound(t, given, "quota_messages", wrong)),
        language: Some(language_of(given.get("language")).unwrap_or(Language::Ja)),
        ..UserChange::default()
    }
}

fn supervisor(desk: &Desk, t: UserWords, given: &Fields, whose: Option<&User>, wrong: &mut Wrong) -> Option<UserId> {
    let text = given.get("supervisor");
    if text.is_empty() {
        return None;
    }
    let address = Address::parse(text).ok();
    let found = address.and_then(|address| desk.directory.user_by_address(&address).cloned());
    match found.filter(|user| user.tenant == desk.tenant.id) {
        Some(user) if whose.is_some_and(|whose| whose.id == user.id) => wrong.add("supervisor", t.own_supervisor()),
        Some(user) => return Some(user.id),
        None => wrong.add("supervisor", t.no_such_person()),
    }
    None
}

/// A bound of this field; empty: none.
fn bound(t: UserWords, given: &Fields, field: &'static str, wrong: &mut Wrong) -> Option<u64> {
    let text = given.get(field);
    if text.is_empty() {
        return None;
    }
    let most = text.parse::<u64>().ok().filter(|most| (1..=1_000_000_000).contains(most));
    if most.is_none() {
        wrong.add(field, t.bad_quota());
    }
    most
}

/// An address of this company that a form names.
pub(super) fn own_address(desk: &Desk, t: UserWords, text: &str) -> Result<Address, &'static str> {
    let address = Address::parse(text).map_err(|_| t.bad_address())?;
    let here = desk.directory.tenant_of(address.domain()) == Some(desk.tenant.id);
    if here { Ok(address) } else { Err(t.foreign_domain()) }
}

/// The password of a form: as typed twice, or made. `true`: it was made and must be shown.
pub(super) fn password(t: UserWords, given: &Fields, wrong: &mut Wrong) -> Result<(String, bool), Trouble> {
    let (first, again) = (given.raw("password"), given.raw("again"));
    if first.is_empty() && again.is_empty() {
        return Ok((web::auth::generated().map_err(AuthError::from)?.to_string(), true));
    }
    if first != again {
        wrong.add("again", t.differs());
    }
    Ok((first.to_owned(), false))
}

/// POST /t/{tenant}/users/add
pub(super) async fn add(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = UserWords::new(desk.language());
    let mut wrong = Wrong::default();
    let address = own_address(&desk, t, given.get("address")).map_err(|text| wrong.add("address", text)).ok();
    let change = described(&desk, t, &given, None, &mut wrong);
    let (password, made) = password(t, &given, &mut wrong)?;
    let credentials = match desk.console.auth.new_credentials(&password).await {
        Ok(credentials) => Some(credentials),
        Err(error) => {
            let text = t.password_error(&error).ok_or(error)?;
            wrong.add("password", text);
            None
        }
    };
    let (Some(address), 0) = (address, wrong.count()) else { return refused(&desk, given, wrong) };
    let new = NewUser {
        tenant: desk.tenant.id,
        address,
        name: given.get("name").to_owned(),
        roles: sent_roles(&desk, &given, Roles::default()),
        credentials,
        language: change.language.unwrap_or_default(),
    };
    let store = &desk.console.store;
    let id = match store.change(&access, Change::AddUser(Box::new(new)), desk.visit.now).await {
        Ok(Changed::User(id)) => id,
        Ok(_) => return Err(Trouble::bug("a person without a number")),
        Err(StoreError::Exists(_)) => {
            wrong.add("address", t.taken());
            return refused(&desk, given, wrong);
        }
        Err(error) => return Err(error.into()),
    };
    store.change(&access, Change::SetUser(id, Box::new(change)), desk.visit.now).await?;
    if made {
        return show_password(&desk, id, given.get("name"), password);
    }
    see_with(&desk.path("users"), &Toast::new(t.added(given.get("name"))))
}

fn refused(desk: &Desk, given: Fields, wrong: Wrong) -> Answer {
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &form(desk, given, wrong))
}

/// The one time that a made password is shown.
pub(super) fn show_password(desk: &Desk, id: UserId, name: &str, password: String) -> Answer {
    let t = UserWords::new(desk.language());
    html(&Made { frame: desk.frame(Area::Users), t, id, name: name.to_owned(), password })
}
