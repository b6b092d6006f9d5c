/** The pages of this room, loaded together: who enters one mostly goes on to another. */
export { FormPage } from "./FormPage";
export { FormsPage } from "./FormsPage";
export { LinksPage } from "./LinksPage";
