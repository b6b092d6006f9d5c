/** Every page on one screen. Rooms are loaded when they are entered. */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { isCode } from "@/api/problem";
import { withTexts } from "@/i18n";
import { readSearch } from "@/rooms/inbox/search";
import { readPart } from "@/rooms/numbers/parts";
import { readWish } from "@/rooms/rates/rates";
import { meQuery } from "./session";
import { Missing, PageFailed, PagePending } from "@/ui/PageStates";

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: Missing });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: { next?: unknown }): { next?: string } =>
    typeof search.next === "string" ? { next: search.next } : {},
  component: lazyRouteComponent(withTexts(["identity", "alerts"], () => import("@/rooms/identity/SignInPage")), "SignInPage"),
});

/** For whoever is invited to become a member. */
const join = createRoute({
  getParentRoute: () => root,
  path: "/invite",
  component: lazyRouteComponent(withTexts(["identity"], () => import("@/rooms/identity/JoinPage")), "JoinPage"),
});

/** For holders of an invite link, who have no account. */
const invited = createRoute({
  getParentRoute: () => root,
  path: "/connect",
  component: lazyRouteComponent(withTexts(["onboarding"], () => import("@/rooms/onboarding/InvitePage")), "InvitePage"),
});

/** Pages for people who are signed in. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.query(meQuery);
    } catch (error) {
      if (isCode(error, "unauthenticated")) {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router is told to go elsewhere
        throw redirect({ to: "/sign-in", search: { next: location.href } });
      }
      throw error;
    }
  },
  component: lazyRouteComponent(() => import("./Shell"), "Shell"),
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  component: lazyRouteComponent(withTexts(["start", "onboarding"], () => import("@/rooms/start/HomePage")), "HomePage"),
});

/** Pages of an organisation. */
const org = createRoute({
  getParentRoute: () => signedIn,
  path: "/o/$org",
  component: lazyRouteComponent(() => import("./OrgFrame"), "OrgFrame"),
});

const start = createRoute({
  getParentRoute: () => org,
  path: "/",
  component: lazyRouteComponent(withTexts(["start", "onboarding"], () => import("@/rooms/start/StartPage")), "StartPage"),
});

const sources = createRoute({
  getParentRoute: () => org,
  path: "/knowledge",
  component: lazyRouteComponent(withTexts(["knowledge"], () => import("@/rooms/knowledge/SourcesPage")), "SourcesPage"),
});

const addText = createRoute({
  getParentRoute: () => org,
  path: "/knowledge/add/text",
  component: lazyRouteComponent(withTexts(["knowledge"], () => import("@/rooms/knowledge/AddTextPage")), "AddTextPage"),
});

const addPairs = createRoute({
  getParentRoute: () => org,
  path: "/knowledge/add/pairs",
  component: lazyRouteComponent(withTexts(["knowledge"], () => import("@/rooms/knowledge/AddPairsPage")), "AddPairsPage"),
});

const testConsole = createRoute({
  getParentRoute: () => org,
  path: "/knowledge/test",
  component: lazyRouteComponent(withTexts(["knowledge"], () => import("@/rooms/knowledge/TestPage")), "TestPage"),
});

const source = createRoute({
  getParentRoute: () => org,
  path: "/knowledge/$source",
  component: lazyRouteComponent(withTexts(["knowledge"], () => import("@/rooms/knowledge/SourcePage")), "SourcePage"),
});

const templateList = createRoute({
  getParentRoute: () => org,
  path: "/templates",
  component: lazyRouteComponent(withTexts(["templates", "inbox"], () => import("@/rooms/templates/TemplatesPage")), "TemplatesPage"),
});

const newTemplate = createRoute({
  getParentRoute: () => org,
  path: "/templates/new",
  component: lazyRouteComponent(withTexts(["templates", "inbox"], () => import("@/rooms/templates/NewTemplatePage")), "NewTemplatePage"),
});

const templateLibrary = createRoute({
  getParentRoute: () => org,
  path: "/templates/library",
  component: lazyRouteComponent(withTexts(["templates", "inbox"], () => import("@/rooms/templates/LibraryPage")), "LibraryPage"),
});

const templateDraft = createRoute({
  getParentRoute: () => org,
  path: "/templates/drafts/$draft",
  component: lazyRouteComponent(withTexts(["templates", "inbox"], () => import("@/rooms/templates/EditorPage")), "EditorPage"),
});

const template = createRoute({
  getParentRoute: () => org,
  path: "/templates/$template",
  component: lazyRouteComponent(withTexts(["templates", "inbox"], () => import("@/rooms/templates/TemplatePage")), "TemplatePage"),
});

const templates = [templateList, newTemplate, templateLibrary, templateDraft, template];

const knowledge = [sources, addText, addPairs, testConsole, source];

const forms = createRoute({
  getParentRoute: () => org,
  path: "/forms",
  component: lazyRouteComponent(withTexts(["forms", "printing"], () => import("@/rooms/forms/pages")), "FormsPage"),
});

const form = createRoute({
  getParentRoute: () => org,
  path: "/forms/$form",
  component: lazyRouteComponent(withTexts(["forms", "printing"], () => import("@/rooms/forms/pages")), "FormPage"),
});

const links = createRoute({
  getParentRoute: () => org,
  path: "/links",
  component: lazyRouteComponent(withTexts(["forms", "printing"], () => import("@/rooms/forms/pages")), "LinksPage"),
});

const collecting = [forms, form, links];

const recordList = createRoute({
  getParentRoute: () => org,
  path: "/records",
  component: lazyRouteComponent(withTexts(["records"], () => import("@/rooms/records/RecordsPage")), "RecordsPage"),
});

const addRecord = createRoute({
  getParentRoute: () => org,
  path: "/records/add",
  component: lazyRouteComponent(withTexts(["records"], () => import("@/rooms/records/AddRecordPage")), "AddRecordPage"),
});

const recordKinds = createRoute({
  getParentRoute: () => org,
  path: "/records/kinds",
  component: lazyRouteComponent(withTexts(["records"], () => import("@/rooms/records/KindsPage")), "KindsPage"),
});

const connectors = createRoute({
  getParentRoute: () => org,
  path: "/records/connectors",
  component: lazyRouteComponent(withTexts(["records"], () => import("@/rooms/records/ConnectorsPage")), "ConnectorsPage"),
});

const connector = createRoute({
  getParentRoute: () => org,
  path: "/records/connectors/$connector",
  component: lazyRouteComponent(withTexts(["records"], () => import("@/rooms/records/ConnectorPage")), "ConnectorPage"),
});

const recordImports = createRoute({
  getParentRoute: () => org,
  path: "/records/imports",
  component: lazyRouteComponent(withTexts(["records", "contacts"], () => import("@/rooms/records/ImportsPage")), "ImportsPage"),
});

const recordImport = createRoute({
  getParentRoute: () => org,
  path: "/records/imports/$import",
  component: lazyRouteComponent(withTexts(["records", "contacts"], () => import("@/rooms/records/ImportPage")), "ImportPage"),
});

const record = createRoute({
  getParentRoute: () => org,
  path: "/records/$record",
  component: lazyRouteComponent(withTexts(["records"], () => import("@/rooms/records/RecordPage")), "RecordPage"),
});

const records = [recordList, addRecord, recordKinds, connectors, connector, recordImports, recordImport, record];

const notificationList = createRoute({
  getParentRoute: () => org,
  path: "/notifications",
  component: lazyRouteComponent(withTexts(["notifications"], () => import("@/rooms/notifications/NotificationsPage")), "NotificationsPage"),
});

const newNotification = createRoute({
  getParentRoute: () => org,
  path: "/notifications/new",
  component: lazyRouteComponent(withTexts(["notifications", "records", "inbox", "channels"], () => import("@/rooms/notifications/EditPage")), "EditPage"),
});

const editNotification = createRoute({
  getParentRoute: () => org,
  path: "/notifications/$notification/edit",
  component: lazyRouteComponent(withTexts(["notifications", "records", "inbox", "channels"], () => import("@/rooms/notifications/EditPage")), "EditPage"),
});

const notification = createRoute({
  getParentRoute: () => org,
  path: "/notifications/$notification",
  component: lazyRouteComponent(withTexts(["notifications"], () => import("@/rooms/notifications/NotificationPage")), "NotificationPage"),
});

const notificationRun = createRoute({
  getParentRoute: () => org,
  path: "/notifications/runs/$run",
  component: lazyRouteComponent(withTexts(["notifications"], () => import("@/rooms/notifications/RunPage")), "RunPage"),
});

const notifications = [notificationList, newNotification, editNotification, notification, notificationRun];

/** One page for the list and for what is open in it, so that going from one to the other keeps both. */
const inbox = createRoute({
  getParentRoute: () => org,
  path: "/inbox",
  validateSearch: readSearch,
  component: lazyRouteComponent(withTexts(["inbox", "alerts"], () => import("@/rooms/inbox/InboxPage")), "InboxPage"),
});
const inboxList = createRoute({ getParentRoute: () => inbox, path: "/" });
const conversation = createRoute({ getParentRoute: () => inbox, path: "/$conversation" });

const contacts = createRoute({
  getParentRoute: () => org,
  path: "/contacts",
  component: lazyRouteComponent(withTexts(["contacts", "inbox"], () => import("@/rooms/contacts/ContactsPage")), "ContactsPage"),
});

const contactImports = createRoute({
  getParentRoute: () => org,
  path: "/contacts/imports",
  component: lazyRouteComponent(withTexts(["contacts"], () => import("@/rooms/contacts/ImportsPage")), "ImportsPage"),
});

const contactImport = createRoute({
  getParentRoute: () => org,
  path: "/contacts/imports/$import",
  component: lazyRouteComponent(withTexts(["contacts"], () => import("@/rooms/contacts/ImportPage")), "ImportPage"),
});

const privacy = createRoute({
  getParentRoute: () => org,
  path: "/contacts/privacy",
  component: lazyRouteComponent(withTexts(["contacts"], () => import("@/rooms/contacts/PrivacyPage")), "PrivacyPage"),
});

const erasure = createRoute({
  getParentRoute: () => org,
  path: "/contacts/privacy/$erasure",
  component: lazyRouteComponent(withTexts(["contacts"], () => import("@/rooms/contacts/ErasurePage")), "ErasurePage"),
});

const contact = createRoute({
  getParentRoute: () => org,
  path: "/contacts/$contact",
  component: lazyRouteComponent(withTexts(["contacts", "inbox"], () => import("@/rooms/contacts/ContactPage")), "ContactPage"),
});

const people = [contacts, contactImports, contactImport, privacy, erasure, contact];

const members = createRoute({
  getParentRoute: () => org,
  path: "/members",
  component: lazyRouteComponent(withTexts(["identity", "alerts"], () => import("@/rooms/identity/MembersPage")), "MembersPage"),
});

const keys = createRoute({
  getParentRoute: () => org,
  path: "/keys",
  component: lazyRouteComponent(withTexts(["identity", "alerts"], () => import("@/rooms/identity/KeysPage")), "KeysPage"),
});

const settings = createRoute({
  getParentRoute: () => org,
  path: "/settings",
  component: lazyRouteComponent(withTexts(["settings", "identity"], () => import("@/rooms/settings/SettingsPage")), "SettingsPage"),
});

const channels = createRoute({
  getParentRoute: () => org,
  path: "/settings/channels",
  component: lazyRouteComponent(withTexts(["channels"], () => import("@/rooms/channels/ChannelsPage")), "ChannelsPage"),
});

const audit = createRoute({
  getParentRoute: () => org,
  path: "/audit",
  /** What it was done to, where a page of that asks. */
  validateSearch: ({ of }: { of?: unknown }): { of?: string } => (typeof of === "string" ? { of } : {}),
  component: lazyRouteComponent(withTexts(["settings", "identity"], () => import("@/rooms/settings/AuditPage")), "AuditPage"),
});

const decisions = createRoute({
  getParentRoute: () => org,
  path: "/decisions",
  component: lazyRouteComponent(withTexts(["outreach"], () => import("@/rooms/outreach/DecisionsPage")), "DecisionsPage"),
});

const kept = createRoute({
  getParentRoute: () => org,
  path: "/kept",
  component: lazyRouteComponent(withTexts(["settings", "identity"], () => import("@/rooms/settings/KeptPage")), "KeptPage"),
});

const account = createRoute({
  getParentRoute: () => signedIn,
  path: "/account",
  component: lazyRouteComponent(withTexts(["identity", "alerts"], () => import("@/rooms/identity/AccountPage")), "AccountPage"),
});

const organisation = [members, keys, settings, channels, audit, kept, decisions];

const accounts = createRoute({
  getParentRoute: () => org,
  path: "/accounts",
  component: lazyRouteComponent(withTexts(["onboarding"], () => import("@/rooms/onboarding/AccountsPage")), "AccountsPage"),
});

const whatsAppAccount = createRoute({
  getParentRoute: () => org,
  path: "/accounts/$account",
  component: lazyRouteComponent(withTexts(["onboarding"], () => import("@/rooms/onboarding/AccountPage")), "AccountPage"),
});

const number = createRoute({
  getParentRoute: () => org,
  path: "/numbers/$number",
  validateSearch: readPart,
  component: lazyRouteComponent(withTexts(["numbers", "onboarding", "printing"], () => import("@/rooms/numbers/NumberPage")), "NumberPage"),
});

const rates = createRoute({
  getParentRoute: () => org,
  path: "/rates",
  validateSearch: readWish,
  component: lazyRouteComponent(withTexts(["rates", "onboarding"], () => import("@/rooms/rates/RatesPage")), "RatesPage"),
});

const connect = createRoute({
  getParentRoute: () => org,
  path: "/connect",
  validateSearch: (search: { reconnects?: unknown }): { reconnects?: string } =>
    typeof search.reconnects === "string" ? { reconnects: search.reconnects } : {},
  component: lazyRouteComponent(withTexts(["onboarding"], () => import("@/rooms/onboarding/ConnectPage")), "ConnectPage"),
});

const connectByHand = createRoute({
  getParentRoute: () => org,
  path: "/connect/manual",
  component: lazyRouteComponent(withTexts(["onboarding"], () => import("@/rooms/onboarding/ManualPage")), "ManualPage"),
});

const connection = createRoute({
  getParentRoute: () => org,
  path: "/connections/$connection",
  component: lazyRouteComponent(withTexts(["onboarding"], () => import("@/rooms/onboarding/ConnectionPage")), "ConnectionPage"),
});

const readiness = createRoute({
  getParentRoute: () => org,
  path: "/readiness",
  component: lazyRouteComponent(withTexts(["onboarding"], () => import("@/rooms/onboarding/ReadinessPage")), "ReadinessPage"),
});

const operatorReadiness = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/readiness",
  component: lazyRouteComponent(withTexts(["onboarding"], () => import("@/rooms/onboarding/OperatorReadinessPage")), "OperatorReadinessPage"),
});

const onboarding = [accounts, whatsAppAccount, number, rates, connect, connectByHand, connection, readiness];

const organisations = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/organisations",
  component: lazyRouteComponent(withTexts(["operator", "identity", "settings"], () => import("@/rooms/operator/OrganisationsPage")), "OrganisationsPage"),
});

const allConnections = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/connections",
  component: lazyRouteComponent(withTexts(["operator", "onboarding"], () => import("@/rooms/operator/ConnectionsPage")), "ConnectionsPage"),
});

const metaApps = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/meta-apps",
  component: lazyRouteComponent(withTexts(["operator", "identity", "settings"], () => import("@/rooms/operator/MetaAppsPage")), "MetaAppsPage"),
});

const providers = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/providers",
  component: lazyRouteComponent(withTexts(["operator", "identity", "settings"], () => import("@/rooms/operator/ProvidersPage")), "ProvidersPage"),
});

const allKept = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/kept",
  component: lazyRouteComponent(withTexts(["operator", "identity", "settings"], () => import("@/rooms/operator/OperatorKeptPage")), "OperatorKeptPage"),
});

const deadJobs = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/dead-jobs",
  component: lazyRouteComponent(withTexts(["operator", "identity", "settings"], () => import("@/rooms/operator/DeadJobsPage")), "DeadJobsPage"),
});

const health = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/health",
  component: lazyRouteComponent(withTexts(["operator"], () => import("@/rooms/operator/HealthPage")), "HealthPage"),
});

const operatorKeys = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/keys",
  component: lazyRouteComponent(withTexts(["operator", "identity", "settings"], () => import("@/rooms/operator/OperatorKeysPage")), "OperatorKeysPage"),
});

const operatorAudit = createRoute({
  getParentRoute: () => signedIn,
  path: "/operator/audit",
  component: lazyRouteComponent(withTexts(["operator", "identity", "settings"], () => import("@/rooms/operator/OperatorAuditPage")), "OperatorAuditPage"),
});

const operator = [organisations, allConnections, metaApps, providers, allKept, deadJobs, health, operatorKeys, operatorAudit, operatorReadiness];

const rooms = [start, inbox.addChildren([inboxList, conversation]), ...onboarding, ...templates, ...knowledge, ...collecting, ...records, ...notifications, ...people, ...organisation];

const tree = root.addChildren([
  signIn,
  join,
  invited,
  signedIn.addChildren([home, account, org.addChildren(rooms), ...operator]),
]);

/** The router over a cache. */
export function newRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: "intent",
    defaultPendingComponent: PagePending,
    defaultErrorComponent: PageFailed,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
