//! What leaves, as read back and controlled: submissions, parcels, held mail, the queue, timers.

mod cases;
mod parcels;
mod queue;
mod reviews;
mod submissions;
mod timers;
pub(crate) mod words;

pub(crate) use submissions::{columns as submission_columns, row as submission_row};
