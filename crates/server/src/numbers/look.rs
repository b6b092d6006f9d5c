//! Reading what a list of numbers does not tell: the profile, the username, Meta's own check.

use meta::graph::{Access, Health, Profile, Username};
use serde_json::Value;
use store::OrgScope;
use store::numbers::Number;

use crate::ctx::Ctx;

/// What reading one number came to. What could not be read is missing and changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Look {
    phone_number_id: String,
    profile: Option<Profile>,
    username: Option<Username>,
    health: Option<Health>,
}

/// Reads a number. A number that is not registered yet has neither profile nor username; that is no reason to stop.
pub async fn look(ctx: &Ctx, access: &Access<'_>, phone_number_id: &str) -> Look {
    Look {
        phone_number_id: phone_number_id.to_owned(),
        profile: ctx.graph.profile(access, phone_number_id).await.ok(),
        username: ctx.graph.username(access, phone_number_id).await.ok(),
        health: ctx.graph.health(access, phone_number_id).await.ok(),
    }
}

impl Look {
    /// What Meta's own check says.
    pub fn health(&self) -> Option<&Health> {
        self.health.as_ref()
    }

    /// Whether it has a profile.
    pub fn has_profile(&self) -> bool {
        self.profile.is_some()
    }

    /// Whether it is about this number.
    pub fn is_of(&self, number: &Number) -> bool {
        self.phone_number_id == number.phone_number_id
    }

    /// Writes down what was read of a number.
    pub async fn record(&self, scope: &mut OrgScope<'_>, number: &Number) -> store::Result<()> {
        if let Some(profile) = &self.profile {
            scope.set_number_profile(number.id, &stored_profile(profile)).await?;
        }
        if let Some(username) = &self.username {
            let status = username.status.as_ref().map(meta::graph::UsernameStatus::as_str);
            let status = status.filter(|_| username.name.is_some());
            scope.set_number_username(number.id, username.name.as_deref(), status).await?;
        }
        if let Some(health) = &self.health {
            scope.set_number_health(number.id, &stored_health(health)).await?;
        }
        Ok(())
    }
}

/// A profile as it is stored.
fn stored_profile(profile: &Profile) -> Value {
    let mut stored = serde_json::to_value(profile).unwrap_or(Value::Null);
    stored["picture_url"] = profile.picture_url.clone().into();
    stored
}

/// Meta's check as it is stored: `can_send` is the worst of the parts.
fn stored_health(health: &Health) -> Value {
    let mut stored = serde_json::to_value(health).unwrap_or(Value::Null);
    stored["can_send"] = health.worst().as_str().into();
    stored
}
