/*
 * A stand-in for Meta's JavaScript SDK, served by the emulator at /{locale}/sdk.js.
 *
 * It keeps the contract a page can observe: `window.FB`, `window.fbAsyncInit`, the popup of `FB.login`, its
 * message traffic and the shapes handed to the callback. Plain ES2018, no dependencies. Everything the popup
 * decides (which app, which origin, which outcome) is decided by the emulator; this script only carries it.
 */
(function () {
  "use strict";
  if (window.FB && window.FB.__emulator) return;

  var script = document.currentScript;
  var source = new URL(script ? script.src : window.location.href, window.location.href);
  // The popup may live on another origin than the script, as it does at Meta.
  var dialogOrigin = (script && script.dataset.dialogOrigin) || source.origin;
  var locale = source.pathname.split("/").filter(Boolean)[0] || "en_US";

  var POLL_MS = 200; // how often a closed popup is looked for
  var GRACE_MS = 400; // how long messages already under way may still arrive after it closed
  var CANCELLED = { authResponse: null, status: "unknown" };

  var options = null;
  var counter = 0;

  function noop() {}

  function kindOf(value) {
    return Object.prototype.toString.call(value).slice(8, -1).toLowerCase();
  }

  /* Meta's SDK type-checks callbacks: an async function is refused. */
  function requirePlainFunction(callback) {
    if (callback === undefined || callback === null) return noop;
    var kind = kindOf(callback);
    if (kind !== "function") {
      throw new Error("Expression is of type " + kind + ", not function");
    }
    return callback;
  }

  function init(given) {
    if (!given || !/^v\d+\.\d+$/.test(String(given.version || ""))) {
      throw new Error("init not called with valid version");
    }
    options = Object.assign({}, given);
  }

  /* Without response_type "code" and the override, Meta hands back a user token and no code. */
  function asksForCode(login) {
    return login.response_type === "code" && login.override_default_response_type === true;
  }

  function dialogAddress(login, channel) {
    var address = new URL(dialogOrigin + "/" + options.version + "/dialog/oauth");
    var fields = {
      client_id: options.appId,
      config_id: login.config_id,
      response_type: login.response_type,
      override_default_response_type: login.override_default_response_type,
      display: "popup",
      origin: window.location.origin,
      channel: channel,
      locale: locale,
      extras: login.extras === undefined ? undefined : JSON.stringify(login.extras),
      scenario: login.scenario === undefined ? undefined : JSON.stringify(login.scenario)
    };
    Object.keys(fields).forEach(function (name) {
      if (fields[name] !== undefined && fields[name] !== null) address.searchParams.set(name, String(fields[name]));
    });
    return address.toString();
  }

  function userTokenAnswer() {
    return {
      authResponse: { accessToken: "EAAUSERFAKE", userID: "100", expiresIn: 5183944, signedRequest: "x.y" },
      status: "connected"
    };
  }

  /*
   * Settles once: by the popup's own message (`cb=<channel>&…`), or by the popup being closed. A popup may also
   * ask for silence (`silent=1`): the callback is then never called, which happens with the real SDK too.
   */
  function watch(popup, channel, codeWanted, settle) {
    var settled = false;
    var timer = null;

    function finish(answer) {
      if (settled) return;
      settled = true;
      clearInterval(timer);
      window.removeEventListener("message", listen);
      if (answer) settle(answer);
    }

    function listen(message) {
      if (message.origin !== new URL(dialogOrigin).origin || typeof message.data !== "string") return;
      if (message.data.charAt(0) === "{") return;
      var fields = new URLSearchParams(message.data);
      if (fields.get("cb") !== channel) return;
      if (fields.get("silent") === "1") return finish(null);
      if (fields.get("code") && !codeWanted) return finish(userTokenAnswer());
      if (fields.get("code")) {
        return finish({
          authResponse: { userID: null, expiresIn: null, code: fields.get("code") },
          status: "connected"
        });
      }
      finish({ authResponse: null, status: fields.get("status") || "unknown" });
    }

    window.addEventListener("message", listen);
    timer = setInterval(function () {
      if (!popup.closed) return;
      clearInterval(timer);
      setTimeout(function () { finish(Object.assign({}, CANCELLED)); }, GRACE_MS);
    }, POLL_MS);
  }

  function login(callback, given) {
    var settle = requirePlainFunction(callback);
    var wanted = given || {};
    if (!options) {
      console.warn("FB.login() called before FB.init().");
      return;
    }
    counter += 1;
    var channel = "f" + Date.now().toString(16) + counter.toString(16);
    // Opened in the same turn as the click: a browser blocks popups that no gesture asked for.
    var popup = window.open(dialogAddress(wanted, channel), "emulator_signup", "popup,width=560,height=760");
    if (!popup) {
      setTimeout(function () { settle(Object.assign({}, CANCELLED)); }, 0);
      return;
    }
    watch(popup, channel, asksForCode(wanted), settle);
  }

  function api() {
    var callback = Array.prototype.slice.call(arguments).filter(function (part) {
      return typeof part === "function";
    })[0];
    if (!callback) return;
    callback({
      error: {
        message: "An active access token must be used to query information about the current user.",
        type: "OAuthException",
        code: 2500
      }
    });
  }

  window.FB = {
    __emulator: true,
    init: init,
    login: login,
    logout: function (callback) { requirePlainFunction(callback)(Object.assign({}, CANCELLED)); },
    getLoginStatus: function (callback) { requirePlainFunction(callback)({ status: "unknown", authResponse: null }); },
    getAuthResponse: function () { return null; },
    api: api,
    ui: noop,
    XFBML: { parse: noop },
    Event: { subscribe: noop, unsubscribe: noop },
    AppEvents: {
      logEvent: noop,
      logPageView: noop,
      logPurchase: noop,
      activateApp: noop,
      setUserID: noop,
      clearUserID: noop,
      EventNames: {},
      ParameterNames: {}
    }
  };

  if (typeof window.fbAsyncInit === "function") window.fbAsyncInit();
})();
