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
/// What follows a label in the name of a thing, which is never the number's.
const THINGS: [&str; 17] = [
    "台紙",
    "封筒",
    "用紙",
    "記入用紙",
    "提出用紙",
    "キット",
    "収集キット",
    "シール",
    "保護シール",
    "保管庫",
    "金庫",
    "キャビネット",
    "リーダー",
    "フリーダイヤル",
    "コールセンター",
    "総合フリーダイヤル",
    "カードケース",
];
/// Behind a number these leave the label before them its name: "123… マイナンバー確認済".
const STATES: [&str; 14] =
    ["番号", "確認", "登録", "届", "記載", "記入", "取得", "済", "分", "有", "提出", "通知", "変更", "欄"];
/// What follows a label in a title where people speak of the system and not of anybody's number.
const TALK: [&str; 14] = [
    "研修",
    "制度",
    "説明会",
    "セミナー",
    "勉強会",
    "ガイドライン",
    "普及",
    "講習",
    "規程",
    "規定",
    "規則",
    "対応",
    "システム",
    "管理システム",
];
/// What follows a label that is part of a word for something else, also behind 「の」.
const COMPOUNDS: [&str; 31] = [
    "書類",
    "収集",
    "担当",
    "窓口",
    "勉強会",
    "講習",
    "回収",
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
/// A noun and what it belongs to ("裏面の番号") are read so far, bytes.
const PHRASE: usize = 48;
/// What joins the names of two numbers into one label.
const JOINS: [&str; 16] = [
    "又は",
    "または",
    "もしくは",
    "若しくは",
    "及び",
    "および",
    "や",
    "or",
    "・",
    "/",
    "／",
    "(",
    "（",
    "[",
    "［",
    "(又は",
];
/// Up to so many characters behind a short form its number begins.
const FOLLOWS: usize = 6;
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
    join_pairs(text, labels);
    for label in labels.iter_mut().filter(|label| label.kind == Kind::Strong) {
        if is_thing(text, label) || is_mention(text, label) {
            label.kind = Kind::Neutral;
        }
    }
}

/// Makes of "番号" and the like a negative label where a word before it names another number, else nothing.
pub(crate) fn name_others(text: &str, labels: &mut Vec<Label>) {
    let mut last: Option<Label> = None;
    labels.retain_mut(|label| {
        let beside = |last: Label| text.get(last.end..label.start).is_some_and(|between| between.trim().is_empty());
        let known = last.is_some_and(|last| last.end == label.start || last.kind == Kind::Strong && beside(last));
        last = Some(*label);
        if label.kind == Kind::Beside {
            label.kind = Kind::Strong;
            return stands_for_number(text, label);
        }
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

/// "個人番号又は法人番号" and "個人番号[基礎年金番号]" are one label: the other number never has twelve digits.
fn join_pairs(text: &str, labels: &mut [Label]) {
    for at in 1..labels.len() {
        let Some([left, right]) = labels.get_mut(at - 1..=at) else { continue };
        let between = text.get(left.end..right.start).unwrap_or_default().trim();
        match (left.kind, right.kind) {
            (Kind::Strong, Kind::Short) if JOINS.contains(&between) => right.kind = Kind::Neutral,
            (Kind::Short, Kind::Strong) if JOINS.contains(&between) => left.kind = Kind::Neutral,
            _ => {}
        }
    }
}

/// Whether a number follows a short form of the label at once, or the label is all that its cell or line holds.
fn stands_for_number(text: &str, label: &Label) -> bool {
    let border = |c: char| matches!(c, '\n' | '\r' | crate::CELL | '\t' | ',' | '"' | '|' | '｜');
    let head = text.get(..label.start).unwrap_or_default();
    let tail = text.get(label.end..).unwrap_or_default();
    let opens = head.trim_end_matches([' ', '\u{3000}']).chars().next_back().is_none_or(border);
    let closes = tail.trim_start_matches([' ', '\u{3000}', ':', '：']).chars().next().is_none_or(border);
    let follows = tail.chars().take(FOLLOWS).find(|&c| !is_mark(c)).is_some_and(|c| digits::digit(c).is_some());
    opens && closes || follows
}

/// What may stand between a short form and its number.
fn is_mark(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, ':' | '：' | '=' | '＝' | '→' | 'は' | '「' | '(' | '（' | '[' | '【' | '#' | '♯' | '-')
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

/// Whether the label is the beginning of a thing's name, such as マイナンバー台紙.
fn is_thing(text: &str, label: &Label) -> bool {
    let rest = text.get(label.end..).unwrap_or_default();
    THINGS.iter().any(|thing| rest.starts_with(thing))
}

/// Whether the label goes straight on as a noun that names no number.
pub(crate) fn goes_on_as_noun(rest: &str) -> bool {
    let noun = rest.chars().next().is_some_and(is_word) && !STATES.iter().any(|state| rest.starts_with(state));
    let phrase = rest.get(..rest.floor_char_boundary(PHRASE)).unwrap_or(rest);
    let phrase = phrase.split(['。', '、', '\n', crate::CELL]).next().unwrap_or_default();
    noun && !phrase.contains("番号") && !phrase.contains("ナンバー")
}

/// What a strong label in a subject or a file's name is worth by the word behind it.
pub(crate) fn settle_title(text: &str, labels: &mut [Label]) {
    for label in labels.iter_mut().filter(|label| label.kind == Kind::Strong) {
        let rest = text.get(label.end..).unwrap_or_default().trim_start_matches(['等', 'の', '(', '（']);
        if is_thing(text, label) || TALK.iter().any(|word| rest.starts_with(word)) {
            label.kind = Kind::Neutral;
        }
    }
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
        assert_eq!(kinds("my number code: 1"), [Kind::Strong]);
    }

    #[test]
    fn the_names_of_two_numbers_are_one_label() {
        for text in
            ["個人番号又は法人番号：1", "個人番号[基礎年金番号] 1", "法人番号または個人番号", "個人番号/電話番号"]
        {
            let kinds = kinds(text);
            assert!(kinds.contains(&Kind::Strong) && !kinds.contains(&Kind::Short), "{text} {kinds:?}");
        }
        assert_eq!(kinds("個人番号,電話番号"), [Kind::Strong, Kind::Short], "the headings of two columns");
    }

    #[test]
    fn a_short_form_stands_before_its_number_or_alone() {
        for text in ["MN：1234", "MN → 1", "氏名\u{1f}MN\u{1f}備考", "MN\n1234"] {
            assert!(kinds(text).contains(&Kind::Strong), "{text}");
        }
        for text in ["MN工場 1234", "MN社の123456789018", "OMN 1"] {
            assert!(!kinds(text).contains(&Kind::Strong), "{text}");
        }
    }

    #[test]
    fn the_name_of_a_thing_names_no_number() {
        for text in ["マイナンバー台紙 1", "マイナンバーカードリーダー 1", "マイナンバー総合フリーダイヤル"]
        {
            assert!(!kinds(text).contains(&Kind::Strong), "{text}");
        }
        for text in ["保護シール 100枚", "収集の件", "対応複合機"] {
            assert!(super::goes_on_as_noun(text), "{text}");
        }
        for text in ["です", "確認済", "裏面の番号です", "（本人）", ""] {
            assert!(!super::goes_on_as_noun(text), "{text}");
        }
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
