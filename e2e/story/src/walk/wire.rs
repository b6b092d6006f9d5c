//! What protects the wire: requests made twice, webhooks that Meta did not sign.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;

use super::stage::Stage;
use crate::http::text;
use crate::report::{Report, Stop};

/// The same request with the same key is made once and answered twice.
pub async fn same_request_twice(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let (shop, person) = (stage.shop(0), stage.indonesian(2));
    report
        .step("a request sent twice is made once", async {
            shop.asked(&person, "Apakah kopinya halal?").await?;
            shop.phone_gets(&person, "halal", "delivered", 0).await?;
            let words = format!("Hanya sekali {}", stage.unique(2, 9));
            let body = json!({ "to": { "phone": format!("+{person}") }, "content": { "type": "text", "body": words } });
            let mut ids = Vec::new();
            for _ in 0..2 {
                let request = shop.api.request(Method::POST, "messages").header("Idempotency-Key", &words).json(&body);
                ids.push(text(&shop.api.send(request).await?.expect(202)?["message_id"])?);
            }
            ensure!(ids[0] == ids[1], "expected the same answer twice, got {ids:?}");
            shop.phone_gets(&person, &words, "read", 0).await?;
            let times = shop.sent_to(&person).await?.iter().filter(|line| line["text"] == words).count();
            ensure!(times == 1, "expected one message, got {times}");
            let other = json!({ "to": { "phone": format!("+{person}") }, "content": { "type": "text", "body": "Lain" } });
            let request = shop.api.request(Method::POST, "messages").header("Idempotency-Key", &words).json(&other);
            let problem = shop.api.send(request).await?;
            ensure!(problem.status == 422 || problem.status == 409, "expected another body to be refused, got {} {}", problem.status, problem.text);
            Ok(((), ids[0].clone()))
        })
        .await
}

/// Only what Meta signed is taken, and the handshake knows its token.
pub async fn signatures(stage: &Stage, report: &mut Report) -> Result<(), Stop> {
    let gateway = &stage.gateway;
    report
        .step("a webhook with a wrong signature is 401, empty", async {
            let body = r#"{"object":"whatsapp_business_account","entry":[]}"#;
            for signature in [Some(format!("sha256={}", "0".repeat(64))), Some("nonsense".to_owned()), None] {
                let mut request = gateway
                    .request(Method::POST, "webhooks/meta")
                    .header("Content-Type", "application/json")
                    .body(body);
                if let Some(signature) = signature {
                    request = request.header("X-Hub-Signature-256", signature);
                }
                let answer = gateway.send(request).await?;
                ensure!(
                    answer.status == 401 && answer.text.is_empty(),
                    "expected 401 and nothing, got {} {:?}",
                    answer.status,
                    answer.text
                );
            }
            Ok(((), String::new()))
        })
        .await?;
    report
        .step("the webhook's handshake echoes the challenge", async {
            let ask = async |token: &str| {
                let path = format!(
                    "webhooks/meta?hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1158201444"
                );
                gateway.get(&path).await
            };
            let known = ask(&stage.facts.verify_token).await?;
            ensure!(
                known.status == 200 && known.text == "1158201444",
                "expected the challenge, got {} {:?}",
                known.status,
                known.text
            );
            let wrong = ask("wrong").await?;
            ensure!(wrong.status == 403, "expected 403 for a wrong token, got {}", wrong.status);
            Ok(((), String::new()))
        })
        .await
}
