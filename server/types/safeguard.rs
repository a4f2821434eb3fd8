//! What keeps the files of a mail from others on their way, as its sender chooses it, or as a company wants it for a partner. It adds
//! to what rules demand, as another rule would, and takes nothing away.

use serde::{Deserialize, Serialize};

use crate::{Encrypted, Encryption, EncryptionForm, LinkTerms, Treatment};

/// A way to keep files from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Safeguard {
    /// Over TLS to a host that proves its name, or not at all.
    Tls,
    /// In an AES-256 ZIP.
    Zip,
    /// By a link to what stays here.
    Link,
}

impl Safeguard {
    /// All of them, the strongest first.
    pub const ALL: [Self; 3] = [Self::Link, Self::Zip, Self::Tls];

    /// Its word in forms and rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Zip => "zip",
            Self::Link => "link",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// What is done at release for somebody outside. A mail without files has nothing to be packed or linked.
    #[must_use]
    pub fn treatment(self, has_files: bool) -> Treatment {
        let encryption = |form, link| {
            let encryption = Some(Encryption { form, what: Encrypted::Attachments, link });
            Treatment { encryption: encryption.filter(|_| has_files), ..Treatment::default() }
        };
        match self {
            Self::Tls => Treatment { verified_tls: true, ..Treatment::default() },
            Self::Zip => encryption(EncryptionForm::Zip, None),
            Self::Link => encryption(EncryptionForm::Link, Some(LinkTerms::default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_nothing_else_does() {
        for one in Safeguard::ALL {
            assert_eq!(Safeguard::parse(one.word()), Some(one));
            assert_eq!(serde_json::to_string(&one).unwrap(), format!("\"{}\"", one.word()));
        }
        assert_eq!((Safeguard::parse(""), Safeguard::parse("none")), (None, None));
    }

    #[test]
    fn a_safeguard_only_adds_to_what_is_demanded() {
        let whole = Encryption { form: EncryptionForm::Link, what: Encrypted::Whole, link: None };
        let demanded = Treatment { encryption: Some(whole), verified_tls: true, ..Treatment::default() };
        for one in Safeguard::ALL {
            let mut sum = demanded.clone();
            sum.join(&one.treatment(true));
            let encryption = sum.encryption.unwrap();
            assert!(sum.verified_tls && encryption.form == whole.form && encryption.what == whole.what, "{one:?}");
        }
        let mut sum = Safeguard::Zip.treatment(true);
        sum.join(&Safeguard::Link.treatment(true));
        assert_eq!(sum.encryption.unwrap().form, EncryptionForm::Link);
        assert!(Safeguard::Zip.treatment(false).is_nothing() && Safeguard::Link.treatment(false).is_nothing());
        assert!(Safeguard::Tls.treatment(false).verified_tls);
    }
}
