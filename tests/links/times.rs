//! How long a link lasts, on a clock that is put forward: it ends with its day for whoever comes and whoever is there, it lives on when its
//! sender gives it more time, and in each case the proof that nothing was taken says until when that holds.

use super::{SEND, run};
use crate::house::Demo;
use crate::rules::doors::ruled;

#[test]
fn a_link_ends_with_its_day_lives_on_when_its_sender_extended_it_and_the_proof_says_which() {
    let rule = super::rule("{ encrypt = { form = \"link\", days = 3 } }");
    let demo = ruled(Demo::start_on_a_clock(), &rule);
    let program = r##"
KEN = "ken@yamada.example"
send_file(to=PARTNER + ", " + KEN)
links = {re.search(r"([^\s、]+) 宛てに6桁", words(one)).group(1): link_in(one) for one in arrived(2)}
never = get("/d/" + "abcdefghijklmnop" * 2)
def of(recipient, page=None):
    """What the sender's page says of one recipient."""
    return next(one for one in re.findall(r'<li class="sending".*?</details></li>', (page or links_page()).body, re.S) if ">%s</h2>" % recipient in one)
def plain(part):
    return html.unescape(re.sub("<[^>]*>", "", part))
def until(part):
    return re.search(r"有効期限 ([^·<]*?)\s*<", part).group(1)
def proof(recipient):
    """The proof that nothing was taken, as text."""
    shown = pen("sato").get(re.search(r'href="([^"]*/proof)"', of(recipient)).group(1))
    assert shown.status == 200 and "ファイルのダウンロードはありません。" in shown.text() and recipient in shown.text(), shown
    return shown.text()
def extend(recipient, days):
    page = links_page()
    path = re.search(r'action="([^"]*/extend)"', of(recipient, page)).group(1)
    csrf = re.search(r'name="csrf" value="([^"]*)"', page.body).group(1)
    assert "延長しました" in pen("sato").toast(pen("sato").post(path, [("csrf", csrf), ("days", days), ("downloads", "5")]))
# while it is open the proof says so, and holds until the moment at which it is made
ahead(3600)
open_ = proof(PARTNER)
assert "停止日時: 停止していません(リンクは現在も有効です)" in open_, open_
since, till, made = re.search(r"記録では、(\S+ \S+ \+09:00) から (\S+ \S+ \+09:00) までの間", open_).groups() + re.search(r"作成日時: (\S+ \S+ \+09:00)", open_).groups()
assert since < till == made, open_
# the third day from now in Japan, until its last minute: as the mail says, and the page
import datetime, math
TOKYO = datetime.timezone(datetime.timedelta(hours=9))
day = (datetime.datetime.fromisoformat(since.replace(" +", "+")) + datetime.timedelta(days=3)).date()
ends = datetime.datetime.combine(day, datetime.time(23, 59), TOKYO)
for one in arrived(2):
    assert re.search(r"有効期限:(\d+年)?%d月%d日\(.\)23:59\n" % (day.month, day.day), words(one)), words(one)
assert re.search(r"有効期限 (%d月%d日|%s) 23:59" % (day.month, day.day, day.strftime("%Y/%m/%d")), plain(of(PARTNER))), plain(of(PARTNER))
def at(moment):
    """Puts the clock forward to a moment; whoever was signed in signs in anew."""
    ahead(math.ceil(moment.timestamp() - time.time()))
    pens.clear()
# its sender gives one of them more time, and it is open until the other ends
extend(KEN, 10)
assert "延長" in plain(of(KEN)) and "23:59" in plain(of(PARTNER))
at(ends - datetime.timedelta(minutes=2))
passes = opened(links[PARTNER], 3)
assert "名簿.csv" in get(passes).text()
# with the minute in which it ends nothing is there any more, for who is in it and for who comes
at(ends + datetime.timedelta(minutes=1))
for path in ("", "/enter", passes[len(links[PARTNER]):]):
    gone = get(links[PARTNER] + path)
    assert (gone.status, gone.bytes) == (never.status, never.bytes), (path, gone)
for path in ("/code", "/enter", passes[len(links[PARTNER]):] + "/1", passes[len(links[PARTNER]):] + "/all"):
    gone = post(links[PARTNER] + path, code="000000")
    assert (gone.status, gone.bytes) == (never.status, never.bytes), (path, gone)
assert len(arrived(3)) == 3, "no code is sent"
told = plain(of(PARTNER))
assert "期限切れ" in told and "リンクを停止" not in told and "送り直す" not in told and "ダウンロード 0件の証明" in told, told
over = proof(PARTNER)
exact = re.search(r"停止日時: (\S+ \S+ \+09:00)\(有効期限\)", over).group(1)
assert exact.startswith("%s 23:59" % day) and "から %s までの間" % exact in over and "確認コードの発行: 1回" in over, over
assert re.search(r"作成日時: (\S+ \S+ \+09:00)", over).group(1) > exact, over
# the other lives on
assert "受け取り可能" in plain(of(KEN)) and "停止していません" in proof(KEN)
taken = post(opened(links[KEN], 4) + "/1")
assert taken.status == 200 and taken.bytes == FILE
assert "0件の証明" not in of(KEN) and "0件の証明" in of(PARTNER)
at(ends + datetime.timedelta(days=7))
assert get(links[KEN]).bytes == never.bytes and "期限切れ" in plain(of(KEN)), "and ends with the time that it was given"
# also what had ended lives again once it is extended, until the day that was said
extend(PARTNER, 2)
assert post(opened(links[PARTNER], 5) + "/1").bytes == FILE
at(ends + datetime.timedelta(days=9, minutes=5))
assert get(links[PARTNER]).bytes == never.bytes
"##;
    run(&demo, &format!("{SEND}{program}"));
}
