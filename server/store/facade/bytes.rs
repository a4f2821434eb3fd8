//! Bytes on their way into the store: collected, then complete, and named by no row yet.

use types::{KeyId, TenantId};

use super::Result;

/// A mail being collected: up to 1 MiB in memory, beyond that on disk, sealed as it comes.
pub struct Writing {
    tenant: TenantId,
    key: KeyId,
    intake: blobs::Intake,
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writing({} bytes)", self.intake.size())
    }
}

impl Writing {
    /// For engines: collects under `key`.
    #[must_use]
    pub fn new(tenant: TenantId, key: KeyId, intake: blobs::Intake) -> Self {
        Self { tenant, key, intake }
    }
    /// Takes the next bytes.
    ///
    /// # Errors
    /// The mail is over its bound, or the disk failed.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.intake.write(bytes).await?)
    }
    /// Ends the mail. A large one is on disk and flushed now; a small one is sealed and waits for its posting.
    ///
    /// # Errors
    /// The disk failed.
    pub async fn finish(self) -> Result<Draft> {
        Ok(Draft { tenant: self.tenant, key: self.key, blob: self.intake.finish().await? })
    }
}

/// A mail whose bytes are complete and that no row names yet.
#[derive(Debug)]
pub struct Draft {
    tenant: TenantId,
    key: KeyId,
    blob: blobs::Draft,
}

impl Draft {
    /// For engines: bytes sealed under `key`.
    #[must_use]
    pub fn new(tenant: TenantId, key: KeyId, blob: blobs::Draft) -> Self {
        Self { tenant, key, blob }
    }
    /// Whose.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }
    /// The size of the plain bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.blob.size
    }
    /// The plain bytes, while the mail is small enough to be in memory.
    #[must_use]
    pub fn plain(&self) -> Option<&[u8]> {
        self.blob.plain.as_deref()
    }
    /// For engines: tenant, key, bytes.
    #[must_use]
    pub fn parts(&self) -> (TenantId, KeyId, &blobs::Draft) {
        (self.tenant, self.key, &self.blob)
    }
    /// For engines: gives up the bytes.
    #[must_use]
    pub fn into_parts(self) -> (TenantId, KeyId, blobs::Draft) {
        (self.tenant, self.key, self.blob)
    }
}
