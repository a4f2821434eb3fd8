//! What a reader sees of a mail: its best body as a document of its own for the content origin, its text, its
//! quote. Chooses among the parts (RFC 2046 5.1), forces a charset where the reader asked for one, masks where
//! the viewer is not the owner. Knows nothing of addresses and rights: the caller gives them.

mod choose;
mod document;
#[cfg(test)]
mod tests;
mod typed;

use crate::charset::Forced;
use crate::safe::{self, Link, LinkRewrite, Mask, Rewrite, Stripped};
use crate::{Parsed, flowed};
use choose::Body;

/// Most bytes of text that are shown of one part.
const TEXT: usize = 1 << 20;

/// The colours of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the reader's system says.
    #[default]
    System,
    /// Dark on white.
    Light,
    /// Light on dark.
    Dark,
}

/// Which form of a mail the reader prefers where it has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prefer {
    /// The form that the author meant.
    #[default]
    Html,
    /// The text.
    Text,
}

/// How a mail is shown.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Which form is shown.
    pub prefer: Prefer,
    /// The charset that the reader chose for this mail.
    pub charset: Forced,
    /// Plain text in letters of one width (等幅).
    pub monospace: bool,
    /// The colours of text mails; HTML mails stand on white, unless `dark_html`.
    pub theme: Theme,
    /// The theme holds for HTML mails too (本文も暗く).
    pub dark_html: bool,
    /// The `lang` of the document.
    pub language: &'a str,
    /// The address of the part with this Content-ID (without brackets).
    pub cid: Rewrite<'a>,
    /// The address of the server's fetcher for a remote image, where the reader asked for images.
    pub remote_image: Option<Rewrite<'a>>,
    /// Where links lead instead.
    pub link: Option<LinkRewrite<'a>>,
    /// For viewers who are not the owner: makes numbers unreadable. Styles go too then, so that nothing that
    /// leaves the house can be hidden from those who decide about it.
    pub mask: Option<Mask<'a>>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            prefer: Prefer::default(),
            charset: Forced::default(),
            monospace: false,
            theme: Theme::default(),
            dark_html: false,
            language: "ja",
            cid: &|_| None,
            remote_image: None,
            link: None,
            mask: None,
        }
    }
}

impl<'a> Options<'a> {
    fn cleaning(&self) -> safe::Options<'a> {
        safe::Options {
            cid: self.cid,
            remote_image: self.remote_image,
            link: self.link,
            mask: self.mask,
            plain: self.mask.is_some(),
        }
    }
}

/// A mail's body as a whole document.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The document, from its doctype on.
    pub document: String,
    /// Whether any part of it is HTML of the mail.
    pub is_html: bool,
    /// Whether the mail has a text beside its HTML, or the other way round.
    pub has_other_form: bool,
    /// How many remote images are not shown.
    pub remote_images: usize,
    /// What kinds of things were taken out.
    pub stripped: std::collections::BTreeSet<Stripped>,
    /// The links.
    pub links: Vec<Link>,
    /// Whether HTML was too large or too tangled and its text is shown.
    pub fell_back_to_text: bool,
}

impl View {
    /// Whether remote images are hidden (「外部の画像を表示していません」).
    #[must_use]
    pub fn hides_remote_images(&self) -> bool {
        self.remote_images > 0
    }

    /// Whether a link says another host than it leads to.
    #[must_use]
    pub fn has_misleading_link(&self) -> bool {
        self.links.iter().any(|link| link.names_another_host)
    }
}

/// The document of a mail's body.
#[must_use]
pub fn view(mail: &Parsed<'_>, options: &Options<'_>) -> View {
    let chosen = choose::bodies(mail, options.prefer);
    let mut view = View { has_other_form: chosen.has_other_form, ..View::default() };
    let mut content = String::new();
    for body in &chosen.bodies {
        if !content.is_empty() {
            content.push_str("<hr>");
        }
        match body {
            Body::Html(leaf) => view.add_html(&leaf_text(leaf, options.charset), options, &mut content),
            Body::Text(leaf, form) => {
                let text = typed_text(leaf, *form, options.charset);
                view.add_text(&text, options, &mut content);
            }
        }
    }
    view.document = document::document(&content, view.is_html, options);
    view
}

impl View {
    fn add_html(&mut self, html: &str, options: &Options<'_>, content: &mut String) {
        self.is_html = true;
        let cleaned = safe::clean(html, &options.cleaning());
        content.push_str("<div class=\"h\">");
        content.push_str(&cleaned.html);
        content.push_str("</div>");
        self.remote_images += cleaned.remote_images;
        self.stripped.extend(cleaned.stripped);
        self.links.extend(cleaned.links);
        self.fell_back_to_text |= cleaned.fell_back_to_text;
    }

    fn add_text(&mut self, text: &str, options: &Options<'_>, content: &mut String) {
        let text = text.get(..text.floor_char_boundary(TEXT)).unwrap_or_default();
        match options.mask {
            Some(mask) => typed::write(&mask(text), None, content, &mut self.links),
            None => typed::write(text, options.link, content, &mut self.links),
        }
    }
}

/// The text of a mail, for previews, quotes and printing: that of its text part, else that of its HTML.
/// `mask` as in [`Options`].
#[must_use]
pub fn text(mail: &Parsed<'_>, charset: Forced, mask: Option<Mask<'_>>) -> String {
    let mut out = String::new();
    for body in choose::bodies(mail, Prefer::Text).bodies {
        let text = match body {
            Body::Html(leaf) => safe::text(&leaf_text(&leaf, charset)),
            Body::Text(leaf, form) => typed_text(&leaf, form, charset).replace("\r\n", "\n"),
        };
        if !out.is_empty() && !text.trim().is_empty() {
            out.push('\n');
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    let shown = |c: &char| matches!(c, '\n' | '\t') || !c.is_control() && !matches!(c, '\u{202d}' | '\u{202e}');
    let out: String = out.trim_matches('\n').chars().filter(shown).collect();
    match mask {
        Some(mask) => mask(&out),
        None => out,
    }
}

fn leaf_text(leaf: &crate::Leaf<'_>, charset: Forced) -> String {
    match (charset, &leaf.text) {
        (Forced::Automatic, Some(text)) => text.clone(),
        _ => crate::charset::decode_as(&leaf.bytes, charset),
    }
}

/// Whether a text's lines were broken by its sender's program (RFC 3676), and not yet joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flowed {
    flowed: bool,
    delsp: bool,
}

/// The text of a text part; read in a forced charset its lines are joined anew.
fn typed_text(leaf: &crate::Leaf<'_>, form: Flowed, charset: Forced) -> String {
    let text = leaf_text(leaf, charset);
    let joined_already = charset == Forced::Automatic;
    if form.flowed && !joined_already { flowed::unwrap(&text, form.delsp) } else { text }
}

/// Whether [`text`] says everything that the mail's body does: no part of it stands behind the last that is shown, and no
/// HTML is so large that its end may be missing.
pub(crate) fn is_text_whole(mail: &Parsed<'_>) -> bool {
    let chosen = choose::bodies(mail, Prefer::Text);
    let fits = |body: &Body<'_>| match body {
        Body::Html(leaf) => leaf.bytes.len() <= TEXT,
        Body::Text(..) => true,
    };
    !chosen.left_out && chosen.bodies.iter().all(fits)
}

/// The parts that a mail's body shows, by their IMAP numbers; all others are attachments.
pub(crate) fn shown(mail: &Parsed<'_>) -> Vec<String> {
    choose::bodies(mail, Prefer::Html).numbers
}
