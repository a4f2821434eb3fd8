//! What somebody is given who opened a link: a pass for a quarter of an hour that stands in the address of the next pages. It is
//! sealed by this process for one link and one address of it, so that a link sent anew or a restart ends it.

use std::time::Duration;

use store::LinkRow;
use types::Timestamp;
use web::Signer;

/// A pass is good for so long.
const GOOD_FOR: Duration = Duration::from_secs(900);
const PURPOSE: &str = "link pass";

fn what(link: &LinkRow, token: &str, until: i64) -> String {
    format!("{} {token} {until}", link.id)
}

/// A pass for `link` from `now` on.
pub(super) fn make(signer: &Signer, link: &LinkRow, token: &str, now: Timestamp) -> String {
    let until = now.after(GOOD_FOR).secs();
    format!("{until}.{}", signer.seal(PURPOSE, &what(link, token, until)))
}

/// Whether `pass` opens `link` at `now`.
pub(super) fn opens(signer: &Signer, link: &LinkRow, token: &str, pass: &str, now: Timestamp) -> bool {
    let Some((until, seal)) = pass.split_once('.') else { return false };
    let Ok(until) = until.parse::<i64>() else { return false };
    now.secs() < until && signer.is_sealed(PURPOSE, &what(link, token, until), seal)
}
