//! `sekisho`: a company's whole mail system. Reads the command line and does what it says.
#![allow(missing_docs, reason = "a binary has no public face but its command line")]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
