//! What Meta answers to a draft: as it is stored and shown, and whether it may be otherwise later.

use meta::errors::{Doing, Language, explain};
use meta::graph::GraphError;
use serde_json::{Value, json};

/// What Meta has against something, as it is stored and shown.
pub fn stored(error: &GraphError) -> Value {
    let Some(refusal) = error.refusal() else {
        return json!({
            "code": "no_answer",
            "title": {
                "en": "Meta could not be reached, or its answer was lost on the way.",
                "id": "Meta tidak dapat dihubungi, atau jawabannya hilang di jalan.",
            },
            "details": error.to_string(),
        });
    };
    let explained = explain(Doing::Other, refusal.code, refusal.subcode);
    json!({
        "code": format!("meta_{}", refusal.subcode.unwrap_or(refusal.code)),
        "title": { "en": explained.sentence(Language::English), "id": explained.sentence(Language::Indonesian) },
        "action": { "en": explained.action(Language::English), "id": explained.action(Language::Indonesian) },
        "details": refusal.words(),
    })
}

/// Whether it may be otherwise in a while: the call is repeated by itself.
pub fn may_pass(error: &GraphError) -> bool {
    match error.refusal() {
        // 4, 80007 and 80008: too many calls for now.
        Some(refusal) => {
            refusal.is_transient
                || matches!(refusal.code, 1 | 2 | 4 | 80_007 | 80_008)
                || refusal.status >= 500
        }
        None => !matches!(error, GraphError::Malformed { .. } | GraphError::ForeignHost),
    }
}
