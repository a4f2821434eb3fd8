//! Names of files as they may be handed to a browser: no path, no control, nothing that turns the reading
//! direction; and the Content-Disposition that carries them (RFC 6266, RFC 8187).

/// Most bytes of a name; file systems take 255.
const LENGTH: usize = 200;
/// Most bytes of an extension that survives the shortening of a long name.
const EXTENSION: usize = 16;

/// The name made safe; `None` where nothing is left of it.
#[must_use]
pub fn safe(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len().min(4 * LENGTH));
    for c in name.chars().take(4_096) {
        match c {
            c if is_invisible(c) => {}
            c if c.is_whitespace() || c.is_control() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '¥' | '／' | '＼' | '\u{2215}' | '\u{2044}' => {
                out.push('_')
            }
            c => out.push(c),
        }
    }
    let trimmed = out.trim_matches([' ', '.']);
    if trimmed.chars().all(|c| c == '_') {
        return None;
    }
    let stem = trimmed.split('.').next().unwrap_or_default().trim_end();
    let reserved = is_reserved(stem);
    Some(shortened(&if reserved { format!("_{trimmed}") } else { trimmed.to_owned() }))
}

/// Characters that show nothing or turn the direction of others (Unicode Bidi_Control and zero width).
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Names of devices on Windows.
fn is_reserved(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CLOCK$")
        || matches!(stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")), Some(rest) if rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()))
}

/// At most [`LENGTH`] bytes, with the extension kept.
fn shortened(name: &str) -> String {
    if name.len() <= LENGTH {
        return name.to_owned();
    }
    let extension = name.rsplit_once('.').map(|(_, ext)| ext).filter(|ext| ext.len() <= EXTENSION).unwrap_or_default();
    let room = LENGTH - extension.len() - 1;
    let stem = name.get(..name.floor_char_boundary(room)).unwrap_or_default().trim_end_matches([' ', '.']);
    if extension.is_empty() { stem.to_owned() } else { format!("{stem}.{extension}") }
}

/// Content-Disposition for a browser: the name in ASCII for old ones, in UTF-8 for all others.
#[must_use]
pub fn content_disposition(name: &str, inline: bool) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let name = safe(name).unwrap_or_else(|| "file".to_owned());
    let plain: String = name.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect();
    let plain = plain.replace(['%', ';', '\''], "_");
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", percent_encoded(&name))
}

/// The value of an extended parameter (RFC 8187 3.2.1): all but attr-char is percent-encoded.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        for (name, right) in [
            ("見積書.pdf", Some("見積書.pdf")),
            ("../../etc/passwd", Some("_.._etc_passwd")),
            ("C:\\autoexec.bat", Some("C__autoexec.bat")),
            ("請求書\u{202e}fdp.exe", Some("請求書fdp.exe")),
            ("a\r\nb.txt", Some("a b.txt")),
            ("a\0.exe", Some("a .exe")),
            ("x.txt. . ", Some("x.txt")),
            (".htaccess", Some("htaccess")),
            ("CON.txt", Some("_CON.txt")),
            ("com1", Some("_com1")),
            ("company.txt", Some("company.txt")),
            ("...", None),
            ("//", None),
            ("", None),
            ("\u{200b}", None),
            ("invoice.pdf                                 .exe", Some("invoice.pdf .exe")),
            ("..／..／x.txt", Some("_.._x.txt")),
        ] {
            assert_eq!(safe(name).as_deref(), right, "{name:?}");
        }
        let long = safe(&format!("{}.pdf", "長".repeat(500))).unwrap();
        assert!(long.len() <= LENGTH && long.ends_with(".pdf"));
    }

    #[test]
    fn the_disposition_carries_both_forms() {
        assert_eq!(
            content_disposition("見積;'書\".pdf", false),
            "attachment; filename=\"______.pdf\"; filename*=UTF-8''%E8%A6%8B%E7%A9%8D%3B%27%E6%9B%B8_.pdf"
        );
        assert_eq!(content_disposition("", true), "inline; filename=\"file\"; filename*=UTF-8''file");
    }

    proptest::proptest! {
        #[test]
        fn no_name_leaves_its_header_or_its_folder(name in "\\PC{0,40}|[./\\\\:\"\r\n\0a-z%']{0,40}") {
            let value = content_disposition(&name, false);
            proptest::prop_assert!(value.chars().all(|c| c.is_ascii_graphic() || c == ' '));
            proptest::prop_assert_eq!(value.matches('"').count(), 2);
            if let Some(name) = safe(&name) {
                proptest::prop_assert_eq!(safe(&name), Some(name.clone()));
                let has_path = name.contains(['/', '\\']) || name.starts_with('.');
                proptest::prop_assert!(!has_path);
            }
        }
    }
}
