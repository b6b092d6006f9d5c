//! One batch: for each of some people, what they would be told, and what the gate says to it.
//!
//! The caller owns the transaction. A run commits it; a preview lets it go.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use meta::send::Content;
use rules::consent::{Consent, LedgerEntry, Purpose, Standing};
use rules::conversation::AiState;
use rules::gate::{Decision, Reason};
use rules::id::{ConversationId, MessageId, NotificationId, NumberId, RecipientId};
use rules::identity::Phone;
use rules::message::Author;
use rules::outreach::{self, NextChannel};
use rules::record::Field;
use rules::settings::OrgSettings;
use serde_json::Value;
use store::OrgScope;
use store::contacts::Contact;
use store::conversations::Pair;
use store::records::{Record, RecordKind};
use store::templates::Template;

use super::audience::Candidate;
use super::definition::{Audience, Plan, Source};
use super::price::Price;
use super::{filled, words};
use crate::ctx::Ctx;
use crate::dispatch::{self, Draft, NotAccepted, Outreach, Wish};
use crate::http::Sentence;
use crate::media;
use crate::trace::Trace;

/// What a batch goes by, the same for everybody.
pub(super) struct Common {
    pub notification: NotificationId,
    pub plan: Plan,
    /// The template in all its languages.
    pub templates: Vec<Template>,
    /// The kind of the records, where it is about records.
    pub kind: Option<RecordKind>,
    pub settings: OrgSettings,
}

/// What was decided about somebody.
pub(super) struct Decided {
    pub recipient: RecipientId,
    pub candidate: Candidate,
    pub verdict: &'static str,
    /// A code; of a gap that is empty, with its name behind a colon.
    pub reason: Option<Why>,
    /// It was to go on another channel instead, and none was possible.
    pub nowhere_else: bool,
    pub message: Option<MessageId>,
    /// What they would read.
    pub text: Option<(String, filled::Rendered)>,
    /// What it costs, where they get it on WhatsApp.
    pub price: Option<Price>,
    /// Whether they get it on WhatsApp without having written lately; Meta limits how many do.
    pub begins: bool,
}

/// Why somebody is told nothing, or not now, or not on WhatsApp.
type Why = Cow<'static, str>;

/// Why somebody is told nothing, before the gate is asked.
mod unasked {
    /// The record is about nobody.
    pub const NO_CONTACT: &str = "no_contact";
    /// There is no such template in any language that would do.
    pub const NO_TEMPLATE: &str = "no_template";
    /// A gap is empty and has no default.
    pub const MISSING_VALUE: &str = "missing_value";
}

/// A message that somebody would get.
struct Composed<'a> {
    contact: &'a Contact,
    template: &'a Template,
    values: BTreeMap<String, String>,
}

impl Composed<'_> {
    /// What it costs, where it goes on WhatsApp, now or later.
    fn price(&self, asked: Option<&Result<dispatch::Accepted, NotAccepted>>) -> Option<Price> {
        let Some(Ok(accepted)) = asked else { return None };
        let phone = self.contact.phone.as_ref().map(Phone::digits);
        accepted.goes().then(|| Price::of(phone, &self.template.category, accepted.window_open))
    }
}

impl Common {
    /// Loads what a notification's batches go by.
    pub async fn load(
        scope: &mut OrgScope<'_>,
        notification: NotificationId,
        plan: Plan,
    ) -> store::Result<Self> {
        let settings = scope.org().await?.map(|org| OrgSettings::read(&org.settings)).unwrap_or_default();
        let definition = &plan.definition;
        let templates = templates(scope, definition.number_id, &definition.template).await?;
        let kind = match definition.audience {
            Audience::Records { record_kind_id, .. } => scope.record_kind(record_kind_id).await?,
            Audience::Contacts { .. } => None,
        };
        Ok(Self { notification, plan, templates, kind, settings })
    }

    /// Decides about each of these, sending what may be sent. Who was told for the same reason before, and who does not
    /// belong to the audience, is passed over.
    pub async fn decide(
        &self,
        ctx: &Ctx,
        scope: &mut OrgScope<'_>,
        candidates: Vec<Candidate>,
    ) -> store::Result<Vec<Decided>> {
        let keys: Vec<&str> =
            candidates.iter().flat_map(|one| [one.once_key.as_str(), one.refused_key.as_str()]).collect();
        scope.release_refused(self.notification, &keys).await?;
        let reached: HashSet<String> = scope.reached(self.notification, &keys).await?.into_iter().collect();
        let mut meant: Vec<Candidate> = candidates
            .into_iter()
            .filter(|one| !reached.contains(&one.once_key) && !reached.contains(&one.refused_key))
            .collect();
        if matches!(self.plan.definition.audience, Audience::Contacts { opted_in: true, .. }) {
            meant = self.opted_in(scope, meant).await?;
        }
        let composed: Vec<Result<Composed<'_>, Why>> =
            meant.iter().map(|candidate| self.compose(candidate)).collect();
        let recipients: Vec<RecipientId> =
            meant.iter().map(|_| RecipientId::fresh(ctx.now(), ctx.chance())).collect();
        let asked = self.ask(ctx, scope, &composed, &recipients).await?;
        let told: Vec<_> = composed
            .iter()
            .zip(asked)
            .map(|(composed, asked)| match composed {
                Ok(composed) => {
                    let text = filled::rendered(composed.template, &composed.values);
                    let price = composed.price(asked.as_ref());
                    let begins = matches!(&asked, Some(Ok(it)) if it.goes() && !it.window_open);
                    let (verdict, reason, message) = in_words(asked);
                    let text = Some((composed.template.language.clone(), text));
                    (verdict, reason, message, text, price, begins)
                }
                Err(reason) => ("refuse", Some(reason.clone()), None, None, None, false),
            })
            .collect();
        drop(composed);
        let decided = meant.into_iter().zip(recipients).zip(told);
        Ok(decided
            .map(|((candidate, recipient), (verdict, reason, message, text, price, begins))| Decided {
                recipient,
                candidate,
                verdict,
                nowhere_else: is_nowhere_else(verdict, reason.as_deref(), &self.plan.definition.fallback),
                reason,
                message,
                text,
                price,
                begins,
            })
            .collect())
    }

    /// Those who have opted in to what the template is for.
    async fn opted_in(
        &self,
        scope: &mut OrgScope<'_>,
        candidates: Vec<Candidate>,
    ) -> store::Result<Vec<Candidate>> {
        let org = scope.id();
        let with_contact = |candidate: &Candidate| Some((org, candidate.contact.as_ref()?.id));
        let keys: Vec<_> = candidates.iter().filter_map(with_contact).collect();
        let ledgers = scope.tx().batch(&[org]).await?.consent_ledgers(&keys).await?;
        let (purpose, lifts) = (self.purpose(), self.settings.inbound_lifts_opt_out);
        let agrees = |ledger: Vec<LedgerEntry>| {
            let consent = Consent::from_ledger(&ledger, lifts);
            matches!(consent.standing(purpose), Standing::OptedIn(_))
        };
        let agreed: HashSet<_> = keys
            .into_iter()
            .zip(ledgers)
            .filter_map(|((_, id), ledger)| agrees(ledger).then_some(id))
            .collect();
        let has = |candidate: &Candidate| {
            candidate.contact.as_ref().is_some_and(|contact| agreed.contains(&contact.id))
        };
        Ok(candidates.into_iter().filter(has).collect())
    }

    /// What the template is for, in the language for everybody.
    pub fn purpose(&self) -> Purpose {
        let category = self.templates.first().map(|template| template.category.as_str());
        match category {
            Some("UTILITY") => Purpose::Utility,
            Some("AUTHENTICATION") => Purpose::Authentication,
            _ => Purpose::Marketing,
        }
    }

    fn compose<'a>(&'a self, candidate: &'a Candidate) -> Result<Composed<'a>, Why> {
        let contact = candidate.contact.as_ref().ok_or(unasked::NO_CONTACT)?;
        let otherwise = &self.plan.definition.language;
        let template = filled::in_language(&self.templates, contact.language.as_deref(), otherwise)
            .ok_or(unasked::NO_TEMPLATE)?;
        let mut values = BTreeMap::new();
        for gap in filled::gaps(template) {
            let value = self.value(&gap, contact, candidate.record.as_ref(), &template.language);
            let value = value.ok_or_else(|| format!("{}:{gap}", unasked::MISSING_VALUE))?;
            values.insert(gap, value);
        }
        Ok(Composed { contact, template, values })
    }

    /// What stands in a gap, on one line; Meta takes no other.
    fn value(&self, gap: &str, contact: &Contact, record: Option<&Record>, language: &str) -> Option<String> {
        let variable = self.plan.definition.variables.get(gap)?;
        let text = match &variable.from {
            Source::Text { text } => text.clone(),
            // It takes its place as the message is drafted.
            Source::File { media_id } => media_id.to_string(),
            Source::ContactName {} => contact.display_name(),
            Source::ContactPhone {} => {
                contact.phone.as_ref().map(|phone| format!("+{}", phone.digits())).unwrap_or_default()
            }
            Source::ExternalId {} => record.map(|record| record.external_id.clone()).unwrap_or_default(),
            Source::Field { field } => {
                record.map(|record| self.field(record, field, language)).unwrap_or_default()
            }
            Source::Given { name } => self.plan.given.get(name).cloned().unwrap_or_default(),
        };
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        [one_line(&text), variable.default.as_deref().map(one_line).unwrap_or_default()]
            .into_iter()
            .find(|text| !text.is_empty())
    }

    fn field(&self, record: &Record, key: &str, language: &str) -> String {
        if let Some(day) = record.dates.0.get(key) {
            return words::day(*day, language);
        }
        let fields: &[Field] = self.kind.as_ref().map(|kind| kind.fields.0.as_slice()).unwrap_or_default();
        let field = fields.iter().find(|field| field.key == key);
        words::value(field, record.data.0.get(key).unwrap_or(&Value::Null), language)
    }

    /// Asks the gate about all messages together.
    async fn ask(
        &self,
        ctx: &Ctx,
        scope: &mut OrgScope<'_>,
        composed: &[Result<Composed<'_>, Why>],
        recipients: &[RecipientId],
    ) -> store::Result<Vec<Option<Result<dispatch::Accepted, NotAccepted>>>> {
        let org = scope.id();
        let (number, now) = (self.plan.definition.number_id, ctx.now());
        let ai = if self.settings.ai.enabled { AiState::On } else { AiState::Off };
        let pairs: Vec<Pair> = composed
            .iter()
            .flatten()
            .map(|composed| Pair { org, contact: composed.contact.id, number, ai, now })
            .collect();
        let opened = scope.tx().batch(&[org]).await?.open_conversations(&pairs, ctx.chance()).await?;
        let places: HashMap<_, ConversationId> =
            opened.iter().map(|(conversation, _)| (conversation.contact_id, conversation.id)).collect();
        let mut drafts = Vec::with_capacity(pairs.len());
        for (composed, recipient) in composed.iter().zip(recipients) {
            let Ok(composed) = composed else { continue };
            let Some(conversation) = places.get(&composed.contact.id) else { continue };
            drafts.push((*recipient, self.draft(composed, *conversation, *recipient)));
        }
        let wishes: Vec<Wish<'_>> = drafts
            .iter()
            .map(|(_, draft)| Wish { org, draft, form: None, settings: &self.settings })
            .collect();
        let accepted = dispatch::accept_all(ctx, scope.tx(), &wishes).await?;
        let mut of: HashMap<RecipientId, _> =
            drafts.iter().map(|(recipient, _)| *recipient).zip(accepted).collect();
        Ok(recipients.iter().map(|recipient| of.remove(recipient)).collect())
    }

    fn draft(&self, composed: &Composed<'_>, conversation: ConversationId, recipient: RecipientId) -> Draft {
        let media = self.plan.definition.header_file();
        let mut content = Content::Template(filled::filled(composed.template, &composed.values));
        if let Some(media) = media {
            media::attach(&mut content, media.to_string());
        }
        Draft {
            conversation,
            author: Author::System,
            author_id: Some(self.notification.0),
            content,
            media,
            reply_to: None,
            client_ref: None,
            outreach: Some(Outreach {
                notification: Some(self.notification),
                recipient: Some(recipient),
                fallback: self.plan.definition.fallback.clone(),
            }),
            trace: Trace::Own,
        }
    }
}

/// A template of the number's account in all its languages.
pub(super) async fn templates(
    scope: &mut OrgScope<'_>,
    number: NumberId,
    name: &str,
) -> store::Result<Vec<Template>> {
    let Some((account, _)) = scope.portfolio_of_number(number).await? else { return Ok(Vec::new()) };
    let after = Some((name, ""));
    let page = scope.templates(account, after, 200).await?;
    Ok(page.into_iter().take_while(|template| template.name == name).collect())
}

fn in_words(
    asked: Option<Result<dispatch::Accepted, NotAccepted>>,
) -> (&'static str, Option<Why>, Option<MessageId>) {
    let why = |reason: Reason| Some(Cow::Borrowed(reason.as_str()));
    match asked {
        Some(Ok(accepted)) => {
            let (verdict, reason) = match accepted.decision {
                Decision::Send { .. } => ("send", None),
                Decision::Wait { reason, .. } => ("wait", why(reason)),
                Decision::FallBack { reason, .. } => ("fall_back", why(reason)),
                Decision::Refuse { reason } => ("refuse", why(reason)),
            };
            (verdict, reason, Some(accepted.message))
        }
        Some(Err(NotAccepted::Refused(reason))) => ("refuse", why(reason), None),
        Some(Err(NotAccepted::Misfit(_))) => ("refuse", why(Reason::TemplateMisfit), None),
        Some(Err(NotAccepted::NoConversation)) | None => ("refuse", Some(unasked::NO_CONTACT.into()), None),
    }
}

/// Whether somebody who was refused was to hear of it on another channel, and there was none.
pub(super) fn is_nowhere_else(verdict: &str, reason: Option<&str>, allowed: &[NextChannel]) -> bool {
    let reason = reason.filter(|_| verdict == "refuse").and_then(|reason| reason.parse::<Reason>().ok());
    reason.is_some_and(|reason| outreach::is_nowhere_else(reason, allowed))
}

/// What people are told then.
pub(super) fn nowhere_else() -> Sentence {
    let (en, id) = outreach::NOWHERE_ELSE;
    Sentence { en: en.to_owned(), id: id.to_owned() }
}

/// A reason as it is kept: its code, and the gap that is empty where it names one.
pub(super) fn told_apart(kept: &str) -> (String, Option<String>) {
    match kept.split_once(':') {
        Some((code, gap)) => (code.to_owned(), Some(gap.to_owned())),
        None => (kept.to_owned(), None),
    }
}

/// Why, in words for people.
pub(super) fn sentence(kept: &str) -> Sentence {
    let (code, gap) = told_apart(kept);
    if let Some(gap) = gap {
        return missing(&gap);
    }
    let (en, id) = match code.as_str() {
        unasked::NO_CONTACT => (
            "The record names nobody to write to. Give it a contact.",
            "Data ini tidak menyebut siapa pun. Tambahkan kontaknya.",
        ),
        unasked::NO_TEMPLATE => (
            "The template is not there in this person's language, nor in the language for everybody else.",
            "Templat tidak tersedia dalam bahasa orang ini, maupun dalam bahasa cadangannya.",
        ),
        unasked::MISSING_VALUE => (
            "Something that the template asks for is empty here and has no text to stand in for it.",
            "Ada isian templat yang kosong di sini dan tidak punya teks pengganti.",
        ),
        other => match other.parse::<Reason>() {
            Ok(reason) => (reason.english(), reason.indonesian()),
            Err(_) => ("", ""),
        },
    };
    Sentence { en: en.to_owned(), id: id.to_owned() }
}

/// Which gap is empty.
fn missing(gap: &str) -> Sentence {
    let (en, id) = match gap.split_once('.') {
        Some(("body", name)) => (format!("{{{{{name}}}}} in the text"), format!("{{{{{name}}}}} dalam teks")),
        Some(("header", name)) => {
            (format!("{{{{{name}}}}} in the heading"), format!("{{{{{name}}}}} dalam judul"))
        }
        Some(("button", index)) => {
            let place = index.parse::<usize>().map_or(1, |index| index + 1);
            (format!("The gap of button {place}"), format!("Isian tombol {place}"))
        }
        _ => ("The file of the heading".to_owned(), "Berkas di judul".to_owned()),
    };
    Sentence {
        en: format!("{en} is empty here, and no text stands in for it."),
        id: format!("{id} kosong di sini dan tidak punya teks pengganti."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_that_is_empty_is_named() {
        let said = sentence("missing_value:body.until");
        assert_eq!(said.en, "{{until}} in the text is empty here, and no text stands in for it.");
        assert_eq!(said.id, "{{until}} dalam teks kosong di sini dan tidak punya teks pengganti.");
        assert!(sentence("missing_value:button.0").en.starts_with("The gap of button 1 "));
        assert!(sentence("missing_value:header").id.starts_with("Berkas di judul "));
        assert!(sentence("missing_value").en.starts_with("Something "), "kept before gaps were named");
        assert_eq!(told_apart("missing_value:body.until").1.as_deref(), Some("body.until"));
        assert_eq!(told_apart("no_opt_in"), ("no_opt_in".to_owned(), None));
    }
}
