//! Notices to those who did not ask: whom a rule tells, handlers of mail that came in, senders to nobody, whoever's
//! password was changed.

use types::{Language, Timestamp};

use super::{NOTHING, Notice, Subject, WITHOUT_CONTENT_EN, WITHOUT_CONTENT_JA, moment, notice, unless_empty};
use crate::notices::Decider;

/// To those whom a rule's `notify` names.
#[must_use]
pub fn notified(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, recipients, places, reference, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【お知らせ】{sender}さんのメール"),
            &[
                about.reasons.join(" "),
                String::new(),
                format!("送信者:{sender}"),
                format!("宛先:{recipients}"),
                unless_empty(places, format!("箇所:{places}(番号は表示しません)")),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Notice] Mail from {sender}"),
            &[
                about.reasons.join(" "),
                String::new(),
                format!("From: {sender}"),
                format!("To: {recipients}"),
                unless_empty(places, format!("Where: {places} (numbers are not shown)")),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To those whom a rule's `notify` names: a mail that came in.
#[must_use]
pub fn arrived(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, recipients, places, reference, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【お知らせ】社外から届いたメール(宛先 {recipients})"),
            &[
                about.reasons.join(" "),
                String::new(),
                format!("送信者:{sender}"),
                format!("宛先:{recipients}"),
                unless_empty(places, format!("箇所:{places}(番号は表示しません)")),
                format!("受付番号:{reference}"),
                String::new(),
                WITHOUT_CONTENT_JA.into(),
            ],
        ),
        Language::En => notice(
            format!("[Notice] Mail from outside to {recipients}"),
            &[
                about.reasons.join(" "),
                String::new(),
                format!("From: {sender}"),
                format!("To: {recipients}"),
                unless_empty(places, format!("Where: {places} (numbers are not shown)")),
                format!("Reference: {reference}"),
                String::new(),
                WITHOUT_CONTENT_EN.into(),
            ],
        ),
    }
}

/// To the others who had a copy, and to the handlers: somebody handed a mail over.
#[must_use]
pub fn handed_over(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { by, sender, reference, numbers, .. } = about;
    match language {
        Language::Ja => notice(
            "【お知らせ】メールが取扱担当者へ引き渡されました".into(),
            &[
                match numbers {
                    true => format!(
                        "{by}さんが、マイナンバー(個人番号)を含む可能性のあるメールを取扱担当者へ引き渡しました。"
                    ),
                    false => format!("{by}さんが、社内ルールに該当するメールを取扱担当者へ引き渡しました。"),
                },
                "社内の写しは、すべて取扱担当者の受信箱へ移されました。端末に保存した写しや印刷物は、取扱担当者の指示に従ってください。".into(),
                String::new(),
                format!("差出人:{sender}"),
                format!("受付番号:{reference}"),
                String::new(),
                WITHOUT_CONTENT_JA.into(),
            ],
        ),
        Language::En => notice(
            "[Notice] A mail was handed over to the handlers".into(),
            &[
                match numbers {
                    true => format!("{by} handed a mail that may hold My Numbers over to the handlers."),
                    false => format!("{by} handed a mail that a company rule applies to over to the handlers."),
                },
                "All copies in the company are in the handlers' box now. Ask them what to do with copies on devices or on paper.".into(),
                String::new(),
                format!("From: {sender}"),
                format!("Reference: {reference}"),
                String::new(),
                WITHOUT_CONTENT_EN.into(),
            ],
        ),
    }
}

/// To the handlers: a mail that came in could not be inspected.
#[must_use]
pub fn not_reviewed(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, recipients, reference, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【お知らせ】検査できなかった受信メール(宛先 {recipients})"),
            &[
                "社外から届いた次のメールを検査できませんでした。メールは宛先に届いています。".into(),
                "受信した方に内容をご確認ください。".into(),
                String::new(),
                format!("送信者:{sender}"),
                format!("宛先:{recipients}"),
                format!("受付番号:{reference}"),
                String::new(),
                WITHOUT_CONTENT_JA.into(),
            ],
        ),
        Language::En => notice(
            format!("[Notice] A mail to {recipients} could not be reviewed"),
            &[
                "The following mail from outside could not be inspected. It has been delivered.".into(),
                "Please ask those who received it what it holds.".into(),
                String::new(),
                format!("From: {sender}"),
                format!("To: {recipients}"),
                format!("Reference: {reference}"),
                String::new(),
                WITHOUT_CONTENT_EN.into(),
            ],
        ),
    }
}

/// To the sender: the way to the recipients' server is not as safe as rules demand.
#[must_use]
pub fn stopped(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, recipients, reference, approvers, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【送信を止めました】{subject}"),
            &[
                "相手先のサーバーと、認証された TLS(暗号化通信)で接続できなかったため、送信を止めています。".into(),
                "暗号化せずに送信することはありません。まだ届いていません。".into(),
                format!("宛先:{recipients}"),
                format!("別の方法でお送りいただくか、{approvers}へご相談ください。"),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Stopped] {subject}"),
            &[
                "The recipient's server could not be reached over verified TLS, so the mail is stopped.".into(),
                "It is never sent in the clear. It has not been delivered yet.".into(),
                format!("To: {recipients}"),
                format!("Please send it in another way, or ask {approvers}."),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the handlers: the same of somebody's mail.
#[must_use]
pub fn stopped_for_handlers(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, domains, reference, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【お知らせ】送信を止めたメール({sender}さん)"),
            &[
                "認証された TLS(暗号化通信)で送信できないため、次のメールを止めています。".into(),
                format!("送信者:{sender}"),
                format!("宛先:{domains}"),
                "管理コンソールの送信キューで、再試行または削除ができます。".into(),
                format!("受付番号:{reference}"),
                String::new(),
                WITHOUT_CONTENT_JA.into(),
            ],
        ),
        Language::En => notice(
            format!("[Notice] A mail from {sender} is stopped"),
            &[
                "It cannot be sent over verified TLS.".into(),
                format!("From: {sender}"),
                format!("To: {domains}"),
                "It can be tried again or deleted in the console's queue.".into(),
                format!("Reference: {reference}"),
                String::new(),
                WITHOUT_CONTENT_EN.into(),
            ],
        ),
    }
}

/// To those who were asked: a mail that nobody here wrote was not sent, since nobody decided or it could not go.
#[must_use]
pub fn not_forwarded(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, domains, reference, comment, decider, .. } = about;
    let stopped = *decider == Decider::System;
    match language {
        Language::Ja => notice(
            "【お知らせ】転送されなかったメールがあります".into(),
            &[
                if stopped {
                    format!("承認の期限に送信できなかったため、次のメールを転送しませんでした。{comment}")
                } else {
                    "期限までに確認されなかったため、次のメールを転送しませんでした。".into()
                },
                format!("送信者:{sender}"),
                format!("宛先:{domains}"),
                format!("受付番号:{reference}"),
                String::new(),
                WITHOUT_CONTENT_JA.into(),
            ],
        ),
        Language::En => notice(
            "[Notice] A mail was not forwarded".into(),
            &[
                if stopped {
                    format!("The following mail could not be sent at the deadline, and was not forwarded. {comment}")
                } else {
                    "Nobody decided before the deadline, so the following mail was not forwarded.".into()
                },
                format!("From: {sender}"),
                format!("To: {domains}"),
                format!("Reference: {reference}"),
                String::new(),
                WITHOUT_CONTENT_EN.into(),
            ],
        ),
    }
}

/// To the handlers and to those whom a rule's `notify` names: a rule refuses a mail that nobody here wrote.
#[must_use]
pub fn forward_refused(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, domains, places, reference, .. } = about;
    let reasons = about.reasons.join(" ");
    match language {
        Language::Ja => notice(
            "【お知らせ】転送されなかったメールがあります".into(),
            &[
                "規則により、次のメールを社外へ転送しませんでした。送信者には知らせていません。".into(),
                format!("送信者:{sender}"),
                format!("宛先:{domains}"),
                unless_empty(&reasons, format!("理由:{reasons}")),
                unless_empty(places, format!("箇所:{places}(番号は表示しません)")),
                format!("受付番号:{reference}"),
                String::new(),
                WITHOUT_CONTENT_JA.into(),
            ],
        ),
        Language::En => notice(
            "[Notice] A mail was not forwarded".into(),
            &[
                "A rule does not let the following mail be forwarded to the outside. Its sender was not told.".into(),
                format!("From: {sender}"),
                format!("To: {domains}"),
                unless_empty(&reasons, format!("Reason: {reasons}")),
                unless_empty(places, format!("Where: {places} (numbers are not shown)")),
                format!("Reference: {reference}"),
                String::new(),
                WITHOUT_CONTENT_EN.into(),
            ],
        ),
    }
}

/// To the sender: recipients that nobody here has. They come in as lines.
#[must_use]
pub fn unknown_recipients(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, recipients, reference, .. } = about;
    let (title, named) = match language {
        Language::Ja => (format!("【配信できませんでした】{subject}"), format!("件名:{subject}")),
        Language::En => (format!("Not delivered: {subject}"), format!("Subject: {subject}")),
    };
    let named = if subject.is_empty() { NOTHING.to_owned() } else { named };
    let title = title.trim_end_matches([' ', ':']).to_owned();
    match language {
        Language::Ja => notice(
            title,
            &[
                "次の宛先には、メールをお届けできませんでした。ほかの宛先には影響ありません。".into(),
                String::new(),
                format!("宛先:{recipients}"),
                "理由:宛先のメールアドレスが存在しません(5.1.1)".into(),
                named,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            title,
            &[
                "Your mail could not be delivered to the following recipients. Others are not affected.".into(),
                String::new(),
                format!("To: {recipients}"),
                "Reason: the address does not exist (5.1.1)".into(),
                named,
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To its owner: the password was changed. `whence` is a browser and its address, or with `own` false a person.
#[must_use]
pub fn password_changed(
    language: Language,
    address: &str,
    at: Timestamp,
    whence: &str,
    own: bool,
    mail_url: &str,
) -> Notice {
    let at = moment(language, at);
    match language {
        Language::Ja => notice(
            "【お知らせ】パスワードが変更されました".into(),
            &[
                format!("{at}に、{address} のパスワードが変更されました。"),
                if own { format!("変更した端末:{whence}") } else { format!("変更した人:{whence}") },
                "ほかの端末からはサインアウトされています。".into(),
                String::new(),
                "お心当たりがない場合は、すぐに管理者へご連絡ください。".into(),
                unless_empty(mail_url, format!("サインイン中の端末を確認する:{mail_url}/settings/security")),
            ],
        ),
        Language::En => notice(
            "[Notice] Your password was changed".into(),
            &[
                format!("The password of {address} was changed on {at}."),
                if own { format!("From: {whence}") } else { format!("By: {whence}") },
                "All other devices have been signed out.".into(),
                String::new(),
                "If this was not you, please tell your administrator at once.".into(),
                unless_empty(mail_url, format!("See where you are signed in: {mail_url}/settings/security")),
            ],
        ),
    }
}
