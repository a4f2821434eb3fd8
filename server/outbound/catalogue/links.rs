//! What those are told who get or send links (rules-and-texts.md, "Code mail", "Link mail to the outside").

use types::Language;

use super::{Notice, Subject, link, notice, unless_empty};

/// What a link's mail says.
pub(crate) struct LinkText<'a> {
    /// The recipient's name; empty when it is not known.
    pub recipient: &'a str,
    /// His address.
    pub address: &'a str,
    /// The sender's company.
    pub company: &'a str,
    /// Its telephone number; empty when it tells none.
    pub telephone: &'a str,
    /// The sender's name.
    pub sender: &'a str,
    /// The whole address of the page.
    pub url: &'a str,
    /// Until when, for people.
    pub until: &'a str,
    /// A password told otherwise opens it.
    pub by_password: bool,
    /// What the sender wrote, where only the files stay here.
    pub text: Option<&'a str>,
    /// What rules put at its end.
    pub footers: &'a [String],
}

/// The text of a link's mail.
pub(crate) fn link_mail(language: Language, link: &LinkText<'_>) -> String {
    let parts = match language {
        Language::Ja => ja(link),
        Language::En => en(link),
    };
    let mut lines: Vec<String> = parts.into_iter().filter(|line| line != super::NOTHING).collect();
    for footer in link.footers {
        lines.extend([String::new(), footer.trim_end().to_owned()]);
    }
    lines.join("\n") + "\n"
}

/// Between the sender's own text and what stands for his files.
const RULE: &str = "----------------------------------------";

fn ja(link: &LinkText<'_>) -> Vec<String> {
    let LinkText { recipient, address, company, telephone, sender, url, until, by_password, text, .. } = *link;
    let mut lines = match text {
        Some(text) => vec![text.trim_end().to_owned(), String::new(), RULE.to_owned()],
        None => vec![
            unless_empty(recipient, format!("{recipient}様")),
            unless_empty(recipient, String::new()),
            format!("いつもお世話になっております。{company}の{sender}です。"),
        ],
    };
    let what = if text.is_some() { "添付ファイル" } else { "メール" };
    lines.extend([
        format!("{what}を安全な方法でお送りします。"),
        String::new(),
        format!("受け取り:{url}"),
        match by_password {
            true => "開くには、メール以外の方法でお伝えするパスワードが必要です。".to_owned(),
            false => format!("開くと、{address} 宛てに6桁の確認コードをお送りします。"),
        },
        format!("有効期限:{until}"),
        String::new(),
        unexpected(Language::Ja, telephone) + "リンクを開けない場合は、このメールにご返信ください。",
    ]);
    lines
}

/// What is said to who does not expect a mail that leads somewhere; `telephone` is empty where the company tells none.
pub(super) fn unexpected(language: Language, telephone: &str) -> String {
    match (language, telephone) {
        (Language::Ja, "") => "心当たりがない場合は開かずに、弊社までご連絡ください。".to_owned(),
        (Language::Ja, _) => format!("心当たりがない場合は開かずに、弊社代表電話({telephone})へご連絡ください。"),
        (Language::En, "") => "If you do not expect this, please do not open it but ask our company.".to_owned(),
        (Language::En, _) => {
            format!("If you do not expect this, please do not open it but call our company ({telephone}).")
        }
    }
}

fn en(link: &LinkText<'_>) -> Vec<String> {
    let LinkText { recipient, address, company, telephone, sender, url, until, by_password, text, .. } = *link;
    let mut lines = match text {
        Some(text) => vec![text.trim_end().to_owned(), String::new(), RULE.to_owned()],
        None => vec![
            unless_empty(recipient, format!("Dear {recipient},")),
            unless_empty(recipient, String::new()),
            format!("this is {sender} of {company}."),
        ],
    };
    let what = if text.is_some() { "The attachments of this mail" } else { "A mail" };
    lines.extend([
        format!("{what} can be fetched in a safe way."),
        String::new(),
        format!("Receive: {url}"),
        match by_password {
            true => "To open it you need the password that you are told by other means than mail.".to_owned(),
            false => format!("When you open it, a six-digit code can be sent to {address}."),
        },
        format!("Available until: {until}"),
        String::new(),
        unexpected(Language::En, telephone) + " If you cannot open the page, please answer this mail.",
    ]);
    lines
}

/// To the recipient: the code that opens his link.
#[must_use]
pub fn link_code(language: Language, company: &str, code: &str) -> Notice {
    let shown = code.split_at_checked(3).map_or_else(|| code.to_owned(), |(one, two)| format!("{one} {two}"));
    match language {
        Language::Ja => notice(
            "確認コードのお知らせ".into(),
            &[
                format!("確認コード:{shown}(10分間有効)"),
                "弊社の担当者がお尋ねすることはありません。".into(),
                String::new(),
                "お心当たりがない場合は、このメールを破棄してください。".into(),
                unless_empty(company, company.to_owned()),
            ],
        ),
        Language::En => notice(
            "Your confirmation code".into(),
            &[
                format!("Confirmation code: {shown} (valid for 10 minutes)"),
                "Nobody of our company will ever ask you for it.".into(),
                String::new(),
                "If you did not ask for it, please delete this mail.".into(),
                unless_empty(company, company.to_owned()),
            ],
        ),
    }
}

/// To the sender, and to nobody else: the password of a link (`about.comment`).
#[must_use]
pub fn link_password(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, recipients, comment, reference, .. } = about;
    match language {
        Language::Ja => notice(
            format!("【リンクのパスワード】{subject}"),
            &[
                format!("{recipients} 宛てのリンクをパスワードで保護しました。"),
                format!("パスワード:{comment}"),
                "メールではなく、電話など別の方法で相手にお伝えください。".into(),
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Password of a link] {subject}"),
            &[
                format!("The link to {recipients} is protected by a password."),
                format!("Password: {comment}"),
                "Please tell it by other means than mail, such as by phone.".into(),
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the sender: too many wrong codes locked a link.
#[must_use]
pub fn link_locked(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, recipients, deadline, reference, .. } = about;
    let path = format!("/outgoing/links/{reference}");
    let page = link(language, ("リンクの状況を見る", "See the links of this mail"), about, &path);
    match language {
        Language::Ja => notice(
            format!("【リンクの一時停止】{subject}"),
            &[
                format!("{recipients} 宛てのリンクで、本人確認の誤りが続きました。"),
                format!("{deadline}まで、このリンクは開けません。ファイルは渡していません。"),
                "お心当たりがない場合は、リンクを停止し、相手の方にご確認ください。".into(),
                page,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Link locked] {subject}"),
            &[
                format!("Wrong codes were entered one after the other for the link to {recipients}."),
                format!("Nothing opens it until {deadline}. No file was handed out for them."),
                "If you do not know why, please stop the link and ask the recipient.".into(),
                page,
                format!("Reference: {reference}"),
            ],
        ),
    }
}
