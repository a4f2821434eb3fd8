//! Threads by references and by subject (RFC 5256 3). Whatever the headers say, the result is a forest of the messages
//! given, each once; nothing here calls itself, so that a thread may be as deep as it likes.

use std::collections::HashMap;

use crate::wire::write;

/// What is known of a message.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mail<'m> {
    /// When it was sent, milliseconds.
    pub(crate) date: i64,
    /// The base subject, folded for comparison.
    pub(crate) subject: &'m str,
    /// Whether its subject bears the mark of a reply or forward.
    pub(crate) marked: bool,
    /// Its Message-ID.
    pub(crate) id: Option<&'m str>,
    /// The Message-IDs it refers to, its direct parent last.
    pub(crate) references: &'m [Box<str>],
}

/// A place in a thread: a message, or one that is missing and has several children.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    mail: Option<usize>,
    parent: Option<usize>,
    children: Vec<usize>,
}

/// Threads of messages; numbers are places in the list of mails given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forest {
    nodes: Vec<Node>,
    roots: Vec<usize>,
}

/// Threads by subject: the oldest message of a subject is the parent of all others (ORDEREDSUBJECT).
pub(crate) fn by_subject(mails: &[Mail<'_>]) -> Forest {
    let mut order: Vec<usize> = (0..mails.len()).collect();
    order.sort_by_key(|at| mails.get(*at).map(|mail| (mail.subject, mail.date)));
    let mut forest = Forest::default();
    let mut last: Option<(&str, usize)> = None;
    for at in order {
        let subject = mails.get(at).map_or("", |mail| mail.subject);
        let node = forest.add(Some(at));
        match last {
            Some((known, first)) if known == subject => forest.adopt(first, node),
            _ => {
                forest.roots.push(node);
                last = Some((subject, node));
            }
        }
    }
    let date = |forest: &Forest, node: usize| forest.mail(node, mails).map_or(0, |mail| mail.date);
    let mut roots = std::mem::take(&mut forest.roots);
    roots.sort_by_key(|node| (date(&forest, *node), *node));
    forest.roots = roots;
    forest
}

/// Threads by references (REFERENCES): missing messages hold their replies together, and threads of one subject become
/// one.
pub(crate) fn by_references(mails: &[Mail<'_>]) -> Forest {
    let mut forest = Forest::linked(mails);
    forest.prune();
    forest.sort(mails);
    forest.gather_subjects(mails);
    forest.sort(mails);
    forest
}

/// Threads by references alone (REFS), the thread with the newest message last.
pub(crate) fn by_references_alone(mails: &[Mail<'_>]) -> Forest {
    let mut forest = Forest::linked(mails);
    forest.prune();
    forest.sort(mails);
    let mut roots: Vec<(i64, usize)> = forest.roots.iter().map(|root| (forest.newest(*root, mails), *root)).collect();
    roots.sort_unstable();
    forest.roots = roots.into_iter().map(|(_, root)| root).collect();
    forest
}

impl Forest {
    fn add(&mut self, mail: Option<usize>) -> usize {
        self.nodes.push(Node { mail, ..Node::default() });
        self.nodes.len() - 1
    }
    fn mail<'l, 'm>(&self, node: usize, mails: &'l [Mail<'m>]) -> Option<&'l Mail<'m>> {
        mails.get(self.nodes.get(node)?.mail?)
    }
    fn children(&self, node: usize) -> &[usize] {
        self.nodes.get(node).map_or(&[], |node| &node.children)
    }
    fn parent(&self, node: usize) -> Option<usize> {
        self.nodes.get(node).and_then(|node| node.parent)
    }
    fn is_dummy(&self, node: usize) -> bool {
        self.nodes.get(node).is_none_or(|node| node.mail.is_none())
    }
    fn take_children(&mut self, node: usize) -> Vec<usize> {
        self.nodes.get_mut(node).map(|node| std::mem::take(&mut node.children)).unwrap_or_default()
    }
    fn adopt(&mut self, parent: usize, child: usize) {
        if let Some(child) = self.nodes.get_mut(child) {
            child.parent = Some(parent);
        }
        if let Some(parent) = self.nodes.get_mut(parent) {
            parent.children.push(child);
        }
    }
    fn leave(&mut self, child: usize) {
        let Some(parent) = self.nodes.get_mut(child).and_then(|child| child.parent.take()) else { return };
        if let Some(parent) = self.nodes.get_mut(parent) {
            parent.children.retain(|other| *other != child);
        }
    }
    /// Whether `above` is `node` or stands above it.
    fn is_above(&self, above: usize, node: usize) -> bool {
        let mut at = Some(node);
        while let Some(here) = at {
            if here == above {
                return true;
            }
            at = self.parent(here);
        }
        false
    }
    /// Whether `child` may be put below `parent`. One without children stands above nothing.
    fn may_adopt(&self, parent: usize, child: usize) -> bool {
        parent != child && (self.children(child).is_empty() || !self.is_above(child, parent))
    }

    /// Step 1: every message below the last one that it refers to, and these below each other.
    fn linked(mails: &[Mail<'_>]) -> Self {
        let mut forest = Self { nodes: Vec::with_capacity(mails.len()), roots: Vec::new() };
        let mut known: HashMap<&str, usize> = HashMap::with_capacity(mails.len());
        for (at, mail) in mails.iter().enumerate() {
            let node = forest.node_of(at, mail, &mut known);
            let mut above = None;
            for reference in mail.references {
                let next = *known.entry(reference).or_insert_with(|| forest.add(None));
                if let Some(above) = above
                    && forest.parent(next).is_none()
                    && forest.may_adopt(above, next)
                {
                    forest.adopt(above, next);
                }
                above = Some(next);
            }
            if let Some(above) = above
                && forest.parent(node) != Some(above)
                && forest.may_adopt(above, node)
            {
                forest.leave(node);
                forest.adopt(above, node);
            }
        }
        forest.roots = (0..forest.nodes.len()).filter(|node| forest.parent(*node).is_none()).collect();
        forest
    }

    /// The node of a message: one that others referred to already, unless another message has this Message-ID.
    fn node_of<'m>(&mut self, at: usize, mail: &Mail<'m>, known: &mut HashMap<&'m str, usize>) -> usize {
        let Some(id) = mail.id else { return self.add(Some(at)) };
        match known.get(id) {
            Some(node) if self.is_dummy(*node) => {
                if let Some(node) = self.nodes.get_mut(*node) {
                    node.mail = Some(at);
                }
                *node
            }
            Some(_) => self.add(Some(at)),
            None => {
                let node = self.add(Some(at));
                known.insert(id, node);
                node
            }
        }
    }

    /// All nodes, each before its children.
    fn parents_first(&self) -> Vec<usize> {
        let mut order = self.roots.clone();
        let mut at = 0;
        while let Some(node) = order.get(at).copied() {
            order.extend_from_slice(self.children(node));
            at += 1;
        }
        order
    }

    /// Step 3: missing messages go; their children take their place, at the top only when it is one alone.
    fn prune(&mut self) {
        for node in self.parents_first().into_iter().rev() {
            if self.children(node).is_empty() {
                continue;
            }
            let mut kept = Vec::new();
            for child in self.take_children(node) {
                if self.is_dummy(child) {
                    kept.extend(self.take_children(child));
                } else {
                    kept.push(child);
                }
            }
            kept.iter().for_each(|child| self.set_parent(*child, Some(node)));
            if let Some(node) = self.nodes.get_mut(node) {
                node.children = kept;
            }
        }
        let mut roots = Vec::with_capacity(self.roots.len());
        for root in std::mem::take(&mut self.roots) {
            match self.children(root) {
                [] if self.is_dummy(root) => {}
                [only] if self.is_dummy(root) => {
                    let only = *only;
                    self.set_parent(only, None);
                    roots.push(only);
                }
                _ => roots.push(root),
            }
        }
        self.roots = roots;
    }
    fn set_parent(&mut self, node: usize, parent: Option<usize>) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.parent = parent;
        }
    }

    /// Steps 4 and 6: brothers by date, then by number; a missing message counts as its first child.
    fn sort(&mut self, mails: &[Mail<'_>]) {
        for node in self.parents_first().into_iter().rev() {
            // most have none or one
            if self.children(node).len() < 2 {
                continue;
            }
            let children = self.take_children(node);
            let children = self.sorted(children, mails);
            if let Some(node) = self.nodes.get_mut(node) {
                node.children = children;
            }
        }
        let roots = std::mem::take(&mut self.roots);
        self.roots = self.sorted(roots, mails);
    }
    fn sorted(&self, nodes: Vec<usize>, mails: &[Mail<'_>]) -> Vec<usize> {
        let place = |node: usize| {
            let shown = self.shown(node);
            (self.mail(shown, mails).map(|mail| mail.date), self.nodes.get(shown).and_then(|node| node.mail))
        };
        let mut keyed: Vec<_> = nodes.into_iter().map(|node| (place(node), node)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, node)| node).collect()
    }
    /// The node itself, or of a missing message its first child.
    fn shown(&self, node: usize) -> usize {
        if self.is_dummy(node) { self.children(node).first().copied().unwrap_or(node) } else { node }
    }
    fn newest(&self, root: usize, mails: &[Mail<'_>]) -> i64 {
        let (mut newest, mut open) = (i64::MIN, vec![root]);
        while let Some(node) = open.pop() {
            newest = newest.max(self.mail(node, mails).map_or(i64::MIN, |mail| mail.date));
            open.extend_from_slice(self.children(node));
        }
        newest
    }

    /// Step 5: threads of one subject become one.
    fn gather_subjects(&mut self, mails: &[Mail<'_>]) {
        let subject = |forest: &Self, root| {
            let mail = forest.mail(forest.shown(root), mails);
            mail.map(|mail| (mail.subject, mail.marked)).filter(|(subject, _)| !subject.is_empty())
        };
        // the thread of a subject, and its place among the roots
        let mut table: HashMap<&str, (usize, usize)> = HashMap::with_capacity(self.roots.len());
        for (place, root) in self.roots.iter().enumerate() {
            let Some((text, marked)) = subject(self, *root) else { continue };
            let better = table.get(text).is_none_or(|(other, _)| {
                let other_marked = subject(self, *other).is_some_and(|(_, marked)| marked);
                (self.is_dummy(*root) && !self.is_dummy(*other)) || (other_marked && !marked)
            });
            if better {
                table.insert(text, (*root, place));
            }
        }
        let mut gone = vec![false; self.nodes.len()];
        for root in self.roots.clone() {
            // one that was put together with another already
            if self.parent(root).is_some() {
                continue;
            }
            let Some((text, marked)) = subject(self, root) else { continue };
            let Some((first, place)) = table.get(text).copied().filter(|(first, _)| *first != root) else { continue };
            let first_marked = subject(self, first).is_some_and(|(_, marked)| marked);
            match (self.is_dummy(first), self.is_dummy(root)) {
                (true, true) => {
                    for child in self.take_children(root) {
                        self.adopt(first, child);
                    }
                }
                (true, false) => self.adopt(first, root),
                (false, false) if marked && !first_marked => self.adopt(first, root),
                _ => {
                    let both = self.add(None);
                    gone.push(false);
                    self.adopt(both, first);
                    self.adopt(both, root);
                    if let Some(place) = self.roots.get_mut(place) {
                        *place = both;
                    }
                    table.insert(text, (both, place));
                }
            }
            if let Some(gone) = gone.get_mut(root) {
                *gone = true;
            }
        }
        self.roots.retain(|root| gone.get(*root) != Some(&true));
    }

    /// Writes the threads as THREAD answers them (RFC 5256 4, `thread-list`); `number` is how a mail is told.
    pub(crate) fn write(&self, out: &mut Vec<u8>, number: impl Fn(usize) -> u32) {
        enum Word {
            Thread(usize),
            On(usize),
            Close,
        }
        let mut words: Vec<Word> = self.roots.iter().rev().map(|root| Word::Thread(*root)).collect();
        while let Some(word) = words.pop() {
            let node = match word {
                Word::Close => {
                    out.push(b')');
                    continue;
                }
                Word::Thread(node) => {
                    out.push(b'(');
                    words.push(Word::Close);
                    node
                }
                Word::On(node) => {
                    out.push(b' ');
                    node
                }
            };
            let mail = self.nodes.get(node).and_then(|node| node.mail);
            if let Some(mail) = mail {
                write::number(out, number(mail));
            }
            match self.children(node) {
                [] => {}
                [only] if mail.is_some() => words.push(Word::On(*only)),
                several => {
                    if mail.is_some() {
                        out.push(b' ');
                    }
                    words.extend(several.iter().rev().map(|child| Word::Thread(*child)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Mails of one line each: `id < reference reference | subject`, sent one after the other.
    fn mails(text: &str) -> Vec<Mail<'static>> {
        fn kept(text: &str) -> &'static str {
            text.to_owned().leak()
        }
        let mail = |(at, line): (usize, &str)| {
            let (head, subject) = line.trim().split_once('|').unwrap_or((line.trim(), ""));
            let (id, references) = head.split_once('<').unwrap_or((head, ""));
            let (subject, marked) = super::super::subject::base(subject);
            Mail {
                date: at as i64,
                subject: kept(&subject),
                marked,
                id: Some(kept(id.trim())).filter(|id| !id.is_empty()),
                references: references.split_whitespace().map(Into::into).collect::<Vec<Box<str>>>().leak(),
            }
        };
        text.lines().enumerate().map(mail).collect()
    }
    fn shown(forest: &Forest) -> String {
        let mut out = Vec::new();
        forest.write(&mut out, |mail| mail as u32 + 1);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn replies_stand_below_what_they_answer() {
        let text = "a\nb < a\nc < a b\nd < a\ne\nf < x\ng < x\nh < y";
        assert_eq!(shown(&by_references(&mails(text))), "(1 (2 3)(4))(5)((6)(7))(8)");
        assert_eq!(shown(&by_references_alone(&mails(text))), "(1 (2 3)(4))(5)((6)(7))(8)");
        assert_eq!(shown(&by_references_alone(&mails("a\nb\nc < a"))), "(2)(1 3)");
    }

    #[test]
    fn threads_of_one_subject_become_one() {
        assert_eq!(shown(&by_references(&mails("a |x\nb |y\nc |Re: x"))), "(1 3)(2)");
        assert_eq!(shown(&by_references(&mails("a |x\nb |x"))), "((1)(2))");
        assert_eq!(shown(&by_references(&mails("a |x\nb |x\nc |Re: x"))), "((1)(2)(3))");
        assert_eq!(shown(&by_references(&mails("a |Re: x\nb |x"))), "(2 1)");
        assert_eq!(shown(&by_references(&mails("a < p |x\nb < p |x\nc < q |x\nd < q |x"))), "((1)(2)(3)(4))");
        assert_eq!(shown(&by_references(&mails("a < p |x\nb < p |x\nc |x"))), "((1)(2)(3))");
        assert_eq!(shown(&by_references_alone(&mails("a |x\nb |Re: x"))), "(1)(2)");
    }

    #[test]
    fn a_thread_without_its_beginning_and_one_with_it_become_one() {
        assert_eq!(shown(&by_references(&mails("a < p |Re: x\nb < p |Re: x\nc |x"))), "(((1)(2))(3))");
    }

    #[test]
    fn the_oldest_of_a_subject_is_the_parent_of_the_others() {
        assert_eq!(shown(&by_subject(&mails("a |x\nb |y\nc |Re: x\nd |x\ne |Re: y"))), "(1 (3)(4))(2 5)");
    }

    #[test]
    fn wrong_references_make_no_circle() {
        assert_eq!(shown(&by_references(&mails("a < b\nb < a"))), "(2 1)");
        assert_eq!(shown(&by_references(&mails("a < a\nb < c b a"))), "(2 1)");
        assert_eq!(shown(&by_references(&mails("a\na\na < a"))), "(1 3)(2)");
    }

    #[test]
    fn a_thread_may_be_very_deep() {
        let text: Vec<String> = (0..20_000).map(|i| format!("m{i} < m{}", i - 1)).collect();
        let written = shown(&by_references(&mails(&text.join("\n"))));
        assert!(written.starts_with("(1 2 3 ") && written.ends_with(" 20000)"));
    }

    #[test]
    fn pairs_of_a_subject_cost_no_look_at_all_other_threads() {
        let text: Vec<String> = (0..200_000).map(|i| format!("m{i} |s{}", i % 100_000)).collect();
        let begun = std::time::Instant::now();
        let written = shown(&by_references(&mails(&text.join("\n"))));
        assert!(written.starts_with("((1)(100001))((2)(100002))"), "{}", &written[..40]);
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
    }

    proptest! {
        #[test]
        fn every_mail_is_there_once_and_brackets_balance(
            list in proptest::collection::vec((0usize..9, proptest::collection::vec(0usize..9, 0..4), 0usize..4), 0..14),
        ) {
            let subjects = ["", "x", "Re: x", "y"];
            let line = |(id, refs, subject): &(usize, Vec<usize>, usize)| {
                let refs: Vec<String> = refs.iter().map(|id| format!("m{id}")).collect();
                format!("m{id} < {} |{}", refs.join(" "), subjects[*subject])
            };
            let count = list.len();
            let mails = if list.is_empty() { Vec::new() } else { mails(&list.iter().map(line).collect::<Vec<_>>().join("\n")) };
            for forest in [by_references(&mails), by_references_alone(&mails), by_subject(&mails)] {
                let text = shown(&forest);
                let numbers: Vec<u32> = text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
                let mut sorted = numbers.clone();
                sorted.sort_unstable();
                prop_assert_eq!(sorted, (1..=count as u32).collect::<Vec<_>>(), "{}", text);
                prop_assert_eq!(text.matches('(').count(), text.matches(')').count());
                prop_assert!(!text.contains("()") && !text.contains("( ") && !text.contains(" )"), "{text}");
            }
        }
    }
}
