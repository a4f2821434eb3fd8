//! Sessions at once see the same history: random operations by several of them against the embedded engine; each
//! client's picture, made only from what it was told, is what is there (RFC 3501 5.2, 7.4.1; RFC 7162).

use std::collections::BTreeSet;
use std::sync::Arc;

use store::{
    Change, Changed, Engine, Identifier, NewUser, Rights, RightsChange, Role, Roles, SeenOf, SharingEngine as _,
};
use store_sqlite::{MasterKey, Mode, OpenConfig, SqliteEngine};
use tempfile::TempDir;
use types::{Address, Domain, Language, Limits, MailboxId, SystemFlags, Timestamp, UserId};

use super::house::{Client, House, PASSWORD};
use super::mirror::{Known, Mirror};

/// A house over SQLite with `taro@example.jp`; his number.
pub(super) async fn on_disk() -> (House<SqliteEngine>, UserId) {
    let dir = TempDir::new().unwrap();
    let config = OpenConfig {
        data_dir: dir.path().join("data"),
        master_key: MasterKey::new([7; 32]),
        mode: Mode::Server,
        fatal: Arc::new(|why| panic!("{why}")),
    };
    std::fs::create_dir(&config.data_dir).unwrap();
    let engine = SqliteEngine::open(config).await.unwrap();
    let change = async |change| engine.change_directory(change, None, Timestamp(0)).await.unwrap();
    let add = Change::AddTenant { name: "acme".into(), title: "Acme".into(), rules: String::new() };
    let Changed::Tenant(tenant) = change(add).await else { panic!("no tenant") };
    change(Change::AddDomain { domain: Domain::parse("example.jp").unwrap(), tenant }).await;
    let taro = NewUser {
        tenant,
        address: Address::parse("taro@example.jp").unwrap(),
        name: "太郎".into(),
        roles: Roles::default().with(Role::User),
        credentials: Some(auth::credentials(PASSWORD).unwrap()),
        language: Language::Ja,
    };
    let Changed::User(taro) = change(Change::AddUser(Box::new(taro))).await else { panic!("no person") };
    (House::over(engine, dir, Limits::default()), taro)
}

/// What a client can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Condstore,
    Qresync,
}

/// Small numbers that look random; the same seed gives the same ones.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count.max(1)
    }
    pub(super) fn flag(&mut self) -> &'static str {
        ["\\Seen", "\\Flagged", "\\Deleted", "\\Deleted", "$Work"][self.below(5)]
    }
}

/// Who sits there, and how he calls Taro's INBOX.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who {
    pub(super) address: &'static str,
    pub(super) inbox: &'static str,
}
pub(super) const TARO: Who = Who { address: "taro@example.jp", inbox: "INBOX" };
const HANAKO: Who = Who { address: "hanako@example.jp", inbox: "\"Other Users/taro@example.jp/INBOX\"" };

/// A session and what its client knows.
pub(super) struct Seat {
    who: Who,
    style: Style,
    pub(super) client: Client,
    pub(super) mirror: Mirror,
    /// The mailbox that is open.
    pub(super) open: String,
}

impl Seat {
    pub(super) async fn sit(house: &House<SqliteEngine>, who: Who, style: Style) -> Self {
        let client = sign_in(house, who).await;
        let mut seat = Self { who, style, client, mirror: Mirror::default(), open: who.inbox.to_owned() };
        seat.enable().await;
        let selected = seat.client.ok(&format!("SELECT {}", who.inbox)).await;
        seat.mirror.take(&selected);
        seat.mirror.is_whole();
        seat
    }

    async fn enable(&mut self) {
        match self.style {
            Style::Plain => {}
            Style::Condstore => drop(self.client.ok("ENABLE CONDSTORE").await),
            Style::Qresync => drop(self.client.ok("ENABLE QRESYNC").await),
        }
    }

    async fn say(&mut self, command: &str) -> String {
        let mut answer = self.client.say(command).await;
        self.mirror.take(&answer);
        answer.pop().unwrap()
    }

    /// The connection breaks; the client comes back with what it knows, or with nothing.
    pub(super) async fn come_back(&mut self, house: &House<SqliteEngine>, named: bool) {
        self.client = sign_in(house, self.who).await;
        self.enable().await;
        let open = &self.open;
        if self.style != Style::Qresync {
            self.mirror = Mirror::default();
            let selected = self.client.ok(&format!("SELECT {open}")).await;
            return self.mirror.take(&selected);
        }
        if named {
            self.mirror.forget_from_first_without_uid();
        }
        let uids: Vec<String> = self.mirror.view.iter().filter_map(|known| Some(known.uid?.to_string())).collect();
        let named = named && !uids.is_empty();
        let known = if named { format!(" {}", uids.join(",")) } else { String::new() };
        let (validity, modseq) = (self.mirror.uid_validity, self.mirror.modseq);
        let selected = self.client.ok(&format!("SELECT {open} (QRESYNC ({validity} {modseq}{known}))")).await;
        self.mirror.resync(&selected, named);
    }

    /// Hears everything, and asks for the messages that it knows only by number.
    pub(super) async fn catch_up(&mut self) {
        self.say("NOOP").await;
        self.mirror.is_whole();
        while let Some(first) = self.mirror.unknown() {
            let count = self.mirror.view.len();
            self.say(&format!("FETCH {}:{count} (UID FLAGS)", first + 1)).await;
        }
        self.mirror.is_whole();
    }

    async fn step(&mut self, house: &House<SqliteEngine>, dice: &mut Dice) {
        let (action, place) = (dice.below(13), dice.below(self.mirror.view.len()));
        let (number, flag, inbox) = (place + 1, dice.flag(), self.who.inbox);
        let uid = self.mirror.view.get(place).and_then(|known| known.uid);
        match (action, uid) {
            (0 | 1, _) => drop(self.say(&format!("APPEND {inbox} ({flag}) {{8+}}\r\nA: b\r\n\r\n")).await),
            (2, _) => self.catch_up().await,
            (3, _) => self.come_back(house, flag == "\\Seen").await,
            (4, _) => drop(self.say("EXPUNGE").await),
            (5, _) => drop(self.say("UID SEARCH DELETED").await),
            (6, _) => {
                self.client.send("i IDLE\r\nDONE\r\n").await;
                assert_eq!(self.client.line().await, "+ idling");
                let heard = self.client.answer("i").await;
                self.mirror.take(&heard);
                self.mirror.is_whole();
            }
            (_, None) => drop(self.say("CHECK").await),
            (7, Some(_)) => drop(self.say(&format!("STORE {number} +FLAGS ({flag})")).await),
            (8, Some(uid)) => drop(self.say(&format!("UID STORE {uid} -FLAGS ({flag})")).await),
            (9, Some(_)) => self.silent(place, dice.below(2) == 0, flag).await,
            (10, Some(uid)) => drop(self.say(&format!("UID EXPUNGE {uid}")).await),
            (11, Some(_)) => drop(self.say(&format!("MOVE {number} Trash")).await),
            (_, Some(_)) => drop(self.say(&format!("COPY {number} {inbox}")).await),
        }
    }

    /// A STORE whose result the client is not told, since it can tell itself.
    async fn silent(&mut self, place: usize, add: bool, flag: &str) {
        let sign = if add { '+' } else { '-' };
        let answer = self.client.say(&format!("STORE {} {sign}FLAGS.SILENT ({flag})", place + 1)).await;
        // What is told comes after the change, or says what else changed before it.
        if answer.last().unwrap().starts_with("OK") {
            self.mirror.change(place, add, flag);
        }
        let before = self.mirror.view.get(place).cloned();
        self.mirror.take(&answer);
        if answer.last().unwrap().starts_with("OK") && before != self.mirror.view.get(place).cloned() {
            self.mirror.change(place, add, flag);
        }
    }
}

async fn sign_in(house: &House<SqliteEngine>, who: Who) -> Client {
    let mut client = house.connect().await;
    client.ok(&format!("LOGIN {} \"{PASSWORD}\"", who.address)).await;
    client
}

/// What is there; with `reader` his `\Seen` in place of Taro's.
pub(super) async fn truth(
    house: &House<SqliteEngine>,
    taro: UserId,
    inbox: MailboxId,
    reader: Option<UserId>,
) -> Vec<Known> {
    let uids = house.engine.open_mailbox(taro, inbox, false).await.unwrap().uids;
    let rows = house.engine.flags(taro, inbox, &uids).await.unwrap();
    let seen = match reader {
        Some(reader) => Some(house.engine.seen(reader, inbox, SeenOf::All).await.unwrap()),
        None => None,
    };
    let known = rows.into_iter().map(|mut row| {
        if let Some(seen) = &seen {
            let own = seen.iter().any(|own| own.uid == row.uid && own.seen);
            row.flags.system = row.flags.system.without(SystemFlags::SEEN);
            row.flags.system.0 |= u8::from(own);
        }
        let system = SystemFlags::ALL.iter().filter(|(flag, _)| row.flags.system.contains(*flag));
        let mut flags: BTreeSet<String> = system.map(|(_, word)| word.to_lowercase()).collect();
        flags.extend(row.flags.keywords.iter().map(|keyword| keyword.as_str().to_lowercase()));
        Known { uid: Some(row.uid.0), flags: Some(flags) }
    });
    known.collect()
}

/// Adds Hanako, who may do everything with Taro's INBOX; her number.
async fn share(house: &House<SqliteEngine>, taro: UserId, inbox: MailboxId) -> UserId {
    let owner = house.engine.directory().users[&taro].clone();
    let new = NewUser {
        tenant: owner.tenant,
        address: Address::parse(HANAKO.address).unwrap(),
        name: "花子".into(),
        roles: Roles::default(),
        credentials: owner.credentials.clone(),
        language: Language::Ja,
    };
    let made = house.engine.change_directory(Change::AddUser(Box::new(new)), None, Timestamp(0)).await.unwrap();
    let Changed::User(hanako) = made else { panic!("no person") };
    let change = Some(RightsChange::Set(Rights::ALL));
    house.engine.set_rights(taro, inbox, Identifier::User(hanako), change, None, Timestamp(0)).await.unwrap();
    hanako
}

async fn history(seed: u64, steps: usize, shared: bool) {
    let (house, taro) = on_disk().await;
    let inbox = house.engine.mailboxes(taro).await.unwrap().into_iter().find(|one| one.name == "INBOX").unwrap().id;
    let mut dice = Dice(seed);
    let mut seats = Vec::new();
    let hanako = if shared { Some(share(&house, taro, inbox).await) } else { None };
    let others = if shared { HANAKO } else { TARO };
    for (who, style) in [
        (TARO, Style::Plain),
        (others, Style::Qresync),
        (others, Style::Condstore),
        (TARO, Style::Qresync),
        (others, Style::Qresync),
    ] {
        seats.push(Seat::sit(&house, who, style).await);
    }
    for step in 0..steps {
        let who = dice.below(seats.len());
        seats[who].step(&house, &mut dice).await;
        if step % 15 == 14 {
            let owners = truth(&house, taro, inbox, None).await;
            let readers = truth(&house, taro, inbox, hanako).await;
            for (who, seat) in seats.iter_mut().enumerate() {
                seat.catch_up().await;
                let truth = if seat.who.inbox == TARO.inbox { &owners } else { &readers };
                assert_eq!(&seat.mirror.view, truth, "seed {seed}, step {step}, seat {who} ({:?})", seat.style);
            }
        }
    }
    // whoever comes back knows what a full look shows
    for seat in &mut seats {
        let breaks = dice.below(2) == 0;
        seat.step(&house, &mut dice).await;
        seat.come_back(&house, breaks).await;
        seat.catch_up().await;
        let reader = hanako.filter(|_| seat.who.inbox != TARO.inbox);
        assert_eq!(
            seat.mirror.view,
            truth(&house, taro, inbox, reader).await,
            "seed {seed}, {:?} came back",
            seat.style
        );
    }
    house.stop.finish(std::time::Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_knows_what_is_there_whatever_the_others_do() {
    let seeds = if std::env::var_os("SEKISHO_LONG").is_some() { 300 } else { 12 };
    for seed in 0..seeds {
        history(seed, 90, false).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reader_of_a_shared_mailbox_knows_what_is_there_for_him() {
    let seeds = if std::env::var_os("SEKISHO_LONG").is_some() { 300 } else { 12 };
    for seed in 1_000..1_000 + seeds {
        history(seed, 90, true).await;
    }
}
