/** The list of keys. */
import { Group, Kbd, Modal, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CHANGES } from "./changes";

/** A key that is pressed together with Alt, as its keyboard calls that. */
function alt(change: keyof typeof CHANGES): string[] {
  const [, letter = ""] = CHANGES[change].split("+");
  return [/mac/i.test(navigator.userAgent) ? "⌥" : "Alt", letter.toUpperCase()];
}

/** The keys and what they do, in the order of the list. */
const KEYS = [
  [["j", "↓"], "next"],
  [["k", "↑"], "previous"],
  [["Enter"], "open"],
  [["/"], "search"],
  [["c"], "begin"],
  [["r"], "write"],
  [["n"], "note"],
  [alt("close"), "close"],
  [alt("assign"), "assign"],
  [alt("handOver"), "handOver"],
  [alt("unread"), "unread"],
  [alt("snooze"), "snooze"],
  [["i"], "details"],
  [["g"], "newest"],
  [["Enter"], "send"],
  [["Shift", "Enter"], "break"],
  [["Esc"], "back"],
  [["?"], "list"],
] as const;

export function KeysModal({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  return (
    <Modal opened={isOpen} onClose={onClose} title={t("keys.title")} closeButtonProps={{ "aria-label": t("close") }}>
      <Table>
        <Table.Tbody>
          {KEYS.map(([keys, word]) => (
            <Table.Tr key={word}>
              <Table.Td>
                <Group gap={4}>
                  {keys.map((key) => (
                    <Kbd key={key}>{key}</Kbd>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>{t(`keys.${word}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
