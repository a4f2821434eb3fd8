//! What those are told who are asked for files, and those who asked (収集依頼).

use types::Language;

use super::links::unexpected;
use super::{Notice, notice, unless_empty};

/// A request, for the mails about it.
pub(crate) struct RequestText<'a> {
    /// What it is about.
    pub title: &'a str,
    /// What the handler wrote to it.
    pub note: &'a str,
    /// What is asked for.
    pub expected: &'a [String],
    /// The address that is asked.
    pub address: &'a str,
    /// The handler's company.
    pub company: &'a str,
    /// Its telephone number; empty when it tells none.
    pub telephone: &'a str,
    /// The handler's name.
    pub sender: &'a str,
    /// Until when, for people.
    pub until: &'a str,
}

impl RequestText<'_> {
    fn list(&self, head: &str, dot: &str) -> String {
        let lines: Vec<String> = self.expected.iter().map(|one| format!("{dot}{one}")).collect();
        if lines.is_empty() { super::NOTHING.to_owned() } else { format!("{head}\n{}", lines.join("\n")) }
    }
}

/// To whom is asked: the page on which the files are handed in.
pub(crate) fn request(language: Language, about: &RequestText<'_>, url: &str) -> Notice {
    let RequestText { title, note, address, company, telephone, sender, until, .. } = *about;
    match language {
        Language::Ja => notice(
            format!("【ファイルご提出のお願い】{title}"),
            &[
                format!("いつもお世話になっております。{company}の{sender}です。"),
                "次のファイルのご提出をお願いいたします。".into(),
                String::new(),
                format!("件名:{title}"),
                unless_empty(note, note.to_owned()),
                about.list("ご提出いただくもの:", "・"),
                String::new(),
                format!("提出ページ:{url}"),
                format!("開くと、{address} 宛てに6桁の確認コードをお送りします。"),
                format!("期限:{until}"),
                String::new(),
                "メールへの添付ではなく、上のページからお送りください。ファイルは弊社の取扱担当者だけが開きます。".into(),
                unexpected(language, telephone),
            ],
        ),
        Language::En => notice(
            format!("[Please send files] {title}"),
            &[
                format!("This is {sender} of {company}."),
                "We ask you for the following files.".into(),
                String::new(),
                format!("About: {title}"),
                unless_empty(note, note.to_owned()),
                about.list("What we ask for:", "- "),
                String::new(),
                format!("Hand in: {url}"),
                format!("When you open it, a six-digit code can be sent to {address}."),
                format!("Until: {until}"),
                String::new(),
                "Please do not attach them to a mail but use the page above. Only the persons in charge will open them.".into(),
                unexpected(language, telephone),
            ],
        ),
    }
}

/// To whom was asked and has not sent anything yet. It holds no address of the page: that came with the first mail, and mails that
/// lead somewhere are what people are warned of.
pub(crate) fn request_reminder(language: Language, about: &RequestText<'_>, made: &str) -> Notice {
    let RequestText { title, company, sender, until, .. } = *about;
    match language {
        Language::Ja => notice(
            format!("【期限のお知らせ】ファイルご提出のお願い {title}"),
            &[
                format!("{company}の{sender}です。"),
                format!("{made}にお願いしましたファイルのご提出の期限が近づいております。"),
                String::new(),
                format!("件名:{title}"),
                about.list("ご提出いただくもの:", "・"),
                format!("期限:{until}"),
                String::new(),
                format!(
                    "{made}にお送りしたメールの提出ページからお送りください。メールが見当たらない場合は、このメールにご返信ください。"
                ),
                "行き違いですでにお送りいただいている場合は、ご容赦ください。".into(),
            ],
        ),
        Language::En => notice(
            format!("[Soon due] Please send files: {title}"),
            &[
                format!("This is {sender} of {company}."),
                format!("The files for which we asked on {made} are due soon."),
                String::new(),
                format!("About: {title}"),
                about.list("What we ask for:", "- "),
                format!("Until: {until}"),
                String::new(),
                format!("Please use the page in the mail of {made}. If you cannot find it, please answer this mail."),
                "If you have sent them in the meantime, please disregard this.".into(),
            ],
        ),
    }
}

/// To the handler who asked: something came. No content, no name of a file.
pub(crate) fn files_came(language: Language, title: &str, from: &str, url: &str) -> Notice {
    match language {
        Language::Ja => notice(
            format!("【受領】収集依頼「{title}」"),
            &[
                format!("収集依頼「{title}」に、{from} からファイルが届きました。"),
                "ファイルはメールボックスではなく、取扱担当者の画面にあります。".into(),
                unless_empty(url, format!("収集依頼:{url}")),
            ],
        ),
        Language::En => notice(
            format!("[Received] Request “{title}”"),
            &[
                format!("Files came from {from} for the request “{title}”."),
                "They lie in no mailbox; the handlers' pages have them.".into(),
                unless_empty(url, format!("Requests: {url}")),
            ],
        ),
    }
}
