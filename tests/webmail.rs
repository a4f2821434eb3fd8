//! Reading mail and deciding held mail in the browser, from outside: what each act does, what it undoes, what others
//! cannot reach.

use crate::house::House;

/// Two people, three mails in taro's INBOX, both signed in: `b` is taro's browser, `h` hanako's.
const MAILS: &str = r#"
import smtplib
def deliver(subject, body, to="taro@aoba.example", kind="text/plain"):
    smtp = smtplib.SMTP("127.0.0.1", SMTP)
    mail = ("From: =?utf-8?B?5bGx55Sw?= <yamada@yamada.example>\r\nTo: <%s>\r\nSubject: %s\r\nMIME-Version: 1.0\r\n"
            "Content-Type: %s; charset=utf-8\r\n\r\n%s\r\n" % (to, subject, kind, body))
    smtp.sendmail("yamada@yamada.example", [to], mail.encode())
    smtp.quit()
for n in (1, 2, 3):
    deliver("mail %d" % n, "text %d" % n)
b, h = Browser(WEB), Browser(WEB)
assert b.sign_in("taro@aoba.example").status == 303 and h.sign_in("hanako@aoba.example").status == 303
inbox = b.get("/mail").headers["Location"]
def rows(browser, path):
    return re.findall(r'<li id="m(\d+)-(\d+)" class="row( unread)?"', browser.get(path).body)
def folder(browser, name):
    for href, label in re.findall(r'<a href="(/mail/f/\d+)"[^>]*>.*?<span class="label">([^<]+)</span>', browser.get("/mail/folders").body, re.S):
        if label == name:
            return href
def act(browser, path, **fields):
    return browser.post(path + "/act", {"csrf": browser.token("/mail/folders"), "back": path, **fields})
def undo(browser, path):
    page = browser.get(path)
    return re.search(r'action="(/mail/undo/[^"]+)"', page.body).group(1)
"#;

fn with_mails(program: &str) {
    let house = House::start();
    house.add_hanako();
    house.browse(&format!("{MAILS}{program}"));
}

#[test]
fn a_list_shows_what_came_and_acts_are_undone_exactly() {
    with_mails(
        r#"
page = b.get(inbox)
assert page.status == 200 and "受信トレイ" in page.body and page.body.count('class="row unread"') == 3, page
assert page.body.index("mail 3") < page.body.index("mail 2") < page.body.index("mail 1")
assert "山田" in page.body and '<span class="tag ext">社外</span>' in page.body
uids = [uid for _, uid, _ in rows(b, inbox)]
assert act(b, inbox, do="read", uid=uids[0]).status == 303
assert [bool(unread) for _, _, unread in rows(b, inbox)] == [False, True, True]
archive = folder(b, "アーカイブ")
assert act(b, inbox, do="archive", uid=uids[1]).status == 303
back = undo(b, inbox)
assert len(rows(b, inbox)) == 2 and len(rows(b, archive)) == 1
assert h.post(back, {"csrf": h.token("/mail/folders")}).status == 404, "another's token"
assert b.post(back, {"csrf": b.token("/mail/folders")}).headers["Location"] == inbox
assert len(rows(b, inbox)) == 3 and rows(b, archive) == []
assert act(b, inbox, do="star:" + uids[2]).status == 303
starred = b.get(inbox + "?show=starred").body
assert starred.count('<li id="m') == 1 and "mail 1" in starred
trash = folder(b, "ごみ箱")
assert act(b, inbox, do="trash", uid=uids[2]).status == 303
gone = rows(b, trash)[0][1]
assert act(b, trash, do="delete", uid=gone).status == 303 and rows(b, trash) == []
assert act(b, inbox, do="fly", uid=uids[0]).status == 400
"#,
    );
}

#[test]
fn a_mail_is_shown_from_the_content_origin_only_and_to_its_owner_only() {
    with_mails(
        r#"
deliver("html", "<p>hello <script>x()</script><img src=https://tracker.invalid/x.png></p>", kind="text/html")
mailbox, uid, _ = rows(b, inbox)[0]
path = "/mail/m/%s.%s" % (mailbox, uid)
page = b.get(path)
assert page.status == 200 and "外部の画像は表示していません。" in page.body and "社外からのメールです。" in page.body
assert "<script>x()" not in page.body and "tracker.invalid" not in page.body, "no HTML of a mail in our page"
frame = re.search(r'<iframe class="message-body"[^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"[^>]*src="([^"]+)"', page.body).group(1).replace("&#38;", "&")
origin, rest = re.match(r"(https://[^/]+)(/.*)", frame).groups()
c = Browser(CONTENT)
body = c.get(rest)
assert body.status == 200 and "hello" in body.body and "<script" not in body.body and "tracker" not in body.body
assert body.headers["Content-Security-Policy"].startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'")
assert "Set-Cookie" not in body.headers
for wrong in [rest.split("?")[0], rest.replace("&e=", "&e=9"), rest.replace("u=1", "u=2"), rest.replace("/html/", "/text/")]:
    assert c.get(wrong).status == 404, wrong
assert Browser(WEB).get(rest).status in (303, 404), "not on the mail origin"
for other in [path, path + "/print", path + "/headers", path + "/source", path + "/part/1", inbox]:
    assert h.get(other).status == 404, other
source = b.get(path + "/source").headers["Location"]
saved = c.get(re.match(r"https://[^/]+(/.*)", source).group(1))
assert saved.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''html.eml")
assert saved.body.startswith("Return-Path: <yamada@yamada.example>"), saved
assert "Subject: html" in b.get(path + "/headers").body
assert b.get("/mail/by-uid/INBOX/" + uid).headers["Location"] == path
assert b.get("/mail/by-uid/INBOX/999").status == 404 and h.get("/mail/by-uid/INBOX/" + uid).status == 404
assert "hello" in b.get(path + "/print").body
"#,
    );
}

#[test]
fn a_long_mailbox_comes_in_pages_that_a_script_can_append() {
    with_mails(
        r#"
import imaplib
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
for n in range(6):
    imap.select("INBOX")
    imap.copy("1:*", "INBOX")
page = b.get(inbox)
assert page.body.count('<li id="m') == 50 and "192件" in page.body
seen, at = set(rows(b, inbox)), re.search(r'href="([^"]+before=[^"]+)&amp;more=1"', page.body) or re.search(r'href="([^"]+before=[^"]+)&#38;more=1"', page.body)
href = at.group(1)
part = b.get(href + "&more=1", Sekisho_Fragment="true")
assert part.body.lstrip().startswith('<ul id="rows" data-append>') and "<html" not in part.body
while True:
    page = b.get(href)
    seen |= set(re.findall(r'<li id="m(\d+)-(\d+)" class="row( unread)?"', page.body))
    older = re.search(r'href="([^"]+before=[^"]+?)(&amp;|&#38;)more=1"', page.body)
    if not older:
        break
    href = older.group(1)
assert len(seen) == 192, len(seen)
assert "新しい50件" in page.body and "先頭へ" in page.body
assert b.get(inbox + "?date=2001-01-01").body.count('<li id="m') == 0
assert b.get(inbox + "?before=x").status == 400
"#,
    );
}

#[test]
fn folders_are_made_renamed_filled_and_deleted() {
    with_mails(
        r#"
def manage(path, **fields):
    return b.post(path, {"csrf": b.token("/mail/folders"), **fields})
assert manage("/mail/folders", name="案件/2026").status == 303
assert manage("/mail/folders", name="案件/2026").status == 422
wrong = manage("/mail/folders", name="a//b")
assert wrong.status == 422 and 'value="a//b"' in wrong.body and 'aria-invalid="true"' in wrong.body
made = folder(b, "2026")
uid = rows(b, inbox)[0][1]
assert act(b, inbox, do="move", uid=uid, to=made.rsplit("/", 1)[1]).status == 303
assert len(rows(b, made)) == 1
number = made.rsplit("/", 1)[1]
assert manage("/mail/folders/%s/rename" % number, name="案件/2027").status == 303 and folder(b, "2027") == made
assert h.post("/mail/folders/%s/delete" % number, {"csrf": h.token("/mail/folders")}).status == 404
special = inbox.rsplit("/", 1)[1]
assert manage("/mail/folders/%s/delete" % special).status == 404
assert manage("/mail/folders/%s/delete" % number).status == 303 and folder(b, "2027") is None
drafts = b.get("/mail/drafts")
assert drafts.status == 303 and "<h1>下書き</h1>" in b.get(drafts.headers["Location"]).body, "where notices lead to"
"#,
    );
}

#[test]
fn what_arrives_is_told_without_a_new_visit() {
    with_mails(
        r#"
import socket
page = b.get(inbox)
path = re.search(r'data-events="([^"]+)"', page.body).group(1).replace("&#38;", "&").replace("&amp;", "&")
plain = socket.create_connection(("127.0.0.1", WEB), timeout=20)
stream = tls.wrap_socket(plain, server_hostname="localhost")
cookie = "; ".join("%s=%s" % pair for pair in b.cookies.items())
stream.sendall(("GET %s HTTP/1.1\r\nHost: localhost:%d\r\nAccept: text/event-stream\r\nCookie: %s\r\n\r\n" % (path, WEB, cookie)).encode())
got = b""
while b"\r\n\r\n" not in got:
    got += stream.recv(4096)
assert b"200 OK" in got.split(b"\r\n")[0], got
deliver("news", "x")
while b'id="arrived"' not in got or "新着 1件を表示".encode() not in got:
    more = stream.recv(4096)
    assert more, got.decode()
    got += more
assert b'id="cnt-' in got
"#,
    );
}

#[test]
fn a_held_mail_is_decided_in_the_browser_and_shows_no_number() {
    let house = House::start();
    house.add_hanako();
    house.good(&["user", "set", "hanako@aoba.example", "--role", "handler"]);
    house.good(&["group", "set", "取扱担当者", "--tenant", "aoba", "--member", "hanako@aoba.example"]);
    house.browse(&format!(
        "{MAILS}{}",
        r#"
def hold():
    smtp = smtplib.SMTP("127.0.0.1", SUBMISSION)
    smtp.login("taro@aoba.example", PASSWORD)
    mail = ("From: <taro@aoba.example>\r\nTo: <x@outside.example>\r\nSubject: meibo\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            "個人番号: 1234 5678 9018\r\n--b\r\nContent-Type: text/csv; charset=utf-8\r\n"
            "Content-Disposition: attachment; filename=meibo.csv\r\n\r\n氏名,個人番号\r\n青葉,983205673214\r\n--b--\r\n")
    smtp.docmd("MAIL FROM:<taro@aoba.example>")
    smtp.docmd("RCPT TO:<x@outside.example>")
    code, said = smtp.data(mail.encode())
    assert code == 250 and b"held" in said, said
    smtp.close()
hold()
waiting = h.get("/approve")
case = re.search(r'href="(/approve/\d+)"', waiting.body).group(1)
assert "meibo" in waiting.body and "社外 1件" in waiting.body
page = h.get(case)
assert page.status == 200 and "本文 1行目" in page.body and "meibo.csv" in page.body and "●●●● ●●●● ●●●●" in page.body
frame = re.search(r'src="https://[^/]+(/held/[^"]+)"', page.body).group(1).replace("&#38;", "&")
text = Browser(CONTENT).get(frame)
assert text.status == 200 and "●●●●" in text.body
file = h.get(re.search(r'href="(%s/file/[^"]+)"' % case, page.body).group(1))
assert "氏名\t個人番号" in file.body
for shown in (waiting, page, text, file):
    for number in ("123456789018", "1234 5678 9018", "983205673214", "9832 0567 3214"):
        assert number not in shown.body
assert b.get(case).status == 403, "the author decides nothing"
token = h.token(case)
missing = h.post(case, {"csrf": token, "do": "return", "comment": " "})
assert missing.status == 422 and "理由を入力してください" in missing.body
assert h.post(case, {"csrf": token, "do": "return", "comment": "宛先をご確認ください 1234 5678 9018"}).headers["Location"] == "/approve"
state = b.get("/outgoing").body
assert "差し戻し" in state and "宛先をご確認ください ●●●● ●●●● ●●●●" in state and "1234 5678 9018" not in state, state
import email, imaplib
imap = imaplib.IMAP4("127.0.0.1", IMAP)
imap.login("taro@aoba.example", PASSWORD)
imap.select("INBOX")
notice = email.message_from_bytes(imap.fetch("*", "(BODY.PEEK[])")[1][0][1]).get_payload(decode=True).decode()
assert "宛先をご確認ください ●●●● ●●●● ●●●●" in notice and "9018" not in notice, notice
again = h.post(case, {"csrf": token, "do": "approve"})
assert again.headers["Location"] == "/approve" and "すでに判断されています" in h.get("/approve").body
assert "差し戻し" in h.get("/approve/history").body
hold()
mine = b.get("/outgoing").body
withdraw = re.search(r'action="(/outgoing/\d+/withdraw)"', mine).group(1)
assert h.post(withdraw, {"csrf": h.token("/mail/folders")}).status == 404
assert b.post(withdraw, {"csrf": b.token("/mail/folders")}).status == 303
assert "取り下げ" in b.get("/outgoing").body and "承認待ちのメールはありません" in h.get("/approve").body
"#
    ));
}
