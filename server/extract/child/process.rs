//! One child: started, given a file, listened to, and ended. Nothing that it says is believed without bounds.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use message::Leaf;
use rustix::process::Signal;
use serde::de::DeserializeOwned;
use types::Limits;

use super::pipes::{Pipes, Trouble, Wait};
use super::sandbox::Hold;
use super::wire::{self, Job, Said};
use crate::reader::{Sink as _, TEXT, TEXTS};
use crate::{Extracted, NotInspected, Passwords, Picture, Reason, Text};

/// A child says that it is ready within so long, also on a busy machine.
const START: Duration = Duration::from_secs(20);
/// A child reads so many files and is replaced.
const JOBS: u32 = 200;
/// After a file so large, bytes, a child is replaced: its memory is not soon given back.
const LARGE: usize = 4 << 20;
/// Shades of the largest picture that a child gives.
const SHADES: usize = 8 << 20;
/// Words of a child that has ended which are read for the cause, bytes.
const LAST_WORDS: u64 = 4 << 10;

/// The program that is a child, and how it is asked to be one.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its file.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

impl Program {
    /// The running program itself, also after its file was replaced by a newer one.
    #[must_use]
    pub fn this(args: Vec<OsString>) -> Self {
        Self { path: "/proc/self/exe".into(), args }
    }
}

/// A child that is ready. It ends when this is dropped.
pub(super) struct Worker {
    child: Child,
    pipes: Pipes,
    jobs: u32,
    tired: bool,
    /// What holds it.
    pub hold: Hold,
}

impl Worker {
    /// Starts a child and waits until it is ready.
    pub fn start(program: &Program) -> io::Result<Self> {
        let mut command = Command::new(&program.path);
        command.arg0("sekisho").args(&program.args).env_clear().current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let ends = child.stdin.take().zip(child.stdout.take());
        let Some((to, from)) = ends else { return Err(io::Error::other("no pipes")) };
        let hold = Hold { landlock: false, seccomp: false };
        let mut worker = Self { child, pipes: Pipes::new(to, from)?, jobs: 0, tired: false, hold };
        let ready = worker.said::<Said>(&mut Wait::until(Instant::now() + START, &mut || {}));
        match ready {
            Ok(Said::Ready(hold)) => worker.hold = hold,
            Ok(_) => return Err(io::Error::other("it did not say that it is ready")),
            Err(trouble) => return Err(worker.not_ready(&trouble)),
        }
        Ok(worker)
    }

    fn not_ready(&mut self, trouble: &Trouble) -> io::Error {
        let (status, words) = self.end();
        let status = status.map_or_else(|| "no status".to_owned(), |status| status.to_string());
        io::Error::other(format!("it was not ready: {trouble:?}, {status}, {}", words.trim()))
    }

    /// Has a file read; what comes out is added to `out`.
    pub fn read(
        &mut self,
        leaf: &Leaf,
        limits: &Limits,
        passwords: &Passwords,
        wait: &mut Wait<'_>,
        out: &mut Extracted,
    ) -> Result<(), Trouble> {
        self.jobs += 1;
        self.tired |= self.jobs >= JOBS || leaf.bytes.len() >= LARGE;
        self.pipes.send(&wire::frame(&Job::of(leaf, limits, passwords))?, wait)?;
        self.pipes.send(&leaf.bytes, wait)?;
        self.pipes.send(leaf.text.as_deref().unwrap_or_default().as_bytes(), wait)?;
        let (mut size, mut count) = (0usize, 0usize);
        loop {
            count += 1;
            if count > TEXTS {
                return Err(Trouble::Much);
            }
            match self.said(wait)? {
                Said::Text { inner, kind, name, size: length } => {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    size = size.saturating_add(length);
                    if size > TEXT {
                        return Err(Trouble::Much);
                    }
                    let text = String::from_utf8(self.pipes.receive(length, wait)?).map_err(|_| Trouble::Garbled)?;
                    out.text(Text { inner, kind, name, text });
                }
                Said::Refused { inner, reason } => {
                    out.refused(NotInspected { part: leaf.part.clone(), inner, reason });
                }
                Said::Picture { inner, name, width, size } => {
                    let size = usize::try_from(size).unwrap_or(usize::MAX);
                    if size > SHADES || out.pictures.len() >= limits.ocr_pictures {
                        return Err(Trouble::Much);
                    }
                    out.pictures.push(Picture { inner, name, width, shades: self.pipes.receive(size, wait)? });
                }
                Said::Locked => out.locked(),
                Said::Opened { inner } => out.opened(inner),
                Said::Inside(inside) => out.inside(inside),
                Said::Done => return Ok(()),
                Said::Ready(_) => return Err(Trouble::Garbled),
            }
        }
    }

    fn said<T: DeserializeOwned>(&mut self, wait: &mut Wait<'_>) -> Result<T, Trouble> {
        let start = self.pipes.receive(4, wait)?;
        let start = <[u8; 4]>::try_from(start).map_err(|_| Trouble::Garbled)?;
        let bytes = self.pipes.receive(wire::length(start)?, wait)?;
        Ok(wire::value(&bytes)?)
    }

    /// Whether it can read another file.
    pub fn lasts(&mut self) -> bool {
        !self.tired && self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Ends it and says what its trouble was to the file.
    pub fn cause(mut self, trouble: &Trouble) -> Reason {
        let (status, words) = self.end();
        match trouble {
            Trouble::Slow => Reason::TooSlow,
            Trouble::Much => Reason::TooBig,
            Trouble::Garbled => Reason::Broken,
            Trouble::Ended => reason(status, &words),
        }
    }

    /// Its status (its own, when it had ended by itself) and its last words.
    fn end(&mut self) -> (Option<ExitStatus>, String) {
        let _ = self.child.kill();
        let status = self.child.wait().ok();
        let mut words = Vec::new();
        if let Some(mut from) = self.child.stderr.take()
            && rustix::io::ioctl_fionbio(&from, true).is_ok()
        {
            let _ = from.by_ref().take(LAST_WORDS).read_to_end(&mut words);
        }
        (status, String::from_utf8_lossy(&words).into_owned())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the end of a child says about the file that it was reading. Only Rust's runtime writes to its standard error.
fn reason(status: Option<ExitStatus>, words: &str) -> Reason {
    let signal = status.and_then(|status| status.signal());
    match signal {
        Some(signal) if signal == Signal::XCPU.as_raw() => Reason::TooSlow,
        Some(_) if words.contains("memory allocation of") || words.contains("overflowed its stack") => Reason::TooBig,
        _ => Reason::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_child_tells_the_reason() {
        let killed = |signal: Signal| Some(ExitStatus::from_raw(signal.as_raw()));
        for (status, words, expected) in [
            (killed(Signal::XCPU), "", Reason::TooSlow),
            (killed(Signal::ABORT), "memory allocation of 9 bytes failed", Reason::TooBig),
            (killed(Signal::ABORT), "\nthread 'main' has overflowed its stack", Reason::TooBig),
            (killed(Signal::SEGV), "", Reason::Broken),
            (killed(Signal::KILL), "", Reason::Broken),
            (Some(ExitStatus::from_raw(101 << 8)), "", Reason::Broken),
            (None, "", Reason::Broken),
        ] {
            assert_eq!(reason(status, words), expected, "{status:?} {words}");
        }
    }
}
