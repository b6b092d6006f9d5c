//! A connected number as Meta describes it.

use rules::gate::LineState;
use rules::id::NumberId;
use store::numbers::NumberReading;

/// What reading a connected number of these digits says, under Meta's id of it.
pub fn connected(id: NumberId, phone_number_id: &str, digits: &str) -> NumberReading {
    NumberReading {
        id,
        phone_number_id: phone_number_id.to_owned(),
        digits: digits.to_owned(),
        display: format!("+{digits}"),
        verified_name: Some("Kopi Senja".into()),
        status: Some("CONNECTED".into()),
        name_status: None,
        quality: None,
        platform_type: Some("CLOUD_API".into()),
        throughput: None,
        messaging_limit: None,
        code_verification: None,
        on_business_app: false,
        line: LineState::Ready,
    }
}
