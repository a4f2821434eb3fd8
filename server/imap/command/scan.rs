//! Judges messages by what they say: opens those that neither flags nor the index decided, many at once and on a few
//! threads, and looks into their header fields and texts. What a question means the index says (`index::Ask`).

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use index::{Answer, Ask, Index, OwnTexts, Patience, Place, folded};
use message::{search_texts, spoken_fields_of};
use net::BytePermit;
use store::{Access, FlagRow, InMailbox, MessageRow, Read, Rights, StoreError, Want};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use types::{Limits, RecordId};

use super::find::{Hit, Known, Prepared};
use super::indexed::Told;
use super::sync::selected;
use crate::ahead::Ahead;
use crate::mail::{Reader, permit};
use crate::object_id;
use crate::session::Session;
use crate::wire::date::Day;
use crate::{Context, ImapError};

/// Messages asked of the store at once, with all that is known of them.
const WINDOW: u32 = 500;
/// Mails that are opened together, and their bytes; a larger one is opened alone.
const MAILS: usize = 64;
const BYTES: u64 = 1 << 20;
/// So many such batches of one search are under work at once.
const AT_ONCE: usize = 3;
/// A batch takes at most this part of the memory that there is for mails.
const SHARE: u64 = 8;
/// Of a larger mail only the beginning is read when nothing but its header is asked for, bytes.
const BEGINNING: u64 = 64 << 10;

/// Turns of those who look into mails, for all searches of the process.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, NonZero::get)));

/// A message whose fate is open.
struct Mail {
    row: MessageRow,
    /// What is known so far about each question.
    answers: Vec<Answer>,
    recent: bool,
    sent: Option<Day>,
    thread: Option<Option<String>>,
    /// How many texts decoding it shows, once that is known.
    own: usize,
}

/// Judges the messages `open`; those that pass are put into `found`.
pub(super) async fn judge(
    session: &mut Session,
    prepared: &Prepared,
    told: &Told,
    found: &mut Vec<Hit>,
    open: &[FlagRow],
) -> Result<(), ImapError> {
    let recent = selected(session)?.recent.clone();
    let mut ahead =
        Ahead::new(&open.iter().map(|row| row.uid).collect(), WINDOW, Want { summary: prepared.test.needs_summary() });
    let mut scan =
        Scan { context: session.context.clone(), prepared, work: VecDeque::new(), patience: Patience::default() };
    while let Some(rows) = ahead.next(session).await? {
        let mut mails = Vec::with_capacity(rows.len());
        for row in rows {
            let mut answers = told.of(row.uid, row.record, !row.cuts.is_empty());
            answers.resize(prepared.asks.len(), Answer::Maybe);
            let recent = recent.contains(row.uid);
            let mail = Mail { row, answers, recent, sent: None, thread: None, own: 0 };
            let mail = scan.with_facts(session, mail).await?;
            match prepared.test.judge(&mail.known()) {
                Some(true) => found.push(mail.hit()),
                Some(false) => {}
                None => mails.push(mail),
            }
        }
        for batch in batches(mails, prepared, scan.most()) {
            scan.begin_in_time(session, batch, found).await?;
        }
    }
    while !scan.work.is_empty() {
        session.go_on()?;
        scan.end_first(found).await?;
    }
    if scan.patience.lost() {
        // RFC 3501 7.1.2: a warning; the command completes
        session
            .link
            .line("* NO Some attachments are not read yet, their texts were not searched. Please search again.");
    }
    Ok(())
}

/// Cuts messages into batches that are opened together, of at most so many bytes unless one mail is larger.
fn batches(mails: Vec<Mail>, prepared: &Prepared, most: u64) -> Vec<Vec<Mail>> {
    let (mut out, mut batch, mut bytes) = (Vec::new(), Vec::new(), 0);
    for mail in mails {
        let size = mail.size_to_read(prepared);
        if !batch.is_empty() && (batch.len() >= MAILS || bytes + size > most) {
            out.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes += size;
        batch.push(mail);
    }
    if !batch.is_empty() {
        out.push(batch);
    }
    out
}

/// A search that opens mails.
struct Scan<'p> {
    context: Arc<Context>,
    prepared: &'p Prepared,
    work: VecDeque<Work>,
    patience: Patience,
}

/// A batch under work; given up, it is looked into no further.
struct Work(JoinHandle<Result<Looked, ImapError>>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What became of a batch.
struct Looked {
    hits: Vec<Hit>,
    /// Mails with files that nobody has read yet.
    open: Vec<(Mail, Bytes)>,
    _permit: BytePermit,
}

impl Scan<'_> {
    /// What the summary of a mail says, where it is asked for.
    async fn with_facts(&self, session: &Session, mail: Mail) -> Result<Mail, ImapError> {
        if !self.prepared.test.needs_summary() {
            return Ok(mail);
        }
        let reader = Reader::new(&self.context, session.here(Rights::READ)?);
        let summary = reader.summary(&mail.row).await?;
        // A mail without a readable Date counts as sent when it came (as RFC 5256 sorts it).
        let written = summary.header.date.as_ref().and_then(|date| Day::of_date_field(&date.text()));
        let sent = Some(written.unwrap_or_else(|| Day::of(mail.row.internal_date)));
        Ok(Mail { sent, thread: Some(object_id::thread(&summary)), ..mail })
    }

    /// Most bytes of a batch: several are under work, and all share the memory for mails.
    fn most(&self) -> u64 {
        BYTES.min(self.context.memory.all() / SHARE)
    }

    /// Begins to look into a batch when enough others are done; a large mail is looked into alone, so that none waits in
    /// vain for the memory that another holds.
    async fn begin_in_time(
        &mut self,
        session: &Session,
        batch: Vec<Mail>,
        found: &mut Vec<Hit>,
    ) -> Result<(), ImapError> {
        let size: u64 = batch.iter().map(|mail| mail.size_to_read(self.prepared)).sum();
        let before = if size > self.most() { 0 } else { AT_ONCE - 1 };
        while self.work.len() > before {
            self.end_first(found).await?;
        }
        self.begin(session, batch)?;
        if before == 0 { self.end_first(found).await } else { Ok(()) }
    }

    /// Begins to look into a batch, on other threads.
    fn begin(&mut self, session: &Session, batch: Vec<Mail>) -> Result<(), ImapError> {
        session.go_on()?;
        let (context, prepared) = (self.context.clone(), self.prepared.clone());
        let access = session.here(Rights::READ)?;
        self.work.push_back(Work(tokio::spawn(async move { look_into(&context, access, prepared, batch).await })));
        Ok(())
    }

    /// Waits for the first of the batches, and reads what files of it nobody has read yet, one mail after the other.
    async fn end_first(&mut self, found: &mut Vec<Hit>) -> Result<(), ImapError> {
        let Some(mut work) = self.work.pop_front() else { return Ok(()) };
        let looked = (&mut work.0).await.map_err(|_| interrupted())??;
        found.extend(looked.hits);
        let Some(index) = &self.context.index else { return Ok(()) };
        for (mut mail, bytes) in looked.open {
            let texts = index.texts(mail.row.record, bytes.into(), &mut self.patience).await;
            let texts = texts.map_err(|error| StoreError::Engine(error.to_string()))?;
            mail.note_texts(&self.prepared.asks, &texts.folded, true);
            if self.prepared.test.judge(&mail.known()) == Some(true) {
                found.push(mail.hit());
            }
        }
        Ok(())
    }
}

fn interrupted() -> ImapError {
    StoreError::Engine("reading mails was interrupted".into()).into()
}

/// Opens the mails of a batch and looks into them, then into those files of them that were read before.
async fn look_into(
    context: &Context,
    access: Access<InMailbox, Read>,
    prepared: Prepared,
    batch: Vec<Mail>,
) -> Result<Looked, ImapError> {
    let size = batch.iter().map(|mail| mail.size_to_read(&prepared)).sum();
    let permit = permit(context, size).await?;
    let most = context.limits.header_bytes as u64;
    let batch = opened(&Reader::new(context, access), &prepared, most, batch).await?;
    let (index, limits) = (context.index.clone(), context.limits.clone());
    // the memory is given back when the work is done, whoever still waits for it
    let (mut hits, open, prepared, permit) = in_turn(move || {
        let own_texts = |record, bytes: &[u8]| own_texts(index.as_ref(), &limits, record, bytes);
        let look = |mail: &mut Mail, bytes: &Bytes| mail.look_at(&prepared, bytes, own_texts);
        let (hits, open) = sorted_out(batch, look);
        (hits, open, prepared, permit)
    })
    .await?;
    let (Some(index), false) = (context.index.clone(), open.is_empty()) else {
        return Ok(Looked { hits, open, _permit: permit });
    };
    let asked = open.iter().map(|(mail, bytes)| (mail.row.record, Arc::from(&**bytes))).collect();
    let files = index.known_files(asked).await;
    let (more, open, permit) = in_turn(move || {
        // whole, with what its texts count for: a closure takes only the fields that it names
        let files = files;
        let mut of_mails = files.of_mails.iter();
        let (more, open) = sorted_out(open, |mail, bytes| {
            let files = of_mails.next()?.as_ref()?;
            let texts = index.texts_with(mail.row.record, bytes, files, mail.own);
            mail.note_texts(&prepared.asks, &texts, true);
            Some(prepared.test.judge(&mail.known()) == Some(true))
        });
        (more, open, permit)
    })
    .await?;
    hits.extend(more);
    Ok(Looked { hits, open, _permit: permit })
}

/// The bytes of each mail, as far as they are asked for; of headers at most `most`, since more of them is not looked at.
async fn opened(
    reader: &Reader<'_>,
    prepared: &Prepared,
    most: u64,
    batch: Vec<Mail>,
) -> Result<Vec<(Mail, Bytes)>, ImapError> {
    let (batch, beginnings): (Vec<Mail>, Vec<Mail>) =
        batch.into_iter().partition(|mail| mail.size_to_read(prepared) == mail.row.record_size);
    let rows: Vec<&MessageRow> = batch.iter().map(|mail| &mail.row).collect();
    let records = reader.records(&rows).await?;
    let mut opened: Vec<(Mail, Bytes)> = batch.into_iter().zip(records).collect();
    for mail in beginnings {
        let mut bytes = reader.range(&mail.row, 0..BEGINNING).await?;
        if !holds_header(&bytes) {
            bytes = reader.range(&mail.row, 0..mail.row.record_size.min(most)).await?;
        }
        opened.push((mail, bytes));
    }
    Ok(opened)
}

/// Whether the empty line is there that ends a header.
fn holds_header(bytes: &[u8]) -> bool {
    let ends = |empty: &[u8]| memchr::memmem::find(bytes, empty).is_some();
    bytes.starts_with(b"\n") || bytes.starts_with(b"\r\n") || ends(b"\n\n") || ends(b"\n\r\n")
}

/// Does work on a thread that may block, when it is this search's turn.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImapError> {
    let turn = TURNS.acquire().await.map_err(|_| interrupted())?;
    let work = move || {
        let done = work();
        // not before: a search that was given up works on here
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| interrupted())
}

/// Looks at each mail: the hits, and those of which it cannot be told.
fn sorted_out(
    batch: Vec<(Mail, Bytes)>,
    mut look: impl FnMut(&mut Mail, &Bytes) -> Option<bool>,
) -> (Vec<Hit>, Vec<(Mail, Bytes)>) {
    let (mut hits, mut open) = (Vec::new(), Vec::new());
    for (mut mail, bytes) in batch {
        match look(&mut mail, &bytes) {
            Some(true) => hits.push(mail.hit()),
            Some(false) => {}
            None => open.push((mail, bytes)),
        }
    }
    (hits, open)
}

/// What decoding a mail shows of its texts; where there is no index, nobody knows more of them.
fn own_texts(index: Option<&Index>, limits: &Limits, record: RecordId, mail: &[u8]) -> OwnTexts {
    match index {
        Some(index) => index.own_texts(record, mail),
        None => OwnTexts { folded: texts(mail, limits), whole: true },
    }
}

/// The texts of a mail, folded.
pub(super) fn texts(bytes: &[u8], limits: &Limits) -> Vec<String> {
    search_texts(bytes, limits).iter().map(|text| folded(&text.text)).collect()
}

impl Mail {
    fn hit(&self) -> Hit {
        Hit { uid: self.row.uid, modseq: self.row.modseq }
    }

    fn known(&self) -> Known<'_> {
        Known {
            told: &self.answers,
            row: Some(&self.row),
            sent: self.sent,
            thread: self.thread.as_ref().map(Option::as_deref),
            ..Known::new(self.row.uid, self.row.modseq, &self.row.flags, self.recent)
        }
    }

    /// The questions that are still open.
    fn open<'a>(&self, asks: &'a [Ask]) -> impl Iterator<Item = &'a Ask> {
        asks.iter().zip(&self.answers).filter(|(_, answer)| **answer == Answer::Maybe).map(|(ask, _)| ask)
    }

    /// Answers what is open, where that is known now.
    fn note(&mut self, asks: &[Ask], known: impl Fn(&Ask) -> Option<Answer>) {
        let open = asks.iter().zip(&mut self.answers).filter(|(_, answer)| **answer == Answer::Maybe);
        open.for_each(|(ask, answer)| *answer = known(ask).unwrap_or(Answer::Maybe));
    }

    /// How many bytes of it must be read.
    fn size_to_read(&self, prepared: &Prepared) -> u64 {
        let in_texts = self.open(&prepared.asks).any(|ask| ask.place != Place::Header);
        if in_texts { self.row.record_size } else { self.row.record_size.min(BEGINNING) }
    }

    /// Whether it passes, by its header and its own texts; `None`: its files must be known.
    fn look_at(
        &mut self,
        prepared: &Prepared,
        bytes: &Bytes,
        own_texts: impl Fn(RecordId, &[u8]) -> OwnTexts,
    ) -> Option<bool> {
        self.note_header(&prepared.asks, bytes);
        if let Some(passes) = prepared.test.judge(&self.known()) {
            return Some(passes);
        }
        let texts = own_texts(self.row.record, bytes);
        self.own = texts.folded.len();
        self.note_texts(&prepared.asks, &texts.folded, texts.whole);
        let passes = prepared.test.judge(&self.known());
        if texts.whole { Some(passes == Some(true)) } else { passes }
    }

    /// Answers what the header fields answer, as the reader sees them.
    fn note_header(&mut self, asks: &[Ask], bytes: &[u8]) {
        let open: Vec<&Ask> = self.open(asks).filter(|ask| ask.place != Place::Body).collect();
        if open.is_empty() {
            return;
        }
        let wanted = |name: &str| open.iter().any(|ask| ask.place == Place::Text || ask.name == name);
        let fields = match self.changed_header(bytes) {
            Some(header) => spoken_fields_of(&header, wanted),
            None => spoken_fields_of(bytes, wanted),
        };
        let fields: Vec<(String, String)> = fields.into_iter().map(|(name, value)| (name, folded(&value))).collect();
        self.note(asks, |ask| match ask.place {
            Place::Header | Place::Text if ask.is_in_fields(&fields) => Some(Answer::Yes),
            Place::Header => Some(Answer::No),
            _ => None,
        });
    }

    /// The header with the trace headers of this copy and without what it does not show; `None` where it is that of the
    /// record.
    fn changed_header(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.row.prefix.is_empty() && self.row.cuts.is_empty() {
            return None;
        }
        let end = message::fields(bytes).last().map_or(0, |field| field.range.end);
        let mut header = self.row.prefix.clone();
        for shown in self.row.shown(0..end as u64) {
            let (start, end) = (usize::try_from(shown.start).ok()?, usize::try_from(shown.end).ok()?);
            header.extend_from_slice(bytes.get(start..end)?);
        }
        Some(header)
    }

    /// Answers what these texts answer; `whole`: there are no others.
    fn note_texts(&mut self, asks: &[Ask], texts: &[String], whole: bool) {
        self.note(asks, |ask| match ask.is_in_texts(texts) {
            true => Some(Answer::Yes),
            false => whole.then_some(Answer::No),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_enough_when_it_holds_the_empty_line() {
        for (bytes, want) in [
            ("Subject: x\r\nTo: y\r\n\r\nbody", true),
            ("Subject: x\n\n", true),
            ("\r\nbody", true),
            ("Subject: x\r\n y\r\n", false),
            ("", false),
        ] {
            assert_eq!(holds_header(bytes.as_bytes()), want, "{bytes:?}");
        }
    }
}
