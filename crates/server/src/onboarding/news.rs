//! What Meta says of accounts, numbers and templates by webhook.
//!
//! Webhooks may be late, repeated or about a past state: what ends something is confirmed by a look before it is believed.

use meta::webhook::{AccountEvent, AccountUpdate, Event, NumberName, SecurityEvent, Update};
use rules::connection::{Standing, Step, account_line};
use rules::id::{AccountId, AppId, NumberId};
use rules::number::{ChangeSource, MessagingLimit, NumberField};
use rules::time::Timestamp;
use store::accounts::{Account, AccountFacts};
use store::numbers::NumberNews;
use store::routing::Route;
use store::{OrgScope, Tx};

use super::service::{account::set_lines, enqueue_advance, enqueue_check};
use crate::ctx::Ctx;
use crate::numbers::{self, Changed};
use crate::templates;

/// What became of an update about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is part of what we know now.
    Applied,
    /// A person has to look at it, or it waits for the account to be connected.
    Kept(String),
}

/// Applies an update about an account that an organisation has connected, in the caller's transaction.
pub async fn apply_account_event(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    route: &Route,
    update: &Update<'_>,
    event: &Event,
    now: Timestamp,
) -> store::Result<Heard> {
    let Some(account) = scope.account(route.account_id).await? else {
        return Ok(Heard::Kept("the messaging account is gone".to_owned()));
    };
    let before = scope.numbers(Some(account.id)).await?;
    match event {
        Event::AccountUpdate(news) => account_update(ctx, scope, &account, news, now).await?,
        Event::AccountReview { decision } => {
            scope.record_account_news(account.id, None, decision.as_deref(), &account.facts.0).await?;
            follow(scope, &account, now).await?;
        }
        Event::AccountAlert(alert) => {
            let words = [&alert.severity, &alert.kind, &alert.description];
            let note = words.into_iter().flatten().cloned().collect::<Vec<_>>().join(": ");
            let mut facts = account.facts.0.clone();
            facts.warnings.retain(|known| *known != note);
            facts.warnings.push(note);
            let surplus = facts.warnings.len().saturating_sub(20);
            facts.warnings.drain(..surplus);
            scope.record_account_news(account.id, None, None, &facts).await?;
            // A badge, a lost picture: the look reads what is so now.
            enqueue_check(scope.tx(), route.org_id, account.id, now).await?;
        }
        Event::Capability(capability) => {
            let facts = AccountFacts {
                messaging_limit: capability.messaging_limit.clone().or(account
                    .facts
                    .0
                    .messaging_limit
                    .clone()),
                ..account.facts.0.clone()
            };
            scope.record_account_news(account.id, None, None, &facts).await?;
            let limit = capability.messaging_limit.as_deref().map(MessagingLimit::canonical);
            for number in scope.numbers(Some(account.id)).await? {
                let news = NumberNews { messaging_limit: limit.as_deref(), ..NumberNews::default() };
                scope.record_number_news(number.id, news).await?;
            }
        }
        Event::NumberName(news) => number_name(scope, &account, update, news, now).await?,
        Event::NumberQuality(news) => {
            let limit = news.messaging_limit.as_deref().map(MessagingLimit::canonical);
            let upgraded = news.event.as_deref() == Some("THROUGHPUT_UPGRADE");
            for number in numbers_meant(scope, &account, update).await? {
                let news = NumberNews {
                    messaging_limit: limit.as_deref(),
                    throughput: upgraded.then_some("HIGH"),
                    ..NumberNews::default()
                };
                scope.record_number_news(number.id, news).await?;
            }
            // Despite its name it does not tell the quality: that is read.
            enqueue_check(scope.tx(), route.org_id, account.id, now).await?;
        }
        Event::Security(news) => {
            if news.event != SecurityEvent::PinResetRequest {
                // Changed or reset elsewhere: what we hold is stale.
                let mut changed = Vec::new();
                for number in numbers_meant(scope, &account, update).await? {
                    scope.set_pin(number.id, None).await?;
                    changed.push(Changed {
                        number: number.id,
                        field: NumberField::Pin,
                        old: None,
                        new: Some("elsewhere".to_owned()),
                    });
                }
                numbers::note(ctx, scope, &changed, ChangeSource::Webhook, now).await?;
            }
        }
        Event::TemplateStatus(_)
        | Event::TemplateQuality(_)
        | Event::TemplateCategory(_)
        | Event::TemplateComponents(_) => {
            let look = match event {
                Event::TemplateStatus(news) => {
                    templates::heard_status(ctx, scope, account.id, news, now).await?
                }
                Event::TemplateQuality(news) => {
                    templates::heard_quality(ctx, scope, account.id, news, now).await?
                }
                Event::TemplateCategory(news) => {
                    templates::heard_category(ctx, scope, account.id, news, now).await?
                }
                Event::TemplateComponents(news) => {
                    templates::heard_components(ctx, scope, account.id, news, now).await?
                }
                _ => false,
            };
            if look {
                enqueue_check(scope.tx(), route.org_id, account.id, now).await?;
            }
        }
        // Tells nothing that is stored yet.
        Event::PartnerSolution(_) => {}
        Event::BusinessUsername(news) => {
            let name = news.username.as_deref().filter(|_| news.status.as_deref() != Some("deleted"));
            for number in numbers_meant(scope, &account, update).await? {
                let status = news.status.as_deref().filter(|_| name.is_some());
                scope.set_number_username(number.id, name, status).await?;
            }
        }
        _ => return Ok(Heard::Kept(format!("updates of the kind \"{}\" are not handled", update.kind))),
    }
    numbers::since(ctx, scope, account.id, &before, ChangeSource::Webhook, now).await?;
    Ok(Heard::Applied)
}

/// A message came in to a number. Was it the first, the connection that waits for it goes on at once.
pub async fn first_heard(
    scope: &mut OrgScope<'_>,
    account: AccountId,
    number: NumberId,
    now: Timestamp,
) -> store::Result<()> {
    if !scope.set_heard(number, now).await? {
        return Ok(());
    }
    if let Some(connection) = scope.connection_of_account(account).await?
        && connection.state == Standing::Silent
    {
        // Begun anew, it need not wait for its next look.
        scope.forget_steps(connection.id, &[Step::FirstMessage]).await?;
        let org = scope.id();
        enqueue_advance(scope.tx(), org, connection.id, now, now).await?;
    }
    Ok(())
}

/// Takes an update of an account that nobody has connected through the app that signed it. It is kept: the steps of a
/// connection look it up, and binding the account has it applied.
pub async fn apply_unrouted(
    _ctx: &Ctx,
    tx: &mut Tx,
    app: AppId,
    _update: &Update<'_>,
    event: &Event,
    now: Timestamp,
) -> store::Result<Heard> {
    if let Event::AccountUpdate(news) = event
        && news.event == AccountEvent::PartnerAppUninstalled
        && news.waba_id.is_none()
    {
        // One of Meta's samples names no account at all: every account of the app is looked at.
        for (org, account) in tx.accounts_of_app(app).await? {
            enqueue_check(tx, org, account, now).await?;
        }
        return Ok(Heard::Applied);
    }
    Ok(Heard::Kept(
        "no organisation has connected this messaging account through the app that signed this".to_owned(),
    ))
}

async fn account_update(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: &Account,
    news: &AccountUpdate,
    now: Timestamp,
) -> store::Result<()> {
    let mut facts = account.facts.0.clone();
    let mut status = None;
    match &news.event {
        AccountEvent::Restriction => {
            facts.restrictions = news.restrictions.iter().map(|one| (one.kind.clone(), one.until)).collect();
            restricted(ctx, scope, account, &facts, now).await?;
        }
        AccountEvent::Disabled => {
            status = match news.ban_state.as_deref() {
                Some("DISABLE") => Some("DISABLED"),
                Some("REINSTATE") => Some("ACTIVE"),
                _ => None,
            };
            facts.ban = match news.ban_state.as_deref() {
                Some("REINSTATE") | None => None,
                Some(state) => Some((state.to_owned(), news.ban_date.clone())),
            };
        }
        AccountEvent::Violation => facts.warnings.extend(news.violation.clone()),
        AccountEvent::Deleted => status = Some("DELETED"),
        AccountEvent::Offboarded => facts.paused = true,
        AccountEvent::Reconnected => facts.paused = false,
        AccountEvent::PrimaryCountry => facts.country.clone_from(&news.country),
        _ => {}
    }
    if facts != account.facts.0 || status.is_some() {
        scope.record_account_news(account.id, status, None, &facts).await?;
        follow(scope, account, now).await?;
    }
    let to_be_confirmed = matches!(
        news.event,
        AccountEvent::PartnerRemoved
            | AccountEvent::PartnerAppUninstalled
            | AccountEvent::PartnerAdded
            | AccountEvent::PartnerAppInstalled
            | AccountEvent::Deleted
            | AccountEvent::Disabled
            | AccountEvent::Reconnected
    );
    if to_be_confirmed {
        let org = scope.id();
        enqueue_check(scope.tx(), org, account.id, now).await?;
    }
    Ok(())
}

/// Keeps and tells, for each number, what its account may not do (any more).
async fn restricted(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    account: &Account,
    facts: &AccountFacts,
    now: Timestamp,
) -> store::Result<()> {
    let words = |facts: &AccountFacts| {
        facts.restrictions.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (old, new) = (words(&account.facts.0), words(facts));
    if old == new {
        return Ok(());
    }
    let changed = scope.numbers(Some(account.id)).await?.into_iter().map(|number| Changed {
        number: number.id,
        field: NumberField::Restrictions,
        old: Some(old.clone()),
        new: Some(new.clone()),
    });
    let changed: Vec<_> = changed.collect();
    numbers::note(ctx, scope, &changed, ChangeSource::Webhook, now).await
}

/// Brings the lines in line with what was just recorded, and says so.
async fn follow(scope: &mut OrgScope<'_>, before: &Account, now: Timestamp) -> store::Result<()> {
    #[derive(serde::Serialize)]
    struct Changed {
        account_id: rules::id::AccountId,
        what: &'static str,
    }
    let Some(account) = scope.account(before.id).await? else { return Ok(()) };
    let line = account_line(
        account.disconnected_at.is_some(),
        account.token_state,
        account.status.as_deref(),
        account.review_status.as_deref(),
        account.facts.0.paused,
    );
    if line != account.line {
        set_lines(scope, account.id, line, now).await?;
    }
    scope.publish("account.changed", &Changed { account_id: account.id, what: "news" }, now)
}

async fn number_name(
    scope: &mut OrgScope<'_>,
    account: &Account,
    update: &Update<'_>,
    news: &NumberName,
    now: Timestamp,
) -> store::Result<()> {
    // The webhook says REJECTED where the number's field says DECLINED.
    let status = news.decision.as_deref().map(|decision| match decision {
        "REJECTED" => "DECLINED",
        "PENDING" | "DEFERRED" => "PENDING_REVIEW",
        other => other,
    });
    for number in numbers_meant(scope, account, update).await? {
        // A name asked for waits beside the one that people see; else it is that one which was reviewed.
        let other = |name: &str| number.verified_name.as_deref() != Some(name);
        let wanted = number.wanted_name.is_some() || news.name.as_deref().is_some_and(other);
        let told = if wanted {
            NumberNews {
                wanted_name: news.name.as_deref(),
                wanted_name_status: status,
                name_reason: news.rejection_reason.as_deref(),
                ..NumberNews::default()
            }
        } else {
            NumberNews {
                name_status: status,
                name_reason: news.rejection_reason.as_deref(),
                ..NumberNews::default()
            }
        };
        scope.record_number_news(number.id, told).await?;
        if wanted && status == Some("APPROVED") {
            numbers::name_approved(scope, number.id, now).await?;
        }
    }
    let org = scope.id();
    enqueue_check(scope.tx(), org, account.id, now).await
}

/// The numbers that an update is about: the one it names by its digits, else the only one.
async fn numbers_meant(
    scope: &mut OrgScope<'_>,
    account: &Account,
    update: &Update<'_>,
) -> store::Result<Vec<store::numbers::Number>> {
    let numbers = scope.numbers(Some(account.id)).await?;
    let named = update.number_digits.clone();
    let several = numbers.len() > 1;
    Ok(numbers
        .into_iter()
        .filter(|number| match &named {
            Some(named) => number.digits == *named,
            None => !several,
        })
        .collect())
}
