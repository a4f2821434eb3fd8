//! Passwords to try on what is encrypted: a bounded list for one look at a mail, and the bounded work of trying them.
//! It knows no format and no cipher; where the passwords come from, and for whom they are, its caller knows. Their
//! texts are zeroised and stand in no `Debug`, no error and no log.
//!
//! ```
//! let one = extract::Password::parse("aoba-2026")?;
//! assert_eq!(format!("{one:?}"), "Password(***)");
//! assert!(extract::Password::parse("").is_err());
//! # Ok::<(), extract::PasswordError>(())
//! ```

use std::fmt;
use std::sync::Arc;

use encoding_rs::SHIFT_JIS;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Passwords that are tried in one look at most.
pub const PASSWORDS: usize = 32;
/// Bytes of one at most.
const BYTES: usize = 128;
/// Rounds of hashing that one try may cost: programs ask for half of it at most, hostile files for a thousand times
/// as many.
const ROUNDS_OF_ONE: u64 = 1 << 20;
/// Rounds that all tries in one part of a mail may cost together: some seconds of the child's time.
const ROUNDS: u64 = 20 << 20;

/// What is wrong with a password. Says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is empty.
    #[error("the password is empty")]
    Empty,
    /// It is too long for any of the formats.
    #[error("the password is longer than {BYTES} bytes")]
    TooLong,
    /// It holds a line break or another control character, which nobody types.
    #[error("the password holds a line break or another control character")]
    Control,
}

/// A password. Its `Debug` shows stars.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<String>);

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

impl Password {
    /// Takes a password as it was agreed: 1 to 128 bytes of UTF-8 without control characters.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        match text {
            "" => Err(PasswordError::Empty),
            text if text.len() > BYTES => Err(PasswordError::TooLong),
            text if text.chars().any(char::is_control) => Err(PasswordError::Control),
            text => Ok(Self(Zeroizing::new(text.to_owned()))),
        }
    }

    /// The text, for whoever seals it or tries it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// As the bytes that programs may have made of it: UTF-8, and code page 932 of Windows in Japan.
    pub(crate) fn forms(&self) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
        let (windows, _, lost) = SHIFT_JIS.encode(&self.0);
        let windows = (!lost && windows.as_ref() != self.0.as_bytes()).then(|| Zeroizing::new(windows.into_owned()));
        std::iter::once(Zeroizing::new(self.0.as_bytes().to_vec())).chain(windows)
    }

    /// As UTF-16, the lower byte first.
    pub(crate) fn utf16(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(2 * self.0.len()));
        out.extend(self.0.encode_utf16().flat_map(u16::to_le_bytes));
        out
    }
}

/// Which passwords were tried: what another list could open is read again. Made of what names the passwords, never of
/// the passwords.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tried([u8; 16]);

/// The passwords to try in one look; none is the default. A clone shares them. Its `Debug` shows how many there are.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Passwords {
    tried: Tried,
    all: Arc<[Password]>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passwords({})", self.all.len())
    }
}

impl Passwords {
    /// The first [`PASSWORDS`] of these, in this order; each with the 16 bytes that name it and no other one ever.
    #[must_use]
    pub fn new(named: impl IntoIterator<Item = ([u8; 16], Password)>) -> Self {
        let (mut names, all): (Vec<_>, Vec<_>) = named.into_iter().take(PASSWORDS).unzip();
        if names.is_empty() {
            return Self::default();
        }
        names.sort_unstable();
        let digest: [u8; 32] = Sha256::digest(names.concat()).into();
        let [tried @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = digest;
        Self { tried: Tried(tried), all: all.into() }
    }

    /// Which they are.
    #[must_use]
    pub fn tried(&self) -> Tried {
        self.tried
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// The work of trying passwords in one part of a mail.
pub(crate) struct Trying<'a> {
    all: &'a [Password],
    /// Rounds of hashing that are left.
    rounds: u64,
    /// The one that opened the last file: as a rule it opens the next one too.
    last: Option<usize>,
}

impl<'a> Trying<'a> {
    pub fn new(passwords: &'a Passwords) -> Self {
        Self { all: &passwords.all, rounds: ROUNDS, last: None }
    }

    /// Whether there is any to try.
    pub fn any(&self) -> bool {
        !self.all.is_empty()
    }

    /// What the first password gives that opens it; a try costs so many rounds of hashing. `None`: none fits, or
    /// trying costs too much.
    pub fn open<T>(&mut self, rounds: u64, mut attempt: impl FnMut(&Password) -> Option<T>) -> Option<T> {
        if rounds > ROUNDS_OF_ONE {
            return None;
        }
        let others = (0..self.all.len()).filter(|at| Some(*at) != self.last);
        for at in self.last.into_iter().chain(others).collect::<Vec<_>>() {
            self.rounds = self.rounds.checked_sub(rounds)?;
            let opened = self.all.get(at).and_then(&mut attempt);
            if opened.is_some() {
                self.last = Some(at);
                return opened;
            }
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Passwords {
        let name = |at: usize| [u8::try_from(at).unwrap(); 16];
        Passwords::new(texts.iter().enumerate().map(|(at, text)| (name(at), Password::parse(text).unwrap())))
    }

    #[test]
    fn what_nobody_types_is_no_password() {
        assert_eq!(Password::parse(""), Err(PasswordError::Empty));
        assert_eq!(Password::parse("a\nb"), Err(PasswordError::Control));
        assert_eq!(Password::parse(&"あ".repeat(43)), Err(PasswordError::TooLong));
        assert!(Password::parse(&"a".repeat(128)).is_ok());
    }

    #[test]
    fn no_debug_shows_a_password() {
        let shown = format!("{:?} {:?}", list(&["secret-1"]), Password::parse("secret-1"));
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn a_list_is_named_by_what_is_on_it_in_any_order() {
        let named = |names: [u8; 2]| Passwords::new(names.map(|name| ([name; 16], Password::parse("x").unwrap())));
        assert_eq!(named([1, 2]).tried(), named([2, 1]).tried());
        assert_ne!(named([1, 2]).tried(), named([1, 3]).tried());
        assert_ne!(named([1, 2]).tried(), Passwords::default().tried());
    }

    #[test]
    fn no_more_than_the_bound_are_tried() {
        let many: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let many = list(&many.iter().map(String::as_str).collect::<Vec<_>>());
        let mut count = 0;
        let opened = Trying::new(&many).open(1, |_| {
            count += 1;
            None::<()>
        });
        assert_eq!((opened, count), (None, PASSWORDS));
    }

    #[test]
    fn what_opened_one_file_is_tried_first_on_the_next() {
        let passwords = list(&["a", "b", "c"]);
        let mut trying = Trying::new(&passwords);
        let mut tries = Vec::new();
        for _ in 0..2 {
            trying.open(1, |password| {
                tries.push(password.reveal().to_owned());
                (password.reveal() == "c").then_some(())
            });
        }
        assert_eq!(tries, ["a", "b", "c", "c"]);
    }

    #[test]
    fn work_without_end_is_not_begun() {
        let passwords = list(&["a", "b"]);
        let mut trying = Trying::new(&passwords);
        assert_eq!(trying.open(10_000_000, |_| Some(())), None);
        let mut count = 0u32;
        while trying.open(ROUNDS_OF_ONE, |_| Some(())).is_some() {
            count += 1;
        }
        assert_eq!(count, 20);
    }

    #[test]
    fn windows_in_japan_writes_other_bytes() {
        let forms: Vec<Vec<u8>> = Password::parse("青葉").unwrap().forms().map(|form| form.to_vec()).collect();
        assert_eq!(forms, ["青葉".as_bytes().to_vec(), vec![0x90, 0xc2, 0x97, 0x74]]);
        assert_eq!(Password::parse("aoba").unwrap().forms().count(), 1);
    }
}
