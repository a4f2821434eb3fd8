//! What webmail and console share: HTTP over our connections, the gate (sessions, CSRF, headers, error pages),
//! languages, dates, assets, signed URLs, live streams. It knows no screen but the sign-in, and no store.
//!
//! # How to add a screen
//!
//! A screen is one file in `webmail/` or `admin/`, one template, one catalogue. Its route is an ordinary URL; the same
//! handler and the same template answer a browser with the whole page and `swap.js` with the part inside the frame,
//! because `templates/skeleton.html` leaves the frame out when `frame.page.fragment` is set.
//!
//! ```
//! use web::axum::Router;
//! use web::axum::extract::Form;
//! use web::axum::http::StatusCode;
//! use web::axum::routing::get;
//! use web::{Answer, Toast, Visit, html, html_with, see_with};
//!
//! // 1. Its texts, in both languages or it does not compile.
//! web::catalogue! {
//!     /// What the note screen says.
//!     pub struct NoteWords {
//!         title: ja "メモ", en "Note";
//!         kept(n: usize): ja "{n}文字を保存しました。", en "{n} letters kept.", one "One letter kept.";
//!         empty: ja "入力してください。", en "Please write something.";
//!     }
//! }
//!
//! // 2. Its template: `{% extends "webmail/layout.html" %}` with the blocks `title` and `main` (here inline).
//! #[derive(web::askama::Template)]
//! #[template(ext = "html", source = r#"<main id="main"><h1>{{ t.title() }}</h1>
//!   <form method="post" data-swap><input type="hidden" name="csrf" value="{{ page.csrf }}">
//!   <input name="text" value="{{ text }}" {% if error.is_some() %}aria-invalid="true"{% endif %}></form>
//!   <time datetime="{{ page.style.date_machine(at) }}">{{ page.style.date_list(at) }}</time></main>"#)]
//! struct Note { page: web::Page, t: NoteWords, text: String, error: Option<&'static str>, at: types::Timestamp }
//!
//! // 3. Its handlers. `Visit` as an argument: signed in, and for a POST the token was right.
//! async fn show(visit: Visit) -> Answer {
//!     let t = NoteWords::new(visit.page.language);
//!     html(&Note { t, text: String::new(), error: None, at: visit.now, page: visit.page })
//! }
//! #[derive(serde::Deserialize)]
//! struct Given { text: String }
//! async fn keep(visit: Visit, Form(given): Form<Given>) -> Answer {
//!     let t = NoteWords::new(visit.page.language);
//!     if given.text.is_empty() {
//!         let page = Note { t, text: given.text, error: Some(t.empty()), at: visit.now, page: visit.page };
//!         return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page); // the form again, its input kept
//!     }
//!     see_with("/note", &Toast::new(t.kept(given.text.chars().count())))
//! }
//!
//! // 4. Its routes, merged in the crate's `router`.
//! let router: Router = Router::new().route("/note", get(show).post(keep));
//! ```
//! Errors: `?` on any error of ours ([`Trouble`] says what becomes of which kind); an error that the form can explain
//! is matched and shown in the form. Every form's first field is `csrf` (`{% include "csrf.html" %}`). `data-swap` on
//! a link or form makes it a fragment swap: the elements of the answer take the place of those with the same id.
//! No inline script or style, no `|safe` but in `icons.html`: a test reads all templates.

// templates of this crate name its parts as those of other crates do
extern crate self as web;

pub use askama;
pub use auth;
pub use axum;
pub use futures_util;
pub use net::{ByteBudget, BytePermit};
pub use types::Language;

mod answer;
mod assets;
mod catalogue;
mod content;
mod cookies;
pub mod csrf;
mod dates;
mod device;
mod doors;
mod events;
mod factor;
mod gate;
pub mod headers;
mod icons;
mod limits;
#[cfg(test)]
#[path = "build/modules.rs"]
mod modules;
mod page;
mod periods;
mod places;
mod redirect;
mod second_step;
mod serve;
mod sign_in;
mod signing;
mod site;
mod trouble;
mod visit;
mod words;

pub use answer::{Answer, html, html_with, local_path, see, see_with};
pub use assets::asset;
pub use content::Caller;
pub use cookies::session_cookie;
pub use dates::{Style, day_end, day_of, day_start};
pub use device::device_name;
pub use doors::{MailDoor, MailDoors};
pub use events::{Listener, Streams, Update};
pub use factor::{EnrolmentView, FactorWords, Qr};
pub use icons::icon_path;
pub use page::{Page, Toast, Undo, Who, language_of};
pub use periods::period;
pub use places::place;
pub use redirect::redirect_app;
pub use serve::{PROTOCOLS, REFUSAL, serve};
pub use sign_in::carry_on;
pub use signing::{GOOD_FOR, Signer};
pub use site::{Site, Urls, content_app, open_app};
pub use trouble::Trouble;
pub use visit::{Guest, Visit};
pub use words::{CommonWords, MailboxWords};
