// Puts a form of consent into another page: <script async src="…/f/TOKEN/widget.js"></script> where it is to stand.
// data-mode="checkbox" shows the ticks alone, within a form of the page's own, and sends what is ticked along with it;
// data-phone, data-name and data-email then say what the form calls its fields. data-lang chooses the language.
// It stands in a tree of its own, so neither page changes the other's looks; sets no cookie; loads nothing else.
(() => {
  const script = document.currentScript;
  const base = script.src.replace(/\/widget\.js.*$/, "");
  const { mode, lang, phone = "phone", name = "name", email = "email" } = script.dataset;
  const only = mode === "checkbox";
  const host = document.createElement("div");
  script.after(host);
  const root = host.attachShadow({ mode: "open" });

  const style = (color, ink) => `
    :host { display: block; font: 16px/1.5 system-ui, sans-serif; color: inherit; }
    * { box-sizing: border-box; }
    form, .box { max-width: 28rem; display: grid; gap: .75rem; }
    h2 { margin: 0; font-size: 1.2rem; line-height: 1.3; } p { margin: 0; white-space: pre-line; }
    label { font-weight: 600; display: grid; gap: .25rem; }
    label.tick { font-weight: 400; display: flex; gap: .6rem; align-items: flex-start; cursor: pointer; }
    input:not([type=checkbox]) { font: inherit; font-weight: 400; color: inherit; background: transparent; width: 100%; min-height: 2.75rem;
      padding: .5rem .75rem; border: 1px solid; border-radius: .5rem; }
    input[type=checkbox] { flex: none; width: 1.35rem; height: 1.35rem; margin: .1rem 0 0; accent-color: ${color}; }
    button, .button { font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; border: 0;
      min-height: 2.9rem; padding: .65rem 1rem; border-radius: .5rem; background: ${color}; color: ${ink}; }
    small { font-size: .85rem; opacity: .8; } a { color: inherit; } .wrong { color: #c92a2a; }
    :focus-visible { outline: 3px solid ${color}; outline-offset: 2px; }
    .trap { position: absolute; left: -100vw; }`;

  const make = (kind, with_, ...inside) => {
    const made = Object.assign(document.createElement(kind), with_);
    made.append(...inside.filter(Boolean));
    return made;
  };
  const dress = (color, ink) => {
    // Sheets made by a script are allowed where a page forbids inline styles.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style(color, ink));
    root.adoptedStyleSheets = [sheet];
  };
  const say = (detail) => host.dispatchEvent(new CustomEvent("sapa:consent", { bubbles: true, composed: true, detail }));

  function show(it) {
    const { ui, words } = it;
    dress(it.color, it.ink);
    const field = (called, label, kind, asked) =>
      make("label", {}, label + (asked === "optional" ? ` ${ui.optional}` : ""),
        make("input", { name: called, type: kind, required: asked === "required", maxLength: called === "phone" ? 40 : 100,
          autocomplete: kind === "text" ? "name" : kind }));
    const ticks = it.purposes.map((one) =>
      make("label", { className: "tick" }, make("input", { type: "checkbox", name: one.name }), make("span", {}, one.text)));
    const told = make("p", { className: "wrong" });
    told.setAttribute("role", "alert");
    const fine = [
      words.footer && make("small", {}, words.footer),
      make("small", {}, make("a", { href: it.privacy_url, target: "_blank", rel: "noopener noreferrer" }, ui.privacy)),
    ];

    const send = async (given) => {
      const body = new URLSearchParams({ version: it.version, visit: it.visit ?? "", lang: it.locale,
        page: location.origin + location.pathname, ...given });
      for (const tick of root.querySelectorAll("[type=checkbox]:checked")) body.set(tick.name, "on");
      const answer = await fetch(base, { method: "POST", body, headers: { accept: "application/json" }, keepalive: true,
        credentials: "omit", referrerPolicy: "no-referrer" });
      const came = await answer.json();
      if (!answer.ok) throw new Error(came.errors?.map((error) => error.message).join(" ") || ui.failed);
      return came;
    };
    const finish = (came) => {
      say({ state: came.state, link: came.link ?? null, confirm: came.confirm ?? null });
      if (came.state === "confirmed" && came.redirect && !only) return location.assign(came.redirect);
      const box = make("div", { className: "box", tabIndex: -1 },
        make("p", {}, came.next ?? came.thanks ?? ui.thanks),
        came.link && make("a", { className: "button", href: came.link, target: "_blank", rel: "noopener" }, ui.open));
      box.setAttribute("role", "status");
      root.replaceChildren(box);
      box.focus();
    };

    if (only) {
      root.append(make("div", { className: "box" }, ...ticks, told, ...fine));
      const form = host.closest("form");
      form?.addEventListener("submit", () => {
        if (!root.querySelector(":checked")) return;
        const value = (called) => form.elements[called]?.value ?? "";
        send({ phone: value(phone), name: value(name), email: value(email) })
          .then(finish, (error) => { told.textContent = error.message; });
      });
      return;
    }
    const form = make("form", { noValidate: true },
      make("h2", {}, words.title), words.intro && make("p", {}, words.intro),
      it.ask_name !== "no" && field("name", ui.name, "text", it.ask_name),
      field("phone", ui.phone, "tel", "required"), make("small", {}, ui.phone_hint),
      it.ask_email !== "no" && field("email", ui.email, "email", it.ask_email),
      ...ticks,
      make("label", { className: "trap", ariaHidden: "true" }, ui.trap, make("input", { name: "website", tabIndex: -1, autocomplete: "off" })),
      ...fine, told, make("button", {}, words.button));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      try {
        const given = new FormData(form);
        finish(await send(Object.fromEntries(["name", "phone", "email", "website"].map((one) => [one, given.get(one) ?? ""]))));
      } catch (error) {
        told.textContent = error instanceof TypeError ? ui.failed : error.message;
        button.disabled = false;
      }
    });
    root.append(form);
  }

  /** Tells that it is shown, once somebody can see it. */
  function watch(it) {
    new IntersectionObserver((seen, observer) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      observer.disconnect();
      navigator.sendBeacon(`${base}/seen`, new URLSearchParams({ version: it.version, visit: it.visit ?? "" }));
    }).observe(host);
  }

  fetch(`${base}/widget.json${lang ? `?lang=${encodeURIComponent(lang)}` : ""}`, { credentials: "omit", referrerPolicy: "no-referrer" })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
    .then((it) => { show(it); watch(it); })
    // Where the page may not ask us, the form's own page is a step away.
    .catch(() => root.append(make("a", { href: base, target: "_blank", rel: "noopener" }, script.dataset.fallback ?? "WhatsApp")));
})();
