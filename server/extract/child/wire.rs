//! What parent and child say to each other over the child's standard input and output: frames of a length (four
//! bytes, little-endian) and a postcard value; contents follow their frame as they are, so that nothing large is
//! copied. Neither side believes a length that the other says.

use std::io::{self, Read, Write};

use message::{Leaf, LeafRole, PartIssue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use types::Limits;
use zeroize::Zeroizing;

use super::sandbox::Hold;
use crate::{Inside, NotInspected, Passwords, Picture, Reason, Text, TextKind};

/// The longest frame, without the contents that follow it.
pub(super) const FRAME: usize = 1 << 20;
/// Bytes for which a frame has room from the start: one that grows leaves copies behind, and passwords are in some.
const ROOM: usize = 16 << 10;

/// A file to be read: a [`Leaf`] without its bytes, of which `size` follow.
#[derive(Serialize, Deserialize)]
pub(super) struct Job {
    part: String,
    role: LeafRole,
    content_type: String,
    name: Option<String>,
    charset: Option<String>,
    issue: Option<PartIssue>,
    limits: Limits,
    /// What is tried on what is encrypted.
    passwords: Passwords,
    /// Bytes of the text as `message` repaired it, which follow the file's.
    text: Option<u64>,
    size: u64,
}

impl Job {
    pub fn of(leaf: &Leaf, limits: &Limits, passwords: &Passwords) -> Self {
        Self {
            part: leaf.part.clone(),
            role: leaf.role,
            content_type: leaf.content_type.clone(),
            name: leaf.name.clone(),
            charset: leaf.charset.clone(),
            issue: leaf.issue,
            limits: limits.clone(),
            passwords: passwords.clone(),
            text: leaf.text.as_ref().map(|text| text.len() as u64),
            size: leaf.bytes.len() as u64,
        }
    }

    /// The file with its bytes, as they come.
    pub fn read(self, input: &mut impl Read) -> io::Result<(Leaf<'static>, Limits, Passwords)> {
        let bytes = exactly(input, self.size)?;
        let text = self.text.map(|size| exactly(input, size)).transpose()?;
        let text = text.map(String::from_utf8).transpose().map_err(io::Error::other)?;
        let Self { part, role, content_type, name, charset, issue, limits, passwords, .. } = self;
        let leaf = Leaf { part, role, content_type, name, charset, bytes: bytes.into(), text, issue };
        Ok((leaf, limits, passwords))
    }
}

fn exactly(input: &mut impl Read, size: u64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(size).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(io::Error::other)?;
    bytes.resize(size, 0);
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// What a child says.
#[derive(Serialize, Deserialize)]
pub(super) enum Said {
    /// It is ready, and so held.
    Ready(Hold),
    /// A text, whose `size` bytes follow.
    Text { inner: String, kind: TextKind, name: Option<String>, size: u64 },
    /// What could not be inspected.
    Refused { inner: String, reason: Reason },
    /// The file is read.
    Done,
    /// A picture, whose `size` bytes follow.
    Picture { inner: String, name: Option<String>, width: u32, size: u64 },
    /// Something takes a password.
    Locked,
    /// What lies there was encrypted, and a password has opened it.
    Opened { inner: String },
    /// What lies further in, as far as the file was read.
    Inside(Inside),
}

impl Said {
    pub fn text(text: &Text) -> Self {
        let Text { inner, kind, name, text } = text;
        Self::Text { inner: inner.clone(), kind: kind.clone(), name: name.clone(), size: text.len() as u64 }
    }

    pub fn picture(picture: &Picture) -> Self {
        let Picture { inner, name, width, shades } = picture;
        Self::Picture { inner: inner.clone(), name: name.clone(), width: *width, size: shades.len() as u64 }
    }

    pub fn refused(refused: &NotInspected) -> Self {
        Self::Refused { inner: refused.inner.clone(), reason: refused.reason }
    }
}

/// The bytes of a frame.
pub(super) fn frame(value: &impl Serialize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut out = Vec::with_capacity(ROOM);
    out.extend_from_slice(&[0; 4]);
    let mut out = Zeroizing::new(postcard::to_extend(value, out).map_err(io::Error::other)?);
    let length = u32::try_from(out.len() - 4).map_err(io::Error::other)?;
    if let Some(start) = out.first_chunk_mut() {
        *start = length.to_le_bytes();
    }
    Ok(out)
}

/// The value in the bytes of a frame, behind its length.
pub(super) fn value<T: DeserializeOwned>(bytes: &[u8]) -> io::Result<T> {
    postcard::from_bytes(bytes).map_err(io::Error::other)
}

/// The length of a frame; an error when it is longer than a frame may be.
pub(super) fn length(start: [u8; 4]) -> io::Result<usize> {
    let length = usize::try_from(u32::from_le_bytes(start)).unwrap_or(usize::MAX);
    if length > FRAME { Err(io::Error::other("a frame is too long")) } else { Ok(length) }
}

/// Reads the next value; `None` at the end of the input.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut start = [0; 4];
    match input.read_exact(&mut start) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut bytes = Zeroizing::new(vec![0; length(start)?]);
    input.read_exact(&mut bytes)?;
    value(&bytes).map(Some)
}

/// Writes a value.
pub(super) fn write(output: &mut impl Write, said: &impl Serialize) -> io::Result<()> {
    output.write_all(&frame(said)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_over_as_it_is() {
        let leaf = Leaf {
            part: "1.2".into(),
            role: LeafRole::Text,
            content_type: "text/plain".into(),
            name: Some("名簿.txt".into()),
            charset: None,
            bytes: b"12\0".as_slice().into(),
            text: Some("番号".into()),
            issue: Some(PartIssue::Broken),
        };
        let passwords = Passwords::new([([7; 16], crate::Password::parse("青葉").unwrap())]);
        let mut sent = frame(&Job::of(&leaf, &Limits::default(), &passwords)).unwrap().to_vec();
        sent.extend_from_slice(&leaf.bytes);
        sent.extend_from_slice("番号".as_bytes());
        let mut input = sent.as_slice();
        let (came, limits, tried) = read::<Job>(&mut input).unwrap().unwrap().read(&mut input).unwrap();
        assert_eq!((came.part.as_str(), came.role, came.name.as_deref()), ("1.2", LeafRole::Text, Some("名簿.txt")));
        assert_eq!((came.bytes.as_ref(), came.text.as_deref()), (b"12\0".as_slice(), Some("番号")));
        assert_eq!((came.issue, limits), (Some(PartIssue::Broken), Limits::default()));
        assert_eq!((tried.tried(), format!("{tried:?}")), (passwords.tried(), "Passwords(1)".to_owned()));
        assert!(read::<Job>(&mut input).unwrap().is_none());
    }

    #[test]
    fn a_length_is_not_believed() {
        assert!(length(u32::MAX.to_le_bytes()).is_err());
        assert!(read::<Said>(&mut [255, 255, 255, 255, 0].as_slice()).is_err());
        assert!(exactly(&mut [0u8; 4].as_slice(), u64::MAX).is_err());
    }
}
