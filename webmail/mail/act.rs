//! What is done with the mails that somebody selected: read, star, move, delete; each with its undo.

use store::{Access, Account, FlagChange, FlagMode, Mailbox, MailboxRole, Write};
use types::{Flags, MailboxId, SystemFlags, Uid, UidSet};
use web::axum::extract::{Path, RawForm, State};
use web::{Answer, Toast, Trouble, Undo, Visit, local_path, see_with};

use super::folders::{folder_name, with_role};
use super::undo::{self, Inverse};
use super::{MailId, MailWords};
use crate::Rooms;

/// Most mails of one act: a page of the list and more.
const MOST: usize = 1_000;

/// An act as the form says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Read,
    Unread,
    Star,
    Unstar,
    Archive,
    Trash,
    Junk,
    NotJunk,
    Move,
    Delete,
}

impl Act {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "read" => Self::Read,
            "unread" => Self::Unread,
            "star" => Self::Star,
            "unstar" => Self::Unstar,
            "archive" => Self::Archive,
            "trash" => Self::Trash,
            "junk" => Self::Junk,
            "inbox" => Self::NotJunk,
            "move" => Self::Move,
            "delete" => Self::Delete,
            _ => return None,
        })
    }

    /// The flag that it sets (true) or takes away.
    fn flag(self) -> Option<(SystemFlags, bool)> {
        match self {
            Self::Read => Some((SystemFlags::SEEN, true)),
            Self::Unread => Some((SystemFlags::SEEN, false)),
            Self::Star => Some((SystemFlags::FLAGGED, true)),
            Self::Unstar => Some((SystemFlags::FLAGGED, false)),
            _ => None,
        }
    }

    /// Where it moves to, when that is a special mailbox.
    fn role(self) -> Option<MailboxRole> {
        match self {
            Self::Archive => Some(MailboxRole::Archive),
            Self::Trash => Some(MailboxRole::Trash),
            Self::Junk => Some(MailboxRole::Junk),
            Self::NotJunk => Some(MailboxRole::Inbox),
            _ => None,
        }
    }
}

/// The form: `do`, `uid` again and again, `to`, `back`. A star's button says `do=star:17` and so names its mail.
#[derive(Debug, PartialEq, Eq)]
struct Given {
    act: Act,
    uids: UidSet,
    to: Option<MailboxId>,
    back: String,
    /// Whether only counters change on the page: reading marks as read by itself.
    quiet: bool,
}

impl Given {
    fn read(form: &[u8]) -> Option<Self> {
        let (mut act, mut uids, mut to, mut back, mut quiet) = (None, UidSet::new(), None, String::from("/"), false);
        let mut one = None;
        for (name, value) in form_urlencoded::parse(form) {
            match name.as_ref() {
                "do" => {
                    let (word, uid) = value.split_once(':').map_or((value.as_ref(), None), |(w, u)| (w, Some(u)));
                    act = Act::parse(word);
                    one = uid.and_then(|uid| uid.parse().ok());
                }
                "uid" => uids.insert(Uid(value.parse().ok()?)),
                "to" if !value.is_empty() => to = Some(MailboxId(value.parse().ok()?)),
                "back" => local_path(&value).clone_into(&mut back),
                "quiet" => quiet = true,
                _ => {}
            }
        }
        let uids = one.map_or(uids, |uid| undo::set_of([Uid(uid)]));
        (uids.len() <= MOST).then_some(Self { act: act?, uids, to, back, quiet })
    }
}

/// POST /mail/f/{mailbox}/act
pub(super) async fn act(
    State(rooms): State<Rooms>,
    visit: Visit,
    Path(mailbox): Path<i64>,
    RawForm(form): RawForm,
) -> Answer {
    let given = Given::read(&form).ok_or(Trouble::BadRequest)?;
    let words = MailWords::new(visit.page.language);
    if given.uids.is_empty() {
        return see_with(&given.back, &Toast::new(words.choose_first()));
    }
    let acting = Acting { rooms: &rooms, visit: &visit, words, mailbox: MailboxId(mailbox), given: &given };
    let toast = acting.carry_out().await?;
    if given.quiet && visit.page.fragment {
        return super::live::counters(&rooms, &visit).await;
    }
    see_with(&given.back, &toast)
}

/// An act under way.
struct Acting<'a> {
    rooms: &'a Rooms,
    visit: &'a Visit,
    words: MailWords,
    mailbox: MailboxId,
    given: &'a Given,
}

impl Acting<'_> {
    async fn carry_out(&self) -> Result<Toast, Trouble> {
        let access = self.rooms.auth.write_account(self.visit.identity())?;
        if let Some((flag, on)) = self.given.act.flag() {
            return self.mark(&access, flag, on).await;
        }
        if self.given.act == Act::Delete {
            let gone = self.rooms.store.remove(&access, self.mailbox, &self.given.uids, self.visit.now).await?;
            return Ok(Toast::new(self.words.done_delete(gone.len())));
        }
        let mailboxes = self.rooms.store.mailboxes(&self.rooms.auth.read_account(self.visit.identity())?).await?;
        match self.destination(&mailboxes) {
            Some(to) if to.id != self.mailbox && to.selectable => self.move_to(&access, to).await,
            Some(_) | None => Ok(Toast::new(self.words.choose_folder())),
        }
    }

    fn destination<'m>(&self, mailboxes: &'m [Mailbox]) -> Option<&'m Mailbox> {
        match self.given.act.role() {
            Some(role) => with_role(mailboxes, role),
            None => mailboxes.iter().find(|mailbox| Some(mailbox.id) == self.given.to),
        }
    }

    async fn move_to(&self, access: &Access<Account, Write>, to: &Mailbox) -> Result<Toast, Trouble> {
        let moved = self.rooms.store.move_to(access, self.mailbox, &self.given.uids, to.id, self.visit.now).await?;
        let uids: UidSet = moved.uids.iter().map(|(_, new)| *new).collect();
        let inverse = Inverse::Move { from: to.id, uids: uids.runs().to_vec(), to: self.mailbox };
        let text = match self.given.act {
            Act::Archive => self.words.done_archive(uids.len()),
            _ => self.words.done_move(uids.len(), &folder_name(to, self.words)),
        };
        Ok(self.with_undo(text, inverse))
    }

    async fn mark(&self, access: &Access<Account, Write>, flag: SystemFlags, on: bool) -> Result<Toast, Trouble> {
        let mode = if on { FlagMode::Add } else { FlagMode::Remove };
        let change = FlagChange { mode, flags: Flags::system(flag), unchanged_since: None };
        let inverse = self.rooms.store.mark(access, self.mailbox, &self.given.uids, change).await?;
        let count = self.given.uids.len();
        let text = match self.given.act {
            Act::Read => self.words.done_read(count),
            Act::Unread => self.words.done_unread(count),
            Act::Star => self.words.done_star().to_owned(),
            _ => self.words.done_unstar().to_owned(),
        };
        Ok(self.with_undo(text, Inverse::of_marks(self.mailbox, &inverse)))
    }

    fn with_undo(&self, text: String, inverse: Inverse) -> Toast {
        let user = self.visit.identity().user();
        let path = undo::path(&self.rooms.signer, user, inverse, self.visit.now);
        Toast::new(text).with_undo(path.map(|path| Undo { path, sending: 0 }))
    }
}

/// POST /mail/undo/{token}
pub(super) async fn take_back(State(rooms): State<Rooms>, visit: Visit, Path(token): Path<String>) -> Answer {
    let words = MailWords::new(visit.page.language);
    let user = visit.identity().user();
    let Some(inverse) = undo::open(&rooms.signer, user, &token, visit.now)? else {
        return see_with("/mail", &Toast::new(words.undo_over()));
    };
    let access = rooms.auth.write_account(visit.identity())?;
    let mailbox = match inverse {
        Inverse::Move { from, uids, to } => {
            rooms.store.move_to(&access, from, &undo::uid_set(&uids), to, visit.now).await?;
            to
        }
        Inverse::Mark { mailbox, changes } => {
            for marked in &changes {
                rooms.store.store_flags(&access, mailbox, &undo::uid_set(&marked.uids), marked.change()).await?;
            }
            mailbox
        }
    };
    see_with(&format!("/mail/f/{mailbox}"), &Toast::new(words.undone()))
}

/// The path of the message, for forms and links.
#[must_use]
pub fn message_path(id: MailId) -> String {
    format!("/mail/m/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_and_a_star_names_its_own_mail() {
        let given = Given::read(b"csrf=x&do=move&uid=3&uid=5&to=9&back=/mail/f/1").unwrap();
        assert_eq!(
            (given.act, given.uids.len(), given.to, given.back.as_str()),
            (Act::Move, 2, Some(MailboxId(9)), "/mail/f/1")
        );
        let star = Given::read(b"uid=3&do=star:17&to=").unwrap();
        assert_eq!((star.act, star.uids), (Act::Star, undo::set_of([Uid(17)])));
        assert_eq!(Given::read(b"do=read&uid=1&back=//evil.example").unwrap().back, "/");
        for wrong in ["", "do=fly", "do=read&uid=x", "do=move&uid=1&to=x"] {
            assert_eq!(Given::read(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
