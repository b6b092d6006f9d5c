//! What a notification is: which template, to whom, when, and what fills its gaps.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use rules::id::{ContactId, MediaId, NumberId, RecordId, RecordKindId};
use rules::notification::Trigger;
use rules::outreach::NextChannel;
use rules::quiet::WhoseClock;
use rules::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What a notification is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationDefinition)]
pub struct Definition {
    /// The number that it goes out from.
    pub number_id: NumberId,
    /// The name of the template. Each person gets it in their own language, where it is approved in that.
    #[schema(example = "permit_expiring", max_length = 512)]
    pub template: String,
    /// The language for everybody else.
    #[schema(example = "id", max_length = 20)]
    pub language: String,
    /// What fills the template's gaps: `body.1`, `body.name`, `header.1`, `header` (a file) or `button.0`.
    #[serde(default)]
    pub variables: BTreeMap<String, Variable>,
    /// To whom.
    pub audience: Audience,
    /// When.
    pub trigger: Trigger,
    /// The time zone in which days and times are meant (IANA). Absent: the organisation's.
    #[serde(default)]
    #[schema(example = "Asia/Jakarta")]
    pub time_zone: Option<String>,
    /// By whose clock the time of day of a `date` trigger is meant: `contact`, by that of each contact who has a time zone, and
    /// by the notification's for everybody else.
    #[serde(default = "organisations")]
    #[schema(default = "organisation")]
    pub clock: WhoseClock,
    /// The channels besides WhatsApp on which people may be reached, in order; `whatsapp` at the head says how long WhatsApp
    /// has to deliver.
    #[serde(default)]
    #[schema(max_items = 3)]
    pub fallback: Vec<NextChannel>,
    /// It is due no earlier than this.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
    /// It is due no later than this.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
}

const fn organisations() -> WhoseClock {
    WhoseClock::Organisation
}

/// What fills a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationVariable)]
pub struct Variable {
    /// Where it comes from.
    pub from: Source,
    /// What stands there where that is empty. Absent: whoever it is empty for gets nothing.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub default: Option<String>,
}

/// Where a gap's content comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = NotificationSource)]
pub enum Source {
    /// The same for everybody.
    Text {
        /// The text.
        #[schema(max_length = 500)]
        text: String,
    },
    /// A file uploaded with `POST …/media`, for a header that is one.
    File {
        /// The file.
        media_id: MediaId,
    },
    /// What to call the contact.
    ContactName {},
    /// The contact's phone number.
    ContactPhone {},
    /// What the record is called where it comes from.
    ExternalId {},
    /// A field of the record: days and sums are written as in the contact's language.
    Field {
        /// Its key.
        #[schema(example = "expires_on")]
        field: String,
    },
    /// What whoever calls the notification gives under this name.
    Given {
        /// The name.
        name: String,
    },
}

/// To whom a notification goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = NotificationAudience)]
pub enum Audience {
    /// Contacts who fit everything given.
    Contacts {
        /// With one of these labels. Empty: whatever their labels.
        #[serde(default)]
        labels: Vec<String>,
        /// Only who has opted in to messages of the template's category.
        #[serde(default)]
        opted_in: bool,
    },
    /// Whom records of a kind are about.
    Records {
        /// The kind.
        record_kind_id: RecordKindId,
        /// What stands in them: all of this.
        #[serde(default)]
        matches: Vec<Match>,
    },
}

/// What stands in a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationMatch)]
pub struct Match {
    /// In this field.
    #[schema(example = "status")]
    pub field: String,
    /// This. Text is compared without regard to case.
    #[schema(example = "active")]
    pub is: Value,
    /// Anything but this, rather.
    #[serde(default)]
    pub not: bool,
}

impl Match {
    /// Whether a value is what is looked for.
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let same = match (value, &self.is) {
            (Some(Value::String(one)), Value::String(other)) => one.to_lowercase() == other.to_lowercase(),
            (Some(Value::Number(one)), Value::Number(other)) => one.as_f64() == other.as_f64(),
            (one, other) => one == Some(other),
        };
        same != self.not
    }
}

/// What a run is of: the definition as it stood, and what whoever began the run has added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub definition: Definition,
    /// Only these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// What was given under which name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub given: BTreeMap<String, String>,
}

/// Whom whoever began a run has named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Only {
    Contacts(Vec<ContactId>),
    Records(Vec<RecordId>),
}

impl Definition {
    /// The time zone in which days and times are meant.
    pub(super) fn zone(&self, organisations: &str) -> TimeZone {
        let named = self.time_zone.as_deref().unwrap_or(organisations);
        TimeZone::get(named).unwrap_or(TimeZone::UTC)
    }

    /// Whether every contact's own clock counts.
    pub(super) fn goes_by_each_clock(&self) -> bool {
        self.clock == WhoseClock::Contact && matches!(self.trigger, Trigger::Date { .. })
    }

    /// The file in the header, where it is one that was uploaded.
    pub(super) fn header_file(&self) -> Option<MediaId> {
        match self.variables.get("header")?.from {
            Source::File { media_id } => Some(media_id),
            _ => None,
        }
    }

    /// Whether it may be due at this moment.
    pub(super) fn lasts(&self, at: Timestamp) -> bool {
        self.starts_at.is_none_or(|start| at >= start) && self.ends_at.is_none_or(|end| at <= end)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_match_compares_as_people_do() {
        let is = |is: Value, not| Match { field: "status".into(), is, not };
        assert!(is(json!("Active"), false).holds(Some(&json!("active"))));
        assert!(!is(json!("active"), true).holds(Some(&json!("active"))));
        assert!(is(json!(3), false).holds(Some(&json!(3.0))));
        assert!(!is(json!("active"), false).holds(None));
        assert!(is(json!("active"), true).holds(None));
    }
}
