//! Single acts on a person: suspend, password, second factor, aliases, remove.

use std::sync::Arc;

use outbound::{OutboundError, PasswordChange};
use store::{Change, StoreError, User, UserChange, UserState};
use types::{Address, Settings};
use web::auth::FactorNews;
use web::axum::extract::{Form, Path};
use web::{Answer, Toast, Trouble, askama, html, see_with};

use super::{UserWords, add, edit, may_change};
use crate::desk::Desk;
use crate::form::{Fields, Wrong};
use crate::frame::{Area, Frame};

/// The person of a path, whom the visitor may change.
fn target(desk: &Desk, id: i64) -> Result<Arc<User>, Trouble> {
    let user = desk.person(id)?;
    if may_change(desk, &user) { Ok(user) } else { Err(Trouble::NotAllowed) }
}

async fn set(desk: &Desk, user: &User, change: UserChange, said: &str) -> Answer {
    let access = desk.manage()?;
    desk.console.store.change(&access, Change::SetUser(user.id, Box::new(change)), desk.visit.now).await?;
    see_with(&desk.path(&format!("users/{}", user.id)), &Toast::new(said))
}

/// Why addresses cannot be taken away: rules in force name one of them.
fn named(desk: &Desk, t: UserWords, addresses: &[Address]) -> Result<Option<String>, Trouble> {
    match desk.console.outbound.may_remove_addresses(desk.tenant.id, addresses) {
        Ok(()) => Ok(None),
        Err(OutboundError::Named(name, codes)) => Ok(Some(t.named_by_rules(&name, &codes))),
        Err(error) => Err(error.into()),
    }
}

/// POST /t/{tenant}/users/{id}/state
pub(super) async fn state(desk: Desk, Path((_, id)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let user = target(&desk, id)?;
    let t = UserWords::new(desk.language());
    let (state, said) = match given.get("state") {
        "active" => (UserState::Active, t.activated()),
        "suspended" if user.id != desk.me.id => (UserState::Suspended, t.suspended()),
        _ => return Err(Trouble::BadRequest),
    };
    set(&desk, &user, UserChange { state: Some(state), ..UserChange::default() }, said).await
}

/// POST /t/{tenant}/users/{id}/password
pub(super) async fn password(desk: Desk, Path((_, id)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let user = target(&desk, id)?;
    let access = desk.manage()?;
    let t = UserWords::new(desk.language());
    let mut wrong = Wrong::default();
    let (password, made) = add::password(t, &given, &mut wrong)?;
    let credentials = match desk.console.auth.new_credentials(&password).await {
        Ok(credentials) if wrong.count() == 0 => credentials,
        Ok(_) => return edit::refused(&desk, &user, given, wrong).await,
        Err(error) => {
            let text = t.password_error(&error).ok_or(error)?;
            wrong.add("password", text);
            return edit::refused(&desk, &user, given, wrong).await;
        }
    };
    let change = UserChange { credentials: Some(credentials), ..UserChange::default() };
    desk.console.store.change(&access, Change::SetUser(user.id, Box::new(change)), desk.visit.now).await?;
    desk.console.outbound.tell_of_password(user.id, PasswordChange::By(Some(desk.me.id))).await?;
    if !made {
        return see_with(&desk.path(&format!("users/{}", user.id)), &Toast::new(t.password_set()));
    }
    add::show_password(&desk, user.id, &user.name, password)
}

/// POST /t/{tenant}/users/{id}/factor: takes the second factor away. Not one's own: that asks for the password, in webmail.
pub(super) async fn remove_factor(desk: Desk, Path((_, id)): Path<(String, i64)>) -> Answer {
    let user = target(&desk, id)?;
    let access = desk.manage()?;
    if user.id == desk.me.id {
        return Err(Trouble::BadRequest);
    }
    desk.console.store.change(&access, Change::RemoveSecondFactor(user.id), desk.visit.now).await?;
    let by = PasswordChange::By(Some(desk.me.id));
    desk.console.outbound.tell_of_factor(user.id, FactorNews::Removed, by).await?;
    let said = UserWords::new(desk.language()).factor_removed();
    see_with(&desk.path(&format!("users/{}", user.id)), &Toast::new(said))
}

/// POST /t/{tenant}/users/{id}/deputy: who decides held mail in his stead.
pub(super) async fn deputy(desk: Desk, Path((_, id)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let user = target(&desk, id)?;
    let t = UserWords::new(desk.language());
    let (deputy, said) = if given.has("remove") {
        (None, t.deputy_removed())
    } else {
        let days = (web::day_start(given.get("deputy_from")), web::day_end(given.get("deputy_until")));
        match outbound::deputy(&desk.directory, &user, given.get("deputy"), days, desk.visit.now) {
            Ok(deputy) => (Some(deputy), t.deputy_saved()),
            Err(problem) => {
                let mut wrong = Wrong::default();
                wrong.add("deputy", problem.told(desk.language()));
                return edit::refused(&desk, &user, given, wrong).await;
            }
        }
    };
    let settings = Settings { deputy, ..user.settings.clone() };
    set(&desk, &user, UserChange { settings: Some(settings), ..UserChange::default() }, said).await
}

/// POST /t/{tenant}/users/{id}/aliases
pub(super) async fn add_alias(desk: Desk, Path((_, id)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let user = target(&desk, id)?;
    let access = desk.manage()?;
    let t = UserWords::new(desk.language());
    let mut wrong = Wrong::default();
    let alias = match add::own_address(&desk, t, given.get("alias")) {
        Ok(alias) => alias,
        Err(text) => {
            wrong.add("alias", text);
            return edit::refused(&desk, &user, given, wrong).await;
        }
    };
    match desk.console.store.change(&access, Change::AddAlias { alias, user: user.id }, desk.visit.now).await {
        Ok(_) => see_with(&desk.path(&format!("users/{id}")), &Toast::new(t.alias_added())),
        Err(StoreError::Exists(_)) => {
            wrong.add("alias", t.taken());
            edit::refused(&desk, &user, given, wrong).await
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /t/{tenant}/users/{id}/aliases/remove
pub(super) async fn remove_alias(desk: Desk, Path((_, id)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let user = target(&desk, id)?;
    let access = desk.manage()?;
    let alias = Address::parse(given.get("alias")).map_err(|_| Trouble::BadRequest)?;
    if !user.aliases.contains(&alias) {
        return Err(Trouble::NotFound);
    }
    let t = UserWords::new(desk.language());
    if let Some(text) = named(&desk, t, std::slice::from_ref(&alias))? {
        let mut wrong = Wrong::default();
        wrong.add("alias", text);
        return edit::refused(&desk, &user, Fields::default(), wrong).await;
    }
    desk.console.store.change(&access, Change::RemoveAlias(alias), desk.visit.now).await?;
    see_with(&desk.path(&format!("users/{id}")), &Toast::new(t.alias_removed()))
}

#[derive(askama::Template)]
#[template(path = "admin/users/remove.html")]
struct Remove {
    frame: Frame,
    t: UserWords,
    id: types::UserId,
    name: String,
    address: String,
}

/// GET /t/{tenant}/users/{id}/remove
pub(super) async fn ask_remove(desk: Desk, Path((_, id)): Path<(String, i64)>) -> Answer {
    let user = target(&desk, id)?;
    let t = UserWords::new(desk.language());
    let (name, address) = (user.name.clone(), user.address.to_string());
    html(&Remove { frame: desk.frame(Area::Users), t, id: user.id, name, address })
}

/// POST /t/{tenant}/users/{id}/remove
pub(super) async fn remove(desk: Desk, Path((_, id)): Path<(String, i64)>) -> Answer {
    let user = target(&desk, id)?;
    let access = desk.manage()?;
    if user.id == desk.me.id {
        return Err(Trouble::BadRequest);
    }
    let t = UserWords::new(desk.language());
    let addresses: Vec<Address> = user.aliases.iter().chain([&user.address]).cloned().collect();
    if let Some(text) = named(&desk, t, &addresses)? {
        let mut wrong = Wrong::default();
        wrong.add("sign-in", text);
        return edit::refused(&desk, &user, Fields::default(), wrong).await;
    }
    desk.console.store.change(&access, Change::RemoveUser(user.id), desk.visit.now).await?;
    see_with(&desk.path("users"), &Toast::new(t.removed(&user.name)))
}
