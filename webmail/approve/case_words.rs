//! What the screen of one held mail says beside the words of all screens of approval.

web::catalogue! {
    /// Texts of a held mail before its approver, and of the page that shows it as it is.
    pub struct CaseWords {
        two_wanted(wanted: u32): ja "このメールの送信には{wanted}名の承認が必要です。", en "{wanted} people have to approve this mail before it is sent.";
        first_given(name: &str): ja "1人目が承認しました({name})。", en "The first approval is there ({name}).";
        approved_here: ja "あなた、または代理の方は承認済みです。もう1名の承認を待っています。", en "You or your deputy have approved it. It waits for another approval.";
        approved_in_part: ja "承認しました。もう1名の承認後に送信されます。", en "Approved. It is sent after one more approval.";
        approved_before: ja "すでに承認済みです。もう1名の承認を待っています。", en "You have approved it before. It waits for another approval.";
        decides_for(name: &str): ja "{name}さんの代理として判断します。記録に残ります。", en "You decide in the stead of {name}. It is recorded.";
        to_open: ja "承認の前に、次の添付ファイルを開いて内容をご確認ください。", en "Before you approve it, open these files and check them.";
        not_opened: ja "承認の前に、本文と添付ファイルを開いてご確認ください。", en "Please open the mail and its files before you approve it.";
        must_open: ja "この規則では、本文と添付ファイルを確認した方だけが承認できます。", en "This rule lets only those approve who have opened the mail and its files.";
        story: ja "このメールの経過", en "What happened so far";
        step_approved(name: &str): ja "{name}さんが承認しました", en "{name} approved it";
        step_approved_for(name: &str, seat: &str): ja "{name}さんが{seat}さんの代理として承認しました", en "{name} approved it in the stead of {seat}";
        step_opened(name: &str): ja "{name}さんが開きました", en "{name} opened it";
        step_opened_file(name: &str, file: &str): ja "{name}さんが「{file}」を開きました", en "{name} opened \"{file}\"";
        original: ja "番号を伏せずに開く", en "Open it as it is";
        original_lead: ja "番号を伏せずに本文と添付ファイルを表示します。閲覧した方、日時、理由が記録されます。", en "Text and files are shown with their numbers. Who opened it, when and why is recorded.";
        original_reason: ja "閲覧の理由", en "Why you open it";
        original_reason_hint: ja "必須です。マイナンバーは入力しないでください。", en "Required. Do not write a My Number here.";
        original_reason_missing: ja "閲覧の理由を入力してください(2文字以上500文字以内)。", en "Please write why, in 2 to 500 characters.";
        original_show: ja "記録して開く", en "Record and open";
        original_shown: ja "番号を伏せずに表示しています。閲覧は記録されました。", en "Shown with its numbers. The opening was recorded.";
        original_body: ja "本文", en "Text";
        original_save: ja "保存", en "Save";
        back_to_case: ja "確認画面へ戻る", en "Back to the mail";
    }
}
