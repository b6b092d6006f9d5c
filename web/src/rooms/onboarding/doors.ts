/** Where an attempt through the sign-up dialog is begun and where its code goes: as a member, or with an invite link. */
import { answer, api, intention, type Schemas } from "@/api/client";
import type { Door } from "./signup/attempt";

/** For a member: a new connection. Once it is begun, further attempts are of the same one. */
export function newConnection(org: string, wish: Schemas["StartRequest"]): Door {
  const key = intention();
  let begun: string | null = null;
  return {
    key: `org:${org}`,
    dialog: async () => {
      if (begun) return reopen(org, begun);
      const headers = { "Idempotency-Key": key };
      const dialog = await answer(
        api.POST("/api/v1/orgs/{org}/connections", { params: { path: { org }, header: headers }, body: wish }),
      );
      begun = dialog.connection_id;
      return dialog;
    },
    ...deliveries(org),
  };
}

/** For a member: a connection that waits for the dialog. */
export function oldConnection(org: string, connection: string): Door {
  return { key: `connection:${connection}`, dialog: () => reopen(org, connection), ...deliveries(org) };
}

function reopen(org: string, connection: string) {
  return answer(
    api.POST("/api/v1/orgs/{org}/connections/{connection}/dialog", { params: { path: { org, connection } } }),
  );
}

function deliveries(org: string): Pick<Door, "code" | "event"> {
  return {
    code: ({ state, connection_id: connection }, code) =>
      answer(
        api.POST("/api/v1/orgs/{org}/connections/{connection}/code", {
          params: { path: { org, connection } },
          body: { state, code },
        }),
      ),
    event: ({ state, connection_id: connection }, event) =>
      answer(
        api.POST("/api/v1/orgs/{org}/connections/{connection}/event", {
          params: { path: { org, connection } },
          body: { state, event },
        }),
      ),
  };
}

/** For the holder of a link. */
export function invited(token: string): Door {
  const path = { token };
  return {
    key: `invite:${token}`,
    dialog: () => answer(api.POST("/api/v1/invites/{token}/dialog", { params: { path } })),
    code: ({ state }, code) =>
      answer(api.POST("/api/v1/invites/{token}/code", { params: { path }, body: { state, code } })),
    event: ({ state }, event) =>
      answer(api.POST("/api/v1/invites/{token}/event", { params: { path }, body: { state, event } })),
  };
}
