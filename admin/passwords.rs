//! 審査 → 合意済みパスワード: the passwords that a company has agreed with others for encrypted files, and whether they
//! are tried. A text goes in, and never comes back: not into a page, not into the audit log.

use std::sync::Arc;

use inspect::extract::{Password, PasswordError};
use serde::Deserialize;
use store::{AgreedPassword, Change, GroupKind, NewAgreedPassword, Secret, StoreError};
use types::{Domain, PolicyChange};
use web::axum::Router;
use web::axum::extract::{Form, Query};
use web::axum::http::StatusCode;
use web::axum::routing::{get, post};
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use crate::Console;
use crate::desk::Desk;
use crate::form::{Fields, Wrong};
use crate::frame::{Area, Frame};
use crate::rules::RuleTabs;

web::catalogue! {
    /// Texts of 合意済みパスワード.
    pub struct PasswordWords {
        lead: ja "取引先と取り決めたパスワードを登録すると、暗号化された添付ファイル(ZIP、7z、PDF、Office)の検査に使えます。開けないファイルは、これまでどおり「検査できない添付」として扱います。相手のドメインを指定したもの(半角8文字以上)は、そのドメインへ ZIP で送るときのパスワードにもなります。",
            en "Passwords that you have agreed with others can open encrypted attachments (ZIP, 7z, PDF, Office) for the inspection. What none opens stays “not inspected”. One with a domain (8 ASCII characters or more) is also the password of ZIPs that are sent there.";
        secret: ja "登録したパスワードは、登録後に表示できません。", en "A password cannot be shown again once it is added.";
        state_on: ja "現在:検査に使用しています。", en "Now: they are tried.";
        state_off: ja "現在:検査に使用していません。", en "Now: they are not tried.";
        turn_on: ja "検査に使用する", en "Try them";
        turn_off: ja "検査に使用しない", en "Do not try them";
        turned_on: ja "合意済みパスワードを検査に使用します。", en "The passwords are tried from now on.";
        turned_off: ja "合意済みパスワードを検査に使用しません。", en "The passwords are not tried any more.";
        count(n: usize): ja "{n}件のパスワード", en "{n} passwords", one "One password";
        none: ja "登録したパスワードはまだありません。", en "There is no password yet.";
        name: ja "名前", en "Name";
        name_hint: ja "例:山田製作所 2026年度。パスワードそのものは書かないでください。", en "For example: Yamada 2026. Please do not write the password itself.";
        domain: ja "相手のドメイン", en "Domain of the others";
        domain_hint: ja "任意。このドメインとのメールだけに使います。", en "Optional. It is tried on mail with this domain only.";
        group: ja "送信者のグループ", en "Group of the sender";
        group_hint: ja "任意。このグループの人のメールだけに使います。", en "Optional. It is tried on mail of this group's members only.";
        everyone: ja "すべて", en "all";
        added_at: ja "登録日時", en "Since";
        added_by: ja "登録者", en "Added by";
        machine: ja "コマンド", en "command line";
        add: ja "パスワードを追加", en "Add a password";
        password: ja "パスワード", en "Password";
        password_hint: ja "128バイトまで(半角128文字、全角は約42文字)", en "128 bytes at most";
        do_add: ja "追加", en "Add";
        added(name: &str): ja "{name} を追加しました。", en "{name} has been added.";
        remove: ja "削除", en "Remove";
        remove_of(name: &str): ja "{name} を削除", en "Remove {name}";
        remove_title: ja "合意済みパスワードの削除", en "Remove a password";
        remove_question(name: &str): ja "{name} を削除します。このパスワードで暗号化されたファイルは、検査できなくなります。", en "{name} will be removed. Files under this password are not inspected any more.";
        removed(name: &str): ja "{name} を削除しました。", en "{name} has been removed.";
        bad_name: ja "1~100文字で入力してください。", en "1 to 100 characters.";
        taken: ja "この名前は使われています。", en "The name is taken.";
        bad_domain: ja "ドメイン名の形式が正しくありません。", en "This is not a domain name.";
        no_group: ja "このグループはありません。", en "There is no such group.";
        empty: ja "パスワードを入力してください。", en "Please write the password.";
        too_long: ja "パスワードが長すぎます。", en "The password is too long.";
        control: ja "使用できない文字が含まれています。", en "It holds a character that nobody can type.";
        too_many(n: usize): ja "登録できるのは{n}件までです。", en "There can be {n} passwords at most.";
        same: ja "名前にパスワードを含めないでください。", en "The name must not hold the password.";
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/passwords", get(list).post(add))
        .route("/t/{tenant}/passwords/try", post(switch))
        .route("/t/{tenant}/passwords/remove", get(ask_remove).post(remove))
}

struct Row {
    name: String,
    domain: String,
    group: String,
    at: String,
    at_machine: String,
    by: String,
}

#[derive(askama::Template)]
#[template(path = "admin/passwords/list.html")]
struct List {
    frame: Frame,
    tabs: RuleTabs,
    t: PasswordWords,
    tried: bool,
    rows: Vec<Row>,
    groups: Vec<String>,
    given: Fields,
    wrong: Wrong,
}

async fn list(desk: Desk) -> Answer {
    desk.read()?;
    html(&page(&desk, Fields::default(), Wrong::default()))
}

fn page(desk: &Desk, given: Fields, wrong: Wrong) -> List {
    let t = PasswordWords::new(desk.language());
    let row = |one: &AgreedPassword| Row {
        name: one.name.clone(),
        domain: one.domain.as_ref().map_or_else(|| t.everyone().to_owned(), ToString::to_string),
        group: one.group.clone().unwrap_or_else(|| t.everyone().to_owned()),
        at: desk.style().date_short(one.added),
        at_machine: desk.style().date_machine(one.added),
        by: one.by.map_or_else(|| t.machine().to_owned(), |by| desk.name_of(by)),
    };
    let rows = own(desk).iter().map(row).collect();
    let groups = desk.directory.groups.values();
    let ours = groups.filter(|group| group.tenant == desk.tenant.id && group.kind == GroupKind::Group);
    let mut groups: Vec<String> = ours.map(|group| group.name.clone()).collect();
    groups.sort();
    let (frame, tabs) = (desk.frame(Area::Rules), RuleTabs::new(desk.language()));
    List { frame, tabs, t, tried: desk.tenant.policies.try_passwords, rows, groups, given, wrong }
}

fn own(desk: &Desk) -> &[AgreedPassword] {
    desk.directory.agreed.get(&desk.tenant.id).map(|all| all.as_slice()).unwrap_or_default()
}

async fn add(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = PasswordWords::new(desk.language());
    let mut wrong = Wrong::default();
    if let Some(new) = typed(&desk, t, &given, &mut wrong) {
        let name = new.name.clone();
        let change = Change::AddAgreedPassword(Box::new(new));
        match desk.console.store.change(&access, change, desk.visit.now).await {
            Ok(_) => return see_with(&desk.path("passwords"), &Toast::new(t.added(&name))),
            Err(StoreError::Exists(_)) => wrong.add("name", t.taken()),
            Err(StoreError::Invalid(_)) => wrong.add("name", t.too_many(store::AGREED_MOST)),
            Err(error) => return Err(error.into()),
        }
    }
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong))
}

/// What the form says, when nothing is wrong with it.
fn typed(desk: &Desk, t: PasswordWords, given: &Fields, wrong: &mut Wrong) -> Option<NewAgreedPassword> {
    let password = Password::parse(given.raw("password"));
    if let Err(error) = &password {
        wrong.add("password", problem(t, *error));
    }
    let domain = match given.get("domain") {
        "" => None,
        text => Domain::parse(text).map_err(|_| wrong.add("domain", t.bad_domain())).ok(),
    };
    let group = Some(given.get("group")).filter(|group| !group.is_empty()).map(str::to_owned);
    if group.as_ref().is_some_and(|name| desk.directory.group(desk.tenant.id, GroupKind::Group, name).is_none()) {
        wrong.add("group", t.no_group());
    }
    let secret = Secret::new(password.ok()?.reveal().to_owned().into());
    let new = NewAgreedPassword { tenant: desk.tenant.id, name: given.get("name").to_owned(), domain, group, secret };
    if !new.has_good_name() {
        wrong.add("name", t.bad_name());
    } else if new.name.contains(new.secret.reveal()) {
        wrong.add("name", t.same());
    }
    (wrong.count() == 0).then_some(new)
}

fn problem(t: PasswordWords, error: PasswordError) -> &'static str {
    match error {
        PasswordError::Empty => t.empty(),
        PasswordError::TooLong => t.too_long(),
        PasswordError::Control => t.control(),
    }
}

async fn switch(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = PasswordWords::new(desk.language());
    let try_passwords = match given.get("state") {
        "on" => true,
        "off" => false,
        _ => return Err(Trouble::BadRequest),
    };
    let changes = vec![PolicyChange::TryPasswords(try_passwords)];
    let change = Change::ChangePolicies { tenant: desk.tenant.id, changes };
    desk.console.store.change(&access, change, desk.visit.now).await?;
    let said = if try_passwords { t.turned_on() } else { t.turned_off() };
    see_with(&desk.path("passwords"), &Toast::new(said))
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(askama::Template)]
#[template(path = "admin/passwords/remove.html")]
struct Remove {
    frame: Frame,
    t: PasswordWords,
    name: String,
}

async fn ask_remove(desk: Desk, Query(named): Query<Named>) -> Answer {
    desk.read()?;
    let known = own(&desk).iter().find(|one| one.name == named.name).ok_or(Trouble::NotFound)?;
    let (t, name) = (PasswordWords::new(desk.language()), known.name.clone());
    html(&Remove { frame: desk.frame(Area::Rules), t, name })
}

async fn remove(desk: Desk, Form(named): Form<Named>) -> Answer {
    let access = desk.manage()?;
    let t = PasswordWords::new(desk.language());
    let change = Change::RemoveAgreedPassword { tenant: desk.tenant.id, name: named.name.clone() };
    desk.console.store.change(&access, change, desk.visit.now).await?;
    see_with(&desk.path("passwords"), &Toast::new(t.removed(&named.name)))
}
