//! The contract of the store, kept by this engine; and what only this engine promises.

use std::sync::Arc;

use async_trait::async_trait;
use store::Engine;
use store::contract::Place;

use crate::{MasterKey, Mode, OpenConfig, SqliteEngine};

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }
    fn config(&self, key: u8) -> OpenConfig {
        OpenConfig {
            data_dir: self.0.path().to_owned(),
            master_key: MasterKey::new([key; 32]),
            mode: Mode::Server,
            fatal: Arc::new(|why| panic!("{why}")),
        }
    }
}

#[async_trait]
impl Place for Folder {
    async fn open(&self) -> Arc<dyn Engine> {
        SqliteEngine::open(self.config(1)).await.unwrap()
    }
}

store::contract_tests!(crate::tests::Folder::new());

#[tokio::test]
async fn a_wrong_master_key_is_refused() {
    let folder = Folder::new();
    folder.open().await.close().await.unwrap();
    let error = SqliteEngine::open(folder.config(2)).await.err().unwrap().to_string();
    assert!(error.contains("the master key does not fit"), "{error}");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused() {
    let folder = Folder::new();
    let first = folder.open().await;
    let error = SqliteEngine::open(folder.config(1)).await.err().unwrap().to_string();
    assert!(error.contains("process"), "{error}");
    first.close().await.unwrap();
    folder.open().await;
}
