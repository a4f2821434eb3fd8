//! The list of people: filtered and paged in memory, which holds everybody anyway.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use store::{Role, User, UserState};
use types::UserId;
use web::axum::extract::Query;
use web::{Answer, Trouble, askama, html};

use super::UserWords;
use crate::desk::Desk;
use crate::form::query;
use crate::frame::{Area, Frame};

/// People on a page.
const ROWS: usize = 50;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    department: String,
    state: String,
    page: usize,
}

struct Row {
    id: UserId,
    name: String,
    address: String,
    department: String,
    roles: String,
    state: (&'static str, &'static str),
    factor: (&'static str, &'static str),
    used: String,
    /// Used bytes and most, for the meter.
    meter: Option<(u64, u64)>,
}

#[derive(askama::Template)]
#[template(path = "admin/users/list.html")]
struct List {
    frame: Frame,
    t: UserWords,
    asked: Asked,
    departments: Vec<String>,
    rows: Vec<Row>,
    found: usize,
    page: usize,
    pages: usize,
    previous: Option<String>,
    next: Option<String>,
}

/// GET /t/{tenant}/users
pub(super) async fn show(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    desk.read()?;
    let t = UserWords::new(desk.language());
    let all: Vec<&Arc<User>> = desk.directory.users.values().filter(|user| user.tenant == desk.tenant.id).collect();
    let departments: BTreeSet<String> = all.iter().map(|user| user.department.clone()).collect();
    let wanted = folded(&asked.q);
    let mut found: Vec<&Arc<User>> = all.into_iter().filter(|user| matches(user, &asked, &wanted)).collect();
    found.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    let pages = found.len().div_ceil(ROWS).max(1);
    let page = asked.page.clamp(1, pages);
    let mut rows = Vec::new();
    for user in found.iter().skip((page - 1) * ROWS).take(ROWS) {
        rows.push(row(&desk, t, user).await?);
    }
    let link = |to: usize| {
        let page = to.to_string();
        let pairs =
            [("q", asked.q.as_str()), ("department", &asked.department), ("state", &asked.state), ("page", &page)];
        format!("{}?{}", desk.path("users"), query(&pairs))
    };
    html(&List {
        previous: (page > 1).then(|| link(page - 1)),
        next: (page < pages).then(|| link(page + 1)),
        frame: desk.frame(Area::Users),
        departments: departments.into_iter().filter(|name| !name.is_empty()).collect(),
        found: found.len(),
        t,
        asked,
        rows,
        page,
        pages,
    })
}

/// Whether a person is asked for; `wanted` is what was searched, folded: full-width and half-width letters of either case
/// are the same.
fn matches(user: &User, asked: &Asked, wanted: &str) -> bool {
    let text = wanted.is_empty()
        || folded(&user.name).contains(wanted)
        || folded(&user.address.to_string()).contains(wanted)
        || user.aliases.iter().any(|alias| folded(&alias.to_string()).contains(wanted));
    let department = asked.department.is_empty() || user.department == asked.department;
    let state = match asked.state.as_str() {
        "active" => user.state == UserState::Active,
        "suspended" => user.state == UserState::Suspended,
        "no_password" => user.credentials.is_none(),
        "no_factor" => user.second_factor.is_none(),
        _ => true,
    };
    text && department && state
}

fn folded(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    text.trim().chars().map(half).flat_map(char::to_lowercase).collect()
}

async fn row(desk: &Desk, t: UserWords, user: &User) -> Result<Row, Trouble> {
    let used = desk.console.store.usage(user.id).await?.bytes;
    let style = desk.style();
    let roles: Vec<&str> = Role::ALL
        .iter()
        .filter(|(role, _)| user.roles.has(*role) && *role != Role::User)
        .map(|(role, _)| t.role(*role))
        .collect();
    Ok(Row {
        id: user.id,
        name: user.name.clone(),
        address: user.address.to_string(),
        department: user.department.clone(),
        roles: roles.join(" / "),
        state: t.state_of(user.state, user.credentials.is_some()),
        factor: t.factor_of(user.second_factor.is_some(), desk.console.auth.must_have_factor(user)),
        used: match user.quota {
            Some(most) => t.quota_of(&style.size(used), &style.size(most)),
            None => style.size(used),
        },
        meter: user.quota.map(|most| (used, most)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_and_cases_are_the_same_in_the_search() {
        for (text, folded_to) in [("TARO", "taro"), ("Taro@aoba", "taro@aoba"), (" 山田 太郎", "山田 太郎")] {
            assert_eq!(folded(text), folded_to);
        }
    }
}
