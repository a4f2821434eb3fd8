//! Reports to senders (RFC 3464), in their language: mail that was not delivered, and mail that is late.

use message::Parsed;
use message::compose::Mailbox;
use message::date;
use message::dsn::{Action, Dsn, Recipient};
use store::Claimed;
use types::{Address, Language, Limits, Timestamp};

use crate::fate::Fate;

/// Why the sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Refused for good.
    Refused,
    /// Tried until the time was over.
    Expired,
    /// Still trying.
    Delayed,
}

/// A recipient that the sender is told of.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub claimed: Claimed,
    pub fate: Fate,
    pub why: Why,
}

/// What a report says once.
pub(crate) struct Facts<'a> {
    pub sender: &'a Address,
    pub language: Language,
    /// This server's name.
    pub hostname: &'a str,
    /// The report's own Message-ID.
    pub message_id: String,
    pub now: Timestamp,
    /// The header of the mail, to be quoted.
    pub header: Option<&'a [u8]>,
}

/// The report about `told`, which is not empty and all of one submission.
pub(crate) fn notice(told: &[Told], facts: &Facts<'_>, limits: &Limits) -> Vec<u8> {
    let language = facts.language;
    let late = told.iter().all(|told| told.why == Why::Delayed);
    let subject = facts.header.map(|header| Parsed::parse(header, limits).subject().trim().to_owned());
    let subject = subject.filter(|text| !text.is_empty());
    let dsn = Dsn {
        from: reporter(language, facts.hostname, facts.sender),
        to: facts.sender.clone(),
        date: facts.now,
        message_id: facts.message_id.clone(),
        subject: title(language, late, subject.as_deref()),
        text: text(language, told, late, subject.as_deref()),
        reporting_mta: facts.hostname.to_owned(),
        arrival: told.first().map(|told| told.claimed.row.since),
        envelope_id: None,
        recipients: told.iter().map(|told| recipient(told, facts.now)).collect(),
        original_header: facts.header,
    };
    dsn.to_bytes()
}

fn reporter(language: Language, hostname: &str, sender: &Address) -> Mailbox {
    let name = match language {
        Language::Ja => "メールシステム",
        Language::En => "Mail system",
    };
    let own = Address::parse(&format!("postmaster@{hostname}"));
    let address = own.or_else(|_| Address::parse(&format!("postmaster@{}", sender.domain())));
    Mailbox::new(name, address.unwrap_or_else(|_| sender.clone()))
}

fn recipient(told: &Told, now: Timestamp) -> Recipient {
    let (action, status) = match told.why {
        Why::Delayed => (Action::Delayed, told.fate.status),
        Why::Refused => (Action::Failed, told.fate.status),
        Why::Expired => (Action::Failed, (5, 4, 7)),
    };
    let mut recipient = Recipient::new(told.claimed.row.recipient.clone(), action, status);
    recipient.remote_mta = told.fate.host.clone().filter(|_| told.fate.remote);
    recipient.diagnostic = told.fate.remote.then(|| told.fate.text.clone());
    recipient.last_attempt = Some(now);
    recipient.will_retry_until = (told.why == Why::Delayed).then_some(told.claimed.row.expires);
    recipient
}

fn title(language: Language, late: bool, subject: Option<&str>) -> String {
    let subject = subject.unwrap_or_default();
    let title = match (language, late) {
        (Language::Ja, false) => format!("【配信できませんでした】{subject}"),
        (Language::Ja, true) => format!("【配信が遅れています】{subject}"),
        (Language::En, false) => format!("Not delivered: {subject}"),
        (Language::En, true) => format!("Delivery is delayed: {subject}"),
    };
    title.trim_end_matches([' ', ':']).to_owned()
}

fn text(language: Language, told: &[Told], late: bool, subject: Option<&str>) -> String {
    let mut out = match (language, late) {
        (Language::Ja, false) => "次の宛先には、メールをお届けできませんでした。ほかの宛先には影響ありません。\n\n",
        (Language::Ja, true) => {
            "次の宛先へのメールは、まだ届いていません。配信を続けていますので、送り直す必要はありません。\n\n"
        }
        (Language::En, false) => {
            "Your mail could not be delivered to the following recipients. Others are not affected.\n\n"
        }
        (Language::En, true) => {
            "Your mail has not reached the following recipients yet. We go on trying; there is no need to send it again.\n\n"
        }
    }
    .to_owned();
    for told in told {
        out.push_str(&paragraph(language, told));
    }
    if let (Some(first), true) = (told.first(), late) {
        let until = date::rfc5322(first.claimed.row.expires, date::JAPAN);
        out.push_str(&match language {
            Language::Ja => format!("配信を続ける期限:{until}\n"),
            Language::En => format!("We try until: {until}\n"),
        });
    }
    if let Some(subject) = subject {
        out.push_str(&match language {
            Language::Ja => format!("件名:{subject}\n"),
            Language::En => format!("Subject: {subject}\n"),
        });
    }
    if let Some(first) = told.first() {
        out.push_str(&match language {
            Language::Ja => format!("受付番号:{}\n", first.claimed.row.reference),
            Language::En => format!("Reference: {}\n", first.claimed.row.reference),
        });
    }
    out
}

fn paragraph(language: Language, told: &Told) -> String {
    let (class, subject, detail) = told.fate.status;
    let address = &told.claimed.row.recipient;
    let reason = reason(language, told);
    let said = match (language, told.fate.remote) {
        (_, false) => String::new(),
        (Language::Ja, true) => format!("　相手のサーバーの応答:{}\n", told.fate.answer()),
        (Language::En, true) => format!("  The other server said: {}\n", told.fate.answer()),
    };
    match language {
        Language::Ja => format!("宛先:{address}\n　理由:{reason}({class}.{subject}.{detail})\n{said}\n"),
        Language::En => format!("To: {address}\n  Reason: {reason} ({class}.{subject}.{detail})\n{said}\n"),
    }
}

/// The reason in words that people understand, from the status code (RFC 3463 3).
fn reason(language: Language, told: &Told) -> &'static str {
    let (class, subject, detail) = told.fate.status;
    let (ja, en) = match (told.why, subject, detail) {
        (Why::Expired, ..) => {
            ("期限まで繰り返し試みましたが、届けられませんでした", "we tried again and again until the time was over")
        }
        (_, 1, 1 | 3 | 6) => ("宛先のメールアドレスが存在しません", "the address does not exist"),
        (_, 1, 2) => ("宛先のドメインが存在しません", "the domain of the address does not exist"),
        (_, 1, 10) => ("宛先のドメインはメールを受け取りません", "the domain of the address takes no mail"),
        (_, 2, 1) => ("宛先のメールボックスは使われていません", "the mailbox of the recipient is disabled"),
        (_, 2, 2) => ("宛先のメールボックスがいっぱいです", "the mailbox of the recipient is full"),
        (_, 2 | 3, 3 | 4) => {
            ("メールが相手の上限より大きいため受け取られません", "the mail is larger than the other server takes")
        }
        (_, 4, 1 | 2) => ("相手のサーバーにつながりません", "the other server cannot be reached"),
        (_, 4, 3 | 4) => ("相手のサーバーが見つかりません", "the other server cannot be found"),
        (_, 4, 6) => {
            ("メールの行き先がこのサーバーに戻る設定になっています", "the mail would come back to this server")
        }
        (_, 6, 3) => (
            "相手のサーバーが8ビットの文字を含むメールを受け取れません",
            "the other server takes only 7-bit mail and this one has other characters",
        ),
        (_, 6, 7) => (
            "相手のサーバーが英数字以外のメールアドレスを扱えません",
            "the other server does not take addresses with other than ASCII characters",
        ),
        (_, 7, 5) => ("暗号化した通信ができません", "no encrypted connection could be made"),
        (_, 7, _) => ("相手のサーバーの方針により拒否されました", "the other server refused it by its policy"),
        _ if class == 4 => ("相手のサーバーが今は受け取れません", "the other server cannot take it at present"),
        _ => ("相手のサーバーに拒否されました", "the other server refused it"),
    };
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::claimed;
    use types::Reply;

    fn report(language: Language, why: Why, header: Option<&[u8]>) -> (String, String, String) {
        let reply = Reply::new(550, (5, 1, 1), "no such user");
        let told = Told {
            claimed: claimed(1, "jiro@partner.example"),
            fate: Fate::of_reply(&reply, "mx.partner.example"),
            why,
        };
        let sender = Address::parse("taro@own.example").unwrap();
        let now = told.claimed.row.since;
        let limits = Limits::default();
        let message_id = "1@x".to_owned();
        let facts = Facts { sender: &sender, language, hostname: "mail.own.example", message_id, now, header };
        let bytes = notice(&[told], &facts, &limits);
        let parsed = Parsed::parse(&bytes, &limits);
        let leaves = parsed.leaves();
        assert_eq!(leaves.len(), 2 + usize::from(header.is_some()));
        let status = String::from_utf8(leaves[1].bytes.to_vec()).unwrap();
        (parsed.subject(), leaves[0].text.clone().unwrap(), status)
    }

    #[test]
    fn a_failure_is_told_in_japanese_with_reason_answer_and_reference() {
        let header = "Subject: =?UTF-8?B?6KaL56mN5pu4?=\r\nFrom: taro@own.example\r\n";
        let (subject, text, status) = report(Language::Ja, Why::Refused, Some(header.as_bytes()));
        assert_eq!(subject, "【配信できませんでした】見積書");
        for part in ["jiro@partner.example", "宛先のメールアドレスが存在しません(5.1.1)", "550 5.1.1 no such user"]
        {
            assert!(text.contains(part), "{text}");
        }
        assert!(text.contains("受付番号:"));
        assert!(
            status.contains("Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.partner.example\r\n"),
            "{status}"
        );
        assert!(status.contains("Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"), "{status}");
    }

    #[test]
    fn a_delay_is_told_in_english_with_its_end_and_nothing_of_the_mail() {
        let (subject, text, status) = report(Language::En, Why::Delayed, None);
        assert_eq!(subject, "Delivery is delayed");
        assert!(text.contains("We try until: ") && !text.contains("Subject"), "{text}");
        assert!(status.contains("Action: delayed\r\n") && status.contains("Will-Retry-Until: "), "{status}");
        let (_, text, status) = report(Language::En, Why::Expired, None);
        assert!(text.contains("until the time was over") && status.contains("Status: 5.4.7\r\n"), "{text}");
    }
}
