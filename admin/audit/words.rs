//! What the audit log says: its page, the events and their details.

web::catalogue! {
    /// Texts of 監査ログ.
    pub struct AuditWords {
        title: ja "監査ログ", en "Audit log";
        lead: ja "記録は変更・削除できません。", en "Nothing here can be changed or removed.";
        range: ja "範囲", en "Range";
        here: ja "このテナント", en "This tenant";
        everywhere: ja "サーバー全体", en "Whole server";
        who: ja "実行者のアドレス", en "Address of who did it";
        what: ja "種類", en "Kind";
        subject: ja "対象", en "Concerns";
        subject_part: ja "対象(一部)", en "Concerns (part)";
        since: ja "開始日", en "From day";
        until: ja "終了日", en "To day";
        all: ja "すべて", en "All";
        show: ja "表示", en "Show";
        export: ja "CSVで書き出す", en "Export as CSV";
        none: ja "条件に合う記録はありません。", en "No record matches.";
        when: ja "日時", en "When";
        by: ja "実行者", en "By";
        event: ja "操作", en "Event";
        name: ja "記録名", en "Name";
        detail: ja "詳細", en "Detail";
        company: ja "テナント", en "Tenant";
        system: ja "システム・コマンド", en "system or command line";
        older: ja "さらに表示", en "Show more";
        unknown_person: ja "このアドレスの利用者はいません。", en "Nobody here has this address.";
        kind_people: ja "利用者", en "People";
        kind_sessions: ja "サインイン", en "Signing in";
        kind_groups: ja "グループ", en "Groups";
        kind_domains: ja "ドメイン", en "Domains";
        kind_rules: ja "審査ルール", en "Rules";
        kind_held: ja "保留メールの閲覧", en "Held mail opened";
        kind_parcels: ja "審査・承認", en "Review and approval";
        kind_arrivals: ja "受信メールの審査", en "Review of incoming mail";
        kind_submissions: ja "送信", en "Sent mail";
        kind_queue: ja "キュー", en "Queue";
        detail_deputy: ja "代理", en "deputy";
        detail_nobody: ja "なし", en "nobody";
        detail_first: ja "開始", en "from";
        detail_until: ja "終了(この時刻の前まで)", en "until before";
        detail_inherited: ja "権限の引き継ぎ元のメールボックス", en "rights inherited from mailbox";
        detail_identifiers: ja "引き継いだ権限の数", en "rights inherited";
        detail_rights: ja "権限", en "rights";
        kind_incident: ja "漏えい等事案", en "Incidents";
        detail_version: ja "版", en "version";
        detail_state: ja "状況", en "state";
        detail_lines: ja "台帳の記録", en "lines of the ledger";
        kind_ledger: ja "特定個人情報の台帳", en "My Number ledger";
        kind_audit: ja "監査ログ", en "Audit log";

        detail_pages: ja "画面", en "Pages";
        detail_mail: ja "ウェブメール", en "webmail";
        detail_admin: ja "管理コンソール", en "console";
        detail_from: ja "接続元", en "From";
        detail_device: ja "端末", en "Device";
        detail_rules: ja "ルール", en "Rules";
        detail_recorded: ja "記録のみのルール", en "Rules that only record";
        detail_outcome: ja "結果", en "Result";
        outcome_held: ja "保留", en "held";
        outcome_sent: ja "送信", en "sent";
        outcome_blocked: ja "送信不可", en "refused";
        outcome_to_confirm: ja "差出人の確認待ち", en "to be confirmed by its sender";
        outcome_deleted: ja "破棄", en "discarded";
        outcome_deleted_in_part: ja "一部を破棄", en "discarded in part";
        detail_comment: ja "理由", en "Reason";
        detail_in_place_of: ja "代理元", en "In the stead of";
        detail_asked: ja "依頼先", en "Asked";
        detail_need_deputy: ja "承認者の代理を求める", en "Approvers need a deputy";
        detail_partners: ja "取引先ごとの添付の保護", en "Protection of files by partner";
        detail_mail_passwords: ja "ZIP のパスワードを同じ宛先へメールで送る(安全ではありません)", en "Passwords of ZIPs mailed to the same recipients (unsafe)";
        detail_part: ja "添付ファイル", en "Attachment";
        detail_rows: ja "件数", en "Rows";
        detail_filter: ja "条件", en "Filter";
        detail_domain: ja "相手のドメイン", en "Domain";
        detail_selectors: ja "セレクター", en "Selectors";
        detail_group: ja "グループ", en "Group";
        detail_labels: ja "呼び名", en "Words";
        detail_undo: ja "取り消せる秒数", en "Seconds to undo";
        detail_try: ja "合意済みパスワードの使用", en "Agreed passwords tried";
        detail_years: ja "台帳の保存年数", en "Years in the ledger";
        detail_dispose: ja "保存年数を過ぎたら自動で廃棄", en "Disposed of by itself after these years";
        detail_kinds: ja "書類の種類(年数、起算日)", en "Kinds of documents (years, counted from)";
        detail_documents: ja "書類の種類", en "Kind of documents";
        detail_telephone: ja "代表電話", en "Telephone";
        detail_factor: ja "二要素認証が必要な人", en "Second factor demanded of";
        factor_roles: ja "承認・取扱・監査・管理の担当者", en "approvers, handlers, auditors and administrators";
        factor_everyone: ja "全員", en "everybody";
        factor_nobody: ja "なし", en "nobody";
        detail_app: ja "メールソフト", en "Mail program";
        detail_at: ja "段階", en "At";
        at_code: ja "二要素認証のコード", en "the code of the second factor";
        detail_yes: ja "する", en "yes";
        detail_no: ja "しない", en "no";
    }
}

web::catalogue! {
    /// Events in words.
    pub struct EventWords {
        tenant_added: ja "テナントを追加", en "Tenant added";
        tenant_changed: ja "テナントを変更", en "Tenant changed";
        tenant_removed: ja "テナントを削除", en "Tenant removed";
        domain_added: ja "ドメインを追加", en "Domain added";
        domain_removed: ja "ドメインを削除", en "Domain removed";
        dkim_added: ja "DKIMの鍵を作成", en "DKIM keys made";
        dkim_started: ja "DKIMの署名を開始", en "DKIM keys began to sign";
        dkim_removed: ja "DKIMの鍵を削除", en "DKIM key removed";
        user_added: ja "利用者を追加", en "Person added";
        user_changed: ja "利用者を変更", en "Person changed";
        user_password: ja "パスワードを設定", en "Password set";
        user_factor_set: ja "二要素認証を設定", en "Second factor set up";
        user_recovery_codes: ja "回復コードを作り直し", en "Recovery codes made anew";
        user_factor_removed: ja "二要素認証を解除", en "Second factor removed";
        session_recovery_code: ja "回復コードを使用", en "Recovery code used";
        user_app_added: ja "アプリパスワードを作成", en "App password made";
        user_app_removed: ja "アプリパスワードを削除", en "App password removed";
        user_removed: ja "利用者を削除", en "Person removed";
        alias_added: ja "別名アドレスを追加", en "Alias added";
        alias_removed: ja "別名アドレスを削除", en "Alias removed";
        group_added: ja "グループを追加", en "Group added";
        group_changed: ja "グループのメンバーを変更", en "Members of a group changed";
        group_removed: ja "グループを削除", en "Group removed";
        session_opened: ja "サインイン", en "Signed in";
        session_refused: ja "サインインの失敗", en "Sign-in refused";
        session_ended: ja "サインアウト", en "Signed out";
        labels_added: ja "番号の呼び名を追加", en "Labels of numbers added";
        labels_removed: ja "番号の呼び名を削除", en "Labels of numbers removed";
        password_added: ja "合意済みパスワードを追加", en "Agreed password added";
        password_removed: ja "合意済みパスワードを削除", en "Agreed password removed";
        rules_applied: ja "審査ルールを反映", en "Rules put in force";
        rules_published: ja "審査ルールの変更理由", en "Reason of a change of the rules";
        rules_rehearsed: ja "過去のメールで試験", en "Tried on past mail";
        rules_simulated: ja "試験(シミュレーター)", en "Trial (simulator)";
        audit_exported: ja "監査ログを書き出し", en "Audit log exported";
        incident_made: ja "漏えい等事案を記録", en "Incident written down";
        incident_changed: ja "漏えい等事案を変更", en "Incident changed";
        incident_moved: ja "漏えい等事案の状況を変更", en "State of an incident changed";
        incident_printed: ja "漏えい等事案を印刷用に表示", en "Incident shown for printing";
        ledger_exported: ja "台帳を書き出し", en "Ledger exported";
        ledger_printed: ja "台帳を印刷用に表示", en "Ledger shown for printing";
        ledger_handed_over: ja "メールを取扱担当者へ引き渡し", en "Mail handed over to the handlers";
        ledger_mail_opened: ja "引き渡されたメールを番号を伏せずに閲覧", en "Handed-over mail opened as it is";
        ledger_mail_saved: ja "引き渡されたメールの添付を番号を伏せずに保存", en "Attachment of handed-over mail saved as it is";
        ledger_disposal_asked: ja "廃棄を申請", en "Disposal asked for";
        ledger_disposal_refused: ja "廃棄の申請を取りやめ", en "Disposal not confirmed";
        partner_changed: ja "委託先の情報を変更", en "Contractor changed";
        partner_checked: ja "委託先の点検を記録", en "Check of a contractor written down";
        partner_removed: ja "委託先を削除", en "Contractor removed";
        ledger_classified: ja "書類の種類を記録", en "Kind of documents given";
        ledger_disposed: ja "廃棄", en "Disposed of";
        held_opened: ja "保留メールを閲覧", en "Held mail opened";
        held_original_opened: ja "保留メールを番号を伏せずに閲覧", en "Held mail opened as it is";
        held_original_saved: ja "保留メールの添付を番号を伏せずに保存", en "Attachment of held mail saved as it is";
        parcel_confirmed: ja "送信者が確認", en "Confirmed by its sender";
        parcel_to_confirm: ja "送信者の確認待ち", en "Waits for its sender";
        held_file_opened: ja "保留メールの添付を閲覧", en "Attachment of held mail opened";
        arrival_judged: ja "受信メールを検査", en "Incoming mail reviewed";
        arrival_not_reviewed: ja "受信メールを検査できず", en "Incoming mail could not be reviewed";
        submission_judged: ja "検査", en "Reviewed";
        submission_reviewing: ja "検査中", en "Under review";
        submission_blocked: ja "ルールにより送信不可", en "Refused by a rule";
        parcel_held: ja "保留", en "Held";
        parcel_released: ja "送信を開始", en "On its way";
        parcel_approved: ja "承認", en "Approved";
        parcel_sent_at_deadline: ja "期限により送信", en "Sent at its deadline";
        parcel_approved_in_part: ja "承認(1人目)", en "Approved by the first of two";
        parcel_escalated: ja "期限切れ: 上位の承認者に依頼", en "Deadline passed: next approvers asked";
        parcel_returned: ja "差し戻し", en "Returned";
        parcel_rejected: ja "却下", en "Rejected";
        parcel_expired: ja "期限切れ", en "Deadline passed";
        parcel_waiting: ja "送信待ち(取り消し可)", en "Waits, can be undone";
        parcel_copied: ja "写しを配布", en "Copied to people inside";
        parcel_header_added: ja "ヘッダーを追加", en "Header added";
        link_stopped: ja "リンクを停止", en "Link stopped";
        parcel_password_mailed: ja "パスワードを同じ宛先へメールで送信", en "Password mailed to the same recipients";
        parcel_zipped: ja "ZIP で送信", en "Sent as ZIPs";
        parcel_linked: ja "リンクで送信", en "Sent as links";
        parcel_recipients_hidden: ja "宛先(To・Cc)を非表示", en "Recipients (To, Cc) hidden";
        parcel_footer_added: ja "定型文を追加", en "Footer added";
        parcel_tls_demanded: ja "TLS を必須に設定", en "Verified TLS demanded";
        parcel_left_signed: ja "署名・暗号化のため変更せず、TLS を必須に設定", en "Signed or encrypted: left as it is, verified TLS demanded";
        parcel_routed: ja "経路を指定", en "Route demanded";
        queue_held: ja "TLS で送信できず停止", en "Stopped: no verified TLS";
        parcel_recalled: ja "送信者が取り消し", en "Undone by the sender";
        submission_recalled: ja "送信者が取り消し", en "Undone by the sender";
        policies_changed: ja "方針を変更", en "Policies changed";
        mailbox_shared: ja "メールボックスの共有を変更", en "Sharing of a mailbox changed";
        parcel_withdrawn: ja "取り下げ", en "Withdrawn";
        parcel_deleted: ja "ルールにより破棄", en "Discarded by a rule";
        parcel_noted: ja "ルールにより通知", en "A rule told somebody";
        parcel_elsewhere: ja "別の経路で配送", en "Delivered another way";
        queue_delivered: ja "相手先のサーバーが受領", en "Taken by the next server";
        queue_failed: ja "配送失敗", en "Delivery failed";
        queue_deferred: ja "再試行待ち", en "Will be tried again";
        queue_delay_told: ja "遅延を送信者に通知", en "Sender told of the delay";
        queue_retried: ja "キュー: 今すぐ再試行", en "Queue: retried by hand";
        queue_stopped: ja "キュー: 保留", en "Queue: held by hand";
        queue_resumed: ja "キュー: 解除", en "Queue: released by hand";
        queue_deleted: ja "キュー: 削除", en "Queue: deleted by hand";
    }
}

impl EventWords {
    /// An event in words; `None` for one that has none yet.
    pub fn event(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            "tenant.added" => self.tenant_added(),
            "tenant.changed" => self.tenant_changed(),
            "tenant.removed" => self.tenant_removed(),
            "domain.added" => self.domain_added(),
            "domain.removed" => self.domain_removed(),
            "dkim.added" => self.dkim_added(),
            "dkim.started" => self.dkim_started(),
            "dkim.removed" => self.dkim_removed(),
            "user.added" => self.user_added(),
            "user.changed" => self.user_changed(),
            "user.password" => self.user_password(),
            "user.factor_set" => self.user_factor_set(),
            "user.recovery_codes" => self.user_recovery_codes(),
            "user.factor_removed" => self.user_factor_removed(),
            "session.recovery_code" => self.session_recovery_code(),
            "user.app_password_added" => self.user_app_added(),
            "user.app_password_removed" => self.user_app_removed(),
            "user.removed" => self.user_removed(),
            "alias.added" => self.alias_added(),
            "alias.removed" => self.alias_removed(),
            "group.added" => self.group_added(),
            "group.changed" => self.group_changed(),
            "group.removed" => self.group_removed(),
            "session.opened" => self.session_opened(),
            "session.refused" => self.session_refused(),
            "session.ended" => self.session_ended(),
            "labels.added" => self.labels_added(),
            "labels.removed" => self.labels_removed(),
            "password.added" => self.password_added(),
            "password.removed" => self.password_removed(),
            "rules.applied" => self.rules_applied(),
            "rules.published" => self.rules_published(),
            "rules.rehearsed" => self.rules_rehearsed(),
            "rules.simulated" => self.rules_simulated(),
            "audit.exported" => self.audit_exported(),
            "incident.made" => self.incident_made(),
            "incident.changed" => self.incident_changed(),
            "incident.moved" => self.incident_moved(),
            "incident.printed" => self.incident_printed(),
            "ledger.exported" => self.ledger_exported(),
            "ledger.printed" => self.ledger_printed(),
            "ledger.handed_over" => self.ledger_handed_over(),
            "ledger.mail_opened" => self.ledger_mail_opened(),
            "ledger.mail_saved" => self.ledger_mail_saved(),
            "ledger.disposal_asked" => self.ledger_disposal_asked(),
            "ledger.disposal_refused" => self.ledger_disposal_refused(),
            "partner.changed" => self.partner_changed(),
            "partner.checked" => self.partner_checked(),
            "partner.removed" => self.partner_removed(),
            "ledger.classified" => self.ledger_classified(),
            "ledger.disposed" => self.ledger_disposed(),
            "held.opened" => self.held_opened(),
            "held.file_opened" => self.held_file_opened(),
            "arrival.judged" => self.arrival_judged(),
            "arrival.not_reviewed" => self.arrival_not_reviewed(),
            "submission.judged" => self.submission_judged(),
            "submission.reviewing" => self.submission_reviewing(),
            "submission.blocked" => self.submission_blocked(),
            "parcel.held" => self.parcel_held(),
            "parcel.released" => self.parcel_released(),
            "parcel.approved" => self.parcel_approved(),
            "parcel.sent_at_deadline" => self.parcel_sent_at_deadline(),
            "parcel.approved_in_part" => self.parcel_approved_in_part(),
            "parcel.escalated" => self.parcel_escalated(),
            "parcel.confirmed" => self.parcel_confirmed(),
            "parcel.to_confirm" => self.parcel_to_confirm(),
            "held.original_opened" => self.held_original_opened(),
            "held.original_saved" => self.held_original_saved(),
            "parcel.returned" => self.parcel_returned(),
            "parcel.rejected" => self.parcel_rejected(),
            "parcel.expired" => self.parcel_expired(),
            "parcel.waiting" => self.parcel_waiting(),
            "parcel.copied" => self.parcel_copied(),
            "parcel.header_added" => self.parcel_header_added(),
            "link.stopped" => self.link_stopped(),
            "parcel.linked" => self.parcel_linked(),
            "parcel.zipped" => self.parcel_zipped(),
            "parcel.password_mailed" => self.parcel_password_mailed(),
            "parcel.recipients_hidden" => self.parcel_recipients_hidden(),
            "parcel.footer_added" => self.parcel_footer_added(),
            "parcel.tls_demanded" => self.parcel_tls_demanded(),
            "parcel.left_signed" => self.parcel_left_signed(),
            "parcel.routed" => self.parcel_routed(),
            "queue.held" => self.queue_held(),
            "parcel.recalled" => self.parcel_recalled(),
            "submission.recalled" => self.submission_recalled(),
            "policies.changed" => self.policies_changed(),
            "mailbox.shared" => self.mailbox_shared(),
            "parcel.withdrawn" => self.parcel_withdrawn(),
            "parcel.deleted" => self.parcel_deleted(),
            "parcel.noted" => self.parcel_noted(),
            "parcel.elsewhere" => self.parcel_elsewhere(),
            "queue.delivered" => self.queue_delivered(),
            "queue.failed" => self.queue_failed(),
            "queue.deferred" => self.queue_deferred(),
            "queue.delay_told" => self.queue_delay_told(),
            "queue.retried" => self.queue_retried(),
            "queue.stopped" => self.queue_stopped(),
            "queue.resumed" => self.queue_resumed(),
            "queue.deleted" => self.queue_deleted(),
            _ => return None,
        })
    }
}
