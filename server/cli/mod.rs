//! The command line: what can be asked, and who does it.

mod config;
mod config_command;
mod control;
mod desk;
mod directory;
mod inbound;
mod master_key;
mod serve;
mod submissions;
mod verify;

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
    /// Run the server.
    Serve,
    /// Tenants: companies on this server.
    #[command(subcommand)]
    Tenant(directory::TenantCommand),
    /// Domains that this server receives for.
    #[command(subcommand)]
    Domain(directory::DomainCommand),
    /// People.
    #[command(subcommand)]
    User(directory::UserCommand),
    /// Groups and lists.
    #[command(subcommand)]
    Group(directory::GroupCommand),
    /// Further addresses of mailboxes.
    #[command(subcommand)]
    Alias(directory::AliasCommand),
    /// Read everything back: bytes, rows, counters, hash chains.
    Verify {
        /// Recount counters that are wrong.
        #[arg(long)]
        repair: bool,
    },
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
    let config = config::Config::load(cli.config.as_deref())?;
    if let Command::Config(command) = &cli.command {
        return config_command::run(command, config);
    }
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if let Command::Serve = &cli.command {
            return serve::run(config).await;
        }
        let desk = desk::Desk::open(config).await?;
        let done = at_desk(&desk, &cli.command).await;
        let closed = desk.close().await;
        done.and(closed)
    })
}

async fn at_desk(desk: &desk::Desk, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Tenant(command) => directory::tenant(desk, command).await,
        Command::Domain(command) => directory::domain(desk, command).await,
        Command::User(command) => directory::user(desk, command).await,
        Command::Group(command) => directory::group(desk, command).await,
        Command::Alias(command) => directory::alias(desk, command).await,
        Command::Verify { repair } => verify::run(desk, *repair).await,
        Command::Serve | Command::Config(_) => Ok(()),
    }
}
