//! What the download page says.

web::catalogue! {
    /// Texts of the download page.
    pub struct DownloadWords {
        lang: ja "ja", en "en";
        other_lang: ja "en", en "ja";
        other_language: ja "English", en "日本語";
        title: ja "ファイルの受け取り", en "Receive files";
        from(company: &str, sender: &str): ja "{company} の {sender} 様から、ファイルが届いています。", en "{sender} of {company} has sent you files.";
        files(n: usize): ja "ファイル {n}件", en "{n} files", one "One file";
        whole: ja "メール 1通", en "One mail";
        until(when: &str): ja "有効期限: {when} まで", en "Available until {when}";
        check: ja "本人確認", en "Confirm that it is you";
        code_lead: ja "宛先のメールアドレスに6桁の確認コードを送ります。", en "A six-digit code will be sent to the address that this was sent to.";
        send_code: ja "確認コードを送る", en "Send the code";
        have_code: ja "確認コードをお持ちの方", en "I have a code";
        password_lead: ja "送信者からメール以外の方法で伝えられたパスワードを入力してください。", en "Please enter the password that the sender told you by other means than mail.";
        password: ja "パスワード", en "Password";
        sent_to(address: &str): ja "{address} に確認コードを送りました。届くまで少しお待ちください。", en "A code was sent to {address}. It may take a moment to arrive.";
        code: ja "確認コード(6桁)", en "Code (6 digits)";
        code_hint: ja "コードは10分間有効です。", en "The code is valid for 10 minutes.";
        open: ja "確認", en "Continue";
        again: ja "コードをもう一度送る", en "Send another code";
        wrong(left: u32): ja "正しくないか、有効期限が過ぎています。あと{left}回誤ると、15分間開けなくなります。", en "That is not correct, or no longer valid. {left} more wrong tries lock this page for 15 minutes.", one "That is not correct, or no longer valid. One more wrong try locks this page for 15 minutes.";
        too_many_codes: ja "確認コードの送信回数が上限に達しました。1時間ほどたってからお試しください。", en "Too many codes were sent. Please try again in an hour.";
        locked_title: ja "一時的に開けません", en "Locked for a while";
        locked(until: &str): ja "本人確認の誤りが続いたため、{until} まで開けません。", en "There were too many wrong tries. Nothing opens this page until {until}.";
        gone_title: ja "このリンクは使えません", en "This link cannot be used";
        gone: ja "アドレスが正しくないか、有効期限が過ぎたか、送信者が停止しています。お手数ですが、リンクの記載されたメールの送信者にご確認ください。", en "The address is not correct, or its time is over, or its sender has stopped it. Please ask whoever sent you the mail with the link.";
        over_title: ja "確認の有効時間が過ぎました", en "Please confirm again";
        over: ja "安全のため、確認から15分でページを閉じています。もう一度確認してください。", en "For safety this page closes 15 minutes after you confirmed. Please confirm once more.";
        once_more: ja "本人確認に戻る", en "Confirm again";
        used_title: ja "ダウンロードの回数が上限に達しました", en "No downloads left";
        used: ja "このファイルはこれ以上ダウンロードできません。必要な場合は、送信者に延長をご依頼ください。", en "This file cannot be downloaded any more. If you need it, please ask the sender to allow more.";
        back: ja "ファイルの一覧に戻る", en "Back to the files";
        files_title: ja "ファイル", en "Files";
        subject: ja "件名", en "Subject";
        no_subject: ja "(件名なし)", en "(no subject)";
        left(n: u32): ja "残り {n}回", en "{n} downloads left", one "One download left";
        download: ja "ダウンロード", en "Download";
        download_of(name: &str): ja "「{name}」をダウンロード", en "Download {name}";
        download_all: ja "すべてダウンロード(ZIP)", en "Download all (ZIP)";
        mail_file: ja "メール全体(.eml)", en "The whole mail (.eml)";
        show_text: ja "本文を表示", en "Show the text";
        text_title: ja "本文", en "Text";
        reply_title: ja "ファイルを送る", en "Send files back";
        reply_lead(sender: &str): ja "{sender} 様へ、このページからファイルを送ることができます。通信は暗号化されます。", en "You can send files to {sender} from this page. They travel encrypted.";
        reply_room(size: &str): ja "合計 {size} まで、一度に30件まで", en "Up to {size} in all, 30 files at a time";
        reply_text: ja "メッセージ(任意)", en "Message (optional)";
        reply_files: ja "ファイル", en "Files";
        reply_send: ja "送信する", en "Send";
        reply_nothing: ja "ファイルを選ぶか、メッセージを入力してください。", en "Please choose a file or write a message.";
        reply_too_much: ja "ファイルが大きすぎるか、多すぎます。お手数ですが、分けてお送りください。", en "The files are too large or too many. Please send them in several parts.";
        reply_no_more: ja "このページから送ることのできる回数または容量の上限に達しました。送信者にご連絡ください。", en "No more can be sent from this page. Please turn to the sender.";
        reply_no_space: ja "ただいまファイルを受け取ることができません。時間をおいてもう一度お試しください。", en "Files cannot be taken at the moment. Please try again later.";
        reply_sent_title: ja "送信しました", en "Sent";
        reply_sent(sender: &str): ja "{sender} 様にお届けしました。このページは閉じていただいて構いません。", en "It was delivered to {sender}. You can close this page.";
        collect_sent(company: &str): ja "{company} の取扱担当者が受け取りました。ご提出ありがとうございました。このページは閉じていただいて構いません。", en "Those in charge at {company} have received it. Thank you. You can close this page.";
        collect_title: ja "ファイルのご提出", en "Hand in files";
        collect_from(company: &str, sender: &str): ja "{company} の {sender} 様から、ファイルのご提出のお願いが届いています。", en "{sender} of {company} asks you for files.";
        collect_expected: ja "ご提出いただくもの", en "What is asked for";
        collect_until(when: &str): ja "期限: {when} まで", en "Until {when}";
        collect_sent_before(n: u32): ja "これまでに {n}回お送りいただきました。追加してお送りいただけます。", en "You have sent files {n} times. You can send more.", one "You have sent files once. You can send more.";
        help: ja "お困りの方へ", en "Help";
        help_text(sender: &str): ja "開けない場合は、{sender} 様へご連絡ください。確認コードを電話やメールでお尋ねすることはありません。", en "If this does not work, please turn to {sender}. Nobody will ever ask you for the code by phone or mail.";
    }
}
