/**
 * Converts a mean loss into bits per byte of text, which alone compares models of different tokenizers.
 *
 * @param natsPerToken Mean cross-entropy per predicted token, in nats.
 * @param bytesPerToken Bytes of text per token, end-of-text tokens counted as tokens of no bytes: the model has to
 *   predict them, so their cost is spread over the text.
 */
export function bitsPerByte(natsPerToken: number, bytesPerToken: number): number {
  return natsPerToken / Math.LN2 / bytesPerToken;
}
