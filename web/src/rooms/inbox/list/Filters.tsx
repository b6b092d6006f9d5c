/** What narrows a view: number, labels, assignee; and keeping it as a view of its own. */
import { Button, Group, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { membersQuery } from "@/app/members";
import { useMay, useOrg } from "@/app/session";
import { contactLabelsQuery, labelsQuery, numbersQuery } from "../queries";
import { AS_IT_IS, isNarrowed, leaves, narrow, narrowed, placeOf, type InboxSearch, type Narrow } from "../search";
import classes from "./list.module.css";
import { SaveViewButton } from "./SaveViewButton";
import type { SavedView } from "./useSaved";

interface FiltersProps {
  search: InboxSearch;
  saved: SavedView | undefined;
  onChange: (change: Partial<InboxSearch>) => void;
}

export function Filters({ search, saved, onChange }: FiltersProps) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const may = useMay();
  const { data: numbers = [] } = useQuery({ ...numbersQuery(org), enabled: may("connections.read") });
  const { data: members = [] } = useQuery({ ...membersQuery(org), enabled: may("members.read") });
  const { data: labels = [] } = useQuery(labelsQuery(org));
  const { data: contactLabels = [] } = useQuery(contactLabelsQuery(org));
  const place = placeOf(search, saved);
  const people = [
    { value: "nobody", label: t("filter.nobody") },
    { value: "me", label: t("assign.me") },
    ...members.map(({ id, name }) => ({ value: id, label: name })),
  ];
  const field = (name: Narrow) => ({
    size: "xs" as const,
    label: t(`filter.${name}`),
    placeholder: t("filter.any"),
    value: narrowed(place, name),
    onChange: (value: string | null) => onChange(narrow(search, saved, name, value)),
    clearable: true,
    clearButtonProps: { "aria-label": t("filter.lift", { name: t(`filter.${name}`) }) },
  });
  const labelField = (name: "label" | "customer", known: readonly string[]) => {
    const chosen = narrowed(place, name);
    // A label that nothing has any more is shown all the same.
    const data = chosen && !known.includes(chosen) ? [...known, chosen] : [...known];
    return <Select {...field(name)} data={data} nothingFoundMessage={t("filter.noLabels")} searchable />;
  };
  return (
    <Stack gap="xs" className={classes.filters} role="group" aria-label={t("filter.title")}>
      <Select
        {...field("number")}
        data={numbers.map(({ id, display, verified_name: name }) => ({ value: id, label: name ? `${name} · ${display}` : display }))}
      />
      {labelField("label", labels)}
      {labelField("customer", contactLabels)}
      {leaves(search, saved, "assignee") && <Select {...field("assignee")} data={people} />}
      <Group gap="xs">
        {isNarrowed(search, saved) && (
          <Button size="compact-xs" variant="subtle" onClick={() => onChange(AS_IT_IS)}>
            {t(saved ? "filter.undo" : "filter.clear")}
          </Button>
        )}
        {may("inbox.write") && <SaveViewButton search={search} saved={saved} onChoose={onChange} />}
      </Group>
    </Stack>
  );
}
