//! Which parts of a mail are its body: the best form of a multipart/alternative, the root of a
//! multipart/related, the texts of a multipart/mixed one after the other (RFC 2046 5.1, RFC 2387).

use super::{Flowed, Prefer};
use crate::leaf::{self, LeafRole};
use crate::summary::{Part, PartKind};
use crate::{Leaf, Parsed};

/// Most parts that are shown one after the other.
const BODIES: usize = 50;

/// A part of the body.
pub(super) enum Body<'a> {
    /// HTML.
    Html(Leaf<'a>),
    /// Text, and how its lines are broken.
    Text(Leaf<'a>, Flowed),
}

/// The body of a mail.
#[derive(Default)]
pub(super) struct Chosen<'a> {
    pub bodies: Vec<Body<'a>>,
    /// All parts that are some form of the body, shown or not.
    pub numbers: Vec<String>,
    pub has_other_form: bool,
    /// Some part of the body stands behind the last that is shown.
    pub left_out: bool,
}

/// The parts that make the body.
pub(super) fn bodies<'a>(mail: &Parsed<'a>, prefer: Prefer) -> Chosen<'a> {
    let mut walk = Walk { bytes: mail.bytes(), prefer, out: Chosen::default() };
    walk.part(mail.root(), "", true);
    walk.out
}

struct Walk<'a> {
    bytes: &'a [u8],
    prefer: Prefer,
    out: Chosen<'a>,
}

impl Walk<'_> {
    fn part(&mut self, part: &Part, number: &str, shown: bool) {
        if part.kind != PartKind::Multipart || part.children.is_empty() {
            let number = if number.is_empty() { "1" } else { number };
            return self.leaf(part, number, shown);
        }
        let subtype = part.subtype.to_ascii_lowercase();
        let best = match subtype.as_str() {
            "alternative" => best(&part.children, self.prefer),
            "related" | "signed" => Some(root(part)),
            _ => None,
        };
        for (at, child) in part.children.iter().enumerate() {
            let dot = if number.is_empty() { "" } else { "." };
            let number = format!("{number}{dot}{}", at + 1);
            match (best, subtype.as_str()) {
                (Some(best), "alternative") => {
                    self.out.has_other_form |= at != best && form(child).is_some();
                    self.part(child, &number, shown && at == best);
                }
                (Some(best), _) if at != best => {}
                _ => self.part(child, &number, shown),
            }
        }
    }

    fn leaf(&mut self, part: &Part, number: &str, shown: bool) {
        let role = leaf::role(part);
        if !matches!(role, LeafRole::Text | LeafRole::Html) || part.content_type().ends_with("amp-html") {
            return;
        }
        self.out.numbers.push(number.to_owned());
        if !shown || self.out.bodies.len() >= BODIES {
            self.out.left_out |= shown;
            return;
        }
        let leaf = leaf::leaf(self.bytes, number.to_owned(), part);
        let is = |name: &str, word: &str| part.param(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
        self.out.bodies.push(match leaf.role {
            LeafRole::Html => Body::Html(leaf),
            _ => Body::Text(leaf, Flowed { flowed: is("format", "flowed"), delsp: is("delsp", "yes") }),
        });
    }
}

/// The root of a multipart/related or signed: the part that `start` names, else the first.
fn root(part: &Part) -> usize {
    let start = part.param("start").unwrap_or_default();
    let start = start.trim().trim_start_matches('<').trim_end_matches('>');
    let named = |child: &Part| child.id.as_ref().is_some_and(|id| id.text().trim().trim_matches(['<', '>']) == start);
    let named = part.children.iter().position(named).filter(|_| !start.is_empty());
    named
        .filter(|at| part.children.get(*at).is_some_and(|child| form(child).is_some()))
        .unwrap_or_else(|| part.children.iter().position(|child| form(child).is_some()).unwrap_or(0))
}

/// The alternative that is shown: the last of the preferred form, else the last that can be shown at all.
fn best(children: &[Part], prefer: Prefer) -> Option<usize> {
    let wanted = match prefer {
        Prefer::Html => LeafRole::Html,
        Prefer::Text => LeafRole::Text,
    };
    let full = |child: &Part| child.size() > 0;
    children
        .iter()
        .rposition(|child| form(child) == Some(wanted) && full(child))
        .or_else(|| children.iter().rposition(|child| form(child).is_some() && full(child)))
        .or_else(|| children.iter().rposition(|child| form(child).is_some()))
}

/// What a part shows: HTML where any is in it.
fn form(part: &Part) -> Option<LeafRole> {
    if part.kind == PartKind::Multipart && !part.children.is_empty() {
        let forms: Vec<_> = part.children.iter().filter_map(form).collect();
        return if forms.contains(&LeafRole::Html) { Some(LeafRole::Html) } else { forms.first().copied() };
    }
    Some(leaf::role(part))
        .filter(|role| matches!(role, LeafRole::Text | LeafRole::Html) && !part.content_type().ends_with("amp-html"))
}
