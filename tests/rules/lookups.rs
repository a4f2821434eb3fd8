//! Rules that look something up (groups, lists, departments, to whom mail went, what was seen of TLS): the simulator says before,
//! and 過去のメールで試す afterwards, what delivery did by both doors.

use std::fmt::Write as _;

use super::doors::{DOORS, PEN};
use crate::house::Demo;

const HOLD: &str = "{ hold = { approvers = [\"group:取扱担当者\"] } }";

/// Code, where it holds, condition.
const RULES: [(&str, &str, &str); 9] = [
    ("FIRST", "direction = \"out\"", "{ first_contact = \"author\" }"),
    ("STRANGER", "direction = \"out\"", "{ first_contact = \"company\" }"),
    ("LISTED", "direction = \"out\"", "{ recipients = \"list:お得意先\" }"),
    ("COUNTED", "direction = \"out\"", "{ recipient_count = { min = 2, who = \"list:お得意先\" } }"),
    ("PARTNERS", "direction = \"out\"", "{ recipients = \"group:協力会社\" }"),
    ("DEPARTMENT", "direction = \"inside\"", "{ recipients = \"department:営業部\" }"),
    ("SENDER", "direction = \"out\"\nfrom = [\"group:取扱担当者\"]", "{ recipients = \"outside\" }"),
    ("PLAIN", "direction = \"out\"", "{ no_tls = {} }"),
    ("UNKNOWN", "direction = \"out\"", "{ no_tls = { unknown = true } }"),
];

/// A person in the console, and what was judged of the last mail as the audit log has it.
const TOOLS: &str = r#"
import os, sqlite3
ito = Admin("ito")
CODES = "FIRST STRANGER LISTED COUNTED PARTNERS DEPARTMENT SENDER PLAIN UNKNOWN".split()
def settled():
    """Nothing is on its way: what its attempts saw is remembered."""
    end = time.time() + 30
    while waiting := sekisho("queue", "list"):
        assert time.time() < end, waiting
        time.sleep(0.05)
def simulated(name, to):
    """The rules that act by the simulator, and whether anything is held."""
    page = ito.try_mail({"from": name + "@aoba.example", "to": to, "subject": "x", "text": "hello"})
    assert page.status == 200, page
    trace = re.findall(r'<small class="mono">([A-Z]+)</small></span></th><td[^>]*><span class="tag \w*">([^<]*)</span>', page.body)
    assert [code for code, _ in trace] == CODES, page.body
    return {code for code, outcome in trace if outcome == "一致"}, "<code>hold</code>" in page.body
mails = sqlite3.connect(os.path.join(os.path.dirname(demo["config"]), "data", "mail.db"))
def judged(after=0):
    """What was written down of the mails since: number and rules. Of one on which no rule acts there is nothing."""
    rows = mails.execute("SELECT id, detail FROM audit WHERE event = 'submission.judged' AND id > ? ORDER BY id", (after,))
    return [(number, set(json.loads(detail)["rules"])) for number, detail in rows]
def delivered(door, name, to):
    """The same of delivery."""
    last = max((number for number, _ in judged()), default=0)
    if door == "SMTP":
        code, said = send(name, *mail(name, to))
        assert code == 250, said
        held = said.startswith("2.0.0 held for approval")
    else:
        sent = pen(name).write(pen(name).get("/mail/compose"), "check", to=to, subject="x", body="hello")
        if sent.to.startswith("/mail/compose/"):
            sent = pen(name).tick(pen(name).get(sent.to))
        assert sent.status == 303, sent
        held = sent.to == "/outgoing"
    return set().union(*(rules for _, rules in judged(last))), held
def rehearsed():
    """How often each rule would act on the mails of the last days, and the references of what would be held."""
    base = "/t/aoba/rehearsal"
    ito.do(base, base, days="3")
    end = time.time() + 30
    while "完了しました。" not in (page := ito.get(base).body):
        assert time.time() < end, page
        time.sleep(0.1)
    rules = page.partition("ルールごとの件数")[2].partition("</table>")[0]
    counts = {name: int(count) for name, count in re.findall(r'<tr><th[^>]*>([A-Z]+)</th><td[^>]*>(\d+)</td>', rules)}
    return counts, set(re.findall(r'/t/aoba/tracking/([0-9A-Z-]+)"', page))
"#;

#[test]
fn what_rules_look_up_is_the_same_for_the_simulator_for_delivery_and_for_past_mail() {
    let demo = Demo::start();
    let members = ["--member", "taro@yamada.example", "--member", "jiro@yamada.example"];
    demo.good(&[&["group", "add", "お得意先", "--list", "--tenant", "aoba"][..], &members].concat());
    demo.good(&["group", "add", "協力会社", "--tenant", "aoba", "--member", "hanako@minato.example"]);
    let mut rules = String::new();
    for (code, more, when) in RULES {
        let mark = format!("{{ header = {{ name = \"X-{code}\", value = \"1\" }} }}");
        let action = if code == "FIRST" { HOLD } else { &mark };
        writeln!(rules, "[[rule]]\ncode = \"{code}\"\nname = \"{code}\"\n{more}\nwhen = {when}\naction = {action}")
            .unwrap();
    }
    let file = demo.dir.path().join("lookups.toml");
    std::fs::write(&file, rules).unwrap();
    demo.administer(&format!(
        r##"{PEN}
{DOORS}
{TOOLS}
# mail that went before these rules: to whom, and that the servers there have no TLS
for name, to in (("sato", "taro@yamada.example, jiro@yamada.example, hanako@minato.example"), ("suzuki", PARTNER), ("ito", "colleague@yamada.example")):
    assert send(name, *mail(name, to))[0] == 250
settled()
sekisho("rules", "apply", {file:?}, "--tenant", "aoba")
before, none = rehearsed()
assert none == set(), none
plain = {{"PLAIN", "UNKNOWN"}}
CASES = [
    ("sato", PARTNER, plain | {{"LISTED"}}),
    ("sato", PARTNER + ", jiro@yamada.example", plain | {{"LISTED", "COUNTED"}}),
    ("sato", "new@minato.example", plain | {{"FIRST", "STRANGER"}}),
    ("sato", "colleague@yamada.example", plain | {{"FIRST"}}),
    ("ito", "colleague@yamada.example", plain),
    ("sato", "hanako@minato.example", plain | {{"PARTNERS"}}),
    ("suzuki", PARTNER, plain | {{"LISTED", "SENDER"}}),
    ("sato", "fresh@kaikei.example", {{"FIRST", "STRANGER", "UNKNOWN"}}),
    ("sato", "takahashi@aoba.example", {{"DEPARTMENT"}}),
    ("sato", "watanabe@aoba.example", set()),
]
for name, to, codes in CASES:
    for door in ("SMTP", "browser"):
        wanted = (codes, "FIRST" in codes)
        assert simulated(name, to) == wanted, (name, to, simulated(name, to))
        assert (found := delivered(door, name, to)) == wanted, (door, name, to, found)
        settled()
held = {{json.loads(line)["reference"] for line in sekisho("held", "list", "--json").splitlines()}}
assert len(held) == 6, held
counts, stopped = rehearsed()
for code in CODES:
    wanted = before.get(code, 0) + 2 * sum(code in codes for _, _, codes in CASES)
    assert counts.get(code, 0) == wanted, (code, counts, before)
assert stopped == held, (stopped, held)
# to whom mail went is known as of today: what was approved and left is a first contact no more
number = next(json.loads(line)["id"] for line in sekisho("held", "list", "--json").splitlines() if "new@minato.example" in line)
sekisho("held", "approve", str(number))
settled()
assert simulated("sato", "new@minato.example") == (plain, False)
later, stopped = rehearsed()
assert (later["FIRST"], later["STRANGER"]) == (counts["FIRST"] - 2, counts["STRANGER"] - 2) and len(held - stopped) == 2, (later, stopped)
"##,
        file = file.display().to_string(),
    ));
}
