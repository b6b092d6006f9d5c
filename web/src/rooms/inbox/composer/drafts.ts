/** What was typed and not sent, kept in this browser for each person and conversation. */

/** A draft. */
export interface Draft {
  text: string;
  /** The message that it answers. */
  replyTo: string | null;
  /** Whether it is for the team; a customer must never get it. */
  isNote: boolean;
}

/** Where drafts are kept. */
type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const EMPTY: Draft = { text: "", replyTo: null, isNote: false };

/** The drafts of a person. */
export class Drafts {
  constructor(
    private readonly keep: Keep | null,
    private readonly person: string,
  ) {}

  #key(conversation: string): string {
    return `sapa.draft.${this.person}.${conversation}`;
  }

  /** The draft of a conversation; an empty one where there is none. */
  read(conversation: string): Draft {
    try {
      const kept = JSON.parse(this.keep?.getItem(this.#key(conversation)) ?? "null") as Partial<Draft> | null;
      return { text: kept?.text ?? "", replyTo: kept?.replyTo ?? null, isNote: kept?.isNote ?? false };
    } catch {
      return EMPTY;
    }
  }

  /** Keeps a draft; an empty one is forgotten. */
  write(conversation: string, draft: Draft): void {
    try {
      if (draft.text === "" && !draft.replyTo) this.keep?.removeItem(this.#key(conversation));
      else this.keep?.setItem(this.#key(conversation), JSON.stringify(draft));
    } catch {
      // Storage is full or forbidden: the draft lives until the page is left.
    }
  }
}
