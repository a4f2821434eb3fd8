//! The pool of children, with children that misbehave: shell scripts that say what a child says and then something
//! else. The real child is driven in the tests of the root package.

#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use extract::{Extracted, Passwords, Program, Reason, Workers};
use message::{Leaf, LeafRole};
use types::Limits;

/// "I am ready" as a child says it.
const READY: &str = r"printf '\003\000\000\000\000\000\000'; ";

fn limits() -> Limits {
    Limits { extract_workers: 1, extract_seconds: 1, ..Limits::default() }
}

fn pool(script: &str) -> Workers {
    let args = ["-c", script].map(Into::into).to_vec();
    Workers::new(Program { path: "/bin/sh".into(), args }, &limits())
}

fn archive(size: usize) -> Leaf<'static> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.resize(size, 0);
    Leaf {
        part: "2".into(),
        role: LeafRole::Attachment,
        content_type: "application/zip".into(),
        name: Some("a.zip".into()),
        charset: None,
        bytes: bytes.into(),
        text: None,
        issue: None,
    }
}

fn read(workers: &Workers, wait: Duration) -> Extracted {
    workers.extract(&archive(200), &limits(), &Passwords::default(), Instant::now() + wait).unwrap()
}

fn reasons(out: &Extracted) -> Vec<Reason> {
    out.not_inspected.iter().map(|refused| refused.reason).collect()
}

#[test]
fn a_child_that_misbehaves_costs_the_file_its_inspection() {
    for (what, script, reason) in [
        ("ends at once", "exit 0", Reason::Broken),
        ("crashes", "kill -SEGV $$", Reason::Broken),
        ("is killed for its time", "kill -XCPU $$", Reason::TooSlow),
        ("has no memory", "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$", Reason::TooBig),
        ("reads nothing and says nothing", "exec sleep 60", Reason::TooSlow),
        ("reads and says nothing", "cat >/dev/null", Reason::TooSlow),
        ("closes its output and goes on", "exec >&-; exec cat >/dev/null", Reason::Broken),
        ("says that it is ready again", &format!("{READY} exec sleep 60"), Reason::Broken),
        ("says a frame too long", r"printf '\377\377\377\377'; exec sleep 60", Reason::Broken),
        ("says nonsense", r"printf '\002\000\000\000\011\011'; exec sleep 60", Reason::Broken),
        // an endless row of texts without a byte
        (
            "says too many texts",
            r"f='\005\000\000\000\001\000\000\000\000'; f=$f$f$f$f$f$f$f$f; f=$f$f$f$f$f$f$f$f; while printf $f; do :; done",
            Reason::TooBig,
        ),
        // a text of 65 MiB
        (
            "says too long a text",
            r"printf '\010\000\000\000\001\000\000\000\200\200\200\041'; exec sleep 60",
            Reason::TooBig,
        ),
        // a text of one byte that is no UTF-8
        ("says no text", r"printf '\005\000\000\000\001\000\000\000\001\377'; exec sleep 60", Reason::Broken),
    ] {
        let workers = pool(&format!("{READY}{script}"));
        let began = Instant::now();
        let out = read(&workers, Duration::from_secs(1));
        assert_eq!(reasons(&out), [reason], "{what}");
        assert!(began.elapsed() < Duration::from_secs(10), "{what}: {:?}", began.elapsed());
    }
}

#[test]
fn a_child_that_does_not_read_a_large_file_is_not_waited_for() {
    let workers = pool(&format!("{READY} exec sleep 60"));
    let out = workers
        .extract(&archive(8 << 20), &limits(), &Passwords::default(), Instant::now() + Duration::from_millis(300))
        .unwrap();
    assert_eq!(reasons(&out), [Reason::TooSlow]);
}

#[test]
fn what_was_found_before_the_trouble_stays() {
    // a text "ab", then nothing more
    let workers =
        pool(&format!(r"{READY} head -c 250 >/dev/null; printf '\005\000\000\000\001\000\000\000\002ab'; exit 1"));
    let out = read(&workers, Duration::from_secs(5));
    assert_eq!(out.texts.iter().map(|text| text.text.as_str()).collect::<Vec<_>>(), ["ab"]);
    assert_eq!(reasons(&out), [Reason::Broken]);
}

#[test]
fn a_child_that_cannot_be_started_is_an_error() {
    for workers in [pool("exit 1"), pool("echo hello; exec sleep 60"), {
        Workers::new(Program { path: "/nonexistent".into(), args: Vec::new() }, &limits())
    }] {
        let until = Instant::now() + Duration::from_secs(5);
        let error = workers.extract(&archive(100), &limits(), &Passwords::default(), until).unwrap_err();
        assert!(error.to_string().contains("no child process can be started"), "{error}");
        assert!(workers.warm().is_err());
    }
}

#[test]
fn a_file_that_takes_long_leaves_its_lane_to_others() {
    let dir = tempfile::tempdir().unwrap();
    // the first child hangs, the others are done at once
    let script = format!(
        r"cd {}; {READY} if mkdir hangs 2>/dev/null; then cat >/dev/null; fi; printf '\001\000\000\000\003'; cat >/dev/null",
        dir.path().display()
    );
    let workers = pool(&script);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| read(&workers, Duration::from_secs(60)));
        let end = Instant::now() + Duration::from_secs(20);
        while !dir.path().join("hangs").exists() {
            assert!(Instant::now() < end, "the first child did not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        // there is one quick lane: it is free again after a second, long before the first file is given up
        let out = read(&workers, Duration::from_secs(60));
        assert!(reasons(&out).is_empty() && !first.is_finished());
        assert_eq!(reasons(&first.join().unwrap()), [Reason::TooSlow]);
    });
}

#[test]
fn without_a_lane_in_time_it_is_too_slow() {
    let workers = pool(&format!("{READY} cat >/dev/null"));
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| read(&workers, Duration::from_millis(600)));
        let second = scope.spawn(|| read(&workers, Duration::from_millis(600)));
        (first.join().unwrap(), second.join().unwrap())
    });
    assert_eq!((reasons(&first), reasons(&second)), (vec![Reason::TooSlow], vec![Reason::TooSlow]));
}
