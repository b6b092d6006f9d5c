//! Meta's rules for templates, for pages that count while somebody writes.

use meta::limits::template as limits;
use meta::template::LANGUAGES;
use rules::id::OrgId;
use rules::role::Right;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{Json, OrgActor, Problem};

/// How long texts may be, and how many of a kind there may be.
#[derive(Serialize, ToSchema)]
pub struct TemplateRules {
    /// Characters of a name.
    name: usize,
    /// Characters of a header.
    header: usize,
    /// Characters of a text.
    body: usize,
    /// Characters of the text of a limited-time offer.
    offer_body: usize,
    /// Characters of the text of a card.
    card_body: usize,
    /// Characters of a footer.
    footer: usize,
    /// Characters of a button's label.
    label: usize,
    /// Characters of an address.
    url: usize,
    /// Characters of a phone number.
    phone: usize,
    /// Characters of a coupon code.
    coupon_code: usize,
    /// Characters of an offer's name.
    offer: usize,
    /// Buttons.
    buttons: u8,
    /// Buttons that open a page.
    urls: usize,
    /// Fewest cards.
    least_cards: usize,
    /// Most cards.
    most_cards: usize,
    /// Most buttons of a card.
    card_buttons: usize,
    /// Most minutes that a code is good for.
    code_minutes: u32,
    /// Days for which the name of an approved template that was deleted cannot be used.
    name_blocked_days: i64,
    /// The languages.
    languages: Vec<TemplateLanguage>,
}

/// A language of Meta's.
#[derive(Serialize, ToSchema)]
pub struct TemplateLanguage {
    /// Its code.
    #[schema(example = "id")]
    code: &'static str,
    /// Its English name.
    name: &'static str,
}

/// Meta's rules for templates.
#[utoipa::path(get, path = "/api/v1/orgs/{org}/template-rules", tag = "Templates", params(("org" = OrgId, Path)),
    responses((status = OK, body = TemplateRules)))]
pub(super) async fn template_rules(actor: OrgActor) -> Result<Json<TemplateRules>, Problem> {
    actor.require(Right::ReadConnections)?;
    Ok(Json(TemplateRules {
        name: limits::NAME,
        header: limits::HEADER_TEXT,
        body: limits::BODY,
        offer_body: limits::OFFER_BODY,
        card_body: limits::CARD_BODY,
        footer: limits::FOOTER,
        label: limits::LABEL,
        url: limits::URL,
        phone: limits::PHONE,
        coupon_code: limits::COUPON_CODE,
        offer: limits::OFFER,
        buttons: limits::BUTTONS,
        urls: limits::URLS,
        least_cards: *limits::CARDS.start(),
        most_cards: *limits::CARDS.end(),
        card_buttons: *limits::CARD_BUTTONS.end(),
        code_minutes: *limits::CODE_MINUTES.end(),
        name_blocked_days: limits::NAME_BLOCKED_SECONDS / 86_400,
        languages: LANGUAGES.iter().map(|(code, name)| TemplateLanguage { code, name }).collect(),
    }))
}
