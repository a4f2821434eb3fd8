//! Who is asked, over companies made up by hand.

use std::sync::Arc;

use store::{Credentials, GroupKind, Member, Roles};
use types::{Address, Deputy, GroupId, Language, Settings};

use super::*;

const HERE: TenantId = TenantId(1);
const NOW: Timestamp = Timestamp(1_000);

/// People by number: their company, roles, supervisor and deputy.
#[derive(Default)]
struct Company(Directory);

impl Company {
    fn with(mut self, id: i64, roles: &[Role]) -> Self {
        let none: Option<Credentials> = None;
        let user = User {
            id: UserId(id),
            tenant: HERE,
            address: Address::parse(&format!("p{id}@own.example")).unwrap(),
            aliases: Vec::new(),
            name: format!("p{id}"),
            department: String::new(),
            supervisor: None,
            roles: roles.iter().fold(Roles::default(), |all, role| all.with(*role)),
            quota: None,
            message_quota: None,
            state: UserState::Active,
            language: Language::Ja,
            settings: Settings::default(),
            credentials: none,
            second_factor: None,
            generation: 1,
        };
        self.0.addresses.insert(user.address.key(), store::Target::User(user.id));
        self.0.users.insert(user.id, Arc::new(user));
        self
    }

    fn change(mut self, id: i64, change: impl FnOnce(&mut User)) -> Self {
        change(Arc::make_mut(self.0.users.get_mut(&UserId(id)).unwrap()));
        self
    }

    fn deputy(self, of: i64, deputy: i64) -> Self {
        let until = NOW.after(std::time::Duration::from_secs(60));
        self.change(of, |user| user.settings.deputy = Some(Deputy { user: UserId(deputy), from: NOW, until }))
    }

    fn group(mut self, members: &[i64]) -> Self {
        let members = members.iter().map(|id| Member::User(UserId(*id))).collect();
        let group = store::Group {
            id: GroupId(1),
            tenant: HERE,
            kind: GroupKind::Group,
            name: "g".into(),
            address: None,
            members,
        };
        self.0.groups.insert(group.id, Arc::new(group));
        self
    }

    /// A group of an address of its own, whose members are written as addresses.
    fn circle(mut self, (id, name): (i64, &str), members: &[&str]) -> Self {
        let written = |text: &str| Address::parse(&format!("{text}@own.example")).unwrap();
        let (address, id) = (written(name), GroupId(id));
        let domain = address.domain().clone();
        self.0.domains.insert(domain.clone(), store::DomainRow { name: domain, tenant: HERE });
        self.0.addresses.insert(address.key(), store::Target::Group(id));
        let members = members.iter().map(|text| Member::Address(written(text))).collect();
        let (kind, name, address) = (GroupKind::Group, name.to_owned(), Some(address));
        self.0.groups.insert(id, Arc::new(store::Group { id, tenant: HERE, kind, name, address, members }));
        self
    }

    fn asked(&self, author: i64, numbers: bool, words: &[&str], needed: usize) -> Vec<i64> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        self.asking(author, numbers).approvers(&words, needed).into_iter().map(|id| id.0).collect()
    }

    fn asking(&self, author: i64, numbers: bool) -> Asking<'_> {
        Asking { directory: &self.0, tenant: HERE, author: Some(UserId(author)), numbers }
    }
}

/// Author 1 with supervisor 2; handlers 3 and 4; administrator 5.
fn company() -> Company {
    let company = Company::default().with(1, &[]).with(2, &[Role::Approver]).with(3, &[Role::Handler]);
    let company = company.with(4, &[Role::Handler]).with(5, &[Role::Admin]).group(&[1, 3, 4]);
    company.change(1, |user| user.supervisor = Some(UserId(2)))
}

#[test]
fn approvers_are_the_supervisor_named_persons_and_groups_without_the_author() {
    let company = company();
    for (words, expected) in [
        (&["supervisor"][..], &[2][..]),
        (&["group:g"], &[3, 4]),
        (&["p4@own.example"], &[4]),
        (&["p4@own.example", "supervisor", "group:g"], &[2, 3, 4]),
    ] {
        assert_eq!(company.asked(1, false, words, 1), expected, "{words:?}");
    }
    assert_eq!(company.asked(3, false, &["group:g"], 1), [1, 4], "nobody approves his own mail");
}

/// Mail to a group reaches the people of the groups within it, so its word does too.
#[test]
fn of_a_group_within_a_group_the_people_are_asked_and_named() {
    let company = company().circle((2, "outer"), &["p2", "inner"]).circle((3, "inner"), &["p4+x", "outer", "nobody"]);
    assert_eq!(company.asked(1, false, &["group:outer"], 1), [2, 4]);
    assert_eq!(company.asked(1, true, &["group:outer"], 1), [4], "of them the handler");
    assert_eq!(company.asked(1, false, &["group:inner"], 1), [2, 4], "they lead to each other, and it ends");
    for (address, groups) in [("p4", &["g", "outer", "inner"][..]), ("p2", &["outer", "inner"]), ("p3", &["g"])] {
        let address = Address::parse(&format!("{address}@own.example")).unwrap();
        assert_eq!(crate::fates::groups_of(&company.0, HERE, &[&address]), groups, "{address}");
    }
}

#[test]
fn who_may_not_open_numbers_is_never_asked_to_approve_them() {
    let company = company();
    assert_eq!(company.asked(1, true, &["supervisor", "p3@own.example"], 1), [3]);
    assert_eq!(company.asked(1, true, &["group:g"], 1), [3, 4]);
    assert_eq!(company.asked(1, true, &["supervisor"], 1), [3, 4], "the handlers are asked in his stead");
}

#[test]
fn a_hold_without_any_valid_approver_goes_to_the_administrator_and_never_nowhere() {
    let nobody = &["p1@own.example", "gone@own.example"];
    assert_eq!(company().asked(1, false, nobody, 1), [5]);
    assert_eq!(company().asked(5, false, &["p5@own.example"], 1), [3, 4], "not to himself, but to the handlers");
    let suspended = company().change(2, |user| user.state = UserState::Suspended);
    assert_eq!(suspended.asked(1, false, &["supervisor"], 1), [5], "who cannot sign in decides nothing");
    let handler = company().change(5, |user| user.roles = user.roles.with(Role::Handler));
    assert_eq!(handler.asked(1, true, nobody, 1), [5], "an administrator who may open numbers comes first");
    let without = Company::default().with(1, &[Role::Handler]).with(5, &[Role::Admin]).with(6, &[Role::Admin]);
    assert_eq!(without.asked(1, true, nobody, 1), [5, 6], "nobody else may open them: somebody has to act");
    let operated =
        Company::default().with(1, &[]).with(9, &[Role::Operator]).change(9, |user| user.tenant = TenantId(2));
    assert_eq!(operated.asked(1, false, nobody, 1), [9], "the server's operator is the last");
}

#[test]
fn two_approvals_always_find_two_people() {
    let company = company();
    assert_eq!(company.asked(1, false, &["supervisor"], 2), [2, 5]);
    assert_eq!(company.asked(3, true, &["group:g"], 2), [4, 5], "there is no other handler, and two have to look");
    assert_eq!(company.asked(1, true, &["group:g"], 2), [3, 4]);
}

#[test]
fn a_deputy_is_asked_and_decides_in_his_stead_but_never_his_own_mail() {
    let company = company().deputy(2, 3).deputy(4, 1);
    let (two, four) = (UserId(2), UserId(4));
    let asking = company.asking(1, false);
    assert_eq!(asking.deputies(&[two], NOW), [(UserId(3), two)]);
    assert_eq!(asking.deputies(&[two, UserId(3)], NOW), [], "he is asked himself");
    assert_eq!(asking.deputies(&[four], NOW), [], "the deputy wrote it");
    assert_eq!(asking.deputies(&[two], Timestamp(0)), [], "not before his time");
    assert_eq!(asking.seat(&[two], &[], UserId(3), NOW), Some(two));
    assert_eq!(asking.seat(&[four], &[], UserId(1), NOW), None);
    assert_eq!(asking.seat(&[two, UserId(3)], &[], UserId(3), NOW), Some(UserId(3)), "his own seat first");
    let numbers = company.change(3, |user| user.roles = Roles::default());
    assert_eq!(numbers.asking(1, true).deputies(&[two], NOW), [], "he may not open numbers");
    assert_eq!(numbers.asking(1, true).seat(&[two], &[], UserId(3), NOW), None);
}

#[test]
fn who_lost_the_role_decides_no_mail_with_numbers_but_an_administrator_who_was_asked_does() {
    let company = company();
    let asking = company.asking(1, true);
    assert_eq!(asking.seat(&[UserId(2)], &[], UserId(2), NOW), None);
    assert_eq!(asking.seat(&[UserId(5)], &[], UserId(5), NOW), Some(UserId(5)));
    assert_eq!(asking.seat(&[UserId(3)], &[], UserId(3), NOW), Some(UserId(3)));
}

#[test]
fn an_administrator_lets_numbers_go_only_as_a_handler_or_where_nobody_who_was_asked_can() {
    let company = company().with(6, &[Role::Admin, Role::Handler]);
    let (three, five, six) = (UserId(3), UserId(5), UserId(6));
    let nobody = |_: UserId| false;
    let may = |company: &Company, numbers, asked: &[UserId], person| {
        company.asking(1, numbers).may_overrule(asked, nobody, person, NOW)
    };
    assert!(may(&company, false, &[three], five), "without numbers as ever");
    assert!(!may(&company, true, &[three], five), "somebody who may open it was asked");
    assert!(may(&company, true, &[three], six), "he may open it himself");
    assert!(may(&company, true, &[three, five], five), "he was asked");
    assert!(!may(&company, true, &[UserId(1)], five), "its author is to confirm it");
    let given = |id: UserId| id == three;
    assert!(company.asking(1, true).may_overrule(&[three], given, five, NOW), "nobody's word is left");
    let left = company.change(3, |user| user.roles = Roles::default());
    assert!(may(&left, true, &[three], five), "it would be stuck");
    assert!(!may(&left.deputy(3, 4), true, &[three], five), "a handler decides in his stead");
}

#[test]
fn a_deputy_is_reminded_while_any_of_those_for_whom_he_stands_in_has_not_approved() {
    let company = company().with(6, &[Role::Handler]).deputy(3, 6).deputy(4, 6);
    let asking = company.asking(1, true);
    let (three, four, six) = (UserId(3), UserId(4), UserId(6));
    let none = |_: UserId| false;
    assert_eq!(asking.left(&[three, four], none, NOW), (vec![three, four], vec![(six, three)]));
    assert_eq!(asking.left(&[three, four], |id| id == three, NOW), (vec![four], vec![(six, four)]));
    assert_eq!(
        asking.left(&[three, four], |id| id == three || id == six, NOW),
        (vec![four], vec![]),
        "he gave his word"
    );
    assert_eq!(asking.left(&[three, six], |id| id == six, NOW), (vec![three], vec![]), "he was asked himself");
}
