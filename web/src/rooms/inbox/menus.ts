/** What menus of a conversation hold: together small, and wanted by the first click. */
export { EmojiGrid } from "./composer/EmojiGrid";
export { MoreItems } from "./composer/MoreItems";
export { AssignItems } from "./takeover/AssignItems";
export { ConversationActions } from "./thread/ConversationActions";
export { MessageActions } from "./thread/MessageActions";
