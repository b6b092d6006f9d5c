//! Connecting in every mode, by every way, in every order.

use serde_json::{Value, json};
use testkit::app::Answer;

use crate::stage::{APP, BUSINESS_TOKEN, CLIENT, NUMBER, SECRET, SYSTEM_TOKEN, Stage, WABA, both};

#[tokio::test]
async fn a_tech_provider_connects_whatever_shape_the_token_has() {
    both(async |stage| {
        for shape in ["A", "B", "C"] {
            stage.controlled(reqwest::Method::PATCH, "settings", json!({"token_shape": shape})).await;
            let id = stage.connect(json!({})).await;
            let found = stage.connection(&id).await;
            assert_eq!(found.str("/state"), "payment_pending", "shape {shape}: {}", found.text);
            assert_eq!(found.str("/waba_id"), WABA);
        }
        let account = stage.account().await;
        assert_eq!(account["token"], "valid");
        assert_eq!(account["line"], "ready");
        assert_eq!(account["subscribed"], true);
        assert_eq!(account["numbers"][0]["status"], "CONNECTED");
        assert_eq!(account["numbers"][0]["pin_known"], true);
        assert_eq!(stage.calls("POST", "/register").await, 1, "a connected number is not registered again");
        let path = format!("accounts/{}/templates", account["id"].as_str().unwrap());
        assert!(!stage.org.owner.get(&path).await.expect(200).items().is_empty());
    })
    .await;
}

#[tokio::test]
async fn it_is_live_when_somebody_pays_and_a_message_has_come_in() {
    both(async |stage| {
        let id = stage.connect(json!({})).await;
        assert_eq!(stage.step(&id, "check_funding").await["problem"]["trouble"], "unfunded");
        stage.control("client-actions", json!({"action": "add_payment", "waba_id": WABA})).await;
        stage.app.clock.advance(std::time::Duration::from_secs(60));
        stage.work().await;
        let found = stage.connection(&id).await;
        assert_eq!(found.str("/state"), "silent", "{}", found.text);
        let message = json!({"from": "491700000001", "to": NUMBER, "type": "text", "text": {"body": "Halo"}});
        stage.control("inbound", message).await;
        // The message itself sets the connection going: no time has to pass.
        let mut found = stage.connection(&id).await;
        for _ in 0..100 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            stage.work().await;
            found = stage.connection(&id).await;
            if found.str("/state") == "live" {
                break;
            }
        }
        assert_eq!(found.str("/state"), "live", "{}", found.text);
        assert!(found.json["finished_at"].is_i64());
    })
    .await;
}

#[tokio::test]
async fn code_and_event_come_in_any_order_twice_or_alone() {
    both(async |stage| {
        for order in ["ce", "ec", "eec", "cee", "c"] {
            let dialog = stage.start_connection(&stage.org.owner, json!({})).await;
            let id = dialog.str("/connection_id").to_owned();
            let run = stage.dialog(&dialog, json!({})).await;
            let event = Stage::events(&dialog, &run).pop().expect("an event");
            for step in order.chars() {
                match step {
                    'c' => {
                        let code = Stage::code(&dialog, &run);
                        stage.org.owner.post(&format!("connections/{id}/code"), code).await.expect(202);
                    }
                    _ => {
                        let path = format!("connections/{id}/event");
                        stage.org.owner.post(&path, event.clone()).await.expect(204);
                    }
                }
                stage.work().await;
            }
            let found = stage.connection(&id).await;
            assert_eq!(found.str("/state"), "payment_pending", "{order}: {}", found.text);
        }
    })
    .await;
}

/// The page posts both at once, without waiting for either.
#[tokio::test]
async fn code_and_event_at_the_same_time_lose_neither() {
    both(async |stage| {
        for _ in 0..8 {
            let dialog = stage.start_connection(&stage.org.owner, json!({})).await;
            let id = dialog.str("/connection_id").to_owned();
            let run = stage.dialog(&dialog, json!({})).await;
            let event = Stage::events(&dialog, &run).pop().expect("an event");
            let (code_path, event_path) =
                (format!("connections/{id}/code"), format!("connections/{id}/event"));
            let (code, told) = tokio::join!(
                stage.org.owner.post(&code_path, Stage::code(&dialog, &run)),
                stage.org.owner.post(&event_path, event),
            );
            code.expect(202);
            told.expect(204);
            stage.work().await;
            let mut tx = stage.app.ctx.store.read().await.unwrap();
            let found = tx.org(stage.org.id).await.unwrap().connection(id.parse().unwrap()).await.unwrap();
            let hints = found.expect("the connection").hints.0;
            assert_eq!(
                (hints.waba_ids.as_slice(), hints.code_at),
                (&[WABA.to_owned()][..], None),
                "{hints:?}"
            );
            assert_eq!(stage.step(&id, "exchange_code").await["status"], "done");
        }
    })
    .await;
}

#[tokio::test]
async fn a_state_is_one_persons_works_once_and_survives_a_cancel() {
    both(async |stage| {
        let dialog = stage.start_connection(&stage.org.owner, json!({})).await;
        let id = dialog.str("/connection_id").to_owned();
        let (code_path, event_path) = (format!("connections/{id}/code"), format!("connections/{id}/event"));
        let run = stage.dialog(&dialog, json!({})).await;
        let cancel = json!({"type": "WA_EMBEDDED_SIGNUP", "event": "CANCEL", "data": {"current_step": "PHONE_NUMBER_SETUP"}});
        let cancel = json!({"state": dialog.str("/state"), "event": cancel});
        stage.org.owner.post(&event_path, cancel).await.expect(204);
        assert_eq!(stage.step(&id, "exchange_code").await["problem"]["trouble"], "signup_cancelled");
        stage.org.owner.post(&code_path, json!({"state": dialog.str("/state"), "code": ""})).await.expect(422);

        // Somebody else of the same organisation, somebody of another, and another connection of the same person.
        let colleague = stage.app.member(stage.org.id, rules::role::Role::Admin).await;
        let stolen = colleague.post(&code_path, Stage::code(&dialog, &run)).await;
        assert_eq!(stolen.problem(403), "signup_state_invalid");
        let thief = stage.app.org("Pencuri").await;
        let theirs = stage.start_connection(&thief.owner, json!({})).await;
        let planted = format!("connections/{}/code", theirs.str("/connection_id"));
        assert_eq!(thief.owner.post(&planted, Stage::code(&dialog, &run)).await.problem(403), "signup_state_invalid");
        let second = stage.start_connection(&stage.org.owner, json!({})).await;
        let crossed = format!("connections/{}/code", second.str("/connection_id"));
        let crossed = stage.org.owner.post(&crossed, Stage::code(&dialog, &run)).await;
        assert_eq!(crossed.problem(403), "signup_state_invalid");

        stage.org.owner.post(&code_path, Stage::code(&dialog, &run)).await.expect(202);
        let again = stage.org.owner.post(&code_path, Stage::code(&dialog, &run)).await;
        assert_eq!(again.problem(403), "signup_state_invalid");
        stage.app.clock.advance(std::time::Duration::from_secs(601));
        let late = stage.dialog(&second, json!({})).await;
        let path = format!("connections/{}/code", second.str("/connection_id"));
        let late = stage.org.owner.post(&path, Stage::code(&second, &late)).await;
        assert_eq!(late.problem(403), "signup_state_invalid");
    })
    .await;
}

#[tokio::test]
async fn an_account_of_another_organisation_is_refused_with_the_reason() {
    both(async |stage| {
        stage.connect(json!({})).await;
        let other = stage.app.org("Toko Lain").await;
        let dialog = stage.start_connection(&other.owner, json!({})).await;
        let run = stage.dialog(&dialog, json!({"replay": {}})).await;
        let path = format!("connections/{}", dialog.str("/connection_id"));
        other.owner.post(&format!("{path}/code"), Stage::code(&dialog, &run)).await.expect(202);
        for event in Stage::events(&dialog, &run) {
            other.owner.post(&format!("{path}/event"), event).await.expect(204);
        }
        stage.work().await;
        let found = other.owner.get(&path).await.expect(200);
        assert_eq!(found.str("/state"), "needs_person", "{}", found.text);
        assert!(found.text.contains("bound_to_another_organisation"), "{}", found.text);
        assert!(other.owner.get("accounts").await.items().is_empty());
        assert_eq!(stage.account().await["token"], "valid");
    })
    .await;
}

#[tokio::test]
async fn a_forged_account_in_the_event_is_refused() {
    both(async |stage| {
        let dialog = stage.start_connection(&stage.org.owner, json!({})).await;
        let id = dialog.str("/connection_id").to_owned();
        let run = stage
            .dialog(&dialog, json!({"scenario": {"outcome": "finish", "event_ids": "foreign_waba"}}))
            .await;
        for event in Stage::events(&dialog, &run) {
            stage.org.owner.post(&format!("connections/{id}/event"), event).await.expect(204);
        }
        stage.org.owner.post(&format!("connections/{id}/code"), Stage::code(&dialog, &run)).await.expect(202);
        stage.work().await;
        let step = stage.step(&id, "prove_access").await;
        let trouble = step["problem"]["trouble"].as_str().unwrap_or("").to_owned();
        assert!(["account_not_shared", "account_not_granted"].contains(&trouble.as_str()), "{step}");
        assert!(stage.org.owner.get("accounts").await.items().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_solution_partner_shares_its_credit_before_registering() {
    both(async |stage| {
        let id = stage.connect(json!({"mode": "solution_partner", "currency": "EUR"})).await;
        let found = stage.connection(&id).await;
        assert_eq!(found.str("/state"), "silent", "{}", found.text);
        assert_eq!(stage.step(&id, "share_credit").await["status"], "done");
        assert_eq!(stage.account().await["funded"], true);
        assert_eq!(stage.calls("POST", "/whatsapp_credit_sharing_and_attach").await, 1);
        // Made again, it finds what is there.
        stage
            .org
            .owner
            .post(&format!("connections/{id}/steps/share_credit/retry"), Value::Null)
            .await
            .expect(202);
        stage.work().await;
        assert_eq!(stage.step(&id, "share_credit").await["status"], "done");
        assert_eq!(stage.calls("POST", "/whatsapp_credit_sharing_and_attach").await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_full_page_dialog_ends_in_the_browser_of_whoever_began_it() {
    both(async |stage| {
        let dialog = stage.start_connection(&stage.org.owner, json!({"entry": "redirect"})).await;
        let callback = format!("{}/connect/callback", stage.app.url);
        let run =
            stage.dialog(&dialog, json!({"redirect_uri": callback, "state": dialog.str("/state")})).await;
        let back = run["redirect_to"].as_str().expect("an address").replace(&stage.app.url, "");
        assert_eq!(stage.app.anonymous.get(&back).await.status, 401);
        let stranger = stage.app.member(stage.org.id, rules::role::Role::Owner).await;
        assert_eq!(stranger.get(&back).await.status, 403);
        // Meta may add to what it sends back.
        assert_eq!(stage.org.owner.get(&format!("{back}&granted_scopes=x#_=_")).await.status, 200);
        stage.work().await;
        let found = stage.connection(dialog.str("/connection_id")).await;
        assert_eq!(found.str("/state"), "payment_pending", "{}", found.text);
        assert_eq!(stage.org.owner.get(&back).await.problem(403), "signup_state_invalid", "used up");
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_back_from_the_full_page_dialog_reads_how_it_ended_and_goes_on() {
    both(async |stage| {
        let dialog = stage.start_connection(&stage.org.owner, json!({"entry": "redirect"})).await;
        let page = dialog.str("/connection_id");
        let reads = async |actor: &testkit::app::Actor, query: &str, language: &str| {
            let request = actor.request(reqwest::Method::GET, &format!("/connect/callback?{query}"));
            actor.send(request.header("accept", "text/html").header("accept-language", language)).await
        };
        let owner = &stage.org.owner;
        let declined = format!("error=access_denied&state={}", dialog.str("/state"));
        let told = reads(owner, &declined, "en").await.expect(200);
        assert!(told.text.contains("was not finished") && told.text.contains(page), "{}", told.text);
        let foreign = reads(owner, "code=AQB&state=x", "id").await;
        assert_eq!(foreign.status, 403);
        assert!(foreign.text.contains("tidak dapat diterima"), "{}", foreign.text);
        let nobody = reads(&stage.app.anonymous, &declined, "en").await;
        assert_eq!(nobody.status, 401);
        assert!(nobody.text.contains("sign-in") && !nobody.text.contains(page), "{}", nobody.text);

        // Declining has used nothing up.
        let callback = format!("{}/connect/callback", stage.app.url);
        let run =
            stage.dialog(&dialog, json!({"redirect_uri": callback, "state": dialog.str("/state")})).await;
        let back = run["redirect_to"].as_str().expect("an address");
        let done = reads(owner, back.split_once('?').unwrap().1, "en").await.expect(200);
        assert!(done.text.contains("Meta has confirmed") && done.text.contains(page), "{}", done.text);
        stage.work().await;
    })
    .await;
}

#[tokio::test]
async fn connecting_what_is_connected_renews_it_and_says_so() {
    both(async |stage| {
        let first = stage.connect(json!({})).await;
        assert_eq!(stage.step(&first, "bind_account").await["result"]["renewed"], false);
        let again = stage.connect(json!({})).await;
        assert_eq!(stage.step(&again, "bind_account").await["result"]["renewed"], true);
        assert_eq!(stage.org.owner.get("accounts").await.items().len(), 1);
        assert_eq!(stage.calls("POST", "/register").await, 1, "a connected number is not registered again");
    })
    .await;
}

#[tokio::test]
async fn the_full_page_dialog_of_a_key_or_a_link_does_not_end_in_a_stranger_s_browser() {
    both(async |stage| {
        let callback = format!("{}/connect/callback", stage.app.url);
        let back = async |dialog: &Answer| {
            let request = json!({"redirect_uri": callback, "state": dialog.str("/state")});
            let run = stage.dialog(dialog, request).await;
            run["redirect_to"].as_str().expect("an address").replace(&stage.app.url, "")
        };
        let begun = stage.start_connection(&stage.org.key, json!({"entry": "redirect"})).await;
        let address = back(&begun).await;
        assert_eq!(stage.app.anonymous.get(&address).await.status, 401);
        let stranger = stage.app.member(stage.app.org("Other").await.id, rules::role::Role::Owner).await;
        assert_eq!(stranger.get(&address).await.problem(403), "signup_state_invalid");
        let agent = stage.app.member(stage.org.id, rules::role::Role::Agent).await;
        assert_eq!(agent.get(&address).await.problem(403), "signup_state_invalid");
        assert_eq!(stage.org.owner.get(&address).await.status, 200);

        let path = format!("/api/v1/operator/orgs/{}/connect-invites", stage.org.id);
        let made = stage.app.operator.post(&path, json!({"mode": "tech_provider"})).await.expect(201);
        let client = &stage.app.anonymous;
        let link = format!("/api/v1/invites/{}", made.str("/token"));
        let begun = client.post(&format!("{link}/dialog"), json!({})).await.expect(200);
        let cookie = begun.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let address = back(&begun).await;
        assert_eq!(client.get(&address).await.problem(403), "signup_state_invalid");
        assert_eq!(stage.org.owner.get(&address).await.problem(403), "signup_state_invalid");
        let here = client.request(reqwest::Method::GET, &address).header("cookie", cookie);
        assert_eq!(client.send(here).await.status, 200);

        // A link of an organisation that the operator has suspended opens nothing.
        let org = format!("/api/v1/operator/orgs/{}", stage.org.id);
        stage.app.operator.patch(&org, json!({"status": "suspended"})).await.expect(200);
        assert_eq!(client.get(&link).await.status, 404);
        assert_eq!(client.post(&format!("{link}/dialog"), json!({})).await.status, 404);
        stage.app.operator.patch(&org, json!({"status": "active"})).await.expect(200);
        assert_eq!(client.get(&link).await.status, 200);
        stage.work().await;
    })
    .await;
}

#[tokio::test]
async fn an_operator_sees_every_connection_and_takes_a_link_back() {
    both(async |stage| {
        let operator = &stage.app.operator;
        let links = format!("/api/v1/operator/orgs/{}/connect-invites", stage.org.id);
        let made = operator.post(&links, json!({"mode": "tech_provider", "note": "Halo"})).await.expect(201);
        let open = operator.get("operator/connect-invites").await.expect(200);
        assert_eq!((open.items().len(), &open.items()[0]["note"]), (1, &json!("Halo")), "{}", open.text);

        let client = &stage.app.anonymous;
        let link = format!("/api/v1/invites/{}", made.str("/token"));
        client.post(&format!("{link}/dialog"), json!({})).await.expect(200);
        let all = operator.get("operator/connections").await.expect(200);
        let one = &all.items()[0];
        assert_eq!(one["organisation"]["id"], stage.org.id.to_string(), "{}", all.text);
        assert_eq!(
            (&one["state"], &one["turn"], &one["entry"]),
            (&json!("started"), &json!("client"), &json!("invite"))
        );
        assert!(operator.get("operator/connections?state=live").await.expect(200).items().is_empty());
        assert_eq!(operator.get("operator/connections?state=started").await.items().len(), 1);
        assert_eq!(operator.get("operator/connections?state=unheard").await.status, 400);

        let other = stage.app.org("Elsewhere").await;
        let id = made.str("/invite/id");
        let elsewhere = format!("/api/v1/operator/orgs/{}/connect-invites/{id}", other.id);
        assert_eq!(operator.delete(&elsewhere).await.status, 404, "it is another organisation's");
        operator.delete(&format!("{links}/{id}")).await.expect(204);
        assert_eq!(operator.delete(&format!("{links}/{id}")).await.status, 404);
        assert_eq!(client.get(&link).await.status, 404);
        assert!(operator.get("operator/connect-invites").await.items().is_empty());
        for log in [operator.get("operator/audit").await, stage.org.owner.get("audit").await] {
            assert!(
                log.items().iter().any(|entry| entry["action"] == "connect_invite.revoke"),
                "{}",
                log.text
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_link_lets_a_client_without_an_account_connect_once() {
    both(async |stage| {
        let path = format!("/api/v1/operator/orgs/{}/connect-invites", stage.org.id);
        let body = json!({"mode": "tech_provider", "note": "Halo"});
        let made = stage.app.operator.post(&path, body).await.expect(201);
        let link = format!("/api/v1/invites/{}", made.str("/token"));
        let client = &stage.app.anonymous;
        assert_eq!(client.get(&link).await.expect(200).str("/note"), "Halo");
        assert_eq!(client.get(&format!("{link}x")).await.status, 404);
        let dialog = client.post(&format!("{link}/dialog"), json!({})).await.expect(200);
        let again = client.post(&format!("{link}/dialog"), json!({})).await.expect(200);
        assert_eq!(dialog.str("/connection_id"), again.str("/connection_id"), "one connection");
        let run = stage.dialog(&again, json!({})).await;
        client.post(&format!("{link}/code"), Stage::code(&again, &run)).await.expect(202);
        stage.work().await;
        let seen = client.get(&link).await.expect(200);
        assert_eq!(seen.str("/connection/state"), "payment_pending", "{}", seen.text);
        // A link taken back opens nothing; a link's state is nobody else's.
        let stolen = json!({"state": dialog.str("/state"), "code": "AQBSTOLEN"});
        let path = format!("connections/{}/code", dialog.str("/connection_id"));
        assert_eq!(stage.org.owner.post(&path, stolen).await.problem(403), "signup_state_invalid");
        stage.org.owner.delete(&format!("connect-invites/{}", made.str("/invite/id"))).await.expect(204);
        assert_eq!(client.get(&link).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn pasted_values_are_tried_before_anything_is_stored() {
    both(async |stage| {
        // A token like a client makes by hand.
        stage.dialog(&stage.start_connection(&stage.org.owner, json!({})).await, json!({})).await;
        let good = json!({"waba_id": WABA, "phone_number_id": NUMBER, "token": BUSINESS_TOKEN});
        let field = async |wrong: Value, name: &str, trouble: &str| {
            let mut body = good.clone();
            body.as_object_mut().unwrap().extend(wrong.as_object().cloned().unwrap());
            let report = stage.org.owner.post("connections/manual/check", body.clone()).await.expect(200);
            let fields = report.json["fields"].as_array().cloned().unwrap_or_default();
            let found =
                fields.iter().find(|one| one["field"] == name).unwrap_or_else(|| panic!("{}", report.text));
            assert_eq!(found["problem"]["trouble"], trouble, "{}", report.text);
            stage.org.owner.post("connections/manual", body).await.expect(422);
        };
        field(json!({"token": "EAACUTOFF"}), "token", "token_malformed").await;
        field(json!({"waba_id": CLIENT}), "waba_id", "wrong_kind_of_id").await;
        field(json!({"waba_id": "700000000000777"}), "waba_id", "account_not_shared").await;
        field(json!({"phone_number_id": "600000000000777"}), "phone_number_id", "number_not_in_account")
            .await;
        for missing in [json!({"token": ""}), json!({"waba_id": " "}), json!({"phone_number_id": ""})] {
            let name = missing.as_object().unwrap().keys().next().unwrap().clone();
            field(missing, &name, "value_missing").await;
        }
        // An app of one's own is tried although it is known here.
        field(json!({"app_id": APP, "app_secret": "made up"}), "app", "app_secret_wrong").await;
        field(json!({"app_id": "999888777666", "app_secret": SECRET}), "app", "token_of_another_app").await;
        field(json!({"app_id": APP}), "app", "value_missing").await;
        field(json!({"app_id": "", "app_secret": ""}), "app", "value_missing").await;
        assert!(stage.org.owner.get("accounts").await.items().is_empty());
        let mut own = good.clone();
        own.as_object_mut()
            .unwrap()
            .extend([("app_id".to_owned(), json!(APP)), ("app_secret".to_owned(), json!(SECRET))]);
        let report = stage.org.owner.post("connections/manual/check", own).await.expect(200);
        assert_eq!(report.json["good"], true, "{}", report.text);
        let report = stage.org.owner.post("connections/manual/check", good.clone()).await.expect(200);
        assert_eq!(report.json["good"], true, "{}", report.text);
        let begun = stage.org.owner.post("connections/manual", good).await.expect(201);
        stage.work().await;
        let found = stage.connection(begun.str("/connection_id")).await;
        assert_eq!(found.str("/state"), "payment_pending", "{}", found.text);
    })
    .await;
}

#[tokio::test]
async fn nothing_secret_is_ever_told() {
    both(async |stage| {
        let id = stage.connect(json!({"mode": "solution_partner", "currency": "EUR"})).await;
        let mut told = String::new();
        for path in
            ["connections", "accounts", "numbers", "meta-apps", "readiness", "connect-invites", "audit"]
        {
            told += &stage.org.owner.get(path).await.text;
        }
        told += &stage.connection(&id).await.text;
        told += &stage.app.operator.get("/api/v1/operator/meta-apps").await.text;
        told += &stage.app.operator.get("/api/v1/operator/readiness").await.text;
        let mut tx = stage.app.ctx.store.read().await.unwrap();
        let mut scope = tx.org(stage.org.id).await.unwrap();
        let start = store::events::EventId { txid: 0, seq: 0, at: rules::time::Timestamp(0) };
        for event in scope.events_after(start, 1_000).await.unwrap() {
            told += &event.payload;
        }
        let account = scope.accounts().await.unwrap().remove(0);
        let number = scope.numbers(None).await.unwrap().remove(0);
        told += &format!("{account:?} {number:?}");
        let pin = stage.app.ctx.vault.open(
            &mut tx,
            stage.org.id,
            store::numbers::PIN,
            number.pin.as_ref().unwrap(),
        );
        let pin = secrecy::ExposeSecret::expose_secret(&pin.await.unwrap()).to_owned();
        for secret in [BUSINESS_TOKEN, SYSTEM_TOKEN, SECRET] {
            assert!(!told.contains(secret), "{secret} was told");
        }
        assert!(!told.contains(&format!("\"{pin}\"")), "the PIN was told");
        assert!(told.contains(APP));
    })
    .await;
}

#[tokio::test]
async fn what_only_a_person_can_tell_is_ticked_off_for_the_whole_organisation() {
    both(async |stage| {
        let state = async |code: &str| {
            let list = stage.org.owner.get("readiness").await.expect(200).json;
            let item =
                list["items"].as_array().unwrap().iter().find(|item| item["code"] == code).unwrap().clone();
            (item["by_hand"].as_bool().unwrap(), item["state"].as_str().unwrap().to_owned())
        };
        assert_eq!(state("website").await, (true, "ask".to_owned()));
        assert!(!state("meta_app").await.0);
        let path = format!("/api/v1/orgs/{}", stage.org.id);
        let tick = json!({"settings": {"at_hand": {"website": true}}});
        stage.org.owner.patch(&path, tick).await.expect(200);
        assert_eq!(state("website").await, (true, "good".to_owned()));
        assert_eq!(state("payment_card").await, (true, "ask".to_owned()));
    })
    .await;
}
