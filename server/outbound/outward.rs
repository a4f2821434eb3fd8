//! What became of mail to the outside, as a dashboard counts it: a row beside the submission, written with its judgement.

use store::{NewOutward, Origin, OutwardFate, Posting, SubmissionRef};
use types::Address;

use crate::Outbound;
use crate::facts::inside;
use crate::fates::{Act, Fate, Judged};
use crate::submit::Work;

impl Outbound {
    /// Counts a submission of somebody's that goes to the outside; notices and the like are none.
    pub(crate) fn count_outward(&self, posting: &mut Posting, work: &Work, judged: &Judged, submission: SubmissionRef) {
        if work.origin == Origin::System {
            return;
        }
        let directory = self.store.directory();
        let outside = |address: &Address| !inside(&directory, work.tenant, address);
        let Some((fate, rules)) = fate(judged, &work.confirmed, outside) else { return };
        posting.outward.push(NewOutward { submission, tenant: work.tenant, at: work.at, fate, rules });
    }
}

/// The strictest of what recipients outside get, with the rules that did it; `None`: nobody outside gets anything of it.
fn fate(
    judged: &Judged,
    confirmed: &[String],
    outside: impl Fn(&Address) -> bool,
) -> Option<(OutwardFate, Vec<String>)> {
    let leaves: Vec<&Fate> = judged.fates.iter().filter(|fate| fate.recipients.iter().any(&outside)).collect();
    let strictest =
        leaves.iter().map(|fate| of(fate)).max_by_key(|fate| OutwardFate::ALL.iter().position(|one| one == fate))?;
    // whatever refuses one recipient refuses the whole
    let (fate, by) = match judged.blocked() {
        true => (OutwardFate::Blocked, judged.fates.iter().collect()),
        false => (strictest, leaves),
    };
    let fate = if fate == OutwardFate::Sent && !confirmed.is_empty() { OutwardFate::Asked } else { fate };
    let mut rules: Vec<String> = Vec::new();
    for hit in by.iter().filter(|one| of(one) == fate).flat_map(|one| &one.hits).filter(|hit| hit.stops) {
        if fate != OutwardFate::Sent && !rules.contains(&hit.code) {
            rules.push(hit.code.clone());
        }
    }
    Some((fate, rules))
}

fn of(fate: &Fate) -> OutwardFate {
    match &fate.act {
        Act::Send | Act::Delay(_) => OutwardFate::Sent,
        Act::Hold(terms) if terms.own => OutwardFate::Asked,
        Act::Hold(_) => OutwardFate::Held,
        Act::Block => OutwardFate::Blocked,
        Act::Delete => OutwardFate::Deleted,
    }
}

#[cfg(test)]
mod tests {
    use types::{Timestamp, Treatment};

    use super::*;
    use crate::fates::{Hit, HoldTerms, Places};

    fn part(act: Act, to: &[&str], codes: &[(&str, bool)]) -> Fate {
        let hit = |(code, stops): &(&str, bool)| Hit {
            code: (*code).into(),
            message: String::new(),
            approver_message: String::new(),
            numbers: false,
            stops: *stops,
        };
        let recipients = to.iter().map(|address| Address::parse(address).unwrap()).collect();
        let hits = codes.iter().map(hit).collect();
        Fate { recipients, ..Fate::new(act, hits, Vec::new(), Treatment::default()) }
    }

    fn hold(own: bool) -> Act {
        Act::Hold(HoldTerms {
            approvers: Vec::new(),
            deadline: Timestamp(0),
            reminders: Vec::new(),
            then: "return".into(),
            terms: store::Terms::default(),
            own,
        })
    }

    #[test]
    fn the_strictest_of_what_those_outside_get_counts_with_the_rules_that_did_it() {
        use OutwardFate::{Asked, Blocked, Deleted, Held, Sent};
        let (outside, other, inside) = ("a@b.example", "c@d.example", "taro@example.jp");
        let sent = || part(Act::Send, &[outside], &[("MN-LINK", false)]);
        type Case = (Vec<Fate>, &'static [&'static str], Option<(OutwardFate, &'static [&'static str])>);
        let cases: Vec<Case> = vec![
            (vec![part(Act::Send, &[inside], &[])], &[], None),
            // what is held of those inside is none of it
            (vec![part(hold(false), &[inside], &[("IN", true)])], &[], None),
            (vec![sent(), part(hold(false), &[inside], &[("IN", true)])], &[], Some((Sent, &[]))),
            (vec![sent()], &["OWN"], Some((Asked, &[]))),
            (vec![part(Act::Delay(1), &[outside], &[("DELAY", false)])], &[], Some((Sent, &[]))),
            (vec![part(hold(true), &[outside], &[("OWN", true)])], &[], Some((Asked, &["OWN"]))),
            (
                vec![sent(), part(hold(false), &[other], &[("HOLD", true), ("BCC", false)])],
                &[],
                Some((Held, &["HOLD"])),
            ),
            (vec![sent(), part(Act::Delete, &[other], &[("GONE", true)])], &["OWN"], Some((Deleted, &["GONE"]))),
            // the whole is refused, also for what one inside gets
            (vec![sent(), part(Act::Block, &[inside], &[("NO", true), ("NO", true)])], &[], Some((Blocked, &["NO"]))),
        ];
        for (fates, confirmed, expected) in cases {
            let judged = Judged {
                fates,
                verdict: String::new(),
                sensitive: false,
                subject: String::new(),
                places: Places::default(),
                block_lines: Vec::new(),
                recorded: Vec::new(),
                numbers: None,
                texts: None,
            };
            let confirmed: Vec<String> = confirmed.iter().map(|code| (*code).to_owned()).collect();
            let got = fate(&judged, &confirmed, |address| address.domain().as_str() != "example.jp");
            let expected = expected.map(|(fate, rules)| (fate, rules.iter().map(|code| (*code).to_owned()).collect()));
            assert_eq!(got, expected, "{:?}", judged.fates);
        }
    }
}
