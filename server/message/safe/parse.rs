//! HTML to a tree, by html5ever, under limits of work: what would cost the square of its length, or more
//! memory than a mail is worth, is given up.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};

use super::tree::{Finished, Handle, Tree};

/// Most bytes of HTML that are parsed.
const INPUT: usize = 8 << 20;
/// How many bytes are fed between two looks at the work done.
const CHUNK: usize = 4 << 10;
/// Attributes of one element that are looked at.
const ATTRIBUTES: usize = 64;
/// What comparing the attributes of one tag with each other may cost in all: html5ever compares each with all
/// before it.
const COMPARISONS: usize = 20_000_000;
/// Most attributes of one tag.
const TAG_ATTRIBUTES: usize = 2_000;

/// The tree of an HTML text; `None` where it is too much.
pub(super) fn parse(html: &str) -> Option<Finished> {
    if html.len() > INPUT {
        return None;
    }
    // html5ever is fuzzed well; should it panic all the same, the mail is shown as text.
    catch_unwind(AssertUnwindSafe(|| parse_within_limits(html))).ok().flatten()
}

fn parse_within_limits(html: &str) -> Option<Finished> {
    let tokenizer = Tokenizer::new(Guard::new(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut tag = OpenTag::default();
    // one copy of the mail, of which the chunks are parts: an allocation for each tag would cost more than the tag
    let whole = StrTendril::from_slice(html);
    let mut at = 0;
    while let Some(rest) = html.get(at..).filter(|rest| !rest.is_empty()) {
        let chunk = rest.get(..chunk_end(rest)).unwrap_or(rest);
        let before = tokenizer.sink.tokens.get();
        queue.push_back(whole.subtendril(u32::try_from(at).ok()?, u32::try_from(chunk.len()).ok()?));
        while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {}
        if tokenizer.sink.tokens.get() == before {
            tag.read(chunk);
        } else {
            tag = OpenTag::default();
        }
        if tag.attributes > TAG_ATTRIBUTES || tokenizer.sink.is_exhausted() {
            return None;
        }
        at += chunk.len();
    }
    tokenizer.end();
    let exhausted = tokenizer.sink.is_exhausted();
    (!exhausted).then(|| tokenizer.sink.builder.sink.finished())
}

/// Where the first chunk of `rest` ends: before the next tag, so that one which reaches over several chunks can be read
/// along from its `<`.
fn chunk_end(rest: &str) -> usize {
    let most = rest.floor_char_boundary(CHUNK);
    let within = rest.as_bytes().get(1..most).unwrap_or_default();
    memchr::memchr(b'<', within).map_or(most, |at| at + 1)
}

/// A tag whose end has not been seen: counts its attributes (HTML standard 13.2.5.32 to 39).
#[derive(Default)]
struct OpenTag {
    state: TagState,
    attributes: usize,
}

#[derive(Default, Clone, Copy)]
enum TagState {
    #[default]
    Start,
    AfterStart,
    TagName,
    Markup,
    BeforeName,
    Name,
    BeforeValue,
    Quoted(u8),
    Unquoted,
}

impl OpenTag {
    fn read(&mut self, chunk: &str) {
        for byte in chunk.bytes() {
            self.state = self.step(byte);
        }
    }

    fn step(&mut self, byte: u8) -> TagState {
        use TagState::{AfterStart, BeforeName, BeforeValue, Markup, Name, Quoted, Start, TagName, Unquoted};
        let blank = byte.is_ascii_whitespace();
        match self.state {
            Start => AfterStart,
            // Comments and declarations have no attributes.
            AfterStart if matches!(byte, b'!' | b'?') => Markup,
            AfterStart => TagName,
            TagName if blank || byte == b'/' => BeforeName,
            TagName => TagName,
            Markup => Markup,
            BeforeName if blank || byte == b'/' => BeforeName,
            BeforeName => {
                self.attributes += 1;
                Name
            }
            Name if byte == b'=' => BeforeValue,
            Name if blank || byte == b'/' => BeforeName,
            Name => Name,
            BeforeValue if blank => BeforeValue,
            BeforeValue if matches!(byte, b'"' | b'\'') => Quoted(byte),
            BeforeValue => Unquoted,
            Quoted(quote) if byte == quote => BeforeName,
            Quoted(quote) => Quoted(quote),
            Unquoted if blank => BeforeName,
            Unquoted => Unquoted,
        }
    }
}

/// Stands before the tree builder and hands tokens on while there is budget.
struct Guard {
    builder: TreeBuilder<Handle, Tree>,
    tokens: Cell<u64>,
    comparisons: Cell<usize>,
}

impl Guard {
    fn new() -> Self {
        let options = TreeBuilderOpts { scripting_enabled: true, ..TreeBuilderOpts::default() };
        Self { builder: TreeBuilder::new(Tree::new(), options), tokens: Cell::new(0), comparisons: Cell::new(0) }
    }

    fn is_exhausted(&self) -> bool {
        self.comparisons.get() > COMPARISONS || self.builder.sink.is_exhausted()
    }
}

impl TokenSink for Guard {
    type Handle = Handle;

    fn process_token(&self, mut token: Token, line: u64) -> TokenSinkResult<Handle> {
        if matches!(token, Token::ParseError(_)) {
            return TokenSinkResult::Continue;
        }
        self.tokens.set(self.tokens.get() + 1);
        if self.is_exhausted() {
            return TokenSinkResult::Continue;
        }
        if let Token::TagToken(tag) = &mut token {
            self.comparisons.set(self.comparisons.get() + tag.attrs.len() * tag.attrs.len());
            tag.attrs.truncate(ATTRIBUTES);
        }
        self.builder.process_token(token, line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
