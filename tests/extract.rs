//! Attachments are read in children without rights: what these may not do, and that whatever becomes of one, its file
//! is not inspected and the next mail is fine.

mod bombs;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::house::{House, text};

/// `zipped(name, files)` and `mail(subject, name, content)`; every file that cannot be inspected is held.
const MAIL: &str = r#"
import base64, io, smtplib, zipfile
def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
def mail(subject, name, content):
    return ("From: taro@aoba.example\r\nTo: someone@outside.example\r\nSubject: %s\r\nMIME-Version: 1.0\r\n"
            "Content-Type: application/octet-stream; name=%s\r\nContent-Disposition: attachment; filename=%s\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n" % (subject, name, name, base64.encodebytes(content).decode()))
def send(mail):
    smtp = smtplib.SMTP("127.0.0.1", SUBMISSION, timeout=60)
    smtp.login("taro@aoba.example", PASSWORD)
    smtp.mail("taro@aoba.example"); smtp.rcpt("someone@outside.example")
    code, said = smtp.data(mail)
    smtp.quit()
    return said.decode().split(",")[0].split(" ", 1)[1]
good = zipped({"list.csv": "氏名,個人番号\r\n佐藤,123456789018\r\n"})
fine = zipped({"memo.txt": "hello"})
"#;

/// Holds a number, and what was not inspected with each reason under a rule of its own.
const RULES: &str = r#"
[[rule]]
code = "NUMBER"
name = "number"
direction = "out"
when = { my_number = { level = "likely", count = 1 } }
action = { hold = { approvers = ["group:取扱担当者"], hours = 8, calendar = "business", then = "return" } }
"#;

fn rules() -> String {
    ["encrypted", "broken", "too_big", "too_slow", "unsupported"].iter().fold(RULES.to_owned(), |rules, reason| {
        let code = reason.to_uppercase().replace('_', "-");
        rules
            + &RULES.replace("NUMBER", &code).replace(
                "my_number = { level = \"likely\", count = 1 }",
                &format!("not_inspected = {{ reasons = [\"{reason}\"] }}"),
            )
    })
}

/// A house whose rules hold whatever is found or not inspected; mail to the outside goes nowhere.
fn house(sections: &str) -> House {
    let route = "[[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n";
    let house = House::start_with(&format!("{sections}\n{route}"));
    let file = house.dir.path().join("rules.toml");
    std::fs::write(&file, rules()).unwrap();
    house.good(&["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"]);
    house
}

fn field(process: u32, name: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

/// The children of the server that read attachments.
fn children(house: &House) -> Vec<u32> {
    let folders = std::fs::read_dir("/proc").unwrap().flatten();
    let processes = folders.filter_map(|folder| folder.file_name().to_str()?.parse().ok());
    let parent = house.pid().to_string();
    processes.filter(|process| field(*process, "PPid") == parent && field(*process, "State") != "Z (zombie)").collect()
}

/// Waits for what is there soon.
fn soon<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(name: &str, process: u32) {
    assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
}

/// Waits until a child that does not read has been given a file.
fn has_its_file(child: u32) {
    let input = std::fs::File::open(format!("/proc/{child}/fd/0")).unwrap();
    soon("the file is not given to its child", || {
        rustix::io::ioctl_fionread(&input).is_ok_and(|n| n > 0).then_some(())
    });
}

/// The codes of the rules by which mails are held, sorted.
fn held_by(house: &House) -> Vec<String> {
    let list = house.good(&["held", "list", "--json"]);
    let held = list.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut all: Vec<String> = held.map(|one| one["rules"][0].as_str().unwrap_or_default().to_owned()).collect();
    all.sort();
    all
}

#[test]
fn a_child_may_do_nothing() {
    let output = Command::new(env!("CARGO_BIN_EXE_sekisho")).args(["extract-worker", "--self-test"]).output().unwrap();
    let said = text(&output.stdout);
    let tries: Vec<&str> = said.lines().skip(2).collect();
    assert_eq!(tries.len(), 8, "{said}");
    assert!(said.contains("seccomp: yes"), "{said}");
    assert!(output.status.success() && tries.iter().all(|line| line.ends_with(": refused")), "{said}");
}

#[test]
fn the_child_of_a_server_has_no_files_no_environment_and_no_way_back() {
    let house = House::start();
    let child = soon("no child is ready", || children(&house).into_iter().find(|one| field(*one, "Seccomp") == "2"));
    assert_eq!(field(child, "NoNewPrivs"), "1");
    assert_eq!(field(child, "Threads"), "1");
    let of = |file: &str| PathBuf::from(format!("/proc/{child}/{file}"));
    assert!(text(&std::fs::read(of("cmdline")).unwrap()).starts_with("sekisho\0extract-worker\0"));
    assert!(std::fs::read(of("environ")).unwrap().is_empty());
    assert_eq!(std::fs::read_link(of("cwd")).unwrap(), PathBuf::from("/"));
    let to = |end: &str| std::fs::read_link(of("fd").join(end)).unwrap().display().to_string();
    assert!(["0", "1", "2"].iter().all(|end| to(end).starts_with("pipe:")));
    // what the shell that started the server had open is open, too, and of no use; nothing of the server's is
    for entry in std::fs::read_dir(of("fd")).unwrap() {
        let to = std::fs::read_link(entry.unwrap().path()).unwrap().display().to_string();
        let ours = ["socket:", "anon_inode:", house.dir.path().to_str().unwrap()];
        assert!(!ours.iter().any(|ours| to.starts_with(ours) && !to.ends_with("/log")), "{to}");
    }
    let limits = std::fs::read_to_string(of("limits")).unwrap();
    let limit = |name: &str| {
        let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().unwrap_or_default().to_owned()
    };
    assert_eq!(limit("Max data size"), (512u64 << 20).to_string());
    assert_eq!((limit("Max core file size"), limit("Max open files")), ("0".into(), "3".into()));
}

#[test]
fn a_child_ends_with_its_server() {
    let mut house = House::start();
    let child = soon("no child is ready", || children(&house).pop());
    house.kill();
    soon("the child lives on", || matches!(field(child, "State").as_str(), "" | "Z (zombie)").then_some(()));
}

#[test]
fn a_child_killed_in_the_middle_of_a_file_costs_that_file_and_no_other() {
    let house = house("");
    house.python(&format!(
        "{MAIL}\nassert send(mail('a', 'a.zip', fine)) == 'accepted'\nassert send(mail('b', 'b.zip', good)) == 'held for approval'"
    ));
    // the one that is ready is stopped, so that it is in the middle of the next file until it is killed
    let child = soon("no child", || children(&house).pop());
    signal("-STOP", child);
    std::thread::scope(|scope| {
        let stuck = scope.spawn(|| house.python(&format!("{MAIL}\nprint(send(mail('stuck', 'c.zip', good)))")));
        has_its_file(child);
        house.python(&format!("{MAIL}\nassert send(mail('d', 'd.zip', fine)) == 'accepted'"));
        assert!(!stuck.is_finished(), "others were delayed");
        signal("-KILL", child);
        assert_eq!(stuck.join().unwrap().trim(), "held for approval");
    });
    assert_eq!(held_by(&house), ["BROKEN", "NUMBER"]);
    house.python(&format!("{MAIL}\nassert send(mail('e', 'e.zip', fine)) == 'accepted'"));
    let log = house.log();
    assert_eq!(log.matches("it counts as not inspected").count(), 1, "{log}");
    assert!(!log.contains("c.zip") && !log.contains("123456789018"), "{log}");
}

#[test]
fn a_file_that_takes_too_long_is_not_inspected_and_others_do_not_wait_for_it() {
    let house = house("[limits]\nextract_seconds = 2\n");
    let child = soon("no child is ready", || children(&house).pop());
    signal("-STOP", child);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| house.python(&format!("{MAIL}\nprint(send(mail('slow', 'a.zip', fine)))")));
        has_its_file(child);
        house.python(&format!("{MAIL}\nassert send(mail('quick', 'b.zip', fine)) == 'accepted'"));
        assert!(!slow.is_finished(), "the quick ones waited for the slow one");
        assert_eq!(slow.join().unwrap().trim(), "held for approval");
    });
    assert_eq!(held_by(&house), ["TOO-SLOW"]);
    soon("the stopped child is still there", || (!children(&house).contains(&child)).then_some(()));
}
