//! Crash images (DESIGN.md section 9): every write and flush of the server is recorded while people work; then the
//! power goes at random points of the record, and the server starts on what a disk may hold after that.

mod check;
mod disk;
mod log;
mod work;

pub use check::mails;
pub use disk::{Dice, Disk, Fate};
pub use log::{Act, read as read_log};
pub use work::{TARO, mail};

use std::sync::Mutex;

use crate::house::{House, PASSWORD};
use crate::shim::Shim;
use crate::talk::Smtp;
use work::{Fact, HANAKO, Load, Told};

/// What goes outside waits before a closed door.
const CLOSED_DOOR: &str = "[[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n";

/// One recording: the disk as it was before, what was done to it, what people were told.
struct Recording {
    base: Disk,
    acts: Vec<(u64, Act)>,
    told: Told,
    /// The lengths of the log between which a crash is no clean stop.
    running: std::ops::Range<u64>,
    /// The house's files beside its data: the master key lies in the data folder.
    _house: House,
}

impl Recording {
    /// A company at work, from a clean start to a clean stop; in between the server is killed once, so that what a
    /// crashed process left unflushed is built upon by the next.
    fn make(much: usize) -> Self {
        let mut house = House::start_with(CLOSED_DOOR);
        let add = |address: &str, roles: &[&str]| {
            let words = [&["user", "add", address, "--name", "x", "--password-stdin"], roles].concat();
            house.good_with(&words, PASSWORD);
        };
        add(HANAKO, &[]);
        add("suzuki@aoba.example", &["--role", "handler", "--role", "approver"]);
        house.good(&["group", "set", "取扱担当者", "--tenant", "aoba", "--member", "suzuki@aoba.example"]);
        house.stop();
        let base = Disk::with(&house.data());
        let shim = Shim::under(&mut house);
        house.serve();
        let start = shim.recorded();
        let early = Load::new(&house, &shim, much).run_until_killed();
        house.ended();
        let killed = log::mend(&shim.log);
        let mut disk = base.clone();
        log::read(&shim.log).iter().for_each(|(_, act)| disk.act(act));
        let unrecorded = disk.unrecorded();
        house.serve();
        let mut told = Load::new(&house, &shim, much).run();
        told.facts.extend(early);
        let running = start..shim.recorded();
        house.stop();
        let mut acts = log::read(&shim.log);
        let after = acts.iter().position(|(at, _)| *at > killed).unwrap();
        acts.splice(after..after, unrecorded.into_iter().map(|act| (killed, act)));
        Self { base, acts, told, running, _house: house }
    }

    /// The first start of all, the first person, the first mail.
    fn of_the_first_start() -> Self {
        let mut house = House::empty();
        std::fs::create_dir(house.data()).unwrap();
        let base = Disk::with(&house.data());
        let shim = Shim::under(&mut house);
        house.serve();
        house.add_taro();
        let mut told = Told { taro: Some(shim.recorded()), ..Told::default() };
        let mut smtp = Smtp::connect(house.smtp).unwrap();
        let answer = smtp.send("x@b.example", &[TARO], &mail("first")).unwrap();
        assert!(answer.starts_with("250"), "{answer}");
        told.facts.push((shim.recorded(), Fact::Mail("first".to_owned())));
        house.stop();
        Self { base, acts: log::read(&shim.log), told, running: 0..0, _house: house }
    }

    /// Lets the power go at `count` random points; what the images lack.
    fn crash(&self, count: usize, blind: Option<&'static str>, dice: &mut Dice) -> Vec<String> {
        let first = self.acts.iter().position(|(at, _)| *at > self.running.start).unwrap();
        let mut points: Vec<usize> = (0..count).map(|_| first + dice.below(self.acts.len() - first)).collect();
        points.sort_unstable();
        let replay = Mutex::new(Replay { disk: self.base.clone().blind_to(blind), done: 0, points, dice });
        let faults = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    loop {
                        let Some((house, crash)) = replay.lock().unwrap().next(self) else { return };
                        if let Err(fault) = self.check(house, crash) {
                            faults.lock().unwrap().push(fault);
                        }
                    }
                });
            }
        });
        faults.into_inner().unwrap()
    }

    fn check(&self, mut house: House, crash: u64) -> Result<(), String> {
        let found = check::check(&mut house, &self.told, crash).and_then(|()| self.was_read_back(&house, crash));
        found.map_err(|fault| {
            let log = house.log();
            let kept = house.leave();
            format!("{} (power lost at {crash}): {fault}\n{log}", kept.display())
        })
    }

    /// The record holds what a crash can tear apart: a checkpoint, the filling of the log with zeros (`checkpoint.rs`), a large mail's own
    /// file, a flush of a folder. What it misses.
    fn misses(&self) -> Vec<&'static str> {
        let database = self.base.inode("/mail.db");
        let mut journals: Vec<u64> = self.base.inode("/mail.db-wal").into_iter().collect();
        journals.extend(self.acts.iter().filter_map(|(_, act)| match act {
            Act::Made { inode, path } if path.ends_with("/mail.db-wal") => Some(*inode),
            _ => None,
        }));
        let fills = |inode: &u64, bytes: &[u8]| {
            journals.contains(inode) && bytes.len() > 1 << 16 && bytes.iter().all(|byte| *byte == 0)
        };
        let any = |wanted: &dyn Fn(&Act) -> bool| self.acts.iter().any(|(_, act)| wanted(act));
        let kinds = [
            ("a checkpoint", any(&|act| matches!(act, Act::Wrote { inode, .. } if Some(*inode) == database))),
            ("a log that is filled", any(&|act| matches!(act, Act::Wrote { inode, bytes, .. } if fills(inode, bytes)))),
            ("a rename", any(&|act| matches!(act, Act::Renamed { .. }))),
            ("a segment", any(&|act| matches!(act, Act::Made { path, .. } if path.ends_with(".seg")))),
        ];
        kinds.into_iter().filter(|(_, there)| !there).map(|(kind, _)| kind).collect()
    }

    /// A start after a crash reads the newest records back.
    fn was_read_back(&self, house: &House, crash: u64) -> Result<(), String> {
        let mail = self.told.facts.iter().any(|(at, fact)| *at <= crash && matches!(fact, Fact::Mail(_)));
        let looked = house.log().contains("the last stop was not clean");
        if mail && self.running.contains(&crash) && !looked {
            return Err("the crash was taken for a clean stop".into());
        }
        Ok(())
    }
}

/// The recording run again up to each point.
struct Replay<'a> {
    disk: Disk,
    done: usize,
    points: Vec<usize>,
    dice: &'a mut Dice,
}

impl Replay<'_> {
    /// A house with the next image, and the length of the log at that point.
    fn next(&mut self, recording: &Recording) -> Option<(House, u64)> {
        if self.points.is_empty() {
            return None;
        }
        let point = self.points.remove(0);
        recording.acts[self.done..=point].iter().for_each(|(_, act)| self.disk.act(act));
        self.done = point + 1;
        let fate = [Fate::Lost, Fate::Kept, Fate::Mixed, Fate::Mixed, Fate::Mixed][self.dice.below(5)];
        let house = House::empty_with(CLOSED_DOOR);
        self.disk.image(&house.data(), fate, self.dice);
        Some((house, recording.acts[point].0))
    }
}

#[test]
fn after_any_loss_of_power_all_that_was_promised_is_there() {
    let (recordings, images) = if std::env::var_os("SEKISHO_LONG").is_some() { (4, 50) } else { (1, 20) };
    for number in 0..recordings {
        let recording = Recording::make(80);
        assert_eq!(recording.misses(), [""; 0], "kinds of work that the record misses");
        let faults = recording.crash(images, None, &mut Dice::new(number + 1));
        assert!(faults.is_empty(), "{} of {images} images: {}", faults.len(), faults.join("\n\n"));
    }
}

#[test]
fn a_first_start_that_loses_power_can_be_started_again() {
    let images = if std::env::var_os("SEKISHO_LONG").is_some() { 40 } else { 10 };
    let faults = Recording::of_the_first_start().crash(images, None, &mut Dice::new(7));
    assert!(faults.is_empty(), "{} of {images} images: {}", faults.len(), faults.join("\n\n"));
}

/// The proof that this test would notice: where flushes are overlooked, promises break.
#[test]
fn a_server_that_did_not_flush_would_be_found_out() {
    let recording = Recording::make(30);
    for blind in ["", ".seg", "mail.db-wal", "/blobs"] {
        let found = (0..5).any(|seed| !recording.crash(2, Some(blind), &mut Dice::new(seed + 1)).is_empty());
        assert!(found, "without the flushes of {blind:?} nothing was missed");
    }
}
