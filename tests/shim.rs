//! Builds the preload shims (tests/shim) and puts them between a server and its disk, or its clock.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::house::House;

/// A shim, compiled once a run.
fn compiled(name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/shim/{name}.c"));
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-shim-{}.so", std::process::id()));
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-Wall", "-shared", "-fPIC", "-o"]).arg(&out).arg(source).arg("-ldl");
    let built = cc.output().expect("a C compiler (cc)");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    out
}

fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| compiled("disk"))
}

fn variable(name: &'static str, value: &Path) -> (&'static str, String) {
    (name, value.to_str().unwrap().to_owned())
}

/// What puts a process on clocks that go as many seconds ahead as the file `clock` in `folder` says ([`set_clock`]), none at first.
pub fn clock(folder: &Path) -> [(&'static str, String); 2] {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    let file = folder.join("clock");
    set_clock(folder, 0, 0);
    [variable("LD_PRELOAD", LIBRARY.get_or_init(|| compiled("clock"))), variable("SHIM_CLOCK", &file)]
}

/// What makes the review of a mail panic whose file, one that a child reads, holds `word`.
pub fn panics(word: &str) -> [(&'static str, String); 2] {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    [variable("LD_PRELOAD", LIBRARY.get_or_init(|| compiled("panic"))), ("SHIM_PANIC", word.to_owned())]
}

/// Sets clocks made by [`clock`]: the one of the day, and the one that measures how long something takes, so many seconds ahead.
pub fn set_clock(folder: &Path, ahead: i64, passed: i64) {
    let words = [ahead.to_ne_bytes(), passed.to_ne_bytes()].concat();
    // in one piece, and in place: a server has it mapped
    let file = std::fs::File::options().write(true).create(true).truncate(false).open(folder.join("clock")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &words, 0).unwrap();
}

/// Puts a house that is on a shim already on a clock too, from its next start on.
pub fn with_clock(house: &mut House) {
    let [preload, file] = clock(house.dir.path());
    for (name, value) in &mut house.env {
        if *name == preload.0 {
            *value = format!("{value}:{}", preload.1);
        }
    }
    house.env.push(file);
}

/// The shim of one house: its log, and the file that orders failures.
pub struct Shim {
    pub log: PathBuf,
    fault: PathBuf,
}

impl Shim {
    /// From now on every process of the house runs on the shim.
    pub fn under(house: &mut House) -> Self {
        let (shim, env) = Self::over(house.dir.path(), &house.data());
        house.env = env;
        shim
    }
    /// The shim of the files below `data`, and what puts a process on it.
    pub fn over(folder: &Path, data: &Path) -> (Self, Vec<(&'static str, String)>) {
        let shim = Self { log: folder.join("disk.log"), fault: folder.join("fault") };
        std::fs::write(&shim.log, b"").unwrap();
        let env = vec![
            variable("LD_PRELOAD", library()),
            variable("SHIM_DIR", data),
            variable("SHIM_LOG", &shim.log),
            variable("SHIM_FAULT", &shim.fault),
        ];
        (shim, env)
    }
    /// How much was recorded until now.
    pub fn recorded(&self) -> u64 {
        std::fs::metadata(&self.log).unwrap().len()
    }
    /// Lets flushes or writes fail: `flush 5 .seg`.
    pub fn ill(&self, order: &str) {
        let draft = self.fault.with_extension("new");
        std::fs::write(&draft, format!("{order}\n")).unwrap();
        std::fs::rename(draft, &self.fault).unwrap();
    }
    /// Where orders are written, for a program that gives them itself: `write 28 mail.db-wal`, `flush -9 mail.db-wal 3`.
    pub fn order(&self) -> &Path {
        &self.fault
    }
    /// All is well again.
    pub fn well(&self) {
        std::fs::remove_file(&self.fault).unwrap();
    }
}

#[test]
fn each_order_counts_for_itself_and_from_the_moment_that_it_is_given() {
    let folder = tempfile::TempDir::new().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let (shim, env) = Shim::over(folder.path(), &data);
    let program = r#"
import os, sys
data, order = sys.argv[1:]
def give(text):
    with open(order + ".new", "w") as file:
        file.write(text)
    os.rename(order + ".new", order)
def tries(name, count):
    file, said = os.open(f"{data}/{name}", os.O_WRONLY | os.O_CREAT), []
    for _ in range(count):
        try:
            said.append(os.write(file, b"x"))
        except OSError as error:
            said.append(-error.errno)
    os.close(file)
    return said
assert tries("a", 2) == [1, 1]
give("write 28 /a 3\nwrite 5 /b 2\n")
assert tries("a", 2) == [1, 1], "the orders of others do not count"
assert tries("b", 3) == [1, -5, -5]
assert tries("a", 2) == [-28, -28]
assert tries("c", 1) == [1]
give("write 28 /a 3\nwrite 5 /b 2\n")
assert tries("a", 3) + tries("b", 2) == [1, 1, -28, 1, -5], "given anew it begins anew"
os.unlink(order)
assert tries("a", 4) == [1, 1, 1, 1]
"#;
    let mut python = Command::new("python3");
    python.args(["-c", program]).arg(&data).arg(shim.order()).envs(env);
    let done = python.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
