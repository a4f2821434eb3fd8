//! The ways in which a mail is kept from others, in words: for who writes it, for who checks it, and for who looks what became of it.

use types::{EncryptionForm, Language, Safeguard, Treatment};

web::catalogue! {
    /// Texts of the ways.
    pub struct WayWords {
        link: ja "リンク", en "Link";
        zip: ja "ZIP(AES-256)", en "ZIP (AES-256)";
        tls: ja "認証された TLS", en "Verified TLS";
        zipped: ja "ZIP で送信しました", en "Sent as a ZIP";
        password_mailed: ja "パスワードを同じ宛先へメールで送りました(会社の設定)", en "The password was mailed to the same recipients (policy of the company)";
        passwords: ja "パスワードを見る", en "Passwords";
        clear: ja "TLS なし", en "no TLS";
        unproved: ja "名前の確認なし", en "name not proved";
        proved: ja "証明書で確認済み", en "proved its name";
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

    /// What the record says of a delivery, with the way at its end (`store::Way`) in these words.
    pub fn told(self, detail: &str) -> String {
        let Some((before, way)) = detail.strip_suffix(']').and_then(|text| text.rsplit_once('[')) else {
            return detail.to_owned();
        };
        let english = Self::new(Language::En);
        let way =
            [(english.clear(), self.clear()), (english.unproved(), self.unproved()), (english.proved(), self.proved())]
                .into_iter()
                .find_map(|(known, word)| Some(format!("{}{word}", way.strip_suffix(known)?)));
        way.map_or_else(|| detail.to_owned(), |way| format!("{before}[{way}]"))
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
    use super::*;

    #[test]
    fn how_a_mail_went_is_told_in_the_readers_words() {
        let words = WayWords::new(Language::Ja);
        for (record, told) in [
            ("250 ok [no TLS]", "250 ok [TLS なし]"),
            ("250 ok [TLS1.3 X, name not proved]", "250 ok [TLS1.3 X, 名前の確認なし]"),
            ("250 ok [TLS1.3 X, mx.example proved its name]", "250 ok [TLS1.3 X, mx.example 証明書で確認済み]"),
            ("250 ok [TLS]", "250 ok [TLS]"),
            ("550 no", "550 no"),
        ] {
            assert_eq!(words.told(record), told);
            assert_eq!(WayWords::new(Language::En).told(record), record);
        }
    }

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
