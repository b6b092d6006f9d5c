/** What was found about a draft, for every field to show what concerns it. */
import { createContext, use, type ReactNode } from "react";
import { useSay } from "@/i18n/sentence";
import type { Places } from "../editing";
import { faultsOf } from "../editing";
import type { Fault } from "../queries";

interface Found {
  faults: readonly Fault[];
  /** Whether an empty field is a fault already. */
  isTried: boolean;
  places: Places;
}

const FoundContext = createContext<Found>({ faults: [], isTried: false, places: {} });

interface FieldProps {
  /** The part that it belongs to; none for the template's own fields. */
  part?: keyof Places;
  /** The field within the part. */
  of: string;
  children: (error: ReactNode) => ReactNode;
}

/** The address of a field among the parts of a template; nothing while its part is not there. */
function usePath(part: keyof Places | undefined, of: string): string | null {
  const { places } = use(FoundContext);
  if (part === undefined) return of;
  const at = places[part];
  if (at === undefined) return null;
  return of === "" ? `components[${at}]` : `components[${at}].${of}`;
}

/** The sentence about a field, if there is one and somebody has begun to fill the form. */
export function useFault(part: keyof Places | undefined, of: string): string | undefined {
  const say = useSay();
  const path = usePath(part, of);
  const { faults, isTried } = use(FoundContext);
  const [fault] = path === null ? [] : faultsOf(faults, path);
  const isEarly = !isTried && (fault?.code === "missing" || fault?.code === "no_body");
  return fault && !isEarly ? say(fault.message) : undefined;
}

function Field({ part, of, children }: FieldProps) {
  return children(useFault(part, of));
}

/** What concerns the template as a whole. */
function Whole({ children }: { children: (faults: readonly Fault[]) => ReactNode }) {
  const { faults, isTried } = use(FoundContext);
  const early = ["no_body", "picture_or_film"];
  return children(faults.filter(({ field, code }) => (field === "" || field === "components") && (isTried || !early.includes(code))));
}

export function Looked({ value, children }: { value: Found; children: ReactNode }) {
  return <FoundContext value={value}>{children}</FoundContext>;
}
Looked.Field = Field;
Looked.Whole = Whole;
