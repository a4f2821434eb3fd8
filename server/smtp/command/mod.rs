//! What each verb does: when it is allowed, what it asks of the doors, what it answers.

pub(crate) mod auth;
pub(crate) mod bdat;
pub(crate) mod data;
pub(crate) mod hello;
pub(crate) mod mail;
pub(crate) mod other;
pub(crate) mod rcpt;
pub(crate) mod starttls;
