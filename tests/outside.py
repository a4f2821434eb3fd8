# The outside world with nothing of ours in it: aiosmtpd takes mail, dnslib answers for its domains.
# outside.py DIR CERTIFICATE KEY [MX-ADDRESS]: prints its ports, keeps what it takes in DIR/taken, ends with its stdin.
import asyncio, base64, collections, json, os, ssl, sys

from aiosmtpd.smtp import SMTP
from dnslib import A, MX, QTYPE, RCODE, RR, SOA, TXT, DNSRecord

DIR, CERTIFICATE, KEY = sys.argv[1:4]
MX_ADDRESS = sys.argv[4] if len(sys.argv) > 4 else None
tries = collections.Counter()
slow = []  # the connections of mails that wait for DIR/go


class Outside(SMTP):
    """aiosmtpd with PIPELINING, and with mishaps that a recipient's name asks for."""

    async def smtp_MAIL(self, arg):
        # the next command has come before this one is answered
        self.pipelined = bool(self._reader._buffer)
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg):
        if self.first_try("dies"):
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)

    def first_try(self, name):
        """Whether a recipient of this name is there for the first time."""
        there = [one for one in self.envelope.rcpt_tos if one.startswith(name + "@")]
        tries.update(there)
        return any(tries[one] == 1 for one in there)


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses[:1] + ["250-PIPELINING", "250-ENHANCEDSTATUSCODES"] + responses[1:]

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        if name == "nobody":
            return "550 5.1.1 <%s>: there is no such person" % address
        if name == "later":
            tries[address] += 1
            if tries[address] == 1:
                return "451 4.2.1 please come again"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        if any(one.startswith("refused@") for one in envelope.rcpt_tos):
            return "554 5.7.1 not by our policy"
        if any(one.startswith("slow@") for one in envelope.rcpt_tos):
            slow.append(session.peer[1])
            with open(f"{DIR}/slow", "a") as file:
                file.write(f"{len(slow)}\n")
            while not os.path.exists(f"{DIR}/go"):
                await asyncio.sleep(0.02)
            slow.remove(session.peer[1])
        mail = {
            "connection": session.peer[1], "helo": session.host_name, "tls": session.ssl is not None,
            "pipelined": server.pipelined, "from": envelope.mail_from, "to": envelope.rcpt_tos,
            "options": envelope.mail_options, "bytes": base64.b64encode(envelope.content).decode(),
        }
        with open(f"{DIR}/taken", "a") as file:
            file.write(json.dumps(mail) + "\n")
        return "250 2.0.0 taken"


def answer(question):
    """What the domains' own name server says: outcome, records."""
    name, kind = str(question.qname).rstrip(".").lower(), QTYPE[question.qtype]
    if name == "broken.example" and not os.path.exists(f"{DIR}/mended"):
        return RCODE.SERVFAIL, []
    zone = {
        ("partner.example", "MX"): [MX("mx1.partner.example", 10), MX("mx2.partner.example", 20)],
        ("mx1.partner.example", "A"): [A("127.53.0.9")],  # nobody listens there
        ("mx2.partner.example", "A"): [A(MX_ADDRESS or "127.53.0.9")],
        ("bare.example", "A"): [A(MX_ADDRESS or "127.53.0.9")],
        ("nomail.example", "MX"): [MX(".", 0)],
        ("broken.example", "MX"): [MX("mx2.partner.example", 10)],
    }
    if os.path.exists(f"{DIR}/texts"):
        with open(f"{DIR}/texts") as file:
            texts = json.load(file)
        # a text of over 255 characters is several strings
        strings = lambda text: TXT([text[at:at + 255].encode() for at in range(0, len(text), 255)])
        zone.update({(name, "TXT"): [strings(text)] for name, text in texts.items()})
    if not any(name == known for known, _ in zone):
        return RCODE.NXDOMAIN, []
    return RCODE.NOERROR, zone.get((name, kind), [])


class Names(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        asked = DNSRecord.parse(data)
        outcome, records = answer(asked.q)
        reply = asked.reply()
        reply.header.rcode = outcome
        for record in records:
            reply.add_answer(RR(asked.q.qname, asked.q.qtype, ttl=0, rdata=record))
        if not records and outcome != RCODE.SERVFAIL:
            reply.add_auth(RR("example", QTYPE.SOA, ttl=0, rdata=SOA("ns.example", "root.example", (1, 1, 1, 1, 0))))
        self.transport.sendto(reply.pack(), peer)


async def main():
    loop = asyncio.get_running_loop()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE, KEY)
    make = lambda: Outside(Handler(), hostname="mx2.partner.example", tls_context=tls, enable_SMTPUTF8=True, loop=loop)
    by_route = await loop.create_server(make, "127.0.0.1", 0)
    if MX_ADDRESS:
        await loop.create_server(make, MX_ADDRESS, 25)
    names, _ = await loop.create_datagram_endpoint(Names, ("127.0.0.1", 0))
    print(by_route.sockets[0].getsockname()[1], names.get_extra_info("sockname")[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
