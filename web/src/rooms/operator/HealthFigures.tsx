/** The figures of database, disk, memory and what comes in. What the system does not tell is left out. */
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Section } from "@/ui/Section";
import { inBytes, inMilliseconds } from "./health";
import classes from "./HealthFigures.module.css";

export function HealthFigures({ health }: { health: Schemas["Health"] }) {
  const { t, i18n } = useTranslation("operator");
  const { database, disk, ingest, process } = health;
  const language = i18n.language;
  const number = new Intl.NumberFormat(language);
  const bytes = (value?: number | null) => (value == null ? undefined : inBytes(value, language));
  const ms = (value?: number | null) => (value == null ? undefined : inMilliseconds(value, language));
  const of = (some: number, all: number) => t("health.figures.of", { some: number.format(some), all: number.format(all) });
  const figures = {
    database: `${database.kind}, ${inBytes(database.bytes, language)}`,
    log: bytes(database.wal_bytes),
    commitHalf: ms(database.commit_half_ms),
    commitMost: ms(database.commit_most_ms),
    wait: ms(database.write_wait_most_ms),
    databaseConnections: of(database.connections_busy, database.connections_most),
    disk: disk ? t("health.figures.free", { free: inBytes(disk.free_bytes, language), all: inBytes(disk.total_bytes, language) }) : undefined,
    memory: bytes(process.memory_bytes),
    connections: number.format(process.connections),
    live: number.format(process.live),
    intake: of(ingest.waiting, ingest.capacity),
    pending: number.format(ingest.unsplit + ingest.pending),
  };
  return (
    <Section title={t("health.figures.title")} about={t("health.figures.about")}>
      <dl className={classes.figures}>
        {Object.entries(figures).map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name}>
                <dt>{t(`health.figures.${name as keyof typeof figures}`)}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </Section>
  );
}
