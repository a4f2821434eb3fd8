//! What the handlers' box says, and the way into it.

web::catalogue! {
    /// Texts of 取扱担当者の受信箱 and of handing over.
    pub struct HandlerWords {
        title: ja "取扱担当者の受信箱", en "The handlers' box";
        lead: ja "引き渡されたメールです。件名の番号は伏せて表示しています。ここにあるメールは、メールソフトでの受信や転送はできません。", en "Mail that was handed over; numbers in subjects are masked. Mail in this box reaches no mail program and cannot be forwarded.";
        empty: ja "引き渡されたメールはありません。", en "Nothing was handed over.";
        older: ja "さらに表示", en "Show more";
        back: ja "取扱担当者の受信箱へ戻る", en "Back to the box";
        no_subject: ja "(件名なし)", en "(no subject)";
        from: ja "差出人", en "From";
        to: ja "宛先", en "To";
        came: ja "日時", en "Date";
        reference: ja "受付番号", en "Reference";
        state: ja "状態", en "State";
        state_asked: ja "廃棄の確認待ち", en "Disposal to be confirmed";
        state_here: ja "引き渡し済み", en "Handed over";
        open_title: ja "番号を伏せずに開く", en "Open it as it is";
        open_help: ja "番号を伏せずに本文と添付ファイルを表示します。閲覧した方、日時、理由が台帳と監査ログに記録されます。", en "Text and files are shown with their numbers. Who opened it, when and why is recorded in the ledger and the audit log.";
        reason: ja "閲覧の理由", en "Why you open it";
        reason_hint: ja "必須です。マイナンバーは入力しないでください。", en "Required. Do not write a My Number here.";
        reason_missing: ja "閲覧の理由を入力してください(2文字以上500文字以内)。マイナンバーは入力しないでください。", en "Please write why, in 2 to 500 characters, without a My Number.";
        open: ja "記録して開く", en "Record and open";
        opened: ja "番号を伏せずに表示しています。閲覧は記録されました。", en "Shown with its numbers. The opening was recorded.";
        body: ja "本文", en "Text";
        files: ja "添付ファイル", en "Attachments";
        file_unnamed(part: &str): ja "名前のないファイル {part}", en "unnamed file {part}";
        save: ja "保存", en "Save";
        dispose: ja "台帳で経過を見る・廃棄を申請する", en "See its history, or ask for its disposal, in the ledger";
        disposed: ja "廃棄記録を見る", en "See what was disposed of";

        label: ja "特定個人情報", en "My Number";
        label_of_rule: ja "社内ルール", en "Company rule";
        label_help: ja "マイナンバー(個人番号)が含まれている可能性があります。", en "This mail may hold My Numbers.";
        label_help_of_rule: ja "社内ルールに該当したメールです。", en "A rule of the company labelled this mail.";
        hand_over: ja "取扱担当者へ引き渡す", en "Hand over to the handlers";
        sure: ja "このメールと、社内にあるすべての写しが取扱担当者の受信箱へ移ります。写しを持つ方にはお知らせが届きます。元に戻せません。", en "This mail and all its copies in the company go to the handlers' box; those who have a copy are told. This cannot be undone.";
        keep: ja "引き渡さずに戻る", en "Back without handing it over";
        handed_over: ja "取扱担当者へ引き渡しました。社内の写しはすべて取扱担当者の受信箱へ移りました。", en "Handed over. All copies in the company are in the handlers' box now.";
    }
}
