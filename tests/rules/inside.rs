//! What rules do to mail that stays inside and is written in the browser: what its check says, who gets it, and what stands at its head there.

use super::doors::{DOORS, PEN, under};

fn rule(code: &str, action: &str, more: &str) -> String {
    format!(
        "[[rule]]\ncode = \"{code}\"\nname = \"社内の{code}\"\ndirection = \"inside\"\n\
         when = {{ wildcard = {{ any = [\"{}*\"], where = \"subject\" }} }}\naction = {action}\n{more}\n",
        code.to_lowercase()
    )
}

#[test]
fn mail_inside_that_is_written_in_the_browser_is_held_refused_put_off_confirmed_and_labelled() {
    let message = "message = \"社外秘の扱いをご確認ください。\"";
    let rules = [
        rule("HOLD", "{ hold = { approvers = [\"group:取扱担当者\"] } }", ""),
        rule("BLOCK", "\"block\"", message),
        rule("DELAY", "{ delay = { minutes = 5 } }", ""),
        rule("SELF", "\"self_review\"", message),
        rule("TELL", "{ notify = [\"group:取扱担当者\"] }", message),
        rule("MARK", "{ header = { name = \"X-Inside\", value = \"yes\" } }", ""),
    ];
    let demo = under(&rules.concat());
    demo.python(&format!(
        r##"{PEN}
{DOORS}
ITO = "ito@aoba.example"
before = {{name: len(inbox(name)) for name in ("ito", "suzuki", "tanaka")}}
def came(name="ito"):
    """The subjects that came since the beginning."""
    return [subject for subject, _ in inbox(name)[before[name]:]]
def check(subject):
    return pen("sato").check(to=ITO, subject=subject, body="hello")
def goes(subject, to=ITO):
    """Sends what needs no look before it goes, or after that look; where it leads."""
    page = pen("sato").write(pen("sato").get("/mail/compose"), "check", to=to, subject=subject, body="hello")
    if page.to.startswith("/mail/compose/"):
        page = pen("sato").tick(pen("sato").get(page.to))
    assert page.status == 303, page
    return page
def label(subject):
    """What stands at the head of a mail beside the button by which it is handed over; None where there is neither."""
    uid = next(place for place, (one, _) in enumerate(inbox("ito"), 1) if one == subject)
    page = pen("ito").follow(pen("ito").get("/mail/by-uid/INBOX/%d" % uid))
    found = re.search(r'<div class="banner warn hand-over"><p><strong><span class="tag warn">([^<]*)</span></strong> ([^<]*)</p>.*?取扱担当者へ引き渡す', page.body, re.S)
    assert found or "引き渡す" not in page.body, page
    return found and found.groups()

# held: nobody has it until somebody who is asked has said so
page = check("hold it")
assert "社内のHOLD" in page.text() and "すぐに送信されます" not in page.text(), page.text()
assert pen("sato").tick(page).to == "/outgoing" and "hold it" not in came()
subject, notice = inbox("suzuki")[-1]
assert subject.startswith("【承認のお願い】") and text(notice).startswith("社内宛てメールの確認をお願いします。"), text(notice)
number = re.search(r'href="/approve/(\d+)"', pen("suzuki").get("/approve").body).group(1)
case = pen("suzuki").get("/approve/" + number)
assert ITO in case.text() and "社内のHOLD" in case.text(), case.text()
assert pen("suzuki").post("/approve/" + number, [(n, v) for n, v in case.fields() if n == "csrf"] + [("do", "approve")]).status == 303
assert came() == ["hold it"] and label("hold it") is None, came()

# refused: the check has no button, and nothing is sent
page = check("block it")
assert "このメールは送信できません" in page.text() and "社外秘の扱いをご確認ください。" in page.text() and "BLOCK" in page.text(), page.text()
assert 'id="send"' not in page.body and pen("sato").tick(page).status == 422, page

# put off: its sender takes it back
assert "送信待ちに入れました" in pen("sato").toast(goes("delay it")) and "delay it" not in came()
sent = pen("sato").get("/outgoing")
assert "約5分後に送信されます" in sent.text(), sent.text()
[path] = re.findall(r'action="(/outgoing/recall/[^"]*)"', sent.body)
assert "送信を取り消しました" in pen("sato").toast(pen("sato").post(path, [f for f in sent.fields() if f[0] == "csrf"]))

# confirmed by its sender: not without the tick of the rule
page = check("self it")
assert "社外秘の扱いをご確認ください。" in page.text(), page.text()
asked = [box for box in page.boxes() if "SELF" in box]
assert len(asked) == 1, page.boxes()
refused = pen("sato").tick(page, [box for box in page.boxes() if box not in asked])
assert refused.status != 303 and came() == ["hold it"], refused
assert pen("sato").tick(check("self it")).status == 303 and came()[-1] == "self it"

# told and labelled: it is there at once; the handlers know, without a word of it
assert goes("tell it").to == "/mail" and came()[-1] == "tell it"
assert label("tell it") == ("社内ルール", "社外秘の扱いをご確認ください。") and label("self it") is None
for name in ("suzuki", "tanaka"):
    subject, notice = inbox(name)[-1]
    assert notice["Auto-Submitted"] and "tell it" not in subject + text(notice) and "hello" not in text(notice), (name, subject, text(notice))

# a header that colleagues see, also of a mail that goes outside too
for to in (ITO, ITO + ", " + PARTNER):
    goes("mark it", to)
marked = [mail["X-Inside"] for subject, mail in inbox("ito") if subject == "mark it"]
assert marked == ["yes", "yes"], marked
assert came() == ["hold it", "self it", "tell it", "mark it", "mark it"], came()
"##
    ));
    let outside = demo.outside(1);
    assert!(outside.len() == 1 && !outside[0].contains("X-Inside"), "the one mail to a partner: {outside:?}");
}
