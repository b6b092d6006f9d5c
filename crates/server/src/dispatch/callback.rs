//! Our message id on its way through Meta and back: `biz_opaque_callback_data`.
//!
//! Every app on a messaging account sees it and could echo it, so it carries an authenticator that binds it to the
//! organisation.

use aws_lc_rs::hmac;
use rules::id::{MessageId, OrgId};
use secrecy::{ExposeSecret as _, SecretBox};

/// Writes and reads callback data.
pub struct Callbacks(hmac::Key);

impl std::fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callbacks")
    }
}

/// How many bytes of the authenticator are carried: enough against guessing, short in every status.
const TAG: usize = 12;

impl Callbacks {
    /// With this installation's own secret.
    pub fn new(secret: &SecretBox<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret()))
    }

    /// What to send along with a message.
    pub fn write(&self, org: OrgId, message: MessageId) -> String {
        format!("s1.{}.{}", message.0.simple(), hex::encode(self.tag(org, message)))
    }

    /// The message that came back, if it is ours and this organisation's.
    pub fn read(&self, org: OrgId, data: &str) -> Option<MessageId> {
        let (id, tag) = data.strip_prefix("s1.")?.split_once('.')?;
        let message: MessageId = id.parse().ok()?;
        let tag = hex::decode(tag).ok()?;
        let own = self.tag(org, message);
        aws_lc_rs::constant_time::verify_slices_are_equal(&own, &tag).ok().map(|()| message)
    }

    fn tag(&self, org: OrgId, message: MessageId) -> Vec<u8> {
        let bytes = [org.0.as_bytes().as_slice(), message.0.as_bytes()].concat();
        hmac::sign(&self.0, &bytes).as_ref()[..TAG].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_what_we_wrote_for_this_organisation_is_read() {
        let callbacks = Callbacks::new(&SecretBox::new(Box::new([7; 32])));
        let (org, other) = (OrgId(Uuid::from_u128(1)), OrgId(Uuid::from_u128(2)));
        let message = MessageId(Uuid::from_u128(3));
        let data = callbacks.write(org, message);
        assert!(data.len() <= 512);
        assert_eq!(callbacks.read(org, &data), Some(message));
        assert_eq!(callbacks.read(other, &data), None);
        assert_eq!(callbacks.read(org, &data.replace("03.", "04.")), None);
        for forged in ["", "s1.", "job-77", "s1.x.y", &data[..data.len() - 2]] {
            assert_eq!(callbacks.read(org, forged), None, "{forged}");
        }
    }
}
