//! Tokens, codes and passwords of links, and what is kept of them: hashes. It knows no link and no store.

use ring::digest;
use store::TokenHash;

use crate::OutboundError;

/// Bytes of a token: 128 bits.
const TOKEN: usize = 16;
/// Codes have six digits.
const CODES: u32 = 1_000_000;

/// What stands in the address of a link's page: 32 letters from `a` to `p`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(***)")
    }
}

impl Token {
    /// One that nobody can guess.
    pub fn fresh() -> Result<Self, OutboundError> {
        let mut bits = [0; TOKEN];
        getrandom::fill(&mut bits).map_err(|_| OutboundError::NoRandomness)?;
        Ok(Self(types::letters(&bits)))
    }
    /// What stands in its place in mail that is kept: no token.
    pub fn kept() -> Self {
        Self("*".repeat(2 * TOKEN))
    }
    /// Reads one; `None` when it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        // digits: links that were sent before these were letters alone
        let letters = text.bytes().all(|byte| (b'a'..=b'p').contains(&byte) || byte.is_ascii_digit());
        (letters && text.len() == 2 * TOKEN).then(|| Self(text.to_owned()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        sha256(&[b"link token\0", self.0.as_bytes()])
    }
}

/// What stands in a code's place in mail that is kept.
pub(super) const KEPT: &str = "******";

/// A fresh code, each equally likely.
pub(super) fn code() -> Result<String, OutboundError> {
    // what lies above the last whole million is drawn again
    const BOUND: u32 = u32::MAX - u32::MAX % CODES;
    loop {
        let mut bits = [0; 4];
        getrandom::fill(&mut bits).map_err(|_| OutboundError::NoRandomness)?;
        let drawn = u32::from_le_bytes(bits);
        if drawn < BOUND {
            return Ok(format!("{:06}", drawn % CODES));
        }
    }
}

/// What is kept of a code: bound to the token, of which the database knows only a hash, so that nobody who reads it can try
/// a million codes.
pub(crate) fn hash(token: &str, code: &str) -> TokenHash {
    sha256(&[b"link code\0", token.as_bytes(), b"\0", code.as_bytes()])
}

/// What is kept of a generated password of a hundred bits.
pub(crate) fn password_hash(typed: &str) -> String {
    let TokenHash(hash) = sha256(&[b"link password\0", normal(typed).as_bytes()]);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As people type it: full-width signs count as the others, capitals as small letters; spaces and hyphens count for nothing.
pub(crate) fn normal(typed: &str) -> String {
    let narrow = |sign: char| match u32::from(sign) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(sign),
        _ => sign,
    };
    let signs = typed.chars().take(200).map(narrow).filter(|sign| sign.is_ascii_alphanumeric() || *sign == '@');
    signs.map(|sign| sign.to_ascii_lowercase()).collect()
}

fn sha256(parts: &[&[u8]]) -> TokenHash {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    TokenHash(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_128_bits_and_reads_back() {
        let (one, two) = (Token::fresh().unwrap(), Token::fresh().unwrap());
        assert_eq!(one.as_str().len() * 4, 128);
        assert_ne!(one, two);
        assert_eq!(Token::parse(one.as_str()), Some(one.clone()));
        assert_eq!(format!("{one:?}"), "Token(***)");
        let long = format!("{}a", one.as_str());
        for wrong in
            ["", &one.as_str()[1..], &long, "ABCDEFGHIJKLMNOPABCDEFGHIJKLMNOP", "../../../../../../../../../../etc/"]
        {
            assert_eq!(Token::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_has_six_digits_and_is_kept_bound_to_its_token() {
        for _ in 0..100 {
            let code = code().unwrap();
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        }
        assert_eq!(hash("t", "123456"), hash("t", "123456"));
        assert_ne!(hash("t", "123456"), hash("u", "123456"));
        assert_ne!(hash("t", "123456"), hash("t", "123457"));
    }

    #[test]
    fn a_code_is_taken_as_people_type_it() {
        for typed in ["482913", "482 913", "482-913", "４８２９１３", " 482　913 "] {
            assert_eq!(normal(typed), "482913");
        }
        assert_eq!(password_hash("ABCDE-fgh2k"), password_hash("abcde fgh2k"));
        assert_ne!(password_hash("abcdefgh2k"), password_hash("abcdefgh3k"));
    }
}
