//! What the ledger of specified personal information says: kinds, states, acts.

use store::{LedgerAct, LedgerKind, LedgerReason, LedgerState};

web::catalogue! {
    /// Texts of 特定個人情報の台帳.
    pub struct LedgerWords {
        title: ja "特定個人情報の台帳", en "Ledger of specified personal information";
        lead: ja "マイナンバー(個人番号)を含む可能性が高いメールの取得・保管・廃棄の記録です。番号は記録しません。", en "What came in, is kept and was disposed of: mail that likely holds My Numbers. Numbers are never recorded.";
        since: ja "開始日", en "From day";
        until: ja "終了日", en "To day";
        person: ja "差出人・宛先(一部)", en "From or to (part)";
        kind: ja "区分", en "Kind";
        state: ja "状態", en "State";
        all: ja "すべて", en "All";
        show: ja "表示", en "Show";
        none: ja "条件に合う記録はありません。", en "No line matches.";
        export: ja "CSVで書き出す", en "Export as CSV";
        print: ja "印刷用に表示", en "Show for printing";
        goes(years: u32): ja "保存年数({years}年)を過ぎたメールは、会社の規則により自動で廃棄されます。", en "Mail older than {years} years is disposed of by itself, by the company's rule.";
        due(years: u32): ja "保存年数({years}年)を過ぎた廃棄の候補", en "Proposed for disposal: older than {years} years";
        goes_kinds: ja "書類の種類を取扱担当者が指定した行は、保存期間の満了後に会社の規則により自動で廃棄されます。", en "Mail whose kind of documents a handler has given is disposed of by itself when its retention period is over, by the company's rule.";
        expired: ja "期限到来(廃棄の候補)", en "Period over (proposed for disposal)";
        order: ja "並び順", en "Order";
        order_newest: ja "新しい順", en "Newest first";
        order_due: ja "保存期間満了日の早い順(種類のある行)", en "End of the retention period (lines with a kind)";
        older: ja "さらに表示", en "Show more";
        number: ja "番号", en "No.";
        when: ja "日時", en "When";
        reference: ja "受付番号", en "Reference";
        from: ja "差出人", en "From";
        to: ja "宛先", en "To";
        subject: ja "件名", en "Subject";
        blanked: ja "(廃棄済み)", en "(disposed of)";
        no_subject: ja "(件名なし)", en "(no subject)";
        count: ja "件数", en "Numbers";
        counted(certain: u32, likely: u32): ja "確実 {certain}、可能性が高い {likely}", en "certain {certain}, likely {likely}";
        pictures: ja "本人確認書類と思われる画像", en "pictures of identity documents";
        no_numbers: ja "番号は見つかっていません", en "no numbers were found";
        certain: ja "確実", en "Certain";
        likely: ja "可能性が高い", en "Likely";
        rules: ja "ルール", en "Rules";
        outcome: ja "審査の結果", en "Review";
        history: ja "取扱いの経過", en "What was done";
        what: ja "取扱い", en "Act";
        by: ja "実行者", en "By";
        detail: ja "詳細", en "Detail";
        system: ja "システム", en "system";
        places: ja "現在の保管場所", en "Where it lies now";
        places_none: ja "メールボックスにも送信待ちにもありません。", en "It lies in no mailbox and waits nowhere.";
        place_copy(owner: &str, name: &str): ja "{owner} さんの「{name}」", en "{name} of {owner}";
        place_shared(name: &str): ja "共有メールボックス「{name}」", en "shared mailbox {name}";
        place_handlers: ja "取扱担当者の受信箱", en "the handlers' box";
        place_parcel: ja "送信(審査)", en "Sent mail (review)";
        place_queue: ja "配送待ち", en "On its way";
        messages(n: u64): ja "{n}通", en "{n} messages", one "one message";
        place: ja "場所", en "Place";
        chain: ja "連鎖ハッシュ", en "Chain hash";
        back: ja "台帳へ戻る", en "Back to the ledger";
        printed(at: &str): ja "{at} 現在", en "As of {at}";
        in_all(n: usize): ja "以上、全{n}件", en "End: {n} lines in all", one "End: one line in all";
        most(n: usize): ja "新しい順に{n}件までを表示しています。期間を指定してください。", en "The newest {n} lines. Choose a span of time.";

        kind_acquired: ja "取得(社外から)", en "Acquired (from outside)";
        kind_inside: ja "社内", en "Inside";
        kind_sent: ja "提供(社外へ)", en "Sent (to the outside)";
        state_kept: ja "保管中", en "Kept";
        state_handed_over: ja "引き渡し済み", en "Handed over";
        state_disposal_asked: ja "廃棄の確認待ち", en "Disposal to be confirmed";
        state_disposed: ja "廃棄済み", en "Disposed of";
        act_entered: ja "台帳に記録", en "Entered";
        act_released: ja "送信", en "Left";
        act_approved: ja "承認", en "Approved";
        act_sent_at_deadline: ja "期限により送信", en "Sent at its deadline";
        act_returned: ja "差し戻し", en "Returned";
        act_rejected: ja "却下", en "Rejected";
        act_expired: ja "期限切れ", en "Deadline passed";
        act_withdrawn: ja "取り下げ", en "Withdrawn";
        act_opened: ja "閲覧", en "Opened";
        act_exported: ja "添付の保存", en "Attachment saved";
        act_downloaded: ja "ダウンロード", en "Downloaded";
        act_handed_over: ja "取扱担当者へ引き渡し", en "Handed over to the handlers";
        act_disposal_asked: ja "廃棄の申請", en "Disposal asked for";
        act_disposal_refused: ja "廃棄の取りやめ", en "Disposal refused";
        act_disposed: ja "廃棄", en "Disposed of";
        act_classified: ja "書類の種類を記録", en "Kind of documents given";
        act_reported: ja "漏えい等報告に追加", en "Part of a breach report";
        outcome_sent: ja "送信", en "sent";
        outcome_held: ja "保留", en "held";
        outcome_blocked: ja "送信不可", en "refused";
        outcome_to_confirm: ja "差出人の確認待ち", en "to be confirmed by its sender";
        outcome_deleted: ja "破棄", en "discarded";
        outcome_by_label: ja "ルールに該当したため引き渡し", en "handed over, a rule labelled it";
        outcome_deleted_in_part: ja "一部を破棄", en "discarded in part";
        opened_held: ja "保留メール(番号は伏せて表示)", en "held mail, numbers masked";
        opened_file: ja "保留メールの添付(番号は伏せて表示)", en "attachment of held mail, numbers masked";
        opened_original: ja "保留メールの原文(番号も表示)", en "held mail as it is, with its numbers";
        saved_original: ja "保留メールの添付(番号もそのまま)", en "attachment of held mail as it is, with its numbers";
    }
}

impl LedgerWords {
    /// The word of a kind.
    pub fn kind_of(&self, kind: LedgerKind) -> &'static str {
        match kind {
            LedgerKind::Acquired => self.kind_acquired(),
            LedgerKind::Inside => self.kind_inside(),
            LedgerKind::Sent => self.kind_sent(),
        }
    }
    /// The word and the tag's colour of a state.
    pub fn state_of(&self, state: LedgerState) -> (&'static str, &'static str) {
        match state {
            LedgerState::Kept => (self.state_kept(), ""),
            LedgerState::HandedOver => (self.state_handed_over(), "ok"),
            LedgerState::DisposalAsked => (self.state_disposal_asked(), "warn"),
            LedgerState::Disposed => (self.state_disposed(), "ok"),
        }
    }
    /// The word of an act.
    pub fn act_of(&self, act: LedgerAct) -> &'static str {
        match act {
            LedgerAct::Entered => self.act_entered(),
            LedgerAct::Released => self.act_released(),
            LedgerAct::Approved => self.act_approved(),
            LedgerAct::SentAtDeadline => self.act_sent_at_deadline(),
            LedgerAct::Returned => self.act_returned(),
            LedgerAct::Rejected => self.act_rejected(),
            LedgerAct::Expired => self.act_expired(),
            LedgerAct::Withdrawn => self.act_withdrawn(),
            LedgerAct::Opened => self.act_opened(),
            LedgerAct::Exported => self.act_exported(),
            LedgerAct::Downloaded => self.act_downloaded(),
            LedgerAct::HandedOver => self.act_handed_over(),
            LedgerAct::DisposalAsked => self.act_disposal_asked(),
            LedgerAct::DisposalRefused => self.act_disposal_refused(),
            LedgerAct::Disposed => self.act_disposed(),
            LedgerAct::Reported => self.act_reported(),
            LedgerAct::Classified => self.act_classified(),
        }
    }
    /// How many numbers a line has; what else it is there for when there are none.
    pub fn count_of(&self, line: &store::LedgerLine) -> String {
        match line.reason() {
            LedgerReason::Label => self.no_numbers().to_owned(),
            LedgerReason::Pictures => self.pictures().to_owned(),
            LedgerReason::Numbers => self.counted(line.certain, line.likely),
        }
    }
    /// The word of what the review decided; as it was written down when it has none.
    pub fn outcome_of<'a>(&self, word: &'a str) -> &'a str {
        match word {
            "sent" => self.outcome_sent(),
            "held" => self.outcome_held(),
            "blocked" => self.outcome_blocked(),
            "to_confirm" => self.outcome_to_confirm(),
            "deleted" => self.outcome_deleted(),
            store::LEDGER_BY_LABEL => self.outcome_by_label(),
            "deleted_in_part" => self.outcome_deleted_in_part(),
            other => other,
        }
    }
}
