//! Registering numbers with the Cloud API.

use meta::graph::{Access, PhoneNumber};
use rules::connection::{REGISTER_LIMIT, REGISTER_OWN_LIMIT, REGISTER_PERIOD, Step, Trouble};
use rules::time::{Randomness, span};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use store::numbers::{Number, PIN};

use super::super::Stopped;
use super::super::advance::Proved;
use super::super::work::Work;
use super::{Made, ask, bound};
use crate::ctx::Ctx;

const STEP: Step = Step::RegisterNumber;

/// Every number of the connection is `CONNECTED` on `CLOUD_API`, as a read shows. Numbers that are so already are left
/// alone: a second registration counts towards the limit, and with another partner on the number it is not ours to make.
pub async fn register(ctx: &Ctx, work: &Work, access: &Access<'_>) -> Made {
    bound!(work);
    let mut registered = Vec::new();
    let mut left_alone = Vec::new();
    for number in work.chosen_numbers() {
        let seen = ask!(STEP, ctx.graph.phone_number(access, &number.phone_number_id));
        if is_done(&seen) {
            left_alone.push(&number.phone_number_id);
            continue;
        }
        if let Err(stopped) = one(ctx, work, access, number).await? {
            return Ok(Err(stopped.of(number)));
        }
        registered.push(&number.phone_number_id);
    }
    Ok(Ok(Proved {
        result: json!({"registered": registered, "registered_before": left_alone}),
        proof: json!({"platform_type": "CLOUD_API", "status": "CONNECTED"}),
        note: None,
    }))
}

/// Registered, or in use in the phone app as well, which registers by itself.
fn is_done(seen: &PhoneNumber) -> bool {
    seen.is_connected() || seen.is_on_business_app == Some(true)
}

async fn one(
    ctx: &Ctx,
    work: &Work,
    access: &Access<'_>,
    number: &Number,
) -> store::Result<Result<(), Stopped>> {
    let was = work.rows.iter().find(|row| row.step == STEP).and_then(|row| row.problem.as_ref());
    let last = number.register_attempts.0.last().copied();
    let just_asked = was.is_some_and(|was| was.0.trouble == Trouble::NotRegistered)
        && last.is_some_and(|at| ctx.now().since(at) < span::minutes(10));
    if just_asked {
        // Accepted a moment ago: wait for the effect rather than ask again.
        return Ok(Err(Trouble::NotRegistered.into()));
    }
    let pin = match known_pin(ctx, work, number).await? {
        Some(pin) => pin,
        None => fresh_pin(ctx, work, number).await?,
    };
    if let Err(stopped) = count(ctx, work, number).await? {
        return Ok(Err(stopped));
    }
    let id = &number.phone_number_id;
    match ctx.graph.register(access, id, pin.expose_secret(), None).await {
        Ok(()) => {}
        Err(error) if error.code() == Some(133_005) => {
            if let Err(stopped) = with_a_new_pin(ctx, work, access, number).await? {
                return Ok(Err(stopped));
            }
        }
        Err(error) => {
            // Lost on the way, or said of a number that is registered: the read decides.
            let seen = ctx.graph.phone_number(access, id).await;
            if !seen.is_ok_and(|seen| is_done(&seen)) {
                return Ok(Err(Stopped::by(STEP, &error)));
            }
        }
    }
    let seen = ask!(STEP, ctx.graph.phone_number(access, id));
    Ok(if is_done(&seen) { Ok(()) } else { Err(Trouble::NotRegistered.into()) })
}

/// The number has a PIN that we do not know. Meta lets us set a new one; then it is registered once, and if that is
/// refused too the client must help.
async fn with_a_new_pin(
    ctx: &Ctx,
    work: &Work,
    access: &Access<'_>,
    number: &Number,
) -> store::Result<Result<(), Stopped>> {
    let pin = fresh_pin(ctx, work, number).await?;
    let id = &number.phone_number_id;
    let set = ctx.graph.set_pin(access, id, pin.expose_secret()).await;
    if let Err(error) = set {
        forget_pin(ctx, work, number).await?;
        let stopped = Stopped::by(STEP, &error);
        // 133010 among others: a PIN cannot be set on a number that is not registered. Everything else is what it is.
        let asks_for_pin = matches!(
            stopped.trouble(),
            Trouble::NotRegistered | Trouble::PinRefused | Trouble::Refused | Trouble::WrongPin
        );
        return Ok(Err(if asks_for_pin {
            Stopped { trouble: Trouble::WrongPin, ..stopped }
        } else {
            stopped
        }));
    }
    if let Err(stopped) = count(ctx, work, number).await? {
        return Ok(Err(stopped));
    }
    match ctx.graph.register(access, id, pin.expose_secret(), None).await {
        Ok(()) => Ok(Ok(())),
        Err(error) => {
            if error.code() == Some(133_005) {
                forget_pin(ctx, work, number).await?;
            }
            Ok(Err(Stopped::by(STEP, &error)))
        }
    }
}

/// Counts an attempt before it is made, and refuses the one that would come too near to Meta's lock.
async fn count(ctx: &Ctx, work: &Work, number: &Number) -> store::Result<Result<(), Stopped>> {
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    let mut scope = tx.org(work.org).await?;
    let Some(current) = scope.number(number.id).await? else { return Ok(Err(Trouble::NoNumber.into())) };
    let mut attempts = current.register_attempts.0;
    attempts.retain(|at| now.since(*at) < REGISTER_PERIOD);
    let limit = if work.confirmed(Trouble::RegisterHeld) { REGISTER_LIMIT - 1 } else { REGISTER_OWN_LIMIT };
    if attempts.len() >= limit {
        return Ok(Err(Trouble::RegisterHeld.into()));
    }
    attempts.push(now);
    scope.set_register_attempts(number.id, &attempts).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

async fn known_pin(ctx: &Ctx, work: &Work, number: &Number) -> store::Result<Option<SecretString>> {
    let Some(sealed) = &number.pin else { return Ok(None) };
    let mut tx = ctx.store.read().await?;
    ctx.vault.open(&mut tx, work.org, PIN, sealed).await.map(Some)
}

/// Stored before it is used: a PIN that Meta knows and we do not would lock the client out.
async fn fresh_pin(ctx: &Ctx, work: &Work, number: &Number) -> store::Result<SecretString> {
    let pin = SecretString::from(generate(ctx.chance()));
    let mut tx = ctx.store.begin().await?;
    let sealed = ctx.vault.seal(&mut tx, work.org, PIN, &pin, ctx.now()).await?;
    tx.org(work.org).await?.set_pin(number.id, Some(&sealed)).await?;
    tx.commit().await?;
    Ok(pin)
}

async fn forget_pin(ctx: &Ctx, work: &Work, number: &Number) -> store::Result<()> {
    let mut tx = ctx.store.begin().await?;
    tx.org(work.org).await?.set_pin(number.id, None).await?;
    tx.commit().await
}

/// Six digits, each equally likely, and none that anybody would guess first.
fn generate(chance: &dyn Randomness) -> String {
    loop {
        let mut pin = String::with_capacity(6);
        while pin.len() < 6 {
            let mut byte = [0];
            chance.fill(&mut byte);
            // 250 is the largest multiple of ten that a byte holds.
            if byte[0] < 250 {
                pin.push(char::from(b'0' + byte[0] % 10));
            }
        }
        let digits = pin.as_bytes();
        let steps: Vec<i16> = digits.windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0])).collect();
        let guessable = steps.windows(2).all(|pair| pair[0] == pair[1]);
        if !guessable {
            return pin;
        }
    }
}

impl Stopped {
    /// Which number it is about.
    fn of(self, number: &Number) -> Self {
        let words = match &self.details {
            Some(words) => format!("number {}: {words}", number.phone_number_id),
            None => format!("number {}", number.phone_number_id),
        };
        self.saying(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Counting(std::sync::atomic::AtomicU8);
    impl Randomness for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(37, std::sync::atomic::Ordering::SeqCst);
            }
        }
    }

    #[test]
    fn a_pin_has_six_digits_and_is_not_the_first_guess() {
        let chance = Counting(0.into());
        for _ in 0..200 {
            let pin = generate(&chance);
            assert!(pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()), "{pin}");
            assert!(!["000000", "123456", "654321", "111111"].contains(&pin.as_str()));
        }
    }
}
