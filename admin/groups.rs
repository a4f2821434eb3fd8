//! グループ・リスト: people who act together (取扱担当者) and addresses that rules name (委託先).

use std::sync::Arc;

use store::{Change, Group, GroupKind, Member, StoreError};
use types::{Address, GroupId};
use web::axum::Router;
use web::axum::extract::{Form, Path};
use web::axum::http::StatusCode;
use web::axum::routing::{get, post};
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use crate::Console;
use crate::desk::Desk;
use crate::form::{Fields, Wrong};
use crate::frame::{Area, Frame};

/// Longest name, characters.
const NAME: usize = 100;
/// Most members.
const MOST: usize = 10_000;

web::catalogue! {
    /// Texts of グループ・リスト.
    pub struct GroupWords {
        title: ja "グループ・リスト", en "Groups and lists";
        users: ja "利用者", en "People";
        lead: ja "審査ルールの承認者・通知先・宛先の条件に使います(group:名前、list:名前)。",
            en "Review rules name them as approvers, recipients or conditions (group:NAME, list:NAME).";
        count(n: usize): ja "{n}件", en "{n} groups and lists", one "One group or list";
        none: ja "グループとリストはまだありません。", en "There is no group and no list yet.";
        name: ja "名前", en "Name";
        name_hint: ja "審査ルールに書く名前です。あとから変更できません。", en "As rules write it. It cannot be changed later.";
        kind: ja "種類", en "Kind";
        kind_group: ja "グループ", en "group";
        kind_list: ja "リスト", en "list";
        address: ja "グループ宛てのアドレス", en "Address of the group";
        address_hint: ja "任意。宛てのメールは全員に届きます。", en "Optional. Mail to it reaches all members.";
        members: ja "メンバー", en "Members";
        used_by: ja "使用しているルール", en "Named by rules";
        add: ja "グループ・リストを追加", en "Add a group or list";
        do_add: ja "追加", en "Add";
        added(name: &str): ja "{name} を追加しました。", en "{name} has been added.";
        member: ja "メンバーのアドレス", en "Member's address";
        member_hint: ja "利用者のアドレス、または社外のアドレス", en "The address of a person here or of somebody outside";
        no_member: ja "メンバーはまだいません。", en "There is no member yet.";
        member_added: ja "メンバーを追加しました。", en "The member has been added.";
        remove_member(name: &str): ja "{name} を外す", en "Remove {name}";
        member_removed: ja "メンバーを外しました。", en "The member has been removed.";
        remove(name: &str): ja "{name} を削除", en "Remove {name}";
        remove_title: ja "グループ・リストの削除", en "Remove a group or list";
        remove_question(name: &str): ja "{name} を削除します。メンバーの利用者は削除されません。", en "{name} will be removed. Its members stay.";
        still_used(rules: &str): ja "審査ルール {rules} で使われています。先にルールを変更してください。", en "The rules {rules} name it. Please change them first.";
        removed(name: &str): ja "{name} を削除しました。", en "{name} has been removed.";
        back: ja "一覧へ戻る", en "Back to the list";
        bad_name: ja "1~100文字で入力してください。", en "1 to 100 characters.";
        bad_address: ja "アドレスの形式が正しくありません。", en "This is not a mail address.";
        foreign_domain: ja "このテナントのドメインではありません。", en "This domain is not one of this tenant's.";
        taken: ja "この名前またはアドレスは使われています。", en "The name or the address is taken.";
        is_member: ja "すでにメンバーです。", en "This is a member already.";
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/groups", get(list).post(add))
        .route("/t/{tenant}/groups/{id}", get(show))
        .route("/t/{tenant}/groups/{id}/members", post(add_member))
        .route("/t/{tenant}/groups/{id}/members/remove", post(remove_member))
        .route("/t/{tenant}/groups/{id}/remove", get(ask_remove).post(remove))
}

struct Row {
    id: GroupId,
    name: String,
    kind: &'static str,
    address: String,
    members: usize,
    rules: String,
}

#[derive(askama::Template)]
#[template(path = "admin/groups/list.html")]
struct List {
    frame: Frame,
    t: GroupWords,
    rows: Vec<Row>,
    given: Fields,
    wrong: Wrong,
}

async fn list(desk: Desk) -> Answer {
    desk.read()?;
    html(&page(&desk, Fields::default(), Wrong::default()))
}

fn page(desk: &Desk, given: Fields, wrong: Wrong) -> List {
    let t = GroupWords::new(desk.language());
    let row = |group: &Arc<Group>| Row {
        id: group.id,
        name: group.name.clone(),
        kind: kind(t, group.kind),
        address: group.address.as_ref().map(ToString::to_string).unwrap_or_default(),
        members: group.members.len(),
        rules: named_by(desk, group),
    };
    let groups = desk.directory.groups.values().filter(|group| group.tenant == desk.tenant.id);
    let mut rows: Vec<Row> = groups.map(row).collect();
    rows.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    List { frame: desk.frame(Area::Users), t, rows, given, wrong }
}

fn kind(t: GroupWords, kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Group => t.kind_group(),
        GroupKind::List => t.kind_list(),
    }
}

/// The codes of the rules in force that name the group.
fn named_by(desk: &Desk, group: &Group) -> String {
    desk.console.outbound.rules_that_name(desk.tenant.id, group.kind, &group.name).join(", ")
}

async fn add(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = GroupWords::new(desk.language());
    let mut wrong = Wrong::default();
    let name = given.get("name").to_owned();
    let good = |c: char| !c.is_control() && c != '"' && c != '\\';
    if name.is_empty() || name.chars().count() > NAME || !name.chars().all(good) {
        wrong.add("name", t.bad_name());
    }
    let address = match given.get("address") {
        "" => None,
        text => own_address(&desk, t, text).map_err(|problem| wrong.add("address", problem)).ok(),
    };
    let kind = if given.get("kind") == "list" { GroupKind::List } else { GroupKind::Group };
    if wrong.count() > 0 {
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong));
    }
    let tenant = desk.tenant.id;
    let change = Change::AddGroup { tenant, kind, name: name.clone(), address, members: Vec::new() };
    match desk.console.store.change(&access, change, desk.visit.now).await {
        Ok(_) => see_with(&desk.path("groups"), &Toast::new(t.added(&name))),
        Err(StoreError::Exists(_)) => {
            wrong.add("name", t.taken());
            html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong))
        }
        Err(error) => Err(error.into()),
    }
}

fn own_address(desk: &Desk, t: GroupWords, text: &str) -> Result<Address, &'static str> {
    let address = Address::parse(text).map_err(|_| t.bad_address())?;
    let here = desk.directory.tenant_of(address.domain()) == Some(desk.tenant.id);
    if here { Ok(address) } else { Err(t.foreign_domain()) }
}

/// A member as the page shows and as its form names him.
struct Told {
    told: String,
    word: String,
}

#[derive(askama::Template)]
#[template(path = "admin/groups/edit.html")]
struct Edit {
    frame: Frame,
    t: GroupWords,
    id: GroupId,
    name: String,
    kind: &'static str,
    address: String,
    rules: String,
    members: Vec<Told>,
    given: Fields,
    wrong: Wrong,
}

fn found(desk: &Desk, id: i64) -> Result<Arc<Group>, Trouble> {
    let group = desk.directory.groups.get(&GroupId(id)).filter(|group| group.tenant == desk.tenant.id);
    group.cloned().ok_or(Trouble::NotFound)
}

fn edit_page(desk: &Desk, group: &Group, given: Fields, wrong: Wrong) -> Edit {
    let t = GroupWords::new(desk.language());
    let told = |member: &Member| match member {
        Member::User(id) => {
            let user = desk.directory.users.get(id);
            let told = user.map(|user| format!("{} ({})", user.name, user.address)).unwrap_or_default();
            Told { told, word: id.to_string() }
        }
        Member::Address(address) => Told { told: address.to_string(), word: address.to_string() },
    };
    Edit {
        frame: desk.frame(Area::Users),
        id: group.id,
        name: group.name.clone(),
        kind: kind(t, group.kind),
        address: group.address.as_ref().map(ToString::to_string).unwrap_or_default(),
        rules: named_by(desk, group),
        members: group.members.iter().map(told).collect(),
        t,
        given,
        wrong,
    }
}

async fn show(desk: Desk, Path((_, id)): Path<(String, i64)>) -> Answer {
    desk.read()?;
    let group = found(&desk, id)?;
    html(&edit_page(&desk, &group, Fields::default(), Wrong::default()))
}

async fn add_member(desk: Desk, Path((_, id)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let t = GroupWords::new(desk.language());
    let group = found(&desk, id)?;
    let mut wrong = Wrong::default();
    let mut members = group.members.clone();
    match Address::parse(given.get("member")) {
        Err(_) => wrong.add("member", t.bad_address()),
        Ok(address) => {
            let here = desk.directory.user_by_address(&address).filter(|user| user.tenant == desk.tenant.id);
            let member = here.map_or(Member::Address(address), |user| Member::User(user.id));
            if members.contains(&member) || members.len() >= MOST {
                wrong.add("member", t.is_member());
            }
            members.push(member);
        }
    }
    if wrong.count() > 0 {
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &edit_page(&desk, &group, given, wrong));
    }
    set_members(&desk, &group, members, t.member_added()).await
}

async fn set_members(desk: &Desk, group: &Group, members: Vec<Member>, said: &str) -> Answer {
    let access = desk.manage()?;
    desk.console.store.change(&access, Change::SetMembers(group.id, members), desk.visit.now).await?;
    see_with(&desk.path(&format!("groups/{}", group.id)), &Toast::new(said))
}

async fn remove_member(desk: Desk, Path((_, id)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let t = GroupWords::new(desk.language());
    let group = found(&desk, id)?;
    let word = given.get("member");
    let is_he = |member: &Member| match member {
        Member::User(id) => id.to_string() == word,
        Member::Address(address) => address.to_string() == word,
    };
    let members: Vec<Member> = group.members.iter().filter(|member| !is_he(member)).cloned().collect();
    if members.len() == group.members.len() {
        return Err(Trouble::NotFound);
    }
    set_members(&desk, &group, members, t.member_removed()).await
}

#[derive(askama::Template)]
#[template(path = "admin/groups/remove.html")]
struct Remove {
    frame: Frame,
    t: GroupWords,
    id: GroupId,
    name: String,
    rules: String,
}

fn question(desk: &Desk, group: &Group) -> Remove {
    let t = GroupWords::new(desk.language());
    let (name, rules) = (group.name.clone(), named_by(desk, group));
    Remove { frame: desk.frame(Area::Users), t, id: group.id, name, rules }
}

async fn ask_remove(desk: Desk, Path((_, id)): Path<(String, i64)>) -> Answer {
    desk.manage()?;
    let group = found(&desk, id)?;
    html(&question(&desk, &group))
}

/// A group that a rule names is not removed: the rule would ask nobody.
async fn remove(desk: Desk, Path((_, id)): Path<(String, i64)>) -> Answer {
    let access = desk.manage()?;
    let group = found(&desk, id)?;
    if !named_by(&desk, &group).is_empty() {
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &question(&desk, &group));
    }
    desk.console.store.change(&access, Change::RemoveGroup(group.id), desk.visit.now).await?;
    let t = GroupWords::new(desk.language());
    see_with(&desk.path("groups"), &Toast::new(t.removed(&group.name)))
}
