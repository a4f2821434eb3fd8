//! `sekisho extract-worker`: what Sekisho starts itself as, to read attachments without rights. Nobody types it, but
//! `sekisho extract-worker --self-test` shows what such a child may not do on this machine.

use std::process::ExitCode;

use clap::Args;
use inspect::extract::{Bounds, Ocr, Program, Workers, run, self_test};
use types::Limits;

use super::config::Config;

#[derive(Debug, Args)]
pub struct ExtractWorkerArgs {
    /// Memory that it may have, bytes.
    #[arg(long, default_value_t = Limits::default().extract_memory)]
    memory: u64,
    /// Processor time for one file, seconds.
    #[arg(long, default_value_t = Limits::default().extract_seconds)]
    seconds: u64,
    /// Try what a child may not do, and say what happened.
    #[arg(long)]
    self_test: bool,
}

/// Is the child. For a process that has no other thread yet.
pub fn be(args: &ExtractWorkerArgs) -> ExitCode {
    let bounds = Bounds { memory: args.memory, seconds: args.seconds };
    if args.self_test { self_test(bounds) } else { run(bounds) }
}

/// What reads pictures, as configured, and the limits with it: where nothing reads pictures, none are unpacked.
pub fn ocr(config: &Config) -> (Option<Ocr>, Limits) {
    let ocr = Ocr::configured(&config.tesseract);
    let mut limits = config.limits.clone();
    if ocr.is_none() {
        limits.ocr_pictures = 0;
    }
    (ocr, limits)
}

/// The pool of such children.
pub fn workers(limits: &Limits) -> Workers {
    let Bounds { memory, seconds } = Bounds::of(limits);
    let (memory, seconds) = (format!("--memory={memory}"), format!("--seconds={seconds}"));
    let args = ["extract-worker".to_owned(), memory, seconds];
    Workers::new(Program::this(args.into_iter().map(Into::into).collect()), limits)
}
