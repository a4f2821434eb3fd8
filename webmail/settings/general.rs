//! 一般: language, size of letters, theme, height of rows, single keys.

use std::sync::Arc;

use serde::Deserialize;
use types::{Density, Language, Settings, TextSize, Theme};
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
        saved: ja "設定を保存しました。", en "Settings saved.";
    }
}

/// One radio button.
struct Choice {
    name: &'static str,
    word: &'static str,
    label: &'static str,
    chosen: bool,
}

/// A named set of radio buttons.
struct Choices {
    title: &'static str,
    choices: Vec<Choice>,
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

pub(super) async fn show(visit: Visit) -> Answer {
    let (language, settings) = (visit.page.language, visit.page.settings.clone());
    let t = GeneralWords::new(language);
    html(&General {
        groups: groups(t, language, &settings),
        shortcuts: settings.shortcuts,
        tabs: TabWords::new(language),
        t,
        frame: frame(visit.page, Tab::General),
    })
}

fn groups(t: GeneralWords, language: Language, settings: &Settings) -> Vec<Choices> {
    let choice = |name, word, label, chosen| Choice { name, word, label, chosen };
    let languages = [("ja", "日本語", Language::Ja), ("en", "English", Language::En)];
    let sizes = [t.standard(), t.large(), t.largest()];
    let themes = [t.system(), t.light(), t.dark()];
    let heights = [t.compact(), t.standard(), t.relaxed()];
    vec![
        Choices {
            title: t.language(),
            choices: languages.map(|(word, label, one)| choice("language", word, label, one == language)).into(),
        },
        Choices {
            title: t.text_size(),
            choices: TextSize::ALL
                .iter()
                .zip(sizes)
                .map(|(one, label)| choice("text_size", one.word(), label, *one == settings.text_size))
                .collect(),
        },
        Choices {
            title: t.theme(),
            choices: Theme::ALL
                .iter()
                .zip(themes)
                .map(|(one, label)| choice("theme", one.word(), label, *one == settings.theme))
                .collect(),
        },
        Choices {
            title: t.density(),
            choices: Density::ALL
                .iter()
                .zip(heights)
                .map(|(one, label)| choice("density", one.word(), label, *one == settings.density))
                .collect(),
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
}

impl Given {
    /// The choices over those before; `None` when a word is not among those that the form offers.
    fn read(&self, mut settings: Settings) -> Option<(Language, Settings)> {
        let language = language_of(&self.language)?;
        settings.text_size = TextSize::parse(&self.text_size)?;
        settings.theme = Theme::parse(&self.theme)?;
        settings.density = Density::parse(&self.density)?;
        settings.shortcuts = self.shortcuts.is_some();
        Some((language, settings))
    }
}

pub(super) async fn save(State(webmail): State<Arc<Webmail>>, visit: Visit, Form(given): Form<Given>) -> Answer {
    let (language, settings) = given.read(visit.page.settings.clone()).ok_or(Trouble::BadRequest)?;
    let access = webmail.auth.write_account(visit.identity())?;
    webmail.store.change_own(&access, Some(language), Some(settings), visit.now).await?;
    see_with("/settings", &Toast::new(GeneralWords::new(language).saved()))
}
