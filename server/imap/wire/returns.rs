//! How a SEARCH or SORT is to be answered: `RETURN (…)` (RFC 4731, 5182, 5267, 9394).

use super::cursor::{Cursor, Parsed, wrong};
use super::partial::Partial;

/// The result options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Returns {
    /// `MIN`
    pub min: bool,
    /// `MAX`
    pub max: bool,
    /// `ALL`
    pub all: bool,
    /// `COUNT`
    pub count: bool,
    /// `SAVE` (RFC 5182): `$` means the result from now on.
    pub save: bool,
    /// `PARTIAL` (RFC 9394).
    pub partial: Option<Partial>,
}

impl Returns {
    /// Reads `RETURN (…) ` when it stands there.
    ///
    /// # Errors
    /// An option is unknown, or two exclude each other.
    pub fn parse(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        if !cursor.take_word("RETURN ") {
            return Ok(None);
        }
        let mut returns = Self::default();
        cursor.list(|c| returns.option(c))?;
        cursor.space()?;
        if returns.all && returns.partial.is_some() {
            return wrong("ALL and PARTIAL exclude each other");
        }
        // RFC 4731 3.1: no option means ALL; RFC 5182 2.1: SAVE alone means no answer.
        let asked = returns.min || returns.max || returns.count || returns.save || returns.partial.is_some();
        returns.all |= !asked;
        Ok(Some(returns))
    }

    fn option(&mut self, cursor: &mut Cursor<'_>) -> Parsed<()> {
        match cursor.word()?.to_ascii_uppercase().as_str() {
            "MIN" => self.min = true,
            "MAX" => self.max = true,
            "ALL" => self.all = true,
            "COUNT" => self.count = true,
            "SAVE" => self.save = true,
            "PARTIAL" => {
                cursor.space()?;
                self.partial = Some(Partial::parse(cursor)?);
            }
            _ => return wrong("Unknown result option"),
        }
        Ok(())
    }

    /// Whether only the least or the greatest hit is asked for.
    #[must_use]
    pub fn only_ends(&self) -> bool {
        (self.min || self.max) && !(self.all || self.count || self.partial.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Parsed<Option<Returns>> {
        Returns::parse(&mut Cursor::new(text.as_bytes()))
    }

    #[test]
    fn options_are_read_and_none_means_all() {
        assert_eq!(read("ALL").unwrap(), None);
        assert!(read("RETURN () ALL").unwrap().unwrap().all);
        let some = read("return (min Max COUNT) x").unwrap().unwrap();
        assert!(some.min && some.max && some.count && !some.all && !some.only_ends());
        let saved = read("RETURN (SAVE) x").unwrap().unwrap();
        assert!(saved.save && !saved.all);
        assert_eq!(read("RETURN (PARTIAL -1:-10) x").unwrap().unwrap().partial.unwrap().last, 10);
        for text in
            ["RETURN (FOO) x", "RETURN (ALL PARTIAL 1:2) x", "RETURN MIN x", "RETURN (MIN)", "RETURN (PARTIAL) x"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
