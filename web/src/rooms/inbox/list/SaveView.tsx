/** Keeping what the list shows under a name, and giving a view another name. */
import { Modal, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useOrg } from "@/app/session";
import { FormActions } from "@/ui/FormActions";
import { ProblemAlert, tellDone, useProblemInForm } from "@/ui/Problem";
import type { Place } from "../places";
import { savedViewsQuery } from "../queries";
import type { SavedView } from "./useSaved";
import { useViewChanges } from "./useViewChanges";

/** What the server takes as a name. */
const LONGEST_NAME = 60;
const NEW = "new";

/** Says what a name lacks. */
function useName() {
  const { t } = useTranslation("inbox");
  return (name: string) => (name.trim() === "" ? t("form.needed") : null);
}

interface SaveViewProps {
  place: Place;
  onClose: () => void;
  /** The view is there. */
  onSaved: (view: SavedView) => void;
}

export function SaveView({ place, onClose, onSaved }: SaveViewProps) {
  const { t } = useTranslation("inbox");
  const { data: views = [] } = useQuery(savedViewsQuery(useOrg()));
  const { create, change } = useViewChanges();
  const form = useForm({ initialValues: { instead: NEW, name: "", shared: false }, validate: { name: useName() } });
  const problem = useProblemInForm(form, create.error ?? change.error);
  const { instead } = form.values;
  const done = (view: SavedView) => {
    tellDone(t("view.saved", { name: view.name }));
    onSaved(view);
  };
  return (
    <Modal opened onClose={onClose} title={t("view.save")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        noValidate
        onSubmit={form.onSubmit(({ name, shared }) => {
          const view = { name: name.trim(), filter: place };
          if (instead === NEW) create.mutate({ ...view, shared }, { onSuccess: done });
          else change.mutate({ ...view, id: instead }, { onSuccess: done });
        })}
      >
        <Stack>
          {views.length > 0 && (
            <Select
              label={t("view.saveAs")}
              data={[{ value: NEW, label: t("view.new") }, ...views.map(({ id, name }) => ({ value: id, label: t("view.instead", { name }) }))]}
              value={instead}
              allowDeselect={false}
              onChange={(value) => form.setValues({ instead: value ?? NEW, name: views.find((one) => one.id === value)?.name ?? "" })}
            />
          )}
          <TextInput label={t("view.name")} maxLength={LONGEST_NAME} data-autofocus {...form.getInputProps("name")} />
          {instead === NEW && (
            <Switch label={t("view.share")} description={t("view.shareHint")} {...form.getInputProps("shared", { type: "checkbox" })} />
          )}
          <ProblemAlert error={problem} />
          <FormActions pending={create.isPending || change.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}

export function RenameView({ view, onClose }: { view: SavedView; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const { change } = useViewChanges();
  const form = useForm({ initialValues: { name: view.name }, validate: { name: useName() } });
  const problem = useProblemInForm(form, change.error);
  return (
    <Modal opened onClose={onClose} title={t("view.rename")} closeButtonProps={{ "aria-label": t("close") }}>
      <form
        noValidate
        onSubmit={form.onSubmit(({ name }) => change.mutate({ id: view.id, name: name.trim(), filter: view.filter }, { onSuccess: onClose }))}
      >
        <Stack>
          <TextInput label={t("view.name")} maxLength={LONGEST_NAME} data-autofocus {...form.getInputProps("name")} />
          <ProblemAlert error={problem} />
          <FormActions pending={change.isPending} onCancel={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
