/** What went wrong, said where it happened. */
import { Alert, type AlertProps } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import { CircleAlert } from "lucide-react";
import { useEffect, useEffectEvent } from "react";
import { ApiProblem, NotReached, Told } from "@/api/problem";

/** A failure in a sentence. */
export function sentence(error: unknown): string {
  if (error instanceof ApiProblem) return error.detail;
  if (error instanceof Told) return error.message;
  if (error instanceof NotReached) return i18next.t("failed.unreachable");
  return i18next.t("failed.unexpected");
}

/** A failure in the page, announced to screen readers. Nothing where there is none. */
export function ProblemAlert({ error, ...more }: { error: unknown } & Omit<AlertProps, "children">) {
  if (!error) return null;
  return (
    <Alert color="red" variant="light" icon={<CircleAlert aria-hidden size={18} />} role="alert" {...more}>
      {sentence(error)}
    </Alert>
  );
}

/** The name of the button that takes what is told away. */
export const closing = () => ({ "aria-label": i18next.t("close") });

/** A failure of something that has no place of its own in the page; shown before whatever else is told. */
export function tellProblem(error: unknown): void {
  notifications.show({ color: "red", message: sentence(error), autoClose: 8000, role: "alert", priority: 2, closeButtonProps: closing() });
}

/** Something that went well and shows nowhere else. */
export function tellDone(message: string): void {
  notifications.show({ color: "sapa", message, autoClose: 3000, closeButtonProps: closing() });
}

/** What is needed of a form to show something beside its fields. */
type Fields = Pick<UseFormReturnType<object>, "getInputNode" | "setFieldError"> & { values: object };

/** What the server says of fields that the form has. */
function ofFields(form: Fields, error: unknown): [field: string, message: string][] {
  if (!(error instanceof ApiProblem)) return [];
  return Object.entries(error.fields).filter(([field]) => form.getInputNode(field) ?? field in form.values);
}

/**
 * Puts what the server says of single fields beside them. Whatever belongs to no field of the form is returned, to be
 * shown above it.
 */
export function useProblemInForm(form: Fields, error: unknown): unknown {
  const show = useEffectEvent(() => {
    for (const [field, message] of ofFields(form, error)) form.setFieldError(field, message);
  });
  useEffect(() => show(), [error]);
  const all = error instanceof ApiProblem ? Object.keys(error.fields).length : 0;
  return all > 0 && ofFields(form, error).length === all ? null : error;
}
