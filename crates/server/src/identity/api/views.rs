//! Public types that several parts share, and rules for fields.

use std::collections::HashMap;

use rules::id::{AuditId, KeyId, MemberId, MemberInviteId, OrgId, PersonId};
use rules::locale::Locale;
use rules::role::{OrgStatus, Right, Role};
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::audit::AuditEntry;
use store::ingest::KeptUpdate as StoredUpdate;
use store::keys::ApiKey;
use store::members::Invite as StoredInvite;
use store::orgs::Org;
use store::people::Person as StoredPerson;
use utoipa::ToSchema;

use crate::http::{List, Problem};

/// A person.
#[derive(Serialize, ToSchema)]
pub struct Person {
    /// Their id.
    id: PersonId,
    /// Their e-mail address.
    email: String,
    /// As they wish to be called.
    name: String,
    /// The language they read.
    locale: Locale,
    /// Whether they run the installation.
    is_operator: bool,
    /// Whether they sign in with a second factor.
    second_factor: bool,
}

impl From<StoredPerson> for Person {
    fn from(person: StoredPerson) -> Self {
        Self {
            id: person.id,
            email: person.email,
            name: person.name,
            locale: Locale::read(&person.locale),
            is_operator: person.is_operator,
            second_factor: person.second_factor,
        }
    }
}

/// An organisation.
#[derive(Serialize, ToSchema)]
pub struct Organisation {
    /// Its id.
    id: OrgId,
    /// As its members know it.
    name: String,
    /// Its name in addresses.
    slug: String,
    /// The language it works in.
    locale: Locale,
    /// ISO 3166 two-letter code; tells how local phone numbers are read.
    #[schema(example = "ID")]
    country: String,
    /// IANA name.
    #[schema(example = "Asia/Jakarta")]
    timezone: String,
    /// Whether it may work.
    status: OrgStatus,
    /// Whether the operator's credit line may pay for its messaging accounts (`solution_partner`).
    operator_pays: bool,
    /// What it decided for itself.
    settings: OrgSettings,
    /// When it was made.
    created_at: Timestamp,
}

impl From<Org> for Organisation {
    fn from(org: Org) -> Self {
        Self {
            id: org.id,
            name: org.name,
            slug: org.slug,
            locale: Locale::read(&org.locale),
            country: org.country,
            timezone: org.timezone,
            status: org.status,
            operator_pays: org.operator_pays,
            settings: OrgSettings::read(&org.settings),
            created_at: org.created_at,
        }
    }
}

/// A member.
#[derive(Serialize, ToSchema)]
pub struct Member {
    /// Their id in this organisation.
    id: MemberId,
    /// Their name.
    name: String,
    /// Their e-mail address.
    email: String,
    /// What they may do.
    role: Role,
    /// Since when.
    created_at: Timestamp,
}

impl From<store::members::Member> for Member {
    fn from(member: store::members::Member) -> Self {
        Self {
            id: member.id,
            name: member.name,
            email: member.email,
            role: member.role,
            created_at: member.created_at,
        }
    }
}

/// An open invitation.
#[derive(Serialize, ToSchema)]
pub struct Invite {
    /// Its id.
    id: MemberInviteId,
    /// Whom it is for.
    email: String,
    /// What they will be.
    role: Role,
    /// When it was sent.
    created_at: Timestamp,
    /// The link works until then.
    expires_at: Timestamp,
}

impl From<StoredInvite> for Invite {
    fn from(invite: StoredInvite) -> Self {
        Self {
            id: invite.id,
            email: invite.email,
            role: invite.role,
            created_at: invite.created_at,
            expires_at: invite.expires_at,
        }
    }
}

/// A key.
#[derive(Serialize, ToSchema)]
pub struct Key {
    /// Its id.
    id: KeyId,
    /// What people call it.
    name: String,
    /// Its first characters.
    #[schema(example = "sapa_live_x7Qk")]
    prefix: String,
    /// What it may do; empty for an operator key, which may do what operators may.
    rights: Vec<Right>,
    /// When it was made.
    created_at: Timestamp,
    /// When it was last used, to the minute or so.
    last_used_at: Option<Timestamp>,
    /// It works until then.
    expires_at: Option<Timestamp>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            rights: key.scopes.split(' ').filter_map(|word| word.parse().ok()).collect(),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
        }
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub struct NewKey {
    /// The key itself. It is told this once and stored nowhere.
    pub(super) secret: String,
    /// What is kept of it.
    pub(super) key: Key,
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
pub struct Audit {
    /// Its id.
    id: AuditId,
    /// Who did it: `member:…`, `key:…`, `person:…`, `operator:…`, `operator-key:…` or `system`.
    actor: String,
    /// The name of the person, in the log of the installation. An organisation's members and keys have lists of their own.
    actor_name: Option<String>,
    /// What was done.
    #[schema(example = "member.invite")]
    action: String,
    /// What it was done to.
    target: String,
    /// Facts that explain it.
    #[schema(value_type = Object)]
    details: Value,
    /// The address it came from.
    address: String,
    /// When.
    at: Timestamp,
}

impl From<AuditEntry> for Audit {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            actor: entry.actor,
            actor_name: None,
            action: entry.action,
            target: entry.target,
            details: serde_json::from_str(&entry.details).unwrap_or_default(),
            address: entry.address,
            at: entry.at,
        }
    }
}

impl Audit {
    /// Names who did it.
    pub(super) fn name_actor(&mut self, names: &HashMap<String, String>) {
        self.actor_name = names.get(&self.actor).cloned();
    }
}

/// A webhook update that was kept because it could not be applied.
#[derive(Serialize, ToSchema)]
pub struct KeptUpdate {
    /// Names it when it is retried.
    id: i64,
    /// The organisation it belongs to, where that is known.
    org_id: Option<OrgId>,
    /// What sort of update it is.
    kind: String,
    /// The messaging account it speaks of.
    waba_id: Option<String>,
    /// The number it speaks of.
    phone_number_id: Option<String>,
    /// Why it was kept.
    reason: Option<String>,
    /// What Meta sent. Absent where it belongs to an organisation and an operator asks: it may hold a customer's words.
    #[schema(value_type = Option<Object>)]
    raw: Option<Value>,
    /// When it arrived.
    received_at: Timestamp,
}

impl KeptUpdate {
    fn new(update: StoredUpdate, with_raw: bool) -> Self {
        Self {
            id: update.seq,
            org_id: update.org_id,
            kind: update.kind,
            waba_id: update.waba_id,
            phone_number_id: update.phone_number_id,
            reason: update.reason,
            raw: if with_raw { serde_json::from_str(&update.raw).ok() } else { None },
            received_at: update.received_at,
        }
    }

    /// A page of `limit` from up to one more.
    pub(super) fn page(mut rows: Vec<StoredUpdate>, limit: usize, for_operator: bool) -> List<Self> {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(|last| last.seq.to_string()) } else { None };
        let items = rows
            .into_iter()
            .map(|row| {
                let with_raw = !for_operator || row.org_id.is_none();
                Self::new(row, with_raw)
            })
            .collect();
        List { items, next }
    }
}

/// Reads the cursor of a list that is ordered by a plain number, newest first.
pub(super) fn before(after: Option<&str>) -> Result<i64, Problem> {
    match after {
        None => Ok(i64::MAX),
        Some(text) => text.parse().map_err(|_| {
            Problem::bad_request("bad_cursor", "`after` does not read: use `next` of a page, unchanged.")
        }),
    }
}

/// A name of one line.
pub(super) fn plain_name(value: &str, _: &()) -> garde::Result {
    if value.trim().is_empty() {
        return Err(garde::Error::new("is empty"));
    }
    if value.chars().any(char::is_control) {
        return Err(garde::Error::new("contains a line break or another control character"));
    }
    Ok(())
}

/// A time zone that is known here.
pub(super) fn known_timezone(value: &str, _: &()) -> garde::Result {
    jiff::tz::TimeZone::get(value)
        .map(|_| ())
        .map_err(|_| garde::Error::new("is no IANA time zone such as Asia/Jakarta"))
}

/// A country code.
pub(super) fn country_code(value: &str, _: &()) -> garde::Result {
    if value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(garde::Error::new("is no ISO 3166 code of two capital letters such as ID"))
}

/// A name in addresses.
pub(super) fn plain_slug(value: &str, _: &()) -> garde::Result {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if value.bytes().all(plain) && !value.starts_with('-') && !value.ends_with('-') {
        return Ok(());
    }
    Err(garde::Error::new("must be lower-case letters, digits and hyphens, such as kopi-senja"))
}

/// The same for fields that may be absent.
pub(super) fn maybe<T>(rule: impl Fn(&str, &()) -> garde::Result) -> impl Fn(&Option<T>, &()) -> garde::Result
where
    T: AsRef<str>,
{
    move |value, context| value.as_ref().map_or(Ok(()), |value| rule(value.as_ref(), context))
}
