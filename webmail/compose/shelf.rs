//! What looks at drafts have seen a moment ago: the check that is shown again, ticked and sent looks at the same draft,
//! and its text and files need not be read and searched each time. Only memory, bounded, of one process; the rules are
//! asked anew each time, and what is sent is looked at as the mail that it is.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use inspect::Seen;
use inspect::extract::Tried;
use store::{Directory, DraftAt, DraftRow, Label};
use types::{AttachmentId, UserId};
use web::auth::Identity;

/// Bytes of texts that are kept.
const MOST: usize = 64 << 20;
/// For so long.
const FOR: Duration = Duration::from_secs(600);

/// A draft as it was looked at: another version, another file, another sender, other labels or other passwords to try
/// are another look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Looked {
    user: UserId,
    at: DraftAt,
    files: Vec<AttachmentId>,
    from: String,
    /// The company's own.
    labels: Option<Arc<Vec<Label>>>,
    /// Which agreed passwords were tried.
    tried: Tried,
}

impl Looked {
    pub fn of(who: &Identity, row: &DraftRow, from: String, directory: &Directory, tried: Tried) -> Self {
        let files = row.attachments.iter().map(|file| file.id).collect();
        let labels = directory.labels.get(&who.tenant()).cloned();
        Self { user: who.user(), at: row.head.at, files, from, labels, tried }
    }
}

/// What was seen lately. Its `Debug` shows none of it.
#[derive(Default)]
pub struct Shelf(Mutex<Vec<Book>>);

struct Book {
    of: Looked,
    seen: Arc<Seen>,
    until: Instant,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf")
    }
}

impl Shelf {
    /// What was seen in this very draft.
    pub(super) fn get(&self, of: &Looked) -> Option<Arc<Seen>> {
        let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        books.retain(|book| book.until > now);
        books.iter().find(|book| book.of == *of).map(|book| Arc::clone(&book.seen))
    }

    /// Puts it there, in place of what was seen in other versions of the draft; the oldest goes where there is no room.
    /// What another look may see better is not kept.
    pub(super) fn put(&self, of: Looked, seen: &Arc<Seen>) {
        if !seen.settled() || seen.weight() > MOST {
            return;
        }
        let mut books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        books.retain(|book| (book.of.user, book.of.at.id) != (of.user, of.at.id));
        let mut room = MOST - seen.weight();
        let fits = books.iter().rev().take_while(|book| {
            let left = room.checked_sub(book.seen.weight());
            room = left.unwrap_or_default();
            left.is_some()
        });
        let gone = books.len() - fits.count();
        books.drain(..gone);
        books.push(Book { of, seen: Arc::clone(seen), until: Instant::now() + FOR });
    }
}

#[cfg(test)]
mod tests {
    use inspect::extract::{Kept, Password, Passwords};
    use inspect::{Inspector, Texts};
    use types::{DraftId, Limits};

    use super::*;

    fn looked(draft: i64, version: u32) -> Looked {
        let at = DraftAt { id: DraftId(draft), version };
        Looked {
            user: UserId(1),
            at,
            files: vec![AttachmentId(draft)],
            from: "a@b.example".into(),
            labels: None,
            tried: Tried::default(),
        }
    }

    async fn seen(size: usize) -> Arc<Seen> {
        let inspector = Inspector::new(Arc::new(Limits::default()), Texts::Here);
        let mail = format!("Subject: x\r\n\r\n{}", "word word\r\n".repeat(size / 11));
        match inspector.look_through(mail, Kept::default()).await {
            inspect::Looked::Seen(seen) => seen,
            looked => panic!("{looked:?}"),
        }
    }

    #[tokio::test]
    async fn only_the_same_draft_finds_what_was_seen_in_it() {
        let (shelf, one) = (Shelf::default(), seen(10).await);
        shelf.put(looked(1, 1), &one);
        assert!(shelf.get(&looked(1, 1)).is_some());
        let another_file = Looked { files: Vec::new(), ..looked(1, 1) };
        let another_person = Looked { user: UserId(2), ..looked(1, 1) };
        let label = Label { kind: "strong".into(), word: "職員識別子".into() };
        let other_labels = Looked { labels: Some(Arc::new(vec![label])), ..looked(1, 1) };
        let password = Password::parse("x").unwrap();
        let other_passwords = Looked { tried: Passwords::new([([1; 16], password)]).tried(), ..looked(1, 1) };
        for other in [looked(1, 2), looked(2, 1), another_file, another_person, other_labels, other_passwords] {
            assert!(shelf.get(&other).is_none(), "{other:?}");
        }
        shelf.put(looked(1, 2), &one);
        assert!(shelf.get(&looked(1, 1)).is_none(), "one version of a draft is enough");
    }

    #[tokio::test]
    async fn the_oldest_give_way() {
        let (shelf, large) = (Shelf::default(), seen(8 << 20).await);
        for draft in 1..=4 {
            shelf.put(looked(draft, 1), &large);
        }
        let there: Vec<bool> = (1..=4).map(|draft| shelf.get(&looked(draft, 1)).is_some()).collect();
        assert_eq!(there, [false, false, true, true]);
    }
}
