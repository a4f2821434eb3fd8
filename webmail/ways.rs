//! The ways in which a mail is kept from others, in words: for who writes it, for who checks it, and for who looks what became of it.

use types::{EncryptionForm, Safeguard, Treatment};

web::catalogue! {
    /// Texts of the ways.
    pub struct WayWords {
        link: ja "リンク", en "Link";
        zip: ja "ZIP(AES-256)", en "ZIP (AES-256)";
        tls: ja "認証された TLS", en "Verified TLS";
        zipped: ja "ZIP で送信しました", en "Sent as a ZIP";
        password_mailed: ja "パスワードを同じ宛先へメールで送りました(会社の設定)", en "The password was mailed to the same recipients (policy of the company)";
        passwords: ja "パスワードを見る", en "Passwords";
    }
}

impl WayWords {
    /// One of them.
    pub fn of(self, one: Safeguard) -> &'static str {
        match one {
            Safeguard::Link => self.link(),
            Safeguard::Zip => self.zip(),
            Safeguard::Tls => self.tls(),
        }
    }

    /// Those of a treatment.
    pub fn all(self, treatment: &Treatment) -> Vec<&'static str> {
        let form = treatment.encryption.map(|encryption| match encryption.form {
            EncryptionForm::Link => Safeguard::Link,
            EncryptionForm::Zip => Safeguard::Zip,
        });
        let tls = treatment.verified_tls.then_some(Safeguard::Tls);
        form.into_iter().chain(tls).map(|one| self.of(one)).collect()
    }
}

#[cfg(test)]
mod tests {
    use web::Language;

    use super::*;

    #[test]
    fn every_way_is_told_and_two_of_them_together() {
        let words = WayWords::new(Language::Ja);
        assert_eq!(words.all(&Treatment::default()), Vec::<&str>::new());
        let mut both = Safeguard::Zip.treatment(true);
        both.join(&Safeguard::Tls.treatment(true));
        assert_eq!(words.all(&both), ["ZIP(AES-256)", "認証された TLS"]);
        assert_eq!(words.all(&Safeguard::Link.treatment(true)), ["リンク"]);
    }
}
