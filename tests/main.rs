//! Tests that drive the real `sekisho` from outside: over sockets, with real clients, by its command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod arrivals;
mod arrows;
mod bounded;
mod browser;
mod clients;
mod commands;
mod compose;
mod console;
mod crash;
mod damage;
mod extract;
mod faults;
mod house;
mod images;
mod labels;
mod ledger;
mod links;
mod numbers;
mod outgoing;
mod passwords;
mod pictures;
mod pop3;
mod recall;
mod repository;
mod rules;
mod searching;
mod setup;
mod sharing;
mod shim;
mod streams;
mod talk;
mod templates;
mod ways;
mod web;
mod webmail;
