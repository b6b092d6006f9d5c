/** Who holds the phone. */
import { createContext, use, type ReactNode } from "react";
import type { Person } from "../api/types";

const HolderContext = createContext<Person | null>(null);

export function Holder({ person, children }: { person: Person; children: ReactNode }) {
  return <HolderContext value={person}>{children}</HolderContext>;
}

/** Who holds the phone. Only on its screens. */
export function useHolder(): Person {
  const person = use(HolderContext);
  if (!person) throw new Error("Nobody holds this phone.");
  return person;
}
