//! A rule in a plain sentence, Japanese or English, made from what was parsed: what people read is what is judged.

mod treatments;

pub use treatments::treatment_told;

use detect::{Class, Level};
use jiff::civil::Weekday;
use types::Language;

use crate::active::Active;
use crate::calendar::Calendar;
use crate::facts::{FileKind, Unseen};
use crate::rule::{Action, Among, AttachmentTest, Condition, HoldAction, Mode, Rule, RuleSet, Scope, Spot, Who};
use crate::time::{Day, Hours, TimeTest};

/// A rule as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whose mail, such as 社内から社外.
    pub whose: String,
    /// When it matches.
    pub when: String,
    /// What it does then.
    pub action: String,
    /// Codes of the rules that take it out.
    pub except: Vec<String>,
}

impl Mode {
    /// The word of rule files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Record => "record",
            Self::Off => "off",
        }
    }
}

impl RuleSet {
    /// Each rule in words, in the order of the file.
    #[must_use]
    pub fn told(&self, language: Language) -> Vec<Told> {
        self.rules.iter().map(|rule| self.rule_told(rule, Words(language))).collect()
    }

    fn rule_told(&self, rule: &Rule, words: Words) -> Told {
        let codes = rule.except.iter().filter_map(|place| self.rules.get(*place));
        let actions: Vec<String> = rule.actions.iter().map(|action| words.action(action)).collect();
        Told {
            whose: words.whose(rule),
            when: self.condition(&rule.when, words),
            action: actions.join(words.pick("、", ", ")),
            except: codes.map(|rule| rule.code.clone()).collect(),
        }
    }

    fn condition(&self, condition: &Condition, words: Words) -> String {
        match condition {
            Condition::All(all) => self.joined(all, words, words.pick(" かつ ", " and ")),
            Condition::Any(any) => self.joined(any, words, words.pick(" または ", " or ")),
            Condition::Not(one) => words.pick2("「{}」ではない", "not ({})", &self.condition(one, words)),
            Condition::Numbers { class, level, count, places } => words.numbers(*class, *level, *count, places),
            Condition::NotInspected(reasons) => words.not_inspected(reasons),
            Condition::Recipients(who) => words.pick2("宛先が{}", "the recipient is {}", &words.people(who)),
            Condition::RecipientsAll(who) => words.pick2("宛先がすべて{}", "all recipients are {}", &words.people(who)),
            Condition::OutsideRecipientsAll(who) => {
                words.pick2("社外の宛先がすべて{}", "all external recipients are {}", &words.people(who))
            }
            Condition::RecipientCount { who, min, max } => words.recipient_count(who, *min, *max),
            Condition::OutsideDomains { among, min } => {
                let found = ("{}の社外ドメインが{}以上", "external domains {}: {} or more");
                words.pick3(found.0, found.1, words.among(*among), &min.to_string())
            }
            Condition::OutsideAddresses { among, min } => {
                let found = ("{}の社外アドレスが{}件以上", "external addresses {}: {} or more");
                words.pick3(found.0, found.1, words.among(*among), &min.to_string())
            }
            Condition::FirstContact { company: true } => words
                .pick(
                    "社内の誰も送ったことのない社外の宛先",
                    "nobody here has written to the external recipient before",
                )
                .to_owned(),
            Condition::FirstContact { company: false } => words
                .pick("差出人が初めて送る社外の宛先", "the sender has not written to the external recipient before")
                .to_owned(),
            Condition::NoTls { unknown: false } => words
                .pick("社外の宛先のサーバーで TLS が使えない", "the external recipient's server offers no TLS")
                .to_owned(),
            Condition::NoTls { unknown: true } => words
                .pick(
                    "社外の宛先のサーバーで TLS が使えないか、使えるか不明",
                    "the external recipient's server offers no TLS, or is not known to",
                )
                .to_owned(),
            Condition::Time(test) => words.time(test),
            Condition::Text(place) => self.texts.get(*place).map_or_else(String::new, |test| {
                let found: Vec<String> = test.told.iter().take(5).map(|word| format!("「{word}」")).collect();
                let more = if test.told.len() > 5 { words.pick("など", " …") } else { "" };
                let found = format!("{}{more}", found.join(words.pick("、", ", ")));
                words.pick3("{}に{}を含む", "{} contains {}", &words.places(&test.places), &found)
            }),
            Condition::Attachment(test) => words.attachment(test),
            Condition::Header { name, contains: Some(text) } => {
                words.pick3("ヘッダー {} に「{}」を含む", "the header {} contains “{}”", name, text)
            }
            Condition::Header { name, contains: None } => {
                words.pick2("ヘッダー {} がある", "there is a header {}", name)
            }
            Condition::Size { min_kb, max_kb } => {
                words.pick2("メールの大きさが{}", "the mail is {}", &words.size(*min_kb, *max_kb))
            }
        }
    }

    fn joined(&self, all: &[Condition], words: Words, between: &str) -> String {
        let one = |condition: &Condition| match condition {
            Condition::All(inner) | Condition::Any(inner) if inner.len() > 1 => {
                format!("({})", self.condition(condition, words))
            }
            _ => self.condition(condition, words),
        };
        all.iter().map(one).collect::<Vec<_>>().join(between)
    }
}

/// The words of a language.
#[derive(Clone, Copy)]
struct Words(Language);

impl Words {
    fn pick<'w>(self, ja: &'w str, en: &'w str) -> &'w str {
        match self.0 {
            Language::Ja => ja,
            Language::En => en,
        }
    }
    fn pick2(self, ja: &str, en: &str, first: &str) -> String {
        self.pick(ja, en).replacen("{}", first, 1)
    }
    fn pick3(self, ja: &str, en: &str, first: &str, second: &str) -> String {
        let (before, after) = self.pick(ja, en).split_once("{}").unwrap_or_default();
        format!("{before}{first}{}", after.replacen("{}", second, 1))
    }

    fn whose(self, rule: &Rule) -> String {
        let way = match rule.scope {
            Scope::Out => self.pick("社内から社外へのメール", "mail to the outside"),
            Scope::Inside => self.pick("社内どうしのメール", "mail inside the company"),
            Scope::In => self.pick("社外から届いたメール", "mail from the outside"),
            Scope::Any => self.pick("すべてのメール", "all mail"),
        };
        let whose = if rule.from.iter().all(|who| *who == Who::Anyone) {
            way.to_owned()
        } else {
            self.pick3("{}({}から)", "{} (from {})", way, &self.people(&rule.from))
        };
        match &rule.active {
            Some(active) => self.pick3("{}、有効期間: {}", "{}, in force {}", &whose, &self.active(active)),
            None => whose,
        }
    }

    /// A rule's schedule.
    fn active(self, active: &Active) -> String {
        let day = |day: jiff::civil::Date| match self.0 {
            Language::Ja => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
            Language::En => day.to_string(),
        };
        let from = active.from.map(|from| self.pick2("{}から", "from {}", &day(from)));
        let until = active.until.map(|until| self.pick2("{}まで", "until {}", &day(until)));
        let time = (!active.time.days.is_empty() || active.time.hours.is_some()).then(|| self.hours(&active.time));
        [from, until, time].into_iter().flatten().collect::<Vec<_>>().join(self.pick("、", ", "))
    }

    fn people(self, who: &[Who]) -> String {
        let one = |who: &Who| match who {
            Who::Anyone => self.pick("全員", "anyone").to_owned(),
            Who::Outside => self.pick("社外", "external").to_owned(),
            Who::Inside => self.pick("社内", "internal").to_owned(),
            Who::List(name) => self.pick2("リスト「{}」", "in the list “{}”", name),
            Who::Group(name) => self.pick2("グループ「{}」", "in the group “{}”", name),
            Who::Department(name) => self.pick2("部署「{}」", "in the department “{}”", name),
            Who::Address(address) => address.to_string(),
            Who::Domain(domain) => format!("@{domain}"),
        };
        who.iter().map(one).collect::<Vec<_>>().join(self.pick("・", " or "))
    }

    fn numbers(self, class: Class, level: Level, count: usize, places: &[Spot]) -> String {
        let sure = match level {
            Level::Certain => self.pick("確実な", "certain "),
            Level::Likely => "",
            Level::Possible => self.pick("可能性のある", "possible "),
        };
        let number = format!("{sure}{}", self.class(class));
        let found = self.pick3("{}が{}件以上", "{}: {} or more", &number, &count.to_string());
        if places.is_empty() { found } else { format!("{found}({})", self.places(places)) }
    }

    fn class(self, class: Class) -> &'static str {
        match class {
            Class::MyNumber => self.pick("マイナンバー", "My Numbers"),
            Class::Card => self.pick("クレジットカード番号", "card numbers"),
            Class::Phone => self.pick("電話番号", "telephone numbers"),
            Class::PostalAddress => self.pick("住所", "postal addresses"),
            Class::MailAddress => self.pick("メールアドレス", "mail addresses"),
            Class::Licence => self.pick("運転免許証番号", "driver's licence numbers"),
            Class::CorporateNumber => self.pick("法人番号", "corporate numbers"),
            Class::Pension => self.pick("基礎年金番号", "pension numbers"),
            Class::HealthInsurance => self.pick("健康保険の番号", "health insurance numbers"),
            Class::Passport => self.pick("旅券番号", "passport numbers"),
            Class::ResidenceCard => self.pick("在留カード番号", "residence card numbers"),
            Class::BankAccount => self.pick("口座番号", "bank accounts"),
        }
    }

    fn not_inspected(self, reasons: &[Unseen]) -> String {
        let one = |reason: &Unseen| match reason {
            Unseen::Encrypted => self.pick("暗号化", "encrypted"),
            Unseen::Broken => self.pick("破損", "damaged"),
            Unseen::TooBig => self.pick("大きすぎる", "too large"),
            Unseen::TooSlow => self.pick("時間超過", "too slow"),
            Unseen::Unsupported => self.pick("未対応の形式", "unknown format"),
            Unseen::ImageOnly => self.pick("画像のみ", "pictures only"),
        };
        let all = reasons.iter().map(one).collect::<Vec<_>>().join(self.pick("・", ", "));
        self.pick2("検査できない部分がある({})", "a part cannot be inspected ({})", &all)
    }

    fn places(self, places: &[Spot]) -> String {
        if places.is_empty() {
            return self.pick("メール", "the mail").to_owned();
        }
        let one = |spot: &Spot| match spot {
            Spot::Subject => self.pick("件名", "the subject"),
            Spot::Header => self.pick("ヘッダー", "a header"),
            Spot::Body => self.pick("本文", "the text"),
            Spot::Html => self.pick("HTML本文", "the HTML text"),
            Spot::Attachment => self.pick("添付ファイル", "an attachment"),
            Spot::AttachmentName => self.pick("添付ファイル名", "an attachment's name"),
        };
        places.iter().map(one).collect::<Vec<_>>().join(self.pick("・", " or "))
    }

    fn attachment(self, test: &AttachmentTest) -> String {
        let kind = test.kind.map_or(self.pick("添付ファイル", "attachments"), |kind| match kind {
            FileKind::Executable => self.pick("実行形式の添付ファイル", "executable attachments"),
            FileKind::Image => self.pick("画像の添付ファイル", "pictures"),
            FileKind::Archive => self.pick("圧縮ファイルの添付", "archives"),
            FileKind::Office => self.pick("Office文書の添付", "office documents"),
            FileKind::Pdf => self.pick("PDFの添付", "PDF files"),
            FileKind::Text => self.pick("テキストの添付", "text files"),
            FileKind::Mail => self.pick("メールの添付", "attached mails"),
            FileKind::Other => self.pick("その他の形式の添付", "files of other kinds"),
        });
        let mut more = Vec::new();
        if !test.name_told.is_empty() {
            more.push(self.pick2("名前が {}", "named {}", &test.name_told));
        }
        if test.min_kb > 0 || test.max_kb.is_some() {
            more.push(self.size(test.min_kb, test.max_kb));
        }
        match test.encrypted {
            Some(true) => more.push(self.pick("パスワード付き", "with a password").to_owned()),
            Some(false) => more.push(self.pick("パスワードなし", "without a password").to_owned()),
            None => {}
        }
        if test.image_only {
            more.push(self.pick("画像、または画像を含むもの", "pictures, or with one inside").to_owned());
        }
        let more = if more.is_empty() { String::new() } else { format!("({})", more.join(self.pick("、", ", "))) };
        self.pick3("{}が{}件以上", "{}: {} or more", &format!("{kind}{more}"), &test.count.to_string())
    }

    fn among(self, among: Among) -> &'static str {
        match among {
            Among::To => self.pick("To", "in To"),
            Among::Cc => self.pick("Cc", "in Cc"),
            Among::Shown => self.pick("To・Cc", "in To and Cc"),
            Among::Envelope => self.pick("宛先(Bcc を含む)", "among all recipients"),
        }
    }

    fn recipient_count(self, who: &[Who], min: usize, max: Option<usize>) -> String {
        let what = match who {
            [Who::Anyone] => self.pick("宛先", "recipients").to_owned(),
            who => self.pick2("宛先({})", "recipients ({})", &self.people(who)),
        };
        match max {
            None => self.pick3("{}が{}件以上", "{}: {} or more", &what, &min.to_string()),
            Some(max) if min == 0 => self.pick3("{}が{}件以下", "{}: {} or fewer", &what, &max.to_string()),
            Some(max) => self.pick3("{}が{}件", "{}: {}", &what, &format!("{min}~{max}")),
        }
    }

    fn time(self, test: &TimeTest) -> String {
        self.pick2("送信の時が{}", "it is sent {}", &self.hours(test))
    }

    fn hours(self, test: &TimeTest) -> String {
        let days: Vec<&str> = test.days.iter().map(|day| self.day(*day)).collect();
        let hours =
            test.hours.map(|Hours { from, to }| format!("{}:{:02}~{}:{:02}", from / 60, from % 60, to / 60, to % 60));
        let days = days.join(self.pick("・", ", "));
        let both = [days, hours.unwrap_or_default()].into_iter().filter(|text| !text.is_empty());
        both.collect::<Vec<_>>().join(self.pick("の", ", "))
    }

    fn day(self, day: Day) -> &'static str {
        match day {
            Day::Of(Weekday::Monday) => self.pick("月曜", "on Mondays"),
            Day::Of(Weekday::Tuesday) => self.pick("火曜", "on Tuesdays"),
            Day::Of(Weekday::Wednesday) => self.pick("水曜", "on Wednesdays"),
            Day::Of(Weekday::Thursday) => self.pick("木曜", "on Thursdays"),
            Day::Of(Weekday::Friday) => self.pick("金曜", "on Fridays"),
            Day::Of(Weekday::Saturday) => self.pick("土曜", "on Saturdays"),
            Day::Of(Weekday::Sunday) => self.pick("日曜", "on Sundays"),
            Day::Holiday => self.pick("祝日", "on public holidays"),
            Day::Business => self.pick("平日(祝日を除く)", "on business days"),
        }
    }

    fn size(self, min_kb: u64, max_kb: Option<u64>) -> String {
        match max_kb {
            None => self.pick2("{} KB以上", "{} KB or more", &min_kb.to_string()),
            Some(max) if min_kb == 0 => self.pick2("{} KB以下", "{} KB or less", &max.to_string()),
            Some(max) => self.pick3("{}~{} KB", "{} to {} KB", &min_kb.to_string(), &max.to_string()),
        }
    }

    fn action(self, action: &Action) -> String {
        match action {
            Action::Record => self.pick("記録します", "record it").to_owned(),
            Action::Notify(who) => self.pick2("{}に知らせます", "tell {}", &self.named(who)),
            Action::Treat(treatment) => self.treatment(treatment),
            Action::Delay(minutes) => self.pick2(
                "{}分後に送信します(それまで取り消せます)",
                "send it after {} minutes; until then it can be undone",
                &minutes.to_string(),
            ),
            Action::SelfReview(terms) => self.waits(
                self.pick("差出人自身の確認を待ちます", "hold it until its sender has confirmed it"),
                self.pick("{}以内に確認がなければ{}", "after {} {}"),
                terms,
            ),
            Action::Hold(hold) => {
                self.waits(&self.held(hold), self.pick("{}以内に承認がなければ{}", "after {} {}"), hold)
            }
            Action::Block => self.pick("送信を止めて差出人に知らせます", "refuse it and tell the sender").to_owned(),
            Action::Delete => {
                self.pick("差出人に知らせずに破棄します", "discard it without telling the sender").to_owned()
            }
        }
    }

    /// Who has to approve, how many of them, and having opened what.
    fn held(self, hold: &HoldAction) -> String {
        let who = self.named(&hold.approvers);
        let asked = match (hold.approvals, hold.must_open) {
            (..=1, false) => ("保留して{}の承認を待ちます", "hold it until {} approves"),
            (..=1, true) => (
                "保留して{}の承認を待ちます(本文と添付ファイルの確認が必要)",
                "hold it until {} approves, having opened the mail and its files",
            ),
            (_, false) => ("保留して{}のうち2名の承認を待ちます", "hold it until two of {} approve"),
            (_, true) => (
                "保留して{}のうち2名の承認を待ちます(本文と添付ファイルの確認が必要)",
                "hold it until two of {} approve, having opened the mail and its files",
            ),
        };
        self.pick2(asked.0, asked.1, &who)
    }

    /// What is waited for, and what happens without it.
    fn waits(self, asked: &str, late: &str, hold: &HoldAction) -> String {
        let hours = hold.hours.to_string();
        let time = match hold.calendar {
            Calendar::Business => self.pick2("{}営業時間", "{} business hours", &hours),
            Calendar::Always => self.pick2("{}時間", "{} hours", &hours),
        };
        let then = match hold.then.as_str() {
            "send" => self.pick("送信します", "it is sent"),
            "reject" => self.pick("却下します", "it is rejected"),
            "escalate" if hold.escalate_to.is_empty() => {
                self.pick("承認者の上長に承認を依頼します", "it goes to the supervisors of those")
            }
            "escalate" => &self.pick2("{}に承認を依頼します", "it goes to {}", &self.named(&hold.escalate_to)),
            _ => self.pick("差し戻します", "it returns to the sender"),
        };
        let late = self.pick3(late, late, &time, then);
        format!("{asked}{}{late}", self.pick("。", "; "))
    }

    fn named(self, who: &[String]) -> String {
        let one = |word: &String| match word.as_str() {
            "sender" => self.pick("差出人", "the sender").to_owned(),
            "supervisor" => self.pick("上長", "the supervisor").to_owned(),
            "administrator" => self.pick("管理者", "the administrators").to_owned(),
            word => word.strip_prefix("group:").unwrap_or(word).to_owned(),
        };
        who.iter().map(one).collect::<Vec<_>>().join(self.pick("・", ", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rule: &str, language: Language) -> Told {
        let text = format!("[[rule]]\ncode = \"A\"\n{rule}");
        RuleSet::parse(&text).unwrap().told(language).remove(0)
    }

    #[test]
    fn a_rule_is_told_in_both_languages() {
        let number =
            "direction = \"out\"\nwhen = { all = [ { my_number = { count = 10 } }, { recipients = \"outside\" } ] }\n";
        let hold = "action = { hold = { approvers = [\"group:取扱担当者\", \"supervisor\"], hours = 8 } }";
        for (rule, ja, en) in [
            (
                format!("{number}{hold}"),
                ("社内から社外へのメール", "マイナンバーが10件以上 かつ 宛先が社外", "保留して取扱担当者・上長の承認を待ちます。8営業時間以内に承認がなければ差し戻します"),
                ("mail to the outside", "My Numbers: 10 or more and the recipient is external", "hold it until 取扱担当者, the supervisor approves; after 8 business hours it returns to the sender"),
            ),
            (
                "direction = \"any\"\nfrom = [\"group:営業\"]\nwhen = { attachment = { type = \"executable\", name = \"*.exe\" } }\naction = \"block\"".into(),
                ("すべてのメール(グループ「営業」から)", "実行形式の添付ファイル(名前が *.exe)が1件以上", "送信を止めて差出人に知らせます"),
                ("all mail (from in the group “営業”)", "executable attachments(named *.exe): 1 or more", "refuse it and tell the sender"),
            ),
            (
                "direction = \"in\"\nwhen = { any = [ { keyword = \"個人番号語\" }, { not = { recipients_all = \"list:委託先\" } } ] }\naction = { notify = [\"sender\"] }".into(),
                ("社外から届いたメール", "メールに「個人番号語」を含む または 「宛先がすべてリスト「委託先」」ではない", "差出人に知らせます"),
                ("mail from the outside", "the mail contains 「個人番号語」 or not (all recipients are in the list “委託先”)", "tell the sender"),
            ),
        ] {
            for (language, (whose, when, action)) in [(Language::Ja, ja), (Language::En, en)] {
                let told = told(&rule, language);
                assert_eq!((told.whose.as_str(), told.when.as_str(), told.action.as_str()), (whose, when, action));
            }
        }
    }

    #[test]
    fn every_shipped_rule_has_words_for_all_its_parts() {
        for language in [Language::Ja, Language::En] {
            for told in RuleSet::parse(RuleSet::shipped_text()).unwrap().told(language) {
                let all = format!("{}{}{}", told.whose, told.when, told.action);
                assert!(!told.when.is_empty() && !told.action.is_empty() && !all.contains("{}"), "{all}");
            }
        }
    }
}
