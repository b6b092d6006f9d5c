//! Passkeys: adding and removing them, and signing in with one, which counts as both factors.

use std::time::Duration;

use passkeys::{Begun, Passkeys, Refused, Registrant};
use rules::id::{PasskeyId, PersonId};
use rules::time::span;
use secrecy::SecretString;
use serde_json::{Value, json};
use store::Tx;
use store::passkeys::{NewPasskey, Passkey};
use store::people::Person;

use super::account::prove;
use super::ceremonies::{self, Kind};
use super::sessions::{self, note, note_with};
use crate::ctx::Ctx;
use crate::http::{Client, PersonActor, Problem};
use crate::identity::jobs::{self, Letter};
use crate::identity::limits::count_beginning;
use crate::identity::secret::{Token, hash};

/// A browser has so long to answer.
const CHALLENGE_LIFE: Duration = span::minutes(5);
/// A person has no more passkeys.
const MOST: usize = 50;

/// Something for a browser to answer, and the token under which the answer is awaited.
pub(in crate::identity) struct Challenge {
    pub(in crate::identity) ceremony: Token,
    pub(in crate::identity) options: Value,
}

fn relying_party(ctx: &Ctx) -> Result<Passkeys, Problem> {
    let address = &ctx.settings.public_url;
    Passkeys::new(address, "Sapa").map_err(|_| {
        Problem::conflict(
            "passkeys_unavailable",
            format!(
                "Browsers use passkeys only where the address is a name over https (or localhost), and this \
                 installation's is {address}. The operator can change that with SAPA_PUBLIC_URL."
            ),
        )
    })
}

async fn challenge(
    ctx: &Ctx,
    kind: Kind,
    person: Option<PersonId>,
    begun: Begun,
) -> Result<Challenge, Problem> {
    let ceremony = Token::fresh("", ctx.chance());
    let mut tx = ctx.store.begin().await?;
    ceremonies::begin(ctx, &mut tx, kind, ceremony.hash(), person, begun.state, CHALLENGE_LIFE).await?;
    tx.commit().await?;
    Ok(Challenge { ceremony, options: begun.options })
}

fn challenge_expired() -> Problem {
    Problem::unprocessable(
        "challenge_expired",
        "This was begun more than five minutes ago, or was finished before. Begin again.",
    )
}

/// A person's passkeys.
pub(in crate::identity) async fn list(ctx: &Ctx, actor: &PersonActor) -> Result<Vec<Passkey>, Problem> {
    Ok(ctx.store.read().await?.passkeys_of(actor.person.id).await?)
}

/// Begins to add a passkey. Nothing changes until it is confirmed.
pub(in crate::identity) async fn begin(
    ctx: &Ctx,
    actor: &PersonActor,
    password: Option<SecretString>,
) -> Result<Challenge, Problem> {
    let relying_party = relying_party(ctx)?;
    prove(ctx, actor, password).await?;
    let person = &actor.person;
    let present = ctx.store.read().await?.passkeys_of(person.id).await?;
    if present.len() >= MOST {
        return Err(Problem::conflict(
            "too_many_passkeys",
            format!("This account has {MOST} passkeys. Remove one before you add another."),
        ));
    }
    let registrant = Registrant { id: person.id.0, account: &person.email, name: &person.name };
    let present = present.into_iter().map(|passkey| passkey.credential_id).collect();
    let begun =
        relying_party.start_registration(registrant, present).map_err(|error| Problem::internal(&error))?;
    challenge(ctx, Kind::AddPasskey, Some(person.id), begun).await
}

/// Adds the passkey that a browser has made.
pub(in crate::identity) async fn confirm(
    ctx: &Ctx,
    actor: &PersonActor,
    ceremony: &str,
    name: &str,
    answer: &Value,
) -> Result<Passkey, Problem> {
    let relying_party = relying_party(ctx)?;
    let taken = ceremonies::take(ctx, Kind::AddPasskey, &hash(ceremony)).await?;
    let Some((Some(person), state)) = taken.filter(|(person, _)| *person == Some(actor.person.id)) else {
        return Err(challenge_expired());
    };
    let registered = relying_party.finish_registration(&state, answer).map_err(refused)?;
    let now = ctx.now();
    let new = NewPasskey {
        id: PasskeyId::fresh(now, ctx.chance()),
        person,
        credential_id: &registered.credential_id,
        credential: &registered.credential,
        name: name.trim(),
        aaguid: registered.aaguid,
        backed_up: registered.backed_up,
    };
    let mut tx = ctx.store.begin().await?;
    tx.insert_passkey(&new, now)
        .await
        .map_err(|error| if error.is_taken() { refused(Refused::Known) } else { Problem::from(error) })?;
    let details = json!({ "name": new.name, "aaguid": new.aaguid, "backed_up": new.backed_up });
    let (target, address) = (new.id.to_string(), actor.client.address());
    note_with(ctx, &mut tx, person, "passkey.add", &target, details, &address).await?;
    jobs::write(&mut tx, &Letter::WayInAdded { person, way: new.name.to_owned() }, now).await?;
    tx.commit().await?;
    Ok(Passkey {
        id: new.id,
        person_id: person,
        name: new.name.to_owned(),
        aaguid: new.aaguid,
        backed_up: new.backed_up,
        created_at: now,
        last_used_at: None,
        credential_id: registered.credential_id,
        credential: registered.credential,
    })
}

fn refused(refused: Refused) -> Problem {
    tracing::info!(reason = %refused, "a passkey was not accepted");
    match refused {
        Refused::NotVerified => Problem::unprocessable(
            "passkey_not_verified",
            "The authenticator did not ask for finger, face or PIN. Set one of them up on it, or use another.",
        ),
        Refused::NotKept => Problem::unprocessable(
            "passkey_not_kept",
            "The authenticator cannot keep a passkey itself, so it could not be found without typing an address. Use \
             another one.",
        ),
        Refused::Known => Problem::conflict(
            "passkey_known",
            "This passkey is registered already. Use another authenticator.",
        ),
        Refused::Unproven(_) | Refused::CounterWentBack => Problem::unprocessable(
            "passkey_not_accepted",
            "The answer of the browser is not one to what it was asked. Begin again, in one browser window.",
        ),
    }
}

/// Gives a passkey another name.
pub(in crate::identity) async fn rename(
    ctx: &Ctx,
    actor: &PersonActor,
    id: PasskeyId,
    name: &str,
) -> Result<Passkey, Problem> {
    let mut tx = ctx.store.begin().await?;
    let renamed = tx.rename_passkey(actor.person.id, id, name.trim()).await?;
    let passkey = renamed.ok_or_else(Problem::not_found)?;
    note(ctx, &mut tx, actor.person.id, "passkey.rename", &id.to_string(), &actor.client.address()).await?;
    tx.commit().await?;
    Ok(passkey)
}

/// Removes a passkey, unless nothing else would be left to sign in with.
pub(in crate::identity) async fn remove(
    ctx: &Ctx,
    actor: &PersonActor,
    id: PasskeyId,
    password: Option<SecretString>,
) -> Result<(), Problem> {
    let person = actor.person.id;
    let named = list(ctx, actor).await?.into_iter().find(|passkey| passkey.id == id);
    let passkey = named.ok_or_else(Problem::not_found)?;
    prove(ctx, actor, password).await?;
    let now = ctx.now();
    let mut tx = ctx.store.begin().await?;
    if !tx.remove_passkey(person, id).await? {
        return Err(Problem::not_found());
    }
    keep_a_way_in(&mut tx, person).await?;
    let (target, details) = (id.to_string(), json!({ "name": passkey.name }));
    note_with(ctx, &mut tx, person, "passkey.remove", &target, details, &actor.client.address()).await?;
    jobs::write(&mut tx, &Letter::WayInRemoved { person, way: passkey.name }, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Refuses to have taken a person's last way in from them: the transaction is not to commit then.
pub(super) async fn keep_a_way_in(tx: &mut Tx, person: PersonId) -> Result<(), Problem> {
    let ways = tx.ways_in(person).await?.ok_or_else(Problem::not_found)?;
    if ways.count() > 0 {
        return Ok(());
    }
    Err(Problem::conflict(
        "last_way_in",
        "This is the only way in which you can sign in. Choose a password (ask for a link to do so) or add another \
         passkey first.",
    ))
}

/// Begins to sign somebody in, whoever it will be.
pub(in crate::identity) async fn begin_sign_in(ctx: &Ctx, client: &Client) -> Result<Challenge, Problem> {
    let relying_party = relying_party(ctx)?;
    count_beginning(ctx, "passkey", client).await?;
    let begun = relying_party.start_sign_in().map_err(|error| Problem::internal(&error))?;
    challenge(ctx, Kind::PasskeySignIn, None, begun).await
}

/// Signs in whoever the passkey belongs to. Attempts are counted by what they begin with, which each takes once: a
/// signature cannot be guessed, and counting the person claimed would let a stranger keep them out.
pub(in crate::identity) async fn sign_in(
    ctx: &Ctx,
    client: &Client,
    ceremony: &str,
    answer: &Value,
) -> Result<(Person, Token), Problem> {
    let relying_party = relying_party(ctx)?;
    let claim = relying_party.claim(answer).ok_or_else(wrong_passkey)?;
    let taken = ceremonies::take(ctx, Kind::PasskeySignIn, &hash(ceremony)).await?;
    let (_, state) = taken.ok_or_else(challenge_expired)?;
    let mut tx = ctx.store.begin().await?;
    let person = tx.person(PersonId(claim.person)).await?.filter(|person| person.disabled_at.is_none());
    let passkey = tx.passkey_for_use(&claim.credential_id).await?;
    let (Some(person), Some(passkey)) = (person, passkey) else { return Err(wrong_passkey()) };
    if passkey.person_id != person.id {
        return Err(wrong_passkey());
    }
    let used = match relying_party.finish_sign_in(&state, answer, &passkey.credential) {
        Ok(used) => used,
        Err(Refused::CounterWentBack) => {
            let (target, details) = (passkey.id.to_string(), json!({ "name": passkey.name }));
            let address = client.address();
            note_with(ctx, &mut tx, person.id, "passkey.counter_went_back", &target, details, &address)
                .await?;
            tx.commit().await?;
            return Err(wrong_passkey());
        }
        Err(refused) => {
            tracing::info!(reason = %refused, "a passkey did not sign in");
            return Err(wrong_passkey());
        }
    };
    tx.use_passkey(passkey.id, &used.credential, used.backed_up, ctx.now()).await?;
    let token = sessions::start(ctx, &mut tx, &person, client, "passkey").await?;
    tx.commit().await?;
    Ok((person, token))
}

/// The same answer for an unknown passkey, a removed person and a wrong signature.
fn wrong_passkey() -> Problem {
    Problem::unproven(
        "wrong_passkey",
        "This passkey opens no account here. Try another one, or sign in with e-mail address and password.",
    )
}
