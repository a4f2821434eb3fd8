//! A server with one person's mailboxes, and a client that speaks to it line by line.

use std::sync::Arc;
use std::time::Duration;

use net::{ByteBudget, ClientTls, Conn, ServerTls, Stop};
use store::{Directory, DomainRow, Role, Roles, Target, Tenant, User, UserState};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use types::*;

use super::memory::Memory;
use crate::Context;

pub const PASSWORD: &str = "correct horse";

/// What an index is made of.
pub type Sources = (Arc<dyn index::Reading>, Arc<dyn index::extract::MailTexts>);

/// The server.
pub struct House<E = Memory> {
    pub engine: Arc<E>,
    pub context: Arc<Context>,
    pub stop: Stop,
    /// The full-text index, where the house has one.
    pub index: Option<index::Index>,
    dir: TempDir,
}

fn directory() -> Directory {
    let (tenant, id) = (TenantId(1), UserId(1));
    let address = Address::parse("taro@example.jp").unwrap();
    let mut directory = Directory::default();
    directory.tenants.insert(
        tenant,
        Tenant { id: tenant, name: "acme".into(), title: "Acme".into(), policies: types::Policies::default() },
    );
    directory.domains.insert(address.domain().clone(), DomainRow { name: address.domain().clone(), tenant });
    directory.addresses.insert(address.key(), Target::User(id));
    let user = User {
        id,
        tenant,
        address,
        aliases: Vec::new(),
        name: "太郎".into(),
        department: String::new(),
        supervisor: None,
        roles: Roles::default().with(Role::User),
        quota: Some(4 << 20),
        message_quota: Some(3_000),
        state: UserState::Active,
        language: Language::Ja,
        settings: types::Settings::default(),
        credentials: Some(auth::credentials(PASSWORD).unwrap()),
        second_factor: None,
        generation: 1,
    };
    directory.users.insert(id, Arc::new(user));
    directory
}

impl House {
    pub fn new() -> Self {
        Self::with_limits(Limits::default())
    }
    pub fn with_limits(limits: Limits) -> Self {
        let dir = TempDir::new().unwrap();
        Self::over(Memory::new(directory(), UserId(1), dir.path()), dir, limits)
    }
}

impl<E: store::Engine> House<E> {
    /// A server over this engine, whose `taro@example.jp` has [`PASSWORD`].
    pub fn over(engine: Arc<E>, dir: TempDir, limits: Limits) -> Self {
        Self::built(engine, dir, limits, None)
    }
    /// The same with an index, which the test feeds.
    pub fn over_indexed(engine: Arc<E>, dir: TempDir, of: Sources) -> Self {
        Self::built(engine, dir, Limits::default(), Some(of))
    }
    fn built(engine: Arc<E>, dir: TempDir, limits: Limits, indexed: Option<Sources>) -> Self {
        let (store, authority, _, _) = store::open(engine.clone());
        let auth = Arc::new(auth::Auth::new(store.clone(), authority, &limits).unwrap());
        let memory = ByteBudget::new(limits.memory);
        let access = auth.console().server();
        let index =
            indexed.map(|(reading, files)| index::Index::open(dir.path(), store.clone(), access, reading, files));
        let context = Context::new(store, auth, limits, Arc::new(SystemClock), memory, index.clone());
        Self { engine, context, stop: Stop::new(), index, dir }
    }

    /// A connection that has read the greeting.
    pub async fn connect(&self) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (tcp, _) = listener.accept().await.unwrap();
        let peer = tcp.peer_addr().unwrap();
        self.greeted(stream, Conn::accepted_from(tcp, peer, None, None).unwrap()).await
    }
    /// The same from another machine, as the server sees it.
    pub async fn connect_from_afar(&self) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (tcp, _) = listener.accept().await.unwrap();
        let tls = ServerTls::self_signed(self.dir.path(), "mail.example.jp").unwrap();
        let afar = "192.0.2.7:40000".parse().unwrap();
        self.greeted(stream, Conn::accepted_from(tcp, afar, Some(tls), None).unwrap()).await
    }
    async fn greeted(&self, stream: TcpStream, conn: Conn) -> Client {
        self.stop.spawn(crate::serve(conn, self.context.clone(), self.stop.clone()));
        let mut client = Client { stream: BufReader::new(stream), tag: 0, greeting: String::new() };
        client.greeting = client.line().await;
        assert!(client.greeting.starts_with("* OK [CAPABILITY IMAP4rev1 "));
        client
    }
    /// A client that sends everything and closes, before the server has read a byte; what it is answered.
    pub async fn all_at_once(&self, commands: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (tcp, _) = listener.accept().await.unwrap();
        stream.write_all(commands.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let conn = Conn::accepted(tcp, None, None).unwrap();
        crate::serve(conn, self.context.clone(), self.stop.clone()).await;
        let mut answers = Vec::new();
        stream.read_to_end(&mut answers).await.unwrap();
        String::from_utf8(answers).unwrap()
    }
    /// A connection to a server that offers STARTTLS, past the greeting; and what to shake hands with.
    pub async fn connect_for_tls(&self) -> (Conn, ClientTls) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut conn = Conn::connect(listener.local_addr().unwrap(), Duration::from_secs(10)).await.unwrap();
        let (tcp, _) = listener.accept().await.unwrap();
        let tls = ServerTls::self_signed(self.dir.path(), "mail.example.jp").unwrap();
        let served = Conn::accepted(tcp, Some(tls), None).unwrap();
        self.stop.spawn(crate::serve(served, self.context.clone(), self.stop.clone()));
        let mut greeting = Vec::new();
        while !greeting.ends_with(b"\r\n") {
            greeting.push(conn.read_u8().await.unwrap());
        }
        assert!(greeting.windows(10).any(|word| word == b" STARTTLS "));
        (conn, ClientTls::opportunistic().unwrap())
    }
    /// A client that has signed in.
    pub async fn client(&self) -> Client {
        let mut client = self.connect().await;
        client.ok(&format!("LOGIN taro@example.jp \"{PASSWORD}\"")).await;
        client
    }
    /// A client that has INBOX open.
    pub async fn inbox(&self) -> Client {
        let mut client = self.client().await;
        client.ok("SELECT INBOX").await;
        client
    }
}

/// A client. Every wait ends after ten seconds.
pub struct Client {
    stream: BufReader<TcpStream>,
    tag: u32,
    /// The first line that came.
    pub greeting: String,
}

impl Client {
    /// One line, without its end; "" when the connection is closed.
    pub async fn line(&mut self) -> String {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line);
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("no line came").unwrap();
        String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()
    }
    /// The connection below; what was read ahead must be nothing.
    pub fn into_stream(self) -> TcpStream {
        assert!(self.stream.buffer().is_empty());
        self.stream.into_inner()
    }
    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }
    /// Everything up to the tagged line; that line comes last. Literals stand in it as they came.
    pub async fn answer(&mut self, tag: &str) -> Vec<String> {
        let mut out = Vec::new();
        loop {
            let mut line = self.line().await;
            assert!(!line.is_empty(), "the connection was closed after {out:?}");
            while let Some(size) = line.strip_suffix('}').and_then(|line| line.rsplit_once('{')?.1.parse().ok()) {
                let mut bytes = vec![0; size];
                self.stream.read_exact(&mut bytes).await.unwrap();
                line = format!("{line}\r\n{}{}", String::from_utf8_lossy(&bytes), self.line().await);
            }
            let last = line.starts_with(&format!("{tag} "));
            out.push(line.strip_prefix(&format!("{tag} ")).map(str::to_owned).unwrap_or(line));
            if last {
                return out;
            }
        }
    }
    /// Sends a command; its answer.
    pub async fn say(&mut self, command: &str) -> Vec<String> {
        self.tag += 1;
        let tag = format!("t{}", self.tag);
        self.send(&format!("{tag} {command}\r\n")).await;
        self.answer(&tag).await
    }
    /// Sends a command that must succeed; its untagged lines.
    pub async fn ok(&mut self, command: &str) -> Vec<String> {
        let mut answer = self.say(command).await;
        let last = answer.pop().unwrap();
        assert!(last.starts_with("OK"), "{command}: {last}");
        answer
    }
    /// Sends a command that must fail; the tagged line.
    pub async fn fails(&mut self, command: &str) -> String {
        let last = self.say(command).await.pop().unwrap();
        assert!(last.starts_with("NO") || last.starts_with("BAD"), "{command}: {last}");
        last
    }
    /// APPEND of a mail with a literal that does not wait; the tagged line.
    pub async fn append(&mut self, mailbox: &str, mail: &str) -> String {
        let command = format!("APPEND {mailbox} {{{}+}}\r\n{mail}", mail.len());
        self.say(&command).await.pop().unwrap()
    }
}
