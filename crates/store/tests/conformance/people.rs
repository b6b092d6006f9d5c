//! People, their proofs, their sessions.

use rules::id::{PersonId, SessionId};
use rules::time::{Clock as _, Timestamp, span};
use store::Tx;
use store::people::NewPerson;
use store::sessions::NewSession;
use testkit::{Seeded, TestClock, both};

struct World {
    clock: TestClock,
    chance: Seeded,
}

impl World {
    fn new() -> Self {
        Self { clock: TestClock::default(), chance: Seeded::default() }
    }

    async fn person(&self, tx: &mut Tx, email: &str, is_operator: bool) -> PersonId {
        let id = PersonId::fresh(self.clock.now(), &self.chance);
        let person = NewPerson {
            id,
            email: email.into(),
            name: "Rina".into(),
            password_hash: Some("$argon2id$…".into()),
            locale: "id".into(),
            is_operator,
        };
        tx.insert_person(&person, self.clock.now()).await.unwrap();
        id
    }

    fn session(&self, person: PersonId, token: u8, expires_at: Timestamp) -> NewSession {
        NewSession {
            id: SessionId::fresh(self.clock.now(), &self.chance),
            person,
            token_hash: [token; 32],
            expires_at,
            address: "203.0.113.9".into(),
            user_agent: "Firefox".into(),
        }
    }
}

#[tokio::test]
async fn a_person_is_found_by_address_and_an_address_is_taken_once() {
    both(|db| async move {
        let world = World::new();
        let mut tx = db.store.begin().await.unwrap();
        assert!(!tx.has_operator().await.unwrap());
        let rina = world.person(&mut tx, "rina@example.com", false).await;
        assert!(!tx.has_operator().await.unwrap());
        world.person(&mut tx, "root@example.com", true).await;
        assert!(tx.has_operator().await.unwrap());
        let ops = world.person(&mut tx, "ops@example.com", false).await;
        tx.make_operator(ops).await.unwrap();
        assert!(tx.person(ops).await.unwrap().unwrap().is_operator);
        let found = tx.person_by_email("rina@example.com").await.unwrap().unwrap();
        assert_eq!((found.id, found.is_operator, found.second_factor), (rina, false, false));
        assert!(tx.person_by_email("nobody@example.com").await.unwrap().is_none());
        tx.update_person(rina, "Rina W.", "en").await.unwrap();
        tx.set_password(rina, "$argon2id$new").await.unwrap();
        let person = tx.person(rina).await.unwrap().unwrap();
        assert_eq!((person.name.as_str(), person.locale.as_str()), ("Rina W.", "en"));
        let credentials = tx.credentials(rina).await.unwrap().unwrap();
        assert_eq!(credentials.password_hash.as_deref(), Some("$argon2id$new"));
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let again = NewPerson {
            id: PersonId::fresh(world.clock.now(), &world.chance),
            email: "rina@example.com".into(),
            name: "Other".into(),
            password_hash: None,
            locale: "en".into(),
            is_operator: false,
        };
        assert!(tx.insert_person(&again, world.clock.now()).await.unwrap_err().is_taken());
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_counts_once_confirmed_and_its_steps_only_rise() {
    both(|db| async move {
        let world = World::new();
        let now = world.clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let rina = world.person(&mut tx, "rina@example.com", false).await;
        assert!(!tx.confirm_totp(rina, 7).await.unwrap(), "nothing is pending");
        tx.set_pending_totp(rina, b"sealed").await.unwrap();
        assert!(!tx.person(rina).await.unwrap().unwrap().second_factor);
        assert!(tx.confirm_totp(rina, 7).await.unwrap());
        assert!(tx.person(rina).await.unwrap().unwrap().second_factor);
        assert!(!tx.take_totp_step(rina, 7).await.unwrap());
        assert!(tx.take_totp_step(rina, 8).await.unwrap());
        assert!(!tx.take_totp_step(rina, 6).await.unwrap());

        tx.replace_recovery_codes(rina, &[[1; 32], [2; 32]], now).await.unwrap();
        assert_eq!(tx.recovery_codes_left(rina).await.unwrap(), 2);
        assert!(tx.use_recovery_code(rina, &[1; 32], now).await.unwrap());
        assert!(!tx.use_recovery_code(rina, &[1; 32], now).await.unwrap());
        assert!(!tx.use_recovery_code(rina, &[9; 32], now).await.unwrap());
        assert_eq!(tx.recovery_codes_left(rina).await.unwrap(), 1);
        tx.replace_recovery_codes(rina, &[], now).await.unwrap();
        assert_eq!(tx.recovery_codes_left(rina).await.unwrap(), 0);
        tx.clear_totp(rina).await.unwrap();
        assert!(!tx.person(rina).await.unwrap().unwrap().second_factor);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_reset_link_works_once_and_takes_the_others_with_it() {
    both(|db| async move {
        let world = World::new();
        let now = world.clock.now();
        let hour = now + span::hours(1);
        let mut tx = db.store.begin().await.unwrap();
        let rina = world.person(&mut tx, "rina@example.com", false).await;
        for token in [1, 2, 3] {
            tx.insert_password_reset(&[token; 32], rina, now, hour).await.unwrap();
        }
        assert_eq!(tx.use_password_reset(&[3; 32], hour).await.unwrap(), None, "expired");
        assert_eq!(tx.use_password_reset(&[1; 32], now).await.unwrap(), Some(rina));
        assert_eq!(tx.use_password_reset(&[1; 32], now).await.unwrap(), None);
        assert_eq!(tx.use_password_reset(&[2; 32], now).await.unwrap(), None);
        tx.insert_password_reset(&[4; 32], rina, now, hour).await.unwrap();
        tx.end_password_resets(rina, now).await.unwrap();
        assert_eq!(tx.use_password_reset(&[4; 32], now).await.unwrap(), None, "ended");
        assert_eq!(tx.drop_password_resets_before(hour + span::hours(1)).await.unwrap(), 4);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_session_lives_until_it_is_idle_ended_or_revoked() {
    both(|db| async move {
        let world = World::new();
        let now = world.clock.now();
        let (week, month) = (now + span::days(7), now + span::days(30));
        let mut tx = db.store.begin().await.unwrap();
        let rina = world.person(&mut tx, "rina@example.com", false).await;
        let budi = world.person(&mut tx, "budi@example.com", false).await;
        let (one, two) = (world.session(rina, 1, month), world.session(rina, 2, month));
        for session in [&one, &two, &world.session(budi, 3, week)] {
            tx.insert_session(session, now).await.unwrap();
        }
        let long_ago = now - span::days(1);
        assert_eq!(tx.session_by_token(&[1; 32], now, long_ago).await.unwrap().unwrap().id, one.id);
        assert!(tx.session_by_token(&[1; 32], month, long_ago).await.unwrap().is_none(), "ended");
        assert!(tx.session_by_token(&[1; 32], week, now).await.unwrap().is_none(), "idle");
        tx.touch_session(one.id, week).await.unwrap();
        assert!(tx.session_by_token(&[1; 32], week, now).await.unwrap().is_some());
        let ids: Vec<_> =
            tx.sessions_of(rina, now, long_ago).await.unwrap().iter().map(|session| session.id).collect();
        assert_eq!(ids, [one.id, two.id], "the latest used first");

        assert!(!tx.revoke_session(budi, one.id, now).await.unwrap(), "not his");
        assert!(tx.revoke_session(rina, one.id, now).await.unwrap());
        assert!(!tx.revoke_session(rina, one.id, now).await.unwrap());
        assert!(tx.session_by_token(&[1; 32], now, long_ago).await.unwrap().is_none());
        assert_eq!(tx.revoke_sessions_of(rina, Some(two.id), now).await.unwrap(), 0);
        assert_eq!(tx.revoke_sessions_of(rina, None, now).await.unwrap(), 1);
        assert!(tx.session_by_token(&[3; 32], now, long_ago).await.unwrap().is_some());
        assert_eq!(tx.drop_sessions_before(now + span::days(1)).await.unwrap(), 3);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn attempts_are_counted_per_subject_and_window() {
    both(|db| async move {
        let now = TestClock::default().now();
        let hour_ago = now - span::hours(1);
        let (subject, other) = ([1; 32], [2; 32]);
        let mut tx = db.store.begin().await.unwrap();
        for n in 1..=3 {
            assert_eq!(tx.count_attempt(&subject, now, hour_ago).await.unwrap().failures, n);
        }
        assert_eq!(tx.count_attempt(&other, now, hour_ago).await.unwrap().failures, 1);
        let until = now + span::minutes(5);
        tx.block_attempts(&subject, until).await.unwrap();
        let blocked = tx.count_attempt(&subject, now, hour_ago).await.unwrap();
        assert_eq!((blocked.failures, blocked.blocked_until), (3, Some(until)), "not counted while blocked");
        assert_eq!(tx.count_attempt(&subject, until, hour_ago).await.unwrap().failures, 4);
        tx.forgive_attempt(&subject).await.unwrap();
        let anew = tx.count_attempt(&subject, until + span::hours(2), until).await.unwrap();
        assert_eq!((anew.failures, anew.since), (1, until + span::hours(2)));
        tx.clear_attempts(&subject).await.unwrap();
        assert_eq!(tx.count_attempt(&subject, now, hour_ago).await.unwrap().failures, 1);
        assert_eq!(tx.drop_attempts_before(now + span::hours(1)).await.unwrap(), 2);
        tx.commit().await.unwrap();
    })
    .await;
}
