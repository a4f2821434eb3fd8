//! What can be asked of the database: coarse operations in the words of the domain, the tokens without which
//! they cannot be asked, and the events of change. It knows no SQL; the engines (`store-sqlite`) do.
//!
//! One call is one transaction on any engine. Whatever a mail causes (copies, journal, submission, parcels,
//! queue rows, notices, audit) is one [`Posting`], written whole or not at all.

mod access;
mod annotations;
mod arrivals;
mod audits;
#[cfg(feature = "contract")]
pub mod contract;
mod correspondents;
mod custody;
mod directory;
mod dkim;
mod drafts;
mod engine;
mod error;
mod events;
mod facade;
mod factor;
mod figures;
mod folding;
mod incidents;
mod indexing;
mod ledger;
mod links;
mod mailbox;
mod name;
mod notes;
mod outgoing;
mod overlay;
mod pages;
mod partners;
mod passwords;
mod posting;
mod report;
mod reviews;
mod rights;
mod session;
mod shares;
mod texts;

pub use access::{
    Access, Account, Authority, Custody, Entrance, Exit, HeldMail, InMailbox, Manage, Reach, Read, Review, Right,
    Server, Tenancy, Write,
};
pub use annotations::{
    ANNOTATION_ENTRY, ANNOTATION_SIZE, ANNOTATIONS_IN_ALL, ANNOTATIONS_MOST, AnnotationChange, AnnotationHead,
    AnnotationNews, SHARED_ANNOTATIONS,
};
pub use arrivals::{JournalRow, Mark, ReviewedMail, ReviewedTo};
pub use audits::{AUDIT_MOST, AuditFilter, AuditKey, AuditPage, AuditRow, AuditSource, RulesVersion};
pub use correspondents::{Correspondent, NewCorrespondent, Suggested, Suggestion};
pub use custody::{Disposal, DisposalStep, Disposed, HandOver, SeenLine, handlers_of, handlers_owner};
pub use directory::{
    Change, Changed, Credentials, Directory, DomainRow, Group, GroupKind, LABELS_MOST, Label, Member, NewUser, Role,
    Roles, RulesText, Target, Tenant, User, UserChange, UserState,
};
pub use dkim::{DKIM_KEYS_MOST, DkimAlgorithm, DkimKey, DkimState, NewDkimKey, PrivateKey};
pub use drafts::{
    AnswerKind, AttachmentRow, DRAFT_ATTACHMENTS, DRAFT_FIELDS, DRAFTS_MOST, DraftAt, DraftChange, DraftCopy,
    DraftHead, DraftOrigin, DraftRow, DraftStep, Lying, NewAttachment, NewDraft,
};
pub use engine::{
    AnnotationEngine, ArrivalEngine, AuditEngine, CorrespondentEngine, DraftEngine, Engine, FactorEngine, FigureEngine,
    IncidentEngine, IndexEngine, LedgerEngine, LinkEngine, NoteEngine, PageEngine, ReviewEngine, SeenOf, SessionEngine,
    SharingEngine, TextEngine,
};
pub use error::StoreError;
pub use events::{Bell, Event};
pub use facade::{Below, Draft, Store, Writing, open};
pub use factor::{
    APP_PASSWORDS_MOST, AppKeys, AppPassword, FactorSecret, NewAppPassword, NewSecondFactor, RECOVERY_CODES,
    RecoveryHash, SecondFactor,
};
pub use figures::{HeldFigures, NewOutward, OUTWARD_LOOK, OUTWARD_RULES, OutwardFate, OutwardFigures, OutwardFilter};
pub use folding::{fold, needle, search_text};
pub use incidents::{
    INCIDENT_LINES_MOST, INCIDENT_TEXT_MOST, INCIDENTS_MOST, Incident, IncidentChange, IncidentItem, IncidentReminded,
    IncidentState, IncidentText, IncidentVersion, NewIncident,
};
pub use indexing::{DisposedRow, IndexRow};
pub use ledger::{
    Classified, LEDGER_BY_LABEL, LEDGER_MOST, LedgerAct, LedgerCopy, LedgerDocuments, LedgerDue, LedgerEntry,
    LedgerFigures, LedgerFilter, LedgerKeeper, LedgerKind, LedgerLine, LedgerPlaces, LedgerReason, LedgerState,
    NewLedgerAct, NewLedgerLine,
};
pub use links::{
    AskedFrom, CODE_GOOD_FOR, CODES_PER_HOUR, CodeStep, Collection, CollectionState, LINK_ACCESSES_MOST,
    LINK_DAYS_MOST, LINK_DOWNLOADS_MOST, LOCKED_FOR, LinkAccess, LinkChange, LinkEvent, LinkRow, NewLink, NewUpload,
    Proof, Renewal, Taking, TokenHash, Tried, UPLOAD_BYTES_MOST, UPLOAD_FILES_MOST, UPLOADS_MOST, UploadRow,
    WRONG_A_DAY, WRONG_IN_A_ROW,
};
pub use mailbox::{
    Changes, FlagChange, FlagFilter, FlagMode, FlagRow, Mailbox, MailboxRole, MailboxState, MessageRow, Moved,
    NewMessage, Opened, Placed, Usage, Want,
};
pub use name::MailboxName;
pub use notes::{NewPasswordNote, PasswordNote};
pub use outgoing::{
    Approver, Attempt, Claimed, Consent, Decision, Demands, Escalation, Held, NewApproval, NewConsent, NewHold,
    NewParcel, NewQueueRow, NewSubmission, NewTimer, NewVariant, Opening, Origin, Outcome, ParcelRef, ParcelRow,
    ParcelState, QueueAction, QueueFilter, QueueRow, QueueState, SubmissionRef, SubmissionRow, SubmissionState,
    Telling, Terms, Timer, TimerKind, TrailRow, Way,
};
pub use pages::{Neighbours, PAGE_MOST, Page, PageFilter, PageKey, PageStart};
pub use partners::{PARTNER_TEXT_MOST, PARTNERS_LIST, Partner, PartnerChange};
pub use passwords::{AGREED_MOST, AgreedPassword, NewAgreedPassword, Secret};
pub use posting::{Bytes, Folder, NewAudit, NewCopy, NewJournal, NewMail, NewTrail, Once, Posted, Posting, Replaced};
pub use report::{Damage, VerifyReport};
pub use reviews::{
    Approval, Case, CaseHistory, CaseKey, Concerned, Decided, DecidedFilter, DomainLoad, HeldKey, Part, QueuePage,
    REVIEW_MOST, Seats, Sending, SendingsOf, Unsettled,
};
pub use rights::{Rights, RightsChange};
pub use session::{EndSessions, SIGN_INS_KEPT, SessionBounds, SessionHash, SessionKind, SessionRow, SignIn};
pub use shares::{Hand, Identifier, ReaderState, SeenRow, Share, SharedMailbox, Shares, company_of, company_owner};
pub use texts::{NewTexts, TextsOf};
