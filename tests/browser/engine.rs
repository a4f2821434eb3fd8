//! One engine: 60 sample mails through webmail (the check, then the sending), through submission and through
//! `sekisho inspect` have the same verdict.

use super::company::Company;
use crate::numbers::samples;

const WEB: &str = include_str!("web.py");
const COMPARE: &str = include_str!("engine.py");

#[test]
fn webmail_submission_and_the_command_judge_sixty_mails_alike() {
    let company = Company::start();
    let known =
        format!("BINARY, SAMPLES = {:?}, {:?}\n", env!("CARGO_BIN_EXE_sekisho"), samples().display().to_string());
    print!("{}", company.demo.python(&format!("{WEB}\n{known}{COMPARE}")));
}
