//! Where clients and servers part ways: partials at the edges, mail in mail, charsets, patterns.

use super::house::House;

const OUTER: &str = "From: a@b.example\r\nSubject: outer\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\
    Content-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n\
    --i\r\n\r\none\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>two\r\n--i--\r\n--o--\r\n";

/// The value of the one item that was asked for.
fn value(answer: &[String]) -> &str {
    answer[0].split_once("\r\n").unwrap().1.strip_suffix(')').unwrap()
}

#[tokio::test]
async fn partials_end_with_the_mail_and_begin_behind_it_with_nothing() {
    let house = House::new();
    house.engine.deliver(b"Subject: a\r\n\r\n0123456789", b"", vec![]);
    let mut client = house.inbox().await;
    for (partial, want) in [
        ("<0.3>", "012"),
        ("<8.2>", "89"),
        ("<8.100>", "89"),
        ("<9.1>", "9"),
        ("<10.1>", ""),
        ("<99.5>", ""),
        ("<0.4294967295>", "0123456789"),
        ("<4294967295.4294967295>", ""),
    ] {
        let answer = client.ok(&format!("FETCH 1 BODY.PEEK[TEXT]{partial}")).await;
        assert_eq!(value(&answer), want, "{partial}");
        let offset = partial.split('.').next().unwrap();
        assert!(answer[0].starts_with(&format!("* 1 FETCH (BODY[TEXT]{offset}> {{{}}}", want.len())), "{answer:?}");
    }
    assert!(client.fails("FETCH 1 BODY[TEXT]<0.0>").await.starts_with("BAD"));
}

#[tokio::test]
async fn the_parts_of_an_attached_mail_have_numbers_headers_and_a_structure_of_their_own() {
    let house = House::new();
    house.engine.deliver(OUTER.as_bytes(), b"", vec![]);
    let mut client = house.inbox().await;
    for (section, want) in [
        ("1.MIME", "Content-Type: message/rfc822\r\n\r\n"),
        ("1.HEADER.FIELDS (Subject)", "Subject: inner\r\n\r\n"),
        ("1.1", "one"),
        ("1.2", "<p>two"),
        ("1.2.MIME", "Content-Type: text/html\r\n\r\n"),
        ("1.1.MIME", "\r\n"),
        ("1.3", ""),
        ("HEADER.FIELDS (subject)", "Subject: outer\r\n\r\n"),
    ] {
        let answer = client.ok(&format!("FETCH 1 BODY.PEEK[{section}]")).await;
        assert_eq!(value(&answer), want, "{section}");
    }
    let text = client.ok("FETCH 1 BODY.PEEK[1.TEXT]").await;
    assert!(value(&text).starts_with("--i\r\n\r\none\r\n--i\r\n"), "{text:?}");
    let structure = client.ok("FETCH 1 BODYSTRUCTURE").await.remove(0);
    assert!(
        structure.starts_with("* 1 FETCH (BODYSTRUCTURE ((\"message\" \"rfc822\" NIL NIL NIL \"7bit\" "),
        "{structure}"
    );
    assert!(structure.contains("(NIL \"inner\" ((NIL NIL \"c\" \"d.example\"))"), "{structure}");
    assert!(structure.contains("((\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 3 "), "{structure}");
}

#[tokio::test]
async fn a_search_is_read_in_the_charset_that_it_names() {
    let house = House::new();
    house.engine.deliver("Subject: =?UTF-8?B?6KaL56mN5pu4?=\r\n\r\nx\r\n".as_bytes(), b"", vec![]);
    let mut client = house.inbox().await;
    for (charset, text) in [
        ("ISO-2022-JP", &b"\x1b$B8+@Q\x1b(B"[..]),
        ("utf-8", "積書".as_bytes()),
        ("Shift_JIS", b"\x90\xcf\x8f\x91"),
        ("EUC-JP", b"\xc0\xd1\xbd\xf1"),
    ] {
        let head = format!("a SEARCH CHARSET {charset} SUBJECT {{{}+}}\r\n", text.len());
        client.send([head.as_bytes(), text, b"\r\n"].concat()).await;
        assert_eq!(client.answer("a").await, ["* SEARCH 1", "OK SEARCH completed."], "{charset}");
    }
    // the same bytes mean other characters in another charset, which stand in no subject
    client.send(b"a SEARCH CHARSET Shift_JIS SUBJECT {2+}\r\n\xc0\xd1\r\n").await;
    assert_eq!(client.answer("a").await, ["* SEARCH", "OK SEARCH completed."]);
    let refused = client.fails("SEARCH CHARSET KOI8-R SUBJECT x").await;
    assert!(refused.starts_with("NO [BADCHARSET (UTF-8 "), "{refused}");
}

#[tokio::test]
async fn status_tells_of_the_selected_mailbox_too() {
    let house = House::new();
    let mut client = house.inbox().await;
    house.engine.deliver(b"Subject: a\r\n\r\nx\r\n", b"", vec![]);
    let answer = client.ok("STATUS INBOX (MESSAGES UNSEEN)").await;
    assert!(answer.contains(&"* STATUS INBOX (MESSAGES 1 UNSEEN 1)".to_owned()), "{answer:?}");
    client.ok("NOOP").await;
    assert_eq!(client.ok("FETCH 1 (RFC822.SIZE)").await, ["* 1 FETCH (RFC822.SIZE 17)"]);
}

#[tokio::test]
async fn patterns_of_list_stop_at_the_separator_where_they_must() {
    let house = House::new();
    let mut client = house.client().await;
    client.ok("CREATE a/b/c").await;
    for (arguments, want) in [
        ("\"\" a/%", vec!["a/b"]),
        ("\"\" a/*", vec!["a/b", "a/b/c"]),
        ("a/ %", vec!["a/b"]),
        ("\"\" %/%", vec!["a/b"]),
        ("\"\" a*c", vec!["a/b/c"]),
        ("\"\" a%c", vec![]),
        ("a/b/ c", vec!["a/b/c"]),
    ] {
        let listed = client.ok(&format!("LIST {arguments}")).await;
        let names: Vec<&str> = listed.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!(names, want, "{arguments}");
    }
}
