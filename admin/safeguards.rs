//! 審査 → 添付の保護: how files go to the people of a partner's domain, and the old habit of mailing passwords, which is named as what
//! it is. What is changed stands in the audit log.

use std::sync::Arc;

use store::{Access, Change, Manage, StoreError, Tenancy};
use types::{Domain, PARTNERS_MOST, PolicyChange, Safeguard, Telephone};
use web::axum::Router;
use web::axum::extract::Form;
use web::axum::http::StatusCode;
use web::axum::routing::{get, post};
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use crate::Console;
use crate::desk::Desk;
use crate::form::{Fields, Wrong};
use crate::frame::{Area, Frame};
use crate::rules::RuleTabs;

web::catalogue! {
    /// Texts of 添付の保護.
    pub struct SafeguardWords {
        lead: ja "取引先のドメインごとに、添付ファイルの送り方を決めます。審査ルールが求める保護より弱くなることはありません。送信者は、メール作成画面でより強い方法を選べます。",
            en "How files go to the people of a partner's domain. It never weakens what a rule demands; a sender can choose something stronger when he writes.";
        count(n: usize): ja "{n}件のドメイン", en "{n} domains", one "One domain";
        none: ja "ドメインごとの設定はまだありません。", en "There is no setting for any domain yet.";
        domain: ja "相手のドメイン", en "Domain of the partner";
        domain_hint: ja "例:yamada.example(サブドメインは含みません)", en "For example yamada.example, without its subdomains";
        how: ja "送り方", en "How files go";
        link: ja "リンク", en "Link";
        zip: ja "ZIP(AES-256)", en "ZIP (AES-256)";
        tls: ja "認証された TLS のみ", en "Verified TLS only";
        add: ja "ドメインを追加・変更", en "Add or change a domain";
        do_add: ja "保存", en "Save";
        saved(domain: &str): ja "{domain} の設定を保存しました。", en "The setting of {domain} has been saved.";
        remove: ja "削除", en "Remove";
        remove_of(domain: &str): ja "{domain} の設定を削除", en "Remove the setting of {domain}";
        removed(domain: &str): ja "{domain} の設定を削除しました。", en "The setting of {domain} has been removed.";
        bad_domain: ja "ドメイン名の形式が正しくありません。", en "This is not a domain name.";
        bad_how: ja "送り方を選んでください。", en "Please choose how.";
        too_many(n: usize): ja "登録できるのは{n}件までです。", en "There can be {n} domains at most.";

        telephone: ja "会社の代表電話", en "Telephone of the company";
        telephone_why: ja "リンクのメールと収集依頼のメールで、心当たりのない方の連絡先としてお伝えします。空欄にすると、番号を書きません。", en "Mails that bring links and collection requests tell it to those who do not expect them. Nothing is told while it is empty.";
        telephone_hint: ja "例:03-1234-5678", en "For example 03-1234-5678";
        telephone_saved: ja "代表電話を保存しました。", en "The telephone number has been saved.";
        telephone_taken: ja "代表電話を書かない設定にしました。", en "No telephone number is told from now on.";
        bad_telephone: ja "電話番号は3~15桁の数字で、+、-、括弧、空白を使えます。", en "A telephone number has 3 to 15 digits, with +, -, parentheses and spaces.";
        save_telephone: ja "電話番号を保存", en "Save the number";

        habit: ja "ZIP のパスワードを同じ宛先へメールで送る(安全ではありません)", en "Mail the password of a ZIP to the same recipients (unsafe)";
        habit_why: ja "いわゆる PPAP です。メールを読める人は、ファイルとパスワードの両方を手に入れます。誤送信や盗み見を防げないため、お勧めしません。パスワードは送信者の画面に表示されますので、電話などでお伝えください。",
            en "Whoever can read the mail gets both the file and its password: it protects neither from a wrong address nor from a reader on the way, and is not recommended. The sender sees the password on his page and can tell it by phone.";
        habit_off: ja "現在:送りません(推奨)。", en "Now: it is not mailed (recommended).";
        habit_on: ja "現在:同じ宛先へメールで送っています。安全ではありません。", en "Now: it is mailed to the same recipients. This is unsafe.";
        understood: ja "安全ではないことを理解したうえで、有効にします。", en "I know that this is unsafe and want it all the same.";
        turn_on: ja "メールで送る", en "Mail it";
        turn_off: ja "メールで送らない", en "Do not mail it";
        turned_on: ja "パスワードを同じ宛先へメールで送ります。この変更は監査ログに記録されました。", en "Passwords are mailed to the same recipients from now on. The audit log has this change.";
        turned_off: ja "パスワードをメールで送りません。", en "Passwords are not mailed any more.";
        must_understand: ja "有効にするには、確認欄にチェックを入れてください。", en "Please tick the box to switch it on.";
    }
}

impl SafeguardWords {
    fn of(self, one: Safeguard) -> &'static str {
        match one {
            Safeguard::Link => self.link(),
            Safeguard::Zip => self.zip(),
            Safeguard::Tls => self.tls(),
        }
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/t/{tenant}/safeguards", get(list).post(save))
        .route("/t/{tenant}/safeguards/remove", post(remove))
        .route("/t/{tenant}/safeguards/habit", post(habit))
        .route("/t/{tenant}/safeguards/telephone", post(telephone))
}

#[derive(askama::Template)]
#[template(path = "admin/safeguards/list.html")]
struct List {
    frame: Frame,
    tabs: RuleTabs,
    t: SafeguardWords,
    rows: Vec<(String, &'static str)>,
    habit: bool,
    telephone: String,
    given: Fields,
    wrong: Wrong,
}

async fn list(desk: Desk) -> Answer {
    desk.read()?;
    html(&page(&desk, Fields::default(), Wrong::default()))
}

fn page(desk: &Desk, given: Fields, wrong: Wrong) -> List {
    let t = SafeguardWords::new(desk.language());
    let policies = &desk.tenant.policies;
    let rows = policies.partners.iter().map(|(domain, how)| (domain.to_string(), t.of(*how))).collect();
    let (frame, tabs) = (desk.frame(Area::Rules), RuleTabs::new(desk.language()));
    let now = policies.telephone.as_ref().map(|telephone| telephone.as_str().to_owned()).unwrap_or_default();
    let telephone = if given.has("telephone") { given.raw("telephone").to_owned() } else { now };
    List { frame, tabs, t, rows, habit: policies.mail_passwords, telephone, given, wrong }
}

async fn save(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = SafeguardWords::new(desk.language());
    let mut wrong = Wrong::default();
    let domain = Domain::parse(given.get("domain")).map_err(|_| wrong.add("domain", t.bad_domain())).ok();
    let how = Safeguard::parse(given.get("how"));
    if how.is_none() {
        wrong.add("how", t.bad_how());
    }
    let (Some(domain), Some(how)) = (domain, how) else {
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong));
    };
    match change(&desk, &access, PolicyChange::Partner(domain.clone(), Some(how))).await {
        Err(StoreError::Invalid(_)) => {
            wrong.add("domain", t.too_many(PARTNERS_MOST));
            return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong));
        }
        changed => changed?,
    }
    see_with(&desk.path("safeguards"), &Toast::new(t.saved(domain.as_str())))
}

async fn remove(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = SafeguardWords::new(desk.language());
    let domain = Domain::parse(given.get("domain")).map_err(|_| Trouble::BadRequest)?;
    // as it is now, not as it was when the request came in: another administrator may have entered it meanwhile
    let directory = desk.console.store.directory();
    if !directory.tenants.get(&desk.tenant.id).is_some_and(|one| one.policies.partners.contains_key(&domain)) {
        return Err(Trouble::NotFound);
    }
    change(&desk, &access, PolicyChange::Partner(domain.clone(), None)).await?;
    see_with(&desk.path("safeguards"), &Toast::new(t.removed(domain.as_str())))
}

/// Switches the old habit; on only by who says that he knows what it is.
async fn habit(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = SafeguardWords::new(desk.language());
    let mail_passwords = match given.get("state") {
        "on" => true,
        "off" => false,
        _ => return Err(Trouble::BadRequest),
    };
    if mail_passwords && !given.has("understood") {
        let mut wrong = Wrong::default();
        wrong.add("understood", t.must_understand());
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, Fields::default(), wrong));
    }
    change(&desk, &access, PolicyChange::MailPasswords(mail_passwords)).await?;
    let said = if mail_passwords { t.turned_on() } else { t.turned_off() };
    see_with(&desk.path("safeguards"), &Toast::new(said))
}

/// Whom who does not expect a link calls; nothing: the mails tell no number.
async fn telephone(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = SafeguardWords::new(desk.language());
    let telephone = match given.get("telephone") {
        "" => None,
        text => match Telephone::parse(text) {
            Ok(telephone) => Some(telephone),
            Err(_) => {
                let mut wrong = Wrong::default();
                wrong.add("telephone", t.bad_telephone());
                return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong));
            }
        },
    };
    let said = if telephone.is_some() { t.telephone_saved() } else { t.telephone_taken() };
    change(&desk, &access, PolicyChange::Telephone(telephone)).await?;
    see_with(&desk.path("safeguards"), &Toast::new(said))
}

/// What others change at the same time stays.
async fn change(desk: &Desk, access: &Access<Tenancy, Manage>, change: PolicyChange) -> Result<(), StoreError> {
    let change = Change::ChangePolicies { tenant: desk.tenant.id, changes: vec![change] };
    desk.console.store.change(access, change, desk.visit.now).await.map(drop)
}
