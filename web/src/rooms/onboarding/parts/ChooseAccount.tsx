/** Which of several messaging accounts is meant. */
import { Button, Group, Radio, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "@/ui/Problem";
import { choose, useConnectionDeed, type Connection } from "../queries";

export function ChooseAccount({ connection }: { connection: Connection }) {
  const { t } = useTranslation("onboarding");
  const [waba, setWaba] = useState("");
  const choice = useConnectionDeed(connection.id, choose);
  const { candidates } = connection;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        choice.mutate({ waba_id: waba.trim() });
      }}
    >
      <Stack gap="sm">
        {candidates.length > 0 ? (
          <Radio.Group label={t("choose.label")} value={waba} onChange={setWaba}>
            <Stack gap="xs" mt="xs">
              {candidates.map((one) => (
                <Radio
                  key={one.waba_id}
                  value={one.waba_id}
                  label={one.name ?? one.waba_id}
                  description={one.name ? one.waba_id : undefined}
                />
              ))}
            </Stack>
          </Radio.Group>
        ) : (
          <TextInput
            label={t("choose.id")}
            inputMode="numeric"
            value={waba}
            onChange={(event) => setWaba(event.currentTarget.value)}
          />
        )}
        <ProblemAlert error={choice.error} />
        <Group>
          <Button type="submit" disabled={!waba.trim()} loading={choice.isPending}>
            {t("choose.confirm")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
