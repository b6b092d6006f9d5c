//! What providers tell: what became of a message, and what people write.

use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::fallback::{ReachKind, ReachState};
use rules::id::{ConsentEventId, ContactId, OrgId, ReachId};
use rules::identity::Phone;
use rules::keywords::Keyword;
use rules::outreach::OutreachOutcome;
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::OrgScope;
use store::consent::NewConsentEvent;
use store::outreach::OutreachStep;
use store::reaches::{Reach, ReachStep};

use super::sender::Told;
use super::{divert, news, post};
use crate::ctx::Ctx;
use crate::{inbox, rights};

/// Keeps what a provider told. `false`: it is of a message that is just being handed over, and is to be told again.
pub(super) async fn keep(ctx: &Ctx, org: OrgId, channel: Channel, told: Told) -> store::Result<bool> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    match told {
        Told::Receipt { reference, delivered, words } => {
            match scope.reach_by_ref(channel, &reference).await? {
                Some(reach) => settle(ctx, &mut scope, reach, delivered, &words, now).await?,
                // The name of what is just going out is not written down yet.
                None => return Ok(!scope.is_handing_over(channel).await?),
            }
        }
        Told::Words { from, text } => heed(ctx, &mut scope, channel, &from, &text, now).await?,
    }
    tx.commit().await?;
    Ok(true)
}

/// What a provider says became of one message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt<'a> {
    pub delivered: bool,
    /// Whether it did not arrive because the person has ended such messages with the provider.
    pub ended: bool,
    /// In the provider's words.
    pub words: &'a str,
}

/// What became of one message.
pub(super) async fn receipt(ctx: &Ctx, org: OrgId, id: ReachId, said: Receipt<'_>) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    if let Some(reach) = scope.reach(id).await? {
        settle(ctx, &mut scope, reach.clone(), said.delivered, said.words, now).await?;
        if said.ended {
            ended(ctx, &mut scope, &reach, said.words, now).await?;
        }
    }
    tx.commit().await
}

/// The person has ended messages on the channel with the provider, which does not tell us what they wrote.
pub(super) async fn ended(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    reach: &Reach,
    words: &str,
    now: Timestamp,
) -> store::Result<()> {
    let lifts = super::inbound_lifts(scope).await?;
    if scope.consent_on(reach.channel, reach.contact_id, lifts).await?.stopped.is_some() {
        return Ok(());
    }
    let evidence = json!({ "place": "provider", "said": words, "address": reach.address, "reach": reach.id });
    let (channel, action, source) = (reach.channel, ConsentAction::OptOut, ConsentSource::Keyword);
    let said = Said { channel, purpose: None, action, source, evidence };
    record(ctx, scope, reach.contact_id, said, now).await
}

/// The same of something that stands for no message of ours: whoever has the address has ended what comes to it.
pub(crate) async fn ended_at(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    channel: Channel,
    address: &str,
    words: &str,
    now: Timestamp,
) -> store::Result<()> {
    let Some(contact) = who_wrote(scope, channel, address, address, None).await? else {
        return rights::suppress(ctx, scope, channel, address, now).await;
    };
    let evidence = json!({ "place": "provider", "said": words, "address": address });
    let (action, source) = (ConsentAction::OptOut, ConsentSource::Keyword);
    record(ctx, scope, contact, Said { channel, purpose: None, action, source, evidence }, now).await
}

async fn settle(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    mut reach: Reach,
    delivered: bool,
    words: &str,
    now: Timestamp,
) -> store::Result<()> {
    let state = if delivered { ReachState::Delivered } else { ReachState::Failed };
    let problem = (!delivered).then_some(words).filter(|words| !words.is_empty());
    loop {
        if !reach.state.may_become(state) {
            return Ok(());
        }
        let step = ReachStep { state, problem, provider_ref: None, due_at: reach.due_at };
        if scope.step_reach(reach.id, reach.state, &step, now).await? {
            break;
        }
        // Whoever handed it over has just written that down.
        let Some(now_there) = scope.reach(reach.id).await? else { return Ok(()) };
        reach = now_there;
    }
    ctx.meters.reached(reach.channel.as_str(), if delivered { "delivered" } else { "failed" });
    news::reach_updated(scope, reach.id, reach.message_id, now)?;
    if !delivered {
        post::stands_down(scope, &reach, now).await?;
        return divert::resume(scope, &reach, now).await;
    }
    match reach.kind {
        ReachKind::Content => {
            post::stands_in(scope, &reach, now).await?;
            advance(scope, &reach, OutreachOutcome::FallbackDelivered, now).await
        }
        ReachKind::Link => Ok(()),
    }
}

/// What became of the intention where a message on another channel stands so.
pub(super) const fn outcome_of(reach: &Reach) -> OutreachOutcome {
    match (reach.kind, reach.state) {
        // The message itself still waits.
        (ReachKind::Link, _) => OutreachOutcome::AwaitingOptIn,
        (ReachKind::Content, ReachState::Delivered) => OutreachOutcome::FallbackDelivered,
        (ReachKind::Content, ReachState::Unknown) => OutreachOutcome::Unresolved,
        (ReachKind::Content, _) => OutreachOutcome::FallbackSent,
    }
}

/// The record of the intention follows its message on another channel, unless it has gone on to a further one.
pub(super) async fn advance(
    scope: &mut OrgScope<'_>,
    reach: &Reach,
    outcome: OutreachOutcome,
    now: Timestamp,
) -> store::Result<()> {
    let Some(outreach) = scope.outreach(reach.outreach_id).await? else { return Ok(()) };
    if outreach.channel == reach.channel {
        let step = OutreachStep { channel: reach.channel, outcome, trouble: outreach.trouble.as_deref() };
        scope.advance_outreach(outreach.id, &step, now).await?;
    }
    Ok(())
}

/// STOP ends what is sent on the channel, START allows it again. Whatever else people write is nobody's to read here.
async fn heed(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    channel: Channel,
    from: &str,
    text: &str,
    now: Timestamp,
) -> store::Result<()> {
    let Some(org) = scope.org().await? else { return Ok(()) };
    let (words, country) = (OrgSettings::read(&org.settings).keywords, org.country);
    let (action, purpose) = match words.recognise(text) {
        Some(Keyword::Stop) => (ConsentAction::OptOut, None),
        Some(Keyword::StopMarketing) => (ConsentAction::OptOut, Some(Purpose::Marketing)),
        Some(Keyword::Start) => (ConsentAction::OptIn, None),
        None => return Ok(()),
    };
    let dialled = Phone::from_human(from, Some(&country));
    let address: String = from.chars().filter(char::is_ascii_digit).collect();
    let number = dialled.as_ref().map_or(address.as_str(), Phone::digits);
    if action == ConsentAction::OptIn {
        rights::allow_again(ctx, scope, channel, number).await?;
    }
    let Some(contact) = who_wrote(scope, channel, from, &address, Some(&country)).await? else {
        if action == ConsentAction::OptOut && purpose.is_none() {
            // Whoever types this number into a form has nobody written to there.
            rights::suppress(ctx, scope, channel, number, now).await?;
        }
        return Ok(());
    };
    let evidence = json!({ "wording": text, "address": address });
    let said = Said { channel, purpose, action, source: ConsentSource::Keyword, evidence };
    record(ctx, scope, contact, said, now).await
}

/// Whoever answers a text of ours is known by it, and else by the number, which some providers give as it is dialled at
/// home.
async fn who_wrote(
    scope: &mut OrgScope<'_>,
    channel: Channel,
    from: &str,
    address: &str,
    country: Option<&str>,
) -> store::Result<Option<ContactId>> {
    if let Some(contact) = scope.contact_reached_at(channel, address).await? {
        return Ok(Some(contact));
    }
    let Ok(phone) = Phone::from_human(from, country) else { return Ok(None) };
    if let Some(contact) = scope.contact_reached_at(channel, phone.digits()).await? {
        return Ok(Some(contact));
    }
    Ok(scope.contacts_by_phone(&[phone]).await?.into_iter().next().map(|(_, contact)| contact.id))
}

/// A yes or no of a contact.
pub(super) struct Said {
    pub channel: Channel,
    pub purpose: Option<Purpose>,
    pub action: ConsentAction,
    pub source: ConsentSource,
    pub evidence: Value,
}

/// Adds it to the ledger.
pub(super) async fn record(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    contact: ContactId,
    said: Said,
    now: Timestamp,
) -> store::Result<()> {
    let id = ConsentEventId::fresh(now, ctx.chance());
    let Said { channel, purpose, action, source, evidence } = said;
    let event = NewConsentEvent { id, contact, channel, purpose, action, source, evidence, at: now };
    scope.append_consent(&event).await?;
    inbox::news::contact_updated(scope, contact, None, now).await
}
