//! What is done at release, in plain words.

use types::{Encrypted, Encryption, EncryptionForm, Language, LinkIdentity, LinkTerms, Treatment};

use super::Words;

/// All that a treatment does, as people read it; empty when it does nothing.
#[must_use]
pub fn treatment_told(treatment: &Treatment, language: Language) -> String {
    Words(language).treatment(treatment)
}

impl Words {
    /// All that a treatment does.
    pub(super) fn treatment(self, treatment: &Treatment) -> String {
        let mut said = Vec::new();
        if !treatment.bcc.is_empty() {
            let who: Vec<String> = treatment.bcc.iter().cloned().collect();
            said.push(self.pick2("{}に写しを届けます", "give a copy to {}", &self.named(&who)));
        }
        for line in &treatment.headers {
            let words = ("ヘッダー {} に「{}」を付けます", "add the header {} with “{}”");
            said.push(self.pick3(words.0, words.1, &line.name, &line.value));
        }
        for footer in &treatment.footers {
            let first: String = footer.text.trim().lines().next().unwrap_or_default().chars().take(30).collect();
            said.push(self.pick2(
                "社外の方への本文の末尾に「{}…」を付けます",
                "add “{}…” at the end for the outside",
                &first,
            ));
        }
        if treatment.hide_recipients {
            let words =
                ("社外の方には宛先(To・Cc)を表示しません", "do not show the recipients (To, Cc) to the outside");
            said.push(self.pick(words.0, words.1).to_owned());
        }
        match &treatment.encryption {
            Some(encryption) if encryption.form == EncryptionForm::Link => said.push(self.link(encryption)),
            Some(encryption) => said.push(self.zip(encryption.what)),
            None => {}
        }
        if treatment.verified_tls {
            let words =
                ("認証された TLS でのみ送信し、できないときは止めます", "send it over verified TLS only, else stop it");
            said.push(self.pick(words.0, words.1).to_owned());
        }
        if let Some(name) = &treatment.route {
            said.push(self.pick2("経路「{}」で送信します", "send it by the route “{}”", name));
        }
        said.join(self.pick("、", ", "))
    }

    /// What of a mail is encrypted.
    fn encrypted(self, what: Encrypted) -> &'static str {
        match what {
            Encrypted::Attachments => self.pick("添付ファイル", "attachments"),
            Encrypted::Whole => self.pick("メール全体", "the whole mail"),
        }
    }

    /// What goes as a ZIP.
    fn zip(self, what: Encrypted) -> String {
        let words = ("社外の方には AES-256 の ZIP で送ります({})", "send an AES-256 ZIP to the outside ({})");
        self.pick2(words.0, words.1, self.encrypted(what))
    }

    /// What goes as a link, and on which terms.
    fn link(self, encryption: &Encryption) -> String {
        let LinkTerms { days, downloads, identity, reply } = encryption.link.unwrap_or_default();
        let what = self.encrypted(encryption.what);
        let by = match identity {
            LinkIdentity::Code => self.pick("確認コード", "a code to the address"),
            LinkIdentity::Password => self.pick("パスワード", "a password"),
        };
        let back = match (reply, self.0) {
            (false, _) => "",
            (true, Language::Ja) => "、返信ファイルを受け付ける",
            (true, Language::En) => ", files may be sent back",
        };
        match self.0 {
            Language::Ja => {
                format!("社外の方にはリンクで送ります({what}、{days}日間、各{downloads}回まで、{by}{back})")
            }
            Language::En => {
                let each = "downloads of each file";
                format!("send a link to the outside ({what}, {days} days, {downloads} {each}, {by}{back})")
            }
        }
    }
}
