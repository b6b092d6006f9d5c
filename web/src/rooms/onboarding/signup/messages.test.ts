import { describe, expect, it } from "vitest";
import { isFromDialog, readMessage } from "./messages";

describe("who a message comes from", () => {
  const meta = ["https://*.facebook.com"];

  it("is Meta's host or one below it, over https", () => {
    for (const origin of ["https://www.facebook.com", "https://facebook.com", "https://business.facebook.com"]) {
      expect(isFromDialog(origin, meta), origin).toBe(true);
    }
  });

  it("is nobody whose name merely ends alike", () => {
    const strangers = [
      "https://evilfacebook.com",
      "https://facebook.com.evil.example",
      "http://www.facebook.com",
      "https://www.facebook.com:8443",
      "null",
      "",
    ];
    for (const origin of strangers) expect(isFromDialog(origin, meta), origin).toBe(false);
  });

  it("is the emulator's very address", () => {
    const emulator = ["http://127.0.0.1:8090"];
    expect(isFromDialog("http://127.0.0.1:8090", emulator)).toBe(true);
    expect(isFromDialog("http://127.0.0.1:8091", emulator)).toBe(false);
    expect(isFromDialog("http://localhost:8090", emulator)).toBe(false);
    expect(isFromDialog("http://a.127.0.0.1:8090", emulator)).toBe(false);
  });
});

describe("what a message says", () => {
  const message = (event: string, data: object) => ({ type: "WA_EMBEDDED_SIGNUP", event, data });

  it("is the same as text and as object", () => {
    const finish = message("FINISH", { waba_id: "700000000000003" });
    expect(readMessage(finish)).toEqual({ kind: "finished" });
    expect(readMessage(JSON.stringify(finish))).toEqual({ kind: "finished" });
    expect(readMessage(message("FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", {}))).toEqual({ kind: "finished" });
    expect(readMessage({ type: "WA_EMBEDDED_SIGNUP", event: "FINISH" })).toEqual({ kind: "finished" });
  });

  it("tells leaving from an error, whatever the error's keys", () => {
    expect(readMessage(message("CANCEL", { current_step: "PERMISSIONS" }))).toEqual({
      kind: "cancelled",
      step: "PERMISSIONS",
    });
    const failed = { kind: "failed", message: "Your verified name violates …", code: "524126" };
    expect(readMessage(message("CANCEL", { error_message: failed.message, error_id: 524126 }))).toEqual(failed);
    expect(readMessage(message("error", { error_message: failed.message, error_code: "524126" }))).toEqual(failed);
  });

  it("is nothing where it is not about the sign-up", () => {
    const noise = ["cb=f1a2b3&relation=opener&code=AQBFAKE", "{", 7, null, { type: "other", event: "FINISH" }];
    for (const one of [...noise, message("SCREEN_SHOWN", {})]) expect(readMessage(one)).toBeNull();
  });
});
