//! One mail over a conversation: MAIL, RCPT, DATA (RFC 5321 3.3), pipelined where that is offered (RFC 2920).

use types::{Address, Reply};

use super::dots::Stuffer;
use super::extensions::wire_address;
use super::session::Session;
use super::trouble::Trouble;
use crate::fate::Fate;

/// Bytes of a mail that are made ready at a time.
const BLOCK: usize = 64 << 10;

/// A mail to be handed over.
pub(crate) struct Mail<'a> {
    /// The reverse path.
    pub from: Option<&'a Address>,
    /// The recipients.
    pub to: &'a [Address],
    /// What goes over the wire, before dots are doubled.
    pub bytes: &'a [u8],
}

/// The commands of the envelope, each a line.
struct Envelope {
    mail: String,
    /// With the place of the recipient.
    recipients: Vec<(usize, String)>,
}

impl Session {
    /// Hands `mail` over to those recipients that have no fate yet and writes theirs. A recipient that is left without
    /// fate on success did not fit into this transaction and can be tried in another at once.
    ///
    /// # Errors
    /// [`Trouble`] when the conversation ended; what was decided before it counts.
    pub async fn send(&mut self, mail: &Mail<'_>, fates: &mut [Option<Fate>]) -> Result<(), Trouble> {
        self.used += 1;
        self.heard = false;
        let Some(envelope) = self.envelope(mail, fates) else { return Ok(()) };
        if self.dirty {
            self.command("RSET", "RSET\r\n").await?;
            self.dirty = false;
        }
        let (accepted, go_on) = self.announce(&envelope, fates).await?;
        match go_on {
            Some(reply) if reply.code == 354 => self.transfer(mail, &accepted, fates).await,
            Some(reply) => {
                self.dirty = true;
                let fate = temporary_unless_refused(&reply, &self.host);
                decide(fates, &accepted, &fate);
                Ok(())
            }
            None => {
                self.dirty = true;
                Ok(())
            }
        }
    }

    /// The envelope for those recipients that the next hop can serve; the others get their fate. `None`: nobody left.
    fn envelope(&self, mail: &Mail<'_>, fates: &mut [Option<Fate>]) -> Option<Envelope> {
        let offers = self.extensions;
        if let Some(fate) = self.cannot_take(mail) {
            let all: Vec<usize> = (0..fates.len()).collect();
            decide(fates, &all, &fate.at(&self.host));
            return None;
        }
        let (from, from_utf8) = mail.from.map_or((String::new(), false), wire_address);
        let mut utf8 = from_utf8;
        let mut recipients = Vec::new();
        for (at, (address, fate)) in mail.to.iter().zip(fates.iter_mut()).enumerate() {
            if fate.is_some() {
                continue;
            }
            let (to, to_utf8) = wire_address(address);
            if (to_utf8 || from_utf8) && !offers.utf8 {
                let text = "the next hop does not take addresses that are not ASCII (SMTPUTF8)";
                *fate = Some(Fate::permanent((5, 6, 7), text).at(&self.host));
                continue;
            }
            utf8 |= to_utf8;
            recipients.push((at, format!("RCPT TO:<{to}>\r\n")));
        }
        let mut line = format!("MAIL FROM:<{from}>");
        if offers.size.is_some() {
            line.push_str(&format!(" SIZE={}", mail.bytes.len()));
        }
        if offers.eight_bit && !mail.bytes.is_ascii() {
            line.push_str(" BODY=8BITMIME");
        }
        if utf8 {
            line.push_str(" SMTPUTF8");
        }
        line.push_str("\r\n");
        (!recipients.is_empty()).then_some(Envelope { mail: line, recipients })
    }

    fn cannot_take(&self, mail: &Mail<'_>) -> Option<Fate> {
        let most = self.extensions.size.flatten();
        if most.is_some_and(|most| u64::try_from(mail.bytes.len()).unwrap_or(u64::MAX) > most) {
            return Some(Fate::permanent((5, 3, 4), "the mail is larger than the next hop takes"));
        }
        if !self.extensions.eight_bit && !mail.bytes.is_ascii() {
            let text = "the next hop takes only 7-bit mail (no 8BITMIME) and the mail has other bytes";
            return Some(Fate::permanent((5, 6, 3), text));
        }
        None
    }

    /// Says the envelope and DATA. Answers whom the next hop accepted and what it said to DATA, if that was said.
    async fn announce(
        &mut self,
        envelope: &Envelope,
        fates: &mut [Option<Fate>],
    ) -> Result<(Vec<usize>, Option<Reply>), Trouble> {
        let together = self.extensions.pipelining;
        if together {
            let lines: String = envelope.recipients.iter().map(|(_, line)| line.as_str()).collect();
            let block = format!("{}{lines}DATA\r\n", envelope.mail);
            self.write(block.as_bytes(), self.patience.block).await?;
        }
        let everybody: Vec<usize> = envelope.recipients.iter().map(|(at, _)| *at).collect();
        let reply = self.step("MAIL", &envelope.mail, together).await?;
        self.heard = true;
        let welcome = reply.is_success();
        if !welcome {
            decide(fates, &everybody, &temporary_unless_refused(&reply, &self.host));
            if !together {
                return Ok((Vec::new(), None));
            }
        }
        let mut accepted = Vec::new();
        for (at, line) in &envelope.recipients {
            let reply = self.step("RCPT", line, together).await?;
            if !welcome {
                continue;
            }
            if reply.is_success() {
                accepted.push(*at);
            } else if accepted.is_empty() || !is_too_many(&reply) {
                decide(fates, &[*at], &temporary_unless_refused(&reply, &self.host));
            }
        }
        if accepted.is_empty() && !together {
            return Ok((accepted, None));
        }
        if !together {
            self.write(b"DATA\r\n", self.patience.command).await?;
        }
        let reply = self.answer("DATA", self.patience.data).await?;
        Ok((accepted, Some(reply)))
    }

    async fn step(&mut self, name: &'static str, line: &str, said: bool) -> Result<Reply, Trouble> {
        if said { self.answer(name, self.patience.command).await } else { self.command(name, line).await }
    }

    /// Sends the bytes, or, when nobody was accepted, an empty mail that reaches nobody (RFC 2920 3.1).
    async fn transfer(
        &mut self,
        mail: &Mail<'_>,
        accepted: &[usize],
        fates: &mut [Option<Fate>],
    ) -> Result<(), Trouble> {
        let bytes = if accepted.is_empty() { &[] } else { mail.bytes };
        if let Err(trouble) = self.stream(bytes).await {
            // A server that refuses a mail half-way says why before it closes.
            let last_word = self.answer("the mail", self.patience.quit).await;
            if let Ok(reply) = last_word.as_ref()
                && !reply.is_success()
            {
                decide(fates, accepted, &temporary_unless_refused(reply, &self.host));
            }
            return Err(trouble);
        }
        let reply = self.answer("the mail", self.patience.end).await?;
        decide(fates, accepted, &Fate::of_reply(&reply, &self.host));
        Ok(())
    }

    async fn stream(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let mut stuffer = Stuffer::new();
        let mut block = Vec::with_capacity(BLOCK + BLOCK / 16);
        for piece in bytes.chunks(BLOCK) {
            block.clear();
            stuffer.push(piece, &mut block);
            self.write(&block, self.patience.block).await?;
        }
        block.clear();
        stuffer.finish(&mut block);
        self.write(&block, self.patience.block).await
    }
}

/// A reply that is not the success that was asked for: a 2xx or 3xx out of place decides nothing.
fn temporary_unless_refused(reply: &Reply, host: &str) -> Fate {
    let fate = Fate::of_reply(reply, host);
    match reply.code / 100 {
        4 | 5 => fate,
        _ => Fate { verdict: crate::fate::Verdict::Temporary, status: (4, 5, 0), ..fate },
    }
}

/// Whether a recipient was refused only because the transaction is full (RFC 5321 4.5.3.1.10).
fn is_too_many(reply: &Reply) -> bool {
    match reply.enhanced {
        Some((_, subject, detail)) => (subject, detail) == (5, 3),
        None => reply.code == 452,
    }
}

fn decide(fates: &mut [Option<Fate>], places: &[usize], fate: &Fate) {
    for at in places {
        if let Some(slot) = fates.get_mut(*at).filter(|slot| slot.is_none()) {
            *slot = Some(fate.clone());
        }
    }
}
