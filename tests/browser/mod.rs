//! The pages in a real browser: headless Chromium driven through chromedriver, looking at `sekisho demo`.
//! `driver` speaks WebDriver, `chrome` starts browsers and reads their logs, `page` does what a person does, `trap`
//! catches whatever leaves; the other modules are the tests.

#![allow(dead_code, reason = "the pages that some of this serves come in the next commits")]

mod axe;
mod chrome;
mod driver;
mod harness;
mod page;
mod trap;
mod weights;
