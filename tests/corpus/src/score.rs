//! What was found, held against what is there: one row for each context, form and container.

use std::collections::BTreeMap;

use corpus::Case;
use corpus::scene::Sure;

/// What `inspect --json` said of a mail: how many distinct My Numbers at each level.
#[derive(Debug, Clone, Copy, Default)]
pub struct Found {
    /// At `certain`.
    pub certain: usize,
    /// At `likely`.
    pub likely: usize,
    /// At `possible`.
    pub possible: usize,
}

impl Found {
    /// Reads a line of `inspect --json`.
    pub fn of(line: &serde_json::Value) -> Self {
        let mut found = Self::default();
        for finding in line["findings"].as_array().into_iter().flatten().filter(|one| one["kind"] == "my_number") {
            match finding["level"].as_str() {
                Some("certain") => found.certain += 1,
                Some("likely") => found.likely += 1,
                _ => found.possible += 1,
            }
        }
        found
    }

    fn at(self, sure: Sure) -> usize {
        match sure {
            Sure::Certain => self.certain,
            Sure::Likely => self.certain + self.likely,
            _ => self.certain + self.likely + self.possible,
        }
    }
}

/// Mails and how many of them went wrong.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row {
    n: usize,
    misses: usize,
}

impl Row {
    fn add(&mut self, miss: bool) {
        self.n += 1;
        self.misses += usize::from(miss);
    }

    fn rate(self) -> f64 {
        1.0 - self.misses as f64 / self.n.max(1) as f64
    }
}

/// The sums.
#[derive(Debug, Default)]
pub struct Score {
    recall: [Row; 3],
    contexts: BTreeMap<&'static str, Row>,
    forms: BTreeMap<&'static str, Row>,
    containers: BTreeMap<&'static str, Row>,
    alarms: BTreeMap<&'static str, (usize, usize, usize)>,
    /// Findings at certain and at likely, and how many of them are none.
    certain: Row,
    likely: Row,
    negatives: usize,
    likely_alarms: usize,
    possible_alarms: usize,
}

impl Score {
    /// Adds a mail; true when something is wrong with it.
    pub fn add(&mut self, case: &Case, found: Found) -> bool {
        let (certain, both) = (found.certain, found.certain + found.likely);
        for at in 0..both {
            let wrong = at >= case.numbers;
            let row = if at < certain { &mut self.certain } else { &mut self.likely };
            row.add(wrong);
        }
        if case.sure == Sure::No {
            self.negatives += 1;
            self.likely_alarms += usize::from(both > 0);
            self.possible_alarms += usize::from(both == 0 && found.possible > 0);
            let alarm = self.alarms.entry(case.context).or_default();
            alarm.0 += 1;
            alarm.1 += usize::from(both > 0);
            alarm.2 += usize::from(both == 0 && found.possible > 0);
            return both > 0;
        }
        let miss = found.at(case.sure) < case.numbers;
        self.recall[match case.sure {
            Sure::Certain => 0,
            Sure::Likely => 1,
            _ => 2,
        }]
        .add(miss);
        self.contexts.entry(case.context).or_default().add(miss);
        if case.sure == Sure::Certain {
            self.forms.entry(case.form).or_default().add(miss);
            self.containers.entry(case.container).or_default().add(miss);
        }
        miss || both > case.numbers
    }

    /// The tables, as Markdown.
    pub fn print(&self) {
        println!("| figure | n | misses | value |\n|---|---|---|---|");
        let names = ["certain", "likely", "possible"];
        for (name, row) in names.iter().zip(self.recall) {
            println!("| recall where a person would say {name} | {} | {} | {:.4} |", row.n, row.misses, row.rate());
        }
        println!(
            "| precision at certain | {} | {} | {:.4} |",
            self.certain.n,
            self.certain.misses,
            self.certain.rate()
        );
        println!("| precision at likely | {} | {} | {:.4} |", self.likely.n, self.likely.misses, self.likely.rate());
        let per = |count: usize| count as f64 * 10_000.0 / self.negatives.max(1) as f64;
        let (likely, possible) = (self.likely_alarms, self.possible_alarms);
        println!("| false alarms at likely or above, of 10,000 | {} | {likely} | {:.1} |", self.negatives, per(likely));
        println!(
            "| mails with no more than possible, of 10,000 | {} | {possible} | {:.1} |",
            self.negatives,
            per(possible)
        );
        for (title, rows) in [("context", &self.contexts), ("form", &self.forms), ("container", &self.containers)] {
            println!("\n| {title} | n | misses | recall |\n|---|---|---|---|");
            for (name, row) in rows {
                println!("| {name} | {} | {} | {:.4} |", row.n, row.misses, row.rate());
            }
        }
        println!("\n| ordinary mail | n | likely or certain | possible |\n|---|---|---|---|");
        for (name, (n, likely, possible)) in &self.alarms {
            println!("| {name} | {n} | {likely} | {possible} |");
        }
    }
}
