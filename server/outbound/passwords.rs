//! Which of a company's agreed passwords are tried on a mail: none unless the company wants it (decision 032), then
//! those that are for everybody, for somebody who writes or receives it, and for a group of ours; the most particular
//! first. And which of them opens a ZIP to a partner (decision 040). The texts lie in memory as long as the list stays as it is.

use std::sync::{Arc, PoisonError};

use inspect::Inspector;
use inspect::extract::{Password, Passwords, Tried};
use store::{AgreedPassword, Directory, Secret, StoreError, SubmissionRow};
use types::{Address, Domain, TenantId};

use crate::Outbound;
use crate::fates::groups_of;
use crate::preview::Question;

/// Characters of a password that resists trying on a file, at least.
const STRONG: usize = 8;

/// A list as stored, and with its texts.
pub(crate) type Cached = (Arc<Vec<AgreedPassword>>, AgreedList);

/// Who writes a mail to whom, as far as that says which passwords are tried. Every door must say the same of the same
/// mail, or one sees what another does not.
#[derive(Debug, Clone)]
pub struct Parties {
    /// The company whose list it is.
    pub tenant: TenantId,
    /// The reverse path.
    pub from: Option<Address>,
    /// The recipients as handed in: groups are followed to their members.
    pub to: Vec<Address>,
}

impl From<&Question> for Parties {
    fn from(question: &Question) -> Self {
        Self { tenant: question.tenant, from: question.from.clone(), to: question.to.clone() }
    }
}

impl From<&SubmissionRow> for Parties {
    fn from(row: &SubmissionRow) -> Self {
        Self { tenant: row.tenant, from: row.from.clone(), to: row.to.clone() }
    }
}

/// A company's agreed passwords with their texts. Its `Debug` shows how many there are.
#[derive(Clone, Default)]
pub struct AgreedList(Arc<Vec<(AgreedPassword, Password)>>);

impl std::fmt::Debug for AgreedList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AgreedList({})", self.0.len())
    }
}

impl AgreedList {
    /// Those to try on a mail between these parties.
    #[must_use]
    pub fn for_mail(&self, directory: &Directory, parties: &Parties) -> Passwords {
        if self.0.is_empty() {
            return Passwords::default();
        }
        let about = About::of(directory, parties);
        let mut fitting: Vec<&(AgreedPassword, Password)> =
            self.0.iter().filter(|(password, _)| about.fits(password)).collect();
        // the more particular, then the newer ones: old ones are beyond the bound first
        fitting.reverse();
        fitting.sort_by_key(|(password, _)| std::cmp::Reverse((password.domain.is_some(), password.group.is_some())));
        Passwords::new(fitting.into_iter().map(|(password, text)| (password.mark, text.clone())))
    }
}

impl AgreedList {
    /// What was agreed for files to this domain, seen from an author in these groups: what is for a group of his before
    /// what is for everybody here, the newest first. None that was agreed with nobody in particular, that is too short,
    /// or that is beyond ASCII, where programs differ in what they make of it.
    pub(crate) fn agreed_with(&self, domain: &Domain, groups: &[String]) -> Option<(&AgreedPassword, &Password)> {
        let fits = |one: &&(AgreedPassword, Password)| {
            let (password, text) = one;
            let (ours, text) = (password.group.as_ref(), text.reveal());
            password.domain.as_ref() == Some(domain)
                && ours.is_none_or(|group| groups.contains(group))
                && text.is_ascii()
                && text.len() >= STRONG
        };
        // of equals the last, which is the newest
        let found = self.0.iter().filter(fits).max_by_key(|(password, _)| password.group.is_some());
        found.map(|(password, text)| (password, text))
    }
}

/// What passwords ask about a mail.
struct About {
    /// All who write or receive it in the end.
    people: Vec<Address>,
    /// The groups of its author; of a mail from outside, those of its recipients here.
    groups: Vec<String>,
}

impl About {
    fn of(directory: &Directory, parties: &Parties) -> Self {
        let Parties { tenant, from, to } = parties;
        let reached = delivery::expand(directory, to);
        let people: Vec<Address> = from
            .iter()
            .cloned()
            .chain(reached.copies.into_iter().map(|copy| copy.address))
            .chain(reached.outside)
            .collect();
        let ours = |address: &Address| directory.tenant_of(address.domain()) == Some(*tenant);
        let author = from.as_ref().filter(|from| ours(from)).map(std::slice::from_ref);
        let asked: Vec<&Address> = author.unwrap_or(&people).iter().filter(|address| ours(address)).collect();
        let groups = groups_of(directory, *tenant, &asked);
        Self { people, groups }
    }

    fn fits(&self, password: &AgreedPassword) -> bool {
        let domain = password.domain.as_ref();
        domain.is_none_or(|domain| self.people.iter().any(|address| address.domain() == domain))
            && password.group.as_ref().is_none_or(|group| self.groups.contains(group))
    }
}

impl Outbound {
    /// The inspection of a mail between these parties: by the company's labels, with the passwords to try on it. When
    /// these cannot be had, every look fails, which holds the mail: nothing passes because something broke.
    pub(crate) async fn inspector_for(&self, parties: &Parties) -> Inspector {
        let inspector = self.inspector_of(parties.tenant);
        match self.agreed_list(parties.tenant).await {
            Ok(list) => inspector.with_passwords(list.for_mail(&self.store.directory(), parties)),
            Err(error) => {
                tracing::error!(tenant.id = parties.tenant.0, %error, "the agreed passwords cannot be read");
                inspector.failing("the agreed passwords cannot be read")
            }
        }
    }

    /// Which passwords are tried on a mail between these parties: another answer is another look.
    pub async fn tried(&self, parties: &Parties) -> Tried {
        let list = self.agreed_list(parties.tenant).await.unwrap_or_default();
        list.for_mail(&self.store.directory(), parties).tried()
    }

    /// The agreed passwords of a company with their texts; none unless it wants them to be tried.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn agreed_list(&self, tenant: TenantId) -> Result<AgreedList, StoreError> {
        let tenants = &self.store.directory().tenants;
        let wanted = tenants.get(&tenant).is_some_and(|tenant| tenant.policies.try_passwords);
        if wanted { self.agreed_in_all(tenant).await } else { Ok(AgreedList::default()) }
    }

    /// The same, whether they are tried or not.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) async fn agreed_in_all(&self, tenant: TenantId) -> Result<AgreedList, StoreError> {
        let directory = self.store.directory();
        let Some(all) = directory.agreed.get(&tenant) else { return Ok(AgreedList::default()) };
        if let Some(list) = self.agreed_known(tenant, all) {
            return Ok(list);
        }
        let list = read(all, self.store.agreed_passwords(&self.exit, tenant).await?);
        let mut known = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(tenant, (Arc::clone(all), list.clone()));
        Ok(list)
    }

    fn agreed_known(&self, tenant: TenantId, all: &Arc<Vec<AgreedPassword>>) -> Option<AgreedList> {
        let known = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&tenant).filter(|(of, _)| of == all).map(|(_, list)| list.clone())
    }
}

/// Puts texts and passwords together; one that was taken away or added between the two is left out this once.
fn read(all: &[AgreedPassword], texts: Vec<([u8; 16], Secret)>) -> AgreedList {
    let text = |password: &AgreedPassword| {
        let (_, text) = texts.iter().find(|(mark, _)| *mark == password.mark)?;
        // it was found good when it was added
        Password::parse(text.reveal()).ok()
    };
    AgreedList(Arc::new(all.iter().filter_map(|one| Some((one.clone(), text(one)?))).collect()))
}

#[cfg(test)]
mod tests {
    use store::GroupKind;
    use types::Timestamp;

    use super::*;

    fn password(number: u8, domain: Option<&str>, group: Option<&str>) -> (AgreedPassword, Password) {
        let domain = domain.map(|domain| Domain::parse(domain).unwrap());
        let (name, group) = (number.to_string(), group.map(str::to_owned));
        let text = Password::parse(&name).unwrap();
        (AgreedPassword { mark: [number; 16], name, domain, group, added: Timestamp(0), by: None }, text)
    }

    fn parties(from: &str, to: &[&str]) -> Parties {
        let to = to.iter().map(|to| Address::parse(to).unwrap()).collect();
        Parties { tenant: TenantId(1), from: Address::parse(from).ok(), to }
    }

    /// Whether exactly the passwords of these numbers are tried.
    fn tries(list: &AgreedList, parties: &Parties, numbers: &[u8]) -> bool {
        let expected = numbers.iter().map(|&number| ([number; 16], Password::parse("x").unwrap()));
        list.for_mail(&directory(), parties).tried() == Passwords::new(expected).tried()
    }

    fn directory() -> Directory {
        let mut directory = Directory::default();
        let name = Domain::parse("aoba.example").unwrap();
        directory.domains.insert(name.clone(), store::DomainRow { name, tenant: TenantId(1) });
        let members = vec![store::Member::Address(Address::parse("hanako@aoba.example").unwrap())];
        let group = store::Group {
            id: types::GroupId(1),
            tenant: TenantId(1),
            kind: GroupKind::Group,
            name: "経理".into(),
            address: None,
            members,
        };
        directory.groups.insert(group.id, Arc::new(group));
        directory
    }

    #[test]
    fn a_password_is_tried_where_it_was_agreed() {
        let list = AgreedList(Arc::new(vec![
            password(1, None, None),
            password(2, Some("partner.example"), None),
            password(3, None, Some("経理")),
            password(4, Some("partner.example"), Some("経理")),
        ]));
        assert!(tries(&list, &parties("taro@aoba.example", &["a@other.example"]), &[1]));
        assert!(tries(&list, &parties("taro@aoba.example", &["a@other.example", "b@partner.example"]), &[1, 2]));
        assert!(tries(&list, &parties("hanako@aoba.example", &["a@other.example"]), &[1, 3]));
        assert!(tries(&list, &parties("hanako@aoba.example", &["b@partner.example"]), &[1, 2, 3, 4]));
        assert!(tries(&list, &parties("b@partner.example", &["taro@aoba.example"]), &[1, 2]));
        assert!(!list.for_mail(&directory(), &parties("", &[])).is_empty(), "one that is for everybody");
        assert!(AgreedList::default().for_mail(&directory(), &parties("", &[])).is_empty());
    }

    #[test]
    fn of_too_many_the_most_particular_and_the_newest_are_tried() {
        let mut all: Vec<_> = (0..40).map(|number| password(number, None, None)).collect();
        all.insert(0, password(99, Some("partner.example"), None));
        let list = AgreedList(Arc::new(all));
        let expected: Vec<u8> = std::iter::once(99).chain(9..40).collect();
        assert!(tries(&list, &parties("taro@aoba.example", &["b@partner.example"]), &expected));
    }

    #[test]
    fn what_was_agreed_with_a_partner_opens_a_zip_to_him_the_newest_of_the_most_particular() {
        let strong = |number, domain, group, text: &str| {
            let (password, _) = password(number, domain, group);
            (password, Password::parse(text).unwrap())
        };
        let partner = Some("partner.example");
        let list = AgreedList(Arc::new(vec![
            strong(1, None, None, "for everybody"),
            strong(2, partner, Some("経理"), "accountants"),
            strong(3, partner, None, "the older"),
            strong(4, partner, None, "the newer"),
            strong(5, partner, None, "short"),
            strong(6, partner, None, "パスワード2026年版"),
            strong(7, Some("other.example"), Some("総務"), "not his group"),
        ]));
        let with = |domain: &str, groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|&group| group.to_owned()).collect();
            let found = list.agreed_with(&Domain::parse(domain).unwrap(), &groups);
            found.map(|(password, _)| password.name.clone())
        };
        assert_eq!(with("partner.example", &[]).as_deref(), Some("4"));
        assert_eq!(with("partner.example", &["経理"]).as_deref(), Some("2"));
        assert_eq!(with("other.example", &["経理"]), None);
        assert_eq!(with("sub.partner.example", &[]), None, "one for everybody was agreed with nobody");
    }

    #[test]
    fn no_debug_shows_a_text() {
        let list = AgreedList(Arc::new(vec![password(7, None, None)]));
        assert_eq!(format!("{list:?}"), "AgreedList(1)");
    }
}
