//! What the screens of people say.

use store::{Role, UserState};
use web::auth::{AuthError, PasswordError};

web::catalogue! {
    /// Texts of 利用者.
    pub struct UserWords {
        title: ja "利用者", en "People";
        groups: ja "グループ・リスト", en "Groups and lists";
        count(n: usize): ja "{n}名", en "{n} people", one "One person";
        none: ja "条件に合う利用者はいません。", en "Nobody matches.";
        search: ja "名前・アドレス", en "Name or address";
        all: ja "すべて", en "All";
        show: ja "表示", en "Show";
        name: ja "名前", en "Name";
        address: ja "アドレス", en "Address";
        address_hint: ja "このテナントのドメインのアドレス", en "An address of one of this tenant's domains";
        department: ja "部署", en "Department";
        roles: ja "役割", en "Roles";
        roles_hint: ja "「利用者」は全員に付きます。", en "Everybody is a user.";
        state: ja "状態", en "State";
        state_active: ja "有効", en "active";
        state_suspended: ja "停止中", en "suspended";
        state_no_password: ja "パスワード未設定", en "no password";
        state_no_factor: ja "二要素なし", en "no second factor";
        factor: ja "二要素", en "Second factor";
        factor_set: ja "設定済み", en "set up";
        factor_none: ja "なし", en "none";
        factor_missing: ja "未設定(必要)", en "missing";
        quota: ja "容量", en "Storage";
        quota_gb: ja "容量の上限(MB)", en "Most storage (MB)";
        quota_messages: ja "メールの数の上限(通)", en "Most messages";
        quota_hint: ja "空欄: 上限なし", en "Empty: no limit";
        quota_of(used: &str, most: &str): ja "{used} / {most}", en "{used} of {most}";
        supervisor: ja "上長のアドレス", en "Supervisor's address";
        language: ja "言語", en "Language";
        japanese: ja "日本語", en "Japanese";
        english: ja "英語", en "English";
        role_user: ja "利用者", en "user";
        role_approver: ja "承認者", en "approver";
        role_handler: ja "取扱担当者", en "handler";
        role_auditor: ja "監査者", en "auditor";
        role_admin: ja "テナント管理者", en "administrator";
        role_operator: ja "全体管理者", en "operator";
        previous: ja "前のページ", en "Previous page";
        next: ja "次のページ", en "Next page";
        page_of(page: usize, all: usize): ja "{page} / {all} ページ", en "Page {page} of {all}";

        add: ja "利用者を追加", en "Add a person";
        do_add: ja "追加", en "Add";
        first_password: ja "最初のパスワード", en "First password";
        password: ja "新しいパスワード", en "New password";
        again: ja "パスワード(確認)", en "Password again";
        password_hint: ja "8文字以上。空欄の場合は自動で作成し、次の画面に一度だけ表示します。",
            en "At least 8 characters. Leave empty to have one made; it is shown once on the next page.";
        added(name: &str): ja "{name} を追加しました。", en "{name} has been added.";
        made_title: ja "パスワードを作成しました", en "A password was made";
        made(name: &str): ja "{name} さんのパスワードです。この画面を閉じると、二度と表示できません。", en "This is the password of {name}. It cannot be shown again.";
        made_help: ja "メールではなく、対面や電話など別の方法でお伝えください。", en "Please hand it over in person or by phone, not by mail.";
        made_done: ja "利用者の画面へ", en "To the person's page";

        basics: ja "基本", en "Basics";
        saved: ja "保存しました。", en "Saved.";
        aliases: ja "別名アドレス", en "Aliases";
        alias: ja "別名アドレスを追加", en "Add an alias";
        no_alias: ja "別名アドレスはありません。", en "There is no alias.";
        remove_alias(alias: &str): ja "{alias} を削除", en "Remove {alias}";
        alias_added: ja "別名アドレスを追加しました。", en "The alias has been added.";
        alias_removed: ja "別名アドレスを削除しました。", en "The alias has been removed.";
        member_of: ja "所属グループ", en "Groups";
        sign_in: ja "サインイン", en "Sign-in";
        set_password: ja "パスワードを設定", en "Set the password";
        set_password_help: ja "設定すると、すべての端末でサインアウトされます。", en "All devices are signed out.";
        password_set: ja "パスワードを設定しました。", en "The password has been set.";
        factor_title: ja "二要素認証", en "Second factor";
        factor_since(since: &str): ja "設定済みです({since}から)。", en "It is set up, since {since}.";
        factor_is_missing: ja "まだ設定されていません。次のサインインのときに、本人が設定します。", en "It is not set up yet; he sets it up when he signs in next.";
        factor_off: ja "設定されていません。", en "It is not set up.";
        factor_remove_help: ja "スマートフォンをなくした場合などに解除します。すべての端末でサインアウトされ、本人にメールでお知らせします。本人であることを確かめてから解除してください。",
            en "Take it away when his phone is lost. All devices are signed out, and he is told by mail. Please make sure first that it is he who asks.";
        factor_remove: ja "二要素認証を解除", en "Take the second factor away";
        factor_removed: ja "二要素認証を解除しました。", en "The second factor has been taken away.";
        factor_own: ja "ご自身の二要素認証は、ウェブメールの設定の「セキュリティ」で変更してください。", en "You change your own in the settings of webmail, under Security.";
        suspend(name: &str): ja "{name} を停止", en "Suspend {name}";
        suspend_help: ja "停止するとサインインできなくなります。メールは引き続き届きます。", en "A suspended person cannot sign in; mail still arrives.";
        activate(name: &str): ja "{name} を再開", en "Reactivate {name}";
        suspended: ja "停止しました。", en "Suspended.";
        activated: ja "再開しました。", en "Active again.";
        remove(name: &str): ja "{name} を削除", en "Remove {name}";
        remove_title: ja "利用者の削除", en "Remove a person";
        remove_question(name: &str, address: &str): ja "{name}({address})を削除します。サインインできなくなり、宛てのメールは届かなくなります。元に戻せません。",
            en "{name} ({address}) will be removed: no sign-in, and mail is no longer received. This cannot be undone.";
        removed(name: &str): ja "{name} を削除しました。", en "{name} has been removed.";
        not_self: ja "ご自身のアカウントは、停止・削除できません。", en "You cannot suspend or remove yourself.";
        only_operator: ja "全体管理者のアカウントは、全体管理者だけが変更できます。", en "Only operators change the account of an operator.";

        bad_address: ja "アドレスの形式が正しくありません。", en "This is not a mail address.";
        foreign_domain: ja "このテナントのドメインではありません。", en "This domain is not one of this tenant's.";
        taken: ja "このアドレスは使われています。", en "This address is taken.";
        name_missing: ja "名前を入力してください。", en "Please enter a name.";
        too_long: ja "長すぎます。", en "This is too long.";
        no_such_person: ja "この会社に、このアドレスの利用者はいません。", en "Nobody here has this address.";
        own_supervisor: ja "本人を上長にすることはできません。", en "Nobody is his own supervisor.";
        bad_quota: ja "1以上の整数で入力してください。", en "Please enter a whole number above zero.";
        differs: ja "2つのパスワードが一致しません。", en "The two passwords differ.";
        too_short: ja "8文字以上で入力してください。", en "At least 8 characters.";
        named_by_rules(name: &str, codes: &str): ja "{name} はルール {codes} で使われています。先にルールを変更してください。", en "{name} is named by the rules {codes}. Please change them first.";
        deputy_title: ja "承認の代理", en "Deputy for approvals";
        deputy_help: ja "不在の間、この方の代わりに承認を行う方です。本人もウェブメールの設定で指定できます。", en "Who approves in his place while he is away. He can name one himself in the settings of webmail.";
        deputy_now(name: &str, from: &str, until: &str): ja "{name}さんが代理です({from}~{until})。", en "{name}, from {from} to {until}.";
        deputy_address: ja "代理の方のアドレス", en "Address of the deputy";
        deputy_from: ja "開始日", en "First day";
        deputy_until: ja "終了日", en "Last day";
        deputy_save: ja "代理を指定", en "Name the deputy";
        deputy_remove: ja "代理を解除", en "Remove the deputy";
        deputy_saved: ja "代理を指定しました。", en "The deputy is named.";
        deputy_removed: ja "代理を解除しました。", en "The deputy is removed.";
        bad_password: ja "使えない文字が含まれています。", en "It holds a character that cannot be used.";
    }
}

impl UserWords {
    pub fn role(&self, role: Role) -> &'static str {
        match role {
            Role::User => self.role_user(),
            Role::Approver => self.role_approver(),
            Role::Handler => self.role_handler(),
            Role::Auditor => self.role_auditor(),
            Role::Admin => self.role_admin(),
            Role::Operator => self.role_operator(),
        }
    }
    /// The word and the tag's colour.
    pub fn state_of(&self, state: UserState, has_password: bool) -> (&'static str, &'static str) {
        match (state, has_password) {
            (UserState::Suspended, _) => (self.state_suspended(), "ng"),
            (UserState::Active, false) => (self.state_no_password(), "warn"),
            (UserState::Active, true) => (self.state_active(), "ok"),
        }
    }
    /// Whether a second factor is there, and the tag's colour; `demanded`: his company wants one.
    pub fn factor_of(&self, set: bool, demanded: bool) -> (&'static str, &'static str) {
        match (set, demanded) {
            (true, _) => (self.factor_set(), "ok"),
            (false, true) => (self.factor_missing(), "warn"),
            (false, false) => (self.factor_none(), ""),
        }
    }
    /// Why a password is no good; `None`: something else went wrong.
    pub fn password_error(&self, error: &AuthError) -> Option<&'static str> {
        match error {
            AuthError::Password(PasswordError::TooShort) => Some(self.too_short()),
            AuthError::Password(PasswordError::TooLong) => Some(self.too_long()),
            AuthError::Password(PasswordError::BadCharacter) => Some(self.bad_password()),
            _ => None,
        }
    }
}
