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

async fn make(house: &House, lines: Vec<LedgerId>, remind: Option<Timestamp>) -> Result<IncidentId, StoreError> {
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
    change(&house, id, IncidentChange::State(open, first)).await.unwrap();
    let again = change(&house, id, IncidentChange::State(open, first)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    house
        .engine
        .change_incident(house.tenant, id, IncidentChange::State(first, full), None, None, at(5))
        .await
        .unwrap();
    change(&house, id, IncidentChange::State(full, closed)).await.unwrap();
    change(&house, id, IncidentChange::State(closed, open)).await.unwrap();
    house.engine.change_incident(house.tenant, id, IncidentChange::State(open, full), None, None, at(9)).await.unwrap();
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
        let due = house.engine.incidents_due(now, 9).await.unwrap();
        due.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(due(at(19)).await, []);
    assert_eq!(due(at(30)).await, [made[2], made[0]]);
    let noted = |due| {
        let one = IncidentReminded { incident: made[2], due, next: Some(at(40)) };
        house.engine.post(Posting { incidents_reminded: vec![one], ..Posting::default() })
    };
    noted(at(20)).await.unwrap();
    assert!(matches!(noted(at(20)).await, Err(StoreError::Conflict(_))));
    assert_eq!(due(at(30)).await, [made[0]]);
    assert_eq!(due(at(40)).await, [made[0], made[2]]);
}
