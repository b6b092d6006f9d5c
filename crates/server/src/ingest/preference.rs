//! Meta's own marketing preference: stop, resume, signup.

use meta::webhook::{Preference, PreferenceValue};
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::id::ConsentEventId;
use serde_json::json;
use store::OrgScope;
use store::consent::NewConsentEvent;

use super::apply::{Fate, Setting};
use super::person::{recognise, sender};
use crate::dispatch;

/// Records what a person told Meta about marketing messages from this business.
pub(super) async fn apply(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    stated: &Preference,
) -> store::Result<Fate> {
    let action = match &stated.value {
        PreferenceValue::Stop => ConsentAction::OptOut,
        PreferenceValue::Resume | PreferenceValue::SignUp => ConsentAction::OptIn,
        PreferenceValue::Other(word) => return Ok(Fate::Kept(format!("an unknown preference: {word:?}"))),
    };
    let who = sender(&stated.person);
    let Some(found) = recognise(setting, scope, &who, stated.timestamp).await? else {
        return Ok(Fate::Kept("the preference names no person".to_owned()));
    };
    // An agreement of the same second must not outlast a stop that came after it.
    let at = setting.place(setting.time(stated.timestamp));
    let event = NewConsentEvent {
        id: ConsentEventId::fresh(setting.now, setting.ctx.chance()),
        contact: found.contact,
        channel: Channel::Whatsapp,
        purpose: Some(Purpose::Marketing),
        action,
        source: ConsentSource::MetaPreference,
        evidence: json!({ "value": stated.value.as_str(), "category": stated.category, "signup_id": stated.signup_id }),
        at,
    };
    scope.append_consent(&event).await?;
    if action == ConsentAction::OptIn {
        dispatch::release(scope, found.contact, Some(Purpose::Marketing), setting.now).await?;
    }
    scope.publish("contact.updated", &json!({ "contact_id": found.contact }), setting.now)?;
    Ok(Fate::Applied)
}
