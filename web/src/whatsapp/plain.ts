/** The words of a text without WhatsApp's marks, on one line: for lists of chats, quotes and notifications. */
import { format, type Inline } from "./format";

export function plain(text: string): string {
  const of = (parts: readonly Inline[]): string =>
    parts.map((part) => ("children" in part ? of(part.children) : part.text)).join("");
  const lines = format(text).flatMap((block) => {
    if (block.type === "code") return [block.text];
    return (block.type === "list" ? block.items : block.lines).map(of);
  });
  return lines.join(" ").replace(/\s+/g, " ").trim();
}
