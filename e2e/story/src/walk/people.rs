//! What the documents do not say, and people: offered, taken over, handed back.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::stage::{Shop, Stage};
use crate::http::{Caller, text, until};
use crate::live::Live;
use crate::report::{Report, Stop};

/// The AI does not know, the customer takes the offer of a person, who answers and hands back.
pub async fn not_knowing_and_taking_over(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let (shop, person) = (stage.shop(1), stage.british(1));
    let offer = report.step("what the documents do not say is not made up", unknown(&shop, &person)).await?;
    let conversation =
        report.step("the customer taps on the offer of a person", tap(stage, &shop, &person, &offer)).await?;
    let quiet = report.step("the AI is silent from then on", silent(&shop, &person)).await?;
    let agent = report
        .step("an agent signs in and sees the conversation", sign_in(stage, &shop, &conversation))
        .await?;
    report.step("the agent's reply arrives", reply(&shop, &agent, &person, &conversation)).await?;
    report
        .step("handed back, the AI answers again", hand_back(&shop, &agent, &person, &conversation, quiet))
        .await
}

async fn unknown(shop: &Shop<'_>, person: &str) -> Result<(Value, String)> {
    shop.asked(person, "Do you repair bicycles on Mondays?").await?;
    let answer = shop.phone_gets(person, "Sorry", "delivered", 0).await?;
    ensure!(answer["kind"] == "interactive", "expected a button that offers a person, got {answer}");
    let sent = shop.sent_to(person).await?;
    ensure!(sent.len() == 1, "expected one answer, got {sent:?}");
    let words = text(&answer["text"])?;
    Ok((answer, words))
}

async fn tap(stage: &Stage, shop: &Shop<'_>, person: &str, offer: &Value) -> Result<(Value, String)> {
    let live = Live::open(&shop.api).await?;
    stage
        .emulator
        .post("taps", &json!({ "message": offer["id"], "choice": "sapa.person" }))
        .await?
        .expect(200)?;
    let event = live.wait(10, |event| event.kind == "conversation.handed_off").await?;
    let conversation = shop.conversation(person).await?;
    ensure!(
        event.data["conversation_id"] == conversation["id"],
        "expected {}, got {:?}",
        conversation["id"],
        event
    );
    ensure!(
        conversation["ai"]["state"] == "handed_off",
        "expected the AI to be handed_off, got {}",
        conversation["ai"]
    );
    let reason = conversation["ai"]["reason"].as_str().unwrap_or_default().to_owned();
    Ok((conversation, reason))
}

/// What the documents do say is not answered either, now that a person has been called.
async fn silent(shop: &Shop<'_>, person: &str) -> Result<(u64, String)> {
    let conversation = shop.conversation(person).await?;
    // The confirmation that a person comes has arrived when nothing more does for a while.
    let before = settled(shop, person).await?;
    let asked = shop.asked(person, "How much is a flu vaccination?").await?;
    until(10, async || shop.in_inbox(&conversation, &asked).await).await?;
    let after = settled(shop, person).await?;
    ensure!(before == after, "expected silence, but the AI spoke: {:?}", shop.sent_to(person).await?.last());
    Ok((after, String::new()))
}

/// The place of the newest message to the customer, once nothing has come for longer than the AI waits for further messages.
async fn settled(shop: &Shop<'_>, person: &str) -> Result<u64> {
    let newest = async || -> Result<u64> {
        let sent = shop.sent_to(person).await?;
        Ok(sent.iter().filter_map(|line| line["sequence"].as_u64()).max().unwrap_or(0))
    };
    let mut last = newest().await?;
    let mut quiet = 0;
    while quiet < 35 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let now = newest().await?;
        quiet = if now == last { quiet + 1 } else { 0 };
        last = now;
    }
    Ok(last)
}

/// A person at a browser: a session, not a key.
async fn sign_in(stage: &Stage, shop: &Shop<'_>, conversation: &Value) -> Result<(Caller, String)> {
    let facts = shop.facts;
    let credentials = json!({ "email": facts.agent_email, "password": facts.agent_password });
    let signed = stage.gateway.post("api/v1/session", &credentials).await?;
    let cookie = signed.cookie.clone();
    signed.expect(200)?;
    let cookie = cookie.context("expected a session cookie")?;
    let agent = stage.gateway.at(&format!("api/v1/orgs/{}", facts.org_id)).with_cookie(&cookie);
    let waiting = agent.get("conversations?ai=handed_off").await?.expect(200)?;
    let seen = waiting["items"].as_array().into_iter().flatten().any(|one| one["id"] == conversation["id"]);
    ensure!(seen, "expected the conversation among those handed off, got {waiting}");
    Ok((agent, facts.agent_email.clone()))
}

async fn reply(shop: &Shop<'_>, agent: &Caller, person: &str, conversation: &Value) -> Result<((), String)> {
    let path = format!("conversations/{}/messages", text(&conversation["id"])?);
    let body = json!({ "content": { "type": "text", "body": "Hello, this is Amira at the clinic." } });
    let accepted = agent.post(&path, &body).await?.expect(202)?;
    let arrived = shop.phone_gets(person, "Amira", "read", 0).await?;
    let message = shop.ticks(conversation, &text(&arrived["id"])?, "read").await?;
    ensure!(message["id"] == accepted["message_id"], "expected {}, got {message}", accepted["message_id"]);
    ensure!(message["author"] == "member", "expected the author member, got {}", message["author"]);
    Ok(((), String::new()))
}

async fn hand_back(
    shop: &Shop<'_>,
    agent: &Caller,
    person: &str,
    conversation: &Value,
    quiet: u64,
) -> Result<((), String)> {
    let path = format!("conversations/{}/hand-back", text(&conversation["id"])?);
    let back = agent.post(&path, &json!({})).await?.expect(200)?;
    ensure!(back["ai"]["state"] == "on", "expected the AI to be on, got {}", back["ai"]);
    shop.asked(person, "How much is a flu vaccination?").await?;
    let answer = shop.phone_gets(person, "18 pounds", "delivered", quiet).await?;
    Ok(((), text(&answer["text"])?.replace('\n', " ")))
}
