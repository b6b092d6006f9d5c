/** One record: what stands in it and whom it is about. */
import { Anchor, Table } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay, useMembership, useOrg } from "@/app/session";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { Page } from "@/ui/Page";
import { Facts } from "@/ui/Rows";
import { Time } from "@/ui/Time";
import { dataOf, kindsQuery, recordQuery, removeRecord, useFreshRecords, useRecordDeed } from "./queries";
import { shown } from "./values";

export function RecordPage() {
  const { t, i18n } = useTranslation("records");
  const org = useOrg();
  const { slug } = useMembership();
  const { record: id = "" } = useParams({ strict: false });
  const { data: record } = useSuspenseQuery(recordQuery(org, id));
  const { data: kinds } = useSuspenseQuery(kindsQuery(org));
  const mayWrite = useMay()("records.write");
  const navigate = useNavigate();
  const remove = useRecordDeed(removeRecord);
  useFreshRecords();
  const kind = kinds.find((one) => one.id === record.record_kind_id);
  const field = (key: string) => kind?.fields.find((one) => one.key === key);
  const named = (kind?.fields ?? []).map((one) => one.key);
  const keys = [...named.filter((key) => key in dataOf(record)), ...Object.keys(dataOf(record)).filter((key) => !named.includes(key))];
  const gone = async () => {
    await navigate({ to: `/o/${slug}/records` });
    await remove.mutateAsync(id);
  };
  return (
    <Page
      title={record.external_id}
      up={{ to: `/o/${slug}/records`, label: t("title") }}
      about={<Facts>{[kind?.title, <span key="when">{t("changed")} <Time at={record.updated_at} /></span>]}</Facts>}
      actions={
        mayWrite && (
          <ConfirmButton
            title={t("remove.title", { name: record.external_id })}
            effect={t("remove.effect")}
            confirm={t("remove.confirm")}
            danger
            color="red"
            leftSection={<Trash2 size={14} aria-hidden />}
            onConfirm={gone}
          >
            {t("remove.open")}
          </ConfirmButton>
        )
      }
    >
      <Table withTableBorder verticalSpacing="sm">
        <Table.Tbody>
          <Table.Tr>
            <Table.Th w="30%">{t("contact")}</Table.Th>
            <Table.Td>
              {record.contact ? (
                <Anchor component={Link} to={`/o/${slug}/contacts/${record.contact.id}`}>
                  {record.contact.name}
                </Anchor>
              ) : (
                t("nobody")
              )}
            </Table.Td>
          </Table.Tr>
          {keys.map((key) => (
            <Table.Tr key={key}>
              <Table.Th>{field(key)?.label ?? key}</Table.Th>
              <Table.Td>{shown(field(key), dataOf(record)[key], i18n.language)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Page>
  );
}
