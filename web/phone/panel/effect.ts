/** What a fault does, in a few words of the controls' own. */
import type { Fault } from "../api/types";
import { number, object, text } from "../chat/wire";

export function effectName(effect: Fault["effect"]): string {
  if (typeof effect === "string") return effect;
  const delay = number(effect, "delay_ms");
  if (delay !== undefined) return `+${delay / 1000} s`;
  const fails = object(effect, "failed_status") ?? object(effect, "error");
  return fails ? text(fails, "code") : text(effect, "failure");
}
