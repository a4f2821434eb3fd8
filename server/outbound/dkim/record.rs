//! Whether what stands in the DNS is the record of a key (RFC 6376 3.6.1).

use store::{DkimAlgorithm, DkimKey};

use super::Published;

/// What the texts under a key's name say of it.
pub(super) fn judge(key: &DkimKey, texts: Vec<String>) -> Published {
    if texts.iter().any(|text| is_record_of(key, text)) {
        return Published::Yes;
    }
    texts.first().map_or(Published::Missing, |text| Published::Other(shown(text)))
}

/// The beginning of what others wrote, without what a terminal would act on.
fn shown(text: &str) -> String {
    const MOST: usize = 300;
    text.chars().take(MOST).map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Tags may come in any order, with blanks around them and within the key (RFC 6376 3.2).
fn is_record_of(key: &DkimKey, text: &str) -> bool {
    let tag = |name: &str| {
        let mut tags = text.split(';').filter_map(|tag| tag.split_once('='));
        tags.find(|(found, _)| found.trim() == name)
            .map(|(_, value)| value.split_ascii_whitespace().collect::<String>())
    };
    let version = tag("v").is_none_or(|version| version == "DKIM1");
    let algorithm = tag("k").map_or(Some(DkimAlgorithm::Rsa), |word| DkimAlgorithm::parse(&word));
    version && algorithm == Some(key.algorithm) && tag("p").is_some_and(|public| public == key.public)
}
