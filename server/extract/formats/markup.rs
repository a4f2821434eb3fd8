//! XML as text: every element on a line of its own, its name before its content, since names are labels.
//! A tokenizer for HTML would not do: element names may be Japanese.

/// Entities that a file may declare, the uses of each, and the length of their texts.
const ENTITIES: usize = 100;
const ENTITY: usize = 200;

/// The text of an XML file: `name: content` a line.
pub(crate) fn text(xml: &str) -> String {
    let declared = with_entities(xml);
    let xml = declared.as_deref().unwrap_or(xml);
    let mut out = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        out.push_str(&resolved(text));
        rest = markup(after, &mut out);
    }
    out.push_str(&resolved(rest));
    out
}

/// The file with the texts of its own entities in their places (XML 1.0, 4.4), each once and only short ones, so that
/// none can multiply; `None` where it declares none.
fn with_entities(xml: &str) -> Option<String> {
    let (_, declarations) = xml.split_once("<!ENTITY")?;
    let mut out = xml.to_owned();
    for declaration in declarations.split("<!ENTITY").take(ENTITIES) {
        let mut words = declaration.splitn(3, ['"', '\'']);
        let (Some(name), Some(value)) = (words.next(), words.next()) else { continue };
        let reference = format!("&{};", name.trim());
        let room = value.len() <= ENTITY && !value.contains('&') && out.len() <= 2 * xml.len() + ENTITY;
        if room && reference.len() > 2 && out.contains(&reference) {
            out = out.replacen(&reference, value, ENTITIES);
        }
    }
    Some(out)
}

/// Takes what follows a `<`, writes what it says, and gives what comes behind it.
fn markup<'a>(after: &'a str, out: &mut String) -> &'a str {
    if let Some(data) = after.strip_prefix("![CDATA[") {
        let (text, rest) = data.split_once("]]>").unwrap_or((data, ""));
        out.push_str(text);
        return rest;
    }
    if let Some(comment) = after.strip_prefix("!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    let Some((tag, rest)) = after.split_once('>') else {
        out.push_str(after);
        return "";
    };
    out.truncate(out.trim_end().len());
    if !out.is_empty() {
        out.push('\n');
    }
    if tag.starts_with(['/', '?', '!']) {
        return rest;
    }
    let tag = tag.trim_end_matches('/').trim();
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    out.push_str(name);
    out.push_str(": ");
    if !attributes.is_empty() {
        out.push_str(&resolved(attributes));
        out.push(' ');
    }
    rest
}

/// Text with its character references resolved (XML 1.0, 4.1 and 4.6).
fn resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match reference.and_then(|(name, tail)| character(name).map(|c| (c, tail))) {
            Some((c, tail)) => {
                out.push(c);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
            code.ok().and_then(char::from_u32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_lines_that_begin_with_their_name() {
        let xml =
            "<?xml version=\"1.0\"?>\n<p><個人番号>12&#51;4</個人番号><n id=\"5\"><![CDATA[6]]></n><!-- 7 --></p>";
        let lines: Vec<String> = text(xml).lines().map(|line| line.trim().to_owned()).collect();
        assert_eq!(lines, ["p:", "個人番号: 1234", "n: id=\"5\" 6"]);
    }

    #[test]
    fn entities_have_their_texts_and_do_not_multiply() {
        let xml = "<!DOCTYPE a [<!ENTITY n \"12\"><!ENTITY m '&n;&n;'>]><a>&n;34 &m;</a>";
        assert!(text(xml).contains("a: 1234 &m;"), "{}", text(xml));
    }

    #[test]
    fn torn_markup_is_text() {
        for (xml, want) in [("a<b 12", "ab 12"), ("<![CDATA[12", "12"), ("&#x;&none;&", "&#x;&none;&"), ("<!-- 1", "")]
        {
            assert_eq!(text(xml), want, "{xml}");
        }
    }
}
