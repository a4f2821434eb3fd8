//! Rights on a mailbox (RFC 4314 section 2.1), and what of a message's flags they let somebody change.

use types::{Flags, SystemFlags};

/// The letters in the order in which they are told; a right's bit is its place here.
const LETTERS: &str = "lrswipkxtea";

/// A set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u16);

impl Rights {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// `l`: it is seen in lists, and may be subscribed. Who lacks it is told that there is no such mailbox.
    pub const LOOKUP: Self = Self(1);
    /// `r`: it is opened, read and searched.
    pub const READ: Self = Self(1 << 1);
    /// `s`: one's own `\Seen` is kept.
    pub const SEEN: Self = Self(1 << 2);
    /// `w`: flags other than `\Seen` and `\Deleted` are changed.
    pub const FLAG: Self = Self(1 << 3);
    /// `i`: messages are put in.
    pub const INSERT: Self = Self(1 << 4);
    /// `p`: mail may be sent to it. Kept; nothing asks for it.
    pub const POST: Self = Self(1 << 5);
    /// `k`: mailboxes are made below it.
    pub const CREATE: Self = Self(1 << 6);
    /// `x`: it is deleted or renamed.
    pub const DELETE: Self = Self(1 << 7);
    /// `t`: `\Deleted` is set and taken away.
    pub const MARK_DELETED: Self = Self(1 << 8);
    /// `e`: messages are expunged.
    pub const EXPUNGE: Self = Self(1 << 9);
    /// `a`: the rights of others are seen and changed.
    pub const ADMINISTER: Self = Self(1 << 10);
    /// All of them: the owner's.
    pub const ALL: Self = Self((1 << 11) - 1);

    /// Reads letters in any order; `c` and `d` of RFC 2086 stand for `kx` and `te` (RFC 4314 2.1.1). `None`: one is unknown.
    #[must_use]
    pub fn parse(letters: &str) -> Option<Self> {
        letters.chars().try_fold(Self::NONE, |all, letter| {
            Some(all.union(match letter {
                'c' => Self::CREATE.union(Self::DELETE),
                'd' => Self::MARK_DELETED.union(Self::EXPUNGE),
                letter => Self(1 << LETTERS.find(letter)?),
            }))
        })
    }
    /// From its number in a database.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self(u16::try_from(bits).unwrap_or(0) & Self::ALL.0)
    }
    /// Its number in a database.
    #[must_use]
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }
    /// These and those.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// These without those.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    /// Those that are among these and those.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// Whether all of `other` are among these.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// Whether any of `other` is among these.
    #[must_use]
    pub const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
    /// The letters, each alone.
    pub fn letters(self) -> impl Iterator<Item = char> {
        LETTERS.chars().enumerate().filter(move |(place, _)| self.0 & 1 << place != 0).map(|(_, letter)| letter)
    }

    /// The flags that come out when somebody with these rights wants to turn `before` into `after`: what he may not change stays.
    #[must_use]
    pub fn changed(self, before: &Flags, after: &Flags) -> Flags {
        let mut mine = SystemFlags::default();
        for (flag, _) in SystemFlags::ALL {
            if self.has(Self::needed(flag)) {
                mine = mine.union(flag);
            }
        }
        let system = SystemFlags(before.system.without(mine).0 | (after.system.0 & mine.0));
        let keywords = if self.has(Self::FLAG) { &after.keywords } else { &before.keywords };
        Flags { system, keywords: keywords.clone() }
    }
    /// Whether any of `flags` may be changed with these rights.
    #[must_use]
    pub fn may_change_any(self, flags: &Flags) -> bool {
        let system =
            SystemFlags::ALL.iter().any(|(flag, _)| flags.system.contains(*flag) && self.has(Self::needed(*flag)));
        system || (!flags.keywords.is_empty() && self.has(Self::FLAG))
    }
    /// Which right changes this flag.
    fn needed(flag: SystemFlags) -> Self {
        match flag {
            SystemFlags::SEEN => Self::SEEN,
            SystemFlags::DELETED => Self::MARK_DELETED,
            _ => Self::FLAG,
        }
    }
}

impl std::fmt::Display for Rights {
    /// As clients are told, with `c` and `d` for those who know only these (RFC 4314 2.1.1).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for letter in self.letters() {
            write!(f, "{letter}")?;
        }
        for (virtual_right, letter) in
            [(Self::CREATE.union(Self::DELETE), "c"), (Self::MARK_DELETED.union(Self::EXPUNGE), "d")]
        {
            if self.has_any(virtual_right) {
                f.write_str(letter)?;
            }
        }
        Ok(())
    }
}

/// How somebody's rights are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RightsChange {
    /// These and no others.
    Set(Rights),
    /// These too.
    Add(Rights),
    /// These not any more.
    Remove(Rights),
}

impl RightsChange {
    /// What he has after it.
    #[must_use]
    pub fn applied(self, before: Rights) -> Rights {
        match self {
            Self::Set(rights) => rights,
            Self::Add(rights) => before.union(rights),
            Self::Remove(rights) => before.without(rights),
        }
    }
}

#[cfg(test)]
mod tests {
    use types::Keyword;

    use super::*;

    #[test]
    fn letters_are_read_in_any_order_and_told_in_one() {
        for (written, told) in [
            ("", ""),
            ("rl", "lr"),
            ("lrswipkxtea", "lrswipkxteacd"),
            ("c", "kxc"),
            ("d", "ted"),
            ("lrd", "lrted"),
            ("ll", "l"),
        ] {
            assert_eq!(Rights::parse(written).unwrap().to_string(), told, "{written}");
        }
        assert_eq!(Rights::parse("lrn"), None);
        assert_eq!(Rights::parse("L"), None);
        assert_eq!(Rights::parse("lrswipkxtea"), Some(Rights::ALL));
        assert_eq!(Rights::from_bits(Rights::ALL.bits()), Rights::ALL);
    }

    #[test]
    fn each_flag_has_its_right() {
        let flags = |system, words: &str| Flags::from_parts(system, words);
        let all = SystemFlags::ALL.iter().fold(SystemFlags::default(), |all, (flag, _)| all.union(*flag));
        let (none, full) = (Flags::default(), flags(all, "a b"));
        for (letters, result) in [
            ("lr", none.clone()),
            ("s", flags(SystemFlags::SEEN, "")),
            ("t", flags(SystemFlags::DELETED, "")),
            ("w", flags(all.without(SystemFlags::SEEN).without(SystemFlags::DELETED), "a b")),
            ("swt", full.clone()),
        ] {
            let rights = Rights::parse(letters).unwrap();
            assert_eq!(rights.changed(&none, &full), result, "{letters} adds");
            assert_eq!(rights.changed(&full, &none), full.without(&result), "{letters} takes away");
        }
        let keyword = Flags { system: SystemFlags::default(), keywords: [Keyword::parse("a").unwrap()].into() };
        assert!(Rights::FLAG.may_change_any(&keyword) && !Rights::SEEN.may_change_any(&keyword));
        assert!(Rights::SEEN.may_change_any(&full) && !Rights::READ.may_change_any(&full));
    }

    #[test]
    fn a_change_sets_adds_or_removes() {
        let (lr, s) = (Rights::LOOKUP.union(Rights::READ), Rights::SEEN);
        assert_eq!(RightsChange::Set(s).applied(lr), s);
        assert_eq!(RightsChange::Add(s).applied(lr).to_string(), "lrs");
        assert_eq!(RightsChange::Remove(Rights::READ).applied(lr), Rights::LOOKUP);
    }
}
