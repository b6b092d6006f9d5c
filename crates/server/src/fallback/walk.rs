//! From channel to channel: on each a message and some time for the contact, until one works or none is left.

use jobs::Verdict;
use meta::send::Content;
use rules::consent::Channel;
use rules::fallback::{ReachKind, ReachState, is_over, left, patience};
use rules::gate::Reason;
use rules::id::ReachId;
use rules::message::MessageState;
use rules::outreach::OutreachOutcome;
use rules::time::{Timestamp, span};
use serde_json::json;
use store::OrgScope;
use store::messages::{Message, Step};
use store::outreach::{Outreach, OutreachStep};
use store::queue::Job;
use store::reaches::{Reach, ReachStep};

use super::divert::Payload;
use super::links::Door;
use super::words::{self, Gaps};
use super::{news, post, sender, told};
use crate::ctx::Ctx;
use crate::dispatch;

/// How a walk goes on.
enum Next {
    /// It is over.
    End,
    /// It goes on at this time.
    At(Timestamp, &'static str),
}

/// Goes on with a walk.
pub(super) async fn run(ctx: Ctx, job: Job) -> Verdict {
    let Ok(payload) = serde_json::from_str::<Payload>(&job.payload) else {
        return Verdict::Dead("the job does not read".to_owned());
    };
    match walk(&ctx, &payload).await {
        Ok(Next::End) => Verdict::Done,
        Ok(Next::At(at, why)) => Verdict::Later(at, why.to_owned()),
        Err(error) => Verdict::Retry(error.to_string()),
    }
}

async fn walk(ctx: &Ctx, payload: &Payload) -> store::Result<Next> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(payload.org).await?;
    let (Some(outreach), Some(message)) =
        (scope.outreach(payload.outreach).await?, scope.message(payload.message).await?)
    else {
        return Ok(Next::End);
    };
    let order = outreach.fallback.0.clone();
    if payload.reason == Reason::NotDelivered && message.state == MessageState::Queued {
        // It has not left yet; WhatsApp's time begins when it does.
        return Ok(Next::At(now + patience(&order, Channel::Whatsapp), "it has not been sent yet"));
    }
    let kind = ReachKind::for_reason(payload.reason);
    let tried = scope.reaches_of(outreach.id).await?;
    let elsewhere = tried.iter().any(|reach| reach.kind == ReachKind::Content);
    if post::was_refused(&message) || is_over(payload.reason, message.state, elsewhere) {
        came_by_whatsapp(&mut scope, &outreach, message.state, &tried, now).await?;
        for waiting in tried.iter().filter(|reach| reach.state == ReachState::Queued) {
            withdraw(&mut scope, waiting, now).await?;
        }
        tx.commit().await?;
        return Ok(Next::End);
    }
    if payload.reason == Reason::NotDelivered
        && let Some(sent) = message.sent_at
        && now < sent + patience(&order, Channel::Whatsapp)
    {
        // It waited for its turn before it left.
        return Ok(Next::At(sent + patience(&order, Channel::Whatsapp), "WhatsApp has time to deliver it"));
    }
    if let Some(until) = dispatch::quiet_until(&mut scope, outreach.contact_id, outreach.purpose, now).await?
    {
        // No channel is a way around them.
        return Ok(Next::At(until, "quiet hours hold for the contact"));
    }
    // A link that was sent before says nothing of the message itself.
    let same = tried.iter().rfind(|reach| reach.kind == kind);
    if let Some(last) = same.filter(|last| !last.state.has_failed()) {
        if kind == ReachKind::Content && may_have_arrived(last.state) {
            // It may have been sent again since, and waits for nothing.
            post::stands_in(&mut scope, last, now).await?;
            told::advance(&mut scope, last, told::outcome_of(last), now).await?;
            tx.commit().await?;
            return Ok(Next::End);
        }
        let until = last.created_at + patience(&order, last.channel);
        if now < until {
            return Ok(Next::At(until, "the contact has time to answer"));
        }
        if last.state == ReachState::Sending {
            return Ok(Next::At(now + span::minutes(1), "it is being handed over"));
        }
        if last.state == ReachState::Queued && !withdraw(&mut scope, last, now).await? {
            return Ok(Next::At(now + span::minutes(1), "it is being handed over"));
        }
    }
    let sent = tried;
    let tried: Vec<Channel> = sent.iter().map(|reach| reach.channel).collect();
    let open = left(&order, &tried);
    let next = super::next(&mut tx, payload.org, outreach.contact_id, outreach.purpose, &open).await?;
    let mut scope = tx.org(payload.org).await?;
    let Some(channel) = next else {
        if let Some(end) = links_work_until(kind, &sent).filter(|end| now < *end) {
            return Ok(Next::At(end, "the contact may still agree at a link"));
        }
        give_up(&mut scope, &outreach, kind, now).await?;
        tx.commit().await?;
        return Ok(Next::End);
    };
    let Some(reach) = compose(ctx, &mut scope, &outreach, &message, kind, channel, now).await? else {
        return Ok(Next::At(now + span::minutes(1), "the contact has lost the address meanwhile"));
    };
    if scope.insert_reach(&reach).await? {
        let step = OutreachStep {
            channel,
            outcome: OutreachOutcome::Waiting,
            trouble: Some(payload.reason.as_str()),
        };
        scope.advance_outreach(outreach.id, &step, now).await?;
        post::enqueue(&mut scope, channel, now)?;
        news::reach_updated(&mut scope, reach.id, reach.message_id, now)?;
    }
    tx.commit().await?;
    Ok(Next::At(now + patience(&order, channel), "the contact has time to answer"))
}

/// WhatsApp has it after all, and no other channel may have: that is what became of it.
async fn came_by_whatsapp(
    scope: &mut OrgScope<'_>,
    outreach: &Outreach,
    state: MessageState,
    tried: &[Reach],
    now: Timestamp,
) -> store::Result<()> {
    use MessageState::{Delivered, Played, Read};
    let elsewhere =
        tried.iter().any(|reach| reach.kind == ReachKind::Content && may_have_arrived(reach.state));
    if elsewhere || outreach.channel == Channel::Whatsapp || !matches!(state, Delivered | Read | Played) {
        return Ok(());
    }
    let outcome = OutreachOutcome::of(state).unwrap_or(outreach.outcome);
    let step = OutreachStep { channel: Channel::Whatsapp, outcome, trouble: None };
    scope.advance_outreach(outreach.id, &step, now).await.map(|_| ())
}

const fn may_have_arrived(state: ReachState) -> bool {
    matches!(state, ReachState::Sent | ReachState::Delivered | ReachState::Unknown)
}

/// Until when somebody may agree at a link that was sent to them.
fn links_work_until(kind: ReachKind, sent: &[Reach]) -> Option<Timestamp> {
    let links = sent.iter().filter(|reach| reach.kind == ReachKind::Link && !reach.state.has_failed());
    links.map(|reach| reach.expires_at).max().filter(|_| kind == ReachKind::Link)
}

/// A message that its channel did not get rid of in time is not sent beside that of the next. `false`: it is being handed
/// over at this moment.
async fn withdraw(scope: &mut OrgScope<'_>, reach: &Reach, now: Timestamp) -> store::Result<bool> {
    let step = ReachStep {
        state: ReachState::Refused,
        problem: reach.problem.as_deref().or(Some("it could not be handed over in time")),
        provider_ref: None,
        due_at: now,
    };
    let withdrawn = scope.step_reach(reach.id, ReachState::Queued, &step, now).await?;
    if withdrawn {
        news::reach_updated(scope, reach.id, reach.message_id, now)?;
    }
    Ok(withdrawn)
}

/// No channel is left: a message that waited for an opt-in waits no longer.
async fn give_up(
    scope: &mut OrgScope<'_>,
    outreach: &Outreach,
    kind: ReachKind,
    now: Timestamp,
) -> store::Result<()> {
    let outcome = match kind {
        ReachKind::Link => OutreachOutcome::Expired,
        ReachKind::Content => OutreachOutcome::FallbackFailed,
    };
    if let Some(message) = outreach.message_id {
        let problem = match kind {
            ReachKind::Link => expired(),
            ReachKind::Content => unreached(),
        };
        let step = Step { problem: Some(&problem), ..Step::to(MessageState::Refused, now) };
        let awaited = scope.message(message).await?.is_some_and(|m| m.state == MessageState::AwaitingOptIn);
        if awaited && let Some(thread) = scope.advance_message(message, &step, now).await? {
            news::message_updated(scope, message, &thread, MessageState::Refused, now)?;
        }
    }
    let step = OutreachStep { channel: outreach.channel, outcome, trouble: outreach.trouble.as_deref() };
    scope.advance_outreach(outreach.id, &step, now).await?;
    Ok(())
}

/// Nobody answered on any channel.
fn expired() -> serde_json::Value {
    json!({
        "code": "not_answered",
        "title": {
            "en": "The contact was asked on other channels and did not agree in time. The message was not sent.",
            "id": "Pelanggan sudah ditanya lewat saluran lain dan belum setuju sampai batas waktunya. Pesan tidak dikirim.",
        },
        "action": {
            "en": "Ask the contact in person, or send it again later.",
            "id": "Tanyakan langsung kepada pelanggan, atau kirim lagi nanti.",
        },
    })
}

/// It arrived on no channel.
fn unreached() -> serde_json::Value {
    json!({
        "code": "not_reached",
        "title": {
            "en": "WhatsApp may not carry this message, and it did not reach the contact on another channel.",
            "id": "WhatsApp tidak dapat membawa pesan ini, dan pesan tidak sampai lewat saluran lain.",
        },
        "action": {
            "en": "Check the contact's e-mail address and phone number, or call them.",
            "id": "Periksa alamat e-mail dan nomor telepon pelanggan, atau hubungi langsung.",
        },
    })
}

/// The message for a channel. `None`: there is nobody to write to, or nothing to say.
async fn compose(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    outreach: &Outreach,
    message: &Message,
    kind: ReachKind,
    channel: Channel,
    now: Timestamp,
) -> store::Result<Option<Reach>> {
    let Some(contact) = scope.contact(outreach.contact_id).await? else { return Ok(None) };
    let address = match channel {
        Channel::Email => contact.email.clone(),
        Channel::Sms => contact.phone.as_ref().map(|phone| phone.digits().to_owned()),
        Channel::Whatsapp => None,
    };
    let Some(address) = address else { return Ok(None) };
    let text = match kind {
        ReachKind::Link => String::new(),
        ReachKind::Content => content(scope, outreach, message).await?,
    };
    let settings = scope.fallback_settings().await?;
    let id = ReachId::fresh(now, ctx.chance());
    let locale = words::language(&outreach.template_language);
    let gaps = Gaps {
        business: sender::business(scope).await?,
        name: contact.display_name(),
        link: page(ctx, scope, Door::Agree(id)),
        text,
        unsubscribe: page(ctx, scope, Door::End(id)),
    };
    let (subject, body) = words::write(&settings, channel, kind, locale, &gaps);
    Ok(Some(Reach {
        id,
        outreach_id: outreach.id,
        message_id: message.id,
        contact_id: contact.id,
        channel,
        kind,
        purpose: outreach.purpose,
        locale,
        address,
        subject,
        body,
        state: ReachState::Queued,
        problem: None,
        attempts: 0,
        due_at: now,
        provider_ref: None,
        expires_at: now + settings.link_life(),
        agreed_at: None,
        created_at: now,
        updated_at: now,
    }))
}

/// Where a door is.
pub(super) fn page(ctx: &Ctx, scope: &OrgScope<'_>, door: Door) -> String {
    let base = ctx.settings.public_url.as_str().trim_end_matches('/');
    format!("{base}/w/{}", ctx.links.write(scope.id(), door))
}

/// The template as its contact would read it.
async fn content(scope: &mut OrgScope<'_>, outreach: &Outreach, message: &Message) -> store::Result<String> {
    let Some(Content::Template(filled)) = dispatch::content_of(&message.content.0) else {
        return Ok(message.body.clone());
    };
    let Some(number) = scope.number(outreach.number_id).await? else { return Ok(message.body.clone()) };
    let approved =
        scope.template_named(number.account_id, &outreach.template_name, &outreach.template_language).await?;
    Ok(approved.map_or_else(|| message.body.clone(), |approved| filled.plain(&approved.components.0)))
}
