//! What became of a recipient in one attempt.

use types::Reply;

use crate::answer;

/// The status when TLS does not come about as it must (RFC 3463 3.8: cryptographic failure).
pub(crate) const NO_TLS: (u8, u16, u16) = (4, 7, 5);

/// The three ways an attempt can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Delivered,
    Temporary,
    Permanent,
}

/// The result for one recipient: verdict, status code (RFC 3463), who said it and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fate {
    pub verdict: Verdict,
    pub status: (u8, u16, u16),
    /// The next hop that was spoken to.
    pub host: Option<String>,
    /// One line of ASCII.
    pub text: String,
    /// Whether `text` is the next hop's own answer.
    pub remote: bool,
}

impl Fate {
    /// It may work later.
    pub fn temporary(status: (u8, u16, u16), text: impl AsRef<str>) -> Self {
        Self { verdict: Verdict::Temporary, status, host: None, text: answer::tidy(text.as_ref()), remote: false }
    }

    /// It will not work.
    pub fn permanent(status: (u8, u16, u16), text: impl AsRef<str>) -> Self {
        Self { verdict: Verdict::Permanent, ..Self::temporary(status, text) }
    }

    /// What a reply to RCPT, DATA or the mail itself means. Anything but 2xx and 5xx is worth another try.
    pub fn of_reply(reply: &Reply, host: &str) -> Self {
        let (verdict, class) = match reply.code / 100 {
            2 => (Verdict::Delivered, 2),
            5 => (Verdict::Permanent, 5),
            _ => (Verdict::Temporary, 4),
        };
        Self {
            verdict,
            status: reply.enhanced.filter(|status| status.0 == class).unwrap_or((class, 0, 0)),
            host: Some(host.to_owned()),
            text: answer::one_line(reply),
            remote: true,
        }
    }

    /// The same, worth another try.
    pub fn temporarily(self) -> Self {
        Self { verdict: Verdict::Temporary, ..self }
    }

    /// The same, said of this host.
    pub fn at(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// The same, without numbers of twelve digits.
    pub fn masked(mut self) -> Self {
        self.text = answer::without_numbers(&self.text);
        self
    }

    /// What the row keeps: the host and what it said.
    pub fn answer(&self) -> String {
        match &self.host {
            Some(host) => answer::tidy(&format!("{host}: {}", self.text)),
            None => self.text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_the_reply_s_where_it_fits_its_code() {
        for (reply, verdict, status) in [
            (Reply::new(250, (2, 1, 5), "ok"), Verdict::Delivered, (2, 1, 5)),
            (Reply::bare(450, "greylisted"), Verdict::Temporary, (4, 0, 0)),
            (Reply::new(550, (5, 1, 1), "unknown"), Verdict::Permanent, (5, 1, 1)),
            (Reply::new(550, (4, 1, 1), "odd"), Verdict::Permanent, (5, 0, 0)),
            (Reply::bare(354, "odd"), Verdict::Temporary, (4, 0, 0)),
        ] {
            let fate = Fate::of_reply(&reply, "mx.a.example");
            assert_eq!((fate.verdict, fate.status), (verdict, status), "{reply}");
            assert!(fate.answer().starts_with("mx.a.example: "));
        }
    }
}
