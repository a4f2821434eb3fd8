//! What goes over the wire, and what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use message::Parsed;
use net::ServerTls;
use store::{Claimed, Demands, Event, Outcome, Way};
use tokio::sync::broadcast;
use types::{Limits, QueueId, SubmissionId};

use super::door::{Rows, address, for_domain, queue, run_until, send, to};
use super::script::{Script, Server};
use super::{BEGIN, claimed};
use crate::{HopTls, Route, RouteTls};

const MAIL: &[u8] = b"From: taro@own.example\r\nSubject: hello\r\n\r\n.one\r\ntwo\r\n";
const ALL: &[&str] = &["PIPELINING", "8BITMIME", "SIZE 1000000", "SMTPUTF8"];

fn retry(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Retry(at) if at > BEGIN)
}

#[tokio::test]
async fn several_recipients_go_in_one_transaction_with_results_of_their_own() {
    for offers in [ALL, &[]] {
        let script = Script {
            offers,
            answers: &[
                ("RCPT TO:<b@", "550-5.1.1 no\r\n550 5.1.1 such user"),
                ("RCPT TO:<c@", "450 4.2.1 later"),
                (".", "250 2.0.0 queued as 77"),
            ],
            ..Script::default()
        };
        let server = Server::start(vec![script]).await;
        let rows =
            send(&server, RouteTls::None, &["a@x.example", "b@x.example", "c@x.example", "d@x.example"], MAIL).await;
        assert_eq!(rows.attempt(1), (Outcome::Delivered, "127.0.0.1: 250 2.0.0 queued as 77".into()));
        assert_eq!(rows.attempt(2), (Outcome::Failed, "127.0.0.1: 550 5.1.1 no such user".into()));
        assert!(retry(rows.attempt(3).0));
        assert_eq!(rows.attempt(4).0, Outcome::Delivered);
        assert_eq!((server.count("connection"), server.count("DATA"), server.count("..one")), (1, 1, 1));
        assert_eq!(server.count("MAIL FROM:<taro@own.example> SIZE=53"), usize::from(!offers.is_empty()));
        let bounces = rows.bounces.lock().unwrap();
        assert_eq!((bounces.len(), &bounces[0].to), (1, &address("taro@own.example")));
        let text = String::from_utf8_lossy(&bounces[0].bytes).into_owned();
        assert!(text.contains("Final-Recipient: rfc822; b@x.example") && !text.contains("rfc822; c@"), "{text}");
        assert!(text.contains("Subject: hello") && !text.contains("two"), "{text}");
    }
}

#[tokio::test]
async fn several_mails_go_over_one_connection_and_one_that_went_stale_is_replaced() {
    let mails = |n: i64| -> Vec<Claimed> {
        (1..=n).map(|id| Claimed { submission: SubmissionId(id), ..claimed(id, "a@x.example") }).collect()
    };
    let server = Server::kind(ALL).await;
    let rows = Arc::new(Rows::new(mails(40), MAIL));
    run_until(queue(&rows, to(&server, RouteTls::None)), &rows, 40).await;
    assert_eq!(server.count("MAIL"), 40);
    assert!(server.count("connection") <= 4);

    let tired = Script { answers: &[("RCPT", "550 no"), ("RSET", "421 too long")], ..Script::default() };
    let server = Server::start(vec![tired]).await;
    let rows = Arc::new(Rows::new(mails(6), MAIL));
    run_until(queue(&rows, to(&server, RouteTls::None)), &rows, 6).await;
    for id in 1..=6 {
        assert_eq!(rows.attempt(id), (Outcome::Failed, "127.0.0.1: 550 no".into()));
    }
    assert_eq!(server.count("connection"), 6);
}

#[tokio::test]
async fn what_breaks_or_is_put_off_comes_again_and_a_refusal_does_not() {
    for (answers, expected, answer) in [
        (&[(".", "close")] as &[_], None, "the connection broke"),
        (&[("RCPT", "450 4.7.1 greylisted")], None, "450 4.7.1 greylisted"),
        (&[("MAIL", "421 4.3.2 going down")], None, "421 4.3.2 going down"),
        (&[("DATA", "451 4.3.0 not now")], None, "451 4.3.0 not now"),
        (&[("EHLO", "421 4.3.2 busy")], None, "421 4.3.2 busy"),
        (&[("MAIL", "what do you want")], None, "does not speak SMTP"),
        (&[("MAIL", "550 5.7.1 not from you")], Some(Outcome::Failed), "550 5.7.1 not from you"),
        (&[(".", "554 5.6.0 spam")], Some(Outcome::Failed), "554 5.6.0 spam"),
        (&[("EHLO", "502 old"), ("DATA", "354 go on")], Some(Outcome::Delivered), "250 ok"),
    ] {
        for offers in [ALL, &[]] {
            let server = Server::start(vec![Script { offers, answers, ..Script::default() }]).await;
            let rows = send(&server, RouteTls::None, &["a@x.example"], MAIL).await;
            let (outcome, text) = rows.attempt(1);
            assert_eq!(expected.is_none(), retry(outcome), "{answers:?} {outcome:?}");
            assert!(expected.is_none_or(|expected| expected == outcome), "{answers:?} {outcome:?}");
            assert!(text.contains(answer), "{text}");
            let told = usize::from(outcome == Outcome::Failed);
            assert_eq!(rows.bounces.lock().unwrap().len(), told, "{answers:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_does_not_want_to_talk_or_is_not_there_costs_one_connection_for_all_that_waits() {
    let refusing = Script { greeting: "554 5.7.1 go away", ..Script::default() };
    let server = Server::start(vec![refusing]).await;
    let rows = send(&server, RouteTls::None, &["a@x.example", "b@y.example"], MAIL).await;
    assert!(retry(rows.attempt(1).0) && retry(rows.attempt(2).0));
    assert!(rows.attempt(1).1.contains("554 5.7.1 go away"));

    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut routes = to(&server, RouteTls::None);
    routes[0].port = gone.local_addr().unwrap().port();
    drop(gone);
    let rows = Arc::new(Rows::new(vec![claimed(1, "a@x.example")], MAIL));
    run_until(queue(&rows, routes), &rows, 1).await;
    assert!(retry(rows.attempt(1).0));
}

#[tokio::test]
async fn a_silent_server_is_left_after_its_time() {
    let silent = Script { answers: &[("RCPT", "silence")], ..Script::default() };
    let server = Server::start(vec![silent]).await;
    let rows = Arc::new(Rows::new(vec![claimed(1, "a@x.example")], MAIL));
    let mut queue = queue(&rows, to(&server, RouteTls::None));
    queue.patience.command = Duration::from_millis(300);
    run_until(queue, &rows, 1).await;
    let (outcome, text) = rows.attempt(1);
    assert!(retry(outcome) && text.contains("no answer to RCPT in time"), "{text}");
}

#[tokio::test]
async fn a_server_that_is_full_gets_the_rest_in_a_second_transaction() {
    let full = Script { answers: &[("RCPT TO:<b@", "452 4.5.3 too many recipients")], ..Script::default() };
    let server = Server::start(vec![full]).await;
    let rows = send(&server, RouteTls::None, &["a@x.example", "b@x.example"], MAIL).await;
    assert_eq!(rows.attempt(1).0, Outcome::Delivered);
    assert!(retry(rows.attempt(2).0));
    assert_eq!((server.count("RCPT TO:<b@"), server.count("connection")), (2, 1));
}

fn certificate() -> (tempfile::TempDir, ServerTls) {
    let dir = tempfile::tempdir().unwrap();
    let tls = ServerTls::self_signed(dir.path(), "mx.test").unwrap();
    (dir, tls)
}

#[tokio::test]
async fn tls_is_used_when_offered_and_plain_text_when_the_handshake_fails() {
    let (_dir, tls) = certificate();
    let offers: &[&str] = &["STARTTLS", "PIPELINING"];
    let good = Script { offers, tls: Some(tls), ..Script::default() };
    let server = Server::start(vec![good]).await;
    let rows = send(&server, RouteTls::Opportunistic, &["a@x.example"], MAIL).await;
    assert_eq!(rows.attempt(1).0, Outcome::Delivered);
    assert_eq!((server.count("encrypted"), server.count("EHLO mail.own.example")), (1, 2));
    let way = |rows: &Rows| rows.attempts.lock().unwrap()[0].way.clone().unwrap();
    assert_eq!(way(&rows).to_string(), "TLS1.3 TLS_AES_256_GCM_SHA384, name not proved");

    let broken = Script { offers, ..Script::default() };
    let server = Server::start(vec![broken]).await;
    let rows = send(&server, RouteTls::Opportunistic, &["a@x.example"], MAIL).await;
    assert_eq!(rows.attempt(1).0, Outcome::Delivered);
    assert_eq!((server.count("connection"), server.count("STARTTLS")), (2, 1));
    assert_eq!(way(&rows), Way::Clear);
}

#[tokio::test]
async fn required_tls_waits_rather_than_go_in_the_clear_or_to_a_stranger() {
    let (_dir, tls) = certificate();
    let offers: &[&str] = &["STARTTLS", "AUTH LOGIN PLAIN"];
    for (script, answer) in [
        (Script { offers, tls: Some(tls.clone()), ..Script::default() }, "TLS failed"),
        (Script { offers, ..Script::default() }, "TLS failed"),
        (Script::default(), "TLS is required and not offered"),
        (Script { offers, answers: &[("STARTTLS", "454 4.7.0 not now")], ..Script::default() }, "454 4.7.0"),
    ] {
        let server = Server::start(vec![script]).await;
        let rows = send(&server, RouteTls::Required, &["a@x.example"], MAIL).await;
        let (outcome, text) = rows.attempt(1);
        assert!(retry(outcome) && text.contains(answer), "{text}");
        assert_eq!(server.count("MAIL"), 0);
    }
}

/// A row that demands TLS with a host that proves its name, over a route that itself would go in the clear.
async fn demanding(server: &Server, trusted: Option<&ServerTls>) -> Arc<Rows> {
    let row = Claimed { demands: Demands { verified_tls: true, route: None }, ..claimed(1, "a@x.example") };
    let rows = Arc::new(Rows::new(vec![row], MAIL));
    let mut queue = queue(&rows, to(server, RouteTls::None));
    if let Some(tls) = trusted {
        let verified = net::ClientTls::verified_with(&[tls.certificate()]).unwrap();
        queue.tls = HopTls { verified, ..queue.tls };
    }
    run_until(queue, &rows, 1).await;
    rows
}

#[tokio::test]
async fn what_demands_verified_tls_stops_without_it_and_is_told_of() {
    let (_dir, tls) = certificate();
    let offers: &[&str] = &["STARTTLS"];
    for (script, answer) in [
        (Script { offers, tls: Some(tls.clone()), ..Script::default() }, "TLS failed"),
        (Script::default(), "TLS is required and not offered"),
        (Script { offers, answers: &[("STARTTLS", "454 4.7.0 not now")], ..Script::default() }, "454 4.7.0"),
    ] {
        let server = Server::start(vec![script]).await;
        let rows = demanding(&server, None).await;
        let (outcome, text) = rows.attempt(1);
        assert!(outcome == Outcome::Held && text.contains(answer), "{outcome:?} {text}");
        assert_eq!((server.count("MAIL"), rows.attempts.lock().unwrap()[0].way.clone()), (0, Some(Way::Clear)));
        assert_eq!(*rows.stopped.lock().unwrap(), [QueueId(1)]);
        assert!(rows.bounces.lock().unwrap().is_empty());
    }
    let server = Server::start(vec![Script { offers, tls: Some(tls.clone()), ..Script::default() }]).await;
    let rows = demanding(&server, Some(&tls)).await;
    assert_eq!((rows.attempt(1).0, server.count("encrypted")), (Outcome::Delivered, 1));
    let way = rows.attempts.lock().unwrap()[0].way.clone().unwrap();
    assert_eq!(way.to_string(), "TLS1.3 TLS_AES_256_GCM_SHA384, 127.0.0.1 proved its name");
    // nobody there says nothing of TLS: it is tried again
    let mut gone = server;
    gone.addr = ([127, 0, 0, 1], 1).into();
    let rows = demanding(&gone, None).await;
    assert!(retry(rows.attempt(1).0) && rows.attempts.lock().unwrap()[0].way.is_none());
}

#[tokio::test]
async fn a_row_goes_by_the_route_that_it_names_and_by_no_other() {
    let (own, safe) = (Server::kind(ALL).await, Server::kind(ALL).await);
    let named = |id, name: &str| Claimed {
        demands: Demands { verified_tls: false, route: Some(name.into()) },
        ..claimed(id, "a@x.example")
    };
    let rows = vec![named(1, "safe"), claimed(2, "a@x.example"), named(3, "gone")];
    let rows = Arc::new(Rows::new(rows, MAIL));
    let by_name = Route { name: Some("safe".into()), by_name_only: true, ..to(&safe, RouteTls::None).remove(0) };
    let routes = [vec![by_name], to(&own, RouteTls::None)].concat();
    run_until(queue(&rows, routes), &rows, 3).await;
    assert_eq!((own.count("MAIL"), safe.count("MAIL")), (1, 1));
    let (outcome, text) = rows.attempt(3);
    assert!(retry(outcome) && text.contains("there is no route gone"), "{text}");
}

#[tokio::test]
async fn a_route_signs_in_under_tls_that_proves_the_name_and_never_without() {
    let (_dir, tls) = certificate();
    let offers: &[&str] = &["STARTTLS", "AUTH LOGIN PLAIN"];
    let server = Server::start(vec![Script { offers, tls: Some(tls.clone()), ..Script::default() }]).await;
    for (policy, signs_in) in [(RouteTls::Required, 1), (RouteTls::None, 0)] {
        let rows = Arc::new(Rows::new(vec![claimed(1, "a@x.example")], MAIL));
        let mut routes = to(&server, policy);
        routes[0].auth = Some(("relay".into(), "hush".into()));
        let mut queue = queue(&rows, routes);
        let verified = net::ClientTls::verified_with(&[tls.certificate()]).unwrap();
        queue.tls = HopTls { verified, ..queue.tls };
        run_until(queue, &rows, 1).await;
        assert_eq!(rows.attempt(1).0 == Outcome::Delivered, signs_in == 1, "{:?}", rows.attempt(1));
        assert_eq!(server.count("AUTH PLAIN AHJlbGF5AGh1c2g="), 1);
    }
}

#[tokio::test]
async fn mail_that_the_next_hop_cannot_read_fails_with_a_clear_reason() {
    let server = Server::kind(&["SIZE 60"]).await;
    let eight_bit = "Subject: x\r\n\r\n山\r\n".as_bytes();
    let long = [MAIL, &b"x".repeat(60)].concat();
    for (mail, to, status) in [
        (eight_bit, "a@x.example", "Status: 5.6.3"),
        (MAIL, "太郎@x.example", "Status: 5.6.7"),
        (&long, "a@x.example", "Status: 5.3.4"),
    ] {
        let rows = send(&server, RouteTls::None, &[to], mail).await;
        assert_eq!(rows.attempt(1).0, Outcome::Failed);
        let bounces = rows.bounces.lock().unwrap();
        assert!(String::from_utf8_lossy(&bounces[0].bytes).contains(status), "{status}");
    }
    assert_eq!(server.count("DATA"), 0);
    let server = Server::kind(ALL).await;
    let rows = send(&server, RouteTls::None, &["太郎@x.example"], eight_bit).await;
    assert_eq!(rows.attempt(1).0, Outcome::Delivered);
    assert_eq!(server.count("MAIL FROM:<taro@own.example> SIZE=19 BODY=8BITMIME SMTPUTF8"), 1);
}

#[tokio::test]
async fn nobody_is_told_of_mail_without_a_sender_and_nothing_is_quoted_of_sensitive_mail() {
    let refusing = Script { answers: &[("RCPT", "550 5.7.1 we saw 1234 5678 9018 in your mail")], ..Script::default() };
    let server = Server::start(vec![refusing]).await;
    let mut null = claimed(1, "a@x.example");
    null.row.from = None;
    let secret = Claimed { sensitive: true, submission: SubmissionId(2), ..claimed(2, "b@x.example") };
    let rows = Arc::new(Rows::new(vec![null, secret], MAIL));
    run_until(queue(&rows, to(&server, RouteTls::None)), &rows, 2).await;
    assert_eq!(server.count("MAIL FROM:<>"), 1);
    assert_eq!(rows.attempt(1).0, Outcome::Failed);
    assert!(rows.attempt(2).1.contains("550 5.7.1 we saw **** **** **** in your mail"));
    let bounces = rows.bounces.lock().unwrap();
    assert_eq!(bounces.len(), 1);
    let text = String::from_utf8_lossy(&bounces[0].bytes).into_owned();
    assert!(!text.contains("hello") && !text.contains("9018") && !text.contains("rfc822-headers"), "{text}");
}

#[tokio::test]
async fn a_sender_is_told_once_that_mail_is_late_and_in_the_end_that_it_was_given_up() {
    let greylisting = Script { answers: &[("RCPT", "450 4.7.1 later")], ..Script::default() };
    let server = Server::start(vec![greylisting]).await;
    for (hours, told, outcomes, word) in [
        (3, false, 1, None),
        (5, false, 2, Some("Action: delayed")),
        (5, true, 1, None),
        (120, true, 1, Some("Status: 5.4.7")),
    ] {
        let row = Claimed { delay_told: told, ..claimed(1, "a@x.example") };
        let rows = Arc::new(Rows::new(vec![row], MAIL));
        rows.clock.advance(Duration::from_secs(hours * 3_600));
        run_until(queue(&rows, to(&server, RouteTls::None)), &rows, outcomes).await;
        let bounces = rows.bounces.lock().unwrap();
        assert_eq!(bounces.len(), usize::from(word.is_some()), "{hours}");
        let attempts = rows.attempts.lock().unwrap();
        assert_eq!(attempts.iter().filter(|attempt| attempt.outcome == Outcome::DelayTold).count(), outcomes - 1);
        let Some(word) = word else { continue };
        let limits = Limits::default();
        let parsed = Parsed::parse(&bounces[0].bytes, &limits);
        let leaves = parsed.leaves();
        assert!(String::from_utf8_lossy(&leaves[1].bytes).contains(word));
        assert!(parsed.auto_submitted());
    }
}

#[tokio::test]
async fn domains_go_their_own_routes_one_that_cannot_be_found_waits_and_one_that_does_not_exist_fails() {
    let (one, two) = (Server::kind(ALL).await, Server::kind(ALL).await);
    let routes = vec![for_domain("one.example", &one), for_domain("two.example", &two)];
    let all = ["a@one.example", "b@two.example", "c@nowhere.example", "d@gone.example"];
    let rows = (1..).zip(all).map(|(id, to)| claimed(id, to)).collect();
    let rows = Arc::new(Rows::new(rows, MAIL));
    run_until(queue(&rows, routes), &rows, 4).await;
    assert_eq!((one.count("RCPT TO:<a@one.example>"), two.count("RCPT TO:<b@two.example>")), (1, 1));
    assert_eq!((one.count("RCPT"), two.count("RCPT")), (1, 1));
    let (outcome, text) = rows.attempt(3);
    assert!(retry(outcome) && text.contains("name servers"), "{text}");
    let (outcome, text) = rows.attempt(4);
    assert_eq!((outcome, text.as_str()), (Outcome::Failed, "the domain gone.example does not exist"));
    let bounces = rows.bounces.lock().unwrap();
    assert_eq!(bounces.len(), 1);
    assert!(String::from_utf8_lossy(&bounces[0].bytes).contains("Status: 5.1.2\r\nLast-Attempt-Date"));
}

#[tokio::test]
async fn a_lease_that_runs_out_under_way_is_made_longer_and_the_mail_goes_once() {
    let slow = Script { answers: &[(".", "silence")], ..Script::default() };
    let server = Server::start(vec![slow]).await;
    let rows = Arc::new(Rows::new(vec![claimed(1, "a@x.example")], MAIL));
    let mut queue = queue(&rows, to(&server, RouteTls::None));
    queue.patience.end = Duration::from_secs(1);
    let stop = net::Stop::new();
    let (bell, events) = broadcast::channel(4);
    let running = tokio::spawn(Arc::new(queue).run(stop.clone(), events));
    let mut claims = rows.claimed.subscribe();
    claims.wait_for(|sum| *sum == 1).await.unwrap();
    rows.clock.advance(Duration::from_secs(3_600));
    bell.send(Event::Queue).unwrap();
    tokio::time::timeout(Duration::from_secs(30), claims.wait_for(|sum| *sum == 2)).await.unwrap().unwrap();
    assert!(stop.finish(Duration::from_secs(30)).await);
    running.await.unwrap();
    assert_eq!((server.count("MAIL"), rows.attempts.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_mail_that_was_under_way_when_the_server_stops_is_brought_to_its_end() {
    let server = Server::kind(ALL).await;
    let all = (1..=20).map(|id| Claimed { submission: SubmissionId(id), ..claimed(id, "a@x.example") }).collect();
    let rows = Arc::new(Rows::new(all, MAIL));
    let stop = net::Stop::new();
    let (_bell, events) = broadcast::channel(4);
    let running = tokio::spawn(Arc::new(queue(&rows, to(&server, RouteTls::None))).run(stop.clone(), events));
    rows.claimed.subscribe().wait_for(|sum| *sum == 20).await.unwrap();
    assert!(stop.finish(Duration::from_secs(30)).await);
    running.await.unwrap();
    let attempts = rows.attempts.lock().unwrap();
    let delivered = attempts.iter().filter(|attempt| attempt.outcome == Outcome::Delivered).count();
    assert_eq!((attempts.len(), server.count("DATA")), (20, delivered));
    assert!(attempts.iter().all(|attempt| matches!(attempt.outcome, Outcome::Delivered | Outcome::Retry(BEGIN))));
}
