//! 特定個人情報 廃棄記録書: a page for paper that says what was disposed of, why, how, where and by whom, without a number.

use std::sync::Arc;

use store::{LedgerAct, LedgerEntry, LedgerLine};
use types::{LedgerId, Timestamp, UserId};
use web::axum::Router;
use web::axum::extract::Path;
use web::axum::routing::get;
use web::{Answer, Trouble, askama, html};

use super::LedgerWords;
use super::disposal::{Detail, DisposalWords, detail, last};
use super::documents::{DocumentWords, last_day};
use crate::Console;
use crate::desk::{Desk, Keeper};
use crate::frame::{Area, Frame};

web::catalogue! {
    /// Texts of 廃棄記録書.
    pub struct CertificateWords {
        title: ja "特定個人情報 廃棄記録書", en "Certificate of disposal of specified personal information";
        lead: ja "下記の特定個人情報を復元できない方法で廃棄したことを記録します。", en "This records that the following specified personal information was disposed of in a way that cannot be reversed.";
        number: ja "記録番号", en "Record";
        object: ja "対象", en "What";
        object_text(documents: &str, at: &str): ja "{documents}(メール1件、{at}に取得または送信。個人番号は記載しません)", en "{documents} (one mail, which came or was sent on {at}; no number is stated)";
        count: ja "個人番号の件数", en "Numbers";
        reason: ja "廃棄の理由", en "Reason";
        method: ja "方法", en "How";
        method_text(at: &str): ja "すべての写しの削除と暗号鍵の消去({at})", en "All copies deleted and the key destroyed ({at})";
        scope: ja "範囲", en "Where";
        scope_text(copies: u64): ja "受信箱・送信済み・保留・取扱担当者の受信箱・アーカイブ・検索索引(メールボックスの写し {copies}件)", en "Inboxes, sent mail, held mail, the handlers' box, archive, search index (copies in mailboxes: {copies})";
        scope_texts: ja "添付ファイルから抽出した文字", en "what was read in its files";
        scope_variants(n: u64): ja "送信時の別形式 {n}件", en "forms in which it left: {n}";
        scope_drafts(n: u64): ja "送信前の下書きの写し・ファイル {n}件", en "copies and files of its drafts: {n}";
        scope_links(n: u64): ja "ダウンロードリンク {n}件(停止)", en "links, now stopped: {n}";
        backup: ja "バックアップ", en "Backup";
        backup_until(day: &str): ja "{day}に失効予定(確認者の申告)", en "Ends on {day} (as the second person states)";
        backup_none: ja "記録なし(本システムは暗号鍵のバックアップを作成しません)", en "None on record (the system makes no backup of keys)";
        except: ja "対象外", en "Not covered";
        except_text: ja "各端末に保存された写し、メールソフトが別に保存した写し、作成中の下書き、印刷物、社外への提供分", en "Copies on devices, copies that mail programs saved themselves, drafts that are still being written, paper, and what was given to others";
        except_drafts: ja "各端末に保存された写し、メールソフトが別に保存した写し、送信前および作成中の下書き、印刷物、社外への提供分", en "Copies on devices, copies that mail programs saved themselves, drafts before they were sent and those still being written, paper, and what was given to others";
        asked_by: ja "申請者・日時", en "Asked by, when";
        confirmed_by: ja "確認・実施者・日時", en "Confirmed and done by, when";
        check: ja "整合性の検証値(台帳の連鎖ハッシュ)", en "Check value (chain hash of the ledger)";
        digest: ja "廃棄した記録の SHA-256", en "SHA-256 of what was disposed of";
        system_says: ja "これは本システムの記録であり、法令への適合を判断するものではありません。", en "This is a record of the system; it does not judge whether the law was kept.";
        ends_none: ja "記録なし", en "none on record";
        signature: ja "署名", en "Signature";
    }
}

pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/ledger/{line}/certificate", get(certificate))
}

#[derive(askama::Template)]
#[template(path = "admin/ledger/certificate.html")]
struct Certificate {
    frame: Frame,
    t: CertificateWords,
    company: String,
    /// What and the words for it.
    facts: Vec<(&'static str, String)>,
    signers: [&'static str; 2],
}

/// GET /t/{tenant}/ledger/{line}/certificate: once the key is destroyed.
async fn certificate(Keeper(desk): Keeper, Path((_, line)): Path<(String, i64)>) -> Answer {
    let (access, t) = (desk.reviews()?, CertificateWords::new(desk.language()));
    let (line, entries) = desk.console.store.ledger_line(&access, LedgerId(line)).await?;
    let done = last(&entries, LedgerAct::Disposed).ok_or(Trouble::NotFound)?;
    let destroyed = desk.console.store.ledger_places(&access, line.id).await?.key_destroyed;
    let destroyed = destroyed.ok_or_else(|| Trouble::Busy("the key is still to be destroyed".into()))?;
    html(&Certificate {
        frame: desk.frame(Area::Ledger),
        t,
        company: desk.tenant.title.clone(),
        facts: facts(&desk, t, &line, done, destroyed),
        signers: [t.asked_by(), t.confirmed_by()],
    })
}

fn facts(
    desk: &Desk,
    t: CertificateWords,
    line: &LedgerLine,
    done: &LedgerEntry,
    destroyed: Timestamp,
) -> Vec<(&'static str, String)> {
    let disposal = DisposalWords::new(desk.language());
    let (said, style, words) = (detail(disposal, done), desk.style(), LedgerWords::new(desk.language()));
    let who = |by: Option<UserId>, at: Timestamp| match said.by_rule {
        true => format!("{} {}", disposal.by_rule(), style.date_exact(at)),
        false => who(desk, by, at),
    };
    let documents = DocumentWords::new(desk.language());
    let over = said.due.or_else(|| outbound::years_after(line.at, said.rule_years?));
    let counted = words.count_of(line);
    let ends = |at: Timestamp| t.backup_until(&web::day_of(at));
    vec![
        (t.number(), format!("{} / {}", line.id, line.reference)),
        (t.object(), t.object_text(&said.documents, &style.date_exact(line.at))),
        (documents.kind(), said.documents.clone()),
        (documents.ends(), over.map_or_else(|| t.ends_none().to_owned(), last_day)),
        (t.count(), counted),
        (t.reason(), said.reason.clone()),
        (t.method(), t.method_text(&style.date_exact(destroyed))),
        (t.scope(), scope(t, &said)),
        (t.backup(), said.backups_end.map_or_else(|| t.backup_none().to_owned(), ends)),
        // what drafts of an earlier version had left stays, and so it did in disposals of one
        (t.except(), said.drafts.map_or_else(|| t.except_drafts(), |_| t.except_text()).to_owned()),
        (t.asked_by(), who(said.asked_by, Timestamp(said.asked_at))),
        (t.confirmed_by(), who(done.actor, done.at)),
        (t.check(), done.chain.iter().map(|byte| format!("{byte:02x}")).collect()),
        (t.digest(), said.digest.clone()),
    ]
}

fn scope(t: CertificateWords, said: &Detail) -> String {
    let mut parts = vec![t.scope_text(said.copies)];
    parts.extend(said.texts.then(|| t.scope_texts().to_owned()));
    parts.extend((said.variants > 0).then(|| t.scope_variants(said.variants)));
    parts.extend(said.drafts.filter(|count| *count > 0).map(|count| t.scope_drafts(count)));
    parts.extend((said.links > 0).then(|| t.scope_links(said.links)));
    parts.join(" / ")
}

/// A person with his department, and when.
fn who(desk: &Desk, by: Option<UserId>, at: Timestamp) -> String {
    let department = by.and_then(|id| desk.directory.users.get(&id)).map(|user| user.department.clone());
    let name = by.map(|id| desk.name_of(id)).unwrap_or_default();
    let words = [department.unwrap_or_default(), name, desk.style().date_exact(at)];
    words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use types::Language;

    use super::*;

    /// rules-and-texts.md, "Disposal certificate".
    #[test]
    fn the_certificate_says_what_was_done_what_it_does_not_cover_and_how_it_is_checked() {
        let ja = CertificateWords::new(Language::Ja);
        assert_eq!(ja.title(), "特定個人情報 廃棄記録書");
        assert_eq!(ja.lead(), "下記の特定個人情報を復元できない方法で廃棄したことを記録します。");
        assert_eq!(ja.except(), "対象外");
        assert_eq!(
            ja.except_text(),
            "各端末に保存された写し、メールソフトが別に保存した写し、作成中の下書き、印刷物、社外への提供分"
        );
        assert_eq!(
            ja.except_drafts(),
            "各端末に保存された写し、メールソフトが別に保存した写し、送信前および作成中の下書き、印刷物、社外への提供分"
        );
        assert_eq!(ja.check(), "整合性の検証値(台帳の連鎖ハッシュ)");
        let en = CertificateWords::new(Language::En);
        assert_eq!(en.title(), "Certificate of disposal of specified personal information");
        assert_eq!(
            en.lead(),
            "This records that the following specified personal information was disposed of in a way that cannot be reversed."
        );
        assert_eq!(en.except(), "Not covered");
        assert_eq!(
            en.except_text(),
            "Copies on devices, copies that mail programs saved themselves, drafts that are still being written, paper, \
             and what was given to others"
        );
        assert_eq!(
            en.except_drafts(),
            "Copies on devices, copies that mail programs saved themselves, drafts before they were sent and those \
             still being written, paper, and what was given to others"
        );
        assert_eq!(en.check(), "Check value (chain hash of the ledger)");
    }
}
