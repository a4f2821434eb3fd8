//! The resolver against a small name server of our own.

use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, MX};
use hickory_resolver::proto::rr::{Record, RecordType};
use tokio::net::UdpSocket;

use super::*;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// What the name server says: code and records.
fn zone(asked: &str, kind: RecordType) -> (ResponseCode, Vec<RData>) {
    let mx = |preference, host| RData::MX(MX::new(preference, name(host)));
    let a = RData::A(A::new(192, 0, 2, 25));
    match (asked, kind) {
        ("two.test.", RecordType::MX) => (ResponseCode::NoError, vec![mx(20, "B.two.test."), mx(10, "a.two.test.")]),
        ("null.test.", RecordType::MX) => (ResponseCode::NoError, vec![mx(0, ".")]),
        ("xn--wgv71a.test.", RecordType::MX) => (ResponseCode::NoError, vec![mx(5, "mx.japan.test.")]),
        ("implicit.test." | "a.two.test.", RecordType::A) => (ResponseCode::NoError, vec![a]),
        ("broken.test.", _) => (ResponseCode::ServFail, vec![]),
        ("gone.test.", _) => (ResponseCode::NXDomain, vec![]),
        _ => (ResponseCode::NoError, vec![]),
    }
}

fn answer(request: &[u8]) -> Vec<u8> {
    let request = Message::from_vec(request).unwrap();
    let query = request.queries.first().unwrap().clone();
    let (code, records) = zone(&query.name().to_ascii().to_lowercase(), query.query_type());
    let mut response = Message::response(request.metadata.id, OpCode::Query);
    response.metadata.message_type = MessageType::Response;
    response.metadata.response_code = code;
    response.metadata.recursion_available = true;
    for data in records {
        response.add_answer(Record::from_rdata(query.name().clone(), 60, data));
    }
    response.add_query(query);
    response.to_vec().unwrap()
}

async fn resolver() -> Resolver {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((n, peer)) = socket.recv_from(&mut buffer).await {
            socket.send_to(&answer(&buffer[..n]), peer).await.unwrap();
        }
    });
    Resolver::new(Some(vec![addr])).unwrap()
}

#[tokio::test]
async fn mail_hosts_come_best_first() {
    let hosts = resolver().await.mx("two.test").await.unwrap();
    let hosts: Vec<_> = hosts.iter().map(|host| (host.preference, host.host.as_str())).collect();
    assert_eq!(hosts, [(10, "a.two.test"), (20, "b.two.test")]);
}

#[tokio::test]
async fn each_way_to_have_no_mail_server_is_told_apart() {
    let resolver = resolver().await;
    assert_eq!(resolver.mx("null.test").await, Err(DnsError::NullMx("null.test".into())));
    assert_eq!(resolver.mx("gone.test").await, Err(DnsError::NoSuchDomain("gone.test".into())));
    assert_eq!(resolver.mx("empty.test").await, Err(DnsError::NoData("empty.test".into())));
    let broken = resolver.mx("broken.test").await.unwrap_err();
    assert!(matches!(broken, DnsError::Temporary(..)), "{broken:?}");
    assert_eq!(broken.kind(), Kind::Temporary);
    assert!(matches!(resolver.mx("a..b").await, Err(DnsError::BadName(_))));
}

#[tokio::test]
async fn a_domain_with_an_address_and_no_mx_is_its_own_mail_host() {
    let resolver = resolver().await;
    let hosts = resolver.mx("implicit.test").await.unwrap();
    assert_eq!(hosts, [MxHost { preference: 0, host: "implicit.test".into() }]);
    assert_eq!(resolver.addresses("implicit.test").await.unwrap(), [IpAddr::from([192, 0, 2, 25])]);
}

#[tokio::test]
async fn a_japanese_domain_is_asked_for_in_its_ascii_form() {
    let hosts = resolver().await.mx("日本.test").await.unwrap();
    assert_eq!(hosts.first().unwrap().host, "mx.japan.test");
}

#[tokio::test]
async fn an_address_literal_needs_no_name_server() {
    let resolver = Resolver::new(Some(vec![SocketAddr::from(([127, 0, 0, 1], 9))])).unwrap();
    assert_eq!(resolver.mx("[192.0.2.7]").await.unwrap().first().unwrap().host, "192.0.2.7");
    assert_eq!(resolver.mx("[ipv6:2001:db8::1]").await.unwrap().first().unwrap().host, "2001:db8::1");
    assert_eq!(resolver.addresses("2001:db8::1").await.unwrap(), ["2001:db8::1".parse::<IpAddr>().unwrap()]);
}
