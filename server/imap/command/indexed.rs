//! What the full-text index says about the messages of a search.

use std::sync::Arc;

use index::{Answer, Ask};
use store::{FlagRow, Rights};
use types::{RecordId, Uid, UidSet};

use super::sync::selected;
use crate::ImapError;
use crate::session::Session;

/// The answers to all questions, for each record.
#[derive(Default)]
pub(super) struct Told {
    records: Arc<Vec<RecordId>>,
    answers: Vec<Vec<Answer>>,
    /// Of each question the messages whose trace headers, which are in no index, may hold it.
    traced: Vec<UidSet>,
}

impl Told {
    /// Asks about the records of `open`; nothing is told where there is no index or no question.
    pub(super) async fn ask(session: &mut Session, asks: &[Ask], open: &[FlagRow]) -> Result<Self, ImapError> {
        let context = session.context.clone();
        let Some(index) = context.index.as_ref().filter(|_| !asks.is_empty()) else { return Ok(Self::default()) };
        let (access, id) = (session.here(Rights::READ)?, selected(session)?.id);
        let user = session.person()?;
        let mut records: Vec<RecordId> = open.iter().map(|row| row.record).collect();
        records.sort_unstable();
        records.dedup();
        let records = Arc::new(records);
        let answers = index.answers(user.tenant, asks.to_vec(), records.clone()).await;
        let mut traced = Vec::with_capacity(asks.len());
        for ask in asks {
            traced.push(if ask.is_untraced() {
                UidSet::new()
            } else {
                context.store.traced(&access, id, ask.longest_part()).await?
            });
        }
        Ok(Self { records, answers, traced })
    }

    /// What was told of a message, question by question. A copy that does not show all of its record is read.
    pub(super) fn of(&self, uid: Uid, record: RecordId, cut: bool) -> Vec<Answer> {
        let Ok(at) = self.records.binary_search(&record) else { return Vec::new() };
        let answers = self.answers.iter().zip(&self.traced);
        answers
            .map(|(answers, traced)| match answers.get(at).copied().unwrap_or(Answer::Maybe) {
                Answer::No if traced.contains(uid) => Answer::Maybe,
                Answer::Yes if cut => Answer::Maybe,
                answer => answer,
            })
            .collect()
    }
}
