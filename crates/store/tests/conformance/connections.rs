//! Connections, their steps, and what lets somebody into the dialog.

use std::time::Duration;

use rules::connection::{Entry, Maker, Mode, Standing, Step, StepStatus, Trouble, Turn, Variant};
use rules::id::{AccountId, AppId, ConnectInviteId, ConnectionId, OrgId};
use rules::time::{Clock as _, span};
use serde_json::json;
use store::connections::{ConnectionSettings, Hints, NewConnection, StepEnd, StepProblem};
use store::signup::ConnectInvite;
use store::{Cursor, Json};
use testkit::{Seeded, TestClock, both};

#[tokio::test]
async fn a_connection_keeps_what_was_learnt_and_its_steps() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, other) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
        let app = AppId::fresh(clock.now(), &chance);
        let id = ConnectionId::fresh(clock.now(), &chance);
        let account = AccountId::fresh(clock.now(), &chance);
        let settings = ConnectionSettings { currency: Some("IDR".into()), ..ConnectionSettings::default() };
        let new = NewConnection {
            id,
            app,
            mode: Mode::TechProvider,
            entry: Entry::Popup,
            variant: Variant::Standard,
            started_by: "member:1",
            invite: None,
            settings: settings.clone(),
        };
        let now = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.insert_connection(&new, now).await.unwrap();
        let hints = Hints { waba_ids: vec!["700000000000003".into()], ..Hints::default() };
        scope.change_hints(id, now, |known| known.clone_from(&hints)).await.unwrap();
        let sealed = scope.set_connection_token(id, Some(b"sealed"), Some(now + span::days(60)), now).await;
        assert!(sealed.unwrap());
        scope.set_connection_account(id, "700000000000003", Some(account), now).await.unwrap();
        let said = [Trouble::ForeignOverride, Trouble::RegisterHeld];
        scope.change_settings(id, now, |settings| settings.confirmed.extend(said)).await.unwrap();
        scope
            .change_settings(id, now, |settings| settings.forget_confirmed(Step::RegisterNumber))
            .await
            .unwrap();
        let chosen = ConnectionSettings { confirmed: [Trouble::ForeignOverride].into(), ..settings };
        assert!(chosen.confirmed(Trouble::ForeignOverride));

        assert_eq!(scope.begin_step(id, Step::SubscribeApp, now).await.unwrap(), 1);
        assert_eq!(scope.begin_step(id, Step::SubscribeApp, now).await.unwrap(), 2);
        let problem = StepProblem {
            trouble: Trouble::MetaBusy,
            turn: Turn::Meta,
            code: Some(2),
            subcode: None,
            details: None,
            number: None,
        };
        let waiting = StepEnd {
            status: StepStatus::Waiting,
            result: None,
            proof: None,
            problem: Some(problem.clone()),
            retry_at: Some(now + span::minutes(1)),
        };
        scope.end_step(id, Step::SubscribeApp, &waiting, now).await.unwrap();
        let row = scope.steps(id).await.unwrap().remove(0);
        assert_eq!((row.status, row.attempts), (StepStatus::Waiting, 2));
        assert_eq!((row.problem, row.retry_at), (Some(Json(problem)), Some(now + span::minutes(1))));
        let done = StepEnd {
            status: StepStatus::Done,
            result: Some(json!({"a": 1})),
            proof: Some(json!(["listed"])),
            problem: None,
            retry_at: None,
        };
        scope.end_step(id, Step::SubscribeApp, &done, now).await.unwrap();
        scope.end_step(id, Step::ProveAccess, &done, now).await.unwrap();
        let rows = scope.steps(id).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| row.step).collect::<Vec<_>>(),
            [Step::ProveAccess, Step::SubscribeApp]
        );
        assert_eq!((rows[1].problem.clone(), rows[1].finished_at), (None, Some(now)));
        scope.forget_steps(id, &[Step::ProveAccess]).await.unwrap();
        assert_eq!(scope.steps(id).await.unwrap().len(), 1);

        scope.set_standing(id, Standing::Working, false, now).await.unwrap();
        scope.set_standing(id, Standing::Live, true, now + span::minutes(1)).await.unwrap();
        scope.set_standing(id, Standing::Silent, true, now + span::minutes(2)).await.unwrap();
        let stored = scope.connection(id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.finished_at), (Standing::Silent, Some(now + span::minutes(1))));
        assert_eq!((stored.hints, stored.settings), (Json(hints), Json(chosen)));
        assert_eq!((stored.token.as_deref(), stored.account_id), (Some(&b"sealed"[..]), Some(account)));
        assert_eq!(scope.connection_of_account(account).await.unwrap().unwrap().id, id);
        assert_eq!(scope.connections(Cursor::NEWEST, 5).await.unwrap().items.len(), 1);
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let resting = [Standing::Silent];
        let late = now + span::hours(1);
        assert_eq!(tx.resting_connections(&resting, late, 9).await.unwrap(), [(org, id)]);
        assert!(tx.resting_connections(&[Standing::Live], late, 9).await.unwrap().is_empty());
        assert!(tx.connections_awaiting(app, now, 9).await.unwrap().is_empty(), "it has its account");
        let mut scope = tx.org(other).await.unwrap();
        assert!(scope.connection(id).await.unwrap().is_none());
        assert!(scope.steps(id).await.unwrap().is_empty());
        assert!(scope.connections(Cursor::NEWEST, 5).await.unwrap().items.is_empty());
        let second = ConnectionId::fresh(clock.now(), &chance);
        scope.insert_connection(&NewConnection { id: second, ..new }, now).await.unwrap();
        assert!(scope.connection_for_change(id).await.unwrap().is_none());
        assert_eq!(scope.connection_for_change(second).await.unwrap().unwrap().id, second);
        scope.set_standing(second, Standing::Abandoned, false, now).await.unwrap();
        assert!(!scope.set_connection_token(second, Some(b"late"), None, now).await.unwrap(), "given up");
        assert!(scope.set_connection_token(second, None, None, now).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.connections_awaiting(app, now, 9).await.unwrap(), [(other, second)]);
    })
    .await;
}

#[tokio::test]
async fn whoever_changes_a_connection_at_the_same_time_takes_turns() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, id) = (OrgId::fresh(now, &chance), ConnectionId::fresh(now, &chance));
        let new = NewConnection {
            id,
            app: AppId::fresh(now, &chance),
            mode: Mode::TechProvider,
            entry: Entry::Popup,
            variant: Variant::Standard,
            started_by: "member:1",
            invite: None,
            settings: ConnectionSettings::default(),
        };
        let mut tx = db.store.begin().await.unwrap();
        tx.org(org).await.unwrap().insert_connection(&new, now).await.unwrap();
        tx.commit().await.unwrap();
        let adds = async |name: &str| {
            for at in 0..10 {
                let mut tx = db.store.begin().await.unwrap();
                let mut scope = tx.org(org).await.unwrap();
                scope
                    .change_hints(id, now, |hints| hints.waba_ids.push(format!("{name}{at}")))
                    .await
                    .unwrap();
                scope
                    .change_settings(id, now, |settings| settings.candidates.push(Default::default()))
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
            }
        };
        tokio::join!(adds("a"), adds("b"), adds("c"));
        let mut tx = db.store.begin().await.unwrap();
        let found = tx.org(org).await.unwrap().connection(id).await.unwrap().unwrap();
        assert_eq!((found.hints.0.waba_ids.len(), found.settings.0.candidates.len()), (30, 30));
    })
    .await;
}

#[tokio::test]
async fn a_state_works_once_and_an_invite_brings_one_connection() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let connection = ConnectionId::fresh(clock.now(), &chance);
        let now = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let end = now + span::minutes(10);
        scope
            .insert_signup_state([1; 32], connection, "member:1", Some("https://a.example/back"), end, now)
            .await
            .unwrap();
        scope.insert_signup_state([2; 32], connection, "member:1", None, end, now).await.unwrap();
        let invite = ConnectInvite {
            id: ConnectInviteId::fresh(now, &chance),
            org_id: org,
            app_id: AppId::fresh(now, &chance),
            mode: Mode::TechProvider,
            variant: Variant::Standard,
            note: "Kopi Senja".into(),
            maker: Maker::Operator,
            created_by: "operator".into(),
            created_at: now,
            expires_at: now + span::days(7),
            opened_at: None,
            used_at: None,
            revoked_at: None,
        };
        scope.insert_connect_invite(&invite, [7; 32]).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let state = tx.signup_state([1; 32]).await.unwrap().unwrap();
        assert_eq!((state.org_id, state.connection_id, state.actor.as_str()), (org, connection, "member:1"));
        assert!(tx.signup_state([9; 32]).await.unwrap().is_none());
        assert!(tx.use_signup_state([1; 32], now).await.unwrap());
        assert!(!tx.use_signup_state([1; 32], now).await.unwrap(), "used");
        assert!(!tx.use_signup_state([2; 32], end).await.unwrap(), "ended");
        assert_eq!(tx.drop_signup_states(end + Duration::from_secs(1)).await.unwrap(), 2);

        let found = tx.connect_invite([7; 32]).await.unwrap().unwrap();
        assert_eq!((found.id, found.org_id, found.note.as_str()), (invite.id, org, "Kopi Senja"));
        let mut scope = tx.org(org).await.unwrap();
        scope.open_connect_invite(invite.id, now).await.unwrap();
        assert!(!scope.use_connect_invite(invite.id, now + span::days(7)).await.unwrap(), "ended");
        assert!(scope.use_connect_invite(invite.id, now).await.unwrap());
        assert!(!scope.use_connect_invite(invite.id, now).await.unwrap(), "claimed");
        assert!(scope.connection_of_invite(invite.id).await.unwrap().is_none());
        assert_eq!(scope.maker_of_invite(invite.id).await.unwrap(), Some(Maker::Operator));
        assert!(scope.revoke_connect_invite(invite.id, now).await.unwrap());
        assert_eq!(scope.maker_of_invite(invite.id).await.unwrap(), None, "taken back");
        assert!(!scope.revoke_connect_invite(invite.id, now).await.unwrap());
        let listed = scope.connect_invites(9).await.unwrap().remove(0);
        assert_eq!((listed.opened_at, listed.used_at, listed.revoked_at), (Some(now), Some(now), Some(now)));
    })
    .await;
}
