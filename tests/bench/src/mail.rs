//! Mails as they are written in a Japanese office, the same for the same number.

const SENTENCES: [&str; 8] = [
    "いつも大変お世話になっております。",
    "先日ご依頼いただきました見積書の件でご連絡いたします。",
    "来週の定例会議は第二会議室で行います。",
    "ご不明な点がございましたら、担当までお問い合わせください。",
    "添付の資料をご確認のうえ、ご返信をお願いいたします。",
    "納期につきましては、工場と調整しております。",
    "The attached schedule has been agreed with the supplier.",
    "以上、よろしくお願いいたします。",
];
/// The letters of RFC 4648, 4.
pub const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Above this size the rest of the mail is an attachment.
const TEXT_ONLY: usize = 8 * 1024;
const TEXT_BEFORE_ATTACHMENT: usize = 2 * 1024;

/// xorshift64*: enough that no two mails are alike.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }
}

/// A whole mail of about `size` bytes with CRLF line ends, no line of which begins with a dot.
pub fn make(number: usize, sender: &str, recipient: usize, size: usize) -> Vec<u8> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ ((number as u64 + 1) << 8));
    let unique = dice.roll();
    let mut mail = format!(
        "From: <{sender}>\r\nTo: <u{recipient}@bench.test>\r\nDate: Tue, 24 Nov 2026 17:00:00 +0900\r\n\
         Message-ID: <{number}.{unique}@bench.test>\r\nSubject: =?UTF-8?B?6KaL56mN5pu444Gu5Lu2?= {number}\r\n\
         MIME-Version: 1.0\r\n"
    );
    if size <= TEXT_ONLY {
        mail.push_str("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        sentences(&mut mail, &mut dice, size);
        return mail.into_bytes();
    }
    mail.push_str("Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n--part\r\n");
    mail.push_str("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
    let text_end = mail.len() + TEXT_BEFORE_ATTACHMENT;
    sentences(&mut mail, &mut dice, text_end);
    mail.push_str("--part\r\nContent-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Transfer-Encoding: base64\r\n");
    mail.push_str("Content-Disposition: attachment; filename=\"photo.jpg\"\r\n\r\n/9j/");
    while mail.len() + "\r\n--part--\r\n".len() < size {
        for _ in 0..18 {
            quartet(&mut mail, dice.roll());
        }
        mail.push_str("\r\n");
    }
    mail.push_str("--part--\r\n");
    mail.into_bytes()
}

/// A whole mail of text, of exactly `size` bytes.
pub fn exactly(number: usize, size: usize) -> Vec<u8> {
    let mut mail = make(number, "sender@client.test", 0, size.min(TEXT_ONLY));
    mail.truncate(size.saturating_sub(2));
    // a letter that is cut in two goes
    while std::str::from_utf8(&mail).is_err() {
        mail.pop();
    }
    mail.resize(size.saturating_sub(2), b'x');
    mail.extend_from_slice(b"\r\n");
    mail
}

/// 見積りの件 is the first.
const SUBJECTS: [&str; 6] = [
    "6KaL56mN44KK44Gu5Lu2",
    "5omT44Gh5ZCI44KP44Gb5pel56iL44Gu44GU55u46KuH",
    "6KuL5rGC5pu46YCB5LuY44Gu44GU5qGI5YaF",
    "6K2w5LqL6Yyy6YCB5LuY",
    "44K144Oz44OX44Or6YCB5LuY44Gu5Lu2",
    "5Lya6K2w5a6k5LqI57SE44Gu5aSJ5pu0",
];

/// A letter of a mailbox: 40 authors, six subjects, a third of them in threads, sizes from 2 to 20 KB, every fourth with
/// an attachment; the word `hyoujun-kaisen` in one of a hundred.
pub fn letter(number: usize) -> Vec<u8> {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D ^ ((number as u64 + 1) << 8));
    let size = 2_000 + (dice.roll() % 9_000) as usize * usize::from(!number.is_multiple_of(4)) * 2;
    let body =
        make(number, "sender@client.test", 0, size.max(2_000) + TEXT_ONLY * usize::from(number.is_multiple_of(4)));
    let start = body.windows(15).position(|window| window == b"MIME-Version: 1").unwrap_or(0);
    let (author, subject) = (dice.roll() % 40, SUBJECTS.get((dice.roll() % 6) as usize).copied().unwrap_or_default());
    let answers = if number % 3 == 2 {
        let first = number - 2;
        format!(
            "In-Reply-To: <{}@bench.test>\r\nReferences: <{first}@bench.test> <{}@bench.test>\r\n",
            number - 1,
            number - 1
        )
    } else {
        String::new()
    };
    let mut mail = format!(
        "Received: from client.test by mail.bench.test; Tue, 24 Nov 2026 17:00:00 +0900\r\nFrom: \"Sender {author}\" \
         <user{author:03}@client.test>\r\nTo: <u0@bench.test>, <u1@bench.test>\r\nCc: <u2@bench.test>\r\nDate: {}\r\n\
         Message-ID: <{number}@bench.test>\r\n{answers}Subject: =?UTF-8?B?{subject}?= {}\r\n",
        date(number),
        number % 1_000,
    )
    .into_bytes();
    mail.extend_from_slice(body.get(start..).unwrap_or_default());
    if number % 100 == 7 {
        mail.extend_from_slice(b"hyoujun-kaisen\r\n");
    }
    mail
}

fn date(number: usize) -> String {
    let (day, minute) = (number / 1_440 % 28 + 1, number % 1_440);
    format!("{day} Oct 2026 {:02}:{:02}:00 +0900", minute / 60, minute % 60)
}

fn sentences(mail: &mut String, dice: &mut Dice, end: usize) {
    while mail.len() < end {
        let roll = dice.roll();
        let sentence = SENTENCES.iter().cycle().nth((roll % 8) as usize).copied().unwrap_or_default();
        mail.push_str(&format!("{sentence} ({})\r\n", roll >> 40));
    }
}

fn quartet(mail: &mut String, roll: u64) {
    for shift in [0, 6, 12, 18] {
        let letter = BASE64.get((roll >> shift & 63) as usize).copied().unwrap_or(b'A');
        mail.push(char::from(letter));
    }
}
