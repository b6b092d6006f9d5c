/** What went wrong, in the emulator's words; and things to know. */
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NotReached, Refused } from "../api/client";
import classes from "./Notice.module.css";

/** A failure, where it happened. */
export function Failure({ error }: { error: unknown }) {
  const { t } = useTranslation("phone");
  if (!error) return null;
  return (
    <p role="alert" className={classes.failure}>
      <TriangleAlert size={17} aria-hidden />
      <span>{sentence(error, t("failed.unreachable"), t("failed.unexpected"))}</span>
    </p>
  );
}

function sentence(error: unknown, unreachable: string, unexpected: string): string {
  if (error instanceof NotReached) return unreachable;
  return error instanceof Refused && error.message ? error.message : unexpected;
}

/** Something to know, as a band across the screen. */
export function Band({ children }: { children: ReactNode }) {
  return (
    <div role="status" className={classes.band}>
      {children}
    </div>
  );
}
