//! To whom people have sent: one statement for all that a group of postings releases.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;
use store::search_text;

use super::{Ready, Result, insert};

/// What a group adds to one correspondent: name, text to be found by, count, last moment.
type Added = (String, String, u32, i64);

pub(super) async fn write(tx: &mut SqliteConnection, postings: &[&Ready]) -> Result<()> {
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
    let rows: Vec<_> = all.into_iter().collect();
    insert(
        tx,
        "INSERT INTO correspondent (user, address, name, search, sent, last) SELECT value->>'$[0][0]', \
         value->>'$[0][1]', value->>'$[1][0]', value->>'$[1][1]', value->>'$[1][2]', value->>'$[1][3]' \
         FROM json_each($1) WHERE true ON CONFLICT (user, address) DO UPDATE SET sent = sent + excluded.sent, \
         last = max(last, excluded.last), name = CASE WHEN excluded.name = '' THEN name ELSE excluded.name END, \
         search = CASE WHEN excluded.name = '' THEN search ELSE excluded.search END",
        &rows,
    )
    .await
}
