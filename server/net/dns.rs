//! Names: where mail for a domain goes (RFC 5321 5.1, RFC 7505) and which addresses a host has.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError as Failure;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData};
use types::{Fault, Kind};

/// A host that takes mail for a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MxHost {
    /// Lower comes first.
    pub preference: u16,
    /// A host name without a final dot, or an IP address when the domain was an address literal.
    pub host: String,
}

/// Why a name gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// The name cannot be asked for.
    #[error("{0} is not a domain name")]
    BadName(String),
    /// NXDOMAIN: the domain does not exist.
    #[error("the domain {0} does not exist")]
    NoSuchDomain(String),
    /// The domain exists and has neither MX nor address.
    #[error("the domain {0} has no mail server")]
    NoData(String),
    /// The domain takes no mail and says so (RFC 7505).
    #[error("the domain {0} takes no mail (null MX)")]
    NullMx(String),
    /// No answer, or a failure that may pass.
    #[error("the name servers did not answer for {0}: {1}")]
    Temporary(String, String),
}

impl Fault for DnsError {
    fn kind(&self) -> Kind {
        match self {
            Self::Temporary(..) => Kind::Temporary,
            _ => Kind::Client,
        }
    }
}

/// Asks name servers, with a cache.
#[derive(Clone)]
pub struct Resolver(TokioResolver);

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

impl Resolver {
    /// Asks `servers`, or those of `/etc/resolv.conf`; without such a file 127.0.0.1, as resolv.conf(5) says.
    ///
    /// # Errors
    /// [`DnsError::Temporary`] when the resolver cannot be set up.
    pub fn new(servers: Option<Vec<SocketAddr>>) -> Result<Self, DnsError> {
        Self::with(servers, |_| {})
    }

    /// The same without a cache: for whoever waits for a record that was not there a moment ago.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn uncached(servers: Option<Vec<SocketAddr>>) -> Result<Self, DnsError> {
        Self::with(servers, |options| options.cache_size = 0)
    }

    fn with(servers: Option<Vec<SocketAddr>>, set: impl FnOnce(&mut ResolverOpts)) -> Result<Self, DnsError> {
        let (config, mut options) = match servers {
            Some(servers) => (config_of(&servers), ResolverOpts::default()),
            None => system_config(),
        };
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.try_tcp_on_error = true;
        set(&mut options);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = options;
        let resolver = builder.build().map_err(|error| temporary("(start)", &error))?;
        Ok(Self(resolver))
    }

    /// The hosts that take mail for `domain`, best first, equals in random order (RFC 5321 5.1). A domain without
    /// MX is its own mail host when it has an address; an address literal is its own host.
    ///
    /// # Errors
    /// [`DnsError`] tells a domain that does not exist from one without mail and from a failure that may pass.
    pub async fn mx(&self, domain: &str) -> Result<Vec<MxHost>, DnsError> {
        if let Some(ip) = literal(domain) {
            return Ok(vec![MxHost { preference: 0, host: ip.to_string() }]);
        }
        let answer = match self.0.mx_lookup(absolute(domain)?).await {
            Ok(answer) => answer,
            Err(error) => match failure(domain, &error) {
                DnsError::NoData(_) => return self.implicit_mx(domain).await,
                other => return Err(other),
            },
        };
        let records = answer.answers().iter().filter_map(|record| match &record.data {
            RData::MX(mx) => Some((mx.preference, host_text(&mx.exchange))),
            _ => None,
        });
        let (null, mut hosts): (Vec<_>, Vec<_>) =
            records.map(|(preference, host)| MxHost { preference, host }).partition(|host| host.host.is_empty());
        if hosts.is_empty() {
            return if null.is_empty() { self.implicit_mx(domain).await } else { Err(DnsError::NullMx(domain.into())) };
        }
        let lot = RandomState::new();
        hosts.sort_by_cached_key(|host| (host.preference, lot.hash_one(&host.host)));
        Ok(hosts)
    }

    /// The texts under a name, the strings of each joined (RFC 6376 3.6.2.2); none when there are none, or no such name.
    ///
    /// # Errors
    /// [`DnsError::Temporary`] and [`DnsError::BadName`].
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let answer = match self.0.txt_lookup(absolute(name)?).await {
            Ok(answer) => answer,
            Err(error) => match failure(name, &error) {
                DnsError::NoData(_) | DnsError::NoSuchDomain(_) => return Ok(Vec::new()),
                other => return Err(other),
            },
        };
        let text = |record: &hickory_resolver::proto::rr::Record| match &record.data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(answer.answers().iter().filter_map(text).collect())
    }

    async fn implicit_mx(&self, domain: &str) -> Result<Vec<MxHost>, DnsError> {
        self.addresses(domain).await?;
        Ok(vec![MxHost { preference: 0, host: domain.to_owned() }])
    }

    /// The IPv4 and IPv6 addresses of a host, IPv4 first; an address is its own answer.
    ///
    /// # Errors
    /// As [`Self::mx`].
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, DnsError> {
        if let Some(ip) = literal(host) {
            return Ok(vec![ip]);
        }
        let answer = self.0.lookup_ip(absolute(host)?).await.map_err(|error| failure(host, &error))?;
        let found: Vec<IpAddr> = answer.iter().collect();
        if found.is_empty() { Err(DnsError::NoData(host.into())) } else { Ok(found) }
    }
}

fn config_of(servers: &[SocketAddr]) -> ResolverConfig {
    let servers = servers.iter().map(|server| {
        let with_port = |mut connection: ConnectionConfig| {
            connection.port = server.port();
            connection
        };
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(with_port).to_vec();
        NameServerConfig::new(server.ip(), true, connections)
    });
    ResolverConfig::from_name_servers(servers.collect())
}

fn system_config() -> (ResolverConfig, ResolverOpts) {
    match hickory_resolver::system_conf::read_system_conf() {
        Ok((config, options)) if !config.name_servers().is_empty() => (config, options),
        _ => (config_of(&[SocketAddr::from((Ipv4Addr::LOCALHOST, 53))]), ResolverOpts::default()),
    }
}

/// The name with its final dot, so that no search list of the machine is tried; U-labels become A-labels.
fn absolute(domain: &str) -> Result<Name, DnsError> {
    let mut name = Name::from_utf8(domain).map_err(|_| DnsError::BadName(domain.into()))?;
    name.set_fqdn(true);
    Ok(name)
}

fn host_text(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

/// `192.0.2.1`, `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 4.1.3).
fn literal(host: &str) -> Option<IpAddr> {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let inner = match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("IPv6:") => inner.get(5..)?,
        _ => inner,
    };
    inner.parse().ok()
}

fn failure(name: &str, error: &Failure) -> DnsError {
    if error.is_nx_domain() {
        DnsError::NoSuchDomain(name.into())
    } else if error.is_no_records_found() {
        DnsError::NoData(name.into())
    } else {
        temporary(name, error)
    }
}

fn temporary(name: &str, error: &Failure) -> DnsError {
    DnsError::Temporary(name.into(), error.to_string())
}

#[cfg(test)]
mod tests;
