//! The handshake: before an address gets webhooks it must give back a challenge (meta-onboarding 5).

use std::time::Duration;

use rand::Rng as _;

/// How long Meta waits for the challenge (field reports).
const PATIENCE: Duration = Duration::from_secs(6);

/// Asks `url` for the challenge. The error is worded as Meta words it in code 2200.
pub async fn handshake(http: &reqwest::Client, url: &str, verify_token: &str) -> Result<(), String> {
    let Ok(mut address) = url::Url::parse(url) else {
        return Err("curl_errno = 3; curl_error = URL using bad/illegal format or missing URL".to_owned());
    };
    let challenge = rand::rng().random_range(100_000_000..2_000_000_000_u32).to_string();
    address
        .query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", verify_token);
    let answer = http.get(address).timeout(PATIENCE).send().await.map_err(|error| unreachable(&error))?;
    let status = answer.status();
    if !status.is_success() {
        let message = status.canonical_reason().unwrap_or("");
        return Err(format!("HTTP Status Code = {}; HTTP Message = {message}", status.as_u16()));
    }
    let body = answer.text().await.map_err(|error| unreachable(&error))?;
    if body.trim() == challenge {
        return Ok(());
    }
    Err("HTTP Status Code = 200; HTTP Message = OK; the response does not match the challenge".to_owned())
}

fn unreachable(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "curl_errno = 28; curl_error = Timeout was reached".to_owned()
    } else {
        "curl_errno = 7; curl_error = Failed to connect to host".to_owned()
    }
}
