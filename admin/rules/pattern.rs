//! 正規表現を試す: what an expression matches in a text that is pasted, by the code that rules run. Both are bounded, and
//! the engine takes linear time; nothing is kept.

use std::ops::Range;

use inspect::review;
use web::axum::extract::Form;
use web::axum::http::StatusCode;
use web::{Answer, Trouble, askama, html, html_with};

use super::RuleTabs;
use crate::desk::Desk;
use crate::form::Fields;
use crate::frame::{Area, Frame};

/// Longest text, characters.
const TEXT: usize = 50_000;
/// Matches that are shown.
const MATCHES: usize = 100;

web::catalogue! {
    /// Texts of 正規表現を試す.
    pub struct PatternWords {
        title: ja "正規表現を試す", en "Try an expression";
        lead: ja "ルールの regex が文章のどこに一致するかを確認します。文章は保存されません。全角・半角、大文字・小文字の違いはそろえて照合します。",
            en "See what a rule's regex matches in a text. The text is not kept. Width and case of letters make no difference.";
        expression: ja "正規表現", en "Expression";
        text: ja "文章", en "Text";
        run: ja "試す", en "Try";
        found(n: usize): ja "{n}か所に一致しました。", en "{n} matches.", one "One match.";
        found_many(n: usize): ja "{n}か所以上に一致しました。最初の{n}か所を示します。", en "{n} matches or more; the first {n} are shown.";
        none: ja "一致する箇所はありません。", en "Nothing matches.";
        no_expression: ja "正規表現を入力してください。", en "Please enter an expression.";
        bad_expression(why: &str): ja "正規表現が正しくありません({why})。", en "This is not an expression that rules can run ({why}).";
        too_long: ja "文章は5万文字までです。", en "50,000 characters of text at most.";
    }
}

/// A piece of the text, marked or not.
struct Piece {
    text: String,
    marked: bool,
}

#[derive(askama::Template)]
#[template(path = "admin/rules/pattern.html")]
struct Page {
    frame: Frame,
    tabs: RuleTabs,
    t: PatternWords,
    expression: String,
    text: String,
    error: Option<String>,
    said: Option<String>,
    pieces: Vec<Piece>,
}

fn page(desk: &Desk, expression: String, text: String, error: Option<String>) -> Page {
    let (tabs, t) = (RuleTabs::new(desk.language()), PatternWords::new(desk.language()));
    let frame = desk.frame(Area::Rules);
    Page { frame, tabs, t, expression, text, error, said: None, pieces: Vec::new() }
}

/// GET /t/{tenant}/rules/pattern
pub(super) async fn ask(desk: Desk) -> Answer {
    desk.read()?;
    html(&page(&desk, String::new(), String::new(), None))
}

/// POST /t/{tenant}/rules/pattern
pub(super) async fn run(desk: Desk, Form(given): Form<Fields>) -> Answer {
    desk.read()?;
    let t = PatternWords::new(desk.language());
    let (expression, text) = (given.get("expression").to_owned(), given.raw("text").replace("\r\n", "\n"));
    let refused = |error: String| {
        let page = page(&desk, expression.clone(), text.clone(), Some(error));
        html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    if expression.is_empty() {
        return refused(t.no_expression().to_owned());
    }
    if text.chars().count() > TEXT {
        return refused(t.too_long().to_owned());
    }
    let (asked, looked_at) = (expression.clone(), text.clone());
    let work = tokio::task::spawn_blocking(move || review::matches(&asked, &looked_at, MATCHES));
    let (normal, found) = match work.await.map_err(Trouble::bug)? {
        Ok(found) => found,
        Err(why) => return refused(t.bad_expression(&why.told(desk.language()))),
    };
    let said = match found.len() {
        0 => t.none().to_owned(),
        MATCHES => t.found_many(MATCHES),
        n => t.found(n),
    };
    let pieces = if found.is_empty() { Vec::new() } else { pieces(&normal, &found) };
    html(&Page { said: Some(said), pieces, ..page(&desk, expression, text, None) })
}

/// The text in pieces: those between the matches, and the matches.
fn pieces(text: &str, found: &[Range<usize>]) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut add = |range: Range<usize>, marked| {
        if let Some(text) = text.get(range).filter(|text| !text.is_empty()) {
            all.push(Piece { text: text.to_owned(), marked });
        }
    };
    let mut end = 0;
    for one in found {
        add(end..one.start, false);
        add(one.clone(), true);
        end = one.end;
    }
    add(end..text.len(), false);
    all
}
