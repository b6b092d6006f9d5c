//! Sentences for people.

use serde::Serialize;
use utoipa::ToSchema;

/// A sentence in the languages of the product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sentence {
    /// English.
    pub en: String,
    /// Indonesian.
    pub id: String,
}
