//! What a writer may have overlooked: a greeting that names somebody else than the recipients, a file that is
//! spoken of but not there. Careful: better silent than wrong.

/// Lines at the beginning in which a greeting stands.
const OPENING: usize = 5;
/// Most characters of a greeting.
const GREETING: usize = 40;

/// A greeting that fits none of the recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// The greeting as written, such as 山本様.
    pub written: String,
    /// The family name (or whole name) of the first recipient, such as 山田.
    pub recipient: String,
}

/// Whether the opening of `text` greets somebody who is not among `names` (the recipients' names as the
/// directory or the header has them, 「宛名『山本様』と宛先『山田』が異なります」). Silent unless every name is
/// known and written in Japanese, and not one greeting fits.
#[must_use]
pub fn other_greeting(text: &str, names: &[&str]) -> Option<Greeting> {
    let japanese =
        |name: &&str| name.chars().any(|c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '々'));
    if names.is_empty() || !names.iter().all(japanese) {
        return None;
    }
    let greetings: Vec<String> = written_lines(text).take(OPENING).filter_map(greeting).collect();
    let first = greetings.first()?;
    if greetings.iter().any(|greeting| is_general(greeting) || names.iter().any(|name| fits(greeting, name))) {
        return None;
    }
    let written: Vec<_> = first.split(is_gap).filter(|word| !word.is_empty()).collect();
    Some(Greeting { written: format!("{}様", written.last()?), recipient: family(names.first()?).to_owned() })
}

/// Lines that the writer wrote: neither empty nor quoted.
fn written_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['>', '＞', '|']))
}

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\u{3000}' | '\t' | '・')
}

/// What stands before the honorific, where the line begins with a greeting.
fn greeting(line: &str) -> Option<String> {
    for (at, honorific) in line.match_indices(['様', '殿', 'さ']) {
        let after = line.get(at + honorific.len()..)?;
        let after = match honorific {
            "さ" => match after.strip_prefix('ん') {
                Some(after) => after,
                None => continue,
            },
            _ => after,
        };
        let ends =
            after.is_empty() || after.starts_with([' ', '\u{3000}', '、', ',', '，', '。', '(', '（', '：', ':']);
        let before = line.get(..at)?.trim();
        let name = !before.is_empty()
            && before.chars().count() <= GREETING
            && !before.contains(['。', '、', '「', 'を', 'に', 'で', 'は', 'が', '@']);
        if ends && name {
            return Some(before.to_owned());
        }
    }
    None
}

/// Whether a greeting means everybody, or nobody by name.
fn is_general(greeting: &str) -> bool {
    let last = greeting.split(is_gap).next_back().unwrap_or_default();
    [
        "各位",
        "皆",
        "みな",
        "担当",
        "お客",
        "関係者",
        "お疲れ",
        "お世話",
        "御中",
        "先生",
        "部長",
        "課長",
        "社長",
        "係長",
        "主任",
        "責任者",
        "代表",
        "奥",
        "神",
    ]
    .iter()
    .any(|word| last.contains(word))
}

/// Whether the greeting may mean this person: it holds the family name, or the name holds its last word.
fn fits(greeting: &str, name: &str) -> bool {
    let joined: String = greeting.chars().filter(|c| !is_gap(*c)).collect();
    let whole: String = name.chars().filter(|c| !is_gap(*c)).collect();
    let last = greeting.split(is_gap).rfind(|word| !word.is_empty()).unwrap_or_default();
    joined.contains(family(name)) || whole.contains(last) || joined.contains(&whole)
}

/// The first word of a name.
fn family(name: &str) -> &str {
    let name = name.trim().trim_end_matches(['様', '殿']).trim_end_matches("さん");
    name.split(is_gap).find(|word| !word.is_empty()).unwrap_or(name)
}

/// Whether the writer speaks of a file that goes along (添付, 別添, 同封, attached); quotes do not count.
#[must_use]
pub fn speaks_of_a_file(subject: &str, text: &str) -> bool {
    std::iter::once(subject).chain(written_lines(text)).any(|line| {
        let line = line.to_lowercase();
        ["添付", "別添", "同封", "attached", "attachment", "enclosed"].iter().any(|word| {
            line.match_indices(word).any(|(at, _)| {
                let after = line.get(at + word.len()..).unwrap_or_default();
                let none = [
                    "なし",
                    "無し",
                    "はありません",
                    "はございません",
                    "ファイルなし",
                    "ファイルはありません",
                    "不要",
                    "いただいた",
                    "頂いた",
                    "して頂",
                    "していただ",
                ];
                !none.iter().any(|none| after.starts_with(none))
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_that_names_somebody_else_is_told() {
        for (text, names, right) in [
            ("山本様\nいつもお世話になっております。", vec!["山田 太郎"], Some(("山本様", "山田"))),
            ("株式会社山本商店\n営業部 山本 一郎 様\n", vec!["山田 太郎"], Some(("一郎様", "山田"))),
            ("山本様 名簿をお送りします。", vec!["山田 太郎"], Some(("山本様", "山田"))),
            ("山本さん\n", vec!["山田太郎"], Some(("山本様", "山田太郎"))),
            ("山田様\n", vec!["山田 太郎"], None),
            ("山田様\n", vec!["山田太郎"], None),
            ("山田製作所 営業部 部長 山田 太郎 様\n", vec!["山田 太郎"], None),
            ("太郎さん\n", vec!["山田 太郎"], None),
            ("山本様\n", vec!["山田 太郎", "山本 花子"], None),
            ("山本様\n山田様\n", vec!["山田 太郎"], None),
            ("山本様\n", vec!["Taro Yamada"], None),
            ("山本様\n", vec![], None),
            ("各位\n", vec!["山田 太郎"], None),
            ("関係者の皆様\n", vec!["山田 太郎"], None),
            ("ご担当者様\n", vec!["山田 太郎"], None),
            ("お疲れ様です。山本です。\n", vec!["山田 太郎"], None),
            ("> 山本様\n", vec!["山田 太郎"], None),
            ("お客様各位\n", vec!["山田 太郎"], None),
            ("昨日は山本様にお会いしました。\n", vec!["山田 太郎"], None),
            ("山本部長様\n", vec!["山田 太郎"], None),
        ] {
            let found = other_greeting(text, &names);
            let found = found.as_ref().map(|g| (g.written.as_str(), g.recipient.as_str()));
            assert_eq!(found, right, "{text:?} {names:?}");
        }
    }

    #[test]
    fn a_file_that_is_spoken_of_is_noticed() {
        for (text, right) in [
            ("名簿を添付します。", true),
            ("別添のとおりです。", true),
            ("Please find attached the list.", true),
            ("> 名簿を添付します。\n了解しました。", false),
            ("添付ファイルはありません。", false),
            ("添付していただいた資料を確認しました。", false),
            ("了解しました。", false),
        ] {
            assert_eq!(speaks_of_a_file("件名", text), right, "{text}");
        }
        assert!(speaks_of_a_file("【添付】名簿", ""));
    }
}
