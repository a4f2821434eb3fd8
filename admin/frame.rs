//! The frame around the console's screens. A new screen adds a line to [`MENU`] and a word to [`FrameWords`].

use web::Page;

web::catalogue! {
    /// Texts of the frame.
    pub struct FrameWords {
        account: ja "アカウント", en "Account";
        domains: ja "ドメイン", en "Domains";
    }
}

/// The areas of the console.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Domains,
}

/// A line of the menu.
pub struct Place {
    pub area: Area,
    pub path: &'static str,
    pub icon: &'static str,
    pub label: fn(&FrameWords) -> &'static str,
}

/// The menu, in the order of web-design.md section 4; the first is where signing in leads.
pub const MENU: &[Place] =
    &[Place { area: Area::Domains, path: "/domains", icon: "domain", label: FrameWords::domains }];

/// An entry as the layout shows it.
pub struct Entry {
    pub path: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
}

/// What `templates/admin/layout.html` shows.
pub struct Frame {
    pub page: Page,
    pub words: FrameWords,
    pub menu: Vec<Entry>,
}

impl Frame {
    pub fn new(page: Page, here: Area) -> Self {
        let words = FrameWords::new(page.language);
        let entry = |place: &Place| Entry {
            path: place.path,
            icon: place.icon,
            label: (place.label)(&words),
            current: place.area == here,
        };
        Self { menu: MENU.iter().map(entry).collect(), words, page }
    }
}
