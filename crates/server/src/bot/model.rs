//! Any endpoint that speaks OpenAI's language: OpenAI, OpenRouter, Ollama, vLLM.
//!
//! Invariant: whatever an endpoint does, a call ends within [`Endpoint::timeout`], takes in at most [`MOST_BYTES`], and
//! yields a reply or an error that holds neither key nor question.

use std::time::Duration;

use answers::prompt::Prompt;
use backon::{ExponentialBuilder, Retryable as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use crate::outbound::{self, Outbound, Redirects};

/// Where a model is reached.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The base address, such as `https://api.openai.com/v1`.
    pub url: Url,
    /// The key; local endpoints need none.
    pub key: Option<SecretString>,
    /// The model that answers. Without one, only embeddings are used.
    pub chat_model: Option<String>,
    /// The model that embeds. Without one, passages are found by words alone.
    pub embedding_model: Option<String>,
    /// How long one call may take, repetitions included.
    pub timeout: Duration,
    /// The most tokens that answers to one organisation's customers may cost in a day, whatever the organisation allows
    /// itself: for an endpoint that somebody else pays for.
    pub most_tokens: Option<i64>,
}

/// A client for an endpoint. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Model {
    endpoint: Endpoint,
    client: reqwest::Client,
}

/// What a model replied, and what that cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Tokens read and written, where the endpoint says so.
    pub tokens: Option<(i64, i64)>,
}

/// Why there is no reply. Never holds a key or what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The endpoint did not answer in time, or not at all.
    #[error("the endpoint did not answer in time; check that it runs and is reachable from here")]
    NoAnswer,
    /// The endpoint refused.
    #[error("the endpoint refused with HTTP {0}; check the address, the key and the names of the models")]
    Refused(u16),
    /// The answer is not of OpenAI's shape.
    #[error(
        "the endpoint answered in a form that does not read; its address usually ends with /v1 and speaks OpenAI's language"
    )]
    Malformed,
    /// The address may not be reached.
    #[error(transparent)]
    Forbidden(#[from] outbound::Refused),
}

impl ModelError {
    /// Whether the same call may succeed a moment later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::NoAnswer | Self::Refused(408 | 429 | 500..))
    }
}

#[derive(Deserialize)]
struct Chat {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: i64,
    #[serde(default)]
    completion_tokens: i64,
}

#[derive(Deserialize)]
struct Embeddings {
    data: Vec<Embedding>,
}

#[derive(Deserialize)]
struct Embedding {
    #[serde(default)]
    index: Option<usize>,
    embedding: Vec<f32>,
}

/// An answer fits a chat message.
pub(super) const MOST_TOKENS: u32 = 600;
/// No answer of an endpoint is longer: 64 embeddings of 4,096 numbers are some six megabytes.
const MOST_BYTES: usize = 16 << 20;
/// What one call can sensibly cost; a larger figure is the endpoint's mistake.
const MOST_COUNTED: i64 = 1_000_000;

impl Model {
    /// A client for the operator's endpoint, which may be anywhere.
    pub fn new(endpoint: Endpoint) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { endpoint, client })
    }

    /// A client for a tenant's endpoint, which is on the public internet or where the operator allows.
    pub fn guarded(endpoint: Endpoint, outbound: &Outbound) -> Result<Self, outbound::Refused> {
        let client = outbound.client_for(&endpoint.url, Redirects::Stay)?;
        Ok(Self { endpoint, client })
    }

    /// The model that answers.
    pub fn chat_model(&self) -> Option<&str> {
        self.endpoint.chat_model.as_deref()
    }

    /// The model that embeds.
    pub fn embedding_model(&self) -> Option<&str> {
        self.endpoint.embedding_model.as_deref()
    }

    /// The most tokens that one organisation may use in a day.
    pub(super) fn most_tokens(&self) -> Option<i64> {
        self.endpoint.most_tokens
    }

    /// Asks the model. Dropping the future cancels the request.
    pub async fn chat(&self, prompt: &Prompt) -> Result<Reply, ModelError> {
        let mut request = json!({
            "model": self.endpoint.chat_model,
            "messages": [
                { "role": "system", "content": prompt.system },
                { "role": "user", "content": prompt.user },
            ],
            "temperature": 0.2,
            "max_tokens": MOST_TOKENS,
        });
        let within = self.endpoint.timeout;
        let chat: Chat = match self.patiently("chat/completions", &request, within).await {
            // Models that reason know neither of the two (OpenAI: chat/completions, 2026).
            Err(ModelError::Refused(400)) => {
                if let Value::Object(members) = &mut request {
                    members.remove("temperature");
                    members.remove("max_tokens");
                    members.insert("max_completion_tokens".to_owned(), json!(MOST_TOKENS * 4));
                }
                self.patiently("chat/completions", &request, within).await
            }
            other => other,
        }?;
        let text = chat
            .choices
            .into_iter()
            .next()
            .and_then(|choice| choice.message.content)
            .ok_or(ModelError::Malformed)?;
        let sensible = |count: i64| count.clamp(0, MOST_COUNTED);
        let tokens =
            chat.usage.map(|usage| (sensible(usage.prompt_tokens), sensible(usage.completion_tokens)));
        Ok(Reply { text, tokens })
    }

    /// Embeds texts, in order, within the time that a call may take.
    pub async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        self.embed_within(texts, self.endpoint.timeout).await
    }

    /// Embeds texts, in order, within this time.
    pub async fn embed_within(
        &self,
        texts: &[String],
        within: Duration,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let request = json!({ "model": self.endpoint.embedding_model, "input": texts });
        let mut embedded: Embeddings =
            self.patiently("embeddings", &request, within.min(self.endpoint.timeout)).await?;
        if embedded.data.iter().all(|one| one.index.is_some()) {
            embedded.data.sort_by_key(|one| one.index);
        }
        let vectors: Vec<Vec<f32>> = embedded.data.into_iter().map(|one| one.embedding).collect();
        let size = vectors.first().map_or(0, Vec::len);
        let sound = |vector: &Vec<f32>| vector.len() == size && vector.iter().all(|value| value.is_finite());
        if vectors.len() == texts.len() && size > 0 && vectors.iter().all(sound) {
            Ok(vectors)
        } else {
            Err(ModelError::Malformed)
        }
    }

    /// Makes a call, and makes it again while what went wrong may pass and there is time.
    async fn patiently<T: DeserializeOwned>(
        &self,
        path: &str,
        request: &Value,
        within: Duration,
    ) -> Result<T, ModelError> {
        let patience = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_times(2)
            .with_jitter();
        let calls = (|| self.call(path, request)).retry(patience).when(ModelError::is_passing);
        tokio::time::timeout(within, calls).await.unwrap_or(Err(ModelError::NoAnswer))
    }

    async fn call<T: DeserializeOwned>(&self, path: &str, request: &Value) -> Result<T, ModelError> {
        let url = format!("{}/{path}", self.endpoint.url.as_str().trim_end_matches('/'));
        let mut call = self.client.post(url).json(request);
        if let Some(key) = &self.endpoint.key {
            call = call.bearer_auth(key.expose_secret());
        }
        let response = call.send().await.map_err(|error| unreached(&error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(ModelError::Refused(status.as_u16()));
        }
        let body = outbound::read(response, MOST_BYTES).await.map_err(|error| match error {
            outbound::ReadError::Refused(_) => ModelError::Malformed,
            outbound::ReadError::Http(error) => unreached(&error),
        })?;
        serde_json::from_slice(&body).map_err(|_| ModelError::Malformed)
    }
}

fn unreached(error: &reqwest::Error) -> ModelError {
    outbound::reason(error).map_or(ModelError::NoAnswer, |refused| ModelError::Forbidden(refused.clone()))
}
