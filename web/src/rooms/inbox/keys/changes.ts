/**
 * The keys that change a conversation: with Alt, so that whoever types beside the field changes nothing; letters that stand
 * where they do on every keyboard of Latin letters.
 */
export const CHANGES = {
  close: "Alt+c",
  assign: "Alt+t",
  handOver: "Alt+o",
  unread: "Alt+u",
  snooze: "Alt+s",
} as const;
