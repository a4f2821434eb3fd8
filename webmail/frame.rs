//! The frame around webmail's screens: who is signed in, and the list at the side.

use web::Page;

web::catalogue! {
    /// Texts of the frame.
    pub struct FrameWords {
        account: ja "アカウント", en "Account";
        keys: ja "キーボード操作", en "Keyboard";
        settings: ja "設定", en "Settings";
    }
}

web::catalogue! {
    /// Texts of the list that stands on every screen of work.
    pub struct MenuWords {
        mail: ja "メール", en "Mail";
        approve: ja "承認待ち", en "Approvals";
        outgoing: ja "送信状況", en "Sent status";
        handlers: ja "取扱担当者の受信箱", en "Handlers' box";
        collections: ja "収集依頼", en "Requests for files";
        compose: ja "新規作成", en "New mail";
        find: ja "検索", en "Search";
        search: ja "メールを検索", en "Search mail";
        search_hint: ja "メールを検索 (例: from:佐藤 添付:あり 期間:先月)", en "Search mail (from:sato has:attachment period:lastmonth)";
        screens: ja "おもな画面", en "Main screens";
        waiting(n: usize): ja "{n}件", en "{n} waiting";
    }
}

/// An entry of the list at the side.
pub struct Entry {
    pub path: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
    /// How many wait there; none is not shown.
    pub count: usize,
}

impl Entry {
    /// Whether a phone shows it in the bar at its foot.
    pub fn is_in_bar(&self) -> bool {
        ["/mail", "/approve", "/outgoing"].contains(&self.path)
    }
}

/// What `templates/webmail/layout.html` shows.
pub struct Frame {
    pub page: Page,
    pub words: FrameWords,
    pub menu: Vec<Entry>,
}

impl Frame {
    /// Whether a phone's bar shows all that the list at the side does.
    pub fn is_doubled(&self) -> bool {
        self.menu.iter().all(Entry::is_in_bar)
    }
    pub fn new(page: Page, menu: Vec<Entry>) -> Self {
        Self { words: FrameWords::new(page.language), page, menu }
    }

    /// The words of the bar at the foot of a phone.
    pub fn bar(&self) -> MenuWords {
        MenuWords::new(self.page.language)
    }
}
