//! The action `encrypt`, read from a rule file: a form, or a table of the form and its terms.

use toml::de::DeTable;
use types::{Encrypted, Encryption, EncryptionForm, LinkIdentity, LinkTerms};

use crate::mistake::{Mistake, Noun};
use crate::reader::{Reader, Value};

/// The keys of a ZIP; a link has these and those of its terms.
const KEYS: [&str; 2] = ["form", "what"];
const LINK_KEYS: [&str; 6] = ["form", "what", "days", "downloads", "identity", "reply"];
const FORMS: [&str; 2] = ["link", "zip"];

/// What `encrypt` asks for; `None`: it is wrong.
pub(crate) fn read(reader: &mut Reader<'_>, value: &Value<'_>) -> Option<Encryption> {
    if value.get_ref().as_str().is_some() {
        let form = reader.word(value, "encrypt", &FORMS, form)?;
        let link = (form == EncryptionForm::Link).then(LinkTerms::default);
        return Some(Encryption { form, what: Encrypted::Attachments, link });
    }
    let table = reader.table(value, "encrypt")?;
    let Some(named) = table.get("form") else {
        reader.check_keys(table, &Noun::KeyOf("encrypt".to_owned()), &LINK_KEYS, &[]);
        reader.wrong(value.span().start, Mistake::TableLacks("encrypt".to_owned(), "form".to_owned()));
        return None;
    };
    let form = reader.word(named, "form", &FORMS, form)?;
    let (keys, later): (&[&str], &[&str]) = match form {
        EncryptionForm::Link => (&LINK_KEYS, &[]),
        EncryptionForm::Zip => (&KEYS, &[]),
    };
    reader.check_keys(table, &Noun::KeyOf("encrypt".to_owned()), keys, later);
    let what = match table.get("what") {
        Some(what) => reader.word(what, "what", &["attachments", "message"], |word| match word {
            "attachments" => Some(Encrypted::Attachments),
            "message" => Some(Encrypted::Whole),
            _ => None,
        })?,
        None => Encrypted::Attachments,
    };
    let link = match form {
        EncryptionForm::Link => Some(terms(reader, table)?),
        EncryptionForm::Zip => None,
    };
    Some(Encryption { form, what, link })
}

fn form(word: &str) -> Option<EncryptionForm> {
    match word {
        "link" => Some(EncryptionForm::Link),
        "zip" => Some(EncryptionForm::Zip),
        _ => None,
    }
}

fn terms(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<LinkTerms> {
    let mut terms = LinkTerms::default();
    let number = |reader: &mut Reader<'_>, key: &str, most: u32, otherwise: u32| match table.get(key) {
        Some(value) => reader.number(value, key, 1, u64::from(most)).and_then(|number| u32::try_from(number).ok()),
        None => Some(otherwise),
    };
    terms.days = number(reader, "days", LinkTerms::DAYS_MOST, terms.days)?;
    terms.downloads = number(reader, "downloads", LinkTerms::DOWNLOADS_MOST, terms.downloads)?;
    if let Some(identity) = table.get("identity") {
        terms.identity = reader.word(identity, "identity", &["code", "password"], |word| match word {
            "code" => Some(LinkIdentity::Code),
            "password" => Some(LinkIdentity::Password),
            _ => None,
        })?;
    }
    if let Some(reply) = table.get("reply") {
        terms.reply = reader.flag(reply, "reply")?;
    }
    Some(terms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RuleSet;
    use crate::rule::Action;

    fn parsed(action: &str) -> Result<Encryption, String> {
        let rule = format!("[[rule]]\ncode = \"T\"\ndirection = \"any\"\nwhen = {{ size = {{}} }}\naction = {action}");
        let rules = RuleSet::parse(&rule).map_err(|errors| errors.to_string())?;
        match rules.rules[0].actions.as_slice() {
            [Action::Treat(treatment)] => Ok(treatment.encryption.expect("an encryption")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_link_has_the_terms_that_are_written_or_those_of_a_fresh_company() {
        let link = parsed(r#"{ encrypt = "link" }"#).unwrap();
        let fresh = LinkTerms { days: 14, downloads: 5, identity: LinkIdentity::Code, reply: false };
        assert_eq!((link.form, link.what, link.link), (EncryptionForm::Link, Encrypted::Attachments, Some(fresh)));
        let all = r#"{ encrypt = { form = "link", what = "message", days = 3, downloads = 1, identity = "password", reply = true } }"#;
        let own = LinkTerms { days: 3, downloads: 1, identity: LinkIdentity::Password, reply: true };
        assert_eq!(
            parsed(all).unwrap(),
            Encryption { form: EncryptionForm::Link, what: Encrypted::Whole, link: Some(own) }
        );
    }

    #[test]
    fn a_zip_has_no_terms_of_a_link() {
        let zip = |what| Encryption { form: EncryptionForm::Zip, what, link: None };
        assert_eq!(parsed(r#"{ encrypt = "zip" }"#).unwrap(), zip(Encrypted::Attachments));
        let whole = r#"{ encrypt = { form = "zip", what = "message" } }"#;
        assert_eq!(parsed(whole).unwrap(), zip(Encrypted::Whole));
    }

    #[test]
    fn a_mistake_in_an_encryption_is_named() {
        for (action, told) in [
            (r#"{ encrypt = { form = "zip", days = 3 } }"#, "unknown key of `encrypt` `days`"),
            (r#"{ encrypt = "zi" }"#, "did you mean `zip`"),
            (r#"{ encrypt = "lnk" }"#, "`encrypt` cannot be `lnk`"),
            (r#"{ encrypt = {} }"#, "`encrypt` has no `form`"),
            (r#"{ encrypt = { form = "link", day = 3 } }"#, "did you mean `days`"),
            (r#"{ encrypt = { form = "link", days = 0 } }"#, "`days` wants a whole number from 1 to 90"),
            (r#"{ encrypt = { form = "link", downloads = 101 } }"#, "`downloads` wants a whole number from 1 to 100"),
            (r#"{ encrypt = { form = "link", identity = "none" } }"#, "`identity` cannot be `none`"),
            (r#"{ encrypt = { form = "link", reply = 1 } }"#, "`reply`"),
            (r#"{ encrypt = { form = "link", what = "all" } }"#, "`what` cannot be `all`"),
        ] {
            let said = parsed(action).unwrap_err();
            assert!(said.starts_with("line 5: rule T: ") && said.contains(told), "{action}: {said}");
        }
    }
}
