//! A form and a link for each business of the demo, so that there is something to agree to from the first look on.

use anyhow::{Context as _, Result};
use rules::locale::Locale;
use serde_json::{Value, json};

use super::web::Web;

/// A business of the demo.
pub(super) struct Business<'a> {
    pub name: &'a str,
    pub slug: &'a str,
    pub locale: Locale,
    pub org_id: &'a str,
    pub number_id: &'a str,
    pub api_key: &'a str,
}

/// Makes a form for the counter, worded in both languages, and a link for the door.
pub(super) async fn offer(web: &Web, business: &Business<'_>) -> Result<()> {
    let path = |of: &str| format!("orgs/{}/{of}", business.org_id);
    let (counter, door) = match business.locale {
        Locale::En => ("At the counter", "At the front door"),
        Locale::Id => ("Di kasir", "Di pintu depan"),
    };
    let form = json!({ "name": counter, "number_id": business.number_id, "double_opt_in": "whatsapp",
        "settings": { "ask_name": "optional", "ask_email": "optional" } });
    let form = web.api("POST", &path("forms"), business.api_key, &form).await?;
    let id = form["id"].as_str().context("the form has no id")?;
    let wording = json!({
        "business": business.name,
        "privacy_url": format!("https://{}.example/privacy", business.slug),
        "purposes": ["utility", "marketing"],
        "channels": ["whatsapp"],
        "en": words(business.name, Locale::En),
        "id": words(business.name, Locale::Id),
    });
    let version = json!({ "wording": wording });
    web.api("POST", &path(&format!("forms/{id}/versions")), business.api_key, &version).await?;
    let link = link(business, door);
    web.api("POST", &path("chat-links"), business.api_key, &link).await?;
    Ok(())
}

fn words(name: &str, locale: Locale) -> Value {
    match locale {
        Locale::En => json!({
            "title": format!("News from {name} on WhatsApp"),
            "intro": "Be the first to know, and hear about what you ordered or booked.",
            "utility": format!("{name} may send me messages about my orders and appointments on WhatsApp."),
            "marketing": format!("{name} may send me offers and news on WhatsApp."),
            "footer": "You can take this back at any time: reply STOP.",
            "button": "Sign me up",
            "thanks": format!("Thank you! {name} will be in touch on WhatsApp."),
        }),
        Locale::Id => json!({
            "title": format!("Kabar dari {name} lewat WhatsApp"),
            "intro": "Jadi yang pertama tahu, dan dapatkan kabar tentang pesanan atau janji temu Anda.",
            "utility": format!("{name} boleh mengirimi saya pesan tentang pesanan dan janji temu lewat WhatsApp."),
            "marketing": format!("{name} boleh mengirimi saya promo dan kabar terbaru lewat WhatsApp."),
            "footer": "Anda dapat membatalkannya kapan saja: balas BERHENTI.",
            "button": "Daftarkan saya",
            "thanks": format!("Terima kasih! {name} akan mengabari Anda lewat WhatsApp."),
        }),
    }
}

fn link(business: &Business<'_>, door: &str) -> Value {
    let name = business.name;
    let (text, wording) = match business.locale {
        Locale::En => (
            "Hello, I have a question.",
            format!(
                "By sending this message I agree that {name} may send me offers and news. I can stop with STOP."
            ),
        ),
        Locale::Id => (
            "Halo, saya mau bertanya.",
            format!(
                "Dengan mengirim pesan ini saya setuju {name} mengirimi saya promo dan kabar. Saya dapat berhenti dengan STOP."
            ),
        ),
    };
    json!({ "name": door, "number_id": business.number_id, "text": text, "wording": wording, "purposes": ["marketing"] })
}
