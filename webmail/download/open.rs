//! How a link is opened: who sent something, a code to the recipient's address, the code typed in.

use serde::Deserialize;
use store::{CodeStep, LinkRow, Tried};
use types::Address;
use web::axum::extract::{Form, Path, State};
use web::axum::http::StatusCode;
use web::{Answer, Caller, Trouble, askama, see};

use super::face::{Face, gone, locked, page};
use super::files::listed;
use super::{asked_from, found, passes};
use crate::Rooms;

/// The first page: by code, or by password.
#[derive(askama::Template)]
#[template(path = "download/start.html")]
struct Start {
    face: Face,
    count: String,
    until: String,
    by_password: bool,
    /// It asks for files.
    asks: bool,
    error: Option<String>,
}

/// The page with the field for the code.
#[derive(askama::Template)]
#[template(path = "download/enter.html")]
struct Enter {
    face: Face,
    address: String,
    error: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    code: String,
}

/// GET /d/{token}
pub(super) async fn start(State(rooms): State<Rooms>, caller: Caller, Path(token): Path<String>) -> Answer {
    match found(&rooms, &token).await? {
        Some(link) => show_start(&rooms, &caller, &token, link, None, StatusCode::OK).await,
        None => gone(&rooms, &caller),
    }
}

async fn show_start(
    rooms: &Rooms,
    caller: &Caller,
    token: &str,
    link: LinkRow,
    error: Option<String>,
    status: StatusCode,
) -> Answer {
    let face = Face::of(rooms, caller.language, &link, token);
    let (until, by_password) = (face.moment(link.expires), link.password.is_some());
    let asks = link.collection.is_some();
    let count = if asks {
        face.t.collect_title().to_owned()
    } else if link.whole {
        face.t.whole().to_owned()
    } else {
        face.t.files(listed(rooms, link).await?.1.len())
    };
    page(status, &Start { face, count, until, by_password, asks, error })
}

/// POST /d/{token}/code
pub(super) async fn send_code(State(rooms): State<Rooms>, caller: Caller, Path(token): Path<String>) -> Answer {
    let Some(link) = found(&rooms, &token).await?.filter(|link| link.password.is_none()) else {
        return gone(&rooms, &caller);
    };
    let step = rooms.outbound.send_code(&link, &token, asked_from(&caller), caller.language).await?;
    let face = Face::of(&rooms, caller.language, &link, &token);
    match step {
        CodeStep::Stands => see(&face.at("/enter")),
        CodeStep::TooMany => {
            let error = Some(face.t.too_many_codes().to_owned());
            show_start(&rooms, &caller, &token, link, error, StatusCode::TOO_MANY_REQUESTS).await
        }
        CodeStep::Locked(until) => locked(face, until),
        CodeStep::Gone => gone(&rooms, &caller),
    }
}

/// GET /d/{token}/enter
pub(super) async fn enter(State(rooms): State<Rooms>, caller: Caller, Path(token): Path<String>) -> Answer {
    match found(&rooms, &token).await?.filter(|link| link.password.is_none()) {
        Some(link) => show_enter(Face::of(&rooms, caller.language, &link, &token), &link, None),
        None => gone(&rooms, &caller),
    }
}

fn show_enter(face: Face, link: &LinkRow, error: Option<String>) -> Answer {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(status, &Enter { face, address: hinted(&link.recipient), error })
}

/// An address as a hint: whoever has it knows it again, who has not learns only its domain.
fn hinted(address: &Address) -> String {
    let first: String = address.to_string().chars().take(1).collect();
    format!("{first}…@{}", address.domain())
}

/// POST /d/{token}/enter
pub(super) async fn try_it(
    State(rooms): State<Rooms>,
    caller: Caller,
    Path(token): Path<String>,
    typed: Result<Form<Typed>, web::axum::extract::rejection::FormRejection>,
) -> Answer {
    let Form(typed) = typed.map_err(|_| Trouble::BadRequest)?;
    let Some(link) = found(&rooms, &token).await? else { return gone(&rooms, &caller) };
    let tried = rooms.outbound.open_link(&link, &token, &typed.code, asked_from(&caller)).await?;
    let face = Face::of(&rooms, caller.language, &link, &token);
    match tried {
        Tried::Open => {
            let pass = passes::make(&rooms.signer, &link, &token, rooms.clock.now());
            see(&face.at(&format!("/files/{pass}")))
        }
        Tried::Wrong(left) => {
            let error = Some(face.t.wrong(left));
            if link.password.is_some() {
                return show_start(&rooms, &caller, &token, link, error, StatusCode::UNPROCESSABLE_ENTITY).await;
            }
            show_enter(face, &link, error)
        }
        Tried::Locked { until, .. } => locked(face, until),
        Tried::Gone => gone(&rooms, &caller),
    }
}
