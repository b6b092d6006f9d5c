/** What narrows a view: number, label, assignee. */
import { Button, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay, useOrg } from "@/app/session";
import { filterCount, leavesAssignee, type Place } from "../places";
import { labelsQuery, membersQuery, numbersQuery } from "../queries";
import classes from "./list.module.css";

export function Filters({ place, onChange }: { place: Place; onChange: (change: Partial<Place>) => void }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const may = useMay();
  const { data: numbers = [] } = useQuery({ ...numbersQuery(org), enabled: may("connections.read") });
  const { data: members = [] } = useQuery({ ...membersQuery(org), enabled: may("members.read") });
  const { data: labels = [] } = useQuery(labelsQuery(org));
  const people = [{ value: "nobody", label: t("filter.nobody") }, ...members.map(({ id, name }) => ({ value: id, label: name }))];
  return (
    <Stack gap="xs" className={classes.filters} role="group" aria-label={t("filter.title")}>
      <Select
        size="xs"
        label={t("filter.number")}
        placeholder={t("filter.any")}
        data={numbers.map(({ id, display, verified_name: name }) => ({ value: id, label: name ? `${name} · ${display}` : display }))}
        value={place.number ?? null}
        onChange={(number) => onChange({ number: number ?? undefined })}
        clearable
      />
      <Select
        size="xs"
        label={t("filter.label")}
        placeholder={t("filter.any")}
        data={labels}
        value={place.label ?? null}
        onChange={(label) => onChange({ label: label ?? undefined })}
        nothingFoundMessage={t("filter.noLabels")}
        searchable
        clearable
      />
      {leavesAssignee(place.view) && (
        <Select
          size="xs"
          label={t("filter.assignee")}
          placeholder={t("filter.any")}
          data={people}
          value={place.assignee ?? null}
          onChange={(assignee) => onChange({ assignee: assignee ?? undefined })}
          clearable
        />
      )}
      {filterCount(place) > 0 && (
        <Button size="compact-xs" variant="subtle" onClick={() => onChange({ number: undefined, label: undefined, assignee: undefined })}>
          {t("filter.clear")}
        </Button>
      )}
    </Stack>
  );
}
