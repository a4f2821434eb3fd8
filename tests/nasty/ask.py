"""Asks an IMAP server for every piece of a mail, and tells what it said as values that can be compared and written down."""
import hashlib
import re
import socket

FIELDS = "From To Subject Content-Type X-None"
# Longer answers are told by their size and the beginning of their SHA-256.
LONG = 160


class Imap:
    def __init__(self, port, name, password):
        self.whom = port, name, password
        self.connect()

    def connect(self):
        port, name, password = self.whom
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")
        self.file.readline()
        assert self.say(f'LOGIN "{name}" "{password}"')[-1].startswith(b"t OK")

    def say(self, command, literal=None):
        """The lines of an answer, each with its literals within."""
        tail = b"" if literal is None else b" {%d+}\r\n%s" % (len(literal), literal)
        self.socket.sendall(b"t " + command.encode() + tail + b"\r\n")
        said = []
        while not said or not said[-1].startswith((b"t ", b"* BYE")):
            line = self.file.readline()
            assert line, (command[:200], said)
            while size := re.search(rb"\{(\d+)\}\r\n$", line):
                line += self.file.read(int(size[1])) + self.file.readline()
            said.append(line)
        return said

    def good(self, command, literal=None):
        said = self.say(command, literal)
        assert said[-1].startswith(b"t OK"), (command[:200], said[-1])
        return said[:-1]

    def fetch(self, number, items):
        """The answer to a FETCH as a dict, or the refusal as a string."""
        said = self.say(f"FETCH {number} ({items})")
        if b"* BYE" in said[-1]:
            self.connect()
            self.good("SELECT INBOX")
            return "BYE"
        if not said[-1].startswith(b"t OK"):
            return said[-1].decode().strip()[2:].split("]")[0]
        line = next(line for line in said if line.startswith(b"* %d FETCH (" % number))
        values, at = values_of(line, line.index(b"(") + 1)
        assert line[at:] == b")\r\n", line[at : at + 50]
        return {str(name): value for name, value in zip(values[::2], values[1::2])}


def values_of(text, at):
    """The values up to a closing bracket: bytes, numbers, None, lists; words as str."""
    values = []
    while text[at : at + 1] != b")":
        head = text[at : at + 1]
        if head == b"(":
            value, at = values_of(text, at + 1)
            at += 1
        elif head == b'"':
            end = re.compile(rb'(?:[^"\\]|\\.)*"', re.S).match(text, at + 1).end()
            value, at = re.sub(rb"\\(.)", rb"\1", text[at + 1 : end - 1], flags=re.S), end
        elif head == b" ":
            at += 1
            continue
        elif size := re.compile(rb"~?\{(\d+)\}\r\n").match(text, at):
            value, at = text[size.end() : size.end() + int(size[1])], size.end() + int(size[1])
        else:
            word = re.compile(rb"[^ ()\[]+(\[[^\]]*\])?(<\d+>)?").match(text, at)
            value, at = word[0].decode(), word.end()
            value = None if value == "NIL" else int(value) if value.isdigit() else value
        values.append(value)
    return values, at


def paths(structure, path=(), mail=True):
    """The numbers of all parts of a BODYSTRUCTURE, and beside them numbers of parts that are not there."""
    if isinstance(structure[0], list):
        children = structure[: next(at for at, part in enumerate(structure) if not isinstance(part, list))]
        if path:
            yield path
        for number, child in enumerate(children[:20], 1):
            yield from paths(child, (*path, number), False)
        yield (*path, len(children) + 1)
        return
    here = (*path, 1) if mail else path
    yield here
    if structure[0].lower() == b"message" and structure[1].lower() == b"rfc822" and len(structure) > 8 and isinstance(structure[8], list):
        yield from paths(structure[8], here, True)
    if mail:
        yield (*path, 2)


def questions(structure):
    """What is asked of a mail of this structure: the items of one FETCH, and those that may be refused."""
    plain = ["RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "BODY[]", "BODY[HEADER]", "BODY[TEXT]", f"BODY[HEADER.FIELDS ({FIELDS})]", f"BODY[HEADER.FIELDS.NOT ({FIELDS})]"]
    binary = []
    for path in list(dict.fromkeys(paths(structure)))[:60]:
        name = ".".join(map(str, path))
        plain += [f"BODY[{name}{what}]" for what in ("", ".MIME", ".HEADER", ".TEXT", f".HEADER.FIELDS ({FIELDS})")]
        binary.append(f"BINARY[{name}]")
    return plain, binary


def answers(imap, number):
    """All answers about a mail that say something: empty ones are left out, and parts without a transfer encoding."""
    plain, binary = questions(imap.fetch(number, "BODYSTRUCTURE")["BODYSTRUCTURE"])
    said = asked(imap, number, plain)
    assert isinstance(said, dict), (number, said)
    edges(imap, number, said)
    decoded = asked(imap, number, binary)
    if not isinstance(decoded, dict):
        decoded = {}
        for item in binary:
            got = asked(imap, number, [item])
            decoded |= got if isinstance(got, dict) else {item: "refused: " + got}
    said |= {item: value for item, value in decoded.items() if value != said[item.replace("BINARY", "BODY")]}
    return {item: written(value) for item, value in said.items() if value not in (None, b"")}


def asked(imap, number, items):
    """The answers to these items, or a refusal."""
    said = {}
    for at in range(0, len(items), 50):
        pack = items[at : at + 50]
        got = imap.fetch(number, " ".join(item.replace("[", ".PEEK[", 1) for item in pack))
        if not isinstance(got, dict):
            return got
        got = {name.upper(): value for name, value in got.items()}
        said |= {item: got[item.upper()] for item in pack}
    return said


def edges(imap, number, said):
    """Partials at every edge are slices of the whole (RFC 3501 6.4.5)."""
    wanted = {}
    for item in ("BODY[]", "BODY[HEADER]", "BODY[TEXT]", "BODY[1]", "BODY[1.MIME]"):
        whole = said.get(item) or b""
        size = len(whole)
        places = {0: 1, 3: 7, size: 1, size + 1: 5, 4294967295: 1, 1: 4294967295}
        if size > 8:
            places |= {size - 1: 5, size - 2: 2, size // 2: size, 2: size + 1}
        wanted |= {f"{item}<{offset}.{count}>": whole[offset : offset + count] for offset, count in places.items()}
    got = imap.fetch(number, " ".join(item.replace("[", ".PEEK[", 1) for item in wanted))
    for item, value in wanted.items():
        name = item[: item.rindex(".")] + ">"
        assert (got[name] or b"") == value, (item, got[name], value)


def written(value):
    """A value as it is written down."""
    if isinstance(value, bytes):
        return value.decode("latin-1") if len(value) <= LONG else f"{len(value)} bytes, SHA-256 {digest(value)}"
    if isinstance(value, list):
        flat = [written(one) for one in value]
        text = repr(flat)
        return flat if len(text) <= 4_000 else f"a list, SHA-256 {digest(text.encode())}"
    return value if value is None or isinstance(value, int) else str(value)


def digest(value):
    return hashlib.sha256(value).hexdigest()[:16]


def everything(port, name, password, mails):
    """What a server answers about each mail, by the names of the mails. It holds no mail of that person's before."""
    imap, all_answers, number = Imap(port, name, password), {}, 0
    for title, mail in mails:
        if not imap.say("APPEND INBOX", mail)[-1].startswith(b"t OK"):
            all_answers[title] = {"APPEND": "refused"}
            continue
        number += 1
        imap.good("SELECT INBOX")
        all_answers[title] = answers(imap, number)
    return all_answers
