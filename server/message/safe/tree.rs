//! The tree that the HTML parser builds: nodes in one vector, siblings as a list, so that every change costs
//! the same; and a count of the parser's work, so that a hostile mail ends early. Knows nothing of what is safe.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, ExpandedName, LocalName, QualName, ns};

/// The number of a node.
pub(super) type Id = u32;

/// No node.
const NONE: Id = u32::MAX;
/// The document.
pub(super) const ROOT: Id = 0;

/// Most nodes that are built; far more than may be shown, since much of a mail is dropped.
const NODES: usize = 400_000;
/// Deepest nesting that is built.
const DEPTH: u32 = 600;
/// Most questions of the parser to the tree. A newsletter of 200 KB asks under a million; deep or unclosed
/// elements ask for the square of their number.
const WORK: u64 = 20_000_000;

/// What a node is.
pub(super) enum Data {
    /// The document, a fragment, a comment: nothing to show.
    Nothing,
    /// An element.
    Element(Rc<QualName>, Vec<Attribute>),
    /// Text.
    Text(String),
}

struct Node {
    data: Data,
    depth: u32,
    parent: Id,
    previous: Id,
    next: Id,
    first: Id,
    last: Id,
}

/// What the parser holds of a node: its number, and what it is asked for most.
#[derive(Clone)]
pub(super) struct Handle {
    id: Id,
    name: Rc<QualName>,
    integration: bool,
}

/// The tree while it is built.
pub(super) struct Tree {
    nodes: RefCell<Vec<Node>>,
    work: Cell<u64>,
    deepest: Cell<u32>,
    nameless: Rc<QualName>,
}

impl Tree {
    pub(super) fn new() -> Self {
        let nameless = Rc::new(QualName::new(None, ns!(), LocalName::from("")));
        let tree = Self { nodes: RefCell::new(Vec::new()), work: Cell::new(0), deepest: Cell::new(0), nameless };
        tree.add(Data::Nothing);
        tree
    }

    /// Whether the mail asks for more than anybody would write.
    pub(super) fn is_exhausted(&self) -> bool {
        self.work.get() > WORK || self.deepest.get() > DEPTH || self.nodes.borrow().len() > NODES
    }

    /// The finished tree.
    pub(super) fn finished(self) -> Finished {
        Finished(self.nodes.into_inner())
    }

    fn add(&self, data: Data) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node { data, depth: 0, parent: NONE, previous: NONE, next: NONE, first: NONE, last: NONE });
        Id::try_from(nodes.len() - 1).unwrap_or(NONE)
    }

    fn plain(&self, id: Id) -> Handle {
        Handle { id, name: Rc::clone(&self.nameless), integration: false }
    }

    fn worked(&self) {
        self.work.set(self.work.get() + 1);
    }

    /// Puts `child` under `parent`, before `before` or at the end.
    fn insert(&self, parent: Id, before: Id, child: NodeOrText<Handle>) {
        self.worked();
        let id = match child {
            NodeOrText::AppendNode(handle) => handle.id,
            NodeOrText::AppendText(text) => {
                let previous = self.before(parent, before);
                if self.extend_text(previous, &text) {
                    return;
                }
                self.add(Data::Text(text.to_string()))
            }
        };
        self.detach(id);
        let mut nodes = self.nodes.borrow_mut();
        let previous = match nodes.get(before as usize) {
            Some(sibling) => sibling.previous,
            None => nodes.get(parent as usize).map_or(NONE, |p| p.last),
        };
        let depth = nodes.get(parent as usize).map_or(0, |p| p.depth) + 1;
        self.deepest.set(self.deepest.get().max(depth));
        if let Some(node) = nodes.get_mut(id as usize) {
            (node.parent, node.previous, node.next, node.depth) = (parent, previous, before, depth);
        }
        link(&mut nodes, parent, previous, id);
        match nodes.get_mut(before as usize) {
            Some(sibling) => sibling.previous = id,
            None => {
                if let Some(parent) = nodes.get_mut(parent as usize) {
                    parent.last = id;
                }
            }
        }
    }

    fn before(&self, parent: Id, before: Id) -> Id {
        let nodes = self.nodes.borrow();
        match nodes.get(before as usize) {
            Some(sibling) => sibling.previous,
            None => nodes.get(parent as usize).map_or(NONE, |p| p.last),
        }
    }

    fn extend_text(&self, id: Id, text: &str) -> bool {
        match self.nodes.borrow_mut().get_mut(id as usize) {
            Some(Node { data: Data::Text(known), .. }) => {
                known.push_str(text);
                true
            }
            _ => false,
        }
    }

    fn detach(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let Some(node) = nodes.get_mut(id as usize) else { return };
        let (parent, previous, next) = (node.parent, node.previous, node.next);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
        if parent == NONE {
            return;
        }
        link(&mut nodes, parent, previous, next);
        match nodes.get_mut(next as usize) {
            Some(next) => next.previous = previous,
            None => {
                if let Some(parent) = nodes.get_mut(parent as usize) {
                    parent.last = previous;
                }
            }
        }
    }
}

/// Makes `id` what follows `previous`, or the first child of `parent`.
fn link(nodes: &mut [Node], parent: Id, previous: Id, id: Id) {
    if let Some(previous) = nodes.get_mut(previous as usize) {
        previous.next = id;
    } else if let Some(parent) = nodes.get_mut(parent as usize) {
        parent.first = id;
    }
}

impl TreeSink for Tree {
    type Handle = Handle;
    type Output = ();
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) {}
    fn parse_error(&self, _: Cow<'static, str>) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_document(&self) -> Handle {
        self.plain(ROOT)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        self.worked();
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let name = Rc::new(name);
        let id = self.add(Data::Element(Rc::clone(&name), attrs));
        Handle { id, name, integration: flags.mathml_annotation_xml_integration_point }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.plain(self.add(Data::Nothing))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.plain(self.add(Data::Nothing))
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.insert(parent.id, NONE, child);
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let parent = self.nodes.borrow().get(sibling.id as usize).map_or(NONE, |node| node.parent);
        self.insert(parent, sibling.id, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        let has_parent = self.nodes.borrow().get(element.id as usize).is_some_and(|node| node.parent != NONE);
        if has_parent { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    /// The content of a template is never shown: it stays where it is.
    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        self.worked();
        x.id == y.id
    }

    /// Attributes of a second `<body>`: nobody needs them, and each would be compared with all before it.
    fn add_attrs_if_missing(&self, _: &Handle, _: Vec<Attribute>) {}

    fn remove_from_parent(&self, target: &Handle) {
        self.worked();
        self.detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        loop {
            let first = self.nodes.borrow().get(node.id as usize).map_or(NONE, |node| node.first);
            if first == NONE {
                return;
            }
            self.insert(new_parent.id, NONE, NodeOrText::AppendNode(self.plain(first)));
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &Handle) -> bool {
        handle.integration
    }

    fn allow_declarative_shadow_roots(&self, _: &Handle) -> bool {
        false
    }
}

/// The tree when nothing changes any more.
pub(super) struct Finished(Vec<Node>);

impl Finished {
    /// What a node is.
    pub(super) fn data(&self, id: Id) -> &Data {
        self.0.get(id as usize).map_or(&Data::Nothing, |node| &node.data)
    }

    /// The children of a node, the last first: as a stack takes them.
    pub(super) fn children_backwards(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let mut at = self.0.get(id as usize).map_or(NONE, |node| node.last);
        std::iter::from_fn(move || {
            let node = self.0.get(at as usize)?;
            let id = at;
            at = node.previous;
            Some(id)
        })
    }

    /// The node above a node.
    pub(super) fn parent(&self, id: Id) -> Option<Id> {
        self.0.get(id as usize).map(|node| node.parent).filter(|parent| *parent != NONE)
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
