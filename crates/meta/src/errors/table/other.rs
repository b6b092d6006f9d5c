//! Groups, calls, flows, blocking, usernames.

use super::super::{Class, Fault};
use super::Code::Plain;
use super::OnSend::{Never, Retry};
use super::{Row, row, words};
use rules::outcome::Scope;

pub(super) const ROWS: &[Row] = &[
    row(
        &[Plain(1_752_041)],
        Class::Request,
        Fault::Nobody,
        Never,
        words("This was already asked for", "Hal ini sudah pernah diminta"),
        words("Nothing: wait for Meta.", "Tidak perlu apa-apa: tunggu Meta."),
    ),
    row(
        &[
            Plain(131_020),
            Plain(131_041),
            Plain(131_201),
            Plain(131_202),
            Plain(131_204),
            Plain(131_207),
            Plain(131_208),
            Plain(131_209),
            Plain(131_210),
            Plain(131_211),
            Plain(131_212),
            Plain(131_213),
            Plain(131_214),
            Plain(131_215),
        ],
        Class::Request,
        Fault::Client,
        Never,
        words(
            "WhatsApp does not allow this with this group",
            "WhatsApp tidak mengizinkan ini pada grup tersebut",
        ),
        words("Check the group and its members.", "Periksa grup dan anggotanya."),
    ),
    row(
        &[Plain(131_059)],
        Class::Request,
        Fault::Us,
        Never,
        words("The place in the list is no longer valid", "Posisi dalam daftar sudah tidak berlaku"),
        words(
            "Nothing: we read the list again from the beginning.",
            "Tidak perlu apa-apa: kami membaca daftar dari awal lagi.",
        ),
    ),
    row(
        &[
            Plain(138_000),
            Plain(138_013),
            Plain(138_014),
            Plain(138_015),
            Plain(138_018),
            Plain(138_024),
            Plain(138_025),
        ],
        Class::Request,
        Fault::Client,
        Never,
        words("Calls are not possible with this number", "Panggilan tidak tersedia untuk nomor ini"),
        words(
            "See the calling settings of the number in WhatsApp Manager.",
            "Lihat pengaturan panggilan nomor ini di WhatsApp Manager.",
        ),
    ),
    row(
        &[Plain(138_001), Plain(138_006), Plain(138_017)],
        Class::Recipient,
        Fault::Customer,
        Never,
        words(
            "This person cannot be called, has not allowed it, or has allowed it already",
            "Orang ini tidak dapat ditelepon, belum mengizinkan, atau sudah mengizinkan",
        ),
        words("Write to the person instead.", "Kirim pesan kepada orang ini."),
    ),
    row(
        &[Plain(138_002), Plain(138_003), Plain(138_005), Plain(138_009), Plain(138_012)],
        Class::Throttle,
        Fault::Nobody,
        Retry(60, Scope::Number),
        words("Too many calls or requests to call", "Terlalu banyak panggilan atau permintaan menelepon"),
        words("Wait and try later.", "Tunggu dan coba nanti."),
    ),
    row(
        &[
            Plain(138_004),
            Plain(138_007),
            Plain(138_019),
            Plain(138_020),
            Plain(138_021),
            Plain(138_022),
            Plain(138_023),
        ],
        Class::Transient,
        Fault::Meta,
        Never,
        words("The call could not be connected", "Panggilan tidak dapat tersambung"),
        words("Try the call again.", "Coba telepon lagi."),
    ),
    row(
        &[Plain(139_001), Plain(139_002), Plain(139_003), Plain(139_004), Plain(139_006)],
        Class::Request,
        Fault::Client,
        Never,
        words(
            "WhatsApp does not allow this change of the form",
            "WhatsApp tidak mengizinkan perubahan formulir ini",
        ),
        words("Look at the form in WhatsApp Manager.", "Lihat formulir di WhatsApp Manager."),
    ),
    row(
        &[Plain(139_100)],
        Class::Request,
        Fault::Client,
        Never,
        words(
            "Not everybody could be blocked or unblocked",
            "Tidak semua orang dapat diblokir atau dibuka blokirnya",
        ),
        words(
            "Only people who wrote in the last 24 hours can be blocked.",
            "Hanya orang yang menulis dalam 24 jam terakhir yang dapat diblokir.",
        ),
    ),
    row(
        &[Plain(139_101)],
        Class::Request,
        Fault::Client,
        Never,
        words("The list of blocked people is full", "Daftar orang yang diblokir sudah penuh"),
        words("Unblock somebody first.", "Buka blokir seseorang dahulu."),
    ),
    row(
        &[Plain(139_102), Plain(139_103)],
        Class::Transient,
        Fault::Meta,
        Never,
        words(
            "The list of blocked people is being changed elsewhere",
            "Daftar orang yang diblokir sedang diubah di tempat lain",
        ),
        words("Try again in a moment.", "Coba lagi sebentar lagi."),
    ),
    row(
        &[Plain(147_001), Plain(147_002), Plain(147_003), Plain(147_004), Plain(147_005)],
        Class::Request,
        Fault::Client,
        Never,
        words("This WhatsApp username cannot be had", "Nama pengguna WhatsApp ini tidak dapat dipakai"),
        words(
            "Choose another, or link the Facebook page or Instagram account that has it.",
            "Pilih nama lain, atau tautkan halaman Facebook atau akun Instagram yang memakainya.",
        ),
    ),
    row(
        &[
            Plain(2_494_164),
            Plain(2_494_165),
            Plain(2_494_166),
            Plain(2_494_167),
            Plain(2_494_168),
            Plain(2_494_176),
            Plain(2_494_177),
            Plain(2_494_179),
        ],
        Class::Request,
        Fault::Client,
        Never,
        words("Sign-up inside WhatsApp is not set up", "Pendaftaran di dalam WhatsApp belum disiapkan"),
        words(
            "Set it up and accept its terms in WhatsApp Manager.",
            "Siapkan dan setujui ketentuannya di WhatsApp Manager.",
        ),
    ),
];
