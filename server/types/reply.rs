//! An SMTP reply as a value (RFC 5321 4.2, enhanced codes RFC 3463).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A reply: code, enhanced status code, and one or more lines of printable ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The three-digit code.
    pub code: u16,
    /// The enhanced status code (class, subject, detail); `None` where RFC 2034 has none (220, 250 to EHLO, 334, 354).
    pub enhanced: Option<(u8, u16, u16)>,
    /// The text, a line each.
    pub lines: Vec<String>,
}

impl Reply {
    /// A one-line reply with an enhanced code.
    #[must_use]
    pub fn new(code: u16, enhanced: (u8, u16, u16), text: impl Into<String>) -> Self {
        Self { code, enhanced: Some(enhanced), lines: vec![text.into()] }
    }
    /// A reply without an enhanced code.
    #[must_use]
    pub fn bare(code: u16, text: impl Into<String>) -> Self {
        Self { code, enhanced: None, lines: vec![text.into()] }
    }
    /// Another line below.
    #[must_use]
    pub fn line(mut self, text: impl Into<String>) -> Self {
        self.lines.push(text.into());
        self
    }
    /// 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code / 100 == 2
    }
    /// 4xx.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.code / 100 == 4
    }
}

impl fmt::Display for Reply {
    /// Writes the reply as it goes over the wire, every line ended by CRLF; characters outside printable
    /// ASCII become `?`, so that no reply can break the protocol.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.lines.len().saturating_sub(1);
        for (i, line) in self.lines.iter().enumerate() {
            write!(f, "{}{}", self.code, if i == last { ' ' } else { '-' })?;
            if let Some((class, subject, detail)) = self.enhanced {
                write!(f, "{class}.{subject}.{detail} ")?;
            }
            for c in line.chars() {
                write!(f, "{}", if c.is_ascii_graphic() || c == ' ' { c } else { '?' })?;
            }
            f.write_str("\r\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_of_two_lines_is_written_as_rfc_5321_wants_it() {
        let reply = Reply::new(550, (5, 7, 1), "Not sent.").line("See the notice\r\n250 ok");
        assert_eq!(reply.to_string(), "550-5.7.1 Not sent.\r\n550 5.7.1 See the notice??250 ok\r\n");
    }
}
