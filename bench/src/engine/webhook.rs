//! Webhooks as Meta sends them: signed, each with an id of its own.

use std::fmt::Write as _;

/// Where Meta believes the gateway to be: it answers to no other name.
pub const ADDRESS: &str = "http://bench";

/// What a webhook says.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The messaging account.
    pub waba: &'a str,
    /// The id of the number written to.
    pub phone_number_id: &'a str,
    /// Who writes, in digits.
    pub from: &'a str,
    /// Which message of the run this is; makes its id.
    pub index: u64,
    /// The words.
    pub words: &'a str,
    /// How many messages say them.
    pub count: usize,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// The three things that Meta tells of a message that arrives and is read, in their order.
pub const STATUSES: [&str; 3] = ["sent", "delivered", "read"];

/// What became of a message that was sent.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The messaging account.
    pub waba: String,
    /// The id of the number that sent it.
    pub phone_number_id: String,
    /// Whom it was for, in digits.
    pub to: String,
    /// Meta's id of it.
    pub wamid: String,
    /// What was sent along with it, which comes back.
    pub callback: Option<String>,
}

/// The webhook that tells one of the [`STATUSES`].
pub fn told(secret: &[u8], fate: &Fate, status: &str, at: i64) -> Vec<u8> {
    let Fate { waba, phone_number_id, to, wamid, callback } = fate;
    // Our own id, which needs no escaping.
    let callback =
        callback.as_ref().map_or(String::new(), |it| format!(r#","biz_opaque_callback_data":"{it}""#));
    signed(
        secret,
        &format!(
            r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{waba}","changes":[{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"622150000000","phone_number_id":"{phone_number_id}"}},"statuses":[{{"id":"{wamid}","status":"{status}","timestamp":"{at}","recipient_id":"{to}"{callback},"conversation":{{"id":"f34b51dab5e0498","origin":{{"type":"service"}}}},"pricing":{{"billable":false,"pricing_model":"PMP","category":"service","type":"free_customer_service"}}}}]}},"field":"messages"}}]}}]}}"#
        ),
    )
}

/// The body of a webhook with text messages; with one about as large as Meta's.
fn body(said: &Said<'_>) -> String {
    let Said { waba, phone_number_id, from, index, words, count, at } = said;
    let messages: Vec<String> = (0..*count)
        .map(|n| {
            format!(
                r#"{{"from":"{from}","from_user_id":"ID.{from}00000000","id":"wamid.HBgN{from}FQIAEhgg{index:024X}{n:08X}AA==","timestamp":"{at}","text":{{"body":"{words}"}},"type":"text"}}"#
            )
        })
        .collect();
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{waba}","changes":[{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"622150000000","phone_number_id":"{phone_number_id}"}},"contacts":[{{"profile":{{"name":"Bu Sari \u0141 {from}"}},"wa_id":"{from}","user_id":"ID.{from}00000000"}}],"messages":[{}]}},"field":"messages"}}]}}]}}"#,
        messages.join(",")
    )
}

/// The whole request, as bytes for a connection that stays open.
pub fn request(secret: &[u8], said: &Said<'_>) -> Vec<u8> {
    signed(secret, &body(said))
}

fn signed(secret: &[u8], body: &str) -> Vec<u8> {
    let signature = meta::signature::sign(secret, body.as_bytes());
    let mut request = String::with_capacity(body.len() + 220);
    let _ = write!(
        request,
        "POST /webhooks/meta HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nuser-agent: facebookexternalua\r\nx-hub-signature-256: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    request.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_reads_back_and_is_signed() {
        let said = Said {
            waba: "700000000000001",
            phone_number_id: "600000000000001",
            from: "6281200000001",
            index: 7,
            words: "Halo",
            count: 1,
            at: 1_795_165_200,
        };
        let request = request(b"secret", &said);
        let text = String::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let signature = head.lines().find_map(|line| line.strip_prefix("x-hub-signature-256: ")).unwrap();
        assert!(meta::signature::verify([b"secret"], Some(signature.as_bytes()), body.as_bytes()).is_ok());
        assert!(head.contains(&format!("content-length: {}", body.len())));
        let updates = meta::webhook::split(body.as_bytes()).unwrap();
        assert_eq!((updates.len(), updates[0].kind), (1, meta::webhook::Kind::Message));
        assert_eq!(updates[0].phone_number_id.as_deref(), Some("600000000000001"));
    }

    #[test]
    fn a_status_reads_back_with_what_was_sent_along() {
        let fate = Fate {
            waba: "700000000000001".into(),
            phone_number_id: "600000000000001".into(),
            to: "6281200000001".into(),
            wamid: "wamid.1".into(),
            callback: Some("ours".into()),
        };
        let request = String::from_utf8(told(b"secret", &fate, "read", 1_795_165_200)).unwrap();
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(body.contains(r#""biz_opaque_callback_data":"ours""#));
        let updates = meta::webhook::split(body.as_bytes()).unwrap();
        assert_eq!((updates.len(), updates[0].kind), (1, meta::webhook::Kind::Status));
        assert!(updates[0].reason.is_none());
    }
}
