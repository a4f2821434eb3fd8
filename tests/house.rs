//! A server in a folder of its own on free ports, and the company in it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub const PASSWORD: &str = "correct horse battery";

/// A data folder with a configuration, and the server while it runs.
pub struct House {
    pub dir: tempfile::TempDir,
    server: Option<Child>,
    pub smtp: u16,
    pub submission: u16,
    pub submissions: u16,
    pub imap: u16,
    pub imaps: u16,
    pub pop3: u16,
    pub pop3s: u16,
    pub web: u16,
    pub admin: u16,
    pub content: u16,
    /// For the server and for commands.
    pub env: Vec<(&'static str, String)>,
    /// How many files the server may have open, when the system shall allow so few.
    pub open_files: Option<u32>,
}

/// The real binary.
fn sekisho() -> Command {
    program(env!("CARGO_BIN_EXE_sekisho"))
}

/// A program that may start the real binary, without what concerns the tests alone.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    for name in ["RUST_LOG", "RUST_BACKTRACE", "SEKISHO_LONG"] {
        command.env_remove(name);
    }
    command
}

impl House {
    /// A running server with the company aoba.example and taro in it.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// The same with more in its configuration.
    pub fn start_with(sections: &str) -> Self {
        let mut house = Self::empty_with(sections);
        house.serve();
        house.add_taro();
        house
    }

    /// The first person, and with him the company, which demands no second factor.
    pub fn add_taro(&self) {
        self.add_strict_taro();
        self.good(&["tenant", "set", "aoba", "--second-factor", "nobody"]);
    }

    /// The same with the policies of a fresh company.
    pub fn add_strict_taro(&self) {
        let add = ["user", "add", "taro@aoba.example", "--name", "太郎", "--role", "operator", "--tenant", "aoba"];
        self.good_with(&[&add[..], &["--password-stdin"]].concat(), PASSWORD);
    }

    /// A folder with a configuration and no server yet.
    pub fn empty() -> Self {
        Self::empty_with("")
    }

    /// The same with more in its configuration: whole sections, since `[listen]` stands before it.
    pub fn empty_with(sections: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (server, env) = (None, Vec::new());
        let (smtp, submission, submissions, imap, imaps, pop3, pop3s) = Default::default();
        let (web, admin, content) = Default::default();
        let house = Self {
            dir,
            server,
            smtp,
            submission,
            submissions,
            imap,
            imaps,
            pop3,
            pop3s,
            web,
            admin,
            content,
            env,
            open_files: None,
        };
        let text = format!(
            "hostname = \"mail.aoba.example\"\ndata_dir = \"{}\"\n[listen]\nsmtp = [\"127.0.0.1:0\"]\n\
             submission = [\"127.0.0.1:0\"]\nsubmissions = [\"127.0.0.1:0\"]\nimap = [\"127.0.0.1:0\"]\nimaps = [\"127.0.0.1:0\"]\n\
             pop3 = [\"127.0.0.1:0\"]\npop3s = [\"127.0.0.1:0\"]\nweb = [\"127.0.0.1:0\"]\nadmin = [\"127.0.0.1:0\"]\ncontent = [\"127.0.0.1:0\"]\nhttp = []\n",
            house.data().display()
        );
        std::fs::write(house.config(), text + sections).unwrap();
        house
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }
    pub fn config(&self) -> PathBuf {
        self.dir.path().join("sekisho.toml")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = sekisho();
        command.arg("--config").arg(self.config()).args(args);
        self.dressed(command)
    }

    fn server_command(&self) -> Command {
        let Some(most) = self.open_files else { return self.command(&["serve"]) };
        let mut command = program("prlimit");
        command.arg(format!("--nofile={most}:{most}")).arg(env!("CARGO_BIN_EXE_sekisho"));
        command.arg("--config").arg(self.config()).arg("serve");
        self.dressed(command)
    }

    fn dressed(&self, mut command: Command) -> Command {
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What the server said on standard error since the house was made.
    pub fn log(&self) -> String {
        text(&std::fs::read(self.dir.path().join("log")).unwrap_or_default())
    }

    /// Starts the server and waits until it says that it runs.
    pub fn serve(&mut self) {
        self.try_serve().unwrap();
    }
    /// Starts the server; what it said when it did not start.
    pub fn try_serve(&mut self) -> Result<(), String> {
        let log = std::fs::File::options().create(true).append(true).open(self.dir.path().join("log")).unwrap();
        let mut server = self.server_command().stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut said = String::new();
        for line in BufReader::new(server.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let port = || line.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(0);
            match line.split(' ').next() {
                Some("listen.smtp") => self.smtp = port(),
                Some("listen.submission") => self.submission = port(),
                Some("listen.submissions") => self.submissions = port(),
                Some("listen.imap") => self.imap = port(),
                Some("listen.imaps") => self.imaps = port(),
                Some("listen.pop3") => self.pop3 = port(),
                Some("listen.pop3s") => self.pop3s = port(),
                Some("listen.web") => self.web = port(),
                Some("listen.admin") => self.admin = port(),
                Some("listen.content") => self.content = port(),
                Some("Sekisho") => {
                    self.server = Some(server);
                    return Ok(());
                }
                _ => {}
            }
            said += &line;
            said.push('\n');
        }
        let _ = server.wait();
        Err(format!("the server did not start:\n{said}{}", self.log()))
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.server.as_ref().unwrap().id()
    }
    /// A line of the server's /proc/PID/status, such as `VmRSS` or `VmHWM` (the most until now), in MiB.
    pub fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1024
    }
    /// Whether the server still runs.
    pub fn runs(&mut self) -> bool {
        self.server.as_mut().unwrap().try_wait().unwrap().is_none()
    }

    /// Waits until the server has ended by itself; its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        let server = self.server.as_mut().unwrap();
        while std::time::Instant::now() < until {
            if let Some(status) = server.try_wait().unwrap() {
                self.server = None;
                return status.code();
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the server did not end:\n{}", self.log());
    }

    /// SIGKILL: what was promised must be there afterwards.
    pub fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// Ends the server and leaves the folder for whoever looks why a test failed.
    pub fn leave(mut self) -> PathBuf {
        if self.server.is_some() {
            self.kill();
        }
        self.dir.disable_cleanup(true);
        self.dir.path().to_owned()
    }

    /// SIGTERM and a clean end.
    pub fn stop(&mut self) {
        let mut server = self.server.take().unwrap();
        let pid = server.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(server.wait().unwrap().success());
    }

    /// Runs a command with something on its standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Output {
        fed(self.command(args), input)
    }
    pub fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, "")
    }
    /// Runs a command that must succeed; its standard output.
    pub fn good_with(&self, args: &[&str], input: &str) -> String {
        let output = self.run_with(args, input);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{args:?}: {out}{err}");
        out
    }
    pub fn good(&self, args: &[&str]) -> String {
        self.good_with(args, "")
    }
    /// Runs a command that must fail; its standard error.
    pub fn wrong(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        text(&output.stderr)
    }

    /// Runs a Python program with the ports as SMTP, IMAP and so on; its standard output.
    pub fn python(&self, program: &str) -> String {
        let ports = format!("SMTP={}\nSUBMISSION={}\nSUBMISSIONS={}", self.smtp, self.submission, self.submissions);
        let ports = format!("{ports}\nPOP3={}\nPOP3S={}", self.pop3, self.pop3s);
        let program = format!("{ports}\nIMAP={}\nIMAPS={}\nPASSWORD={PASSWORD:?}\n{program}", self.imap, self.imaps);
        let output = self::program("python3").arg("-c").arg(program).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.kill();
        }
    }
}

/// Runs a command with something on its standard input.
fn fed(mut command: Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that reads no input may be gone already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `sekisho demo` in a folder of its own, with its outside world.
pub struct Demo {
    pub dir: tempfile::TempDir,
    server: Child,
    /// For its server, from the next start on.
    pub env: Vec<(&'static str, String)>,
}

impl Demo {
    /// Starts the demo and waits until it says that it is ready; mail sent from the browser goes at once.
    pub fn start() -> Self {
        Self::start_with_undo(0)
    }

    /// The same; mail sent from the browser can be taken back for so many seconds.
    pub fn start_with_undo(seconds: u32) -> Self {
        Self::start_as_shipped().with_undo(seconds)
    }

    /// The same with the policies of a fresh company.
    pub fn start_as_shipped() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), &[])
    }

    /// The same as [`Self::start_on_a_clock`] without a program that reads pictures.
    pub fn start_without_ocr() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let [preload, clock] = crate::shim::clock(dir.path());
        Self::start_in(dir, &[preload, clock, ("SEKISHO_EXTRACT__TESSERACT", String::new())]).with_undo(0)
    }

    /// The same as [`Self::start`] on a clock that a program puts forward by `ahead(seconds)`.
    pub fn start_on_a_clock() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = crate::shim::clock(dir.path());
        Self::start_in(dir, &clock).with_undo(0)
    }

    /// The same as [`Self::start`]; the review of a mail with a file in which `word` stands panics.
    pub fn start_that_panics_at(word: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), &crate::shim::panics(word)).with_undo(0)
    }

    /// The same as [`Self::start`] on a disk that fails when it is told to.
    pub fn start_on_a_disk() -> (Self, crate::shim::Shim) {
        let dir = tempfile::tempdir().unwrap();
        let (shim, env) = crate::shim::Shim::over(dir.path(), dir.path());
        (Self::start_in(dir, &env).with_undo(0), shim)
    }

    fn with_undo(self, seconds: u32) -> Self {
        self.good(&["tenant", "set", "aoba", "--undo-seconds", &seconds.to_string()]);
        self
    }

    fn start_in(dir: tempfile::TempDir, env: &[(&'static str, String)]) -> Self {
        let mut command = sekisho();
        command
            .args(["demo", "--any-ports", "--data"])
            .arg(dir.path())
            .env("RUST_LOG", "info,extract=debug,webmail::compose=debug");
        command.envs(env.iter().map(|(name, value)| (name, value)));
        command.stderr(std::fs::File::create(dir.path().join("log")).unwrap()).stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let ready = lines.any(|line| line.unwrap().contains("Ready"));
        assert!(ready, "{}", std::fs::read_to_string(dir.path().join("log")).unwrap());
        // the rest of its output must not block it
        std::thread::spawn(move || lines.for_each(drop));
        Self { dir, server, env: env.to_vec() }
    }

    /// How often a child has read a file of so many bytes.
    pub fn read_by_children(&self, size: usize) -> usize {
        let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap();
        let plain = |line: &str| line.replace("\u{1b}[3m", "").replace("\u{1b}[0m", "").replace("\u{1b}[2m", "");
        let told = format!("file.size={size} ");
        log.lines().map(plain).filter(|line| line.contains("a child has read a file") && line.contains(&told)).count()
    }

    /// Runs a command beside it, with something on its standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Output {
        let mut command = sekisho();
        command.arg("--config").arg(self.dir.path().join("sekisho.toml")).args(args);
        fed(command, input)
    }
    pub fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, "")
    }
    pub fn good(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// Runs a Python program that knows the demo as `demo` and can `send(name, mail, to)` and read `inbox(name)`.
    pub fn python(&self, program: &str) -> String {
        let prelude = format!(
            r#"
import base64, email, imaplib, json, smtplib, subprocess, time
from email.header import decode_header, make_header
demo = json.load(open({:?}))
def sekisho(*args):
    done = subprocess.run([{:?}, "--config", demo["config"], *args], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
def ahead(seconds):
    """Puts the clock of a demo that was started on one forward."""
    import os, struct
    with open(os.path.join(os.path.dirname(demo["config"]), "clock"), "r+b") as clock:
        clock.write(struct.pack("=q", seconds))
def passes(seconds):
    """So much time goes by on such a clock, which has not jumped."""
    import os, struct
    with open(os.path.join(os.path.dirname(demo["config"]), "clock"), "r+b") as clock:
        both = [value + seconds for value in struct.unpack("=qq", clock.read(16))]
        clock.seek(0)
        clock.write(struct.pack("=qq", *both))
def password(name):
    return next(p["password"] for p in demo["people"] if p["address"].startswith(name + "@"))
def send(name, mail, to, sender=None):
    smtp = smtplib.SMTP("127.0.0.1", demo["submission"])
    smtp.login(name + "@aoba.example", password(name))
    try:
        code, said = smtp.docmd("MAIL FROM:<%s>" % (sender or name + "@aoba.example"))
        if code != 250:
            return code, said.decode()
        for one in to:
            assert smtp.docmd("RCPT TO:<%s>" % one)[0] == 250, one
        code, said = smtp.data(mail if isinstance(mail, bytes) else mail.encode())
        return code, said.decode()
    finally:
        smtp.close()
def inbox(name, folder="INBOX"):
    imap = imaplib.IMAP4("127.0.0.1", demo["imap"])
    imap.login(name + "@aoba.example", password(name))
    if imap.select(folder)[1] == [b"0"]:
        return []
    found = [email.message_from_bytes(part[1]) for part in imap.fetch("1:*", "(BODY.PEEK[])")[1] if isinstance(part, tuple)]
    return [(str(make_header(decode_header(mail["Subject"] or ""))), mail) for mail in found]
def text(mail):
    return mail.get_payload(decode=True).decode("utf-8")
"#,
            self.dir.path().join("demo.json"),
            env!("CARGO_BIN_EXE_sekisho")
        );
        let output = self::program("python3").arg("-c").arg(prelude + program).output().unwrap();
        assert!(output.status.success(), "{}{}{}", text(&output.stdout), text(&output.stderr), self.last_of_log());
        text(&output.stdout)
    }

    /// The end of the server's log, for a test that fails.
    fn last_of_log(&self) -> String {
        let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// What `look` finds, once it finds something.
    pub fn until<T>(&self, look: impl Fn() -> Option<T>) -> T {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(std::time::Instant::now() < end, "it did not come");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }

    /// Ends the demo and serves its company, with the same ports, towards an outside world on another port.
    pub fn serve_towards(&mut self, port: u16) {
        self.kill();
        let path = self.dir.path().join("sekisho.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        let (before, route) = config.split_once("[[route]]").unwrap();
        let lines: Vec<_> = route
            .lines()
            .map(|line| if line.starts_with("port") { format!("port = {port}") } else { line.to_owned() })
            .collect();
        std::fs::write(&path, format!("{before}[[route]]{}\n", lines.join("\n"))).unwrap();
        self.serve();
    }

    /// Ends the demo and serves its company as its configuration says now.
    pub fn serve_again(&mut self) {
        self.kill();
        self.serve();
    }

    fn serve(&mut self) {
        let path = self.dir.path().join("sekisho.toml");
        let mut command = sekisho();
        command.arg("--config").arg(&path).arg("serve").stdout(Stdio::piped());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.stderr(std::fs::File::create(self.dir.path().join("log")).unwrap());
        let mut server = command.spawn().unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let ready = lines.any(|line| line.unwrap().starts_with("Sekisho"));
        assert!(ready, "{}", std::fs::read_to_string(self.dir.path().join("log")).unwrap());
        std::thread::spawn(move || lines.for_each(drop));
        self.server = server;
    }

    /// The mails that reached the outside, once there are `count`.
    pub fn outside(&self, count: usize) -> Vec<String> {
        self.outside_files(count).iter().map(|file| text(&std::fs::read(file).unwrap())).collect()
    }

    /// The same, their files.
    pub fn outside_files(&self, count: usize) -> Vec<PathBuf> {
        let read = || -> Vec<PathBuf> {
            let files = std::fs::read_dir(self.dir.path().join("outside")).unwrap();
            files.map(|file| file.unwrap().path()).collect()
        };
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while read().len() < count && std::time::Instant::now() < until {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        read()
    }

    /// Where a test may keep files.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
