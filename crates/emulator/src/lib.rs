//! The emulator: a local Meta with Graph API, signup dialog, webhooks and faults on demand.
