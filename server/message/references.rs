//! What a mail answers: the Message-IDs that threads are made of (RFC 5256 3, REFERENCES step 1).

use crate::Field;

/// Most Message-IDs that one mail is taken to refer to, and their bytes together; of more the last count, which are the
/// nearest.
const MOST: usize = 100;
const MOST_BYTES: usize = 4_096;

/// What stands in angle brackets in a header field's value, blanks left out.
#[must_use]
pub fn message_ids(value: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(value);
    let inside = text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(id, _)| id);
    inside.map(|id| id.split_whitespace().collect()).filter(|id: &String| !id.is_empty()).collect()
}

/// The Message-IDs of References, or the first of In-Reply-To where there are none.
pub(crate) fn references<'a>(fields: impl Iterator<Item = Field<'a>>) -> Vec<String> {
    let (mut known, mut answered) = (Vec::new(), None);
    for field in fields {
        if field.name.eq_ignore_ascii_case(b"References") {
            known.extend(message_ids(field.value));
        } else if field.name.eq_ignore_ascii_case(b"In-Reply-To") && answered.is_none() {
            answered = message_ids(field.value).into_iter().next();
        }
    }
    if known.is_empty() {
        known.extend(answered);
    }
    let mut bytes = 0;
    let near = known.iter().rev().take(MOST).take_while(|id| {
        bytes += id.len();
        bytes <= MOST_BYTES
    });
    let near = near.count();
    known.split_off(known.len().saturating_sub(near))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields;

    #[test]
    fn message_ids_stand_in_angle_brackets() {
        assert_eq!(message_ids(b" <a@b>\r\n <c@ d> junk <e"), ["a@b", "c@d"]);
        assert_eq!(message_ids(b"none"), Vec::<String>::new());
    }

    #[test]
    fn what_is_referred_to_comes_before_what_is_answered() {
        let of = |header: &str| references(fields(header.as_bytes()));
        assert_eq!(of("References: <a@x> <b@x>\r\nIn-Reply-To: <c@x>\r\n"), ["a@x", "b@x"]);
        assert_eq!(of("References: junk\r\nIN-REPLY-TO: <c@x> <d@x>\r\n"), ["c@x"]);
        assert!(of("Subject: <a@x>\r\n").is_empty());
    }

    #[test]
    fn of_too_many_the_nearest_count() {
        let many: String = (0..5_000).map(|number| format!("<{number}@x>\r\n ")).collect();
        let found = references(fields(format!("References: {many}\r\n").as_bytes()));
        assert_eq!((found.len(), found.last().map(String::as_str)), (MOST, Some("4999@x")));
        let long: String = (0..10).map(|number| format!("<{number}{}@x>\r\n ", "y".repeat(900))).collect();
        assert_eq!(references(fields(format!("References: {long}\r\n").as_bytes())).len(), 4);
    }
}
