//! The two doors out through which rules are tried, and the demo's company under rules of a test.

use crate::house::Demo;

/// A person with a browser: `Pen`.
pub const PEN: &str = include_str!("../compose/pen.py");

/// `locked()`, a ZIP that wants a password.
pub const LOCKED: &str = include_str!("locked.py");

/// How a mail is made and handed in by both doors. A case: to, cc, bcc, subject, text, files (name, type, bytes). With [`LOCKED`].
pub const DOORS: &str = concat!(
    include_str!("locked.py"),
    r#"
from email.message import EmailMessage
pens = {}
def pen(name):
    if name not in pens:
        pens[name] = Pen(name + "@aoba.example")
    return pens[name]
def mail(name, to, cc="", bcc="", subject="x", text="hello", files=(), header=(), html=""):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = name + "@aoba.example", to, subject
    if cc:
        made["Cc"] = cc
    for key, value in header:
        made[key] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for file, kind, content in files:
        main, sub = kind.split("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=file)
    people = [one.strip() for field in (to, cc, bcc) for one in field.split(",") if one.strip()]
    return made.as_bytes(policy=made.policy.clone(linesep="\r\n")), people
def by_smtp(name, **fields):
    """Whether SMTP refuses the mail, and by which rule."""
    code, said = send(name, *mail(name, **fields))
    assert code in (250, 550), said
    return re.search(r"\(rule ([A-Z-]+)\)", said).group(1) if code == 550 else None
def by_check(name, to, cc="", bcc="", subject="x", text="hello", files=(), header=()):
    """The same of the check before sending; the mail is not sent."""
    page = pen(name).check(list(files), to=to, cc=cc, bcc=bcc, subject=subject, body=text)
    assert page.status == 200, page
    said = page.text()
    if "このメールは送信できません" in said:
        return re.search(r"規則「([A-Z-]+)」", said).group(1)
    assert "すぐに送信されます" in said, said
    return None
PARTNER = "taro@yamada.example"
"#
);

/// The demo's company under these rules, with the list お得意先.
pub fn under(rules: &str) -> Demo {
    ruled(Demo::start(), rules)
}

/// The same of a demo that was started in another way.
pub fn ruled(demo: Demo, rules: &str) -> Demo {
    let file = demo.dir.path().join("rules.toml");
    std::fs::write(&file, rules).unwrap();
    demo.good(&[
        "group",
        "add",
        "お得意先",
        "--list",
        "--tenant",
        "aoba",
        "--member",
        "taro@yamada.example",
        "--member",
        "hanako@例え.jp",
    ]);
    demo.good(&["rules", "apply", file.to_str().unwrap(), "--tenant", "aoba"]);
    demo
}
