//! Tables as files that spreadsheets open: CSV (RFC 4180) in UTF-8 with a byte order mark.

use web::Trouble;
use web::axum::body::Body;
use web::axum::http::{HeaderValue, header};
use web::axum::response::{IntoResponse as _, Response};
use web::futures_util::stream::{self, Stream, StreamExt as _, TryStreamExt as _};

/// A line of cells.
pub(crate) fn line(cells: &[&str]) -> String {
    cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell. What a spreadsheet would run as a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

/// The answer that a browser saves under `name`, which is ASCII.
pub(crate) fn file(name: &'static str, text: &str) -> Response {
    saved_as(name, format!("\u{feff}{text}").into_response())
}

/// The same of a table whose lines come piece by piece, each made when the one before it has gone out; a piece that fails
/// breaks the answer off, so that the browser says that the file is not whole.
pub(crate) fn stream<S>(name: &'static str, pieces: S) -> Response
where
    S: Stream<Item = Result<String, Trouble>> + Send + 'static,
{
    let mark = stream::once(async { Ok("\u{feff}".to_owned()) });
    let pieces = pieces.inspect_err(|error| tracing::error!(%error, "a table was not written to its end"));
    saved_as(name, Response::new(Body::from_stream(mark.chain(pieces))))
}

fn saved_as(name: &'static str, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let value = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    headers.insert(header::CONTENT_DISPOSITION, value.unwrap_or(HeaderValue::from_static("attachment")));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_leave_its_place_and_runs_nothing() {
        for (text, written) in [
            ("a", "\"a\""),
            ("say \"x\", y", "\"say \"\"x\"\", y\""),
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""),
            ("@cmd", "\"'@cmd\""),
        ] {
            assert_eq!(cell(text), written);
        }
        assert_eq!(line(&["a", "b"]), "\"a\",\"b\"\r\n");
    }
}
