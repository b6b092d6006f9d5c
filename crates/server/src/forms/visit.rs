//! Who takes part in an experiment, without a cookie and without knowing them.
//!
//! A visitor is a hash of address and browser under the experiment's salt, which is forgotten when it ends. The hash also
//! chooses the wording, so that whoever comes back sees the same. Between a page and what is sent with it the choice travels
//! signed, because a phone may change its address in between.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rules::id::{ExperimentId, FormVersionId};
use store::forms::{Experiment, NewVisit};
use uuid::Uuid;

use crate::http::Client;

/// Somebody who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    pub experiment: ExperimentId,
    pub visitor: [u8; 16],
    /// What they see.
    pub version: FormVersionId,
}

impl Visit {
    /// Chooses what a client sees.
    pub fn of(experiment: &Experiment, client: &Client) -> Option<Self> {
        let salt = experiment.salt.as_deref()?;
        let who = format!("{}\n{}", client.network(), client.user_agent);
        let visitor = short(salt, &[b"visitor", who.as_bytes()]);
        let chosen = short(salt, &[b"arm", &visitor]);
        let arms = u128::try_from(experiment.arms.0.len()).ok()?;
        let place = usize::try_from(u128::from_be_bytes(chosen).checked_rem(arms)?).ok()?;
        Some(Self { experiment: experiment.id, visitor, version: *experiment.arms.0.get(place)? })
    }

    /// As it travels.
    pub fn sign(&self, salt: &[u8]) -> String {
        let mut bytes = self.bytes().to_vec();
        bytes.extend(short(salt, &[b"visit", &self.bytes()]));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Which experiment it names, before anything is believed of it.
    pub fn named(text: &str) -> Option<(Self, [u8; 16])> {
        let bytes: [u8; 64] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let part = |at: usize| -> Option<[u8; 16]> { bytes.get(at..at + 16)?.try_into().ok() };
        let visit = Self {
            experiment: ExperimentId(Uuid::from_bytes(part(0)?)),
            visitor: part(16)?,
            version: FormVersionId(Uuid::from_bytes(part(32)?)),
        };
        Some((visit, part(48)?))
    }

    /// Whether this installation signed it.
    pub fn is_genuine(&self, signature: &[u8; 16], salt: &[u8]) -> bool {
        let expected = short(salt, &[b"visit", &self.bytes()]);
        aws_lc_rs::constant_time::verify_slices_are_equal(&expected, signature).is_ok()
    }

    /// For the store.
    pub fn row(&self) -> NewVisit {
        NewVisit { experiment: self.experiment, visitor: self.visitor, version: self.version }
    }

    fn bytes(&self) -> [u8; 48] {
        let mut bytes = [0; 48];
        bytes[..16].copy_from_slice(self.experiment.0.as_bytes());
        bytes[16..32].copy_from_slice(&self.visitor);
        bytes[32..].copy_from_slice(self.version.0.as_bytes());
        bytes
    }
}

fn short(salt: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, salt));
    for part in parts {
        context.update(part);
        context.update(b"\0");
    }
    let mut out = [0; 16];
    out.copy_from_slice(&context.sign().as_ref()[..16]);
    out
}

#[cfg(test)]
mod tests {
    use rules::form::ExperimentState;
    use rules::id::FormId;
    use rules::time::Timestamp;
    use store::Json;
    use store::forms::ExperimentPlan;

    use super::*;

    fn experiment(arms: u128) -> Experiment {
        Experiment {
            id: ExperimentId(Uuid::from_u128(1)),
            form_id: FormId(Uuid::from_u128(2)),
            name: String::new(),
            arms: Json((0..arms).map(|n| FormVersionId(Uuid::from_u128(n))).collect()),
            plan: Json(ExperimentPlan { base: 0.3, effect: 0.1, per_arm: 356 }),
            salt: Some(vec![7; 32]),
            state: ExperimentState::Running,
            started_by: String::new(),
            started_at: Timestamp(0),
            full_at: None,
            ended_at: None,
            adopted_id: None,
        }
    }

    fn client(n: u8) -> Client {
        Client { address: [203, 0, 113, n].into(), user_agent: "test".into() }
    }

    #[test]
    fn whoever_comes_back_sees_the_same_and_all_together_see_all_alike() {
        let experiment = experiment(4);
        let mut seen = [0; 4];
        for n in 0..=255 {
            let visit = Visit::of(&experiment, &client(n)).unwrap();
            assert_eq!(visit, Visit::of(&experiment, &client(n)).unwrap());
            seen[usize::try_from(visit.version.0.as_u128()).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (40..90).contains(count)), "{seen:?}");
    }

    #[test]
    fn nobody_chooses_for_themselves() {
        let visit = Visit::of(&experiment(2), &client(1)).unwrap();
        let (read, signature) = Visit::named(&visit.sign(&[7; 32])).unwrap();
        assert_eq!(read, visit);
        assert!(read.is_genuine(&signature, &[7; 32]) && !read.is_genuine(&signature, &[8; 32]));
        let other = Visit { version: FormVersionId(Uuid::from_u128(1 - visit.version.0.as_u128())), ..visit };
        assert!(!other.is_genuine(&signature, &[7; 32]));
        assert_eq!(Visit::named("rubbish"), None);
    }
}
