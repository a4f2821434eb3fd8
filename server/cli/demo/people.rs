//! The demo's people (demo.md): two companies, passwords made for this run.

use store::{Change, Changed, GroupKind, Member, NewUser, Role, Roles, UserChange};
use types::{Address, Domain, FactorDemand, Language, PolicyChange, TenantId, UserId};

use super::super::desk::Desk;

/// A person of the demo.
pub struct Person {
    pub address: Address,
    pub name: &'static str,
    pub password: String,
    pub what: &'static str,
}

struct Plan {
    local: &'static str,
    name: &'static str,
    department: &'static str,
    roles: &'static [Role],
    what: &'static str,
}

const AOBA: [Plan; 6] = [
    Plan { local: "sato", name: "佐藤 健一", department: "営業部", roles: &[], what: "営業" },
    Plan {
        local: "takahashi",
        name: "高橋 誠",
        department: "営業部",
        roles: &[Role::Approver],
        what: "営業部長・上長",
    },
    Plan {
        local: "suzuki",
        name: "鈴木 美咲",
        department: "総務部",
        roles: &[Role::Handler, Role::Approver],
        what: "取扱担当者",
    },
    Plan {
        local: "tanaka",
        name: "田中 徹",
        department: "総務部",
        roles: &[Role::Handler, Role::Approver],
        what: "取扱担当者",
    },
    Plan {
        local: "ito",
        name: "伊藤 大輔",
        department: "情報システム部",
        roles: &[Role::Admin, Role::Operator],
        what: "管理者",
    },
    Plan { local: "watanabe", name: "渡辺 優", department: "監査室", roles: &[Role::Auditor], what: "監査" },
];
const MIDORI: [Plan; 1] =
    [Plan {
        local: "mori", name: "森 由美", department: "", roles: &[Role::Admin], what: "別の会社(みどり商会)"
    }];

/// Makes both companies; on a folder that has them already, new passwords are set.
pub async fn make(desk: &Desk) -> anyhow::Result<Vec<Person>> {
    let mut people = company(desk, "aoba", "株式会社青葉製作所", "aoba.example", &AOBA).await?;
    people.extend(company(desk, "midori", "みどり商会", "midori.example", &MIDORI).await?);
    Ok(people)
}

async fn company(desk: &Desk, name: &str, title: &str, domain: &str, plans: &[Plan]) -> anyhow::Result<Vec<Person>> {
    let tenant = match desk.store().directory().tenant_by_name(name) {
        Some(tenant) => tenant.id,
        None => found(desk, name, title, domain).await?,
    };
    no_second_factor(desk, tenant).await?;
    let mut people = Vec::new();
    for plan in plans {
        people.push(person(desk, tenant, domain, plan).await?);
    }
    let id = |local: &str| -> anyhow::Result<Option<UserId>> {
        let address = Address::parse(&format!("{local}@{domain}"))?;
        Ok(desk.store().directory().user_by_address(&address).map(|user| user.id))
    };
    if let (Some(sato), Some(boss)) = (id("sato")?, id("takahashi")?) {
        let change = UserChange { supervisor: Some(Some(boss)), ..UserChange::default() };
        desk.change(Change::SetUser(sato, Box::new(change))).await?;
    }
    let handlers = [id("suzuki")?, id("tanaka")?].into_iter().flatten().map(Member::User).collect();
    let directory = desk.store().directory();
    if let Some(group) = directory.group(tenant, GroupKind::Group, "取扱担当者") {
        desk.change(Change::SetMembers(group.id, handlers)).await?;
    }
    Ok(people)
}

async fn found(desk: &Desk, name: &str, title: &str, domain: &str) -> anyhow::Result<TenantId> {
    let rules = inspect::review::RuleSet::shipped_text().to_owned();
    let add = Change::AddTenant { name: name.to_owned(), title: title.to_owned(), rules };
    let Changed::Tenant(tenant) = desk.change(add).await? else { anyhow::bail!("no tenant was made") };
    desk.change(Change::AddDomain { domain: Domain::parse(domain)?, tenant }).await?;
    Ok(tenant)
}

/// The passwords are made for this run and the doors are on loopback: nobody has to set up an authenticator to try the demo.
async fn no_second_factor(desk: &Desk, tenant: TenantId) -> anyhow::Result<()> {
    let demanded = desk.store().directory().tenants.get(&tenant).map(|tenant| tenant.policies.second_factor);
    if demanded != Some(FactorDemand::Nobody) {
        let changes = vec![PolicyChange::SecondFactor(FactorDemand::Nobody)];
        desk.change(Change::ChangePolicies { tenant, changes }).await?;
    }
    Ok(())
}

async fn person(desk: &Desk, tenant: TenantId, domain: &str, plan: &Plan) -> anyhow::Result<Person> {
    let address = Address::parse(&format!("{}@{domain}", plan.local))?;
    let password = password()?;
    let credentials = auth::credentials(&password)?;
    match desk.store().directory().user_by_address(&address) {
        Some(user) => {
            let change = UserChange { credentials: Some(credentials), ..UserChange::default() };
            desk.change(Change::SetUser(user.id, Box::new(change))).await?;
        }
        None => {
            let roles = plan.roles.iter().fold(Roles::default(), |all, role| all.with(*role));
            let (name, credentials) = (plan.name.to_owned(), Some(credentials));
            let new = NewUser { tenant, address: address.clone(), name, roles, credentials, language: Language::Ja };
            let made = desk.change(Change::AddUser(Box::new(new))).await?;
            if let Changed::User(id) = made {
                let change = UserChange { department: Some(plan.department.to_owned()), ..UserChange::default() };
                desk.change(Change::SetUser(id, Box::new(change))).await?;
            }
        }
    }
    Ok(Person { address, name: plan.name, password, what: plan.what })
}

fn password() -> anyhow::Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
    Ok(random.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect())
}
