//! Files that need a password or a key, and encrypted mails. What is random in them is not drawn from the seed.

use std::io::{Cursor, Write as _};

use corpus::encode::base64_lines;
use sevenz_rust2::encoder_options::AesEncoderOptions;
use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderMethod};
use zip::unstable::write::FileOptionsExt as _;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

use super::attached;
use super::files::{Made, gzip, objects, stream};

/// Nobody knows it.
const PASSWORD: &str = "pXo9-quiet-Harbour-71";

/// A way to encrypt.
pub struct Kind {
    /// Its name in tables.
    pub name: &'static str,
    /// Makes a mail of which this text is encrypted.
    pub make: fn(&str) -> Made,
}

/// All of them.
pub static KINDS: [Kind; 19] = [
    Kind { name: "ZIP, ZipCrypto", make: |text| file("list.zip", zip(text, Cipher::Old)) },
    Kind { name: "ZIP, AES-128", make: |text| file("list.zip", zip(text, Cipher::Aes(AesMode::Aes128))) },
    Kind { name: "ZIP, AES-256", make: |text| file("list.zip", zip(text, Cipher::Aes(AesMode::Aes256))) },
    Kind { name: "ZIP, ZipCrypto, in a ZIP", make: |text| file("list.zip", around(&zip(text, Cipher::Old)?, "a.zip")) },
    Kind { name: "7z, AES-256", make: |text| file("list.7z", seven(text, false)) },
    Kind { name: "7z, AES-256, names too", make: |text| file("list.7z", seven(text, true)) },
    Kind { name: "7z in a gzip", make: |text| file("list.7z.gz", gzip(&seven(text, true)?)) },
    Kind { name: "XLSX, agile", make: |text| file("list.xlsx", office(text, &AGILE)) },
    Kind { name: "DOCX, agile, in a ZIP", make: |text| file("list.zip", around(&office(text, &AGILE)?, "a.docx")) },
    Kind { name: "PPTX, standard", make: |text| file("list.pptx", office(text, &STANDARD)) },
    Kind { name: "XLS, RC4", make: |text| file("list.xls", old_office("/Workbook", &workbook(text))) },
    Kind { name: "DOC, RC4", make: |text| file("list.doc", old_office("/WordDocument", &document(text))) },
    Kind { name: "ODT, AES", make: |text| file("list.odt", odt(text)) },
    Kind { name: "PDF, RC4", make: |text| file("list.pdf", Ok(pdf(text, "/V 2/R 3/Length 128"))) },
    Kind { name: "PDF, AES-256", make: |text| file("list.pdf", Ok(pdf(text, PDF_AES))) },
    Kind { name: "S/MIME", make: |text| Ok(smime(text)) },
    Kind { name: "PGP/MIME", make: |text| Ok(pgp_mime(text)) },
    Kind { name: "PGP in the text", make: |text| Ok(pgp_text(text)) },
    Kind { name: "PGP file", make: |text| file("list.csv.gpg", Ok(pgp(text))) },
];

fn file(name: &str, made: Made) -> Made {
    Ok(attached(name, "application/octet-stream", &made?))
}

/// What a cipher makes of a text: nobody can tell it from chance.
fn ciphered(text: &str, length: usize) -> Vec<u8> {
    let mut state = text
        .bytes()
        .fold(0x9e37_79b9_7f4a_7c15_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

enum Cipher {
    Old,
    Aes(AesMode),
}

fn zip(text: &str, cipher: Cipher) -> Made {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let options = match cipher {
        Cipher::Old => options.with_deprecated_encryption(PASSWORD.as_bytes())?,
        Cipher::Aes(mode) => options.with_aes_encryption(mode, PASSWORD),
    };
    zip.start_file("list.csv", options)?;
    zip.write_all(text.as_bytes())?;
    Ok(zip.finish()?.into_inner())
}

fn around(bytes: &[u8], name: &str) -> Made {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))?;
    zip.write_all(bytes)?;
    Ok(zip.finish()?.into_inner())
}

fn seven(text: &str, names: bool) -> Made {
    let mut archive = ArchiveWriter::new(Cursor::new(Vec::new()))?;
    archive.set_content_methods(vec![AesEncoderOptions::new(PASSWORD.into()).into(), EncoderMethod::LZMA2.into()]);
    archive.set_encrypt_header(names);
    archive.push_archive_entry(ArchiveEntry::new_file("list.csv"), Some(text.as_bytes()))?;
    Ok(archive.finish()?.into_inner())
}

/// How the stream EncryptionInfo begins (MS-OFFCRYPTO 2.3.4).
const AGILE: [u8; 8] = [4, 0, 4, 0, 0x40, 0, 0, 0];
const STANDARD: [u8; 8] = [4, 0, 2, 0, 0x24, 0, 0, 0];

/// A package under a password: a compound file with the encrypted package as a stream.
fn office(text: &str, head: &[u8]) -> Made {
    let mut info = head.to_vec();
    match head == AGILE {
        true => info.extend_from_slice(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><encryption \
              xmlns=\"http://schemas.microsoft.com/office/2006/encryption\"><keyData saltSize=\"16\" blockSize=\"16\" \
              keyBits=\"256\" hashSize=\"64\" cipherAlgorithm=\"AES\" cipherChaining=\"ChainingModeCBC\" \
              hashAlgorithm=\"SHA512\" saltValue=\"Zm9yIHRoZSBjb3JwdXM=\"/></encryption>",
        ),
        false => info.extend(ciphered(text, 200)),
    }
    compound(&[("/EncryptionInfo", &info), ("/EncryptedPackage", &ciphered(text, 9_000))])
}

fn compound(streams: &[(&str, &[u8])]) -> Made {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new()))?;
    for (name, bytes) in streams {
        file.create_stream(name)?.write_all(bytes)?;
    }
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

fn old_office(name: &str, bytes: &[u8]) -> Made {
    compound(&[(name, bytes), ("/\u{5}SummaryInformation", &[0; 4_200])])
}

/// BIFF8: BOF, then FILEPASS (MS-XLS 2.4.117), and behind it nothing that can be read but the kinds of records.
fn workbook(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut record = |kind: u16, body: &[u8]| {
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&(body.len() as u16).to_le_bytes());
        out.extend_from_slice(body);
    };
    record(0x0809, &[0, 6, 5, 0, 0xbb, 0x0d, 0xcc, 7, 0, 0, 0, 0, 6, 0, 0, 0]);
    let mut pass = vec![1, 0, 1, 0, 1, 0];
    pass.extend(ciphered(text, 48));
    record(0x002f, &pass);
    (0..40).for_each(|at| record(0x00fc, &ciphered(&format!("{text}{at}"), 200)));
    record(0x000a, &[]);
    out
}

/// A FIB whose flag says that the file is encrypted (MS-DOC 2.5.2, fEncrypted).
fn document(text: &str) -> Vec<u8> {
    let mut out = vec![0; 1_472];
    out[..4].copy_from_slice(&[0xec, 0xa5, 0xc1, 0]);
    out[10..12].copy_from_slice(&[0x00, 0x03]);
    out[14] = 52;
    out.extend(ciphered(text, 6_000));
    out
}

/// OpenDocument 1.2 part 3, 3.4: the parts are encrypted, the manifest says how.
fn odt(text: &str) -> Made {
    let space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0";
    let manifest = format!(
        "<manifest:manifest xmlns:manifest=\"{space}\"><manifest:file-entry manifest:full-path=\"/\" \
         manifest:media-type=\"application/vnd.oasis.opendocument.text\"/><manifest:file-entry \
         manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\" manifest:size=\"4000\">\
         <manifest:encryption-data manifest:checksum-type=\"SHA256/1K\" manifest:checksum=\"Y29ycHVz\">\
         <manifest:algorithm manifest:algorithm-name=\"http://www.w3.org/2001/04/xmlenc#aes256-cbc\" \
         manifest:initialisation-vector=\"Y29ycHVzY29ycHVzY28=\"/></manifest:encryption-data></manifest:file-entry>\
         </manifest:manifest>"
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let content = ciphered(text, 4_000);
    let kind = b"application/vnd.oasis.opendocument.text".as_slice();
    for (name, bytes) in [("mimetype", kind), ("content.xml", &content), ("META-INF/manifest.xml", manifest.as_bytes())]
    {
        zip.start_file(name, stored)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

const PDF_AES: &str =
    "/V 5/R 6/Length 256/StmF/StdCF/StrF/StdCF/CF<</StdCF<</CFM/AESV3/AuthEvent/DocOpen/Length 32>>>>";

/// The page is encrypted, and the values by which a password is tried fit none (ISO 32000-2, 7.6).
fn pdf(text: &str, how: &str) -> Vec<u8> {
    let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let long = how.starts_with("/V 5");
    let value = |name: &str| hex(ciphered(&format!("{text}{name}"), if long { 48 } else { 32 }));
    let mut encrypt = format!("<</Filter/Standard{how}/P -3904/O<{}>/U<{}>", value("O"), value("U"));
    if long {
        let key = |name: &str, length: usize| hex(ciphered(&format!("{text}{name}"), length));
        encrypt += &format!("/OE<{}>/UE<{}>/Perms<{}>", key("OE", 32), key("UE", 32), key("P", 16));
    }
    let id = hex(ciphered("id", 16));
    objects(&stream(&ciphered(text, 640), ""), &format!("/Encrypt {encrypt}>>/ID[<{id}><{id}>]"))
}

/// DER: a value with its length.
fn der(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag, 0x82];
    out.extend_from_slice(&(body.len() as u16).to_be_bytes());
    out.extend_from_slice(body);
    out
}

/// EnvelopedData of CMS (RFC 5652 6.1) for one recipient.
fn smime(text: &str) -> Vec<u8> {
    let oid = |last: &[u8]| [&[6, last.len() as u8], last].concat();
    let data = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]);
    let aes = der(0x30, &[oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 42]), der(4, &ciphered(text, 16))].concat());
    let rsa = der(0x30, &[oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), vec![5, 0]].concat());
    let key_id = der(0x80, &ciphered("key", 20));
    let recipient = der(0x30, &[vec![2, 1, 2], key_id, rsa, der(4, &ciphered(text, 256))].concat());
    let content = der(0x30, &[data, aes, der(0x80, &ciphered(text, 4_000))].concat());
    let enveloped = der(0x30, &[vec![2, 1, 2], der(0x31, &recipient), content].concat());
    let whole = der(0x30, &[oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3]), der(0xa0, &enveloped)].concat());
    mail(
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7m\"\r\n",
        &base64_lines(&whole),
    )
}

fn mail(header: &str, body: &str) -> Vec<u8> {
    let head =
        "From: <sato@aozora.example>\r\nTo: <tanaka@hokuto.co.jp.example>\r\nSubject: secret\r\nMIME-Version: 1.0\r\n";
    format!("{head}{header}\r\n{body}").into_bytes()
}

/// A session key for a public key, and data under it (RFC 9580 5.1, 5.13).
fn pgp(text: &str) -> Vec<u8> {
    let packet = |tag: u8, body: Vec<u8>| {
        let mut out = vec![0xc0 | tag, 0xff];
        out.extend_from_slice(&(body.len() as u32).to_be_bytes());
        out.extend(body);
        out
    };
    let mut key = vec![3];
    key.extend(ciphered("key id", 8));
    key.extend([1, 8, 0]);
    key.extend(ciphered(text, 256));
    let mut data = vec![1];
    data.extend(ciphered(text, 3_000));
    [packet(1, key), packet(18, data)].concat()
}

fn armoured(text: &str) -> String {
    format!("-----BEGIN PGP MESSAGE-----\r\n\r\n{}=njUN\r\n-----END PGP MESSAGE-----\r\n", base64_lines(&pgp(text)))
}

fn pgp_mime(text: &str) -> Vec<u8> {
    mail(
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n",
        &format!(
            "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\n\
             Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\r\n{}--b--\r\n",
            armoured(text)
        ),
    )
}

fn pgp_text(text: &str) -> Vec<u8> {
    mail("Content-Type: text/plain; charset=us-ascii\r\n", &format!("see below\r\n\r\n{}", armoured(text)))
}
