//! What people are told, in Japanese and English (rules-and-texts.md). Never content, never a number; subjects
//! come in masked.

mod collections;
mod factor;
mod incidents;
mod links;
mod own;
mod told;
mod words;
mod zips;

use types::Language;

use crate::notices::Decider;

pub(crate) use collections::{RequestText, files_came, request, request_reminder};
pub use factor::factor_changed;
pub use incidents::incident_due;
pub(crate) use links::{LinkText, link_mail};
pub use links::{link_code, link_locked, link_password};
pub use own::{confirm_reminder, to_confirm};
pub use told::{
    arrived, forward_refused, handed_over, not_forwarded, not_reviewed, notified, password_changed, stopped,
    stopped_for_handlers, unknown_recipients,
};
pub use words::moment;
pub(crate) use words::{left, moment_short};
pub(crate) use zips::{ZipText, zip_mail};
pub use zips::{mailed_password, zip_password};

/// A notice: its subject and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Subject.
    pub subject: String,
    /// Text, lines ended by `\n`.
    pub text: String,
}

/// What a notice speaks of.
#[derive(Debug, Clone, Default)]
pub struct Subject<'a> {
    /// The mail's subject, masked.
    pub subject: &'a str,
    /// Why: the rules' messages.
    pub reasons: &'a [String],
    /// Whether a rule found My Numbers.
    pub numbers: bool,
    /// Where: the places of the findings, for people.
    pub places: &'a str,
    /// The reference.
    pub reference: &'a str,
    /// Who decides, by name.
    pub approvers: &'a str,
    /// Whom to call when it is urgent: a person with an address.
    pub contact: &'a str,
    /// Until when, for people.
    pub deadline: &'a str,
    /// The same, short enough for a subject.
    pub deadline_short: &'a str,
    /// What happens then: `return`, `reject`, `send` or `escalate`.
    pub then: &'a str,
    /// How much time is left until then, for people.
    pub left: &'a str,
    /// The sender's name or address.
    pub sender: &'a str,
    /// The recipients, shortened.
    pub recipients: &'a str,
    /// The recipients by domain and number.
    pub domains: &'a str,
    /// Whether all of them are inside.
    pub stays_inside: bool,
    /// Who decided.
    pub by: &'a str,
    /// The same, where it matters whether that was a person.
    pub decider: Decider,
    /// His comment.
    pub comment: &'a str,
    /// In whose stead the reader decides; empty when in nobody's.
    pub stands_for: &'a str,
    /// Where webmail is, without a slash at its end; empty when there is none.
    pub mail_url: &'a str,
}

const WITHOUT_CONTENT_JA: &str = "このメールには本文と添付ファイルを含めていません。";
const WITHOUT_CONTENT_EN: &str = "This message holds neither the text nor the attachments.";

/// What an approver is asked, of mail to the outside and of mail that stays inside.
const ASKED: (&str, &str) = ("社外宛てメールの確認をお願いします。", "Please check a mail to the outside.");
const ASKED_INSIDE: (&str, &str) =
    ("社内宛てメールの確認をお願いします。", "Please check a mail to people of the company.");

/// What a sender does with a mail that came back.
const DRAFTS: (&str, &str) = ("下書きを開く", "Open your drafts");

/// What a rule does with a mail that nobody decided in time.
const SENT_BY_RULE: (&str, &str) = (
    "期限までに確認されなかったため、規則のとおりそのまま送信しました。",
    "Nobody decided before the deadline, and the mail was sent, as the rule says.",
);
const ENDED_BY_RULE: (&str, &str) = (
    "期限までに確認されなかったため、規則により却下されました。",
    "Nobody decided before the deadline, and the mail was rejected, as the rule says.",
);

/// The mark of a line that is left out.
const NOTHING: &str = "\u{0}";

fn notice(subject: String, lines: &[String]) -> Notice {
    let lines: Vec<&str> = lines.iter().map(String::as_str).filter(|line| *line != NOTHING).collect();
    Notice { subject, text: lines.join("\n") + "\n" }
}

/// A line that is there only when it has something to say.
fn unless_empty(text: &str, line: String) -> String {
    if text.is_empty() { NOTHING.to_owned() } else { line }
}

/// What somebody can do, and the page on which he does it.
fn link(language: Language, words: (&str, &str), about: &Subject<'_>, path: &str) -> String {
    let url = about.mail_url;
    match language {
        Language::Ja => unless_empty(url, format!("{}:{url}{path}", words.0)),
        Language::En => unless_empty(url, format!("{}: {url}{path}", words.1)),
    }
}

/// Why a mail was refused: what was found, then what the rules say about it.
fn refusal(language: Language, about: &Subject<'_>) -> String {
    let found = match (language, about.numbers) {
        (Language::Ja, true) => "マイナンバー(個人番号)が含まれている可能性があります。",
        (Language::En, true) => "It may hold My Numbers.",
        (Language::Ja, false) if about.reasons.is_empty() => "会社の規則により、送信できません。",
        (Language::En, false) if about.reasons.is_empty() => "A rule of your company does not let it go.",
        (_, false) => return about.reasons.join("\n"),
    };
    std::iter::once(found).chain(about.reasons.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
}

/// To the sender: a rule refused the mail.
#[must_use]
pub fn blocked(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, places, reference, approvers, .. } = about;
    let why = refusal(language, about);
    match language {
        Language::Ja => notice(
            format!("【送信できませんでした】{subject}"),
            &[
                "次のメールは送信されていません。宛先のどなたにも届いていません。".into(),
                format!("理由:{why}"),
                unless_empty(places, format!("箇所:{places}(番号は表示しません)")),
                format!("対応:該当箇所を削除して再度お送りいただくか、{approvers}へご相談ください。"),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Not sent] {subject}"),
            &[
                "The following mail was not sent. None of its recipients has received it.".into(),
                format!("Reason: {why}"),
                unless_empty(places, format!("Where: {places} (numbers are not shown)")),
                format!("What to do: remove what was found and send it again, or ask {approvers}."),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: the mail waits for a decision.
#[must_use]
pub fn held(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, places, reference, approvers, deadline, contact, .. } = about;
    let why = about.reasons.join(" ");
    let pages = link(language, ("状況を見る・取り下げる", "See how it stands or withdraw it"), about, "/outgoing");
    match language {
        Language::Ja => notice(
            format!("【確認待ち】{subject}"),
            &[
                format!("送信を保留し、{approvers}に確認を依頼しました。まだ届いていません。"),
                format!("期限:{deadline}。期限までに確認されない場合は{}", outcome(language, about)),
                unless_empty(&why, format!("理由:{why}")),
                unless_empty(places, format!("箇所:{places}(番号は表示しません)")),
                format!("お急ぎの場合は、{contact}へご連絡ください。"),
                pages,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Waiting for approval] {subject}"),
            &[
                format!("The mail is held and {approvers} has been asked to check it. It has not been delivered yet."),
                format!("Deadline: {deadline}. If nobody decides until then it {}", outcome(language, about)),
                unless_empty(&why, format!("Reason: {why}")),
                unless_empty(places, format!("Where: {places} (numbers are not shown)")),
                format!("If it is urgent, please contact {contact}."),
                pages,
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// What the sender reads of the outcome, as the end of a sentence.
fn outcome(language: Language, about: &Subject<'_>) -> &'static str {
    match (language, about.then) {
        (Language::Ja, "send") => "そのまま送信されます。",
        (Language::Ja, "reject") => "送信されません。",
        (Language::Ja, "escalate") => "上位の承認者に確認を依頼します。",
        (Language::Ja, _) => "送信されず、下書きに戻ります。",
        (Language::En, "send") => "is sent as it is.",
        (Language::En, "reject") => "is not sent.",
        (Language::En, "escalate") => "goes to the next approvers.",
        (Language::En, _) => "is not sent and returns to your drafts.",
    }
}

/// What an approver reads of it, as the middle of a sentence.
fn consequence(language: Language, about: &Subject<'_>) -> String {
    let Subject { then, sender, .. } = about;
    match (language, *then) {
        (Language::Ja, "send") => "そのまま送信されます".to_owned(),
        (Language::Ja, "reject") => "送信されません".to_owned(),
        (Language::Ja, "escalate") => "上位の承認者に依頼が移ります".to_owned(),
        (Language::Ja, _) => format!("送信されず、{sender}さんに差し戻されます"),
        (Language::En, "send") => "is sent as it is".to_owned(),
        (Language::En, "reject") => "is not sent".to_owned(),
        (Language::En, "escalate") => "goes to the next approvers".to_owned(),
        (Language::En, _) => format!("is not sent and goes back to {sender}"),
    }
}

/// In whose stead the reader is asked.
fn in_stead(language: Language, about: &Subject<'_>) -> String {
    let name = about.stands_for;
    match language {
        Language::Ja => unless_empty(name, format!("{name}さんの代理としてお願いします。")),
        Language::En => unless_empty(name, format!("You are asked in the stead of {name}.")),
    }
}

/// To an approver: a mail waits for him.
#[must_use]
pub fn asked(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, domains, reference, deadline_short, places, .. } = about;
    let why = about.reasons.join(" ");
    let page = link(language, ("確認画面を開く", "Open the page to decide"), about, "/approve");
    match language {
        Language::Ja => notice(
            format!("【承認のお願い】{sender}さんのメール(期限 {deadline_short})"),
            &[
                if about.stays_inside { ASKED_INSIDE.0.into() } else { ASKED.0.into() },
                in_stead(language, about),
                format!("送信者:{sender}"),
                format!("宛先:{domains}"),
                unless_empty(&why, format!("理由:{why}")),
                unless_empty(places, format!("箇所:{places}(番号は表示しません)")),
                format!("サインインのうえご確認ください。{WITHOUT_CONTENT_JA}"),
                page,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Approval requested] Mail from {sender} (until {deadline_short})"),
            &[
                if about.stays_inside { ASKED_INSIDE.1.into() } else { ASKED.1.into() },
                in_stead(language, about),
                format!("From: {sender}"),
                format!("To: {domains}"),
                unless_empty(&why, format!("Reason: {why}")),
                unless_empty(places, format!("Where: {places} (numbers are not shown)")),
                format!("Please sign in to check it. {WITHOUT_CONTENT_EN}"),
                page,
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To an approver: the deadline is near.
#[must_use]
pub fn reminder(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { left, reference, .. } = about;
    let then = consequence(language, about);
    let deputies = link(language, ("代理を指定する", "Name a deputy"), about, "/settings/deputy");
    let page = link(language, ("確認画面を開く", "Open the page to decide"), about, "/approve");
    match language {
        Language::Ja => notice(
            format!("【あと{left}】承認待ちのメールが1件あります"),
            &[
                in_stead(language, about),
                format!("期限を過ぎると{then}。ご対応が難しい場合は、代理の方をご指定ください。"),
                deputies,
                page,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[{left} left] A mail waits for your approval"),
            &[
                in_stead(language, about),
                format!(
                    "After the deadline it {then}. \
                     If you cannot decide, please name a deputy."
                ),
                deputies,
                page,
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: approved and on its way.
#[must_use]
pub fn approved(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, by, comment, reference, decider, .. } = about;
    let by_rule = *decider == Decider::Deadline;
    match language {
        Language::Ja => notice(
            format!("【送信しました】{subject}"),
            &[
                if by_rule { SENT_BY_RULE.0.into() } else { format!("{by}さんが承認し、送信しました。") },
                quoted_ja(comment),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Sent] {subject}"),
            &[
                if by_rule { SENT_BY_RULE.1.into() } else { format!("{by} approved the mail and it was sent.") },
                quoted_en(comment),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: nobody decided in time.
#[must_use]
pub fn expired(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, reference, .. } = about;
    let page = link(language, DRAFTS, about, "/mail/drafts");
    match language {
        Language::Ja => notice(
            format!("【送信しませんでした】{subject}"),
            &[
                "期限までに確認されなかったため、送信しませんでした。下書きに保存しています。".into(),
                page,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Not sent] {subject}"),
            &[
                "Nobody decided before the deadline, so the mail was not sent. It is among your drafts.".into(),
                page,
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: sent back.
#[must_use]
pub fn returned(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, reference, .. } = about;
    let page = link(language, DRAFTS, about, "/mail/drafts");
    match language {
        Language::Ja => notice(
            format!("【差し戻し】{subject}"),
            &[
                format!("差し戻されました。{}", said(language, about)),
                "下書きを開いて修正できます。".into(),
                page,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Returned] {subject}"),
            &[
                format!("The mail was sent back. {}", said(language, about)),
                "You can open the draft and change it.".into(),
                page,
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: refused by an approver.
#[must_use]
pub fn rejected(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, reference, decider, .. } = about;
    let by_rule = *decider == Decider::Deadline;
    match language {
        Language::Ja => notice(
            format!("【却下】{subject}"),
            &[
                if by_rule {
                    ENDED_BY_RULE.0.into()
                } else {
                    format!("却下されました。{}", said(language, about))
                },
                "送信されていません。".into(),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Rejected] {subject}"),
            &[
                if by_rule {
                    ENDED_BY_RULE.1.into()
                } else {
                    format!("The mail was rejected. {}", said(language, about))
                },
                "It was not sent.".into(),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// Who decided, with his words when he left any.
fn said(language: Language, about: &Subject<'_>) -> String {
    let Subject { by, comment, decider, .. } = about;
    match (language, comment.is_empty()) {
        (Language::Ja, _) if *decider == Decider::System => format!("{by}からのお知らせ:{comment}"),
        (Language::En, _) if *decider == Decider::System => format!("{by}: {comment}"),
        (Language::Ja, false) => format!("{by}さんより:『{comment}』"),
        (Language::Ja, true) => format!("確認者:{by}さん"),
        (Language::En, false) => format!("{by} says: \"{comment}\""),
        (Language::En, true) => format!("Decided by {by}."),
    }
}

fn quoted_ja(comment: &str) -> String {
    if comment.is_empty() { NOTHING.to_owned() } else { format!("『{comment}』") }
}
fn quoted_en(comment: &str) -> String {
    if comment.is_empty() { NOTHING.to_owned() } else { format!("\"{comment}\"") }
}

#[cfg(test)]
mod tests;
