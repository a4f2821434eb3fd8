//! The door of port 25: mail from other servers goes to `delivery`.

use std::sync::Arc;

use async_trait::async_trait;
use delivery::{Arrival, Delivery, DeliveryError};
use smtp::{Answer, Body, Peer, Trace};
use store::Writing;
use types::{Address, Envelope, Limits, Reply};

/// Mail from other servers.
pub struct Inbound {
    pub delivery: Arc<Delivery>,
    pub limits: Arc<Limits>,
}

fn reply(error: impl Into<DeliveryError>) -> Reply {
    let error = error.into();
    let reply = error.reply();
    if reply.is_temporary() && !matches!(error, DeliveryError::OverQuota(_)) {
        tracing::error!(%error, "mail could not be taken");
    }
    reply
}

#[async_trait]
impl smtp::Inbound for Inbound {
    async fn recipient(
        &self,
        _peer: &Peer,
        _from: Option<&Address>,
        to: &Address,
        size: Option<u64>,
    ) -> Result<(), Reply> {
        self.delivery.recipient(to, size.unwrap_or(0)).await.map(drop).map_err(reply)
    }

    /// The mail is the first recipient's company's. Whether they can receive was said at RCPT: one who has gone since
    /// is reported, and does not stop the mail for the others.
    async fn begin(&self, _peer: &Peer, envelope: Envelope, _size: Option<u64>) -> Result<Box<dyn Body>, Reply> {
        let directory = self.delivery.store().directory();
        let tenant = envelope.to.iter().find_map(|to| directory.tenant_of(to.domain()));
        let tenant = tenant.ok_or_else(|| Reply::new(554, (5, 5, 1), "No valid recipients"))?;
        let begun = self.delivery.store().begin(tenant, self.limits.message_size).await;
        let writing = begun.map_err(reply)?;
        Ok(Box::new(Incoming { delivery: self.delivery.clone(), envelope, writing, failed: None }))
    }
}

struct Incoming {
    delivery: Arc<Delivery>,
    envelope: Envelope,
    writing: Writing,
    failed: Option<Reply>,
}

#[async_trait]
impl Body for Incoming {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Reply> {
        let written = self.writing.write(bytes).await.map_err(reply);
        if let Err(refusal) = &written {
            self.failed = Some(refusal.clone());
        }
        written
    }

    async fn finish(self: Box<Self>, trace: Trace) -> Answer {
        let Self { delivery, envelope, writing, failed } = *self;
        if let Some(refusal) = failed {
            return refusal.into();
        }
        let reference = trace.id;
        let taken = async {
            let draft = writing.finish().await?;
            delivery.arrive(Arrival { envelope, draft, trace: trace.received, reference }).await
        };
        match taken.await {
            Ok(()) => Reply::new(250, (2, 0, 0), format!("delivered, ref {reference}")).into(),
            Err(error) => reply(error).into(),
        }
    }
}
