//! The texts that every page shares: frame, sign-in, errors.

crate::catalogue! {
    /// Texts of the frame around every page, of signing in and of error pages.
    pub struct CommonWords {
        lang: ja "ja", en "en";
        to_main: ja "本文へ移動", en "Skip to content";
        menu: ja "メニュー", en "Menu";
        webmail: ja "ウェブメール", en "Webmail";
        console: ja "管理コンソール", en "Administration";
        sign_out: ja "サインアウト", en "Sign out";
        close: ja "閉じる", en "Close";
        cancel: ja "キャンセル", en "Cancel";
        undo: ja "元に戻す", en "Undo";
        last_sign_in(when: &str, device: &str, peer: &str): ja "前回のサインイン: {when} ({device}, {peer})", en "Last sign-in: {when} ({device}, {peer})";
        unknown_device: ja "不明な端末", en "unknown device";
        recall: ja "取り消す", en "Undo";
        save: ja "保存", en "Save";
        optional: ja "任意", en "optional";
        busy: ja "処理中です…", en "Working…";
        offline: ja "サーバーに接続できませんでした。通信状態をご確認ください。",
            en "The server could not be reached. Please check your connection.";
        again: ja "再読み込み", en "Try again";
        slow: ja "応答に時間がかかっています。しばらくたってからお試しください。",
            en "The server takes long to answer. Please try again in a moment.";
        please_check(n: usize): ja "{n}件の入力をご確認ください。", en "Please check {n} fields.", one "Please check one field.";

        sign_in_mail: ja "ウェブメールにサインイン", en "Sign in to webmail";
        sign_in_admin: ja "管理コンソールにサインイン", en "Sign in to the console";
        email: ja "メールアドレス", en "Mail address";
        password: ja "パスワード", en "Password";
        sign_in: ja "サインイン", en "Sign in";
        forgotten: ja "パスワードをお忘れの方は、社内の管理者へご連絡ください。",
            en "If you have forgotten your password, please contact your administrator.";
        wrong_password: ja "メールアドレスまたはパスワードが正しくありません。", en "The mail address or the password is not correct.";
        locked(minutes: u64): ja "しばらくたってからお試しください(残り {minutes}分)。", en "Please try again later ({minutes} minutes left).",
            one "Please try again later (one minute left).";
        sign_in_busy: ja "現在サインインできません。しばらくたってからお試しください。", en "Signing in is not possible at the moment. Please try again later.";
        other_language: ja "English", en "日本語";

        error_reference(reference: &str): ja "受付番号: {reference}", en "Reference: {reference}";
        back_to_start: ja "最初の画面へ", en "To the first page";
        bad_request: ja "要求を理解できませんでした。", en "The request could not be understood.";
        bad_request_help: ja "前の画面に戻り、もう一度お試しください。", en "Please go back and try again.";
        not_allowed: ja "この操作は許可されていません。", en "This is not allowed.";
        not_allowed_help: ja "必要な場合は、社内の管理者へご相談ください。", en "If you need it, please talk to your administrator.";
        foreign: ja "ページの有効期限が切れています。", en "This page has expired.";
        foreign_help: ja "最初の画面を開きなおしてから、もう一度お試しください。", en "Please open the first page again and retry.";
        not_found: ja "ページが見つかりません。", en "This page does not exist.";
        not_found_help: ja "移動または削除された可能性があります。", en "It may have been moved or deleted.";
        wrong_method: ja "この方法では開けません。", en "This page cannot be opened like this.";
        too_large: ja "送られたデータが大きすぎます。", en "What was sent is too large.";
        too_large_help: ja "ファイルを分けるか小さくして、もう一度お試しください。", en "Please split it or make it smaller, and try again.";
        too_many: ja "操作が多すぎます。", en "Too many requests.";
        too_many_help: ja "しばらくたってからお試しください。", en "Please try again in a moment.";
        failed: ja "処理できませんでした。", en "Something went wrong.";
        failed_help: ja "しばらくたってからお試しください。続く場合は、受付番号を社内の管理者へお知らせください。",
            en "Please try again in a moment. If it goes on, tell your administrator the reference.";
        not_now: ja "ただいま混み合っています。", en "The server is busy.";

        yesterday: ja "昨日", en "Yesterday";
    }
}

crate::catalogue! {
    /// What the mailboxes are called that everybody has.
    pub struct MailboxWords {
        inbox: ja "受信トレイ", en "Inbox";
        sent: ja "送信済み", en "Sent";
        drafts: ja "下書き", en "Drafts";
        trash: ja "ごみ箱", en "Trash";
        junk: ja "迷惑メール", en "Junk";
        archive: ja "アーカイブ", en "Archive";
    }
}
