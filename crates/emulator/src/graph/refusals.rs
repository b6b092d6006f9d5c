//! The refusals of onboarding, each worded once: the handlers raise them where the world calls for them, and
//! [`super::failures`] gives them on demand.
//!
//! Texts: meta-onboarding 3.1, 3.7, 11.2. A client matches on code and subcode, never on the text.

use super::error::GraphError;

/// Code older than 30 seconds.
pub fn code_expired() -> GraphError {
    GraphError::core(400, 100, "This authorization code has expired.").with_subcode(36007)
}

/// Code used before.
pub fn code_used() -> GraphError {
    GraphError::core(400, 100, "This authorization code has been used.").with_subcode(36009)
}

/// `redirect_uri` sent for a popup's code, or another one than the dialog's.
pub fn redirect_mismatch() -> GraphError {
    GraphError::core(
        400,
        100,
        "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in \
         the OAuth dialog request",
    )
    .with_subcode(36008)
}

/// Not a code at all.
pub fn code_malformed() -> GraphError {
    GraphError::core(400, 100, "Invalid verification code format.")
}

/// App secret wrong.
pub fn wrong_secret() -> GraphError {
    GraphError::core(400, 1, "Error validating client secret.")
}

/// No such app.
pub fn unknown_app() -> GraphError {
    GraphError::core(
        400,
        101,
        "Error validating application. Cannot get application info due to a system error.",
    )
}

/// Inspecting and inspected token belong to different apps.
pub fn app_mismatch() -> GraphError {
    GraphError::parameter("The App_id in the input_token did not match the Viewing App")
}

/// `/me` without a token.
pub fn no_user() -> GraphError {
    GraphError::core(
        400,
        2500,
        "An active access token must be used to query information about the current user.",
    )
}

/// A field (or an edge) that the node type does not have; most often a portfolio id where a messaging account's
/// belongs.
pub fn nonexisting_field(field: &str, kind: &str) -> GraphError {
    GraphError::parameter(format!("Tried accessing nonexisting field ({field}) on node type ({kind})"))
}

/// The app may not do this.
pub fn not_for_this_app() -> GraphError {
    GraphError::core(403, 10, "(#10) Application does not have permission for this action")
}

/// Override asked for before a bare subscription.
pub fn override_before_subscription() -> GraphError {
    GraphError::parameter(
        "Before override the current callback uri, your app must be subscribed to receive messages for WhatsApp \
         Business Account",
    )
}

/// The callback did not answer the handshake as it must; `why` as Meta writes it.
pub fn handshake_failed(why: &str) -> GraphError {
    GraphError::core(
        400,
        2200,
        format!("(#2200) Callback verification failed with the following errors: {why}"),
    )
}

/// Number not verified by code yet.
pub fn not_verified() -> GraphError {
    GraphError::cloud(133006, "Phone number re-verification needed", "Verify the number first")
}

/// Another PIN is set.
pub fn pin_mismatch() -> GraphError {
    GraphError::cloud(133005, "Two step verification PIN Mismatch", "PIN incorrect")
}

/// More than ten (de)registrations in 72 hours.
pub fn register_limit() -> GraphError {
    GraphError::cloud(
        133016,
        "Account register deregister rate limit exceeded",
        "Registration or Deregistration failed because there were too many attempts for this phone number in a short \
         period of time",
    )
}

/// Number not registered.
pub fn not_registered() -> GraphError {
    GraphError::core(400, 133010, "(#133010) Account not registered")
}

/// The account is locked by Meta.
pub fn locked() -> GraphError {
    GraphError::cloud(
        131031,
        "Business Account locked",
        "Your account has been locked because of a policy violation.",
    )
}

/// Coexistence sync asked for twice.
pub fn sync_limit() -> GraphError {
    GraphError::core(400, 2593107, "(#2593107) Synchronization request limit exceeded")
}

/// Coexistence sync later than 24 hours after onboarding.
pub fn sync_window() -> GraphError {
    GraphError::core(400, 2593108, "(#2593108) Synchronization request made outside of allowed time window")
}

/// No `appsecret_proof` where one is required.
pub fn no_proof() -> GraphError {
    GraphError::core(400, 100, "API calls from the server require an appsecret_proof argument")
}

/// An `appsecret_proof` of another token or secret.
pub fn wrong_proof() -> GraphError {
    GraphError::core(400, 100, "Invalid appsecret_proof provided in the API argument")
}

/// A number sends faster than it may.
pub fn throughput() -> GraphError {
    GraphError::cloud(130429, "Rate limit hit", "Cloud API message throughput has been reached.")
}

/// Too many messages to one person.
pub fn pair_rate() -> GraphError {
    GraphError::cloud(
        131056,
        "(Business Account, Consumer Account) pair rate limit hit",
        "Too many messages sent from the sender phone number to the same recipient phone number in a short period of \
         time.",
    )
}

/// Too many management calls on a messaging account.
pub fn too_many_calls() -> GraphError {
    GraphError::core(
        400,
        80007,
        "(#80007) There have been too many calls to this WhatsApp Business account. Wait a bit and try again.",
    )
}

/// A test number writes to somebody who is not on its list.
pub fn not_allowed_recipient() -> GraphError {
    GraphError::cloud(
        131030,
        "Recipient phone number not in allowed list",
        "Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.",
    )
}
