/** The six digits of a number's two-step verification, where somebody knows them. */
import { Button, Group, Input, PinInput, Select, Stack } from "@mantine/core";
import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { useOrg } from "@/app/session";
import { ProblemAlert } from "@/ui/Problem";
import { accountQuery, type PhoneNumber } from "../queries";

/** For the numbers of an account that are not registered yet. */
export function PinOfConnection({ account, onGiven }: { account: string; onGiven: () => void }) {
  const { data } = useSuspenseQuery(accountQuery(useOrg(), account));
  const waiting = data.numbers.filter((number) => !number.registered_at);
  return <PinForm numbers={waiting.length > 0 ? waiting : data.numbers} onGiven={onGiven} />;
}

export function PinForm({ numbers, onGiven }: { numbers: readonly PhoneNumber[]; onGiven: () => void }) {
  const { t } = useTranslation("onboarding");
  const org = useOrg();
  const queries = useQueryClient();
  const label = useId();
  const [chosen, setChosen] = useState(numbers[0]?.id ?? null);
  const [pin, setPin] = useState("");
  const give = useMutation({
    mutationFn: (number: string) =>
      answer(api.PUT("/api/v1/orgs/{org}/numbers/{number}/pin", { params: { path: { org, number } }, body: { pin } })),
    onSuccess: async () => {
      setPin("");
      await queries.invalidateQueries({ queryKey: ["org", org, "accounts"] });
      onGiven();
    },
  });
  if (!chosen) return null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate(chosen);
      }}
    >
      <Stack gap="sm">
        {numbers.length > 1 && (
          <Select
            label={t("pin.number")}
            data={numbers.map((one) => ({ value: one.id, label: one.display }))}
            value={chosen}
            onChange={setChosen}
            allowDeselect={false}
          />
        )}
        <Input.Wrapper label={t("pin.label")} labelElement="div" labelProps={{ id: label }} description={t("pin.hint")}>
          <PinInput
            length={6}
            type="number"
            mt="xs"
            value={pin}
            onChange={setPin}
            aria-label={t("pin.label")}
            getInputProps={(index) => ({ "aria-label": t("pin.digit", { place: index + 1 }) })}
            rootRef={undefined}
          />
        </Input.Wrapper>
        <ProblemAlert error={give.error} />
        <Group>
          <Button type="submit" disabled={pin.length < 6} loading={give.isPending}>
            {t("pin.give")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
