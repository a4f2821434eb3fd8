//! すべてダウンロード: the files of a link that can still be taken, as one ZIP.

use std::collections::HashSet;
use std::io::{Cursor, Write as _};

use message::Parsed;
use message::attachments;
use store::Taking;
use web::axum::extract::{Path, State};
use web::axum::response::IntoResponse;
use web::{Answer, Caller, Trouble, headers};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::asked_from;
use super::face::{gone, used_up};
use super::files::{passed, with};
use crate::Rooms;

/// POST /d/{token}/files/{pass}/all
pub(super) async fn take(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path((token, pass)): Path<(String, String)>,
) -> Answer {
    let (face, link) = match passed(&rooms, &caller, &token, &pass).await {
        Ok((_, link)) if link.collection.is_some() => return Err(Trouble::NotFound),
        Ok(passed) => passed,
        Err(answer) => return answer,
    };
    // made before it is counted: what cannot be read costs nobody a download
    let made = with(&rooms, link.clone(), |mail, _, link| bundle(mail, |place| link.left(place) > 0)).await?;
    let (places, mut bytes) = made.map_err(Trouble::bug)?;
    let mut counted = Vec::with_capacity(places.len());
    for place in &places {
        match rooms.outbound.take_file(&link, *place, asked_from(&caller)).await? {
            Taking::Counted => counted.push(*place),
            Taking::UsedUp => {}
            Taking::Gone => return gone(&rooms, &caller),
        }
    }
    if counted.is_empty() {
        return used_up(face, &pass);
    }
    if counted != places {
        // somebody was quicker with one of them: what was counted is handed out, and nothing else
        let made = with(&rooms, link, move |mail, _, _| bundle(mail, |place| counted.contains(&place))).await?;
        bytes = made.map_err(Trouble::bug)?.1;
    }
    let mut response = bytes.into_response();
    headers::attachment(response.headers_mut(), "application/zip", "files.zip");
    Ok(response)
}

/// The places of the files that are wanted, and these as a ZIP. They are stored as they are: most are compressed.
fn bundle(mail: &Parsed<'_>, wanted: impl Fn(u32) -> bool) -> Result<(Vec<u32>, Vec<u8>), zip::result::ZipError> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let (mut archive, mut places, mut names) = (ZipWriter::new(Cursor::new(Vec::new())), Vec::new(), HashSet::new());
    for (file, place) in attachments::attachments(mail).iter().zip(1..) {
        let Some(content) = attachments::original(mail, file).filter(|_| wanted(place)) else { continue };
        archive.start_file(unlike(&mut names, &file.name), options)?;
        archive.write_all(&content)?;
        places.push(place);
    }
    Ok((places, archive.finish()?.into_inner()))
}

/// A name that no file before it has, whatever case it is in: `a.pdf`, `a (2).pdf`.
fn unlike(known: &mut HashSet<String>, name: &str) -> String {
    let (stem, end) = name.rsplit_once('.').map_or((name, String::new()), |(stem, end)| (stem, format!(".{end}")));
    let mut candidate = name.to_owned();
    let mut number = 2;
    while !known.insert(candidate.to_lowercase()) {
        candidate = format!("{stem} ({number}){end}");
        number += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_name_have_names_of_their_own() {
        let mut known = HashSet::new();
        let names = ["a.pdf", "A.pdf", "a.pdf", "a (2).pdf", "b"].map(|name| unlike(&mut known, name));
        assert_eq!(names, ["a.pdf", "A (2).pdf", "a (3).pdf", "a (2) (2).pdf", "b"]);
    }
}
