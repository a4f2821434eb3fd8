//! A part of a mail made ready to go: its form, whom it reaches, and what those outside get in its place. Nothing of it stands in
//! a posting yet, so that a part which cannot be treated is held, says why, and stops nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use delivery::{Expansion, expand};
use serde::Deserialize;
use store::{Bytes, ParcelRef, ParcelRow};
use types::{Address, LinkTerms, TenantId, Timestamp, Treatment, UserId};

use crate::fates::{Act, Fate, Judged};
use crate::links::{LinkSource, link_of};
use crate::release::{Leaving, Released};
use crate::rules::keepers_terms;
use crate::submit::Work;
use crate::treat::{Form, Untreatable, hit};
use crate::zips::{Zips, is_zip};
use crate::{Outbound, OutboundError};

/// The mail of which a part goes, as it was written.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    /// Company of the author.
    pub tenant: TenantId,
    /// The person who sent it.
    pub author: Option<UserId>,
    /// Reverse path.
    pub from: Option<&'a Address>,
    /// Its plain bytes.
    pub bytes: &'a Arc<Vec<u8>>,
    /// Where they lie: what is made of them is sealed beside.
    pub stored: &'a Bytes,
    /// The moment at which the part goes.
    pub at: Timestamp,
}

/// A part that can go.
pub(crate) struct Ready {
    /// What its treatment makes of it; `None`: it goes as it was handed in.
    pub form: Option<Form>,
    /// Whom it reaches.
    pub found: Expansion,
    /// What those outside get in its place.
    pub apart: Apart,
}

/// What those outside get in place of the mail.
pub(crate) enum Apart {
    /// They get it as everybody does.
    Nothing,
    /// Links to it, each his own.
    Links(LinkSource, LinkTerms),
    /// ZIPs of it.
    Zips(Zips),
}

impl Work {
    /// The mail as it was written.
    pub fn written(&self) -> Written<'_> {
        let Self { tenant, author, from, bytes, stored, at, .. } = self;
        Written { tenant: *tenant, author: *author, from: from.as_ref(), bytes, stored, at: *at }
    }
}

impl Outbound {
    /// Makes a part ready of which `form` was made.
    ///
    /// # Errors
    /// [`OutboundError::Untreatable`]; something could not be packed or sealed.
    pub(crate) async fn ready(
        &self,
        mail: &Written<'_>,
        treatment: &Treatment,
        recipients: &[Address],
        form: Option<Form>,
    ) -> Result<Ready, OutboundError> {
        let found = expand(&self.store.directory(), recipients);
        let apart = match link_of(treatment) {
            Some(terms) => Apart::Links(self.link_source(mail.bytes, treatment).await?, terms),
            None if is_zip(treatment) => {
                // of what is packed, footers and all
                let bytes = form.as_ref().and_then(|form| form.bytes.as_ref()).unwrap_or(mail.bytes);
                Apart::Zips(self.zips(mail, treatment, bytes, &found).await?)
            }
            None => Apart::Nothing,
        };
        Ok(Ready { form, found, apart })
    }

    /// A parcel that waited, about to go to those about whom it was judged and decided.
    ///
    /// # Errors
    /// As [`Self::ready`]; [`Untreatable::OtherRecipients`].
    pub(crate) async fn leaving<'a>(
        &self,
        parcel: &'a ParcelRow,
        mail: &Released<'_>,
    ) -> Result<Leaving<'a>, OutboundError> {
        let (treatment, recipients) = (&parcel.treatment, &parcel.recipients);
        let Released { tenant, author, from, bytes, at, .. } = *mail;
        let stored = Bytes::Known(parcel.submission.record);
        let form = self.form(treatment, author, bytes, mail.cuts).await?;
        let written = Written { tenant, author, from, bytes, stored: &stored, at };
        let ready = self.ready(&written, treatment, recipients, form).await?;
        if !reaches_only_judged(&ready.found, tenant, parcel) {
            return Err(Untreatable::OtherRecipients.into());
        }
        Ok(Leaving { parcel: ParcelRef::Known(parcel.id), recipients, treatment, ready })
    }

    /// Makes those fates ready that go now, in their order. Of the others it is only tried whether they can be treated. A part that
    /// cannot waits for the handlers, with the reason; one that waits for somebody anyway tells him.
    ///
    /// # Errors
    /// Something could not be packed or sealed, or came to no end.
    pub(crate) async fn make_ready(
        &self,
        work: &Work,
        judged: &mut Judged,
        undo_until: Option<Timestamp>,
    ) -> Result<Vec<Option<Ready>>, OutboundError> {
        let leaves = |fate: &Fate| matches!(fate.act, Act::Send | Act::Delay(_) | Act::Hold(_));
        let wanted = judged.fates.iter().map(|fate| leaves(fate).then(|| fate.treatment.clone())).collect();
        let forms = self.made(wanted, work.author, &work.bytes, &work.cuts).await?;
        let goes = !judged.blocked();
        let mut all = Vec::with_capacity(judged.fates.len());
        for (fate, form) in judged.fates.iter_mut().zip(forms) {
            let goes_now = goes && fate.goes() && fate.leaves(work.at, undo_until).is_none();
            let ready = match form {
                Ok(form) if goes_now => {
                    self.ready(&work.written(), &fate.treatment, &fate.recipients, form).await.map(Some)
                }
                Ok(_) => Ok(None),
                Err(why) => Err(why.into()),
            };
            all.push(match ready {
                Err(OutboundError::Untreatable(why)) => {
                    hold(work, fate, why);
                    None
                }
                other => other?,
            });
        }
        Ok(all)
    }
}

/// Whether nobody is reached but by the addresses that were judged, in which groups had been followed, each on the side on which he was then:
/// one that is a group's by now leads to people whom no rule has seen, and one whose domain is the company's no more would leave it as mail
/// that stays inside.
fn reaches_only_judged(found: &Expansion, tenant: TenantId, parcel: &ParcelRow) -> bool {
    let to: HashSet<&Address> = parcel.recipients.iter().collect();
    let sides = sides(&parcel.submission.verdict);
    let judged = |address: &Address, inside: bool| match sides.as_ref().map(|sides| sides.get(address)) {
        // of an earlier version, whose review failed
        None => true,
        // whom nobody had
        Some(None) => false,
        Some(Some(then)) => then.is_none_or(|then| then == inside),
    };
    let copies = found.copies.iter().map(|copy| (&copy.address, copy.tenant == tenant));
    let mut reached = copies.chain(found.outside.iter().map(|address| (address, false)));
    reached.all(|(address, inside)| to.contains(address) && judged(address, inside))
}

/// On which side of the company's door each recipient was when the mail was judged; mail of earlier versions does not say it.
fn sides(judgement: &str) -> Option<HashMap<Address, Option<bool>>> {
    #[derive(Deserialize)]
    struct Then {
        recipients: Option<Vec<Side>>,
    }
    #[derive(Deserialize)]
    struct Side {
        recipient: Address,
        inside: Option<bool>,
    }
    // of what cannot be read nobody was judged
    let Ok(then) = serde_json::from_str::<Then>(judgement) else { return Some(HashMap::new()) };
    Some(then.recipients?.into_iter().map(|one| (one.recipient, one.inside)).collect())
}

/// Holds a part for the handlers in place of its departure.
fn hold(work: &Work, fate: &mut Fate, why: Untreatable) {
    tracing::warn!(reference = %work.reference, %why, "a mail cannot be treated and is held");
    fate.hits.push(hit(why));
    if !matches!(&fate.act, Act::Hold(terms) if !terms.own) {
        fate.act = Act::Hold(keepers_terms(work.at));
    }
}

#[cfg(test)]
mod tests {
    use types::{Encrypted, Encryption, EncryptionForm};

    use super::*;
    use crate::tests::{NOW, Stage};

    #[test]
    fn a_judgement_that_cannot_be_read_has_judged_nobody() {
        let taro = Address::parse("taro@a.example").unwrap();
        assert_eq!(sides(r#"{"failed":true}"#), None, "of an earlier version");
        for (said, inside) in [(r#""inside":true"#, Some(true)), (r#""verdict":"pass""#, None)] {
            let judgement = format!(r#"{{"recipients":[{{"recipient":"taro@a.example",{said}}}]}}"#);
            assert_eq!(sides(&judgement), Some(HashMap::from([(taro.clone(), inside)])));
        }
        for torn in ["", "{", r#"{"recipients":[{"recipient":7}]}"#, r#"{"recipients":{}}"#] {
            assert_eq!(sides(torn), Some(HashMap::new()), "{torn:?}");
        }
    }

    /// It came out of the release, when half of it stood in the posting, and kept all the others from going.
    #[tokio::test]
    async fn what_cannot_be_packed_is_known_before_anything_of_it_is_written() {
        let stage = Stage::set().await;
        let zip = Encryption { form: EncryptionForm::Zip, what: Encrypted::Attachments, link: None };
        let treatment = Treatment { encryption: Some(zip), ..Treatment::default() };
        let to = [Address::parse("a@other.example").unwrap()];
        for (mail, author, problem) in [
            (
                "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
                true,
                Untreatable::Protected,
            ),
            (
                "Content-Type: application/pdf\r\nContent-Transfer-Encoding: x-odd\r\n\r\nx\r\n",
                true,
                Untreatable::FilesBroken,
            ),
            ("Subject: x\r\n\r\nx\r\n", false, Untreatable::NobodyToTell),
        ] {
            let bytes = Arc::new(mail.as_bytes().to_vec());
            let stored = Bytes::New(stage.store.seal(stage.house.tenant, &bytes).await.unwrap());
            let author = author.then_some(stage.house.taro);
            let written =
                Written { tenant: stage.house.tenant, author, from: None, bytes: &bytes, stored: &stored, at: NOW };
            let ready = stage.outbound.ready(&written, &treatment, &to, None).await;
            assert!(matches!(ready, Err(OutboundError::Untreatable(why)) if why == problem), "{mail}");
        }
    }
}
