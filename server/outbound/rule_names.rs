//! What the rules of a company are called: for pages that tell which of them acted. Pages know codes only.

use std::sync::Arc;

use inspect::review::{RuleSet, Told};
use types::{Language, TenantId};

use crate::Outbound;

/// The rules in force of a company, by code.
pub struct RuleNames(Option<Arc<RuleSet>>);

impl Outbound {
    /// The rules of `tenant` as people call them.
    #[must_use]
    pub fn rule_names(&self, tenant: TenantId) -> RuleNames {
        RuleNames(self.rules(&self.store.directory(), tenant))
    }
}

impl RuleNames {
    /// The name of a rule; its code when it has none or is gone.
    #[must_use]
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        let rules = self.0.as_ref().map(|rules| rules.rules()).unwrap_or_default();
        let found = rules.iter().find(|rule| rule.code == code).map(|rule| rule.name.as_str());
        found.filter(|name| !name.is_empty()).unwrap_or(code)
    }

    /// The name with the code behind it, as 社外宛 マイナンバー(MN-OUT).
    #[must_use]
    pub fn name_and_code(&self, code: &str) -> String {
        match self.name(code) {
            name if name == code => code.to_owned(),
            name => format!("{name}({code})"),
        }
    }

    /// The names of several rules in one line.
    #[must_use]
    pub fn names(&self, codes: &[String], language: Language) -> String {
        joined(codes.iter().map(|code| self.name(code).to_owned()).collect(), language)
    }

    /// As [`Self::names`], with the codes.
    #[must_use]
    pub fn names_and_codes(&self, codes: &[String], language: Language) -> String {
        joined(codes.iter().map(|code| self.name_and_code(code)).collect(), language)
    }

    /// When the rule matches and what it does then; `None` for one that is gone.
    #[must_use]
    pub fn told(&self, code: &str, language: Language) -> Option<Told> {
        let rules = self.0.as_ref()?;
        let place = rules.rules().iter().position(|rule| rule.code == code)?;
        rules.told(language).into_iter().nth(place)
    }
}

fn joined(names: Vec<String>, language: Language) -> String {
    names.join(if language == Language::Ja { "、" } else { ", " })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_called_by_their_names_and_those_that_are_gone_by_their_codes() {
        let rules = RuleNames(Some(Arc::new(RuleSet::parse(RuleSet::shipped_text()).unwrap())));
        let codes = ["MN-OUT".to_owned(), "GONE".to_owned()];
        assert_eq!(rules.names(&codes, Language::Ja), "社外宛 マイナンバー、GONE");
        assert_eq!(rules.names_and_codes(&codes, Language::En), "社外宛 マイナンバー(MN-OUT), GONE");
        assert!(rules.told("MN-OUT", Language::Ja).unwrap().action.contains("承認を待ちます"));
        assert_eq!(RuleNames(None).names(&codes, Language::Ja), "MN-OUT、GONE");
        assert!(rules.told("GONE", Language::Ja).is_none());
    }
}
