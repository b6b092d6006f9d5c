//! What the customer wants: STOP, and no template to somebody who never agreed.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
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

/// Whoever never agreed is asked by e-mail; the message waits, and follows their yes.
pub async fn asked_by_mail(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let (shop, person) = (stage.shop(1), stage.british(4));
    let address = format!("person-{person}@example.com");
    report
        .step("a template for somebody who never agreed waits", waits(stage, &shop, &person, &address))
        .await?;
    let link = report.step("they are asked by e-mail", asked_at(stage, &address)).await?;
    report.step("opening the link agrees to nothing", only_opened(stage, &shop, &person, &link)).await?;
    report.step("their yes lets the message go", agreed(stage, &shop, &person, &link)).await
}

async fn waits(stage: &Stage, shop: &Shop<'_>, person: &str, address: &str) -> Result<((), String)> {
    stage.emulator.post("people", &json!({ "phone": person, "name": "Priya" })).await?.ok()?;
    let contact = json!({ "phone": format!("+{person}"), "email": address });
    shop.api.post("contacts", &contact).await?.ok()?;
    let template = json!({ "type": "template", "name": "hello_world", "language": "en_US" });
    let body = json!({ "to": { "phone": format!("+{person}") }, "content": template,
        "fallback": [{ "channel": "email", "minutes": 60 }, { "channel": "sms", "minutes": 60 }] });
    let accepted = shop.api.post("messages", &body).await?.expect(202)?;
    let path = format!("reaches?message={}", text(&accepted["message_id"])?);
    let sent = until(15, async || {
        let sent = shop.api.get(&path).await?.expect(200)?["items"][0].clone();
        ensure!(sent["state"] == "sent", "expected it to be sent by e-mail, got {sent}");
        Ok(sent)
    })
    .await?;
    Ok(((), format!("{} to {}", text(&sent["channel"])?, text(&sent["address"])?)))
}

/// The link in the letter, as a path of the gateway.
async fn asked_at(stage: &Stage, address: &str) -> Result<(String, String)> {
    let arrived = stage.post.get(&format!("_carrier/arrived?to={address}")).await?.expect(200)?;
    let (subject, letter) = (text(&arrived[0]["subject"])?, text(&arrived[0]["text"])?);
    let base = format!("{}/", stage.facts.gateway_url);
    let link = letter.split_whitespace().find_map(|word| word.strip_prefix(&base)).map(str::to_owned);
    Ok((link.with_context(|| format!("expected a link in {letter:?}"))?, subject))
}

async fn only_opened(stage: &Stage, shop: &Shop<'_>, person: &str, link: &str) -> Result<((), String)> {
    for _ in 0..2 {
        let page = stage.gateway.get(link).await?;
        ensure!(
            page.status == 200 && page.text.contains("<form"),
            "expected a page with a button, got {page:?}"
        );
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let sent = shop.sent_to(person).await?;
    ensure!(sent.is_empty(), "expected nothing on the phone, got {sent:?}");
    Ok(((), String::new()))
}

async fn agreed(stage: &Stage, shop: &Shop<'_>, person: &str, link: &str) -> Result<((), String)> {
    let page = stage.gateway.post(link, &json!({})).await?;
    ensure!(page.status == 200 && page.text.contains("Thank you"), "expected thanks, got {page:?}");
    let arrived = shop.phone_gets(person, "Welcome", "delivered", 0).await?;
    Ok(((), text(&arrived["text"])?))
}

/// A template is refused with this reason; nothing arrives.
async fn refused(shop: &Shop<'_>, person: &str, reason: &str) -> Result<((), String)> {
    let template = json!({ "type": "template", "name": "hello_world", "language": "en_US" });
    let body = json!({ "to": { "phone": format!("+{person}") }, "content": template });
    let problem: Value = shop.api.post("messages", &body).await?.expect(422)?;
    ensure!(problem["code"] == reason, "expected the code {reason}, got {problem}");
    Ok(((), text(&problem["detail"])?))
}
