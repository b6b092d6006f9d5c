//! The world of a new emulator: our app and portfolio, and clients whose numbers are not connected yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Account, App, CreditLine, LoginConfiguration, Number, Portfolio, Reach, Settings, SystemUser, Template,
    TemplateStatus, Token, TokenKind, World,
};

/// The Meta app of a new world, and the portfolio that owns it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct AppSeed {
    /// App id.
    pub id: String,
    /// App secret.
    pub secret: String,
    /// Name.
    pub name: String,
    /// Where its webhooks go.
    pub callback_url: Option<String>,
    /// The token given back in the handshake.
    pub verify_token: Option<String>,
    /// The portfolio that owns the app: the operator's.
    pub portfolio_id: String,
    /// The value of the operator's system user token.
    pub system_token: String,
}

impl Default for AppSeed {
    fn default() -> Self {
        Self {
            id: "111222333444555".into(),
            secret: "0123456789abcdef0123456789abcdef".into(),
            name: "Acme Platform".into(),
            callback_url: None,
            verify_token: None,
            portfolio_id: "900000000000001".into(),
            system_token: "EAASYSFAKE".into(),
        }
    }
}

/// A client of a new world: portfolio, messaging account and number, not connected to any app.
struct Client {
    portfolio: &'static str,
    account: &'static str,
    number: &'static str,
    name: &'static str,
    country: &'static str,
    currency: &'static str,
    dial: &'static str,
    display: &'static str,
}

const CLIENTS: &[Client] = &[
    Client {
        portfolio: "800000000000002",
        account: "700000000000003",
        number: "600000000000004",
        name: "Acme",
        country: "DE",
        currency: "EUR",
        dial: "49",
        display: "+49 30 1234567",
    },
    Client {
        portfolio: "800000000000011",
        account: "700000000000011",
        number: "600000000000011",
        name: "Kopi Nusantara",
        country: "ID",
        currency: "IDR",
        dial: "62",
        display: "+62 21 5550 0111",
    },
    Client {
        portfolio: "800000000000012",
        account: "700000000000012",
        number: "600000000000012",
        name: "Harbour Clinic",
        country: "GB",
        currency: "GBP",
        dial: "44",
        display: "+44 20 7946 0112",
    },
    Client {
        portfolio: "800000000000013",
        account: "700000000000013",
        number: "600000000000013",
        name: "Toko Melati",
        country: "ID",
        currency: "IDR",
        dial: "62",
        display: "+62 31 5550 0113",
    },
];

/// Fills an empty world.
pub fn plant(world: &mut World, app: &AppSeed) {
    let now = world.now();
    world.settings.put(Settings::ROW, Settings::default());
    world.apps.put(
        &app.id,
        App {
            id: app.id.clone(),
            name: app.name.clone(),
            secret: app.secret.clone(),
            portfolio_id: app.portfolio_id.clone(),
            callback_url: app.callback_url.clone(),
            verify_token: app.verify_token.clone(),
            configurations: configurations(),
            ..App::default()
        },
    );
    world.portfolios.put(
        &app.portfolio_id,
        Portfolio {
            id: app.portfolio_id.clone(),
            name: app.name.clone(),
            country: "ID".into(),
            verification_status: "verified".into(),
            messaging_limit: "TIER_2K".into(),
        },
    );
    let system_user = "200000000000008";
    world.system_users.put(
        system_user,
        SystemUser {
            id: system_user.into(),
            name: "Ops".into(),
            portfolio_id: app.portfolio_id.clone(),
            role: "ADMIN".into(),
            apps: [app.id.clone()].into(),
        },
    );
    world.tokens.put(
        &app.system_token,
        Token {
            value: app.system_token.clone(),
            app_id: app.id.clone(),
            kind: TokenKind::SystemUser,
            user_id: system_user.into(),
            portfolio_id: app.portfolio_id.clone(),
            scopes: ["whatsapp_business_management", "whatsapp_business_messaging", "business_management"]
                .map(str::to_owned)
                .to_vec(),
            reach: Reach::Portfolio,
            issued_at: now,
            expires_at: None,
            death: None,
        },
    );
    let line = "500000000000005";
    world.credit_lines.put(
        line,
        CreditLine {
            id: line.into(),
            portfolio_id: app.portfolio_id.clone(),
            legal_entity_name: format!("{} Ltd", app.name),
        },
    );
    for client in CLIENTS {
        plant_client(world, client);
    }
}

/// The login configurations of the app: Meta's template, whose tokens end after 60 days, and one without an end.
fn configurations() -> BTreeMap<String, LoginConfiguration> {
    let configuration = |name: &str, expires| LoginConfiguration { name: name.into(), expires };
    [
        (
            "123000000000009",
            configuration("WhatsApp Embedded Signup Configuration With 60 Expiration Token", true),
        ),
        ("123000000000010", configuration("Embedded Signup without expiry", false)),
    ]
    .map(|(id, configuration)| (id.to_owned(), configuration))
    .into()
}

/// Points the app of a kept world at the addresses of this start, as far as they are given.
pub fn redirect(world: &mut World, app: &AppSeed) {
    if app.callback_url.is_none() {
        return;
    }
    if let Some(row) = world.apps.edit(&app.id) {
        row.callback_url.clone_from(&app.callback_url);
        if app.verify_token.is_some() {
            row.verify_token.clone_from(&app.verify_token);
        }
    }
}

fn plant_client(world: &mut World, client: &Client) {
    let now = world.now();
    world.portfolios.put(
        client.portfolio,
        Portfolio {
            id: client.portfolio.into(),
            name: client.name.into(),
            country: client.country.into(),
            verification_status: "verified".into(),
            messaging_limit: "TIER_250".into(),
        },
    );
    world.accounts.put(
        client.account,
        Account {
            id: client.account.into(),
            name: client.name.into(),
            owner_id: client.portfolio.into(),
            status: "ACTIVE".into(),
            review_status: "APPROVED".into(),
            currency: client.currency.into(),
            country: client.country.into(),
            timezone_id: "1".into(),
            namespace: format!("namespace_{}", client.account),
            created_at: now,
            ..Account::default()
        },
    );
    world.numbers.put(
        client.number,
        Number {
            id: client.number.into(),
            account_id: client.account.into(),
            phone: client.display.chars().filter(char::is_ascii_digit).collect(),
            display: client.display.into(),
            verified_name: client.name.into(),
            country_dial_code: client.dial.into(),
            ..Number::default()
        },
    );
    for template in templates() {
        world.save_template(Template {
            id: super::graph_id(),
            account_id: client.account.into(),
            name: template.0.into(),
            language: template.1.into(),
            category: template.2.into(),
            status: TemplateStatus::Approved,
            parameter_format: "POSITIONAL".into(),
            components: template.3,
            created_at: now,
            ..Template::default()
        });
    }
}

/// Name, language, category and components of the approved templates that every new account has.
fn templates() -> Vec<(&'static str, &'static str, &'static str, Vec<serde_json::Value>)> {
    use serde_json::json;
    let track = |text: &str| {
        json!({"type": "BUTTONS", "buttons": [{"type": "URL", "text": text,
            "url": "https://shop.example/orders/{{1}}", "example": ["https://shop.example/orders/8612"]}]})
    };
    let body = |text: &str, example: &[&str]| {
        if example.is_empty() {
            json!({"type": "BODY", "text": text})
        } else {
            json!({"type": "BODY", "text": text, "example": {"body_text": [example]}})
        }
    };
    vec![
        (
            "hello_world",
            "en_US",
            "UTILITY",
            vec![
                json!({"type": "HEADER", "format": "TEXT", "text": "Hello World"}),
                body("Welcome and congratulations! This message shows that you can send messages.", &[]),
                json!({"type": "FOOTER", "text": "WhatsApp Business Platform sample message"}),
            ],
        ),
        (
            "order_update",
            "en_US",
            "UTILITY",
            vec![body("Hello {{1}}, your order {{2}} is on its way.", &["Pablo", "#8612"]), track("Track")],
        ),
        (
            "order_update",
            "id",
            "UTILITY",
            vec![
                body("Halo {{1}}, pesanan {{2}} sedang dalam perjalanan.", &["Sari", "#8612"]),
                track("Lacak"),
            ],
        ),
        (
            "winter_sale",
            "en_US",
            "MARKETING",
            vec![
                body("Our winter sale has begun: 20 % off everything until Sunday.", &[]),
                json!({"type": "FOOTER", "text": "Reply STOP to opt out"}),
            ],
        ),
        (
            "promo_kopi",
            "id",
            "MARKETING",
            vec![
                body("Halo {{1}}, minggu ini semua kopi diskon 20 %.", &["Sari"]),
                json!({"type": "FOOTER", "text": "Balas BERHENTI untuk berhenti"}),
            ],
        ),
        (
            "appointment_reminder",
            "en_US",
            "UTILITY",
            vec![
                body(
                    "Hello {{1}}, this is a reminder of your appointment on {{2}}.",
                    &["Amy", "Monday, 9 am"],
                ),
                json!({"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Confirm"}, {"type": "QUICK_REPLY", "text": "Change"}]}),
            ],
        ),
        (
            "pengingat_janji",
            "id",
            "UTILITY",
            vec![body("Halo {{1}}, kami ingatkan janji Anda pada {{2}}.", &["Budi", "Senin pukul 9"])],
        ),
        (
            "verification_code",
            "en_US",
            "AUTHENTICATION",
            vec![
                json!({"type": "BODY", "text": "*{{1}}* is your verification code. For your security, do not share this code.",
                "add_security_recommendation": true, "example": {"body_text": [["123456"]]}}),
                json!({"type": "FOOTER", "text": "This code expires in 10 minutes.", "code_expiration_minutes": 10}),
                json!({"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copy code",
                "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"]}]}),
            ],
        ),
    ]
}
