use crate::{Mode, RuleSet};

fn problems(text: &str) -> String {
    RuleSet::parse(text).map(|_| String::new()).unwrap_or_else(|errors| errors.to_string())
}

fn rule(lines: &str) -> String {
    let mut text = "[[rule]]\ncode = \"T\"\n".to_owned();
    for (key, line) in [
        ("direction", "direction = \"out\"\n"),
        ("when", "when = { recipients = \"outside\" }\n"),
        ("action", "action = \"block\"\n"),
    ] {
        if !lines.lines().any(|own| own.starts_with(key)) {
            text.push_str(line);
        }
    }
    text + lines
}

#[test]
fn the_shipped_rules_are_read() {
    let rules = RuleSet::parse(RuleSet::shipped_text()).unwrap();
    let codes: Vec<_> = rules.rules().iter().map(|rule| rule.code.as_str()).collect();
    let numbers = ["MN-PARTNER", "MN-OUT", "MN-LIST", "ID-IMAGE", "NI-MN", "NI-SELF", "MN-IN", "MN-INSIDE"];
    assert_eq!(codes, [&numbers[..], &["TO-OPEN", "PI-LIST", "EXE", "DELAY"]].concat());
    let only_recorded = rules.rules().iter().filter(|rule| rule.mode != Mode::On);
    assert_eq!(
        only_recorded.map(|rule| (rule.code.as_str(), rule.mode)).collect::<Vec<_>>(),
        [("PI-LIST", Mode::Record)]
    );
}

#[test]
fn a_mistake_is_named_with_its_line_its_rule_and_the_right_word() {
    for (lines, expected) in [
        ("actoin = 1", "line 6: rule T: unknown key `actoin`; did you mean `action`?"),
        ("mode = \"onn\"", "`mode` cannot be `onn`; did you mean `on`?"),
        ("direction = \"outside\"", "`direction` cannot be `outside`"),
        ("action = \"blok\"", "unknown action `blok`; did you mean `block`?"),
        ("action = { self_review = { then = \"send\" } }", "`then` cannot be `send`"),
        ("action = { self_review = { approvers = [\"supervisor\"] } }", "unknown key of `self_review`"),
        ("action = { rout = \"x\" }", "unknown action `rout`; did you mean `route`?"),
        ("action = \"delay\"", "`delay` wants a table"),
        ("action = { delay = {} }", "`delay` has no `minutes`"),
        ("action = { delay = { minutes = 0 } }", "`minutes` wants a whole number"),
        ("action = \"hold\"", "`hold` wants a table"),
        ("action = []", "`action` is an empty list"),
        ("action = { hold = { hours = 8 } }", "`hold` has no `approvers`"),
        ("action = { hold = { approvers = [\"sender\"] } }", "`approvers` cannot be `sender`"),
        ("action = { hold = { approvers = [\"supervisor\"], hours = 0 } }", "`hours` wants a whole number"),
        ("action = { hold = { approvers = [\"supervisor\"], then = \"retrun\" } }", "did you mean `return`?"),
        ("notify = [\"boss\"]", "`notify` cannot be `boss`"),
        ("when = { phone = { counts = 50 } }", "key of `phone`"),
        ("when = { outside_domains = { in = \"to,cc\" } }", "`outside_domains` has no `min`"),
        ("when = { outside_domains = { in = \"to,bcc\", min = 5 } }", "did you mean `to,cc`?"),
        ("when = { recipient_count = { min = 5, max = 4 } }", "`max` wants a whole number"),
        ("when = { size = { min_kb = 5, max_kb = 4 } }", "`max_kb` wants a whole number"),
        ("when = { outside_addresses = { min = 0 } }", "`min` wants a whole number"),
        ("when = { first_contact = true }", "`first_contact` wants a text in quotes"),
        ("when = { first_contact = \"tenant\" }", "known are author, company"),
        ("when = { recipient_count = {} }", "`recipient_count` has no `min`"),
        ("when = { time = {} }", "the condition is empty"),
        ("when = { time = { days = [\"holidays\"] } }", "did you mean `holiday`?"),
        ("when = { time = { hours = \"9-17\" } }", "`hours` cannot be `9-17`"),
        ("when = { attachment = { encrypted = 1 } }", "`encrypted` wants true or false"),
        ("when = { keywrod = \"x\" }", "unknown condition `keywrod`; did you mean `keyword`?"),
        ("when = { keyword = \"個人番号\" }", "there is no dictionary `個人番号`; did you mean `個人番号語`?"),
        ("when = { keyword = [] }", "`keyword` is an empty list"),
        ("when = { regex = \"(\" }", "character 1: a bracket is not closed"),
        (&format!("when = {{ regex = \"{}\" }}", "a".repeat(2_001)), "longer than 2000 characters"),
        ("when = { regex = '(a{1000}){1000}' }", "too large"),
        ("when = {}", "the condition is empty"),
        ("when = { all = [] }", "a list of conditions that is not empty"),
        ("when = { my_number = { level = \"sure\" } }", "`level` cannot be `sure`"),
        ("when = { my_number = { cuont = 1 } }", "did you mean `count`?"),
        ("when = { my_number = { count = \"1\" } }", "`count` wants a whole number"),
        ("when = { not_inspected = { reasons = [\"crypted\"] } }", "did you mean `encrypted`?"),
        ("when = { recipients = \"outsied\" }", "did you mean `outside`?"),
        ("when = { recipients = \"grp:x\" }", "`recipients` cannot be `grp:x`"),
        ("when = { attachment = { type = \"exe\" } }", "`type` cannot be `exe`"),
        ("except = [\"X\"]", "`except` names no rule: `X`"),
        ("except = [\"T\"]", "`except` goes in a circle"),
        ("code2 = 1\nmessage = 3", "`message` wants a text in quotes, not integer"),
    ] {
        let found = problems(&rule(lines));
        assert!(found.contains(expected), "{lines}: {found}");
    }
}

#[test]
fn rules_that_take_each_other_out_are_refused() {
    let two = rule("except = [\"B\"]\n") + &rule("except = [\"T\"]\n").replace("\"T\"\ndirection", "\"B\"\ndirection");
    let found = problems(&two);
    assert_eq!(found.matches("goes in a circle").count(), 2, "{found}");
}

#[test]
fn every_mistake_is_named_at_once() {
    assert_eq!(problems(&(rule("mode = 1") + "\n" + &rule("name = 2"))).lines().count(), 2);
    assert!(problems(&(rule("") + "\n" + &rule(""))).contains("two rules with this code"));
    assert!(problems("[[rule]\n").starts_with("line 1: "));
    assert!(problems("[[rule]]\n").contains("the rule has no `code`"));
    assert!(problems("rules = []").contains("did you mean `rule`?"));
}

/// The names that a rule file is written with are the same in both languages; what is said about them is not.
#[test]
fn mistakes_are_told_in_japanese_too_with_the_right_word() {
    for (lines, expected) in [
        ("actoin = 1", "「actoin」という項目はありません。「action」ではありませんか?"),
        ("mode = \"onn\"", "「mode」に「onn」は指定できません。「on」ではありませんか?"),
        ("action = \"rout\"", "「rout」という動作はありません。"),
        ("action = { hold = { hours = 8 } }", "「hold」に「approvers」がありません。"),
        ("action = []", "「action」のリストが空です。"),
        ("when = { my_number = { cuont = 1 } }", "「my_number」の項目はありません。「count」ではありませんか?"),
        ("when = { my_number = { count = \"1\" } }", "「count」には 1 から 1000000000 までの整数を指定してください。"),
        ("when = { recipients = \"grp:x\" }", "「recipients」に「grp:x」は指定できません。"),
        ("except = [\"X\"]", "「except」の「X」というルールはありません。"),
        (
            "when = { regex = \"(\" }",
            "「regex」の正規表現・パターンが正しくありません(1文字目:かっこが閉じられていません)",
        ),
        ("message = 3", "「message」には引用符で囲んだ文字列を指定してください(現在は integer)。"),
    ] {
        let errors = RuleSet::parse(&rule(lines)).unwrap_err();
        let told: Vec<String> = errors.0.iter().map(|error| error.problem.told(types::Language::Ja)).collect();
        assert!(told.join("\n").contains(expected), "{lines}: {told:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let _ = RuleSet::parse(&text);
        let _ = RuleSet::parse(&rule(&format!("when = {text}")));
        let _ = RuleSet::parse(&rule(&format!("action = {text}")));
    }
}
