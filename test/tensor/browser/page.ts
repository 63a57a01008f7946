/** A page that says what its host computes. */
import { hostDigests } from './digests.ts';

interface Page {
  readonly document: { readonly body: { textContent: string } };
}

(globalThis as unknown as Page).document.body.textContent = `<<${JSON.stringify(hostDigests())}>>`;
