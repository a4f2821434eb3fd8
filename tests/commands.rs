//! The command line: what it answers, and how it names what is wrong.

use crate::house::{House, PASSWORD, text};
use crate::talk::Imap;

#[test]
fn a_wrong_key_in_the_configuration_is_named_with_the_nearest_right_one() {
    let house = House::empty();
    std::fs::write(house.config(), "[listen]\nsmpt = []\n").unwrap();
    let said = house.wrong(&["config", "check"]);
    assert!(said.contains("line 2: there is no key listen.smpt; did you mean listen.smtp?"), "{said}");
}

#[test]
fn a_port_in_use_is_named_with_its_key() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let house = House::empty();
    let config = std::fs::read_to_string(house.config()).unwrap();
    std::fs::write(house.config(), config.replace("smtp = [\"127.0.0.1:0\"]", &format!("smtp = [\"{address}\"]")))
        .unwrap();
    let said = house.wrong(&["serve"]);
    assert!(said.contains(&address.to_string()) && said.contains("listen.smtp"), "{said}");
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let house = House::start();
    let said = house.wrong(&["serve"]);
    assert!(said.contains("is in use by another sekisho") && said.contains(&house.pid().to_string()), "{said}");
}

#[test]
fn people_are_made_listed_changed_and_removed_while_the_server_runs() {
    let house = House::start();
    house.good_with(&["user", "add", "hanako@aoba.example", "--name", "花子", "--password-stdin"], PASSWORD);
    house.good(&["user", "set", "hanako@aoba.example", "--supervisor", "taro@aoba.example", "--department", "総務部"]);
    house.good(&["alias", "add", "info@aoba.example", "--user", "hanako@aoba.example"]);
    let list = house.good(&["user", "list", "--json"]);
    let hanako = list.lines().find(|line| line.contains("hanako")).unwrap();
    let hanako: serde_json::Value = serde_json::from_str(hanako).unwrap();
    assert_eq!(
        (hanako["supervisor"].as_str(), hanako["department"].as_str()),
        (Some("taro@aoba.example"), Some("総務部"))
    );
    assert_eq!(hanako["aliases"][0], "info@aoba.example");
    let taken = house.wrong(&["alias", "add", "taro@aoba.example", "--user", "hanako@aoba.example"]);
    assert!(taken.contains("the address taro@aoba.example exists already"), "{taken}");
    let foreign = house.wrong(&["user", "add", "x@b.example", "--name", "x"]);
    assert!(foreign.contains("the domain b.example is not known here"), "{foreign}");
    house.good(&["user", "remove", "hanako@aoba.example"]);
    assert!(!house.good(&["user", "list"]).contains("hanako"));
}

#[test]
fn a_wrong_or_missing_master_key_refuses_to_start() {
    let mut house = House::start();
    house.stop();
    let file = house.data().join("master.key");
    let right = std::fs::read_to_string(&file).unwrap();
    let (mark, digits) = right.trim().split_once(' ').unwrap();
    let wrong = format!("{mark} {}\n", digits.replace(|c: char| c.is_ascii_digit(), "a"));
    std::fs::write(&file, wrong).unwrap();
    assert!(house.wrong(&["serve"]).contains("the master key does not fit"));
    std::fs::remove_file(&file).unwrap();
    assert!(house.wrong(&["serve"]).contains("is missing"));
}

#[test]
fn a_new_password_ends_the_sessions_of_the_old_one() {
    let house = House::start();
    let mut imap = Imap::connect(house.imap, "taro@aoba.example", PASSWORD).unwrap();
    imap.good("SELECT INBOX").unwrap();
    house.good_with(&["user", "password", "taro@aoba.example", "--password-stdin"], "another long password");
    let said = imap.run("LIST \"\" *", &[]);
    assert!(said.is_err(), "the session goes on");
    assert!(Imap::connect(house.imap, "taro@aoba.example", PASSWORD).is_err());
    Imap::connect(house.imap, "taro@aoba.example", "another long password").unwrap();
}

#[test]
fn usage_errors_end_with_two() {
    let output = House::empty().run(&["user", "add", "not-an-address", "--name", "x"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}

#[test]
fn a_first_start_makes_keys_and_certificate_and_nobody() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut house = House::empty();
    house.serve();
    assert_eq!(house.good(&["user", "list"]), "", "nobody, and so no default password");
    let key = house.data().join("master.key");
    assert_eq!(std::fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
    for made in ["tls", "mail.db", "directory.db", "keys.db", "blobs"] {
        assert!(house.data().join(made).exists(), "{made}");
    }
    let add = ["user", "add", "a@b.example", "--name", "A", "--role", "operator", "--tenant", "b", "--password-stdin"];
    house.good_with(&add, "a long enough password");
    assert!(house.good(&["user", "list"]).contains("a@b.example"));
}

#[test]
fn a_deputy_is_named_by_command_and_the_audit_log_says_whom() {
    let house = House::start();
    house.good_with(&["user", "add", "hanako@aoba.example", "--name", "花子", "--password-stdin"], PASSWORD);
    let name = ["user", "deputy", "hanako@aoba.example", "--to"];
    let days = ["--from", "2026-01-05", "--until", "2099-01-05"];
    let wrong = |more: &[&str]| house.wrong(&[&name[..], more].concat());
    assert!(wrong(&[&["taro@aoba.example"][..], &days].concat()).contains("a year at most"));
    assert!(
        wrong(&["hanako@aoba.example", "--from", "2026-01-05", "--until", "2026-02-05"]).contains("his own deputy")
    );
    assert!(
        wrong(&["nobody@aoba.example", "--from", "2026-01-05", "--until", "2026-02-05"])
            .contains("somebody of the company")
    );
    let today = jiff::Zoned::now().date();
    let until = today.checked_add(jiff::Span::new().days(30)).unwrap().to_string();
    let (from, until) = (today.to_string(), until);
    house.good(&[&name[..], &["taro@aoba.example", "--from", &from, "--until", &until]].concat());
    let settings = r#"
import json, sqlite3
db = sqlite3.connect(DATA + "/directory.db")
named = [json.loads(row[0]) for row in db.execute("SELECT detail FROM audit WHERE event = 'user.changed' AND detail <> '' ORDER BY rowid")]
print(json.dumps([one.get("deputy") for one in named]))
"#;
    let program = format!("DATA={:?}\n{settings}", house.data().display().to_string());
    assert_eq!(house.python(&program).trim(), r#"["taro@aoba.example"]"#);
    house.good(&["user", "deputy", "hanako@aoba.example"]);
    assert_eq!(house.python(&program).trim(), r#"["taro@aoba.example", ""]"#);
}
