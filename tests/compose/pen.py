# A person who writes mail in the browser with scripts switched off: forms as the page has them, files by multipart.
import html, http.client, re, secrets
from urllib.parse import quote, unquote, urlencode

MULTIPART = "multipart/form-data; boundary=%s"

class Page:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.to = headers["Location"] or ""
    def __repr__(self):
        return "%s %s %s" % (self.status, self.to, self.body)
    def fields(self):
        """What the form of this page would send, without its buttons."""
        found, attribute = [], lambda tag, name: (re.search(r'\b%s="([^"]*)"' % name, tag) or [None, None])[1]
        for match in re.finditer(r"<(input|textarea|select)\b([^>]*)>", self.body):
            kind, tag = match.groups()
            name = attribute(tag, "name")
            if not name or attribute(tag, "type") == "file":
                continue
            if attribute(tag, "type") == "checkbox" and " checked" not in tag:
                continue
            rest = self.body[match.end():]
            value = attribute(tag, "value") or ""
            if kind == "textarea":
                value = rest.split("</textarea>")[0].removeprefix("\n")
            if kind == "select":
                options = re.findall(r'<option value="([^"]*)"( selected)?', rest.split("</select>")[0])
                value = next((v for v, chosen in options if chosen), options[0][0])
            if kind == "input" and name == "csrf" and any(n == "csrf" for n, _ in found):
                continue
            found.append((name, html.unescape(value)))
        return found
    def form(self, form):
        """The same of the one form with this id."""
        inside = re.search(r'<form id="%s".*?</form>' % form, self.body, re.S)
        assert inside, "no form %s: %s" % (form, self)
        return Page(self.status, self.headers, inside.group(0)).fields()
    def value(self, name, form="compose"):
        return dict(self.form(form))[name]
    def boxes(self):
        return [html.unescape(v) for v in re.findall(r'<input type="checkbox" name="ok" value="([^"]*)"', self.body)]
    def text(self):
        return html.unescape(re.sub(r"<[^>]*>", "", self.body))

class Pen:
    def __init__(self, name):
        self.cookies, self.port = {}, demo["mail_port"]
        answer = self.ask("POST", "/login", urlencode({"email": name, "password": next(p["password"] for p in demo["people"] if p["address"] == name)}),
                          {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 303, answer
    def ask(self, method, path, body=None, headers=None):
        headers = {"Host": "mail.localhost:%d" % self.port, "Accept-Language": "ja", **(headers or {})}
        headers["Cookie"] = "; ".join("%s=%s" % pair for pair in self.cookies.items())
        to = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        to.request(method, path, body, headers)
        got = to.getresponse()
        page = Page(got.status, got.headers, got.read().decode("utf-8"))
        for line in got.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
        to.close()
        return page
    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)
    def post(self, path, fields):
        return self.ask("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})
    def multipart(self, path, fields, files=(), headers=None):
        edge, out = secrets.token_hex(12), b""
        for name, value in fields:
            out += ('--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (edge, name, value.replace("\n", "\r\n"))).encode()
        for name, kind, content in files:
            head = '--%s\r\nContent-Disposition: form-data; name="attachments"; filename="%s"\r\nContent-Type: %s\r\n\r\n' % (edge, name, kind)
            out += head.encode() + content + b"\r\n"
        out += ("--%s--\r\n" % edge).encode()
        return self.ask("POST", path, out, {"Content-Type": MULTIPART % edge, **(headers or {})})
    def follow(self, page):
        assert page.status == 303, page
        return self.get(page.to)
    def write(self, page, act, files=(), headers=None, **changes):
        """Presses a button of the compose page after typing."""
        fields = [(name, changes.pop(name, value)) for name, value in page.form("compose")]
        return self.multipart("/mail/compose", fields + list(changes.items()) + [("do", act)], files, headers)
    def tick(self, page, boxes=None):
        """Sends the check with these boxes ticked: all, if not told otherwise."""
        fields = [(name, value) for name, value in page.form("check") if name != "ok"]
        boxes = page.boxes() if boxes is None else boxes
        return self.post(re.search(r'<form id="check"[^>]* action="([^"]*)"', page.body).group(1), fields + [("ok", box) for box in boxes])
    def check(self, files=(), **fields):
        """A new mail as far as its check."""
        return self.follow(self.write(self.get("/mail/compose"), "check", files, **fields))
    def folder(self, name):
        """Ids of the mails of a folder, newest first."""
        page = self.get("/mail/f/" + self.folder_id(name))
        return re.findall(r'"/mail/(?:m/|compose\?draft=)(\d+\.\d+)"', page.body)
    def folder_id(self, name):
        page = self.follow(self.get("/mail"))
        return re.search(r'<a href="/mail/f/(\d+)"[^>]*>(?:(?!</a>).)*<span class="label">%s</span>' % name, page.body, re.S).group(1)
    def toast(self, page):
        while page.status == 303:
            page = self.get(page.to)
        return page.text()

def digits(text):
    """Whether twelve digits stand in a row, however they are grouped."""
    return re.search(r"(?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)", text)
