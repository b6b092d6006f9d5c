/** The way to keep what the list shows as a view. */
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Bookmark } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FocusBack } from "@/ui/FocusBack";
import { SaveView } from "../parts";
import { AS_IT_IS, toKeep, type InboxSearch } from "../search";
import type { SavedView } from "./useSaved";

interface SaveViewButtonProps {
  search: InboxSearch;
  saved: SavedView | undefined;
  onChoose: (change: Partial<InboxSearch>) => void;
}

export function SaveViewButton({ search, saved, onChoose }: SaveViewButtonProps) {
  const { t } = useTranslation("inbox");
  const [isOpen, dialog] = useDisclosure();
  return (
    <>
      <Button size="compact-xs" variant="subtle" leftSection={<Bookmark size={13} aria-hidden />} onClick={dialog.open}>
        {t("view.save")}
      </Button>
      {isOpen && (
        <FocusBack>
          <SaveView
            place={toKeep(search, saved)}
            onClose={dialog.close}
            onSaved={({ id }) => {
              dialog.close();
              onChoose({ ...AS_IT_IS, view: undefined, saved: id });
            }}
          />
        </FocusBack>
      )}
    </>
  );
}
