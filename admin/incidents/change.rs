//! What is written about an incident: a new one, another version, where its report stands, more lines.

use outbound::{first_reminder, next_reminder};
use store::{
    Access, INCIDENT_TEXT_MOST, Incident, IncidentChange, IncidentItem, IncidentState, IncidentText, Review,
    StoreError, Write,
};
use types::{IncidentId, LedgerId, Timestamp};
use web::axum::extract::{Form, Path};
use web::axum::http::StatusCode;
use web::{Answer, Toast, Trouble, html_with, see_with};

use super::{IncidentWords, case_page, new_page};
use crate::desk::{Desk, Keeper};
use crate::form::Fields;

/// So often a change is made again on what somebody else has just saved.
const TRIES: usize = 3;

/// The day and the time of a moment, as forms have them.
pub(super) fn day_and_time(at: Timestamp) -> (String, String) {
    let day = web::day_of(at);
    let minutes = web::day_start(&day).map_or(0, |start| at.0 - start.0) / 60_000;
    (day, format!("{:02}:{:02}", minutes / 60, minutes % 60))
}

/// The moment that a form means; `None`: none, or one that is yet to come.
fn moment(given: &Fields, now: Timestamp) -> Option<Timestamp> {
    let start = web::day_start(given.get("known_day"))?;
    let (hours, minutes) = given.get("known_time").split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    if !(0..24).contains(&hours) || !(0..60).contains(&minutes) {
        return None;
    }
    Some(Timestamp(start.0 + (hours * 60 + minutes) * 60_000)).filter(|at| *at <= now)
}

/// The items as they were sent, every number in them unreadable.
fn items(given: &Fields) -> [String; 9] {
    IncidentItem::ALL.map(|item| {
        let text = given.raw(item.word()).replace("\r\n", "\n");
        inspect::mask_every_number(text.trim())
    })
}

/// What a form says, and what is wrong with it.
fn read(desk: &Desk, given: &Fields) -> (IncidentText, Option<String>) {
    let (t, now) = (IncidentWords::new(desk.language()), desk.visit.now);
    let known = moment(given, now);
    let text = IncidentText { known: known.unwrap_or(now), wrongful: given.has("wrongful"), items: items(given) };
    let too_long = text.items.iter().any(|item| item.chars().count() > INCIDENT_TEXT_MOST);
    let wrong = match known {
        None => Some(t.bad_day().to_owned()),
        Some(_) => too_long.then(|| t.too_long(INCIDENT_TEXT_MOST)),
    };
    (text, wrong)
}

/// The incident as it stands.
async fn present(desk: &Desk, incident: i64) -> Result<Incident, Trouble> {
    Ok(desk.console.store.incident(&desk.reviews()?, IncidentId(incident)).await?)
}

/// Writes a change of what stands there.
async fn changed(
    desk: &Desk,
    access: &Access<Review, Write>,
    present: &Incident,
    change: IncidentChange,
    remind: Option<Timestamp>,
) -> Result<(), StoreError> {
    desk.console.store.change_incident(access, present.id, change, remind, desk.visit.now).await
}

/// POST /t/{tenant}/incidents
pub(super) async fn make(Keeper(desk): Keeper, Form(given): Form<Fields>) -> Answer {
    let access = desk.write_reviews()?;
    let t = IncidentWords::new(desk.language());
    let ids = given.numbers("line-");
    if ids.is_empty() || ids.len() > store::INCIDENT_LINES_MOST {
        return Err(Trouble::BadRequest);
    }
    let (text, wrong) = read(&desk, &given);
    if wrong.is_some() {
        let page = new_page(&desk, ids, Some(text), wrong).await?;
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let (remind, now) = (first_reminder(&text, desk.visit.now), desk.visit.now);
    let lines = ids.into_iter().map(LedgerId).collect();
    let made = desk.console.store.make_incident(&access, lines, text, remind, now).await?;
    see_with(&desk.path(&format!("incidents/{made}")), &Toast::new(t.made()))
}

/// POST /t/{tenant}/incidents/{incident}: another version.
pub(super) async fn save(
    Keeper(desk): Keeper,
    Path((_, incident)): Path<(String, i64)>,
    Form(given): Form<Fields>,
) -> Answer {
    let access = desk.write_reviews()?;
    let t = IncidentWords::new(desk.language());
    let present = present(&desk, incident).await?;
    let before = given.get("version").parse().map_err(|_| Trouble::BadRequest)?;
    let (text, wrong) = read(&desk, &given);
    if wrong.is_some() {
        let page = case_page(&desk, incident, Some(text), wrong).await?;
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let remind = next_reminder(&text, present.state, desk.visit.now);
    let change = IncidentChange::Text { before, state: present.state, text: Box::new(text.clone()) };
    match changed(&desk, &access, &present, change, remind).await {
        Ok(()) => see_with(&desk.path(&format!("incidents/{incident}")), &Toast::new(t.saved())),
        Err(StoreError::Conflict(_)) => {
            let page = case_page(&desk, incident, Some(text), Some(t.changed_meanwhile().to_owned())).await?;
            html_with(StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /t/{tenant}/incidents/{incident}/state
pub(super) async fn go_on(
    Keeper(desk): Keeper,
    Path((_, incident)): Path<(String, i64)>,
    Form(given): Form<Fields>,
) -> Answer {
    let access = desk.write_reviews()?;
    let t = IncidentWords::new(desk.language());
    let (from, to) = (IncidentState::parse(given.get("from")), IncidentState::parse(given.get("to")));
    let (from, to) = from.zip(to).filter(|(from, to)| from.leads_to(*to)).ok_or(Trouble::BadRequest)?;
    let said = if moved(&desk, &access, incident, (from, to)).await? { t.moved() } else { t.moved_before() };
    see_with(&desk.path(&format!("incidents/{incident}")), &Toast::new(said))
}

/// Moves a report on; whether it stood at `from`. A text that was saved meanwhile is no hindrance: the next reminder follows from it.
async fn moved(
    desk: &Desk,
    access: &Access<Review, Write>,
    incident: i64,
    (from, to): (IncidentState, IncidentState),
) -> Result<bool, Trouble> {
    for _ in 0..TRIES {
        let present = present(desk, incident).await?;
        if present.state != from {
            return Ok(false);
        }
        let remind = next_reminder(&present.text, to, desk.visit.now);
        let change = IncidentChange::State { from, to, version: present.version };
        match changed(desk, access, &present, change, remind).await {
            Err(StoreError::Conflict(_)) => {}
            done => return Ok(done.map(|()| true)?),
        }
    }
    Ok(false)
}

/// POST /t/{tenant}/incidents/{incident}/lines
pub(super) async fn add_line(
    Keeper(desk): Keeper,
    Path((_, incident)): Path<(String, i64)>,
    Form(given): Form<Fields>,
) -> Answer {
    let access = desk.write_reviews()?;
    let t = IncidentWords::new(desk.language());
    let present = present(&desk, incident).await?;
    let said = match given.get("line").parse() {
        Err(_) => t.no_such_line(),
        Ok(line) => {
            let change = IncidentChange::Lines(vec![LedgerId(line)]);
            match changed(&desk, &access, &present, change, present.remind).await {
                Ok(()) => t.added(),
                Err(StoreError::NotFound(_)) => t.no_such_line(),
                Err(StoreError::Invalid(_)) => t.no_lines(),
                Err(error) => return Err(error.into()),
            }
        }
    };
    see_with(&desk.path(&format!("incidents/{incident}")), &Toast::new(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_of_a_form_is_one_that_has_been() {
        let now = Timestamp(1_795_478_400_000);
        let (day, time) = day_and_time(now);
        let given = |day: &str, time: &str| {
            let mut fields = Fields::default();
            fields.set("known_day", day);
            fields.set("known_time", time);
            moment(&fields, now)
        };
        assert_eq!(given(&day, &time), Some(Timestamp(now.0 - now.0.rem_euclid(60_000))));
        for (day, time) in [
            ("2026-02-30", "10:00"),
            ("", "10:00"),
            ("2020-01-01", "24:00"),
            ("2020-01-01", "10"),
            ("2099-01-01", "00:00"),
        ] {
            assert_eq!(given(day, time), None, "{day} {time}");
        }
    }
}
