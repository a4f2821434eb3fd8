//! The page of results.

use message::Summary;
use serde::Deserialize;
use store::{Mailbox, MailboxRole};
use types::Domain;
use web::axum::extract::{Query as UrlQuery, State};
use web::{Answer, Visit, askama, html};

use super::SearchWords;
use super::mark::{Marked, excerpt, marked};
use super::query::{Clause, Kind, Query, Remark};
use super::run::{Folder, Found, Results, Search, Spot};
use crate::Rooms;
use crate::mail::{FolderLine, MailFrame, MailId, MailWords, Row, Rows, folder_lines};

/// Longest text that is searched for, characters.
const LONGEST: usize = 500;

/// What the URL asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    after: String,
}

/// A result.
struct Hit {
    row: Row,
    href: String,
    folder: String,
    subject: Vec<Marked>,
    preview: Vec<Marked>,
}

#[derive(askama::Template)]
#[template(path = "webmail/search/results.html")]
struct Page {
    frame: MailFrame,
    t: SearchWords,
    mail: MailWords,
    sought: String,
    chips: Vec<String>,
    remarks: Vec<String>,
    hits: Vec<Hit>,
    /// Whether there may be more than what is shown.
    more: Option<String>,
    first: Option<String>,
}

/// GET /mail/search?q=…
pub(super) async fn show(State(rooms): State<Rooms>, visit: Visit, UrlQuery(asked): UrlQuery<Asked>) -> Answer {
    let t = SearchWords::new(visit.page.language);
    let mail = MailWords::new(visit.page.language);
    let access = rooms.auth.read_account(visit.identity())?;
    let mailboxes = rooms.store.mailboxes(&access).await?;
    let sought: String = asked.q.trim().chars().take(LONGEST).collect();
    let query = Query::parse(&sought, visit.now);
    let folders = folders_of(&mailboxes, mail);
    let (directory, tenant) = (rooms.store.directory(), visit.identity().tenant());
    let outside = |summary: &Summary| {
        let hosts = summary.header.from.iter().filter_map(|address| address.host.as_ref());
        hosts.filter_map(|host| Domain::parse(&host.text()).ok()).any(|host| directory.tenant_of(&host) != Some(tenant))
    };
    let from: Option<Spot> = asked.after.parse().ok();
    let results = if query.clauses.is_empty() {
        Results { found: Vec::new(), next: None, files_left_out: false }
    } else {
        let (rooms, access, query, folders) = (&rooms, &access, &query, &folders);
        Search { rooms, access, tenant, query, folders, outside: &outside }.page(from).await?
    };
    let needles = query.needles();
    let style = visit.page.style;
    let hit = |found: &Found| {
        let Folder { mailbox, line, .. } = folders.get(found.folder)?;
        let rows = Rows { directory: &directory, tenant, words: mail, style, role: mailbox.role };
        let row = rows.row(mailbox.id, &found.row);
        Some(Hit {
            href: href_of(mailbox, row.id),
            folder: line.full.clone(),
            subject: marked(&row.subject, &needles),
            preview: excerpt(&row.preview, &needles),
            row,
        })
    };
    html(&Page {
        hits: results.found.iter().filter_map(hit).collect(),
        more: results.next.map(|next| format!("{}&after={next}", search_path(&sought))),
        first: from.map(|_| search_path(&sought)),
        chips: query.clauses.iter().map(|clause| chip(t, clause)).collect(),
        remarks: remarks(t, &query, &results),
        sought,
        t,
        mail,
        frame: MailFrame::new(&rooms, &visit, &mailboxes, None).await?,
    })
}

fn folders_of(mailboxes: &[Mailbox], words: MailWords) -> Vec<Folder> {
    let folder = |line: FolderLine| {
        let mailbox = mailboxes.iter().find(|one| one.id == line.id)?;
        Some(Folder::new(mailbox.clone(), line))
    };
    folder_lines(mailboxes, words, None).into_iter().filter_map(folder).collect()
}

fn href_of(mailbox: &Mailbox, id: MailId) -> String {
    match mailbox.role {
        Some(MailboxRole::Drafts) => format!("/mail/compose?draft={id}"),
        _ => format!("/mail/m/{id}"),
    }
}

fn search_path(sought: &str) -> String {
    format!("/mail/search?{}", form_urlencoded::Serializer::new(String::new()).append_pair("q", sought).finish())
}

fn remarks(t: SearchWords, query: &Query, results: &Results) -> Vec<String> {
    let left_out = results.files_left_out.then(|| t.files_left_out().to_owned());
    query.remarks.iter().map(|remark| told(t, remark)).chain(left_out).collect()
}

fn told(t: SearchWords, remark: &Remark) -> String {
    match remark {
        Remark::Unknown(name) => t.unknown(name),
        Remark::Wrong(typed) => t.wrong(typed),
    }
}

/// A condition as it was understood.
fn chip(t: SearchWords, clause: &Clause) -> String {
    let one = |(kind, value): &(Kind, String)| {
        let name = kind_name(t, *kind);
        match (name.is_empty(), value.is_empty()) {
            (true, _) => value.clone(),
            (false, true) => name.to_owned(),
            (false, false) => format!("{name}: {value}"),
        }
    };
    let any = clause.typed.iter().map(one).collect::<Vec<_>>().join(&format!(" {} ", t.either()));
    if clause.not { format!("{}: {any}", t.without()) } else { any }
}

fn kind_name(t: SearchWords, kind: Kind) -> &'static str {
    match kind {
        Kind::Word => "",
        Kind::From => t.in_from(),
        Kind::To => t.in_to(),
        Kind::Cc => t.in_cc(),
        Kind::Subject => t.in_subject(),
        Kind::Body => t.in_body(),
        Kind::Folder => t.in_folder(),
        Kind::File => t.in_file(),
        Kind::Attachment => t.attachment(),
        Kind::Larger => t.larger(),
        Kind::Smaller => t.smaller(),
        Kind::Period => t.period(),
        Kind::Before => t.before(),
        Kind::After => t.after(),
        Kind::Unread => t.unread(),
        Kind::Starred => t.starred(),
        Kind::External => t.external(),
    }
}
