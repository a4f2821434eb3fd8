//! A scene as text, HTML, rows, JSON, XML, a card or a calendar.

use super::dice::Dice;
use super::scene::{Block, Scene};

/// How tables and forms are laid out in running text.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    between: &'static str,
    colon: &'static str,
}

impl Layout {
    /// A layout that people use.
    pub fn draw(dice: &mut Dice) -> Self {
        Self {
            between: *dice.of(&["　", "\t", ",", " | ", "  ", "、"]),
            colon: *dice.of(&["：", ": ", "　", "：　", " ", "\t", " = "]),
        }
    }
}

/// The blocks as lines of text.
pub fn block_lines(scene: &Scene, layout: Layout) -> Vec<String> {
    let mut out = Vec::new();
    for block in &scene.blocks {
        match block {
            Block::Lines(lines) => out.extend(lines.iter().flat_map(|line| line.split('\n')).map(str::to_owned)),
            Block::Pairs(pairs) => {
                out.extend(pairs.iter().map(|(label, value)| format!("{label}{}{value}", layout.colon)))
            }
            Block::Table(rows) => out.extend(rows.iter().map(|row| row.join(layout.between))),
        }
        out.push(String::new());
    }
    out
}

/// The whole body as lines of text.
pub fn lines(scene: &Scene, layout: Layout) -> Vec<String> {
    let mut all = scene.opening.clone();
    all.extend(block_lines(scene, layout));
    all.extend(scene.closing.clone());
    all
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// How HTML is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Html {
    /// As a mail client does: a block a line, tables as tables.
    Plain,
    /// Every digit in an element of its own.
    Tags,
    /// Digits and kanji as character references.
    References,
}

fn html_text(text: &str, how: Html) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match (c, how) {
            ('\n', _) => out.push_str("<br>"),
            ('0'..='9', Html::Tags) => out.push_str(&format!("<span style=\"color:#000\">{c}</span>")),
            (_, Html::References) if c.is_ascii_digit() || !c.is_ascii() => out.push_str(&format!("&#{};", c as u32)),
            _ => out.push_str(&escaped(&c.to_string())),
        }
    }
    out
}

/// The whole body as HTML.
pub fn html(scene: &Scene, how: Html) -> String {
    let mut out = String::from("<html><head><style>p{margin:0}</style></head><body>\n");
    let line = |text: &String| {
        format!("<div>{}</div>\n", if text.is_empty() { "<br>".to_owned() } else { html_text(text, how) })
    };
    out.extend(scene.opening.iter().map(line));
    for block in &scene.blocks {
        match block {
            Block::Lines(lines) => out.extend(lines.iter().map(line)),
            Block::Pairs(pairs) => {
                out.push_str("<table border=1>\n");
                for (label, value) in pairs {
                    out.push_str(&format!(
                        "<tr><th>{}</th><td>{}</td></tr>\n",
                        html_text(label, how),
                        html_text(value, how)
                    ));
                }
                out.push_str("</table>\n");
            }
            Block::Table(rows) => {
                out.push_str("<table>\n");
                for row in rows {
                    let cells: String =
                        row.iter().map(|cell| format!("<td><p>{}</p></td>", html_text(cell, how))).collect();
                    out.push_str(&format!("<tr>{cells}</tr>\n"));
                }
                out.push_str("</table>\n");
            }
        }
    }
    out.extend(scene.closing.iter().map(line));
    out.push_str("</body></html>\n");
    out
}

/// The blocks as rows of cells.
pub fn rows(scene: &Scene) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for block in &scene.blocks {
        match block {
            Block::Lines(lines) => {
                out.extend(lines.iter().filter(|line| !line.is_empty()).map(|line| vec![line.clone()]))
            }
            Block::Pairs(pairs) => out.extend(pairs.iter().map(|(label, value)| vec![label.clone(), value.clone()])),
            Block::Table(rows) => out.extend(rows.iter().cloned()),
        }
    }
    out
}

/// The rows as delimited text (RFC 4180).
pub fn delimited(scene: &Scene, delimiter: char) -> String {
    let cell = |text: &String| match text.contains([delimiter, '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.clone(),
    };
    let row = |cells: &Vec<String>| cells.iter().map(cell).collect::<Vec<_>>().join(&delimiter.to_string()) + "\r\n";
    rows(scene).iter().map(row).collect()
}

/// Labels and values of the blocks: of a form its own, of a table those of each row, of lines none.
fn fields(scene: &Scene) -> Vec<Vec<(String, String)>> {
    let mut out = Vec::new();
    for block in &scene.blocks {
        match block {
            Block::Lines(lines) => out.push(vec![("text".to_owned(), lines.join("\n"))]),
            Block::Pairs(pairs) => out.push(pairs.clone()),
            Block::Table(rows) => {
                let head = rows.first().cloned().unwrap_or_default();
                let of_row = |row: &Vec<String>| head.iter().cloned().zip(row.iter().cloned()).collect();
                out.extend(rows.iter().skip(1).map(of_row));
            }
        }
    }
    out
}

/// The blocks as JSON; `escape` writes what is not ASCII as `\uXXXX`.
pub fn json(scene: &Scene, escape: bool) -> String {
    let string = |text: &str| {
        let mut out = String::from("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                _ if escape && !c.is_ascii() => {
                    let mut units = [0; 2];
                    out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
                }
                _ => out.push(c),
            }
        }
        out + "\""
    };
    let record = |pairs: &Vec<(String, String)>| {
        let pairs: Vec<String> =
            pairs.iter().map(|(label, value)| format!("{}: {}", string(label), string(value))).collect();
        format!("{{{}}}", pairs.join(", "))
    };
    format!("[{}]", fields(scene).iter().map(record).collect::<Vec<_>>().join(",\n"))
}

/// The blocks as XML with the labels as attributes.
pub fn xml(scene: &Scene) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<data>\n");
    for record in fields(scene) {
        out.push_str("<record>\n");
        for (label, value) in record {
            out.push_str(&format!(
                "<field name=\"{}\">{}</field>\n",
                escaped(&label).replace('"', "&quot;"),
                escaped(&value)
            ));
        }
        out.push_str("</record>\n");
    }
    out.push_str("</data>\n");
    out
}

/// Text in lines of 60 bytes, continued by a space (RFC 5545 3.1, RFC 6350 3.2).
fn folded(line: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for c in line.chars() {
        if column + c.len_utf8() > 60 {
            out.push_str("\r\n ");
            column = 1;
        }
        column += c.len_utf8();
        out.push(c);
    }
    out + "\r\n"
}

/// The blocks as the note of a vCard.
pub fn card(scene: &Scene, layout: Layout) -> String {
    let note = block_lines(scene, layout).join("\\n");
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Taro Sato\r\n{}END:VCARD\r\n", folded(&format!("NOTE:{note}")))
}

/// The blocks as the description of an event.
pub fn calendar(scene: &Scene, layout: Layout) -> String {
    let text = block_lines(scene, layout).join("\\n");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1@aozora.example\r\nDTSTART:20261201T010000Z\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n",
        folded(&format!("DESCRIPTION:{text}"))
    )
}
