//! Whether a mail meets a search, as far as is known of it: flags cost nothing, the index little, its row more, and its
//! text most.

use index::{Answer, Place, Texts, folded};
use message::Summary;
use store::MessageRow;
use types::{Flags, SystemFlags};

use super::query::{Query, Term};

/// What a mail itself says, folded.
pub(super) struct Mail {
    pub fields: Vec<(String, String)>,
    pub texts: Texts,
}

/// What is known of a mail.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub flags: &'a Flags,
    /// What its folder is called, folded.
    pub folder: &'a [String],
    /// What the index said to [`Query::asks`].
    pub answers: &'a [Answer],
    pub row: Option<(&'a MessageRow, &'a Summary, bool)>,
    pub mail: Option<&'a Mail>,
}

/// Whether the mail meets the search; `None` when more must be known.
pub(super) fn judge(query: &Query, known: &Known<'_>) -> Option<bool> {
    let (mut sure, mut asked) = (true, 0);
    for clause in &query.clauses {
        let mut met = Some(false);
        for term in &clause.any {
            let answer = term.ask().map(|_| {
                asked += 1;
                known.answers.get(asked - 1).copied().unwrap_or(Answer::Maybe)
            });
            met = match (met, one(term, answer, known)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        match met.map(|met| met != clause.not) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => sure = false,
        }
    }
    sure.then_some(true)
}

fn one(term: &Term, answer: Option<Answer>, known: &Known<'_>) -> Option<bool> {
    let row = |meets: &dyn Fn(&MessageRow, &Summary) -> bool| known.row.map(|(row, summary, _)| meets(row, summary));
    match term {
        Term::Unread => Some(!known.flags.system.contains(SystemFlags::SEEN)),
        Term::Starred => Some(known.flags.system.contains(SystemFlags::FLAGGED)),
        Term::Folder(name) => Some(known.folder.contains(&folded(name))),
        Term::Attachment => row(&|_, summary| summary.attachments > 0),
        Term::Larger(size) => row(&|row, _| row.size() >= *size),
        Term::Smaller(size) => row(&|row, _| row.size() <= *size),
        Term::From(at) => row(&|row, _| row.internal_date >= *at),
        Term::Before(at) => row(&|row, _| row.internal_date < *at),
        Term::Within(from, to) => row(&|row, _| row.internal_date >= *from && row.internal_date < *to),
        Term::External => known.row.map(|(_, _, outside)| outside),
        Term::File(name) => row(&|_, summary| has_file(summary, name)),
        Term::Text(..) => match answer {
            Some(Answer::Yes) => Some(true),
            Some(Answer::No) => Some(false),
            _ => known.mail.zip(term.ask()).map(|(mail, ask)| match ask.place {
                Place::Header => ask.is_in_fields(&mail.fields),
                Place::Body => ask.is_in_texts(&mail.texts.folded),
                Place::Text => ask.is_in_fields(&mail.fields) || ask.is_in_texts(&mail.texts.folded),
            }),
        },
    }
}

fn has_file(summary: &Summary, name: &str) -> bool {
    let name = folded(name);
    summary.leaves().iter().filter_map(|(_, part)| part.file_name()).any(|file| folded(&file).contains(&name))
}

#[cfg(test)]
mod tests {
    use types::Timestamp;

    use super::*;

    fn judged(typed: &str, flags: &Flags, answers: &[Answer]) -> Option<bool> {
        let folder = [folded("受信トレイ")];
        judge(&Query::parse(typed, Timestamp(0)), &Known { flags, folder: &folder, answers, row: None, mail: None })
    }

    #[test]
    fn conditions_hold_together_and_alternatives_do_apart() {
        let flags = Flags::default();
        for (typed, answers, want) in [
            ("a", &[Answer::Yes][..], Some(true)),
            ("a b", &[Answer::Yes, Answer::No], Some(false)),
            ("a OR b", &[Answer::No, Answer::Yes], Some(true)),
            ("a -b", &[Answer::Yes, Answer::Yes], Some(false)),
            ("a b", &[Answer::Maybe, Answer::No], Some(false)),
            ("a", &[Answer::Maybe], None),
            ("is:unread a", &[Answer::Yes], Some(true)),
            ("is:starred a", &[Answer::Maybe], Some(false)),
            ("in:受信トレイ", &[], Some(true)),
            ("in:ごみ箱", &[], Some(false)),
            ("添付:あり", &[], None),
        ] {
            assert_eq!(judged(typed, &flags, answers), want, "{typed}");
        }
    }
}
