//! The detail of a row of the audit log in words. It was written down as JSON, which the export gives as it is.

use outbound::RuleNames;
use serde_json::{Map, Value};
use types::{Language, Timestamp};
use web::Style;

use super::AuditWords;

/// The detail as people read it; what is no JSON object, as it is.
pub(super) fn told(t: AuditWords, rules: &RuleNames, style: Style, detail: &str) -> String {
    let language = style.language();
    let Ok(fields) = serde_json::from_str::<Map<String, Value>>(detail) else { return detail.to_owned() };
    let told = fields.iter().map(|(key, value)| (label(t, key), value_told(t, rules, style, key, value)));
    let told = told.filter(|(_, value)| !value.is_empty()).map(|(label, value)| format!("{label}: {value}"));
    told.collect::<Vec<_>>().join(if language == Language::Ja { "、" } else { ", " })
}

fn label(t: AuditWords, key: &str) -> &str {
    match key {
        "pages" => t.detail_pages(),
        "from" => t.detail_from(),
        "browser" => t.detail_device(),
        "rules" => t.detail_rules(),
        "recorded" => t.detail_recorded(),
        "outcome" => t.detail_outcome(),
        "comment" | "reason" => t.detail_comment(),
        "in_place_of" => t.detail_in_place_of(),
        "asked" => t.detail_asked(),
        "approvers_need_deputy" => t.detail_need_deputy(),
        "partners" => t.detail_partners(),
        "mail_passwords" => t.detail_mail_passwords(),
        "part" => t.detail_part(),
        "rows" => t.detail_rows(),
        "filter" => t.detail_filter(),
        "domain" => t.detail_domain(),
        "group" => t.detail_group(),
        "selectors" => t.detail_selectors(),
        "labels" => t.detail_labels(),
        "undo_seconds" => t.detail_undo(),
        "try_passwords" => t.detail_try(),
        "ledger_years" => t.detail_years(),
        "ledger_dispose" => t.detail_dispose(),
        "document_kinds" => t.detail_kinds(),
        "documents" => t.detail_documents(),
        "telephone" => t.detail_telephone(),
        "second_factor" => t.detail_factor(),
        "at" => t.detail_at(),
        "app" => t.detail_app(),
        "version" => t.detail_version(),
        "state" => t.detail_state(),
        "lines" => t.detail_lines(),
        "deputy" => t.detail_deputy(),
        "from_ms" => t.detail_first(),
        "until_ms" => t.detail_until(),
        "inherited_from" => t.detail_inherited(),
        "identifiers" => t.detail_identifiers(),
        "rights" => t.detail_rights(),
        other => other,
    }
}

fn value_told(t: AuditWords, rules: &RuleNames, style: Style, key: &str, value: &Value) -> String {
    match (key, value) {
        (_, Value::Null) => String::new(),
        ("deputy", Value::String(address)) if address.is_empty() => t.detail_nobody().to_owned(),
        ("from_ms" | "until_ms", Value::Number(at)) => style.date_exact(Timestamp(at.as_i64().unwrap_or(0))),
        ("rules" | "recorded", Value::Array(codes)) => {
            let codes: Vec<String> = codes.iter().filter_map(|code| code.as_str().map(str::to_owned)).collect();
            rules.names_and_codes(&codes, style.language())
        }
        ("browser", Value::String(agent)) => web::device_name(agent).unwrap_or_default(),
        (_, Value::String(text)) => word(t, key, text).unwrap_or(text).to_owned(),
        ("asked" | "selectors" | "document_kinds", Value::Array(addresses)) => {
            addresses.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        ("partners", Value::Object(partners)) => {
            let one = |(domain, how): (&String, &Value)| format!("{domain} ({})", how.as_str().unwrap_or_default());
            partners.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        ("try_passwords" | "approvers_need_deputy" | "mail_passwords" | "ledger_dispose", Value::Bool(tried)) => {
            if *tried { t.detail_yes() } else { t.detail_no() }.to_owned()
        }
        (_, other) => other.to_string(),
    }
}

fn word(t: AuditWords, key: &str, value: &str) -> Option<&'static str> {
    Some(match (key, value) {
        ("pages", "mail") => t.detail_mail(),
        ("pages", "admin") => t.detail_admin(),
        ("second_factor", "roles") => t.factor_roles(),
        ("second_factor", "everyone") => t.factor_everyone(),
        ("second_factor", "nobody") => t.factor_nobody(),
        ("at", "code") => t.at_code(),
        ("outcome", "held") => t.outcome_held(),
        ("outcome", "sent") => t.outcome_sent(),
        ("outcome", "blocked") => t.outcome_blocked(),
        ("outcome", "to_confirm") => t.outcome_to_confirm(),
        ("outcome", "deleted") => t.outcome_deleted(),
        ("outcome", "deleted_in_part") => t.outcome_deleted_in_part(),
        _ => return None,
    })
}
