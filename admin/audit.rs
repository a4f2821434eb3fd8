//! 監査ログ: who did what when, newest first, filtered; as a page and as CSV. It is read here, never changed.

use std::sync::Arc;

use serde::Deserialize;
use store::{AUDIT_MOST, AuditFilter, AuditKey, AuditPage, AuditRow, AuditSource};
use types::{Address, GroupId, Timestamp, UserId};
use web::axum::Router;
use web::axum::extract::Query;
use web::axum::http::{HeaderValue, header};
use web::axum::response::IntoResponse as _;
use web::axum::routing::get;
use web::{Answer, Trouble, askama, html};

use crate::Console;
use crate::desk::Desk;
use crate::form::query;
use crate::frame::{Area, Frame};
use crate::held::day_start;

/// Rows of a page.
const ROWS: u32 = 100;
/// Most rows of an export.
const EXPORTED: usize = 20_000;
/// Most pages that are looked at for one answer: a filter that matches little looks at many rows.
const PAGES: usize = 200;

web::catalogue! {
    /// Texts of 監査ログ.
    pub struct AuditWords {
        title: ja "監査ログ", en "Audit log";
        lead: ja "記録は変更・削除できません。", en "Nothing here can be changed or removed.";
        range: ja "範囲", en "Range";
        here: ja "このテナント", en "This tenant";
        everywhere: ja "サーバー全体", en "Whole server";
        who: ja "実行者のアドレス", en "Address of who did it";
        what: ja "種類", en "Kind";
        subject: ja "対象", en "Concerns";
        subject_part: ja "対象(一部)", en "Concerns (part)";
        since: ja "開始日", en "From day";
        until: ja "終了日", en "To day";
        all: ja "すべて", en "All";
        show: ja "表示", en "Show";
        export: ja "CSVで書き出す", en "Export as CSV";
        none: ja "条件に合う記録はありません。", en "No record matches.";
        when: ja "日時", en "When";
        by: ja "実行者", en "By";
        event: ja "操作", en "Event";
        name: ja "記録名", en "Name";
        detail: ja "詳細", en "Detail";
        company: ja "テナント", en "Tenant";
        system: ja "システム・コマンド", en "system or command line";
        older: ja "さらに表示", en "Show more";
        unknown_person: ja "このアドレスの利用者はいません。", en "Nobody here has this address.";
        kind_people: ja "利用者", en "People";
        kind_sessions: ja "サインイン", en "Signing in";
        kind_groups: ja "グループ", en "Groups";
        kind_domains: ja "ドメイン", en "Domains";
        kind_rules: ja "審査ルール", en "Rules";
        kind_held: ja "保留メールの閲覧", en "Held mail opened";
        kind_parcels: ja "審査・承認", en "Review and approval";
        kind_arrivals: ja "受信メールの審査", en "Review of incoming mail";
        kind_submissions: ja "送信", en "Sent mail";
        kind_queue: ja "キュー", en "Queue";
        kind_audit: ja "監査ログ", en "Audit log";
    }
}

web::catalogue! {
    /// Events in words.
    pub struct EventWords {
        tenant_added: ja "テナントを追加", en "Tenant added";
        tenant_changed: ja "テナントを変更", en "Tenant changed";
        tenant_removed: ja "テナントを削除", en "Tenant removed";
        domain_added: ja "ドメインを追加", en "Domain added";
        domain_removed: ja "ドメインを削除", en "Domain removed";
        user_added: ja "利用者を追加", en "Person added";
        user_changed: ja "利用者を変更", en "Person changed";
        user_password: ja "パスワードを設定", en "Password set";
        user_removed: ja "利用者を削除", en "Person removed";
        alias_added: ja "別名アドレスを追加", en "Alias added";
        alias_removed: ja "別名アドレスを削除", en "Alias removed";
        group_added: ja "グループを追加", en "Group added";
        group_changed: ja "グループのメンバーを変更", en "Members of a group changed";
        group_removed: ja "グループを削除", en "Group removed";
        session_opened: ja "サインイン", en "Signed in";
        session_refused: ja "サインインの失敗", en "Sign-in refused";
        session_ended: ja "サインアウト", en "Signed out";
        rules_applied: ja "審査ルールを反映", en "Rules put in force";
        rules_published: ja "審査ルールの変更理由", en "Reason of a change of the rules";
        rules_simulated: ja "試験(シミュレーター)", en "Trial (simulator)";
        audit_exported: ja "監査ログを書き出し", en "Audit log exported";
        held_opened: ja "保留メールを閲覧", en "Held mail opened";
        held_file_opened: ja "保留メールの添付を閲覧", en "Attachment of held mail opened";
        arrival_judged: ja "受信メールを検査", en "Incoming mail reviewed";
        arrival_not_reviewed: ja "受信メールを検査できず", en "Incoming mail could not be reviewed";
        submission_judged: ja "検査", en "Reviewed";
        submission_reviewing: ja "検査中", en "Under review";
        submission_blocked: ja "ルールにより送信不可", en "Refused by a rule";
        parcel_held: ja "保留", en "Held";
        parcel_released: ja "送信を開始", en "On its way";
        parcel_approved: ja "承認", en "Approved";
        parcel_returned: ja "差し戻し", en "Returned";
        parcel_rejected: ja "却下", en "Rejected";
        parcel_expired: ja "期限切れ", en "Deadline passed";
        parcel_waiting: ja "送信待ち(取り消し可)", en "Waits, can be undone";
        parcel_recalled: ja "送信者が取り消し", en "Undone by the sender";
        submission_recalled: ja "送信者が取り消し", en "Undone by the sender";
        policies_changed: ja "方針を変更", en "Policies changed";
        parcel_withdrawn: ja "取り下げ", en "Withdrawn";
        parcel_deleted: ja "ルールにより破棄", en "Discarded by a rule";
        parcel_noted: ja "ルールにより通知", en "A rule told somebody";
        parcel_elsewhere: ja "別の経路で配送", en "Delivered another way";
        queue_delivered: ja "相手先のサーバーが受領", en "Taken by the next server";
        queue_failed: ja "配送失敗", en "Delivery failed";
        queue_deferred: ja "再試行待ち", en "Will be tried again";
        queue_delay_told: ja "遅延を送信者に通知", en "Sender told of the delay";
        queue_retried: ja "キュー: 今すぐ再試行", en "Queue: retried by hand";
        queue_stopped: ja "キュー: 保留", en "Queue: held by hand";
        queue_resumed: ja "キュー: 解除", en "Queue: released by hand";
        queue_deleted: ja "キュー: 削除", en "Queue: deleted by hand";
    }
}

impl EventWords {
    /// An event in words; `None` for one that has none yet.
    pub fn event(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            "tenant.added" => self.tenant_added(),
            "tenant.changed" => self.tenant_changed(),
            "tenant.removed" => self.tenant_removed(),
            "domain.added" => self.domain_added(),
            "domain.removed" => self.domain_removed(),
            "user.added" => self.user_added(),
            "user.changed" => self.user_changed(),
            "user.password" => self.user_password(),
            "user.removed" => self.user_removed(),
            "alias.added" => self.alias_added(),
            "alias.removed" => self.alias_removed(),
            "group.added" => self.group_added(),
            "group.changed" => self.group_changed(),
            "group.removed" => self.group_removed(),
            "session.opened" => self.session_opened(),
            "session.refused" => self.session_refused(),
            "session.ended" => self.session_ended(),
            "rules.applied" => self.rules_applied(),
            "rules.published" => self.rules_published(),
            "rules.simulated" => self.rules_simulated(),
            "audit.exported" => self.audit_exported(),
            "held.opened" => self.held_opened(),
            "held.file_opened" => self.held_file_opened(),
            "arrival.judged" => self.arrival_judged(),
            "arrival.not_reviewed" => self.arrival_not_reviewed(),
            "submission.judged" => self.submission_judged(),
            "submission.reviewing" => self.submission_reviewing(),
            "submission.blocked" => self.submission_blocked(),
            "parcel.held" => self.parcel_held(),
            "parcel.released" => self.parcel_released(),
            "parcel.approved" => self.parcel_approved(),
            "parcel.returned" => self.parcel_returned(),
            "parcel.rejected" => self.parcel_rejected(),
            "parcel.expired" => self.parcel_expired(),
            "parcel.waiting" => self.parcel_waiting(),
            "parcel.recalled" => self.parcel_recalled(),
            "submission.recalled" => self.submission_recalled(),
            "policies.changed" => self.policies_changed(),
            "parcel.withdrawn" => self.parcel_withdrawn(),
            "parcel.deleted" => self.parcel_deleted(),
            "parcel.noted" => self.parcel_noted(),
            "parcel.elsewhere" => self.parcel_elsewhere(),
            "queue.delivered" => self.queue_delivered(),
            "queue.failed" => self.queue_failed(),
            "queue.deferred" => self.queue_deferred(),
            "queue.delay_told" => self.queue_delay_told(),
            "queue.retried" => self.queue_retried(),
            "queue.stopped" => self.queue_stopped(),
            "queue.resumed" => self.queue_resumed(),
            "queue.deleted" => self.queue_deleted(),
            _ => return None,
        })
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/audit", get(show)).route("/t/{tenant}/audit.csv", get(export))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    range: String,
    who: String,
    event: String,
    subject: String,
    since: String,
    until: String,
    /// `1795478400000.m.17`: rows before this one.
    before: String,
}

impl Asked {
    /// The filter; `None`: nobody has this address.
    fn filter(&self, desk: &Desk) -> Option<AuditFilter> {
        let actor = match self.who.trim() {
            "" => None,
            text => Some(desk.directory.user_by_address(&Address::parse(text).ok()?)?.id),
        };
        Some(AuditFilter {
            actor,
            event: self.event.clone(),
            since: day_start(&self.since),
            until: web::day_end(&self.until),
            subject: self.subject.trim().to_owned(),
        })
    }

    fn key(&self) -> Result<Option<AuditKey>, Trouble> {
        if self.before.is_empty() {
            return Ok(None);
        }
        let parts: Vec<&str> = self.before.split('.').collect();
        let [at, source, id] = parts.as_slice() else { return Err(Trouble::NotFound) };
        let source = match *source {
            "d" => AuditSource::Directory,
            "m" => AuditSource::Mail,
            _ => return Err(Trouble::NotFound),
        };
        let (at, id) = (at.parse().map_err(|_| Trouble::NotFound)?, id.parse().map_err(|_| Trouble::NotFound)?);
        Ok(Some(AuditKey { at: Timestamp(at), source, id }))
    }

    fn query(&self, before: &str) -> String {
        query(&[
            ("range", &self.range),
            ("who", &self.who),
            ("event", &self.event),
            ("subject", &self.subject),
            ("since", &self.since),
            ("until", &self.until),
            ("before", before),
        ])
    }
}

fn word(key: AuditKey) -> String {
    let source = if key.source == AuditSource::Directory { "d" } else { "m" };
    format!("{}.{source}.{}", key.at.0, key.id)
}

async fn page(
    desk: &Desk,
    asked: &Asked,
    filter: &AuditFilter,
    from: Option<AuditKey>,
    most: u32,
) -> Result<AuditPage, Trouble> {
    let store = &desk.console.store;
    if asked.range == "all" {
        return Ok(store.audit_log_everywhere(&desk.server()?, filter, from, most).await?);
    }
    Ok(store.audit_log(&desk.read()?, filter, from, most).await?)
}

/// Pages until `most` rows are together or all were looked at.
async fn rows(
    desk: &Desk,
    asked: &Asked,
    filter: &AuditFilter,
    most: usize,
    page_rows: u32,
) -> Result<(Vec<AuditRow>, Option<AuditKey>), Trouble> {
    let (mut all, mut from) = (Vec::new(), asked.key()?);
    for _ in 0..PAGES {
        let page = page(desk, asked, filter, from, page_rows).await?;
        all.extend(page.rows);
        from = page.next;
        if from.is_none() || all.len() >= most {
            break;
        }
    }
    Ok((all, from))
}

/// A row as people read it.
struct Told {
    at: String,
    at_machine: String,
    by: String,
    company: String,
    what: String,
    event: String,
    subject: String,
    detail: String,
}

fn told(desk: &Desk, t: AuditWords, row: &AuditRow) -> Told {
    let words = EventWords::new(desk.language());
    Told {
        at: desk.style().date_exact(row.key.at),
        at_machine: desk.style().date_machine(row.key.at),
        by: row.actor.map_or_else(|| t.system().to_owned(), |id| desk.name_of(id)),
        company: row
            .tenant
            .and_then(|id| desk.directory.tenants.get(&id))
            .map(|one| one.title.clone())
            .unwrap_or_default(),
        what: words.event(&row.event).unwrap_or(row.event.as_str()).to_owned(),
        event: row.event.clone(),
        subject: inspect::mask_every_number(&subject(desk, row)),
        detail: inspect::mask_every_number(&row.detail),
    }
}

/// Numbers of people and groups as names, while they are there.
fn subject(desk: &Desk, row: &AuditRow) -> String {
    let named = match (row.event.split('.').next(), row.subject.parse::<i64>()) {
        (Some("user"), Ok(id)) => desk.directory.users.get(&UserId(id)).map(|user| user.address.to_string()),
        (Some("group"), Ok(id)) => desk.directory.groups.get(&GroupId(id)).map(|group| group.name.clone()),
        _ => None,
    };
    named.unwrap_or_else(|| row.subject.clone())
}

#[derive(askama::Template)]
#[template(path = "admin/audit/list.html")]
struct Log {
    frame: Frame,
    t: AuditWords,
    asked: Asked,
    kinds: Vec<(&'static str, &'static str)>,
    operator: bool,
    unknown: bool,
    rows: Vec<Told>,
    older: Option<String>,
    export: String,
}

fn kinds(t: AuditWords) -> Vec<(&'static str, &'static str)> {
    vec![
        ("user.", t.kind_people()),
        ("session.", t.kind_sessions()),
        ("group.", t.kind_groups()),
        ("domain.", t.kind_domains()),
        ("rules.", t.kind_rules()),
        ("submission.", t.kind_submissions()),
        ("parcel.", t.kind_parcels()),
        ("arrival.", t.kind_arrivals()),
        ("held.", t.kind_held()),
        ("queue.", t.kind_queue()),
        ("audit.", t.kind_audit()),
    ]
}

/// GET /t/{tenant}/audit
async fn show(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    desk.read()?;
    let t = AuditWords::new(desk.language());
    let filter = asked.filter(&desk);
    let (found, next) = match &filter {
        Some(filter) => rows(&desk, &asked, filter, 1, ROWS).await?,
        None => (Vec::new(), None),
    };
    html(&Log {
        frame: desk.frame(Area::Audit),
        t,
        kinds: kinds(t),
        operator: desk.is_operator(),
        unknown: filter.is_none(),
        rows: found.iter().map(|row| told(&desk, t, row)).collect(),
        older: next.map(|key| format!("{}?{}", desk.path("audit"), asked.query(&word(key)))),
        export: format!("{}?{}", desk.path("audit.csv"), asked.query("")),
        asked,
    })
}

/// GET /t/{tenant}/audit.csv: the filtered rows as a file that spreadsheets open (UTF-8 with BOM); recorded.
async fn export(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let access = desk.read()?;
    let t = AuditWords::new(desk.language());
    let filter = asked.filter(&desk).ok_or(Trouble::NotFound)?;
    let (mut found, _) = rows(&desk, &asked, &filter, EXPORTED, AUDIT_MOST).await?;
    found.truncate(EXPORTED);
    let detail = serde_json::json!({ "rows": found.len(), "filter": inspect::mask_numbers(&asked.query("")) });
    desk.console.store.note_act(&access, "audit.exported", String::new(), detail.to_string(), desk.visit.now).await?;
    let heads = [t.when(), t.by(), t.company(), t.event(), t.name(), t.subject(), t.detail()];
    let mut text = format!("\u{feff}{}\r\n", heads.map(cell).join(","));
    for row in &found {
        let one = told(&desk, t, row);
        let cells = [&one.at, &one.by, &one.company, &one.what, &one.event, &one.subject, &one.detail];
        text.push_str(&cells.map(|text| cell(text)).join(","));
        text.push_str("\r\n");
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit.csv\""));
    Ok(response)
}

/// A cell of CSV (RFC 4180). What a spreadsheet would run as a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_leave_its_place_and_runs_nothing() {
        for (text, written) in [
            ("a", "\"a\""),
            ("say \"x\", y", "\"say \"\"x\"\", y\""),
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""),
            ("@cmd", "\"'@cmd\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }

    #[test]
    fn a_place_in_the_log_survives_the_link() {
        for source in [AuditSource::Directory, AuditSource::Mail] {
            let key = AuditKey { at: Timestamp(1_795_478_400_000), source, id: 17 };
            let asked = Asked { before: word(key), ..Asked::default() };
            assert_eq!(asked.key().unwrap(), Some(key));
        }
        assert!(Asked { before: "1.x.2".into(), ..Asked::default() }.key().is_err());
    }
}
