/** Deleting an organisation, for whoever types its short name. */
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { Notice } from "@/ui/Notice";
import { ProblemAlert } from "@/ui/Problem";
import { organisationsQuery } from "./queries";

export function DeleteOrganisation({ one, onDone }: { one: Schemas["Organisation"]; onDone: () => void }) {
  const { t } = useTranslation("operator");
  const queries = useQueryClient();
  const [slug, setSlug] = useState("");
  const remove = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/operator/orgs/{org}/delete", { params: { path: { org: one.id } }, body: { slug } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: organisationsQuery.queryKey });
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        remove.mutate();
      }}
    >
      <Stack>
        <Notice tone="warn" title={t("delete.warning")}>
          {t("delete.effect")}
        </Notice>
        <Text size="sm">{t("delete.backups")}</Text>
        <ProblemAlert error={remove.error} />
        <TextInput label={t("delete.type", { slug: one.slug })} autoComplete="off" value={slug} onChange={(event) => setSlug(event.currentTarget.value.trim())} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("cancel", { ns: "app" })}
          </Button>
          <Button type="submit" color="red.9" disabled={slug !== one.slug} loading={remove.isPending}>
            {t("delete.confirm")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
