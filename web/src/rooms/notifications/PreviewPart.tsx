/** Who would get a notification, what, and why: counted, and person by person. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
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
        </div>
      )}
      {items.length > 0 && (
        <Rows label={t("preview.title")}>
          {items.map((one, at) => (
            <PreviewRow key={`${one.contact_id ?? ""} ${one.record_id ?? ""} ${at}`} one={one} />
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

function PreviewRow({ one }: { one: Preview["items"][number] }) {
  const { t } = useTranslation("notifications");
  const say = useSay();
  return (
    <Row
      title={one.name || t("nobody")}
      facts={<Facts>{[one.external_id, one.language]}</Facts>}
      actions={<VerdictBadge verdict={one.verdict} />}
    >
      {one.detail && <Text size="sm">{say(one.detail)}</Text>}
      {one.text && one.verdict !== "refuse" && (
        <Text size="sm" c="dimmed">
          {one.text.body}
        </Text>
      )}
    </Row>
  );
}
