//! COMPRESS=DEFLATE (RFC 4978).

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::house::{House, PASSWORD};
use crate::deflate::Deflate;

#[tokio::test]
async fn a_connection_is_compressed_from_the_answer_on() {
    let house = House::new();
    let mail = format!("Subject: a\r\n\r\n{}", "the same line again and again\r\n".repeat(5_000));
    house.engine.deliver(mail.as_bytes(), b"", vec![]);
    assert!(house.connect().await.fails("COMPRESS DEFLATE").await.starts_with("BAD"));
    let mut client = house.client().await;
    assert!(client.fails("COMPRESS LZW").await.starts_with("BAD"));
    assert!(client.ok("CAPABILITY").await[0].contains(" COMPRESS=DEFLATE"));
    assert_eq!(client.say("COMPRESS DEFLATE").await, ["OK Compression begins now."]);
    let (mut stream, mut deflate) = (client.into_stream(), Deflate::new(b""));
    let commands = "a SELECT INBOX\r\nb FETCH 1 BODY.PEEK[]\r\nc COMPRESS DEFLATE\r\nd LOGOUT\r\n";
    let sent = deflate.deflated(commands.as_bytes()).unwrap();
    stream.write_all(&sent).await.unwrap();
    let mut came = Vec::new();
    stream.read_to_end(&mut came).await.unwrap();
    assert!(came.len() < mail.len() / 10, "{} bytes", came.len());
    deflate.raw.extend_from_slice(&came);
    let mut input = BytesMut::new();
    while deflate.inflate(&mut input).unwrap() {}
    let told = String::from_utf8(input.to_vec()).unwrap();
    assert!(told.contains(&format!("* 1 FETCH (BODY[] {{{}}}\r\n{mail})\r\nb OK ", mail.len())));
    assert!(told.contains("c NO [COMPRESSIONACTIVE] ") && told.ends_with("d OK LOGOUT completed.\r\n"));
}

#[tokio::test]
async fn what_is_no_compressed_stream_ends_the_session() {
    let house = House::new();
    let mut client = house.connect().await;
    client.ok(&format!("LOGIN taro@example.jp \"{PASSWORD}\"")).await;
    client.ok("COMPRESS DEFLATE").await;
    let mut stream = client.into_stream();
    stream.write_all(b"\xff\xff\xffa NOOP\r\n").await.unwrap();
    let (mut came, mut input) = (Vec::new(), BytesMut::new());
    stream.read_to_end(&mut came).await.unwrap();
    let mut deflate = Deflate::new(&came);
    while deflate.inflate(&mut input).unwrap() {}
    assert_eq!(&input[..], b"* BYE The compressed stream is broken\r\n");
}
