//! What is not stopped: 200 outgoing mails of an ordinary month, judged by the rules of the demo's company. Slips, order
//! numbers and dates look like My Numbers, and one in ten passes the check digit; twelve mails really hold one.

use std::fmt::Write as _;

use inspect::detect::is_my_number;
use inspect::review::Verdict;
use outbound::Question;
use store::Origin;
use types::{Address, TenantId, UserId};

use super::super::rooms::Rooms;

/// Numbers that are published for tests, or follow from 2,345,678,901 and the like (mynumber.md 1.1).
const NUMBERS: [&str; 6] =
    ["123456789018", "983205673214", "465281266333", "548836529885", "023456789013", "000111111111"];

/// What a sample mail holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A My Number.
    MyNumber,
    /// A parcel slip.
    Slip,
    /// An order or invoice number that begins with a date.
    Order,
    /// A corporate number, a phone number, a card's mask.
    Other,
    /// No long number at all.
    Plain,
}

impl Kind {
    /// Its name in Japanese and English.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::MyNumber => ("マイナンバー", "My Number"),
            Self::Slip => ("送り状番号", "parcel slip"),
            Self::Order => ("注文・請求番号", "order or invoice number"),
            Self::Other => ("法人番号・電話番号", "corporate or phone number"),
            Self::Plain => ("番号なし", "no number"),
        }
    }
}

/// A sample mail.
pub struct Sample {
    pub kind: Kind,
    pub subject: String,
    text: String,
    csv: Option<String>,
}

/// A sample and what the rules say about it.
pub struct Tried {
    pub kind: Kind,
    pub subject: String,
    pub stopped: bool,
    /// Where and why, or why not.
    pub reason: String,
    /// Strings of twelve digits in it.
    pub twelve: usize,
    /// How many of them pass the check digit.
    pub pass: usize,
}

/// The 200 samples; the same in each run.
pub fn samples() -> Vec<Sample> {
    let mut all: Vec<Sample> = (0..12).map(with_my_number).collect();
    all.extend(slips(50).into_iter().map(|slip| {
        let slip = format!("{}-{}-{}", &slip[..4], &slip[4..8], &slip[8..]);
        let text =
            format!("本日発送いたしました。\r\n送り状番号:{slip}\r\nお問い合わせは運送会社へお願いいたします。\r\n");
        Sample { kind: Kind::Slip, subject: "送り状番号のご連絡".into(), text, csv: None }
    }));
    all.extend((1..=60).map(|n| {
        let order = format!("202611{:02}{:04}", n % 28 + 1, n * 7);
        let text = format!("ご注文ありがとうございます。\r\n注文番号:{order}\r\n納期は来週の予定です。\r\n");
        Sample { kind: Kind::Order, subject: format!("ご注文の確認({n})"), text, csv: None }
    }));
    all.extend((1..=30).map(|n| {
        let text =
            format!("請求書をお送りします。\r\n登録番号 T7123456789012\r\nTEL 03-1234-{n:04} FAX 03-1234-9{n:03}\r\n");
        Sample { kind: Kind::Other, subject: "ご請求書の送付".into(), text, csv: None }
    }));
    all.extend((1..=48).map(|n| {
        let text = format!("お世話になっております。\r\n{n}日の打ち合わせは14時から、本社3階です。\r\n");
        Sample { kind: Kind::Plain, subject: "打ち合わせの件".into(), text, csv: None }
    }));
    all
}

fn with_my_number(n: usize) -> Sample {
    let number = NUMBERS[n % NUMBERS.len()];
    let grouped = format!("{} {} {}", &number[..4], &number[4..8], &number[8..]);
    let (subject, text, csv) = match n % 4 {
        0 => ("年末調整の件", format!("扶養控除等申告書の控えです。\r\n個人番号:{grouped}\r\n"), None),
        1 => ("名簿の送付", "名簿を添付します。\r\n".into(), Some(format!("氏名,個人番号\r\n青葉 花子,{number}\r\n"))),
        2 => ("Re: 手続きについて", format!("マイナンバーは {number} です。よろしくお願いします。\r\n"), None),
        _ => (
            "入社手続き",
            "書類をお送りします。\r\n".into(),
            Some(format!("社員番号,氏名,マイナンバー\r\n17,青葉 太郎,{grouped}\r\n")),
        ),
    };
    Sample { kind: Kind::MyNumber, subject: subject.into(), text, csv }
}

/// Slips of twelve digits whose last is the first eleven modulo 7; every tenth also passes as a My Number.
fn slips(count: usize) -> Vec<String> {
    let all = (40_123_456_789_u64..).step_by(97).map(|eleven| format!("{eleven}{}", eleven % 7));
    let (mut made, mut passing) = (Vec::new(), 0);
    for slip in all {
        let passes = checked(&slip);
        if made.len() - passing < count - count / 10 && !passes || passing < count / 10 && passes {
            passing += usize::from(passes);
            made.push(slip);
        }
        if made.len() == count {
            break;
        }
    }
    made
}

fn checked(digits: &str) -> bool {
    let digits: Vec<u8> = digits.bytes().map(|byte| byte.wrapping_sub(b'0')).collect();
    <[u8; 12]>::try_from(digits).is_ok_and(|digits| is_my_number(&digits))
}

impl Sample {
    /// The mail as 佐藤 would send it.
    fn bytes(&self) -> Vec<u8> {
        let mut out = String::from("From: sato@aoba.example\r\nTo: yamada@yamada.example\r\nMIME-Version: 1.0\r\n");
        // Writing to a String cannot fail.
        let _ = write!(out, "Subject: {}\r\n", self.subject);
        let part = "Content-Type: text/plain; charset=utf-8\r\n\r\n";
        let _ = match &self.csv {
            None => write!(out, "{part}{}", self.text),
            Some(csv) => write!(
                out,
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{part}{}\r\n--b\r\nContent-Type: text/csv; \
                 charset=utf-8\r\nContent-Disposition: attachment; filename=meibo.csv\r\n\r\n{csv}\r\n--b--\r\n",
                self.text
            ),
        };
        out.into_bytes()
    }

    /// Strings of twelve digits, grouped by fours or not at all, and how many pass the check digit.
    fn twelve_digits(&self) -> (usize, usize) {
        let text = format!("{} {}", self.text, self.csv.as_deref().unwrap_or_default());
        let joined: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        let runs = joined.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 12);
        runs.fold((0, 0), |(all, pass), run| (all + 1, pass + usize::from(checked(run))))
    }
}

/// Judges all samples as mail by `author` to the outside.
pub async fn judge(rooms: &Rooms, tenant: TenantId, author: UserId, english: bool) -> Vec<Tried> {
    let mut all = Vec::new();
    for sample in samples() {
        let at = rooms.clock.now();
        let from = Address::parse("sato@aoba.example").ok();
        let to = Address::parse("yamada@yamada.example").into_iter().collect();
        let (author, origin) = (Some(author), Origin::Author);
        let question = Question { tenant, author, origin, from, to, at, safeguard: None };
        let preview = rooms.outbound.preview(&question, sample.bytes()).await;
        let (twelve, pass) = sample.twelve_digits();
        let stopped = preview.verdict() >= Verdict::Hold;
        let place = preview.sightings.first().map(|one| if english { &one.place.en } else { &one.place.ja });
        let reason = match (stopped, place) {
            (true, Some(place)) => place.clone(),
            _ => passed(sample.kind, pass, english).to_owned(),
        };
        all.push(Tried { kind: sample.kind, subject: sample.subject, stopped, reason, twelve, pass });
    }
    all
}

/// Why a mail was not stopped.
fn passed(kind: Kind, pass: usize, english: bool) -> &'static str {
    let (ja, en) = match (kind, pass) {
        (Kind::Slip, 1..) => (
            "検査用数字は一致しますが、「送り状番号」の語があるため止めていません",
            "passes the check digit, but is named a parcel slip",
        ),
        (Kind::Order, 1..) => (
            "検査用数字は一致しますが、「注文番号」の語と日付の形から止めていません",
            "passes the check digit, but is named an order number and begins with a date",
        ),
        (Kind::Slip | Kind::Order, 0) => ("検査用数字が一致しません", "fails the check digit"),
        (Kind::Other, _) => ("桁数と書き方から法人番号・電話番号と判断しました", "read as a corporate or phone number"),
        _ => ("番号はありません", "no number"),
    };
    if english { en } else { ja }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_two_hundred_of_which_twelve_hold_a_number_and_five_slips_pass_the_check() {
        let all = samples();
        let of = |kind| all.iter().filter(|sample| sample.kind == kind).collect::<Vec<_>>();
        assert_eq!((all.len(), of(Kind::MyNumber).len(), of(Kind::Slip).len()), (200, 12, 50));
        assert_eq!(of(Kind::Slip).iter().map(|sample| sample.twelve_digits().1).sum::<usize>(), 5);
        assert!(of(Kind::MyNumber).iter().all(|sample| sample.twelve_digits() == (1, 1)));
        assert!(of(Kind::Order).iter().all(|sample| sample.twelve_digits().0 == 1));
    }
}
