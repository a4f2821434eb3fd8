//! Notices of second factors: what became of his own is told to everybody, so that he notices what he did not do.

use auth::FactorNews;
use types::{Language, Timestamp};

use super::{NOTHING, Notice, moment, notice, unless_empty};

/// To its owner. `whence` is a browser and its address, or with `own` false a person.
#[must_use]
pub fn factor_changed(
    language: Language,
    (address, at): (&str, Timestamp),
    news: FactorNews,
    (whence, own): (&str, bool),
    mail_url: &str,
) -> Notice {
    let at = moment(language, at);
    let ended = matches!(news, FactorNews::Set | FactorNews::Removed | FactorNews::AppRemoved);
    let (subject, said) = told(language, news, address, &at);
    let lines = match language {
        Language::Ja => [
            said,
            if own { format!("端末:{whence}") } else { format!("変更した人:{whence}") },
            if ended {
                "ほかの端末からはサインアウトされています。".into()
            } else {
                NOTHING.into()
            },
            String::new(),
            "お心当たりがない場合は、すぐに管理者へご連絡ください。".into(),
            unless_empty(mail_url, format!("二要素認証の設定を確認する:{mail_url}/settings/security")),
        ],
        Language::En => [
            said,
            if own { format!("From: {whence}") } else { format!("By: {whence}") },
            if ended { "All other devices have been signed out.".into() } else { NOTHING.into() },
            String::new(),
            "If this was not you, please tell your administrator at once.".into(),
            unless_empty(mail_url, format!("See your second factor: {mail_url}/settings/security")),
        ],
    };
    notice(subject, &lines)
}

/// The subject, and the sentence that says what happened.
fn told(language: Language, news: FactorNews, address: &str, at: &str) -> (String, String) {
    let (ja, en) = match news {
        FactorNews::Set => (
            ("二要素認証が設定されました", format!("{at}に、{address} の二要素認証が設定されました。")),
            ("A second factor was set up", format!("A second factor of {address} was set up on {at}.")),
        ),
        FactorNews::Removed => (
            ("二要素認証が解除されました", format!("{at}に、{address} の二要素認証が解除されました。")),
            ("Your second factor was removed", format!("The second factor of {address} was removed on {at}.")),
        ),
        FactorNews::NewCodes => (
            (
                "回復コードが作り直されました",
                format!("{at}に、{address} の回復コードが作り直されました。以前のものは使えません。"),
            ),
            (
                "New recovery codes were made",
                format!("New recovery codes of {address} were made on {at}; earlier ones are void."),
            ),
        ),
        FactorNews::AppAdded => (
            (
                "アプリパスワードが作られました",
                format!("{at}に、{address} のメールを読み書きできるアプリパスワードが作られました。"),
            ),
            (
                "An app password was made",
                format!("An app password, with which mail of {address} is read and sent, was made on {at}."),
            ),
        ),
        FactorNews::AppRemoved => (
            ("アプリパスワードが削除されました", format!("{at}に、{address} のアプリパスワードが削除されました。")),
            ("An app password was removed", format!("An app password of {address} was removed on {at}.")),
        ),
        FactorNews::CodeUsed(left) => (
            (
                "回復コードでサインインがありました",
                format!("{at}に、{address} の回復コードが1つ使われました。残りは{left}個です。"),
            ),
            (
                "A recovery code was used",
                format!("A recovery code of {address} was used to sign in on {at}; {left} are left."),
            ),
        ),
    };
    match language {
        Language::Ja => (format!("【お知らせ】{}", ja.0), ja.1),
        Language::En => (format!("[Notice] {}", en.0), en.1),
    }
}
