//! What the screens of rules say.

use inspect::review::Mode;

web::catalogue! {
    /// The tabs above the screens of rules.
    pub struct RuleTabs {
        rules: ja "審査ルール", en "Review rules";
        edit: ja "ルールを編集", en "Edit the rules";
        versions: ja "版の履歴", en "Versions";
        simulator: ja "シミュレーター", en "Simulator";
        rehearsal: ja "過去のメールで試す", en "Past mail";
        pattern: ja "正規表現を試す", en "Try an expression";
        labels: ja "番号の呼び名", en "Words for numbers";
        passwords: ja "合意済みパスワード", en "Agreed passwords";
        safeguards: ja "添付の保護", en "Protection of files";
    }
}

web::catalogue! {
    /// Texts of 審査ルール.
    pub struct RuleWords {
        lead: ja "すべてのルールを評価し、最も厳しい動作になります。", en "All rules are judged; the strictest action wins.";
        in_force(version: u32): ja "現在は第{version}版です。", en "Version {version} is in force.";
        none: ja "ルールはまだありません。", en "There is no rule yet.";
        unreadable: ja "現在のルールを読み取れません。すべての社外メールが保留されます。「ルールを編集」で修正してください。",
            en "The rules in force cannot be read, so all mail is held. Please mend them under “Edit the rules”.";
        mode_of(name: &str): ja "{name} の状態", en "State of {name}";
        mode_on: ja "有効", en "On";
        mode_record: ja "記録のみ", en "Record only";
        mode_off: ja "停止", en "Off";
        mode_set(name: &str, mode: &str): ja "{name} を「{mode}」にしました。", en "{name}: {mode}.";
        mode_by_hand: ja "このルールの書き方では自動で切り替えられません。「ルールを編集」で mode を変更してください。",
            en "This rule is written so that it cannot be switched here. Please change its mode in the text.";
        switched(code: &str, mode: &str): ja "{code} を「{mode}」に変更", en "{code}: {mode}";
        whose: ja "対象", en "Looks at";
        when: ja "条件", en "Condition";
        action: ja "動作", en "Action";
        except: ja "除外", en "Unless";
        message: ja "差出人への文面", en "What the sender reads";
        export: ja "書き出し(TOML)", en "Export (TOML)";

        edit_lead: ja "保存の前に、変更点の確認画面を表示します。まだ反映されません。", en "Before anything takes effect you see what changes.";
        text: ja "ルールの内容", en "Text of the rules";
        check: ja "変更点を確認", en "Review the changes";
        errors(n: usize): ja "{n}件の誤りがあります。", en "There are {n} mistakes.", one "There is one mistake.";
        line(n: usize): ja "{n}行目:", en "Line {n}:";
        too_big: ja "ルールが大きすぎます(256 KBまで)。", en "The rules are too large (256 KB at most).";
        not_text: ja "文字コードが UTF-8 のファイルを選んでください。", en "Please choose a file in UTF-8.";
        ready: ja "用意されたルール", en "Ready-made rules";
        ready_lead: ja "追加すると、変更点の確認画面が開きます。反映するまで、ルールは変わりません。", en "Adding one shows what changes. Nothing is in force before you publish it.";
        ready_add: ja "追加する", en "Add";
        ready_add_named(name: &str): ja "「{name}」を追加する", en "Add “{name}”";
        ready_there: ja "追加済み", en "added";
        set_added(name: &str): ja "用意されたルール「{name}」を追加", en "Ready-made rules added: {name}";
        import: ja "ファイルから取り込む", en "Import a file";
        file: ja "ルールのファイル(TOML)", en "File of rules (TOML)";
        do_import: ja "取り込んで確認", en "Import and review";

        check_title: ja "変更点の確認", en "What changes";
        compared(version: u32): ja "第{version}版(現在)との違いです。", en "Compared with version {version}, which is in force.";
        same: ja "違いはありません。", en "Nothing differs.";
        difference: ja "変更点", en "Changes";
        change: ja "種別", en "Kind";
        gone: ja "削除", en "removed";
        came: ja "追加", en "added";
        comment: ja "変更の理由", en "Reason of the change";
        comment_hint: ja "履歴と監査ログに残ります。", en "Kept in the history and the audit log.";
        comment_missing: ja "変更の理由を入力してください。", en "Please write why.";
        overtaken: ja "確認中に、ほかの管理者がルールを変更しました。最新の版との違いを表示しています。もう一度ご確認ください。",
            en "Somebody changed the rules meanwhile. The differences are now to the latest version; please look again.";
        publish: ja "反映する", en "Put in force";
        again: ja "編集に戻る", en "Edit again";
        published: ja "新しい版を反映しました。", en "The new version is in force.";

        deletes(codes: &str): ja "注意: {codes} に該当したメールは破棄され、差出人にも宛先にも知らされません。",
            en "Warning: mail that matches {codes} is discarded, and neither its sender nor anybody else is told.";

        versions_count(n: usize): ja "{n}件の版", en "{n} versions", one "One version";
        version: ja "版", en "Version";
        version_n(n: u32): ja "第{n}版", en "Version {n}";
        current: ja "現在", en "in force";
        at: ja "日時", en "When";
        by: ja "変更者", en "By";
        machine: ja "コマンド・システム", en "command line or system";
        if_restored: ja "この版に戻すと変わるところ", en "What changes if it is restored";
        restore(n: u32): ja "第{n}版の内容に戻す", en "Restore version {n}";
        restored(n: u32): ja "第{n}版に戻す", en "Restored version {n}";
    }
}

impl RuleWords {
    /// What was done, with a warning about the rules that delete mail from now on.
    pub fn with_warning(&self, done: &str, deletions: &[String]) -> String {
        if deletions.is_empty() { done.to_owned() } else { format!("{done} {}", self.deletes(&deletions.join(", "))) }
    }
    pub fn mode(&self, mode: Mode) -> &'static str {
        match mode {
            Mode::On => self.mode_on(),
            Mode::Record => self.mode_record(),
            Mode::Off => self.mode_off(),
        }
    }
}
