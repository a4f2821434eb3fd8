//! Measures `sekisho inspect --json` with mails that it never saw, and prints the tables of `docs/detection.md`.
//!
//! `corpus PROGRAM [--positives N] [--negatives N] [--unread N] [--passing] [--seed S] [--wrong FOLDER]`: PROGRAM is the
//! `sekisho` binary; `--unread` counts mails whose file is encrypted or broken, none of which may pass in silence;
//! `--passing` draws negatives whose twelve digits all pass the check; `--wrong` keeps the mails that went wrong.

mod score;
mod unread;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use corpus::dice::Dice;
use corpus::negatives::Twelve;
use corpus::{Case, mbox, negative, positive};
use score::{Found, Score};
use serde_json::Value;

/// Mails in one mbox.
const BATCH: usize = 2_000;

struct Options {
    program: PathBuf,
    positives: usize,
    negatives: usize,
    unread: usize,
    twelve: Twelve,
    seed: u64,
    wrong: Option<PathBuf>,
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let program = args.next().ok_or("which program? corpus PROGRAM …")?.into();
    let (positives, negatives, unread) = (20_000, 30_000, 3_600);
    let mut options = Options { program, positives, negatives, unread, twelve: Twelve::Natural, seed: 1, wrong: None };
    while let Some(word) = args.next() {
        let mut value = || args.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "--positives" => options.positives = value()?.parse()?,
            "--negatives" => options.negatives = value()?.parse()?,
            "--unread" => options.unread = value()?.parse()?,
            "--seed" => options.seed = value()?.parse()?,
            "--wrong" => options.wrong = Some(value()?.into()),
            "--passing" => options.twelve = Twelve::Passing,
            _ => return Err(format!("unknown: {word}").into()),
        }
    }
    Ok(options)
}

/// What the program says of each mail.
fn inspected(program: &Path, mails: &[&[u8]]) -> Result<Vec<Value>, Box<dyn Error>> {
    let file = std::env::temp_dir().join(format!("corpus-{}.mbox", std::process::id()));
    std::fs::write(&file, mbox(mails.iter().copied()))?;
    let output = Command::new(program).args(["inspect", "--json"]).arg(&file).output()?;
    std::fs::remove_file(&file)?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let said: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    if said.len() != mails.len() {
        return Err(format!("{} mails gave {} lines", mails.len(), said.len()).into());
    }
    Ok(said)
}

/// Encrypted and broken files; how many of them passed in silence.
fn measure_unread(options: &Options) -> Result<usize, Box<dyn Error>> {
    let (mut dice, mut tally) = (Dice::new(options.seed.wrapping_add(2_000_000)), unread::Tally::default());
    for done in (0..options.unread).step_by(BATCH) {
        let places = done..options.unread.min(done + BATCH);
        let cases: Vec<unread::Case> =
            places.clone().map(|place| unread::draw(&mut dice, place)).collect::<Result<_, _>>()?;
        let mails: Vec<&[u8]> = cases.iter().map(|case| case.mail.as_slice()).collect();
        for ((case, said), place) in cases.iter().zip(inspected(&options.program, &mails)?).zip(places) {
            if tally.add(case, &said)
                && let Some(folder) = &options.wrong
            {
                unread::keep(folder, case, place)?;
            }
        }
    }
    Ok(if options.unread > 0 { tally.print() } else { 0 })
}

fn keep(folder: &Path, case: &Case, found: Found, count: usize) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let said = format!(
        "{} | {} | {} | {} numbers, {:?} | {found:?}\n",
        case.context, case.form, case.container, case.numbers, case.sure
    );
    std::fs::write(folder.join(format!("{count:05}.txt")), said)?;
    std::fs::write(folder.join(format!("{count:05}.eml")), &case.mail)
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let mut score = Score::default();
    let mut wrong = 0;
    let mut measure = |cases: &[Case]| -> Result<(), Box<dyn Error>> {
        let mails: Vec<&[u8]> = cases.iter().map(|case| case.mail.as_slice()).collect();
        for (case, said) in cases.iter().zip(inspected(&options.program, &mails)?) {
            let found = Found::of(&said);
            if score.add(case, found) {
                wrong += 1;
                if let Some(folder) = &options.wrong {
                    keep(folder, case, found, wrong)?;
                }
            }
        }
        Ok(())
    };
    let mut dice = Dice::new(options.seed);
    for done in (0..options.positives).step_by(BATCH) {
        let cases: Vec<Case> = (0..BATCH.min(options.positives - done)).map(|_| positive(&mut dice)).collect();
        measure(&cases)?;
    }
    let mut dice = Dice::new(options.seed.wrapping_add(1_000_000));
    for done in (0..options.negatives).step_by(BATCH) {
        let count = BATCH.min(options.negatives - done);
        let cases: Vec<Case> = (done..done + count).map(|place| negative(&mut dice, place, options.twelve)).collect();
        measure(&cases)?;
    }
    if options.positives + options.negatives > 0 {
        score.print();
    }
    match measure_unread(&options)? {
        0 => Ok(()),
        silent => Err(format!("{silent} encrypted or broken files passed in silence").into()),
    }
}
