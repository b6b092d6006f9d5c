/** Labels, with those in use as suggestions: what the conversation is about, and who the customer is. */
import { TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMay, useOrg } from "@/app/session";
import type { Conversation } from "../places";
import { contactLabelsQuery, labelsQuery } from "../queries";
import { useChange } from "../takeover/changes";
import { changed, difference } from "../labels";
import { useContactChange } from "./useContactChange";

export function ConversationLabels({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("inbox");
  const { data: known = [] } = useQuery(labelsQuery(useOrg()));
  const change = useChange(conversation);
  return (
    <LabelsField
      label={t("details.conversationLabels")}
      known={known}
      value={conversation.labels}
      onChange={(labels) => change.mutate({ what: "label", ...difference(conversation.labels, labels) })}
    />
  );
}

export function ContactLabels({ contact }: { contact: Schemas["ContactDetail"] }) {
  const { t } = useTranslation("inbox");
  const { data: known = [] } = useQuery(contactLabelsQuery(useOrg()));
  const change = useContactChange(contact.id);
  // What is being saved shows at once.
  const shown = change.isPending ? changed(contact.labels, change.variables.labels) : contact.labels;
  const give = (labels: string[]) => change.mutate({ labels: difference(shown, labels) });
  return <LabelsField label={t("details.contactLabels")} known={known} value={shown} onChange={give} />;
}

interface LabelsFieldProps {
  label: string;
  known: string[];
  value: string[];
  onChange: (labels: string[]) => void;
}

function LabelsField({ value, known, ...more }: LabelsFieldProps) {
  const { t } = useTranslation("inbox");
  const may = useMay()("inbox.write");
  return (
    <TagsInput
      {...more}
      placeholder={value.length === 0 ? t("details.addLabel") : undefined}
      data={known}
      value={value}
      readOnly={!may}
      size="sm"
      acceptValueOnBlur
      comboboxProps={{ withinPortal: true }}
    />
  );
}
