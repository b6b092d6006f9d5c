/** What Meta says of a number, as the page tells it. */
import type { NumberChange, PhoneNumber } from "./queries";

/** The profile, with every part at hand. */
export interface Profile {
  about: string;
  address: string;
  description: string;
  email: string;
  websites: string[];
  vertical: string;
  picture?: string;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
const object = (value: unknown) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});

export function profileOf({ profile }: Pick<PhoneNumber, "profile">): Profile {
  const known = object(profile);
  return {
    about: text(known.about),
    address: text(known.address),
    description: text(known.description),
    email: text(known.email),
    websites: Array.isArray(known.websites) ? known.websites.map(text).filter(Boolean) : [],
    vertical: text(known.vertical),
    picture: text(known.picture_url) || undefined,
  };
}

/** What is in the way of sending, in Meta's words: what it is, and what Meta advises. */
export interface Obstacle {
  part: string;
  words: string;
  advice?: string;
}

/** Meta's own check: the worst of the parts, and everything that it says of each. */
export function healthOf({ health }: Pick<PhoneNumber, "health">): { canSend?: string; obstacles: Obstacle[] } {
  const known = object(health);
  const entities = Array.isArray(known.entities) ? known.entities.map(object) : [];
  const obstacles = entities.flatMap((entity) => {
    const part = text(entity.kind);
    const problems = Array.isArray(entity.problems) ? entity.problems.map(object) : [];
    const notes = Array.isArray(entity.notes) ? entity.notes.map(text).filter(Boolean) : [];
    return [
      ...problems.map((one) => ({
        part,
        words: text(one.description) || String(one.code),
        advice: text(one.solution) || undefined,
      })),
      ...notes.map((words) => ({ part, words })),
    ];
  });
  return { canSend: text(known.can_send) || undefined, obstacles };
}

/** What a name's state asks of its owner. */
export type NameState = "none" | "pending" | "approved" | "declined";

export function wantedName({ wanted_name: name, wanted_name_status: status }: PhoneNumber): NameState {
  if (!name && !status) return "none";
  if (status === "APPROVED") return "approved";
  return status === "DECLINED" || status === "EXPIRED" ? "declined" : "pending";
}

/** Reasons of Meta's that the page explains; others are shown as Meta writes them. */
export const REASONS = [
  "NAME_EMPLOYEE_ISSUE",
  "NAME_ENDCLIENT_NOTRELATED",
  "NAME_FORMAT_UNACCEPTABLE",
  "NAME_INDIVIDUAL_ISSUE",
  "NAME_NOT_CONSISTENT",
] as const;
export type Reason = (typeof REASONS)[number];

export const isKnownReason = (reason: string): reason is Reason => REASONS.includes(reason as Reason);

/** Meta's words about numbers that the page has its own for. */
const WORDS = [
  "CLOUD_API",
  "DELETED",
  "FLAGGED",
  "LINKED",
  "MIGRATED",
  "NA",
  "NONE",
  "NOT_APPLICABLE",
  "OFFLINE",
  "ON_PREMISE",
  "RATE_LIMITED",
  "REJECTED",
  "RESERVED",
  "RESTRICTED_ADD_PHONE_NUMBER_ACTION",
  "RESTRICTED_BIZ_INITIATED_MESSAGING",
  "RESTRICTED_CUSTOMER_INITIATED_MESSAGING",
  "RESTRICTED_UTILITY_TEMPLATES",
  "UNLINKED",
  "UNVERIFIED",
  "APPROVED",
  "AVAILABLE_WITHOUT_REVIEW",
  "BANNED",
  "CONNECTED",
  "DECLINED",
  "DISCONNECTED",
  "EXPIRED",
  "GREEN",
  "HIGH",
  "NOT_VERIFIED",
  "PENDING",
  "PENDING_REVIEW",
  "RED",
  "RESTRICTED",
  "STANDARD",
  "UNKNOWN",
  "VERIFIED",
  "YELLOW",
  "AVAILABLE",
  "LIMITED",
  "BLOCKED",
] as const;
export type Word = (typeof WORDS)[number];

/** Which of them this is, however it is written. */
export const wordOf = (value: string): Word | undefined => WORDS.find((word) => word === value.toUpperCase());

/** `TIER_2K`: two thousand. `undefined`: no limit. */
export function people(tier: string): number | undefined {
  const [, digits, thousands] = /^TIER_(\d+)(K?)$/.exec(tier) ?? [];
  return digits ? Number(digits) * (thousands ? 1000 : 1) : undefined;
}

/** Which parts of the profile a change is about. */
export function partsOf({ old, new: now }: Pick<NumberChange, "old" | "new">): string[] {
  const members = (json?: string | null) => {
    try {
      return Object.keys(object(JSON.parse(json ?? "{}")));
    } catch {
      return [];
    }
  };
  return [...new Set([...members(old), ...members(now)])];
}
