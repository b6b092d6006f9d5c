//! Forms as members see them: made, worded, shown, put away.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rules::form::{DoubleOptIn, FormSettings, FormStatus, FormWording, SubmissionState};
use rules::id::{FormId, FormVersionId, NumberId};
use rules::locale::Locale;
use rules::role::Right;
use serde_json::json;
use store::forms::{Form, FormCounts, FormLogo, FormVersion, ShownHash, Submission, SubmissionFilter};
use store::{Cursor, Json, OrgScope, Page};
use url::Url;

use super::collect::{Outcome, Refused, Sent, Wrong, submit};
use super::trial;
use crate::ctx::Ctx;
use crate::fallback;
use crate::http::problem::FieldError;
use crate::http::{OrgActor, Problem};
use crate::identity::hash;

/// More would not be told apart by anyone.
const MOST: usize = 100;
const MOST_ORIGINS: usize = 20;
/// A picture on a form has at most so many bytes.
const LOGO: usize = 200 << 10;

/// A form with what it says and how many people did what.
pub(super) struct Whole {
    pub form: Form,
    pub version: Option<FormVersion>,
    pub counts: FormCounts,
    pub has_logo: bool,
}

/// What a member says of a form, apart from its words.
pub(super) struct FormText {
    pub name: String,
    pub number: Option<NumberId>,
    pub double_opt_in: DoubleOptIn,
    pub settings: FormSettings,
    pub status: FormStatus,
}

/// All forms, the newest first.
pub(super) async fn list(ctx: &Ctx, actor: &OrgActor) -> Result<Vec<Whole>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let mut forms = Vec::new();
    for form in scope.forms().await? {
        forms.push(whole(&mut scope, form).await?);
    }
    Ok(forms)
}

/// One form.
pub(super) async fn get(ctx: &Ctx, actor: &OrgActor, id: FormId) -> Result<Whole, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let form = form_of(&mut scope, id).await?;
    Ok(whole(&mut scope, form).await?)
}

async fn whole(scope: &mut OrgScope<'_>, form: Form) -> store::Result<Whole> {
    let version = match form.version_id {
        Some(version) => scope.form_version(version).await?,
        None => None,
    };
    let counts = scope.form_counts().await?;
    let counts = counts.into_iter().find(|(id, _)| *id == form.id).map(|(_, counts)| counts);
    let has_logo = scope.forms_with_logo().await?.contains(&form.id);
    Ok(Whole { form, version, counts: counts.unwrap_or_default(), has_logo })
}

/// A form of this organisation.
pub(super) async fn form_of(scope: &mut OrgScope<'_>, id: FormId) -> Result<Form, Problem> {
    scope.form(id).await?.ok_or_else(Problem::not_found)
}

/// Makes a form. It can be used once it says something.
pub(super) async fn create(ctx: &Ctx, actor: &OrgActor, said: FormText) -> Result<Whole, Problem> {
    actor.require(Right::WriteSettings)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    if scope.forms().await?.len() >= MOST {
        return Err(Problem::unprocessable(
            "too_many_forms",
            format!("There are {MOST} forms already. Change one that nobody uses."),
        ));
    }
    check(&mut scope, &said).await?;
    let form = Form {
        id: FormId::fresh(now, ctx.chance()),
        token: public_token(ctx),
        name: said.name,
        number_id: said.number,
        status: said.status,
        double_opt_in: said.double_opt_in,
        version_id: None,
        settings: Json(said.settings),
        created_at: now,
        updated_at: now,
    };
    scope.insert_form(&form).await?;
    actor.audit(ctx, &mut scope, "form.create", form.id, json!({ "name": form.name })).await?;
    tell(&mut scope, form.id, ctx)?;
    let whole = whole(&mut scope, form).await?;
    tx.commit().await?;
    Ok(whole)
}

/// Changes a form, apart from its words.
pub(super) async fn update(
    ctx: &Ctx,
    actor: &OrgActor,
    id: FormId,
    said: FormText,
) -> Result<Whole, Problem> {
    actor.require(Right::WriteSettings)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let before = form_of(&mut scope, id).await?;
    check(&mut scope, &said).await?;
    if before.double_opt_in != said.double_opt_in && is_tried(&mut scope, id).await? {
        return Err(trial::running());
    }
    let form = Form {
        name: said.name,
        number_id: said.number,
        status: said.status,
        double_opt_in: said.double_opt_in,
        settings: Json(said.settings),
        updated_at: ctx.now(),
        ..before
    };
    scope.change_form(&form).await?;
    let details = json!({ "name": form.name, "status": form.status, "double_opt_in": form.double_opt_in });
    actor.audit(ctx, &mut scope, "form.update", id, details).await?;
    tell(&mut scope, id, ctx)?;
    let whole = whole(&mut scope, form).await?;
    tx.commit().await?;
    Ok(whole)
}

async fn is_tried(scope: &mut OrgScope<'_>, form: FormId) -> store::Result<bool> {
    use rules::form::ExperimentState::{Running, Settling};
    let experiments = scope.experiments(form).await?;
    Ok(experiments.iter().any(|experiment| matches!(experiment.state, Running | Settling)))
}

async fn check(scope: &mut OrgScope<'_>, said: &FormText) -> Result<(), Problem> {
    if let Some(number) = said.number {
        scope.number(number).await?.ok_or_else(Problem::not_found)?;
    }
    let ready = fallback::set_up(scope).await?;
    let settings = &said.settings;
    let mut errors = Vec::new();
    let mut error = |field: &str, message: &str, indonesian: &str| {
        errors.push(FieldError::new(field, message).indonesian(indonesian));
    };
    if said.double_opt_in == DoubleOptIn::Whatsapp && said.number.is_none() {
        error(
            "number_id",
            "choose the number to which people send their confirmation",
            "pilih nomor tujuan pesan konfirmasi",
        );
    }
    if let Some(channel) = said.double_opt_in.asks_on()
        && !ready.contains(&channel)
    {
        error(
            "double_opt_in",
            "set this channel up first, under the other ways to reach people",
            "siapkan dulu saluran ini di Pengaturan",
        );
    }
    if !is_color(&settings.color) {
        error("settings.color", "must be a colour such as #0b7a5c", "harus berupa warna seperti #0b7a5c");
    }
    let leads_nowhere_odd = settings.redirect.is_empty() || is_page(&settings.redirect);
    if !leads_nowhere_odd || settings.redirect.len() > 500 {
        error(
            "settings.redirect",
            "must be an address that begins with https:// or http://, or empty",
            "harus alamat yang diawali https:// atau http://, atau dikosongkan",
        );
    }
    if settings.origins.len() > MOST_ORIGINS || !settings.origins.iter().all(|origin| is_origin(origin)) {
        error(
            "settings.origins",
            "must be at most 20 origins such as https://shop.example, without a path",
            "paling banyak 20 alamat seperti https://shop.example, tanpa jalur di belakangnya",
        );
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.chars().all(|c| c.is_ascii_hexdigit()))
}

fn is_page(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// Whether a text is an origin as browsers write it.
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.origin().ascii_serialization() == text
    })
}

/// A form's versions, the newest first.
pub(super) async fn versions(ctx: &Ctx, actor: &OrgActor, form: FormId) -> Result<Vec<FormVersion>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let form = form_of(&mut scope, form).await?;
    Ok(scope.form_versions(form.id).await?)
}

/// Adds a version of what a form says; from now on it says that, unless it is only kept for an experiment.
pub(super) async fn add_version(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    wording: FormWording,
    publish: bool,
) -> Result<FormVersion, Problem> {
    actor.require(Right::WriteSettings)?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let form = form_of(&mut scope, form).await?;
    let faults = wording.faults();
    if !faults.is_empty() {
        let errors = faults
            .into_iter()
            .map(|fault| FieldError::new(fault.field, fault.message).indonesian(fault.indonesian));
        return Err(Problem::invalid(errors.collect()));
    }
    if publish && is_tried(&mut scope, form.id).await? {
        return Err(trial::running());
    }
    let last = scope.form_versions(form.id).await?.first().map_or(0, |version| version.ordinal);
    let shown = wording.locales().into_iter().filter_map(|locale| wording.words(locale));
    let hashes =
        shown.map(|(locale, words)| ShownHash { locale, sha256: hex::encode(hash(&wording.shown(words))) });
    let version = FormVersion {
        id: FormVersionId::fresh(now, ctx.chance()),
        form_id: form.id,
        ordinal: last + 1,
        hashes: Json(hashes.collect()),
        wording: Json(wording),
        published_by: actor.name(),
        published_at: now,
    };
    scope.insert_form_version(&version).await.map_err(|error| {
        if error.is_taken() {
            Problem::conflict(
                "version_taken",
                "Somebody else published at this moment. Look at theirs, then send again.",
            )
        } else {
            error.into()
        }
    })?;
    if publish {
        scope.publish_form_version(form.id, version.id, now).await?;
    }
    let details = json!({ "name": form.name, "version": version.ordinal, "in_use": publish });
    actor.audit(ctx, &mut scope, "form.publish", form.id, details).await?;
    tell(&mut scope, form.id, ctx)?;
    tx.commit().await?;
    Ok(version)
}

/// Has a form say again what one of its versions does.
pub(super) async fn use_version(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    version: FormVersionId,
) -> Result<Whole, Problem> {
    actor.require(Right::WriteSettings)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let found = scope.form_version(version).await?.filter(|version| version.form_id == form);
    let version = found.ok_or_else(Problem::not_found)?;
    if is_tried(&mut scope, form).await? {
        return Err(trial::running());
    }
    scope.publish_form_version(form, version.id, ctx.now()).await?;
    let stored = form_of(&mut scope, form).await?;
    let details = json!({ "name": stored.name, "version": version.ordinal, "in_use": true });
    actor.audit(ctx, &mut scope, "form.publish", form, details).await?;
    tell(&mut scope, form, ctx)?;
    let whole = whole(&mut scope, stored).await?;
    tx.commit().await?;
    Ok(whole)
}

/// Puts a picture on a form, or takes it off.
pub(super) async fn set_logo(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    picture: Option<&str>,
) -> Result<(), Problem> {
    actor.require(Right::WriteSettings)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let form = form_of(&mut scope, form).await?;
    match picture {
        Some(picture) => scope.put_form_logo(form.id, &read_logo(picture)?).await?,
        None if scope.remove_form_logo(form.id).await? => {}
        None => return Ok(()),
    }
    actor.audit(ctx, &mut scope, "form.logo", form.id, json!({ "name": form.name })).await?;
    tell(&mut scope, form.id, ctx)?;
    tx.commit().await?;
    Ok(())
}

/// A picture is what its bytes say, and nothing that a browser would run.
fn read_logo(picture: &str) -> Result<FormLogo, Problem> {
    let wrong = || {
        Problem::invalid_field("image", "must be a PNG, JPEG or WebP picture of at most 200 kB, in base64")
    };
    let bytes = STANDARD.decode(picture).map_err(|_| wrong())?;
    let mime = infer::get(&bytes).map(|kind| kind.mime_type()).unwrap_or_default();
    if bytes.len() > LOGO || !["image/png", "image/jpeg", "image/webp"].contains(&mime) {
        return Err(wrong());
    }
    Ok(FormLogo { mime: mime.to_owned(), bytes })
}

/// A page of what people sent with a form, newest first.
pub(super) async fn submissions(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    state: Option<SubmissionState>,
    after: Cursor,
    limit: usize,
) -> Result<Page<Submission>, Problem> {
    actor.require(Right::ReadInbox)?;
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(actor.org).await?;
    let form = form_of(&mut scope, form).await?;
    let filter = SubmissionFilter { form: Some(form.id), state, contact: None };
    Ok(scope.submissions(&filter, after, limit).await?)
}

/// Takes what somebody sent with a form of the organisation's own making.
pub(super) async fn record(
    ctx: &Ctx,
    actor: &OrgActor,
    form: FormId,
    sent: Sent,
) -> Result<Outcome, Problem> {
    actor.require(Right::WriteConsent)?;
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(actor.org).await?;
    let form = form_of(&mut scope, form).await?;
    if form.status != FormStatus::Active {
        return Err(Problem::conflict(
            "form_archived",
            "The form is archived. Take it into use again first.",
        ));
    }
    if form.version_id.is_none() {
        return Err(Problem::conflict(
            "form_unworded",
            "The form says nothing yet. Publish its words first.",
        ));
    }
    let outcome = submit(ctx, &mut scope, &form, sent, Ok(())).await.map_err(problem)?;
    let details = json!({ "form": form.name, "state": outcome.state });
    actor.audit(ctx, &mut scope, "submission.record", outcome.id, details).await?;
    tx.commit().await?;
    Ok(outcome)
}

fn problem(refused: Refused) -> Problem {
    match refused {
        Refused::Wrong(wrong) => {
            let error = |one: Wrong| {
                FieldError::new(one.field(), one.sentence(Locale::En)).indonesian(one.sentence(Locale::Id))
            };
            Problem::invalid(wrong.into_iter().map(error).collect())
        }
        Refused::NoVersion => Problem::not_found(),
        Refused::Often(problem) => problem,
        Refused::Store(error) => error.into(),
    }
}

/// A name for public addresses: short enough for a QR code, too long to be guessed by going through them.
pub(super) fn public_token(ctx: &Ctx) -> String {
    let mut bytes = [0; 9];
    ctx.chance().fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn tell(scope: &mut OrgScope<'_>, form: FormId, ctx: &Ctx) -> store::Result<()> {
    scope.publish("form.updated", &json!({ "form_id": form }), ctx.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_browsers_send() {
        for good in ["https://shop.example", "http://localhost:3000"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in
            ["https://shop.example/", "https://shop.example/a", "shop.example", "null", "*", "javascript:x"]
        {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        let png = STANDARD.encode([0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]);
        assert_eq!(read_logo(&png).unwrap().mime, "image/png");
        for bad in ["!", &STANDARD.encode("<svg xmlns='http://www.w3.org/2000/svg'/>"), ""] {
            assert!(read_logo(bad).is_err(), "{bad}");
        }
    }
}
