//! `fuzz [--seconds N | --rounds N] [--seed N] [TARGET…]`: runs targets on their seeds and on mutations of them.
//! An input that fails is written to `artifacts/` and ends the run with code 1.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fuzz::mutate::{Chance, mutated};
use fuzz::{TARGETS, Target};

/// Longest input, bytes.
const MOST: usize = 20_000;
/// An input that takes longer is a failure too.
const SLOW: Duration = Duration::from_secs(5);

struct Asked {
    seconds: Option<u64>,
    rounds: u64,
    seed: u64,
    targets: Vec<&'static Target>,
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked { seconds: None, rounds: 3_000, seed: 1, targets: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|word| word.parse().ok()).ok_or(format!("{word} needs a number"));
        match word.as_str() {
            "--seconds" => asked.seconds = Some(number()?),
            "--rounds" => asked.rounds = number()?,
            "--seed" => asked.seed = number()?,
            name => asked.targets.push(fuzz::target(name).ok_or(format!("{name} is none of {}", fuzz::names()))?),
        }
    }
    if asked.targets.is_empty() {
        asked.targets = TARGETS.iter().collect();
    }
    Ok(asked)
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn seeds(name: &str) -> std::io::Result<Vec<Vec<u8>>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(here().join("seeds").join(name))? {
        paths.push(entry?.path());
    }
    paths.sort();
    paths.iter().map(std::fs::read).collect()
}

/// Runs one input; what failed, if it did.
fn fails(target: &Target, input: &[u8]) -> Option<String> {
    let began = Instant::now();
    let done = std::panic::catch_unwind(|| (target.run)(input));
    if let Err(cause) = done {
        let text = cause.downcast_ref::<String>().cloned();
        return Some(text.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).into())).unwrap_or_default());
    }
    (began.elapsed() > SLOW).then(|| format!("took {:?}", began.elapsed()))
}

fn keep(target: &Target, input: &[u8], why: &str) -> std::io::Result<()> {
    let dir = here().join("artifacts");
    std::fs::create_dir_all(&dir)?;
    let file = dir.join(format!(
        "{}-{}",
        target.name,
        input.iter().fold(7u64, |sum, byte| sum.wrapping_mul(31) ^ u64::from(*byte))
    ));
    std::fs::write(&file, input)?;
    eprintln!("{} fails on {}: {why}", target.name, file.display());
    Ok(())
}

/// Runs a target; how many inputs, and whether all held.
fn run(target: &'static Target, asked: &Asked) -> std::io::Result<bool> {
    let seeds = seeds(target.name)?;
    let (mut chance, began, mut count) = (Chance::new(asked.seed), Instant::now(), 0u64);
    let mut inputs = seeds.clone();
    loop {
        let input = inputs.pop().unwrap_or_else(|| mutated(&seeds, &mut chance, MOST));
        if let Some(why) = fails(target, &input) {
            keep(target, &input, &why)?;
            return Ok(false);
        }
        count += 1;
        let over = match asked.seconds {
            Some(seconds) => began.elapsed().as_secs() >= seconds,
            None => count >= asked.rounds + seeds.len() as u64,
        };
        if over {
            println!("{}: {count} inputs held, {:.1} s", target.name, began.elapsed().as_secs_f64());
            return Ok(true);
        }
    }
}

fn main() -> std::process::ExitCode {
    let asked = match asked() {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("{error}");
            return std::process::ExitCode::from(2);
        }
    };
    let mut good = true;
    for target in &asked.targets {
        match run(target, &asked) {
            Ok(held) => good &= held,
            Err(error) => {
                eprintln!("{}: {error}", target.name);
                good = false;
            }
        }
    }
    if good { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}
