//! The table's last rows: what the first sends meet, what the member reads beside the message, and that mending the cause
//! brings it to the customer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::AtMeta::{Acts, Fails, Fault};
use crate::client::{AtMeta, Client, plain};
use crate::stage::{APP, Stage, both};

/// What a send meets, and what mends it.
struct Send {
    name: &'static str,
    laid: AtMeta,
    mended: Option<AtMeta>,
    /// The client goes through the dialog again.
    reconnect: bool,
}

fn send(name: &'static str, failure: &'static str) -> Send {
    Send { name, laid: Fails("send", failure, 0), mended: None, reconnect: false }
}

/// The message as the inbox shows it.
async fn message(client: &Client<'_>, id: &str) -> Value {
    client.org.owner.get(&format!("messages/{id}")).await.expect(200).json
}

/// Lets both sides work until the message is in one of these states, or they have had their time.
async fn until(client: &Client<'_>, id: &str, states: &[&str]) -> Value {
    for _ in 0..40 {
        client.stage.work().await;
        let found = message(client, id).await;
        if states.contains(&plain(&found["state"])) {
            return found;
        }
    }
    message(client, id).await
}

impl Send {
    async fn played(&self, stage: &Stage) -> String {
        let (mut client, dialog, run) = Client::begins(stage, json!({}), json!({})).await;
        client.goes_on(&dialog, &run).await;
        let hello =
            json!({"from": "491700000001", "to": client.number, "type": "text", "text": {"body": "👍"}});
        stage.control("inbound", hello).await;
        stage.work().await;
        // What connecting has set off is over, and the account may be looked at again.
        client.waits(Duration::from_secs(301)).await;

        client.at_meta(&self.laid).await;
        let body = json!({"to": {"phone": "+491700000001"}, "content": {"type": "text", "body": "Halo"}});
        let sent = client.org.owner.post("messages", body).await.expect(202);
        let id = sent.str("/message_id").to_owned();
        stage.work().await;
        let stopped = match self.laid {
            Fault(_) => until(&client, &id, &["failed"]).await,
            _ => message(&client, &id).await,
        };
        // What mended itself has gone out by now; its first attempt still tells what it met.
        let went_out = stopped["problem"].is_null();
        let met = if went_out { &stopped["attempts"][0] } else { &stopped };
        let problem = &met["problem"];
        for words in [&problem["title"], &problem["action"]] {
            assert!(words["en"].is_string() && words["id"].is_string(), "{}: {stopped}", self.name);
        }
        let mut page = format!(
            "{}\n    meta  {}\n    stops {}: {}; {}'s fault\n    says  {}\n    do    {}\n",
            self.name,
            self.laid,
            if went_out { "once" } else { plain(&stopped["state"]) },
            problem["meta_code"],
            plain(&problem["fault"]),
            plain(&problem["title"]["en"]),
            plain(&problem["action"]["en"]),
        );
        let account = client.account().await;
        let funding = client.step("check_funding").await;
        page += &format!(
            "    shows account {}, token {}, funding {}\n",
            plain(&account["line"]),
            plain(&account["token"]),
            plain(&funding["problem"]["trouble"])
        );

        client.nothing_fails_any_more().await;
        if let Some(what) = &self.mended {
            client.at_meta(what).await;
        }
        let mut done = self.mended.iter().map(ToString::to_string).collect::<Vec<_>>();
        if self.reconnect {
            done.push("the dialog again".to_owned());
            client.goes_through_the_dialog_again().await;
        }
        if stopped["state"] == "failed" {
            done.push("sent again by a person".to_owned());
            client.org.owner.post(&format!("messages/{id}/retry"), json!({})).await.expect(202);
        } else if went_out {
            done.push("nothing".to_owned());
        } else {
            done.push("nothing but 5 min".to_owned());
            client.waits(Duration::from_secs(301)).await;
        }
        let arrived = until(&client, &id, &["read"]).await;
        page += &format!("    then  {}: {}\n", done.join(", "), plain(&arrived["state"]));
        assert!(
            ["sent", "delivered", "read"].contains(&plain(&arrived["state"])),
            "{}: {arrived}",
            self.name
        );
        client.rests().await;
        page
    }
}

#[tokio::test]
async fn first_sends() {
    let unfunded = json!({"edge": "messages", "method": "POST", "effect": {"failed_status":
        {"code": 131_042, "title": "Business eligibility payment issue"}}});
    let pay = || Some(Acts("add_payment", json!({"waba_id": "$waba"})));
    let lines = [
        Send { mended: pay(), ..send("12 unfunded, at once (19)", "unfunded") },
        Send {
            laid: Fault(unfunded),
            mended: pay(),
            ..send("12 unfunded, by a failed status (19)", "unfunded")
        },
        send("14 without the right to send (12)", "send_permission"),
        send("14 not registered (18)", "not_registered"),
        send("11 display name needed (131037)", "display_name"),
        send("14 test number, not on its list (131030)", "not_allowed_recipient"),
        send("account locked (131031)", "locked"),
        send("blocked for policy (368)", "blocked_by_policy"),
        Send {
            // Our system user fetches a new one, and nobody has to do anything.
            laid: Acts("expire_token", json!({"waba_id": "$waba", "app_id": APP})),
            ..send("token past its end (7)", "token_expired")
        },
        Send {
            laid: Acts("remove_app", json!({"waba_id": "$waba", "app_id": APP, "silent": true})),
            reconnect: true,
            ..send("app removed by the client (8)", "app_removed")
        },
    ];
    both(async |stage| {
        let mut page = String::new();
        for line in &lines {
            page += &line.played(stage).await;
        }
        insta::assert_snapshot!("first_sends", page);
    })
    .await;
}
