/** Texts are typed by the English ones: a key that does not exist does not compile. */
import "i18next";
import type phone from "../../phone/texts/en.json";
import type app from "../app/texts/en.json";
import type alerts from "../rooms/alerts/texts/en.json";
import type channels from "../rooms/channels/texts/en.json";
import type forms from "../rooms/forms/texts/en.json";
import type contacts from "../rooms/contacts/texts/en.json";
import type identity from "../rooms/identity/texts/en.json";
import type inbox from "../rooms/inbox/texts/en.json";
import type knowledge from "../rooms/knowledge/texts/en.json";
import type notifications from "../rooms/notifications/texts/en.json";
import type numbers from "../rooms/numbers/texts/en.json";
import type onboarding from "../rooms/onboarding/texts/en.json";
import type operator from "../rooms/operator/texts/en.json";
import type rates from "../rooms/rates/texts/en.json";
import type printing from "../rooms/printing/texts/en.json";
import type records from "../rooms/records/texts/en.json";
import type outreach from "../rooms/outreach/texts/en.json";
import type settings from "../rooms/settings/texts/en.json";
import type start from "../rooms/start/texts/en.json";
import type templates from "../rooms/templates/texts/en.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "app";
    resources: {
      alerts: typeof alerts;
      app: typeof app;
      channels: typeof channels;
      forms: typeof forms;
      contacts: typeof contacts;
      identity: typeof identity;
      inbox: typeof inbox;
      knowledge: typeof knowledge;
      notifications: typeof notifications;
      numbers: typeof numbers;
      onboarding: typeof onboarding;
      operator: typeof operator;
      phone: typeof phone;
      printing: typeof printing;
      rates: typeof rates;
      records: typeof records;
      outreach: typeof outreach;
      settings: typeof settings;
      start: typeof start;
      templates: typeof templates;
    };
  }
}
