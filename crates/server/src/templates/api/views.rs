//! Templates and drafts as the API tells them.

use rules::id::{AccountId, ConversationId, MessageId, TemplateDraftId, TemplateEventId, TemplateId};
use rules::prices::{CURRENCY, Rates, SINCE};
use rules::template::{DraftState, TemplateEventKind};
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::templates::{TemplateDraft, TemplateEvent, TemplateNotice};
use utoipa::ToSchema;

use crate::http::Sentence;
use crate::templates::content::{self, Content};
use crate::templates::service::Detail;
use crate::templates::words;

/// A message template.
#[derive(Serialize, ToSchema)]
pub struct Template {
    /// Its id.
    id: TemplateId,
    /// Its messaging account.
    account_id: AccountId,
    /// Meta's id.
    meta_template_id: String,
    /// Its name.
    name: String,
    /// `en_US`.
    language: String,
    /// `UTILITY` …
    category: String,
    /// `APPROVED` …
    status: String,
    /// `GREEN` …
    quality: Option<String>,
    /// `NAMED` or `POSITIONAL`.
    parameter_format: String,
    /// Its parts, as Meta writes them.
    components: Value,
    /// Why it was rejected.
    rejected_reason: Option<String>,
    /// When it was last read from Meta.
    synced_at: Timestamp,
    /// How long Meta tries to deliver it, in seconds.
    ttl_seconds: Option<i64>,
    /// The category that Meta will give it.
    coming_category: Option<String>,
    /// When it gives it.
    category_changes_at: Option<Timestamp>,
}

impl From<store::templates::Template> for Template {
    fn from(row: store::templates::Template) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            meta_template_id: row.meta_template_id,
            name: row.name,
            language: row.language,
            category: row.category,
            status: row.status,
            quality: row.quality,
            parameter_format: row.parameter_format,
            components: row.components.0,
            rejected_reason: row.rejected_reason,
            synced_at: row.synced_at,
            ttl_seconds: row.ttl_seconds,
            coming_category: row.coming_category,
            category_changes_at: row.category_changes_at,
        }
    }
}

/// A template with everything that is known of it.
#[derive(Serialize, ToSchema)]
pub struct TemplateDetail {
    /// The template.
    template: Template,
    /// What its state means; nothing while it can be sent.
    state: Option<Sentence>,
    /// Why the review refused it, and what to do.
    rejection: Option<Sentence>,
    /// What Meta said with its state, in its own words.
    notice: Option<Notice>,
    /// How many messages wait for it.
    waiting: i64,
    /// What happened to it, the latest first.
    history: Vec<HistoryEntry>,
    /// When it may be changed again, where that is not now.
    next_edit_at: Option<Timestamp>,
    /// What a delivered message costs by Meta's list, in the markets of the account's numbers.
    prices: Prices,
}

/// What Meta said, in its own words.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplateNotice)]
pub struct Notice {
    /// `FIRST_PAUSE` …
    title: Option<String>,
    /// Why.
    description: Option<String>,
    /// What to do.
    recommendation: Option<String>,
}

impl From<TemplateNotice> for Notice {
    fn from(notice: TemplateNotice) -> Self {
        Self { title: notice.title, description: notice.description, recommendation: notice.recommendation }
    }
}

/// A message that waits for its template.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplateWaitingMessage)]
pub struct WaitingMessage {
    /// The message.
    message_id: MessageId,
    /// Where it stands.
    conversation_id: ConversationId,
    /// What the contact is called.
    contact: String,
    /// Since when it waits.
    at: Timestamp,
}

impl From<store::templates::WaitingMessage> for WaitingMessage {
    fn from(waiting: store::templates::WaitingMessage) -> Self {
        let names =
            [Some(waiting.name), waiting.profile_name, waiting.phone.map(|phone| format!("+{phone}"))];
        let contact = names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_default();
        Self {
            message_id: waiting.message_id,
            conversation_id: waiting.conversation_id,
            contact,
            at: waiting.at,
        }
    }
}

/// Something that happened to a template.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplateHistoryEntry)]
pub struct HistoryEntry {
    /// Its id.
    id: TemplateEventId,
    /// What.
    kind: TemplateEventKind,
    /// What was, in Meta's word.
    before: Option<String>,
    /// What is, in Meta's word.
    after: Option<String>,
    /// What it means, where that is not plain.
    says: Option<Sentence>,
    /// What Meta advises, in its own words.
    recommendation: Option<String>,
    /// Who did it: `member:…` or `key:…`; nobody where Meta did.
    author: Option<String>,
    /// When.
    at: Timestamp,
}

impl From<TemplateEvent> for HistoryEntry {
    fn from(event: TemplateEvent) -> Self {
        let detail = |key: &str| event.details.0[key].as_str().map(str::to_owned);
        let reason = detail("reason").map(|reason| words::rejection(&reason));
        let state = match event.kind {
            TemplateEventKind::Status => event.after.as_deref().and_then(words::state),
            _ => None,
        };
        Self {
            id: event.id,
            kind: event.kind,
            says: reason.or(state),
            recommendation: detail("recommendation").or_else(|| detail("description")),
            before: event.before,
            after: event.after,
            author: event.author,
            at: event.at,
        }
    }
}

/// Meta's list prices, of a day, without tiers and taxes.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplatePrices)]
pub struct Prices {
    /// The card's currency.
    currency: &'static str,
    /// The day from which the card is in force; Meta may have issued later ones.
    #[schema(example = "2026-01-01")]
    since: &'static str,
    /// By market.
    markets: Vec<MarketPrices>,
    /// Whether a number stands in a market whose prices are not known here.
    incomplete: bool,
}

/// What a delivered message costs in one market, in millionths of the currency.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplateMarketPrices)]
pub struct MarketPrices {
    /// The market, as Meta calls it.
    market: &'static str,
    /// As the template is filed now.
    now: Option<i64>,
    /// As it will be filed.
    coming: Option<i64>,
    /// As it was filed before.
    before: Option<i64>,
}

impl From<Detail> for TemplateDetail {
    fn from(detail: Detail) -> Self {
        let Detail { template, history, waiting, next_edit, rates, unknown_market } = detail;
        let before = history.iter().find(|event| event.kind == TemplateEventKind::Category);
        let before = before.and_then(|event| event.before.clone());
        let price = |rates: &Rates, category: Option<&str>| category.and_then(|category| rates.of(category));
        let markets = rates.iter().map(|rates| MarketPrices {
            market: rates.market,
            now: price(rates, Some(&template.category)),
            coming: price(rates, template.coming_category.as_deref()),
            before: price(rates, before.as_deref()),
        });
        let prices = Prices {
            currency: CURRENCY,
            since: SINCE,
            markets: markets.collect(),
            incomplete: unknown_market,
        };
        let is_rejected = template.status == "REJECTED";
        Self {
            state: words::state(&template.status),
            rejection: template.rejected_reason.as_deref().filter(|_| is_rejected).map(words::rejection),
            notice: template.notice.clone().map(|notice| notice.0.into()),
            waiting,
            history: history.into_iter().map(HistoryEntry::from).collect(),
            next_edit_at: next_edit,
            prices,
            template: template.into(),
        }
    }
}

/// Something that Meta would refuse.
#[derive(Serialize, ToSchema)]
pub struct TemplateFault {
    /// Where: `name`, `components[1].buttons[0].url`; empty where it concerns the whole.
    #[schema(example = "components[0].text")]
    field: String,
    /// A stable word for what.
    #[schema(example = "gap_at_edge")]
    code: String,
    /// What is wrong and how to mend it.
    message: Sentence,
}

impl From<content::TemplateFault> for TemplateFault {
    fn from(fault: content::TemplateFault) -> Self {
        Self { field: fault.field, code: fault.code, message: fault.message }
    }
}

/// A template of Meta's library that a draft is made from.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LibraryChoice {
    /// Its name there.
    pub name: String,
    /// Addresses and numbers of its buttons, as Meta's `library_template_button_inputs`.
    #[serde(default)]
    #[schema(value_type = Vec<Object>)]
    pub buttons: Vec<Value>,
}

/// A template that Meta does not have in this form.
#[derive(Serialize, ToSchema)]
#[schema(as = TemplateDraft)]
pub struct Draft {
    /// Its id.
    id: TemplateDraftId,
    /// The account that it is written for.
    account_id: AccountId,
    /// The template that it changes; none for a new one.
    template_id: Option<TemplateId>,
    /// Its name.
    name: String,
    /// Its language.
    language: String,
    /// `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    category: String,
    /// `NAMED` or `POSITIONAL`.
    parameter_format: String,
    /// Its parts in Meta's form; a sample is `media:` and the id of an uploaded file.
    components: Value,
    /// How long Meta tries to deliver it, in seconds.
    ttl_seconds: Option<i64>,
    /// The template of Meta's library that it is made from.
    library: Option<LibraryChoice>,
    /// How far it has come.
    state: DraftState,
    /// Why Meta did not take it.
    #[schema(value_type = Option<Object>)]
    problem: Option<Value>,
    /// Who writes it: `member:…` or `key:…`.
    author: String,
    /// When it was begun.
    created_at: Timestamp,
    /// When it was changed last.
    updated_at: Timestamp,
}

impl From<TemplateDraft> for Draft {
    fn from(draft: TemplateDraft) -> Self {
        let content = Content::of(&draft).ok();
        let word =
            |content: &Content| serde_json::to_value(content.category).ok()?.as_str().map(str::to_owned);
        Self {
            id: draft.id,
            account_id: draft.account_id,
            template_id: draft.template_id,
            name: draft.name,
            language: draft.language,
            category: content.as_ref().and_then(word).unwrap_or_default(),
            parameter_format: match &content {
                Some(content) if content.named => "NAMED".to_owned(),
                _ => "POSITIONAL".to_owned(),
            },
            components: content
                .as_ref()
                .map_or(Value::Null, |content| Value::Array(content.components.clone())),
            ttl_seconds: content.as_ref().and_then(|content| content.ttl_seconds),
            library: content
                .and_then(|content| content.library)
                .map(|library| LibraryChoice { name: library.name, buttons: library.buttons }),
            state: draft.state,
            problem: draft.problem.map(|problem| problem.0),
            author: draft.author,
            created_at: draft.created_at,
            updated_at: draft.updated_at,
        }
    }
}

/// A draft, and what Meta would refuse of it.
#[derive(Serialize, ToSchema)]
pub struct CheckedDraft {
    /// The draft.
    pub draft: Draft,
    /// What Meta would refuse; nothing where it can be submitted.
    pub faults: Vec<TemplateFault>,
}
