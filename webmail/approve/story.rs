//! What happened to a held mail while it waited, for its approver: what the timeline says, who approved it and in whose
//! stead, who opened what.

use store::{Approval, CaseHistory, Consent, Directory, Opening};
use types::{Timestamp, UserId};
use web::Style;

use super::case::File;
use super::list::name_of;
use super::{ApproveWords, CaseWords};

/// A line of it.
pub(super) struct Step {
    pub at: String,
    pub at_machine: String,
    pub what: String,
}

/// What lines are made with.
pub(super) struct Telling<'a> {
    pub directory: &'a Directory,
    pub t: ApproveWords,
    pub d: CaseWords,
    pub style: Style,
    pub files: &'a [File],
}

impl Telling<'_> {
    /// All lines, the first first.
    pub fn steps(&self, history: &CaseHistory, approval: &Approval) -> Vec<Step> {
        let lines = history.lines.iter().filter(|line| line.event != "parcel.approved_in_part");
        let lines = lines.filter_map(|line| Some((line.at, self.t.event(&line.event)?.to_owned())));
        let consents = approval.consents.iter().map(|one| (one.at, self.consent(one)));
        let openings = history.openings.iter().map(|one| (one.at, self.opening(one)));
        let mut all: Vec<(Timestamp, String)> = lines.chain(consents).chain(openings).collect();
        all.sort_by_key(|(at, _)| *at);
        let step = |(at, what)| Step { at: self.style.date_short(at), at_machine: self.style.date_machine(at), what };
        all.into_iter().map(step).collect()
    }

    fn consent(&self, one: &Consent) -> String {
        let by = self.name(one.by);
        if one.by == one.seat { self.d.step_approved(&by) } else { self.d.step_approved_for(&by, &self.name(one.seat)) }
    }

    fn opening(&self, one: &Opening) -> String {
        let by = self.name(one.by);
        let file = self.files.iter().find(|file| file.part == one.part);
        file.map_or_else(|| self.d.step_opened(&by), |file| self.d.step_opened_file(&by, &file.name))
    }

    fn name(&self, id: UserId) -> String {
        name_of(self.directory, id)
    }
}
