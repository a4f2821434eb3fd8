//! A client's picture of its mailbox, made from nothing but what it is told: it must always be what is there.

use std::collections::{BTreeMap, BTreeSet};

/// A message as the client knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    pub uid: Option<u32>,
    pub flags: Option<BTreeSet<String>>,
}

/// The picture.
#[derive(Debug, Default)]
pub struct Mirror {
    /// Messages by number.
    pub view: Vec<Known>,
    /// Up to here everything is known.
    pub modseq: u64,
    /// The greatest MODSEQ told.
    pub greatest: u64,
    pub uid_validity: u32,
}

/// The words of a flag list without `\Recent`, which each session has for itself.
fn flags(list: &str) -> BTreeSet<String> {
    list.split_ascii_whitespace().filter(|word| *word != "\\Recent").map(str::to_lowercase).collect()
}

/// What stands between `from` and `to` in `text`.
fn between<'a>(text: &'a str, from: &str, to: char) -> Option<&'a str> {
    text.split_once(from)?.1.split(to).next()
}

/// The numbers of a set such as `1:3,7`.
fn numbers(set: &str) -> Vec<u32> {
    let range = |range: &str| {
        let (first, last) = range.split_once(':').unwrap_or((range, range));
        first.parse::<u32>().unwrap()..=last.parse().unwrap()
    };
    set.split(',').flat_map(range).collect()
}

impl Mirror {
    /// Takes in what a command was answered.
    pub fn take(&mut self, answer: &[String]) {
        for line in answer {
            self.line(line);
        }
    }

    /// All that happened before has been told: up to here everything is known, if no message came of which only the
    /// number is.
    pub fn is_whole(&mut self) {
        if self.unknown().is_none() {
            self.modseq = self.modseq.max(self.greatest);
        }
    }

    fn line(&mut self, line: &str) {
        for (code, place) in [("[HIGHESTMODSEQ ", 0), ("[UIDVALIDITY ", 1)] {
            if let Some(number) = between(line, code, ']') {
                match place {
                    0 => self.greatest = self.greatest.max(number.parse().unwrap()),
                    _ => self.uid_validity = number.parse().unwrap(),
                }
            }
        }
        let Some(line) = line.strip_prefix("* ") else { return };
        if let Some(set) = line.strip_prefix("VANISHED ") {
            return self.vanished(set.strip_prefix("(EARLIER) ").unwrap_or(set), set.starts_with('('));
        }
        let Some((number, rest)) = line.split_once(' ') else { return };
        let Ok(number) = number.parse::<usize>() else { return };
        match rest.split(' ').next().unwrap() {
            "EXISTS" => {
                assert!(number >= self.view.len(), "{line} when there are {}", self.view.len());
                self.view.resize(number, Known::default());
            }
            "EXPUNGE" => drop(self.view.remove(number - 1)),
            "FETCH" => self.fetched(number, rest),
            _ => {}
        }
    }

    fn vanished(&mut self, set: &str, earlier: bool) {
        for uid in numbers(set) {
            let place = self.view.iter().position(|known| known.uid == Some(uid));
            let place = place.or_else(|| self.not_asked_for(uid).filter(|_| !earlier));
            match place {
                Some(place) => drop(self.view.remove(place)),
                None => assert!(earlier, "{uid} vanished and was not there: {:?}", self.view),
            }
        }
    }

    /// The place of a message whose UID was not asked for yet and may be this one: UIDs ascend.
    fn not_asked_for(&self, uid: u32) -> Option<usize> {
        let is = |known: &Known, wanted: fn(&u32, &u32) -> bool| known.uid.is_some_and(|known| wanted(&known, &uid));
        let from = self.view.iter().rposition(|known| is(known, u32::lt)).map_or(0, |place| place + 1);
        let to = self.view.iter().position(|known| is(known, u32::gt)).unwrap_or(self.view.len());
        (from..to).find(|place| self.view[*place].uid.is_none())
    }

    fn fetched(&mut self, number: usize, rest: &str) {
        let known = self.view.get_mut(number - 1).unwrap_or_else(|| panic!("there is no message {number}: {rest}"));
        if let Some(uid) = between(rest, "UID ", ' ') {
            let uid = uid.trim_end_matches(')').parse().unwrap();
            assert!(known.uid.is_none_or(|known| known == uid), "message {number} is {known:?}, not {rest}");
            known.uid = Some(uid);
        }
        if let Some(list) = between(rest, "FLAGS (", ')') {
            known.flags = Some(flags(list));
        }
        if let Some(modseq) = between(rest, "MODSEQ (", ')') {
            self.greatest = self.greatest.max(modseq.parse().unwrap());
        }
    }

    /// Keeps what comes before the first message whose UID is not known.
    pub fn forget_from_first_without_uid(&mut self) {
        let first = self.view.iter().position(|known| known.uid.is_none());
        self.view.truncate(first.unwrap_or(self.view.len()));
    }

    /// Takes in the answer to a SELECT that said what is known: the client then knows everything, or when it named what
    /// it knows, all but what came behind that.
    pub fn resync(&mut self, answer: &[String], named: bool) {
        let mut known: BTreeMap<u32, Option<BTreeSet<String>>> = BTreeMap::new();
        known.extend(self.view.iter().filter_map(|message| Some((message.uid?, message.flags.clone()))));
        let mut exists = 0;
        for line in answer {
            if let Some(set) = line.strip_prefix("* VANISHED (EARLIER) ") {
                for uid in numbers(set) {
                    known.remove(&uid);
                }
            } else if let (Some(uid), Some(list)) = (between(line, "UID ", ' '), between(line, "FLAGS (", ')')) {
                known.insert(uid.parse().unwrap(), Some(flags(list)));
            } else if let Some(count) = line.strip_prefix("* ").and_then(|line| line.strip_suffix(" EXISTS")) {
                exists = count.parse().unwrap();
            } else if let Some(modseq) = between(line, "[HIGHESTMODSEQ ", ']') {
                self.greatest = modseq.parse().unwrap();
            }
        }
        assert!(known.len() == exists || (named && known.len() < exists), "{known:?}: {answer:?}");
        self.view = known.into_iter().map(|(uid, flags)| Known { uid: Some(uid), flags }).collect();
        self.view.resize(exists, Known::default());
        self.is_whole();
    }

    /// The change of a silent STORE, which the client makes for itself.
    pub fn change(&mut self, place: usize, add: bool, flag: &str) {
        if let Some(flags) = self.view.get_mut(place).and_then(|known| known.flags.as_mut()) {
            flags.remove(&flag.to_lowercase());
            flags.extend(add.then(|| flag.to_lowercase()));
        }
    }

    /// Whether all is known that `uid` and flags of.
    pub fn unknown(&self) -> Option<usize> {
        self.view.iter().position(|known| known.uid.is_none() || known.flags.is_none())
    }
}
