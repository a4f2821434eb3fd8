//! The words that columns hold, and JSON columns.

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{AnswerKind, LinkEvent, Origin, QueueState, StoreError, SubmissionState, TimerKind};

/// The word of a plain enum, as serde writes it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn origin(origin: Origin) -> String {
    word(&origin)
}
pub(crate) fn submission_state(state: SubmissionState) -> String {
    word(&state)
}
pub(crate) fn timer_kind(kind: TimerKind) -> String {
    word(&kind)
}
pub(crate) fn answer_kind(kind: AnswerKind) -> String {
    word(&kind)
}
pub(crate) fn link_event(event: LinkEvent) -> String {
    word(&event)
}
pub(crate) fn queue_state(state: QueueState) -> String {
    word(&state)
}

/// Reads a word that [`word`] wrote.
pub(crate) fn read<T: DeserializeOwned>(word: String) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(word)).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Reads a JSON column.
pub(crate) fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}
