//! What people type into the search box: words, operators in English or Japanese, `-`, quotes and OR. Nothing is
//! ignored: what is not understood is told.

use index::Ask;
use types::Timestamp;

/// One condition.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Term {
    /// A text.
    Text(Place, String),
    /// The name of an attached file.
    File(String),
    /// A folder, by the name that people see.
    Folder(String),
    /// Something is attached.
    Attachment,
    /// Size in bytes, at least.
    Larger(u64),
    /// Size in bytes, at most.
    Smaller(u64),
    /// It came at this moment or later.
    From(Timestamp),
    /// It came before.
    Before(Timestamp),
    /// Both, as one condition.
    Within(Timestamp, Timestamp),
    Unread,
    Starred,
    External,
}

/// Where a text is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Anywhere,
    From,
    To,
    Cc,
    Subject,
    Body,
}

/// One of these, or none of them.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub any: Vec<Term>,
    pub not: bool,
    /// As it was typed, for the chips.
    pub typed: Vec<(Kind, String)>,
}

/// What a chip says before its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    From,
    To,
    Cc,
    Subject,
    Body,
    Folder,
    File,
    Attachment,
    Larger,
    Smaller,
    Period,
    Before,
    After,
    Unread,
    Starred,
    External,
}

/// What was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remark {
    /// There is no such operator; its text was searched for.
    Unknown(String),
    /// The operator's value is none.
    Wrong(String),
}

/// A search.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Query {
    pub clauses: Vec<Clause>,
    pub remarks: Vec<Remark>,
}

/// Most conditions of a search.
const MOST: usize = 30;

impl Query {
    /// Reads what was typed at `now`.
    pub(super) fn parse(typed: &str, now: Timestamp) -> Self {
        let mut query = Self::default();
        let mut or = false;
        for piece in pieces(typed).into_iter().take(MOST) {
            if piece.text == "OR" && !piece.quoted {
                or = !query.clauses.is_empty();
                continue;
            }
            let Some((kind, term, shown)) = query.term(&piece, now) else { continue };
            match query.clauses.last_mut().filter(|last| or && !last.not && !piece.not) {
                Some(last) => {
                    last.any.push(term);
                    last.typed.push((kind, shown));
                }
                None => query.clauses.push(Clause { any: vec![term], not: piece.not, typed: vec![(kind, shown)] }),
            }
            or = false;
        }
        query
    }

    fn term(&mut self, piece: &Piece, now: Timestamp) -> Option<(Kind, Term, String)> {
        let text = |kind, place, text: &str| Some((kind, Term::Text(place, text.to_owned()), text.to_owned()));
        let Some((name, value)) = piece.operator() else {
            return text(Kind::Word, Place::Anywhere, &piece.text).filter(|_| !piece.text.is_empty());
        };
        let found = match name.to_lowercase().as_str() {
            "from" | "差出人" => text(Kind::From, Place::From, value),
            "to" | "宛先" => text(Kind::To, Place::To, value),
            "cc" => text(Kind::Cc, Place::Cc, value),
            "subject" | "件名" => text(Kind::Subject, Place::Subject, value),
            "body" | "本文" => text(Kind::Body, Place::Body, value),
            "in" | "フォルダー" | "フォルダ" => Some((Kind::Folder, Term::Folder(value.into()), value.into())),
            "filename" | "ファイル名" => Some((Kind::File, Term::File(value.into()), value.into())),
            "has" | "添付" | "is" | "label" => state(value),
            "larger" => size(value).map(|size| (Kind::Larger, Term::Larger(size), value.into())),
            "smaller" => size(value).map(|size| (Kind::Smaller, Term::Smaller(size), value.into())),
            "期間" | "period" => {
                web::period(value, now).map(|span| (Kind::Period, Term::Within(span.start, span.end), value.into()))
            }
            "before" => web::period(value, now).map(|span| (Kind::Before, Term::Before(span.start), value.into())),
            "after" => web::period(value, now).map(|span| (Kind::After, Term::From(span.start), value.into())),
            "older" => age(value, now).map(|at| (Kind::Before, Term::Before(at), value.into())),
            _ => {
                self.remarks.push(Remark::Unknown(name.to_owned()));
                return text(Kind::Word, Place::Anywhere, &piece.text);
            }
        };
        let found = found.filter(|_| !value.is_empty());
        if found.is_none() {
            self.remarks.push(Remark::Wrong(piece.text.clone()));
        }
        found
    }

    /// What the index is asked, in the order of [`Term::asks`] over all conditions.
    pub(super) fn asks(&self) -> Vec<Ask> {
        self.clauses.iter().flat_map(|clause| &clause.any).filter_map(Term::ask).collect()
    }
    /// Words to be marked where they are shown.
    pub(super) fn needles(&self) -> Vec<String> {
        let wanted = self.clauses.iter().filter(|clause| !clause.not).flat_map(|clause| &clause.any);
        wanted
            .filter_map(|term| match term {
                Term::Text(_, text) => Some(text.clone()),
                _ => None,
            })
            .collect()
    }
    /// The folders that it is confined to.
    pub(super) fn folders(&self) -> Vec<&str> {
        let wanted = self.clauses.iter().filter(|clause| !clause.not).flat_map(|clause| &clause.any);
        wanted
            .filter_map(|term| match term {
                Term::Folder(name) => Some(name.as_str()),
                _ => None,
            })
            .collect()
    }
}

impl Term {
    /// The question that it is to the index.
    pub(super) fn ask(&self) -> Option<Ask> {
        let Self::Text(place, text) = self else { return None };
        Some(match place {
            Place::Anywhere => Ask::text(text),
            Place::From => Ask::header("From", text),
            Place::To => Ask::header("To", text),
            Place::Cc => Ask::header("Cc", text),
            Place::Subject => Ask::header("Subject", text),
            Place::Body => Ask::body(text),
        })
    }
}

fn state(value: &str) -> Option<(Kind, Term, String)> {
    let (kind, term) = match value.to_lowercase().as_str() {
        "attachment" | "attachments" | "あり" | "添付" => (Kind::Attachment, Term::Attachment),
        "unread" | "未読" => (Kind::Unread, Term::Unread),
        "starred" | "スター付き" => (Kind::Starred, Term::Starred),
        "external" | "社外" => (Kind::External, Term::External),
        _ => return None,
    };
    Some((kind, term, String::new()))
}

/// `5M`, `100K`, `2000`.
fn size(value: &str) -> Option<u64> {
    let upper = value.to_ascii_uppercase();
    let upper = upper.trim_end_matches('B');
    let (digits, unit) = match upper.strip_suffix(['K', 'M', 'G']) {
        Some(digits) => (digits, upper.chars().last()),
        None => (upper, None),
    };
    let shift = match unit {
        Some('K') => 10,
        Some('M') => 20,
        Some(_) => 30,
        None => 0,
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// `30d`, `2w`, `6m`, `1y` before `now`.
fn age(value: &str, now: Timestamp) -> Option<Timestamp> {
    let unit = value.chars().last()?;
    let days = match unit {
        'd' | '日' => 1,
        'w' | '週' => 7,
        'm' | '月' => 30,
        'y' | '年' => 365,
        _ => return None,
    };
    let count: i64 = value.strip_suffix(unit)?.parse().ok()?;
    Some(Timestamp(now.0.checked_sub(count.checked_mul(days * 86_400_000)?)?))
}

/// A word or quoted phrase, perhaps with an operator before it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Piece {
    text: String,
    not: bool,
    /// All of it stood in quotes.
    quoted: bool,
    /// Where the operator ends, if one stands before a quote or a value.
    colon: Option<usize>,
}

impl Piece {
    /// Name and value; an address such as `https://…` or a time such as 10:30 has no operator.
    fn operator(&self) -> Option<(&str, &str)> {
        let (name, rest) = self.text.split_at_checked(self.colon?)?;
        let value = rest.strip_prefix([':', '：'])?;
        let word = name.chars().all(char::is_alphabetic) && !name.is_empty();
        (word && !value.starts_with("//")).then_some((name, value))
    }
}

fn pieces(typed: &str) -> Vec<Piece> {
    let (mut out, mut piece, mut quoting) = (Vec::new(), Piece::default(), false);
    let mut begun = false;
    for c in typed.chars().chain([' ']) {
        match c {
            '"' | '“' | '”' => {
                piece.quoted |= !begun;
                begun = true;
                quoting = !quoting;
            }
            c if c.is_whitespace() && !quoting => {
                if begun && !piece.text.is_empty() {
                    out.push(std::mem::take(&mut piece));
                }
                (piece, begun) = (Piece::default(), false);
            }
            '-' if !begun && !piece.not => piece.not = true,
            c => {
                if matches!(c, ':' | '：') && !quoting && piece.colon.is_none() {
                    piece.colon = Some(piece.text.len());
                }
                piece.text.push(c);
                begun = true;
            }
        }
    }
    if begun && !piece.text.is_empty() {
        out.push(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_651_200_000);

    fn told(typed: &str) -> String {
        let query = Query::parse(typed, NOW);
        let clause = |clause: &Clause| {
            let terms: Vec<String> = clause.typed.iter().map(|(kind, value)| format!("{kind:?}({value})")).collect();
            format!("{}{}", if clause.not { "-" } else { "" }, terms.join("|"))
        };
        query.clauses.iter().map(clause).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn operators_are_known_in_both_languages() {
        for (typed, want) in [
            ("見積り 請求", "Word(見積り) Word(請求)"),
            ("from:佐藤 添付:あり", "From(佐藤) Attachment()"),
            ("差出人:佐藤　件名:\"月次 報告\"", "From(佐藤) Subject(月次 報告)"),
            ("-迷惑 \"二つ の言葉\"", "-Word(迷惑) Word(二つ の言葉)"),
            ("a OR b c", "Word(a)|Word(b) Word(c)"),
            ("期間:先月 larger:5M is:unread", "Period(先月) Larger(5M) Unread()"),
            ("https://example.jp/ 10:30", "Word(https://example.jp/) Word(10:30)"),
            ("in:受信トレイ filename:見積.xlsx", "Folder(受信トレイ) File(見積.xlsx)"),
            ("\"OR\" - \"\"", "Word(OR)"),
            ("件名：全角", "Subject(全角)"),
        ] {
            assert_eq!(told(typed), want, "{typed}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told() {
        let query = Query::parse("foo:bar larger:huge 期間:そのうち from:", NOW);
        let wrong = |text: &str| Remark::Wrong(text.into());
        assert_eq!(
            query.remarks,
            [Remark::Unknown("foo".into()), wrong("larger:huge"), wrong("期間:そのうち"), wrong("from:")]
        );
        assert_eq!(query.clauses.len(), 1, "foo:bar is searched for as it is");
    }

    #[test]
    fn sizes_and_ages_have_units() {
        assert_eq!((size("5M"), size("100kb"), size("7"), size("x")), (Some(5 << 20), Some(100 << 10), Some(7), None));
        assert_eq!(age("2w", NOW), Some(Timestamp(NOW.0 - 14 * 86_400_000)));
        assert_eq!(age("soon", NOW), None);
    }
}
