/** Who did what and when, sentence by sentence. */
import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ParseKeys } from "i18next";
import type { Schemas } from "@/api/client";
import { JsonDetails } from "@/ui/Details";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { actorOf, hasMore, outcome, told } from "./audit";

interface AuditRowsProps {
  entries: readonly Schemas["Audit"][];
  /** Names of the people, keys and organisations that entries speak of, by their ids. */
  names: ReadonlyMap<string, string>;
  /** The organisation in addresses, where entries speak of its things. */
  slug?: string;
}

export function AuditRows({ entries, names, slug }: AuditRowsProps) {
  const { t } = useTranslation("settings");
  return (
    <Rows label={t("audit.title")}>
      {entries.map((entry) => (
        <AuditRow key={entry.id} entry={entry} names={names} slug={slug} />
      ))}
    </Rows>
  );
}

function AuditRow({ entry, names, slug }: { entry: Schemas["Audit"] } & Omit<AuditRowsProps, "entries">) {
  const { t, i18n } = useTranslation("settings");
  const { kind, name = entry.actor_name } = actorOf(entry.actor, names);
  const target = names.get(entry.target);
  const words = told(entry, names, t("audit.somebody"));
  const role = words.role && t(`role.${words.role as Schemas["Role"]}`, { ns: "app" });
  const key = `did.${entry.action}`;
  const did = i18n.exists(key, { ns: "settings" })
    ? t(key as ParseKeys<"settings">, { ...words, role: role ?? "", context: outcome(entry) })
    : t("audit.other", { action: entry.action });
  return (
    <Row
      title={
        <>
          {name ?? t(`audit.actor.${kind}`)} <span style={{ fontWeight: 400 }}>{did}</span>
        </>
      }
      facts={
        <Facts>
          {[
            <Time key="when" at={entry.at} />,
            target && !did.includes(target) && target,
            slug && entry.action.startsWith("conversation.") && (
              <Anchor key="open" component={Link} to={`/o/${slug}/inbox/${entry.target}`} size="sm">
                {t("audit.conversation")}
              </Anchor>
            ),
            name && kind !== "member" && kind !== "person" && t(`audit.actor.${kind}`),
            entry.address,
          ]}
        </Facts>
      }
    >
      {hasMore(entry) && <JsonDetails summary={t("audit.details")} value={entry.details} />}
    </Row>
  );
}
