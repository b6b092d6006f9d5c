/** The labels of a contact, with those in use as suggestions. */
import { TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import { labelsQuery } from "../queries";
import { useContactChange } from "./useContactChange";

export function Labels({ contact }: { contact: Schemas["ContactDetail"] }) {
  const { t } = useTranslation("inbox");
  const may = useMay()("inbox.write");
  const { data: known = [] } = useQuery(labelsQuery(useOrg()));
  const change = useContactChange(contact.id);
  // What is being saved shows at once.
  const shown = change.isPending ? (change.variables.labels ?? contact.labels) : contact.labels;
  return (
    <TagsInput
      label={t("details.labels")}
      placeholder={shown.length === 0 ? t("details.addLabel") : undefined}
      data={known}
      value={shown}
      onChange={(labels) => change.mutate({ labels })}
      readOnly={!may}
      size="sm"
      acceptValueOnBlur
      comboboxProps={{ withinPortal: true }}
    />
  );
}
