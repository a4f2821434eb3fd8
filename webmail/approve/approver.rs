//! Who opens the pages of held mail. Whoever is asked about one must have a second factor, though no rule in force names him: a session
//! that knows none leads to the sign-in, which demands it.

use web::axum::extract::FromRequestParts;
use web::axum::http::request::Parts;
use web::{Trouble, Visit};

use crate::Rooms;

/// A visit to the pages of held mail.
pub(super) struct Approver(pub Visit);

impl FromRequestParts<Rooms> for Approver {
    type Rejection = Trouble;
    async fn from_request_parts(parts: &mut Parts, rooms: &Rooms) -> Result<Self, Trouble> {
        let visit = Visit::from_request_parts(parts, rooms).await?;
        if rooms.auth.lacks_factor(visit.identity(), visit.now).await? {
            rooms.auth.end_session(&visit.session).await?;
            return Err(Trouble::SignedOut);
        }
        Ok(Self(visit))
    }
}
