//! Meta's library of written templates: to look through, and to make templates from.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::super::error::{Answer, GraphError};
use super::super::gate::Version;
use super::super::{Caller, Params, paging};
use crate::platform::Platform;

/// Name, language, topic, use, text, samples, label of its button.
type Entry = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

const LIBRARY: &[Entry] = &[
    (
        "delivery_update_1",
        "en_US",
        "ORDER_MANAGEMENT",
        "DELIVERY_UPDATE",
        "Hi {{1}}, your order {{2}} is on its way and should arrive soon. Tap below to follow it.",
        &["Amy", "#8612"],
        "Track order",
    ),
    (
        "delivery_update_1",
        "id",
        "ORDER_MANAGEMENT",
        "DELIVERY_UPDATE",
        "Halo {{1}}, pesanan {{2}} sedang dikirim dan akan segera sampai. Ketuk tombol untuk melacaknya.",
        &["Sari", "#8612"],
        "Lacak pesanan",
    ),
    (
        "payment_due_reminder_1",
        "en_US",
        "PAYMENTS",
        "PAYMENT_DUE_REMINDER",
        "Hi {{1}}, your payment of {{2}} is due on {{3}}. Please ignore this message if you have paid already.",
        &["Amy", "$24", "June 3"],
        "Pay now",
    ),
    (
        "payment_due_reminder_1",
        "id",
        "PAYMENTS",
        "PAYMENT_DUE_REMINDER",
        "Halo {{1}}, tagihan {{2}} jatuh tempo pada {{3}}. Abaikan pesan ini bila Anda sudah membayar.",
        &["Sari", "Rp250.000", "3 Juni"],
        "Bayar",
    ),
    (
        "appointment_reminder_1",
        "en_US",
        "EVENT_REMINDER",
        "APPOINTMENT_REMINDER",
        "Hi {{1}}, we look forward to seeing you on {{2}} at {{3}}. Let us know if you cannot come.",
        &["Amy", "Monday", "9 am"],
        "",
    ),
    (
        "appointment_reminder_1",
        "id",
        "EVENT_REMINDER",
        "APPOINTMENT_REMINDER",
        "Halo {{1}}, kami tunggu Anda pada {{2}} pukul {{3}}. Kabari kami bila berhalangan.",
        &["Sari", "Senin", "9.00"],
        "",
    ),
];

/// `GET /message_template_library`.
pub(super) async fn browse(
    State(platform): State<Platform>,
    axum::Extension(Version(version)): axum::Extension<Version>,
    caller: Caller,
    params: Params,
) -> Answer<Json<Value>> {
    caller.require("whatsapp_business_management")?;
    let asked =
        |key: &str, value: &str| params.text(key).is_none_or(|asked| asked.eq_ignore_ascii_case(value));
    let word = params.text("search").map(|word| word.to_lowercase()).unwrap_or_default();
    let rows = LIBRARY.iter().filter(|(name, language, topic, usecase, body, ..)| {
        asked("language", language)
            && asked("topic", topic)
            && asked("usecase", usecase)
            && (name.contains(&word) || body.to_lowercase().contains(&word))
    });
    let rows = rows.map(|(name, language, topic, usecase, body, samples, label)| {
        let buttons =
            if label.is_empty() { json!([]) } else { json!([{"type": "URL", "text": label, "url": "https://www.example.com"}]) };
        json!({
            "id": format!("{name}_{language}"), "name": name, "language": language, "category": "UTILITY", "topic": topic,
            "usecase": usecase, "industry": ["E_COMMERCE"], "body": body, "body_params": samples,
            "body_param_types": vec!["TEXT"; samples.len()], "buttons": buttons,
        })
    });
    paging::page(&platform, version, "/message_template_library", &params, rows.collect()).map(Json)
}

/// The parts of a template that is made from the library.
pub(super) fn components(params: &Params, name: &str, language: &str) -> Answer<Vec<Value>> {
    let entry = LIBRARY.iter().find(|entry| entry.0 == name && entry.1 == language);
    let (.., body, samples, label) = entry.ok_or_else(|| {
        GraphError::parameter(
            "Param library_template_name names no template of the library in this language.",
        )
    })?;
    let mut components = vec![json!({"type": "BODY", "text": body, "example": {"body_text": [samples]}})];
    if !label.is_empty() {
        let inputs = params.json("library_template_button_inputs");
        let url = inputs.as_ref().and_then(|inputs| inputs.pointer("/0/url/base_url")?.as_str());
        let url = url.ok_or_else(|| GraphError::missing("library_template_button_inputs"))?;
        let mut button = json!({"type": "URL", "text": label, "url": url});
        if let Some(example) = inputs.as_ref().and_then(|inputs| inputs.pointer("/0/url/url_suffix_example"))
        {
            button["example"] = json!([example]);
        }
        components.push(json!({"type": "BUTTONS", "buttons": [button]}));
    }
    Ok(components)
}
