/** The forms of what is sent through the menu. Lengths are WhatsApp's own. */
import { Button, CloseButton, Fieldset, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { Plus } from "lucide-react";
import type { ComponentType, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cardContent } from "../thread/forwarding";
import type { Content } from "./outbox";

/** What the menu offers a form for. */
export type MoreKind = "location" | "contacts" | "buttons" | "list" | "call_to_action" | "request_location";

interface FormProps {
  onSend: (content: Content) => void;
}

/** The forms by what they make. */
const MORE_FORMS: Readonly<Record<MoreKind, ComponentType<FormProps>>> = {
  location: LocationForm,
  contacts: CardForm,
  buttons: ButtonsForm,
  list: ListForm,
  call_to_action: LinkForm,
  request_location: AskLocationForm,
};

/** The form of what was chosen. */
export function MoreModal({ kind, onSend, onClose }: FormProps & { kind: MoreKind | null; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const Form = kind && MORE_FORMS[kind];
  return (
    <Modal opened={kind !== null} onClose={onClose} title={kind && t(`content.${kind}`)} closeButtonProps={{ "aria-label": t("close") }}>
      {Form && <Form onSend={onSend} />}
    </Modal>
  );
}

const orNull = (text: string) => text.trim() || null;

/** Says what a field lacks. */
function useNeeded() {
  const { t } = useTranslation("inbox");
  return (value: string) => (value.trim() === "" ? t("form.needed") : null);
}

function Frame({ onSubmit, children }: { onSubmit: React.SubmitEventHandler<HTMLFormElement>; children: ReactNode }) {
  const { t } = useTranslation("inbox");
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        {children}
        <Group justify="flex-end">
          <Button type="submit">{t("composer.send")}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function LocationForm({ onSend }: FormProps) {
  const { t } = useTranslation("inbox");
  const form = useForm({
    initialValues: { place: "", name: "", address: "" },
    validate: {
      place: (value) => {
        const [latitude = NaN, longitude = NaN] = value.split(",").map(Number);
        return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? null : t("form.place");
      },
    },
  });
  const here = () =>
    navigator.geolocation.getCurrentPosition(({ coords }) =>
      form.setFieldValue("place", `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`),
    );
  return (
    <Frame
      onSubmit={form.onSubmit(({ place, name, address }) => {
        const [latitude = 0, longitude = 0] = place.split(",").map(Number);
        onSend({ type: "location", latitude, longitude, name: orNull(name), address: orNull(address) });
      })}
    >
      <TextInput label={t("form.coordinates")} placeholder="-6.2000, 106.8166" description={t("form.coordinatesHint")} data-autofocus {...form.getInputProps("place")} />
      <Group>
        <Button variant="default" size="compact-sm" onClick={here}>
          {t("form.here")}
        </Button>
      </Group>
      <TextInput label={t("form.placeName")} {...form.getInputProps("name")} />
      <TextInput label={t("form.address")} {...form.getInputProps("address")} />
    </Frame>
  );
}

function CardForm({ onSend }: FormProps) {
  const { t } = useTranslation("inbox");
  const needed = useNeeded();
  const form = useForm({ initialValues: { name: "", phone: "", email: "", organisation: "" }, validate: { name: needed, phone: needed } });
  return (
    <Frame
      onSubmit={form.onSubmit(({ name, phone, email, organisation }) => {
        const card = cardContent({ name: name.trim(), organisation: orNull(organisation), phones: [phone.trim()], emails: email.trim() ? [email.trim()] : [] });
        onSend({ type: "contacts", contacts: [card] });
      })}
    >
      <TextInput label={t("form.name")} data-autofocus {...form.getInputProps("name")} />
      <TextInput label={t("form.phone")} type="tel" {...form.getInputProps("phone")} />
      <TextInput label={t("form.email")} type="email" {...form.getInputProps("email")} />
      <TextInput label={t("form.company")} {...form.getInputProps("organisation")} />
    </Frame>
  );
}

function ButtonsForm({ onSend }: FormProps) {
  const { t } = useTranslation("inbox");
  const needed = useNeeded();
  const form = useForm({
    initialValues: { body: "", header: "", footer: "", titles: [""] },
    validate: { body: needed },
  });
  const { titles } = form.values;
  return (
    <Frame
      onSubmit={form.onSubmit(({ body, header, footer }) => {
        const buttons = titles.filter((title) => title.trim()).map((title, at) => ({ id: `button-${at + 1}`, title: title.trim() }));
        if (buttons.length === 0) form.setFieldError("titles.0", t("form.needed"));
        else onSend({ type: "buttons", body: body.trim(), header: orNull(header), footer: orNull(footer), buttons });
      })}
    >
      <TextInput label={t("form.header")} maxLength={60} {...form.getInputProps("header")} />
      <Textarea label={t("form.body")} autosize minRows={2} maxLength={1024} data-autofocus {...form.getInputProps("body")} />
      <TextInput label={t("form.footer")} maxLength={60} {...form.getInputProps("footer")} />
      <Fieldset legend={t("form.buttons")}>
        <Stack gap="xs">
          {titles.map((_, at) => (
            <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
              <TextInput flex={1} aria-label={t("form.button", { number: at + 1 })} placeholder={t("form.button", { number: at + 1 })} maxLength={20} {...form.getInputProps(`titles.${at}`)} />
              {titles.length > 1 && <CloseButton aria-label={t("form.removeButton", { number: at + 1 })} onClick={() => form.removeListItem("titles", at)} />}
            </Group>
          ))}
          {titles.length < 3 && (
            <Button variant="default" size="compact-sm" leftSection={<Plus size={14} aria-hidden />} onClick={() => form.insertListItem("titles", "")}>
              {t("form.addButton")}
            </Button>
          )}
        </Stack>
      </Fieldset>
    </Frame>
  );
}

function ListForm({ onSend }: FormProps) {
  const { t } = useTranslation("inbox");
  const needed = useNeeded();
  const form = useForm({ initialValues: { body: "", button: "", rows: [{ title: "", description: "" }] }, validate: { body: needed, button: needed } });
  const { rows } = form.values;
  return (
    <Frame
      onSubmit={form.onSubmit(({ body, button }) => {
        const filled = rows.filter((row) => row.title.trim());
        if (filled.length === 0) {
          form.setFieldError("rows.0.title", t("form.needed"));
          return;
        }
        const made = filled.map((row, at) => ({ id: `row-${at + 1}`, title: row.title.trim(), description: orNull(row.description) }));
        onSend({ type: "list", body: body.trim(), button: button.trim(), sections: [{ rows: made }] });
      })}
    >
      <Textarea label={t("form.body")} autosize minRows={2} maxLength={4096} data-autofocus {...form.getInputProps("body")} />
      <TextInput label={t("form.listButton")} maxLength={20} {...form.getInputProps("button")} />
      <Fieldset legend={t("form.rows")}>
        <Stack gap="xs">
          {rows.map((_, at) => (
            <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
              <TextInput flex={1} aria-label={t("form.row", { number: at + 1 })} placeholder={t("form.row", { number: at + 1 })} maxLength={24} {...form.getInputProps(`rows.${at}.title`)} />
              <TextInput flex={1} aria-label={t("form.rowAbout", { number: at + 1 })} placeholder={t("form.rowAbout", { number: at + 1 })} maxLength={72} {...form.getInputProps(`rows.${at}.description`)} />
              {rows.length > 1 && <CloseButton aria-label={t("form.removeRow", { number: at + 1 })} onClick={() => form.removeListItem("rows", at)} />}
            </Group>
          ))}
          {rows.length < 10 && (
            <Button variant="default" size="compact-sm" leftSection={<Plus size={14} aria-hidden />} onClick={() => form.insertListItem("rows", { title: "", description: "" })}>
              {t("form.addRow")}
            </Button>
          )}
        </Stack>
      </Fieldset>
    </Frame>
  );
}

function LinkForm({ onSend }: FormProps) {
  const { t } = useTranslation("inbox");
  const needed = useNeeded();
  const form = useForm({
    initialValues: { body: "", label: "", url: "" },
    validate: { body: needed, label: needed, url: (value) => (/^https?:\/\/\S+\.\S+$/.test(value.trim()) ? null : t("form.url")) },
  });
  return (
    <Frame onSubmit={form.onSubmit(({ body, label, url }) => onSend({ type: "call_to_action", body: body.trim(), label: label.trim(), url: url.trim() }))}>
      <Textarea label={t("form.body")} autosize minRows={2} maxLength={1024} data-autofocus {...form.getInputProps("body")} />
      <TextInput label={t("form.linkLabel")} maxLength={20} {...form.getInputProps("label")} />
      <TextInput label={t("form.linkUrl")} type="url" placeholder="https://" {...form.getInputProps("url")} />
    </Frame>
  );
}

function AskLocationForm({ onSend }: FormProps) {
  const { t } = useTranslation("inbox");
  const form = useForm({ initialValues: { body: "" }, validate: { body: useNeeded() } });
  return (
    <Frame onSubmit={form.onSubmit(({ body }) => onSend({ type: "request_location", body: body.trim() }))}>
      <Text size="sm" c="dimmed">
        {t("form.askLocation")}
      </Text>
      <Textarea label={t("form.body")} autosize minRows={2} maxLength={1024} data-autofocus {...form.getInputProps("body")} />
    </Frame>
  );
}
