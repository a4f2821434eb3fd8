//! The links of a mail in 配送追跡: who may fetch what until when, what was taken, and stopping one. No file is named.

use std::sync::Arc;

use store::{LinkAccess, LinkRow, StoreError};
use types::{LinkId, Reference};
use web::axum::Router;
use web::axum::extract::Path;
use web::axum::routing::post;
use web::{Answer, Toast, Trouble, see_with};

use crate::Console;
use crate::desk::Desk;

web::catalogue! {
    /// Texts of the links of a mail.
    pub struct LinkWords {
        title: ja "リンク", en "Links";
        recipient: ja "宛先", en "Recipient";
        state: ja "状態", en "State";
        until: ja "有効期限", en "Until";
        taken: ja "ダウンロード", en "Downloads";
        events: ja "記録", en "Events";
        open: ja "受け取り可能", en "Can be fetched";
        ended: ja "停止または期限切れ", en "Stopped or over";
        stop: ja "リンクを停止", en "Stop the link";
        stopped: ja "リンクを停止しました。以後、ファイルは渡されません。", en "The link is stopped. Nothing is handed out any more.";
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/tracking/{reference}/links/{link}/stop", post(stop))
}

/// A link, as it is listed.
pub(crate) struct LinkLine {
    pub id: LinkId,
    pub recipient: String,
    pub state: (&'static str, &'static str),
    pub open: bool,
    pub until: String,
    pub taken: u32,
    pub events: usize,
}

/// The links of a mail of this company.
pub(crate) async fn lines(desk: &Desk, mail: Reference) -> Result<Vec<LinkLine>, Trouble> {
    let (_, links) = desk.console.store.links_of_company(&desk.read()?, mail).await?;
    Ok(links.iter().map(|(link, accesses)| line(desk, link, accesses)).collect())
}

fn line(desk: &Desk, link: &LinkRow, accesses: &[LinkAccess]) -> LinkLine {
    let t = LinkWords::new(desk.language());
    let open = link.is_open(desk.console.clock.now());
    LinkLine {
        id: link.id,
        recipient: link.recipient.to_string(),
        state: if open { (t.open(), "ok") } else { (t.ended(), "ng") },
        open,
        until: desk.style().date_short(link.expires),
        taken: link.taken_in_all(),
        events: accesses.len(),
    }
}

/// POST /t/{tenant}/tracking/{reference}/links/{link}/stop
async fn stop(desk: Desk, Path((_, reference, link)): Path<(String, String, i64)>) -> Answer {
    let reference = Reference::parse(&reference).ok_or(Trouble::NotFound)?;
    let stopped = desk.console.outbound.stop_link_for_company(&desk.manage()?, LinkId(link)).await;
    match stopped {
        Ok(()) => {
            let toast = Toast::new(LinkWords::new(desk.language()).stopped());
            see_with(&desk.path(&format!("tracking/{reference}")), &toast)
        }
        Err(outbound::OutboundError::Store(StoreError::NotFound(_))) => Err(Trouble::NotFound),
        Err(error) => Err(error.into()),
    }
}
