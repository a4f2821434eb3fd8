//! What those are told who get or send files, as a whole (rules-and-texts.md, "Link mail", "Code mail", "Password notice").

use super::super::{LinkText, Subject, link_code, link_mail, link_password, zip_password};
use super::{Language, REFERENCE};

/// A link of Sato's to Yamada, by a code; `words` are the recipient, the company and the sender.
fn link_to<'a>(words: [&'a str; 3], until: &'a str) -> LinkText<'a> {
    let [recipient, company, sender] = words;
    LinkText {
        recipient,
        address: "taro@yamada.example",
        company,
        telephone: "03-1234-5678",
        sender,
        url: "https://dl.aoba.example/d/abc",
        until,
        by_password: false,
        text: None,
        footers: &[],
    }
}

#[test]
fn the_mail_with_a_link_is_as_the_page_of_texts_has_it() {
    let ja = link_to(["山田", "株式会社青葉製作所", "佐藤"], "12月7日(月)23:59");
    assert_eq!(
        link_mail(Language::Ja, &ja),
        "山田様\n\nいつもお世話になっております。株式会社青葉製作所の佐藤です。\n\
         メールを安全な方法でお送りします。\n\n\
         受け取り:https://dl.aoba.example/d/abc\n\
         開くと、taro@yamada.example 宛てに6桁の確認コードをお送りします。\n\
         有効期限:12月7日(月)23:59\n\n\
         心当たりがない場合は開かずに、弊社代表電話(03-1234-5678)へご連絡ください。\
         リンクを開けない場合は、このメールにご返信ください。\n"
    );
    let en = link_to(["Yamada", "Aoba", "Sato"], "Mon 7 Dec 23:59 (Japan)");
    assert_eq!(
        link_mail(Language::En, &en),
        "Dear Yamada,\n\nthis is Sato of Aoba.\n\
         A mail can be fetched in a safe way.\n\n\
         Receive: https://dl.aoba.example/d/abc\n\
         When you open it, a six-digit code can be sent to taro@yamada.example.\n\
         Available until: Mon 7 Dec 23:59 (Japan)\n\n\
         If you do not expect this, please do not open it but call our company (03-1234-5678). \
         If you cannot open the page, please answer this mail.\n"
    );
}

#[test]
fn where_only_the_files_stay_behind_a_link_the_senders_own_text_stands_first() {
    let footers = ["株式会社青葉製作所\n".to_owned()];
    let files = |words, until, text| LinkText {
        by_password: true,
        telephone: "",
        text: Some(text),
        footers: &footers,
        ..link_to(words, until)
    };
    assert_eq!(
        link_mail(Language::Ja, &files(["山田", "株式会社青葉製作所", "佐藤"], "12月7日(月)23:59", "見積書です。\n")),
        "見積書です。\n\n----------------------------------------\n\
         添付ファイルを安全な方法でお送りします。\n\n\
         受け取り:https://dl.aoba.example/d/abc\n\
         開くには、メール以外の方法でお伝えするパスワードが必要です。\n\
         有効期限:12月7日(月)23:59\n\n\
         心当たりがない場合は開かずに、弊社までご連絡ください。\
         リンクを開けない場合は、このメールにご返信ください。\n\n株式会社青葉製作所\n"
    );
    assert_eq!(
        link_mail(Language::En, &files(["Yamada", "Aoba", "Sato"], "Mon 7 Dec 23:59 (Japan)", "The estimate.\n")),
        "The estimate.\n\n----------------------------------------\n\
         The attachments of this mail can be fetched in a safe way.\n\n\
         Receive: https://dl.aoba.example/d/abc\n\
         To open it you need the password that you are told by other means than mail.\n\
         Available until: Mon 7 Dec 23:59 (Japan)\n\n\
         If you do not expect this, please do not open it but ask our company. \
         If you cannot open the page, please answer this mail.\n\n株式会社青葉製作所\n"
    );
}

#[test]
fn the_mail_with_a_code_says_that_nobody_will_ask_for_it() {
    let ja = link_code(Language::Ja, "株式会社青葉製作所", "482913");
    assert_eq!(ja.subject, "確認コードのお知らせ");
    assert_eq!(
        ja.text,
        "確認コード:482 913(10分間有効)\n弊社の担当者がお尋ねすることはありません。\n\n\
         お心当たりがない場合は、このメールを破棄してください。\n株式会社青葉製作所\n"
    );
    let en = link_code(Language::En, "Aoba", "482913");
    assert_eq!(en.subject, "Your confirmation code");
    assert_eq!(
        en.text,
        "Confirmation code: 482 913 (valid for 10 minutes)\nNobody of our company will ever ask you for it.\n\n\
         If you did not ask for it, please delete this mail.\nAoba\n"
    );
}

/// A mail under this subject to Yamada, and its password.
fn under_a_password(subject: &str) -> Subject<'_> {
    Subject {
        subject,
        recipients: "taro@yamada.example",
        comment: "kami-tori-2913",
        reference: REFERENCE,
        mail_url: "https://mail.aoba.example",
        ..Subject::default()
    }
}

#[test]
fn a_password_is_told_to_its_sender_who_is_to_say_it_by_other_means() {
    let zip = zip_password(Language::Ja, &under_a_password("名簿"));
    assert_eq!(zip.subject, "【ZIP のパスワード】名簿");
    assert_eq!(
        zip.text,
        "添付ファイルをパスワードで保護しました。\n宛先:taro@yamada.example\nパスワード:kami-tori-2913\n\
         メールではなく、電話など別の方法で相手にお伝えください。\
         管理者は、お取引先と「事前に取り決めたパスワード」も設定できます。\n\
         パスワードと宛先を見る:https://mail.aoba.example/outgoing/passwords/7F3K-92QA\n受付番号:7F3K-92QA\n"
    );
    let zip = zip_password(Language::En, &under_a_password("List"));
    assert_eq!(zip.subject, "[Password of a ZIP] List");
    assert_eq!(
        zip.text,
        "The files of your mail are protected by a password.\nRecipients: taro@yamada.example\n\
         Password: kami-tori-2913\nPlease tell it by other means than mail, such as by phone. \
         Your administrator can also set a password that was agreed with a partner.\n\
         See who got it and what opens it: https://mail.aoba.example/outgoing/passwords/7F3K-92QA\n\
         Reference: 7F3K-92QA\n"
    );
    let link = link_password(Language::Ja, &under_a_password("名簿"));
    assert_eq!(link.subject, "【リンクのパスワード】名簿");
    assert_eq!(
        link.text,
        "taro@yamada.example 宛てのリンクをパスワードで保護しました。\nパスワード:kami-tori-2913\n\
         メールではなく、電話など別の方法で相手にお伝えください。\n受付番号:7F3K-92QA\n"
    );
    let link = link_password(Language::En, &under_a_password("List"));
    assert_eq!(link.subject, "[Password of a link] List");
    assert_eq!(
        link.text,
        "The link to taro@yamada.example is protected by a password.\nPassword: kami-tori-2913\n\
         Please tell it by other means than mail, such as by phone.\nReference: 7F3K-92QA\n"
    );
}
