// Sends the token behind "#" and what was typed to the public API, and says what came of it.
const form = document.querySelector("form");
const outcome = document.getElementById("outcome");
const { purpose, done, ask, sent, noMail, failed } = form.dataset;
const token = location.hash.slice(1);

async function send(path, body) {
  const response = await fetch(`/api/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.errors?.[0]?.message ?? answer.detail);
  return answer;
}

function finish(text) {
  form.hidden = true;
  outcome.classList.remove("wrong");
  outcome.textContent = text;
}

function complain(error) {
  outcome.classList.add("wrong");
  outcome.textContent = error instanceof TypeError ? failed : error.message;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const { email, password, code } = Object.fromEntries(new FormData(form));
  button.disabled = true;
  try {
    if (purpose === "second-factor") {
      location.replace((await send("openid/second-factor", { code })).return_to);
      return;
    }
    const asked = await send(...(token ? ["password-resets/use", { token, password }] : ["password-resets", { email }]));
    history.replaceState(null, "", location.pathname);
    finish(token ? done : asked.mailed ? sent : noMail);
  } catch (error) {
    complain(error);
  } finally {
    button.disabled = false;
  }
});

// Without a token there is nothing to choose yet: ask for a letter with a link.
function askForLink() {
  document.getElementById("choose").hidden = true;
  document.querySelector("[name=password]").disabled = true;
  document.getElementById("about").hidden = true;
  document.getElementById("ask").hidden = false;
  document.querySelector("[name=email]").disabled = false;
  form.querySelector("button").textContent = ask;
}

if (!token && purpose === "reset") askForLink();
