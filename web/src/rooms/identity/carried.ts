/**
 * The token of an invitation, from the letter's link (`/invite#<token>`) to the moment it is accepted. It outlives signing
 * in on the way, in this tab alone, and never stands in an address that is sent to a server.
 */
const KEY = "sapa.invitation";

/** The token that was brought here; empty: there is none. */
export function carriedToken(): string {
  const brought = location.hash.slice(1);
  try {
    if (brought) sessionStorage.setItem(KEY, brought);
    return brought || (sessionStorage.getItem(KEY) ?? "");
  } catch {
    return brought;
  }
}

/** Forgets it: it has done its work. */
export function dropToken(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
