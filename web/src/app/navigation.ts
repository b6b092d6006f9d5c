/** Where one can go within an organisation, and as operator. */
import {
  Activity,
  AppWindow,
  BellRing,
  BookOpen,
  Building2,
  ChartLine,
  CircleX,
  ClipboardCheck,
  ClipboardPenLine,
  FileStack,
  ContactRound,
  History,
  House,
  KeyRound,
  LayoutTemplate,
  LogIn,
  MessagesSquare,
  PackageOpen,
  PlugZap,
  Scale,
  Settings,
  Smartphone,
  Users,
  type LucideIcon,
} from "lucide-react";
import type { ParseKeys } from "i18next";
import type { Right } from "./session";

/** A place to go to. */
export interface Destination {
  /** Its address; `$org` is the organisation. */
  to: string;
  label: ParseKeys;
  /** What it stands under. */
  group?: ParseKeys;
  icon: LucideIcon;
  /** The right to read what is there. */
  right?: Right;
  /** Also in the bar at the foot of a phone. */
  atHand?: boolean;
  /** Tells how many conversations are unread. */
  counts?: boolean;
}

/** Within an organisation. */
export const ORG_DESTINATIONS: readonly Destination[] = [
  { to: "/o/$org", label: "nav.start", icon: House, atHand: true },
  { to: "/o/$org/inbox", label: "nav.inbox", icon: MessagesSquare, right: "inbox.read", atHand: true, counts: true },
  { to: "/o/$org/contacts", label: "nav.contacts", icon: ContactRound, right: "inbox.read" },
  { to: "/o/$org/accounts", label: "nav.whatsapp", icon: Smartphone, right: "connections.read", atHand: true },
  { to: "/o/$org/knowledge", label: "nav.knowledge", icon: BookOpen, right: "knowledge.read" },
  { to: "/o/$org/templates", label: "nav.templates", icon: LayoutTemplate, right: "connections.read", group: "nav.writingFirst" },
  { to: "/o/$org/notifications", label: "nav.notifications", icon: BellRing, right: "records.read", group: "nav.writingFirst" },
  { to: "/o/$org/records", label: "nav.records", icon: FileStack, right: "records.read", group: "nav.writingFirst" },
  { to: "/o/$org/forms", label: "nav.forms", icon: ClipboardPenLine, right: "inbox.read", group: "nav.writingFirst" },
  { to: "/o/$org/decisions", label: "nav.decisions", icon: Scale, right: "inbox.read", group: "nav.writingFirst" },
  { to: "/o/$org/rates", label: "nav.rates", icon: ChartLine, right: "inbox.read", group: "nav.writingFirst" },
  { to: "/o/$org/settings", label: "nav.settings", icon: Settings, right: "knowledge.read", group: "nav.keeping" },
  { to: "/o/$org/members", label: "nav.members", icon: Users, right: "members.read", group: "nav.keeping" },
  { to: "/o/$org/keys", label: "nav.keys", icon: KeyRound, right: "members.write", group: "nav.keeping" },
  { to: "/o/$org/audit", label: "nav.audit", icon: History, right: "audit.read", group: "nav.keeping" },
  { to: "/o/$org/kept", label: "nav.kept", icon: PackageOpen, right: "audit.read", group: "nav.keeping" },
];

/** For operators. */
export const OPERATOR_DESTINATIONS: readonly Destination[] = [
  { to: "/operator/organisations", label: "nav.organisations", icon: Building2, group: "nav.operator" },
  { to: "/operator/connections", label: "nav.allConnections", icon: PlugZap, group: "nav.operator" },
  { to: "/operator/meta-apps", label: "nav.metaApps", icon: AppWindow, group: "nav.operator" },
  { to: "/operator/providers", label: "nav.providers", icon: LogIn, group: "nav.operator" },
  { to: "/operator/kept", label: "nav.allKept", icon: PackageOpen, group: "nav.operator" },
  { to: "/operator/health", label: "nav.health", icon: Activity, group: "nav.operator" },
  { to: "/operator/dead-jobs", label: "nav.deadJobs", icon: CircleX, group: "nav.operator" },
  { to: "/operator/keys", label: "nav.operatorKeys", icon: KeyRound, group: "nav.operator" },
  { to: "/operator/audit", label: "nav.operatorAudit", icon: History, group: "nav.operator" },
  { to: "/operator/readiness", label: "nav.readiness", icon: ClipboardCheck, group: "nav.operator" },
];

/** The person's own. */
export const OWN_DESTINATIONS: readonly Destination[] = [];
