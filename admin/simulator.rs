//! シミュレーター: what the rules would do with a mail, by the very engine of delivery. It sends nothing and keeps
//! nothing but the note 「試験」 in the audit log.

use std::sync::Arc;
use std::time::Duration;

use inspect::review::{Mode, Outcome, RuleSet, TraceLine};
use message::compose::Mailbox;
use message::outgoing::{File, Outgoing, Stamp};
use outbound::{Foreseen, Preview, Question};
use store::Origin;
use types::{Address, Limits};
use web::axum::Router;
use web::axum::extract::{DefaultBodyLimit, Multipart};
use web::axum::http::{HeaderMap, StatusCode, header};
use web::axum::routing::get;
use web::{Answer, BytePermit, Trouble, askama, html, html_with};

use crate::Console;
use crate::desk::Desk;
use crate::form::{Fields, Wrong};
use crate::frame::{Area, Frame};
use crate::rules::RuleTabs;
use crate::words::{Found, SharedWords, found, not_seen};

/// Most recipients of a trial.
const RECIPIENTS: usize = 500;
/// Findings that are listed.
const SHOWN: usize = 50;
/// Whoever finds no memory within so long is asked to come again.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the bytes of a trial are in memory at once: the form, the mail, what the engine makes of it.
const COPIES: u64 = 5;

web::catalogue! {
    /// Texts of シミュレーター.
    pub struct SimulatorWords {
        lead: ja "現在の審査ルールで、このメールがどう扱われるかを確認します。メールは送信されません。試験を行ったことは監査ログに残ります。",
            en "See what the rules in force would do with a mail. Nothing is sent; that you tried is noted in the audit log.";
        from: ja "送信者のアドレス", en "Sender's address";
        to: ja "宛先のアドレス", en "Recipients' addresses";
        to_hint: ja "1行に1件、またはカンマ区切り", en "One a line, or separated by commas";
        subject: ja "件名", en "Subject";
        text: ja "本文", en "Text";
        attachment: ja "添付ファイル", en "Attachment";
        compose: ja "内容を入力", en "Write the mail";
        or_file: ja "または、メールのファイルを使う", en "Or use a mail as it is";
        eml: ja "メールのファイル(.eml)", en "File of a mail (.eml)";
        raw: ja "メールのソースを貼り付け", en "Paste the source of a mail";
        or_hint: ja "指定した場合は、上の件名・本文・添付ファイルの代わりに使います。", en "Used in place of subject, text and attachment.";
        run: ja "試す", en "Try";
        result: ja "結果", en "Result";
        final_action: ja "最終的な動作", en "What would happen";
        recipients: ja "宛先", en "Recipients";
        action: ja "動作", en "Action";
        rules: ja "ルール", en "Rules";
        approvers(names: &str): ja "承認者: {names}", en "Approvers: {names}";
        no_approvers: ja "承認できる人がいません。グループのメンバーをご確認ください。", en "Nobody could approve it. Please check the groups.";
        until(when: &str): ja "期限: {when}", en "Until {when}";
        each_rule: ja "ルールごとの結果", en "Each rule";
        rule: ja "ルール", en "Rule";
        outcome: ja "結果", en "Result";
        why: ja "理由", en "Why";
        off: ja "停止中", en "off";
        not_looked: ja "対象外(メールの方向が異なります)", en "does not look at this mail (direction)";
        because(condition: &str): ja "条件「{condition}」に一致しました。", en "The condition holds: {condition}.";
        because_not(condition: &str): ja "条件「{condition}」に一致しません。", en "The condition does not hold: {condition}.";
        because_other(code: &str): ja "{code} がすべての社外の宛先に一致したため、適用されません。", en "{code} matches all external recipients, so this one is taken out.";
        because_from(who: &str): ja "対象: {who}。", en "Looks at {who}.";
        found: ja "検出", en "Found";
        found_count(n: usize): ja "{n}件", en "{n} numbers", one "One number";
        found_none: ja "番号は見つかりませんでした。", en "No number was found.";
        found_more(n: usize): ja "ほか {n}件", en "and {n} more";
        times(n: u32): ja "{n}か所", en "{n} places", one "one place";
        not_inspected: ja "検査できなかったもの", en "Not inspected";
        failed: ja "審査を実行できませんでした。実際の送信では、すべて保留されます。", en "The review failed. A real mail would be held.";
        bad_from: ja "送信者のアドレスの形式が正しくありません。", en "This is not a mail address.";
        bad_to(address: &str): ja "宛先の形式が正しくありません: {address}", en "This is not a mail address: {address}";
        no_to: ja "宛先を入力してください。", en "Please enter a recipient.";
        too_many: ja "宛先は500件までです。", en "500 recipients at most.";
        no_mail: ja "件名、本文、または添付ファイルを入力してください。", en "Please give a subject, a text or a file.";
    }
}

pub(crate) fn routes(limits: &Limits) -> Router<Arc<Console>> {
    let most = usize::try_from(limits.message_size).unwrap_or(usize::MAX).saturating_add(1 << 20);
    let screen = get(ask).post(run).layer(DefaultBodyLimit::max(most));
    Router::new().route("/t/{tenant}/simulator", screen)
}

/// What happens to some of the recipients.
struct Fate {
    verdict: (&'static str, &'static str),
    word: &'static str,
    recipients: String,
    rules: String,
    /// What is done when it goes.
    treated: String,
    approvers: Option<String>,
    until: Option<String>,
}

/// How one rule fared.
struct Line {
    code: String,
    name: String,
    outcome: (&'static str, &'static str),
    recipients: String,
    why: String,
}

struct Shown {
    verdict: (&'static str, &'static str),
    fates: Vec<Fate>,
    lines: Vec<Line>,
    found: Vec<Found>,
    found_all: usize,
    not_inspected: Vec<String>,
    failed: bool,
}

#[derive(askama::Template)]
#[template(path = "admin/rules/simulator.html")]
struct Simulator {
    frame: Frame,
    tabs: RuleTabs,
    t: SimulatorWords,
    given: Fields,
    wrong: Wrong,
    shown: Option<Shown>,
}

fn page(desk: &Desk, given: Fields, wrong: Wrong, shown: Option<Shown>) -> Simulator {
    let (tabs, t) = (RuleTabs::new(desk.language()), SimulatorWords::new(desk.language()));
    Simulator { frame: desk.frame(Area::Rules), tabs, t, given, wrong, shown }
}

/// GET /t/{tenant}/simulator
async fn ask(desk: Desk) -> Answer {
    desk.read()?;
    let mut given = Fields::default();
    given.set("from", desk.me.address.to_string());
    html(&page(&desk, given, Wrong::default(), None))
}

/// A file of the form.
struct Upload {
    name: String,
    bytes: Vec<u8>,
}

/// Memory for a form that is about to come (`limits.memory`), taken before any of it is read.
async fn memory_for(desk: &Desk, headers: &HeaderMap) -> Result<BytePermit, Trouble> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let size = said.unwrap_or(desk.console.limits.message_size);
    let memory = desk.console.memory.take(size.saturating_mul(COPIES), PATIENCE).await;
    memory.ok_or_else(|| Trouble::Busy("no memory for a mail to be tried".into()))
}

/// The fields, the mail as a file, and the attachment.
async fn received(mut form: Multipart) -> Result<(Fields, Option<Upload>, Option<Upload>), Trouble> {
    let (mut fields, mut mail, mut attachment) = (Fields::default(), None, None);
    while let Some(field) = form.next_field().await.map_err(|_| Trouble::BadRequest)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| Trouble::TooLarge)?;
        match name.as_str() {
            "eml" | "attachment" if bytes.is_empty() => {}
            "eml" => mail = Some(Upload { name: file, bytes: bytes.to_vec() }),
            "attachment" => attachment = Some(Upload { name: file, bytes: bytes.to_vec() }),
            _ => fields.set(&name, String::from_utf8_lossy(&bytes)),
        }
    }
    Ok((fields, mail, attachment))
}

/// POST /t/{tenant}/simulator
async fn run(desk: Desk, headers: HeaderMap, form: Multipart) -> Answer {
    let access = desk.read()?;
    let _memory = memory_for(&desk, &headers).await?;
    let (given, eml, attachment) = received(form).await?;
    let t = SimulatorWords::new(desk.language());
    let mut wrong = Wrong::default();
    let from = Address::parse(given.get("from")).map_err(|_| wrong.add("from", t.bad_from())).ok();
    let to = recipients(t, given.get("to"), &mut wrong);
    let written = [given.get("subject"), given.get("text"), given.get("raw")];
    if eml.is_none() && attachment.is_none() && written.iter().all(|text| text.is_empty()) {
        wrong.add("text", t.no_mail());
    }
    let (Some(from), 0) = (from, wrong.count()) else {
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong, None));
    };
    let bytes = match (eml, given.raw("raw")) {
        (Some(file), _) => file.bytes,
        (None, raw) if !raw.trim().is_empty() => raw.replace("\r\n", "\n").replace('\n', "\r\n").into_bytes(),
        _ => written_mail(&desk, &from, &to, &given, attachment),
    };
    let here = desk.directory.user_by_address(&from).filter(|user| user.tenant == desk.tenant.id);
    let question = Question {
        tenant: desk.tenant.id,
        author: here.map(|user| user.id),
        origin: Origin::Author,
        from: Some(from),
        to,
        at: desk.visit.now,
        safeguard: None,
    };
    let preview = desk.console.outbound.preview(&question, bytes).await;
    let detail = serde_json::json!({ "verdict": preview.verdict().word(), "findings": preview.sightings.len() });
    let subject = inspect::mask_numbers(given.get("from"));
    desk.console.store.note_act(&access, "rules.simulated", subject, detail.to_string(), desk.visit.now).await?;
    let shown = shown(&desk, t, &preview);
    html(&page(&desk, given, wrong, Some(shown)))
}

fn recipients(t: SimulatorWords, text: &str, wrong: &mut Wrong) -> Vec<Address> {
    let mut all = Vec::new();
    for word in text.split([',', ';', '\n', '\r', '、']).map(str::trim).filter(|word| !word.is_empty()) {
        match Address::parse(word) {
            Ok(address) => all.push(address),
            Err(_) if wrong.of("to").is_none() => wrong.add("to", t.bad_to(&inspect::mask_numbers(word))),
            Err(_) => {}
        }
    }
    if all.is_empty() && wrong.of("to").is_none() {
        wrong.add("to", t.no_to());
    }
    if all.len() > RECIPIENTS {
        wrong.add("to", t.too_many());
    }
    all
}

/// The mail of the small form.
fn written_mail(desk: &Desk, from: &Address, to: &[Address], given: &Fields, attachment: Option<Upload>) -> Vec<u8> {
    let sender = desk.directory.user_by_address(from).map(|user| user.name.clone()).unwrap_or_default();
    let file = |file: Upload| File { name: file.name, content_type: String::new(), bytes: file.bytes };
    let mail = Outgoing {
        to: to.iter().map(|address| Mailbox::new("", address.clone())).collect(),
        subject: given.get("subject").to_owned(),
        text: given.raw("text").to_owned(),
        files: attachment.map(file).into_iter().collect(),
        ..Outgoing::default()
    };
    let stamp = Stamp { date: desk.visit.now, message_id: "trial@simulator.invalid", boundary: "sekishoSimulator" };
    mail.to_bytes(&Mailbox::new(sender, from.clone()), &stamp)
}

fn shown(desk: &Desk, t: SimulatorWords, preview: &Preview) -> Shown {
    let words = SharedWords::new(desk.language());
    Shown {
        verdict: words.verdict(preview.verdict()),
        fates: preview.foreseen.iter().map(|one| fate(desk, t, one)).collect(),
        lines: preview.judgement.as_ref().map(|judgement| lines(desk, t, &judgement.trace)).unwrap_or_default(),
        found: preview.sightings.iter().take(SHOWN).map(|one| found(one, desk.language())).collect(),
        found_all: preview.sightings.len(),
        not_inspected: preview.not_inspected.iter().map(|one| not_seen(one, desk.language())).collect(),
        failed: preview.judgement.is_none(),
    }
}

fn fate(desk: &Desk, t: SimulatorWords, one: &Foreseen) -> Fate {
    let names: Vec<String> = one.approvers.iter().map(|id| desk.name_of(*id)).collect();
    let names = names.join(", ");
    Fate {
        verdict: SharedWords::new(desk.language()).verdict(one.verdict),
        word: one.verdict.word(),
        recipients: addresses(&one.recipients),
        rules: one.rules.iter().map(|rule| format!("{} ({})", rule.name, rule.code)).collect::<Vec<_>>().join(", "),
        treated: inspect::review::treatment_told(&one.treatment, desk.language()),
        approvers: one
            .deadline
            .map(|_| if names.is_empty() { t.no_approvers().to_owned() } else { t.approvers(&names) }),
        until: one.deadline.map(|at| t.until(&desk.style().date_short(at))),
    }
}

fn addresses(all: &[Address]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Every rule of the file in its order, also those that did not look at the mail.
fn lines(desk: &Desk, t: SimulatorWords, trace: &[TraceLine]) -> Vec<Line> {
    let Some(text) = desk.directory.rules.get(&desk.tenant.id) else { return Vec::new() };
    let Ok(rules) = RuleSet::parse(&text.text) else { return Vec::new() };
    let words = SharedWords::new(desk.language());
    let mut all = Vec::new();
    for (rule, told) in rules.rules().iter().zip(rules.told(desk.language())) {
        let line = |outcome, recipients, why| Line {
            code: rule.code.clone(),
            name: rule.name.clone(),
            outcome,
            recipients,
            why,
        };
        let before = all.len();
        for one in trace.iter().filter(|one| one.code == rule.code) {
            let why = match (one.outcome, &one.by) {
                (Outcome::TakenOut, Some(code)) => t.because_other(code),
                (Outcome::NotMatched, _) => {
                    format!("{} {}", t.because_from(&told.whose), t.because_not(&told.when))
                }
                _ => t.because(&told.when),
            };
            all.push(line(words.outcome(one.outcome), addresses(&one.recipients), why));
        }
        if all.len() == before && rule.mode == Mode::Off {
            all.push(line((t.off(), ""), String::new(), String::new()));
        } else if all.len() == before {
            all.push(line((t.not_looked(), ""), String::new(), t.because_from(&told.whose)));
        }
    }
    all
}
