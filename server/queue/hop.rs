//! Where a domain's mail goes: a route, or the hosts that MX names (RFC 5321 5.1).

use net::{ClientTls, DnsError, MxHost, NetError, Resolver};
use store::Demands;
use types::Domain;

use crate::fate::Fate;
use crate::route::{Route, RouteTls, named, route_for};

/// How the queue speaks TLS.
#[derive(Debug, Clone)]
pub struct HopTls {
    /// To whoever answers.
    pub opportunistic: ClientTls,
    /// To hosts that prove their name.
    pub verified: ClientTls,
}

impl HopTls {
    /// With the roots of this machine.
    ///
    /// # Errors
    /// [`NetError::Tls`] when TLS cannot be set up.
    pub fn new() -> Result<Self, NetError> {
        Ok(Self { opportunistic: ClientTls::opportunistic()?, verified: ClientTls::verified()? })
    }
}

/// A next hop: hosts of which any will do, best first.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hop {
    pub hosts: Vec<String>,
    pub port: u16,
    pub tls: RouteTls,
    pub auth: Option<(String, String)>,
    pub from_mx: bool,
}

impl Hop {
    /// Equal for domains whose mail can share a connection, whatever order chance gave to equal hosts.
    pub fn key(&self) -> String {
        let mut hosts = self.hosts.clone();
        hosts.sort_unstable();
        let name = self.auth.as_ref().map_or("", |(name, _)| name);
        format!("{}:{} {:?} {} {name}", hosts.join(","), self.port, self.tls, self.from_mx)
    }
}

impl std::fmt::Debug for Hop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.key())
    }
}

/// The next hop for `domain` as its rows demand it.
///
/// # Errors
/// The fate of its recipients when there is none.
pub(crate) async fn hop_for(
    domain: &Domain,
    demands: &Demands,
    routes: &[Route],
    resolver: &Resolver,
    hostname: &str,
) -> Result<Hop, Fate> {
    let route = match &demands.route {
        // no other way will do, so the mail waits until there is such a route
        Some(name) => {
            Some(named(routes, name).ok_or_else(|| Fate::temporary((4, 4, 4), format!("there is no route {name}")))?)
        }
        None => route_for(routes, domain),
    };
    let tls = |own| if demands.verified_tls { RouteTls::Required } else { own };
    if let Some(route) = route {
        let hosts = vec![route.host.clone()];
        return Ok(Hop { hosts, port: route.port, tls: tls(route.tls), auth: route.auth.clone(), from_mx: false });
    }
    let found = resolver.mx(domain.as_str()).await.map_err(|error| no_hop(&error))?;
    let hosts = before_ourselves(found, hostname)?;
    Ok(Hop { hosts, port: 25, tls: tls(RouteTls::Opportunistic), auth: None, from_mx: true })
}

/// What it means for a domain's recipients when nobody takes its mail.
pub(crate) fn no_hop(error: &DnsError) -> Fate {
    let text = error.to_string();
    match error {
        DnsError::NullMx(_) => Fate::permanent((5, 1, 10), text),
        DnsError::NoSuchDomain(_) | DnsError::BadName(_) => Fate::permanent((5, 1, 2), text),
        DnsError::NoData(_) => Fate::permanent((5, 4, 4), text),
        DnsError::Temporary(..) => Fate::temporary((4, 4, 3), text),
    }
}

/// The hosts that are better than this server itself, if it is one of them (RFC 5321 5.1).
fn before_ourselves(hosts: Vec<MxHost>, hostname: &str) -> Result<Vec<String>, Fate> {
    let own = hosts.iter().find(|host| host.host.eq_ignore_ascii_case(hostname)).map(|host| host.preference);
    let better = hosts.into_iter().filter(|host| own.is_none_or(|own| host.preference < own));
    let better: Vec<String> = better.map(|host| host.host).collect();
    if better.is_empty() {
        return Err(Fate::permanent((5, 4, 6), "mail for this domain loops back to this server (its MX)"));
    }
    Ok(better)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mx(list: &[(u16, &str)]) -> Vec<MxHost> {
        list.iter().map(|(preference, host)| MxHost { preference: *preference, host: (*host).into() }).collect()
    }

    #[test]
    fn only_hosts_better_than_ourselves_are_tried_and_none_is_a_loop() {
        let hosts = mx(&[(5, "a.example"), (10, "MAIL.own.example"), (10, "b.example"), (20, "c.example")]);
        assert_eq!(before_ourselves(hosts.clone(), "mail.own.example").unwrap(), ["a.example"]);
        assert_eq!(before_ourselves(hosts.clone(), "other.example").unwrap().len(), 4);
        let fate = before_ourselves(hosts[1..].to_vec(), "mail.own.example").unwrap_err();
        assert_eq!(fate.status, (5, 4, 6));
    }

    #[test]
    fn names_without_mail_servers_fail_for_good_and_silent_name_servers_do_not() {
        let name = || "a.example".to_owned();
        for (error, status) in [
            (DnsError::NullMx(name()), (5, 1, 10)),
            (DnsError::NoSuchDomain(name()), (5, 1, 2)),
            (DnsError::NoData(name()), (5, 4, 4)),
            (DnsError::Temporary(name(), "timeout".into()), (4, 4, 3)),
        ] {
            assert_eq!(no_hop(&error).status, status);
        }
    }

    #[test]
    fn the_order_of_equal_hosts_does_not_part_a_hop_from_itself() {
        let hop = |hosts: [&str; 2]| Hop {
            hosts: hosts.map(str::to_owned).to_vec(),
            port: 25,
            tls: RouteTls::Opportunistic,
            auth: None,
            from_mx: true,
        };
        assert_eq!(hop(["a", "b"]).key(), hop(["b", "a"]).key());
    }
}
