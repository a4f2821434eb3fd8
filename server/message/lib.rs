//! One mail as a structure: what its bytes mean to IMAP, to people and to the inspection; and the mail that
//! we write ourselves. Pure: no I/O, no clock, no randomness, and no bytes make it panic.
//!
//! The parts are found by a walker of our own, so that every offset is right to the byte; charsets are
//! decoded by `encoding_rs` behind our own table of labels, and what that does not know (UTF-7, dates, HTML
//! for previews) by `mail-parser`, wrapped so that a panic in it stays there.
//!
//! ```
//! let limits = types::Limits::default();
//! let mail = b"From: a@example.jp\r\nSubject: =?ISO-2022-JP?B?GyRCSUobKEI=?=\r\n\r\nhello\r\n";
//! let parsed = message::Parsed::parse(mail, &limits);
//! assert_eq!(parsed.subject(), "品");
//! let summary = parsed.summary();
//! let section = message::Section::parse("TEXT").unwrap();
//! assert_eq!(&mail[message::resolve(&summary, &section).unwrap()], b"hello\r\n");
//! ```

pub mod attachments;
pub mod attention;
pub mod charset;
pub mod compose;
pub mod cut;
pub mod date;
pub mod dsn;
pub mod facts;
pub mod file_name;
pub mod gathering;
pub mod instead;
pub mod outgoing;
pub mod recipients;
pub mod reply;
pub mod rewrite;
pub mod safe;
pub mod section;
pub mod view;

mod addresses;
mod describe;
mod downgrade;
mod encode;
mod flowed;
mod header;
mod hidden;
mod iso2022jp;
mod leaf;
mod mime;
mod parsed;
mod questions;
mod raw;
mod references;
mod searchable;
mod structure;
mod summary;
mod transfer;
mod words;

pub use addresses::{Person, authors};
pub use downgrade::downgraded;
pub use encode::{Charset, lost_characters, replaced_for_jis};
pub use header::{Field, Fields, fields, header_fields};
pub use leaf::{Leaf, LeafRole};
pub use parsed::Parsed;
pub use raw::Raw;
pub use references::message_ids;
pub use searchable::{SearchText, Searchable, has_files, search_texts, spoken_fields, spoken_fields_of};
pub use section::{Section, What, resolve};
pub use summary::{Disposition, HeaderSummary, MailAddress, Param, Part, PartIssue, PartKind, Summary, SummaryError};
pub use transfer::Decoder;
pub use words::decode as decode_words;
