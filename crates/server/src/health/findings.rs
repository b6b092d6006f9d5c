//! What is slow, and why, in sentences: from readings alone, so that every sentence can be tried without waiting for the
//! misfortune it tells of.

use std::time::Duration;

use rules::id::OrgId;
use rules::time::span;
use store::load::LaneLoad;
use store::nodes::Node;

use super::nodes::{self, Presence};
use super::readings::Readings;
use super::words::{self, Both};
use crate::dispatch::{self, CANNOT_SEND, SLOWED};
use crate::http::Sentence;

/// A queue whose oldest due job waits longer than this falls behind…
const BEHIND: Duration = Duration::from_secs(30);
/// …and after this long people notice.
const FAR_BEHIND: Duration = span::minutes(5);
/// What Meta sent is applied within moments.
const INGEST_BEHIND: Duration = Duration::from_secs(10);
/// A commit that one in a hundred exceeds.
const SLOW_COMMIT: Duration = Duration::from_millis(100);
/// Writers that wait longer for their turn make everything slow.
const SLOW_TURN: Duration = Duration::from_secs(1);
/// Of fewer, one slow one says little.
const ENOUGH: u64 = 20;
/// A log is brought home long before it is so large, unless somebody reads without an end.
const LARGE_LOG: u64 = 1 << 30;
/// Clocks further apart than this confuse what came first.
const CLOCKS_APART: i64 = 5_000_000;
/// Meta's clock is told in whole seconds, over a line of unknown length.
const META_APART: i64 = 30_000_000;

/// How grave a finding is, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// People notice, or will soon.
    Bad,
    /// To be looked after.
    Warn,
    /// Good to know.
    Note,
}

/// One thing that is worth a sentence.
#[derive(Debug)]
pub(super) struct Finding {
    /// Names the kind of finding; never changes.
    pub code: &'static str,
    pub level: Level,
    pub sentence: Sentence,
    /// What to do about it.
    pub remedy: Sentence,
    /// The operator's page that shows more: `dead-jobs`, `kept-updates`, `connections`.
    pub page: Option<&'static str>,
    /// Whom it concerns most.
    pub org: Option<OrgId>,
}

/// A lane, and how people call whom it belongs to.
pub(super) struct Named {
    pub load: LaneLoad,
    /// Organisation and number, as far as they are known.
    pub name: Option<String>,
}

/// Everything that a finding is made from.
pub(super) struct Seen<'a> {
    pub readings: &'a Readings,
    /// The lanes that have waited longest.
    pub behind: &'a [Named],
    /// The lanes that hold most jobs for a reason.
    pub held: &'a [Named],
    pub meta_ahead: Option<i64>,
    pub leaving: bool,
}

fn finding(code: &'static str, level: Level, sentence: Both, remedy: (&str, &str)) -> Finding {
    let both = |(en, id): Both| Sentence { en, id };
    let remedy = both((remedy.0.to_owned(), remedy.1.to_owned()));
    Finding { code, level, sentence: both(sentence), remedy, page: None, org: None }
}

/// Everything worth a sentence, gravest first.
pub(super) fn find(seen: &Seen<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    queues(seen, &mut found);
    held(seen, &mut found);
    ingest(seen, &mut found);
    database(seen, &mut found);
    machine(seen, &mut found);
    nodes(seen, &mut found);
    left_over(seen, &mut found);
    found.sort_by_key(|finding| finding.level);
    found
}

fn queues(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    for load in &seen.readings.queues {
        let Some(age) = load.oldest_due.map(|due| seen.readings.at.since(due)).filter(|age| *age > BEHIND)
        else {
            continue;
        };
        let (what, due, since) = (words::queue(&load.queue), words::count(load.due), words::span(age));
        let mut sentence = (
            format!("{} falls behind: {} due, the oldest for {}.", what.0, due.0, since.0),
            format!("{} tertinggal: {} menunggu, yang terlama sejak {} lalu.", what.1, due.1, since.1),
        );
        let lane = seen.behind.iter().find(|lane| lane.load.queue == load.queue);
        if let Some((lane, name)) = lane.and_then(|lane| Some((lane, lane.name.as_ref()?))) {
            let own = words::count(lane.load.jobs);
            sentence.0 += &format!(" {name} has waited longest, with {} of them.", own.0);
            sentence.1 += &format!(" {name} menunggu paling lama, dengan {} di antaranya.", own.1);
        }
        let level = if age > FAR_BEHIND { Level::Bad } else { Level::Warn };
        let remedy = (
            "If it goes on: look whether the processor or the disk is busy, and start another process on PostgreSQL.",
            "Jika berlanjut: periksa apakah prosesor atau disk sibuk, lalu jalankan satu proses lagi di PostgreSQL.",
        );
        let org = lane.and_then(|lane| lane.load.org_id);
        found.push(Finding { org, ..finding("queue_behind", level, sentence, remedy) });
    }
}

/// What waits because of Meta.
fn held(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    for lane in seen.held.iter().filter(|lane| lane.load.queue == dispatch::QUEUE) {
        let slowed = lane.load.why.as_deref() == Some(SLOWED);
        if !slowed && lane.load.why.as_deref() != Some(CANNOT_SEND) {
            continue;
        }
        let (jobs, left) = (words::count(lane.load.jobs), words::span(lane.load.due.since(seen.readings.at)));
        let name = lane.name.as_deref().unwrap_or("?");
        let org = lane.load.org_id;
        let (code, sentence, remedy) = if slowed {
            (
                "number_slowed",
                (
                    format!("Meta asked {name} to slow down: {} waiting, tried again in {}.", jobs.0, left.0),
                    format!(
                        "Meta meminta {name} melambat: {} menunggu, dicoba lagi dalam {}.",
                        jobs.1, left.1
                    ),
                ),
                (
                    "Nothing is lost, and nothing needs to be done. If it happens often, the number has reached its limit.",
                    "Tidak ada yang hilang dan tidak perlu tindakan. Jika sering terjadi, nomor ini sudah mencapai batasnya.",
                ),
            )
        } else {
            (
                "number_blocked",
                (
                    format!("Meta does not let {name} send: {} waiting, tried again in {}.", jobs.0, left.0),
                    format!(
                        "Meta tidak mengizinkan {name} mengirim: {} menunggu, dicoba lagi dalam {}.",
                        jobs.1, left.1
                    ),
                ),
                (
                    "Its connection says what is the matter: payment, a restriction, or a token that no longer works.",
                    "Sambungannya menjelaskan sebabnya: pembayaran, pembatasan, atau token yang tidak berlaku lagi.",
                ),
            )
        };
        let page = (!slowed).then_some("connections");
        found.push(Finding { org, page, ..finding(code, Level::Warn, sentence, remedy) });
    }
}

fn ingest(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    let readings = seen.readings;
    let (waiting, most) = readings.intake;
    if readings.lately.webhooks_refused > 0 {
        let count = words::count(i64::try_from(readings.lately.webhooks_refused).unwrap_or(i64::MAX));
        let sentence = (
            format!("Webhooks were answered 503 in the last minute: {}. Meta sends them again.", count.0),
            format!("Webhook yang dijawab 503 dalam semenit terakhir: {}. Meta mengirimnya lagi.", count.1),
        );
        let remedy = (
            "More comes in than the disk makes durable. Look at the commits below.",
            "Yang masuk lebih banyak daripada yang sanggup disimpan disk. Lihat angka penyimpanan di bawah.",
        );
        found.push(finding("webhooks_refused", Level::Bad, sentence, remedy));
    } else if waiting * 2 > most {
        let (waiting, most) = (words::count(waiting as i64), words::count(most as i64));
        let sentence = (
            format!("The queue of webhooks is filling: {} of {} wait for their commit.", waiting.0, most.0),
            format!("Antrean webhook mulai penuh: {} dari {} menunggu disimpan.", waiting.1, most.1),
        );
        let remedy = (
            "When it is full, webhooks are answered 503 and Meta sends them again.",
            "Jika penuh, webhook dijawab 503 dan Meta mengirimnya lagi.",
        );
        found.push(finding("intake_filling", Level::Warn, sentence, remedy));
    }
    let oldest = [readings.ingest.oldest_unsplit, readings.ingest.oldest_pending].into_iter().flatten().min();
    if let Some(age) = oldest.map(|at| readings.at.since(at)).filter(|age| *age > INGEST_BEHIND) {
        let count = words::count(readings.ingest.unsplit + readings.ingest.pending);
        let age_said = words::span(age);
        let sentence = (
            format!(
                "What Meta sent is not in the inbox yet: {} waiting, the oldest for {}.",
                count.0, age_said.0
            ),
            format!(
                "Kiriman Meta belum masuk ke kotak masuk: {} menunggu, yang terlama sejak {} lalu.",
                count.1, age_said.1
            ),
        );
        let remedy = (
            "Nothing is lost. If the number grows, the database is too slow for what comes in.",
            "Tidak ada yang hilang. Jika jumlahnya bertambah, basis data terlalu lambat untuk yang masuk.",
        );
        let level = if age > FAR_BEHIND { Level::Bad } else { Level::Warn };
        found.push(finding("ingest_behind", level, sentence, remedy));
    }
}

fn database(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    let lately = &seen.readings.lately;
    let slow = |taken: &store::timing::Taken, limit| {
        taken.within(0.99).filter(|took| taken.count() >= ENOUGH && *took > limit)
    };
    if let Some(took) = slow(&lately.commit, SLOW_COMMIT) {
        let took = words::moment(took);
        let sentence = (
            format!(
                "Commits are slow: one in a hundred took up to {} in the last minute, or longer.",
                took.0
            ),
            format!(
                "Penyimpanan lambat: satu dari seratus memakan hingga {} atau lebih dalam semenit terakhir.",
                took.1
            ),
        );
        let remedy = (
            "The disk is slow to make changes durable. Look for other programs that write, or use a faster disk.",
            "Disk lambat menyimpan perubahan. Cari program lain yang menulis, atau pakai disk yang lebih cepat.",
        );
        found.push(finding("commit_slow", Level::Warn, sentence, remedy));
    }
    if let Some(took) = slow(&lately.write, SLOW_TURN) {
        let took = words::moment(took);
        let sentence = (
            format!(
                "Writers wait for the database: one in a hundred for up to {} in the last minute, or longer.",
                took.0
            ),
            format!(
                "Penulisan menunggu basis data: satu dari seratus hingga {} atau lebih dalam semenit terakhir.",
                took.1
            ),
        );
        let remedy = (
            "More is written than one database takes. Move from SQLite to PostgreSQL, or give PostgreSQL more connections.",
            "Yang ditulis melebihi kemampuan basis data. Pindah dari SQLite ke PostgreSQL, atau tambah koneksi PostgreSQL.",
        );
        found.push(finding("writers_wait", Level::Warn, sentence, remedy));
    }
    if let Some(size) = seen.readings.log_bytes.filter(|size| *size > LARGE_LOG) {
        let size = words::bytes(size);
        let sentence = (
            format!("The database's write-ahead log has grown to {}.", size.0),
            format!("Log tulis-dahulu basis data membesar menjadi {}.", size.1),
        );
        let remedy = (
            "Something reads without an end and keeps it from being emptied: a backup or a console that was left open. \
             Restarting empties it.",
            "Ada yang membaca tanpa henti sehingga log tidak dikosongkan: cadangan atau konsol yang dibiarkan terbuka. \
             Mulai ulang akan mengosongkannya.",
        );
        found.push(finding("log_large", Level::Warn, sentence, remedy));
    }
}

fn machine(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    if let Some(disk) = seen.readings.disk
        && (disk.free < disk.total / 10 || disk.free < 1_000_000_000)
    {
        let free = words::bytes(disk.free);
        let grave = disk.free < disk.total / 33 || disk.free < 200_000_000;
        let sentence = (
            format!("The disk of the data folder is nearly full: {} left.", free.0),
            format!("Disk folder data hampir penuh: sisa {}.", free.1),
        );
        let remedy = (
            "Make room or use a larger disk. On a full disk webhooks are refused, never lost: Meta sends them again for days.",
            "Kosongkan ruang atau pakai disk yang lebih besar. Di disk penuh, webhook ditolak, tidak hilang: Meta \
             mengirimnya lagi selama beberapa hari.",
        );
        found.push(finding("disk_low", if grave { Level::Bad } else { Level::Warn }, sentence, remedy));
    }
    let clocks = [
        ("clock_database", seen.readings.database_ahead(), CLOCKS_APART, "the database's", "basis data"),
        ("clock_meta", seen.meta_ahead, META_APART, "Meta's", "Meta"),
    ];
    for (code, ahead, most, en, id) in clocks {
        let Some(ahead) = ahead.filter(|ahead| ahead.abs() > most) else { continue };
        let apart = words::span(Duration::from_micros(ahead.unsigned_abs()));
        let (way_en, way_id) = if ahead > 0 { ("behind", "di belakang") } else { ("ahead of", "mendahului") };
        let sentence = (
            format!("The clock of this process is {} {way_en} {en}.", apart.0),
            format!("Jam proses ini {} {way_id} jam {id}.", apart.1),
        );
        let remedy = (
            "Let both machines keep time by NTP: windows for replies and waits are reckoned by the clock.",
            "Samakan jam kedua mesin dengan NTP: jendela balasan dan waktu tunggu dihitung dengan jam.",
        );
        found.push(finding(code, Level::Warn, sentence, remedy));
    }
    if seen.leaving {
        let sentence = (
            "This process was told to stop and takes no new work.".to_owned(),
            "Proses ini diminta berhenti dan tidak menerima pekerjaan baru.".to_owned(),
        );
        let remedy = ("Another one takes its place.", "Proses lain menggantikannya.");
        found.push(finding("stopping", Level::Note, sentence, remedy));
    }
    if seen.readings.lately.refused > 0 {
        let count = words::count(i64::try_from(seen.readings.lately.refused).unwrap_or(i64::MAX));
        let sentence = (
            format!("Limits turned requests or connections away in the last minute: {}.", count.0),
            format!("Permintaan atau koneksi yang ditolak batas dalam semenit terakhir: {}.", count.1),
        );
        let remedy = (
            "The metrics (sapa_refused) say which limit. If they were your own clients', raise it in the configuration.",
            "Metrik (sapa_refused) menunjukkan batas yang mana. Jika itu klien Anda sendiri, naikkan di konfigurasi.",
        );
        found.push(finding("requests_refused", Level::Note, sentence, remedy));
    }
}

/// Processes that are missed, and that differ.
fn nodes(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    let now = seen.readings.at;
    let (gone, there): (Vec<&Node>, Vec<&Node>) =
        seen.readings.nodes.iter().partition(|node| nodes::presence(node, now) == Presence::Gone);
    for node in gone {
        let since = words::span(now.since(node.seen_at));
        let sentence = (
            format!("The node {} has not been seen for {}.", node.name, since.0),
            format!("Node {} tidak terlihat selama {}.", node.name, since.1),
        );
        let remedy = (
            "Its work was taken over by the others. Look whether its machine runs; if it was taken away for good, nothing needs to be done.",
            "Pekerjaannya sudah diambil alih node lain. Periksa apakah mesinnya berjalan; jika memang dihapus, tidak perlu tindakan.",
        );
        found.push(finding("node_gone", Level::Warn, sentence, remedy));
    }
    let mut versions: Vec<&str> = there.iter().map(|node| node.version.as_str()).collect();
    versions.sort_unstable();
    versions.dedup();
    if versions.len() > 1 {
        let all = versions.join(", ");
        let sentence = (
            format!("The nodes run different versions: {all}."),
            format!("Node menjalankan versi yang berbeda: {all}."),
        );
        let remedy = (
            "That is as it should be during an upgrade. Upgrade the others too.",
            "Ini wajar selama pembaruan. Perbarui juga node lainnya.",
        );
        found.push(finding("versions_differ", Level::Note, sentence, remedy));
    }
}

/// What waits for a person.
fn left_over(seen: &Seen<'_>, found: &mut Vec<Finding>) {
    let dead: i64 = seen.readings.queues.iter().map(|load| load.dead).sum();
    if dead > 0 {
        let count = words::count(dead);
        let sentence = (
            format!("Jobs given up after many tries: {}.", count.0),
            format!("Pekerjaan yang dihentikan setelah banyak percobaan: {}.", count.1),
        );
        let remedy = (
            "Look at what each ended with, mend it, and run them again.",
            "Lihat penyebab masing-masing, perbaiki, lalu jalankan lagi.",
        );
        let finding = finding("dead_jobs", Level::Warn, sentence, remedy);
        found.push(Finding { page: Some("dead-jobs"), ..finding });
    }
    if seen.readings.ingest.kept > 0 {
        let count = words::count(seen.readings.ingest.kept);
        let sentence = (
            format!("Updates of Meta's that could not be applied are kept: {}.", count.0),
            format!("Kiriman Meta yang belum bisa diterapkan dan disimpan: {}.", count.1),
        );
        let remedy = ("Each says why.", "Masing-masing menyebutkan alasannya.");
        let finding = finding("kept_updates", Level::Note, sentence, remedy);
        found.push(Finding { page: Some("kept-updates"), ..finding });
    }
    let expired: i64 = seen.readings.queues.iter().map(|load| load.expired).sum();
    if expired > 0 {
        let count = words::count(expired);
        let sentence = (
            format!("Jobs whose process ended in the middle of them: {}. They are taken up again.", count.0),
            format!("Pekerjaan yang prosesnya berhenti di tengah jalan: {}. Akan dilanjutkan.", count.1),
        );
        let remedy = (
            "Nothing needs to be done, unless the number stays.",
            "Tidak perlu tindakan, kecuali jumlahnya tidak berkurang.",
        );
        found.push(finding("leases_expired", Level::Note, sentence, remedy));
    }
}

#[cfg(test)]
mod tests {
    use rules::time::Timestamp;
    use store::Connections;
    use store::load::{DatabaseLoad, IngestLoad, QueueLoad};
    use store::timing::Timing;

    use super::super::process::{Disk, Process};
    use super::super::readings::Mark;
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_165_200);

    fn well() -> Readings {
        Readings {
            at: NOW,
            queues: Vec::new(),
            nodes: vec![node("one", "1.4.0", Duration::ZERO)],
            ingest: IngestLoad::default(),
            database: DatabaseLoad { bytes: 1_000_000, clock: Some(NOW + Duration::from_secs(1)) },
            log_bytes: Some(64_000_000),
            connections: Connections { open: 1, idle: 1, most: 16 },
            disk: Some(Disk { free: 50_000_000_000, total: 100_000_000_000 }),
            process: Process::default(),
            intake: (10, 8_192),
            busy: (1, 1),
            lately: Mark::default(),
        }
    }

    fn node(name: &str, version: &str, unseen: Duration) -> Node {
        Node {
            name: name.into(),
            id: rules::id::OrgId(Default::default()).0,
            version: version.into(),
            schema: 7,
            started_at: NOW - Duration::from_secs(900),
            seen_at: NOW - unseen,
            leaving: false,
        }
    }

    fn seen<'a>(readings: &'a Readings, behind: &'a [Named], held: &'a [Named]) -> Seen<'a> {
        Seen { readings, behind, held, meta_ahead: Some(-2_000_000), leaving: false }
    }

    fn lane(queue: &str, why: Option<&str>, jobs: i64, due: Timestamp) -> Named {
        let load = LaneLoad {
            queue: queue.into(),
            lane: "n".into(),
            org_id: None,
            why: why.map(Into::into),
            jobs,
            due,
        };
        Named { load, name: Some("Kopi Senja (+62 21 555 0111)".into()) }
    }

    #[test]
    fn where_all_is_well_nothing_is_said() {
        assert!(find(&seen(&well(), &[], &[])).is_empty());
    }

    #[test]
    fn every_misfortune_has_its_sentence_in_both_languages_gravest_first() {
        let mut readings = well();
        let slow = Timing::default();
        (0..50).for_each(|_| slow.note(Duration::from_secs(2)));
        let since = |seconds| NOW - Duration::from_secs(seconds);
        readings.queues = vec![QueueLoad {
            queue: "deliver".into(),
            due: 12_345,
            waiting: 0,
            running: 8,
            expired: 1,
            dead: 2,
            oldest_due: Some(since(600)),
        }];
        readings.ingest =
            IngestLoad { pending: 40, oldest_pending: Some(since(20)), kept: 3, ..readings.ingest };
        readings.nodes = vec![
            node("one", "1.4.0", Duration::from_secs(4)),
            node("two", "1.5.0", Duration::from_secs(59)),
            node("three", "1.3.0", Duration::from_secs(180)),
        ];
        readings.database.clock = Some(NOW + Duration::from_secs(60));
        readings.log_bytes = Some(2 << 30);
        readings.disk = Some(Disk { free: 100_000_000, total: 100_000_000_000 });
        readings.lately =
            Mark { commit: slow.so_far(), write: slow.so_far(), webhooks_refused: 7, refused: 9 };
        let behind = [lane("deliver", None, 12_000, since(600))];
        let later = NOW + Duration::from_secs(40);
        let held = [
            lane("deliver", Some(SLOWED), 5, later),
            lane("deliver", Some(CANNOT_SEND), 6, later),
            lane("deliver", Some("waits for a status"), 1, later),
            lane("media", Some(SLOWED), 1, later),
        ];
        let mut all = seen(&readings, &behind, &held);
        (all.meta_ahead, all.leaving) = (Some(-3_600_000_000), true);
        let found = find(&all);
        let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        assert_eq!(
            codes,
            [
                "queue_behind",
                "webhooks_refused",
                "disk_low",
                "number_slowed",
                "number_blocked",
                "ingest_behind",
                "commit_slow",
                "writers_wait",
                "log_large",
                "clock_database",
                "clock_meta",
                "node_gone",
                "dead_jobs",
                "stopping",
                "requests_refused",
                "versions_differ",
                "kept_updates",
                "leases_expired"
            ]
        );
        let first = &found[0].sentence;
        assert_eq!(
            first.en,
            "Sending messages falls behind: 12,345 due, the oldest for 10 minutes. Kopi Senja (+62 21 555 0111) has \
             waited longest, with 12,000 of them."
        );
        assert_eq!(
            first.id,
            "Pengiriman pesan tertinggal: 12.345 menunggu, yang terlama sejak 10 menit lalu. Kopi Senja (+62 21 555 \
             0111) menunggu paling lama, dengan 12.000 di antaranya."
        );
        let meta = found.iter().find(|finding| finding.code == "clock_meta").unwrap();
        assert_eq!(meta.sentence.en, "The clock of this process is 60 minutes ahead of Meta's.");
        let said = |code| &found.iter().find(|finding| finding.code == code).unwrap().sentence;
        assert_eq!(said("node_gone").en, "The node three has not been seen for 3 minutes.");
        assert_eq!(said("versions_differ").en, "The nodes run different versions: 1.4.0, 1.5.0.");
        assert!(found.iter().all(|finding| finding.sentence.en != finding.sentence.id));
    }
}
