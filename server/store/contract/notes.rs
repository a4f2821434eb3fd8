//! Promises about notes of passwords: there with their mail for whoever asks for its parcels, under its key, and no mail of anybody's.

use super::{House, Place};
use crate::{Bytes, NewMail, NewPasswordNote, ParcelRef, ParcelState, PasswordNote, Posting, StoreError};

/// A submission with a released parcel and a note sealed beside `beside`, or its own mail.
async fn noted(house: &House, number: u8, said: &str, beside: Option<&Bytes>) -> Posting {
    let mut posting = Posting::default();
    posting.mail(house.mail("the mail").await);
    let bytes = beside.unwrap_or(&posting.mails[0].bytes);
    let draft = house.engine.seal_beside(bytes, said.as_bytes()).await.unwrap();
    let new = NewMail { tenant: house.tenant, bytes: Bytes::New(draft), summary: Vec::new(), sensitive: false };
    let mail = posting.mail(new);
    posting.submissions.push(house.submission(number, ParcelState::Released));
    posting.notes.push(NewPasswordNote { parcel: ParcelRef::New(0, 0), mail });
    posting
}

/// What was noted is read back with its parcel, once more after the engine was opened again; other mails have other notes.
pub async fn a_note_is_kept_with_its_parcel(place: &dyn Place) {
    let house = House::build(place).await;
    let mut made = Vec::new();
    for (number, said) in [(1, "one"), (2, "two")] {
        made.push(house.engine.post(noted(&house, number, said, None).await).await.unwrap());
    }
    let note = |place: usize, said: &str| PasswordNote { parcel: made[place].parcels[0][0], bytes: said.into() };
    let of = async |house: &House, place: usize| house.engine.password_notes(made[place].submissions[0]).await.unwrap();
    assert_eq!(of(&house, 0).await, [note(0, "one")]);
    house.engine.close().await.unwrap();
    let house = House { engine: place.open().await, ..house };
    assert_eq!((of(&house, 0).await, of(&house, 1).await), (vec![note(0, "one")], vec![note(1, "two")]));
    let found = house.engine.verify(false).await.unwrap();
    assert_eq!(found.damage, [], "{found:?}");
}

/// The index does not see it.
pub async fn a_note_is_no_mail_of_its_own(place: &dyn Place) {
    let house = House::build(place).await;
    let posted = house.engine.post(noted(&house, 1, "secret", None).await).await.unwrap();
    let seen = house.engine.records_after(types::RecordId(0), 10).await.unwrap();
    assert_eq!(seen.iter().map(|row| row.record).collect::<Vec<_>>(), [posted.records[0]]);
}

/// Under another key it is refused with all of its posting, and a parcel has one at most.
pub async fn a_note_stands_under_the_key_of_its_mail(place: &dyn Place) {
    let house = House::build(place).await;
    let other = house.mail("another").await.bytes;
    let posting = noted(&house, 1, "secret", Some(&other)).await;
    let refused = house.engine.post(posting).await.unwrap_err();
    assert!(matches!(refused, StoreError::Invalid(_)), "{refused:?}");
    let mut posting = noted(&house, 1, "secret", None).await;
    posting.notes.push(posting.notes[0]);
    assert!(house.engine.post(posting).await.is_err());
    let posted = house.engine.post(noted(&house, 1, "secret", None).await).await.unwrap();
    assert_eq!(house.engine.password_notes(posted.submissions[0]).await.unwrap().len(), 1);
}
