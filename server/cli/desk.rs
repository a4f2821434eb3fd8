//! The desk at which commands work: the rooms opened beside the server, and a way to tell the server.

use std::path::Path;

use auth::Auth;
use outbound::Outbound;
use store::{Change, Changed, Store};
use store_sqlite::Mode;

use super::config::Config;
use super::control;
use super::rooms::Rooms;

/// Opened rooms with the rights of the machine's own console.
pub struct Desk {
    config: Config,
    rooms: Rooms,
}

impl Desk {
    /// Opens the rooms beside a running server, or without one.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let rooms = Rooms::open(&config, Mode::Command).await?;
        Ok(Self { config, rooms })
    }
    /// Over rooms that are open already (the demo's).
    pub fn over(config: Config, rooms: Rooms) -> Self {
        Self { config, rooms }
    }
    pub fn rooms(&self) -> &Rooms {
        &self.rooms
    }
    pub fn store(&self) -> &Store {
        &self.rooms.store
    }
    pub fn auth(&self) -> &Auth {
        &self.rooms.auth
    }
    pub fn outbound(&self) -> &Outbound {
        &self.rooms.outbound
    }
    pub fn config(&self) -> &Config {
        &self.config
    }
    pub fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }
    /// Changes the directory and tells a running server.
    pub async fn change(&self, change: Change) -> anyhow::Result<Changed> {
        let console = self.auth().console().server();
        let changed = self.store().change_server(&console, change, self.rooms.clock.now()).await?;
        self.tell_changed().await?;
        Ok(changed)
    }
    /// Tells a running server that the directory was changed.
    pub async fn tell_changed(&self) -> anyhow::Result<()> {
        control::tell(&self.config.data_dir, "reload").await
    }
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.rooms.store.close().await?)
    }
}
