//! Words that several areas of the console share: states of parcels, events, findings, what was not inspected.

use inspect::review::{Outcome, Unseen, Verdict};
use inspect::{NotSeen, Sighting};
use store::ParcelState;
use types::Language;

web::catalogue! {
    /// Texts that the areas share.
    pub struct SharedWords {
        level_certain: ja "確実", en "certain";
        level_likely: ja "可能性が高い", en "likely";
        level_possible: ja "可能性あり", en "possible";
        encrypted: ja "パスワードで保護されています", en "protected by a password";
        broken: ja "壊れています", en "damaged";
        too_big: ja "大きすぎます", en "too large";
        too_slow: ja "時間内に検査できませんでした", en "took too long";
        unsupported: ja "検査できない形式です", en "a format that is not read";
        image_only: ja "画像だけのページがあります", en "pages that are pictures";
        part(part: &str, inner: &str, why: &str): ja "添付{part}{inner}: {why}", en "attachment {part}{inner}: {why}";
        no_subject: ja "(件名なし)", en "(no subject)";
        few_handlers(n: usize): ja "取扱担当者の役割を持つ利用者が{n}名です。ご自身のメールは承認できないため、2名以上の利用者に取扱担当者の役割を付けてください。",
            en "{n} people have the role handler. Nobody approves his own mail, so please give it to two people or more.",
            one "Only one person has the role handler. Nobody approves his own mail, so please give it to two people or more.";
        system: ja "システム", en "System";

        state_held: ja "承認待ち", en "waiting";
        state_waiting: ja "送信待ち", en "about to leave";
        state_released: ja "送信", en "sent";
        state_returned: ja "差し戻し", en "returned";
        state_rejected: ja "却下", en "rejected";
        state_expired: ja "期限切れ", en "expired";
        state_withdrawn: ja "取り下げ", en "withdrawn";
        state_blocked: ja "送信不可", en "blocked";
        state_deleted: ja "破棄", en "discarded";

        pass: ja "そのまま送信", en "sent as it is";
        record: ja "送信(記録のみ)", en "sent, recorded";
        notify: ja "送信(通知あり)", en "sent, somebody is told";
        bcc: ja "送信(写しあり)", en "sent, with a copy";
        header: ja "送信(ヘッダー追加)", en "sent with another header";
        footer: ja "送信(フッター追加)", en "sent with a footer";
        hide_recipients: ja "送信(宛先を非表示)", en "sent without its recipients shown";
        route: ja "送信(経路指定)", en "sent by a route of its own";
        verified_tls: ja "送信(TLS 必須)", en "sent over verified TLS only";
        encrypt: ja "暗号化して送信", en "sent encrypted";
        delay: ja "時間をおいて送信", en "sent later";
        self_review: ja "差出人の確認待ち", en "confirmed by the sender";
        hold: ja "保留", en "held for approval";
        block: ja "送信不可", en "refused";
        delete: ja "破棄", en "discarded";

        matched: ja "一致", en "matches";
        recorded: ja "一致(記録のみ)", en "matches (record only)";
        taken_out: ja "除外", en "taken out";
        not_matched: ja "不一致", en "does not match";
    }
}

impl SharedWords {
    /// The word and the tag's colour of a parcel's state.
    pub fn state(&self, state: ParcelState) -> (&'static str, &'static str) {
        match state {
            ParcelState::Held => (self.state_held(), "warn"),
            ParcelState::Waiting => (self.state_waiting(), "warn"),
            ParcelState::Released => (self.state_released(), "ok"),
            ParcelState::Returned => (self.state_returned(), "warn"),
            ParcelState::Rejected => (self.state_rejected(), "ng"),
            ParcelState::Expired => (self.state_expired(), "ng"),
            ParcelState::Withdrawn => (self.state_withdrawn(), "warn"),
            ParcelState::Blocked => (self.state_blocked(), "ng"),
            ParcelState::Deleted => (self.state_deleted(), "ng"),
        }
    }
    /// The word and the tag's colour of what happens to a mail.
    pub fn verdict(&self, verdict: Verdict) -> (&'static str, &'static str) {
        match verdict {
            Verdict::Pass => (self.pass(), "ok"),
            Verdict::Record => (self.record(), "ok"),
            Verdict::Notify => (self.notify(), "warn"),
            Verdict::Bcc => (self.bcc(), "ok"),
            Verdict::Header => (self.header(), "ok"),
            Verdict::Footer => (self.footer(), "ok"),
            Verdict::HideRecipients => (self.hide_recipients(), "ok"),
            Verdict::Route => (self.route(), "ok"),
            Verdict::VerifiedTls => (self.verified_tls(), "ok"),
            Verdict::Delay => (self.delay(), "warn"),
            Verdict::SelfReview => (self.self_review(), "warn"),
            Verdict::Encrypt => (self.encrypt(), "ok"),
            Verdict::Hold => (self.hold(), "warn"),
            Verdict::Block => (self.block(), "ng"),
            Verdict::Delete => (self.delete(), "ng"),
        }
    }
    /// The word and the tag's colour of how a rule fared.
    pub fn outcome(&self, outcome: Outcome) -> (&'static str, &'static str) {
        match outcome {
            Outcome::Matched => (self.matched(), "ng"),
            Outcome::Recorded => (self.recorded(), "warn"),
            Outcome::TakenOut => (self.taken_out(), "warn"),
            Outcome::NotMatched => (self.not_matched(), ""),
        }
    }
}

/// A finding as a page shows it: no number, no text.
pub(crate) struct Found {
    pub place: String,
    pub level: &'static str,
    pub reasons: String,
    pub count: u32,
}

pub(crate) fn found(one: &Sighting, language: Language) -> Found {
    let t = SharedWords::new(language);
    let japanese = language == Language::Ja;
    let reasons: Vec<&str> = one.reasons.iter().map(|(ja, en)| if japanese { *ja } else { *en }).collect();
    Found {
        place: if japanese { one.place.ja.clone() } else { one.place.en.clone() },
        level: match one.level {
            inspect::detect::Level::Certain => t.level_certain(),
            inspect::detect::Level::Likely => t.level_likely(),
            inspect::detect::Level::Possible => t.level_possible(),
        },
        reasons: reasons.join(if japanese { "、" } else { ", " }),
        count: one.count,
    }
}

/// What was not inspected, and why.
pub(crate) fn not_seen(one: &NotSeen, language: Language) -> String {
    let t = SharedWords::new(language);
    let why = match one.reason {
        Unseen::Encrypted => t.encrypted(),
        Unseen::Broken => t.broken(),
        Unseen::TooBig => t.too_big(),
        Unseen::TooSlow => t.too_slow(),
        Unseen::Unsupported => t.unsupported(),
        Unseen::ImageOnly => t.image_only(),
    };
    let inner = if one.inner.is_empty() { String::new() } else { format!(" {}", one.inner) };
    t.part(&one.part, &inner, why)
}

/// The subject for eyes that are not its author's: a number in it is made unreadable.
pub(crate) fn masked_subject(summary: &[u8], language: Language) -> String {
    let subject = message::Summary::from_bytes(summary).map(|summary| summary.subject).unwrap_or_default();
    if subject.is_empty() {
        return SharedWords::new(language).no_subject().to_owned();
    }
    inspect::mask_every_number(&subject)
}
