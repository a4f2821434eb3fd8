//! 承認者: whom the rules in force ask to approve, who stands in for each, and what keeps one from being asked; whether the
//! company wants a deputy for each.

use store::Change;
use types::{PolicyChange, Timestamp};
use web::axum::extract::Form;
use web::{Answer, Toast, askama, html, see_with};

use crate::desk::Desk;
use crate::form::Fields;
use crate::frame::{Area, Frame};
use crate::held::HeldWords;

web::catalogue! {
    /// Texts of 承認者.
    pub struct ApproverWords {
        lead: ja "有効なルールが承認を依頼する方の一覧です。", en "Whom the rules in force ask to approve.";
        none: ja "承認を依頼するルールはありません。", en "No rule asks anybody to approve.";
        person: ja "承認者", en "Approver";
        rules: ja "ルール", en "Rules";
        deputy: ja "代理", en "Deputy";
        until(name: &str, from: &str, until: &str): ja "{name}({from}~{until})", en "{name}, {from} to {until}";
        missing: ja "代理なし", en "no deputy";
        lacks_role: ja "取扱担当者ではありません", en "is no handler";
        lacks_role_help: ja "取扱担当者ではない承認者には、マイナンバーを含むメールの承認を依頼しません。ほかに承認できる方がいないメールは、管理者、取扱担当者の順に依頼します。",
            en "Approvers who are no handlers are not asked to approve mail with My Numbers. What nobody else may approve goes to the administrators, then to the handlers.";
        name_one: ja "代理を指定", en "Name a deputy";
        policy: ja "方針", en "Policy";
        want: ja "承認者には代理の指定を求める(指定していない方がいると、この画面と保留の一覧でお知らせします)",
            en "Every approver needs a deputy (this page and the list of held mail say who has none)";
        save: ja "保存", en "Save";
        saved: ja "方針を保存しました。", en "The policy has been saved.";
    }
}

/// An approver in the list.
struct Row {
    id: types::UserId,
    name: String,
    address: String,
    rules: String,
    deputy: Option<String>,
    lacks_role: bool,
}

#[derive(askama::Template)]
#[template(path = "admin/held/approvers.html")]
struct Page {
    frame: Frame,
    /// Of the tabs.
    t: HeldWords,
    words: ApproverWords,
    rows: Vec<Row>,
    wanted: bool,
    without: usize,
}

/// GET /t/{tenant}/held/approvers
pub(crate) async fn show(desk: Desk) -> Answer {
    desk.reviews()?;
    let (words, style) = (ApproverWords::new(desk.language()), desk.style());
    let names = desk.rule_names();
    let row = |one: outbound::RuleApprover| {
        let user = desk.directory.users.get(&one.user);
        let deputy = one.deputy.map(|deputy| {
            let last = Timestamp(deputy.until.0 - 1);
            words.until(&desk.name_of(deputy.user), &style.day_long(deputy.from), &style.day_long(last))
        });
        Row {
            id: one.user,
            name: desk.name_of(one.user),
            address: user.map(|user| user.address.to_string()).unwrap_or_default(),
            rules: names.names(&one.rules, desk.language()),
            deputy,
            lacks_role: one.lacks_role,
        }
    };
    let rows: Vec<Row> = desk.console.outbound.rule_approvers(desk.tenant.id).into_iter().map(row).collect();
    html(&Page {
        frame: desk.frame(Area::Held),
        t: HeldWords::new(desk.language()),
        words,
        rows,
        wanted: desk.tenant.policies.approvers_need_deputy,
        without: desk.console.outbound.without_deputy(desk.tenant.id),
    })
}

/// POST /t/{tenant}/held/approvers: whether the company wants a deputy for each.
pub(crate) async fn save(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let changes = vec![PolicyChange::ApproversNeedDeputy(given.has("need_deputy"))];
    let change = Change::ChangePolicies { tenant: desk.tenant.id, changes };
    desk.console.store.change(&access, change, desk.visit.now).await?;
    see_with(&desk.path("held/approvers"), &Toast::new(ApproverWords::new(desk.language()).saved()))
}
