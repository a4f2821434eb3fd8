//! What the screens of reading mail say.

web::catalogue! {
    /// Texts of folders, list and message.
    pub struct MailWords {
        folders: ja "フォルダー", en "Folders";
        manage_folders: ja "フォルダーの管理", en "Manage folders";
        compose: ja "新規作成", en "New mail";
        unread_of(n: u32): ja "未読 {n}件", en "{n} unread", one "1 unread";
        usage: ja "容量", en "Storage";
        usage_of(used: &str, quota: &str): ja "{used} / {quota}", en "{used} of {quota}";

        messages_of(n: &str): ja "{n}件", en "{n} messages";
        refresh: ja "更新", en "Refresh";
        show_all: ja "すべて", en "All";
        show_unread: ja "未読", en "Unread";
        show_starred: ja "スター付き", en "Starred";
        show_what: ja "表示", en "Show";
        select_all: ja "このページをすべて選択", en "Select this page";
        select_one(subject: &str): ja "選択: {subject}", en "Select: {subject}";
        star_one: ja "スターを付ける", en "Add star";
        unstar_one: ja "スターを外す", en "Remove star";
        do_archive: ja "アーカイブ", en "Archive";
        do_trash: ja "削除", en "Delete";
        do_delete: ja "完全に削除", en "Delete for good";
        do_delete_sure: ja "選択したメールを完全に削除します。元に戻せません。", en "The selected mails are deleted for good. This cannot be undone.";
        do_junk: ja "迷惑メール", en "Junk";
        do_not_junk: ja "受信トレイへ戻す", en "Not junk";
        do_read: ja "既読にする", en "Mark as read";
        do_unread: ja "未読に戻す", en "Mark as unread";
        do_move: ja "移動", en "Move";
        move_to: ja "移動先", en "Move to";
        move_choose: ja "移動先を選択…", en "Move to…";
        choose_first: ja "メールを選択してください。", en "Please select a mail first.";
        choose_folder: ja "移動先を選択してください。", en "Please choose a folder.";
        tools: ja "選択したメールの操作", en "Actions for selected mails";
        newer: ja "新しい50件", en "Newer 50";
        older: ja "さらに50件を表示", en "50 more";
        to_newest: ja "先頭へ", en "To the newest";
        jump: ja "日付へ移動", en "Go to date";
        jump_go: ja "移動する", en "Go";
        arrived(n: usize): ja "新着 {n}件を表示", en "Show {n} new mails", one "Show one new mail";
        empty(folder: &str): ja "{folder}にメールはありません。", en "There is no mail in {folder}.";
        empty_filter: ja "この条件のメールはありません。", en "There is no such mail here.";
        no_subject: ja "(件名なし)", en "(no subject)";
        nobody: ja "(差出人なし)", en "(no sender)";
        to_list(names: &str): ja "宛先: {names}", en "To: {names}";
        unread_mark: ja "未読", en "Unread";
        starred_mark: ja "スター付き", en "Starred";
        answered_mark: ja "返信済み", en "Answered";
        forwarded_mark: ja "転送済み", en "Forwarded";
        attachment_mark: ja "添付あり", en "Attachment";
        outside: ja "社外", en "External";

        done_archive(n: usize): ja "{n}件をアーカイブへ移動しました。", en "{n} mails archived.", one "One mail archived.";
        done_move(n: usize, folder: &str): ja "{n}件を{folder}へ移動しました。", en "{n} moved to {folder}.";
        done_delete(n: usize): ja "{n}件を完全に削除しました。", en "{n} mails deleted for good.", one "One mail deleted for good.";
        done_read(n: usize): ja "{n}件を既読にしました。", en "{n} marked as read.";
        done_unread(n: usize): ja "{n}件を未読に戻しました。", en "{n} marked as unread.";
        done_star: ja "スターを付けました。", en "Star added.";
        done_unstar: ja "スターを外しました。", en "Star removed.";
        undone: ja "元に戻しました。", en "Undone.";
        undo_over: ja "元に戻せる時間が過ぎました。", en "It is too late to undo this.";

        reply: ja "返信", en "Reply";
        reply_all: ja "全員に返信", en "Reply all";
        forward: ja "転送", en "Forward";
        print: ja "印刷", en "Print";
        save_eml: ja "メールを保存 (.eml)", en "Save as .eml";
        show_headers: ja "ヘッダーを表示", en "Show headers";
        more: ja "その他", en "More";
        back_to(folder: &str): ja "{folder}へ戻る", en "Back to {folder}";
        previous: ja "新しいメール", en "Newer mail";
        next: ja "古いメール", en "Older mail";
        from: ja "差出人", en "From";
        to: ja "宛先", en "To";
        cc: ja "Cc", en "Cc";
        bcc: ja "Bcc", en "Bcc";
        date: ja "日時", en "Date";
        subject: ja "件名", en "Subject";
        others(n: usize): ja "ほか{n}名", en "and {n} more";
        from_outside: ja "社外からのメールです。", en "This mail comes from outside the company.";
        reply_to_differs(address: &str): ja "返信先は差出人と異なります: {address}", en "Replies go to another address: {address}";
        name_is_address: ja "差出人の表示名が、実際とは別のアドレスになっています。", en "The sender's name shows another address than the real one.";
        remote_images: ja "外部の画像は表示していません。", en "Images from elsewhere are not shown.";
        links_differ: ja "表示と異なる行き先のリンクがあります。", en "A link leads elsewhere than its text says.";
        shown_as_text: ja "このメールは大きいか複雑なため、文字だけで表示しています。", en "This mail is too large or complex and is shown as text.";
        body_of(subject: &str): ja "本文: {subject}", en "Text: {subject}";
        attachments(n: usize, size: &str): ja "添付ファイル {n}件 ({size})", en "Attachments: {n} ({size})";
        save_one(name: &str): ja "保存: {name}", en "Save: {name}";
        charset: ja "文字コード", en "Character set";
        charset_auto: ja "自動", en "Automatic";
        charset_apply: ja "再表示", en "Show again";
        open_draft: ja "下書きを編集", en "Edit draft";
        to_text: ja "文字だけで表示", en "Text only";
        to_html: ja "元の書式で表示", en "Original layout";

        folder_name: ja "フォルダー名", en "Folder name";
        folder_hint: ja "「/」で区切ると階層になります(例: 案件/2026)。", en "A slash makes levels, as in Projects/2026.";
        folder_add: ja "フォルダーを作成", en "Create folder";
        folder_rename: ja "名前を変更", en "Rename";
        folder_delete: ja "削除", en "Delete";
        folder_delete_sure(name: &str): ja "「{name}」と中のメールを完全に削除します。元に戻せません。", en "“{name}” and the mail in it are deleted for good. This cannot be undone.";
        folder_delete_named(name: &str): ja "「{name}」を完全に削除", en "Delete “{name}” for good";
        folder_fixed: ja "標準のフォルダー", en "Standard folder";
        folder_added(name: &str): ja "「{name}」を作成しました。", en "“{name}” created.";
        folder_renamed(name: &str): ja "「{name}」に変更しました。", en "Renamed to “{name}”.";
        folder_deleted(name: &str): ja "「{name}」を削除しました。", en "“{name}” deleted.";
        folder_exists: ja "同じ名前のフォルダーがあります。", en "There is a folder of this name.";
        folder_wrong: ja "この名前は使えません。空の階層や制御文字は使えません。", en "This name cannot be used: no empty levels, no control characters.";
        folder_mails: ja "メール", en "Mails";
        folder_unread: ja "未読", en "Unread";
    }
}

impl MailWords {
    /// What the mailboxes are called that everybody has.
    #[must_use]
    pub fn mailboxes(self) -> web::MailboxWords {
        web::MailboxWords::new(self.language)
    }
}
