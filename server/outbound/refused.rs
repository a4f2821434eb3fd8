//! What a rule refuses: the whole of a submission. Whoever wrote it is told why and has it to mend; of mail from outside that would be
//! forwarded, which has no author here, those are told who look after such mail.

use store::{DraftStep, Origin, Posting};

use crate::act::{parcel_ref, released, submission_ref, trail};
use crate::approvers::Asking;
use crate::catalogue;
use crate::decide::draft_copy;
use crate::facts::FinalRecipients;
use crate::fates::{Act, Fate, Judged, people};
use crate::notices::{About, Details, numbers, reasons, reasons_for_approvers};
use crate::rules::KEEPERS;
use crate::submit::Work;
use crate::{Outbound, OutboundError};

impl Outbound {
    /// Adds to `posting` what is told of a refusal.
    ///
    /// # Errors
    /// A notice could not be sealed.
    pub(crate) async fn block(
        &self,
        posting: &mut Posting,
        work: &Work,
        judged: &Judged,
        mail: usize,
    ) -> Result<(), OutboundError> {
        posting.trail.push(trail(submission_ref(work), None, work.at, "submission.blocked", ""));
        let blocking: Vec<&Fate> = judged.fates.iter().filter(|fate| fate.act == Act::Block).collect();
        let mut details = Details::default();
        for text in blocking.iter().flat_map(|fate| reasons(&fate.hits)) {
            if !details.reasons.contains(&text) {
                details.reasons.push(text);
            }
        }
        details.numbers = blocking.iter().any(|fate| numbers(&fate.hits));
        let helpers = self.helpers(work.tenant);
        details.approvers = &helpers;
        let about = self.about(work, judged, &work.to);
        match work.origin {
            Origin::Author => self.tell(posting, work.author.as_slice(), &about, &details, catalogue::blocked).await?,
            Origin::Forward => {
                self.refuse_forward(posting, work, judged, &blocking).await?;
                // whom nobody has is no secret of a rule: its sender hears of him as of any member of a group that there is not
                let unknown = FinalRecipients::of(&self.store.directory(), &work.to).unknown;
                let refused = released(work, judged, mail);
                return self.report_unknown(posting, parcel_ref(work, 0), &refused, &unknown).await;
            }
            Origin::AutoReply | Origin::System => {}
        }
        for fate in blocking {
            self.notify(posting, work, judged, fate).await?;
        }
        Ok(())
    }

    /// A mail from outside that a rule refuses to forward has no author here, and its 250 was given: those who would decide about one whose
    /// review failed are told, with everybody whom the rules name, each once.
    async fn refuse_forward(
        &self,
        posting: &mut Posting,
        work: &Work,
        judged: &Judged,
        blocking: &[&Fate],
    ) -> Result<(), OutboundError> {
        let directory = self.store.directory();
        let asking = Asking { directory: &directory, tenant: work.tenant, author: None, numbers: judged.sensitive };
        let mut told = asking.approvers(&[KEEPERS.to_owned()], 1);
        let mut reasons: Vec<String> = Vec::new();
        for fate in blocking {
            let named = people(&directory, work.tenant, None, &fate.notify);
            told.extend(named.into_iter().filter(|id| !told.contains(id)).collect::<Vec<_>>());
            let new = reasons_for_approvers(&fate.hits).into_iter().filter(|text| !reasons.contains(text));
            reasons.extend(new.collect::<Vec<_>>());
        }
        // who is no party to the mail reads no subject
        let about = About { subject: "", ..self.about(work, judged, &work.to) };
        let details = Details { reasons, ..Details::default() };
        self.tell(posting, &told, &about, &details, catalogue::forward_refused).await
    }

    /// After a long review the draft has left: the author of a refused mail gets it back to mend it.
    pub(crate) fn hand_back(&self, posting: &mut Posting, work: &Work, mail: usize) {
        let (Some(author), Some(_), Origin::Author) = (work.author, work.known, work.origin) else { return };
        let copy = posting.copies.len();
        posting.copies.push(draft_copy(author, mail, work.at));
        posting.drafts.extend(work.draft_step(DraftStep::ComeBack(copy)));
    }
}
