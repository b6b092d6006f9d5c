//! The table of failures, row by row: what goes wrong at Meta, where the connection stops, whose turn it is, whether it is
//! tried again by itself, what the member reads and should do, and that doing it leads to the end. The snapshots are the
//! table on paper; rows and numbers in brackets are those of `meta-onboarding` 11.1 and 11.2.

use std::time::Duration;

use rules::time::span;
use serde_json::{Value, json};

use crate::client::AtMeta::{Account, Acts, Fails, OperatorPays, RevokesCredit, Settings};
use crate::client::{AtMeta, Client, code, plain, says, written};
use crate::stage::{Stage, both};

/// How a connection goes on after the cause is mended.
#[derive(Clone, Debug)]
enum Then {
    /// A member presses the step's retry.
    Retry,
    /// A member presses another step's retry, and the watch notices.
    RetryOf(&'static str),
    /// The client goes through the dialog again.
    Dialog,
    /// Time passes; nobody presses anything.
    Wait(Duration),
    /// A member gives the PIN and retries.
    Pin(&'static str),
    /// A member chooses the currency.
    Currency(&'static str),
    /// A member has the account looked at.
    Check,
}

/// A line of the table.
#[derive(Clone)]
struct Line {
    name: &'static str,
    begin: Value,
    scenario: Value,
    laid: Vec<AtMeta>,
    /// Laid after the connection has come to its end.
    later: Vec<AtMeta>,
    step: &'static str,
    mended: Vec<AtMeta>,
    then: Then,
}

/// What goes wrong, and the step that stops.
fn line(name: &'static str, step: &'static str) -> Line {
    let (laid, later, mended) = (Vec::new(), Vec::new(), Vec::new());
    Line { name, begin: json!({}), scenario: json!({}), laid, later, step, mended, then: Then::Retry }
}

impl Line {
    fn begun(self, begin: Value) -> Self {
        Self { begin, ..self }
    }

    fn dialog(self, scenario: Value) -> Self {
        Self { scenario, ..self }
    }

    fn laid(mut self, what: AtMeta) -> Self {
        self.laid.push(what);
        self
    }

    fn fails(self, step: &'static str, failure: &'static str) -> Self {
        self.laid(Fails(step, failure, 0))
    }

    fn later(mut self, what: AtMeta) -> Self {
        self.later.push(what);
        self
    }

    fn mended(mut self, what: AtMeta) -> Self {
        self.mended.push(what);
        self
    }

    fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }

    /// Plays the line and writes it down.
    async fn played(&self, stage: &Stage) -> String {
        let (mut client, dialog, run) =
            Client::begins(stage, self.begin.clone(), self.scenario.clone()).await;
        for what in &self.laid {
            client.at_meta(what).await;
        }
        client.goes_on(&dialog, &run).await;
        for what in &self.later {
            client.at_meta(what).await;
        }
        if !self.later.is_empty() {
            let path = format!("accounts/{}/check", plain(&client.account().await["id"]));
            client.org.owner.post(&path, Value::Null).await.expect(200);
            stage.work().await;
        }
        let stopped = client.step(self.step).await;
        let mut page = format!("{}\n{}", self.name, self.told());
        page += &describe(self.step, &stopped, &client.stands().await.json);

        client.nothing_fails_any_more().await;
        for what in &self.mended {
            client.at_meta(what).await;
        }
        match &self.then {
            Then::Retry => client.retries(self.step).await,
            Then::RetryOf(step) => {
                client.retries(step).await;
                client.waits(Duration::from_secs(10)).await;
            }
            Then::Dialog => client.goes_through_the_dialog_again().await,
            Then::Wait(time) => client.waits(*time).await,
            Then::Pin(pin) => {
                let path = format!("numbers/{}/pin", plain(&client.account().await["numbers"][0]["id"]));
                client.org.owner.put(&path, json!({"pin": pin})).await.expect(204);
                client.retries(self.step).await;
            }
            Then::Currency(currency) => {
                let path = format!("connections/{}/choice", client.connection);
                client.org.owner.post(&path, json!({"currency": currency})).await.expect(202);
                stage.work().await;
            }
            Then::Check => {
                let path = format!("accounts/{}/check", plain(&client.account().await["id"]));
                client.org.owner.post(&path, Value::Null).await.expect(200);
                stage.work().await;
            }
        }
        let (stands, step) = (client.stands().await, client.step(self.step).await);
        assert!(
            ["payment_pending", "silent"].contains(&stands.str("/state")),
            "{}: it does not go on: {}",
            self.name,
            stands.text
        );
        page += &format!("    then  {}: {}, {}\n", self.done(), stands.str("/state"), outcome(&step));
        client.rests().await;
        page
    }

    /// What Meta was told to do.
    fn told(&self) -> String {
        let mut told = String::new();
        for (word, json) in [("begun", &self.begin), ("dialog", &self.scenario)] {
            if *json != json!({}) {
                told += &format!("    {word} {}\n", written(json));
            }
        }
        for what in &self.laid {
            told += &format!("    meta  {what}\n");
        }
        for what in &self.later {
            told += &format!("    later {what}\n");
        }
        told
    }

    /// What mended it.
    fn done(&self) -> String {
        let mended: Vec<_> = self.mended.iter().map(ToString::to_string).collect();
        let pressed = match &self.then {
            Then::Retry => "retry".to_owned(),
            Then::RetryOf(step) => format!("retry of {step}, 10 s"),
            Then::Dialog => "the dialog again".to_owned(),
            Then::Wait(time) => format!("nothing but {}", long(*time)),
            Then::Pin(_) => "the PIN and retry".to_owned(),
            Then::Currency(currency) => format!("the currency {currency}"),
            Then::Check => "a look".to_owned(),
        };
        mended.into_iter().chain([pressed]).collect::<Vec<_>>().join(", ")
    }
}

fn describe(step: &str, stopped: &Value, stands: &Value) -> String {
    let problem = &stopped["problem"];
    assert!(problem.is_object(), "{step} did not stop: {stands}");
    let (state, trouble, turn) =
        (plain(&stands["state"]), plain(&problem["trouble"]), plain(&problem["turn"]));
    let again = match (stopped["retry_at"].as_i64(), stands["updated_at"].as_i64()) {
        (Some(at), Some(now)) => {
            let wait = u64::try_from(at - now).unwrap_or(0).div_ceil(1_000_000);
            format!("again by itself after {}", long(Duration::from_secs(wait)))
        }
        _ if stopped["status"] == "done" => "the step is done".to_owned(),
        _ => "waits for them".to_owned(),
    };
    format!(
        "    stops {state}: {step}: {trouble}{}; {turn}'s turn, {again}\n{}",
        code(problem),
        says(problem)
    )
}

fn outcome(step: &Value) -> String {
    match &step["problem"] {
        Value::Null => format!("{} {}", plain(&step["step"]), plain(&step["status"])),
        problem => format!("{}: {}", plain(&step["step"]), plain(&problem["trouble"])),
    }
}

fn long(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// Plays the lines on both databases and holds the page against its snapshot.
async fn table(name: &str, lines: Vec<Line>) {
    both(async |stage| {
        let mut page = String::new();
        for line in &lines {
            page += &line.played(stage).await;
        }
        insta::assert_snapshot!(name, page);
    })
    .await;
}

fn decided(decision: &str) -> Value {
    json!({"waba_id": "$waba", "decision": decision})
}

fn account() -> Value {
    json!({"waba_id": "$waba"})
}

fn partner() -> Value {
    json!({"mode": "solution_partner", "currency": "EUR"})
}

#[tokio::test]
async fn signing_up() {
    let expired = |name| line(name, "exchange_code").then(Then::Dialog);
    table(
        "signing_up",
        vec![
            expired("1 the window is closed").dialog(json!({"outcome": "cancel"})),
            expired("1 an error is reported").dialog(json!({"outcome": "error", "error_code": "2655089"})),
            expired("1 FINISH without a code").dialog(json!({"outcome": "finish_without_code"})),
            expired("2 code older than 30 s (1)").fails("exchange", "code_expired"),
            expired("2 code used before (2)").fails("exchange", "code_used"),
            expired("2 return address differs (3)").fails("exchange", "redirect_mismatch"),
            expired("2 app secret wrong (4)").fails("exchange", "wrong_secret"),
            expired("2 app unknown (101)").fails("exchange", "unknown_app"),
            expired("2 Meta has a passing trouble").fails("exchange", "service_down"),
        ],
    )
    .await;
}

#[tokio::test]
async fn proving_access() {
    let proof = |name| line(name, "prove_access");
    table(
        "proving_access",
        vec![
            proof("3 is_valid:false").fails("inspect", "token_invalid").then(Then::Dialog),
            proof("3 token of another app (5)").fails("inspect", "app_mismatch"),
            proof("3 the app's own token is refused: its secret is wrong").fails("inspect", "bad_token"),
            proof("5 token that is none (6)").fails("numbers", "bad_token").then(Then::Dialog),
            proof("5 token past its end (7)").fails("numbers", "token_expired").then(Then::Dialog),
            proof("5 app removed by the client (8)").fails("numbers", "app_removed").then(Then::Dialog),
            proof("5 no token came through (104)").fails("numbers", "no_token").then(Then::Dialog),
            proof("5 a token of nobody (2500)").fails("whoami", "no_user").then(Then::Dialog),
            proof("5 not shared (9)").fails("numbers", "unknown_object"),
            proof("5 a portfolio's id (10)").fails("numbers", "portfolio_id"),
            proof("5 right missing, 200 (11)").fails("numbers", "permission"),
            proof("5 right missing, 10 (11)").fails("numbers", "no_permission_for_action"),
            proof("5 calls of the app over the limit (4)")
                .fails("whoami", "app_rate")
                .then(Then::Wait(span::minutes(10))),
            proof("5 Meta is down (2)")
                .fails("inspect", "service_down")
                .then(Then::Wait(Duration::from_secs(2))),
        ],
    )
    .await;
}

#[tokio::test]
async fn binding_the_account() {
    let bind = |name| line(name, "bind_account");
    table(
        "binding_the_account",
        vec![
            bind("4 shared by another business than its owner")
                .laid(Account(json!({"owner_id": "800000000000011"}))),
            bind("6 under review")
                .laid(Acts("review_account", decided("PENDING")))
                .mended(Acts("review_account", decided("APPROVED")))
                .then(Then::Wait(span::minutes(30))),
            bind("6 not active yet")
                .laid(Account(json!({"status": "PENDING"})))
                .mended(Account(json!({"status": "ACTIVE"})))
                .then(Then::Wait(span::minutes(30))),
            bind("6 rejected")
                .laid(Acts("review_account", decided("REJECTED")))
                .mended(Acts("review_account", decided("APPROVED"))),
            bind("6 restricted").laid(Acts("restrict", account())).mended(Acts("reinstate", account())),
            bind("6 disabled").laid(Acts("disable", account())).mended(Acts("reinstate", account())),
            bind("7 the list of numbers is empty").laid(Fails("numbers", "empty_list", 1)),
            bind("7 the dialog ended without a number")
                .dialog(json!({"outcome": "finish_only_waba"}))
                .then(Then::Dialog),
            bind("6 disabled after it was connected")
                .later(Acts("disable", json!({"waba_id": "$waba", "silent": true})))
                .mended(Acts("reinstate", account()))
                .then(Then::Check),
        ],
    )
    .await;
}

#[tokio::test]
async fn receiving_webhooks() {
    let own = json!({"override_webhook": true});
    let subscribe = |name| line(name, "subscribe_app");
    let address = |name| line(name, "override_webhook").begun(own.clone());
    let soon = || Then::Wait(Duration::from_secs(2));
    table(
        "receiving_webhooks",
        vec![
            subscribe("8 accepted and not listed").fails("subscribe", "accepted_without_effect").then(soon()),
            subscribe("8 only a former provider's app is listed")
                .laid(Account(json!({"subscriptions": {"222333444555666": {"callback": null}}})))
                .fails("subscribe", "accepted_without_effect")
                .then(soon()),
            subscribe("8 right missing (11)").fails("subscribe", "no_permission_for_action"),
            subscribe("8 messages go to another system")
                .laid(Account(json!({"subscriptions": {"111222333444555":
                    {"callback": {"url": "https://hooks.example/elsewhere", "verify_token": "x"}}}}))),
            subscribe("8 Meta is down (2)").fails("subscribe", "service_down").then(soon()),
            address("8 the override is accepted and missing")
                .laid(Fails("subscribe", "accepted_without_effect", 1))
                .then(soon()),
            address("9 override before the subscription (13)").laid(Fails(
                "subscribe",
                "override_before_subscription",
                1,
            )),
            address("9 the handshake fails (14)").laid(Fails("subscribe", "handshake_failed", 1)),
        ],
    )
    .await;
}

#[tokio::test]
async fn sharing_credit() {
    let credit = |name| line(name, "share_credit").begun(partner());
    table(
        "sharing_credit",
        vec![
            credit("13 somebody else pays")
                .laid(Acts("add_payment", account()))
                .mended(Acts("remove_payment", account())),
            credit("13 the operator has not agreed to pay")
                .laid(OperatorPays(false))
                .mended(OperatorPays(true)),
            credit("13 our system user may not (11)").fails("share_credit", "permission"),
            credit("13 our system user does not see the account (9)").fails("assign_user", "unknown_object"),
            credit("13 the currency is not offered")
                .begun(json!({"mode": "solution_partner", "currency": "XXX"}))
                .then(Then::Currency("EUR")),
            line("13 the share was taken back, and is made again", "check_funding")
                .begun(partner())
                .later(OperatorPays(false))
                .later(RevokesCredit)
                .mended(OperatorPays(true))
                .then(Then::RetryOf("share_credit")),
            line("13 the share was taken back, and the client pays itself", "check_funding")
                .begun(partner())
                .later(RevokesCredit)
                .mended(Acts("add_payment", account()))
                .then(Then::Wait(Duration::from_secs(10))),
            line("13 another payer than our share", "check_funding")
                .begun(partner())
                .later(Account(json!({"funding_id": "510000000000099"})))
                .mended(Acts("remove_payment", account()))
                .then(Then::RetryOf("share_credit")),
        ],
    )
    .await;
}

#[tokio::test]
async fn registering() {
    let register = |name| line(name, "register_number");
    let refused_pins = || Settings(json!({"onboarding": {"pin_on_unregistered": false}}));
    table(
        "registering",
        vec![
            register("7 not verified (15)")
                .laid(Acts("verification", json!({"phone_number_id": "$number", "status": "NOT_VERIFIED"})))
                .mended(Acts("verification", json!({"phone_number_id": "$number", "status": "VERIFIED"}))),
            register("10 a PIN that only the client knows (16)")
                .laid(refused_pins())
                .laid(Acts("set_pin", json!({"phone_number_id": "$number", "pin": "918273"})))
                .then(Then::Pin("918273")),
            register("10 a PIN that the client switches off (16)")
                .laid(refused_pins())
                .laid(Acts("set_pin", json!({"phone_number_id": "$number", "pin": "918273"})))
                .mended(Acts("clear_pin", json!({"phone_number_id": "$number"})))
                .mended(Settings(json!({"onboarding": {"pin_on_unregistered": true}}))),
            register("10 eleven times in 72 hours (17)")
                .fails("register", "register_limit")
                .then(Then::Wait(span::hours(72))),
            register("10 too many PINs (133008)")
                .fails("register", "pin_guesses")
                .then(Then::Wait(span::hours(12))),
            register("10 PINs too fast (133009)")
                .fails("register", "pin_guessed_too_fast")
                .then(Then::Wait(span::hours(12))),
            register("10 deleted a moment ago (133015)")
                .fails("register", "recently_deleted")
                .then(Then::Wait(span::minutes(5))),
            register("10 accepted and not connected")
                .fails("register", "accepted_without_effect")
                .then(Then::Wait(span::minutes(10))),
            register("10 account locked (131031)").fails("register", "locked"),
            register("10 blocked for policy (368)").fails("register", "blocked_by_policy"),
        ],
    )
    .await;
}

#[tokio::test]
async fn reading_what_there_is() {
    let sync = |name| line(name, "sync");
    let app = |name| line(name, "sync_business_app").begun(json!({"variant": "coexistence"}));
    let coexistence = json!({"outcome": "coexistence"});
    let declined = json!({"phone_number_id": "$number", "decision": "DECLINED"});
    let approved = json!({"phone_number_id": "$number", "decision": "APPROVED"});
    table(
        "reading_what_there_is",
        vec![
            sync("11 display name declined")
                .laid(Acts("review_name", declined))
                .mended(Acts("review_name", approved)),
            sync("calls of the account over the limit (80007)")
                .fails("templates", "account_rate")
                .then(Then::Wait(span::minutes(10))),
            sync("blocked for policy (368)").fails("templates", "blocked_by_policy"),
            app("16 asked for twice (20)").dialog(coexistence.clone()).fails("sync", "sync_limit"),
            app("16 asked for after 24 hours (2593108)").dialog(coexistence).fails("sync", "sync_window"),
        ],
    )
    .await;
}

#[tokio::test]
async fn watching() {
    let soon = || Then::Wait(Duration::from_secs(10));
    let heard = |name| line(name, "first_message").then(soon());
    table(
        "watching",
        vec![
            heard("0 the app's subscription is missing").fails("app_subscription", "empty_list"),
            heard("0 the app's subscription is not active").fails("app_subscription", "app_inactive"),
            heard("0 the app does not take messages").fails("app_subscription", "messages_missing"),
            line("12 nobody pays", "check_funding").mended(Acts("add_payment", account())).then(soon()),
            heard("14 Meta's own check blocks")
                .laid(Acts("block_sending", json!({"waba_id": "$waba", "code": 141_014})))
                .mended(Acts("reinstate", account())),
            heard("15 nothing received"),
        ],
    )
    .await;
}
