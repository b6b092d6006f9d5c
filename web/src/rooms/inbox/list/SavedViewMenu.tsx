/** What may be done with the saved view that is shown. */
import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { EllipsisVertical, PenLine, Save, Trash2 } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "@/ui/ConfirmButton";
import { FocusBack } from "@/ui/FocusBack";
import { tellProblem } from "@/ui/Problem";
import { RenameView } from "../parts";
import { AS_IT_IS, isNarrowed, placeOf, type InboxSearch } from "../search";
import classes from "./list.module.css";
import type { SavedView } from "./useSaved";
import { useViewChanges } from "./useViewChanges";

interface SavedViewMenuProps {
  view: SavedView;
  search: InboxSearch;
  onChoose: (change: Partial<InboxSearch>) => void;
}

export function SavedViewMenu({ view, search, onChoose }: SavedViewMenuProps) {
  const { t } = useTranslation("inbox");
  const { change, remove } = useViewChanges();
  const button = useRef<HTMLButtonElement>(null);
  const [isRenaming, rename] = useDisclosure();
  const [isRemoving, removal] = useDisclosure();
  const keep = () =>
    change.mutate({ id: view.id, name: view.name, filter: placeOf(search, view) }, { onSuccess: () => onChoose(AS_IT_IS), onError: tellProblem });
  return (
    <>
      <Menu position="bottom-start" width={240} shadow="md">
        <Menu.Target>
          <ActionIcon ref={button} variant="transparent" size={24} className={classes.viewMenu} aria-label={t("view.menu", { name: view.name })} loading={change.isPending}>
            <EllipsisVertical size={14} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t(view.shared ? "view.shared" : "view.own")}</Menu.Label>
          {isNarrowed(search, view) && (
            <Menu.Item leftSection={<Save size={15} aria-hidden />} onClick={keep}>
              {t("view.keep")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<PenLine size={15} aria-hidden />} onClick={rename.open}>
            {t("view.rename")}
          </Menu.Item>
          <Menu.Item leftSection={<Trash2 size={15} aria-hidden />} color="red" onClick={removal.open}>
            {t("view.remove")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isRenaming && (
        <FocusBack origin={button}>
          <RenameView view={view} onClose={rename.close} />
        </FocusBack>
      )}
      <Confirm
        opened={isRemoving}
        onClose={removal.close}
        title={t("view.removeTitle", { name: view.name })}
        effect={t(view.shared ? "view.removeShared" : "view.removeOwn")}
        confirm={t("view.remove")}
        danger
        onConfirm={async () => {
          await remove.mutateAsync(view.id);
          onChoose({ ...AS_IT_IS, saved: undefined, q: undefined });
        }}
      />
    </>
  );
}
