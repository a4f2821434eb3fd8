//! 代理: whom somebody may name to decide in his stead; who approves by the rules in force, and who of those has nobody to
//! stand in for him.

use std::collections::BTreeMap;

use store::{Directory, Role, User, UserState};
use types::{Address, Deputy, Language, TenantId, Timestamp, UserId};

use crate::Outbound;
use crate::fates::people;

/// Longest time for which a deputy is named: a year and a day, milliseconds.
const LONGEST: i64 = 366 * 86_400_000;

/// Why somebody cannot be named as a deputy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeputyProblem {
    /// No person of the company has that address, or he cannot sign in.
    Nobody,
    /// Nobody stands in for himself.
    Himself,
    /// The first or the last day is none.
    NoDay,
    /// It ends before it begins, or has ended.
    Over,
    /// It is longer than a year.
    TooLong,
}

impl DeputyProblem {
    /// What is wrong, in words; of his own deputy to himself, as of another's.
    #[must_use]
    pub fn told(self, language: Language) -> &'static str {
        let (ja, en) = match self {
            Self::Nobody => (
                "同じ会社の、サインインできる方のメールアドレスを入力してください。",
                "Please write the address of somebody of the company who can sign in.",
            ),
            Self::Himself => ("本人を代理に指定することはできません。", "Nobody can be his own deputy."),
            Self::NoDay => ("開始日と終了日を入力してください。", "Please write the first and the last day."),
            Self::Over => (
                "終了日は、今日以降で、開始日と同じかそれより後の日にしてください。",
                "The last day must be today or later, and not before the first.",
            ),
            Self::TooLong => ("期間は1年以内にしてください。", "The time may be a year at most."),
        };
        if language == Language::Ja { ja } else { en }
    }
}

/// Reads whom `of` names, from the first moment of a day until the end of another.
///
/// # Errors
/// What is wrong with it.
pub fn deputy(
    directory: &Directory,
    of: &User,
    address: &str,
    (from, until): (Option<Timestamp>, Option<Timestamp>),
    now: Timestamp,
) -> Result<Deputy, DeputyProblem> {
    let address = Address::parse(address).map_err(|_| DeputyProblem::Nobody)?;
    let found = directory.user_by_address(&address).filter(|user| user.tenant == of.tenant);
    let user = found.filter(|user| user.state == UserState::Active).ok_or(DeputyProblem::Nobody)?.id;
    if user == of.id {
        return Err(DeputyProblem::Himself);
    }
    let (Some(from), Some(until)) = (from, until) else { return Err(DeputyProblem::NoDay) };
    match until.0.saturating_sub(from.0) {
        ..=0 => Err(DeputyProblem::Over),
        _ if until <= now => Err(DeputyProblem::Over),
        LONGEST.. => Err(DeputyProblem::TooLong),
        _ => Ok(Deputy { user, from, until }),
    }
}

/// Somebody whom rules in force ask to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleApprover {
    /// Who.
    pub user: UserId,
    /// The codes of those rules, in their order.
    pub rules: Vec<String>,
    /// Such a rule looks for My Numbers, and he may not open them: he is never asked to approve it.
    pub lacks_role: bool,
    /// His deputy now or later, when there is one who can stand in.
    pub deputy: Option<Deputy>,
}

impl Outbound {
    /// Whom the rules in force of a company ask to approve, at once or after a deadline, by name; of `supervisor` everybody
    /// who is one.
    #[must_use]
    pub fn rule_approvers(&self, tenant: TenantId) -> Vec<RuleApprover> {
        let directory = self.store.directory();
        let Some(rules) = self.rules(&directory, tenant) else { return Vec::new() };
        let mut found: BTreeMap<UserId, RuleApprover> = BTreeMap::new();
        for asked in rules.asked_to_approve() {
            let mut named = people(&directory, tenant, None, asked.words);
            if asked.words.iter().any(|word| word == "supervisor") {
                named.extend(supervisors(&directory, tenant));
            }
            if asked.and_above {
                let above = named.iter().filter_map(|id| directory.users.get(id)).filter_map(|user| user.supervisor);
                named.extend(above.collect::<Vec<_>>());
            }
            for user in named.into_iter().filter_map(|id| directory.users.get(&id)) {
                let one = found.entry(user.id).or_insert_with(|| self.approver(&directory, user));
                if !one.rules.iter().any(|code| code == asked.code) {
                    one.rules.push(asked.code.to_owned());
                }
                one.lacks_role |= asked.numbers && !user.roles.has(Role::Handler);
            }
        }
        let mut all: Vec<RuleApprover> = found.into_values().collect();
        all.sort_by_key(|one| directory.users.get(&one.user).map(|user| (user.name.clone(), user.id)));
        all
    }

    fn approver(&self, directory: &Directory, user: &User) -> RuleApprover {
        let deputy = self.deputy(directory, user);
        RuleApprover { user: user.id, rules: Vec::new(), lacks_role: false, deputy }
    }

    /// Who stands in for somebody now or later.
    pub(crate) fn deputy(&self, directory: &Directory, user: &User) -> Option<Deputy> {
        let stands = |deputy: &Deputy| directory.deputy_of(user.id, deputy.from).is_some();
        user.settings.deputy.filter(|deputy| deputy.until > self.clock.now()).filter(stands)
    }

    /// How many approvers of the rules in force have no deputy, where the company's policy wants one for each.
    #[must_use]
    pub fn without_deputy(&self, tenant: TenantId) -> usize {
        let wanted = self.store.directory().tenants.get(&tenant).is_some_and(|t| t.policies.approvers_need_deputy);
        if !wanted {
            return 0;
        }
        self.rule_approvers(tenant).iter().filter(|one| one.deputy.is_none()).count()
    }
}

fn supervisors(directory: &Directory, tenant: TenantId) -> impl Iterator<Item = UserId> {
    let all = directory.users.values().filter(move |user| user.tenant == tenant);
    all.filter_map(|user| user.supervisor)
}
