//! アプリパスワード on the tab セキュリティ: passwords of mail programs, for those who have a second factor. Each is shown once.

use std::sync::Arc;

use serde::Deserialize;
use store::StoreError;
use web::auth::{AppDevice, AuthError, FactorNews};
use web::axum::extract::{Form, State};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, Visit, askama, html, see_with};

use super::factor::carried_on;
use super::security::{self, Errors, HERE, SecurityWords};
use super::{Tab, TabWords, frame};
use crate::Webmail;
use crate::frame::Frame;

web::catalogue! {
    /// Texts of the part アプリパスワード.
    pub struct AppWords {
        title: ja "アプリパスワード", en "App passwords";
        lead: ja "二要素認証を設定すると、Outlook などのメールソフトやスマートフォンのメールアプリは、いつものパスワードでは接続できません。機器ごとにアプリパスワードを作って、メールソフトに入力してください。",
            en "With a second factor, mail programs such as Outlook and those of phones cannot connect with your password. Make an app password for each device, and type it there.";
        none: ja "まだありません。", en "There is none yet.";
        name: ja "機器の名前", en "Name of the device";
        name_hint: ja "例: 会社のノートPC、iPhone", en "Such as: office laptop, iPhone";
        made: ja "作成", en "Made";
        used: ja "最終利用", en "Last used";
        never: ja "未使用", en "never";
        password: ja "確認のためのパスワード", en "Your password, to confirm";
        add: ja "アプリパスワードを作る", en "Make an app password";
        remove: ja "削除", en "Remove";
        remove_of(name: &str): ja "{name}のアプリパスワードを削除", en "Remove the app password of {name}";
        removed: ja "アプリパスワードを削除しました。ほかの端末からはサインアウトされています。", en "The app password has been removed, and all other devices are signed out.";
        taken: ja "この名前は使われています。", en "This name is taken.";
        refused: ja "名前は1文字以上100文字以内にしてください。アプリパスワードは20個まで作れます。", en "The name must have 1 to 100 characters. There may be 20 app passwords.";
        fresh(name: &str): ja "{name}のアプリパスワードです。この画面を閉じると、二度と表示できません。", en "This is the app password of {name}. It cannot be shown again.";
        fresh_help: ja "メールソフトのパスワード欄に、ハイフンも含めてこのとおりに入力してください。ほかの人に教えたり、書きとめて残したりしないでください。",
            en "Type it into the password field of the mail program as it stands here, hyphens included. Do not tell it to anybody, and do not keep it anywhere else.";
        done: ja "入力しました。設定に戻る", en "I have typed it; back to the settings";
    }
}

/// What the part of the page says.
pub(super) struct AppPart {
    pub t: AppWords,
    pub devices: Vec<AppDevice>,
}

impl AppPart {
    pub(super) async fn of(webmail: &Webmail, visit: &Visit) -> Result<Self, Trouble> {
        let devices = webmail.auth.app_passwords(visit.identity()).await?;
        Ok(Self { t: AppWords::new(visit.page.language), devices })
    }
}

#[derive(askama::Template)]
#[template(path = "webmail/settings/app_password.html")]
struct Fresh {
    frame: Frame,
    t: AppWords,
    tabs: TabWords,
    name: String,
    password: String,
    next: &'static str,
}

/// What the form sends; no `Debug`, so that it stands in no log.
#[derive(Deserialize)]
pub(super) struct Asked {
    name: String,
    password: String,
}

/// POST /settings/security/apps
pub(super) async fn add(State(webmail): State<Arc<Webmail>>, visit: Visit, Form(asked): Form<Asked>) -> Answer {
    let t = AppWords::new(visit.page.language);
    let made =
        webmail.auth.add_app_password(visit.identity(), &asked.name, &asked.password, visit.peer, visit.now).await;
    let text = match made {
        Ok(password) => {
            let user = visit.identity().user();
            webmail.auth.tell_of_factor(user, FactorNews::AppAdded, &security::whence(&visit)).await;
            let (tabs, name) = (TabWords::new(visit.page.language), asked.name.trim().to_owned());
            return html(&Fresh { frame: frame(visit.page, Tab::Security), t, tabs, name, password, next: HERE });
        }
        Err(AuthError::Refused) => SecurityWords::new(visit.page.language).old_wrong().to_owned(),
        Err(AuthError::TooMany(minutes)) => visit.page.words.locked(minutes),
        Err(AuthError::Store(StoreError::Exists(_))) => t.taken().to_owned(),
        Err(AuthError::Store(StoreError::Invalid(_))) => t.refused().to_owned(),
        Err(error) => return Err(error.into()),
    };
    security::page(&webmail, visit, StatusCode::UNPROCESSABLE_ENTITY, Errors::of_app(text)).await
}

/// Which.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    name: String,
}

/// POST /settings/security/apps/remove
pub(super) async fn remove(State(webmail): State<Arc<Webmail>>, visit: Visit, Form(which): Form<Named>) -> Answer {
    let identity = webmail.auth.remove_app_password(visit.identity(), &which.name, visit.now).await?;
    webmail.auth.tell_of_factor(identity.user(), FactorNews::AppRemoved, &security::whence(&visit)).await;
    let response = see_with(HERE, &Toast::new(AppWords::new(visit.page.language).removed()))?;
    carried_on(&webmail, &visit, &identity, response).await
}
