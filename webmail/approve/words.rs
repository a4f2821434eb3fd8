//! What the screens of approval and of one's own sent mail say.

use store::ParcelState;

use crate::ways::WayWords;

web::catalogue! {
    /// Texts of 承認待ち and 送信状況.
    pub struct ApproveWords {
        title: ja "承認待ち", en "Waiting for approval";
        count(n: usize): ja "{n}件", en "{n} mails", one "One mail";
        history: ja "履歴", en "History";
        empty: ja "承認待ちのメールはありません。", en "No mail waits for your approval.";
        empty_history: ja "まだ判断したメールはありません。", en "You have not decided any mail yet.";
        until(when: &str): ja "期限 {when}", en "Until {when}";
        minutes_left(n: i64): ja "期限まで {n}分", en "{n} minutes left", one "One minute left";
        hours_left(n: i64): ja "期限まで {n}時間", en "{n} hours left", one "One hour left";
        days_left(n: i64): ja "期限まで {n}日", en "{n} days left", one "One day left";
        overdue: ja "期限を過ぎています", en "Past the deadline";
        sender: ja "送信者", en "Sender";
        since: ja "申請", en "Sent";
        recipients: ja "宛先", en "Recipients";
        recipients_outside(n: usize): ja "社外 {n}件", en "{n} external", one "1 external";
        rule: ja "規則", en "Rule";
        why: ja "確認していただきたいこと", en "What to check";
        treated: ja "送信時の処理", en "Done when it is sent";
        found: ja "検出", en "Found";
        found_count(n: usize): ja "マイナンバーの可能性がある番号が {n}件見つかりました。", en "{n} possible My Numbers were found.", one "One possible My Number was found.";
        found_none: ja "番号は見つかっていません。", en "No number was found.";
        found_more(n: usize): ja "ほか {n}件", en "and {n} more";
        not_inspected: ja "検査できなかったもの", en "Not inspected";
        level_certain: ja "確実", en "certain";
        level_likely: ja "可能性が高い", en "likely";
        level_possible: ja "可能性あり", en "possible";
        subject: ja "件名", en "Subject";
        text: ja "本文(番号は伏せています)", en "Text (numbers are masked)";
        body_title: ja "本文", en "Text of the mail";
        files: ja "添付ファイル", en "Attachments";
        file_look: ja "内容を確認", en "Look inside";
        file_unnamed(part: &str): ja "名前のないファイル({part})", en "A file without a name ({part})";
        file_text: ja "読み取った内容(番号は伏せています)", en "What was read (numbers are masked)";
        file_no_text: ja "文字として読み取れる内容がありません。", en "Nothing could be read as text.";
        comment: ja "コメント", en "Comment";
        comment_hint: ja "差し戻し・却下では必須です。送信者に表示されます。", en "Required to return or reject. The sender reads it.";
        comment_missing: ja "差し戻し・却下の理由を入力してください。", en "Please write why you return or reject it.";
        approve: ja "承認して送信", en "Approve and send";
        send_back: ja "差し戻す", en "Return";
        reject: ja "却下", en "Reject";
        then_return: ja "期限切れ: 送信者に差し戻されます", en "At the deadline it returns to the sender";
        then_reject: ja "期限切れ: 却下されます", en "At the deadline it is rejected";
        then_escalate: ja "期限切れ: 上位の承認者に依頼が移ります", en "At the deadline the next approvers are asked";
        then_send: ja "期限切れ: 送信されます", en "At the deadline it is sent";
        approvals(given: usize, wanted: u32): ja "承認 {given}/{wanted}名", en "{given} of {wanted} approvals";
        in_stead_of(name: &str): ja "{name}さんの代理", en "In the stead of {name}";
        approved: ja "承認して送信しました。", en "Approved and sent.";
        returned: ja "差し戻しました。", en "Returned to the sender.";
        rejected: ja "却下しました。", en "Rejected.";
        decided_before: ja "このメールはすでに判断されています。", en "This mail has been decided already.";
        back: ja "承認待ちへ戻る", en "Back to the list";
        decided_by(name: &str): ja "判断: {name}", en "Decided by {name}";
        decided_at: ja "判断日時", en "Decided";
        result: ja "結果", en "Result";
        nobody: ja "システム", en "System";
        outside: ja "社外", en "External";

        state_held: ja "承認待ち", en "waiting";
        state_waiting: ja "送信待ち", en "about to leave";
        state_released: ja "送信済み", en "sent";
        state_returned: ja "差し戻し", en "returned";
        state_rejected: ja "却下", en "rejected";
        state_expired: ja "期限切れ", en "expired";
        state_withdrawn: ja "取り下げ", en "withdrawn";
        state_blocked: ja "送信不可", en "blocked";
        state_deleted: ja "送信不可", en "not sent";

        outgoing: ja "送信状況", en "Sent mail status";
        outgoing_lead: ja "送信したメールの、審査と配送の状況です。", en "What became of the mail that you sent: review and delivery.";
        outgoing_empty: ja "送信したメールはまだありません。", en "You have not sent any mail yet.";
        outgoing_held(n: usize): ja "承認待ち {n}件", en "{n} waiting for approval", one "One waiting for approval";
        withdraw: ja "取り下げる", en "Withdraw";
        withdrawn: ja "取り下げました。下書きに戻しています。", en "Withdrawn. It is among your drafts again.";
        leaves_at(when: &str): ja "{when} に送信", en "leaves {when}";
        state_to_confirm: ja "ご自身の確認待ち", en "waits for you";
        to_confirm: ja "確認して送信", en "Check and send";
        confirm_title: ja "送信前の確認", en "Check before sending";
        confirm_lead: ja "このメールはまだ送信されていません。宛先と内容を確かめて、送信してください。", en "This mail has not been sent yet. Check its recipients and content, then send it.";
        confirm: ja "確認しました。送信する", en "I have checked it. Send it";
        confirm_open: ja "下書きに戻して修正する場合は、取り下げてください。", en "To change it, withdraw it: it becomes a draft again.";
        confirmed: ja "送信しました。", en "Sent.";
        files_count(n: usize): ja "添付ファイル {n}件", en "{n} attachments", one "One attachment";
        leaves_in(seconds: u64): ja "あと{seconds}秒で送信されます。", en "Leaves in {seconds} seconds.", one "Leaves in one second.";
        leaves_in_minutes(minutes: u64): ja "約{minutes}分後に送信されます。", en "Leaves in about {minutes} minutes.", one "Leaves in about one minute.";
        recall: ja "取り消す", en "Undo sending";
        recalled: ja "送信を取り消しました。", en "Sending was undone.";
        recalled_partly: ja "送信を取り消しました。承認済みの宛先には、すでに送信されています。",
            en "Sending was undone. What had been approved before was sent already.";
        recalled_late: ja "すでに送信されているため、取り消せませんでした。", en "It is too late: the mail has been sent.";
        approvers: ja "確認者", en "Approvers";
        reference: ja "受付番号", en "Reference";
        timeline: ja "経過", en "Timeline";
        sent_at: ja "送信日時", en "Sent";
        older: ja "さらに表示", en "Show more";
        no_subject: ja "(件名なし)", en "(no subject)";
        reviewing: ja "検査中", en "under review";

        event_judged: ja "検査しました", en "Reviewed";
        event_held: ja "確認を依頼しました", en "Approval asked for";
        event_to_confirm: ja "ご自身の確認を待っています", en "Waits for your own confirmation";
        event_confirmed: ja "ご自身で確認し、送信しました", en "Confirmed by yourself and sent";
        event_released: ja "送信を開始しました", en "On its way";
        event_approved: ja "承認されました", en "Approved";
        event_sent_at_deadline: ja "期限を過ぎたため、規則のとおり送信しました", en "Sent at its deadline, as its rule says";
        event_approved_in_part: ja "1人目が承認しました", en "Approved by the first of two";
        event_escalated: ja "期限を過ぎたため、上位の承認者に依頼しました", en "The deadline passed: the next approvers were asked";
        event_returned: ja "差し戻されました", en "Returned";
        event_rejected: ja "却下されました", en "Rejected";
        event_expired: ja "期限切れのため送信されませんでした", en "Not sent: the deadline passed";
        event_copied: ja "写しを届けました", en "Copied to";
        event_header_added: ja "ヘッダーを追加しました", en "Header added";
        event_linked: ja "リンクで送信しました", en "Sent as links";
        links: ja "リンクの状況", en "Links";
        event_recipients_hidden: ja "宛先(To・Cc)を表示せずに送信しました", en "Sent without showing its recipients (To, Cc)";
        event_footer_added: ja "本文の末尾に定型文を追加しました", en "A footer was added";
        event_tls_demanded: ja "認証された TLS でのみ送信します", en "Goes over verified TLS only";
        event_left_signed: ja "署名・暗号化されたメールのため変更せず、認証された TLS でのみ送信します", en "Signed or encrypted: left as it is, goes over verified TLS only";
        event_routed: ja "指定の経路で送信します", en "Goes by a route of its own";
        event_stopped: ja "認証された TLS で送信できないため、止めています", en "Stopped: it cannot go over verified TLS";
        event_waiting: ja "送信待ちに入れました", en "Waits, and can be undone";
        event_recalled: ja "送信を取り消しました", en "Sending was undone";
        event_withdrawn: ja "取り下げました", en "Withdrawn";
        event_blocked: ja "規則により送信できませんでした", en "Not sent: a rule forbids it";
        event_delivered: ja "相手先のサーバーに届きました", en "Taken by the recipient's server";
        event_failed: ja "届けられませんでした", en "Could not be delivered";
        event_retry: ja "再送を待っています", en "Waiting to try again";
        event_reviewing: ja "検査に時間がかかっています", en "The review takes a while";
    }
}

impl ApproveWords {
    /// The word and the tag's colour of a state.
    #[must_use]
    pub fn state(&self, state: ParcelState) -> (&'static str, &'static str) {
        match state {
            ParcelState::Held => (self.state_held(), "warn"),
            ParcelState::Waiting => (self.state_waiting(), "warn"),
            ParcelState::Released => (self.state_released(), "ok"),
            ParcelState::Returned => (self.state_returned(), "warn"),
            ParcelState::Rejected => (self.state_rejected(), "ng"),
            ParcelState::Expired => (self.state_expired(), "ng"),
            ParcelState::Withdrawn => (self.state_withdrawn(), "warn"),
            ParcelState::Blocked => (self.state_blocked(), "ng"),
            ParcelState::Deleted => (self.state_deleted(), "ng"),
        }
    }

    /// A line of the timeline in words; `None` for what is of no use to the sender.
    #[must_use]
    pub fn event(&self, event: &str) -> Option<&'static str> {
        Some(match event {
            "submission.judged" => self.event_judged(),
            "submission.reviewing" => self.event_reviewing(),
            "submission.blocked" => self.event_blocked(),
            "parcel.held" => self.event_held(),
            "parcel.to_confirm" => self.event_to_confirm(),
            "parcel.confirmed" => self.event_confirmed(),
            "parcel.released" => self.event_released(),
            "parcel.approved" => self.event_approved(),
            "parcel.sent_at_deadline" => self.event_sent_at_deadline(),
            "parcel.approved_in_part" => self.event_approved_in_part(),
            "parcel.escalated" => self.event_escalated(),
            "parcel.returned" => self.event_returned(),
            "parcel.rejected" => self.event_rejected(),
            "parcel.expired" => self.event_expired(),
            "parcel.copied" => self.event_copied(),
            "parcel.header_added" => self.event_header_added(),
            "parcel.linked" => self.event_linked(),
            "parcel.zipped" => WayWords::new(self.language).zipped(),
            "parcel.password_mailed" => WayWords::new(self.language).password_mailed(),
            "parcel.recipients_hidden" => self.event_recipients_hidden(),
            "parcel.footer_added" => self.event_footer_added(),
            "parcel.tls_demanded" => self.event_tls_demanded(),
            "parcel.left_signed" => self.event_left_signed(),
            "parcel.routed" => self.event_routed(),
            "queue.held" => self.event_stopped(),
            "parcel.waiting" => self.event_waiting(),
            "parcel.recalled" => self.event_recalled(),
            "parcel.withdrawn" => self.event_withdrawn(),
            "queue.delivered" => self.event_delivered(),
            "queue.failed" => self.event_failed(),
            "queue.deferred" | "queue.delay_told" => self.event_retry(),
            _ => return None,
        })
    }

    /// How long until the deadline.
    #[must_use]
    pub fn left(&self, milliseconds: i64) -> String {
        let minutes = milliseconds / 60_000;
        match minutes {
            ..0 => self.overdue().to_owned(),
            0..60 => self.minutes_left(minutes),
            60..2_880 => self.hours_left(minutes / 60),
            _ => self.days_left(minutes / 1_440),
        }
    }
}

#[cfg(test)]
mod tests {
    use types::Language;

    use super::*;

    #[test]
    fn what_is_left_is_told_in_the_unit_that_fits() {
        let words = ApproveWords::new(Language::Ja);
        for (minutes, told) in
            [(-1, "期限を過ぎています"), (59, "期限まで 59分"), (125, "期限まで 2時間"), (3_000, "期限まで 2日")]
        {
            assert_eq!(words.left(minutes * 60_000), told);
        }
    }
}
