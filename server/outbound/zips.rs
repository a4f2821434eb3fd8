//! ZIPs: a part of a mail that leaves with its files, or the whole of it, in an archive under a password (decision 040). What
//! its sender alone is told of the passwords lies sealed beside the mail.

mod habit;
mod locks;
mod mail;
mod pack;
mod password;
mod seal;
mod send;
mod source;

use serde::{Deserialize, Serialize};
use store::{Access, Account, Read, SubmissionRow};
use types::{Address, EncryptionForm, Limits, Reference, Treatment};

use inspect::extract::Password;
use message::Parsed;
use message::rewrite::{Protection, protection};

use crate::{Outbound, OutboundError, Untreatable};

pub(crate) use seal::Zips;

/// What the sender of a mail is told of a ZIP that left: who got it, and what opens it. Its `Debug` shows no password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZipTold {
    /// Who got it.
    pub recipients: Vec<Address>,
    /// A password that was made for it; `None`: one that was agreed with them before.
    pub password: Option<Password>,
    /// What the agreed one is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agreed: String,
}

impl Outbound {
    /// What somebody is told of the ZIPs of his own mail, in the order in which they were made.
    ///
    /// # Errors
    /// [`store::StoreError::NotFound`], also for another's mail; [`store::StoreError::Damaged`]: destroyed with the mail.
    pub async fn own_zips(
        &self,
        access: &Access<Account, Read>,
        mail: Reference,
    ) -> Result<(SubmissionRow, Vec<ZipTold>), OutboundError> {
        let (row, notes) = self.store.own_password_notes(access, mail).await?;
        let mut told = Vec::new();
        for note in notes {
            let read: Vec<ZipTold> = serde_json::from_slice(&note.bytes).map_err(|_| OutboundError::BadNote)?;
            told.extend(read);
        }
        Ok((row, told))
    }
}

/// Whether a part leaves as a ZIP.
pub(crate) fn is_zip(treatment: &Treatment) -> bool {
    treatment.encryption.is_some_and(|encryption| encryption.form == EncryptionForm::Zip)
}

/// Whether a ZIP can be made of a mail: nobody signed or encrypted it, all its files can be had, and what comes of them at worst
/// is no larger than a mail may be.
///
/// # Errors
/// Why not.
pub(crate) fn can_be_made(bytes: &[u8], limits: &Limits) -> Result<(), Untreatable> {
    let mail = Parsed::parse(bytes, limits);
    if protection(&mail) != Protection::None {
        return Err(Untreatable::Protected);
    }
    let files = message::attachments::all_whole(&mail).ok_or(Untreatable::FilesBroken)?;
    let sizes = files.iter().map(|(name, content)| pack::at_most(name, content.len()));
    let text = 2 * message::view::text(&mail, Default::default(), None).len();
    let all = sizes.sum::<usize>() + text + mail.header_block().len() + 2_000;
    // base64 in lines of 76
    let written = (all as u64).saturating_mul(78) / 57;
    if written > limits.message_size { Err(Untreatable::TooBig) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
