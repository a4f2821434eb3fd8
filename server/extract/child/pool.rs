//! The children that are ready, and who gets one. The first is started ahead; further ones as they are needed, and
//! each is replaced after so many files or any trouble.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use message::Leaf;
use types::Limits;

use super::lanes::{Lanes, Turn};
use super::pipes::Wait;
use super::process::{Program, Worker};
use super::{Bounds, sandbox};
use crate::{Extracted, Passwords, Reason};

/// No child can be started: the server is in trouble, not the file.
#[derive(Debug, Clone, thiserror::Error)]
#[error("attachments cannot be inspected: no child process can be started: {0}")]
pub struct NoWorker(String);

/// One file for a child.
struct Work<'a> {
    leaf: &'a Leaf<'a>,
    limits: &'a Limits,
    passwords: &'a Passwords,
    until: Instant,
}

/// A pool of children. A clone is the same pool; they end with the last of them.
#[derive(Clone)]
pub struct Workers {
    pool: Arc<Pool>,
}

struct Pool {
    program: Program,
    bounds: Bounds,
    lanes: Lanes,
    idle: Mutex<Vec<Worker>>,
    /// What was said about the children once.
    told: Told,
}

#[derive(Default)]
struct Told {
    not_started: AtomicBool,
    not_held: AtomicBool,
}

impl std::fmt::Debug for Workers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workers").field("program", &self.pool.program).finish_non_exhaustive()
    }
}

impl Workers {
    /// A pool of children that are `program`, with the bounds of `limits`. Starts none yet.
    #[must_use]
    pub fn new(program: Program, limits: &Limits) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let each = if limits.extract_workers == 0 { cores.max(2) } else { limits.extract_workers };
        let (lanes, idle, told) = (Lanes::new(each), Mutex::default(), Told::default());
        Self { pool: Arc::new(Pool { program, bounds: Bounds::of(limits), lanes, idle, told }) }
    }

    /// Starts a child ahead, so that the first file finds one. Blocks until it is ready.
    ///
    /// # Errors
    /// None can be started.
    pub fn warm(&self) -> Result<(), NoWorker> {
        let worker = self.pool.worker()?;
        self.pool.keep(worker);
        Ok(())
    }

    /// Takes the texts out of a part in a child, at most until `until`; blocks. Whatever becomes of the child, what
    /// could not be read is named, and what was read before stays.
    ///
    /// # Errors
    /// No child can be started.
    pub fn extract(
        &self,
        leaf: &Leaf,
        limits: &Limits,
        passwords: &Passwords,
        until: Instant,
    ) -> Result<Extracted, NoWorker> {
        let mut out = Extracted::nothing(leaf);
        let Some(mut turn) = self.pool.lanes.enter(until) else {
            out.fail(leaf, Reason::TooSlow);
            return Ok(out);
        };
        let worker = self.pool.worker()?;
        let work = Work { leaf, limits, passwords, until };
        self.pool.read(worker, &mut turn, &work, &mut out);
        Ok(out)
    }
}

impl Pool {
    fn read(&self, mut worker: Worker, turn: &mut Turn<'_>, work: &Work<'_>, out: &mut Extracted) {
        let Work { leaf, limits, passwords, .. } = *work;
        let began = Instant::now();
        let until = work.until.min(began + self.bounds.patience());
        let mut long = || turn.takes_long();
        match worker.read(leaf, limits, passwords, &mut Wait::until(until, &mut long), out) {
            Ok(()) => {
                let (kind, size, duration) = (out.real_type.name(), leaf.bytes.len(), began.elapsed().as_millis());
                tracing::debug!(
                    file.r#type = kind,
                    file.size = size,
                    duration_ms = duration,
                    "a child has read a file"
                );
                self.keep(worker);
            }
            Err(trouble) => {
                let reason = worker.cause(&trouble);
                let (kind, size) = (out.real_type.name(), leaf.bytes.len());
                tracing::warn!(
                    file.r#type = kind,
                    file.size = size,
                    reason = reason.word(),
                    ?trouble,
                    "a file was too much for the child that read it; it counts as not inspected"
                );
                out.fail(leaf, reason);
            }
        }
    }

    /// A child that is ready.
    fn worker(&self) -> Result<Worker, NoWorker> {
        while let Some(mut worker) = self.take() {
            if worker.lasts() {
                return Ok(worker);
            }
        }
        match Worker::start(&self.program) {
            Ok(worker) => {
                self.told.not_started.store(false, Ordering::Relaxed);
                self.tell_of(worker.hold);
                Ok(worker)
            }
            Err(error) => {
                let error = NoWorker(error.to_string());
                if !self.told.not_started.swap(true, Ordering::Relaxed) {
                    tracing::error!(%error, "mail with attachments is held until this is mended");
                }
                Err(error)
            }
        }
    }

    fn take(&self) -> Option<Worker> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, mut worker: Worker) {
        let lasts = worker.lasts();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if lasts && idle.len() < self.lanes.each() {
            idle.push(worker);
        }
    }

    /// Says once what of its hold the kernel does not have.
    fn tell_of(&self, hold: sandbox::Hold) {
        if (hold.landlock && hold.seccomp) || self.told.not_held.swap(true, Ordering::Relaxed) {
            return;
        }
        let (landlock, seccomp) = (hold.landlock, hold.seccomp);
        tracing::warn!(landlock, seccomp, "this kernel holds the children that read attachments only in part");
    }
}
