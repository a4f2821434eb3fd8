//! What the screens of collection requests say.

use outbound::RequestProblem;
use store::CollectionState;

web::catalogue! {
    /// Texts of 収集依頼.
    pub struct CollectionWords {
        title: ja "収集依頼", en "Requests for files";
        lead: ja "社外の方に、マイナンバーなどのファイルの提出を依頼します。届いたファイルは取扱担当者だけが開くことができ、どなたのメールボックスにも入りません。", en "Ask people outside for files such as those with My Numbers. What comes can be opened by handlers alone and lies in nobody's mailbox.";
        add: ja "新しい依頼", en "New request";
        none: ja "収集依頼はまだありません。", en "There are no requests yet.";
        older: ja "以前の依頼", en "Earlier requests";
        back: ja "収集依頼の一覧", en "All requests";
        open: ja "受付中", en "Open";
        received: ja "受領", en "Received";
        expired: ja "期限切れ", en "Expired";
        stopped: ja "停止", en "Stopped";
        until(when: &str): ja "期限 {when}", en "Until {when}";
        came(n: u32): ja "受領 {n}回", en "{n} deliveries", one "One delivery";
        asked_by(name: &str): ja "依頼者 {name}", en "Asked by {name}";
        reminded: ja "催促済み", en "Reminded";
        recipient: ja "依頼先のメールアドレス", en "Address that is asked";
        recipient_hint: ja "社外の方のアドレスを1件入力してください。", en "One address outside the company.";
        subject: ja "件名", en "Title";
        note: ja "説明(任意)", en "Note (optional)";
        expected: ja "提出していただくもの(1行に1件)", en "What is asked for (one a line)";
        asked_for: ja "提出していただくもの", en "What is asked for";
        days: ja "期限(今日から何日後)", en "Days until it ends";
        number_hint: ja "マイナンバーそのものは書かないでください。", en "Please do not write a My Number here.";
        ask: ja "依頼を送る", en "Send the request";
        asked: ja "依頼を送りました。", en "The request was sent.";
        wrong_address: ja "メールアドレスを確認してください。", en "Please check the address.";
        no_title: ja "件名を入力してください。", en "Please write a title.";
        too_long: ja "件名と提出していただくものは各100文字、説明は2,000文字、提出していただくものは30件までです。", en "Titles and lines may have 100 characters, the note 2,000, and there may be 30 lines.";
        has_number: ja "マイナンバーと思われる番号が含まれています。番号を除いて送信してください。", en "There seems to be a My Number in it. Please take it out.";
        inside: ja "社内の方には依頼できません。社外のアドレスを入力してください。", en "People of the company cannot be asked. Please write an address outside.";
        wrong_days: ja "期限は1~90日後で入力してください。", en "Please enter 1 to 90 days.";
        stop: ja "依頼を停止", en "Stop the request";
        is_stopped: ja "依頼を停止しました。以後、ファイルは受け取りません。", en "The request is stopped. Nothing is taken any more.";
        extend: ja "期限を延長", en "Extend";
        is_extended: ja "期限を延長しました。", en "Extended.";
        again: ja "依頼を送り直す", en "Send it anew";
        again_hint: ja "新しい提出ページをメールで送り、これまでのページは使えなくなります。", en "A new page is sent by mail; the former one ends.";
        is_sent_again: ja "依頼を送り直しました。", en "The request was sent anew.";
        not_again: ja "停止または期限切れの依頼は送り直せません。先に期限を延長してください。", en "A request that is stopped or over cannot be sent anew. Please extend it first.";
        files: ja "届いたファイル", en "What came";
        nothing_came: ja "まだ届いていません。", en "Nothing has come yet.";
        delivery(n: u32, size: &str): ja "ファイル {n}件({size})", en "Files: {n} ({size})";
        see_box: ja "取扱担当者の画面で開く", en "Open it in the handlers' box";
        box_gone: ja "引き渡し後に移動または廃棄されました", en "Moved or disposed of since";
        history: ja "記録", en "History";
        reference: ja "受付番号", en "Reference";
    }
}

impl CollectionWords {
    /// A state, and how it is marked.
    pub fn state(&self, state: CollectionState) -> (&'static str, &'static str) {
        match state {
            CollectionState::Open => (self.open(), ""),
            CollectionState::Received => (self.received(), "ok"),
            CollectionState::Expired => (self.expired(), "warn"),
            CollectionState::Stopped => (self.stopped(), "ng"),
        }
    }

    /// What is wrong, in words.
    pub fn problem(&self, problem: RequestProblem) -> &'static str {
        match problem {
            RequestProblem::NoTitle => self.no_title(),
            RequestProblem::TooLong => self.too_long(),
            RequestProblem::Number => self.has_number(),
            RequestProblem::Inside => self.inside(),
            RequestProblem::Days => self.wrong_days(),
        }
    }
}
