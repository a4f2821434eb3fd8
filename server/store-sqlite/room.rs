//! Room on the disk: watched, so that intake stops in time; a ballast file is given up when nothing is left, so that
//! what frees room (expunge, checkpoint) can still write.

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
        let room = Self(Arc::new(AtomicBool::new(look(dir) != Space::Plenty)));
        let (watched, dir) = (room.clone(), dir.to_owned());
        if mode == Mode::Server {
            tokio::spawn(async move {
                let ballast = Ballast::new(&dir);
                loop {
                    let space = look(&dir);
                    let low = space != Space::Plenty;
                    if watched.0.swap(low, Ordering::Relaxed) != low {
                        tracing::warn!(low, "room on the disk");
                    }
                    tend(&ballast, space);
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

/// What cannot be found out is no reason to refuse mail.
fn look(dir: &Path) -> Space {
    free_space(dir).unwrap_or(Space::Plenty)
}

/// Makes the ballast while there is room, and gives it up when there is none.
fn tend(ballast: &Ballast, space: Space) {
    let done = match space {
        Space::Plenty => ballast.create(BALLAST).map(drop),
        Space::Low => Ok(()),
        Space::Out => ballast.free().map(|freed| {
            if freed {
                tracing::warn!("the disk is full; the ballast file was given up");
            }
        }),
    };
    if let Err(error) = done {
        tracing::debug!(%error, "the ballast file");
    }
}
