/** What the address of the inbox says: the view, the filters laid over it, a search, and the message to show. */
import { VIEW_NAMES, view, type Place, type ViewName } from "./places";

/** What may be narrowed within a view, by its name in the address. */
const NARROWS = { number: "number_id", label: "label", customer: "contact_label", assignee: "assignee" } as const;

/** Something that may be narrowed. */
export type Narrow = keyof typeof NARROWS;

/** All of them. */
export const NARROW_NAMES = Object.keys(NARROWS) as Narrow[];

/** Says that a filter which the view has is lifted: `label=`. */
const ANY = "";

/** The search part of the address. */
export interface InboxSearch extends Partial<Record<Narrow, string>> {
  view?: ViewName;
  /** A saved view, by its id; it takes the place of `view`. */
  saved?: string;
  /** What is searched for. */
  q?: string;
  /** The message that the thread opens at. */
  message?: string;
}

/** A saved view, as far as the list needs it. */
interface Saved {
  filter: Place;
}

/** Reads the address; what it does not know it leaves out. */
export function readSearch(search: Record<string, unknown>): InboxSearch {
  const given = (name: string) => {
    const value = search[name];
    // What is made of digits alone reads as a number.
    if (typeof value === "number") return String(value);
    return typeof value === "string" ? value : undefined;
  };
  const text = (name: string) => (given(name) === "" ? undefined : given(name));
  const found: InboxSearch = {
    view: VIEW_NAMES.find((name) => name === search.view),
    saved: text("saved"),
    q: text("q"),
    message: text("message"),
  };
  for (const name of NARROW_NAMES) found[name] = given(name);
  return found;
}

/** What a view shows before anything is laid over it. */
function base({ view: name = "open" }: InboxSearch, saved: Saved | undefined): Place {
  return saved?.filter ?? view(name).filter;
}

/** Whether a view leaves a choice; those that everybody has are about somebody or are not. */
export function leaves(search: InboxSearch, saved: Saved | undefined, name: Narrow): boolean {
  return saved !== undefined || !base(search, saved)[NARROWS[name]];
}

/** What the list shows. */
export function placeOf(search: InboxSearch, saved?: Saved): Place {
  const place: Place = { ...base(search, saved) };
  for (const name of NARROW_NAMES) {
    const wanted = search[name];
    if (wanted === undefined || !leaves(search, saved, name)) continue;
    place[NARROWS[name]] = wanted === ANY ? undefined : wanted;
  }
  return place;
}

/** What a filter of a place is set to. */
export function narrowed(place: Place, name: Narrow): string | null {
  return place[NARROWS[name]] ?? null;
}

/** What the address says after a filter is set, or lifted with `null`. */
export function narrow(search: InboxSearch, saved: Saved | undefined, name: Narrow, value: string | null): Partial<InboxSearch> {
  const own = base(search, saved)[NARROWS[name]] ?? null;
  return { [name]: value === own ? undefined : (value ?? ANY) };
}

/** The address with nothing laid over the view. */
export const AS_IT_IS: Partial<InboxSearch> = Object.fromEntries(NARROW_NAMES.map((name) => [name, undefined]));

/** Whether anything is laid over the view. */
export function isNarrowed(search: InboxSearch, saved?: Saved): boolean {
  return NARROW_NAMES.some((name) => search[name] !== undefined && leaves(search, saved, name));
}

/** How many filters narrow what is shown. */
export function filterCount(search: InboxSearch, saved?: Saved): number {
  const place = placeOf(search, saved);
  return NARROW_NAMES.filter((name) => leaves(search, saved, name) && narrowed(place, name) !== null).length;
}

/** What is kept of what is shown: a search is about everything, whichever view it was begun in. */
export function toKeep(search: InboxSearch, saved?: Saved): Place {
  return search.q ? { q: search.q } : placeOf(search, saved);
}
