//! Where something was found, in words: for a notice in Japanese or English, and in ASCII for an SMTP reply.
//! No word here holds a digit of a number.

use detect::{Class, Finding, Level, Place};

use crate::Seen;

/// The first place of the findings and how many more there are, in three tongues; empty without findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Such as `添付2「名簿.csv」12行3列 ほか11件`.
    pub ja: String,
    /// Such as `attachment 2 "名簿.csv", row 12 column 3 and 11 more`.
    pub en: String,
    /// Such as `part 2, row 12 column 3 and 11 more`; ASCII only (RFC 5321 4.2).
    pub ascii: String,
}

/// The lines of the refusal by the rule `code`; `places` are empty where the rule asks for no numbers
/// ([`review::Hit::numbers`]). Without the reply code and the reference.
#[must_use]
pub fn block_lines(code: &str, places: &Places) -> Vec<String> {
    vec![match places.ascii.as_str() {
        "" => format!("Not sent (rule {code})."),
        ascii => format!("Not sent. My Number found (rule {code}): {ascii}."),
    }]
}

/// The places of the numbers of level likely or above; the surest comes first.
pub(crate) fn places(seen: &Seen) -> Places {
    let counted = |finding: &&Finding| finding.class == Class::MyNumber && finding.level >= Level::Likely;
    let all: Vec<&Finding> = seen.findings.iter().filter(counted).collect();
    let surest = all.iter().map(|finding| finding.level).max();
    let Some(first) = all.iter().find(|finding| Some(finding.level) == surest) else { return Places::default() };
    let mut place = place_of(seen, first);
    if all.len() > 1 {
        let more = all.len() - 1;
        place.ja.push_str(&format!(" ほか{more}件"));
        place.en.push_str(&format!(" and {more} more"));
        place.ascii.push_str(&format!(" and {more} more"));
    }
    place
}

/// The best place of one finding.
pub(crate) fn place_of(seen: &Seen, finding: &Finding) -> Places {
    let name = seen.names.iter().find(|(part, _)| *part == finding.part).map(|(_, name)| name.as_str());
    let inner = seen.inner(finding);
    let inner = Some(inner.as_str()).filter(|inner| !inner.is_empty());
    let mut told = finding.clone();
    if let Some(cell) = cell(&finding.position).filter(|_| in_a_sheet(name, inner)) {
        told.position = cell;
    }
    let finding = &told;
    Places { ja: japanese(finding, name, inner), en: english(finding, name, inner), ascii: ascii(finding) }
}

/// Whether the innermost file on the way is a workbook, whose cells people know by their letters.
fn in_a_sheet(name: Option<&str>, inner: Option<&str>) -> bool {
    const SHEETS: [&str; 8] = ["xlsx", "xlsm", "xlsb", "xltx", "xls", "ods", "ots", "fods"];
    let kind = |step: &str| step.rsplit_once('.').map(|(_, kind)| kind.to_ascii_lowercase());
    let steps = inner.into_iter().flat_map(|inner| inner.rsplit('/')).chain(name);
    let known = |kind: &String| kind.len() <= 5 && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    steps.filter_map(kind).find(known).is_some_and(|kind| SHEETS.contains(&kind.as_str()))
}

/// The files and sheets on the way into a file, without the numbers of parts behind mails; a sheet may be called 2024.
fn steps<'a>(name: Option<&'a str>, inner: Option<&'a str>) -> impl Iterator<Item = &'a str> {
    let is_mail = |step: &str| [".eml", ".msg"].iter().any(|end| step.to_ascii_lowercase().ends_with(end));
    let is_number = |step: &str| step.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let mut before = name.unwrap_or_default();
    inner.into_iter().flat_map(|inner| inner.split('/')).filter(move |step| {
        let told = !(is_mail(before) && is_number(step));
        before = *step;
        told
    })
}

/// `C12` for `row 12 column 3`.
fn cell(position: &str) -> Option<String> {
    let (row, column) = position.strip_prefix("row ")?.split_once(" column ")?;
    let mut column: u32 = column.parse().ok()?;
    let mut letters = Vec::new();
    while let Some(left) = column.checked_sub(1) {
        letters.push(char::from(b'A' + u8::try_from(left % 26).ok()?));
        column = left / 26;
    }
    Some(letters.iter().rev().collect::<String>() + row)
}

/// The words of the detector (`line 3`, `row 12 column 3`) in Japanese.
fn position_ja(position: &str) -> String {
    let words: Vec<&str> = position.split(' ').collect();
    let pairs = words.chunks(2).map(|pair| match pair {
        ["line" | "row", number] => format!("{number}行"),
        ["column", number] => format!("{number}列"),
        other => other.join(" "),
    });
    let text = pairs.collect::<String>();
    if position.starts_with("line ") { format!("{text}目") } else { text }
}

fn japanese(finding: &Finding, name: Option<&str>, inner: Option<&str>) -> String {
    let Finding { place, part, .. } = finding;
    let position = position_ja(&finding.position);
    match place {
        Place::Subject => "件名".to_owned(),
        Place::Header(name) => format!("ヘッダー({name})"),
        Place::Body => format!("本文 {position}"),
        Place::Html => format!("本文(HTML) {position}"),
        Place::AttachmentName => format!("添付{part}のファイル名"),
        Place::Attachment => {
            let way = steps(name, inner).map(|step| format!(" › {step}")).collect::<String>();
            let gap = if way.is_empty() { "" } else { " › " };
            let name = name.map(|name| format!("「{name}」")).unwrap_or_default();
            format!("添付{part}{name}{way}{gap}{position}")
        }
    }
}

fn english(finding: &Finding, name: Option<&str>, inner: Option<&str>) -> String {
    let Finding { place, part, position, .. } = finding;
    match place {
        Place::Subject => "subject".to_owned(),
        Place::Header(name) => format!("header {name}"),
        Place::Body => format!("text, {position}"),
        Place::Html => format!("HTML text, {position}"),
        Place::AttachmentName => format!("file name of attachment {part}"),
        Place::Attachment => {
            let way = steps(name, inner).map(|step| format!(", {step}")).collect::<String>();
            let name = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
            format!("attachment {part}{name}{way}, {position}")
        }
    }
}

fn ascii(finding: &Finding) -> String {
    let Finding { place, part, position, .. } = finding;
    let text = match place {
        Place::Subject => "subject".to_owned(),
        Place::Header(name) => format!("header {name}"),
        Place::Body => format!("body, {position}"),
        Place::Html => format!("html, {position}"),
        Place::AttachmentName => format!("part {part}, file name"),
        Place::Attachment => format!("part {part}, {position}"),
    };
    text.replace(|c: char| !c.is_ascii() || c.is_ascii_control(), "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_said_in_japanese() {
        assert_eq!(position_ja("line 3"), "3行目");
        assert_eq!(position_ja("row 12 column 3"), "12行3列");
        assert_eq!(position_ja("page 2"), "page 2");
        assert_eq!(position_ja(""), "");
    }

    #[test]
    fn the_cells_of_a_workbook_are_named_as_its_people_do() {
        assert_eq!(cell("row 12 column 3").as_deref(), Some("C12"));
        assert_eq!(cell("row 1 column 26").as_deref(), Some("Z1"));
        assert_eq!(cell("row 7 column 27").as_deref(), Some("AA7"));
        assert_eq!(cell("row 7 column 16384").as_deref(), Some("XFD7"));
        assert_eq!(cell("line 3"), None);
        for (name, inner, sheet) in [
            (Some("名簿.xlsx"), Some("扶養"), true),
            (Some("控え.zip"), Some("名簿.XLS/Sheet1"), true),
            (Some("名簿.xlsx"), Some("Rev.2 (案)"), true),
            (Some("控え.zip"), Some("名簿.csv"), false),
            (Some("名簿.xlsx"), Some("控え.docx"), false),
            (Some("名簿.csv"), None, false),
            (None, None, false),
        ] {
            assert_eq!(in_a_sheet(name, inner), sheet, "{name:?} {inner:?}");
        }
    }

    #[test]
    fn the_way_into_a_file_names_files_and_sheets() {
        let steps = |name, inner| steps(Some(name), Some(inner)).collect::<Vec<_>>();
        assert_eq!(steps("控え.zip", "転送.eml/1"), ["転送.eml"]);
        assert_eq!(steps("転送.EML", "1.2/名簿.xlsx/2024"), ["名簿.xlsx", "2024"]);
        assert_eq!(steps("名簿.xlsx", "1"), ["1"]);
    }

    #[test]
    fn a_refusal_names_rule_and_place() {
        let places = Places { ascii: "part 2, row 12 column 3 and 11 more".to_owned(), ..Places::default() };
        let expected = "Not sent. My Number found (rule MN-LIST): part 2, row 12 column 3 and 11 more.";
        assert_eq!(block_lines("MN-LIST", &places), [expected]);
        assert_eq!(block_lines("EXE", &Places::default()), ["Not sent (rule EXE)."]);
    }
}
