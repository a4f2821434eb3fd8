//! What a company has decided for its people. Kept as JSON; what is missing or unknown falls back to the default, and unknown
//! entries of lists are skipped, so that an older program reads what a newer one wrote.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};

use crate::settings::choice;
use crate::{BadDocumentKind, DOCUMENT_KINDS_MOST, DocumentKind, Domain, Safeguard, UndoTime};

/// A company names so many partners at most.
pub const PARTNERS_MOST: usize = 500;

/// A company's telephone number, as those outside are told it: digits, `+`, `-`, parentheses and spaces, at most 32 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Telephone(String);

/// What was given is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a telephone number has 3 to 15 digits, with +, -, parentheses and spaces, such as 03-1234-5678")]
pub struct NoTelephone;

impl Telephone {
    /// Reads it as people write it.
    ///
    /// # Errors
    /// [`NoTelephone`].
    pub fn parse(text: &str) -> Result<Self, NoTelephone> {
        let text = text.trim();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let good = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '(' | ')' | ' ');
        let fits = (3..=15).contains(&digits) && text.len() <= 32 && text.chars().all(good);
        if fits { Ok(Self(text.to_owned())) } else { Err(NoTelephone) }
    }
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Telephone {
    type Error = NoTelephone;
    fn try_from(text: String) -> Result<Self, NoTelephone> {
        Self::parse(&text)
    }
}

choice!(
    /// Who signs in with a second factor beside the password. Whoever has one is asked for it in any case.
    FactorDemand {
        /// Whoever approves, handles specified personal information, audits or administers.
        #[default]
        Roles = "roles",
        /// Everybody.
        Everyone = "everyone",
        /// Nobody has to.
        Nobody = "nobody",
    }
);

/// One company's policies; the default is what a fresh company starts with (rules-and-texts.md).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policies {
    /// How long mail sent from the browser can be taken back: the longest that a person may choose, and what holds
    /// for who has chosen nothing.
    #[serde(deserialize_with = "known")]
    pub undo: UndoTime,
    /// Whether the passwords that the company has agreed with others are tried on encrypted files (decision 032).
    #[serde(deserialize_with = "known")]
    pub try_passwords: bool,
    /// Whether the console names the approvers who have no deputy.
    #[serde(deserialize_with = "known_or_yes")]
    pub approvers_need_deputy: bool,
    /// How files go to the people of these domains, beside what rules demand.
    #[serde(deserialize_with = "known_partners")]
    pub partners: BTreeMap<Domain, Safeguard>,
    /// Whether the password that was made for a ZIP follows it by mail to the same recipients. Whoever reads one of the two
    /// mails reads the other: it is no protection, and off unless a company knowingly wants it.
    #[serde(deserialize_with = "known")]
    pub mail_passwords: bool,
    /// So many years after it came or was sent, mail in the ledger is proposed for disposal; `None`: never.
    #[serde(deserialize_with = "known")]
    pub ledger_years: Option<u32>,
    /// Whether what is kept for longer is disposed of by itself. Off unless a company knowingly wants it: nobody looks at the mail before it goes.
    #[serde(deserialize_with = "known")]
    pub ledger_dispose: bool,
    /// Whom who gets a link without expecting it calls; `None`: the mail tells no number.
    #[serde(deserialize_with = "known")]
    pub telephone: Option<Telephone>,
    /// Who must have a second factor.
    #[serde(deserialize_with = "known")]
    pub second_factor: FactorDemand,
    /// For how long documents of each kind are kept; lines of the ledger that are of none follow [`Self::ledger_years`].
    #[serde(deserialize_with = "known_kinds")]
    pub document_kinds: Vec<DocumentKind>,
}

/// A value as JSON has it, which a newer program may have written in a way that is not known here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept<T> {
    Known(T),
    Unknown(IgnoredAny),
}

impl<T> Kept<T> {
    fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

/// The value, or its type's default where it is not understood.
fn known<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(kept: D) -> Result<T, D::Error> {
    Ok(Kept::deserialize(kept)?.known().unwrap_or_default())
}

/// The same of what is on unless a company does not want it.
fn known_or_yes<'de, D: Deserializer<'de>>(kept: D) -> Result<bool, D::Error> {
    Ok(Kept::deserialize(kept)?.known().unwrap_or(true))
}

/// Those partners of which the domain and how files go to it are understood.
fn known_partners<'de, D: Deserializer<'de>>(kept: D) -> Result<BTreeMap<Domain, Safeguard>, D::Error> {
    let partners: BTreeMap<String, Kept<Safeguard>> = known(kept)?;
    let known = |(domain, how): (String, Kept<Safeguard>)| Some((Domain::parse(&domain).ok()?, how.known()?));
    Ok(partners.into_iter().filter_map(known).collect())
}

/// Those kinds that are understood; where it is no list at all, those of a fresh company.
fn known_kinds<'de, D: Deserializer<'de>>(kept: D) -> Result<Vec<DocumentKind>, D::Error> {
    let Some(kinds) = Kept::<Vec<Kept<DocumentKind>>>::deserialize(kept)?.known() else {
        return Ok(DocumentKind::shipped());
    };
    Ok(kinds.into_iter().filter_map(Kept::known).filter(|kind| kind.check().is_ok()).collect())
}

impl Default for Policies {
    fn default() -> Self {
        let undo = UndoTime::default();
        Self {
            undo,
            try_passwords: false,
            approvers_need_deputy: true,
            partners: BTreeMap::new(),
            mail_passwords: false,
            ledger_years: None,
            ledger_dispose: false,
            telephone: None,
            second_factor: FactorDemand::default(),
            document_kinds: DocumentKind::shipped(),
        }
    }
}

/// A change of one policy, made on what stands there at that moment: who changes another at the same time loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyChange {
    /// [`Policies::undo`]
    Undo(UndoTime),
    /// [`Policies::try_passwords`]
    TryPasswords(bool),
    /// [`Policies::approvers_need_deputy`]
    ApproversNeedDeputy(bool),
    /// [`Policies::partners`]: how files go to this domain; `None`: as rules say.
    Partner(Domain, Option<Safeguard>),
    /// [`Policies::mail_passwords`]
    MailPasswords(bool),
    /// [`Policies::ledger_years`]
    LedgerYears(Option<u32>),
    /// [`Policies::ledger_dispose`]
    LedgerDispose(bool),
    /// [`Policies::telephone`]
    Telephone(Option<Telephone>),
    /// [`Policies::second_factor`]
    SecondFactor(FactorDemand),
    /// [`Policies::document_kinds`]: a kind is added, or takes the place of the one of its name.
    DocumentKind(DocumentKind),
    /// [`Policies::document_kinds`]: the kind of this name goes.
    NoDocumentKind(String),
}

/// Why a change cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    /// There would be more than [`PARTNERS_MOST`] partners.
    #[error("a company names at most {PARTNERS_MOST} domains of partners")]
    TooManyPartners,
    /// The kind of documents is none, or there would be more than [`DOCUMENT_KINDS_MOST`].
    #[error(transparent)]
    DocumentKind(#[from] BadDocumentKind),
}

impl Policies {
    /// Makes a change.
    ///
    /// # Errors
    /// [`BadPolicy`]: nothing is changed.
    pub fn change(&mut self, change: &PolicyChange) -> Result<(), BadPolicy> {
        match change {
            PolicyChange::Undo(undo) => self.undo = *undo,
            PolicyChange::TryPasswords(tries) => self.try_passwords = *tries,
            PolicyChange::ApproversNeedDeputy(need) => self.approvers_need_deputy = *need,
            PolicyChange::MailPasswords(mail) => self.mail_passwords = *mail,
            PolicyChange::LedgerYears(years) => self.ledger_years = *years,
            PolicyChange::LedgerDispose(disposes) => self.ledger_dispose = *disposes,
            PolicyChange::Telephone(telephone) => self.telephone.clone_from(telephone),
            PolicyChange::SecondFactor(who) => self.second_factor = *who,
            PolicyChange::DocumentKind(kind) => self.put_kind(kind)?,
            PolicyChange::NoDocumentKind(name) => self.document_kinds.retain(|kind| kind.name != *name),
            PolicyChange::Partner(domain, None) => drop(self.partners.remove(domain)),
            PolicyChange::Partner(domain, Some(how)) => {
                if self.partners.len() >= PARTNERS_MOST && !self.partners.contains_key(domain) {
                    return Err(BadPolicy::TooManyPartners);
                }
                self.partners.insert(domain.clone(), *how);
            }
        }
        Ok(())
    }

    fn put_kind(&mut self, new: &DocumentKind) -> Result<(), BadDocumentKind> {
        new.check()?;
        let full = self.document_kinds.len() >= DOCUMENT_KINDS_MOST;
        match self.document_kinds.iter_mut().find(|kind| kind.name == new.name) {
            Some(kind) => kind.clone_from(new),
            None if full => return Err(BadDocumentKind::TooMany),
            None => self.document_kinds.push(new.clone()),
        }
        Ok(())
    }

    /// The kind of documents of this name.
    #[must_use]
    pub fn document_kind(&self, name: &str) -> Option<&DocumentKind> {
        self.document_kinds.iter().find(|kind| kind.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_touches_one_policy_and_partners_are_bounded() {
        let mut policies = Policies::default();
        let domain = |n: usize| Domain::parse(&format!("p{n}.example")).unwrap();
        for n in 0..PARTNERS_MOST {
            policies.change(&PolicyChange::Partner(domain(n), Some(Safeguard::Zip))).unwrap();
        }
        let one_more = PolicyChange::Partner(domain(PARTNERS_MOST), Some(Safeguard::Zip));
        assert_eq!(policies.change(&one_more), Err(BadPolicy::TooManyPartners));
        policies.change(&PolicyChange::Partner(domain(7), Some(Safeguard::Link))).unwrap();
        assert_eq!(policies.partners.get(&domain(7)), Some(&Safeguard::Link));
        policies.change(&PolicyChange::Partner(domain(0), None)).unwrap();
        policies.change(&one_more).unwrap();
        let partners = policies.partners.clone();
        policies.change(&PolicyChange::LedgerYears(Some(7))).unwrap();
        policies.change(&PolicyChange::MailPasswords(true)).unwrap();
        let expected = Policies { partners, ledger_years: Some(7), mail_passwords: true, ..Policies::default() };
        assert_eq!(policies, expected);
    }

    #[test]
    fn kinds_of_documents_are_added_changed_and_taken_out_by_their_name() {
        let mut policies = Policies::default();
        let shipped = policies.document_kinds.len();
        let kind = |name: &str, years| DocumentKind {
            name: name.to_owned(),
            years,
            from: crate::CountedFrom::Arrival,
            words: Vec::new(),
        };
        policies.change(&PolicyChange::DocumentKind(kind("届出書", 5))).unwrap();
        policies.change(&PolicyChange::DocumentKind(kind("届出書", 6))).unwrap();
        assert_eq!((policies.document_kinds.len(), policies.document_kind("届出書").unwrap().years), (shipped + 1, 6));
        let none = policies.change(&PolicyChange::DocumentKind(kind("届出書", 0)));
        assert_eq!(none, Err(BadPolicy::DocumentKind(BadDocumentKind::Years)));
        policies.change(&PolicyChange::NoDocumentKind("届出書".into())).unwrap();
        policies.change(&PolicyChange::NoDocumentKind("そのような種類".into())).unwrap();
        assert_eq!(policies, Policies::default());
        for n in shipped..DOCUMENT_KINDS_MOST {
            policies.change(&PolicyChange::DocumentKind(kind(&format!("種類{n}"), 1))).unwrap();
        }
        let many = policies.change(&PolicyChange::DocumentKind(kind("もう一つ", 1)));
        assert_eq!(many, Err(BadPolicy::DocumentKind(BadDocumentKind::TooMany)));
        policies.change(&PolicyChange::DocumentKind(kind("扶養控除等申告書", 8))).unwrap();
        assert_eq!(policies.document_kinds[0].years, 8, "one that is there is changed all the same");
        policies.document_kinds.clear();
        let kept: Policies = serde_json::from_str(&serde_json::to_string(&policies).unwrap()).unwrap();
        assert!(kept.document_kinds.is_empty(), "who has taken out all has none, and not those of a fresh company");
    }

    #[test]
    fn a_telephone_number_is_kept_as_it_is_written_and_nothing_else_is_one() {
        for good in ["03-1234-5678", "+81 (3) 1234-5678", "110", "0312345678"] {
            let telephone = Telephone::parse(&format!(" {good} ")).unwrap();
            assert_eq!(telephone.as_str(), good);
            let mut policies = Policies::default();
            policies.change(&PolicyChange::Telephone(Some(telephone))).unwrap();
            let kept: Policies = serde_json::from_str(&serde_json::to_string(&policies).unwrap()).unwrap();
            assert_eq!((kept.telephone.as_ref().map(Telephone::as_str), &kept), (Some(good), &policies));
            policies.change(&PolicyChange::Telephone(None)).unwrap();
            assert_eq!(policies, Policies::default());
        }
        for wrong in [
            "",
            "12",
            "+-()",
            "1234567890123456",
            "03-1234-5678\r\nBcc: x",
            "call me",
            "\u{ff10}\u{ff13}-1234-5678",
            "1 2                              3",
        ] {
            assert_eq!(Telephone::parse(wrong), Err(NoTelephone), "{wrong:?}");
        }
    }

    #[test]
    fn a_fresh_company_lets_mail_be_taken_back_for_half_a_minute() {
        let fresh: Policies = serde_json::from_str("{}").unwrap();
        assert_eq!((fresh.undo.word(), &fresh), ("30", &Policies::default()));
        assert!(fresh.approvers_need_deputy);
        assert!(!fresh.try_passwords, "no password is tried unless the company wants it");
        assert!(!fresh.mail_passwords, "no password is mailed to those who get the ZIP");
        assert!(fresh.partners.is_empty());
        assert_eq!(fresh.second_factor, FactorDemand::Roles);
        let newer: Policies = serde_json::from_str(r#"{"second_factor":"guests"}"#).unwrap();
        assert_eq!(newer.second_factor, FactorDemand::Roles, "what is not understood demands no less");
        let later: Policies = serde_json::from_str(r#"{"undo":"5","later":true}"#).unwrap();
        assert_eq!(later.undo, UndoTime::Five);
    }

    #[test]
    fn what_a_newer_program_wrote_is_skipped_or_falls_back_to_the_default() {
        let fresh = Policies::default();
        let read = |text: &str| serde_json::from_str::<Policies>(text).unwrap();
        for field in serde_json::to_value(&fresh).unwrap().as_object().unwrap().keys() {
            for unknown in [r#""of a newer program""#, "-1.5", r#"{"of":["a",{"newer":"program"}]}"#] {
                assert_eq!(read(&format!(r#"{{"{field}":{unknown}}}"#)), fresh, "{field} {unknown}");
            }
        }
        let newer = read(
            r#"{"undo":"90","try_passwords":"some","approvers_need_deputy":"two","mail_passwords":2,"ledger_years":"ever",
                "ledger_dispose":"some","telephone":"call me","second_factor":"guests","later":[1],
                "partners":{"a.example":"zip","b.example":"pigeon","no domain":"zip","c.example":{"of":"later"},"d.example":"link"},
                "document_kinds":[{"name":"A","years":5,"from":"arrival","words":["word"],"later":1},
                    {"name":"B","from":"arrival"},{"name":"C","years":0,"from":"arrival"},{"name":"D","years":"ever","from":"arrival"},
                    "E",null,{"name":"F","years":3,"from":"of a newer program"}]}"#,
        );
        let domain = |name: &str| Domain::parse(name).unwrap();
        let kind = |name: &str, years, from, words: &[&str]| DocumentKind {
            name: name.to_owned(),
            years,
            from,
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        let expected = Policies {
            partners: [(domain("a.example"), Safeguard::Zip), (domain("d.example"), Safeguard::Link)].into(),
            document_kinds: vec![
                kind("A", 5, crate::CountedFrom::Arrival, &["word"]),
                kind("F", 3, crate::CountedFrom::Completion, &[]),
            ],
            ..Policies::default()
        };
        assert_eq!(newer, expected);
        assert_eq!(read(&serde_json::to_string(&expected).unwrap()), expected);
    }
}
