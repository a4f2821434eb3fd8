//! キーボード操作: the keys of the pages, on a page of its own that `?` opens (web-design 2.5).

use web::axum::Router;
use web::axum::extract::State;
use web::axum::routing::get;
use web::{Answer, Visit, askama, html};

use crate::Rooms;
use crate::frame::Frame;

web::catalogue! {
    /// Texts of the list of keys.
    pub struct KeyWords {
        title: ja "キーボード操作", en "Keyboard";
        lead: ja "日本語入力中や入力欄では働きません。設定の「一般」で止められます。", en "Keys do nothing while you type or an input method composes. Settings, General, switches them off.";
        key: ja "キー", en "Key";
        what: ja "はたらき", en "What it does";
        next: ja "次・前のメール", en "Next, previous mail";
        open: ja "開く", en "Open";
        back: ja "一覧へ戻る", en "Back to the list";
        select: ja "選択", en "Select";
        archive: ja "アーカイブ", en "Archive";
        delete: ja "削除", en "Delete";
        junk: ja "迷惑メール", en "Junk";
        star: ja "スター", en "Star";
        reply: ja "返信・全員に返信・転送", en "Reply, reply all, forward";
        compose: ja "新規作成", en "New mail";
        search: ja "検索", en "Search";
        go: ja "受信トレイ・送信済み・下書き・承認待ち", en "Inbox, sent, drafts, approvals";
        check: ja "送信前の確認へ", en "To the check before sending";
        save: ja "下書きを保存", en "Save the draft";
        help: ja "この一覧", en "This list";
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/keys.html")]
struct Keys {
    frame: Frame,
    t: KeyWords,
    keys: [(&'static [&'static str], &'static str); 15],
}

pub(crate) fn routes() -> Router<Rooms> {
    Router::new().route("/help/keys", get(show))
}

/// GET /help/keys
async fn show(State(rooms): State<Rooms>, visit: Visit) -> Answer {
    let t = KeyWords::new(visit.page.language);
    let keys: [(&[&str], &str); 15] = [
        (&["j", "k"], t.next()),
        (&["Enter"], t.open()),
        (&["u"], t.back()),
        (&["x"], t.select()),
        (&["e"], t.archive()),
        (&["#"], t.delete()),
        (&["!"], t.junk()),
        (&["s"], t.star()),
        (&["r", "a", "f"], t.reply()),
        (&["c"], t.compose()),
        (&["/"], t.search()),
        (&["g i", "g s", "g d", "g a"], t.go()),
        (&["Ctrl+Enter"], t.check()),
        (&["Ctrl+S"], t.save()),
        (&["?"], t.help()),
    ];
    html(&Keys { t, keys, frame: Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?) })
}
