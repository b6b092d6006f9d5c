//! Connecting a number: through the signup dialog as Tech Provider and as Solution Partner, and by hand.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::stage::Stage;
use crate::http::{Caller, text, until};
use crate::report::{Report, Stop};

/// The app of the demo (see docs/emulator.md).
const META_APP: &str = "111222333444555";
const RIGHTS: [&str; 6] =
    ["inbox.read", "inbox.write", "connections.read", "connections.write", "knowledge.read", "members.read"];

/// Which of the two comes first out of the dialog.
#[derive(Clone, Copy, PartialEq)]
enum First {
    Event,
    Code,
}

/// The client pays Meta itself.
pub async fn as_tech_provider(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let org = report.step("an organisation is made and its owner joins", organisation(stage, 1)).await?;
    let begin = json!({ "mode": "tech_provider" });
    report
        .step("a number is connected as Tech Provider", dialog(stage, &org, 1, begin, First::Event))
        .await?;
    Ok(())
}

/// The operator's credit line pays; a first message makes it live.
pub async fn as_solution_partner(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let org = report.step("a second organisation is made", organisation(stage, 2)).await?;
    let begin = json!({ "mode": "solution_partner", "currency": "IDR" });
    report.step("it may not spend the operator's credit unasked", credit(stage, &org, &begin)).await?;
    let connected = report
        .step("a number is connected as Solution Partner", dialog(stage, &org, 2, begin, First::Code))
        .await?;
    report.step("its first message makes the connection live", first_message(stage, &org, &connected)).await
}

/// Ids and a permanent token are pasted.
pub async fn by_hand(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let org = report.step("a third organisation is made", organisation(stage, 3)).await?;
    report.step("a wrong token is refused and nothing is stored", wrong_token(stage, &org)).await?;
    report.step("a number is connected by hand", pasted(stage, &org)).await
}

/// The operator pays only for whom it says so.
async fn credit(stage: &Stage, org: &Caller, begin: &Value) -> Result<((), String)> {
    let refused = org.post("connections", begin).await?.expect(403)?;
    ensure!(refused["code"] == "operator_does_not_pay", "refused for another reason: {refused}");
    let operator = stage.gateway.at("api/v1").with_key(&stage.facts.operator.key);
    // Newest first: the one that was just made.
    let orgs = operator.list("operator/orgs").await?;
    let made = orgs.iter().find(|org| org["name"] == "Story 2").context("expected Story 2 in the list")?;
    let path = format!("operator/orgs/{}", text(&made["id"])?);
    operator.patch(&path, &json!({ "operator_pays": true })).await?.expect(200)?;
    Ok(((), "refused, then allowed by the operator".to_owned()))
}

/// What was connected.
struct Connected {
    connection: String,
    phone_number_id: String,
}

/// Makes an organisation with the operator's key, joins it as its owner and makes a key.
async fn organisation(stage: &Stage, which: u64) -> Result<(Caller, String)> {
    let api = stage.gateway.at("api/v1");
    let slug = format!("story-{}", stage.unique(which, 9));
    let wanted = json!({ "name": format!("Story {which}"), "slug": slug, "locale": "en", "country": "ID",
        "timezone": "Asia/Jakarta", "owner_email": format!("owner@{slug}.example") });
    let made = api.with_key(&stage.facts.operator.key).post("operator/orgs", &wanted).await?.expect(201)?;
    let id = text(&made["organisation"]["id"])?;
    let link = text(&made["owner"]["link"])?;
    let (_, token) =
        link.split_once('#').with_context(|| format!("expected an invite link with #, got {link}"))?;
    let account = json!({ "name": "Story Owner", "password": "a story of three numbers", "locale": "en" });
    let joined = api.post("invites/accept", &json!({ "token": token, "account": account })).await?;
    let cookie = joined.cookie.clone().context("expected a session cookie")?;
    joined.expect(200)?;
    let owner = api.at(&format!("orgs/{id}")).with_cookie(&cookie);
    let key = owner.post("keys", &json!({ "name": "story", "rights": RIGHTS })).await?.expect(201)?;
    Ok((owner.with_key(&text(&key["secret"])?), slug))
}

/// Goes through the signup dialog with a new business, account and number.
async fn dialog(
    stage: &Stage,
    org: &Caller,
    which: u64,
    begin: Value,
    first: First,
) -> Result<(Connected, String)> {
    let opened = org.post("connections", &begin).await?.expect(201)?;
    let connection = text(&opened["connection_id"])?;
    let name = format!("Story {which}");
    let run = json!({
        "app_id": opened["app_id"], "config_id": opened["config_id"], "extras": opened["extras"],
        "choices": { "business_name": name, "country": "ID", "account_name": name, "currency": "IDR",
            "phone": format!("+62 21 5{}", stage.unique(which, 6)), "display_name": name },
    });
    let signed = stage.emulator.post("signup", &run).await?.expect(200)?;
    let events = async || -> Result<()> {
        for post in signed["posts"].as_array().into_iter().flatten() {
            let event = json!({ "state": opened["state"], "event": post["data"] });
            org.post(&format!("connections/{connection}/event"), &event).await?.ok()?;
        }
        Ok(())
    };
    if first == First::Event {
        events().await?;
    }
    let code = json!({ "state": opened["state"], "code": signed["code"] });
    org.post(&format!("connections/{connection}/code"), &code).await?.expect(202)?;
    if first == First::Code {
        events().await?;
    }
    let phone_number_id = text(&signed["shared"]["phone_number_id"])?;
    let stands = connected(org, &connection, &phone_number_id).await?;
    let order = if first == First::Event { "event before code" } else { "code before event" };
    Ok((Connected { connection, phone_number_id }, format!("{stands}; {order}")))
}

/// Waits until the connection works and the number is there; says how it stands.
async fn connected(org: &Caller, connection: &str, phone_number_id: &str) -> Result<String> {
    let path = format!("connections/{connection}");
    let state = until(30, async || {
        let now = org.get(&path).await?.expect(200)?;
        let state = text(&now["state"])?;
        ensure!(
            ["live", "silent", "payment_pending"].contains(&state.as_str()),
            "expected it to be connected, got {now}"
        );
        Ok(state)
    })
    .await?;
    let numbers = org.get("numbers").await?.expect(200)?;
    let items = numbers["items"].as_array().cloned().unwrap_or_default();
    ensure!(
        items.iter().any(|number| number["phone_number_id"] == phone_number_id),
        "expected the number {phone_number_id}, got {numbers}"
    );
    Ok(state)
}

/// Connected but silent until a message comes in.
async fn first_message(stage: &Stage, org: &Caller, connected: &Connected) -> Result<((), String)> {
    let message =
        json!({ "from": stage.indonesian(9), "to": connected.phone_number_id, "text": { "body": "Halo" } });
    stage.emulator.post("inbound", &message).await?.expect(200)?;
    let path = format!("connections/{}", connected.connection);
    let state = until(20, async || {
        let now = org.get(&path).await?.expect(200)?;
        ensure!(now["state"] == "live", "expected live, got {now}");
        text(&now["state"])
    })
    .await?;
    Ok(((), state))
}

async fn wrong_token(stage: &Stage, org: &Caller) -> Result<((), String)> {
    let pasted = json!({ "waba_id": "700000000000013", "phone_number_id": "600000000000013",
        "token": format!("EAAWRONG{}", stage.unique(3, 9)) });
    let refused = org.post("connections/manual", &pasted).await?.expect(422)?;
    let field = refused["fields"]
        .as_array()
        .and_then(|fields| fields.iter().find(|field| field["good"] == false).cloned());
    let field = field.with_context(|| format!("expected the field that cannot be used, got {refused}"))?;
    ensure!(field["field"] == "token", "expected the token to be refused, got {field}");
    let left = org.get("connections").await?.expect(200)?;
    ensure!(left["items"] == json!([]), "expected nothing to be stored, got {left}");
    Ok(((), field["problem"]["sentence"]["en"].as_str().unwrap_or_default().to_owned()))
}

/// A client whose account is there already hands over ids and a permanent token.
async fn pasted(stage: &Stage, org: &Caller) -> Result<((), String)> {
    let (portfolio, waba) = (format!("81{}", stage.unique(3, 9)), format!("71{}", stage.unique(3, 9)));
    let (number, token) = (format!("61{}", stage.unique(3, 9)), format!("EAASTORY{}", stage.unique(3, 9)));
    let phone = format!("62215{}", stage.unique(3, 6));
    let world = json!({
        "portfolios": [{ "id": portfolio, "name": "Toko Cerita", "country": "ID", "verification_status": "verified",
            "messaging_limit": "TIER_250" }],
        "accounts": [{ "id": waba, "name": "Toko Cerita", "owner_id": portfolio, "status": "ACTIVE",
            "review_status": "APPROVED", "currency": "IDR", "country": "ID", "timezone_id": "42", "funding_id": "1" }],
        "numbers": [{ "id": number, "account_id": waba, "phone": phone, "display": format!("+{phone}"),
            "verified_name": "Toko Cerita", "country_dial_code": "62" }],
    });
    stage.emulator.post("seed", &world).await?.expect(200)?;
    let made = json!({ "value": token, "app_id": META_APP, "kind": "system_user", "user_id": "122000000000099",
        "portfolio_id": portfolio, "reach": { "listed": [waba] },
        "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"] });
    stage.emulator.post("tokens", &made).await?.expect(200)?;
    let pasted = json!({ "waba_id": waba, "phone_number_id": number, "token": token });
    let report = org.post("connections/manual/check", &pasted).await?.expect(200)?;
    ensure!(report["good"] == true, "expected every value to be usable, got {report}");
    let begun = org.post("connections/manual", &pasted).await?.expect(201)?;
    let stands = connected(org, &text(&begun["connection_id"])?, &number).await?;
    Ok(((), stands))
}
