//! Who asks: a member through a session or a machine through a key, and what they may do.
//!
//! Three extractors, one per part of the API: [`OrgActor`] for `/api/v1/orgs/{org}/…`, [`PersonActor`] for one's own
//! account, [`OperatorActor`] for `/api/v1/operator/…`.

use std::time::Duration;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum_extra::extract::cookie::CookieJar;
use rules::id::{AuditId, KeyId, MemberId, OrgId, PersonId, SessionId};
use rules::role::{OrgStatus, Right, Role};
use rules::time::{Timestamp, span};
use store::audit::NewAudit;
use store::keys::ApiKey;
use store::people::Person;
use store::sealed::OPERATOR;
use store::sessions::Session;
use store::{OrgScope, Tx};

use super::admission::Seat;
use super::client::Client;
use super::deeds::DEEDS;
use super::problem::Problem;
use crate::ctx::Ctx;
use crate::identity::hash;
use crate::trace::Trace;

/// A session ends when it has not been used for so long.
pub const SESSION_IDLE: Duration = span::days(14);
/// Uses within this time are not written down one by one.
const TOUCH_EVERY: Duration = span::minutes(1);

/// The name of the session cookie. The prefix makes browsers refuse it from anywhere but this very host over https.
pub fn session_cookie(secure: bool) -> &'static str {
    if secure { "__Host-sapa_session" } else { "sapa_session" }
}

/// What a caller proves themselves with, as hashed for the store.
#[derive(Clone, Copy)]
enum Proof {
    Key([u8; 32]),
    Session([u8; 32]),
}

impl Proof {
    fn hash(&self) -> &[u8; 32] {
        match self {
            Self::Key(hash) | Self::Session(hash) => hash,
        }
    }
}

/// What a request shows as proof, hashed, whether or not it is good.
pub(super) fn shown(ctx: &Ctx, headers: &HeaderMap) -> Option<[u8; 32]> {
    proof(ctx, headers).ok().map(|proof| *proof.hash())
}

/// Who acts in an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A member, signed in.
    Member {
        /// Their place in the organisation.
        id: MemberId,
        /// Who they are.
        person: PersonId,
        /// What they may do.
        role: Role,
    },
    /// A machine.
    Key {
        /// Its key.
        id: KeyId,
    },
}

/// Somebody who may act in the organisation that the path names.
///
/// Whoever is unknown gets 401; whoever is known but not of this organisation gets 404, as if it did not exist.
#[derive(Clone)]
pub struct OrgActor {
    /// The organisation.
    pub org: OrgId,
    /// A member or a key.
    pub who: Who,
    /// Where they are.
    pub client: Client,
    /// The request in which they act.
    pub trace: Trace,
    rights: Vec<Right>,
    proof: Proof,
}

impl std::fmt::Debug for OrgActor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrgActor").field("org", &self.org).field("who", &self.who).finish_non_exhaustive()
    }
}

impl OrgActor {
    /// Whether they have a right.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Refuses them unless they have a right.
    pub fn require(&self, right: Right) -> Result<(), Problem> {
        if self.may(right) { Ok(()) } else { Err(Problem::lacks(right)) }
    }

    /// Every right they have.
    pub fn rights(&self) -> &[Right] {
        &self.rights
    }

    /// Their name in the audit log: `member:…` or `key:…`.
    pub fn name(&self) -> String {
        match self.who {
            Who::Member { id, .. } => format!("member:{id}"),
            Who::Key { id } => format!("key:{id}"),
        }
    }

    /// The member, where it is one.
    pub fn member(&self) -> Option<MemberId> {
        match self.who {
            Who::Member { id, .. } => Some(id),
            Who::Key { .. } => None,
        }
    }

    /// As whom they give roles to others. A key gives none above admin: an owner is made by an owner.
    pub fn grants_as(&self) -> Role {
        match self.who {
            Who::Member { role, .. } => role,
            Who::Key { .. } => Role::Admin,
        }
    }

    /// Writes into the audit log, in the transaction of what was done: a stable word for it, what it was done to, and
    /// facts that explain it. Never secrets or message bodies.
    pub async fn audit(
        &self,
        ctx: &Ctx,
        scope: &mut OrgScope<'_>,
        action: &str,
        target: impl ToString + Send,
        details: serde_json::Value,
    ) -> store::Result<()> {
        let (name, target, address) = (self.name(), target.to_string(), self.client.address());
        audit(ctx, scope, &name, action, &target, details, &address).await
    }

    /// Asks again whether they may still act here, and with which rights: for connections that stay open.
    pub async fn renewed(&self, ctx: &Ctx) -> Result<Self, Problem> {
        Self::admit(ctx, self.proof, self.org, self.client.clone()).await.map(|(actor, _)| actor)
    }

    async fn admit(
        ctx: &Ctx,
        proof: Proof,
        org: OrgId,
        client: Client,
    ) -> Result<(Self, OrgStatus), Problem> {
        let mut tx = ctx.store.read().await?;
        let caller = Caller::find(ctx, &mut tx, proof).await?.ok_or_else(Problem::unauthenticated)?;
        let mut scope = tx.org(org).await?;
        let (who, rights) = match &caller {
            Caller::Key(key) if key.org_id == Some(org) => (Who::Key { id: key.id }, scopes(key)),
            Caller::Key(_) => return Err(Problem::not_found()),
            Caller::Person(person, _) => {
                let member = scope.member_of(person.id).await?.ok_or_else(Problem::not_found)?;
                let rights = Right::ALL.iter().copied().filter(|right| member.role.may(*right)).collect();
                (Who::Member { id: member.id, person: person.id, role: member.role }, rights)
            }
        };
        let status = scope.org().await?.ok_or_else(Problem::not_found)?.status;
        if status == OrgStatus::Deleting {
            return Err(Problem::not_found());
        }
        drop(tx);
        caller.touch(ctx).await?;
        Ok((Self { org, who, client, trace: Trace::Own, rights, proof }, status))
    }
}

impl FromRequestParts<Ctx> for OrgActor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Problem> {
        let proof = proof(ctx, &parts.headers)?;
        let org = named_org(parts, ctx).await;
        let client = client(parts, ctx).await;
        // Whoever is unknown is told so before anything else, also where the path names nothing.
        let org = org.unwrap_or(OrgId(uuid::Uuid::max()));
        let (mut actor, status) = Self::admit(ctx, proof, org, client).await?;
        actor.trace = parts.extensions.get().copied().unwrap_or_default();
        if let Some(seat) = parts.extensions.get::<Seat>().cloned() {
            ctx.admission.enter(org, &seat).await.map_err(|refused| refused.told(ctx))?;
        }
        if status == OrgStatus::Suspended && !is_safe(&parts.method) {
            return Err(Problem::suspended());
        }
        Ok(actor)
    }
}

/// A person signed in, acting for themselves.
#[derive(Clone, Debug)]
pub struct PersonActor {
    /// Who.
    pub person: Person,
    /// In which browser.
    pub session: SessionId,
    /// When they signed in there.
    pub signed_in_at: Timestamp,
    /// Where they are.
    pub client: Client,
}

impl PersonActor {
    /// Their name in the audit log.
    pub fn name(&self) -> String {
        format!("person:{}", self.person.id)
    }
}

impl FromRequestParts<Ctx> for PersonActor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Problem> {
        let client = client(parts, ctx).await;
        match caller(parts, ctx).await? {
            Caller::Person(person, session) => {
                Ok(Self { person, session: session.id, signed_in_at: session.created_at, client })
            }
            Caller::Key(_) => Err(Problem::forbidden(
                "person_only",
                "This is about a person's own account, and a key is no person. Sign in instead.",
            )),
        }
    }
}

/// Whoever asks, person or key, whatever they may do.
#[derive(Clone, Debug)]
pub enum AnyActor {
    /// A person signed in.
    Person(Box<Person>),
    /// A machine, of an organisation or of the operator.
    Key(Box<ApiKey>),
}

impl FromRequestParts<Ctx> for AnyActor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Problem> {
        Ok(match caller(parts, ctx).await? {
            Caller::Person(person, _) => Self::Person(Box::new(person)),
            Caller::Key(key) => Self::Key(Box::new(key)),
        })
    }
}

/// Somebody who runs the installation: a person marked as operator, or an operator key.
#[derive(Clone, Debug)]
pub struct OperatorActor {
    /// The person, where it is one.
    pub person: Option<PersonId>,
    /// Their name in the audit log: `operator:…` or `operator-key:…`.
    pub name: String,
    /// Where they are.
    pub client: Client,
}

impl OperatorActor {
    /// Writes into the audit log what an operator did, in the transaction of what was done: into the installation's log
    /// and, where it touches an organisation, into that one's too. Never secrets.
    pub async fn audit(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        org: Option<OrgId>,
        action: &str,
        target: impl ToString + Send,
        details: serde_json::Value,
    ) -> store::Result<()> {
        let (target, address) = (target.to_string(), self.client.address());
        for org in [Some(OPERATOR), org].into_iter().flatten() {
            let mut scope = tx.org(org).await?;
            audit(ctx, &mut scope, &self.name, action, &target, details.clone(), &address).await?;
        }
        Ok(())
    }
}

impl FromRequestParts<Ctx> for OperatorActor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, Problem> {
        let client = client(parts, ctx).await;
        match caller(parts, ctx).await? {
            Caller::Person(person, _) if person.is_operator => {
                Ok(Self { person: Some(person.id), name: format!("operator:{}", person.id), client })
            }
            Caller::Key(key) if key.org_id.is_none() => {
                Ok(Self { person: None, name: format!("operator-key:{}", key.id), client })
            }
            _ => Err(Problem::forbidden(
                "operator_only",
                "This is for whoever runs the installation. Use an operator's sign-in or an operator key.",
            )),
        }
    }
}

/// Writes into the audit log of an organisation, or of the installation ([`OPERATOR`]).
pub async fn audit(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    actor: &str,
    action: &str,
    target: &str,
    details: serde_json::Value,
    address: &str,
) -> store::Result<()> {
    debug_assert!(DEEDS.contains(&action), "{action} has no word in http/deeds.rs");
    let id = AuditId::fresh(ctx.now(), ctx.chance());
    scope.audit(&NewAudit { id, actor, action, target, details: &details, address }, ctx.now()).await
}

enum Caller {
    Key(ApiKey),
    Person(Person, Session),
}

impl Caller {
    async fn find(ctx: &Ctx, tx: &mut Tx, proof: Proof) -> Result<Option<Self>, Problem> {
        let now = ctx.now();
        let caller = match proof {
            Proof::Key(hash) => tx.key_by_secret(&hash, now).await?.map(Self::Key),
            Proof::Session(hash) => match tx.session_by_token(&hash, now, now - SESSION_IDLE).await? {
                Some(session) => {
                    tx.person(session.person_id).await?.map(|person| Self::Person(person, session))
                }
                None => None,
            },
        };
        if caller.is_some() {
            ctx.admission.proved(proof.hash()).await;
        }
        Ok(caller)
    }

    /// Notes, now and then, that a key or session is in use.
    async fn touch(&self, ctx: &Ctx) -> Result<(), Problem> {
        let now = ctx.now();
        let stale = match self {
            Self::Key(key) => key.last_used_at.is_none_or(|at| now.since(at) >= TOUCH_EVERY),
            Self::Person(_, session) => now.since(session.last_seen_at) >= TOUCH_EVERY,
        };
        if stale {
            let mut tx = ctx.store.begin().await?;
            match self {
                Self::Key(key) => tx.touch_key(key.id, now).await?,
                Self::Person(_, session) => tx.touch_session(session.id, now).await?,
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

async fn caller(parts: &Parts, ctx: &Ctx) -> Result<Caller, Problem> {
    let proof = proof(ctx, &parts.headers)?;
    let mut tx = ctx.store.read().await?;
    let caller = Caller::find(ctx, &mut tx, proof).await?.ok_or_else(Problem::unauthenticated)?;
    drop(tx);
    caller.touch(ctx).await?;
    Ok(caller)
}

/// A key in the `Authorization` header goes before a session in a cookie: whoever sends one means it.
fn proof(ctx: &Ctx, headers: &HeaderMap) -> Result<Proof, Problem> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let bearer = value.to_str().ok().and_then(|text| text.split_once(' '));
        return match bearer {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Proof::Key(hash(key.trim()))),
            _ => Err(Problem::unauthenticated()),
        };
    }
    session_token(ctx, headers).map(|token| Proof::Session(hash(&token))).ok_or_else(Problem::unauthenticated)
}

/// The token in the session cookie.
pub(crate) fn session_token(ctx: &Ctx, headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(session_cookie(ctx.settings.is_secure())).map(|cookie| cookie.value().to_owned())
}

async fn client(parts: &mut Parts, ctx: &Ctx) -> Client {
    match Client::from_request_parts(parts, ctx).await {
        Ok(client) => client,
        Err(never) => match never {},
    }
}

async fn named_org(parts: &mut Parts, ctx: &Ctx) -> Option<OrgId> {
    let params = RawPathParams::from_request_parts(parts, ctx).await.ok()?;
    params.iter().find(|(name, _)| *name == "org").and_then(|(_, value)| value.parse().ok())
}

fn scopes(key: &ApiKey) -> Vec<Right> {
    key.scopes.split(' ').filter_map(|word| word.parse().ok()).collect()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
