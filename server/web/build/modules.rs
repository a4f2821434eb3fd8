//! Joins ES modules into one file at build time, so that a first visit asks for one script. It knows the few forms of
//! `import` and `export` that `static/js` uses and refuses all others; it does not know JavaScript.
//!
//! Each module becomes a function called once, in the order in which a browser would have run them; what it exports are
//! the fields of that function's value.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Modules by their file names, such as `swap.js`.
type Read<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

/// Joined modules.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// The script.
    pub text: String,
    /// The files that are in it, in the order in which they run.
    pub names: Vec<String>,
}

/// Joins `entry` and all that it imports.
///
/// # Errors
/// The file and the line that cannot be joined: a form of import or export that is not known, a module that is not
/// there, a circle.
pub fn join(entry: &str, read: &Read<'_>) -> Result<Joined, String> {
    let mut joined = Joined::default();
    add(entry, read, &mut joined, &mut BTreeSet::new())?;
    Ok(joined)
}

fn add(name: &str, read: &Read<'_>, joined: &mut Joined, open: &mut BTreeSet<String>) -> Result<(), String> {
    if joined.names.iter().any(|known| known == name) {
        return Ok(());
    }
    if !open.insert(name.to_owned()) {
        return Err(format!("{name} imports itself by way of others"));
    }
    let module = Module::parse(name, &read(name)?)?;
    for import in &module.imports {
        add(import, read, joined, open)?;
    }
    open.remove(name);
    module.write(name, &mut joined.text);
    joined.names.push(name.to_owned());
    Ok(())
}

#[derive(Default)]
struct Module {
    imports: Vec<String>,
    exports: Vec<String>,
    body: String,
}

impl Module {
    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut module = Self::default();
        for line in text.lines() {
            module.line(line).ok_or_else(|| format!("{name}: cannot join this line: {line}"))?;
        }
        Ok(module)
    }

    /// Takes a line in; none when it is a form that is not known.
    fn line(&mut self, line: &str) -> Option<()> {
        let line = if let Some(import) = line.strip_prefix("import ") {
            self.import(import)?
        } else if let Some(export) = line.strip_prefix("export ") {
            self.exports.push(declared(export)?.to_owned());
            export.to_owned()
        } else {
            line.to_owned()
        };
        self.body.push_str(&line);
        self.body.push('\n');
        Some(())
    }

    /// `'./swap.js';` or `{ apply, load } from './swap.js';`
    fn import(&mut self, line: &str) -> Option<String> {
        let (names, from) = line.split_once(" from ").map_or((None, line), |(names, from)| (Some(names), from));
        let file = from.strip_prefix("'./")?.strip_suffix("';")?;
        self.imports.push(file.to_owned());
        let Some(names) = names else { return Some(String::new()) };
        let plain = names.starts_with('{') && names.ends_with('}') && !names.contains(" as ");
        plain.then(|| format!("const {names} = {};", variable(file)))
    }

    fn write(&self, name: &str, text: &mut String) {
        let (before, after) = if self.exports.is_empty() {
            (String::new(), String::new())
        } else {
            (format!("const {} = ", variable(name)), format!("return {{ {} }};\n", self.exports.join(", ")))
        };
        let _ = writeln!(text, "{before}(() => {{\n{}{after}}})();", self.body);
    }
}

/// The name that an export declares. `let` is none: what others hold would not change with it.
fn declared(export: &str) -> Option<&str> {
    let rest =
        ["function ", "async function ", "const ", "class "].iter().find_map(|word| export.strip_prefix(word))?;
    let name = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()?;
    (!name.is_empty()).then_some(name)
}

fn variable(file: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("m_{}", file.trim_end_matches(".js").chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(files: &[(&str, &str)]) -> Result<Joined, String> {
        let read = |name: &str| {
            let found = files.iter().find(|(file, _)| *file == name);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| format!("{name} is not there"))
        };
        join("app.js", &read)
    }

    #[test]
    fn modules_run_once_each_after_those_that_they_import() {
        let files = [
            ("app.js", "import './a.js';\nimport './b.js';\n"),
            ("a.js", "import { f, G } from './c.js';\nf(G);\n"),
            ("b.js", "import { f } from './c.js';\nf(1);\n"),
            ("c.js", "export const G = 2;\nexport async function f(x) { return x; }\n"),
        ];
        let joined = joined(&files).unwrap();
        assert_eq!(joined.names, ["c.js", "a.js", "b.js", "app.js"]);
        let wanted = "const m_c = (() => {\nconst G = 2;\nasync function f(x) { return x; }\nreturn { G, f };\n})();\n\
                      (() => {\nconst { f, G } = m_c;\nf(G);\n})();\n(() => {\nconst { f } = m_c;\nf(1);\n})();\n(() => {\n\n\n})();\n";
        assert_eq!(joined.text, wanted);
    }

    #[test]
    fn what_cannot_be_joined_stops_the_build() {
        for (text, part) in [
            ("import x from './a.js';", "cannot join"),
            ("import { f as g } from './a.js';", "cannot join"),
            ("import * as a from './a.js';", "cannot join"),
            ("import { f } from \"./a.js\";", "cannot join"),
            ("import { f } from 'https://elsewhere.example/a.js';", "cannot join"),
            ("export default f;", "cannot join"),
            ("export let f = 1;", "cannot join"),
            ("import './b.js';", "is not there"),
            ("import './app.js';", "imports itself"),
        ] {
            let said = joined(&[("app.js", text), ("a.js", "export const f = 1;")]).unwrap_err();
            assert!(said.contains(part), "{text}: {said}");
        }
    }
}
