//! Files: uploaded, served, refused.

use std::io::Cursor;
use std::time::Duration;

use futures::StreamExt as _;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rules::id::{MediaId, MessageId, NumberId};
use rules::media::MediaState;
use rules::role::Role;
use rules::time::span;
use serde_json::json;
use server::media::{Examiner, Unscanned};
use store::media::NewInboundMedia;
use testkit::Database;
use testkit::app::{self, Actor, Answer, Judge, TestApp, VIRUS};

use super::knowledge::reader;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01 and the rest of it";

async fn upload(actor: &Actor, kind: Option<&'static str>, name: &str, mime: &str, bytes: &[u8]) -> Answer {
    let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned()).mime_str(mime).unwrap();
    let form = kind.map_or_else(Form::new, |kind| Form::new().text("kind", kind));
    actor.send(actor.request(Method::POST, "media").multipart(form.part("file", part))).await
}

#[tokio::test]
async fn a_file_comes_back_as_an_attachment_that_nothing_runs() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let file = upload(&org.key, None, "menu.png", "image/png", PNG).await.expect(201);
        assert_eq!(
            (file.str("/state"), file.str("/mime"), file.str("/file_name")),
            ("stored", "image/png", "menu.png")
        );
        let path = file.str("/url").to_owned();
        let got = org.owner.get(&path).await.expect(200);
        assert_eq!(got.headers["content-type"], "image/png");
        assert_eq!(got.headers["content-security-policy"], "default-src 'none'; sandbox");
        assert_eq!(got.headers["x-content-type-options"], "nosniff");
        assert!(
            got.headers["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment; filename=\"menu.png\"")
        );

        let part = org
            .owner
            .send(org.owner.request(Method::GET, &path).header("range", "bytes=1-3"))
            .await
            .expect(206);
        assert_eq!(part.text, "PNG");
        let tag = got.headers["etag"].to_str().unwrap();
        org.owner.send(org.owner.request(Method::GET, &path).header("if-none-match", tag)).await.expect(304);
        assert_eq!(org.owner.get(&format!("{path}/info")).await.json["size"], PNG.len());

        for path in [path.clone(), format!("{path}/info")] {
            let theirs = path.replace(&org.id.to_string(), &other.id.to_string());
            assert_eq!(other.owner.get(&theirs).await.problem(404), "not_found");
            assert_eq!(other.owner.get(&path).await.problem(404), "not_found");
            assert_eq!(app.anonymous.get(&path).await.problem(401), "unauthenticated");
        }
        let viewer = app.member(org.id, Role::Viewer).await;
        viewer.get(&path).await.expect(200);
        assert_eq!(upload(&viewer, None, "a.png", "image/png", PNG).await.problem(403), "right_missing");
    })
    .await;
}

#[tokio::test]
async fn what_a_file_is_its_content_says() {
    app::both(async |app| {
        let org = app.org("Kopi Senja").await;
        let page = upload(&org.key, None, "menu.png", "image/png", b"<html><script>alert(1)</script>")
            .await
            .expect(201);
        let got = org.owner.get(page.str("/url")).await.expect(200);
        assert_eq!(got.headers["content-type"], "application/octet-stream", "no page, whatever it is called");
        let sticker = upload(&org.key, Some("sticker"), "menu.png", "image/png", PNG).await;
        assert_eq!(sticker.problem(422), "unfit_file");
        assert!(sticker.str("/detail").contains("image/webp"), "{}", sticker.text);
        let program = upload(
            &org.key,
            None,
            "a",
            "application/octet-stream",
            &[b"\x7fELF\x02\x01\x01".as_slice(), &[0; 64]].concat(),
        )
        .await;
        assert_eq!(program.problem(422), "unfit_file");
        assert_eq!(upload(&org.key, None, "a.txt", "text/plain", b"").await.problem(422), "unfit_file");
        let huge = [PNG, &vec![0; 6 << 20]].concat();
        let huge = upload(&org.key, Some("image"), "big.png", "image/png", &huge).await;
        assert_eq!((huge.problem(422), &huge.json["most_bytes"]), ("file_too_large", &json!(5 << 20)));
        assert_eq!(upload(&org.key, Some("poem"), "a.txt", "text/plain", b"x").await.problem(422), "invalid");
        assert_eq!(org.key.post("media", json!({})).await.problem(400), "no_file");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_could_not_be_fetched_says_why_and_can_be_tried_again() {
    app::both(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let (now, chance) = (app.now(), app.ctx.chance());
        let id = MediaId::fresh(now, chance);
        let media = NewInboundMedia {
            id,
            message: MessageId::fresh(now, chance),
            number: NumberId::fresh(now, chance),
            mime: "image/jpeg",
            file_name: None,
            meta_media_id: "1003383421387256",
            meta_sha256: None,
        };
        let mut tx = app.ctx.store.begin().await.unwrap();
        let mut scope = tx.org(org.id).await.unwrap();
        scope.insert_inbound_media(&media, now).await.unwrap();
        scope
            .media_problem(id, MediaState::Failed, Some(&json!({ "code": "media_unreachable" })))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(org.owner.get(&format!("media/{id}")).await.problem(409), "media_failed");
        assert_eq!(
            org.owner.get(&format!("media/{id}/info")).await.str("/problem/code"),
            "media_unreachable"
        );
        let retry = format!("media/{id}/retry");
        assert_eq!(other.owner.post(&retry, json!({})).await.problem(404), "not_found");
        assert_eq!(org.owner.post(&retry, json!({})).await.expect(202).str("/state"), "pending");
        assert_eq!(org.owner.post(&retry, json!({})).await.problem(409), "media_not_failed");
        assert_eq!(org.owner.get(&format!("media/{id}")).await.problem(409), "media_pending");
        // The number that it came to is unknown, so the job ends with the reason.
        app.run_jobs().await;
        assert_eq!(
            org.owner.get(&format!("media/{id}/info")).await.str("/problem/code"),
            "number_disconnected"
        );
    })
    .await;
}

fn photograph() -> Vec<u8> {
    let seen = RgbImage::from_fn(1200, 900, |x, y| Rgb([(x / 5) as u8, (y / 4) as u8, 90]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(seen).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn a_picture_is_shown_in_small() {
    seen(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let file = upload(&org.key, Some("image"), "menu.jpg", "image/jpeg", &photograph()).await.expect(201);
        assert_eq!((&file.json["width"], &file.json["height"]), (&json!(1200), &json!(900)));
        assert!(file.str("/placeholder").starts_with("data:image/png;base64,"));
        let path = file.str("/thumbnail_url").to_owned();
        let small = org.owner.get(&path).await.expect(200);
        assert_eq!(small.headers["content-type"], "image/jpeg");
        assert_eq!(small.headers["cache-control"], "private, no-cache");
        let tag = small.headers["etag"].to_str().unwrap();
        org.owner.send(org.owner.request(Method::GET, &path).header("if-none-match", tag)).await.expect(304);
        assert_eq!(other.owner.get(&path).await.problem(404), "not_found");
        assert_eq!(app.anonymous.get(&path).await.problem(401), "unauthenticated");
        // What is no picture has none.
        let paper = upload(&org.key, None, "a.txt", "text/plain", b"menu").await.expect(201);
        assert_eq!((&paper.json["thumbnail_url"], &paper.json["width"]), (&json!(null), &json!(null)));
        let none = format!("{}/thumbnail", paper.str("/url"));
        assert_eq!(org.owner.get(&none).await.problem(404), "not_found");
        let kept = org.owner.get("media/kept").await.expect(200);
        assert_eq!((&kept.json["files"], &kept.json["scanned"]), (&json!(2), &json!(false)));
    })
    .await;
}

/// Runs a test where pictures are looked at, once on each kind of database.
async fn seen(test: impl AsyncFn(&TestApp)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let app =
            TestApp::start_with(database.expect("a database"), |parts| parts.parse_document = reader()).await;
        test(&app).await;
        app.finish().await;
    }
}

/// Runs a test with a virus scanner, once on each kind of database.
async fn scanned(unscanned: Unscanned, test: impl AsyncFn(&TestApp, &Judge)) {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let judge = Judge::new();
        let scanner = judge.clone();
        let app = TestApp::start_with(database.expect("a database"), move |parts| {
            parts.examiner = Examiner::new(Some(scanner), unscanned);
            parts.parse_document = reader();
        })
        .await;
        test(&app, &judge).await;
        app.finish().await;
    }
}

#[tokio::test]
async fn what_a_virus_is_found_in_is_not_taken() {
    scanned(Unscanned::Hold, async |app, _| {
        let org = app.org("Kopi Senja").await;
        let refused = upload(&org.key, None, "invoice.txt", "text/plain", VIRUS).await;
        assert_eq!(refused.problem(422), "infected_file");
        assert!(refused.str("/detail").contains("Eicar-Test-Signature"), "{}", refused.text);
        assert_eq!(org.owner.get("media/kept").await.json["files"], 0);
        let audit = org.owner.get("audit").await.expect(200);
        assert!(audit.items().iter().any(|entry| entry["action"] == "media.infected"), "{}", audit.text);
        let clean = upload(&org.key, None, "menu.txt", "text/plain", b"menu").await.expect(201);
        assert_eq!(clean.str("/state"), "stored");
        app.run_jobs().await;
    })
    .await;
}

#[tokio::test]
async fn while_the_scanner_is_away_files_wait() {
    scanned(Unscanned::Hold, async |app, judge| {
        let org = app.org("Kopi Senja").await;
        judge.set_away(true);
        let menu = upload(&org.key, None, "menu.jpg", "image/jpeg", &photograph()).await.expect(201);
        let virus = upload(&org.key, None, "invoice.txt", "text/plain", VIRUS).await.expect(201);
        assert_eq!((menu.str("/state"), menu.str("/problem/code")), ("checking", "media_checking"));
        assert_eq!((&menu.json["url"], &menu.json["thumbnail_url"]), (&json!(null), &json!(null)));
        let path = |file: &Answer| format!("media/{}", file.str("/id"));
        for file in [&menu, &virus] {
            assert_eq!(org.owner.get(&path(file)).await.problem(409), "media_checking");
        }
        app.clock.advance(Duration::from_secs(61));
        app.run_jobs().await;
        assert_eq!(org.owner.get(&path(&menu)).await.problem(409), "media_checking");
        judge.set_away(false);
        app.clock.advance(Duration::from_secs(61));
        app.run_jobs().await;
        org.owner.get(&path(&menu)).await.expect(200);
        org.owner.get(&format!("{}/thumbnail", path(&menu))).await.expect(200);
        assert_eq!(org.owner.get(&path(&virus)).await.problem(409), "media_blocked");
        let info = org.owner.get(&format!("{}/info", path(&virus))).await.expect(200);
        assert_eq!((info.str("/state"), info.str("/problem/code")), ("blocked", "media_infected"));
        assert_eq!(info.str("/problem/details"), "Eicar-Test-Signature");
    })
    .await;
}

#[tokio::test]
async fn an_installation_may_choose_not_to_wait() {
    scanned(Unscanned::Allow, async |app, judge| {
        let org = app.org("Kopi Senja").await;
        judge.set_away(true);
        let virus = upload(&org.key, None, "invoice.txt", "text/plain", VIRUS).await.expect(201);
        org.owner.get(virus.str("/url")).await.expect(200);
        judge.set_away(false);
        app.clock.advance(Duration::from_secs(61));
        app.run_jobs().await;
        assert_eq!(org.owner.get(virus.str("/url")).await.problem(409), "media_blocked");
    })
    .await;
}

/// Lets files look as if they had been stored long ago.
fn age_files(app: &TestApp) {
    fn walk(folder: &std::path::Path) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path());
            } else {
                let file = std::fs::File::options().write(true).open(entry.path()).unwrap();
                file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
            }
        }
    }
    walk(app.ctx.settings.data.as_ref().unwrap());
}

async fn sweep(app: &TestApp) {
    let mut tx = app.ctx.store.begin().await.unwrap();
    server::media::sweep_later(&mut tx, app.now()).unwrap();
    tx.commit().await.unwrap();
    age_files(app);
    app.run_jobs().await;
}

#[tokio::test]
async fn files_go_when_their_time_is_over_and_bytes_when_nobody_has_them() {
    seen(async |app| {
        let (org, other) = (app.org("Kopi Senja").await, app.org("Klinik").await);
        let ours = upload(&org.key, None, "menu.jpg", "image/jpeg", &photograph()).await.expect(201);
        let theirs = upload(&other.key, None, "menu.jpg", "image/jpeg", &photograph()).await.expect(201);
        let only_ours = upload(&org.key, None, "a.txt", "text/plain", b"only ours").await.expect(201);
        let stored = async || app.ctx.blobs.list().count().await;
        assert_eq!(stored().await, 3, "a picture, it in small, and a text");
        let rule = json!({ "settings": { "retention": { "media_outbound_days": 30 } } });
        org.owner.patch("", rule).await.expect(200);
        app.clock.advance(span::days(29));
        sweep(app).await;
        assert_eq!((org.key.get(only_ours.str("/url")).await.status, stored().await), (200, 3));
        app.clock.advance(span::days(2));
        sweep(app).await;
        for file in [&ours, &only_ours] {
            assert_eq!(org.key.get(file.str("/url")).await.problem(409), "media_expired");
            let info = org.key.get(&format!("{}/info", file.str("/url"))).await.expect(200);
            assert_eq!((info.str("/state"), info.str("/problem/code")), ("expired", "media_expired"));
        }
        other.key.get(theirs.str("/url")).await.expect(200);
        assert_eq!(stored().await, 2, "what another organisation has too stays");
    })
    .await;
}

#[tokio::test]
async fn bytes_that_nobody_ever_named_are_swept() {
    app::both(async |app| {
        let lost = futures::stream::iter([Ok("lost".into())]).boxed();
        app.ctx.blobs.put(lost, 10).await.unwrap();
        let org = app.org("Kopi Senja").await;
        let kept = upload(&org.key, None, "a.txt", "text/plain", b"kept").await.expect(201);
        sweep(app).await;
        assert_eq!(app.ctx.blobs.list().count().await, 1);
        org.key.get(kept.str("/url")).await.expect(200);
    })
    .await;
}
