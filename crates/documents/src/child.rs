//! Reading an upload in a child process.
//!
//! The child gets one line of JSON (name, declared type, limits) and then the bytes on standard input, and answers one
//! JSON object on standard output. It starts with an empty environment, so no secret is within a parser's reach, and
//! takes limits on itself before it reads the first byte of the document. Whatever happens to it, the parent hands out
//! a document or a sentence.

use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::{Extracted, Kind, Limits, Refused, Upload, extract};

/// The program that reads documents: one that calls [`child_main`].
#[derive(Clone, Debug)]
pub struct ChildCommand {
    /// The program, as an absolute path.
    pub program: PathBuf,
    /// Its arguments, such as a hidden subcommand.
    pub arguments: Vec<String>,
}

/// Why no document came out.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The document's own fault; tell the uploader.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The machine's fault; the same upload may work later.
    #[error("the program that reads documents could not be run: {0}")]
    Child(#[from] io::Error),
}

/// The line before the bytes.
#[derive(Serialize, Deserialize)]
struct Request {
    filename: String,
    declared: Option<String>,
    limits: Limits,
}

/// Reads an upload in a child process under `limits`. Dropping the future kills the child.
///
/// # Errors
/// [`ParseError::Refused`] if the document is at fault, also when it crashed the child, took too long or answered too
/// much; [`ParseError::Child`] if the program could not be started.
pub async fn parse_in_child(
    command: &ChildCommand,
    upload: Upload<'_>,
    limits: &Limits,
) -> Result<Extracted, ParseError> {
    // No need for a process to see these.
    if upload.bytes.len() > limits.input_bytes {
        return Err(Refused::TooLarge { limit_bytes: limits.input_bytes }.into());
    }
    if upload.bytes.is_empty() {
        return Err(Refused::Empty.into());
    }
    let mut child = Command::new(&command.program)
        .args(&command.arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::Error::other("its pipes are missing").into());
    };
    let conversation = async {
        let (_, answer) = tokio::join!(send(stdin, upload, limits), receive(stdout, limits));
        let answer = answer?;
        Ok::<_, ParseError>((answer, child.wait().await?))
    };
    let (answer, status) = match tokio::time::timeout(limits.wall, conversation).await {
        Ok(outcome) => outcome?,
        Err(_) => {
            child.kill().await?;
            return Err(Refused::TooSlow.into());
        }
    };
    match serde_json::from_slice::<Result<Extracted, Refused>>(&answer) {
        Ok(outcome) if status.success() => Ok(outcome?),
        _ => Err(cause_of_death(status, upload).into()),
    }
}

/// A child that has seen enough closes its input early; its answer, not this error, counts.
async fn send(mut stdin: tokio::process::ChildStdin, upload: Upload<'_>, limits: &Limits) -> io::Result<()> {
    let request = Request {
        filename: upload.filename.chars().take(255).collect(),
        declared: upload.declared.map(|declared| declared.chars().take(255).collect()),
        limits: limits.clone(),
    };
    let mut line = serde_json::to_vec(&request)?;
    line.push(b'\n');
    stdin.write_all(&line).await?;
    stdin.write_all(upload.bytes).await?;
    stdin.shutdown().await
}

/// Takes no more than an honest child can answer: escaping at most doubles clean text, paths repeat headings.
async fn receive(stdout: tokio::process::ChildStdout, limits: &Limits) -> Result<Vec<u8>, ParseError> {
    let most = limits.output_bytes as u64 * 4 + (1 << 20);
    let mut answer = Vec::new();
    stdout.take(most + 1).read_to_end(&mut answer).await?;
    if answer.len() as u64 > most {
        return Err(Refused::TooMuchText { limit_bytes: limits.output_bytes }.into());
    }
    Ok(answer)
}

/// What a child's end without an answer says about the document.
fn cause_of_death(status: ExitStatus, upload: Upload<'_>) -> Refused {
    use std::os::unix::process::ExitStatusExt;
    let signal = |signal: rustix::process::Signal| status.signal() == Some(signal.as_raw());
    if signal(rustix::process::Signal::XCPU) {
        Refused::TooSlow
    } else if status.signal().is_some() {
        // Out of memory and an overrun stack both abort; the kernel may also have stepped in.
        Refused::TooComplex
    } else {
        let hint = crate::kind::hint(upload.filename, upload.declared);
        Refused::Damaged { kind: hint.unwrap_or(Kind::Text) }
    }
}

/// What the child program does: takes limits on itself, reads standard input, answers on standard output.
///
/// Call it first thing in `main`, before threads, configuration or logging.
pub fn child_main() -> ExitCode {
    // A panic in a parser is an outcome, not an event; its message could quote the document.
    std::panic::set_hook(Box::new(|_| {}));
    match converse() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn converse() -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut line = Vec::new();
    (&mut stdin).take(64 << 10).read_until(b'\n', &mut line)?;
    let request: Request = serde_json::from_slice(&line)?;
    confine(&request.limits)?;
    let mut bytes = Vec::new();
    stdin.take(request.limits.input_bytes as u64 + 1).read_to_end(&mut bytes)?;
    let upload = Upload { filename: &request.filename, declared: request.declared.as_deref(), bytes: &bytes };
    let outcome = extract(upload, &request.limits);
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, &outcome)?;
    stdout.flush()
}

/// Limits that hold from here on for this process: processor time, memory, and no files written.
fn confine(limits: &Limits) -> io::Result<()> {
    let at_most = |resource, most| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    // Past the soft limit the process is told (and ended) by XCPU, a second later by force.
    let cpu = Rlimit { current: Some(limits.cpu_seconds), maximum: Some(limits.cpu_seconds + 1) };
    setrlimit(Resource::Cpu, cpu)?;
    at_most(Resource::As, limits.address_space_bytes)?;
    at_most(Resource::Core, 0)?;
    at_most(Resource::Fsize, 0)?;
    Ok(())
}
