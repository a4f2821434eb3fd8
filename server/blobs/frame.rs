//! One frame: up to 64 KiB of plain bytes, compressed where that gains, sealed. Knows no files and no records.

use std::cell::RefCell;
use std::sync::LazyLock;

use ring::aead::{Aad, LessSafeKey, Tag};
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::zstd_safe::{CParameter, compress_bound};

use crate::error::BlobError;
use crate::key::nonce;

/// Plain bytes of every frame but the last.
pub(crate) const FRAME: usize = 64 << 10;
/// Bytes that sealing adds to a frame.
pub(crate) const TAG: usize = ring::aead::MAX_TAG_LEN;
/// The dictionary that new records are compressed with. Dictionaries are never changed, only added.
pub(crate) const DICTIONARY: u16 = 1;

const LEVEL: i32 = 1;
static MAIL: &[u8] = include_bytes!("mail.dict");
static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(MAIL, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(MAIL));

/// A thread's zstd contexts: making one costs more than compressing a mail.
struct Codec {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    packed: Vec<u8>,
}

thread_local! {
    static CODEC: RefCell<Option<Codec>> = const { RefCell::new(None) };
}

fn with_codec<T>(work: impl FnOnce(&mut Codec) -> Option<T>) -> Option<T> {
    CODEC.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Codec::new().ok();
        }
        slot.as_mut().and_then(work)
    })
}

impl Codec {
    fn new() -> std::io::Result<Self> {
        let mut compressor = Compressor::with_prepared_dictionary(&ENCODER)?;
        // the record's footer names the dictionary
        compressor.set_parameter(CParameter::DictIdFlag(false))?;
        let decompressor = Decompressor::with_prepared_dictionary(&DECODER)?;
        Ok(Self { compressor, decompressor, packed: Vec::with_capacity(compress_bound(FRAME)) })
    }

    /// Compresses into `packed`; None when that gains less than 5 %, for then reading would cost more than it saves.
    fn pack(&mut self, plain: &[u8]) -> Option<&[u8]> {
        self.packed.clear();
        self.compressor.compress_to_buffer(plain, &mut self.packed).ok()?;
        (self.packed.len() <= plain.len() / 20 * 19).then_some(&self.packed)
    }
}

/// Where a frame stands in its record and what it holds; bound into its seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameInfo {
    /// 0 for the first.
    pub index: u32,
    /// Nothing follows.
    pub last: bool,
    /// Holds compressed bytes.
    pub packed: bool,
    /// Plain bytes, at most [`FRAME`].
    pub plain: u32,
    /// Id of the dictionary.
    pub dictionary: u16,
}

impl FrameInfo {
    fn aad(&self) -> Aad<[u8; 7]> {
        let [p0, p1, p2, p3] = self.plain.to_le_bytes();
        let [d0, d1] = self.dictionary.to_le_bytes();
        Aad::from([p0, p1, p2, p3, d0, d1, u8::from(self.packed)])
    }
}

/// Seals `plain` as frame `index` at the end of `out`; returns the frame's stored length and whether it is compressed.
pub(crate) fn seal(
    key: &LessSafeKey,
    index: u32,
    last: bool,
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(u32, bool), BlobError> {
    let start = out.len();
    let packed = with_codec(|codec| codec.pack(plain).map(|bytes| out.extend_from_slice(bytes))).is_some();
    if !packed {
        out.extend_from_slice(plain);
    }
    let info = FrameInfo { index, last, packed, plain: plain.len() as u32, dictionary: DICTIONARY };
    let body = out.get_mut(start..).unwrap_or_default();
    let tag = key.seal_in_place_separate_tag(nonce(index, last), info.aad(), body).map_err(|_| BlobError::Crypto)?;
    out.extend_from_slice(tag.as_ref());
    Ok(((out.len() - start) as u32, packed))
}

/// Opens one stored frame in place and appends its plain bytes to `out`. None when it does not open.
pub(crate) fn open(key: &LessSafeKey, info: FrameInfo, stored: &mut [u8], out: &mut Vec<u8>) -> Option<()> {
    let body = stored.len().checked_sub(TAG)?;
    let (body, tag) = stored.split_at_mut(body);
    let tag = Tag::try_from(&*tag).ok()?;
    let body = key.open_in_place_separate_tag(nonce(info.index, info.last), info.aad(), tag, body, 0..).ok()?;
    let want = info.plain as usize;
    if !info.packed {
        out.extend_from_slice(body);
        return (body.len() == want).then_some(());
    }
    with_codec(|codec| {
        if out.is_empty() && out.capacity() >= want {
            codec.decompressor.decompress_to_buffer(body, out).ok()?;
            return (out.len() == want).then_some(());
        }
        codec.packed.clear();
        codec.decompressor.decompress_to_buffer(body, &mut codec.packed).ok()?;
        out.extend_from_slice(&codec.packed);
        (codec.packed.len() == want).then_some(())
    })
}

/// True when records made with this dictionary can be read.
pub(crate) fn knows(dictionary: u16) -> bool {
    dictionary == DICTIONARY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_never_changes_for_records_need_it() {
        let digest = ring::digest::digest(&ring::digest::SHA256, MAIL);
        let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "71ff5702ae5dd991744c60c81805a9b1f34e086e16267b2d1ecec5d106a060da");
    }

    #[test]
    fn an_ordinary_mail_shrinks_to_less_than_half_and_noise_is_left_as_it_is() {
        let mail = "From: =?UTF-8?B?5L2Q6Jek?= <sato@example.co.jp>\r\nMIME-Version: 1.0\r\n\
            Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
            いつも大変お世話になっております。\r\n添付ファイルをご確認ください。\r\n";
        let packed = with_codec(|codec| codec.pack(mail.as_bytes()).map(<[u8]>::len)).unwrap();
        assert!(packed < mail.len() / 2, "{packed} of {}", mail.len());
        let noise = crate::contract::bytes(2 * FRAME).split_off(FRAME);
        assert!(with_codec(|codec| codec.pack(&noise).map(<[u8]>::len)).is_none());
    }
}
