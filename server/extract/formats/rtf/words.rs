//! What the control words mean: which groups hold what, which words are characters, which charset a number names.

use encoding_rs::Encoding;

/// What a group holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Text.
    Text,
    /// Text that stands beside that around it: a note, a header, a text box, the instruction of a field.
    Beside,
    /// Nothing that people wrote.
    Skipped,
    /// The table of fonts.
    Fonts,
    /// The hexadecimal digits of a picture.
    Picture,
    /// The hexadecimal digits of an object.
    Object,
    /// A tag of the HTML that is carried inside.
    Tag,
    /// The name of a property of a shape.
    ShapeName,
    /// Its value.
    ShapeValue,
}

impl Group {
    /// Whether it holds hexadecimal digits.
    pub fn is_data(self) -> bool {
        matches!(self, Self::Picture | Self::Object)
    }
}

/// What the group holds that begins with this word; none for words that begin no group.
pub(super) fn group(word: &str) -> Option<Group> {
    Some(match word {
        "fonttbl" => Group::Fonts,
        "pict" => Group::Picture,
        "objdata" => Group::Object,
        "htmltag" => Group::Tag,
        "sn" => Group::ShapeName,
        "sv" => Group::ShapeValue,
        "header" | "headerl" | "headerr" | "headerf" | "footer" | "footerl" | "footerr" | "footerf" | "footnote"
        | "annotation" | "shptxt" | "dptxbxtext" | "fldinst" | "title" | "subject" | "author" | "manager"
        | "company" | "category" | "keywords" | "comment" | "doccomm" | "operator" | "hlinkbase" | "docvar"
        | "propname" | "staticval" | "ffdeftext" | "ffname" | "ffhelptext" | "ffstattext" | "ffl" | "datafield" => {
            Group::Beside
        }
        "shppict" | "shpinst" | "shp" | "do" | "info" | "userprops" | "formfield" | "ud" | "upr" | "field"
        | "fldrslt" | "object" | "result" | "sp" | "background" | "shpgrp" | "nesttableprops" => Group::Text,
        "colortbl" | "stylesheet" | "listtable" | "listoverridetable" | "rsidtbl" | "generator" | "xmlnstbl"
        | "themedata" | "colorschememapping" | "datastore" | "latentstyles" | "revtbl" | "filetbl" | "mmathPr"
        | "bkmkstart" | "bkmkend" | "atnid" | "atnauthor" | "atnref" | "atndate" | "atrfstart" | "atrfend"
        | "objclass" | "objname" | "pntext" | "listtext" | "blipuid" | "picprop" | "nonshppict" | "nonesttables"
        | "mhtmltag" | "panose" | "falt" | "fontemb" | "pgptbl" | "wgrffmtfilter" | "aftnsep" | "ftnsep"
        | "pnseclvl" | "creatim" | "revtim" | "printim" => Group::Skipped,
        _ => return None,
    })
}

/// Whether people read the value of this property of a shape: its description, the text of WordArt.
pub(super) fn is_read(property: &str) -> bool {
    property.starts_with("wz") || property.starts_with("gtextUNICODE")
}

/// The character that a word stands for.
pub(super) fn character(word: &str) -> Option<char> {
    Some(match word {
        "tab" => '\t',
        "line" | "softline" | "lbr" => '\u{2028}',
        "emdash" => '—',
        "endash" => '–',
        "emspace" => '\u{2003}',
        "enspace" => '\u{2002}',
        "qmspace" => '\u{2005}',
        "bullet" => '•',
        "lquote" => '‘',
        "rquote" => '’',
        "ldblquote" => '“',
        "rdblquote" => '”',
        "zwj" => '\u{200d}',
        "zwnj" => '\u{200c}',
        _ => return None,
    })
}

/// The charset of a code page of Windows.
pub(super) fn by_codepage(number: i32) -> Option<&'static Encoding> {
    let label = match number {
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        874 => "windows-874",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1252 => "windows-1252",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        10_000 => "macintosh",
        10_001 => "shift_jis",
        20_932 => "euc-jp",
        65_001 => "utf-8",
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// The charset of a font; 0, 1 and 2 (ANSI, default, symbol) say nothing.
pub(super) fn by_charset(number: i32) -> Option<&'static Encoding> {
    by_codepage(match number {
        77 => 10_000,
        78 | 128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}
