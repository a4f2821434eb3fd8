//! The frame around webmail's screens: who is signed in, and the list at the side.

use web::Page;

web::catalogue! {
    /// Texts of the frame.
    pub struct FrameWords {
        account: ja "アカウント", en "Account";
        settings: ja "設定", en "Settings";
    }
}

/// An entry of the list at the side.
pub struct Entry {
    pub path: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
}

/// What `templates/webmail/layout.html` shows.
pub struct Frame {
    pub page: Page,
    pub words: FrameWords,
    pub menu: Vec<Entry>,
}

impl Frame {
    pub fn new(page: Page, menu: Vec<Entry>) -> Self {
        Self { words: FrameWords::new(page.language), page, menu }
    }
}
