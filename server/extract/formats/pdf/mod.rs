//! PDF, read by our own hands: the structure of the file, its fonts, and what stands where on its pages, so that
//! digits in boxes and the cells of tables are seen as people see them (docs/decisions/020-own-pdf-reader.md).

mod cmap;
mod content;
mod crypt;
mod encoding;
mod extras;
mod fields;
mod file;
mod filters;
mod font;
mod japan;
mod lines;
mod lzw;
mod matrix;
mod object;
mod pages;
mod rows;
mod scans;
mod strings;
mod truetype;

use content::{Reading, Shown};
use crypt::Crypt;
use file::File;
use object::{Dict, Object};
use pages::Page;

use crate::reader::Reader;
use crate::{Reason, TextKind};

/// So many codes of a file that no font explains are too many, when they are one of so many.
const UNKNOWN: (usize, usize) = (12, 5);

/// Pages that are named as pictures, where others are not.
const PICTURES: usize = 20;

/// Reads a PDF.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    let room = out.room();
    let mut file = File::open(bytes, room);
    if *file.trailer.get("Encrypt") != Object::Null {
        match unlocked(&file, out) {
            Some(crypt) => file.unlock(crypt),
            None => return out.refuse(Reason::Encrypted),
        }
    }
    if file.root().is_none() {
        file.repair();
    }
    match file.root() {
        Some(root) => document(&file, &root, room, out),
        None => out.refuse(Reason::Broken),
    }
}

/// Its encryption, opened with the empty password or one of those to try.
fn unlocked(file: &File<'_>, out: &mut Reader) -> Option<Crypt> {
    let (dict, id) = file.encryption()?;
    let open = |password: &[u8]| Crypt::open(file, &dict, &id, password);
    open(&[]).or_else(|| out.unlock(crypt::ROUNDS, |password| password.forms().find_map(|form| open(&form))))
}

fn document(file: &File<'_>, root: &Dict, room: usize, out: &mut Reader) {
    let reading = Reading::of(file);
    let (pages, torn) = pages::pages(file, root);
    let seen = Seen::of(&pages, &reading, out);
    out.text(TextKind::Plain, fields::text(file, root));
    out.text(TextKind::Plain, extras::description(file));
    out.text(TextKind::Plain, extras::bookmarks(file, root));
    let files = extras::files(file, root, &seen.annotations);
    seen.judge(pages.len(), out);
    let lost = || pages.iter().any(Page::is_bare) && file.has_lost_content();
    if torn || file.damaged.get() || lost() {
        out.refuse(Reason::Broken);
    }
    if file.short.get() || reading.cut.get() {
        out.refuse(Reason::TooBig);
    }
    let _ = out.take(room.saturating_sub(file.room()).min(out.room()));
    for inside in files {
        out.text(TextKind::Plain, inside.description);
        out.file(&inside.name, &inside.bytes);
    }
}

/// What was seen on all pages.
#[derive(Default)]
struct Seen {
    annotations: Vec<Dict>,
    glyphs: usize,
    unknown: usize,
    /// The pages that are pictures.
    pictures: Vec<usize>,
}

impl Seen {
    fn of(pages: &[Page], reading: &Reading<'_, '_>, out: &mut Reader) -> Self {
        let mut seen = Self::default();
        for (page, number) in pages.iter().zip(1..) {
            let shown = page.shown(reading);
            seen.glyphs += shown.glyphs.len();
            seen.unknown += shown.unknown;
            if page.is_picture(&shown) {
                seen.pictures.push(number);
                shown.scans.iter().for_each(|scan| scans::give(reading.file, scan, &place(number), out));
            }
            let annotations = page.annotations(reading.file);
            let notes = annotations.iter().map(|one| extras::note(reading.file, one));
            let notes: String = notes.filter(|note| !note.is_empty()).map(|note| note + "\n").collect();
            let place = (pages.len() > 1).then(|| place(number));
            texts(shown, notes, place.as_deref(), out);
            seen.annotations.extend(annotations);
        }
        seen
    }

    /// Says what could not be read.
    fn judge(&self, pages: usize, out: &mut Reader) {
        let (least, part) = UNKNOWN;
        if self.unknown >= least && self.unknown * part >= self.unknown + self.glyphs {
            out.refuse(Reason::Unsupported);
        }
        if !self.pictures.is_empty() && self.pictures.len() == pages {
            return out.refuse(Reason::ImageOnly);
        }
        for number in self.pictures.iter().take(PICTURES) {
            out.refuse_at(&place(*number), Reason::ImageOnly);
        }
    }
}

/// How a page is named.
fn place(number: usize) -> String {
    format!("page {number}")
}

fn texts(shown: Shown, notes: String, place: Option<&str>, out: &mut Reader) {
    let lines = lines::read(&shown.glyphs);
    // what stands for a single character is that character in another form
    let instead: Vec<&str> = shown.instead.iter().map(String::as_str).filter(|text| text.chars().count() > 1).collect();
    let instead = instead.join("\n");
    for text in [Some(lines.text), lines.as_written, Some(notes), Some(instead)].into_iter().flatten() {
        match place {
            Some(place) => out.text_of(place, TextKind::Plain, text),
            None => out.text(TextKind::Plain, text),
        }
    }
}
