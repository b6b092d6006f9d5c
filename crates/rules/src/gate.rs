//! The gate: the one decision that every outbound message passes, at acceptance and again at the moment of sending.
//!
//! Policy, in words (Meta: opt-in and customer service window, 2026):
//! - Free-form messages go only inside the 24-hour window that the contact's last message opened.
//! - Templates need recorded opt-in **or** an open window; under *strict opt-in* always opt-in.
//! - Marketing always needs its own opt-in.
//! - After STOP nothing business-initiated goes out, ever, and the AI stays off. A person may answer what the
//!   contact writes later, free-form and inside the window. The confirmation of STOP itself is allowed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::consent::{Channel, Consent, Purpose, Standing};
use crate::id::ConsentEventId;
use crate::message::Author;
use crate::signals::SignalKind;
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
    /// The organisation's policy.
    pub policy: Policy,
    /// Whether the number can send.
    pub line: LineState,
    /// The next channel besides WhatsApp that the sender allows, that is set up, and on which the contact has an address
    /// and has not opted out.
    pub fallback: Option<Channel>,
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
        }
    }

    /// The sentence in Indonesian.
    pub const fn indonesian(self) -> &'static str {
        match self {
            Self::WindowClosed => {
                "Pelanggan terakhir menulis lebih dari 24 jam lalu, jadi WhatsApp hanya mengizinkan template. Kirim template yang disetujui, atau tunggu sampai pelanggan menulis."
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
                "Template belum disetujui dalam bahasa ini. Pilih template yang disetujui atau ajukan template ini."
            }
            Self::TemplateMisfit => {
                "Isian tidak sesuai dengan template dalam bahasa ini. Lengkapi setiap isian template lalu kirim lagi."
            }
            Self::TemplatePaused => {
                "Meta menjeda template ini karena ada yang memblokir atau melaporkannya. Pesan menunggu sampai jeda berakhir."
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
        }
    }
}

/// How long to wait before asking again about a held number or a paused template.
const ASK_AGAIN: Duration = span::minutes(5);

/// When the window that `last_inbound_at` opened closes.
pub fn window_closes_at(last_inbound_at: Option<Timestamp>) -> Option<Timestamp> {
    last_inbound_at.map(|at| at + WINDOW)
}

/// Whether the contact's last message still keeps the window open.
pub fn window_is_open(facts: &Facts, now: Timestamp) -> bool {
    window_closes_at(facts.last_inbound_at).is_some_and(|closes| now < closes)
}

/// The decision.
pub fn decide(facts: &Facts, now: Timestamp) -> Decision {
    if facts.line == LineState::Gone {
        return Decision::Refuse { reason: Reason::LineGone };
    }
    let window_open = window_is_open(facts, now);
    let allowed = match facts.form {
        Form::StopConfirmation if window_open => {
            Decision::Send { ground: Ground::StopConfirmation, consent: None }
        }
        Form::StopConfirmation => Decision::Refuse { reason: Reason::WindowClosed },
        Form::FreeForm => decide_free_form(facts, window_open),
        Form::Template { purpose, state } => decide_template(facts, purpose, state, window_open, now),
    };
    match allowed {
        Decision::Send { .. } if facts.line == LineState::Held => {
            Decision::Wait { until: now + ASK_AGAIN, reason: Reason::LineHeld }
        }
        decision => decision,
    }
}

fn decide_free_form(facts: &Facts, window_open: bool) -> Decision {
    if !window_open {
        return Decision::Refuse { reason: Reason::WindowClosed };
    }
    if facts.consent.stopped.is_some() {
        let wrote_after_stop = facts.last_inbound_at > facts.stopped_at;
        if facts.author != Author::Member || !wrote_after_stop {
            return Decision::Refuse { reason: Reason::Stopped };
        }
    }
    Decision::Send { ground: Ground::Window, consent: None }
}

fn decide_template(
    facts: &Facts,
    purpose: Purpose,
    state: TemplateFitness,
    window_open: bool,
    now: Timestamp,
) -> Decision {
    if facts.consent.stopped.is_some() {
        return Decision::Refuse { reason: Reason::Stopped };
    }
    if state == TemplateFitness::Unusable {
        return Decision::Refuse { reason: Reason::TemplateUnusable };
    }
    let verdict = match facts.consent.standing(purpose) {
        Standing::OptedOut(_) => return Decision::Refuse { reason: Reason::PurposeStopped },
        Standing::OptedIn(id) => Decision::Send { ground: Ground::OptIn, consent: Some(id) },
        Standing::Unknown if purpose == Purpose::Marketing => {
            return Decision::Refuse { reason: Reason::NoMarketingOptIn };
        }
        Standing::Unknown if window_open && facts.policy == Policy::WindowOrOptIn => {
            Decision::Send { ground: Ground::Window, consent: None }
        }
        Standing::Unknown => return elsewhere(facts, Reason::NoOptIn),
    };
    if state == TemplateFitness::Misfit {
        return Decision::Refuse { reason: Reason::TemplateMisfit };
    }
    if state == TemplateFitness::Paused {
        return Decision::Wait { until: now + ASK_AGAIN, reason: Reason::TemplatePaused };
    }
    verdict
}

/// On the next channel, where there is one; otherwise not at all.
fn elsewhere(facts: &Facts, reason: Reason) -> Decision {
    match facts.fallback {
        Some(to) => Decision::FallBack { to, reason },
        None => Decision::Refuse { reason },
    }
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
        Facts {
            author: Author::Api,
            form,
            consent: Consent::default(),
            stopped_at: None,
            last_inbound_at: None,
            policy: Policy::WindowOrOptIn,
            line: LineState::Ready,
            fallback: None,
        }
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
                author,
                form: template(purpose),
                consent: Consent::from_ledger(&ledger, false),
                stopped_at: Some(NOW),
                last_inbound_at: inbound.map(|s| Timestamp::from_seconds(NOW.seconds() + s)),
                policy,
                line: LineState::Ready,
                fallback: Some(Channel::Email),
            };
            prop_assert_eq!(refused(decide(&facts, NOW)), Some(Reason::Stopped));
        }
    }
}
