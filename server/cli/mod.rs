//! The command line: what can be asked, and who does it.

mod config;
mod config_command;
mod control;
mod demo;
mod desk;
mod directory;
mod documents;
mod extract_worker;
mod held;
mod inbound;
mod indexing;
mod inspect_command;
mod labels;
mod ledger;
mod master_key;
mod onward;
mod outgoing;
mod passwords;
mod people;
mod records;
mod rooms;
mod searched;
mod serve;
mod sites;
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
    /// A complete company to try, on loopback ports, with people and mail; Ctrl-C ends it.
    Demo {
        /// Keep its data in this folder; without it in a temporary one.
        #[arg(long)]
        data: Option<PathBuf>,
        /// Take any free ports instead of the usual ones (12525, 12587, …).
        #[arg(long)]
        any_ports: bool,
    },
    /// Tenants: companies on this server.
    #[command(subcommand)]
    Tenant(directory::TenantCommand),
    /// Domains that this server receives for.
    #[command(subcommand)]
    Domain(directory::DomainCommand),
    /// People.
    #[command(subcommand)]
    User(people::UserCommand),
    /// Groups and lists.
    #[command(subcommand)]
    Group(directory::GroupCommand),
    /// Further addresses of mailboxes.
    #[command(subcommand)]
    Alias(directory::AliasCommand),
    /// The rules of the outbound review.
    #[command(subcommand)]
    Rules(outgoing::RulesCommand),
    /// A company's own words for My Numbers and for other numbers.
    #[command(subcommand)]
    Labels(labels::LabelsCommand),
    /// Passwords that a company has agreed with others, to be tried on encrypted files.
    #[command(subcommand)]
    Passwords(passwords::PasswordsCommand),
    /// Mail that waits for a decision.
    #[command(subcommand)]
    Held(held::HeldCommand),
    /// The ledger of specified personal information: mail that likely holds My Numbers.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Kinds of documents with My Numbers, and for how long each is kept.
    #[command(subcommand)]
    Documents(documents::DocumentsCommand),
    /// Mail on its way to other servers.
    #[command(subcommand)]
    Queue(outgoing::QueueCommand),
    /// The timeline of one mail.
    Trace {
        /// Its reference, such as 7F3K-92QA.
        id: String,
    },
    /// What the detector sees in mails or any files: one JSON line a mail.
    Inspect(inspect_command::InspectArgs),
    /// A child that reads attachments; Sekisho starts it by itself.
    #[command(hide = true)]
    ExtractWorker(extract_worker::ExtractWorkerArgs),
    /// Read everything back: bytes, rows, counters, hash chains, the full-text index.
    Verify {
        /// Recount counters that are wrong.
        #[arg(long)]
        repair: bool,
    },
    /// Make the full-text index anew, of one tenant or of all. Searches stay complete meanwhile.
    Reindex {
        /// The tenant's name.
        tenant: Option<String>,
    },
    /// Look at the configuration.
    #[command(subcommand)]
    Config(config_command::ConfigCommand),
}

/// Runs what the command line says. Errors are one line on standard error; exit code 1, usage 2.
pub fn main() -> ExitCode {
    quiet_on_broken_pipe();
    let cli = Cli::parse();
    if let Command::ExtractWorker(args) = &cli.command {
        return extract_worker::be(args);
    }
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sekisho: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// `sekisho … | head` closes our output early: that is the reader's right and no failure.
fn quiet_on_broken_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload().downcast_ref::<String>();
        if text.is_some_and(|text| text.starts_with("failed printing to stdout: Broken pipe")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    if let Command::Demo { data, any_ports } = &cli.command {
        return prepare()?.block_on(demo::run(data.as_deref(), *any_ports));
    }
    let config = config::Config::load(cli.config.as_deref())?;
    if let Command::Config(command) = &cli.command {
        return config_command::run(command, config);
    }
    if let Command::Inspect(args) = &cli.command {
        let Some(name) = args.tenant() else { return inspect_command::run(args, &config, None) };
        let measures = prepare()?.block_on(measures_of(&config, name))?;
        return inspect_command::run(args, &config, Some(measures));
    }
    prepare()?.block_on(async {
        if let Command::Serve = &cli.command {
            return serve::run(config).await;
        }
        let desk = desk::Desk::open(config).await?;
        let done = at_desk(&desk, &cli.command).await;
        let closed = desk.close().await;
        done.and(closed)
    })
}

/// A company's rules, labels and agreed passwords.
async fn measures_of(config: &config::Config, name: &str) -> anyhow::Result<inspect_command::Measures> {
    let desk = desk::Desk::open(config.clone()).await?;
    let measures = inspect_command::Measures::of_tenant(desk.outbound(), &desk.store().directory(), name).await;
    desk.close().await?;
    measures
}

/// Logs to standard error, and the async threads.
fn prepare() -> anyhow::Result<tokio::runtime::Runtime> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

async fn at_desk(desk: &desk::Desk, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Tenant(command) => directory::tenant(desk, command).await,
        Command::Domain(command) => directory::domain(desk, command).await,
        Command::User(command) => people::user(desk, command).await,
        Command::Group(command) => directory::group(desk, command).await,
        Command::Alias(command) => directory::alias(desk, command).await,
        Command::Rules(command) => outgoing::rules(desk, command).await,
        Command::Labels(command) => labels::run(desk, command).await,
        Command::Passwords(command) => passwords::run(desk, command).await,
        Command::Held(command) => held::run(desk, command).await,
        Command::Ledger(command) => ledger::run(desk, command).await,
        Command::Documents(command) => documents::run(desk, command).await,
        Command::Queue(command) => outgoing::queue(desk, command).await,
        Command::Trace { id } => outgoing::trace(desk, id).await,
        Command::Verify { repair } => verify::run(desk, *repair).await,
        Command::Reindex { tenant } => indexing::reindex(desk, tenant.as_deref()).await,
        Command::Serve | Command::Demo { .. } | Command::Inspect(_) | Command::Config(_) => Ok(()),
        Command::ExtractWorker(_) => Ok(()),
    }
}
