//! Browsers in which members are told of what waits for them.

use std::time::Duration;

use rules::id::{MemberId, OrgId, PersonId, PushSubscriptionId};
use rules::role::Role;
use rules::time::Clock as _;
use store::people::NewPerson;
use store::push::NewPushSubscription;
use testkit::{Seeded, TestClock, both};

#[tokio::test]
async fn a_browser_is_one_member_s_and_goes_with_them() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let [ours, theirs] = [(); 2].map(|()| OrgId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut members = Vec::new();
        for (name, role) in [("rina", Role::Owner), ("budi", Role::Agent)] {
            let person = NewPerson {
                id: PersonId::fresh(clock.now(), &chance),
                email: format!("{name}@example.com"),
                name: name.into(),
                password_hash: None,
                locale: "id".into(),
                is_operator: false,
            };
            tx.insert_person(&person, clock.now()).await.unwrap();
            let member = MemberId::fresh(clock.now(), &chance);
            tx.org(ours).await.unwrap().insert_member(member, person.id, role, clock.now()).await.unwrap();
            members.push((member, person.id));
        }
        let [(rina, _), (budi, budi_person)] = members[..] else { unreachable!() };
        let mut scope = tx.org(ours).await.unwrap();
        let mut put = async |member, browser: u8| {
            clock.advance(Duration::from_secs(1));
            let new = NewPushSubscription {
                id: PushSubscriptionId::fresh(clock.now(), &chance),
                member,
                endpoint_hash: &[browser; 32],
                sealed: &[browser, 1],
                user_agent: "Firefox",
            };
            scope.put_push_subscription(&new, clock.now()).await.unwrap()
        };
        let (laptop, phone) = (put(rina, 1).await, put(budi, 2).await);
        assert_eq!(put(rina, 1).await, laptop, "a browser that is known keeps its id");
        let shared = put(rina, 3).await;
        assert_eq!(put(budi, 3).await, shared, "and is whoever's it is now");

        let ids = |all: Vec<store::push::PushSubscription>| all.iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(scope.push_subscriptions(Some(rina)).await.unwrap()), [laptop]);
        assert_eq!(ids(scope.push_subscriptions(Some(budi)).await.unwrap()), [phone, shared]);
        assert_eq!(ids(scope.push_subscriptions(None).await.unwrap()), [phone, laptop, shared]);
        let read = scope.push_subscription(phone).await.unwrap().unwrap();
        assert_eq!((read.member_id, read.role, read.locale.as_str()), (budi, Role::Agent, "id"));
        assert_eq!((read.endpoint_hash, read.sealed), (vec![2; 32], vec![2, 1]));

        assert!(scope.remove_push_subscription(shared).await.unwrap());
        assert!(!scope.remove_push_subscription(shared).await.unwrap());
        let mut elsewhere = tx.org(theirs).await.unwrap();
        assert!(elsewhere.push_subscription(laptop).await.unwrap().is_none());
        assert!(!elsewhere.remove_push_subscription(laptop).await.unwrap());

        let mut scope = tx.org(ours).await.unwrap();
        assert!(scope.remove_member(budi, clock.now()).await.unwrap());
        assert!(scope.push_subscription(phone).await.unwrap().is_none());
        scope.insert_member(budi, budi_person, Role::Agent, clock.now()).await.unwrap().unwrap();
        assert!(
            scope.push_subscriptions(Some(budi)).await.unwrap().is_empty(),
            "not even when they come back"
        );
        assert_eq!(ids(scope.push_subscriptions(None).await.unwrap()), [laptop]);
    })
    .await;
}
