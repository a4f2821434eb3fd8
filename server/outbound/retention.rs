//! What the ledger has for longer than its company keeps it is disposed of by the company's rule, where that was switched on
//! (decision 052).

use jiff::tz::{Offset, TimeZone};
use store::{Disposed, LedgerLine, LedgerState, Tenant};
use types::{LedgerId, Timestamp};

use crate::documents::{due_now, goes_unseen};
use crate::{Outbound, OutboundError};

/// Lines that are looked at together.
const PAGE: u32 = 10;
/// Mails of one company that go at a time; the others at the next look, so that a stop waits for few.
const MOST: usize = 10;

impl Outbound {
    /// Disposes of what is due, of every company that wants it. Whether more is due than goes at a time.
    pub(crate) async fn dispose_by_rule(&self, now: Timestamp) -> Result<bool, OutboundError> {
        let (directory, mut more) = (self.store.directory(), false);
        for tenant in directory.tenants.values().filter(|tenant| tenant.policies.ledger_dispose) {
            more |= self.dispose_of_due(tenant, now).await?;
        }
        Ok(more)
    }

    async fn dispose_of_due(&self, tenant: &Tenant, now: Timestamp) -> Result<bool, OutboundError> {
        let (years, due) = (tenant.policies.ledger_years, due_now(&tenant.policies, now, true));
        let (mut behind, mut done, mut failed) = (None, 0, 0);
        loop {
            let lines = self.store.lines_due(&self.exit, tenant.id, (due, behind), PAGE).await?;
            let Some(last) = lines.last().map(|line| line.id) else { return Ok(false) };
            let mut going = Vec::with_capacity(lines.len());
            for line in lines.iter().filter(|line| goes_unseen(&tenant.policies, line, now)) {
                let about = self.store.ledger_of_record(&self.exit, line.record).await?;
                let left = about.into_iter().filter(|line| line.state != LedgerState::Disposed);
                let left: Vec<LedgerLine> = left.collect();
                let goes = |line: &LedgerLine| line.tenant == tenant.id && goes_unseen(&tenant.policies, line, now);
                if left.iter().all(goes) {
                    going.push((line.id, left.into_iter().map(|line| (line.id, line.documents)).collect()));
                }
            }
            let ids: Vec<LedgerId> = going.iter().map(|(line, _)| *line).collect();
            let disposed = self.store.dispose_by_rule(&self.exit, (tenant.id, going), (years, due), now).await;
            for (line, disposed) in ids.iter().zip(disposed) {
                match disposed {
                    Ok(Disposed::Done) => done += 1,
                    // what is under way has its turn when that is over
                    Ok(_) => {}
                    // what lies behind it has its turn, unless nothing can be disposed of
                    Err(error) if failed >= MOST => return Err(error.into()),
                    Err(error) => {
                        failed += 1;
                        tracing::error!(%error, line = line.0, "a disposal by rule failed");
                    }
                }
            }
            if done >= MOST {
                return Ok(true);
            }
            behind = Some(last);
        }
    }
}

/// The same moment so many years earlier, by the calendar of Japan; `None` before the year 1.
pub(crate) fn years_before(at: Timestamp, years: u32) -> Option<Timestamp> {
    let moment = jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(TimeZone::fixed(Offset::constant(9)));
    let then = moment.checked_sub(jiff::Span::new().try_years(i64::from(years)).ok()?).ok()?;
    Some(Timestamp(then.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use store::contract::ledger::entered;
    use store::{
        Change, LedgerAct, LedgerDocuments, LedgerFilter, LedgerKind, LedgerLine, LedgerState, NewLedgerLine, Posting,
        TextsOf,
    };
    use types::{CountedFrom, DocumentKind, PolicyChange};

    use super::*;
    use crate::tests::{NOW, Stage};

    const DAY: Duration = Duration::from_secs(86_400);

    impl Stage {
        /// A mail with a line of the ledger, which came so many days after the others.
        async fn entered(&self, number: u8, later: u32) {
            let mut posting = Posting::default();
            posting.mail(self.house.mail("what is kept").await);
            posting.copies.push(self.house.copy(self.house.taro, "taro"));
            let line = entered(&self.house, number, LedgerKind::Acquired);
            posting.ledger.push(NewLedgerLine { at: NOW.after(DAY * later), ..line });
            self.house.engine.post(posting).await.unwrap();
        }

        /// A mail with a line of these documents.
        async fn entered_of(&self, number: u8, documents: Option<LedgerDocuments>) {
            let mut posting = Posting::default();
            posting.mail(self.house.mail("what is kept").await);
            let line = entered(&self.house, number, LedgerKind::Acquired);
            posting.ledger.push(NewLedgerLine { documents, ..line });
            self.house.engine.post(posting).await.unwrap();
        }

        async fn policy(&self, change: PolicyChange) {
            let change = Change::ChangePolicies { tenant: self.house.tenant, changes: vec![change] };
            self.house.engine.change_directory(change, None, NOW).await.unwrap();
        }

        /// The lines, newest first, after the rule has had its turn.
        async fn after_rule(&self) -> Vec<LedgerLine> {
            self.outbound.dispose_by_rule(types::Clock::now(self.clock.as_ref())).await.unwrap();
            self.house.engine.ledger_page(self.house.tenant, &LedgerFilter::default(), None, 200).await.unwrap()
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_kept_for_too_long_goes_by_itself_where_the_company_wants_that() {
        let stage = Stage::set().await;
        stage.entered(1, 0).await;
        stage.entered(2, 40).await;
        stage.policy(PolicyChange::LedgerYears(Some(7))).await;
        let states = |lines: &[LedgerLine]| lines.iter().map(|line| line.state).collect::<Vec<_>>();
        let both = [LedgerState::Kept, LedgerState::Kept];
        // seven years have 2,556 or 2,557 days
        stage.clock.advance(DAY * 2_560);
        assert_eq!(states(&stage.after_rule().await), both, "a company that wants to be asked is asked");
        stage.policy(PolicyChange::LedgerDispose(true)).await;
        stage.policy(PolicyChange::LedgerYears(None)).await;
        assert_eq!(states(&stage.after_rule().await), both, "without years nothing is due");
        stage.policy(PolicyChange::LedgerYears(Some(8))).await;
        assert_eq!(states(&stage.after_rule().await), both);
        stage.policy(PolicyChange::LedgerYears(Some(7))).await;
        let lines = stage.after_rule().await;
        assert_eq!(states(&lines), [LedgerState::Kept, LedgerState::Disposed], "what came later stays");
        let (engine, gone) = (&stage.house.engine, &lines[1]);
        let history = engine.ledger_history(gone.id).await.unwrap();
        let last = history.last().unwrap();
        assert_eq!((last.act, last.actor), (LedgerAct::Disposed, None));
        assert!(last.detail.contains("\"rule_years\":7") && last.detail.contains("\"copies\":1"), "{}", last.detail);
        let places = engine.ledger_places(gone.record).await.unwrap();
        assert!(places.copies.is_empty() && places.key_destroyed.is_some());
        assert_eq!(engine.ledger_places(lines[0].record).await.unwrap().copies.len(), 1);
        assert_eq!(engine.verify(false).await.unwrap().damage, []);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn documents_of_a_kind_go_when_their_period_is_over_and_what_names_proposed_when_its_years_are_over_too() {
        let stage = Stage::set().await;
        let declaration = &DocumentKind::shipped()[0];
        for (number, proposed) in [(1, Some(false)), (2, Some(true)), (3, None)] {
            let documents = proposed.map(|proposed| crate::documents(declaration, NOW, None, proposed));
            stage.entered_of(number, documents).await;
        }
        stage.policy(PolicyChange::LedgerDispose(true)).await;
        let due = crate::due(declaration, NOW, None).unwrap();
        let gone = |lines: &[LedgerLine]| {
            let gone = lines.iter().filter(|line| line.state == LedgerState::Disposed);
            gone.map(|line| line.documents.as_ref().map(|one| one.proposed)).collect::<Vec<_>>()
        };
        stage.clock.advance(due.since(NOW) - Duration::from_millis(1));
        assert_eq!(gone(&stage.after_rule().await), []);
        stage.clock.advance(Duration::from_millis(1));
        let lines = stage.after_rule().await;
        assert_eq!(gone(&lines), [Some(false)], "what nobody has looked at stays, and what has no kind");
        let last = stage.house.engine.ledger_history(lines[2].id).await.unwrap().pop().unwrap();
        let said: serde_json::Value = serde_json::from_str(&last.detail).unwrap();
        assert_eq!((last.actor, &said["rule_years"], &said["by_rule"]), (None, &serde_json::Value::Null, &true.into()));
        assert_eq!((&said["documents"], &said["due"]), (&"扶養控除等申告書".into(), &due.0.into()));
        stage.policy(PolicyChange::LedgerYears(Some(10))).await;
        assert_eq!(gone(&stage.after_rule().await).len(), 1);
        stage.policy(PolicyChange::LedgerYears(Some(7))).await;
        assert_eq!(gone(&stage.after_rule().await), [None, Some(true), Some(false)]);
        assert_eq!(stage.house.engine.verify(false).await.unwrap().damage, []);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_was_stated_or_written_down_earlier_makes_nothing_go_by_itself_too_early() {
        let stage = Stage::set().await;
        let kind =
            |years| DocumentKind { name: "届出書".into(), years, from: CountedFrom::Completion, words: Vec::new() };
        let documents = crate::documents(&kind(2), NOW, Some(Timestamp(NOW.0 - 9_000 * 86_400_000)), false);
        assert!(documents.due.unwrap() < NOW, "it is due by what was stated");
        stage.entered_of(1, Some(documents)).await;
        stage.policy(PolicyChange::DocumentKind(kind(2))).await;
        stage.policy(PolicyChange::LedgerDispose(true)).await;
        let state = async || stage.after_rule().await[0].state;
        assert_eq!(state().await, LedgerState::Kept);
        let two_years = crate::years_after(stage.after_rule().await[0].at, 2).unwrap();
        stage.clock.advance(two_years.since(NOW) - Duration::from_millis(1));
        assert_eq!(state().await, LedgerState::Kept);
        stage.policy(PolicyChange::DocumentKind(kind(3))).await;
        stage.clock.advance(Duration::from_millis(1));
        assert_eq!(state().await, LedgerState::Kept, "a longer period holds for what is there");
        stage.policy(PolicyChange::NoDocumentKind("届出書".into())).await;
        assert_eq!(state().await, LedgerState::Kept, "without its kind nobody knows the years");
        stage.policy(PolicyChange::DocumentKind(kind(2))).await;
        assert_eq!(state().await, LedgerState::Disposed);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_mail_with_several_lines_goes_by_itself_when_all_of_them_may() {
        let stage = Stage::set().await;
        let kind = |name: &str, years| DocumentKind {
            name: name.into(),
            years,
            from: CountedFrom::Completion,
            words: Vec::new(),
        };
        let stated = Some(Timestamp(NOW.0 - 9_000 * 86_400_000));
        let documents = |name, years| Some(crate::documents(&kind(name, years), NOW, stated, false));
        stage.entered_of(1, documents("届出書", 2)).await;
        let first = stage.after_rule().await[0].clone();
        let beside = |number, documents| {
            let line = entered(&stage.house, number, LedgerKind::Sent);
            NewLedgerLine { of: TextsOf::Record(first.record), documents, ..line }
        };
        let ledger = vec![beside(2, documents("申請書", 5)), beside(3, None)];
        stage.house.engine.post(Posting { ledger, ..Posting::default() }).await.unwrap();
        for change in [kind("届出書", 2), kind("申請書", 5)] {
            stage.policy(PolicyChange::DocumentKind(change)).await;
        }
        stage.policy(PolicyChange::LedgerDispose(true)).await;
        let state = async || stage.after_rule().await[0].state;
        stage.clock.advance(DAY * 366 * 4);
        assert_eq!(state().await, LedgerState::Kept, "the first is due, the two others are not");
        stage.clock.advance(DAY * 366);
        assert_eq!(state().await, LedgerState::Kept, "one has no kind, and the company no years");
        stage.policy(PolicyChange::LedgerYears(Some(6))).await;
        assert_eq!(state().await, LedgerState::Kept);
        stage.policy(PolicyChange::LedgerYears(Some(5))).await;
        assert_eq!(state().await, LedgerState::Disposed);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn more_than_goes_at_a_time_goes_with_the_next_looks() {
        let stage = Stage::set().await;
        for number in 1..=15 {
            stage.entered(number, 0).await;
        }
        stage.policy(PolicyChange::LedgerYears(Some(1))).await;
        stage.policy(PolicyChange::LedgerDispose(true)).await;
        stage.clock.advance(DAY * 400);
        let left = |lines: Vec<LedgerLine>| lines.iter().filter(|line| line.state == LedgerState::Kept).count();
        assert_eq!(left(stage.after_rule().await), 5);
        assert_eq!(left(stage.after_rule().await), 0);
    }

    #[test]
    fn years_are_those_of_the_calendar() {
        let day = |text: &str| {
            Timestamp(format!("{text}T00:00:00+09:00").parse::<jiff::Timestamp>().unwrap().as_millisecond())
        };
        let leap = day("2028-02-29");
        assert_eq!(years_before(leap, 1), Some(day("2027-02-28")));
        assert_eq!(years_before(leap, 4), Some(day("2024-02-29")));
        assert_eq!(years_before(leap, 0), Some(leap));
        assert_eq!(years_before(leap, 100_000), None);
    }
}
