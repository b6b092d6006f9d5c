/** A table of questions and answers. Pieces of a spreadsheet may be pasted into it. */
import { Button, CloseButton, Group, Text, Textarea } from "@mantine/core";
import { ClipboardPaste, Plus } from "lucide-react";
import { memo, useState, type ClipboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { drafts, type PairDraft } from "./drafts";
import { isTable, pairsOf } from "./pairs";
import { PasteTable } from "./PasteTable";
import type { Pair } from "./queries";
import classes from "./PairsEditor.module.css";

interface PairsEditorProps {
  value: PairDraft[];
  onChange: (change: (before: PairDraft[]) => PairDraft[]) => void;
  /** What is wrong, by `pairs[3].answer`. */
  errors?: Readonly<Record<string, string>>;
  readOnly?: boolean;
}

export function PairsEditor({ value, onChange, errors = {}, readOnly }: PairsEditorProps) {
  const { t } = useTranslation("knowledge");
  const [fresh, setFresh] = useState<number>();
  const insert = (pairs: readonly Pair[], at: number) =>
    onChange((before) => {
      const kept = before.filter((pair, place) => pair.question || pair.answer || place > at);
      const place = before.slice(0, at).filter((pair) => pair.question || pair.answer).length;
      return [...kept.slice(0, place), ...drafts(pairs), ...kept.slice(place)];
    });
  const add = () => {
    const [row] = drafts([]);
    if (!row) return;
    setFresh(row.key);
    onChange((before) => [...before, row]);
  };
  return (
    <div>
      <Text size="sm" c="dimmed" mb="xs">
        {t("pairs.hint")}
      </Text>
      <ol className={classes.pairs}>
        {value.map((pair, place) => (
          <PairRow
            key={pair.key}
            {...{ pair, place, onChange, insert, readOnly }}
            autoFocus={pair.key === fresh}
            questionError={errors[`pairs[${place}].question`]}
            answerError={errors[`pairs[${place}].answer`]}
          />
        ))}
      </ol>
      {!readOnly && (
        <Group mt="sm">
          <Button variant="default" size="xs" leftSection={<Plus size={14} aria-hidden />} onClick={add}>
            {t("pairs.add")}
          </Button>
          <PasteTable onPairs={(pairs) => insert(pairs, value.length)}>
            {(open) => (
              <Button variant="default" size="xs" leftSection={<ClipboardPaste size={14} aria-hidden />} onClick={open}>
                {t("pairs.paste")}
              </Button>
            )}
          </PasteTable>
        </Group>
      )}
    </div>
  );
}

interface PairRowProps {
  pair: PairDraft;
  place: number;
  onChange: PairsEditorProps["onChange"];
  insert: (pairs: readonly Pair[], at: number) => void;
  autoFocus: boolean;
  questionError?: string;
  answerError?: string;
  readOnly?: boolean;
}

/** Two thousand of them may stand here: one keystroke draws one. */
const PairRow = memo(
  function PairRow({ pair, place, onChange, insert, autoFocus, questionError, answerError, readOnly }: PairRowProps) {
    const { t } = useTranslation("knowledge");
    const number = place + 1;
    const write = (change: Partial<Pair>) =>
      onChange((before) => before.map((one) => (one.key === pair.key ? { ...one, ...change } : one)));
    const paste = (event: ClipboardEvent) => {
      const text = event.clipboardData.getData("text/plain");
      if (readOnly || !isTable(text)) return;
      event.preventDefault();
      insert(pairsOf(text), place);
    };
    return (
      <li className={classes.pair} onPaste={paste}>
        <Textarea
          aria-label={t("pairs.question", { number })}
          placeholder={t("pairs.questionPlaceholder")}
          classNames={{ input: classes.grows }}
          rows={1}
          maxLength={500}
          value={pair.question}
          error={questionError}
          readOnly={readOnly}
          autoFocus={autoFocus}
          onChange={(event) => write({ question: event.currentTarget.value })}
        />
        <Textarea
          aria-label={t("pairs.answer", { number })}
          placeholder={t("pairs.answerPlaceholder")}
          classNames={{ input: classes.grows }}
          rows={1}
          maxLength={3500}
          value={pair.answer}
          error={answerError}
          readOnly={readOnly}
          onChange={(event) => write({ answer: event.currentTarget.value })}
        />
        {!readOnly && (
          <CloseButton
            aria-label={t("pairs.remove", { number })}
            onClick={() => onChange((before) => drafts(before.filter((one) => one.key !== pair.key)))}
          />
        )}
      </li>
    );
  },
  (before, after) =>
    before.pair === after.pair &&
    before.place === after.place &&
    before.autoFocus === after.autoFocus &&
    before.questionError === after.questionError &&
    before.answerError === after.answerError &&
    before.readOnly === after.readOnly,
);
