//! What an organisation decides for itself. Stored as JSON; a field that is absent has its default, so that old
//! settings stay readable.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caps::FrequencyCaps;
use crate::gate::Policy;
use crate::keywords::KeywordSettings;
use crate::quiet::QuietHours;

/// An organisation's settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrgSettings {
    /// How much consent a template needs.
    pub policy: Policy,
    /// Whether a contact who opted out is opted in again by writing to us. Off unless the organisation says so.
    pub inbound_lifts_opt_out: bool,
    /// When nothing is begun by us. Absent: at any time.
    pub quiet_hours: Option<QuietHours>,
    /// How much that is begun by us a contact gets.
    pub caps: FrequencyCaps,
    /// Words that count as STOP and START.
    pub keywords: KeywordSettings,
    /// What the AI does.
    pub ai: AiSettings,
    /// Items of the checklist that only a person can tell, ticked off.
    pub at_hand: AtHand,
    /// How long things are kept.
    pub retention: Retention,
}

impl Default for OrgSettings {
    fn default() -> Self {
        Self {
            policy: Policy::WindowOrOptIn,
            inbound_lifts_opt_out: false,
            quiet_hours: None,
            caps: FrequencyCaps::default(),
            keywords: KeywordSettings::default(),
            ai: AiSettings::default(),
            at_hand: AtHand::default(),
            retention: Retention::default(),
        }
    }
}

/// How long things are kept, in days. Absent: for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Pictures, films, voice notes and stickers that customers sent.
    #[schema(minimum = 1, maximum = 3650)]
    pub media_inbound_days: Option<u32>,
    /// Documents that customers sent.
    #[schema(minimum = 1, maximum = 3650)]
    pub media_documents_days: Option<u32>,
    /// Files that the organisation sent, since they were sent last.
    #[schema(minimum = 1, maximum = 3650)]
    pub media_outbound_days: Option<u32>,
}

impl Retention {
    /// How many days a rule may name.
    pub const DAYS: std::ops::RangeInclusive<u32> = 1..=3650;

    /// Every rule with its name.
    pub fn days(self) -> [(&'static str, Option<u32>); 3] {
        [
            ("media_inbound_days", self.media_inbound_days),
            ("media_documents_days", self.media_documents_days),
            ("media_outbound_days", self.media_outbound_days),
        ]
    }
}

/// What somebody of the organisation said to have at hand for connecting WhatsApp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AtHand {
    /// The business's legal papers.
    pub legal_papers: bool,
    /// A website or public page that shows the business's name.
    pub website: bool,
    /// A number that is not in use on WhatsApp.
    pub unused_number: bool,
    /// A card for Meta's charges.
    pub payment_card: bool,
}

/// What the AI does in an organisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AiSettings {
    /// Whether it answers at all.
    pub enabled: bool,
    /// How it should sound, in the organisation's words.
    #[schema(max_length = 500)]
    pub persona: String,
    /// Seconds to wait for further quick messages before answering them together. Absent: 2; 0 answers each at once.
    #[schema(maximum = 30)]
    pub wait_seconds: Option<u32>,
    /// At most so many automatic replies in one conversation within an hour: two machines must not talk for ever.
    pub replies_per_hour: u32,
    /// At most so many answers by a model a day; beyond it the embedded answerer serves. Absent: no limit.
    pub answers_per_day: Option<u32>,
    /// At most so many tokens a day, read and written, or `"unlimited"`. What the operator allows its own model to cost
    /// holds besides.
    pub tokens_per_day: DailyTokens,
    /// Whether an answer names its source to the customer.
    pub cite: bool,
    /// The greeting to send instead of the usual one; empty for the usual.
    #[schema(max_length = 500)]
    pub greeting: String,
}

impl AiSettings {
    /// How long people take from one quick message to the next, mostly; an answer that comes later seems slow.
    const USUAL_WAIT: Duration = Duration::from_secs(2);

    /// How long to wait for further quick messages.
    pub fn wait(&self) -> Duration {
        self.wait_seconds.map_or(Self::USUAL_WAIT, |seconds| Duration::from_secs(seconds.into()))
    }
}

/// How many tokens a day an organisation allows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum DailyTokens {
    /// So many.
    AtMost(u64),
    /// As many as there are questions.
    Unlimited(Unlimited),
}

impl DailyTokens {
    /// The limit, if there is one.
    pub fn limit(self) -> Option<u64> {
        match self {
            Self::AtMost(most) => Some(most),
            Self::Unlimited(_) => None,
        }
    }
}

/// The word for a limit that there is none of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unlimited {
    /// No limit.
    Unlimited,
}

impl Default for AiSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            persona: String::new(),
            wait_seconds: None,
            replies_per_hour: 30,
            answers_per_day: None,
            tokens_per_day: DailyTokens::AtMost(2_000_000),
            cite: true,
            greeting: String::new(),
        }
    }
}

impl OrgSettings {
    /// Reads stored settings; what cannot be read at all counts as the defaults.
    pub fn read(stored: &str) -> Self {
        serde_json::from_str(stored).unwrap_or_default()
    }

    /// What to store.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_fields_have_their_defaults() {
        assert_eq!(OrgSettings::read("{}"), OrgSettings::default());
        let settings = OrgSettings::read(r#"{"policy":"strict_opt_in","ai":{"enabled":false}}"#);
        assert_eq!(settings.policy, Policy::StrictOptIn);
        assert!(!settings.ai.enabled && settings.ai.cite);
        assert_eq!(settings.ai.wait(), Duration::from_secs(2));
        assert_eq!(OrgSettings::read(r#"{"ai":{"wait_seconds":0}}"#).ai.wait(), Duration::ZERO);
        assert_eq!(OrgSettings::read(&settings.write()), settings);
    }

    #[test]
    fn a_day_may_cost_so_much_or_whatever_it_takes() {
        let read = |tokens: &str| {
            serde_json::from_str::<OrgSettings>(&format!(r#"{{"ai":{{"tokens_per_day":{tokens}}}}}"#))
                .map(|settings| settings.ai.tokens_per_day.limit())
        };
        assert_eq!(read("5000").ok(), Some(Some(5_000)));
        assert_eq!(read(r#""unlimited""#).ok(), Some(None));
        assert!(read(r#""plenty""#).is_err() && read("-1").is_err());
        let unlimited = OrgSettings::read(r#"{"ai":{"tokens_per_day":"unlimited"}}"#);
        assert_eq!(OrgSettings::read(&unlimited.write()), unlimited);
    }

    #[test]
    fn a_misspelt_setting_is_an_error_and_not_ignored() {
        assert!(serde_json::from_str::<OrgSettings>(r#"{"polcy":"strict_opt_in"}"#).is_err());
    }
}
