//! A server over SQLite with two people's mailboxes, and a client that speaks to it line by line.

use std::sync::Arc;
use std::time::Duration;

use net::{ClientTls, Conn, ServerTls, Stop};
use store::{Bytes, Change, Changed, Engine, NewMail, NewMessage, NewUser, Role, Roles};
use store_sqlite::{MasterKey, Mode, OpenConfig, SqliteEngine};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use types::*;

use crate::Context;

pub const PASSWORD: &str = "correct horse";

/// The server.
pub struct House {
    pub engine: Arc<SqliteEngine>,
    pub context: Arc<Context>,
    pub stop: Stop,
    pub taro: UserId,
    tenant: TenantId,
    dir: TempDir,
}

impl House {
    pub async fn new() -> Self {
        Self::with_limits(Limits::default()).await
    }

    pub async fn with_limits(limits: Limits) -> Self {
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
        let mut people = Vec::new();
        for address in ["taro@example.jp", "hanako@example.jp"] {
            let person = NewUser {
                tenant,
                address: Address::parse(address).unwrap(),
                name: address.into(),
                roles: Roles::default().with(Role::User),
                credentials: Some(auth::credentials(PASSWORD).unwrap()),
                language: Language::Ja,
            };
            let Changed::User(user) = change(Change::AddUser(Box::new(person))).await else { panic!("no person") };
            people.push(user);
        }
        let (store, authority, _, _) = store::open(engine.clone());
        let auth = Arc::new(auth::Auth::new(store.clone(), authority, &limits).unwrap());
        let context = Context::new(store, auth, limits, Arc::new(SystemClock));
        Self { engine, context, stop: Stop::new(), taro: people[0], tenant, dir }
    }

    /// Taro's INBOX.
    pub async fn inbox(&self) -> store::Mailbox {
        let all = self.engine.mailboxes(self.taro).await.unwrap();
        all.into_iter().find(|mailbox| mailbox.name == "INBOX").unwrap()
    }

    /// Puts mails into Taro's INBOX.
    pub async fn put(&self, mails: &[&[u8]]) {
        let mut messages = Vec::new();
        for mail in mails {
            let bytes = Bytes::New(self.engine.seal(self.tenant, mail).await.unwrap());
            let mail = NewMail { tenant: self.tenant, bytes, summary: Vec::new(), sensitive: false };
            messages.push(NewMessage {
                mail,
                flags: Flags::default(),
                internal_date: Timestamp(0),
                saved: Timestamp(0),
            });
        }
        self.engine.append(self.taro, self.inbox().await.id, messages).await.unwrap();
    }

    async fn pair(&self, peer: Option<&str>, tls: bool) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (tcp, from) = listener.accept().await.unwrap();
        let peer = peer.map_or(from, |peer| peer.parse().unwrap());
        let tls = tls.then(|| ServerTls::self_signed(self.dir.path(), "mail.example.jp").unwrap());
        let conn = Conn::accepted_from(tcp, peer, tls, None).unwrap();
        self.stop.spawn(crate::serve(conn, self.context.clone(), self.stop.clone()));
        stream
    }

    /// A connection that has read the greeting.
    pub async fn connect(&self) -> Client<TcpStream> {
        Client::greeted(self.pair(None, false).await).await
    }
    /// The same from another machine, as the server sees it.
    pub async fn connect_from_afar(&self) -> Client<TcpStream> {
        Client::greeted(self.pair(Some("192.0.2.7:40000"), true).await).await
    }
    /// A connection to a server that offers STLS, past the greeting; and what to shake hands with.
    pub async fn connect_for_tls(&self) -> (Client<Conn>, ClientTls) {
        let stream = self.pair(None, true).await;
        let conn = Conn::accepted(stream, None, None).unwrap();
        (Client::greeted(conn).await, ClientTls::opportunistic().unwrap())
    }
    /// Taro, signed in.
    pub async fn client(&self) -> Client<TcpStream> {
        let mut client = self.connect().await;
        client.sign_in("taro@example.jp").await;
        client
    }
}

/// A client. Every wait ends after ten seconds.
pub struct Client<S> {
    pub stream: BufReader<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn greeted(stream: S) -> Self {
        let mut client = Self { stream: BufReader::new(stream) };
        // no timestamp in it: there is no APOP (RFC 1939 7)
        assert_eq!(client.line().await, "+OK Sekisho ready.");
        client
    }
    pub async fn sign_in(&mut self, address: &str) {
        self.ok(&format!("USER {address}")).await;
        self.ok(&format!("PASS {PASSWORD}")).await;
    }
    pub async fn bytes(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line);
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("no line came").unwrap();
        line
    }
    /// One line, without its end; "" when the connection is closed.
    pub async fn line(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes().await).trim_end_matches(['\r', '\n']).to_owned()
    }
    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &str) {
        self.stream.get_mut().write_all(bytes.as_bytes()).await.unwrap();
    }
    /// Sends a command; its status line.
    pub async fn say(&mut self, command: &str) -> String {
        self.send(&format!("{command}\r\n")).await;
        self.line().await
    }
    /// Sends a command that must succeed; what stands behind `+OK `.
    pub async fn ok(&mut self, command: &str) -> String {
        let line = self.say(command).await;
        assert!(line.starts_with("+OK"), "{command}: {line}");
        line.trim_start_matches("+OK").trim_start().to_owned()
    }
    /// Sends a command that must fail; what stands behind `-ERR `.
    pub async fn fails(&mut self, command: &str) -> String {
        let line = self.say(command).await;
        line.strip_prefix("-ERR ").unwrap_or_else(|| panic!("{command}: {line}")).to_owned()
    }
    /// The lines up to the dot, as they came.
    pub async fn rest(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let line = self.bytes().await;
            assert!(!line.is_empty(), "the connection was closed");
            if line == b".\r\n" {
                return out;
            }
            out.extend(line);
        }
    }
    /// Sends a command whose answer has lines; these.
    pub async fn lines(&mut self, command: &str) -> Vec<String> {
        self.ok(command).await;
        String::from_utf8_lossy(&self.rest().await).lines().map(str::to_owned).collect()
    }
    /// A message as a client sees it, its dots taken away.
    pub async fn message(&mut self, command: &str) -> Vec<u8> {
        self.ok(command).await;
        let lines = self.rest().await;
        let lines = lines.split_inclusive(|byte| *byte == b'\n');
        lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied().collect()
    }
}
