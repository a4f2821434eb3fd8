//! From text to [`Config`]: flat keys first, each with the place it came from, then types.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value as Toml};
use types::{Domain, Limits};

use super::keys::{self, Key, Shape};
use super::{Config, ConfigError, Listen, Route, RouteTls, Source, Value, Web, nearest};

type Result<T> = std::result::Result<T, ConfigError>;

const ROUTE_KEYS: [&str; 6] = ["name", "domain", "host", "port", "tls", "auth"];

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    keys: Vec<Key>,
    values: BTreeMap<&'static str, Value>,
    routes: Vec<Route>,
}

pub(super) fn read(name: &str, text: &str, variables: impl Iterator<Item = (String, String)>) -> Result<Config> {
    let keys = keys::all();
    let mut values = BTreeMap::new();
    for key in &keys {
        let value = parse_value(&key.default).map_err(|what| ConfigError { place: key.name.into(), what })?;
        values.insert(key.name, Value { value, source: Source::Default });
    }
    let mut reader = Reader { name, text, keys, values, routes: Vec::new() };
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| reader.line(span.start));
        reader.wrong(line, error.message().to_owned())
    })?;
    reader.file(table.get_ref())?;
    for (variable, value) in variables {
        reader.variable(&variable, &value)?;
    }
    reader.config()
}

/// Parses one TOML value.
fn parse_value(text: &str) -> std::result::Result<Toml, String> {
    let mut table: toml::Table = format!("x = {text}").parse().map_err(|_| format!("{text} is not a TOML value"))?;
    table.remove("x").ok_or_else(|| "no value".to_owned())
}

impl Reader<'_> {
    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }
    fn wrong(&self, line: usize, what: String) -> ConfigError {
        ConfigError { place: format!("{}, line {line}", self.name), what }
    }

    fn file(&mut self, table: &DeTable<'_>) -> Result<()> {
        for (key, value) in table {
            let line = self.line(key.span().start);
            let name: &str = key.get_ref();
            match value.get_ref() {
                DeValue::Array(routes) if name == "route" => {
                    for route in routes {
                        self.route(route, line)?;
                    }
                }
                DeValue::Table(section) => self.section(name, section, line)?,
                value => self.set(name, plain(value), Source::File(line))?,
            }
        }
        Ok(())
    }

    fn section(&mut self, name: &str, section: &DeTable<'_>, line: usize) -> Result<()> {
        let sections = || self.keys.iter().filter_map(|key| key.name.split_once('.')).map(|(section, _)| section);
        if !sections().any(|section| section == name) {
            let hint = nearest(name, sections()).map(|near| format!("; did you mean [{near}]?")).unwrap_or_default();
            return Err(self.wrong(line, format!("there is no section [{name}]{hint}")));
        }
        for (key, value) in section {
            let line = self.line(key.span().start);
            self.set(&format!("{name}.{}", key.get_ref()), plain(value.get_ref()), Source::File(line))?;
        }
        Ok(())
    }

    fn variable(&mut self, variable: &str, text: &str) -> Result<()> {
        let name = variable.trim_start_matches("SEKISHO_").to_lowercase().replace("__", ".");
        let textual =
            self.keys.iter().any(|key| key.name == name && matches!(key.shape, Shape::Text | Shape::Path | Shape::Url));
        let value = if textual { Some(Toml::String(text.to_owned())) } else { parse_value(text).ok() };
        self.set(&name, value.or_else(|| Some(Toml::String(text.to_owned()))), Source::Variable(variable.to_owned()))
    }

    fn place(&self, source: &Source) -> String {
        match source {
            Source::Default => "default".into(),
            Source::File(line) => format!("{}, line {line}", self.name),
            Source::Variable(name) => format!("variable {name}"),
        }
    }

    fn set(&mut self, name: &str, value: Option<Toml>, source: Source) -> Result<()> {
        let fail = |what: String| ConfigError { place: self.place(&source), what };
        let Some(key) = self.keys.iter().find(|key| key.name == name) else {
            let near = nearest(name, self.keys.iter().map(|key| key.name));
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            return Err(fail(format!("there is no key {name}{hint}")));
        };
        let value = value.ok_or_else(|| fail(format!("{name}: a date is not expected here")))?;
        check(key, &value).map_err(fail)?;
        self.values.insert(key.name, Value { value, source });
        Ok(())
    }

    fn route(&mut self, route: &Spanned<DeValue<'_>>, line: usize) -> Result<()> {
        let DeValue::Table(table) = route.get_ref() else {
            return Err(self.wrong(line, "route must be written as [[route]]".into()));
        };
        let mut made = Route {
            name: None,
            by_name_only: false,
            domain: None,
            host: String::new(),
            port: 25,
            tls: RouteTls::Opportunistic,
            auth: None,
        };
        made.by_name_only = table.contains_key("name") && !table.contains_key("domain");
        for (key, value) in table {
            let line = self.line(key.span().start);
            let name: &str = key.get_ref();
            let value = plain(value.get_ref()).unwrap_or(Toml::Boolean(false));
            self.route_key(&mut made, name, &value).map_err(|what| self.wrong(line, what))?;
        }
        if made.host.is_empty() {
            return Err(self.wrong(line, "a [[route]] needs a host".into()));
        }
        self.routes.push(made);
        Ok(())
    }

    fn route_key(&self, route: &mut Route, name: &str, value: &Toml) -> std::result::Result<(), String> {
        let text = value.as_str();
        match (name, text) {
            ("domain", Some("*")) => route.domain = None,
            ("domain", Some(text)) => {
                route.domain = Some(Domain::parse(text).map_err(|error| format!("route.domain: {error}"))?);
            }
            ("name", Some(text)) if !text.is_empty() => {
                if self.routes.iter().any(|other| other.name.as_deref() == Some(text)) {
                    return Err(format!("there are two routes called {text}"));
                }
                route.name = Some(text.to_owned());
            }
            ("host", Some(text)) if !text.is_empty() => text.clone_into(&mut route.host),
            ("port", _) => {
                let port = value.as_integer().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
                route.port = port.ok_or("route.port must be a number from 1 to 65535")?;
            }
            ("tls", Some("opportunistic")) => route.tls = RouteTls::Opportunistic,
            ("tls", Some("required")) => route.tls = RouteTls::Required,
            ("tls", Some("none")) => route.tls = RouteTls::None,
            ("tls", _) => return Err("route.tls must be \"opportunistic\", \"required\" or \"none\"".into()),
            ("auth", Some(text)) => {
                let pair = text.split_once(':').ok_or("route.auth must be \"name:password\"")?;
                route.auth = Some((pair.0.to_owned(), pair.1.to_owned()));
            }
            (name, _) if ROUTE_KEYS.contains(&name) => return Err(format!("route.{name} must be a text")),
            (name, _) => {
                let near = nearest(name, ROUTE_KEYS).map(|near| format!("; did you mean route.{near}?"));
                return Err(format!("there is no key route.{name}{}", near.unwrap_or_default()));
            }
        }
        Ok(())
    }

    fn text(&self, name: &str) -> String {
        self.values.get(name).and_then(|value| value.value.as_str()).unwrap_or_default().to_owned()
    }
    fn list<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        let list = self.values.get(name).and_then(|value| value.value.as_array());
        list.into_iter().flatten().filter_map(|value| value.as_str()?.parse().ok()).collect()
    }
    fn sockets(&self, name: &str) -> Vec<SocketAddr> {
        self.list(name)
    }

    fn config(self) -> Result<Config> {
        let data_dir = PathBuf::from(self.text("data_dir"));
        let file = |name: &str| Some(self.text(name)).filter(|text| !text.is_empty()).map(PathBuf::from);
        let url = |name: &str| Some(self.text(name)).filter(|text| !text.is_empty());
        let tls = match (file("tls.certificate"), file("tls.key")) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => {
                return Err(ConfigError {
                    place: self.name.into(),
                    what: "tls.certificate and tls.key go together".into(),
                });
            }
        };
        let hostname = Some(self.text("hostname")).filter(|name| !name.is_empty()).unwrap_or_else(machine_name);
        Ok(Config {
            file: None,
            hostname,
            listen: Listen {
                smtp: self.sockets("listen.smtp"),
                submission: self.sockets("listen.submission"),
                submissions: self.sockets("listen.submissions"),
                imap: self.sockets("listen.imap"),
                imaps: self.sockets("listen.imaps"),
                pop3: self.sockets("listen.pop3"),
                pop3s: self.sockets("listen.pop3s"),
                web: self.sockets("listen.web"),
                admin: self.sockets("listen.admin"),
                content: self.sockets("listen.content"),
                http: self.sockets("listen.http"),
            },
            web: Web {
                mail_url: url("web.mail_url"),
                admin_url: url("web.admin_url"),
                content_url: url("web.content_url"),
                trusted_proxies: self.list("web.trusted_proxies"),
            },
            tls,
            master_key: file("keys.file").unwrap_or_else(|| data_dir.join("master.key")),
            tesseract: self.text("extract.tesseract"),
            dns: self.sockets("dns.servers"),
            limits: self.limits()?,
            data_dir,
            routes: self.routes,
            values: self.values,
        })
    }

    fn limits(&self) -> Result<Limits> {
        let entries = self
            .values
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix("limits.")?.to_owned(), value.value.clone())));
        let table: toml::Table = entries.collect();
        table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError { place: self.name.into(), what: error.to_string() })
    }
}

/// The value without its place; `None` for dates.
fn plain(value: &DeValue<'_>) -> Option<Toml> {
    Some(match value {
        DeValue::String(text) => Toml::String(text.to_string()),
        DeValue::Integer(number) => Toml::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()?),
        DeValue::Float(number) => Toml::Float(number.as_str().parse().ok()?),
        DeValue::Boolean(yes) => Toml::Boolean(*yes),
        DeValue::Datetime(_) => return None,
        DeValue::Array(list) => Toml::Array(list.iter().map(|item| plain(item.get_ref())).collect::<Option<_>>()?),
        DeValue::Table(table) => Toml::Table(
            table
                .iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), plain(value.get_ref())?)))
                .collect::<Option<_>>()?,
        ),
    })
}

fn check(key: &Key, value: &Toml) -> std::result::Result<(), String> {
    let name = key.name;
    match key.shape {
        Shape::Text | Shape::Path => {
            let text = value.as_str().ok_or_else(|| format!("{name} must be a text"))?;
            match (name, text) {
                ("database.url", text) if text != "sqlite" => Err("database.url: only \"sqlite\" is built".into()),
                ("blobs.url", text) if text != "file" => Err("blobs.url: only \"file\" is built".into()),
                _ => Ok(()),
            }
        }
        Shape::Number => match value.as_integer() {
            Some(number) if number > 0 => Ok(()),
            Some(_) => Err(format!("{name} must be more than 0")),
            None => Err(format!("{name} must be a whole number")),
        },
        Shape::Sockets => {
            let list = value.as_array().ok_or_else(|| format!("{name} must be a list of socket addresses"))?;
            list.iter().try_for_each(|item| {
                let good = item.as_str().is_some_and(|text| text.parse::<SocketAddr>().is_ok());
                let wrong = || format!("{name}: {item} is not a socket address such as \"0.0.0.0:25\" or \"[::]:25\"");
                if good { Ok(()) } else { Err(wrong()) }
            })
        }
        Shape::Addresses => {
            let list = value.as_array().ok_or_else(|| format!("{name} must be a list of IP addresses"))?;
            let wrong = list.iter().find(|item| item.as_str().is_none_or(|text| text.parse::<IpAddr>().is_err()));
            wrong.map_or(Ok(()), |item| Err(format!("{name}: {item} is not an IP address")))
        }
        Shape::Url => {
            let text = value.as_str().ok_or_else(|| format!("{name} must be a text"))?;
            let wrong = || format!("{name}: {value} is not an address such as \"https://mail.example.co.jp\"");
            if text.is_empty() || is_origin(text) { Ok(()) } else { Err(wrong()) }
        }
        Shape::NotBuilt => match value.as_array() {
            Some(list) if list.is_empty() => Ok(()),
            _ => Err(format!("{name}: this listener is not built yet; only [] is accepted")),
        },
    }
}

/// Scheme, host and port alone: it stands in headers and before paths. Plain HTTP is for names of this machine.
fn is_origin(text: &str) -> bool {
    let local =
        |host: &str| host.split(':').next().is_some_and(|name| name == "localhost" || name.ends_with(".localhost"));
    let host = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(host), _) => host,
        (None, Some(host)) if local(host) => host,
        _ => return false,
    };
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

fn machine_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Some(name.trim()).filter(|name| !name.is_empty()).unwrap_or("localhost").to_owned()
}
