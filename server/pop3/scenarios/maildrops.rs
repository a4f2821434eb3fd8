//! Numbers, locks, marks, unique-ids, and what others do to INBOX meanwhile.

use std::time::Duration;

use store::{Change, Engine, PageEngine, UserChange};
use types::{SystemFlags, Timestamp, Uid, UidSet};

use super::house::House;

const MAILS: [&[u8]; 3] = [b"A: b\r\n\r\n1\r\n", b"A: b\r\n\r\n22\r\n", b"A: b\r\n\r\n333\r\n"];

#[tokio::test]
async fn what_is_marked_goes_at_quit_and_numbers_hold_until_then() {
    let house = House::new().await;
    house.put(&MAILS).await;
    let mut client = house.client().await;
    assert_eq!(client.ok("STAT").await, "3 36");
    assert_eq!(client.lines("LIST").await, ["1 11", "2 12", "3 13"]);
    client.ok("DELE 2").await;
    for command in ["DELE 2", "RETR 2", "LIST 2", "UIDL 2", "TOP 2 1", "RETR 4", "LIST 4294967295"] {
        assert_eq!(client.fails(command).await, "There is no such message", "{command}");
    }
    assert_eq!((client.ok("STAT").await, client.ok("LIST 3").await), ("2 24".into(), "3 13".into()));
    client.ok("RSET").await;
    assert_eq!(client.lines("LIST").await.len(), 3);
    client.ok("DELE 1").await;
    client.ok("DELE 3").await;
    assert_eq!(house.inbox().await.state.messages, 3, "not before QUIT");
    assert_eq!(client.ok("QUIT").await, "Goodbye");
    assert_eq!(client.line().await, "");
    let mut client = house.client().await;
    assert_eq!(client.ok("STAT").await, "1 12");
    assert_eq!(client.message("RETR 1").await, MAILS[1]);
}

#[tokio::test]
async fn a_connection_that_breaks_takes_nothing_away() {
    let house = House::new().await;
    house.put(&MAILS).await;
    let mut client = house.client().await;
    client.ok("DELE 1").await;
    drop(client);
    let mut client = again(&house).await;
    assert_eq!(client.ok("STAT").await, "3 36");
}

/// Taro's next session, once the one before is over.
async fn again(house: &House) -> super::house::Client<tokio::net::TcpStream> {
    let mut client = house.connect().await;
    for _ in 0..1_000 {
        client.ok("USER taro@example.jp").await;
        if client.say(&format!("PASS {}", super::house::PASSWORD)).await.starts_with("+OK") {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the maildrop stays locked");
}

#[tokio::test]
async fn a_maildrop_has_one_session_at_a_time() {
    let house = House::new().await;
    let first = house.client().await;
    let mut second = house.connect().await;
    second.ok("USER taro@example.jp").await;
    let refused = second.fails(&format!("PASS {}", super::house::PASSWORD)).await;
    assert_eq!(refused, "[IN-USE] The maildrop is open in another session");
    house.connect().await.sign_in("hanako@example.jp").await;
    drop(first);
    again(&house).await.ok("STAT").await;
}

#[tokio::test]
async fn unique_ids_last_and_are_never_used_again() {
    let house = House::new().await;
    house.put(&MAILS).await;
    let mut client = house.client().await;
    let ids = client.lines("UIDL").await;
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|line| line.len() == 18), "{ids:?}");
    assert_eq!(client.ok("UIDL 2").await, ids[1]);
    client.ok("DELE 3").await;
    client.ok("QUIT").await;
    house.put(&MAILS[..1]).await;
    let mut client = again(&house).await;
    let later = client.lines("UIDL").await;
    assert_eq!(later[..2], ids[..2]);
    assert_ne!(later[2], ids[2], "another message, another id");
    client.ok("QUIT").await;
    // INBOX renamed is another mailbox, and so are its numbers (RFC 3501 6.3.5)
    house.engine.rename_mailbox(house.taro, "INBOX", "old").await.unwrap();
    house.put(&MAILS).await;
    let renamed = again(&house).await.lines("UIDL").await;
    assert!(renamed.iter().all(|line| !ids.contains(line) && !later.contains(line)), "{renamed:?}");
}

#[tokio::test]
async fn what_others_took_away_meanwhile_is_no_message_and_no_fault_of_quit() {
    let house = House::new().await;
    house.put(&MAILS).await;
    let mut client = house.client().await;
    client.ok("DELE 1").await;
    let (inbox, gone) = (house.inbox().await.id, [Uid(1), Uid(2)].into_iter().collect::<UidSet>());
    house.engine.remove(house.taro, inbox, &gone, Timestamp(0)).await.unwrap();
    house.put(&MAILS[..1]).await;
    assert_eq!(client.lines("LIST").await, ["3 13"], "nor is a new one seen");
    assert_eq!(client.fails("RETR 2").await, "There is no such message");
    assert_eq!(client.ok("QUIT").await, "Goodbye");
    assert_eq!(house.inbox().await.state.messages, 2);
}

async fn set_password(house: &House, password: &str) {
    let credentials = Some(auth::credentials(password).unwrap());
    let change = Change::SetUser(house.taro, Box::new(UserChange { credentials, ..UserChange::default() }));
    house.engine.change_directory(change, None, Timestamp(0)).await.unwrap();
}

#[tokio::test]
async fn whoever_lost_his_rights_reads_and_removes_nothing_more() {
    let house = House::new().await;
    house.put(&MAILS).await;
    let mut client = house.client().await;
    client.ok("DELE 1").await;
    set_password(&house, "another password").await;
    let refused = client.fails("RETR 2").await;
    assert_eq!(refused, "[AUTH] Your password or your rights have changed, please sign in again");
    assert_eq!(client.line().await, "");

    let mut client = house.connect().await;
    client.ok("USER taro@example.jp").await;
    client.ok("PASS another password").await;
    client.ok("DELE 1").await;
    set_password(&house, "a third password").await;
    let refused = client.fails("QUIT").await;
    assert!(refused.starts_with("[SYS/TEMP] None of the marked messages was removed (reference "), "{refused}");
    assert_eq!(house.inbox().await.state.messages, 3);
}

#[tokio::test]
async fn a_message_that_was_read_whole_is_marked_as_read_and_one_that_was_looked_at_is_not() {
    let house = House::new().await;
    house.put(&MAILS).await;
    let mut client = house.client().await;
    client.message("RETR 1").await;
    client.message("TOP 2 9").await;
    client.ok("QUIT").await;
    assert_eq!(client.line().await, "");
    let (inbox, all) = (house.inbox().await.id, (1..=3).map(Uid).collect::<UidSet>());
    for _ in 0..1_000 {
        let rows = house.engine.flags(house.taro, inbox, &all).await.unwrap();
        let seen: Vec<bool> = rows.iter().map(|row| row.flags.system.contains(SystemFlags::SEEN)).collect();
        if seen == [true, false, false] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the first message alone should be marked as read");
}

#[tokio::test]
async fn a_thousand_messages_are_listed_in_windows_and_go_together() {
    let house = House::new().await;
    let mails = vec![MAILS[0]; 1_203];
    house.put(&mails).await;
    let mut client = house.client().await;
    let (list, ids) = (client.lines("LIST").await, client.lines("UIDL").await);
    assert_eq!((list.len(), ids.len(), list[1_202].as_str()), (1_203, 1_203, "1203 11"));
    let marks: String = (1..=1_202).map(|number| format!("DELE {number}\r\n")).collect();
    client.send(&marks).await;
    for number in 1..=1_202 {
        assert_eq!(client.line().await, format!("+OK Message {number} is marked"));
    }
    assert_eq!(client.ok("STAT").await, "1 11");
    client.ok("QUIT").await;
    assert_eq!(house.inbox().await.state.messages, 1);
}
