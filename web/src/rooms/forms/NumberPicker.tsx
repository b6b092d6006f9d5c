/** Choosing one of the organisation's numbers. */
import { Select, type SelectProps } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { numbersQuery } from "./queries";

export function NumberPicker(props: Omit<SelectProps, "data" | "label">) {
  const { t } = useTranslation("forms");
  const numbers = useSuspenseQuery(numbersQuery(useOrg())).data;
  const data = numbers.map((one) => ({ value: one.id, label: [one.verified_name, one.display].filter(Boolean).join(" · ") }));
  return <Select label={t("number")} data={data} placeholder={t("chooseNumber")} nothingFoundMessage={t("noNumber")} allowDeselect={false} {...props} />;
}
