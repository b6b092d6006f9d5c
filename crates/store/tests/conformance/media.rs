//! Files: on their way, stored, failed; uploads and their ids at Meta.

use rules::id::{MediaId, MessageId, NumberId, OrgId};
use rules::media::MediaState;
use rules::time::{Clock as _, span};
use serde_json::json;
use store::media::{NewInboundMedia, NewUpload};
use testkit::{Seeded, TestClock, both};

#[tokio::test]
async fn an_inbound_file_is_stored_once_and_a_failure_can_be_tried_again() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(OrgId::fresh(now, &chance)).await.unwrap();
        let (id, message) = (MediaId::fresh(now, &chance), MessageId::fresh(now, &chance));
        let media = NewInboundMedia {
            id,
            message,
            number: NumberId::fresh(now, &chance),
            mime: "image/jpeg",
            file_name: None,
            meta_media_id: "1003383421387256",
            meta_sha256: Some("SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="),
        };
        scope.insert_inbound_media(&media, now).await.unwrap();
        assert!(
            scope.media_problem(id, MediaState::Failed, Some(&json!({ "code": 131_052 }))).await.unwrap()
        );
        let failed = scope.media(id).await.unwrap().unwrap();
        assert_eq!(
            (failed.state, failed.problem.unwrap().0),
            (MediaState::Failed, json!({ "code": 131_052 }))
        );
        assert!(scope.media_problem(id, MediaState::Pending, None).await.unwrap());
        assert!(scope.media_stored(id, "image/png", 12, &[7; 32], now).await.unwrap());
        assert!(!scope.media_stored(id, "image/png", 12, &[8; 32], now).await.unwrap());
        assert!(!scope.media_problem(id, MediaState::Failed, None).await.unwrap());
        let stored = scope.media_of(&[message]).await.unwrap().remove(0);
        assert_eq!(
            (stored.mime.as_str(), stored.size, stored.sha256),
            ("image/png", Some(12), Some(vec![7; 32]))
        );
        assert!(scope.media_of(&[]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_upload_keeps_its_id_at_meta_until_that_dies() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(OrgId::fresh(now, &chance)).await.unwrap();
        let (id, number) = (MediaId::fresh(now, &chance), NumberId::fresh(now, &chance));
        let upload =
            NewUpload { id, mime: "application/pdf", file_name: Some("menu.pdf"), size: 9, sha256: &[1; 32] };
        scope.insert_upload(&upload, now).await.unwrap();
        let until = now + span::days(30);
        scope.set_meta_media(id, number, "998", until).await.unwrap();
        let media = scope.media(id).await.unwrap().unwrap();
        assert_eq!((media.state, media.number_id), (MediaState::Stored, Some(number)));
        assert_eq!((media.meta_media_id.as_deref(), media.meta_media_until), (Some("998"), Some(until)));
    })
    .await;
}
