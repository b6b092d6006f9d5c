/** What is to be chosen before Meta's window opens; only what there is a choice of is asked. */
import { Group, Radio, Select, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useOrg } from "@/app/session";
import { CURRENCIES, modesOf, VARIANTS } from "../modes";
import { metaAppsQuery, organisationQuery } from "../queries";
import classes from "./Cards.module.css";

type Wish = Schemas["StartRequest"];

interface ConnectChoicesProps<Chosen extends Wish> {
  wish: Chosen;
  onWish: (wish: Chosen) => void;
  /** An account is connected again: app and mode stay as they were. */
  fixed?: boolean;
}

export function ConnectChoices<Chosen extends Wish>({ wish, onWish, fixed = false }: ConnectChoicesProps<Chosen>) {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const { data: apps } = useSuspenseQuery(metaAppsQuery(org));
  const { data: organisation } = useSuspenseQuery(organisationQuery(org));
  const app = apps.items.find((one) => one.id === wish.app_id);
  const modes = app ? modesOf(app, organisation.operator_pays) : [];
  const change = (part: Partial<Wish>) => onWish({ ...wish, ...part });

  const chooseApp = (id: string | null) => {
    const chosen = apps.items.find((one) => one.id === id);
    if (chosen) change({ app_id: chosen.id, mode: modesOf(chosen, organisation.operator_pays)[0] });
  };

  return (
    <Stack gap="md">
      {!fixed && apps.items.length > 1 && (
        <Select
          label={t("choices.app")}
          description={t("choices.appHint")}
          data={apps.items.map((one) => ({
            value: one.id,
            label: one.own ? t("choices.ownApp", { name: one.name }) : one.name,
          }))}
          value={wish.app_id ?? null}
          onChange={chooseApp}
          allowDeselect={false}
          maw={420}
        />
      )}
      {!fixed && modes.length > 1 && (
        <Radio.Group label={t("choices.mode")} value={wish.mode} onChange={(mode) => change({ mode: mode })}>
          <Group mt="xs" align="stretch">
            {modes.map((mode) => (
              <Choice key={mode} value={mode} title={t(`mode.${mode}.name`)} detail={t(`mode.${mode}.detail`)} />
            ))}
          </Group>
        </Radio.Group>
      )}
      {wish.mode === "solution_partner" && !fixed && (
        <Select
          label={t("choices.currency")}
          description={t("choices.currencyHint")}
          data={[...CURRENCIES]}
          value={wish.currency ?? null}
          onChange={(currency) => change({ currency })}
          placeholder={t("choices.currencyNone")}
          maw={420}
        />
      )}
      <Radio.Group
        label={t("choices.variant")}
        value={wish.variant ?? "standard"}
        onChange={(variant) => change({ variant: variant })}
      >
        <Group mt="xs" align="stretch">
          {VARIANTS.map((variant) => (
            <Choice key={variant} value={variant} title={t(`variant.${variant}.name`)} detail={t(`variant.${variant}.detail`)} />
          ))}
        </Group>
      </Radio.Group>
    </Stack>
  );
}

function Choice({ value, title, detail }: { value: string; title: string; detail: string }) {
  return (
    <Radio.Card value={value} className={classes.choice} p="md" flex="1 1 240px">
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Radio.Indicator />
        <div>
          <Text size="sm" fw={600}>
            {title}
          </Text>
          <Text size="sm" c="dimmed">
            {detail}
          </Text>
        </div>
      </Group>
    </Radio.Card>
  );
}
