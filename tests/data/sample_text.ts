/** A paragraph of real text (Abraham Lincoln, first annual message, 1861) that repeats enough words to train on. */
export const speech =
  "Fellow-Citizens of the Senate and House of Representatives: In the midst of unprecedented political troubles we have " +
  "cause of great gratitude to God for unusual good health and most abundant harvests. You will not be surprised to learn " +
  "that in the peculiar exigencies of the times our intercourse with foreign nations has been attended with profound " +
  "solicitude, chiefly turning upon our own domestic affairs. A disloyal portion of the American people have during the " +
  "whole year been engaged in an attempt to divide and destroy the Union. A nation which endures factious domestic " +
  "division is exposed to disrespect abroad, and one party, if not both, is sure sooner or later to invoke foreign " +
  "intervention.";

/** Texts that break careless tokenizers: other scripts, odd spaces, control characters, broken surrogates. */
export const oddTexts: readonly string[] = [
  "",
  " ",
  "\n",
  "  two  spaces and   three ",
  "tabs\t\tand\r\nline ends\n\n\n  indented",
  "it's we'll they'd I'M don't 've 're's",
  "x = 3.14159; y[0] += 42 % 7 // 100%",
  "Grüße, naïve café — “quoted” … ½ ° ª",
  "こんにちは世界 你好 안녕하세요 שלום مرحبا नमस्ते",
  "👩‍👩‍👧‍👦🏳️‍🌈 🇩🇪 e\u0301 \u200b\u00a0\u3000\ufeff\u2028end",
  "\u0000\u0001\u007f\u0080\u00ad\uffff",
  "lone \ud800 surrogate \udc00 here",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa aaaa aaa aa a",
  "o".repeat(3000),
];
