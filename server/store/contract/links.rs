//! Promises about links: what leads to them, how they are opened and locked, how often files are taken.

use std::time::Duration;

use types::{Address, Direction, Envelope, LinkId, Timestamp};

use super::house::NOW;
use super::{House, Place};
use crate::{
    AskedFrom, CODES_PER_HOUR, CodeStep, Collection, CollectionState, Folder, LINK_ACCESSES_MOST, LOCKED_FOR,
    LinkAccess, LinkChange, LinkEvent, LinkRow, NewCopy, NewJournal, NewLink, NewUpload, PageFilter, PageStart,
    ParcelRef, ParcelState, Posted, Posting, Proof, Renewal, StoreError, SubmissionRef, Taking, TokenHash, Tried,
    UPLOAD_BYTES_MOST, UPLOADS_MOST, WRONG_A_DAY, WRONG_IN_A_ROW, handlers_owner,
};

pub(super) const TOKEN: TokenHash = TokenHash([7; 32]);
const CODE: TokenHash = TokenHash([1; 32]);
const OTHER: TokenHash = TokenHash([2; 32]);

fn later(seconds: u64) -> Timestamp {
    NOW.after(Duration::from_secs(seconds))
}

pub(super) fn from() -> AskedFrom {
    AskedFrom { network: "203.0.113.0/24".into(), agent: "Firefox".into() }
}

/// A link for a recipient outside, which ends in a thousand days.
pub(super) async fn made(house: &House, number: u8, recipient: &str, token: TokenHash) -> LinkRow {
    let mut posting = Posting::default();
    posting.mail(house.mail("stays here").await);
    posting.submissions.push(house.submission(number, ParcelState::Released));
    posting.links.push(NewLink {
        submission: SubmissionRef::New(0),
        parcel: ParcelRef::New(0, 0),
        recipient: Address::parse(recipient).unwrap(),
        token,
        whole: false,
        password: None,
        replies: true,
        downloads: 2,
        collection: None,
        at: NOW,
        expires: later(86_400_000),
    });
    house.engine.post(posting).await.unwrap();
    house.engine.link_of_token(token).await.unwrap().expect("the link")
}

async fn events(house: &House, link: LinkId) -> Vec<LinkEvent> {
    let mut all: Vec<_> = accesses(house, link).await.into_iter().map(|one| one.event).collect();
    all.reverse();
    all
}

async fn accesses(house: &House, link: LinkId) -> Vec<LinkAccess> {
    let row = house.engine.link(link).await.unwrap().expect("the link");
    let of_mail = house.engine.accesses_of(row.submission.id).await.unwrap();
    of_mail.into_iter().filter(|(of, _)| *of == link).map(|(_, access)| access).collect()
}

async fn attempt(house: &House, link: LinkId, code: TokenHash, seconds: u64) -> Tried {
    house.engine.try_link(link, Proof::Code(code), from(), later(seconds)).await.unwrap()
}

async fn code(house: &House, link: LinkId, seconds: u64) -> CodeStep {
    house.engine.put_code(link, CODE, from(), later(seconds)).await.unwrap()
}

/// A link reads back as it was made, by its token and with its mail; no other token leads to it. Nothing has happened to it.
pub async fn a_link_reads_back_by_its_token(place: &dyn Place) {
    let house = House::build(place).await;
    let link = made(&house, 1, "Taro@Yamada.example", TOKEN).await;
    assert_eq!((link.recipient.to_string().as_str(), link.whole, link.replies), ("Taro@yamada.example", false, true));
    assert_eq!((link.downloads, link.left(1), link.codes, link.stopped), (2, 2, 0, None));
    assert_eq!((link.made, link.expires, link.submission.author), (NOW, later(86_400_000), Some(house.taro)));
    assert!(link.is_open(later(86_399_999)) && !link.is_open(later(86_400_000)));
    assert!(house.engine.link_of_token(OTHER).await.unwrap().is_none());
    let all = house.engine.links_of(link.submission.id).await.unwrap();
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [link.id]);
    assert_eq!(events(&house, link.id).await, []);
    let missing = house.engine.put_code(LinkId(i64::MAX), CODE, from(), NOW).await.unwrap_err();
    assert!(matches!(missing, StoreError::NotFound(_)), "{missing}");
}

/// A code opens its link once and for ten minutes; the next one takes its place.
pub async fn a_code_opens_once_and_for_ten_minutes(place: &dyn Place) {
    let house = House::build(place).await;
    let link = made(&house, 1, "a@yamada.example", TOKEN).await.id;
    assert_eq!(attempt(&house, link, CODE, 0).await, Tried::Wrong(WRONG_IN_A_ROW - 1), "no code was sent");
    assert_eq!(code(&house, link, 1).await, CodeStep::Stands);
    assert_eq!(attempt(&house, link, CODE, 601).await, Tried::Wrong(WRONG_IN_A_ROW - 2), "too late");
    assert_eq!(attempt(&house, link, CODE, 600).await, Tried::Open);
    assert_eq!(attempt(&house, link, CODE, 600).await, Tried::Wrong(WRONG_IN_A_ROW - 1), "it is used up");
    assert_eq!(code(&house, link, 610).await, CodeStep::Stands);
    assert_eq!(house.engine.put_code(link, OTHER, from(), later(611)).await.unwrap(), CodeStep::Stands);
    assert_eq!(attempt(&house, link, CODE, 612).await, Tried::Wrong(WRONG_IN_A_ROW - 2));
    assert_eq!(attempt(&house, link, OTHER, 613).await, Tried::Open);
    let seen = accesses(&house, link).await;
    assert_eq!((seen[0].event, seen[0].at, seen[0].from.clone()), (LinkEvent::Opened, later(613), from()));
    assert_eq!(house.engine.link_of_token(TOKEN).await.unwrap().expect("the link").codes, 3);
}

/// Five wrong codes lock a link for fifteen minutes, also against the right one, and however many try at once.
pub async fn five_wrong_codes_lock_a_link(place: &dyn Place) {
    let house = House::build(place).await;
    let link = made(&house, 1, "a@yamada.example", TOKEN).await.id;
    code(&house, link, 0).await;
    let mut trying = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let engine = house.engine.clone();
        trying.spawn(async move { engine.try_link(link, Proof::Code(OTHER), from(), later(1)).await.unwrap() });
    }
    let said = trying.join_all().await;
    let until = later(1).after(LOCKED_FOR);
    assert_eq!(said.iter().filter(|one| matches!(one, Tried::Wrong(_))).count(), 4);
    assert_eq!(said.iter().filter(|one| **one == Tried::Locked { until, now: true }).count(), 1);
    assert_eq!(said.iter().filter(|one| **one == Tried::Locked { until, now: false }).count(), 15);
    assert_eq!(attempt(&house, link, CODE, 2).await, Tried::Locked { until, now: false }, "the right one too");
    assert_eq!(code(&house, link, 2).await, CodeStep::Locked(until));
    assert_eq!(
        house.engine.try_link(link, Proof::Password(true), from(), later(2)).await.unwrap(),
        Tried::Locked { until, now: false }
    );
    assert_eq!(code(&house, link, 901).await, CodeStep::Stands);
    assert_eq!(attempt(&house, link, CODE, 902).await, Tried::Open);
}

/// Twenty wrong codes within a day lock all links of a recipient until the day is over; five codes an hour are sent.
pub async fn wrong_codes_and_codes_are_bounded_for_a_recipient(place: &dyn Place) {
    let house = House::build(place).await;
    let one = made(&house, 1, "a@yamada.example", TOKEN).await.id;
    let two = made(&house, 2, "A@yamada.example", OTHER).await.id;
    let others = made(&house, 3, "b@yamada.example", TokenHash([3; 32])).await.id;
    for number in 0..CODES_PER_HOUR {
        assert_eq!(code(&house, if number % 2 == 0 { one } else { two }, u64::from(number)).await, CodeStep::Stands);
    }
    assert_eq!(code(&house, two, 5).await, CodeStep::TooMany);
    assert_eq!(code(&house, others, 5).await, CodeStep::Stands);
    assert_eq!(code(&house, two, 3_600).await, CodeStep::Stands);
    let mut wrong = 0;
    for round in 0..4 {
        let at = 4_000 + round * 1_000;
        for try_no in 0..5 {
            let tried = attempt(&house, if round % 2 == 0 { one } else { two }, OTHER, at + try_no).await;
            assert_eq!(matches!(tried, Tried::Locked { .. }), try_no == 4, "round {round}, try {try_no}: {tried:?}");
            wrong += 1;
        }
    }
    assert_eq!(wrong, WRONG_A_DAY);
    let counted = [house.engine.link(one).await, house.engine.link(two).await].map(|link| link.unwrap().unwrap().wrong);
    assert_eq!(counted, [10, 10]);
    let until = later(4_000 + 86_400);
    assert_eq!(attempt(&house, one, OTHER, 50_000).await, Tried::Locked { until, now: false });
    assert_eq!(code(&house, two, 50_000).await, CodeStep::Locked(until));
    assert_eq!(code(&house, others, 50_000).await, CodeStep::Stands);
    assert_eq!(code(&house, one, 4_000 + 86_400).await, CodeStep::Stands, "the day of the first is over");
}

/// Each file is taken as often as is allowed, however many ask at once, and each time is written down.
pub async fn a_download_is_counted_once(place: &dyn Place) {
    let house = House::build(place).await;
    let link = made(&house, 1, "a@yamada.example", TOKEN).await.id;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let engine = house.engine.clone();
        asking.spawn(async move { engine.begin_download(link, 1, from(), NOW).await.unwrap() });
    }
    let said = asking.join_all().await;
    assert_eq!(said.iter().filter(|one| **one == Taking::Counted).count(), 2);
    assert_eq!(said.iter().filter(|one| **one == Taking::UsedUp).count(), 8);
    assert_eq!(house.engine.begin_download(link, 2, from(), NOW).await.unwrap(), Taking::Counted);
    let row = house.engine.link_of_token(TOKEN).await.unwrap().expect("the link");
    assert_eq!((row.left(1), row.left(2), row.left(3), row.taken_in_all()), (0, 1, 2, 3));
    assert_eq!(events(&house, link).await, [LinkEvent::Downloaded; 3]);
    assert_eq!(accesses(&house, link).await[0].file, Some(2));
}

/// Renews a link in one posting with a mail.
async fn renewed(house: &House, link: LinkId, token: TokenHash, seconds: u64) -> Result<Posted, StoreError> {
    let at = later(seconds);
    let mut posting = Posting { renewed: vec![Renewal { link, token, at }], ..Posting::default() };
    let mail = posting.mail(house.mail("another address").await);
    let envelope = Envelope { from: None, to: Vec::new() };
    posting.journal.push(NewJournal { mail, direction: Direction::Out, envelope, at });
    house.engine.post(posting).await
}

/// A stopped link and one that has ended hand out nothing; more time or downloads bring it back; a new token ends the old.
pub async fn a_link_is_stopped_extended_and_renewed(place: &dyn Place) {
    let house = House::build(place).await;
    let link = made(&house, 1, "a@yamada.example", TOKEN).await.id;
    let change = async |change, seconds| house.engine.change_link(link, change, later(seconds)).await.unwrap();
    code(&house, link, 0).await;
    change(LinkChange::Stop, 1).await;
    change(LinkChange::Stop, 2).await;
    assert_eq!(house.engine.link_of_token(TOKEN).await.unwrap().and_then(|one| one.stopped), Some(later(1)));
    assert_eq!(attempt(&house, link, CODE, 3).await, Tried::Gone);
    assert_eq!(code(&house, link, 3).await, CodeStep::Gone);
    assert_eq!(house.engine.begin_download(link, 1, from(), later(3)).await.unwrap(), Taking::Gone);
    change(LinkChange::Extend { expires: later(100), downloads: 9 }, 4).await;
    let row = house.engine.link_of_token(TOKEN).await.unwrap().expect("the link");
    assert_eq!((row.stopped, row.downloads, row.expires), (None, 9, later(100)));
    assert_eq!(attempt(&house, link, CODE, 5).await, Tried::Wrong(WRONG_IN_A_ROW - 1), "stopping ended its code");
    assert_eq!(house.engine.begin_download(link, 1, from(), later(100)).await.unwrap(), Taking::Gone, "it has ended");
    let late = renewed(&house, link, OTHER, 100).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
    renewed(&house, link, OTHER, 6).await.unwrap();
    assert!(house.engine.link_of_token(TOKEN).await.unwrap().is_none());
    assert_eq!(house.engine.link_of_token(OTHER).await.unwrap().map(|one| one.id), Some(link));
    let happened = [LinkEvent::CodeSent, LinkEvent::Stopped, LinkEvent::Extended, LinkEvent::Wrong, LinkEvent::Renewed];
    assert_eq!(events(&house, link).await, happened);
}

/// What happened to the links of a mail comes in one answer, to each its own, the newest first and with a bound on each; of a
/// stopped link none is made anew.
pub async fn accesses_come_for_all_links_of_a_mail(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("stays here").await);
    posting.submissions.push(house.submission(1, ParcelState::Released));
    for (recipient, token) in [("a@yamada.example", TOKEN), ("b@yamada.example", OTHER)] {
        posting.links.push(NewLink {
            submission: SubmissionRef::New(0),
            parcel: ParcelRef::New(0, 0),
            recipient: Address::parse(recipient).unwrap(),
            token,
            whole: true,
            password: None,
            replies: false,
            downloads: 1_000,
            collection: None,
            at: NOW,
            expires: later(86_400),
        });
    }
    let mail = house.engine.post(posting).await.unwrap().submissions[0];
    let links = house.engine.links_of(mail).await.unwrap();
    let [one, two] = links.as_slice() else { panic!("two links") };
    for seconds in 0..u64::from(LINK_ACCESSES_MOST) + 2 {
        house.engine.begin_download(one.id, 0, from(), later(seconds)).await.unwrap();
    }
    house.engine.change_link(two.id, LinkChange::Stop, later(1)).await.unwrap();
    let refused = renewed(&house, two.id, TokenHash([9; 32]), 2).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert!(house.engine.journal_after(house.tenant, 0, 9).await.unwrap().is_empty(), "nor is its mail written");
    assert!(house.engine.link_of_token(OTHER).await.unwrap().is_some(), "its address was not changed");
    let all = house.engine.accesses_of(mail).await.unwrap();
    let of = |link| all.iter().filter(|(of, _)| *of == link).map(|(_, access)| access).collect::<Vec<_>>();
    let many = of(one.id);
    assert_eq!((many.len(), many[0].at), (LINK_ACCESSES_MOST as usize, later(u64::from(LINK_ACCESSES_MOST) + 1)));
    assert_eq!(of(two.id).iter().map(|access| access.event).collect::<Vec<_>>(), [LinkEvent::Stopped]);
    // and what happened before is told when it is asked for
    let earlier = house.engine.accesses_before(one.id, many[many.len() - 1].seq).await.unwrap();
    assert_eq!(earlier.iter().map(|access| access.at).collect::<Vec<_>>(), [later(1), later(0)]);
    assert!(house.engine.accesses_before(one.id, earlier[1].seq).await.unwrap().is_empty());
    assert!(house.engine.accesses_before(two.id, of(two.id)[0].seq).await.unwrap().is_empty(), "to each its own");
}

/// Files that come back are written down in the posting with their mail, as often and as much as is allowed; of a link that takes none,
/// was stopped or has ended, neither is written.
pub async fn files_come_back_as_often_as_is_allowed(place: &dyn Place) {
    let house = House::build(place).await;
    let link = made(&house, 1, "a@yamada.example", TOKEN).await.id;
    let come = async |bytes, seconds| {
        let mut posting = Posting::default();
        posting.mail(house.mail("came back").await);
        posting.copies.push(house.copy(house.taro, "taro"));
        posting.uploads.push(NewUpload {
            link,
            mail: 0,
            files: 3,
            bytes,
            collected: false,
            from: from(),
            at: later(seconds),
        });
        house.engine.post(posting).await
    };
    for number in 1..=u64::from(UPLOADS_MOST) - 1 {
        come(1, number).await.unwrap();
    }
    let much = come(UPLOAD_BYTES_MOST, 50).await;
    assert!(matches!(much, Err(StoreError::Conflict(_))), "{much:?}");
    come(UPLOAD_BYTES_MOST - u64::from(UPLOADS_MOST), 51).await.unwrap();
    let more = come(1, 52).await;
    assert!(matches!(more, Err(StoreError::Conflict(_))), "{more:?}");
    let row = house.engine.link_of_token(TOKEN).await.unwrap().expect("the link");
    assert_eq!((row.uploads, row.uploaded), (UPLOADS_MOST, UPLOAD_BYTES_MOST - 1));
    let seen = accesses(&house, link).await;
    assert_eq!((seen.len(), seen[0].event, seen[0].file), (UPLOADS_MOST as usize, LinkEvent::Replied, Some(3)));
    let inbox = house.id("INBOX").await;
    let page = house.engine.page(house.taro, inbox, PageStart::Newest, PageFilter::All, 50).await.unwrap();
    assert_eq!(page.rows.len(), UPLOADS_MOST as usize, "a mail for each, and none for what was refused");
    house.engine.change_link(link, LinkChange::Stop, later(60)).await.unwrap();
    let gone = come(1, 61).await;
    assert!(matches!(gone, Err(StoreError::NotFound(_))), "{gone:?}");
}

/// A request for files reads back as it was made, among those of its company; it is reminded of once. What comes by it lies in the
/// handlers' box, and in nobody's mailbox.
pub async fn a_request_for_files_is_listed_reminded_of_and_answered(place: &dyn Place) {
    let house = House::build(place).await;
    let mut posting = Posting::default();
    posting.mail(house.mail("please send").await);
    posting.submissions.push(house.submission(1, ParcelState::Released));
    let collection = Collection {
        title: "本人確認書類".into(),
        note: "写しで結構です。".into(),
        expected: vec!["表面".into(), "裏面".into()],
        remind_at: Some(later(100)),
    };
    posting.links.push(NewLink {
        submission: SubmissionRef::New(0),
        parcel: ParcelRef::New(0, 0),
        recipient: Address::parse("a@yamada.example").unwrap(),
        token: TOKEN,
        whole: true,
        password: None,
        replies: true,
        downloads: 0,
        collection: Some(collection.clone()),
        at: NOW,
        expires: later(200),
    });
    house.engine.post(posting).await.unwrap();
    made(&house, 2, "b@yamada.example", OTHER).await;
    let link = house.engine.link_of_token(TOKEN).await.unwrap().expect("the link");
    assert_eq!(
        (link.collection.as_ref(), link.collection_state(later(199))),
        (Some(&collection), CollectionState::Open)
    );
    assert_eq!(link.collection_state(later(200)), CollectionState::Expired);
    let listed = async |before| house.engine.collections(house.tenant, before, 9).await.unwrap();
    assert_eq!(listed(None).await.iter().map(|row| row.id).collect::<Vec<_>>(), [link.id], "no other link");
    assert!(listed(Some(link.id)).await.is_empty());
    assert!(house.engine.collections(types::TenantId(house.tenant.0 + 1), None, 9).await.unwrap().is_empty());

    let due = async |seconds| house.engine.collections_to_remind(later(seconds), None, 9).await.unwrap().len();
    assert_eq!((due(99).await, due(100).await), (0, 1));
    for (after, found) in [((later(99), link.id), 1), ((later(100), link.id), 0)] {
        let page = house.engine.collections_to_remind(later(100), Some(after), 9).await.unwrap();
        assert_eq!(page.len(), found, "behind {after:?}");
    }
    let remind = || Posting { reminded: vec![link.id], ..Posting::default() };
    house.engine.post(remind()).await.unwrap();
    let again = house.engine.post(remind()).await;
    assert!(matches!(again, Err(StoreError::Decided(_))), "{again:?}");
    assert_eq!(due(150).await, 0);

    let the_box = house.engine.handlers_box(house.tenant).await.unwrap();
    assert_eq!(house.engine.handlers_box(house.tenant).await.unwrap(), the_box, "there is one");
    let mut posting = Posting::default();
    posting.mail(house.mail("the files").await);
    let (owner, folder) = (handlers_owner(house.tenant), Folder::Exactly(the_box));
    posting.copies.push(NewCopy { owner, folder, recipient: None, ..house.copy(house.taro, "taro") });
    posting.uploads.push(NewUpload {
        link: link.id,
        mail: 0,
        files: 2,
        bytes: 9,
        collected: true,
        from: from(),
        at: later(150),
    });
    house.engine.post(posting).await.unwrap();
    let came = house.engine.uploads(link.id).await.unwrap();
    assert_eq!((came.len(), came[0].files, came[0].bytes, came[0].at), (1, 2, 9, later(150)));
    let page = house.engine.page(owner, the_box, PageStart::Newest, PageFilter::All, 9).await.unwrap();
    assert_eq!(page.rows.iter().map(|row| Some(row.uid)).collect::<Vec<_>>(), [came[0].uid]);
    let inbox = house.id("INBOX").await;
    let page = house.engine.page(house.taro, inbox, PageStart::Newest, PageFilter::All, 9).await.unwrap();
    assert!(page.rows.is_empty(), "in nobody's mailbox");
    let row = house.engine.link_of_token(TOKEN).await.unwrap().expect("the link");
    assert_eq!(row.collection_state(later(500)), CollectionState::Received);
}
