/** Who would get a notification, what, and why: counted, and person by person. */
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { dayName } from "@/i18n/dayName";
import { useLanguageName } from "@/i18n/languageName";
import { locale } from "@/i18n/languages";
import { useSay } from "@/i18n/sentence";
import { ProblemAlert } from "@/ui/Problem";
import { Facts, Row, Rows } from "@/ui/Rows";
import { Counts, VerdictBadge } from "./Counts";
import { preview, type Definition } from "./queries";

type Preview = Schemas["NotificationPreview"];

export function PreviewPart({ definition, notification }: { definition: Definition; notification?: string }) {
  const { t } = useTranslation("notifications");
  const org = useOrg();
  const [first, setFirst] = useState<Preview | null>(null);
  const [items, setItems] = useState<Preview["items"]>([]);
  const [next, setNext] = useState<string | null>(null);
  const look = useMutation({
    mutationFn: (after?: string) => preview(org, { definition, notification_id: notification, after, limit: 20 }),
    onSuccess: (page, after) => {
      if (after === undefined) setFirst(page);
      setItems(after === undefined ? page.items : [...items, ...page.items]);
      setNext(page.next ?? null);
    },
  });
  return (
    <Stack>
      <Group>
        <Button variant="default" leftSection={<Users size={16} aria-hidden />} loading={look.isPending} onClick={() => look.mutate(undefined)}>
          {t("preview.look")}
        </Button>
      </Group>
      <ProblemAlert error={look.error} />
      {first && (
        <div role="status">
          <Text mb="xs">{t("preview.counted", { count: first.counted })}</Text>
          {first.people > first.counted && first.counted >= 2000 && <Text size="sm" c="dimmed">{t("preview.more", { count: first.people })}</Text>}
          <Counts counts={first.counts} />
          <Price price={first.price} />
          {first.room != null && first.begins > first.room && (
            <Alert mt="sm" color="yellow" variant="light">
              {t("preview.room", { count: first.room })}
            </Alert>
          )}
        </div>
      )}
      {items.length > 0 && (
        <Rows label={t("preview.title")}>
          {items.map((one, at) => (
            <PreviewRow key={`${one.contact_id ?? ""} ${one.record_id ?? ""} ${at}`} one={one} currency={first?.price.currency ?? "USD"} />
          ))}
        </Rows>
      )}
      {next !== null && (
        <Button variant="default" loading={look.isPending} onClick={() => look.mutate(next)}>
          {t("more", { ns: "app" })}
        </Button>
      )}
    </Stack>
  );
}

/** What those who were counted would cost, and by which formula. */
function Price({ price }: { price: Preview["price"] }) {
  const { t, i18n } = useTranslation("notifications");
  if (price.priced + price.free + price.unknown === 0) return null;
  const { currency, since, priced, free, unknown } = price;
  return (
    <>
      <Text mt="sm">
        {t("price.sum")}{" "}
        <Text span fw={600}>
          {sum(price.millionths, currency, i18n.language)}
        </Text>
      </Text>
      <Text size="sm" c="dimmed">
        {[t("price.formula", { currency, since: dayName(since, i18n.language) }), free > 0 && t("price.free", { count: free }), unknown > 0 && t("price.unknown", { count: unknown }), priced > 0 && t("price.bill")]
          .filter(Boolean)
          .join(" ")}
      </Text>
    </>
  );
}

/** Millionths of a currency as people write sums. */
function sum(millionths: number, currency: string, language: string): string {
  const options = { style: "currency", currency, maximumFractionDigits: 4 } as const;
  return new Intl.NumberFormat(locale(language), options).format(millionths / 1e6);
}

/** Somebody: what was decided and why, and every word that they would read. */
function PreviewRow({ one, currency }: { one: Preview["items"][number]; currency: string }) {
  const { t, i18n } = useTranslation("notifications");
  const say = useSay();
  const languageName = useLanguageName();
  const { price, text } = one;
  const cost = price === null || price === undefined ? null : price === 0 ? t("price.nothing") : sum(price, currency, i18n.language);
  return (
    <Row title={one.name || t("nobody")} facts={<Facts>{[one.external_id, one.language && languageName(one.language), cost]}</Facts>} actions={<VerdictBadge verdict={one.verdict} />}>
      {one.detail && <Text size="sm">{say(one.detail)}</Text>}
      {one.elsewhere && <Text size="sm">{say(one.elsewhere)}</Text>}
      {text && one.verdict !== "refuse" && (
        <Stack gap={0} mt={4}>
          {text.header && (
            <Text size="sm" fw={600}>
              {text.header}
            </Text>
          )}
          <Text size="sm" style={{ whiteSpace: "pre-line" }}>
            {text.body}
          </Text>
          {text.footer && (
            <Text size="xs" c="dimmed">
              {text.footer}
            </Text>
          )}
          {text.buttons.length > 0 && (
            <Text size="xs" c="dimmed">
              {text.buttons.map((button) => `[${button}]`).join(" ")}
            </Text>
          )}
        </Stack>
      )}
    </Row>
  );
}
