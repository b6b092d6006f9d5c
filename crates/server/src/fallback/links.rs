//! Addresses that speak for somebody: the link in a message, the one that ends such messages, and those at which providers
//! tell what became of a message. Each is for one purpose, one organisation and one thing, under the organisation's own key.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rules::consent::Channel;
use rules::id::{OrgId, ReachId, SubmissionId};
use secrecy::{ExposeSecret as _, SecretBox};
use uuid::Uuid;

/// How many bytes of the authenticator are carried: enough against guessing, and a whole of 64 letters.
const TAG: usize = 15;

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// The contact may agree to get the message on WhatsApp.
    Agree(ReachId),
    /// The contact ends messages on the channel.
    End(ReachId),
    /// The provider tells what became of a message.
    Receipt(ReachId),
    /// The provider tells what people write.
    Inbound(Channel),
    /// Whoever sent a form confirms it.
    Confirm(SubmissionId),
}

/// Writes and reads such addresses.
pub struct Links(hmac::Key);

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Links")
    }
}

impl Links {
    /// With this installation's own secret.
    pub fn new(secret: &SecretBox<[u8; 32]>) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret()))
    }

    /// The token of an address.
    pub(crate) fn write(&self, org: OrgId, door: Door) -> String {
        let (kind, id) = door.parts();
        let said = said(kind, org, id);
        URL_SAFE_NO_PAD.encode([said.as_slice(), &self.tag(org, &said)].concat())
    }

    /// What a token is for, if it is ours and whole.
    pub(crate) fn read(&self, token: &str) -> Option<(OrgId, Door)> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (said, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
        let (kind, ids) = said.split_first()?;
        let (org, id) = ids.split_at_checked(16)?;
        let (org, id) = (OrgId(Uuid::from_slice(org).ok()?), Uuid::from_slice(id).ok()?);
        constant_time::verify_slices_are_equal(&self.tag(org, said), tag).ok()?;
        Some((org, Door::of(*kind, id)?))
    }

    fn tag(&self, org: OrgId, said: &[u8]) -> [u8; TAG] {
        let own = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&self.0, org.0.as_bytes()).as_ref());
        let mut tag = [0; TAG];
        tag.copy_from_slice(&hmac::sign(&own, said).as_ref()[..TAG]);
        tag
    }
}

impl Door {
    const fn parts(self) -> (u8, Uuid) {
        match self {
            Self::Agree(reach) => (1, reach.0),
            Self::End(reach) => (2, reach.0),
            Self::Receipt(reach) => (3, reach.0),
            Self::Inbound(Channel::Email) => (4, Uuid::from_u128(1)),
            Self::Inbound(Channel::Sms) => (4, Uuid::from_u128(2)),
            Self::Inbound(Channel::Whatsapp) => (4, Uuid::from_u128(3)),
            Self::Confirm(submission) => (5, submission.0),
        }
    }

    fn of(kind: u8, id: Uuid) -> Option<Self> {
        Some(match (kind, id.as_u128()) {
            (1, _) => Self::Agree(ReachId(id)),
            (2, _) => Self::End(ReachId(id)),
            (3, _) => Self::Receipt(ReachId(id)),
            (4, 1) => Self::Inbound(Channel::Email),
            (4, 2) => Self::Inbound(Channel::Sms),
            (5, _) => Self::Confirm(SubmissionId(id)),
            _ => return None,
        })
    }
}

fn said(kind: u8, org: OrgId, id: Uuid) -> Vec<u8> {
    [&[kind], org.0.as_bytes().as_slice(), id.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_for_one_purpose_and_cannot_be_made_up() {
        let links = Links::new(&SecretBox::new(Box::new([7; 32])));
        let org = OrgId(Uuid::from_u128(1));
        let reach = ReachId(Uuid::from_u128(2));
        let confirm = Door::Confirm(SubmissionId(reach.0));
        let (agree, end, receipt) = (Door::Agree(reach), Door::End(reach), Door::Receipt(reach));
        for door in [agree, end, receipt, Door::Inbound(Channel::Sms), confirm] {
            let token = links.write(org, door);
            assert_eq!(token.len(), 64);
            assert_eq!(links.read(&token), Some((org, door)));
            let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            for place in 0..bytes.len() {
                let mut forged = bytes.clone();
                forged[place] ^= 1;
                assert_eq!(links.read(&URL_SAFE_NO_PAD.encode(forged)), None, "byte {place}");
            }
        }
        for nonsense in ["", "x", "AAAA", &"A".repeat(64), &"A".repeat(20)] {
            assert_eq!(links.read(nonsense), None);
        }
        let others = Links::new(&SecretBox::new(Box::new([8; 32])));
        assert_eq!(others.read(&links.write(org, Door::Agree(reach))), None);
    }
}
