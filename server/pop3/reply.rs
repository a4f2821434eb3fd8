//! A status line as a value (RFC 1939 3) with its response code (RFC 2449 8, 3206).

use std::borrow::Cow;

/// Response codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// The maildrop is open in another session (RFC 2449 8.1.2).
    InUse,
    /// The name or the password is wrong (RFC 3206 6).
    Auth,
    /// It may work later (RFC 3206 4).
    SysTemp,
    /// It will not work until somebody changes something (RFC 3206 5).
    SysPerm,
}

impl Code {
    const fn word(self) -> &'static str {
        match self {
            Self::InUse => "IN-USE",
            Self::Auth => "AUTH",
            Self::SysTemp => "SYS/TEMP",
            Self::SysPerm => "SYS/PERM",
        }
    }
}

/// `+OK` or `-ERR` with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    good: bool,
    code: Option<Code>,
    text: Cow<'static, str>,
}

impl Reply {
    /// `+OK text`
    pub(crate) fn ok(text: impl Into<Cow<'static, str>>) -> Self {
        Self { good: true, code: None, text: text.into() }
    }
    /// `-ERR text`
    pub(crate) fn err(text: impl Into<Cow<'static, str>>) -> Self {
        Self { good: false, code: None, text: text.into() }
    }
    /// `-ERR [code] text`
    pub(crate) fn coded(code: Code, text: impl Into<Cow<'static, str>>) -> Self {
        Self { good: false, code: Some(code), text: text.into() }
    }

    /// Writes the line; the text is reduced to printable ASCII.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.good { b"+OK" } else { b"-ERR" });
        if let Some(code) = self.code {
            out.extend_from_slice(format!(" [{}]", code.word()).as_bytes());
        }
        if !self.text.is_empty() {
            out.push(b' ');
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
        Reply::coded(Code::InUse, "a\r\nb 日").write(&mut out);
        Reply::ok("").write(&mut out);
        assert_eq!(out, b"-ERR [IN-USE] a??b ?\r\n+OK\r\n");
    }
}
