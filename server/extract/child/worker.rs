//! What runs in a child: it gives up its rights, says that it is ready, and then reads one file after another until
//! its input ends. A panic of a library costs the file that it was
//! reading; what else ends the child its parent makes sense of.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::ExitCode;

use super::wire::{self, Job, Said};
use super::{Bounds, sandbox};
use crate::reader::{Reader, Sink};
use crate::{Inside, NotInspected, Picture, Text};

/// Runs a child to its end, over standard input and output.
pub fn run(bounds: Bounds) -> ExitCode {
    // what a panic says may quote the file
    std::panic::set_hook(Box::new(|_| {}));
    let hold = sandbox::confine(bounds);
    match work(hold, bounds, &mut io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn work(hold: sandbox::Hold, bounds: Bounds, input: &mut impl io::Read, output: impl Write) -> io::Result<()> {
    let mut report = Report { output: BufWriter::with_capacity(64 << 10, output), failed: None };
    report.say(&Said::Ready(hold));
    report.flushed()?;
    while let Some(job) = wire::read::<Job>(input)? {
        let (leaf, limits, passwords) = job.read(input)?;
        sandbox::limit_time(bounds.seconds);
        Reader::read(&leaf, &limits, &passwords, &mut report);
        report.say(&Said::Done);
        report.flushed()?;
    }
    Ok(())
}

/// What is found goes out at once: a file that breaks the child takes nothing back.
struct Report<W: Write> {
    output: BufWriter<W>,
    failed: Option<io::Error>,
}

impl<W: Write> Report<W> {
    fn say(&mut self, said: &Said) {
        let written = wire::write(&mut self.output, said);
        self.keep(written);
    }

    fn flushed(&mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.output.flush(),
        }
    }

    fn keep(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.failed = Some(error);
        }
    }
}

impl<W: Write> Sink for Report<W> {
    fn text(&mut self, text: Text) {
        self.say(&Said::text(&text));
        let written = self.output.write_all(text.text.as_bytes());
        self.keep(written);
    }

    fn picture(&mut self, picture: Picture) {
        self.say(&Said::picture(&picture));
        let written = self.output.write_all(&picture.shades);
        self.keep(written);
    }

    fn refused(&mut self, refused: NotInspected) {
        self.say(&Said::refused(&refused));
    }

    fn next_file(&mut self) {
        let written = self.output.flush();
        self.keep(written);
    }

    fn inside(&mut self, inside: Inside) {
        self.say(&Said::Inside(inside));
    }

    fn locked(&mut self) {
        self.say(&Said::Locked);
    }

    fn opened(&mut self, inner: String) {
        self.say(&Said::Opened { inner });
    }
}

/// Gives up the rights of a child and tries to use them all the same: a line for each, for administrators and tests.
/// Fails when one is left.
pub fn self_test(bounds: Bounds) -> ExitCode {
    let held = sandbox::confine(bounds);
    let refused = |error: &io::Error| error.kind() == ErrorKind::PermissionDenied;
    let tries: [(&str, bool); 8] = [
        ("read a file", File::open("/etc/passwd").is_err_and(|error| refused(&error))),
        ("list a folder", std::fs::read_dir("/").is_err_and(|error| refused(&error))),
        ("make a file", File::create("/tmp/sekisho-self-test").is_err_and(|error| refused(&error))),
        ("connect", TcpStream::connect(("127.0.0.1", 9)).is_err_and(|error| refused(&error))),
        ("open a socket", UdpSocket::bind(("127.0.0.1", 0)).is_err_and(|error| refused(&error))),
        ("start a program", std::process::Command::new("/bin/true").spawn().is_err()),
        ("start a thread", std::thread::Builder::new().spawn(|| {}).is_err()),
        ("take more memory", too_much(bounds.memory)),
    ];
    let mut out = io::stdout().lock();
    let yes = |is: bool| if is { "yes" } else { "no" };
    let mut lines = format!("landlock: {}\nseccomp: {}\n", yes(held.landlock), yes(held.seccomp));
    for (what, refused) in tries {
        lines.push_str(&format!("{what}: {}\n", if refused { "refused" } else { "ALLOWED" }));
    }
    let written = out.write_all(lines.as_bytes());
    match written.is_ok() && tries.iter().all(|(_, refused)| *refused) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn too_much(memory: u64) -> bool {
    let mut bytes: Vec<u8> = Vec::new();
    bytes.try_reserve_exact(usize::try_from(memory).unwrap_or(usize::MAX)).is_err()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use message::{Leaf, LeafRole};
    use types::Limits;

    use super::*;
    use crate::Passwords;

    #[test]
    fn a_worker_answers_job_after_job() {
        let leaf = Leaf {
            part: "2".into(),
            role: LeafRole::Attachment,
            content_type: "application/octet-stream".into(),
            name: Some("a.csv".into()),
            charset: None,
            bytes: b"a,b\r\n".as_slice().into(),
            text: None,
            issue: None,
        };
        let mut job = wire::frame(&Job::of(&leaf, &Limits::default(), &Passwords::default())).unwrap().to_vec();
        job.extend_from_slice(&leaf.bytes);
        let (mut input, mut output) = (job.repeat(2), Vec::new());
        let hold = sandbox::Hold { landlock: false, seccomp: false };
        let bounds = Bounds { memory: 1 << 30, seconds: 3_000 };
        work(hold, bounds, &mut input.as_slice(), &mut output).unwrap();
        input.clear();
        let mut said = output.as_slice();
        assert!(matches!(wire::read(&mut said).unwrap(), Some(Said::Ready(_))));
        for _ in 0..2 {
            let Some(Said::Text { size: 4, .. }) = wire::read(&mut said).unwrap() else { panic!("no text") };
            assert_eq!(said.split_off(..4).unwrap(), "a\u{1f}b\n".as_bytes());
            assert!(matches!(wire::read(&mut said).unwrap(), Some(Said::Done)));
        }
        assert!(said.is_empty());
    }
}
