//! To whom people have sent: a row for each of those that a group of postings releases to.

use std::collections::BTreeMap;

use store::search_text;

use super::{Ready, Result, Rows};

/// What a group adds to one correspondent: name, text to be found by, count, last moment.
type Added = (String, String, u32, i64);

pub(super) fn rows(postings: &[&Ready], rows: &mut Rows) -> Result<()> {
    let mut all: BTreeMap<(i64, String), Added> = BTreeMap::new();
    for new in postings.iter().flat_map(|posting| &posting.posting.correspondents) {
        let search = search_text(&[&new.name], &new.address);
        let entry = all.entry((new.user.0, new.address.key())).or_default();
        let name = if new.name.is_empty() && entry.2 > 0 { None } else { Some((new.name.clone(), search)) };
        if let Some(name) = name {
            (entry.0, entry.1) = name;
        }
        (entry.2, entry.3) = (entry.2 + 1, entry.3.max(new.at.0));
    }
    for ((user, address), (name, search, sent, last)) in all {
        rows.correspondents.add(&(user, address, name, search, sent, last))?;
    }
    Ok(())
}
