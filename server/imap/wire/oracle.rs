//! Our grammar beside imap-codec's: where it takes a line, ours means the same, or the reason stands in
//! [`Difference`].

mod generated;
mod meaning;

use imap_codec::CommandCodec;
use imap_codec::decode::Decoder as _;
use imap_codec::imap_types::command::CommandBody;
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::mailbox::Mailbox;

use meaning::{flags, mailbox, meaning};

use super::append;
use super::command::{Command, Password, parse};
use super::cursor::{Cursor, ParseError};
use super::date::parse_date_time;

/// Why we refuse or read otherwise what imap-codec takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Difference {
    /// An extension that we do not announce (SETQUOTA).
    NotAnnounced,
    /// `\Foo`: RFC 3501 keeps flag-extension for the future; PERMANENTFLAGS names what may be stored.
    FlagExtension,
    /// A mailbox name that cannot be: no modified UTF-7, empty, an empty level, a control character.
    Name,
    /// A charset that SEARCH does not know: `NO [BADCHARSET]` (RFC 3501 6.4.4).
    Charset,
    /// A name, password or field name that is no UTF-8, or an empty field name.
    NotText,
    /// A keyword longer than we keep.
    Keyword,
    /// STATUS or FETCH of no items, which the grammar does not have.
    Empty,
    /// A MODSEQ of more than 63 bits (RFC 7162 section 7).
    ModSeq,
    /// UNCHANGEDSINCE twice (RFC 7162 section 7).
    Twice,
    /// `*` in what a client that comes back knows (RFC 7162 3.2.5.1).
    Known,
    /// VANISHED without UID FETCH and CHANGEDSINCE (RFC 7162 3.2.6).
    Vanished,
    /// What is no name of an annotation, or has no value (RFC 5464 3.2).
    Entry,
}

type Meaning<T> = Result<T, Difference>;

/// Both read `line` (with its line end); whether imap-codec took it, and why we differ if we do.
fn compare(line: &[u8]) -> Option<Meaning<()>> {
    let (rest, theirs) = CommandCodec::default().decode(line).ok()?;
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(line));
    if let CommandBody::List { reference: Mailbox::Inbox, .. } | CommandBody::Lsub { reference: Mailbox::Inbox, .. } =
        theirs.body
    {
        // imap-codec forgets in which case INBOX was written, and before a pattern that is no INBOX it matters
        return None;
    }
    let shown = String::from_utf8_lossy(line).into_owned();
    let ours = parse(line.strip_suffix(b"\r\n").unwrap(), 50);
    Some(match meaning(&theirs.body) {
        Ok(wanted) => {
            let ours = ours.unwrap_or_else(|error| panic!("{shown}: we say {error}, they read {theirs:?}"));
            assert_eq!((ours.tag.as_str(), &ours.command), (theirs.tag.inner(), &wanted), "{shown}");
            Ok(())
        }
        Err(Difference::Charset) => {
            assert_eq!(ours, Err(ParseError::Charset), "{shown}");
            Err(Difference::Charset)
        }
        Err(difference) => {
            assert!(ours.is_err(), "{shown}: {difference:?}, yet we read {ours:?}");
            Err(difference)
        }
    })
}

#[test]
fn the_lines_of_rfc_3501_mean_the_same_to_both() {
    for line in RFC_3501.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = format!("{line}\r\n").replace("\\r\\n", "\r\n");
        assert_eq!(compare(line.as_bytes()), Some(Ok(())), "{line}");
    }
}

/// The client's lines of RFC 3501's sections 6 and 8, and of the extensions that we announce.
const RFC_3501: &str = r##"
    abcd CAPABILITY
    a002 NOOP
    A023 LOGOUT
    a002 STARTTLS
    a001 LOGIN SMITH SESAME
    A142 SELECT INBOX
    A932 EXAMINE blurdybloop
    A003 CREATE owatagusiam/
    A004 CREATE owatagusiam/blurdybloop
    A683 DELETE blurdybloop
    A685 DELETE foo
    Z433 RENAME INBOX old-mail
    A683 RENAME zowie foo.bar
    A002 SUBSCRIBE #news.comp.mail.mime
    A002 UNSUBSCRIBE #news.comp.mail.mime
    A101 LIST "" ""
    A102 LIST #news.comp.mail.misc ""
    A202 LIST ~/Mail/ %
    A002 LSUB "#news." "comp.mail.*"
    A042 STATUS blurdybloop (UIDNEXT MESSAGES)
    FXXZ CHECK
    A341 CLOSE
    A202 EXPUNGE
    A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"
    A283 SEARCH TEXT "string not in mailbox"
    A284 SEARCH CHARSET UTF-8 TEXT {6}\r\nXXXXXX
    A654 FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])
    A003 STORE 2:4 +FLAGS (\Deleted)
    A003 COPY 2:4 MEETING
    A999 UID FETCH 4827313:4828442 FLAGS
    a004 fetch 12 body[header]
    a005 store 12 +flags \deleted
    a006 UID SEARCH 1:100 UID 443:557
    A001 FETCH 1 (BODY.PEEK[4.1.MIME] BODY[3.2.HEADER.FIELDS.NOT (X-A "x b")]<0.2048> RFC822.TEXT)
    A002 UID STORE 1,3:*,*:9 -FLAGS.SILENT ($Forwarded \Seen)
    A101 UID EXPUNGE 3000:3002
    a UID MOVE 42:69 foo
    a101 IDLE
    A ENABLE X-GOOD-IDEA
    a NAMESPACE
    a023 ID ("name" "sodr" "version" "19.34" "vendor" NIL)
    a042 ID NIL
    B002 UNSELECT
    a SEARCH OR (SEEN LARGER 5) NOT (1:3 DELETED) HEADER X-Spam "" KEYWORD $x UNKEYWORD $y SENTON "3-Mar-2020"
    a LOGIN {4+}\r\ntaro {6}\r\nse cre
    a SELECT "&ZeVnLIqe-/a \"b\" \\c"
    G0001 GETQUOTA ""
    D05 COMPRESS DEFLATE
    a1 FETCH 1 (BINARY.PEEK[1.2]<0.5> BINARY[] BINARY.SIZE[3])
    A282 SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994
    A283 UID SORT (SUBJECT REVERSE DATE) UTF-8 ALL
    A284 THREAD ORDEREDSUBJECT UTF-8 ALL
    A285 THREAD REFERENCES US-ASCII TEXT "gewp"
    A003 GETQUOTAROOT INBOX
    S0000 STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)
    A01 STATUS frop (MESSAGES SIZE HIGHESTMODSEQ)
    A286 THREAD REFS UTF-8 SUBJECT "a b"
    a SEARCH UNSEEN YOUNGER 259200 OLDER 60
    a1 SEARCH MODSEQ 620162338
    a2 UID SEARCH MODSEQ "/flags/\\draft" all 620162338 SEEN
    A150 SORT (REVERSE SIZE DISPLAYFROM) US-ASCII MODSEQ 5
    s103 FETCH 1:* (FLAGS MODSEQ) (CHANGEDSINCE 12345)
    s100 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)
    d105 STORE 7,5,9 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\Deleted)
    b108 UID STORE 100 (UNCHANGEDSINCE 0) FLAGS \Seen
    A142 SELECT INBOX (CONDSTORE)
    A03 SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))
    A04 EXAMINE INBOX (QRESYNC (67890007 90060115194045000 1:29997 (5000,7500,9000 15000,22500,27000)) CONDSTORE)
    A05 SELECT INBOX (QRESYNC (67890007 20050715194045000 (5 6)))
    a ENABLE CONDSTORE METADATA utf8=accept
    a SELECT "送信済み/控え"
    a SEARCH SUBJECT "見積り"
    a GETMETADATA "" /shared/comment
    a GETMETADATA INBOX (/shared/comment /private/Comment)
    a GETMETADATA (MAXSIZE 1024 DEPTH 1) "INBOX" /private/filters/values
    a GETMETADATA (DEPTH infinity) "" (/private /shared)
    a SETMETADATA INBOX (/private/comment {33}\r\nMy new comment across\r\ntwo lines.)
    a SETMETADATA "" (/PRIVATE/comment NIL /shared/comment "a \"b\"" /shared/x ~{3+}\r\na.b)
"##;

#[test]
fn each_difference_is_one_that_we_chose() {
    for (line, difference) in [
        ("a SETQUOTA \"\" (STORAGE 5)", Difference::NotAnnounced),
        ("a STORE 1 +FLAGS (\\Foo)", Difference::FlagExtension),
        ("a SELECT a//b", Difference::Name),
        ("a SELECT &x", Difference::Name),
        ("a SELECT \"\"", Difference::Name),
        ("a SEARCH CHARSET X-NO ALL", Difference::Charset),
        ("a LOGIN {1+}\r\n\u{80} x", Difference::NotText),
        ("a FETCH 1 BODY[HEADER.FIELDS (\"\")]", Difference::NotText),
        ("a SEARCH MODSEQ 9223372036854775808", Difference::ModSeq),
        ("a STORE 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()", Difference::ModSeq),
        ("a STORE 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 1) FLAGS ()", Difference::Twice),
        ("a SELECT INBOX (QRESYNC (1 2 3:*))", Difference::Known),
        ("a SELECT INBOX (QRESYNC (1 2 3 (4 *)))", Difference::Known),
        ("a FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)", Difference::Vanished),
        ("a UID FETCH 1 FLAGS (VANISHED)", Difference::Vanished),
        ("a GETMETADATA INBOX /comment", Difference::Entry),
        ("a GETMETADATA INBOX \"/shared/a b\"", Difference::Entry),
        ("a SETMETADATA INBOX (/shared \"x\")", Difference::Entry),
        ("a THREAD FOO UTF-8 ALL", Difference::NotAnnounced),
    ] {
        let line: Vec<u8> = format!("{line}\r\n").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(compare(&line), Some(Err(difference)), "{}", String::from_utf8_lossy(&line));
    }
}

/// What we take and imap-codec has no grammar for; tables of their own hold these against the examples of their RFCs (in
/// `list.rs`, `search.rs`, `fetch.rs` and so on). Of LIST-EXTENDED it has the answers alone (`ext_list_extended`). Once it reads one
/// of these it is to be compared.
#[test]
fn what_imap_codec_cannot_read_is_named() {
    for line in UNREAD.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = format!("{line}\r\n").replace("\\r\\n", "\r\n");
        let ours = parse(line.strip_suffix("\r\n").unwrap().as_bytes(), 50);
        assert!(ours.is_ok(), "{line}: {ours:?}");
        let theirs = CommandCodec::default().decode(line.as_bytes());
        assert!(theirs.is_err(), "{line}: it is read now, so it can be compared: {theirs:?}");
    }
}

/// LIST-EXTENDED, LIST-STATUS, SPECIAL-USE (5258, 5819, 6154), ESEARCH, ESORT, SEARCHRES, PARTIAL (4731, 5267, 5182, 9394), the keys and
/// items of SAVEDATE, OBJECTID, PREVIEW and APPENDLIMIT (8514, 8474, 8970, 7889), ACL, LIST-MYRIGHTS, LIST-METADATA and NOTIFY (4314, 8440,
/// 9590, 5465), options of GETMETADATA where RFC 5464's own examples have them.
const UNREAD: &str = r##"
    a LIST (SUBSCRIBED) "" "*" RETURN (CHILDREN)
    a LIST "" % RETURN (STATUS (MESSAGES UNSEEN) MYRIGHTS METADATA (/shared/comment))
    a LIST "" (INBOX Drafts)
    a CREATE Everything (USE (\All))
    a SEARCH RETURN (MIN COUNT) FLAGGED
    a UID SORT RETURN (ALL) (DATE) UTF-8 ALL
    a FETCH $ FLAGS
    a UID FETCH 1:* FLAGS (PARTIAL -1:-30)
    a SEARCH SAVEDSINCE 28-Dec-2014
    a SEARCH EMAILID M6d99ac3275bb4e
    a FETCH 1 (PREVIEW SAVEDATE EMAILID THREADID)
    a STATUS INBOX (APPENDLIMIT MAILBOXID)
    a SETACL INBOX taro lrs
    a MYRIGHTS INBOX
    a NOTIFY SET (selected (MessageNew MessageExpunge))
    a GETMETADATA INBOX (DEPTH 1) (/private/filters/values)
"##;

#[test]
fn authenticate_and_append_mean_the_same_to_both() {
    let line = b"a AUTHENTICATE plain AGEAYg==\r\n";
    let CommandBody::Authenticate { mechanism, initial_response } =
        CommandCodec::default().decode(line).unwrap().1.body
    else {
        panic!("not AUTHENTICATE")
    };
    let ours = parse(line.strip_suffix(b"\r\n").unwrap(), 50).unwrap().command;
    assert_eq!(
        ours,
        Command::Authenticate { mechanism: mechanism.to_string(), initial: Some(Password("AGEAYg==".into())) }
    );
    assert_eq!(initial_response.unwrap().declassify().as_ref(), b"\0a\0b");

    for (head, binary) in [
        "A003 APPEND saved-messages (\\Seen)",
        "a APPEND \"a b\" (\\Draft $x) \" 7-Feb-1994 21:52:25 -0800\"",
        "a append inbox \"17-Jul-1996 02:44:25 +0930\"",
        "a APPEND {5+}\r\nSent/ ()",
    ]
    .into_iter()
    .flat_map(|head| [(head, false), (head, true)])
    {
        let line = format!("{head} {}{{3+}}\r\n", if binary { "~" } else { "" });
        let whole = format!("{line}a\r\n\r\n");
        let (_, theirs) = CommandCodec::default().decode(whole.as_bytes()).unwrap();
        let CommandBody::Append { mailbox: name, flags: theirs, date, message } = theirs.body else { panic!("{head}") };
        let ours = append::parse(line.as_bytes()).unwrap().unwrap();
        assert_eq!(ours.head.binary, matches!(message, LiteralOrLiteral8::Literal8(_)));
        assert_eq!((Ok(ours.mailbox), Ok(ours.head.flags)), (mailbox(&name), flags(&theirs)));
        let date = date.map(|date| date.as_ref().format("\"%d-%b-%Y %H:%M:%S %z\"").to_string());
        assert_eq!(ours.head.date, date.map(|text| parse_date_time(&mut Cursor::new(text.as_bytes())).unwrap()));
    }
}
