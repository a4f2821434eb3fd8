//! How fast texts are scanned: CPU time of one core, megabytes a second. `cargo bench -p detect --bench speed`, with
//! `-- WORD` for the texts in whose names the word stands.

use std::hint::black_box;

use detect::{Labels, Place, Segment, find};

/// Size of each text, bytes.
const SIZE: usize = 4_000_000;
/// Each text is scanned so often; the median counts.
const ROUNDS: usize = 15;

const PROSE: &str = "株式会社青空製作所 総務部 佐藤様\n\nいつもお世話になっております。北斗運輸の田中です。\n先日の打ち合わせではお時間を\
いただき、誠にありがとうございました。ご提案いただいた内容について社内で検討した結果、来月の第二週から順次切り替えを進めることに\
なりましたのでご報告いたします。なお、具体的な日程につきましては、担当者が決まり次第あらためてご連絡いたします。\n添付の資料に\
変更点をまとめておりますので、お手すきの際にご覧いただけますと幸いです。ご不明な点やご要望がございましたら、お気軽にお申し付け\
ください。\n引き続きどうぞよろしくお願い申し上げます。\n\n";

const NUMBERS: &str = "会議は11月12日(木) 14:00から15:30まで、第3会議室で行います。先月の売上は12,345,678円、前年比で108.5%でした。\n\
電話は03-1234-5678、携帯は090-1234-5678です。請求書番号 INV-20261105-0012 をご確認ください。納期は2026年12月24日を予定しており、\
数量は1,200個、単価は350円です。郵便番号は100-0001、部屋は1203号室です。\n";

struct Dice(u64);

impl Dice {
    fn digits(&mut self, count: usize) -> String {
        let mut digit = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'0' + ((self.0 >> 33) % 10) as u8)
        };
        (0..count).map(|_| digit()).collect()
    }
}

fn repeated(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

fn lines(mut line: impl FnMut(&mut Dice) -> String) -> String {
    let mut dice = Dice(7);
    let mut out = String::with_capacity(SIZE + 100);
    while out.len() < SIZE {
        out.push_str(&line(&mut dice));
    }
    out
}

fn texts() -> Vec<(&'static str, String)> {
    vec![
        ("Japanese prose", repeated(PROSE)),
        ("Japanese prose with numbers", repeated(&format!("{PROSE}{NUMBERS}"))),
        ("prose, one passing number a page", repeated(&format!("{PROSE}{PROSE}{PROSE}控え 123456789018\n{PROSE}"))),
        (
            "a 12-digit field in every line (CSV)",
            lines(|dice| format!("佐藤太郎\u{1f}{}\u{1f}総務部\n", dice.digits(12))),
        ),
        ("a 12-digit field in every line (text)", lines(|dice| format!("佐藤太郎,{},総務部\n", dice.digits(12)))),
        ("a 12-digit field in every line (ASCII)", lines(|dice| format!("{},{},x\n", dice.digits(5), dice.digits(12)))),
        ("nothing but 12-digit lines", lines(|dice| format!("{}\n", dice.digits(12)))),
        ("a labelled number in every line", lines(|dice| format!("個人番号：{} 様\n", dice.digits(12)))),
        ("\"1 1 1 1\"", repeated("1 ")),
        ("one run of digits", repeated("1")),
        ("groups of four", repeated("1234 ")),
        ("labels", repeated("個人番号 ")),
        ("Base64", lines(|dice| format!("{}kZWxpdmVyeSB{}vIHRvIG1haWxib3h\n", dice.digits(3), dice.digits(2)))),
    ]
}

/// CPU time of this thread, seconds.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn main() {
    let labels = Labels::default();
    println!("| text | MB/s | findings |\n|---|---|---|");
    let word = std::env::args().skip(1).find(|word| !word.starts_with("--")).unwrap_or_default();
    for (name, text) in texts().into_iter().filter(|(name, _)| name.contains(&word)) {
        let mut seconds = Vec::new();
        let mut count = 0;
        for _ in 0..ROUNDS {
            let segment = Segment { place: Place::Attachment, part: "2", inner: "", name: None, text: &text };
            let began = cpu();
            count = black_box(find(&[segment], &labels)).len();
            seconds.push(cpu() - began);
        }
        seconds.sort_by(f64::total_cmp);
        let median = seconds.get(ROUNDS / 2).copied().unwrap_or(f64::INFINITY);
        println!("| {name} | {:.0} | {count} |", text.len() as f64 / 1e6 / median);
    }
}
