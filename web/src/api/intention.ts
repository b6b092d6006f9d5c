/** One key per thing that is to be done: sending it again does it once, changing it is another thing. */
import { useRef } from "react";
import { intention } from "./client";

export function useIntention(): (body: unknown) => { "Idempotency-Key": string } {
  const last = useRef({ body: "", key: "" });
  return (body) => {
    const said = JSON.stringify(body);
    if (said !== last.current.body) last.current = { body: said, key: intention() };
    return { "Idempotency-Key": last.current.key };
  };
}
