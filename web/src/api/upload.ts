/** Sending a file, with its progress: the one thing that `fetch` cannot tell. */
import { ApiProblem, NotReached } from "./problem";

interface UploadOptions {
  method: "POST" | "PUT";
  file: File;
  /** What else the form says; stands before the file. */
  fields?: Readonly<Record<string, string>>;
  /** The share that has left, 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

/**
 * Sends a file as a form and returns what the server answered.
 *
 * @throws {ApiProblem} when the server refused, in the server's words
 * @throws {NotReached} when no answer came
 */
export function upload<Answer>(url: string, { method, file, fields = {}, onProgress, signal }: UploadOptions): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file);
  return new Promise<Answer>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response as Answer);
      else reject(ApiProblem.of(request.status, request.response));
    });
    request.addEventListener("error", () => reject(new NotReached(new Error("upload"))));
    request.addEventListener("abort", () => reject(new DOMException("The upload was stopped.", "AbortError")));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
