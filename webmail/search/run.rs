//! Runs a search over a person's folders: newest arrivals first, a page at a time, no more work at once than a page may
//! cost. The order is that of the records, so that it costs no look at the mails that are not shown.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use index::{Answer, Patience, folded};
use message::{Summary, spoken_fields};
use store::{Access, Account, FlagRow, Mailbox, MailboxRole, MessageRow, Read, Want};
use types::{MailboxId, RecordId, TenantId, Uid, UidSet};
use web::Trouble;

use super::judge::{Known, Mail, judge};
use super::query::Query;
use crate::Rooms;
use crate::mail::{FolderLine, MailId, open};

/// Results of a page.
const PAGE: usize = 50;
/// Messages whose rows are read for a page, and those that are read whole.
const MOST_ROWS: usize = 4_000;
const MOST_MAILS: usize = 300;
/// Rows read at once.
const CHUNK: usize = 100;

/// The place of a result: a page goes on after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    record: i64,
    mailbox: i64,
    uid: u32,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.record, self.mailbox, self.uid)
    }
}
impl FromStr for Spot {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '.').chain(std::iter::repeat(""));
        let mut next = || parts.next().unwrap_or_default();
        Ok(Self { record: next().parse()?, mailbox: next().parse()?, uid: next().parse()? })
    }
}

/// A mail that may meet the search.
struct Candidate {
    folder: usize,
    flags: FlagRow,
    spot: Spot,
    answers: Vec<Answer>,
}

/// A mail that meets the search.
pub(super) struct Found {
    pub folder: usize,
    pub row: MessageRow,
}

/// A page of results.
pub(super) struct Results {
    pub found: Vec<Found>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<Spot>,
    /// Whether some files were left out, which nobody has read yet.
    pub files_left_out: bool,
}

/// A folder that can be searched.
pub(super) struct Folder {
    pub mailbox: Mailbox,
    pub line: FolderLine,
    /// What it is called, folded: by its whole name, by its last level, and by what IMAP calls it.
    pub names: Vec<String>,
}

impl Folder {
    pub fn new(mailbox: Mailbox, line: FolderLine) -> Self {
        let names = [&line.full, &line.label, &mailbox.name].into_iter().map(|name| folded(name)).collect();
        Self { mailbox, line, names }
    }
    /// Junk and what is thrown away are searched when they are named.
    fn is_searched(&self, wanted: &[String]) -> bool {
        let aside = matches!(self.line.role, Some(MailboxRole::Junk | MailboxRole::Trash));
        let named = wanted.iter().any(|wanted| self.names.contains(wanted));
        self.line.selectable && if wanted.is_empty() { !aside } else { named }
    }
}

/// A search under way.
pub(super) struct Search<'a> {
    pub rooms: &'a Rooms,
    pub access: &'a Access<Account, Read>,
    pub tenant: TenantId,
    pub query: &'a Query,
    pub folders: &'a [Folder],
    /// Whether a sender is outside the company.
    pub outside: &'a (dyn Fn(&Summary) -> bool + Sync),
}

impl Search<'_> {
    /// The page after `from`.
    pub(super) async fn page(&self, from: Option<Spot>) -> Result<Results, Trouble> {
        let mut candidates = self.candidates().await?;
        candidates.retain(|candidate| from.is_none_or(|from| candidate.spot < from));
        candidates.sort_unstable_by_key(|candidate| std::cmp::Reverse(candidate.spot));
        let mut results = Results { found: Vec::new(), next: None, files_left_out: false };
        let (mut rows, mut mails, mut patience) = (0, 0, Patience::default());
        for chunk in candidates.chunks(CHUNK) {
            let known = self.rows(chunk).await?;
            for candidate in chunk {
                if results.found.len() == PAGE || rows >= MOST_ROWS || mails >= MOST_MAILS {
                    return Ok(results);
                }
                rows += 1;
                let row = known.get(&(candidate.spot.mailbox, candidate.spot.uid));
                if let Some(row) = row
                    && self.meets(candidate, row, &mut mails, &mut patience).await?
                {
                    results.found.push(Found { folder: candidate.folder, row: row.clone() });
                }
                results.files_left_out = patience.lost();
                results.next = Some(candidate.spot);
            }
        }
        results.next = None;
        Ok(results)
    }

    fn names(&self, folder: usize) -> &[String] {
        self.folders.get(folder).map_or(&[], |folder| &folder.names)
    }

    /// Whatever flags and the index do not rule out.
    async fn candidates(&self) -> Result<Vec<Candidate>, Trouble> {
        let wanted: Vec<String> = self.query.folders().into_iter().map(folded).collect();
        let mut every = UidSet::new();
        every.insert_run(1, u32::MAX);
        let asks = self.query.asks();
        let mut all = Vec::new();
        let mut traced: HashMap<(i64, usize), UidSet> = HashMap::new();
        for (at, Folder { mailbox, names, .. }) in
            self.folders.iter().enumerate().filter(|(_, f)| f.is_searched(&wanted))
        {
            for flags in self.rooms.store.flags(self.access, mailbox.id, &every).await? {
                let known = Known { flags: &flags.flags, folder: names, answers: &[], row: None, mail: None };
                if judge(self.query, &known) != Some(false) {
                    let spot = Spot { record: flags.record.0, mailbox: mailbox.id.0, uid: flags.uid.0 };
                    all.push(Candidate { folder: at, flags, spot, answers: Vec::new() });
                }
            }
            for (number, ask) in asks.iter().enumerate().filter(|(_, ask)| !ask.is_untraced()) {
                let uids = self.rooms.store.traced(self.access, mailbox.id, ask.longest_part()).await?;
                traced.insert((mailbox.id.0, number), uids);
            }
        }
        let mut records: Vec<RecordId> = all.iter().map(|candidate| candidate.flags.record).collect();
        records.sort_unstable();
        records.dedup();
        let records = Arc::new(records);
        let told = self.rooms.index.answers(self.tenant, asks, records.clone()).await;
        for candidate in &mut all {
            let Ok(at) = records.binary_search(&candidate.flags.record) else { continue };
            let answer = |(number, answers): (usize, &Vec<Answer>)| {
                let traced = traced.get(&(candidate.spot.mailbox, number));
                match answers.get(at).copied().unwrap_or(Answer::Maybe) {
                    Answer::No if traced.is_some_and(|uids| uids.contains(candidate.flags.uid)) => Answer::Maybe,
                    Answer::Yes if candidate.flags.cut => Answer::Maybe,
                    answer => answer,
                }
            };
            candidate.answers = told.iter().enumerate().map(answer).collect();
        }
        all.retain(|candidate| {
            let folder = self.names(candidate.folder);
            let flags = &candidate.flags.flags;
            let known = Known { flags, folder, answers: &candidate.answers, row: None, mail: None };
            judge(self.query, &known) != Some(false)
        });
        Ok(all)
    }

    async fn rows(&self, chunk: &[Candidate]) -> Result<HashMap<(i64, u32), MessageRow>, Trouble> {
        let mut by_folder: HashMap<i64, Vec<Uid>> = HashMap::new();
        for candidate in chunk {
            by_folder.entry(candidate.spot.mailbox).or_default().push(candidate.flags.uid);
        }
        let mut rows = HashMap::new();
        for (mailbox, mut uids) in by_folder {
            uids.sort_unstable();
            let uids = uids.into_iter().collect();
            let found =
                self.rooms.store.messages(self.access, MailboxId(mailbox), &uids, Want { summary: true }).await?;
            rows.extend(found.into_iter().map(|row| ((mailbox, row.uid.0), row)));
        }
        Ok(rows)
    }

    async fn meets(
        &self,
        candidate: &Candidate,
        row: &MessageRow,
        mails: &mut usize,
        patience: &mut Patience,
    ) -> Result<bool, Trouble> {
        let summary = row.summary.as_deref().and_then(|bytes| Summary::from_bytes(bytes).ok());
        let Some(summary) = summary else { return Ok(false) };
        let known = Known {
            flags: &row.flags,
            folder: self.names(candidate.folder),
            answers: &candidate.answers,
            row: Some((row, &summary, (self.outside)(&summary))),
            mail: None,
        };
        if let Some(meets) = judge(self.query, &known) {
            return Ok(meets);
        }
        *mails += 1;
        let id = MailId::new(MailboxId(candidate.spot.mailbox), row.uid);
        let opened = open(self.rooms, self.access, id).await?;
        let read = tokio::task::spawn_blocking(move || {
            let seen = opened.as_seen();
            let fields = spoken_fields(&seen).into_iter().map(|(name, value)| (name, folded(&value))).collect();
            (opened, fields, seen)
        });
        // the memory of all of it is counted by what was opened
        let (_opened, fields, seen) = read.await.map_err(Trouble::bug)?;
        let texts = self.rooms.index.texts(candidate.flags.record, seen, patience).await;
        let mail = Mail { fields, texts: texts.map_err(|error| Trouble::Busy(error.to_string()))? };
        Ok(judge(self.query, &Known { mail: Some(&mail), ..known }) == Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_reads_back_as_it_is_written() {
        let spot = Spot { record: 12, mailbox: 3, uid: 7 };
        assert_eq!(spot.to_string().parse::<Spot>().unwrap(), spot);
        assert!("12.3".parse::<Spot>().is_err() && "".parse::<Spot>().is_err());
    }
}
