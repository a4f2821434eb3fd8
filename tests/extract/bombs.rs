//! Files made to cost much: each is told of or read, in bounded time and memory, and the next mail is fine.

use std::time::{Duration, Instant};

use super::{MAIL, children, field, held_by, house, soon};

const BOMBS: &str = include_str!("bombs.py");
/// What a child may take with the server's own code in it, KiB.
const MOST_KIB: u64 = 300 << 10;
/// In a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// File, and the rule by which it must be held; `None`: whatever is found in it, the mail comes to an end.
const EXPECTED: &[(&str, Option<&str>)] = &[
    ("forty-two.zip", Some("TOO-BIG")),
    ("laughs.xml", None),
    ("laughs.docx", None),
    ("far.xlsx", None),
    ("deep.eml", Some("TOO-BIG")),
    ("wide.eml", Some("TOO-BIG")),
    ("circles.pdf", None),
    ("deep.rtf", None),
    ("deep.json", None),
    ("deep.html", None),
    ("deep.xml", None),
];

#[test]
fn a_file_made_to_cost_much_costs_little_and_the_next_mail_is_fine() {
    let house = house("");
    let mut must = Vec::new();
    for (name, rule) in EXPECTED {
        let before = held_by(&house);
        let began = Instant::now();
        let said = house.python(&format!("{MAIL}\n{BOMBS}\nprint(send(mail('bomb', '{name}', BOMBS['{name}']())))"));
        let (said, took) = (said.trim(), began.elapsed());
        assert!(matches!(said, "accepted" | "held for approval"), "{name}: {said}");
        assert!(took < PATIENCE, "{name}: {took:?}");
        let peaks = children(&house).into_iter().map(|child| field(child, "VmHWM"));
        let most = peaks.filter_map(|peak| peak.split(' ').next()?.parse::<u64>().ok()).max().unwrap_or(0);
        assert!(most < MOST_KIB, "{name}: {most} KiB");
        println!("{name}: {said}, {took:?}, children up to {} MiB", most >> 10);
        if let Some(rule) = rule {
            must.push((*rule).to_owned());
            // a sender whose mail is looked at for ten seconds is answered before its fate is certain
            soon(&format!("{name} is not held"), || (held_by(&house).len() == before.len() + 1).then_some(()));
        }
        house.python(&format!("{MAIL}\nassert send(mail('next', 'memo.zip', fine)) == 'accepted'"));
    }
    let held = held_by(&house);
    for rule in must {
        assert!(held.contains(&rule), "{rule}: {held:?}");
    }
    let log = house.log();
    assert!(!log.contains("panicked"), "{log}");
}
