//! A notification to many people: deciding about each and writing it down, beside the store writing the rows that this
//! leaves, with nothing decided; and whether memory grows with the audience.
//!
//! Half of the people have opted in: of them a conversation, a message, its record and the recipient are written; of the
//! others the record of the refusal and the recipient. Meanwhile the number sends as fast as Meta lets an ordinary one, which is
//! 80 messages a second: how fast what was decided is sent is measured by `send`.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rules::consent::{Channel, ConsentAction, ConsentSource, Purpose};
use rules::id::{
    ConsentEventId, ContactId, ConversationId, MessageId, NotificationId, OutreachId, RecipientId, RunId,
    TemplateId,
};
use rules::message::{Author, Direction, MessageState};
use rules::outreach::{OutreachOutcome, OutreachVerdict};
use rules::time::Timestamp;
use serde_json::json;
use store::consent::NewConsentEvent;
use store::contacts::Contact;
use store::conversations::Conversation;
use store::messages::{Message, Thread};
use store::notifications::NewRecipient;
use store::numbers::NumberNews;
use store::outreach::Outreach;
use store::templates::TemplateReading;
use store::{Json, Store};
use testkit::{Seeded, rows};

use super::Kind;
use super::api::Api;
use super::figures::{NOTIFIED, NOTIFIED_MEMORY};
use super::sheet::{Sheet, counted};
use super::stage::{Stage, Town};
use super::tenants::{Size, Tenant};
use crate::now;

/// How many people a run decides about in one transaction.
const BATCH: usize = 256;
/// How many contacts are written in one transaction.
const TOGETHER: usize = 1_000;
/// How often it is looked how far a run has come, and how much memory the gateway has.
const LOOK: Duration = Duration::from_millis(500);
/// How long a run may take.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// One round.
pub async fn measure(stage: &Stage, kind: Kind, sheet: &mut Sheet) -> Result<()> {
    let people = stage.options.people;
    let few = decided(stage, kind, (people / 10).max(1)).await?;
    let many = decided(stage, kind, people).await?;
    let plain = written(kind, people).await?;
    let size = counted(people);
    sheet.note_of(&NOTIFIED, &size, kind, plain, many.rate);
    sheet.note_of(&NOTIFIED_MEMORY, &size, kind, few.memory, many.memory);
    Ok(())
}

/// What a run came to.
struct Decided {
    /// People decided about per second.
    rate: f64,
    /// The most memory that the gateway had meanwhile, in megabytes.
    memory: f64,
}

/// A run through so many people.
async fn decided(stage: &Stage, kind: Kind, people: usize) -> Result<Decided> {
    let town = Town::settle(kind, Size { orgs: 1, numbers: 1, ai: false }).await?;
    let tenant = town.tenants.first().context("there is no organisation")?;
    prepare(&town.database.store, tenant, people).await?;
    town.database.learn().await?;
    let host = stage.gateway(&town)?;
    let api = Api::of(tenant, host.address)?;
    let made = api
        .post(
            "notifications",
            &json!({ "name": "Kabar", "state": "paused", "definition": {
                "number_id": tenant.numbers[0], "template": "news", "language": "id",
                "variables": { "body.1": { "from": { "kind": "contact_name" } } },
                "audience": { "kind": "contacts" }, "trigger": { "kind": "call" },
            } }),
        )
        .await?;
    let id = made["id"].as_str().context("a notification has an id")?;
    let run = api.post(&format!("notifications/{id}/runs"), &json!({})).await?;
    let path = format!("notification-runs/{}", run["id"].as_str().context("a run has an id")?);
    let (until, mut memory) = (Instant::now() + PATIENCE, 0.0_f64);
    let ended = loop {
        ensure!(Instant::now() < until, "the run does not end");
        memory = memory.max(host.memory()?);
        let (stands, _) = api.get(&path).await?;
        if let Some(ended) = stands["ended_at"].as_i64() {
            ensure!(stands["decided"] == json!(people), "it decided about {} of {people}", stands["decided"]);
            break ended;
        }
        tokio::time::sleep(LOOK).await;
    };
    host.kill()?;
    let began = run["created_at"].as_i64().context("a run begins")?;
    Ok(Decided { rate: people as f64 / ((ended - began) as f64 / 1e6), memory })
}

/// A template, and contacts half of whom have opted in.
async fn prepare(store: &Store, tenant: &Tenant, people: usize) -> Result<()> {
    let (chance, at) = (Seeded::default(), now());
    let mut tx = store.begin().await?;
    let mut scope = tx.org(tenant.org).await?;
    let (account, _) =
        scope.portfolio_of_number(tenant.numbers[0]).await?.context("a number has an account")?;
    let template = TemplateReading {
        id: TemplateId::fresh(at, &chance),
        meta_template_id: "900000000000001".into(),
        name: "news".into(),
        language: "id".into(),
        category: "UTILITY".into(),
        status: "APPROVED".into(),
        quality: None,
        parameter_format: "POSITIONAL".into(),
        components: json!([{ "type": "BODY", "text": "Halo {{1}}, toko kami buka lagi besok." }]),
        rejected_reason: None,
        ttl_seconds: None,
        coming_category: None,
    };
    scope.record_templates(account, &[template], at).await?;
    let ordinary = NumberNews { throughput: Some("STANDARD"), ..NumberNews::default() };
    scope.record_number_news(tenant.numbers[0], ordinary).await?;
    tx.commit().await?;
    let all: Vec<usize> = (0..people).collect();
    for part in all.chunks(TOGETHER) {
        let mut tx = store.begin().await?;
        let mut scope = tx.org(tenant.org).await?;
        let contacts: Vec<Contact> = part.iter().map(|n| person(*n, at, &chance)).collect();
        scope.write_contacts(&contacts).await?;
        for contact in contacts.iter().step_by(2) {
            let yes = NewConsentEvent {
                id: ConsentEventId::fresh(at, &chance),
                contact: contact.id,
                channel: Channel::Whatsapp,
                purpose: Some(Purpose::Utility),
                action: ConsentAction::OptIn,
                source: ConsentSource::Api,
                evidence: json!({ "wording": "Ya, kabari saya." }),
                at,
            };
            scope.append_consent(&yes).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn person(n: usize, at: Timestamp, chance: &Seeded) -> Contact {
    let contact = rows::contact(ContactId::fresh(at, chance), &format!("62814{n:08}"), at);
    Contact { profile_name: Some(crate::texts::name(n)), ..contact }
}

/// How many people's rows the store writes per second when nothing is decided: the rows that a run leaves, as many together.
async fn written(kind: Kind, people: usize) -> Result<f64> {
    let town = Town::settle(kind, Size { orgs: 1, numbers: 1, ai: false }).await?;
    let tenant = town.tenants.first().context("there is no organisation")?;
    let (store, chance, at) = (&town.database.store, Seeded::default(), now());
    let (notification, run) = (NotificationId::fresh(at, &chance), RunId::fresh(at, &chance));
    let all: Vec<usize> = (0..people).collect();
    let began = Instant::now();
    for part in all.chunks(BATCH) {
        let left: Vec<Left> = part.iter().map(|n| Left::of(tenant, *n, notification, at, &chance)).collect();
        let conversations: Vec<Conversation> = left.iter().map(|one| one.conversation.clone()).collect();
        let messages: Vec<Message> = left.iter().filter_map(|one| one.message.clone()).collect();
        let intended: Vec<_> = left.iter().map(|one| (tenant.org, one.outreach.clone())).collect();
        let recipients: Vec<NewRecipient<'_>> = left.iter().map(Left::recipient).collect();
        let mut tx = store.begin().await?;
        tx.batch(&[tenant.org]).await?.insert_outreach(&intended).await?;
        let mut scope = tx.org(tenant.org).await?;
        scope.write_conversations(&conversations).await?;
        scope.write_messages(&messages).await?;
        scope.insert_recipients(notification, run, &recipients, at).await?;
        tx.commit().await?;
    }
    Ok(people as f64 / began.elapsed().as_secs_f64())
}

/// What a run leaves of one person.
struct Left {
    conversation: Conversation,
    message: Option<Message>,
    outreach: Outreach,
    recipient: RecipientId,
    once_key: String,
}

impl Left {
    fn of(tenant: &Tenant, n: usize, notification: NotificationId, at: Timestamp, chance: &Seeded) -> Self {
        let thread = Thread {
            conversation_id: ConversationId::fresh(at, chance),
            contact_id: ContactId::fresh(at, chance),
            number_id: tenant.numbers[0],
        };
        let told = n.is_multiple_of(2);
        let message = told.then(|| Message {
            direction: Direction::Outbound,
            author: Author::System,
            content: Json(
                json!({ "type": "template", "template": { "name": "news", "language": { "code": "id" } } }),
            ),
            state: MessageState::Queued,
            wamid: None,
            ..rows::message(MessageId::fresh(at, chance), thread, String::new(), "news (id)", at)
        });
        let recipient = RecipientId::fresh(at, chance);
        let outreach = Outreach {
            id: OutreachId::fresh(at, chance),
            contact_id: thread.contact_id,
            number_id: thread.number_id,
            conversation_id: thread.conversation_id,
            message_id: message.as_ref().map(|message| message.id),
            template_name: "news".into(),
            template_language: "id".into(),
            purpose: Purpose::Utility,
            author: Author::System,
            notification_id: Some(notification),
            recipient_id: Some(recipient),
            fallback: Json(Vec::new()),
            standing: if told { "opted_in" } else { "unknown" }.into(),
            window_open: false,
            verdict: if told { OutreachVerdict::Send } else { OutreachVerdict::Refuse },
            reason: None,
            channel: Channel::Whatsapp,
            outcome: if told { OutreachOutcome::Queued } else { OutreachOutcome::Refused },
            trouble: None,
            outcome_at: at,
            at,
        };
        let once_key = format!("{}#at {}", thread.contact_id, at.seconds());
        Self { conversation: rows::conversation(thread, at), message, outreach, recipient, once_key }
    }

    fn recipient(&self) -> NewRecipient<'_> {
        NewRecipient {
            id: self.recipient,
            contact: Some(self.outreach.contact_id),
            record: None,
            once_key: &self.once_key,
            verdict: self.outreach.verdict.as_str(),
            reason: None,
            message: self.outreach.message_id,
        }
    }
}
