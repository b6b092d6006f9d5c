//! The world of the emulator: plain rows in tables, as Meta would hold them.
//!
//! Invariant: everything that must outlive the process is in a [`Table`]; what is derived from the tables
//! (the agenda's order, the threads' order) is rebuilt by [`World::restore`].

mod accounts;
mod agenda;
mod directory;
mod ids;
mod media;
mod messages;
mod onboarding;
mod people;
pub mod scenario;
pub mod seed;
mod settings;
mod table;
mod templates;
mod tokens;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::value::RawValue;

pub use accounts::{Account, App, LoginConfiguration, Number, Override, Portfolio, Subscription, SystemUser};
pub use agenda::{Agenda, Job, Task, TemplateTurn, Update};
pub use directory::Directory;
pub use ids::{access_token, graph_id, trace_id, wamid};
pub use media::{Media, Origin, Upload};
pub use messages::{Direction, Failure, Message, Pricing, Status, Thread, Threads, Unsent, thread_key};
pub use onboarding::{
    Allocation, Announcement, CreditLine, MessageLink, NumberFile, OnboardingRules, Preverified, SignupCode,
    SignupVisit, Solution, VERIFICATION_CODE,
};
pub use people::{Person, Receipts};
use scenario::Scenario;
pub use settings::{
    Fault, FaultEffect, FetchLinks, Ladder, Limits, PricingOn, Settings, Sha256Form, TemplateErrors,
    TemplateRules, TokenShape, WebhookRules, WindowError,
};
pub use table::Table;
pub use templates::{BlockedName, Template, TemplateStatus};
pub use tokens::{Death, Reach, Token, TokenKind};

/// Unix time in milliseconds, on the emulator's clock unless a name says otherwise.
pub type Millis = i64;

/// Declares the tables once; the journal's reading, writing and snapshots follow from the list.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $row:ty,)*) => {
        /// Everything the emulator knows.
        #[derive(Debug, Default)]
        pub struct World {
            $($(#[$doc])* pub $name: Table<$row>,)*
            /// What is to happen at a later time: status steps and webhook deliveries.
            pub agenda: Agenda,
            /// The messages of each thread in their order (derived).
            pub order: Threads,
            /// People by phone and BSUID, templates by name (derived).
            pub directory: Directory,
        }

        impl World {
            /// Takes the changes since the last call, as the inside of a JSON list; empty if there are none.
            pub(crate) fn drain(&mut self) -> Vec<u8> {
                let mut out = Vec::new();
                $(self.$name.drain(stringify!($name), &mut out);)*
                self.agenda.jobs_mut().drain("agenda", &mut out);
                out
            }

            /// The tables with changes since the last [`World::drain`], and the ids of the rows changed.
            pub(crate) fn touched(&self) -> Vec<(&'static str, &[String])> {
                let mut touched = Vec::new();
                $(if !self.$name.touched().is_empty() {
                    touched.push((stringify!($name), self.$name.touched()));
                })*
                touched
            }

            /// The whole world as the inside of a JSON list of changes.
            pub(crate) fn image(&self) -> Vec<u8> {
                let mut out = Vec::new();
                $(self.$name.image(stringify!($name), &mut out);)*
                self.agenda.jobs().image("agenda", &mut out);
                out
            }

            /// Applies one change read from the journal. A table this version does not know is an error.
            pub(crate) fn load(&mut self, table: &str, id: String, row: Option<&RawValue>) -> anyhow::Result<()> {
                match table {
                    $(stringify!($name) => self.$name.load(id, row)?,)*
                    "agenda" => self.agenda.jobs_mut().load(id, row)?,
                    other => anyhow::bail!("the journal names the table {other:?}, which this version does not know"),
                }
                Ok(())
            }

            /// Puts a row into the table of this name; call [`World::reindex`] afterwards.
            pub(crate) fn plant(&mut self, table: &str, id: &str, row: serde_json::Value) -> anyhow::Result<()> {
                match table {
                    $(stringify!($name) => self.$name.put(id, serde_json::from_value(row)?),)*
                    other => anyhow::bail!("there is no table {other:?}"),
                }
                Ok(())
            }

            /// Empties every table.
            pub fn clear(&mut self) {
                $(self.$name.clear();)*
                self.agenda.clear();
                self.order = Threads::default();
                self.directory = Directory::default();
            }
        }
    };
}

tables! {
    /// The one row `settings`: switches of the emulator.
    settings: Settings,
    /// Failures to give on the next calls, in the order of their ids.
    faults: Fault,
    /// Meta apps.
    apps: App,
    /// Business portfolios: ours and those of clients.
    portfolios: Portfolio,
    /// System users of portfolios.
    system_users: SystemUser,
    /// Messaging accounts (what Meta's paths call WABA).
    accounts: Account,
    /// Business phone numbers.
    numbers: Number,
    /// Access tokens, keyed by their value.
    tokens: Token,
    /// People with a WhatsApp account: the customers.
    people: Person,
    /// What is between one number and one person, keyed by [`thread_key`].
    threads: Thread,
    /// Messages in both directions, keyed by wamid.
    messages: Message,
    /// What people wrote while their phones were off, keyed by wamid.
    outbox: Unsent,
    /// Message templates.
    templates: Template,
    /// Names of templates that were given up, keyed by account and name.
    blocked_names: BlockedName,
    /// Media by id; the bytes are in [`crate::blobs`].
    media: Media,
    /// Resumable upload sessions.
    uploads: Upload,
    /// Codes of the signup dialog, keyed by their value.
    codes: SignupCode,
    /// Openings of the signup dialog.
    visits: SignupVisit,
    /// Scenarios that coming openings of the signup dialog play, first id first.
    scenarios: Scenario,
    /// What onboarding remembers of a number, keyed by the number's id.
    number_files: NumberFile,
    /// Lines of credit of Solution Partners.
    credit_lines: CreditLine,
    /// Parts of credit lines that pay for clients.
    allocations: Allocation,
    /// Numbers verified ahead of any client.
    preverified: Preverified,
    /// Multi-partner solutions.
    solutions: Solution,
}

impl World {
    /// The emulator's time: the machine's clock plus the offset set by the controls.
    pub fn now(&self) -> Millis {
        machine_now() + self.rules().clock_offset_ms
    }

    /// The switches in force.
    pub fn rules(&self) -> &Settings {
        static DEFAULT: std::sync::LazyLock<Settings> = std::sync::LazyLock::new(Settings::default);
        self.settings.get(Settings::ROW).unwrap_or(&DEFAULT)
    }

    /// The switches, for change.
    pub fn rules_mut(&mut self) -> &mut Settings {
        if !self.settings.contains(Settings::ROW) {
            self.settings.put(Settings::ROW, Settings::default());
        }
        self.settings.edit(Settings::ROW).expect("the row was put in above")
    }

    /// Forgets media whose ids have ended; the answer is the blobs that are still needed.
    pub(crate) fn sweep_media(&mut self) -> std::collections::HashSet<String> {
        let now = self.now();
        let ended: Vec<String> = self
            .media
            .values()
            .filter(|media| media.expires_at <= now)
            .map(|media| media.id.clone())
            .collect();
        for id in ended {
            self.media.remove(&id);
        }
        let media = self.media.values().map(|media| media.sha256.clone());
        media.chain(self.uploads.values().filter_map(|upload| upload.blob.clone())).collect()
    }

    /// Rebuilds what is derived, after the tables were loaded.
    pub(crate) fn restore(&mut self) {
        self.agenda.restore();
        self.reindex();
    }

    /// Rebuilds the look-ups and the threads' order, after rows were put in past them.
    pub(crate) fn reindex(&mut self) {
        self.order = Threads::of(self.messages.values());
        self.directory = Directory::of(self);
    }
}

/// The machine's clock.
#[expect(clippy::disallowed_methods, reason = "the one place that reads it; everything else asks the world")]
fn machine_now() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as Millis)
}
