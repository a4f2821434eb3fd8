//! Why something was not inspected, in the words of people.

use inspect::NotSeen;
use inspect::review::Unseen;
use types::Language;

/// Such as `添付2 控え.zip: パスワードで保護されています`.
pub(crate) fn not_seen(one: &NotSeen, language: Language) -> String {
    let (ja, en) = match one.reason {
        Unseen::Encrypted => ("パスワードで保護されています", "protected by a password"),
        Unseen::Broken => ("壊れています", "damaged"),
        Unseen::TooBig => ("大きすぎます", "too large"),
        Unseen::TooSlow => ("時間内に検査できませんでした", "took too long"),
        Unseen::Unsupported => ("検査できない形式です", "a format that is not read"),
        Unseen::ImageOnly => ("画像だけのページがあります", "pages that are pictures"),
    };
    let inner = if one.inner.is_empty() { String::new() } else { format!(" {}", one.inner) };
    match language {
        Language::Ja => format!("添付{}{inner}: {ja}", one.part),
        Language::En => format!("attachment {}{inner}: {en}", one.part),
    }
}
