//! What the screens of links say.

use store::LinkEvent;

web::catalogue! {
    /// Texts of リンク.
    pub struct LinkWords {
        title: ja "リンクの状況", en "Links";
        lead: ja "社外の宛先には、メールの代わりに受け取り用のリンクを送りました。", en "People outside got a link to fetch it instead of the mail itself.";
        back: ja "送信状況", en "Sent status";
        empty: ja "このメールにリンクはありません。", en "This mail has no links.";
        no_subject: ja "(件名なし)", en "(no subject)";
        open: ja "受け取り可能", en "Can be fetched";
        stopped_at(when: &str): ja "停止 {when}", en "Stopped {when}";
        ended: ja "期限切れ", en "Its time is over";
        locked_until(when: &str): ja "{when}まで一時停止", en "Locked until {when}";
        until(when: &str): ja "有効期限 {when}", en "Until {when}";
        what_files: ja "添付ファイルのみ", en "Attachments only";
        what_whole: ja "メール全体", en "The whole mail";
        by_code: ja "確認コード", en "By code";
        by_password: ja "パスワード", en "By password";
        downloads(n: u32): ja "ダウンロード {n}回", en "{n} downloads", one "One download";
        of_each(n: u32): ja "ファイルごとに {n}回まで", en "up to {n} of each file", one "one of each file";
        codes(n: u32): ja "確認コードの発行 {n}回", en "{n} codes sent", one "One code sent";
        accesses(n: usize): ja "記録 {n}件", en "{n} events", one "One event";
        newest(n: usize): ja "新しい記録 {n}件", en "The newest {n} events";
        stop: ja "リンクを停止", en "Stop the link";
        stopped: ja "リンクを停止しました。以後、ファイルは渡されません。", en "The link is stopped. Nothing is handed out any more.";
        extend_title: ja "期限・回数を延長", en "More time or downloads";
        days: ja "今日から何日間", en "Days from today";
        more: ja "ファイルごとの回数", en "Downloads of each file";
        extend: ja "延長する", en "Extend";
        extended: ja "延長しました。", en "Extended.";
        not_extended: ja "このメールは廃棄されたため、延長できません。", en "The mail was disposed of, so its links cannot be extended.";
        wrong_numbers: ja "日数は1~90、回数は1~100で入力してください。", en "Please enter 1 to 90 days and 1 to 100 downloads.";
        renew: ja "リンクを送り直す", en "Send a new link";
        renew_hint: ja "新しいリンクをメールで送り、これまでのリンクは使えなくなります。", en "A new link is sent by mail; the former one ends.";
        renewed: ja "新しいリンクを送りました。", en "A new link was sent.";
        not_renewed: ja "停止または期限切れのリンクは送り直せません。先に延長してください。", en "A link that is stopped or over cannot be sent anew. Please extend it first.";
        proof: ja "ダウンロード 0件の証明", en "Proof of zero downloads";
        proof_title: ja "ダウンロード 0件の記録", en "Record of zero downloads";
        proof_stopped(from: &str, until: &str): ja "本システムの記録では、{from} から {until} までの間、ファイルのダウンロードはありません。", en "According to the records of this system there was no download of any file from {from} until {until}.";
        stopped_moment(when: &str): ja "停止日時: {when}", en "Stopped: {when}";
        still_open: ja "停止日時: 停止していません(リンクは現在も有効です)", en "Stopped: no (the link is still open)";
        ended_moment(when: &str): ja "停止日時: {when}(有効期限)", en "Stopped: {when} (its time was over)";
        codes_line(n: u32): ja "確認コードの発行: {n}回", en "Confirmation codes sent: {n}";
        wrong_line(n: u32): ja "本人確認の誤り: {n}回", en "Wrong codes: {n}";
        judgement: ja "これは本システムの記録であり、漏えい等に該当するか否かの判断を示すものではありません。", en "This is a record of this system. It does not say whether there was a leak.";
        made_at(when: &str): ja "作成日時: {when}", en "Made: {when}";
        sender: ja "送信者", en "Sender";
        recipient: ja "宛先", en "Recipient";
        subject: ja "件名", en "Subject";
        reference: ja "受付番号", en "Reference";
        left_out: ja "これより前の記録は表示していません(回数の集計には含みます)", en "What happened before is not shown; it is counted above";
        earlier: ja "これより前の記録", en "What happened before";
        back_to_links: ja "リンクの状況に戻る", en "Back to the links";
        event_made: ja "リンクを発行", en "Link made";
        event_code: ja "確認コードを送信", en "Code sent";
        event_wrong: ja "本人確認の誤り", en "Wrong code";
        event_locked: ja "一時停止", en "Locked";
        event_opened: ja "本人確認", en "Opened";
        event_downloaded(what: &str): ja "ダウンロード 「{what}」", en "Downloaded {what}";
        event_replied(n: u32): ja "返信ファイル {n}件を受け取り", en "{n} files sent back", one "One file sent back";
        takes_replies: ja "返信ファイルを受け付け", en "Files may be sent back";
        event_stopped: ja "停止", en "Stopped";
        event_extended: ja "延長", en "Extended";
        event_renewed: ja "送り直し", en "Sent anew";
        mail_itself: ja "メール全体", en "the mail";
        file_number(n: u32): ja "ファイル{n}", en "file {n}";
    }
}

impl LinkWords {
    /// What happened; `what` was taken, or so many files were sent back.
    pub fn event(&self, event: LinkEvent, (what, count): (&str, u32)) -> String {
        match event {
            LinkEvent::CodeSent => self.event_code().to_owned(),
            LinkEvent::Wrong => self.event_wrong().to_owned(),
            LinkEvent::Locked => self.event_locked().to_owned(),
            LinkEvent::Opened => self.event_opened().to_owned(),
            LinkEvent::Downloaded => self.event_downloaded(what),
            LinkEvent::Replied => self.event_replied(count),
            LinkEvent::Stopped => self.event_stopped().to_owned(),
            LinkEvent::Extended => self.event_extended().to_owned(),
            LinkEvent::Renewed => self.event_renewed().to_owned(),
        }
    }
}
