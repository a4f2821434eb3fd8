//! Builds the preload shim (tests/shim/disk.c) and puts it between a house's server and its disk.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::house::House;

/// The shim, compiled once a run.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shim/disk.c");
        let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("disk-shim-{}.so", std::process::id()));
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-Wall", "-shared", "-fPIC", "-o"]).arg(&out).args([source, "-ldl"]);
        let built = cc.output().expect("a C compiler (cc)");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        out
    })
}

/// The shim of one house: its log, and the file that orders failures.
pub struct Shim {
    pub log: PathBuf,
    fault: PathBuf,
}

impl Shim {
    /// From now on every process of the house runs on the shim.
    pub fn under(house: &mut House) -> Self {
        let shim = Self { log: house.dir.path().join("disk.log"), fault: house.dir.path().join("fault") };
        std::fs::write(&shim.log, b"").unwrap();
        let variable = |name: &'static str, value: &Path| (name, value.to_str().unwrap().to_owned());
        house.env = vec![
            variable("LD_PRELOAD", library()),
            variable("SHIM_DIR", &house.data()),
            variable("SHIM_LOG", &shim.log),
            variable("SHIM_FAULT", &shim.fault),
        ];
        shim
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
    /// All is well again.
    pub fn well(&self) {
        std::fs::remove_file(&self.fault).unwrap();
    }
}
