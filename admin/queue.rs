//! キュー: what waits for its next hop, by domain and row by row; retry, hold, release, delete.

use std::sync::Arc;

use serde::Deserialize;
use store::{DomainLoad, QueueAction, QueueFilter, QueuePage, QueueRow, QueueState};
use types::{Domain, QueueId};
use web::axum::Router;
use web::axum::extract::{Form, Query};
use web::axum::routing::get;
use web::{Answer, Toast, Trouble, askama, html, see_with};

use crate::Console;
use crate::desk::Desk;
use crate::form::{Fields, query};
use crate::frame::{Area, Frame};

/// Rows of a page.
const ROWS: u32 = 50;

web::catalogue! {
    /// Texts of キュー.
    pub struct QueueWords {
        title: ja "キュー", en "Queue";
        tracking: ja "配送追跡", en "Tracking";
        everywhere: ja "サーバー全体", en "Whole server";
        here: ja "このテナント", en "This tenant";
        range: ja "範囲", en "Range";
        by_domain: ja "宛先ドメイン", en "By domain";
        domain: ja "ドメイン", en "Domain";
        waiting: ja "待機", en "Waiting";
        held: ja "保留", en "Held";
        oldest: ja "最古", en "Oldest";
        last_answer: ja "最後の応答", en "Last answer";
        rows: ja "メール", en "Mail";
        empty: ja "配送を待っているメールはありません。", en "No mail waits for delivery.";
        none: ja "条件に合うメールはありません。", en "No mail matches.";
        state: ja "状態", en "State";
        all: ja "すべて", en "All";
        show: ja "表示", en "Show";
        select: ja "選択", en "Select";
        select_row(to: &str): ja "{to} を選択", en "Select {to}";
        sender: ja "送信者", en "Sender";
        recipient: ja "宛先", en "Recipient";
        reference: ja "受付番号", en "Reference";
        attempts: ja "試行", en "Attempts";
        next: ja "次回", en "Next";
        since: ja "受付", en "Since";
        retry: ja "今すぐ再試行", en "Retry now";
        hold: ja "保留", en "Hold";
        release: ja "解除", en "Release";
        delete: ja "削除", en "Delete";
        of_domain(act: &str, domain: &str): ja "{domain} を{act}", en "{act}: {domain}";
        delete_title: ja "キューからの削除", en "Delete from the queue";
        delete_question(what: &str): ja "{what} をキューから削除します。配送されず、送信者への不達通知も送りません。元に戻せません。",
            en "{what} will be deleted from the queue: not delivered, and the sender gets no report. This cannot be undone.";
        delete_rows(n: usize): ja "選択した{n}件を削除", en "Delete {n} mails", one "Delete one mail";
        delete_domain(domain: &str): ja "{domain} 宛てのすべてを削除", en "Delete everything to {domain}";
        chosen(n: usize): ja "選択した{n}件", en "The {n} chosen mails", one "The chosen mail";
        everything_to(domain: &str): ja "{domain} 宛てのすべてのメール", en "All mail to {domain}";
        done(n: usize): ja "{n}件を処理しました。", en "{n} mails changed.", one "One mail changed.";
        nothing: ja "メールを選択してください。", en "Please select mail first.";
        older: ja "さらに表示", en "Show more";
        selected: ja "選択したメールへの操作", en "What to do with the selected mail";
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/queue", get(show).post(act))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// `all`: of every company, for operators.
    range: String,
    domain: String,
    state: String,
    after: String,
}

struct Load {
    domain: String,
    waiting: u64,
    held: u64,
    oldest: String,
    last_answer: String,
    link: String,
}

struct Row {
    id: QueueId,
    reference: String,
    link: String,
    from: String,
    to: String,
    state: (&'static str, &'static str),
    attempts: u32,
    due: String,
    since: String,
    last_answer: String,
}

#[derive(askama::Template)]
#[template(path = "admin/queue/list.html")]
struct Queue {
    frame: Frame,
    t: QueueWords,
    asked: Asked,
    operator: bool,
    loads: Vec<Load>,
    rows: Vec<Row>,
    more: Option<String>,
}

/// GET /t/{tenant}/queue
async fn show(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let t = QueueWords::new(desk.language());
    let page = QueuePage {
        after: asked.after.parse().ok().map(QueueId),
        domain: Domain::parse(&asked.domain).ok(),
        state: match asked.state.as_str() {
            "waiting" => Some(QueueState::Waiting),
            "held" => Some(QueueState::Held),
            _ => None,
        },
    };
    let store = &desk.console.store;
    let (loads, rows) = if asked.range == "all" {
        let access = desk.server()?;
        (store.queue_domains_everywhere(&access).await?, store.queue_page_everywhere(&access, &page, ROWS).await?)
    } else {
        let access = desk.read()?;
        (store.queue_domains(&access).await?, store.queue_page(&access, &page, ROWS).await?)
    };
    let last = rows.last().filter(|_| rows.len() == ROWS as usize);
    let more = last.map(|row| link(&desk, &asked, &asked.domain, &row.id.to_string()));
    let loads = loads.into_iter().map(|one| load(&desk, &asked, one)).collect();
    let rows = rows.iter().map(|one| row(&desk, t, one)).collect();
    html(&Queue { frame: desk.frame(Area::Queue), t, operator: desk.is_operator(), asked, loads, rows, more })
}

fn link(desk: &Desk, asked: &Asked, domain: &str, after: &str) -> String {
    let pairs = [("range", asked.range.as_str()), ("domain", domain), ("state", &asked.state), ("after", after)];
    format!("{}?{}", desk.path("queue"), query(&pairs))
}

fn load(desk: &Desk, asked: &Asked, one: DomainLoad) -> Load {
    Load {
        link: link(desk, asked, one.domain.as_str(), ""),
        domain: one.domain.to_string(),
        waiting: one.waiting,
        held: one.held,
        oldest: desk.style().date_short(one.oldest),
        last_answer: inspect::mask_numbers(&one.last_answer),
    }
}

fn row(desk: &Desk, t: QueueWords, one: &QueueRow) -> Row {
    let company = desk.directory.tenants.get(&one.tenant).map_or(desk.tenant.name.as_str(), |tenant| &tenant.name);
    Row {
        id: one.id,
        reference: one.reference.to_string(),
        link: format!("/t/{company}/tracking/{}", one.reference),
        from: one.from.as_ref().map(ToString::to_string).unwrap_or_default(),
        to: one.recipient.to_string(),
        state: if one.state == QueueState::Held { (t.held(), "warn") } else { (t.waiting(), "ok") },
        attempts: one.attempts,
        due: desk.style().date_short(one.due),
        since: desk.style().date_short(one.since),
        last_answer: inspect::mask_numbers(&one.last_answer),
    }
}

#[derive(askama::Template)]
#[template(path = "admin/queue/delete.html")]
struct Delete {
    frame: Frame,
    t: QueueWords,
    range: String,
    domain: String,
    ids: Vec<i64>,
}

/// POST /t/{tenant}/queue: on the ticked rows, or on a domain. Deleting asks once more.
async fn act(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let t = QueueWords::new(desk.language());
    let action = match given.get("do") {
        "retry" => QueueAction::Retry,
        "hold" => QueueAction::Hold,
        "release" => QueueAction::Release,
        "delete" => QueueAction::Delete,
        _ => return Err(Trouble::BadRequest),
    };
    let domain = match given.get("domain") {
        "" => None,
        text => Some(Domain::parse(text).map_err(|_| Trouble::BadRequest)?),
    };
    let ids = if domain.is_some() { Vec::new() } else { given.numbers("row-") };
    let back = format!("{}?{}", desk.path("queue"), query(&[("range", given.get("range"))]));
    if ids.is_empty() && domain.is_none() {
        return see_with(&back, &Toast::new(t.nothing()));
    }
    if action == QueueAction::Delete && !given.has("sure") {
        desk.manage()?;
        let domain = domain.map(|domain| domain.to_string()).unwrap_or_default();
        return html(&Delete { frame: desk.frame(Area::Queue), t, range: given.get("range").to_owned(), domain, ids });
    }
    let filter = QueueFilter { ids: ids.into_iter().map(QueueId).collect(), domain, all: false };
    let store = &desk.console.store;
    let changed = if given.get("range") == "all" {
        store.control_queue(&desk.server()?, &filter, action, desk.visit.now).await?
    } else {
        store.control_tenant_queue(&desk.manage()?, &filter, action, desk.visit.now).await?
    };
    see_with(&back, &Toast::new(t.done(changed.len())))
}
