//! The index beside a scan: whatever the texts and the questions, both say the same.

use std::sync::Arc;

use blobs::RecordKey;
use proptest::prelude::*;
use types::{RecordId, TenantId, Timestamp};

use crate::document::{Document, Passage};
use crate::query::{Answer, Ask, Place};
use crate::tenant::Tenant;

/// 2025-11-26
const NOW: Timestamp = Timestamp(1_764_115_200_000);

fn tenant(folder: &std::path::Path) -> Tenant {
    Tenant::open(folder, TenantId(1), RecordKey::new([5; 32]), Arc::default())
}

/// Texts of few characters, so that they share much; widths, kana, cases and long words among them.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[見積会議りのカナa-c 1-3]{0,6}",
        2 => prop::sample::select(vec!["ﾃｽﾄ", "テスト", "ｶﾞ", "ＡＢ", "㈱", "é", "İ", "-", "…", "\u{f8f0}", "\r\n", "e\u{301}"])
            .prop_map(str::to_owned),
        1 => "[ab]{30,70}",
        1 => "[a-c]{3}@[a-b]\\.example",
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

fn passage() -> impl Strategy<Value = Passage> {
    (text(), any::<bool>(), "[0-9]{4}[- ]?[0-9]{4}[- ]?[0-9]{4}", text()).prop_map(|(before, hide, number, after)| {
        let hidden =
            if hide { std::iter::once(before.len()..before.len() + number.len()).collect() } else { Vec::new() };
        let number = if hide { number } else { String::new() };
        Passage { text: format!("{before}{number}{after}"), hidden }
    })
}

fn document() -> impl Strategy<Value = Document> {
    let name = prop::sample::select(vec!["SUBJECT", "FROM", "BCC"]).prop_map(str::to_owned);
    (prop::collection::vec((name, passage()), 0..3), prop::collection::vec(passage(), 0..3))
        .prop_map(|(fields, texts)| Document { fields, texts })
}

/// A part of a text that is there, or one that may not be.
fn asks(documents: Vec<Document>) -> impl Strategy<Value = (Vec<Document>, Vec<Ask>)> {
    let texts: Vec<String> = documents
        .iter()
        .flat_map(|document| document.fields.iter().map(|(_, value)| value).chain(&document.texts))
        .map(|passage| passage.text.clone())
        .chain([String::from("会議")])
        .collect();
    let part =
        (prop::sample::select(texts), any::<prop::sample::Index>(), 1..24usize).prop_map(|(text, at, length)| {
            let chars: Vec<char> = text.chars().collect();
            if chars.is_empty() {
                text
            } else {
                chars.into_iter().skip(at.index(text.chars().count())).take(length).collect()
            }
        });
    let sought = prop_oneof![3 => part, 1 => text()];
    let place = prop::sample::select(vec![Place::Header, Place::Body, Place::Text]);
    let ask = (sought, place).prop_map(|(sought, place)| match place {
        Place::Header => Ask::header("Subject", &sought),
        Place::Body => Ask::body(&sought),
        Place::Text => Ask::text(&sought),
    });
    (Just(documents), prop::collection::vec(ask, 1..12))
}

/// The records and their documents, with gaps between the numbers.
fn numbered(documents: &[Document]) -> Vec<(RecordId, Option<Document>)> {
    (1..).zip(documents).map(|(at, document)| (RecordId(at * 3), Some(document.clone()))).collect()
}

/// Asserts what the index says; how often it could not say.
fn agree(tenant: &Tenant, documents: &[Document], asks: &[Ask]) -> Result<usize, TestCaseError> {
    let all = numbered(documents);
    let records: Vec<RecordId> = all.iter().map(|(record, _)| *record).collect();
    let mut unsure = 0;
    for ask in asks {
        // of some first: what is known of them then is told again
        let some: Vec<RecordId> = records.iter().copied().step_by(2).collect();
        let first = tenant.answers(ask, &some).unwrap();
        let answers = tenant.answers(ask, &records).unwrap();
        prop_assert!(answers.iter().step_by(2).eq(&first), "the second time it is the same");
        for ((_, document), answer) in all.iter().zip(answers) {
            let document = document.as_ref().unwrap();
            match answer {
                Answer::Maybe => unsure += 1,
                sure => prop_assert_eq!(sure == Answer::Yes, ask.holds(document), "{:?} {}", &ask.place, &ask.sought),
            }
            let open = document.fields.iter().any(|(name, _)| name == "BCC")
                || document
                    .fields
                    .iter()
                    .map(|(_, value)| value)
                    .chain(&document.texts)
                    .any(|passage| !passage.hidden.is_empty() || passage.text.contains('\u{f8f0}'));
            prop_assert!(open || ask.is_beyond() || answer != Answer::Maybe, "nothing was hidden: {}", &ask.sought);
        }
    }
    Ok(unsure)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn the_index_says_what_a_scan_says(
        (documents, asks) in prop::collection::vec(document(), 1..30).prop_flat_map(asks),
        pieces in 1..12usize,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let tenant_here = tenant(dir.path());
        for piece in numbered(&documents).chunks(documents.len().div_ceil(pieces)) {
            tenant_here.add(piece.to_vec(), NOW).unwrap();
        }
        let before = agree(&tenant_here, &documents, &asks)?;
        // the same mails again change nothing, nor do merges and a start
        tenant_here.add(numbered(&documents), NOW).unwrap();
        tenant_here.add(vec![], Timestamp::from_secs(NOW.secs() + 40 * 86_400)).unwrap();
        while tenant_here.tidy().unwrap() {}
        prop_assert_eq!(agree(&tenant_here, &documents, &asks)?, before);
        let again = tenant(dir.path());
        again.sweep();
        prop_assert_eq!(agree(&again, &documents, &asks)?, before);
    }
}

fn mail(subject: &str, body: &str) -> Document {
    Document { fields: vec![("SUBJECT".into(), subject.to_owned().into())], texts: vec![body.to_owned().into()] }
}

/// The bytes of all files of an index.
fn on_disk(folder: &std::path::Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.collect::<Vec<_>>().concat()
}

#[test]
fn many_small_segments_become_few_and_answer_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let tenant = tenant(dir.path());
    let documents: Vec<Document> =
        (0..200).map(|i| mail(&format!("件名{i}"), &format!("本文 number{i} 見積り"))).collect();
    for piece in numbered(&documents).chunks(1) {
        tenant.add(piece.to_vec(), NOW).unwrap();
        while tenant.tidy().unwrap() {}
    }
    let segments = tenant.manifest().segments.len();
    assert!(segments < 25, "{segments}");
    let files = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(files, segments + 1, "merged files are gone");
    let asks = [Ask::body("number19"), Ask::text("件名7"), Ask::body("見積り"), Ask::header("subject", "名1")];
    assert_eq!(agree(&tenant, &documents, &asks).unwrap(), 0);
}

#[test]
fn nothing_that_a_mail_says_stands_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let tenant = tenant(dir.path());
    tenant.add(numbered(&[mail("Confidential merger", "secretword 機密の会議 secretword")]), NOW).unwrap();
    let bytes = on_disk(dir.path());
    for word in ["secretword", "confidential", "merger", "機密", "会議", "SUBJECT"] {
        assert!(memchr::memmem::find(&bytes, word.as_bytes()).is_none(), "{word}");
    }
}

#[test]
fn a_hidden_number_is_found_by_its_digits_and_kept_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let tenant = tenant(dir.path());
    let text = "個人番号 1234 5678 9018 です";
    let place = text.find('1').unwrap()..text.find(" で").unwrap();
    let hidden = Passage { text: text.into(), hidden: std::iter::once(place).collect() };
    let documents = [Document { texts: vec![hidden], ..Document::default() }, mail("x", "9018 年")];
    tenant.add(numbered(&documents), NOW).unwrap();
    let all = [RecordId(3), RecordId(6)];
    let answers = |ask: Ask| tenant.answers(&ask, &all).unwrap();
    assert_eq!(answers(Ask::body("123456789018")), [Answer::Maybe, Answer::No], "the mail itself is looked at");
    assert_eq!(answers(Ask::body("123456789017")), [Answer::No, Answer::No], "another number needs no look");
    assert_eq!(answers(Ask::body("9018")), [Answer::Maybe, Answer::Yes]);
    assert_eq!(answers(Ask::body("個人番号")), [Answer::Yes, Answer::No]);
    let manifest = tenant.manifest();
    let kept = tenant.segment(&manifest.segments[0]).unwrap().document(0).unwrap();
    assert!(!kept.texts[0].contains(|c: char| c.is_ascii_digit()), "{:?}", kept.texts);
}

#[test]
fn what_is_too_long_or_unreadable_is_left_to_the_scan() {
    let dir = tempfile::tempdir().unwrap();
    let tenant = tenant(dir.path());
    let long = mail("long", &"ながい".repeat(1 << 20));
    tenant.add(vec![(RecordId(1), Some(long)), (RecordId(2), None), (RecordId(3), Some(mail("a", "b")))], NOW).unwrap();
    let answers = tenant.answers(&Ask::body("b"), &[RecordId(1), RecordId(2), RecordId(3), RecordId(4)]).unwrap();
    assert_eq!(answers, [Answer::Maybe, Answer::Maybe, Answer::Yes, Answer::Maybe]);
    assert_eq!(tenant.manifest().apart, [1, 2]);
}

#[test]
fn damage_anywhere_in_a_segment_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let open = tenant(dir.path());
    let documents: Vec<Document> = (0..20).map(|i| mail(&format!("件名{i}"), "見積りの会議 hello world")).collect();
    open.add(numbered(&documents), NOW).unwrap();
    let path = dir.path().join("00000001.seg");
    let whole = std::fs::read(&path).unwrap();
    let records: Vec<RecordId> = numbered(&documents).iter().map(|(record, _)| *record).collect();
    let asks = [Ask::text("見積りの会議"), Ask::body("ello"), Ask::header("subject", "件名1")];
    for at in (0..whole.len()).step_by(97) {
        let mut bad = whole.clone();
        bad[at] ^= 1;
        std::fs::write(&path, bad).unwrap();
        let damaged = tenant(dir.path());
        for ask in &asks {
            // a block that no question needs may be damaged unnoticed; an answer is never wrong
            if let Ok(answers) = damaged.answers(ask, &records) {
                for (document, answer) in documents.iter().zip(answers) {
                    assert_eq!(answer == Answer::Yes, ask.holds(document), "byte {at}");
                }
            }
        }
    }
}

#[test]
fn what_was_disposed_of_is_taken_out_and_all_else_is_answered_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = tenant(folder.path());
    let document = |text: &str| {
        let passage = Passage { text: text.to_owned(), hidden: Vec::new() };
        Document { fields: vec![("SUBJECT".into(), passage.clone())], texts: vec![passage] }
    };
    let texts = ["zebra one", "zebra two", "horse three"];
    let all = (1..).zip(texts).map(|(at, text)| (RecordId(at), Some(document(text)))).collect();
    tenant.add(all, NOW).unwrap();
    tenant.add(vec![(RecordId(4), Some(document("zebra four"))), (RecordId(5), None)], NOW).unwrap();
    let records: Vec<RecordId> = (1..=5).map(RecordId).collect();
    let answers = |tenant: &Tenant| tenant.answers(&Ask::text("zebra"), &records).unwrap();
    assert_eq!(answers(&tenant), [Answer::Yes, Answer::Yes, Answer::No, Answer::Yes, Answer::Maybe]);
    let gone = [1, 4, 5, 99].map(RecordId).into();
    while tenant.drop_documents(&gone).unwrap() {}
    assert_eq!(answers(&tenant), [Answer::Maybe, Answer::Yes, Answer::No, Answer::Maybe, Answer::Maybe]);
    let manifest = tenant.manifest();
    assert_eq!(manifest.segments.iter().map(|entry| entry.docs).collect::<Vec<_>>(), [2]);
    assert!(manifest.apart.is_empty() && manifest.through == 5);
    let files = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "seg"));
    assert_eq!(files.count(), 1, "the files that held them are gone");
    let again = self::tenant(folder.path());
    assert_eq!(answers(&again), answers(&tenant));
}

/// Segments of a document each, which a search has not opened yet.
fn of_segments(folder: &std::path::Path, count: i64) -> (Tenant, Vec<RecordId>) {
    let records: Vec<RecordId> = (1..=count).map(RecordId).collect();
    for record in &records {
        tenant(folder).add(vec![(*record, Some(mail("件名", &format!("number{record}"))))], NOW).unwrap();
    }
    (tenant(folder), records)
}

/// A search whose segments are taken away one after the other, as a disposal of many mails does, looks again until it has seen the
/// index as it is.
#[test]
fn a_search_goes_on_while_many_segments_are_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (tenant, records) = of_segments(folder.path(), 12);
    let (mut left, mut looks): (Vec<i64>, _) = ((1..=9).rev().collect(), 0);
    let found = tenant.as_it_is(|manifest| {
        looks += 1;
        // between the list and the look into the first of its segments
        if let Some(next) = left.pop() {
            assert!(tenant.drop_documents(&[RecordId(next)].into()).unwrap());
        }
        tenant.answers_by(manifest, &Ask::body("number11"), &records)
    });
    let found = found.unwrap().expect("an answer");
    assert_eq!(looks, 10);
    assert!(found[..9].iter().all(|answer| *answer == Answer::Maybe));
    assert_eq!(found[9..], [Answer::No, Answer::Yes, Answer::No]);
}

/// When it never ends to change, the mails themselves are read; a file that is missing for no such reason is an error.
#[test]
fn a_search_that_never_gets_hold_of_the_index_knows_nothing_and_blames_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (tenant, records) = of_segments(folder.path(), 2);
    let mut next = 3;
    let found = tenant.as_it_is(|manifest| {
        tenant.add(vec![(RecordId(next), None)], NOW).unwrap();
        next += 1;
        assert!(manifest.segments.len() == 2);
        Err::<(), _>(crate::IndexError::file(folder.path())(std::io::ErrorKind::NotFound.into()))
    });
    assert!(matches!(found, Ok(None)), "{found:?}");
    std::fs::remove_file(folder.path().join("00000002.seg")).unwrap();
    let missing = tenant.answers(&Ask::body("number1"), &records);
    assert!(matches!(missing, Err(crate::IndexError::File { .. })), "{missing:?}");
}

/// What was opened ahead is not read again: a search in it needs the file no more.
#[test]
fn what_was_opened_ahead_is_searched_from_memory_as_far_as_there_was_room() {
    let dir = tempfile::tempdir().unwrap();
    let documents: Vec<Document> =
        (0..2_000).map(|i| mail(&format!("件名{i}"), &format!("見積りの会議 hello world {i}"))).collect();
    tenant(dir.path()).add(numbered(&documents), NOW).unwrap();
    for (room, enough) in [(1 << 20, true), (10_000, false)] {
        let tenant = tenant(dir.path());
        let segment = tenant.segment(&tenant.manifest().segments[0]).unwrap();
        let mut left = room;
        segment.warm(&mut left).unwrap();
        assert_eq!(left > 0, enough);
        if enough {
            let file = std::fs::File::options().write(true).open(dir.path().join("00000001.seg")).unwrap();
            let whole = std::fs::read(dir.path().join("00000001.seg")).unwrap();
            file.set_len(0).unwrap();
            let asks = [Ask::text("りの会議"), Ask::body("ello world 17"), Ask::header("subject", "件名1")];
            assert_eq!(agree(&tenant, &documents, &asks).unwrap(), 0);
            std::fs::write(dir.path().join("00000001.seg"), whole).unwrap();
        }
    }
}
