//! The frame around the console's screens. A new screen adds a line to [`MENU`] and a word to [`FrameWords`].

use store::Tenant;
use web::Page;

web::catalogue! {
    /// Texts of the frame.
    pub struct FrameWords {
        account: ja "アカウント", en "Account";
        dashboard: ja "ダッシュボード", en "Dashboard";
        users: ja "利用者・組織", en "People and groups";
        domains: ja "ドメイン", en "Domains";
        queue: ja "キュー・配送追跡", en "Queue and tracking";
        rules: ja "審査ルール", en "Review rules";
        held: ja "保留", en "Held mail";
        ledger: ja "特定個人情報の台帳", en "My Number ledger";
        audit: ja "監査ログ", en "Audit log";
        company: ja "テナント", en "Tenant";
        switch: ja "切り替え", en "Switch";
        tab_ledger: ja "台帳", en "Ledger";
        tab_documents: ja "書類の種類", en "Kinds of documents";
        tab_partners: ja "委託先", en "Contractors";
        tab_incidents: ja "漏えい等事案", en "Incidents";
        sections: ja "画面の切り替え", en "Sections";
    }
}

/// The areas of the console.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Dashboard,
    Users,
    Domains,
    Queue,
    Rules,
    Held,
    Ledger,
    Audit,
}

/// A line of the menu.
pub struct Place {
    pub area: Area,
    /// Its path, of a company's areas what follows `/t/{tenant}/`.
    pub path: &'static str,
    /// Whether each company has it.
    pub of_company: bool,
    pub icon: &'static str,
    pub label: fn(&FrameWords) -> &'static str,
}

const fn company(area: Area, path: &'static str, icon: &'static str, label: fn(&FrameWords) -> &'static str) -> Place {
    Place { area, path, of_company: true, icon, label }
}

/// The menu, in the order of web-design.md section 4; the first is where signing in leads.
pub const MENU: &[Place] = &[
    company(Area::Dashboard, "dashboard", "dashboard", FrameWords::dashboard),
    company(Area::Users, "users", "users", FrameWords::users),
    Place { area: Area::Domains, path: "/domains", of_company: false, icon: "domain", label: FrameWords::domains },
    company(Area::Queue, "queue", "queue", FrameWords::queue),
    company(Area::Rules, "rules", "rules", FrameWords::rules),
    company(Area::Held, "held", "hold", FrameWords::held),
    company(Area::Ledger, "ledger", "security", FrameWords::ledger),
    company(Area::Audit, "audit", "audit", FrameWords::audit),
];

/// An entry as the layout shows it.
pub struct Entry {
    pub path: String,
    pub icon: &'static str,
    pub label: &'static str,
    pub current: bool,
}

/// A company in the switch.
pub struct Choice {
    pub name: String,
    pub title: String,
    pub current: bool,
}

/// What `templates/admin/layout.html` shows.
pub struct Frame {
    pub page: Page,
    pub words: FrameWords,
    pub menu: Vec<Entry>,
    /// `/t/{tenant}`.
    pub base: String,
    /// The area, for the switch.
    pub area: &'static str,
    /// More than one, or none.
    pub companies: Vec<Choice>,
    /// What stands on every page of an administrator until two people can approve mail with My Numbers.
    pub few_handlers: Option<String>,
}

impl Frame {
    /// `whole`: all areas, for administrators; handlers and auditors have the dashboard and the ledger.
    pub fn new(page: Page, here: Area, tenant: &Tenant, companies: &[Tenant], whole: bool) -> Self {
        let words = FrameWords::new(page.language);
        let base = format!("/t/{}", tenant.name);
        let entry = |place: &Place| Entry {
            path: if place.of_company { format!("{base}/{}", place.path) } else { place.path.to_owned() },
            icon: place.icon,
            label: (place.label)(&words),
            current: place.area == here,
        };
        let choice =
            |one: &Tenant| Choice { name: one.name.clone(), title: one.title.clone(), current: one.id == tenant.id };
        let menu = MENU
            .iter()
            .filter(|place| whole || matches!(place.area, Area::Dashboard | Area::Ledger))
            .map(entry)
            .collect();
        let companies = if companies.len() > 1 { companies.iter().map(choice).collect() } else { Vec::new() };
        let area = MENU.iter().find(|place| place.area == here && place.of_company).map_or("users", |place| place.path);
        Self { menu, words, page, base, area, companies, few_handlers: None }
    }
}
