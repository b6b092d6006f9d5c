//! The failures that can be asked for by name: refusals (meta-onboarding 11.2, meta-messaging 7.10), and answers of 200
//! behind which nothing is as it should be (meta-onboarding 11.1: the write proves nothing).

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::error::GraphError;
use super::refusals;
use crate::world::FaultEffect;

/// A failure that can be asked for.
struct Named {
    name: &'static str,
    about: &'static str,
    make: fn() -> GraphError,
}

/// A call that Meta answers with 200 although what was asked for is not so. Nothing takes effect.
struct Hollow {
    name: &'static str,
    about: &'static str,
    body: fn() -> Value,
}

const HOLLOW: &[Hollow] = &[
    Hollow {
        name: "accepted_without_effect",
        about: "`success:true`, and nothing has changed",
        body: || json!({ "success": true }),
    },
    Hollow { name: "empty_list", about: "the list is empty", body: || json!({ "data": [] }) },
    Hollow {
        name: "app_inactive",
        about: "app subscription with `active:false`",
        body: || app_subscription(false, &["messages", "account_update"]),
    },
    Hollow {
        name: "messages_missing",
        about: "app subscription without the field `messages`",
        body: || app_subscription(true, &["account_update"]),
    },
    Hollow {
        name: "token_invalid",
        about: "debug_token, token no longer valid",
        body: || {
            json!({ "data": { "app_id": "111222333444555", "is_valid": false, "scopes": [], "expires_at": 0, "error": {
                "code": 190, "subcode": 460,
                "message": "Error validating access token: The session has been invalidated." } } })
        },
    },
];

fn app_subscription(active: bool, fields: &[&str]) -> Value {
    let fields: Vec<Value> = fields.iter().map(|name| json!({ "name": name, "version": "v25.0" })).collect();
    json!({ "data": [{ "object": "whatsapp_business_account", "callback_url": "https://hooks.example/meta",
        "active": active, "fields": fields }] })
}

const LIST: &[Named] = &[
    Named { name: "code_expired", about: "exchange, code older than 30 s", make: refusals::code_expired },
    Named { name: "code_used", about: "exchange, second use", make: refusals::code_used },
    Named {
        name: "redirect_mismatch",
        about: "exchange, redirect_uri differs",
        make: refusals::redirect_mismatch,
    },
    Named { name: "wrong_secret", about: "exchange, wrong app secret", make: refusals::wrong_secret },
    Named { name: "unknown_app", about: "exchange, no such app", make: refusals::unknown_app },
    Named { name: "app_mismatch", about: "debug_token, token of another app", make: refusals::app_mismatch },
    Named { name: "bad_token", about: "token that is none", make: GraphError::bad_token },
    Named {
        name: "token_expired",
        about: "token past its end",
        make: || {
            GraphError::core(401, 190, "Error validating access token: Session has expired on Thursday, 19-Nov-26 16:00:00 PST. The current time is Thursday, 19-Nov-26 16:53:20 PST.").with_subcode(463)
        },
    },
    Named {
        name: "app_removed",
        about: "the client removed the app",
        make: || {
            GraphError::core(
                401,
                190,
                "Error validating access token: The user has not authorized application 111222333444555.",
            )
            .with_subcode(458)
        },
    },
    Named { name: "no_token", about: "no token sent", make: GraphError::no_token },
    Named { name: "no_user", about: "`/me` with a token of nobody (2500)", make: refusals::no_user },
    Named {
        name: "unknown_object",
        about: "id unknown or not shared",
        make: || GraphError::unknown_object(&axum::http::Method::GET, "700000000000003"),
    },
    Named {
        name: "portfolio_id",
        about: "portfolio id used as messaging account id",
        make: || refusals::nonexisting_field("phone_numbers", "Business"),
    },
    Named { name: "permission", about: "scope or asset right missing (200)", make: GraphError::permission },
    Named {
        name: "no_permission_for_action",
        about: "permission denied (10)",
        make: refusals::not_for_this_app,
    },
    Named {
        name: "send_permission",
        about: "send without messaging right",
        make: || {
            GraphError::core(
                403,
                200,
                "(#200) You do not have the necessary permissions to send messages on behalf of this WhatsApp Business Account",
            )
        },
    },
    Named {
        name: "override_before_subscription",
        about: "webhook override before the bare subscription",
        make: refusals::override_before_subscription,
    },
    Named {
        name: "handshake_failed",
        about: "callback handshake fails",
        make: || refusals::handshake_failed("HTTP Status Code = 403; HTTP Message = Forbidden"),
    },
    Named { name: "not_verified", about: "register, number not verified", make: refusals::not_verified },
    Named { name: "pin_mismatch", about: "register, wrong PIN", make: refusals::pin_mismatch },
    Named {
        name: "pin_guesses",
        about: "register, too many PIN guesses",
        make: || {
            GraphError::cloud(
                133008,
                "Too Many two step verification PIN Guesses",
                "Too many attempts. Try again after 3600 seconds.",
            )
        },
    },
    Named {
        name: "pin_guessed_too_fast",
        about: "register, PIN guessed too fast",
        make: || {
            GraphError::cloud(
                133009,
                "Two step verification PIN Guessed Too Fast",
                "Two step verification PIN was entered too quickly. Try again later.",
            )
        },
    },
    Named {
        name: "recently_deleted",
        about: "register, number deleted less than five minutes ago",
        make: || {
            GraphError::cloud(
                133015,
                "Please wait a few minutes before attempting to register this phone number",
                "The phone number was recently deleted, and the deletion is not complete.",
            )
        },
    },
    Named { name: "register_limit", about: "11th registration in 72 hours", make: refusals::register_limit },
    Named { name: "not_registered", about: "number not registered", make: refusals::not_registered },
    Named {
        name: "unfunded",
        about: "no payment method",
        make: || {
            GraphError::cloud(
                131042,
                "Business eligibility payment issue",
                "Failed to send message because there were one or more errors related to your payment method.",
            )
        },
    },
    Named { name: "sync_limit", about: "smb_app_data repeated", make: refusals::sync_limit },
    Named { name: "sync_window", about: "smb_app_data after 24 hours", make: refusals::sync_window },
    Named { name: "locked", about: "account locked", make: refusals::locked },
    Named {
        name: "blocked_by_policy",
        about: "temporarily blocked for policy violation",
        make: || GraphError::core(403, 368, "(#368) Temporarily blocked for policies violations."),
    },
    Named { name: "account_rate", about: "management calls over the limit", make: refusals::too_many_calls },
    Named {
        name: "app_rate",
        about: "app calls over the limit",
        make: || GraphError::core(400, 4, "(#4) Application request limit reached"),
    },
    Named { name: "throughput", about: "messages per second over the limit", make: refusals::throughput },
    Named { name: "pair_rate", about: "too many messages to one person", make: refusals::pair_rate },
    Named {
        name: "spam_rate",
        about: "spam rate limit",
        make: || {
            GraphError::cloud(
                131048,
                "Spam rate limit hit",
                "Message failed to send because there are restrictions on how many messages can be sent from this phone number.",
            )
        },
    },
    Named {
        name: "maintenance",
        about: "number in maintenance for a minute",
        make: || {
            GraphError::cloud(
                131057,
                "Account in maintenance mode",
                "Business Account is in maintenance mode. Try again in a minute.",
            )
        },
    },
    Named {
        name: "service_down",
        about: "service unavailable (2)",
        make: || GraphError::core(503, 2, "Service temporarily unavailable"),
    },
    Named {
        name: "unknown",
        about: "unknown error (1)",
        make: || GraphError::core(400, 1, "An unknown error occurred"),
    },
    Named {
        name: "something_wrong",
        about: "something went wrong (131000)",
        make: || {
            GraphError::cloud(
                131000,
                "Something went wrong",
                "Message failed to send due to an unknown error.",
            )
        },
    },
    Named {
        name: "send_unavailable",
        about: "service unavailable (131016)",
        make: || GraphError::cloud(131016, "Service unavailable", "Service is temporarily unavailable."),
    },
    Named {
        name: "window_closed",
        about: "window closed, at once",
        make: || {
            GraphError::cloud(
                131047,
                "Re-engagement message",
                "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
            )
        },
    },
    Named {
        name: "not_allowed_recipient",
        about: "recipient not on the test number's list",
        make: refusals::not_allowed_recipient,
    },
    Named {
        name: "display_name",
        about: "555 number without approved display name",
        make: || {
            GraphError::cloud(
                131037,
                "Display name approval needed",
                "Message failed to send because the display name of this phone number is not approved.",
            )
        },
    },
    Named {
        name: "template_missing",
        about: "no such template or language",
        make: || {
            GraphError::cloud(
                132001,
                "Template name does not exist in the translation",
                "template name (order_update) does not exist in en_US",
            )
        },
    },
    Named {
        name: "template_paused",
        about: "template paused",
        make: || GraphError::cloud(132015, "Template is Paused", "Template is paused due to low quality."),
    },
    Named {
        name: "template_disabled",
        about: "template disabled",
        make: || {
            GraphError::cloud(
                132016,
                "Template is Disabled",
                "Template has been paused too many times due to low quality and is now permanently disabled.",
            )
        },
    },
];

/// The refusal that a fault asks for, if it asks for one.
pub fn refusal_of(effect: &FaultEffect) -> Option<GraphError> {
    match effect {
        FaultEffect::Failure(name) => {
            LIST.iter().find(|named| named.name == name).map(|named| (named.make)())
        }
        FaultEffect::Error { status, code, subcode, message, details } => {
            let mut error = GraphError::core(*status, *code, message.clone());
            error.subcode = *subcode;
            error.details.clone_from(details);
            Some(error)
        }
        _ => None,
    }
}

/// The answer of 200 with this name.
pub fn hollow(name: &str) -> Option<Response> {
    let found = HOLLOW.iter().find(|hollow| hollow.name == name)?;
    Some((StatusCode::OK, Json((found.body)())).into_response())
}

/// Whether a failure of this name can be asked for.
pub fn is_known(name: &str) -> bool {
    list().any(|(known, ..)| known == name)
}

/// Name and occasion of every failure that can be asked for, with Meta's error where it is a refusal.
pub fn list() -> impl Iterator<Item = (&'static str, &'static str, Option<GraphError>)> {
    let refusals = LIST.iter().map(|named| (named.name, named.about, Some((named.make)())));
    refusals.chain(HOLLOW.iter().map(|hollow| (hollow.name, hollow.about, None)))
}
