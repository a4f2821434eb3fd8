//! Why something was not inspected, in the words of people.

use inspect::review::Unseen;
use inspect::{NotSeen, Seen};
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
    at(&one.part, &one.inner, (ja, en), language)
}

/// What was encrypted and could be inspected all the same, such as
/// `添付2: 合意済みのパスワードで開いて検査しました`.
pub(crate) fn opened(seen: Option<&Seen>, language: Language) -> Vec<String> {
    let all = seen.map(|seen| seen.opened.as_slice()).unwrap_or_default();
    let words = ("合意済みのパスワードで開いて検査しました", "opened with an agreed password and inspected");
    all.iter().map(|(part, inner)| at(part, inner, words, language)).collect()
}

fn at(part: &str, inner: &str, (ja, en): (&str, &str), language: Language) -> String {
    let inner = if inner.is_empty() { String::new() } else { format!(" {inner}") };
    match language {
        Language::Ja => format!("添付{part}{inner}: {ja}"),
        Language::En => format!("attachment {part}{inner}: {en}"),
    }
}
