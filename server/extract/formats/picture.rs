//! Pictures, unpacked for the one that reads them: shades of grey, of a size at which letters can be read.

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::{GrayImage, ImageReader};

use crate::Reason;
use crate::reader::Reader;

/// Sides that a picture has at most before it is unpacked.
const SIDE: u32 = 20_000;
/// Memory for unpacking, bytes.
const MEMORY: u64 = 200 << 20;
/// A picture with a shorter side is an icon.
const LEAST: u32 = 48;
/// The longer side of what is read: larger pictures are made smaller, much smaller ones larger.
const LONG: u32 = 2_200;
const SHORT: u32 = 1_200;

/// Reads a picture, when somebody reads pictures. What cannot be unpacked stays a picture; one too many is named.
pub(crate) fn read(bytes: &[u8], out: &mut Reader) {
    if !out.wants_picture() {
        if out.limits().ocr_pictures > 0 {
            out.refuse(Reason::TooBig);
        }
        return;
    }
    if let Some(grey) = unpacked(bytes) {
        give(grey, out);
    }
}

/// Gives the samples of a picture, when they are one.
pub(crate) fn give(grey: GrayImage, out: &mut Reader) {
    let (width, height) = grey.dimensions();
    if width.min(height) < LEAST {
        return;
    }
    let long = width.max(height);
    let size = |to: u32| {
        let side = |side: u32| u32::try_from(u64::from(side) * u64::from(to) / u64::from(long)).unwrap_or(to).max(1);
        (side(width), side(height))
    };
    let fitting = match long {
        0..SHORT => {
            let (width, height) = size(2 * long);
            imageops::resize(&grey, width, height, FilterType::CatmullRom)
        }
        SHORT..=LONG => grey,
        _ => {
            let (width, height) = size(LONG);
            imageops::resize(&grey, width, height, FilterType::Triangle)
        }
    };
    out.picture(fitting.width(), fitting.into_raw());
}

fn unpacked(bytes: &[u8]) -> Option<GrayImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE), Some(SIDE));
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    reader.decode().ok().map(|picture| picture.into_luma8())
}
