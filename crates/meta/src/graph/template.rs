//! Message templates: as the account holds them, made, changed, deleted; and Meta's library of written ones.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Access, Graph, GraphError};
use crate::json::Members;
use crate::template::{Category, Component, Definition};

const FIELDS: &str = "id,name,language,status,category,sub_category,parameter_format,components,quality_score,\
    rejected_reason,correct_category,previous_category,message_send_ttl_seconds";

/// A template in one language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageTemplate {
    /// Its id.
    pub id: String,
    /// Its name, shared by its languages.
    pub name: String,
    /// Its language: `en_US`.
    pub language: String,
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` … An open set.
    pub status: Option<String>,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`: what it is charged as.
    pub category: Option<String>,
    /// Whether its gaps have names.
    pub named_parameters: bool,
    /// Its parts, as Meta writes them.
    pub components: Value,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: Option<String>,
    /// Why it was rejected; `NONE` is read as absent.
    pub rejected_reason: Option<String>,
    /// The category Meta will give it.
    pub correct_category: Option<String>,
    /// How long Meta tries to deliver it, in seconds; −1 for 30 days.
    pub ttl_seconds: Option<i64>,
}

impl MessageTemplate {
    fn read(node: &Members<'_>) -> Option<Self> {
        let components = node.raw("components").and_then(|raw| serde_json::from_str(raw.get()).ok());
        Some(Self {
            id: node.string("id")?,
            name: node.string("name")?,
            language: node.string("language")?,
            status: node.string("status"),
            category: node.string("category"),
            named_parameters: node
                .text("parameter_format")
                .is_some_and(|format| format.eq_ignore_ascii_case("named")),
            components: components.unwrap_or(Value::Array(Vec::new())),
            quality: node.object("quality_score").and_then(|quality| quality.string("score")),
            rejected_reason: node.string("rejected_reason").filter(|reason| reason != "NONE"),
            correct_category: node.string("correct_category"),
            ttl_seconds: node.integer("message_send_ttl_seconds"),
        })
    }
}

/// What Meta made of a new template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MadeTemplate {
    /// Its id.
    pub id: String,
    /// `PENDING`, `APPROVED` or `REJECTED`.
    pub status: Option<String>,
    /// The category that Meta gave it, which may be another than was asked for.
    pub category: Option<String>,
}

impl MadeTemplate {
    fn read(answer: &Members<'_>) -> Option<Self> {
        Some(Self {
            id: answer.string("id")?,
            status: answer.string("status"),
            category: answer.string("category"),
        })
    }
}

/// A template as it is sent to be made.
#[derive(Serialize)]
struct NewTemplate<'a> {
    name: &'a str,
    language: &'a str,
    category: Category,
    parameter_format: &'static str,
    components: &'a [Component],
    #[serde(skip_serializing_if = "Option::is_none")]
    message_send_ttl_seconds: Option<i64>,
}

/// A template that Meta has written for everybody; its text is fixed and mostly approved at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LibraryTemplate {
    /// Its name in the library.
    pub name: String,
    /// Its language.
    pub language: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// `ACCOUNT_UPDATE`, `ORDER_MANAGEMENT`, `PAYMENTS` …
    pub topic: Option<String>,
    /// `SHIPMENT_CONFIRMATION`, `PAYMENT_DUE_REMINDER` …
    pub usecase: Option<String>,
    /// `E_COMMERCE`, `FINANCIAL_SERVICES` …
    pub industry: Vec<String>,
    /// The text above.
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// What its gaps are shown with.
    pub examples: Vec<String>,
    /// Its buttons, as Meta writes them.
    pub buttons: Value,
}

impl LibraryTemplate {
    fn read(node: &Members<'_>) -> Option<Self> {
        let buttons = node.raw("buttons").and_then(|raw| serde_json::from_str(raw.get()).ok());
        Some(Self {
            name: node.string("name")?,
            language: node.string("language"),
            category: node.string("category"),
            topic: node.string("topic"),
            usecase: node.string("usecase"),
            industry: node.strings("industry"),
            header: node.string("header"),
            body: node.string("body")?,
            examples: node.strings("body_params"),
            buttons: buttons.unwrap_or(Value::Array(Vec::new())),
        })
    }
}

/// What to look for in the library; what is empty is not asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LibrarySearch {
    /// Words.
    pub search: Option<String>,
    /// A topic.
    pub topic: Option<String>,
    /// A use.
    pub usecase: Option<String>,
    /// A language.
    pub language: Option<String>,
}

/// Whether a paused template is sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unpaused {
    /// Yes.
    pub success: bool,
    /// Why not.
    pub reason: Option<String>,
}

impl Graph {
    /// All templates of an account.
    pub async fn templates(
        &self,
        access: &Access<'_>,
        waba_id: &str,
    ) -> Result<Vec<MessageTemplate>, GraphError> {
        self.pages(&[waba_id, "message_templates"], access, &[("fields", FIELDS)], MessageTemplate::read)
            .await
    }

    /// An account's templates of one name.
    pub async fn templates_named(
        &self,
        access: &Access<'_>,
        waba_id: &str,
        name: &str,
    ) -> Result<Vec<MessageTemplate>, GraphError> {
        let query = [("fields", FIELDS), ("name", name)];
        let found =
            self.pages(&[waba_id, "message_templates"], access, &query, MessageTemplate::read).await?;
        // Whether the filter is exact Meta does not say.
        Ok(found.into_iter().filter(|template| template.name == name).collect())
    }

    /// One template.
    pub async fn template(&self, access: &Access<'_>, id: &str) -> Result<MessageTemplate, GraphError> {
        self.get(&[id], access)?.fields(FIELDS).node(MessageTemplate::read).await
    }

    /// Submits a new template for review.
    pub async fn create_template(
        &self,
        access: &Access<'_>,
        waba_id: &str,
        definition: &Definition,
    ) -> Result<MadeTemplate, GraphError> {
        let body = NewTemplate {
            name: &definition.name,
            language: &definition.language,
            category: definition.category,
            parameter_format: if definition.named { "NAMED" } else { "POSITIONAL" },
            components: &definition.components,
            message_send_ttl_seconds: definition.ttl_seconds,
        };
        let call = self.post(&[waba_id, "message_templates"], access)?;
        call.json(&body).node(MadeTemplate::read).await
    }

    /// Makes a template from Meta's library. `buttons` are the addresses and numbers of its buttons, in Meta's form.
    pub async fn create_from_library(
        &self,
        access: &Access<'_>,
        waba_id: &str,
        (name, language, category): (&str, &str, Category),
        library_name: &str,
        buttons: &Value,
    ) -> Result<MadeTemplate, GraphError> {
        let mut body = json!({
            "name": name, "language": language, "category": category, "library_template_name": library_name,
        });
        if buttons.as_array().is_some_and(|buttons| !buttons.is_empty()) {
            body["library_template_button_inputs"] = buttons.clone();
        }
        let call = self.post(&[waba_id, "message_templates"], access)?;
        call.json(&body).node(MadeTemplate::read).await
    }

    /// Replaces all parts of a template; an approved one keeps its category, so `category` is for the others.
    pub async fn edit_template(
        &self,
        access: &Access<'_>,
        id: &str,
        components: &[Component],
        category: Option<Category>,
        ttl_seconds: Option<i64>,
    ) -> Result<(), GraphError> {
        let mut body = json!({"components": components});
        if let Some(category) = category {
            body["category"] = json!(category);
        }
        if let Some(seconds) = ttl_seconds {
            body["message_send_ttl_seconds"] = seconds.into();
        }
        self.post(&[id], access)?.json(&body).succeed().await
    }

    /// Deletes a template in one language, by its id, or in all of them.
    pub async fn delete_template(
        &self,
        access: &Access<'_>,
        waba_id: &str,
        name: &str,
        one: Option<&str>,
    ) -> Result<(), GraphError> {
        let mut call = self.delete(&[waba_id, "message_templates"], access)?.query(&[("name", name)]);
        if let Some(id) = one {
            call = call.query(&[("hsm_id", id)]);
        }
        call.succeed().await
    }

    /// Ends a pause.
    pub async fn unpause_template(&self, access: &Access<'_>, id: &str) -> Result<Unpaused, GraphError> {
        let read = |answer: &Members<'_>| {
            Some(Unpaused { success: answer.flag("success")?, reason: answer.string("reason") })
        };
        self.post(&[id, "unpause"], access)?.node(read).await
    }

    /// Looks for templates in Meta's library.
    pub async fn template_library(
        &self,
        access: &Access<'_>,
        wanted: &LibrarySearch,
    ) -> Result<Vec<LibraryTemplate>, GraphError> {
        let asked = [
            ("search", &wanted.search),
            ("topic", &wanted.topic),
            ("usecase", &wanted.usecase),
            ("language", &wanted.language),
        ];
        let query: Vec<(&str, &str)> =
            asked.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect();
        self.pages(&["message_template_library"], access, &query, LibraryTemplate::read).await
    }
}
