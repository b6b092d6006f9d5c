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
    /// When, in seconds since 1970.
    pub at: i64,
}

/// The body of a webhook with one text message, about as large as Meta's.
fn body(said: &Said<'_>) -> String {
    let Said { waba, phone_number_id, from, index, words, at } = said;
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"{waba}","changes":[{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"622150000000","phone_number_id":"{phone_number_id}"}},"contacts":[{{"profile":{{"name":"Bu Sari \u0141 {from}"}},"wa_id":"{from}","user_id":"ID.{from}00000000"}}],"messages":[{{"from":"{from}","from_user_id":"ID.{from}00000000","id":"wamid.HBgN{from}FQIAEhgg{index:032X}AA==","timestamp":"{at}","text":{{"body":"{words}"}},"type":"text"}}]}},"field":"messages"}}]}}]}}"#
    )
}

/// The whole request, as bytes for a connection that stays open.
pub fn request(secret: &[u8], said: &Said<'_>) -> Vec<u8> {
    let body = body(said);
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
}
