//! 社外の受信箱: what really left, as its recipients see it; and what the rules would do with an ordinary month of mail.
//! A page of the demo alone, on a port of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use message::Parsed;
use net::{Door, Listener, Peers, Stop};
use types::{Address, Language, Limits, TenantId, Timestamp, UserId};
use web::axum::Router;
use web::axum::extract::{Path as UrlPath, Query, State};
use web::axum::routing::get;
use web::{Answer, Style, Trouble, askama, html};

use super::super::rooms::Rooms;
use super::trial::{self, Kind, Tried};

web::catalogue! {
    /// Texts of the demo's own pages.
    pub struct OutsideWords {
        lang: ja "ja", en "en";
        title: ja "社外の受信箱", en "The outside world";
        lead: ja "Sekisho から実際に社外へ出たメールだけが、ここに届きます。", en "Only mail that really left Sekisho arrives here.";
        empty: ja "まだ何も届いていません。社外へ送信すると、ここに表示されます。", en "Nothing has arrived yet. What you send to the outside appears here.";
        refresh: ja "更新", en "Refresh";
        from: ja "差出人", en "From";
        subject: ja "件名", en "Subject";
        to: ja "宛先", en "To";
        received: ja "受信日時", en "Received";
        attachments: ja "添付ファイル", en "Attachments";
        back: ja "一覧へ戻る", en "Back to the list";
        no_subject: ja "(件名なし)", en "(no subject)";
        trial: ja "止めたもの・止めなかったもの", en "What was stopped, and what was not";
        trial_lead(all: usize, stopped: usize, passed: usize): ja "社外宛ての見本 {all}通のうち、{stopped}通を止め、{passed}通を通しました。",
            en "Of {all} sample mails to the outside {stopped} were stopped and {passed} passed.";
        trial_slips(slips: usize, pass: usize): ja "送り状番号 {slips}件のうち {pass}件は検査用数字が一致。ラベルと列から送り状と判断し、止めていません。",
            en "Of {slips} parcel slips {pass} pass the check digit. Labels and columns say that they are slips, so they were not stopped.";
        kind: ja "種類", en "Kind";
        result: ja "結果", en "Result";
        stopped: ja "停止", en "stopped";
        went: ja "送信", en "sent";
        reason: ja "箇所・理由", en "Place or reason";
        other_language: ja "English", en "日本語";
        other_code: ja "en", en "ja";
    }
}

/// What the pages share.
struct Outside {
    dir: PathBuf,
    rooms: Rooms,
    tenant: TenantId,
    author: UserId,
}

/// Serves the pages on `port` until `stop`; the mail of 佐藤 is what is tried.
pub async fn listen(stop: &Stop, port: u16, dir: &Path, rooms: &Rooms) -> anyhow::Result<()> {
    let directory = rooms.store.directory();
    let Some(sato) = directory.user_by_address(&Address::parse("sato@aoba.example")?) else { return Ok(()) };
    let app = web::open_app(pages(dir, rooms, sato.tenant, sato.id));
    let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], port)), "the outside world's pages").await?;
    let door = Door { peers: Peers::new(1_000, 1_000), tls: None, implicit_tls: false, refusal: web::REFUSAL };
    let ending = stop.clone();
    stop.spawn(listener.run(door, stop.clone(), move |conn| web::serve(conn, app.clone(), ending.clone())));
    Ok(())
}

/// The pages over the folder in which the sink keeps what arrived; `author` is the employee whose mail is tried.
fn pages(dir: &Path, rooms: &Rooms, tenant: TenantId, author: UserId) -> Router {
    let outside = Arc::new(Outside { dir: dir.to_owned(), rooms: rooms.clone(), tenant, author });
    Router::new().route("/", get(list)).route("/m/{number}", get(one)).route("/trial", get(tried)).with_state(outside)
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Asked {
    lang: String,
}

impl Asked {
    fn language(&self) -> Language {
        web::language_of(&self.lang).unwrap_or(Language::Ja)
    }
}

struct Arrived {
    number: u32,
    from: String,
    subject: String,
    date: String,
}

#[derive(askama::Template)]
#[template(path = "demo/list.html")]
struct List {
    t: OutsideWords,
    css: String,
    mails: Vec<Arrived>,
}

async fn list(State(outside): State<Arc<Outside>>, Query(asked): Query<Asked>) -> Answer {
    let (t, now) = (OutsideWords::new(asked.language()), outside.rooms.clock.now());
    let (dir, style) = (outside.dir.clone(), Style::new(asked.language(), now));
    let limits = outside.rooms.limits.clone();
    let read = move || arrived(&dir, t, style, &limits);
    let mails = tokio::task::spawn_blocking(read).await.map_err(Trouble::bug)?;
    html(&List { t, css: web::asset("app.css"), mails })
}

/// Newest first.
fn arrived(dir: &Path, t: OutsideWords, style: Style, limits: &Limits) -> Vec<Arrived> {
    let Ok(files) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut mails: Vec<Arrived> = files.flatten().filter_map(|file| read_one(&file.path(), t, style, limits)).collect();
    mails.sort_by_key(|mail| std::cmp::Reverse(mail.number));
    mails
}

fn read_one(path: &Path, t: OutsideWords, style: Style, limits: &Limits) -> Option<Arrived> {
    let number = path.file_stem()?.to_str()?.parse().ok()?;
    let bytes = std::fs::read(path).ok()?;
    let summary = Parsed::parse(&bytes, limits).summary();
    let subject = if summary.subject.is_empty() { t.no_subject().to_owned() } else { summary.subject };
    let date = style.date_short(file_time(path).unwrap_or(Timestamp(0)));
    Some(Arrived { number, from: summary.from, subject, date })
}

fn file_time(path: &Path) -> Option<Timestamp> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp(i64::try_from(since.as_millis()).ok()?))
}

#[derive(askama::Template)]
#[template(path = "demo/mail.html")]
struct One {
    t: OutsideWords,
    css: String,
    subject: String,
    from: String,
    to: String,
    text: String,
    files: Vec<(String, String)>,
}

async fn one(State(outside): State<Arc<Outside>>, UrlPath(number): UrlPath<u32>, Query(asked): Query<Asked>) -> Answer {
    let t = OutsideWords::new(asked.language());
    let bytes = tokio::fs::read(outside.dir.join(format!("{number:04}.eml"))).await.map_err(|_| Trouble::NotFound)?;
    let style = Style::new(asked.language(), outside.rooms.clock.now());
    let limits = outside.rooms.limits.clone();
    let read = move || read_whole(&bytes, t, style, &limits);
    html(&tokio::task::spawn_blocking(read).await.map_err(Trouble::bug)?)
}

fn read_whole(bytes: &[u8], t: OutsideWords, style: Style, limits: &Limits) -> One {
    let mail = Parsed::parse(bytes, limits);
    let files = message::attachments::attachments(&mail);
    let subject = mail.subject();
    One {
        t,
        css: web::asset("app.css"),
        subject: if subject.is_empty() { t.no_subject().to_owned() } else { subject },
        from: mail.headers("from").join(", "),
        to: mail.headers("to").join(", "),
        text: message::view::text(&mail, message::charset::Forced::Automatic, None),
        files: files.into_iter().map(|file| (file.name, style.size(file.size as u64))).collect(),
    }
}

#[derive(askama::Template)]
#[template(path = "demo/trial.html")]
struct Trial {
    t: OutsideWords,
    css: String,
    english: bool,
    tried: Vec<Tried>,
}

impl Trial {
    fn stopped(&self) -> usize {
        self.tried.iter().filter(|one| one.stopped).count()
    }
    fn slips(&self) -> (usize, usize) {
        let slips = self.tried.iter().filter(|one| one.kind == Kind::Slip);
        slips.fold((0, 0), |(all, pass), one| (all + one.twelve, pass + one.pass))
    }
    fn kind(&self, kind: &Kind) -> &'static str {
        let (ja, en) = kind.name();
        if self.english { en } else { ja }
    }
}

async fn tried(State(outside): State<Arc<Outside>>, Query(asked): Query<Asked>) -> Answer {
    let (t, english) = (OutsideWords::new(asked.language()), asked.language() == Language::En);
    let tried = trial::judge(&outside.rooms, outside.tenant, outside.author, english).await;
    html(&Trial { t, css: web::asset("app.css"), english, tried })
}
