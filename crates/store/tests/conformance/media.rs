//! Files: on their way, stored, failed; uploads and their ids at Meta.

use rules::id::{ContactId, ConversationId, MediaId, MessageId, NumberId, OrgId};
use rules::media::{FileState, MediaState, Scan};
use rules::message::Direction;
use rules::time::{Clock as _, span};
use serde_json::json;
use store::media::{Aged, Examined, NewInboundMedia, NewUpload};
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
        assert!(scope.media_stored(id, "image/png", 12, &[7; 32], Examined::default(), now).await.unwrap());
        assert!(!scope.media_stored(id, "image/png", 12, &[8; 32], Examined::default(), now).await.unwrap());
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
        let upload = NewUpload {
            id,
            mime: "application/pdf",
            file_name: Some("menu.pdf"),
            size: 9,
            sha256: &[1; 32],
            examined: Examined::default(),
        };
        scope.insert_upload(&upload, now).await.unwrap();
        let until = now + span::days(30);
        scope.set_meta_media(id, number, "998", until).await.unwrap();
        let media = scope.media(id).await.unwrap().unwrap();
        assert_eq!((media.state, media.number_id), (MediaState::Stored, Some(number)));
        assert_eq!((media.meta_media_id.as_deref(), media.meta_media_until), (Some("998"), Some(until)));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_waited_for_its_scan_is_open_or_blocked_afterwards() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(OrgId::fresh(now, &chance)).await.unwrap();
        let id = MediaId::fresh(now, &chance);
        let waiting = Examined { scan: Some(Scan::Waiting), found: Some("away"), ..Examined::default() };
        let upload = NewUpload {
            id,
            mime: "image/png",
            file_name: None,
            size: 9,
            sha256: &[1; 32],
            examined: waiting,
        };
        scope.insert_upload(&upload, now).await.unwrap();
        assert_eq!(scope.media(id).await.unwrap().unwrap().standing(), FileState::Checking);
        let seen = json!({ "width": 3 });
        let clean = Examined {
            scan: Some(Scan::Clean),
            found: None,
            preview: Some(&seen),
            thumbnail: Some(&[2; 32]),
        };
        assert!(scope.media_examined(id, clean).await.unwrap());
        let media = scope.media_by_id(&[id]).await.unwrap().remove(0);
        assert_eq!((media.standing(), media.preview.unwrap().0), (FileState::Stored, seen));
        assert_eq!((media.thumbnail_sha256, media.scan_found), (Some(vec![2; 32]), None));
        let infected = Examined { scan: Some(Scan::Infected), ..Examined::default() };
        assert!(!scope.media_examined(id, infected).await.unwrap(), "it waits no more");
        assert_eq!(scope.media_kept().await.unwrap(), (1, 9));
        tx.commit().await.unwrap();
        let mut tx = db.store.read().await.unwrap();
        let asked = [vec![1; 32], vec![2; 32], vec![3; 32]];
        assert_eq!(tx.bytes_in_use(&asked).await.unwrap(), [vec![1; 32], vec![2; 32]].into());
    })
    .await;
}

#[tokio::test]
async fn files_come_of_age_unless_they_were_sent_again() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let org = OrgId::fresh(now, &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let mut upload = async |at, byte: u8| {
            let id = MediaId::fresh(at, &chance);
            let sha256 = &[byte; 32];
            let new = NewUpload {
                id,
                mime: "image/png",
                file_name: None,
                size: 9,
                sha256,
                examined: Examined { thumbnail: Some(&[9; 32]), ..Examined::default() },
            };
            scope.insert_upload(&new, at).await.unwrap();
            id
        };
        let old = now - span::days(40);
        let (forgotten, used, new) = (upload(old, 1).await, upload(old, 2).await, upload(now, 3).await);
        let message = MessageId::fresh(now, &chance);
        for _ in 0..2 {
            scope.media_used(used, message, now).await.unwrap();
        }
        assert_eq!(scope.media_uses(used, 10).await.unwrap(), [message]);
        let aged = Aged { direction: Direction::Outbound, documents: None, before: now - span::days(30) };
        let gone = scope.expire_media(aged, 10, now).await.unwrap();
        assert_eq!(gone.iter().map(|one| one.id).collect::<Vec<_>>(), [forgotten]);
        let hashes: Vec<_> = gone.into_iter().flat_map(store::media::Bytes::hashes).collect();
        assert_eq!(hashes, [vec![1; 32], vec![9; 32]]);
        assert!(scope.expire_media(aged, 10, now).await.unwrap().is_empty());
        for (id, standing) in
            [(forgotten, FileState::Expired), (used, FileState::Stored), (new, FileState::Stored)]
        {
            assert_eq!(scope.media(id).await.unwrap().unwrap().standing(), standing);
        }
        for (direction, documents) in [(Direction::Inbound, Some(true)), (Direction::Inbound, Some(false))] {
            let none = scope.expire_media(Aged { direction, documents, before: now }, 10, now).await.unwrap();
            assert!(none.is_empty());
        }
        // What went with a message goes with it, unless another carries it too.
        let other = MessageId::fresh(now, &chance);
        scope.media_used(used, other, now).await.unwrap();
        assert!(scope.forget_media_of(message).await.unwrap().is_empty());
        assert_eq!(scope.forget_media_of(other).await.unwrap().remove(0).id, used);
        assert!(scope.media(used).await.unwrap().is_none());
        assert!(scope.messages_with_media(ContactId::fresh(now, &chance), 10).await.unwrap().is_empty());
        assert!(scope.messages_carrying(ConversationId::fresh(now, &chance), 10).await.unwrap().is_empty());
        tx.commit().await.unwrap();
    })
    .await;
}
