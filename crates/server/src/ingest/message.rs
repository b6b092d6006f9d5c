//! A contact's message: who it is from, where it belongs, what it allows, and who answers.

use meta::webhook::{Content, InboundMessage, Person, System};
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::conversation::AiState;
use rules::id::{ConsentEventId, ContactId, ConversationId, MediaId, MessageId};
use rules::identity::Sender;
use rules::keywords::{self, Keyword};
use rules::message::Kind;
use rules::time::Timestamp;
use serde_json::{Value, json};
use store::consent::NewConsentEvent;
use store::contacts::Wrote;
use store::conversations::{Conversation, Heard, Pair};
use store::media::NewInboundMedia;
use store::messages::{NewMessage, Thread};
use store::{Batch, OrgScope};

use super::apply::{Fate, Setting};
use super::content;
use super::person::{before, clean, recognise, sender};
use crate::dispatch::Notice;
use crate::rights::{self, Newcomer};
use crate::trace::step;
use crate::{bot, dispatch, forms, media, onboarding};

/// A message, and what applying it needs.
type Item<'a> = (&'a Setting<'a>, &'a InboundMessage);

/// Stores messages in their order and sets in motion what follows from them. A repetition changes nothing.
///
/// Plain ones go together, with few statements for all of them. One that says who somebody is now, or STOP, goes alone:
/// what comes after it stands on what it has changed.
pub(super) async fn apply_all(batch: &mut Batch<'_>, messages: &[Item<'_>]) -> store::Result<Vec<Fate>> {
    let mut fates = Vec::with_capacity(messages.len());
    let mut window = messages.len();
    while let Some(first) = messages.get(fates.len()) {
        let rest = &messages[fates.len()..];
        let plain =
            rest.iter().take(window).take_while(|(setting, inbound)| is_plain(setting, inbound)).count();
        let people = people(batch, &rest[..plain]).await?;
        // Where many have news of themselves, not all who come after are looked up each time.
        window = if people.len() < plain { NARROW } else { window.saturating_mul(2) };
        if people.is_empty() {
            fates.push(apply_alone(batch, first).await?);
        } else {
            write(batch, &rest[..people.len()], &people).await?;
            fates.extend(people.iter().map(|_| Fate::Applied));
        }
    }
    Ok(fates)
}

/// How many are looked up together after somebody of whom there was news.
const NARROW: usize = 8;

/// Whether nothing that comes after a message depends on more of it than that it is there.
fn is_plain(setting: &Setting<'_>, inbound: &InboundMessage) -> bool {
    setting.route.number_id.is_some()
        && inbound.group_id.is_none()
        && !matches!(inbound.content, Content::System(_))
        && keyword_of(setting, &inbound.content).is_none()
        && !inbound.content.text().is_some_and(|text| forms::carries_code(&text))
}

/// Who wrote, from the first on, as far as that takes no more than to look or to make somebody new. Whoever is new and on
/// the list of those never to write to begins with refusing everything.
async fn people(batch: &mut Batch<'_>, items: &[Item<'_>]) -> store::Result<Vec<ContactId>> {
    let Some((setting, _)) = items.first() else { return Ok(Vec::new()) };
    let senders: Vec<_> =
        items.iter().map(|(setting, inbound)| (setting.portfolio(), sender(&inbound.sender))).collect();
    let wrote: Vec<_> = items
        .iter()
        .zip(&senders)
        .map(|((setting, _), (portfolio, sender))| Wrote {
            org: setting.route.org_id,
            portfolio,
            sender,
            now: setting.now,
        })
        .collect();
    let found = batch.recognise(&wrote, setting.ctx.chance()).await?;
    let newcomers: Vec<_> = items
        .iter()
        .zip(&senders)
        .zip(&found)
        .filter(|(_, found)| found.is_new)
        .map(|(((setting, inbound), (_, who)), found)| Newcomer {
            org: setting.route.org_id,
            contact: found.contact,
            who,
            at: before(setting, inbound.timestamp),
        })
        .collect();
    rights::heed_all(setting.ctx, batch, &newcomers).await?;
    Ok(found.into_iter().map(|found| found.contact).collect())
}

async fn apply_alone(batch: &mut Batch<'_>, item: &Item<'_>) -> store::Result<Fate> {
    let (setting, inbound) = item;
    if inbound.group_id.is_some() {
        return Ok(Fate::Kept("group messages are not handled".to_owned()));
    }
    if setting.route.number_id.is_none() {
        return Ok(Fate::Kept("the messaging account has no such number".to_owned()));
    }
    let mut scope = batch.tx().org(setting.route.org_id).await?;
    let Some(contact) = contact_of(setting, &mut scope, inbound).await? else {
        return Ok(Fate::Kept("the message names no sender".to_owned()));
    };
    write(batch, std::slice::from_ref(item), &[contact]).await?;
    Ok(Fate::Applied)
}

/// Writes messages whose people are known, and what follows from them.
async fn write(batch: &mut Batch<'_>, items: &[Item<'_>], people: &[ContactId]) -> store::Result<()> {
    let Some((setting, _)) = items.first() else { return Ok(()) };
    let pairs: Vec<Pair> =
        items.iter().zip(people).filter_map(|((setting, _), contact)| pair(setting, *contact)).collect();
    let conversations = batch.open_conversations(&pairs, setting.ctx.chance()).await?;
    let written: Vec<Written> = items
        .iter()
        .zip(&conversations)
        .map(|((setting, inbound), (conversation, _))| Written::read(setting, inbound, conversation))
        .collect();
    let rows: Vec<_> = items
        .iter()
        .zip(&written)
        .map(|((setting, inbound), written)| (setting.route.org_id, written.row(setting, inbound)))
        .collect();
    let stored = batch.insert_messages(&rows).await?;
    let new: Vec<New<'_>> = items
        .iter()
        .zip(&written)
        .zip(&conversations)
        .zip(stored)
        .filter(|(_, stored)| *stored)
        .map(|(((item, written), (conversation, begins)), _)| New {
            item,
            written,
            conversation,
            begins: *begins,
        })
        .collect();
    show(batch, &new).await?;
    imply_consent(batch, &new).await?;
    let writers: Vec<_> =
        new.iter().map(|one| (one.item.0.route.org_id, one.conversation.contact_id)).collect();
    let waiting = batch.awaiting_opt_in(&writers).await?;
    for (one, waiting) in new.iter().zip(waiting) {
        let (setting, _) = one.item;
        let mut scope = batch.tx().org(setting.route.org_id).await?;
        one.follow(setting, &mut scope, !waiting.is_empty()).await?;
    }
    Ok(())
}

fn pair(setting: &Setting<'_>, contact: ContactId) -> Option<Pair> {
    let ai = if setting.settings.ai.enabled { AiState::On } else { AiState::Off };
    Some(Pair { org: setting.route.org_id, contact, number: setting.route.number_id?, ai, now: setting.now })
}

/// A message that was not there before.
struct New<'a> {
    item: &'a Item<'a>,
    written: &'a Written,
    conversation: &'a Conversation,
    /// Whether its conversation is new.
    begins: bool,
}

/// Conversations show what came in.
async fn show(batch: &mut Batch<'_>, new: &[New<'_>]) -> store::Result<()> {
    let previews: Vec<String> =
        new.iter().map(|one| content::preview(one.written.kind, &one.written.body)).collect();
    let heard: Vec<_> = new
        .iter()
        .zip(&previews)
        .map(|(New { item, written, .. }, preview)| Heard {
            org: item.0.route.org_id,
            conversation: written.thread.conversation_id,
            message: written.id,
            at: written.at,
            meta_at: content::opens_window(written.kind).then_some(written.meta_at),
            preview,
        })
        .collect();
    batch.show_messages(&heard).await
}

/// Whoever writes agrees to be answered.
async fn imply_consent(batch: &mut Batch<'_>, new: &[New<'_>]) -> store::Result<()> {
    let implied: Vec<_> = new
        .iter()
        .filter(|one| {
            content::opens_window(one.written.kind) && keyword_of(one.item.0, &one.item.1.content).is_none()
        })
        .map(|one| {
            let (setting, written) = (one.item.0, one.written);
            let event = NewConsentEvent {
                id: ConsentEventId::fresh(setting.now, setting.ctx.chance()),
                contact: written.thread.contact_id,
                channel: Channel::Whatsapp,
                purpose: Some(Purpose::Utility),
                action: ConsentAction::OptIn,
                source: ConsentSource::InboundMessage,
                evidence: json!({ "message_id": written.id }),
                at: written.at,
            };
            (setting.route.org_id, event)
        })
        .collect();
    batch.append_consents_once(&implied).await
}

impl New<'_> {
    /// What follows from it: its file, STOP and START, an answer, and that others are told. `releases`: messages have waited
    /// for its writer to agree.
    async fn follow(
        &self,
        setting: &Setting<'_>,
        scope: &mut OrgScope<'_>,
        releases: bool,
    ) -> store::Result<()> {
        let (inbound, written, conversation) = (self.item.1, self.written, self.conversation);
        let kind = written.kind.as_str();
        step!(setting.trace, scope.id(), written.id, "came in", conversation.id = %conversation.id, kind);
        if let Some(referral) = &inbound.referral {
            let referral = serde_json::to_value(referral).unwrap_or(Value::Null);
            scope.attribute_conversation(conversation.id, &referral).await?;
        }
        if let Content::Media(file) = &inbound.content {
            fetch_media(setting, scope, written, file).await?;
        }
        match keyword_of(setting, &inbound.content) {
            Some(keyword) => obey(setting, scope, keyword, written).await?,
            None => {
                let answered = follow_codes(setting, scope, written).await?;
                if content::opens_window(written.kind) {
                    if releases {
                        let contact = written.thread.contact_id;
                        dispatch::release(scope, contact, Some(Purpose::Utility), setting.now).await?;
                    }
                    if !answered {
                        bot::on_inbound(scope, conversation, setting.settings, setting.trace, setting.now)?;
                    }
                }
            }
        }
        let (id, contact) = (conversation.id, conversation.contact_id);
        let ids = json!({ "message_id": written.id, "conversation_id": id, "contact_id": contact });
        scope.publish("message.created", &ids, setting.now)?;
        scope.publish("conversation.updated", &json!({ "conversation_id": id }), setting.now)?;
        if self.begins && !setting.route.heard {
            let (account, number) = (setting.route.account_id, conversation.number_id);
            onboarding::first_heard(scope, account, number, setting.now).await?;
        }
        Ok(())
    }
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
            at: setting.place(meta_at),
        }
    }

    /// Itself, to be stored.
    fn row<'a>(&'a self, setting: &Setting<'_>, inbound: &'a InboundMessage) -> NewMessage<'a> {
        let context = inbound.context.as_ref().and_then(|context| context.id.as_deref());
        let about = match &inbound.content {
            Content::Reaction { message_id, .. } => message_id.as_deref(),
            Content::Edit { original_id, .. } | Content::Revoke { original_id } => original_id.as_deref(),
            _ => context,
        };
        NewMessage {
            body: &self.body,
            reply_to: about,
            at: self.at,
            created_at: setting.now,
            sent_at: Some(self.meta_at),
            ..NewMessage::inbound(self.id, self.thread, self.kind, &self.content, &inbound.id)
        }
    }
}

/// Who wrote; after a change of number or user id, the person they were all along.
async fn contact_of(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    inbound: &InboundMessage,
) -> store::Result<Option<ContactId>> {
    let (now, chance) = (setting.now, setting.ctx.chance());
    let mut who = sender(&inbound.sender);
    if let Content::System(System { now: after, previous_bsuid, previous_parent_bsuid, .. }) =
        &inbound.content
    {
        who.bsuid = previous_bsuid.as_deref().and_then(rules::identity::Bsuid::parse).or(who.bsuid);
        who.parent = previous_parent_bsuid.as_deref().and_then(rules::identity::Bsuid::parse).or(who.parent);
        let after = sender(after);
        if after.is_identified()
            && let Some(renamed) =
                scope.rename_contact(&who, &after, &setting.portfolio(), now, chance).await?
        {
            return Ok(Some(renamed.contact));
        }
        // Nobody we know has changed: whoever they are now is news to us.
        if after.is_identified() {
            who = after;
        }
    }
    Ok(recognise(setting, scope, &who, inbound.timestamp).await?.map(|found| found.contact))
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

/// Follows codes of forms and links in what a contact wrote. `true`: that is answered.
async fn follow_codes(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    written: &Written,
) -> store::Result<bool> {
    let heard = forms::Heard {
        conversation: written.thread.conversation_id,
        contact: written.thread.contact_id,
        number: written.thread.number_id,
        message: written.id,
        text: &written.body,
        at: written.meta_at,
        trace: setting.trace,
        settings: setting.settings,
    };
    forms::on_inbound(setting.ctx, scope, &heard).await
}

/// STOP and START, by the usual words and the organisation's own: in what the person wrote or saw on the button, else in what
/// the button carries.
fn keyword_of(setting: &Setting<'_>, content: &Content) -> Option<Keyword> {
    let carried = match content {
        Content::Text { .. } => None,
        Content::Button { payload, .. } => payload.as_deref(),
        Content::ButtonReply(choice) => choice.id.as_deref(),
        _ => return None,
    };
    let words = content.text();
    words
        .and_then(|words| setting.settings.keywords.recognise(&clean(&words)))
        .or_else(|| keywords::of_payload(carried?))
}

/// Writes down what a STOP or START allows from now on, and confirms it.
async fn obey(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    keyword: Keyword,
    written: &Written,
) -> store::Result<()> {
    let (purpose, action) = match keyword {
        Keyword::Stop => (None, ConsentAction::OptOut),
        Keyword::StopMarketing => (Some(Purpose::Marketing), ConsentAction::OptOut),
        Keyword::Start => (None, ConsentAction::OptIn),
    };
    let contact = written.thread.contact_id;
    let event = NewConsentEvent {
        id: ConsentEventId::fresh(setting.now, setting.ctx.chance()),
        contact,
        channel: Channel::Whatsapp,
        purpose,
        action,
        source: ConsentSource::Keyword,
        evidence: json!({ "message_id": written.id, "words": written.body }),
        // An agreement of the same second must not outlast a STOP that came after it.
        at: written.at,
    };
    scope.append_consent(&event).await?;
    scope.publish("contact.updated", &json!({ "contact_id": contact }), setting.now)?;
    if keyword == Keyword::Start {
        dispatch::release(scope, contact, None, setting.now).await?;
    }
    confirm(setting, scope, written.thread.conversation_id, keyword, &written.body).await
}

/// Confirms STOP and START, in the language of the word; one that several languages use, in the conversation's.
async fn confirm(
    setting: &Setting<'_>,
    scope: &mut OrgScope<'_>,
    conversation: ConversationId,
    keyword: Keyword,
    words: &str,
) -> store::Result<()> {
    let locale = match keywords::language(words) {
        Some(locale) => locale,
        None => bot::language(scope, conversation).await?,
    };
    let text = setting.settings.keywords.confirmation(keyword, locale);
    let form = if keyword == Keyword::Start {
        rules::gate::Form::FreeForm
    } else {
        rules::gate::Form::StopConfirmation
    };
    let notice = Notice { conversation, form, text, trace: setting.trace };
    dispatch::notice(setting.ctx, scope, &notice, setting.settings).await
}
