//! The second factor as pages show it: its words, and the drawing that an authenticator reads (ISO/IEC 18004).

use std::fmt::Write as _;

use auth::Enrolment;
use qrcode::{Color, EcLevel, QrCode};

use crate::Trouble;

crate::catalogue! {
    /// Texts of signing in with a code and of setting it up.
    pub struct FactorWords {
        code_title: ja "確認コードの入力", en "Enter your code";
        code: ja "確認コード", en "Code";
        code_lead: ja "認証アプリに表示されている6桁のコードを入力してください。", en "Please enter the six digits that your authenticator shows.";
        code_recovery: ja "アプリを使えないときは、回復コードを入力してください。", en "If you do not have it, enter a recovery code.";
        code_lost: ja "回復コードもお持ちでない場合は、社内の管理者へご連絡ください。", en "If you have no recovery code either, please contact your administrator.";
        confirm: ja "確認", en "Continue";
        start_again: ja "最初からやり直す", en "Start again";
        wrong_code: ja "コードが正しくないか、すでに使われています。新しいコードが表示されてから、もう一度入力してください。",
            en "The code is wrong, or was used before. Please wait for the next one and try again.";
        too_late: ja "時間が過ぎたため、もう一度サインインしてください。", en "That took too long. Please sign in again.";
        recovery_left(n: u32): ja "回復コードでサインインしました。残りは{n}個です。なくなる前に、設定の「セキュリティ」で作り直してください。",
            en "You signed in with a recovery code; {n} are left. Make new ones in the settings, under Security, before they run out.",
            one "You signed in with a recovery code; one is left. Make new ones in the settings, under Security, before it is used.";

        enrol_title: ja "二要素認証の設定", en "Set up a second factor";
        demanded: ja "お使いになるには、パスワードに加えて、認証アプリの確認コードによる二要素認証が必要です。はじめに設定してください。",
            en "Beside your password a code of an authenticator is needed here. Please set it up first.";
        step_read: ja "1. 認証アプリで読み取る", en "1. Read this with your authenticator";
        read_help: ja "スマートフォンの認証アプリ(Google Authenticator、Microsoft Authenticatorなど)で「追加」を選び、次の図を読み取ってください。",
            en "In the authenticator on your phone (such as Google Authenticator or Microsoft Authenticator) choose to add an account, and read this picture.";
        qr: ja "認証アプリで読み取るQRコード", en "QR code for your authenticator";
        open_app: ja "この端末の認証アプリで開く", en "Open in the authenticator of this device";
        type_key: ja "読み取れないときは、次のキーを入力してください(種類: 時間ベース)。", en "If it cannot be read, type this key (kind: time-based).";
        step_code: ja "2. 表示されたコードを入力する", en "2. Enter the code that it shows";
        set_up: ja "設定する", en "Set up";
        set_up_late: ja "時間が過ぎました。もう一度設定を始めてください。", en "That took too long. Please begin again.";

        codes_title: ja "回復コード", en "Recovery codes";
        codes_once: ja "二要素認証の準備ができました。次の回復コードは、この画面を閉じると二度と表示できません。",
            en "Your second factor is ready. These recovery codes cannot be shown again.";
        codes_help: ja "スマートフォンをなくしたときに、確認コードの代わりとして1つずつ、1回だけ使えます。印刷するか書き写して、安全な場所に保管してください。",
            en "When you have lost your phone each of them works once in place of a code. Please print them or write them down, and keep them in a safe place.";
        codes_kept: ja "保管しました。続ける", en "I have kept them; continue";
        print: ja "印刷", en "Print";
        copy: ja "コピー", en "Copy";
        copied: ja "コピーしました", en "Copied";
    }
}

/// A QR code as a path of squares of one unit, on a ground of `side` units.
#[derive(Debug, Clone)]
pub struct Qr {
    /// Units from edge to edge.
    pub side: usize,
    /// What is black, as an SVG path.
    pub path: String,
}

/// Units of white around it (ISO/IEC 18004 6.3.8).
const QUIET: usize = 4;

impl Qr {
    fn of(text: &str) -> Result<Self, Trouble> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(Trouble::bug)?;
        let (width, colors, mut path) = (code.width(), code.to_colors(), String::new());
        for (y, row) in colors.chunks(width).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run.first() == Some(&Color::Dark) {
                    let _ = write!(path, "M{} {}h{}v1h-{2}z", x + QUIET, y + QUIET, run.len());
                }
                x += run.len();
            }
        }
        Ok(Self { side: width + 2 * QUIET, path })
    }
}

/// A second factor that is being set up, for templates.
pub struct EnrolmentView {
    /// What goes back with the first code.
    pub token: String,
    /// The key in groups.
    pub secret: String,
    /// What opens an authenticator on the same device.
    pub uri: String,
    /// The same as a drawing.
    pub qr: Qr,
}

impl EnrolmentView {
    /// As pages show it.
    ///
    /// # Errors
    /// [`Trouble::Bug`] when it cannot be drawn.
    pub fn of(enrolment: &Enrolment) -> Result<Self, Trouble> {
        let uri = enrolment.uri();
        let (token, secret) = (enrolment.token().to_owned(), enrolment.secret());
        Ok(Self { token, secret, qr: Qr::of(&uri)?, uri })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_the_black_squares_of_the_code_and_a_quiet_edge() {
        let text = "otpauth://totp/Sekisho:taro@aoba.example?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Sekisho";
        let (qr, code) = (Qr::of(text).unwrap(), QrCode::with_error_correction_level(text, EcLevel::L).unwrap());
        let mut drawn = vec![Color::Light; qr.side * qr.side];
        for run in qr.path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (x, y, length): (usize, usize, usize) =
                (x.parse().unwrap(), y.parse().unwrap(), rest.split_once('v').unwrap().0.parse().unwrap());
            drawn[y * qr.side + x..][..length].fill(Color::Dark);
        }
        let inner = drawn.chunks(qr.side).skip(QUIET).take(code.width());
        let inner: Vec<Color> = inner.flat_map(|row| row[QUIET..QUIET + code.width()].to_vec()).collect();
        assert_eq!(inner, code.to_colors());
        let dark = |all: &[Color]| all.iter().filter(|color| **color == Color::Dark).count();
        assert_eq!(dark(&drawn), dark(&inner), "nothing stands in the edge");
    }
}
