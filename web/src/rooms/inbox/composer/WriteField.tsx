/** The field that messages and notes are written in, with what it offers while somebody types. */
import { Button, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useState, type ClipboardEvent, type KeyboardEvent, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { membersQuery } from "@/app/members";
import { useMay, useOrg } from "@/app/session";
import { Suggestions } from "../parts";
import { cannedQuery } from "../queries";
import classes from "./Composer.module.css";
import { accepted, asked, cannedText } from "./suggest";
import type { Suggestion } from "./Suggestions";

interface WriteFieldProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  isNote: boolean;
  /** What the customer is called. */
  name: string;
  error?: string;
  onChange: (text: string) => void;
  onSend: () => void;
  onEscape: () => void;
  onPaste: (event: ClipboardEvent) => void;
  onManage: () => void;
}

export function WriteField(props: WriteFieldProps) {
  const { field, text, isNote, name, error, onChange, onSend, onEscape, onPaste, onManage } = props;
  const { t } = useTranslation("inbox");
  const id = useId();
  const [caret, setCaret] = useState(text.length);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const wanted = dismissed === text ? null : asked(text, caret, isNote);
  const suggestions = useSuggestions(wanted?.sign ?? null, wanted?.word ?? "", name);
  const isOpen = wanted !== null && (suggestions.length > 0 || wanted.sign === "/");
  const at = Math.min(active, suggestions.length - 1);

  const choose = (one: Suggestion) => {
    if (!wanted) return;
    const now = accepted(text, caret, wanted, one.text);
    onChange(now.text);
    setCaret(now.caret);
    setTimeout(() => {
      field.current?.focus();
      field.current?.setSelectionRange(now.caret, now.caret);
    });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Whoever composes a sign with several keys ends it with Enter too.
    if (event.nativeEvent.isComposing) return;
    const chosen = suggestions[at];
    if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp") && suggestions.length > 0) {
      event.preventDefault();
      setActive((at + (event.key === "ArrowDown" ? 1 : suggestions.length - 1)) % suggestions.length);
    } else if (isOpen && chosen && (event.key === "Enter" || event.key === "Tab")) {
      event.preventDefault();
      choose(chosen);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      onSend();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (isOpen) setDismissed(text);
      else onEscape();
    }
  };

  return (
    <>
      {isOpen && (
        <Suggestions
          id={id}
          label={t(wanted.sign === "/" ? "canned.title" : "note.mention")}
          suggestions={suggestions}
          active={at}
          onChoose={choose}
          footer={
            wanted.sign === "/" && (
              <Button size="compact-sm" variant="subtle" fullWidth onMouseDown={(event) => event.preventDefault()} onClick={onManage}>
                {t("canned.manage")}
              </Button>
            )
          }
        />
      )}
      <Textarea
        ref={field}
        className={classes.field}
        aria-label={isNote ? t("note.label") : t("composer.label", { name })}
        placeholder={t(isNote ? "note.placeholder" : "composer.placeholder")}
        aria-autocomplete="list"
        aria-controls={isOpen ? id : undefined}
        aria-activedescendant={isOpen && suggestions.length > 0 ? `${id}-${at}` : undefined}
        autosize
        minRows={1}
        maxRows={8}
        value={text}
        error={error}
        onChange={(event) => {
          setCaret(event.currentTarget.selectionStart);
          setActive(0);
          onChange(event.currentTarget.value);
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
    </>
  );
}

/** At most so many are offered at once. */
const MOST = 6;

/** What fits what was typed. */
function useSuggestions(sign: "/" | "@" | null, word: string, name: string): Suggestion[] {
  const org = useOrg();
  const may = useMay();
  const { data: canned = [] } = useQuery({ ...cannedQuery(org), enabled: sign === "/" });
  const { data: members = [] } = useQuery({ ...membersQuery(org), enabled: sign === "@" && may("members.read") });
  const typed = word.toLowerCase();
  if (sign === "/") {
    const fits = canned.filter((one) => one.shortcut.toLowerCase().includes(typed) || one.text.toLowerCase().includes(typed));
    const first = (one: { shortcut: string }) => Number(!one.shortcut.toLowerCase().startsWith(typed));
    return fits
      .sort((a, b) => first(a) - first(b))
      .slice(0, MOST)
      .map(({ id, shortcut, text }) => ({ id, label: `/${shortcut}`, about: text, text: cannedText(text, name) }));
  }
  if (sign === "@") {
    const fits = members.filter((one) => one.name.toLowerCase().includes(typed));
    return fits.slice(0, MOST).map(({ id, name: called }) => ({ id, label: called, text: `@${called} ` }));
  }
  return [];
}
