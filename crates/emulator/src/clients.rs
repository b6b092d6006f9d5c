//! What clients do in their own settings, and Meta to clients: effects on the world with the webhook that tells.
//!
//! Sources: meta-onboarding 3.12, 3.13, 4.2, 7.5.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::graph::usernames;
use crate::webhooks::account_events::{EnvelopeForm, build, overlay};
use crate::webhooks::partners;
use crate::world::{Death, Reach, TokenKind, World, graph_id};

/// One action. Ids that do not exist are refused.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// The client adds a payment card.
    AddPayment {
        /// Messaging account.
        waba_id: String,
        /// Its `primary_funding_id`; made up unless given.
        funding_id: Option<String>,
    },
    /// The client's payment card is gone.
    RemovePayment {
        /// Messaging account.
        waba_id: String,
    },
    /// The client removes the app: its business tokens die (190/458), its subscription ends.
    RemoveApp {
        /// Messaging account.
        waba_id: String,
        /// App.
        app_id: String,
    },
    /// The client removes the partner: the partner's system token sees the account no longer, its credit line no
    /// longer pays.
    RemovePartner {
        /// Messaging account.
        waba_id: String,
        /// App of the partner.
        app_id: String,
    },
    /// Business tokens of this client end now (190/463).
    ExpireToken {
        /// Messaging account.
        waba_id: String,
        /// App.
        app_id: String,
    },
    /// A right is taken from the business tokens of this client.
    DropPermission {
        /// Messaging account.
        waba_id: String,
        /// App.
        app_id: String,
        /// Permission, e.g. `whatsapp_business_messaging`.
        scope: String,
    },
    /// The client sets a PIN in WhatsApp Manager, or a former provider left one.
    SetPin {
        /// Number.
        phone_number_id: String,
        /// Six digits.
        pin: String,
    },
    /// Two-step verification is switched off.
    ClearPin {
        /// Number.
        phone_number_id: String,
    },
    /// The number's verification changes: `VERIFIED`, `NOT_VERIFIED`, `EXPIRED`.
    Verification {
        /// Number.
        phone_number_id: String,
        /// New status.
        status: String,
    },
    /// Meta decides on a display name: `APPROVED`, `DECLINED`, `PENDING_REVIEW`.
    ReviewName {
        /// Number.
        phone_number_id: String,
        /// Decision, as the number's field has it.
        decision: String,
        /// Why it is declined; `NAME_FORMAT_UNACCEPTABLE` unless given.
        #[serde(default)]
        reason: Option<String>,
    },
    /// People like or dislike what the number sends: `GREEN`, `YELLOW`, `RED`. No webhook tells.
    Rate {
        /// Number.
        phone_number_id: String,
        /// The rating.
        quality: String,
    },
    /// Meta changes what a number may do: `CONNECTED`, `RESTRICTED`, `BANNED`, …. No webhook tells.
    SetStatus {
        /// Number.
        phone_number_id: String,
        /// The status.
        status: String,
    },
    /// Meta raises or lowers how many people the portfolio may write to first: `TIER_2K`, ….
    SetLimit {
        /// Messaging account.
        waba_id: String,
        /// The tier.
        limit: String,
    },
    /// The number may send a thousand messages a second.
    UpgradeThroughput {
        /// Number.
        phone_number_id: String,
    },
    /// Meta gives the badge of an official business account, or refuses it.
    GrantBadge {
        /// Number.
        phone_number_id: String,
        /// Whether it is given.
        granted: bool,
    },
    /// Meta decides on a username: `approved`, `reserved`, `deleted`.
    DecideUsername {
        /// Number.
        phone_number_id: String,
        /// What becomes of it.
        status: String,
    },
    /// The picture of the profile is gone.
    LosePicture {
        /// Number.
        phone_number_id: String,
    },
    /// Meta reviews the messaging account: `APPROVED`, `REJECTED`, `PENDING`.
    ReviewAccount {
        /// Messaging account.
        waba_id: String,
        /// Decision.
        decision: String,
    },
    /// Meta restricts the account.
    Restrict {
        /// Messaging account.
        waba_id: String,
    },
    /// Meta disables the account (131031).
    Disable {
        /// Messaging account.
        waba_id: String,
    },
    /// Meta's own check says that the account cannot send; no webhook tells.
    BlockSending {
        /// Messaging account.
        waba_id: String,
        /// Code of `health_status`, e.g. 141014.
        code: u32,
    },
    /// Meta lifts restriction, ban or block.
    Reinstate {
        /// Messaging account.
        waba_id: String,
    },
    /// The client deletes the account: nobody reaches it any more.
    DeleteAccount {
        /// Messaging account.
        waba_id: String,
    },
    /// The client disconnects in the WhatsApp Business app.
    DisconnectPhoneApp {
        /// Number.
        phone_number_id: String,
        /// `ACCOUNT_DISCONNECTED`, `PRIMARY_INACTIVITY`, …; the first unless given.
        reason: Option<String>,
        /// `USER` (unless given) or `SYSTEM`.
        initiated_by: Option<String>,
    },
    /// The phone app moves to another device; reconnects by itself later.
    Offboard {
        /// Number.
        phone_number_id: String,
    },
    /// The phone app is back.
    Reconnect {
        /// Number.
        phone_number_id: String,
    },
    /// The owner declines (or allows) sharing the history of the phone app.
    ShareHistory {
        /// Number.
        phone_number_id: String,
        /// Whether it is shared.
        shared: bool,
    },
}

/// Does it. The error says which id does not exist.
pub fn act(world: &mut World, action: &Action, silent: bool) -> Result<(), String> {
    let told = match action {
        Action::AddPayment { waba_id, funding_id } => {
            let id = funding_id.clone().unwrap_or_else(graph_id);
            account(world, waba_id)?.funding_id = Some(id);
            None
        }
        Action::RemovePayment { waba_id } => {
            account(world, waba_id)?.funding_id = None;
            None
        }
        Action::RemoveApp { waba_id, app_id } => {
            let event = about(world, waba_id, Some(app_id), "PARTNER_APP_UNINSTALLED", Value::Null);
            account(world, waba_id)?.subscriptions.remove(app_id);
            on_tokens(world, waba_id, app_id, |token| token.death = Some(Death::AppRemoved));
            Some(event)
        }
        Action::RemovePartner { waba_id, app_id } => {
            remove_partner(world, waba_id, app_id)?;
            Some(about(world, waba_id, Some(app_id), "PARTNER_REMOVED", Value::Null))
        }
        Action::ExpireToken { waba_id, app_id } => {
            account(world, waba_id)?;
            let now = world.now();
            on_tokens(world, waba_id, app_id, |token| token.expires_at = Some(now));
            None
        }
        Action::DropPermission { waba_id, app_id, scope } => {
            account(world, waba_id)?;
            on_tokens(world, waba_id, app_id, |token| token.scopes.retain(|held| held != scope));
            None
        }
        Action::SetPin { phone_number_id, pin } => {
            number(world, phone_number_id)?.pin = Some(pin.clone());
            Some(on_number(
                world,
                phone_number_id,
                "security",
                json!({ "event": "PIN_CHANGED", "requester": null }),
            ))
        }
        Action::ClearPin { phone_number_id } => {
            number(world, phone_number_id)?.pin = None;
            Some(on_number(
                world,
                phone_number_id,
                "security",
                json!({ "event": "PIN_REQUEST_SUCCESS", "requester": null }),
            ))
        }
        Action::Verification { phone_number_id, status } => {
            number(world, phone_number_id)?.code_verification_status.clone_from(status);
            None
        }
        Action::ReviewName { phone_number_id, decision, reason } => {
            Some(review_name(world, phone_number_id, decision, reason.as_deref())?)
        }
        Action::Rate { phone_number_id, quality } => {
            number(world, phone_number_id)?.quality_rating.clone_from(quality);
            None
        }
        Action::SetStatus { phone_number_id, status } => {
            number(world, phone_number_id)?.status.clone_from(status);
            None
        }
        Action::SetLimit { waba_id, limit } => Some(set_limit(world, waba_id, limit)?),
        Action::UpgradeThroughput { phone_number_id } => {
            number(world, phone_number_id)?.throughput = "HIGH".into();
            let event = json!({ "event": "THROUGHPUT_UPGRADE", "current_limit": null });
            let mut told = on_number(world, phone_number_id, "phone_number_quality_update", event);
            told.1["max_daily_conversations_per_business"] = json!(limit_of(world, phone_number_id));
            Some(told)
        }
        Action::GrantBadge { phone_number_id, granted } => {
            number(world, phone_number_id)?;
            world.edit_number_file(phone_number_id, |file| file.official = *granted);
            let kind = if *granted { "OBA_APPROVED" } else { "OBA_REJECTED" };
            Some(alert(world, phone_number_id, "INFORMATIONAL", kind))
        }
        Action::DecideUsername { phone_number_id, status } => {
            number(world, phone_number_id)?;
            let name = world.number_files.get(phone_number_id).and_then(|file| file.username.clone());
            let name = name.filter(|_| status != "deleted");
            usernames::settle(world, phone_number_id, name.as_deref(), status);
            None
        }
        Action::LosePicture { phone_number_id } => {
            number(world, phone_number_id)?;
            world.edit_number_file(phone_number_id, |file| {
                file.picture = None;
                file.profile.remove("profile_picture_url");
            });
            Some(alert(world, phone_number_id, "WARNING", "PROFILE_PICTURE_LOST"))
        }
        Action::ReviewAccount { waba_id, decision } => {
            account(world, waba_id)?.review_status.clone_from(decision);
            Some(about(world, waba_id, None, "account_review_update", json!({ "decision": decision })))
        }
        Action::Restrict { waba_id } => {
            account(world, waba_id)?.status = "RESTRICTED".into();
            Some(about(world, waba_id, None, "ACCOUNT_RESTRICTION", Value::Null))
        }
        Action::Disable { waba_id } => {
            account(world, waba_id)?.status = "DISABLED".into();
            Some(about(world, waba_id, None, "DISABLED_UPDATE", Value::Null))
        }
        Action::BlockSending { waba_id, code } => {
            account(world, waba_id)?.blocked_by = Some(*code);
            None
        }
        Action::Reinstate { waba_id } => {
            let row = account(world, waba_id)?;
            row.status = "ACTIVE".into();
            row.blocked_by = None;
            let mut event = about(world, waba_id, None, "DISABLED_UPDATE", Value::Null);
            event.1["ban_info"]["waba_ban_state"] = json!("REINSTATE");
            Some(event)
        }
        Action::DeleteAccount { waba_id } => {
            account(world, waba_id)?;
            // Told while the subscriptions still stand.
            let event = about(world, waba_id, None, "ACCOUNT_DELETED", Value::Null);
            tell(world, event, silent);
            delete(world, waba_id);
            return Ok(());
        }
        Action::DisconnectPhoneApp { phone_number_id, reason, initiated_by } => {
            let row = number(world, phone_number_id)?;
            row.on_business_app = false;
            row.status = "DISCONNECTED".into();
            row.platform_type = "NOT_APPLICABLE".into();
            let reason = reason.as_deref().unwrap_or("ACCOUNT_DISCONNECTED");
            let info = json!({ "disconnection_info": { "reason": reason, "initiated_by": initiated_by.as_deref().unwrap_or("USER") } });
            Some(on_number(world, phone_number_id, "PARTNER_REMOVED_COEXISTENCE", info))
        }
        Action::Offboard { phone_number_id } => {
            number(world, phone_number_id)?.status = "OFFLINE".into();
            Some(on_number(world, phone_number_id, "ACCOUNT_OFFBOARDED", Value::Null))
        }
        Action::Reconnect { phone_number_id } => {
            number(world, phone_number_id)?.status = "CONNECTED".into();
            Some(on_number(world, phone_number_id, "ACCOUNT_RECONNECTED", Value::Null))
        }
        Action::ShareHistory { phone_number_id, shared } => {
            number(world, phone_number_id)?;
            world.edit_number_file(phone_number_id, |file| file.declines_history = !shared);
            None
        }
    };
    if let Some(event) = told {
        tell(world, event, silent);
    }
    Ok(())
}

/// An event still to be sent: whom it is about, and its value by name.
type Told = (Box<(crate::webhooks::account_events::Subject, String)>, Value);

fn tell(world: &mut World, (about, value): Told, silent: bool) {
    let (subject, name) = *about;
    if silent {
        return;
    }
    if let Some(mut event) = build(&name, &subject) {
        event.value = value;
        partners::send(world, &event, &subject, EnvelopeForm::Regular);
    }
}

fn about(world: &World, waba_id: &str, app_id: Option<&String>, name: &str, over: Value) -> Told {
    filled(partners::subject(world, waba_id, app_id.map_or("", String::as_str), None, None), name, &over)
}

fn on_number(world: &World, number_id: &str, name: &str, over: Value) -> Told {
    let account = world.numbers.get(number_id).map(|number| number.account_id.clone()).unwrap_or_default();
    filled(partners::subject(world, &account, "", Some(number_id), None), name, &over)
}

/// `null` in `over` takes a key away.
fn filled(subject: crate::webhooks::account_events::Subject, name: &str, over: &Value) -> Told {
    let mut value = build(name, &subject).map(|event| event.value).unwrap_or_default();
    overlay(&mut value, over);
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|key, value| !(value.is_null() && over.get(key).is_some()));
    }
    (Box::new((subject, name.to_owned())), value)
}

fn account<'w>(world: &'w mut World, id: &str) -> Result<&'w mut crate::world::Account, String> {
    world.accounts.edit(id).ok_or_else(|| format!("There is no messaging account {id}."))
}

fn number<'w>(world: &'w mut World, id: &str) -> Result<&'w mut crate::world::Number, String> {
    world.numbers.edit(id).ok_or_else(|| format!("There is no number {id}."))
}

/// Changes the business tokens of an app that reach the account.
fn on_tokens(world: &mut World, waba_id: &str, app_id: &str, change: impl Fn(&mut crate::world::Token)) {
    let reaching: Vec<String> = world
        .tokens
        .values()
        .filter(|token| token.kind == TokenKind::Business && token.app_id == app_id)
        .filter(|token| matches!(&token.reach, Reach::Listed(ids) if ids.iter().any(|id| id == waba_id)))
        .map(|token| token.value.clone())
        .collect();
    for value in reaching {
        if let Some(token) = world.tokens.edit(&value) {
            change(token);
        }
    }
}

fn remove_partner(world: &mut World, waba_id: &str, app_id: &str) -> Result<(), String> {
    let partner = world.apps.get(app_id).map(|app| app.portfolio_id.clone());
    let partner = partner.ok_or_else(|| format!("There is no app {app_id}."))?;
    let paid_by_partner = world.allocations.values().any(|allocation| {
        allocation.account_ids.contains(waba_id)
            && world
                .credit_lines
                .get(&allocation.credit_line_id)
                .is_some_and(|line| line.portfolio_id == partner)
    });
    let row = account(world, waba_id)?;
    row.partners.remove(&partner);
    if paid_by_partner {
        row.funding_id = None;
    }
    if !world.rules().onboarding.token_survives_partner_removal {
        on_tokens(world, waba_id, app_id, |token| token.death = Some(Death::Invalidated));
    }
    Ok(())
}

/// A new name waits for the next registration; a first name is decided at once. The webhook says `REJECTED` where the
/// field says `DECLINED`.
fn review_name(
    world: &mut World,
    number_id: &str,
    decision: &str,
    reason: Option<&str>,
) -> Result<Told, String> {
    let current = number(world, number_id)?.verified_name.clone();
    let new = world.number_files.get(number_id).and_then(|file| file.new_display_name.clone());
    if new.is_some() {
        world.edit_number_file(number_id, |file| file.new_name_status = Some(decision.to_owned()));
    } else {
        number(world, number_id)?.name_status = decision.to_owned();
    }
    let word = match decision {
        "DECLINED" => "REJECTED",
        "PENDING_REVIEW" => "PENDING",
        other => other,
    };
    let reason = match word {
        "REJECTED" => json!(reason.unwrap_or("NAME_FORMAT_UNACCEPTABLE")),
        _ => Value::Null,
    };
    let mut told = on_number(world, number_id, "phone_number_name_update", Value::Null);
    overlay(
        &mut told.1,
        &json!({ "decision": word, "requested_verified_name": new.unwrap_or(current), "rejection_reason": reason }),
    );
    Ok(told)
}

/// The limit is the portfolio's. While it is 250 Meta names the numbers a business may have, above it those of an account.
fn set_limit(world: &mut World, waba_id: &str, limit: &str) -> Result<Told, String> {
    let owner = account(world, waba_id)?.owner_id.clone();
    if let Some(portfolio) = world.portfolios.edit(&owner) {
        portfolio.messaging_limit = limit.to_owned();
    }
    let people = match limit.strip_prefix("TIER_").unwrap_or(limit) {
        "UNLIMITED" => Some(-1),
        tier => match tier.strip_suffix('K') {
            Some(thousands) => thousands.parse::<i64>().ok().map(|thousands| thousands * 1_000),
            None => tier.parse().ok(),
        },
    };
    let people = people.ok_or_else(|| format!("{limit} is no limit; write TIER_2K."))?;
    let mut told = about(world, waba_id, None, "business_capability_update", Value::Null);
    told.1 = match people {
        250 => json!({ "max_daily_conversations_per_business": people, "max_phone_numbers_per_business": 2 }),
        _ => json!({ "max_daily_conversations_per_business": people, "max_phone_numbers_per_waba": 25 }),
    };
    Ok(told)
}

fn limit_of(world: &World, number_id: &str) -> Option<String> {
    let account = &world.numbers.get(number_id)?.account_id;
    let owner = &world.accounts.get(account)?.owner_id;
    Some(world.portfolios.get(owner)?.messaging_limit.clone())
}

/// An alert about one number.
fn alert(world: &World, number_id: &str, severity: &str, kind: &str) -> Told {
    let info = json!({ "alert_severity": severity, "alert_status": "ACTIVE", "alert_type": kind,
        "alert_description": kind.replace('_', " ").to_lowercase() });
    let over = json!({ "entity_type": "PHONE_NUMBER", "entity_id": number_id, "alert_info": info });
    on_number(world, number_id, "account_alerts", over)
}

fn delete(world: &mut World, waba_id: &str) {
    let numbers: Vec<String> = world
        .numbers
        .values()
        .filter(|number| number.account_id == waba_id)
        .map(|number| number.id.clone())
        .collect();
    for id in numbers {
        world.numbers.remove(&id);
        world.number_files.remove(&id);
    }
    world.accounts.remove(waba_id);
}
