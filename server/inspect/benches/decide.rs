//! How many mails without attachments are decided a second: the look and the judgement by the shipped rules, on as many
//! threads as the machine has. `cargo bench -p inspect --bench decide`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use inspect::review::{self, AuthorFact, Contact, RecipientFact, RuleSet};
use types::{Address, Limits, Timestamp};

#[allow(dead_code)]
#[path = "../../../tests/corpus/src/lib.rs"]
mod corpus;

use corpus::dice::Dice;
use corpus::negatives::Twelve;
use corpus::scene::Block;

/// Mails that are decided, each once.
const MAILS: usize = 6_000;

/// An ordinary mail of this size at least, bytes.
fn mail(dice: &mut Dice, place: usize, size: usize) -> Vec<u8> {
    let mut scene = corpus::negatives::draw(dice, place, Twelve::Natural);
    let mut lines = Vec::new();
    loop {
        // plain text and HTML; the containers behind them are attachments
        let container = &corpus::mail::CONTAINERS[place % 2];
        let bytes = (container.make)(&scene, dice).unwrap_or_default();
        if bytes.len() >= size || lines.len() > 1_000 {
            return bytes;
        }
        lines.extend((0..10).map(|_| corpus::people::filler(dice)));
        scene.blocks.truncate(1);
        scene.blocks.push(Block::Lines(lines.clone()));
    }
}

fn decide(rules: &RuleSet, limits: &Limits, mail: &[u8]) -> usize {
    let seen = inspect::Seen::of(mail, limits);
    let inside = Address::parse("taro@own.example").unwrap();
    let author = AuthorFact { address: Some(inside.clone()), inside: true, ..AuthorFact::default() };
    let recipient = RecipientFact {
        address: Address::parse("partner@else.example").unwrap(),
        mailbox: None,
        inside: false,
        groups: Vec::new(),
        lists: Vec::new(),
        department: String::new(),
        contact: Contact::Known,
        tls: None,
    };
    let facts = seen.facts(author, vec![recipient], |who| who.domain() == inside.domain(), Timestamp(0));
    review::judge(rules, &facts).recipients.len()
}

fn main() {
    let (limits, rules) = (Limits::default(), RuleSet::parse(RuleSet::shipped_text()).unwrap());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("| mail, bytes | threads | mails a second |\n|---|---|---|");
    for size in [2_000, 10_000] {
        let mut dice = Dice::new(3);
        let mails: Vec<Vec<u8>> = (0..MAILS).map(|place| mail(&mut dice, place, size)).collect();
        let (next, began) = (AtomicUsize::new(0), Instant::now());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(mail) = mails.get(next.fetch_add(1, Ordering::Relaxed)) {
                        black_box(decide(&rules, &limits, mail));
                    }
                });
            }
        });
        let rate = MAILS as f64 / began.elapsed().as_secs_f64();
        let bytes = mails.iter().map(Vec::len).sum::<usize>() / MAILS;
        println!("| {bytes} | {threads} | {rate:.0} |");
    }
}
