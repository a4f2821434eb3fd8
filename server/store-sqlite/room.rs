//! Room on the disk: watched, so that intake stops in time; a ballast file is given up when it runs short.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use blobs::{Ballast, Space, free_space};
use tokio_util::sync::CancellationToken;

use crate::open::Mode;

/// Bytes of the ballast file.
const BALLAST: u64 = 64 << 20;

/// Whether there is room for more mail.
#[derive(Debug, Clone)]
pub(crate) struct Room(Arc<AtomicBool>);

impl Room {
    /// Looks now, and then every second until `stop`.
    pub fn watch(dir: &Path, mode: Mode, stop: CancellationToken) -> Self {
        let room = Self(Arc::new(AtomicBool::new(look(dir))));
        let (watched, dir) = (room.clone(), dir.to_owned());
        if mode == Mode::Server {
            tokio::spawn(async move {
                let ballast = Ballast::new(&dir);
                loop {
                    let low = look(&dir);
                    if watched.0.swap(low, Ordering::Relaxed) != low {
                        tracing::warn!(low, "room on the disk");
                    }
                    let kept = if low { ballast.free() } else { ballast.create(BALLAST) };
                    if let Err(error) = kept {
                        tracing::debug!(%error, "the ballast file");
                    }
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    }
                }
            });
        }
        room
    }

    /// The disk is nearly full.
    pub fn is_low(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn look(dir: &Path) -> bool {
    matches!(free_space(dir), Ok(Space::Low))
}
