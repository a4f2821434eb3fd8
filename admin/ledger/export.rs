//! The ledger as CSV: every line that was asked for, with its history and where its mail lies.

use store::LedgerLine;
use types::LedgerId;
use web::axum::extract::Query;
use web::futures_util::stream::{self, StreamExt as _};
use web::{Answer, Trouble};

use super::documents::DocumentWords;
use super::{Asked, LedgerWords, note, told};
use crate::csv;
use crate::desk::{Desk, Keeper};

/// Lines that are read at once.
const PAGE: u32 = 100;

/// GET /t/{tenant}/ledger.csv: all filtered lines with their history, page by page, and behind them how many they were;
/// recorded before the first goes out.
pub(super) async fn export(Keeper(desk): Keeper, Query(asked): Query<Asked>) -> Answer {
    let filter = asked.filter(&desk)?;
    note(&desk, "ledger.exported", &asked, None).await?;
    let (t, documents) = (LedgerWords::new(desk.language()), DocumentWords::new(desk.language()));
    let head = stream::once(async move { Ok(csv::line(&heads(t, documents))) });
    let begin = Some((None, 0));
    let pieces = stream::try_unfold(begin, move |at: Option<(Option<LedgerId>, usize)>| {
        let (desk, filter) = (desk.clone(), filter.clone());
        async move {
            let Some((before, written)) = at else { return Ok(None) };
            // judged anew for each page: who has lost the right meanwhile gets no more
            let lines = desk.console.store.ledger_page(&desk.reviews()?, &filter, before, PAGE).await?;
            let Some(last) = lines.last().map(|line| line.id) else {
                return Ok(Some((csv::line(&[&t.in_all(written)]), None)));
            };
            let text = in_csv(&desk, t, &lines).await?;
            Ok::<_, Trouble>(Some((text, Some((Some(last), written + lines.len())))))
        }
    });
    Ok(csv::stream("ledger.csv", head.chain(pieces)))
}

fn heads(t: LedgerWords, documents: DocumentWords) -> [&'static str; 16] {
    [
        t.number(),
        t.when(),
        t.kind(),
        t.reference(),
        t.from(),
        t.to(),
        t.subject(),
        t.certain(),
        t.likely(),
        t.rules(),
        t.outcome(),
        t.state(),
        documents.kind(),
        documents.ends(),
        t.history(),
        t.places(),
    ]
}

async fn in_csv(desk: &Desk, t: LedgerWords, lines: &[LedgerLine]) -> Result<String, Trouble> {
    let (access, rules) = (desk.reviews()?, desk.rule_names());
    let documents = DocumentWords::new(desk.language());
    let mut text = String::new();
    for line in lines {
        let (_, entries) = desk.console.store.ledger_line(&access, line.id).await?;
        let lies = desk.console.store.ledger_places(&access, line.id).await?;
        let one = told::told(desk, t, &rules, line);
        let (number, history) = (one.id.to_string(), told::history(desk, t, &entries));
        let places = told::places_in_one(desk, t, &lies);
        let (certain, likely) = (line.certain.to_string(), line.likely.to_string());
        text += &csv::line(&[
            &number,
            &one.at,
            one.kind,
            &one.reference,
            &one.from,
            &one.to,
            &one.subject,
            &certain,
            &likely,
            &one.rules,
            &one.outcome,
            one.state.0,
            &one.documents.kind_noted(documents),
            &one.documents.until,
            &history,
            &places,
        ]);
    }
    Ok(text)
}
