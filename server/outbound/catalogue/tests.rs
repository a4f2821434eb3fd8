//! Every notice as a whole, in both languages, beside the words of rules-and-texts.md ("Texts").

use std::time::Duration;

use auth::FactorNews;
use types::{Language, Timestamp};

use super::*;

mod files;

type Writes = fn(Language, &Subject<'_>) -> Notice;

const REFERENCE: &str = "7F3K-92QA";

/// What a notice in `language` speaks of.
fn about(language: Language, reasons: &[String]) -> Subject<'_> {
    let at = Timestamp::from_secs(1_795_507_200); // 2026-11-24T08:00:00Z
    let ja = language == Language::Ja;
    let word = |japanese: &'static str, english: &'static str| if ja { japanese } else { english };
    Subject {
        subject: word("名簿", "List"),
        reasons,
        numbers: true,
        places: word("添付2「名簿.csv」12行3列 ほか11件", "attachment 2 \"list.csv\" row 12 column 3 and 11 more"),
        reference: REFERENCE,
        approvers: word("高橋", "Takahashi"),
        contact: word("高橋さん(takahashi@aoba.example)", "Takahashi (takahashi@aoba.example)"),
        deadline: moment(language, at).leak(),
        deadline_short: moment_short(language, at).leak(),
        then: "return",
        left: left(language, Duration::from_secs(7_200)).leak(),
        sender: word("佐藤", "Sato"),
        recipients: "taro@yamada.example",
        domains: word("yamada.example 1件", "yamada.example (1)"),
        stays_inside: false,
        by: word("高橋", "Takahashi"),
        decider: Decider::Console,
        comment: word("宛先をご確認ください", "Please check the address"),
        stands_for: "",
        mail_url: "https://mail.aoba.example",
    }
}

#[test]
fn a_sender_is_asked_to_confirm_and_reminded() {
    let table: [(Writes, Language, &str, &str); 4] = [
        (
            to_confirm,
            Language::Ja,
            "【ご自身の確認待ち】名簿",
            "まだ送信していません。宛先と内容をご確認のうえ、送信してください。\n宛先:yamada.example 1件\n\
             期限:11月24日(火)17:00。期限までに確認されない場合は送信されず、下書きに戻ります。\n理由:規則の説明。\n\
             箇所:添付2「名簿.csv」12行3列 ほか11件(番号は表示しません)\n\
             確認して送信する・取り下げる:https://mail.aoba.example/outgoing\n受付番号:7F3K-92QA\n",
        ),
        (
            to_confirm,
            Language::En,
            "[Please confirm] List",
            "The mail has not been sent yet. Please look at its recipients and content, and then send it.\n\
             To: yamada.example (1)\nDeadline: DEADLINE. If you do not confirm it until then it is not sent and returns \
             to your drafts.\nReason: What the rule says.\nWhere: attachment 2 \"list.csv\" row 12 column 3 and 11 more \
             (numbers are not shown)\nConfirm and send it, or withdraw it: https://mail.aoba.example/outgoing\n\
             Reference: 7F3K-92QA\n",
        ),
        (
            confirm_reminder,
            Language::Ja,
            "【あと2時間】ご自身の確認を待っているメールが1件あります",
            "期限を過ぎると送信されず、下書きに戻ります。\n\
             確認して送信する・取り下げる:https://mail.aoba.example/outgoing\n受付番号:7F3K-92QA\n",
        ),
        (
            confirm_reminder,
            Language::En,
            "[2 hours left] A mail of yours waits for your confirmation",
            "After the deadline it is not sent and returns to your drafts.\n\
             Confirm and send it, or withdraw it: https://mail.aoba.example/outgoing\nReference: 7F3K-92QA\n",
        ),
    ];
    for (write, language, subject, text) in table {
        let deadline = moment(language, Timestamp::from_secs(1_795_507_200));
        assert_eq!(written(write, language), (subject.to_owned(), text.replace("DEADLINE", &deadline)));
    }
}

fn written(write: Writes, language: Language) -> (String, String) {
    let reason = if language == Language::Ja { "規則の説明。" } else { "What the rule says." };
    let reasons = [reason.to_owned()];
    let notice = write(language, &about(language, &reasons));
    (notice.subject, notice.text)
}

#[test]
fn every_notice_in_japanese_is_as_the_page_of_texts_has_it() {
    let table: [(Writes, &str, &str); 11] = [
        (
            blocked,
            "【送信できませんでした】名簿",
            "次のメールは送信されていません。宛先のどなたにも届いていません。\n\
             理由:マイナンバー(個人番号)が含まれている可能性があります。\n規則の説明。\n\
             箇所:添付2「名簿.csv」12行3列 ほか11件(番号は表示しません)\n\
             対応:該当箇所を削除して再度お送りいただくか、高橋へご相談ください。\n\
             受付番号:7F3K-92QA\n",
        ),
        (
            held,
            "【確認待ち】名簿",
            "送信を保留し、高橋に確認を依頼しました。まだ届いていません。\n\
             期限:11月24日(火)17:00。期限までに確認されない場合は送信されず、下書きに戻ります。\n\
             理由:規則の説明。\n\
             箇所:添付2「名簿.csv」12行3列 ほか11件(番号は表示しません)\n\
             お急ぎの場合は、高橋さん(takahashi@aoba.example)へご連絡ください。\n\
             状況を見る・取り下げる:https://mail.aoba.example/outgoing\n\
             受付番号:7F3K-92QA\n",
        ),
        (
            asked,
            "【承認のお願い】佐藤さんのメール(期限 11/24 17:00)",
            "社外宛てメールの確認をお願いします。\n\
             送信者:佐藤\n宛先:yamada.example 1件\n理由:規則の説明。\n\
             箇所:添付2「名簿.csv」12行3列 ほか11件(番号は表示しません)\n\
             サインインのうえご確認ください。このメールには本文と添付ファイルを含めていません。\n\
             確認画面を開く:https://mail.aoba.example/approve\n\
             受付番号:7F3K-92QA\n",
        ),
        (
            reminder,
            "【あと2時間】承認待ちのメールが1件あります",
            "期限を過ぎると送信されず、佐藤さんに差し戻されます。ご対応が難しい場合は、代理の方をご指定ください。\n\
             代理を指定する:https://mail.aoba.example/settings/deputy\n\
             確認画面を開く:https://mail.aoba.example/approve\n\
             受付番号:7F3K-92QA\n",
        ),
        (
            returned,
            "【差し戻し】名簿",
            "差し戻されました。高橋さんより:『宛先をご確認ください』\n\
             下書きを開いて修正できます。\n\
             下書きを開く:https://mail.aoba.example/mail/drafts\n\
             受付番号:7F3K-92QA\n",
        ),
        (
            expired,
            "【送信しませんでした】名簿",
            "期限までに確認されなかったため、送信しませんでした。下書きに保存しています。\n\
             下書きを開く:https://mail.aoba.example/mail/drafts\n\
             受付番号:7F3K-92QA\n",
        ),
        (
            rejected,
            "【却下】名簿",
            "却下されました。高橋さんより:『宛先をご確認ください』\n送信されていません。\n受付番号:7F3K-92QA\n",
        ),
        (
            approved,
            "【送信しました】名簿",
            "高橋さんが承認し、送信しました。\n『宛先をご確認ください』\n受付番号:7F3K-92QA\n",
        ),
        (
            notified,
            "【お知らせ】佐藤さんのメール",
            "規則の説明。\n\n送信者:佐藤\n宛先:taro@yamada.example\n\
             箇所:添付2「名簿.csv」12行3列 ほか11件(番号は表示しません)\n受付番号:7F3K-92QA\n",
        ),
        (
            arrived,
            "【お知らせ】社外から届いたメール(宛先 taro@yamada.example)",
            "規則の説明。\n\n送信者:佐藤\n宛先:taro@yamada.example\n\
             箇所:添付2「名簿.csv」12行3列 ほか11件(番号は表示しません)\n受付番号:7F3K-92QA\n\n\
             このメールには本文と添付ファイルを含めていません。\n",
        ),
        (
            forward_refused,
            "【お知らせ】転送されなかったメールがあります",
            "規則により、次のメールを社外へ転送しませんでした。送信者には知らせていません。\n送信者:佐藤\n宛先:yamada.example 1件\n\
             理由:規則の説明。\n箇所:添付2「名簿.csv」12行3列 ほか11件(番号は表示しません)\n受付番号:7F3K-92QA\n\n\
             このメールには本文と添付ファイルを含めていません。\n",
        ),
    ];
    for (write, subject, text) in table {
        assert_eq!(written(write, Language::Ja), (subject.to_owned(), text.to_owned()));
    }
}

#[test]
fn every_notice_in_english_means_the_same() {
    let table: [(Writes, &str, &str); 11] = [
        (
            blocked,
            "[Not sent] List",
            "The following mail was not sent. None of its recipients has received it.\n\
             Reason: It may hold My Numbers.\nWhat the rule says.\n\
             Where: attachment 2 \"list.csv\" row 12 column 3 and 11 more (numbers are not shown)\n\
             What to do: remove what was found and send it again, or ask Takahashi.\n\
             Reference: 7F3K-92QA\n",
        ),
        (
            held,
            "[Waiting for approval] List",
            "The mail is held and Takahashi has been asked to check it. It has not been delivered yet.\n\
             Deadline: Tue 24 Nov 17:00 (Japan). If nobody decides until then it is not sent and returns to your drafts.\n\
             Reason: What the rule says.\n\
             Where: attachment 2 \"list.csv\" row 12 column 3 and 11 more (numbers are not shown)\n\
             If it is urgent, please contact Takahashi (takahashi@aoba.example).\n\
             See how it stands or withdraw it: https://mail.aoba.example/outgoing\n\
             Reference: 7F3K-92QA\n",
        ),
        (
            asked,
            "[Approval requested] Mail from Sato (until 24 Nov 17:00)",
            "Please check a mail to the outside.\n\
             From: Sato\nTo: yamada.example (1)\nReason: What the rule says.\n\
             Where: attachment 2 \"list.csv\" row 12 column 3 and 11 more (numbers are not shown)\n\
             Please sign in to check it. This message holds neither the text nor the attachments.\n\
             Open the page to decide: https://mail.aoba.example/approve\n\
             Reference: 7F3K-92QA\n",
        ),
        (
            reminder,
            "[2 hours left] A mail waits for your approval",
            "After the deadline it is not sent and goes back to Sato. If you cannot decide, please name a deputy.\n\
             Name a deputy: https://mail.aoba.example/settings/deputy\n\
             Open the page to decide: https://mail.aoba.example/approve\n\
             Reference: 7F3K-92QA\n",
        ),
        (
            returned,
            "[Returned] List",
            "The mail was sent back. Takahashi says: \"Please check the address\"\n\
             You can open the draft and change it.\n\
             Open your drafts: https://mail.aoba.example/mail/drafts\n\
             Reference: 7F3K-92QA\n",
        ),
        (
            expired,
            "[Not sent] List",
            "Nobody decided before the deadline, so the mail was not sent. It is among your drafts.\n\
             Open your drafts: https://mail.aoba.example/mail/drafts\n\
             Reference: 7F3K-92QA\n",
        ),
        (
            rejected,
            "[Rejected] List",
            "The mail was rejected. Takahashi says: \"Please check the address\"\nIt was not sent.\nReference: 7F3K-92QA\n",
        ),
        (
            approved,
            "[Sent] List",
            "Takahashi approved the mail and it was sent.\n\"Please check the address\"\nReference: 7F3K-92QA\n",
        ),
        (
            notified,
            "[Notice] Mail from Sato",
            "What the rule says.\n\nFrom: Sato\nTo: taro@yamada.example\n\
             Where: attachment 2 \"list.csv\" row 12 column 3 and 11 more (numbers are not shown)\nReference: 7F3K-92QA\n",
        ),
        (
            arrived,
            "[Notice] Mail from outside to taro@yamada.example",
            "What the rule says.\n\nFrom: Sato\nTo: taro@yamada.example\n\
             Where: attachment 2 \"list.csv\" row 12 column 3 and 11 more (numbers are not shown)\nReference: 7F3K-92QA\n\n\
             This message holds neither the text nor the attachments.\n",
        ),
        (
            forward_refused,
            "[Notice] A mail was not forwarded",
            "A rule does not let the following mail be forwarded to the outside. Its sender was not told.\nFrom: Sato\n\
             To: yamada.example (1)\nReason: What the rule says.\n\
             Where: attachment 2 \"list.csv\" row 12 column 3 and 11 more (numbers are not shown)\nReference: 7F3K-92QA\n\n\
             This message holds neither the text nor the attachments.\n",
        ),
    ];
    for (write, subject, text) in table {
        assert_eq!(written(write, Language::En), (subject.to_owned(), text.to_owned()));
    }
}

#[test]
fn a_line_that_has_nothing_to_say_is_left_out() {
    let plain =
        |language| Subject { by: "a", numbers: false, places: "", comment: "", mail_url: "", ..about(language, &[]) };
    let ja = |write: Writes| write(Language::Ja, &plain(Language::Ja)).text;
    let en = |write: Writes| write(Language::En, &plain(Language::En)).text;
    for text in [ja(blocked), ja(held), ja(asked), ja(reminder), ja(returned), ja(expired)] {
        assert!(!text.contains("箇所:") && !text.contains("http") && !text.contains("理由:\n"), "{text}");
    }
    for text in [en(blocked), en(held), en(asked), en(reminder), en(returned), en(expired)] {
        assert!(!text.contains("Where") && !text.contains("http") && !text.contains("Reason: \n"), "{text}");
    }
    assert!(ja(blocked).contains("理由:会社の規則により、送信できません。\n"));
    assert!(ja(returned).starts_with("差し戻されました。確認者:aさん\n"));
    assert!(en(returned).starts_with("The mail was sent back. Decided by a.\n"));
}

#[test]
fn what_the_system_says_is_no_persons_word() {
    let by_system = |language, by| Subject { by, decider: Decider::System, comment: "x", ..about(language, &[]) };
    let (ja, en) = (by_system(Language::Ja, "メールシステム"), by_system(Language::En, "Mail system"));
    assert!(returned(Language::Ja, &ja).text.starts_with("差し戻されました。メールシステムからのお知らせ:x\n"));
    assert!(returned(Language::En, &en).text.starts_with("The mail was sent back. Mail system: x\n"));
    let not_sent = not_forwarded(Language::Ja, &ja);
    assert_eq!(
        (not_sent.subject.as_str(), not_sent.text.as_str()),
        (
            "【お知らせ】転送されなかったメールがあります",
            "承認の期限に送信できなかったため、次のメールを転送しませんでした。x\n送信者:佐藤\n宛先:yamada.example 1件\n\
             受付番号:7F3K-92QA\n\nこのメールには本文と添付ファイルを含めていません。\n"
        )
    );
    assert!(
        not_forwarded(Language::En, &en)
            .text
            .starts_with("The following mail could not be sent at the deadline, and was not forwarded. x\n")
    );
    let late = about(Language::En, &[]);
    assert!(not_forwarded(Language::En, &late).text.starts_with("Nobody decided before the deadline"));
}

#[test]
fn what_a_deadline_brings_is_told_as_the_rule_has_it() {
    let late = |write: Writes, language| {
        write(language, &Subject { decider: Decider::Deadline, comment: "", ..about(language, &[]) }).text
    };
    for (write, ja, en) in [
        (
            approved as Writes,
            "期限までに確認されなかったため、規則のとおりそのまま送信しました。\n受付",
            "Nobody decided before the deadline, and the mail was sent",
        ),
        (
            rejected,
            "期限までに確認されなかったため、規則により却下されました。\n送信",
            "Nobody decided before the deadline, and the mail was rejected",
        ),
    ] {
        assert!(late(write, Language::Ja).starts_with(ja) && late(write, Language::En).starts_with(en), "{ja}");
    }
    for (then, sender, approver) in [
        ("send", "確認されない場合はそのまま送信されます。", "期限を過ぎるとそのまま送信されます。"),
        ("reject", "確認されない場合は送信されません。", "期限を過ぎると送信されません。"),
    ] {
        let about = Subject { then, ..about(Language::Ja, &[]) };
        assert!(held(Language::Ja, &about).text.contains(sender));
        assert!(reminder(Language::Ja, &about).text.starts_with(approver));
    }
}

#[test]
fn a_moment_and_a_span_are_written_as_people_in_japan_write_them() {
    let at = Timestamp::from_secs(1_795_507_200); // 2026-11-24T08:00:00Z
    assert_eq!(moment(Language::Ja, at), "11月24日(火)17:00");
    assert_eq!(moment(Language::En, at), "Tue 24 Nov 17:00 (Japan)");
    assert_eq!(moment_short(Language::Ja, at), "11/24 17:00");
    for (seconds, ja, en) in [(7_200, "2時間", "2 hours"), (3_600, "1時間", "1 hour"), (1_790, "30分", "30 minutes")]
    {
        let span = Duration::from_secs(seconds);
        assert_eq!((left(Language::Ja, span).as_str(), left(Language::En, span).as_str()), (ja, en));
    }
}

#[test]
fn a_changed_password_is_told_with_when_and_from_where() {
    let at = Timestamp::from_secs(1_795_507_200);
    let url = "https://mail.aoba.example";
    let own = password_changed(Language::Ja, "sato@aoba.example", at, "Windows / Edge, 203.0.113.7", true, url);
    assert_eq!(own.subject, "【お知らせ】パスワードが変更されました");
    assert_eq!(
        own.text,
        "11月24日(火)17:00に、sato@aoba.example のパスワードが変更されました。\n変更した端末:Windows / Edge, 203.0.113.7\n\
         ほかの端末からはサインアウトされています。\n\nお心当たりがない場合は、すぐに管理者へご連絡ください。\n\
         サインイン中の端末を確認する:https://mail.aoba.example/settings/security\n"
    );
    let by = password_changed(Language::En, "sato@aoba.example", at, "The administrator", false, "");
    assert!(by.text.contains("By: The administrator\n") && !by.text.contains("settings"), "{}", by.text);
}

#[test]
fn what_became_of_a_second_factor_is_told_with_when_and_from_where() {
    let (at, url) = (Timestamp::from_secs(1_795_507_200), "https://mail.aoba.example");
    let told = |language, news, whence| factor_changed(language, ("sato@aoba.example", at), news, whence, url);
    let set = told(Language::Ja, FactorNews::Set, ("Windows / Edge, 203.0.113.7", true));
    assert_eq!(set.subject, "【お知らせ】二要素認証が設定されました");
    assert_eq!(
        set.text,
        "11月24日(火)17:00に、sato@aoba.example の二要素認証が設定されました。\n端末:Windows / Edge, 203.0.113.7\n\
         ほかの端末からはサインアウトされています。\n\nお心当たりがない場合は、すぐに管理者へご連絡ください。\n\
         二要素認証の設定を確認する:https://mail.aoba.example/settings/security\n"
    );
    let removed = told(Language::En, FactorNews::Removed, ("The administrator", false));
    assert!(removed.text.contains("By: The administrator\nAll other devices"), "{}", removed.text);
    let used = told(Language::Ja, FactorNews::CodeUsed(9), ("Windows / Edge, 203.0.113.7", true));
    assert!(used.text.contains("残りは9個です。") && !used.text.contains("サインアウト"), "{}", used.text);
}
