//! URLs of the content origin: it has no cookie, so each URL says for whom it was made, for what and until when, under
//! a key of this process.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{hmac, rand};
use types::{Timestamp, UserId};

use crate::Trouble;

/// A signed URL opens so long.
pub const GOOD_FOR: Duration = Duration::from_secs(300);

/// Makes and checks signed URLs and other short-lived tokens. One for the whole process; after a restart old ones are
/// void.
#[derive(Debug)]
pub struct Signer {
    key: hmac::Key,
}

impl Signer {
    /// With a fresh key.
    ///
    /// # Errors
    /// [`Trouble::Bug`] when the machine gives no randomness.
    pub fn new() -> Result<Self, Trouble> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new());
        Ok(Self { key: key.map_err(|_| Trouble::bug("the machine gives no randomness"))? })
    }

    /// `{origin}{path}` for `user`, good for five minutes. `path` begins with `/` and has no query: it is what the
    /// signature binds.
    #[must_use]
    pub fn url(&self, origin: &str, path: &str, user: UserId, now: Timestamp) -> String {
        format!("{origin}{path}?{}", self.query(path, user, now))
    }

    fn query(&self, path: &str, user: UserId, now: Timestamp) -> String {
        let until = now.after(GOOD_FOR).secs();
        format!("u={user}&e={until}&s={}", self.seal("url", &format!("{user} {until} {path}")))
    }

    /// For whom the URL of this path and query was made.
    ///
    /// # Errors
    /// [`Trouble::NotFound`] when it is not ours, not for this path, or over.
    pub fn check(&self, path: &str, query: &str, now: Timestamp) -> Result<UserId, Trouble> {
        let field = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let (user, until) =
            (field("u").and_then(|user| user.parse::<i64>().ok()), field("e").and_then(|end| end.parse::<i64>().ok()));
        let (Some(user), Some(until), Some(seal)) = (user, until, field("s")) else { return Err(Trouble::NotFound) };
        let good = self.is_sealed("url", &format!("{user} {until} {path}"), seal) && now.secs() < until;
        if good { Ok(UserId(user)) } else { Err(Trouble::NotFound) }
    }

    /// A token that proves that this process said `what` for `purpose` (undo, remote images); what ends it, such as a
    /// moment, stands in `what`.
    #[must_use]
    pub fn seal(&self, purpose: &str, what: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, &message(purpose, what)))
    }

    /// Whether [`Self::seal`] made `seal`.
    #[must_use]
    pub fn is_sealed(&self, purpose: &str, what: &str, seal: &str) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(seal) else { return false };
        hmac::verify(&self.key, &message(purpose, what), &tag).is_ok()
    }
}

fn message(purpose: &str, what: &str) -> Vec<u8> {
    [purpose.as_bytes(), b"\0", what.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_478_400_000);

    fn parts(url: &str) -> (&str, &str) {
        url.strip_prefix("https://c.example").unwrap().split_once('?').unwrap()
    }

    #[test]
    fn a_signed_url_opens_what_it_names_for_whom_it_names_for_five_minutes() {
        let signer = Signer::new().unwrap();
        let url = signer.url("https://c.example", "/body/7", UserId(3), NOW);
        let (path, query) = parts(&url);
        assert_eq!(signer.check(path, query, NOW).unwrap(), UserId(3));
        let later = |seconds| NOW.after(Duration::from_secs(seconds));
        assert!(signer.check(path, query, later(299)).is_ok());
        assert!(signer.check(path, query, later(300)).is_err());
        assert!(signer.check("/body/8", query, NOW).is_err());
        assert!(signer.check(path, &query.replace("u=3", "u=4"), NOW).is_err());
        assert!(signer.check(path, &query.replace("e=1", "e=2"), NOW).is_err());
        assert!(signer.check(path, "", NOW).is_err());
        assert!(Signer::new().unwrap().check(path, query, NOW).is_err(), "another process has another key");
    }

    #[test]
    fn a_seal_serves_one_purpose() {
        let signer = Signer::new().unwrap();
        let seal = signer.seal("undo", "5 move");
        assert!(signer.is_sealed("undo", "5 move", &seal));
        assert!(!signer.is_sealed("url", "5 move", &seal) && !signer.is_sealed("undo", "6 move", &seal));
    }
}
