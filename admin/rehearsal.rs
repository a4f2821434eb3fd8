//! 過去のメールで試す: rules over the mail of the last days, as a job that works on while the administrator looks elsewhere.
//! One a company at a time, half a core at most; it shows counts and references, never what a mail says.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use inspect::review::{RuleSet, Verdict};
use outbound::Rehearsed;
use types::{Reference, TenantId, Timestamp};
use web::axum::Router;
use web::axum::extract::{DefaultBodyLimit, Form};
use web::axum::http::StatusCode;
use web::axum::routing::{get, post};
use web::{Answer, Toast, Trouble, askama, html, html_with, see, see_with};

use crate::Console;
use crate::desk::Desk;
use crate::form::Fields;
use crate::frame::{Area, Frame};
use crate::rules::RuleTabs;
use crate::words::SharedWords;

mod walk;

/// Longest span, days.
const MOST_DAYS: u32 = 90;
/// Days of a span that is not told.
const DAYS: u32 = 30;
/// Mails that are looked at, the newest first.
const MOST_MAILS: u64 = 20_000;
/// References that are listed.
const LISTED: usize = 200;
/// Longest text of rules, bytes.
const MOST_TEXT: usize = 256 * 1_024;

web::catalogue! {
    /// Texts of 過去のメールで試す.
    pub struct RehearsalWords {
        title: ja "過去のメールで試す", en "Try on past mail";
        lead: ja "過去に送信されたメールと届いたメールを、審査と同じ仕組みでもう一度判定します。メールは送信も変更もされません。件数と受付番号だけを表示します。",
            en "Judges mail that was sent and mail that came in once more, by the very engine of the review. Nothing is sent or changed; only counts and references are shown.";
        rules_in_force: ja "現在の審査ルールで試しました。", en "The rules in force were tried.";
        rules_given: ja "編集中のルールで試しました。", en "The rules under edit were tried.";
        days: ja "対象の日数(1~90)", en "Days (1 to 90)";
        start: ja "現在のルールで試す", en "Try the rules in force";
        stop: ja "中止する", en "Stop";
        again: ja "最新の状況を表示", en "Show the latest";
        running(percent: u64): ja "実行中です({percent}%)。", en "Under way ({percent} %).";
        done: ja "完了しました。", en "Done.";
        stopped: ja "中止しました。", en "Stopped.";
        failed: ja "途中で続けられなくなりました。", en "It could not go on.";
        most(n: u64): ja "新しい{n}通までを判定しました。", en "The newest {n} mails were judged.";
        looked(arrived: u64, sent: u64): ja "受信メール{arrived}通、送信メール{sent}通を判定しました。", en "Mails judged: {arrived} received, {sent} sent.";
        gone(n: u64): ja "廃棄などで内容が残っていない{n}通は判定していません。", en "{n} mails of which nothing is left were not judged.", one "One mail of which nothing is left was not judged.";
        since(when: &str): ja "{when} 以降", en "since {when}";
        by_action: ja "送信メール: 動作ごとの件数", en "Sent mail, by action";
        by_rule: ja "送信メール: ルールごとの件数", en "Sent mail, by rule";
        arrived_by_rule: ja "受信メール: ルールごとの件数", en "Received mail, by rule";
        action: ja "動作", en "Action";
        rule: ja "ルール", en "Rule";
        count: ja "件数", en "Mails";
        stops: ja "止まるメール", en "Mail that would be stopped";
        none: ja "止まるメールはありません。", en "No mail would be stopped.";
        reference: ja "受付番号", en "Reference";
        sent: ja "送信日時", en "Sent";
        bad_days: ja "日数は1から90までの整数で入力してください。", en "Please enter a whole number from 1 to 90.";
        bad_rules: ja "ルールに誤りがあります。「ルールを編集」で確認してください。", en "The rules are not correct. Please check them under “Edit the rules”.";
        busy: ja "すでに実行中です。完了するか、中止してから試してください。", en "One is under way already. Wait for it, or stop it.";
        stop_asked: ja "中止しています。", en "It is being stopped.";
    }
}

/// The jobs, one a company: the present one, or the last.
#[derive(Debug, Default)]
pub struct Rehearsals(Mutex<HashMap<TenantId, Arc<Job>>>);

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Full,
    Stopped,
    Failed,
}

/// What a job has found so far.
#[derive(Debug, Clone, Default)]
struct Found {
    sent: u64,
    arrived: u64,
    /// Of these nothing is left.
    gone: u64,
    /// The moment of the last mail that was looked at.
    at: Option<Timestamp>,
    actions: BTreeMap<Verdict, u64>,
    rules: BTreeMap<String, u64>,
    /// Of what came in.
    arrived_rules: BTreeMap<String, u64>,
    stopped: Vec<(Reference, Timestamp, Verdict)>,
    end: Option<End>,
}

/// One walk over the mail of a company.
#[derive(Debug)]
struct Job {
    began: Timestamp,
    since: Timestamp,
    /// Not those in force.
    given: bool,
    stop: AtomicBool,
    found: Mutex<Found>,
}

impl Job {
    fn now(&self) -> Found {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first word about how it ended counts.
    fn end(&self, end: End) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).end.get_or_insert(end);
    }

    /// Takes down what a mail of the moment `at` would meet; `None`: nothing is left of it. How many that are by now.
    fn note(&self, at: Timestamp, one: Option<Rehearsed>) -> u64 {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.at = Some(at);
        match one {
            None => found.gone += 1,
            Some(Rehearsed { reference: Some(reference), verdict, rules }) => {
                found.sent += 1;
                *found.actions.entry(verdict).or_default() += 1;
                rules.into_iter().for_each(|code| *found.rules.entry(code).or_default() += 1);
                if stops(verdict) && found.stopped.len() < LISTED {
                    found.stopped.push((reference, at, verdict));
                }
            }
            Some(Rehearsed { reference: None, rules, .. }) => {
                found.arrived += 1;
                rules.into_iter().for_each(|code| *found.arrived_rules.entry(code).or_default() += 1);
            }
        }
        found.sent + found.arrived + found.gone
    }

    /// How far it has come, by the time that it has walked back.
    fn percent(&self, found: &Found) -> u64 {
        let all = self.began.since(self.since).as_millis().max(1);
        let done = found.at.map_or(0, |at| self.began.since(at).as_millis());
        u64::try_from(done * 100 / all).unwrap_or(100).min(99)
    }
}

/// Whether a sender feels it: his mail does not go by itself.
fn stops(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::SelfReview | Verdict::Hold | Verdict::Block | Verdict::Delete)
}

/// A job that is marked as under way. Whatever becomes of who holds it (an audit row that cannot be written, a panic, the
/// server's end), the mark goes with it, so that a company can begin the next one.
struct Running(Arc<Job>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.end(End::Failed);
    }
}

impl Rehearsals {
    fn last(&self, tenant: TenantId) -> Option<Arc<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    /// Puts a job in the place of the last one; `None` while that is under way.
    fn begin(&self, tenant: TenantId, job: Job) -> Option<Running> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(&tenant).is_some_and(|last| last.now().end.is_none()) {
            return None;
        }
        let job = Arc::new(job);
        all.insert(tenant, job.clone());
        Some(Running(job))
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    let start = get(show).post(start).layer(DefaultBodyLimit::max(MOST_TEXT * 3 + 16 * 1_024));
    Router::new().route("/t/{tenant}/rehearsal", start).route("/t/{tenant}/rehearsal/stop", post(stop))
}

/// A line of a table: what, in which colour, how often.
struct Count {
    name: String,
    colour: &'static str,
    count: u64,
}

/// A mail that would be stopped.
struct Line {
    reference: String,
    at: String,
    verdict: (&'static str, &'static str),
}

struct Shown {
    running: bool,
    state: String,
    whose: &'static str,
    since: String,
    looked: String,
    gone: Option<String>,
    actions: Vec<Count>,
    rules: Vec<Count>,
    arrived_rules: Vec<Count>,
    lines: Vec<Line>,
}

#[derive(askama::Template)]
#[template(path = "admin/rules/rehearsal.html")]
struct Page {
    frame: Frame,
    tabs: RuleTabs,
    t: RehearsalWords,
    days: String,
    error: Option<&'static str>,
    shown: Option<Shown>,
}

fn page(desk: &Desk, days: String, error: Option<&'static str>) -> Page {
    let t = RehearsalWords::new(desk.language());
    let job = desk.console.rehearsals.last(desk.tenant.id);
    let shown = job.map(|job| shown(desk, t, &job));
    Page { frame: desk.frame(Area::Rules), tabs: RuleTabs::new(desk.language()), t, days, error, shown }
}

fn shown(desk: &Desk, t: RehearsalWords, job: &Job) -> Shown {
    let (found, words, names) = (job.now(), SharedWords::new(desk.language()), desk.rule_names());
    let state = match found.end {
        None => t.running(job.percent(&found)),
        Some(End::Done) => t.done().to_owned(),
        Some(End::Full) => t.most(MOST_MAILS),
        Some(End::Stopped) => t.stopped().to_owned(),
        Some(End::Failed) => t.failed().to_owned(),
    };
    let action = |(verdict, count): (&Verdict, &u64)| {
        let (name, colour) = words.verdict(*verdict);
        Count { name: name.to_owned(), colour, count: *count }
    };
    let rule = |(code, count): (&String, &u64)| {
        let name = names.names_and_codes(std::slice::from_ref(code), desk.language());
        Count { name, colour: "", count: *count }
    };
    let line = |(reference, at, verdict): &(Reference, Timestamp, Verdict)| Line {
        reference: reference.to_string(),
        at: desk.style().date_short(*at),
        verdict: words.verdict(*verdict),
    };
    Shown {
        running: found.end.is_none(),
        state,
        whose: if job.given { t.rules_given() } else { t.rules_in_force() },
        since: desk.style().date_short(job.since),
        looked: t.looked(found.arrived, found.sent),
        gone: (found.gone > 0).then(|| t.gone(found.gone)),
        actions: found.actions.iter().rev().map(action).collect(),
        rules: found.rules.iter().map(rule).collect(),
        arrived_rules: found.arrived_rules.iter().map(rule).collect(),
        lines: found.stopped.iter().map(line).collect(),
    }
}

/// GET /t/{tenant}/rehearsal
async fn show(desk: Desk) -> Answer {
    desk.manage()?;
    html(&page(&desk, DAYS.to_string(), None))
}

/// POST /t/{tenant}/rehearsal: of the text that is sent, or of the rules in force.
async fn start(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let (manage, read) = (desk.manage()?, desk.read()?);
    let t = RehearsalWords::new(desk.language());
    let refused =
        |error| html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given.get("days").to_owned(), Some(error)));
    let days = given.get("days").parse::<u32>().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    let Some(days) = days else { return refused(t.bad_days()) };
    let typed = given.raw("text").replace("\r\n", "\n");
    let text = match desk.directory.rules.get(&desk.tenant.id) {
        _ if !typed.is_empty() => typed.clone(),
        Some(rules) => rules.text.to_string(),
        None => String::new(),
    };
    if text.len() > MOST_TEXT {
        return refused(t.bad_rules());
    }
    let Ok(rules) = RuleSet::parse(&text) else { return refused(t.bad_rules()) };
    let began = desk.visit.now;
    let job = Job {
        began,
        since: began.before(Duration::from_secs(u64::from(days) * 86_400)),
        given: !typed.is_empty(),
        stop: AtomicBool::new(false),
        found: Mutex::default(),
    };
    let Some(running) = desk.console.rehearsals.begin(desk.tenant.id, job) else { return refused(t.busy()) };
    let detail = serde_json::json!({ "days": days }).to_string();
    // recorded before any mail is looked at
    desk.console.store.note_act(&read, "rules.rehearsed", String::new(), detail, began).await?;
    // it ends by itself, at its bound at the latest, and is given up with the server
    tokio::spawn(walk::walk(desk.console.clone(), running, Arc::new(rules), (manage, read)));
    see(&desk.path("rehearsal"))
}

/// POST /t/{tenant}/rehearsal/stop
async fn stop(desk: Desk) -> Result<web::axum::response::Response, Trouble> {
    desk.manage()?;
    if let Some(job) = desk.console.rehearsals.last(desk.tenant.id) {
        job.stop.store(true, Ordering::Relaxed);
    }
    see_with(&desk.path("rehearsal"), &Toast::new(RehearsalWords::new(desk.language()).stop_asked()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        let (began, since) = (Timestamp(100), Timestamp(0));
        Job { began, since, given: false, stop: AtomicBool::new(false), found: Mutex::default() }
    }

    #[test]
    fn a_job_is_under_way_until_it_ends_however_it_does() {
        let (all, here) = (Rehearsals::default(), TenantId(1));
        let running = all.begin(here, job()).unwrap();
        assert!(all.begin(here, job()).is_none(), "one a company");
        assert!(all.begin(TenantId(2), job()).is_some(), "another company's is its own");
        drop(running);
        assert_eq!(all.last(here).unwrap().now().end, Some(End::Failed), "nobody said how it ended");
        let running = all.begin(here, job()).unwrap();
        running.0.end(End::Stopped);
        drop(running);
        assert_eq!(all.last(here).unwrap().now().end, Some(End::Stopped));
    }
}
