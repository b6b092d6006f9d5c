//! Our client walks the golden exchanges of onboarding against the emulator, and each of the twenty failures
//! ends in a sentence and an action.

#[path = "../../emulator/tests/support/mod.rs"]
mod support;

use meta::errors::{self, Class, Doing, Fault, Language};
use meta::graph::{
    Access, AppLogin, Graph, GraphConfig, GraphError, ProfileChange, Sendable, SyncType, TokenProblem,
    TokenWarning, Whom, judge_token,
};
use meta::send::{Content, Language as TemplateLanguage, Message, Recipient, Template};
use meta::{signature, webhook};
use rules::outcome::Outcome;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use support::{ACCOUNT, APP, Endpoint, NUMBER, PORTFOLIO, SECRET, Stage, TOKEN};
use url::Url;

/// 2026-11-20T00:53:20Z.
const BEGIN: i64 = 1_795_136_000;
const OURS: &str = "900000000000001";
const SYSTEM_USER: &str = "200000000000008";
const SYSTEM_TOKEN: &str = "EAASYSFAKE";
const CREDIT_LINE: &str = "500000000000005";
const FUNDING: &str = "510000000000001";
const PIN: &str = "581063";

struct Walk {
    stage: Stage,
    graph: Graph,
    app: AppLogin,
    business: SecretString,
    system: SecretString,
}

impl Walk {
    /// The world before a signup: a funded-to-be account with one verified, unregistered number.
    async fn begin() -> Self {
        let stage = Stage::new().await;
        let callback = stage.endpoint.url();
        let scopes =
            json!(["whatsapp_business_management", "whatsapp_business_messaging", "business_management"]);
        let seed = json!({
            "empty": true,
            "clock": BEGIN * 1000,
            "apps": [{"id": APP, "name": "Acme Platform", "secret": SECRET, "portfolio_id": OURS,
                "callback_url": callback, "verify_token": "vt-app", "fields": ["messages", "account_update"]}],
            "portfolios": [{"id": OURS, "name": "Acme Platform Ltd"}, {"id": PORTFOLIO, "name": "Acme GmbH", "verification_status": "verified"}],
            "system_users": [{"id": SYSTEM_USER, "name": "Ops", "portfolio_id": OURS, "role": "ADMIN", "apps": [APP]}],
            "accounts": [{"id": ACCOUNT, "name": "Acme", "owner_id": PORTFOLIO, "status": "ACTIVE",
                "review_status": "APPROVED", "currency": "EUR", "country": "DE", "timezone_id": "42",
                "partners": [OURS]}],
            "numbers": [{"id": NUMBER, "account_id": ACCOUNT, "phone": "49301234567", "display": "+49 30 1234567",
                "verified_name": "Acme", "name_status": "AVAILABLE_WITHOUT_REVIEW", "country_dial_code": "49"}],
            "tokens": [
                {"value": TOKEN, "app_id": APP, "kind": "business", "user_id": "122000000000001",
                 "portfolio_id": PORTFOLIO, "reach": {"listed": [ACCOUNT]}, "scopes": scopes,
                 "expires_at": (BEGIN + 5_183_944) * 1000},
                {"value": SYSTEM_TOKEN, "app_id": APP, "kind": "system_user", "user_id": SYSTEM_USER,
                 "portfolio_id": OURS, "reach": "portfolio", "scopes": scopes}],
            "people": [{"id": "u1", "phone": "491700000001", "name": "Anna Beispiel", "country": "DE",
                "bsuids": {PORTFOLIO: "DE.10000000000000000001"}}],
            "templates": [{"id": "1", "account_id": ACCOUNT, "name": "hello_world", "language": "en_US",
                "status": "APPROVED", "category": "UTILITY", "components": [{"type": "BODY", "text": "Hello World"}]}],
            "tables": {"codes": {"AQBFAKE1": {"app_id": APP, "token": TOKEN, "made_at": BEGIN * 1000}},
                       "credit_lines": {CREDIT_LINE: {"id": CREDIT_LINE, "portfolio_id": OURS,
                                                      "legal_entity_name": "Acme Platform Ltd"}}},
        });
        stage.control("POST", "/seed", seed).await;
        let graph = Graph::new(GraphConfig::new(Url::parse(stage.running.url()).unwrap(), "v25.0")).unwrap();
        let app = AppLogin { app_id: APP.into(), app_secret: SecretString::from(SECRET) };
        let (business, system) = (SecretString::from(TOKEN), SecretString::from(SYSTEM_TOKEN));
        Self { stage, graph, app, business, system }
    }

    fn business(&self) -> Access<'_> {
        Access::proven(&self.business, &self.app.app_secret)
    }

    fn system(&self) -> Access<'_> {
        Access::proven(&self.system, &self.app.app_secret)
    }

    async fn setting(&self, settings: Value) {
        self.stage.control("PATCH", "/settings", settings).await;
    }

    async fn action(&self, action: Value) {
        self.stage.control("POST", "/client-actions", action).await;
    }

    async fn exchange(&self, code: &str) -> Result<SecretString, GraphError> {
        let token = self.graph.exchange_code(&self.app, &SecretString::from(code), None).await?;
        assert_eq!(token.expires_in, Some(5_183_944));
        Ok(token.token)
    }

    async fn inspect(&self, claimed: Option<&str>) -> Result<meta::graph::Granted, TokenProblem> {
        let token = self.app.token();
        let facts = self.graph.inspect_token(&Access::token(&token), &self.business).await.unwrap();
        judge_token(&facts, APP, BEGIN, claimed)
    }

    /// Exchange to registration, as a Tech Provider does it.
    async fn onboard(&self) {
        let (graph, business) = (&self.graph, &self.business());
        assert_eq!(self.exchange("AQBFAKE1").await.unwrap().expose_secret(), TOKEN);
        self.inspect(Some(ACCOUNT)).await.unwrap();
        graph.subscribe(business, ACCOUNT).await.unwrap();
        graph.register(business, NUMBER, PIN, None).await.unwrap();
    }

    async fn hello_world(&self) -> Result<meta::graph::Sent, GraphError> {
        let language = TemplateLanguage { code: "en_US".into() };
        let template = Template { name: "hello_world".into(), language, components: vec![] };
        let message = Message::new(Recipient::Phone("491700000001".into()), Content::Template(template));
        self.graph.send(&self.business(), NUMBER, &message).await
    }
}

/// Code and finer code of a refusal.
fn codes<T: std::fmt::Debug>(result: Result<T, GraphError>) -> (i64, Option<i64>) {
    let error = result.unwrap_err();
    let refusal = error.refusal().unwrap_or_else(|| panic!("{error}"));
    (refusal.code, refusal.subcode)
}

#[tokio::test]
async fn tech_provider() {
    let walk = Walk::begin().await;
    let (graph, business) = (&walk.graph, &walk.business());
    walk.setting(json!({"token_shape": "B"})).await;
    assert_eq!(walk.exchange("AQBFAKE1").await.unwrap().expose_secret(), TOKEN);
    let granted = walk.inspect(Some(ACCOUNT)).await.unwrap();
    assert_eq!((granted.accounts, granted.warnings), (vec![], Vec::<TokenWarning>::new()));
    let me = graph.me(business).await.unwrap();
    assert_eq!((me.id.as_str(), me.client_business_id.as_deref()), ("122000000000001", Some(PORTFOLIO)));
    let numbers = graph.phone_numbers(business, ACCOUNT).await.unwrap();
    let number = &numbers[0];
    assert_eq!((numbers.len(), number.id.as_str(), number.digits().as_str()), (1, NUMBER, "49301234567"));
    assert_eq!(number.code_verification.as_deref(), Some("VERIFIED"));
    assert!(!number.is_connected());
    let account = graph.waba(business, ACCOUNT).await.unwrap();
    assert_eq!(account.owner_business_id.as_deref(), Some(PORTFOLIO));
    assert_eq!((account.currency.as_deref(), account.funding_id), (Some("EUR"), None));

    graph.subscribe(business, ACCOUNT).await.unwrap();
    assert_eq!(graph.subscribed_apps(business, ACCOUNT).await.unwrap()[0].app_id, APP);
    graph.register(business, NUMBER, PIN, None).await.unwrap();
    assert!(graph.phone_number(business, NUMBER).await.unwrap().is_connected());

    let health = graph.health(business, NUMBER).await.unwrap();
    assert_eq!(health.worst(), Sendable::Blocked);
    assert!(health.problems().any(|problem| problem.code == 141_006));
    walk.action(json!({"action": "add_payment", "waba_id": ACCOUNT, "funding_id": FUNDING})).await;
    assert_eq!(graph.waba(business, ACCOUNT).await.unwrap().funding_id.as_deref(), Some(FUNDING));
    assert_eq!(graph.health(business, NUMBER).await.unwrap().worst(), Sendable::Available);

    let templates = graph.templates(business, ACCOUNT).await.unwrap();
    assert_eq!(
        (templates[0].name.as_str(), templates[0].status.as_deref()),
        ("hello_world", Some("APPROVED"))
    );
    let sent = walk.hello_world().await.unwrap();
    assert_eq!((sent.wa_id.as_deref(), sent.status.as_deref()), (Some("491700000001"), Some("accepted")));
    let hook = walk.stage.endpoint.next().await;
    assert_eq!(signature::verify([SECRET], Some(hook.signature.as_bytes()), &hook.raw), Ok(0));
    let updates = webhook::split(&hook.raw).unwrap();
    assert_eq!(updates[0].message_id.as_deref(), Some(sent.message_id.as_str()));

    let subscriptions = graph.app_subscriptions(&walk.app).await.unwrap();
    assert!(subscriptions[0].active && subscriptions[0].fields.contains(&"messages".to_owned()));
}

#[tokio::test]
async fn every_shape_of_an_inspected_token() {
    let walk = Walk::begin().await;
    for (shape, listed) in [("A", true), ("B", false), ("C", true)] {
        walk.setting(json!({"token_shape": shape})).await;
        let granted = walk.inspect(Some(ACCOUNT)).await.unwrap();
        assert_eq!(granted.accounts, if listed { vec![ACCOUNT.to_owned()] } else { vec![] }, "{shape}");
        let forged = walk.inspect(Some("700000000000777")).await;
        assert_eq!(forged.is_err(), listed, "{shape}");
        // What the list cannot refuse, the read with this token does.
        let read = walk.graph.phone_numbers(&walk.business(), "700000000000777").await;
        assert_eq!(codes(read), (100, Some(33)));
    }
}

#[tokio::test]
async fn solution_partner() {
    let walk = Walk::begin().await;
    let (graph, system) = (&walk.graph, &walk.system());
    walk.onboard().await;
    graph.assign_user(system, ACCOUNT, SYSTEM_USER, &["MANAGE"]).await.unwrap();
    let users = graph.assigned_users(system, ACCOUNT, OURS).await.unwrap();
    assert_eq!(
        (users[0].id.as_str(), users[0].tasks.as_slice()),
        (SYSTEM_USER, ["MANAGE".to_owned()].as_slice())
    );
    let line = graph.credit_lines(system, OURS).await.unwrap().remove(0);
    assert_eq!(line.id, CREDIT_LINE);
    let attached = graph.share_and_attach_credit(system, &line.id, ACCOUNT, "EUR").await.unwrap();
    let allocation = graph.allocation(system, &attached.allocation_id).await.unwrap();
    let account = graph.waba(&walk.business(), ACCOUNT).await.unwrap();
    assert!(account.funding_id.is_some());
    assert_eq!(allocation.receiving_credential, account.funding_id);
    walk.hello_world().await.unwrap();

    let allocations = graph.allocations_of(system, CREDIT_LINE, PORTFOLIO).await.unwrap();
    assert_eq!(allocations[0].id, attached.allocation_id);
    assert_eq!(allocations[0].receiving_business.as_deref(), Some(PORTFOLIO));
    graph.revoke_credit(system, &attached.allocation_id).await.unwrap();
    let gone = graph.allocation(system, &attached.allocation_id).await.unwrap();
    assert_eq!(gone.request_status.as_deref(), Some("DELETED"));
    graph.unsubscribe(&walk.business(), ACCOUNT).await.unwrap();
    assert_eq!(graph.subscribed_apps(&walk.business(), ACCOUNT).await.unwrap(), []);
    graph.unassign_user(system, ACCOUNT, SYSTEM_USER).await.unwrap();
}

#[tokio::test]
async fn solution_partner_by_the_announced_method() {
    let walk = Walk::begin().await;
    let (graph, system) = (&walk.graph, &walk.system());
    graph.assign_user(system, ACCOUNT, SYSTEM_USER, &["MANAGE"]).await.unwrap();
    let shared = graph.share_credit(system, CREDIT_LINE, PORTFOLIO).await.unwrap();
    let attached = graph.attach_credit(&walk.business(), CREDIT_LINE, ACCOUNT, "EUR").await.unwrap();
    assert_eq!((shared.allocation_id, Some(ACCOUNT)), (attached.allocation_id, attached.waba_id.as_deref()));
}

#[tokio::test]
async fn coexistence_asks_for_contacts_and_history_once() {
    let walk = Walk::begin().await;
    walk.onboard().await;
    let seed = json!({"numbers": [{"id": NUMBER, "account_id": ACCOUNT, "phone": "49301234567",
        "display": "+49 30 1234567", "status": "CONNECTED", "platform_type": "CLOUD_API", "on_business_app": true,
        "onboarded_at": BEGIN * 1000}]});
    walk.stage.control("POST", "/seed", seed).await;
    let (graph, business) = (&walk.graph, &walk.business());
    assert_eq!(graph.phone_number(business, NUMBER).await.unwrap().is_on_business_app, Some(true));
    assert!(graph.sync_business_app(business, NUMBER, SyncType::Contacts).await.unwrap().is_some());
    assert!(graph.sync_business_app(business, NUMBER, SyncType::History).await.unwrap().is_some());
    let again = graph.sync_business_app(business, NUMBER, SyncType::History).await;
    assert_eq!(codes(again), (2_593_107, None));
}

#[tokio::test]
async fn by_hand_with_the_clients_own_app() {
    const OTHER_APP: &str = "222333444555666";
    const OTHER_SECRET: &str = "fedcba9876543210fedcba9876543210";
    let walk = Walk::begin().await;
    let (hooks, own) = (Endpoint::start().await, Endpoint::start().await);
    let scopes = json!(["whatsapp_business_management", "whatsapp_business_messaging", "public_profile"]);
    let seed = json!({
        "apps": [{"id": OTHER_APP, "name": "Acme own app", "secret": OTHER_SECRET, "portfolio_id": PORTFOLIO,
                  "callback_url": own.url(), "verify_token": "vt-own", "fields": ["messages"]}],
        "tokens": [{"value": "EAAMANFAKE", "app_id": OTHER_APP, "kind": "system_user", "user_id": "122000000000077",
                    "portfolio_id": PORTFOLIO, "reach": "portfolio", "scopes": scopes}]});
    walk.stage.control("POST", "/seed", seed).await;
    let token = SecretString::from("EAAMANFAKE");
    let manual = &Access::token(&token);
    let graph = &walk.graph;
    assert_eq!(graph.me(manual).await.unwrap().id, "122000000000077");
    let ours = walk.app.token();
    assert_eq!(codes(graph.inspect_token(&Access::token(&ours), &token).await), (100, None));
    let facts = graph.inspect_token(manual, &token).await.unwrap();
    let granted = judge_token(&facts, OTHER_APP, BEGIN, Some(ACCOUNT)).unwrap();
    assert_eq!((granted.accounts, granted.warnings), (vec![], vec![]));
    assert_eq!(graph.waba(manual, ACCOUNT).await.unwrap().review.as_deref(), Some("APPROVED"));
    assert_eq!(graph.phone_numbers(manual, ACCOUNT).await.unwrap().len(), 1);
    assert_eq!(graph.subscribed_apps(manual, ACCOUNT).await.unwrap(), []);

    let callback = hooks.url();
    let early = graph.override_callback(manual, ACCOUNT, &callback, "vt-acme-1").await;
    assert_eq!(codes(early), (100, None));
    graph.subscribe(manual, ACCOUNT).await.unwrap();
    // This endpoint knows no handshake.
    let refused = graph.override_callback(manual, ACCOUNT, &callback, "vt-acme-1").await;
    assert_eq!(codes(refused), (2200, None));
    let apps = graph.subscribed_apps(manual, ACCOUNT).await.unwrap();
    assert_eq!((apps[0].app_id.as_str(), &apps[0].override_callback_uri), (OTHER_APP, &None));
}

#[tokio::test]
async fn a_pin_from_a_former_provider() {
    let walk = Walk::begin().await;
    walk.action(json!({"action": "set_pin", "phone_number_id": NUMBER, "pin": "999999"})).await;
    let (graph, business) = (&walk.graph, &walk.business());
    assert_eq!(codes(graph.register(business, NUMBER, PIN, None).await), (133_005, None));
    graph.set_pin(business, NUMBER, PIN).await.unwrap();
    graph.register(business, NUMBER, PIN, None).await.unwrap();
}

#[tokio::test]
async fn a_number_that_must_be_confirmed_first() {
    let walk = Walk::begin().await;
    walk.action(json!({"action": "verification", "phone_number_id": NUMBER, "status": "NOT_VERIFIED"})).await;
    let (graph, business) = (&walk.graph, &walk.business());
    assert_eq!(codes(graph.register(business, NUMBER, PIN, None).await), (133_006, None));
    graph.request_code(business, NUMBER, false, "en_US").await.unwrap();
    graph.verify_code(business, NUMBER, "123456").await.unwrap();
    graph.register(business, NUMBER, PIN, None).await.unwrap();
}

#[tokio::test]
async fn a_code_works_once_and_for_thirty_seconds() {
    let walk = Walk::begin().await;
    walk.exchange("AQBFAKE1").await.unwrap();
    assert_eq!(codes(walk.exchange("AQBFAKE1").await), (100, Some(36009)));
    let late = json!({"tables": {"codes": {"AQBFAKE2": {"app_id": APP, "token": TOKEN, "made_at": (BEGIN - 31) * 1000}}}});
    walk.stage.control("POST", "/seed", late).await;
    assert_eq!(codes(walk.exchange("AQBFAKE2").await), (100, Some(36007)));
    let wrong = AppLogin { app_secret: SecretString::from("another secret"), ..walk.app.clone() };
    let refused = walk.graph.exchange_code(&wrong, &SecretString::from("AQBFAKE1"), None).await;
    assert_eq!(codes(refused), (1, None));
}

#[tokio::test]
async fn a_dead_token_and_its_recovery() {
    let walk = Walk::begin().await;
    walk.onboard().await;
    walk.action(json!({"action": "add_payment", "waba_id": ACCOUNT})).await;
    walk.stage.control("POST", "/tokens/end", json!({"token": TOKEN})).await;
    let refused = walk.hello_world().await;
    let Outcome::Later { .. } = errors::of_send(&refused) else { panic!("{refused:?}") };
    assert_eq!(codes(refused), (190, Some(463)));
    let Err(TokenProblem::Dead(Some(death))) = walk.inspect(Some(ACCOUNT)).await else { panic!() };
    assert_eq!((death.code, death.subcode), (Some(190), Some(463)));
    let fetched = walk.graph.fetch_business_token(&walk.system, &walk.app.app_secret, PORTFOLIO).await;
    // Either a new token that works, or a refusal: then the client connects again.
    match fetched {
        Ok(token) => {
            let number = walk.graph.phone_number(&Access::token(&token), NUMBER).await;
            assert!(token.expose_secret() == TOKEN || number.is_ok());
        }
        Err(error) => assert!(error.code().is_some()),
    }
}

#[tokio::test]
async fn the_profile_is_read_and_changed() {
    let walk = Walk::begin().await;
    let (graph, business) = (&walk.graph, &walk.business());
    let change = ProfileChange {
        about: Some("Coffee from Bandung".into()),
        websites: Some(vec!["https://kopi.example".into()]),
        vertical: Some("RESTAURANT".into()),
        ..ProfileChange::default()
    };
    graph.set_profile(business, NUMBER, &change).await.unwrap();
    let profile = graph.profile(business, NUMBER).await.unwrap();
    assert_eq!((profile.about, profile.websites), (change.about, vec!["https://kopi.example".to_owned()]));
    let change = ProfileChange { websites: Some(Vec::new()), ..ProfileChange::default() };
    graph.set_profile(business, NUMBER, &change).await.unwrap();
    let profile = graph.profile(business, NUMBER).await.unwrap();
    assert_eq!((profile.websites, profile.vertical.as_deref()), (Vec::new(), Some("RESTAURANT")));
}

#[tokio::test]
async fn some_can_be_blocked_and_others_not() {
    let walk = Walk::begin().await;
    walk.onboard().await;
    walk.stage.hello("u1").await;
    let stranger =
        json!({"people": [{"id": "u9", "phone": "491700000009", "name": "Never Wrote", "country": "DE"}]});
    walk.stage.control("POST", "/seed", stranger).await;
    let (anna, stranger) = (Whom::Phone("+491700000001".into()), Whom::Phone("+491700000009".into()));
    let (graph, business) = (&walk.graph, &walk.business());
    let outcome = graph.block(business, NUMBER, &[anna.clone(), stranger]).await.unwrap();
    assert_eq!((outcome.done.len(), outcome.failed.len()), (1, 1));
    assert_eq!(outcome.done[0].wa_id.as_deref(), Some("491700000001"));
    assert_eq!(outcome.failed[0].code, Some(131_047));
    assert_eq!(graph.unblock(business, NUMBER, &[anna]).await.unwrap().done.len(), 1);
    let nobody = graph.block(business, "700000000000777", &[]).await;
    assert_eq!(codes(nobody), (100, Some(33)));
}

#[tokio::test]
async fn the_accounts_that_clients_share_with_us() {
    let walk = Walk::begin().await;
    let accounts = walk.graph.client_wabas(&walk.system(), OURS).await.unwrap();
    assert_eq!(accounts[0].id, ACCOUNT);
    assert_eq!(walk.graph.system_users(&walk.system(), OURS).await.unwrap()[0].id, SYSTEM_USER);
}

/// The twenty failures of the platform's own list: the step at which each comes, and what we make of it.
#[tokio::test]
async fn each_failure_ends_in_a_sentence_and_an_action() {
    let walk = Walk::begin().await;
    walk.onboard().await;
    walk.action(json!({"action": "add_payment", "waba_id": ACCOUNT})).await;
    let table = [
        (1, "exchange", Doing::Exchange, Class::Signup, Fault::Client),
        (2, "exchange", Doing::Exchange, Class::Signup, Fault::Client),
        (3, "exchange", Doing::Exchange, Class::Signup, Fault::Us),
        (4, "exchange", Doing::Exchange, Class::Signup, Fault::Us),
        (5, "inspect", Doing::Inspect, Class::Access, Fault::Client),
        (6, "whoami", Doing::Other, Class::Access, Fault::Client),
        (7, "whoami", Doing::Other, Class::Access, Fault::Client),
        (8, "whoami", Doing::Other, Class::Access, Fault::Client),
        (9, "numbers", Doing::ReadAccount, Class::Permission, Fault::Client),
        (10, "numbers", Doing::ReadAccount, Class::Request, Fault::Client),
        (11, "subscribe", Doing::Subscribe, Class::Permission, Fault::Client),
        (12, "send", Doing::Send, Class::Permission, Fault::Client),
        (13, "subscribe", Doing::Subscribe, Class::Request, Fault::Us),
        (14, "subscribe", Doing::Subscribe, Class::Request, Fault::Us),
        (15, "register", Doing::Register, Class::Number, Fault::Client),
        (16, "register", Doing::Register, Class::Number, Fault::Client),
        (17, "register", Doing::Register, Class::Wait, Fault::Nobody),
        (18, "send", Doing::Send, Class::Number, Fault::Us),
        (19, "send", Doing::Send, Class::Payment, Fault::Client),
        (20, "sync", Doing::Other, Class::Number, Fault::Client),
    ];
    let (graph, business) = (&walk.graph, &walk.business());
    for (number, step, doing, class, fault) in table {
        walk.stage
            .control("POST", "/step-failures", json!({"step": step, "failure": number.to_string()}))
            .await;
        let app_token = walk.app.token();
        let error = match step {
            "exchange" => walk.exchange("AQBFAKE9").await.map(drop),
            "inspect" => graph.inspect_token(&Access::token(&app_token), &walk.business).await.map(drop),
            "whoami" => graph.me(business).await.map(drop),
            "numbers" => graph.phone_numbers(business, ACCOUNT).await.map(drop),
            "subscribe" => graph.subscribe(business, ACCOUNT).await,
            "register" => graph.register(business, NUMBER, PIN, None).await,
            "sync" => graph.sync_business_app(business, NUMBER, SyncType::History).await.map(drop),
            _ => walk.hello_world().await.map(drop),
        }
        .unwrap_err();
        let refusal = error.refusal().unwrap_or_else(|| panic!("failure {number}: {error}"));
        let explained = errors::explain(doing, refusal.code, refusal.subcode);
        assert_eq!((explained.class, explained.fault), (class, fault), "failure {number}: {error}");
        for language in [Language::English, Language::Indonesian] {
            assert!(explained.sentence(language).contains(&refusal.code.to_string()));
            assert!(explained.action(language).ends_with('.'));
        }
    }
}
