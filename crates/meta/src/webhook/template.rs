//! News about message templates.

use serde::Serialize;

use super::open_enum;
use crate::json::Members;

/// Which template. Ids come as JSON numbers here and as strings from the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateRef {
    /// Meta's id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its language with an underscore, as the API writes it: `en_US`. Meta's samples also have `en-US`.
    pub language: Option<String>,
}

impl TemplateRef {
    fn read(value: &Members<'_>) -> Self {
        Self {
            id: value.string("message_template_id"),
            name: value.string("message_template_name"),
            language: value.string("message_template_language").map(|language| language.replace('-', "_")),
        }
    }
}

open_enum! {
    /// What happened to a template.
    pub enum TemplateEvent {
        /// It may be sent.
        Approved = "APPROVED",
        /// Put away after a year without use.
        Archived = "ARCHIVED",
        /// Taken back from the archive.
        Unarchived = "UNARCHIVED",
        /// Gone.
        Deleted = "DELETED",
        /// Paused three times, or against policy.
        Disabled = "DISABLED",
        /// Quality is low.
        Flagged = "FLAGGED",
        /// A rejection is being reviewed.
        InAppeal = "IN_APPEAL",
        /// The account has too many.
        LimitExceeded = "LIMIT_EXCEEDED",
        /// Cannot be changed.
        Locked = "LOCKED",
        /// Not sent for some hours.
        Paused = "PAUSED",
        /// Being reviewed.
        Pending = "PENDING",
        /// Will be deleted.
        PendingDeletion = "PENDING_DELETION",
        /// Allowed again.
        Reinstated = "REINSTATED",
        /// Not allowed.
        Rejected = "REJECTED",
    }
}

/// A template changed state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateStatus {
    /// Which.
    pub template: TemplateRef,
    /// What happened.
    pub event: TemplateEvent,
    /// Meta's reason code; `NONE` is read as absent.
    pub reason: Option<String>,
    /// The category in force.
    pub category: Option<String>,
    /// `FIRST_PAUSE`, `SECOND_PAUSE`, `RATE_LIMITING_PAUSE`, `UNPAUSE` or `DISABLED`.
    pub title: Option<String>,
    /// Meta's explanation, of the pause or of the rejection.
    pub description: Option<String>,
    /// What Meta advises after a rejection.
    pub recommendation: Option<String>,
    /// When it was disabled, as Meta writes it.
    pub disable_date: Option<String>,
}

impl TemplateStatus {
    pub(super) fn read(value: &Members<'_>) -> Self {
        let other = value.object("other_info").unwrap_or_default();
        let rejection = value.object("rejection_info").unwrap_or_default();
        Self {
            template: TemplateRef::read(value),
            event: value.string("event").unwrap_or_default().into(),
            reason: value.string("reason").filter(|reason| reason != "NONE"),
            category: value.string("message_template_category"),
            title: other.string("title"),
            description: other.string("description").or_else(|| rejection.string("reason")),
            recommendation: rejection.string("recommendation"),
            disable_date: value.object("disable_info").and_then(|info| info.string("disable_date")),
        }
    }
}

/// A template's quality changed: `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateQuality {
    /// Which.
    pub template: TemplateRef,
    /// Before.
    pub previous: Option<String>,
    /// Now.
    pub now: Option<String>,
}

impl TemplateQuality {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self {
            template: TemplateRef::read(value),
            previous: value.string("previous_quality_score"),
            now: value.string("new_quality_score"),
        }
    }
}

/// A template's text changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateComponents {
    /// Which.
    pub template: TemplateRef,
    /// Its body.
    pub body: Option<String>,
    /// Its header.
    pub header: Option<String>,
    /// Its footer.
    pub footer: Option<String>,
    /// The labels of its buttons.
    pub buttons: Vec<String>,
}

impl TemplateComponents {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self {
            template: TemplateRef::read(value),
            body: value.string("message_template_element"),
            header: value.string("message_template_title"),
            footer: value.string("message_template_footer"),
            buttons: value
                .objects("message_template_buttons")
                .iter()
                .filter_map(|button| button.string("message_template_button_text"))
                .collect(),
        }
    }
}

/// Meta changes a template's category, or has done so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateCategory {
    /// Which.
    pub template: TemplateRef,
    /// The category in force now.
    pub now: Option<String>,
    /// The category until now, when it has changed.
    pub previous: Option<String>,
    /// The category it will get, when the change is still to come.
    pub coming: Option<String>,
    /// When it comes, unix seconds.
    pub at: Option<i64>,
}

impl TemplateCategory {
    pub(super) fn read(value: &Members<'_>) -> Self {
        Self {
            template: TemplateRef::read(value),
            now: value.string("new_category"),
            previous: value.string("previous_category"),
            coming: value.string("correct_category"),
            at: value.integer("category_update_timestamp"),
        }
    }
}
