//! What the screens of writing mail and of the check before sending say.

use message::recipients::Why;

use crate::ways::WayWords;

web::catalogue! {
    /// Texts of compose and check.
    pub struct ComposeWords {
        title: ja "新規メール", en "New mail";
        draft: ja "下書き", en "Draft";
        saved(at: &str): ja "下書きを保存しました {at}", en "Draft saved {at}";
        not_saved: ja "まだ保存されていません", en "Not saved yet";
        saving: ja "保存しています…", en "Saving…";
        save_failed: ja "下書きを保存できませんでした。入力した内容は、この画面に残っています。",
            en "The draft could not be saved. What you wrote is still on this page.";
        save: ja "保存", en "Save";
        to_check: ja "送信前の確認へ", en "Check before sending";
        send: ja "送信", en "Send";
        send_inside: ja "送信", en "Send";
        discard: ja "破棄", en "Discard";
        discard_sure: ja "この下書きを破棄します。元に戻せません。", en "This draft is thrown away. This cannot be undone.";
        discard_now: ja "下書きを破棄する", en "Throw the draft away";
        discarded: ja "下書きを破棄しました。", en "Draft thrown away.";
        from: ja "差出人", en "From";
        to: ja "宛先", en "To";
        field_to: ja "To", en "To";
        cc: ja "Cc", en "Cc";
        bcc: ja "Bcc", en "Bcc";
        recipients_hint: ja "複数の宛先は「,」または改行で区切ります。", en "Separate several recipients by commas or line ends.";
        remove(what: &str): ja "{what} を外す", en "Remove {what}";
        suggestions: ja "宛先の候補", en "Suggested recipients";
        members(n: usize): ja "{n}名", en "{n} people", one "1 person";
        outside: ja "社外", en "External";
        first: ja "初めて", en "First time";
        bcc_hint(n: usize): ja "社外の{n}ドメインの方に、互いのアドレスが見えます。Bcc をご検討ください。",
            en "People of {n} outside domains will see each other's addresses. Consider Bcc.";
        subject: ja "件名", en "Subject";
        text: ja "本文", en "Text";
        safeguard: ja "添付の保護", en "Protection of files";
        safeguard_rules: ja "規則のとおり", en "As the rules say";
        safeguard_hint: ja "社外の宛先に適用されます。規則や取引先の設定より弱くなることはありません。", en "For people outside. It never weakens what rules or the settings of a partner demand.";
        charset: ja "文字コード", en "Character set";
        lost(chars: &str): ja "ISO-2022-JP では送れない文字があります: {chars}", en "ISO-2022-JP cannot carry these characters: {chars}";
        replace: ja "置き換える", en "Replace them";
        use_utf8: ja "UTF-8 で送る", en "Send in UTF-8";
        files: ja "添付ファイル", en "Attachments";
        add_files: ja "ファイルを添付", en "Attach files";
        add_files_hint(room: &str): ja "合計 {room} まで。この画面へドラッグすることもできます。", en "Up to {room} in all. You can also drop files on this page.";
        upload_hint: ja "「保存」を押すと添付されます。", en "Press Save to attach them.";
        carried: ja "元のメールの添付ファイル", en "Attachments of the mail";
        uploading(name: &str): ja "添付しています: {name}", en "Attaching: {name}";
        upload_failed(name: &str): ja "添付できませんでした: {name}", en "Could not attach: {name}";
        open_file(name: &str): ja "開く: {name}", en "Open: {name}";
        conflict: ja "別の画面で編集されています", en "This draft was edited elsewhere";
        conflict_help: ja "この画面の内容は保存されていません。どちらの内容を残すか、お選びください。", en "What stands on this page is not saved. Choose which one to keep.";
        overwrite: ja "この画面の内容で保存", en "Save what is here";
        open_other: ja "別の画面の内容を開く", en "Open the other one";
        attribution(date: &str, who: &str): ja "{date} {who}:", en "On {date} {who} wrote:";
        forwarded: ja "---------- 転送メッセージ ----------", en "---------- Forwarded message ----------";
        date: ja "日時", en "Date";

        no_recipient: ja "宛先を入力してください。", en "Please enter a recipient.";
        too_many_recipients(most: usize): ja "宛先は {most}件までです。", en "At most {most} recipients are possible.";
        wrong_recipient(what: &str, why: &str): ja "「{what}」{why}", en "“{what}”: {why}";
        no_such_person: ja "は社内にない宛先です。", en "nobody here has this address.";
        mailbox_full: ja "の受信箱に空きがありません。", en "the mailbox is full.";
        not_own_address: ja "差出人には、ご自分のアドレスをお選びください。", en "Please choose an address of your own as the sender.";
        long_text: ja "本文が長すぎます(上限 1 MB)。長い文章は、ファイルとして添付してください。", en "The text is too long (1 MB at most). Please attach it as a file.";
        long_subject: ja "件名が長すぎます(上限 500文字)。", en "The subject is too long (500 characters at most).";
        files_too_large(room: &str): ja "添付ファイルの合計が上限({room})を超えるため、添付できませんでした。", en "The attachments would be more than {room} in all, so they were not attached.";
        source_gone: ja "元のメールがなくなったため、その添付ファイルは付いていません。", en "The original mail is gone, so its files are not attached.";
        too_many_files: ja "添付ファイルは 100個までです。", en "At most 100 attachments are possible.";
        mail_too_large(most: &str): ja "メールが大きすぎます(上限 {most})。添付ファイルを減らしてください。", en "The mail is too large ({most} at most). Please attach less.";
        too_many_drafts: ja "下書きが多すぎるため、保存できません。不要な下書きを破棄してください。", en "There are too many drafts. Please throw some away.";

        check: ja "送信前の確認", en "Check before sending";
        back: ja "戻って修正する", en "Back to the mail";
        will_send: ja "このメールは、すぐに送信されます。", en "This mail will be sent at once.";
        will_send_later: ja "このメールは、規則で決められた時間の後に送信されます。それまで「送信状況」から取り消せます。",
            en "This mail will leave later, as a rule says. Until then you can undo it under Sent mail status.";
        will_confirm: ja "規則により、次の点をご自身で確かめてから送信してください。", en "A rule asks you to check this yourself before you send it.";
        looked_at_it: ja "宛先と内容を確かめました。", en "I have checked recipients and content.";
        goes_later(minutes: u32): ja "{minutes}分後に送信", en "Leaves in {minutes} minutes", one "Leaves in one minute";
        leaves_later: ja "送信待ちに入れました。送信されるまで、この画面から取り消せます。", en "It waits to leave. Until then you can undo it here.";
        to_confirm: ja "ご自身の確認を待っています。", en "It waits for your own confirmation.";
        will_wait: ja "このまま送信すると、承認待ちになります。", en "If you send it like this, it waits for approval.";
        blocked(n: usize): ja "このメールは送信できません。マイナンバー(個人番号)が{n}件含まれている可能性があります。下書きは保存されています。",
            en "This mail cannot be sent. It seems to hold {n} My Numbers. The draft is kept.", one "This mail cannot be sent. It seems to hold a My Number. The draft is kept.";
        blocked_plain: ja "このメールは送信できません。下書きは保存されています。", en "This mail cannot be sent. The draft is kept.";
        ask_handlers: ja "取扱担当者に相談", en "Ask the handlers";
        handlers(names: &str): ja "ご相談先: {names}(取扱担当者)", en "Ask: {names} (handlers)";
        rule(name: &str): ja "規則「{name}」", en "Rule “{name}”";
        rule_when(when: &str): ja "条件: {when}", en "When: {when}";
        cannot_be_reviewed: ja "このメールは検査できないため、取扱担当者が確認します", en "the mail cannot be inspected, so the handlers look at it";
        approvers(names: &str): ja "承認者: {names}", en "Approvers: {names}";
        no_approver: ja "承認できる方がいません。管理者へご連絡ください。", en "There is nobody who may approve it. Please tell your administrator.";
        deadline(at: &str): ja "期限: {at}", en "Deadline: {at}";
        for_people(n: usize): ja "{n}件の宛先", en "{n} recipients", one "1 recipient";
        goes: ja "すぐに送信", en "Sent at once";
        waits: ja "承認待ち", en "Waits for approval";
        found: ja "検出", en "Found";
        found_count(n: usize): ja "マイナンバー(個人番号)の可能性がある番号が {n}件見つかりました。", en "{n} numbers were found that may be My Numbers.", one "A number was found that may be a My Number.";
        found_none: ja "マイナンバー(個人番号)は見つかりませんでした。", en "No My Number was found.";
        found_unlikely(n: usize): ja "12桁の番号が {n}件ありますが、マイナンバー(個人番号)の可能性は低いと判断しました。", en "{n} numbers of twelve digits were found that are probably no My Numbers.", one "A number of twelve digits was found that is probably no My Number.";
        found_more(n: usize): ja "ほか {n}件", en "and {n} more";
        hidden_number: ja "番号は表示しません", en "the number is not shown";
        level_certain: ja "確実", en "certain";
        level_likely: ja "可能性が高い", en "likely";
        level_possible: ja "可能性がある", en "possible";
        needs_care: ja "要対応", en "Needs care";
        not_inspected: ja "検査できなかった添付ファイル", en "Attachments that could not be inspected";
        recipients: ja "宛先", en "Recipients";
        recipients_count(outside: usize, domains: usize, inside: usize): ja "社外 {outside}件・{domains}ドメイン / 社内 {inside}件",
            en "outside: {outside} (domains: {domains}) / inside: {inside}";
        domain_first: ja "初めての宛先", en "first time";
        exchanged(n: u32): ja "送信 {n}回", en "{n} mails sent before", one "1 mail sent before";
        by_group: ja "グループ", en "by a group";
        inside_count(n: usize): ja "社内 {n}件", en "{n} inside";
        no_subject: ja "(件名なし)", en "(no subject)";
        tick_each: ja "送信するには、社外の宛先・件名・添付ファイルを一つずつ確かめて、チェックを入れてください。",
            en "To send, check each outside recipient, the subject and each attachment, and tick them.";
        left_to_tick(n: usize): ja "未確認の項目が {n}件あります。確かめてチェックを入れてください。", en "{n} items are not ticked yet. Please check them.", one "One item is not ticked yet. Please check it.";
        file_found(n: usize): ja "検出 {n}件", en "{n} found";
        file_clean: ja "検出なし", en "nothing found";
        file_not_inspected: ja "検査不可", en "not inspected";
        first_lines: ja "本文(先頭10行)", en "Text (first ten lines)";
        empty_text: ja "(本文なし)", en "(no text)";
        greeting_differs(written: &str, recipient: &str): ja "宛名「{written}」と宛先「{recipient}」が異なります。", en "The greeting “{written}” differs from the recipient “{recipient}”.";
        file_missing: ja "本文に「添付」などの語がありますが、ファイルが添付されていません。", en "The text speaks of an attachment, but there is none.";
        request_approval: ja "承認を依頼する", en "Request approval";
        changed_meanwhile: ja "内容が変わったため、もう一度ご確認ください。", en "The mail has changed. Please check it again.";
        sent: ja "送信しました。", en "Sent.";
        undo_for(seconds: u64): ja "送信後 {seconds}秒間は取り消せます。", en "You can undo it for {seconds} seconds after sending.";
        held: ja "承認を依頼しました", en "Approval requested";
        reviewing: ja "受け付けました。検査に時間がかかっています。結果は、この画面でご確認ください。", en "Accepted. The inspection takes a while; see the result here.";
    }
}

impl ComposeWords {
    /// A way to keep files from others.
    #[must_use]
    pub fn safeguard_of(self, one: types::Safeguard) -> &'static str {
        WayWords::new(self.language).of(one)
    }

    /// How a mail is kept from others on its way.
    #[must_use]
    pub fn forms(self, treatment: &types::Treatment) -> Vec<&'static str> {
        WayWords::new(self.language).all(treatment)
    }

    /// What is wrong with a recipient, as the end of a sentence that names it.
    pub fn why(&self, why: Why) -> String {
        let (ja, en) = match why {
            Why::NoAt => ("に @ がありません。", "there is no @ in it."),
            Why::ManyAts => ("に @ が二つ以上あります。", "there is more than one @ in it."),
            Why::NoLocalPart => ("の @ の前が空です。", "there is nothing before the @."),
            Why::NoDomain => ("の @ の後が空です。", "there is nothing after the @."),
            Why::Blank => ("の途中に空白があります。", "there is a blank in it."),
            Why::BadDomain => ("の @ より後が、ドメイン名ではありません。", "what follows the @ is not a domain name."),
            Why::NoDot => ("のドメイン名に「.」がありません。", "the domain has no dot in it."),
            Why::TooLong => ("は長すぎます。", "it is too long."),
            Why::Open => ("の括弧または引用符が閉じていません。", "a bracket or quote is not closed."),
            Why::Character(c) => return self.why_character(c),
        };
        if self.language == web::Language::Ja { ja.to_owned() } else { en.to_owned() }
    }

    fn why_character(&self, c: char) -> String {
        match self.language {
            web::Language::Ja => format!("の「{c}」は、@ の前に使えません。"),
            web::Language::En => format!("“{c}” may not stand before the @."),
        }
    }

    /// How sure a finding is.
    pub fn level(&self, level: inspect::detect::Level) -> &'static str {
        match level {
            inspect::detect::Level::Certain => self.level_certain(),
            inspect::detect::Level::Likely => self.level_likely(),
            inspect::detect::Level::Possible => self.level_possible(),
        }
    }

    /// The one of two texts that the reader reads.
    pub fn either<'a>(&self, ja: &'a str, en: &'a str) -> &'a str {
        if self.language == web::Language::Ja { ja } else { en }
    }
}
