//! The tagged answer to a command as a value (RFC 3501 7.1).

use std::borrow::Cow;

/// OK, NO or BAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    No,
    Bad,
}

/// An answer: status, response code, text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: Status,
    code: Option<Cow<'static, str>>,
    text: Cow<'static, str>,
}

impl Answer {
    /// `OK text`
    pub(crate) fn ok(text: &'static str) -> Self {
        Self { status: Status::Ok, code: None, text: text.into() }
    }
    /// `OK [code] text`
    pub(crate) fn ok_with(code: impl Into<Cow<'static, str>>, text: &'static str) -> Self {
        Self { status: Status::Ok, code: Some(code.into()), text: text.into() }
    }
    /// `NO [code] text`
    pub(crate) fn no(code: impl Into<Cow<'static, str>>, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status: Status::No, code: Some(code.into()), text: text.into() }
    }
    /// `BAD text`
    pub(crate) fn bad(text: impl Into<Cow<'static, str>>) -> Self {
        Self { status: Status::Bad, code: None, text: text.into() }
    }

    /// Writes the line. The text is reduced to printable ASCII, so that no name that a client chose can break
    /// the protocol or reach another reader's screen raw.
    pub(crate) fn write(&self, tag: &str, out: &mut Vec<u8>) {
        let word = match self.status {
            Status::Ok => "OK",
            Status::No => "NO",
            Status::Bad => "BAD",
        };
        out.extend_from_slice(format!("{tag} {word} ").as_bytes());
        if let Some(code) = &self.code {
            out.extend_from_slice(format!("[{code}] ").as_bytes());
        }
        out.extend(self.text.chars().map(|c| if (' '..='~').contains(&c) { c as u8 } else { b'?' }));
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_breaks_the_line() {
        let mut out = Vec::new();
        Answer::no("CANNOT", "a\r\nb 日").write("t1", &mut out);
        assert_eq!(out, b"t1 NO [CANNOT] a??b ?\r\n");
    }
}
