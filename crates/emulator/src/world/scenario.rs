//! How a run of the signup dialog ends, as data.
//!
//! A [`Scenario`] says which outcome a person reaches and how the browser messages misbehave on the way; [`script`]
//! turns it into the exact messages the popup posts. Pure: no clock, no randomness, no world.
//!
//! Source: Meta Embedded Signup, message event and outcomes, 2026-06; the misbehaviour is what field reports show.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;
use utoipa::ToSchema;

/// What the person did in the dialog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Shared a messaging account with a number: event `FINISH` and a code.
    #[default]
    Finish,
    /// Shared a messaging account without a number: event `FINISH_ONLY_WABA` (gone under the account model evolution).
    FinishOnlyWaba,
    /// Linked a number of the WhatsApp Business app: event `FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING`.
    Coexistence,
    /// Granted the app only, without making its portfolio a partner: event `FINISH_GRANT_ONLY_API_ACCESS`.
    AppOnly,
    /// Finished a transfer of the former on-behalf-of model: event `FINISH_OBO_MIGRATION`.
    Obo,
    /// Gave up at a step: event `CANCEL` with `current_step`, no code.
    Cancel,
    /// Reported a problem on an error screen: event `CANCEL` with an error object, no code.
    Error,
    /// Closed the window: no event, no code.
    Close,
    /// Finished, yet the page never gets the code.
    FinishWithoutCode,
    /// Finished, yet the page never gets the event.
    CodeWithoutEvent,
}

impl Outcome {
    /// Whether the client's accounts are shared at the end, whatever the browser is told.
    pub fn shares(self) -> bool {
        !matches!(self, Self::Cancel | Self::Error | Self::Close)
    }

    /// Whether a code reaches the page.
    pub fn hands_over_code(self) -> bool {
        self.shares() && self != Self::FinishWithoutCode
    }

    fn event(self) -> Option<&'static str> {
        Some(match self {
            Self::Finish | Self::FinishWithoutCode => "FINISH",
            Self::FinishOnlyWaba => "FINISH_ONLY_WABA",
            Self::Coexistence => "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING",
            Self::AppOnly => "FINISH_GRANT_ONLY_API_ACCESS",
            Self::Obo => "FINISH_OBO_MIGRATION",
            Self::Cancel | Self::Error => "CANCEL",
            Self::Close | Self::CodeWithoutEvent => return None,
        })
    }
}

/// Which of the two, session event or code, the page sees first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The event is posted, then the code handed over.
    #[default]
    EventFirst,
    /// The code is handed over, then the event posted.
    CodeFirst,
}

/// Which ids the session event names. The server must never trust them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventIds {
    /// The ids that were really shared.
    #[default]
    Real,
    /// The messaging account of somebody else.
    ForeignWaba,
    /// No `phone_number_id`, no `business_id`.
    MissingPhone,
}

/// When the partner webhooks are sent, seen from the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartnerWebhooks {
    /// At once, before the code can be exchanged.
    #[default]
    BeforeExchange,
    /// When the code is exchanged.
    AfterExchange,
    /// Never: the webhook was lost.
    Lost,
}

/// One run of the dialog, chosen by a test or by the person clicking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// How the run ends.
    pub outcome: Outcome,
    /// `current_step` of a cancellation; `PHONE_NUMBER_SETUP` unless given.
    pub step: Option<String>,
    /// Code of a reported error; `524126` unless given.
    pub error_code: Option<String>,
    /// Text of a reported error.
    pub error_message: Option<String>,
    /// Use the former key `error_id` in place of `error_code`.
    pub legacy_error_key: bool,
    /// Event before code, or code before event.
    pub order: Order,
    /// Milliseconds between the two.
    pub delay_ms: u64,
    /// Post unrelated messages first: text that is not JSON, an unknown event name.
    pub noise: bool,
    /// Post the session event twice.
    pub duplicate_event: bool,
    /// Also post a forged `FINISH` from another origin.
    pub evil_origin: bool,
    /// Which ids the event names.
    pub event_ids: EventIds,
    /// The event also carries the lists of shared assets that configurations with more products give.
    pub asset_lists: bool,
    /// The event also carries `waac_id` and `cs_id`, as from phase 2 of the account model evolution.
    pub phase_two_ids: bool,
    /// Post the event as an object in place of JSON text.
    pub object_event: bool,
    /// The callback is never called where it would have been called empty-handed.
    pub silent_callback: bool,
    /// When the partner webhooks are sent.
    pub webhooks: PartnerWebhooks,
}

/// The ids an event may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedIds {
    /// Messaging account.
    pub waba_id: String,
    /// Number, absent when the run ended without one.
    pub phone_number_id: Option<String>,
    /// Client's business portfolio.
    pub business_id: String,
    /// Messaging account of somebody else, for [`EventIds::ForeignWaba`].
    pub foreign_waba_id: String,
}

/// Where a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The dialog's own origin.
    Dialog,
    /// An origin that has nothing to do with the dialog.
    Stranger,
}

/// One message the popup posts to the page that opened it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Post {
    /// Who posts it.
    pub from: Sender,
    /// Milliseconds to wait before it, counted from the message before.
    pub after_ms: u64,
    /// `event.data`: text, or an object when the scenario asks for one.
    pub data: Value,
}

/// What the stand-in SDK needs to recognise its own message.
#[derive(Clone, Debug, Default)]
pub struct Channel {
    /// The `cb` value that the SDK chose; empty without an SDK.
    pub id: String,
    /// Origin of the page that opened the dialog.
    pub page_origin: String,
}

/// The messages of one run, in order.
pub fn script(
    scenario: &Scenario,
    ids: &SharedIds,
    code: Option<&str>,
    now: i64,
    channel: &Channel,
) -> Vec<Post> {
    let mut posts = Vec::new();
    if scenario.noise {
        posts.push(post(0, json!("fb_dialog_ready")));
        posts.push(post(0, json!(r#"{"type":"WA_EMBEDDED_SIGNUP","event":"SCREEN_SHOWN","data":{}}"#)));
    }
    if scenario.evil_origin {
        let forged = SharedIds { waba_id: ids.foreign_waba_id.clone(), ..ids.clone() };
        let honest = Scenario::default();
        let data = event("FINISH", event_data(&honest, &forged, now), false);
        posts.push(Post { from: Sender::Stranger, after_ms: 0, data });
    }
    let events = session_events(scenario, ids, now);
    let callback = callback_message(scenario, code, channel);
    let (first, second) = match scenario.order {
        Order::EventFirst => (events, Vec::from_iter(callback)),
        Order::CodeFirst => (Vec::from_iter(callback), events),
    };
    posts.extend(first);
    let gap = posts.len();
    posts.extend(second);
    if let Some(later) = posts.get_mut(gap) {
        later.after_ms = scenario.delay_ms;
    }
    posts
}

/// What `FB.login` hands to its callback; `None` when it is never called.
pub fn callback(scenario: &Scenario, code: Option<&str>) -> Option<Value> {
    match code.filter(|_| scenario.outcome.hands_over_code()) {
        Some(code) => Some(json!({
            "authResponse": { "userID": null, "expiresIn": null, "code": code }, "status": "connected"
        })),
        None if scenario.silent_callback => None,
        None => Some(json!({ "authResponse": null, "status": "unknown" })),
    }
}

fn post(after_ms: u64, data: Value) -> Post {
    Post { from: Sender::Dialog, after_ms, data }
}

fn session_events(scenario: &Scenario, ids: &SharedIds, now: i64) -> Vec<Post> {
    let Some(name) = scenario.outcome.event() else { return Vec::new() };
    let one = post(0, event(name, event_data(scenario, ids, now), scenario.object_event));
    let copies = if scenario.duplicate_event { 2 } else { 1 };
    vec![one; copies]
}

/// The event as Meta's popup writes it; a struct because the order of its keys is part of the text.
#[derive(Serialize)]
struct Event<'a> {
    data: EventData<'a>,
    r#type: &'static str,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum EventData<'a> {
    Shared {
        #[serde(skip_serializing_if = "Option::is_none")]
        phone_number_id: Option<&'a str>,
        waba_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        business_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        waba_ids: Option<[&'a str; 1]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        page_ids: Option<[&'a str; 0]>,
        #[serde(skip_serializing_if = "Option::is_none")]
        waac_id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cs_id: Option<&'a str>,
    },
    Abandoned {
        current_step: &'a str,
    },
    Reported {
        error_message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_code: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_id: Option<&'a str>,
        session_id: &'static str,
        timestamp: String,
    },
}

/// The current flow leaves `version` out of `FINISH`; its coexistence and cancel samples still carry 3.
fn event(name: &'static str, data: EventData<'_>, as_object: bool) -> Value {
    let versioned = !name.starts_with("FINISH") || name == "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING";
    let body = Event { data, r#type: "WA_EMBEDDED_SIGNUP", event: name, version: versioned.then_some(3) };
    if as_object { json!(body) } else { Value::String(serde_json::to_string(&body).unwrap_or_default()) }
}

fn event_data<'a>(scenario: &'a Scenario, ids: &'a SharedIds, now: i64) -> EventData<'a> {
    match scenario.outcome {
        Outcome::Cancel => {
            let current_step = scenario.step.as_deref().unwrap_or("PHONE_NUMBER_SETUP");
            EventData::Abandoned { current_step }
        }
        Outcome::Error => reported(scenario, now),
        outcome => {
            let complete = scenario.event_ids != EventIds::MissingPhone && outcome != Outcome::Coexistence;
            let waba_id = match scenario.event_ids {
                EventIds::ForeignWaba => &ids.foreign_waba_id,
                EventIds::Real | EventIds::MissingPhone => &ids.waba_id,
            };
            let number = ids.phone_number_id.as_deref().filter(|_| outcome != Outcome::FinishOnlyWaba);
            EventData::Shared {
                phone_number_id: number.filter(|_| complete),
                waba_id,
                business_id: complete.then_some(ids.business_id.as_str()),
                waba_ids: scenario.asset_lists.then_some([waba_id.as_str()]),
                page_ids: scenario.asset_lists.then_some([]),
                // The account that holds the number alone; its id is made of the number's.
                waac_id: number.filter(|_| scenario.phase_two_ids).map(|number| format!("9{number}")),
                cs_id: number.filter(|_| scenario.phase_two_ids),
            }
        }
    }
}

fn reported(scenario: &Scenario, now: i64) -> EventData<'_> {
    let code = Some(scenario.error_code.as_deref().unwrap_or("524126"));
    let message = scenario.error_message.as_deref();
    EventData::Reported {
        error_message: message.unwrap_or("Your verified name violates WhatsApp guidelines."),
        error_code: code.filter(|_| !scenario.legacy_error_key),
        error_id: code.filter(|_| scenario.legacy_error_key),
        session_id: "f34b51dab5e0498",
        timestamp: now.to_string(),
    }
}

/// The SDK's own message. It carries the code past every listener of the page, as Meta's does.
fn callback_message(scenario: &Scenario, code: Option<&str>, channel: &Channel) -> Option<Post> {
    if channel.id.is_empty() {
        return None;
    }
    let code = code.filter(|_| scenario.outcome.hands_over_code());
    if code.is_none() && !scenario.silent_callback {
        // The SDK learns of an empty-handed end from the window being closed.
        return None;
    }
    let domain =
        url::Url::parse(&channel.page_origin).ok().and_then(|page| page.host_str().map(str::to_owned));
    let mut fields = form_urlencoded::Serializer::new(String::new());
    fields
        .append_pair("cb", &channel.id)
        .append_pair("domain", domain.as_deref().unwrap_or_default())
        .append_pair("is_canvas", "false")
        .append_pair("origin", &format!("{}/{}", channel.page_origin, channel.id))
        .append_pair("relation", "opener")
        .append_pair("frame", &channel.id);
    match code {
        Some(code) => fields.append_pair("code", code),
        None => fields.append_pair("silent", "1"),
    };
    Some(post(0, Value::String(fields.finish())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> SharedIds {
        SharedIds {
            waba_id: "700000000000003".into(),
            phone_number_id: Some("600000000000004".into()),
            business_id: "800000000000002".into(),
            foreign_waba_id: "700000000000777".into(),
        }
    }

    fn channel() -> Channel {
        Channel { id: "f1a2b3".into(), page_origin: "https://app.example".into() }
    }

    fn run(scenario: &Scenario) -> Vec<Post> {
        script(scenario, &ids(), Some("AQBFAKE1"), 1_795_136_000, &channel())
    }

    fn parsed(post: &Post) -> Value {
        serde_json::from_str(post.data.as_str().expect("text")).expect("JSON")
    }

    #[test]
    fn a_finish_is_word_for_word_the_documented_event() {
        let posts = run(&Scenario::default());
        assert_eq!(
            posts[0].data,
            json!(
                r#"{"data":{"phone_number_id":"600000000000004","waba_id":"700000000000003","business_id":"800000000000002"},"type":"WA_EMBEDDED_SIGNUP","event":"FINISH"}"#
            )
        );
        let code = posts[1].data.as_str().expect("text");
        assert!(
            code.starts_with("cb=f1a2b3&domain=app.example&is_canvas=false&origin=https%3A%2F%2Fapp.example")
        );
        assert!(code.ends_with("&code=AQBFAKE1"));
    }

    #[test]
    fn order_and_delay_move_the_second_message() {
        let posts = run(&Scenario { order: Order::CodeFirst, delay_ms: 700, ..Scenario::default() });
        assert!(posts[0].data.as_str().is_some_and(|text| text.contains("code=")));
        assert_eq!((posts[0].after_ms, posts[1].after_ms), (0, 700));
    }

    #[test]
    fn coexistence_names_only_the_messaging_account() {
        let posts = run(&Scenario { outcome: Outcome::Coexistence, ..Scenario::default() });
        assert_eq!(
            parsed(&posts[0]),
            json!({"data":{"waba_id":"700000000000003"},"type":"WA_EMBEDDED_SIGNUP",
                   "event":"FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING","version":3})
        );
    }

    #[test]
    fn a_cancellation_names_its_step_and_hands_over_nothing() {
        let scenario =
            Scenario { outcome: Outcome::Cancel, step: Some("PERMISSIONS".into()), ..Scenario::default() };
        let posts = run(&scenario);
        assert_eq!(posts.len(), 1);
        assert_eq!(parsed(&posts[0])["data"], json!({"current_step":"PERMISSIONS"}));
        assert_eq!(
            callback(&scenario, Some("AQBFAKE1")),
            Some(json!({"authResponse":null,"status":"unknown"}))
        );
    }

    #[test]
    fn a_reported_error_uses_either_key() {
        let mut scenario = Scenario { outcome: Outcome::Error, ..Scenario::default() };
        assert_eq!(parsed(&run(&scenario)[0])["data"]["error_code"], "524126");
        scenario.legacy_error_key = true;
        assert_eq!(parsed(&run(&scenario)[0])["data"]["error_id"], "524126");
    }

    #[test]
    fn missing_halves_are_missing() {
        assert_eq!(run(&Scenario { outcome: Outcome::Close, ..Scenario::default() }), vec![]);
        let no_event = run(&Scenario { outcome: Outcome::CodeWithoutEvent, ..Scenario::default() });
        assert!(no_event.iter().all(|post| post.data.as_str().is_some_and(|text| text.starts_with("cb="))));
        let no_code =
            Scenario { outcome: Outcome::FinishWithoutCode, silent_callback: true, ..Scenario::default() };
        let posts = run(&no_code);
        assert!(posts[1].data.as_str().is_some_and(|text| text.ends_with("silent=1")));
        assert_eq!(callback(&no_code, Some("AQBFAKE1")), None);
    }

    #[test]
    fn misbehaviour_adds_messages_and_foreign_ids() {
        let posts = run(&Scenario {
            noise: true,
            duplicate_event: true,
            evil_origin: true,
            event_ids: EventIds::ForeignWaba,
            ..Scenario::default()
        });
        assert_eq!(posts.iter().filter(|post| post.from == Sender::Stranger).count(), 1);
        let events = posts.iter().filter(|post| {
            post.from == Sender::Dialog && post.data.as_str().is_some_and(|t| t.contains("\"FINISH\""))
        });
        assert_eq!(events.count(), 2);
        assert_eq!(parsed(&posts[3])["data"]["waba_id"], "700000000000777");
    }

    #[test]
    fn later_configurations_and_phases_add_their_keys() {
        let posts = run(&Scenario { asset_lists: true, phase_two_ids: true, ..Scenario::default() });
        assert_eq!(
            parsed(&posts[0])["data"],
            json!({"phone_number_id":"600000000000004","waba_id":"700000000000003","business_id":"800000000000002",
                   "waba_ids":["700000000000003"],"page_ids":[],"waac_id":"9600000000000004","cs_id":"600000000000004"})
        );
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        assert!(serde_json::from_str::<Scenario>(r#"{"outcome":"finish","dely_ms":3}"#).is_err());
    }
}
