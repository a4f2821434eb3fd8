//! The tables of the cleaner: which elements stay, which go with all they hold, and which attributes stay
//! with which values. What is not named here does not survive.

use super::css;

/// What becomes of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays, under this name.
    Keep(&'static str),
    /// It goes, its content stays.
    Unwrap,
    /// It goes with its content.
    Drop,
}

/// Elements that stay under their own name; sorted.
const KEPT: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// What becomes of the HTML element `name`.
pub(super) fn fate(name: &str) -> Fate {
    if let Ok(at) = KEPT.binary_search(&name) {
        return KEPT.get(at).map_or(Fate::Drop, |name| Fate::Keep(name));
    }
    match name {
        "form" | "fieldset" | "details" | "summary" | "dialog" | "legend" | "hgroup" | "search" | "textarea" => {
            Fate::Keep("div")
        }
        "listing" | "xmp" | "plaintext" => Fate::Keep("pre"),
        "script" | "style" | "title" | "template" | "noscript" | "iframe" | "frame" | "frameset" | "object"
        | "embed" | "applet" | "audio" | "video" | "source" | "track" | "canvas" | "map" | "area" | "noembed"
        | "noframes" | "select" | "option" | "optgroup" | "datalist" | "input" | "keygen" | "link" | "meta"
        | "base" | "basefont" | "bgsound" | "param" | "portal" | "fencedframe" | "svg" | "math" | "slot" => Fate::Drop,
        _ => Fate::Unwrap,
    }
}

/// Whether the element has no content and no end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(name, "br" | "col" | "hr" | "img" | "wbr")
}

/// Whether the start tag ends an open paragraph (HTML standard 13.2.6.4.7); these are also the blocks that
/// end a line of text.
pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "dd"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "ul"
    )
}

/// Whether the element belongs to the skeleton of a table, where the parser lets nothing else stand.
pub(super) fn table_child(parent: &str, name: &str) -> bool {
    match name {
        "caption" | "colgroup" | "tbody" | "thead" | "tfoot" => parent == "table",
        "tr" => matches!(parent, "tbody" | "thead" | "tfoot"),
        "td" | "th" => parent == "tr",
        "col" => parent == "colgroup",
        _ => false,
    }
}

/// Whether only parts of the skeleton may stand directly in the element.
pub(super) fn is_skeleton(name: &str) -> bool {
    matches!(name, "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup")
}

/// Whether the element can only stand in a skeleton.
pub(super) fn needs_skeleton(name: &str) -> bool {
    matches!(name, "caption" | "colgroup" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th" | "col")
}

/// Whether the parser looks through the element when it searches the list item that a new one ends.
pub(super) fn is_transparent_to_items(name: &str) -> bool {
    !(is_block(name) || needs_skeleton(name)) || matches!(name, "address" | "div" | "p")
}

/// The value that an attribute keeps, in its canonical form; `None` where the attribute goes. Links, images
/// and styles are not decided here.
pub(super) fn attribute(element: &str, name: &str, value: &str) -> Option<String> {
    let cell = matches!(element, "td" | "th");
    let sized = matches!(element, "table" | "td" | "th" | "img" | "hr" | "col" | "colgroup" | "tr");
    match name {
        "title" => text(value),
        "alt" if element == "img" => text(value),
        "dir" => keyword(value, &["ltr", "rtl", "auto"]),
        "lang" => language(value),
        "align" => keyword(value, &["left", "right", "center", "justify", "top", "middle", "bottom"]),
        "valign" => keyword(value, &["top", "middle", "bottom", "baseline"]),
        "bgcolor" if sized || matches!(element, "tbody" | "thead" | "tfoot") => css::colour(value),
        "color" if matches!(element, "font" | "hr") => css::colour(value),
        "width" | "height" if sized => length(value),
        "border" | "cellpadding" | "cellspacing" if element == "table" => number(value, 500),
        "border" | "hspace" | "vspace" if element == "img" => number(value, 500),
        "colspan" | "rowspan" if cell => number(value, 200),
        "span" if matches!(element, "col" | "colgroup") => number(value, 200),
        "scope" if element == "th" => keyword(value, &["row", "col", "rowgroup", "colgroup"]),
        "nowrap" if cell => Some(String::new()),
        "size" if element == "font" => font_size(value),
        "size" if element == "hr" => number(value, 500),
        "noshade" if element == "hr" => Some(String::new()),
        "face" if element == "font" => css::font_families(value),
        "clear" if element == "br" => keyword(value, &["left", "right", "all"]),
        "start" if element == "ol" => number(value, 99_999),
        "value" if element == "li" => number(value, 99_999),
        "reversed" if element == "ol" => Some(String::new()),
        "type" if matches!(element, "ul" | "li") => keyword(value, &["disc", "circle", "square"]),
        "type" if element == "ol" => {
            Some(value.to_owned()).filter(|v| matches!(v.as_str(), "1" | "a" | "A" | "i" | "I"))
        }
        _ => None,
    }
}

/// Most characters of an attribute that people read.
const TEXT: usize = 1_000;

fn text(value: &str) -> Option<String> {
    Some(value.chars().take(TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect())
}

fn keyword(value: &str, words: &[&str]) -> Option<String> {
    let value = value.trim().to_ascii_lowercase();
    words.contains(&value.as_str()).then_some(value)
}

fn language(value: &str) -> Option<String> {
    let good = (1..=20).contains(&value.len())
        && value.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
        && !value.starts_with('-');
    good.then(|| value.to_owned())
}

fn number(value: &str, most: u32) -> Option<String> {
    let digits: String = value.trim().chars().take_while(char::is_ascii_digit).take(6).collect();
    digits.parse::<u32>().ok().map(|number| number.min(most).to_string())
}

fn length(value: &str) -> Option<String> {
    let value = value.trim();
    let number = number(value, 5_000)?;
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim();
    match unit {
        "%" => Some(format!("{number}%")),
        "" | "px" => Some(number),
        _ => None,
    }
}

fn font_size(value: &str) -> Option<String> {
    let value = value.trim();
    let (sign, digit) = match value.split_at_checked(1) {
        Some((sign @ ("+" | "-"), digit)) => (sign, digit),
        _ => ("", value),
    };
    matches!(digit, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7").then(|| format!("{sign}{digit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_kept_elements_is_sorted() {
        assert!(KEPT.is_sorted());
        assert!(KEPT.iter().all(|name| fate(name) == Fate::Keep(name)));
    }

    #[test]
    fn values_have_one_canonical_form() {
        for (element, name, value, right) in [
            ("td", "colspan", "1000", Some("200")),
            ("td", "rowspan", "-1", None),
            ("table", "width", " 100% ", Some("100%")),
            ("img", "width", "600px", Some("600")),
            ("img", "width", "123456789018", Some("5000")),
            ("img", "width", "1em", None),
            ("font", "size", "+2", Some("+2")),
            ("font", "size", "99", None),
            ("p", "lang", "ja-JP", Some("ja-JP")),
            ("p", "lang", "123456789018", None),
            ("p", "id", "x", None),
            ("p", "class", "x", None),
            ("td", "onclick", "x", None),
            ("p", "align", "CENTER", Some("center")),
        ] {
            assert_eq!(attribute(element, name, value).as_deref(), right, "{element} {name}={value}");
        }
    }
}
