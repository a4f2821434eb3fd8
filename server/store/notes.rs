//! Notes of passwords: what the sender of a mail, and nobody else, is told of those with which a part of it left. The store
//! knows neither what they say nor for whom they are; no row holds one.

use types::ParcelId;

use crate::ParcelRef;

/// A note, written with the release of its parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewPasswordNote {
    /// Of which parcel; it has one at most.
    pub parcel: ParcelRef,
    /// What it says: place in [`crate::Posting::mails`] of bytes sealed by [`crate::Store::seal_beside`] under the key of the
    /// mail. Under another the posting is refused.
    pub mail: usize,
}

/// A note as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordNote {
    /// Of which parcel.
    pub parcel: ParcelId,
    /// What it says.
    pub bytes: Vec<u8>,
}
