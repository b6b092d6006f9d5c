//! Who plays: the gateway, the emulator, the two organisations and fresh customers.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::facts::{Facts, Org};
use crate::http::{Caller, text, until};

/// Gateway and emulator, and numbers that nobody has had before.
pub struct Stage {
    /// The facts.
    pub facts: Facts,
    /// The gateway.
    pub gateway: Caller,
    /// The emulator's controls.
    pub emulator: Caller,
    /// What people would get by e-mail and SMS.
    pub post: Caller,
    /// Differs from run to run, so that the story can be told twice in one world.
    run: u64,
}

/// An organisation of the demo, through its key.
pub struct Shop<'a> {
    /// The facts.
    pub facts: &'a Org,
    /// `/api/v1/orgs/{org}` with the key.
    pub api: Caller,
    emulator: &'a Caller,
}

impl Stage {
    /// For a running demo.
    pub async fn new(facts: &Facts) -> Result<Self> {
        let emulator = Caller::new(&facts.emulator_url)?.at("_emulator");
        let clock = emulator.get("clock").await?.expect(200)?;
        let run = clock["now"].as_u64().context("the emulator tells no time")? / 1_000;
        let (gateway, post) = (Caller::new(&facts.gateway_url)?, Caller::new(&facts.post_url)?);
        Ok(Self { facts: facts.clone(), gateway, emulator, post, run })
    }

    /// The roaster (0) or the clinic (1).
    pub fn shop(&self, at: usize) -> Shop<'_> {
        let facts = &self.facts.orgs[at];
        let api = self.gateway.at(&format!("api/v1/orgs/{}", facts.org_id)).with_key(&facts.api_key);
        Shop { facts, api, emulator: &self.emulator }
    }

    /// A number for the run: `digits` of it, different for each `which` below 10.
    pub fn unique(&self, which: u64, digits: usize) -> String {
        let space = 10_u64.pow(u32::try_from(digits).unwrap_or(9));
        format!("{:0digits$}", (self.run * 10 + which) % space)
    }

    /// A customer in Indonesia, who has never written before.
    pub fn indonesian(&self, which: u64) -> String {
        format!("62811{}", self.unique(which, 7))
    }

    /// A customer in Britain, who has never written before.
    pub fn british(&self, which: u64) -> String {
        format!("447400{}", self.unique(which, 6))
    }
}

impl Shop<'_> {
    /// A customer sends this; gives Meta's id of the message.
    pub async fn hears(&self, from: &str, mut message: Value) -> Result<String> {
        message["from"] = from.into();
        message["to"] = self.facts.phone_number_id.clone().into();
        let written = self.emulator.post("inbound", &message).await?.expect(200)?;
        text(&written["id"])
    }

    /// A customer writes text.
    pub async fn asked(&self, from: &str, words: &str) -> Result<String> {
        self.hears(from, json!({ "text": { "body": words } })).await
    }

    /// Waits until a message that holds `words` is on the customer's phone, at least that far on its way.
    pub async fn phone_gets(&self, person: &str, words: &str, status: &str, after: u64) -> Result<Value> {
        let words = words.replace(' ', "+");
        let number = &self.facts.phone_number_id;
        let path = format!(
            "phones/{person}/wait?number={number}&text={words}&status={status}&after={after}&timeout_ms=15000"
        );
        let answer = self.emulator.get(&path).await?;
        if answer.status != 200 {
            let chat = self.chat(person).await?;
            let lines: Vec<String> =
                chat.iter().map(|line| format!("{}: {}", line["direction"], line["text"])).collect();
            anyhow::bail!(
                "expected a message with {words:?} ({status}); the chat holds {}",
                lines.join(" | ")
            );
        }
        answer.expect(200)
    }

    /// What is on the customer's phone, oldest first.
    pub async fn chat(&self, person: &str) -> Result<Vec<Value>> {
        let path = format!("phones/{person}?number={}", self.facts.phone_number_id);
        let chat = self.emulator.get(&path).await?.expect(200)?;
        Ok(chat["messages"].as_array().cloned().unwrap_or_default())
    }

    /// What the business sent to the customer, oldest first.
    pub async fn sent_to(&self, person: &str) -> Result<Vec<Value>> {
        let chat = self.chat(person).await?;
        Ok(chat.into_iter().filter(|line| line["direction"] == "outbound").collect())
    }

    /// The conversation with a customer in the inbox.
    pub async fn conversation(&self, person: &str) -> Result<Value> {
        until(10, async || {
            let found = self.api.list(&format!("conversations?q={person}")).await?;
            let fits = |one: &&Value| {
                one["contact"]["phone"].as_str().is_some_and(|phone| phone.trim_start_matches('+') == person)
            };
            found
                .iter()
                .find(fits)
                .cloned()
                .with_context(|| format!("expected a conversation with {person}, got {found:?}"))
        })
        .await
    }

    /// A message of a conversation by Meta's id, as the inbox shows it.
    pub async fn in_inbox(&self, conversation: &Value, wamid: &str) -> Result<Value> {
        let path = format!("conversations/{}/messages?limit=100", text(&conversation["id"])?);
        let thread = self.api.get(&path).await?.expect(200)?;
        let items = thread["items"].as_array().cloned().unwrap_or_default();
        let found = items.iter().find(|message| message["wamid"] == wamid).cloned();
        found.with_context(|| format!("expected {wamid} in the inbox, which holds {} messages", items.len()))
    }

    /// Waits until the inbox shows a message with this state.
    pub async fn ticks(&self, conversation: &Value, wamid: &str, state: &str) -> Result<Value> {
        until(10, async || {
            let message = self.in_inbox(conversation, wamid).await?;
            ensure!(
                message["state"] == state,
                "expected the message to be {state}, got {}",
                message["state"]
            );
            Ok(message)
        })
        .await
    }
}
