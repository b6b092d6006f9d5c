//! What people do with a form: open it, send it.

use std::time::Duration;

use rules::codes;
use rules::consent::Purpose;
use rules::form::{Asked, DoubleOptIn, FormStatus, SubmissionState, SubmissionWay};
use rules::id::{FormVersionId, OrgId, SubmissionId};
use rules::identity::Phone;
use rules::locale::Locale;
use rules::time::{Timestamp, span};
use serde_json::json;
use store::forms::{Form, FormCounts, FormVersion, NewSubmission};
use store::{OrgScope, StoreError};

use super::confirm::{Proof, confirm};
use super::visit::Visit;
use super::{ask, trial, words};
use crate::ctx::Ctx;
use crate::http::{Client, Problem};
use crate::identity;
use crate::onboarding::chat_link;
use crate::rights;

/// What waits for a confirmation waits no longer.
pub(super) const CONFIRM_WITHIN: Duration = span::hours(48);
/// So much is forgotten in one transaction.
const SWEPT: i64 = 100;

/// A form as somebody sees it who opened it.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// Whose it is.
    pub org: OrgId,
    /// The form.
    pub form: Form,
    /// What it says to them.
    pub version: FormVersion,
    /// That they take part in an experiment, signed.
    pub visit: Option<String>,
    /// Whether it has a picture.
    pub has_logo: bool,
    /// The organisation's language.
    pub locale: Locale,
}

/// The form that a public address names, as this client is to see it. `None`: there is none in use.
pub(crate) async fn open(ctx: &Ctx, token: &str, client: &Client) -> store::Result<Option<Open>> {
    let mut tx = ctx.store.read().await?;
    let Some((org, form)) = tx.form_place(token).await? else { return Ok(None) };
    let mut scope = tx.org(org).await?;
    let Some(organisation) = scope.org().await?.filter(|org| org.may_work()) else { return Ok(None) };
    let Some(form) = scope.form(form).await?.filter(|form| form.status == FormStatus::Active) else {
        return Ok(None);
    };
    let experiment = scope.running_experiment(form.id).await?;
    let visit = experiment.as_ref().and_then(|experiment| {
        let visit = Visit::of(experiment, client)?;
        Some((visit, visit.sign(experiment.salt.as_deref()?)))
    });
    let shown = visit.as_ref().map(|(visit, _)| visit.version).or(form.version_id);
    let Some(shown) = shown else { return Ok(None) };
    let Some(version) = scope.form_version(shown).await? else { return Ok(None) };
    let has_logo = scope.form_logo(form.id).await?.is_some();
    let locale = Locale::read(&organisation.locale);
    Ok(Some(Open { org, form, version, visit: visit.map(|(_, signed)| signed), has_logo, locale }))
}

/// Counts that somebody sees a form: its page says so itself once it is shown, which no preview of a link does.
pub(crate) async fn seen(
    ctx: &Ctx,
    token: &str,
    version: FormVersionId,
    visit: Option<&str>,
) -> store::Result<()> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let Some((org, form)) = tx.form_place(token).await? else { return Ok(()) };
    let mut scope = tx.org(org).await?;
    let known = scope.form_version(version).await?.is_some_and(|version| version.form_id == form);
    if !known {
        return Ok(());
    }
    scope.count_form(form, version, FormCounts { views: 1, ..FormCounts::default() }, now).await?;
    if let Some(visit) = visit {
        trial::take_part(&mut scope, form, visit, now).await?;
    }
    tx.commit().await
}

/// What somebody sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// What the form said to them; what it says now, unless told.
    pub version: Option<FormVersionId>,
    /// That they take part in an experiment, signed.
    pub visit: Option<String>,
    /// In which language they read it.
    pub locale: Locale,
    /// What they ticked.
    pub purposes: Vec<Purpose>,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub ip: String,
    pub user_agent: String,
    /// The page that it stood on.
    pub page: String,
    pub way: SubmissionWay,
}

/// What is wrong with what somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// No phone number.
    Phone,
    /// Nothing is ticked, or something that is not asked for.
    Purposes,
    /// No name, though the form asks for it, or one that is too long.
    Name,
    /// No e-mail address, though the form asks for it, or none that reads as one.
    Email,
}

impl Wrong {
    /// The field's name.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Purposes => "purposes",
            Self::Name => "name",
            Self::Email => "email",
        }
    }
}

/// Why nothing was taken.
#[derive(Debug)]
pub(crate) enum Refused {
    /// Fields are wrong.
    Wrong(Vec<Wrong>),
    /// The form has no such version, or says nothing yet.
    NoVersion,
    /// Too many came from one network.
    Often(Problem),
    /// The database.
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub id: SubmissionId,
    pub state: SubmissionState,
    /// What the form said.
    pub version: FormVersion,
    /// How the person confirms it, if it does not count yet.
    pub double_opt_in: DoubleOptIn,
    /// Where they do, on WhatsApp.
    pub link: Option<String>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

/// Takes what a stranger sent with a form's page or widget.
pub(crate) async fn submit_publicly(
    ctx: &Ctx,
    open: &Open,
    client: &Client,
    sent: Sent,
) -> Result<Outcome, Refused> {
    identity::count_public(ctx, "form", client).await.map_err(Refused::Often)?;
    let may_ask = match open.form.double_opt_in.asks_on() {
        Some(channel) => ask::may_ask(ctx, open.org, channel, &sent).await?,
        None => Ok(()),
    };
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(open.org).await?;
    let outcome = submit(ctx, &mut scope, &open.form, sent, may_ask).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Takes what somebody sent: it counts at once, or waits for their confirmation, for which they are written to if they may be.
pub(super) async fn submit(
    ctx: &Ctx,
    scope: &mut OrgScope<'_>,
    form: &Form,
    sent: Sent,
    may_ask: Result<(), &str>,
) -> Result<Outcome, Refused> {
    let now = ctx.now();
    let version = sent.version.or(form.version_id).ok_or(Refused::NoVersion)?;
    let version = scope.form_version(version).await?.filter(|version| version.form_id == form.id);
    let version = version.ok_or(Refused::NoVersion)?;
    let country = scope.org().await?.map(|org| org.country);
    let phone = read(form, &version, &sent, country.as_deref()).map_err(Refused::Wrong)?;
    let visit = match &sent.visit {
        Some(visit) => trial::taken_part(scope, form.id, visit).await?,
        None => None,
    };
    let by_message = form.double_opt_in == DoubleOptIn::Whatsapp;
    let code = by_message.then(|| {
        let mut bytes = [0; codes::FORM];
        ctx.chance().fill(&mut bytes);
        codes::write(&bytes)
    });
    let new = NewSubmission {
        id: SubmissionId::fresh(now, ctx.chance()),
        form: form.id,
        version: version.id,
        visit: visit
            .filter(|visit| visit.version == version.id)
            .map(|visit| (visit.experiment, visit.visitor)),
        way: sent.way,
        locale: sent.locale,
        purposes: sent.purposes,
        name: sent.name.trim().to_owned(),
        phone: Some(phone.digits().to_owned()),
        email: Some(sent.email.trim().to_owned()).filter(|email| !email.is_empty()),
        ip: sent.ip,
        user_agent: sent.user_agent,
        page: sent.page,
        double_opt_in: form.double_opt_in,
        code,
        expires_at: (form.double_opt_in != DoubleOptIn::None).then(|| now + CONFIRM_WITHIN),
    };
    scope.insert_submission(&new, now).await?;
    scope.count_form(form.id, version.id, FormCounts { submitted: 1, ..FormCounts::default() }, now).await?;
    tell(scope, &new.id, form, SubmissionState::Pending, now)?;
    let mut outcome = Outcome {
        id: new.id,
        state: SubmissionState::Pending,
        double_opt_in: form.double_opt_in,
        link: None,
        expires_at: new.expires_at,
        version,
    };
    match form.double_opt_in {
        DoubleOptIn::Whatsapp => {
            let code = new.code.unwrap_or_default();
            let text = words::confirmation(new.locale, &outcome.version.wording.0.business, &code);
            let number = match form.number_id {
                Some(number) => scope.number(number).await?,
                None => None,
            };
            outcome.link = number.map(|number| chat_link(ctx, &number, &text));
        }
        DoubleOptIn::Email | DoubleOptIn::Sms => match may_ask {
            Ok(()) => ask::enqueue(scope, new.id, now)?,
            // Whoever sends the form is told the same as everybody.
            Err(why) => scope.note_submission_problem(new.id, why, false).await?,
        },
        DoubleOptIn::None => {
            let found = rights::contact_by_phone(ctx, scope, &phone, now).await?;
            let submission = scope.submission(new.id).await?.ok_or(Refused::NoVersion)?;
            let proof = Proof { is_new: found.is_new, ..Proof::of(found.contact, now) };
            confirm(ctx, scope, form, &submission, &proof).await?;
            outcome.state = SubmissionState::Confirmed;
        }
    }
    Ok(outcome)
}

/// The phone number that was sent, if nothing is wrong with anything.
fn read(form: &Form, version: &FormVersion, sent: &Sent, country: Option<&str>) -> Result<Phone, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let settings = &form.settings.0;
    let lacks = |asked: Asked, text: &str| asked == Asked::Required && text.trim().is_empty();
    if lacks(settings.ask_name, &sent.name) || sent.name.chars().count() > 100 {
        wrong.push(Wrong::Name);
    }
    let phone = Phone::from_human(&sent.phone, country);
    if phone.is_err() {
        wrong.push(Wrong::Phone);
    }
    let email = sent.email.trim();
    let ask_email = settings.asks_email(form.double_opt_in, &version.wording.0.channels);
    if lacks(ask_email, email) || !(email.is_empty() || is_email(email)) {
        wrong.push(Wrong::Email);
    }
    let offered = &version.wording.0.purposes;
    if sent.purposes.is_empty() || !sent.purposes.iter().all(|purpose| offered.contains(purpose)) {
        wrong.push(Wrong::Purposes);
    }
    match phone {
        Ok(phone) if wrong.is_empty() => Ok(phone),
        _ => Err(wrong),
    }
}

fn is_email(text: &str) -> bool {
    text.len() <= 254 && garde::rules::email::parse_email(text).is_ok()
}

pub(super) fn tell(
    scope: &mut OrgScope<'_>,
    submission: &SubmissionId,
    form: &Form,
    state: SubmissionState,
    now: Timestamp,
) -> store::Result<()> {
    let ids = json!({ "submission_id": submission, "form_id": form.id, "state": state });
    scope.publish("submission.updated", &ids, now)
}

/// Forgets what was not confirmed in time.
pub(super) async fn forget_late(ctx: &Ctx) -> store::Result<usize> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let late = tx.submissions_over(now, SWEPT).await?;
    for (org, form, submission) in &late {
        let mut scope = tx.org(*org).await?;
        if scope.expire_submission(*submission, now).await?
            && let Some(form) = scope.form(*form).await?
        {
            tell(&mut scope, submission, &form, SubmissionState::Expired, now)?;
        }
    }
    tx.commit().await?;
    Ok(late.len())
}
