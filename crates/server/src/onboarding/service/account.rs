//! Whether an account is really still connected: asked every night, on demand, and when a send was refused.

use meta::graph::{Access, AppLogin, TokenFacts, TokenProblem, judge_token};
use rules::connection::{Mode, Step, StepStatus, TokenState, Trouble, account_line, number_line};
use rules::gate::LineState;
use rules::id::{AccountId, ConnectionId, NumberId, OrgId};
use rules::number::ChangeSource;
use rules::time::{Timestamp, span};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::json;
use store::OrgScope;
use store::accounts::{self, Account, AccountReading};
use store::apps::{App, SECRET, SYSTEM_TOKEN};
use store::connections::StepEnd;
use store::numbers::{Number, PIN};

use super::advance::settle;
use super::steps::{Payer, account_facts, may_send, number_readings, payer, with_health};
use super::{Failed, Stopped, enqueue_advance, enqueue_another_look, tell_account};
use crate::ctx::Ctx;
use crate::dispatch;
use crate::http::OrgActor;
use crate::templates;

/// What a look found, item by item; without troubles everything is as it should be.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The step that would have to be made again, and why.
    pub troubles: Vec<(Step, Stopped)>,
}

/// An account opened for a look.
struct Opened {
    account: Account,
    app: App,
    login: AppLogin,
    system_token: Option<SecretString>,
    token: SecretString,
}

async fn open(ctx: &Ctx, org: OrgId, id: AccountId) -> store::Result<Option<Opened>> {
    let mut tx = ctx.store.read().await?;
    let Some(account) = tx.org(org).await?.account(id).await? else { return Ok(None) };
    let (Some(sealed), Some(app)) = (&account.token, tx.app(account.app_id).await?) else { return Ok(None) };
    let token = ctx.vault.open(&mut tx, org, accounts::TOKEN, sealed).await?;
    let app_secret = ctx.vault.open(&mut tx, app.owner(), SECRET, &app.secret).await?;
    let system_token = match &app.system_token {
        Some(sealed) => Some(ctx.vault.open(&mut tx, app.owner(), SYSTEM_TOKEN, sealed).await?),
        None => None,
    };
    let login = AppLogin { app_id: app.meta_app_id.clone(), app_secret };
    Ok(Some(Opened { account, app, login, system_token, token }))
}

/// Looks at everything that a connected account rests on, records it, and brings the lines of account and numbers in
/// line with it, so that the gate holds what could not be sent. `None`: it is not connected (any more).
pub async fn check(ctx: &Ctx, org: OrgId, id: AccountId) -> store::Result<Option<Findings>> {
    let Some(mut opened) = open(ctx, org, id).await? else { return Ok(None) };
    let began = ctx.now();
    let mut tx = ctx.store.begin().await?;
    tx.org(org).await?.note_look(id, began).await?;
    tx.commit().await?;
    let mut findings = Findings::default();
    match token_state(ctx, &opened).await {
        Ok((state, facts)) => {
            let soon = expires_at(&facts).is_some_and(|end| end.since(began) < span::days(14));
            if state != TokenState::Valid || soon {
                match remint(ctx, org, &opened).await? {
                    Some(token) => opened.token = token,
                    None if state == TokenState::Valid => warn_of_end(ctx, org, &opened, &facts).await?,
                    None => {
                        let mut stopped: Stopped = Trouble::TokenDead.into();
                        stopped.code = facts.death.and_then(|death| death.code);
                        stopped.subcode = facts.death.and_then(|death| death.subcode);
                        findings.troubles.push((Step::ProveAccess, stopped));
                        hold(ctx, org, id, state).await?;
                        conclude(ctx, org, id, &findings).await?;
                        return Ok(Some(findings));
                    }
                }
            }
        }
        // Nothing learnt about the token; the reads below tell more, or nothing does at the moment.
        Err(stopped) if stopped.trouble().wait(1).is_some() => return Ok(Some(findings)),
        Err(stopped) => findings.troubles.push((Step::ProveAccess, stopped)),
    }
    look(ctx, org, &opened, began, &mut findings).await?;
    conclude(ctx, org, id, &findings).await?;
    Ok(Some(findings))
}

async fn token_state(ctx: &Ctx, opened: &Opened) -> Result<(TokenState, TokenFacts), Stopped> {
    let app_token = opened.login.token();
    let facts = ctx
        .graph
        .inspect_token(&Access::token(&app_token), &opened.token)
        .await
        .map_err(|error| Stopped::by_inspection(&error))?;
    let state = match judge_token(&facts, &opened.login.app_id, ctx.now().seconds(), None) {
        Ok(_) => TokenState::Valid,
        Err(TokenProblem::Expired) => TokenState::Expired,
        Err(TokenProblem::Dead(Some(death))) if death.subcode == Some(463) => TokenState::Expired,
        Err(_) => TokenState::Revoked,
    };
    Ok((state, facts))
}

fn expires_at(facts: &TokenFacts) -> Option<Timestamp> {
    (facts.expires_at > 0).then(|| Timestamp::from_seconds(facts.expires_at))
}

/// Fetches the client's token anew where our system user can: the owner is the one that Meta named when the account was
/// bound. A token that is dead as well, or the same one, helps nobody.
async fn remint(ctx: &Ctx, org: OrgId, opened: &Opened) -> store::Result<Option<SecretString>> {
    let (Some(system), Some(owner)) = (&opened.system_token, &opened.account.owner_business_id) else {
        return Ok(None);
    };
    let Ok(token) = ctx.graph.fetch_business_token(system, &opened.login.app_secret, owner).await else {
        return Ok(None);
    };
    if token.expose_secret() == opened.token.expose_secret() {
        return Ok(None);
    }
    let app_token = opened.login.token();
    let Ok(facts) = ctx.graph.inspect_token(&Access::token(&app_token), &token).await else {
        return Ok(None);
    };
    if judge_token(&facts, &opened.login.app_id, ctx.now().seconds(), Some(&opened.account.waba_id)).is_err()
    {
        return Ok(None);
    }
    let access = Access::proven(&token, &opened.login.app_secret);
    let Ok(numbers) = ctx.graph.phone_numbers(&access, &opened.account.waba_id).await else {
        return Ok(None);
    };
    if may_send(ctx, &access, &numbers, None).await.is_err() {
        return Ok(None);
    }
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let sealed = ctx.vault.seal(&mut tx, org, accounts::TOKEN, &token, now).await?;
    let mut scope = tx.org(org).await?;
    if !scope.set_account_token(opened.account.id, &sealed, expires_at(&facts)).await? {
        return Ok(None);
    }
    tell_account(&mut scope, opened.account.id, "token_renewed", now).await?;
    dispatch::resume(&mut scope, Some(opened.account.id), now).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Tells the owner 14, 7 and 1 days before, while the token still works.
async fn warn_of_end(ctx: &Ctx, org: OrgId, opened: &Opened, facts: &TokenFacts) -> store::Result<()> {
    #[derive(Serialize)]
    struct Ending {
        account_id: AccountId,
        days: u64,
        expires_at: Timestamp,
    }
    let Some(expires_at) = expires_at(facts) else { return Ok(()) };
    let now = ctx.now();
    let days = expires_at.since(now).as_secs() / 86_400;
    if matches!(days, 13 | 6 | 0) {
        let mut tx = ctx.store.begin().await?;
        let mut scope = tx.org(org).await?;
        let ending = Ending { account_id: opened.account.id, days: days + 1, expires_at };
        scope.publish("account.token_ending", &ending, now)?;
        tx.commit().await?;
    }
    Ok(())
}

async fn look(
    ctx: &Ctx,
    org: OrgId,
    opened: &Opened,
    began: Timestamp,
    findings: &mut Findings,
) -> store::Result<()> {
    let account = &opened.account;
    let access = Access::proven(&opened.token, &opened.login.app_secret);
    let reads = async {
        let waba = ctx.graph.waba(&access, &account.waba_id).await?;
        let numbers = ctx.graph.phone_numbers(&access, &account.waba_id).await?;
        let apps = ctx.graph.subscribed_apps(&access, &account.waba_id).await?;
        Ok::<_, meta::graph::GraphError>((waba, numbers, apps))
    };
    let (waba, numbers, apps) = match reads.await {
        Ok(read) => read,
        Err(error) => {
            let stopped = Stopped::by(Step::ProveAccess, &error);
            if stopped.trouble().wait(1).is_none() {
                // Shared no longer: held, not lost.
                hold(ctx, org, account.id, TokenState::Revoked).await?;
                findings.troubles.push((Step::ProveAccess, stopped));
            }
            return Ok(());
        }
    };
    // What passes by itself says nothing of the rest.
    if let Err(stopped) = may_send(ctx, &access, &numbers, None).await
        && stopped.trouble().wait(1).is_none()
    {
        hold(ctx, org, account.id, TokenState::Revoked).await?;
        findings.troubles.push((Step::ProveAccess, stopped));
        return Ok(());
    }
    let subscribed = apps.iter().any(|app| app.app_id == opened.login.app_id);
    if !subscribed {
        findings.troubles.push((Step::SubscribeApp, Trouble::NotSubscribed.into()));
    }
    let line = account_line(
        false,
        TokenState::Valid,
        waba.status.as_deref(),
        waba.review.as_deref(),
        account.facts.0.paused,
    );
    if line != LineState::Ready {
        findings.troubles.push((Step::BindAccount, Trouble::AccountBlocked.into()));
    }
    let mut facts = account_facts(&waba, Some(&account.facts.0));
    let mut looks = Vec::with_capacity(numbers.len());
    for number in &numbers {
        let seen = crate::numbers::look(ctx, &access, &number.id).await;
        if let Some(health) = seen.health() {
            facts = with_health(facts, health);
        }
        looks.push(seen);
        let lost = !number.is_connected() && number.is_on_business_app != Some(true);
        let was_registered = lost && was_registered(ctx, org, account.id, &number.id).await?;
        if was_registered {
            findings.troubles.push((
                Step::RegisterNumber,
                Stopped::from(Trouble::Deregistered).saying(format!("number {}", number.id)),
            ));
        }
    }
    match (&waba.funding_id, account.mode, &account.allocation_id) {
        (None, Mode::SolutionPartner, Some(_)) => {
            findings.troubles.push((Step::CheckFunding, Trouble::CreditGone.into()));
        }
        (None, ..) => findings.troubles.push((Step::CheckFunding, Trouble::Unfunded.into())),
        (Some(funding), Mode::SolutionPartner, Some(allocation)) => {
            if let Some(system) = &opened.system_token {
                let system = Access::proven(system, &opened.login.app_secret);
                let who = payer(ctx, &system, allocation, funding).await;
                // What could not be read accuses nobody.
                if matches!(who, Ok(Payer::SomebodyElse)) {
                    findings.troubles.push((Step::CheckFunding, Trouble::CreditGone.into()));
                }
            }
        }
        _ => {}
    }
    // What templates say may have been changed on Meta's side; sends are held against it.
    let read = ctx.graph.templates(&access, &account.waba_id).await.ok();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    if scope.account(account.id).await?.is_none_or(|account| account.disconnected_at.is_some()) {
        // Disconnected while we asked: nothing of it comes back.
        return Ok(());
    }
    let before = scope.numbers(Some(account.id)).await?;
    let held = before.iter().any(|number| number.line != LineState::Ready);
    let funded = account.funding_id.is_none() && waba.funding_id.is_some();
    scope.set_token_state(account.id, TokenState::Valid).await?;
    let reading = AccountReading {
        name: waba.name.as_deref().unwrap_or(&account.name),
        currency: waba.currency.as_deref(),
        status: waba.status.as_deref(),
        review_status: waba.review.as_deref(),
        funding_id: waba.funding_id.as_deref(),
        subscribed,
        facts: &facts,
    };
    scope.record_account(account.id, &reading, began).await?;
    scope.set_account_line(account.id, line).await?;
    scope.record_numbers(account.id, &number_readings(ctx, &numbers, line), began).await?;
    scope.remove_unseen_numbers(account.id, began, began).await?;
    for number in scope.numbers(Some(account.id)).await? {
        if let Some(look) = looks.iter().find(|look| look.is_of(&number)) {
            look.record(&mut scope, &number).await?;
        }
    }
    crate::numbers::since(ctx, &mut scope, account.id, &before, ChangeSource::Check, ctx.now()).await?;
    if let Some(read) = &read {
        templates::store(ctx, &mut scope, account.id, read, began).await?;
    }
    if held || funded || account.token_state != TokenState::Valid {
        dispatch::resume(&mut scope, Some(account.id), ctx.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn was_registered(ctx: &Ctx, org: OrgId, account: AccountId, id: &str) -> store::Result<bool> {
    let numbers = ctx.store.read().await?.org(org).await?.numbers(Some(account)).await?;
    Ok(numbers.iter().any(|number| number.phone_number_id == id && number.registered_at.is_some()))
}

/// Writes what was found onto the steps of the connection that brought the account in, so that it stands where people
/// look; what mends itself is asked for.
async fn conclude(ctx: &Ctx, org: OrgId, account: AccountId, findings: &Findings) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let what = if findings.troubles.is_empty() { "checked" } else { "trouble" };
    tell_account(&mut scope, account, what, now).await?;
    if let Some(connection) = scope.connection_of_account(account).await? {
        scope.connection_for_change(connection.id).await?;
        mark(&mut scope, connection.id, findings, now).await?;
        settle(ctx, &mut tx, org, connection.id).await?;
        enqueue_advance(&mut tx, org, connection.id, now, now).await?;
    }
    tx.commit().await
}

async fn mark(
    scope: &mut OrgScope<'_>,
    connection: ConnectionId,
    findings: &Findings,
    now: Timestamp,
) -> store::Result<()> {
    let rows = scope.steps(connection).await?;
    for (step, stopped) in &findings.troubles {
        // A step that has not come to its turn yet finds out by itself.
        let Some(row) = rows.iter().find(|row| row.step == *step) else { continue };
        if *step == Step::SubscribeApp {
            // Harmless to make again, so it is; one that is being made is left alone.
            if row.status == StepStatus::Done {
                scope.forget_steps(connection, &[*step]).await?;
            }
            continue;
        }
        let known = row.problem.as_ref().map(|problem| problem.0.trouble);
        if known == Some(stopped.trouble()) {
            continue;
        }
        let retry_at = stopped.trouble().wait(1).map(|wait| now + wait);
        let end = StepEnd {
            status: if retry_at.is_some() { StepStatus::Waiting } else { StepStatus::NeedsPerson },
            result: None,
            proof: None,
            problem: Some(stopped.problem()),
            retry_at,
        };
        scope.end_step(connection, *step, &end, now).await?;
    }
    // What an earlier look had found and this one did not is over.
    for row in &rows {
        let found_before = row.status == StepStatus::NeedsPerson
            && matches!(row.step, Step::ProveAccess | Step::BindAccount | Step::RegisterNumber)
            && row.finished_at.is_none()
            && row.result.is_some();
        if found_before && !findings.troubles.iter().any(|(step, _)| *step == row.step) {
            let end = StepEnd {
                status: StepStatus::Done,
                result: None,
                proof: None,
                problem: None,
                retry_at: None,
            };
            scope.end_step(connection, row.step, &end, now).await?;
        }
    }
    Ok(())
}

/// Holds everything that would be sent through an account, and says so.
pub async fn hold(ctx: &Ctx, org: OrgId, id: AccountId, state: TokenState) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    if scope.set_token_state(id, state).await? {
        set_lines(&mut scope, id, LineState::Held, now).await?;
        tell_account(&mut scope, id, "held", now).await?;
    }
    tx.commit().await
}

/// Sets the line of an account and of its numbers, each by what is known of it. What waited for it to be ready goes out.
pub async fn set_lines(
    scope: &mut OrgScope<'_>,
    id: AccountId,
    line: LineState,
    now: Timestamp,
) -> store::Result<()> {
    scope.set_account_line(id, line).await?;
    for number in scope.numbers(Some(id)).await? {
        let own = number_line(line, false, number.platform_type.as_deref(), number.status.as_deref());
        if own != number.line {
            scope.set_number_line(number.id, own).await?;
        }
    }
    if line == LineState::Ready { dispatch::resume(scope, Some(id), now).await } else { Ok(()) }
}

/// A call was refused in a way that concerns the whole account. A dead token holds the account at once, so that nothing
/// is burnt; in every case the account is looked at.
pub async fn suspect(ctx: &Ctx, org: OrgId, id: AccountId, code: i64) -> store::Result<()> {
    tracing::warn!(org.id = %org, account.id = %id, meta.code = code, "a messaging account cannot send");
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    if matches!(code, 0 | 102 | 104 | 190 | 2_500) {
        let Some(account) = scope.account(id).await? else { return Ok(()) };
        if account.token_state == TokenState::Valid {
            scope.set_token_state(id, TokenState::Suspect).await?;
            set_lines(&mut scope, id, LineState::Held, now).await?;
            tell_account(&mut scope, id, "held", now).await?;
        }
    }
    enqueue_another_look(&mut scope, id, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The organisation's accounts with their numbers.
pub async fn list(ctx: &Ctx, org: OrgId) -> Result<(Vec<Account>, Vec<Number>), Failed> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    Ok((scope.accounts().await?, scope.numbers(None).await?))
}

/// One account with its numbers.
pub async fn get(ctx: &Ctx, org: OrgId, id: AccountId) -> Result<(Account, Vec<Number>), Failed> {
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let account = scope.account(id).await?.ok_or(Failed::Missing)?;
    let numbers = scope.numbers(Some(id)).await?;
    Ok((account, numbers))
}

/// One number.
pub async fn number(ctx: &Ctx, org: OrgId, id: NumberId) -> Result<Number, Failed> {
    ctx.store.read().await?.org(org).await?.number(id).await?.ok_or(Failed::Missing)
}

/// Stores the PIN that the client knows, for the next registration.
pub async fn give_pin(ctx: &Ctx, actor: &OrgActor, id: NumberId, pin: &SecretString) -> Result<(), Failed> {
    let text = pin.expose_secret();
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failed::Invalid("pin", "The PIN has exactly six digits.".to_owned()));
    }
    let mut tx = ctx.store.begin().await?;
    tx.org(actor.org).await?.number(id).await?.ok_or(Failed::Missing)?;
    let sealed = ctx.vault.seal(&mut tx, actor.org, PIN, pin, ctx.now()).await?;
    let mut scope = tx.org(actor.org).await?;
    scope.set_pin(id, Some(&sealed)).await?;
    actor.audit(ctx, &mut scope, "number.pin", id, json!({})).await?;
    tx.commit().await?;
    Ok(())
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("account", &self.account.id)
            .field("app", &self.app.id)
            .finish_non_exhaustive()
    }
}
