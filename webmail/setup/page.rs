//! メールソフトの設定: what to type into a mail program that does not find out by itself, and the profile for Apple's devices.

use std::sync::Arc;

use web::axum::extract::State;
use web::{Answer, Visit, askama, html};

use super::{Way, profile, ways};
use crate::Webmail;
use crate::frame::Frame;
use crate::settings::{Tab, TabWords, frame};

web::catalogue! {
    /// Texts of the tab メールソフト.
    pub struct MailAppWords {
        title: ja "メールソフトの設定", en "Set up a mail program";
        by_itself: ja "Thunderbird や Outlook は、メールアドレスとパスワードを入力すると自動で設定されます。", en "Thunderbird and Outlook set themselves up once you type your address and password.";
        apple: ja "iPhone・iPad・Mac", en "iPhone, iPad, Mac";
        apple_hint: ja "お使いの端末で開くと、パスワード以外が設定されます。", en "Opened on the device, it sets up everything but the password.";
        download: ja "設定プロファイルをダウンロード", en "Download the profile";
        by_hand: ja "手で設定する場合", en "By hand";
        user: ja "ユーザー名", en "User name";
        password: ja "パスワードは、ウェブメールと同じです。", en "The password is that of webmail.";
        app_password: ja "二要素認証を設定しているため、いつものパスワードでは接続できません。設定の「セキュリティ」で、機器ごとにアプリパスワードを作って入力してください。",
            en "You have a second factor, so your password does not work here. Make an app password for each device in the settings, under Security, and type that.";
        to_security: ja "アプリパスワードを作る", en "Make an app password";
        kind: ja "種類", en "Kind";
        server: ja "サーバー", en "Server";
        port: ja "ポート", en "Port";
        security: ja "暗号化", en "Security";
        imap: ja "受信(IMAP)", en "Incoming (IMAP)";
        pop3: ja "受信(POP3)", en "Incoming (POP3)";
        smtp: ja "送信(SMTP)", en "Outgoing (SMTP)";
        none: ja "メールソフトからは接続できません。管理者にお問い合わせください。", en "Mail programs cannot connect here. Please ask your administrator.";
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/setup/page.html")]
struct MailApp {
    frame: Frame,
    t: MailAppWords,
    tabs: TabWords,
    host: String,
    address: String,
    ways: Vec<Way>,
    has_profile: bool,
    needs_app_password: bool,
}

impl MailApp {
    fn kind(&self, way: &Way) -> &'static str {
        match way.protocol {
            "imap" => self.t.imap(),
            "pop3" => self.t.pop3(),
            _ => self.t.smtp(),
        }
    }
}

pub(super) async fn show(State(webmail): State<Arc<Webmail>>, visit: Visit) -> Answer {
    let (doors, language) = (&webmail.doors, visit.page.language);
    let person = webmail.auth.person(visit.identity())?;
    let (address, needs_app_password) = (person.address.to_string(), person.second_factor.is_some());
    html(&MailApp {
        t: MailAppWords::new(language),
        tabs: TabWords::new(language),
        host: doors.host.clone(),
        address,
        ways: ways(doors, &["imap", "pop3", "smtp"]),
        needs_app_password,
        has_profile: profile::is_possible(doors),
        frame: frame(visit.page, Tab::MailApp),
    })
}
