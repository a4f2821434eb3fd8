//! 承認の代理: who decides held mail in one's stead, and for how long; and for whom one does oneself.

use std::sync::Arc;

use serde::Deserialize;
use store::Role;
use types::Settings;
use web::axum::extract::{Form, State};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, Visit, askama, html_with, see_with};

use super::{Tab, TabWords, frame};
use crate::Webmail;
use crate::frame::Frame;

const HERE: &str = "/settings/deputy";

web::catalogue! {
    /// Texts of the tab 承認の代理.
    pub struct DeputyWords {
        lead: ja "不在の間、承認を代わりに行う方を指定します。代理の方にも承認の依頼が届き、どなたの代理として判断したかが記録されます。",
            en "Name who approves in your place while you are away. He is asked too, and it is recorded in whose stead he decided.";
        deputy: ja "代理の方のメールアドレス", en "Address of your deputy";
        from: ja "開始日", en "First day";
        until: ja "終了日", en "Last day";
        hint: ja "同じ会社の方を指定してください。代理の方は、ご自身が送信したメールを承認できません。",
            en "Somebody of your company. A deputy never approves mail that he sent himself.";
        now(name: &str, from: &str, until: &str): ja "{name}さんを代理に指定しています({from}~{until})。", en "Your deputy is {name}, from {from} to {until}.";
        none: ja "代理の方は指定されていません。", en "You have not named a deputy.";
        no_role: ja "この方は取扱担当者ではないため、マイナンバーを含むメールの代理はできません。",
            en "He is not a handler: of mail that holds My Numbers he is not asked.";
        save: ja "代理を指定する", en "Name a deputy";
        remove: ja "代理を解除する", en "Remove the deputy";
        saved: ja "代理を指定しました。", en "Your deputy is named.";
        removed: ja "代理を解除しました。", en "The deputy is removed.";
        stands_for: ja "あなたが代理をしている方", en "For whom you stand in";
        stands_until(name: &str, until: &str): ja "{name}さん({until}まで)", en "{name}, until {until}";
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/settings/deputy.html")]
struct Page {
    frame: Frame,
    t: DeputyWords,
    tabs: TabWords,
    /// Who is named, in words.
    now: Option<String>,
    lacks_role: bool,
    stands_for: Vec<String>,
    given: Given,
    error: Option<&'static str>,
}

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Given {
    deputy: String,
    from: String,
    until: String,
    /// Take the deputy away.
    remove: Option<String>,
}

pub(super) async fn show(State(webmail): State<Arc<Webmail>>, visit: Visit) -> Answer {
    page(&webmail, visit, Given::default(), None)
}

fn page(webmail: &Webmail, visit: Visit, mut given: Given, error: Option<&'static str>) -> Answer {
    let (directory, style) = (webmail.store.directory(), visit.page.style);
    let t = DeputyWords::new(visit.page.language);
    let user = directory.users.get(&visit.identity().user()).ok_or(Trouble::NotFound)?;
    let named = user.settings.deputy.filter(|deputy| deputy.until > visit.now);
    let person = named.and_then(|deputy| directory.users.get(&deputy.user));
    let now = named.zip(person).map(|(deputy, person)| {
        t.now(&person.name, &style.day_long(deputy.from), &style.day_long(last_day(deputy.until)))
    });
    if given.from.is_empty() && error.is_none() {
        given.from = web::day_of(visit.now);
    }
    let stood = directory.stands_in_for(user.id, visit.now);
    let stood = stood.iter().filter_map(|id| directory.users.get(id)).filter_map(|other| {
        let until = other.settings.deputy?.until;
        Some(t.stands_until(&other.name, &style.day_long(last_day(until))))
    });
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page {
        t,
        tabs: TabWords::new(visit.page.language),
        now,
        lacks_role: person.is_some_and(|person| user.roles.has(Role::Handler) && !person.roles.has(Role::Handler)),
        stands_for: stood.collect(),
        given,
        error,
        frame: frame(visit.page, Tab::Deputy),
    };
    html_with(status, &page)
}

/// A moment of the last day, of the moment at which it has ended.
fn last_day(until: types::Timestamp) -> types::Timestamp {
    types::Timestamp(until.0 - 1)
}

pub(super) async fn save(State(webmail): State<Arc<Webmail>>, visit: Visit, Form(given): Form<Given>) -> Answer {
    let t = DeputyWords::new(visit.page.language);
    let access = webmail.auth.write_account(visit.identity())?;
    let directory = webmail.store.directory();
    let user = directory.users.get(&visit.identity().user()).ok_or(Trouble::NotFound)?;
    let (deputy, said) = if given.remove.is_some() {
        (None, t.removed())
    } else {
        let days = (web::day_start(&given.from), web::day_end(&given.until));
        match outbound::deputy(&directory, user, given.deputy.trim(), days, visit.now) {
            Ok(deputy) => (Some(deputy), t.saved()),
            Err(problem) => {
                let told = problem.told(visit.page.language);
                return page(&webmail, visit, given, Some(told));
            }
        }
    };
    let settings = Settings { deputy, ..user.settings.clone() };
    webmail.store.change_own(&access, None, Some(settings), visit.now).await?;
    see_with(HERE, &Toast::new(said))
}
