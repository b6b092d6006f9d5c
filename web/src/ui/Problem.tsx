/** What went wrong, said where it happened. */
import { Alert, type AlertProps } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import i18next from "i18next";
import { CircleAlert } from "lucide-react";
import { ApiProblem, NotReached } from "@/api/problem";

/** A failure in a sentence. */
export function sentence(error: unknown): string {
  if (error instanceof ApiProblem) return error.detail;
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

/** A failure of something that has no place of its own in the page. */
export function tellProblem(error: unknown): void {
  notifications.show({ color: "red", message: sentence(error), autoClose: 8000, role: "alert" });
}

/** Something that went well and shows nowhere else. */
export function tellDone(message: string): void {
  notifications.show({ color: "sapa", message, autoClose: 3000 });
}

/**
 * Puts what the server says of single fields beside them. Whatever belongs to no field of the form is returned, to be
 * shown above it.
 */
export function showInForm<Values>(form: UseFormReturnType<Values>, error: unknown): unknown {
  if (!(error instanceof ApiProblem)) return error;
  const known = Object.entries(error.fields).filter(([field]) => form.getInputNode(field) ?? field in (form.values as object));
  for (const [field, message] of known) form.setFieldError(field, message);
  return known.length > 0 && known.length === Object.keys(error.fields).length ? null : error;
}
