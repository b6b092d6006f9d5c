//! Organisations, members, invitations, keys, the audit log.

use rules::id::{AuditId, KeyId, MemberId, MemberInviteId, OrgId, PersonId};
use rules::role::{OrgStatus, Role};
use rules::time::{Clock as _, span};
use serde_json::json;
use store::audit::{AuditFilter, NewAudit};
use store::keys::NewKey;
use store::members::NewInvite;
use store::orgs::NewOrg;
use store::people::NewPerson;
use store::{Cursor, Tx};
use testkit::schema::{Cell, Row};
use testkit::{Seeded, TestClock, both};

async fn org(tx: &mut Tx, slug: &str, clock: &TestClock, chance: &Seeded) -> OrgId {
    let org = NewOrg {
        id: OrgId::fresh(clock.now(), chance),
        name: slug.to_uppercase(),
        slug: slug.into(),
        locale: "id".into(),
        country: "ID".into(),
        timezone: "Asia/Jakarta".into(),
        settings: "{}".into(),
    };
    tx.insert_org(&org, clock.now()).await.unwrap();
    org.id
}

async fn person(tx: &mut Tx, email: &str, clock: &TestClock, chance: &Seeded) -> PersonId {
    let person = NewPerson {
        id: PersonId::fresh(clock.now(), chance),
        email: email.into(),
        name: email.into(),
        password_hash: None,
        locale: "en".into(),
        is_operator: false,
    };
    tx.insert_person(&person, clock.now()).await.unwrap();
    person.id
}

#[tokio::test]
async fn an_organisation_is_emptied_table_by_table_and_removed() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, other) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let tables = db.tables_with(&["org_id"]).await.unwrap();
        let person = PersonId::fresh(now, &chance);
        db.add_row("people", &Row::from([("id", Cell::Id(person.0))]), "Sari", 7).await.unwrap();
        // Names and the like are the text that is given for each row.
        let row = |id: OrgId| Row::from([("org_id", Cell::Id(id.0)), ("person_id", Cell::Id(person.0))]);
        for table in &tables {
            for (id, nth, number) in [(org, 0, 7), (org, 1, 8), (other, 0, 9)] {
                let made = db.add_row(table, &row(id), &format!("{id} {nth}"), number).await;
                // Some have one row for each organisation.
                assert!(made.is_ok() || nth == 1, "{table}: {made:?}");
            }
        }
        let mut tx = db.store.read().await.unwrap();
        let own = tx.tables_of_orgs().await.unwrap();
        drop(tx);
        let mut names: Vec<&str> = own.iter().map(|table| table.name()).collect();
        assert_eq!(names[0], "api_keys", "first nobody gets in");
        names.sort_unstable();
        assert_eq!(names, tables);
        for table in &own {
            let mut tx = db.store.begin().await.unwrap();
            assert_eq!(tx.empty_of_org(table, org, 1).await.unwrap(), 1, "{}", table.name());
            while tx.empty_of_org(table, org, 1).await.unwrap() > 0 {}
            tx.commit().await.unwrap();
        }
        assert_eq!(db.tables_naming(org.0).await.unwrap(), Vec::<String>::new());
        for table in &tables {
            let theirs = format!("org_id = {}", db.id_literal(other.0));
            assert_eq!(db.count(table, &theirs).await.unwrap(), 1, "{table}: of others nothing goes");
        }
        let mut tx = db.store.begin().await.unwrap();
        assert!(!tx.remove_org(org).await.unwrap(), "there is none of this id");
    })
    .await;
}

#[tokio::test]
async fn organisations_are_listed_changed_and_their_slugs_taken_once() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let mut tx = db.store.begin().await.unwrap();
        let first = org(&mut tx, "kopi", &clock, &chance).await;
        clock.advance(span::minutes(1));
        let second = org(&mut tx, "klinik", &clock, &chance).await;
        let page = tx.orgs(Cursor::NEWEST, 1).await.unwrap();
        assert_eq!(page.items[0].id, second);
        let rest = tx.orgs(page.next.unwrap(), 1).await.unwrap();
        assert_eq!((rest.items[0].id, rest.next), (first, None));

        let mut scope = tx.org(first).await.unwrap();
        let mut changed = scope.org_for_change().await.unwrap().unwrap();
        assert_eq!((changed.status, changed.operator_pays), (OrgStatus::Active, false));
        changed.name = "Kopi Fajar".into();
        changed.status = OrgStatus::Suspended;
        changed.operator_pays = true;
        scope.update_org(&changed).await.unwrap();
        let read = scope.org().await.unwrap().unwrap();
        let told = (read.name.as_str(), read.status, read.operator_pays);
        assert_eq!(told, ("Kopi Fajar", OrgStatus::Suspended, true));
        let nobody = OrgId::fresh(clock.now(), &chance);
        assert!(tx.org(nobody).await.unwrap().org().await.unwrap().is_none());
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let again = NewOrg {
            id: nobody,
            name: "x".into(),
            slug: "kopi".into(),
            locale: "id".into(),
            country: "ID".into(),
            timezone: "Asia/Jakarta".into(),
            settings: "{}".into(),
        };
        assert!(tx.insert_org(&again, clock.now()).await.unwrap_err().is_taken());
    })
    .await;
}

#[tokio::test]
async fn members_come_go_and_come_back_under_their_id() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let (ours, theirs) =
            (org(&mut tx, "kopi", &clock, &chance).await, org(&mut tx, "klinik", &clock, &chance).await);
        let rina = person(&mut tx, "rina@example.com", &clock, &chance).await;
        let budi = person(&mut tx, "budi@example.com", &clock, &chance).await;
        let fresh = || MemberId::fresh(now, &chance);
        let mut scope = tx.org(ours).await.unwrap();
        let member = scope.insert_member(fresh(), rina, Role::Owner, now).await.unwrap().unwrap();
        assert_eq!(scope.insert_member(fresh(), rina, Role::Viewer, now).await.unwrap(), None);
        let other = scope.insert_member(fresh(), budi, Role::Agent, now).await.unwrap().unwrap();
        assert_eq!(scope.owners().await.unwrap(), 1);
        assert!(scope.set_role(other, Role::Owner).await.unwrap());
        assert_eq!(scope.owners().await.unwrap(), 2);
        assert_eq!(scope.member(other).await.unwrap().unwrap().role, Role::Owner);
        assert_eq!(scope.member_of(rina).await.unwrap().unwrap().id, member);
        let page = scope.members(Cursor::NEWEST, 1).await.unwrap();
        assert_eq!(scope.members(page.next.unwrap(), 5).await.unwrap().items.len(), 1);
        assert!(scope.remove_member(other, now).await.unwrap());
        assert!(!scope.remove_member(other, now).await.unwrap());
        assert!(!scope.set_role(other, Role::Agent).await.unwrap());
        assert!(scope.member(other).await.unwrap().is_none());
        assert_eq!(scope.insert_member(fresh(), budi, Role::Viewer, now).await.unwrap(), Some(other));
        let mut elsewhere = tx.org(theirs).await.unwrap();
        assert!(elsewhere.member(member).await.unwrap().is_none());
        assert!(!elsewhere.remove_member(member, now).await.unwrap());
        elsewhere.insert_member(fresh(), rina, Role::Agent, now).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.store.read().await.unwrap();
        let memberships = tx.memberships_of(rina).await.unwrap();
        let seen: Vec<_> = memberships.iter().map(|m| (m.org_id, m.role, m.org_slug.as_str())).collect();
        assert_eq!(seen, [(theirs, Role::Agent, "klinik"), (ours, Role::Owner, "kopi")]);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_open_until_used_withdrawn_replaced_or_expired() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let week = now + span::days(7);
        let invite = |token: u8, email: &str| NewInvite {
            id: MemberInviteId::fresh(now, &chance),
            email: email.into(),
            role: Role::Agent,
            token_hash: [token; 32],
            invited_by: uuid::Uuid::nil(),
            expires_at: week,
        };
        let mut tx = db.store.begin().await.unwrap();
        let ours = org(&mut tx, "kopi", &clock, &chance).await;
        let mut scope = tx.org(ours).await.unwrap();
        let (first, second, third) =
            (invite(1, "budi@example.com"), invite(2, "budi@example.com"), invite(3, "dewi@example.com"));
        for invite in [&first, &second, &third] {
            scope.insert_invite(invite, now).await.unwrap();
        }
        assert_eq!(scope.invites(now).await.unwrap().len(), 2, "the second replaced the first");
        assert!(scope.invites(week).await.unwrap().is_empty());
        assert!(!scope.accept_invite(first.id, now).await.unwrap());
        assert!(!scope.accept_invite(second.id, week).await.unwrap());
        assert!(scope.accept_invite(second.id, now).await.unwrap());
        assert!(!scope.accept_invite(second.id, now).await.unwrap());
        assert!(!scope.revoke_invite(second.id, now).await.unwrap());
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert!(tx.invite_by_token(&[2; 32], now).await.unwrap().is_none());
        assert_eq!(tx.invite_by_token(&[3; 32], now).await.unwrap().unwrap().org_id, ours);
        assert!(tx.org(ours).await.unwrap().revoke_invite(third.id, now).await.unwrap());
        tx.commit().await.unwrap();
        assert!(db.store.read().await.unwrap().invite_by_token(&[3; 32], now).await.unwrap().is_none());

        let mut tx = db.store.begin().await.unwrap();
        let theirs = org(&mut tx, "klinik", &clock, &chance).await;
        let inviter = uuid::Uuid::from_u128(7);
        let by = |token: u8, email: &str| NewInvite { invited_by: inviter, ..invite(token, email) };
        tx.org(theirs).await.unwrap().insert_invite(&by(4, "sari@example.com"), now).await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        for invite in [by(5, "sari@example.com"), by(6, "tono@example.com"), invite(7, "umar@example.com")] {
            scope.insert_invite(&invite, now).await.unwrap();
        }
        assert_eq!(scope.revoke_invites_by(inviter, now).await.unwrap(), 2);
        assert_eq!(scope.revoke_invites_by(inviter, now).await.unwrap(), 0);
        assert_eq!(scope.invites(now).await.unwrap().len(), 1, "somebody else's stays");
        assert_eq!(tx.org(theirs).await.unwrap().invites(now).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn keys_open_one_organisation_or_the_installation() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let key = |secret: u8, expires_at| NewKey {
            id: KeyId::fresh(now, &chance),
            name: "CRM".into(),
            prefix: "sapa_live_x".into(),
            secret_hash: [secret; 32],
            scopes: "inbox.read".into(),
            created_by: None,
            expires_at,
        };
        let (ours, theirs) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let (live, brief, operator) = (key(1, None), key(2, Some(now + span::hours(1))), key(3, None));
        let mut tx = db.store.begin().await.unwrap();
        tx.insert_operator_key(&operator, now).await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        scope.insert_key(&live, now).await.unwrap();
        scope.insert_key(&brief, now).await.unwrap();
        assert_eq!(scope.keys().await.unwrap().len(), 2);
        assert!(!tx.org(theirs).await.unwrap().revoke_key(live.id, now).await.unwrap());
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.key_by_secret(&[1; 32], now).await.unwrap().unwrap().org_id, Some(ours));
        assert_eq!(tx.key_by_secret(&[3; 32], now).await.unwrap().unwrap().org_id, None);
        assert!(tx.key_by_secret(&[2; 32], now + span::hours(1)).await.unwrap().is_none());
        tx.touch_key(live.id, now).await.unwrap();
        assert_eq!(tx.key_by_secret(&[1; 32], now).await.unwrap().unwrap().last_used_at, Some(now));
        assert_eq!(tx.operator_keys().await.unwrap().len(), 1);
        assert!(!tx.revoke_operator_key(live.id, now).await.unwrap(), "not an operator's");
        assert!(tx.revoke_operator_key(operator.id, now).await.unwrap());
        assert!(tx.org(ours).await.unwrap().revoke_key(live.id, now).await.unwrap());
        assert!(tx.key_by_secret(&[1; 32], now).await.unwrap().is_none());
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_audit_log_is_each_organisation_s_own() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (ours, theirs) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        for action in ["one", "two", "three"] {
            clock.advance(span::minutes(1));
            let details = json!({ "n": action });
            let entry = NewAudit {
                id: AuditId::fresh(clock.now(), &chance),
                actor: "system",
                action,
                target: if action == "two" { "" } else { "a thing" },
                details: &details,
                address: "",
            };
            tx.org(ours).await.unwrap().audit(&entry, clock.now()).await.unwrap();
        }
        let mut scope = tx.org(ours).await.unwrap();
        let of = scope.audit_of("a thing", &["one", "two", "three"], Cursor::NEWEST, 1).await.unwrap();
        assert_eq!(of.items[0].action, "three");
        let rest = scope.audit_of("a thing", &["one", "two"], of.next.unwrap(), 5).await.unwrap();
        assert_eq!(rest.items.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["one"]);
        assert!(scope.audit_of("a thing", &["two"], Cursor::NEWEST, 5).await.unwrap().items.is_empty());
        let page = scope.audit_entries(&AuditFilter::default(), Cursor::NEWEST, 2).await.unwrap();
        assert_eq!(
            page.items.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(),
            ["three", "two"]
        );
        assert_eq!(
            scope.audit_entries(&AuditFilter::default(), page.next.unwrap(), 2).await.unwrap().items[0]
                .details,
            "{\"n\":\"one\"}"
        );
        assert!(
            tx.org(theirs)
                .await
                .unwrap()
                .audit_entries(&AuditFilter::default(), Cursor::NEWEST, 2)
                .await
                .unwrap()
                .items
                .is_empty()
        );
    })
    .await;
}
