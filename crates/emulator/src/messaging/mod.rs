//! How WhatsApp behaves: who is who, windows, prices, statuses, and what people on the other side do.

mod content;
pub mod identity;
pub mod inbound;
pub mod ladder;
pub mod outbound;
pub mod pricing;

use serde_json::{Value, json};

pub use content::Content;

use crate::world::{Message, Number, World};

/// `value` of a `messages` change, with the metadata of the number.
pub(crate) fn value_of(number: &Number) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": number.phone, "phone_number_id": number.id},
    })
}

/// Adds a message to the world and its thread; the oldest messages beyond the limit are forgotten.
pub(crate) fn keep(world: &mut World, message: Message) {
    world.order.note(&message);
    world.messages.put(message.id.clone(), message);
    let limit = world.rules().keep_messages.max(1);
    while world.messages.len() > limit {
        let Some(oldest) = world.order.pop_oldest() else { break };
        world.messages.remove(&oldest);
    }
}
