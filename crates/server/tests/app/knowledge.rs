//! Sources: added, read, replaced, corrected, removed; and files that cannot be read.

use std::path::PathBuf;

use documents::ChildCommand;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, header};
use rules::id::{AnswerId, ConversationId};
use rules::role::{Right, Role};
use serde_json::{Value, json};
use store::knowledge::NewAnswer;
use testkit::Database;
use testkit::app::{Actor, Answer, TestApp};

/// The program that reads documents lies beside the tests.
pub fn reader() -> ChildCommand {
    let tests = std::env::current_exe().unwrap();
    let program: PathBuf = tests.parent().unwrap().parent().unwrap().join("examples/parse-document");
    assert!(program.exists(), "{} is built with the tests", program.display());
    ChildCommand { program, arguments: Vec::new() }
}

async fn both(test: impl AsyncFn(&TestApp)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let app = TestApp::start_with(database.unwrap(), |parts| parts.parse_document = reader()).await;
        test(&app).await;
        app.finish().await;
    }
}

async fn upload(actor: &Actor, method: Method, path: &str, name: &str, mime: &str, bytes: Vec<u8>) -> Answer {
    let part = Part::bytes(bytes).file_name(name.to_owned()).mime_str(mime).unwrap();
    actor.send(actor.request(method, path).multipart(Form::new().part("file", part))).await
}

async fn ask(actor: &Actor, question: &str) -> Value {
    actor.post("ai/try", json!({ "question": question })).await.expect(200).json
}

#[tokio::test]
async fn knowledge_typed_in_answers_questions_and_can_be_changed() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let body = json!({ "title": "Opening hours", "text": "# Weekdays\nThe shop opens at 8 in the morning.\n\n# Weekend\nOn Sunday the shop is closed." });
        let added = org.key.post_once("sources/text", "k1", &body).await.expect(201);
        assert_eq!(added.str("/state"), "pending");
        let id = added.str("/id").to_owned();
        assert_eq!(org.key.post_once("sources/text", "k1", &body).await.str("/id"), id, "a repetition");
        app.run_jobs().await;
        let source = org.key.get(&format!("sources/{id}")).await.expect(200);
        assert_eq!((source.str("/state"), source.str("/language")), ("ready", "en"));
        assert_eq!(source.json["passages"], 2);
        let first = org.key.get(&format!("sources/{id}/passages?limit=1")).await.expect(200);
        let next = first.str("/next").to_owned();
        let second = org.key.get(&format!("sources/{id}/passages?limit=1&after={next}")).await.expect(200);
        assert_eq!(second.json["items"][0]["titles"], json!(["Opening hours", "Weekend"]));
        assert_eq!(second.json["next"], Value::Null);
        let kept = first.str("/items/0/id").to_owned();
        assert_eq!(ask(&org.key, "When does the shop open?").await["verdict"], "answered");

        let other = json!({ "text": "# Weekdays\nThe shop opens at 8 in the morning.\n\n# Weekend\nOn Sunday the shop opens at 10." });
        org.key.put(&format!("sources/{id}/text"), &other).await.expect(200);
        app.run_jobs().await;
        let passages = org.key.get(&format!("sources/{id}/passages")).await.expect(200);
        assert_eq!(passages.str("/items/0/id"), kept, "an unchanged passage stays");
        assert!(ask(&org.key, "Is the shop open on Sunday?").await["text"].as_str().unwrap().contains("10"));
        let content = org.key.get(&format!("sources/{id}/content")).await.expect(200);
        assert_eq!(content.json["text"], other["text"]);
        assert_eq!(org.key.put(&format!("sources/{id}/pairs"), json!({ "pairs": [{ "question": "a", "answer": "b" }] })).await.problem(409), "other_kind");

        org.key.patch(&format!("sources/{id}"), json!({ "title": "Shop hours" })).await.expect(200);
        app.run_jobs().await;
        assert!(ask(&org.key, "Is the shop open on Sunday?").await["passages"][0]["titles"].to_string().contains("Shop hours"));
        let file = org.key.get(&format!("sources/{id}/file")).await.expect(200);
        assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
        org.key.delete(&format!("sources/{id}")).await.expect(204);
        app.run_jobs().await;
        assert_eq!(ask(&org.key, "When does the shop open?").await["verdict"], "refused");
        assert_eq!(org.key.get(&format!("sources/{id}")).await.problem(404), "not_found");
    })
    .await;
}

#[tokio::test]
async fn knowledge_in_files_is_read_by_a_child() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let files = [
            ("hours.html", "text/html", "<html><head><title>Jam buka</title></head><body><h1>Jam buka</h1><p>Toko buka pukul 08.00 sampai 17.00 setiap hari kerja.</p></body></html>"),
            ("faq.csv", "text/csv", "question,answer\nBerapa ongkos kirim ke Bandung?,Ongkos kirim ke Bandung Rp15.000.\n"),
            ("retur.md", "text/markdown", "# Retur\n\nBarang dapat dikembalikan dalam tujuh hari.\n"),
            ("garansi.txt", "text/plain", "Mesin kopi bergaransi dua tahun sejak tanggal pembelian."),
        ];
        for (name, mime, text) in files {
            let added = upload(&org.key, Method::POST, "sources/file", name, mime, text.into()).await.expect(201);
            assert_eq!(added.str("/title"), name, "until it is read");
        }
        app.run_jobs().await;
        let list = org.key.get("sources").await.expect(200);
        for source in list.items() {
            assert_eq!(source["state"], "ready", "{source}");
            assert_eq!(source["language"], "id", "{source}");
        }
        let titles: Vec<_> = list.items().iter().map(|source| source["title"].as_str().unwrap()).collect();
        assert!(titles.contains(&"Jam buka"), "{titles:?}");
        for (question, expected) in [
            ("Jam berapa toko buka?", "08.00"),
            ("Berapa ongkos kirim ke Bandung?", "Rp15.000"),
            ("Berapa lama garansi mesin kopi?", "dua tahun"),
        ] {
            let answer = ask(&org.key, question).await;
            assert!(answer["text"].as_str().unwrap().contains(expected), "{answer}");
        }
        let twice = upload(&org.key, Method::POST, "sources/file", "again.txt", "text/plain", files[3].2.into()).await;
        assert_eq!(twice.problem(409), "source_exists");
        assert!(list.text.contains(twice.str("/source_id")));
    })
    .await;
}

#[tokio::test]
async fn knowledge_that_cannot_be_read_says_why_and_may_be_replaced() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let zip = b"PK\x03\x04 this is no document".to_vec();
        let added = upload(&org.key, Method::POST, "sources/file", "menu.pdf", "application/pdf", zip)
            .await
            .expect(201);
        let id = added.str("/id").to_owned();
        app.run_jobs().await;
        let source = org.key.get(&format!("sources/{id}")).await.expect(200);
        assert_eq!(source.str("/state"), "failed");
        assert!(!source.str("/problem/code").is_empty());
        assert_ne!(source.str("/problem/detail/en"), source.str("/problem/detail/id"));
        assert_eq!(
            org.key.post(&format!("sources/{id}/read"), json!({})).await.expect(202).str("/state"),
            "pending"
        );
        app.run_jobs().await;
        assert_eq!(org.key.get(&format!("sources/{id}")).await.str("/state"), "failed");
        let text = b"Kopi Gayo harganya Rp 85.000 per bungkus.".to_vec();
        upload(&org.key, Method::PUT, &format!("sources/{id}/file"), "menu.txt", "text/plain", text)
            .await
            .expect(200);
        app.run_jobs().await;
        let source = org.key.get(&format!("sources/{id}")).await.expect(200);
        assert_eq!((source.str("/state"), &source.json["problem"]), ("ready", &Value::Null));

        let empty = upload(&org.key, Method::POST, "sources/file", "a.txt", "text/plain", Vec::new()).await;
        assert_eq!(empty.problem(422), "empty_file");
        let large =
            upload(&org.key, Method::POST, "sources/file", "a.txt", "text/plain", vec![b'a'; (20 << 20) + 1])
                .await;
        assert_eq!(large.problem(422), "file_too_large");
        assert_eq!(org.key.post("sources/file", json!({})).await.problem(400), "no_file");
        assert_eq!(
            org.key.post("sources/text", json!({ "title": " ", "text": "x" })).await.problem(422),
            "invalid"
        );
    })
    .await;
}

#[tokio::test]
async fn knowledge_grows_by_corrections() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        let id = AnswerId::fresh(app.now(), app.ctx.chance());
        let mut tx = app.ctx.store.begin().await.unwrap();
        let given = NewAnswer {
            id,
            conversation: Some(ConversationId::fresh(app.now(), app.ctx.chance())),
            message: None,
            answered: &[],
            question: "Apakah ada parkir?",
            language: "id",
            engine: "embedded",
            verdict: "refused",
            text: "Maaf",
            passages: "[]",
            prompt: None,
            tokens_in: 0,
            tokens_out: 0,
            micros: 1,
            at: app.now(),
        };
        tx.org(org.id).await.unwrap().insert_answer(&given).await.unwrap();
        tx.commit().await.unwrap();
        let path = format!("answers/{id}/correct");
        let first =
            agent.post(&path, json!({ "answer": "Parkir ada di belakang toko, gratis." })).await.expect(200);
        assert_eq!(first.str("/kind"), "corrections");
        app.run_jobs().await;
        assert!(
            ask(&org.key, "Apakah ada parkir?").await["text"].as_str().unwrap().contains("di belakang toko")
        );
        let again = agent.post(&path, json!({ "answer": "Parkir ada di depan toko." })).await.expect(200);
        assert_eq!(again.str("/id"), first.str("/id"), "one source of corrections");
        agent
            .post(&path, json!({ "question": "Bisa parkir mobil?", "answer": "Bisa, di depan toko." }))
            .await
            .expect(200);
        app.run_jobs().await;
        let content = org.key.get(&format!("sources/{}/content", first.str("/id"))).await.expect(200);
        assert_eq!(content.json["pairs"].as_array().unwrap().len(), 2, "the same question was answered anew");
        let stranger = app.org("Toko Lain").await;
        assert_eq!(stranger.owner.post(&path, json!({ "answer": "x" })).await.problem(404), "not_found");
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(viewer.post(&path, json!({ "answer": "x" })).await.problem(403), "right_missing");
    })
    .await;
}

#[tokio::test]
async fn a_question_that_was_tried_is_taught_its_answer() {
    both(async |app| {
        let org = app.org("Kopi Senja").await;
        let agent = app.member(org.id, Role::Agent).await;
        assert_eq!(ask(&org.key, "Apakah ada parkir?").await["verdict"], "refused");
        let lesson =
            json!({ "question": " Apakah  ada parkir? ", "answer": "Parkir ada di belakang, gratis." });
        let source = agent.post("ai/corrections", &lesson).await.expect(200);
        assert_eq!(source.str("/kind"), "corrections");
        app.run_jobs().await;
        let taught = ask(&org.key, "Apakah ada parkir?").await;
        assert!(taught["text"].as_str().unwrap().contains("di belakang"));
        let other = json!({ "question": "apakah ada parkir?", "answer": "Tidak ada." });
        assert_eq!(agent.post("ai/corrections", &other).await.expect(200).str("/id"), source.str("/id"));
        app.run_jobs().await;
        let content = org.key.get(&format!("sources/{}/content", source.str("/id"))).await.expect(200);
        assert_eq!(content.json["pairs"].as_array().unwrap().len(), 1, "the later one holds");
        let viewer = app.member(org.id, Role::Viewer).await;
        assert_eq!(viewer.post("ai/corrections", &lesson).await.problem(403), "right_missing");
        let empty = json!({ "question": " ", "answer": "x" });
        assert_eq!(agent.post("ai/corrections", &empty).await.problem(422), "invalid");
    })
    .await;
}

#[tokio::test]
async fn knowledge_is_written_by_those_who_may_and_seen_by_its_own() {
    both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Toko Lain").await);
        let reader = app.key(org.id, &[Right::ReadKnowledge]).await;
        let body = json!({ "title": "Hours", "text": "The shop opens at 8." });
        assert_eq!(reader.post("sources/text", &body).await.problem(403), "right_missing");
        let id = org.key.post("sources/text", &body).await.expect(201).str("/id").to_owned();
        app.run_jobs().await;
        reader.get(&format!("sources/{id}")).await.expect(200);
        for path in [format!("sources/{id}"), format!("sources/{id}/passages"), format!("sources/{id}/file")]
        {
            assert_eq!(other.key.get(&path).await.problem(404), "not_found");
        }
        assert_eq!(other.key.delete(&format!("sources/{id}")).await.problem(404), "not_found");
        assert!(other.key.get("sources").await.items().is_empty());
        assert_eq!(ask(&other.key, "When does the shop open?").await["verdict"], "refused");
    })
    .await;
}
