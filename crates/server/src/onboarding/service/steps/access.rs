//! Proving what the token reaches.

use meta::graph::{Access, PhoneNumber, TokenProblem, judge_token};
use meta::webhook::{AccountEvent, Event, Kind, one};
use rules::connection::{Entry, Step, Trouble};
use rules::time::{Timestamp, span};
use serde_json::json;
use store::connections::Candidate;

use super::super::Stopped;
use super::super::advance::Proved;
use super::super::work::Work;
use super::{Made, ask};
use crate::ctx::Ctx;

const STEP: Step = Step::ProveAccess;

/// The token is valid and ours; the account is one that it reaches. Where Meta lists accounts, the one announced must
/// be among them; the proof in every case is a read of the account's numbers with the client's own token.
pub async fn prove(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    let Some(token) = &work.token else { return Ok(Err(Trouble::TokenDead.into())) };
    let app_token = work.login.token();
    let inspected = match ctx.graph.inspect_token(&Access::token(&app_token), token).await {
        Ok(inspected) => inspected,
        Err(error) => return Ok(Err(Stopped::by_inspection(&error))),
    };
    let claimed = claimed(work);
    let granted = match judge_token(&inspected, &work.login.app_id, ctx.now().seconds(), claimed.as_deref()) {
        Ok(granted) => granted,
        Err(problem) => return Ok(Err(refused(&problem))),
    };
    let me = ask!(STEP, ctx.graph.me(access));
    let found = match &claimed {
        Some(claimed) => vec![claimed.clone()],
        None if !granted.accounts.is_empty() => granted.accounts.clone(),
        None => match find(ctx, work, me.client_business_id.as_deref()).await? {
            Ok(found) => found,
            Err(stopped) => return Ok(Err(stopped)),
        },
    };
    let waba_id = match choose(ctx, work, access, found).await? {
        Ok(waba_id) => waba_id,
        Err(stopped) => return Ok(Err(stopped)),
    };
    let numbers = ask!(STEP, ctx.graph.phone_numbers(access, &waba_id));
    let chosen = work.connection.settings.0.chosen_phone_number_id.as_deref();
    if let Err(stopped) = may_send(ctx, access, &numbers, chosen).await {
        return Ok(Err(stopped));
    }
    if let Some(stopped) = another_than_on_record(ctx, work, &waba_id).await? {
        return Ok(Err(stopped));
    }
    let expires_at = (inspected.expires_at > 0).then(|| Timestamp::from_seconds(inspected.expires_at));
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(work.org).await?;
    scope.set_connection_account(work.connection.id, &waba_id, work.connection.account_id, now).await?;
    if let Some(sealed) = &work.connection.token {
        scope.set_connection_token(work.connection.id, Some(sealed), expires_at, now).await?;
    }
    tx.commit().await?;
    Ok(Ok(Proved {
        result: json!({
            "waba_id": waba_id,
            "client_business_id": me.client_business_id,
            "expires_at": expires_at,
            "warnings": granted.warnings,
        }),
        proof: json!({"read": ["phone_numbers", "whatsapp_business_profile"], "numbers": numbers.len()}),
        note: None,
    }))
}

/// Whether a token may send, asked of the number chosen or else of one that is ready: a number's profile is read by the right to
/// send (`whatsapp_business_messaging`), which `debug_token` does not always list. What says nothing about the right, such
/// as a number that has no profile before it is registered, holds nothing up.
pub async fn may_send(
    ctx: &Ctx,
    access: &Access<'_>,
    numbers: &[PhoneNumber],
    chosen: Option<&str>,
) -> Result<(), Stopped> {
    let meant = numbers.iter().find(|number| chosen == Some(number.id.as_str()));
    let ready = || numbers.iter().find(|number| number.is_connected());
    let Some(number) = meant.or_else(ready).or_else(|| numbers.first()) else { return Ok(()) };
    let Err(error) = ctx.graph.profile(access, &number.id).await else { return Ok(()) };
    let stopped = Stopped::by(STEP, &error);
    match stopped.trouble() {
        Trouble::PermissionMissing => Err(Stopped { trouble: Trouble::MayNotSend, ..stopped }),
        Trouble::TokenDead
        | Trouble::TokenMalformed
        | Trouble::AppSecretWrong
        | Trouble::MetaBusy
        | Trouble::Throttled
        | Trouble::Unreachable => Err(stopped),
        _ => Ok(()),
    }
}

fn refused(problem: &TokenProblem) -> Stopped {
    match problem {
        TokenProblem::OtherApp => Trouble::TokenOfAnotherApp.into(),
        TokenProblem::OtherAccount => Trouble::NotGranted.into(),
        TokenProblem::Expired => Trouble::TokenDead.into(),
        TokenProblem::Dead(death) => {
            let mut stopped: Stopped = Trouble::TokenDead.into();
            stopped.code = death.and_then(|death| death.code);
            stopped.subcode = death.and_then(|death| death.subcode);
            stopped
        }
    }
}

/// The account on record, chosen by a person, or announced by the browser, in this order.
fn claimed(work: &Work) -> Option<String> {
    let settings = &work.connection.settings.0;
    let on_record = work.account.as_ref().map(|account| &account.waba_id);
    let chosen = on_record.or(settings.chosen_waba_id.as_ref());
    let hints = &work.connection.hints.0.waba_ids;
    // Several accounts shared at once: a person chooses.
    chosen.or_else(|| if hints.len() == 1 { hints.first() } else { None }).cloned()
}

/// Without an announcement and without a list: what Meta told us by webhook since the attempt began, else what our own
/// portfolio is shared, always of this very client.
async fn find(ctx: &Ctx, work: &Work, client: Option<&str>) -> store::Result<Result<Vec<String>, Stopped>> {
    let hints = &work.connection.hints.0.waba_ids;
    if !hints.is_empty() {
        return Ok(Ok(hints.clone()));
    }
    let Some(client) = client else { return Ok(Err(Trouble::NoAccountFound.into())) };
    let since = work.connection.created_at - span::minutes(1);
    let kept =
        ctx.store.read().await?.kept_of_kind(work.app.id, Kind::AccountUpdate.name(), since, 500).await?;
    let mut found: Vec<String> = Vec::new();
    for update in &kept {
        let Some(Event::AccountUpdate(news)) = one(&update.raw).map(|update| update.event()) else {
            continue;
        };
        let added = matches!(news.event, AccountEvent::PartnerAdded | AccountEvent::PartnerAppInstalled);
        if let Some(waba_id) = news.waba_id
            && added
            && news.owner_business_id.as_deref() == Some(client)
            && !found.contains(&waba_id)
        {
            found.push(waba_id);
        }
    }
    if found.is_empty()
        && let (Some(system), Some(business)) = (work.system(), &work.app.settings.0.business_id)
    {
        match ctx.graph.client_wabas(&system, business).await {
            Ok(shared) => found.extend(
                shared
                    .into_iter()
                    .filter(|waba| waba.owner_business_id.as_deref() == Some(client))
                    .map(|waba| waba.id)
                    .take(1),
            ),
            Err(error) => return Ok(Err(Stopped::by(STEP, &error))),
        }
    }
    Ok(if found.is_empty() { Err(Trouble::NoAccountFound.into()) } else { Ok(found) })
}

/// One account. Of several, those that are connected already are left out; if more remain, a person chooses.
async fn choose(
    ctx: &Ctx,
    work: &Work,
    access: &Access<'_>,
    found: Vec<String>,
) -> store::Result<Result<String, Stopped>> {
    if let [only] = found.as_slice() {
        return Ok(Ok(only.clone()));
    }
    let mut free = Vec::new();
    let mut tx = ctx.store.read().await?;
    for waba_id in found {
        if tx.orgs_of_waba(&waba_id).await?.is_empty() {
            free.push(waba_id);
        }
    }
    drop(tx);
    if let [only] = free.as_slice() {
        return Ok(Ok(only.clone()));
    }
    let mut candidates = Vec::new();
    for waba_id in free {
        let name = ctx.graph.waba(access, &waba_id).await.ok().and_then(|waba| waba.name);
        candidates.push(Candidate { waba_id, name });
    }
    let stopped: Stopped =
        if candidates.is_empty() { Trouble::NoAccountFound } else { Trouble::SeveralAccounts }.into();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(work.org).await?;
    scope.change_settings(work.connection.id, ctx.now(), |settings| settings.candidates = candidates).await?;
    tx.commit().await?;
    Ok(Err(stopped))
}

/// A re-consent must be for the account on record, unless a person said otherwise; a connection that has its account
/// looks for no other.
async fn another_than_on_record(ctx: &Ctx, work: &Work, waba_id: &str) -> store::Result<Option<Stopped>> {
    let meant = work.account.is_some() || work.confirmed(Trouble::DifferentAccount);
    let Some(account) = work.connection.settings.0.reconnects.filter(|_| !meant) else {
        return Ok(None);
    };
    let mut tx = ctx.store.read().await?;
    let on_record = tx.org(work.org).await?.account(account).await?;
    let differs = on_record.is_some_and(|account| account.waba_id != waba_id);
    Ok((differs && work.connection.entry != Entry::Manual).then(|| Trouble::DifferentAccount.into()))
}
