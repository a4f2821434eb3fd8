//! Notices of mail that its sender confirms himself.

use types::Language;

use super::{Notice, Subject, link, notice, outcome, unless_empty};

/// Where he does it.
const PAGE: (&str, &str) = ("確認して送信する・取り下げる", "Confirm and send it, or withdraw it");

/// To the sender: the mail waits until he has confirmed it.
#[must_use]
pub fn to_confirm(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, places, reference, deadline, domains, .. } = about;
    let why = about.reasons.join(" ");
    let (then, page) = (outcome(language, about), link(language, PAGE, about, "/outgoing"));
    match language {
        Language::Ja => notice(
            format!("【ご自身の確認待ち】{subject}"),
            &[
                "まだ送信していません。宛先と内容をご確認のうえ、送信してください。".into(),
                format!("宛先:{domains}"),
                format!("期限:{deadline}。期限までに確認されない場合は{then}"),
                unless_empty(&why, format!("理由:{why}")),
                unless_empty(places, format!("箇所:{places}(番号は表示しません)")),
                page,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Please confirm] {subject}"),
            &[
                "The mail has not been sent yet. Please look at its recipients and content, and then send it.".into(),
                format!("To: {domains}"),
                format!("Deadline: {deadline}. If you do not confirm it until then it {then}"),
                unless_empty(&why, format!("Reason: {why}")),
                unless_empty(places, format!("Where: {places} (numbers are not shown)")),
                page,
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: the deadline of his own confirmation is near.
#[must_use]
pub fn confirm_reminder(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { left, reference, .. } = about;
    let (then, page) = (outcome(language, about), link(language, PAGE, about, "/outgoing"));
    match language {
        Language::Ja => notice(
            format!("【あと{left}】ご自身の確認を待っているメールが1件あります"),
            &[format!("期限を過ぎると{then}"), page, format!("受付番号:{reference}")],
        ),
        Language::En => notice(
            format!("[{left} left] A mail of yours waits for your confirmation"),
            &[format!("After the deadline it {then}"), page, format!("Reference: {reference}")],
        ),
    }
}
