//! Erasing a person: one step after the other, each a little at a time, until nothing is left but the certificate.

use aws_lc_rs::digest;
use jobs::Verdict;
use rules::consent::{Channel, Consent, ConsentAction, ConsentSource, Purpose, Standing};
use rules::erasure::{ErasureState, ErasureStep};
use rules::id::{ConsentEventId, ContactId, ErasureId, ImportId, OrgId};
use rules::identity::{IdentityKind, Phone};
use rules::role::Right;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::consent::NewConsentEvent;
use store::erasures::Erasure;
use store::forget::Naming;
use store::queue::{Job, NewJob, Unique};
use store::{Cursor, Json, OrgScope, Page};

use super::conversation::tidy_words;
use super::suppression::{Name, Suppressor};
use super::{ERASE, conversation, export};
use crate::ctx::Ctx;
use crate::http::{OrgActor, Problem};
use crate::inbox::news;

/// Whatever keeps something from being erased; it is tried again.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    org: OrgId,
    erasure: ErasureId,
}

/// What somebody asks for.
pub(super) struct Asked {
    /// Why, in a word of their own.
    pub reason: String,
    /// The person does not want to be written to again.
    pub suppress: bool,
}

/// Whether a contact has refused anything, on any channel.
async fn has_refused(scope: &mut OrgScope<'_>, contact: ContactId) -> store::Result<bool> {
    let ledger: Vec<_> = scope.consent_ledger(contact).await?.iter().map(|event| event.entry()).collect();
    Ok(Channel::ALL.iter().any(|channel| {
        let consent = Consent::on(*channel, &ledger, false);
        let refuses = |purpose: &Purpose| matches!(consent.standing(*purpose), Standing::OptedOut(_));
        consent.stopped.is_some() || Purpose::ALL.iter().any(refuses)
    }))
}

/// Begins to erase a person. From here on nothing more is sent to them.
pub(super) async fn begin(
    ctx: &Ctx,
    actor: &OrgActor,
    id: ContactId,
    asked: Asked,
) -> Result<Erasure, Problem> {
    actor.require(Right::WriteSettings)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let contact = scope.contact_for_change(id).await?.ok_or_else(Problem::not_found)?;
    if let Some(erasure) = scope.erasure_of(contact.id).await? {
        return Ok(erasure);
    }
    // Erasing is no way around a no: whoever has refused anything is not to be found again by an import and written to.
    let suppress = asked.suppress || has_refused(&mut scope, contact.id).await?;
    let request = json!({
        "organisation": actor.org, "contact": contact.id, "reason": asked.reason, "suppress": suppress,
        "by": actor.name(), "at": now,
    });
    let erasure = Erasure {
        id: ErasureId::fresh(now, ctx.chance()),
        contact_id: contact.id,
        state: ErasureState::Running,
        step: ErasureStep::Conversations,
        suppressed: suppress,
        reason: asked.reason,
        counts: Json(json!({})),
        request_hash: digest::digest(&digest::SHA256, request.to_string().as_bytes()).as_ref().to_vec(),
        created_by: actor.name(),
        created_at: now,
        finished_at: None,
    };
    scope.insert_erasure(&erasure).await?;
    if suppress {
        let suppressor = Suppressor::made(ctx, &mut scope, now).await?;
        for name in names_of(&mut scope, contact.id).await? {
            if let Some(hash) = suppressor.hash(&name) {
                scope.suppress(name.0, &hash, "erased", &actor.name(), now).await?;
            }
        }
    }
    scope
        .append_consent(&NewConsentEvent {
            id: ConsentEventId::fresh(now, ctx.chance()),
            contact: contact.id,
            channel: Channel::Whatsapp,
            purpose: None,
            action: ConsentAction::OptOut,
            source: ConsentSource::Member,
            evidence: json!({ "erasure_id": erasure.id }),
            at: now,
        })
        .await?;
    let org = actor.org;
    let job = NewJob {
        serial_key: Some(erasure.id.to_string()),
        org: Some(org),
        unique: Some(Unique::KeepFirst(erasure.id.to_string())),
        ..NewJob::new(ERASE, org, &Payload { org, erasure: erasure.id }, now)?
    };
    scope.tx().enqueue(&job, now);
    let details = json!({ "erasure": erasure.id, "suppress": suppress });
    actor.audit(ctx, &mut scope, "contact.erase", erasure.id, details).await?;
    announce(&mut scope, &erasure, now)?;
    tx.commit().await?;
    Ok(erasure)
}

/// Erasures, newest first.
pub(super) async fn list(
    ctx: &Ctx,
    actor: &OrgActor,
    after: Cursor,
    limit: usize,
) -> Result<Page<Erasure>, Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.read().await?;
    Ok(tx.org(actor.org).await?.erasures(after, limit).await?)
}

/// One erasure: its certificate, once it is done.
pub(super) async fn get(ctx: &Ctx, actor: &OrgActor, id: ErasureId) -> Result<Erasure, Problem> {
    actor.require(Right::ReadAudit)?;
    let mut tx = ctx.store.read().await?;
    tx.org(actor.org).await?.erasure(id).await?.ok_or_else(Problem::not_found)
}

fn announce(scope: &mut OrgScope<'_>, erasure: &Erasure, now: Timestamp) -> store::Result<()> {
    scope.publish("erasure.updated", &json!({ "erasure_id": erasure.id }), now)
}

/// Every name that a person goes or went by.
async fn names_of(scope: &mut OrgScope<'_>, contact: ContactId) -> store::Result<Vec<Name>> {
    let identities = scope.contact_identities(contact).await?.into_iter();
    let mut names: Vec<Name> = identities.map(|one| (kind(one.kind), one.value)).collect();
    if let Some(contact) = scope.contact(contact).await? {
        names.extend(contact.phone.map(|phone| ("phone", phone.digits().to_owned())));
        names.extend(contact.bsuid.map(|bsuid| ("bsuid", bsuid.as_str().to_owned())));
        names.extend(contact.email.map(|email| ("email", email)));
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn kind(kind: IdentityKind) -> &'static str {
    match kind {
        IdentityKind::Phone => "phone",
        IdentityKind::Bsuid | IdentityKind::Parent => "bsuid",
    }
}

/// Runs a job of the queue of erasures.
pub(super) async fn go_on(ctx: Ctx, job: Job) -> Verdict {
    let payload = match serde_json::from_str::<Payload>(&job.payload) {
        Ok(payload) => payload,
        Err(error) => return Verdict::Dead(format!("the job does not read: {error}")),
    };
    loop {
        match step(&ctx, &payload).await {
            Ok(true) => {}
            Ok(false) => return Verdict::Done,
            Err(error) => return Verdict::Retry(error.to_string()),
        }
    }
}

/// Erases a little more. `false`: nothing is left.
async fn step(ctx: &Ctx, payload: &Payload) -> Result<bool, Trouble> {
    let mut tx = ctx.store.read().await?;
    let Some(erasure) = tx.org(payload.org).await?.erasure(payload.erasure).await? else { return Ok(false) };
    drop(tx);
    if erasure.state == ErasureState::Done {
        return Ok(false);
    }
    let under_way = UnderWay { ctx, org: payload.org, erasure };
    match under_way.erasure.step {
        ErasureStep::Conversations => under_way.conversations().await?,
        ErasureStep::Webhooks => under_way.webhooks().await?,
        ErasureStep::Bodies => under_way.bodies().await?,
        ErasureStep::Imports => under_way.imports().await?,
        ErasureStep::Contact => under_way.contact().await?,
        ErasureStep::Words => return under_way.words().await.map(|()| false),
    }
    Ok(true)
}

/// Adds to how many of something are gone.
pub(super) fn count(erasure: &mut Erasure, what: &str, more: u64) {
    let Value::Object(counts) = &mut erasure.counts.0 else { return };
    let so_far = counts.get(what).and_then(Value::as_u64).unwrap_or(0);
    if so_far + more > 0 {
        counts.insert(what.to_owned(), json!(so_far + more));
    }
}

/// An erasure as it stands. Each of its steps ends with saying which is next; what is counted is written down in the
/// transaction that deletes it, so that whoever has to begin again counts nothing twice.
struct UnderWay<'a> {
    ctx: &'a Ctx,
    org: OrgId,
    erasure: Erasure,
}

impl UnderWay<'_> {
    async fn conversations(mut self) -> Result<(), Trouble> {
        let mut tx = self.ctx.store.read().await?;
        let conversations = tx.org(self.org).await?.conversations_with(self.erasure.contact_id).await?;
        drop(tx);
        for conversation in conversations {
            while conversation::forget_some(self.ctx, self.org, conversation, Some(&mut self.erasure))
                .await?
                .is_some()
            {}
        }
        self.next(ErasureStep::Webhooks).await
    }

    /// Raw webhooks may lie in a file of their own, which shares no transaction with the count: they are counted first.
    async fn webhooks(mut self) -> Result<(), Trouble> {
        let (names, accounts) = self.called().await?;
        let naming = Naming { names: &names, accounts: &accounts };
        let bodies = self.ctx.store.count_naming(naming).await?;
        let mut tx = self.ctx.store.begin().await?;
        let updates = tx.forget_updates(naming).await?;
        count(&mut self.erasure, "webhooks", updates + bodies);
        self.erasure.step = ErasureStep::Bodies;
        tx.org(self.org).await?.update_erasure(&self.erasure).await?;
        Ok(tx.commit().await?)
    }

    async fn bodies(self) -> Result<(), Trouble> {
        let (names, accounts) = self.called().await?;
        self.ctx.store.forget_bodies(Naming { names: &names, accounts: &accounts }).await?;
        self.next(ErasureStep::Imports).await
    }

    /// What Meta calls the person, and the messaging accounts that say whose a webhook is.
    async fn called(&self) -> store::Result<(Vec<String>, Vec<String>)> {
        let mut tx = self.ctx.store.read().await?;
        let mut scope = tx.org(self.org).await?;
        let names = names_of(&mut scope, self.erasure.contact_id).await?;
        let accounts = scope.waba_ids().await?;
        // Too short a name would be found in what is about others.
        Ok((names.into_iter().map(|(_, name)| name).filter(|name| name.len() >= 7).collect(), accounts))
    }

    /// Rows of files that name the person and were never made a contact.
    async fn imports(mut self) -> Result<(), Trouble> {
        let mut tx = self.ctx.store.read().await?;
        let mut scope = tx.org(self.org).await?;
        let names = names_of(&mut scope, self.erasure.contact_id).await?;
        let country = scope.org().await?.map(|org| org.country);
        drop(tx);
        let is_theirs = |cell: &String| {
            let phone = Phone::from_human(cell, country.as_deref()).ok();
            names.iter().any(|(kind, name)| match *kind {
                "phone" => phone.as_ref().is_some_and(|phone| phone.digits() == name),
                _ => name.eq_ignore_ascii_case(cell.trim()),
            })
        };
        let mut after: Option<(ImportId, i64)> = None;
        loop {
            let mut tx = self.ctx.store.begin().await?;
            let mut scope = tx.org(self.org).await?;
            let rows = scope.loose_import_rows(after, 1_000).await?;
            let Some(last) = rows.last().map(|(import, row)| (*import, row.number)) else { break };
            for (import, row) in rows {
                if row.cells.0.iter().any(is_theirs) {
                    scope.forget_import_row(import, row.number).await?;
                    count(&mut self.erasure, "import_rows", 1);
                }
            }
            scope.update_erasure(&self.erasure).await?;
            tx.commit().await?;
            after = Some(last);
        }
        export::forget_all(self.ctx, self.org, self.erasure.contact_id).await?;
        self.next(ErasureStep::Contact).await
    }

    async fn contact(mut self) -> Result<(), Trouble> {
        let now = self.ctx.now();
        let mut tx = self.ctx.store.begin().await?;
        let mut scope = tx.org(self.org).await?;
        scope.contact_for_change(self.erasure.contact_id).await?;
        // They may have turned out to be somebody else as well, who is to be erased from the beginning.
        let Some(current) = scope.erasure(self.erasure.id).await? else { return Ok(()) };
        if current.contact_id != self.erasure.contact_id {
            return Ok(());
        }
        let next = match scope.forget_contact(self.erasure.contact_id).await? {
            Some(entries) => {
                count(&mut self.erasure, "contacts", 1);
                count(&mut self.erasure, "consent_entries", entries);
                news::contact_updated(&mut scope, self.erasure.contact_id, None, now).await?;
                ErasureStep::Words
            }
            // They wrote while they were being erased.
            None => ErasureStep::Conversations,
        };
        self.erasure.step = next;
        scope.update_erasure(&self.erasure).await?;
        Ok(tx.commit().await?)
    }

    async fn words(mut self) -> Result<(), Trouble> {
        tidy_words(self.ctx).await?;
        let now = self.ctx.now();
        let mut tx = self.ctx.store.begin().await?;
        let mut scope = tx.org(self.org).await?;
        (self.erasure.state, self.erasure.finished_at) = (ErasureState::Done, Some(now));
        scope.update_erasure(&self.erasure).await?;
        announce(&mut scope, &self.erasure, now)?;
        Ok(tx.commit().await?)
    }

    async fn next(mut self, step: ErasureStep) -> Result<(), Trouble> {
        self.erasure.step = step;
        let mut tx = self.ctx.store.begin().await?;
        tx.org(self.org).await?.update_erasure(&self.erasure).await?;
        Ok(tx.commit().await?)
    }
}
