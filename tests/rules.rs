//! Each condition and each action of rules by both doors out: submission (SMTP) and the browser's check before sending.
//! docs/review.md lists them.

mod actions;
mod approvals;
mod broken;
mod conditions;
mod deadlines;
pub mod doors;
mod inside;
mod lookups;
mod marks;
mod once;
mod ready;
mod shipped;
mod treatments;
