//! Notifications: their runs, whom these have gone through, and what became of it.

use std::time::Duration;

use rules::day::Day;
use rules::id::{ContactId, MessageId, NotificationId, OrgId, RecipientId, RunId};
use rules::notification::{Cause, NotificationState, RunState};
use rules::time::{Clock as _, Timestamp};
use serde_json::json;
use store::notifications::{NewRecipient, Notification, RecipientFilter, Run};
use store::{Cursor, Json, StoreError};
use testkit::{Seeded, TestClock, both};

fn notification(now: Timestamp, chance: &Seeded) -> Notification {
    Notification {
        id: NotificationId::fresh(now, chance),
        name: "Izin hampir habis".into(),
        state: NotificationState::Enabled,
        definition: Json(json!({ "template": "permit_expiring" })),
        seen_until: now,
        next_at: Some(now + Duration::from_secs(60)),
        created_by: "member:1".into(),
        created_at: now,
        updated_at: now,
    }
}

fn run(of: &Notification, key: &str, now: Timestamp, chance: &Seeded) -> Run {
    Run {
        id: RunId::fresh(now, chance),
        notification_id: of.id,
        run_key: key.into(),
        cause: Cause::Due,
        state: RunState::Running,
        due_at: now,
        day: Day(20_778),
        definition: of.definition.clone(),
        place: None,
        people: 2,
        counts: Json([].into()),
        begun_by: "system".into(),
        created_at: now,
        ended_at: None,
    }
}

#[tokio::test]
async fn a_run_begins_once_and_is_read_as_it_stands() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let expiring = notification(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.put_notification(&expiring).await.unwrap();
        let mut first = run(&expiring, "2026-11-21", clock.now(), &chance);
        assert!(scope.begin_run(&first).await.unwrap());
        assert!(!scope.begin_run(&run(&expiring, "2026-11-21", clock.now(), &chance)).await.unwrap());
        assert_eq!(scope.run_of_key(expiring.id, "2026-11-21").await.unwrap(), Some(first.clone()));
        assert!(!scope.remove_notification(expiring.id).await.unwrap(), "a run is under way");

        first.place = Some(first.id.0);
        first.counts.0.insert("send".into(), 2);
        first.state = RunState::Done;
        first.ended_at = Some(clock.now());
        scope.note_run(&first).await.unwrap();
        assert_eq!(scope.run_for_change(first.id).await.unwrap(), Some(first.clone()));
        clock.advance(Duration::from_secs(1));
        let second = run(&expiring, "2026-11-22", clock.now(), &chance);
        assert!(scope.begin_run(&second).await.unwrap());
        let page = scope.runs(expiring.id, Cursor::NEWEST, 1).await.unwrap();
        assert_eq!(page.items, std::slice::from_ref(&second));
        assert_eq!(scope.runs(expiring.id, page.next.unwrap(), 1).await.unwrap().items, [first]);
        scope.note_run(&Run { state: RunState::Stopped, ..second.clone() }).await.unwrap();
        assert_eq!(scope.run(second.id).await.unwrap().unwrap().state, RunState::Stopped);

        let paused = Notification { state: NotificationState::Paused, next_at: None, ..expiring.clone() };
        scope.put_notification(&paused).await.unwrap();
        assert_eq!(scope.notifications().await.unwrap(), std::slice::from_ref(&paused));
        assert_eq!(scope.notification_for_change(expiring.id).await.unwrap(), Some(paused));
        assert!(scope.remove_notification(expiring.id).await.unwrap());
        assert!(scope.notification(expiring.id).await.unwrap().is_none());
        assert!(scope.run(second.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn nobody_is_reached_twice_for_the_same_reason() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let expiring = notification(clock.now(), &chance);
        let first = run(&expiring, "2026-11-21", clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.put_notification(&expiring).await.unwrap();
        scope.begin_run(&first).await.unwrap();
        let contact = ContactId::fresh(clock.now(), &chance);
        let recipient =
            |once_key: &'static str, verdict: &'static str, reason: Option<&'static str>| NewRecipient {
                id: RecipientId::fresh(clock.now(), &chance),
                contact: Some(contact),
                record: None,
                once_key,
                verdict,
                reason,
                message: None,
            };
        let two = [recipient("a", "send", None), recipient("b", "refuse", Some("no_opt_in:x"))];
        scope.insert_recipients(expiring.id, first.id, &two, clock.now()).await.unwrap();
        assert_eq!(scope.reached(expiring.id, &["a", "c"]).await.unwrap(), ["a"]);
        let list = |filter| RecipientFilter { verdict: filter, ..RecipientFilter::default() };
        let all = scope.recipients(first.id, &list(None), Cursor::NEWEST, 9).await.unwrap().items;
        assert_eq!(all.len(), 2);
        let refused =
            scope.recipients(first.id, &list(Some("refuse".into())), Cursor::NEWEST, 9).await.unwrap();
        assert_eq!((refused.items.len(), refused.items[0].reason.as_deref()), (1, Some("no_opt_in:x")));
        let why = RecipientFilter { reason: Some("no_opt_in".into()), ..RecipientFilter::default() };
        let why = scope.recipients(first.id, &why, Cursor::NEWEST, 9).await.unwrap().items;
        assert_eq!(why.len(), 1, "whatever is said behind the colon");
        assert_eq!(scope.outcomes(first.id).await.unwrap(), []);
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let again = scope
            .insert_recipients(expiring.id, first.id, &[recipient("a", "send", None)], clock.now())
            .await;
        assert!(matches!(again, Err(StoreError::Taken(_))), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn what_one_contact_was_told_the_person_was_told_who_they_turn_out_to_be() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let offer = notification(clock.now(), &chance);
        let one = run(&offer, "one", clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.put_notification(&offer).await.unwrap();
        scope.begin_run(&one).await.unwrap();
        let going = scope.contact_elsewhere(clock.now(), &chance).await.unwrap();
        let staying = scope.contact_elsewhere(clock.now(), &chance).await.unwrap();
        let told = |contact: ContactId, once_key: &'static str| (contact, once_key, true);
        let refused = |contact: ContactId, once_key: &'static str| (contact, once_key, false);
        // A key may hold anything, the contact's id too.
        let own =
            |contact: ContactId, run: &str| -> &'static str { format!("{contact}#{run} for {going}").leak() };
        let all = [
            told(going, own(going, "told")),
            refused(going, own(going, "refused")),
            told(going, own(going, "both")),
            told(staying, own(staying, "both")),
            told(going, "a record@2026-12-21"),
        ];
        let rows = all.map(|(contact, once_key, told)| NewRecipient {
            id: RecipientId::fresh(clock.now(), &chance),
            contact: Some(contact),
            record: None,
            once_key,
            verdict: if told { "send" } else { "refuse" },
            reason: None,
            message: told.then(|| MessageId::fresh(clock.now(), &chance)),
        });
        scope.insert_recipients(offer.id, one.id, &rows, clock.now()).await.unwrap();
        assert!(scope.merge_contacts(staying, going, clock.now(), &chance).await.unwrap());
        let asked =
            [own(staying, "told"), own(staying, "refused"), own(staying, "both"), "a record@2026-12-21"];
        let mut reached = scope.reached(offer.id, &asked).await.unwrap();
        reached.sort_unstable();
        let mut meant = [asked[0], asked[2], asked[3]];
        meant.sort_unstable();
        assert_eq!(reached, meant, "who was refused may still be told");
        let filter = RecipientFilter::default();
        let list = scope.recipients(one.id, &filter, Cursor::NEWEST, 9).await.unwrap().items;
        assert!(list.len() == 5 && list.iter().all(|row| row.contact_id == Some(staying)), "{list:?}");
    })
    .await;
}
