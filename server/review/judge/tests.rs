use std::sync::Arc;

use detect::{Class, Level, Place};
use types::{Address, Timestamp};

use crate::facts::*;
use crate::verdict::{Outcome, Verdict};
use crate::{Judgement, RuleSet, judge};

fn who(address: &str, groups: &[&str], lists: &[&str]) -> RecipientFact {
    let words = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    let inside = address.ends_with("@aoba.example");
    RecipientFact {
        address: Address::parse(address).unwrap(),
        mailbox: None,
        inside,
        groups: words(groups),
        lists: words(lists),
        department: if inside { "総務部".to_owned() } else { String::new() },
        contact: Contact::Known,
        tls: None,
    }
}

fn facts(recipients: Vec<RecipientFact>) -> Facts {
    Facts {
        at: Timestamp(1_795_478_400_000),
        author: AuthorFact {
            address: Address::parse("taro@aoba.example").ok(),
            inside: true,
            department: "営業部".to_owned(),
            ..AuthorFact::default()
        },
        recipients,
        shown: Vec::new(),
        headers: Arc::default(),
        size: 10_000,
        attachments: Arc::default(),
        findings: Arc::default(),
        not_inspected: Vec::new(),
        texts: Arc::default(),
    }
}

fn numbers(count: usize, level: Level, place: Place) -> Arc<Vec<FindingFact>> {
    Arc::new(vec![FindingFact { class: Class::MyNumber, level, places: vec![place] }; count])
}

fn text(place: Place, text: &str) -> Arc<Vec<TextFact>> {
    Arc::new(vec![TextFact::new(place, text.to_owned())])
}

fn shipped(facts: &Facts) -> Judgement {
    judge(&RuleSet::parse(RuleSet::shipped_text()).unwrap(), facts)
}

/// The verdict of one rule that blocks under `when`.
fn blocks(when: &str, facts: &Facts) -> bool {
    let rule = format!("[[rule]]\ncode = \"T\"\ndirection = \"any\"\nwhen = {when}\naction = \"block\"");
    judge(&RuleSet::parse(&rule).unwrap(), facts).verdict() == Verdict::Block
}

#[test]
fn each_class_is_counted_by_itself() {
    for class in Class::NEIGHBOURS {
        let word = class.word();
        let one = |level| FindingFact { class, level, places: vec![Place::Attachment] };
        let other = FindingFact { class: Class::MyNumber, ..one(Level::Certain) };
        let found = vec![one(Level::Certain), one(Level::Likely), one(Level::Possible), other];
        let facts = Facts { findings: Arc::new(found), ..facts(vec![who("a@x.example", &[], &[])]) };
        for (when, expected) in [
            (format!("{{ {word} = {{ count = 2 }} }}"), true),
            (format!("{{ {word} = {{ count = 3 }} }}"), false),
            (format!("{{ {word} = {{ count = 3, level = \"possible\" }} }}"), true),
            (format!("{{ {word} = {{ where = \"body\" }} }}"), false),
            ("{ my_number = { count = 2 } }".to_owned(), false),
        ] {
            assert_eq!(blocks(&when, &facts), expected, "{when}");
        }
        assert_eq!(
            shipped(&Facts { findings: Arc::new(vec![one(Level::Certain); 20]), ..facts }).verdict(),
            Verdict::Pass
        );
    }
}

#[test]
fn a_number_to_the_outside_is_held_and_ten_are_refused() {
    for (count, level, expected) in [
        (0, Level::Likely, Verdict::Pass),
        (1, Level::Possible, Verdict::Pass),
        (1, Level::Likely, Verdict::Hold),
        (9, Level::Certain, Verdict::Hold),
        (10, Level::Likely, Verdict::Block),
    ] {
        let mut facts = facts(vec![who("p@yamada.example", &[], &[])]);
        facts.findings = numbers(count, level, Place::Body);
        let judged = shipped(&facts);
        assert_eq!(judged.verdict(), expected, "{count} {level:?}");
        let codes: Vec<_> = judged.recipients[0].hits.iter().map(|hit| hit.code.as_str()).collect();
        let told: &[&str] = match expected {
            Verdict::Block => &["MN-LIST"],
            Verdict::Hold => &["MN-OUT"],
            _ => &[],
        };
        assert_eq!(codes, told);
    }
}

#[test]
fn the_colleague_inside_does_not_wait_for_the_partner_outside() {
    let mut facts = facts(vec![who("p@yamada.example", &[], &[]), who("h@aoba.example", &["取扱担当者"], &[])]);
    facts.findings = numbers(1, Level::Certain, Place::Body);
    let judged = shipped(&facts);
    let verdicts: Vec<_> = judged.recipients.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Hold, Verdict::Pass]);
    let hold = judged.recipients[0].hold.as_ref().unwrap();
    assert_eq!((hold.approvers[0].as_str(), hold.hours, hold.then.as_str()), ("group:取扱担当者", 8, "return"));
    facts.recipients[1] = who("x@aoba.example", &[], &[]);
    let judged = shipped(&facts);
    assert_eq!(judged.recipients[1].verdict, Verdict::Notify);
    assert_eq!(judged.recipients[1].notify, ["sender", "group:取扱担当者"]);
}

#[test]
fn what_cannot_be_inspected_is_held_beside_words_of_my_numbers_and_else_asked_of_its_sender() {
    let mut facts = facts(vec![who("p@yamada.example", &[], &[])]);
    facts.not_inspected = vec![Unseen::Encrypted];
    facts.texts = text(Place::Body, "資料をお送りします。");
    assert_eq!(shipped(&facts).verdict(), Verdict::SelfReview);
    facts.texts = text(Place::Body, "マイナン\r\nバーの件です。");
    assert_eq!(shipped(&facts).verdict(), Verdict::Hold);
    facts.not_inspected.clear();
    assert_eq!(shipped(&facts).verdict(), Verdict::Pass);
}

#[test]
fn a_mail_from_outside_with_a_number_tells_the_handlers() {
    let mut facts = facts(vec![who("x@aoba.example", &[], &[])]);
    facts.author.inside = false;
    facts.findings = numbers(1, Level::Likely, Place::Attachment);
    assert_eq!(shipped(&facts).recipients[0].notify, ["group:取扱担当者"]);
    facts.recipients = vec![who("h@aoba.example", &["取扱担当者"], &[])];
    assert_eq!(shipped(&facts).verdict(), Verdict::Pass);
}

#[test]
fn a_program_is_refused() {
    let mut facts = facts(vec![who("p@yamada.example", &[], &[])]);
    let name = "x.pdf".to_owned();
    let file = AttachmentFact {
        part: "2".to_owned(),
        name,
        kind: FileKind::Executable,
        picture: None,
        encrypted: false,
        size: 10,
    };
    facts.attachments = Arc::new(vec![file]);
    facts.findings = numbers(1, Level::Certain, Place::Body);
    let judged = shipped(&facts);
    assert_eq!(judged.verdict(), Verdict::Block);
    let hits: Vec<_> = judged.recipients[0].hits.iter().map(|hit| (hit.code.as_str(), hit.numbers)).collect();
    assert_eq!(hits, [("EXE", false)]);
}

#[test]
fn many_exceptions_cost_no_more_than_their_number() {
    let rule = |n: usize| {
        let except = (0..n).map(|m| format!("\"R{m}\"")).collect::<Vec<_>>().join(", ");
        format!("[[rule]]\ncode = \"R{n}\"\ndirection = \"any\"\nwhen = {{ size = {{}} }}\naction = \"block\"\nexcept = [{except}]\n")
            .replace("except = []\n", "")
    };
    let rules = RuleSet::parse(&(0..60).map(rule).collect::<String>()).unwrap();
    let judged = judge(&rules, &facts(vec![who("p@yamada.example", &[], &[])]));
    assert_eq!(judged.recipients[0].hits.len(), 1, "the first takes out all the others");
}

const PARTNER: &str = r#"
[[rule]]
code = "OUT"
direction = "out"
when = { my_number = {} }
except = ["PARTNER"]
action = { hold = { approvers = ["group:H"] } }
[[rule]]
code = "PARTNER"
direction = "out"
from = ["group:H"]
when = { all = [ { my_number = {} }, { outside_recipients_all = "list:P" } ] }
action = "record"
"#;

#[test]
fn an_exception_counts_only_when_it_holds_for_all_outside_recipients() {
    let rules = RuleSet::parse(PARTNER).unwrap();
    let mut facts = facts(vec![who("p@yamada.example", &[], &["P"]), who("x@aoba.example", &[], &[])]);
    facts.findings = numbers(1, Level::Certain, Place::Body);
    assert_eq!(judge(&rules, &facts).verdict(), Verdict::Hold, "not from a handler");
    facts.author.groups = vec!["H".to_owned()];
    let judged = judge(&rules, &facts);
    assert_eq!(judged.verdict(), Verdict::Record);
    assert_eq!(judged.trace[0].outcome, Outcome::TakenOut);
    assert_eq!(judged.trace[0].by.as_deref(), Some("PARTNER"));
    facts.recipients.push(who("q@else.example", &[], &[]));
    let judged = judge(&rules, &facts);
    assert_eq!(judged.recipients[0].verdict, Verdict::Hold, "one outside recipient is no partner");
    let recorded = PARTNER.replace("code = \"PARTNER\"", "code = \"PARTNER\"\nmode = \"record\"");
    facts.recipients.pop();
    let judged = judge(&RuleSet::parse(&recorded).unwrap(), &facts);
    assert_eq!(judged.verdict(), Verdict::Hold, "a rule that only records takes nothing out");
}

#[test]
fn an_exception_that_is_per_recipient_must_hold_for_every_one_of_them() {
    let rules = PARTNER.replace("outside_recipients_all = \"list:P\"", "recipients = \"list:P\"");
    let rules = RuleSet::parse(&rules).unwrap();
    let mut facts = facts(vec![who("p@yamada.example", &[], &["P"]), who("q@else.example", &[], &[])]);
    facts.author.groups = vec!["H".to_owned()];
    facts.findings = numbers(1, Level::Certain, Place::Body);
    let judged = judge(&rules, &facts);
    assert!(judged.recipients.iter().all(|one| one.verdict == Verdict::Hold));
}

#[test]
fn conditions_say_what_they_mean() {
    let mut mail = facts(vec![who("p@yamada.example", &[], &["L"]), who("x@aoba.example", &["G"], &[])]);
    mail.findings = numbers(2, Level::Likely, Place::Attachment);
    mail.texts = text(Place::Subject, "【極秘】 ＡＢＣ計画 v2");
    mail.headers = Arc::new(vec![("X-Class".to_owned(), "Top SECRET".to_owned())]);
    let name = "見積書.XLSX".to_owned();
    let file = AttachmentFact {
        part: "2".to_owned(),
        name,
        kind: FileKind::Office,
        picture: None,
        encrypted: true,
        size: 70_000,
    };
    mail.attachments = Arc::new(vec![file]);
    for (when, expected) in [
        (r#"{ my_number = { count = 2 } }"#, true),
        (r#"{ my_number = { count = 3 } }"#, false),
        (r#"{ my_number = { level = "certain" } }"#, false),
        (r#"{ my_number = { where = "attachment" } }"#, true),
        (r#"{ my_number = { where = ["subject", "body"] } }"#, false),
        (r#"{ recipients = "yamada.example" }"#, true),
        (r#"{ recipients = "@else.example" }"#, false),
        (r#"{ recipients = ["p@yamada.example", "inside"] }"#, true),
        (r#"{ recipients_all = "outside" }"#, false),
        (r#"{ recipients_all = ["list:L", "group:G"] }"#, true),
        (r#"{ outside_recipients_all = "list:L" }"#, true),
        (r#"{ keyword = ["極秘"] }"#, true),
        (r#"{ keyword = ["abc計画"] }"#, true),
        (r#"{ keyword = { any = ["極秘"], where = "body" } }"#, false),
        (r#"{ keyword = "個人番号語" }"#, false),
        (r#"{ wildcard = "極秘*計画" }"#, true),
        (r#"{ wildcard = "計画 v?" }"#, true),
        (r#"{ regex = 'v\d+$' }"#, true),
        (r#"{ header = { name = "x-class" } }"#, true),
        (r#"{ header = { name = "x-class", contains = "secret" } }"#, true),
        (r#"{ header = { name = "x-class", contains = "open" } }"#, false),
        (r#"{ attachment = { name = "*.xlsx" } }"#, true),
        (r#"{ attachment = { name = "*.xls" } }"#, false),
        (r#"{ attachment = { type = "office", min_kb = 60 } }"#, true),
        (r#"{ attachment = { min_kb = 70 } }"#, false),
        (r#"{ attachment = { max_kb = 60 } }"#, false),
        (r#"{ attachment = { count = 2 } }"#, false),
        (r#"{ attachment = { image_only = true } }"#, false),
        (r#"{ attachment = { encrypted = true } }"#, true),
        (r#"{ attachment = { type = "archive", encrypted = true } }"#, false),
        (r#"{ attachment = { encrypted = false } }"#, false),
        (r#"{ recipients = "department:総務部" }"#, true),
        (r#"{ recipients = "department:営業部" }"#, false),
        (r#"{ recipient_count = { min = 2 } }"#, true),
        (r#"{ recipient_count = { min = 3 } }"#, false),
        (r#"{ recipient_count = { max = 1 } }"#, false),
        (r#"{ recipient_count = { min = 1, max = 1, who = "outside" } }"#, true),
        (r#"{ recipient_count = { min = 2, who = ["list:L", "inside"] } }"#, true),
        (r#"{ no_tls = {} }"#, false),
        (r#"{ no_tls = { unknown = true } }"#, true),
        (r#"{ size = { min_kb = 9, max_kb = 10 } }"#, true),
        (r#"{ size = { min_kb = 10 } }"#, false),
        (r#"{ not = { size = { min_kb = 10 } } }"#, true),
        (r#"{ any = [ { keyword = ["極秘"] }, { size = { min_kb = 10 } } ] }"#, true),
        (r#"{ keyword = ["極秘"], size = { min_kb = 10 } }"#, false),
    ] {
        assert_eq!(blocks(when, &mail), expected, "{when}");
    }
    assert!(!blocks(r#"{ outside_recipients_all = "list:L" }"#, &facts(vec![who("x@aoba.example", &[], &["L"])])));
}

#[test]
fn a_picture_counts_whatever_lies_beside_it_or_around_it() {
    let file = |kind, picture: Option<u64>, size: u64| AttachmentFact {
        part: "2".to_owned(),
        name: String::new(),
        kind,
        picture: picture.map(|kb| kb << 10),
        encrypted: false,
        size: size << 10,
    };
    let mut mail = facts(vec![who("p@yamada.example", &[], &[])]);
    let letter = file(FileKind::Text, None, 100);
    mail.attachments = Arc::new(vec![letter.clone(), file(FileKind::Archive, Some(60), 900)]);
    for (when, expected) in [
        (r#"{ attachment = { image_only = true } }"#, true),
        (r#"{ attachment = { image_only = true, min_kb = 60 } }"#, true),
        (r#"{ attachment = { image_only = true, min_kb = 61 } }"#, false),
        (r#"{ attachment = { image_only = true, max_kb = 59 } }"#, false),
        (r#"{ attachment = { image_only = true, type = "archive" } }"#, true),
        (r#"{ attachment = { image_only = true, type = "text" } }"#, false),
        (r#"{ attachment = { image_only = true, count = 2 } }"#, false),
        (r#"{ attachment = { min_kb = 900 } }"#, true),
    ] {
        assert_eq!(blocks(when, &mail), expected, "{when}");
    }
    mail.attachments = Arc::new(vec![file(FileKind::Image, Some(60), 60), letter, file(FileKind::Image, Some(60), 60)]);
    assert!(blocks(r#"{ attachment = { image_only = true, count = 2 } }"#, &mail));
}

#[test]
fn addresses_of_others_count_where_everybody_sees_them() {
    let outside: Vec<RecipientFact> = (0..4).map(|n| who(&format!("p{n}@d{}.example", n / 2), &[], &[])).collect();
    let mut mail = facts(outside);
    let shown = |seat, address: &str| ShownFact {
        seat,
        address: Address::parse(address).unwrap(),
        inside: address.ends_with("@aoba.example"),
    };
    mail.shown = vec![
        shown(Seat::To, "p0@d0.example"),
        shown(Seat::To, "P0@D0.example"),
        shown(Seat::To, "x@aoba.example"),
        shown(Seat::Cc, "p2@d1.example"),
    ];
    for (when, expected) in [
        (r#"{ outside_domains = { min = 2 } }"#, true),
        (r#"{ outside_domains = { in = "to,cc", min = 3 } }"#, false),
        (r#"{ outside_domains = { in = "to", min = 2 } }"#, false),
        (r#"{ outside_domains = { in = "cc", min = 1 } }"#, true),
        (r#"{ outside_domains = { in = "all", min = 2 } }"#, true),
        (r#"{ outside_addresses = { min = 2 } }"#, true),
        (r#"{ outside_addresses = { min = 3 } }"#, false),
        (r#"{ outside_addresses = { in = "all", min = 4 } }"#, true),
        (r#"{ outside_addresses = { in = "all", min = 5 } }"#, false),
    ] {
        assert_eq!(blocks(when, &mail), expected, "{when}");
    }
}

#[test]
fn a_first_contact_is_somebody_outside_to_whom_nobody_wrote() {
    for (contact, by_author, by_company) in
        [(Contact::First, true, true), (Contact::Colleagues, true, false), (Contact::Known, false, false)]
    {
        let mail = facts(vec![RecipientFact { contact, ..who("p@yamada.example", &[], &[]) }]);
        assert_eq!(blocks(r#"{ first_contact = "author" }"#, &mail), by_author, "{contact:?}");
        assert_eq!(blocks(r#"{ first_contact = "company" }"#, &mail), by_company, "{contact:?}");
        let inside = facts(vec![RecipientFact { contact, ..who("x@aoba.example", &[], &[]) }]);
        assert!(!blocks(r#"{ first_contact = "author" }"#, &inside), "a colleague is none");
    }
    let asks = |when: &str, company| {
        let rule = format!("[[rule]]\ncode = \"T\"\ndirection = \"any\"\nwhen = {when}\naction = \"block\"");
        RuleSet::parse(&rule).unwrap().asks_for_contacts(company)
    };
    for (when, any, company) in [
        (r#"{ not = { first_contact = "company" } }"#, true, true),
        (r#"{ all = [ { first_contact = "author" }, { size = {} } ] }"#, true, false),
        (r#"{ size = {} }"#, false, false),
    ] {
        assert_eq!((asks(when, false), asks(when, true)), (any, company), "{when}");
    }
}

#[test]
fn a_rule_is_bound_to_its_time() {
    let mut mail = facts(vec![who("p@yamada.example", &[], &[])]);
    for (at, expected) in [("2026-11-20T12:00:00+09:00", false), ("2026-11-20T20:00:00+09:00", true)] {
        mail.at = Timestamp(at.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        assert_eq!(blocks(r#"{ time = { hours = "18:00-09:00", days = ["fri", "holiday"] } }"#, &mail), expected);
    }
}

#[test]
fn a_rule_is_bound_to_its_senders() {
    let mut mail = facts(vec![who("p@yamada.example", &[], &[])]);
    mail.author.groups = vec!["G".to_owned()];
    mail.author.lists = vec!["L".to_owned()];
    for (from, expected) in [
        ("*", true),
        ("inside", true),
        ("outside", false),
        ("taro@aoba.example", true),
        ("jiro@aoba.example", false),
        ("aoba.example", true),
        ("group:G", true),
        ("group:L", false),
        ("list:L", true),
        ("department:営業部", true),
        ("department:総務部", false),
    ] {
        let rule = format!(
            "[[rule]]\ncode = \"T\"\ndirection = \"any\"\nfrom = [\"{from}\"]\nwhen = {{ size = {{}} }}\naction = \"block\""
        );
        let verdict = judge(&RuleSet::parse(&rule).unwrap(), &mail).verdict();
        assert_eq!(verdict == Verdict::Block, expected, "{from}");
    }
}

/// Whoever has another address, or writes a detail into it, is the person whom a rule means.
#[test]
fn a_rule_about_a_person_holds_for_his_other_addresses() {
    let mailbox = Address::parse("jiro@second.example").ok();
    let mut mail = facts(vec![RecipientFact { mailbox: mailbox.clone(), ..who("info@aoba.example", &[], &[]) }]);
    mail.author.mailbox = mailbox;
    for (word, to, from) in [
        ("info@aoba.example", true, false),
        ("taro@aoba.example", false, true),
        ("jiro@second.example", true, true),
        ("second.example", true, true),
        ("aoba.example", true, true),
        ("saburo@second.example", false, false),
    ] {
        assert_eq!(blocks(&format!("{{ recipients = \"{word}\" }}"), &mail), to, "{word}");
        let rule = format!(
            "[[rule]]\ncode = \"T\"\ndirection = \"any\"\nfrom = [\"{word}\"]\nwhen = {{ size = {{}} }}\naction = \"block\""
        );
        assert_eq!(judge(&RuleSet::parse(&rule).unwrap(), &mail).verdict() == Verdict::Block, from, "{word}");
    }
}

#[test]
fn the_strictest_action_wins_and_the_others_add_up() {
    let rules = r#"
[[rule]]
code = "A"
direction = "any"
when = { size = {} }
action = [ "record", { notify = ["a@aoba.example"] } ]
notify = ["sender"]
[[rule]]
code = "B"
direction = "any"
when = { size = {} }
action = { hold = { approvers = ["supervisor"], hours = 4, then = "reject" } }
[[rule]]
code = "C"
direction = "any"
when = { size = {} }
action = { hold = { approvers = ["group:H"], hours = 8 }, notify = ["sender"] }
[[rule]]
code = "D"
mode = "record"
direction = "any"
when = { size = {} }
action = "block"
[[rule]]
code = "E"
mode = "off"
direction = "any"
when = { size = {} }
action = "block"
"#;
    let judged = judge(&RuleSet::parse(rules).unwrap(), &facts(vec![who("p@yamada.example", &[], &[])]));
    let one = &judged.recipients[0];
    assert_eq!(one.verdict, Verdict::Hold);
    assert_eq!(one.notify, ["a@aoba.example", "sender"]);
    let hold = one.hold.as_ref().unwrap();
    assert_eq!((hold.approvers[0].as_str(), hold.hours, hold.then.as_str()), ("group:H", 4, "reject"));
    assert_eq!(one.hits.iter().map(|hit| hit.code.as_str()).collect::<Vec<_>>(), ["B", "C", "A"]);
    assert_eq!(judged.trace.len(), 4);
    assert_eq!(judged.trace[3].outcome, Outcome::Recorded);
}

#[test]
fn a_hold_beats_a_self_review_which_beats_a_delay_and_the_longest_delay_counts() {
    let rule = |code: &str, action: &str| {
        format!("[[rule]]\ncode = \"{code}\"\ndirection = \"any\"\nwhen = {{ size = {{}} }}\naction = {action}\n")
    };
    let mail = facts(vec![who("p@yamada.example", &[], &[])]);
    let judged = |text: String| judge(&RuleSet::parse(&text).unwrap(), &mail).recipients.remove(0);
    let delays = rule("D", "{ delay = { minutes = 5 } }") + &rule("E", "{ delay = { minutes = 30 } }");
    let one = judged(delays.clone());
    assert_eq!((one.verdict, one.delay, one.hits.len()), (Verdict::Delay, Some(30), 2));
    let own = delays + &rule("S", "\"self_review\"") + &rule("T", "{ self_review = { hours = 2, then = \"reject\" } }");
    let one = judged(own.clone());
    let terms = one.self_review.unwrap();
    assert_eq!(
        (one.verdict, one.delay, terms.hours, terms.then.as_str()),
        (Verdict::SelfReview, Some(30), 2, "reject")
    );
    assert_eq!(terms.approvers, ["sender"]);
    let one = judged(own + &rule("H", "{ hold = { approvers = [\"supervisor\"] } }"));
    assert_eq!(one.verdict, Verdict::Hold);
    assert_eq!(one.hits.iter().map(|hit| hit.code.as_str()).collect::<Vec<_>>(), ["H"]);
}

/// What each of the actions of the properties is written as, and its verdict.
const ACTIONS: [(&str, Verdict); 15] = [
    ("\"record\"", Verdict::Record),
    ("{ notify = [\"sender\"] }", Verdict::Notify),
    ("{ notify = [\"group:A\", \"sender\"] }", Verdict::Notify),
    ("{ delay = { minutes = 3 } }", Verdict::Delay),
    ("{ delay = { minutes = 9 }, notify = [\"group:B\"] }", Verdict::Delay),
    ("{ bcc = [\"group:A\"], header = { name = \"X-A\", value = \"1\" } }", Verdict::Header),
    ("{ header = { name = \"X-A\", value = \"2\" } }", Verdict::Header),
    ("\"hide_recipients\"", Verdict::HideRecipients),
    ("{ footer = { text = \"one\" } }", Verdict::Footer),
    ("{ footer = { text = \"two\" }, route = \"b\" }", Verdict::Route),
    ("{ tls = \"required\", route = \"a\" }", Verdict::VerifiedTls),
    ("\"self_review\"", Verdict::SelfReview),
    ("{ hold = { approvers = [\"group:A\"], hours = 4 } }", Verdict::Hold),
    ("\"block\"", Verdict::Block),
    ("\"delete\"", Verdict::Delete),
];

proptest::proptest! {
    /// The strictest wins, whatever the order of the file; nothing that is compatible is lost; what only records
    /// changes nothing.
    #[test]
    fn actions_add_up_the_same_in_any_order(
        chosen in proptest::collection::vec((0..ACTIONS.len(), proptest::bool::weighted(0.2)), 0..8),
        turn in 0usize..8,
    ) {
        let file = |rules: &[(usize, bool)]| -> String {
            let rule = |(at, (action, records)): (usize, &(usize, bool))| format!(
                "[[rule]]\ncode = \"R{at}\"\nmode = \"{}\"\ndirection = \"any\"\nwhen = {{ size = {{}} }}\naction = {}\n",
                if *records { "record" } else { "on" }, ACTIONS[*action].0,
            );
            rules.iter().enumerate().map(rule).collect()
        };
        let mail = facts(vec![who("p@yamada.example", &[], &[])]);
        let judged = |rules: &[(usize, bool)]| {
            judge(&RuleSet::parse(&file(rules)).unwrap(), &mail).recipients.remove(0)
        };
        let one = judged(&chosen);
        let acting: Vec<&str> = chosen.iter().filter(|(_, records)| !records).map(|(at, _)| ACTIONS[*at].0).collect();
        let verdicts = chosen.iter().map(|(at, records)| if *records { Verdict::Record } else { ACTIONS[*at].1 });
        proptest::prop_assert_eq!(one.verdict, verdicts.max().unwrap_or(Verdict::Pass));
        let any = |word: &str| acting.iter().any(|action| action.contains(word));
        proptest::prop_assert_eq!(one.hold.is_some(), any("hold"));
        proptest::prop_assert_eq!(one.self_review.is_some(), any("self_review"));
        let longest = if any("minutes = 9") { Some(9) } else if any("minutes = 3") { Some(3) } else { None };
        proptest::prop_assert_eq!(one.delay, longest);
        for (word, who) in [("sender", "sender"), ("notify = [\"group:A", "group:A"), ("group:B", "group:B")] {
            proptest::prop_assert_eq!(one.notify.iter().filter(|told| *told == who).count(), usize::from(any(word)));
        }
        let treatment = &one.treatment;
        proptest::prop_assert_eq!(treatment.hide_recipients, any("hide"));
        proptest::prop_assert_eq!(treatment.footers.len(), usize::from(any("\"one")) + usize::from(any("\"two")));
        proptest::prop_assert_eq!(treatment.verified_tls, any("tls"));
        let route = if any("tls") { Some("a") } else if any("\"two") { Some("b") } else { None };
        proptest::prop_assert_eq!(treatment.route.as_deref(), route);
        proptest::prop_assert_eq!(treatment.bcc.len(), usize::from(any("bcc")));
        proptest::prop_assert_eq!(treatment.headers.len(), usize::from(any("value = \"1")) + usize::from(any("value = \"2")));
        let mut turned = chosen.clone();
        if !turned.is_empty() {
            let by = turn % turned.len();
            turned.rotate_left(by);
        }
        let other = judged(&turned);
        let sorted = |mut told: Vec<String>| { told.sort(); told };
        proptest::prop_assert_eq!((one.verdict, one.delay, one.hold, one.self_review), (other.verdict, other.delay, other.hold, other.self_review));
        proptest::prop_assert_eq!((&one.treatment, one.fate), (&other.treatment, other.fate));
        proptest::prop_assert_eq!(sorted(one.notify), sorted(other.notify));
        proptest::prop_assert_eq!(one.hits.len(), other.hits.len());
    }
}

#[test]
fn what_is_done_at_release_adds_up_beside_what_a_mail_waits_for() {
    let rule = |code: &str, action: &str| {
        format!("[[rule]]\ncode = \"{code}\"\ndirection = \"any\"\nwhen = {{ size = {{}} }}\naction = {action}\n")
    };
    let mail = facts(vec![who("p@yamada.example", &[], &[]), who("x@aoba.example", &[], &[])]);
    let judged = |text: &str| judge(&RuleSet::parse(text).unwrap(), &mail).recipients;
    let hidden = rule("T", "[ \"hide_recipients\", { header = { name = \"X-A\", value = \"1\" } } ]");
    let both = judged(&hidden);
    assert_eq!((both[0].verdict, both[0].fate), (Verdict::HideRecipients, Verdict::Record));
    assert!(both[0].treatment.hide_recipients && both[0].treatment.headers.len() == 1);
    assert_eq!(both[1].verdict, Verdict::Header, "colleagues see the recipients");
    assert!(!both[1].treatment.hide_recipients && both[1].treatment.headers.len() == 1);
    for (action, fate, told) in [
        ("\"self_review\"", Verdict::SelfReview, 2),
        ("{ hold = { approvers = [\"supervisor\"] } }", Verdict::Hold, 2),
        ("\"block\"", Verdict::Block, 1),
    ] {
        let one = judged(&(hidden.clone() + &rule("W", action))).remove(0);
        assert_eq!((one.fate, one.hits.len(), one.hits[0].code.as_str()), (fate, told, "W"), "{action}");
        assert!(one.treatment.hide_recipients);
    }
    let only = rule("H", "\"hide_recipients\"");
    assert_eq!(judged(&only)[1].hits.len(), 0, "a rule that does nothing for a colleague is not told of him");
}

#[test]
fn a_server_without_tls_is_known_or_counts_as_such_only_where_the_rule_says_so() {
    for (tls, known, also_unknown) in [(None, false, true), (Some(true), false, false), (Some(false), true, true)] {
        let mail = facts(vec![RecipientFact { tls, ..who("p@yamada.example", &[], &[]) }]);
        assert_eq!(blocks("{ no_tls = {} }", &mail), known, "{tls:?}");
        assert_eq!(blocks("{ no_tls = { unknown = true } }", &mail), also_unknown, "{tls:?}");
        let inside = facts(vec![RecipientFact { tls, ..who("x@aoba.example", &[], &[]) }]);
        assert!(!blocks("{ no_tls = { unknown = true } }", &inside));
    }
}
