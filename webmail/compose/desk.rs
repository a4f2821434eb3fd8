//! Drafts at work: made by the first save, saved by version, put into Drafts as a mail, and written out as the bytes
//! that are checked and sent.

use std::sync::Arc;
use std::time::Duration;

use inspect::Seen;
use inspect::extract::Kept as KeptTexts;
use message::Parsed;
use message::attachments::{self, Attachment};
use message::compose::Mailbox;
use message::outgoing::{File, Outgoing, Stamp};
use outbound::Parties;
use store::{
    Access, Account, Bytes, Draft, DraftAt, DraftCopy, DraftOrigin, DraftRow, NewAttachment, NewDraft, NewMail, Read,
    StoreError, Write,
};
use types::{Address, AttachmentId, DraftId, UndoTime};
use web::{Trouble, Visit};

use super::check::envelope;
use super::form::{Fields, Form};
use super::intake;
use super::shelf::Looked;
use crate::Rooms;
use crate::mail::{MailId, open};

/// Whoever finds no memory within so long is asked to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// One person's drafts during one request.
pub(super) struct Desk<'a> {
    pub rooms: &'a Rooms,
    pub visit: &'a Visit,
}

/// How a save ended.
pub(super) enum Kept {
    /// It is kept as this version.
    At(DraftAt),
    /// The same, but the mail whose files should go along is gone.
    WithoutFiles(DraftAt),
    /// Another window saved it meanwhile; nothing was kept. `None`: that window's draft is gone again.
    Conflict(Option<DraftId>),
    /// There are too many drafts.
    TooMany,
}

/// How attaching ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attached {
    All,
    TooLarge,
    TooMany,
}

/// A draft as the bytes of a mail; its memory is given back when it is dropped.
pub(super) struct Letter {
    pub bytes: Vec<u8>,
    pub from: Mailbox,
    _memory: web::BytePermit,
}

impl Letter {
    /// The IMAP number of the file at this place of its draft: the text is the first part.
    fn part_of(place: usize) -> String {
        (place + 2).to_string()
    }
}

impl Desk<'_> {
    pub fn read(&self) -> Result<Access<Account, Read>, Trouble> {
        Ok(self.rooms.auth.read_account(self.visit.identity())?)
    }
    pub fn write(&self) -> Result<Access<Account, Write>, Trouble> {
        Ok(self.rooms.auth.write_account(self.visit.identity())?)
    }

    /// How long his mail can be taken back once it is sent.
    pub fn undo_time(&self) -> Result<UndoTime, Trouble> {
        let user = self.rooms.auth.person(self.visit.identity())?;
        Ok(self.rooms.store.directory().undo_time(&user))
    }

    /// His draft.
    pub async fn row(&self, draft: DraftId) -> Result<DraftRow, Trouble> {
        Ok(self.rooms.store.draft(&self.read()?, draft).await?)
    }

    /// Keeps what stands in the form.
    pub async fn keep(&self, form: &Form) -> Result<Kept, Trouble> {
        let fields = form.fields.to_bytes();
        let Some(at) = form.at() else { return self.create(form, fields).await };
        match self.rooms.store.save_draft(&self.write()?, at, &fields, self.visit.now).await {
            Ok(at) => Ok(Kept::At(at)),
            Err(StoreError::Conflict(_)) => Ok(Kept::Conflict(Some(at.id))),
            Err(StoreError::Invalid(_)) => Err(Trouble::TooLarge),
            Err(error) => Err(error.into()),
        }
    }

    async fn create(&self, form: &Form, fields: Vec<u8>) -> Result<Kept, Trouble> {
        let (origin, copy) = (self.own_origin(form.origin).await?, form.copy);
        let made =
            self.rooms.store.create_draft(&self.write()?, NewDraft { fields, origin, copy }, self.visit.now).await;
        let at = match (made, copy) {
            (Ok(at), _) => at,
            (Err(StoreError::Exists(_)), Some(copy)) => {
                return Ok(Kept::Conflict(self.rooms.store.draft_of_copy(&self.read()?, copy).await?));
            }
            // another window or client has put a newer mail in its place: what is written here is a draft of its own
            (Err(StoreError::NotFound(_)), Some(_)) => {
                let new = NewDraft { fields: form.fields.to_bytes(), origin, copy: None };
                self.rooms.store.create_draft(&self.write()?, new, self.visit.now).await?
            }
            (Err(StoreError::Invalid(_)), _) => return Ok(Kept::TooMany),
            (Err(error), _) => return Err(error.into()),
        };
        let Some(source) = form.source().filter(|_| !form.carry.is_empty()) else { return Ok(Kept::At(at)) };
        match self.carry(at.id, source, &form.carry).await {
            Ok(()) => Ok(Kept::At(at)),
            Err(Trouble::NotFound) => Ok(Kept::WithoutFiles(at)),
            Err(trouble) => Err(trouble),
        }
    }

    /// The origin, when that mail is still there and his.
    async fn own_origin(&self, origin: Option<DraftOrigin>) -> Result<Option<DraftOrigin>, Trouble> {
        let Some(origin) = origin else { return Ok(None) };
        let message = origin.message;
        match self.rooms.store.message(&self.read()?, message.mailbox, message.uid).await {
            Ok(_) => Ok(Some(origin)),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Attaches those files of a mail of his whose parts are named.
    async fn carry(&self, draft: DraftId, source: MailId, parts: &[String]) -> Result<(), Trouble> {
        let wanted = parts.to_vec();
        let opened = open(self.rooms, &self.read()?, source).await?;
        let files = opened.with(self.rooms, move |mail, _| carried(mail, &wanted)).await?;
        let mut left = intake::room(&self.rooms.limits);
        for (name, media_type, bytes) in files {
            if bytes.len() as u64 > left {
                continue;
            }
            left -= bytes.len() as u64;
            let bytes = self.rooms.store.seal(self.visit.identity().tenant(), &bytes).await?;
            let new = NewAttachment { bytes, name, media_type };
            self.rooms.store.attach(&self.write()?, draft, new, self.visit.now).await?;
        }
        Ok(())
    }

    /// Attaches files as far as they fit.
    pub async fn attach(&self, draft: DraftId, files: Vec<NewAttachment>) -> Result<Attached, Trouble> {
        if files.is_empty() {
            return Ok(Attached::All);
        }
        let mut used: u64 = self.row(draft).await?.attachments.iter().map(|file| file.size).sum();
        for file in files {
            used = used.saturating_add(file.bytes.size());
            if used > intake::room(&self.rooms.limits) {
                return Ok(Attached::TooLarge);
            }
            match self.rooms.store.attach(&self.write()?, draft, file, self.visit.now).await {
                Ok(_) => {}
                Err(StoreError::Invalid(_)) => return Ok(Attached::TooMany),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Attached::All)
    }

    /// Puts the draft into Drafts, for other clients; when another window was faster, that one does it.
    pub async fn materialise(&self, draft: DraftId) -> Result<(), Trouble> {
        let row = self.row(draft).await?;
        let letter = self.letter(&row, &Fields::from_bytes(&row.fields)).await?;
        let (limits, tenant) = (self.rooms.limits.clone(), self.visit.identity().tenant());
        let bytes = letter.bytes.clone();
        let summary = tokio::task::spawn_blocking(move || Parsed::parse(&bytes, &limits).summary().to_bytes());
        let summary = summary.await.map_err(Trouble::bug)?;
        let bytes = Bytes::New(self.rooms.store.seal(tenant, &letter.bytes).await?);
        let texts = self.texts_for(&bytes, &self.known(draft).await?).await;
        let mail = NewMail { tenant, bytes, summary, sensitive: true };
        let copy = DraftCopy { mail, texts };
        match self.rooms.store.materialise(&self.write()?, row.head.at, copy, self.visit.now).await {
            Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// What was read in the draft's files, to be kept beside its copy in Drafts, where the search index looks.
    async fn texts_for(&self, copy: &Bytes, known: &[(AttachmentId, Vec<u8>)]) -> Option<(u32, Draft)> {
        let known = self.rooms.outbound.kept(known.iter().map(|(_, texts)| texts.clone()));
        if known.is_empty() {
            return None;
        }
        let sealed = self.rooms.store.seal_beside(copy, &known.to_bytes()).await;
        sealed.inspect_err(not_kept).ok().map(|texts| (known.edition().number(), texts))
    }

    /// What was read in the draft's files before, by this edition of the readers.
    async fn known(&self, draft: DraftId) -> Result<Vec<(AttachmentId, Vec<u8>)>, Trouble> {
        let edition = self.rooms.outbound.edition();
        let known = self.rooms.store.attachment_texts(&self.read()?, draft, edition).await;
        Ok(known.inspect_err(not_kept).unwrap_or_default())
    }

    /// The draft as the bytes of a mail.
    pub async fn letter(&self, row: &DraftRow, fields: &Fields) -> Result<Letter, Trouble> {
        let size: u64 = row.attachments.iter().map(|file| file.size).sum::<u64>() + row.fields.len() as u64;
        let memory = self.rooms.memory.take(size.saturating_mul(5), PATIENCE).await;
        let memory = memory.ok_or_else(|| Trouble::Busy("no memory for another mail".into()))?;
        let access = self.read()?;
        let mut files = Vec::with_capacity(row.attachments.len());
        for file in &row.attachments {
            let bytes = self.rooms.store.read_attachment(&access, row.head.at.id, file.id, 0..file.size).await?;
            files.push(File { name: file.name.clone(), content_type: file.media_type.clone(), bytes });
        }
        let people = fields.addressed();
        let mail = Outgoing {
            to: people.to,
            cc: people.cc,
            bcc: people.bcc,
            subject: fields.subject.clone(),
            text: fields.text.clone(),
            in_reply_to: fields.in_reply_to.clone(),
            references: fields.references.clone(),
            files,
            charset: fields.charset(),
        };
        let from = self.from(fields)?;
        let (sender, random) = (from.clone(), self.random(row.head.at));
        let date = self.visit.now;
        let bytes = tokio::task::spawn_blocking(move || {
            let id = random.replace('_', ".");
            let message_id = format!("{}@{}", id.trim_matches(['.', '-']), sender.address.domain());
            mail.to_bytes(&sender, &Stamp { date, message_id: &message_id, boundary: &random })
        });
        let bytes = bytes.await.map_err(Trouble::bug)?;
        tracing::debug!(draft.id = row.head.at.id.0, mail.bytes = bytes.len(), "a draft was written out as a mail");
        Ok(Letter { bytes, from, _memory: memory })
    }

    /// The draft as the engine that reviews sees it; `None` when it cannot look. With it the letter, where it had to be written for that.
    pub async fn seen(&self, row: &DraftRow, fields: &Fields) -> Result<(Option<Arc<Seen>>, Option<Letter>), Trouble> {
        let from = self.from(fields)?.address;
        let (tenant, to) = (self.visit.identity().tenant(), envelope(&fields.addressed()));
        let parties = Parties { tenant, from: Some(from.clone()), to };
        let (directory, tried) = (self.rooms.store.directory(), self.rooms.outbound.tried(&parties).await);
        let looked = Looked::of(self.visit.identity(), row, from.to_string(), &directory, tried);
        if let Some(seen) = self.rooms.shelf.get(&looked) {
            return Ok((Some(seen), None));
        }
        let letter = self.letter(row, fields).await?;
        let seen = self.inspected(row, &parties, &letter).await?;
        seen.iter().for_each(|seen| self.rooms.shelf.put(looked.clone(), seen));
        Ok((seen, Some(letter)))
    }

    /// The same of its letter. What was read in the draft's files before is not read again, and what is read now is
    /// kept beside them.
    async fn inspected(
        &self,
        row: &DraftRow,
        parties: &Parties,
        letter: &Letter,
    ) -> Result<Option<Arc<Seen>>, Trouble> {
        let (store, outbound) = (&self.rooms.store, &self.rooms.outbound);
        let (draft, edition) = (row.head.at.id, outbound.edition());
        let known = self.known(draft).await?;
        let files: Vec<AttachmentId> = known.iter().map(|(file, _)| *file).collect();
        let known = outbound.kept(known.into_iter().map(|(_, texts)| texts));
        let seen = outbound.inspected(parties, letter.bytes.clone(), known).await;
        let Some(seen) = seen else { return Ok(None) };
        let all = row.attachments.iter().enumerate();
        let read = all.map(|(at, file)| (file.id, seen.kept().of_part(&Letter::part_of(at))));
        // what takes a password was perhaps read with others before
        let anew = |id: &AttachmentId, kept: &KeptTexts| !files.contains(id) || seen.fresh() && kept.takes_passwords();
        let read = read.filter(|(id, kept)| !kept.is_empty() && anew(id, kept));
        let read: Vec<_> = read.map(|(id, kept)| (id, kept.to_bytes())).collect();
        if !read.is_empty() {
            let kept = store.keep_attachment_texts(&self.write()?, draft, edition, &read).await;
            kept.unwrap_or_else(|error| not_kept(&error));
        }
        Ok(Some(seen))
    }

    /// Letters that nobody guesses and that no other mail has.
    fn random(&self, at: DraftAt) -> String {
        let seal = self.rooms.signer.seal("message-id", &format!("{}.{} {}", at.id, at.version, self.visit.now.0));
        format!("{}{}", self.visit.now.0, seal.chars().filter(char::is_ascii_alphanumeric).take(24).collect::<String>())
    }

    /// The sender as chosen, or his first address when the choice is none of his.
    pub fn from(&self, fields: &Fields) -> Result<Mailbox, Trouble> {
        let user = self.rooms.auth.person(self.visit.identity())?;
        let chosen = Address::parse(&fields.from).ok().filter(|address| user.owns(address));
        Ok(Mailbox::new(user.name.clone(), chosen.unwrap_or_else(|| user.address.clone())))
    }
}

fn not_kept(error: &StoreError) {
    tracing::warn!(%error, "texts of a draft's files are not kept; they are read again when they are needed");
}

/// Name, type and bytes of the files of a mail whose parts are named.
fn carried(mail: &Parsed<'_>, wanted: &[String]) -> Vec<(String, String, Vec<u8>)> {
    let files = attachments::attachments(mail);
    let wanted = files.iter().filter(|file| wanted.contains(&crate::mail::part_name(file)));
    wanted.filter_map(|file| Some((file.name.clone(), file.declared_type.clone(), original(mail, file)?))).collect()
}

/// A file as it came: what is served as text to a browser is in another charset.
fn original(mail: &Parsed<'_>, file: &Attachment) -> Option<Vec<u8>> {
    let leaf = mail.leaf(&file.part).filter(|leaf| file.inner == 0 && leaf.name.is_some());
    match leaf {
        Some(leaf) => Some(leaf.bytes.into_owned()),
        None => attachments::content(mail, file).map(std::borrow::Cow::into_owned),
    }
}
