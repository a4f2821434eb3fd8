//! A company's own words for numbers, from the command line to every door through which mail is looked at.

use crate::house::{Demo, House, text};

/// A number behind a word that only one company uses.
const MAIL: &str = "From: sato@aoba.example\r\nTo: yamada@yamada.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
                    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
                    職員識別子：1234 5678 9018\r\n";

#[test]
fn a_word_of_the_company_holds_mail_at_every_door_until_it_is_taken_away() {
    let demo = Demo::start();
    let file = demo.dir.path().join("mail.eml");
    std::fs::write(&file, MAIL).unwrap();
    let file = file.to_str().unwrap();
    let sent = || demo.python(&format!("print(send('sato', {MAIL:?}, ['yamada@yamada.example'])[1])"));
    let simulate =
        ["rules", "simulate", file, "--tenant", "aoba", "--from", "sato@aoba.example", "--to", "yamada@yamada.example"];
    let inspect = ["inspect", "--json", "--tenant", "aoba", file];
    let simulated = || {
        serde_json::from_str::<serde_json::Value>(&demo.good(&simulate)).unwrap()["recipients"][0]["verdict"].clone()
    };
    assert!(!sent().contains("held") && simulated() != "hold");
    assert!(demo.good(&inspect).contains("\"level\":\"possible\""));

    assert_eq!(demo.good(&["labels", "add", "--tenant", "aoba", "職員識別子"]), "1 added; 1 in all.\n");
    assert!(sent().contains("held"), "by the running server");
    assert!(demo.good(&inspect).contains("\"level\":\"certain\""));
    assert!(
        demo.good(&["inspect", "--json", file]).contains("\"level\":\"possible\""),
        "the shipped words are as they were"
    );
    assert_eq!(simulated(), "hold");

    demo.good(&["labels", "add", "--tenant", "aoba", "--kind", "negative", "職員識別子"]);
    assert_eq!(demo.good(&["labels", "list", "--tenant", "aoba"]), "negative\t職員識別子\n");
    assert!(!sent().contains("held"));
    assert!(!demo.good(&inspect).contains("my_number"), "a word for another number");
    demo.good(&["labels", "remove", "--tenant", "aoba", "職員識別子"]);
    assert_eq!(demo.good(&["labels", "list", "--tenant", "aoba", "--json"]), "");
    assert!(!sent().contains("held"));
}

#[test]
fn what_is_wrong_with_a_list_of_labels_is_named_with_its_line() {
    let house = House::start();
    let file = house.data().join("labels.txt");
    let wrong = |list: &str| {
        std::fs::write(&file, list).unwrap();
        house.wrong(&["labels", "add", "--tenant", "aoba", "--file", file.to_str().unwrap()])
    };
    let said = wrong("# ours\n[strong]\n職員識別子\n[odd]\nx\n");
    assert!(said.contains("labels.txt") && said.contains("line 4: a section is one of [strong]"), "{said}");
    assert!(wrong("[strong]\n番\n").contains("line 2: a label has at least two letters"));
    assert!(wrong("[strong]\n職員123456789018\n").contains("line 2: a label holds no number"));
    assert!(wrong("[strong]\n").contains("there is no label in it"));
    assert_eq!(house.good(&["labels", "list", "--tenant", "aoba"]), "", "nothing of a bad list is taken");
    std::fs::write(&file, "[strong]\n職員識別子\n[negative]\n帳票識別子\n").unwrap();
    let added = house.good(&["labels", "add", "--tenant", "aoba", "--file", file.to_str().unwrap()]);
    assert_eq!(added, "2 added; 2 in all.\n");
    let missing = house.wrong(&["labels", "remove", "--tenant", "aoba", "職員識別子", "ない語"]);
    assert!(missing.contains("the label ない語"), "{missing}");
    assert_eq!(house.good(&["labels", "list", "--tenant", "aoba"]).lines().count(), 2);
    let unknown = text(&house.run(&["labels", "list", "--tenant", "other"]).stderr);
    assert!(unknown.contains("there is no tenant other"), "{unknown}");
}
