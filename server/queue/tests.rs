//! The queue against little servers that say what a script tells them to.

mod door;
mod script;
mod sending;

use store::{Claimed, Demands, Origin, QueueRow, QueueState};
use types::{Address, ParcelId, QueueId, RecordId, Reference, SubmissionId, TenantId, Timestamp};

/// When all rows of the tests were released.
pub(crate) const BEGIN: Timestamp = Timestamp(1_795_501_929_000);

/// A row that waits, from taro@own.example.
pub(crate) fn claimed(id: i64, to: &str) -> Claimed {
    let row = QueueRow {
        id: QueueId(id),
        parcel: ParcelId(1),
        reference: Reference::from_random([1, 2, 3, 4, 5]),
        tenant: TenantId(1),
        from: Some(Address::parse("taro@own.example").unwrap()),
        recipient: Address::parse(to).unwrap(),
        state: QueueState::Waiting,
        attempts: 0,
        due: BEGIN,
        expires: BEGIN.after(std::time::Duration::from_secs(5 * 24 * 3_600)),
        since: BEGIN,
        last_answer: String::new(),
    };
    Claimed {
        row,
        submission: SubmissionId(1),
        author: None,
        origin: Origin::Author,
        variant: None,
        demands: Demands::default(),
        record: RecordId(1),
        record_size: 100,
        prefix: Vec::new(),
        cuts: Vec::new(),
        sensitive: false,
        delay_told: false,
    }
}
