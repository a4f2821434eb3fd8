//! Open files of the process (RLIMIT_NOFILE): each connection is one, and what others take must never be missing to
//! the store, whose flushes may not fail for want of one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors kept apart from connections that come in: databases, segments, the index, children, mail going out.
const APART: u64 = 1_024;

/// Raises the limit on open files as far as so many connections need and the hard limit allows; for how many of them
/// there is room (at least one, at most `connections`).
#[must_use]
pub fn room_for_connections(connections: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = (connections as u64).saturating_add(APART);
    let most = maximum.unwrap_or(u64::MAX).min(wanted);
    let now = current.unwrap_or(u64::MAX);
    if now >= most || setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum }).is_err() {
        return room(now, connections);
    }
    room(most, connections)
}

/// Of a small limit half is kept apart.
fn room(limit: u64, connections: usize) -> usize {
    let free = limit.saturating_sub(APART).max(limit / 2).max(1);
    usize::try_from(free).unwrap_or(usize::MAX).min(connections.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_to_the_store() {
        for (limit, connections, expected) in [
            (u64::MAX, 10_000, 10_000),
            (11_024, 10_000, 10_000),
            (4_096, 10_000, 3_072),
            (1_024, 10_000, 512),
            (1_024, 100, 100),
            (0, 100, 1),
        ] {
            assert_eq!(room(limit, connections), expected, "{limit} open files, {connections} connections");
        }
    }

    #[test]
    fn what_the_system_allows_is_raised_as_far_as_it_is_needed() {
        let room = room_for_connections(100);
        assert!((1..=100).contains(&room));
        let now = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        assert!(now >= room as u64);
    }
}
