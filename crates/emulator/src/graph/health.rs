//! `health_status`: what stands between a number and its first message.
//!
//! The overall word is the worst of the entities'. Codes of this place occur nowhere else (meta-onboarding 6.3).

use serde_json::{Value, json};

use crate::world::{Account, Number, World};

/// Health as seen from a messaging account.
pub fn of_account(world: &World, account: &Account, app_id: &str) -> Value {
    whole(around(world, account, app_id))
}

/// Health as seen from a number; it is an entity of its own only here.
pub fn of_number(world: &World, number: &Number, app_id: &str) -> Value {
    let mut entities = vec![number_entity(number)];
    if let Some(account) = world.accounts.get(&number.account_id) {
        entities.extend(around(world, account, app_id));
    }
    whole(entities)
}

fn whole(entities: Vec<Value>) -> Value {
    let worst = ["BLOCKED", "LIMITED"]
        .into_iter()
        .find(|word| entities.iter().any(|entity| entity["can_send_message"] == *word))
        .unwrap_or("AVAILABLE");
    json!({ "can_send_message": worst, "entities": entities })
}

fn around(world: &World, account: &Account, app_id: &str) -> Vec<Value> {
    vec![
        account_entity(account),
        business_entity(world, &account.owner_id),
        json!({ "entity_type": "APP", "id": app_id, "can_send_message": "AVAILABLE" }),
    ]
}

/// Meta publishes no code for a number that is not registered, so only the text says it.
fn number_entity(number: &Number) -> Value {
    let entity =
        |word: &str| json!({ "entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": word });
    if !number.registered() {
        let mut blocked = entity("BLOCKED");
        blocked["additional_info"] = json!(["The phone number is not registered for the Cloud API."]);
        return blocked;
    }
    if matches!(number.name_status.as_str(), "PENDING_REVIEW" | "DECLINED" | "EXPIRED") {
        let mut limited = entity("LIMITED");
        limited["additional_info"] =
            json!(["Your display name has not been approved yet. Your message limit will \
                                             increase after the display name is approved."]);
        return limited;
    }
    entity("AVAILABLE")
}

fn account_entity(account: &Account) -> Value {
    let entity = |word: &str| json!({ "entity_type": "WABA", "id": account.id, "can_send_message": word });
    let blocked = |code: u32, what: &str, mend: &str| {
        let mut entity = entity("BLOCKED");
        entity["errors"] =
            json!([{ "error_code": code, "error_description": what, "possible_solution": mend }]);
        entity
    };
    if account.status == "DISABLED" {
        return blocked(
            141014,
            "The WhatsApp Business Account has been banned.",
            "Appeal in WhatsApp Manager, or use another account.",
        );
    }
    if let Some(code) = account.blocked_by {
        return blocked(
            code,
            "The WhatsApp Business Account is not eligible to send messages.",
            "See WhatsApp Manager for the reason.",
        );
    }
    if account.funding_id.is_none() {
        return blocked(
            141006,
            "There is an error with the payment method. This will block business initiated conversations.",
            "There was an error with your payment method. Please add a new payment method to the account.",
        );
    }
    entity("AVAILABLE")
}

fn business_entity(world: &World, id: &str) -> Value {
    let verified = world.portfolios.get(id).is_none_or(|owner| owner.verification_status == "verified");
    if verified {
        return json!({ "entity_type": "BUSINESS", "id": id, "can_send_message": "AVAILABLE" });
    }
    json!({
        "entity_type": "BUSINESS", "id": id, "can_send_message": "LIMITED",
        "errors": [{
            "error_code": 141010, "error_description": "The business has not been verified.",
            "possible_solution": "Verify the business in its security settings."
        }]
    })
}
