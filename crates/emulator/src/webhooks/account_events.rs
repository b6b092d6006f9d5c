//! Account webhooks: one builder per event Meta documents, with believable values a caller may overwrite.
//!
//! Pure. A builder says which field the change carries, whose id stands in `entry.id`, and the value; signing and
//! delivery live elsewhere. Source: Meta webhooks/reference (account_update and its siblings), 2025-10 to 2026-09.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Whom an event is about.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Messaging account.
    pub waba_id: String,
    /// Portfolio that owns it.
    pub owner_business_id: String,
    /// Portfolio of the partner, the owner of the app.
    pub partner_business_id: String,
    /// The partner's app.
    pub app_id: String,
    /// A number of the account; empty when it has none.
    pub phone_number_id: String,
    /// That number as digits.
    pub digits: String,
    /// Multi-partner solution the client came through.
    pub solution: Option<Solution>,
    /// Unix seconds on the emulator's clock.
    pub now: i64,
}

/// The solution part of partner events.
#[derive(Clone, Debug)]
pub struct Solution {
    /// Solution id.
    pub id: String,
    /// Portfolios of the partners in it.
    pub partner_business_ids: Vec<String>,
}

/// Whose id stands in `entry.id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryOf {
    /// The messaging account.
    Account,
    /// The partner's portfolio: the account is named only inside the value.
    Partner,
}

/// One change, ready to be put into an envelope.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountEvent {
    /// Webhook field.
    pub field: &'static str,
    /// Whose id stands in `entry.id`.
    pub entry: EntryOf,
    /// The change's value.
    pub value: Value,
}

/// How the envelope is written; the odd ones have been printed by Meta or seen in the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnvelopeForm {
    /// As documented everywhere.
    #[default]
    Regular,
    /// `field` and `object` inside `entry[]`, as one page of Meta's prints it.
    Misplaced,
    /// `field` and `object` inside `value`, as another prints it.
    MisplacedInValue,
    /// Ids as JSON numbers.
    NumericIds,
    /// The same change in two entries of one body.
    TwoEntries,
}

/// Every event [`build`] knows: `account_update` events by their name, others by their field (with a suffix where
/// one field has several shapes).
pub const CATALOGUE: &[&str] = &[
    "PARTNER_ADDED",
    "PARTNER_REMOVED",
    "PARTNER_REMOVED_COEXISTENCE",
    "PARTNER_APP_INSTALLED",
    "PARTNER_APP_UNINSTALLED",
    "PARTNER_APP_UNINSTALLED_BARE",
    "ACCOUNT_DELETED",
    "ACCOUNT_VIOLATION",
    "ACCOUNT_RESTRICTION",
    "DISABLED_UPDATE",
    "ACCOUNT_OFFBOARDED",
    "ACCOUNT_RECONNECTED",
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE",
    "VOLUME_BASED_PRICING_TIER_UPDATE",
    "MM_LITE_TERMS_SIGNED",
    "AD_ACCOUNT_LINKED",
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
    "PARTNER_CLIENT_CERTIFICATION_NEEDED",
    "VERIFIED_ACCOUNT",
    "account_review_update",
    "account_alerts",
    "business_capability_update",
    "business_status_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "partner_solutions",
    "smb_app_state_sync",
    "history",
    "history_media",
    "history_declined",
    "smb_message_echoes",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "template_category_update_done",
];

/// The event of that name about `subject`, or `None` for a name outside [`CATALOGUE`].
pub fn build(name: &str, subject: &Subject) -> Option<AccountEvent> {
    account_update(name, subject).or_else(|| other_field(name, subject))
}

fn account_update(name: &str, subject: &Subject) -> Option<AccountEvent> {
    let (entry, value) = match name {
        "PARTNER_ADDED" => {
            (EntryOf::Partner, named(name, json!({ "waba_info": with_solution(subject, false) })))
        }
        "PARTNER_APP_INSTALLED" => {
            (EntryOf::Partner, named(name, json!({ "waba_info": with_solution(subject, true) })))
        }
        "PARTNER_APP_UNINSTALLED" => {
            (EntryOf::Partner, named(name, json!({ "waba_info": waba_info(subject, true) })))
        }
        "PARTNER_APP_UNINSTALLED_BARE" => (EntryOf::Partner, json!({ "event": "PARTNER_APP_UNINSTALLED" })),
        "PARTNER_REMOVED" | "MM_LITE_TERMS_SIGNED" => {
            (EntryOf::Partner, named(name, json!({ "waba_info": waba_info(subject, false) })))
        }
        "AD_ACCOUNT_LINKED" => {
            let mut info = waba_info(subject, false);
            info["ad_account_linked"] = json!("120000000000011");
            (EntryOf::Partner, named(name, json!({ "waba_info": info })))
        }
        _ => (EntryOf::Account, account_state(name, subject)?),
    };
    Some(AccountEvent { field: "account_update", entry, value })
}

fn account_state(name: &str, subject: &Subject) -> Option<Value> {
    Some(match name {
        "PARTNER_REMOVED_COEXISTENCE" => json!({
            "phone_number": subject.digits, "event": "PARTNER_REMOVED",
            "disconnection_info": { "reason": "PRIMARY_INACTIVITY", "initiated_by": "SYSTEM" },
        }),
        "ACCOUNT_DELETED" | "ACCOUNT_OFFBOARDED" | "ACCOUNT_RECONNECTED" => json!({ "event": name }),
        "PARTNER_CLIENT_CERTIFICATION_NEEDED" => json!({ "event": name }),
        "ACCOUNT_VIOLATION" => named(name, json!({ "violation_info": { "violation_type": "ADULT" } })),
        "ACCOUNT_RESTRICTION" => named(
            name,
            json!({ "restriction_info": [
                { "restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": subject.now + 7 * 86_400 }
            ] }),
        ),
        "DISABLED_UPDATE" => named(
            name,
            json!({ "ban_info": { "waba_ban_state": "DISABLE", "waba_ban_date": english_date(subject.now) } }),
        ),
        "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE" => named(
            name,
            json!({ "auth_international_rate_eligibility": {
                "start_time": subject.now, "exception_countries": [{ "country_code": "ID", "start_time": subject.now }]
            } }),
        ),
        "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE" => named(name, json!({ "country": "DE" })),
        "VOLUME_BASED_PRICING_TIER_UPDATE" => named(
            name,
            json!({ "volume_tier_info": {
                "tier_update_time": subject.now, "pricing_category": "UTILITY", "tier": "25000001:50000000",
                "effective_month": "2026-11", "region": "Germany"
            } }),
        ),
        "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE" => named(
            name,
            json!({ "partner_client_certification_info": {
                "client_business_id": subject.owner_business_id, "status": "FAILED",
                "rejection_reasons": ["LEGAL NAME NOT MATCHING"]
            } }),
        ),
        "VERIFIED_ACCOUNT" => named(name, json!({ "phone_number": subject.digits })),
        _ => return None,
    })
}

fn other_field(name: &str, subject: &Subject) -> Option<AccountEvent> {
    let (field, value) = match name {
        "account_review_update" => ("account_review_update", json!({ "decision": "APPROVED" })),
        "account_alerts" => (
            "account_alerts",
            json!({
                "entity_type": "BUSINESS", "entity_id": subject.owner_business_id,
                "alert_info": {
                    "alert_severity": "WARNING", "alert_status": "ACTIVE",
                    "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED",
                    "alert_description": "Limits cannot be increased until the business is verified."
                }
            }),
        ),
        "business_capability_update" => (
            "business_capability_update",
            json!({ "max_daily_conversations_per_business": 250, "max_phone_numbers_per_business": 2 }),
        ),
        "business_status_update" => (
            "business_status_update",
            json!({ "event": "COMPROMISED_NOTIFICATION", "business_id": subject.owner_business_id }),
        ),
        "phone_number_name_update" => (
            "phone_number_name_update",
            json!({ "display_phone_number": subject.digits, "decision": "APPROVED",
                    "requested_verified_name": "Acme Support", "rejection_reason": null }),
        ),
        "phone_number_quality_update" => (
            "phone_number_quality_update",
            json!({ "display_phone_number": subject.digits, "event": "THROUGHPUT_UPGRADE",
                    "current_limit": "TIER_UNLIMITED", "max_daily_conversations_per_business": "TIER_2K" }),
        ),
        "security" => (
            "security",
            json!({ "display_phone_number": subject.digits, "event": "PIN_RESET_REQUEST",
                    "requester": "61555000000001" }),
        ),
        "partner_solutions" => return Some(partner_solutions(subject)),
        _ => return coexistence(name, subject).or_else(|| template(name, subject)),
    };
    Some(AccountEvent { field, entry: EntryOf::Account, value })
}

fn partner_solutions(subject: &Subject) -> AccountEvent {
    let id = subject.solution.as_ref().map_or("300000000000007", |solution| solution.id.as_str());
    AccountEvent {
        field: "partner_solutions",
        entry: EntryOf::Partner,
        value: json!({ "event": "SOLUTION_CREATED", "solution_id": id, "solution_status": "INITIATED" }),
    }
}

fn coexistence(name: &str, subject: &Subject) -> Option<AccountEvent> {
    let (field, content) = match name {
        "smb_app_state_sync" => (
            "smb_app_state_sync",
            json!({ "state_sync": [{
                "type": "contact",
                "contact": { "full_name": "Eva Muster", "first_name": "Eva", "phone_number": "491700000001" },
                "action": "add", "metadata": { "timestamp": subject.now.to_string() }
            }] }),
        ),
        "history" => (
            "history",
            json!({ "history": [{
                "metadata": { "phase": 0, "chunk_order": 1, "progress": 55 },
                "threads": [{ "id": "491700000001", "messages": [
                    { "from": subject.digits, "to": "491700000001", "id": "wamid.HISTORY1",
                      "timestamp": (subject.now - 100_000).to_string(), "type": "text", "text": { "body": "Hi" },
                      "history_context": { "status": "READ" } },
                    { "from": "491700000001", "id": "wamid.HISTORY2", "timestamp": (subject.now - 99_900).to_string(),
                      "type": "media_placeholder", "history_context": { "status": "DELIVERED" } }
                ] }]
            }] }),
        ),
        "history_media" => (
            "history",
            json!({ "messages": [{
                "from": "491700000001", "id": "wamid.HISTORY2", "timestamp": (subject.now - 99_900).to_string(),
                "type": "image",
                "image": { "mime_type": "image/jpeg",
                           "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                           "id": "1234567890", "caption": "Receipt" }
            }] }),
        ),
        "history_declined" => (
            "history",
            json!({ "history": [{ "errors": [{
                "code": 2593109, "title": "History sync is turned off by the business from the WhatsApp Business App",
                "message": "History sync is turned off by the business from the WhatsApp Business App",
                "error_data": { "details": "History sharing is turned off by the business" }
            }] }] }),
        ),
        "smb_message_echoes" => (
            "smb_message_echoes",
            json!({ "message_echoes": [{
                "from": subject.digits, "to": "491700000001", "id": "wamid.ECHO1",
                "timestamp": subject.now.to_string(), "type": "text", "text": { "body": "From the phone" }
            }] }),
        ),
        _ => return None,
    };
    Some(AccountEvent { field, entry: EntryOf::Account, value: on_number(subject, content) })
}

fn template(name: &str, subject: &Subject) -> Option<AccountEvent> {
    let id = 1_689_556_900_000_000_u64;
    let about = json!({ "message_template_id": id, "message_template_name": "order_confirmation",
                        "message_template_language": "en_US" });
    let (field, more) = match name {
        "message_template_status_update" => (
            "message_template_status_update",
            json!({ "event": "APPROVED", "reason": "NONE", "message_template_category": "UTILITY" }),
        ),
        "message_template_quality_update" => (
            "message_template_quality_update",
            json!({ "previous_quality_score": "GREEN", "new_quality_score": "YELLOW" }),
        ),
        "message_template_components_update" => (
            "message_template_components_update",
            json!({ "message_template_element": "Your order {{1}} is ready.", "message_template_footer": "Acme" }),
        ),
        "template_category_update" => (
            "template_category_update",
            json!({ "new_category": "UTILITY", "correct_category": "MARKETING",
                    "category_update_timestamp": subject.now + 86_400 }),
        ),
        "template_category_update_done" => (
            "template_category_update",
            json!({ "previous_category": "UTILITY", "new_category": "MARKETING" }),
        ),
        _ => return None,
    };
    let mut value = more;
    overlay(&mut value, &about);
    Some(AccountEvent { field, entry: EntryOf::Account, value })
}

/// The value of a message-like field about one number.
pub fn on_number(subject: &Subject, content: Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": subject.digits, "phone_number_id": subject.phone_number_id },
    });
    overlay(&mut value, &content);
    value
}

/// Puts every key of `over` into `value`, replacing what stands there.
pub fn overlay(value: &mut Value, over: &Value) {
    if let (Some(into), Some(from)) = (value.as_object_mut(), over.as_object()) {
        into.extend(from.iter().map(|(key, item)| (key.clone(), item.clone())));
    }
}

/// The event's value as it is written in the form asked for.
pub fn value_in(form: EnvelopeForm, event: &AccountEvent) -> Value {
    let mut value = event.value.clone();
    match form {
        EnvelopeForm::Regular | EnvelopeForm::Misplaced | EnvelopeForm::TwoEntries => {}
        EnvelopeForm::NumericIds => ids_as_numbers(&mut value),
        EnvelopeForm::MisplacedInValue => {
            overlay(&mut value, &json!({ "field": event.field, "object": "whatsapp_business_account" }));
        }
    }
    value
}

fn ids_as_numbers(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(ids_as_numbers),
        Value::Object(fields) => {
            for (key, item) in fields.iter_mut() {
                let is_id = key == "id" || key.ends_with("_id");
                match item.as_str().filter(|_| is_id).and_then(|text| text.parse::<u64>().ok()) {
                    Some(number) => *item = json!(number),
                    None => ids_as_numbers(item),
                }
            }
        }
        _ => {}
    }
}

fn named(event: &str, rest: Value) -> Value {
    let mut value = json!({ "event": event });
    overlay(&mut value, &rest);
    value
}

fn waba_info(subject: &Subject, names_app: bool) -> Value {
    let mut info = json!({ "waba_id": subject.waba_id, "owner_business_id": subject.owner_business_id });
    if names_app {
        info["partner_app_id"] = json!(subject.app_id);
    }
    info
}

fn with_solution(subject: &Subject, names_app: bool) -> Value {
    let mut info = waba_info(subject, names_app);
    if let Some(solution) = &subject.solution {
        info["solution_id"] = json!(solution.id);
        info["solution_partner_business_ids"] = json!(solution.partner_business_ids);
    }
    info
}

/// `November 20, 2026`: the one webhook date that Meta writes in English.
fn english_date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%B %-d, %Y").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            waba_id: "700000000000003".into(),
            owner_business_id: "800000000000002".into(),
            partner_business_id: "900000000000001".into(),
            app_id: "111222333444555".into(),
            phone_number_id: "600000000000004".into(),
            digits: "49301234567".into(),
            solution: None,
            now: 1_795_136_000,
        }
    }

    #[test]
    fn every_name_of_the_catalogue_builds() {
        for name in CATALOGUE {
            let event = build(name, &subject()).unwrap_or_else(|| panic!("{name} does not build"));
            assert!(event.value.is_object(), "{name}");
        }
        assert_eq!(build("NO_SUCH_EVENT", &subject()), None);
    }

    #[test]
    fn partner_events_stand_under_the_partners_portfolio() {
        let event = build("PARTNER_ADDED", &subject()).expect("known");
        assert_eq!((event.field, event.entry), ("account_update", EntryOf::Partner));
        assert_eq!(
            event.value,
            json!({"event":"PARTNER_ADDED",
                   "waba_info":{"waba_id":"700000000000003","owner_business_id":"800000000000002"}})
        );
    }

    #[test]
    fn the_solution_is_named_only_where_meta_names_it() {
        let solution =
            Solution { id: "300000000000007".into(), partner_business_ids: vec!["910000000000001".into()] };
        let subject = Subject { solution: Some(solution), ..subject() };
        let added = build("PARTNER_ADDED", &subject).expect("known");
        assert_eq!(added.value["waba_info"]["solution_id"], "300000000000007");
        let uninstalled = build("PARTNER_APP_UNINSTALLED", &subject).expect("known");
        assert_eq!(uninstalled.value["waba_info"].get("solution_id"), None);
    }

    #[test]
    fn odd_forms_change_the_value_where_they_must() {
        let event = build("PARTNER_APP_INSTALLED", &subject()).expect("known");
        let numeric = value_in(EnvelopeForm::NumericIds, &event);
        assert_eq!(numeric["waba_info"]["waba_id"], json!(700000000000003_u64));
        let misplaced = value_in(EnvelopeForm::MisplacedInValue, &event);
        assert_eq!(misplaced["object"], "whatsapp_business_account");
        assert_eq!(value_in(EnvelopeForm::Misplaced, &event), event.value);
    }

    #[test]
    fn a_ban_is_dated_in_english() {
        let event = build("DISABLED_UPDATE", &subject()).expect("known");
        assert_eq!(event.value["ban_info"]["waba_ban_date"], "November 20, 2026");
    }
}
