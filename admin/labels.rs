//! 審査 → 番号の呼び名: the words by which a company's mail names numbers, beside those that are shipped. What a word
//! may be, `detect` says.

use std::sync::Arc;

use inspect::detect::{Labels, LabelsError};
use store::{Change, LABELS_MOST, Label, StoreError};
use web::axum::Router;
use web::axum::extract::Form;
use web::axum::http::StatusCode;
use web::axum::routing::{get, post};
use web::{Answer, Toast, Trouble, askama, html, html_with, see_with};

use crate::Console;
use crate::desk::Desk;
use crate::form::{Fields, Wrong};
use crate::frame::{Area, Frame};
use crate::rules::RuleTabs;

web::catalogue! {
    /// Texts of 番号の呼び名.
    pub struct LabelWords {
        lead: ja "社内で使う番号の呼び名を登録します。標準の呼び名(個人番号、マイナンバーなど)に加えて、検出に使います。",
            en "The words by which your mail names numbers. They are looked for beside the shipped ones (個人番号, マイナンバー and others).";
        count(n: usize): ja "{n}件の呼び名", en "{n} words", one "One word";
        none: ja "登録した呼び名はまだありません。", en "There is no word of your own yet.";
        word: ja "呼び名", en "Word";
        kind: ja "意味", en "What it says";
        strong: ja "マイナンバー(個人番号)である", en "the number is a My Number";
        negative: ja "別の番号である", en "it is another number";
        beside: ja "すぐ後に番号があればマイナンバーである", en "the number right behind it is a My Number";
        short: ja "すぐ隣の番号は別の番号である", en "the number right beside it is another one";
        weak: ja "税・給与・人事の文面である", en "the text is about tax, payroll or personnel";
        twelve: ja "12桁の番号である", en "the number has twelve digits";
        person: ja "氏名の欄である", en "a person's name is asked for";
        birth: ja "生年月日の欄である", en "a birth date is asked for";
        number: ja "「番号」「No.」のような語である", en "a word such as “number” or “No.”";
        neutral: ja "意味を持たない(呼び名を含む長い語)", en "nothing (a longer word that holds another one)";
        add: ja "呼び名を追加", en "Add words";
        words: ja "呼び名(1行に1件)", en "Words, one a line";
        words_hint: ja "2文字以上。登録済みの呼び名は、意味が置き換わります。", en "Two letters or more. A word that is there takes the new meaning.";
        do_add: ja "追加", en "Add";
        added(n: usize): ja "{n}件の呼び名を追加しました。", en "{n} words have been added.", one "The word has been added.";
        remove: ja "削除", en "Remove";
        remove_of(word: &str): ja "{word} を削除", en "Remove {word}";
        removed(word: &str): ja "{word} を削除しました。", en "{word} has been removed.";
        gone: ja "その呼び名はすでに削除されています。", en "That word is not there any more.";
        missing: ja "呼び名を入力してください。", en "Please write a word.";
        too_short(word: &str): ja "{word}:2文字以上にしてください。", en "{word}: two letters or more.";
        too_long(word: &str): ja "{word}:60文字以内にしてください。", en "{word}: 60 characters at most.";
        digits: ja "4桁以上の数字を含む語は登録できません。", en "A word cannot hold a number of four or more digits.";
        no_word(word: &str): ja "{word} は呼び名にできません。", en "{word} cannot be a word for numbers.";
        too_many(n: usize): ja "登録できるのは{n}件までです。", en "There can be {n} words at most.";
    }
}

/// What a word may say, as `detect` calls it.
const KINDS: [&str; 10] =
    ["strong", "negative", "beside", "short", "weak", "twelve", "person", "birth", "number", "neutral"];

impl LabelWords {
    fn kind_told(&self, kind: &str) -> &'static str {
        match kind {
            "strong" => self.strong(),
            "negative" => self.negative(),
            "beside" => self.beside(),
            "short" => self.short(),
            "weak" => self.weak(),
            "twelve" => self.twelve(),
            "person" => self.person(),
            "birth" => self.birth(),
            "number" => self.number(),
            _ => self.neutral(),
        }
    }
}

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/t/{tenant}/labels", get(list).post(add)).route("/t/{tenant}/labels/remove", post(remove))
}

struct Row {
    word: String,
    kind: &'static str,
}

#[derive(askama::Template)]
#[template(path = "admin/labels/list.html")]
struct List {
    frame: Frame,
    tabs: RuleTabs,
    t: LabelWords,
    rows: Vec<Row>,
    kinds: Vec<(&'static str, &'static str)>,
    given: Fields,
    wrong: Wrong,
}

async fn list(desk: Desk) -> Answer {
    desk.read()?;
    html(&page(&desk, Fields::default(), Wrong::default()))
}

fn page(desk: &Desk, given: Fields, wrong: Wrong) -> List {
    let t = LabelWords::new(desk.language());
    let own = desk.directory.labels.get(&desk.tenant.id).map(|labels| labels.as_slice()).unwrap_or_default();
    let rows = own.iter().map(|one| Row { word: one.word.clone(), kind: t.kind_told(&one.kind) }).collect();
    let kinds = KINDS.map(|kind| (kind, t.kind_told(kind))).to_vec();
    List { frame: desk.frame(Area::Rules), tabs: RuleTabs::new(desk.language()), t, rows, kinds, given, wrong }
}

async fn add(desk: Desk, Form(mut given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = LabelWords::new(desk.language());
    let mut wrong = Wrong::default();
    let kind = KINDS.into_iter().find(|kind| *kind == given.get("kind")).ok_or(Trouble::BadRequest)?;
    let labels = typed(t, kind, &given, &mut wrong);
    if wrong.count() == 0 {
        let (tenant, count) = (desk.tenant.id, labels.len());
        match desk.console.store.change(&access, Change::AddLabels { tenant, labels }, desk.visit.now).await {
            Ok(_) => return see_with(&desk.path("labels"), &Toast::new(t.added(count))),
            Err(StoreError::Invalid(_)) => wrong.add("words", t.too_many(LABELS_MOST)),
            Err(error) => return Err(error.into()),
        }
    }
    // what was typed is shown again, but no number
    let words = inspect::mask_every_number(given.raw("words"));
    given.set("words", words);
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&desk, given, wrong))
}

/// The words of the form with their kind, each read as a list of one.
fn typed(t: LabelWords, kind: &str, given: &Fields, wrong: &mut Wrong) -> Vec<Label> {
    let lines = given.get("words").lines().map(str::trim).filter(|line| !line.is_empty());
    let mut labels = Vec::new();
    for word in lines {
        let told = &inspect::mask_every_number(word);
        match Labels::words(&format!("[{kind}]\n{word}")) {
            Ok(read) if !read.is_empty() => {
                labels.extend(read.into_iter().map(|(kind, word)| Label { kind: kind.to_owned(), word }));
            }
            Ok(_) => wrong.add("words", t.no_word(told)),
            Err(error) => wrong.add("words", problem(t, told, &error)),
        }
    }
    if labels.is_empty() && wrong.count() == 0 {
        wrong.add("words", t.missing());
    }
    labels
}

fn problem(t: LabelWords, word: &str, error: &LabelsError) -> String {
    match error {
        LabelsError::Section(_) => t.no_word(word),
        LabelsError::Short(_) => t.too_short(word),
        LabelsError::Long(_) => t.too_long(&word.chars().take(20).collect::<String>()),
        // the number is not repeated
        LabelsError::Digits(_) => t.digits().to_owned(),
        LabelsError::TooMany => t.too_many(LABELS_MOST),
    }
}

async fn remove(desk: Desk, Form(given): Form<Fields>) -> Answer {
    let access = desk.manage()?;
    let t = LabelWords::new(desk.language());
    let word = given.get("word").to_owned();
    let change = Change::RemoveLabels { tenant: desk.tenant.id, words: vec![word.clone()] };
    let said = match desk.console.store.change(&access, change, desk.visit.now).await {
        Ok(_) => t.removed(&word),
        Err(StoreError::NotFound(_)) => t.gone().to_owned(),
        Err(error) => return Err(error.into()),
    };
    see_with(&desk.path("labels"), &Toast::new(said))
}
