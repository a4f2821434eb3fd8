//! `sekisho`: a company's whole mail system. Reads the command line and does what it says.
#![allow(missing_docs, reason = "a binary has no public face but its command line")]

mod cli;

/// Memory that was used goes back to the system: glibc's keeps several times as much where many threads work.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    cli::main()
}
