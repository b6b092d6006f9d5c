//! What the demo makes for itself: an operator, a Meta app, two organisations with people, keys, knowledge and a number
//! connected through the signup dialog. Everything after the first key goes through the public API, as anybody's would.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use carrier::Carrier;
use rules::day::Day;
use rules::locale::Locale;
use rules::role::{Right, Role};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use server::Ctx;
use server::http::Problem;
use server::identity::setup::{self, SetupOrg, SetupPerson};

use super::collecting::{self, Business};
use super::web::Web;

/// The emulator's Meta app (see docs/emulator.md).
const META_APP: &str = "111222333444555";
const META_APP_SECRET: &str = "0123456789abcdef0123456789abcdef";
const META_CONFIG: &str = "123000000000009";
const META_SYSTEM_TOKEN: &str = "EAASYSFAKE";
const META_PORTFOLIO: &str = "900000000000001";
const META_SYSTEM_USER: &str = "200000000000008";
const META_CREDIT_LINE: &str = "500000000000005";
/// The fields that the gateway needs to hear of.
const FIELDS: &str = "messages,account_update,account_review_update,account_alerts,business_capability_update,\
    phone_number_name_update,phone_number_quality_update,message_template_status_update,\
    message_template_quality_update,message_template_components_update,template_category_update,security,user_preferences,\
    business_username_updates";
/// Everybody's password: the demo answers this machine alone.
const PASSWORD: &str = "kopi-and-clinic";
const OPERATOR: &str = "operator@demo.example";
/// How long connecting a number may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An organisation of the demo.
struct Plan {
    name: &'static str,
    slug: &'static str,
    locale: Locale,
    country: &'static str,
    timezone: &'static str,
    /// Who owns it and who works in it.
    owner: &'static str,
    agent: &'static str,
    /// The emulator's client: portfolio, messaging account, number.
    portfolio: &'static str,
    waba: &'static str,
    number: &'static str,
    texts: &'static [(&'static str, &'static str)],
    pairs: (&'static str, &'static str),
    /// What a customer might ask.
    question: &'static str,
    /// What it reminds people of.
    reminder: Reminder,
}

/// Records of one kind, and the notification that they lead to.
struct Reminder {
    kind: (&'static str, &'static str),
    day: &'static str,
    what: &'static str,
    records: &'static [(&'static str, &'static str, i64)],
    name: &'static str,
    template: (&'static str, &'static str),
}

const PLANS: &[Plan] = &[
    Plan {
        name: "Kopi Nusantara",
        slug: "kopi-nusantara",
        locale: Locale::Id,
        country: "ID",
        timezone: "Asia/Jakarta",
        owner: "Sari Wulandari",
        agent: "Budi Santoso",
        portfolio: "800000000000011",
        waba: "700000000000011",
        number: "600000000000011",
        texts: &[
            ("Daftar harga dan biji kopi", include_str!("knowledge/kopi-daftar-harga.md")),
            ("Pengiriman dan pembayaran", include_str!("knowledge/kopi-pengiriman.md")),
        ],
        pairs: ("Tanya jawab", include_str!("knowledge/kopi-tanya-jawab.csv")),
        question: "Berapa harga kopi Gayo 250 gram?",
        reminder: Reminder {
            kind: ("class", "Kelas seduh"),
            day: "Tanggal",
            what: "Kelas",
            records: &[
                ("KLS-101", "Dasar seduh manual", 30),
                ("KLS-102", "Latte art", 12),
                ("KLS-103", "Cupping pagi", 9),
            ],
            name: "Pengingat kelas",
            template: ("pengingat_janji", "id"),
        },
    },
    Plan {
        name: "Harbour Clinic",
        slug: "harbour-clinic",
        locale: Locale::En,
        country: "GB",
        timezone: "Europe/London",
        owner: "Amelia Hart",
        agent: "Tom Reed",
        portfolio: "800000000000012",
        waba: "700000000000012",
        number: "600000000000012",
        texts: &[
            ("Services and prices", include_str!("knowledge/clinic-services.md")),
            ("Visiting us", include_str!("knowledge/clinic-visiting.md")),
        ],
        pairs: ("Questions and answers", include_str!("knowledge/clinic-questions.csv")),
        question: "When is the clinic open on Saturday?",
        reminder: Reminder {
            kind: ("check_up", "Check-ups"),
            day: "Day",
            what: "Check-up",
            records: &[
                ("CHK-2041", "Dental check-up", 30),
                ("CHK-2042", "Eye test", 11),
                ("CHK-2043", "Blood test", 8),
            ],
            name: "Check-up reminder",
            template: ("appointment_reminder", "en_US"),
        },
    },
];

/// The demo's customer: phone number and name. Whoever opens the phone is this person first.
const CUSTOMER: (&str, &str) = ("6281100000001", "Rina Kusuma");

/// What the demo remembers from one start to the next, apart from the database.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    operator_key: String,
    app_id: String,
    verify_token: String,
    orgs: Vec<KnownOrg>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct KnownOrg {
    slug: String,
    org_id: String,
    api_key: String,
    /// Set once knowledge and number are in place.
    number_id: String,
    display_number: String,
}

impl Known {
    /// Reads what an earlier start left.
    pub fn read(file: &Path) -> Result<Self> {
        match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| {
                format!("{} does not read; delete the folder to begin anew", file.display())
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    fn write(&self, file: &Path) -> Result<()> {
        std::fs::write(file, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }
}

/// Makes whatever is missing, and returns the facts for tools.
pub async fn seed(ctx: &Ctx, web: &Web, post: &Carrier, known: &mut Known, file: &Path) -> Result<Value> {
    if known.operator_key.is_empty() {
        person(ctx, OPERATOR, "Demo operator", Locale::En, true).await?;
        known.operator_key = told(setup::operator_key(ctx, "demo").await)?.1.reveal().to_owned();
        known.write(file)?;
    }
    if known.app_id.is_empty() {
        let app = web.api("POST", "operator/meta-apps", &known.operator_key, &meta_app()).await?;
        known.app_id = text(&app["app"]["id"])?;
        known.verify_token = text(&app["verify_token"])?;
        known.write(file)?;
    }
    subscribe_app(web, known).await?;
    let (phone, name) = CUSTOMER;
    web.control("POST", "people", &json!({ "phone": phone, "name": name })).await?;
    for (at, plan) in PLANS.iter().enumerate() {
        if known.orgs.len() == at {
            known.orgs.push(organisation(ctx, plan).await?);
            known.write(file)?;
        }
        if known.orgs[at].number_id.is_empty() {
            teach(web, plan, &known.orgs[at]).await?;
            pay(web, plan).await?;
            let number = connect(web, plan, &known.orgs[at]).await?;
            known.orgs[at].number_id = text(&number["id"])?;
            known.orgs[at].display_number = text(&number["display"])?;
            remind(ctx, web, plan, &known.orgs[at]).await?;
            collecting::offer(web, &business(plan, &known.orgs[at])).await?;
            known.write(file)?;
        }
        other_ways(web, post, plan, &known.orgs[at]).await?;
    }
    Ok(facts(web, post, known))
}

fn business<'a>(plan: &'a Plan, org: &'a KnownOrg) -> Business<'a> {
    let Plan { name, slug, locale, .. } = *plan;
    Business { name, slug, locale, org_id: &org.org_id, number_id: &org.number_id, api_key: &org.api_key }
}

/// E-mail and SMS, as this run has them: the roaster through Twilio's API, the clinic over SMPP.
async fn other_ways(web: &Web, post: &Carrier, plan: &Plan, org: &KnownOrg) -> Result<()> {
    let channels = format!("orgs/{}/channels", org.org_id);
    let mail = json!({ "way": { "provider": "operator" } });
    let texts = if plan.locale == Locale::Id {
        json!({ "provider": "twilio", "account_sid": carrier::ACCOUNT, "from": "+6281500000001", "base_url": post.url })
    } else {
        json!({ "provider": "smpp", "host": post.smpp.ip().to_string(), "port": post.smpp.port(),
            "system_id": "clinic", "from": "Harbour" })
    };
    web.api("PUT", &channels, &org.api_key, &mail).await?;
    let set = json!({ "way": texts, "secret": carrier::SECRET });
    let set = web.api("PUT", &channels, &org.api_key, &set).await?;
    if let Some(inbound) = set["inbound_url"].as_str() {
        post.inbound(carrier::Via::Twilio, inbound);
    }
    Ok(())
}

fn meta_app() -> Value {
    json!({
        "meta_app_id": META_APP,
        "name": "Sapa demo",
        "config_id": META_CONFIG,
        "secret": META_APP_SECRET,
        "system_token": META_SYSTEM_TOKEN,
        "business_id": META_PORTFOLIO,
        "system_user_id": META_SYSTEM_USER,
        "credit_line_id": META_CREDIT_LINE,
    })
}

/// Tells the emulator where this run's gateway listens; it shakes hands as Meta does.
async fn subscribe_app(web: &Web, known: &Known) -> Result<()> {
    let body = json!({
        "object": "whatsapp_business_account",
        "callback_url": format!("{}/webhooks/meta", web.gateway),
        "verify_token": known.verify_token,
        "fields": FIELDS,
    });
    let token = format!("{META_APP}|{META_APP_SECRET}");
    web.graph("POST", &format!("{META_APP}/subscriptions"), &token, &body).await?;
    Ok(())
}

async fn organisation(ctx: &Ctx, plan: &Plan) -> Result<KnownOrg> {
    let wanted = SetupOrg {
        name: plan.name.to_owned(),
        slug: plan.slug.to_owned(),
        locale: plan.locale,
        country: plan.country.to_owned(),
        timezone: plan.timezone.to_owned(),
    };
    let org = told(setup::organisation(ctx, wanted).await)?;
    for (who, name, role) in [("owner", plan.owner, Role::Owner), ("agent", plan.agent, Role::Agent)] {
        let person = person(ctx, &email(who, plan.slug), name, plan.locale, false).await?;
        told(setup::member(ctx, org, person, role).await)?;
    }
    let key = told(setup::key(ctx, org, "demo", Right::ALL).await)?.1.reveal().to_owned();
    Ok(KnownOrg { slug: plan.slug.to_owned(), org_id: org.to_string(), api_key: key, ..KnownOrg::default() })
}

async fn person(
    ctx: &Ctx,
    email: &str,
    name: &str,
    locale: Locale,
    is_operator: bool,
) -> Result<rules::id::PersonId> {
    let password = SecretString::from(PASSWORD);
    told(
        setup::person(
            ctx,
            SetupPerson { email: email.to_owned(), name: name.to_owned(), password, locale, is_operator },
        )
        .await,
    )
}

fn email(who: &str, slug: &str) -> String {
    format!("{who}@{slug}.example")
}

/// Gives the organisation its knowledge.
async fn teach(web: &Web, plan: &Plan, org: &KnownOrg) -> Result<()> {
    let sources = format!("orgs/{}/sources", org.org_id);
    for (title, text) in plan.texts {
        web.api("POST", &format!("{sources}/text"), &org.api_key, &json!({ "title": title, "text": text }))
            .await?;
    }
    let (title, csv) = plan.pairs;
    web.api(
        "POST",
        &format!("{sources}/pairs"),
        &org.api_key,
        &json!({ "title": title, "pairs": pairs(csv)? }),
    )
    .await?;
    Ok(())
}

/// The pairs of a file of two columns, the second of which may be quoted.
fn pairs(csv: &str) -> Result<Vec<Value>> {
    csv.lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (question, answer) = line.split_once(',').context("a pair needs two columns")?;
            Ok(json!({ "question": question.trim_matches('"'), "answer": answer.trim_matches('"') }))
        })
        .collect()
}

/// Records with days to come, all of the demo's customer's, and the notification that reminds of them the day before.
async fn remind(ctx: &Ctx, web: &Web, plan: &Plan, org: &KnownOrg) -> Result<()> {
    let Reminder { kind: (kind, title), day, what, records, name, template: (template, language) } =
        &plan.reminder;
    let path = |of: &str| format!("orgs/{}/{of}", org.org_id);
    let fields = json!([
        { "key": "title", "label": what, "kind": "text" }, { "key": "day", "label": day, "kind": "date" },
    ]);
    let new = json!({ "name": kind, "title": title, "fields": fields });
    let made = web.api("POST", &path("record-kinds"), &org.api_key, &new).await?;
    for (external_id, title, days) in *records {
        let day = Day(ctx.now().day() + days);
        let record = json!({ "kind": kind, "external_id": external_id, "data": { "title": title, "day": day },
            "contact": { "phone": format!("+{}", CUSTOMER.0), "name": CUSTOMER.1 } });
        web.api("POST", &path("records"), &org.api_key, &record).await?;
    }
    let definition = json!({
        "number_id": org.number_id, "template": template, "language": language,
        "variables": {
            "body.1": { "from": { "kind": "contact_name" } },
            "body.2": { "from": { "kind": "field", "field": "day" } },
        },
        "audience": { "kind": "records", "record_kind_id": made["id"] },
        "trigger": { "kind": "date", "field": "day", "days": -1, "at": "09:00" },
    });
    let new = json!({ "name": name, "state": "enabled", "definition": definition });
    web.api("POST", &path("notifications"), &org.api_key, &new).await?;
    Ok(())
}

/// The client adds a payment method at Meta, without which no template is sent.
async fn pay(web: &Web, plan: &Plan) -> Result<()> {
    let paying = json!({ "action": "add_payment", "waba_id": plan.waba });
    web.control("POST", "client-actions", &paying).await?;
    Ok(())
}

/// Connects the organisation's number through the signup dialog, which the emulator walks through by itself.
async fn connect(web: &Web, plan: &Plan, org: &KnownOrg) -> Result<Value> {
    let connections = format!("orgs/{}/connections", org.org_id);
    let dialog = web.api("POST", &connections, &org.api_key, &json!({ "mode": "tech_provider" })).await?;
    let run = json!({
        "app_id": dialog["app_id"],
        "config_id": dialog["config_id"],
        "extras": dialog["extras"],
        "choices": { "business_id": plan.portfolio, "waba_id": plan.waba, "phone_number_id": plan.number },
    });
    let signed = web.control("POST", "signup", &run).await?;
    let one = format!("{connections}/{}", text(&dialog["connection_id"])?);
    for post in signed["posts"].as_array().into_iter().flatten() {
        let event = json!({ "state": dialog["state"], "event": post["data"] });
        web.api("POST", &format!("{one}/event"), &org.api_key, &event).await?;
    }
    let code = json!({ "state": dialog["state"], "code": signed["code"] });
    web.api("POST", &format!("{one}/code"), &org.api_key, &code).await?;
    wait_until_connected(web, &one, org).await?;
    let numbers = web.api("GET", &format!("orgs/{}/numbers", org.org_id), &org.api_key, &Value::Null).await?;
    let number = numbers["items"]
        .as_array()
        .and_then(|items| items.first())
        .context("the organisation has no number")?;
    ensure!(number["phone_number_id"] == plan.number, "another number was connected: {number}");
    Ok(number.clone())
}

async fn wait_until_connected(web: &Web, connection: &str, org: &KnownOrg) -> Result<()> {
    let waited = tokio::time::timeout(PATIENCE, async {
        loop {
            let now = web.api("GET", connection, &org.api_key, &Value::Null).await?;
            match now["state"].as_str().unwrap_or_default() {
                "live" | "payment_pending" | "silent" => return Ok(()),
                "needs_person" | "abandoned" => bail!("the number cannot be connected: {now}"),
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    });
    waited.await.context("connecting the number takes too long")?
}

fn facts(web: &Web, post: &Carrier, known: &Known) -> Value {
    let orgs: Vec<Value> = PLANS
        .iter()
        .zip(&known.orgs)
        .map(|(plan, org)| {
            json!({
                "name": plan.name,
                "slug": plan.slug,
                "locale": plan.locale,
                "gateway_url": web.gateway,
                "emulator_url": web.emulator,
                "app_secret": META_APP_SECRET,
                "verify_token": known.verify_token,
                "org_id": org.org_id,
                "api_key": org.api_key,
                "waba_id": plan.waba,
                "phone_number_id": plan.number,
                "number_id": org.number_id,
                "display_number": org.display_number,
                "member_email": email("owner", plan.slug),
                "member_password": PASSWORD,
                "agent_email": email("agent", plan.slug),
                "agent_password": PASSWORD,
                "try": plan.question,
                "phone_url": phone_url(web, plan),
            })
        })
        .collect();
    json!({
        "gateway_url": web.gateway,
        "emulator_url": web.emulator,
        "phone_url": format!("{}/phone", web.emulator),
        "post_url": post.url,
        "customer": { "phone": CUSTOMER.0, "name": CUSTOMER.1 },
        "app_id": known.app_id,
        "app_secret": META_APP_SECRET,
        "verify_token": known.verify_token,
        "operator": { "email": OPERATOR, "password": PASSWORD, "key": known.operator_key },
        "orgs": orgs,
    })
}

/// The customer's phone, open at this business with the question to try in its box.
fn phone_url(web: &Web, plan: &Plan) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("from", CUSTOMER.0)
        .append_pair("to", plan.number)
        .append_pair("text", plan.question)
        .finish();
    format!("{}/phone?{query}", web.emulator)
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("a text was expected, not {value}"))
}

/// A problem of the API's, told on the command line.
fn told<T>(result: Result<T, Problem>) -> Result<T> {
    result.map_err(|problem| anyhow::anyhow!("{}", problem.details().detail))
}
