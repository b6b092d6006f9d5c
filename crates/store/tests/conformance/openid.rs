//! OpenID Connect providers, identities, and invitations found by address.

use rules::id::{IdentityId, MemberInviteId, OrgId, ProviderId};
use rules::role::Role;
use rules::time::{Clock as _, span};
use store::members::NewInvite;
use store::openid::Provider;
use store::orgs::NewOrg;
use testkit::{Seeded, TestClock, both};

use super::passkeys::person;

const ISSUER: &str = "https://id.example.com";

fn provider(id: ProviderId, name: &str) -> Provider {
    Provider {
        id,
        name: name.into(),
        issuer: ISSUER.into(),
        client_id: "sapa".into(),
        client_secret: b"sealed".to_vec(),
        domains: "example.com example.org".into(),
        is_second_factor: false,
        newcomers_org: None,
        newcomers_role: None,
        created_at: TestClock::default().now(),
    }
}

#[tokio::test]
async fn providers_are_listed_by_name_and_keep_their_issuer() {
    both(|db| async move {
        let (now, chance) = (TestClock::default().now(), Seeded::default());
        let mut tx = db.store.begin().await.unwrap();
        let org = NewOrg {
            id: OrgId::fresh(now, &chance),
            name: "Kopi Senja".into(),
            slug: "kopi-senja".into(),
            locale: "id".into(),
            country: "ID".into(),
            timezone: "Asia/Jakarta".into(),
            settings: "{}".into(),
        };
        tx.insert_org(&org, now).await.unwrap();
        let (first, second) = (ProviderId::fresh(now, &chance), ProviderId::fresh(now, &chance));
        tx.insert_openid_provider(&provider(first, "Work")).await.unwrap();
        tx.insert_openid_provider(&provider(second, "Accounts")).await.unwrap();
        let names: Vec<_> =
            tx.openid_providers().await.unwrap().into_iter().map(|found| found.name).collect();
        assert_eq!(names, ["Accounts", "Work"]);

        let changed = Provider {
            name: "Office".into(),
            issuer: "https://elsewhere.example".into(),
            domains: "example.net".into(),
            is_second_factor: true,
            newcomers_org: Some(org.id),
            newcomers_role: Some(Role::Agent),
            ..provider(first, "")
        };
        assert!(tx.update_openid_provider(&changed).await.unwrap());
        let found = tx.openid_provider(first).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.issuer.as_str()), ("Office", ISSUER));
        assert_eq!((found.newcomers_org, found.newcomers_role), (Some(org.id), Some(Role::Agent)));
        assert!(found.is_second_factor);
        assert!(tx.remove_openid_provider(first).await.unwrap());
        assert!(!tx.remove_openid_provider(first).await.unwrap());
        assert!(!tx.update_openid_provider(&changed).await.unwrap());
        assert!(tx.openid_provider(first).await.unwrap().is_none());
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_identity_is_one_person_s_and_a_way_in_while_its_provider_is_there() {
    both(|db| async move {
        let (now, chance) = (TestClock::default().now(), Seeded::default());
        let later = now + span::hours(1);
        let mut tx = db.store.begin().await.unwrap();
        let rina = person(&mut tx, &chance, "rina@example.com", None).await;
        let budi = person(&mut tx, &chance, "budi@example.com", None).await;
        let id = IdentityId::fresh(now, &chance);
        let (hers, his) = ((ISSUER, "rina-1"), (ISSUER, "budi-1"));
        assert_eq!(tx.use_identity(hers, None, now).await.unwrap(), None);
        tx.insert_identity(id, rina, hers, "rina@example.com", now).await.unwrap();
        tx.insert_identity(IdentityId::fresh(now, &chance), budi, his, "budi@example.com", now)
            .await
            .unwrap();
        assert_eq!(tx.use_identity(("https://other.example", "rina-1"), None, now).await.unwrap(), None);
        assert_eq!(tx.use_identity(hers, None, later).await.unwrap(), Some(rina));
        let found = tx.identities_of(rina).await.unwrap().remove(0);
        assert_eq!((found.email.as_str(), found.last_used_at), ("rina@example.com", later));
        tx.use_identity(hers, Some("rina@example.org"), later).await.unwrap();
        assert_eq!(tx.identities_of(rina).await.unwrap()[0].email, "rina@example.org");

        assert_eq!(tx.ways_in(rina).await.unwrap().unwrap().identities, 0, "no such provider");
        let configured = ProviderId::fresh(now, &chance);
        tx.insert_openid_provider(&provider(configured, "Work")).await.unwrap();
        assert_eq!(tx.ways_in(rina).await.unwrap().unwrap().identities, 1);
        assert!(!tx.remove_identity(budi, id).await.unwrap(), "not his");
        assert!(tx.remove_identity(rina, id).await.unwrap());
        assert!(tx.identities_of(rina).await.unwrap().is_empty());
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let again = tx.insert_identity(id, rina, his, "rina@example.com", now).await;
        assert!(again.unwrap_err().is_taken());
    })
    .await;
}

#[tokio::test]
async fn open_invitations_are_found_by_address_in_every_organisation() {
    both(|db| async move {
        let (now, chance) = (TestClock::default().now(), Seeded::default());
        let mut tx = db.store.begin().await.unwrap();
        let orgs = [OrgId::fresh(now, &chance), OrgId::fresh(now, &chance)];
        let mut invites = Vec::new();
        for (token, org) in orgs.into_iter().enumerate() {
            let invite = NewInvite {
                id: MemberInviteId::fresh(now + span::minutes(token as u64), &chance),
                email: "rina@example.com".into(),
                role: Role::Agent,
                token_hash: [token as u8; 32],
                invited_by: org.0,
                expires_at: now + span::days(1 + token as u64),
            };
            tx.org(org).await.unwrap().insert_invite(&invite, now).await.unwrap();
            invites.push(invite.id);
        }
        tx.commit().await.unwrap();
        let mut tx = db.store.read().await.unwrap();
        let found = tx.invites_to("rina@example.com", now).await.unwrap();
        assert_eq!(
            found.iter().map(|invite| (invite.org_id, invite.id)).collect::<Vec<_>>(),
            [(orgs[0], invites[0]), (orgs[1], invites[1]),]
        );
        assert_eq!(tx.invites_to("rina@example.com", now + span::days(1)).await.unwrap().len(), 1);
        assert!(tx.invites_to("budi@example.com", now).await.unwrap().is_empty());
    })
    .await;
}
