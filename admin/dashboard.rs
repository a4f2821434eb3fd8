//! ダッシュボード: the figures of a company, each with a way to what it counts. Every figure is read from an index; a role sees those whose
//! lists it may open.

use std::sync::Arc;
use std::time::Duration;

use store::{OutwardFate, OutwardFigures};
use web::axum::Router;
use web::axum::routing::get;
use web::{Answer, Trouble, askama, html};

use crate::Console;
use crate::desk::{Desk, Keeper, administers};
use crate::form::query;
use crate::frame::{Area, Frame};

/// So far back mail is counted, as the lists behind the figures count it.
pub(crate) const SPAN: Duration = Duration::from_secs(30 * 86_400);
/// Less than this share of the mail to the outside is to be stopped, in hundredths of a percent.
const GOAL: u64 = 100;

web::catalogue! {
    /// Texts of ダッシュボード.
    pub struct DashboardWords {
        title: ja "ダッシュボード", en "Dashboard";
        outward: ja "社外宛てメール(過去30日間)", en "Mail to the outside, last 30 days";
        all: ja "社外宛て", en "To the outside";
        stopped: ja "止めた", en "Stopped";
        held: ja "保留", en "Held";
        blocked: ja "送信不可", en "Refused";
        deleted: ja "破棄", en "Discarded";
        asked: ja "送信者に確認(止めたメールに含めません)", en "Its sender was asked (not counted as stopped)";
        share: ja "止めた割合", en "Share that was stopped";
        share_none: ja "メールなし", en "no mail";
        goal: ja "目安の1%未満です。", en "Less than the aim of 1 %.";
        over: ja "目安の1%以上です。ルールの見直しをご検討ください。", en "Not below the aim of 1 %: please have a look at the rules.";
        rules: ja "多く止めたルール", en "Rules that stopped most";
        rules_none: ja "止めたルールはありません。", en "No rule has stopped anything.";
        mails(n: &str): ja "{n}件", en "{n}";
        now: ja "現在", en "Now";
        waiting: ja "承認待ち", en "Waiting for approval";
        overdue: ja "期限を過ぎた承認待ち", en "Waiting past its deadline";
        queue: ja "配送待ち(キュー)", en "On its way (queue)";
        custody: ja "特定個人情報", en "Specified personal information";
        due: ja "廃棄の候補(期限到来)", en "Proposed for disposal";
        partners: ja "点検が必要な委託先", en "Contractors to be checked";
        since: ja "集計には、この機能を備えた版からの送信が含まれます。", en "Counted is what was sent since the version that counts.";
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/dashboard", get(show))
}

/// A figure with the way to what it counts; some have none for this role.
struct Figure {
    id: &'static str,
    label: &'static str,
    value: String,
    href: Option<String>,
    /// The colour of what needs somebody.
    colour: &'static str,
}

/// The share of what was stopped, in words.
struct Share {
    told: String,
    good: bool,
    /// Whether there was any mail.
    known: bool,
}

struct RuleRow {
    name: String,
    count: String,
    href: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "admin/dashboard.html")]
struct Dashboard {
    frame: Frame,
    t: DashboardWords,
    share: Share,
    outward: Vec<Figure>,
    rules: Vec<RuleRow>,
    now: Vec<Figure>,
    custody: Vec<Figure>,
}

/// GET /t/{tenant}/dashboard
async fn show(Keeper(desk): Keeper) -> Answer {
    let t = DashboardWords::new(desk.language());
    let reviews = desk.reviews()?;
    let figures = desk.console.store.outward_figures(&reviews, desk.visit.now.before(SPAN)).await?;
    html(&Dashboard {
        frame: desk.frame(Area::Dashboard),
        share: share(t, &figures),
        outward: outward(&desk, t, &figures),
        rules: rules(&desk, t, &figures),
        now: now(&desk, t).await?,
        custody: custody(&desk, t).await?,
        t,
    })
}

/// The list of sent mail that a figure counts, for those who may open it.
fn tracked(desk: &Desk, fate: &str, rule: &str) -> Option<String> {
    let href = format!("{}?{}", desk.path("tracking"), query(&[("fate", fate), ("rule", rule)]));
    administers(&desk.me).then_some(href)
}

fn share(t: DashboardWords, figures: &OutwardFigures) -> Share {
    match figures.share() {
        None => Share { told: t.share_none().to_owned(), good: true, known: false },
        Some(share) => Share { told: format!("{}.{:02}%", share / 100, share % 100), good: share < GOAL, known: true },
    }
}

fn outward(desk: &Desk, t: DashboardWords, figures: &OutwardFigures) -> Vec<Figure> {
    let figure = |id, label, n: u64, fate: &str| Figure {
        id,
        label,
        value: t.mails(&desk.style().count(n)),
        href: tracked(desk, fate, ""),
        colour: "",
    };
    vec![
        figure("all", t.all(), figures.all(), "all"),
        figure("stopped", t.stopped(), figures.stopped(), "stopped"),
        figure("held", t.held(), figures.held, OutwardFate::Held.word()),
        figure("blocked", t.blocked(), figures.blocked, OutwardFate::Blocked.word()),
        figure("deleted", t.deleted(), figures.deleted, OutwardFate::Deleted.word()),
        figure("asked", t.asked(), figures.asked, OutwardFate::Asked.word()),
    ]
}

fn rules(desk: &Desk, t: DashboardWords, figures: &OutwardFigures) -> Vec<RuleRow> {
    let names = desk.rule_names();
    let row = |(code, n): &(String, u64)| RuleRow {
        name: names.name_and_code(code),
        count: t.mails(&desk.style().count(*n)),
        href: tracked(desk, "stopped", code),
    };
    figures.rules.iter().map(row).collect()
}

async fn now(desk: &Desk, t: DashboardWords) -> Result<Vec<Figure>, Trouble> {
    // whoever keeps the ledger alone decides held mail in webmail, and sees no queue
    if !administers(&desk.me) {
        return Ok(Vec::new());
    }
    let access = desk.read()?;
    let store = &desk.console.store;
    let held = store.held_figures(&desk.reviews()?, desk.visit.now).await?;
    let queue: u64 = store.queue_domains(&access).await?.iter().map(|load| load.waiting + load.held).sum();
    let figure = |id, label, n: u64, path: &str, colour| Figure {
        id,
        label,
        value: t.mails(&desk.style().count(n)),
        href: Some(desk.path(path)),
        colour: if n > 0 { colour } else { "" },
    };
    Ok(vec![
        figure("waiting", t.waiting(), held.waiting, "held", ""),
        figure("overdue", t.overdue(), held.overdue, "held", "ng"),
        figure("queue", t.queue(), queue, "queue", ""),
    ])
}

async fn custody(desk: &Desk, t: DashboardWords) -> Result<Vec<Figure>, Trouble> {
    let due = outbound::due_now(&desk.tenant.policies, desk.visit.now, false);
    let due = desk.console.store.ledger_figures(&desk.reviews()?, due).await?;
    let entries = crate::partners::entries(desk).await?;
    let overdue = crate::partners::overdue(&entries, desk.visit.now);
    let figure = |id, label, n: u64, path: &str| Figure {
        id,
        label,
        value: t.mails(&desk.style().count(n)),
        href: Some(desk.path(path)),
        colour: if n > 0 { "warn" } else { "" },
    };
    Ok(vec![
        figure("due", t.due(), due.of_kinds + due.aged, "ledger?state=expired"),
        figure("partners", t.partners(), overdue as u64, "partners"),
    ])
}

#[cfg(test)]
mod tests {
    use types::Language;

    use super::*;

    #[test]
    fn a_share_below_the_aim_is_good_and_one_that_reaches_it_is_not() {
        let t = DashboardWords::new(Language::Ja);
        let told = |sent, held| {
            let share = share(t, &OutwardFigures { sent, held, ..OutwardFigures::default() });
            (share.told, share.good, share.known)
        };
        let is = |told: &str, good, known| (told.to_owned(), good, known);
        assert_eq!(told(0, 0), is("メールなし", true, false));
        assert_eq!(told(200, 0), is("0.00%", true, true));
        assert_eq!(told(199, 1), is("0.50%", true, true));
        assert_eq!(told(9_901, 99), is("0.99%", true, true));
        assert_eq!(told(99, 1), is("1.00%", false, true));
        assert_eq!(told(0, 1), is("100.00%", false, true));
        assert_eq!(
            (t.goal(), DashboardWords::new(Language::En).goal()),
            ("目安の1%未満です。", "Less than the aim of 1 %.")
        );
    }
}
