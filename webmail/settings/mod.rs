//! `/settings`: what a person chooses for himself. Each tab is a screen with forms that save alone.

mod app_passwords;
mod deputy;
mod factor;
mod general;
mod security;

use std::sync::Arc;

use web::Page;
use web::axum::Router;
use web::axum::routing::{get, post};

use crate::Webmail;
use crate::frame::{Entry, Frame};

web::catalogue! {
    /// Texts of the list of tabs.
    pub struct TabWords {
        title: ja "設定", en "Settings";
        general: ja "一般", en "General";
        security: ja "セキュリティ", en "Security";
        deputy: ja "承認の代理", en "Deputy";
        mail_app: ja "メールソフト", en "Mail programs";
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    General,
    Security,
    Deputy,
    MailApp,
}

pub(crate) fn routes() -> Router<Arc<Webmail>> {
    Router::new()
        .route("/settings", get(general::show).post(general::save))
        .route("/settings/deputy", get(deputy::show).post(deputy::save))
        .route("/settings/security", get(security::show))
        .route("/settings/security/password", post(security::change_password))
        .route("/settings/security/factor", post(factor::act))
        .route("/settings/security/factor/confirm", post(factor::confirm))
        .route("/settings/security/apps", post(app_passwords::add))
        .route("/settings/security/apps/remove", post(app_passwords::remove))
        .route("/settings/security/others", post(security::end_others))
        .route("/settings/security/devices/{id}", post(security::end_one))
}

pub(crate) fn frame(page: Page, current: Tab) -> Frame {
    let t = TabWords::new(page.language);
    let entry = |tab, path, icon, label| Entry { path, icon, label, current: tab == current, count: 0 };
    let menu = vec![
        entry(Tab::General, "/settings", "settings", t.general()),
        entry(Tab::Security, "/settings/security", "security", t.security()),
        entry(Tab::Deputy, "/settings/deputy", "approve", t.deputy()),
        entry(Tab::MailApp, "/settings/mail-app", "inbox", t.mail_app()),
    ];
    Frame::new(page, menu)
}
