//! What a person has chosen for himself: how the pages look. Kept as JSON; unknown words fall back to the default, so
//! that an older program reads what a newer one wrote.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Timestamp, UserId};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }
        impl $name {
            /// All choices, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word in forms, attributes and JSON.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
            /// Reads a word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.word() == word)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self::parse(&String::deserialize(deserializer)?).unwrap_or_default())
            }
        }
    };
}
pub(crate) use choice;

choice!(
    /// テーマ
    Theme {
        /// As the device says.
        #[default]
        System = "system",
        /// Light.
        Light = "light",
        /// Dark.
        Dark = "dark",
    }
);
choice!(
    /// 文字の大きさ
    TextSize {
        /// 標準, 100 %.
        #[default]
        Standard = "standard",
        /// 大, 115 %.
        Large = "large",
        /// 特大, 130 %.
        Largest = "largest",
    }
);
choice!(
    /// 密度: how high rows are.
    Density {
        /// 32 px.
        Compact = "compact",
        /// 36 px.
        #[default]
        Standard = "standard",
        /// 44 px.
        Relaxed = "relaxed",
    }
);

choice!(
    /// 送信取り消し: how long a mail sent from the browser can be taken back.
    UndoTime {
        /// Not at all.
        None = "0",
        /// 5 seconds.
        Five = "5",
        /// 10 seconds.
        Ten = "10",
        /// 20 seconds.
        Twenty = "20",
        /// 30 seconds.
        #[default]
        Thirty = "30",
    }
);

impl UndoTime {
    /// As a span of time.
    #[must_use]
    pub fn span(self) -> Duration {
        Duration::from_secs(self.word().parse().unwrap_or(0))
    }
    /// The shorter of the two.
    #[must_use]
    pub fn within(self, bound: Self) -> Self {
        if self.span() < bound.span() { self } else { bound }
    }
}

/// 代理: who decides held mail in somebody's stead, for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deputy {
    /// Who.
    pub user: UserId,
    /// From this moment.
    pub from: Timestamp,
    /// Until before this one.
    pub until: Timestamp,
}

impl Deputy {
    /// Whether it is in force at `at`.
    #[must_use]
    pub fn stands_in(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// One person's choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Theme.
    pub theme: Theme,
    /// Size of letters.
    pub text_size: TextSize,
    /// Height of rows.
    pub density: Density,
    /// Whether single keys act (j, k, e …).
    pub shortcuts: bool,
    /// How long his sent mail can be taken back, within what the company allows.
    pub undo: UndoTime,
    /// Who decides held mail in his stead.
    pub deputy: Option<Deputy>,
}

impl Default for Settings {
    fn default() -> Self {
        let (theme, text_size, density) = (Theme::default(), TextSize::default(), Density::default());
        Self { theme, text_size, density, shortcuts: true, undo: UndoTime::default(), deputy: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_back_and_unknown_words_become_the_default() {
        let settings = Settings { theme: Theme::Dark, text_size: TextSize::Largest, ..Settings::default() };
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
        let newer: Settings = serde_json::from_str(r#"{"theme":"sepia","density":"relaxed","later":1}"#).unwrap();
        assert_eq!((newer.theme, newer.density, newer.shortcuts), (Theme::System, Density::Relaxed, true));
        assert_eq!(newer.undo, UndoTime::Thirty);
    }

    #[test]
    fn a_deputy_stands_in_from_the_first_moment_until_before_the_last() {
        let deputy = Deputy { user: UserId(7), from: Timestamp(10), until: Timestamp(20) };
        for (at, stands) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(deputy.stands_in(Timestamp(at)), stands, "{at}");
        }
        let settings = Settings { deputy: Some(deputy), ..Settings::default() };
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap().deputy, Some(deputy));
    }

    #[test]
    fn a_choice_of_time_stays_within_its_bound() {
        for (chosen, bound, found) in [("30", "5", 5), ("5", "30", 5), ("10", "10", 10), ("0", "20", 0), ("20", "0", 0)]
        {
            let (chosen, bound) = (UndoTime::parse(chosen).unwrap(), UndoTime::parse(bound).unwrap());
            assert_eq!(chosen.within(bound).span(), Duration::from_secs(found));
        }
    }
}
