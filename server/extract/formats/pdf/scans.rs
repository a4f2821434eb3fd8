//! The pictures of scanned pages (ISO 32000-1, 8.9.5), for whoever reads pictures: JPEG as it is, samples as shades of
//! grey.

use image::GrayImage;

use super::file::File;
use super::object::{Object, Stream};
use crate::formats::picture;
use crate::reader::Reader;

/// Gives the picture of a page, when somebody wants it and its packing is known.
pub(super) fn give(file: &File<'_>, stream: &Stream, name: &str, out: &mut Reader) {
    if !out.wants_picture() {
        return;
    }
    let (bytes, packed) = file.unpacked(stream);
    match packed.as_deref() {
        Some("DCTDecode" | "DCT" | "JPXDecode") => out.within(name, |out| picture::read(&bytes, out)),
        Some(_) => {}
        None => {
            if let Some(grey) = samples(file, stream, &bytes) {
                out.within(name, |out| picture::give(grey, out));
            }
        }
    }
}

/// Samples as shades: of several colours their mean, of indexed ones the index, which tells ink from paper.
fn samples(file: &File<'_>, stream: &Stream, bytes: &[u8]) -> Option<GrayImage> {
    let number = |key: &str, short: &str| {
        let value = [key, short].into_iter().find_map(|key| file.entry(&stream.dict, key).int());
        value.and_then(|value| u32::try_from(value).ok())
    };
    let (width, height) = (number("Width", "W")?, number("Height", "H")?);
    let mask = *file.entry(&stream.dict, "ImageMask") == Object::Bool(true);
    let bits = if mask { 1 } else { number("BitsPerComponent", "BPC").unwrap_or(8) };
    let row = bytes.len() / usize::try_from(height).ok()?.max(1);
    let colours = (row * 8 / (width.max(1) as usize) / (bits.max(1) as usize)).clamp(1, 4);
    let inverted = mask != (file.entry(&stream.dict, "Decode").array().first().and_then(Object::int) == Some(1));
    let shade = |x: u32, y: u32| {
        let start = y as usize * row;
        let value = match bits {
            1 => {
                let byte = bytes.get(start + x as usize / 8).copied().unwrap_or_default();
                if byte >> (7 - x % 8) & 1 == 1 { 255 } else { 0 }
            }
            8 => {
                let at = start + x as usize * colours;
                let parts = bytes.get(at..at + colours).unwrap_or_default();
                let sum: usize = parts.iter().map(|&part| usize::from(part)).sum();
                u8::try_from(sum / colours).unwrap_or(u8::MAX)
            }
            _ => 0,
        };
        if inverted { 255 - value } else { value }
    };
    let known = matches!(bits, 1 | 8) && width > 0 && row > 0 && u64::from(width) * u64::from(height) <= 64 << 20;
    known.then(|| GrayImage::from_fn(width, height, |x, y| image::Luma([shade(x, y)])))
}
