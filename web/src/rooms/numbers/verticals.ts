/** Meta's words for what a business does, as far as one can choose them. */
import type { Schemas } from "@/api/client";

export type Vertical = Exclude<Schemas["NumberVertical"], "">;

/** Each of them, so that none is forgotten. */
const ALL: Record<Vertical, true> = {
  ALCOHOL: true,
  APPAREL: true,
  AUTO: true,
  BEAUTY: true,
  EDU: true,
  ENTERTAIN: true,
  EVENT_PLAN: true,
  FINANCE: true,
  GOVT: true,
  GROCERY: true,
  HEALTH: true,
  HOTEL: true,
  MATRIMONY_SERVICE: true,
  NONPROFIT: true,
  NOT_A_BIZ: true,
  ONLINE_GAMBLING: true,
  OTC_DRUGS: true,
  OTHER: true,
  PHYSICAL_GAMBLING: true,
  PROF_SERVICES: true,
  RESTAURANT: true,
  RETAIL: true,
  TRAVEL: true,
  UNDEFINED: true,
};

export const VERTICALS = Object.keys(ALL) as Vertical[];
