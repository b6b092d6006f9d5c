/** Dialogs, forms and menus of the inbox that nobody sees at first: each is loaded when it is first wanted. */
import { onDemand } from "@/ui/onDemand";

const isOpen = ({ isOpen }: { isOpen: boolean }) => isOpen;
const hasMessage = ({ message }: { message: object | null }) => message !== null;

export const AttachModal = onDemand(
  async () => (await import("./composer/AttachModal")).AttachModal,
  ({ files }) => files.length > 0,
);
export const Suggestions = onDemand(async () => (await import("./composer/Suggestions")).Suggestions);
export const CannedModal = onDemand(async () => (await import("./composer/CannedModal")).CannedModal, isOpen);
export const TemplateModal = onDemand(async () => (await import("./composer/TemplateModal")).TemplateModal, isOpen);
export const MoreModal = onDemand(
  async () => (await import("./composer/MoreForms")).MoreModal,
  ({ kind }) => kind !== null,
);
export const CardsPart = onDemand(async () => (await import("./thread/RareParts")).CardsPart);
export const FormPart = onDemand(async () => (await import("./thread/RareParts")).FormPart);
export const LocationPart = onDemand(async () => (await import("./thread/RareParts")).LocationPart);
export const VoicePlayer = onDemand(async () => (await import("./thread/VoicePlayer")).VoicePlayer);
export const NoteChange = onDemand(async () => (await import("./thread/NoteChange")).NoteChange);
export const OrderPart = onDemand(async () => (await import("./thread/OrderPart")).OrderPart);
export const TemplatePart = onDemand(async () => (await import("./thread/TemplatePart")).TemplatePart);
export const SourcesModal = onDemand(async () => (await import("./thread/SourcesModal")).SourcesModal, hasMessage);
export const PictureModal = onDemand(async () => (await import("./thread/PictureModal")).PictureModal, isOpen);
export const InfoModal = onDemand(async () => (await import("./thread/InfoModal")).InfoModal, hasMessage);
export const ForwardModal = onDemand(async () => (await import("./thread/ForwardModal")).ForwardModal, hasMessage);
export const KeysModal = onDemand(async () => (await import("./keys/KeysModal")).KeysModal, isOpen);
export const Details = onDemand(async () => (await import("./details/Details")).Details);
export const DetailsDrawer = onDemand(async () => (await import("./details/DetailsDrawer")).DetailsDrawer, isOpen);
export const ConsentForm = onDemand(async () => (await import("./details/ConsentForm")).ConsentForm);
export const History = onDemand(async () => (await import("./thread/History")).History);
export const DeedRow = onDemand(async () => (await import("./thread/History")).DeedRow);
export const Filters = onDemand(async () => (await import("./list/Filters")).Filters);
export const SearchResults = onDemand(async () => (await import("./list/SearchResults")).SearchResults);
export const SavedViewMenu = onDemand(async () => (await import("./list/SavedViewMenu")).SavedViewMenu);
export const SaveView = onDemand(async () => (await import("./list/SaveView")).SaveView);
export const RenameView = onDemand(async () => (await import("./list/SaveView")).RenameView);
export const NewConversation = onDemand(async () => (await import("./begin/NewConversation")).NewConversation);
export const SnoozeModal = onDemand(async () => (await import("./takeover/SnoozeModal")).SnoozeModal);
export const VoiceNote = onDemand(async () => (await import("./composer/voice/VoiceNote")).VoiceNote);
export const AssignItems = onDemand(async () => (await import("./menus")).AssignItems);
export const ConversationActions = onDemand(async () => (await import("./menus")).ConversationActions);
export const EmojiGrid = onDemand(async () => (await import("./menus")).EmojiGrid);
export const MessageActions = onDemand(async () => (await import("./menus")).MessageActions);
export const MoreItems = onDemand(async () => (await import("./menus")).MoreItems);
