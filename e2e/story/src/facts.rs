//! `demo.json`: what the demo tells tools about itself.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// Addresses and sign-ins of a running demo.
#[derive(Clone, Debug, Deserialize)]
pub struct Facts {
    /// The gateway, without a trailing slash.
    pub gateway_url: String,
    /// The emulator, without a trailing slash.
    pub emulator_url: String,
    /// The mail server and SMS provider that delivers to nobody, without a trailing slash.
    pub post_url: String,
    /// What the webhook's handshake asks for.
    pub verify_token: String,
    /// Who runs the installation.
    pub operator: Operator,
    /// The Indonesian roaster, then the English clinic.
    pub orgs: [Org; 2],
}

/// Who runs the installation.
#[derive(Clone, Debug, Deserialize)]
pub struct Operator {
    /// An operator key.
    pub key: String,
}

/// An organisation of the demo.
#[derive(Clone, Debug, Deserialize)]
pub struct Org {
    /// Its id.
    pub org_id: String,
    /// A key with every right.
    pub api_key: String,
    /// Meta's id of its number.
    pub phone_number_id: String,
    /// An agent's e-mail address.
    pub agent_email: String,
    /// An agent's password.
    pub agent_password: String,
}

impl Facts {
    /// Reads the file.
    pub fn read(file: &Path) -> Result<Self> {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} does not read", file.display()))
    }
}
