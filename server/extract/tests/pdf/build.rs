//! PDFs written by hand, for tests.

#![allow(dead_code)]

use std::fmt::Write;

/// A file under work: its objects, the first of them number 1.
#[derive(Default)]
pub struct Pdf {
    pub objects: Vec<Vec<u8>>,
    pub catalog: String,
    pub trailer: String,
}

impl Pdf {
    /// A file of one page with this content and these fonts; the first objects are catalog, pages, page, content.
    pub fn page(content: &str, resources: &str) -> Self {
        Self::pages(&[content.as_bytes().to_vec()], resources)
    }

    pub fn pages(contents: &[Vec<u8>], resources: &str) -> Self {
        let mut pdf = Self::default();
        let kids: String = (0..contents.len()).map(|at| format!("{} 0 R ", 3 + 2 * at)).collect();
        pdf.add("");
        pdf.add(&format!("<</Type/Pages/Kids[{kids}]/Count {}/MediaBox[0 0 595 842]>>", contents.len()));
        for content in contents {
            let number = pdf.objects.len() + 2;
            pdf.add(&format!(
                "<</Type/Page/Parent 2 0 R/Contents {number} 0 R/Resources<<{resources}>>/Annots 100 0 R>>"
            ));
            pdf.stream("", content);
        }
        pdf
    }

    /// Adds an object; its number.
    pub fn add(&mut self, object: &str) -> usize {
        self.objects.push(object.as_bytes().to_vec());
        self.objects.len()
    }

    pub fn stream(&mut self, dict: &str, bytes: &[u8]) -> usize {
        let mut object = format!("<<{dict}/Length {}>>stream\n", bytes.len()).into_bytes();
        object.extend_from_slice(bytes);
        object.extend_from_slice(b"\nendstream");
        self.objects.push(object);
        self.objects.len()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", self.objects.len() + 1);
        for (object, number) in self.objects.iter().zip(1..) {
            writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
            out.extend(format!("{number} 0 obj\n").into_bytes());
            match number {
                1 => out.extend(format!("<</Type/Catalog/Pages 2 0 R{}>>", self.catalog).into_bytes()),
                _ => out.extend_from_slice(object),
            }
            out.extend_from_slice(b"\nendobj\n");
        }
        let start = out.len();
        out.extend(table.into_bytes());
        let (size, more) = (self.objects.len() + 1, &self.trailer);
        out.extend(format!("trailer<</Size {size}/Root 1 0 R{more}>>\nstartxref\n{start}\n%%EOF").into_bytes());
        out
    }
}

pub const HELVETICA: &str = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>>>";

pub fn composite(encoding: &str, ordering: &str) -> String {
    format!(
        "/Font<</F<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/{encoding}/DescendantFonts[<</Type/Font\
         /Subtype/CIDFontType0/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>\
         /DW 1000/W[1[500] 231 632 500]>>]>>>>"
    )
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
