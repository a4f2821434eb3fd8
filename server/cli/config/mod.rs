//! The configuration file: read, checked, shown. Values come from the environment, the file, or the defaults,
//! in that order; a key that nobody knows is an error that names the nearest right one.

mod keys;
mod nearest;
mod read;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use types::{Domain, Limits};

pub use keys::all as all_keys;
pub use nearest::nearest;

/// What is wrong with the configuration: where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {what}")]
pub struct ConfigError {
    /// File and line, or the variable's name.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// The file, this line.
    File(usize),
    /// This variable.
    Variable(String),
}

/// A value with its origin.
#[derive(Debug, Clone)]
pub struct Value {
    /// The value.
    pub value: toml::Value,
    /// Where it came from.
    pub source: Source,
}

/// How much a route insists on TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTls {
    /// If the next hop offers it.
    Opportunistic,
    /// With a certificate that proves the name; else the mail waits.
    Required,
    /// Never.
    None,
}

/// A `[[route]]`: a smart host or next hop instead of MX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// What rules call it.
    pub name: Option<String>,
    /// It names no domain, so that only mail for which a rule names it goes there.
    pub by_name_only: bool,
    /// For this domain; `None`: for all (`"*"`).
    pub domain: Option<Domain>,
    /// The next hop.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS.
    pub tls: RouteTls,
    /// Name and password, when it wants them.
    pub auth: Option<(String, String)>,
}

/// The listeners' addresses.
#[derive(Debug, Clone, Default)]
pub struct Listen {
    /// Port 25.
    pub smtp: Vec<SocketAddr>,
    /// Port 587.
    pub submission: Vec<SocketAddr>,
    /// Port 465.
    pub submissions: Vec<SocketAddr>,
    /// Port 143.
    pub imap: Vec<SocketAddr>,
    /// Port 993.
    pub imaps: Vec<SocketAddr>,
    /// Port 110.
    pub pop3: Vec<SocketAddr>,
    /// Port 995.
    pub pop3s: Vec<SocketAddr>,
    /// Webmail, 443.
    pub web: Vec<SocketAddr>,
    /// The console, 8443.
    pub admin: Vec<SocketAddr>,
    /// The content origin, 8444.
    pub content: Vec<SocketAddr>,
    /// The redirect from plain HTTP, 80.
    pub http: Vec<SocketAddr>,
}

/// The pages.
#[derive(Debug, Clone, Default)]
pub struct Web {
    /// Webmail's address when it is not made of the hostname and the port.
    pub mail_url: Option<String>,
    /// The console's.
    pub admin_url: Option<String>,
    /// The content origin's.
    pub content_url: Option<String>,
    /// Reverse proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// The whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// This server's name.
    pub hostname: String,
    /// The data folder.
    pub data_dir: PathBuf,
    /// Listeners.
    pub listen: Listen,
    /// The pages.
    pub web: Web,
    /// Certificate and key files.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The master key's file.
    pub master_key: PathBuf,
    /// What reads pictures: `auto`, a path, or nothing.
    pub tesseract: String,
    /// DNS servers; empty: the system's.
    pub dns: Vec<SocketAddr>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Limits.
    pub limits: Limits,
    /// Every key with its value and origin.
    pub values: BTreeMap<&'static str, Value>,
}

/// Places that are looked at when `--config` is not given.
const PLACES: [&str; 2] = ["sekisho.toml", "/etc/sekisho/sekisho.toml"];

impl Config {
    /// Reads `file` (or the first of the usual places), the environment and the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] names file, line and what is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let found = file.map(Path::to_path_buf).or_else(|| PLACES.iter().map(PathBuf::from).find(|path| path.exists()));
        let text = match &found {
            Some(path) => std::fs::read_to_string(path).map_err(|error| ConfigError {
                place: path.display().to_string(),
                what: format!("cannot be read: {error}"),
            })?,
            None => String::new(),
        };
        let name = found.as_ref().map_or_else(|| "(defaults)".into(), |path| path.display().to_string());
        let variables = std::env::vars().filter(|(name, _)| name.starts_with("SEKISHO_"));
        let mut config = read::read(&name, &text, variables)?;
        config.file = found;
        Ok(config)
    }

    /// Reads `text` and those variables of the environment whose names are `heeded`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn from_text_and(text: &str, heeded: impl Fn(&str) -> bool) -> Result<Self, ConfigError> {
        read::read("sekisho.toml", text, std::env::vars().filter(|(name, _)| heeded(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        Config::from_text_and(text, |_| false).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_the_nearest_right_one() {
        assert_eq!(
            wrong("hostname = \"a\"\n[listen]\nsmpt = []\n"),
            "sekisho.toml, line 3: there is no key listen.smpt; did you mean listen.smtp?"
        );
        assert_eq!(wrong("hostnam = \"a\"\n"), "sekisho.toml, line 1: there is no key hostnam; did you mean hostname?");
        assert_eq!(
            wrong("[lisen]\nsmtp = []\n"),
            "sekisho.toml, line 1: there is no section [lisen]; did you mean [listen]?"
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_what_it_must_be() {
        assert_eq!(
            wrong("[listen]\nsmtp = [\"25\"]\n"),
            "sekisho.toml, line 2: listen.smtp: \"25\" is not a socket address such as \"0.0.0.0:25\" or \"[::]:25\""
        );
        assert_eq!(
            wrong("[limits]\nrecipients = \"many\"\n"),
            "sekisho.toml, line 2: limits.recipients must be a whole number"
        );
        assert_eq!(
            wrong("[listen]\nmetrics = [\"[::]:9090\"]\n"),
            "sekisho.toml, line 2: listen.metrics: this listener is not built yet; only [] is accepted"
        );
        assert_eq!(
            wrong("[database]\nurl = \"postgres://x\"\n"),
            "sekisho.toml, line 2: database.url: only \"sqlite\" is built"
        );
        assert!(wrong("hostname = \n").starts_with("sekisho.toml, line 1: "));
    }

    #[test]
    fn a_route_is_read_and_its_mistakes_are_named() {
        let config = Config::from_text_and(
            "[[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = 2525\ntls = \"none\"\n",
            |_| false,
        )
        .unwrap();
        assert_eq!(config.routes[0].tls, RouteTls::None);
        assert_eq!(config.routes[0].domain, None);
        assert_eq!(
            wrong("[[route]]\ndomain = \"*\"\nhots = \"x\"\n"),
            "sekisho.toml, line 3: there is no key route.hots; did you mean route.host?"
        );
        assert_eq!(
            wrong("[[route]]\nhost = \"x\"\ntls = \"always\"\n"),
            "sekisho.toml, line 3: route.tls must be \"opportunistic\", \"required\" or \"none\""
        );
    }

    #[test]
    fn a_variable_beats_the_file_and_says_so() {
        let variables = [
            ("SEKISHO_LISTEN__SMTP".to_owned(), "[\"127.0.0.1:2525\"]".to_owned()),
            ("SEKISHO_HOSTNAME".to_owned(), "mx.a.example".to_owned()),
        ];
        let config = read::read("f", "hostname = \"b\"\n", variables.into_iter()).unwrap();
        assert_eq!(config.hostname, "mx.a.example");
        assert_eq!(config.values["hostname"].source, Source::Variable("SEKISHO_HOSTNAME".into()));
        assert_eq!(config.listen.smtp, vec!["127.0.0.1:2525".parse().unwrap()]);
        let wrong = read::read("f", "", [("SEKISHO_HOSTNAM".to_owned(), "x".to_owned())].into_iter()).unwrap_err();
        assert_eq!(wrong.to_string(), "variable SEKISHO_HOSTNAM: there is no key hostnam; did you mean hostname?");
    }

    #[test]
    fn every_key_stands_in_the_page_for_administrators() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configure.md")).unwrap();
        for key in all_keys() {
            let row = format!("| `{}` | `{}` | {} |", key.name, key.default, key.meaning);
            assert!(page.contains(&row), "docs/configure.md lacks the row\n{row}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, all_keys().len() + 6, "docs/configure.md has a row for a key that does not exist");
    }
}
