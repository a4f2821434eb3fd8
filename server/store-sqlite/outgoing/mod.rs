//! What leaves, as read back and controlled: submissions, parcels, held mail, the queue, timers.

mod parcels;
mod queue;
mod submissions;
mod timers;
pub(crate) mod words;
