//! A messaging account and its number as Meta describes them, and a conversation at that number.

use std::sync::LazyLock;

use rules::connection::Mode;
use rules::conversation::AiState;
use rules::gate::LineState;
use rules::id::{AccountId, AppId, NumberId};
use rules::identity::Phone;
use rules::time::{Randomness, Timestamp};
use store::OrgScope;
use store::accounts::{AccountFacts, BindAccount};
use store::messages::Thread;
use store::numbers::NumberReading;

static NOTHING_ELSE: LazyLock<AccountFacts> = LazyLock::new(AccountFacts::default);

/// What binds an account that can send, under Meta's id of it. Its token opens nothing.
pub fn account(id: AccountId, app: AppId, waba_id: &str) -> BindAccount<'_> {
    BindAccount {
        id,
        app,
        waba_id,
        mode: Mode::TechProvider,
        name: "Kopi Senja",
        currency: Some("IDR"),
        status: Some("ACTIVE"),
        review_status: Some("APPROVED"),
        owner_business_id: None,
        owner_business_name: None,
        funding_id: None,
        token: b"sealed".to_vec(),
        token_expires_at: None,
        line: LineState::Ready,
        facts: &NOTHING_ELSE,
    }
}

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
        wanted_name: None,
        wanted_name_status: None,
        official: false,
        has_pin: None,
        line: LineState::Ready,
    }
}

/// Gives an organisation a number, under an account of its own. Nothing can be sent to Meta with it.
pub async fn connect(
    scope: &mut OrgScope<'_>,
    waba_id: &str,
    number: NumberReading,
    now: Timestamp,
    chance: &dyn Randomness,
) -> store::Result<AccountId> {
    let bind = account(AccountId::fresh(now, chance), AppId::fresh(now, chance), waba_id);
    let account = scope.bind_account(&bind, now).await?;
    scope.record_numbers(account, &[number], now).await?;
    Ok(account)
}

/// Opens a conversation between a number and somebody with these digits.
pub async fn chat(
    scope: &mut OrgScope<'_>,
    number_id: NumberId,
    digits: &str,
    now: Timestamp,
    chance: &dyn Randomness,
) -> store::Result<Thread> {
    let phone = Phone::from_wire(digits).expect("a phone number");
    let contact_id = scope.contact_by_phone(&phone, now, chance).await?.contact;
    let (conversation, _) = scope.open_conversation(contact_id, number_id, AiState::On, now, chance).await?;
    Ok(Thread { conversation_id: conversation.id, contact_id, number_id })
}
