//! The formats: one module for each, which reads one file and gives its texts, the files in it and what of it
//! cannot be read to the [`Reader`]. This is the only place that knows which format is read by whom.

pub(crate) mod archive;
mod cards;
mod ciphers;
mod encoded;
mod html;
mod json;
pub(crate) mod mail;
mod markup;
mod office;
pub(crate) mod outlook;
mod pdf;
mod picture;
pub(crate) mod plain;
mod rtf;
pub(crate) mod smime;
mod table;
pub(crate) mod zip;

use std::panic::{AssertUnwindSafe, catch_unwind};

use message::{Leaf, LeafRole, PartIssue};

use crate::reader::Reader;
use crate::{FileType, Reason, TextKind};

/// Reads a file of the type `real_type`. In a child, a library that panics on it costs this file only: it counts as
/// broken. In the server's own process the panic goes on, so that the review fails, which holds the mail.
pub(crate) fn read(leaf: &Leaf, real_type: FileType, out: &mut Reader) {
    if out.is_plain() {
        return read_format(leaf, real_type, out);
    }
    let depth = out.depth();
    // what is behind the reference is a list of what was found so far, and steps, which are taken back
    let ended = catch_unwind(AssertUnwindSafe(|| read_format(leaf, real_type, out)));
    if ended.is_err() {
        out.back_to(depth);
        out.refuse(Reason::Broken);
    }
}

fn read_format(leaf: &Leaf, real_type: FileType, out: &mut Reader) {
    if let Some(reason) = leaf.issue.map(by_issue) {
        out.refuse(reason);
    }
    if needs_child(leaf, real_type, out) && out.leave_to_child() {
        return;
    }
    match real_type {
        FileType::Text if leaf.role == LeafRole::Html => out.text(TextKind::Html, html::text(&plain::text(leaf))),
        FileType::Text => text(leaf, out),
        FileType::Html => out.text(TextKind::Html, html::text(&plain::text(leaf))),
        FileType::Mail => mail::read(leaf, out),
        FileType::Image => picture::read(&leaf.bytes, out),
        FileType::Empty | FileType::Signature => {}
        FileType::Pdf => pdf::read(&leaf.bytes, out),
        FileType::Zip => zip::read(&leaf.bytes, out),
        FileType::Archive => archive::read(leaf, out),
        FileType::Program => archive::program(&leaf.bytes, out),
        FileType::Office => office::read(&leaf.bytes, out),
        FileType::Tnef => outlook::tnef::read(&leaf.bytes, out),
        FileType::Signed => signed(leaf, out),
        FileType::RichText => rtf::read(&leaf.bytes, out),
        FileType::Encrypted if is_compound(leaf) => office::protected::read(&leaf.bytes, out),
        FileType::Encrypted => out.refuse(Reason::Encrypted),
        _ => out.refuse(Reason::Unsupported),
    }
}

/// Whether reading it means parsing a stranger's binary format, or may take long.
fn needs_child(leaf: &Leaf, real_type: FileType, out: &Reader) -> bool {
    match real_type {
        // a mail of Outlook is a compound file
        FileType::Mail => is_compound(leaf),
        // a document of Office with a password
        FileType::Encrypted => out.may_unlock() && is_compound(leaf),
        FileType::Text | FileType::Html => false,
        FileType::Image => out.wants_picture(),
        FileType::Empty | FileType::Signature => false,
        FileType::Zip | FileType::Archive | FileType::Office | FileType::Pdf | FileType::RichText => true,
        FileType::Tnef | FileType::Signed | FileType::Program => true,
        FileType::Media | FileType::Other => false,
    }
}

/// Whether it is a compound file ([MS-CFB]).
fn is_compound(leaf: &Leaf) -> bool {
    leaf.bytes.starts_with(b"\xd0\xcf\x11\xe0")
}

fn text(leaf: &Leaf, out: &mut Reader) {
    let text = plain::text(leaf);
    if text.contains("-----BEGIN PGP MESSAGE-----") {
        out.refuse(Reason::Encrypted);
    }
    encoded::files(&text, out);
    match plain::form(leaf, &text) {
        plain::Form::Delimited(delimiter) => out.text(TextKind::Table, table::cells(&text, delimiter)),
        plain::Form::Folded => cards::read(leaf, &text, out),
        plain::Form::Json => json::read(&text, out),
        plain::Form::Escaped => out.text(TextKind::Plain, plain::unescaped(&text)),
        plain::Form::Markup if office::flat::read(&text, out) => {}
        plain::Form::Markup => out.text(TextKind::Plain, markup::text(&text)),
        plain::Form::Running => out.text(TextKind::Plain, text),
    }
}

/// A message whose text lies inside of its signature, as bytes or in text form.
fn signed(leaf: &Leaf, out: &mut Reader) {
    match smime::armoured(&leaf.bytes) {
        Some(bytes) => smime::read(&bytes, out),
        None => smime::read(&leaf.bytes, out),
    }
}

fn by_issue(issue: PartIssue) -> Reason {
    match issue {
        PartIssue::Broken | PartIssue::UnknownEncoding => Reason::Broken,
        PartIssue::TooDeep | PartIssue::TooMany | PartIssue::HeaderTooLong => Reason::TooBig,
    }
}
