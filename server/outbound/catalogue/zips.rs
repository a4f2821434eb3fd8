//! What those are told who get or send ZIPs (rules-and-texts.md, "Password notice").

use types::Language;

use super::{Notice, Subject, link, notice};

/// What the mail with a ZIP says.
pub(crate) struct ZipText<'a> {
    /// The sender's company.
    pub company: &'a str,
    /// The sender's name.
    pub sender: &'a str,
    /// A password that was agreed before opens it.
    pub agreed: bool,
    /// What the sender wrote, where only the files are packed.
    pub text: Option<&'a str>,
}

/// Between the sender's own text and what is said of his files.
const RULE: &str = "----------------------------------------";

/// The text of a mail with a ZIP.
pub(crate) fn zip_mail(language: Language, zip: &ZipText<'_>) -> String {
    let ZipText { company, sender, agreed, text } = *zip;
    let mut lines = match (text, language) {
        (Some(text), _) => vec![text.trim_end().to_owned(), String::new(), RULE.to_owned()],
        (None, Language::Ja) => vec![format!("いつもお世話になっております。{company}の{sender}です。")],
        (None, Language::En) => vec![format!("This is {sender} of {company}.")],
    };
    lines.extend(match language {
        Language::Ja => ja(text.is_some(), agreed),
        Language::En => en(text.is_some(), agreed),
    });
    lines.join("\n") + "\n"
}

fn ja(files_only: bool, agreed: bool) -> [String; 3] {
    let what = if files_only { "添付ファイル" } else { "メールの内容" };
    [
        format!("{what}を、パスワード付きの ZIP ファイル(AES-256)でお送りします。"),
        match agreed {
            true => "事前に取り決めたパスワードで開けます。".to_owned(),
            false => "パスワードは、メール以外の方法でお伝えします。".to_owned(),
        },
        "開くには、7-Zip など AES-256 に対応したソフトをご利用ください。Windows の標準機能では開けません。".to_owned(),
    ]
}

fn en(files_only: bool, agreed: bool) -> [String; 3] {
    let what = if files_only { "The attachments of this mail are" } else { "What this mail says is" };
    [
        format!("{what} in a ZIP file under a password (AES-256)."),
        match agreed {
            true => "The password that we agreed upon opens it.".to_owned(),
            false => "You will be told the password by other means than mail.".to_owned(),
        },
        "Please open it with a program that knows AES-256, such as 7-Zip; Windows by itself does not.".to_owned(),
    ]
}

/// To the sender, and to nobody else: the password of a ZIP (`about.comment`).
#[must_use]
pub fn zip_password(language: Language, about: &Subject<'_>) -> Notice {
    let Subject { subject, recipients, comment, reference, .. } = about;
    let path = format!("/outgoing/passwords/{reference}");
    let page = link(language, ("パスワードと宛先を見る", "See who got it and what opens it"), about, &path);
    match language {
        Language::Ja => notice(
            format!("【ZIP のパスワード】{subject}"),
            &[
                "添付ファイルをパスワードで保護しました。".into(),
                format!("宛先:{recipients}"),
                format!("パスワード:{comment}"),
                "メールではなく、電話など別の方法で相手にお伝えください。管理者は、お取引先と「事前に取り決めたパスワード」も設定できます。".into(),
                page,
                format!("受付番号:{reference}"),
            ],
        ),
        Language::En => notice(
            format!("[Password of a ZIP] {subject}"),
            &[
                "The files of your mail are protected by a password.".into(),
                format!("Recipients: {recipients}"),
                format!("Password: {comment}"),
                "Please tell it by other means than mail, such as by phone. Your administrator can also set a password that was agreed with a partner.".into(),
                page,
                format!("Reference: {reference}"),
            ],
        ),
    }
}

/// To the recipients of a ZIP, where a company keeps the old habit: what opens it.
#[must_use]
pub fn mailed_password(language: Language, company: &str, sender: &str, subject: &str, password: &str) -> Notice {
    match language {
        Language::Ja => notice(
            format!("【パスワードのお知らせ】{subject}"),
            &[
                format!("いつもお世話になっております。{company}の{sender}です。"),
                "先ほどお送りした ZIP ファイルのパスワードをお知らせします。".into(),
                format!("パスワード:{password}"),
            ],
        ),
        Language::En => notice(
            format!("[Password] {subject}"),
            &[
                format!("This is {sender} of {company}."),
                "Here is the password of the ZIP file that was sent to you.".into(),
                format!("Password: {password}"),
            ],
        ),
    }
}
