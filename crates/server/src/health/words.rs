//! Numbers, times and queues as people read them, in English and Indonesian.

use std::time::Duration;

/// The same in English and in Indonesian.
pub(super) type Both = (String, String);

/// What a queue does, as the beginning of a sentence.
pub(super) fn queue(name: &str) -> Both {
    let (en, id) = match name {
        "deliver" => ("Sending messages", "Pengiriman pesan"),
        "receipt" => ("Sending read receipts", "Pengiriman tanda dibaca"),
        "bot" => ("Answering by the AI", "Jawaban AI"),
        "media" => ("Fetching files", "Pengambilan berkas"),
        "source" => ("Reading sources of knowledge", "Pembacaan sumber pengetahuan"),
        "embed" => ("Preparing knowledge for the model", "Penyiapan pengetahuan untuk model"),
        "connection" => ("Connecting numbers", "Penyambungan nomor"),
        "rates.round" => ("Finding days to count", "Pencarian hari yang perlu dihitung"),
        "rates.count" => ("Counting the rates", "Penghitungan rasio"),
        "numbers.name" => ("Putting approved names to use", "Pemakaian nama yang disetujui"),
        "account.check" => ("Checking accounts at Meta", "Pemeriksaan akun di Meta"),
        "connection.sweep" => ("Looking after connections", "Perawatan sambungan"),
        "identity.mail" => ("Sending letters", "Pengiriman email"),
        "alerts" => ("Alerting browsers", "Pemberitahuan ke peramban"),
        other => return (format!("The queue {other}"), format!("Antrean {other}")),
    };
    (en.to_owned(), id.to_owned())
}

/// A duration in its largest fitting unit.
pub(super) fn span(time: Duration) -> Both {
    let seconds = time.as_secs();
    let (n, one, many, id) = match seconds {
        0..90 => (seconds, "second", "seconds", "detik"),
        90..5_400 => (seconds / 60, "minute", "minutes", "menit"),
        5_400..172_800 => (seconds / 3_600, "hour", "hours", "jam"),
        _ => (seconds / 86_400, "day", "days", "hari"),
    };
    (format!("{n} {}", if n == 1 { one } else { many }), format!("{n} {id}"))
}

/// Milliseconds below a second, and seconds above.
pub(super) fn moment(time: Duration) -> Both {
    match u64::try_from(time.as_millis()) {
        Ok(ms @ 0..1_000) => (format!("{ms} ms"), format!("{ms} md")),
        _ => span(time),
    }
}

/// A whole number with its thousands set apart.
pub(super) fn count(n: i64) -> Both {
    let digits = n.unsigned_abs().to_string();
    let mut en = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            en.push(',');
        }
        en.push(digit);
    }
    let id = en.replace(',', ".");
    (en, id)
}

/// Bytes in their largest fitting unit.
pub(super) fn bytes(n: u64) -> Both {
    let (value, unit) = match n {
        0..1_000_000 => (n as f64 / 1e3, "kB"),
        1_000_000..1_000_000_000 => (n as f64 / 1e6, "MB"),
        1_000_000_000..1_000_000_000_000 => (n as f64 / 1e9, "GB"),
        _ => (n as f64 / 1e12, "TB"),
    };
    let en = if value < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") };
    let id = en.replace('.', ",");
    (en, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(en: &str, id: &str) -> Both {
        (en.to_owned(), id.to_owned())
    }

    #[test]
    fn numbers_read_as_each_language_writes_them() {
        assert_eq!(count(1_234_567), both("1,234,567", "1.234.567"));
        assert_eq!(count(999), both("999", "999"));
        assert_eq!(bytes(1_234_567_890), both("1.2 GB", "1,2 GB"));
        assert_eq!(bytes(64_000_000), both("64 MB", "64 MB"));
        assert_eq!(span(Duration::from_secs(1)), both("1 second", "1 detik"));
        assert_eq!(span(Duration::from_secs(200)), both("3 minutes", "3 menit"));
        assert_eq!(span(Duration::from_secs(3 * 86_400)), both("3 days", "3 hari"));
        assert_eq!(moment(Duration::from_millis(250)), both("250 ms", "250 md"));
    }
}
