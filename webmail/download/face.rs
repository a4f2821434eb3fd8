//! What every page of a link has in common, and the pages that say one thing: gone, locked, used up.

use store::LinkRow;
use types::{Language, Timestamp};
use web::axum::http::StatusCode;
use web::{Answer, Caller, Style, askama, headers, html_with};

use super::words::DownloadWords;
use crate::Rooms;

/// The frame of a page.
pub(super) struct Face {
    pub t: DownloadWords,
    pub style: Style,
    /// The company's name, for the head; empty where nothing may be told.
    pub company: String,
    pub sender: String,
    /// Path of the page's link, without a query; empty where there is none.
    pub base: String,
}

impl Face {
    /// The frame of a page that tells nothing.
    pub fn blank(rooms: &Rooms, language: Language) -> Self {
        let style = Style::new(language, rooms.clock.now());
        let (company, sender, base) = (String::new(), String::new(), String::new());
        Self { t: DownloadWords::new(language), style, company, sender, base }
    }

    /// The frame of a link's pages.
    pub fn of(rooms: &Rooms, language: Language, link: &LinkRow, token: &str) -> Self {
        let face = rooms.outbound.link_face(link);
        Self { company: face.company, sender: face.sender, base: format!("/d/{token}"), ..Self::blank(rooms, language) }
    }

    /// An address of this link with the reader's language.
    pub fn at(&self, rest: &str) -> String {
        format!("{}{rest}?lang={}", self.base, self.t.lang())
    }

    /// The path of an asset.
    pub fn asset(&self, name: &str) -> String {
        web::asset(name)
    }

    pub fn moment(&self, at: Timestamp) -> String {
        self.style.date_long(at)
    }
}

/// A page that says one thing.
#[derive(askama::Template)]
#[template(path = "download/said.html")]
pub(super) struct Said {
    pub face: Face,
    pub title: &'static str,
    pub text: String,
    /// Where to go on.
    pub next: Option<(&'static str, String)>,
}

/// Renders a page with the headers of this origin's pages.
pub(super) fn page<T: askama::Template>(status: StatusCode, template: &T) -> Answer {
    let mut response = html_with(status, template)?;
    headers::download_page(response.headers_mut());
    Ok(response)
}

/// The same page and status whether the address never was one, or its link was stopped or has ended.
pub(super) fn gone(rooms: &Rooms, caller: &Caller) -> Answer {
    let face = Face::blank(rooms, caller.language);
    let (title, text) = (face.t.gone_title(), face.t.gone().to_owned());
    page(StatusCode::NOT_FOUND, &Said { face, title, text, next: None })
}

/// Nothing opens it before.
pub(super) fn locked(face: Face, until: Timestamp) -> Answer {
    let (title, text) = (face.t.locked_title(), face.t.locked(&face.moment(until)));
    page(StatusCode::TOO_MANY_REQUESTS, &Said { face, title, text, next: None })
}

/// The time of a pass is over.
pub(super) fn over(face: Face) -> Answer {
    let (title, text) = (face.t.over_title(), face.t.over().to_owned());
    let next = Some((face.t.once_more(), face.at("")));
    page(StatusCode::FORBIDDEN, &Said { face, title, text, next })
}

/// A file was taken as often as is allowed.
pub(super) fn used_up(face: Face, pass: &str) -> Answer {
    let (title, text) = (face.t.used_title(), face.t.used().to_owned());
    let next = Some((face.t.back(), face.at(&format!("/files/{pass}"))));
    page(StatusCode::CONFLICT, &Said { face, title, text, next })
}
