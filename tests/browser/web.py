# A browser without scripts for tests: pages by http.client, forms as they stand in the HTML. Standard library only.
import http.client, mimetypes, os, re, urllib.parse, uuid
from html.parser import HTMLParser

VOID = {"input", "img", "br", "meta", "link", "hr", "source", "wbr", "col"}


class Page(HTMLParser):
    """An answer: status, headers, its forms, links, tags and visible text."""

    def __init__(self, path, status, headers, html):
        super().__init__()
        self.path, self.status, self.headers, self.html = path, status, headers, html
        self.forms, self.links, self.tags, self.words = [], [], [], []
        self.form = self.button = self.select = self.area = None
        self.hidden = 0
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        self.tags.append((tag, at))
        if tag in ("script", "style", "title"):
            self.hidden += 1
        if tag == "form":
            form = {"action": at.get("action") or self.path, "method": (at.get("method") or "get").upper(), "id": at.get("id"),
                    "multipart": at.get("enctype") == "multipart/form-data", "fields": [], "files": [], "buttons": []}
            self.form = form
            self.forms.append(form)
        owner = self.form
        if at.get("form"):
            owner = next((form for form in self.forms if form["id"] == at["form"]), owner)
        if tag in ("a", "iframe", "img") and (at.get("href") or at.get("src")):
            self.links.append((tag, at.get("href") or at.get("src")))
        if owner is None:
            return
        name = at.get("name")
        if tag == "input":
            kind = at.get("type", "text")
            if kind == "file":
                owner["files"].append(name)
            elif kind in ("submit", "image"):
                owner["buttons"].append({"name": name, "value": at.get("value", ""), "text": at.get("value", ""), "action": at.get("formaction")})
            elif name and (kind not in ("checkbox", "radio") or "checked" in at):
                owner["fields"].append([name, at.get("value", "on" if kind in ("checkbox", "radio") else "")])
        elif tag == "button" and at.get("type", "submit") == "submit":
            self.button = {"name": name, "value": at.get("value", ""), "text": at.get("aria-label", ""), "action": at.get("formaction"), "disabled": "disabled" in at}
            owner["buttons"].append(self.button)
        elif tag == "select":
            self.select = [name, ""]
            owner["fields"].append(self.select)
        elif tag == "option" and self.select and ("selected" in at or not self.select[1]):
            self.select[1] = at.get("value", "")
        elif tag == "textarea" and name:
            self.area = [name, ""]
            owner["fields"].append(self.area)

    def handle_endtag(self, tag):
        if tag in ("script", "style", "title"):
            self.hidden -= 1
        if tag == "form":
            self.form = None
        elif tag == "button":
            self.button = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.area:
            self.area[1] = self.area[1].removeprefix("\n")
            self.area = None

    def handle_data(self, data):
        if self.area:
            self.area[1] += data
        elif not self.hidden:
            self.words.append(data)
            if self.button:
                self.button["text"] += data.strip()

    def find(self, text):
        """The form and button whose words hold `text`."""
        for form in self.forms:
            for button in form["buttons"]:
                if text in button["text"]:
                    return form, button
        raise AssertionError("no button %r on %s: %s\n%s" % (text, self.path, [b["text"] for f in self.forms for b in f["buttons"]], self.text))

    def link(self, pattern):
        """The first link whose address matches."""
        return next((href for _, href in self.links if re.search(pattern, href)), None)


class Site:
    """One origin and the cookies of one person there."""

    def __init__(self, base):
        self.base = base.rstrip("/")
        url = urllib.parse.urlsplit(self.base)
        self.host, self.port = url.netloc, url.port
        self.cookies = {}

    def request(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        send = {"Host": self.host, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
                "Accept-Language": "ja", **dict(headers)}
        if self.cookies:
            send["Cookie"] = "; ".join("%s=%s" % pair for pair in self.cookies.items())
        connection.request(method, path, body, send)
        answer = connection.getresponse()
        data = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            if "max-age=0" in line.lower():
                del self.cookies[name]
        connection.close()
        return answer, data

    def get(self, path, **more):
        return self.follow(path, *self.request("GET", path, **more))

    def follow(self, path, answer, data):
        for _ in range(8):
            if answer.status not in (301, 302, 303, 307):
                break
            path = urllib.parse.urljoin(self.base + path, answer.headers["Location"]).removeprefix(self.base)
            answer, data = self.request("GET", path)
        html = data.decode("utf-8", "replace") if "text/html" in answer.headers.get("Content-Type", "") else ""
        return Page(path, answer.status, answer.headers, html)

    def submit(self, page, words, files=(), /, **given):
        """Clicks the button with these words after putting values into fields; `files`: (name, bytes, type)."""
        form, button = page.find(words)
        fields = [(name, value) for name, value in form["fields"] if name not in given]
        for name, value in given.items():
            fields += [(name, one) for one in (value if isinstance(value, (list, tuple)) else [value])]
        if button["name"]:
            fields.append((button["name"], button["value"]))
        action = urllib.parse.urljoin(page.path, button["action"] or form["action"])
        if form["method"] == "GET":
            return self.get(action.partition("?")[0] + "?" + urllib.parse.urlencode(fields))
        if form["multipart"]:
            body, kind = multipart(fields, [(form["files"][0], *file) for file in files])
        else:
            assert not files, "the form takes no files"
            body, kind = urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
        return self.follow(action, *self.request("POST", action, body, {"Content-Type": kind, "Origin": self.base}))

    def sign_in(self, address, password):
        page = self.submit(self.get("/login"), "サインイン", email=address, password=password)
        assert page.status == 200 and "/login" not in page.path, (page.status, page.path, page.text[:400])
        return page


def multipart(fields, files):
    mark = uuid.uuid4().hex
    parts = [b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (mark.encode(), n.encode(), v.encode()) for n, v in fields]
    for name, file, data, kind in files:
        head = '--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n' % (mark, name, file, kind)
        parts.append(head.encode() + data + b"\r\n")
    return b"".join(parts) + b"--%s--\r\n" % mark.encode(), "multipart/form-data; boundary=" + mark
