/** The rows of a list message, of which one is chosen and sent. */
import { useState, type SubmitEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Wire } from "../api/types";
import { list, text } from "../chat/wire";
import { Button } from "../ui/Button";
import { Sheet } from "../ui/Sheet";
import classes from "./Content.module.css";

interface ListSheetProps {
  title: string;
  sections: readonly Wire[];
  onClose: () => void;
  onChosen: (id: string) => void;
}

export function ListSheet({ title, sections, onClose, onChosen }: ListSheetProps) {
  const { t } = useTranslation("phone");
  const [chosen, setChosen] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onClose();
    onChosen(chosen);
  };
  return (
    <Sheet title={title} onClose={onClose}>
      <form onSubmit={submit}>
        {sections.map((section, index) => (
          <fieldset key={index} className={classes.section}>
            <legend className={text(section, "title") ? undefined : "visually-hidden"}>{text(section, "title") || title}</legend>
            {list(section, "rows").map((row) => {
              const id = text(row, "id");
              return (
                <label key={id} className={classes.choice}>
                  <span className={classes.words}>
                    <span>{text(row, "title")}</span>
                    <span className={classes.faint}>{text(row, "description")}</span>
                  </span>
                  <input type="radio" name="row" value={id} checked={chosen === id} onChange={() => setChosen(id)} />
                </label>
              );
            })}
          </fieldset>
        ))}
        <Button type="submit" kind="filled" disabled={!chosen} className={classes.wide}>
          {t("composer.send")}
        </Button>
      </form>
    </Sheet>
  );
}
