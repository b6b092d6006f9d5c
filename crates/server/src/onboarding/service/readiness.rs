//! What has to be in place, item by item, checked live where Meta can be asked: for the operator and for a client.

use meta::graph::{Access, GraphError};
use rules::connection::{Mode, TokenState};
use rules::gate::LineState;
use rules::id::OrgId;
use rules::settings::{AtHand, OrgSettings};
use store::apps::{App, SYSTEM_TOKEN};

use super::manual::login;
use super::steps::callback;
use super::{Failed, apps};
use crate::ctx::Ctx;

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// In place, as a look has shown.
    Good,
    /// Missing or broken.
    Bad,
    /// Only a person can tell.
    Ask,
}

/// One item.
#[derive(Clone, Debug)]
pub struct Item {
    /// A stable word.
    pub code: &'static str,
    /// What it is about: an app's or account's name.
    pub about: Option<String>,
    /// How it stands.
    pub light: Light,
    /// What has to be the case, in English and Indonesian.
    pub sentence: (&'static str, &'static str),
    /// How to mend it.
    pub fix: (&'static str, &'static str),
    /// What the look showed.
    pub found: Option<String>,
    /// Whether only a person can tell, and ticks it off in the organisation's settings (`at_hand`).
    pub by_hand: bool,
}

/// Webhook fields without which something falls silent.
pub const FIELDS: &[&str] = &[
    "messages",
    "account_update",
    "account_review_update",
    "account_alerts",
    "business_capability_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "security",
    "user_preferences",
];

/// The operator's checklist.
pub async fn operator(ctx: &Ctx) -> Result<Vec<Item>, Failed> {
    let mut items = vec![Item {
        code: "public_https",
        about: None,
        light: if ctx.settings.is_secure() { Light::Good } else { Light::Bad },
        sentence: (
            "Meta reaches this installation over https with a public certificate.",
            "Meta menjangkau instalasi ini lewat https dengan sertifikat publik.",
        ),
        fix: (
            "Set the public address to the https address of this installation.",
            "Atur alamat publik ke alamat https instalasi ini.",
        ),
        found: Some(ctx.settings.public_url.to_string()),
        by_hand: false,
    }];
    items.push(Item {
        code: "mail",
        about: None,
        light: if ctx.mailer.is_configured() { Light::Good } else { Light::Bad },
        sentence: (
            "Mail leaves: invitations, and links for those who forgot their password.",
            "Email terkirim: undangan, dan tautan bagi yang lupa kata sandi.",
        ),
        fix: (
            "Set SAPA_SMTP_URL and SAPA_MAIL_FROM. Until then hand out invitation links yourself, and make reset links on the page Organisations, “Help somebody sign in”; requests that could not be sent are among the dead jobs.",
            "Atur SAPA_SMTP_URL dan SAPA_MAIL_FROM. Sebelum itu bagikan tautan undangan sendiri, dan buat tautan kata sandi di halaman Organisasi, “Bantu seseorang masuk”; permintaan yang tidak terkirim tercatat di antara tugas yang gagal.",
        ),
        found: None,
        by_hand: false,
    });
    let all = apps::list(ctx, None).await?;
    items.push(Item {
        code: "meta_app",
        about: None,
        light: if all.is_empty() { Light::Bad } else { Light::Good },
        sentence: ("A Meta app is set up.", "Aplikasi Meta sudah diatur."),
        fix: (
            "Create a business app at developers.facebook.com and enter its id and secret here.",
            "Buat aplikasi bisnis di developers.facebook.com dan masukkan ID serta rahasianya di sini.",
        ),
        found: None,
        by_hand: false,
    });
    for app in &all {
        one_app(ctx, app, &mut items).await?;
    }
    for (code, sentence, fix) in [
        (
            "business_verified",
            (
                "Meta has verified the business portfolio that owns the app.",
                "Meta sudah memverifikasi portofolio bisnis pemilik aplikasi.",
            ),
            (
                "Start it in Business Settings, Security Centre, with the papers of the business.",
                "Mulai di Business Settings, Security Centre, dengan dokumen usaha.",
            ),
        ),
        (
            "app_review",
            (
                "App Review has granted advanced access to whatsapp_business_management, whatsapp_business_messaging and public_profile.",
                "App Review memberi akses lanjutan untuk whatsapp_business_management, whatsapp_business_messaging dan public_profile.",
            ),
            (
                "Ask for it in the App Dashboard, App Review, Permissions and features; Meta wants a screen recording of each.",
                "Ajukan di App Dashboard, App Review, Permissions and features; Meta meminta rekaman layar untuk masing-masing.",
            ),
        ),
        (
            "app_live",
            (
                "The app is live; until then only people with a role on it can connect.",
                "Aplikasi sudah Live; sebelum itu hanya orang yang punya peran di aplikasi yang dapat menghubungkan.",
            ),
            (
                "Switch the app mode to Live at the top of the App Dashboard.",
                "Ubah App Mode menjadi Live di bagian atas App Dashboard.",
            ),
        ),
        (
            "login_settings",
            (
                "Facebook Login for Business allows this domain and its return address.",
                "Facebook Login for Business mengizinkan domain ini dan alamat kembalinya.",
            ),
            (
                "App Dashboard, Facebook Login for Business, Settings: add this domain for the JavaScript SDK and, as a valid OAuth redirect address, this installation's address followed by /connect/callback.",
                "App Dashboard, Facebook Login for Business, Settings: tambahkan domain ini untuk JavaScript SDK dan, sebagai alamat OAuth redirect yang sah, alamat instalasi ini diikuti /connect/callback.",
            ),
        ),
    ] {
        items.push(Item { code, about: None, light: Light::Ask, sentence, fix, found: None, by_hand: false });
    }
    Ok(items)
}

async fn one_app(ctx: &Ctx, app: &App, items: &mut Vec<Item>) -> Result<(), Failed> {
    let login = login(ctx, app).await?;
    let about = Some(app.name.clone());
    let subscriptions = ctx.graph.app_subscriptions(&login).await;
    items.push(Item {
        code: "app_secret",
        about: about.clone(),
        light: light(&subscriptions),
        sentence: ("Meta accepts the app's id and secret.", "Meta menerima ID dan rahasia aplikasi."),
        fix: (
            "Copy the app secret anew from the App Dashboard (Settings, Basic).",
            "Salin ulang App Secret dari App Dashboard (Settings, Basic).",
        ),
        found: subscriptions.as_ref().err().map(ToString::to_string),
        by_hand: false,
    });
    let ours = subscriptions.ok().unwrap_or_default();
    let ours = ours.iter().find(|row| row.object == "whatsapp_business_account");
    let missing: Vec<&str> = match ours {
        Some(row) if row.active => {
            FIELDS.iter().copied().filter(|field| !row.fields.iter().any(|named| named == field)).collect()
        }
        _ => FIELDS.to_vec(),
    };
    items.push(Item {
        code: "webhook_fields",
        about: about.clone(),
        light: if missing.is_empty() { Light::Good } else { Light::Bad },
        sentence: (
            "The app subscribes to every webhook field that is needed.",
            "Aplikasi melanggan semua bidang webhook yang diperlukan.",
        ),
        fix: (
            "Subscribe the missing fields in the App Dashboard, WhatsApp, Configuration.",
            "Langgan bidang yang kurang di App Dashboard, WhatsApp, Configuration.",
        ),
        found: (!missing.is_empty()).then(|| missing.join(", ")),
        by_hand: false,
    });
    let address = ours.and_then(|row| row.callback_url.clone());
    let base = ctx.settings.public_url.as_str().trim_end_matches('/');
    let right = address.as_deref().is_some_and(|address| {
        address == format!("{base}/webhooks/meta") || address == callback(ctx, &app.slug)
    });
    items.push(Item {
        code: "webhook_address",
        about: about.clone(),
        light: if right { Light::Good } else { Light::Bad },
        sentence: ("The app sends its webhooks here.", "Aplikasi mengirim webhook ke sini."),
        fix: (
            "Enter this installation's webhook address and verify token in the App Dashboard, WhatsApp, Configuration.",
            "Masukkan alamat webhook dan token verifikasi instalasi ini di App Dashboard, WhatsApp, Configuration.",
        ),
        found: address,
        by_hand: false,
    });
    items.push(Item {
        code: "signup_configuration",
        about: about.clone(),
        light: if app.config_id.is_some() { Light::Good } else { Light::Bad },
        sentence: (
            "A configuration for Embedded Signup is entered.",
            "Konfigurasi Embedded Signup sudah dimasukkan.",
        ),
        fix: (
            "Create one under Facebook Login for Business, Configurations, and enter its id here.",
            "Buat satu di Facebook Login for Business, Configurations, dan masukkan ID-nya di sini.",
        ),
        found: app.config_id.clone(),
        by_hand: false,
    });
    if let Some(sealed) = &app.system_token {
        let mut tx = ctx.store.read().await?;
        let token = ctx.vault.open(&mut tx, app.owner(), SYSTEM_TOKEN, sealed).await?;
        drop(tx);
        let access = Access::proven(&token, &login.app_secret);
        let me = ctx.graph.me(&access).await;
        items.push(Item {
            code: "system_token",
            about: about.clone(),
            light: light(&me),
            sentence: ("The system user's token works.", "Token pengguna sistem berfungsi."),
            fix: (
                "Make a new token for the system user in Business Settings and enter it here.",
                "Buat token baru untuk pengguna sistem di Business Settings dan masukkan di sini.",
            ),
            found: me.err().map(|error| error.to_string()),
            by_hand: false,
        });
        if let (Some(business), Some(line)) = (&app.settings.0.business_id, &app.settings.0.credit_line_id) {
            let lines = ctx.graph.credit_lines(&access, business).await;
            let has = lines.as_ref().is_ok_and(|lines| lines.iter().any(|found| found.id == *line));
            items.push(Item {
                code: "credit_line",
                about,
                light: if has { Light::Good } else { Light::Bad },
                sentence: (
                    "The credit line is the portfolio's and the system user reaches it.",
                    "Jalur kredit milik portofolio dan dapat dijangkau pengguna sistem.",
                ),
                fix: (
                    "Use a token of an admin or finance editor with business_management, and check the credit line's id.",
                    "Gunakan token admin atau finance editor dengan business_management, dan periksa ID jalur kredit.",
                ),
                found: lines.err().map(|error| error.to_string()),
                by_hand: false,
            });
        }
    }
    Ok(())
}

fn light<T>(answer: &Result<T, GraphError>) -> Light {
    if answer.is_ok() { Light::Good } else { Light::Bad }
}

/// A client's checklist: what has to be at hand before, and how each connected account stands.
pub async fn client(ctx: &Ctx, org: OrgId) -> Result<Vec<Item>, Failed> {
    let app_there = !apps::usable(ctx, org).await?.is_empty();
    let mut items = vec![Item {
        code: "meta_app",
        about: None,
        light: if app_there { Light::Good } else { Light::Bad },
        sentence: ("There is a Meta app to connect through.", "Ada aplikasi Meta untuk menghubungkan."),
        fix: ("Ask the operator to set one up.", "Minta operator mengaturnya."),
        found: None,
        by_hand: false,
    }];
    let mut tx = ctx.store.read().await?;
    let mut scope = tx.org(org).await?;
    let settings = scope.org().await?.ok_or(Failed::Missing)?.settings;
    items.extend(by_hand(OrgSettings::read(&settings).at_hand));
    for account in scope.accounts().await?.into_iter().filter(|account| account.disconnected_at.is_none()) {
        let numbers = scope.numbers(Some(account.id)).await?;
        let about = Some(account.name.clone());
        let unpaid = account.mode == Mode::SolutionPartner;
        for (code, good, sentence, fix) in [
            (
                "access",
                account.token_state == TokenState::Valid,
                ("Meta accepts the access to the account.", "Meta menerima akses ke akun."),
                ("Connect the account again.", "Hubungkan akun lagi."),
            ),
            (
                "subscribed",
                account.subscribed_at.is_some(),
                ("Messages of the account come in here.", "Pesan akun masuk ke sini."),
                ("Retry the step on the connection's page.", "Ulangi langkah di halaman koneksi."),
            ),
            (
                "funded",
                account.funding_id.is_some(),
                ("Somebody pays Meta for the account.", "Ada yang membayar Meta untuk akun ini."),
                if unpaid {
                    ("Ask the operator to share the credit line.", "Minta operator membagikan jalur kredit.")
                } else {
                    (
                        "Add a payment method in WhatsApp Manager.",
                        "Tambahkan metode pembayaran di WhatsApp Manager.",
                    )
                },
            ),
            (
                "number_ready",
                numbers.iter().any(|number| number.line == LineState::Ready),
                ("A number can send.", "Ada nomor yang dapat mengirim."),
                (
                    "See the number's state and the connection's steps.",
                    "Lihat keadaan nomor dan langkah koneksi.",
                ),
            ),
            (
                "heard",
                numbers.iter().any(|number| number.heard_at.is_some()),
                ("A message has come in.", "Sudah ada pesan masuk."),
                ("Write to the number from any phone.", "Kirim pesan ke nomor ini dari ponsel mana pun."),
            ),
        ] {
            let light = if good { Light::Good } else { Light::Bad };
            items.push(Item {
                code,
                about: about.clone(),
                light,
                sentence,
                fix,
                found: None,
                by_hand: false,
            });
        }
    }
    Ok(items)
}

/// What only a person can tell, as somebody has ticked it off.
fn by_hand(at_hand: AtHand) -> impl Iterator<Item = Item> {
    let items = [
        (
            "legal_papers",
            at_hand.legal_papers,
            (
                "Your legal papers are at hand (in Indonesia: NIB or SIUP, and NPWP).",
                "Dokumen usaha tersedia (NIB atau SIUP, dan NPWP).",
            ),
            (
                "Have pictures or scans of them ready: Meta asks for them when it verifies the business.",
                "Siapkan foto atau hasil pindaiannya: Meta memintanya saat memverifikasi bisnis.",
            ),
        ),
        (
            "website",
            at_hand.website,
            (
                "Your business has a website or public page that shows its name.",
                "Usaha Anda punya situs web atau halaman publik yang menampilkan namanya.",
            ),
            (
                "One page with the name, what you offer and how to reach you is enough.",
                "Satu halaman dengan nama usaha, yang ditawarkan, dan cara menghubungi sudah cukup.",
            ),
        ),
        (
            "unused_number",
            at_hand.unused_number,
            (
                "You have a number that is not in use on WhatsApp and can receive an SMS or a call.",
                "Anda punya nomor yang tidak dipakai di WhatsApp dan dapat menerima SMS atau panggilan.",
            ),
            (
                "Delete the WhatsApp account on the phone of that number first, or connect the number of your WhatsApp Business app and go on using both.",
                "Hapus dulu akun WhatsApp di ponsel nomor itu, atau hubungkan nomor aplikasi WhatsApp Business Anda dan tetap pakai keduanya.",
            ),
        ),
        (
            "payment_card",
            at_hand.payment_card,
            (
                "A payment card is at hand for Meta's charges.",
                "Kartu pembayaran tersedia untuk tagihan Meta.",
            ),
            (
                "It is entered in WhatsApp Manager, Settings, Payment methods; not needed where your provider pays.",
                "Dimasukkan di WhatsApp Manager, Settings, Payment methods; tidak perlu bila penyedia Anda yang membayar.",
            ),
        ),
    ];
    items.into_iter().map(|(code, ticked, sentence, fix)| Item {
        code,
        about: None,
        light: if ticked { Light::Good } else { Light::Ask },
        sentence,
        fix,
        found: None,
        by_hand: true,
    })
}
