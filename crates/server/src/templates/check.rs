//! Everything that Meta would refuse of a draft: by its own rules, and beside what its account has and had.

use meta::limits::template as limits;
use meta::limits::{media_bytes, media_types};
use meta::template::{Component, Definition, Format, Header};
use meta::webhook::MediaKind;
use rules::id::{AccountId, MediaId, TemplateId};
use rules::media::MediaState;
use rules::template::TemplateEventKind;
use rules::time::{Timestamp, span};
use store::OrgScope;
use store::templates::Template;

use super::content::{Content, TemplateFault, sample_of};
use super::service::NAME_BLOCKED;
use crate::http::Sentence;

const ALL: i64 = 10_000;

fn fault(field: &str, code: &str, en: impl Into<String>, id: impl Into<String>) -> TemplateFault {
    let message = Sentence { en: en.into(), id: id.into() };
    TemplateFault { field: field.to_owned(), code: code.to_owned(), message }
}

/// Everything that Meta would refuse. `changes` is the template that this is a change to.
pub async fn faults(
    scope: &mut OrgScope<'_>,
    account: AccountId,
    changes: Option<TemplateId>,
    content: &Content,
    now: Timestamp,
) -> store::Result<Vec<TemplateFault>> {
    let mut found: Vec<TemplateFault> = match content.definition() {
        // Meta has written its text.
        Ok(definition) if content.library.is_some() => {
            let flaws = meta::template::check(&definition).into_iter();
            flaws.filter(|flaw| !flaw.field.starts_with("components")).map(Into::into).collect()
        }
        Ok(definition) => {
            let mut found: Vec<_> = meta::template::check(&definition).into_iter().map(Into::into).collect();
            wrong_samples(scope, &definition.components, "components", &mut found).await?;
            found.extend(twin(scope, account, changes, &definition).await?);
            found
        }
        Err(flaws) => flaws.into_iter().map(Into::into).collect(),
    };
    match changes {
        Some(template) => found.extend(rationed(scope, template, content, now).await?),
        None => found.extend(no_room(scope, account, content, now).await?),
    }
    Ok(found)
}

/// Files that are not here, or not of the kind that the header shows.
async fn wrong_samples(
    scope: &mut OrgScope<'_>,
    components: &[Component],
    field: &str,
    found: &mut Vec<TemplateFault>,
) -> store::Result<()> {
    for (place, component) in components.iter().enumerate() {
        let field = format!("{field}[{place}]");
        match component {
            Component::Header(Header { format: Some(format), example: Some(example), .. }) => {
                let Some(handle) = example.header_handle.first().filter(|handle| !handle.is_empty()) else {
                    continue;
                };
                if let Some(wrong) = wrong_sample(scope, *format, sample_of(handle)).await? {
                    found.push(TemplateFault { field: format!("{field}.example.header_handle"), ..wrong });
                }
            }
            Component::Carousel { cards } => {
                for (at, card) in cards.iter().enumerate() {
                    let field = format!("{field}.cards[{at}].components");
                    Box::pin(wrong_samples(scope, &card.components, &field, found)).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

async fn wrong_sample(
    scope: &mut OrgScope<'_>,
    format: Format,
    sample: Option<MediaId>,
) -> store::Result<Option<TemplateFault>> {
    let kind = match format {
        Format::Image => MediaKind::Image,
        Format::Video | Format::Gif => MediaKind::Video,
        Format::Document => MediaKind::Document,
        _ => return Ok(None),
    };
    let media = match sample {
        Some(sample) => scope.media(sample).await?.filter(|media| media.state == MediaState::Stored),
        None => None,
    };
    let Some(media) = media else {
        return Ok(Some(fault(
            "",
            "sample_gone",
            "Choose the file again: this sample is not kept here.",
            "Pilih lagi berkasnya: contoh ini tidak tersimpan di sini.",
        )));
    };
    let (taken, most) = (media_types(kind), media_bytes(kind));
    if !taken.contains(&media.mime.as_str()) {
        let list = taken.join(", ");
        return Ok(Some(fault(
            "",
            "sample_type",
            format!("This file is {}. WhatsApp takes {list} here.", media.mime),
            format!("Berkas ini {}. WhatsApp menerima {list} di sini.", media.mime),
        )));
    }
    let is_large = media.size.is_some_and(|size| u64::try_from(size).is_ok_and(|size| size > most));
    Ok(is_large.then(|| {
        let most = most / (1024 * 1024);
        fault(
            "",
            "sample_size",
            format!("This file is too large. WhatsApp takes at most {most} MB here."),
            format!("Berkas ini terlalu besar. WhatsApp menerima paling besar {most} MB di sini."),
        )
    }))
}

/// Meta refuses a second template with the same text and footer, but for codes.
async fn twin(
    scope: &mut OrgScope<'_>,
    account: AccountId,
    changes: Option<TemplateId>,
    definition: &Definition,
) -> store::Result<Option<TemplateFault>> {
    let Some(body) = definition.body().filter(|body| !body.trim().is_empty()) else { return Ok(None) };
    let ours = (Some(body), definition.footer().unwrap_or_default());
    let said = |template: &Template| {
        let parts = template.components.0.as_array().cloned().unwrap_or_default();
        let text = |kind: &str| {
            let part = parts.iter().find(|part| part["type"] == kind)?;
            part["text"].as_str().map(str::to_owned)
        };
        (text("BODY"), text("FOOTER").unwrap_or_default())
    };
    let templates = scope.templates(account, None, ALL).await?;
    let twin = templates.iter().find(|template| {
        let (body, footer) = said(template);
        Some(template.id) != changes
            && template.category != "AUTHENTICATION"
            && template.status != "REJECTED"
            && (body.as_deref(), footer.as_str()) == ours
    });
    Ok(twin.map(|twin| {
        fault(
            "components",
            "twin",
            format!(
                "The template {} has the same text and footer already. Use it, or change the text.",
                twin.name
            ),
            format!(
                "Templat {} sudah memiliki teks dan kaki yang sama. Gunakan itu, atau ubah teksnya.",
                twin.name
            ),
        )
    }))
}

/// Whether the account takes one more template, of this name.
async fn no_room(
    scope: &mut OrgScope<'_>,
    account: AccountId,
    content: &Content,
    now: Timestamp,
) -> store::Result<Vec<TemplateFault>> {
    let mut found = Vec::new();
    let taken = scope.template_named(account, &content.name, &content.language).await?;
    if taken.is_some_and(|taken| taken.removed_at.is_none()) {
        found.push(fault(
            "name",
            "taken",
            "This account has a template of this name in this language already.",
            "Akun ini sudah memiliki templat dengan nama dan bahasa ini.",
        ));
    }
    if let Some(at) = scope.template_name_given_up(account, &content.name, now - NAME_BLOCKED).await? {
        let until = date(at + NAME_BLOCKED);
        found.push(fault(
            "name",
            "name_blocked",
            format!("An approved template of this name was deleted, so WhatsApp blocks the name until {until}. Choose another name."),
            format!("Templat yang disetujui dengan nama ini telah dihapus, jadi WhatsApp memblokir namanya sampai {until}. Pilih nama lain."),
        ));
    }
    let since = now - span::hours(1);
    let made = scope.template_event_times(account, TemplateEventKind::Submitted, None, since).await?;
    if i64::try_from(made.len()).is_ok_and(|made| made >= limits::PER_HOUR) {
        let per_hour = limits::PER_HOUR;
        found.push(fault(
            "",
            "hourly",
            format!("WhatsApp takes {per_hour} new templates an hour. Submit this one in a while."),
            format!("WhatsApp menerima {per_hour} templat baru per jam. Ajukan templat ini nanti."),
        ));
    }
    let most = most(scope, account).await?;
    if i64::try_from(scope.templates(account, None, ALL).await?.len()).is_ok_and(|count| count >= most) {
        found.push(fault(
            "",
            "account_full",
            format!(
                "This account has as many templates as it may have ({most}). Delete some that nobody uses."
            ),
            format!("Akun ini sudah mencapai batas jumlah templat ({most}). Hapus yang tidak dipakai."),
        ));
    }
    Ok(found)
}

/// How many templates an account may have: Meta's pages differ on whether verification raises it; here it does.
async fn most(scope: &mut OrgScope<'_>, account: AccountId) -> store::Result<i64> {
    let verification = scope.account(account).await?.and_then(|account| account.facts.0.verification);
    // What we do not know restricts nobody: Meta answers for itself.
    let is_verified = verification.is_none_or(|state| state.eq_ignore_ascii_case("verified"));
    Ok(if is_verified { limits::VERIFIED } else { limits::UNVERIFIED })
}

/// Whether a template may be changed now.
async fn rationed(
    scope: &mut OrgScope<'_>,
    id: TemplateId,
    content: &Content,
    now: Timestamp,
) -> store::Result<Vec<TemplateFault>> {
    let Some(template) = scope.template(id).await? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let approved = template.status == "APPROVED";
    if !approved && !matches!(template.status.as_str(), "REJECTED" | "PAUSED") {
        found.push(fault(
            "",
            "not_editable",
            "WhatsApp lets only approved, refused and paused templates be changed. Wait for the review.",
            "WhatsApp hanya mengizinkan perubahan templat yang disetujui, ditolak, atau dijeda. Tunggu peninjauannya.",
        ));
    }
    if approved {
        if serde_json::to_value(content.category).is_ok_and(|category| category != template.category.as_str())
        {
            found.push(fault(
                "category",
                "category_fixed",
                "An approved template keeps its kind. Write a new template for another kind.",
                "Jenis templat yang disetujui tidak dapat diubah. Tulis templat baru untuk jenis lain.",
            ));
        }
        if let Some(next) = next_edit(scope, &template, now).await? {
            let (day, month) = (limits::EDITS_PER_DAY, limits::EDITS_PER_MONTH);
            let at = date_and_time(next);
            found.push(fault(
                "",
                "edits",
                format!("An approved template can be changed {day} time a day and {month} times in 30 days. The next time is {at}."),
                format!("Templat yang disetujui dapat diubah {day} kali sehari dan {month} kali dalam 30 hari. Berikutnya {at}."),
            ));
        }
    }
    Ok(found)
}

/// When an approved template may be changed again; nothing where it may now.
pub async fn next_edit(
    scope: &mut OrgScope<'_>,
    template: &Template,
    now: Timestamp,
) -> store::Result<Option<Timestamp>> {
    let (day, month) = (span::days(1), span::days(30));
    let of = Some((template.name.as_str(), template.language.as_str()));
    let edits =
        scope.template_event_times(template.account_id, TemplateEventKind::Edited, of, now - month).await?;
    let nth = |n: i64| usize::try_from(n - 1).ok().and_then(|at| edits.get(at));
    let of_day = nth(limits::EDITS_PER_DAY).map(|at| *at + day);
    let of_month = nth(limits::EDITS_PER_MONTH).map(|at| *at + month);
    Ok([of_day, of_month].into_iter().flatten().filter(|at| *at > now).max())
}

fn date(at: Timestamp) -> String {
    written(at, "%Y-%m-%d")
}

fn date_and_time(at: Timestamp) -> String {
    written(at, "%Y-%m-%d %H:%M UTC")
}

fn written(at: Timestamp, form: &str) -> String {
    jiff::Timestamp::from_microsecond(at.0).map(|at| at.strftime(form).to_string()).unwrap_or_default()
}
