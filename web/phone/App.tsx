/** The page: the phone, and beside it, where there is room, the tools. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "./api/live";
import { personQuery } from "./api/queries";
import classes from "./App.module.css";
import { Chat } from "./chat/Chat";
import { BusinessPage } from "./chats/BusinessPage";
import { Chats } from "./chats/Chats";
import { NewChat } from "./chats/NewChat";
import { Tools } from "./panel/Tools";
import { arrivalQuery } from "./people/arrival";
import { Holder, useHolder } from "./people/Holder";
import { MyPhone } from "./people/MyPhone";
import { People } from "./people/People";
import { go, usePlace } from "./place";
import { Band, Failure } from "./ui/Notice";
import { SheetStage } from "./ui/Sheet";
import { remember, wishes } from "./wishes";

export function App() {
  const { t } = useTranslation("phone");
  const heard = useLive();
  const [tools, setTools] = useState(false);
  return (
    <div className={classes.stage}>
      <main className={classes.frame}>
        <SheetStage className={classes.screen}>
          {!heard && <Band>{t("unheard")}</Band>}
          <Screen onTools={() => setTools(true)} />
        </SheetStage>
      </main>
      <Tools open={tools} onClose={() => setTools(false)} />
    </div>
  );
}

/** Whose phone it is, and then what is on its screen. */
function Screen({ onTools }: { onTools: () => void }) {
  const place = usePlace();
  const { from, view } = place;
  const arrival = useQuery({ ...arrivalQuery(from ?? ""), enabled: Boolean(from) });
  const id = arrival.data;
  const person = useQuery({ ...personQuery(id ?? ""), enabled: Boolean(id) }).data;

  useEffect(() => {
    const last = wishes().person;
    if (!from && !view && last) go({ ...place, from: last }, "replace");
  });
  useEffect(() => {
    if (id) remember({ person: id });
  }, [id]);

  if (!from || view === "people" || arrival.isError) {
    return (
      <>
        <Failure error={arrival.error} />
        <People onTools={onTools} />
      </>
    );
  }
  if (!person) return null;
  return (
    <Holder person={person}>
      <Title />
      <OnScreen onTools={onTools} />
    </Holder>
  );
}

function OnScreen({ onTools }: { onTools: () => void }) {
  const { to, view } = usePlace();
  if (view === "new") return <NewChat />;
  if (view === "me") return <MyPhone />;
  if (to && view === "business") return <BusinessPage to={to} />;
  if (to) return <Chat key={to} to={to} onTools={onTools} />;
  return <Chats onTools={onTools} />;
}

function Title() {
  const { t } = useTranslation("phone");
  const { name } = useHolder();
  const title = t("title", { name });
  useEffect(() => {
    document.title = title;
  }, [title]);
  return <h1 className="visually-hidden">{title}</h1>;
}
