//! The queue's door to `outbound`, and the configuration's routes as the queue takes them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use outbound::Outbound;
use queue::{Bounce, Door, QueueError};
use store::{Attempt, Claimed};
use types::{Language, Timestamp, UserId};

use super::config::{Config, RouteTls};

/// Outbound, as the queue asks it.
pub struct Onward(pub Arc<Outbound>);

#[async_trait]
impl Door for Onward {
    async fn claim(&self, n: usize, lease: Duration) -> Result<Vec<Claimed>, QueueError> {
        self.0.claim(n, lease).await.map_err(|error| QueueError::door(&error))
    }
    async fn bytes(&self, claimed: &Claimed) -> Result<Vec<u8>, QueueError> {
        self.0.bytes(claimed).await.map_err(|error| QueueError::door(&error))
    }
    async fn report(
        &self,
        attempts: Vec<Attempt>,
        bounces: Vec<Bounce>,
        stopped: Vec<Claimed>,
    ) -> Result<(), QueueError> {
        let bounces = bounces.into_iter();
        let bounces = bounces.map(|Bounce { to, bytes, tenant }| outbound::Bounce { to, bytes, tenant }).collect();
        self.0.report(attempts, bounces, &stopped).await.map_err(|error| QueueError::door(&error))
    }
    async fn next_due(&self) -> Result<Option<Timestamp>, QueueError> {
        self.0.next_due().await.map_err(|error| QueueError::door(&error))
    }
    fn language_of(&self, author: Option<UserId>) -> Language {
        self.0.language_of(author)
    }
}

/// The configured routes.
pub fn routes(config: &Config) -> Vec<queue::Route> {
    let tls = |tls| match tls {
        RouteTls::Opportunistic => queue::RouteTls::Opportunistic,
        RouteTls::Required => queue::RouteTls::Required,
        RouteTls::None => queue::RouteTls::None,
    };
    let route = |route: &super::config::Route| queue::Route {
        name: route.name.clone(),
        by_name_only: route.by_name_only,
        domain: route.domain.clone(),
        host: route.host.clone(),
        port: route.port,
        tls: tls(route.tls),
        auth: route.auth.clone(),
    };
    config.routes.iter().map(route).collect()
}
