//! What a part's header says of the part: type, encoding, disposition and the other fields of MIME (RFC 2045).

use crate::Raw;
use crate::header::{Field, fields};
use crate::mime;
use crate::summary::{Part, PartIssue, PartKind};

/// The fields that describe a part.
const FIELDS: [&str; 8] = [
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Disposition",
    "Content-ID",
    "Content-Description",
    "Content-Language",
    "Content-Location",
    "Content-MD5",
];

/// What a part's header says of it, and the boundary of a multipart.
pub(crate) fn described(block: &[u8], in_digest: bool) -> (Part, Option<Vec<u8>>) {
    let mut part = Part {
        kind: PartKind::Basic,
        media_type: "text".into(),
        subtype: "plain".into(),
        params: Vec::new(),
        disposition: None,
        id: None,
        description: None,
        encoding: "7bit".into(),
        language: Vec::new(),
        location: None,
        md5: None,
        header_start: 0,
        body_start: 0,
        body_end: 0,
        lines: 0,
        message: None,
        children: Vec::new(),
        issue: None,
    };
    if in_digest {
        (part.media_type, part.subtype) = ("message".into(), "rfc822".into());
    }
    // Of two fields of one name the first counts. Other names are passed over, so that a header full of
    // invented ones costs nothing.
    let mut seen = [false; FIELDS.len()];
    for field in fields(block) {
        let known = FIELDS.iter().position(|name| field.is(name)).and_then(|index| seen.get_mut(index));
        if let Some(seen) = known
            && !*seen
        {
            describe(&mut part, &field);
            *seen = true;
        }
    }
    let boundary = kind_and_boundary(&mut part);
    (part, boundary)
}

fn describe(part: &mut Part, field: &Field<'_>) {
    let raw = || Some(Raw(field.unfolded())).filter(|raw| !raw.is_empty());
    match field.name.to_ascii_lowercase().as_slice() {
        b"content-type" => {
            (part.media_type, part.subtype, part.params) = mime::content_type(field.value);
        }
        b"content-transfer-encoding" => {
            if let Some(encoding) = mime::token(field.value) {
                part.encoding = encoding;
            }
        }
        b"content-disposition" => part.disposition = mime::disposition(field.value),
        b"content-id" => part.id = raw(),
        b"content-description" => part.description = raw(),
        b"content-language" => part.language = mime::tags(field.value),
        b"content-location" => part.location = raw(),
        b"content-md5" => part.md5 = raw(),
        _ => {}
    }
}

fn kind_and_boundary(part: &mut Part) -> Option<Vec<u8>> {
    if part.media_type.eq_ignore_ascii_case("text") {
        part.kind = PartKind::Text;
    } else if part.content_type() == "message/rfc822" {
        part.kind = PartKind::Message;
    } else if part.media_type.eq_ignore_ascii_case("multipart") {
        let boundary = part.params.iter().find(|p| p.name.eq_ignore_ascii_case("boundary")).map(|p| p.value.0.clone());
        let boundary = boundary.map(|b| b.trim_ascii_end().to_vec()).filter(|b| !b.is_empty());
        part.kind = PartKind::Multipart;
        if boundary.is_none() {
            part.issue = Some(PartIssue::Broken);
        }
        return boundary;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_part_is_kept_as_written() {
        let (part, boundary) = described(
            b"Content-Type: Text/CSV; Charset=CP932; name=\"=?UTF-8?B?6KGo?=.csv\"\r\n\
            Content-Disposition: Attachment; FileName=a.csv\r\nContent-ID: <1@x>\r\nContent-Description: a\r\n b\r\n\
            Content-Transfer-Encoding: BASE64 (x)\r\nContent-Language: ja, en-GB\r\nContent-Location: http://x/\r\n\
            Content-MD5: abc==\r\nContent-Type: text/html\r\n\r\n",
            false,
        );
        assert_eq!(boundary, None);
        assert_eq!((part.media_type.as_str(), part.subtype.as_str()), ("Text", "CSV"));
        assert_eq!(part.param("charset").as_deref(), Some("CP932"));
        assert_eq!(part.param("name").as_deref(), Some("表.csv"));
        assert_eq!(part.file_name().as_deref(), Some("a.csv"));
        assert_eq!(part.encoding, "BASE64");
        assert_eq!(part.language, ["ja", "en-GB"]);
        assert_eq!(part.description.as_deref(), Some(&b"a b"[..]));
        assert_eq!(part.id.as_deref(), Some(&b"<1@x>"[..]));
        assert_eq!(part.md5.as_deref(), Some(&b"abc=="[..]));
        assert_eq!(part.location.as_deref(), Some(&b"http://x/"[..]));
        assert!(part.is_attachment());
    }
}
