//! The form in which a part of a mail leaves: what its treatment makes of the bytes that were handed in. What cannot be
//! done is an error, and whoever asks holds the mail: nothing goes untreated.

use std::ops::Range;
use std::sync::Arc;

use message::Parsed;
use message::rewrite::{self, NotAppended, Protection};
use store::{Demands, NewTrail, ParcelRef, Posting, SubmissionRef};
use types::{Encrypted, Language, Limits, LinkIdentity, Timestamp, Treatment, UserId};

use crate::act::trail;
use crate::fates::Hit;
use crate::release::Released;
use crate::{Outbound, OutboundError, links, zips};

/// The rule's code under which a mail is held that cannot be treated.
pub(crate) const CODE: &str = "NOT-TREATED";

/// Why a mail cannot be treated as rules demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untreatable {
    /// Its recipients stand in a part that its author signed or encrypted.
    #[error("the recipients stand in what the sender signed or encrypted and cannot be hidden")]
    RecipientsProtected,
    /// Its recipients are to be hidden, and a link would lead to the mail as it was written.
    #[error("a link leads to the mail with all its recipients, which a rule hides")]
    RecipientsInLink,
    /// The body is not built as it says, so that nothing can be put at its end.
    #[error("the body of the mail is broken, and nothing can be put at its end")]
    BodyBroken,
    /// With what is put in it the mail is larger than a mail may be.
    #[error("the mail would be too large")]
    TooBig,
    /// Its author signed or encrypted it, so that it is not packed.
    #[error("the sender signed or encrypted the mail, so no ZIP is made of it")]
    Protected,
    /// Its files cannot be had whole, so that some would be lost.
    #[error("the files of the mail cannot be read whole, so no ZIP is made of it")]
    FilesBroken,
    /// It would go under a password of which nobody could be told.
    #[error("nobody here wrote the mail who could be told its password")]
    NobodyToTell,
    /// It would go as a link, and nobody outside can reach a page of this server.
    #[error("there is no page for recipients outside (listen.content, web.content_url)")]
    NoPage,
    /// An address of it leads to others than when it was judged, so that nobody has decided about them.
    #[error("an address leads to other recipients than those about whom it was decided")]
    OtherRecipients,
}

impl From<NotAppended> for Untreatable {
    fn from(why: NotAppended) -> Self {
        match why {
            NotAppended::Broken => Self::BodyBroken,
            NotAppended::TooBig => Self::TooBig,
        }
    }
}

impl Untreatable {
    /// Whether nobody's word can let it go as it is: it has to be sent anew.
    pub(crate) fn is_beyond_approval(self) -> bool {
        self == Self::OtherRecipients
    }

    /// The reason for people.
    #[must_use]
    pub fn told(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::RecipientsProtected, Language::Ja) => {
                "署名または暗号化された部分に宛先が含まれるため、宛先を隠すことができません。"
            }
            (Self::RecipientsInLink, Language::Ja) => {
                "リンクの先には宛先を含むメール全体があるため、宛先を隠す規則とリンクで送信する規則を同時に適用できません。"
            }
            (Self::RecipientsInLink, Language::En) => {
                "A link leads to the mail with all its recipients, which another rule hides: both cannot be done."
            }
            (Self::BodyBroken, Language::Ja) => {
                "メールの構造が壊れているため、規則で定められた定型文を本文に付けられません。"
            }
            (Self::BodyBroken, Language::En) => {
                "The mail is broken, so that the footer that a rule demands cannot be added."
            }
            (Self::TooBig, Language::Ja) => "規則で定められた処理をすると、メールが大きくなりすぎます。",
            (Self::TooBig, Language::En) => "With what a rule demands the mail would be too large.",
            (Self::RecipientsProtected, Language::En) => {
                "The recipients stand in what was signed or encrypted and cannot be hidden."
            }
            (Self::Protected, Language::Ja) => {
                "署名または暗号化されたメールは書き換えられないため、ZIP で送信できません。"
            }
            (Self::Protected, Language::En) => {
                "The mail was signed or encrypted: it is not changed, and no ZIP is made of it."
            }
            (Self::FilesBroken, Language::Ja) => "添付ファイルを完全に読み取れないため、ZIP で送信できません。",
            (Self::FilesBroken, Language::En) => "The attachments cannot be read whole, so no ZIP is made of them.",
            (Self::NobodyToTell, Language::Ja) => {
                "パスワードをお知らせする送信者が社内にいないため、パスワード付きでは送信できません。"
            }
            (Self::NobodyToTell, Language::En) => {
                "Nobody here wrote the mail who could be told the password under which it would go."
            }
            (Self::NoPage, Language::Ja) => "社外向けの受け取りページがないため、リンクで送信できません。",
            (Self::NoPage, Language::En) => "This server has no page for recipients outside, so no link can be sent.",
            (Self::OtherRecipients, Language::Ja) => {
                "グループなどの変更により、審査したときと届く先が変わっています。宛先をご確認のうえ、もう一度送信してください。"
            }
            (Self::OtherRecipients, Language::En) => {
                "An address leads to others than when the mail was judged (a group was changed, say). Please check the recipients and send it again."
            }
        }
    }
}

/// A form in which a mail leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// Lines that stand before its header, behind the trace.
    pub lines: Vec<u8>,
    /// Ranges that are not sent.
    pub cuts: Vec<Range<u64>>,
    /// Changed bytes, to which the cuts belong; `None`: those that were handed in.
    pub bytes: Option<Arc<Vec<u8>>>,
    /// How it must go.
    pub demands: Demands,
    /// Somebody signed or encrypted it, so that what would change its body was left out and its way is protected instead.
    pub left_as_it_is: bool,
}

impl Form {
    /// What `treatment` makes of a mail of which `cuts` are never sent; `None`: it goes as it was handed in.
    ///
    /// # Errors
    /// It cannot be done.
    pub fn of(
        treatment: &Treatment,
        bytes: &[u8],
        cuts: &[Range<u64>],
        limits: &Limits,
    ) -> Result<Option<Self>, Untreatable> {
        if changes_nothing(treatment) {
            return Ok(None);
        }
        let mut form = Self { cuts: cuts.to_vec(), demands: demands(treatment), ..Self::default() };
        let protection = rewrite::protection(&Parsed::parse(bytes, limits));
        form.rewrite(treatment, bytes, protection, limits)?;
        let bytes = form.bytes.as_deref().map_or(bytes, Vec::as_slice);
        form.lines = lines(treatment);
        if treatment.hide_recipients {
            if links::link_of(treatment).is_some() {
                return Err(Untreatable::RecipientsInLink);
            }
            if matches!(protection, Protection::SignedWithHeader | Protection::Encrypted) {
                return Err(Untreatable::RecipientsProtected);
            }
            // Bcc is among them
            form.cuts = rewrite::recipient_fields(bytes);
            form.lines.extend_from_slice(rewrite::NOBODY);
        }
        Ok(Some(form))
    }

    /// What changes the body; where somebody signed or encrypted it, its way is protected instead.
    fn rewrite(
        &mut self,
        treatment: &Treatment,
        bytes: &[u8],
        protection: Protection,
        limits: &Limits,
    ) -> Result<(), Untreatable> {
        self.add_footers(treatment, bytes, protection, limits)?;
        if zips::is_zip(treatment) {
            // of what is packed, footers and all
            zips::can_be_made(self.bytes.as_deref().map_or(bytes, Vec::as_slice), limits)?;
        }
        Ok(())
    }

    fn add_footers(
        &mut self,
        treatment: &Treatment,
        bytes: &[u8],
        protection: Protection,
        limits: &Limits,
    ) -> Result<(), Untreatable> {
        // what a link leads to is the mail as it was written; its footers stand in the mail that brings the link
        if treatment.footers.is_empty() || links::link_of(treatment).is_some() {
            return Ok(());
        }
        if protection != Protection::None {
            self.left_as_it_is = true;
            self.demands.verified_tls = true;
            return Ok(());
        }
        let changed = rewrite::with_footers(bytes, &treatment.footers, limits)?;
        self.cuts = message::cut::header(&changed, "Bcc");
        self.bytes = Some(Arc::new(changed));
        Ok(())
    }
}

impl Outbound {
    /// The form in which a part with this treatment leaves.
    ///
    /// # Errors
    /// [`OutboundError::Untreatable`].
    pub(crate) async fn form(
        &self,
        treatment: &Treatment,
        author: Option<UserId>,
        bytes: &Arc<Vec<u8>>,
        cuts: &[Range<u64>],
    ) -> Result<Option<Form>, OutboundError> {
        let made = self.made(vec![Some(treatment.clone())], author, bytes, cuts).await?;
        Ok(made.into_iter().next().unwrap_or(Ok(None))?)
    }

    /// What treatments make of a mail, in their order, on a thread that may take its time; `None`: nothing is asked. Whether
    /// each can be done is decided here alone: for what leaves, what waits, and what is only tried.
    pub(crate) async fn made(
        &self,
        treatments: Vec<Option<Treatment>>,
        author: Option<UserId>,
        bytes: &Arc<Vec<u8>>,
        cuts: &[Range<u64>],
    ) -> Result<Vec<Result<Option<Form>, Untreatable>>, OutboundError> {
        self.each_made(treatments, author, bytes, cuts, |made| made).await
    }

    /// The same with what `of` keeps of each form, before the next is made.
    async fn each_made<T: Send + 'static>(
        &self,
        treatments: Vec<Option<Treatment>>,
        author: Option<UserId>,
        bytes: &Arc<Vec<u8>>,
        cuts: &[Range<u64>],
        of: fn(Result<Option<Form>, Untreatable>) -> T,
    ) -> Result<Vec<T>, OutboundError> {
        if treatments.iter().flatten().all(changes_nothing) {
            return Ok(treatments.into_iter().map(|_| of(Ok(None))).collect());
        }
        // who is gone is told nothing any more
        let author = author.filter(|id| self.store.directory().users.contains_key(id));
        let (limits, cuts, has_page) = (self.limits.clone(), cuts.to_vec(), self.content_url.is_some());
        let make = move |bytes: &[u8]| {
            let one = |treatment: Option<Treatment>| {
                let Some(treatment) = treatment else { return Ok(None) };
                can_reach(&treatment, has_page)?;
                can_tell(&treatment, author)?;
                Form::of(&treatment, bytes, &cuts, &limits)
            };
            treatments.into_iter().map(|treatment| of(one(treatment))).collect()
        };
        crate::work::apart(bytes, make).await
    }

    /// Why treatments could not be done to a mail by this author, in their order; `None`: they could.
    ///
    /// # Errors
    /// The work came to no end.
    pub(crate) async fn untreatable(
        &self,
        treatments: Vec<Option<Treatment>>,
        author: Option<UserId>,
        bytes: &Arc<Vec<u8>>,
    ) -> Result<Vec<Option<Untreatable>>, OutboundError> {
        // many recipients have few treatments, and a form may be as large as the mail
        let mut distinct: Vec<Option<Treatment>> = Vec::new();
        let mut place = |treatment: Option<Treatment>| {
            distinct.iter().position(|known| *known == treatment).unwrap_or_else(|| {
                distinct.push(treatment);
                distinct.len() - 1
            })
        };
        let places: Vec<usize> = treatments.into_iter().map(&mut place).collect();
        let why = self.each_made(distinct, author, bytes, &[], Result::err).await?;
        Ok(places.into_iter().map(|place| why.get(place).copied().flatten()).collect())
    }
}

/// Whether a mail goes as it was handed in: whoever gets a copy changes nothing of it.
fn changes_nothing(treatment: &Treatment) -> bool {
    *treatment == Treatment { bcc: treatment.bcc.clone(), ..Treatment::default() }
}

/// Whether what is encrypted is to be the whole mail, not only its files.
pub(crate) fn demands_whole(treatment: &Treatment) -> bool {
    treatment.encryption.is_none_or(|encryption| encryption.what == Encrypted::Whole)
}

/// Whether a recipient outside reaches what a link leads to.
fn can_reach(treatment: &Treatment, has_page: bool) -> Result<(), Untreatable> {
    if links::link_of(treatment).is_some() && !has_page { Err(Untreatable::NoPage) } else { Ok(()) }
}

/// Whether somebody can be told what opens a ZIP, or a link by a password.
fn can_tell(treatment: &Treatment, author: Option<UserId>) -> Result<(), Untreatable> {
    let by_password = links::link_of(treatment).is_some_and(|terms| terms.identity == LinkIdentity::Password);
    let is_told = zips::is_zip(treatment) || by_password;
    if is_told && author.is_none() { Err(Untreatable::NobodyToTell) } else { Ok(()) }
}

/// What of a mail as it was written is not shown to people inside under this treatment.
pub(crate) fn cuts_as_written(treatment: &Treatment, mail: &Released<'_>) -> Vec<Range<u64>> {
    if treatment.hide_recipients { rewrite::recipient_fields(mail.bytes) } else { mail.cuts.to_vec() }
}

/// The lines that a treatment puts before a header.
pub(crate) fn lines(treatment: &Treatment) -> Vec<u8> {
    treatment.headers.iter().flat_map(|line| rewrite::line(&line.name, &line.value)).collect()
}

/// How a part must go.
pub(crate) fn demands(treatment: &Treatment) -> Demands {
    Demands { verified_tls: treatment.verified_tls, route: treatment.route.clone() }
}

/// What people are told of a mail that cannot be treated.
pub(crate) fn hit(why: Untreatable) -> Hit {
    let message = format!("{}{}", why.told(Language::Ja), why.told(Language::En));
    Hit { code: CODE.to_owned(), message, approver_message: String::new(), numbers: false, stops: true }
}

/// The lines of the timeline that say what was done: how the part was changed and protected, and who has a copy.
pub(crate) fn told(
    posting: &mut Posting,
    submission: SubmissionRef,
    parcel: ParcelRef,
    (treatment, form): (&Treatment, Option<&Form>),
    copied: &str,
    at: Timestamp,
) {
    let line = |event, detail: &str| -> NewTrail { trail(submission, Some(parcel), at, event, detail) };
    let linked = links::link_of(treatment).is_some();
    let headers: Vec<String> = treatment.headers.iter().map(|line| format!("{}: {}", line.name, line.value)).collect();
    let lines = [
        (!copied.is_empty()).then(|| line("parcel.copied", copied)),
        (!headers.is_empty()).then(|| line("parcel.header_added", &headers.join(", "))),
        treatment.hide_recipients.then(|| line("parcel.recipients_hidden", "")),
        linked.then(|| line("parcel.linked", "")),
        (!treatment.footers.is_empty() && (linked || form.is_some_and(|form| form.bytes.is_some())))
            .then(|| line("parcel.footer_added", "")),
        form.filter(|form| form.left_as_it_is).map(|_| line("parcel.left_signed", "")),
        treatment.verified_tls.then(|| line("parcel.tls_demanded", "")),
        treatment.route.as_ref().map(|name| line("parcel.routed", name)),
    ];
    posting.trail.extend(lines.into_iter().flatten());
}

#[cfg(test)]
mod tests {
    use types::HeaderLine;

    use super::*;

    fn treatment(hide_recipients: bool, headers: &[(&str, &str)]) -> Treatment {
        let line = |(name, value): &(&str, &str)| HeaderLine { name: (*name).into(), value: (*value).into() };
        Treatment { hide_recipients, headers: headers.iter().map(line).collect(), ..Treatment::default() }
    }

    fn form(treatment: &Treatment, bytes: &[u8]) -> Result<Option<Form>, Untreatable> {
        Form::of(treatment, bytes, &message::cut::header(bytes, "Bcc"), &Limits::default())
    }

    const MAIL: &[u8] = b"To: a@x.example\r\nBcc: b@x.example\r\nSubject: s\r\n\r\nhello\r\n";

    #[test]
    fn what_nothing_is_done_to_has_no_form_of_its_own() {
        assert_eq!(form(&Treatment::default(), MAIL), Ok(None));
        let copy = Treatment { bcc: ["boss@a.example".into()].into(), ..Treatment::default() };
        assert_eq!(form(&copy, MAIL), Ok(None), "a copy changes nothing for the others");
    }

    #[test]
    fn lines_are_added_and_bcc_is_never_shown() {
        let added = form(&treatment(false, &[("X-B", "2"), ("X-A", "1")]), MAIL).unwrap().unwrap();
        assert_eq!(
            added,
            Form {
                lines: b"X-A: 1\r\nX-B: 2\r\n".to_vec(),
                cuts: std::iter::once(17..35).collect(),
                ..Form::default()
            }
        );
        let hidden = form(&treatment(true, &[]), MAIL).unwrap().unwrap();
        assert_eq!(hidden, Form { lines: rewrite::NOBODY.to_vec(), cuts: vec![0..17, 17..35], ..Form::default() });
    }

    #[test]
    fn recipients_are_not_hidden_before_a_link_that_leads_to_them() {
        let encryption = Some(types::Encryption {
            form: types::EncryptionForm::Link,
            what: types::Encrypted::Attachments,
            link: None,
        });
        let both = Treatment { encryption, ..treatment(true, &[]) };
        assert_eq!(form(&both, MAIL), Err(Untreatable::RecipientsInLink));
        assert!(form(&Treatment { encryption, ..Treatment::default() }, MAIL).is_ok());
    }

    #[test]
    fn what_was_signed_or_encrypted_with_its_recipients_is_not_sent() {
        let mail = |kind: &str| {
            format!("To: a@x.example\r\nContent-Type: {kind}\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n").into_bytes()
        };
        let hide = treatment(true, &[]);
        for (kind, works) in [
            ("multipart/signed; boundary=b", true),
            ("multipart/signed; boundary=b; hp=clear", false),
            ("multipart/encrypted; boundary=b", false),
        ] {
            assert_eq!(form(&hide, &mail(kind)).is_ok(), works, "{kind}");
            assert!(form(&treatment(false, &[("X-A", "1")]), &mail(kind)).is_ok(), "{kind}");
        }
    }

    #[test]
    fn a_footer_makes_bytes_of_its_own_from_which_bcc_is_cut() {
        let footer = types::Footer { text: "the end".into(), html: None };
        let treatment = Treatment { footers: [footer].into(), hide_recipients: true, ..Treatment::default() };
        let made = form(&treatment, MAIL).unwrap().unwrap();
        let bytes = made.bytes.unwrap();
        assert!(bytes.ends_with(b"hello\r\n\r\nthe end\r\n"));
        assert_eq!((made.cuts, made.lines), (rewrite::recipient_fields(&bytes), rewrite::NOBODY.to_vec()));
        let broken = b"Content-Type: multipart/mixed\r\n\r\nx\r\n";
        assert_eq!(
            form(&Treatment { hide_recipients: false, ..treatment.clone() }, broken),
            Err(Untreatable::BodyBroken)
        );
        let signed = b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n";
        let made = form(&Treatment { hide_recipients: false, ..treatment }, signed).unwrap().unwrap();
        assert!(made.left_as_it_is && made.demands.verified_tls && made.bytes.is_none() && made.lines.is_empty());
    }
}
