//! The words of onboarding: modes, entries, variants, steps and standings.

use super::Trouble;

text_enum! {
    /// In which part the installation stands towards Meta and who pays.
    pub enum Mode {
        /// One business with its own app.
        Direct = "direct",
        /// The client pays Meta with its own payment method.
        TechProvider = "tech_provider",
        /// The operator pays Meta through its credit line.
        SolutionPartner = "solution_partner",
        /// The operator's app does the work, a partner's credit line pays.
        MultiPartnerSolution = "multi_partner_solution",
    }
}

text_enum! {
    /// How the client comes in.
    pub enum Entry {
        /// Embedded Signup in a popup.
        Popup = "popup",
        /// The full-page dialog.
        Redirect = "redirect",
        /// Pasted ids and token.
        Manual = "manual",
        /// A link that the operator or an admin sent; no account needed.
        Invite = "invite",
    }
}

text_enum! {
    /// Who made an invite link, and so decided what it allows.
    pub enum Maker {
        /// Somebody of the organisation: it allows what the organisation may do itself.
        Organisation = "organisation",
        /// The operator: every mode, also one that the operator pays for.
        Operator = "operator",
    }
}

text_enum! {
    /// What kind of signup the client goes through.
    pub enum Variant {
        /// A number for the Cloud API alone.
        Standard = "standard",
        /// A number that stays in use in the WhatsApp Business app.
        Coexistence = "coexistence",
        /// The client grants the app only; the operator's portfolio does not become a partner.
        AppOnly = "app_only",
    }
}

text_enum! {
    /// A step of a connection, in the order in which they are made.
    pub enum Step {
        /// The code becomes a token.
        ExchangeCode = "exchange_code",
        /// The token is valid, ours, and reaches the messaging account.
        ProveAccess = "prove_access",
        /// The messaging account and its numbers become the organisation's.
        BindAccount = "bind_account",
        /// The app receives the account's webhooks.
        SubscribeApp = "subscribe_app",
        /// The account's messages go to an address of their own.
        OverrideWebhook = "override_webhook",
        /// The operator's credit line pays for the account.
        ShareCredit = "share_credit",
        /// Every number is registered with the Cloud API.
        RegisterNumber = "register_number",
        /// Contacts and history of the WhatsApp Business app are asked for.
        SyncBusinessApp = "sync_business_app",
        /// Numbers, profile and templates are read.
        Sync = "sync",
        /// Somebody pays.
        CheckFunding = "check_funding",
        /// A message has come in.
        FirstMessage = "first_message",
    }
}

impl Step {
    /// Whether the steps behind this one go on while it is not done: they ask for nothing that it gives.
    pub const fn is_watched(self) -> bool {
        matches!(self, Self::CheckFunding | Self::FirstMessage)
    }

    /// What this step stops for until a person says that it is meant: who has seen it and makes the step again has said so.
    pub const fn confirmable(self) -> &'static [Trouble] {
        match self {
            Self::ProveAccess => &[Trouble::DifferentAccount],
            Self::BindAccount => &[Trouble::SharedAccount],
            Self::SubscribeApp => &[Trouble::ForeignOverride],
            Self::ShareCredit => &[Trouble::CreditUnproved, Trouble::CreditGone],
            Self::RegisterNumber => &[Trouble::RegisterHeld],
            _ => &[],
        }
    }
}

text_enum! {
    /// How far one step is.
    pub enum StepStatus {
        /// Its call is under way, or was when the process ended.
        Running = "running",
        /// Done and proved.
        Done = "done",
        /// Will be made again by itself.
        Waiting = "waiting",
        /// Somebody has to act first.
        NeedsPerson = "needs_person",
    }
}

text_enum! {
    /// How a connection stands.
    pub enum Standing {
        /// Waiting for the client to go through the dialog.
        Started = "started",
        /// A code came and is being exchanged.
        CodeReceived = "code_received",
        /// The steps are being made.
        Working = "working",
        /// A step will be made again later.
        Waiting = "waiting",
        /// Somebody has to act.
        NeedsPerson = "needs_person",
        /// Connected; nobody pays yet.
        PaymentPending = "payment_pending",
        /// Connected; no message has come in yet.
        Silent = "silent",
        /// Connected, paid for, and heard.
        Live = "live",
        /// Given up by a person.
        Abandoned = "abandoned",
    }
}

impl Standing {
    /// Whether the messaging account can be worked with.
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::PaymentPending | Self::Silent | Self::Live)
    }

    /// The sentence in English.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Started => "Waiting for the WhatsApp sign-up to be finished in the Meta window.",
            Self::CodeReceived => "The sign-up is finished; access is being confirmed with Meta.",
            Self::Working => "The number is being connected. This takes less than a minute.",
            Self::Waiting => "Meta asked for patience. The next attempt is made by itself.",
            Self::NeedsPerson => {
                "The connection waits for somebody; the step below says for whom and what to do."
            }
            Self::PaymentPending => {
                "Connected. Customers can be answered, but nobody pays Meta yet, so templates will be refused until a payment method is added."
            }
            Self::Silent => {
                "Connected, but no message has arrived yet. Write one from any phone to this number to see that it works."
            }
            Self::Live => "Connected and working.",
            Self::Abandoned => "This attempt was given up. Start a new one to connect.",
        }
    }

    /// The sentence in Indonesian.
    pub const fn indonesian(self) -> &'static str {
        match self {
            Self::Started => "Menunggu pendaftaran WhatsApp diselesaikan di jendela Meta.",
            Self::CodeReceived => "Pendaftaran selesai; akses sedang dipastikan ke Meta.",
            Self::Working => "Nomor sedang dihubungkan. Ini memakan waktu kurang dari satu menit.",
            Self::Waiting => "Meta meminta menunggu. Percobaan berikutnya berjalan sendiri.",
            Self::NeedsPerson => {
                "Koneksi menunggu seseorang; langkah di bawah menjelaskan siapa dan apa yang harus dilakukan."
            }
            Self::PaymentPending => {
                "Terhubung. Pelanggan dapat dijawab, tetapi belum ada yang membayar Meta, jadi templat ditolak sampai metode pembayaran ditambahkan."
            }
            Self::Silent => {
                "Terhubung, tetapi belum ada pesan masuk. Kirim satu pesan dari ponsel mana pun ke nomor ini untuk memastikan semuanya berjalan."
            }
            Self::Live => "Terhubung dan berjalan.",
            Self::Abandoned => "Percobaan ini dihentikan. Mulai yang baru untuk menghubungkan.",
        }
    }
}

text_enum! {
    /// What is known of a messaging account's token.
    pub enum TokenState {
        /// Works.
        Valid = "valid",
        /// Meta refused it; being looked into. Nothing is sent meanwhile.
        Suspect = "suspect",
        /// Its time has run out.
        Expired = "expired",
        /// The client or Meta took it back.
        Revoked = "revoked",
        /// Erased at disconnection.
        Erased = "erased",
    }
}
