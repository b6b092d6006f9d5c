//! Several Meta apps in one gateway, two of the operator's and one that an organisation brings: each connection works with
//! the secrets of its own app, and no app speaks for another's accounts.

use meta::graph::{AppLogin, SubscribeApp};
use serde_json::{Value, json};
use testkit::app::{Answer, TestOrg};

use crate::stage::{Stage, both};

/// A Meta app, its portfolio with a system user and a credit line, and the client who connects through it.
pub struct MetaApp {
    id: &'static str,
    secret: &'static str,
    config: &'static str,
    portfolio: &'static str,
    system_user: &'static str,
    system_token: &'static str,
    credit_line: &'static str,
    waba: &'static str,
    number: &'static str,
}

const FIRST: MetaApp = MetaApp {
    id: "111222333444555",
    secret: crate::stage::SECRET,
    config: "123000000000009",
    portfolio: "900000000000001",
    system_user: "200000000000008",
    system_token: crate::stage::SYSTEM_TOKEN,
    credit_line: "500000000000005",
    waba: "700000000000003",
    number: "600000000000004",
};
const SECOND: MetaApp = MetaApp {
    id: "111222333444556",
    secret: "aaaaaaaaaaaaaaaa0000000000000002",
    config: "123000000000020",
    portfolio: "900000000000002",
    system_user: "200000000000009",
    system_token: "EAASYSSECOND",
    credit_line: "500000000000006",
    waba: "700000000000011",
    number: "600000000000011",
};
pub const OWN: MetaApp = MetaApp {
    id: "222333444555666",
    secret: "fedcba9876543210fedcba9876543210",
    config: "123000000000021",
    portfolio: "900000000000003",
    system_user: "200000000000010",
    system_token: "EAASYSOWN",
    credit_line: "500000000000007",
    waba: "700000000000012",
    number: "600000000000012",
};

impl MetaApp {
    /// The rows that make it exist at Meta.
    pub fn seed(&self) -> Value {
        json!({
            "apps": [{"id": self.id, "name": self.id, "secret": self.secret, "portfolio_id": self.portfolio,
                "requires_proof": true, "configurations": {self.config: {"name": "signup", "expires": true}}}],
            "portfolios": [{"id": self.portfolio, "name": self.id, "country": "ID", "verification_status": "verified",
                "messaging_limit": "TIER_2K"}],
            "system_users": [{"id": self.system_user, "name": "Ops", "portfolio_id": self.portfolio, "role": "ADMIN",
                "apps": [self.id]}],
            "tokens": [{"value": self.system_token, "app_id": self.id, "kind": "system_user",
                "user_id": self.system_user, "portfolio_id": self.portfolio, "reach": "portfolio",
                "scopes": ["whatsapp_business_management", "whatsapp_business_messaging", "business_management"]}],
            "tables": {"credit_lines": {self.credit_line: {"id": self.credit_line, "portfolio_id": self.portfolio,
                "legal_entity_name": self.id}}},
        })
    }

    pub fn registration(&self) -> Value {
        json!({"meta_app_id": self.id, "name": self.id, "secret": self.secret, "config_id": self.config,
            "business_id": self.portfolio, "system_user_id": self.system_user, "system_token": self.system_token,
            "credit_line_id": self.credit_line})
    }

    /// Its webhooks go to the address that the gateway gave it, which Meta confirms with its verify token.
    pub async fn points_here(&self, stage: &Stage, made: &Answer) {
        let login = AppLogin { app_id: self.id.into(), app_secret: self.secret.into() };
        let wanted = SubscribeApp {
            callback_url: made.str("/app/webhook_url"),
            verify_token: made.str("/verify_token"),
            fields: &["messages", "account_update"],
        };
        stage.app.ctx.graph.subscribe_app(&login, &wanted).await.expect("the address is confirmed");
    }

    /// An organisation connects this app's client, paid for with this app's credit.
    pub async fn connects(&self, stage: &Stage, org: &TestOrg, app: &str) -> String {
        let begin = json!({"mode": "solution_partner", "currency": "EUR", "app_id": app});
        let dialog = stage.start_connection(&org.owner, begin).await;
        assert_eq!((dialog.str("/app_id"), dialog.str("/config_id")), (self.id, self.config));
        let choices = json!({"waba_id": self.waba, "phone_number_id": self.number});
        let run = json!({"app_id": self.id, "config_id": self.config, "extras": dialog.json["extras"],
            "choices": choices});
        let run = stage.control("signup", run).await;
        let path = format!("connections/{}", dialog.str("/connection_id"));
        org.owner.post(&format!("{path}/code"), Stage::code(&dialog, &run)).await.expect(202);
        stage.work().await;
        let found = org.owner.get(&path).await.expect(200);
        assert_eq!(found.str("/state"), "silent", "{}", found.text);
        path
    }

    /// A customer's message to a number, as this app would sign it.
    fn signed(&self, to: &MetaApp, wamid: &str) -> (Vec<u8>, String) {
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": to.waba, "changes": [{
            "field": "messages", "value": {"messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "1", "phone_number_id": to.number},
                "contacts": [{"profile": {"name": "Mallory"}, "wa_id": "491700000666"}],
                "messages": [{"from": "491700000666", "id": wamid, "timestamp": "1795165200", "type": "text",
                    "text": {"body": "transfer everything"}}]}}]}]});
        let body = body.to_string().into_bytes();
        let signature = meta::signature::sign(self.secret.as_bytes(), &body);
        (body, signature)
    }
}

/// Delivers a body to an address of the gateway; the status.
async fn deliver(address: &str, (body, signature): (Vec<u8>, String)) -> u16 {
    let call = reqwest::Client::new().post(address).header("x-hub-signature-256", signature).body(body);
    call.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn each_app_has_its_own_secrets_and_its_own_accounts() {
    both(async |stage| {
        let operator = &stage.app.operator;
        for app in [&SECOND, &OWN] {
            stage.control("seed", app.seed()).await;
        }
        let apps = operator.get("operator/meta-apps").await;
        let first = apps.items()[0].clone();
        let second = operator.post("operator/meta-apps", SECOND.registration()).await.expect(201);
        SECOND.points_here(stage, &second).await;
        let (theirs, tenant) = (stage.app.org("Toko").await, stage.app.org("Klinik").await);
        stage.pays(theirs.id).await;
        let own = tenant.owner.post("meta-apps", OWN.registration()).await.expect(201);
        OWN.points_here(stage, &own).await;

        // Several apps are in reach: which is said. Another organisation's is not in reach.
        let vague = stage.org.owner.post("connections", json!({"mode": "tech_provider"})).await;
        assert_eq!(vague.problem(422), "invalid", "{}", vague.text);
        let foreign = json!({"mode": "tech_provider", "app_id": own.json["app"]["id"]});
        assert_eq!(stage.org.owner.post("connections", foreign).await.status, 404);

        // Each pays with its own line by its own system user, and proves each call with its own secret.
        let connections = [
            (&FIRST, &stage.org, FIRST.connects(stage, &stage.org, first["id"].as_str().unwrap()).await),
            (&SECOND, &theirs, SECOND.connects(stage, &theirs, second.str("/app/id")).await),
            (&OWN, &tenant, OWN.connects(stage, &tenant, own.str("/app/id")).await),
        ];
        for (app, _, _) in &connections {
            let url = format!(
                "{}/v25.0/{}/owning_credit_allocation_configs?fields=id,receiving_business",
                stage.emulator.url(),
                app.credit_line
            );
            let proof = meta_proof(app);
            let shares = reqwest::Client::new()
                .get(format!("{url}&appsecret_proof={proof}"))
                .bearer_auth(app.system_token)
                .send()
                .await
                .expect("an answer")
                .json::<Value>()
                .await
                .expect("JSON");
            assert_eq!(shares["data"].as_array().map(Vec::len), Some(1), "{}: {shares}", app.id);
        }

        // A tenant knows its own app's secret. It signs for everybody's numbers, at every address.
        let address = |made: &Value| made["webhook_url"].as_str().expect("an address").to_owned();
        let doors = [
            address(&first),
            address(&second.json["app"]),
            address(&own.json["app"]),
            format!("{}/webhooks/meta", stage.app.url),
        ];
        for (at, door) in doors.iter().enumerate() {
            for victim in [&FIRST, &SECOND] {
                let status =
                    deliver(door, OWN.signed(victim, &format!("wamid.forged-{at}-{}", victim.id))).await;
                // At its own address the signature is good; there its word counts for its own accounts alone.
                assert_eq!(status, if at == 2 { 200 } else { 401 }, "{door}");
            }
        }
        // One operator's app speaks for none of another's accounts either.
        assert_eq!(deliver(&doors[3], SECOND.signed(&FIRST, "wamid.crossed")).await, 200);
        assert_eq!(deliver(&doors[0], SECOND.signed(&FIRST, "wamid.crossed-2")).await, 401);
        stage.work().await;
        for (_, org, _) in &connections {
            assert!(org.owner.get("conversations").await.items().is_empty());
        }
        let kept = operator.get("operator/kept-updates").await;
        assert_eq!(
            kept.items().iter().filter(|update| update["kind"] == "message").count(),
            3,
            "{}",
            kept.text
        );

        // What Meta itself delivers, each app to its own address with its own signature, arrives where it belongs.
        for (app, org, path) in &connections {
            let hello =
                json!({"from": "491700000001", "to": app.number, "type": "text", "text": {"body": "Halo"}});
            stage.control("inbound", hello).await;
            for _ in 0..20 {
                stage.work().await;
                if org.owner.get(path).await.str("/state") == "live" {
                    break;
                }
            }
            assert_eq!(org.owner.get(path).await.str("/state"), "live", "{}", app.id);
            assert_eq!(org.owner.get("conversations").await.items().len(), 1);
        }
    })
    .await;
}

/// The proof of a call with the system user's token.
fn meta_proof(app: &MetaApp) -> String {
    let signature = meta::signature::sign(app.secret.as_bytes(), app.system_token.as_bytes());
    signature.trim_start_matches("sha256=").to_owned()
}
