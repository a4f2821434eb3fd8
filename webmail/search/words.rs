//! What the search says.

web::catalogue! {
    /// Texts of the search.
    pub struct SearchWords {
        title: ja "検索", en "Search";
        found(query: &str): ja "「{query}」の検索結果", en "Results for “{query}”";
        nothing: ja "条件に合うメールは見つかりませんでした。", en "No mail matches.";
        nothing_yet: ja "ここまでには見つかりませんでした。続きをお探しください。", en "Nothing so far. Please search on.";
        ask: ja "検索する言葉を入力してください。", en "Please enter what you are looking for.";
        conditions: ja "条件", en "Conditions";
        unknown(word: &str): ja "「{word}」という条件はありません。本文などの言葉として検索しました。", en "There is no condition “{word}”. It was searched for as words.";
        wrong(word: &str): ja "「{word}」の値を読み取れませんでした。この条件は使っていません。", en "The value of “{word}” could not be read. This condition was left out.";
        files_left_out: ja "まだ読み取りが終わっていない添付ファイルがあり、その中は検索できていません。しばらくしてから、もう一度検索してください。", en "Some attachments have not been read yet, so their contents were not searched. Please search again in a while.";
        more: ja "続きを表示", en "More results";
        first: ja "先頭へ", en "To the first results";
        results: ja "検索結果", en "Results";
        order: ja "届いた順に新しいものから表示しています。迷惑メールとごみ箱は、in: で指定したときだけ検索します。", en "Newest arrivals first. Junk and Trash are searched only when named with in:.";
        help: ja "使える条件", en "Conditions you can use";
        help_from: ja "差出人: 宛先: cc: 件名: 本文: フォルダー:", en "from: to: cc: subject: body: in:";
        help_file: ja "添付:あり ファイル名: larger:5M smaller:100K", en "has:attachment filename: larger:5M smaller:100K";
        help_time: ja "期間:今週 期間:2026/10 before:2026/10/01 after:2026/10/01 older:30d", en "period:thisweek period:2026/10 before:2026/10/01 after:2026/10/01 older:30d";
        help_state: ja "is:unread is:starred is:external", en "is:unread is:starred is:external";
        help_logic: ja "-除く言葉 \"ひと続きの言葉\" どちらか OR もう一方", en "-without \"a phrase\" one OR other";

        in_from: ja "差出人", en "From";
        in_to: ja "宛先", en "To";
        in_cc: ja "Cc", en "Cc";
        in_subject: ja "件名", en "Subject";
        in_body: ja "本文", en "Text";
        in_folder: ja "フォルダー", en "Folder";
        in_file: ja "ファイル名", en "File name";
        attachment: ja "添付あり", en "Has attachment";
        larger: ja "以上の大きさ", en "Larger than";
        smaller: ja "以下の大きさ", en "Smaller than";
        period: ja "期間", en "Period";
        before: ja "より前", en "Before";
        after: ja "以後", en "From";
        unread: ja "未読", en "Unread";
        starred: ja "スター付き", en "Starred";
        external: ja "社外", en "External";
        without: ja "除く", en "Not";
        either: ja "または", en "or";
    }
}
