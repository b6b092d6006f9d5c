//! Organisations, members and keys made in a moment, without the letters and password hashes of the long way.

use rules::id::{KeyId, MemberId, OrgId, PersonId, SessionId};
use rules::role::{Right, Role};
use rules::settings::{AiSettings, OrgSettings};
use rules::time::span;
use server::Ctx;
use server::identity::Token;
use store::keys::NewKey;
use store::orgs::NewOrg;
use store::people::NewPerson;
use store::sessions::NewSession;

use super::{Actor, TestApp};

/// An organisation with an owner and a key that may do everything. Their paths are relative to the organisation.
#[derive(Clone)]
pub struct TestOrg {
    /// Its id.
    pub id: OrgId,
    /// Its owner, signed in.
    pub owner: Actor,
    /// A key with every right.
    pub key: Actor,
}

impl TestApp {
    /// Makes an organisation of this name.
    pub async fn org(&self, name: &str) -> TestOrg {
        let (now, chance) = (self.now(), self.ctx.chance());
        let id = OrgId::fresh(now, chance);
        let org = NewOrg {
            id,
            name: name.into(),
            slug: format!("org-{id}"),
            locale: "id".into(),
            country: "ID".into(),
            timezone: "Asia/Jakarta".into(),
            settings: at_once().write(),
        };
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        tx.insert_org(&org, now).await.expect("an organisation");
        tx.commit().await.expect("a commit");
        let owner = self.member(id, Role::Owner).await;
        let key = self.key(id, Right::ALL).await;
        TestOrg { id, owner, key }
    }

    /// Makes a member of an organisation, signed in.
    pub async fn member(&self, org: OrgId, role: Role) -> Actor {
        let (now, chance) = (self.now(), self.ctx.chance());
        let (person, member) = (PersonId::fresh(now, chance), MemberId::fresh(now, chance));
        let token = Token::fresh("", chance);
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        tx.insert_person(&new_person(person, false), now).await.expect("a person");
        tx.insert_session(&new_session(&self.ctx, person, &token), now).await.expect("a session");
        tx.org(org).await.expect("a scope").insert_member(member, person, role, now).await.expect("a member");
        tx.commit().await.expect("a commit");
        self.anonymous.with_session(token.reveal()).in_org(org)
    }

    /// Makes a key of an organisation with these rights.
    pub async fn key(&self, org: OrgId, rights: &[Right]) -> Actor {
        let token = Token::fresh("sapa_live_", self.ctx.chance());
        let scopes = rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(" ");
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        let mut scope = tx.org(org).await.expect("a scope");
        scope.insert_key(&new_key(&self.ctx, &token, scopes), self.now()).await.expect("a key");
        tx.commit().await.expect("a commit");
        self.anonymous.with_key(token.reveal()).in_org(org)
    }

    /// Makes an operator, signed in.
    pub async fn operator_person(&self) -> Actor {
        let (now, chance) = (self.now(), self.ctx.chance());
        let person = PersonId::fresh(now, chance);
        let token = Token::fresh("", chance);
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        tx.insert_person(&new_person(person, true), now).await.expect("a person");
        tx.insert_session(&new_session(&self.ctx, person, &token), now).await.expect("a session");
        tx.commit().await.expect("a commit");
        self.anonymous.with_session(token.reveal())
    }
}

/// Makes an operator key.
pub(super) async fn operator(ctx: &Ctx, anonymous: &Actor) -> Actor {
    let token = Token::fresh("sapa_operator_", ctx.chance());
    let mut tx = ctx.store.begin().await.expect("a transaction");
    tx.insert_operator_key(&new_key(ctx, &token, "*".into()), ctx.now()).await.expect("a key");
    tx.commit().await.expect("a commit");
    anonymous.with_key(token.reveal())
}

fn new_person(id: PersonId, is_operator: bool) -> NewPerson {
    NewPerson {
        id,
        email: format!("{id}@example.com"),
        name: "Rina".into(),
        password_hash: None,
        locale: "en".into(),
        is_operator,
    }
}

fn new_session(ctx: &Ctx, person: PersonId, token: &Token) -> NewSession {
    NewSession {
        id: SessionId::fresh(ctx.now(), ctx.chance()),
        person,
        token_hash: token.hash(),
        expires_at: ctx.now() + span::days(30),
        address: "127.0.0.1".into(),
        user_agent: "test".into(),
    }
}

fn new_key(ctx: &Ctx, token: &Token, scopes: String) -> NewKey {
    NewKey {
        id: KeyId::fresh(ctx.now(), ctx.chance()),
        name: "test".into(),
        prefix: token.reveal()[..14].into(),
        secret_hash: token.hash(),
        scopes,
        created_by: None,
        expires_at: None,
    }
}

/// Settings under which the AI answers each message at once: the clock of a test stands still.
fn at_once() -> OrgSettings {
    OrgSettings {
        ai: AiSettings { wait_seconds: Some(0), ..AiSettings::default() },
        ..OrgSettings::default()
    }
}
