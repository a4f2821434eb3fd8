//! The content origin's answers: confined whatever they hold. It knows no session and no language.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::limits::ANSWER_TIME;
use crate::{Trouble, headers};

pub(crate) async fn confine(State(https): State<bool>, request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(ANSWER_TIME, next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| Trouble::Busy("a handler took too long".into()).into_response());
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        if response.status().is_server_error() {
            tracing::error!(cause = %trouble, "a request to the content origin failed");
        }
        response = (trouble.status(), format!("{}\n", trouble.status())).into_response();
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, plain);
    }
    headers::content(response.headers_mut(), https);
    response
}
