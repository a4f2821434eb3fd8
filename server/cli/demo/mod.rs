//! `sekisho demo`: a complete company to try, on loopback ports, with people, mail and an outside world.

mod mails;
mod people;
mod sink;

use std::net::TcpListener;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use store_sqlite::Mode;

use super::config::Config;
use super::desk::Desk;
use super::rooms::Rooms;
use super::serve;
use people::Person;

/// Ports of the demo where they are free: SMTP, submission, submissions, IMAP, IMAPS, the outside world.
const PORTS: [u16; 6] = [12525, 12587, 12465, 12143, 12993, 12625];

/// Runs the demo until Ctrl-C.
pub async fn run(data: Option<&Path>, any_ports: bool) -> anyhow::Result<()> {
    let began = std::time::Instant::now();
    let temporary = tempfile::tempdir()?;
    let dir = std::path::absolute(data.unwrap_or(temporary.path()))?;
    std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    let (ports, reserved) = reserve(any_ports)?;
    let config = configuration(&dir, ports)?;
    drop(reserved);
    let outside = sink::start(&config, ports[5], &dir.join("outside")).await?;
    let rooms = Rooms::open(&config, Mode::Server).await?;
    let desk = Desk::over(config.clone(), rooms);
    let people = people::make(&desk).await?;
    mails::deliver(desk.rooms()).await?;
    let running = serve::start(&config, desk.rooms()).await?;
    write_json(&dir, ports, &people)?;
    print(began.elapsed(), &dir, ports, &people);
    running.until_end(desk.rooms()).await?;
    outside.finish(std::time::Duration::from_secs(2)).await;
    running.finish(desk.rooms()).await
}

/// Six ports, held until they are listened on: the usual ones where they are free, else what the system gives.
fn reserve(any: bool) -> anyhow::Result<([u16; 6], Vec<TcpListener>)> {
    let (mut ports, mut reserved) = ([0; 6], Vec::new());
    for (port, usual) in ports.iter_mut().zip(PORTS) {
        let wanted = if any { 0 } else { usual };
        let listener = TcpListener::bind(("127.0.0.1", wanted)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)))?;
        *port = listener.local_addr()?.port();
        reserved.push(listener);
    }
    Ok((ports, reserved))
}

fn configuration(
    dir: &Path,
    [smtp, submission, submissions, imap, imaps, outside]: [u16; 6],
) -> anyhow::Result<Config> {
    let text = format!(
        "hostname = \"mail.aoba.example\"\ndata_dir = {:?}\n[listen]\nsmtp = [\"127.0.0.1:{smtp}\"]\n\
         submission = [\"127.0.0.1:{submission}\"]\nsubmissions = [\"127.0.0.1:{submissions}\"]\n\
         imap = [\"127.0.0.1:{imap}\"]\nimaps = [\"127.0.0.1:{imaps}\"]\n\
         [[route]]\ndomain = \"*\"\nhost = \"127.0.0.1\"\nport = {outside}\ntls = \"none\"\n",
        dir.join("data").display().to_string(),
    );
    std::fs::write(dir.join("sekisho.toml"), &text)?;
    Ok(Config::from_text(&text)?)
}

fn write_json(dir: &Path, ports: [u16; 6], people: &[Person]) -> anyhow::Result<()> {
    let [smtp, submission, submissions, imap, imaps, outside] = ports;
    let people: Vec<_> = people
        .iter()
        .map(|person| json!({ "address": person.address, "name": person.name, "password": person.password, "what": person.what }))
        .collect();
    let json = json!({
        "host": "127.0.0.1", "smtp": smtp, "submission": submission, "submissions": submissions, "imap": imap, "imaps": imaps,
        "outside": outside, "outside_mail": dir.join("outside"), "config": dir.join("sekisho.toml"), "people": people,
    });
    std::fs::write(dir.join("demo.json"), serde_json::to_string_pretty(&json)?)?;
    Ok(())
}

fn print(took: std::time::Duration, dir: &Path, ports: [u16; 6], people: &[Person]) {
    let [smtp, submission, submissions, imap, imaps, _] = ports;
    let config = dir.join("sekisho.toml");
    let (config, outside) = (config.display(), dir.join("outside"));
    println!("準備ができました({:.1}秒)。 Ready. Ctrl-C で終わります。\n", took.as_secs_f64());
    println!(
        "SMTP 127.0.0.1:{smtp}   submission :{submission} (STARTTLS), :{submissions} (TLS)   IMAP :{imap}, :{imaps} (TLS)"
    );
    println!("社外に届いたメール / what reached the outside: {}\n", outside.display());
    for person in people {
        println!("  {:<22} {:<10} {}   {}", person.address.to_string(), person.password, person.name, person.what);
    }
    let (Some(sato), Some(suzuki)) = (people.first(), people.get(2)) else { return };
    let swaks = format!(
        "swaks --server 127.0.0.1:{submission} --auth PLAIN --auth-user {} --auth-password {} --from {} --to yamada@yamada.example",
        sato.address, sato.password, sato.address
    );
    println!("\n① 送信される / a mail that goes out:\n  {swaks} --header 'Subject: hello' --body 'hello'");
    println!(
        "② マイナンバーの入ったCSVは保留される / the same with a My Number in a CSV is held for {}:",
        suzuki.address
    );
    println!("  printf '氏名,個人番号\\n佐藤健一,123456789018\\n' > list.csv");
    println!(
        "  {swaks} --header 'Subject: list' --body 'list' --attach-type text/csv --attach-name list.csv --attach @list.csv"
    );
    println!("③ 承認すると送信される / approved, it goes out:");
    println!("  sekisho --config {config} held list");
    println!("  sekisho --config {config} held approve 番号\n");
}
