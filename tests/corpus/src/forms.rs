//! The ways to write a number (mynumber.md, section 3).

use super::numbers::grouped;

/// What a form asks of its surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fits {
    /// It can stand anywhere.
    Anywhere,
    /// Only where something names it: nobody would think of a My Number otherwise (mynumber.md 3.2).
    Named,
    /// As `Named`, and in running text only, since it holds a line break.
    Text,
}

/// One way to write twelve digits.
#[derive(Clone, Copy)]
pub struct Form {
    /// Its name in tables.
    pub name: &'static str,
    /// Where it may stand.
    pub fits: Fits,
    /// Writes the number.
    pub write: fn(&str) -> String,
}

const WIDE: [char; 10] = ['０', '１', '２', '３', '４', '５', '６', '７', '８', '９'];

fn mapped(number: &str, signs: [char; 10]) -> String {
    number.chars().map(|c| c.to_digit(10).map_or(c, |value| signs[value as usize])).collect()
}

fn fours(number: &str, separator: &str) -> String {
    grouped(number, &[4, 4, 4], separator)
}

fn ones(number: &str, separator: &str) -> String {
    grouped(number, &[1; 12], separator)
}

const fn any(name: &'static str, write: fn(&str) -> String) -> Form {
    Form { name, fits: Fits::Anywhere, write }
}

const fn named(name: &'static str, write: fn(&str) -> String) -> Form {
    Form { name, fits: Fits::Named, write }
}

const fn text(name: &'static str, write: fn(&str) -> String) -> Form {
    Form { name, fits: Fits::Text, write }
}

/// The forms of everyday mail; most mails use one of them.
pub static USUAL: [Form; 8] = [
    any("12 digits", |n| n.to_owned()),
    any("4-4-4 hyphen", |n| fours(n, "-")),
    any("4-4-4 space", |n| fours(n, " ")),
    any("full width", |n| mapped(n, WIDE)),
    any("4-4-4 ideographic space", |n| fours(n, "　")),
    any("full width 4-4-4 full-width hyphen", |n| mapped(&fours(n, "－"), WIDE)),
    any("full width 4-4-4 ideographic space", |n| mapped(&fours(n, "　"), WIDE)),
    any("4-4-4 full-width hyphen", |n| fours(n, "－")),
];

/// All other forms.
pub static RARE: [Form; 56] = [
    any("mixed width", |n| format!("{}{}", mapped(&n[..5], WIDE), &n[5..])),
    any("mathematical bold", |n| mapped(n, ['𝟎', '𝟏', '𝟐', '𝟑', '𝟒', '𝟓', '𝟔', '𝟕', '𝟖', '𝟗'])),
    any("segmented", |n| mapped(n, ['🯰', '🯱', '🯲', '🯳', '🯴', '🯵', '🯶', '🯷', '🯸', '🯹'])),
    any("Arabic-Indic", |n| mapped(n, ['٠', '١', '٢', '٣', '٤', '٥', '٦', '٧', '٨', '٩'])),
    any("Devanagari", |n| mapped(n, ['०', '१', '२', '३', '४', '५', '६', '७', '८', '९'])),
    any("circled", |n| mapped(n, ['⓪', '①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨'])),
    any("circled, zero as ASCII", |n| mapped(n, ['0', '①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨'])),
    any("circled 4-4-4", |n| {
        let four = fours(n, " ");
        mapped(&four, ['⓪', '①', '②', '③', '④', '⑤', '⑥', '⑦', '⑧', '⑨'])
    }),
    any("negative circled", |n| mapped(n, ['⓿', '❶', '❷', '❸', '❹', '❺', '❻', '❼', '❽', '❾'])),
    any("superscript", |n| mapped(n, ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'])),
    any("subscript", |n| mapped(n, ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'])),
    any("keycap emoji", |n| n.chars().map(|c| format!("{c}\u{fe0f}\u{20e3}")).collect()),
    any("parenthesised", |n| mapped(n, ['0', '⑴', '⑵', '⑶', '⑷', '⑸', '⑹', '⑺', '⑻', '⑼'])),
    any("digit full stop", |n| mapped(n, ['0', '⒈', '⒉', '⒊', '⒋', '⒌', '⒍', '⒎', '⒏', '⒐'])),
    any("kanji numerals", |n| mapped(n, ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'])),
    any("kanji numerals 4-4-4", |n| {
        mapped(&fours(n, "　"), ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'])
    }),
    any("daiji", |n| mapped(n, ['零', '壱', '弐', '参', '肆', '伍', '陸', '漆', '捌', '玖'])),
    any("zero-width spaces", |n| fours(n, "\u{200b}")),
    any("zero width between all", |n| ones(n, "\u{200d}")),
    any("soft hyphens", |n| fours(n, "\u{ad}")),
    any("4-4-4 spaced hyphen", |n| fours(n, " - ")),
    any("4-4-4 no-break space", |n| fours(n, "\u{a0}")),
    any("4-4-4 thin space", |n| fours(n, "\u{2009}")),
    any("4-4-4 two spaces", |n| fours(n, "  ")),
    any("4-4-4 long vowel", |n| fours(n, "ー")),
    any("4-4-4 half-width long vowel", |n| fours(n, "ｰ")),
    any("4-4-4 minus", |n| fours(n, "−")),
    any("4-4-4 hyphen U+2010", |n| fours(n, "‐")),
    any("4-4-4 non-breaking hyphen", |n| fours(n, "\u{2011}")),
    any("4-4-4 en dash", |n| fours(n, "–")),
    any("4-4-4 em dash", |n| fours(n, "—")),
    any("4-4-4 horizontal bar", |n| fours(n, "―")),
    any("4-4-4 ruled line", |n| fours(n, "─")),
    any("4-4-4 wave dash", |n| fours(n, "〜")),
    any("4-4-4 kanji one", |n| fours(n, "一")),
    any("4-4-4 middle dot", |n| fours(n, "・")),
    any("4-4-4 half-width middle dot", |n| fours(n, "･")),
    any("4-4-4 full stop", |n| fours(n, ".")),
    any("4-4-4 slash", |n| fours(n, "/")),
    any("4-4-4 underscore", |n| fours(n, "_")),
    any("4-4-4 bar", |n| fours(n, "|")),
    any("4-4-4 full-width bar", |n| fours(n, "｜")),
    any("4-4-4 comma", |n| fours(n, ", ")),
    any("4-4-4 ideographic comma", |n| fours(n, "、")),
    any("4-4-4 brackets", |n| format!("({})", fours(n, ")("))),
    any("4-4-4 corner brackets", |n| format!("「{}」", fours(n, "」「"))),
    named("6-6", |n| grouped(n, &[6, 6], "-")),
    named("3-3-3-3", |n| grouped(n, &[3; 4], " ")),
    named("2-2-2-2-2-2", |n| grouped(n, &[2; 6], " ")),
    named("ones, space", |n| ones(n, " ")),
    named("ones, ideographic space, full width", |n| mapped(&ones(n, "　"), WIDE)),
    named("ones, bar", |n| ones(n, "|")),
    named("ones, brackets", |n| n.chars().map(|c| format!("[{c}]")).collect()),
    text("broken by a line end", |n| format!("{}\n{}", &n[..7], &n[7..])),
    text("4-4-4 broken by a line end", |n| format!("{}-{}\n{}", &n[..4], &n[4..8], &n[8..])),
    text("one a line", |n| ones(n, "\n")),
];
