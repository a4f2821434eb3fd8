//! Bytes to text: the charset labels that Japanese mailers use, labels that lie, and no label at all.

use std::borrow::Cow;

use encoding_rs::{EUC_JP, Encoding, ISO_8859_15, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::iso2022jp;

/// What a label names.
#[derive(Clone, Copy)]
enum Charset {
    /// One that encoding_rs decodes.
    Known(&'static Encoding),
    /// The ISO-2022-JP family (RFC 1468 and its extensions).
    Iso2022Jp,
    /// UTF-16 without a byte order in its name.
    Utf16,
    /// UTF-32, in either order.
    Utf32,
    /// One that only mail-parser decodes, such as UTF-7.
    Rare(fn(&[u8]) -> String),
    /// No label, one that says nothing, or one that nobody knows.
    Unknown,
}

/// Decodes `bytes`. The label is believed where the bytes agree with it; a byte order mark, undeclared
/// ISO-2022-JP, and bytes that make no sense under the label but do under another Japanese charset win
/// over it. Never fails: what cannot be read becomes U+FFFD.
#[must_use]
pub fn decode(bytes: &[u8], label: Option<&str>) -> String {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default()).0.into_owned();
    }
    let charset = label.map_or(Charset::Unknown, by_label);
    match charset {
        Charset::Utf16 => return known(bytes, utf16_order(bytes)).0.into_owned(),
        Charset::Utf32 => return utf32(bytes),
        Charset::Known(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => {
            return known(bytes, encoding).0.into_owned();
        }
        Charset::Rare(decoder) => return guarded(decoder, bytes),
        _ => {}
    }
    if iso2022jp::has_escapes(bytes) && bytes.is_ascii() {
        return iso2022jp::decode(bytes).0;
    }
    if bytes.is_ascii() {
        return ascii(bytes, charset);
    }
    match charset {
        Charset::Known(encoding) => by_known_label(bytes, encoding),
        Charset::Iso2022Jp => by_iso2022jp_label(bytes),
        _ => guess(bytes),
    }
}

/// The charset that a reader chose for a mail that came out wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forced {
    /// None: by the label and the bytes.
    #[default]
    Automatic,
    /// UTF-8.
    Utf8,
    /// ISO-2022-JP.
    Iso2022Jp,
    /// Shift_JIS with the characters of Windows.
    ShiftJis,
    /// EUC-JP.
    EucJp,
}

impl Forced {
    /// The choice by its word in a form: `auto`, `utf-8`, `iso-2022-jp`, `shift_jis`, `euc-jp`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "auto" | "" => Self::Automatic,
            "utf-8" => Self::Utf8,
            "iso-2022-jp" => Self::Iso2022Jp,
            "shift_jis" => Self::ShiftJis,
            "euc-jp" => Self::EucJp,
            _ => return None,
        })
    }

    /// Its word in a form.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Automatic => "auto",
            Self::Utf8 => "utf-8",
            Self::Iso2022Jp => "iso-2022-jp",
            Self::ShiftJis => "shift_jis",
            Self::EucJp => "euc-jp",
        }
    }
}

/// Decodes `bytes` in the charset that the reader chose, whatever they look like.
#[must_use]
pub fn decode_as(bytes: &[u8], charset: Forced) -> String {
    match charset {
        Forced::Automatic => decode(bytes, None),
        Forced::Utf8 => known(bytes, UTF_8).0.into_owned(),
        Forced::Iso2022Jp => iso2022jp::decode(bytes).0,
        Forced::ShiftJis => known(bytes, SHIFT_JIS).0.into_owned(),
        Forced::EucJp => known(bytes, EUC_JP).0.into_owned(),
    }
}

/// The charset that a label names, by our own table first: neither encoding_rs nor mail-parser knows
/// these (shared/dependencies.md 1.3).
fn by_label(label: &str) -> Charset {
    let label = label.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    match label.as_str() {
        "" | "us-ascii" | "ascii" | "unknown" | "unknown-8bit" | "x-unknown" | "default" | "8bit" | "7bit"
        | "_autodetect" | "_autodetect_all" | "_autodetect_jp" | "auto" | "none" | "null" => Charset::Unknown,
        "cp932" | "ms932" | "cp943" | "sjis-win" | "sjis-ms" | "x-sjis-cp932" | "x-ms932" | "shift_jis-2004"
        | "shift_jisx0213" | "shift-jis" | "s-jis" | "sjis-open" | "x-ms-cp932" | "mskanji" | "ibm943"
        | "windows-932" | "windows932" | "sjis-docomo" | "sjis-kddi" | "sjis-softbank" => Charset::Known(SHIFT_JIS),
        "eucjp-win" | "eucjp-ms" | "cp51932" | "eucjp" | "euc_jp" | "euc-jp-ms" | "euc-jisx0213" | "euc-jis-2004"
        | "ujis" => Charset::Known(EUC_JP),
        "utf8" | "utf-8n" | "utf_8" | "utf8n" | "unicode-1-1-utf-8" | "cp65001" | "utf8mb4" => Charset::Known(UTF_8),
        "iso-2022-jp"
        | "iso2022-jp"
        | "iso2022jp"
        | "iso-2022-jp-1"
        | "iso-2022-jp-2"
        | "iso-2022-jp-3"
        | "iso-2022-jp-2004"
        | "iso-2022-jp-ms"
        | "csiso2022jp"
        | "csiso2022jp2"
        | "cp50220"
        | "cp50221"
        | "cp50222"
        | "cp50220raw"
        | "jis"
        | "jis-ms"
        | "jis7"
        | "x-windows-iso2022jp"
        | "x-iso-2022-jp"
        | "windows-50220"
        | "windows-50221"
        | "windows-50222"
        | "iso-2022-jp-kddi" => Charset::Iso2022Jp,
        "utf-16" | "utf16" | "ucs-2" | "iso-10646-ucs-2" | "unicode" | "csunicode" => Charset::Utf16,
        "utf-32" | "utf-32le" | "utf-32be" | "utf32" | "ucs-4" | "iso-10646-ucs-4" => Charset::Utf32,
        name => match Encoding::for_label(name.as_bytes()) {
            Some(encoding) if encoding == encoding_rs::ISO_2022_JP => Charset::Iso2022Jp,
            Some(encoding) if encoding == encoding_rs::REPLACEMENT => Charset::Unknown,
            Some(encoding) => Charset::Known(encoding),
            None => mail_parser::decoders::charsets::map::charset_decoder(name.as_bytes())
                .map_or(Charset::Unknown, Charset::Rare),
        },
    }
}

/// Text without a byte above 127 and without ISO-2022-JP: the same under nearly every label.
fn ascii(bytes: &[u8], charset: Charset) -> String {
    let zeros = memchr::memchr_iter(0, bytes).take(bytes.len() / 4 + 1).count();
    if bytes.len() >= 4 && zeros > bytes.len() / 4 {
        return known(bytes, utf16_order(bytes)).0.into_owned();
    }
    match charset {
        // Shift_JIS and EUC-JP keep ASCII; some single-byte tables do not.
        Charset::Known(encoding) if !encoding.is_ascii_compatible() => known(bytes, encoding).0.into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn by_known_label(bytes: &[u8], encoding: &'static Encoding) -> String {
    let (text, errors) = known(bytes, encoding);
    if errors == 0 && encoding == UTF_8 {
        return text.into_owned();
    }
    // Bytes that are UTF-8 and read as Japanese are hardly ever anything else, whatever the label says.
    if let Some((utf8, damage)) = plausible_utf8(bytes)
        && (utf8.chars().any(is_japanese) || damage < errors)
    {
        return utf8.into_owned();
    }
    if errors == 0 {
        return japanese_behind(bytes, encoding, &text).unwrap_or(text).into_owned();
    }
    let (other, other_errors) = best_guess(bytes);
    if other_errors < errors { other.into_owned() } else { text.into_owned() }
}

/// The Japanese reading of bytes that also read without error under a Western label or the other Japanese
/// one; `None` where the label may be right.
fn japanese_behind<'a>(bytes: &'a [u8], labelled: &'static Encoding, text: &str) -> Option<Cow<'a, str>> {
    // Only what mailers fall back to: Russian or Greek under its own label reads as kanji just as well.
    let western = labelled == WINDOWS_1252 || labelled == ISO_8859_15;
    let wide = text.chars().filter(|c| !c.is_ascii()).count();
    if !western && !((labelled == SHIFT_JIS || labelled == EUC_JP) && strangeness(text) * 3 > wide) {
        return None;
    }
    // Names in half-width katakana are right in Shift_JIS; characters of private use are not.
    let kanji_will_do = western || text.contains(is_private);
    [SHIFT_JIS, EUC_JP].into_iter().filter(|encoding| *encoding != labelled).find_map(|encoding| {
        let (other, errors) = known(bytes, encoding);
        let kana = other.chars().filter(|c| matches!(c, '\u{3041}'..='\u{30fe}')).count();
        let convincing = kana >= 2 || kanji_will_do && is_japanese_writing(&other);
        (errors == 0 && strangeness(&other) == 0 && convincing).then_some(other)
    })
}

/// Whether Japanese characters stand side by side, and none beside a small Latin letter: the curly quote of
/// "don’t" in Windows-1252 reads as one kanji in Shift_JIS.
fn is_japanese_writing(text: &str) -> bool {
    let mut pairs = 0;
    for (a, b) in text.chars().zip(text.chars().skip(1)) {
        if is_japanese(a) && is_japanese(b) {
            pairs += 1;
        } else if is_japanese(a) && b.is_ascii_lowercase() || a.is_ascii_lowercase() && is_japanese(b) {
            return false;
        }
    }
    pairs > 0
}

fn by_iso2022jp_label(bytes: &[u8]) -> String {
    let (text, errors) = iso2022jp::decode(bytes);
    if errors == 0 {
        return text;
    }
    let (other, other_errors) = best_guess(bytes);
    if other_errors < errors { other.into_owned() } else { text }
}

/// Text that is not ASCII and has no label, or none that helps.
fn guess(bytes: &[u8]) -> String {
    best_guess(bytes).0.into_owned()
}

/// The reading with the fewest errors among UTF-8, Shift_JIS and EUC-JP, with the count of its errors;
/// Windows-1252 where they fail badly.
fn best_guess(bytes: &[u8]) -> (Cow<'_, str>, usize) {
    if iso2022jp::has_escapes(bytes) {
        let (text, errors) = iso2022jp::decode(bytes);
        if errors == 0 {
            return (Cow::Owned(text), 0);
        }
    }
    if let Some(utf8) = plausible_utf8(bytes) {
        return utf8;
    }
    let shift_jis = known(bytes, SHIFT_JIS);
    let euc_jp = known(bytes, EUC_JP);
    let euc_is_better = (euc_jp.1, strangeness(&euc_jp.0)) < (shift_jis.1, strangeness(&shift_jis.0));
    let japanese = if euc_is_better { euc_jp } else { shift_jis };
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    let few_and_strange = high < 3 && strangeness(&japanese.0) > 0;
    if japanese.1 * 8 < high && !few_and_strange {
        return japanese;
    }
    known(bytes, WINDOWS_1252)
}

/// The bytes as UTF-8 with the count of its errors, when that is what they seem to be: no error, or a little
/// damage (a character cut in two, a stray byte) among far more good characters.
fn plausible_utf8(bytes: &[u8]) -> Option<(Cow<'_, str>, usize)> {
    let (text, errors) = known(bytes, UTF_8);
    let good = text.chars().filter(|c| !c.is_ascii() && *c != '\u{fffd}').count();
    (errors == 0 || errors * 2 <= good && errors * 8 <= bytes.len()).then_some((text, errors))
}

/// How many characters are half-width katakana or rare kanji: what one Japanese charset gives when read
/// as another.
fn strangeness(text: &str) -> usize {
    text.chars().filter(|c| is_private(*c) || matches!(c, '\u{ff61}'..='\u{ff9f}' | '\u{80}'..='\u{a0}')).count()
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}')
}

fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff9f}')
}

fn known<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> (Cow<'a, str>, usize) {
    let (text, errors) = encoding.decode_without_bom_handling(bytes);
    let count = if errors { text.matches('\u{fffd}').count() } else { 0 };
    (text, count)
}

/// The byte order of UTF-16 without a mark: the side on which ASCII and kana have their zero or 0x30.
fn utf16_order(bytes: &[u8]) -> &'static Encoding {
    let score = |first: usize| bytes.iter().skip(first).step_by(2).filter(|b| matches!(b, 0 | 0x30)).count();
    if score(0) >= score(1) { UTF_16BE } else { UTF_16LE }
}

fn utf32(bytes: &[u8]) -> String {
    let little = bytes.iter().step_by(4).filter(|b| **b != 0).count() > bytes.len() / 8;
    bytes
        .chunks(4)
        .map(|unit| {
            let number = unit.iter().rev().rfold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
            let number = if little { number.swap_bytes() } else { number };
            char::from_u32(number).unwrap_or('\u{fffd}')
        })
        .filter(|c| *c != '\u{feff}')
        .collect()
}

/// Runs a decoder of mail-parser, whose panics must not reach the caller.
fn guarded(decoder: fn(&[u8]) -> String, bytes: &[u8]) -> String {
    std::panic::catch_unwind(|| decoder(bytes)).unwrap_or_else(|_| guess(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "個人番号①㈱髙です。ｶﾅ 12";

    fn shift_jis(text: &str) -> Vec<u8> {
        SHIFT_JIS.encode(text).0.into_owned()
    }
    fn euc_jp(text: &str) -> Vec<u8> {
        EUC_JP.encode(text).0.into_owned()
    }

    #[test]
    fn labels_of_japanese_mailers_are_known() {
        for label in
            ["cp932", "CP932", "sjis-win", "ms932", "shift_jis", "Shift-JIS", "x-sjis", "windows-31j", "\"cp932\""]
        {
            assert_eq!(decode(&shift_jis(TEXT), Some(label)), TEXT, "{label}");
        }
        for label in ["eucjp-win", "cp51932", "euc-jp", "x-euc-jp", "eucJP-ms"] {
            assert_eq!(decode(&euc_jp(TEXT), Some(label)), TEXT, "{label}");
        }
        for label in ["cp50220", "cp50221", "CP50222", "iso-2022-jp-ms", "iso-2022-jp-1", "jis", "ISO-2022-JP"] {
            assert_eq!(decode(b"\x1b$BIJ-!-j\x1b(B 12", Some(label)), "品①㈱ 12", "{label}");
        }
    }

    #[test]
    fn text_without_a_label_is_read_by_its_bytes() {
        let sentence = "マイナンバーを送ります。";
        for bytes in [shift_jis(sentence), euc_jp(sentence), sentence.as_bytes().to_vec()] {
            for label in [None, Some("us-ascii"), Some("no-such-charset")] {
                assert_eq!(decode(&bytes, label), sentence);
            }
        }
        assert_eq!(decode(b"\x1b$BIJ\x1b(B", None), "品");
    }

    #[test]
    fn a_label_that_lies_is_not_believed() {
        let sentence = "マイナンバーを送ります。";
        for (bytes, label) in [
            (sentence.as_bytes().to_vec(), "shift_jis"),
            (sentence.as_bytes().to_vec(), "iso-2022-jp"),
            (sentence.as_bytes().to_vec(), "iso-8859-1"),
            (sentence.as_bytes().to_vec(), "euc-jp"),
            (shift_jis(sentence), "utf-8"),
            (shift_jis(sentence), "iso-2022-jp"),
            (shift_jis(sentence), "iso-8859-1"),
            (shift_jis(sentence), "euc-jp"),
            (euc_jp(sentence), "utf-8"),
            (euc_jp(sentence), "shift_jis"),
            (euc_jp(sentence), "windows-1252"),
        ] {
            assert_eq!(decode(&bytes, Some(label)), sentence, "{label}");
        }
        for label in ["iso-8859-1", "windows-1252", "us-ascii"] {
            assert_eq!(decode(&shift_jis("Re: 年末調整書類"), Some(label)), "Re: 年末調整書類", "{label}");
            assert_eq!(decode(&euc_jp("価格表"), Some(label)), "価格表", "{label}");
        }
        for label in ["utf-8", "iso-8859-1", "shift_jis", "euc-jp"] {
            assert_eq!(decode(b"\x1b$BIJ\x1b(B", Some(label)), "品", "{label}");
        }
    }

    #[test]
    fn western_text_stays_western() {
        assert_eq!(decode(b"caf\xe9 cr\xe8me", Some("iso-8859-1")), "café crème");
        assert_eq!(decode(b"caf\xe9", Some("windows-1252")), "café");
        let quoted = b"I don\x92t say \x93hello\x94 \x96 ok";
        assert_eq!(decode(quoted, Some("windows-1252")), "I don’t say “hello” – ok");
        assert_eq!(decode(b"Gr\xf6\xdfe, na\xefve fa\xe7ade", Some("iso-8859-1")), "Größe, naïve façade");
        assert_eq!(decode("café".as_bytes(), None), "café");
        for (label, text) in [("windows-1251", "Привет, мир"), ("windows-1253", "Καλημέρα"), ("koi8-r", "Привет")]
        {
            let bytes = Encoding::for_label(label.as_bytes()).unwrap().encode(text).0;
            assert_eq!(decode(&bytes, Some(label)), text);
        }
    }

    #[test]
    fn names_in_half_width_katakana_keep_their_label() {
        for name in ["ｶﾌﾞｼｷｶﾞｲｼｬ", "ﾀﾅｶ ﾀﾛｳ", "氏名 ﾀﾅｶ"] {
            assert_eq!(decode(&shift_jis(name), Some("shift_jis")), name);
            assert_eq!(decode(&euc_jp(name), Some("euc-jp")), name);
        }
    }

    #[test]
    fn wide_encodings_are_read_in_either_order() {
        let wide = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        for big in [true, false] {
            assert_eq!(decode(&wide("番号は12です", big), Some("utf-16")), "番号は12です");
            assert_eq!(decode(&wide("\u{feff}番号", big), None), "番号");
            assert_eq!(decode(&wide("1234 5678", big), None), "1234 5678");
        }
        let utf32: Vec<u8> = "番号12".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        assert_eq!(decode(&utf32, Some("utf-32")), "番号12");
        let utf32: Vec<u8> = "番号12".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(decode(&utf32, Some("utf-32le")), "番号12");
        assert_eq!(decode(b"+ZYeB9FH6ckh5Pg-, 1980.", Some("utf-7")), "文致出版社, 1980.");
    }

    #[test]
    fn a_cut_character_costs_one_mark_only() {
        assert_eq!(decode(b"\xe5\x80\x8b\xe4\xba\xba\xe7\x95", Some("utf-8")), "個人\u{fffd}");
        assert_eq!(decode(b"\xe5\x80\x8b\xe4\xba\xba\xe7\x95\xaa\xe5\x8f\xb7\xe7", None), "個人番号\u{fffd}");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300), label in "[a-z0-9-]{0,12}") {
            let _ = decode(&bytes, Some(&label));
            for label in ["iso-2022-jp", "utf-7", "utf-16", "utf-32", "cp932", "eucjp-win"] {
                let _ = decode(&bytes, Some(label));
            }
        }

        #[test]
        fn japanese_text_survives_every_charset(text in "[ぁ-んァ-ヶ日月火水木金土人番号0-9]{6,40}") {
            let text = format!("個人番号は{text}です");
            proptest::prop_assert_eq!(decode(&shift_jis(&text), None), text.clone());
            proptest::prop_assert_eq!(decode(&euc_jp(&text), Some("utf-8")), text.clone());
            proptest::prop_assert_eq!(decode(text.as_bytes(), Some("cp932")), text);
        }
    }
}
