//! Doing what a person does: opens an address, clicks what has a name, fills fields by their labels, reads what stands there.

use base64::Engine as _;
use serde_json::{Value, json};

use super::chrome::Browser;
use super::driver::{Element, try_for, wait_for};

/// Roles of things that can be clicked.
const CLICKABLE: [&str; 7] = ["button", "link", "checkbox", "radio", "tab", "menuitem", "DisclosureTriangle"];
/// Roles of things that can be filled.
const FILLABLE: [&str; 4] = ["textbox", "searchbox", "combobox", "spinbutton"];

impl Browser {
    /// Opens an address and waits until it is loaded.
    pub fn open(&self, url: &str) {
        self.session.post("/url", &json!({ "url": url }));
    }
    pub fn url(&self) -> String {
        self.session.get("/url").as_str().unwrap_or("").to_owned()
    }
    /// The path of the address.
    pub fn path(&self) -> String {
        let url = self.url();
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        rest.find('/').map_or("/", |at| &rest[at..]).to_owned()
    }
    /// Waits until the path is a wanted one.
    pub fn wait_path(&self, wanted: impl Fn(&str) -> bool) {
        let there = try_for(|| wanted(&self.path()).then_some(()));
        assert!(there.is_some(), "still on {}:\n{}", self.url(), self.text());
    }

    /// The text that a person sees, without the insides of frames.
    pub fn text(&self) -> String {
        let text = self.session.script("return document.body ? document.body.innerText : ''", &[]);
        text.as_str().unwrap_or("").to_owned()
    }
    /// Waits until this text stands there.
    pub fn see(&self, text: &str) {
        let found = try_for(|| self.text().contains(text).then_some(()));
        assert!(found.is_some(), "{text:?} does not stand on {}:\n{}", self.url(), self.text());
    }
    /// Waits until this text stands there no longer.
    pub fn see_no_more(&self, text: &str) {
        let gone = try_for(|| (!self.text().contains(text)).then_some(()));
        assert!(gone.is_some(), "{text:?} still stands on {}:\n{}", self.url(), self.text());
    }
    /// Waits until this is the page's main heading (or its beginning).
    pub fn headed(&self, heading: &str) {
        let script = "const h = document.querySelector('h1'); return h ? h.innerText : ''";
        let now = || self.session.script(script, &[]).as_str().unwrap_or("").to_owned();
        let there = try_for(|| now().starts_with(heading).then_some(()));
        assert!(there.is_some(), "{} is headed {:?}, not {heading:?}", self.url(), now());
    }
    /// The document as the server's answer and scripts have made it.
    pub fn source(&self) -> String {
        self.session.get("/source").as_str().unwrap_or("").to_owned()
    }

    /// Everything of these roles in the accessibility tree: its name and the element.
    fn named(&self, roles: &[&str]) -> Vec<(String, Element)> {
        // answers at once; `queryAXTree` never does for a page that is left meanwhile
        let tree = self.session.cdp("Accessibility.getFullAXTree", json!({}));
        let Some(prefix) = self.session.all("html").first().map(|root| root.0.clone()) else { return Vec::new() };
        let prefix = prefix.rsplit_once('.').map_or("", |(prefix, _)| prefix);
        let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
        let wanted = nodes
            .iter()
            .filter(|node| node["ignored"] != true && roles.iter().any(|role| node["role"]["value"] == *role));
        wanted
            .filter_map(|node| {
                let name = node["name"]["value"].as_str()?.trim().to_owned();
                Some((name, Element(format!("{prefix}.{}", node["backendDOMNodeId"]))))
            })
            .collect()
    }

    fn find(&self, roles: &[&str], name: &str) -> Option<Element> {
        let all = self.named(roles);
        let exact = all.iter().find(|(one, _)| one == name);
        exact.or_else(|| all.iter().find(|(one, _)| one.contains(name))).map(|(_, element)| element.clone())
    }

    /// Whether something that can be clicked has this name (or holds it in its name) now.
    pub fn has(&self, name: &str) -> bool {
        self.find(&CLICKABLE, name).is_some()
    }
    /// The names of all that can be clicked.
    pub fn names(&self) -> Vec<String> {
        self.named(&CLICKABLE).into_iter().map(|(name, _)| name).collect()
    }

    /// Clicks the button, link, box or tab of this accessible name once it is there; exact names go first.
    pub fn click(&self, name: &str) {
        self.click_one_of(&CLICKABLE, name);
    }
    /// The same for buttons only.
    pub fn press_button(&self, name: &str) {
        self.click_one_of(&["button"], name);
    }
    /// The same for links only.
    pub fn follow(&self, name: &str) {
        self.click_one_of(&["link"], name);
    }
    fn click_one_of(&self, roles: &[&str], name: &str) {
        let mut last = String::new();
        let clicked = try_for(|| {
            let element = self.find(roles, name)?;
            self.try_click(&element).map_err(|error| last = error).ok()
        });
        assert!(
            clicked.is_some(),
            "cannot click {name:?} on {}: {last}\n{:?}\n{}",
            self.url(),
            self.names(),
            self.text()
        );
    }
    /// Scrolls to an element and clicks it.
    pub fn try_click(&self, element: &Element) -> Result<(), String> {
        let scroll = "arguments[0].scrollIntoView({ block: 'center' })";
        self.session.try_post("/execute/sync", &json!({ "script": scroll, "args": [element.argument()] }))?;
        self.session.try_post(&format!("/element/{}/click", element.0), &json!({})).map(drop)
    }
    /// Clicks the first element that a selector finds, once there is one.
    pub fn click_css(&self, css: &str) {
        wait_for(css, || self.session.all(css).iter().find_map(|element| self.try_click(element).ok()));
    }

    /// Puts text into the field of this label, in place of what is there.
    pub fn fill(&self, label: &str, text: &str) {
        let field = wait_for(label, || self.find(&FILLABLE, label));
        self.session.post(&format!("/element/{}/clear", field.0), &json!({}));
        self.keys(&field, text);
    }
    /// The same for the field that a selector finds.
    pub fn fill_css(&self, css: &str, text: &str) {
        let field = wait_for(css, || self.session.all(css).first().cloned());
        self.session.post(&format!("/element/{}/clear", field.0), &json!({}));
        self.keys(&field, text);
    }
    /// Types into an element; also the path of a file into a field for files.
    pub fn keys(&self, element: &Element, text: &str) {
        self.session.post(&format!("/element/{}/value", element.0), &json!({ "text": text }));
    }
    /// Chooses an option of a select by the label of both.
    pub fn choose(&self, label: &str, option: &str) {
        let field = wait_for(label, || self.find(&FILLABLE, label));
        let script = "const o = [...arguments[0].options].findIndex(o => o.text.includes(arguments[1])); return o";
        let index = self.session.script(script, &[field.argument(), json!(option)]).as_i64().unwrap_or(-1);
        assert!(index >= 0, "{label:?} has no option {option:?}");
        let css = format!("option:nth-of-type({})", index + 1);
        let path = format!("/element/{}/element", field.0);
        let found = self.session.post(&path, &json!({ "using": "css selector", "value": css }));
        let id = found.as_object().and_then(|object| object.values().next()).and_then(Value::as_str).unwrap();
        self.session.post(&format!("/element/{id}/click"), &json!({}));
    }
    /// Gives files to the field for files.
    pub fn attach(&self, css: &str, path: &std::path::Path) {
        let field = wait_for(css, || self.session.all(css).first().cloned());
        self.keys(&field, path.to_str().unwrap());
    }
    /// Does something inside the first frame that a selector finds, then comes back.
    pub fn in_frame<T>(&self, css: &str, act: impl FnOnce(&Self) -> T) -> T {
        let frame = wait_for(css, || self.session.all(css).first().cloned());
        self.session.post("/frame", &json!({ "id": frame.argument() }));
        let result = act(self);
        self.session.post("/frame", &json!({ "id": null }));
        result
    }

    /// A picture of what is in view (PNG).
    pub fn picture(&self) -> Vec<u8> {
        let picture = self.session.get("/screenshot");
        base64::engine::general_purpose::STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }
}
