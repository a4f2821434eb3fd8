//! 送信状況 → パスワード: who got which ZIP of a mail, and what opens it. Nobody but its sender is shown it.

use outbound::{OutboundError, ZipTold};
use store::StoreError;
use types::Reference;
use web::axum::extract::{Path, State};
use web::{Answer, Trouble, Visit, askama, html};

use super::words::ZipWords;
use crate::Rooms;
use crate::frame::Frame;

/// A ZIP, as it is told.
struct Shown {
    recipients: Vec<String>,
    /// In groups of four, which are read aloud more easily; what is copied has no gaps.
    password: Vec<String>,
    /// What the agreed one is called; empty when it was made.
    agreed: String,
}

#[derive(askama::Template)]
#[template(path = "webmail/zips/page.html")]
struct Zips {
    frame: Frame,
    t: ZipWords,
    reference: Reference,
    zips: Vec<Shown>,
    destroyed: bool,
}

/// GET /outgoing/passwords/{reference}
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit, Path(reference): Path<String>) -> Answer {
    let reference = Reference::parse(&reference).ok_or(Trouble::NotFound)?;
    let access = rooms.auth.read_account(visit.identity())?;
    let (zips, destroyed) = match rooms.outbound.own_zips(&access, reference).await {
        Ok((_, zips)) => (zips, false),
        Err(OutboundError::Store(StoreError::Damaged(_))) => (Vec::new(), true),
        Err(error) => return Err(error.into()),
    };
    let frame = Frame::new(visit.page.clone(), crate::menu(&rooms, &visit).await?);
    let t = ZipWords::new(visit.page.language);
    html(&Zips { frame, t, reference, zips: zips.iter().map(shown).collect(), destroyed })
}

fn shown(zip: &ZipTold) -> Shown {
    let signs: Vec<char> = zip.password.iter().flat_map(|password| password.reveal().chars()).collect();
    Shown {
        recipients: zip.recipients.iter().map(ToString::to_string).collect(),
        password: signs.chunks(4).map(|group| group.iter().collect()).collect(),
        agreed: zip.agreed.clone(),
    }
}
