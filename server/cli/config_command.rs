//! `sekisho config check | show`.

use clap::Subcommand;

use super::config::{Config, RouteTls, Source, all_keys};

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether the configuration is right.
    Check,
    /// Show every key with its value and where it came from.
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(command: &ConfigCommand, config: Config) -> anyhow::Result<()> {
    let file = config.file.as_ref().map_or_else(|| "no file, defaults".into(), |file| file.display().to_string());
    match command {
        ConfigCommand::Check => println!("The configuration is right ({file})."),
        ConfigCommand::Show { json: true } => println!("{}", as_json(&config)),
        ConfigCommand::Show { json: false } => show(&config, &file),
    }
    Ok(())
}

fn origin(source: &Source, file: &str) -> String {
    match source {
        Source::Default => "default".into(),
        Source::File(line) => format!("{file}:{line}"),
        Source::Variable(name) => name.clone(),
    }
}

fn show(config: &Config, file: &str) {
    for key in all_keys() {
        if let Some(value) = config.values.get(key.name) {
            println!(
                "{:<32} {:<40} # {}: {}",
                key.name,
                value.value.to_string(),
                origin(&value.source, file),
                key.meaning
            );
        }
    }
    for route in &config.routes {
        let domain = route.domain.as_ref().map_or("*", |domain| domain.as_str());
        let tls = match route.tls {
            RouteTls::Opportunistic => "opportunistic",
            RouteTls::Required => "required",
            RouteTls::None => "none",
        };
        let auth = if route.auth.is_some() { " auth=***" } else { "" };
        println!("route {domain:<26} {}:{} tls={tls}{auth}", route.host, route.port);
    }
}

fn as_json(config: &Config) -> serde_json::Value {
    let keys = all_keys().into_iter().filter_map(|key| {
        let value = config.values.get(key.name)?;
        let json = serde_json::json!({ "value": value.value, "from": origin(&value.source, "file") });
        Some((key.name.to_owned(), json))
    });
    serde_json::Value::Object(keys.collect())
}
