//! The gate: the one decision that every outbound message passes, at acceptance and again at the moment of sending.
//!
//! The policy is written down in `docs/policy.md`, rule by rule; the numbers in the comments are its. A test holds this
//! module against a reading of those rules that shares nothing with it (`tests/policy`).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::consent::{Channel, Consent, Purpose, Standing};
use crate::id::ConsentEventId;
use crate::message::Author;
use crate::signals::{Signal, SignalKind};
use crate::time::{Timestamp, span};

/// How long a contact's message keeps the window open. Meta: 24 hours after the message's own time.
pub const WINDOW: Duration = span::hours(24);

text_enum! {
    /// How much consent an organisation asks for.
    pub enum Policy {
        /// A template may go to who opted in or wrote within the window.
        WindowOrOptIn = "window_or_opt_in",
        /// A template may go only to who opted in.
        StrictOptIn = "strict_opt_in",
    }
}

/// What is to be sent, as far as the rules care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Anything but a template.
    FreeForm,
    /// The one message that confirms STOP.
    StopConfirmation,
    /// A template, with the category Meta gave it and whether it may be sent now.
    Template {
        /// The category in force.
        purpose: Purpose,
        /// Whether Meta has approved it and not paused it since.
        state: TemplateFitness,
    },
}

text_enum! {
    /// Whether a template may be sent.
    pub enum TemplateFitness {
        /// Approved.
        Ready = "ready",
        /// Paused by Meta for a while; sends wait.
        Paused = "paused",
        /// Not approved, rejected, disabled or gone.
        Unusable = "unusable",
        /// Approved, but not for these parameters.
        Misfit = "misfit",
    }
}

text_enum! {
    /// Whether the number and its messaging account can send.
    pub enum LineState {
        /// Connected.
        Ready = "ready",
        /// Cannot send now and may again later: the token died, the account is restricted or being reconnected.
        Held = "held",
        /// Disconnected for good.
        Gone = "gone",
    }
}

text_enum! {
    /// Whether Meta lets a number begin conversations.
    pub enum MayBegin {
        /// It does.
        Yes = "yes",
        /// Not until a restriction is lifted.
        Restricted = "restricted",
        /// Not before some of those written to within the last 24 hours no longer count.
        AtLimit = "at_limit",
    }
}

/// Everything the decision rests on.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Who wants to send.
    pub author: Author,
    /// What is to be sent.
    pub form: Form,
    /// What the contact allows.
    pub consent: Consent,
    /// When the contact's STOP took effect, if one is in force.
    pub stopped_at: Option<Timestamp>,
    /// When the contact last wrote to this number (Meta's own time of that message).
    pub last_inbound_at: Option<Timestamp>,
    /// When Meta last said that the window is closed (131047).
    pub window_denied_at: Option<Timestamp>,
    /// When Meta last said that we have blocked this contact (130403).
    pub blocked_at: Option<Timestamp>,
    /// Until when the contact counts as not on WhatsApp (131026).
    pub not_on_whatsapp_until: Option<Timestamp>,
    /// Until when Meta holds back marketing for this contact (131049).
    pub marketing_capped_until: Option<Timestamp>,
    /// Until when the contact belongs to a group that Meta sends no marketing (130472).
    pub experiment_until: Option<Timestamp>,
    /// Whether the contact has a phone number of the United States.
    pub is_american: bool,
    /// When the organisation's own cap leaves room again, if it leaves none now.
    pub cap_frees_at: Option<Timestamp>,
    /// When the quiet hours end that hold now.
    pub quiet_until: Option<Timestamp>,
    /// The organisation's policy.
    pub policy: Policy,
    /// Whether the number can send.
    pub line: LineState,
    /// Whether Meta lets the number begin conversations.
    pub may_begin: MayBegin,
    /// When the portfolio may write to somebody new first again, if it has written to as many within 24 hours as Meta allows
    /// and the contact is not among them.
    pub limit_frees_at: Option<Timestamp>,
    /// When Meta last held the number back because people blocked or reported it (131048).
    pub slowed_at: Option<Timestamp>,
    /// The next channel besides WhatsApp that the sender allows, that is set up, and on which the contact has an address
    /// and has not opted out.
    pub fallback: Option<Channel>,
}

impl Facts {
    /// Facts about a message to a contact of whom nothing is known.
    pub fn new(author: Author, form: Form) -> Self {
        Self {
            author,
            form,
            consent: Consent::default(),
            stopped_at: None,
            last_inbound_at: None,
            window_denied_at: None,
            blocked_at: None,
            not_on_whatsapp_until: None,
            marketing_capped_until: None,
            experiment_until: None,
            is_american: false,
            cap_frees_at: None,
            quiet_until: None,
            policy: Policy::WindowOrOptIn,
            line: LineState::Ready,
            may_begin: MayBegin::Yes,
            limit_frees_at: None,
            slowed_at: None,
            fallback: None,
        }
    }

    /// Takes in what Meta let us know of the contact.
    pub fn heed(&mut self, signals: &[Signal]) {
        for signal in signals {
            let until = Some(signal.holds_until());
            match signal.kind {
                SignalKind::NotOnWhatsapp => self.not_on_whatsapp_until = until,
                SignalKind::MarketingCapped => self.marketing_capped_until = until,
                SignalKind::MarketingExperiment => self.experiment_until = until,
            }
        }
    }
}

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Decision {
    /// Go, on this ground.
    Send {
        /// Why it is allowed.
        ground: Ground,
        /// The ledger entry that allows it, where consent does.
        consent: Option<ConsentEventId>,
    },
    /// Not now. The message is kept and asked about again at this time.
    Wait {
        /// When to ask again.
        until: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// Not on WhatsApp. The message is kept, and the contact is reached on another channel.
    FallBack {
        /// Which.
        to: Channel,
        /// Why not on WhatsApp.
        reason: Reason,
    },
    /// No.
    Refuse {
        /// Why not.
        reason: Reason,
    },
}

text_enum! {
    /// Why a message is allowed.
    pub enum Ground {
        /// The contact wrote within the last 24 hours.
        Window = "window",
        /// The contact opted in.
        OptIn = "opt_in",
        /// It confirms the contact's own STOP.
        StopConfirmation = "stop_confirmation",
    }
}

text_enum! {
    /// Why a message is held or refused: a stable code with a sentence for people.
    pub enum Reason {
        /// The 24-hour window is closed.
        WindowClosed = "window_closed",
        /// The contact sent STOP.
        Stopped = "opted_out",
        /// No opt-in for this purpose, and no open window.
        NoOptIn = "no_opt_in",
        /// Marketing without its own opt-in.
        NoMarketingOptIn = "no_marketing_opt_in",
        /// The contact stopped messages of this purpose.
        PurposeStopped = "purpose_opted_out",
        /// The template is not approved or is gone.
        TemplateUnusable = "template_unusable",
        /// The parameters are not those that the template takes.
        TemplateMisfit = "template_parameters",
        /// Meta has paused the template.
        TemplatePaused = "template_paused",
        /// The number cannot send at present.
        LineHeld = "number_held",
        /// The number is no longer connected.
        LineGone = "number_disconnected",
        /// Meta could not deliver to this contact: probably not on WhatsApp (131026).
        NotOnWhatsapp = "not_on_whatsapp",
        /// Meta holds back marketing for this contact (131049).
        MarketingCapped = "marketing_capped",
        /// The contact belongs to a group that Meta sends no marketing for now (130472).
        MarketingExperiment = "marketing_experiment",
        /// Meta delivers no marketing to numbers of the United States.
        MarketingToUs = "marketing_to_us",
        /// The contact has had as much as the organisation allows itself.
        FrequencyCap = "frequency_cap",
        /// The organisation's quiet hours.
        QuietHours = "quiet_hours",
        /// The organisation has blocked this contact on WhatsApp (130403).
        Blocked = "contact_blocked",
        /// Meta lets the number begin no conversations at present.
        NumberRestricted = "number_restricted",
        /// Meta holds the number back because people blocked or reported it (131048).
        NumberSlowed = "number_slowed",
        /// The number has written to as many people as Meta allows within a day.
        NumberAtLimit = "number_at_limit",
        /// WhatsApp has not delivered within the time that the sender gave it.
        NotDelivered = "not_delivered",
    }
}

impl Reason {
    /// What a failure that tells something of the contact means for messages to come.
    pub const fn of_signal(kind: SignalKind) -> Self {
        match kind {
            SignalKind::NotOnWhatsapp => Self::NotOnWhatsapp,
            SignalKind::MarketingCapped => Self::MarketingCapped,
            SignalKind::MarketingExperiment => Self::MarketingExperiment,
        }
    }

    /// Whether a message that is refused for this would have gone on another channel, had there been one.
    pub const fn is_cured_elsewhere(self) -> bool {
        matches!(self, Self::NoOptIn | Self::NotOnWhatsapp | Self::MarketingExperiment | Self::MarketingToUs)
    }

    /// The sentence in English: what is wrong and what may be done.
    pub const fn english(self) -> &'static str {
        match self {
            Self::WindowClosed => {
                "The contact last wrote more than 24 hours ago, so WhatsApp allows templates only. Send an approved template, or wait until the contact writes."
            }
            Self::Stopped => {
                "The contact has asked to receive no more messages. Nothing may be sent until the contact writes START, except a person's answer to a new message."
            }
            Self::NoOptIn => {
                "The contact has not agreed to be written to and has not written within the last 24 hours. Record the contact's opt-in first."
            }
            Self::NoMarketingOptIn => {
                "Marketing needs its own consent, and this contact has given none. Record a marketing opt-in first."
            }
            Self::PurposeStopped => {
                "The contact has stopped messages of this kind. Record a new opt-in only if the contact gives one."
            }
            Self::TemplateUnusable => {
                "The template is not approved in this language. Choose an approved template or submit this one for review."
            }
            Self::TemplateMisfit => {
                "The parameters are not those that the template takes in this language. Fill in each of its gaps and send it again."
            }
            Self::TemplatePaused => {
                "Meta has paused this template because people blocked or reported it. The message waits until the pause ends."
            }
            Self::LineHeld => {
                "The number cannot send at present. The message is kept and goes out when the connection works again."
            }
            Self::LineGone => {
                "The number is no longer connected. Connect it again, or send from another number."
            }
            Self::NotOnWhatsapp => {
                "WhatsApp could not deliver to this contact: the number is probably not on WhatsApp, or the contact has blocked you. It is tried again after some days, or when the contact writes."
            }
            Self::MarketingCapped => {
                "WhatsApp is holding back offers for this contact, because they get many of them from all businesses. Wait at least 24 hours."
            }
            Self::MarketingExperiment => {
                "WhatsApp delivers no offers to this contact for now. Sending again does not help; write on another channel."
            }
            Self::MarketingToUs => {
                "WhatsApp delivers no offers to phone numbers of the United States. Write on another channel."
            }
            Self::FrequencyCap => {
                "This contact has had as many messages of this kind as you allow within the time you set. Send it later, or change the limit in the settings."
            }
            Self::QuietHours => "These are your quiet hours. The message is kept and goes out when they end.",
            Self::Blocked => "You have blocked this contact on WhatsApp. Unblock the contact first.",
            Self::NumberRestricted => {
                "WhatsApp lets this number begin no conversations at present. The message is kept; see the number's page for the reason."
            }
            Self::NumberSlowed => {
                "WhatsApp holds this number back because people blocked or reported it. The message is kept; send fewer offers until the quality is better."
            }
            Self::NumberAtLimit => {
                "This number has written to as many people as WhatsApp allows within 24 hours. The message is kept and goes out when there is room again."
            }
            Self::NotDelivered => {
                "WhatsApp did not deliver this message within the time you set. The contact was written to on another channel."
            }
        }
    }

    /// The sentence in Indonesian.
    pub const fn indonesian(self) -> &'static str {
        match self {
            Self::WindowClosed => {
                "Pelanggan terakhir menulis lebih dari 24 jam lalu, jadi WhatsApp hanya mengizinkan templat. Kirim templat yang disetujui, atau tunggu sampai pelanggan menulis."
            }
            Self::Stopped => {
                "Pelanggan meminta tidak menerima pesan lagi. Tidak ada yang boleh dikirim sampai pelanggan menulis MULAI, kecuali jawaban petugas atas pesan baru."
            }
            Self::NoOptIn => {
                "Pelanggan belum setuju dihubungi dan tidak menulis dalam 24 jam terakhir. Catat dulu persetujuannya."
            }
            Self::NoMarketingOptIn => {
                "Promosi memerlukan persetujuan tersendiri, dan pelanggan ini belum memberikannya. Catat dulu persetujuan promosi."
            }
            Self::PurposeStopped => {
                "Pelanggan menghentikan jenis pesan ini. Catat persetujuan baru hanya bila pelanggan memberikannya."
            }
            Self::TemplateUnusable => {
                "Templat belum disetujui dalam bahasa ini. Pilih templat yang disetujui atau ajukan templat ini."
            }
            Self::TemplateMisfit => {
                "Isian tidak sesuai dengan templat dalam bahasa ini. Lengkapi setiap isian templat lalu kirim lagi."
            }
            Self::TemplatePaused => {
                "Meta menjeda templat ini karena ada yang memblokir atau melaporkannya. Pesan menunggu sampai jeda berakhir."
            }
            Self::LineHeld => {
                "Nomor ini sedang tidak dapat mengirim. Pesan disimpan dan dikirim saat koneksi pulih."
            }
            Self::LineGone => {
                "Nomor ini tidak lagi terhubung. Hubungkan kembali, atau kirim dari nomor lain."
            }
            Self::NotOnWhatsapp => {
                "WhatsApp tidak dapat mengirim ke pelanggan ini: mungkin nomornya tidak memakai WhatsApp, atau pelanggan memblokir Anda. Dicoba lagi setelah beberapa hari, atau saat pelanggan menulis."
            }
            Self::MarketingCapped => {
                "WhatsApp menahan promosi untuk pelanggan ini karena sudah menerima banyak promosi dari berbagai bisnis. Tunggu sedikitnya 24 jam."
            }
            Self::MarketingExperiment => {
                "Untuk sementara WhatsApp tidak mengirim promosi ke pelanggan ini. Mengirim ulang tidak membantu; hubungi lewat saluran lain."
            }
            Self::MarketingToUs => {
                "WhatsApp tidak mengirim promosi ke nomor telepon Amerika Serikat. Hubungi lewat saluran lain."
            }
            Self::FrequencyCap => {
                "Pelanggan ini sudah menerima pesan jenis ini sebanyak yang Anda izinkan. Kirim nanti, atau ubah batasnya di pengaturan."
            }
            Self::QuietHours => {
                "Sekarang jam tenang Anda. Pesan disimpan dan dikirim saat jam tenang berakhir."
            }
            Self::Blocked => "Anda memblokir pelanggan ini di WhatsApp. Buka blokirnya dulu.",
            Self::NumberRestricted => {
                "Untuk saat ini WhatsApp tidak mengizinkan nomor ini memulai percakapan. Pesan disimpan; lihat alasannya di halaman nomor."
            }
            Self::NumberSlowed => {
                "WhatsApp menahan nomor ini karena ada yang memblokir atau melaporkannya. Pesan disimpan; kurangi promosi sampai kualitasnya membaik."
            }
            Self::NumberAtLimit => {
                "Nomor ini sudah menulis ke orang sebanyak batas WhatsApp dalam 24 jam. Pesan disimpan dan dikirim saat ada tempat lagi."
            }
            Self::NotDelivered => {
                "WhatsApp tidak menyampaikan pesan ini dalam waktu yang Anda tentukan. Pelanggan dihubungi lewat saluran lain."
            }
        }
    }
}

/// How long to wait before asking again about what may end at any time.
pub const ASK_AGAIN: Duration = span::minutes(5);
/// How long a number that Meta holds back sends no marketing, and nothing else that is begun by us.
pub const SLOWED_FOR_MARKETING: Duration = span::hours(24);
/// The same for everything else.
pub const SLOWED: Duration = span::hours(1);

/// When the window that `last_inbound_at` opened closes.
pub fn window_closes_at(last_inbound_at: Option<Timestamp>) -> Option<Timestamp> {
    last_inbound_at.map(|at| at + WINDOW)
}

/// Whether the window is open: the contact wrote within 24 hours, and Meta has not denied it since.
pub fn window_is_open(facts: &Facts, now: Timestamp) -> bool {
    window_closes_at(facts.last_inbound_at).is_some_and(|closes| now < closes)
        && facts.window_denied_at < facts.last_inbound_at
}

/// The decision.
pub fn decide(facts: &Facts, now: Timestamp) -> Decision {
    if facts.line == LineState::Gone {
        return refuse(Reason::LineGone);
    }
    if facts.blocked_at.is_some() && facts.blocked_at >= facts.last_inbound_at {
        return refuse(Reason::Blocked);
    }
    let allowed = match facts.form {
        Form::StopConfirmation if window_is_open(facts, now) => {
            Decision::Send { ground: Ground::StopConfirmation, consent: None }
        }
        Form::StopConfirmation => refuse(Reason::WindowClosed),
        Form::FreeForm => decide_free_form(facts, now),
        Form::Template { purpose, state } => decide_template(facts, purpose, state, now),
    };
    match allowed {
        Decision::Send { .. } if facts.line == LineState::Held => wait(now + ASK_AGAIN, Reason::LineHeld),
        decision => decision,
    }
}

fn decide_free_form(facts: &Facts, now: Timestamp) -> Decision {
    if !window_is_open(facts, now) {
        return refuse(Reason::WindowClosed);
    }
    if facts.consent.stopped.is_some() {
        let wrote_after_stop = facts.last_inbound_at > facts.stopped_at;
        if facts.author != Author::Member || !wrote_after_stop {
            return refuse(Reason::Stopped);
        }
    }
    Decision::Send { ground: Ground::Window, consent: None }
}

/// What the contact has said comes first, then what the sender can mend, then what only another channel cures, then what
/// passes.
fn decide_template(facts: &Facts, purpose: Purpose, state: TemplateFitness, now: Timestamp) -> Decision {
    let allowed = consented(facts, purpose, state, now);
    match allowed {
        // Elsewhere the contact may be asked for it.
        Err(Reason::NoOptIn) if facts.fallback.is_some() => {}
        Err(reason) => return refuse(reason),
        Ok(_) => {}
    }
    if state == TemplateFitness::Misfit {
        return refuse(Reason::TemplateMisfit);
    }
    let allowed = match allowed {
        Ok(allowed) => allowed,
        Err(reason) => return elsewhere(facts, purpose, reason, now),
    };
    if let Some(reason) = undeliverable(facts, purpose, now) {
        return elsewhere(facts, purpose, reason, now);
    }
    capped(facts, purpose, now).or_else(|| holds(facts, purpose, state, now)).unwrap_or(allowed)
}

/// The ground on which a template may go, as far as the contact's consent and the template itself allow it.
fn consented(
    facts: &Facts,
    purpose: Purpose,
    state: TemplateFitness,
    now: Timestamp,
) -> Result<Decision, Reason> {
    if facts.consent.stopped.is_some() {
        return Err(Reason::Stopped);
    }
    if state == TemplateFitness::Unusable {
        return Err(Reason::TemplateUnusable);
    }
    match facts.consent.standing(purpose) {
        Standing::OptedOut(_) => Err(Reason::PurposeStopped),
        Standing::OptedIn(_) if facts.policy == Policy::StrictOptIn => {
            let said = facts.consent.said_yes(purpose).ok_or(Reason::NoOptIn)?;
            Ok(Decision::Send { ground: Ground::OptIn, consent: Some(said) })
        }
        Standing::OptedIn(id) => Ok(Decision::Send { ground: Ground::OptIn, consent: Some(id) }),
        Standing::Unknown if purpose == Purpose::Marketing => Err(Reason::NoMarketingOptIn),
        Standing::Unknown if facts.policy == Policy::WindowOrOptIn && window_is_open(facts, now) => {
            Ok(Decision::Send { ground: Ground::Window, consent: None })
        }
        Standing::Unknown => Err(Reason::NoOptIn),
    }
}

/// Why WhatsApp would not deliver it, whatever we do.
fn undeliverable(facts: &Facts, purpose: Purpose, now: Timestamp) -> Option<Reason> {
    let holds = |until: Option<Timestamp>| until.is_some_and(|until| now < until);
    let marketing = purpose == Purpose::Marketing;
    if marketing && facts.is_american {
        Some(Reason::MarketingToUs)
    } else if holds(facts.not_on_whatsapp_until) {
        Some(Reason::NotOnWhatsapp)
    } else if marketing && holds(facts.experiment_until) && !window_is_open(facts, now) {
        Some(Reason::MarketingExperiment)
    } else {
        None
    }
}

/// What the organisation's own measure says to one more.
fn capped(facts: &Facts, purpose: Purpose, now: Timestamp) -> Option<Decision> {
    let frees_at = facts.cap_frees_at.filter(|at| now < *at)?;
    Some(match purpose {
        Purpose::Marketing => refuse(Reason::FrequencyCap),
        Purpose::Utility | Purpose::Authentication => wait(frees_at, Reason::FrequencyCap),
    })
}

/// What holds it for a while.
fn holds(facts: &Facts, purpose: Purpose, state: TemplateFitness, now: Timestamp) -> Option<Decision> {
    if state == TemplateFitness::Paused {
        return Some(wait(now + ASK_AGAIN, Reason::TemplatePaused));
    }
    let marketing = purpose == Purpose::Marketing;
    if !window_is_open(facts, now) {
        match facts.may_begin {
            MayBegin::Yes => {}
            MayBegin::Restricted => return Some(wait(now + ASK_AGAIN, Reason::NumberRestricted)),
            MayBegin::AtLimit => return Some(wait(now + ASK_AGAIN, Reason::NumberAtLimit)),
        }
        if let Some(frees_at) = facts.limit_frees_at.filter(|at| now < *at) {
            // However many wait, they do not all ask again whenever there is room for one.
            return Some(wait(frees_at.max(now + ASK_AGAIN), Reason::NumberAtLimit));
        }
        let capped = facts.marketing_capped_until.filter(|until| marketing && now < *until);
        if let Some(until) = capped {
            return Some(wait(until, Reason::MarketingCapped));
        }
    }
    let slowed = if marketing { SLOWED_FOR_MARKETING } else { SLOWED };
    if let Some(until) = facts.slowed_at.map(|at| at + slowed).filter(|until| now < *until) {
        return Some(wait(until, Reason::NumberSlowed));
    }
    quiet(facts, purpose, now)
}

/// Whether the contact is to be left in peace at this hour.
fn quiet(facts: &Facts, purpose: Purpose, now: Timestamp) -> Option<Decision> {
    let until = facts.quiet_until.filter(|until| now < *until && purpose != Purpose::Authentication)?;
    Some(wait(until, Reason::QuietHours))
}

/// On the next channel, where there is one, and no more often and at no other hour than here; otherwise not at all.
fn elsewhere(facts: &Facts, purpose: Purpose, reason: Reason, now: Timestamp) -> Decision {
    let Some(to) = facts.fallback else { return refuse(reason) };
    capped(facts, purpose, now)
        .or_else(|| quiet(facts, purpose, now))
        .unwrap_or(Decision::FallBack { to, reason })
}

const fn refuse(reason: Reason) -> Decision {
    Decision::Refuse { reason }
}

const fn wait(until: Timestamp, reason: Reason) -> Decision {
    Decision::Wait { until, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ConsentAction, ConsentSource, LedgerEntry};
    use proptest::prelude::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_165_200);

    fn entry(purpose: Option<Purpose>, action: ConsentAction, at: Timestamp) -> LedgerEntry {
        LedgerEntry {
            id: ConsentEventId(Uuid::from_u128(1)),
            channel: Channel::Whatsapp,
            purpose,
            action,
            source: ConsentSource::Api,
            at,
        }
    }

    fn facts(form: Form) -> Facts {
        Facts::new(Author::Api, form)
    }

    fn template(purpose: Purpose) -> Form {
        Form::Template { purpose, state: TemplateFitness::Ready }
    }

    fn refused(decision: Decision) -> Option<Reason> {
        if let Decision::Refuse { reason } = decision { Some(reason) } else { None }
    }

    #[test]
    fn the_window_is_counted_from_the_contacts_message_to_the_microsecond() {
        let mut facts = facts(Form::FreeForm);
        facts.last_inbound_at = Some(NOW);
        assert!(matches!(decide(&facts, Timestamp(NOW.0 + 86_400_000_000 - 1)), Decision::Send { .. }));
        assert_eq!(refused(decide(&facts, Timestamp(NOW.0 + 86_400_000_000))), Some(Reason::WindowClosed));
    }

    #[test]
    fn a_template_without_consent_is_refused_with_the_reason() {
        assert_eq!(refused(decide(&facts(template(Purpose::Utility)), NOW)), Some(Reason::NoOptIn));
        assert_eq!(
            refused(decide(&facts(template(Purpose::Marketing)), NOW)),
            Some(Reason::NoMarketingOptIn)
        );
    }

    #[test]
    fn parameters_that_do_not_fit_are_told_after_what_weighs_more() {
        let misfit = Form::Template { purpose: Purpose::Utility, state: TemplateFitness::Misfit };
        assert_eq!(refused(decide(&facts(misfit), NOW)), Some(Reason::NoOptIn));
        let mut facts = facts(misfit);
        facts.last_inbound_at = Some(NOW);
        assert_eq!(refused(decide(&facts, NOW)), Some(Reason::TemplateMisfit));
    }

    #[test]
    fn strict_opt_in_does_not_take_the_window_for_consent() {
        let mut facts = facts(template(Purpose::Utility));
        facts.last_inbound_at = Some(NOW);
        assert!(matches!(decide(&facts, NOW), Decision::Send { ground: Ground::Window, .. }));
        facts.policy = Policy::StrictOptIn;
        assert_eq!(refused(decide(&facts, NOW)), Some(Reason::NoOptIn));
    }

    #[test]
    fn after_stop_only_a_person_answers_and_only_what_came_later() {
        let mut facts = facts(Form::FreeForm);
        facts.consent = Consent::from_ledger(&[entry(None, ConsentAction::OptOut, NOW)], false);
        facts.stopped_at = Some(NOW);
        facts.last_inbound_at = Some(NOW);
        facts.author = Author::Member;
        assert_eq!(refused(decide(&facts, NOW)), Some(Reason::Stopped));
        facts.last_inbound_at = Some(Timestamp(NOW.0 + 1));
        assert!(matches!(decide(&facts, NOW), Decision::Send { .. }));
        facts.author = Author::Ai;
        assert_eq!(refused(decide(&facts, NOW)), Some(Reason::Stopped));
        facts.form = Form::StopConfirmation;
        assert!(matches!(decide(&facts, NOW), Decision::Send { ground: Ground::StopConfirmation, .. }));
    }

    #[test]
    fn a_held_number_keeps_the_message_but_hides_no_refusal() {
        let mut facts = facts(Form::FreeForm);
        facts.line = LineState::Held;
        assert_eq!(refused(decide(&facts, NOW)), Some(Reason::WindowClosed));
        facts.last_inbound_at = Some(NOW);
        assert!(matches!(decide(&facts, NOW), Decision::Wait { reason: Reason::LineHeld, .. }));
    }

    #[test]
    fn every_reason_has_a_sentence_in_both_languages() {
        for reason in Reason::ALL {
            assert!(reason.english().len() > 40 && reason.indonesian().len() > 40, "{reason}");
        }
    }

    proptest! {
        #[test]
        fn nothing_business_initiated_passes_a_stop(
            author in prop::sample::select(Author::ALL),
            purpose in prop::sample::select(Purpose::ALL),
            policy in prop::sample::select(Policy::ALL),
            inbound in prop::option::of(0i64..200_000),
            later in prop::collection::vec((prop::sample::select(Purpose::ALL), any::<bool>()), 0..4),
        ) {
            let mut ledger = vec![entry(None, ConsentAction::OptOut, NOW)];
            for (purpose, _) in later {
                let mut implied = entry(Some(purpose), ConsentAction::OptIn, NOW);
                implied.source = ConsentSource::InboundMessage;
                ledger.push(implied);
            }
            let facts = Facts {
                consent: Consent::from_ledger(&ledger, false),
                stopped_at: Some(NOW),
                last_inbound_at: inbound.map(|s| Timestamp::from_seconds(NOW.seconds() + s)),
                policy,
                fallback: Some(Channel::Email),
                ..Facts::new(author, template(purpose))
            };
            prop_assert_eq!(refused(decide(&facts, NOW)), Some(Reason::Stopped));
        }
    }
}
