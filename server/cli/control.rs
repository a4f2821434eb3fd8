//! `data_dir/control.sock`: how a command tells the running server that something changed. One line asks, one answers.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use index::Index;
use net::Stop;
use store::Store;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

const NAME: &str = "control.sock";
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells a running server; nothing when none runs.
pub async fn tell(data_dir: &Path, word: &str) -> anyhow::Result<()> {
    ask(data_dir, word).await.map(drop)
}

/// Asks a running server to do something; whether one runs.
pub async fn ask(data_dir: &Path, word: &str) -> anyhow::Result<bool> {
    let Ok(mut stream) = UnixStream::connect(data_dir.join(NAME)).await else { return Ok(false) };
    let asked = async {
        stream.write_all(format!("{word}\n").as_bytes()).await?;
        let mut answer = String::new();
        BufReader::new(&mut stream).read_line(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    let answer = tokio::time::timeout(PATIENCE, asked).await.context("the running server does not answer")??;
    anyhow::ensure!(answer.trim() == "ok", "the running server says: {}", answer.trim());
    Ok(true)
}

/// Listens for commands until the stop.
pub fn listen(data_dir: &Path, store: Store, index: Index, stop: &Stop) -> anyhow::Result<()> {
    let path = data_dir.join(NAME);
    // The lock on the data folder is ours, so what lies there is left from a server that died.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).with_context(|| path.display().to_string())?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    let asked = stop.clone();
    stop.spawn(async move {
        loop {
            tokio::select! {
                () = asked.asked() => break,
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        let _ = tokio::time::timeout(PATIENCE, serve(stream, &store, &index)).await;
                    }
                }
            }
        }
        let _ = std::fs::remove_file(&path);
    });
    Ok(())
}

async fn serve(stream: UnixStream, store: &Store, index: &Index) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut word = String::new();
    stream.read_line(&mut word).await?;
    let answer = match word.trim() {
        // people and rules are read again, and everyone looks for what another process wrote
        "reload" | "changed" => match store.reload_directory().await {
            Ok(()) => "ok\n".to_owned(),
            Err(error) => format!("{error}\n"),
        },
        word if word.starts_with("reindex ") => match word.trim_start_matches("reindex ").parse() {
            Ok(tenant) => {
                index.make_anew(types::TenantId(tenant));
                "ok\n".to_owned()
            }
            Err(_) => "that is no tenant\n".to_owned(),
        },
        other => format!("there is no command {other}\n"),
    };
    stream.get_mut().write_all(answer.as_bytes()).await
}
