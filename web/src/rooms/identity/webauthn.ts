/** What a browser does with passkeys. */
import { Told } from "@/api/problem";

/** Whether this browser knows passkeys as we use them. Without HTTPS it does not, except on this very machine. */
export function knowsPasskeys(): boolean {
  return typeof PublicKeyCredential !== "undefined" && typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function";
}

/** Sentences for when it comes to nothing. */
interface Sentences {
  /** The person stopped it, or nobody answered in time. */
  stopped: string;
  /** The authenticator has a passkey for this account already. */
  known: string;
}

/** Has the browser make a passkey, and returns what the server is to be told of it. */
export function makePasskey(options: unknown, say: Sentences): Promise<Record<string, never>> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  return plain(navigator.credentials.create({ publicKey }), say);
}

/** Has the browser prove a passkey, and returns the proof. */
export function provePasskey(options: unknown, say: Sentences): Promise<Record<string, never>> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return plain(navigator.credentials.get({ publicKey }), say);
}

async function plain(made: Promise<Credential | null>, { stopped, known }: Sentences): Promise<Record<string, never>> {
  try {
    const credential = await made;
    if (!(credential instanceof PublicKeyCredential)) throw new Told(stopped);
    return credential.toJSON() as Record<string, never>;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new Told(error.name === "InvalidStateError" ? known : stopped);
  }
}
