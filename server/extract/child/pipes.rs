//! The parent's ends of the pipes to a child. Every wait has an end, whatever the child does.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;
/// Bytes that a pipe holds, when the system allows it: fewer turns for a large file.
const PIPE: usize = 1 << 20;
/// A file that takes longer than this is no quick one.
const QUICK: Duration = Duration::from_secs(1);

/// Why nothing (more) came from a child.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It has ended.
    Ended,
    /// It took too long.
    Slow,
    /// It said too much.
    Much,
    /// What it said makes no sense, or the pipe failed.
    Garbled,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => Self::Ended,
            _ => Self::Garbled,
        }
    }
}

/// How long is waited.
pub(super) struct Wait<'a> {
    /// No longer than until then.
    until: Instant,
    /// What is done each time that it has taken long.
    long: &'a mut dyn FnMut(),
    next_long: Instant,
}

impl<'a> Wait<'a> {
    pub fn until(until: Instant, long: &'a mut dyn FnMut()) -> Self {
        Self { until, long, next_long: Instant::now() + QUICK }
    }

    fn on(&mut self, end: BorrowedFd<'_>, for_what: PollFlags) -> Result<(), Trouble> {
        loop {
            let now = Instant::now();
            if now >= self.until {
                return Err(Trouble::Slow);
            }
            if now >= self.next_long {
                (self.long)();
                self.next_long = now + QUICK;
            }
            let rest = self.until.min(self.next_long).saturating_duration_since(now);
            let rest = Timespec { tv_sec: rest.as_secs().cast_signed(), tv_nsec: rest.subsec_nanos().into() };
            match poll(&mut [PollFd::from_borrowed_fd(end, for_what)], Some(&rest)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => return Ok(()),
                Err(_) => return Err(Trouble::Garbled),
            }
        }
    }
}

/// The two ends.
pub(super) struct Pipes {
    to: ChildStdin,
    from: ChildStdout,
    /// What was read and not taken yet: from `at` on.
    read: Vec<u8>,
    at: usize,
}

impl Pipes {
    pub fn new(to: ChildStdin, from: ChildStdout) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&to, true)?;
        rustix::io::ioctl_fionbio(&from, true)?;
        for end in [to.as_fd(), from.as_fd()] {
            let _ = rustix::pipe::fcntl_setpipe_size(end, PIPE);
        }
        Ok(Self { to, from, read: Vec::new(), at: 0 })
    }

    /// Sends all of `bytes`.
    pub fn send(&mut self, mut bytes: &[u8], wait: &mut Wait<'_>) -> Result<(), Trouble> {
        while !bytes.is_empty() {
            match self.to.write(bytes) {
                Ok(0) => return Err(Trouble::Ended),
                Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => wait.on(self.to.as_fd(), PollFlags::OUT)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Receives `count` bytes; memory grows as they come.
    pub fn receive(&mut self, count: usize, wait: &mut Wait<'_>) -> Result<Vec<u8>, Trouble> {
        let mut out = Vec::with_capacity(count.min(CHUNK));
        while out.len() < count {
            let waiting = self.read.get(self.at..).unwrap_or_default();
            let taken = waiting.get(..count - out.len()).unwrap_or(waiting);
            out.extend_from_slice(taken);
            self.at += taken.len();
            if out.len() < count {
                self.fill(wait)?;
            }
        }
        Ok(out)
    }

    fn fill(&mut self, wait: &mut Wait<'_>) -> Result<(), Trouble> {
        self.at = 0;
        self.read.resize(CHUNK, 0);
        loop {
            match self.from.read(&mut self.read) {
                Ok(0) => return Err(Trouble::Ended),
                Ok(count) => {
                    self.read.truncate(count);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => wait.on(self.from.as_fd(), PollFlags::IN)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
