//! The tree of a mail, made anew from what is on the lists: a flat row of pieces that reads back as itself.
//! Nothing of the mail's own markup is carried over.

use std::borrow::Cow;
use std::collections::BTreeSet;

use html5ever::{Attribute, LocalName, ns};

use super::elements::{self, Fate};
use super::tree::{Data, Finished, Id, ROOT};
use super::url::{self, Image, Scheme};
use super::{Link, Options, Stripped, css};

/// Deepest nesting that is shown.
const DEPTH: usize = 200;
/// Most elements and texts that are shown.
const NODES: usize = 50_000;
/// Most links that are told of.
const LINKS: usize = 2_000;

/// One piece of the safe document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A start tag.
    Open(&'static str, Vec<(LocalName, String)>),
    /// An end tag.
    Close(&'static str),
    /// Text.
    Text(String),
}

/// A mail's HTML after cleaning.
#[derive(Default)]
pub(super) struct Rebuilt {
    pub pieces: Vec<Piece>,
    pub remote_images: usize,
    pub stripped: BTreeSet<Stripped>,
    pub links: Vec<Link>,
}

/// Rebuilds a tree; `None` where it is more than a page should hold.
pub(super) fn rebuild(tree: &Finished, options: &Options<'_>) -> Option<Rebuilt> {
    let fates = fates(tree);
    let blocks = blocks_within(tree, &fates);
    let mut builder = Builder { tree, options, fates, blocks, open: Vec::new(), out: Rebuilt::default(), link: None };
    let mut steps = vec![Step::Enter(ROOT)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Leave(name) => builder.close(name),
            Step::Enter(id) => builder.enter(id, &mut steps),
        }
        if builder.open.len() > DEPTH || builder.out.pieces.len() > NODES * 2 {
            return None;
        }
    }
    let nodes = builder.out.pieces.iter().filter(|piece| !matches!(piece, Piece::Close(_))).count();
    (nodes <= NODES).then_some(builder.out)
}

enum Step {
    Enter(Id),
    Leave(&'static str),
}

/// What becomes of each node; looked up once, since it is asked for several times.
fn fates(tree: &Finished) -> Vec<Fate> {
    let of = |id| match tree.data(id) {
        Data::Element(name, _) if name.ns == ns!(html) => elements::fate(&name.local),
        Data::Element(..) => Fate::Drop,
        _ => Fate::Unwrap,
    };
    (0..Id::try_from(tree.len()).unwrap_or(Id::MAX)).map(of).collect()
}

fn fate_of(fates: &[Fate], id: Id) -> Fate {
    fates.get(id as usize).copied().unwrap_or(Fate::Drop)
}

/// For each node, whether a block stands within it that would end a paragraph around it when the document is
/// read again. Table cells keep theirs to themselves.
fn blocks_within(tree: &Finished, fates: &[Fate]) -> Vec<bool> {
    let mut order = Vec::with_capacity(tree.len());
    let mut stack = vec![ROOT];
    while let Some(id) = stack.pop() {
        if fate_of(fates, id) != Fate::Drop {
            order.push(id);
            stack.extend(tree.children_backwards(id));
        }
    }
    let mut within = vec![false; tree.len()];
    for id in order.into_iter().rev() {
        let Fate::Keep(kept) = fate_of(fates, id) else {
            pass_on(tree, id, &mut within);
            continue;
        };
        if elements::is_block(kept) {
            mark_parent(tree, id, &mut within);
        } else if !matches!(kept, "td" | "th" | "caption") {
            pass_on(tree, id, &mut within);
        }
    }
    within
}

/// A block within a node is one within the node above it.
fn pass_on(tree: &Finished, id: Id, within: &mut [bool]) {
    if within.get(id as usize) == Some(&true) {
        mark_parent(tree, id, within);
    }
}

fn mark_parent(tree: &Finished, id: Id, within: &mut [bool]) {
    if let Some(flag) = tree.parent(id).and_then(|parent| within.get_mut(parent as usize)) {
        *flag = true;
    }
}

/// A link whose text is being read: where its start tag is, and what it says so far.
struct OpenLink {
    piece: usize,
    link: url::Link,
    text: String,
}

struct Builder<'a> {
    tree: &'a Finished,
    options: &'a Options<'a>,
    fates: Vec<Fate>,
    blocks: Vec<bool>,
    open: Vec<&'static str>,
    out: Rebuilt,
    link: Option<OpenLink>,
}

impl Builder<'_> {
    fn enter(&mut self, id: Id, steps: &mut Vec<Step>) {
        let tree = self.tree;
        let opened = match tree.data(id) {
            Data::Nothing => None,
            Data::Text(text) => return self.text(text),
            Data::Element(name, attrs) => {
                let fate = fate_of(&self.fates, id);
                // what stays as it is was not taken out
                if !matches!(fate, Fate::Keep(kept) if kept == &*name.local)
                    && let Some(what) = Stripped::of(name)
                {
                    self.out.stripped.insert(what);
                }
                match fate {
                    Fate::Drop => return,
                    Fate::Unwrap if &*name.local == "body" => self.body(attrs),
                    Fate::Unwrap => None,
                    Fate::Keep(kept) => {
                        let has_blocks = self.blocks.get(id as usize) == Some(&true);
                        match self.fitting(kept, has_blocks) {
                            Fit::As(name) => {
                                self.open(name, attrs);
                                Some(name)
                            }
                            Fit::Unwrapped => None,
                            Fit::Not => return,
                        }
                    }
                }
            }
        };
        match opened {
            Some(name) if elements::is_void(name) => return,
            Some(name) => {
                self.open.push(name);
                steps.push(Step::Leave(name));
            }
            None => {}
        }
        steps.extend(tree.children_backwards(id).map(Step::Enter));
    }

    /// As what an element can stand here so that a parser reads it back in the same place.
    fn fitting(&self, name: &'static str, has_blocks: bool) -> Fit {
        let parent = self.open.last().copied().unwrap_or_default();
        if elements::needs_skeleton(name) && !elements::table_child(parent, name) {
            return Fit::Unwrapped;
        }
        if elements::is_skeleton(parent) && !elements::table_child(parent, name) {
            return Fit::Not;
        }
        let heading = |name: &str| matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
        match name {
            "p" if has_blocks => Fit::As("div"),
            "li" if self.inside_item(&["li"]) => Fit::As("div"),
            "dd" | "dt" if self.inside_item(&["dd", "dt"]) => Fit::As("div"),
            "rt" | "rp" if parent != "ruby" => Fit::Unwrapped,
            "a" if self.open.contains(&"a") => Fit::Unwrapped,
            name if heading(name) && heading(parent) => Fit::As("div"),
            name => Fit::As(name),
        }
    }

    /// Whether a new item would end one that is open around it.
    fn inside_item(&self, items: &[&str]) -> bool {
        self.open
            .iter()
            .rev()
            .take_while(|name| items.contains(name) || elements::is_transparent_to_items(name))
            .any(|name| items.contains(name))
    }

    fn text(&mut self, text: &str) {
        if self.open.last().is_some_and(|parent| elements::is_skeleton(parent)) {
            return;
        }
        let shown = if text.chars().all(|c| printable(c) == Some(c)) {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(text.chars().filter_map(printable).collect())
        };
        let first = self.out.pieces.is_empty();
        let text = if first { shown.trim_start_matches([' ', '\t', '\n']) } else { &*shown };
        if text.is_empty() {
            return;
        }
        if let Some(link) = &mut self.link
            && link.text.len() < 2_000
        {
            link.text.push_str(text);
        }
        match self.out.pieces.last_mut() {
            Some(Piece::Text(before)) => before.push_str(text),
            _ => self.out.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    /// The body of the mail becomes an element where it has colours of its own.
    fn body(&mut self, attrs: &[Attribute]) -> Option<&'static str> {
        let value = |name: &str| attrs.iter().find(|a| &*a.name.local == name).map(|a| a.value.to_string());
        let mut style = value("style").unwrap_or_default();
        for (name, property) in [("bgcolor", "background-color"), ("text", "color")] {
            if let Some(colour) = value(name).and_then(|value| css::colour(&value)) {
                style = format!("{property}:{colour};{style}");
            }
        }
        if value("background").is_some_and(|image| matches!(url::image(&image), Some(Image::Remote(_)))) {
            self.out.remote_images += 1;
        }
        let kept: Vec<_> = self.style(&style).into_iter().collect();
        if attrs.iter().any(|a| a.name.local.starts_with("on")) {
            self.out.stripped.insert(Stripped::Handler);
        }
        if kept.is_empty() {
            return None;
        }
        self.out.pieces.push(Piece::Open("div", kept));
        Some("div")
    }

    fn open(&mut self, name: &'static str, attrs: &[Attribute]) {
        let mut kept: Vec<(LocalName, String)> = Vec::new();
        for attr in attrs.iter().filter(|attr| attr.name.ns == ns!()) {
            let local = &attr.name.local;
            match &**local {
                "style" => kept.extend(self.style(&attr.value)),
                "href" | "src" | "srcset" => {}
                "background" => self.background(&attr.value),
                "color" | "bgcolor" | "face" | "size" if self.options.plain => {}
                other => match elements::attribute(name, other, &attr.value) {
                    Some(value) => kept.push((local.clone(), value)),
                    None if other.starts_with("on") => {
                        self.out.stripped.insert(Stripped::Handler);
                    }
                    None => {}
                },
            }
        }
        let value = |wanted: &str| attrs.iter().find(|a| &*a.name.local == wanted).map(|a| &*a.value);
        match name {
            "a" => self.link(value("href"), &mut kept),
            "img" => self.image(value("src"), value("srcset"), &mut kept),
            _ => {}
        }
        self.out.pieces.push(Piece::Open(name, kept));
    }

    fn style(&mut self, style: &str) -> Option<(LocalName, String)> {
        let cleaned = css::clean(style);
        self.out.remote_images += usize::from(cleaned.remote);
        if cleaned.stripped {
            self.out.stripped.insert(Stripped::Style);
        }
        (!cleaned.text.is_empty() && !self.options.plain).then(|| (LocalName::from("style"), cleaned.text))
    }

    fn background(&mut self, address: &str) {
        if matches!(url::image(address), Some(Image::Remote(_))) {
            self.out.remote_images += 1;
        }
    }

    fn image(&mut self, src: Option<&str>, srcset: Option<&str>, kept: &mut Vec<(LocalName, String)>) {
        let address = match src.map(url::image) {
            Some(Some(image)) => Some(image),
            Some(None) => {
                self.out.stripped.insert(Stripped::Address);
                None
            }
            None => None,
        };
        let src = match address {
            Some(Image::Data(data)) => Some(data),
            Some(Image::Cid(id)) => (self.options.cid)(&id),
            Some(Image::Remote(address)) => match self.options.remote_image {
                Some(rewrite) => rewrite(&address),
                None => {
                    self.out.remote_images += 1;
                    None
                }
            },
            None => {
                self.out.remote_images += usize::from(srcset.is_some_and(|set| set.contains("//")));
                None
            }
        };
        kept.extend(src.map(|src| (LocalName::from("src"), src)));
    }

    fn link(&mut self, href: Option<&str>, kept: &mut Vec<(LocalName, String)>) {
        let Some(raw) = href else { return };
        let Some(link) = url::link(raw) else {
            if !raw.trim().is_empty() && !raw.starts_with('#') {
                self.out.stripped.insert(Stripped::Address);
            }
            return;
        };
        let href = match link.scheme {
            Scheme::Cid => match (self.options.cid)(&url::percent_decoded(&link.href)) {
                Some(address) => address,
                None => return,
            },
            _ => link.href.clone(),
        };
        kept.push((LocalName::from("href"), href));
        kept.push((LocalName::from("target"), "_blank".to_owned()));
        kept.push((LocalName::from("rel"), "noopener noreferrer".to_owned()));
        self.link = Some(OpenLink { piece: self.out.pieces.len(), link, text: String::new() });
    }

    fn close(&mut self, name: &'static str) {
        self.open.pop();
        self.out.pieces.push(Piece::Close(name));
        if name == "a"
            && let Some(open) = self.link.take()
        {
            self.finish_link(open);
        }
    }

    /// Now that the text is known: tells of the link, and lets the caller lead it elsewhere.
    fn finish_link(&mut self, open: OpenLink) {
        let text = open.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let differs = open.link.host.as_deref().is_some_and(|host| url::names_another_host(&text, host));
        let link = Link {
            scheme: open.link.scheme,
            href: open.link.href,
            host: open.link.host,
            text,
            names_another_host: differs,
        };
        if let Some(rewrite) = self.options.link
            && link.scheme != Scheme::Cid
            && let Some(Piece::Open(_, attrs)) = self.out.pieces.get_mut(open.piece)
        {
            let rewritten = rewrite(&link);
            attrs.retain(|(name, _)| &**name != "href");
            attrs.extend(rewritten.map(|href| (LocalName::from("href"), href)));
        }
        if self.out.links.len() < LINKS {
            self.out.links.push(link);
        }
    }
}

/// How an element fits where it stands.
enum Fit {
    /// Under this name.
    As(&'static str),
    /// Only its content does.
    Unwrapped,
    /// Not at all.
    Not,
}

/// A character that may stand in the document: line ends as LF, no other control, and no character that
/// turns the direction of all that follows.
fn printable(c: char) -> Option<char> {
    match c {
        '\t' | '\n' => Some(c),
        '\r' | '\u{c}' => Some(' '),
        c if c.is_control() => None,
        '\u{202d}' | '\u{202e}' => None,
        c => Some(c),
    }
}
