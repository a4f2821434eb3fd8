//! Links: for the door out, which serves the page, for those who sent them, and for the console.

use std::collections::HashMap;

use types::{LinkId, MailboxId, Reference, TenantId, Timestamp};

use super::{Result, Store};
use crate::{
    Access, Account, AskedFrom, CodeStep, Custody, Entrance, Exit, LinkAccess, LinkChange, LinkRow, Manage, Proof,
    REVIEW_MOST, Read, StoreError, SubmissionRow, Taking, Tenancy, TokenHash, Tried, UploadRow, Write,
};

impl Store {
    /// The link to which a token leads.
    ///
    /// # Errors
    /// The database failed.
    pub async fn link_of_token(&self, _door: &Exit, token: TokenHash) -> Result<Option<LinkRow>> {
        self.engine.link_of_token(token).await
    }
    /// Puts a code in force.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; the database failed.
    pub async fn put_code(
        &self,
        _door: &Exit,
        link: LinkId,
        code: TokenHash,
        from: AskedFrom,
        at: Timestamp,
    ) -> Result<CodeStep> {
        self.engine.put_code(link, code, from, at).await
    }
    /// Tries to open a link.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; the database failed.
    pub async fn try_link(
        &self,
        _door: &Exit,
        link: LinkId,
        proof: Proof,
        from: AskedFrom,
        at: Timestamp,
    ) -> Result<Tried> {
        self.engine.try_link(link, proof, from, at).await
    }
    /// Counts that a file is taken, before a byte of it is handed out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; the database failed.
    pub async fn begin_download(
        &self,
        _door: &Exit,
        link: LinkId,
        file: u32,
        from: AskedFrom,
        at: Timestamp,
    ) -> Result<Taking> {
        self.engine.begin_download(link, file, from, at).await
    }

    /// The links of one's own mail, each with what happened to it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for another's mail; stale access or database.
    pub async fn own_links(
        &self,
        access: &Access<Account, Read>,
        mail: Reference,
    ) -> Result<(SubmissionRow, Vec<(LinkRow, Vec<LinkAccess>)>)> {
        self.check(access)?;
        let (row, mut links) = self.links_where(mail, |row| row.author == Some(access.what().0)).await?;
        // a request for files is the handlers'
        links.retain(|(link, _)| link.collection.is_none());
        Ok((row, links))
    }
    /// What happened to a link of one's own mail before the access of this place, the newest first, at most
    /// [`crate::LINK_ACCESSES_MOST`].
    ///
    /// # Errors
    /// As [`Self::own_links`].
    pub async fn own_accesses_before(
        &self,
        access: &Access<Account, Read>,
        link: LinkId,
        before: i64,
    ) -> Result<(LinkRow, Vec<LinkAccess>)> {
        self.check(access)?;
        let row = self.link_where(link, |row| row.author == Some(access.what().0)).await?;
        if row.collection.is_some() {
            return Err(StoreError::NotFound(format!("link {link}")));
        }
        Ok((row, self.engine.accesses_before(link, before).await?))
    }
    /// The links of a company's mail, each with what happened to it.
    ///
    /// # Errors
    /// As [`Self::own_links`].
    pub async fn links_of_company(
        &self,
        access: &Access<Tenancy, Read>,
        mail: Reference,
    ) -> Result<(SubmissionRow, Vec<(LinkRow, Vec<LinkAccess>)>)> {
        self.check(access)?;
        self.links_where(mail, |row| row.tenant == access.what().0).await
    }
    /// A link of one's own mail, to be changed.
    ///
    /// # Errors
    /// As [`Self::own_links`].
    pub async fn own_link(&self, access: &Access<Account, Write>, link: LinkId) -> Result<LinkRow> {
        self.check(access)?;
        let row = self.link_where(link, |row| row.author == Some(access.what().0)).await?;
        if row.collection.is_some() { Err(StoreError::NotFound(format!("link {link}"))) } else { Ok(row) }
    }
    /// Changes a link of one's own mail.
    ///
    /// # Errors
    /// As [`Self::own_links`]; [`StoreError::Conflict`]: what it led to was disposed of, so that it does not go on.
    pub async fn change_own_link(
        &self,
        access: &Access<Account, Write>,
        link: LinkId,
        change: LinkChange,
        at: Timestamp,
    ) -> Result<LinkRow> {
        let row = self.own_link(access, link).await?;
        self.engine.change_link(link, change, at).await?;
        Ok(row)
    }
    /// Stops a link of a company's mail.
    ///
    /// # Errors
    /// As [`Self::own_links`].
    pub async fn stop_link_of_company(
        &self,
        access: &Access<Tenancy, Manage>,
        link: LinkId,
        at: Timestamp,
    ) -> Result<LinkRow> {
        self.check(access)?;
        let row = self.link_where(link, |row| row.tenant == access.what().0).await?;
        self.engine.change_link(link, LinkChange::Stop, at).await?;
        Ok(row)
    }

    /// A company's collection requests below `before`, the newest first.
    ///
    /// # Errors
    /// Stale access or database.
    pub async fn collections(
        &self,
        access: &Access<Custody, Read>,
        before: Option<LinkId>,
        most: u32,
    ) -> Result<Vec<LinkRow>> {
        self.check(access)?;
        self.engine.collections(access.what().0, before, most.clamp(1, REVIEW_MOST)).await
    }
    /// A collection request with what happened to it and what came.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for another company's.
    pub async fn collection(
        &self,
        access: &Access<Custody, Read>,
        mail: Reference,
    ) -> Result<(LinkRow, Vec<LinkAccess>, Vec<UploadRow>)> {
        self.check(access)?;
        let (_, links) = self.links_where(mail, |row| row.tenant == access.what().0).await?;
        let found = links.into_iter().find(|(link, _)| link.collection.is_some());
        let (link, accesses) = found.ok_or_else(|| StoreError::NotFound(format!("request {mail}")))?;
        let uploads = self.engine.uploads(link.id).await?;
        Ok((link, accesses, uploads))
    }
    /// A collection request of a company, to be changed.
    ///
    /// # Errors
    /// As [`Self::collection`].
    pub async fn collection_link(&self, access: &Access<Custody, Write>, link: LinkId) -> Result<LinkRow> {
        self.check(access)?;
        let row = self.link_where(link, |row| row.tenant == access.what().0).await?;
        if row.collection.is_none() { Err(StoreError::NotFound(format!("request {link}"))) } else { Ok(row) }
    }
    /// Changes a collection request of a company.
    ///
    /// # Errors
    /// As [`Self::collection`].
    pub async fn change_collection(
        &self,
        access: &Access<Custody, Write>,
        link: LinkId,
        change: LinkChange,
        at: Timestamp,
    ) -> Result<LinkRow> {
        let row = self.collection_link(access, link).await?;
        self.engine.change_link(link, change, at).await?;
        Ok(row)
    }
    /// Collection requests of which it is time to remind, whatever has become of them, the oldest reminder first, behind one of then.
    ///
    /// # Errors
    /// The database failed.
    pub async fn collections_to_remind(
        &self,
        _door: &Exit,
        at: Timestamp,
        after: Option<(Timestamp, LinkId)>,
        most: u32,
    ) -> Result<Vec<LinkRow>> {
        self.engine.collections_to_remind(at, after, most).await
    }
    /// The mailbox of a company's handlers' box; made when there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn handlers_box(&self, _door: &Entrance, tenant: TenantId) -> Result<MailboxId> {
        self.engine.handlers_box(tenant).await
    }

    async fn links_where(
        &self,
        mail: Reference,
        is_his: impl Fn(&SubmissionRow) -> bool + Send,
    ) -> Result<(SubmissionRow, Vec<(LinkRow, Vec<LinkAccess>)>)> {
        let row = self.engine.submission(mail).await?.filter(|row| is_his(row));
        let row = row.ok_or_else(|| StoreError::NotFound(format!("mail {mail}")))?;
        let mut accesses: HashMap<LinkId, Vec<LinkAccess>> = HashMap::new();
        for (link, access) in self.engine.accesses_of(row.id).await? {
            accesses.entry(link).or_default().push(access);
        }
        let links = self.engine.links_of(row.id).await?;
        let with_accesses = |link: LinkRow| {
            let seen = accesses.remove(&link.id).unwrap_or_default();
            (link, seen)
        };
        Ok((row, links.into_iter().map(with_accesses).collect()))
    }

    async fn link_where(&self, link: LinkId, is_his: impl Fn(&SubmissionRow) -> bool + Send) -> Result<LinkRow> {
        let row = self.engine.link(link).await?.filter(|row| is_his(&row.submission));
        row.ok_or_else(|| StoreError::NotFound(format!("link {link}")))
    }
}
