//! A child takes its own rights away: no files, no network, no processes, no core, so much memory, so much time.
//! Landlock closes the file system and TCP, seccomp leaves the handful of system calls that reading standard input,
//! thinking and writing standard output need; each where the kernel has it. Limits of resources hold everywhere.

use landlock::{ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus, Scope};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use serde::{Deserialize, Serialize};

use super::Bounds;

/// The newest Landlock that we ask for (Linux 6.12); an older kernel gives what it has.
const LANDLOCK: ABI = ABI::V6;
/// Address space beside the memory: the program itself and its stack.
const PROGRAM: u64 = 512 << 20;
/// Processor time of a child's whole life, seconds: it cannot raise its limit beyond.
const LIFE: u64 = 3_600;

/// What holds a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hold {
    /// Whether Landlock holds it, at least in part.
    pub landlock: bool,
    /// Whether seccomp holds it.
    pub seccomp: bool,
}

/// Takes the rights away. For a process with one thread that has read nothing yet.
pub(super) fn confine(bounds: Bounds) -> Hold {
    // a signal from the terminal is for the server; what fails here leaves a right that others take too
    let _ = rustix::process::setsid();
    let _ = rustix::process::nice(5);
    let landlock = no_files();
    no_resources(bounds);
    let seccomp = no_calls().is_some();
    Hold { landlock, seccomp }
}

fn no_files() -> bool {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(LANDLOCK))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(LANDLOCK)))
        .and_then(|rules| rules.scope(Scope::from_all(LANDLOCK)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    status.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

fn no_resources(bounds: Bounds) {
    let none = [Resource::Core, Resource::Nproc, Resource::Memlock, Resource::Msgqueue];
    let amounts = [
        // standard input, output and error are open, and what the server was started with; nothing else can be
        (Resource::Nofile, 3),
        (Resource::Data, bounds.memory),
        (Resource::As, bounds.memory.saturating_add(PROGRAM)),
    ];
    for (resource, amount) in none.into_iter().map(|resource| (resource, 0)).chain(amounts) {
        let _ = setrlimit(resource, Rlimit { current: Some(amount), maximum: Some(amount) });
    }
    let _ = setrlimit(Resource::Cpu, Rlimit { current: Some(LIFE), maximum: Some(LIFE) });
}

/// Gives the process `seconds` of processor time from now on; then the kernel ends it (SIGXCPU).
pub(super) fn limit_time(seconds: u64) {
    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let until = used.saturating_add(1).saturating_add(seconds).min(LIFE);
    let _ = setrlimit(Resource::Cpu, Rlimit { current: Some(until), maximum: Some(LIFE) });
}

/// System calls that are allowed whatever their arguments.
const CALLS: &[libc::c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    // an abort ends the process by a signal to itself
    libc::SYS_tgkill,
];

/// Leaves the few system calls; every other one fails with EPERM. `None`: the kernel has no seccomp.
fn no_calls() -> Option<()> {
    let equal = |at, to: u64| rule(vec![argument(at, SeccompCmpOp::Eq, to)?]);
    let not_executable = || argument(2, SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64), 0);
    let of_no_file = argument(3, SeccompCmpOp::MaskedEq(libc::MAP_ANONYMOUS as u64), libc::MAP_ANONYMOUS as u64)?;
    let mut calls: Vec<(i64, Vec<SeccompRule>)> = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    calls.push((libc::SYS_read, vec![equal(0, 0)?]));
    for call in [libc::SYS_write, libc::SYS_writev] {
        calls.push((call, vec![equal(0, 1)?, equal(0, 2)?]));
    }
    calls.push((libc::SYS_mmap, vec![rule(vec![not_executable()?, of_no_file])?]));
    calls.push((libc::SYS_mprotect, vec![rule(vec![not_executable()?])?]));
    // its own limits alone, and those only down
    calls.push((libc::SYS_prlimit64, vec![equal(0, 0)?]));
    let architecture = std::env::consts::ARCH.try_into().ok()?;
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(calls.into_iter().collect(), refused, SeccompAction::Allow, architecture).ok()?;
    let program = BpfProgram::try_from(filter).ok()?;
    seccompiler::apply_filter(&program).ok()
}

/// That the argument `at` of a call compares so.
fn argument(at: u8, how: SeccompCmpOp, to: u64) -> Option<SeccompCondition> {
    SeccompCondition::new(at, SeccompCmpArgLen::Dword, how, to).ok()
}

/// That all of these hold.
fn rule(conditions: Vec<SeccompCondition>) -> Option<SeccompRule> {
    SeccompRule::new(conditions).ok()
}
