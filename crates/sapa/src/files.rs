//! Where files lie, and who looks through them for viruses, as configured.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, ValueEnum};
use secrecy::SecretString;
use server::media::scan::scanner;
use server::media::{BlobStore, Bucket, BucketOptions, DiskBlobs, Examiner, Unscanned};
use url::Url;

/// The folder for files within the data folder.
const FILES: &str = "files";
/// The folder within the data folder in which files arrive on their way to a bucket.
const ARRIVING: &str = "arriving";

/// Where files lie and who looks through them.
#[derive(Args, Clone, Debug)]
pub struct FileOptions {
    /// Where files lie: `s3://bucket` or `s3://bucket/prefix` for an object store that speaks S3. The folder `files` in the
    /// data folder unless told.
    #[arg(long, env = "SAPA_MEDIA_STORE")]
    pub media_store: Option<String>,
    /// The object store's address, such as `https://minio.example.com`. Amazon's unless told.
    #[arg(long, env = "SAPA_MEDIA_S3_ENDPOINT")]
    pub media_s3_endpoint: Option<Url>,
    /// The region that requests are signed for.
    #[arg(long, env = "SAPA_MEDIA_S3_REGION", default_value = "us-east-1")]
    pub media_s3_region: String,
    /// The access key. Without key and secret the machine's own role is used, as on Amazon.
    #[arg(long, env = "SAPA_MEDIA_S3_KEY")]
    pub media_s3_key: Option<String>,
    /// The access key's secret.
    #[arg(long, env = "SAPA_MEDIA_S3_SECRET", hide_env_values = true)]
    pub media_s3_secret: Option<String>,
    /// The bucket is a part of the host's name (`bucket.host/…`) rather than of the path (`host/bucket/…`).
    #[arg(long, env = "SAPA_MEDIA_S3_BUCKET_IN_HOST")]
    pub media_s3_bucket_in_host: bool,
    /// Who looks through files for viruses: `clamd://host:3310`, `clamd:///run/clamav/clamd.ctl`, or an `http(s)://` address
    /// that takes a file as a POST and answers `{"infected": false}`.
    #[arg(long, env = "SAPA_MEDIA_SCANNER")]
    pub media_scanner: Option<String>,
    /// How many seconds the scanner may take for a file.
    #[arg(long, env = "SAPA_MEDIA_SCANNER_SECONDS", default_value_t = 60)]
    pub media_scanner_seconds: u64,
    /// What becomes of files that the scanner has not looked through: they wait, or are handed out.
    #[arg(long, env = "SAPA_MEDIA_UNSCANNED", value_enum, default_value_t = UnscannedFiles::Hold)]
    pub media_unscanned: UnscannedFiles,
}

/// What becomes of files that no scanner has looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnscannedFiles {
    /// They wait for it.
    Hold,
    /// They are handed out, and looked through later.
    Allow,
}

impl FileOptions {
    /// Opens the place where files lie; a folder is made.
    pub async fn open(&self, data: &Path) -> Result<Arc<dyn BlobStore>> {
        match self.bucket(self.media_store.as_deref())? {
            None => {
                let opened = DiskBlobs::open(data.join(FILES)).await;
                Ok(Arc::new(opened.context("cannot open the folder for files")?))
            }
            Some(options) => {
                let bucket = Bucket::open(&options, data.join(ARRIVING))?;
                bucket.tidy().await.context("cannot make the folder in which files arrive")?;
                Ok(Arc::new(bucket))
            }
        }
    }

    /// The place where files lie, as it is.
    pub fn look(&self, data: &Path) -> Result<Arc<dyn BlobStore>> {
        Ok(match self.bucket(self.media_store.as_deref())? {
            None => Arc::new(DiskBlobs::at(data.join(FILES))),
            Some(options) => Arc::new(Bucket::open(&options, data.join(ARRIVING))?),
        })
    }

    /// The same options with another place.
    pub fn in_place(&self, place: &str) -> Self {
        let media_store = (place != "folder").then(|| place.to_owned());
        Self { media_store, ..self.clone() }
    }

    /// Whether files lie in a bucket.
    pub fn is_bucket(&self) -> bool {
        self.media_store.is_some()
    }

    /// Where files lie, to follow a verb.
    pub fn place(&self, data: &Path) -> String {
        match &self.media_store {
            None => format!("in {}", data.join(FILES).display()),
            Some(bucket) => format!("in {bucket}"),
        }
    }

    /// Who looks through files.
    pub fn examiner(&self) -> Result<Examiner> {
        let patience = Duration::from_secs(self.media_scanner_seconds);
        let asked = self.media_scanner.as_deref().map(|address| scanner(address, patience)).transpose();
        let scanner = asked.map_err(|why| anyhow::anyhow!("SAPA_MEDIA_SCANNER {why}"))?;
        let unscanned = match self.media_unscanned {
            UnscannedFiles::Hold => Unscanned::Hold,
            UnscannedFiles::Allow => Unscanned::Allow,
        };
        Ok(Examiner::new(scanner, unscanned))
    }

    fn bucket(&self, place: Option<&str>) -> Result<Option<BucketOptions>> {
        let Some(place) = place else { return Ok(None) };
        let Some(path) = place.strip_prefix("s3://") else {
            bail!("SAPA_MEDIA_STORE must be s3://bucket or s3://bucket/prefix");
        };
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        ensure!(
            !bucket.is_empty(),
            "SAPA_MEDIA_STORE names no bucket: it must be s3://bucket or s3://bucket/prefix"
        );
        let keys = match (&self.media_s3_key, &self.media_s3_secret) {
            (Some(key), Some(secret)) => Some((key.clone(), SecretString::from(secret.as_str()))),
            (None, None) => None,
            _ => bail!("SAPA_MEDIA_S3_KEY and SAPA_MEDIA_S3_SECRET belong together; set both or neither"),
        };
        Ok(Some(BucketOptions {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: self.media_s3_endpoint.clone(),
            region: self.media_s3_region.clone(),
            keys,
            bucket_in_host: self.media_s3_bucket_in_host,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn options() -> FileOptions {
        Config::for_data("data".into()).files
    }

    #[test]
    fn a_bucket_has_a_name_and_perhaps_a_prefix() {
        let bucket =
            |place: &str| options().bucket(Some(place)).map(|found| found.map(|b| (b.bucket, b.prefix)));
        assert_eq!(bucket("s3://files").unwrap(), Some(("files".into(), String::new())));
        assert_eq!(bucket("s3://files/of/sapa/").unwrap(), Some(("files".into(), "of/sapa".into())));
        for wrong in ["files", "https://host/files", "s3://", "s3:///x"] {
            assert!(bucket(wrong).unwrap_err().to_string().contains("SAPA_MEDIA_STORE"), "{wrong}");
        }
        let half = FileOptions { media_s3_key: Some("key".into()), ..options() };
        assert!(half.bucket(Some("s3://files")).unwrap_err().to_string().contains("SAPA_MEDIA_S3_SECRET"));
    }

    #[test]
    fn a_scanner_that_there_is_none_of_is_told() {
        let wrong = FileOptions { media_scanner: Some("ftp://scanner".into()), ..options() };
        assert!(
            wrong.examiner().unwrap_err().to_string().contains("SAPA_MEDIA_SCANNER must begin with clamd://")
        );
        assert!(!options().examiner().unwrap().scans());
    }
}
