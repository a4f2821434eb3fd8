//! 一般: language, size of letters, theme, height of rows, undo of sending, single keys.

use std::sync::Arc;

use serde::Deserialize;
use types::{Density, Language, Settings, TextSize, Theme, UndoTime};
use web::axum::extract::{Form, State};
use web::{Answer, Toast, Trouble, Visit, askama, html, language_of, see_with};

use super::{Tab, TabWords, frame};
use crate::Webmail;
use crate::frame::Frame;

web::catalogue! {
    /// Texts of the tab 一般.
    pub struct GeneralWords {
        language: ja "言語 (Language)", en "Language (言語)";
        text_size: ja "文字の大きさ", en "Size of letters";
        standard: ja "標準", en "Standard";
        large: ja "大", en "Large";
        largest: ja "特大", en "Largest";
        theme: ja "テーマ", en "Theme";
        system: ja "端末の設定に合わせる", en "As the device";
        light: ja "ライト", en "Light";
        dark: ja "ダーク", en "Dark";
        density: ja "行の高さ", en "Height of rows";
        compact: ja "狭い", en "Compact";
        relaxed: ja "広い", en "Relaxed";
        shortcuts: ja "ショートカットキー", en "Shortcut keys";
        shortcuts_on: ja "1文字のキーで操作する(j/k で移動、c で新規作成など)", en "Act on single keys (j/k to move, c to compose …)";
        undo: ja "送信の取り消し", en "Undo sending";
        undo_none: ja "取り消さない", en "Off";
        undo_seconds(n: &str): ja "{n}秒間", en "{n} seconds";
        undo_locked: ja "管理者が設定しています: 送信は取り消せません。", en "Set by your administrator: sending cannot be undone.";
        saved: ja "設定を保存しました。", en "Settings saved.";
    }
}

/// One radio button.
struct Choice {
    name: &'static str,
    word: &'static str,
    label: String,
    chosen: bool,
}

/// A named set of radio buttons.
struct Choices {
    title: &'static str,
    choices: Vec<Choice>,
    /// Said in their place when there is nothing to choose.
    locked: Option<&'static str>,
}

#[derive(askama::Template)]
#[template(path = "webmail/settings/general.html")]
struct General {
    frame: Frame,
    t: GeneralWords,
    tabs: TabWords,
    groups: Vec<Choices>,
    shortcuts: bool,
}

pub(super) async fn show(State(webmail): State<Arc<Webmail>>, visit: Visit) -> Answer {
    let policy = policy(&webmail, &visit);
    let (language, settings) = (visit.page.language, visit.page.settings.clone());
    let t = GeneralWords::new(language);
    html(&General {
        groups: groups(t, language, &settings).into_iter().chain([undo(t, settings.undo, policy)]).collect(),
        shortcuts: settings.shortcuts,
        tabs: TabWords::new(language),
        t,
        frame: frame(visit.page, Tab::General),
    })
}

/// The longest time for which mail can be taken back here.
fn policy(webmail: &Webmail, visit: &Visit) -> UndoTime {
    let directory = webmail.store.directory();
    directory.tenants.get(&visit.identity().tenant()).map(|tenant| tenant.policies.undo).unwrap_or_default()
}

/// The times for which mail can be taken back, as far as the company allows.
fn undo(t: GeneralWords, chosen: UndoTime, policy: UndoTime) -> Choices {
    let offered = UndoTime::ALL.iter().filter(|time| time.within(policy) == **time);
    let choice = |time: &UndoTime| Choice {
        name: "undo",
        word: time.word(),
        label: if *time == UndoTime::None { t.undo_none().to_owned() } else { t.undo_seconds(time.word()) },
        chosen: *time == chosen.within(policy),
    };
    let locked = (policy == UndoTime::None).then(|| t.undo_locked());
    let choices = if locked.is_some() { Vec::new() } else { offered.map(choice).collect() };
    Choices { title: t.undo(), choices, locked }
}

fn groups(t: GeneralWords, language: Language, settings: &Settings) -> Vec<Choices> {
    let choice = |name, word, label: &str, chosen| Choice { name, word, label: label.to_owned(), chosen };
    let languages = [("ja", "日本語", Language::Ja), ("en", "English", Language::En)];
    let sizes = [t.standard(), t.large(), t.largest()];
    let themes = [t.system(), t.light(), t.dark()];
    let heights = [t.compact(), t.standard(), t.relaxed()];
    vec![
        Choices {
            title: t.language(),
            choices: languages.map(|(word, label, one)| choice("language", word, label, one == language)).into(),
            locked: None,
        },
        Choices {
            title: t.text_size(),
            choices: TextSize::ALL
                .iter()
                .zip(sizes)
                .map(|(one, label)| choice("text_size", one.word(), label, *one == settings.text_size))
                .collect(),
            locked: None,
        },
        Choices {
            title: t.theme(),
            choices: Theme::ALL
                .iter()
                .zip(themes)
                .map(|(one, label)| choice("theme", one.word(), label, *one == settings.theme))
                .collect(),
            locked: None,
        },
        Choices {
            title: t.density(),
            choices: Density::ALL
                .iter()
                .zip(heights)
                .map(|(one, label)| choice("density", one.word(), label, *one == settings.density))
                .collect(),
            locked: None,
        },
    ]
}

#[derive(Debug, Deserialize)]
pub(super) struct Given {
    language: String,
    text_size: String,
    theme: String,
    density: String,
    shortcuts: Option<String>,
    #[serde(default)]
    undo: Option<String>,
}

impl Given {
    /// The choices over those before; `None` when a word is not among those that the form offers.
    fn read(&self, mut settings: Settings, policy: UndoTime) -> Option<(Language, Settings)> {
        let language = language_of(&self.language)?;
        settings.text_size = TextSize::parse(&self.text_size)?;
        settings.theme = Theme::parse(&self.theme)?;
        settings.density = Density::parse(&self.density)?;
        settings.shortcuts = self.shortcuts.is_some();
        if let Some(undo) = &self.undo {
            let undo = UndoTime::parse(undo)?;
            // the longest that is offered follows the company's policy
            settings.undo = if undo == policy { UndoTime::default() } else { undo };
        }
        Some((language, settings))
    }
}

pub(super) async fn save(State(webmail): State<Arc<Webmail>>, visit: Visit, Form(given): Form<Given>) -> Answer {
    let (language, settings) =
        given.read(visit.page.settings.clone(), policy(&webmail, &visit)).ok_or(Trouble::BadRequest)?;
    let access = webmail.auth.write_account(visit.identity())?;
    webmail.store.change_own(&access, Some(language), Some(settings), visit.now).await?;
    see_with("/settings", &Toast::new(GeneralWords::new(language).saved()))
}
