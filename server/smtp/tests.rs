//! Whole sessions over loopback sockets, against doors that remember what came through them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use net::{ByteBudget, ClientTls, Conn, Door, Listener, Peers, ServerTls, Stop};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;
use types::{Address, Envelope, FixedClock, Limits, Reply, Timestamp};

use crate::{Answer, Author, Body, Context, Inbound, ListenerKind, Peer, REFUSAL, Submissions, Trace};

/// A mail that came through a door.
struct Taken {
    envelope: Envelope,
    prefix: String,
    bytes: Vec<u8>,
}

/// All doors in one: takes mail for `taro` and `hanako` at example.jp, signs `taro` in with `right`.
#[derive(Default)]
struct House {
    taken: Mutex<Vec<Taken>>,
    lost: AtomicBool,
    /// When set, a mail is taken only once the gate has been opened.
    gate: Option<Semaphore>,
}

struct Taking {
    house: Arc<House>,
    envelope: Envelope,
    bytes: Vec<u8>,
}

struct Doors(Arc<House>);

impl Doors {
    fn take(&self, envelope: Envelope) -> Box<dyn Body> {
        Box::new(Taking { house: self.0.clone(), envelope, bytes: Vec::new() })
    }
}

#[async_trait]
impl Body for Taking {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Reply> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.starts_with(b"X-Full: yes") {
            return Err(Reply::new(452, (4, 3, 1), "Disk full"));
        }
        Ok(())
    }
    async fn finish(self: Box<Self>, trace: Trace) -> Answer {
        assert_eq!(trace.size, self.bytes.len() as u64);
        let prefix = String::from_utf8(trace.prefix()).unwrap();
        if let Some(gate) = &self.house.gate {
            gate.acquire().await.unwrap().forget();
        }
        let house = self.house.clone();
        self.house.taken.lock().unwrap().push(Taken { envelope: self.envelope, prefix, bytes: self.bytes });
        let lost = Box::pin(async move { house.lost.store(true, Ordering::SeqCst) });
        Answer { reply: Reply::new(250, (2, 0, 0), "Taken"), lost: Some(lost) }
    }
}

#[async_trait]
impl Inbound for Doors {
    async fn recipient(
        &self,
        _peer: &Peer,
        _from: Option<&Address>,
        to: &Address,
        _size: Option<u64>,
    ) -> Result<(), Reply> {
        match to.key().as_str() {
            "taro@example.jp" | "hanako@example.jp" | "postmaster@mx.example.jp" => Ok(()),
            key if key.ends_with("@example.jp") => Err(Reply::new(550, (5, 1, 1), "No such person")),
            _ => Err(Reply::new(550, (5, 7, 1), "No relay")),
        }
    }
    async fn begin(&self, _peer: &Peer, envelope: Envelope, _size: Option<u64>) -> Result<Box<dyn Body>, Reply> {
        Ok(self.take(envelope))
    }
}

#[async_trait]
impl Submissions for Doors {
    async fn sign_in(&self, name: &str, password: &str, _peer: &Peer) -> Result<Arc<dyn Author>, Reply> {
        if (name, password) == ("taro@example.jp", "right") {
            return Ok(Arc::new(Self(self.0.clone())));
        }
        Err(Reply::new(535, (5, 7, 8), "Wrong"))
    }
}

#[async_trait]
impl Author for Doors {
    async fn may_send_as(&self, from: Option<&Address>) -> Result<(), Reply> {
        match from.map(Address::key).as_deref() {
            None | Some("taro@example.jp") => Ok(()),
            _ => Err(Reply::new(550, (5, 7, 1), "You may send as: taro@example.jp")),
        }
    }
    async fn recipient(&self, _from: Option<&Address>, _to: &Address, _size: Option<u64>) -> Result<(), Reply> {
        Ok(())
    }
    async fn begin(&self, _peer: &Peer, envelope: Envelope, _size: Option<u64>) -> Result<Box<dyn Body>, Reply> {
        Ok(self.take(envelope))
    }
}

/// A server with one listener.
struct Server {
    addr: std::net::SocketAddr,
    house: Arc<House>,
    stop: Stop,
    _tls: tempfile::TempDir,
}

async fn server(kind: ListenerKind, change: impl FnOnce(&mut Limits)) -> Server {
    server_for(House::default(), kind, change).await
}

fn context(house: &Arc<House>, limits: Limits) -> Arc<Context> {
    Arc::new(Context {
        hostname: "mx.example.jp".into(),
        memory: ByteBudget::new(limits.memory),
        limits,
        clock: Arc::new(FixedClock::new(Timestamp::from_secs(1_795_501_457))),
        inbound: Arc::new(Doors(house.clone())),
        submissions: Arc::new(Doors(house.clone())),
    })
}

/// A session of submission with a peer that is another machine, as the server sees it.
async fn client_from_afar(tls: &tempfile::TempDir, stop: &Stop) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let conn = Conn::connect(listener.local_addr().unwrap(), Duration::from_secs(5)).await.unwrap();
    let (tcp, _) = listener.accept().await.unwrap();
    let tls = ServerTls::self_signed(tls.path(), "mx.example.jp").unwrap();
    let served = Conn::accepted_from(tcp, "192.0.2.7:40000".parse().unwrap(), Some(tls), None).unwrap();
    let context = context(&Arc::default(), Limits::default());
    tokio::spawn(crate::serve(served, context, ListenerKind::Submission, stop.clone()));
    let mut client = Client { conn, seen: Vec::new() };
    assert_eq!(client.replies(1).await, "220 mx.example.jp ESMTP\r\n");
    client
}

async fn server_for(house: House, kind: ListenerKind, change: impl FnOnce(&mut Limits)) -> Server {
    let dir = tempfile::tempdir().unwrap();
    let mut limits = Limits::default();
    change(&mut limits);
    let house = Arc::new(house);
    let context = context(&house, limits);
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), "listen.smtp").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let door = Door {
        peers: Peers::new(10, 10),
        tls: Some(ServerTls::self_signed(dir.path(), "mx.example.jp").unwrap()),
        implicit_tls: kind == ListenerKind::Submissions,
        refusal: REFUSAL,
    };
    let stop = Stop::new();
    let session_stop = stop.clone();
    tokio::spawn(
        listener.run(door, stop.clone(), move |conn| crate::serve(conn, context.clone(), kind, session_stop.clone())),
    );
    Server { addr, house, stop, _tls: dir }
}

impl Server {
    async fn client(&self) -> Client {
        let mut client = Client { conn: self.connect().await, seen: Vec::new() };
        assert_eq!(client.replies(1).await, "220 mx.example.jp ESMTP\r\n");
        client
    }
    async fn connect(&self) -> Conn {
        Conn::connect(self.addr, Duration::from_secs(5)).await.unwrap()
    }
    fn taken(&self) -> std::sync::MutexGuard<'_, Vec<Taken>> {
        self.house.taken.lock().unwrap()
    }
}

struct Client {
    conn: Conn,
    seen: Vec<u8>,
}

impl Client {
    /// Sends `text` and reads as many whole replies.
    async fn talk(&mut self, text: &str, replies: usize) -> String {
        self.conn.write_all(text.as_bytes()).await.unwrap();
        self.replies(replies).await
    }
    async fn replies(&mut self, mut wanted: usize) -> String {
        let mut text = String::new();
        while wanted > 0 {
            if let Some(end) = self.seen.iter().position(|b| *b == b'\n') {
                let line = String::from_utf8(self.seen.drain(..=end).collect()).unwrap();
                wanted -= usize::from(line.as_bytes().get(3) == Some(&b' '));
                text.push_str(&line);
                continue;
            }
            let read = tokio::time::timeout(Duration::from_secs(10), self.conn.read_buf(&mut self.seen));
            let read = read.await.unwrap_or_else(|_| panic!("waits for {wanted} more after {text:?}")).unwrap();
            assert!(read > 0, "closed after {text:?}");
        }
        text
    }
    async fn codes(&mut self, text: &str, replies: usize) -> Vec<String> {
        let answer = self.talk(text, replies).await;
        answer.lines().filter(|line| line.as_bytes().get(3) == Some(&b' ')).map(|line| line[..3].to_owned()).collect()
    }
    async fn rest(&mut self) -> String {
        let mut rest = std::mem::take(&mut self.seen);
        tokio::time::timeout(Duration::from_secs(10), self.conn.read_to_end(&mut rest)).await.unwrap().unwrap();
        String::from_utf8(rest).unwrap()
    }
    async fn start_tls(self) -> Self {
        let tls = ClientTls::opportunistic().unwrap();
        Self { conn: self.conn.start_tls_as_client(&tls, "mx.example.jp").await.unwrap(), seen: Vec::new() }
    }
}

const BEGIN: &str = "EHLO c.example\r\nMAIL FROM:<a@c.example>\r\nRCPT TO:<taro@example.jp>\r\n";

#[tokio::test]
async fn a_mail_for_us_comes_in_whole_with_its_trace() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    assert_eq!(client.codes(&format!("{BEGIN}DATA\r\n"), 4).await, ["250", "250", "250", "354"]);
    let mail = "Subject: x\r\n\r\n..dots\r\n\r\n.\r\nQUIT\r\n";
    assert_eq!(client.talk(mail, 2).await, "250 2.0.0 Taken\r\n221 2.0.0 Goodbye\r\n");
    let taken = server.taken();
    let mail = taken.first().unwrap();
    assert_eq!(mail.bytes, b"Subject: x\r\n\r\n.dots\r\n\r\n");
    assert_eq!(mail.envelope.to, [Address::parse("taro@example.jp").unwrap()]);
    assert!(mail.prefix.starts_with(
        "Return-Path: <a@c.example>\r\nReceived: from c.example ([127.0.0.1])\r\n\tby mx.example.jp with ESMTP\r\n"
    ));
    assert!(!server.house.lost.load(Ordering::SeqCst));
}

#[tokio::test]
async fn what_is_announced_depends_on_the_listener() {
    let mx = server(ListenerKind::Mx, |limits| limits.message_size = 1000).await;
    let answer = mx.client().await.talk("EHLO c\r\n", 1).await;
    assert_eq!(
        answer,
        "250-mx.example.jp\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n\
         250-SMTPUTF8\r\n250-CHUNKING\r\n250 STARTTLS\r\n"
    );
    let submission = server(ListenerKind::Submission, |_| {}).await;
    let answer = submission.client().await.talk("EHLO c\r\n", 1).await;
    assert!(answer.ends_with("250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"), "{answer}");
}

#[tokio::test]
async fn from_another_machine_signing_in_is_neither_offered_nor_taken_before_tls() {
    let (dir, stop) = (tempfile::tempdir().unwrap(), Stop::new());
    let mut client = client_from_afar(&dir, &stop).await;
    let answer = client.talk("EHLO c\r\n", 1).await;
    assert!(answer.ends_with("250 STARTTLS\r\n") && !answer.contains("AUTH"), "{answer}");
    assert_eq!(client.codes("AUTH PLAIN AHRhcm9AZXhhbXBsZS5qcAByaWdodA==\r\n", 1).await, ["538"]);
    assert_eq!(client.codes("MAIL FROM:<taro@example.jp>\r\n", 1).await, ["530"]);
    assert_eq!(client.codes("STARTTLS\r\n", 1).await, ["220"]);
    let mut client = client.start_tls().await;
    assert!(client.talk("EHLO c\r\n", 1).await.ends_with("250 AUTH PLAIN LOGIN\r\n"));
    assert_eq!(client.codes("AUTH PLAIN AHRhcm9AZXhhbXBsZS5qcAByaWdodA==\r\n", 1).await, ["235"]);
}

#[tokio::test]
async fn port_25_relays_nothing_and_signs_nobody_in() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    client.codes("EHLO c\r\nMAIL FROM:<taro@example.jp>\r\n", 2).await;
    assert_eq!(client.talk("RCPT TO:<x@other.example>\r\n", 1).await, "550 5.7.1 No relay\r\n");
    assert_eq!(client.talk("RCPT TO:<nobody@example.jp>\r\n", 1).await, "550 5.1.1 No such person\r\n");
    assert_eq!(client.talk("DATA\r\n", 1).await, "554 5.5.1 No valid recipients\r\n");
    assert_eq!(client.codes("RSET\r\nAUTH PLAIN AGEAYg==\r\n", 2).await, ["250", "502"]);
}

#[tokio::test]
async fn a_bare_line_feed_never_ends_a_mail_and_spoils_it() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    for smuggled in ["a\n.\r\n", "a\n.\n", "a\r.\r", "a\r\n.\n", "a\r\n.\r", "a\r\r\n.\r\r\n"] {
        client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
        let text = format!("{smuggled}MAIL FROM:<evil@c.example>\r\nRCPT TO:<taro@example.jp>\r\nDATA\r\n\r\n.\r\n");
        let answer = client.talk(&text, 1).await;
        assert!(answer.starts_with("554 5.5.2 "), "{smuggled:?}: {answer}");
    }
    assert_eq!(client.talk("NOOP\r\n", 1).await, "250 2.0.0 OK\r\n", "nothing else was answered");
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn a_bare_line_feed_in_a_command_is_refused() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    for line in ["NOOP\n", "NO\rOP\r\n", "NO\0OP\r\n"] {
        assert!(client.talk(line, 1).await.starts_with("500 5.5.2 "), "{line:?}");
    }
}

#[tokio::test]
async fn what_was_said_before_the_handshake_is_forgotten() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    client.codes(BEGIN, 3).await;
    let answer = client.talk("STARTTLS\r\nMAIL FROM:<evil@c.example>\r\nRSET\r\n", 1).await;
    assert_eq!(answer, "220 2.0.0 Start TLS\r\n");
    let mut client = client.start_tls().await;
    assert_eq!(client.codes("DATA\r\n", 1).await, ["503"], "the first answer is to what came over TLS");
    assert_eq!(client.codes("MAIL FROM:<a@c.example>\r\n", 1).await, ["503"]);
    let answer = client.talk("EHLO c\r\n", 1).await;
    assert!(!answer.contains("STARTTLS"), "{answer}");
    client.codes("MAIL FROM:<a@c.example>\r\nRCPT TO:<taro@example.jp>\r\nDATA\r\n", 3).await;
    client.codes("x\r\n.\r\n", 1).await;
    assert!(server.taken().first().unwrap().prefix.contains("with ESMTPS\r\n\t(version=TLS1.3 cipher=TLS_"));
    assert_eq!(client.codes("STARTTLS\r\n", 1).await, ["503"]);
}

#[tokio::test]
async fn submission_wants_sign_in_and_an_own_sender() {
    let server = server(ListenerKind::Submission, |_| {}).await;
    let mut client = server.client().await;
    let answer = client.codes("MAIL FROM:<taro@example.jp>\r\nEHLO c\r\nMAIL FROM:<taro@example.jp>\r\n", 3).await;
    assert_eq!(answer, ["503", "250", "530"]);
    // "\0taro@example.jp\0wrong"
    assert_eq!(client.codes("AUTH PLAIN AHRhcm9AZXhhbXBsZS5qcAB3cm9uZw==\r\n", 1).await, ["535"]);
    assert_eq!(client.codes("AUTH CRAM-MD5\r\n", 1).await, ["504"]);
    assert_eq!(client.codes("AUTH LOGIN\r\n*\r\n", 2).await, ["334", "501"]);
    assert_eq!(client.codes("AUTH PLAIN\r\nAHRhcm9AZXhhbXBsZS5qcAByaWdodA==\r\n", 2).await, ["334", "235"]);
    assert_eq!(client.codes("AUTH PLAIN\r\n", 1).await, ["503"]);
    let answer = client.talk("MAIL FROM:<boss@example.jp>\r\n", 1).await;
    assert_eq!(answer, "550 5.7.1 You may send as: taro@example.jp\r\n");
    client.codes("MAIL FROM:<taro@example.jp>\r\nRCPT TO:<x@other.example>\r\nDATA\r\n", 3).await;
    assert_eq!(client.codes("Subject: x\r\n\r\nx\r\n.\r\n", 1).await, ["250"]);
    let taken = server.taken();
    let mail = taken.first().unwrap();
    assert_eq!(mail.bytes, b"Subject: x\r\n\r\nx\r\n", "the mail's own bytes stay as they are");
    assert!(mail.prefix.starts_with("Received: by mx.example.jp with ESMTPA\r\n"), "{}", mail.prefix);
    assert!(mail.prefix.contains("\r\nDate: Tue, 24 Nov 2026 15:24:17 +0900\r\nMessage-ID: <"), "{}", mail.prefix);
}

#[tokio::test]
async fn auth_login_asks_for_name_and_password() {
    let server = server(ListenerKind::Submission, |_| {}).await;
    let mut client = server.client().await;
    client.codes("EHLO c\r\n", 1).await;
    assert_eq!(client.talk("AUTH LOGIN\r\n", 1).await, "334 VXNlcm5hbWU6\r\n");
    assert_eq!(client.talk("dGFyb0BleGFtcGxlLmpw\r\n", 1).await, "334 UGFzc3dvcmQ6\r\n");
    assert_eq!(client.codes("cmlnaHQ=\r\n", 1).await, ["235"]);
}

#[tokio::test]
async fn port_465_speaks_tls_from_the_first_byte() {
    let server = server(ListenerKind::Submissions, |_| {}).await;
    let mut client = Client { conn: server.connect().await, seen: Vec::new() }.start_tls().await;
    assert_eq!(client.replies(1).await, "220 mx.example.jp ESMTP\r\n");
    assert!(client.talk("EHLO c\r\n", 1).await.ends_with("250 AUTH PLAIN LOGIN\r\n"));
}

#[tokio::test]
async fn a_mail_too_big_is_refused_when_announced_and_when_it_comes() {
    let server = server(ListenerKind::Mx, |limits| limits.message_size = 100).await;
    let mut client = server.client().await;
    client.codes("EHLO c\r\n", 1).await;
    assert!(client.talk("MAIL FROM:<> SIZE=101\r\n", 1).await.starts_with("552 5.3.4 "));
    client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
    let answer = client.talk(&format!("{}\r\n.\r\n", "x".repeat(100_000)), 1).await;
    assert!(answer.starts_with("552 5.3.4 "), "{answer}");
    client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
    assert_eq!(client.codes("small\r\n.\r\n", 1).await, ["250"]);
}

#[tokio::test]
async fn a_door_that_refuses_midway_is_heard_at_the_end() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
    let text = format!("X-Full: yes\r\n\r\n{}\r\n.\r\nNOOP\r\n", "x".repeat(100_000));
    assert_eq!(client.talk(&text, 2).await, "452 4.3.1 Disk full\r\n250 2.0.0 OK\r\n");
}

#[tokio::test]
async fn a_mail_that_went_round_51_times_ends() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    for (hops, code) in [(50, "250"), (51, "554")] {
        client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
        let mail = format!("{}\r\nbody\r\n.\r\n", "Received: x\r\n".repeat(hops));
        assert_eq!(client.codes(&mail, 1).await, [code]);
    }
}

#[tokio::test]
async fn header_lines_and_recipients_are_bounded() {
    let server = server(ListenerKind::Mx, |limits| {
        limits.header_bytes = 1000;
        limits.command_line = 600;
        limits.recipients = 1;
    })
    .await;
    let mut client = server.client().await;
    client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
    assert_eq!(client.codes(&format!("X: {}\r\n\r\n.\r\n", "y".repeat(2000)), 1).await, ["552"]);
    assert!(client.talk(&format!("NOOP {}\r\n", "x".repeat(5_000)), 1).await.starts_with("500 5.5.2 Line too long"));
    client.codes(BEGIN, 3).await;
    assert!(client.talk("RCPT TO:<hanako@example.jp>\r\n", 1).await.starts_with("452 4.5.3 "));
    assert_eq!(client.codes("RCPT TO:<TARO@example.jp>\r\n", 1).await, ["250"], "the same person again");
}

#[tokio::test]
async fn too_many_mistakes_end_the_session() {
    let server = server(ListenerKind::Mx, |limits| limits.errors = 3).await;
    let mut client = server.client().await;
    let answer = client.codes("BAD\r\nWORSE\r\nWORST\r\n", 4).await;
    assert_eq!(answer, ["500", "500", "500", "421"]);
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_mail_comes_in_chunks() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    let text = format!("{BEGIN}BDAT 8\r\n.a: b\r\n\rBDAT 5 LAST\r\n\nx.\r\nNOOP\r\n");
    assert_eq!(client.codes(&text, 6).await, ["250"; 6]);
    assert_eq!(server.taken().first().unwrap().bytes, b".a: b\r\n\r\nx.\r\n");
    client.codes(BEGIN, 3).await;
    assert!(client.talk("BDAT 3 LAST\r\na\nb", 1).await.starts_with("554 5.5.2 "), "bare LF");
    assert_eq!(client.codes("BDAT 3\r\nabcNOOP\r\n", 2).await, ["503", "250"], "the chunk is read all the same");
    assert_eq!(client.codes(&format!("{BEGIN}BDAT 0\r\nDATA\r\nBDAT 0 LAST\r\n"), 6).await[3..], ["250", "503", "250"]);
}

#[tokio::test]
async fn smtputf8_addresses_need_the_parameter() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    client.codes("EHLO c\r\n", 1).await;
    assert!(client.talk("MAIL FROM:<花@example.jp>\r\n", 1).await.starts_with("553 5.6.7 "));
    client.codes("MAIL FROM:<>\r\n", 1).await;
    assert!(client.talk("RCPT TO:<花@example.jp>\r\n", 1).await.starts_with("553 5.6.7 "));
    assert_eq!(client.codes("RSET\r\nMAIL FROM:<花@c.example> SMTPUTF8\r\n", 2).await, ["250", "250"]);
    assert_eq!(client.codes("RCPT TO:<Postmaster>\r\nDATA\r\n", 2).await, ["250", "354"]);
    client.codes("x\r\n.\r\n", 1).await;
    assert!(server.taken().first().unwrap().prefix.contains("with UTF8SMTP\r\n"));
}

#[tokio::test]
async fn a_stop_is_announced_between_two_commands() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
    server.stop.ask();
    assert_eq!(client.codes("x\r\n.\r\n", 1).await, ["250"], "a mail under way is finished");
    assert_eq!(client.rest().await, "421 4.3.2 The server stops, try again later\r\n");
    assert!(server.stop.finish(Duration::from_secs(5)).await);
}

#[tokio::test]
async fn the_door_learns_that_nobody_heard_the_answer() {
    let house = House { gate: Some(Semaphore::new(0)), ..House::default() };
    let server = server_for(house, ListenerKind::Mx, |_| {}).await;
    for (last, lost) in [("x\r\n.\r\nQUIT\r\n", false), ("x\r\n.\r\n", true)] {
        let mut client = server.client().await;
        client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
        client.conn.write_all(last.as_bytes()).await.unwrap();
        client.conn.shutdown().await.unwrap();
        server.house.gate.as_ref().unwrap().add_permits(1);
        assert!(client.rest().await.starts_with("250 2.0.0 Taken\r\n"));
        assert_eq!(server.house.lost.load(Ordering::SeqCst), lost, "{last:?}");
    }
}

#[tokio::test]
async fn a_silent_client_is_told_so() {
    let server = server(ListenerKind::Submission, |limits| limits.sign_in_idle = 1).await;
    let mut client = server.client().await;
    assert_eq!(client.talk("EHLO c\r\nNO", 1).await.lines().count(), 9);
    assert_eq!(client.rest().await, "421 4.4.2 Too slow, goodbye\r\n");
}

#[tokio::test]
async fn a_mail_of_many_reads_comes_in_whole() {
    let server = server(ListenerKind::Mx, |_| {}).await;
    let mut client = server.client().await;
    let mail: String = (0..50_000).map(|n| format!("{}line {n}\r\n", if n % 7 == 0 { "." } else { "" })).collect();
    client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
    let stuffed = mail.replace("\r\n.", "\r\n..").replacen('.', "..", 1);
    assert_eq!(client.codes(&format!("{stuffed}.\r\n"), 1).await, ["250"]);
    assert!(server.taken().first().unwrap().bytes == mail.as_bytes());
}

#[tokio::test]
async fn a_mail_larger_than_all_memory_for_mail_still_comes_in() {
    let server = server(ListenerKind::Mx, |limits| limits.memory = 4096).await;
    let mut client = server.client().await;
    client.codes(&format!("{BEGIN}DATA\r\n"), 4).await;
    assert_eq!(client.codes(&format!("\r\n{}.\r\n", "0123456789\r\n".repeat(100_000)), 1).await, ["250"]);
}
