//! One libFuzzer program for all targets: `TARGET` names the one.
#![no_main]

use std::sync::LazyLock;

use fuzz::Target;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("TARGET").unwrap_or_default();
    fuzz::target(&name).unwrap_or_else(|| panic!("TARGET must be one of {}", fuzz::names()))
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
