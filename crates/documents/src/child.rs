//! Reading an upload in a child process.
//!
//! The child gets one line of JSON (name, declared type, limits) and then the bytes on standard input, and answers one
//! JSON object on standard output; for a table a line each for its head and its pages, the next of which it makes when
//! the last was taken. It starts with an empty environment, so no secret is within a parser's reach, and
//! takes limits on itself before it reads the first byte of the document. Whatever happens to it, the parent hands out
//! a document or a sentence.

use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::tables::{self, Answer};
use crate::{Extracted, Head, Kind, Limits, Refused, Row, Upload, Wanted, extract};

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
    /// Rows are wanted rather than text.
    table: Option<Wanted>,
}

impl Request {
    fn new(upload: Upload<'_>, limits: &Limits, table: Option<&Wanted>) -> Self {
        Self {
            filename: upload.filename.chars().take(255).collect(),
            declared: upload.declared.map(|declared| declared.chars().take(255).collect()),
            limits: limits.clone(),
            table: table.cloned(),
        }
    }
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
    let (mut child, stdin, stdout) = start(command, upload, limits)?;
    let request = Request::new(upload, limits, None);
    let conversation = async {
        let (_, answer) = tokio::join!(send(stdin, &request, upload), receive(stdout, limits));
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
        _ => {
            let hint = crate::kind::hint(upload.filename, upload.declared);
            Err(cause_of_death(status, hint.unwrap_or(Kind::Text)).into())
        }
    }
}

/// A table that is being read: its head is known, its rows come when they are asked for. Dropping it kills the child.
#[derive(Debug)]
pub struct Table {
    head: Head,
    lines: Lines,
}

/// Opens a table in a child process under `limits`, and reads its head.
///
/// # Errors
/// As [`parse_in_child`].
pub async fn open_table(
    command: &ChildCommand,
    upload: Upload<'_>,
    wanted: &Wanted,
    limits: &Limits,
) -> Result<Table, ParseError> {
    let (child, stdin, stdout) = start(command, upload, limits)?;
    let request = Request::new(upload, limits, Some(wanted));
    let kind = crate::kind::hint(upload.filename, upload.declared).unwrap_or(Kind::Csv);
    let mut lines = Lines { lines: BufReader::new(stdout), child, limits: limits.clone(), kind };
    let (_, head) = tokio::join!(send(stdin, &request, upload), lines.next());
    match head? {
        Answer::Head(head) => Ok(Table { head, lines }),
        Answer::Rows(_) | Answer::End => Err(Refused::Damaged { kind }.into()),
    }
}

impl Table {
    /// What is known of it before its rows.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The next rows, some hundreds at most. `None`: all have come.
    ///
    /// # Errors
    /// As [`parse_in_child`]; a file may turn out to be damaged after many rows.
    pub async fn next(&mut self) -> Result<Option<Vec<Row>>, ParseError> {
        match self.lines.next().await? {
            Answer::Rows(rows) => Ok(Some(rows)),
            Answer::End => Ok(None),
            Answer::Head(_) => Err(Refused::Damaged { kind: self.head.kind }.into()),
        }
    }
}

/// The lines that a child answers.
#[derive(Debug)]
struct Lines {
    lines: BufReader<ChildStdout>,
    child: Child,
    limits: Limits,
    kind: Kind,
}

impl Lines {
    async fn next(&mut self) -> Result<Answer, ParseError> {
        let most = self.limits.output_bytes as u64 * 4;
        let mut line = Vec::new();
        let mut bounded = (&mut self.lines).take(most);
        let read = bounded.read_until(b'\n', &mut line);
        let Ok(outcome) = tokio::time::timeout(self.limits.wall, read).await else {
            self.child.kill().await?;
            return Err(Refused::TooSlow.into());
        };
        outcome?;
        if line.len() as u64 >= most {
            return Err(Refused::TooMuchText { limit_bytes: self.limits.output_bytes }.into());
        }
        match serde_json::from_slice::<Result<Answer, Refused>>(&line) {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(cause_of_death(self.child.wait().await?, self.kind).into()),
        }
    }
}

/// Starts a child for an upload that one may look at.
fn start(
    command: &ChildCommand,
    upload: Upload<'_>,
    limits: &Limits,
) -> Result<(Child, ChildStdin, ChildStdout), ParseError> {
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
    match (child.stdin.take(), child.stdout.take()) {
        (Some(stdin), Some(stdout)) => Ok((child, stdin, stdout)),
        _ => Err(io::Error::other("its pipes are missing").into()),
    }
}

/// A child that has seen enough closes its input early; its answer, not this error, counts.
async fn send(mut stdin: ChildStdin, request: &Request, upload: Upload<'_>) -> io::Result<()> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stdin.write_all(&line).await?;
    stdin.write_all(upload.bytes).await?;
    stdin.shutdown().await
}

/// Takes no more than an honest child can answer: escaping at most doubles clean text, paths repeat headings.
async fn receive(stdout: ChildStdout, limits: &Limits) -> Result<Vec<u8>, ParseError> {
    let most = limits.output_bytes as u64 * 4 + (1 << 20);
    let mut answer = Vec::new();
    stdout.take(most + 1).read_to_end(&mut answer).await?;
    if answer.len() as u64 > most {
        return Err(Refused::TooMuchText { limit_bytes: limits.output_bytes }.into());
    }
    Ok(answer)
}

/// What a child's end without an answer says about the document.
fn cause_of_death(status: ExitStatus, kind: Kind) -> Refused {
    use std::os::unix::process::ExitStatusExt;
    let signal = |signal: rustix::process::Signal| status.signal() == Some(signal.as_raw());
    if signal(rustix::process::Signal::XCPU) {
        Refused::TooSlow
    } else if status.signal().is_some() {
        // Out of memory and an overrun stack both abort; the kernel may also have stepped in.
        Refused::TooComplex
    } else {
        Refused::Damaged { kind }
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
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    match &request.table {
        Some(wanted) => answer_rows(&mut stdout, upload, wanted, &request.limits)?,
        None => serde_json::to_writer(&mut stdout, &extract(upload, &request.limits))?,
    }
    stdout.flush()
}

/// A line for each answer, the last of which says that it is the last or what is wrong.
fn answer_rows(out: &mut impl Write, upload: Upload<'_>, wanted: &Wanted, limits: &Limits) -> io::Result<()> {
    let mut broken = None;
    let mut say = |answer: &Result<Answer, Refused>| -> io::Result<()> {
        serde_json::to_writer(&mut *out, answer)?;
        out.write_all(b"\n")?;
        out.flush()
    };
    let outcome = tables::read(upload, wanted, limits, &mut |answer| {
        say(&Ok(answer)).map_err(|error| {
            broken = Some(error);
            // Ends the reading: nobody listens any more.
            Refused::TooSlow
        })
    });
    match (broken, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(refused)) => say(&Err(refused)),
        (None, Ok(())) => Ok(()),
    }
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
