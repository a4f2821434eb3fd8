//! What the pages of incidents say, and the nine items as people know them.

use store::{IncidentItem, IncidentState};

web::catalogue! {
    /// Texts of 漏えい等事案.
    pub struct IncidentWords {
        title: ja "漏えい等事案", en "Incidents";
        lead: ja "台帳の記録をもとに、個人情報保護委員会への報告に必要な9項目と期限の目安をまとめます。報告が必要かどうかは、会社でご判断ください。",
            en "Puts together the nine items of a report to the authority and when they are due, from lines of the ledger. Whether a report has to be made is for the company to judge.";
        ledger: ja "台帳", en "Ledger";
        none: ja "記録された事案はありません。台帳の記録を選んで作成できます。", en "There is no incident. Choose lines of the ledger to write one down.";
        number: ja "番号", en "No.";
        state: ja "状況", en "State";
        known: ja "知った日時", en "Known since";
        known_day: ja "知った日", en "Known since (day)";
        known_time: ja "時刻", en "Time";
        due: ja "次の期限の目安", en "Due next";
        lines: ja "対象の台帳記録", en "Lines of the ledger";
        lines_count(n: usize): ja "{n}件", en "{n} lines", one "one line";
        older: ja "さらに表示", en "Show more";
        new_title: ja "漏えい等事案を作成", en "Write down an incident";
        new_lead: ja "台帳の記録から下書きしました。内容を確認し、必要な箇所を書き換えて保存してください。", en "Drafted from the ledger. Please check it, change what needs changing and save it.";
        make: ja "事案として記録する", en "Write it down";
        made: ja "事案を記録しました。", en "The incident is written down.";
        save: ja "保存する", en "Save";
        saved: ja "保存しました。前の版も残ります。", en "Saved. The earlier version is kept.";
        masked_hint: ja "個人番号は記載しないでください。番号らしい数字は、保存するときに読めないように置き換えます。", en "Please write no My Number. What looks like one is made unreadable when it is saved.";
        wrongful: ja "不正の目的をもって行われたおそれがある(確報の期限を60日とします)", en "It may have been done for a wrongful purpose (60 days for the full report)";
        changed_meanwhile: ja "ほかの方が先に保存しました。現在の内容を確認してから、もう一度保存してください。入力した内容は下に残しています。", en "Somebody else saved it before. What you wrote is kept below; please look at the present version and save again.";
        bad_day: ja "知った日と時刻を、現在までの日時で入力してください。", en "Please enter a day and time up to now.";
        too_long(n: usize): ja "各項目は{n}文字以内で入力してください。", en "Each item has {n} characters at most.";
        no_lines: ja "台帳の記録を1件から200件まで選んでください。", en "Please choose 1 to 200 lines of the ledger.";
        items: ja "報告の9項目", en "The nine items";
        clocks: ja "報告の期限の目安", en "When reports are due";
        first: ja "速報(知った日を1日目として、おおむね3~5日以内)", en "First report (within 3 to 5 days, the day of knowing being the first)";
        full_30: ja "確報(30日以内)", en "Full report (within 30 days)";
        full_60: ja "確報(60日以内)", en "Full report (within 60 days)";
        first_short: ja "速報", en "First report";
        full_short: ja "確報", en "Full report";
        span(from: &str, until: &str): ja "{from}~{until}", en "{from} to {until}";
        left(n: i64): ja "あと{n}日", en "{n} days left";
        today: ja "本日まで", en "due today";
        late(n: i64): ja "{n}日超過", en "{n} days late";
        reported(at: &str): ja "{at} 報告済み", en "made on {at}";
        clocks_help: ja "土日・祝日も数えます。確報の最終日が土日・祝日・年末年始(12月29日~1月3日)に当たるときは、翌開庁日までとしています。取扱担当者には、期限が近づくとお知らせが届きます。", en "Weekends and holidays count. Where the last day of the full report is one on which offices are closed, it is the next on which they are open. Handlers are told when a day comes near.";
        move_on: ja "状況を進める", en "Go on";
        mark_first: ja "速報を行った", en "The first report was made";
        mark_full: ja "確報を行った", en "The full report was made";
        mark_closed: ja "完了にする", en "Close it";
        mark_open: ja "再開する", en "Open it again";
        moved: ja "状況を変更しました。", en "The state has been changed.";
        moved_before: ja "ほかの方が先に状況を変更しました。", en "Somebody else changed the state before.";
        add_line: ja "台帳の記録を追加", en "Add a line of the ledger";
        line_number: ja "台帳の番号", en "Its number in the ledger";
        add: ja "追加する", en "Add it";
        added: ja "台帳の記録を追加しました。", en "The line has been added.";
        no_such_line: ja "その番号の記録は台帳にありません。", en "The ledger has no such line.";
        links: ja "リンクによる受け渡しの記録", en "Links";
        recipient: ja "受け取る方", en "Recipient";
        made_at: ja "発行", en "Made";
        ends: ja "停止・期限", en "Stopped or ended";
        codes: ja "確認コード", en "Codes";
        codes_sent(n: u32): ja "{n}回", en "{n}";
        downloads: ja "ダウンロード", en "Downloads";
        downloads_count(n: u32): ja "{n}回", en "{n}";
        proof(from: &str, until: &str): ja "本システムの記録では、{from}から{until}までの間、ファイルのダウンロードはありません。", en "According to the records of this system no file was downloaded from {from} until {until}.";
        proof_help: ja "本システムの記録を示すものであり、漏えい等に該当するか否かの判断を示すものではありません。", en "This shows the records of this system, not whether a leak happened.";
        versions: ja "版の履歴", en "Versions";
        version(n: u32): ja "第{n}版", en "version {n}";
        version_of(at: &str, by: &str): ja "{at} {by}", en "{at}, {by}";
        present: ja "現在の版", en "the present one";
        system: ja "システム", en "system";
        print: ja "印刷用に表示", en "Show for printing";
        printed(at: &str): ja "{at} 現在", en "As of {at}";
        back: ja "一覧へ戻る", en "Back to the list";
        begin: ja "選んだ記録から漏えい等事案を作成", en "Write down an incident about the chosen lines";
        choose(id: i64): ja "記録 {id} を選ぶ", en "Choose line {id}";
        of_line: ja "この記録を含む事案", en "Incidents about this line";
        begin_one: ja "この記録から漏えい等事案を作成", en "Write down an incident about this line";

        outline_line(at: &str, kind: &str, from: &str, to: &str, reference: &str): ja "{at} {kind} 差出人:{from} 宛先:{to}(受付番号 {reference})", en "{at} {kind}, from {from} to {to} (reference {reference})";
        outline_more(n: usize): ja "ほか{n}件", en "and {n} more", one "and one more";
        data_numbers: ja "個人番号(マイナンバー)", en "My Numbers";
        data_pictures: ja "本人確認書類と思われる画像", en "Pictures that look like identity documents";
        data_other: ja "そのほかの項目:確認中", en "Other items: being looked into";
        persons(n: u64): ja "{n}人(台帳の記録にある個人番号を、同じ番号を1人として数えた数。画像の中の番号は含みません)", en "{n} persons (distinct My Numbers of the lines; numbers in pictures are not counted)", one "One person (distinct My Numbers of the lines; numbers in pictures are not counted)";
        persons_gone(lines: u32, numbers: u32): ja "廃棄済みの記録{lines}件(個人番号 {numbers}件)は照合できないため、この人数に含まれていません。", en "Not counted, since nothing is left to compare: lines of mail that was disposed of ({lines}, with {numbers} numbers).";
        checking: ja "確認中", en "Being looked into";
        nothing: ja "特になし", en "Nothing";
        not_yet: ja "未実施", en "Not yet";
        fetched(to: &str, n: u32): ja "{to} あてのリンクから{n}回ダウンロードされています。", en "The link of {to} was fetched {n} times.";
        protected(to: &str): ja "{to} あて:添付ファイルはリンクで受け渡し(本システム内に暗号化して保存)", en "{to}: files handed over by a link (kept encrypted in this system)";
        protected_whole(to: &str): ja "{to} あて:メール全体をリンクで受け渡し(本システム内に暗号化して保存)", en "{to}: the whole mail handed over by a link (kept encrypted in this system)";
        protected_zip(to: &str): ja "{to} あて:添付ファイルを ZIP(AES-256)で送信", en "{to}: files sent as a ZIP (AES-256)";
        tls_proved(to: &str): ja "{to} あて:TLS で配送(相手先サーバーの名前を証明書で確認)", en "{to}: delivered over TLS (the next server proved its name)";
        tls_unproved(to: &str): ja "{to} あて:TLS で配送(相手先サーバーの名前は未確認)", en "{to}: delivered over TLS (the name of the next server not proved)";
        no_tls(to: &str): ja "{to} あて:TLS なしで配送", en "{to}: delivered without TLS";
        opened(n: usize): ja "台帳に記録された閲覧・保存:{n}回", en "Openings and savings in the ledger: {n}";
    }
}

impl IncidentWords {
    /// The name of an item, as the report has it.
    pub fn item(&self, item: IncidentItem) -> &'static str {
        let (ja, en) = match item {
            IncidentItem::Outline => ("概要", "Outline"),
            IncidentItem::Data => (
                "漏えい等が発生し、又は発生したおそれがある個人データ(特定個人情報)の項目",
                "Items of personal data concerned",
            ),
            IncidentItem::Persons => {
                ("漏えい等が発生し、又は発生したおそれがある個人データに係る本人の数", "Number of persons")
            }
            IncidentItem::Cause => ("原因", "Cause"),
            IncidentItem::Harm => {
                ("二次被害又はそのおそれの有無及びその内容", "Secondary damage, or whether it is to be feared")
            }
            IncidentItem::ToPersons => ("本人への対応の実施状況", "What was done towards the persons"),
            IncidentItem::Publication => ("公表の実施状況", "Publication"),
            IncidentItem::Prevention => ("再発防止のための措置", "Measures against recurrence"),
            IncidentItem::Other => ("その他参考となる事項", "Other matters"),
        };
        if self.language == web::Language::Ja { ja } else { en }
    }
    /// The word for a state, and the tag's colour.
    pub fn state_of(&self, state: IncidentState) -> (&'static str, &'static str) {
        let (ja, en, colour) = match state {
            IncidentState::Open => ("未報告", "not reported", "ng"),
            IncidentState::FirstReported => ("速報済", "first report made", "warn"),
            IncidentState::FullyReported => ("確報済", "full report made", "ok"),
            IncidentState::Closed => ("完了", "closed", ""),
        };
        (if self.language == web::Language::Ja { ja } else { en }, colour)
    }
    /// What moves the report to a state.
    pub fn mark(&self, state: IncidentState) -> &'static str {
        match state {
            IncidentState::Open => self.mark_open(),
            IncidentState::FirstReported => self.mark_first(),
            IncidentState::FullyReported => self.mark_full(),
            IncidentState::Closed => self.mark_closed(),
        }
    }
    /// How many days are left, and the tag's colour.
    pub fn days(&self, left: i64) -> (String, &'static str) {
        match left {
            0 => (self.today().to_owned(), "warn"),
            1..=3 => (self.left(left), "warn"),
            4.. => (self.left(left), ""),
            _ => (self.late(-left), "ng"),
        }
    }
}
