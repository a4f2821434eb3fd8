//! 配送追跡: what was sent lately and what became of one mail, step by step.

use std::sync::Arc;

use serde::Deserialize;
use store::{Origin, OutwardFate, OutwardFilter, Sending, SubmissionState, TrailRow};
use types::{Reference, SubmissionId};
use web::axum::Router;
use web::axum::extract::{Path, Query};
use web::axum::routing::get;
use web::{Answer, Trouble, askama, html, see};

use crate::Console;
use crate::audit::EventWords;
use crate::desk::Desk;
use crate::form::query;
use crate::frame::{Area, Frame};
use crate::links::{LinkLine, LinkWords, lines};
use crate::words::{SharedWords, masked_subject};

/// Mails of a page.
const ROWS: u32 = 50;

web::catalogue! {
    /// Texts of 配送追跡.
    pub struct TrackingWords {
        title: ja "配送追跡", en "Tracking";
        queue: ja "キュー", en "Queue";
        reference: ja "受付番号", en "Reference";
        find: ja "検索", en "Find";
        not_found: ja "この受付番号のメールはありません。", en "There is no mail with this reference.";
        counted(n: &str): ja "過去30日間の社外宛てメール:{n}", en "Mail to the outside, last 30 days: {n}";
        fate_all: ja "すべて", en "all";
        fate_stopped: ja "止めたもの", en "stopped";
        fate_sent: ja "送信したもの", en "sent";
        fate_asked: ja "送信者に確認したもの", en "its sender was asked";
        fate_held: ja "保留したもの", en "held";
        fate_blocked: ja "送信不可としたもの", en "refused";
        fate_deleted: ja "破棄したもの", en "discarded";
        show_all: ja "絞り込みを解除", en "Show all mail";
        none_such: ja "条件に合うメールはありません。", en "No mail matches.";
        recent: ja "最近送信されたメール", en "Recently sent mail";
        none: ja "送信されたメールはまだありません。", en "No mail has been sent yet.";
        at: ja "受付", en "Received";
        sender: ja "送信者", en "Sender";
        recipients: ja "宛先", en "Recipients";
        subject: ja "件名", en "Subject";
        origin: ja "種別", en "Kind";
        state: ja "状態", en "State";
        rules: ja "ルール", en "Rules";
        size: ja "大きさ", en "Size";
        older: ja "さらに表示", en "Show more";
        parts: ja "宛先ごとの状態", en "By recipient";
        timeline: ja "経過", en "Timeline";
        when: ja "日時", en "When";
        what: ja "できごと", en "Event";
        detail: ja "詳細", en "Detail";
        back: ja "一覧へ戻る", en "Back to the list";
        origin_author: ja "利用者", en "a person";
        origin_forward: ja "転送", en "forward";
        origin_auto: ja "自動応答", en "automatic reply";
        origin_system: ja "システム", en "system";
        reviewing: ja "検査中", en "under review";
        blocked: ja "送信不可", en "refused";
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/tracking", get(list)).route("/t/{tenant}/tracking/{reference}", get(show))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    reference: String,
    /// Of the mail to the outside that the dashboard counts: what became of it, `stopped` or `all`.
    fate: String,
    /// Stopped by the rule of this code.
    rule: String,
    before: String,
}

impl Asked {
    /// The mails that a figure of the dashboard counts; `None`: all mail is asked for.
    fn outward(&self, desk: &Desk) -> Result<Option<OutwardFilter>, Trouble> {
        let fates = match self.fate.as_str() {
            "" => return Ok(None),
            "all" => OutwardFate::ALL.to_vec(),
            "stopped" => OutwardFate::STOPPED.to_vec(),
            word => vec![OutwardFate::parse(word).ok_or(Trouble::NotFound)?],
        };
        let since = Some(desk.visit.now.before(crate::dashboard::SPAN));
        Ok(Some(OutwardFilter { fates, since, rule: self.rule.clone() }))
    }

    /// What is asked for, in words.
    fn told(&self, desk: &Desk, t: TrackingWords) -> String {
        let fate = match self.fate.as_str() {
            "stopped" => t.fate_stopped(),
            "sent" => t.fate_sent(),
            "asked" => t.fate_asked(),
            "held" => t.fate_held(),
            "blocked" => t.fate_blocked(),
            "deleted" => t.fate_deleted(),
            _ => t.fate_all(),
        };
        match self.rule.as_str() {
            "" => t.counted(fate),
            rule => t.counted(&format!("{fate} / {}", desk.rule_names().name_and_code(rule))),
        }
    }
}

/// A mail in the list and on its page.
struct Mail {
    reference: String,
    at: String,
    at_machine: String,
    sender: String,
    recipients: String,
    subject: String,
    origin: &'static str,
    size: String,
    states: Vec<(&'static str, &'static str)>,
    rules: String,
}

#[derive(askama::Template)]
#[template(path = "admin/tracking/list.html")]
struct List {
    frame: Frame,
    t: TrackingWords,
    asked: Asked,
    missing: bool,
    /// What of the mail to the outside is shown.
    counted: Option<String>,
    mails: Vec<Mail>,
    older: Option<String>,
}

/// GET /t/{tenant}/tracking
async fn list(desk: Desk, Query(asked): Query<Asked>) -> Answer {
    let access = desk.read()?;
    let t = TrackingWords::new(desk.language());
    let mut missing = false;
    let wanted = asked.reference.trim().to_ascii_uppercase();
    if !wanted.is_empty() {
        match Reference::parse(&wanted) {
            Some(reference) if desk.console.store.sending(&access, reference).await.is_ok() => {
                return see(&desk.path(&format!("tracking/{reference}")));
            }
            _ => missing = true,
        }
    }
    let before = asked.before.parse().ok().map(SubmissionId);
    let outward = asked.outward(&desk)?;
    let sendings = match &outward {
        Some(filter) => desk.console.store.outward_page(&access, filter, before, ROWS).await?,
        None => desk.console.store.sendings(&access, before, ROWS).await?,
    };
    let last = sendings.last().filter(|_| sendings.len() == ROWS as usize);
    let older = last.map(|one| {
        let before = one.submission.id.to_string();
        let query = query(&[("fate", &asked.fate), ("rule", &asked.rule), ("before", &before)]);
        format!("{}?{query}", desk.path("tracking"))
    });
    let counted = outward.map(|_| asked.told(&desk, t));
    let mails = sendings.iter().map(|one| mail(&desk, t, one)).collect();
    html(&List { frame: desk.frame(Area::Queue), t, asked, missing, counted, mails, older })
}

fn mail(desk: &Desk, t: TrackingWords, one: &Sending) -> Mail {
    let submission = &one.submission;
    let words = SharedWords::new(desk.language());
    let author = submission.author.map(|id| desk.name_of(id));
    let mut states: Vec<(&str, &str)> = one.parts.iter().map(|part| words.state(part.state)).collect();
    match submission.state {
        SubmissionState::Reviewing | SubmissionState::New => states.push((t.reviewing(), "warn")),
        SubmissionState::Blocked if states.is_empty() => states.push((t.blocked(), "ng")),
        _ => {}
    }
    states.dedup();
    let mut rules: Vec<&str> = one.parts.iter().flat_map(|part| part.rules.iter().map(String::as_str)).collect();
    rules.sort_unstable();
    rules.dedup();
    let names = desk.rule_names();
    let rules: Vec<String> = rules.into_iter().map(|code| names.name_and_code(code)).collect();
    let from = || submission.from.as_ref().map_or_else(|| words.system().to_owned(), ToString::to_string);
    Mail {
        reference: submission.reference.to_string(),
        at: desk.style().date_short(submission.at),
        at_machine: desk.style().date_machine(submission.at),
        sender: author.unwrap_or_else(from),
        recipients: submission.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        subject: masked_subject(&one.summary, desk.language()),
        origin: match submission.origin {
            Origin::Author => t.origin_author(),
            Origin::Forward => t.origin_forward(),
            Origin::AutoReply => t.origin_auto(),
            Origin::System => t.origin_system(),
        },
        size: desk.style().size(submission.record_size),
        states,
        rules: rules.join(", "),
    }
}

struct PartTold {
    recipients: String,
    state: (&'static str, &'static str),
    rules: String,
}

struct Step {
    at: String,
    at_machine: String,
    what: String,
    event: String,
    detail: String,
}

#[derive(askama::Template)]
#[template(path = "admin/tracking/mail.html")]
struct MailPage {
    frame: Frame,
    t: TrackingWords,
    mail: Mail,
    parts: Vec<PartTold>,
    links: Vec<LinkLine>,
    link_words: LinkWords,
    steps: Vec<Step>,
}

/// GET /t/{tenant}/tracking/{reference}
async fn show(desk: Desk, Path((_, reference)): Path<(String, String)>) -> Answer {
    let reference = Reference::parse(&reference).ok_or(Trouble::NotFound)?;
    let sending = desk.console.store.sending(&desk.read()?, reference).await?;
    let t = TrackingWords::new(desk.language());
    let words = SharedWords::new(desk.language());
    let names = desk.rule_names();
    let part = |part: &store::Part| PartTold {
        recipients: part.recipients.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        state: words.state(part.state),
        rules: names.names(&part.rules, desk.language()),
    };
    html(&MailPage {
        frame: desk.frame(Area::Queue),
        t,
        mail: mail(&desk, t, &sending),
        parts: sending.parts.iter().map(part).collect(),
        links: lines(&desk, reference).await?,
        link_words: LinkWords::new(desk.language()),
        steps: sending.trail.iter().map(|row| step(&desk, row)).collect(),
    })
}

fn step(desk: &Desk, row: &TrailRow) -> Step {
    Step {
        at: desk.style().date_exact(row.at),
        at_machine: desk.style().date_machine(row.at),
        what: EventWords::new(desk.language()).event(&row.event).unwrap_or(row.event.as_str()).to_owned(),
        event: row.event.clone(),
        detail: inspect::mask_numbers(&row.detail),
    }
}
