//! What kinds of update there are, and how the kind is recognised.
//!
//! The field of a change decides; where Meta's own samples misplace or mislabel it, the content does.

use std::fmt;

use crate::json::Members;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// The kind of one update. Its name ([`Kind::name`]) is stable: it is stored and shown.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $variant),+ }

        impl Kind {
            /// Every kind, in the order of this list.
            pub const ALL: &[Kind] = &[$(Kind::$variant),+];

            /// The stable name.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name),+ }
            }

            /// The kind with this name.
            pub fn from_name(name: &str) -> Option<Kind> {
                Kind::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

kinds! {
    /// A person wrote (or tapped, reacted, ordered, changed their number …).
    Message = "message",
    /// What became of a message we sent.
    Status = "status",
    /// An error of the account or app, belonging to no message.
    Error = "error",
    /// A person allowed or stopped marketing messages.
    Preference = "preference",
    /// The business wrote from its own phone (coexistence).
    Echo = "echo",
    /// A chunk of old conversations (coexistence).
    HistoryChunk = "history_chunk",
    /// The media of an old message, following its placeholder (coexistence).
    HistoryMessage = "history_message",
    /// The business added, changed or removed a contact on its phone (coexistence).
    ContactSync = "contact_sync",
    /// A person did something other than write, such as following a marketing link.
    UserAction = "user_action",
    /// Legacy notice of a changed business-scoped user id; today it comes as a system message.
    UserIdUpdate = "user_id_update",
    /// A call began or ended.
    Call = "call",
    /// A call we placed rings, was accepted or rejected.
    CallStatus = "call_status",
    /// Another app answers a conversation, or hands it over.
    Handover = "handover",
    /// Something happened to the account or to its partners.
    AccountUpdate = "account_update",
    /// The account was reviewed.
    AccountReview = "account_review",
    /// A warning about the account, the number or the profile.
    AccountAlert = "account_alert",
    /// Limits of the business changed.
    Capability = "capability",
    /// A display name was decided.
    NumberName = "number_name",
    /// Throughput or limit of a number changed.
    NumberQuality = "number_quality",
    /// The two-step PIN was changed or reset.
    Security = "security",
    /// A multi-partner solution changed state.
    PartnerSolution = "partner_solution",
    /// A template was approved, rejected, paused …
    TemplateStatus = "template_status",
    /// The quality of a template changed.
    TemplateQuality = "template_quality",
    /// The text of a template changed.
    TemplateComponents = "template_components",
    /// Meta changes or changed the category of a template.
    TemplateCategory = "template_category",
    /// The username of the business changed state.
    BusinessUsername = "business_username",
    /// Something happened to a group.
    Group = "group",
    /// Something happened to a flow.
    Flow = "flow",
    /// Well-formed, and of no kind we know: kept.
    Other = "other",
    /// Not of the shape every update has: kept, with the reason.
    Malformed = "malformed",
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The lists whose elements are updates of their own.
pub(super) const LISTS: &[&str] = &[
    "messages",
    "statuses",
    "errors",
    "message_echoes",
    "history",
    "state_sync",
    "user_preferences",
    "user_actions",
    "user_id_update",
    "calls",
];

/// The fields whose values hold such lists. (Read-only copies under `standby` are not among them: they are
/// for the app that owns the conversation.)
pub(super) fn holds_lists(field: &str) -> bool {
    matches!(
        field,
        "messages"
            | "history"
            | "smb_message_echoes"
            | "message_echoes"
            | "smb_app_state_sync"
            | "user_preferences"
            | "user_id_update"
            | "calls"
    )
}

/// The kind of an element of `list` in a change of `field`.
pub(super) fn of_element(field: &str, list: &str) -> Kind {
    match (field, list) {
        ("history", "messages") => Kind::HistoryMessage,
        (_, "messages") => Kind::Message,
        ("calls", "statuses") => Kind::CallStatus,
        (_, "statuses") => Kind::Status,
        (_, "message_echoes") => Kind::Echo,
        (_, "history") => Kind::HistoryChunk,
        (_, "state_sync") => Kind::ContactSync,
        (_, "user_preferences") => Kind::Preference,
        (_, "user_actions") => Kind::UserAction,
        (_, "user_id_update") => Kind::UserIdUpdate,
        (_, "calls") => Kind::Call,
        (_, "errors") => Kind::Error,
        _ => Kind::Other,
    }
}

/// The kind of a change that is one update as a whole.
pub(super) fn of_whole(field: &str, value: &Members<'_>) -> Kind {
    // Meta's sample of the quality update carries the field of the status update.
    if field.starts_with("message_template") && value.raw("new_quality_score").is_some() {
        return Kind::TemplateQuality;
    }
    match field {
        // The last two are not in Meta's list of fields, but seen in fixtures of others.
        "account_update" | "account_offboarded" | "account_reconnected" => Kind::AccountUpdate,
        "account_review_update" => Kind::AccountReview,
        "account_alerts" => Kind::AccountAlert,
        "business_capability_update" => Kind::Capability,
        "phone_number_name_update" => Kind::NumberName,
        "phone_number_quality_update" => Kind::NumberQuality,
        "security" => Kind::Security,
        "partner_solutions" => Kind::PartnerSolution,
        "message_template_status_update" => Kind::TemplateStatus,
        "message_template_quality_update" => Kind::TemplateQuality,
        "message_template_components_update" => Kind::TemplateComponents,
        "template_category_update" => Kind::TemplateCategory,
        // Both spellings are in Meta's pages.
        "business_username_updates" | "business_username_update" => Kind::BusinessUsername,
        "messaging_handovers" | "standby" => Kind::Handover,
        "flows" => Kind::Flow,
        "group_lifecycle_update"
        | "group_participants_update"
        | "group_settings_update"
        | "group_status_update" => Kind::Group,
        _ => Kind::Other,
    }
}

/// The field of a change that names none, guessed from what its value holds.
pub(super) fn field_by_content(value: &Members<'_>) -> Option<&'static str> {
    let has = |name| value.raw(name).is_some();
    if has("new_quality_score") {
        Some("message_template_quality_update")
    } else if has("message_echoes") {
        Some("smb_message_echoes")
    } else if has("history") {
        Some("history")
    } else if has("state_sync") {
        Some("smb_app_state_sync")
    } else if has("user_preferences") {
        Some("user_preferences")
    } else if has("calls") {
        Some("calls")
    } else if has("messages") || has("statuses") {
        Some("messages")
    } else if has("message_template_id") && has("event") {
        Some("message_template_status_update")
    } else if has("event") && (has("waba_info") || has("ban_info") || has("restriction_info")) {
        Some("account_update")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(*kind));
        }
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
