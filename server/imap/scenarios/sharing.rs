//! Shared mailboxes (RFC 4314, 8440) over the embedded engine: what each right opens and what its lack shuts, what two people
//! see of one mailbox, and that nobody else sees anything.

use store::{Change, Changed, Engine, GroupKind, Member, NewUser, Role, Roles, UserChange};
use store_sqlite::SqliteEngine;
use types::{Address, Domain, Language, Timestamp, UserId};

use super::histories::on_disk;
use super::house::{Client, House, PASSWORD};

const ALL: &str = "lrswipkxtea";
const MAIL: &str = "Subject: shared\r\n\r\nx\r\n";

/// A company of Taro, Hanako and its administrator, and Eve of another.
pub(super) struct Stage {
    pub(super) house: House<SqliteEngine>,
}

impl Stage {
    pub(super) async fn set() -> Self {
        let (house, taro) = on_disk().await;
        let credentials = house.engine.directory().users[&taro].credentials.clone();
        let tenant = house.engine.directory().users[&taro].tenant;
        let add = Change::AddTenant { name: "other".into(), title: "Other".into(), rules: String::new() };
        let made = house.engine.change_directory(add, None, Timestamp(0)).await.unwrap();
        let Changed::Tenant(other) = made else { panic!("no tenant") };
        let domain = Domain::parse("other.jp").unwrap();
        house.engine.change_directory(Change::AddDomain { domain, tenant: other }, None, Timestamp(0)).await.unwrap();
        let stage = Self { house };
        for (address, tenant, roles) in [
            ("hanako@example.jp", tenant, Roles::default()),
            ("jiro@example.jp", tenant, Roles::default()),
            ("admin@example.jp", tenant, Roles::default().with(Role::Admin)),
            ("eve@other.jp", other, Roles::default().with(Role::Admin).with(Role::Operator)),
        ] {
            let address = Address::parse(address).unwrap();
            let (name, credentials) = (address.local().to_owned(), credentials.clone());
            let new = NewUser { tenant, address, name, roles, credentials, language: Language::Ja };
            stage.change(Change::AddUser(Box::new(new))).await;
        }
        stage
    }
    async fn change(&self, change: Change) -> Changed {
        self.house.engine.change_directory(change, None, Timestamp(0)).await.unwrap()
    }
    fn user(&self, address: &str) -> UserId {
        self.house.engine.directory().user_by_address(&Address::parse(address).unwrap()).unwrap().id
    }
    pub(super) async fn sign_in(&self, address: &str) -> Client {
        let mut client = self.house.connect().await;
        client.ok(&format!("LOGIN {address} \"{PASSWORD}\"")).await;
        client
    }
    pub(super) async fn people(&self) -> (Client, Client) {
        (self.house.client().await, self.sign_in("hanako@example.jp").await)
    }
}

/// Makes a mailbox of Taro's with three messages, the last of them deleted, and one below it.
async fn make(taro: &mut Client, name: &str) {
    for name in [name.to_owned(), format!("{name}/below")] {
        taro.ok(&format!("CREATE {name}")).await;
    }
    for flags in ["", "\\Flagged", "\\Deleted"] {
        taro.ok(&format!("APPEND {name} ({flags}) {{{}+}}\r\n{MAIL}", MAIL.len())).await;
    }
}

async fn give(taro: &mut Client, name: &str, letters: &str) {
    for name in [name.to_owned(), format!("{name}/below")] {
        taro.ok(&format!("SETACL {name} hanako@example.jp \"{letters}\"")).await;
    }
}

/// All that there is, as Taro sees it.
async fn picture(taro: &mut Client, name: &str) -> Vec<String> {
    let mut all = taro.ok("LIST \"\" * RETURN (STATUS (MESSAGES UNSEEN DELETED UIDNEXT))").await;
    all.extend(taro.ok(&format!("EXAMINE {name}")).await.into_iter().filter(|line| line.contains("EXISTS")));
    all.extend(taro.ok("FETCH 1:* (UID FLAGS)").await);
    all.extend(taro.ok(&format!("GETMETADATA {name} /shared/comment")).await);
    all
}

/// How far somebody is before the command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Signed in.
    Home,
    /// The shared mailbox is selected.
    There,
    /// His own INBOX is selected, with a message.
    Inbox,
}

/// The rights that each command needs (RFC 4314 section 4) on the shared mailbox, which stands in `<M>`. Beside these `l` is
/// needed always, and `r` to select it.
const TABLE: [(At, &str, &str); 49] = [
    (At::Home, "SELECT <M>", "r"),
    (At::Home, "EXAMINE <M>", "r"),
    (At::Home, "STATUS <M> (MESSAGES UNSEEN)", "r"),
    (At::Home, "SUBSCRIBE <M>", ""),
    (At::Home, "UNSUBSCRIBE <M>", ""),
    (At::Home, "MYRIGHTS <M>", ""),
    (At::Home, "GETACL <M>", "a"),
    (At::Home, "SETACL <M> jiro@example.jp lr", "a"),
    (At::Home, "DELETEACL <M> jiro@example.jp", "a"),
    (At::Home, "LISTRIGHTS <M> anyone", "a"),
    (At::Home, "CREATE <M/new>", "k"),
    (At::Home, "DELETE <M/below>", "x"),
    (At::Home, "RENAME <M/below> <M/renamed>", "xk"),
    (At::Home, "APPEND <M> (\\Seen \\Flagged \\Deleted) {6+}\r\na: b\r\n", "i"),
    (At::Home, "APPEND <M> {6+}\r\na: b\r\n {6+}\r\nc: d\r\n", "i"),
    (At::Home, "GETMETADATA <M> /shared/comment", "r"),
    (At::Home, "SETMETADATA <M> (/shared/comment \"x\")", "rw"),
    (At::Inbox, "COPY 1 <M>", "i"),
    (At::Inbox, "MOVE 1 <M>", "i"),
    (At::Inbox, "UID COPY 1:* <M>", "i"),
    (At::Inbox, "UID MOVE 1:* <M>", "i"),
    (At::Inbox, "REPLACE 1 <M> {6+}\r\na: b\r\n", "i"),
    (At::Inbox, "UID REPLACE * <M> {6+}\r\na: b\r\n", "i"),
    (At::There, "NOOP", "r"),
    (At::There, "CHECK", "r"),
    (At::There, "IDLE\r\nDONE", "r"),
    (At::There, "FETCH 1:* (FLAGS ENVELOPE BODY.PEEK[])", "r"),
    (At::There, "UID FETCH 1:* (UID BODYSTRUCTURE BINARY.PEEK[1])", "r"),
    (At::There, "SEARCH TEXT x", "r"),
    (At::There, "UID SEARCH RETURN (SAVE COUNT) FLAGGED", "r"),
    (At::There, "SORT (DATE) UTF-8 ALL", "r"),
    (At::There, "UID SORT (DATE) UTF-8 ALL", "r"),
    (At::There, "THREAD REFS UTF-8 ALL", "r"),
    (At::There, "UID THREAD REFS UTF-8 ALL", "r"),
    (At::There, "STORE 1 +FLAGS (\\Seen)", "s"),
    (At::There, "UID STORE 1 FLAGS.SILENT (\\Seen)", "s"),
    (At::There, "STORE 1 +FLAGS (\\Deleted)", "t"),
    (At::There, "UID STORE 3 -FLAGS.SILENT (\\Deleted)", "t"),
    (At::There, "STORE 2 -FLAGS (\\Flagged)", "w"),
    (At::There, "STORE 1 +FLAGS ($Label1)", "w"),
    (At::There, "EXPUNGE", "e"),
    (At::There, "UID EXPUNGE 1:*", "e"),
    (At::There, "COPY 1:2 INBOX", "r"),
    (At::There, "UID COPY 1:2 INBOX", "r"),
    (At::There, "MOVE 1:2 INBOX", "te"),
    (At::There, "UID MOVE 1:2 INBOX", "te"),
    (At::There, "UID MOVE 1 <M>", "ite"),
    (At::There, "REPLACE 1 <M> {6+}\r\na: b\r\n", "ite"),
    (At::There, "UID REPLACE 1 <M> {6+}\r\na: b\r\n", "ite"),
];

/// Commands that are never refused and tell, or do, only what the rights allow; and what they tell of the mailbox with these.
const QUIET: [(&str, &str, &str); 8] = [
    ("LIST \"\" <M>", "", "* LIST "),
    ("LSUB \"\" <M>", "", "* LSUB "),
    ("LIST (SUBSCRIBED) \"\" <M>", "", "* LIST "),
    ("LIST \"\" <M> RETURN (MYRIGHTS)", "", "* MYRIGHTS "),
    ("LIST \"\" <M> RETURN (STATUS (MESSAGES))", "r", "* STATUS "),
    ("LIST \"\" <M> RETURN (METADATA (/shared/comment))", "r", "* METADATA "),
    ("NOTIFY SET STATUS (mailboxes <M> (MessageNew MessageExpunge))", "r", "* STATUS "),
    (ANNOTATIONS, "r", "* METADATA "),
];

/// What is asked of annotations is told later: once they change.
const ANNOTATIONS: &str = "NOTIFY SET (mailboxes (<M> \"Other Users/taro@example.jp/mark\") (MailboxMetadataChange))";

/// What a command of [`QUIET`] tells. For [`ANNOTATIONS`] Taro then changes one of `work`, and one of `mark`, of which is told
/// always: what came before that is all.
async fn told_by(taro: &mut Client, client: &mut Client, command: &str, work: &str) -> Vec<String> {
    let mut told = client.ok(command).await;
    if command.contains("MailboxMetadataChange") {
        for name in [work, "mark"] {
            taro.ok(&format!("SETMETADATA {name} (/shared/tick \"x\")")).await;
        }
        while !told.last().is_some_and(|line| line.contains("/mark\" ")) {
            told.push(client.line().await);
        }
    }
    told
}

/// Commands that no right is enough for: a mailbox stays with its owner.
const NEVER: [&str; 2] = ["RENAME mine <M/mine>", "RENAME <M/below> mine"];

/// The command with the mailbox `name` of `above` for `<M>`, and what is below it for `<M/…>`.
fn aimed(command: &str, above: &str, name: &str) -> String {
    command.replace("<M", &format!("\"{above}/{name}")).replace('>', "\"")
}

async fn go(hanako: &mut Client, at: At, name: &str) {
    match at {
        At::Home => {
            hanako.ok("SELECT INBOX").await;
            hanako.ok("UNSELECT").await;
        }
        At::There => drop(hanako.ok(&format!("SELECT \"Other Users/taro@example.jp/{name}\"")).await),
        At::Inbox => drop(hanako.ok("SELECT INBOX").await),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_needs_its_rights_and_no_others() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    for (number, (at, command, needed)) in TABLE.into_iter().enumerate() {
        let name = format!("w{number}");
        let command = aimed(command, "Other Users/taro@example.jp", &name);
        make(&mut taro, &name).await;
        hanako.append("INBOX", MAIL).await;
        for missing in needed.chars().chain(['l']) {
            give(&mut taro, &name, ALL).await;
            go(&mut hanako, at, &name).await;
            let before = picture(&mut taro, &name).await;
            give(&mut taro, &name, &ALL.replace(missing, "")).await;
            if at == At::There && matches!(missing, 'l' | 'r') {
                hanako.send(&format!("gone {command}\r\n")).await;
                assert_eq!(hanako.line().await, "* BYE The selected mailbox may not be read any more", "{command}");
                hanako = stage.sign_in("hanako@example.jp").await;
            } else {
                let said = hanako.fails(&command).await;
                let codes: &[&str] =
                    if missing == 'l' { &["NO [NONEXISTENT]", "NO [TRYCREATE]"] } else { &["NO [NOPERM]"] };
                assert!(codes.iter().any(|code| said.starts_with(code)), "{command} without {missing}: {said}");
            }
            assert_eq!(picture(&mut taro, &name).await, before, "{command} without {missing}");
        }
        let enough = if at == At::There { format!("lr{needed}") } else { format!("l{needed}") };
        give(&mut taro, &name, &enough).await;
        go(&mut hanako, at, &name).await;
        hanako.ok(&command).await;
        taro.ok("UNSELECT").await;
    }
    make(&mut taro, "work").await;
    give(&mut taro, "work", ALL).await;
    hanako.ok("CREATE mine").await;
    let before = picture(&mut taro, "work").await;
    for command in NEVER {
        let said = hanako.fails(&aimed(command, "Other Users/taro@example.jp", "work")).await;
        assert!(said.starts_with("NO [CANNOT]"), "{command}: {said}");
    }
    assert_eq!(picture(&mut taro, "work").await, before);
    hanako.ok("DELETE mine").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_notices_and_close_tell_and_do_what_the_rights_allow_and_no_more() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    make(&mut taro, "work").await;
    taro.ok("SETMETADATA work (/shared/comment \"x\")").await;
    taro.ok("CREATE mark").await;
    taro.ok("SETACL mark hanako@example.jp lr").await;
    let there = "\"Other Users/taro@example.jp/work\"";
    give(&mut taro, "work", ALL).await;
    hanako.ok(&format!("SUBSCRIBE {there}")).await;
    for (command, needed, told) in QUIET {
        let command = command.replace("<M>", there);
        give(&mut taro, "work", &format!("l{needed}")).await;
        let tells = |lines: &[String]| lines.iter().any(|line| line.starts_with(told) && line.contains(there));
        let enough = told_by(&mut taro, &mut hanako, &command, "work").await;
        assert!(tells(&enough), "{command}: {enough:?}");
        for missing in needed.chars().chain(['l']) {
            give(&mut taro, "work", &ALL.replace(missing, "")).await;
            let said = told_by(&mut taro, &mut hanako, &command, "work").await;
            assert!(!tells(&said), "{command} without {missing}: {said:?}");
            // RFC 5465 3.1: of one that may be listed and not read that is told
            let no_access = said.contains(&format!("* LIST (\\NoAccess) \"/\" {there}"));
            assert_eq!(no_access, command.contains("MessageNew") && missing == 'r', "{command}: {said:?}");
        }
    }
    hanako.ok("NOTIFY NONE").await;
    // a root of quota is its owner's to see: that there is a mailbox is not told, whatever the rights
    for letters in [ALL, ""] {
        give(&mut taro, "work", letters).await;
        for name in [there.to_owned(), there.replace("work", "none")] {
            assert_eq!(hanako.ok(&format!("GETQUOTAROOT {name}")).await, [format!("* QUOTAROOT {name}")], "{letters}");
        }
    }
    for (missing, left) in [('e', 3), ('-', 2)] {
        give(&mut taro, "work", &ALL.replace(missing, "")).await;
        hanako.ok(&format!("SELECT {there}")).await;
        hanako.ok("CLOSE").await;
        assert_eq!(taro.ok("STATUS work (MESSAGES)").await, [format!("* STATUS work (MESSAGES {left})")]);
    }
    hanako.ok(&format!("SELECT {there}")).await;
    give(&mut taro, "work", &ALL.replace('l', "")).await;
    hanako.send("gone CLOSE\r\n").await;
    assert_eq!(hanako.line().await, "* BYE The selected mailbox may not be read any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_role_opens_a_mailbox_that_was_not_shared() {
    let stage = Stage::set().await;
    let (mut taro, mut admin) = (stage.house.client().await, stage.sign_in("admin@example.jp").await);
    make(&mut taro, "work").await;
    for name in ["Shared/work", "Shared/work/below"] {
        admin.ok(&format!("CREATE {name}")).await;
        admin.ok(&format!("SETACL {name} taro@example.jp lrw")).await;
        admin.ok(&format!("DELETEACL {name} admin@example.jp")).await;
    }
    taro.ok("CREATE mark").await;
    taro.ok("SETACL mark jiro@example.jp lr").await;
    let of_company = "LIST \"\" Shared/* RETURN (MYRIGHTS STATUS (MESSAGES UIDNEXT))";
    let before = (picture(&mut taro, "work").await, admin.ok(of_company).await);
    let jiro = stage.user("jiro@example.jp");
    for (role, word) in Role::ALL {
        let roles = Some(Roles::default().with(role));
        stage.change(Change::SetUser(jiro, Box::new(UserChange { roles, ..UserChange::default() }))).await;
        let mut client = stage.sign_in("jiro@example.jp").await;
        client.append("INBOX", MAIL).await;
        client.ok("CREATE mine").await;
        for above in ["Other Users/taro@example.jp", "Shared"] {
            opens_nothing(&mut taro, &mut client, (role, word), above).await;
        }
        client.ok("DELETE mine").await;
        client.ok("LOGOUT").await;
    }
    assert_eq!((picture(&mut taro, "work").await, admin.ok(of_company).await), before);
}

/// Tries each command on the mailbox `work` of `above`, who gave the client no right.
async fn opens_nothing(taro: &mut Client, client: &mut Client, (role, word): (Role, &str), above: &str) {
    // the company's own are its administrators' to see, make, delete and share; not to read or fill
    let administers = above == "Shared" && matches!(role, Role::Admin | Role::Operator);
    for (at, command, needed) in TABLE.into_iter().filter(|(_, command, _)| command.contains('<')) {
        // what is done in the mailbox has its own test: none of these can select it
        if at == At::There || administers && !needed.contains(['r', 'i']) {
            continue;
        }
        go(client, at, "work").await;
        let command = aimed(command, above, "work");
        let said = client.fails(&command).await;
        let codes: &[&str] = match above {
            "Shared" if administers => &["NO [NOPERM]"],
            // the company's outermost are its administrators' to make
            "Shared" if command.starts_with("CREATE") => &["NO [NOPERM]"],
            _ => &["NO [NONEXISTENT]", "NO [TRYCREATE]"],
        };
        assert!(codes.iter().any(|code| said.starts_with(code)), "{word}: {command}: {said}");
    }
    for command in NEVER {
        let said = client.fails(&aimed(command, above, "work")).await;
        let seen = administers || command.starts_with("RENAME mine");
        assert!(said.starts_with(if seen { "NO [CANNOT]" } else { "NO [NONEXISTENT]" }), "{word}: {command}: {said}");
    }
    for (command, needed, told) in QUIET {
        let work = if above == "Shared" { "Shared/work" } else { "work" };
        let said = told_by(taro, client, &aimed(command, above, "work"), work).await;
        // the names, and who may do what, are an administrator's to know
        let seen = administers && needed.is_empty() && (told == "* LIST " || told == "* MYRIGHTS ");
        let seen = seen && !command.contains("SUBSCRIBED");
        let of = |line: &&String| line.starts_with(told) && line.contains("work");
        assert_eq!(said.iter().find(of).is_some(), seen, "{word}: {above}: {command}: {said:?}");
        assert!(administers || !said.iter().any(|line| line.contains("work")), "{word}: {above}: {command}: {said:?}");
    }
    client.ok("NOTIFY NONE").await;
    let told = client.ok(&aimed("GETQUOTAROOT <M>", above, "work")).await;
    assert_eq!(
        told,
        [format!("* QUOTAROOT {}", aimed("<M>", above, "work").replace("\"Shared/work\"", "Shared/work"))]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_right_a_close_expunges_nothing_and_a_fetch_leaves_no_mark() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    make(&mut taro, "work").await;
    give(&mut taro, "work", "lrt").await;
    let there = "\"Other Users/taro@example.jp/work\"";
    let opened = hanako.say(&format!("SELECT {there}")).await;
    assert!(opened.contains(&"* OK [PERMANENTFLAGS (\\Deleted)] Flags permitted.".to_owned()), "{opened:?}");
    assert_eq!(opened.last().unwrap(), "OK [READ-WRITE] SELECT completed.");
    assert!(hanako.ok("FETCH 1 (BODY[])").await[0].ends_with("BODY[] {22}\r\nSubject: shared\r\n\r\nx\r\n)"));
    assert_eq!(hanako.ok("SEARCH SEEN").await, ["* SEARCH"]);
    // of what is asked as a whole, that is done which may be
    assert_eq!(hanako.ok("STORE 1 +FLAGS (\\Seen \\Deleted $x)").await, ["* 1 FETCH (FLAGS (\\Deleted \\Recent))"]);
    hanako.ok("CLOSE").await;
    taro.ok("EXAMINE work").await;
    assert_eq!(taro.ok("SEARCH DELETED").await, ["* SEARCH 1 3"]);
    give(&mut taro, "work", "lr").await;
    let opened = hanako.say(&format!("SELECT {there}")).await;
    assert!(opened.contains(&"* OK [PERMANENTFLAGS ()] Flags permitted.".to_owned()), "{opened:?}");
    assert_eq!(opened.last().unwrap(), "OK [READ-ONLY] SELECT completed.");
    give(&mut taro, "work", "lrs").await;
    let opened = hanako.say(&format!("SELECT {there}")).await;
    assert!(opened.contains(&"* OK [PERMANENTFLAGS (\\Seen)] Flags permitted.".to_owned()), "{opened:?}");
    assert!(hanako.ok("FETCH 2 (BODY[])").await[0].contains("FLAGS (\\Flagged \\Seen"));
    taro.ok("SELECT work").await;
    assert_eq!(taro.ok("SEARCH SEEN").await, ["* SEARCH"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_on_one_mailbox_each_see_their_own_seen() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    let (mut again, mut jiro) = (stage.sign_in("hanako@example.jp").await, stage.sign_in("jiro@example.jp").await);
    make(&mut taro, "work").await;
    taro.ok("SETACL work anyone lrswite").await;
    let there = "\"Other Users/taro@example.jp/work\"";
    for client in [&mut hanako, &mut again, &mut jiro] {
        client.ok("ENABLE QRESYNC").await;
        client.ok(&format!("SELECT {there}")).await;
    }
    taro.ok("SELECT work").await;
    let told = hanako.ok("STORE 1:2 +FLAGS (\\Seen)").await;
    assert_eq!(told.len(), 2);
    let modseq: u64 = told[0].rsplit_once('(').unwrap().1.trim_end_matches(')').parse().unwrap();
    let again_told = again.ok("NOOP").await;
    assert!(again_told.iter().any(|line| line.starts_with("* 1 FETCH (UID 1 FLAGS (\\Seen")), "{again_told:?}");
    assert_eq!(jiro.ok("NOOP").await, Vec::<String>::new(), "what is hers is not told to others");
    assert_eq!(taro.ok("NOOP").await, Vec::<String>::new());
    for (client, name, unseen, seen) in
        [(&mut hanako, there, 1, "* SEARCH 1 2"), (&mut jiro, there, 3, "* SEARCH"), (&mut taro, "work", 3, "* SEARCH")]
    {
        let status = client.ok(&format!("STATUS {name} (UNSEEN)")).await;
        assert_eq!(status, [format!("* STATUS {name} (UNSEEN {unseen})")]);
        assert_eq!(client.ok("SEARCH SEEN").await, [seen]);
    }
    // What others change is told to all; who comes back is told what is his.
    taro.ok("STORE 3 -FLAGS (\\Deleted)").await;
    jiro.ok("STORE 2 +FLAGS (\\Deleted)").await;
    jiro.ok("EXPUNGE").await;
    let mut back = stage.sign_in("hanako@example.jp").await;
    back.ok("ENABLE QRESYNC").await;
    let validity = hanako.ok(&format!("STATUS {there} (UIDVALIDITY)")).await.remove(0);
    let validity = validity.rsplit_once(' ').unwrap().1.trim_end_matches(')').to_owned();
    let told = back.ok(&format!("SELECT {there} (QRESYNC ({validity} {}))", modseq - 1)).await;
    let told: Vec<&String> = told.iter().filter(|line| line.contains("VANISHED") || line.contains(" FETCH ")).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0] == "* VANISHED (EARLIER) 2" && told[1].contains("UID 1 FLAGS (\\Seen"), "{told:?}");
    assert!(told[2].contains("UID 3 FLAGS (") && !told[2].contains("\\Deleted"), "{told:?}");
    assert_eq!(back.ok("SEARCH UNSEEN").await, ["* SEARCH 2"]);
    // What somebody puts in is read by him alone.
    hanako.ok(&format!("APPEND {there} (\\Seen) {{{}+}}\r\n{MAIL}", MAIL.len())).await;
    let unseen = async |client: &mut Client, name: &str| client.ok(&format!("STATUS {name} (UNSEEN)")).await.remove(0);
    assert!(unseen(&mut hanako, there).await.ends_with("(UNSEEN 1)"));
    assert!(unseen(&mut jiro, there).await.ends_with("(UNSEEN 3)"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_idles_on_a_shared_mailbox_hears_of_arrivals() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    taro.ok("SETACL INBOX hanako@example.jp lr").await;
    hanako.ok("SELECT \"Other Users/taro@example.jp/INBOX\"").await;
    hanako.send("i IDLE\r\n").await;
    assert_eq!(hanako.line().await, "+ idling");
    taro.append("INBOX", MAIL).await;
    assert_eq!(hanako.line().await, "* 1 EXISTS");
    hanako.send("DONE\r\n").await;
    assert_eq!(hanako.answer("i").await.last().unwrap(), "OK IDLE completed.");
    // NOTIFY tells of those that are not open
    hanako.ok("SELECT INBOX").await;
    hanako.ok("NOTIFY SET (subtree \"Other Users\" (MessageNew MessageExpunge MailboxName))").await;
    taro.append("INBOX", MAIL).await;
    let told = hanako.line().await;
    assert!(told.starts_with("* STATUS \"Other Users/taro@example.jp/INBOX\" (MESSAGES 2 "), "{told}");
    taro.ok("SETACL Sent hanako@example.jp l").await;
    let told = hanako.line().await;
    assert_eq!(told, "* LIST (\\HasNoChildren \\Noselect) \"/\" \"Other Users/taro@example.jp/Sent\"");
    taro.ok("DELETEACL INBOX hanako@example.jp").await;
    assert_eq!(hanako.line().await, "* LIST (\\NonExistent) \"/\" \"Other Users/taro@example.jp/INBOX\"");
    // One that is made below a shared one is shared from the start, and so told of.
    taro.ok("CREATE Sent/new").await;
    let new = "* LIST (\\HasNoChildren \\Noselect) \"/\" \"Other Users/taro@example.jp/Sent/new\"";
    assert_eq!(hanako.line().await, new);
}

/// Ways in which somebody comes to read no more: the letters that are left to her, or an act of others.
enum Taken {
    Left(&'static str),
    All,
    Group,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_that_is_taken_away_ends_an_idle_at_once_and_nothing_more_is_told() {
    let stage = Stage::set().await;
    let (mut taro, mut owner) = (stage.house.client().await, stage.house.inbox().await);
    owner.send("i IDLE\r\n").await;
    assert_eq!(owner.line().await, "+ idling");
    let tenant = stage.house.engine.directory().users[&stage.user("hanako@example.jp")].tenant;
    let members = || vec![Member::User(stage.user("hanako@example.jp"))];
    let (name, members_then) = ("sales".to_owned(), members());
    let group = Change::AddGroup { tenant, kind: GroupKind::Group, name, address: None, members: members_then };
    let Changed::Group(group) = stage.change(group).await else { panic!("no group") };
    let (mut messages, there) = (0, "\"Other Users/taro@example.jp/INBOX\"");
    for (taken, by) in [
        (Taken::Left("lswipkxtea"), "hanako@example.jp"),
        (Taken::Left("rswipkxtea"), "hanako@example.jp"),
        (Taken::All, "hanako@example.jp"),
        (Taken::All, "anyone"),
        (Taken::Group, "group:sales"),
    ] {
        taro.ok(&format!("SETACL INBOX {by} {ALL}")).await;
        let (mut plain, mut knows, mut notified) = (
            stage.sign_in("hanako@example.jp").await,
            stage.sign_in("hanako@example.jp").await,
            stage.sign_in("hanako@example.jp").await,
        );
        knows.ok("ENABLE QRESYNC").await;
        for client in [&mut plain, &mut knows, &mut notified] {
            client.ok(&format!("SELECT {there}")).await;
        }
        for client in [&mut plain, &mut knows] {
            client.send("i IDLE\r\n").await;
            assert_eq!(client.line().await, "+ idling");
        }
        // RFC 5465: who listens without IDLE
        notified.ok("NOTIFY SET (selected (MessageNew (FLAGS) MessageExpunge FlagChange))").await;
        // what she may not do any more beside reading ends nothing
        taro.ok(&format!("SETACL INBOX {by} -kxt")).await;
        taro.append("INBOX", MAIL).await;
        messages += 1;
        for client in [&mut plain, &mut knows, &mut notified] {
            assert_eq!(client.line().await, format!("* {messages} EXISTS"));
        }
        match &taken {
            Taken::Left(letters) => drop(taro.ok(&format!("SETACL INBOX {by} {letters}")).await),
            Taken::All => drop(taro.ok(&format!("DELETEACL INBOX {by}")).await),
            Taken::Group => drop(stage.change(Change::SetMembers(group, Vec::new())).await),
        }
        // no mail has come, and no one has asked
        for client in [&mut plain, &mut knows, &mut notified] {
            let mut told = client.line().await;
            while told.starts_with("* ") && (told.ends_with(" RECENT") || told.contains(" FETCH (")) {
                told = client.line().await;
            }
            assert_eq!(told, "* BYE The selected mailbox may not be read any more");
            assert_eq!(client.line().await, "", "and nothing after it");
        }
        taro.append("INBOX", MAIL).await;
        messages += 1;
        taro.ok(&format!("DELETEACL INBOX {by}")).await;
        stage.change(Change::SetMembers(group, members())).await;
    }
    // the owner heard on
    while owner.line().await != format!("* {messages} EXISTS") {}
    assert!(owner.line().await.ends_with(" RECENT"));
    owner.send("DONE\r\n").await;
    assert_eq!(owner.answer("i").await, ["OK IDLE completed."]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_the_last_share_is_told_so() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    taro.ok("SETACL INBOX hanako@example.jp lr").await;
    hanako.ok("NOTIFY SET (subtree \"Other Users\" (MailboxName))").await;
    taro.ok("DELETEACL INBOX hanako@example.jp").await;
    assert_eq!(hanako.line().await, "* LIST (\\NonExistent) \"/\" \"Other Users/taro@example.jp/INBOX\"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shared_mailbox_wakes_those_who_see_it_and_no_others() {
    let stage = Stage::set().await;
    let (mut taro, _) = stage.people().await;
    taro.ok("SETACL INBOX hanako@example.jp lr").await;
    let watch = |address: &str| stage.house.context.watchers.watch_person(stage.user(address));
    let mut hanako = watch("hanako@example.jp");
    let told = async |who: &mut tokio::sync::watch::Receiver<u64>| {
        tokio::time::timeout(std::time::Duration::from_secs(10), who.changed()).await.expect("not told").unwrap();
    };
    // once she hears of mail, what was told of the sharing is over
    taro.append("INBOX", MAIL).await;
    told(&mut hanako).await;
    let (mut jiro, eve) = (watch("jiro@example.jp"), watch("eve@other.jp"));
    for _ in 0..2 {
        taro.append("INBOX", MAIL).await;
        told(&mut hanako).await;
    }
    assert!(!eve.has_changed().unwrap(), "another company's");
    assert!(!jiro.has_changed().unwrap(), "nobody shared it with him");
    taro.ok("SETACL INBOX jiro@example.jp lr").await;
    told(&mut jiro).await;
    taro.append("INBOX", MAIL).await;
    told(&mut jiro).await;
    assert!(!eve.has_changed().unwrap(), "another company's");
    // a change of people wakes those of their company, though others share mailboxes too
    stage.sign_in("eve@other.jp").await.ok("SETACL INBOX anyone lr").await;
    let taros = stage.house.engine.mailboxes(stage.user("taro@example.jp")).await.unwrap();
    let own = taros.into_iter().find(|mailbox| mailbox.name == "Archive").unwrap().id;
    for who in ["", "jiro@example.jp", "eve@other.jp"] {
        let before = (*jiro.borrow(), *eve.borrow());
        if !who.is_empty() {
            let change = UserChange { name: Some("another name".into()), ..UserChange::default() };
            stage.change(Change::SetUser(stage.user(who), Box::new(change))).await;
        }
        // events are told one after the other: what happened before this mail, of which only Taro hears, is told by then
        let mut passed = stage.house.context.watchers.watch(own);
        taro.append("Archive", MAIL).await;
        told(&mut passed).await;
        let after = (*jiro.borrow(), *eve.borrow());
        let woken = (after.0 > before.0, after.1 > before.1);
        assert!(who.is_empty() || woken == (who.starts_with("jiro"), who.starts_with("eve")), "{who}: {woken:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shared_mailboxes_are_listed_with_their_levels_and_rights() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    let words = hanako.ok("CAPABILITY").await;
    assert!(words[0].contains(" ACL RIGHTS=kxte LIST-MYRIGHTS "), "{words:?}");
    for name in ["a", "a/hidden", "a/hidden/c"] {
        taro.ok(&format!("CREATE {name}")).await;
    }
    taro.ok("SETACL a hanako@example.jp lrs").await;
    taro.ok("SETACL a/hidden/c hanako@example.jp ld").await;
    assert_eq!(
        hanako.ok("LIST \"\" \"Other*\" RETURN (MYRIGHTS STATUS (MESSAGES))").await,
        [
            "* LIST (\\HasChildren \\Noselect) \"/\" \"Other Users\"",
            "* LIST (\\HasChildren \\Noselect) \"/\" \"Other Users/taro@example.jp\"",
            "* LIST (\\HasChildren) \"/\" \"Other Users/taro@example.jp/a\"",
            "* MYRIGHTS \"Other Users/taro@example.jp/a\" \"lrs\"",
            "* STATUS \"Other Users/taro@example.jp/a\" (MESSAGES 0)",
            "* LIST (\\HasChildren \\Noselect) \"/\" \"Other Users/taro@example.jp/a/hidden\"",
            "* LIST (\\HasNoChildren) \"/\" \"Other Users/taro@example.jp/a/hidden/c\"",
            "* MYRIGHTS \"Other Users/taro@example.jp/a/hidden/c\" \"lted\"",
        ]
    );
    assert_eq!(hanako.ok("LIST \"\" %").await.len(), 7, "her six and the level");
    hanako.ok("SUBSCRIBE \"Other Users/taro@example.jp/a\"").await;
    let subscribed = "* LSUB () \"/\" \"Other Users/taro@example.jp/a\"";
    assert_eq!(hanako.ok("LSUB \"Other Users/\" *").await.last().unwrap(), subscribed);
    assert_eq!(taro.ok("LSUB \"\" a").await, Vec::<String>::new(), "his subscriptions are his");
    hanako.ok("UNSUBSCRIBE \"Other Users/taro@example.jp/a\"").await;
    assert_eq!(hanako.ok("LSUB \"Other Users/\" *").await, Vec::<String>::new());
    // one's own
    assert_eq!(taro.ok("MYRIGHTS INBOX").await, ["* MYRIGHTS INBOX \"lrswipkxteacd\""]);
    assert_eq!(
        taro.ok("GETACL a").await,
        ["* ACL a \"taro@example.jp\" \"lrswipkxteacd\" \"hanako@example.jp\" \"lrs\""]
    );
    taro.ok("SETACL a hanako@example.jp +w").await;
    taro.ok("SETACL a hanako@example.jp -s").await;
    assert_eq!(hanako.ok("MYRIGHTS \"Other Users/taro@example.jp/a\"").await[0].rsplit_once(' ').unwrap().1, "\"lrw\"");
    assert_eq!(
        taro.ok("LISTRIGHTS a hanako@example.jp").await,
        [
            "* LISTRIGHTS a \"hanako@example.jp\" \"\" \"l\" \"r\" \"s\" \"w\" \"i\" \"p\" \"k\" \"x\" \"t\" \"e\" \"a\" \"c\" \"d\""
        ]
    );
    assert_eq!(taro.ok("LISTRIGHTS a taro@example.jp").await, ["* LISTRIGHTS a \"taro@example.jp\" \"lrswipkxteacd\""]);
    for (command, answer) in [
        ("SETACL a hanako@example.jp lrq", "BAD"),
        ("SETACL a -hanako@example.jp lr", "NO [CANNOT]"),
        ("SETACL a taro@example.jp lr", "NO [CANNOT]"),
        ("DELETEACL a taro@example.jp", "NO [CANNOT]"),
        ("SETACL none hanako@example.jp lr", "NO [NONEXISTENT]"),
        ("RENAME a \"Shared/a\"", "NO [CANNOT]"),
        ("CREATE \"Other Users/hanako@example.jp/x\"", "NO [NONEXISTENT]"),
        ("CREATE Shared", "NO [NONEXISTENT]"),
    ] {
        let said = taro.fails(command).await;
        assert!(said.starts_with(answer), "{command}: {said}");
    }
}

/// RFC 3348 section 3: what stands below a mailbox counts for those who may list it, and for nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_whose_only_child_may_not_be_listed_has_none_for_that_reader() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    for name in ["a", "a/hidden"] {
        taro.ok(&format!("CREATE {name}")).await;
    }
    taro.ok("SETACL a hanako@example.jp lr").await;
    hanako.ok("NOTIFY SET (subtree \"Other Users\" (MailboxName))").await;
    let there = "\"Other Users/taro@example.jp/a\"";
    let listed = async |client: &mut Client| client.ok("LIST \"\" *a RETURN (CHILDREN)").await;
    let alone = format!("* LIST (\\HasNoChildren) \"/\" {there}");
    assert_eq!(listed(&mut hanako).await, std::slice::from_ref(&alone));
    assert_eq!(listed(&mut taro).await, ["* LIST (\\HasChildren) \"/\" a"]);
    // a right on the child without `l` shows it to nobody
    taro.ok("SETACL a/hidden hanako@example.jp rs").await;
    assert_eq!(listed(&mut hanako).await, std::slice::from_ref(&alone));
    taro.ok("SETACL a/hidden hanako@example.jp lr").await;
    let told = hanako.line().await;
    assert!(told.ends_with("\"Other Users/taro@example.jp/a/hidden\""), "{told}");
    assert_eq!(listed(&mut hanako).await, [format!("* LIST (\\HasChildren) \"/\" {there}")]);
    taro.ok("DELETEACL a/hidden hanako@example.jp").await;
    assert_eq!(hanako.line().await, "* LIST (\\NonExistent) \"/\" \"Other Users/taro@example.jp/a/hidden\"");
    assert_eq!(listed(&mut hanako).await, [alone]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_has_mailboxes_that_its_administrators_make_and_share() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    let mut admin = stage.sign_in("admin@example.jp").await;
    let tenant = stage.house.engine.directory().users[&stage.user("hanako@example.jp")].tenant;
    let group = Change::AddGroup {
        tenant,
        kind: GroupKind::Group,
        name: "営業".into(),
        address: None,
        members: vec![Member::User(stage.user("hanako@example.jp"))],
    };
    let Changed::Group(group) = stage.change(group).await else { panic!("no group") };
    assert!(taro.fails("CREATE Shared/info").await.starts_with("NO [NOPERM]"));
    admin.ok("CREATE Shared/info").await;
    admin.ok("CREATE Shared/info/2026").await;
    assert_eq!(admin.ok("MYRIGHTS Shared/info/2026").await, ["* MYRIGHTS Shared/info/2026 \"lrswipkxteacd\""]);
    assert_eq!(admin.ok("GETACL Shared/info").await, ["* ACL Shared/info \"admin@example.jp\" \"lrswipkxteacd\""]);
    admin.ok("SETACL Shared/info {12+}\r\ngroup:営業 lrsi").await;
    let listed = admin.ok("GETACL Shared/info").await.remove(0);
    assert!(listed.ends_with("{12}\r\ngroup:営業 \"lrsi\""), "{listed}");
    assert_eq!(admin.fails("SETACL Shared/info group:none lr").await.split(']').next().unwrap(), "NO [NONEXISTENT");
    for client in [&mut hanako, &mut admin] {
        assert!(client.append("Shared/info", MAIL).await.starts_with("OK [APPENDUID "));
    }
    assert_eq!(hanako.ok("LIST \"\" Shared/*").await, ["* LIST (\\HasNoChildren) \"/\" Shared/info"]);
    hanako.ok("SELECT Shared/info").await;
    assert_eq!(hanako.ok("SEARCH UNSEEN").await, ["* SEARCH 1 2"]);
    assert!(taro.fails("SELECT Shared/info").await.starts_with("NO [NONEXISTENT]"));
    assert_eq!(taro.ok("LIST \"\" Shared*").await, Vec::<String>::new());
    // whoever listens hears that groups have other members
    let mut listens = stage.sign_in("hanako@example.jp").await;
    let mut stranger = stage.sign_in("eve@other.jp").await;
    let set = "NOTIFY SET (subtree Shared (MailboxName MessageNew MessageExpunge))";
    listens.ok(set).await;
    stranger.ok(set).await;
    stage.change(Change::SetMembers(group, Vec::new())).await;
    assert_eq!(listens.line().await, "* LIST (\\NonExistent) \"/\" Shared/info");
    stage.change(Change::SetMembers(group, vec![Member::User(stage.user("hanako@example.jp"))])).await;
    assert_eq!(listens.line().await, "* LIST (\\HasNoChildren) \"/\" Shared/info");
    assert_eq!(stranger.ok("NOOP").await, Vec::<String>::new());
    hanako.ok("NOOP").await;
    // who is no member any more reads no further
    stage.change(Change::SetMembers(group, Vec::new())).await;
    hanako.send("x NOOP\r\n").await;
    assert_eq!(hanako.line().await, "* BYE The selected mailbox may not be read any more");
    // an administrator has no right to read what was not given to him
    admin.ok("SETACL Shared/info admin@example.jp \"\"").await;
    assert_eq!(admin.ok("MYRIGHTS Shared/info").await, ["* MYRIGHTS Shared/info \"lkxac\""]);
    assert!(admin.fails("SELECT Shared/info").await.starts_with("NO [NOPERM]"));
    admin.ok("RENAME Shared/info Shared/help").await;
    admin.ok("DELETE Shared/help").await;
    assert_eq!(
        admin.ok("LIST \"\" Shared/*").await,
        ["* LIST (\\HasChildren \\Noselect) \"/\" Shared/help", "* LIST (\\HasNoChildren) \"/\" Shared/help/2026"]
    );
    assert_eq!(admin.ok("GETQUOTAROOT Shared/help").await, ["* QUOTAROOT Shared/help"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_right_to_create_is_that_of_the_nearest_mailbox_though_nobody_sees_it() {
    let stage = Stage::set().await;
    let (mut taro, mut hanako) = stage.people().await;
    for command in
        ["CREATE a", "CREATE a/b", "CREATE a/x", "SETACL a hanako@example.jp lkr", "SETACL a/x hanako@example.jp lx"]
    {
        taro.ok(command).await;
    }
    assert!(hanako.fails("CREATE \"Other Users/taro@example.jp/a/b/c\"").await.starts_with("NO ["));
    let within = "RENAME \"Other Users/taro@example.jp/a/x\" \"Other Users/taro@example.jp/a/b/x\"";
    assert!(hanako.fails(within).await.starts_with("NO ["));
    assert_eq!(taro.ok("LIST \"\" a/b/*").await, Vec::<String>::new());
    hanako.ok("CREATE \"Other Users/taro@example.jp/a/c\"").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_level_that_a_rename_makes_is_the_companys_too() {
    let stage = Stage::set().await;
    let mut admin = stage.sign_in("admin@example.jp").await;
    admin.ok("CREATE Shared/info").await;
    admin.ok("RENAME Shared/info Shared/new/info").await;
    admin.ok("MYRIGHTS Shared/new").await;
    admin.ok("SETACL Shared/new admin@example.jp lr").await;
    assert!(admin.fails("CREATE Shared/INBOX").await.starts_with("NO"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_company_sees_and_names_nobody_here() {
    let stage = Stage::set().await;
    let (mut taro, mut admin) = (stage.house.client().await, stage.sign_in("admin@example.jp").await);
    let mut eve = stage.sign_in("eve@other.jp").await;
    admin.ok("CREATE Shared/info").await;
    admin.ok("SETACL Shared/info anyone lrswipkxtea").await;
    taro.ok("SETACL INBOX anyone lrswipkxtea").await;
    assert_eq!(eve.ok("LIST \"\" *").await.len(), 6);
    let unknown = |said: String| said.replace("nobody@example.jp", "taro@example.jp");
    for name in ["Other Users/taro@example.jp/INBOX", "Shared/info"] {
        for command in ["SELECT", "STATUS", "MYRIGHTS", "GETACL", "DELETE", "SUBSCRIBE"] {
            let items = if command == "STATUS" { " (MESSAGES)" } else { "" };
            let said = eve.fails(&format!("{command} \"{name}\"{items}")).await;
            let other = name.replace("taro", "nobody");
            let same = eve.fails(&format!("{command} \"{other}\"{items}")).await;
            assert!(said.starts_with("NO [NONEXISTENT]"), "{command} {name}: {said}");
            assert_eq!(said, unknown(same), "{command} {name}");
        }
        assert!(eve.append(&format!("\"{name}\""), MAIL).await.starts_with("NO [TRYCREATE]"));
    }
    let said = eve.fails("SETACL INBOX taro@example.jp lr").await;
    assert_eq!(said, eve.fails("SETACL INBOX nobody@example.jp lr").await);
    assert_eq!(said, eve.fails("SETACL INBOX group:x lr").await);
    assert!(taro.fails("SETACL INBOX eve@other.jp lr").await.starts_with("NO [NONEXISTENT]"));
    // her own company's are hers
    eve.ok("CREATE Shared/info").await;
    assert_eq!(eve.ok("LIST \"\" Shared/*").await, ["* LIST (\\HasNoChildren) \"/\" Shared/info"]);
    assert_eq!(eve.ok("STATUS Shared/info (MESSAGES)").await, ["* STATUS Shared/info (MESSAGES 0)"]);
}
