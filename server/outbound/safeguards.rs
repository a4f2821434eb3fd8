//! How the files of a mail are kept from others beside what rules demand: as its sender chose, and as his company wants it for the
//! recipient's domain. What is added is joined as another rule's treatment would be: it strengthens, and never weakens.

use inspect::Seen;
use inspect::review::{Judgement, Verdict};
use message::Parsed;
use store::Directory;
use types::{Address, Encrypted, TenantId, Treatment};

use crate::Outbound;
use crate::facts::inside;
use crate::preview::Question;
use crate::submit::Work;

/// Which files a mail has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Files {
    /// Files beside its text.
    beside: bool,
    /// Pictures that its text shows: logos and signatures mostly, and what its sender put there.
    in_text: bool,
}

impl Files {
    /// Of a mail that was looked at.
    pub fn of(seen: &Seen) -> Self {
        Self { beside: !seen.attachments.is_empty(), in_text: seen.pictures_in_text }
    }
}

/// Adds to a judgement what its sender chose and his company wants for each recipient outside.
pub(crate) fn add(directory: &Directory, question: &Question, files: Files, judgement: &mut Judgement) {
    for one in &mut judgement.recipients {
        let more = wanted(directory, question, &one.recipient, files);
        if !more.is_nothing() {
            one.treatment.join(&more);
            one.verdict = one.verdict.max(Verdict::of(&more));
        }
    }
}

/// What is wanted for a recipient.
fn wanted(directory: &Directory, question: &Question, to: &Address, files: Files) -> Treatment {
    if inside(directory, question.tenant, to) {
        return Treatment::default();
    }
    let partner = partner(directory, question.tenant, to);
    let mut sum = partner.map(|how| how.treatment(files.beside)).unwrap_or_default();
    // who chooses it for this mail means all that he put into it; a company does not mean the logo under each mail
    let chosen = question.safeguard.map(|how| how.treatment(files.beside || files.in_text));
    chosen.iter().for_each(|more| sum.join(more));
    sum
}

/// How a company wants files to go to somebody.
fn partner(directory: &Directory, tenant: TenantId, to: &Address) -> Option<types::Safeguard> {
    directory.tenants.get(&tenant)?.policies.partners.get(to.domain()).copied()
}

impl Outbound {
    /// The same for all recipients of a mail together, of which the review failed.
    pub(crate) fn wanted_of_all(&self, work: &Work, recipients: &[Address]) -> Treatment {
        let (directory, question) = (self.store.directory(), work.question());
        let beside = !message::attachments::attachments(&Parsed::parse(&work.bytes, &self.limits)).is_empty();
        // nobody could say which of them its text shows
        let files = Files { beside, in_text: false };
        let mut sum = Treatment::default();
        recipients.iter().for_each(|to| sum.join(&wanted(&directory, &question, to, files)));
        if let Some(encryption) = &mut sum.encryption {
            // nobody could say that its text holds no numbers
            encryption.what = Encrypted::Whole;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use store::{DomainRow, Origin, Tenant};
    use types::{Domain, EncryptionForm, Policies, Safeguard, Timestamp};

    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    fn directory() -> Directory {
        let partner = |name: &str, how| (Domain::parse(name).unwrap(), how);
        let partners = BTreeMap::from([
            partner("zip.example", Safeguard::Zip),
            partner("link.example", Safeguard::Link),
            partner("tls.example", Safeguard::Tls),
        ]);
        let (id, name) = (TenantId(1), Domain::parse("aoba.example").unwrap());
        let policies = Policies { partners, ..Policies::default() };
        let mut directory = Directory::default();
        directory.tenants.insert(id, Tenant { id, name: "aoba".into(), title: "Aoba".into(), policies });
        directory.domains.insert(name.clone(), DomainRow { name, tenant: id });
        directory
    }

    const FILES: Files = Files { beside: true, in_text: false };

    fn wanted_for(to: &str, chosen: Option<Safeguard>, files: Files) -> (Option<EncryptionForm>, bool) {
        let question = Question {
            tenant: TenantId(1),
            author: None,
            origin: Origin::Author,
            from: Some(address("taro@aoba.example")),
            to: vec![address(to)],
            at: Timestamp(0),
            safeguard: chosen,
        };
        let sum = wanted(&directory(), &question, &address(to), files);
        (sum.encryption.map(|encryption| encryption.form), sum.verified_tls)
    }

    #[test]
    fn each_recipient_outside_gets_the_stronger_of_what_is_chosen_and_what_his_domain_wants() {
        let (zip, link) = (Some(EncryptionForm::Zip), Some(EncryptionForm::Link));
        for (to, chosen, got) in [
            ("a@zip.example", None, (zip, false)),
            ("a@link.example", None, (link, false)),
            ("a@tls.example", None, (None, true)),
            ("a@other.example", None, (None, false)),
            ("a@other.example", Some(Safeguard::Zip), (zip, false)),
            ("a@zip.example", Some(Safeguard::Link), (link, false)),
            ("a@link.example", Some(Safeguard::Zip), (link, false)),
            ("a@tls.example", Some(Safeguard::Zip), (zip, true)),
            ("a@zip.example", Some(Safeguard::Tls), (zip, true)),
            ("a@aoba.example", Some(Safeguard::Link), (None, false)),
        ] {
            assert_eq!(wanted_for(to, chosen, FILES), got, "{to} {chosen:?}");
        }
        let none = Files { beside: false, ..FILES };
        assert_eq!(wanted_for("a@zip.example", Some(Safeguard::Link), none), (None, false), "no files");
    }

    /// The choice was dropped without a word where the only file stood in the text.
    #[test]
    fn a_choice_means_pictures_in_the_text_too_and_the_policy_of_a_domain_does_not() {
        let pictures = Files { beside: false, in_text: true };
        for (to, chosen, form) in [
            ("a@other.example", Some(Safeguard::Zip), Some(EncryptionForm::Zip)),
            ("a@other.example", Some(Safeguard::Link), Some(EncryptionForm::Link)),
            ("a@link.example", Some(Safeguard::Zip), Some(EncryptionForm::Zip)),
            ("a@link.example", None, None),
            ("a@other.example", None, None),
            ("a@aoba.example", Some(Safeguard::Zip), None),
        ] {
            assert_eq!(wanted_for(to, chosen, pictures).0, form, "{to} {chosen:?}");
        }
    }

    #[test]
    fn a_company_without_policies_of_partners_adds_nothing() {
        let nobody = Arc::new(Directory::default());
        assert_eq!(partner(&nobody, TenantId(1), &address("a@zip.example")), None);
    }
}
