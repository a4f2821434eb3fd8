//! What a mail says, before it is put into a container.

/// A piece of a mail's content.
#[derive(Debug, Clone)]
pub enum Block {
    /// Lines of running text.
    Lines(Vec<String>),
    /// A form: labels with their values.
    Pairs(Vec<(String, String)>),
    /// A table with its heading in the first row, if it has one.
    Table(Vec<Vec<String>>),
}

/// A mail's content, and what a person would say of the numbers in it.
#[derive(Debug, Clone)]
pub struct Scene {
    /// What kind of mail it is; a row of the tables.
    pub context: &'static str,
    /// The subject.
    pub subject: String,
    /// The name that fits an attachment with the blocks, without its ending.
    pub file: String,
    /// What stands before the blocks in the body.
    pub opening: Vec<String>,
    /// The content.
    pub blocks: Vec<Block>,
    /// What stands behind the blocks in the body.
    pub closing: Vec<String>,
    /// Distinct My Numbers in it.
    pub numbers: usize,
    /// What a person would call them.
    pub sure: Sure,
}

/// How sure a person would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// There is no My Number in it.
    No,
    /// It may be one, nothing says so.
    Possible,
    /// The mail gives reason to think so.
    Likely,
    /// The mail says so.
    Certain,
}
