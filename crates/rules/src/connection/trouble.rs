//! What stops a step: what it means, whose turn it is, what to do, and when it is tried again by itself.
//!
//! The table follows Meta's codes as its pages and field reports give them in 2026. HTTP status is never looked at:
//! Meta's differs for the same code. Its texts are looked at only where the code alone is ambiguous.

use std::time::Duration;

use super::Step;
use crate::time::span;

text_enum! {
    /// Whose turn it is.
    pub enum Turn {
        /// The business that owns the number.
        Client = "client",
        /// Whoever runs the installation.
        Operator = "operator",
        /// Meta; it is tried again by itself.
        Meta = "meta",
    }
}

/// What Meta answered instead of doing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MetaSays<'a> {
    /// `error.code`; absent when no complete answer came.
    pub code: Option<i64>,
    /// `error.error_subcode`.
    pub subcode: Option<i64>,
    /// `error.message`, looked at only where codes are ambiguous.
    pub message: &'a str,
    /// `error.is_transient`, or an answer of 5xx without a body.
    pub transient: bool,
}

macro_rules! troubles {
    ($($(#[doc = $doc:literal])* $variant:ident = $word:literal, $turn:ident, $retry:expr,
        en $english:literal $to_do:literal, id $indonesian:literal $yang_harus:literal;)+) => {
        text_enum! {
            /// What stops a step.
            pub enum Trouble { $($(#[doc = $doc])* $variant = $word,)+ }
        }

        impl Trouble {
            /// Whose turn it is.
            pub const fn turn(self) -> Turn {
                match self { $(Self::$variant => Turn::$turn,)+ }
            }

            /// What it means, in English.
            pub const fn english(self) -> &'static str {
                match self { $(Self::$variant => $english,)+ }
            }

            /// What to do, in English.
            pub const fn action_english(self) -> &'static str {
                match self { $(Self::$variant => $to_do,)+ }
            }

            /// What it means, in Indonesian.
            pub const fn indonesian(self) -> &'static str {
                match self { $(Self::$variant => $indonesian,)+ }
            }

            /// What to do, in Indonesian.
            pub const fn action_indonesian(self) -> &'static str {
                match self { $(Self::$variant => $yang_harus,)+ }
            }

            const fn patience(self) -> Patience {
                match self { $(Self::$variant => $retry,)+ }
            }
        }
    };
}

/// When a step is made again by itself.
#[derive(Clone, Copy)]
enum Patience {
    /// Not before somebody has acted.
    Never,
    /// After this long.
    After(Duration),
    /// Soon, then less and less often.
    BackOff,
    /// Often at first, since somebody may just be doing it, later rarely.
    Watch,
}
use Patience::{After, BackOff, Never, Watch};

troubles! {
    /// The client has not been through the dialog.
    NoCodeYet = "no_code_yet", Client, Never,
        en "The Meta sign-up has not been finished yet." "Press Connect WhatsApp and go through the Meta window to the end.",
        id "Pendaftaran Meta belum selesai." "Tekan Hubungkan WhatsApp dan selesaikan jendela Meta sampai akhir.";
    /// Closed before the last screen.
    SignupCancelled = "signup_cancelled", Client, Never,
        en "The Meta window was closed before the last screen." "Press Connect WhatsApp again; what was entered is kept by Meta.",
        id "Jendela Meta ditutup sebelum layar terakhir." "Tekan Hubungkan WhatsApp lagi; isian sebelumnya disimpan Meta.";
    /// An error screen was reported.
    SignupFailed = "signup_failed", Client, Never,
        en "Meta showed an error during sign-up." "Follow what the Meta window says, then press Connect WhatsApp again.",
        id "Meta menampilkan kesalahan saat pendaftaran." "Ikuti petunjuk di jendela Meta, lalu tekan Hubungkan WhatsApp lagi.";
    /// FINISH came, the code did not.
    CodeMissing = "code_missing", Client, Never,
        en "The sign-up was finished, but Meta's window did not hand back its confirmation." "Use the full-page sign-up link, or press Connect WhatsApp again.",
        id "Pendaftaran selesai, tetapi jendela Meta tidak mengembalikan konfirmasinya." "Gunakan tautan pendaftaran satu halaman, atau tekan Hubungkan WhatsApp lagi.";
    /// 100/36007.
    CodeExpired = "code_expired", Client, Never,
        en "Meta's confirmation lives for 30 seconds and had run out." "Press Connect WhatsApp again.",
        id "Konfirmasi dari Meta hanya berlaku 30 detik dan sudah habis." "Tekan Hubungkan WhatsApp lagi.";
    /// 100/36009.
    CodeUsed = "code_used", Client, Never,
        en "Meta's confirmation works once and was used already." "Press Connect WhatsApp again.",
        id "Konfirmasi dari Meta hanya dapat dipakai sekali dan sudah terpakai." "Tekan Hubungkan WhatsApp lagi.";
    /// The answer of the exchange was lost.
    CodeLost = "code_lost", Client, Never,
        en "The connection to Meta broke while access was being confirmed, and it could not be recovered." "Press Connect WhatsApp again; nothing has to be undone.",
        id "Sambungan ke Meta terputus saat akses dipastikan dan tidak dapat dipulihkan." "Tekan Hubungkan WhatsApp lagi; tidak ada yang perlu dibatalkan.";
    /// 100/36008.
    RedirectMismatch = "redirect_mismatch", Operator, Never,
        en "Meta says that the return address differs from the one registered with the app." "Register this installation's exact https address under Facebook Login for Business, Valid OAuth Redirect URIs.",
        id "Meta menyatakan alamat kembali berbeda dari yang terdaftar di aplikasi." "Daftarkan alamat https instalasi ini persis di Facebook Login for Business, Valid OAuth Redirect URIs.";
    /// 1 at the exchange.
    AppSecretWrong = "app_secret_wrong", Operator, Never,
        en "Meta does not accept the app's secret." "Copy the app secret anew from the App Dashboard (Settings, Basic) and store it here.",
        id "Meta tidak menerima rahasia aplikasi." "Salin ulang App Secret dari App Dashboard (Settings, Basic) dan simpan di sini.";
    /// 101.
    AppUnknown = "app_unknown", Operator, Never,
        en "Meta does not know the app id." "Compare the app id here with the one in the App Dashboard.",
        id "Meta tidak mengenal ID aplikasi." "Cocokkan ID aplikasi di sini dengan yang ada di App Dashboard.";
    /// 191.
    DomainNotAllowed = "domain_not_allowed", Operator, Never,
        en "Meta does not allow this address for the app." "Add the domain under Allowed Domains for the JavaScript SDK and Valid OAuth Redirect URIs.",
        id "Meta tidak mengizinkan alamat ini untuk aplikasi." "Tambahkan domain di Allowed Domains for the JavaScript SDK dan Valid OAuth Redirect URIs.";
    /// The app's webhook subscription is missing or incomplete.
    AppNotReady = "app_not_ready", Operator, Watch,
        en "The Meta app does not receive messages: its webhook field messages is not subscribed, or the app is not live." "Subscribe the webhook fields in the App Dashboard and set the app to Live; it is noticed by itself.",
        id "Aplikasi Meta tidak menerima pesan: bidang webhook messages belum dilanggan, atau aplikasi belum Live." "Langgan bidang webhook di App Dashboard dan ubah aplikasi menjadi Live; akan terdeteksi otomatis.";
    /// 190 and its like.
    TokenDead = "token_dead", Client, Never,
        en "Meta no longer accepts the access that was given: it ran out or was taken back." "Connect the account again; number, history and settings stay.",
        id "Meta tidak lagi menerima akses yang diberikan: habis masa berlakunya atau dicabut." "Hubungkan akun lagi; nomor, riwayat dan pengaturan tetap ada.";
    /// Nothing was entered.
    ValueMissing = "value_missing", Client, Never,
        en "A value that belongs here is missing." "Enter it. An app's id and its secret belong together.",
        id "Nilai yang diperlukan di sini belum diisi." "Isi dulu. ID dan rahasia aplikasi selalu berpasangan.";
    /// 190 without a subcode.
    TokenMalformed = "token_malformed", Client, Never,
        en "Meta cannot read this token; often it was cut off when copied." "Copy the whole token again; if it came through the Meta window, press Connect WhatsApp again.",
        id "Meta tidak dapat membaca token ini; sering kali terpotong saat disalin." "Salin ulang token secara lengkap; bila berasal dari jendela Meta, tekan Hubungkan WhatsApp lagi.";
    /// 100 at debug_token.
    TokenOfAnotherApp = "token_of_another_app", Client, Never,
        en "The token belongs to another Meta app." "Give that app's id and secret too, or make the token with this app.",
        id "Token ini milik aplikasi Meta lain." "Berikan juga ID dan rahasia aplikasi itu, atau buat token dengan aplikasi ini.";
    /// A list of accounts came and the one announced is not in it.
    NotGranted = "account_not_granted", Client, Never,
        en "The access given does not cover the messaging account that was announced." "Press Connect WhatsApp again and choose the account that you want to connect.",
        id "Akses yang diberikan tidak mencakup akun WhatsApp yang disebutkan." "Tekan Hubungkan WhatsApp lagi dan pilih akun yang ingin dihubungkan.";
    /// 100/33.
    AccountNotShared = "account_not_shared", Client, Never,
        en "This access does not reach the messaging account, or there is none of this id." "Check the id, and share the account: Business Settings, Accounts, WhatsApp accounts, assign with full control.",
        id "Akses ini tidak menjangkau akun WhatsApp tersebut, atau ID-nya tidak ada." "Periksa ID dan bagikan akun: Business Settings, Accounts, WhatsApp accounts, beri kontrol penuh.";
    /// 100 nonexisting field.
    WrongKindOfId = "wrong_kind_of_id", Client, Never,
        en "This is the id of something else, usually of the business portfolio, not of a WhatsApp Business account." "Copy the WhatsApp Business account id from WhatsApp Manager, Account tools, Phone numbers.",
        id "Ini ID hal lain, biasanya portofolio bisnis, bukan akun WhatsApp Business." "Salin ID akun WhatsApp Business dari WhatsApp Manager, Account tools, Phone numbers.";
    /// 10, 200 … 299.
    PermissionMissing = "permission_missing", Client, Never,
        en "A permission or the right to this asset is missing." "Connect again and leave every permission switched on; for a pasted token assign the account with full control.",
        id "Izin atau hak atas aset ini kurang." "Hubungkan lagi dan biarkan semua izin aktif; untuk token yang ditempel beri akun kontrol penuh.";
    /// A read that takes the right to send is refused.
    MayNotSend = "may_not_send", Client, Never,
        en "The access may read, but not send: the permission whatsapp_business_messaging is missing." "Make a token with both WhatsApp permissions, or connect again and leave every permission switched on.",
        id "Akses ini dapat membaca, tetapi tidak dapat mengirim: izin whatsapp_business_messaging tidak ada." "Buat token dengan kedua izin WhatsApp, atau hubungkan lagi dan biarkan semua izin aktif.";
    /// Nothing to connect was found.
    NoAccountFound = "no_account_found", Client, Never,
        en "No messaging account was found for this access." "Press Connect WhatsApp again and go to the end, or enter the WhatsApp Business account id.",
        id "Tidak ada akun WhatsApp yang ditemukan untuk akses ini." "Tekan Hubungkan WhatsApp lagi sampai akhir, atau masukkan ID akun WhatsApp Business.";
    /// More than one may be meant.
    SeveralAccounts = "several_accounts", Client, Never,
        en "The access covers several messaging accounts." "Choose the one to connect.",
        id "Akses ini mencakup beberapa akun WhatsApp." "Pilih satu untuk dihubungkan.";
    /// Another organisation has it.
    BoundElsewhere = "bound_to_another_organisation", Operator, Never,
        en "This messaging account is connected to another organisation of this installation." "Disconnect it there first, or ask the operator to move it. Nothing has been changed.",
        id "Akun WhatsApp ini terhubung ke organisasi lain di instalasi ini." "Putuskan dulu di sana, atau minta operator memindahkannya. Tidak ada yang diubah.";
    /// `client_business_id` is not the owner's.
    SharedAccount = "shared_account", Client, Never,
        en "The messaging account belongs to another business than the one that gave access." "If it is shared with you on purpose, confirm that it is meant and retry; otherwise have its owner connect it.",
        id "Akun WhatsApp ini milik bisnis lain, bukan bisnis yang memberi akses." "Bila memang dibagikan kepada Anda, pastikan akun ini yang dimaksud lalu ulangi; bila tidak, minta pemiliknya yang menghubungkan.";
    /// Re-consent for another account than the one on record.
    DifferentAccount = "different_account", Client, Never,
        en "Another messaging account was chosen than the one that is connected here." "Choose the same account again, or confirm that this one is meant.",
        id "Akun WhatsApp yang dipilih berbeda dari yang terhubung di sini." "Pilih akun yang sama, atau pastikan memang akun ini yang dimaksud.";
    /// Status or review PENDING.
    AccountPending = "account_pending", Meta, After(span::minutes(30)),
        en "Meta is still reviewing the messaging account." "Nothing; it is looked at again by itself.",
        id "Meta masih meninjau akun WhatsApp." "Tidak ada; diperiksa lagi secara otomatis.";
    /// Review REJECTED.
    AccountRejected = "account_rejected", Client, Never,
        en "Meta has rejected the messaging account." "Appeal in WhatsApp Manager or finish business verification, then try again.",
        id "Meta menolak akun WhatsApp." "Ajukan banding di WhatsApp Manager atau selesaikan verifikasi bisnis, lalu coba lagi.";
    /// RESTRICTED, DISABLED, 131031, 368.
    AccountBlocked = "account_blocked", Client, Never,
        en "Meta has restricted or disabled the messaging account." "See Business Support Home for the reason and appeal there.",
        id "Meta membatasi atau menonaktifkan akun WhatsApp." "Lihat alasannya di Business Support Home dan ajukan banding di sana.";
    /// No number in the account.
    NoNumber = "no_number", Client, Never,
        en "The messaging account has no number: the sign-up ended before one was added." "Press Connect WhatsApp again and add a number, then retry.",
        id "Akun WhatsApp belum punya nomor: pendaftaran berhenti sebelum nomor ditambahkan." "Tekan Hubungkan WhatsApp lagi dan tambahkan nomor, lalu ulangi.";
    /// The chosen number is not among the account's.
    NumberNotInAccount = "number_not_in_account", Client, Never,
        en "This number is not in this messaging account." "Copy both ids from the same page of WhatsApp Manager.",
        id "Nomor ini tidak ada di akun WhatsApp tersebut." "Salin kedua ID dari halaman WhatsApp Manager yang sama.";
    /// `success:true`, yet our app is not in the list.
    NotSubscribed = "not_subscribed", Meta, BackOff,
        en "Meta accepted the webhook subscription but does not list it." "Nothing; it is tried again by itself.",
        id "Meta menerima langganan webhook tetapi tidak mencantumkannya." "Tidak ada; dicoba lagi secara otomatis.";
    /// An override that is not ours.
    ForeignOverride = "foreign_override", Client, Never,
        en "Messages of this account go to another system, and connecting would cut it off." "Confirm that the messages shall come here, then retry.",
        id "Pesan akun ini masuk ke sistem lain, dan menghubungkan akan memutusnya." "Pastikan pesan memang harus masuk ke sini, lalu ulangi.";
    /// 100 at the override.
    SubscribeFirst = "subscribe_first", Operator, Never,
        en "Meta allows an address of its own only after the app's field messages is subscribed." "Subscribe the field messages in the App Dashboard, then retry.",
        id "Meta mengizinkan alamat khusus hanya setelah bidang messages aplikasi dilanggan." "Langgan bidang messages di App Dashboard, lalu ulangi.";
    /// 2200.
    HandshakeFailed = "handshake_failed", Operator, Never,
        en "Meta could not confirm our webhook address." "Check that the address is reachable from the internet with a valid certificate, then retry.",
        id "Meta tidak dapat memastikan alamat webhook kita." "Pastikan alamat dapat dijangkau dari internet dengan sertifikat sah, lalu ulangi.";
    /// Solution Partner settings are incomplete.
    CreditNotConfigured = "credit_not_configured", Operator, Never,
        en "The credit line cannot be shared: credit line, system user or its token is not configured, or no currency was chosen." "Complete the app's partner settings and the connection's currency, then retry.",
        id "Jalur kredit tidak dapat dibagikan: jalur kredit, pengguna sistem, tokennya, atau mata uang belum diatur." "Lengkapi pengaturan mitra aplikasi dan mata uang koneksi, lalu ulangi.";
    /// 10, 200, 100/33 at the credit line.
    CreditNotAllowed = "credit_not_allowed", Operator, Never,
        en "Meta refuses to share the credit line: our system user is not on the account or lacks the right." "Use a token of an admin or finance editor with business_management, and check that the client shared the account with our portfolio.",
        id "Meta menolak berbagi jalur kredit: pengguna sistem kita tidak ada di akun atau tidak berhak." "Gunakan token admin atau finance editor dengan business_management, dan pastikan klien membagikan akun ke portofolio kita.";
    /// 100 at the credit line.
    CurrencyRefused = "currency_refused", Operator, Never,
        en "Meta does not accept this currency or these values for the credit line." "Choose a currency that the credit line offers; it cannot be changed later.",
        id "Meta tidak menerima mata uang atau nilai ini untuk jalur kredit." "Pilih mata uang yang tersedia di jalur kredit; tidak dapat diubah kemudian.";
    /// Funded, not by us.
    OtherPayer = "other_payer", Operator, Never,
        en "Somebody else already pays for this messaging account." "Ask the client to remove the former payer in WhatsApp Manager, or continue as Tech Provider.",
        id "Akun WhatsApp ini sudah dibayar pihak lain." "Minta klien menghapus pembayar lama di WhatsApp Manager, atau lanjutkan sebagai Tech Provider.";
    /// Neither allowed for the organisation nor by a link of the operator's.
    OperatorDoesNotPay = "operator_does_not_pay", Operator, Never,
        en "The operator has not agreed to pay Meta for this messaging account, so the credit line was not shared." "Allow it for the organisation, then retry; or have the client connect as Tech Provider with a payment method of its own.",
        id "Operator belum menyetujui untuk membayar Meta bagi akun WhatsApp ini, jadi jalur kredit tidak dibagikan." "Izinkan untuk organisasi ini, lalu ulangi; atau minta klien terhubung sebagai Tech Provider dengan metode pembayarannya sendiri.";
    /// The allocation is there, the account does not carry it yet.
    CreditUnproved = "credit_unproved", Meta, BackOff,
        en "Meta accepted the credit line but does not show it on the account yet." "Nothing; it is looked at again by itself.",
        id "Meta menerima jalur kredit tetapi belum menampilkannya di akun." "Tidak ada; diperiksa lagi secara otomatis.";
    /// 133005 also after a new PIN.
    WrongPin = "wrong_pin", Client, Never,
        en "The number has a two-step PIN that we do not know, and Meta did not let us set a new one." "Enter the PIN here, or switch two-step verification off in WhatsApp Manager, then retry.",
        id "Nomor ini punya PIN dua langkah yang tidak kita ketahui, dan Meta tidak mengizinkan PIN baru." "Masukkan PIN di sini, atau matikan verifikasi dua langkah di WhatsApp Manager, lalu ulangi.";
    /// 133006, NOT_VERIFIED.
    VerifyFirst = "verify_first", Client, Never,
        en "Meta wants the number verified by a code first." "Press Connect WhatsApp again and enter the code that Meta sends to the number, then retry.",
        id "Meta meminta nomor diverifikasi dulu dengan kode." "Tekan Hubungkan WhatsApp lagi dan masukkan kode yang dikirim Meta ke nomor itu, lalu ulangi.";
    /// 133016.
    RegisterLimit = "register_limit", Meta, After(span::hours(72)),
        en "The number was registered too often within 72 hours, so Meta has locked registration." "Nothing; one attempt is made when the lock has ended.",
        id "Nomor terlalu sering didaftarkan dalam 72 jam, jadi Meta mengunci pendaftaran." "Tidak ada; satu percobaan dilakukan setelah kunci berakhir.";
    /// We stopped before Meta would.
    RegisterHeld = "register_held", Client, Never,
        en "Registering was tried several times without success; further attempts would lock the number for 72 hours." "Find the cause in the attempts above, then retry.",
        id "Pendaftaran dicoba beberapa kali tanpa hasil; percobaan lagi akan mengunci nomor selama 72 jam." "Cari penyebabnya pada percobaan di atas, lalu ulangi.";
    /// 133008, 133009.
    PinGuesses = "pin_guesses", Meta, After(span::hours(12)),
        en "Wrong PINs were entered too often or too quickly, so Meta asks to wait." "Nothing; it is tried again by itself.",
        id "PIN salah terlalu sering atau terlalu cepat dimasukkan, jadi Meta meminta menunggu." "Tidak ada; dicoba lagi secara otomatis.";
    /// 133015.
    RecentlyDeleted = "recently_deleted", Meta, After(span::minutes(5)),
        en "The number was deleted a moment ago and Meta has not finished." "Nothing; it is tried again in five minutes.",
        id "Nomor baru saja dihapus dan Meta belum selesai." "Tidak ada; dicoba lagi dalam lima menit.";
    /// 133000.
    DeregisterFirst = "deregister_first", Operator, Never,
        en "An earlier deregistration of the number was not finished." "Deregister the number, then retry.",
        id "Pencabutan pendaftaran nomor sebelumnya belum selesai." "Cabut pendaftaran nomor, lalu ulangi.";
    /// (#200) at register.
    TermsNotAccepted = "terms_not_accepted", Operator, Never,
        en "Meta refuses to register the number: the Cloud API terms are not accepted, or a right is missing." "Accept the WhatsApp Business Cloud API terms in WhatsApp Manager, then retry.",
        id "Meta menolak mendaftarkan nomor: ketentuan Cloud API belum disetujui, atau ada hak yang kurang." "Setujui ketentuan WhatsApp Business Cloud API di WhatsApp Manager, lalu ulangi.";
    /// 100 at register.
    PinRefused = "pin_refused", Client, Never,
        en "Meta does not accept this PIN." "Choose six digits that are harder to guess, then retry.",
        id "Meta tidak menerima PIN ini." "Pilih enam angka yang lebih sulit ditebak, lalu ulangi.";
    /// `success:true`, yet not CONNECTED.
    NotRegistered = "not_registered", Meta, BackOff,
        en "Meta does not show the number as connected yet." "Nothing; it is looked at again by itself.",
        id "Meta belum menampilkan nomor sebagai terhubung." "Tidak ada; diperiksa lagi secara otomatis.";
    /// No longer CONNECTED at a later look.
    Deregistered = "deregistered", Client, Never,
        en "The number is no longer registered with the Cloud API." "If it was not moved elsewhere on purpose, retry this step to register it again.",
        id "Nomor tidak lagi terdaftar di Cloud API." "Bila tidak sengaja dipindahkan, ulangi langkah ini untuk mendaftarkannya lagi.";
    /// name_status DECLINED.
    NameDeclined = "name_declined", Client, Never,
        en "Meta has declined the display name." "Choose another display name in WhatsApp Manager.",
        id "Meta menolak nama tampilan." "Pilih nama tampilan lain di WhatsApp Manager.";
    /// 131037.
    NameNeeded = "name_needed", Client, Never,
        en "This test number cannot send before its display name is approved." "Have the display name approved in WhatsApp Manager, or use a number of your own.",
        id "Nomor uji ini tidak dapat mengirim sebelum nama tampilannya disetujui." "Minta persetujuan nama tampilan di WhatsApp Manager, atau gunakan nomor sendiri.";
    /// No payment method.
    Unfunded = "unfunded", Client, Watch,
        en "Nobody pays Meta for this account yet: customers can be answered, templates are refused." "Add a payment method in WhatsApp Manager, Settings, Payment methods; it is noticed by itself.",
        id "Belum ada yang membayar Meta untuk akun ini: pelanggan dapat dijawab, templat ditolak." "Tambahkan metode pembayaran di WhatsApp Manager, Settings, Payment methods; akan terdeteksi otomatis.";
    /// Our allocation is gone or differs.
    CreditGone = "credit_gone", Operator, Watch,
        en "The account no longer carries our credit line." "Share the credit line again, or ask the client to add a payment method.",
        id "Akun ini tidak lagi memakai jalur kredit kita." "Bagikan jalur kredit lagi, atau minta klien menambahkan metode pembayaran.";
    /// health_status says BLOCKED.
    SendBlocked = "send_blocked", Client, Watch,
        en "Meta's own check says that this number cannot send." "See the reason beside this step and remove it in WhatsApp Manager; it is noticed by itself.",
        id "Pemeriksaan Meta menyatakan nomor ini tidak dapat mengirim." "Lihat alasannya di samping langkah ini dan selesaikan di WhatsApp Manager; akan terdeteksi otomatis.";
    /// (#200) at sending.
    SendNotAllowed = "send_not_allowed", Client, Never,
        en "Reading works, but Meta does not let us send for this account." "Assign the account to the token's system user with full control, and release the number from any former provider.",
        id "Membaca berhasil, tetapi Meta tidak mengizinkan kita mengirim untuk akun ini." "Beri pengguna sistem token itu kontrol penuh atas akun, dan lepaskan nomor dari penyedia lama.";
    /// The token was dead already when the account was disconnected.
    AppNotRemoved = "app_not_removed", Client, Never,
        en "Meta no longer accepts our access, so our app could not be taken off the messaging account." "Remove the app in Business Settings, Integrations, Connected apps.",
        id "Meta tidak lagi menerima akses kita, jadi aplikasi kita tidak dapat dilepas dari akun WhatsApp." "Hapus aplikasi di Business Settings, Integrations, Connected apps.";
    /// No message has come in.
    NothingHeard = "nothing_heard", Client, Watch,
        en "No message has arrived on this number yet." "Write a message to the number from any phone.",
        id "Belum ada pesan masuk di nomor ini." "Kirim satu pesan ke nomor ini dari ponsel mana pun.";
    /// 2593107.
    SyncUsed = "sync_used", Client, Never,
        en "Contacts and history of the phone app can be asked for once, and that has been used." "Disconnect in the phone app (Settings, Account, Business Platform) and connect again if they are needed.",
        id "Kontak dan riwayat aplikasi ponsel hanya dapat diminta sekali dan sudah dipakai." "Putuskan di aplikasi ponsel (Settings, Account, Business Platform) dan hubungkan lagi bila diperlukan.";
    /// 2593108.
    SyncTooLate = "sync_too_late", Client, Never,
        en "Contacts and history of the phone app can be asked for within 24 hours of connecting, and they have passed." "Disconnect in the phone app (Settings, Account, Business Platform) and connect again if they are needed.",
        id "Kontak dan riwayat aplikasi ponsel hanya dapat diminta dalam 24 jam setelah terhubung, dan waktunya lewat." "Putuskan di aplikasi ponsel (Settings, Account, Business Platform) dan hubungkan lagi bila diperlukan.";
    /// 1, 2, 133004 …
    MetaBusy = "meta_busy", Meta, BackOff,
        en "Meta has a passing trouble." "Nothing; it is tried again by itself.",
        id "Meta sedang mengalami gangguan sementara." "Tidak ada; dicoba lagi secara otomatis.";
    /// 4, 17, 32, 613, 80007, 80008.
    Throttled = "throttled", Meta, After(span::minutes(10)),
        en "Meta asks us to slow down." "Nothing; it is tried again by itself.",
        id "Meta meminta kita memperlambat permintaan." "Tidak ada; dicoba lagi secara otomatis.";
    /// No answer.
    Unreachable = "meta_unreachable", Meta, BackOff,
        en "Meta could not be reached." "Nothing; it is tried again by itself.",
        id "Meta tidak dapat dijangkau." "Tidak ada; dicoba lagi secara otomatis.";
    /// An answer that is none of Graph's, or lacks what it should hold.
    Unexpected = "meta_unexpected", Meta, BackOff,
        en "Meta answered something that Sapa does not understand." "Nothing; it is tried again by itself.",
        id "Jawaban Meta tidak dapat dipahami Sapa." "Tidak ada; dicoba lagi secara otomatis.";
    /// Anything else.
    Refused = "refused", Operator, Never,
        en "Meta refused this step." "Look the code up in Meta's documentation, mend the cause, then retry.",
        id "Meta menolak langkah ini." "Cari kodenya di dokumentasi Meta, perbaiki penyebabnya, lalu ulangi.";
}

impl Trouble {
    /// How long to wait before the step is made again by itself; `None`: not before somebody has acted.
    /// `attempts` counts those made so far, at least one.
    pub fn wait(self, attempts: i64) -> Option<Duration> {
        let n = u32::try_from(attempts.clamp(1, 12)).unwrap_or(1);
        match self.patience() {
            Never => None,
            After(span) => Some(span),
            BackOff => Some(Duration::from_secs(1 << n).min(span::minutes(15))),
            // Ten seconds for some minutes, then a minute, then rarely: the nightly look stands behind.
            Watch => Some(match attempts {
                ..=30 => Duration::from_secs(10),
                31..=120 => span::minutes(1),
                _ => span::hours(1),
            }),
        }
    }
}

/// What Meta's refusal of a step means.
pub fn trouble(step: Step, says: MetaSays<'_>) -> Trouble {
    let Some(code) = says.code else { return Trouble::Unreachable };
    match (code, says.subcode) {
        (100, Some(36_007)) => return Trouble::CodeExpired,
        (100, Some(36_009)) => return Trouble::CodeUsed,
        (100, Some(36_008)) => return Trouble::RedirectMismatch,
        (190, None | Some(0)) => return Trouble::TokenMalformed,
        (0 | 102 | 104 | 190 | 2_500, _) => return Trouble::TokenDead,
        (101, _) => return Trouble::AppUnknown,
        (191, _) => return Trouble::DomainNotAllowed,
        (4 | 17 | 32 | 613 | 80_007 | 80_008 | 130_429, _) => return Trouble::Throttled,
        (368 | 131_031 | 130_497, _) => return Trouble::AccountBlocked,
        (131_037, _) => return Trouble::NameNeeded,
        (131_042, _) => return Trouble::Unfunded,
        (133_000, _) => return Trouble::DeregisterFirst,
        (133_005, _) => return Trouble::WrongPin,
        (133_006, _) => return Trouble::VerifyFirst,
        (133_008 | 133_009, _) => return Trouble::PinGuesses,
        (133_010, _) => return Trouble::NotRegistered,
        (133_015, _) => return Trouble::RecentlyDeleted,
        (133_016, _) => return Trouble::RegisterLimit,
        (2_200, _) => return Trouble::HandshakeFailed,
        (2_593_107, _) => return Trouble::SyncUsed,
        (2_593_108, _) => return Trouble::SyncTooLate,
        _ => {}
    }
    match (step, code) {
        (Step::ExchangeCode, 1) => Trouble::AppSecretWrong,
        // A garbage code: "Invalid verification code format."
        (Step::ExchangeCode, 100) => Trouble::CodeExpired,
        (_, 1 | 2 | 131_000 | 131_016 | 131_057 | 133_004) => Trouble::MetaBusy,
        (_, _) if says.transient => Trouble::MetaBusy,
        (Step::ShareCredit, 10 | 200..=299) => Trouble::CreditNotAllowed,
        (Step::ShareCredit, 33 | 100) if says.subcode == Some(33) || code == 33 => Trouble::CreditNotAllowed,
        (Step::ShareCredit, 100) => Trouble::CurrencyRefused,
        (Step::RegisterNumber, 200..=299) => Trouble::TermsNotAccepted,
        (Step::FirstMessage, 200..=299) => Trouble::SendNotAllowed,
        (_, 3 | 10 | 200..=299) => Trouble::PermissionMissing,
        (_, 33) => Trouble::AccountNotShared,
        (_, 100) if says.subcode == Some(33) => Trouble::AccountNotShared,
        (_, 100) if says.message.contains("nonexisting field") => Trouble::WrongKindOfId,
        (_, 100) if says.message.contains("App_id in the input_token") => Trouble::TokenOfAnotherApp,
        // The proof is made with the app's secret: "Invalid appsecret_proof provided in the API argument".
        (_, 100) if says.message.contains("appsecret_proof") => Trouble::AppSecretWrong,
        (Step::OverrideWebhook, 100) => Trouble::SubscribeFirst,
        (Step::RegisterNumber, 100) => Trouble::PinRefused,
        _ => Trouble::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(code: i64, subcode: Option<i64>, message: &str) -> MetaSays<'_> {
        MetaSays { code: Some(code), subcode, message, transient: false }
    }

    /// The failures that Meta gives at each step, with whose turn it then is and whether time alone cures it.
    #[test]
    fn every_failure_has_its_meaning_its_turn_and_its_patience() {
        use Step::*;
        use Turn::*;
        let foreign = "(#100) The App_id in the input_token did not match the Viewing App";
        let field = "(#100) Tried accessing nonexisting field (phone_numbers) on node type (Business)";
        let proof = "Invalid appsecret_proof provided in the API argument";
        let early = "(#100) Before override the current callback uri, your app must be subscribed";
        for (step, code, subcode, message, expected, turn, waits) in [
            (ExchangeCode, 100, Some(36_007), "", Trouble::CodeExpired, Client, false),
            (ExchangeCode, 100, Some(36_009), "", Trouble::CodeUsed, Client, false),
            (ExchangeCode, 100, Some(36_008), "", Trouble::RedirectMismatch, Operator, false),
            (
                ExchangeCode,
                100,
                None,
                "Invalid verification code format.",
                Trouble::CodeExpired,
                Client,
                false,
            ),
            (ExchangeCode, 1, None, "", Trouble::AppSecretWrong, Operator, false),
            (ExchangeCode, 101, None, "", Trouble::AppUnknown, Operator, false),
            (ExchangeCode, 191, None, "", Trouble::DomainNotAllowed, Operator, false),
            (ProveAccess, 100, None, foreign, Trouble::TokenOfAnotherApp, Client, false),
            (ProveAccess, 100, None, proof, Trouble::AppSecretWrong, Operator, false),
            (ProveAccess, 190, None, "", Trouble::TokenMalformed, Client, false),
            (ProveAccess, 190, Some(463), "", Trouble::TokenDead, Client, false),
            (SubscribeApp, 190, Some(458), "", Trouble::TokenDead, Client, false),
            (ProveAccess, 100, Some(33), "", Trouble::AccountNotShared, Client, false),
            (ProveAccess, 100, None, field, Trouble::WrongKindOfId, Client, false),
            (SubscribeApp, 200, None, "", Trouble::PermissionMissing, Client, false),
            (ProveAccess, 10, None, "", Trouble::PermissionMissing, Client, false),
            (FirstMessage, 200, None, "", Trouble::SendNotAllowed, Client, false),
            (OverrideWebhook, 100, None, early, Trouble::SubscribeFirst, Operator, false),
            (OverrideWebhook, 2_200, None, "", Trouble::HandshakeFailed, Operator, false),
            (ShareCredit, 200, None, "", Trouble::CreditNotAllowed, Operator, false),
            (ShareCredit, 100, None, "", Trouble::CurrencyRefused, Operator, false),
            (ShareCredit, 100, Some(33), "", Trouble::CreditNotAllowed, Operator, false),
            (RegisterNumber, 133_006, None, "", Trouble::VerifyFirst, Client, false),
            (RegisterNumber, 133_005, None, "", Trouble::WrongPin, Client, false),
            (RegisterNumber, 133_016, None, "", Trouble::RegisterLimit, Meta, true),
            (RegisterNumber, 133_008, None, "", Trouble::PinGuesses, Meta, true),
            (RegisterNumber, 133_009, None, "", Trouble::PinGuesses, Meta, true),
            (RegisterNumber, 133_015, None, "", Trouble::RecentlyDeleted, Meta, true),
            (RegisterNumber, 133_000, None, "", Trouble::DeregisterFirst, Operator, false),
            (RegisterNumber, 200, None, "", Trouble::TermsNotAccepted, Operator, false),
            (RegisterNumber, 100, None, "", Trouble::PinRefused, Client, false),
            (RegisterNumber, 131_031, None, "", Trouble::AccountBlocked, Client, false),
            (FirstMessage, 133_010, None, "", Trouble::NotRegistered, Meta, true),
            (FirstMessage, 131_042, None, "", Trouble::Unfunded, Client, true),
            (FirstMessage, 131_037, None, "", Trouble::NameNeeded, Client, false),
            (SyncBusinessApp, 2_593_107, None, "", Trouble::SyncUsed, Client, false),
            (SyncBusinessApp, 2_593_108, None, "", Trouble::SyncTooLate, Client, false),
            (Sync, 80_007, None, "", Trouble::Throttled, Meta, true),
            (Sync, 4, None, "", Trouble::Throttled, Meta, true),
            (Sync, 368, None, "", Trouble::AccountBlocked, Client, false),
            (Sync, 2, None, "", Trouble::MetaBusy, Meta, true),
            (Sync, 1, None, "", Trouble::MetaBusy, Meta, true),
            (Sync, 2_500, None, "", Trouble::TokenDead, Client, false),
            (Sync, 987_654, None, "", Trouble::Refused, Operator, false),
        ] {
            let found = trouble(step, says(code, subcode, message));
            assert_eq!(
                (found, found.turn(), found.wait(1).is_some()),
                (expected, turn, waits),
                "{step} {code}"
            );
        }
        assert_eq!(trouble(Sync, MetaSays::default()), Trouble::Unreachable);
        assert_eq!(trouble(Sync, MetaSays { transient: true, ..says(987, None, "") }), Trouble::MetaBusy);
    }

    #[test]
    fn every_trouble_speaks_both_languages_in_whole_sentences() {
        for found in Trouble::ALL {
            for text in
                [found.english(), found.indonesian(), found.action_english(), found.action_indonesian()]
            {
                assert!(text.len() > 15 && text.ends_with('.'), "{found}: {text}");
            }
            assert_eq!(
                found.turn() == Turn::Meta,
                found.wait(1).is_some() && !matches!(found.patience(), Watch)
            );
        }
    }

    #[test]
    fn waits_grow_and_have_an_end() {
        assert_eq!(Trouble::MetaBusy.wait(1), Some(Duration::from_secs(2)));
        assert_eq!(Trouble::MetaBusy.wait(9_999), Some(span::minutes(15)));
        assert_eq!(Trouble::Unfunded.wait(1), Some(Duration::from_secs(10)));
        assert_eq!(Trouble::Unfunded.wait(500), Some(span::hours(1)));
        assert_eq!(Trouble::RegisterLimit.wait(1), Some(span::hours(72)));
    }
}
