//! The pages in a real browser: headless Chromium driven through chromedriver, looking at `sekisho demo`.
//! `driver` speaks WebDriver, `chrome` starts browsers and reads their logs, `page` does what a person does, `trap`
//! catches whatever leaves; the other modules are the tests.

mod approvals;
mod axe;
mod budgets;
mod chrome;
mod collections;
mod colours;
mod company;
mod console;
mod demo;
mod driver;
mod engine;
mod factor;
mod framing;
mod harness;
mod hostile;
mod links;
mod page;
mod pictures;
mod printing;
mod reading;
mod responses;
mod sending;
mod settings;
mod swapping;
mod sweep;
mod trap;
mod weights;
