/** Through which app and in which mode an organisation may connect; asked only where there is a choice. */
import type { MetaApp, Mode } from "./queries";

/** The modes that an app allows to an organisation, the likeliest first. */
export function modesOf(app: MetaApp, operatorPays: boolean): Mode[] {
  const modes: Mode[] = [];
  if (app.credit_line_id && (app.own || operatorPays)) modes.push("solution_partner");
  if (app.solution_id) modes.push("multi_partner_solution");
  modes.push(app.own ? "direct" : "tech_provider");
  return modes;
}

/** Currencies in which Meta shares credit. (Meta: whatsapp_credit_sharing_and_attach, 2026-09.) */
export const CURRENCIES = ["IDR", "USD", "EUR", "GBP", "INR", "AUD"] as const;

/** What kinds of signup are offered. */
export const VARIANTS = ["standard", "coexistence"] as const;
