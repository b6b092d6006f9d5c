//! Connections and links of all organisations, as the operator sees them.

use rules::connection::{Entry, Maker, Mode, Standing, Step, StepStatus, Variant};
use rules::id::{AppId, ConnectInviteId, ConnectionId, OrgId};
use rules::time::{Clock as _, Timestamp, span};
use store::connections::{ConnectionSettings, NewConnection, StepEnd};
use store::orgs::NewOrg;
use store::signup::ConnectInvite;
use store::{Cursor, Store};
use testkit::{Seeded, TestClock, both};

/// An organisation with a connection that has made a step, a link of its own and one of the operator's.
async fn organisation(
    store: &Store,
    slug: &str,
    now: Timestamp,
    chance: &Seeded,
) -> (OrgId, ConnectionId, ConnectInviteId) {
    let (org, app) = (OrgId::fresh(now, chance), AppId::fresh(now, chance));
    let new = NewOrg {
        id: org,
        name: slug.to_uppercase(),
        slug: slug.into(),
        locale: "id".into(),
        country: "ID".into(),
        timezone: "Asia/Jakarta".into(),
        settings: "{}".into(),
    };
    let mut tx = store.begin().await.unwrap();
    tx.insert_org(&new, now).await.unwrap();
    let mut scope = tx.org(org).await.unwrap();
    let id = ConnectionId::fresh(now, chance);
    let connection = NewConnection {
        id,
        app,
        mode: Mode::TechProvider,
        entry: Entry::Popup,
        variant: Variant::Standard,
        started_by: "member:1",
        invite: None,
        settings: ConnectionSettings::default(),
    };
    scope.insert_connection(&connection, now).await.unwrap();
    let done = StepEnd { status: StepStatus::Done, result: None, proof: None, problem: None, retry_at: None };
    for step in [Step::BindAccount, Step::ExchangeCode] {
        scope.begin_step(id, step, now).await.unwrap();
        scope.end_step(id, step, &done, now).await.unwrap();
    }
    let invite = |maker| ConnectInvite {
        id: ConnectInviteId::fresh(now, chance),
        org_id: org,
        app_id: app,
        mode: Mode::TechProvider,
        variant: Variant::Standard,
        note: slug.to_owned(),
        maker,
        created_by: "operator:1".into(),
        created_at: now,
        expires_at: now + span::days(7),
        opened_at: None,
        used_at: None,
        revoked_at: None,
    };
    let (own, ours) = (invite(Maker::Organisation), invite(Maker::Operator));
    for link in [&own, &ours] {
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(link.id.0.as_bytes());
        scope.insert_connect_invite(link, hash).await.unwrap();
    }
    tx.commit().await.unwrap();
    (org, id, ours.id)
}

#[tokio::test]
async fn the_operator_sees_the_connections_and_open_links_of_all_organisations() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (kopi, first, link) = organisation(&db.store, "kopi", now, &chance).await;
        let (klinik, second, _) = organisation(&db.store, "klinik", now + span::minutes(1), &chance).await;
        let mut tx = db.store.begin().await.unwrap();
        tx.org(kopi).await.unwrap().set_standing(first, Standing::Live, true, now).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.store.read().await.unwrap();
        let page = tx.connections_across(None, Cursor::NEWEST, 1).await.unwrap();
        let newest = &page.items[0];
        assert_eq!((newest.org_id, newest.id, newest.org_name.as_str()), (klinik, second, "KLINIK"));
        let steps: Vec<_> = newest.steps.iter().map(|step| step.step).collect();
        assert_eq!(steps, [Step::ExchangeCode, Step::BindAccount], "in their order");
        assert!(newest.account_name.is_none() && newest.numbers.is_empty(), "it has none yet");
        let rest = tx.connections_across(None, page.next.unwrap(), 9).await.unwrap();
        assert_eq!(rest.items.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
        assert!(rest.next.is_none());
        let live = tx.connections_across(Some(Standing::Live), Cursor::NEWEST, 9).await.unwrap();
        assert_eq!(live.items.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);

        let open = tx.open_invites_across(now, Cursor::NEWEST, 1).await.unwrap();
        assert_eq!(
            (open.items[0].org_id, open.items[0].note.as_str()),
            (klinik, "klinik"),
            "the operator's alone"
        );
        let rest = tx.open_invites_across(now, open.next.unwrap(), 9).await.unwrap();
        assert_eq!(rest.items.iter().map(|one| one.id).collect::<Vec<_>>(), [link]);
        assert!(
            tx.open_invites_across(now + span::days(8), Cursor::NEWEST, 9).await.unwrap().items.is_empty()
        );
        tx.rollback().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.org(kopi).await.unwrap().revoke_connect_invite(link, now).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = db.store.read().await.unwrap();
        assert_eq!(tx.open_invites_across(now, Cursor::NEWEST, 9).await.unwrap().items.len(), 1);
    })
    .await;
}
