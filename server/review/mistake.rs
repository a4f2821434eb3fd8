//! What can be wrong in a rule file, in Japanese and English. It knows no line and no rule (`error`), and no page.

use types::Language;

use crate::expression::BadExpression;

/// A word as the file has it, with those that it could have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// What stands in the file.
    pub word: String,
    /// The one right word that is near, or all of them.
    known: Vec<String>,
    near: bool,
}

/// What a word was meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noun {
    /// A key of the file or of a rule.
    Key,
    /// A key within this table.
    KeyOf(String),
    /// An action.
    Action,
    /// A condition.
    Condition,
}

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text in quotes.
    Text,
    /// A text or a list of texts.
    Texts,
    /// True or false.
    Flag,
    /// A table.
    Table,
}

/// What is wrong at one place of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mistake {
    /// It is no TOML; in the words of the TOML parser, which speaks English only.
    NotToml(String),
    /// A word that nothing is called.
    Unknown(Noun, Near),
    /// A word that the design names and this version cannot do.
    NotYet(Noun, String),
    /// A key with a value that it cannot have.
    CannotBe(String, Near),
    /// A key with a value of the wrong kind; what kind of TOML value it has.
    Wants(String, Kind, String),
    /// A key without a whole number between these two.
    WantsNumber(String, u64, u64),
    /// A key without a list of conditions.
    WantsConditions(String),
    /// The rule lacks this key.
    RuleLacks(String),
    /// The table of the first key lacks the second.
    TableLacks(String, String),
    /// A key with an empty list.
    EmptyList(String),
    /// An action that does nothing.
    EmptyAction,
    /// A condition that asks nothing.
    EmptyCondition,
    /// An empty word to look for.
    EmptyWord,
    /// A condition that is no table.
    NoCondition,
    /// Conditions within conditions beyond the bound.
    TooDeep,
    /// Rules that are not written as a list of tables.
    NoTables,
    /// A code of other characters than an SMTP reply may show.
    BadCode,
    /// Two rules have this code.
    CodeTwice,
    /// `hold` without its terms.
    HoldAlone,
    /// A field of this name that no rule may add.
    BadHeaderName(String),
    /// A field's value that is none; how many characters it has at most.
    BadHeaderValue(usize),
    /// `escalate_to` where nothing escalates.
    EscalateAlone,
    /// A key of a footer without a text; how many characters it has at most.
    BadFooter(String, usize),
    /// `delay` without its minutes.
    DelayAlone,
    /// `notify` without those who are told.
    NotifyAlone,
    /// An exception that is no rule.
    NoRule(Near),
    /// Rules that take each other out.
    Circle,
    /// A dictionary that there is not.
    NoDictionary(Near),
    /// A key whose value is no address or domain; why, in English.
    BadAddress(String, String, String),
    /// A key whose patterns cannot be used, and why.
    BadPattern(String, BadExpression),
    /// It deletes mail, and whoever wants that does not run the server.
    NotYours,
    /// Somebody, in the words of rules, who is not in the directory.
    Nobody(String),
    /// What those who ask for rules have to say themselves, in the reader's language.
    Said(String),
}

impl Near {
    /// `word`, and the nearest of `known` or all of them.
    pub(crate) fn new(word: &str, known: &[&str]) -> Self {
        let nearest = known.iter().map(|right| (distance(word, right), *right)).min();
        let near = nearest.filter(|(distance, right)| *distance <= 1 + right.chars().count() / 4);
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match near {
            Some((_, right)) => Self { word: word.to_owned(), known: owned(&[right]), near: true },
            None => Self { word: word.to_owned(), known: owned(known), near: false },
        }
    }

    /// The same about the whole of which this word is a part.
    pub(crate) fn of(self, whole: &str) -> Self {
        Self { word: whole.to_owned(), ..self }
    }

    fn told(&self, language: Language) -> String {
        let known = self.known.join(pick(language, "、", ", "));
        match (language, self.near, known.is_empty()) {
            (_, _, true) => String::new(),
            (Language::Ja, true, _) => format!("「{known}」ではありませんか?"),
            (Language::Ja, false, _) => format!("使えるのは {known} です。"),
            (Language::En, true, _) => format!("; did you mean `{known}`?"),
            (Language::En, false, _) => format!("; known are {known}"),
        }
    }
}

impl Noun {
    fn told(&self, language: Language) -> String {
        match (self, language) {
            (Self::Key, Language::Ja) => "項目".to_owned(),
            (Self::Key, Language::En) => "key".to_owned(),
            (Self::KeyOf(table), Language::Ja) => format!("「{table}」の項目"),
            (Self::KeyOf(table), Language::En) => format!("key of `{table}`"),
            (Self::Action, Language::Ja) => "動作".to_owned(),
            (Self::Action, Language::En) => "action".to_owned(),
            (Self::Condition, Language::Ja) => "条件".to_owned(),
            (Self::Condition, Language::En) => "condition".to_owned(),
        }
    }
}

impl Kind {
    fn told(self, language: Language) -> &'static str {
        match self {
            Self::Text => pick(language, "引用符で囲んだ文字列", "a text in quotes"),
            Self::Texts => pick(language, "文字列、または文字列のリスト", "a text or a list of texts"),
            Self::Flag => pick(language, "true または false", "true or false"),
            Self::Table => pick(language, "{ } で囲んだ表", "a table in braces"),
        }
    }
}

impl Mistake {
    /// What is wrong, for people.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        match language {
            Language::Ja => self.japanese(),
            Language::En => self.english(),
        }
    }

    fn japanese(&self) -> String {
        let ja = Language::Ja;
        match self {
            Self::NotToml(why) => format!("TOML の書き方が正しくありません({why})。"),
            Self::Unknown(noun, near) => {
                format!("「{}」という{}はありません。{}", near.word, noun.told(ja), near.told(ja))
            }
            Self::NotYet(noun, word) => format!("{}「{word}」は、この版ではまだ使えません。", noun.told(ja)),
            Self::CannotBe(key, near) => format!("「{key}」に「{}」は指定できません。{}", near.word, near.told(ja)),
            Self::Wants(key, kind, found) => {
                format!("「{key}」には{}を指定してください(現在は {found})。", kind.told(ja))
            }
            Self::WantsNumber(key, low, high) => {
                format!("「{key}」には {low} から {high} までの整数を指定してください。")
            }
            Self::WantsConditions(key) => format!("「{key}」には、1つ以上の条件のリストを指定してください。"),
            Self::RuleLacks(key) => format!("ルールに「{key}」がありません。"),
            Self::TableLacks(table, key) => format!("「{table}」に「{key}」がありません。"),
            Self::EmptyList(key) => format!("「{key}」のリストが空です。"),
            Self::EmptyAction => "動作が空です。".to_owned(),
            Self::EmptyCondition => "条件が空です。".to_owned(),
            Self::EmptyWord => "空の語は指定できません。".to_owned(),
            Self::NoCondition => "条件は { recipients = \"outside\" } のように書いてください。".to_owned(),
            Self::TooDeep => "条件の入れ子が深すぎます。".to_owned(),
            Self::NoTables => "ルールは [[rule]] と書いてください。".to_owned(),
            Self::BadCode => {
                "「code」には、半角の英数字と「-」「_」を1文字以上32文字以内で指定してください。".to_owned()
            }
            Self::CodeTwice => "同じ「code」のルールが2つあります。".to_owned(),
            Self::HoldAlone => {
                "「hold」は { hold = { approvers = [\"group:…\"], hours = 8 } } のように書いてください。".to_owned()
            }
            Self::BadHeaderName(name) => {
                format!(
                    "ヘッダー「{name}」は追加できません。X- で始まる名前など、構造や経路に関わらない名前を指定してください。"
                )
            }
            Self::BadHeaderValue(most) => {
                format!("ヘッダーの値は、改行のない1文字以上{most}文字以内で指定してください。")
            }
            Self::EscalateAlone => "「escalate_to」は then = \"escalate\" と組み合わせて書いてください。".to_owned(),
            Self::BadFooter(key, most) => {
                format!("フッターの「{key}」は、1文字以上{most}文字以内の文章で指定してください。")
            }
            Self::DelayAlone => "「delay」は { delay = { minutes = 1 } } のように書いてください。".to_owned(),
            Self::NotifyAlone => {
                "「notify」は { notify = [\"sender\"] } のように、知らせる相手を書いてください。".to_owned()
            }
            Self::NoRule(near) => format!("「except」の「{}」というルールはありません。{}", near.word, near.told(ja)),
            Self::Circle => "「except」が循環しています。ルールが互いに除外し合うことになります。".to_owned(),
            Self::NoDictionary(near) => {
                let told = near.told(ja);
                format!(
                    "「{}」という辞書はありません。{told}語をそのまま指定するときは、リストにしてください。",
                    near.word
                )
            }
            Self::BadAddress(key, word, why) => format!("「{key}」の「{word}」は正しいアドレスではありません({why})。"),
            Self::BadPattern(key, why) => {
                format!("「{key}」の正規表現・パターンが正しくありません({})。", why.told(ja))
            }
            Self::NotYours => {
                "「delete」を有効にできるのは全体管理者だけです。破棄したメールは差出人にも知らされません。".to_owned()
            }
            Self::Nobody(word) => format!("「{word}」は登録されていません。先に登録するか、名前をご確認ください。"),
            Self::Said(text) => text.clone(),
        }
    }

    fn english(&self) -> String {
        let en = Language::En;
        match self {
            Self::NotToml(why) => why.clone(),
            Self::Unknown(noun, near) => format!("unknown {} `{}`{}", noun.told(en), near.word, near.told(en)),
            Self::NotYet(noun, word) => format!("{} `{word}` is not available in this version", noun.told(en)),
            Self::CannotBe(key, near) => format!("`{key}` cannot be `{}`{}", near.word, near.told(en)),
            Self::Wants(key, kind, found) => format!("`{key}` wants {}, not {found}", kind.told(en)),
            Self::WantsNumber(key, low, high) => format!("`{key}` wants a whole number from {low} to {high}"),
            Self::WantsConditions(key) => format!("`{key}` wants a list of conditions that is not empty"),
            Self::RuleLacks(key) => format!("the rule has no `{key}`"),
            Self::TableLacks(table, key) => format!("`{table}` has no `{key}`"),
            Self::EmptyList(key) => format!("`{key}` is an empty list"),
            Self::EmptyAction => "the action is empty".to_owned(),
            Self::EmptyCondition => "the condition is empty".to_owned(),
            Self::EmptyWord => "a keyword is empty".to_owned(),
            Self::NoCondition => "a condition is a table such as { recipients = \"outside\" }".to_owned(),
            Self::TooDeep => "conditions are nested too deeply".to_owned(),
            Self::NoTables => "rules are written [[rule]]".to_owned(),
            Self::BadCode => "`code` wants 1 to 32 ASCII letters, digits, `-` or `_`".to_owned(),
            Self::CodeTwice => "there are two rules with this code".to_owned(),
            Self::HoldAlone => "`hold` wants a table: { hold = { approvers = [\"group:…\"], hours = 8 } }".to_owned(),
            Self::BadHeaderName(name) => {
                format!("the header `{name}` cannot be added; take a name such as X-…, not one of structure or trace")
            }
            Self::BadHeaderValue(most) => format!("the value of a header wants 1 to {most} characters in one line"),
            Self::EscalateAlone => "`escalate_to` wants then = \"escalate\" beside it".to_owned(),
            Self::BadFooter(key, most) => format!("`{key}` of a footer wants 1 to {most} characters of text"),
            Self::DelayAlone => "`delay` wants a table: { delay = { minutes = 1 } }".to_owned(),
            Self::NotifyAlone => "`notify` wants who is told: { notify = [\"sender\"] }".to_owned(),
            Self::NoRule(near) => format!("`except` names no rule: `{}`{}", near.word, near.told(en)),
            Self::Circle => "`except` goes in a circle: the rules would take each other out".to_owned(),
            Self::NoDictionary(near) => {
                format!("there is no dictionary `{}`{}; words of your own are a list", near.word, near.told(en))
            }
            Self::BadAddress(key, word, why) => format!("`{key}`: `{word}`: {why}"),
            Self::BadPattern(key, why) => format!("`{key}`: {}", why.told(en)),
            Self::NotYours => {
                "only an operator of the server may switch `delete` on; the sender of what is discarded is not told"
                    .to_owned()
            }
            Self::Nobody(word) => format!("the company has no `{word}`"),
            Self::Said(text) => text.clone(),
        }
    }
}

fn pick(language: Language, ja: &'static str, en: &'static str) -> &'static str {
    if language == Language::Ja { ja } else { en }
}

/// Levenshtein's distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((j, y), pair) in b.iter().enumerate().zip(row.windows(2)) {
            let (diagonal, above) = (pair.first().copied().unwrap_or(j), pair.last().copied().unwrap_or(j));
            let left = next.last().copied().unwrap_or(j);
            next.push((diagonal + usize::from(x != *y)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
