//! A disk that may lose power: what was flushed is there, what was not may be there, in any order (DESIGN.md section 9).
//!
//! Of every 4 KiB block any version since its last flush may be found, whatever is found of other blocks; a file has
//! any length that it had since; a name that was made, taken away or given to another file since its folder was flushed
//! may or may not be so. A rename is whole or not at all, as on every file system with a journal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::log::Act;

const BLOCK: usize = 4096;

/// Numbers that look random and can be had again.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as usize) % bound.max(1)
    }
}

/// How the unflushed fares in one image.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    /// All is lost.
    Lost,
    /// All is there.
    Kept,
    /// Each block, length and name by itself.
    Mixed,
}

#[derive(Clone)]
enum Change {
    Wrote { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

#[derive(Clone)]
enum Naming {
    Made(String, usize),
    Unlinked(String),
    Renamed(String, String),
}

/// A file, or a folder (whose content is its names).
#[derive(Clone, Default)]
struct Node {
    folder: bool,
    safe: Vec<u8>,
    pending: Vec<Change>,
    names: BTreeMap<String, usize>,
    renaming: Vec<Naming>,
    /// Changes that were flushed: what was noted at a flush's beginning is counted from the first.
    done: usize,
}

/// The disk under one folder.
#[derive(Clone)]
pub struct Disk {
    root: String,
    nodes: Vec<Node>,
    inodes: HashMap<u64, usize>,
    folders: HashMap<String, usize>,
    flushes: HashMap<(u64, u64), (usize, usize)>,
    /// Flushes of files or folders whose path holds this are overlooked.
    blind: Option<&'static str>,
    paths: Vec<String>,
}

impl Disk {
    /// A disk on which all that is in `root` now is safe.
    pub fn with(root: &Path) -> Self {
        let path = root.to_str().unwrap().to_owned();
        let (nodes, inodes, folders) = Default::default();
        let mut disk =
            Self { root: path, nodes, inodes, folders, flushes: HashMap::new(), blind: None, paths: Vec::new() };
        disk.take(root);
        disk
    }

    /// The inode of the file whose path ends so.
    pub fn inode(&self, end: &str) -> Option<u64> {
        let of = |id: &usize| self.paths[*id].ends_with(end);
        self.inodes.iter().find(|(_, id)| of(id)).map(|(inode, _)| *inode)
    }

    /// The disk, with flushes of what holds this in its path overlooked.
    pub fn blind_to(self, blind: Option<&'static str>) -> Self {
        Self { blind, ..self }
    }

    fn take(&mut self, path: &Path) -> usize {
        let meta = fs::metadata(path).unwrap();
        let node = self.node(meta.ino(), path.to_str().unwrap(), meta.is_dir());
        if !meta.is_dir() {
            self.nodes[node].safe = fs::read(path).unwrap();
            return node;
        }
        for entry in
            fs::read_dir(path).unwrap().map(Result::unwrap).filter(|entry| kept(entry.path().to_str().unwrap()))
        {
            let child = self.take(&entry.path());
            self.nodes[node].names.insert(entry.file_name().into_string().unwrap(), child);
        }
        node
    }

    fn node(&mut self, inode: u64, path: &str, folder: bool) -> usize {
        let id = self.nodes.len();
        self.nodes.push(Node { folder, ..Node::default() });
        self.paths.push(path.to_owned());
        self.inodes.insert(inode, id);
        if folder {
            self.folders.insert(path.to_owned(), id);
        }
        id
    }

    /// Does what was done.
    pub fn act(&mut self, act: &Act) {
        match act {
            Act::Made { inode, path } => self.made(*inode, path, false),
            Act::MadeFolder { inode, path } => self.made(*inode, path, true),
            Act::Wrote { inode, at, bytes } => {
                self.change(*inode, Change::Wrote { at: *at as usize, bytes: bytes.clone() });
            }
            Act::Cut { inode, len } => self.change(*inode, Change::Cut(*len as usize)),
            Act::Flushing { inode, thread } => self.flushing(*inode, *thread),
            Act::Flushed { inode, thread } => self.flushed(*inode, *thread),
            Act::Unlinked { path } => self.rename(path, Naming::Unlinked(leaf(path))),
            Act::Renamed { from, to } => self.rename(to, Naming::Renamed(leaf(from), leaf(to))),
        }
    }

    fn made(&mut self, inode: u64, path: &str, folder: bool) {
        if kept(path) && path != self.root {
            let id = self.node(inode, path, folder);
            self.rename(path, Naming::Made(leaf(path), id));
        }
    }
    fn rename(&mut self, path: &str, naming: Naming) {
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        if kept(path)
            && let Some(folder) = self.folders.get(above)
        {
            self.nodes[*folder].renaming.push(naming);
        }
    }
    fn change(&mut self, inode: u64, change: Change) {
        if let Some(id) = self.inodes.get(&inode) {
            self.nodes[*id].pending.push(change);
        }
    }
    fn flushing(&mut self, inode: u64, thread: u64) {
        let Some(id) = self.inodes.get(&inode).copied() else { return };
        if self.blind.is_some_and(|blind| self.paths[id].contains(blind)) {
            return;
        }
        let node = &self.nodes[id];
        self.flushes.insert((inode, thread), (id, node.done + node.pending.len() + node.renaming.len()));
    }
    fn flushed(&mut self, inode: u64, thread: u64) {
        let Some((id, until)) = self.flushes.remove(&(inode, thread)) else { return };
        let node = &mut self.nodes[id];
        let count = until.saturating_sub(node.done);
        node.done += count;
        // a node is a file or a folder: one of the two lists is empty
        for change in node.pending.drain(..count.min(node.pending.len())) {
            apply(&mut node.safe, &change);
        }
        for naming in node.renaming.drain(..count.min(node.renaming.len())) {
            name(&mut node.names, &naming);
        }
    }

    /// What was done to files without a record of it: a process that is killed may have no time to write one.
    pub fn unrecorded(&self) -> Vec<Act> {
        let mut acts = Vec::new();
        for (inode, id) in &self.inodes {
            let node = &self.nodes[*id];
            let Ok(real) = fs::read(&self.paths[*id]) else { continue };
            let same = fs::metadata(&self.paths[*id]).is_ok_and(|meta| meta.ino() == *inode);
            let known = found_bytes(node, Fate::Kept, &mut Dice::new(1));
            if !node.folder && same && known != real {
                acts.push(Act::Cut { inode: *inode, len: real.len() as u64 });
                let blocks = real.chunks(BLOCK).enumerate();
                let differs = blocks
                    .filter(|(number, block)| known.get(number * BLOCK..number * BLOCK + block.len()) != Some(*block));
                acts.extend(differs.map(|(number, block)| Act::Wrote {
                    inode: *inode,
                    at: (number * BLOCK) as u64,
                    bytes: block.to_vec(),
                }));
            }
        }
        acts
    }

    /// Writes what may be found after a loss of power now.
    pub fn image(&self, to: &Path, fate: Fate, dice: &mut Dice) {
        self.write(self.folders[&self.root], to, fate, dice);
    }

    fn write(&self, id: usize, to: &Path, fate: Fate, dice: &mut Dice) {
        let node = &self.nodes[id];
        let mode = if node.folder { 0o700 } else { 0o600 };
        if node.folder {
            fs::create_dir_all(to).unwrap();
            for (leaf, child) in found_names(node, fate, dice) {
                self.write(child, &to.join(leaf), fate, dice);
            }
        } else {
            fs::write(to, found_bytes(node, fate, dice)).unwrap();
        }
        fs::set_permissions(to, fs::Permissions::from_mode(mode)).unwrap();
    }
}

fn leaf(path: &str) -> String {
    path.rsplit_once('/').map_or(path, |(_, leaf)| leaf).to_owned()
}

/// What is not there after a loss of power, or means nothing: memory shared by processes, the socket.
fn kept(path: &str) -> bool {
    !path.ends_with("-shm") && !path.ends_with("control.sock")
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Cut(len) => bytes.resize(*len, 0),
        Change::Wrote { at, bytes: new } => {
            if bytes.len() < at + new.len() {
                bytes.resize(at + new.len(), 0);
            }
            bytes[*at..at + new.len()].copy_from_slice(new);
        }
    }
}

fn name(names: &mut BTreeMap<String, usize>, naming: &Naming) {
    match naming {
        Naming::Made(leaf, id) => drop(names.insert(leaf.clone(), *id)),
        Naming::Unlinked(leaf) => drop(names.remove(leaf)),
        Naming::Renamed(from, to) => {
            if let Some(id) = names.remove(from) {
                names.insert(to.clone(), id);
            }
        }
    }
}

fn found_names(node: &Node, fate: Fate, dice: &mut Dice) -> BTreeMap<String, usize> {
    let mut names = node.names.clone();
    for naming in &node.renaming {
        if matches!(fate, Fate::Kept) || matches!(fate, Fate::Mixed) && dice.below(2) == 0 {
            name(&mut names, naming);
        }
    }
    names
}

fn found_bytes(node: &Node, fate: Fate, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = node.safe.clone();
    match fate {
        Fate::Lost => {}
        Fate::Kept => node.pending.iter().for_each(|change| apply(&mut bytes, change)),
        Fate::Mixed => mix(&mut bytes, &node.pending, dice),
    }
    bytes
}

/// Of each block a version of its own, and one of the lengths.
fn mix(bytes: &mut Vec<u8>, pending: &[Change], dice: &mut Dice) {
    let mut lengths = vec![bytes.len()];
    let mut touched: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (number, change) in pending.iter().enumerate() {
        let before = *lengths.last().unwrap();
        let (range, after) = match change {
            Change::Cut(len) => (*len..before.max(*len), *len),
            Change::Wrote { at, bytes } => (*at..at + bytes.len(), before.max(at + bytes.len())),
        };
        lengths.push(after);
        for block in range.start / BLOCK..range.end.div_ceil(BLOCK) {
            touched.entry(block).or_default().insert(number);
        }
    }
    let longest = *lengths.iter().max().unwrap();
    let length = lengths[dice.below(lengths.len())];
    bytes.resize(longest, 0);
    for (block, changes) in touched {
        let keep = dice.below(changes.len() + 1);
        for number in changes.into_iter().take(keep) {
            apply_within(bytes, &pending[number], block * BLOCK..(block + 1) * BLOCK);
        }
    }
    bytes.truncate(length);
}

fn apply_within(bytes: &mut [u8], change: &Change, block: std::ops::Range<usize>) {
    let block = block.start..block.end.min(bytes.len());
    match change {
        Change::Cut(len) => bytes[block.start.max(*len).min(block.end)..block.end].fill(0),
        Change::Wrote { at, bytes: new } => {
            let (start, end) = (block.start.max(*at), block.end.min(at + new.len()));
            if start < end {
                bytes[start..end].copy_from_slice(&new[start - at..end - at]);
            }
        }
    }
}

#[test]
fn what_was_flushed_is_there_and_of_the_rest_anything() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("data");
    fs::create_dir(&root).unwrap();
    let mut disk = Disk::with(&root);
    let folder = fs::metadata(&root).unwrap().ino();
    let path = format!("{}/a", root.display());
    let wrote = |byte: u8| Act::Wrote { inode: 7, at: 0, bytes: vec![byte; 2 * BLOCK] };
    disk.act(&Act::Made { inode: 7, path });
    disk.act(&wrote(1));
    for inode in [7, folder] {
        disk.act(&Act::Flushing { inode, thread: 1 });
        disk.act(&wrote(2));
        disk.act(&Act::Flushed { inode, thread: 1 });
    }
    let mut seen = BTreeSet::new();
    for number in 0..40 {
        let image = dir.path().join(number.to_string());
        disk.image(&image, Fate::Mixed, &mut Dice::new(number));
        let bytes = fs::read(image.join("a")).unwrap();
        seen.insert((bytes[0], bytes[BLOCK]));
    }
    assert_eq!(seen, BTreeSet::from([(1, 1), (1, 2), (2, 1), (2, 2)]));
    disk.image(&dir.path().join("lost"), Fate::Lost, &mut Dice::new(1));
    assert_eq!(fs::read(dir.path().join("lost/a")).unwrap(), vec![1; 2 * BLOCK]);
}
