//! Answers that wait to be sent together: text as it is written, and bodies of mails between it, which stay where they are
//! in memory until the system takes them.

use std::io::IoSlice;

use bytes::Bytes;

/// What is shorter is copied into the text: a slice of its own costs the system more.
const SHORT: usize = 1024;

/// Answers in their order.
#[derive(Debug, Default)]
pub(crate) struct Output {
    text: Vec<u8>,
    /// Each with its place: so much of the text goes before it.
    bodies: Vec<(usize, Bytes)>,
    in_bodies: usize,
}

/// A place in the output, to which it can be taken back while nothing was sent since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    text: usize,
    bodies: usize,
}

impl Output {
    /// Where text is written.
    pub(crate) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// Puts a body behind what was written.
    pub(crate) fn body(&mut self, body: Bytes) {
        if body.len() < SHORT {
            self.text.extend_from_slice(&body);
        } else {
            self.in_bodies += body.len();
            self.bodies.push((self.text.len(), body));
        }
    }

    /// Bytes that wait.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + self.in_bodies
    }

    /// Where it ends now.
    pub(crate) fn mark(&self) -> Mark {
        Mark { text: self.text.len(), bodies: self.bodies.len() }
    }

    /// Takes back what came after `mark`.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.text.truncate(mark.text);
        self.bodies.truncate(mark.bodies);
        self.in_bodies = self.bodies.iter().map(|(_, body)| body.len()).sum();
    }

    /// All that waits, in its order.
    pub(crate) fn slices(&self) -> Vec<IoSlice<'_>> {
        let (mut slices, mut from) = (Vec::with_capacity(2 * self.bodies.len() + 1), 0);
        for (place, body) in &self.bodies {
            slices.push(IoSlice::new(self.text.get(from..*place).unwrap_or_default()));
            slices.push(IoSlice::new(body));
            from = *place;
        }
        slices.push(IoSlice::new(self.text.get(from..).unwrap_or_default()));
        slices
    }

    /// The same as one piece.
    pub(crate) fn joined(&self) -> Vec<u8> {
        let mut joined = Vec::with_capacity(self.len());
        self.slices().iter().for_each(|slice| joined.extend_from_slice(slice));
        joined
    }

    /// Forgets all, and keeps room for `most` bytes of text at most.
    pub(crate) fn clear(&mut self, most: usize) {
        self.text.clear();
        self.text.shrink_to(most);
        self.bodies = Vec::new();
        self.in_bodies = 0;
    }

    /// Room that is held though nothing waits.
    pub(crate) fn room(&self) -> usize {
        self.text.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bodies_go_in_their_order_and_can_be_taken_back() {
        let long = |byte: u8| Bytes::from(vec![byte; SHORT]);
        let mut output = Output::default();
        assert_eq!((output.joined(), output.len()), (Vec::new(), 0));
        output.body(long(b'x'));
        output.text().extend_from_slice(b"one");
        output.body(Bytes::from_static(b"short"));
        output.body(long(b'y'));
        let (mark, so_far) = (output.mark(), output.joined());
        assert_eq!(so_far, [&long(b'x')[..], b"oneshort", &long(b'y')].concat());
        output.text().extend_from_slice(b"more");
        output.body(long(b'z'));
        assert_eq!(output.len(), so_far.len() + 4 + SHORT);
        output.rewind(mark);
        assert_eq!((output.joined(), output.len()), (so_far.clone(), so_far.len()));
        output.clear(10);
        assert_eq!((output.joined(), output.len()), (Vec::new(), 0));
    }
}
