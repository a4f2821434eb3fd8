//! The shim's log as values (tests/shim/disk.c writes it).

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Something that was done to a file or folder.
#[derive(Debug, Clone)]
pub enum Act {
    Made {
        inode: u64,
        path: String,
    },
    MadeFolder {
        inode: u64,
        path: String,
    },
    Wrote {
        inode: u64,
        at: u64,
        bytes: Vec<u8>,
    },
    Cut {
        inode: u64,
        len: u64,
    },
    /// A flush began; `thread` tells apart those that run at once.
    Flushing {
        inode: u64,
        thread: u64,
    },
    Flushed {
        inode: u64,
        thread: u64,
    },
    Renamed {
        from: String,
        to: String,
    },
    Unlinked {
        path: String,
    },
}

/// Takes away a record that a kill cut off; the log's length then.
pub fn mend(path: &Path) -> u64 {
    let end = read(path).last().map_or(0, |(at, _)| *at);
    File::options().write(true).open(path).unwrap().set_len(end).unwrap();
    end
}

/// All acts, each with the log's length behind it.
pub fn read(path: &Path) -> Vec<(u64, Act)> {
    let mut bytes = Vec::new();
    File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    let mut acts = Vec::new();
    let mut at = 0;
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    // the last record may have been cut off by a kill
    while at + 32 <= bytes.len() && at + 32 + number(at + 24) as usize <= bytes.len() {
        let [kind, inode, place, extra] = [0, 8, 16, 24].map(|field| number(at + field));
        let extra = &bytes[at + 32..at + 32 + extra as usize];
        at += 32 + extra.len();
        acts.push((at as u64, act(kind, inode, place, extra)));
    }
    acts
}

fn act(kind: u64, inode: u64, place: u64, extra: &[u8]) -> Act {
    let path = || String::from_utf8(extra.to_vec()).unwrap();
    match kind {
        1 => Act::Made { inode, path: path() },
        2 => Act::Wrote { inode, at: place, bytes: extra.to_vec() },
        3 => Act::Cut { inode, len: place },
        4 => Act::Flushing { inode, thread: place },
        5 => Act::Flushed { inode, thread: place },
        6 => {
            let both = path();
            let (from, to) = both.split_once('\n').unwrap();
            Act::Renamed { from: from.to_owned(), to: to.to_owned() }
        }
        7 => Act::Unlinked { path: path() },
        8 => Act::MadeFolder { inode, path: path() },
        other => panic!("a record of kind {other}"),
    }
}
