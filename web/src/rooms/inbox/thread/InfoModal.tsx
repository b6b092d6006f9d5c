/** What became of a message: when it was sent, delivered and read, what it cost, and every attempt. */
import { Loader, Modal, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { ProblemAlert } from "@/ui/Problem";
import { Time } from "@/ui/Time";
import { readMessage } from "../queries";
import { useTrouble } from "../words";
import type { Message } from "./stretch";

export function InfoModal({ message, onClose }: { message: Message | null; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  return (
    <Modal opened={message !== null} onClose={onClose} title={t("message.info")} closeButtonProps={{ "aria-label": t("close") }}>
      {message && <Info message={message} />}
    </Modal>
  );
}

const MOMENTS = ["at", "sent_at", "delivered_at", "read_at", "failed_at"] as const;

function Info({ message }: { message: Message }) {
  const { t } = useTranslation("inbox");
  const org = useOrg();
  const trouble = useTrouble();
  const { data, error, isPending } = useQuery({
    queryKey: ["org", org, "message-detail", message.id],
    queryFn: () => readMessage(org, message.id),
    staleTime: 0,
  });
  if (isPending) return <Loader aria-label={t("loading", { ns: "app" })} />;
  if (!data) return <ProblemAlert error={error} />;
  const { title, action } = trouble(data.problem);
  return (
    <Stack>
      {title && (
        <Text size="sm">
          {title} {action}
        </Text>
      )}
      <Table>
        <Table.Tbody>
          {MOMENTS.map((name) => {
            const at = data[name];
            if (!at) return null;
            return (
              <Table.Tr key={name}>
                <Table.Th scope="row">{t(`info.${name}`)}</Table.Th>
                <Table.Td>
                  <Time at={at} />
                </Table.Td>
              </Table.Tr>
            );
          })}
          {data.attempts.length > 0 && (
            <Table.Tr>
              <Table.Th scope="row">{t("info.attempts")}</Table.Th>
              <Table.Td>{data.attempts.length}</Table.Td>
            </Table.Tr>
          )}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
