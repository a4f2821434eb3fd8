//! What all links of a part have in common, read from its mail once: whether the whole stays here, and what of the mail stands in
//! the mails that bring the links.

use std::sync::Arc;

use message::Parsed;
use message::charset::Forced;
use message::rewrite::{Protection, protection};
use types::{Address, Limits, Treatment};

use crate::release::{Names, names};
use crate::{Outbound, OutboundError, treat};

/// What a link's mail takes over from the mail that stays here.
pub(crate) struct LinkSource {
    /// The whole mail stays here, not only its files.
    pub whole: bool,
    /// Its subject without numbers.
    pub subject: String,
    /// The names beside its recipients' addresses.
    pub names: Names,
    /// The first of its authors.
    pub author: Option<Address>,
    /// Its Message-ID.
    pub id: Option<String>,
    /// Where only the files stay here: its own header fields and its text.
    pub open: Option<(Vec<u8>, String)>,
    /// What rules put at the end of a body: here it stands at the end of the mail that brings the link.
    pub footers: Vec<String>,
}

impl LinkSource {
    fn read(bytes: &[u8], limits: &Limits, footers: Vec<String>, whole: impl FnOnce(&Parsed<'_>) -> bool) -> Self {
        let mail = Parsed::parse(bytes, limits);
        let whole = whole(&mail);
        let open = || (message::instead::head(&mail), message::view::text(&mail, Forced::default(), None));
        Self {
            whole,
            subject: inspect::mask_numbers(&mail.subject()),
            names: names(&mail),
            author: mail.from().into_iter().next(),
            id: mail.message_id(),
            open: (!whole).then(open),
            footers,
        }
    }
}

impl Outbound {
    /// Reads the mail of a part that leaves as links, on a thread that may take its time.
    ///
    /// # Errors
    /// The thread could not do it.
    pub(crate) async fn link_source(
        &self,
        bytes: &Arc<Vec<u8>>,
        treatment: &Treatment,
    ) -> Result<LinkSource, OutboundError> {
        let said = treat::demands_whole(treatment);
        self.source(bytes, treatment, move |mail| said || stays_whole(mail)).await
    }

    /// The same of a link that is there already.
    ///
    /// # Errors
    /// As [`Self::link_source`].
    pub(super) async fn source_again(
        &self,
        bytes: Vec<u8>,
        treatment: &Treatment,
        whole: bool,
    ) -> Result<LinkSource, OutboundError> {
        self.source(&Arc::new(bytes), treatment, move |_| whole).await
    }

    async fn source(
        &self,
        bytes: &Arc<Vec<u8>>,
        treatment: &Treatment,
        whole: impl FnOnce(&Parsed<'_>) -> bool + Send + 'static,
    ) -> Result<LinkSource, OutboundError> {
        let limits = self.limits.clone();
        let footers = treatment.footers.iter().map(|footer| footer.text.clone()).collect();
        crate::work::apart(bytes, move |bytes| LinkSource::read(bytes, &limits, footers, whole)).await
    }
}

/// Where there is no file that could stay alone, where its author signed or encrypted it, since its parts are no mail by
/// themselves then, and where its text and its files would not be all of it.
fn stays_whole(mail: &Parsed<'_>) -> bool {
    protection(mail) != Protection::None
        || message::attachments::attachments(mail).is_empty()
        || !message::attachments::with_text_are_all(mail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(mail: &str) -> LinkSource {
        LinkSource::read(mail.as_bytes(), &Limits::default(), Vec::new(), stays_whole)
    }

    fn mail(texts: usize) -> String {
        let text = |number: usize| format!("--b\r\nContent-Type: text/plain\r\n\r\ntext {number} 1234 5678 9018\r\n");
        let texts: String = (1..=texts).map(text).collect();
        format!(
            "From: a@x.example\r\nTo: =?utf-8?b?5bGx55Sw?= <b@y.example>\r\nSubject: 個人番号 1234 5678 9018\r\nMessage-ID: <1@x>\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n{texts}\
             --b\r\nContent-Type: text/csv; name=a.csv\r\n\r\n1,2\r\n--b--\r\n"
        )
    }

    #[test]
    fn files_alone_stay_here_where_the_text_can_be_told_whole() {
        let read = source(&mail(50));
        let (head, text) = read.open.expect("only the files stay here");
        assert!(text.contains("text 50") && String::from_utf8(head).unwrap().starts_with("From: a@x.example\r\n"));
        assert_eq!((read.names["b@y.example"].as_str(), read.id.as_deref()), ("山田", Some("1@x")));
        assert!(!read.subject.contains("9018"), "{}", read.subject);
    }

    /// The texts behind the fiftieth were neither in the mail with the link nor among the files.
    #[test]
    fn a_mail_of_more_texts_than_are_shown_stays_here_as_a_whole() {
        let read = source(&mail(51));
        assert!(read.whole && read.open.is_none());
    }
}
