//! Style attributes: declarations of an allow list of properties whose values are read as tokens and written
//! anew. No escape, no url(), no variable, no function but colours; nothing that moves content out of its place.

/// Most bytes of a style attribute that are read.
const STYLE: usize = 16 << 10;
/// Most tokens of one value.
const TOKENS: usize = 60;

/// Properties that stay; sorted.
const PROPERTIES: &[&str] = &[
    "background",
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-break",
    "line-height",
    "list-style",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "opacity",
    "overflow",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-style",
    "text-indent",
    "text-transform",
    "vertical-align",
    "visibility",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];

/// A style attribute after cleaning.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// The declarations that stay.
    pub text: String,
    /// Whether one was dropped because it loads something from elsewhere.
    pub remote: bool,
    /// Whether any was dropped.
    pub stripped: bool,
}

/// Cleans a style attribute.
pub(super) fn clean(style: &str) -> Style {
    let mut out = Style::default();
    let Some(style) = style.get(..style.floor_char_boundary(STYLE)) else { return out };
    for declaration in declarations(style) {
        let lower = declaration.to_ascii_lowercase();
        match kept(&declaration) {
            Some(text) => {
                if !out.text.is_empty() {
                    out.text.push(';');
                }
                out.text.push_str(&text);
            }
            None => {
                out.stripped |= !lower.trim().is_empty();
                out.remote |= loads(&lower);
            }
        }
    }
    out
}

fn loads(declaration: &str) -> bool {
    ["url(", "image-set(", "src("].iter().any(|name| declaration.contains(name))
        && !declaration.contains("url(data:")
        && !declaration.contains("url(cid:")
}

/// The declarations without comments: split at semicolons outside strings and brackets.
fn declarations(style: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quote = None;
    let mut depth = 0usize;
    let mut rest = style;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if quote.is_none() && rest.starts_with("/*") {
            rest = rest.get(2..).and_then(|inside| inside.split_once("*/")).map_or("", |(_, after)| after);
            push(&mut out, ' ');
            continue;
        }
        match (c, quote) {
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(open)) if c == open || c == '\n' => quote = None,
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth = depth.saturating_sub(1),
            (';', None) if depth == 0 => {
                out.push(String::new());
                rest = after;
                continue;
            }
            _ => {}
        }
        push(&mut out, c);
        rest = after;
    }
    out
}

fn push(out: &mut [String], c: char) {
    if let Some(last) = out.last_mut() {
        last.push(c);
    }
}

/// A declaration in its canonical form, if it may stay.
fn kept(declaration: &str) -> Option<String> {
    let (name, value) = declaration.split_once(':')?;
    let name = name.trim().to_ascii_lowercase();
    PROPERTIES.binary_search(&name.as_str()).ok()?;
    let strings = matches!(name.as_str(), "font" | "font-family");
    let value = value_of(value, strings)?;
    (!value.is_empty()).then(|| format!("{name}:{value}"))
}

/// A value in its canonical form; `None` where it holds anything that is not on the list.
fn value_of(value: &str, strings: bool) -> Option<String> {
    let mut reader = Reader { rest: value, out: String::new(), tokens: 0, in_function: false };
    while reader.token(strings)? {}
    (!reader.in_function && !reader.out.ends_with(',')).then_some(reader.out)
}

/// A colour of an attribute: a name or `#` with hexadecimal digits.
pub(super) fn colour(value: &str) -> Option<String> {
    let value = value.trim().to_ascii_lowercase();
    let hex = value.strip_prefix('#').unwrap_or(&value);
    if matches!(hex.len(), 3 | 6) && hex.chars().all(|c| c.is_ascii_hexdigit()) {
        return Some(format!("#{hex}"));
    }
    ((1..=24).contains(&value.len()) && value.chars().all(|c| c.is_ascii_alphabetic())).then_some(value)
}

/// A list of font families, of an attribute `face`.
pub(super) fn font_families(value: &str) -> Option<String> {
    value_of(value, true).filter(|list| !list.is_empty() && list.len() <= 200)
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
    tokens: usize,
    in_function: bool,
}

impl Reader<'_> {
    /// Reads one token; `Some(false)` at the end, `None` where the value must go.
    fn token(&mut self, strings: bool) -> Option<bool> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
        let Some(first) = self.rest.chars().next() else { return Some(false) };
        self.tokens += 1;
        if self.tokens > TOKENS {
            return None;
        }
        match first {
            ',' | '/' => self.symbol(first)?,
            '#' => self.hash()?,
            '!' => self.important()?,
            ')' if self.in_function => {
                self.take(1);
                self.in_function = false;
                self.out.push(')');
            }
            '"' | '\'' if strings && !self.in_function => self.string(first)?,
            '0'..='9' | '.' | '+' => self.number()?,
            '-' if self.rest.get(1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit() || c == '.')) => {
                self.number()?;
            }
            c if c.is_ascii_alphabetic() || c == '-' || is_letter(c) => self.word()?,
            _ => return None,
        }
        Some(true)
    }

    fn take(&mut self, length: usize) -> &str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Writes a token, with a blank before it where two would run together.
    fn write(&mut self, text: &str) {
        if !self.out.is_empty() && !self.out.ends_with([',', '(', '/']) {
            self.out.push(' ');
        }
        self.out.push_str(text);
    }

    fn symbol(&mut self, symbol: char) -> Option<()> {
        self.take(1);
        (!self.out.is_empty() && !self.out.ends_with([',', '/', '('])).then(|| self.out.push(symbol))
    }

    fn hash(&mut self) -> Option<()> {
        let digits = self.rest.chars().skip(1).take_while(char::is_ascii_alphanumeric).count();
        let text = self.take(digits + 1).to_ascii_lowercase();
        let good = matches!(digits, 3 | 4 | 6 | 8) && text.chars().skip(1).all(|c| c.is_ascii_hexdigit());
        good.then(|| self.write(&text))
    }

    fn important(&mut self) -> Option<()> {
        let word = self.rest.get(1..)?.trim().to_ascii_lowercase();
        self.rest = "";
        (word == "important" && !self.out.is_empty()).then(|| self.write("!important"))
    }

    fn string(&mut self, quote: char) -> Option<()> {
        let inside = self.rest.get(1..)?;
        let end = inside.find(quote)?;
        let text = inside.get(..end)?.to_owned();
        self.take(end + 2);
        let good =
            text.len() <= 100 && text.chars().all(|c| c.is_ascii_alphabetic() || " -_".contains(c) || is_letter(c));
        (good && !text.trim().is_empty()).then(|| self.write(&format!("'{}'", text.trim())))
    }

    fn number(&mut self) -> Option<()> {
        let sign = usize::from(self.rest.starts_with(['+', '-']));
        let digits = self.rest.chars().skip(sign).take_while(|c| c.is_ascii_digit() || *c == '.').count();
        let number = self.take(sign + digits).to_owned();
        let letters = self.rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '%').count();
        let unit = self.take(letters).to_ascii_lowercase();
        let plain = number.trim_start_matches(['+', '-']);
        let good = plain.chars().any(|c| c.is_ascii_digit())
            && plain.matches('.').count() <= 1
            && !plain.ends_with('.')
            && plain.split('.').all(|part| part.len() <= 5)
            && matches!(
                unit.as_str(),
                "" | "px" | "pt" | "em" | "ex" | "rem" | "pc" | "in" | "cm" | "mm" | "ch" | "%" | "vw" | "vh"
            );
        good.then(|| self.write(&format!("{number}{unit}")))
    }

    fn word(&mut self) -> Option<()> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || is_letter(c);
        let length: usize = self.rest.chars().take_while(|c| part(*c)).map(char::len_utf8).sum();
        let word = self.take(length).to_ascii_lowercase();
        if self.rest.starts_with('(') {
            let colour = matches!(word.as_str(), "rgb" | "rgba" | "hsl" | "hsla") && !self.in_function;
            self.take(1);
            self.in_function = true;
            return colour.then(|| self.write(&format!("{word}(")));
        }
        let digits = word.chars().filter(char::is_ascii_digit).count();
        (word.len() <= 60 && digits <= 4 && !word.starts_with("--") && word != "-").then(|| self.write(&word))
    }
}

/// A letter of a font's name beyond ASCII, as in `ＭＳ 明朝`.
fn is_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_properties_is_sorted() {
        assert!(PROPERTIES.is_sorted());
    }

    #[test]
    fn declarations_on_the_list_stay_and_the_others_go() {
        for (style, right) in [
            ("color: Red; font-size:12PX", "color:red;font-size:12px"),
            ("COLOR:#FFF !important;", "color:#fff !important"),
            ("font-family:\"MS PGothic\", 'メイリオ', sans-serif", "font-family:'MS PGothic','メイリオ',sans-serif"),
            ("color:rgb( 1, 2,3 )", "color:rgb(1,2,3)"),
            ("font:12px/1.5 arial", "font:12px/1.5 arial"),
            ("margin:0 -5px .5em", "margin:0 -5px .5em"),
            ("background:url(https://x/)", ""),
            ("background:u\\72l(https://x/)", ""),
            ("background:u/**/rl(https://x/);color:red", "color:red"),
            ("background:red url(x)", ""),
            ("background-image:image-set('x' 1x)", ""),
            ("width:expression(alert(1))", ""),
            ("width:exp/**/ression(alert(1))", ""),
            ("color:var(--x)", ""),
            ("--x:1", ""),
            ("position:fixed;top:0;z-index:999999", ""),
            ("behavior:url(x);-moz-binding:url(x)", ""),
            ("@import 'x';color:red", "color:red"),
            ("color:red;}body{color:blue", "color:red"),
            ("font-family:'x;color:red", ""),
            ("color:red;/*", "color:red"),
            ("width:123456789018px", ""),
            ("content:'x'", ""),
            ("color:red\0;color:blue", "color:blue"),
            ("cursor:url(x)", ""),
            ("list-style:url(x)", ""),
            ("color:{red};margin:0", "margin:0"),
            ("font-family:</style>", ""),
        ] {
            let cleaned = clean(style).text;
            assert_eq!(cleaned, right, "{style}");
            assert_eq!(clean(&cleaned).text, cleaned, "{style}");
        }
    }

    #[test]
    fn what_loads_from_elsewhere_is_told() {
        assert!(clean("background:url('//x.example/a.png')").remote);
        assert!(!clean("background:url(data:image/png;base64,AA)").remote);
        assert!(!clean("position:fixed").remote && clean("position:fixed").stripped);
    }

    proptest::proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(style in "[a-c:;,/ '\"()#0-9.%!*\\\\@{}-]{0,60}", property in proptest::sample::select(PROPERTIES)) {
            let once = clean(&format!("{property}:{style}")).text;
            proptest::prop_assert_eq!(clean(&once).text, once);
        }
    }
}
