//! A contact's message: who it is from, where it belongs, what it allows, and who answers.

use std::time::Duration;

use meta::webhook::{Content, InboundMessage, Person, System};
use rules::consent::{ConsentAction, ConsentSource, Purpose};
use rules::conversation::AiState;
use rules::id::{ConsentEventId, ContactId, ConversationId, MediaId, MessageId};
use rules::identity::Sender;
use rules::keywords::{self, Keyword};
use rules::message::Kind;
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::OrgScope;
use store::consent::NewConsentEvent;
use store::conversations::Conversation;
use store::media::NewInboundMedia;
use store::messages::{NewMessage, Thread};

use super::apply::{Fate, Setting};
use super::content;
use super::person::sender;
use crate::{bot, dispatch, media, onboarding};

/// Stores a message and sets in motion what follows from it. A repetition changes nothing.
pub(super) async fn apply(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    inbound: &InboundMessage,
) -> store::Result<Fate> {
    if inbound.group_id.is_some() {
        return Ok(Fate::Kept("group messages are not handled".to_owned()));
    }
    let Some(number_id) = setting.route.number_id else {
        return Ok(Fate::Kept("the messaging account has no such number".to_owned()));
    };
    let Some(contact) = contact_of(setting, scope, inbound).await? else {
        return Ok(Fate::Kept("the message names no sender".to_owned()));
    };
    let ai = if setting.settings.ai.enabled { AiState::On } else { AiState::Off };
    let (conversation, is_new) =
        scope.open_conversation(contact, number_id, ai, setting.now, setting.ctx.chance()).await?;
    let written = Written::read(setting, inbound, &conversation);
    if !store(scope, setting, inbound, &written).await? {
        return Ok(Fate::Applied);
    }
    if let Some(referral) = &inbound.referral {
        let referral = serde_json::to_value(referral).unwrap_or(Value::Null);
        scope.attribute_conversation(conversation.id, &referral).await?;
    }
    if let Content::Media(file) = &inbound.content {
        fetch_media(setting, scope, &written, file).await?;
    }
    let keyword = record_consent(setting, scope, &inbound.content, &written).await?;
    if keyword.is_none() && content::opens_window(written.kind) {
        bot::on_inbound(setting.ctx, scope, &conversation, setting.settings, setting.now).await?;
    }
    let ids = json!({ "message_id": written.id, "conversation_id": conversation.id, "contact_id": contact });
    scope.publish("message.created", &ids, setting.now)?;
    scope.publish("conversation.updated", &json!({ "conversation_id": conversation.id }), setting.now)?;
    if is_new {
        onboarding::first_heard(scope, setting.route.account_id, number_id, setting.now).await?;
    }
    Ok(Fate::Applied)
}

/// Follows the legacy notice of a changed user id.
pub(super) async fn apply_user_id(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    person: &Person,
    previous: Option<&str>,
) -> store::Result<Fate> {
    let before = Sender { bsuid: previous.and_then(rules::identity::Bsuid::parse), ..Sender::default() };
    scope
        .rename_contact(&before, &sender(person), &setting.portfolio(), setting.now, setting.ctx.chance())
        .await?;
    Ok(Fate::Applied)
}

/// A message as it will be stored.
struct Written {
    id: MessageId,
    thread: Thread,
    kind: Kind,
    content: Value,
    body: String,
    /// Meta's own time, from which the window counts.
    meta_at: Timestamp,
    /// Its place in the thread.
    at: Timestamp,
}

impl Written {
    fn read(setting: &Setting<'_>, inbound: &InboundMessage, conversation: &Conversation) -> Self {
        let (kind, mut value, body) = content::of(&inbound.content);
        if let Value::Object(members) = &mut value {
            if let Some(context) = &inbound.context {
                members.insert("context".into(), json!(context));
            }
            if !inbound.errors.is_empty() {
                members.insert("errors".into(), json!(inbound.errors));
            }
        }
        let meta_at = setting.time(inbound.timestamp);
        // Meta's times are whole seconds: the end of that second, so that it does not slip before what it answers.
        let at = (meta_at + Duration::from_micros(999_999)).min(setting.received_at.max(meta_at));
        Self {
            id: MessageId::fresh(setting.now, setting.ctx.chance()),
            thread: Thread {
                conversation_id: conversation.id,
                contact_id: conversation.contact_id,
                number_id: conversation.number_id,
            },
            kind,
            content: value,
            body,
            meta_at,
            at,
        }
    }
}

/// Who wrote; after a change of number or user id, the person they were all along.
async fn contact_of(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    inbound: &InboundMessage,
) -> store::Result<Option<ContactId>> {
    let (portfolio, now, chance) = (setting.portfolio(), setting.now, setting.ctx.chance());
    let mut who = sender(&inbound.sender);
    if let Content::System(System { now: after, previous_bsuid, previous_parent_bsuid, .. }) =
        &inbound.content
    {
        who.bsuid = previous_bsuid.as_deref().and_then(rules::identity::Bsuid::parse).or(who.bsuid);
        who.parent = previous_parent_bsuid.as_deref().and_then(rules::identity::Bsuid::parse).or(who.parent);
        let after = sender(after);
        if after.is_identified()
            && let Some(renamed) = scope.rename_contact(&who, &after, &portfolio, now, chance).await?
        {
            return Ok(Some(renamed.contact));
        }
        // Nobody we know has changed: whoever they are now is news to us.
        if after.is_identified() {
            who = after;
        }
    }
    Ok(scope.recognise(&who, &portfolio, now, chance).await?.map(|found| found.contact))
}

/// `false`: it is there already.
async fn store(
    scope: &mut OrgScope<'_>,
    setting: &Setting<'_>,
    inbound: &InboundMessage,
    written: &Written,
) -> store::Result<bool> {
    let context = inbound.context.as_ref().and_then(|context| context.id.as_deref());
    let about = match &inbound.content {
        Content::Reaction { message_id, .. } => message_id.as_deref(),
        Content::Edit { original_id, .. } | Content::Revoke { original_id } => original_id.as_deref(),
        _ => context,
    };
    let message = NewMessage {
        body: &written.body,
        reply_to: about,
        at: written.at,
        created_at: setting.now,
        sent_at: Some(written.meta_at),
        ..NewMessage::inbound(written.id, written.thread, written.kind, &written.content, &inbound.id)
    };
    if !scope.insert_message(&message).await? {
        return Ok(false);
    }
    let preview = content::preview(written.kind, &written.body);
    let conversation = written.thread.conversation_id;
    if content::opens_window(written.kind) {
        scope.record_inbound(conversation, written.id, written.at, written.meta_at, &preview).await?;
    } else {
        scope.record_outbound(conversation, written.id, written.at, &preview).await?;
    }
    Ok(true)
}

/// Notes a file to be fetched at once: Meta forgets it after seven days.
async fn fetch_media(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    written: &Written,
    file: &meta::webhook::Media,
) -> store::Result<()> {
    let Some(meta_media_id) = file.id.as_deref() else { return Ok(()) };
    let row = NewInboundMedia {
        id: MediaId::fresh(setting.now, setting.ctx.chance()),
        message: written.id,
        number: written.thread.number_id,
        mime: file.mime.as_deref().unwrap_or("application/octet-stream"),
        file_name: file.filename.as_deref(),
        meta_media_id,
        meta_sha256: file.sha256.as_deref(),
    };
    scope.insert_inbound_media(&row, setting.now).await?;
    media::fetch_later(scope, row.id, setting.now).await
}

/// What the message allows from now on: STOP and START by their own words, utility by having written at all.
async fn record_consent(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    content: &Content,
    written: &Written,
) -> store::Result<Option<Keyword>> {
    let said = matches!(content, Content::Text { .. } | Content::Button { .. } | Content::ButtonReply(_));
    let keyword = if said { keywords::recognise(&written.body) } else { None };
    let (purpose, action, source) = match keyword {
        Some(Keyword::Stop) => (None, ConsentAction::OptOut, ConsentSource::Keyword),
        Some(Keyword::StopMarketing) => {
            (Some(Purpose::Marketing), ConsentAction::OptOut, ConsentSource::Keyword)
        }
        Some(Keyword::Start) => (None, ConsentAction::OptIn, ConsentSource::Keyword),
        None if content::opens_window(written.kind) => {
            (Some(Purpose::Utility), ConsentAction::OptIn, ConsentSource::InboundMessage)
        }
        None => return Ok(None),
    };
    let event = NewConsentEvent {
        id: ConsentEventId::fresh(setting.now, setting.ctx.chance()),
        contact: written.thread.contact_id,
        purpose,
        action,
        source,
        evidence: match keyword {
            Some(_) => json!({ "message_id": written.id, "words": written.body }),
            None => json!({ "message_id": written.id }),
        },
        at: written.meta_at,
    };
    match keyword {
        None => {
            scope.append_consent_once(&event).await?;
        }
        Some(word) => {
            scope.append_consent(&event).await?;
            scope.publish(
                "contact.updated",
                &json!({ "contact_id": written.thread.contact_id }),
                setting.now,
            )?;
            confirm(setting, scope, written.thread.conversation_id, word, &written.body).await?;
        }
    }
    Ok(keyword)
}

/// Confirms STOP and START, in the language of the word.
async fn confirm(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    keyword: Keyword,
    words: &str,
) -> store::Result<()> {
    let text = keyword.confirmation(keywords::is_indonesian(words));
    let form = if keyword == Keyword::Start {
        rules::gate::Form::FreeForm
    } else {
        rules::gate::Form::StopConfirmation
    };
    dispatch::notice(setting.ctx, scope, conversation, form, text, setting.settings).await
}
