//! Reading pictures with tesseract, which Debian ships: a program of its own under limits, given grey pictures that a
//! child without rights has unpacked, over pipes. It knows nothing of files; whether a picture is worth it, and for
//! how long, its caller says.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::child::lanes::Lanes;
use crate::{Picture, Reason};

/// Where Debian installs it.
const USUAL: &str = "/usr/bin/tesseract";
/// One run may take so long of the processor, and on the clock of a busy machine.
const PROCESSOR: u64 = 20;
const RUN: Duration = Duration::from_secs(60);
/// Memory of one run, bytes.
const MEMORY: u64 = 1 << 30;
/// Bytes of text that one run gives at most.
const TEXT: u64 = 1 << 20;
/// How often a run is looked after.
const TICK: Duration = Duration::from_millis(5);
/// So many digits on a line, or in groups of at least so many, may be a number.
const DIGITS: usize = 8;
const GROUP: usize = 4;
/// The digits of the number that is looked for.
const WHOLE: usize = 12;

/// A program that reads pictures.
#[derive(Debug, Clone)]
pub struct Ocr {
    program: PathBuf,
    /// One run a processor core.
    lanes: Arc<Lanes>,
}

/// What a picture is read for.
#[derive(Clone, Copy)]
enum Pass {
    /// Digits wherever they stand: fast, and right about them.
    Digits,
    /// Japanese and English, line by line.
    Text,
}

impl Pass {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Digits => &["-l", "eng", "--psm", "11", "-c", "tessedit_char_whitelist=0123456789"],
            Self::Text => &["-l", "jpn+eng", "--psm", "6"],
        }
    }
}

impl Ocr {
    /// The program as it is configured: a path, `auto` for Debian's where it is installed, or nothing.
    #[must_use]
    pub fn configured(setting: &str) -> Option<Self> {
        let program = match setting {
            "" => return None,
            "auto" => Path::new(USUAL),
            path => Path::new(path),
        };
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        program.is_file().then(|| Self { program: program.to_owned(), lanes: Arc::new(Lanes::new(cores)) })
    }

    /// The text of a picture, read in the position in which it shows most digits; `None` when it shows no number.
    ///
    /// # Errors
    /// Why it could not be read: [`Reason::TooSlow`], or [`Reason::Broken`] when the program fails on it.
    pub fn read(&self, picture: &Picture, until: Instant) -> Result<Option<String>, Reason> {
        let Some((turned, digits)) = self.upright(picture, until)? else { return Ok(None) };
        let text = self.run(&turned, Pass::Text, until)?;
        Ok(Some(joined(&text, &digits)))
    }

    /// The picture turned so that its numbers can be read, and these.
    fn upright(&self, picture: &Picture, until: Instant) -> Result<Option<(Picture, Vec<String>)>, Reason> {
        let mut best: Option<(usize, Picture, Vec<String>)> = None;
        let mut turned = picture.clone();
        for _ in 0..4 {
            let read = self.run(&turned, Pass::Digits, until)?;
            let found = digit_lines(&read, DIGITS);
            let whole = found.iter().any(|line| line.len() == WHOLE);
            // groups of four may come as lines of their own
            let groups = digit_lines(&read, GROUP).iter().map(String::len).sum();
            let most = if whole { usize::MAX } else { groups };
            if most >= DIGITS && best.as_ref().is_none_or(|(count, ..)| most > *count) {
                best = Some((most, turned.clone(), found));
            }
            if whole {
                break;
            }
            turned = turned.turned();
        }
        Ok(best.map(|(_, turned, found)| (turned, found)))
    }

    /// Runs the program on a picture.
    fn run(&self, picture: &Picture, pass: Pass, until: Instant) -> Result<String, Reason> {
        let _turn = self.lanes.enter(until).ok_or(Reason::TooSlow)?;
        let until = until.min(Instant::now() + RUN);
        let mut child = Command::new(&self.program)
            .args(["stdin", "stdout"])
            .args(pass.arguments())
            .current_dir("/")
            .env_clear()
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                tracing::error!(%error, "the program that reads pictures does not start; they count as not inspected");
                Reason::Broken
            })?;
        let read = bound(&child).and_then(|()| talk(&mut child, picture, until));
        if read.is_none() {
            // a run that is over already needs no end
            let _ = child.kill();
        }
        let status = child.wait().map_err(|_| Reason::Broken)?;
        match read {
            Some(text) if status.success() => Ok(text),
            // the kernel ends who used up the processor
            _ if Instant::now() >= until || status.signal().is_some() => Err(Reason::TooSlow),
            _ => Err(Reason::Broken),
        }
    }
}

/// Bounds the memory, the time and the files of a run.
fn bound(child: &Child) -> Option<()> {
    let pid = Pid::from_child(child);
    let limits = [(Resource::As, MEMORY), (Resource::Cpu, PROCESSOR), (Resource::Fsize, 0), (Resource::Core, 0)];
    for (resource, most) in limits {
        prlimit(Some(pid), resource, Rlimit { current: Some(most), maximum: Some(most) }).ok()?;
    }
    Some(())
}

/// Gives the picture and takes the text, while the time is kept.
fn talk(child: &mut Child, picture: &Picture, until: Instant) -> Option<String> {
    let (mut input, output) = (child.stdin.take()?, child.stdout.take()?);
    let file = picture.file();
    thread::scope(|scope| {
        scope.spawn(move || {
            // a program that ends early has read enough
            let _ = input.write_all(&file);
        });
        let text = scope.spawn(move || {
            let mut text = Vec::new();
            output.take(TEXT).read_to_end(&mut text).map(|_| text)
        });
        while !text.is_finished() {
            if Instant::now() >= until {
                let _ = child.kill();
                return None;
            }
            thread::sleep(TICK);
        }
        text.join().ok()?.ok().map(|text| String::from_utf8_lossy(&text).into_owned())
    })
}

/// The lines with at least `least` digits, these only.
fn digit_lines(text: &str, least: usize) -> Vec<String> {
    let digits = |line: &str| line.chars().filter(char::is_ascii_digit).collect::<String>();
    text.lines().map(digits).filter(|line| line.len() >= least).collect()
}

/// The text, and below each line with a number the same line with the digits of the other pass, where they differ;
/// numbers that the text lacks stand at its end.
fn joined(text: &str, numbers: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left: Vec<&String> = numbers.iter().collect();
    for line in text.lines() {
        out.push_str(line);
        out.push('\n');
        let own: String = line.chars().filter(char::is_ascii_digit).collect();
        let Some(at) = left.iter().position(|number| alike(number, &own)) else { continue };
        let number = left.remove(at);
        if *number != own {
            let words: String = line.chars().filter(|c| !c.is_ascii_digit()).collect();
            out.push_str(&format!("{} {number}\n", words.trim()));
        }
    }
    left.iter().for_each(|number| out.push_str(&format!("{number}\n")));
    out
}

/// Whether two readings are of the same number: most digits stand in the same place.
fn alike(one: &str, other: &str) -> bool {
    let same = one.chars().zip(other.chars()).filter(|(one, other)| one == other).count();
    let same_from_behind = one.chars().rev().zip(other.chars().rev()).filter(|(one, other)| one == other).count();
    same.max(same_from_behind) * 3 >= one.len().max(other.len()) * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_of_both_passes_stand_below_each_other() {
        let text = "個人番号 7303 7990 7512\n氏名 山田\n";
        let joined = joined(text, &["735379907512".to_owned(), "11112222".to_owned()]);
        assert_eq!(joined, "個人番号 7303 7990 7512\n個人番号 735379907512\n氏名 山田\n11112222\n");
        assert_eq!(super::joined("No 123456789018\n", &["123456789018".to_owned()]), "No 123456789018\n");
    }

    #[test]
    fn lines_of_digits_are_kept() {
        assert_eq!(digit_lines("1234 5678 9018\nab 12\n0123x4567\n", 8), ["123456789018", "01234567"]);
    }

    #[test]
    fn nothing_is_run_that_is_not_there() {
        assert!(Ocr::configured("").is_none() && Ocr::configured("/nonexistent/tesseract").is_none());
    }
}
