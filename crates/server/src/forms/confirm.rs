//! Confirming what was sent with a form: by a message on WhatsApp, at a link in a mail or text, or by nothing more; and what
//! then stands in the ledger.

use rules::consent::{Channel, Purpose};
use rules::form::SubmissionState;
use rules::id::{ContactId, MessageId};
use rules::identity::Phone;
use rules::locale::Locale;
use rules::settings::OrgSettings;
use rules::time::Timestamp;
use serde_json::json;
use store::OrgScope;
use store::contacts::ContactChange;
use store::forms::{Form, FormCounts, Submission};

use super::collect::{Open, tell};
use super::{Heard, ask, words};
use crate::consent::{self, OptIn};
use crate::ctx::Ctx;
use crate::dispatch::{self, Notice};
use crate::fallback::Door;
use crate::http::Client;
use crate::rights;

/// Who confirmed, and how.
pub(super) struct Proof<'a> {
    pub contact: ContactId,
    /// Whether nobody knew them before.
    pub is_new: bool,
    /// By a message.
    pub message: Option<MessageId>,
    /// At the link that they were sent, from there.
    pub at_link: Option<&'a Client>,
    pub at: Timestamp,
}

impl Proof<'_> {
    /// By nothing but what was sent.
    pub const fn of(contact: ContactId, at: Timestamp) -> Self {
        Self { contact, is_new: false, message: None, at_link: None, at }
    }
}

/// A message carries the code of a form: whoever wrote it has agreed, and is on WhatsApp. `true`: it is answered.
pub(super) async fn confirm_by_message(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    code: &str,
    heard: &Heard<'_>,
) -> store::Result<bool> {
    let now = ctx.now();
    let Some(submission) = scope.pending_submission(code, now).await? else { return Ok(false) };
    let Some(form) = scope.form(submission.form_id).await? else { return Ok(false) };
    if form.number_id != Some(heard.number) {
        return Ok(false);
    }
    let proof = Proof { message: Some(heard.message), ..Proof::of(heard.contact, heard.at) };
    if !confirm(ctx, scope, &form, &submission, &proof).await? {
        return Ok(false);
    }
    let version = scope.form_version(submission.version_id).await?;
    let said = version.as_ref().and_then(|version| version.wording.0.words(submission.locale));
    let thanks = said.map_or_else(|| words::thanks(submission.locale), |(_, words)| &words.thanks);
    thank(ctx, scope, heard, submission.locale, thanks).await?;
    Ok(true)
}

/// Thanks somebody who agreed by writing; whoever had stopped everything before is told so instead.
pub(super) async fn thank(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    heard: &Heard<'_>,
    locale: Locale,
    thanks: &str,
) -> store::Result<()> {
    let consent = scope.consent_of(heard.contact, heard.settings.inbound_lifts_opt_out).await?;
    let text = if consent.stopped.is_some() { words::still_stopped(locale) } else { thanks };
    let form = rules::gate::Form::FreeForm;
    let notice = Notice { conversation: heard.conversation, form, text, trace: heard.trace };
    dispatch::notice(ctx, scope, &notice, heard.settings).await
}

/// Records what somebody agreed to, with everything that proves it. `false`: it was recorded before, or is too late.
pub(super) async fn confirm(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    form: &Form,
    submission: &Submission,
    proof: &Proof<'_>,
) -> store::Result<bool> {
    let now = ctx.now();
    if !scope.confirm_submission(submission.id, proof.contact, proof.message, now).await? {
        return Ok(false);
    }
    let Some(version) = scope.form_version(submission.version_id).await? else { return Ok(false) };
    let wording = &version.wording.0;
    let Some((locale, words)) = wording.words(submission.locale) else { return Ok(false) };
    let sha256 = version.hashes.0.iter().find(|hash| hash.locale == locale).map(|hash| &hash.sha256);
    let mut evidence = json!({
        "form_id": form.id, "version_id": version.id, "version": version.ordinal, "submission_id": submission.id,
        "shown": wording.shown(words), "shown_sha256": sha256, "language": locale, "way": submission.way,
        "page": submission.page, "ip": submission.ip, "user_agent": submission.user_agent,
        "submitted_at": submission.created_at, "phone": submission.phone, "email": submission.email,
        "experiment_id": submission.experiment_id, "double_opt_in": submission.double_opt_in,
        "message_id": proof.message,
    });
    if let (Some(client), Some(channel)) = (proof.at_link, submission.double_opt_in.asks_on()) {
        evidence["link_id"] = json!(submission.id);
        evidence["link_sent_on"] = json!(channel);
        evidence["link_sent_to"] = json!(ask::address(submission, channel));
        evidence["link_sent_at"] = json!(submission.asked_at);
        evidence["confirmed_ip"] = json!(client.address());
        evidence["confirmed_user_agent"] = json!(client.user_agent);
    }
    let email = introduce(scope, submission, proof, now).await?;
    for purpose in &submission.purposes.0 {
        for channel in &wording.channels {
            let reached = match channel {
                // A yes to mail is one for the address that it was given with.
                Channel::Email => {
                    email.is_some() && email == submission.email.as_deref().map(str::to_lowercase)
                }
                Channel::Whatsapp | Channel::Sms => true,
            };
            if reached {
                let mut evidence = evidence.clone();
                evidence["wording"] = json!(words.agreement(*purpose));
                let yes = OptIn {
                    contact: proof.contact,
                    channel: *channel,
                    purpose: *purpose,
                    evidence,
                    at: proof.at,
                };
                consent::opt_in(ctx, scope, yes).await?;
            }
        }
    }
    scope.count_form(form.id, version.id, FormCounts { confirmed: 1, ..FormCounts::default() }, now).await?;
    if let (Some(experiment), Some(visitor)) = (submission.experiment_id, &submission.visitor) {
        scope.confirm_visit(experiment, visitor, now).await?;
    }
    tell(scope, &submission.id, form, SubmissionState::Confirmed, now)?;
    Ok(true)
}

/// Somebody of whom we had no name, no language or no e-mail address told us. Returns the address they are known by now.
///
/// Whoever typed somebody else's number must not have their mail: an address is taken from a stranger's form only with a
/// phone that is proved to be theirs, or that nobody knew.
async fn introduce(
    scope: &mut OrgScope<'_>,
    submission: &Submission,
    proof: &Proof<'_>,
    now: Timestamp,
) -> store::Result<Option<String>> {
    let Some(known) = scope.contact(proof.contact).await? else { return Ok(None) };
    let is_theirs = proof.is_new || submission.double_opt_in.proves_phone();
    let change = ContactChange {
        name: Some(submission.name.clone()).filter(|name| !name.is_empty() && known.name.is_empty()),
        email: submission.email.clone().filter(|_| is_theirs && known.email.is_none()),
        language: known.language.is_none().then(|| submission.locale.to_string()),
        ..ContactChange::default()
    };
    if change.name.is_some() || change.email.is_some() || change.language.is_some() {
        scope.change_contact(proof.contact, &change, now).await?;
    }
    Ok(known.email.or(change.email).map(|email| email.to_lowercase()))
}

/// The page of a link at which somebody confirms what they sent.
#[derive(Clone, Debug)]
pub(crate) struct AtLink {
    /// The form as they saw it.
    pub open: Open,
    /// The language in which they read it.
    pub locale: Locale,
    /// What they ticked.
    pub purposes: Vec<Purpose>,
    /// How far they are.
    pub stage: Stage,
}

/// How far somebody is who has such a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// They may confirm.
    Ask,
    /// They have.
    Confirmed,
    /// They have, and had ended everything before.
    Stopped,
    /// It is too late.
    Over,
}

/// What somebody sees who opens such a link. Nothing changes: mail is looked through by machines that open every link.
/// `None`: there is no such link.
pub(crate) async fn open_confirmation(ctx: &Ctx, token: &str) -> store::Result<Option<AtLink>> {
    let Some((org, Door::Confirm(id))) = ctx.links.read(token) else { return Ok(None) };
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let Some(submission) = scope.submission(id).await? else { return Ok(None) };
    at_link(ctx, &mut scope, &submission).await
}

/// Somebody pressed the button there.
pub(crate) async fn confirm_at_link(
    ctx: &Ctx,
    token: &str,
    client: &Client,
) -> store::Result<Option<AtLink>> {
    let Some((org, Door::Confirm(id))) = ctx.links.read(token) else { return Ok(None) };
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(org).await?;
    let Some(submission) = scope.submission(id).await? else { return Ok(None) };
    let Some(seen) = at_link(ctx, &mut scope, &submission).await? else { return Ok(None) };
    let phone = submission.phone.as_deref().and_then(Phone::from_wire);
    let (Stage::Ask, Some(phone)) = (seen.stage, phone) else { return Ok(Some(seen)) };
    let found = rights::contact_by_phone(ctx, &mut scope, &phone, now).await?;
    let proof = Proof { is_new: found.is_new, at_link: Some(client), ..Proof::of(found.contact, now) };
    confirm(ctx, &mut scope, &seen.open.form, &submission, &proof).await?;
    let Some(submission) = scope.submission(id).await? else { return Ok(None) };
    let seen = at_link(ctx, &mut scope, &submission).await?;
    tx.commit().await?;
    Ok(seen)
}

async fn at_link(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    submission: &Submission,
) -> store::Result<Option<AtLink>> {
    let Some(organisation) = scope.org().await?.filter(|org| org.may_work()) else { return Ok(None) };
    let Some(form) = scope.form(submission.form_id).await? else { return Ok(None) };
    let Some(version) = scope.form_version(submission.version_id).await? else { return Ok(None) };
    let in_time = submission.expires_at.is_some_and(|until| ctx.now() < until);
    let stage = match (submission.state, submission.contact_id) {
        (SubmissionState::Pending, _) if in_time => Stage::Ask,
        (SubmissionState::Confirmed, Some(contact)) => {
            let settings = OrgSettings::read(&organisation.settings);
            match scope.consent_of(contact, settings.inbound_lifts_opt_out).await?.stopped {
                Some(_) => Stage::Stopped,
                None => Stage::Confirmed,
            }
        }
        _ => Stage::Over,
    };
    let has_logo = scope.form_logo(form.id).await?.is_some();
    let locale = Locale::read(&organisation.locale);
    let open = Open { org: scope.id(), form, version, visit: None, has_logo, locale };
    Ok(Some(AtLink { open, locale: submission.locale, purposes: submission.purposes.0.clone(), stage }))
}
