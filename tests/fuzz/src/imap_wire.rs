//! IMAP: single commands, the stream that is cut into commands, names and patterns.

use imap::wire::append::{Head, Next};
use imap::wire::command::Command;
use imap::wire::frame::{Frame, Step, without_line_end};
use imap::wire::idle::{Said, said};
use imap::wire::name::{MailboxName, Pattern, decode, encode};
use imap::wire::sequence::SequenceSet;
use imap::wire::{append, command};
use types::{Uid, UidSet};

/// Reads a command; its Debug shows no password, and what is a command is one with any tag.
pub fn command(bytes: &[u8]) {
    let _ = append::parse(bytes);
    for last in [Head::default(), Head { utf8: true, ..Head::default() }] {
        let _ = append::parse_next(&last, bytes);
    }
    let _ = command::tag_of(bytes);
    // for a client that enabled UTF-8 only names may mean something else
    let utf8 = command::parse_as(bytes, 50, true).is_ok();
    assert!(utf8 || command::parse(bytes, 50).is_err() || bytes.contains(&b'&') || !bytes.is_ascii());
    if let Ok(request) = command::parse(bytes, 50) {
        let rest = bytes.get(request.tag.len()..).unwrap_or_default();
        let again = command::parse(&[b"other", rest].concat(), 50).expect("the same with another tag");
        assert_eq!(again.command, request.command);
    }
}

/// In which state a session reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Small bounds, no APPEND.
    Stranger,
    SignedIn,
    /// With a mailbox open, whose messages sets of numbers mean.
    Selected,
    /// Inside IDLE from the first byte on.
    Idling,
    /// Behind the message of an APPEND from the first byte on.
    Appending,
}

/// What the bytes that come next are.
enum Within {
    /// A command.
    Command,
    /// What a client says inside IDLE.
    Idle,
    /// What stands behind a message of an APPEND.
    Append(Head),
}

/// Cuts a stream into commands, as a session does in each of its states: before sign-in, signed in, with a mailbox selected, inside
/// IDLE, and in the middle of an APPEND. The commands do not depend on how the bytes come.
pub fn stream(bytes: &[u8]) {
    for state in [State::Stranger, State::SignedIn, State::Selected, State::Idling, State::Appending] {
        let whole = commands(bytes, bytes.len().max(1), state);
        let piece = 1 + usize::from(bytes.first().copied().unwrap_or_default() % 7);
        // a line over the bound is noticed earlier or later, so only streams without one are compared
        if let (Some(whole), Some(pieces)) = (whole, commands(bytes, piece, state)) {
            assert_eq!(whole, pieces, "the commands depend on how their bytes came");
        }
    }
}

/// The commands, and the lines inside of IDLE and APPEND; `None` when one was too long, or a stranger's literal.
fn commands(bytes: &[u8], piece: usize, state: State) -> Option<Vec<Vec<u8>>> {
    let limit = if state == State::Stranger { 512 } else { 8_192 };
    let (mut frame, mut out, mut skip) = (Frame::new(limit), Vec::new(), 0u64);
    if state != State::Stranger {
        frame.set_limit(limit);
    }
    let mut input = Vec::new();
    let mut within = match state {
        State::Idling => Within::Idle,
        State::Appending => Within::Append(Head::default()),
        State::Stranger | State::SignedIn | State::Selected => Within::Command,
    };
    for came in bytes.chunks(piece) {
        input.extend_from_slice(came);
        while !input.is_empty() {
            let skipped = input.len().min(usize::try_from(skip).unwrap_or(usize::MAX));
            skip -= skipped as u64;
            input.drain(..skipped);
            if input.is_empty() {
                break;
            }
            match inside(&within, &mut input, limit) {
                Inside::Command => {}
                Inside::More => break,
                Inside::TooLong => return None,
                Inside::Line { line, then, message } => {
                    out.push(line);
                    (within, skip) = (then, message);
                    continue;
                }
            }
            let (used, step) = frame.feed(&input);
            assert!(used > 0 && used <= input.len(), "bytes are taken");
            input.drain(..used);
            assert!(frame.command().len() <= limit, "a command over its bound");
            match step {
                Step::More => {}
                Step::TooLong => return None,
                Step::Whole => {
                    let whole = frame.take_command();
                    if let Ok(request) = command::parse(without_line_end(&whole), 50) {
                        if state != State::Stranger && request.command == Command::Idle {
                            within = Within::Idle;
                        }
                        if state == State::Selected {
                            meant(&request.command);
                        }
                    }
                    out.push(whole);
                }
                Step::Literal { size, .. } => match append::parse(frame.command()) {
                    Ok(Some(append)) if state != State::Stranger => {
                        assert_eq!(append.head.size, size, "the message that the frame saw");
                        out.push(frame.take_command());
                        (within, skip) = (Within::Append(append.head), size);
                    }
                    _ if frame.accept_literal(size).is_ok() => {}
                    // he is sent away
                    _ if state == State::Stranger => return None,
                    _ => {
                        out.push(frame.take_command());
                        skip = size;
                    }
                },
            }
        }
    }
    Some(out)
}

/// What is read where no command begins.
enum Inside {
    /// A command begins.
    Command,
    /// The line has no end yet.
    More,
    /// It is over its bound.
    TooLong,
    /// The line, what comes after it, and how many bytes of a message before that.
    Line { line: Vec<u8>, then: Within, message: u64 },
}

/// Takes a line inside IDLE or APPEND from the input.
fn inside(within: &Within, input: &mut Vec<u8>, limit: usize) -> Inside {
    match within {
        Within::Command => Inside::Command,
        Within::Idle => match said(input) {
            Said::More => Inside::More,
            Said::TooLong => Inside::TooLong,
            Said::Line { used, done } => {
                let line: Vec<u8> = input.drain(..used).collect();
                assert!(line.ends_with(b"\n") && !line[..used - 1].contains(&b'\n'), "one line");
                assert_eq!(done, line.trim_ascii().eq_ignore_ascii_case(b"DONE"));
                Inside::Line { line, then: Within::Command, message: 0 }
            }
        },
        Within::Append(last) => match input.iter().position(|byte| *byte == b'\n') {
            Some(end) if end <= limit => {
                let line: Vec<u8> = input.drain(..=end).collect();
                let (then, message) = behind(last, &line);
                Inside::Line { line, then, message }
            }
            None if input.len() <= limit => Inside::More,
            _ => Inside::TooLong,
        },
    }
}

/// What comes after a line behind a message of an APPEND, and how many bytes of a further message before it.
fn behind(last: &Head, line: &[u8]) -> (Within, u64) {
    let line = without_line_end(line);
    match append::parse_next(last, line) {
        Ok(Next::Message(head)) => {
            assert!(line.trim_ascii_end().ends_with(b"}"), "a message comes behind the head of its literal");
            let size = head.size;
            (Within::Append(head), size)
        }
        Ok(Next::End) => {
            assert!(line.trim_ascii().is_empty() || last.utf8, "nothing is left out");
            (Within::Command, 0)
        }
        Err(_) => (Within::Command, 0),
    }
}

/// In a mailbox that is open a set means messages of that mailbox, whatever it says.
fn meant(command: &Command) {
    let (uid, set): (bool, &SequenceSet) = match command {
        Command::Fetch { uid, set, .. } | Command::Store { uid, set, .. } => (*uid, set),
        Command::Copy { uid, set, .. } | Command::Move { uid, set, .. } => (*uid, set),
        Command::UidExpunge(set) => (true, set),
        _ => return,
    };
    let view: UidSet = [1, 2, 3, 7, 8, 4_000_000_000, u32::MAX].into_iter().map(Uid).collect();
    let saved: UidSet = [2, 8].into_iter().map(Uid).collect();
    for view in [&view, &UidSet::new()] {
        let saved = &saved.intersection(view);
        let chosen = if uid { Some(set.as_uids(view, saved)) } else { set.as_numbers(view, saved).ok() };
        if let Some(chosen) = chosen {
            assert_eq!(chosen.intersection(view), chosen, "only messages that are there");
        }
        let _ = set.all_uids(view, saved);
    }
}

/// Names come back from the wire as they are; patterns answer in time.
pub fn name(bytes: &[u8]) {
    if let Ok(name) = MailboxName::parse(bytes) {
        let wire = encode(name.as_str());
        assert!(wire.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{wire}");
        assert_eq!(decode(wire.as_bytes()).as_deref(), Some(name.as_str()));
        assert_eq!(MailboxName::parse(wire.as_bytes()), Ok(name.clone()));
        let all = Pattern::parse(b"", b"*").expect("a pattern");
        assert!(all.matches(name.as_str()), "* matches all");
        if let Ok(pattern) = Pattern::parse(b"", bytes) {
            let _ = pattern.matches(name.as_str());
        }
    }
    let (one, two) = bytes.split_at(bytes.len() / 2);
    if let Ok(pattern) = Pattern::parse(one, two) {
        let _ = pattern.matches("INBOX/a/日本語");
    }
}
