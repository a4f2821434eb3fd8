//! What the inspection adds to an ordinary mail of 10 KB: CPU time of one look, parsing included.
//! `cargo bench -p inspect --bench mail`.

use std::hint::black_box;

use types::Limits;

#[allow(dead_code)]
#[path = "../../../tests/corpus/src/lib.rs"]
mod corpus;

use corpus::dice::Dice;
use corpus::negatives::Twelve;
use corpus::scene::Block;

/// Mails that are looked at.
const MAILS: usize = 4_000;
/// Their size, bytes.
const SIZE: usize = 10_000;

/// An ordinary mail with so much text that it has the size.
fn mail(dice: &mut Dice, place: usize) -> Vec<u8> {
    let mut scene = corpus::negatives::draw(dice, place, Twelve::Natural);
    let container = &corpus::mail::CONTAINERS[place % 4];
    let mut lines = Vec::new();
    loop {
        let bytes = (container.make)(&scene, dice).unwrap_or_default();
        if bytes.len() >= SIZE || lines.len() > 1_000 {
            return bytes;
        }
        lines.extend((0..20).map(|_| corpus::people::filler(dice)));
        scene.blocks.truncate(1);
        scene.blocks.push(Block::Lines(lines.clone()));
    }
}

/// CPU time of this thread, milliseconds.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn main() {
    let limits = Limits::default();
    let mut dice = Dice::new(3);
    let mails: Vec<Vec<u8>> = (0..MAILS).map(|place| mail(&mut dice, place)).collect();
    let mut times: Vec<f64> = Vec::with_capacity(MAILS);
    for mail in &mails {
        let began = cpu();
        black_box(inspect::Seen::of(mail, &limits));
        times.push(cpu() - began);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or(f64::INFINITY);
    let size = mails.iter().map(Vec::len).sum::<usize>() / MAILS;
    println!("| mails | bytes each | p50 ms | p99 ms |\n|---|---|---|---|");
    println!("| {MAILS} | {size} | {:.3} | {:.3} |", at(0.5), at(0.99));
}
