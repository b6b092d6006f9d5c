//! What members do together in the inbox: notes, canned replies, views, putting aside, seeing each other.

use rules::role::Role;
use rules::time::span;
use serde_json::{Value, json};
use testkit::app;

use crate::chat::{Chat, events, number};

#[tokio::test]
async fn a_note_calls_a_member_and_is_its_writer_s_alone_to_change() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        let chat = Chat::start(app, org.id, number(app, org.id).await, "6281234567890").await;
        let members = org.owner.get("members").await.expect(200);
        let id_of = |role: &str| {
            members.items().iter().find(|member| member["role"] == role).map(|member| member["id"].clone())
        };
        let (owner_id, agent_id) = (id_of("owner").unwrap(), id_of("agent").unwrap());

        let path = format!("conversations/{}/notes", chat.id());
        let text =
            json!({ "text": "Pelanggan lama, @Agen tolong dibantu", "mentions": [agent_id, agent_id] });
        let note = org.owner.post(&path, text).await.expect(201);
        assert_eq!(note.json["mentions"], json!([agent_id]));
        assert_eq!(note.json["author_id"], owner_id);
        let one = format!("notes/{}", note.str("/id"));
        assert_eq!(agent.put(&one, json!({ "text": "x" })).await.problem(403), "not_your_note");
        assert_eq!(agent.delete(&one).await.problem(403), "not_your_note");
        assert_eq!(agent.get("conversations?mentions_me=true").await.items().len(), 1);
        assert!(org.owner.get("conversations?mentions_me=true").await.items().is_empty());
        assert_eq!(org.key.get("conversations?mentions_me=true").await.problem(400), "no_member");

        let stranger = json!({ "text": "x", "mentions": [chat.contact()] });
        assert_eq!(org.owner.put(&one, stranger).await.problem(422), "invalid");
        let changed = org.owner.put(&one, json!({ "text": "Sudah beres" })).await.expect(200);
        assert!(changed.json["edited_at"].is_i64() && changed.json["mentions"] == json!([]));
        assert_eq!(agent.get(&path).await.items()[0]["text"], "Sudah beres");
        org.owner.delete(&one).await.expect(204);
        let theirs = agent.post_once(&path, "once", json!({ "text": "x" })).await.expect(201);
        let again = agent.post_once(&path, "once", json!({ "text": "x" })).await.expect(201);
        assert_eq!(again.json["id"], theirs.json["id"], "a note that is sent again is left once");
        org.owner.delete(&format!("notes/{}", theirs.str("/id"))).await.expect(204);
        assert!(agent.get(&path).await.items().is_empty());

        // Nothing of it is a message.
        assert!(org.owner.get(&format!("conversations/{}/messages", chat.id())).await.items().is_empty());
        let told = events(app, org.id, 5).await;
        let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["note.created", "note.updated", "note.removed", "note.created", "note.removed"]);
        assert_eq!(told[0].1["mentions"], json!([agent_id]));
        assert!(!told[0].1.to_string().contains("Pelanggan"), "words stay where rights are asked for");
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn canned_replies_and_views_are_kept_changed_and_removed() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        let keep =
            |shortcut: &str| json!({ "shortcut": shortcut, "text": "Halo {{name}}, kami buka pukul tujuh." });
        let reply = agent.post("canned-replies", keep("Jam-Buka")).await.expect(201);
        assert_eq!(reply.str("/shortcut"), "jam-buka");
        assert_eq!(agent.post("canned-replies", keep("jam-buka")).await.problem(422), "invalid");
        assert_eq!(agent.post("canned-replies", keep("jam buka")).await.problem(422), "invalid");
        let path = format!("canned-replies/{}", reply.str("/id"));
        org.owner.put(&path, keep("jam")).await.expect(200);
        assert_eq!(agent.get("canned-replies").await.items()[0]["shortcut"], "jam");
        agent.delete(&path).await.expect(204);
        assert_eq!(agent.delete(&path).await.problem(404), "not_found");

        let filter = json!({ "status": "open", "assignee": "me", "snoozed": false });
        let view = |shared: bool| json!({ "name": "Punya saya", "filter": filter, "shared": shared });
        let own = agent.post("views", view(false)).await.expect(201);
        let shared = agent.post("views", view(true)).await.expect(201);
        assert_eq!((&own.json["filter"], &own.json["shared"]), (&filter, &json!(false)));
        let seen: Vec<Value> =
            org.owner.get("views").await.items().iter().map(|view| view["id"].clone()).collect();
        assert_eq!(seen, [shared.json["id"].clone()]);
        let path = |view: &app::Answer| format!("views/{}", view.str("/id"));
        let other = json!({ "name": "Refund", "filter": { "label": "refund", "contact_label": "vip" } });
        let changed = agent.put(&path(&own), other.clone()).await.expect(200);
        assert_eq!((changed.str("/name"), &changed.json["filter"]), ("Refund", &other["filter"]));
        assert_eq!(changed.json["shared"], json!(false));
        assert_eq!(org.owner.put(&path(&own), other.clone()).await.problem(404), "not_found");
        org.owner.put(&path(&shared), other).await.expect(200);
        assert_eq!(org.owner.delete(&path(&own)).await.problem(404), "not_found");
        org.owner.delete(&path(&shared)).await.expect(204);
        assert_eq!(agent.get("views").await.items().len(), 1);
        let unknown = json!({ "name": "x", "filter": { "colour": "red" } });
        agent.post("views", unknown).await.expect(422);
        let both = json!({ "name": "x", "filter": { "q": "kopi", "unread": true } });
        assert_eq!(agent.post("views", both).await.problem(422), "invalid");
    })
    .await;
}

#[tokio::test]
async fn a_conversation_has_labels_of_its_own() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let chat = Chat::start(app, org.id, number(app, org.id).await, "6281234567890").await;
        let path = format!("conversations/{}/labels", chat.id());
        let given = json!({ "add": [" refund ", "refund", "50% off"] });
        let labelled = org.owner.patch(&path, given.clone()).await.expect(200);
        assert_eq!(labelled.json["labels"], json!(["refund", "50% off"]));
        assert_eq!(labelled.json["contact"]["labels"], json!([]), "who it is with is another matter");
        org.owner.patch(&path, given).await.expect(200);
        assert_eq!(events(app, org.id, 1).await[0].0, "conversation.updated");
        assert_eq!(org.owner.get("conversations/labels").await.json["items"], json!(["50% off", "refund"]));
        assert!(org.owner.get("contacts/labels").await.items().is_empty());
        let contact = format!("contacts/{}", chat.contact());
        org.owner.patch(&contact, json!({ "labels": { "add": ["vip"] } })).await.expect(200);
        for (query, found) in
            [("label=refund", 1), ("label=vip", 0), ("contact_label=vip", 1), ("contact_label=refund", 0)]
        {
            assert_eq!(
                org.owner.get(&format!("conversations?{query}")).await.items().len(),
                found,
                "{query}"
            );
        }
        let long = json!({ "add": ["x".repeat(61)] });
        assert_eq!(org.owner.patch(&path, long).await.problem(422), "invalid");
        let many: Vec<_> = (0..49).map(|at| format!("label {at}")).collect();
        assert_eq!(org.owner.patch(&path, json!({ "add": many })).await.problem(422), "too_many_labels");
        // Two who change others at the same time do not undo each other.
        let [one, other] = [json!({ "add": ["kopi"], "remove": ["refund"] }), json!({ "add": ["teh"] })];
        let (_, _) = tokio::join!(org.owner.patch(&path, one), org.owner.patch(&path, other));
        let labels = org.owner.get(&format!("conversations/{}", chat.id())).await.json["labels"].clone();
        let mut labels: Vec<String> = serde_json::from_value(labels).expect("labels");
        labels.sort();
        assert_eq!(labels, ["50% off", "kopi", "teh"]);
    })
    .await;
}

#[tokio::test]
async fn a_conversation_put_aside_comes_back_in_time_and_members_see_each_other() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let chat = Chat::start(app, org.id, number(app, org.id).await, "6281234567890").await;
        let path = |rest: &str| format!("conversations/{}{rest}", chat.id());
        let until = app.now() + span::hours(2);
        assert_eq!(
            org.owner.put(&path("/snooze"), json!({ "until": app.now() })).await.problem(422),
            "invalid"
        );
        let aside = org.owner.put(&path("/snooze"), json!({ "until": until })).await.expect(200);
        assert_eq!(aside.json["snoozed_until"], json!(until));
        let open = "conversations?status=open&snoozed=false";
        assert!(org.owner.get(open).await.items().is_empty());
        assert_eq!(org.owner.get("conversations/counts").await.json["snoozed"], 1);
        assert_eq!(server::inbox::wake(&app.ctx).await.unwrap(), 0);
        app.clock.advance(span::hours(2));
        assert_eq!(server::inbox::wake(&app.ctx).await.unwrap(), 1);
        assert_eq!(org.owner.get(open).await.items().len(), 1);

        org.owner.post(&path("/presence"), json!({ "doing": "typing" })).await.expect(204);
        let told = events(app, org.id, 3).await;
        assert_eq!(told[2].0, "conversation.presence");
        assert_eq!((&told[2].1["doing"], &told[2].1["at"]), (&json!("typing"), &json!(app.now())));
        org.owner.post(&path("/close"), json!({})).await.expect(200);
        let closed = org.owner.put(&path("/snooze"), json!({ "until": app.now() + span::hours(1) })).await;
        assert_eq!(closed.problem(409), "conversation_closed");
        let viewer = app.member(org.id, Role::Viewer).await;
        viewer.post(&path("/presence"), json!({ "doing": "viewing" })).await.expect(403);
    })
    .await;
}
