//! What the customer wants: STOP, and no template to somebody who never agreed.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::stage::{Shop, Stage};
use crate::http::{text, until};
use crate::report::{Report, Stop};

/// After STOP nothing business-initiated is sent, and the AI is silent.
pub async fn stop_ends_it(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let (shop, person) = (stage.shop(1), stage.british(2));
    report.step("STOP is confirmed once", stop(&shop, &person)).await?;
    report.step("after STOP the AI does not answer", unanswered(&shop, &person)).await?;
    report.step("after STOP a template is refused", refused(&shop, &person, "opted_out")).await
}

async fn stop(shop: &Shop<'_>, person: &str) -> Result<((), String)> {
    shop.asked(person, "STOP").await?;
    let answer = shop.phone_gets(person, "START", "delivered", 0).await?;
    Ok(((), text(&answer["text"])?))
}

async fn unanswered(shop: &Shop<'_>, person: &str) -> Result<((), String)> {
    let conversation = shop.conversation(person).await?;
    let asked = shop.asked(person, "When is the clinic open on Saturday?").await?;
    until(10, async || shop.in_inbox(&conversation, &asked).await).await?;
    // The AI waits two seconds for further messages before it answers.
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    let sent = shop.sent_to(person).await?;
    ensure!(sent.len() == 1, "expected the confirmation alone, got {sent:?}");
    Ok(((), String::new()))
}

/// Nobody who never wrote and never agreed gets a template.
pub async fn no_template_without_consent(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let (shop, person) = (stage.shop(1), stage.british(3));
    report.step("a template without consent is refused", refused(&shop, &person, "no_opt_in")).await
}

/// A template is refused with this reason; nothing arrives.
async fn refused(shop: &Shop<'_>, person: &str, reason: &str) -> Result<((), String)> {
    let template = json!({ "type": "template", "name": "hello_world", "language": "en_US" });
    let body = json!({ "to": { "phone": format!("+{person}") }, "content": template });
    let problem: Value = shop.api.post("messages", &body).await?.expect(422)?;
    ensure!(problem["code"] == reason, "expected the code {reason}, got {problem}");
    Ok(((), text(&problem["detail"])?))
}
