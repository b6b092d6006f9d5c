//! Fetching records from another system: in rounds, by a durable job, what has changed since the round before.
//!
//! A round goes through what changed in the order of the other system's ids, a page at a time; how far it has come is
//! written down with each page. What Odoo calls the time of a change is when its transaction began, so a round looks back
//! a little further than the round before began: to put the same record again changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use jobs::Verdict;
use rules::id::{ConnectorId, OrgId, RecordKindId};
use rules::record::FieldKind;
use rules::role::Right;
use rules::time::{Timestamp, span};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::connectors::Connector;
use store::queue::{Job, NewJob, Unique};
use store::records::{RecordKind, WrittenRecord};
use store::{Json, OrgScope};

use super::odoo::{Odoo, OdooApi, Search, Trouble, id_of, text_of};
use super::service::{Outcome, Wanted, put_all};
use super::whom::Whom;
use super::{CONNECT, values};
use crate::ctx::Ctx;
use crate::http::problem::FieldError;
use crate::http::{OrgActor, Problem};

/// How many records one page holds.
const PAGE: i64 = 200;
/// How far a round looks back beyond the beginning of the one before.
const OVERLAP_MINUTES: i64 = 10;
/// The most connectors of an organisation.
const MOST: usize = 20;
/// Of how many records that were refused a round says why.
const TOLD: usize = 20;
/// The model of Odoo in which people are.
const PARTNERS: &str = "res.partner";

/// Where and what to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    #[serde(default)]
    pub api: OdooApi,
    pub url: String,
    pub database: String,
    pub login: String,
    pub model: String,
    pub domain: Value,
    /// Which field of theirs is the id that a record has elsewhere.
    pub external_id: String,
    /// Which field of theirs says whom a record is about.
    pub contact: Option<String>,
    /// Which field of a person is the phone number.
    pub phone: String,
    /// Our fields, and theirs.
    pub fields: BTreeMap<String, String>,
    pub every_minutes: u64,
}

/// How far a connector has been read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Place {
    /// What changed before this is known.
    since: Option<String>,
    /// The round under way: when it began by their clock, and the last id that it has gone through.
    round: Option<(Option<String>, i64)>,
}

/// What came of a round.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Round {
    pub began_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub created: i64,
    pub changed: i64,
    pub same: i64,
    pub refused: i64,
    /// The first that were refused, and why.
    pub refusals: Vec<(String, String)>,
    pub trouble: Option<Trouble>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    connector: ConnectorId,
}

/// What a connector is to be.
pub(super) struct Desired {
    pub title: String,
    pub kind: RecordKindId,
    pub settings: Settings,
    pub key: Option<SecretString>,
    pub enabled: bool,
}

/// All connectors, by title.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<Connector>, Problem> {
    actor.require(Right::ReadRecords)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.connectors().await?)
}

/// One connector.
pub(super) async fn get(ctx: &Ctx, actor: &OrgActor, id: ConnectorId) -> Result<Connector, Problem> {
    list(ctx, actor).await?.into_iter().find(|connector| connector.id == id).ok_or_else(Problem::not_found)
}

/// Keeps a connector: a new one, or another in place of the one of this id. It is read at once, from the beginning where
/// what is read of it has changed.
pub(super) async fn keep(
    ctx: &Ctx,
    actor: &OrgActor,
    id: Option<ConnectorId>,
    desired: Desired,
) -> Result<Connector, Problem> {
    actor.require(Right::WriteRecords)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = match id {
        Some(id) => Some(scope.connector(id).await?.ok_or_else(Problem::not_found)?),
        None if scope.connectors().await?.len() >= MOST => {
            return Err(Problem::conflict(
                "too_many_connectors",
                format!("There are {MOST} connectors already. Remove one that is no longer needed."),
            ));
        }
        None => None,
    };
    let kind = scope.record_kind(desired.kind).await?.ok_or_else(Problem::not_found)?;
    known_fields(&kind, &desired.settings)?;
    let secret = match (&desired.key, &before) {
        (Some(key), _) => ctx.vault.seal(scope.tx(), actor.org, Connector::SECRET, key, now).await?,
        (None, Some(before)) if desired.settings.confides_in_the_same(before) => before.secret.clone(),
        (None, _) => return Err(Problem::invalid_field("key", "is needed to sign in at Odoo")),
    };
    let settings = serde_json::to_value(&desired.settings).map_err(|error| Problem::internal(&error))?;
    let reads_the_same = |before: &Connector| before.settings.0 == settings && before.kind_id == desired.kind;
    let connector = Connector {
        id: before.as_ref().map_or_else(|| ConnectorId::fresh(now, ctx.chance()), |before| before.id),
        kind_id: desired.kind,
        system: "odoo".to_owned(),
        title: desired.title.trim().to_owned(),
        settings: Json(settings.clone()),
        secret,
        enabled: desired.enabled,
        place: before
            .as_ref()
            .filter(|before| reads_the_same(before))
            .and_then(|before| before.place.clone()),
        last_run: before.as_ref().and_then(|before| before.last_run.clone()),
        next_at: now,
        created_at: before.as_ref().map_or(now, |before| before.created_at),
        updated_at: now,
    };
    scope.put_connector(&connector).await?;
    if connector.enabled {
        read_later(&mut scope, connector.id, now, now).await?;
    }
    tell(ctx, actor, &mut scope, "connector.keep", &connector).await?;
    tx.commit().await?;
    Ok(connector)
}

fn known_fields(kind: &RecordKind, settings: &Settings) -> Result<(), Problem> {
    if settings.api == OdooApi::JsonRpc && settings.login.trim().is_empty() {
        return Err(Problem::invalid_field("login", "is needed to sign in at an Odoo before 19"));
    }
    let unknown = |key: &&String| !kind.fields.0.iter().any(|field| field.key == **key);
    match settings.fields.keys().find(unknown) {
        Some(key) => {
            Err(Problem::invalid_field(format!("fields.{key}"), format!("is no field of {}", kind.title)))
        }
        None => Ok(()),
    }
}

/// Has a connector read at once.
pub(super) async fn read_now(ctx: &Ctx, actor: &OrgActor, id: ConnectorId) -> Result<Connector, Problem> {
    actor.require(Right::WriteRecords)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let connector = scope.connector(id).await?.ok_or_else(Problem::not_found)?;
    read_later(&mut scope, id, ctx.now(), ctx.now()).await?;
    tell(ctx, actor, &mut scope, "connector.read", &connector).await?;
    tx.commit().await?;
    Ok(connector)
}

/// Removes a connector; the records that came from it stay.
pub(super) async fn remove(ctx: &Ctx, actor: &OrgActor, id: ConnectorId) -> Result<(), Problem> {
    actor.require(Right::WriteRecords)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let connector = scope.connector(id).await?.ok_or_else(Problem::not_found)?;
    scope.remove_connector(id).await?;
    tell(ctx, actor, &mut scope, "connector.remove", &connector).await?;
    tx.commit().await?;
    Ok(())
}

async fn tell(
    ctx: &Ctx,
    actor: &OrgActor,
    scope: &mut OrgScope<'_>,
    what: &str,
    connector: &Connector,
) -> Result<(), Problem> {
    actor.audit(ctx, scope, what, connector.id, json!({ "title": connector.title })).await?;
    Ok(scope.publish("record.connector", &json!({ "connector_id": connector.id }), ctx.now())?)
}

/// The first records as they would be read, without keeping anything.
pub(super) async fn try_out(
    ctx: &Ctx,
    actor: &OrgActor,
    id: Option<ConnectorId>,
    desired: &Desired,
) -> Result<Result<Vec<Map<String, Value>>, Trouble>, Problem> {
    actor.require(Right::WriteRecords)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let kind = scope.record_kind(desired.kind).await?.ok_or_else(Problem::not_found)?;
    known_fields(&kind, &desired.settings)?;
    let kept = match id {
        Some(id) => Some(scope.connector(id).await?.ok_or_else(Problem::not_found)?),
        None => None,
    };
    let key = match (&desired.key, kept) {
        (Some(key), _) => key.clone(),
        (None, Some(kept)) if desired.settings.confides_in_the_same(&kept) => {
            ctx.vault.open(&mut tx, actor.org, Connector::SECRET, &kept.secret).await?
        }
        (None, _) => return Err(Problem::invalid_field("key", "is needed to sign in at Odoo")),
    };
    drop(tx);
    Ok(first_records(ctx, &desired.settings, &key).await)
}

async fn first_records(
    ctx: &Ctx,
    settings: &Settings,
    key: &SecretString,
) -> Result<Vec<Map<String, Value>>, Trouble> {
    let odoo = settings.odoo(ctx, key)?;
    let uid = odoo.sign_in().await?;
    let page = settings.page(settings.domain.clone(), "id asc", 3);
    let rows = odoo.search(uid, &page).await?;
    Ok(rows.into_iter().map(|row| settings.read_plainly(&row)).collect())
}

impl Settings {
    /// Whether the key that a connector keeps goes where it went before: to the same place, for the same person.
    fn confides_in_the_same(&self, before: &Connector) -> bool {
        let told = |name: &str| before.settings.0.get(name).and_then(Value::as_str).unwrap_or_default();
        told("url") == self.url && told("database") == self.database && told("login") == self.login
    }

    fn odoo<'a>(&'a self, ctx: &'a Ctx, key: &'a SecretString) -> Result<Odoo<'a>, Trouble> {
        Odoo::new(&ctx.outbound, self.api, &self.url, &self.database, &self.login, key)
    }

    /// Their fields that are read.
    fn page<'a>(&'a self, domain: Value, order: &'a str, limit: i64) -> Search<'a> {
        let mut fields: BTreeSet<&str> = self.fields.values().map(String::as_str).collect();
        fields.extend([self.external_id.as_str(), "id", "write_date"]);
        fields.extend(self.contact.as_deref());
        Search { model: &self.model, domain, fields: fields.into_iter().collect(), order, limit }
    }

    /// Their filter, and this beside it.
    fn domain_with(&self, more: Vec<Value>) -> Value {
        let mut domain = self.domain.as_array().cloned().unwrap_or_default();
        domain.extend(more);
        Value::Array(domain)
    }

    /// A row under our names, for a look.
    fn read_plainly(&self, row: &Map<String, Value>) -> Map<String, Value> {
        let value = |theirs: &str| Value::from(row.get(theirs).map(text_of).unwrap_or_default());
        let mut read = Map::from_iter([("external_id".to_owned(), value(&self.external_id))]);
        if let Some(contact) = &self.contact {
            read.insert("contact".to_owned(), value(contact));
        }
        read.extend(self.fields.iter().map(|(ours, theirs)| (ours.clone(), value(theirs))));
        read
    }

    /// A row as a record, with days as they are in this zone; what does not read as its field is told as text, so that the
    /// field names it.
    fn record(
        &self,
        kind: &RecordKind,
        row: &Map<String, Value>,
        people: &People,
        zone: &TimeZone,
    ) -> Wanted {
        let text = |theirs: &str| row.get(theirs).map(text_of).unwrap_or_default();
        let data = self.fields.iter().map(|(ours, theirs)| {
            let field = kind.fields.0.iter().find(|field| field.key == *ours);
            let as_kind = field.map_or(FieldKind::Text, |field| field.kind);
            let text = match as_kind {
                FieldKind::Date => day_in(zone, text(theirs)),
                _ => text(theirs),
            };
            (ours.clone(), values::of_text(as_kind, &text).unwrap_or_else(|| text.into()))
        });
        let person = self.contact.as_deref().and_then(|field| id_of(row.get(field)?));
        Wanted {
            external_id: text(&self.external_id),
            contact: person.and_then(|id| people.get(&id).cloned()),
            data: data.collect(),
        }
    }
}

/// People of Odoo by their ids.
type People = BTreeMap<i64, Whom>;

/// Has a connector read at this time.
async fn read_later(
    scope: &mut OrgScope<'_>,
    connector: ConnectorId,
    at: Timestamp,
    now: Timestamp,
) -> store::Result<()> {
    let org = scope.id();
    let job = NewJob {
        serial_key: Some(connector.to_string()),
        org: Some(org),
        run_at: at,
        unique: Some(Unique::Reschedule(connector.to_string())),
        ..NewJob::new(CONNECT, org, &Payload { org, connector }, now)?
    };
    scope.tx().enqueue(&job, now);
    Ok(())
}

/// Runs a job of the queue: one page, and the next or the next round after it.
pub(super) async fn read(ctx: Ctx, job: Job) -> Verdict {
    match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => {
            run(&ctx, &job, &payload).await.unwrap_or_else(|error| Verdict::Retry(error.to_string()))
        }
        Err(error) => Verdict::Dead(format!("the job does not read: {error}")),
    }
}

async fn run(ctx: &Ctx, job: &Job, payload: &Payload) -> store::Result<Verdict> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(payload.org).await?;
    let Some(connector) = scope.connector(payload.connector).await? else { return Ok(Verdict::Done) };
    let Some(kind) = scope.record_kind(connector.kind_id).await? else { return Ok(Verdict::Done) };
    let key = ctx.vault.open(&mut tx, payload.org, Connector::SECRET, &connector.secret).await?;
    drop(tx);
    let Ok(settings) = serde_json::from_value::<Settings>(connector.settings.0.clone()) else {
        return Ok(Verdict::Dead("the connector's settings do not read".into()));
    };
    let place: Place = read_json(connector.place.as_ref());
    let fetched = fetch(ctx, &settings, &key, place).await;
    settle(ctx, job, payload.org, &connector, &kind, &settings, fetched).await
}

fn read_json<T: Default + serde::de::DeserializeOwned>(stored: Option<&Json<Value>>) -> T {
    stored.and_then(|stored| serde_json::from_value(stored.0.clone()).ok()).unwrap_or_default()
}

/// A page of what has changed, and where the next begins.
struct Page {
    rows: Vec<Map<String, Value>>,
    people: People,
    place: Place,
    first: bool,
}

async fn fetch(ctx: &Ctx, settings: &Settings, key: &SecretString, place: Place) -> Result<Page, Trouble> {
    let odoo = settings.odoo(ctx, key)?;
    let uid = odoo.sign_in().await?;
    let first = place.round.is_none();
    let (began, after) = match place.round.clone() {
        Some(round) => round,
        None => {
            let newest = settings.page(settings.domain.clone(), "write_date desc", 1);
            let newest = odoo.search(uid, &newest).await?;
            (newest.first().and_then(|row| row.get("write_date")).map(text_of), 0)
        }
    };
    let mut more = vec![json!(["id", ">", after])];
    more.extend(place.since.as_ref().map(|since| json!(["write_date", ">=", since])));
    let search = settings.page(settings.domain_with(more), "id asc", PAGE);
    let rows = odoo.search(uid, &search).await?;
    let people = people(&odoo, uid, settings, &rows).await?;
    let last = rows.last().and_then(|row| id_of(row.get("id")?)).unwrap_or(after);
    let whole = i64::try_from(rows.len()).is_ok_and(|rows| rows == PAGE);
    let place = if whole {
        Place { round: Some((began, last)), ..place }
    } else {
        Place { since: began.map(|began| a_little_before(&began)).or(place.since), round: None }
    };
    Ok(Page { rows, people, place, first })
}

/// A time of Odoo, and the overlap before it.
fn a_little_before(theirs: &str) -> String {
    match theirs.parse::<jiff::civil::DateTime>() {
        Ok(at) => at.saturating_sub(OVERLAP_MINUTES.minutes()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => theirs.to_owned(),
    }
}

/// The day of a time of Odoo, which it tells in UTC: midnight of the 21st in Jakarta is the evening of the 20th there. What is
/// no time stays as it is.
fn day_in(zone: &TimeZone, theirs: String) -> String {
    match theirs.parse::<jiff::civil::DateTime>() {
        Ok(at) if theirs.len() > "2026-12-21".len() => {
            at.to_zoned(TimeZone::UTC).map_or(theirs, |at| at.with_time_zone(zone.clone()).date().to_string())
        }
        _ => theirs,
    }
}

/// The people that rows are about.
async fn people(
    odoo: &Odoo<'_>,
    uid: Option<i64>,
    settings: &Settings,
    rows: &[Map<String, Value>],
) -> Result<People, Trouble> {
    let Some(field) = &settings.contact else { return Ok(People::new()) };
    let ids: BTreeSet<i64> = rows.iter().filter_map(|row| id_of(row.get(field)?)).collect();
    if ids.is_empty() {
        return Ok(People::new());
    }
    let search = Search {
        model: PARTNERS,
        domain: json!([["id", "in", ids]]),
        fields: vec!["id", "name", "email", "lang", &settings.phone],
        order: "id asc",
        limit: PAGE,
    };
    let found = odoo.search(uid, &search).await?;
    Ok(found.iter().filter_map(|row| Some((id_of(row.get("id")?)?, whom(row, &settings.phone)))).collect())
}

fn whom(row: &Map<String, Value>, phone: &str) -> Whom {
    let text = |field: &str| row.get(field).map(text_of).filter(|text| !text.trim().is_empty());
    let id = row.get("id").and_then(id_of).unwrap_or_default();
    Whom {
        reference: Some(format!("odoo:{PARTNERS}:{id}")),
        phone: text(phone),
        email: text("email"),
        name: text("name"),
        // Odoo writes `id_ID`.
        language: text("lang").and_then(|lang| lang.split('_').next().map(str::to_owned)),
        ..Whom::default()
    }
}

async fn settle(
    ctx: &Ctx,
    job: &Job,
    org: OrgId,
    connector: &Connector,
    kind: &RecordKind,
    settings: &Settings,
    fetched: Result<Page, Trouble>,
) -> store::Result<Verdict> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let mut round: Round = read_json(connector.last_run.as_ref());
    let mut place: Place = read_json(connector.place.as_ref());
    match fetched {
        Ok(page) => {
            if page.first {
                round = Round { began_at: Some(now), ..Round::default() };
            }
            let named = scope.org().await?.map(|org| org.timezone).unwrap_or_default();
            let zone = TimeZone::get(&named).unwrap_or(TimeZone::UTC);
            let wanted: Vec<Wanted> =
                page.rows.iter().map(|row| settings.record(kind, row, &page.people, &zone)).collect();
            let names: Vec<String> = wanted.iter().map(|one| one.external_id.clone()).collect();
            let outcomes = put_all(ctx, &mut scope, kind, wanted).await?;
            round.count(&names, &outcomes);
            place = page.place;
        }
        Err(trouble) => round.trouble = Some(trouble),
    }
    let goes_on = place.round.is_some() && round.trouble.is_none();
    round.ended_at = (!goes_on).then_some(now);
    let next = if goes_on { now } else { now + span::minutes(settings.every_minutes) };
    let (place, told) = (serde_json::to_value(&place)?, serde_json::to_value(&round)?);
    if scope.note_connector_place(connector, &place, &told, next).await? {
        scope.publish("record.connector", &json!({ "connector_id": connector.id }), now)?;
        if connector.enabled || goes_on {
            read_later(&mut scope, connector.id, next, now).await?;
        }
    }
    if tx.finish(job, now).await? {
        tx.commit().await?;
    }
    Ok(Verdict::Settled)
}

impl Round {
    fn count(&mut self, names: &[String], outcomes: &[Outcome]) {
        self.trouble = None;
        for (name, outcome) in names.iter().zip(outcomes) {
            match outcome {
                Outcome::Written(WrittenRecord::Created(_)) => self.created += 1,
                Outcome::Written(WrittenRecord::Changed(_)) => self.changed += 1,
                Outcome::Written(WrittenRecord::Same(_)) => self.same += 1,
                Outcome::Refused(errors) => {
                    self.refused += 1;
                    if self.refusals.len() < TOLD {
                        self.refusals.push((name.clone(), in_words(errors)));
                    }
                }
            }
        }
    }
}

fn in_words(errors: &[FieldError]) -> String {
    let said: Vec<String> = errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
    said.join("; ")
}
