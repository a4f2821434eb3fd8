//! What a label means where it stands: "番号" with a word before it is another number's name, and a sentence that only
//! speaks of My Numbers names none.

use std::sync::LazyLock;

use crate::labels::{Kind, Label};
use crate::tree::Tree;
use crate::{digits, fold};

/// Before "番号" these say whose number it is, or which one of those spoken of; not what it is.
const WHOSE: [&str; 22] = [
    "本人",
    "配偶者",
    "扶養",
    "扶養者",
    "扶養親族",
    "被扶養者",
    "家族",
    "妻",
    "夫",
    "子",
    "長男",
    "長女",
    "父",
    "母",
    "親族",
    "個人",
    "上記",
    "下記",
    "該当",
    "新",
    "旧",
    "桁",
];
/// The same in English.
const WHOSE_WESTERN: [&str; 24] = [
    "my",
    "your",
    "his",
    "her",
    "their",
    "our",
    "the",
    "this",
    "that",
    "a",
    "an",
    "is",
    "of",
    "and",
    "or",
    "as",
    "digit",
    "digits",
    "twelve",
    "individual",
    "employee",
    "personal",
    "spouse",
    "japanese",
];
/// What follows a label that is part of a word for something else, also behind 「の」.
const COMPOUNDS: [&str; 24] = [
    "申請",
    "取得",
    "交付",
    "更新",
    "普及",
    "研修",
    "制度",
    "関係",
    "関連",
    "取扱",
    "取り扱",
    "管理",
    "規程",
    "規定",
    "規則",
    "保護",
    "漏えい",
    "漏洩",
    "対応",
    "説明会",
    "ガイドライン",
    "システム",
    "セミナー",
    "利用",
];
/// What says that no number is told here (negative), and what says that one is, whatever else the sentence speaks of.
const MARKS: [(Kind, &str); 34] = [
    (Kind::Negative, "ないでくだ"),
    (Kind::Negative, "ないようお願い"),
    (Kind::Negative, "ないようにお願い"),
    (Kind::Negative, "不要"),
    (Kind::Negative, "必要ありません"),
    (Kind::Negative, "必要はありません"),
    (Kind::Negative, "ておりません"),
    (Kind::Negative, "いたしかねます"),
    (Kind::Negative, "禁止"),
    (Kind::Negative, "ご遠慮"),
    (Kind::Negative, "お控え"),
    (Kind::Negative, "含まれる場合"),
    (Kind::Negative, "含む場合"),
    (Kind::Negative, "含まれている場合"),
    (Kind::Negative, "を含む書類"),
    (Kind::Negative, "含めない"),
    (Kind::Negative, "記載しない"),
    (Kind::Negative, "never"),
    (Kind::Negative, "must not"),
    (Kind::Negative, "do not"),
    (Kind::Negative, "don't"),
    (Kind::Strong, "以下"),
    (Kind::Strong, "下記"),
    (Kind::Strong, "次の"),
    (Kind::Strong, "通り"),
    (Kind::Strong, "とおり"),
    (Kind::Strong, "お送り"),
    (Kind::Strong, "送りま"),
    (Kind::Strong, "知らせ"),
    (Kind::Strong, "伝え"),
    (Kind::Strong, "連絡"),
    (Kind::Strong, "below"),
    (Kind::Strong, "follows"),
    (Kind::Strong, "following"),
];
/// A sentence is read so far, bytes.
const SENTENCE: usize = 300;
/// So many digits in a sentence are the number itself.
const NUMBER: usize = 4;
/// The most characters of a word before "番号".
const WORD: usize = 12;

/// [`MARKS`], to be looked for.
static SAID: LazyLock<Tree> = LazyLock::new(|| {
    let folded: Vec<(Kind, String)> = MARKS.iter().map(|(kind, word)| (*kind, fold::folded(word))).collect();
    Tree::new(&folded)
});

/// Settles what the labels of running text say.
pub(crate) fn resolve(text: &str, labels: &mut Vec<Label>) {
    name_others(text, labels);
    for label in labels.iter_mut().filter(|label| label.kind == Kind::Strong) {
        if is_mention(text, label) {
            label.kind = Kind::Neutral;
        }
    }
}

/// Makes of "番号" and the like a negative label where a word before it names another number, else nothing.
pub(crate) fn name_others(text: &str, labels: &mut Vec<Label>) {
    let mut last: Option<Label> = None;
    labels.retain_mut(|label| {
        let known = last.is_some_and(|last| last.end == label.start);
        last = Some(*label);
        if label.kind == Kind::Twelve {
            return says_twelve(text.get(..label.start).unwrap_or_default());
        }
        if label.kind != Kind::Number {
            return true;
        }
        let named = !known && names_other(text.get(..label.start).unwrap_or_default());
        label.kind = Kind::Negative;
        named
    });
}

/// Whether the text before "桁の番号" ends with a twelve.
fn says_twelve(head: &str) -> bool {
    let near = head.trim_end_matches([' ', '-', '\u{3000}', '(', '（']);
    ["12", "１２", "十二", "一二", "twelve", "Twelve"].iter().any(|twelve| near.ends_with(twelve))
}

/// Whether the text before "番号" ends with a word that makes it another number's name.
fn names_other(head: &str) -> bool {
    let near = head.strip_suffix([' ', '-', '_', '\u{3000}']).unwrap_or(head);
    let Some(last) = near.chars().next_back() else { return false };
    if last.is_ascii_alphabetic() {
        let word: String = near.chars().rev().take(WORD).take_while(char::is_ascii_alphabetic).collect();
        let word: String = word.chars().rev().collect::<String>().to_ascii_lowercase();
        return !WHOSE_WESTERN.contains(&word.as_str());
    }
    if !is_word(last) || near.len() != head.len() && last == 'の' {
        return false;
    }
    let start = near.char_indices().rev().take(WORD).take_while(|(_, c)| is_word(*c)).last();
    let word = start.and_then(|(at, _)| near.get(at..)).unwrap_or_default();
    !WHOSE.iter().any(|whose| word.ends_with(whose))
}

/// Kanji and katakana, of which Japanese compounds are made.
fn is_word(c: char) -> bool {
    matches!(c, '一'..='鿿' | '々' | 'ァ'..='ヺ' | 'ー' | 'ｦ'..='ﾟ' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

/// Whether the sentence of the label only speaks of My Numbers.
fn is_mention(text: &str, label: &Label) -> bool {
    let rest = text.get(label.end..).unwrap_or_default();
    let rest = rest.get(..rest.floor_char_boundary(SENTENCE)).unwrap_or(rest);
    let end = rest.find(['。', '\n', crate::CELL]).unwrap_or(rest.len());
    let prose = rest.get(end..).is_some_and(|behind| behind.starts_with('。'));
    let sentence = before_number(rest.get(..end).unwrap_or_default());
    let mut marks = Vec::new();
    SAID.find(text, label.end..label.end + sentence.len(), &mut marks);
    if marks.iter().any(|mark| mark.kind == Kind::Negative) {
        return true;
    }
    let bare = sentence.strip_prefix(['（', '(']).and_then(|inner| inner.split_once(['）', ')']));
    let behind = bare.map_or(sentence, |(_, behind)| behind);
    let behind = behind.trim_start_matches(['）', ')', '等', 'の']);
    prose && sentence.len() == end && COMPOUNDS.iter().any(|word| behind.starts_with(word)) && marks.is_empty()
}

/// The sentence up to the number in it.
fn before_number(sentence: &str) -> &str {
    let mut run = 0;
    for (at, c) in sentence.char_indices() {
        match digits::digit(c) {
            Some((_, digits::Script::Kanji)) | None if !digits::is_invisible(c) => run = 0,
            Some(_) => run += 1,
            None => {}
        }
        if run == NUMBER {
            return sentence.get(..at).unwrap_or_default();
        }
    }
    sentence
}

#[cfg(test)]
mod tests {
    use crate::Labels;
    use crate::labels::Kind;

    fn kinds(text: &str) -> Vec<Kind> {
        let whole = 0..text.len();
        Labels::default().find(text, &[whole]).iter().map(|label| label.kind).collect()
    }

    #[test]
    fn a_word_before_number_names_another_one() {
        assert_eq!(kinds("12桁の番号と13桁の番号と twelve-digit number"), [Kind::Twelve, Kind::Twelve]);
        for text in ["照会番号：1", "受給者No.1", "Approval number 1", "資材コード", "スリップナンバー", "案件 ID"]
        {
            assert_eq!(kinds(text), [Kind::Negative], "{text}");
        }
        for text in ["番号：1", "配偶者番号", "カードの番号", "No. 1", "the number is", "下記番号"] {
            assert_eq!(kinds(text), [], "{text}");
        }
        assert_eq!(kinds("個人番号番号"), [Kind::Strong]);
    }

    #[test]
    fn a_sentence_that_only_speaks_of_them_names_none() {
        for text in [
            "マイナンバー研修の受講をお願いします。",
            "マイナンバーカードの取得をお済ませください。",
            "本メールにマイナンバーを記載しないでください。",
            "マイナンバー（個人番号）制度が始まりました。",
            "個人番号を含む書類は受け付けません",
            "My Number must never be sent by e-mail.",
        ] {
            assert!(!kinds(text).contains(&Kind::Strong), "{text}");
        }
        for text in [
            "マイナンバー管理台帳",
            "マイナンバーカードの更新をしたので下記の通り連絡します。",
            "マイナンバーを記載しました。",
            "個人番号に間違いないでしょうか。",
            "マイナンバーは123456789018です。研修は不要です。",
        ] {
            assert_eq!(kinds(text), [Kind::Strong], "{text}");
        }
    }
}
