//! The command line: what can be asked, and who does it.

mod config;
mod config_command;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A company's whole mail system in one file: SMTP, IMAP, outbound review for My Numbers, archive.
#[derive(Debug, Parser)]
#[command(name = "sekisho", version, arg_required_else_help = true)]
struct Cli {
    /// The configuration; without it ./sekisho.toml, then /etc/sekisho/sekisho.toml, then the defaults.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look at the configuration.
    #[command(subcommand)]
    Config(config_command::ConfigCommand),
}

/// Runs what the command line says. Errors are one line on standard error; exit code 1, usage 2.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sekisho: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let load = || config::Config::load(cli.config.as_deref());
    match &cli.command {
        Command::Config(command) => config_command::run(command, load()?),
    }
}
