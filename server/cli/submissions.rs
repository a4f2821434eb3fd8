//! The door of submission: people sign in through `auth`, their mail goes to `outbound`.

use std::sync::Arc;

use async_trait::async_trait;
use auth::{Auth, AuthError, Identity};
use delivery::DeliveryError;
use outbound::{Outbound, OutboundError, Submission};
use smtp::{Answer, Author, Body, Peer, Trace};
use store::{Origin, Store, Writing};
use types::{Address, Clock, Envelope, Limits, Reply};

/// Mail from people.
#[derive(Clone)]
pub struct Submissions {
    pub store: Store,
    pub auth: Arc<Auth>,
    pub outbound: Arc<Outbound>,
    pub delivery: Arc<delivery::Delivery>,
    pub clock: Arc<dyn Clock>,
    pub limits: Arc<Limits>,
}

fn refusal(error: &AuthError) -> Reply {
    match error {
        AuthError::Refused => Reply::new(535, (5, 7, 8), "The name or the password is wrong"),
        AuthError::NeedsAppPassword => {
            let text = "This account has a second factor: use an app password (webmail, Settings, Security)";
            Reply::new(535, (5, 7, 8), text)
        }
        AuthError::NotAllowed(_) | AuthError::Demanded => Reply::new(550, (5, 7, 1), "Not allowed"),
        AuthError::TooMany(_) => Reply::new(454, (4, 7, 0), "Too many failed sign-ins, try again later"),
        AuthError::Busy
        | AuthError::WrongCode
        | AuthError::TooLate
        | AuthError::Password(_)
        | AuthError::Response(_)
        | AuthError::Store(_) => Reply::new(454, (4, 7, 0), "Signing in is not possible now"),
    }
}

fn reply(error: impl Into<OutboundError>) -> Reply {
    let error = error.into();
    let reply = error.reply();
    if reply.is_temporary() {
        tracing::error!(%error, "a submission could not be taken");
    }
    reply
}

#[async_trait]
impl smtp::Submissions for Submissions {
    async fn sign_in(&self, name: &str, password: &str, peer: &Peer) -> Result<Arc<dyn Author>, Reply> {
        let signed_in = self.auth.sign_in(name, password, peer.addr.ip(), self.clock.now()).await;
        let identity = signed_in.map_err(|error| refusal(&error))?;
        Ok(Arc::new(SignedIn { doors: self.clone(), identity }))
    }
}

/// Somebody who has signed in to send.
struct SignedIn {
    doors: Submissions,
    identity: Identity,
}

#[async_trait]
impl Author for SignedIn {
    async fn may_send_as(&self, from: Option<&Address>) -> Result<(), Reply> {
        let person = self.doors.auth.person(&self.identity).map_err(|error| refusal(&error))?;
        match from {
            Some(address) if !person.owns(address) => Err(OutboundError::NotYours(address.clone()).reply()),
            _ => Ok(()),
        }
    }

    async fn recipient(&self, _from: Option<&Address>, to: &Address, size: Option<u64>) -> Result<(), Reply> {
        match self.doors.delivery.recipient(to, size.unwrap_or(0)).await {
            // not a domain of ours: it goes to the queue
            Ok(_) | Err(DeliveryError::NotOurs(_)) => Ok(()),
            Err(error) => Err(reply(error)),
        }
    }

    async fn begin(&self, _peer: &Peer, envelope: Envelope, _size: Option<u64>) -> Result<Box<dyn Body>, Reply> {
        self.doors.auth.person(&self.identity).map_err(|error| refusal(&error))?;
        let begun = self.doors.store.begin(self.identity.tenant(), self.doors.limits.message_size).await;
        let writing = begun.map_err(reply)?;
        Ok(Box::new(Outgoing {
            doors: self.doors.clone(),
            identity: self.identity.clone(),
            envelope,
            writing,
            failed: None,
        }))
    }
}

struct Outgoing {
    doors: Submissions,
    identity: Identity,
    envelope: Envelope,
    writing: Writing,
    failed: Option<Reply>,
}

#[async_trait]
impl Body for Outgoing {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Reply> {
        let written = self.writing.write(bytes).await.map_err(reply);
        if let Err(refusal) = &written {
            self.failed = Some(refusal.clone());
        }
        written
    }

    async fn finish(self: Box<Self>, trace: Trace) -> Answer {
        let Self { doors, identity, envelope, writing, failed } = *self;
        if let Some(refusal) = failed {
            return refusal.into();
        }
        let draft = match writing.finish().await {
            Ok(draft) => draft,
            Err(error) => return reply(error).into(),
        };
        let submission = Submission {
            origin: Origin::Author,
            tenant: identity.tenant(),
            author: Some(identity.user()),
            envelope,
            draft,
            trace: trace.received,
            form_key: None,
            from_draft: None,
            keep_in_sent: false,
            safeguard: None,
            undo_for: std::time::Duration::ZERO,
            confirmed: Vec::new(),
            texts: inspect::extract::Kept::default(),
        };
        match doors.outbound.submit(submission).await {
            Ok(answer) => {
                let outbound = doors.outbound.clone();
                let lost = async move {
                    if let Err(error) = outbound.not_answered(answer.submission).await {
                        tracing::error!(%error, "a submission whose answer was lost could not be marked");
                    }
                };
                Answer { reply: answer.reply(), lost: Some(Box::pin(lost)) }
            }
            Err(error) => reply(error).into(),
        }
    }
}
