//! The one engine that looks at mail: bytes → structure → texts → findings → facts → verdict, with bounds of time
//! and of work at once. Outgoing, internal and incoming mail and the command line all go through it. It decides
//! nothing and stores nothing.
//!
//! ```
//! let limits = types::Limits::default();
//! let mail = "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nマイナンバー: 1234 5678 9018\r\n";
//! let seen = inspect::Seen::of(mail.as_bytes(), &limits);
//! assert!(seen.sensitive());
//! assert_eq!(seen.places().ascii, "body, line 1");
//! ```

mod content;
mod file;
mod flights;
mod inspector;
mod kind;
mod places;
mod recent;
mod seen;
mod sighting;
mod texts;

pub use detect;
pub use detect::{mask_every_number, mask_numbers};
pub use extract;
pub use file::{FileInspector, PasswordsFor};
pub use inspector::{BUDGET, Inspector, Look, Looked};
pub use places::{Places, block_lines};
pub use review;
pub use seen::{NotSeen, Seen};
pub use sighting::Sighting;
pub use texts::Texts;
