//! Routes: next hops that the administrator names instead of what MX says.

use types::Domain;

/// How much a route insists on TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTls {
    /// If the next hop offers it; in the clear if not.
    Opportunistic,
    /// With a certificate that proves the name; else the mail waits.
    Required,
    /// Never.
    None,
}

/// A smart host or next hop instead of MX.
#[derive(Clone, PartialEq, Eq)]
pub struct Route {
    /// What rules call it.
    pub name: Option<String>,
    /// Only mail for which a rule names it goes there.
    pub by_name_only: bool,
    /// For this domain; `None`: for all that have no route of their own.
    pub domain: Option<Domain>,
    /// A host name or an IP address, with or without brackets.
    pub host: String,
    /// Its port. On 465 TLS begins with the first byte (RFC 8314 3.3).
    pub port: u16,
    /// TLS.
    pub tls: RouteTls,
    /// Name and password, when the next hop wants them; told only under TLS.
    pub auth: Option<(String, String)>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Route")
            .field("name", &self.name)
            .field("domain", &self.domain)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("auth", &self.auth.is_some())
            .finish()
    }
}

/// The route for `domain`: its own, else the one for all.
pub(crate) fn route_for<'a>(routes: &'a [Route], domain: &Domain) -> Option<&'a Route> {
    let mut of_domains = routes.iter().filter(|route| !route.by_name_only);
    let own = of_domains.clone().find(|route| route.domain.as_ref() == Some(domain));
    own.or_else(|| of_domains.find(|route| route.domain.is_none()))
}

/// The route that rules call so.
pub(crate) fn named<'a>(routes: &'a [Route], name: &str) -> Option<&'a Route> {
    routes.iter().find(|route| route.name.as_deref() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_route_of_a_domain_goes_before_the_one_for_all() {
        let route = |domain: Option<&str>, host: &str| Route {
            name: None,
            by_name_only: false,
            domain: domain.map(|text| Domain::parse(text).unwrap()),
            host: host.into(),
            port: 25,
            tls: RouteTls::None,
            auth: Some(("name".into(), "hush".into())),
        };
        let routes = [route(None, "all"), route(Some("a.example"), "own")];
        let host = |domain: &str| route_for(&routes, &Domain::parse(domain).unwrap()).map(|route| route.host.as_str());
        assert_eq!(host("a.example"), Some("own"));
        assert_eq!(host("b.example"), Some("all"));
        assert_eq!(route_for(&routes[1..], &Domain::parse("b.example").unwrap()), None);
        let named = [Route { name: Some("safe".into()), by_name_only: true, ..routes[0].clone() }];
        assert_eq!(route_for(&named, &Domain::parse("b.example").unwrap()), None);
        assert!(!format!("{routes:?}").contains("hush"));
    }
}
