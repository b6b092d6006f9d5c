//! Files: uploaded, served, refused.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rules::id::{MediaId, MessageId, NumberId};
use rules::media::MediaState;
use rules::role::Role;
use serde_json::json;
use store::media::NewInboundMedia;
use testkit::app::{self, Actor, Answer};

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
