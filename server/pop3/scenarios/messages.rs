//! Messages on their way: bytes, dots, TOP, UTF-8, pace.

use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::house::House;

#[tokio::test]
async fn a_message_comes_as_it_lies_there_and_top_gives_its_beginning() {
    let house = House::new().await;
    let mail = b"From: a@b.example\r\nSubject: dots\r\n\r\n.\r\n..two\r\n\r\nlast line without end";
    house.put(&[mail]).await;
    let mut client = house.client().await;
    assert_eq!(client.ok("RETR 1").await, format!("{} octets", mail.len()));
    let lines = client.rest().await;
    assert_eq!(lines, b"From: a@b.example\r\nSubject: dots\r\n\r\n..\r\n...two\r\n\r\nlast line without end\r\n");
    assert_eq!(client.message("RETR 1").await, [&mail[..], b"\r\n"].concat());
    assert_eq!(client.message("TOP 1 0").await, b"From: a@b.example\r\nSubject: dots\r\n\r\n");
    assert_eq!(client.message("TOP 1 2").await, b"From: a@b.example\r\nSubject: dots\r\n\r\n.\r\n..two\r\n");
}

#[tokio::test]
async fn headers_in_utf_8_go_to_those_who_asked_for_them() {
    let house = House::new().await;
    let mail = "From: 山田 <yamada@b.example>\r\nSubject: 見積り\r\n\r\n本文\r\n";
    house.put(&[mail.as_bytes()]).await;
    let mut client = house.client().await;
    let ascii = String::from_utf8(client.message("RETR 1").await).unwrap();
    let (header, body) = ascii.split_once("\r\n\r\n").unwrap();
    assert!(header.is_ascii() && header.contains("Subject: =?UTF-8?B?") && body == "本文\r\n", "{ascii}");
    client.ok("QUIT").await;
    assert_eq!(client.line().await, "");
    let mut client = house.connect().await;
    client.ok("UTF8").await;
    client.sign_in("taro@example.jp").await;
    assert_eq!(client.message("RETR 1").await, mail.as_bytes());
}

#[tokio::test]
async fn a_large_message_goes_at_the_pace_of_its_client_and_others_are_served_meanwhile() {
    let house = House::new().await;
    let mut mail = b"Subject: large\r\n\r\n".to_vec();
    for number in 0..300_000 {
        mail.extend(format!(".{number:060}\r\n").as_bytes());
    }
    house.put(&[&mail]).await;
    let mut client = house.client().await;
    client.send("RETR 1\r\n").await;
    // it reads nothing for a while: the socket's buffers fill, and the session waits
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut other = house.connect().await;
    other.sign_in("hanako@example.jp").await;
    other.ok("STAT").await;
    assert_eq!(client.line().await, format!("+OK {} octets", mail.len()));
    let lines = client.rest().await;
    assert_eq!(lines.len(), mail.len() + 300_000);
    assert!(lines.ends_with(format!("..{:060}\r\n", 299_999).as_bytes()));
}

#[tokio::test]
async fn top_of_a_large_message_reads_no_more_than_it_shows() {
    let house = House::new().await;
    let mut mail = b"Subject: large\r\n\r\nfirst\r\n".to_vec();
    mail.resize(5_000_000, b'x');
    house.put(&[&mail]).await;
    let mut client = house.client().await;
    assert_eq!(client.message("TOP 1 1").await, b"Subject: large\r\n\r\nfirst\r\n");
    client.ok("NOOP").await;
    // a client that goes in the middle of a message leaves the maildrop free
    client.send("RETR 1\r\n").await;
    let mut some = [0; 1_000];
    client.stream.read_exact(&mut some).await.unwrap();
    drop(client);
    for _ in 0..1_000 {
        let mut client = house.connect().await;
        client.ok("USER taro@example.jp").await;
        if client.say(&format!("PASS {}", super::house::PASSWORD)).await.starts_with("+OK") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the maildrop stays locked");
}
