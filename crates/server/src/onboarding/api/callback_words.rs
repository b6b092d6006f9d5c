//! What somebody reads who comes back from the full-page dialog.

use axum::http::HeaderMap;
use rules::locale::Locale;

use super::callback::Ended;
use crate::http::Problem;
use crate::pages::{Told, preferred};

/// How it ended, and the way to the connection.
pub(super) fn ended(headers: &HeaderMap, ended: &Ended) -> Told {
    let (title, about, link) = match (ended.finished, preferred(headers)) {
        (true, Locale::En) => (
            "Meta has confirmed",
            "Your number is being connected. The page you came from goes on by itself; this one may be closed.",
            "Watch the steps",
        ),
        (true, Locale::Id) => (
            "Meta sudah mengonfirmasi",
            "Nomor Anda sedang dihubungkan. Halaman asal Anda berlanjut sendiri; halaman ini boleh ditutup.",
            "Lihat langkah-langkahnya",
        ),
        (false, Locale::En) => (
            "The sign-up was not finished",
            "Nothing has been connected. You may go through Meta's pages again whenever you like; what you entered is \
             kept by Meta.",
            "Take it up again",
        ),
        (false, Locale::Id) => (
            "Pendaftaran belum selesai",
            "Belum ada yang terhubung. Anda dapat membuka halaman Meta lagi kapan saja; isian Anda disimpan Meta.",
            "Lanjutkan",
        ),
    };
    Told { title, about, way: ended.page.clone().map(|page| (link, page)) }
}

/// Why the way back was refused; `None`: it is no fault of whoever reads it.
pub(super) fn refused(headers: &HeaderMap, problem: &Problem) -> Option<Told> {
    let locale = preferred(headers);
    let (title, about, link, to) = match (problem.details().code.as_ref(), locale) {
        ("unauthenticated", Locale::En) => (
            "You are not signed in here",
            "Whoever begins a sign-up finishes it, in the same browser. Sign in, then press Connect WhatsApp again.",
            "To the sign-in page",
            "/sign-in",
        ),
        ("unauthenticated", Locale::Id) => (
            "Anda belum masuk di sini",
            "Pendaftaran diselesaikan oleh orang yang memulainya, di peramban yang sama. Masuklah, lalu tekan Hubungkan \
             WhatsApp lagi.",
            "Ke halaman masuk",
            "/sign-in",
        ),
        ("signup_state_invalid", Locale::En) => (
            "This sign-up cannot be taken",
            "It has ended, was used already, or was begun by somebody else or in another browser. Nothing has been \
             changed. Press Connect WhatsApp once more.",
            "To the start page",
            "/",
        ),
        ("signup_state_invalid", Locale::Id) => (
            "Pendaftaran ini tidak dapat diterima",
            "Waktunya sudah habis, sudah dipakai, atau dimulai oleh orang lain atau di peramban lain. Tidak ada yang \
             berubah. Tekan Hubungkan WhatsApp sekali lagi.",
            "Ke halaman awal",
            "/",
        ),
        ("connection_closed", Locale::En) => (
            "This attempt was given up",
            "Nothing has been connected. Press Connect WhatsApp to begin anew.",
            "To the start page",
            "/",
        ),
        ("connection_closed", Locale::Id) => (
            "Upaya ini sudah dihentikan",
            "Tidak ada yang terhubung. Tekan Hubungkan WhatsApp untuk memulai lagi.",
            "Ke halaman awal",
            "/",
        ),
        ("organisation_suspended", Locale::En) => (
            "Your organisation is suspended",
            "It can be read, not changed. Ask whoever runs this installation.",
            "To the start page",
            "/",
        ),
        ("organisation_suspended", Locale::Id) => (
            "Organisasi Anda ditangguhkan",
            "Isinya dapat dibaca, tidak dapat diubah. Hubungi pengelola instalasi ini.",
            "Ke halaman awal",
            "/",
        ),
        _ => return None,
    };
    Some(Told { title, about, way: Some((link, to.to_owned())) })
}
