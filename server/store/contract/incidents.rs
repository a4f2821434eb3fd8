//! Promises about incidents: versions are kept, lines are the company's own, where a report stands changes once, reminders
//! are noted once.

use types::{IncidentId, LedgerId, TenantId, Timestamp};

use super::house::NOW;
use super::ledger::deliver;
use super::{House, Place};
use crate::{
    AuditFilter, IncidentChange, IncidentItem, IncidentReminded, IncidentState, IncidentText, LedgerAct, NewIncident,
    Posting, StoreError,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000)
}

fn text(outline: &str) -> IncidentText {
    let items = IncidentItem::ALL
        .map(|item| if item == IncidentItem::Outline { outline.to_owned() } else { item.word().to_owned() });
    IncidentText { known: at(-60), wrongful: false, items }
}

pub(super) async fn make(
    house: &House,
    lines: Vec<LedgerId>,
    remind: Option<Timestamp>,
) -> Result<IncidentId, StoreError> {
    let (tenant, by) = (house.tenant, Some(house.taro));
    house.engine.make_incident(NewIncident { tenant, lines, text: text("first"), by, at: at(1), remind }).await
}

async fn change(house: &House, id: IncidentId, change: IncidentChange) -> Result<(), StoreError> {
    house.engine.change_incident(house.tenant, id, change, None, Some(house.taro), at(2)).await
}

/// An incident reads back with its lines, each of which has an act of it; another company has none of it, and it lasts.
pub async fn an_incident_is_about_lines_of_the_ledger(place: &dyn Place) {
    let house = House::build(place).await;
    let (one, other) = (deliver(&house, 1).await, deliver(&house, 2).await);
    let id = make(&house, vec![other.id, one.id], Some(at(9))).await.unwrap();
    let found = house.engine.incident(house.tenant, id).await.unwrap().unwrap();
    assert_eq!((found.state, found.version, &found.text), (IncidentState::Open, 1, &text("first")));
    assert_eq!((found.lines.clone(), found.made, found.made_by), (vec![one.id, other.id], at(1), Some(house.taro)));
    assert_eq!((found.remind, found.first_reported, found.fully_reported), (Some(at(9)), None, None));
    for line in [one.id, other.id] {
        let acts: Vec<LedgerAct> = house.engine.ledger_history(line).await.unwrap().iter().map(|one| one.act).collect();
        assert_eq!(acts, [LedgerAct::Entered, LedgerAct::Reported]);
        assert_eq!(house.engine.incidents_of_line(house.tenant, line).await.unwrap(), [id]);
    }
    let elsewhere = TenantId(i64::MAX);
    assert!(house.engine.incident(elsewhere, id).await.unwrap().is_none());
    assert!(house.engine.incidents(elsewhere, None, 9).await.unwrap().is_empty());
    let foreign =
        house.engine.change_incident(elsewhere, id, IncidentChange::Lines(vec![one.id]), None, None, at(2)).await;
    assert!(matches!(foreign, Err(StoreError::NotFound(_))));
    // no line, no incident
    assert!(matches!(make(&house, vec![one.id, LedgerId(i64::MAX)], None).await, Err(StoreError::NotFound(_))));
    assert_eq!(house.engine.incidents(house.tenant, None, 9).await.unwrap().len(), 1, "nothing is left of it");
    assert_eq!(house.engine.verify(false).await.unwrap().damage, []);
    let tenant = house.tenant;
    house.engine.close().await.unwrap();
    assert_eq!(place.open().await.incident(tenant, id).await.unwrap(), Some(found));
}

/// Each saving is a version that is kept; who saw an earlier one changes nothing.
pub async fn versions_of_an_incident_are_kept(place: &dyn Place) {
    let house = House::build(place).await;
    let line = deliver(&house, 1).await;
    let id = make(&house, vec![line.id], None).await.unwrap();
    let second = IncidentText { wrongful: true, known: at(-30), ..text("second") };
    change(&house, id, IncidentChange::Text { before: 1, state: IncidentState::Open, text: Box::new(second.clone()) })
        .await
        .unwrap();
    let late = change(
        &house,
        id,
        IncidentChange::Text { before: 1, state: IncidentState::Open, text: Box::new(text("late")) },
    )
    .await;
    assert!(matches!(late, Err(StoreError::Conflict(_))));
    let found = house.engine.incident(house.tenant, id).await.unwrap().unwrap();
    assert_eq!((found.version, &found.text), (2, &second));
    let versions = house.engine.incident_versions(id).await.unwrap();
    let told: Vec<(u32, &IncidentText)> = versions.iter().map(|one| (one.version, &one.text)).collect();
    assert_eq!(told, [(2, &second), (1, &text("first"))]);
    assert_eq!((versions[0].by, versions[0].at), (Some(house.taro), at(2)));
    let more = deliver(&house, 2).await;
    change(&house, id, IncidentChange::Lines(vec![more.id, line.id])).await.unwrap();
    assert_eq!(house.engine.incident(house.tenant, id).await.unwrap().unwrap().lines, [line.id, more.id]);
    let filter = AuditFilter { event: "incident.".into(), ..AuditFilter::default() };
    let rows = house.engine.audit_log(Some(house.tenant), &filter, None, 9).await.unwrap().rows;
    let events: Vec<&str> = rows.iter().rev().map(|row| row.event.as_str()).collect();
    assert_eq!(events, ["incident.made", "incident.changed", "incident.changed"]);
    assert!(rows.iter().all(|row| row.actor == Some(house.taro) && row.subject == id.to_string()));
}

/// Of two who move a report on at once one does; when it was made is written down once.
pub async fn a_report_moves_on_once(place: &dyn Place) {
    let house = House::build(place).await;
    let id = make(&house, vec![deliver(&house, 1).await.id], None).await.unwrap();
    let (open, first, full, closed) =
        (IncidentState::Open, IncidentState::FirstReported, IncidentState::FullyReported, IncidentState::Closed);
    let moved = |from, to| IncidentChange::State { from, to, version: 1 };
    change(&house, id, moved(open, first)).await.unwrap();
    let again = change(&house, id, moved(open, first)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    house.engine.change_incident(house.tenant, id, moved(first, full), None, None, at(5)).await.unwrap();
    change(&house, id, moved(full, closed)).await.unwrap();
    change(&house, id, moved(closed, open)).await.unwrap();
    house.engine.change_incident(house.tenant, id, moved(open, full), None, None, at(9)).await.unwrap();
    let found = house.engine.incident(house.tenant, id).await.unwrap().unwrap();
    assert_eq!((found.state, found.first_reported, found.fully_reported), (full, Some(at(2)), Some(at(5))));
}

/// Incidents come in pages, newest first; those that are due in the order of their reminders, each noted once.
pub async fn reminders_of_incidents_are_noted_once(place: &dyn Place) {
    let house = House::build(place).await;
    let line = deliver(&house, 1).await.id;
    let mut made = Vec::new();
    for remind in [Some(at(30)), None, Some(at(20))] {
        made.push(make(&house, vec![line], remind).await.unwrap());
    }
    let pages = house.engine.incidents(house.tenant, None, 2).await.unwrap();
    assert_eq!(pages.iter().map(|one| one.id).collect::<Vec<_>>(), [made[2], made[1]]);
    let rest = house.engine.incidents(house.tenant, Some(made[1]), 2).await.unwrap();
    assert_eq!(rest.iter().map(|one| one.id).collect::<Vec<_>>(), [made[0]]);
    let due = async |now| {
        let due = house.engine.incidents_due(now, None, 9).await.unwrap();
        due.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(due(at(19)).await, []);
    assert_eq!(due(at(30)).await, [made[2], made[0]]);
    for (after, found) in
        [((at(20), made[2]), &made[..1]), ((at(30), made[0]), &[]), ((at(20), made[0]), &[made[2], made[0]])]
    {
        let page = house.engine.incidents_due(at(30), Some(after), 9).await.unwrap();
        assert_eq!(page.iter().map(|one| one.id).collect::<Vec<_>>(), found, "behind {after:?}");
    }
    let noted = |due| {
        let (version, state) = (1, IncidentState::Open);
        let one = IncidentReminded { incident: made[2], due, version, state, next: Some(at(40)) };
        house.engine.post(Posting { incidents_reminded: vec![one], ..Posting::default() })
    };
    noted(at(20)).await.unwrap();
    assert!(matches!(noted(at(20)).await, Err(StoreError::Conflict(_))));
    assert_eq!(due(at(30)).await, [made[0]]);
    assert_eq!(due(at(40)).await, [made[0], made[2]]);
}

/// Whoever moves a report on, saves a text or reminds of it does so for the text and the state that he has seen, since days and
/// reminders follow from both: of two at once the later one is told, and the reminder of the first stays.
pub async fn a_reminder_follows_from_the_text_and_the_state_that_are_there(place: &dyn Place) {
    let house = House::build(place).await;
    let line = deliver(&house, 1).await.id;
    let (open, first) = (IncidentState::Open, IncidentState::FirstReported);
    let written = |before, state| IncidentChange::Text { before, state, text: Box::new(text("more")) };
    let changed = async |id, change, remind| {
        house.engine.change_incident(house.tenant, id, change, Some(remind), Some(house.taro), at(2)).await
    };
    for text_first in [true, false] {
        let id = make(&house, vec![line], Some(at(9))).await.unwrap();
        let moved = IncidentChange::State { from: open, to: first, version: 1 };
        let (one, other) = (written(1, open), moved);
        let (one, other) = if text_first { (one, other) } else { (other, one) };
        changed(id, one, at(20)).await.unwrap();
        assert!(matches!(changed(id, other, at(30)).await, Err(StoreError::Conflict(_))));
        let found = house.engine.incident(house.tenant, id).await.unwrap().unwrap();
        assert_eq!(found.remind, Some(at(20)), "the refused change moves no reminder");
        // the reminder stays due at the same moment, and is another's
        let reminded = |version, state| {
            let one = IncidentReminded { incident: id, due: at(20), version, state, next: None };
            house.engine.post(Posting { incidents_reminded: vec![one], ..Posting::default() })
        };
        assert!(matches!(reminded(1, open).await, Err(StoreError::Conflict(_))), "as it was");
        reminded(found.version, found.state).await.unwrap();
    }
}
