//! Those to whom a person has sent mail, and who is suggested when he types a recipient.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use types::{Address, TenantId, Timestamp, UserId};

use crate::folding::search_text;
use crate::{Directory, GroupKind};

/// Mail went from a person to an address.
#[derive(Debug, Clone)]
pub struct NewCorrespondent {
    /// From whom.
    pub user: UserId,
    /// To whom.
    pub address: Address,
    /// The name that stood beside the address, without a number; empty when there was none.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// Somebody to whom a person has sent mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondent {
    /// Address.
    pub address: Address,
    /// Name, empty when it is not known.
    pub name: String,
    /// How many mails were sent.
    pub sent: u32,
    /// When the last one was.
    pub last: Timestamp,
}

/// Whom a suggestion stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suggested {
    /// A colleague.
    Person,
    /// A group with so many members.
    Group(usize),
    /// Somebody outside to whom mail was sent before.
    Correspondent,
}

/// A recipient to be suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Address.
    pub address: Address,
    /// Name for people, may be empty.
    pub name: String,
    /// Department of a colleague, else empty.
    pub department: String,
    /// Whom it stands for.
    pub kind: Suggested,
}

/// The people and groups of all companies as they are looked for: folded once for each snapshot of the directory.
#[derive(Debug, Default)]
pub(crate) struct Book {
    tenants: HashMap<TenantId, Vec<(String, Suggestion)>>,
}

impl Book {
    /// Folds everybody who has an address.
    pub fn new(directory: &Directory) -> Self {
        let mut tenants: HashMap<TenantId, Vec<(String, Suggestion)>> = HashMap::new();
        for user in directory.users.values() {
            let (address, name, department) = (user.address.clone(), user.name.clone(), user.department.clone());
            let search = search_text(&[&name, &department], &address);
            let one = Suggestion { address, name, department, kind: Suggested::Person };
            tenants.entry(user.tenant).or_default().push((search, one));
        }
        for group in directory.groups.values().filter(|group| group.kind == GroupKind::Group) {
            let Some(address) = group.address.clone() else { continue };
            let search = search_text(&[&group.name], &address);
            let kind = Suggested::Group(group.members.len());
            let one = Suggestion { address, name: group.name.clone(), department: String::new(), kind };
            tenants.entry(group.tenant).or_default().push((search, one));
        }
        for all in tenants.values_mut() {
            all.sort_by(|a, b| (&a.1.name, &a.1.address).cmp(&(&b.1.name, &b.1.address)));
        }
        Self { tenants }
    }

    /// Those to whom mail was sent, last first, then colleagues and groups by name; each address once, a colleague
    /// under his own name.
    pub fn suggest(&self, tenant: TenantId, needle: &str, sent: Vec<Correspondent>, most: usize) -> Vec<Suggestion> {
        let inside: &[(String, Suggestion)] = self.tenants.get(&tenant).map_or(&[], Vec::as_slice);
        let known: HashMap<String, &Suggestion> = inside.iter().map(|(_, one)| (one.address.key(), one)).collect();
        let sent = sent.into_iter().map(|to| match known.get(&to.address.key()) {
            Some(colleague) => (*colleague).clone(),
            None => Suggestion {
                address: to.address,
                name: to.name,
                department: String::new(),
                kind: Suggested::Correspondent,
            },
        });
        let found = inside.iter().filter(|(search, _)| !needle.is_empty() && search.contains(needle));
        let mut seen = HashSet::new();
        let all = sent.chain(found.map(|(_, one)| one.clone()));
        all.filter(|one| seen.insert(one.address.key())).take(most).collect()
    }
}

/// The book of a snapshot, made again when the snapshot is another.
#[derive(Debug, Default)]
pub(crate) struct Shelf(std::sync::Mutex<Option<(Arc<Directory>, Arc<Book>)>>);

impl Shelf {
    /// The book of this snapshot.
    pub fn book(&self, directory: &Arc<Directory>) -> Arc<Book> {
        let mut shelf = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, book)) = shelf.as_ref().filter(|(of, _)| Arc::ptr_eq(of, directory)) {
            return book.clone();
        }
        let book = Arc::new(Book::new(directory));
        *shelf = Some((directory.clone(), book.clone()));
        book
    }
}
