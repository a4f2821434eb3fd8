//! The master key's file: made only when the data folder is empty, else read; a wrong or missing one refuses to start.

use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use store_sqlite::MasterKey;

/// What stands before the digits in the file.
const MARK: &str = "sekisho-master-key-1 ";

/// A key, and whether it was made now.
pub struct Found {
    pub key: MasterKey,
    /// The recovery code to be shown once.
    pub recovery_code: Option<String>,
}

/// Reads the key, or makes it when there is no database yet.
pub fn read_or_make(file: &Path, data_is_empty: bool) -> anyhow::Result<Found> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Found { key: parse(file, &text)?, recovery_code: None }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && data_is_empty => make(file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
            "the master key {} is missing, and without it the mail in the data folder cannot be read; \
             put it back (keys.file names its place)",
            file.display()
        ),
        Err(error) => Err(error).with_context(|| format!("the master key {}", file.display())),
    }
}

fn parse(file: &Path, text: &str) -> anyhow::Result<MasterKey> {
    let mode = std::fs::metadata(file)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("the master key {} can be read by others: chmod 600 it", file.display());
    }
    let digits = text.trim().strip_prefix(MARK.trim_end()).map(str::trim).unwrap_or_default();
    let bytes: Option<Vec<u8>> = (0..digits.len() / 2)
        .map(|i| digits.get(2 * i..2 * i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    Ok(MasterKey::new(bytes.with_context(|| format!("the master key {} is damaged", file.display()))?))
}

fn make(file: &Path) -> anyhow::Result<Found> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| anyhow::anyhow!("the machine gives no randomness"))?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let place = || format!("the master key {}", file.display());
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let new = !dir.is_dir();
    std::fs::create_dir_all(dir).with_context(place)?;
    let mut out =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).with_context(place)?;
    writeln!(out, "{MARK}{digits}").with_context(place)?;
    out.sync_all().with_context(place)?;
    // the databases that need it come next: its name, and its folder's, are on disk before them
    blobs::flush_dir(dir).with_context(place)?;
    if let Some(above) = dir.parent().filter(|above| new && !above.as_os_str().is_empty()) {
        blobs::flush_dir(above).with_context(place)?;
    }
    let pieces: Vec<String> =
        digits.as_bytes().chunks(8).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect();
    Ok(Found { key: MasterKey::new(bytes), recovery_code: Some(pieces.join("-")) })
}
