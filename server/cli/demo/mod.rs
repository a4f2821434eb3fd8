//! `sekisho demo`: a complete company to try, on loopback ports, with people, mail and an outside world.

mod mails;
mod outside;
mod people;
mod sink;
mod trial;

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use net::Stop;
use serde_json::json;
use store_sqlite::Mode;

use super::config::Config;
use super::desk::Desk;
use super::rooms::Rooms;
use super::serve;
use people::Person;

/// Ports of the demo where they are free, in the order of [`Ports`]' fields.
const PORTS: [u16; 12] = [12525, 12587, 12465, 12143, 12993, 12625, 12080, 12081, 12082, 12083, 12110, 12995];

/// A visitor has signed in by then.
const NEWS_AFTER: Duration = Duration::from_secs(40);

/// The ports that were found free.
#[derive(Clone, Copy)]
struct Ports {
    smtp: u16,
    submission: u16,
    submissions: u16,
    imap: u16,
    imaps: u16,
    outside: u16,
    mail: u16,
    admin: u16,
    content: u16,
    pages_outside: u16,
    pop3: u16,
    pop3s: u16,
}

impl Ports {
    fn mail_url(self) -> String {
        format!("http://mail.localhost:{}", self.mail)
    }
    fn admin_url(self) -> String {
        format!("http://admin.localhost:{}", self.admin)
    }
    fn content_url(self) -> String {
        format!("http://content.localhost:{}", self.content)
    }
    fn outside_url(self) -> String {
        format!("http://outside.localhost:{}", self.pages_outside)
    }
}

/// Runs the demo until Ctrl-C.
pub async fn run(data: Option<&Path>, any_ports: bool) -> anyhow::Result<()> {
    let began = std::time::Instant::now();
    let temporary = tempfile::tempdir()?;
    let dir = std::path::absolute(data.unwrap_or(temporary.path()))?;
    std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    let (ports, mut reserved) = reserve(any_ports)?;
    let config = configuration(&dir, ports)?;
    // the others are held until all mail is in, which takes long enough for somebody else to take one
    let early = [ports.outside, ports.pages_outside];
    reserved.retain(|listener| listener.local_addr().is_ok_and(|address| !early.contains(&address.port())));
    let outside = sink::start(&config, ports.outside, &dir.join("outside")).await?;
    let rooms = Rooms::open(&config, Mode::Server).await?;
    let desk = Desk::over(config.clone(), rooms);
    let people = people::make(&desk).await?;
    mails::fill(desk.rooms()).await?;
    mails::prepare_draft(desk.rooms()).await?;
    outside::listen(&outside, ports.pages_outside, &dir.join("outside"), desk.rooms()).await?;
    drop(reserved);
    let running = serve::start(&config, desk.rooms()).await?;
    write_json(&dir, ports, &people)?;
    print(began.elapsed(), &dir, ports, &people);
    news(&outside, desk.rooms());
    running.until_end(desk.rooms()).await?;
    outside.finish(std::time::Duration::from_secs(2)).await;
    running.finish(desk.rooms()).await
}

/// Free ports, held until they are listened on: the usual ones where they are free, else what the system gives.
fn reserve(any: bool) -> anyhow::Result<(Ports, Vec<TcpListener>)> {
    let mut reserved = Vec::new();
    for usual in PORTS {
        let wanted = if any { random_port()? } else { usual };
        let listener = TcpListener::bind(("127.0.0.1", wanted));
        reserved.push(listener.or_else(|_| TcpListener::bind(("127.0.0.1", random_port()?)))?);
    }
    let port = |at: usize| reserved[at].local_addr().map(|address| address.port());
    let ports = Ports {
        smtp: port(0)?,
        submission: port(1)?,
        submissions: port(2)?,
        imap: port(3)?,
        imaps: port(4)?,
        outside: port(5)?,
        mail: port(6)?,
        admin: port(7)?,
        content: port(8)?,
        pages_outside: port(9)?,
        pop3: port(10)?,
        pop3s: port(11)?,
    };
    Ok((ports, reserved))
}

/// A port below those that the system gives to connections by itself, so that none takes it before it is listened on.
fn random_port() -> std::io::Result<u16> {
    let mut random = [0; 2];
    getrandom::fill(&mut random).map_err(|_| std::io::Error::other("the machine gives no randomness"))?;
    Ok(16_384 + u16::from_le_bytes(random) % 16_384)
}

fn configuration(dir: &Path, ports: Ports) -> anyhow::Result<Config> {
    let Ports { smtp, submission, submissions, imap, imaps, pop3, pop3s, outside, mail, admin, content, .. } = ports;
    let text = format!(
        "hostname = \"mail.aoba.example\"\ndata_dir = {:?}\n[listen]\nsmtp = [\"127.0.0.1:{smtp}\"]\n\
         submission = [\"127.0.0.1:{submission}\"]\nsubmissions = [\"127.0.0.1:{submissions}\"]\n\
         imap = [\"127.0.0.1:{imap}\"]\nimaps = [\"127.0.0.1:{imaps}\"]\n\
         pop3 = [\"127.0.0.1:{pop3}\"]\npop3s = [\"127.0.0.1:{pop3s}\"]\n\
         web = [\"127.0.0.1:{mail}\"]\nadmin = [\"127.0.0.1:{admin}\"]\ncontent = [\"127.0.0.1:{content}\"]\nhttp = []\n\
         [web]\nmail_url = {:?}\nadmin_url = {:?}\ncontent_url = {:?}\n\
         [[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = {outside}\ntls = \"none\"\n",
        dir.join("data").display().to_string(),
        ports.mail_url(),
        ports.admin_url(),
        ports.content_url(),
    );
    std::fs::write(dir.join("sekisho.toml"), &text)?;
    // how files are read may be said by variables; where a server of the machine has its data must not be
    Ok(Config::from_text_and(&text, |variable| variable.starts_with("SEKISHO_EXTRACT__"))?)
}

fn write_json(dir: &Path, ports: Ports, people: &[Person]) -> anyhow::Result<()> {
    let Ports { smtp, submission, submissions, imap, imaps, pop3, pop3s, outside, mail, admin, content, .. } = ports;
    let people: Vec<_> = people
        .iter()
        .map(|person| json!({ "address": person.address, "name": person.name, "password": person.password, "what": person.what }))
        .collect();
    let json = json!({
        "host": "127.0.0.1", "smtp": smtp, "submission": submission, "submissions": submissions, "imap": imap, "imaps": imaps,
        "pop3": pop3, "pop3s": pop3s,
        "outside": outside, "outside_mail": dir.join("outside"), "config": dir.join("sekisho.toml"), "people": people,
        "outside_url": ports.outside_url(), "mail_url": ports.mail_url(), "admin_url": ports.admin_url(), "content_url": ports.content_url(),
        "mail_port": mail, "admin_port": admin, "content_port": content,
    });
    std::fs::write(dir.join("demo.json"), serde_json::to_string_pretty(&json)?)?;
    Ok(())
}

/// A mail arrives while the visitor looks around.
fn news(stop: &Stop, rooms: &Rooms) {
    let (rooms, asked) = (rooms.clone(), stop.clone());
    stop.spawn(async move {
        tokio::select! {
            () = asked.asked() => {}
            () = tokio::time::sleep(NEWS_AFTER) => {
                if let Err(error) = mails::arrive(&rooms).await {
                    tracing::warn!(%error, "the demo's news could not be delivered");
                }
            }
        }
    });
}

fn print(took: Duration, dir: &Path, ports: Ports, people: &[Person]) {
    let Ports { smtp, submission, submissions, imap, imaps, pop3, pop3s, .. } = ports;
    let config = dir.join("sekisho.toml");
    let config = config.display();
    println!(
        "準備ができました({:.1}秒)。 Ready. Ctrl-C で終わります。\n\
         ① 佐藤さんでサインイン  ② 下書き「10月度名簿の送付」を送信  ③ 何が起きるかご覧ください\n",
        took.as_secs_f64()
    );
    println!("  ウェブメール / webmail          {}", ports.mail_url());
    println!("  管理コンソール / console        {}", ports.admin_url());
    println!("  社外の受信箱 / outside world    {}", ports.outside_url());
    println!("  止めたもの・止めなかったもの    {}/trial\n", ports.outside_url());
    for person in people {
        println!("  {:<22} {:<10} {}   {}", person.address.to_string(), person.password, person.name, person.what);
    }
    println!(
        "\nメールソフト / mail clients: 127.0.0.1  IMAP :{imap} (STARTTLS), :{imaps} (TLS)  \
         POP3 :{pop3} (STARTTLS), :{pop3s} (TLS)  \
         SMTP :{submission} (STARTTLS), :{submissions} (TLS), :{smtp} (MX)"
    );
    let Some(sato) = people.first() else { return };
    let swaks = format!(
        "swaks --server 127.0.0.1:{submission} --auth PLAIN --auth-user {} --auth-password {} --from {} --to yamada@yamada.example",
        sato.address, sato.password, sato.address
    );
    println!("\nメールソフトからも同じ審査 / the same review for mail clients:");
    println!("  {swaks} --header 'Subject: hello' --body 'hello'        # 送信されます / goes out");
    println!("  printf '氏名,個人番号\\n佐藤健一,123456789018\\n' > list.csv");
    println!(
        "  {swaks} --header 'Subject: list' --body 'list' --attach-type text/csv --attach-name list.csv --attach @list.csv  # 承認待ち / held"
    );
    println!("  sekisho --config {config} held list");
    println!("  sekisho --config {config} held approve 番号\n");
    println!(
        "English: sign in to webmail as 佐藤 ({}), send the prepared draft to the outside, and see what happens; then \
         approve it as 鈴木. The outside world shows what really left.\n",
        sato.address
    );
}
