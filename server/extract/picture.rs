//! A picture as shades of grey, as it leaves the child that unpacked it for the one that reads it.

/// A picture of `width` times `height` bytes, a shade each, 0 for black.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// The path inside an archive or attached mail; empty for the part itself.
    pub inner: String,
    /// The name of the file that it is or lies in.
    pub name: Option<String>,
    /// Shades a row.
    pub width: u32,
    /// The shades, row by row from the top.
    pub shades: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("width", &self.width).field("height", &self.height()).finish_non_exhaustive()
    }
}

impl Picture {
    /// Rows.
    #[must_use]
    pub fn height(&self) -> u32 {
        u32::try_from(self.shades.len()).unwrap_or(u32::MAX) / self.width.max(1)
    }

    /// The same, turned to the right.
    #[must_use]
    pub fn turned(&self) -> Self {
        let (width, height) = (self.width as usize, self.height() as usize);
        let from = |at: usize| {
            let (row, column) = (at / height.max(1), at % height.max(1));
            self.shades.get((height - 1 - column) * width + row).copied().unwrap_or_default()
        };
        let shades = (0..width * height).map(from).collect();
        Self { inner: self.inner.clone(), name: self.name.clone(), width: self.height(), shades }
    }

    /// The bytes of a file of it (PGM).
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        let mut out = format!("P5\n{} {}\n255\n", self.width, self.height()).into_bytes();
        out.extend_from_slice(&self.shades);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_turned_and_written() {
        let picture = Picture { inner: String::new(), name: None, width: 3, shades: vec![1, 2, 3, 4, 5, 6] };
        let turned = picture.turned();
        assert_eq!((turned.width, turned.shades.as_slice()), (2, &[4, 1, 5, 2, 6, 3][..]));
        assert_eq!(turned.turned().turned().turned(), picture);
        assert_eq!(picture.file(), b"P5\n3 2\n255\n\x01\x02\x03\x04\x05\x06");
    }
}
