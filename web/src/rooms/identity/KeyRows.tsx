/** Keys: what each may do, when it was last used, and the way to end it. */
import { ThemeIcon } from "@mantine/core";
import { KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { hasAll } from "./rights";

interface KeyRowsProps {
  keys: readonly Schemas["Key"][];
  /** Ends a key; absent where the person may not. */
  revoke?: (key: string) => Promise<unknown>;
}

export function KeyRows({ keys, revoke }: KeyRowsProps) {
  const { t } = useTranslation("identity");
  return (
    <Rows label={t("keys.title")}>
      {keys.map((key) => (
        <KeyRow key={key.id} one={key} revoke={revoke} />
      ))}
    </Rows>
  );
}

function KeyRow({ one, revoke }: { one: Schemas["Key"]; revoke: KeyRowsProps["revoke"] }) {
  const { t } = useTranslation("identity");
  return (
    <Row
      mark={
        <ThemeIcon size={38} variant="light" aria-hidden>
          <KeyRound size={20} />
        </ThemeIcon>
      }
      title={one.name}
      facts={
        <>
          <Facts>
            {[
              <code key="prefix">{one.prefix}…</code>,
              one.last_used_at ? (
                <span key="used">
                  {t("keys.used")} <Time at={one.last_used_at} />
                </span>
              ) : (
                t("keys.unused")
              ),
              one.expires_at ? (
                <span key="until">
                  {t("keys.until")} <Time at={one.expires_at} format="day" />
                </span>
              ) : (
                t("keys.forever")
              ),
            ]}
          </Facts>
          {one.rights.length > 0 && (
            <div>{hasAll(one.rights) ? t("keys.all") : one.rights.map((right) => t(`right.${right}`)).join("; ")}</div>
          )}
        </>
      }
      actions={
        revoke && (
          <ConfirmButton
            danger
            title={t("keys.revokeTitle", { name: one.name })}
            effect={t("keys.revokeEffect")}
            confirm={t("keys.revoke")}
            onConfirm={() => revoke(one.id)}
          >
            {t("keys.revoke")}
          </ConfirmButton>
        )
      }
    />
  );
}
