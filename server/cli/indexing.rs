//! The full-text index: what is searched in a mail, and the commands that make the index anew and compare it.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use auth::Auth;
use detect::{Finding, Labels, Level, Place, Segment, find, places_of};
use index::{Document, Index, Loan, Passage, Reading};
use message::{SearchText, search_texts, spoken_fields};
use net::ByteBudget;
use store::Store;
use types::{Clock, Limits, TenantId};

use super::config::Config;
use super::control;
use super::desk::Desk;

/// A My Number has so many digits: with fewer of them a mail holds none.
const DIGITS: usize = 12;

/// The index of the data folder.
pub fn open(config: &Config, store: &Store, auth: &Auth) -> Index {
    Index::open(&config.data_dir.join("index"), store.clone(), auth.console().server())
}

/// Reads mails for the index, each when `memory` has room for it.
pub fn reading(limits: &Arc<Limits>, memory: &ByteBudget) -> Arc<dyn Reading> {
    Arc::new(Mails { limits: limits.clone(), memory: memory.clone() })
}

struct Mails {
    limits: Arc<Limits>,
    memory: ByteBudget,
}

/// So long a mail waits for memory before it asks again.
const PATIENCE: Duration = Duration::from_secs(60);

impl Reading for Mails {
    fn lend(&self, bytes: u64) -> Pin<Box<dyn Future<Output = Loan> + Send + '_>> {
        Box::pin(async move {
            loop {
                if let Some(permit) = self.memory.take(bytes, PATIENCE).await {
                    return Loan::of(permit);
                }
            }
        })
    }

    fn document(&self, mail: &[u8]) -> Document {
        let (fields, texts) = (spoken_fields(mail), search_texts(mail, &self.limits));
        let numbers = numbers(&fields, &texts);
        let passage = |text: String| {
            let hidden = if numbers.is_empty() { Vec::new() } else { places_of(&text, &numbers) };
            Passage { text, hidden }
        };
        Document {
            texts: texts.into_iter().map(|text| passage(text.text)).collect(),
            fields: fields.into_iter().map(|(name, value)| (name, passage(value))).collect(),
        }
    }
}

/// The numbers of level likely or above: they are kept as keyed hashes only.
fn numbers(fields: &[(String, String)], texts: &[SearchText]) -> Vec<Finding> {
    let subjects = fields.iter().filter(|(name, _)| name == "SUBJECT").map(|(_, value)| (Place::Subject, value));
    let bodies = texts.iter().map(|text| (if text.html { Place::Html } else { Place::Body }, &text.text));
    let all: Vec<(Place, &String)> = subjects.chain(bodies).collect();
    let numerals = all.iter().flat_map(|(_, text)| text.chars()).filter(|c| is_numeral(*c));
    if numerals.take(DIGITS).count() < DIGITS {
        return Vec::new();
    }
    let segments: Vec<Segment<'_>> = all
        .iter()
        .map(|(place, text)| Segment { place: place.clone(), part: "", inner: "", name: None, text })
        .collect();
    let mut found = find(&segments, &Labels::default());
    found.retain(|finding| finding.level >= Level::Likely);
    found
}

fn is_numeral(c: char) -> bool {
    c.is_numeric() || "一二三四五六七八九零壱弐参".contains(c)
}

/// `sekisho reindex [TENANT]`: a running server is told to make the index anew; without one it is made here.
pub async fn reindex(desk: &Desk, tenant: Option<&str>) -> anyhow::Result<()> {
    let directory = desk.store().directory();
    let wanted: Vec<TenantId> = match tenant {
        Some(name) => {
            let found = directory.tenants.values().find(|tenant| tenant.name == name);
            vec![found.ok_or_else(|| anyhow::anyhow!("there is no tenant {name}"))?.id]
        }
        None => directory.tenants.keys().copied().collect(),
    };
    for id in &wanted {
        if control::ask(desk.data_dir(), &format!("reindex {id}")).await? {
            continue;
        }
        let rooms = desk.rooms();
        rooms.index.make_anew(*id);
        let clock: Arc<dyn Clock> = rooms.clock.clone();
        let memory = ByteBudget::new(rooms.limits.memory);
        rooms.index.catch_up(&reading(&rooms.limits, &memory), &clock).await?;
    }
    println!("{} indexes are made anew.", wanted.len());
    Ok(())
}

/// The part of `sekisho verify`: compares the index with the mails; how many differences there are.
pub async fn compare(desk: &Desk) -> anyhow::Result<usize> {
    let rooms = desk.rooms();
    let memory = ByteBudget::new(rooms.limits.memory);
    let (compared, differences) = rooms.index.compare(&reading(&rooms.limits, &memory)).await?;
    println!("{compared} records compared with the index.");
    for difference in &differences {
        println!("index of tenant {}, {}: {}", difference.tenant, difference.place, difference.what);
    }
    Ok(differences.len())
}
