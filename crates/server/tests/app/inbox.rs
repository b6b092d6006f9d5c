//! Conversations and messages.

use rules::id::{AnswerId, MediaId};
use rules::message::Author;
use rules::role::{Right, Role};
use rules::time::span;
use serde_json::{Value, json};
use store::knowledge::NewAnswer;
use store::media::NewInboundMedia;
use testkit::app::{self, Answer};

use crate::chat::{Chat, events, number};

fn ids(answer: &Answer) -> Vec<&str> {
    answer.items().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_conversation_is_taken_over_given_away_given_back_and_closed() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        chat.hears("Halo").await;
        let path = |rest: &str| format!("conversations/{}{rest}", chat.id());

        let taken = org.owner.post(&path("/hand-off"), json!({})).await.expect(200);
        assert_eq!((taken.str("/ai/state"), taken.str("/ai/reason")), ("handed_off", "taken_over"));
        assert_eq!(taken.str("/last_message/preview"), "Halo");
        org.owner.post(&path("/hand-off"), json!({})).await.expect(200);

        app.clock.advance(span::minutes(1));
        let back = org.owner.post(&path("/hand-back"), json!({})).await.expect(200);
        assert_eq!((back.str("/ai/state"), &back.json["ai"]["since"]), ("on", &json!(app.now())));
        assert_eq!(org.owner.put(&path("/ai"), json!({ "on": false })).await.str("/ai/state"), "off");
        assert_eq!(org.owner.put(&path("/ai"), json!({ "on": true })).await.str("/ai/state"), "on");

        let me = org.owner.get("members").await.items()[0]["id"].clone();
        let mine = org.owner.post(&path("/assign"), json!({ "member_id": me })).await.expect(200);
        assert_eq!(mine.json["assignee_id"], me);
        let stranger = json!({ "member_id": chat.contact() });
        assert_eq!(org.owner.post(&path("/assign"), stranger).await.problem(422), "invalid");
        assert_eq!(ids(&org.owner.get("conversations?assignee=me").await), [chat.id().to_string()]);
        assert_eq!(org.key.get("conversations?assignee=me").await.problem(400), "no_member");
        let counts = org.owner.get("conversations/counts").await.expect(200);
        assert_eq!(
            counts.json,
            json!({ "open": 1, "unassigned": 0, "mine": 1, "handed_off": 0, "unread": 1, "snoozed": 0 })
        );

        assert_eq!(org.owner.post(&path("/read"), json!({})).await.json["unread"], 0);
        assert_eq!(org.owner.post(&path("/unread"), json!({})).await.json["unread"], 1);
        org.owner.post(&path("/typing"), json!({})).await.expect(204);
        assert_eq!(org.owner.post(&path("/close"), json!({})).await.str("/status"), "closed");
        assert!(org.owner.get("conversations?status=open").await.items().is_empty());
        chat.hears("Satu lagi").await;
        assert_eq!(org.owner.get("conversations?status=open").await.items().len(), 1, "writing reopens");
        assert_eq!(org.owner.post(&path("/reopen"), json!({})).await.str("/status"), "open");

        // Taken over, given back, off, on, assigned, read, unread, closed: a repetition is no news.
        let told = events(app, org.id, 8).await;
        assert!(told.iter().all(|(kind, _)| kind == "conversation.updated"));
        assert_eq!(told[0].1, json!({ "conversation_id": chat.id() }));
        let audited = org.owner.get("audit").await;
        let mut actions: Vec<_> =
            audited.items().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        actions.sort_unstable();
        let mut expected = vec!["conversation.ai"; 4];
        expected.extend(["conversation.assign", "conversation.close"]);
        assert_eq!(actions, expected, "reading and looking are not audited, repetitions neither");
        // The thread tells the same, without addresses.
        let history = org.owner.get(&path("/history")).await.expect(200);
        let mut told: Vec<_> = history.items().iter().map(|deed| deed["what"].as_str().unwrap()).collect();
        told.sort_unstable();
        assert_eq!(told, ["ai", "ai", "ai", "ai", "assigned", "closed"]);
        let assigned = history.items().iter().find(|deed| deed["what"] == "assigned").unwrap();
        assert_eq!((&assigned["member_id"], &assigned["assignee_id"]), (&me, &me));
        assert_eq!(history.items()[5]["reason"], "taken_over", "the first, a minute before the others");
        app.clock.advance(span::minutes(1));
        let mut tx = app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(org.id).await.unwrap();
        server::bot::hand_off(&app.ctx, &mut scope, chat.id(), "too_many_replies", app.now()).await.unwrap();
        tx.commit().await.unwrap();
        let newest = org.owner.get(&path("/history?limit=1")).await.expect(200).items()[0].clone();
        assert_eq!((&newest["by_itself"], &newest["ai"]), (&json!(true), &json!("handed_off")));
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn who_may_only_read_changes_nothing_and_others_see_nothing() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        let message = chat.hears("rahasia").await;
        let viewer = app.member(org.id, Role::Viewer).await;
        viewer.get(&format!("conversations/{}", chat.id())).await.expect(200);
        let close = format!("conversations/{}/close", chat.id());
        assert_eq!(viewer.post(&close, json!({})).await.problem(403), "right_missing");
        let narrow = app.key(org.id, &[Right::ReadKnowledge]).await;
        assert_eq!(narrow.get("conversations").await.problem(403), "right_missing");

        app.run_jobs().await;
        for path in [
            format!("conversations/{}", chat.id()),
            format!("conversations/{}/messages", chat.id()),
            format!("messages/{message}"),
            format!("messages/search?q=rahasia&conversation_id={}", chat.id()),
        ] {
            assert_eq!(other.owner.get(&path).await.problem(404), "not_found", "{path}");
        }
        assert_eq!(other.owner.post(&close, json!({})).await.problem(404), "not_found");
        assert!(other.owner.get("conversations").await.items().is_empty());
        assert!(other.owner.get("messages/search?q=rahasia").await.items().is_empty());
        let theirs = json!({ "contact_id": chat.contact(), "number_id": number });
        assert_eq!(other.owner.post("conversations", theirs).await.problem(404), "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_thread_reads_from_its_end_back_to_its_beginning_and_on_from_anywhere() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        let mut said = Vec::new();
        for n in 0..7 {
            said.push(chat.hears(&format!("pesan {n}")).await.to_string());
        }
        let get = async |query: &str| {
            org.key.get(&format!("conversations/{}/messages?{query}", chat.id())).await.expect(200)
        };
        let newest = get("limit=3").await;
        assert_eq!(
            (ids(&newest), &newest.json["has_newer"]),
            (said[4..].iter().map(String::as_str).collect(), &json!(false))
        );
        let older = get(&format!("limit=9&older_than={}", newest.str("/older"))).await;
        assert_eq!((ids(&older).len(), &older.json["older"]), (4, &Value::Null));
        let around = get(&format!("limit=2&around={}", said[3])).await;
        assert_eq!(ids(&around), said[2..5]);
        assert_eq!(around.json["has_newer"], true);
        let on = get(&format!("limit=9&newer_than={}", around.str("/newer"))).await;
        assert_eq!(ids(&on), said[5..]);

        let late = chat.hears("satu lagi").await.to_string();
        let caught_up = get(&format!("newer_than={}", newest.str("/newer"))).await;
        assert_eq!(ids(&caught_up), [late]);
        let both = format!("conversations/{}/messages?around={}&older_than=x", chat.id(), said[0]);
        assert_eq!(org.key.get(&both).await.problem(400), "malformed_query");
        let bad = format!("conversations/{}/messages?older_than=x", chat.id());
        assert_eq!(org.key.get(&bad).await.problem(400), "bad_cursor");
    })
    .await;
}

#[tokio::test]
async fn a_message_shows_what_it_answers_its_files_and_its_sources() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        let question = chat.hears("Berapa harga kopi?").await;
        let answer = chat.says(Author::Ai, "Rp85.000", Some(question)).await;
        let (now, chance) = (app.now(), app.ctx.chance());
        let mut tx = app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(org.id).await.unwrap();
        let given = NewAnswer {
            id: AnswerId::fresh(now, chance),
            conversation: Some(chat.id()),
            message: Some(answer),
            answered: &[question],
            question: "Berapa harga kopi?",
            language: "id",
            engine: "embedded",
            verdict: "answered",
            text: "Rp85.000",
            passages: r#"[{"title":"Daftar harga","score":3.5}]"#,
            prompt: None,
            tokens_in: 0,
            tokens_out: 0,
            micros: 900,
            at: now,
        };
        scope.insert_answer(&given).await.unwrap();
        let file = NewInboundMedia {
            id: MediaId::fresh(now, chance),
            message: question,
            number,
            mime: "image/jpeg",
            file_name: None,
            meta_media_id: "1",
            meta_sha256: None,
        };
        scope.insert_inbound_media(&file, now).await.unwrap();
        tx.commit().await.unwrap();

        let thread = org.owner.get(&format!("conversations/{}/messages", chat.id())).await.expect(200);
        let [asked, answered] = thread.items() else { panic!("{}", thread.text) };
        assert_eq!(
            (&asked["media"][0]["state"], &asked["media"][0]["url"]),
            (&json!("pending"), &Value::Null)
        );
        assert_eq!(answered["reply_to"], json!(question));
        assert_eq!(answered["answer"]["passages"][0]["title"], "Daftar harga");
        assert_eq!((&answered["author"], &answered["state"]), (&json!("ai"), &json!("sent")));
        let one = org.owner.get(&format!("messages/{answer}")).await.expect(200);
        assert_eq!((one.str("/body"), &one.json["attempts"]), ("Rp85.000", &json!([])));
        assert!(org.owner.get("messages/unresolved").await.items().is_empty());
    })
    .await;
}

#[tokio::test]
async fn messages_are_found_by_their_words_newest_first() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        let other = Chat::start(app, org.id, number, "6281234567891").await;
        let first = chat.hears("Berapa harga kopi Gayo?").await;
        let second = other.hears("Harganya berapa, kak?").await;
        app.run_jobs().await;
        let found = org.owner.get("messages/search?q=HARGA").await.expect(200);
        let messages: Vec<_> = found.items().iter().map(|hit| hit["message_id"].clone()).collect();
        assert_eq!(messages, [json!(second), json!(first)]);
        assert_eq!(found.items()[0]["contact"]["display_name"], "+6281234567891");
        let page = org.owner.get("messages/search?q=harga&limit=1").await.expect(200);
        let rest =
            org.owner.get(&format!("messages/search?q=harga&limit=1&after={}", page.str("/next"))).await;
        assert_eq!(rest.items()[0]["message_id"], json!(first));
        let within = format!("messages/search?q=harga&conversation_id={}", chat.id());
        assert_eq!(org.owner.get(&within).await.items().len(), 1);
        assert_eq!(org.owner.get("messages/search?q=").await.problem(422), "invalid");
    })
    .await;
}

#[tokio::test]
async fn a_conversation_says_what_may_be_sent_and_why_not_the_rest() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let number = number(app, org.id).await;
        let new = json!({ "phone": "+62 812 3456 7890", "number_id": number });
        let opened = org.owner.post("conversations", &new).await.expect(201);
        org.owner.post("conversations", &new).await.expect(200);
        let nobody = json!({ "number_id": number });
        assert_eq!(org.owner.post("conversations", nobody).await.problem(422), "invalid");
        let path = format!("conversations/{}", opened.str("/id"));
        let shut = org.owner.get(&path).await.expect(200);
        assert_eq!(shut.json["window_closes_at"], Value::Null);
        assert_eq!(shut.str("/may_send/free_form/reason"), "window_closed");
        assert_eq!(shut.str("/may_send/utility_template/reason"), "no_opt_in");
        assert!(shut.str("/may_send/free_form/explanation/id").contains("24 jam"));

        let chat = Chat::start(app, org.id, number, "6281234567890").await;
        chat.hears("Halo").await;
        let open = org.owner.get(&path).await.expect(200);
        assert_eq!(open.json["window_closes_at"], json!(app.now() + span::hours(24)));
        assert_eq!(open.str("/may_send/free_form/verdict"), "send");
        assert_eq!(open.str("/may_send/utility_template/verdict"), "send");
        assert_eq!(open.str("/may_send/marketing_template/reason"), "no_marketing_opt_in");
        let yes = json!({ "purpose": "marketing", "action": "opt_in", "wording": "Kirimi saya promo" });
        org.owner.post(&format!("contacts/{}/consent", chat.contact()), yes).await.expect(201);
        assert_eq!(org.owner.get(&path).await.str("/may_send/marketing_template/verdict"), "send");
        app.clock.advance(span::hours(24));
        assert_eq!(org.owner.get(&path).await.str("/may_send/free_form/reason"), "window_closed");
    })
    .await;
}
