//! Mail programs that set themselves up: what Thunderbird, Outlook and Apple's devices ask, what people type by hand, and
//! what the console tells of DNS.

use crate::house::{House, PASSWORD};

/// Names for the ports that answers must tell.
fn ports(house: &House) -> String {
    format!(
        "DOORS = {{'imap': [{}, {}], 'pop3': [{}, {}], 'smtp': [{}, {}]}}\nimport xml.etree.ElementTree as ET\n",
        house.imaps, house.imap, house.pop3s, house.pop3, house.submissions, house.submission
    )
}

#[test]
fn thunderbird_finds_every_door_of_our_domain_and_nothing_of_another() {
    let house = House::start();
    let program = r#"
b = Browser(WEB, User_Agent="Thunderbird")
paths = ["/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml"]
for path in paths:
    for address in ("taro@aoba.example", "nobody%40aoba.example"):
        got = b.get(path + "?emailaddress=" + address)
        assert got.status == 200 and got.headers["Content-Type"].startswith("text/xml"), got
        config = ET.fromstring(got.body.encode())
        assert config.tag == "clientConfig" and config.find("emailProvider/domain").text == "aoba.example"
        for kind, tag in (("imap", "incomingServer"), ("pop3", "incomingServer"), ("smtp", "outgoingServer")):
            found = [(int(s.find("port").text), s.find("socketType").text) for s in config.iter(tag) if s.get("type") == kind]
            assert found == list(zip(DOORS[kind], ("SSL", "STARTTLS"))), (kind, found)
        for server in list(config.iter("incomingServer")) + list(config.iter("outgoingServer")):
            assert server.find("hostname").text == "mail.aoba.example"
            assert server.find("username").text == "%EMAILADDRESS%"
# whether the address exists makes no difference
one, two = (b.get(paths[0] + "?emailaddress=" + name + "@aoba.example").body for name in ("taro", "nobody"))
assert one == two
assert b.get(paths[0] + "?emailaddress=x@elsewhere.example").status == 404
assert b.get(paths[1]).status == 404
assert b.get(paths[1], Host="autoconfig.aoba.example").body == one
"#;
    house.browse(&(ports(&house) + program));
}

#[test]
fn outlook_finds_the_best_doors_whoever_asks() {
    let house = House::start();
    let program = r#"
b = Browser(WEB, User_Agent="Microsoft Office/16.0")
def ask(address, path="/autodiscover/autodiscover.xml"):
    body = f'''<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
<Request><EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>'''
    got = b.ask("POST", path, body=body.encode(), Content_Type="text/xml")
    assert got.status == 200, got
    return got.body
NS = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"
for path in ("/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml"):
    answer = ET.fromstring(ask("taro@aoba.example", path).encode())
    found = {p.find(NS + "Type").text: p for p in answer.iter(NS + "Protocol")}
    assert {kind: int(p.find(NS + "Port").text) for kind, p in found.items()} == {k.upper(): v[0] for k, v in DOORS.items()}
    for p in found.values():
        assert (p.find(NS + "SSL").text, p.find(NS + "LoginName").text) == ("on", "taro@aoba.example")
assert ask("nobody@aoba.example") == ask("taro@aoba.example").replace("taro@", "nobody@")
# what is no address of ours is refused and stands nowhere in the answer
for wrong in ("x@elsewhere.example", "nothing", "&lt;b&gt;@aoba.example", "<b>x</b>@aoba.example"):
    got = ask(wrong)
    ET.fromstring(got.encode())
    assert "<ErrorCode>" in got and "elsewhere" not in got and "<b>" not in got, got
assert "<ErrorCode>600" in b.get("/autodiscover/autodiscover.xml").body
"#;
    house.browse(&(ports(&house) + program));
}

#[test]
fn the_settings_tell_what_to_type_and_give_a_profile_without_a_password() {
    let house = House::start();
    let program = r#"
import plistlib
b = Browser(WEB)
assert b.get("/settings/mail-app").status == 303, "for those who are signed in"
assert b.get("/settings/mail-app/sekisho.mobileconfig").status == 303
b.sign_in("taro@aoba.example")
page = b.get("/settings/mail-app").body
for word in ("メールソフトの設定", "mail.aoba.example", "taro@aoba.example", "設定プロファイルをダウンロード"):
    assert word in page, word
for port in sum(DOORS.values(), []):
    assert ">%d<" % port in page, port
got = b.get("/settings/mail-app/sekisho.mobileconfig")
assert got.headers["Content-Type"] == "application/x-apple-aspen-config", got.headers
profile = plistlib.loads(got.body.encode())
account, = profile["PayloadContent"]
assert profile["PayloadType"] == "Configuration" and account["PayloadType"] == "com.apple.mail.managed"
assert (account["IncomingMailServerPortNumber"], account["OutgoingMailServerPortNumber"]) == (DOORS["imap"][0], DOORS["smtp"][0])
assert account["EmailAddress"] == account["IncomingMailServerUsername"] == "taro@aoba.example"
assert account["EmailAccountName"] == "太郎" and account["IncomingMailServerUseSSL"] is True
assert not any("Password" in key and isinstance(value, str) and PASSWORD in value for key, value in account.items())
assert PASSWORD not in got.body
again = plistlib.loads(b.get("/settings/mail-app/sekisho.mobileconfig").body.encode())
assert again == profile, "a second one takes the place of the first"
"#;
    house.browse(&(ports(&house) + program));
}

#[test]
fn the_console_tells_the_records_of_a_domain() {
    let house = House::start();
    // in whichever spelling it is named
    house.good(&["domain", "add", "例え.jp", "--tenant", "aoba"]);
    assert!(house.good(&["domain", "dkim", "make", "xn--r8jz45g.jp"]).contains("._domainkey.xn--r8jz45g.jp. IN TXT "));
    house.good_with(&["user", "add", "gen@xn--r8jz45g.jp", "--name", "源", "--password-stdin"], PASSWORD);
    assert!(house.good(&["user", "list"]).contains("gen@例え.jp\t"));
    let program = r#"
b = Browser(ADMIN)
b.sign_in("taro@aoba.example")
assert 'href="/domains/aoba.example"' in b.get("/domains").body
page = b.get("/domains/aoba.example").body
for name, port in (("imaps", DOORS["imap"][0]), ("pop3s", DOORS["pop3"][0]), ("submissions", DOORS["smtp"][0])):
    assert "_%s._tcp.aoba.example. IN SRV 0 1 %d mail.aoba.example." % (name, port) in page, page
assert "autoconfig.aoba.example. IN CNAME mail.aoba.example." in page
assert b.get("/domains/elsewhere.example").status == 404
page = b.get("/domains/xn--r8jz45g.jp").body
for start in ("_imaps._tcp.", "_autodiscover._tcp.", "autoconfig.", "autodiscover."):
    assert start + "xn--r8jz45g.jp. IN " in page and start + "例え.jp" not in page, page
"#;
    house.browse(&(ports(&house) + program));
}
