//! Who is asked to decide a held mail, and in whose stead somebody decides. Pure: the directory and what is known of
//! the mail in, people out. What becomes of the mail is none of its business.

use store::{Directory, Role, SubmissionRow, User, UserState};
use types::{TenantId, Timestamp, UserId};

use crate::fates::people;

/// A held mail, as far as it matters to who may decide it.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub directory: &'a Directory,
    pub tenant: TenantId,
    pub author: Option<UserId>,
    /// It holds My Numbers, or its review failed as a whole: only who may open them is asked. What single files hold that could not be
    /// inspected is the rules' affair.
    pub numbers: bool,
}

impl<'a> Asking<'a> {
    /// As it stands with a stored submission.
    pub fn about(directory: &'a Directory, submission: &SubmissionRow) -> Self {
        let (tenant, author, numbers) = (submission.tenant, submission.author, submission.sensitive);
        Self { directory, tenant, author, numbers }
    }

    /// Those behind a rule's `words` who may decide. Where they are fewer than `needed`, those who decide where there is
    /// nobody are asked too.
    pub fn approvers(&self, words: &[String], needed: usize) -> Vec<UserId> {
        let named = people(self.directory, self.tenant, self.author, words);
        self.completed(named, needed)
    }

    /// The supervisors of these, as [`Self::approvers`].
    pub fn supervisors(&self, of: &[UserId], needed: usize) -> Vec<UserId> {
        let above = of.iter().filter_map(|id| self.directory.users.get(id)).filter_map(|user| user.supervisor);
        self.completed(above.collect(), needed)
    }

    fn completed(&self, named: Vec<UserId>, needed: usize) -> Vec<UserId> {
        let mut found = Vec::new();
        let add = |found: &mut Vec<UserId>, id: UserId| {
            if !found.contains(&id) {
                found.push(id);
            }
        };
        named.into_iter().filter(|id| self.may(*id)).for_each(|id| add(&mut found, id));
        for circle in Circle::ALL {
            if found.len() >= needed.max(1) {
                break;
            }
            let mut more: Vec<UserId> = self.circle(circle).collect();
            more.sort();
            more.into_iter().for_each(|id| add(&mut found, id));
        }
        found
    }

    /// Whether he may be asked: he can sign in here, it is not his own mail, and he may open what it holds.
    pub fn may(&self, id: UserId) -> bool {
        self.directory.users.get(&id).is_some_and(|user| {
            user.tenant == self.tenant && self.can(user) && (!self.numbers || user.roles.has(Role::Handler))
        })
    }

    /// Whether somebody who was asked may decide now: who was asked without being a handler is an administrator.
    fn still_may(&self, id: UserId) -> bool {
        let user = self.directory.users.get(&id);
        let steward = |user: &User| user.roles.has(Role::Admin) || user.roles.has(Role::Operator);
        self.may(id) || user.is_some_and(|user| self.can(user) && steward(user))
    }

    /// Whether an administrator may let a held mail go in his company's name, whoever was asked. One that holds numbers only as somebody who
    /// may open it, or who was asked himself; or where nobody of those who were asked can say his word any more, since it would be stuck.
    pub fn may_overrule(
        &self,
        approvers: &[UserId],
        done: impl Fn(UserId) -> bool,
        person: UserId,
        at: Timestamp,
    ) -> bool {
        if !self.numbers || approvers.contains(&person) || self.may(person) {
            return true;
        }
        let (open, deputies) = self.left(approvers, done, at);
        // what its author alone confirms has him
        deputies.is_empty() && !open.iter().any(|id| self.may(*id) || Some(*id) == self.author)
    }

    fn can(&self, user: &User) -> bool {
        user.state == UserState::Active && Some(user.id) != self.author
    }

    fn circle(&self, circle: Circle) -> impl Iterator<Item = UserId> {
        let here = move |user: &&std::sync::Arc<User>| match circle {
            Circle::Administrators => user.roles.has(Role::Admin) && self.may(user.id),
            Circle::Handlers => user.roles.has(Role::Handler) && self.may(user.id),
            Circle::AnyAdministrators => user.roles.has(Role::Admin) && user.tenant == self.tenant && self.can(user),
            Circle::Operators => user.roles.has(Role::Operator) && self.can(user),
        };
        self.directory.users.values().filter(here).map(|user| user.id)
    }

    /// Those who decide in the stead of `approvers` at `at`, each with the first for whom he does; never one who may not
    /// be asked himself.
    pub fn deputies(&self, approvers: &[UserId], at: Timestamp) -> Vec<(UserId, UserId)> {
        let mut found: Vec<(UserId, UserId)> = Vec::new();
        for approver in approvers {
            let Some(deputy) = self.directory.deputy_of(*approver, at) else { continue };
            let known = approvers.contains(&deputy) || found.iter().any(|(id, _)| *id == deputy);
            if !known && self.may(deputy) {
                found.push((deputy, *approver));
            }
        }
        found
    }

    /// Whose word is still wanted, and who may give it in the stead of one of those; `done` says who has given his.
    pub fn left(
        &self,
        approvers: &[UserId],
        done: impl Fn(UserId) -> bool,
        at: Timestamp,
    ) -> (Vec<UserId>, Vec<(UserId, UserId)>) {
        let open: Vec<UserId> = approvers.iter().copied().filter(|id| !done(*id)).collect();
        let mut deputies = self.deputies(&open, at);
        deputies.retain(|(deputy, _)| !done(*deputy) && !approvers.contains(deputy));
        (open, deputies)
    }

    /// For whom `person` may decide: himself, or else one of those for whom he stands in, first those whose word is not
    /// among `given`.
    pub fn seat(&self, approvers: &[UserId], given: &[UserId], person: UserId, at: Timestamp) -> Option<UserId> {
        if approvers.contains(&person) {
            return self.still_may(person).then_some(person);
        }
        let stands = |approver: &&UserId| self.directory.deputy_of(**approver, at) == Some(person);
        let mut seats = approvers.iter().filter(stands).filter(|_| self.may(person)).peekable();
        let first = seats.peek().map(|seat| **seat);
        seats.find(|seat| !given.contains(seat)).copied().or(first)
    }
}

/// Who decides where a rule names nobody who may; one after the other. A mail that holds numbers reaches somebody who may
/// not open them only where nobody may: its approver sees them masked, and can make somebody a handler.
#[derive(Clone, Copy)]
enum Circle {
    Administrators,
    Handlers,
    AnyAdministrators,
    Operators,
}

impl Circle {
    const ALL: [Self; 4] = [Self::Administrators, Self::Handlers, Self::AnyAdministrators, Self::Operators];
}

#[cfg(test)]
mod tests;
