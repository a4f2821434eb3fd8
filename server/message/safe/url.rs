//! Addresses in links and images: which schemes may stand there, in a form that every browser reads alike.

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// A page, `http` or `https`.
    Web,
    /// A mail address.
    Mailto,
    /// A telephone number.
    Tel,
    /// A part of the same mail.
    Cid,
}

/// A link that may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub scheme: Scheme,
    /// The address as it is written into the document.
    pub href: String,
    /// Of a page: its host, lower case; of a mail address: its domain.
    pub host: Option<String>,
}

/// Most bytes of a link.
const LENGTH: usize = 8 << 10;

/// Reads the address of a link as browsers do: blanks around it and line ends in it do not count.
pub(super) fn link(raw: &str) -> Option<Link> {
    let text = squeezed(raw)?;
    let (scheme, rest) = text.split_once(':')?;
    match scheme.to_ascii_lowercase().as_str() {
        scheme @ ("http" | "https") => {
            // Browsers take any number of slashes, in either direction.
            let rest = rest.trim_start_matches(['/', '\\']);
            let host = host(rest)?;
            let rest = rest.replace('\\', "/");
            Some(Link { scheme: Scheme::Web, href: format!("{scheme}://{}", encoded(&rest)), host: Some(host) })
        }
        "mailto" => {
            let address = rest.split('?').next().unwrap_or_default();
            let domain = percent_decoded(address).rsplit_once('@').map(|(_, domain)| domain.trim().to_lowercase());
            Some(Link { scheme: Scheme::Mailto, href: format!("mailto:{}", encoded(rest)), host: domain })
        }
        "tel" => {
            let good =
                (1..=40).contains(&rest.len()) && rest.chars().all(|c| c.is_ascii_digit() || "+-.()*#,;".contains(c));
            good.then(|| Link { scheme: Scheme::Tel, href: format!("tel:{rest}"), host: None })
        }
        "cid" => Some(Link { scheme: Scheme::Cid, href: rest.to_owned(), host: None }),
        _ => None,
    }
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Image {
    /// In the address itself; written as it stands here.
    Data(String),
    /// Another part of the mail, by its Content-ID.
    Cid(String),
    /// Elsewhere.
    Remote(String),
}

/// Reads the address of an image; `None` for what is no picture that we show.
pub(super) fn image(raw: &str) -> Option<Image> {
    if raw.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:")) {
        return data(raw).map(Image::Data);
    }
    let text = squeezed(raw)?;
    if let Some(rest) = text.strip_prefix("//").or_else(|| text.strip_prefix("\\\\")) {
        return host(rest).map(|_| Image::Remote(format!("https://{}", encoded(rest))));
    }
    let link = link(&text)?;
    match link.scheme {
        Scheme::Cid => Some(Image::Cid(percent_decoded(&link.href))),
        Scheme::Web => Some(Image::Remote(link.href)),
        Scheme::Mailto | Scheme::Tel => None,
    }
}

/// `data:image/(png|gif|jpeg|webp);base64,…` with nothing else in it.
fn data(raw: &str) -> Option<String> {
    let text: String = raw.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let (head, body) = text.split_once(',')?;
    let media = head.get(5..)?.to_ascii_lowercase();
    let media = media.strip_suffix(";base64")?;
    let media = if media == "image/jpg" { "image/jpeg" } else { media };
    let picture = matches!(media, "image/png" | "image/gif" | "image/jpeg" | "image/webp");
    let good = picture && body.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='));
    good.then(|| format!("data:{media};base64,{body}"))
}

/// The address without what browsers pass over: blanks and controls around it, tabs and line ends in it.
fn squeezed(raw: &str) -> Option<String> {
    let trimmed = raw.trim_matches(|c: char| c <= ' ');
    (trimmed.len() <= LENGTH).then(|| trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect())
}

/// The host of what follows `https://`, lower case.
fn host(rest: &str) -> Option<String> {
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let host = percent_decoded(host).trim_end_matches('.').to_lowercase();
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"'`{}|^\\".contains(c);
    (!host.is_empty() && !host.contains(odd)).then_some(host)
}

/// The address with those characters percent-encoded that have no business in one.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c <= ' ' || c == '\u{7f}' || "\"'<>`{}|^\\".contains(c) {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// `%xx` decoded; what is not UTF-8 becomes U+FFFD.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = match after {
            [high, low, ..] if byte == b'%' => crate::mime::hex(*high).zip(crate::mime::hex(*low)),
            _ => None,
        };
        match digits {
            Some((high, low)) => {
                out.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether the text of a link names another host than the link leads to: only a text that is an address of
/// a page or of mail itself, or looks like a host name, says where it leads.
pub(super) fn names_another_host(text: &str, target: &str) -> bool {
    let Some(named) = named_host(text) else { return false };
    let target = target.strip_prefix("www.").unwrap_or(target);
    let related = |a: &str, b: &str| a == b || a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    !(related(&named, target) || related(target, &named))
}

/// The host that a text names as its own, without `www.`.
fn named_host(text: &str) -> Option<String> {
    let word = text.split_whitespace().find(|word| word.contains('.'))?;
    let lower = word.trim_matches(|c: char| "()[]<>「」『』、。,;\"'".contains(c)).to_lowercase();
    let explicit = lower.split_once("://").map(|(_, rest)| rest);
    let rest = explicit.unwrap_or(&lower);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default().trim_end_matches('.');
    let (_, top) = host.rsplit_once('.')?;
    let alone = text.split_whitespace().count() == 1;
    let known = matches!(
        top,
        "com"
            | "net"
            | "org"
            | "info"
            | "biz"
            | "jp"
            | "dev"
            | "app"
            | "shop"
            | "online"
            | "site"
            | "xyz"
            | "top"
            | "io"
            | "co"
    );
    let is_host = top.len() >= 2 && host.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-');
    let says_so = explicit.is_some() || lower.starts_with("www.") || alone && known;
    (is_host && says_so).then(|| host.strip_prefix("www.").unwrap_or(host).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_on_the_list_may_stand_in_links() {
        for (raw, right) in [
            ("https://example.jp/a?b=c#d", Some("https://example.jp/a?b=c#d")),
            (" \u{1}HTTPS:\\\\example.jp\\a b", Some("https://example.jp/a%20b")),
            ("http:example.jp", Some("http://example.jp")),
            ("https:///x@evil.example/", Some("https://x@evil.example/")),
            ("java\nscript:alert(1)", None),
            ("\u{1}javascript:alert(1)", None),
            ("JavaScript&colon;alert(1)", None),
            ("vbscript:x", None),
            ("data:text/html,x", None),
            ("blob:https://x/1", None),
            ("file:///etc/passwd", None),
            ("view-source:https://x", None),
            ("ftp://x/", None),
            ("//evil.example/", None),
            ("/relative", None),
            ("#top", None),
            ("", None),
            ("https:", None),
            ("https://", None),
            ("https://a b/", None),
            ("mailto:a@b.jp?subject=x\"y", Some("mailto:a@b.jp?subject=x%22y")),
            ("tel:+81-3-1234-5678", Some("tel:+81-3-1234-5678")),
            ("tel:javascript", None),
        ] {
            let link = link(raw);
            assert_eq!(link.as_ref().map(|l| l.href.as_str()), right, "{raw:?}");
            if let Some(link) = link {
                assert_eq!(self::link(&link.href).as_ref(), Some(&link));
            }
        }
    }

    #[test]
    fn only_pictures_may_stand_in_images() {
        assert_eq!(image("cid:a%40b"), Some(Image::Cid("a@b".into())));
        assert_eq!(image("data:image/PNG;base64,AA\r\n=="), Some(Image::Data("data:image/png;base64,AA==".into())));
        assert_eq!(image("data:image/svg+xml;base64,AA=="), None);
        assert_eq!(image("data:image/png,<svg>"), None);
        assert_eq!(image("//x.example/a.png"), Some(Image::Remote("https://x.example/a.png".into())));
        assert_eq!(image("javascript:alert(1)"), None);
        assert_eq!(image("a.png"), None);
    }

    #[test]
    fn a_link_that_says_another_host_is_told() {
        for (text, target, differs) in [
            ("https://bank.example.jp/login", "evil.example", true),
            ("www.bank.example.jp", "evil.example", true),
            ("bank.co.jp", "evil.example", true),
            ("bank.co.jp", "www.bank.co.jp", false),
            ("login.bank.co.jp", "bank.co.jp", false),
            ("こちらをクリック", "evil.example", false),
            ("見積書.pdf", "files.example", false),
            ("https://bank.co.jp@evil.example/", "evil.example", false),
            ("info@bank.co.jp", "evil.example", true),
            ("詳細は https://bank.co.jp/ をご覧ください", "evil.example", true),
            ("bank.co.jp", "bank.co.jp.evil.example", true),
        ] {
            assert_eq!(names_another_host(text, target), differs, "{text} → {target}");
        }
    }
}
