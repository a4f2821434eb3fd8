//! Mails for measuring the finder of My Numbers, made by chance from a seed: positives are forms × containers × the
//! placement of the words around them, negatives are ordinary business mail. Nothing here knows the detector.

pub mod dice;
pub mod encode;
pub mod forms;
pub mod fresh;
pub mod fresh_numbers;
pub mod mail;
pub mod negatives;
pub mod numbers;
pub mod people;
pub mod positives;
pub mod render;
pub mod scene;

use dice::Dice;
use forms::{Fits, Form, RARE, USUAL};
use mail::{CONTAINERS, Container, Holds};
use negatives::{KINDS, Twelve};
use scene::{Scene, Sure};

/// A mail and what is true of it.
pub struct Case {
    /// The bytes.
    pub mail: Vec<u8>,
    /// What kind of mail it is.
    pub context: &'static str,
    /// How the number is written; empty without one.
    pub form: &'static str,
    /// In what the number stands.
    pub container: &'static str,
    /// Distinct My Numbers in it.
    pub numbers: usize,
    /// What a person would call them.
    pub sure: Sure,
}

/// A mail with My Numbers: two in three in a form of everyday mail.
#[must_use]
pub fn positive(dice: &mut Dice) -> Case {
    loop {
        let form = if dice.chance(65) { dice.of(&USUAL) } else { dice.of(&RARE) };
        let container = dice.of(&CONTAINERS);
        if let Some(case) = positive_in(dice, form, container) {
            return case;
        }
    }
}

/// A mail with My Numbers in this form and this container; none where the two do not go together.
#[must_use]
pub fn positive_in(dice: &mut Dice, form: &Form, container: &Container) -> Option<Case> {
    let scene = match (container.holds, form.fits) {
        (Holds::Short, Fits::Text) => return None,
        (Holds::Short, _) => positives::short(dice, form.write),
        (Holds::Text, Fits::Text) => positives::running(dice, form.write),
        (Holds::Text, Fits::Named) => positives::named(dice, form.write),
        (Holds::Text, Fits::Anywhere) => positives::draw(dice, form.write),
    };
    let mail = (container.make)(&scene, dice)?;
    Some(case(mail, &scene, form.name, container.name))
}

/// A mail of the kind `place` (counted on round and round) without My Numbers.
#[must_use]
pub fn negative(dice: &mut Dice, place: usize, twelve: Twelve) -> Case {
    let scene = negatives::draw(dice, place % KINDS.len(), twelve);
    loop {
        let container = match dice.below(10) {
            0..=5 => &CONTAINERS[dice.below(9)],
            6 | 7 => &CONTAINERS[dice.from(17, 21)],
            _ => &CONTAINERS[dice.from(22, 37)],
        };
        if let Some(mail) = (container.make)(&scene, dice) {
            return case(mail, &scene, "", container.name);
        }
    }
}

fn case(mail: Vec<u8>, scene: &Scene, form: &'static str, container: &'static str) -> Case {
    Case { mail, context: scene.context, form, container, numbers: scene.numbers, sure: scene.sure }
}

/// Mails as an mbox.
#[must_use]
pub fn mbox<'a>(mails: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    for mail in mails {
        out.extend_from_slice(b"From sato@aozora.example Thu Nov  5 09:12:33 2026\n");
        out.extend_from_slice(mail);
        out.extend_from_slice(b"\n\n");
    }
    out
}
