/** Quiet hours and caps as a form holds them. */
import type { Schemas } from "@/api/client";

type Settings = Schemas["OrgSettings"];
type Cap = Schemas["Cap"];

interface CapValues {
  on: boolean;
  most: number | string;
  days: number | string;
}

export interface PolicyValues {
  quiet: boolean;
  from: string;
  to: string;
  clock: Schemas["WhoseClock"];
  purposes: string[];
  marketing: CapValues;
  utility: CapValues;
}

const capValues = (cap: Cap | null | undefined): CapValues => ({ on: Boolean(cap), most: cap?.most ?? 4, days: cap?.days ?? 30 });

/** What the form begins with; what is not set begins with what is usual. */
export function valuesOf({ quiet_hours: quiet, caps }: Settings): PolicyValues {
  return {
    quiet: Boolean(quiet),
    from: quiet?.from ?? "21:00",
    to: quiet?.to ?? "08:00",
    clock: quiet?.clock ?? "contact",
    purposes: quiet?.purposes ?? ["marketing"],
    marketing: capValues(caps.marketing),
    utility: capValues(caps.utility),
  };
}

const cap = ({ on, most, days }: CapValues): Cap | null => (on ? { most: Number(most), days: Number(days) } : null);

/** What is sent of it. */
export function sent({ quiet, from, to, clock, purposes, marketing, utility }: PolicyValues) {
  return {
    quiet_hours: quiet ? { from, to, clock, purposes: purposes as Schemas["Purpose"][] } : null,
    caps: { marketing: cap(marketing), utility: cap(utility) },
  };
}
