//! Any endpoint that speaks OpenAI's language: OpenAI, OpenRouter, Ollama, vLLM.

use std::time::Duration;

use answers::prompt::Prompt;
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use backon::{ExponentialBuilder, Retryable as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

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
    /// How long one request may take.
    pub timeout: Duration,
}

/// A client for an endpoint. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Model {
    endpoint: Endpoint,
    client: Client<OpenAIConfig>,
}

/// What a model replied, and what that cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Tokens read.
    pub tokens_in: i64,
    /// Tokens written.
    pub tokens_out: i64,
}

/// Why there is no reply. Never holds a key or what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The endpoint did not answer in time, or not at all.
    #[error("the model's endpoint did not answer")]
    NoAnswer,
    /// The endpoint refused.
    #[error("the model's endpoint refused ({0})")]
    Refused(String),
    /// The answer is not of OpenAI's shape.
    #[error("the model's endpoint answered in a form that does not read")]
    Malformed,
}

impl ModelError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::NoAnswer)
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

#[derive(Deserialize, Default)]
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
    embedding: Vec<f32>,
}

/// An answer fits a chat message.
const MOST_TOKENS: u32 = 600;

impl Model {
    /// A client for an endpoint.
    pub fn new(endpoint: Endpoint) -> Result<Self, reqwest::Error> {
        let mut config = OpenAIConfig::new().with_api_base(endpoint.url.as_str().trim_end_matches('/'));
        config = config.with_api_key(endpoint.key.as_ref().map_or("none", |key| key.expose_secret()));
        let http = reqwest::Client::builder()
            .timeout(endpoint.timeout)
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { endpoint, client: Client::with_config(config).with_http_client(http) })
    }

    /// The model that answers.
    pub fn chat_model(&self) -> Option<&str> {
        self.endpoint.chat_model.as_deref()
    }

    /// The model that embeds.
    pub fn embedding_model(&self) -> Option<&str> {
        self.endpoint.embedding_model.as_deref()
    }

    /// Asks the model. Dropping the future cancels the request.
    pub async fn chat(&self, prompt: &Prompt) -> Result<Reply, ModelError> {
        let request = json!({
            "model": self.endpoint.chat_model,
            "messages": [
                { "role": "system", "content": prompt.system },
                { "role": "user", "content": prompt.user },
            ],
            "temperature": 0.2,
            "max_tokens": MOST_TOKENS,
        });
        let chat: Chat =
            self.patiently(|| async { self.client.chat().create_byot(&request).await.map_err(read) }).await?;
        let usage = chat.usage.unwrap_or_default();
        let text = chat
            .choices
            .into_iter()
            .next()
            .and_then(|choice| choice.message.content)
            .ok_or(ModelError::Malformed)?;
        Ok(Reply { text, tokens_in: usage.prompt_tokens, tokens_out: usage.completion_tokens })
    }

    /// Embeds texts, in order.
    pub async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        let request = json!({ "model": self.endpoint.embedding_model, "input": texts });
        let embedded: Embeddings = self
            .patiently(|| async { self.client.embeddings().create_byot(&request).await.map_err(read) })
            .await?;
        if embedded.data.len() != texts.len() {
            return Err(ModelError::Malformed);
        }
        Ok(embedded.data.into_iter().map(|one| one.embedding).collect())
    }

    async fn patiently<T, F: Future<Output = Result<T, ModelError>>>(
        &self,
        call: impl FnMut() -> F,
    ) -> Result<T, ModelError> {
        call.retry(
            ExponentialBuilder::default()
                .with_min_delay(Duration::from_millis(300))
                .with_max_times(2)
                .with_jitter(),
        )
        .when(ModelError::is_passing)
        .await
    }
}

fn read(error: OpenAIError) -> ModelError {
    match error {
        OpenAIError::Reqwest(_) => ModelError::NoAnswer,
        OpenAIError::ApiError(refusal) => ModelError::Refused(refusal.status_code.to_string()),
        _ => ModelError::Malformed,
    }
}
