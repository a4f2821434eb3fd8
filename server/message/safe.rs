//! The HTML of a mail as a document that does nothing: parsed as browsers parse, rebuilt from lists of what
//! may stand, written once. No script, no style sheet, no form, no frame, nothing from elsewhere (web-design
//! 1.3). Knows nothing of MIME: pictures of the mail itself come through a function of the caller.
//!
//! ```
//! let dirty = r#"<p onclick="x()">番号 <img src="https://t.example/1.gif"><script>x()</script></p>"#;
//! let clean = message::safe::clean(dirty, &message::safe::Options::default());
//! assert_eq!(clean.html, "<p>番号 <img></p>");
//! assert_eq!(clean.remote_images, 1);
//! ```

mod css;
mod elements;
mod mask;
mod parse;
mod plain;
mod rebuild;
mod tree;
mod url;
mod write;

#[cfg(test)]
mod proof;

use std::collections::BTreeSet;

use html5ever::{QualName, ns};

pub(crate) use plain::Line;
pub use url::Scheme;
pub(crate) use write::escape;

/// Most bytes of the cleaned HTML.
const OUTPUT: usize = 2 << 20;
/// Most bytes of HTML whose text is shown where its form cannot be.
const FALLBACK: usize = 1 << 20;

/// A function from one address to another.
pub type Rewrite<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where a link leads instead of to its own address; `None` takes the link out and leaves its text.
pub type LinkRewrite<'a> = &'a dyn Fn(&Link) -> Option<String>;

/// Makes numbers in a text unreadable, such as `detect::mask_numbers`.
pub type Mask<'a> = &'a dyn Fn(&str) -> String;

/// How a mail is cleaned.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The address of the part with this Content-ID (without brackets), for pictures and links.
    pub cid: Rewrite<'a>,
    /// Where the reader asked for remote images: the address under which the server's own fetcher gives this
    /// one. Without it remote images are taken out and counted.
    pub remote_image: Option<Rewrite<'a>>,
    /// Where a link leads instead, such as to a page that shows the real host.
    pub link: Option<LinkRewrite<'a>>,
    /// Makes numbers unreadable; runs over the whole text, each block, each text and each attribute.
    pub mask: Option<Mask<'a>>,
    /// Drops every style and colour, so that nothing can be hidden: for those who decide about a mail.
    pub plain: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { cid: &|_| None, remote_image: None, link: None, mask: None, plain: false }
    }
}

/// A link of the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What kind of address it is.
    pub scheme: Scheme,
    /// The address.
    pub href: String,
    /// Of a page its host, of a mail address its domain; lower case, as written.
    pub host: Option<String>,
    /// The text that the reader sees, on one line.
    pub text: String,
    /// Whether that text names another host than the link leads to.
    pub names_another_host: bool,
}

/// What was taken out of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stripped {
    /// Scripts.
    Script,
    /// Attributes that run scripts.
    Handler,
    /// Style sheets and declarations that may not stand.
    Style,
    /// Forms and their fields.
    Form,
    /// Frames, objects, plug-ins.
    Frame,
    /// Sound, film, drawings.
    Media,
    /// `meta`, `base`, `link`.
    Meta,
    /// Links and pictures with an address that may not stand.
    Address,
}

impl Stripped {
    /// The kind that an element belongs to that never stays as it is.
    fn of(name: &QualName) -> Option<Self> {
        if name.ns != ns!(html) {
            return Some(Self::Media);
        }
        Some(match &*name.local {
            "script" | "noscript" | "template" | "slot" => Self::Script,
            "style" => Self::Style,
            "form" | "input" | "select" | "textarea" | "button" | "option" | "datalist" | "keygen" => Self::Form,
            "iframe" | "frame" | "frameset" | "object" | "embed" | "applet" | "portal" | "fencedframe" => Self::Frame,
            "audio" | "video" | "canvas" | "source" | "track" | "map" | "bgsound" => Self::Media,
            "meta" | "base" | "link" => Self::Meta,
            _ => return None,
        })
    }
}

/// A mail's HTML, safe to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The content of a `<body>`.
    pub html: String,
    /// How many remote images are not shown.
    pub remote_images: usize,
    /// What kinds of things were taken out.
    pub stripped: BTreeSet<Stripped>,
    /// The links, in their order; at most 2,000.
    pub links: Vec<Link>,
    /// Whether the mail was too large or too tangled, and only its text is shown.
    pub fell_back_to_text: bool,
}

/// Cleans the HTML of a mail. Costs time in proportion to its length: what would cost more is shown as text.
#[must_use]
pub fn clean(html: &str, options: &Options<'_>) -> Cleaned {
    rebuilt(html, options).unwrap_or_else(|| fallback(html, options))
}

fn rebuilt(html: &str, options: &Options<'_>) -> Option<Cleaned> {
    let tree = parse::parse(html)?;
    let mut rebuilt = rebuild::rebuild(&tree, options)?;
    if let Some(mask) = options.mask {
        mask::apply(&mut rebuilt.pieces, mask);
    }
    Some(Cleaned {
        html: write::html(&rebuilt.pieces, OUTPUT)?,
        remote_images: rebuilt.remote_images,
        stripped: rebuilt.stripped,
        links: rebuilt.links,
        fell_back_to_text: false,
    })
}

/// The text alone.
fn fallback(html: &str, options: &Options<'_>) -> Cleaned {
    let text = plain::without_form(html.get(..html.floor_char_boundary(FALLBACK)).unwrap_or_default());
    let text = options.mask.map_or(text.clone(), |mask| mask(&text));
    let mut out = String::from("<pre style=\"white-space:pre-wrap\">\n");
    escape(&text, &mut out);
    out.push_str("</pre>");
    Cleaned { html: out, fell_back_to_text: true, ..Cleaned::default() }
}

/// An address as a link, in the one form that every browser reads alike: kind, address, host. `None` for what
/// may not stand in a link.
pub(crate) fn read_link(address: &str) -> Option<(Scheme, String, Option<String>)> {
    url::link(address).map(|link| (link.scheme, link.href, link.host))
}

/// The text of an HTML mail as people would type it: blocks are lines, items have a dash, quotes `> `.
#[must_use]
pub fn text(html: &str) -> String {
    plain::text(&lines(html))
}

/// The lines of an HTML mail with the depth of their quoting.
pub(crate) fn lines(html: &str) -> Vec<Line> {
    let options = Options { plain: true, ..Options::default() };
    let rebuilt = parse::parse(html).and_then(|tree| rebuild::rebuild(&tree, &options));
    match rebuilt {
        Some(rebuilt) => plain::lines(&rebuilt.pieces),
        None => plain::unquoted_lines(&plain::without_form(
            html.get(..html.floor_char_boundary(FALLBACK)).unwrap_or_default(),
        )),
    }
}
