//! What cleaning the HTML of a mail costs: CPU time of one core. `cargo bench -p message --bench clean`.

use std::hint::black_box;

use message::safe::{Options, clean};

/// Size of each mail, bytes.
const SIZE: usize = 200_000;
/// Each mail is cleaned so often; the median counts.
const ROUNDS: usize = 41;

/// A row of a table as newsletters have it: much markup, little text.
const ROW: &str = "<tr><td align=\"left\" valign=\"top\" bgcolor=\"#ffffff\" style=\"padding:8px 12px;font-family:Meiryo,sans-serif;\
font-size:13px;line-height:1.6;color:#333333\"><a href=\"https://shop.example/items/12345?from=mail\" style=\"color:#0066cc;text-decoration:none\">\
<b>秋の新商品のご案内</b></a><br><span style=\"color:#999999\">送料無料</span></td><td width=\"120\" align=\"right\">\
<img src=\"https://shop.example/i/12345.jpg\" width=\"100\" height=\"80\" border=\"0\" alt=\"商品の写真\"></td></tr>\n";
/// Tags with hardly anything in them.
const DENSE: &str = "<tr><td><b>1</b></td><td><i>2</i></td><td>3</td></tr>\n";
/// Text with a tag now and then.
const PROSE: &str = "<p>いつもお世話になっております。ご提案いただいた内容について社内で検討した結果、来月の第二週から順次切り替えを\
進めることになりましたのでご報告いたします。<br>お手すきの際にご覧いただけますと幸いです。</p>\n";

fn mail(piece: &str, table: bool) -> String {
    let body = piece.repeat(SIZE / piece.len());
    if table {
        format!("<html><body><table>{body}</table></body></html>")
    } else {
        format!("<html><body>{body}</body></html>")
    }
}

/// CPU time of this thread so far: other work on the machine does not count.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or_default()
}

fn median_ms(html: &str) -> f64 {
    let mut taken: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = cpu_ns();
            black_box(clean(black_box(html), &Options::default()));
            (cpu_ns() - began) as f64 / 1e6
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    taken[ROUNDS / 2]
}

fn main() {
    println!("cleaning {} KB of HTML, median of {ROUNDS}", SIZE / 1_000);
    for (what, html) in
        [("newsletter", mail(ROW, true)), ("dense table", mail(DENSE, true)), ("prose", mail(PROSE, false))]
    {
        println!("{what:12} {:6.2} ms", median_ms(&html));
    }
}
