//! 廃棄 on the page of a line: a handler asks for it, a second person confirms it or says no.

use std::sync::Arc;

use serde::Deserialize;
use store::{DisposalStep, Disposed, LedgerAct, LedgerEntry, LedgerLine, LedgerPlaces, LedgerState};
use types::{LedgerId, Timestamp, UserId};
use web::axum::Router;
use web::axum::extract::{Form, Path};
use web::axum::http::StatusCode;
use web::axum::routing::post;
use web::{Answer, Toast, Trouble, html_with, see_with};

use super::documents::{self, DocumentWords, last_day};
use super::line_page;
use crate::Console;
use crate::desk::{Desk, Keeper};
use crate::form::Fields;

/// Longest text of a field, characters.
const TEXT: usize = 500;

web::catalogue! {
    /// Texts of 廃棄.
    pub struct DisposalWords {
        title: ja "廃棄", en "Disposal";
        ask_help: ja "廃棄は、申請した取扱担当者とは別の方が確認すると行われます。元に戻せません。", en "A second person confirms what a handler asks for. A disposal cannot be undone.";
        documents: ja "書類の種類", en "Kind of documents";
        documents_hint: ja "例: 扶養控除等申告書。番号や氏名は書かないでください。", en "For example: tax forms. No numbers or names, please.";
        reason: ja "廃棄の理由(根拠)", en "Reason";
        reason_hint: ja "例: 保存期間の満了(2026年1月10日)、誤って受信したため。", en "For example: end of the retention period, 10 January 2026; received by mistake.";
        reason_years(years: u32): ja "保存年数({years}年)の満了", en "End of the {years} years for which it is kept";
        ask: ja "廃棄を申請", en "Ask for disposal";
        missing: ja "書類の種類と理由を入力してください。番号は書かないでください。", en "Please give the kind of documents and the reason, without a number.";
        asked(by: &str, at: &str): ja "{by}さんが{at}に廃棄を申請しました。", en "{by} asked for the disposal on {at}.";
        own: ja "確認には、申請した方とは別の方(取扱担当者、監査者またはテナント管理者)が必要です。", en "Somebody else has to confirm it: a handler, an auditor or an administrator.";
        confirm_help: ja "確認すると、受信箱・送信済み・取扱担当者の受信箱などにあるすべての写しと、添付から抽出した文字、リンクが消え、最後に暗号鍵が消去されます。元に戻せません。", en "On confirmation every copy, what was read in its files and its links go, and its key is destroyed last. This cannot be undone.";
        backups_end: ja "データフォルダーのバックアップが失効する日(取っている場合)", en "The day on which your last backup of the data folder ends, if you make any";
        backups_hint: ja "バックアップには暗号鍵が残っています。失効する日を廃棄記録書に記載します。", en "Backups still hold the key. The certificate names this day.";
        confirm: ja "廃棄を確認して実行", en "Confirm and dispose";
        refuse: ja "廃棄を取りやめる", en "Do not dispose";
        done: ja "廃棄しました。廃棄記録書を印刷できます。", en "Disposed of. The certificate can be printed.";
        asked_done: ja "廃棄を申請しました。別の方の確認をお待ちください。", en "Asked. Somebody else has to confirm it.";
        refused_done: ja "廃棄を取りやめました。", en "It stays.";
        other_state: ja "ほかの方がすでに操作しています。現在の状態をご確認ください。", en "Somebody else was first. Please look at its present state.";
        under_way: ja "承認または配送を待っている宛先があるため、まだ廃棄できません。先に承認・差し戻し・配送の取りやめを行ってください。", en "Something of it still waits to be approved or delivered. Decide that first.";
        second_person: ja "申請した方ご自身は確認できません。", en "The one who asked cannot confirm.";
        bad_day: ja "日付を 2026-12-31 の形で入力してください。", en "Please give the day as 2026-12-31.";
        by_rule: ja "会社の規則による自動廃棄", en "By the company's rule";
        documents_by_rule: ja "特定個人情報を含むメール", en "Mail with specified personal information";
        certificate: ja "廃棄記録書を表示", en "Show the certificate";
    }
}

pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/ledger/{line}/dispose", post(take_step))
}

/// What the page of a line offers.
pub(super) struct Offer {
    pub t: DisposalWords,
    pub may_ask: bool,
    /// The reason that is proposed.
    pub proposed: String,
    /// Something of it waits elsewhere, so nothing can be done yet.
    pub under_way: bool,
    /// Who asked and when, while nobody has decided.
    pub asked: Option<String>,
    /// Of what, and why.
    pub documents: String,
    pub reason: String,
    /// Whether the visitor may confirm, and whether he may say no.
    pub may_confirm: bool,
    pub may_refuse: bool,
    pub disposed: bool,
    pub error: Option<&'static str>,
}

/// What was written down with a step towards a disposal, and with the disposal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Detail {
    pub documents: String,
    pub reason: String,
    /// After so many years, by the company's rule.
    pub rule_years: Option<u32>,
    /// By the company's rule, since the period of its documents was over.
    pub by_rule: bool,
    /// From when it was to be disposed of, by the kind of its documents.
    pub due: Option<Timestamp>,
    pub asked_by: Option<UserId>,
    /// Milliseconds, as a timestamp.
    pub asked_at: i64,
    pub copies: u64,
    pub texts: bool,
    pub variants: u64,
    pub links: u64,
    /// `None`: drafts were left alone.
    pub drafts: Option<u64>,
    pub digest: String,
    pub backups_end: Option<Timestamp>,
}

pub(super) fn detail(t: DisposalWords, entry: &LedgerEntry) -> Detail {
    let read: Detail = serde_json::from_str(&entry.detail).unwrap_or_default();
    let words = DocumentWords::new(t.language);
    let reason = match (read.rule_years, read.due) {
        (Some(years), _) => t.reason_years(years),
        (None, Some(due)) if read.by_rule => words.period(&last_day(due)),
        _ => inspect::mask_every_number(&read.reason),
    };
    let by_rule = read.by_rule || read.rule_years.is_some();
    let documents = match read.documents.as_str() {
        "" if by_rule => t.documents_by_rule().to_owned(),
        text => inspect::mask_every_number(text),
    };
    Detail { documents, reason, by_rule, ..read }
}

pub(super) fn last(entries: &[LedgerEntry], act: LedgerAct) -> Option<&LedgerEntry> {
    entries.iter().rev().find(|entry| entry.act == act)
}

/// What can be done with a line by this visitor.
pub(super) fn offer(
    desk: &Desk,
    line: &LedgerLine,
    entries: &[LedgerEntry],
    places: &LedgerPlaces,
    error: Option<&'static str>,
) -> Offer {
    let t = DisposalWords::new(desk.language());
    let asking = last(entries, LedgerAct::DisposalAsked).filter(|_| line.state == LedgerState::DisposalAsked);
    let said = asking.map(|entry| detail(t, entry)).unwrap_or_default();
    let by = asking.and_then(|entry| entry.actor);
    let name = by.map(|id| desk.name_of(id)).unwrap_or_default();
    let resting = matches!(line.state, LedgerState::Kept | LedgerState::HandedOver);
    let may_decide = asking.is_some() && desk.confirm_disposal().is_ok();
    Offer {
        t,
        proposed: proposed(desk, line, t),
        may_ask: resting && desk.ask_disposal().is_ok(),
        under_way: line.state != LedgerState::Disposed && places.is_under_way(),
        asked: asking.map(|entry| t.asked(&name, &desk.style().date_exact(entry.at))),
        documents: said.documents,
        reason: said.reason,
        may_confirm: may_decide && by != Some(desk.me.id),
        may_refuse: may_decide,
        disposed: line.state == LedgerState::Disposed,
        error,
    }
}

/// The reason for a mail that is kept for longer than the company wants.
fn proposed(desk: &Desk, line: &LedgerLine, t: DisposalWords) -> String {
    let due = documents::due(desk, line).filter(|due| *due <= desk.visit.now);
    let years = desk.tenant.policies.ledger_years.filter(|_| line.documents.is_none());
    match (due, years) {
        (None, _) => String::new(),
        (Some(_), Some(years)) => t.reason_years(years),
        (Some(due), None) => DocumentWords::new(desk.language()).period(&last_day(due)),
    }
}

/// Words for the certificate; `None`: they are missing or hold a number.
fn words(given: &Fields) -> Option<(String, String)> {
    let text = |name: &str| given.get(name).chars().take(TEXT).collect::<String>();
    let good = |text: &String| !text.is_empty() && inspect::mask_every_number(text) == *text;
    Some((text("documents"), text("reason"))).filter(|(documents, reason)| good(documents) && good(reason))
}

/// When the backups end; an error: that is no day.
fn backups_end(given: &Fields) -> Result<Option<Timestamp>, ()> {
    match given.get("backups_end") {
        "" => Ok(None),
        day => web::day_start(day).map(Some).ok_or(()),
    }
}

/// POST /t/{tenant}/ledger/{line}/dispose
async fn take_step(Keeper(desk): Keeper, Path((_, line)): Path<(String, i64)>, Form(given): Form<Fields>) -> Answer {
    let (t, line, now) = (DisposalWords::new(desk.language()), LedgerId(line), desk.visit.now);
    let store = &desk.console.store;
    let (done, said) = match given.get("do") {
        "ask" => {
            let access = desk.ask_disposal()?;
            let Some(words) = words(&given) else { return again(&desk, line, t.missing()).await };
            (store.ask_disposal(&access, line, words, now).await?, t.asked_done())
        }
        "refuse" => {
            let access = desk.confirm_disposal()?;
            (store.decide_disposal(&access, line, DisposalStep::Refuse, now).await?, t.refused_done())
        }
        "confirm" => {
            let access = desk.confirm_disposal()?;
            let Ok(backups_end) = backups_end(&given) else { return again(&desk, line, t.bad_day()).await };
            let step = DisposalStep::Confirm { backups_end };
            (store.decide_disposal(&access, line, step, now).await?, t.done())
        }
        _ => return Err(Trouble::BadRequest),
    };
    match done {
        Disposed::Done => see_with(&desk.path(&format!("ledger/{line}")), &Toast::new(said)),
        Disposed::OtherState(_) => again(&desk, line, t.other_state()).await,
        Disposed::SamePerson => again(&desk, line, t.second_person()).await,
        Disposed::UnderWay => again(&desk, line, t.under_way()).await,
    }
}

/// The line again, with what was wrong.
async fn again(desk: &Desk, line: LedgerId, why: &'static str) -> Answer {
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &line_page(desk, line, Some(why)).await?)
}
