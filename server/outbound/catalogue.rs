//! What people are told, in Japanese and English (rules-and-texts.md). Never content, never a number; subjects
//! come in masked.

use types::Language;

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
    /// Where: the places of the findings, for people.
    pub places: &'a str,
    /// The reference.
    pub reference: &'a str,
    /// Who decides, by name.
    pub approvers: &'a str,
    /// Until when, for people.
    pub deadline: &'a str,
    /// The sender's name or address.
    pub sender: &'a str,
    /// The recipients, shortened.
    pub recipients: &'a str,
    /// Who decided.
    pub by: &'a str,
    /// His comment.
    pub comment: &'a str,
}

const WITHOUT_CONTENT_JA: &str = "このメールには本文と添付ファイルを含めていません。";
const WITHOUT_CONTENT_EN: &str = "This message holds neither the text nor the attachments.";

/// The mark of a line that is left out.
const NOTHING: &str = "\u{0}";

fn notice(subject: String, lines: &[String]) -> Notice {
    let lines: Vec<&str> = lines.iter().map(String::as_str).filter(|line| *line != NOTHING).collect();
    Notice { subject, text: lines.join("\n") + "\n" }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

/// To the sender: a rule refused the mail.
#[must_use]
pub fn blocked(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, places, reference, approvers, .. } = about;
    let places = or_dash(places);
    match language {
        Language::Ja => notice(
            format!("【送信できませんでした】{subject}"),
            &[
                "次のメールは送信されていません。宛先のどなたにも届いていません。".into(),
                String::new(),
                format!("理由:{}", about.reasons.join(" ")),
                format!("箇所:{places}(番号は表示しません)"),
                format!("対応:該当箇所を削除して再度お送りいただくか、{approvers}へご相談ください。"),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Not sent] {subject}"),
            &[
                "The following mail was not sent. None of its recipients has received it.".into(),
                String::new(),
                format!("Reason: {}", about.reasons.join(" ")),
                format!("Where: {places} (numbers are not shown)"),
                format!("What to do: remove what was found and send it again, or ask {approvers}."),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: the mail waits for a decision.
#[must_use]
pub fn held(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, places, reference, approvers, deadline, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【確認待ち】{subject}"),
            &[
                format!("送信を保留し、{approvers}に確認を依頼しました。まだ届いていません。"),
                String::new(),
                format!("期限:{deadline}。期限までに確認されない場合は送信されず、下書きに戻ります。"),
                format!("理由:{}", about.reasons.join(" ")),
                format!("箇所:{}(番号は表示しません)", or_dash(places)),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Waiting for approval] {subject}"),
            &[
                format!("The mail is held and {approvers} has been asked to check it. It has not been delivered yet."),
                String::new(),
                format!(
                    "Deadline: {deadline}. If nobody decides until then it is not sent and returns to your drafts."
                ),
                format!("Reason: {}", about.reasons.join(" ")),
                format!("Where: {} (numbers are not shown)", or_dash(places)),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To an approver: a mail waits for him.
#[must_use]
pub fn asked(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, recipients, reference, deadline, places, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【承認のお願い】{sender}さんのメール(期限 {deadline})"),
            &[
                "社外宛てメールの確認をお願いします。".into(),
                String::new(),
                format!("送信者:{sender}"),
                format!("宛先:{recipients}"),
                format!("理由:{}", about.reasons.join(" ")),
                format!("箇所:{}(番号は表示しません)", or_dash(places)),
                format!("受付番号:{reference}"),
                String::new(),
                WITHOUT_CONTENT_JA.into(),
            ],
        ),
        Language::En => notice(
            format!("[Approval requested] Mail from {sender} (until {deadline})"),
            &[
                "Please check a mail to the outside.".into(),
                String::new(),
                format!("From: {sender}"),
                format!("To: {recipients}"),
                format!("Reason: {}", about.reasons.join(" ")),
                format!("Where: {} (numbers are not shown)", or_dash(places)),
                format!("Reference: {reference}"),
                String::new(),
                WITHOUT_CONTENT_EN.into(),
            ],
        ),
    }
}

/// To an approver: the deadline is near.
#[must_use]
pub fn reminder(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { sender, deadline, reference, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【期限 {deadline}】承認待ちのメールが1件あります"),
            &[
                format!("期限を過ぎると送信されず、{sender}さんに差し戻されます。"),
                "ご対応が難しい場合は、代理の方をご指定ください。".into(),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Until {deadline}] A mail waits for your approval"),
            &[
                format!("After the deadline it is not sent and goes back to {sender}."),
                "If you cannot decide, please name a deputy.".into(),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: approved and on its way.
#[must_use]
pub fn approved(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, by, comment, reference, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【送信しました】{subject}"),
            &[format!("{by}さんが承認し、送信しました。"), quoted_ja(comment), format!("受付番号:{reference}")],
        ),
        Language::En => notice(
            format!("[Sent] {subject}"),
            &[
                format!("{by} approved the mail and it was sent."),
                quoted_en(comment),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: sent back, refused, or nobody decided in time.
#[must_use]
pub fn not_approved(language: Language, expired: bool, rejected: bool, about: &Subject<'_>) -> Notice {
    let Subject { subject, by, comment, reference, .. } = about;
    match (language, expired) {
        (Language::Ja, true) => notice(
            format!("【送信しませんでした】{subject}"),
            &[
                "期限までに確認されなかったため、送信しませんでした。下書きに保存しています。".into(),
                format!("受付番号:{reference}"),
            ],
        ),
        (Language::En, true) => notice(
            format!("[Not sent] {subject}"),
            &[
                "Nobody decided before the deadline, so the mail was not sent. It is among your drafts.".into(),
                format!("Reference: {reference}"),
            ],
        ),
        (Language::Ja, false) => notice(
            if rejected { format!("【却下】{subject}") } else { format!("【差し戻し】{subject}") },
            &[
                format!("{}されました。{by}さんより:", if rejected { "却下" } else { "差し戻" }),
                quoted_ja(comment),
                if rejected {
                    "送信されていません。".into()
                } else {
                    "下書きを開いて修正できます。".into()
                },
                format!("受付番号:{reference}"),
            ],
        ),
        (Language::En, false) => notice(
            if rejected { format!("[Rejected] {subject}") } else { format!("[Returned] {subject}") },
            &[
                format!("The mail was {} by {by}:", if rejected { "rejected" } else { "sent back" }),
                quoted_en(comment),
                if rejected { "It was not sent.".into() } else { "Open the draft to change it.".into() },
                format!("Reference: {reference}"),
            ],
        ),
    }
}

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
                format!("箇所:{}(番号は表示しません)", or_dash(places)),
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
                format!("Where: {} (numbers are not shown)", or_dash(places)),
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
                format!("箇所:{}(番号は表示しません)", or_dash(places)),
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
                format!("Where: {} (numbers are not shown)", or_dash(places)),
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

fn quoted_ja(comment: &str) -> String {
    if comment.is_empty() { NOTHING.to_owned() } else { format!("『{comment}』") }
}
fn quoted_en(comment: &str) -> String {
    if comment.is_empty() { NOTHING.to_owned() } else { format!("\"{comment}\"") }
}

/// The words for a deadline: 11月24日(火)17:00, Tue 24 Nov 17:00.
#[must_use]
pub fn moment(language: Language, at: types::Timestamp) -> String {
    const DAYS_JA: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
    let offset = jiff::tz::Offset::constant(9);
    let Ok(instant) = jiff::Timestamp::from_millisecond(at.0) else { return String::new() };
    let local = offset.to_datetime(instant);
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    match language {
        Language::Ja => format!(
            "{}月{}日({}){:02}:{:02}",
            local.month(),
            local.day(),
            DAYS_JA.get(day).copied().unwrap_or_default(),
            local.hour(),
            local.minute()
        ),
        Language::En => local.strftime("%a %-d %b %H:%M (Japan)").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_people_in_japan_write_it() {
        let at = types::Timestamp::from_secs(1_795_507_200); // 2026-11-24T08:00:00Z
        assert_eq!(moment(Language::Ja, at), "11月24日(火)17:00");
        assert_eq!(moment(Language::En, at), "Tue 24 Nov 17:00 (Japan)");
    }

    #[test]
    fn the_notice_of_a_block_has_the_five_lines_of_the_page() {
        let reasons = ["マイナンバー(個人番号)が含まれている可能性があります。".to_owned()];
        let about = Subject {
            subject: "名簿",
            reasons: &reasons,
            places: "添付2「名簿.csv」12行目",
            reference: "7F3K-92QA",
            approvers: "取扱担当者",
            ..Subject::default()
        };
        let notice = blocked(Language::Ja, &about);
        assert_eq!(notice.subject, "【送信できませんでした】名簿");
        assert!(notice.text.contains("宛先のどなたにも届いていません"));
        assert!(notice.text.contains("受付番号:7F3K-92QA"));
    }
}
