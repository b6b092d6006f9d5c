/** The keys that change a conversation: with Alt, so that whoever types beside the field changes nothing. */
export const CHANGES = {
  close: "Alt+c",
  assign: "Alt+a",
  handOver: "Alt+o",
  unread: "Alt+u",
  snooze: "Alt+z",
} as const;
