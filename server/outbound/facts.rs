//! What rules may know of a mail beside its content: who sends it and who receives it in the end, by the directory, and
//! to whom mail went before. It judges nothing.

use std::collections::{HashMap, HashSet};

use inspect::Seen;
use inspect::review::{AuthorFact, Contact, Facts, RecipientFact, RuleSet};
use store::{Directory, Origin, StoreError};
use types::{Address, Domain, TenantId, Timestamp, UserId};

use crate::Outbound;
use crate::fates::groups_and_lists;
use crate::preview::Question;

/// What was seen of a server's TLS holds for 30 days, milliseconds.
const TLS_KNOWN_MS: i64 = 30 * 86_400_000;

impl Outbound {
    /// The facts about what was seen, as `rules` ask for them.
    ///
    /// # Errors
    /// To whom mail went before could not be read.
    pub(crate) async fn facts(
        &self,
        directory: &Directory,
        rules: &RuleSet,
        question: &Question,
        seen: &Seen,
    ) -> Result<Facts, StoreError> {
        let tenant = question.tenant;
        let mut recipients = recipients(directory, tenant, &FinalRecipients::of(directory, &question.to).reached);
        if rules.asks_for_contacts(false) {
            let everyone = rules.asks_for_contacts(true);
            self.look_up_contacts(directory, question, everyone, &mut recipients).await?;
        }
        if rules.asks_for_tls() {
            self.look_up_tls(question.at, &mut recipients).await?;
        }
        Ok(seen.facts(author(directory, question), recipients, |who| inside(directory, tenant, who), question.at))
    }

    async fn look_up_tls(&self, at: Timestamp, recipients: &mut [RecipientFact]) -> Result<(), StoreError> {
        let domains = recipients.iter().filter(|one| !one.inside).map(|one| one.address.domain().clone());
        let domains: Vec<Domain> = domains.collect::<HashSet<_>>().into_iter().collect();
        let since = Timestamp(at.0.saturating_sub(TLS_KNOWN_MS));
        let seen: HashMap<Domain, bool> = self.store.tls_seen(&self.exit, &domains, since).await?.into_iter().collect();
        for one in recipients.iter_mut().filter(|one| !one.inside) {
            one.tls = seen.get(one.address.domain()).copied();
        }
        Ok(())
    }

    async fn look_up_contacts(
        &self,
        directory: &Directory,
        question: &Question,
        everyone: bool,
        recipients: &mut [RecipientFact],
    ) -> Result<(), StoreError> {
        let outside: Vec<Address> =
            recipients.iter().filter(|one| !one.inside).map(|one| one.address.clone()).collect();
        if outside.is_empty() {
            return Ok(());
        }
        let author = author_of(directory, question.author, question.from.as_ref());
        let own = self.written_to(author.as_slice(), &outside).await?;
        let colleagues: Vec<UserId> = match everyone {
            true => {
                directory.users.values().filter(|user| user.tenant == question.tenant).map(|user| user.id).collect()
            }
            false => Vec::new(),
        };
        let theirs = self.written_to(&colleagues, &outside).await?;
        for one in recipients.iter_mut().filter(|one| !one.inside) {
            one.contact = match (own.contains(&one.address), theirs.contains(&one.address)) {
                (true, _) => Contact::Known,
                (false, true) => Contact::Colleagues,
                (false, false) => Contact::First,
            };
        }
        Ok(())
    }

    async fn written_to(&self, users: &[UserId], to: &[Address]) -> Result<HashSet<Address>, StoreError> {
        if users.is_empty() {
            return Ok(HashSet::new());
        }
        Ok(self.store.written_to(&self.exit, users, to).await?.into_iter().collect())
    }
}

/// Whether an address is of the company's domains.
pub(crate) fn inside(directory: &Directory, tenant: TenantId, address: &Address) -> bool {
    directory.tenant_of(address.domain()) == Some(tenant)
}

/// The author. A forward leaves by the will of somebody inside, whoever wrote it first: the rules for outgoing mail
/// hold for it.
fn author(directory: &Directory, question: &Question) -> AuthorFact {
    let Question { tenant, from, .. } = question;
    let ours = question.origin == Origin::Forward || question.author.is_some();
    let person = question.author.and_then(|id| directory.users.get(&id));
    let person = person.or_else(|| directory.user_by_address(from.as_ref()?));
    let mailbox = person.map(|user| user.address.clone());
    // who signed in is who he is, also where he gives no sender (RFC 5321 4.5.5)
    let (mut groups, mut lists) = (Vec::new(), Vec::new());
    let own: Vec<&Address> = from.iter().chain(&mailbox).collect();
    for (of, on) in groups_and_lists(directory, *tenant, &own) {
        groups.extend(of.into_iter().filter(|name| !groups.contains(name)).collect::<Vec<_>>());
        lists.extend(on.into_iter().filter(|name| !lists.contains(name)).collect::<Vec<_>>());
    }
    AuthorFact {
        address: from.clone(),
        mailbox,
        inside: ours || from.as_ref().is_none_or(|address| inside(directory, *tenant, address)),
        groups,
        lists,
        department: person.map(|user| user.department.clone()).unwrap_or_default(),
    }
}

/// The person who sends: as signed in, else whose address it is.
pub(crate) fn author_of(directory: &Directory, author: Option<UserId>, from: Option<&Address>) -> Option<UserId> {
    author.or_else(|| directory.user_by_address(from?).map(|user| user.id))
}

/// What the directory knows of these addresses; to whom mail went before is not looked up.
pub(crate) fn recipients(directory: &Directory, tenant: TenantId, addresses: &[Address]) -> Vec<RecipientFact> {
    let fact = |(address, (groups, lists)): (&Address, _)| {
        let person = directory.user_by_address(address).filter(|user| user.tenant == tenant);
        RecipientFact {
            address: address.clone(),
            mailbox: person.map(|user| user.address.clone()),
            inside: inside(directory, tenant, address),
            groups,
            lists,
            department: person.map(|user| user.department.clone()).unwrap_or_default(),
            contact: Contact::Known,
            tls: None,
        }
    };
    let circles = groups_and_lists(directory, tenant, &addresses.iter().collect::<Vec<_>>());
    addresses.iter().zip(circles).map(fact).collect()
}

/// Who receives in the end: groups are judged by their members, so that one outside is seen.
pub(crate) struct FinalRecipients {
    /// Mailboxes here and addresses elsewhere.
    pub reached: Vec<Address>,
    /// Addresses of domains here that nobody has (any more): no rule needs to look at them.
    pub unknown: Vec<Address>,
}

impl FinalRecipients {
    pub fn of(directory: &Directory, to: &[Address]) -> Self {
        let found = delivery::expand(directory, to);
        let inside = found.copies.into_iter().map(|copy| copy.address);
        Self { reached: inside.chain(found.outside).collect(), unknown: found.unknown }
    }
}
