//! What the page of ZIPs says.

web::catalogue! {
    /// Texts of ZIP のパスワード.
    pub struct ZipWords {
        title: ja "ZIP のパスワード", en "Passwords of ZIPs";
        lead: ja "社外の宛先には、AES-256 で暗号化した ZIP ファイルで送りました。パスワードは、電話などメール以外の方法で相手にお伝えください。", en "People outside got a ZIP file encrypted with AES-256. Please tell them the password by other means than mail, such as by phone.";
        back: ja "送信状況", en "Sent status";
        empty: ja "このメールは ZIP で送られていません。", en "Nothing of this mail went as a ZIP.";
        no_subject: ja "(件名なし)", en "(no subject)";
        reference: ja "受付番号", en "Reference";
        recipients: ja "宛先", en "Recipients";
        password: ja "パスワード", en "Password";
        agreed(name: &str): ja "事前に取り決めたパスワード「{name}」で開けます。", en "The password “{name}” opens it, which was agreed before.";
        only_you: ja "この画面は送信者ご本人だけが開けます。", en "Nobody but the sender can open this page.";
        destroyed: ja "このメールは廃棄されたため、パスワードも残っていません。", en "This mail was disposed of, and its passwords with it.";
    }
}
