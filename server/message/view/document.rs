//! The document around a body: doctype, language, the one small style sheet of ours.

use super::{Options, Theme};
use crate::safe::escape;

/// What every document says (web-design 2.2).
const BASE: &str = "html{color-scheme:light}body{margin:0;padding:12px 16px;background:#fff;color:#1a1a1a;\
    font:15px/1.75 \"Noto Sans JP\",\"Hiragino Sans\",\"Hiragino Kaku Gothic ProN\",\"Yu Gothic UI\",Meiryo,\"Noto Sans CJK JP\",\
    system-ui,sans-serif;line-break:strict;overflow-wrap:anywhere}img{max-width:100%;height:auto}a{color:#00118f}\
    hr{border:0;border-top:1px solid #d9d9d9;margin:16px 0}blockquote{margin:0 0 0 4px;padding-left:12px;\
    border-left:3px solid #d9d9d9}.t{white-space:pre-wrap}.t blockquote{color:#4d4d4d}.t blockquote blockquote{color:#666}\
    @media print{body{padding:0}}";
/// Letters of one width, wrapped where ruled signatures expect it.
const MONOSPACE: &str = ".t{font-family:\"Noto Sans Mono CJK JP\",\"Osaka-Mono\",\"MS Gothic\",ui-monospace,monospace;\
    max-width:80ch}";
/// The dark tokens of web-design 2.1.
const DARK: &str = "html{color-scheme:dark}body{background:#14161a;color:#e8e8e8}a{color:#9db7f9}hr,blockquote{\
    border-color:#3a3f47}.t blockquote{color:#b8bcc4}.t blockquote blockquote{color:#9aa0aa}";

/// Writes the document.
pub(super) fn document(content: &str, is_html: bool, options: &Options<'_>) -> String {
    let mut out = String::with_capacity(content.len() + 2_000);
    out.push_str("<!DOCTYPE html>\n<html lang=\"");
    escape(options.language, &mut out);
    out.push_str("\"><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><title>");
    out.push_str(if options.language.starts_with("en") { "Message" } else { "本文" });
    out.push_str("</title><style>");
    out.push_str(BASE);
    if options.monospace {
        out.push_str(MONOSPACE);
    }
    if !is_html || options.dark_html {
        match options.theme {
            Theme::Light => {}
            Theme::Dark => out.push_str(DARK),
            Theme::System => {
                out.push_str("@media (prefers-color-scheme:dark){");
                out.push_str(DARK);
                out.push('}');
            }
        }
    }
    out.push_str("</style></head><body>");
    out.push_str(content);
    out.push_str("</body></html>\n");
    out
}
