//! Why a request was not done, as one value: handlers return it with `?`, and the gate turns it into a page or a
//! fragment in the reader's language. What happened is logged once, there; the reader gets a reference.

use std::any::Any;

use auth::AuthError;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use types::{Fault, Kind};

/// Why a request was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Trouble {
    /// The request makes no sense (400).
    #[error("the request makes no sense")]
    BadRequest,
    /// Nobody is signed in (401; pages lead to the sign-in).
    #[error("nobody is signed in")]
    SignedOut,
    /// The signed-in person may not (403).
    #[error("not allowed")]
    NotAllowed,
    /// The request did not come from a page of ours, or from one of an earlier session (403).
    #[error("the request did not come from our own page")]
    Foreign,
    /// Not there, or not his (404).
    #[error("not found")]
    NotFound,
    /// Another method is wanted (405).
    #[error("wrong method")]
    WrongMethod,
    /// More bytes than are taken (413).
    #[error("too large")]
    TooLarge,
    /// Too many requests or tries (429).
    #[error("too many requests")]
    TooMany,
    /// It may work later (503); the cause is for the log.
    #[error("{0}")]
    Busy(String),
    /// We are wrong (500); the cause is for the log.
    #[error("{0}")]
    Bug(String),
}

impl Trouble {
    /// Something that must not happen.
    #[must_use]
    pub fn bug(cause: impl std::fmt::Display) -> Self {
        Self::Bug(cause.to_string())
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::Foreign => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Bug(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What a bare status that a library answered means.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::SignedOut,
            StatusCode::FORBIDDEN => Self::NotAllowed,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::WrongMethod,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::TOO_MANY_REQUESTS => Self::TooMany,
            status if status.is_client_error() => Self::BadRequest,
            StatusCode::SERVICE_UNAVAILABLE => Self::Busy(status.to_string()),
            status => Self::Bug(status.to_string()),
        }
    }
}

/// The errors of the other rooms by their kind. A handler names those itself that its form can explain (a name that
/// is taken, a decision that came too late); what is left of kind *client* means that the thing asked for is not
/// there.
impl<E: Fault + 'static> From<E> for Trouble {
    fn from(error: E) -> Self {
        match (&error as &dyn Any).downcast_ref::<AuthError>() {
            Some(AuthError::Refused) => return Self::SignedOut,
            Some(AuthError::TooMany(_)) => return Self::TooMany,
            _ => {}
        }
        match error.kind() {
            Kind::Client => Self::NotFound,
            Kind::Policy => Self::NotAllowed,
            Kind::Temporary => Self::Busy(error.to_string()),
            Kind::Bug => Self::Bug(error.to_string()),
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
