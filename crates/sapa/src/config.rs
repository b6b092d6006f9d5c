//! Configuration: every setting is a flag and a variable `SAPA_…`; a flag outranks a variable. Secrets may also come
//! from a file named by `…_FILE`. See docs/configuration.md.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use secrecy::SecretString;
use server::mail::{Mailer, NoMail, Smtp, SmtpOptions};
use server::outbound::Allowed;
use store::StoreOptions;
use url::Url;

use crate::bounds::BoundsOptions;
use crate::files::FileOptions;

/// How the gateway runs.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// The folder for the SQLite database, the master key and files.
    #[arg(long, env = "SAPA_DATA", default_value = "data")]
    pub data: PathBuf,
    /// The database: `sqlite://…` or `postgres://…`, where `host:port,host:port` names several servers of which the one that
    /// takes writes is used. A SQLite file in the data folder unless told.
    #[arg(long, env = "SAPA_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// How many database connections read (SQLite) or work (PostgreSQL) at once.
    #[arg(long, env = "SAPA_DATABASE_CONNECTIONS", default_value_t = 16)]
    pub database_connections: u32,
    /// Where to listen.
    #[arg(long, env = "SAPA_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// What people call this process among those that serve the installation. The machine's name and the port unless told.
    #[arg(long, env = "SAPA_NODE_NAME")]
    pub node_name: Option<String>,
    /// The address at which people and Meta reach this installation. `http://` and the listening address unless told.
    #[arg(long, env = "SAPA_PUBLIC_URL")]
    pub public_url: Option<Url>,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks, separated by commas.
    #[arg(long, env = "SAPA_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// How many webhooks may wait for their commit before more are answered 503.
    #[arg(long, env = "SAPA_INGEST_QUEUE", default_value_t = 8192)]
    pub ingest_queue: usize,
    /// The master keys themselves, instead of the file `master.key` in the data folder: `name:64 hexadecimal digits`.
    #[arg(long, env = "SAPA_MASTER_KEY", hide_env_values = true)]
    pub master_key: Option<String>,
    /// The file that holds the master keys; `master.key` in the data folder unless told.
    #[arg(long, env = "SAPA_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Meta's Graph API.
    #[arg(long, env = "SAPA_GRAPH_URL", default_value = "https://graph.facebook.com")]
    pub graph_url: Url,
    /// The version of the Graph API.
    #[arg(long, env = "SAPA_GRAPH_VERSION", default_value = "v25.0")]
    pub graph_version: String,
    /// Further hosts that media are downloaded from with a token, as origins, beside Meta's own.
    #[arg(long, env = "SAPA_MEDIA_HOSTS", value_delimiter = ',')]
    pub media_hosts: Vec<Url>,
    /// Where files lie and who looks through them.
    #[command(flatten)]
    pub files: FileOptions,
    /// An endpoint that speaks OpenAI's language, such as `https://api.openai.com/v1`. Without one the embedded answerer
    /// serves.
    #[arg(long, env = "SAPA_LLM_URL")]
    pub llm_url: Option<Url>,
    /// The endpoint's key.
    #[arg(long, env = "SAPA_LLM_KEY", hide_env_values = true)]
    pub llm_key: Option<String>,
    /// The model that answers.
    #[arg(long, env = "SAPA_LLM_MODEL")]
    pub llm_model: Option<String>,
    /// The model that embeds.
    #[arg(long, env = "SAPA_EMBEDDING_MODEL")]
    pub embedding_model: Option<String>,
    /// What tenants' addresses may reach beside the public internet: hosts, addresses and blocks, each with a port or
    /// without, separated by commas.
    #[arg(long = "allow-private-addresses", env = "SAPA_ALLOW_PRIVATE_ADDRESSES", default_value = "")]
    pub private_addresses: Allowed,
    /// The mail server: `smtps://user:password@host`, `smtp://user:password@host:587?tls=required` or `smtp://host:25`.
    #[arg(long, env = "SAPA_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Whom mail comes from: `Sapa <sapa@example.com>`.
    #[arg(long, env = "SAPA_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Let organisations write to their contacts through this mail server, in their own names.
    #[arg(long, env = "SAPA_MAIL_FOR_ORGANISATIONS")]
    pub mail_for_organisations: bool,
    /// Start although the clock is behind what the database has seen. Right only once, after a clock that went wrong
    /// and is right again.
    #[arg(long, env = "SAPA_TRUST_CLOCK")]
    pub trust_clock: bool,
    /// How many seconds a model may take.
    #[arg(long, env = "SAPA_LLM_TIMEOUT", default_value_t = 30)]
    pub llm_timeout: u64,
    /// How many tokens of this endpoint the answers of one organisation may cost in a day, whatever it allows itself.
    #[arg(long, env = "SAPA_LLM_TOKENS_PER_DAY", default_value_t = 2_000_000)]
    pub llm_tokens_per_day: i64,
    /// How many seconds `/readyz` answers 503 before a process that was told to stop takes no more requests.
    #[arg(long, env = "SAPA_DRAIN_SECONDS", default_value_t = 3)]
    pub drain_seconds: u64,
    /// How many seconds requests, and then jobs, may take to end once the process stops.
    #[arg(long, env = "SAPA_STOP_SECONDS", default_value_t = 15)]
    pub stop_seconds: u64,
    /// The token with which a monitoring system reads `/metrics` on the public address.
    #[arg(long, env = "SAPA_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// An address of their own for the metrics, without a token: for the operator's own network alone.
    #[arg(long, env = "SAPA_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// What one caller, one organisation and all together may take.
    #[command(flatten)]
    pub bounds: BoundsOptions,
}

/// Makes a folder into which its owner alone may look: it holds conversations, files and secrets. One that is there
/// already keeps its rights.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The address of a database, if it is of a kind that there is.
pub fn checked_url(url: &str, setting: &str) -> Result<String> {
    ensure!(
        ["sqlite:", "postgres:", "postgresql:"].iter().any(|kind| url.starts_with(kind)),
        "{setting} must begin with sqlite:// or postgres://"
    );
    Ok(url.to_owned())
}

impl Config {
    /// Every default, for data in this folder.
    pub fn for_data(data: PathBuf) -> Self {
        #[derive(clap::Parser)]
        struct Defaults {
            #[command(flatten)]
            config: Config,
        }
        let Defaults { config } = <Defaults as clap::Parser>::parse_from(["sapa"]);
        Self { data, ..config }
    }

    /// How to open the database. The folder for a SQLite file is made.
    pub fn store(&self) -> Result<StoreOptions> {
        if self.database_url.is_none() {
            private_folder(&self.data)
                .with_context(|| format!("cannot make the folder {}", self.data.display()))?;
        }
        self.existing_store()
    }

    /// How to open the database that is there.
    pub fn existing_store(&self) -> Result<StoreOptions> {
        let url = match &self.database_url {
            Some(url) => checked_url(url, "SAPA_DATABASE_URL")?,
            None => format!("sqlite://{}", self.data.join("sapa.db").display()),
        };
        Ok(StoreOptions { url, connections: self.database_connections })
    }

    /// Where the master keys are kept.
    pub fn master_key_file(&self) -> PathBuf {
        self.master_key_file.clone().unwrap_or_else(|| self.data.join("master.key"))
    }

    /// The address at which this installation is reached.
    pub fn public_url(&self) -> Result<Url> {
        match &self.public_url {
            Some(url) => Ok(url.clone()),
            None => Url::parse(&format!("http://{}", self.listen))
                .context("the listening address makes no address"),
        }
    }

    /// What people call this process.
    pub fn node_name(&self) -> String {
        self.node_name.clone().unwrap_or_else(|| {
            let machine = rustix::system::uname();
            format!("{}:{}", machine.nodename().to_string_lossy(), self.listen.port())
        })
    }

    /// The client of the Graph API.
    pub fn graph(&self) -> meta::graph::GraphConfig {
        let mut config = meta::graph::GraphConfig::new(self.graph_url.clone(), self.graph_version.clone());
        config.media_hosts.extend(self.media_hosts.iter().cloned());
        config
    }

    /// The mail server, where one is configured.
    pub fn mailer(&self) -> Result<Arc<dyn Mailer>> {
        match (&self.smtp_url, &self.mail_from) {
            (None, _) => Ok(Arc::new(NoMail)),
            (Some(_), None) => {
                bail!("SAPA_SMTP_URL is set, but SAPA_MAIL_FROM does not say whom mail comes from")
            }
            (Some(url), Some(from)) => {
                let options = SmtpOptions { url: SecretString::from(url.as_str()), from: from.clone() };
                Ok(Arc::new(Smtp::new(&options).map_err(anyhow::Error::msg)?))
            }
        }
    }

    /// The language model's endpoint, where one is configured.
    pub fn model(&self) -> Result<Option<server::bot::Endpoint>> {
        let Some(url) = &self.llm_url else { return Ok(None) };
        ensure!(
            self.llm_model.is_some() || self.embedding_model.is_some(),
            "SAPA_LLM_URL is set, but neither SAPA_LLM_MODEL nor SAPA_EMBEDDING_MODEL says what to ask for"
        );
        Ok(Some(server::bot::Endpoint {
            url: url.clone(),
            key: self.llm_key.as_deref().map(SecretString::from),
            chat_model: self.llm_model.clone(),
            embedding_model: self.embedding_model.clone(),
            timeout: Duration::from_secs(self.llm_timeout),
            most_tokens: Some(self.llm_tokens_per_day),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn nobody_else_looks_into_the_folder_of_a_fresh_database() {
        let home = tempfile::tempdir().unwrap();
        let config = Config::for_data(home.path().join("data").join("demo"));
        config.store().unwrap();
        for folder in ["data", "data/demo"] {
            let mode = std::fs::metadata(home.path().join(folder)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{folder}: {mode:o}");
        }
    }
}
