//! Nasty mails through FETCH by the front door: every piece of each is what a real Dovecot answered (`tests/nasty/dovecot.json`, made
//! by `tests/nasty/record.py`), but for the differences that `tests/nasty/reasons.py` gives a reason for.

use crate::house::House;

#[test]
fn nasty_mails_are_fetched_as_dovecot_does_or_with_a_reason() {
    let house = House::start();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nasty");
    let update = std::env::var_os("UPDATE").is_some();
    let program = format!(
        "import sys\nsys.dont_write_bytecode = True\nsys.path.insert(0, {folder:?})\nimport compare\n\
         compare.run(IMAP, PASSWORD, {})",
        if update { "True" } else { "False" }
    );
    println!("{}", house.python(&program));
}
